//! Markdown line by line: which lines are headings, which are code, how deep they are quoted.
//!
//! A line scanner and not a Markdown tree, because an answer is shown as it was written: every
//! line of the file ends up in exactly one section, and only quote marks and headings are taken
//! off. It looks at each line a bounded number of times and never recurses, so that a file nested
//! a thousand deep costs what a flat one costs.

/// One line of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'t> {
    /// From 1.
    pub(crate) number: u32,
    /// As written, without the line end.
    pub(crate) raw: &'t str,
    /// Without the first quote mark.
    pub(crate) unquoted: &'t str,
    /// How many quote marks it stands behind.
    pub(crate) depth: usize,
    pub(crate) kind: Kind<'t>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'t> {
    Blank,
    Text,
    /// `## like this`, or the first line of an underlined one.
    Heading {
        level: u8,
        text: &'t str,
    },
    /// The `===` or `---` below an underlined heading.
    Underline,
    FenceOpen {
        lang: &'t str,
        /// What would close it.
        marks: &'t str,
    },
    /// Inside a fence, as the code says it: without quote marks and the fence's own indentation.
    Code {
        code: &'t str,
    },
    FenceClose,
}

/// The lines of `text` and the numbers of the lines on which a fence opens that nothing closes.
pub(crate) fn scan(text: &str) -> (Vec<Line<'_>>, Vec<u32>) {
    let raw: Vec<&str> = text.lines().collect();
    let mut scanner = Scanner {
        raw: &raw,
        lines: Vec::with_capacity(raw.len()),
        unclosed: Vec::new(),
        in_list: false,
        in_html: None,
    };
    while scanner.lines.len() < raw.len() {
        scanner.next_line();
    }
    (scanner.lines, scanner.unclosed)
}

struct Scanner<'r, 't> {
    raw: &'r [&'t str],
    lines: Vec<Line<'t>>,
    unclosed: Vec<u32>,
    /// Inside a list the indentation is the list's, so that a fence may stand at any depth.
    in_list: bool,
    /// The text that ends a block of raw HTML (a comment or `<pre>`).
    in_html: Option<&'static str>,
}

impl<'t> Scanner<'_, 't> {
    fn next_line(&mut self) {
        let at = self.lines.len();
        let (depth, rest) = unquote(self.raw[at], usize::MAX);
        if let Some(end) = self.in_html {
            if rest.contains(end) {
                self.in_html = None;
            }
            return self.push(depth, Kind::Text);
        }
        if let Some(fence) = Fence::opening(rest).filter(|it| it.indent <= 3 || self.in_list) {
            return self.fence(at, depth, fence);
        }
        self.note_list(rest);
        self.in_html = html_block(rest).filter(|end| !rest.contains(end));
        let kind = match rest.trim() {
            "" => Kind::Blank,
            _ => heading(rest).unwrap_or(Kind::Text),
        };
        if kind == Kind::Text && self.underlines(rest, depth) {
            return;
        }
        self.push(depth, kind);
    }

    fn push(&mut self, depth: usize, kind: Kind<'t>) {
        let at = self.lines.len();
        let raw = self.raw[at];
        let unquoted = unquote(raw, 1).1;
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        self.lines.push(Line {
            number,
            raw,
            unquoted,
            depth,
            kind,
        });
    }

    /// A list goes on until a line that is neither indented nor an item follows a blank one.
    fn note_list(&mut self, rest: &str) {
        if is_list_item(rest) {
            self.in_list = true;
            return;
        }
        let after_blank = self.lines.last().is_none_or(|line| line.kind == Kind::Blank);
        let flush = !rest.starts_with([' ', '\t']);
        if flush && after_blank && !rest.trim().is_empty() {
            self.in_list = false;
        }
    }

    /// `Title` over `=====` is a heading; the title was pushed as text a line ago.
    fn underlines(&mut self, rest: &str, depth: usize) -> bool {
        let mark = rest.trim();
        let level = match mark.as_bytes().first() {
            Some(b'=') if mark.bytes().all(|it| it == b'=') => 1,
            Some(b'-') if mark.bytes().all(|it| it == b'-') => 2,
            _ => return false,
        };
        let count = self.lines.len();
        let alone = count < 2 || self.lines[count - 2].kind == Kind::Blank;
        let Some(above) = self.lines.last_mut() else {
            return false;
        };
        let text = unquote(above.raw, depth).1.trim();
        let plain = above.kind == Kind::Text && above.depth == depth && !is_list_item(text);
        if !plain || !alone || text.starts_with(['|', '<']) || self.in_list {
            return false;
        }
        above.kind = Kind::Heading { level, text };
        self.push(depth, Kind::Underline);
        true
    }

    /// Takes a whole fenced block, to its end or to where it must have ended.
    fn fence(&mut self, at: usize, depth: usize, fence: Fence<'t>) {
        let (end, closed) = self.fence_end(at, depth, &fence);
        if !closed {
            self.unclosed.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
        }
        self.push(
            depth,
            Kind::FenceOpen {
                lang: fence.lang,
                marks: fence.marks,
            },
        );
        for line in &self.raw[at + 1..end] {
            let code = without_indent(unquote(line, depth).1, fence.indent);
            self.push(depth, Kind::Code { code });
        }
        if closed {
            self.push(depth, Kind::FenceClose);
        }
    }

    /// The line that closes the fence, or the line before which an unclosed one is taken to end:
    /// the next heading, so that one forgotten fence does not swallow the questions below it.
    fn fence_end(&self, at: usize, depth: usize, fence: &Fence<'_>) -> (usize, bool) {
        let mut heading_at = None;
        for (offset, line) in self.raw[at + 1..].iter().enumerate() {
            let here = at + 1 + offset;
            let (found, rest) = unquote(line, depth);
            if found < depth {
                return (heading_at.unwrap_or(here), false);
            }
            if fence.is_closed_by(rest) {
                return (here, true);
            }
            // A block with a language opens inside one that is open: the first was never closed.
            if Fence::opening(rest).is_some_and(|inner| fence.is_reopened_by(&inner)) {
                return (heading_at.unwrap_or(here), false);
            }
            if heading_at.is_none() && self.must_be_heading(here, depth) {
                heading_at = Some(here);
            }
        }
        (heading_at.unwrap_or(self.raw.len()), false)
    }

    /// In code `# text` is a comment; two or more marks after a blank line are not.
    fn must_be_heading(&self, at: usize, depth: usize) -> bool {
        let rest = unquote(self.raw[at], depth).1;
        let above = unquote(self.raw[at - 1], depth).1;
        let level = match heading(rest) {
            Some(Kind::Heading { level, .. }) => level,
            _ => return false,
        };
        above.trim().is_empty() && (level > 1 || rest.trim_end().ends_with(['?', '？']))
    }
}

