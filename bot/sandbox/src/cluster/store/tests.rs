use serde_json::json;

use super::*;
use crate::START_MS;
use crate::cluster::api::kinds::{
    CLAIMS, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, NODES, PODS, REPLICA_SETS, SERVICES,
};

fn store() -> Handle {
    let store = Handle::new(Clock::manual(START_MS), 1);
    store
        .create(NAMESPACES, json!({"metadata": {"name": "shop"}}))
        .unwrap();
    store
}

fn pod(name: &str, node: &str) -> Value {
    json!({
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "web:1"}]},
    })
}

fn deployment() -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "c", "image": "web:1"}]},
            },
        },
    })
}

fn owned_by(mut object: Value, owner: &Value) -> Value {
    let name = owner["metadata"]["name"].clone();
    object["metadata"]["ownerReferences"] = json!([{
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name, "uid": owner["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    }]);
    object
}

/// The code and the sentence of a refusal.
fn refused<T: fmt::Debug>(result: anyhow::Result<T>) -> (u16, String) {
    let error = result.unwrap_err();
    let problem = error.downcast_ref::<Problem>().unwrap();
    (problem.code, problem.message.clone())
}

fn names(store: &Handle, of: Resource) -> Vec<String> {
    let objects = store.list(of).unwrap();
    objects
        .iter()
        .map(|it| it["metadata"]["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_object_gets_its_identity_when_it_is_created() {
    let store = store();
    let made = store.create(DEPLOYMENTS, deployment()).unwrap();
    let metadata = &made["metadata"];
    assert_eq!(metadata["creationTimestamp"], "2026-01-01T00:00:00Z");
    assert_eq!(
        (metadata["generation"].as_i64(), made["kind"].as_str()),
        (Some(1), Some("Deployment"))
    );
    assert_eq!(metadata["uid"].as_str().unwrap().len(), 36);
    assert_eq!(
        refused(store.create(DEPLOYMENTS, deployment())),
        (409, "deployments.apps \"web\" already exists".to_owned())
    );
    let nowhere = json!({"metadata": {"name": "x", "namespace": "nowhere"}});
    assert_eq!(
        refused(store.create(CONFIG_MAPS, nowhere)),
        (404, "namespaces \"nowhere\" not found".to_owned())
    );
}

#[test]
fn generated_names_have_five_letters_of_the_alphabet() {
    let store = store();
    let made = store.create(
        CONFIG_MAPS,
        json!({"metadata": {"generateName": "web-", "namespace": "shop"}}),
    );
    let made = made.unwrap();
    let name = made["metadata"]["name"].as_str().unwrap();
    let suffix = name.strip_prefix("web-").unwrap();
    assert!(
        suffix.len() == 5
            && suffix
                .chars()
                .all(|it| "bcdfghjklmnpqrstvwxz2456789".contains(it)),
        "{name}"
    );
}

#[test]
fn only_a_change_of_the_specification_is_a_new_generation() {
    let store = store();
    let first = store.create(DEPLOYMENTS, deployment()).unwrap();
    let patch = |subresource: &str, patch: Value| {
        let changed = store
            .patch(DEPLOYMENTS, "shop", "web", subresource, &patch)
            .unwrap();
        let version = changed["metadata"]["resourceVersion"].clone();
        (changed["metadata"]["generation"].as_i64().unwrap(), version)
    };
    let (generation, version) = patch("", json!({"spec": {"replicas": 1}}));
    assert_eq!((generation, &version), (1, &first["metadata"]["resourceVersion"]));
    assert_eq!(patch("status", json!({"status": {"replicas": 1}})).0, 1);
    assert_eq!(patch("", json!({"metadata": {"labels": {"a": "b"}}})).0, 1);
    assert_eq!(patch("", json!({"spec": {"replicas": 2}})).0, 2);
    let (_, version) = patch("", json!({"status": {"replicas": 9}}));
    let now = store.get(DEPLOYMENTS, "shop", "web").unwrap().unwrap();
    assert_eq!(now["status"]["replicas"], 1);
    assert_eq!(now["metadata"]["resourceVersion"], version);
}

#[test]
fn a_template_without_a_time_is_the_same_template() {
    let store = store();
    let first = store.create(DEPLOYMENTS, deployment()).unwrap();
    let mut same = Value::clone(&first);
    same["spec"]["template"]["metadata"]["creationTimestamp"] = Value::Null;
    let kind = catalog::of(DEPLOYMENTS).unwrap();
    let now = store.replace(kind, "shop", "web", same, Part::Main).unwrap();
    assert_eq!(now, first);
}

#[test]
fn a_stale_version_is_a_conflict() {
    let store = store();
    let first = store.create(DEPLOYMENTS, deployment()).unwrap();
    store
        .patch(DEPLOYMENTS, "shop", "web", "", &json!({"spec": {"replicas": 2}}))
        .unwrap();
    let kind = catalog::of(DEPLOYMENTS).unwrap();
    let late = store
        .replace(kind, "shop", "web", Value::clone(&first), Part::Main)
        .unwrap_err();
    assert_eq!(
        (late.code, late.message.as_str()),
        (
            409,
            "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply \
             your changes to the latest version and try again"
        )
    );
}

#[test]
fn a_pod_that_runs_is_marked_and_goes_when_its_kubelet_says_so() {
    let store = store();
    store.create(PODS, pod("runs", "node-1")).unwrap();
    store.create(PODS, pod("waits", "")).unwrap();
    assert_eq!(store.pods_on("node-1").0.len(), 1);
    store.delete(PODS, "shop", "runs", None).unwrap();
    store.delete(PODS, "shop", "waits", None).unwrap();
    assert_eq!(names(&store, PODS), ["runs"]);
    let marked = store.get(PODS, "shop", "runs").unwrap().unwrap();
    assert_eq!(marked["metadata"]["deletionTimestamp"], "2026-01-01T00:00:30Z");
    assert_eq!(marked["metadata"]["deletionGracePeriodSeconds"], 30);
    store.delete(PODS, "shop", "runs", Some(0)).unwrap();
    assert_eq!(names(&store, PODS), [""; 0]);
    assert_eq!(store.pods_on("node-1").0.len(), 0);
}

#[test]
fn dependents_go_with_the_last_of_their_owners() {
    let store = store();
    let web = store.create(DEPLOYMENTS, deployment()).unwrap();
    let set = store.create(REPLICA_SETS, owned_by(deployment(), &web)).unwrap();
    store
        .create(PODS, owned_by(pod("web-1", "node-1"), &set))
        .unwrap();
    store.create(PODS, owned_by(pod("web-2", ""), &set)).unwrap();
    store.create(PODS, pod("other", "")).unwrap();
    store.delete(DEPLOYMENTS, "shop", "web", None).unwrap();
    assert_eq!(names(&store, REPLICA_SETS), [""; 0]);
    // The one on a node waits for its kubelet.
    assert_eq!(names(&store, PODS), ["other", "web-1"]);
}

#[test]
fn a_deletion_in_the_foreground_waits_for_the_dependents() {
    let store = store();
    let set = store.create(REPLICA_SETS, deployment()).unwrap();
    store
        .create(PODS, owned_by(pod("web-1", "node-1"), &set))
        .unwrap();
    let options = DeleteOptions {
        propagation: Propagation::Foreground,
        ..DeleteOptions::default()
    };
    store
        .remove(catalog::of(REPLICA_SETS).unwrap(), "shop", "web", &options)
        .unwrap();
    assert_eq!(names(&store, REPLICA_SETS), ["web"]);
    store.delete(PODS, "shop", "web-1", Some(0)).unwrap();
    assert_eq!(names(&store, REPLICA_SETS), [""; 0]);
}

#[test]
fn a_finalizer_keeps_an_object_until_it_is_taken_off() {
    let store = store();
    let kept = json!({"metadata": {"name": "kept", "namespace": "shop", "finalizers": ["example.com/keep"]}});
    store.create(CONFIG_MAPS, kept).unwrap();
    store.delete(CONFIG_MAPS, "shop", "kept", None).unwrap();
    let marked = store.get(CONFIG_MAPS, "shop", "kept").unwrap().unwrap();
    assert_eq!(marked["metadata"]["deletionTimestamp"], "2026-01-01T00:00:00Z");
    store
        .patch(
            CONFIG_MAPS,
            "shop",
            "kept",
            "",
            &json!({"metadata": {"finalizers": null}}),
        )
        .unwrap();
    assert_eq!(store.get(CONFIG_MAPS, "shop", "kept").unwrap(), None);
}

#[test]
fn a_namespace_goes_when_it_is_empty() {
    let store = store();
    store.create(PODS, pod("web-1", "node-1")).unwrap();
    store.delete(NAMESPACES, "", "shop", None).unwrap();
    let marked = store.get(NAMESPACES, "", "shop").unwrap().unwrap();
    assert_eq!(marked["status"]["phase"], "Terminating");
    assert_eq!(names(&store, CONFIG_MAPS), [""; 0]);
    let (code, message) = refused(store.create(PODS, pod("new", "")));
    assert_eq!(code, 403, "{message}");
    store.delete(PODS, "shop", "web-1", Some(0)).unwrap();
    assert_eq!(store.get(NAMESPACES, "", "shop").unwrap(), None);
}

#[test]
fn services_get_addresses_that_nobody_has() {
    let store = store();
    let service = |name: &str, spec: Value| {
        store.create(
            SERVICES,
            json!({"metadata": {"name": name, "namespace": "shop"}, "spec": spec}),
        )
    };
    let ports = json!([{"port": 80}]);
    let one = service("one", json!({"ports": ports})).unwrap();
    let ip = one["spec"]["clusterIP"].as_str().unwrap().to_owned();
    assert!(ip.starts_with("10.96."), "{ip}");
    assert_eq!(one["spec"]["clusterIPs"], json!([ip]));
    let taken = refused(service("two", json!({"ports": ports, "clusterIP": ip})));
    assert_eq!(taken.0, 422, "{}", taken.1);
    let outside = service("three", json!({"ports": ports, "type": "NodePort"})).unwrap();
    let port = outside["spec"]["ports"][0]["nodePort"].as_u64().unwrap();
    assert!((30_000..32_768).contains(&port), "{port}");
    let headless = service("four", json!({"clusterIP": "None"})).unwrap();
    assert_eq!(headless["spec"]["clusterIPs"], json!(["None"]));
    store.delete(SERVICES, "shop", "one", None).unwrap();
    service("five", json!({"ports": ports, "clusterIP": ip})).unwrap();
}

#[test]
fn history_is_written_at_its_own_time() {
    let store = store();
    store.set_time(START_MS - 3_600_000);
    let node = store
        .create(NODES, json!({"metadata": {"name": "node-1"}}))
        .unwrap();
    assert_eq!(node["metadata"]["creationTimestamp"], "2025-12-31T23:00:00Z");
    store.follow_clock();
    assert_eq!(store.time(), START_MS);
}

#[test]
fn a_watch_is_told_what_happened_after_its_version() {
    let store = store();
    let kind = catalog::of(PODS).unwrap();
    let start = store.version();
    store.create(PODS, pod("web-1", "")).unwrap();
    store
        .patch(
            PODS,
            "shop",
            "web-1",
            "",
            &json!({"metadata": {"labels": {"a": "b"}}}),
        )
        .unwrap();
    store.delete(PODS, "shop", "web-1", None).unwrap();
    let (changes, version) = store.changes(kind, start).unwrap();
    let told: Vec<What> = changes.iter().map(|change| change.what).collect();
    assert_eq!(told, [What::Added, What::Modified, What::Deleted]);
    assert_eq!(version, store.version());
    assert_eq!(store.changes(kind, version).unwrap().0.len(), 0);
}

#[test]
fn invalid_objects_are_refused_in_the_servers_words() {
    let store = store();
    let mut other = deployment();
    other["spec"]["template"]["metadata"]["labels"]["app"] = json!("api");
    let (code, message) = refused(store.create(DEPLOYMENTS, other));
    assert_eq!(
        (code, message.as_str()),
        (
            422,
            "Deployment.apps \"web\" is invalid: spec.template.metadata.labels: Invalid value: {\"app\":\"api\"}: \
             `selector` does not match template `labels`"
        )
    );
}

#[test]
fn a_claim_stays_as_long_as_a_pod_uses_it() {
    let store = store();
    let claim = |name: &str| json!({"metadata": {"name": name, "namespace": "shop"}, "spec": {}});
    store.create(CLAIMS, claim("used")).unwrap();
    store.create(CLAIMS, claim("free")).unwrap();
    let mut user = pod("db-0", "node-1");
    user["spec"]["volumes"] = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "used"}}]);
    store.create(PODS, user).unwrap();
    for name in ["used", "free"] {
        store.delete(CLAIMS, "shop", name, None).unwrap();
    }
    assert_eq!(names(&store, CLAIMS), ["used"]);
    store.delete(PODS, "shop", "db-0", Some(0)).unwrap();
    assert_eq!(names(&store, CLAIMS), [""; 0]);
}
