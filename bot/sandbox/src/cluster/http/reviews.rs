//! Reviews of access: what may this user, what may another, who am I.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use super::super::api::Resource;
use super::super::catalog::Kind;
use super::super::core::Core;
use super::super::people::User;
use super::super::problem::{Fault, Problem};
use super::super::rbac::{self, Attributes};
use super::super::time;
use super::ask::Ask;
use super::{answer, body, protobuf};

/// Answers a review. It is kept nowhere.
pub(super) fn answer(core: &Core, ask: &Ask, kind: &'static Kind) -> Result<Response<Body>, Problem> {
    if ask.wanted.verb != "create" {
        return Err(super::unknown(core, ask, Problem::not_allowed()));
    }
    let mut review = match ask.content_type() {
        "application/vnd.kubernetes.protobuf" => protobuf::review(kind, &ask.body)?,
        _ => body::read(ask)?,
    };
    let status = match kind.resource.plural {
        "selfsubjectreviews" => json!({"userInfo": ask.user.info()}),
        "selfsubjectrulesreviews" => rules(core, ask, &review),
        "selfsubjectaccessreviews" => access(core, kind, &ask.user, &review)?,
        _ => {
            let user = user_in(&review);
            if user.name.is_empty() && user.groups.is_empty() {
                let why = "at least one of user or group must be specified";
                return Err(invalid(kind, Fault::invalid("spec.user", &json!(""), why)));
            }
            access(core, kind, &user, &review)?
        }
    };
    review["apiVersion"] = json!(kind.api_version());
    review["kind"] = json!(kind.resource.kind);
    if review.get("metadata").is_none() {
        review["metadata"] = json!({});
    }
    if kind.resource.plural == "selfsubjectreviews" {
        review.as_object_mut().and_then(|it| it.remove("spec"));
        review["metadata"] = json!({"creationTimestamp": time::rfc3339(core.store.time())});
    } else if review.get("spec").is_none() {
        review["spec"] = json!({});
    }
    review["status"] = status;
    Ok(answer::json(201, &review))
}

/// A review is refused without its kind.
fn invalid(kind: &Kind, fault: Fault) -> Problem {
    let nameless = Resource {
        kind: "",
        ..kind.resource
    };
    Problem::invalid(nameless, "", &[fault])
}

fn user_in(review: &Value) -> User {
    let spec = &review["spec"];
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    User {
        name: spec["user"].as_str().unwrap_or_default().to_owned(),
        uid: spec["uid"].as_str().unwrap_or_default().to_owned(),
        groups: texts(&spec["groups"]),
        extra: Vec::new(),
    }
}

fn access(core: &Core, kind: &Kind, user: &User, review: &Value) -> Result<Value, Problem> {
    let spec = &review["spec"];
    let text = |of: &Value, field: &str| of[field].as_str().unwrap_or_default().to_owned();
    let (resource, path) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    if resource.is_object() == path.is_object() {
        let why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
        return Err(invalid(kind, Fault::invalid("spec", &Value::Null, why)));
    }
    let wanted = if resource.is_object() {
        Attributes {
            verb: text(resource, "verb"),
            group: text(resource, "group"),
            resource: text(resource, "resource"),
            subresource: text(resource, "subresource"),
            name: text(resource, "name"),
            namespace: text(resource, "namespace"),
            path: String::new(),
        }
    } else {
        Attributes {
            verb: text(path, "verb"),
            path: text(path, "path"),
            ..Attributes::default()
        }
    };
    Ok(match rbac::allowed(&core.store, user, &wanted) {
        Some(reason) if reason.is_empty() => json!({"allowed": true}),
        Some(reason) => json!({"allowed": true, "reason": reason}),
        None => json!({"allowed": false}),
    })
}

fn rules(core: &Core, ask: &Ask, review: &Value) -> Value {
    let namespace = review["spec"]["namespace"].as_str().unwrap_or_default();
    let (mut resources, mut paths) = rbac::rules_of(&core.store, &ask.user, namespace);
    if ask
        .user
        .groups
        .iter()
        .any(|group| group == super::super::people::MASTERS)
    {
        resources.insert(0, json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
        paths.insert(0, json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
    }
    json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": false})
}
