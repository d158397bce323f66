//! What an API server says when it refuses: a code, a reason that programs read, a sentence and details.

use std::fmt;

use serde_json::{Map, Value, json};

use super::api::Resource;
use super::rbac::Attributes;

/// A refused or failed request, in the words of a real server.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub code: u16,
    /// The reason in one word, as `NotFound`; empty where the server gives none.
    pub reason: &'static str,
    /// The sentence.
    pub message: String,
    /// `details` of the Status object. Boxed, since a result carries it everywhere and most have none.
    pub details: Option<Box<Value>>,
    /// Seconds to wait, where the server names them.
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem without details.
    pub fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details: None,
            retry_after: None,
        }
    }

    /// There is no such object.
    pub fn not_found(of: Resource, name: &str) -> Self {
        let message = format!("{} {name:?} not found", qualified(of));
        Self::about(404, "NotFound", of, name, message)
    }

    /// There is one already.
    pub fn already_exists(of: Resource, name: &str) -> Self {
        let message = format!("{} {name:?} already exists", qualified(of));
        Self::about(409, "AlreadyExists", of, name, message)
    }

    /// Somebody was faster, or a precondition does not hold.
    pub fn conflict(of: Resource, name: &str, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} {name:?}: {why}",
            qualified(of)
        );
        Self::about(409, "Conflict", of, name, message)
    }

    /// The object was written since it was read.
    pub fn changed(of: Resource, name: &str) -> Self {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(of, name, why)
    }

    /// The object is not as it has to be.
    pub fn invalid(of: Resource, name: &str, faults: &[Fault]) -> Self {
        let kind = match of.group {
            "" => of.kind.to_owned(),
            group => format!("{}.{group}", of.kind),
        };
        Self {
            details: Some(Box::new(invalid_details(of, name, faults))),
            ..Self::new(
                422,
                "Invalid",
                format!("{kind} {name:?} is invalid: {}", sentence(faults)),
            )
        }
    }

    /// The object was deleted and made anew under the same name.
    pub fn other_uid(of: Resource, name: &str, asked: &str, there: &str) -> Self {
        let why = format!(
            "the UID in the precondition ({asked}) does not match the UID in record ({there}). The object might have \
             been deleted and then recreated"
        );
        Self::conflict_of_kind(of, name, &why)
    }

    /// The object in a request for a change has another uid than the one that is there.
    pub fn not_that_object(of: Resource, namespace: &str, name: &str, asked: &str, there: &str) -> Self {
        let place = [of.plural, namespace, name].join("/").replace("//", "/");
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: /registry/{place}, ResourceVersion: 0, AdditionalErrorMsg: \
             Precondition failed: UID in precondition: {asked}, UID in object meta: {there}"
        );
        Self::conflict(of, name, &why)
    }

    /// A conflict that a server finds before it looks for the resource: it names the kind.
    pub fn conflict_of_kind(of: Resource, name: &str, why: &str) -> Self {
        let (mut kind, mut details) = (of.kind.to_owned(), json!({"name": name, "kind": of.kind}));
        if !of.group.is_empty() {
            kind = format!("{kind}.{}", of.group);
            details["group"] = json!(of.group);
        }
        let message = format!("Operation cannot be fulfilled on {kind} {name:?}: {why}");
        Self {
            details: Some(Box::new(details)),
            ..Self::new(409, "Conflict", message)
        }
    }

    /// The namespace is on its way out.
    pub fn terminating(of: Resource, name: &str, namespace: &str) -> Self {
        let why =
            format!("unable to create new content in namespace {namespace} because it is being terminated");
        let mut details = details(of, name);
        let cause = format!("namespace {namespace} is being terminated");
        details["causes"] =
            json!([{"reason": "NamespaceTerminating", "message": cause, "field": "metadata.namespace"}]);
        Self {
            details: Some(Box::new(details)),
            ..Self::new(
                403,
                "Forbidden",
                format!("{} {name:?} is forbidden: {why}", qualified(of)),
            )
        }
    }

    /// Nothing allows it. `why` is what the authorizer adds, if it does.
    pub fn forbidden(user: &str, wanted: &Attributes, why: &str) -> Self {
        let mut message = match wanted.resource.as_str() {
            "" => format!("User {user:?} cannot {} path {:?}", wanted.verb, wanted.path),
            _ => {
                let place = match wanted.namespace.as_str() {
                    "" => "at the cluster scope".to_owned(),
                    namespace => format!("in the namespace {namespace:?}"),
                };
                format!(
                    "User {user:?} cannot {} resource {:?} in API group {:?} {place}",
                    wanted.verb,
                    wanted.full_resource(),
                    wanted.group
                )
            }
        };
        if !why.is_empty() {
            message = format!("{message}: {why}");
        }
        let (mut what, mut details) = (wanted.resource.clone(), Map::new());
        if !what.is_empty() {
            details.insert("kind".to_owned(), json!(wanted.resource));
        }
        if !wanted.group.is_empty() {
            what = format!("{what}.{}", wanted.group);
            details.insert("group".to_owned(), json!(wanted.group));
        }
        if !wanted.name.is_empty() {
            what = format!("{what} {:?}", wanted.name);
            details.insert("name".to_owned(), json!(wanted.name));
        }
        let start = if what.is_empty() {
            String::new()
        } else {
            format!("{what} is ")
        };
        Self {
            details: Some(Box::new(Value::Object(details))),
            ..Self::new(403, "Forbidden", format!("{start}forbidden: {message}"))
        }
    }

    /// The request is not one.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// Nothing is served at a path that looks as if something could be.
    pub fn no_such_resource() -> Self {
        Self {
            details: Some(Box::new(json!({}))),
            ..Self::new(
                404,
                "NotFound",
                "the server could not find the requested resource",
            )
        }
    }

    /// What is served at a path does not take this method.
    pub fn not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self {
            details: Some(Box::new(json!({}))),
            ..Self::new(405, "MethodNotAllowed", message)
        }
    }

    fn about(code: u16, reason: &'static str, of: Resource, name: &str, message: String) -> Self {
        Self {
            details: Some(Box::new(details(of, name))),
            ..Self::new(code, reason, message)
        }
    }

    /// The `Status` object that a client gets.
    pub fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        if let Some(details) = &self.details {
            status["details"] = Value::clone(details);
        }
        status
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// One thing that is wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `FieldValueInvalid`, `FieldValueRequired`, …
    pub reason: &'static str,
    /// The field, `spec.replicas`.
    pub field: String,
    /// What is wrong, `Required value`.
    pub message: String,
}

