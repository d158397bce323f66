//! Documents and questions that are made from a seed: the same on every run and machine.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Sections of a made document.
pub(crate) const SECTIONS: usize = 20;
/// How many names there are beside the words of the vocabulary.
const NAMES: usize = 20_000;

/// Writes documents with so many sections, and says how many bytes that are.
pub(crate) fn write_documents(folder: &Path, sections: usize, words: &mut Words) -> usize {
    let mut bytes = 0;
    for number in 0..sections / SECTIONS {
        // A folder of a hundred thousand files is slow on some file systems.
        let below = folder.join(format!("part-{}", number / 1_000));
        fs::create_dir_all(&below).unwrap();
        let text = document(number, words);
        bytes += text.len();
        fs::write(below.join(format!("document-{number}.md")), text).unwrap();
    }
    bytes
}

/// Two questions of ten sections each.
fn document(number: usize, words: &mut Words) -> String {
    let mut text = String::new();
    for _ in 0..2 {
        writeln!(text, "# {}？\n\n{}。\n", words.sentence(5), words.sentence(8)).unwrap();
        for section in 1..=SECTIONS / 2 {
            writeln!(text, "## {section}. {}\n", words.sentence(3)).unwrap();
            for _ in 0..4 {
                writeln!(text, "{}。", words.sentence(18)).unwrap();
            }
            let name = words.name();
            writeln!(
                text,
                "```bash\nkubectl get {name} -n team-{number} -o wide\n```\n"
            )
            .unwrap();
            writeln!(text, "{}.\n", words.sentence(14)).unwrap();
        }
    }
    text
}

/// What a question is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Names that stand in documents as they are: neither vocabulary nor repair has anything to do.
    Plain,
    /// Words of the vocabulary in both languages, and in every third question a typo.
    Full,
}

/// Words of the vocabulary and made names, the first ones far more often than the last, as in a language.
pub(crate) struct Words {
    vocabulary: Vec<&'static str>,
    names: Vec<String>,
    random: Random,
}

impl Words {
    pub(crate) fn new(seed: u64) -> Self {
        let table = include_str!("../../data/vocabulary.tsv");
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        let vocabulary = lines
            .flat_map(|line| line.split(['\t', '|']))
            .filter(|it| !it.is_empty())
            .collect();
        let mut random = Random(seed);
        let names = (0..NAMES).map(|_| name(&mut random)).collect();
        Self {
            vocabulary,
            names,
            random,
        }
    }

    fn word(&mut self) -> &'static str {
        let rank = self.random.rank(self.vocabulary.len());
        // Spread over the table, so that frequent words are of every kind.
        self.vocabulary[(rank * 7_919) % self.vocabulary.len()]
    }

    fn name(&mut self) -> &str {
        let rank = self.random.rank(self.names.len());
        &self.names[rank]
    }

    fn sentence(&mut self, length: usize) -> String {
        let mut sentence = String::new();
        for _ in 0..length {
            if self.random.share() < 0.5 {
                let word = self.word();
                sentence.push_str(word);
            } else {
                sentence.push(' ');
                let name = self.name().to_owned();
                sentence.push_str(&name);
            }
            sentence.push_str(if self.random.share() < 0.4 { " " } else { "的" });
        }
        sentence
    }

    /// A question of three to eight words.
    pub(crate) fn question(&mut self, kind: Kind) -> String {
        let length = 3 + (self.random.share() * 6.0) as usize;
        let mut question = String::new();
        for _ in 0..length {
            match kind {
                Kind::Plain => question.push_str(self.name()),
                Kind::Full => question.push_str(self.word()),
            }
            question.push(' ');
        }
        if kind == Kind::Full && self.random.share() < 0.34 {
            let name = self.name().to_owned();
            question.push_str(&typo(&name, &mut self.random).unwrap_or(name));
        }
        question
    }
}

