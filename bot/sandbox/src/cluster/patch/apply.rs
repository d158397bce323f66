//! Server-side apply, as far as one manager of a Lease or a manifest needs it: what a manager wants is merged
//! in, what it wanted before and wants no more is removed, and what belongs to another manager is a conflict.
//! Managers that apply and those that patch are remembered; what was written otherwise belongs to nobody.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::catalog::Kind;
use super::super::problem::Problem;
use super::lists::{self, List};

/// Where a value is: fields, and items of lists by their keys.
type Path = Vec<Step>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Field(String),
    /// An item of a list, by its keys as JSON.
    Item(String),
}

/// Applies what `manager` wants.
pub(super) fn apply(
    kind: &Kind,
    object: &mut Value,
    wanted: &Value,
    (manager, force): (&str, bool),
) -> Result<(), Problem> {
    if wanted["kind"].as_str().is_none() || wanted["apiVersion"].as_str().is_none() {
        return Err(Problem::bad_request("invalid object type: /, Kind="));
    }
    let mut wanted = wanted.clone();
    super::super::store::shape(kind, &mut wanted)?;
    let version = wanted["metadata"]["resourceVersion"].clone();
    strip(&mut wanted);
    let managers = object["metadata"]["managedFields"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let wants = leaves(kind, &wanted);
    if !force {
        check(object, &wanted, &wants, manager, &managers)?;
    }
    let mine = owned(&managers, manager);
    let others: BTreeSet<Path> = managers
        .iter()
        .filter(|it| !is_apply_of(it, manager))
        .flat_map(|it| paths_of(&it["fieldsV1"]))
        .collect();
    for path in mine
        .iter()
        .filter(|path| !wants.contains(*path) && !others.contains(*path))
    {
        remove(object, path);
    }
    merge(kind, &mut Vec::new(), object, &wanted);
    if !version.is_null() {
        object["metadata"]["resourceVersion"] = version;
    }
    object["metadata"]["managedFields"] = json!(noted(kind, managers, manager, &wants));
    Ok(())
}

/// What identifies an object belongs to nobody.
fn strip(wanted: &mut Value) {
    if let Some(metadata) = wanted.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in [
            "resourceVersion",
            "uid",
            "creationTimestamp",
            "generation",
            "managedFields",
        ] {
            metadata.remove(field);
        }
    }
}

fn check(
    object: &Value,
    wanted: &Value,
    wants: &BTreeSet<Path>,
    manager: &str,
    managers: &[Value],
) -> Result<(), Problem> {
    let mut conflicts = Vec::new();
    for other in managers.iter().filter(|it| !is_apply_of(it, manager)) {
        let owned = paths_of(&other["fieldsV1"]);
        for path in wants.iter().filter(|path| owned.contains(*path)) {
            if value_at(object, path) != value_at(wanted, path) {
                conflicts.push((named(other), dotted(path)));
            }
        }
    }
    if conflicts.is_empty() {
        return Ok(());
    }
    Err(conflict(&conflicts))
}

/// A manager as a conflict names it.
fn named(manager: &Value) -> String {
    let text = |field: &str| manager[field].as_str().unwrap_or_default();
    let name = format!("{:?}", text("manager"));
    match text("operation") {
        "Update" => format!("{name} using {} at {}", text("apiVersion"), text("time")),
        _ => name,
    }
}

/// Whether an entry is what this manager applied.
fn is_apply_of(entry: &Value, manager: &str) -> bool {
    entry["operation"] == "Apply" && entry["manager"] == manager
}

