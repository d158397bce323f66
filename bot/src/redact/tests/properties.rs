//! What holds for any text.

use super::*;

/// Pieces that texts are made of by chance: what the rules look for, and what gets in their way.
const PIECES: [&str; 64] = [
    "password",
    "token",
    "secret: ",
    "=",
    ": ",
    ":",
    "\"",
    "'",
    "\\\"",
    "\\n",
    "\n",
    " ",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&",
    "://",
    "@",
    "user",
    "hunter2X9",
    "-----BEGIN RSA ",
    "PRIVATE KEY-----",
    "-----END RSA ",
    "data:\n",
    "kind: Secret\n",
    "stringData:\n  ",
    "\"data\":{",
    "\"kind\":\"Secret\"",
    "Authorization: ",
    "Bearer ",
    "Basic ",
    "Cookie: ",
    "a=b; ",
    "eyJhbGciOi",
    ".",
    "AKIA",
    "ghp_",
    "密码",
    "：",
    "是",
    "é",
    "\u{1F512}",
    "\u{0}",
    "\u{202E}",
    "\r\n",
    "--password ",
    "-p",
    "mysql ",
    "curl -u ",
    "- name: DB_PASSWORD\n",
    "  value: ",
    "|\n    ",
    "<password>",
    "</password>",
    "[redacted:",
    "[redacted:token]",
    "]",
    "$(",
    "${X}",
    "Ab3dEf6hIj9k",
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJz",
];

fn text(seed: u64) -> String {
    let mut chance = Chance::new(seed);
    let pieces = 1 + chance.below(40);
    (0..pieces).map(|_| *chance.pick(&PIECES)).collect()
}

#[test]
fn a_second_time_changes_nothing() {
    for seed in 0..3_000 {
        let text = text(seed);
        let once = redact(&text);
        assert_eq!(redact(&once), once, "seed {seed}: {text:?}");
    }
}

#[test]
fn what_is_kept_is_kept_in_order_and_nothing_is_added_but_markers() {
    for seed in 0..3_000 {
        let text = text(seed);
        let result = redacted(&text);
        let mut rest = text.as_str();
        // Markers that the text had may stand there too; they are in it as any other piece is.
        for kept in MARKER.split(&result.text) {
            let at = rest.find(kept);
            assert!(at.is_some(), "seed {seed}: {kept:?} is not in order in {text:?}");
            rest = &rest[at.unwrap() + kept.len()..];
        }
        assert!(result.text.len() <= text.len() + 80 * result.count, "seed {seed}");
        assert_eq!(result.count == 0, result.text == text, "seed {seed}: {text:?}");
    }
}

#[test]
fn bytes_of_every_kind_are_taken() {
    let mut chance = Chance::new(3);
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..chance.below(200))
            .map(|_| u8::try_from(chance.below(256)).unwrap())
            .collect();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(redact(&redact(&text)), redact(&text));
    }
}

#[test]
fn a_longer_secret_leaves_no_more_than_a_short_one() {
    for length in [6, 12, 40, 200, 1_000, 20_000] {
        let secret = format!("q7{}", "aB3xK9".repeat(length / 6));
        for (before, behind) in [
            ("password=", ""),
            ("{\"token\":\"", "\"}"),
            ("Authorization: Bearer ", ""),
            ("api_key: ", "\n"),
        ] {
            let text = format!("{before}{secret}{behind}");
            let result = redact(&text);
            assert!(
                !result.contains("aB3xK9"),
                "{length}: {before} {}",
                &result[..result.len().min(200)]
            );
            assert!(result.starts_with(before) && result.ends_with(behind));
        }
    }
}

#[test]
fn lines_that_come_one_by_one_end_as_the_whole_text_does() {
    let mut texts: Vec<String> = templates()
        .iter()
        .enumerate()
        .map(|(at, it)| fill(it, &mut Chance::new(at as u64)).text)
        .collect();
    texts.push(include_str!("ordinary.txt").to_owned());
    for text in texts {
        let mut filter = stream::Filter::default();
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            out.push_str(&filter.push(line).text);
        }
        out.push_str(&filter.finish().text);
        assert_eq!(out, redact(&text), "{text}");
    }
}

#[test]
fn an_ordinary_line_is_not_held_back() {
    let mut filter = stream::Filter::default();
    for line in [
        "started\n",
        "password=hunter2\n",
        "I0101 00:00:00.0 1 a.go:1] ok\n",
    ] {
        assert!(!filter.push(line).text.is_empty(), "{line}");
    }
    let begin = format!("{}BEGIN PRIVATE KEY{}\n", "-".repeat(5), "-".repeat(5));
    assert_eq!(filter.push(&begin).text, "");
    assert_eq!(
        filter.push("and then it stopped\n").text,
        "[redacted:private-key]\nand then it stopped\n"
    );
}