impl Fault {
    /// A field that has to be there.
    pub fn required(field: &str, why: &str) -> Self {
        Self::new("FieldValueRequired", field, with_reason("Required value", why))
    }

    /// A field with a value that it cannot have.
    pub fn invalid(field: &str, value: &Value, why: &str) -> Self {
        let message = with_reason(&format!("Invalid value: {value}"), why);
        Self::new("FieldValueInvalid", field, message)
    }

    /// A field with a value that takes more than so many bytes.
    pub fn too_long(field: &str, bytes: usize) -> Self {
        let message = format!("Too long: may not be more than {bytes} bytes");
        Self::new("FieldValueTooLong", field, message)
    }

    /// A field with a value that is none of those it can have.
    pub fn not_supported(field: &str, value: &Value, supported: &str) -> Self {
        let message = format!("Unsupported value: {value}: supported values: \"{supported}\"");
        Self::new("FieldValueNotSupported", field, message)
    }

    /// A field that may not be set, or not be changed.
    pub fn forbidden(field: &str, why: &str) -> Self {
        Self::new("FieldValueForbidden", field, with_reason("Forbidden", why))
    }

    fn new(reason: &'static str, field: &str, message: String) -> Self {
        Self {
            reason,
            field: field.to_owned(),
            message,
        }
    }
}

fn with_reason(what: &str, why: &str) -> String {
    match why {
        "" => what.to_owned(),
        why => format!("{what}: {why}"),
    }
}

fn sentence(faults: &[Fault]) -> String {
    let each: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.message))
        .collect();
    match each.as_slice() {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

fn invalid_details(of: Resource, name: &str, faults: &[Fault]) -> Value {
    let causes: Vec<Value> = faults
        .iter()
        .map(|fault| json!({"reason": fault.reason, "message": fault.message, "field": fault.field}))
        .collect();
    let mut details = details(of, name);
    match of.kind {
        "" => drop(details.as_object_mut().and_then(|it| it.remove("kind"))),
        kind => details["kind"] = json!(kind),
    }
    details["causes"] = json!(causes);
    details
}

/// `details` that name an object, or a kind of objects where the name is empty.
pub(crate) fn details(of: Resource, name: &str) -> Value {
    let mut details = json!({"kind": of.plural});
    if !name.is_empty() {
        details["name"] = json!(name);
    }
    if !of.group.is_empty() {
        details["group"] = json!(of.group);
    }
    details
}

/// A resource with its group, `deployments.apps`; the core group has no name.
pub(crate) fn qualified(of: Resource) -> String {
    match of.group {
        "" => of.plural.to_owned(),
        group => format!("{}.{group}", of.plural),
    }
}
