//! The connection to a cluster: one for all people, each request under its own deadline.
//!
//! A person's reads carry their name in the impersonation headers, so that the API server decides by their rights
//! and its audit log names them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, StreamExt as _};
use http::{HeaderName, HeaderValue};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{APIGroup, ListMeta};
use kube::core::WatchEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{OnceCell, Semaphore};

use super::connection::Connection;
use super::items::{Items, Part};
use super::names::Known;
use super::request::{Request, Right};
use super::watch::Tables;
use crate::clock::{Clock, Millis};
use crate::config;

/// How many requests may be under way at one cluster: the bot must not be the load that breaks it.
const AT_ONCE: usize = 10;
/// The pauses before the further attempts of a read, in real time, as the network's is.
const PAUSES: [Duration; 2] = [Duration::from_millis(150), Duration::from_millis(600)];
/// What the API server's log calls the bot.
const USER_AGENT: &str = concat!("firstmate/", env!("CARGO_PKG_VERSION"));

/// As whom a cluster is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// The bot itself, where nobody is mapped.
    Bot,
    /// A person.
    Person {
        /// Their Kubernetes user.
        user: String,
        /// The groups that their roles stand for.
        groups: Vec<String>,
    },
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRead {
    /// What it needed.
    pub right: Right,
    /// Where.
    pub namespace: String,
    /// Of what name; empty: all.
    pub name: String,
    /// Why it could not be read.
    pub why: Why,
}

/// Why something could not be read. The sentences are in `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The person, or the bot where nobody is mapped, has not the right.
    Forbidden {
        /// The Kubernetes user that has not.
        user: Option<String>,
    },
    /// The bot may not act as this person.
    MayNotActAs {
        /// The Kubernetes user.
        user: String,
    },
    /// The API server does not know the bot.
    Unauthorized,
    /// There is no such object.
    NotFound,
    /// The API server does not serve this kind.
    NotServed,
    /// The API server asks to come back later.
    Throttled,
    /// There was no answer before the deadline.
    TimedOut,
    /// There is no connection, in the system's words.
    Unreachable(String),
    /// The API server answered with this status.
    Failed {
        /// The status.
        code: u16,
        /// Its own words.
        message: String,
    },
    /// The answer cannot be understood.
    Unreadable,
}

/// One cluster of the configuration.
pub struct Cluster {
    /// Its name in the configuration.
    pub name: String,
    connection: Connection,
    permits: Semaphore,
    /// What completion remembers.
    pub(super) known: Known,
    /// What the bot watches.
    pub(super) tables: Tables,
    /// What its discovery said.
    pub(super) served: super::served::Known,
    /// What it said of the fields of its kinds.
    pub(super) fields: super::fields::Known,
    /// Held while a plan is read for the last time and its call is made: what one change depends on must not be
    /// changed by another in between.
    pub changing: tokio::sync::Mutex<()>,
    /// Answers that are under way, so that the same read of the same person is made once.
    under_way: Mutex<UnderWay>,
}

/// What a watch tells, as it happens.
pub(super) type Events<T> = BoxStream<'static, Result<WatchEvent<T>, Why>>;

/// An answer's text.
type Text = Result<Arc<String>, Why>;
/// Answers by who asked, and for which path.
type UnderWay = HashMap<(Who, String), Arc<OnceCell<Text>>>;

impl Cluster {
    /// A cluster that is connected to when it is first read.
    pub fn new(name: &str, settings: config::Cluster) -> Self {
        Self {
            name: name.to_owned(),
            connection: Connection::new(settings),
            permits: Semaphore::new(AT_ONCE),
            known: Known::default(),
            tables: Tables::default(),
            served: super::served::Known::default(),
            fields: super::fields::Known::default(),
            changing: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
        }
    }

