//! Logs of containers, as a kubelet gives them.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::super::api::{Resource, kinds};
use super::super::catalog;
use super::super::core::Core;
use super::super::machinery::{LogLine, LogOf};
use super::super::problem::{Fault, Problem};
use super::super::time;
use super::answer;
use super::ask::Ask;

/// Answers a request for a log.
pub(super) fn answer(core: &Arc<Core>, ask: &Ask) -> Result<Response<Body>, Problem> {
    let kind = catalog::of(kinds::PODS).ok_or_else(|| Problem::bad_request("there are no Pods"))?;
    let pod = core.store.read(kind, &ask.wanted.namespace, &ask.wanted.name)?;
    check_numbers(ask)?;
    let container = container(ask, &pod)?;
    let of = LogOf {
        namespace: ask.wanted.namespace.clone(),
        pod: ask.wanted.name.clone(),
        container,
        previous: ask.query.flag("previous"),
    };
    if pod["spec"]["nodeName"].as_str().is_none_or(str::is_empty) {
        return Ok(answer::text(200, ""));
    }
    check_started(&pod, &of)?;
    let lines = core.kubelets.log(&of)?;
    let count = lines.len();
    let text = written(&selected(core, ask, lines)?, ask);
    if !ask.query.flag("follow") || of.previous {
        return Ok(answer::bytes_of(200, "text/plain", cut(text, ask)));
    }
    Ok(follow(core, ask, of, text, count))
}

const OPTIONS: Resource = Resource {
    group: "",
    version: "v1",
    plural: "podlogoptions",
    kind: "PodLogOptions",
    namespaced: true,
};

/// Options below what makes sense.
fn check_numbers(ask: &Ask) -> Result<(), Problem> {
    for (field, least) in [("tailLines", 0), ("sinceSeconds", 1), ("limitBytes", 1)] {
        let Some(text) = ask.query.get(field) else {
            continue;
        };
        let Ok(number) = text.parse::<i64>() else {
            let why = format!("strconv.ParseInt: parsing {text:?}: invalid syntax");
            return Err(Problem::bad_request(why));
        };
        if number < least {
            let why = match least {
                0 => "must be greater than or equal to 0",
                _ => "must be greater than 0",
            };
            let fault = Fault::invalid(field, &json!(number), why);
            return Err(Problem::invalid(OPTIONS, &ask.wanted.name, &[fault]));
        }
    }
    Ok(())
}

