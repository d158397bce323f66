//! Events: what components tell about objects, counted, combined and held back as their own libraries do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::object::text;
use crate::cluster::time::{rfc3339, rfc3339_micro};

/// How many different messages about one thing are told apart within [`SIMILAR_FOR`] ms.
const SIMILAR: usize = 10;
const SIMILAR_FOR: u64 = 600_000;

/// Writes that a component may spend on one object at once; another one comes every [`REFILL`] ms.
const BURST: u64 = 25;
const REFILL: u64 = 300_000;

/// How long a series of the newer kind may go on before what is counted is written again.
const SERIES_WRITTEN_EVERY: u64 = 1_800_000;
/// A series that was silent for so long is over.
const SERIES_SILENCE: u64 = 360_000;

/// Something a component tells about an object.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// `involvedObject`.
    pub(crate) about: Value,
    /// Whether its type is Warning.
    pub(crate) warning: bool,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) from: Source,
}

/// Who tells it.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A controller, by its name.
    Controller(&'static str),
    /// The kubelet of a node.
    Kubelet(String),
    /// A component that uses the newer events: its name, its instance and the action.
    Newer(&'static str, String, &'static str),
}

/// What is to be written to the API.
#[derive(Debug)]
pub(crate) enum Writing {
    /// A new event.
    Create(Value),
    /// More of one that is there: its namespace, its name and the patch, and the whole for the case that it
    /// has expired since.
    Patch(String, String, Value, Value),
}

/// The memory of all components about what they told.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    similar: BTreeMap<Vec<String>, Similar>,
    told: BTreeMap<Vec<String>, Value>,
    buckets: BTreeMap<Vec<String>, Bucket>,
    series: BTreeMap<Vec<String>, Series>,
    sequence: u64,
}

#[derive(Debug)]
struct Similar {
    messages: BTreeSet<String>,
    last: u64,
}

#[derive(Debug)]
struct Bucket {
    /// Thousandths of writes that are left.
    left: u64,
    filled: u64,
}

#[derive(Debug)]
struct Series {
    event: Value,
    last: u64,
    written: u64,
}

impl Recorder {
    /// What has to be written for a note at this time; nothing where the component would hold it back.
    pub(crate) fn observe(&mut self, note: Note, now: u64) -> Option<Writing> {
        match note.from {
            Source::Newer(..) => self.observe_newer(&note, now),
            _ => self.observe_older(note, now),
        }
    }

    /// The component behind this source was restarted and remembers nothing.
    pub(crate) fn forget(&mut self, host: &str) {
        self.similar.retain(|key, _| key[1] != host);
        self.told.retain(|key, _| key[1] != host);
        self.buckets.retain(|key, _| key[1] != host);
    }

    fn observe_older(&mut self, mut note: Note, now: u64) -> Option<Writing> {
        let key = self.combine(&mut note, now);
        let event = self.count(key, &note, now);
        let allowed = self.spend(spam_key(&note), now);
        let (namespace, name) = event_key(&event);
        if event["count"] == 1 {
            return allowed.then_some(Writing::Create(event));
        }
        let patch = json!({"count": event["count"], "lastTimestamp": event["lastTimestamp"], "message": event["message"]});
        allowed.then_some(Writing::Patch(namespace, name, patch, event))
    }

    /// Many different messages about one thing become one.
    fn combine(&mut self, note: &mut Note, now: u64) -> Vec<String> {
        let mut key = spam_key(note);
        key.push(note.warning.to_string());
        key.push(note.reason.to_owned());
        let fresh = || Similar {
            messages: BTreeSet::new(),
            last: now,
        };
        let similar = self.similar.entry(key.clone()).or_insert_with(fresh);
        if now - similar.last > SIMILAR_FOR {
            similar.messages.clear();
        }
        similar.last = now;
        similar.messages.insert(note.message.clone());
        if similar.messages.len() >= SIMILAR {
            similar.messages.pop_first();
            note.message = format!("(combined from similar events): {}", note.message);
        } else {
            key.push(text(&note.about["fieldPath"]).to_owned());
            key.push(note.message.clone());
        }
        key
    }

