//! What must go and what must stay.

#![expect(clippy::print_stdout, reason = "the figures are said in the run's output")]

mod corpus;
mod properties;

use std::collections::BTreeMap;

use super::*;
use corpus::{Chance, Sample, fill, left, templates};

/// Puts a text with a secret into another.
type Wrap = fn(&str) -> String;

/// The ways in which a text with a secret comes along.
const WRAPPINGS: [(&str, Wrap); 6] = [
    ("as it stands", str::to_owned),
    ("between lines", |text| {
        format!("I0101 00:00:00.000000       1 main.go:10] started\n{text}\nall done, 3 items\n")
    }),
    ("behind a log's head", |text| {
        text.lines()
            .map(|line| format!("2026-01-01T00:00:00.123456789Z stdout F {line}\n"))
            .collect()
    }),
    ("in a log's JSON", |text| {
        text.lines()
            .map(|line| format!("{}\n", serde_like(line)))
            .collect()
    }),
    ("indented", |text| {
        text.lines().map(|line| format!("        {line}\n")).collect()
    }),
    ("in a sentence", |text| {
        format!("2026-01-01 00:00:00,000 ERROR [main] c.e.App - it said: {text}")
    }),
];

/// A line of a container's log as Docker writes it.
fn serde_like(line: &str) -> String {
    let escaped = line
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\t', "\\t");
    format!("{{\"log\":\"{escaped}\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}}")
}

/// Shapes that cannot be told apart from other text within some wrapping, and why.
fn is_out_of_place(sample: &Sample, wrapping: &str) -> bool {
    let several_lines = sample.text.contains('\n');
    match wrapping {
        "as it stands" => false,
        "between lines" | "indented" => sample.as_it_stands && sample.text.starts_with("db:"),
        // Lines that belong together by their indent lose it behind another head.
        _ => sample.as_it_stands || (several_lines && !sample.template.contains("pem")),
    }
}

#[test]
fn tables_are_sound() {
    assert!(rules::check() >= 200);
}

#[test]
fn no_secret_of_any_shape_is_left() {
    let templates = templates();
    let (mut tried, mut failures) = (0, Vec::new());
    for seed in 0..2 {
        for (at, template) in templates.iter().enumerate() {
            let sample = fill(template, &mut Chance::new(seed * 10_000 + at as u64));
            for (name, wrap) in WRAPPINGS {
                if is_out_of_place(&sample, name) {
                    continue;
                }
                tried += 1;
                let text = wrap(&sample.text);
                let result = redact(&text);
                if let Some(run) = left(&sample, &result) {
                    failures.push(format!("{name}: {template}\n   {run} is left in {result}"));
                }
            }
        }
    }
    println!(
        "{} shapes, {tried} texts with secrets, {} of them with something left",
        templates.len(),
        failures.len()
    );
    assert!(templates.len() >= 400);
    let mut seen = BTreeMap::new();
    for failure in &failures {
        seen.entry(failure.lines().next().unwrap()).or_insert(failure);
    }
    assert!(
        failures.is_empty(),
        "{}",
        seen.into_values()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    );
}

/// The lines that come out changed.
fn touched(text: &str) -> Vec<String> {
    let result = redact(text);
    // One that is taken out whole would shift all that follow, and be seen.
    assert_eq!(text.lines().count(), result.lines().count());
    let pairs = text.lines().zip(result.lines());
    pairs
        .filter(|(before, after)| before != after)
        .map(|(before, _)| before.to_owned())
        .collect()
}

#[test]
fn ordinary_text_stays_as_it_is() {
    let ordinary = include_str!("ordinary.txt");
    let lines = ordinary.lines().count();
    let whole = touched(ordinary);
    let alone: Vec<String> = ordinary.lines().flat_map(touched).collect();
    println!(
        "{lines} ordinary lines: {} touched in one text, {} each alone",
        whole.len(),
        alone.len()
    );
    assert!(lines >= 500);
    assert!(
        whole.len() * 100 < lines && alone.len() * 100 < lines,
        "{whole:#?}\n{alone:#?}"
    );
}

