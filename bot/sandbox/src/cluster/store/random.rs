//! Names and identifiers that look random and are the same in every run.

/// Letters and digits that spell no word.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A small generator (SplitMix64): the same seed gives the same row.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// What Kubernetes appends to generated names.
    pub fn suffix(&mut self, length: usize) -> String {
        let letters = ALPHABET.len() as u64;
        (0..length)
            .filter_map(|_| ALPHABET.get(usize::try_from(self.below(letters)).ok()?))
            .map(|letter| char::from(*letter))
            .collect()
    }

    /// A random UUID (version 4).
    pub fn uid(&mut self) -> String {
        let (high, low) = (self.number(), self.number());
        let high = high & 0xffff_ffff_ffff_0fff | 0x4000;
        let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_names() {
        let names = |seed| {
            let mut random = Random::new(seed);
            (random.suffix(5), random.uid())
        };
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        let (suffix, uid) = names(1);
        assert_eq!(suffix.len(), 5);
        assert_eq!((uid.len(), uid.as_bytes()[14]), (36, b'4'));
    }
}
