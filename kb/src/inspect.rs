//! How a folder of documents is understood, file by file, for those who write and mend them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::document::{self, Form, Part, slug};
use crate::headings::{is_sentence, plain};
use crate::lines::{self, Kind, Line};
use crate::pairing::path_language;
use crate::source::{self, Found};
use crate::{Command, Lang};

/// A file as it was understood.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// With its folder as it was given.
    pub file: String,
    /// Its language, by its path or its writing.
    pub lang: Lang,
    /// What its counterpart in the other language has too: the `id`, or the path without the language.
    pub key: String,
    /// Its questions, in order.
    pub questions: Vec<Outlined>,
    /// Its blocks of code.
    pub blocks: Vec<Block>,
    /// Where its links lead, with the line.
    pub links: Vec<(u32, String)>,
    /// The anchors of its headings, and those that are written out.
    pub anchors: Vec<String>,
}

/// A question of a file.
#[derive(Clone, Debug)]
pub struct Outlined {
    /// Plain text.
    pub title: String,
    /// Where it begins.
    pub line: u32,
    /// What begins it.
    pub form: Form,
    /// Whether its answer begins with a short one.
    pub has_short: bool,
    /// How many sections its answer has.
    pub sections: usize,
    /// What can be typed into a shell.
    pub commands: Vec<Command>,
}

/// A fenced block of code.
#[derive(Clone, Debug)]
pub struct Block {
    /// The language of its fence.
    pub lang: String,
    /// The line of its first line of code.
    pub line: u32,
    /// The code.
    pub text: String,
}

/// Every document below a folder that can be read, by path. What is wrong with the others is said by
/// [`Library::faults`](crate::Library::faults).
pub fn inspect(folder: &Path) -> Vec<Inspected> {
    let listing = source::list(folder);
    let read = |found: &Found| Some(file(folder, &found.relative, &source::read(found).ok()?));
    listing.found.iter().filter_map(read).collect()
}

/// A file by its path in the folder and its text.
pub fn file(folder: &Path, relative: &str, text: &str) -> Inspected {
    let name = Path::new(relative).file_stem().map(|name| name.to_string_lossy());
    let document = document::parse(text, &name.unwrap_or_default());
    let (by_path, path_key) = path_language(relative);
    let questions = document.questions.iter().map(|question| Outlined {
        title: question.title.clone(),
        line: question.line,
        form: question.form,
        has_short: question.short.is_some() || is_short(&question.sections),
        sections: question.sections.len(),
        commands: question
            .sections
            .iter()
            .flat_map(|section| section.commands.clone())
            .collect(),
    });
    let (lines, _) = lines::scan(text.strip_prefix('\u{feff}').unwrap_or(text));
    Inspected {
        file: folder.join(PathBuf::from(relative)).display().to_string(),
        lang: by_path.unwrap_or(document.written),
        key: document.id.as_ref().map_or(path_key, |id| format!("id:{id}")),
        questions: questions.collect(),
        blocks: blocks(&lines),
        links: links(&lines),
        anchors: anchors(&lines),
    }
}

/// An answer that is one line needs no other.
fn is_short(sections: &[Part]) -> bool {
    let [only] = sections else { return false };
    let text = only.markdown.trim();
    !text.is_empty() && !text.contains('\n') && is_sentence(text)
}

fn blocks(lines: &[Line<'_>]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in lines {
        match line.kind {
            Kind::FenceOpen { lang, .. } => blocks.push(Block {
                lang: lang.to_owned(),
                line: line.number + 1,
                text: String::new(),
            }),
            Kind::Code { code } => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(code);
                    block.text.push('\n');
                }
            }
            _ => {}
        }
    }
    blocks
}

/// `[text](target)` and `[name]: target`, outside of code.
fn links(lines: &[Line<'_>]) -> Vec<(u32, String)> {
    let mut links = Vec::new();
    for line in lines {
        if !matches!(line.kind, Kind::Text | Kind::Heading { .. }) {
            continue;
        }
        let text = without_code(line.raw);
        for (at, _) in text.match_indices("](") {
            links.push((line.number, target(&text[at + 2..], ')')));
        }
        let named = text.trim_start().strip_prefix('[');
        if let Some((_, rest)) = named.and_then(|text| text.split_once("]: ")) {
            links.push((line.number, target(rest, ' ')));
        }
    }
    links.retain(|(_, target)| !target.is_empty());
    links
}

/// The text with the code in it blanked out.
fn without_code(line: &str) -> String {
    let parts = line.split('`').enumerate();
    let kept = parts.map(|(at, part)| if at % 2 == 0 { part } else { "" });
    kept.collect::<Vec<_>>().join("`")
}

/// A target as far as it goes: it may stand in `<>`, and a title may follow.
fn target(text: &str, end: char) -> String {
    let text = text.trim_start();
    let (text, end) = match text.strip_prefix('<') {
        Some(rest) => (rest, '>'),
        None => (text, end),
    };
    // An address may have brackets in pairs.
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' if end == ')' => depth += 1,
            ')' if end == ')' && depth > 0 => depth -= 1,
            it if it == end || it.is_whitespace() && end != '>' => return text[..at].to_owned(),
            _ => {}
        }
    }
    text.trim_end().to_owned()
}

/// The anchors that a code host makes of the headings, and those that are written out in HTML.
fn anchors(lines: &[Line<'_>]) -> Vec<String> {
    let mut seen = HashMap::new();
    let mut anchors = Vec::new();
    for line in lines {
        match line.kind {
            Kind::Heading { text, .. } => anchors.push(slug(&plain(text), &mut seen)),
            Kind::Text => {
                for mark in [" id=\"", " name=\""] {
                    let found = line.raw.split(mark).skip(1);
                    anchors.extend(found.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
                }
            }
            _ => {}
        }
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_parts() {
        let text = "# How do I drain?\n\nCordon it first.\n\n## 1. Cordon <it>\n\n```bash\nkubectl cordon a\n```\n\n\
                    See [the other](b.md#x-y), `[no](c.md)` and [spec](<d e.md> \"t\").\n\n<a id=\"here\"></a>\n\n[r]: f(1).md\n";
        let it = file(Path::new("docs"), "zh/a.md", text);
        assert_eq!(
            (it.file.as_str(), it.lang, it.key.as_str()),
            ("docs/zh/a.md", Lang::Zh, "a.md")
        );
        let question = &it.questions[0];
        assert!(question.has_short);
        assert_eq!((question.line, question.commands.len()), (1, 1));
        assert_eq!(
            (it.blocks[0].line, it.blocks[0].text.as_str()),
            (8, "kubectl cordon a\n")
        );
        let targets: Vec<(u32, &str)> = it.links.iter().map(|(line, to)| (*line, to.as_str())).collect();
        assert_eq!(targets, [(11, "b.md#x-y"), (11, "d e.md"), (15, "f(1).md")]);
        assert_eq!(it.anchors, ["how-do-i-drain", "1-cordon-it", "here"]);
    }
}
