//! The command line: subcommands and exit codes, nothing else.
#![expect(clippy::print_stderr, reason = "the command line speaks to the terminal")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use firstmate::app::App;
use firstmate::clock::Clock;
use firstmate::config::{self, Config, Faults, Token};
use firstmate::discord::Endpoint;
use firstmate::discord::connect::{self, Rejected};
use firstmate::text::{settings, terminal};
use firstmate::{doctor, health, reference};
use firstmate_kb::Lang;

mod ask;
mod audit;
mod filter;
mod kb;
#[cfg(feature = "sandbox")]
mod sandbox;
mod usage;

/// Done.
const DONE: u8 = 0;
/// Failed.
const FAILED: u8 = 1;
/// The command line or the configuration is wrong.
const USAGE: u8 = 64;

/// A Discord bot for the people who run Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "firstmate", version, about, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Subcommands,
    /// The language of the terminal: zh or en; without it, the locale's
    #[arg(long, global = true, value_name = "zh|en", value_parser = parse_lang)]
    lang: Option<Lang>,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Run the bot; logs go to stderr
    Run {
        #[command(flatten)]
        settings: Settings,
        /// End at once behind this write, for tests
        #[cfg(feature = "sandbox")]
        #[arg(long, hide = true, value_parser = parse_point)]
        crash_at: Option<firstmate::remedy::crash::Point>,
    },
    /// Answer one question from the documents
    Ask(ask::Args),
    /// Look after documents
    Kb(kb::Args),
    /// Verify or export the audit of changes
    Audit(audit::Args),
    /// Try token, intents, channels, documents and clusters, and print the invite link
    Check {
        #[command(flatten)]
        settings: Settings,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Run the bot on a local Discord, without an account
    #[cfg(feature = "sandbox")]
    Sandbox(Box<sandbox::Args>),
    /// Take secrets out of standard input; what is left goes to standard output, line by line
    Redact,
    /// Write the generated reference into a folder
    Docs {
        /// The folder
        dir: PathBuf,
    },
}

/// Where settings and documents come from.
#[derive(Clone, Debug, Default, clap::Args)]
struct Settings {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A folder of documents; may be given several times
    #[arg(long, value_name = "DIR")]
    docs: Vec<PathBuf>,
    /// Leave out the documents that come with First Mate
    #[arg(long)]
    no_bundled: bool,
}

impl Settings {
    fn load(&self) -> Result<Config, Faults> {
        let mut config = Config::load(self.config.as_deref(), &config::environment())?;
        self.lay_over(&mut config);
        Ok(config)
    }

    fn load_to_run(&self) -> Result<(Config, Token), Faults> {
        let (mut config, token) = Config::load_to_run(self.config.as_deref(), &config::environment())?;
        self.lay_over(&mut config);
        Ok((config, token))
    }

    /// What the command line says outranks everything else.
    fn lay_over(&self, config: &mut Config) {
        let folders = self.docs.iter().map(|path| config::Folder {
            path: path.clone(),
            link: None,
        });
        config.knowledge.folders.splice(0..0, folders);
        config.knowledge.bundled &= !self.no_bundled;
    }
}

fn main() -> ExitCode {
    let args = match usage::parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version were asked for; everything else is a usage error.
            let code = if error.use_stderr() { USAGE } else { DONE };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let lang = args.lang.unwrap_or_else(config::terminal_language);
    match dispatch(args.command, lang) {
        Ok(code) => ExitCode::from(code),
        Err(error) => ExitCode::from(report(lang, &error)),
    }
}

fn dispatch(command: Subcommands, lang: Lang) -> anyhow::Result<u8> {
    match command {
        Subcommands::Ask(args) => ask::run(&args, lang),
        Subcommands::Audit(args) => block_on(audit::run(&args, lang)),
        Subcommands::Check { settings, json } => block_on(check(&settings, json, lang)),
        Subcommands::Docs { dir } => docs(&dir, lang),
        Subcommands::Kb(args) => block_on(kb::run(&args, lang)),
        Subcommands::Redact => filter::run(lang),
        #[cfg(not(feature = "sandbox"))]
        Subcommands::Run { settings } => block_on(run(settings, lang)),
        #[cfg(feature = "sandbox")]
        Subcommands::Run { settings, crash_at } => {
            crash_at.into_iter().for_each(firstmate::remedy::crash::arm);
            block_on(run(settings, lang))
        }
        #[cfg(feature = "sandbox")]
        Subcommands::Sandbox(args) => sandbox::run(*args, lang),
    }
}

