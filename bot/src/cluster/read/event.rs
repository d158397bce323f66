//! Events, read, sorted and dated as `kubectl events` does.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use k8s_openapi::api::core::v1 as api;

use super::time;
use crate::clock::Millis;
use crate::cluster::snapshot::event::{Event, Group, Object};
use crate::cluster::snapshot::node::{Node, Reboots};

/// One Event.
pub fn event(event: &api::Event) -> Event {
    let source = event.source.as_ref();
    let first_of = |one: Option<&String>, other: Option<&String>| {
        let set = |text: &&String| !text.is_empty();
        one.filter(set).or(other.filter(set)).cloned().unwrap_or_default()
    };
    let event_time = time::micro(event.event_time.as_ref());
    let series = event.series.as_ref();
    let last_in_series = series.and_then(|series| time::micro(series.last_observed_time.as_ref()));
    let count = series.map_or(event.count, |series| series.count);
    let count = i64::from(count.unwrap_or_default());
    Event {
        namespace: event.metadata.namespace.clone().unwrap_or_default(),
        kind: event.type_.clone().unwrap_or_default(),
        reason: event.reason.clone().unwrap_or_default(),
        message: event.message.as_deref().unwrap_or_default().trim().to_owned(),
        object: object(&event.involved_object),
        source: first_of(
            source.and_then(|source| source.component.as_ref()),
            event.reporting_component.as_ref(),
        ),
        host: first_of(
            source.and_then(|source| source.host.as_ref()),
            event.reporting_instance.as_ref(),
        ),
        first: event_time.or_else(|| time::millis(event.first_timestamp.as_ref())),
        last: match series {
            Some(_) => last_in_series,
            // When something that was counted happened last is known by its own time only.
            None => time::millis(event.last_timestamp.as_ref()).or(event_time.filter(|_| count <= 1)),
        },
        // A series is printed with its count even where that is absurd; anything else happened once.
        count: if series.is_some() { count } else { count.max(1) },
        is_repeated: series.is_some() || count > 1,
    }
}

/// Several Events, each Event object once, in the order of `kubectl events`: the newest last.
pub fn events<'a>(events: impl IntoIterator<Item = &'a api::Event>) -> Vec<Event> {
    let mut seen = HashSet::new();
    let mut read: Vec<Event> = events
        .into_iter()
        .filter(|event| match &event.metadata.uid {
            Some(uid) => seen.insert(uid.as_str()),
            None => true,
        })
        .map(event)
        .collect();
    read.sort_by_key(Event::at);
    read
}

/// Drops the Events that are about an earlier object of the same name.
///
/// An Event is known by the uid that it names; kubelets name none in their first Events, or the node's
/// name, and then an Event that last happened before the object was made is an earlier one's.
pub fn of_this_one(events: &mut Vec<Event>, name: &str, uid: &str, created: Option<Millis>) {
    events.retain(|event| {
        let told = event.object.uid.as_str();
        if told.is_empty() || told == name || uid.is_empty() {
            return event.at().zip(created).is_none_or(|(at, created)| at >= created);
        }
        told == uid
    });
}

/// Merges Events that say the same of the same object, wherever they stand: counts add up.
/// The order is that of the last of each.
pub fn merged(events: Vec<Event>) -> Vec<Event> {
    let mut merged: Vec<Event> = Vec::new();
    let mut known: HashMap<[String; 9], usize> = HashMap::new();
    for event in events {
        match known.get(&sameness(&event)) {
            Some(&at) => merge(&mut merged[at], event),
            None => {
                known.insert(sameness(&event), merged.len());
                merged.push(event);
            }
        }
    }
    merged.sort_by_key(Event::at);
    merged
}

