//! What headings and first lines say: whether they ask, and what they are called.

use pulldown_cmark::{Event, Parser};

use crate::lines;
use crate::words::is_han;

/// Inline Markdown as plain text: no marks, no links, no tags; `<placeholders>` stay.
pub(crate) fn plain(markdown: &str) -> String {
    let mut text = String::new();
    // Read as a heading, so that `1. ` is text and not a list.
    for event in Parser::new(&format!("# {markdown}")) {
        match event {
            Event::Text(it) | Event::Code(it) => text.push_str(&it),
            Event::InlineHtml(it) | Event::Html(it) if !is_format_tag(&it) => text.push_str(&it),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// What a text has in bold or as code in a line, outside of fences: what its author thought it is about.
pub(crate) fn marked(markdown: &str) -> String {
    let mut marked = String::new();
    let mut fenced = false;
    for line in markdown.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if !fenced {
            // Every second piece between the marks; a mark without its partner ends at the line.
            for piece in ["**", "`"]
                .iter()
                .flat_map(|mark| line.split(mark).skip(1).step_by(2))
            {
                marked.push_str(piece);
                marked.push('\n');
            }
        }
    }
    marked
}

fn is_format_tag(tag: &str) -> bool {
    const TAGS: [&str; 14] = [
        "a", "b", "br", "code", "em", "font", "i", "kbd", "mark", "span", "strong", "sub", "sup", "u",
    ];
    let name = tag.trim_start_matches(['<', '/']);
    let end = name
        .find(|it: char| !it.is_ascii_alphanumeric())
        .unwrap_or(name.len());
    tag.starts_with("<!--") || TAGS.iter().any(|it| it.eq_ignore_ascii_case(&name[..end]))
}

/// The highest level on which most headings ask, or half of several.
pub(crate) fn asking_level(headings: &[(u8, &str)]) -> Option<u8> {
    (1..=6).find(|level| {
        let texts = headings.iter().filter(|(other, _)| other == level);
        let (asking, all) = texts.fold((0, 0), |(asking, all), (_, text)| {
            (asking + usize::from(asks(text)), all + 1)
        });
        asking * 2 > all || (asking > 1 && asking * 2 == all)
    })
}

/// Whether a heading is a question: by its mark, by how it begins, or numbered and bold.
pub(crate) fn asks(heading: &str) -> bool {
    const BEGINNINGS: [&str; 20] = [
        "how ",
        "what ",
        "why ",
        "when ",
        "where ",
        "which ",
        "who ",
        "can ",
        "should ",
        "is it ",
        "do i ",
        "如何",
        "怎么",
        "怎样",
        "为什么",
        "为何",
        "什么是",
        "是否",
        "能否",
        "哪些",
    ];
    let bold = heading
        .trim_start()
        .strip_prefix("**")
        .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    let text = plain(heading);
    let text = text.trim_end_matches(['"', '”', '」', ')', '）', ' ']);
    let bare = without_numbering(text).to_lowercase();
    let lettered = asked_by_letter(text).is_some();
    bold || lettered || text.ends_with(['?', '？']) || BEGINNINGS.iter().any(|it| bare.starts_with(it))
}

/// A heading that closes an answer, though it may stand on the level of the questions.
pub(crate) fn closes(title: &str) -> bool {
    const CLOSINGS: [&str; 10] = [
        "总结",
        "小结",
        "结语",
        "参考",
        "参考资料",
        "summary",
        "conclusion",
        "references",
        "see also",
        "further reading",
    ];
    CLOSINGS.contains(&without_numbering(title).to_lowercase().as_str())
}

/// A sentence that can stand as the short answer: no list, table, code, picture, or lead-in.
pub(crate) fn is_sentence(text: &str) -> bool {
    const LONGEST: usize = 240;
    let code = text.starts_with('`') && text.ends_with('`');
    let markup = code || text.starts_with(['|', '<', '!', '#', '[']) || lines::is_list_item(text);
    let bare = text.trim_end_matches('*');
    !markup && !bare.ends_with([':', '：']) && text.chars().count() <= LONGEST
}

pub(crate) fn asked_by_letter(line: &str) -> Option<&str> {
    lettered(line, &["Q", "Question", "问", "问题", "提问"])
}

pub(crate) fn answered_by_letter(line: &str) -> Option<&str> {
    lettered(line, &["A", "Answer", "答", "回答", "解答", "答案"])
}

/// The rest of `Q: rest`, `**Q1：** rest`, `问：rest`.
fn lettered<'t>(line: &'t str, letters: &[&str]) -> Option<&'t str> {
    let bold = line.strip_prefix("**").or_else(|| line.strip_prefix("__"));
    let text = bold.unwrap_or(line);
    let letter = letters
        .iter()
        .filter(|it| starts_with_ignoring_case(text, it))
        .max_by_key(|it| it.len())?;
    let rest = text[letter.len()..]
        .trim_start_matches(|it: char| it.is_ascii_digit())
        .trim_start();
    let rest = rest.strip_prefix("**").unwrap_or(rest);
    let rest = rest.strip_prefix([':', '：'])?.trim();
    let rest = rest.strip_prefix("**").unwrap_or(rest).trim();
    match bold {
        // `**Q: text**`: the closing marks belong to the opening ones that went.
        Some(_) if rest.matches("**").count() % 2 == 1 => Some(rest.strip_suffix("**").unwrap_or(rest)),
        _ => Some(rest),
    }
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|it| it.eq_ignore_ascii_case(prefix))
}

/// `8.3 Title`, `1) Title`, `三、标题`, `Q2: Title` -> the title. `1.33 upgrade` is a version.
pub(crate) fn without_numbering(title: &str) -> &str {
    let text = title.trim();
    let text = asked_by_letter(text).filter(|it| !it.is_empty()).unwrap_or(text);
    let digits = text
        .find(|it: char| !it.is_ascii_digit() && it != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    if !number.is_empty() && number.starts_with(|it: char| it.is_ascii_digit()) {
        return without_number(text, number, rest);
    }
    let open = text.trim_start_matches(['（', '(', '第']);
    let numeral = open.trim_start_matches(|it: char| "一二三四五六七八九十百0123456789".contains(it));
    let counted = numeral.len() < open.len();
    let rest = numeral.trim_start_matches(['题', '章', '节', '步']);
    match rest.strip_prefix(['、', '）', ')', '：', ':', '.']) {
        Some(rest) if counted && !rest.trim().is_empty() => rest.trim(),
        _ => text,
    }
}

fn without_number<'t>(text: &'t str, number: &str, rest: &'t str) -> &'t str {
    let parts: Vec<&str> = number.split('.').filter(|it| !it.is_empty()).collect();
    // An address or a large number is part of the title.
    let long = parts.len() > 3 || parts.iter().any(|it| it.len() > 2);
    let version = parts.len() == 2 && parts[0] == "1" && parts[1].len() == 2;
    let stripped = rest.strip_prefix([')', '）', '、', ':', '：']);
    let numbered = stripped.is_some() || number.contains('.');
    let rest = stripped.unwrap_or(rest).trim();
    let glued = stripped.is_none()
        && !number.ends_with('.')
        && text[number.len()..].starts_with(|it: char| !it.is_whitespace() && !is_han(it));
    if long || version || !numbered || glued || rest.is_empty() {
        text
    } else {
        rest
    }
}
