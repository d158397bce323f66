//! What is served: versions, health, groups and their kinds, in the old form and in one piece.

use axum::body::Body;
use axum::http::{Response, header};
use serde_json::{Value, json};

use super::super::api::kinds;
use super::super::catalog::{CATALOG, Kind};
use super::super::core::Core;
use super::ask::Ask;
use super::{answer, openapi};

const METRICS: &str = "metrics.k8s.io";
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Answers a path that is no resource; `None` if there is nothing.
pub(super) fn answer(core: &Core, ask: &Ask) -> Option<Response<Body>> {
    let path = ask.path.trim_end_matches('/');
    match path {
        "/version" => Some(answer::json(200, &version(core.version))),
        "/healthz" | "/livez" | "/readyz" => Some(answer::text(200, "ok")),
        "/api" if wants_aggregated(ask) => Some(aggregated(core, &[""])),
        "/apis" if wants_aggregated(ask) => Some(aggregated(core, &groups(core))),
        "/api" => Some(answer::json(
            200,
            &json!({"kind": "APIVersions", "versions": ["v1"]}),
        )),
        "/apis" => {
            let groups: Vec<Value> = groups(core)
                .into_iter()
                .map(|group| self::group(core, group))
                .collect();
            Some(answer::json(
                200,
                &json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}),
            ))
        }
        _ if path.starts_with("/openapi/v3") => openapi::answer(core, path),
        _ => group_or_version(core, path),
    }
}

/// Whether a kind is there: metrics only where something measures, and their newest version since 1.37.
fn is_served(core: &Core, kind: &Kind) -> bool {
    if kind.resource.group != METRICS {
        return true;
    }
    let measured = [kinds::NODE_METRICS, kinds::POD_METRICS]
        .into_iter()
        .filter_map(super::super::catalog::of);
    let mut measured = measured.map(|kind| core.store.count(kind));
    measured.any(|count| count > 0) && (kind.resource.version != "v1" || core.version >= (1, 37))
}

fn version((major, minor): (u32, u32)) -> Value {
    let patch = if minor == 37 { 2 } else { 0 };
    json!({
        "major": major.to_string(), "minor": minor.to_string(), "gitVersion": format!("v{major}.{minor}.{patch}"),
        "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.26.8", "compiler": "gc", "platform": "linux/amd64",
    })
}

fn served(core: &Core) -> impl Iterator<Item = &'static Kind> {
    CATALOG.iter().filter(|kind| is_served(core, kind))
}

/// The groups in the order of the catalog, without the core.
fn groups(core: &Core) -> Vec<&'static str> {
    let mut groups = Vec::new();
    for kind in served(core) {
        let group = kind.resource.group;
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// The versions of a group, the preferred one first.
fn versions(core: &Core, group: &str) -> Vec<&'static str> {
    let mut versions = Vec::new();
    for kind in served(core).filter(|kind| kind.resource.group == group) {
        if !versions.contains(&kind.resource.version) {
            versions.push(kind.resource.version);
        }
    }
    versions
}

fn group(core: &Core, group: &str) -> Value {
    let versions: Vec<Value> = versions(core, group)
        .into_iter()
        .map(|version| json!({"groupVersion": format!("{group}/{version}"), "version": version}))
        .collect();
    json!({"name": group, "versions": versions, "preferredVersion": versions.first()})
}

fn group_or_version(core: &Core, path: &str) -> Option<Response<Body>> {
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    match steps.as_slice() {
        ["api", "v1"] => Some(answer::json(200, &resources(core, "", "v1"))),
        ["apis", name] if groups(core).contains(name) => {
            let mut it = group(core, name);
            it["kind"] = json!("APIGroup");
            it["apiVersion"] = json!("v1");
            Some(answer::json(200, &it))
        }
        ["apis", name, version] if versions(core, name).contains(version) && !name.is_empty() => {
            Some(answer::json(200, &resources(core, name, version)))
        }
        _ => None,
    }
}

/// A subresource: its name, its kind where it has its own, and what can be done with it.
type Sub = (
    &'static str,
    Option<(&'static str, &'static str, &'static str)>,
    &'static [&'static str],
);

const STATUS: Sub = ("status", None, &["get", "patch", "update"]);
const SCALE: Sub = (
    "scale",
    Some(("autoscaling", "v1", "Scale")),
    &["get", "patch", "update"],
);
const POD: &[Sub] = &[
    ("binding", Some(("", "v1", "Binding")), &["create"]),
    ("eviction", Some(("policy", "v1", "Eviction")), &["create"]),
    ("log", None, &["get"]),
];
const NODE: &[Sub] = &[("proxy", Some(("", "v1", "NodeProxyOptions")), &["get"])];

fn subresources(kind: &Kind) -> Vec<Sub> {
    let mut all: Vec<Sub> = match kind.resource {
        it if it == kinds::PODS => POD.to_vec(),
        it if it == kinds::NODES => NODE.to_vec(),
        _ => Vec::new(),
    };
    if kind.scale {
        all.push(SCALE);
    }
    if kind.status {
        all.push(STATUS);
    }
    all
}

