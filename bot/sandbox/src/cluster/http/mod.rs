//! The API over HTTP: who asks, whether it may, and what is answered.

mod answer;
mod ask;
mod body;
mod discovery;
mod logs;
mod objects;
mod openapi;
mod options;
mod protobuf;
mod reviews;
mod shape;
mod subresources;
mod watch;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, header};
use axum::routing::any;
use axum::serve::ListenerExt as _;
use futures::StreamExt as _;
use tokio::net::TcpListener;

use self::ask::{Ask, Params, Place};
use super::core::{Core, Counted};
use super::faults::{self, Trouble};
use super::journal::{RequestLogLine, Write};
use super::people::User;
use super::problem::Problem;
use super::rbac;

/// How large a body may be; etcd takes no more either.
const BODY_LIMIT: usize = 3 << 20;

/// Serves until the cluster ends.
pub(super) fn serve(listener: TcpListener, core: &Arc<Core>) {
    let router = Router::new().fallback(any(handle)).with_state(Arc::clone(core));
    let mut stop = core.stop.subscribe();
    // Answers are small and awaited one by one.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    tokio::spawn(async move {
        let stopped = async move { stop.wait_for(|stop| *stop).await.map_or((), |_| ()) };
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await;
        if let Err(error) = served {
            tracing::error!("the local cluster stopped: {error}");
        }
    });
}

/// One request, from its first byte to its line in the log.
async fn handle(State(core): State<Arc<Core>>, request: Request) -> Response<Body> {
    let counted = core.begin();
    let (parts, body) = request.into_parts();
    let (person, path) = person_in(parts.uri.path());
    let query = Params::of(&parts.uri);
    let place = Place::of(&parts.method, &path, &query);
    let mut ask = Ask {
        method: parts.method,
        path,
        query,
        headers: parts.headers,
        body: Bytes::new(),
        wanted: place.wanted,
        version: place.version,
        rest: place.rest,
        user: User::anonymous(),
    };
    let trouble = core.faults().for_request(&ask.wanted.group, &ask.wanted.resource);
    if let Some(ms) = trouble.late_ms {
        core.hold(ms).await;
    }
    if trouble.dropped {
        log(&core, &ask, (0, Some(0)));
        return dropped();
    }
    let answered = match to_bytes(body, BODY_LIMIT).await {
        Ok(bytes) => {
            ask.body = bytes;
            answered(&core, &mut ask, person.as_deref(), &trouble).await
        }
        Err(_) => Err(Problem::new(
            413,
            "RequestEntityTooLarge",
            "the request is too large",
        )),
    };
    let response = answered.unwrap_or_else(|problem| answer::problem(&problem));
    let length = response.body().size_hint().exact().filter(|_| !trouble.cut);
    let place = log(&core, &ask, (response.status().as_u16(), length));
    let response = finish(response, &ask, counted, trouble.cut);
    match length {
        Some(_) => response,
        None => response.map(|body| measured(core, place, body)),
    }
}

async fn answered(
    core: &Arc<Core>,
    ask: &mut Ask,
    person: Option<&str>,
    trouble: &Trouble,
) -> Result<Response<Body>, Problem> {
    let sender = authenticated(ask, person)?;
    ask.user = sender.clone();
    if let Some(code) = trouble.status {
        return Err(faults::problem(code));
    }
    let constrained = core.version >= (1, 36);
    let headers = &ask.headers;
    ask.user = core
        .impersonation
        .effective(&core.store, sender, headers, &ask.wanted, constrained)?;
    if rbac::allowed(&core.store, &ask.user, &ask.wanted).is_none() {
        return Err(Problem::forbidden(&ask.user.name, &ask.wanted, ""));
    }
    let version = core.store.version();
    let response = route(core, ask, trouble).await?;
    let is_write = !matches!(ask.wanted.verb.as_str(), "get" | "list" | "watch");
    if is_write && core.store.version() != version {
        // Before the answer is seen, so that what a client reads next does not depend on chance.
        let core = Arc::clone(core);
        let _ = tokio::task::spawn_blocking(move || core.settle()).await;
    }
    Ok(response)
}

async fn route(core: &Arc<Core>, ask: &Ask, trouble: &Trouble) -> Result<Response<Body>, Problem> {
    if !ask.is_resource() {
        return Ok(discovery::answer(core, ask).unwrap_or_else(|| no_such_path(core, ask)));
    }
    let group = ask.wanted.group.as_str();
    if !discovery::has_group(core, group) {
        return Ok(no_such_path(core, ask));
    }
    let kind = ask
        .kind()
        .filter(|_| discovery::has_version(core, group, &ask.version));
    let Some(kind) = kind else {
        return Err(unknown(core, ask, Problem::no_such_resource()));
    };
    options::check(core, ask)?;
    if kind.review {
        return reviews::answer(core, ask, kind);
    }
    let response = match (ask.wanted.subresource.as_str(), ask.wanted.verb.as_str()) {
        ("", "watch") => watch::answer(core, ask, kind, trouble)?,
        ("", verb) if kind.verbs().contains(&verb) => objects::answer(core, ask, kind, trouble)?,
        ("", _) => return Err(unknown(core, ask, Problem::not_allowed())),
        _ => match subresources::answer(core, ask, kind, trouble).await? {
            Some(response) => response,
            None => return Err(unknown(core, ask, Problem::no_such_resource())),
        },
    };
    if response.status().is_success() {
        journal(core, ask, kind.singular);
    }
    Ok(response)
}