    fn count(&mut self, key: Vec<String>, note: &Note, now: u64) -> Value {
        let next = self
            .told
            .get(&key)
            .map_or(1, |event| event["count"].as_i64().unwrap_or_default() + 1);
        self.sequence += 1;
        let fresh = || older_event(note, now, self.sequence);
        let event = self.told.entry(key).or_insert_with(fresh);
        event["count"] = json!(next);
        event["lastTimestamp"] = json!(rfc3339(now));
        event["message"] = json!(note.message);
        event.clone()
    }

    /// Whether the component may write once more about this object.
    fn spend(&mut self, key: Vec<String>, now: u64) -> bool {
        let full = BURST * 1000;
        let bucket = self.buckets.entry(key).or_insert(Bucket {
            left: full,
            filled: now,
        });
        bucket.left = full.min(bucket.left + (now - bucket.filled) * 1000 / REFILL);
        bucket.filled = now;
        let allowed = bucket.left >= 1000;
        if allowed {
            bucket.left -= 1000;
        }
        allowed
    }

    fn observe_newer(&mut self, note: &Note, now: u64) -> Option<Writing> {
        let key = series_key(note);
        let running = self
            .series
            .get_mut(&key)
            .filter(|series| now - series.last <= SERIES_SILENCE);
        let Some(series) = running else {
            self.sequence += 1;
            let event = newer_event(note, now, self.sequence);
            self.series.insert(
                key,
                Series {
                    event: event.clone(),
                    last: now,
                    written: now,
                },
            );
            return Some(Writing::Create(event));
        };
        let count = series.event["series"]["count"].as_i64().unwrap_or(1) + 1;
        series.event["series"] = json!({"count": count, "lastObservedTime": rfc3339_micro(now)});
        series.last = now;
        let due = count == 2 || now - series.written >= SERIES_WRITTEN_EVERY;
        if !due {
            return None;
        }
        series.written = now;
        let (namespace, name) = event_key(&series.event);
        let patch = json!({"series": series.event["series"]});
        Some(Writing::Patch(namespace, name, patch, series.event.clone()))
    }
}

/// What a component counts its writes by: itself and the object. The second part is its host.
fn spam_key(note: &Note) -> Vec<String> {
    let (component, host) = match &note.from {
        Source::Controller(component) => (*component, ""),
        Source::Kubelet(node) => ("kubelet", node.as_str()),
        Source::Newer(component, instance, _) => (*component, instance.as_str()),
    };
    let about = ["kind", "namespace", "name", "uid"].map(|field| text(&note.about[field]).to_owned());
    [component.to_owned(), host.to_owned()]
        .into_iter()
        .chain(about)
        .collect()
}

fn series_key(note: &Note) -> Vec<String> {
    let mut key = spam_key(note);
    key.push(note.reason.to_owned());
    key.push(text(&note.about["resourceVersion"]).to_owned());
    key
}

fn event_key(event: &Value) -> (String, String) {
    let metadata = &event["metadata"];
    (
        text(&metadata["namespace"]).to_owned(),
        text(&metadata["name"]).to_owned(),
    )
}

fn older_event(note: &Note, now: u64, sequence: u64) -> Value {
    let (source, component, instance) = match &note.from {
        Source::Kubelet(node) => (
            json!({"component": "kubelet", "host": node}),
            "kubelet",
            node.as_str(),
        ),
        Source::Controller(name) | Source::Newer(name, ..) => (json!({"component": name}), *name, ""),
    };
    let mut event = common(note, now, sequence);
    event["count"] = json!(1);
    event["eventTime"] = Value::Null;
    event["firstTimestamp"] = json!(rfc3339(now));
    event["lastTimestamp"] = json!(rfc3339(now));
    event["source"] = source;
    event["reportingComponent"] = json!(component);
    event["reportingInstance"] = json!(instance);
    event
}

