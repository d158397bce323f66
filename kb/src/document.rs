//! One Markdown file -> its questions, each cut into sections. Nothing of the file is lost.
//!
//! What begins a question: a heading on the level where headings ask, a `Q:` line that an `A:`
//! line follows, a `<details>` with its `<summary>`. All else belongs to a page: a plain how-to,
//! whose title is the highest heading. Headings below, quoted ones too, begin sections.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::headings::{
    answered_by_letter, asked_by_letter, asking_level, asks, closes, is_sentence, plain, without_numbering,
};
use crate::lines::{self, Kind, Line};
use crate::words::is_han;
use crate::{Command, FaultKind, Lang, commands};

/// What a file holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Document {
    /// `id` of the front matter: pairs the two languages.
    pub(crate) id: Option<String>,
    /// `tags` of the front matter: more words to find it by.
    pub(crate) tags: Vec<String>,
    /// `asked` of the front matter: the question in other people's words. It belongs to the only
    /// question of a file; in a file with several there is none.
    pub(crate) asked: Vec<String>,
    /// `related` of the front matter: the `id`s of documents that its author would have read next.
    pub(crate) related: Vec<String>,
    pub(crate) questions: Vec<Parsed>,
    /// The language it is written in, by its writing.
    pub(crate) written: Lang,
    /// What is wrong with it, and on which line. It was read all the same.
    pub(crate) faults: Vec<(u32, FaultKind)>,
}

/// A question as the file has it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Parsed {
    pub(crate) title: String,
    pub(crate) short: Option<String>,
    /// The headings above it.
    pub(crate) context: Vec<String>,
    pub(crate) line: u32,
    pub(crate) anchor: Option<String>,
    pub(crate) sections: Vec<Part>,
    pub(crate) form: Form,
}

/// What begins a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Form {
    /// A page: a plain how-to under its title.
    Page,
    /// A heading that asks.
    Heading,
    /// A line that begins with `Q:`, and an `A:` below.
    Letters,
    /// A `<details>` with a `<summary>`.
    Details,
}

/// A section as the file has it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) path: Vec<String>,
    pub(crate) line: u32,
    pub(crate) markdown: String,
    pub(crate) anchor: Option<String>,
    pub(crate) commands: Vec<Command>,
}

impl Document {
    /// A text that was cut elsewhere: one question with one section.
    pub(crate) fn of_one(title: String, text: String) -> Self {
        let written = language(&text);
        let section = Part {
            path: Vec::new(),
            line: 1,
            markdown: text,
            anchor: None,
            commands: Vec::new(),
        };
        let question = Parsed {
            form: Form::Page,
            title,
            short: None,
            context: Vec::new(),
            line: 1,
            anchor: None,
            sections: vec![section],
        };
        Self {
            id: None,
            tags: Vec::new(),
            asked: Vec::new(),
            related: Vec::new(),
            questions: vec![question],
            written,
            faults: Vec::new(),
        }
    }
}

/// Reads a file. `name` is its title where it has no heading.
pub(crate) fn parse(text: &str, name: &str) -> Document {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (lines, unclosed) = lines::scan(text);
    let mut faults: Vec<(u32, FaultKind)> = unclosed
        .into_iter()
        .map(|line| (line, FaultKind::UnclosedFence))
        .collect();
    let (matter, body) = front_matter(&lines, &mut faults);
    let name = matter.title.as_deref().unwrap_or(name);
    let questions = Outline::new(body, name).read();
    let asked = if questions.len() == 1 {
        matter.asked
    } else {
        Vec::new()
    };
    Document {
        id: matter.id,
        tags: matter.tags,
        asked,
        related: matter.related,
        questions,
        written: language(text),
        faults,
    }
}

/// By its writing; code is Latin in every language, so a quarter of Chinese is Chinese.
fn language(text: &str) -> Lang {
    let han = text.chars().filter(|it| is_han(*it)).count();
    let latin = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if han > 0 && han * 4 >= latin {
        Lang::Zh
    } else {
        Lang::En
    }
}

#[derive(Default)]
struct FrontMatter {
    id: Option<String>,
    title: Option<String>,
    tags: Vec<String>,
    asked: Vec<String>,
    related: Vec<String>,
}