struct Fence<'t> {
    marks: &'t str,
    mark: u8,
    count: usize,
    indent: usize,
    lang: &'t str,
}

impl<'t> Fence<'t> {
    fn opening(line: &'t str) -> Option<Self> {
        let text = line.trim_start();
        let mark = *text.as_bytes().first().filter(|it| matches!(it, b'`' | b'~'))?;
        let count = text.bytes().take_while(|it| *it == mark).count();
        let info = text[count..].trim();
        if count < 3 || (mark == b'`' && info.contains('`')) {
            return None;
        }
        let lang = info.split([' ', '\t', ',', '{']).next().unwrap_or_default();
        Some(Self {
            marks: &text[..count],
            mark,
            count,
            indent: line.len() - text.len(),
            lang,
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let text = line.trim();
        text.len() >= self.count && text.bytes().all(|it| it == self.mark)
    }

    fn is_reopened_by(&self, inner: &Fence<'_>) -> bool {
        let same = (inner.mark, inner.count, inner.indent) == (self.mark, self.count, self.indent);
        let word = !inner.lang.is_empty()
            && inner
                .lang
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-');
        same && word
    }
}

/// Takes up to `limit` quote marks off; says how many there were.
pub(crate) fn unquote(line: &str, limit: usize) -> (usize, &str) {
    let mut rest = line;
    let mut depth = 0;
    while depth < limit {
        let text = rest.trim_start_matches(' ');
        let Some(inner) = text.strip_prefix('>').filter(|_| rest.len() - text.len() <= 3) else {
            break;
        };
        rest = inner.strip_prefix(' ').unwrap_or(inner);
        depth += 1;
    }
    (depth, rest)
}

/// Whether the line begins a list item: `- `, `* `, `+ `, `1. `, `1) `.
pub(crate) fn is_list_item(line: &str) -> bool {
    let text = line.trim_start();
    if matches!(text, "-" | "*" | "+")
        || text.starts_with("- ")
        || text.starts_with("* ")
        || text.starts_with("+ ")
    {
        return true;
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    (1..=9).contains(&digits) && (rest.starts_with(". ") || rest.starts_with(") "))
}

fn heading(line: &str) -> Option<Kind<'_>> {
    let text = line.trim_start_matches(' ');
    let marks = text.bytes().take_while(|it| *it == b'#').count();
    let rest = &text[marks..];
    let spaced = rest.is_empty() || rest.starts_with([' ', '\t']);
    if line.len() - text.len() > 3 || !(1..=6).contains(&marks) || !spaced {
        return None;
    }
    let level = u8::try_from(marks).ok()?;
    Some(Kind::Heading {
        level,
        text: without_closing_marks(rest.trim()),
    })
}

/// `## Title ##` is called `Title`; `## C#` keeps its mark.
fn without_closing_marks(text: &str) -> &str {
    let bare = text.trim_end_matches('#');
    if bare.is_empty() || bare.ends_with([' ', '\t']) {
        bare.trim_end()
    } else {
        text
    }
}

fn without_indent(line: &str, indent: usize) -> &str {
    let spaces = line
        .bytes()
        .take(indent)
        .take_while(|it| matches!(it, b' ' | b'\t'))
        .count();
    &line[spaces..]
}

fn html_block(line: &str) -> Option<&'static str> {
    let text = line.trim_start();
    if text.starts_with("<!--") {
        return Some("-->");
    }
    text.starts_with("<pre").then_some("</pre>")
}