    /// What the API server answers to a request, once more where the bot's proof of who it is has changed on disk.
    async fn answer(&self, request: http::Request<Vec<u8>>) -> Result<impl AsyncBufRead + use<>, Why> {
        let connected = self.connection.connected().await?;
        let refused = match connected.client.request_stream(request.clone()).await {
            Ok(body) => return Ok(body),
            Err(error) => why(&error),
        };
        let renewed = self.connection.renewed(&connected, &refused).await;
        let again = renewed.ok_or(refused)?;
        let body = again.client.request_stream(request).await;
        body.map_err(|error| why(&error))
    }

    /// The client that the last read found good, for the one call that is never made twice.
    ///
    /// # Errors
    /// If there is no usable kubeconfig.
    pub(super) async fn client(&self) -> Result<kube::Client, Why> {
        Ok(self.connection.connected().await?.client)
    }

    /// The text of an answer. Whoever asks the same as the same person meanwhile gets the same answer.
    async fn text(&self, who: &Who, path: String) -> Text {
        let key = (who.clone(), path);
        let cell = Arc::clone(lock(&self.under_way).entry(key.clone()).or_default());
        let text = cell.get_or_init(|| self.fetch(who, &key.1)).await.clone();
        lock(&self.under_way).remove(&key);
        text
    }

    async fn fetch(&self, who: &Who, path: &str) -> Text {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        for pause in PAUSES {
            match self.once(who, path).await {
                Err(why) if why.may_pass() => tokio::time::sleep(pause).await,
                other => return other,
            }
        }
        self.once(who, path).await
    }

    async fn once(&self, who: &Who, path: &str) -> Text {
        let request = request(who, http::Method::GET, path, Vec::new()).ok_or(Why::Unreadable)?;
        // kube's own way to a text holds the body four times at once.
        let mut body = std::pin::pin!(self.answer(request).await?);
        let mut text = String::new();
        body.read_to_string(&mut text)
            .await
            .map_err(|error| broken(&error))?;
        Ok(Arc::new(text))
    }

