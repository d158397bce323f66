//! Plan, call, truth and event, one after another.

use firstmate::cluster::Why;
use firstmate::cluster::changes::{self, Called, Subject};
use serde_json::{Value, json};

use super::ground::{Engine, Ground, MING, cordon, label, person, uncordon};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_cordoned_and_uncordoned_and_every_call_is_known_again() {
    for ground in Ground::both().await {
        let (request, called) = ground.carried_out(&cordon("node-3")).await;
        let done = Called::Done {
            status: 200,
            call: "patch node/node-3: 200".to_owned(),
        };
        assert_eq!(called, done);
        let truth = ground.truth(&request).await;
        assert_eq!(truth.uid, request.plan.basis.uid);
        assert!(truth.unschedulable && truth.ours, "{truth:?}");
        ground.settled("node-3").await;
        assert!(ground.plan(&cordon("node-3")).await.plan.is_done());

        let (undo, called) = ground.carried_out(&uncordon("node-3")).await;
        assert!(matches!(called, Called::Done { .. }), "{called:?}");
        let truth = ground.truth(&undo).await;
        assert!(!truth.unschedulable && truth.ours, "{truth:?}");
        assert!(!ground.truth(&request).await.ours);
        let node = ground.settled("node-3").await;
        assert_eq!(node["spec"].get("unschedulable"), None);
        assert_eq!(node["spec"].get("taints"), None);
        if let Engine::Local(_) = ground.engine {
            let ming = || (MING.to_owned(), 200);
            assert_eq!(ground.patches(), [ming(), ming()]);
        }
    }
}

/// The API server notes nobody on objects that came without `managedFields`, as the loaded ones; a node that is made
/// over its API has them.
#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_notes_the_request_as_the_manager_of_what_it_wrote() {
    for ground in Ground::both().await {
        let metadata = json!({"name": "fresh", "labels": {"example.com/rack": "a"}});
        ground
            .apply(&json!({"apiVersion": "v1", "kind": "Node", "metadata": metadata}))
            .await;
        for action in [cordon("fresh"), uncordon("fresh")] {
            let (request, called) = ground.carried_out(&action).await;
            assert!(matches!(called, Called::Done { .. }), "{called:?}");
            let node = ground.node("fresh").await;
            assert_eq!(managers(&node, request.id), 1, "{node}");
        }
    }
}

/// How many entries a request's call left among those who wrote the node.
fn managers(node: &Value, id: i64) -> usize {
    let managers = node["metadata"]["managedFields"].as_array();
    let ours = |it: &&Value| {
        it["manager"] == changes::manager(id).as_str()
            && it["operation"] == "Update"
            && it["time"].is_string()
    };
    managers.into_iter().flatten().filter(ours).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lacks_a_right_is_told_by_the_api_server() {
    for ground in Ground::both().await {
        let ask = async |user: Option<&str>, groups: &[String]| {
            let subject = Subject { user, groups };
            let answer = changes::may(&ground.cluster, &ground.clock, &subject, &cordon("node-3")).await;
            answer.unwrap().map_err(|right| right.words())
        };
        for user in ["olga", "ming", "wei"] {
            assert_eq!(ask(Some(user), &[]).await, Ok(()), "{user}");
        }
        let missing = || Err("patch nodes".to_owned());
        assert_eq!(ask(Some("lin"), &[]).await, missing());
        let groups = ["sre".to_owned()];
        assert_eq!(ask(None, &groups).await, missing());
        ground.apply_yaml(SRE).await;
        let may = async || ask(None, &groups).await == Ok(());
        crate::cluster::until("the group's rights hold", may)
            .await
            .unwrap();
        // But the bot may not act as a member of that group.
        let subject = Subject {
            user: Some("lin"),
            groups: &groups,
        };
        let not = changes::may(&ground.cluster, &ground.clock, &subject, &cordon("node-3")).await;
        let user = "lin".to_owned();
        assert_eq!(not.unwrap_err().why, Why::MayNotActAs { user });

        let planned = ground.plan_as("lin", &cordon("node-3")).await;
        let called = ground.call(&ground.granted(&planned, "lin").await).await;
        assert!(matches!(called, Called::Answered { code: 403, .. }), "{called:?}");
    }
}

/// A group that may change nodes.
const SRE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sre}
rules:
  - {apiGroups: [''], resources: [nodes], verbs: [get, list, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: sre}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sre}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: sre}]
";

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_shows_the_event_that_names_request_requester_and_approver() {
    for ground in Ground::both().await {
        let (request, _) = ground.carried_out(&cordon("node-3")).await;
        // Told twice, it stands there once.
        for _ in 0..2 {
            let told = changes::announce(&ground.cluster, &ground.clock, &request).await;
            told.unwrap();
        }
        let id = request.id;
        let message = format!(
            "Cordoned by First Mate: request {id} of olga, approved by ming. Reason: the disk is failing"
        );
        for arguments in [
            &["events", "--for", "node/node-3", "-n", "default"][..],
            &["describe", "node", "node-3"],
        ] {
            let Some(said) = ground.kubectl(arguments).await else {
                return;
            };
            assert_eq!(said.matches(&message).count(), 1, "{arguments:?}: {said}");
            assert!(said.contains("CordonApproved"), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_there_is_no_plan() {
    let ground = Ground::local().await;
    for name in ["node-99", "../pods", "a,status.phase=x", "node-3/status", ""] {
        let who = person(MING);
        let not = changes::plan(&ground.reader(&who), &cordon(name)).await;
        let not = not.unwrap_err();
        assert_eq!((not.why, not.name.as_str()), (Why::NotFound, name));
    }
}

/// Every character that a node's name may have, and as many as it may have.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_of_every_legal_name_are_changed() {
    let label = "0123456789-abcdefghijklmnopqrstuvwxyz";
    let long = [
        label,
        label,
        label,
        label,
        label,
        label,
        "x234567890x234567890x2345",
    ]
    .join(".");
    assert_eq!(long.len(), 253);
    for ground in Ground::both().await {
        for name in [long.as_str(), "0", "a--b.c-d.0", "xn--fiqs8s"] {
            ground
                .apply(&json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}))
                .await;
            let (request, called) = ground.carried_out(&cordon(name)).await;
            assert!(matches!(called, Called::Done { .. }), "{name}: {called:?}");
            assert!(ground.truth(&request).await.ours, "{name}");
            changes::announce(&ground.cluster, &ground.clock, &request)
                .await
                .unwrap();
        }
    }
}

/// What others wrote onto a node changes nothing of what is known of a call.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_mark_is_taken_for_the_calls_own() {
    let ground = Ground::local().await;
    let planned = ground.plan(&cordon("node-3")).await;
    let granted = ground.granted(&planned, MING).await;
    let request = granted.request();
    let mark = |text: String| json!({"metadata": {"annotations": {changes::ANNOTATION: text}}});
    for text in [
        format!("{} on resourceVersion 1", request.id),
        format!(
            "{0} on resourceVersion {1}",
            request.id + 1,
            planned.resource_version
        ),
        "@everyone".to_owned(),
    ] {
        ground.local_one().patch("node/node-3", mark(text)).unwrap();
        assert!(!ground.truth(request).await.ours);
    }
    ground.local_one().patch("node/node-3", label("a")).unwrap();
    assert_eq!(ground.call(&granted).await, Called::Conflict);
}
