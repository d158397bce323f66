//! `firstmate audit`: whether the audit is as it was written, and all of it for other programs.
#![expect(clippy::print_stderr, reason = "the command line speaks to the terminal")]

use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::path::PathBuf;

use clap::Subcommand;
use firstmate::config::{self, Config, StoreUrl};
use firstmate::store::{Chain, Fault, Store};
use firstmate::text::{audit as text, settings};
use firstmate_kb::Lang;
use serde_json::json;

use crate::{DONE, FAILED, USAGE, print};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find any row that was edited, removed, reordered or cut off; exit code 1 if there is one
    Verify {
        #[command(flatten)]
        place: Place,
        /// A hash that was noted earlier: it must be one of the rows'
        #[arg(long, value_name = "HASH")]
        anchor: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print every row in order, one JSON object a line
    Export(Place),
}

/// Where the audit is.
#[derive(Debug, clap::Args)]
struct Place {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The store, instead of the configuration's: sqlite:FILE; one with a password is better given by FIRSTMATE_STORE__URL
    #[arg(long, value_name = "URL")]
    store: Option<String>,
}

impl Place {
    /// The store; none if the command line names something else, which is told.
    async fn open(&self, lang: Lang) -> anyhow::Result<Option<Store>> {
        let url = match &self.store {
            Some(url) => StoreUrl::read(url),
            None => {
                let config = Config::load(self.config.as_deref(), &config::environment())?;
                Some(config.store.url)
            }
        };
        let Some(url) = url else {
            eprintln!("--store: {}", settings::wanted(lang, config::Kind::Store));
            return Ok(None);
        };
        Ok(Some(Store::open_existing(url.reveal()).await?))
    }
}

pub(crate) async fn run(args: &Args, lang: Lang) -> anyhow::Result<u8> {
    match &args.command {
        Command::Verify { place, anchor, json } => verify(place, anchor.as_deref(), *json, lang).await,
        Command::Export(place) => export(place, lang).await,
    }
}

async fn verify(place: &Place, anchor: Option<&str>, json: bool, lang: Lang) -> anyhow::Result<u8> {
    if anchor.is_some_and(|anchor| !is_hash(anchor)) {
        eprintln!("{}", text::no_hash(lang));
        return Ok(USAGE);
    }
    let Some(store) = place.open(lang).await? else {
        return Ok(USAGE);
    };
    // Before the rows: what is added meanwhile is no fault.
    let head = store.head().await?;
    let mut chain = Chain::new(anchor);
    let mut found = Ok(());
    let follow = |row: &_| {
        if found.is_ok() {
            found = chain.follow(row);
        }
    };
    store.export(follow).await?;
    let after = store.head().await?;
    let found = found.and_then(|()| chain.end(&head, &after));
    print(&said(&chain, &found, json, lang))?;
    Ok(if found.is_ok() { DONE } else { FAILED })
}

fn said(chain: &Chain, found: &Result<(), Fault>, json: bool, lang: Lang) -> String {
    let (seq, hash) = chain.last();
    let words = match found {
        Ok(()) => text::whole(lang, seq, hash),
        Err(fault) => text::fault(lang, fault),
    };
    if !json {
        return words + "\n";
    }
    let fault = found
        .as_ref()
        .err()
        .map(|fault| json!({ "row": fault.seq(), "says": words }));
    // Up to where all was as it should be.
    let object = json!({ "ok": found.is_ok(), "rows": seq, "hash": hash, "fault": fault });
    object.to_string() + "\n"
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|digit| digit.is_ascii_hexdigit())
}

async fn export(place: &Place, lang: Lang) -> anyhow::Result<u8> {
    let Some(store) = place.open(lang).await? else {
        return Ok(USAGE);
    };
    let mut out = BufWriter::new(io::stdout());
    let mut written = Ok(());
    let write = |row: &firstmate::store::Row| {
        if written.is_ok() {
            written = writeln!(out, "{}", row.to_json());
        }
    };
    store.export(write).await?;
    match written.and_then(|()| out.flush()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(DONE),
    }
}
