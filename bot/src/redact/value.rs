//! Where a value begins and ends.

/// A value in a text, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'t str,
    /// Quotes say exactly where it ends.
    pub(super) quoted: bool,
}

/// The value that begins at `start`, on that line; none if there is none, or if it is an object or a list.
pub(super) fn at(text: &str, start: usize) -> Option<Value<'_>> {
    let rest = &text[start..];
    if let Some((open, body)) = opening_quote(rest) {
        let from = text.len() - body.len();
        return value(text, from, from + quoted_end(body, open), true);
    }
    if rest.starts_with(['{', '}', ']', ',', ')']) || rest.starts_with("[]") || is_reference(rest) {
        return None;
    }
    if let Some(tagged) = rest
        .strip_prefix("!!str ")
        .or_else(|| rest.strip_prefix("!!binary "))
    {
        return at(text, text.len() - tagged.trim_start_matches(' ').len());
    }
    if let Some(inside) = rest.strip_prefix('[')
        && !rest.starts_with("[redacted:")
    {
        // A list as Go prints it, `[a b]`, or one of texts in quotes.
        if opening_quote(inside).is_some() {
            return quoted_list(text, inside);
        }
        let end = inside.find([']', '\n', '\r']).unwrap_or(inside.len());
        return value(text, start + 1, start + 1 + end, true);
    }
    value(text, start, start + bare_end(rest), false)
}

/// Whether what begins here stands for a value that is elsewhere: `$(…)`, `${…}`, `{{…}}`, `<…>`, a tag of YAML.
pub(super) fn is_reference(rest: &str) -> bool {
    let rest = head(rest);
    if rest.starts_with("!!str ") || rest.starts_with("!!binary ") {
        return false;
    }
    let gap = |rest: &str| {
        rest.strip_prefix('<')
            .is_some_and(|it| it.find(['>', '\n']).is_some_and(|at| it[at..].starts_with('>')))
    };
    let tag = |rest: &str| {
        rest.strip_prefix('!').is_some_and(|it| {
            let name = it
                .bytes()
                .take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'!')
                .count();
            name >= 3 && it[name..].starts_with([' ', '\n'])
        })
    };
    ["$(", "${", "{{", "%("].iter().any(|open| rest.starts_with(open)) || gap(rest) || tag(rest)
}

/// Where in `body` the value ends that `open` opened: at its closing quote, or else at the end of the line.
pub(super) fn quoted_end(body: &str, open: &str) -> usize {
    match closing_quote(body, open) {
        Ok(end) | Err(end) => end,
    }
}

/// The texts of a list, from the first to the last.
fn quoted_list<'t>(text: &'t str, inside: &str) -> Option<Value<'t>> {
    let (mut start, mut end, mut rest) = (None, 0, inside);
    while let Some((open, body)) = opening_quote(rest) {
        let from = text.len() - body.len();
        start.get_or_insert(from);
        end = from + quoted_end(body, open);
        let Some(behind) = text.get(end + open.len()..) else {
            break;
        };
        let Some(next) = behind.trim_start_matches([' ', '\t']).strip_prefix(',') else {
            break;
        };
        rest = next.trim_start_matches([' ', '\t']);
    }
    value(text, start?, end, true)
}

fn value(text: &str, start: usize, end: usize, quoted: bool) -> Option<Value<'_>> {
    (start < end).then(|| Value {
        start,
        end,
        text: &text[start..end],
        quoted,
    })
}

/// The rest of the line, where a value may have spaces in it. A comment behind it stays.
pub(super) fn to_line_end(text: &str, start: usize) -> Value<'_> {
    let line = text[start..].split(['\n', '\r']).next().unwrap_or_default();
    let line = line.split(" #").next().unwrap_or_default();
    let line = line.split("\\n").next().unwrap_or_default().trim_end();
    Value {
        start,
        end: start + line.len(),
        text: line,
        quoted: false,
    }
}

/// The quote at the start of `line` with the backslashes before it, and what follows. Letters such as those
/// of Python's `b'…'` belong to it.
pub(super) fn opening_quote(line: &str) -> Option<(&str, &str)> {
    let bare = line
        .strip_prefix(['b', 'r', 'u', 'f', '@'])
        .filter(|rest| rest.starts_with(['"', '\'']))
        .unwrap_or(line);
    let slashes = bare.bytes().take_while(|byte| *byte == b'\\').count();
    let quote = bare[slashes..].chars().next()?;
    let is_quote = matches!(quote, '"' | '\'' | '`' | '“' | '”' | '‘' | '「' | '『');
    let end = slashes + quote.len_utf8();
    // Markdown's three backticks open a block, not a value.
    (is_quote && !bare[slashes..].starts_with("```")).then(|| bare.split_at(end))
}

