//! The names that complete an option as it is typed.
//!
//! They are watched or listed as the bot and shown only after the API server said that the person may list them; a
//! list and the word are kept for a few seconds, since people type faster than clusters change.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;

use super::client::{NotRead, Reader, Who, Why, not_read};
use super::request::{self, Request, Right};
use crate::clock::Millis;
use crate::command::Names;
use crate::limits;

/// For how long names and rights are believed.
const FRESH: Millis = 5_000;
/// How many namespaces that are written out are asked for.
const NAMESPACES: usize = 3;

/// What is remembered of one cluster between two keystrokes.
#[derive(Default)]
pub(super) struct Known {
    names: Mutex<HashMap<Where, Until<Vec<String>>>>,
    allowed: Mutex<HashMap<(Who, Where), Until<bool>>>,
}

/// What is listed, and in which namespace; empty: in all.
type Where = (Right, String);
/// Something, and until when it is believed.
type Until<T> = (Millis, T);

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

/// Which names are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// Those that hold what was typed, the nearest of them.
    Typed(&'a str),
    /// Those that are one of these words.
    Any(&'a [String]),
}

/// Names of a kind that the person may know of; some more than are wanted, perhaps. `pod` is the Pod whose containers
/// are meant.
///
/// # Errors
/// If the cluster does not say.
pub async fn of(
    reader: &Reader<'_>,
    kind: Names,
    pod: &str,
    wanted: Wanted<'_>,
) -> Result<Vec<String>, NotRead> {
    let rights: &[Right] = match kind {
        Names::Node => return nodes(reader, wanted).await,
        Names::Pod => return pods(reader, wanted).await,
        Names::Namespace => &[request::LIST_NAMESPACES],
        Names::Service => &[request::LIST_SERVICES],
        Names::Workload => &[
            request::LIST_DEPLOYMENTS,
            request::LIST_STATEFUL_SETS,
            request::LIST_DAEMON_SETS,
        ],
        Names::Container => return containers(reader, pod).await,
        // Of the configuration, not of a cluster.
        Names::Cluster | Names::Person | Names::Document => &[],
    };
    let mut names = Vec::new();
    for right in rights {
        if may_list(reader, *right, "").await? {
            names.extend(all(reader, *right, "").await?);
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// The namespaces that there are just now, for somebody who may list them. As when a name is completed, the bot reads.
///
/// # Errors
/// If the person may not, or the cluster does not say.
pub async fn namespaces(reader: &Reader<'_>) -> Result<Vec<String>, NotRead> {
    let request = Request::of(request::LIST_NAMESPACES);
    if !may_list(reader, request::LIST_NAMESPACES, "").await? {
        let user = match reader.who {
            Who::Bot => None,
            Who::Person { user, .. } => Some(user.clone()),
        };
        return Err(not_read(&request, Why::Forbidden { user }));
    }
    listed(reader, &request).await
}

async fn nodes(reader: &Reader<'_>, wanted: Wanted<'_>) -> Result<Vec<String>, NotRead> {
    if !may_list(reader, request::LIST_NODES, "").await? {
        return Ok(Vec::new());
    }
    let watched = reader.cluster.tables.nodes(|names| {
        let fits = names.iter().filter(|name| wanted.fits(name));
        fits.cloned().collect()
    });
    match watched {
        Some(names) => Ok(names),
        None => all(reader, request::LIST_NODES, "").await,
    }
}

/// Those of the whole cluster, or of the namespaces that are written out, as far as the person may list them.
async fn pods(reader: &Reader<'_>, wanted: Wanted<'_>) -> Result<Vec<String>, NotRead> {
    if may_list(reader, request::LIST_PODS, "").await? {
        return pods_of(reader, None, wanted).await;
    }
    let mut names = Vec::new();
    for namespace in wanted.namespaces() {
        if may_list(reader, request::LIST_PODS, namespace).await? {
            names.extend(pods_of(reader, Some(namespace), wanted).await?);
        }
    }
    Ok(names)
}

async fn pods_of(
    reader: &Reader<'_>,
    namespace: Option<&str>,
    wanted: Wanted<'_>,
) -> Result<Vec<String>, NotRead> {
    let watched = reader.cluster.tables.pods(|rows| match wanted {
        Wanted::Typed(typed) => rows.complete(namespace, typed, limits::CHOICES),
        Wanted::Any(words) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let found = rows.named(namespace, &words);
            found
                .into_iter()
                .map(|(namespace, name)| format!("{namespace}/{name}"))
                .collect()
        }
    });
    match watched {
        Some(names) => Ok(names),
        None => all(reader, request::LIST_PODS, namespace.unwrap_or_default()).await,
    }
}

impl<'a> Wanted<'a> {
    fn fits(self, name: &str) -> bool {
        match self {
            Self::Typed(typed) => name.contains(&typed.trim().to_lowercase()),
            Self::Any(words) => words.iter().any(|word| word == name),
        }
    }

    /// The namespaces that are written out: whoever may list Pods in some only has to name one.
    fn namespaces(self) -> Vec<&'a str> {
        let texts: Vec<&str> = match self {
            Self::Typed(typed) => vec![typed.trim()],
            Self::Any(words) => words.iter().map(String::as_str).collect(),
        };
        let mut namespaces: Vec<&str> = texts
            .into_iter()
            .filter_map(|text| Some(text.split_once('/')?.0))
            .filter(|namespace| !namespace.starts_with('~') && crate::check::is_name(namespace))
            .collect();
        namespaces.dedup();
        namespaces.truncate(NAMESPACES);
        namespaces
    }
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

async fn may_list(reader: &Reader<'_>, right: Right, namespace: &str) -> Result<bool, NotRead> {
    let known = &reader.cluster.known.allowed;
    let key = (reader.who.clone(), (right, namespace.to_owned()));
    let now = reader.clock.now();
    if let Some((until, allowed)) = super::client::lock(known).get(&key)
        && now < *until
    {
        return Ok(*allowed);
    }
    let allowed = reader.allows(right, namespace).await;
    let allowed = allowed.map_err(|why| not_read(&Request::of(right).within(Some(namespace)), why))?;
    let mut known = super::client::lock(known);
    known.retain(|_, (until, _)| now < *until);
    known.insert(key, (now + FRESH, allowed));
    Ok(allowed)
}

/// Listed as the bot, where it does not watch.
async fn all(reader: &Reader<'_>, right: Right, namespace: &str) -> Result<Vec<String>, NotRead> {
    let known = &reader.cluster.known.names;
    let key = (right, namespace.to_owned());
    let now = reader.clock.now();
    if let Some((until, names)) = super::client::lock(known).get(&key)
        && now < *until
    {
        return Ok(names.clone());
    }
    let names = listed(reader, &Request::of(right).within(Some(namespace))).await?;
    let mut known = super::client::lock(known);
    known.retain(|_, (until, _)| now < *until);
    known.insert(key, (now + FRESH, names.clone()));
    Ok(names)
}

async fn listed(reader: &Reader<'_>, request: &Request) -> Result<Vec<String>, NotRead> {
    let as_bot = Reader {
        who: &Who::Bot,
        ..*reader
    };
    let mut names = Vec::new();
    let read = as_bot.pages(request, |item: Item| names.push(item.metadata.words()));
    read.await?;
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
