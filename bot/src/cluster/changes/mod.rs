//! The cluster's side of a change: what it depends on, whether somebody may do it, the one call that does it, and
//! what is true afterwards.
//!
//! [`carry_out`] is the only function of the bot that changes a cluster. It takes a value that only the store makes,
//! right after it kept that the call is let out.

mod allowed;
mod announce;
mod mark;
mod plan;
mod wire;

use futures::FutureExt as _;
use k8s_openapi::api::core::v1 as api;

use super::client::{Cluster, NotRead, Reader, Who, Why, not_read};
use super::request::{self, Request as Asked};
use crate::clock::{Clock, Millis};
use crate::remedy::approval::Request;
use crate::store::Granted;

pub use allowed::{Subject, may};
pub use announce::{NAMESPACE as EVENTS, announce};
pub use mark::{ANNOTATION, manager, request_of};
pub use plan::{Planned, plan};

/// How long the bot waits for the API server, in milliseconds.
const PATIENCE: Millis = 10_000;

/// What became of the call that changes the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// The API server did it.
    Done {
        /// Its status.
        status: u16,
        /// The call and its status, as "patch node/node-3: 200".
        call: String,
    },
    /// Nothing was done: the node was written, or replaced, since it was read.
    Conflict,
    /// Nothing was done: the API server refused.
    Answered {
        /// Its status.
        code: u16,
        /// Its words, with secrets taken out.
        message: String,
    },
    /// Nothing was done: the call never left.
    NotSent {
        /// Why, in the system's words.
        message: String,
    },
    /// It is not known whether it was done.
    NoAnswer {
        /// Why, in the system's words.
        message: String,
    },
}

/// What is true of a node after a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Its uid.
    pub uid: String,
    /// Whether it takes no new Pods.
    pub unschedulable: bool,
    /// Its version.
    pub resource_version: String,
    /// Whether the request's last call was carried out, by the mark that it left.
    pub ours: bool,
}

/// Changes the cluster: the one function that does. It acts as the one who approved last, once, and only on the node
/// as it was when the call was let out.
pub async fn carry_out(cluster: &Cluster, clock: &Clock, granted: &Granted) -> Called {
    let (request, version) = (granted.request(), granted.resource_version());
    let Some(who) = approver(request) else {
        return Called::NotSent {
            message: "nobody with a Kubernetes user approved it".to_owned(),
        };
    };
    let asked = Asked::of(request::PATCH_NODE)
        .named(request.action().node())
        .with("fieldManager", Some(manager(request.id)));
    if !is_name(request.action().node()) || version.is_empty() {
        return Called::NotSent {
            message: "this is no node as it was read".to_owned(),
        };
    }
    let (path, patch) = (asked.path(), mark::patch(request, version));
    let called = tokio::select! {
        called = wire::patch(cluster, &who, &path, &patch).boxed() => called,
        () = clock.sleep_until(clock.now() + PATIENCE) => wire::too_late(),
    };
    called.named(request)
}

/// The last who approved, as the API server is to know them; nobody without a user of their own changes anything.
fn approver(request: &Request) -> Option<Who> {
    let person = request.approver().filter(|person| !person.user.is_empty())?;
    Some(Who::Person {
        user: person.user.clone(),
        groups: person.groups.clone(),
    })
}

/// What is true of the request's node now.
///
/// # Errors
/// If it cannot be read.
pub async fn truth(reader: &Reader<'_>, request: &Request) -> Result<Truth, NotRead> {
    let node = request.action().node();
    let asked = Asked::of(request::GET_NODE).named(node);
    if !is_name(node) {
        return Err(not_read(&asked, Why::NotFound));
    }
    let node: api::Node = reader.fresh(&asked).boxed().await?;
    Ok(mark::truth(&node, request))
}

/// Whether the API server could have an object of this name. Others would be another path.
fn is_name(name: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        ends.iter().all(|byte| byte.is_some_and(|byte| is_fine(*byte)))
            && bytes.iter().all(|byte| is_fine(*byte) || *byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Asks as the bot itself.
fn bot<'a>(cluster: &'a Cluster, clock: &'a Clock) -> Reader<'a> {
    Reader {
        cluster,
        who: &Who::Bot,
        clock,
        until: clock.now() + PATIENCE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::action::Action;

    /// Whoever waits for them is deep in the handling of a press, on a thread's small stack.
    #[tokio::test]
    async fn what_waits_for_the_api_server_waits_on_the_heap() {
        let cluster = Cluster::new("prod", crate::config::Cluster::default());
        let (clock, who) = (Clock::manual(0), Who::Bot);
        let reader = Reader {
            who: &who,
            ..bot(&cluster, &clock)
        };
        let action = Action::of("cordon", "node-3").unwrap();
        let subject = Subject {
            user: None,
            groups: &[],
        };
        let sizes = [
            size_of_val(&plan(&reader, &action)),
            size_of_val(&may(&cluster, &clock, &subject, &action)),
        ];
        assert!(sizes.iter().all(|size| *size < 2_048), "{sizes:?}");
    }

    #[test]
    fn names_of_nodes_are_those_of_the_api() {
        let long = "a".repeat(253);
        for name in [
            "node-3",
            "a",
            "0",
            "ip-10-0-1-2.eu-west-1.internal",
            "a--b",
            &long,
        ] {
            assert!(is_name(name), "{name}");
        }
        let too_long = "a".repeat(254);
        let others = [
            "", "-a", "a-", "a..b", ".a", "a.", "A", "a_b", "a/b", "../pods", "a b", "a?x=1", "a%2f", "é",
            "a#", &too_long,
        ];
        for name in others {
            assert!(!is_name(name), "{name}");
        }
    }
}