/// Notes what `manager` made of an object by other ways than applying: what it changed is its own, what it removed is
/// nobody's. A manager that owns nothing any more is forgotten.
pub(super) fn note(kind: &Kind, old: &Value, new: &mut Value, (manager, part, time): (&str, &str, &str)) {
    let bare = |object: &Value| {
        let mut object = object.clone();
        strip(&mut object);
        object
    };
    let (before, after) = (bare(old), bare(new));
    let (had, has) = (leaves(kind, &before), leaves(kind, &after));
    let is_changed = |path: &&Path| value_at(&before, path) != value_at(&after, path);
    let changed: BTreeSet<Path> = has.iter().filter(is_changed).cloned().collect();
    let touched: BTreeSet<Path> = changed.iter().chain(had.difference(&has)).cloned().collect();
    if touched.is_empty() {
        return;
    }
    let managers = old["metadata"]["managedFields"].as_array();
    let mut managers = managers.cloned().unwrap_or_default();
    let is_own = |it: &Value| {
        let subresource = it["subresource"].as_str().unwrap_or_default();
        it["operation"] == "Update" && it["manager"] == manager && subresource == part
    };
    let own = managers.iter().filter(|it| is_own(it));
    let mut own: BTreeSet<Path> = own.flat_map(|it| paths_of(&it["fieldsV1"])).collect();
    own = own.difference(&touched).cloned().collect();
    own.extend(changed);
    managers.retain(|it| !is_own(it));
    for other in &mut managers {
        let left: BTreeSet<Path> = paths_of(&other["fieldsV1"])
            .difference(&touched)
            .cloned()
            .collect();
        other["fieldsV1"] = fields_of(&left);
    }
    let mut entry = json!({
        "manager": manager, "operation": "Update", "apiVersion": kind.api_version(), "time": time,
        "fieldsType": "FieldsV1", "fieldsV1": fields_of(&own),
    });
    if !part.is_empty() {
        entry["subresource"] = json!(part);
    }
    managers.push(entry);
    managers.retain(|it| {
        it["fieldsV1"]
            .as_object()
            .is_some_and(|fields| !fields.is_empty())
    });
    new["metadata"]["managedFields"] = json!(managers);
}

fn conflict(conflicts: &[(String, String)]) -> Problem {
    let causes: Vec<Value> = conflicts
        .iter()
        .map(|(manager, field)| {
            json!({"reason": "FieldManagerConflict", "message": format!("conflict with {manager}"), "field": field})
        })
        .collect();
    let each: Vec<String> = conflicts
        .iter()
        .map(|(manager, field)| format!("conflict with {manager}: {field}"))
        .collect();
    let count = each.len();
    let noun = if count == 1 { "conflict" } else { "conflicts" };
    Problem {
        details: Some(Box::new(json!({"causes": causes}))),
        ..Problem::new(
            409,
            "Conflict",
            format!("Apply failed with {count} {noun}: {}", each.join("\n")),
        )
    }
}

/// Every value that is not an object or a list with items of its own.
fn leaves(kind: &Kind, wanted: &Value) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    walk(kind, &mut Vec::new(), &mut Vec::new(), wanted, &mut found);
    found.retain(|path| {
        let first = |name: &str| path.first() == Some(&Step::Field(name.to_owned()));
        let second = |name: &str| path.get(1) == Some(&Step::Field(name.to_owned()));
        !first("apiVersion")
            && !first("kind")
            && !(first("metadata") && (second("name") || second("namespace")))
    });
    found
}

fn walk(kind: &Kind, names: &mut Vec<String>, path: &mut Path, value: &Value, found: &mut BTreeSet<Path>) {
    let Value::Object(fields) = value else {
        found.insert(path.clone());
        return;
    };
    for (field, value) in fields {
        let list = lists::of(kind, names, field);
        names.push(field.clone());
        path.push(Step::Field(field.clone()));
        match (list, value) {
            (List::By(keys), Value::Array(items)) => {
                for item in items {
                    path.push(Step::Item(key(item, keys)));
                    walk(kind, names, path, item, found);
                    path.pop();
                }
            }
            (_, Value::Object(inner)) if !inner.is_empty() => walk(kind, names, path, value, found),
            _ => drop(found.insert(path.clone())),
        }
        path.pop();
        names.pop();
    }
}

fn key(item: &Value, keys: &[&str]) -> String {
    let parts = keys.iter().map(|key| {
        let value = item.get(*key).cloned();
        // The one key that has a default.
        let value = value.or_else(|| (*key == "protocol").then(|| json!("TCP")));
        ((*key).to_owned(), value.unwrap_or(Value::Null))
    });
    Value::Object(parts.collect::<Map<_, _>>()).to_string()
}

