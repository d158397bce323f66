//! Strategic merge patches: lists of things with names are merged by name, and `$`-directives say the rest.

use serde_json::{Map, Value};

use super::super::catalog::Kind;
use super::lists::{self, List};

const ORDER: &str = "$setElementOrder/";
const DELETE: &str = "$deleteFromPrimitiveList/";

/// Applies a patch.
pub(super) fn merge(kind: &Kind, object: &mut Value, patch: &Value) {
    let mut path = Vec::new();
    merge_value(kind, &mut path, object, patch);
}

fn merge_value(kind: &Kind, path: &mut Vec<String>, object: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *object = patch.clone();
        return;
    };
    if changes.get("$patch").and_then(Value::as_str) == Some("replace") {
        *object = without_directives(patch);
        return;
    }
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(fields) = object.as_object_mut() else {
        return;
    };
    if changes.get("$patch").and_then(Value::as_str) == Some("delete") {
        fields.clear();
        return;
    }
    keep_only(fields, changes);
    for (field, change) in changes.iter().filter(|(field, _)| !field.starts_with('$')) {
        merge_field(kind, path, fields, (field, change), changes);
    }
    delete_from_sets(fields, changes);
}

fn merge_field(
    kind: &Kind,
    path: &mut Vec<String>,
    fields: &mut Map<String, Value>,
    (field, change): (&str, &Value),
    changes: &Map<String, Value>,
) {
    if change.is_null() {
        fields.remove(field);
        return;
    }
    let order = changes.get(&format!("{ORDER}{field}")).and_then(Value::as_array);
    let list = lists::of(kind, path, field);
    path.push(field.to_owned());
    let place = fields.entry(field.to_owned()).or_insert(Value::Null);
    let before = place.as_array().cloned().unwrap_or_default();
    match (list, change) {
        (List::By([key, ..]), Value::Array(items)) => merge_list(kind, path, place, items, key),
        (List::Set, Value::Array(items)) => add_all(place, items),
        (_, Value::Object(_)) => merge_value(kind, path, place, change),
        _ => *place = change.clone(),
    }
    if let List::By([key, ..]) = list
        && let Some(order) = order.or_else(|| change.as_array())
    {
        sort(place, order, &before, key);
    }
    path.pop();
}

/// `$retainKeys` names all that may stay: whoever changes the kind of a volume leaves the old source out.
fn keep_only(fields: &mut Map<String, Value>, changes: &Map<String, Value>) {
    if let Some(keys) = changes.get("$retainKeys").and_then(Value::as_array) {
        fields.retain(|field, _| keys.iter().any(|key| key == field));
    }
}

fn delete_from_sets(fields: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (directive, gone) in changes {
        let Some(list) = directive
            .strip_prefix(DELETE)
            .and_then(|field| fields.get_mut(field))
        else {
            continue;
        };
        if let (Some(list), Some(gone)) = (list.as_array_mut(), gone.as_array()) {
            list.retain(|item| !gone.contains(item));
        }
    }
}

fn merge_list(kind: &Kind, path: &mut Vec<String>, place: &mut Value, items: &[Value], key: &str) {
    let replaces = items
        .iter()
        .any(|it| it["$patch"] == "replace" && it.get(key).is_none());
    if !place.is_array() || replaces {
        *place = Value::Array(Vec::new());
    }
    let Some(list) = place.as_array_mut() else {
        return;
    };
    for item in items.iter().filter(|it| it.get(key).is_some()) {
        let at = list.iter().position(|it| it.get(key) == item.get(key));
        match at {
            Some(at) if item["$patch"] == "delete" => drop(list.remove(at)),
            Some(at) => merge_value(kind, path, &mut list[at], item),
            None if item["$patch"] == "delete" => {}
            None => list.push(without_directives(item)),
        }
    }
}

fn add_all(place: &mut Value, items: &[Value]) {
    if !place.is_array() {
        *place = Value::Array(Vec::new());
    }
    if let Some(list) = place.as_array_mut() {
        for item in items {
            if !list.contains(item) {
                list.push(item.clone());
            }
        }
    }
}

