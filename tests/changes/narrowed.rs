//! The admission policy of the security guide, as it stands there: with it the bot's token cordons and uncordons as
//! First Mate does, and changes nothing else of a node.

use firstmate::cluster::changes::Called;
use reqwest::Method;
use serde_json::{Value, json};

use super::ground::{Engine, Ground, MING, cordon, uncordon};
use super::rights::Thief;

/// The policy in a guide, for the people of `bot/deploy`.
fn policy(guide: &str) -> String {
    let text = std::fs::read_to_string(crate::root().join("docs/guide").join(guide)).unwrap();
    let blocks = text.split("```yaml\n").skip(1);
    let mut policies = blocks
        .filter_map(|block| block.split("```").next())
        .filter(|block| block.contains("kind: ValidatingAdmissionPolicy\n"));
    let policy = policies.next().unwrap();
    assert!(policies.next().is_none());
    let invented = r#"["firstmate:olga", "firstmate:ming", "firstmate:wei"]"#;
    assert!(policy.contains(invented), "{policy}");
    policy.replace(invented, r#"["olga", "ming", "wei"]"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_guide_lets_the_token_cordon_and_nothing_else() {
    let policy = [policy("security.md"), policy("security.zh.md")];
    let Some(ground) = Ground::real().await else {
        return;
    };
    let Engine::Real(real) = &ground.engine else {
        return;
    };
    let thief = Thief::with(&ground.kubeconfig);
    let patch = async |patch: &Value| {
        let path = "/api/v1/nodes/node-3?dryRun=All";
        let who = [("impersonate-user", MING)];
        thief.say(Method::PATCH, path, &who, &patch.to_string()).await
    };
    let taint = json!({"spec": {"taints": [{"key": "x", "effect": "NoExecute"}]}});
    assert_eq!(patch(&taint).await.0, 200, "without the policy it may");
    for policy in policy {
        real.apply(&policy).await;
        let is_denied = async || patch(&taint).await.0 != 200;
        crate::cluster::until("the policy holds", is_denied)
            .await
            .unwrap();
        let annotation = |key: &str| json!({"metadata": {"annotations": {key: "x"}}});
        for other in [
            taint.clone(),
            json!({"metadata": {"labels": {"x": "y"}}}),
            json!({"metadata": {"labels": {"kubernetes.io/os": null}}}),
            json!({"metadata": {"finalizers": ["example.com/x"]}}),
            json!({"metadata": {"ownerReferences": [{
                "apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "u",
            }]}}),
            annotation("example.com/x"),
            json!({"metadata": {"annotations": {"node.alpha.kubernetes.io/ttl": null}}}),
            json!({"spec": {"unschedulable": true, "taints": [{"key": "x", "effect": "NoExecute"}]}}),
        ] {
            let (status, text) = patch(&other).await;
            assert_eq!(status, 422, "{other}: {text}");
            assert!(text.contains("firstmate-only-cordons"), "{text}");
        }
        assert_eq!(patch(&annotation("firstmate/request")).await.0, 200);
        for action in [cordon("node-3"), uncordon("node-3")] {
            let (request, called) = ground.carried_out(&action).await;
            assert!(matches!(called, Called::Done { .. }), "{called:?}");
            assert!(ground.truth(&request).await.ours);
            ground.settled("node-3").await;
        }
    }
}
