//! What a person typed, on its way to a document: refused at the door with the place, or as it is kept.

use firstmate_kb::Lang;

use super::no::{No, Part};
use super::version::Text;
use crate::limits;
use crate::redact::redact;

/// How long a question may be, in characters.
pub const QUESTION: usize = 200;
/// How long a short answer may be: longer ones are not read as one.
pub const SHORT: usize = 240;
/// How long the details may be, from a file.
pub const DETAILS: usize = 100_000;
/// How long a reason may be.
pub const REASON: usize = 400;

/// A text that may become a document.
///
/// # Errors
/// If it is not in the form, or holds a secret.
pub fn read(question: &str, short: &str, details: &str) -> Result<Text, No> {
    let question = line(question.trim_start_matches(['#', ' ']));
    let short = line(short);
    let details = lines(details);
    let must_have = |part, text: &str, most| match text.chars().count() {
        _ if !text.chars().any(char::is_alphanumeric) => Err(No::Empty { part }),
        length if length > most => Err(No::Long { part, most }),
        _ => Ok(()),
    };
    must_have(Part::Question, &question, QUESTION)?;
    must_have(Part::Short, &short, SHORT)?;
    must_have(Part::Details, &details, DETAILS)?;
    for (part, text) in [
        (Part::Question, &question),
        (Part::Short, &short),
        (Part::Details, &details),
    ] {
        if let Some(line) = secret_in(text) {
            return Err(No::Secret { part, line });
        }
    }
    // A label at the end of one part may be of a value at the beginning of the next.
    let first = details.lines().next().unwrap_or_default();
    if secret_in(&format!("{question} {short} {first}")).is_some() {
        let part = Part::Short;
        return Err(No::Secret { part, line: 1 });
    }
    let lang = Lang::of_text(&question).ok_or(No::Empty { part: Part::Question })?;
    let text = Text {
        lang,
        question,
        short,
        details,
    };
    is_one_question(&text)?;
    Ok(text)
}

/// A Markdown file in the form of the bundled documents: title, short answer, details; and the version that it says
/// it was.
///
/// # Errors
/// If it is not in the form, or holds a secret.
pub fn read_file(text: &str) -> Result<(Text, Option<i64>), No> {
    let text = lines(text.strip_prefix('\u{feff}').unwrap_or(text));
    let (matter, body) = front_matter(&text);
    let body = body.trim_start_matches('\n');
    let (title, rest) = match body.split_once('\n').unwrap_or((body, "")) {
        (first, rest) if first.starts_with("# ") => (first.to_owned(), rest),
        _ => (of(matter, "title").ok_or(No::NoTitle)?, body),
    };
    let rest = rest.trim_start_matches('\n');
    let (short, details) = match of(matter, "short") {
        Some(short) => (short, rest),
        None => {
            if rest.trim().is_empty() {
                return Err(No::NoShort);
            }
            let (short, details) = rest.split_once("\n\n").unwrap_or((rest, ""));
            (short.to_owned(), details)
        }
    };
    let version = of(matter, "version").and_then(|version| version.parse().ok());
    let version = version.filter(|version| *version > 0);
    Ok((read(&title, &short, details)?, version))
}

/// Why something is so, on one line, without secrets.
///
/// # Errors
/// If there is nothing, or too much of it.
pub fn reason(text: &str) -> Result<String, No> {
    let reason = line(text);
    let part = Part::Reason;
    match reason.chars().count() {
        _ if !reason.chars().any(char::is_alphanumeric) => Err(No::Empty { part }),
        length if length > REASON => Err(No::Long { part, most: REASON }),
        _ => Ok(redact(&reason).into_owned()),
    }
}

/// The line of a text, from 1, in which a secret begins.
fn secret_in(text: &str) -> Option<usize> {
    let clean = redact(text);
    if clean == text {
        return None;
    }
    let same = text.lines().zip(clean.lines()).take_while(|(a, b)| a == b);
    Some(same.count() + 1)
}

/// It is searched as it is written, so it must be read as it was meant: one question, its short answer, its details.
fn is_one_question(text: &Text) -> Result<(), No> {
    let written = text.markdown("x", 1);
    let (questions, open) = firstmate_kb::outline(&written);
    // Above the details stand front matter, title and short answer.
    let above = written.len() - text.details.trim_end().len() - 1;
    let above = u32::try_from(written[..above].lines().count()).unwrap_or(0);
    if let Some(line) = open.first() {
        return Err(No::OpenFence {
            line: line.saturating_sub(above).max(1),
        });
    }
    match questions.as_slice() {
        [only] if only.short.is_some() => Ok(()),
        [_] => Err(No::ShortForm),
        _ => Err(No::Several),
    }
}

/// One line, without what cannot be seen.
fn line(text: &str) -> String {
    let seen = |it: &char| it.is_whitespace() || !crate::text::is_unseen(*it);
    let seen: String = text.chars().filter(seen).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    words.join(" ")
}