/// Four to ten letters that can be spoken.
fn name(random: &mut Random) -> String {
    const BEGIN: [&str; 16] = [
        "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "st", "tr",
    ];
    const END: [&str; 8] = ["a", "e", "i", "o", "u", "an", "or", "ix"];
    let length = 2 + (random.share() * 3.0) as usize;
    (0..length)
        .map(|_| format!("{}{}", random.one_of(&BEGIN), random.one_of(&END)))
        .collect()
}

/// The word with one slip in it: two letters swapped, one left out, put in twice or mistaken. None for a
/// word so short that nobody could tell what was meant.
pub(crate) fn typo(word: &str, random: &mut Random) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 4 {
        return None;
    }
    // People seldom mistype the first letter.
    let at = 1 + random.below(letters.len() - 2);
    match random.below(4) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = if letters[at] == 'e' { 'a' } else { 'e' },
    }
    let slipped: String = letters.into_iter().collect();
    (slipped != word).then_some(slipped)
}

/// The text with a slip in its longest Latin word, if that has at least four letters.
pub(crate) fn with_typo(text: &str, random: &mut Random) -> Option<String> {
    let words = text.split(|it: char| !it.is_ascii_alphabetic());
    // The first of the longest.
    let longest = words.rev().max_by_key(|it| it.len())?;
    let at = longest.as_ptr() as usize - text.as_ptr() as usize;
    let slipped = typo(longest, random)?;
    Some(format!("{}{slipped}{}", &text[..at], &text[at + longest.len()..]))
}

/// The text in the forms that mean the same, each with what it is called.
pub(crate) fn variants(text: &str, traditional: &HashMap<char, char>) -> Vec<(&'static str, String)> {
    let full_width = text.chars().map(|it| match it {
        '!'..='~' => char::from_u32(it as u32 + 0xfee0).unwrap_or(it),
        ' ' => '\u{3000}',
        _ => it,
    });
    let mut forms = vec![("full-width", full_width.collect::<String>())];
    let converted: String = text
        .chars()
        .map(|it| *traditional.get(&it).unwrap_or(&it))
        .collect();
    forms.push(("traditional", converted));
    forms.push((
        "camelCase",
        joined(text, |word| word[..1].to_uppercase() + &word[1..]),
    ));
    forms.push(("kebab-case", joined(text, |word| format!("-{word}"))));
    forms.push(("plural", plural(text)));
    forms.retain(|(_, form)| form != text);
    forms
}

/// Two words that make one name, such as `liveness probe`, joined by what `second` makes of the second.
fn joined(text: &str, second: impl Fn(&str) -> String) -> String {
    const NAMES: [&str; 20] = [
        "liveness probe",
        "readiness probe",
        "startup probe",
        "rolling update",
        "max surge",
        "max unavailable",
        "node selector",
        "node affinity",
        "config map",
        "stateful set",
        "daemon set",
        "replica set",
        "cron job",
        "storage class",
        "network policy",
        "resource quota",
        "limit range",
        "service account",
        "role binding",
        "ingress class",
    ];
    let mut text = text.to_owned();
    for name in NAMES {
        if let Some((first, other)) = name.split_once(' ') {
            text = text.replace(name, &format!("{first}{}", second(other)));
        }
    }
    text
}

/// The first of some nouns of the trade in its plural.
fn plural(text: &str) -> String {
    const NOUNS: [&str; 12] = [
        "node",
        "pod",
        "container",
        "volume",
        "service",
        "deployment",
        "image",
        "probe",
        "certificate",
        "secret",
        "namespace",
        "replica",
    ];
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    if let Some(word) = words
        .iter_mut()
        .find(|it| NOUNS.contains(&it.to_lowercase().as_str()))
    {
        word.push('s');
    }
    words.join(" ")
}

/// Numbers that are the same on every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }

    /// Small ones far more often than large ones.
    fn rank(&mut self, end: usize) -> usize {
        (end as f64).powf(self.share()) as usize - 1
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}
