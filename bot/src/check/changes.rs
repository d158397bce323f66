//! `/changes`: what changed lately.

use super::nodes::ROWS;
use super::report::{Report, View};
use super::table::one_line;
use super::{Order, What};
use crate::cluster::NotRead;
use crate::cluster::read::time::age;
use crate::cluster::snapshot::change::{Change, What as Changed};
use crate::redact::redact;
use crate::reply::{Button, File, Tone};
use crate::text::check as say;
use crate::text::label;

/// An hour, in milliseconds.
const HOUR: u64 = 3_600_000;

pub(super) async fn list(view: &View<'_>, namespace: Option<&str>, hours: u8) -> Result<Report, NotRead> {
    let now = view.now();
    let since = now.saturating_sub(u64::from(hours) * HOUR);
    let read = view.reader.changes(namespace, since).await?;
    let changes = read.value;
    let line = |change: &Change| {
        let words = redact(&say::change(view.lang, change)).into_owned();
        let when = age(Some(change.at), now);
        format!("`{when}` {}", one_line(&words))
    };
    let lines: Vec<String> = changes.iter().map(line).collect();
    let mut parts: Vec<String> = lines.iter().take(ROWS).cloned().collect();
    let mut files = Vec::new();
    if lines.len() > ROWS {
        parts.push(say::more_rows(view.lang, lines.len() - ROWS, "changes.txt"));
        files.push(File::text("changes.txt", &lines.join("\n")));
    }
    Ok(Report {
        title: say::changes_title(view.lang, namespace),
        summary: say::changes_summary(view.lang, changes.len(), hours),
        newest: changes.iter().map(|change| change.at).max(),
        tone: Tone::Plain,
        parts,
        files,
        buttons: buttons(view, namespace, &changes),
        missing: read.missing,
        ..Report::default()
    })
}

/// To what changed last, and to the warnings that may come of it.
fn buttons(view: &View<'_>, namespace: Option<&str>, changes: &[Change]) -> Vec<Button> {
    let mut buttons = Vec::new();
    let workload = changes.iter().find_map(|change| match &change.what {
        Changed::Created(object) | Changed::RolledOut { object, .. } | Changed::Scaled { object, .. } => {
            Some(object)
        }
        _ => None,
    });
    if let Some(object) = workload {
        let kind = object.kind.word().to_lowercase();
        buttons.push(view.named_button(
            &say::rollout_button(view.lang, &object.name),
            What::Rollout {
                workload: format!("{}/{kind}/{}", object.namespace, object.name),
            },
        ));
    }
    buttons.push(view.button(
        label::WARNINGS_BUTTON,
        What::Events {
            namespace: namespace.map(str::to_owned),
            order: Order::Newest,
        },
    ));
    buttons
}