/// Reads `key: value` lines between `---` and `---` at the top; anything else there is left alone.
fn front_matter<'l, 't>(
    lines: &'l [Line<'t>],
    faults: &mut Vec<(u32, FaultKind)>,
) -> (FrontMatter, &'l [Line<'t>]) {
    let mut matter = FrontMatter::default();
    let fence = lines.first().map_or("", |line| line.raw.trim_end());
    if fence != "---" && fence != "+++" {
        return (matter, lines);
    }
    let Some(end) = lines[1..].iter().position(|line| line.raw.trim_end() == fence) else {
        // A page may begin with a rule. It is front matter left open if it goes on like one.
        if lines.get(1).is_some_and(|line| key_value(line.raw).is_some()) {
            faults.push((1, FaultKind::UnclosedFrontMatter));
        }
        return (matter, lines);
    };
    let mut key = String::new();
    for line in &lines[1..=end] {
        let item = line
            .raw
            .trim_start()
            .strip_prefix("- ")
            .map(|it| unquoted(it).to_owned());
        let list_of = match key.as_str() {
            "tags" => Some(&mut matter.tags),
            "asked" => Some(&mut matter.asked),
            "related" => Some(&mut matter.related),
            _ => None,
        };
        if let (Some(item), Some(list)) = (item, list_of) {
            list.push(item);
            continue;
        }
        let Some((name, value)) = key_value(line.raw) else {
            continue;
        };
        key = name.to_ascii_lowercase();
        let value = unquoted(value);
        match key.as_str() {
            "id" if !value.is_empty() => matter.id = Some(value.to_owned()),
            "title" if !value.is_empty() => matter.title = Some(value.to_owned()),
            "tags" | "keywords" | "aliases" => matter.tags.extend(list(value)),
            "related" => matter.related.extend(list(value)),
            _ => {}
        }
    }
    (matter, &lines[end + 2..])
}

fn key_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':').or_else(|| line.split_once('='))?;
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    let key = key.trim_end();
    (!key.is_empty() && key.chars().all(plain)).then_some((key, value.trim()))
}

fn list(value: &str) -> impl Iterator<Item = String> {
    let items = value
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split([',', '，']);
    items
        .map(|it| unquoted(it.trim()).to_owned())
        .filter(|it| !it.is_empty())
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches(['"', '\''])
}

/// The file on its way to questions.
struct Outline<'l, 't> {
    lines: &'l [Line<'t>],
    name: &'l str,
    /// The heading level that begins questions, if headings in this file ask.
    asking: Option<u8>,
    /// The highest heading level: titles of pages.
    top: u8,
    drafts: Vec<Draft>,
    /// The draft that lines go to, and the page that takes what belongs to no question.
    current: Option<usize>,
    page: Option<usize>,
    /// Headings above the current place: level and plain text.
    above: Vec<(u8, String)>,
    slugs: HashMap<String, usize>,
}

/// A question whose lines are still being collected.
#[derive(Debug)]
struct Draft {
    title: String,
    context: Vec<String>,
    line: u32,
    anchor: Option<String>,
    origin: Origin,
    /// A heading of the answer is quoted: so is the answer.
    quoted_heading: bool,
    /// Open headings below the question: rank and plain text.
    path: Vec<(u8, String)>,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Page,
    Heading,
    Letters,
    /// `<details>`, and how many more are open inside it.
    Details(usize),
}

impl Origin {
    const fn form(self) -> Form {
        match self {
            Self::Page => Form::Page,
            Self::Heading => Form::Heading,
            Self::Letters => Form::Letters,
            Self::Details(_) => Form::Details,
        }
    }
}

#[derive(Debug, Default)]
struct Piece {
    path: Vec<String>,
    line: u32,
    anchor: Option<String>,
    /// Indices of its lines.
    lines: Vec<usize>,
    headed: bool,
}

/// Below every heading, so that any heading ends it.
const DETAILS_RANK: u8 = 40;
/// A quoted heading stands below every unquoted one.
const QUOTED_RANK: u8 = 10;

