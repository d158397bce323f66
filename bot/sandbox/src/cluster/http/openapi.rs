//! As much of the API's description as kubectl needs before it creates or applies something: that the server
//! checks fields itself. Schemas are not in it.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Map, Value, json};

use super::super::catalog::Kind;
use super::super::core::Core;
use super::{answer, discovery};

/// Answers a path under `/openapi/v3`.
pub(super) fn answer(core: &Core, path: &str) -> Option<Response<Body>> {
    let all = discovery::all_versions(core);
    let asked = path.strip_prefix("/openapi/v3")?.trim_start_matches('/');
    if asked.is_empty() {
        let entry = |(path, _, _): &(String, &str, &str)| {
            let url = format!("/openapi/v3/{path}?hash=0");
            (path.clone(), json!({"serverRelativeURL": url}))
        };
        let paths: Map<String, Value> = all.iter().map(entry).collect();
        return Some(answer::json(200, &json!({"paths": paths})));
    }
    let (_, group, version) = all.iter().find(|(it, _, _)| it == asked)?;
    let kinds = discovery::patchable(core, group, version);
    let paths: Map<String, Value> = kinds.into_iter().map(|kind| path_of(asked, kind)).collect();
    let document = json!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "unversioned"}, "paths": paths,
        "components": {"schemas": {}},
    });
    Some(answer::json(200, &document))
}

fn path_of(version: &str, kind: &Kind) -> (String, Value) {
    let of = kind.resource;
    let place = if of.namespaced {
        "namespaces/{namespace}/"
    } else {
        ""
    };
    let parameters: Vec<Value> = ["dryRun", "fieldManager", "fieldValidation", "force"]
        .into_iter()
        .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}))
        .collect();
    let patch = json!({
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": {"group": of.group, "version": of.version, "kind": of.kind},
    });
    (
        format!("/{version}/{place}{}/{{name}}", of.plural),
        json!({"patch": patch}),
    )
}