/// The container whose log is meant.
fn container(ask: &Ask, pod: &Value) -> Result<String, Problem> {
    let names = |list: &str| -> Vec<String> {
        let containers = pod["spec"][list].as_array().into_iter().flatten();
        containers
            .filter_map(|it| it["name"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let own = names("containers");
    let all = [names("initContainers"), own.clone(), names("ephemeralContainers")].concat();
    let name = &ask.wanted.name;
    let refused = |why: String| Err(Problem::bad_request(why));
    match (ask.query.get("container"), own.as_slice()) {
        (Some(asked), _) if all.iter().any(|it| it == asked) => Ok(asked.to_owned()),
        (Some(asked), _) => refused(format!("container {asked} is not valid for pod {name}")),
        (None, [only]) => Ok(only.clone()),
        (None, []) => refused(format!("a container name must be specified for pod {name}")),
        (None, _) => {
            let all = all.join(" ");
            refused(format!(
                "a container name must be specified for pod {name}, choose one of: [{all}]"
            ))
        }
    }
}

/// What a kubelet says of a container that has no log to show.
fn check_started(pod: &Value, of: &LogOf) -> Result<(), Problem> {
    let (container, name) = (&of.container, &of.pod);
    let lists = [
        "containerStatuses",
        "initContainerStatuses",
        "ephemeralContainerStatuses",
    ];
    let mut statuses = lists
        .iter()
        .flat_map(|list| pod["status"][*list].as_array().into_iter().flatten());
    let Some(status) = statuses.find(|it| it["name"] == container.as_str()) else {
        return Err(Problem::bad_request(format!(
            "container {container:?} in pod {name:?} is not available"
        )));
    };
    let has = |state: &str, which: &str| status[state].get(which).is_some_and(Value::is_object);
    if of.previous {
        return match has("lastState", "terminated") {
            true => Ok(()),
            false => Err(Problem::bad_request(format!(
                "previous terminated container {container:?} in pod {name:?} not found"
            ))),
        };
    }
    if has("state", "running") || has("state", "terminated") || has("lastState", "terminated") {
        return Ok(());
    }
    let why = match status["state"]["waiting"]["reason"].as_str() {
        Some("ErrImagePull") => "image can't be pulled",
        Some("ImagePullBackOff") => "trying and failing to pull image",
        Some(reason) => reason,
        None => {
            return Err(Problem::bad_request(format!(
                "container {container:?} in pod {name:?} is waiting to start - no logs yet"
            )));
        }
    };
    Err(Problem::bad_request(format!(
        "container {container:?} in pod {name:?} is waiting to start: {why}"
    )))
}

/// The lines that are recent enough, and of those the last.
fn selected(core: &Core, ask: &Ask, mut lines: Vec<LogLine>) -> Result<Vec<LogLine>, Problem> {
    let now = core.store.time();
    let since = match (ask.query.number("sinceSeconds"), ask.query.get("sinceTime")) {
        (Some(seconds), _) => Some(now.saturating_sub(seconds * 1000)),
        (None, Some(text)) => {
            let parsed = time::parse_rfc3339(text);
            Some(parsed.ok_or_else(|| Problem::bad_request(format!("invalid sinceTime {text:?}")))?)
        }
        (None, None) => None,
    };
    if let Some(since) = since {
        lines.retain(|line| line.at_ms >= since);
    }
    if let Some(tail) = ask
        .query
        .number("tailLines")
        .and_then(|it| usize::try_from(it).ok())
    {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    Ok(lines)
}

fn written(lines: &[LogLine], ask: &Ask) -> String {
    let stamped = ask.query.flag("timestamps");
    let line = |line: &LogLine| match stamped {
        true => format!("{} {}\n", time::rfc3339_nano(line.at_ms), line.text),
        false => format!("{}\n", line.text),
    };
    lines.iter().map(line).collect()
}

fn cut(text: String, ask: &Ask) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    if let Some(limit) = ask
        .query
        .number("limitBytes")
        .and_then(|it| usize::try_from(it).ok())
    {
        bytes.truncate(limit);
    }
    bytes
}

/// The log so far, and then every new line as it comes, until the container ends.
fn follow(core: &Arc<Core>, ask: &Ask, of: LogOf, text: String, count: usize) -> Response<Body> {
    let follower = Follower {
        core: Arc::clone(core),
        of,
        count,
        first: Some(text),
        stamped: ask.query.flag("timestamps"),
        versions: core.store.versions(),
        cuts: core.cuts.subscribe(),
        stop: core.stop.subscribe(),
    };
    let chunks = stream::unfold(follower, |mut it| async move {
        let chunk = it.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(chunk)), it))
    });
    answer::with_body(200, "text/plain", Body::from_stream(chunks))
}

struct Follower {
    core: Arc<Core>,
    of: LogOf,
    /// How many lines are told.
    count: usize,
    first: Option<String>,
    stamped: bool,
    versions: watch::Receiver<u64>,
    cuts: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
}

impl Follower {
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            self.versions.mark_unchanged();
            let is_over = !self.runs();
            let lines = self.core.kubelets.log(&self.of).ok()?;
            if lines.len() < self.count {
                // Another run of the container has begun.
                return None;
            }
            let new = &lines[self.count..];
            self.count = lines.len();
            if !new.is_empty() {
                return Some(self.written(new));
            }
            if is_over {
                return None;
            }
            let soon = self.core.clock.now_ms() + 1000;
            tokio::select! {
                _ = self.versions.changed() => {}
                _ = self.cuts.changed() => return None,
                _ = self.stop.changed() => return None,
                () = self.core.clock.sleep_until(soon) => {}
            }
        }
    }

    fn runs(&self) -> bool {
        let Some(kind) = catalog::of(kinds::PODS) else {
            return false;
        };
        let Ok(pod) = self.core.store.read(kind, &self.of.namespace, &self.of.pod) else {
            return false;
        };
        let statuses = pod["status"]["containerStatuses"]
            .as_array()
            .into_iter()
            .flatten();
        let mut own = statuses
            .into_iter()
            .filter(|it| it["name"] == self.of.container.as_str());
        own.any(|it| it["state"].get("running").is_some_and(Value::is_object))
    }

    fn written(&self, lines: &[LogLine]) -> String {
        let line = |line: &LogLine| match self.stamped {
            true => format!("{} {}\n", time::rfc3339_nano(line.at_ms), line.text),
            false => format!("{}\n", line.text),
        };
        lines.iter().map(line).collect()
    }
}
