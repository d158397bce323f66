//! The REST API: one table of routes, and the one way that every request goes.
//!
//! A request is counted and logged, meets the faults that are switched on, is recognised by its
//! token, found in the table, checked against Discord's limits, carried out in one
//! step on the state, and answered with the headers of its rate limit.

mod applications;
mod body;
mod channels;
mod commands;
mod guilds;
mod interactions;
mod messages;
mod threads;
mod users;
mod webhooks;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State as FromApp};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

pub(crate) use self::applications::flags as application_flags;
use self::body::Body;
pub(crate) use self::users::me_object;
use super::core::Core;
use super::errors::{self, ApiError};
use super::faults::Trouble;
use super::ids::Id;
use super::limits::{self, Form};
use super::state::State;
use super::upload::Upload;

/// What a handler gets.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    /// The route's path as the table has it.
    path: &'static str,
    /// What stood in the braces of the route's path, in order.
    params: &'a [String],
    pub(crate) query: &'a HashMap<String, String>,
    pub(crate) body: &'a Value,
    pub(crate) uploads: &'a [Upload],
}

impl Call<'_> {
    /// The `n`th parameter as an id; what is no id names nothing.
    pub(crate) fn id(&self, n: usize) -> Id {
        self.text(n).parse().unwrap_or(Id(0))
    }

    /// The `n`th parameter as it stood there.
    pub(crate) fn text(&self, n: usize) -> &str {
        self.params.get(n).map_or("", String::as_str)
    }
}

/// A good answer.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    body: Option<Value>,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body: Some(body),
        }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self {
            status: 201,
            body: Some(body),
        }
    }

    pub(crate) fn nothing() -> Self {
        Self {
            status: 204,
            body: None,
        }
    }
}

type Handler = fn(&mut Call<'_>) -> Result<Answer, ApiError>;

/// A line of the table.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// The path as Discord's document writes it.
    pub(crate) path: &'static str,
    handler: Handler,
    /// Whether it needs the bot's token. Others carry their token in the path, or need none.
    needs_bot: bool,
    /// What kind of body the limits are checked for.
    form: Form,
}

const fn bot(method: &'static str, path: &'static str, form: Form, handler: Handler) -> Route {
    Route {
        method,
        path,
        handler,
        needs_bot: true,
        form,
    }
}

const fn open(method: &'static str, path: &'static str, form: Form, handler: Handler) -> Route {
    Route {
        method,
        path,
        handler,
        needs_bot: false,
        form,
    }
}

const COMMANDS: &str = "/applications/{application_id}/commands";
const COMMAND: &str = "/applications/{application_id}/commands/{command_id}";
const GUILD_COMMANDS: &str = "/applications/{application_id}/guilds/{guild_id}/commands";
const GUILD_COMMAND: &str = "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}";
const MESSAGES: &str = "/channels/{channel_id}/messages";
const MESSAGE: &str = "/channels/{channel_id}/messages/{message_id}";
const FOLLOW_UPS: &str = "/webhooks/{webhook_id}/{webhook_token}";
const ORIGINAL: &str = "/webhooks/{webhook_id}/{webhook_token}/messages/@original";
const FOLLOW_UP: &str = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}";

