//! Chance that is always the same: every number follows from the seed and from what it is for.

/// Letters and digits of generated names: no vowels, so that no words come out.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Numbers for a seed. The order in which they are asked for does not matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice {
    seed: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The number for what `parts` name.
    pub(crate) fn roll(self, parts: &[&str]) -> u64 {
        let mut mixed = mix(self.seed ^ 0x9e37_79b9_7f4a_7c15);
        for part in parts {
            mixed = mix(mixed ^ fnv64(part.as_bytes()));
        }
        mixed
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(self, low: u64, high: u64, parts: &[&str]) -> u64 {
        low + self.roll(parts) % (high.saturating_sub(low) + 1)
    }

    /// A generated part of a name, as `x7k2m`.
    pub(crate) fn letters(self, count: usize, parts: &[&str]) -> String {
        let mut left = self.roll(parts);
        let mut letters = String::with_capacity(count);
        for _ in 0..count {
            let place = usize::try_from(left % ALPHABET.len() as u64).unwrap_or_default();
            letters.push(char::from(ALPHABET[place]));
            left = mix(left);
        }
        letters
    }

    /// Lower-case hexadecimal digits, as identifiers of containers and images have them.
    pub(crate) fn hex(self, count: usize, parts: &[&str]) -> String {
        let mut left = self.roll(parts);
        let mut digits = String::with_capacity(count + 16);
        while digits.len() < count {
            digits.push_str(&format!("{left:016x}"));
            left = mix(left);
        }
        digits.truncate(count);
        digits
    }

    /// A random UUID, version 4.
    pub(crate) fn uuid(self, parts: &[&str]) -> String {
        let hex = self.hex(32, parts);
        let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]);
        format!("{a}-{b}-4{c}-9{d}-{e}")
    }
}

/// The short hash of a Pod template: its own characters, as generated names have them.
pub(crate) fn template_hash(text: &str) -> String {
    let number = fnv32(text.as_bytes()).to_string();
    let letter = |digit: u8| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()]);
    number.bytes().map(letter).collect()
}

fn fnv32(bytes: &[u8]) -> u32 {
    let start = 0x811c_9dc5_u32;
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(start, step)
}

fn fnv64(bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(start, step)
}

/// Spreads a number over all bits (splitmix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer_and_another_seed_another() {
        let dice = Dice::new(1);
        assert_eq!(
            dice.letters(5, &["shop", "web"]),
            dice.letters(5, &["shop", "web"])
        );
        assert_ne!(dice.letters(5, &["shop", "web"]), dice.letters(5, &["shopweb"]));
        assert_ne!(dice.roll(&["a"]), Dice::new(2).roll(&["a"]));
        assert!((3..=5).contains(&dice.between(3, 5, &["x"])));
        assert_eq!(dice.hex(64, &["id"]).len(), 64);
        let uuid = dice.uuid(&["boot"]);
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
    }

    #[test]
    fn a_hash_of_a_template_has_only_letters_of_names() {
        let hash = template_hash("{}");
        assert!((5..=10).contains(&hash.len()));
        assert!(hash.bytes().all(|letter| ALPHABET.contains(&letter)));
    }
}
