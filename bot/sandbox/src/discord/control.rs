//! The control API under `/local`: what the page and browser tests use. It is for this machine
//! only, and a page from elsewhere cannot reach it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequest, Query, Request, State as FromApp};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::Stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::core::Core;
use super::faults::Fault;
use super::people::{self, Click, Invoke, NewThread, Say, Submit};
use super::refused::Refused;
use super::state::{PageEvent, Watcher};
use super::{actions, snapshot};

/// The routes under `/local`.
pub(crate) fn router() -> Router<Arc<Core>> {
    Router::new()
        .route("/local/state", get(state))
        .route("/local/events", get(events))
        .route("/local/say", post(say))
        .route("/local/command", post(command))
        .route("/local/autocomplete", post(autocomplete))
        .route("/local/component", post(component))
        .route("/local/modal", post(modal))
        .route("/local/thread", post(thread))
        .route("/local/locale", post(locale))
        .route("/local/permission", post(permission))
        .route("/local/fault", post(fault))
        .route("/local/clock", post(clock))
}

/// Refuses what does not come from this machine's own page: a foreign `Host` (a name that was
/// pointed here) or a foreign `Origin` (another site's page).
pub(crate) async fn only_from_here(
    FromApp(core): FromApp<Arc<Core>>,
    request: Request,
    next: Next,
) -> Response {
    let port = core.address.port();
    let names = [
        core.address.to_string(),
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
    ];
    if is_from(request.headers(), &names) {
        return next.run(request).await;
    }
    let message = "Only pages of this address may do this.";
    Refused::new(403, message).into_response()
}

fn is_from(headers: &HeaderMap, names: &[String]) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &header::HeaderValue| value.to_str().unwrap_or_default())
    };
    let host = text(header::HOST).is_some_and(|host| names.iter().any(|name| name == host));
    let origin = text(header::ORIGIN).is_none_or(|origin| {
        origin
            .strip_prefix("http://")
            .is_some_and(|origin| names.iter().any(|name| name == origin))
    });
    host && origin
}

/// The guard as a layer.
pub(crate) fn guarded(router: Router<Arc<Core>>, core: &Arc<Core>) -> Router<Arc<Core>> {
    router.layer(middleware::from_fn_with_state(Arc::clone(core), only_from_here))
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut body = json!({"error": self.message});
        if let Some(code) = self.code {
            body["code"] = json!(code);
        }
        (status, Json(body)).into_response()
    }
}

/// A JSON body whose faults are told as every other refusal is.
struct Told<T>(T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequest<S> for Told<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let bytes = axum::body::to_bytes(request.into_body(), 40 * 1024 * 1024).await;
        let bytes = bytes.map_err(|_| Refused::new(413, "Too large.").known_as("too-large"))?;
        serde_json::from_slice(&bytes)
            .map(Told)
            .map_err(|error| Refused::bad(error.to_string()))
    }
}

type Answer = Result<Json<Value>, Refused>;

#[derive(Deserialize)]
struct Who {
    person: Option<String>,
}

async fn state(FromApp(core): FromApp<Arc<Core>>, Query(who): Query<Who>) -> Answer {
    let person = people::human(who.person.as_deref().unwrap_or("lin"))?;
    Ok(Json(core.look(|state| snapshot::state(state, person))))
}

async fn events(
    FromApp(core): FromApp<Arc<Core>>,
    Query(who): Query<Who>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let person = people::human(who.person.as_deref().unwrap_or("lin"))?;
    let (to, events) = unbounded_channel();
    core.with(|state| {
        let online = json!({"online": state.is_online()});
        let _ = to.send(PageEvent {
            name: "connection",
            data: online,
        });
        state.watchers.push(Watcher {
            person: person.id,
            to,
        });
    });
    Ok(Sse::new(stream(events)).keep_alive(KeepAlive::default()))
}

fn stream(events: UnboundedReceiver<PageEvent>) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(events, async |mut events| {
        let event = events.recv().await?;
        Some((
            Ok(Event::default().event(event.name).data(event.data.to_string())),
            events,
        ))
    })
}

async fn say(FromApp(core): FromApp<Arc<Core>>, Told(say): Told<Say>) -> Answer {
    core.with(|state| people::say(state, &say)).map(Json)
}

async fn command(FromApp(core): FromApp<Arc<Core>>, Told(invoke): Told<Invoke>) -> Answer {
    let id = core.with(|state| people::command(state, &invoke))?;
    Ok(Json(json!({"interaction_id": id})))
}

async fn autocomplete(FromApp(core): FromApp<Arc<Core>>, Told(invoke): Told<Invoke>) -> Answer {
    let choices = actions::autocomplete(&core, &invoke).await?;
    Ok(Json(json!({"choices": choices})))
}

async fn component(FromApp(core): FromApp<Arc<Core>>, Told(click): Told<Click>) -> Answer {
    let id = core.with(|state| people::component(state, &click))?;
    Ok(Json(json!({"interaction_id": id})))
}

async fn modal(FromApp(core): FromApp<Arc<Core>>, Told(submit): Told<Submit>) -> Answer {
    let id = core.with(|state| people::submit(state, &submit))?;
    Ok(Json(json!({"interaction_id": id})))
}

async fn thread(FromApp(core): FromApp<Arc<Core>>, Told(new): Told<NewThread>) -> Answer {
    core.with(|state| people::open_thread(state, &new)).map(Json)
}

#[derive(Deserialize)]
struct Locale {
    person: String,
    locale: String,
}

async fn locale(FromApp(core): FromApp<Arc<Core>>, Told(it): Told<Locale>) -> Answer {
    core.with(|state| actions::set_locale(state, &it.person, &it.locale))?;
    Ok(Json(json!({"locale": it.locale})))
}

#[derive(Deserialize)]
struct Permission {
    channel: String,
    permission: String,
    allow: bool,
}

async fn permission(FromApp(core): FromApp<Arc<Core>>, Told(it): Told<Permission>) -> Answer {
    core.with(|state| actions::permit(state, &it.channel, &it.permission, it.allow))?;
    Ok(Json(json!({})))
}

async fn fault(FromApp(core): FromApp<Arc<Core>>, Told(fault): Told<Fault>) -> Answer {
    core.with(|state| actions::fault(state, &fault));
    Ok(Json(json!({"faults": core.look(|state| state.faults.active())})))
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: u64,
}

async fn clock(FromApp(core): FromApp<Arc<Core>>, Told(it): Told<Advance>) -> Answer {
    actions::advance(&core, it.advance_ms);
    Ok(Json(json!({"now": core.clock.now_ms()})))
}
