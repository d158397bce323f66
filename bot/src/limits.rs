//! Discord's limits, and the only two ways a text is made to fit them: cut short or split.
//!
//! Lengths are UTF-16 code units: never fewer than the characters that Discord counts, so what
//! fits here fits there. Cuts fall between graphemes; a code fence that is cut is closed and
//! opened again, so that no text can break out of, or into, a code block.

use unicode_segmentation::UnicodeSegmentation;

/// A message's content. Source for all of these: Discord's documentation of messages,
/// components, embeds and application commands, August 2026.
pub const CONTENT: usize = 2000;
/// An embed's title.
pub const TITLE: usize = 256;
/// An embed's description.
pub const DESCRIPTION: usize = 4096;
/// An embed's footer.
pub const FOOTER: usize = 2048;
/// A button's label.
pub const BUTTON: usize = 80;
/// A button's or a select menu's custom id.
pub const CUSTOM_ID: usize = 100;
/// A select option's label, its description, and a completion's name and value.
pub const CHOICE: usize = 100;
/// A select menu's placeholder.
pub const PLACEHOLDER: usize = 150;
/// Options in a select menu, and choices in a completion.
pub const CHOICES: usize = 25;
/// Rows of buttons and menus of a message.
pub const ROWS: usize = 5;
/// Buttons in a row.
pub const BUTTONS_A_ROW: usize = 5;
/// A modal's title and a text input's label.
pub const MODAL: usize = 45;
/// What stands in a text input of a modal while it is empty.
pub const HINT: usize = 100;
/// What a person can type into a text input of a modal.
pub const INPUT: usize = 4000;
/// A link in an embed.
pub const URL: usize = 2048;
/// Files of a message.
pub const FILES: usize = 10;
/// The bytes of all files of a message: below what a server without boosts may upload in one file, so that
/// no single one is too large either.
pub const FILE_BYTES: usize = 8 * 1024 * 1024;
/// A file's name. Discord has no such limit; this one is a file system's.
pub const FILE_NAME: usize = 100;
/// What is said of a file to those who cannot see it.
pub const FILE_ABOUT: usize = 1024;

/// What stands for the part that was cut.
const CUT: &str = "…";

/// The length of `text` as Discord may count it at most.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// `text` if it fits `limit`, else its beginning, ending in an ellipsis, open fences closed.
pub fn clamp(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let Some(room) = limit.checked_sub(length(CUT)) else {
        return String::new();
    };
    let kept = take(text, room);
    match open_fence(kept) {
        None => format!("{kept}{CUT}"),
        Some(fence) => close_cut_fence(text, &fence, limit),
    }
}

/// `text` in pieces of at most `limit`, broken between lines where possible.
///
/// Joined, the pieces are the text again but for the fences closed and opened at a break.
pub fn split(text: &str, limit: usize) -> Vec<String> {
    let mut pages = Pages {
        limit,
        done: Vec::new(),
        page: String::new(),
        fence: None,
    };
    for line in text.lines() {
        pages.push(line);
    }
    pages.finish()
}

/// The pages made so far, and the one being filled.
struct Pages {
    limit: usize,
    done: Vec<String>,
    page: String,
    fence: Option<Fence>,
}

/// An open code fence: what closes it, and the line that opens it again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fence {
    marks: String,
    line: String,
}

impl Pages {
    fn push(&mut self, line: &str) {
        let mut rest = line;
        while self.used(rest) > self.limit {
            if !self.is_fresh() {
                self.turn();
                continue;
            }
            let room = self.limit.saturating_sub(self.used("")).max(1);
            let piece = take(rest, room);
            let piece = if piece.is_empty() { first_char(rest) } else { piece };
            self.add(piece);
            rest = &rest[piece.len()..];
            self.turn();
        }
        if !rest.is_empty() || line.is_empty() {
            self.add(rest);
        }
        self.fence = after_line(self.fence.take(), line);
    }

    /// How long the page would be with `line` on it and its fence closed.
    fn used(&self, line: &str) -> usize {
        let opens = after_line(self.fence.clone(), line);
        let closing = opens
            .or_else(|| self.fence.clone())
            .map_or(0, |fence| length(&fence.marks) + 1);
        length(&self.page) + usize::from(!self.page.is_empty()) + length(line) + closing
    }

    /// True if nothing but a fence opened again stands on the page.
    fn is_fresh(&self) -> bool {
        self.page.is_empty() || self.fence.as_ref().is_some_and(|fence| self.page == fence.line)
    }

    fn add(&mut self, line: &str) {
        if !self.page.is_empty() {
            self.page.push('\n');
        }
        self.page.push_str(line);
    }

    /// Ends the page; a heading that would stand alone at its end goes to the next one.
    fn turn(&mut self) {
        let carried = self.take_last_heading();
        if let Some(fence) = &self.fence {
            self.page.push('\n');
            self.page.push_str(&fence.marks);
        }
        let page = std::mem::take(&mut self.page);
        if !page.trim().is_empty() {
            self.done.push(page.trim_matches('\n').to_owned());
        }
        if let Some(fence) = &self.fence {
            self.page = fence.line.clone();
        }
        if let Some(heading) = carried {
            self.add(&heading);
        }
    }

    fn take_last_heading(&mut self) -> Option<String> {
        if self.fence.is_some() {
            return None;
        }
        let trimmed = self.page.trim_end();
        let (before, last) = trimmed.rsplit_once('\n')?;
        let is_heading = last.starts_with('#') || (last.starts_with("**") && last.ends_with("**"));
        if !is_heading || before.trim().is_empty() {
            return None;
        }
        let heading = last.to_owned();
        self.page.truncate(before.len());
        Some(heading)
    }