/// Says once what went wrong, and how the process ends.
fn report(lang: Lang, error: &anyhow::Error) -> u8 {
    if let Some(faults) = error.downcast_ref::<Faults>() {
        eprintln!("{}", terminal::faults(lang, faults.0.len()));
        for fault in &faults.0 {
            eprintln!("  {}", settings::fault(lang, fault));
        }
        eprintln!("{}", terminal::faults_hint(lang));
        return USAGE;
    }
    match error.downcast_ref::<Rejected>() {
        Some(Rejected::Token) => eprintln!("{}", terminal::token_rejected(lang)),
        Some(Rejected::Intents) => eprintln!("{}", terminal::intents_rejected(lang)),
        None => eprintln!("firstmate: {error:#}"),
    }
    FAILED
}

async fn run(settings: Settings, lang: Lang) -> anyhow::Result<u8> {
    let stop = stop_signal();
    let (config, token) = settings.load_to_run()?;
    log_to_stderr(&config.log);
    let endpoint = Endpoint::of(&config);
    let listener = match config.health {
        Some(address) => match tokio::net::TcpListener::bind(address).await {
            Ok(listener) => Some(listener),
            Err(error) => {
                let (address, error) = (address.to_string(), error.to_string());
                eprintln!("{}", terminal::no_health(lang, &address, &error));
                return Ok(FAILED);
            }
        },
        None => None,
    };
    let soon = health::Soon::default();
    let serving = listener.map(|it| tokio::spawn(health::serve(Arc::clone(&soon), it)));
    // Discord is reached while the documents are read.
    let opening = App::open(config, Clock::system());
    let (app, first) = tokio::join!(opening, connect::first(&endpoint, &token));
    let app = Arc::new(app?);
    let app = soon.get_or_init(|| app);
    firstmate::run(Arc::clone(app), endpoint, token, first, stop).await?;
    serving.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(DONE)
}

async fn check(settings: &Settings, json: bool, lang: Lang) -> anyhow::Result<u8> {
    let report = match settings.load() {
        Ok(config) => {
            doctor::check(&config, settings.config.as_deref(), &Endpoint::of(&config), lang).await?
        }
        Err(faults) if json => {
            print(&format!(
                "{}\n",
                serde_json::to_string(&doctor::on_faults(lang, &faults))?
            ))?;
            return Ok(USAGE);
        }
        Err(faults) => return Err(faults.into()),
    };
    let text = if json {
        serde_json::to_string(&report)? + "\n"
    } else {
        report_text(&report, lang)
    };
    print(&text)?;
    Ok(if report.ok { DONE } else { FAILED })
}

fn report_text(report: &doctor::Report, lang: Lang) -> String {
    let mut text = String::new();
    for check in &report.checks {
        text.push_str(&format!(
            "{} {}: {}\n",
            if check.ok { "✓" } else { "✗" },
            check.what,
            check.detail
        ));
        if !check.mend.is_empty() {
            text.push_str(&format!("    → {}\n", check.mend));
        }
    }
    let bad = report.checks.iter().filter(|check| !check.ok).count();
    text + &terminal::check_summary(lang, bad) + "\n"
}

fn docs(dir: &std::path::Path, lang: Lang) -> anyhow::Result<u8> {
    for file in reference::write(dir)? {
        print(&format!(
            "{}\n",
            terminal::wrote(lang, &file.display().to_string())
        ))?;
    }
    Ok(DONE)
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(firstmate::STACK)
        .enable_all()
        .build()?;
    let result = runtime.block_on(work);
    // A read that hangs, on a mount that is gone for example, must not keep the process from ending.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}

/// serenity's own log stays at warnings: below them it shows tokens of interactions.
fn log_to_stderr(level: &str) {
    let filter = format!("warn,firstmate={level},firstmate_sandbox={level},serenity=warn");
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours);
    log.with_writer(std::io::stderr).init();
}

/// Resolves when the process is asked to stop. It listens from the call on, not from the first poll,
/// so that a stop during the start is in order too.
fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        let interrupt = tokio::signal::ctrl_c();
        #[cfg(unix)]
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            // Whoever asks twice does not want to wait for what is under way.
            tokio::spawn(async move {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminate.recv() => {}
                }
                std::process::exit(FAILED.into());
            });
            return;
        }
        // Nothing can be done about a signal that cannot be listened for.
        let _ = interrupt.await;
    }
}

/// Prints to stdout. A reader that has seen enough, such as `head`, is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

#[cfg(feature = "sandbox")]
fn parse_point(text: &str) -> Result<firstmate::remedy::crash::Point, String> {
    firstmate::remedy::crash::Point::named(text).ok_or_else(|| "there is no such point".to_owned())
}

fn parse_lang(text: &str) -> Result<Lang, String> {
    match text {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err("zh or en".to_owned()),
    }
}
