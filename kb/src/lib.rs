//! Questions and answers out of Markdown documents, in Chinese and English, without a language
//! model.
//!
//! Reading order: [`Library`] (this file, `library.rs`) reads the folders (`source.rs`), cuts each
//! file into questions (`document.rs`, over `lines.rs`, `headings.rs` and `commands.rs`), pairs the two
//! languages (`pairing.rs`, `shelf.rs`), and indexes every section (`index.rs`) under the words of
//! `words.rs`. A question goes through `search.rs`, which ranks, to
//! `answer.rs`, which decides whether that is an answer. `evaluate.rs` measures both; `inspect.rs` says how files
//! were understood.
//!
//! Nothing here knows of a chat, a cluster, a network or a clock.

#![warn(missing_docs)]

mod answer;
mod commands;
mod dictionary;
mod document;
pub mod evaluate;
mod gaps;
mod headings;
mod held;
mod index;
pub mod inspect;
mod kept;
mod library;
mod lines;
mod pairing;
mod paste;
mod search;
mod shelf;
mod sounds;
mod source;
mod spelling;
#[cfg(test)]
mod tests;
mod topics;
mod vocabulary;
mod words;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use answer::Outcome;
pub use document::Form;
pub use library::Library;
pub use source::{FILE_LIMIT, Fault, FaultKind};

/// The two languages that documents and people speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// The language of a text: Chinese with any Han character, else English with any of the small words that a
    /// sentence has, else Chinese with punctuation of full width. Names alone (`ingress 502`, `CrashLoopBackOff`) are
    /// of neither.
    pub fn of_text(text: &str) -> Option<Lang> {
        let has = |is: fn(char) -> bool| text.chars().any(is);
        if has(words::is_han) {
            return Some(Lang::Zh);
        }
        if words::has_english(text) {
            return Some(Lang::En);
        }
        has(|it| matches!(it, '\u{3001}'..='\u{301f}' | '\u{ff01}'..='\u{ff65}')).then_some(Lang::Zh)
    }
}

/// Where the documents are and where the index is kept.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// An earlier source outranks a later one where both answer equally well: the team's folders
    /// first, the bundled documents last.
    pub sources: Vec<Source>,
    /// Where the index is kept between starts; none: in memory. It is derived data: an index of
    /// another version, or one that another process is using, is rebuilt or done without.
    pub index_dir: Option<PathBuf>,
    /// People's own groups of terms that mean the same, in the form of `kb/data/vocabulary.tsv`. Read once.
    pub vocabulary: Option<PathBuf>,
}

/// A set of documents.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder of Markdown files (`.md`, `.markdown`, `.txt`), with all folders below it.
    Folder {
        /// The folder.
        path: PathBuf,
        /// The address under which people find it: a file's relative path and `#anchor` are added.
        link: Option<String>,
    },
    /// Documents that came with the program.
    Bundled {
        /// Relative path (`zh/x.md`) and text of each.
        files: Vec<(String, String)>,
        /// As for a folder.
        link: Option<String>,
    },
    /// Documents that people wrote in chat, of the team as a folder's are: name and text of each. Later ones
    /// are given by [`Library::give`].
    Given {
        /// As of bundled documents.
        files: Vec<(String, String)>,
    },
}

/// A question of a text that is to become a document, as far as its author must agree with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlined {
    /// Plain text.
    pub title: String,
    /// The one-line short answer, if there is one.
    pub short: Option<String>,
    /// How many headings below the question have a text.
    pub sections: usize,
}

/// How a text is understood: its questions, and the lines on which a code block begins that never ends.
pub fn outline(text: &str) -> (Vec<Outlined>, Vec<u32>) {
    let document = document::parse(text, "");
    let outlined = |it: document::Parsed| Outlined {
        title: it.title,
        short: it.short,
        sections: it.sections.len(),
    };
    let open = document
        .faults
        .iter()
        .filter(|(_, what)| *what == FaultKind::UnclosedFence);
    let open = open.map(|(line, _)| *line).collect();
    (document.questions.into_iter().map(outlined).collect(), open)
}

/// How much a library holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files that could be read.
    pub documents: usize,
    /// Questions; one in two languages counts once.
    pub questions: usize,
    /// Sections, each searched on its own.
    pub passages: usize,
}

/// What a refresh found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refresh {
    /// Files that were new or changed and read again.
    pub changed: usize,
    /// Files that are gone.
    pub removed: usize,
}

/// How sure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Likely right.
    Medium,
    /// Almost surely right.
    High,
}

/// A question that is answered, and by which section.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question with its whole answer.
    pub question: Question,
    /// The best section: an index into `question.sections`.
    pub section: usize,
    /// How sure.
    pub confidence: Confidence,
}

/// A question by its title alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// Its stable id, for [`Library::question`].
    pub id: String,
    /// Plain text.
    pub title: String,
    /// The file it stands in.
    pub file: String,
    /// The language of the title.
    pub lang: Lang,
    /// How near it is to what was asked; compares only within one list.
    pub score: f32,
    /// It may be what was meant. Where nothing answers, the nearest may be far away all the same: whoever asks for the
    /// weather is not helped by the question that happens to share a word with it.
    pub likely: bool,
}

/// A question with its whole answer, in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// 16 lower-case hex digits, the same after every restart and in both languages of a pair.
    pub id: String,
    /// Plain text: no numbering, no marks.
    pub title: String,
    /// The one-line short answer (Markdown), if the answer begins with one. It is not repeated in
    /// `sections`.
    pub short: Option<String>,
    /// The rest of the answer in the order of the document, at least one. `short` and these are
    /// the answer without loss.
    pub sections: Vec<Section>,
    /// The file, with its folder as the settings give it.
    pub file: String,
    /// Where the question's heading stands, from 1.
    pub line: u32,
    /// Address of the heading.
    pub link: Option<String>,
    /// The language of this text.
    pub lang: Lang,
    /// Whether it exists in the other language too.
    pub paired: bool,
    /// From a folder of the team, not bundled.
    pub team: bool,
}

/// A part of an answer: the text under one heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The headings below the question, plain text; empty before the first of them.
    pub path: Vec<String>,
    /// Where its heading stands, or its first line if it has none.
    pub line: u32,
    /// As written, without the heading line and, where the answer is a quote, the quote marks.
    pub markdown: String,
    /// Address of the heading.
    pub link: Option<String>,
    /// What can be typed into a shell.
    pub commands: Vec<Command>,
}

/// A shell command in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// What is typed: no prompt, continued lines joined.
    pub text: String,
    /// Its first line in the file.
    pub line: u32,
    /// The language of its fence.
    pub lang: String,
}

/// Why a library cannot be opened or refreshed at all. A bad file is a [`Fault`], not this.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The index cannot be built or read.
    #[error("the search index cannot be built")]
    Index(#[from] tantivy::TantivyError),
    /// The folder of the index cannot be used.
    #[error("the folder of the search index cannot be used")]
    Folder(#[from] std::io::Error),
    /// The coefficients that came with the program are not in their form.
    #[error("the calibration cannot be read")]
    Calibration(#[from] serde_json::Error),
}