fn newer_event(note: &Note, now: u64, sequence: u64) -> Value {
    let mut event = common(note, now, sequence);
    let Source::Newer(component, instance, action) = &note.from else {
        return event;
    };
    event["action"] = json!(action);
    event["eventTime"] = json!(precise(now, sequence));
    event["firstTimestamp"] = Value::Null;
    event["lastTimestamp"] = Value::Null;
    event["source"] = json!({});
    event["reportingComponent"] = json!(component);
    event["reportingInstance"] = json!(instance);
    event
}

/// The time with microseconds: no two events of the newer kind have the same.
fn precise(now: u64, sequence: u64) -> String {
    let micros = now % 1000 * 1000 + sequence * 7919 % 400_000;
    let second = rfc3339(now);
    format!("{}.{micros:06}Z", second.trim_end_matches('Z'))
}

/// What both kinds have. The name ends in the time in nanoseconds, so that no two are equal.
fn common(note: &Note, now: u64, sequence: u64) -> Value {
    let namespace = match text(&note.about["namespace"]) {
        "" => "default",
        namespace => namespace,
    };
    let name = format!(
        "{}.{:x}",
        text(&note.about["name"]),
        now * 1_000_000 + sequence % 1_000_000
    );
    let mut event = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": note.about,
        "reason": note.reason,
        "type": if note.warning { "Warning" } else { "Normal" },
    });
    if !note.message.is_empty() {
        event["message"] = json!(note.message);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(message: &str, from: Source) -> Note {
        let about = json!({"kind": "Pod", "namespace": "shop", "name": "web-1", "uid": "u"});
        Note {
            about,
            warning: true,
            reason: "BackOff",
            message: message.to_owned(),
            from,
        }
    }

    fn kubelet() -> Source {
        Source::Kubelet("node-1".to_owned())
    }

    #[test]
    fn equal_notes_are_counted_in_one_event() {
        let mut recorder = Recorder::default();
        assert!(matches!(
            recorder.observe(note("again", kubelet()), 0),
            Some(Writing::Create(_))
        ));
        let Some(Writing::Patch(namespace, _, patch, whole)) =
            recorder.observe(note("again", kubelet()), 9000)
        else {
            panic!("not counted");
        };
        assert_eq!((namespace.as_str(), patch["count"].as_i64()), ("shop", Some(2)));
        assert_eq!(whole["firstTimestamp"], "1970-01-01T00:00:00Z");
        recorder.forget("node-1");
        assert!(matches!(
            recorder.observe(note("again", kubelet()), 9000),
            Some(Writing::Create(_))
        ));
    }

    #[test]
    fn many_different_messages_become_one() {
        let mut recorder = Recorder::default();
        for number in 0..9 {
            let told = recorder.observe(note(&format!("port {number}"), kubelet()), number);
            assert!(matches!(told, Some(Writing::Create(_))), "{number}");
        }
        let Some(Writing::Create(event)) = recorder.observe(note("port 9", kubelet()), 9) else {
            panic!("no event");
        };
        assert_eq!(event["message"], "(combined from similar events): port 9");
    }

    #[test]
    fn who_tells_too_much_is_held_back_but_goes_on_counting() {
        let mut recorder = Recorder::default();
        let written = (0..100)
            .filter(|_| recorder.observe(note("again", kubelet()), 0).is_some())
            .count();
        assert_eq!(written, 25);
        let Some(Writing::Patch(_, _, patch, _)) = recorder.observe(note("again", kubelet()), REFILL) else {
            panic!("nothing written");
        };
        assert_eq!(patch["count"], 101);
    }

    #[test]
    fn the_scheduler_makes_a_series() {
        let mut recorder = Recorder::default();
        let from = || {
            Source::Newer(
                "default-scheduler",
                "default-scheduler-cp".to_owned(),
                "Scheduling",
            )
        };
        assert!(matches!(
            recorder.observe(note("0/5", from()), 0),
            Some(Writing::Create(_))
        ));
        let Some(Writing::Patch(_, _, patch, _)) = recorder.observe(note("0/5", from()), 1000) else {
            panic!("no series");
        };
        assert_eq!(patch["series"]["count"], 2);
        assert!(recorder.observe(note("0/5", from()), 2000).is_none());
    }
}
