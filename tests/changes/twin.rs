//! kubectl as an oracle: a node that we changed equals the node that kubectl leaves on the same server.

use firstmate::cluster::changes;
use serde_json::Value;

use super::ground::{Ground, cordon, uncordon};

/// What is nobody's business: versions, who wrote, times, and our own mark.
fn comparable(mut node: Value) -> Value {
    let metadata = node["metadata"].as_object_mut().unwrap();
    metadata.remove("resourceVersion");
    metadata.remove("managedFields");
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove(changes::ANNOTATION);
        let is_empty = annotations.is_empty();
        if is_empty {
            metadata.remove("annotations");
        }
    }
    for taint in node["spec"]["taints"].as_array_mut().into_iter().flatten() {
        taint.as_object_mut().unwrap().remove("timeAdded");
    }
    let conditions = node["status"]["conditions"].as_array_mut();
    for condition in conditions.into_iter().flatten() {
        let condition = condition.as_object_mut().unwrap();
        condition.remove("lastHeartbeatTime");
    }
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_left_as_kubectl_leaves_it() {
    for ground in Ground::both().await {
        let node = "node-3";
        let before = comparable(ground.settled(node).await);
        let mut kubectls = Vec::new();
        for verb in ["cordon", "uncordon"] {
            let Some(said) = ground.kubectl(&[verb, node]).await else {
                return;
            };
            assert_eq!(said, format!("node/{node} {verb}ed\n"));
            kubectls.push(comparable(ground.settled(node).await));
        }
        let mut ours = Vec::new();
        for action in [cordon(node), uncordon(node)] {
            ground.carried_out(&action).await;
            ours.push(comparable(ground.settled(node).await));
        }
        assert_ne!(ours[0], before);
        assert_eq!(ours, kubectls);
        assert_eq!(ours[1], before);
    }
}