/// Every route there is. Of two that fit a path, the first holds.
pub(crate) const ROUTES: &[Route] = &[
    open("GET", "/gateway", Form::None, users::gateway),
    bot("GET", "/gateway/bot", Form::None, users::gateway_bot),
    bot("GET", "/users/@me", Form::None, users::me),
    bot("GET", "/users/@me/guilds", Form::None, users::my_guilds),
    bot("POST", "/users/@me/channels", Form::None, users::open_dm),
    bot("GET", "/users/{user_id}", Form::None, users::user),
    bot("GET", "/applications/@me", Form::None, applications::me),
    bot("GET", "/oauth2/applications/@me", Form::None, applications::me),
    bot("GET", COMMANDS, Form::None, commands::list),
    bot("PUT", COMMANDS, Form::Commands, commands::replace),
    bot("POST", COMMANDS, Form::Command, commands::create),
    bot("GET", COMMAND, Form::None, commands::get),
    bot("PATCH", COMMAND, Form::Command, commands::change),
    bot("DELETE", COMMAND, Form::None, commands::delete),
    bot("GET", GUILD_COMMANDS, Form::None, commands::list),
    bot("PUT", GUILD_COMMANDS, Form::Commands, commands::replace),
    bot("POST", GUILD_COMMANDS, Form::Command, commands::create),
    bot("GET", GUILD_COMMAND, Form::None, commands::get),
    bot("PATCH", GUILD_COMMAND, Form::Command, commands::change),
    bot("DELETE", GUILD_COMMAND, Form::None, commands::delete),
    bot("GET", "/guilds/{guild_id}", Form::None, guilds::get),
    bot("GET", "/guilds/{guild_id}/channels", Form::None, guilds::channels),
    bot("GET", "/guilds/{guild_id}/roles", Form::None, guilds::roles),
    bot(
        "GET",
        "/guilds/{guild_id}/members/{user_id}",
        Form::None,
        guilds::member,
    ),
    bot(
        "GET",
        "/guilds/{guild_id}/threads/active",
        Form::None,
        threads::active,
    ),
    bot("GET", "/channels/{channel_id}", Form::None, channels::get),
    bot(
        "POST",
        "/channels/{channel_id}/typing",
        Form::None,
        channels::typing,
    ),
    bot("GET", MESSAGES, Form::None, messages::list),
    bot("POST", MESSAGES, Form::Message, messages::create),
    bot("GET", MESSAGE, Form::None, messages::get),
    bot("PATCH", MESSAGE, Form::Message, messages::change),
    bot("DELETE", MESSAGE, Form::None, messages::delete),
    bot(
        "POST",
        "/channels/{channel_id}/threads",
        Form::Thread,
        threads::open_alone,
    ),
    bot(
        "POST",
        "/channels/{channel_id}/messages/{message_id}/threads",
        Form::Thread,
        threads::open_on,
    ),
    open(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        Form::Callback,
        interactions::callback,
    ),
    open("POST", FOLLOW_UPS, Form::Message, webhooks::follow_up),
    open("GET", ORIGINAL, Form::None, webhooks::get_original),
    open("PATCH", ORIGINAL, Form::Message, webhooks::change_original),
    open("DELETE", ORIGINAL, Form::None, webhooks::delete_original),
    open("GET", FOLLOW_UP, Form::None, webhooks::get),
    open("PATCH", FOLLOW_UP, Form::Message, webhooks::change),
    open("DELETE", FOLLOW_UP, Form::None, webhooks::delete),
];

/// Answers a request under `/api`.
pub(crate) async fn serve(FromApp(core): FromApp<Arc<Core>>, request: Request) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let busy = core.busy();
    let trouble = core.with(|state| {
        let trouble = state.faults.for_request();
        if trouble.late_ms.is_some() || trouble.status.is_some() {
            let faults = serde_json::json!(state.faults.active());
            state.tell_all("faults", &faults);
        }
        trouble
    });
    if let Some(ms) = trouble.late_ms {
        // A request that is held up by the clock is on its way, not in work.
        drop(busy);
        hold(&core, ms).await;
    }
    let busy = core.busy();
    let (who, outcome) = outcome(&core, request, &trouble).await;
    let response = respond(&method, &path, &outcome);
    core.with(|state| {
        state
            .requests
            .add(method.as_str(), &path, who, response.status().as_u16())
    });
    drop(busy);
    response
}

/// Holds a request until the clock shows so much more.
async fn hold(core: &Core, ms: u64) {
    let until = core.clock.now_ms() + ms;
    core.with(|state| state.held += 1);
    let _held = Held(core);
    core.clock.sleep_until(until).await;
}

/// Counts the request as held until it goes on, or its client gives up.
struct Held<'a>(&'a Core);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.with(|state| state.held -= 1);
    }
}

/// Who asked, and what they are answered.
async fn outcome(
    core: &Arc<Core>,
    request: Request,
    trouble: &Trouble,
) -> (&'static str, Result<Answer, ApiError>) {
    let path = unversioned(request.uri().path()).to_owned();
    let who = who(core, &path, request.headers());
    if let (Some(status), false) = (trouble.status, trouble.processed) {
        return (who, Err(broken(status, trouble)));
    }
    let outcome = carry_out(core, request, &path, who).await;
    match trouble.status {
        Some(status) => (who, Err(broken(status, trouble))),
        None => (who, outcome),
    }
}

fn broken(status: u16, trouble: &Trouble) -> ApiError {
    if status == 429 {
        let seconds = trouble.retry_after_ms.map_or(1.0, |ms| ms as f64 / 1000.0);
        return errors::rate_limited(seconds);
    }
    ApiError::new(
        status,
        0,
        &format!("{status}: the local Discord was told to fail"),
    )
}

/// The path without `/api` and the version.
fn unversioned(path: &str) -> &str {
    let path = path.strip_prefix("/api").unwrap_or(path);
    ["/v10", "/v9"]
        .iter()
        .find_map(|version| path.strip_prefix(version))
        .unwrap_or(path)
}