    /// Gives each object of a list to `take` while it is read, and returns what is said of the list.
    async fn each<T: DeserializeOwned>(
        &self,
        who: &Who,
        path: &str,
        take: &mut impl FnMut(T),
    ) -> Result<ListMeta, Why> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        for pause in PAUSES {
            let mut has_begun = false;
            let mut taking = |object| {
                has_begun = true;
                take(object);
            };
            match self.each_once(who, path, &mut taking).await {
                // What was taken cannot be given back.
                Err(why) if why.may_pass() && !has_begun => tokio::time::sleep(pause).await,
                other => return other,
            }
        }
        self.each_once(who, path, take).await
    }

    async fn each_once<T: DeserializeOwned>(
        &self,
        who: &Who,
        path: &str,
        take: &mut impl FnMut(T),
    ) -> Result<ListMeta, Why> {
        let request = request(who, http::Method::GET, path, Vec::new()).ok_or(Why::Unreadable)?;
        let mut body = std::pin::pin!(self.answer(request).await?);
        let (mut items, mut metadata) = (Items::default(), ListMeta::default());
        loop {
            let bytes = body.fill_buf().await.map_err(|error| broken(&error))?;
            if bytes.is_empty() {
                break;
            }
            let length = bytes.len();
            items.feed(bytes, |part| {
                match part {
                    Part::Metadata(bytes) => metadata = decoded(bytes)?,
                    Part::Item(bytes) => take(decoded(bytes)?),
                }
                Ok(())
            })?;
            body.as_mut().consume_unpin(length);
            // Long lists take a processor for a while, which others may want.
            tokio::task::yield_now().await;
        }
        if items.is_over() {
            Ok(metadata)
        } else {
            Err(Why::Unreadable)
        }
    }

    /// Opens a watch, as the bot. It takes no permit: it is no load, and it stays.
    ///
    /// # Errors
    /// If the API server does not let the bot watch, or cannot be reached.
    pub(super) async fn events<T>(&self, path: &str) -> Result<Events<T>, Why>
    where
        T: DeserializeOwned + Clone + Send + 'static,
    {
        let request = request(&Who::Bot, http::Method::GET, path, Vec::new()).ok_or(Why::Unreadable)?;
        let connected = self.connection.connected().await?;
        let events = match connected.client.request_events::<T>(request.clone()).await {
            Ok(events) => events,
            Err(error) => {
                let refused = why(&error);
                let renewed = self.connection.renewed(&connected, &refused).await;
                let again = renewed.ok_or(refused)?.client;
                let events = again.request_events::<T>(request).await;
                events.map_err(|error| why(&error))?
            }
        };
        Ok(events.map(|event| event.map_err(|error| why(&error))).boxed())
    }

    /// Has the API server review something. Asked as the bot.
    async fn review<T: Serialize + DeserializeOwned>(&self, path: &str, review: &T) -> Result<T, Why> {
        let body = serde_json::to_vec(review).map_err(|_| Why::Unreadable)?;
        let request = request(&Who::Bot, http::Method::POST, path, body).ok_or(Why::Unreadable)?;
        let mut body = std::pin::pin!(self.answer(request).await?);
        let mut answer = String::new();
        body.read_to_string(&mut answer)
            .await
            .map_err(|error| broken(&error))?;
        serde_json::from_str(&answer).map_err(|_| Why::Unreadable)
    }

    /// Whether a person has a right, by the API server's word.
    async fn allows(&self, who: &Who, right: Right, namespace: &str) -> Result<bool, Why> {
        let Who::Person { user, groups } = who else {
            return Ok(true);
        };
        let (resource, subresource) = right.resource.split_once('/').unwrap_or((right.resource, ""));
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(user.clone()),
                groups: Some([groups.as_slice(), &["system:authenticated".to_owned()]].concat()),
                resource_attributes: Some(ResourceAttributes {
                    group: Some(right.group.to_owned()),
                    resource: Some(resource.to_owned()),
                    subresource: (!subresource.is_empty()).then(|| subresource.to_owned()),
                    verb: Some(right.verb.to_owned()),
                    namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
                    ..ResourceAttributes::default()
                }),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        let review = self.review(path, &review).await?;
        Ok(review.status.is_some_and(|status| status.allowed))
    }
}

/// Reads a cluster as one person, until one deadline.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// As whom.
    pub who: &'a Who,
    /// The time.
    pub clock: &'a Clock,
    /// When there must be an answer.
    pub until: Millis,
}

/// How many objects of a long list are asked for at once.
const PAGE: usize = 500;
/// Larger texts are parsed where they hold up nobody's acknowledgement.
const LARGE: usize = 64 << 10;

