//! `firstmate ask`: one question, answered at the terminal.
#![expect(clippy::print_stderr, reason = "the command line speaks to the terminal")]

use firstmate::app::open_library;
use firstmate::command::{self, Command};
use firstmate::handle;
use firstmate::shell;
use firstmate::text::{answer as say, doctor, is_unseen, shell as say_shell, terminal};
use firstmate_kb::{Answer, Lang, Near, Outcome};
use serde::Serialize;

use crate::{DONE, Settings, USAGE};

/// Two or three questions fit.
const DID_YOU_MEAN: u8 = 3;
/// The documents do not answer it.
const NOT_KNOWN: u8 = 4;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// The question
    #[arg(required = true, num_args = 1..)]
    question: Vec<String>,
}

/// What `--json` prints. The names are a contract.
#[derive(Serialize)]
struct Printed {
    band: &'static str,
    question: Option<String>,
    short: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    path: Vec<String>,
    text: Option<String>,
    commands: Vec<PrintedCommand>,
    near: Vec<PrintedNear>,
}

#[derive(Serialize)]
struct PrintedCommand {
    text: String,
    /// What the bot can do for it: `live`, `change` or `by_hand`.
    class: &'static str,
    /// Why a person must type it.
    reason: Option<String>,
}

#[derive(Serialize)]
struct PrintedNear {
    question: String,
    file: String,
}

pub(crate) fn run(args: &Args, lang: Lang) -> anyhow::Result<u8> {
    let config = args.settings.load()?;
    let question = match command::ask(&args.question.join(" "), false) {
        Ok(Command::Ask { question, .. }) => question,
        Ok(_) => return Ok(USAGE),
        Err(refusal) => {
            eprintln!("{}", handle::refusal(lang, &refusal));
            return Ok(USAGE);
        }
    };
    let library = open_library(&config)?;
    for fault in library.faults() {
        eprintln!(
            "{}",
            terminal::fault_in(lang, &doctor::document_fault(lang, &fault))
        );
    }
    let reply_lang = Lang::of_text(&question).unwrap_or(lang);
    let outcome = handle::look_up(&library, &question, reply_lang);
    let code = match &outcome {
        Outcome::Answer(_) => DONE,
        Outcome::DidYouMean(_) => DID_YOU_MEAN,
        Outcome::NotKnown(_) => NOT_KNOWN,
    };
    let text = match args.json {
        true => serde_json::to_string(&printed(reply_lang, outcome))? + "\n",
        // What a document holds may not move the terminal's cursor, set its title or turn the line around.
        false => outcome_text(&question, reply_lang, &outcome)
            .chars()
            .filter(|it| matches!(it, '\n' | '\t') || !is_unseen(*it))
            .collect(),
    };
    crate::print(&text)?;
    Ok(code)
}

fn printed(lang: Lang, outcome: Outcome) -> Printed {
    let nothing = Printed {
        band: "not_known",
        question: None,
        short: None,
        file: None,
        line: None,
        path: Vec::new(),
        text: None,
        commands: Vec::new(),
        near: Vec::new(),
    };
    match outcome {
        Outcome::Answer(answer) => printed_answer(lang, answer, nothing),
        Outcome::DidYouMean(near) => Printed {
            band: "did_you_mean",
            near: printed_near(near),
            ..nothing
        },
        Outcome::NotKnown(near) => Printed {
            near: printed_near(near),
            ..nothing
        },
    }
}

fn printed_answer(lang: Lang, answer: Answer, nothing: Printed) -> Printed {
    let Answer {
        question, section, ..
    } = answer;
    let chosen = question.sections.into_iter().nth(section);
    let commands = chosen.iter().flat_map(|section| &section.commands);
    let commands = commands.map(|command| {
        let class = shell::class(&command.text);
        PrintedCommand {
            text: command.text.clone(),
            class: class.name(),
            reason: class.reason().map(|reason| say_shell::reason(lang, reason)),
        }
    });
    Printed {
        band: "answer",
        question: Some(question.title),
        short: question.short,
        file: Some(question.file),
        line: Some(chosen.as_ref().map_or(question.line, |section| section.line)),
        commands: commands.collect(),
        path: chosen
            .as_ref()
            .map(|section| section.path.clone())
            .unwrap_or_default(),
        text: chosen.map(|section| section.markdown),
        ..nothing
    }
}

fn printed_near(near: Vec<Near>) -> Vec<PrintedNear> {
    near.into_iter()
        .map(|near| PrintedNear {
            question: near.title,
            file: near.file,
        })
        .collect()
}

fn outcome_text(question: &str, lang: Lang, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answer(answer) => answer_text(lang, answer),
        Outcome::DidYouMean(near) => format!("{}\n{}", say::did_you_mean(lang, question), near_text(near)),
        Outcome::NotKnown(near) => {
            let near: Vec<Near> = near.iter().filter(|it| it.likely).cloned().collect();
            if near.is_empty() {
                return format!("{}\n", say::not_known(lang, question));
            }
            format!(
                "{}\n{}\n{}",
                say::not_known(lang, question),
                say::nearest(lang),
                near_text(&near)
            )
        }
    }
}

fn answer_text(lang: Lang, answer: &Answer) -> String {
    let question = &answer.question;
    let mut text = format!("# {}\n\n", question.title);
    if let Some(short) = &question.short {
        text.push_str(&format!("{short}\n\n"));
    }
    let mut line = question.line;
    if let Some(section) = question.sections.get(answer.section) {
        line = section.line;
        if !section.path.is_empty() {
            text.push_str(&format!("## {}\n\n", section.path.join(" › ")));
        }
        text.push_str(&format!("{}\n\n", section.markdown.trim()));
        text.push_str(&commands_text(lang, &section.commands));
    }
    let place = format!("{}:{line}", question.file);
    text + &format!("{} · {place}\n", say::confidence(lang, answer.confidence))
}

/// What the bot can do for each command, below the text that they stand in.
fn commands_text(lang: Lang, commands: &[firstmate_kb::Command]) -> String {
    if commands.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", say_shell::commands(lang));
    for command in commands {
        let line = command.text.lines().next().unwrap_or_default();
        let class = shell::class(&command.text);
        let word = say_shell::class(lang, &class);
        text.push_str(&format!(
            "- {line}\n  {word}: {}\n",
            say_shell::leads(lang, &class)
        ));
    }
    text + "\n"
}

fn near_text(near: &[Near]) -> String {
    near.iter()
        .map(|near| format!("- {} ({})\n", near.title, near.file))
        .collect()
}
