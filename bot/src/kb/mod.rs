//! `firstmate kb`: what is done with documents beside asking them.
#![expect(clippy::print_stderr, reason = "the command line speaks to the terminal")]

mod evaluate;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use firstmate::config::{self, Config};
use firstmate::documents::export::{Exported, export};
use firstmate::lint;
use firstmate::store::Store;
use firstmate::text::{lint as text, terminal};
use firstmate_kb::{Form, Lang};
use serde_json::{Value, json};

use crate::{DONE, FAILED, print};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure how well and how fast questions find their documents
    Evaluate {
        /// A folder with corpus.jsonl, queries.jsonl and qrels.tsv
        dir: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Find what is wrong in folders of documents; exit code 1 if there is something
    Lint {
        /// The folders
        #[arg(required = true, num_args = 1.., value_name = "DIR")]
        dirs: Vec<PathBuf>,
        /// Say of each file how it was understood
        #[arg(long)]
        report: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the documents that were approved in chat as Markdown; exit code 1 if a file of others is in the way
    Export {
        /// The configuration file
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The folder, such as one of a Git repository; files that others wrote or edited are left as they are
        dir: PathBuf,
    },
}

pub(crate) async fn run(args: &Args, lang: Lang) -> anyhow::Result<u8> {
    match &args.command {
        Command::Evaluate { dir, json } => evaluate::run(dir, *json, lang),
        Command::Lint { dirs, report, json } => lint(dirs, (*report, *json), lang),
        Command::Export { config, dir } => write_out(config.as_deref(), dir, lang).await,
    }
}

async fn write_out(config: Option<&Path>, dir: &Path, lang: Lang) -> anyhow::Result<u8> {
    let config = Config::load(config, &config::environment())?;
    let store = Store::open_existing(config.store.url.reveal()).await?;
    let done = export(&store, dir).await?;
    for file in &done {
        print(&format!("{}\n", terminal::exported(lang, file)))?;
    }
    print(&format!("{}\n", terminal::exported_all(lang, done.len())))?;
    let in_the_way = done.iter().any(|file| matches!(file, Exported::Kept(_)));
    Ok(if in_the_way { FAILED } else { DONE })
}

fn lint(dirs: &[PathBuf], (report, json): (bool, bool), lang: Lang) -> anyhow::Result<u8> {
    let found = lint::lint(dirs)?;
    let mut out = String::new();
    if json {
        out = printed(lang, &found).to_string() + "\n";
    } else {
        if report {
            let lines = found.files.iter().map(|file| text::understood(lang, file) + "\n");
            out.extend(lines);
        }
        out.extend(found.faults.iter().map(|fault| text::fault(lang, fault) + "\n"));
    }
    print(&out)?;
    if !json {
        let questions = found.files.iter().map(|file| file.questions.len()).sum();
        let summary = text::summary(lang, found.faults.len(), found.files.len(), questions);
        eprintln!("{summary}");
    }
    Ok(if found.faults.is_empty() { DONE } else { FAILED })
}

/// What `--json` prints. The names are a contract.
fn printed(lang: Lang, report: &lint::Report) -> Value {
    let files = report.files.iter().map(|file| {
        let questions = file.questions.iter().map(|question| {
            json!({
                "title": question.title,
                "line": question.line,
                "form": form(question.form),
                "short": question.has_short,
                "sections": question.sections,
                "commands": question.commands.len(),
            })
        });
        json!({
            "file": file.file,
            "lang": match file.lang {
                Lang::En => "en",
                Lang::Zh => "zh",
            },
            "questions": questions.collect::<Vec<_>>(),
        })
    });
    let faults = report
        .faults
        .iter()
        .map(|fault| json!({"file": fault.file, "line": fault.line, "text": text::flaw(lang, &fault.what)}));
    json!({"files": files.collect::<Vec<_>>(), "faults": faults.collect::<Vec<_>>()})
}

const fn form(form: Form) -> &'static str {
    match form {
        Form::Page => "page",
        Form::Heading => "heading",
        Form::Letters => "letters",
        Form::Details => "details",
    }
}
