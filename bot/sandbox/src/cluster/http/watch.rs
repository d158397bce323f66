//! Watches: what is there, then what happens, one JSON line each.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::super::catalog::Kind;
use super::super::core::Core;
use super::super::faults::Trouble;
use super::super::problem::{Fault, Problem};
use super::super::store::{Change, What};
use super::ask::Ask;
use super::objects::Selection;
use super::shape::{Form, Shape};
use super::{answer, options};

/// How long a watch lasts that does not say.
const TIMEOUT_SECONDS: u64 = 3000;
/// How many objects that are there are written at once.
const AT_ONCE: usize = 100;
/// How often a quiet watch is told how far it is.
const BOOKMARK_MS: u64 = 60_000;

/// Answers a watch.
pub(super) fn answer(
    core: &Arc<Core>,
    ask: &Ask,
    kind: &'static Kind,
    trouble: &Trouble,
) -> Result<Response<Body>, Problem> {
    let selection = Selection::of(ask, kind)?;
    let sends_state = initial(ask)?;
    let shape = Shape {
        form: Form::of(ask),
        kind,
        now_ms: core.store.time(),
        absurd: trouble.absurd,
    };
    let seconds = ask
        .query
        .number("timeoutSeconds")
        .filter(|it| *it > 0)
        .unwrap_or(TIMEOUT_SECONDS);
    let mut watcher = Watcher {
        versions: core.store.versions(),
        cuts: core.cuts.subscribe(),
        stop: core.stop.subscribe(),
        ends_ms: core.clock.now_ms() + seconds * 1000,
        bookmark_ms: core.clock.now_ms() + BOOKMARK_MS,
        bookmarks: ask.query.flag("allowWatchBookmarks"),
        namespace: if kind.resource.namespaced {
            ask.wanted.namespace.clone()
        } else {
            String::new()
        },
        core: Arc::clone(core),
        selection,
        shape,
        version: 0,
        lines: VecDeque::new(),
        present: Vec::new().into_iter(),
        marks_end: sends_state,
        is_first: true,
        is_over: false,
    };
    watcher.cuts.mark_unchanged();
    watcher.start(ask, sends_state);
    let lines = stream::unfold(watcher, |mut watcher| async move {
        let line = watcher.next().await?;
        Some((Ok::<_, std::convert::Infallible>(line), watcher))
    });
    let content_type = match shape.form {
        Form::Table(_) => "application/json;as=Table;g=meta.k8s.io;v=v1;stream=watch",
        _ => "application/json",
    };
    Ok(answer::with_body(200, content_type, Body::from_stream(lines)))
}

/// Whether the present state is to be sent first and its end be marked.
fn initial(ask: &Ask) -> Result<bool, Problem> {
    let matching = ask.query.get("resourceVersionMatch");
    let forbidden = |why: &str| {
        Err(options::invalid(
            "ListOptions",
            Fault::forbidden("resourceVersionMatch", why),
        ))
    };
    match (ask.query.get("sendInitialEvents"), matching) {
        (Some(_), Some("NotOlderThan")) => Ok(ask.query.flag("sendInitialEvents")),
        (Some(_), _) => forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
        (None, Some(_)) => {
            forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        }
        (None, None) => Ok(false),
    }
}

struct Watcher {
    core: Arc<Core>,
    selection: Selection,
    shape: Shape,
    namespace: String,
    /// Up to which version everything is told.
    version: u64,
    lines: VecDeque<Bytes>,
    /// What is there and not told yet: written only as it is sent, since it may be very much.
    present: std::vec::IntoIter<Arc<Value>>,
    /// Whether the end of what is there is to be marked.
    marks_end: bool,
    bookmarks: bool,
    bookmark_ms: u64,
    ends_ms: u64,
    is_first: bool,
    is_over: bool,
    versions: watch::Receiver<u64>,
    cuts: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
}

impl Watcher {
    fn start(&mut self, ask: &Ask, sends_state: bool) {
        let asked = ask.query.number("resourceVersion").unwrap_or(0);
        if asked > 0 && !sends_state {
            self.version = asked;
            return;
        }
        let kind = self.shape.kind;
        let (objects, version) = self.selection.read(&self.core.store, kind, &self.namespace);
        self.version = version;
        self.present = objects.into_iter();
    }