/// Brings the items that `order` names into its order. The others stay among them where they were, and behind
/// those that are new.
fn sort(place: &mut Value, order: &[Value], before: &[Value], key: &str) {
    let Some(list) = place.as_array_mut() else {
        return;
    };
    let at = |all: &[Value], item: &Value| all.iter().position(|it| it.get(key) == item.get(key));
    let (mut named, others): (Vec<Value>, Vec<Value>) =
        list.drain(..).partition(|it| at(order, it).is_some());
    named.sort_by_key(|it| at(order, it));
    let mut named = named.into_iter().peekable();
    for other in others {
        while let Some(next) =
            named.next_if(|it| at(before, it).is_none_or(|it| Some(it) < at(before, &other)))
        {
            list.push(next);
        }
        list.push(other);
    }
    list.extend(named);
}

fn without_directives(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .iter()
                .filter(|(field, value)| !field.starts_with('$') && !value.is_null());
            Value::Object(
                kept.map(|(field, value)| (field.clone(), without_directives(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(without_directives).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::api::kinds::{DEPLOYMENTS, NODES, SERVICES};
    use crate::cluster::catalog;

    fn merged(of: crate::cluster::api::Resource, object: Value, patch: &Value) -> Value {
        let mut object = object;
        merge(catalog::of(of).unwrap(), &mut object, patch);
        object
    }

    #[test]
    fn containers_are_merged_by_name() {
        let spec = |containers: Value| json!({"spec": {"template": {"spec": {"containers": containers}}}});
        let object =
            spec(json!([{"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}]));
        let patch = spec(json!([
            {"name": "a", "image": "a:2", "env": [{"name": "Y", "value": "2"}]}, {"name": "b", "$patch": "delete"},
        ]));
        // What is new comes first, as on a real server.
        let both = json!([{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}]);
        let expected = spec(json!([{"name": "a", "image": "a:2", "env": both}]));
        assert_eq!(merged(DEPLOYMENTS, object, &patch), expected);
    }

    #[test]
    fn what_a_patch_names_first_stays_first() {
        let conditions = |names: &[&str]| {
            let each: Vec<Value> = names.iter().map(|name| json!({"type": name})).collect();
            json!({"status": {"conditions": each}})
        };
        let now = merged(NODES, conditions(&["A", "B", "C"]), &conditions(&["C", "New"]));
        assert_eq!(now, conditions(&["A", "B", "C", "New"]));
        let now = merged(NODES, conditions(&["A", "B"]), &conditions(&["New"]));
        assert_eq!(now, conditions(&["New", "A", "B"]));
    }

    #[test]
    fn null_removes_and_taints_are_one_value() {
        let object = json!({"spec": {"unschedulable": true, "taints": [{"key": "a"}, {"key": "b"}]}});
        let patch = json!({"spec": {"unschedulable": null, "taints": [{"key": "c"}]}});
        assert_eq!(
            merged(NODES, object, &patch),
            json!({"spec": {"taints": [{"key": "c"}]}})
        );
    }

    #[test]
    fn directives_order_delete_and_retain() {
        let object = json!({
            "metadata": {"finalizers": ["a", "b"]},
            "spec": {"ports": [{"port": 80, "name": "http"}, {"port": 443, "name": "https"}]},
        });
        let patch = json!({
            "metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]},
            "spec": {
                "ports": [{"port": 9090, "name": "metrics"}],
                "$setElementOrder/ports": [{"port": 443}, {"port": 80}, {"port": 9090}],
            },
        });
        let now = merged(SERVICES, object, &patch);
        assert_eq!(now["metadata"]["finalizers"], json!(["b"]));
        let ports: Vec<i64> = now["spec"]["ports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["port"].as_i64().unwrap())
            .collect();
        assert_eq!(ports, [443, 80, 9090]);
        let strategy =
            json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
        let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
        assert_eq!(
            merged(DEPLOYMENTS, strategy, &patch),
            json!({"spec": {"strategy": {"type": "Recreate"}}})
        );
    }
}
