//! `firstmate audit` as it is run.

use std::process::{Command, Output, Stdio};

use expect_test::expect;
use firstmate::remedy::approval::{Entry, Person};
use serde_json::Value;

use crate::databases::{self, Database};

fn audit(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstmate"));
    command.args(["--lang", "en", "audit"]).args(arguments);
    command.stdin(Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// An audit of as many rows; returns the last one's hash.
async fn filled(database: &Database, rows: u64) -> String {
    let store = database.open().await;
    for at in 0..rows {
        let entry = Entry {
            at,
            step: "frozen".to_owned(),
            by: Some(Person {
                id: 7,
                name: "ming".to_owned(),
                ..Person::default()
            }),
            detail: "封网 \"1\"".to_owned(),
            ..Entry::default()
        };
        store.note(&entry).await.unwrap();
    }
    let head = store.head().await.unwrap();
    store.close().await;
    head.hash
}

#[tokio::test]
async fn a_whole_audit_is_verified_with_and_without_an_anchor() {
    for database in databases::both().await {
        let anchor = filled(&database, 3).await;
        let head = filled(&database, 2).await;
        let place = ["--store", &database.url];
        let (code, text) = said(&audit(&[&["verify"], &place[..]].concat()));
        assert_eq!(
            (code, text),
            (
                0,
                format!("the audit is whole: 5 rows, the last with hash {head}\n")
            )
        );
        let anchored = audit(&[&["verify", "--json", "--anchor", &anchor], &place[..]].concat());
        let object: Value = serde_json::from_slice(&anchored.stdout).unwrap();
        let expected = serde_json::json!({ "ok": true, "rows": 5, "hash": head, "fault": null });
        assert_eq!((anchored.status.code(), object), (Some(0), expected));
    }
}

#[tokio::test]
async fn what_was_done_to_the_audit_is_said_with_its_row() {
    for like in databases::both().await {
        let mut text = String::new();
        for statements in [
            "UPDATE audit SET entry = replace(entry, 'ming', 'olga') WHERE seq = 2",
            "DELETE FROM audit WHERE seq = 2",
            "DELETE FROM audit WHERE seq > 2",
            "UPDATE head SET hash = previous FROM audit WHERE audit.seq = 3",
            "UPDATE head SET seq = 2, hash = previous FROM audit WHERE audit.seq = 3; DELETE FROM audit WHERE seq = 3",
        ] {
            let database = like.another().await;
            let anchor = filled(&database, 3).await;
            database.alter(statements).await;
            let place = ["--store", &database.url, "--anchor", &anchor];
            let (code, said) = said(&audit(&[&["verify"], &place[..]].concat()));
            text.push_str(&format!("{code} {said}"));
        }
        assert_eq!(text, EXPECTED);
    }
}

const EXPECTED: &str = "\
1 row 2 is not as it was written
1 row 2 is missing, or not in its place
1 row 3 is missing, and all up to row 3, the last that was written
1 row 3, the last, is not the last that was written
1 none of the rows, of which the last is 2, has the anchor's hash: rows were cut off or written anew
";

#[tokio::test]
async fn the_export_is_one_object_a_line_from_which_each_hash_can_be_computed() {
    for database in databases::both().await {
        filled(&database, 2).await;
        let output = audit(&["export", "--store", &database.url]);
        assert_eq!(output.status.code(), Some(0));
        let lines = String::from_utf8(output.stdout).unwrap();
        let rows: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1]["previous"], rows[0]["hash"]);
        assert_eq!(rows[0]["entry"]["by"]["name"], "ming");
        for row in rows {
            assert_eq!(row["hash"], hash(&row), "{row}");
        }
    }
}

/// The hash of an exported row, as the guide describes it.
fn hash(row: &Value) -> String {
    use sha2::Digest as _;
    let (previous, seq) = (row["previous"].as_str().unwrap(), &row["seq"]);
    let text = format!("{previous}\n{seq}\n{}", pairs(&row["entry"]));
    let digest = sha2::Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Objects as lists of their pairs, by key.
fn pairs(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: std::collections::BTreeMap<_, _> = map.iter().collect();
            sorted
                .into_iter()
                .map(|(key, value)| serde_json::json!([key, pairs(value)]))
                .collect()
        }
        Value::Array(items) => items.iter().map(pairs).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn a_store_that_is_not_there_or_not_one_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.toml");
    std::fs::write(&file, "store.url = \"sqlite:none.db\"").unwrap();
    let file = file.to_str().unwrap();
    let (code, text) = said(&audit(&["verify", "--config", file]));
    assert_eq!(code, 1);
    assert!(text.contains("none.db cannot be reached: "), "{text}");
    let (code, text) = said(&audit(&["verify", "--store", "mysql://olga:secret@db/a"]));
    assert_eq!(code, 64);
    assert!(
        !text.contains("secret") && text.contains("--store: must be"),
        "{text}"
    );
    assert_eq!(said(&audit(&["verify", "--anchor", "abc"])).0, 64);
    std::fs::write(file, "store.url = \"mysql://olga:secret@db/a\"").unwrap();
    let (code, text) = said(&audit(&["export", "--config", file]));
    assert_eq!(code, 64);
    let text = text.replace(file, "f.toml");
    expect![[r#"
        the settings have a fault:
          f.toml: store.url: must be "sqlite:FILE" or "postgres://USER:PASSWORD@HOST/DATABASE"; in a password, @ / ? # : are written %40 %2F %3F %23 %3A
        bot/firstmate.example.toml shows every setting with its default
    "#]]
    .assert_eq(&text);
}
