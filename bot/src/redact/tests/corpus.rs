//! Secrets made up from a seed, so that none stands in the repository.

/// A generator of numbers that gives the same ones for the same seed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    pub(super) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    fn letters(&mut self, from: &str, length: usize) -> String {
        (0..length)
            .map(|_| char::from(*self.pick(from.as_bytes())))
            .collect()
    }
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS: &str = "0123456789";
const ALNUM: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const SIGNS: &str = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!@#$%^*-_+=.~?&,:/()";
const WORDS: [&str; 12] = [
    "harbour", "lantern", "walrus", "marble", "cinnamon", "thunder", "velvet", "pickle", "orbit", "gravel",
    "meadow", "saffron",
];

/// A text with secrets in it, and what may not be left of it.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) template: String,
    pub(super) text: String,
    pub(super) secrets: Vec<String>,
    /// It is known by where it stands on its line, and cannot be put into another.
    pub(super) as_it_stands: bool,
}

/// The shapes of `secrets.txt`.
pub(super) fn templates() -> Vec<&'static str> {
    include_str!("secrets.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .collect()
}

/// Fills a shape.
pub(super) fn fill(template: &str, chance: &mut Chance) -> Sample {
    let bare = template.strip_prefix('!').unwrap_or(template);
    let (mut text, mut secrets) = (String::new(), Vec::new());
    let mut rest = bare;
    while let Some((before, behind)) = rest.split_once('«') {
        let (kind, behind) = behind.split_once('»').unwrap();
        text.push_str(&unescape(before));
        text.push_str(&made(kind, chance, &mut secrets));
        rest = behind;
    }
    text.push_str(&unescape(rest));
    Sample {
        template: template.to_owned(),
        text,
        secrets,
        as_it_stands: template.starts_with('!'),
    }
}

/// Only what stands for an end of a line in a shape; JSON's own escapes have more backslashes.
fn unescape(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t")
}

fn made(kind: &str, chance: &mut Chance, secrets: &mut Vec<String>) -> String {
    if let Some(prefix) = kind.strip_prefix('=') {
        return prefix.to_owned();
    }
    if kind == "pair" {
        secrets.push(sure(chance, ALNUM, 12));
        return format!("bob:{}", secrets[secrets.len() - 1]);
    }
    let mut parts = kind.split(':');
    let name = parts.next().unwrap();
    if name == "pem" {
        return pem(parts.next().unwrap(), &parts.collect::<Vec<_>>(), chance, secrets);
    }
    let length = parts.next().map_or(0, |length| length.parse().unwrap());
    let secret = match name {
        "lower" => chance.letters(LOWER, length),
        "upper" => chance.letters(UPPER, length),
        "digits" => chance.letters(DIGITS, length),
        "alnum" => sure(chance, ALNUM, length),
        "hex" => sure(chance, "0123456789abcdef", length),
        "b64" => sure(chance, &format!("{ALNUM}+/"), length),
        "b64url" => sure(chance, &format!("{ALNUM}-_"), length),
        "b64dot" => sure(chance, &format!("{ALNUM}./"), length),
        "b36" => sure(chance, &format!("{LOWER}{DIGITS}"), length),
        "b32" => chance.letters(UPPER, length),
        "bech" => chance.letters("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", length),
        "pass" => sure(chance, SIGNS, length),
        "word" => chance.letters(LOWER, length),
        "words" => (0..4).map(|_| *chance.pick(&WORDS)).collect::<Vec<_>>().join(" "),
        "uuid" => [8, 4, 4, 4, 12]
            .map(|it| chance.letters("0123456789abcdef", it))
            .join("-"),
        "login" => encode(format!("bob:{}", chance.letters(ALNUM, 12)).as_bytes()),
        "b64of" => encode(chance.letters(ALNUM, length).as_bytes()),
        "jwt" => jwt(chance),
        "jwthead" => jwt(chance)[..40].to_owned(),
        "body" => (0..3)
            .map(|_| sure(chance, ALNUM, 64))
            .collect::<Vec<_>>()
            .join("\n"),
        other => panic!("no kind {other}"),
    };
    secrets.extend(secret.lines().map(str::to_owned));
    secret
}