impl Reader<'_> {
    /// A list that may be too long to be held in memory whole: `take` gets its objects while it is read, page by
    /// page. Returns the version at which it was read.
    ///
    /// # Errors
    /// If not all of it can be read.
    pub async fn pages<T: DeserializeOwned>(
        &self,
        request: &Request,
        mut take: impl FnMut(T),
    ) -> Result<String, NotRead> {
        let mut next = None;
        loop {
            let page = request.clone().with("limit", Some(PAGE.to_string()));
            let read = self.each(&page.with("continue", next), &mut take).await?;
            next = read.continue_.filter(|next| !next.is_empty());
            if next.is_none() {
                return Ok(read.resource_version.unwrap_or_default());
            }
        }
    }

    /// The same of an API that knows no pages.
    ///
    /// # Errors
    /// If not all of it can be read.
    pub(super) async fn each<T: DeserializeOwned>(
        &self,
        request: &Request,
        mut take: impl FnMut(T),
    ) -> Result<ListMeta, NotRead> {
        let path = path(request).ok_or_else(|| nowhere(request))?;
        match self.in_time(self.cluster.each(self.who, &path, &mut take)).await {
            Ok(read) => Ok(read),
            Err(why) => Err(not_read(request, self.explained(why, request).await)),
        }
    }

    /// An object, or a list of them.
    ///
    /// # Errors
    /// If it cannot be read; why, in terms of what can be done about it.
    pub async fn read<T: DeserializeOwned + Send + 'static>(&self, request: &Request) -> Result<T, NotRead> {
        let text = self.text(request).await?;
        let parsed = match text.len() > LARGE {
            true => tokio::task::spawn_blocking(move || serde_json::from_str(&text).ok()).await,
            false => Ok(serde_json::from_str(&text).ok()),
        };
        // The body stays out of it: secrets may stand there.
        let value = parsed.ok().flatten();
        value.ok_or_else(|| not_read(request, Why::Unreadable))
    }

    /// The text of an answer, as of a log.
    ///
    /// # Errors
    /// If it cannot be read; why, in terms of what can be done about it.
    pub async fn text(&self, request: &Request) -> Result<Arc<String>, NotRead> {
        let path = path(request).ok_or_else(|| nowhere(request))?;
        let answer = self.in_time(self.cluster.text(self.who, path)).await;
        match answer {
            Ok(text) => Ok(text),
            Err(why) => Err(not_read(request, self.explained(why, request).await)),
        }
    }

    /// An object that is asked for now: an answer to somebody else's question, which may be older than what was just
    /// done, is not taken for it.
    ///
    /// # Errors
    /// If it cannot be read; why, in terms of what can be done about it.
    pub(super) async fn fresh<T: DeserializeOwned>(&self, request: &Request) -> Result<T, NotRead> {
        let path = path(request).ok_or_else(|| nowhere(request))?;
        match self.in_time(self.cluster.fetch(self.who, &path)).await {
            Ok(text) => serde_json::from_str(&text).map_err(|_| not_read(request, Why::Unreadable)),
            Err(why) => Err(not_read(request, self.explained(why, request).await)),
        }
    }

    /// The version of the API server.
    ///
    /// # Errors
    /// If it does not say.
    pub async fn version(&self) -> Result<String, Why> {
        let answer = self.cluster.text(&Who::Bot, "/version".to_owned());
        let text = self.in_time(answer).await?;
        let version: k8s_openapi::apimachinery::pkg::version::Info =
            serde_json::from_str(&text).map_err(|_| Why::Unreadable)?;
        Ok(version.git_version)
    }

    /// What is served of the group of a right. Asked as the bot: what is served is nobody's secret, and acting as
    /// people is allowed for objects only.
    ///
    /// # Errors
    /// If nothing is, or it cannot be read.
    pub(super) async fn group(&self, right: Right) -> Result<APIGroup, NotRead> {
        let not = |why| NotRead {
            right,
            namespace: String::new(),
            name: String::new(),
            why,
        };
        let path = format!("/apis/{}", right.group);
        let answer = self.in_time(self.cluster.text(&Who::Bot, path)).await;
        let text = answer.map_err(|why| match why {
            Why::NotFound => not(Why::NotServed),
            why => not(why),
        })?;
        serde_json::from_str(&text).map_err(|_| not(Why::Unreadable))
    }

    /// The text of what discovery, or the API's description, says under a path. Asked as the bot: what is served is
    /// nobody's secret.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) async fn discovery(&self, path: &str) -> Result<Arc<String>, Why> {
        self.in_time(self.cluster.text(&Who::Bot, path.to_owned())).await
    }

    /// Whether the person has a right, by the API server's word.
    ///
    /// # Errors
    /// If it does not say.
    pub async fn allows(&self, right: Right, namespace: &str) -> Result<bool, Why> {
        self.in_time(self.cluster.allows(self.who, right, namespace))
            .await
    }

    /// Has the API server review something, as the bot.
    ///
    /// # Errors
    /// If it does not say.
    pub(super) async fn review<T: Serialize + DeserializeOwned>(
        &self,
        path: &str,
        review: &T,
    ) -> Result<T, Why> {
        self.in_time(self.cluster.review(path, review)).await
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Why>>) -> Result<T, Why> {
        tokio::select! {
            answer = work => answer,
            () = self.clock.sleep_until(self.until) => Err(Why::TimedOut),
        }
    }

    /// A refusal says no more than "forbidden", whoever has not the right: the person, or the bot to act as them.
    /// The API server knows.
    async fn explained(&self, why: Why, request: &Request) -> Why {
        let (Why::Forbidden { .. }, Who::Person { user, .. }) = (&why, self.who) else {
            return match why {
                Why::NotFound if request.name.is_empty() => Why::NotServed,
                why => why,
            };
        };
        let user = user.clone();
        let review = self.cluster.allows(self.who, request.right, &request.namespace);
        match self.in_time(review).await {
            Ok(true) => Why::MayNotActAs { user },
            _ => Why::Forbidden { user: Some(user) },
        }
    }
}

