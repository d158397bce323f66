//! Bodies of requests.

use serde_json::Value;

use super::super::problem::Problem;
use super::ask::Ask;

/// What a body without a type, or with one of JSON or YAML, says.
pub(super) fn read(ask: &Ask) -> Result<Value, Problem> {
    match ask.content_type() {
        "" | "application/json" => json(&ask.body),
        "application/yaml" => yaml(&ask.body),
        _ => Err(unsupported(
            "application/json, application/yaml, application/vnd.kubernetes.protobuf",
        )),
    }
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
    Problem::bad_request(format!(
        "the object provided is unrecognized (must be of type JSON or YAML): {why}"
    ))
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
