//! Writes down what a person sees: messages, buttons, menus, boxes, in the form of a transcript.

use serde_json::Value;

/// Where a message stands, and what was done to it, in the order in which a transcript says so.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    /// The only person who sees it.
    pub(super) only: Option<String>,
    /// In a direct message.
    pub(super) direct: bool,
    /// In the thread of this name.
    pub(super) thread: Option<String>,
    /// The number of the message it answers.
    pub(super) answers: Option<u64>,
    /// Its own number, if it was there before and changed.
    pub(super) edited: Option<u64>,
    /// Its own number, if it is gone.
    pub(super) deleted: Option<u64>,
}

impl About {
    /// `bot`, and in a bracket what is special.
    fn prefix(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.only.iter().map(|who| format!("only {who}")));
        parts.extend(self.direct.then(|| "dm".to_owned()));
        parts.extend(self.thread.iter().map(|name| format!("thread \"{name}\"")));
        parts.extend(self.answers.map(|number| format!("re {number}")));
        parts.extend(self.edited.map(|number| format!("edited {number}")));
        parts.extend(self.deleted.map(|number| format!("deleted {number}")));
        if parts.is_empty() {
            "bot".to_owned()
        } else {
            format!("bot ({})", parts.join(", "))
        }
    }
}

/// A message of the bot's, as lines of a transcript. `content` gives a file's bytes by its id.
pub(super) fn message(
    message: &Value,
    about: &About,
    content: impl Fn(&str) -> Option<Vec<u8>>,
) -> Vec<String> {
    let prefix = about.prefix();
    if about.deleted.is_some() {
        return vec![format!("{prefix}>")];
    }
    let mut lines = Vec::new();
    let text = message["content"].as_str().unwrap_or_default();
    lines.extend(text.lines().map(|line| format!("{prefix}> {line}")));
    for embed in items(&message["embeds"]) {
        lines.extend(embed_lines(embed).iter().map(|line| format!("{prefix} | {line}")));
    }
    for file in items(&message["attachments"]) {
        lines.push(format!(
            "{prefix}> {}",
            file_line(file, content(text_of(file, "id")))
        ));
    }
    lines.extend(items(&message["components"]).map(|row| format!("{prefix}> {}", row_line(row))));
    if lines.is_empty() {
        lines.push(format!("{prefix}> (thinking)"));
    }
    lines
        .iter()
        .map(|line| format!("  {}", replace(line.trim_end())))
        .collect()
}

/// A picture by what is said of it, a text by its lines, anything else by its size.
fn file_line(file: &Value, bytes: Option<Vec<u8>>) -> String {
    let about = text_of(file, "description");
    if text_of(file, "content_type").starts_with("image/") && !about.is_empty() {
        return format!("{{chart: {about}}}");
    }
    let name = text_of(file, "filename");
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => format!("{{file: {name}, {} lines}}", text.lines().count()),
        _ => format!("{{file: {name}, {} bytes}}", file["size"]),
    }
}

/// The box that opened before a person.
pub(super) fn modal(title: &str, components: &Value) -> String {
    let fields: Vec<&str> = fields(components).map(|field| text_of(field, "label")).collect();
    match fields.as_slice() {
        [only] if *only == title => format!("  {{modal: {title}}}"),
        _ => format!("  {{modal: {title}: {}}}", fields.join(" | ")),
    }
}

/// The controls in the rows of a message or a box.
pub(super) fn fields(components: &Value) -> impl Iterator<Item = &Value> {
    items(components).flat_map(|row| items(&row["components"]))
}

/// What completion offers.
pub(super) fn choices(names: &[String]) -> String {
    format!("  {{choices: {}}}", names.join(" | "))
}

fn embed_lines(embed: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for key in ["title", "description"] {
        lines.extend(text_of(embed, key).lines().map(str::to_owned));
    }
    for field in items(&embed["fields"]) {
        lines.push(format!("{}:", text_of(field, "name")));
        lines.extend(text_of(field, "value").lines().map(str::to_owned));
    }
    lines.extend(text_of(&embed["footer"], "text").lines().map(str::to_owned));
    lines
}

fn row_line(row: &Value) -> String {
    let parts: Vec<String> = items(&row["components"]).map(component).collect();
    parts.join(" ")
}

