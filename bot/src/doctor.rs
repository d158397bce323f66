//! `firstmate check`: tries what the bot needs, and says what to mend.

use std::path::Path;

use firstmate_kb::{FaultKind, Lang, Library};
use serde::Serialize;

use crate::app::open_library;
use crate::clock::Clock;
use crate::cluster::excess::Excess;
use crate::cluster::{Clusters, probe as probe_cluster};
use crate::config::{Config, Faults, Folder, Policy};
use crate::discord::Endpoint;
use crate::discord::probe::{self, Known};
use crate::store::Store;
use crate::text::{doctor as say, settings};

/// What was found, for people and for programs.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// True if nothing is to be mended.
    pub ok: bool,
    /// One after another.
    pub checks: Vec<Check>,
}

/// One thing that was tried.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What.
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
    /// What to do about it; empty if nothing.
    pub mend: String,
}

impl Report {
    fn good(&mut self, what: String, detail: String) {
        self.checks.push(Check {
            what,
            ok: true,
            detail,
            mend: String::new(),
        });
    }

    fn bad(&mut self, what: String, (detail, mend): (String, String)) {
        self.checks.push(Check {
            what,
            ok: false,
            detail,
            mend,
        });
    }

    fn finish(mut self) -> Self {
        self.ok = self.checks.iter().all(|check| check.ok);
        self
    }
}

/// The report on settings that cannot be read.
pub fn on_faults(lang: Lang, faults: &Faults) -> Report {
    let mut report = Report::default();
    for fault in &faults.0 {
        let mend = crate::text::terminal::faults_hint(lang).to_owned();
        report.bad(say::settings(lang), (settings::fault(lang, fault), mend));
    }
    report.finish()
}

/// Tries everything that `config` names.
///
/// # Errors
/// If the index of the documents cannot be built.
pub async fn check(
    config: &Config,
    file: Option<&Path>,
    endpoint: &Endpoint,
    lang: Lang,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let name = file.map(|file| file.display().to_string());
    report.good(say::settings(lang), say::settings_ok(lang, name.as_deref()));
    check_discord(&mut report, config, endpoint, lang).await?;
    check_documents(&mut report, config, lang)?;
    check_clusters(&mut report, config, lang).await;
    check_changes(&mut report, config, lang).await;
    Ok(report.finish())
}

async fn check_discord(
    report: &mut Report,
    config: &Config,
    endpoint: &Endpoint,
    lang: Lang,
) -> anyhow::Result<()> {
    let known = match &config.discord.token {
        None => {
            report.bad(say::token(lang), say::no_token(lang));
            None
        }
        Some(token) => match probe::ask(endpoint, token).await? {
            Ok(known) => {
                report.good(say::token(lang), say::token_ok(lang, &known.name));
                Some(known)
            }
            Err(error) => {
                report.bad(say::token(lang), say::token_bad(lang, &error));
                None
            }
        },
    };
    check_intents(report, config, known.as_ref(), lang);
    for (name, channel) in &config.channels {
        let what = say::channel(lang, name);
        match &known {
            None => report.bad(what, say::not_checked(lang)),
            Some(known) => match known.channel(channel.id).await {
                Ok(()) => report.good(what, say::channel_ok(lang)),
                Err(trouble) => report.bad(what, say::channel_bad(lang, &trouble)),
            },
        }
    }
    if let Some(known) = &known {
        report.good(say::invite(lang), known.invite());
    }
    Ok(())
}

fn check_intents(report: &mut Report, config: &Config, known: Option<&Known>, lang: Lang) {
    let needs_content = config.channels.values().any(|channel| channel.unasked);
    match known {
        _ if !needs_content => report.good(say::intents(lang), say::intents_ok(lang, false)),
        None => report.bad(say::intents(lang), say::not_checked(lang)),
        Some(known) if known.message_content => report.good(say::intents(lang), say::intents_ok(lang, true)),
        Some(_) => report.bad(say::intents(lang), say::intents_bad(lang)),
    }
}