/// The same lines, without what cannot be seen, and without white space around all of it.
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let seen = |it: &char| matches!(it, '\n' | '\t') || !crate::text::is_unseen(*it);
    let seen: String = text.chars().filter(seen).collect();
    seen.trim_end().trim_start_matches('\n').to_owned()
}

/// The lines between two of `---` at the top, and the rest.
fn front_matter(text: &str) -> (&str, &str) {
    let Some(inner) = text.strip_prefix("---\n") else {
        return ("", text);
    };
    inner.split_once("\n---\n").unwrap_or(("", text))
}

fn of(matter: &str, key: &str) -> Option<String> {
    let mut values = matter.lines().filter_map(|line| line.split_once(':'));
    let value = values.find(|(name, _)| name.trim() == key)?.1.trim();
    let value = value.trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether a text fits into a box.
pub fn fits_box(text: &str) -> bool {
    limits::length(text) <= limits::INPUT
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETAILS_EN: &str = "## 1. Look\n\n```bash\nkubectl get nodes\n```\n";

    #[test]
    fn a_text_is_kept_as_it_was_written() {
        let text = read(
            "# How do I drain\n a node?",
            "  Cordon it,\nthen drain. ",
            DETAILS_EN,
        )
        .unwrap();
        assert_eq!(text.question, "How do I drain a node?");
        assert_eq!(text.short, "Cordon it, then drain.");
        assert_eq!(text.details, DETAILS_EN.trim_end());
        assert_eq!(text.lang, Lang::En);
        assert_eq!(
            read("节点 NotReady", "看 kubelet。", "先登录节点。")
                .unwrap()
                .lang,
            Lang::Zh
        );
    }

    #[test]
    fn what_is_missing_or_too_long_is_named() {
        let no = |question: &str, short: &str, details: &str| read(question, short, details).unwrap_err();
        let (question, short, details) = (Part::Question, Part::Short, Part::Details);
        assert_eq!(no(" \u{202e}", "a", "b"), No::Empty { part: question });
        assert_eq!(no("why?", "。", "b"), No::Empty { part: short });
        assert_eq!(no("why?", "a", "\n\n"), No::Empty { part: details });
        let long = "长".repeat(DETAILS + 1);
        assert_eq!(
            no("why?", "a", &long),
            No::Long {
                part: details,
                most: DETAILS
            }
        );
        assert_eq!(
            no(&long, "a", "b"),
            No::Long {
                part: question,
                most: QUESTION
            }
        );
    }

    #[test]
    fn a_secret_is_refused_with_its_place() {
        let details = "## Log in\n\nUse this:\npassword: hunter2-Xk93jdk2\n";
        let part = Part::Details;
        let refused = read("How do I log in?", "With a password.", details).unwrap_err();
        assert_eq!(refused, No::Secret { part, line: 4 });
        let parted = |question: &str, short: &str, details: &str| read(question, short, details).unwrap_err();
        let over = No::Secret {
            part: Part::Short,
            line: 1,
        };
        assert_eq!(
            parted("What is the root password:", "hunter2-Xk93jdk2!", "Ask ming."),
            over
        );
        assert_eq!(
            parted("How do I log in?", "The password is:", "hunter2-Xk93jdk2!"),
            over
        );
    }

    #[test]
    fn what_would_be_read_otherwise_is_refused() {
        let several = "## Why does it fail?\n\nThis.\n\n## How is it mended?\n\nThat.\n";
        assert_eq!(read("Node trouble", "Look.", several), Err(No::Several));
        assert!(read("What about node trouble?", "Look.", several).is_ok());
        let open = "Look:\n```\nkubectl\n";
        assert_eq!(read("Why?", "Look.", open), Err(No::OpenFence { line: 2 }));
        assert_eq!(read("Why?", "- one", "text"), Err(No::ShortForm));
    }

    #[test]
    fn a_file_is_read_in_the_form_of_the_bundled_ones() {
        let text = read("How do I drain a node?", "Cordon it first.", DETAILS_EN).unwrap();
        assert_eq!(read_file(&text.markdown("kb-1", 4)), Ok((text.clone(), Some(4))));
        let other = "---\ntitle: \"How do I drain a node?\"\nshort: Cordon it first.\n---\n## 1. Look\n\n```bash\nkubectl get nodes\n```\n";
        assert_eq!(read_file(other), Ok((text, None)));
        assert_eq!(read_file("no title"), Err(No::NoTitle));
        assert_eq!(read_file("# Why?\n\n"), Err(No::NoShort));
        let without = Err(No::Empty { part: Part::Details });
        assert_eq!(
            read_file("# Why?\nonly this"),
            without,
            "it is short enough; nothing is below"
        );
    }
}
