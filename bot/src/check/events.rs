//! `/events`: the warnings of a cluster or a namespace.

use super::nodes::{ROWS, event_table, event_text, newest};
use super::report::{Report, View};
use super::table::{COLUMNS, middle_cut, one_line, wrapped};
use super::{Order, PodFilter, What};
use crate::cluster::NotRead;
use crate::cluster::read::event;
use crate::cluster::snapshot::event::Group;
use crate::reply::{Button, File, Tone};
use crate::text::check as say;
use crate::text::label;

pub(super) async fn list(view: &View<'_>, namespace: Option<&str>, order: Order) -> Result<Report, NotRead> {
    let read = view.reader.warnings(namespace).await?;
    let events = event::merged(read.events);
    let mut groups = event::grouped(&events);
    match order {
        Order::Frequent => event::sort_by_frequency(&mut groups),
        Order::Newest => groups.reverse(),
    }
    let mut parts = Vec::new();
    if !groups.is_empty() {
        parts.push(block(view, &groups));
    }
    let mut files = Vec::new();
    if groups.len() < events.len() || groups.len() > ROWS {
        let more = groups.len().saturating_sub(ROWS);
        parts.push(say::more_groups(view.lang, more, "events.txt"));
        files.push(File::text("events.txt", &event_table(&events, view).text()));
    }
    if read.is_page {
        parts.push(say::only_a_page(view.lang, events.len()));
    }
    Ok(Report {
        title: say::warnings_title(view.lang, namespace),
        summary: say::warnings_summary(view.lang, events.len(), groups.len(), order),
        newest: newest(&events),
        is_empty: events.is_empty(),
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

/// What is said of several objects, once.
fn block(view: &View<'_>, groups: &[Group]) -> String {
    let mut text = String::new();
    for Group { example, objects } in groups.iter().take(ROWS) {
        let object = middle_cut(&one_line(&example.object_words()), COLUMNS - 2);
        let others = objects - 1;
        let others = (others > 0).then(|| say::other_objects(view.lang, &example.object.kind, others));
        let about: Vec<String> = std::iter::once(object).chain(others).collect();
        text.push_str(&event_text(example, view.now(), &about));
    }
    wrapped(&text)
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
