//! Tells of a change where people of the cluster look: in the events of the node.

use futures::FutureExt as _;
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::jiff::Timestamp;

use super::bot;
use crate::check::table::plain;
use crate::clock::Clock;
use crate::cluster::client::{Cluster, NotRead, Why, not_read};
use crate::cluster::request::{self, Request as Asked};
use crate::limits::clamp;
use crate::redact::redact;
use crate::remedy::action::Action;
use crate::remedy::approval::Request;
use crate::text;

/// Where events of what is in no namespace are.
pub const NAMESPACE: &str = "default";
/// Who tells.
const COMPONENT: &str = "firstmate";
/// How long the API lets a message be, in bytes.
const MESSAGE: usize = 1024;
/// Of which the reason may take so much.
const REASON: usize = 400;

/// Writes an event on the node that names request, requester and approver, as the bot. The event of a request has its
/// own name, so that there is only ever one.
///
/// # Errors
/// If it cannot be written.
pub async fn announce(cluster: &Cluster, clock: &Clock, request: &Request) -> Result<(), NotRead> {
    let asked = Asked::of(request::CREATE_EVENT).within(Some(NAMESPACE));
    let event = event(request, clock.now());
    let (reader, path) = (bot(cluster, clock), asked.path());
    match reader.review(&path, &event).boxed().await {
        Ok(_) => Ok(()),
        // Somebody who was stopped in between has told of it already.
        Err(Why::Failed { code: 409, .. }) => Ok(()),
        Err(why) => Err(not_read(&asked, why)),
    }
}

fn event(request: &Request, now: u64) -> api::Event {
    let at = i64::try_from(now).ok();
    let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map(Time);
    let action = request.action();
    let (reason, verb) = match action {
        Action::Cordon { .. } => ("CordonApproved", "Cordon"),
        Action::Uncordon { .. } => ("UncordonApproved", "Uncordon"),
    };
    api::Event {
        metadata: ObjectMeta {
            // The number alone may come back with a new store.
            name: Some(format!("{COMPONENT}-{}-{:x}", request.id, request.created_at)),
            namespace: Some(NAMESPACE.to_owned()),
            ..ObjectMeta::default()
        },
        involved_object: api::ObjectReference {
            api_version: Some("v1".to_owned()),
            kind: Some("Node".to_owned()),
            name: Some(action.node().to_owned()),
            uid: Some(request.plan.basis.uid.clone()),
            ..api::ObjectReference::default()
        },
        reason: Some(reason.to_owned()),
        action: Some(verb.to_owned()),
        message: Some(message(request)),
        type_: Some("Normal".to_owned()),
        source: Some(api::EventSource {
            component: Some(COMPONENT.to_owned()),
            host: None,
        }),
        reporting_component: Some(COMPONENT.to_owned()),
        reporting_instance: Some(COMPONENT.to_owned()),
        count: Some(1),
        first_timestamp: at.clone(),
        last_timestamp: at,
        ..api::Event::default()
    }
}

/// In bytes, as the API counts.
fn message(request: &Request) -> String {
    let lang = match request.card.chinese {
        true => firstmate_kb::Lang::Zh,
        false => firstmate_kb::Lang::En,
    };
    let reason = clamp(&one_line(&request.reason), REASON);
    let approvers: Vec<String> = request
        .approvals
        .iter()
        .map(|approval| known(&approval.by.user))
        .collect();
    let message = text::event::approved(
        lang,
        request,
        &known(&request.requester.user),
        &approvers,
        &reason,
    );
    cut(message, MESSAGE)
}

fn known(user: &str) -> String {
    clamp(&one_line(user), 80)
}

fn one_line(words: &str) -> String {
    let clean = redact(words);
    let lines: Vec<String> = clean.lines().map(plain).collect();
    let joined = lines.join(" ");
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text that takes at most so many bytes.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = text.floor_char_boundary(bytes);
        text.truncate(end);
    }
    text
}
