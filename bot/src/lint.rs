//! What is wrong with documents, for those who write them: by file and line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use firstmate_kb::inspect::{self, Inspected};
use firstmate_kb::{FaultKind, Lang, Library, Settings, Source};

use crate::cluster::manifest;
use crate::shell::{self, Reason};

/// How folders were understood, and what is wrong with them.
#[derive(Debug)]
pub struct Report {
    /// Every file that could be read.
    pub files: Vec<Inspected>,
    /// By file and line.
    pub faults: Vec<Fault>,
}

/// Something to mend.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The file or folder, as it was given.
    pub file: String,
    /// The line, from 1; `None` for a folder.
    pub line: Option<u32>,
    /// What is wrong.
    pub what: Flaw,
}

/// What can be wrong.
#[derive(Clone, Debug)]
pub enum Flaw {
    /// What keeps a file from being read as it was meant.
    Document(FaultKind),
    /// The answer does not begin with a short one.
    NoShortAnswer {
        /// The question.
        title: String,
    },
    /// Another question of the same language has the same title.
    SameTitle {
        /// The title.
        title: String,
        /// Where the other stands: `FILE:LINE`.
        other: String,
    },
    /// The file is not there.
    DeadLink {
        /// Where the link leads.
        target: String,
    },
    /// The file has no such heading.
    DeadAnchor {
        /// Where the link leads.
        target: String,
    },
    /// A shell or kubectl would not take the command.
    Command(Reason),
    /// The API would not take the manifest.
    Manifest(manifest::Wrong),
    /// The folder has both languages, and this file only one.
    Unpaired {
        /// The language that is missing.
        missing: Lang,
    },
}

/// Reads folders and says what is wrong in them.
///
/// # Errors
/// If there is no memory for the index.
pub fn lint(folders: &[PathBuf]) -> anyhow::Result<Report> {
    let mut faults = of_library(folders)?;
    let mut files = Vec::new();
    for folder in folders {
        let inspected = inspect::inspect(folder);
        faults.extend(unpaired(&inspected));
        files.extend(inspected);
    }
    faults.extend(same_titles(&files));
    for file in &files {
        faults.extend(of_file(file, &files));
    }
    faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(Report { files, faults })
}

/// What the library says of the same folders when it answers from them.
fn of_library(folders: &[PathBuf]) -> anyhow::Result<Vec<Fault>> {
    let sources = folders.iter().map(|path| Source::Folder {
        path: path.clone(),
        link: None,
    });
    let library = Library::open(Settings {
        sources: sources.collect(),
        index_dir: None,
        vocabulary: None,
    })?;
    let is_folder = |path: &str| folders.iter().any(|folder| folder.display().to_string() == path);
    let faults = library.faults().into_iter().map(|fault| Fault {
        line: fault.line.or_else(|| (!is_folder(&fault.file)).then_some(1)),
        file: fault.file,
        what: Flaw::Document(fault.what),
    });
    Ok(faults.collect())
}

/// Files without a counterpart, in a folder that has both languages.
fn unpaired(files: &[Inspected]) -> Vec<Fault> {
    let has = |lang: Lang| files.iter().any(|file| file.lang == lang);
    if !has(Lang::En) || !has(Lang::Zh) {
        return Vec::new();
    }
    let alone = files.iter().filter(|file| {
        let mut others = files.iter().filter(|other| other.key == file.key);
        !others.any(|other| other.lang != file.lang)
    });
    let fault = |file: &Inspected| Fault {
        file: file.file.clone(),
        line: Some(1),
        what: Flaw::Unpaired {
            missing: match file.lang {
                Lang::En => Lang::Zh,
                Lang::Zh => Lang::En,
            },
        },
    };
    alone.map(fault).collect()
}

fn same_titles(files: &[Inspected]) -> Vec<Fault> {
    let mut seen: BTreeMap<(Lang, String), String> = BTreeMap::new();
    let mut faults = Vec::new();
    for file in files {
        for question in &file.questions {
            let here = format!("{}:{}", file.file, question.line);
            let title = question.title.to_lowercase();
            match seen.get(&(file.lang, title.clone())) {
                Some(other) => faults.push(Fault {
                    file: file.file.clone(),
                    line: Some(question.line),
                    what: Flaw::SameTitle {
                        title: question.title.clone(),
                        other: other.clone(),
                    },
                }),
                None => {
                    seen.insert((file.lang, title), here);
                }
            }
        }
    }
    faults
}

