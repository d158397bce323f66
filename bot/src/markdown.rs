//! A document's Markdown as Discord shows it.
//!
//! Discord knows no tables, no images, no HTML and only three levels of headings, which are too
//! loud for a card. Everything else stays as written; code blocks are not touched.

/// `markdown`, fit for a card.
pub fn for_discord(markdown: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut fence: Option<String> = None;
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim_start();
        if let Some(marks) = fence_marks(bare) {
            fence = match fence {
                None => Some(marks),
                Some(open) if marks.starts_with(&open) => None,
                open => open,
            };
            out.push(line.to_owned());
        } else if fence.is_some() {
            out.push(line.to_owned());
        } else if is_table(bare) && lines.peek().is_some_and(|next| is_rule(next.trim())) {
            out.push("```text".to_owned());
            out.push(row(bare));
            lines.next();
            while let Some(next) = lines.next_if(|next| is_table(next.trim_start())) {
                out.push(row(next.trim_start()));
            }
            out.push("```".to_owned());
        } else {
            out.push(plain_line(line));
        }
    }
    squeeze(&out)
}

fn plain_line(line: &str) -> String {
    let bare = line.trim_start();
    let level = bare.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&level) && bare[level..].starts_with(' ') {
        return bold(&bare[level..]);
    }
    let is_tag = bare.starts_with('<') && bare.ends_with('>') && !bare.contains("://") && is_known_tag(bare);
    if is_tag {
        // What a tag holds on its own line is a text all the same: the heading of what `<details>` folds.
        let text = without_tags(bare);
        let heads = bare.contains("<summary") && !text.is_empty();
        return if heads { bold(&text) } else { text };
    }
    line.replace("![", "[")
}

fn without_tags(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    text.trim().to_owned()
}

/// A heading as a bold line.
pub fn bold(heading: &str) -> String {
    let heading = heading.trim().trim_end_matches('#').trim().replace("**", "");
    format!("**{heading}**")
}

fn is_known_tag(line: &str) -> bool {
    let name: String = line
        .trim_start_matches(['<', '/', '!'])
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    line.starts_with("<!--")
        || matches!(
            name.as_str(),
            "details" | "summary" | "br" | "p" | "div" | "hr" | "center" | "a"
        )
}

fn fence_marks(bare: &str) -> Option<String> {
    let mark = bare.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let marks: String = bare.chars().take_while(|character| *character == mark).collect();
    (marks.len() >= 3).then_some(marks)
}

fn is_table(bare: &str) -> bool {
    bare.starts_with('|') && bare.trim_end().ends_with('|') && bare.len() > 2
}

fn is_rule(bare: &str) -> bool {
    is_table(bare)
        && bare
            .chars()
            .all(|character| matches!(character, '|' | '-' | ':' | ' '))
}

fn row(bare: &str) -> String {
    let cells = bare
        .trim()
        .trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().replace('`', ""));
    cells.collect::<Vec<_>>().join("  ")
}

/// The lines without runs of empty ones outside of code, and none at either end.
fn squeeze(lines: &[String]) -> String {
    let mut out = String::new();
    let mut in_fence = false;
    let mut empty = 0;
    for line in lines {
        if fence_marks(line.trim_start()).is_some() {
            in_fence = !in_fence;
        }
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if in_fence || empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim_matches('\n').trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_a_tag_holds_is_not_hidden() {
        let shown = for_discord("<details>\n<summary>Run `x`</summary>\n\ninside\n</details>\n<p>said</p>\n");
        expect![[r"
            **Run `x`**

            inside

            said"]]
        .assert_eq(&shown);
    }

    #[test]
    fn headings_become_bold_and_tables_become_text() {
        let shown = for_discord(
            "#### **Step** one\n\n\n<details>\ntext ![p](u)\n| a | `b` |\n|---|:-:|\n| 1 | 2 |\n```bash\n# not a heading\n| x |\n|---|\n```\n",
        );
        expect![[r"
            **Step one**

            text [p](u)
            ```text
            a  b
            1  2
            ```
            ```bash
            # not a heading
            | x |
            |---|
            ```"]]
        .assert_eq(&shown);
    }

    #[test]
    fn a_placeholder_is_no_tag() {
        assert_eq!(for_discord("<node-name>"), "<node-name>");
    }
}