    fn finish(mut self) -> Vec<String> {
        // An author may have forgotten to close the last fence.
        if let Some(fence) = self.fence.take() {
            self.page.push('\n');
            self.page.push_str(&fence.marks);
        }
        if !self.page.trim().is_empty() {
            self.done.push(self.page.trim_matches('\n').to_owned());
        }
        self.done
    }
}

/// The longest beginning of `text` of at most `limit`, cut between graphemes.
fn take(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += length(grapheme);
        if used > limit {
            return if at == 0 {
                take_chars(text, limit)
            } else {
                &text[..at]
            };
        }
    }
    text
}

/// For a single grapheme longer than the limit (marks stacked a thousand high).
fn take_chars(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.len_utf16();
        if used > limit {
            return &text[..at];
        }
    }
    text
}

fn first_char(text: &str) -> &str {
    let end = text.chars().next().map_or(0, char::len_utf8);
    &text[..end]
}

fn close_cut_fence(text: &str, fence: &Fence, limit: usize) -> String {
    let closing = format!("\n{CUT}\n{}", fence.marks);
    let Some(room) = limit.checked_sub(length(&closing)) else {
        return String::new();
    };
    let kept = take(text, room);
    match open_fence(kept) {
        Some(_) => format!("{kept}{closing}"),
        // The shorter cut fell before the fence was opened.
        None => format!("{}{CUT}", kept.trim_end()),
    }
}

/// The fence that is open at the end of `text`.
fn open_fence(text: &str) -> Option<Fence> {
    text.lines().fold(None, after_line)
}

/// The fence that is open after `line`.
fn after_line(open: Option<Fence>, line: &str) -> Option<Fence> {
    let bare = line.trim_start_matches([' ', '\t']);
    let mark = bare.chars().next().filter(|mark| matches!(mark, '`' | '~'));
    let Some(mark) = mark else { return open };
    let marks: String = bare.chars().take_while(|character| *character == mark).collect();
    // Longer ones nobody writes, and they would leave no room for text on a page.
    if !(3..=10).contains(&marks.len()) {
        return open;
    }
    match open {
        None if mark == '`' && bare[marks.len()..].contains('`') => None,
        None => {
            let line = if length(line) <= 40 {
                line.to_owned()
            } else {
                marks.clone()
            };
            Some(Fence { marks, line })
        }
        Some(fence) => {
            let closes = marks.starts_with(&fence.marks) && bare[marks.len()..].trim().is_empty();
            (!closes).then_some(fence)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_alone() {
        assert_eq!(clamp("节点", 2), "节点");
        assert_eq!(split("a\n\nb", 10), ["a\n\nb"]);
    }

    #[test]
    fn a_cut_never_falls_inside_a_grapheme() {
        let family = "👩‍👩‍👧‍👦";
        assert_eq!(clamp(&format!("ab{family}"), 6), "ab…");
        for page in split(&family.repeat(20), 30) {
            assert_eq!(page.len() % family.len(), 0);
        }
    }

    #[test]
    fn a_fence_that_is_split_is_closed_and_opened_again() {
        let text = format!("before\n```bash\n{}```\nafter", "kubectl get pods\n".repeat(6));
        let pages = split(&text, 60);
        assert!(pages.len() > 1);
        for page in &pages {
            assert!(length(page) <= 60, "{page}");
            assert_eq!(open_fence(page), None, "{page}");
        }
        assert!(pages[1].starts_with("```bash\n"));
        let joined = pages.join("\n");
        assert_eq!(joined.matches("kubectl get pods").count(), 6);
    }

    #[test]
    fn a_fence_that_is_cut_short_is_closed() {
        let cut = clamp(&format!("```bash\n{}", "x".repeat(100)), 40);
        assert!(cut.ends_with("\n…\n```"), "{cut}");
        assert!(length(&cut) <= 40);
    }

    #[test]
    fn a_heading_goes_with_the_text_below_it() {
        let pages = split("one two three\n## Next\nfour five six", 24);
        assert_eq!(pages, ["one two three", "## Next\nfour five six"]);
    }

    #[test]
    fn a_grapheme_longer_than_the_limit_is_still_split() {
        let stacked = format!("a{}", "\u{301}".repeat(500));
        let pages = split(&stacked, 100);
        assert!(pages.iter().all(|page| length(page) <= 100));
        assert_eq!(pages.concat(), stacked);
    }

    #[test]
    fn nothing_is_lost_and_nothing_is_too_long_whatever_the_text() {
        let lines = [
            "",
            "```",
            "~~~yaml",
            "# 标题",
            "长".repeat(90).as_str(),
            "a b c",
            "````md",
            "👍🏽👍🏽",
        ]
        .map(str::to_owned);
        let mut seed = 7_u64;
        for _ in 0..300 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                text.push_str(&lines[(seed >> 33) as usize % lines.len()]);
                text.push('\n');
            }
            let pages = split(&text, 50);
            assert!(pages.iter().all(|page| length(page) <= 50), "{text}\n{pages:#?}");
            let kept = |text: &str| text.matches(['长', 'b', '题']).count();
            assert_eq!(pages.iter().map(|page| kept(page)).sum::<usize>(), kept(&text));
        }
    }
}
