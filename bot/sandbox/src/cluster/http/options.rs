//! The options in a query, as far as a server refuses them.

use serde_json::json;

use super::super::api::Resource;
use super::super::core::Core;
use super::super::problem::{Fault, Problem};
use super::ask::Ask;

/// How long the name of a manager may be, in bytes.
const MANAGER: usize = 128;

/// Refuses options that are none.
pub(super) fn check(core: &Core, ask: &Ask) -> Result<(), Problem> {
    match ask.wanted.verb.as_str() {
        "list" | "watch" => {
            for name in ["limit", "timeoutSeconds"] {
                check_number(ask, name)?;
            }
            check_version(core, ask)
        }
        "create" => check_write(ask, "CreateOptions"),
        "update" => check_write(ask, "UpdateOptions"),
        "patch" => check_write(ask, "PatchOptions"),
        "delete" | "deletecollection" => {
            check_propagation(ask.query.get("propagationPolicy").unwrap_or_default())?;
            check_dry_run(ask, "DeleteOptions")
        }
        _ => Ok(()),
    }
}

/// Options of a kind are wrong.
pub(super) fn invalid(kind: &'static str, fault: Fault) -> Problem {
    let of = Resource {
        group: "meta.k8s.io",
        version: "v1",
        plural: kind,
        kind,
        namespaced: false,
    };
    Problem::invalid(of, "", &[fault])
}

fn check_number(ask: &Ask, name: &str) -> Result<(), Problem> {
    match ask.query.get(name) {
        Some(text) if text.parse::<i64>().is_err() => Err(Problem::bad_request(format!(
            "strconv.ParseInt: parsing {text:?}: invalid syntax"
        ))),
        _ => Ok(()),
    }
}

fn check_write(ask: &Ask, kind: &'static str) -> Result<(), Problem> {
    check_dry_run(ask, kind)?;
    match ask.query.get("fieldManager") {
        Some(name) if name.len() > MANAGER => Err(invalid(kind, Fault::too_long("fieldManager", MANAGER))),
        _ => Ok(()),
    }
}

fn check_dry_run(ask: &Ask, kind: &'static str) -> Result<(), Problem> {
    match ask.query.get("dryRun") {
        None | Some("All") => Ok(()),
        Some(other) => Err(invalid(
            kind,
            Fault::not_supported("dryRun", &json!([other]), "All"),
        )),
    }
}

/// What becomes of dependents is one of three.
pub(super) fn check_propagation(policy: &str) -> Result<(), Problem> {
    if matches!(policy, "" | "Foreground" | "Background" | "Orphan") {
        return Ok(());
    }
    let supported = "Foreground\", \"Background\", \"Orphan\", \"nil";
    Err(invalid(
        "DeleteOptions",
        Fault::not_supported("propagationPolicy", &json!(policy), supported),
    ))
}

/// A version that is none, or that is not there yet.
fn check_version(core: &Core, ask: &Ask) -> Result<(), Problem> {
    let is_list = ask.wanted.verb == "list";
    let Some(text) = ask.query.get("resourceVersion") else {
        let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
        return match ask.query.get("resourceVersionMatch") {
            Some(_) if is_list => Err(invalid(
                "ListOptions",
                Fault::forbidden("resourceVersionMatch", why),
            )),
            _ => Ok(()),
        };
    };
    let Ok(asked) = text.parse::<u64>() else {
        if !is_list {
            let why = format!(
                "resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax"
            );
            return Err(Problem::new(500, "", why));
        }
        return Err(Problem::bad_request(format!(
            "invalid resource version: resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: \
             invalid syntax"
        )));
    };
    let current = core.store.version();
    if asked <= current || !is_list {
        return Ok(());
    }
    let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
    let cause = json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
    Err(Problem {
        details: Some(Box::new(json!({"causes": [cause], "retryAfterSeconds": 1}))),
        retry_after: Some(1),
        ..Problem::new(504, "Timeout", message)
    })
}
