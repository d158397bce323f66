//! Reading and changing objects that are JSON.

use serde_json::{Map, Value, json};

use crate::cluster::time::{parse_rfc3339, rfc3339};

/// Text of a field, empty where there is none.
pub(crate) fn text(field: &Value) -> &str {
    field.as_str().unwrap_or_default()
}

/// Number of a field, zero where there is none.
pub(crate) fn number(field: &Value) -> i64 {
    field.as_i64().unwrap_or_default()
}

/// The elements of a list, none where there is no list.
pub(crate) fn items(field: &Value) -> &[Value] {
    field.as_array().map_or(&[], Vec::as_slice)
}

/// The time in a field, as milliseconds since 1970.
pub(crate) fn time(field: &Value) -> Option<u64> {
    parse_rfc3339(field.as_str()?)
}

pub(crate) fn name(object: &Value) -> &str {
    text(&object["metadata"]["name"])
}

pub(crate) fn namespace(object: &Value) -> &str {
    text(&object["metadata"]["namespace"])
}

pub(crate) fn uid(object: &Value) -> &str {
    text(&object["metadata"]["uid"])
}

/// Whether somebody has deleted the object and it only waits for its end.
pub(crate) fn is_going(object: &Value) -> bool {
    object["metadata"]["deletionTimestamp"].is_string()
}

/// The reference to the object that manages this one.
pub(crate) fn controller(object: &Value) -> Option<&Value> {
    let owners = items(&object["metadata"]["ownerReferences"]);
    owners.iter().find(|owner| owner["controller"] == true)
}

/// Whether the object with this uid manages `object`.
pub(crate) fn is_managed_by(object: &Value, owner: &str) -> bool {
    controller(object).is_some_and(|reference| text(&reference["uid"]) == owner)
}

/// The reference that an object has to the one that manages it.
pub(crate) fn controller_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// Whether a Pod does or will run: neither finished nor deleted.
pub(crate) fn is_active(pod: &Value) -> bool {
    !is_finished(pod) && !is_going(pod)
}

/// Whether a Pod has run to its end.
pub(crate) fn is_finished(pod: &Value) -> bool {
    matches!(text(&pod["status"]["phase"]), "Succeeded" | "Failed")
}

/// A condition by its type.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    items(&object["status"]["conditions"])
        .iter()
        .find(|condition| condition["type"] == kind)
}

/// Whether a condition is there and true.
pub(crate) fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// Since when a condition is true.
pub(crate) fn true_since(object: &Value, kind: &str) -> Option<u64> {
    let found = condition(object, kind).filter(|condition| condition["status"] == "True")?;
    time(&found["lastTransitionTime"])
}

/// Puts a condition into a list, in the place of the one of its type. Its time of transition is `now`
/// where the status is another one than before.
pub(crate) fn put_condition(list: &mut Vec<Value>, mut condition: Value, now: u64) {
    let place = list.iter().position(|old| old["type"] == condition["type"]);
    let old = place.map(|place| &list[place]);
    condition["lastTransitionTime"] = match old {
        Some(old) if old["status"] == condition["status"] => old["lastTransitionTime"].clone(),
        _ => json!(rfc3339(now)),
    };
    match place {
        Some(place) => list[place] = condition,
        None => list.push(condition),
    }
}

/// Whether labels satisfy a selector as `spec.selector` of a Deployment has it. One that is absent selects
/// nothing, an empty one everything.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object();
    selector.is_object()
        && wanted.is_none_or(|wanted| has_all(wanted, labels))
        && items(&selector["matchExpressions"])
            .iter()
            .all(|rule| satisfies(rule, labels))
}

/// Whether labels hold all of these, as the selector of a Service or a `nodeSelector` wants them.
pub(crate) fn has_all(wanted: &Map<String, Value>, labels: &Value) -> bool {
    wanted.iter().all(|(key, value)| &labels[key] == value)
}

