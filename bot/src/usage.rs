//! The command line, with its help in the language of whoever reads it.

use clap::{Command, CommandFactory as _, FromArgMatches as _};
use firstmate::config;
use firstmate::text::usage as say;
use firstmate_kb::Lang;

use crate::Args;

/// The arguments of this process.
///
/// # Errors
/// If they are none of ours, or ask for help or the version.
pub(crate) fn parse() -> Result<Args, clap::Error> {
    let mut command = Args::command();
    if lang() == Lang::Zh {
        // Only now clap's own arguments are there.
        command.build();
        command = in_chinese(command, "");
    }
    let matches = command.try_get_matches()?;
    Args::from_arg_matches(&matches)
}

/// The language is needed before the arguments are read.
fn lang() -> Lang {
    let args: Vec<String> = std::env::args_os()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let after = args.iter().zip(args.iter().skip(1));
    let apart = after
        .filter(|(name, _)| *name == "--lang")
        .map(|(_, value)| value.as_str());
    let joined = args.iter().filter_map(|arg| arg.strip_prefix("--lang="));
    match apart.chain(joined).last() {
        Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        _ => config::terminal_language(),
    }
}

fn in_chinese(command: Command, path: &str) -> Command {
    let about = say::about(path).unwrap_or_default();
    let below = |name: &str| format!("{path} {name}").trim_start().to_owned();
    command
        .about(about)
        .help_template(say::TEMPLATE)
        .subcommand_help_heading(say::COMMANDS)
        .mut_args(|arg| {
            let heading = if arg.is_positional() {
                say::ARGUMENTS
            } else {
                say::OPTIONS
            };
            let help = say::argument(path, arg.get_id().as_str()).unwrap_or_default();
            arg.help(help).help_heading(heading).hide_default_value(true)
        })
        .mut_subcommands(|sub| {
            let path = below(sub.get_name());
            in_chinese(sub, &path)
        })
}
