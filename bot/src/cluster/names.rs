//! The names that complete an option as it is typed.
//!
//! They are listed as the bot and shown only after the API server said that the person may list them; the list
//! and the word are kept for a few seconds, since people type faster than clusters change.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;

use super::client::{NotRead, Reader, Who, Why};
use super::request::{self, Request, Right};
use crate::clock::Millis;
use crate::command::Names;

/// For how long names and rights are believed.
const FRESH: Millis = 5_000;

/// What is remembered of one cluster between two keystrokes.
#[derive(Default)]
pub(super) struct Known {
    names: Mutex<HashMap<Right, Until<Vec<String>>>>,
    allowed: Mutex<HashMap<(Who, Right), Until<bool>>>,
}

/// Something, and until when it is believed.
type Until<T> = (Millis, T);

#[derive(Deserialize)]
struct Listed {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    namespace: String,
}

#[derive(Deserialize)]
struct Pod {
    spec: PodSpec,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PodSpec {
    init_containers: Vec<Container>,
    containers: Vec<Container>,
}

#[derive(Deserialize)]
struct Container {
    name: String,
}

/// Names of a kind that the person may know of. `pod` is the Pod whose containers are meant.
///
/// # Errors
/// If the cluster does not say.
pub async fn of(reader: &Reader<'_>, kind: Names, pod: &str) -> Result<Vec<String>, NotRead> {
    let rights: &[Right] = match kind {
        Names::Node => &[request::LIST_NODES],
        Names::Namespace => &[request::LIST_NAMESPACES],
        Names::Pod => &[request::LIST_PODS],
        Names::Workload => &[
            request::LIST_DEPLOYMENTS,
            request::LIST_STATEFUL_SETS,
            request::LIST_DAEMON_SETS,
        ],
        Names::Container => return containers(reader, pod).await,
        Names::Cluster => &[],
    };
    let mut names = Vec::new();
    for right in rights {
        if may_list(reader, *right).await? {
            names.extend(all(reader, *right).await?);
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// Read as the person, so that no review is needed.
async fn containers(reader: &Reader<'_>, pod: &str) -> Result<Vec<String>, NotRead> {
    let Some((namespace, name)) = pod.split_once('/') else {
        return Ok(Vec::new());
    };
    if !crate::check::is_name(pod) {
        return Ok(Vec::new());
    }
    let request = Request::of(request::GET_POD).within(Some(namespace)).named(name);
    let Pod { spec } = reader.read(&request).await?;
    let all = spec.containers.into_iter().chain(spec.init_containers);
    Ok(all.map(|container| container.name).collect())
}

async fn may_list(reader: &Reader<'_>, right: Right) -> Result<bool, NotRead> {
    let known = &reader.cluster.known.allowed;
    let key = (reader.who.clone(), right);
    let now = reader.clock.now();
    if let Some((until, allowed)) = super::client::lock(known).get(&key)
        && now < *until
    {
        return Ok(*allowed);
    }
    let allowed = reader
        .allows(right, "")
        .await
        .map_err(|why| not_read(right, why))?;
    super::client::lock(known).insert(key, (now + FRESH, allowed));
    Ok(allowed)
}

async fn all(reader: &Reader<'_>, right: Right) -> Result<Vec<String>, NotRead> {
    let known = &reader.cluster.known.names;
    let now = reader.clock.now();
    if let Some((until, names)) = super::client::lock(known).get(&right)
        && now < *until
    {
        return Ok(names.clone());
    }
    let as_bot = Reader {
        who: &Who::Bot,
        ..*reader
    };
    let listed: Listed = as_bot.read(&Request::of(right)).await?;
    let names: Vec<String> = listed
        .items
        .into_iter()
        .map(|item| item.metadata.words())
        .collect();
    super::client::lock(known).insert(right, (now + FRESH, names.clone()));
    Ok(names)
}

impl Metadata {
    fn words(self) -> String {
        match self.namespace.as_str() {
            "" => self.name,
            namespace => format!("{namespace}/{}", self.name),
        }
    }
}

fn not_read(right: Right, why: Why) -> NotRead {
    NotRead {
        right,
        namespace: String::new(),
        name: String::new(),
        why,
    }
}