fn has_key(item: &Value, wanted: &str) -> bool {
    let Ok(Value::Object(keys)) = serde_json::from_str(wanted) else {
        return false;
    };
    keys.iter().all(|(name, value)| {
        item.get(name)
            .map_or(name == "protocol" && value == "TCP", |it| it == value)
    })
}

fn merge(kind: &Kind, names: &mut Vec<String>, object: &mut Value, wanted: &Value) {
    let Value::Object(changes) = wanted else {
        *object = wanted.clone();
        return;
    };
    if !object.is_object() {
        *object = json!({});
    }
    for (field, change) in changes {
        let list = lists::of(kind, names, field);
        names.push(field.clone());
        match (list, change) {
            (List::By(keys), Value::Array(items)) => {
                merge_items(kind, names, &mut object[field], items, keys)
            }
            _ => merge(kind, names, &mut object[field], change),
        }
        names.pop();
    }
}

fn merge_items(kind: &Kind, names: &mut Vec<String>, place: &mut Value, items: &[Value], keys: &[&str]) {
    if !place.is_array() {
        *place = json!([]);
    }
    let Some(list) = place.as_array_mut() else {
        return;
    };
    for item in items {
        let wanted = key(item, keys);
        match list.iter_mut().find(|it| has_key(it, &wanted)) {
            Some(there) => merge(kind, names, there, item),
            None => list.push(item.clone()),
        }
    }
}

fn value_at<'a>(object: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(object, |at, step| match step {
        Step::Field(field) => at.get(field),
        Step::Item(key) => at.as_array()?.iter().find(|it| has_key(it, key)),
    })
}

/// Removes a value, and what is empty then.
fn remove(object: &mut Value, path: &[Step]) {
    let [step, rest @ ..] = path else {
        return;
    };
    match (step, object) {
        (Step::Field(field), Value::Object(fields)) => {
            if let Some(inner) = fields.get_mut(field) {
                remove(inner, rest);
                if rest.is_empty() || is_hollow(inner) {
                    fields.remove(field);
                }
            }
        }
        (Step::Item(key), Value::Array(items)) => {
            if let Some(at) = items.iter().position(|it| has_key(it, key)) {
                remove(&mut items[at], rest);
                if rest.is_empty() || is_hollow(&items[at]) {
                    items.remove(at);
                }
            }
        }
        _ => {}
    }
}

fn is_hollow(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

fn dotted(path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Field(field) => format!(".{field}"),
        Step::Item(key) => {
            let keys: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
            let pairs: Vec<String> = keys
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("[{}]", pairs.join(","))
        }
    };
    path.iter().map(step).collect()
}

fn owned(managers: &[Value], manager: &str) -> BTreeSet<Path> {
    let own = managers.iter().filter(|it| is_apply_of(it, manager));
    own.flat_map(|it| paths_of(&it["fieldsV1"])).collect()
}

/// The managers with what this one wants now.
fn noted(kind: &Kind, mut managers: Vec<Value>, manager: &str, wants: &BTreeSet<Path>) -> Vec<Value> {
    managers.retain(|it| !is_apply_of(it, manager));
    for other in &mut managers {
        let left: BTreeSet<Path> = paths_of(&other["fieldsV1"]).difference(wants).cloned().collect();
        other["fieldsV1"] = fields_of(&left);
    }
    managers.push(json!({
        "manager": manager, "operation": "Apply", "apiVersion": kind.api_version(), "fieldsType": "FieldsV1",
        "fieldsV1": fields_of(wants),
    }));
    managers
}

/// Paths as `managedFields` writes them.
fn fields_of(paths: &BTreeSet<Path>) -> Value {
    let mut root = json!({});
    for path in paths {
        let mut at = &mut root;
        for step in path {
            let name = match step {
                Step::Field(field) => format!("f:{field}"),
                Step::Item(key) => format!("k:{key}"),
            };
            if at[&name].is_null() {
                at[&name] = json!({});
            }
            at = &mut at[&name];
        }
    }
    root
}

