use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use expect_test::{Expect, expect};
use tempfile::tempdir;

use super::{folder, is_answered, open};
use crate::{Fault, FaultKind, Lang, Library, Refresh, Settings};

const GOOD: &str = "# How do I drain a node?\n\nRun kubectl drain.\n";

#[track_caller]
fn check_faults(library: &Library, home: &Path, expected: Expect) {
    let home = format!("{}/", home.display());
    let faults: Vec<String> = library
        .faults()
        .iter()
        .map(|it| format!("{it:?}").replace(&home, ""))
        .collect();
    expected.assert_eq(&faults.join("\n"));
}

#[test]
fn bad_files_are_named_and_the_rest_is_read() {
    let home = tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(home.path().join(name), bytes).unwrap();
    write("good.md", GOOD.as_bytes());
    write("latin.md", b"# Fine\n\nnot \xe9 UTF-8\n");
    write("empty.md", b"\n  \n");
    write("only-headings.md", b"# A\n\n## B\n");
    write("fence.md", b"# How?\n\n```bash\nls\n");
    write("matter.md", b"---\nid: x\n# How do I open it?\n\nSo.\n");
    write("note.pdf", b"%PDF");
    fs::File::create(home.path().join("huge.md"))
        .unwrap()
        .set_len(50_000_000)
        .unwrap();
    let library = open(vec![folder(home.path())]);
    assert_eq!(library.stats().documents, 3);
    assert!(is_answered(&library, "how do I drain a node"));
    check_faults(
        &library,
        home.path(),
        expect![[r#"
        Fault { file: "empty.md", line: None, what: Empty, kept_last_good: false }
        Fault { file: "huge.md", line: None, what: TooLarge { bytes: 50000000, limit: 8388608 }, kept_last_good: false }
        Fault { file: "latin.md", line: Some(3), what: NotUtf8, kept_last_good: false }
        Fault { file: "only-headings.md", line: None, what: Empty, kept_last_good: false }
        Fault { file: "fence.md", line: Some(3), what: UnclosedFence, kept_last_good: false }
        Fault { file: "matter.md", line: Some(1), what: UnclosedFrontMatter, kept_last_good: false }"#]],
    );
}

#[test]
fn folders_that_are_not_there_or_hold_nothing() {
    let home = tempdir().unwrap();
    fs::create_dir(home.path().join("bare")).unwrap();
    let library = open(vec![
        folder(&home.path().join("bare")),
        folder(&home.path().join("gone")),
    ]);
    check_faults(
        &library,
        home.path(),
        expect![[r#"
        Fault { file: "bare", line: None, what: NoDocuments, kept_last_good: false }
        Fault { file: "gone", line: None, what: Unreadable { reason: "entity not found" }, kept_last_good: false }"#]],
    );
    assert!(!is_answered(&library, "how do I drain a node"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_once() {
    use std::os::unix::{fs::symlink, net::UnixListener};
    let home = tempdir().unwrap();
    let docs = home.path().join("docs");
    fs::create_dir_all(docs.join("deep/er")).unwrap();
    fs::write(docs.join("deep/er/good.md"), GOOD).unwrap();
    symlink(&docs, docs.join("deep/er/loop")).unwrap();
    symlink(docs.join("self"), docs.join("self")).unwrap();
    symlink(docs.join("deep"), docs.join("also")).unwrap();
    symlink(docs.join("nowhere"), docs.join("dangling.md")).unwrap();
    symlink(docs.join("nowhere"), docs.join("dangling.png")).unwrap();
    let _socket = UnixListener::bind(docs.join("socket.md")).unwrap();
    let library = open(vec![folder(&docs)]);
    assert_eq!(library.stats().documents, 1);
    check_faults(
        &library,
        home.path(),
        expect![[r#"
        Fault { file: "docs/dangling.md", line: None, what: NotAFile, kept_last_good: false }
        Fault { file: "docs/deep/er/loop", line: None, what: Loop, kept_last_good: false }
        Fault { file: "docs/self", line: None, what: Loop, kept_last_good: false }
        Fault { file: "docs/socket.md", line: None, what: NotAFile, kept_last_good: false }"#]],
    );
}

#[test]
fn only_what_changed_is_read_again() {
    let home = tempdir().unwrap();
    let file = home.path().join("a.md");
    fs::write(&file, GOOD).unwrap();
    fs::write(home.path().join("b.md"), "# How do I b?\n\nSo.\n").unwrap();
    let library = open(vec![folder(home.path())]);
    assert_eq!(library.refresh().unwrap(), Refresh::default());
    fs::write(&file, "# How do I replace the flux capacitor?\n\nWith care.\n").unwrap();
    assert_eq!(
        library.refresh().unwrap(),
        Refresh {
            changed: 1,
            removed: 0
        }
    );
    assert!(is_answered(&library, "how do I replace the flux capacitor"));
    assert!(!is_answered(&library, "how do I drain a node"));
    fs::remove_file(&file).unwrap();
    assert_eq!(
        library.refresh().unwrap(),
        Refresh {
            changed: 0,
            removed: 1
        }
    );
    assert!(!is_answered(&library, "how do I replace the flux capacitor"));
    assert_eq!(library.stats().documents, 1);
}

#[test]
fn a_broken_edit_keeps_the_last_good_version_and_says_so() {
    let home = tempdir().unwrap();
    let file = home.path().join("a.md");
    fs::write(&file, GOOD).unwrap();
    let library = open(vec![folder(home.path())]);
    fs::write(&file, b"# How do I drain a node?\n\n\xff\xfe\n").unwrap();
    library.refresh().unwrap();
    check_faults(
        &library,
        home.path(),
        expect![[r#"Fault { file: "a.md", line: Some(3), what: NotUtf8, kept_last_good: true }"#]],
    );
    assert!(is_answered(&library, "how do I drain a node"));
    fs::write(&file, "# How do I drain a node?\n\nMended, at last.\n").unwrap();
    library.refresh().unwrap();
    assert_eq!(library.faults(), []);
}

#[test]
fn a_folder_that_vanishes_keeps_what_it_held() {
    let home = tempdir().unwrap();
    let docs = home.path().join("docs");
    fs::create_dir(&docs).unwrap();
    fs::write(docs.join("a.md"), GOOD).unwrap();
    let library = open(vec![folder(&docs)]);
    fs::rename(&docs, home.path().join("away")).unwrap();
    assert_eq!(library.refresh().unwrap(), Refresh::default());
    assert!(is_answered(&library, "how do I drain a node"));
    check_faults(
        &library,
        home.path(),
        expect![[
            r#"Fault { file: "docs", line: None, what: Unreadable { reason: "entity not found" }, kept_last_good: true }"#
        ]],
    );
    fs::rename(home.path().join("away"), &docs).unwrap();
    library.refresh().unwrap();
    assert_eq!(library.faults(), []);
}

#[test]
fn pairs_that_do_not_fit_are_named() {
    let home = tempdir().unwrap();
    for lang in ["zh", "en"] {
        fs::create_dir(home.path().join(lang)).unwrap();
    }
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    write("zh/a.md", "# 怎么做甲？\n\n做。\n");
    write("en/a.md", "# How a?\n\nSo.\n\n# How b?\n\nSo.\n");
    write("zh/b.md", "---\nid: same\n---\n# 怎么做乙？\n\n做。\n");
    write("zh/c.md", "---\nid: same\n---\n# 怎么做丙？\n\n做。\n");
    let library = open(vec![folder(home.path())]);
    assert_eq!(library.stats().questions, 5);
    check_faults(
        &library,
        home.path(),
        expect![[r#"
        Fault { file: "zh/c.md", line: None, what: DuplicateId { id: "same", other: "zh/b.md" }, kept_last_good: false }
        Fault { file: "zh/a.md", line: None, what: UnevenPair { other: "en/a.md", here: 1, there: 2 }, kept_last_good: false }"#]],
    );
}

#[test]
fn ids_stay_over_restarts_and_edits_of_other_files() {
    let home = tempdir().unwrap();
    fs::write(home.path().join("b.md"), GOOD).unwrap();
    let ids = || {
        let library = open(vec![folder(home.path())]);
        library
            .questions(Lang::En)
            .into_iter()
            .map(|it| it.id)
            .collect::<Vec<_>>()
    };
    let before = ids();
    fs::write(home.path().join("a.md"), "# How do I b?\n\nSo.\n").unwrap();
    assert!(ids().contains(&before[0]));
    assert!(before[0].len() == 16 && before[0].bytes().all(|it| it.is_ascii_hexdigit()));
}

#[test]
fn the_index_on_disk_is_used_again_rebuilt_and_not_shared() {
    let home = tempdir().unwrap();
    let index = home.path().join("index");
    let docs = home.path().join("docs");
    fs::create_dir(&docs).unwrap();
    fs::write(docs.join("a.md"), GOOD).unwrap();
    let settings = Settings {
        sources: vec![folder(&docs)],
        index_dir: Some(index.clone()),
        vocabulary: None,
    };
    let answers = |library: &Library| is_answered(library, "how do I drain a node");
    let builds = || {
        let names = fs::read_dir(&index)
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap());
        names.filter(|it| it.starts_with("build-")).collect::<Vec<_>>()
    };

    // All that a crash left of the very first start.
    fs::create_dir(&index).unwrap();
    fs::write(index.join("lock"), "").unwrap();
    let first = Library::open(settings.clone()).unwrap();
    assert_eq!(builds(), ["build-1"]);
    // Another process at the same time does without.
    let second = Library::open(settings.clone()).unwrap();
    assert!(answers(&second));
    drop((first, second));

    let again = Library::open(settings.clone()).unwrap();
    assert!(answers(&again));
    assert_eq!(builds(), ["build-1"]);
    drop(again);

    // What is of another version is built anew beside, and so is what cannot be read.
    let meta = index.join("build-1/meta.json");
    let text = fs::read_to_string(&meta).unwrap();
    let other = text.replace("\\\"version\\\":\\\"", "\\\"version\\\":\\\"other ");
    assert_ne!(text, other);
    fs::write(&meta, other).unwrap();
    let rebuilt = Library::open(settings.clone()).unwrap();
    assert!(answers(&rebuilt));
    assert_eq!(builds(), ["build-2"]);
    drop(rebuilt);

    fs::write(index.join("current"), "build-9").unwrap();
    assert!(answers(&Library::open(settings).unwrap()));
}

/// What an earlier start read is taken as it was, unless the file, its time or what was kept has changed.
#[test]
fn a_start_reads_only_what_changed_since_the_last() {
    let home = tempdir().unwrap();
    let docs = home.path().join("docs");
    let index = home.path().join("index");
    fs::create_dir(&docs).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let write = |text: &str, modified: SystemTime| {
        let mut file = fs::File::create(docs.join("a.md")).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.set_modified(modified).unwrap();
    };
    let ids = |library: &Library| -> Vec<String> {
        library
            .questions(Lang::En)
            .into_iter()
            .map(|it| it.title)
            .collect()
    };
    let open = || {
        Library::open(Settings {
            sources: vec![folder(&docs)],
            index_dir: Some(index.clone()),
            vocabulary: None,
        })
        .unwrap()
    };
    let [first, second, third] = ["one", "two", "six"].map(|it| format!("# How do I {it}?\n\nSo: {it}.\n"));
    write(&first, long_ago);
    assert_eq!(ids(&open()), ["How do I one?"]);
    // The same size, and the time set back: a system that tells when a file was touched tells that it is another.
    write(&second, long_ago);
    let expected = if cfg!(unix) {
        "How do I two?"
    } else {
        "How do I one?"
    };
    assert_eq!(ids(&open()), [expected]);
    write(&second, long_ago + Duration::from_secs(1));
    assert_eq!(ids(&open()), ["How do I two?"]);
    // A file of this very moment may change again within it.
    let now = fs::metadata(index.join("documents")).unwrap().modified().unwrap();
    write(&first, now);
    assert_eq!(ids(&open()), ["How do I one?"]);
    write(&third, now);
    assert_eq!(ids(&open()), ["How do I six?"]);
    // A version that cannot be read leaves the last good one, across starts too.
    fs::write(docs.join("a.md"), b"# Not \xe9\n").unwrap();
    for _ in 0..2 {
        let library = open();
        assert_eq!(ids(&library), ["How do I six?"]);
        assert!(library.faults()[0].kept_last_good, "{:?}", library.faults());
    }
    write(&second, long_ago);
    drop(open());
    // Damaged by one bit, it is as if nothing had been kept.
    let mut kept = fs::read(index.join("documents")).unwrap();
    let last = kept.len() - 20;
    kept[last] ^= 1;
    fs::write(index.join("documents"), kept).unwrap();
    write(&third, long_ago);
    assert_eq!(ids(&open()), ["How do I six?"]);
}

/// Another file under the same name, of the same size and time: images and releases date all files alike.
#[cfg(unix)]
#[test]
fn another_file_in_the_place_of_one_is_read() {
    let home = tempdir().unwrap();
    let docs = home.path().join("docs");
    fs::create_dir(&docs).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let write = |name: &str, text: &str| {
        let mut file = fs::File::create(home.path().join(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.set_modified(long_ago).unwrap();
    };
    write("docs/a.md", "# How do I one?\n\nSo: one.\n");
    write("b.md", "# How do I two?\n\nSo: two.\n");
    let library = open(vec![folder(&docs)]);
    fs::rename(home.path().join("b.md"), docs.join("a.md")).unwrap();
    assert_eq!(library.refresh().unwrap().changed, 1);
    assert_eq!(library.questions(Lang::En)[0].title, "How do I two?");
}

/// An index only saves time: where none can be kept, questions are answered all the same, and it is said.
#[test]
fn an_index_that_cannot_be_kept_is_held_in_memory() {
    let home = tempdir().unwrap();
    let docs = home.path().join("docs");
    fs::create_dir(&docs).unwrap();
    fs::write(docs.join("a.md"), GOOD).unwrap();
    fs::write(home.path().join("file"), "not a folder").unwrap();
    let folder_with = |name: &str, below: &str| {
        let path = home.path().join(name);
        fs::create_dir_all(path.join(below)).unwrap();
        path
    };
    let mine = folder_with("mine", "build-7");
    fs::write(mine.join("build-7/precious"), "mine").unwrap();
    fs::write(mine.join("current"), "mine too").unwrap();
    let pointed = folder_with("pointed", "current");
    fs::write(pointed.join("lock"), crate::index::SIGNATURE).unwrap();
    let named_alike = folder_with("named alike", "build-3");
    for name in ["build-3/precious", "documents", "lock"] {
        fs::write(named_alike.join(name), "mine").unwrap();
    }
    for index in [
        home.path().join("file"),
        mine.clone(),
        named_alike.clone(),
        folder_with("locked", "lock"),
        pointed,
        docs.clone(),
    ] {
        let library = Library::open(Settings {
            sources: vec![folder(&docs)],
            index_dir: Some(index.clone()),
            vocabulary: None,
        })
        .unwrap();
        assert!(
            is_answered(&library, "how do I drain a node"),
            "{}",
            index.display()
        );
        let faults = library.faults();
        let said = |it: &Fault| it.file == index.display().to_string() && is_unkept(it);
        assert!(faults.iter().any(said), "{faults:?}");
        fs::write(
            docs.join("a.md"),
            format!("{GOOD}\n## {}\n\nMore.\n", index.display()),
        )
        .unwrap();
        library.refresh().unwrap();
        assert!(is_answered(&library, "how do I drain a node"));
    }
    let said = |folder: &Path, name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(said(&mine, "build-7/precious"), "mine");
    assert_eq!(said(&mine, "current"), "mine too");
    for name in ["build-3/precious", "documents", "lock"] {
        assert_eq!(said(&named_alike, name), "mine", "{name}");
    }
}

fn is_unkept(fault: &Fault) -> bool {
    matches!(fault.what, FaultKind::IndexNotKept { .. })
}

#[test]
fn an_index_that_is_taken_away_is_built_anew_in_memory() {
    let home = tempdir().unwrap();
    let (docs, index) = (home.path().join("docs"), home.path().join("index"));
    fs::create_dir(&docs).unwrap();
    fs::write(docs.join("a.md"), "# How do I one?\n\nSo: one.\n").unwrap();
    let library = Library::open(Settings {
        sources: vec![folder(&docs)],
        index_dir: Some(index.clone()),
        vocabulary: None,
    })
    .unwrap();
    assert!(library.faults().is_empty());
    fs::remove_dir_all(&index).unwrap();
    fs::write(
        docs.join("a.md"),
        "# How do I feed the zebra?\n\nSo: with grass.\n",
    )
    .unwrap();
    library.refresh().unwrap();
    assert!(is_answered(&library, "how do I feed the zebra"));
    assert!(library.faults().iter().any(is_unkept), "{:?}", library.faults());
}
