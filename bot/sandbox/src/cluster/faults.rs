//! What can be made to go wrong with the cluster.

use serde_json::{Value, json};

use super::api::{Resource, kinds};
use super::problem::Problem;

/// A trouble. `resource` narrows it to requests for a kind (`nodes`, `nodes.metrics.k8s.io`, or a whole group);
/// `requests` ends it after so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Requests are answered with an error.
    Status {
        /// 401, 403, 409, 410, 429 or 5xx.
        code: u16,
        /// For which kind.
        resource: Option<String>,
        /// For how many requests.
        requests: Option<u32>,
    },
    /// Answers come late, by the clock.
    Slow {
        /// How late.
        ms: u64,
        /// For which kind.
        resource: Option<String>,
        /// For how many requests.
        requests: Option<u32>,
    },
    /// Connections are closed without an answer.
    Drop {
        /// For which kind.
        resource: Option<String>,
        /// For how many requests.
        requests: Option<u32>,
    },
    /// Answers end in the middle of their body.
    CutBody {
        /// For which kind.
        resource: Option<String>,
        /// For how many requests.
        requests: Option<u32>,
    },
    /// Every watch that is open ends at once.
    CutWatch,
    /// Objects have unknown fields, and known ones have absurd values.
    Absurd,
    /// Everything works again.
    Off,
}

/// What is wrong with one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) status: Option<u16>,
    pub(super) late_ms: Option<u64>,
    pub(super) dropped: bool,
    pub(super) cut: bool,
    pub(super) absurd: bool,
}

/// The troubles that last.
#[derive(Debug, Default)]
pub(super) struct Faults {
    lasting: Vec<Lasting>,
    absurd: bool,
}

#[derive(Debug)]
struct Lasting {
    fault: Fault,
    resource: Option<String>,
    left: Option<u32>,
}

impl Faults {
    /// Switches a trouble on. One of the same sort for the same kind is replaced.
    pub(super) fn add(&mut self, fault: Fault) {
        let (resource, left) = match &fault {
            Fault::Status {
                resource, requests, ..
            }
            | Fault::Slow {
                resource, requests, ..
            }
            | Fault::Drop { resource, requests }
            | Fault::CutBody { resource, requests } => (resource.clone(), *requests),
            Fault::Absurd => return self.absurd = true,
            Fault::CutWatch => return,
            Fault::Off => return *self = Self::default(),
        };
        let sort = std::mem::discriminant(&fault);
        self.lasting
            .retain(|it| std::mem::discriminant(&it.fault) != sort || it.resource != resource);
        self.lasting.push(Lasting {
            fault,
            resource,
            left,
        });
    }

    /// What happens to a request that came just now; counts it.
    pub(super) fn for_request(&mut self, group: &str, plural: &str) -> Trouble {
        let mut trouble = Trouble {
            absurd: self.absurd,
            ..Trouble::default()
        };
        for it in &mut self.lasting {
            if it
                .resource
                .as_deref()
                .is_some_and(|name| !names(name, group, plural))
            {
                continue;
            }
            match it.fault {
                Fault::Status { code, .. } => trouble.status = Some(code),
                Fault::Slow { ms, .. } => trouble.late_ms = Some(ms),
                Fault::Drop { .. } => trouble.dropped = true,
                Fault::CutBody { .. } => trouble.cut = true,
                Fault::CutWatch | Fault::Absurd | Fault::Off => {}
            }
            it.left = it.left.map(|left| left.saturating_sub(1));
        }
        self.lasting.retain(|it| it.left != Some(0));
        trouble
    }
}

/// Whether a name means this kind. A plural alone means the core group's where it has one of that name.
fn names(name: &str, group: &str, plural: &str) -> bool {
    if name == format!("{plural}.{group}") || (!group.is_empty() && name == group) {
        return true;
    }
    let is_core = [kinds::NODES, kinds::PODS, kinds::EVENTS]
        .iter()
        .any(|it| it.plural == name);
    name == plural && (group.is_empty() || !is_core)
}

/// What a real server says with a status, when it is in trouble.
pub(super) fn problem(code: u16) -> Problem {
    let (reason, message) = match code {
        401 => ("Unauthorized", "Unauthorized"),
        403 => ("Forbidden", "forbidden: not now"),
        404 => ("NotFound", "the server could not find the requested resource"),
        409 => (
            "Conflict",
            "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest \
             version and try again",
        ),
        410 => ("Expired", "The resourceVersion for the provided list is too old."),
        429 => ("TooManyRequests", "Too many requests, please try again later."),
        503 => (
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        ),
        504 => ("Timeout", "request did not complete within the allotted timeout"),
        _ => (
            "InternalError",
            "Internal error occurred: etcdserver: request timed out",
        ),
    };
    let mut problem = Problem::new(code, reason, message);
    if code == 429 {
        problem.retry_after = Some(1);
        problem.details = Some(Box::new(json!({"retryAfterSeconds": 1})));
    }
    problem
}

/// An object as no server should send it, which a client must still survive: fields of a version to come,
/// numbers and words at their ends.
pub(super) fn absurd(of: Resource, object: &mut Value) {
    const WORDS: &str = "@everyone ```\u{202e}\u{1b}[31m\n# absurd";
    let unknown = json!({"depth": [null, -1, 1e300, {"": []}], "text": WORDS});
    object["fieldOfTheFuture"] = unknown.clone();
    object["metadata"]["fieldOfTheFuture"] = unknown.clone();
    object["metadata"]["annotations"]["example.com/absurd"] = json!(WORDS);
    for part in ["spec", "status"] {
        if object[part].is_object() {
            object[part]["fieldOfTheFuture"] = unknown.clone();
        }
    }
    let condition = json!({
        "type": "Absurd", "status": "Perhaps", "reason": "", "message": WORDS,
        "lastTransitionTime": "9999-12-31T23:59:59Z",
    });
    if let Some(conditions) = object
        .pointer_mut("/status/conditions")
        .and_then(Value::as_array_mut)
    {
        conditions.push(condition);
    }
    if of == kinds::PODS {
        let containers = object
            .pointer_mut("/status/containerStatuses")
            .and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            container["restartCount"] = json!(i32::MAX);
        }
    }
    if of.kind == "Event" {
        object["count"] = json!(-1);
        object["message"] = json!(WORDS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_for_its_kind_and_its_number_of_requests() {
        let mut faults = Faults::default();
        faults.add(Fault::Status {
            code: 503,
            resource: Some("nodes".to_owned()),
            requests: Some(2),
        });
        assert_eq!(faults.for_request("", "pods").status, None);
        assert_eq!(faults.for_request("metrics.k8s.io", "nodes").status, None);
        assert_eq!(faults.for_request("", "nodes").status, Some(503));
        assert_eq!(faults.for_request("", "nodes").status, Some(503));
        assert_eq!(faults.for_request("", "nodes").status, None);
        faults.add(Fault::Drop {
            resource: Some("metrics.k8s.io".to_owned()),
            requests: None,
        });
        assert!(faults.for_request("metrics.k8s.io", "pods").dropped);
        faults.add(Fault::Off);
        assert_eq!(faults.for_request("metrics.k8s.io", "pods"), Trouble::default());
    }
}