    /// The next line, when there is one; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(lines) = self.written() {
                return Some(lines);
            }
            if self.is_over {
                return None;
            }
            self.tell_present();
            if !self.lines.is_empty() {
                continue;
            }
            self.versions.mark_unchanged();
            self.take();
            if !self.lines.is_empty() || self.is_over {
                continue;
            }
            self.wait().await;
        }
    }

    /// The lines that are ready, together: whoever reads them tells them apart.
    fn written(&mut self) -> Option<Bytes> {
        let first = self.lines.pop_front()?;
        if self.lines.is_empty() {
            return Some(first);
        }
        let mut all = Vec::from(first);
        self.lines.drain(..).for_each(|line| all.extend_from_slice(&line));
        Some(Bytes::from(all))
    }

    /// Some of what is there, then its end.
    fn tell_present(&mut self) {
        let some: Vec<_> = self.present.by_ref().take(AT_ONCE).collect();
        some.iter().for_each(|object| self.tell("ADDED", object));
        if some.is_empty() && std::mem::take(&mut self.marks_end) {
            self.bookmark(true);
        }
    }

    /// What happened since.
    fn take(&mut self) {
        match self.core.store.changes(self.shape.kind, self.version) {
            Ok((changes, version)) => {
                changes.iter().for_each(|change| self.told(change));
                self.version = self.version.max(version);
            }
            Err(oldest) => {
                let message = format!("too old resource version: {} ({oldest})", self.version);
                let problem = Problem::new(410, "Expired", message);
                self.push("ERROR", &problem.status());
                self.is_over = true;
            }
        }
    }

    async fn wait(&mut self) {
        let until = self.ends_ms.min(if self.bookmarks {
            self.bookmark_ms
        } else {
            u64::MAX
        });
        tokio::select! {
            _ = self.versions.changed() => {}
            _ = self.cuts.changed() => self.is_over = true,
            _ = self.stop.changed() => self.is_over = true,
            () = self.core.clock.sleep_until(until) => self.time_passed(),
        }
    }

    fn time_passed(&mut self) {
        let now = self.core.clock.now_ms();
        if now >= self.ends_ms {
            self.is_over = true;
        } else {
            self.bookmark_ms = now + BOOKMARK_MS;
            self.bookmark(false);
        }
    }

    /// A change as this watch sees it: what comes into the selection is added, what leaves it is deleted.
    fn told(&mut self, change: &Change) {
        let is_here = |object: &Value| {
            (self.namespace.is_empty() || object["metadata"]["namespace"] == self.namespace.as_str())
                && self.selection.matches(object)
        };
        let was = change.before.as_ref().is_some_and(|it| is_here(it));
        let is = change.what != What::Deleted && is_here(&change.object);
        match (was, is) {
            (false, false) => {}
            (false, true) => self.tell("ADDED", &change.object),
            (true, true) => self.tell("MODIFIED", &change.object),
            (true, false) if change.what == What::Deleted => self.tell("DELETED", &change.object),
            (true, false) => {
                // The state in which it still was here, under the version in which it left.
                let mut last = change.before.as_deref().cloned().unwrap_or_default();
                last["metadata"]["resourceVersion"] = json!(change.version.to_string());
                self.tell("DELETED", &Arc::new(last));
            }
        }
    }

    fn tell(&mut self, what: &str, object: &Arc<Value>) {
        self.shape.now_ms = self.core.store.time();
        let object = self.shape.watched(object, self.is_first);
        self.is_first = false;
        self.push(what, &object);
    }

    /// Says up to which version everything is told.
    fn bookmark(&mut self, ends_state: bool) {
        let mut metadata = json!({"resourceVersion": self.version.to_string()});
        if ends_state {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let kind = self.shape.kind;
        let object = match self.shape.form {
            Form::Whole => {
                json!({"kind": kind.resource.kind, "apiVersion": kind.api_version(), "metadata": metadata})
            }
            Form::Metadata => {
                json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
            }
            Form::Table(_) => json!({
                "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "columnDefinitions": null, "rows": [],
            }),
        };
        self.push("BOOKMARK", &object);
    }

    fn push(&mut self, what: &str, object: &Value) {
        // The type comes first, as a real server writes it: clients know by it what the object is.
        let mut line = format!("{{\"type\":\"{what}\",\"object\":").into_bytes();
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut line, object);
        line.extend_from_slice(b"}\n");
        self.lines.push_back(Bytes::from(line));
    }
}