fn component(component: &Value) -> String {
    if component["type"] != 2 {
        let options: Vec<&str> = items(&component["options"])
            .map(|option| text_of(option, "label"))
            .collect();
        return format!(
            "{{menu: {}: {}}}",
            text_of(component, "placeholder"),
            options.join(" | ")
        );
    }
    let label = text_of(component, "label");
    match (component["style"].as_u64(), component["disabled"].as_bool()) {
        (Some(5), _) => format!("[{label} ->]"),
        (_, Some(true)) => format!("[{label} -]"),
        _ => format!("[{label}]"),
    }
}

/// A list's items; nothing's are none.
pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// A text; nothing's is empty.
pub(super) fn text_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Ids, ports and digests, which another run need not repeat.
fn replace(line: &str) -> String {
    let line = without_digests(line);
    let mut out = String::new();
    let mut digits = String::new();
    for character in line.chars().chain(std::iter::once('\n')) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let is_port = out.ends_with("127.0.0.1:") && !digits.is_empty();
        match digits.len() {
            _ if is_port => out.push_str("<port>"),
            17..=20 => out.push_str("<id>"),
            _ => out.push_str(&digits),
        }
        digits.clear();
        out.push(character);
    }
    out.pop();
    out
}

/// The shortest beginning of a digest that is shown.
const DIGEST: usize = 12;

/// Words of hexadecimal digits, digits and letters, that are too long to be anything else.
fn without_digests(line: &str) -> String {
    let is_hex = |character: char| matches!(character, '0'..='9' | 'a'..='f');
    let mut out = String::new();
    let mut word = String::new();
    for character in line.chars().chain(std::iter::once('\n')) {
        // A uid is hexadecimal too, and known by its dashes.
        if character.is_ascii_alphanumeric() || character == '-' {
            word.push(character);
            continue;
        }
        let is_digest = word.len() >= DIGEST
            && word.chars().all(is_hex)
            && word.contains(|it: char| it.is_ascii_digit())
            && word.contains(|it: char| it.is_ascii_alphabetic());
        out.push_str(if is_digest { "<hash>" } else { &word });
        word.clear();
        out.push(character);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn a_message_is_written_as_a_person_sees_it() {
        let written = message(
            &json!({
                "content": "one\ntwo 1300000000000000001",
                "embeds": [{"title": "T", "description": "a\n\nb", "footer": {"text": "f"}}],
                "components": [
                    {"components": [{"type": 2, "label": "Yes", "style": 1}, {"type": 2, "label": "No", "disabled": true}, {"type": 2, "label": "Doc", "style": 5}]},
                    {"components": [{"type": 3, "placeholder": "Pod", "options": [{"label": "web-1"}, {"label": "web-2"}]}]},
                ],
            }),
            &About {
                only: Some("lin".to_owned()),
                answers: Some(3),
                edited: Some(4),
                ..About::default()
            },
            |_| None,
        );
        // The indent of replies is the test's to see, since `expect!` takes it away.
        assert!(written.iter().all(|line| line.starts_with("  bot")));
        let indented: Vec<&str> = written.iter().map(|line| line.trim_start()).collect();
        expect![[r#"
              bot (only lin, re 3, edited 4)> one
              bot (only lin, re 3, edited 4)> two <id>
              bot (only lin, re 3, edited 4) | T
              bot (only lin, re 3, edited 4) | a
              bot (only lin, re 3, edited 4) |
              bot (only lin, re 3, edited 4) | b
              bot (only lin, re 3, edited 4) | f
              bot (only lin, re 3, edited 4)> [Yes] [No -] [Doc ->]
              bot (only lin, re 3, edited 4)> {menu: Pod: web-1 | web-2}"#]]
        .assert_eq(&indented.join("\n"));
    }

    #[test]
    fn files_are_told_by_what_is_in_them() {
        let written = message(
            &json!({"attachments": [
                {"id": "1", "filename": "events.txt", "content_type": "text/plain; charset=utf-8", "size": 6},
                {"id": "2", "filename": "top.png", "content_type": "image/png", "size": 900, "description": "top nodes, 5 bars"},
                {"id": "3", "filename": "core.bin", "content_type": "application/octet-stream", "size": 3},
            ]}),
            &About::default(),
            |id| {
                (id != "2").then(|| {
                    if id == "1" {
                        b"a\nb\nc\n".to_vec()
                    } else {
                        vec![0xFF, 0xFE, 0xFD]
                    }
                })
            },
        );
        let told = [
            "{file: events.txt, 3 lines}",
            "{chart: top nodes, 5 bars}",
            "{file: core.bin, 3 bytes}",
        ];
        assert_eq!(written, told.map(|line| format!("  bot> {line}")));
    }
}
