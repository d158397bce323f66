//! Every sentence that a person reads, English and Chinese side by side.
//!
//! A sentence says what happened, then what to do next. What a person typed stands in backticks.

pub mod answer;
pub mod audit;
pub mod change;
pub mod check;
pub mod doctor;
pub mod document;
pub mod evaluate;
pub mod event;
pub mod feedback;
pub mod label;
pub mod lint;
pub mod live;
pub mod no;
pub mod refused;
pub mod settings;
pub mod shell;
pub mod terminal;
pub mod usage;

use firstmate_kb::Lang;

/// One of the two, by language.
pub(crate) fn pick<T>(lang: Lang, en: T, zh: T) -> T {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// What the system, or the connection to Discord, says why something did not work.
pub(crate) fn reason(lang: Lang, why: &str) -> String {
    let known = REASONS.iter().find(|(en, _)| why.starts_with(en));
    match (lang, known) {
        (Lang::Zh, Some((_, zh))) => (*zh).to_owned(),
        _ => why.to_owned(),
    }
}

/// How the reasons begin that people meet, and what they are in Chinese. Any other stays as it is.
const REASONS: &[(&str, &str)] = &[
    ("entity not found", "文件或目录不存在"),
    ("No such file or directory", "文件或目录不存在"),
    ("permission denied", "没有权限"),
    ("Permission denied", "没有权限"),
    ("is a directory", "是目录，不是文件"),
    ("Is a directory", "是目录，不是文件"),
    ("not a directory", "不是目录"),
    ("Not a directory", "不是目录"),
    ("stream did not contain valid UTF-8", "不是合法的 UTF-8"),
    ("the connection failed", "连接失败"),
    ("no answer in time", "未及时应答"),
];

/// What a person typed, as code on one line: it can break out of nothing and mention nobody.
pub(crate) fn quoted(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|character| !is_unseen(*character))
        .map(|character| if character == '`' { 'ˋ' } else { character })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let shown = crate::limits::clamp(&words.join(" "), 120);
    if shown.is_empty() {
        "` `".to_owned()
    } else {
        format!("`{shown}`")
    }
}

/// Control characters and marks of writing direction, which could show a text as another.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_inside_its_backticks() {
        assert_eq!(quoted("a ```b``` \n@everyone\u{202e}"), "`a ˋˋˋbˋˋˋ @everyone`");
        assert_eq!(quoted(" \u{200b}"), "` `");
    }
}
