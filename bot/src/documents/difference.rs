//! What differs between two texts, line by line, in the unified form that reviewers know.

/// So many lines around a change are shown.
const AROUND: usize = 3;
/// Beyond so many pairs of lines the table would not fit: what differs is shown as one piece.
const MOST: usize = 4_000_000;

/// A line of one text, of the other, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'t> {
    Same(&'t str),
    Old(&'t str),
    New(&'t str),
}

/// What makes `new` of `old`; empty if they are the same.
pub fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = lines(&old, &new);
    let near = near(&lines);
    let mut text = String::new();
    let (mut at_old, mut at_new) = (1, 1);
    for (at, line) in lines.iter().enumerate() {
        if near[at] && (at == 0 || !near[at - 1]) {
            text.push_str(&format!("@@ -{at_old} +{at_new} @@\n"));
        }
        let (mark, words) = match line {
            Line::Same(words) => (' ', words),
            Line::Old(words) => ('-', words),
            Line::New(words) => ('+', words),
        };
        if near[at] {
            text.push(mark);
            text.push_str(words);
            text.push('\n');
        }
        at_old += usize::from(mark != '+');
        at_new += usize::from(mark != '-');
    }
    text
}

/// Which lines are changes, or stand near one.
fn near(lines: &[Line<'_>]) -> Vec<bool> {
    let mut near = vec![false; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        if !matches!(line, Line::Same(_)) {
            let end = lines.len().min(at + AROUND + 1);
            near[at.saturating_sub(AROUND)..end].fill(true);
        }
    }
    near
}

/// Both texts as one list of lines, the longest common part of them as such.
fn lines<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let backwards = old_rest.iter().rev().zip(new_rest.iter().rev());
    let tail = backwards.take_while(|(a, b)| a == b).count();
    let (old_mid, new_mid) = (
        &old_rest[..old_rest.len() - tail],
        &new_rest[..new_rest.len() - tail],
    );
    let mut lines: Vec<Line<'t>> = old[..head].iter().map(|it| Line::Same(it)).collect();
    match old_mid.len() * new_mid.len() > MOST {
        true => {
            lines.extend(old_mid.iter().map(|it| Line::Old(it)));
            lines.extend(new_mid.iter().map(|it| Line::New(it)));
        }
        false => middle(old_mid, new_mid, &mut lines),
    }
    lines.extend(old_rest[old_rest.len() - tail..].iter().map(|it| Line::Same(it)));
    lines
}

/// The usual table: how many lines the rests have in common.
fn middle<'t>(old: &[&'t str], new: &[&'t str], lines: &mut Vec<Line<'t>>) {
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a * width + b] = match old[a] == new[b] {
                true => common[(a + 1) * width + b + 1] + 1,
                false => common[(a + 1) * width + b].max(common[a * width + b + 1]),
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        let takes_old = b == new.len()
            || (a < old.len()
                && old[a] != new[b]
                && common[(a + 1) * width + b] >= common[a * width + b + 1]);
        if a < old.len() && b < new.len() && old[a] == new[b] {
            lines.push(Line::Same(old[a]));
            (a, b) = (a + 1, b + 1);
        } else if takes_old {
            lines.push(Line::Old(old[a]));
            a += 1;
        } else {
            lines.push(Line::New(new[b]));
            b += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn changes_are_shown_with_what_stands_around_them() {
        let old: String = (1..=12).map(|it| format!("line {it}\n")).collect();
        let new = old
            .replace("line 6\n", "line six\nand a half\n")
            .replace("line 12\n", "");
        expect![[r#"
            @@ -3 +3 @@
             line 3
             line 4
             line 5
            -line 6
            +line six
            +and a half
             line 7
             line 8
             line 9
             line 10
             line 11
            -line 12
        "#]]
        .assert_eq(&unified(&old, &new));
        assert_eq!(unified(&old, &old), "");
    }

    #[test]
    fn what_is_far_apart_is_shown_apart() {
        let old: String = (1..=30).map(|it| format!("{it}\n")).collect();
        let new = old.replace("\n2\n", "\ntwo\n").replace("\n29\n", "\n");
        let heads = unified(&old, &new);
        let heads: Vec<&str> = heads.lines().filter(|line| line.starts_with("@@")).collect();
        assert_eq!(heads, ["@@ -1 +1 @@", "@@ -26 +26 @@"]);
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_shown_whole() {
        let old: String = (0..3000).map(|it| format!("a{it}\n")).collect();
        let new: String = (0..3000).map(|it| format!("b{it}\n")).collect();
        assert_eq!(unified(&old, &new).lines().count(), 6001);
    }
}
