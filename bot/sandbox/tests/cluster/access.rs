//! Who may do what, and as whom.

use expect_test::expect;
use serde_json::{Value, json};

use crate::harness::{Person, read, refused, shop};
use firstmate_sandbox::cluster::Cluster;

const READER: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: ['', apps], resources: [pods, nodes, deployments], verbs: [get, list]}
- {apiGroups: [''], resources: [pods/log], verbs: [get]}
- {apiGroups: [''], resources: [nodes], resourceNames: [node-1], verbs: [patch]}
- {apiGroups: ['*'], resources: ['*/scale'], verbs: [update]}
- {nonResourceURLs: [/metrics/*], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: lin, namespace: shop}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: User, name: lin}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: olga}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: User, name: olga}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: bot}
roleRef: {kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: firstmate, namespace: firstmate}]
";

/// What a review says of somebody: allowed and why.
async fn may(cluster: &Cluster, person: &str, attributes: Value) -> (bool, String) {
    let body = json!({"spec": {"resourceAttributes": attributes}});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let review = Person::new(cluster, person).post(path, &body).await;
    assert_eq!(review.status, 201, "{}", review.text);
    let status = &review.body["status"];
    (
        status["allowed"] == true,
        status["reason"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn rules_hold_where_they_are_bound() {
    let cluster = shop();
    cluster.apply(READER).unwrap();
    let by_role = "RBAC: allowed by RoleBinding \"lin/shop\" of ClusterRole \"reader\" to User \"lin\"";
    let pods =
        |verb: &str, namespace: &str| json!({"verb": verb, "resource": "pods", "namespace": namespace});
    assert_eq!(
        may(&cluster, "lin", pods("list", "shop")).await,
        (true, by_role.to_owned())
    );
    for (person, attributes, allowed) in [
        ("lin", pods("list", "default"), false),
        ("lin", pods("list", ""), false),
        ("lin", pods("delete", "shop"), false),
        ("olga", pods("list", ""), true),
        ("firstmate", pods("get", "shop"), true),
        ("wei", pods("get", "shop"), false),
        ("admin", pods("anything", "shop"), true),
        (
            "olga",
            json!({"verb": "patch", "resource": "nodes", "name": "node-1"}),
            true,
        ),
        (
            "olga",
            json!({"verb": "patch", "resource": "nodes", "name": "node-2"}),
            false,
        ),
        ("olga", json!({"verb": "patch", "resource": "nodes"}), false),
        (
            "olga",
            json!({"verb": "get", "resource": "pods", "subresource": "log"}),
            true,
        ),
        (
            "olga",
            json!({"verb": "get", "resource": "pods", "subresource": "exec"}),
            false,
        ),
        (
            "olga",
            json!({"verb": "update", "group": "apps", "resource": "deployments", "subresource": "scale"}),
            true,
        ),
        (
            "olga",
            json!({"verb": "list", "group": "batch", "resource": "pods"}),
            false,
        ),
    ] {
        assert_eq!(
            may(&cluster, person, attributes.clone()).await.0,
            allowed,
            "{person} {attributes}"
        );
    }
}

#[tokio::test]
async fn refusals_name_the_right_that_is_missing() {
    let cluster = shop();
    cluster.apply(READER).unwrap();
    let lin = Person::new(&cluster, "lin");
    refused(
        &lin.get("/api/v1/nodes").await,
        &expect![[r#"
            403 Forbidden: nodes is forbidden: User "lin" cannot list resource "nodes" in API group "" at the cluster scope
        "#]],
    );
    refused(
        &lin.delete("/apis/apps/v1/namespaces/shop/deployments/web").await,
        &expect![[r#"
            403 Forbidden: deployments.apps "web" is forbidden: User "lin" cannot delete resource "deployments" in API group "apps" in the namespace "shop"
        "#]],
    );
    refused(
        &lin.get("/foo").await,
        &expect![[r#"
            403 Forbidden: forbidden: User "lin" cannot get path "/foo"
        "#]],
    );
    refused(
        &Person::anonymous(&cluster).get("/api/v1/pods").await,
        &expect![[r#"
            403 Forbidden: pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope
        "#]],
    );
}

#[tokio::test]
async fn a_subject_is_reviewed_with_its_groups() {
    let cluster = shop();
    cluster.apply(READER).unwrap();
    let admin = Person::new(&cluster, "admin");
    let review = async |user: &str, groups: Value| {
        let attributes = json!({"verb": "list", "resource": "pods", "namespace": "shop"});
        let body = json!({"spec": {"user": user, "groups": groups, "resourceAttributes": attributes}});
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        admin.post(path, &body).await.body["status"]["allowed"] == true
    };
    assert!(review("lin", json!([])).await);
    assert!(!review("nobody", json!(["system:authenticated"])).await);
    assert!(review("nobody", json!(["system:masters"])).await);
}

#[tokio::test]
async fn a_service_account_is_impersonated_with_its_groups() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let request = admin
        .request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews")
        .json(&json!({}));
    let request = request.header("impersonate-user", "system:serviceaccount:shop:robot");
    let review = read(request).await.body;
    assert_eq!(
        review["status"]["userInfo"],
        json!({
            "username": "system:serviceaccount:shop:robot",
            "groups": ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
        })
    );
}