fn of_file(file: &Inspected, all: &[Inspected]) -> Vec<Fault> {
    let mut found: Vec<(u32, Flaw)> = Vec::new();
    for question in &file.questions {
        if !question.has_short {
            let title = question.title.clone();
            found.push((question.line, Flaw::NoShortAnswer { title }));
        }
        for command in &question.commands {
            let reasons = shell::faults(&command.text).into_iter();
            found.extend(reasons.map(|reason| (command.line, Flaw::Command(reason))));
        }
    }
    let is_yaml = |lang: &str| matches!(lang.to_ascii_lowercase().as_str(), "yaml" | "yml");
    for block in file.blocks.iter().filter(|block| is_yaml(&block.lang)) {
        let faults = manifest::faults(&block.text).into_iter();
        found.extend(faults.map(|fault| (block.line + fault.line, Flaw::Manifest(fault.what))));
    }
    for (line, target) in &file.links {
        found.extend(dead(file, target, all).map(|flaw| (*line, flaw)));
    }
    let fault = |(line, what)| Fault {
        file: file.file.clone(),
        line: Some(line),
        what,
    };
    found.into_iter().map(fault).collect()
}

/// Why a link leads nowhere. Nothing is asked of the network, and a path from the root of a site is not known here.
fn dead(file: &Inspected, target: &str, all: &[Inspected]) -> Option<Flaw> {
    let scheme = target.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_address = !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    if is_address || target.starts_with('/') || target.contains(['<', '{']) {
        return None;
    }
    let target = decoded(target);
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target.as_str(), None),
    };
    let path = path.split('?').next().unwrap_or_default();
    let own = Path::new(&file.file);
    let led = match path {
        "" => own.to_owned(),
        path => own.parent().unwrap_or(Path::new("")).join(path),
    };
    let Ok(real) = led.canonicalize() else {
        return Some(Flaw::DeadLink { target });
    };
    let anchor = anchor.filter(|anchor| !anchor.is_empty())?;
    let same = |other: &&Inspected| Path::new(&other.file).canonicalize().is_ok_and(|it| it == real);
    let is_there = match all.iter().find(same) {
        Some(other) => other.anchors.iter().any(|it| it == anchor),
        // A file of another kind has anchors of its own kind.
        None => match std::fs::read_to_string(&real) {
            Ok(text) if real.extension().is_some_and(|end| end == "md") => {
                let other = inspect::file(Path::new(""), "other.md", &text);
                other.anchors.iter().any(|it| it == anchor)
            }
            _ => true,
        },
    };
    (!is_there).then_some(Flaw::DeadAnchor { target })
}

/// An address with its bytes in hexadecimal as the text they stand for.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = std::str::from_utf8(others.get(..2).unwrap_or_default()).unwrap_or_default();
        match u8::from_str_radix(digits, 16) {
            Ok(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &others[2..];
            }
            _ => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(files: &[(&str, &str)], expected: Expect) {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let report = lint(&[dir.path().to_owned()]).unwrap();
        let shown = |fault: &Fault| crate::text::lint::fault(Lang::En, fault) + "\n";
        let text: String = report.faults.iter().map(shown).collect();
        expected.assert_eq(&text.replace(&format!("{}/", dir.path().display()), ""));
    }

    #[test]
    fn a_document_in_order_has_no_faults() {
        let text = |title: &str| {
            format!(
                "---\nid: drain\n---\n# {title}\n\nCordon it first.\n\n## 1. Cordon\n\n```bash\nkubectl cordon <node-name>\n\
                 cat <<EOF | kubectl apply -f -\na: it's\nEOF\n```\n\nThen [drain](#2-drain) it, see [here](../en/a.md).\n\n## 2. Drain\n\n```yaml\n\
                 apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n```\n"
            )
        };
        check(
            &[
                ("en/a.md", &text("How do I drain a node?")),
                ("zh/a.md", &text("怎么排空节点？")),
            ],
            expect![""],
        );
    }

    #[test]
    fn each_fault_is_said_with_its_line() {
        let bad = "# Why?\n\n- no short answer\n\n```bash\nkubectl gte nodes\necho 'a\n```\n\n[x](gone.md) [y](#nowhere) [z](b.md#no)\n\n\
                   ```yaml\napiVersion: v1\nkind: Pod\nspec:\n  container: []\n  nodeNam: x\n```\n";
        let other = "# Why?\n\nBecause it is so.\n\n```bash\nkubectl get nodes\n";
        check(
            &[("a.md", bad), ("b.md", other)],
            expect![[r#"
            a.md:1: the answer to `Why?` does not begin with a short one: a paragraph of one line
            a.md:6: kubectl has no verb `gte`
            a.md:7: the quote ' is never closed
            a.md:10: the link leads to `gone.md`, which is not there
            a.md:10: the link leads to `#nowhere`, but there is no such heading
            a.md:10: the link leads to `b.md#no`, but there is no such heading
            a.md:17: `Pod` has no field `spec.nodeNam`
            b.md:1: `Why?` is asked in a.md:1 too
            b.md:5: a code block begins here and is never closed
        "#]],
        );
    }

    #[test]
    fn a_file_in_one_language_of_two_is_a_fault() {
        let en = ("en/a.md", "# How?\n\nSo it goes.\n");
        let zh = ("zh/b.md", "# 怎么办？\n\n先看日志。\n");
        check(&[en], expect![""]);
        check(
            &[en, zh],
            expect![[r#"
            en/a.md:1: there is no Chinese file of the same id or path
            zh/b.md:1: there is no English file of the same id or path
        "#]],
        );
    }
}