impl Why {
    /// Whether it may be otherwise at the next attempt.
    const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::Unreachable(_) | Self::Failed { code: 500..=599, .. }
        )
    }
}

/// Where a request goes. No object has a name of several segments, which would lead to another place of the API, such
/// as `node-1/proxy`.
fn path(request: &Request) -> Option<String> {
    (is_segment(&request.namespace) && is_segment(&request.name)).then(|| request.path())
}

fn is_segment(part: &str) -> bool {
    !part.contains('/') && part != "." && part != ".."
}

/// There is no such object, or no such namespace.
fn nowhere(request: &Request) -> NotRead {
    if is_segment(&request.namespace) {
        return not_read(request, Why::NotFound);
    }
    NotRead {
        right: crate::cluster::request::LIST_NAMESPACES,
        namespace: String::new(),
        name: request.namespace.clone(),
        why: Why::NotFound,
    }
}

/// From text, as `kube` reads the events of a watch and `kinds` what a document has: whoever reads the types from bytes
/// too has all of them compiled twice.
fn decoded<T: DeserializeOwned>(json: &[u8]) -> Result<T, Why> {
    let text = std::str::from_utf8(json).map_err(|_| Why::Unreadable)?;
    serde_json::from_str(text).map_err(|_| Why::Unreadable)
}

pub(super) fn not_read(request: &Request, why: Why) -> NotRead {
    NotRead {
        right: request.right,
        namespace: request.namespace.clone(),
        name: request.name.clone(),
        why,
    }
}

pub(super) fn request(
    who: &Who,
    method: http::Method,
    path: &str,
    body: Vec<u8>,
) -> Option<http::Request<Vec<u8>>> {
    let accept = match super::served::is_discovery(path) {
        true => super::served::FORM,
        false => "application/json",
    };
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header(http::header::USER_AGENT, USER_AGENT)
        .header(http::header::ACCEPT, accept)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(body)
        .ok()?;
    if let Who::Person { user, groups } = who {
        let headers = request.headers_mut();
        headers.insert(HeaderName::from_static("impersonate-user"), value(user)?);
        for group in groups {
            headers.append(HeaderName::from_static("impersonate-group"), value(group)?);
        }
    }
    Some(request)
}

fn value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

fn why(error: &kube::Error) -> Why {
    match error {
        kube::Error::Api(status) => refused(status.code, &status.message),
        kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => Why::Unreadable,
        other => Why::Unreachable(root(other)),
    }
}

/// Why the API server does not do what it was asked.
pub(super) fn refused(code: u16, message: &str) -> Why {
    match code {
        401 => Why::Unauthorized,
        403 => Why::Forbidden { user: None },
        404 => Why::NotFound,
        429 => Why::Throttled,
        code => Why::Failed {
            code,
            message: message.to_owned(),
        },
    }
}

/// Why a body could not be read to its end.
fn broken(error: &std::io::Error) -> Why {
    match error.kind() {
        std::io::ErrorKind::InvalidData => Why::Unreadable,
        _ => Why::Unreachable(root(error)),
    }
}

/// The innermost words of an error: the outer ones repeat the address.
pub(super) fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// Whoever panicked while holding it left nothing half done: the maps hold whole values only.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