/// The quote that ends `text`, with the backslashes before it.
pub(super) fn quote_before(text: &str) -> Option<&str> {
    let bare = text.strip_suffix(['"', '\'', '`'])?;
    Some(&text[bare.trim_end_matches('\\').len()..])
}

/// Where in `body` the quote closes that `open` opened; where the line ends if it never does.
pub(super) fn closing_quote(body: &str, open: &str) -> Result<usize, usize> {
    let slashes = open.bytes().take_while(|byte| *byte == b'\\').count();
    let close = match open[slashes..].chars().next() {
        Some('“' | '”') => '”',
        Some('‘') => '’',
        Some('「') => '」',
        Some('『') => '』',
        Some(other) => other,
        None => return Err(0),
    };
    let mut from = 0;
    while let Some(found) = body[from..].find([close, '\n', '\r']) {
        let at = from + found;
        if body[at..].starts_with(['\n', '\r']) {
            return Err(at);
        }
        let before = body[from..at]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        // A quote one level deeper has more backslashes before it; one that is a part of the text an odd number.
        let closes = if slashes == 0 {
            before.is_multiple_of(2)
        } else {
            before == slashes
        };
        if closes {
            return Ok(at - slashes.min(before));
        }
        from = at + close.len_utf8();
    }
    Err(body.len())
}

/// Where a value without quotes ends: at a space, at the end of an escaped line, or at a sign that what
/// follows shows to be no part of it.
fn bare_end(line: &str) -> usize {
    for (at, letter) in line.char_indices() {
        let rest = head(&line[at + letter.len_utf8()..]);
        let ends = match letter {
            '\n' | '\r' | ' ' | '\t' | '\u{3000}' | '，' | '。' | '；' | '、' | '）' | '」' | '』' | '】'
            | '》' | '”' | '’' => true,
            '\u{1b}' => true,
            '\\' => {
                rest.starts_with(['n', 'r', 't', '"', '\''])
                    || rest.starts_with("\\\"")
                    || rest.starts_with("\\n")
            }
            '&' => is_field(rest) || rest.starts_with("amp;") || ends_here(rest) || rest.starts_with('&'),
            ',' | ';' | '|' => ends_here(rest) || is_entry(rest),
            ')' | ']' | '}' | '"' | '\'' | '`' | '>' => ends_here(rest),
            '<' => rest.starts_with('/') || ends_here(rest),
            _ => false,
        };
        if ends {
            return at;
        }
    }
    line.len()
}

/// As much of `rest` as it takes to see what follows, so that a text of a thousand brackets is read once.
fn head(rest: &str) -> &str {
    let mut end = rest.len().min(120);
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    &rest[..end]
}

/// Nothing of a value can follow: the line is over, or only more signs and then a space.
fn ends_here(rest: &str) -> bool {
    let bare = rest.trim_start_matches([',', ';', ')', ']', '}', '"', '\'', '`', '|', '>', ':', '.', '\\']);
    bare.is_empty()
        || bare.starts_with(char::is_whitespace)
        || bare.starts_with("n ")
        || rest.starts_with("\\n")
        || (bare.len() < rest.len() && is_assignment(bare))
}

/// `key=` or `"key":` begins here.
fn is_assignment(rest: &str) -> bool {
    name_and_sign(rest).is_some_and(|(_, sign)| sign.starts_with(['=', ':']))
}

/// `key=`, `key: ` or `"key":` begins here, as in a list of them.
fn is_entry(rest: &str) -> bool {
    name_and_sign(rest).is_some_and(|(name, sign)| {
        let is_quoted = rest.starts_with(['"', '\'', '\\']);
        sign.starts_with('=') && !name.contains('-')
            || sign.starts_with(": ")
            || (is_quoted && sign.starts_with(':'))
    })
}

/// `key=` begins here, as in a form or an address.
fn is_field(rest: &str) -> bool {
    name_and_sign(rest).is_some_and(|(name, sign)| {
        sign.starts_with('=') && (!name.contains('-') || name.starts_with("X-") || name.starts_with("x-"))
    })
}

/// The name that stands at the start of `rest`, perhaps in quotes, and what follows it.
fn name_and_sign(rest: &str) -> Option<(&str, &str)> {
    let bare = rest.trim_start_matches(['"', '\'', '\\', ' ']);
    let length = bare
        .bytes()
        .take(65)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        .count();
    let begins = bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (begins && length <= 64).then(|| {
        (
            &bare[..length],
            bare[length..].trim_start_matches(['"', '\'', '\\']),
        )
    })
}