#[test]
fn the_bundled_documents_stay_as_they_are() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/qa");
    let (mut files, mut lines, mut changed) = (0, 0, Vec::new());
    for language in ["en", "zh"] {
        for entry in std::fs::read_dir(root.join(language)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            files += 1;
            lines += text.lines().count();
            changed.extend(touched(&text));
        }
    }
    println!("{files} documents, {lines} lines: {} touched", changed.len());
    assert!(files >= 60 && changed.len() * 100 < lines, "{changed:#?}");
}

/// What must not change, whatever else may: each of these sends somebody to the right place.
#[test]
fn what_people_need_to_find_a_fault_is_kept() {
    for line in [
        "  secretName: my-tls",
        "tokenExpirationSeconds: 3607",
        "password: \"\"",
        "value: postgres://app:$(DB_PASSWORD)@db/shop",
        "              key: password",
        "MountVolume.SetUp failed for volume \"token\" : secret \"db-password\" not found",
        "web-7f9c6d5b8-x2k4q",
        "image: web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "uid: 3f0e3d5c-9a43-4f7e-bb0d-6b1f4c9f2a10",
        "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "DB_PASSWORD:  <set to the key 'password' in secret 'db-password'>  Optional: false",
        "failed to refresh token: context deadline exceeded",
    ] {
        assert_eq!(redact(line), line);
    }
    let digest = format!("checksum/secret: {}", "6b86b273ff34fce1".repeat(4));
    assert_eq!(redact(&digest), digest);
}

/// The name that led to a secret stays, and the marker says the kind.
#[test]
fn the_key_and_the_kind_are_said() {
    let check = |text: &str, expected: &str| assert_eq!(redact(text), expected);
    check("DB_PASSWORD=hunter2", "DB_PASSWORD=[redacted:password]");
    check("{\"apiKey\": \"q1w2e3r4\"}", "{\"apiKey\": \"[redacted:key]\"}");
    check(
        "postgres://app:hunter2@db/shop",
        "postgres://app:[redacted:password]@db/shop",
    );
    check(
        "Authorization: Bearer a1b2c3d4e5",
        "Authorization: Bearer [redacted:token]",
    );
    check("密码：hunter2，请修改", "密码：[redacted:password]，请修改");
    check(
        "--password hunter2 --wait",
        "--password [redacted:password] --wait",
    );
    check(
        "- name: API_TOKEN\n  value: a1b2c3\n",
        "- name: API_TOKEN\n  value: [redacted:token]\n",
    );
    check(
        "data:\n  user: Ym9i\nkind: Secret\n",
        "data:\n  user: [redacted:secret]\nkind: Secret\n",
    );
    assert_eq!(redacted("token=a1b2c3 password=hunter2").count, 2);
}

/// Text made to be slow is done in time: were any of these read anew from each piece on, it would take minutes.
#[test]
fn hostile_text_is_read_once() {
    let pieces = [
        "password=",
        "\"password\":\"",
        "://",
        "token ",
        "data:\n",
        "\\",
        "{\"data\":{",
        "name: PASSWORD\n",
        "Authorization: ",
        "Cookie: a=",
        "密码：密码是",
        ")",
        "password: |\n",
        "eyJ",
        "curl -u ",
        "mysql -p ",
        "token=null,",
        "'token' : '",
    ];
    let pem = ["BEGIN", "END"].map(|word| format!("{0}{word} PRIVATE KEY{0}\n", "-".repeat(5)));
    for piece in pieces.into_iter().chain(pem.iter().map(String::as_str)) {
        let text = piece.repeat(100_000 / piece.len());
        let start = stopwatch();
        redact(&text);
        let took = start.elapsed();
        assert!(took.as_secs() < 10, "{piece:?} took {took:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "this measures real time")]
fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}
