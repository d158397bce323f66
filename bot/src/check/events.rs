//! `/events`: the warnings of a cluster or a namespace.

use super::nodes::{ROWS, event_block, event_table};
use super::report::{Report, View};
use super::{Order, PodFilter, What};
use crate::cluster::NotRead;
use crate::cluster::read::event;
use crate::reply::{Button, File, Tone};
use crate::text::check as say;
use crate::text::label;

pub(super) async fn list(view: &View<'_>, namespace: Option<&str>, order: Order) -> Result<Report, NotRead> {
    let read = view.reader.warnings(namespace).await?;
    let mut events = event::merged(read.events);
    if order == Order::Frequent {
        event::sort_by_frequency(&mut events);
        // Blocks and files show the last of a list first, as the newest stand at its end.
        events.reverse();
    }
    let mut parts = Vec::new();
    if !events.is_empty() {
        parts.push(event_block(view, &events, ROWS, true));
    }
    let mut files = Vec::new();
    if events.len() > ROWS {
        parts.push(say::more_rows(view.lang, events.len() - ROWS, "events.txt"));
        files.push(File::text("events.txt", &event_table(&events, view).text()));
    }
    if read.is_page {
        parts.push(say::only_a_page(view.lang, events.len()));
    }
    Ok(Report {
        title: say::warnings_title(view.lang, namespace),
        summary: say::warnings_summary(view.lang, events.len(), order),
        tone: if events.is_empty() {
            Tone::Good
        } else {
            Tone::Unsure
        },
        parts,
        files,
        buttons: buttons(view, namespace, order),
        ..Report::default()
    })
}

/// The other order, and the Pods that are not well.
fn buttons(view: &View<'_>, namespace: Option<&str>, order: Order) -> Vec<Button> {
    let namespace = || namespace.map(str::to_owned);
    let (words, other) = match order {
        Order::Newest => (label::FREQUENT_BUTTON, Order::Frequent),
        Order::Frequent => (label::NEWEST_BUTTON, Order::Newest),
    };
    let pods = PodFilter {
        namespace: namespace(),
        unhealthy: true,
        ..PodFilter::default()
    };
    vec![
        view.button(
            words,
            What::Events {
                namespace: namespace(),
                order: other,
            },
        ),
        view.button(label::UNHEALTHY_PODS_BUTTON, What::Pods(pods)),
    ]
}
