//! The tables that the two servers make of the same objects.

use std::collections::BTreeMap;

use firstmate_sandbox::cluster::catalog::{CATALOG, Kind};
use serde_json::Value;

use super::Tally;
use super::engine::Engine;
use crate::cluster::Real;

/// What kubectl asks for.
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/// Times that go on while the two are asked.
const AGES: [&str; 4] = ["Age", "Last Seen", "First Seen", "Duration"];

/// The time in the tables of roles.
const CREATED: &str = "Created At";

/// The API server looks after the addresses of Services, and may look while they are being written.
const REPAIR: &str = "ipallocator-repair-controller";

/// What only a real control plane makes: of these the local cluster's rows alone are compared.
const REALS_OWN: [&str; 11] = [
    "apiservices",
    "clusterrolebindings",
    "clusterroles",
    "configmaps",
    "customresourcedefinitions",
    "endpoints",
    "leases",
    "priorityclasses",
    "rolebindings",
    "roles",
    "serviceaccounts",
];

/// Compares columns and cells of every kind, ages left out.
pub(super) async fn compare(local: &Engine, real: &Real, scenario: &str, tally: &mut Tally) {
    for kind in CATALOG {
        // Metrics are custom resources on the real one.
        if kind.review || kind.resource.group == "metrics.k8s.io" {
            continue;
        }
        let path = path(kind);
        let own = local.get_as(&path, TABLE).await;
        let (status, reals) = real.get_as(&path, TABLE).await;
        let place = format!("{scenario}, table of {path}");
        tally.compare(("tables: answers", "both"), &place, "200", &status.to_string());
        columns(&own, &reals, &place, tally);
        rows(kind, &own, &reals, &place, tally);
    }
}

fn path(kind: &Kind) -> String {
    let it = kind.resource;
    match it.group {
        "" => format!("/api/{}/{}", it.version, it.plural),
        group => format!("/apis/{group}/{}/{}", it.version, it.plural),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn columns(own: &Value, reals: &Value, place: &str, tally: &mut Tally) {
    let shown = |table: &Value| -> Vec<String> {
        let columns = list(&table["columnDefinitions"]).iter();
        let shown = columns.map(|it| {
            format!(
                "{} {} {:?} {}",
                it["name"], it["type"], it["format"], it["priority"]
            )
        });
        shown.collect()
    };
    let (own, reals) = (shown(own), shown(reals));
    for at in 0..own.len().max(reals.len()) {
        let of = |columns: &[String]| columns.get(at).cloned().unwrap_or_default();
        tally.compare(
            ("tables: columns", "both"),
            &format!("{place}, column {}", at + 1),
            &of(&reals),
            &of(&own),
        );
    }
}

fn rows(kind: &Kind, own: &Value, reals: &Value, place: &str, tally: &mut Tally) {
    let names: Vec<&str> = list(&reals["columnDefinitions"])
        .iter()
        .filter_map(|column| column["name"].as_str())
        .collect();
    let mut theirs = by_name(reals);
    for (name, row) in by_name(own) {
        let place = format!("{place}, {name}");
        let wanted = theirs.remove(&name);
        tally.compare(
            ("tables: rows", "both"),
            &place,
            said(true),
            said(wanted.is_some()),
        );
        let compared = |column: &str| !AGES.contains(&column) && (column != CREATED || !is_bootstrap(row));
        for (at, column) in names.iter().enumerate().filter(|(_, name)| compared(name)) {
            let of = |row: &Value| without_age(&row["cells"][at]);
            if let Some(wanted) = wanted {
                tally.compare(
                    ("tables: cells", "both"),
                    &format!("{place}, {column}"),
                    &of(wanted),
                    &of(row),
                );
            }
        }
    }
    theirs.retain(|_, row| !row["cells"].to_string().contains(REPAIR));
    if !REALS_OWN.contains(&kind.resource.plural) {
        for (name, row) in theirs {
            let place = format!("{place}, {name}: {}", row["cells"]);
            tally.compare(("tables: rows", "both"), &place, said(true), said(false));
        }
    }
}

fn said(is_there: bool) -> &'static str {
    if is_there { "a row" } else { "no such row" }
}

/// Each cluster made its own of these, at its own time.
fn is_bootstrap(row: &Value) -> bool {
    row["object"]["metadata"]["labels"]["kubernetes.io/bootstrapping"].is_string()
}

/// The rows, by namespace and name.
fn by_name(table: &Value) -> BTreeMap<String, &Value> {
    let row = |row: &'_ Value| {
        let metadata = &row["object"]["metadata"];
        let text = |field: &str| metadata[field].as_str().unwrap_or_default().to_owned();
        format!("{}/{}", text("namespace"), text("name"))
    };
    list(&table["rows"]).iter().map(|it| (row(it), it)).collect()
}

/// A cell, less the age in `5 (3m ago)`.
fn without_age(cell: &Value) -> String {
    match cell.as_str().and_then(|text| text.split_once(" (")) {
        Some((before, after)) if after.ends_with(" ago)") => format!("{before:?}"),
        _ => cell.to_string(),
    }
}