impl<'l, 't> Outline<'l, 't> {
    fn new(lines: &'l [Line<'t>], name: &'l str) -> Self {
        let headings: Vec<(u8, &str)> = lines.iter().filter_map(unquoted_heading).collect();
        Self {
            lines,
            name,
            asking: asking_level(&headings),
            top: headings.iter().map(|(level, _)| *level).min().unwrap_or(1),
            drafts: Vec::new(),
            current: None,
            page: None,
            above: Vec::new(),
            slugs: HashMap::new(),
        }
    }

    fn read(mut self) -> Vec<Parsed> {
        let mut at = 0;
        while at < self.lines.len() {
            at = self.step(at);
        }
        let lines = self.lines;
        let parsed = self.drafts.into_iter().filter_map(|draft| draft.finish(lines));
        let mut questions: Vec<Parsed> = parsed.collect();
        questions.sort_by_key(|question| question.line);
        questions
    }

    /// Takes the line at `at`, and the lines that go with it; says which is next.
    fn step(&mut self, at: usize) -> usize {
        let line = self.lines[at];
        match line.kind {
            Kind::Heading { level, text } if line.depth == 0 => self.heading(at, level, text),
            Kind::Heading { level, text } if line.depth == 1 => self.quoted_heading(at, level, text),
            Kind::Text if line.depth == 0 => return self.text(at),
            // The mark below an underlined heading goes the way of the `##`.
            Kind::Underline if line.depth <= 1 => {}
            _ => self.keep(at),
        }
        at + 1
    }

    fn heading(&mut self, at: usize, level: u8, text: &str) {
        let title = plain(text);
        let anchor = self.slug(&title);
        let below = self.asking.is_some_and(|asking| level > asking);
        let closing = self.asking == Some(level) && closes(&title);
        self.above.retain(|(other, _)| *other < level);
        if self.in_question() && (below || closing) {
            self.section(at, level, title.clone(), Some(anchor));
        } else if self.asking == Some(level) {
            self.begin(at, &title, Some(anchor), Origin::Heading);
        } else if level == self.top {
            self.begin(at, &title, Some(anchor), Origin::Page);
        } else {
            self.back_to_page(at);
            self.section(at, level, title.clone(), Some(anchor));
        }
        self.above.push((level, title));
    }

    fn quoted_heading(&mut self, at: usize, level: u8, text: &str) {
        let title = plain(text);
        let anchor = self.slug(&title);
        self.section(at, QUOTED_RANK + level, title, Some(anchor));
        if let Some(draft) = self.draft_mut() {
            draft.quoted_heading = true;
        }
    }

    fn text(&mut self, at: usize) -> usize {
        let text = self.lines[at].raw.trim();
        if let Some(question) = asked_by_letter(text).filter(|_| self.answer_follows(at)) {
            let title = plain(question);
            self.begin(at, &title, None, Origin::Letters);
        } else if text.starts_with("<details") {
            return self.details(at);
        } else if text.starts_with("</details") && self.end_details(at) {
            return at + 1;
        } else {
            self.keep(at);
        }
        at + 1
    }

    /// `<details>` that asks is a question of its own on a page; inside a question it is a section.
    fn details(&mut self, at: usize) -> usize {
        let Some((summary, next)) = self.summary(at) else {
            self.keep(at);
            return at + 1;
        };
        if let Some(Origin::Details(open)) = self.draft_mut().map(|draft| &mut draft.origin) {
            *open += 1;
        }
        if self.current.is_none() || (!self.in_question() && asks(&summary)) {
            self.begin(at, &summary, None, Origin::Details(0));
        } else {
            self.section(at, DETAILS_RANK, summary, None);
        }
        next
    }

    /// The text of the `<summary>` that begins at `at`, and the line after it. What follows the
    /// summary on its own last line is kept by keeping that line out of the summary.
    fn summary(&self, at: usize) -> Option<(String, usize)> {
        let mut text = String::new();
        for (offset, line) in self.lines[at..].iter().take(6).enumerate() {
            text.push_str(line.raw.trim());
            text.push(' ');
            if let Some((inner, rest)) = text.split_once("</summary>") {
                let (_, title) = inner.split_once("<summary")?;
                let (_, title) = title.split_once('>')?;
                return rest
                    .trim()
                    .is_empty()
                    .then(|| (plain(title.trim()), at + offset + 1));
            }
        }
        None
    }

    /// Ends the innermost `<details>`; false if none is open here.
    fn end_details(&mut self, at: usize) -> bool {
        let Some(draft) = self.draft_mut() else {
            return false;
        };
        match &mut draft.origin {
            Origin::Details(0) => {
                self.back_to_page(at + 1);
                return true;
            }
            Origin::Details(open) => *open -= 1,
            _ if draft.path.iter().any(|(rank, _)| *rank == DETAILS_RANK) => {}
            _ => return false,
        }
        let draft_path = self.draft_mut().map(|draft| {
            draft.path.retain(|(rank, _)| *rank < DETAILS_RANK);
            draft.path_text()
        });
        let line = self.line_number(at + 1);
        if let (Some(path), Some(draft)) = (draft_path, self.draft_mut()) {
            draft.pieces.push(Piece {
                path,
                line,
                ..Piece::default()
            });
        }
        true
    }

    fn answer_follows(&self, at: usize) -> bool {
        let rest = self.lines[at + 1..].iter().take(40);
        let mut text = rest.filter(|line| !matches!(line.kind, Kind::Blank | Kind::Code { .. }));
        text.find_map(|line| match line.kind {
            Kind::Heading { .. } => Some(false),
            _ if answered_by_letter(line.raw.trim()).is_some() => Some(true),
            _ if asked_by_letter(line.raw.trim()).is_some() => Some(false),
            _ => None,
        })
        .unwrap_or(false)
    }

    fn begin(&mut self, at: usize, title: &str, anchor: Option<String>, origin: Origin) {
        let line = self.line_number(at);
        let context = self.above.iter().map(|(_, text)| text.clone()).collect();
        let first = Piece {
            line,
            ..Piece::default()
        };
        let title = without_numbering(title).to_owned();
        let path = Vec::new();
        let pieces = vec![first];
        let quoted_heading = false;
        self.drafts.push(Draft {
            title,
            context,
            line,
            anchor,
            origin,
            quoted_heading,
            path,
            pieces,
        });
        self.current = Some(self.drafts.len() - 1);
        if origin == Origin::Page {
            self.page = self.current;
        }
    }

    fn section(&mut self, at: usize, rank: u8, title: String, anchor: Option<String>) {
        if self.current.is_none() {
            self.back_to_page(at);
        }
        let line = self.line_number(at);
        let Some(draft) = self.draft_mut() else {
            return;
        };
        draft.path.retain(|(other, _)| *other < rank);
        draft.path.push((rank, title));
        let path = draft.path_text();
        draft.pieces.push(Piece {
            path,
            line,
            anchor,
            lines: Vec::new(),
            headed: true,
        });
    }

    /// What follows belongs to the page, which begins here if the file has none yet.
    fn back_to_page(&mut self, at: usize) {
        match self.page {
            Some(page) => {
                self.current = self.page;
                let line = self.line_number(at);
                let path = self.drafts[page].path_text();
                self.drafts[page].pieces.push(Piece {
                    path,
                    line,
                    ..Piece::default()
                });
            }
            None => {
                let name = self.name;
                self.begin(at, name, None, Origin::Page);
            }
        }
    }

    fn keep(&mut self, at: usize) {
        if self.current.is_none() {
            if self.lines[at].kind == Kind::Blank {
                return;
            }
            self.back_to_page(at);
        }
        if let Some(piece) = self.draft_mut().and_then(|draft| draft.pieces.last_mut()) {
            piece.lines.push(at);
        }
    }

    fn in_question(&self) -> bool {
        self.current
            .is_some_and(|it| self.drafts[it].origin != Origin::Page)
    }

    fn draft_mut(&mut self) -> Option<&mut Draft> {
        self.current.map(|it| &mut self.drafts[it])
    }

    fn line_number(&self, at: usize) -> u32 {
        let last = self.lines.last().map_or(1, |line| line.number);
        self.lines.get(at).map_or(last, |line| line.number)
    }

    fn slug(&mut self, title: &str) -> String {
        slug(title, &mut self.slugs)
    }
}

