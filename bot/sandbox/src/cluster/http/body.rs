//! Bodies of requests.

use serde_json::Value;

use super::super::catalog::Kind;
use super::super::problem::Problem;
use super::super::store;
use super::ask::Ask;
use super::shape;

/// The object of a kind in a body, as it is kept.
pub(super) fn object(ask: &Ask, kind: &Kind) -> Result<Value, Problem> {
    let mut object = shape::kept(kind, read(ask)?);
    store::shape(kind, &mut object)?;
    Ok(object)
}

/// What a body without a type, or with one of JSON or YAML, says.
pub(super) fn read(ask: &Ask) -> Result<Value, Problem> {
    let object = match ask.content_type() {
        "" | "application/json" => json(&ask.body),
        "application/yaml" => yaml(&ask.body),
        _ => {
            return Err(unsupported(
                "application/json, application/yaml, application/vnd.kubernetes.protobuf",
            ));
        }
    };
    let object = object.and_then(|it| match it.is_object() {
        true => Ok(it),
        false => Err(unreadable("json: it is not an object")),
    });
    object.map_err(|problem| {
        let kind = ask.kind().map_or("", |kind| kind.resource.kind);
        let why = problem.message;
        Problem::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): {why}"
        ))
    })
}

pub(super) fn json(body: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))
}

pub(super) fn yaml(body: &[u8]) -> Result<Value, Problem> {
    serde_saphyr::from_slice(body).map_err(|error| unreadable(&error.to_string()))
}

/// The options of a deletion: none where there is no body.
pub(super) fn options(ask: &Ask) -> Result<Value, Problem> {
    match ask.body.is_empty() {
        true => Ok(Value::Null),
        false => read(ask),
    }
}

/// A type that the server does not read.
pub(super) fn unsupported(accepted: &str) -> Problem {
    let message = format!(
        "the body of the request was in an unknown format - accepted media types include: {accepted}"
    );
    Problem::new(415, "UnsupportedMediaType", message)
}

fn unreadable(why: &str) -> Problem {
    Problem::bad_request(format!("couldn't get version/kind; json parse error: {why}"))
}

/// The name that an object in a body has.
pub(super) fn name(body: &[u8]) -> String {
    let object: Option<Value> = serde_json::from_slice(body).ok();
    let name = object.as_ref().and_then(|it| it["metadata"]["name"].as_str());
    name.unwrap_or_default().to_owned()
}

/// Whether the options in a body ask for a dry run.
pub(super) fn is_dry_run(body: &[u8]) -> bool {
    let object: Option<Value> = serde_json::from_slice(body).ok();
    object.is_some_and(|it| asks_dry_run(&it) || asks_dry_run(&it["deleteOptions"]))
}

/// Whether options ask for a dry run.
pub(super) fn asks_dry_run(options: &Value) -> bool {
    options["dryRun"]
        .as_array()
        .is_some_and(|list| list.iter().any(|it| it == "All"))
}
