//! Objects: read, listed, made, changed in every way, deleted.

use expect_test::expect;
use serde_json::json;

use crate::harness::{Person, cluster, pod, read, refused, shop};

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/shop/deployments";
const WEB: &str = "/apis/apps/v1/namespaces/shop/deployments/web";
const CONFIG_MAPS: &str = "/api/v1/namespaces/shop/configmaps";

#[tokio::test]
async fn refusals_are_in_the_words_of_a_real_server() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let pod = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}});
    let nameless = json!({"metadata": {"name": "Bad_Name"}, "spec": {}});
    let mut said = String::new();
    for (path, body) in [
        ("/api/v1/namespaces/shop/pods/none", None),
        ("/api/v1/namespaces/shop/pods?fieldSelector=spec.priority=1", None),
        ("/api/v1/namespaces/shop/pods?labelSelector=a%20b", None),
        ("/api/v1/pods?resourceVersion=999999", None),
        ("/api/v1/pods?resourceVersion=x", None),
        (DEPLOYMENTS, Some(&nameless)),
        (DEPLOYMENTS, Some(&pod)),
        (
            "/api/v1/namespaces/none/configmaps",
            Some(&json!({"metadata": {"name": "x"}})),
        ),
        (
            "/api/v1/namespaces/shop/configmaps",
            Some(&json!({"metadata": {}})),
        ),
    ] {
        let answer = match body {
            None => admin.get(path).await,
            Some(body) => admin.post(path, body).await,
        };
        said += &format!("{}\n", answer.refusal());
    }
    expect![[r#"
        404 NotFound: pods "none" not found
        400 BadRequest: field label not supported: spec.priority
        400 BadRequest: unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt
        504 Timeout: Timeout: Too large resource version: 999999, current: 26
        400 BadRequest: invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax
        422 Invalid: Deployment.apps "Bad_Name" is invalid: [metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), spec.selector: Required value, spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`, spec.template.spec.containers: Required value]
        400 BadRequest: Pod in version "v1" cannot be handled as a Deployment: converting (v1.Pod) to (apps.Deployment): unknown conversion
        404 NotFound: namespaces "none" not found
        422 Invalid: ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required
    "#]].assert_eq(&said);
    assert_eq!(cluster.unknown_requests(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_object_is_refused_and_nothing_breaks() {
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    let admin = Person::new(&cluster, "admin");
    let odd = [
        json!(null),
        json!([1]),
        json!("x"),
        json!({"metadata": "x"}),
        json!({"metadata": {"labels": [1]}}),
    ];
    for odd in odd {
        assert_eq!(admin.post(CONFIG_MAPS, &odd).await.status / 100, 4, "{odd}");
        assert_eq!(
            admin.patch("merge-patch", WEB, &odd).await.status / 100,
            4,
            "{odd}"
        );
        assert_eq!(
            admin
                .patch("apply-patch", &format!("{WEB}?fieldManager=a"), &odd)
                .await
                .status
                / 100,
            4,
            "{odd}"
        );
    }
    let parts = [
        json!({"spec": 5}),
        json!({"spec": {"template": []}}),
        json!({"spec": {"ports": [7], "type": "NodePort"}}),
    ];
    for (index, part) in parts.iter().enumerate() {
        let mut object = part.clone();
        object["metadata"] = json!({"name": format!("odd-{index}")});
        for plural in ["services", "pods", "secrets"] {
            admin
                .post(&format!("/api/v1/namespaces/shop/{plural}"), &object)
                .await;
        }
        admin.post(DEPLOYMENTS, &object).await;
        admin.patch("strategic-merge-patch", WEB, part).await;
    }
    assert_eq!(admin.get(WEB).await.status, 200);
}

#[tokio::test]
async fn protobuf_is_not_read() {
    let cluster = shop();
    let request = Person::new(&cluster, "admin").request("POST", CONFIG_MAPS);
    let request = request.header("content-type", "application/vnd.kubernetes.protobuf");
    refused(
        &read(request.body("k8s")).await,
        &expect![[r#"
        415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf
    "#]],
    );
}

#[tokio::test]
async fn what_is_not_there_is_remembered() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let mut said = String::new();
    for path in [
        "/foo",
        "/apis/nothing/v1/things",
        "/apis/apps/v2/deployments",
        "/api/v1/namespaces/shop/pods/x/exec",
    ] {
        let answer = admin.get(path).await;
        said += &format!("{}\n", answer.refusal().trim());
    }
    expect![[r#"
        404 -: 404 page not found
        404 -: 404 page not found
        404 NotFound: the server could not find the requested resource
        404 NotFound: the server could not find the requested resource
    "#]]
    .assert_eq(&said);
    let asked = [
        "GET /foo",
        "GET /apis/nothing/v1/things",
        "GET /apis/apps/v2/deployments",
    ];
    assert_eq!(cluster.unknown_requests()[..3], asked);
    assert_eq!(cluster.unknown_requests().len(), 4);
}

#[tokio::test]
async fn an_object_is_created_read_replaced_and_deleted() {
    let cluster = shop();
    let olga = Person::new(&cluster, "admin");
    let made = olga
        .post(
            CONFIG_MAPS,
            &json!({"metadata": {"generateName": "conf-"}, "data": {"a": "b"}}),
        )
        .await;
    assert_eq!(
        (made.status, made.body["kind"].as_str()),
        (201, Some("ConfigMap"))
    );
    let name = made.body["metadata"]["name"].as_str().unwrap();
    let path = format!("{CONFIG_MAPS}/{name}");
    let mut object = olga.get(&path).await.body;
    assert_eq!(object, made.body);
    object["data"]["a"] = json!("c");
    assert_eq!(olga.put(&path, &object).await.status, 200);
    let late = olga.put(&path, &object).await;
    assert_eq!(
        (late.status, late.body["reason"].as_str()),
        (409, Some("Conflict"))
    );
    let gone = olga.delete(&path).await;
    assert_eq!(gone.body["status"], "Success");
    assert_eq!(gone.body["details"]["uid"], made.body["metadata"]["uid"]);
    assert_eq!(olga.get(&path).await.status, 404);
}

#[tokio::test]
async fn every_kind_of_patch_is_taken() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let merge = admin
        .patch("merge-patch", WEB, &json!({"spec": {"replicas": 3}}))
        .await;
    assert_eq!(merge.body["spec"]["replicas"], 3);
    let containers = json!([{"name": "web", "image": "web:2"}]);
    let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
    let strategic = admin.patch("strategic-merge-patch", WEB, &patch).await;
    let container = &strategic.body["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(
        (container["image"].as_str(), container["imagePullPolicy"].as_str()),
        (Some("web:2"), Some("IfNotPresent"))
    );
    let steps = json!([{"op": "test", "path": "/spec/replicas", "value": 3}, {"op": "replace", "path": "/spec/replicas", "value": 4}]);
    assert_eq!(
        admin.patch("json-patch", WEB, &steps).await.body["spec"]["replicas"],
        4
    );
    assert_eq!(admin.patch("json-patch", WEB, &steps).await.status, 422);
    let stale = json!({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 9}});
    assert_eq!(admin.patch("merge-patch", WEB, &stale).await.status, 409);
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "lead"}, "spec": {"holderIdentity": "a"}});
    let path = "/apis/coordination.k8s.io/v1/namespaces/shop/leases/lead";
    assert_eq!(
        admin
            .patch("apply-patch", &format!("{path}?fieldManager=a"), &lease)
            .await
            .status,
        201
    );
    assert_eq!(
        admin
            .patch("apply-patch", &format!("{path}?fieldManager=a"), &lease)
            .await
            .status,
        200
    );
    let mut other = lease.clone();
    other["spec"]["holderIdentity"] = json!("b");
    refused(
        &admin
            .patch("apply-patch", &format!("{path}?fieldManager=b"), &other)
            .await,
        &expect![[r#"
            409 Conflict: Apply failed with 1 conflict: conflict with "a": .spec.holderIdentity
        "#]],
    );
    refused(
        &admin.patch("magic-patch", WEB, &json!({})).await,
        &expect![[r#"
            415 UnsupportedMediaType: 415: Unsupported Media Type
        "#]],
    );
}

#[tokio::test]
async fn status_and_scale_are_changed_apart_from_the_rest() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let status = json!({"spec": {"replicas": 9}, "status": {"replicas": 2, "readyReplicas": 1}});
    let changed = admin
        .patch("merge-patch", &format!("{WEB}/status"), &status)
        .await
        .body;
    assert_eq!(
        (
            changed["spec"]["replicas"].as_i64(),
            changed["status"]["readyReplicas"].as_i64()
        ),
        (Some(2), Some(1))
    );
    let mut scale = admin.get(&format!("{WEB}/scale")).await.body;
    assert_eq!(scale["status"], json!({"replicas": 2, "selector": "app=web"}));
    scale["spec"]["replicas"] = json!(5);
    let scaled = admin.put(&format!("{WEB}/scale"), &scale).await;
    assert_eq!(
        (scaled.status, scaled.body["spec"]["replicas"].as_i64()),
        (200, Some(5))
    );
    assert_eq!(admin.put(&format!("{WEB}/scale"), &scale).await.status, 409);
    assert_eq!(admin.get(WEB).await.body["metadata"]["generation"], 2);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let before = cluster.dump();
    let tried = admin
        .patch(
            "merge-patch",
            &format!("{WEB}?dryRun=All"),
            &json!({"spec": {"replicas": 9}}),
        )
        .await;
    assert_eq!(tried.body["spec"]["replicas"], 9);
    let map = json!({"metadata": {"name": "x"}});
    assert_eq!(
        admin
            .post(&format!("{CONFIG_MAPS}?dryRun=All"), &map)
            .await
            .status,
        201
    );
    assert_eq!(admin.delete(&format!("{WEB}?dryRun=All")).await.status, 200);
    assert_eq!(cluster.dump(), before);
    let writes = cluster.writes_since(0);
    assert!(
        writes.iter().all(|write| write.dry_run) && writes.len() == 3,
        "{writes:?}"
    );
}

#[tokio::test]
async fn lists_are_picked_from_and_come_in_pages() {
    let cluster = shop();
    for name in ["web-1", "web-2", "api-1"] {
        let app = name.split('-').next().unwrap();
        cluster.apply(&pod(name, app, true)).unwrap();
    }
    let admin = Person::new(&cluster, "admin");
    let all = "/api/v1/pods";
    assert_eq!(
        admin.get(all).await.names(),
        ["shop/api-1", "shop/web-1", "shop/web-2"]
    );
    assert_eq!(
        admin.get(&format!("{all}?labelSelector=app%3Dweb")).await.names(),
        ["shop/web-1", "shop/web-2"]
    );
    assert_eq!(
        admin
            .get(&format!(
                "{all}?fieldSelector=spec.nodeName%3Dnode-1,metadata.name!%3Dweb-2"
            ))
            .await
            .names(),
        ["shop/api-1", "shop/web-1"]
    );
    assert_eq!(
        admin
            .get(&format!("{all}?fieldSelector=spec.nodeName%3Dnode-2"))
            .await
            .names(),
        [""; 0]
    );
    let first = admin.get(&format!("{all}?limit=2")).await;
    assert_eq!(first.names(), ["shop/api-1", "shop/web-1"]);
    assert_eq!(first.body["metadata"]["remainingItemCount"], 1);
    assert_eq!(first.body["items"][0].get("kind"), None);
    let token = first.body["metadata"]["continue"].as_str().unwrap();
    let rest = admin.get(&format!("{all}?limit=2&continue={token}")).await;
    assert_eq!(rest.names(), ["shop/web-2"]);
    assert_eq!(rest.body["metadata"].get("continue"), None);
    assert_eq!(
        rest.body["metadata"]["resourceVersion"],
        first.body["metadata"]["resourceVersion"]
    );
}

#[tokio::test]
async fn a_long_list_is_whole() {
    let names: Vec<String> = (0..777).map(|n| format!("conf-{n:03}")).collect();
    let map = |name: &String| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let cluster = cluster(&names.iter().map(map).collect::<String>());
    let list = Person::new(&cluster, "admin")
        .get("/api/v1/namespaces/default/configmaps")
        .await;
    let there = list.names();
    assert_eq!(there.len(), 778);
    assert!(
        names
            .iter()
            .all(|name| there.contains(&format!("default/{name}")))
    );
}

#[tokio::test]
async fn a_collection_is_deleted_as_it_is_selected() {
    let cluster = shop();
    cluster
        .apply(&(pod("web-1", "web", true) + &pod("api-1", "api", true)))
        .unwrap();
    let admin = Person::new(&cluster, "admin");
    let path = "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&gracePeriodSeconds=0";
    assert_eq!(admin.delete(path).await.status, 200);
    assert_eq!(admin.get("/api/v1/pods").await.names(), ["shop/api-1"]);
}

#[tokio::test]
async fn events_are_the_same_in_both_groups() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let event = json!({
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop"},
        "regarding": {"kind": "Node", "name": "node-1"}, "note": "cordoned", "reason": "Cordoned", "type": "Normal",
        "reportingController": "firstmate", "reportingInstance": "firstmate-0", "action": "Cordon",
        "eventTime": "2026-01-01T00:00:00.000000Z",
    });
    let made = admin
        .post("/apis/events.k8s.io/v1/namespaces/shop/events", &event)
        .await;
    assert_eq!((made.status, made.body["note"].as_str()), (201, Some("cordoned")));
    let core = admin.get("/api/v1/namespaces/shop/events/e").await.body;
    assert_eq!(
        (core["message"].as_str(), core["involvedObject"]["name"].as_str()),
        (Some("cordoned"), Some("node-1"))
    );
    assert_eq!(
        (core["apiVersion"].as_str(), core["reportingComponent"].as_str()),
        (Some("v1"), Some("firstmate"))
    );
}

#[tokio::test]
async fn writes_are_told_with_who_made_them() {
    let cluster = shop();
    let start = cluster.writes_since(0).len();
    let admin = Person::new(&cluster, "admin");
    let cordon = json!({"spec": {"unschedulable": true}});
    let request = admin
        .request("PATCH", "/api/v1/nodes/node-1")
        .header("impersonate-user", "ming");
    // ming may not: nothing is told of it.
    let request = request
        .header("content-type", "application/merge-patch+json")
        .body(cordon.to_string());
    assert_eq!(read(request).await.status, 403);
    admin.patch("merge-patch", "/api/v1/nodes/node-1", &cordon).await;
    admin.get("/api/v1/nodes").await;
    let review = json!({"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}});
    admin
        .post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &review)
        .await;
    let told: Vec<String> = cluster
        .writes_since(start)
        .iter()
        .map(|it| format!("{} {}/{} as {}", it.verb, it.resource, it.name, it.user))
        .collect();
    assert_eq!(told, ["patch node/node-1 as admin"]);
    let lines = cluster.requests();
    let line = lines.iter().find(|line| line.status == 403).unwrap();
    assert_eq!(
        (
            line.service,
            line.method.as_str(),
            line.path.as_str(),
            line.who.as_str()
        ),
        ("kubernetes", "PATCH", "/api/v1/nodes/node-1", "ming")
    );
}