/// The anchor a code host makes of a heading; the second of the same text gets `-1`.
pub(crate) fn slug(title: &str, slugs: &mut HashMap<String, usize>) -> String {
    let kept = |it: &char| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_');
    let slug: String = title.to_lowercase().chars().filter(kept).collect();
    let slug = slug.replace(' ', "-");
    let seen = slugs.entry(slug.clone()).or_default();
    *seen += 1;
    if *seen == 1 {
        slug
    } else {
        format!("{slug}-{}", *seen - 1)
    }
}

impl Draft {
    fn path_text(&self) -> Vec<String> {
        self.path.iter().map(|(_, text)| text.clone()).collect()
    }

    /// The question, unless there is nothing in it.
    fn finish(mut self, lines: &[Line<'_>]) -> Option<Parsed> {
        let empty = self.pieces.iter().all(|piece| is_blank(piece, lines));
        // A heading over questions is no question; one that asks and has no answer yet still is.
        if empty && self.origin == Origin::Page {
            return None;
        }
        let quoted = self.is_quoted_answer(lines);
        let short = self.take_short(lines);
        let sections = self.sections(lines, quoted);
        let (short, sections) = match sections.is_empty() {
            true => (None, vec![self.only_section(short)]),
            false => (short.map(|(_, text)| text), sections),
        };
        let Self {
            title,
            context,
            line,
            anchor,
            origin,
            ..
        } = self;
        Some(Parsed {
            title,
            short,
            context,
            line,
            anchor,
            sections,
            form: origin.form(),
        })
    }

    fn only_section(&self, short: Option<(u32, String)>) -> Part {
        let (line, markdown) = short.unwrap_or((self.line, String::new()));
        Part {
            path: Vec::new(),
            line,
            markdown,
            anchor: self.anchor.clone(),
            commands: Vec::new(),
        }
    }

    /// Whether the answer stands in a quote. A remark that is quoted inside an answer is not it.
    fn is_quoted_answer(&self, lines: &[Line<'_>]) -> bool {
        let mut all = 0;
        let mut quoted = 0;
        for line in self
            .pieces
            .iter()
            .flat_map(|piece| &piece.lines)
            .map(|at| &lines[*at])
        {
            if line.kind != Kind::Blank {
                all += 1;
                quoted += usize::from(line.depth > 0);
            }
        }
        self.quoted_heading || (quoted > 0 && quoted * 2 >= all)
    }

    /// The one-line paragraph that an answer begins with, taken out of the first piece.
    fn take_short(&mut self, lines: &[Line<'_>]) -> Option<(u32, String)> {
        let piece = self.pieces.first_mut().filter(|piece| piece.path.is_empty())?;
        let first = piece.lines.iter().position(|at| lines[*at].kind != Kind::Blank)?;
        let line = &lines[piece.lines[first]];
        let next = piece.lines.get(first + 1).map(|at| &lines[*at]);
        let alone = next.is_none_or(|next| next.kind == Kind::Blank || next.depth > line.depth);
        let text = answered_by_letter(line.raw.trim()).unwrap_or(line.raw.trim());
        if line.kind != Kind::Text || line.depth > 0 || !alone || !is_sentence(text) {
            return None;
        }
        let short = (line.number, text.to_owned());
        piece.lines.drain(..=first);
        Some(short)
    }

    fn sections(&self, lines: &[Line<'_>], quoted: bool) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            let parent = self
                .pieces
                .get(index + 1)
                .is_some_and(|next| next.headed && next.path.starts_with(&piece.path));
            if is_blank(piece, lines) && (!piece.headed || parent) {
                continue;
            }
            let anchor = if piece.path.is_empty() {
                &self.anchor
            } else {
                &piece.anchor
            };
            parts.push(part(piece, lines, quoted, anchor.clone()));
        }
        parts
    }
}

fn is_blank(piece: &Piece, lines: &[Line<'_>]) -> bool {
    piece.lines.iter().all(|at| lines[*at].kind == Kind::Blank)
}

fn part(piece: &Piece, lines: &[Line<'_>], quoted: bool, anchor: Option<String>) -> Part {
    let own: Vec<Line<'_>> = piece.lines.iter().map(|at| lines[*at]).collect();
    let mut texts = texts(&own, quoted);
    let first = texts
        .iter()
        .position(|it| !it.trim().is_empty())
        .unwrap_or(texts.len());
    if let Some(text) = texts.get_mut(first).filter(|_| piece.path.is_empty()) {
        *text = answered_by_letter(text.trim()).unwrap_or(text);
    }
    let last = texts
        .iter()
        .rposition(|it| !it.trim().is_empty())
        .map_or(first, |it| it + 1);
    let line = if piece.headed {
        piece.line
    } else {
        own.get(first).map_or(piece.line, |line| line.number)
    };
    let markdown = texts[first..last].join("\n");
    Part {
        path: piece.path.clone(),
        line,
        markdown,
        anchor,
        commands: commands::commands(&own),
    }
}

/// The lines as they are shown. A block of code that was never closed is closed, or what follows it
/// would be shown as code.
fn texts<'t>(lines: &[Line<'t>], quoted: bool) -> Vec<&'t str> {
    let mut texts = Vec::with_capacity(lines.len());
    let mut open = None;
    for line in lines {
        match line.kind {
            Kind::FenceOpen { marks, .. } => texts.extend(open.replace(marks)),
            Kind::Code { .. } => {}
            Kind::FenceClose => open = None,
            _ => texts.extend(open.take()),
        }
        texts.push(if quoted { line.unquoted } else { line.raw });
    }
    texts.extend(open);
    texts
}

fn unquoted_heading<'t>(line: &Line<'t>) -> Option<(u8, &'t str)> {
    match line.kind {
        Kind::Heading { level, text } if line.depth == 0 => Some((level, text)),
        _ => None,
    }
}
