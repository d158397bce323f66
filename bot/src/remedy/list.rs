//! `/requests` and `/audit`: what waits, what ran, what was refused, and who did it.

use firstmate_kb::Lang;

use super::approval::State;
use super::no::No;
use crate::app::App;
use crate::caller::Caller;
use crate::handle::Failure;
use crate::reply::{Card, File, Reply};
use crate::store::{AuditFind, Find, Row};
use crate::text::change as say;

/// How many requests a list holds.
const REQUESTS: usize = 50;
/// How many of them a message shows.
const SHOWN: usize = 10;
/// How many rows of the audit are looked at.
const ROWS: usize = 500;

/// Which requests are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// About this node.
    pub node: Option<String>,
    /// In this cluster.
    pub cluster: Option<String>,
    /// Asked for or decided by this person, by their name in the configuration.
    pub person: Option<String>,
    /// In every channel, not only in this one.
    pub everywhere: bool,
}

/// Which rows of the audit are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// About this node.
    pub node: Option<String>,
    /// In this cluster.
    pub cluster: Option<String>,
    /// By this person, by their name in the configuration.
    pub person: Option<String>,
    /// In the last so many hours.
    pub hours: u64,
}

pub(super) async fn requests(
    app: &App,
    caller: &Caller,
    lang: Lang,
    wanted: &Requests,
) -> Result<Reply, Failure> {
    let narrowed = wanted.node.is_some() || wanted.person.is_some() || wanted.everywhere;
    let find = Find {
        channel: (!narrowed).then_some(caller.place.channel),
        person: person_of(app, wanted.person.as_deref())?,
        cluster: wanted.cluster.clone(),
        object: wanted.node.as_ref().map(|node| format!("node/{node}")),
        states: Vec::new(),
        before: None,
        limit: REQUESTS,
    };
    let found = app.store.find(&find).await?;
    let waiting = found
        .iter()
        .filter(|request| request.state == State::Pending)
        .count();
    let lines: Vec<String> = found.iter().map(|request| say::line(lang, request)).collect();
    let shown = lines.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    let files = match lines.len() > SHOWN {
        true => vec![File::text("requests.txt", &lines.join("\n"))],
        false => Vec::new(),
    };
    Ok(Reply {
        text: say::requests_summary(lang, found.len(), waiting, narrowed),
        card: (!shown.is_empty()).then(|| Card {
            title: say::requests_title(lang).to_owned(),
            body: shown,
            ..Card::default()
        }),
        files,
        private: true,
        ..Reply::default()
    })
}

pub(super) async fn audit(app: &App, lang: Lang, wanted: &Audit) -> Result<Reply, Failure> {
    let now = app.clock.now();
    let find = AuditFind {
        person: person_of(app, wanted.person.as_deref())?,
        object: wanted.node.as_ref().map(|node| format!("node/{node}")),
        cluster: wanted.cluster.clone(),
        request: None,
        from: Some(now.saturating_sub(wanted.hours * 3_600_000)),
        to: None,
        before: None,
        limit: ROWS,
    };
    let rows = app.store.audit(&find).await?;
    let lines: Vec<String> = rows.iter().map(|row| line(lang, row)).collect();
    let shown = lines.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    let files = match rows.is_empty() {
        true => Vec::new(),
        false => vec![File::text("audit.txt", &whole(&rows))],
    };
    let head = app.store.head().await?;
    Ok(Reply {
        text: say::audit_summary(lang, rows.len(), wanted.hours, rows.len() == ROWS),
        card: Some(Card {
            title: say::audit_title(lang).to_owned(),
            body: shown,
            footer: say::audit_head(lang, head.seq, &head.hash),
            ..Card::default()
        }),
        files,
        private: true,
        ..Reply::default()
    })
}

/// The id on Discord of a person of the configuration.
fn person_of(app: &App, name: Option<&str>) -> Result<Option<u64>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let person = app.config.people.get(name).ok_or(No::NoPerson {
        name: name.to_owned(),
    })?;
    Ok(Some(person.id))
}

fn line(lang: Lang, row: &Row) -> String {
    say::audit_line(lang, row.seq, &row.entry)
}

/// All of it, one JSON object a line, as `firstmate audit export` writes it.
fn whole(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&row.to_json().to_string());
        text.push('\n');
    }
    text
}
