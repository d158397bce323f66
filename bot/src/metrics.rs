//! What is counted, as `/metrics` shows it.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use firstmate_kb::{Library, Outcome};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// A pair of label name and value.
type Labels = [(&'static str, &'static str); 1];
/// Counts of objects by cluster and kind.
type Counts = Family<[(&'static str, String); 2], Gauge<i64, std::sync::atomic::AtomicI64>>;

/// Every figure. Names follow Prometheus: `firstmate_` and the unit last.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Events of the gateway, by whether they could be read.
    events: Family<Labels, Counter>,
    /// Answers by band.
    answers: Family<Labels, Counter>,
    /// Interactions by what became of them.
    interactions: Family<Labels, Counter>,
    /// Sessions of the gateway that began or were resumed.
    sessions: Counter,
    /// Times that the client was built anew.
    reconnects: Counter,
    /// Documents, questions and passages in the index.
    documents: Family<Labels, Gauge<i64, std::sync::atomic::AtomicI64>>,
    /// Milliseconds from the last interaction, by its id, to its acknowledgement.
    delay: Gauge<u64, AtomicU64>,
    /// Seconds of our own, between what is waited for from outside, by what they led to.
    own: Family<Labels, Histogram>,
    /// The same in faults.
    faults: Gauge<u64, AtomicU64>,
    /// Objects that are known by a watch, by cluster and kind.
    watched: Counts,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("firstmate");
        let (events, answers, interactions) = (Family::default(), Family::default(), Family::default());
        let (sessions, reconnects) = (Counter::default(), Counter::default());
        let (documents, faults, delay) = (Family::default(), Gauge::default(), Gauge::default());
        registry.register(
            "gateway_events",
            "Events of the gateway, by whether they could be read",
            Family::clone(&events),
        );
        registry.register("answers", "Questions answered, by band", Family::clone(&answers));
        registry.register(
            "interactions",
            "Interactions, by what became of them",
            Family::clone(&interactions),
        );
        registry.register(
            "gateway_sessions",
            "Gateway sessions begun or resumed",
            Counter::clone(&sessions),
        );
        registry.register(
            "gateway_rebuilds",
            "Times the Discord client was built anew",
            Counter::clone(&reconnects),
        );
        registry.register(
            "knowledge",
            "Documents, questions and passages in the index",
            Family::clone(&documents),
        );
        let own = Family::<Labels, Histogram>::new_with_constructor(|| Histogram::new(OWN_BOUNDS));
        registry.register(
            "own_share_seconds",
            "From an interaction's arrival to its acknowledgement and its answer, without Discord's share",
            Family::clone(&own),
        );
        registry.register(
            "acknowledge_delay_milliseconds",
            "From the last interaction to its acknowledgement",
            Gauge::clone(&delay),
        );
        registry.register(
            "knowledge_faults",
            "Faults in the documents",
            Gauge::clone(&faults),
        );
        let watched = register_watched(&mut registry);
        Self {
            registry,
            events,
            answers,
            interactions,
            sessions,
            reconnects,
            documents,
            delay,
            own,
            faults,
            watched,
        }
    }
}

fn register_watched(registry: &mut Registry) -> Counts {
    let watched = Counts::default();
    registry.register(
        "watched_objects",
        "Objects of a cluster that a watch keeps known; absent while it does not",
        Family::clone(&watched),
    );
    watched
}

/// The bounds between which own shares are counted, in seconds.
const OWN_BOUNDS: [f64; 9] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0];

/// What an own share led to.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// The acknowledgement was sent.
    Acknowledge,
    /// The answer was ready. What a cluster took to answer is part of it.
    Answer,
    /// The first call to a cluster was about to be made for an approval, from its acknowledgement on.
    FirstCall,
}

/// What became of an interaction.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// Answered.
    Answered,
    /// Could not be acknowledged, so nothing was done.
    NotAcknowledged,
    /// Acknowledged, but the answer did not reach Discord.
    NotDelivered,
    /// Came a second time.
    Repeated,
}

impl Metrics {
    /// Counts an event of the gateway.
    pub fn event(&self, readable: bool) {
        let label = if readable { "yes" } else { "no" };
        self.events.get_or_create(&[("readable", label)]).inc();
    }

    /// How many events could not be read.
    pub fn unreadable_events(&self) -> u64 {
        self.events.get_or_create(&[("readable", "no")]).get()
    }

    /// Counts an answer.
    pub fn answered(&self, outcome: &Outcome) {
        let band = match outcome {
            Outcome::Answer(_) => "answer",
            Outcome::DidYouMean(_) => "did_you_mean",
            Outcome::NotKnown(_) => "not_known",
        };
        self.answers.get_or_create(&[("band", band)]).inc();
    }

    /// Counts an interaction.
    pub fn interaction(&self, fate: Fate) {
        let fate = match fate {
            Fate::Answered => "answered",
            Fate::NotAcknowledged => "not_acknowledged",
            Fate::NotDelivered => "not_delivered",
            Fate::Repeated => "repeated",
        };
        self.interactions.get_or_create(&[("fate", fate)]).inc();
    }

    /// Counts the time that an interaction took on our side.
    pub fn own_share(&self, stage: Stage, time: Duration) {
        let label = match stage {
            Stage::Acknowledge => "acknowledge",
            Stage::Answer => "answer",
            Stage::FirstCall => "first_call",
        };
        self.own
            .get_or_create(&[("stage", label)])
            .observe(time.as_secs_f64());
    }

    /// Notes how long the last interaction waited for its acknowledgement, in milliseconds.
    pub fn delayed(&self, millis: u64) {
        self.delay.set(millis);
    }

    /// How long the last interaction waited for its acknowledgement, in milliseconds.
    pub fn last_delay(&self) -> u64 {
        self.delay.get()
    }

    /// Counts a session of the gateway that began or was resumed.
    pub fn greeted(&self) {
        self.sessions.inc();
    }

    /// How many sessions of the gateway began or were resumed.
    pub fn greetings(&self) -> u64 {
        self.sessions.get()
    }

    /// Counts a client built anew.
    pub fn rebuilt(&self) {
        self.reconnects.inc();
    }

    /// How often the client was built anew.
    pub fn rebuilds(&self) -> u64 {
        self.reconnects.get()
    }

    /// Shows what is in the index.
    pub fn library(&self, library: &Library) {
        let stats = library.stats();
        for (what, count) in [
            ("documents", stats.documents),
            ("questions", stats.questions),
            ("passages", stats.passages),
        ] {
            self.documents
                .get_or_create(&[("what", what)])
                .set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.faults.set(library.faults().len() as u64);
    }

    /// Shows how many objects of a kind are known by a watch of a cluster, if they are.
    pub fn watched(&self, cluster: &str, kind: &str, count: Option<usize>) {
        let labels = [("cluster", cluster.to_owned()), ("kind", kind.to_owned())];
        match count.and_then(|count| i64::try_from(count).ok()) {
            Some(count) => {
                self.watched.get_or_create(&labels).set(count);
            }
            None => {
                self.watched.remove(&labels);
            }
        }
    }

    /// All of them in Prometheus' text form.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