/// The kinds of a version, in the old form.
fn resources(core: &Core, group: &str, version: &str) -> Value {
    let in_it = |kind: &&Kind| kind.resource.group == group && kind.resource.version == version;
    let mut resources = Vec::new();
    for kind in served(core).filter(in_it) {
        let of = kind.resource;
        let mut entry = json!({
            "name": of.plural, "singularName": kind.singular, "namespaced": of.namespaced, "kind": of.kind,
            "verbs": kind.verbs(),
        });
        if !kind.short.is_empty() {
            entry["shortNames"] = json!(kind.short);
        }
        if !kind.categories.is_empty() {
            entry["categories"] = json!(kind.categories);
        }
        resources.push(entry);
        for (name, own, verbs) in subresources(kind) {
            let mut entry = json!({
                "name": format!("{}/{name}", of.plural), "singularName": "", "namespaced": of.namespaced,
                "kind": own.map_or(of.kind, |(_, _, kind)| kind), "verbs": verbs,
            });
            if let Some((group, version, _)) = own {
                entry["group"] = json!(group);
                entry["version"] = json!(version);
            }
            resources.push(entry);
        }
    }
    let whole = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": whole, "resources": resources})
}

fn wants_aggregated(ask: &Ask) -> bool {
    let accept = ask.header(header::ACCEPT);
    accept.split(',').any(|range| {
        let has = |part: &str| range.split(';').any(|it| it.trim() == part);
        has("application/json")
            && has("g=apidiscovery.k8s.io")
            && has("v=v2")
            && has("as=APIGroupDiscoveryList")
    })
}

/// All kinds of some groups in one answer.
fn aggregated(core: &Core, groups: &[&str]) -> Response<Body> {
    let items: Vec<Value> = groups
        .iter()
        .map(|group| {
            let versions = versions(core, group);
            let versions = versions
                .into_iter()
                .map(|version| aggregated_version(core, group, version));
            let mut metadata = json!({"creationTimestamp": null});
            if !group.is_empty() {
                metadata["name"] = json!(group);
            }
            json!({"metadata": metadata, "versions": versions.collect::<Vec<_>>()})
        })
        .collect();
    let list = json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items,
    });
    answer::bytes_of(200, AGGREGATED, serde_json::to_vec(&list).unwrap_or_default())
}

fn aggregated_version(core: &Core, group: &str, version: &str) -> Value {
    let in_it = |kind: &&Kind| kind.resource.group == group && kind.resource.version == version;
    let resources: Vec<Value> = served(core).filter(in_it).map(aggregated_kind).collect();
    json!({"version": version, "resources": resources, "freshness": "Current"})
}

fn aggregated_kind(kind: &Kind) -> Value {
    let of = kind.resource;
    let response =
        |group: &str, version: &str, kind: &str| json!({"group": group, "version": version, "kind": kind});
    let own = response(of.group, of.version, of.kind);
    let mut entry = json!({
        "resource": of.plural, "responseKind": own, "singularResource": kind.singular, "verbs": kind.verbs(),
        "scope": if of.namespaced { "Namespaced" } else { "Cluster" },
    });
    if !kind.short.is_empty() {
        entry["shortNames"] = json!(kind.short);
    }
    if !kind.categories.is_empty() {
        entry["categories"] = json!(kind.categories);
    }
    let subresources: Vec<Value> = subresources(kind)
        .into_iter()
        .map(|(name, other, verbs)| {
            let kind = other.map_or_else(
                || own.clone(),
                |(group, version, kind)| response(group, version, kind),
            );
            json!({"subresource": name, "responseKind": kind, "verbs": verbs})
        })
        .collect();
    if !subresources.is_empty() {
        entry["subresources"] = json!(subresources);
    }
    entry
}

/// Whether a group is served in any version.
pub(super) fn has_group(core: &Core, group: &str) -> bool {
    !versions(core, group).is_empty()
}

/// Whether a version of a group is served.
pub(super) fn has_version(core: &Core, group: &str, version: &str) -> bool {
    versions(core, group).contains(&version)
}

/// Every version of every group that is served: `api/v1`, `apis/apps/v1`.
pub(super) fn all_versions(core: &Core) -> Vec<(String, &'static str, &'static str)> {
    let mut all = Vec::new();
    for kind in served(core) {
        let (group, version) = (kind.resource.group, kind.resource.version);
        let path = if group.is_empty() {
            format!("api/{version}")
        } else {
            format!("apis/{group}/{version}")
        };
        if !all.iter().any(|(it, _, _)| *it == path) {
            all.push((path, group, version));
        }
    }
    all
}

/// The kinds of one version that can be changed.
pub(super) fn patchable(core: &Core, group: &str, version: &str) -> Vec<&'static Kind> {
    let in_it = |kind: &&Kind| kind.resource.group == group && kind.resource.version == version;
    served(core)
        .filter(in_it)
        .filter(|kind| kind.verbs().contains(&"patch"))
        .collect()
}