/// One rule of `matchExpressions`, of selectors and of the affinity to nodes.
pub(crate) fn satisfies(rule: &Value, labels: &Value) -> bool {
    let label = &labels[text(&rule["key"])];
    let among = || items(&rule["values"]).contains(label);
    match text(&rule["operator"]) {
        "In" => label.is_string() && among(),
        "NotIn" => !(label.is_string() && among()),
        "Exists" => label.is_string(),
        "DoesNotExist" => !label.is_string(),
        _ => false,
    }
}

/// A count or a share of `total`, as `maxSurge` has them.
pub(crate) fn scaled(amount: &Value, total: i64, round_up: bool) -> i64 {
    let Some(percent) = amount.as_str().and_then(|text| text.strip_suffix('%')) else {
        return number(amount);
    };
    let hundredths = percent.parse::<i64>().unwrap_or_default() * total;
    if round_up {
        hundredths.div_euclid(100) + i64::from(hundredths.rem_euclid(100) > 0)
    } else {
        hundredths.div_euclid(100)
    }
}

/// The name of what manages a Pod for people: the Deployment and not its ReplicaSet.
pub(crate) fn workload(pod: &Value) -> &str {
    let Some(owner) = controller(pod) else {
        return name(pod);
    };
    let owner_name = text(&owner["name"]);
    let hash = text(&pod["metadata"]["labels"]["pod-template-hash"]);
    let without = owner_name
        .strip_suffix(hash)
        .and_then(|name| name.strip_suffix('-'));
    without.filter(|_| !hash.is_empty()).unwrap_or(owner_name)
}

/// Writes a value so that equal ones are written alike, however their fields are ordered.
pub(crate) fn canonical(value: &Value, into: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_by_key(|(field, _)| *field);
            for (field, value) in sorted {
                into.push_str(field);
                into.push(':');
                canonical(value, into);
                into.push(';');
            }
        }
        Value::Array(list) => {
            for value in list {
                canonical(value, into);
                into.push(',');
            }
        }
        plain => into.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_asks_for_labels_and_for_rules() {
        let labels = json!({"app": "web", "tier": "front"});
        assert!(selects(&json!({"matchLabels": {"app": "web"}}), &labels));
        assert!(!selects(&json!({"matchLabels": {"app": "api"}}), &labels));
        let rule = |operator: &str| json!({"matchExpressions": [{"key": "tier", "operator": operator, "values": ["front"]}]});
        assert!(selects(&rule("In"), &labels));
        assert!(!selects(&rule("NotIn"), &labels));
        assert!(selects(&json!({}), &labels));
        assert!(!selects(&Value::Null, &labels));
    }

    #[test]
    fn shares_are_rounded_as_rollouts_need_them() {
        assert_eq!(scaled(&json!("25%"), 3, true), 1);
        assert_eq!(scaled(&json!("25%"), 3, false), 0);
        assert_eq!(scaled(&json!(2), 3, false), 2);
    }

    #[test]
    fn a_condition_keeps_its_time_until_its_status_changes() {
        let mut list = Vec::new();
        let ready = |status: &str| json!({"type": "Ready", "status": status});
        put_condition(&mut list, ready("False"), 0);
        put_condition(&mut list, ready("False"), 5000);
        assert_eq!(list[0]["lastTransitionTime"], "1970-01-01T00:00:00Z");
        put_condition(&mut list, ready("True"), 9000);
        assert_eq!(list[0]["lastTransitionTime"], "1970-01-01T00:00:09Z");
        assert_eq!(list.len(), 1);
    }

    #[test]
    fn a_pod_belongs_to_the_deployment_behind_its_replica_set() {
        let owner = json!([{"controller": true, "kind": "ReplicaSet", "name": "web-5d9c"}]);
        let pod = json!({"metadata": {"name": "web-5d9c-x", "labels": {"pod-template-hash": "5d9c"}, "ownerReferences": owner}});
        assert_eq!(workload(&pod), "web");
        assert_eq!(workload(&json!({"metadata": {"name": "alone"}})), "alone");
    }
}