/// Who is behind the token, or in front of the path: kubectl sends no token without TLS.
fn authenticated(ask: &Ask, person: Option<&str>) -> Result<User, Problem> {
    let header = ask.header(header::AUTHORIZATION);
    if let Some(token) = header.strip_prefix("Bearer ") {
        return User::of_token(token.trim()).ok_or_else(|| faults::problem(401));
    }
    match person {
        Some(person) => User::of_person(person).ok_or_else(|| faults::problem(401)),
        None => Ok(User::anonymous()),
    }
}

/// `/as/lin/api/v1` is `/api/v1`, asked by lin.
fn person_in(path: &str) -> (Option<String>, String) {
    let Some(rest) = path.strip_prefix("/as/") else {
        return (None, path.to_owned());
    };
    let (person, rest) = rest.split_once('/').unwrap_or((rest, ""));
    (Some(person.to_owned()), format!("/{rest}"))
}

/// There is nothing of that name, or nothing that can be done with it. A test that meets this asked for too
/// much, or the cluster has too little.
fn unknown(core: &Core, ask: &Ask, problem: Problem) -> Problem {
    core.journal().unknown(format!("{} {}", ask.method, ask.path));
    problem
}

fn no_such_path(core: &Core, ask: &Ask) -> Response<Body> {
    core.journal().unknown(format!("{} {}", ask.method, ask.path));
    answer::text(404, "404 page not found\n")
}

fn journal(core: &Core, ask: &Ask, singular: &str) {
    let wanted = &ask.wanted;
    if matches!(wanted.verb.as_str(), "get" | "list" | "watch") {
        return;
    }
    let name = match wanted.name.as_str() {
        "" => body::name(&ask.body),
        name => name.to_owned(),
    };
    core.journal().wrote(Write {
        n: 0,
        verb: wanted.verb.clone(),
        resource: singular.to_owned(),
        namespace: wanted.namespace.clone(),
        name,
        subresource: wanted.subresource.clone(),
        user: ask.user.name.clone(),
        dry_run: ask.is_dry_run() || body::is_dry_run(&ask.body),
    });
}

/// What was answered: the status, and the length of the body where it is known.
fn log(core: &Core, ask: &Ask, (status, bytes): (u16, Option<u64>)) -> usize {
    core.journal().request(RequestLogLine {
        service: "kubernetes",
        method: ask.method.to_string(),
        path: ask.path.clone(),
        who: ask.user.name.clone(),
        status,
        bytes,
    })
}

/// Counts the bytes of a body whose length is not known beforehand as they are sent.
fn measured(core: Arc<Core>, place: usize, body: Body) -> Body {
    let stream = body.into_data_stream();
    Body::from_stream(stream.inspect(move |chunk| {
        if let Ok(chunk) = chunk {
            core.journal().sent(place, chunk.len());
        }
    }))
}

/// The request is in flight until its answer is sent; what is streamed as it happens never is.
fn finish(response: Response<Body>, ask: &Ask, counted: Counted, cut: bool) -> Response<Body> {
    if ask.is_stream() && response.status().is_success() {
        drop(counted);
        return response;
    }
    if response.body().size_hint().exact() == Some(0) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    if cut {
        // The length stays that of the whole, so that the client notices.
        let length = body.size_hint().exact();
        if let Some(length) = length {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
        }
        return Response::from_parts(parts, half(body));
    }
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    let stream = body.into_data_stream().map(move |chunk| {
        let _counted = &counted;
        chunk
    });
    Response::from_parts(parts, Body::from_stream(stream))
}

/// The first half of the first chunk, and then the connection breaks.
fn half(body: Body) -> Body {
    let first = body.into_data_stream().take(1).map(|chunk| {
        let chunk = chunk.map_err(std::io::Error::other)?;
        Ok(chunk.slice(..chunk.len() / 2))
    });
    let broken = futures::stream::once(async {
        // What there is has to be on its way before the end comes.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut"))
    });
    Body::from_stream(first.chain(broken))
}

/// No answer at all: the body breaks before its first byte, and with it the head is never sent.
fn dropped() -> Response<Body> {
    let broken = futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("dropped"))]);
    Response::new(Body::from_stream(broken))
}
