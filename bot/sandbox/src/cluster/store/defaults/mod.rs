//! What a real server writes into an object where its author wrote nothing.

mod other;
mod pod;
mod service;
mod workload;

use serde_json::{Map, Value};

use super::super::api::kinds;
use super::super::catalog::Kind;
use super::random::Random;

pub(super) use self::other::{CLAIM_PROTECTION, VOLUME_PROTECTION};
pub(super) use self::service::Addresses;

/// Fills in what is not there, before the object is created or after it was changed.
pub(super) fn fill(kind: &Kind, object: &mut Value) {
    other::conditions(kind, object);
    match kind.shelf() {
        it if it == kinds::PODS => pod::pod(object),
        it if it == kinds::DEPLOYMENTS => workload::deployment(object),
        it if it == kinds::REPLICA_SETS => workload::replica_set(object),
        it if it == kinds::STATEFUL_SETS => workload::stateful_set(object),
        it if it == kinds::DAEMON_SETS => workload::daemon_set(object),
        it if it == kinds::SERVICES => service::service(object),
        _ => match kind.resource.plural {
            "jobs" => workload::job(object),
            "cronjobs" => workload::cron_job(object),
            _ => other::fill(kind, object),
        },
    }
}

/// What admission does to a new object: names, tokens and tolerations of Pods, the first status. Components
/// of the cluster are trusted to say themselves which taints a node has.
pub(super) fn admit(kind: &Kind, object: &mut Value, random: &mut Random, trusted: bool) {
    if kind.resource == kinds::PODS {
        pod::admit(object, random);
    }
    if kind.resource == kinds::NODES && !trusted {
        other::taint_new(object);
    }
    if kind.resource == kinds::DAEMON_SETS {
        default(
            child(child(object, "metadata"), "annotations"),
            TEMPLATE_GENERATION,
            "1",
        );
    }
    other::protect(kind, object);
    other::first_status(kind, object);
}

/// Where a DaemonSet counts the changes of its template.
pub(super) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// Sets a field that is absent or null.
fn default(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut()
        && fields.get(field).is_none_or(Value::is_null)
    {
        fields.insert(field.to_owned(), value.into());
    }
}

/// The object in a field, made where there is none. Whatever else stood there is no object of Kubernetes.
fn child<'a>(object: &'a mut Value, field: &str) -> &'a mut Value {
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let place = &mut object[field];
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    place
}

/// The objects in a list; nothing where there is none.
fn items<'a>(object: &'a mut Value, field: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = object.get_mut(field).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter(|it| it.is_object())
}

/// Whether a field holds something: neither null nor empty.
fn has(object: &Value, field: &str) -> bool {
    match object.get(field) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::catalog;

    fn filled(api_version: &str, kind: &str, object: Value) -> Value {
        let kind = catalog::by_object(api_version, kind).unwrap();
        let mut object = object;
        fill(kind, &mut object);
        admit(kind, &mut object, &mut Random::new(1), false);
        object
    }

    #[test]
    fn a_pod_gets_what_a_real_server_gives_it() {
        let pod = filled(
            "v1",
            "Pod",
            json!({"metadata": {"name": "web"}, "spec": {"containers": [
                {"name": "c", "image": "web", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                 "livenessProbe": {"httpGet": {"port": 80}}},
            ]}}),
        );
        let container = &pod["spec"]["containers"][0];
        assert_eq!(container["imagePullPolicy"], "Always");
        assert_eq!(
            container["resources"]["requests"],
            json!({"cpu": "1", "memory": "1Gi"})
        );
        assert_eq!(
            container["livenessProbe"]["httpGet"],
            json!({"port": 80, "path": "/", "scheme": "HTTP"})
        );
        assert_eq!(container["volumeMounts"][0]["readOnly"], true);
        assert_eq!(
            pod["spec"]["tolerations"][1]["key"],
            "node.kubernetes.io/unreachable"
        );
        assert_eq!(pod["spec"]["serviceAccount"], "default");
        assert_eq!(
            pod["status"],
            json!({"phase": "Pending", "qosClass": "Guaranteed"})
        );
    }

    #[test]
    fn a_deployment_rolls_a_quarter_at_a_time() {
        let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "web:1"}]}});
        let it = filled(
            "apps/v1",
            "Deployment",
            json!({"spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template}}),
        );
        let spec = &it["spec"];
        assert_eq!(
            spec["strategy"],
            json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}})
        );
        assert_eq!(
            (
                spec["replicas"].as_i64(),
                spec["progressDeadlineSeconds"].as_i64()
            ),
            (Some(1), Some(600))
        );
        assert_eq!(
            spec["template"]["spec"]["containers"][0]["imagePullPolicy"],
            "IfNotPresent"
        );
        assert_eq!(spec["template"]["spec"].get("tolerations"), None);
    }

    #[test]
    fn a_policy_without_types_is_about_incoming_traffic() {
        let it = filled(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"spec": {"podSelector": {}}}),
        );
        assert_eq!(it["spec"]["policyTypes"], json!(["Ingress"]));
        let it = filled(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"spec": {"podSelector": {}, "egress": [{}]}}),
        );
        assert_eq!(it["spec"]["policyTypes"], json!(["Ingress", "Egress"]));
    }
}
