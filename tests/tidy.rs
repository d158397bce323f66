//! The invariants of `docs/ARCHITECTURE.md`, and what else keeps the repository honest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every file of the repository with one of these endings, but for what is built.
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let root = crate::root();
    let mut found = Vec::new();
    collect(&root, &root, endings, &mut found);
    found.sort();
    assert!(!found.is_empty());
    found
}

fn collect(root: &Path, dir: &Path, endings: &[&str], found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".git", ".cache", "node_modules"].contains(&name.as_str()) {
                collect(root, &path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let shown = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            found.push((shown, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Lines of code, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[track_caller]
fn only_under(word: &str, scope: &str, allowed: &str) {
    let mut seen = 0;
    for (path, text) in files(&[".rs"]).iter().filter(|(path, _)| path.starts_with(scope)) {
        for (line, code) in code(text) {
            if has_word(code, word) {
                assert!(
                    path.starts_with(allowed),
                    "{path}:{line} names {word}, which only {allowed} may"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "nobody names {word}: this test looks at nothing");
}

/// `word` as a name of its own: not in quotes, not part of another.
fn has_word(code: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back().is_some_and(is_part);
        let after = code[at + word.len()..].chars().next().is_some_and(is_part);
        let is_quoted = code[..at].matches('"').count() % 2 == 1;
        !before && !after && !is_quoted
    })
}

#[test]
fn each_library_is_named_at_its_edge_alone() {
    only_under("serenity", "bot/src", "bot/src/discord/");
    only_under("tantivy", "", "kb/");
    only_under("k8s_openapi", "bot/src", "bot/src/cluster/");
    only_under("kube", "bot/src", "bot/src/cluster/");
    only_under("sqlx", "bot/src", "bot/src/store/");
}

/// Where code of the bot's cluster side names something: path and line.
fn named(what: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files(&[".rs"]) {
        if path.starts_with("bot/src/") && !path.starts_with("bot/src/discord/") {
            let lines = code(&text).filter(|(_, line)| line.contains(what));
            found.extend(lines.map(|_| path.clone()));
        }
    }
    found
}

#[test]
fn a_cluster_is_changed_by_one_call_of_one_function() {
    assert_eq!(named("Method::PATCH"), ["bot/src/cluster/changes/wire.rs"]);
    assert_eq!(named("wire::patch("), ["bot/src/cluster/changes/mod.rs"]);
    assert_eq!(named("fn carry_out("), ["bot/src/cluster/changes/mod.rs"]);
    // Reviews of access, and events.
    assert_eq!(named("Method::POST"), ["bot/src/cluster/client.rs"]);
    for other in ["Method::PUT", "Method::DELETE", "kube::Api", "kube::api"] {
        assert_eq!(named(other), Vec::<String>::new(), "{other}");
    }
    // Nobody but the store makes what the function takes.
    assert_eq!(named("Some(Granted {"), ["bot/src/store/requests.rs"]);
}

#[test]
fn the_library_of_documents_knows_no_runtime_network_chat_or_cluster() {
    let manifest = std::fs::read_to_string(crate::root().join("kb/Cargo.toml")).unwrap();
    for name in [
        "tokio",
        "reqwest",
        "serenity",
        "kube",
        "axum",
        "hyper",
        "firstmate-sandbox",
    ] {
        assert!(!manifest.contains(name), "kb/Cargo.toml names {name}");
    }
    for (path, text) in files(&[".rs"]).iter().filter(|(path, _)| path.starts_with("kb/")) {
        for (line, code) in code(text) {
            assert!(
                !has_word(code, "async") && !code.contains("std::net"),
                "{path}:{line} {code}"
            );
        }
    }
}

#[test]
fn the_sandbox_imports_nothing_of_the_bot() {
    let manifest = std::fs::read_to_string(crate::root().join("bot/sandbox/Cargo.toml")).unwrap();
    assert!(
        !manifest.contains("path = \"..\"")
            && !manifest.contains("firstmate-kb")
            && !manifest.contains("firstmate.")
    );
    for (path, text) in files(&[".rs"])
        .iter()
        .filter(|(path, _)| path.starts_with("bot/sandbox/src"))
    {
        for (line, code) in code(text) {
            assert!(
                !has_word(code, "firstmate") && !has_word(code, "firstmate_kb"),
                "{path}:{line} {code}"
            );
        }
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    only_under("env::var_os", "bot/src", "bot/src/config/");
    only_under("env::vars_os", "bot/src", "bot/src/config/");
    for (path, text) in files(&[".rs"]) {
        // Cargo tells a build script of the target in no other way.
        let is_free = ["bot/src/config/", "tests/", "bot/build.rs"]
            .iter()
            .any(|it| path.starts_with(it));
        for (line, code) in code(&text) {
            assert!(
                is_free || !code.contains("env::var"),
                "{path}:{line} reads the environment"
            );
        }
    }
}

#[test]
fn every_sentence_is_in_text() {
    for (path, text) in files(&[".rs"])
        .iter()
        .filter(|(path, _)| path.starts_with("bot/src"))
    {
        let is_free = path.starts_with("bot/src/text/")
            || path.starts_with("bot/src/redact/tests/")
            || path.starts_with("bot/src/config/")
            || path == "bot/src/reference.rs";
        let body = text.split("#[cfg(test)]").next().unwrap();
        for (line, code) in code(body) {
            let is_chinese = code
                .chars()
                .any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
            assert!(
                is_free || !is_chinese,
                "{path}:{line} has a sentence outside of text: {code}"
            );
        }
    }
}

#[test]
fn nothing_is_left_to_do_without_an_issue() {
    let marks = [
        ["db", "g!("].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X"].concat(),
        ["TO", "DO"].concat(),
    ];
    for (path, text) in files(&[".rs", ".md", ".js", ".css", ".html", ".toml"]) {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{path} has {mark}");
        }
    }
}

#[test]
fn the_bundled_documents_pair_up() {
    let names = |folder: &str| -> BTreeSet<PathBuf> {
        let entries = std::fs::read_dir(crate::root().join(folder)).unwrap();
        entries
            .map(|entry| PathBuf::from(entry.unwrap().file_name()))
            .collect()
    };
    let (zh, en) = (names("docs/qa/zh"), names("docs/qa/en"));
    assert_eq!(zh, en);
    assert!(zh.len() >= 30, "{} questions", zh.len());
}

#[test]
fn the_bundled_documents_name_each_other_and_the_same_in_both_languages() {
    let named = |lang: &str, name: &str| -> Vec<String> {
        let text = std::fs::read_to_string(crate::root().join("docs/qa").join(lang).join(name)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("related: ["));
        let line = line.unwrap_or_else(|| panic!("{lang}/{name} names none"));
        line.trim_end_matches(']')
            .split(", ")
            .map(str::to_owned)
            .collect()
    };
    for entry in std::fs::read_dir(crate::root().join("docs/qa/en")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let ids = named("en", &name);
        assert_eq!(ids, named("zh", &name), "{name}");
        for id in ids {
            let file = format!("docs/qa/en/{id}.md");
            assert!(
                crate::root().join(&file).exists() && !name.starts_with(&format!("{id}.")),
                "{name}: {id}"
            );
        }
    }
}

#[test]
fn the_bundled_documents_have_no_faults_and_every_question_both_languages() {
    let config = firstmate::config::Config::parse(Path::new(""), "", &Default::default()).unwrap();
    let library = firstmate::app::open_library(&config).unwrap();
    assert_eq!(library.faults(), []);
    for near in library.questions(firstmate_kb::Lang::En) {
        let question = library.question(&near.id, firstmate_kb::Lang::En).unwrap();
        assert!(question.paired, "{} has one language only", question.file);
        assert!(
            question.short.is_some_and(|short| short.chars().count() <= 200),
            "{}",
            question.file
        );
        let commands: usize = question
            .sections
            .iter()
            .map(|section| section.commands.len())
            .sum();
        assert!(
            commands > 0 || question.file.contains("first-mate"),
            "{} has no command",
            question.file
        );
    }
}

#[test]
fn the_top_level_is_the_users() {
    let allowed = [
        "Cargo.lock",
        "Cargo.toml",
        "Dockerfile",
        "LICENSE",
        "README.md",
        "bot",
        "docs",
        "kb",
        "target",
        "tests",
    ];
    for entry in std::fs::read_dir(crate::root()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || allowed.contains(&name.as_str()),
            "{name} stands at the top level"
        );
    }
}

#[test]
fn no_unix_only_call_stands_outside_of_its_cfg() {
    for (path, text) in files(&[".rs"])
        .iter()
        .filter(|(path, _)| !path.starts_with("tests/"))
    {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_unix = line.contains("std::os::unix") || line.contains("signal::unix");
            let guarded = lines[at.saturating_sub(4)..at]
                .iter()
                .any(|line| line.contains("cfg(unix)"));
            assert!(!is_unix || guarded, "{path}:{} is for Unix only", at + 1);
        }
    }
}

/// What writes: to the store, to the cluster, to a card.
fn writes() -> Vec<String> {
    let mut found = vec![
        "changes::carry_out(".to_owned(),
        "changes::announce(".to_owned(),
        "render::message(&reply".to_owned(),
        "render::card(&reply".to_owned(),
    ];
    // Documents and votes are no part of a change: what is lost of them is proposed or said again.
    let others = ["bot/src/store/documents.rs", "bot/src/store/feedback.rs"];
    let stores = files(&[".rs"])
        .into_iter()
        .filter(|(path, _)| path.starts_with("bot/src/store/") && !others.contains(&path.as_str()));
    for (_, text) in stores {
        for function in text.split("pub async fn ").skip(1) {
            let body = function.split("\n    }\n").next().unwrap();
            let name = function.split('(').next().unwrap();
            // A trial keeps nothing that a crash could part from what is shown.
            let is_trial = name == "healthy";
            if !is_trial && (body.contains("self.write(") || body.contains("UPDATE ")) {
                found.push(format!("store.{name}("));
            }
        }
    }
    found
}

#[test]
fn every_write_has_its_crash_point() {
    let writes = writes();
    for name in ["create", "turn", "shown", "note", "set_freeze", "unfreeze"] {
        assert!(writes.contains(&format!("store.{name}(")), "{writes:?}");
    }
    let mut seen = 0;
    for (path, text) in files(&[".rs"]) {
        let is_bots = path.starts_with("bot/src/remedy/") || path == "bot/src/discord/cards.rs";
        let is_outside = path.starts_with("bot/src/") && !path.starts_with("bot/src/store/");
        let text = text.split("#[cfg(test)]").next().unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (line, code) in code(text) {
            let is_write = |write: &String| {
                let is_card = write.starts_with("render::");
                code.contains(write.as_str()) && (is_bots || !is_card && is_outside)
            };
            if writes.iter().any(is_write) {
                let behind = &lines[line..lines.len().min(line + 4)];
                let has_point = behind.iter().any(|line| line.contains("crash::at(Point::"));
                assert!(
                    has_point,
                    "{path}:{line} writes and has no point of remedy/crash.rs: {code}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "{seen} writes: this test looks at nothing");
}
