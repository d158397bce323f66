//! `firstmate kb export` as it is run.

use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::expect;
use firstmate::documents::draft;
use firstmate::documents::version::{State, Verdict, Version, Word, Writer};
use firstmate::store::{Decided, Store};

use crate::databases::{self, Database};

fn writer(id: u64) -> Writer {
    Writer {
        id,
        name: format!("w{id}"),
    }
}

/// Proposes a document and has it approved.
async fn approved(store: &Store, question: &str, short: &str, at: u64) {
    let proposal = Version {
        number: 0,
        document: 0,
        version: 0,
        base: 0,
        state: State::Proposed,
        retires: false,
        translates: None,
        text: draft::read(question, short, "## 1. Look\n\nLook first.").unwrap(),
        author: writer(1),
        reviewer: None,
        reason: String::new(),
        created_at: at,
        decided_at: None,
    };
    let kept = store.propose(&proposal).await.unwrap();
    let verdict = Verdict {
        by: writer(2),
        word: Word::Approve,
        at,
    };
    let decided = store.review(kept.number, &verdict).await.unwrap();
    assert!(matches!(decided, Decided::Kept(_)), "{decided:?}");
}

/// Exit code, and what is said with the folder's name taken out.
fn export(database: &Database, folder: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_firstmate"))
        .args(["--lang", "en", "kb", "export"])
        .arg(folder)
        .env("FIRSTMATE_STORE__URL", &database.url)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap();
    let text = text.replace(&folder.display().to_string(), "DIR");
    (output.status.code().unwrap(), text)
}

#[tokio::test]
async fn what_was_approved_is_written_and_nothing_of_others_is_touched() {
    for database in databases::both().await {
        let folder = tempfile::tempdir().unwrap();
        let store = database.open().await;
        approved(&store, "How do I drain a node?", "Cordon it first.", 1).await;
        approved(&store, "怎么排空节点？", "先停止调度。", 2).await;
        let (code, text) = export(&database, folder.path());
        assert_eq!(code, 0, "{text}");
        expect![[r#"
            wrote DIR/en/kb-1.md
            wrote DIR/zh/kb-2.md
            documents that were approved in chat: 2
        "#]]
        .assert_eq(&text);
        let written = std::fs::read_to_string(folder.path().join("en/kb-1.md")).unwrap();
        let read = draft::read_file(&written).unwrap();
        assert_eq!((read.0.short.as_str(), read.1), ("Cordon it first.", Some(1)));
        std::fs::write(folder.path().join("zh/kb-2.md"), "# 我们自己的\n").unwrap();
        let (code, text) = export(&database, folder.path());
        assert_eq!(code, 1, "{text}");
        expect![[r#"
            unchanged DIR/en/kb-1.md
            left as it is, since somebody else wrote or edited it: DIR/zh/kb-2.md
            documents that were approved in chat: 2
        "#]]
        .assert_eq(&text);
        let kept = std::fs::read_to_string(folder.path().join("zh/kb-2.md")).unwrap();
        assert_eq!(kept, "# 我们自己的\n");
        store.close().await;
    }
}
