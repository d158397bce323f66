//! The generated reference: what `firstmate docs DIR` writes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use firstmate_kb::Lang;

use crate::command::{COMMANDS, Kind};
use crate::config;
use crate::text::answer::help_menu;

/// Name and content of each file of the reference.
pub fn files() -> Vec<(&'static str, String)> {
    vec![("commands.md", commands()), ("settings.md", settings())]
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