fn paths_of(fields: &Value) -> BTreeSet<Path> {
    fn walk(fields: &Value, path: &mut Path, found: &mut BTreeSet<Path>) {
        let inner = fields.as_object();
        if inner.is_none_or(Map::is_empty) && !path.is_empty() {
            found.insert(path.clone());
        }
        for (name, value) in inner.into_iter().flatten() {
            let step = match name.split_once(':') {
                Some(("f", field)) => Step::Field(field.to_owned()),
                Some(("k", key)) => Step::Item(key.to_owned()),
                _ => continue,
            };
            path.push(step);
            walk(value, path, found);
            path.pop();
        }
    }
    let mut found = BTreeSet::new();
    walk(fields, &mut Vec::new(), &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::api::kinds::{LEASES, NODES};
    use crate::cluster::catalog;

    #[test]
    fn a_manager_changes_and_removes_what_is_its_own_and_nothing_else() {
        let kind = catalog::of(LEASES).unwrap();
        let mut object = json!({"metadata": {"name": "lead", "labels": {"by": "hand"}}});
        let lease = |spec: Value| {
            let version = "coordination.k8s.io/v1";
            json!({"apiVersion": version, "kind": "Lease", "metadata": {"name": "lead"}, "spec": spec})
        };
        let a = lease(json!({"holderIdentity": "a", "leaseDurationSeconds": 15}));
        apply(kind, &mut object, &a, ("a", false)).unwrap();
        apply(
            kind,
            &mut object,
            &lease(json!({"holderIdentity": "a"})),
            ("a", false),
        )
        .unwrap();
        assert_eq!(object["spec"], json!({"holderIdentity": "a"}));
        assert_eq!(object["metadata"]["labels"], json!({"by": "hand"}));
        let taken = apply(
            kind,
            &mut object,
            &lease(json!({"holderIdentity": "b"})),
            ("b", false),
        )
        .unwrap_err();
        assert_eq!(
            (taken.code, taken.message.as_str()),
            (
                409,
                "Apply failed with 1 conflict: conflict with \"a\": .spec.holderIdentity"
            )
        );
        apply(
            kind,
            &mut object,
            &lease(json!({"holderIdentity": "b"})),
            ("b", true),
        )
        .unwrap();
        assert_eq!(object["spec"]["holderIdentity"], "b");
    }

    #[test]
    fn who_patches_owns_what_it_changed_until_another_does() {
        let kind = catalog::of(NODES).unwrap();
        let write = |old: &Value, manager: &str, change: Value| {
            let mut new = old.clone();
            super::super::merge(&mut new, &change);
            note(kind, old, &mut new, (manager, "", "2026-01-01T00:00:00Z"));
            new
        };
        let managers = |node: &Value| -> Vec<(String, Value)> {
            let entries = node["metadata"]["managedFields"].as_array().unwrap().iter();
            let named = |it: &Value| (it["manager"].as_str().unwrap().to_owned(), it["fieldsV1"].clone());
            entries.map(named).collect()
        };
        let node =
            json!({"metadata": {"name": "n", "resourceVersion": "1"}, "spec": {"podCIDR": "10.0.0.0/24"}});
        let cordoned = write(&node, "a", json!({"spec": {"unschedulable": true}}));
        let spec = json!({"f:spec": {"f:unschedulable": {}}});
        assert_eq!(managers(&cordoned), [("a".to_owned(), spec)]);
        let labelled = write(&cordoned, "b", json!({"metadata": {"labels": {"x": "y"}}}));
        assert_eq!(managers(&labelled).len(), 2);
        // What is written as it was belongs to whom it belonged.
        let again = write(&labelled, "b", json!({"spec": {"unschedulable": true}}));
        assert_eq!(managers(&again), managers(&labelled));
        // What is removed is nobody's, and who has nothing is forgotten.
        let uncordoned = write(&labelled, "c", json!({"spec": {"unschedulable": null}}));
        let labels = json!({"f:metadata": {"f:labels": {"f:x": {}}}});
        assert_eq!(managers(&uncordoned), [("b".to_owned(), labels)]);
    }
}
