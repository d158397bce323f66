//! The generated reference: what `firstmate docs DIR` writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use firstmate_kb::{Lang, Library, Settings, Source};

use crate::command::{COMMANDS, Kind};
use crate::text::answer::help_menu;
use crate::text::shell as say_shell;
use crate::{bundled, config, shell};

/// Name and content of each file of the reference.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("commands.md", commands()),
        ("documents.md", documents()),
        ("settings.md", settings()),
    ]
}

/// Writes the reference into `dir` and says which files it wrote.
///
/// # Errors
/// If a file cannot be written.
pub fn write(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(dir).with_context(|| format!("make the folder {}", dir.display()))?;
    let mut written = Vec::new();
    for (name, content) in files() {
        let path = dir.join(name);
        std::fs::write(&path, content).with_context(|| format!("write {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn commands() -> String {
    let mut text = String::from(
        "# Commands · 命令\n\nWritten by `firstmate docs`; do not edit. 由 `firstmate docs` 生成，请勿手改。\n",
    );
    for spec in COMMANDS {
        let (en, zh) = match spec.kind {
            Kind::Slash => (
                format!("/{}", spec.typed(|label| label.en)),
                format!("/{}", spec.typed(|label| label.zh)),
            ),
            Kind::MessageMenu => (
                help_menu(Lang::En, spec.name.en),
                help_menu(Lang::Zh, spec.name.zh),
            ),
        };
        let _ = write!(
            text,
            "\n## {en} · {zh}\n\n{}.\n{}。\n",
            spec.about.en, spec.about.zh
        );
        for arg in spec.args {
            let _ = write!(
                text,
                "\n- `{}` · `{}`: {}. {}。",
                arg.name.en, arg.name.zh, arg.about.en, arg.about.zh
            );
        }
        if !spec.args.is_empty() {
            text.push('\n');
        }
    }
    text
}

fn settings() -> String {
    let mut text = String::from(
        "# Settings · 配置\n\nWritten by `firstmate docs`; do not edit. 由 `firstmate docs` 生成，请勿手改。\n\n\
         | key | default | |\n|---|---|---|\n",
    );
    for setting in config::settings() {
        let (en, zh) = setting.about;
        let _ = writeln!(text, "| `{}` | `{}` | {en} {zh} |", setting.key, setting.default);
    }
    text
}

/// What the bot can do for each command of the bundled documents.
fn documents() -> String {
    let mut text = String::from(
        "# Commands in the bundled documents · 自带文档里的命令\n\nWritten by `firstmate docs`; do not edit. 由 `firstmate docs` 生成，请勿手改。\n",
    );
    let library = Library::open(Settings {
        sources: vec![Source::Bundled {
            files: bundled::files(),
            link: None,
        }],
        index_dir: None,
        vocabulary: None,
    });
    let Ok(library) = library else {
        return text;
    };
    let (mut body, mut counts) = (String::new(), BTreeMap::new());
    for near in library.questions(Lang::En) {
        let rows = rows(&library, &near.id);
        if rows.is_empty() {
            continue;
        }
        let zh = library.question(&near.id, Lang::Zh);
        let zh = zh
            .map(|question| question.title)
            .filter(|title| *title != near.title);
        let titles: Vec<String> = std::iter::once(near.title).chain(zh).collect();
        let _ = write!(
            body,
            "\n## {}\n\n| command | | |\n|---|---|---|\n",
            titles.join(" · ")
        );
        for command in rows {
            let class = shell::class(&command);
            *counts.entry(class.name()).or_insert(0) += 1;
            let word = [Lang::En, Lang::Zh]
                .map(|lang| say_shell::class(lang, &class))
                .join(" · ");
            let leads = [Lang::En, Lang::Zh]
                .map(|lang| say_shell::leads(lang, &class))
                .join(" · ");
            let _ = writeln!(
                body,
                "| {} | {word} | {} |",
                cell(&command),
                leads.replace('|', "\\|")
            );
        }
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or(0_usize);
    let _ = write!(
        text,
        "\nA check is run by a button of the answer, a request is opened by one; the rest must be typed by hand, for the reason given.\n\
         检查由回答里的按钮执行，申请由按钮发起；其余命令要手动执行，原因见表。\n\n\
         | check · 检查 | request · 申请 | by hand · 手动 |\n|---|---|---|\n| {} | {} | {} |\n",
        count("live"),
        count("change"),
        count("by_hand"),
    );
    text + &body
}

/// The commands of a question in the order of its sections, each once: both languages have mostly the same.
fn rows(library: &Library, id: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for lang in [Lang::En, Lang::Zh] {
        let question = library.question(id, lang);
        let sections = question.into_iter().flat_map(|question| question.sections);
        for command in sections.flat_map(|section| section.commands) {
            if !rows.contains(&command.text) {
                rows.push(command.text);
            }
        }
    }
    rows
}

/// A command in a cell of a table: on one line, and nothing in it ends the cell.
fn cell(command: &str) -> String {
    let line = command.split_whitespace().collect::<Vec<_>>().join(" ");
    let fence = if line.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", line.replace('|', "\\|"))
}
