//! Tests, by what a reader would look for: what documents are read as, what words are, what is
//! answered, what happens to files, and what bad input does.

mod answers;
mod documents;
mod files;
mod gaps;
mod input;
mod properties;
mod questions;
mod words;

use std::fs;
use std::path::Path;

use crate::{Lang, Library, Outcome, Settings, Source};

/// A document of the form that teams write: numbered bold questions, the detail as one quote.
const TEAM: &str = include_str!("team.md");

fn library(files: &[(&str, &str)]) -> Library {
    let files = files
        .iter()
        .map(|(name, text)| (name.to_string(), text.to_string()))
        .collect();
    open(vec![Source::Bundled { files, link: None }])
}

fn open(sources: Vec<Source>) -> Library {
    Library::open(Settings {
        sources,
        index_dir: None,
        vocabulary: None,
    })
    .unwrap()
}

fn folder(path: &Path) -> Source {
    Source::Folder {
        path: path.to_owned(),
        link: None,
    }
}

/// The documents that come with the program.
fn bundled() -> Source {
    let mut files = Vec::new();
    for lang in ["zh", "en"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../docs/qa")
            .join(lang);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{lang}/{}", path.file_name().unwrap().to_string_lossy());
            files.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    files.sort();
    Source::Bundled { files, link: None }
}

/// What a question is answered with, in a line.
fn answer(library: &Library, question: &str) -> String {
    let lang = Lang::of_text(question).unwrap_or(Lang::Zh);
    let titles = |near: Vec<crate::Near>| {
        let titles: Vec<String> = near.into_iter().map(|it| it.title).collect();
        titles.join(" | ")
    };
    match library.ask(question, lang) {
        Outcome::Answer(it) => {
            let path = it.question.sections[it.section].path.join(" > ");
            format!("{:?}: {} > {path}", it.confidence, it.question.title)
        }
        Outcome::DidYouMean(near) => format!("did you mean: {}", titles(near)),
        Outcome::NotKnown(near) => format!("not known, near: {}", titles(near)),
    }
}

fn is_answered(library: &Library, question: &str) -> bool {
    let lang = Lang::of_text(question).unwrap_or(Lang::Zh);
    matches!(library.ask(question, lang), Outcome::Answer(_))
}

#[test]
fn a_library_goes_to_any_thread() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Library>();
}
