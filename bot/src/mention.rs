//! Who is mentioned in a text, as Discord writes it.

/// What a message asks: who is mentioned in it is no part of that.
pub fn without_mentions(text: &str) -> String {
    let text = without_word(&without_word(text, "@everyone"), "@here");
    let (mut said, mut rest) = (String::new(), text.as_str());
    while let Some(at) = rest.find('<') {
        said += &rest[..at];
        let length = mention(&rest[at..]);
        said.push(if length.is_some() { ' ' } else { '<' });
        rest = &rest[at + length.unwrap_or(1)..];
    }
    (said + rest).trim().to_owned()
}

/// The length of the mention that a text begins with: of a person, a role or a channel.
fn mention(text: &str) -> Option<usize> {
    let end = text.find('>')?;
    let signs = ["<@!", "<@&", "<@", "<#"];
    let id = signs.iter().find_map(|sign| text[..end].strip_prefix(sign))?;
    (!id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit())).then_some(end + 1)
}

/// A text without a word that stands by itself: not in an address or a longer one.
fn without_word(text: &str, word: &str) -> String {
    let (mut left, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let is_part = before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        left += before;
        left += if is_part { word } else { " " };
        rest = after;
    }
    left + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_no_part_of_a_question() {
        for (text, asked) in [
            ("<@12> why?", "why?"),
            ("<@!12> is <@&3> down in <#4>, @here", "is   down in  ,"),
            (
                "@everyone <pod> at x@here.example a < b <@x> <@>",
                "<pod> at x@here.example a < b <@x> <@>",
            ),
            ("节点<@1>挂了", "节点 挂了"),
            ("<@12", "<@12"),
        ] {
            assert_eq!(without_mentions(text), asked, "{text}");
        }
    }
}
