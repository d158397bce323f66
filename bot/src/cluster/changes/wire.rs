//! One write on the wire: sent at most once, and what is known of it afterwards.

use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use super::Called;
use crate::check::table::plain;
use crate::cluster::client::{self, Cluster, Who, Why};
use crate::limits::clamp;
use crate::redact::redact;
use crate::remedy::approval::Request;

const STRATEGIC: HeaderValue = HeaderValue::from_static("application/strategic-merge-patch+json");
/// How much of an answer is read: a refusal is short, and of a node nothing is needed.
const ANSWER: usize = 64 << 10;
/// How much of what the API server says is kept.
const WORDS: usize = 500;
/// How hyper says that there never was a connection.
const NO_CONNECTION: &str = "client error (Connect)";
/// What an API server says where its own storage did not answer it: it does not know itself.
const NOT_KNOWN: [&str; 4] = [
    "etcdserver:",
    "context deadline exceeded",
    "context canceled",
    "request did not complete",
];

/// The API server's word on a request that it did not carry out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    kind: String,
    reason: String,
    message: String,
}

/// Sends a strategic merge patch, once.
pub(super) async fn patch(cluster: &Cluster, who: &Who, path: &str, patch: &Value) -> Called {
    let client = match cluster.client().await {
        Ok(client) => client,
        Err(Why::Unreachable(message)) => return Called::NotSent { message },
        Err(_) => return not_sent("there is no usable kubeconfig"),
    };
    let body = patch.to_string().into_bytes();
    let Some(mut request) = client::request(who, http::Method::PATCH, path, body) else {
        return not_sent("the approver's user cannot stand in a header");
    };
    request.headers_mut().insert(CONTENT_TYPE, STRATEGIC);
    let response = match client.send(request.map(Into::into)).await {
        Ok(response) => response,
        Err(error) => return lost(&error),
    };
    let code = response.status().as_u16();
    if response.status().is_success() {
        // The head alone says so; whether the rest of the answer arrives changes nothing.
        return Called::Done {
            status: code,
            call: String::new(),
        };
    }
    let body = to_bytes(Body::new(response.into_body()), ANSWER).await;
    refused(code, &body.unwrap_or_default())
}

/// There was no answer in time.
pub(super) fn too_late() -> Called {
    Called::NoAnswer {
        message: "there was no answer in time".to_owned(),
    }
}

impl Called {
    /// With the call by its name.
    pub(super) fn named(self, request: &Request) -> Self {
        match self {
            Self::Done { status, .. } => Self::Done {
                status,
                call: format!("patch {}: {status}", request.action().object()),
            },
            other => other,
        }
    }
}

fn not_sent(message: &str) -> Called {
    Called::NotSent {
        message: message.to_owned(),
    }
}

/// No answer: what is known of a call that may never have left.
fn lost(error: &kube::Error) -> Called {
    let message = shown(&client::root(error));
    match error {
        kube::Error::Auth(_) => Called::NotSent { message },
        error if was_never_connected(error) => Called::NotSent { message },
        _ => Called::NoAnswer { message },
    }
}

fn was_never_connected(error: &dyn std::error::Error) -> bool {
    let mut link = Some(error);
    while let Some(error) = link {
        if error.to_string() == NO_CONNECTION {
            return true;
        }
        link = error.source();
    }
    false
}

/// An answer that is no yes.
fn refused(code: u16, body: &[u8]) -> Called {
    let status: Status = serde_json::from_slice(body).unwrap_or_default();
    let is_status = status.kind == "Status";
    let message = match is_status {
        true => shown(&status.message),
        false => shown(&String::from_utf8_lossy(body)),
    };
    // A patch of the right version with another uid is invalid, as uids do not change; with another version it is a
    // conflict before anybody looks at the uid.
    if code == 409 || (code == 422 && status.message.contains("metadata.uid")) {
        return Called::Conflict;
    }
    // What stands before the API server may answer in its place while the call goes on behind it; and the API server
    // itself may have been left without an answer by its storage.
    let is_cut_off = !is_status || matches!(status.reason.as_str(), "Timeout" | "ServerTimeout");
    let is_unknown = is_cut_off || NOT_KNOWN.iter().any(|words| status.message.contains(words));
    if code >= 500 && is_unknown {
        return Called::NoAnswer {
            message: shown(&format!("the answer was {code}: {message}")),
        };
    }
    Called::Answered { code, message }
}

/// The words of others: on one line, without colours and secrets, not too long.
fn shown(words: &str) -> String {
    let lines: Vec<String> = words.lines().map(plain).collect();
    let clean = redact(&lines.join("\n")).into_owned();
    let words: Vec<&str> = clean.split_whitespace().collect();
    clamp(&words.join(" "), WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(code: u16, reason: &str, message: &str) -> Called {
        let body = json!({"kind": "Status", "reason": reason, "message": message, "code": code});
        refused(code, body.to_string().as_bytes())
    }

    #[test]
    fn a_refusal_is_known_unless_the_server_does_not_know_itself() {
        for (code, reason) in [
            (401, "Unauthorized"),
            (403, "Forbidden"),
            (404, "NotFound"),
            (422, "Invalid"),
            (429, "TooManyRequests"),
            (500, "InternalError"),
            (503, "ServiceUnavailable"),
        ] {
            let message = "no".to_owned();
            assert_eq!(status(code, reason, "no"), Called::Answered { code, message });
        }
        assert_eq!(status(409, "Conflict", "modified"), Called::Conflict);
        let uid = r#"Node "n" is invalid: metadata.uid: Invalid value: "u": field is immutable"#;
        assert_eq!(status(422, "Invalid", uid), Called::Conflict);
        for called in [
            status(
                504,
                "Timeout",
                "request did not complete within requested timeout",
            ),
            status(500, "ServerTimeout", "The patch operation could not be completed"),
            status(500, "InternalError", "etcdserver: request timed out"),
            refused(502, b"<html>Bad Gateway</html>"),
            refused(503, b""),
        ] {
            assert!(matches!(called, Called::NoAnswer { .. }), "{called:?}");
        }
        // A page in front of the server that refuses is a refusal all the same.
        assert!(matches!(
            refused(403, b"<html>"),
            Called::Answered { code: 403, .. }
        ));
    }

    #[test]
    fn words_of_others_lose_their_colours_and_secrets() {
        let words = "\u{1b}[31mdenied\u{1b}[0m by\n\tpassword=hunter2hunter2 \u{202e}@everyone";
        let called = status(403, "Forbidden", words);
        let Called::Answered { message, .. } = called else {
            unreachable!("{called:?}")
        };
        assert_eq!(message, "denied by password=[redacted:password] @everyone");
        assert!(shown(&"x".repeat(9_000)).chars().count() <= WORDS);
    }
}