/// Letters that begin and end with a plain one and have a digit and a capital among them where there are any,
/// as what is made for a password or a token has.
fn sure(chance: &mut Chance, from: &str, length: usize) -> String {
    loop {
        let made = chance.letters(from, length);
        let plain = |at: usize| made.as_bytes()[at].is_ascii_alphanumeric();
        let has_digit = made.bytes().any(|byte| byte.is_ascii_digit());
        let has_letter = made.bytes().any(|byte| byte.is_ascii_alphabetic());
        if plain(0) && plain(length - 1) && has_digit && has_letter {
            return made;
        }
    }
}

fn jwt(chance: &mut Chance) -> String {
    let head = encode(br#"{"alg":"RS256","typ":"JWT"}"#).replace('=', "");
    let body =
        encode(format!(r#"{{"sub":"{}","iat":1}}"#, chance.letters(ALNUM, 30)).as_bytes()).replace('=', "");
    format!("{head}.{body}.{}", sure(chance, ALNUM, 86))
}

/// A private key; `how` says on what lines, and what is missing of it.
fn pem(kind: &str, how: &[&str], chance: &mut Chance, secrets: &mut Vec<String>) -> String {
    let mut lines: Vec<String> = (0..12).map(|_| sure(chance, &format!("{ALNUM}+/"), 64)).collect();
    lines.push(sure(chance, ALNUM, 31) + "=");
    if how.contains(&"cut") {
        lines.truncate(5);
        lines[4].truncate(37);
    }
    if how.contains(&"tail") {
        lines.drain(..8);
    }
    secrets.extend(lines.iter().cloned());
    let dashes = "-".repeat(5);
    let begin = format!("{dashes}BEGIN {kind}{dashes}");
    let end = format!("{dashes}END {kind}{dashes}");
    if !how.contains(&"tail") {
        lines.insert(0, begin);
    }
    if !how.contains(&"cut") {
        lines.push(end);
    }
    let log = |line: &String| format!("2026-01-01T00:00:00.000Z stdout F {line}");
    if how.contains(&"esc") {
        lines.join("\\n")
    } else if how.contains(&"space") {
        lines.join(" ")
    } else if how.contains(&"indent") {
        lines
            .iter()
            .map(|line| format!("    {line}"))
            .collect::<Vec<_>>()
            .join("\n")
    } else if how.contains(&"log") {
        lines.iter().map(log).collect::<Vec<_>>().join("\n")
    } else {
        lines.join("\n")
    }
}

/// Base64, written anew so that the tests do not lean on what they test.
pub(super) fn encode(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        .chars()
        .collect();
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0_usize, |number, at| {
            number << 8 | usize::from(*chunk.get(at).unwrap_or(&0))
        });
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(alphabet[number >> (18 - 6 * place) & 63]);
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// What is left of the secrets of `sample` in `text`: any six letters of one in a row.
pub(super) fn left(sample: &Sample, text: &str) -> Option<String> {
    // Letters that stand in the shape itself, round the secret, are no secret.
    let shape: String = sample.text.clone();
    let plain = sample
        .secrets
        .iter()
        .fold(shape, |shape, secret| shape.replacen(secret, "\n", 1));
    for secret in &sample.secrets {
        let letters: Vec<char> = secret.chars().collect();
        for window in letters.windows(6) {
            let run: String = window.iter().collect();
            let is_word = WORDS.iter().any(|word| word.contains(run.trim())) && run.contains(' ');
            if text.contains(&run) && !plain.contains(&run) && !is_word {
                return Some(run);
            }
        }
        if (4..6).contains(&letters.len())
            && text.contains(secret.as_str())
            && !plain.contains(secret.as_str())
        {
            return Some(secret.clone());
        }
    }
    None
}