/// Groups Events that say the same of several objects, whatever is each object's own in the words: its name, uids,
/// addresses and figures. `events` stand in the order of their times, and so do the groups.
pub fn grouped(events: &[Event]) -> Vec<Group> {
    let mut alike: Vec<Vec<&Event>> = Vec::new();
    let mut known: HashMap<[String; 5], usize> = HashMap::new();
    for event in events {
        let at = *known.entry(likeness(event)).or_insert(alike.len());
        match alike.get_mut(at) {
            Some(others) => others.push(event),
            None => alike.push(vec![event]),
        }
    }
    let mut groups: Vec<Group> = alike.iter().filter_map(|events| group(events)).collect();
    groups.sort_by_key(|group| group.example.at());
    groups
}

/// One row for Events that say the same, the newest of which is the last.
fn group(events: &[&Event]) -> Option<Group> {
    let (newest, others) = events.split_last()?;
    let mut example = (*newest).clone();
    for other in others {
        example.last = example.at();
        merge(&mut example, (*other).clone());
    }
    let objects = events
        .iter()
        .map(|event| (&event.object.namespace, &event.object.name));
    let objects = objects.collect::<HashSet<_>>().len();
    Some(Group { example, objects })
}

/// Puts the most frequent first, and of those the newest.
pub fn sort_by_frequency(groups: &mut [Group]) {
    groups.sort_by_key(|group| (Reverse(group.example.count), Reverse(group.example.at())));
}

/// Which nodes were rebooted since then, by the Events of their kubelets.
pub fn reboots(events: Vec<Event>, nodes: &[Node], since: Millis) -> HashMap<String, Reboots> {
    let mut about: HashMap<String, Vec<Event>> = HashMap::new();
    for event in events {
        about.entry(event.object.name.clone()).or_default().push(event);
    }
    let of_node = |node: &Node| {
        let mut own = about.remove(&node.name)?;
        of_this_one(&mut own, &node.name, &node.uid, node.created);
        own.retain(|event| event.at().is_some_and(|at| at >= since));
        let reboots = Reboots {
            times: own.iter().map(|event| event.count.max(1)).sum(),
            last: own.iter().filter_map(Event::at).max()?,
        };
        Some((node.name.clone(), reboots))
    };
    nodes.iter().filter_map(of_node).collect()
}

fn object(object: &api::ObjectReference) -> Object {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    Object {
        kind: text(&object.kind),
        namespace: text(&object.namespace),
        name: text(&object.name),
        uid: text(&object.uid),
        field: text(&object.field_path),
    }
}

/// What has to be equal for two Events to say the same.
fn sameness(event: &Event) -> [String; 9] {
    let object = &event.object;
    [
        &event.namespace,
        &event.kind,
        &event.reason,
        &event.message,
        &event.source,
        &object.kind,
        &object.namespace,
        &object.name,
        &object.field,
    ]
    .map(Clone::clone)
}

/// What has to be equal for two Events to say the same of two objects.
fn likeness(event: &Event) -> [String; 5] {
    let pattern = pattern(&event.message, &event.object);
    let [kind, reason, source, object] =
        [&event.kind, &event.reason, &event.source, &event.object.kind].map(Clone::clone);
    [kind, reason, source, object, pattern]
}

/// A message without what is its object's own.
fn pattern(message: &str, object: &Object) -> String {
    let mut message = message.to_owned();
    for own in [&object.uid, &object.name, &object.namespace] {
        if !own.is_empty() {
            message = message.replace(own.as_str(), "*");
        }
    }
    let is_of_word = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '.';
    let mut pattern = String::new();
    let mut rest = message.as_str();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|it| is_of_word(it) != is_of_word(first));
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        pattern.push_str(if varies(word) { "#" } else { word });
        rest = after;
    }
    pattern
}

/// Whether a word is an address, a uid or a figure, which differ from object to object. Small numbers stay: they are
/// exit codes, states of HTTP and counts, which make a difference.
fn varies(word: &str) -> bool {
    let word = word.trim_matches('.');
    let is_uid = word.len() == 36 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    is_uid || digits >= 4 || word.parse::<std::net::Ipv4Addr>().is_ok()
}

fn merge(into: &mut Event, event: Event) {
    into.count = into.count.saturating_add(event.count);
    into.is_repeated = true;
    into.first = match (into.first, event.first) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    into.last = into.last.max(event.last);
}