fn who(core: &Core, path: &str, headers: &HeaderMap) -> &'static str {
    if path.starts_with("/interactions/") || path.starts_with("/webhooks/") {
        return "interaction";
    }
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = given.and_then(|given| given.strip_prefix("Bot "));
    if token == Some(core.token.as_str()) {
        "bot"
    } else {
        "nobody"
    }
}

async fn carry_out(
    core: &Arc<Core>,
    request: Request,
    path: &str,
    who: &'static str,
) -> Result<Answer, ApiError> {
    let (route, params) = find(core, request.method(), path)?;
    if route.needs_bot && who != "bot" {
        return Err(errors::unauthorized());
    }
    let query = query(request.uri().query().unwrap_or_default());
    let body = Body::read(request).await?;
    check(core, route, path, &body.json)?;
    core.with(|state| {
        super::interaction::expire(state);
        let (template, params, query) = (route.path, params.as_slice(), &query);
        let mut call = Call {
            state,
            path: template,
            params,
            query,
            body: &body.json,
            uploads: &body.uploads,
        };
        let outcome = (route.handler)(&mut call);
        if let Err(error) = &outcome
            && error.is_a_fault()
        {
            state
                .faults_seen
                .push(format!("{} {path}: {}", route.method, error.body()));
        }
        outcome
    })
}

/// The body held against the limits and, where there is one, another opinion.
fn check(core: &Core, route: &Route, path: &str, body: &Value) -> Result<(), ApiError> {
    let mut wrong = limits::check(route.form, body);
    if wrong.is_empty()
        && let Some(opinion) = &core.opinion
    {
        wrong.extend(opinion.of(route.method, route.path, body));
    }
    let ignored = limits::unknown_keys(route.form, body);
    if wrong.is_empty() && ignored.is_empty() {
        return Ok(());
    }
    core.with(|state| {
        for key in &ignored {
            state
                .faults_seen
                .push(format!("{} {path}: Discord ignores `{key}`", route.method));
        }
        for it in &wrong {
            let place = format!("{} {path}: {}: {}", route.method, it.at, it.message);
            state.faults_seen.push(place);
        }
    });
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(errors::invalid_form(&wrong))
    }
}

fn find(core: &Core, method: &Method, path: &str) -> Result<(&'static Route, Vec<String>), ApiError> {
    let mut known = false;
    for route in ROUTES {
        let Some(params) = fit(route.path, path) else {
            continue;
        };
        known = true;
        if route.method == method.as_str() {
            return Ok((route, params));
        }
    }
    core.with(|state| state.faults_seen.push(format!("{method} {path}: no such route")));
    Err(if known {
        errors::wrong_method()
    } else {
        errors::no_route()
    })
}

/// The parameters of `path` if it is of the form `template`.
fn fit(template: &str, path: &str) -> Option<Vec<String>> {
    let (mut wanted, mut given) = (template.split('/'), path.trim_end_matches('/').split('/'));
    let mut params = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(wanted), Some(given)) if wanted.starts_with('{') => {
                params.push(given.replace("%40", "@"));
            }
            (Some(wanted), Some(given)) if wanted == given.replace("%40", "@") => {}
            _ => return None,
        }
    }
}

fn query(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn respond(method: &Method, path: &str, outcome: &Result<Answer, ApiError>) -> Response {
    let (status, body) = match outcome {
        Ok(answer) => (answer.status, answer.body.clone()),
        Err(error) => (error.status, Some(error.body())),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Some(body) => (status, axum::Json(body)).into_response(),
        None => status.into_response(),
    };
    let retry_after = outcome.as_ref().err().and_then(|error| error.retry_after);
    rate_headers(response.headers_mut(), method, unversioned(path), retry_after);
    response
}

/// The headers of the request's bucket, as if it were the first in it. Each interaction has its own, of five answers in
/// two seconds, though the header calls all of them by the same name.
fn rate_headers(headers: &mut HeaderMap, method: &Method, path: &str, retry_after: Option<f64>) {
    let of_interaction = path.starts_with("/webhooks/");
    let (limit, seconds) = if of_interaction { (5, 2) } else { (50, 1) };
    let major: Vec<&str> = path.split('/').take(3).collect();
    let bucket = format!(
        "{}-{}",
        method.as_str().to_lowercase(),
        major.join("-").replace('@', "")
    );
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    let Some(retry_after) = retry_after else {
        set("x-ratelimit-bucket", bucket);
        set("x-ratelimit-limit", limit.to_string());
        set("x-ratelimit-remaining", (limit - 1).to_string());
        set("x-ratelimit-reset-after", format!("{seconds}.000"));
        return;
    };
    set("retry-after", format!("{retry_after}"));
    set("x-ratelimit-scope", "user".to_owned());
}