/// Whether requests can be kept, and whether anybody could approve one.
async fn check_changes(report: &mut Report, config: &Config, lang: Lang) {
    let url = config.store.url.reveal();
    let is_new = url.strip_prefix("sqlite:").map(Path::new).is_some_and(|file| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        !file.exists() && folder.is_none_or(Path::is_dir)
    });
    let tried = async {
        let store = Store::open_existing(url).await?;
        store.healthy().await.map(|()| store)
    };
    match tried.await {
        // Trying makes nothing: the file is made when the bot starts.
        Err(_) if is_new => report.good(say::store(lang), say::store_new(lang)),
        Ok(store) => report.good(say::store(lang), say::store_ok(lang, store.place())),
        Err(error) => report.bad(say::store(lang), say::store_bad(lang, &format!("{error:#}"))),
    }
    let named = |policy: &Policy| !policy.approve.is_empty();
    let has_approvers = !config.roles.approver.is_empty() || config.policies.values().any(named);
    match (config.people.is_empty(), has_approvers) {
        (true, _) => report.good(say::changes(lang), say::changes_off(lang)),
        (false, true) => report.good(say::changes(lang), say::changes_ok(lang)),
        (false, false) => report.bad(say::changes(lang), say::changes_bad(lang)),
    }
}

async fn check_clusters(report: &mut Report, config: &Config, lang: Lang) {
    let clusters = Clusters::of(config);
    for cluster in clusters.all() {
        let what = say::cluster(lang, &cluster.name);
        let probe = match probe_cluster::ask(cluster, config, &Clock::system()).await {
            Ok(probe) => probe,
            Err(why) => {
                report.bad(what, say::cluster_bad(lang, &why));
                continue;
            }
        };
        report.good(what.clone(), say::cluster_ok(lang, &probe.version));
        if !probe.missing.is_empty() {
            report.bad(what.clone(), say::rights_missing(lang, &probe.missing));
        }
        for user in &probe.not_as {
            report.bad(what.clone(), say::may_not_act_as(lang, user));
        }
        for group in &probe.not_as_group {
            report.bad(what.clone(), say::may_not_act_as_group(lang, group));
        }
        check_excess(report, &what, &probe.excess, lang);
        // What people may not read is for the cluster's administrators to decide, so it is no fault.
        for (user, lacking) in &probe.people {
            report.good(what.clone(), say::person_may(lang, user, lacking));
        }
    }
    if config.clusters.is_empty() {
        report.good(say::clusters(lang), say::no_clusters(lang));
    }
}

/// What the bot may beyond its needs.
fn check_excess(report: &mut Report, what: &str, excess: &Excess, lang: Lang) {
    let wide = excess.wide();
    if excess.everything {
        report.bad(what.to_owned(), say::rights_without_end(lang));
    } else if !wide.is_empty() {
        report.bad(what.to_owned(), say::rights_too_many(lang, &wide));
    }
    if excess.both_ways {
        report.bad(what.to_owned(), say::both_ways(lang));
    }
    let spare = excess.spare();
    if !spare.is_empty() && !excess.everything {
        report.good(what.to_owned(), say::rights_to_spare(lang, &spare));
    }
}

/// Each folder by itself, so that its figures are its own.
fn check_documents(report: &mut Report, config: &Config, lang: Lang) -> anyhow::Result<()> {
    for folder in &config.knowledge.folders {
        check_source(report, config, Some(folder), lang)?;
    }
    if config.knowledge.bundled {
        check_source(report, config, None, lang)?;
    }
    if let Some(folder) = &config.knowledge.index {
        let what = say::search_index(lang, &folder.display().to_string());
        match Library::index_fault(folder).map(|it| it.what) {
            Some(FaultKind::IndexNotKept { reason }) => {
                report.bad(what, (say::index_not_kept(lang, &reason), say::mend_index(lang)));
            }
            _ => report.good(what, say::index_ok(lang)),
        }
    }
    Ok(())
}

fn check_source(
    report: &mut Report,
    config: &Config,
    folder: Option<&Folder>,
    lang: Lang,
) -> anyhow::Result<()> {
    let mut alone = config.clone();
    alone.knowledge.folders = folder.cloned().into_iter().collect();
    alone.knowledge.bundled = folder.is_none();
    alone.knowledge.index = None;
    let library = open_library(&alone)?;
    let what = folder.map_or_else(
        || say::bundled(lang),
        |folder| say::documents(lang, &folder.path.display().to_string()),
    );
    let stats = library.stats();
    let faults = library.faults();
    for fault in &faults {
        report.bad(
            what.clone(),
            (say::document_fault(lang, fault), say::mend_document(lang)),
        );
    }
    if faults.is_empty() {
        report.good(what, say::documents_ok(lang, stats.documents, stats.questions));
    }
    Ok(())
}
