//! Nodes that are alive go on saying so.
//!
//! Without it the controllers would see every node die 40 seconds after a load. A node whose lease was old when it was
//! loaded stays silent.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Client, list, text};
use super::now;

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/// As often as a kubelet does it.
const EVERY: Duration = Duration::from_secs(10);

/// Renews the leases of the nodes that are alive now, until it is aborted.
pub(super) async fn renew(client: Client) {
    let leases = client
        .get(LEASES)
        .await
        .map(|(_, answer)| answer)
        .unwrap_or_default();
    let alive: Vec<String> = list(&leases["items"])
        .iter()
        .filter(|lease| is_fresh(lease, now()))
        .map(|lease| text(&lease["metadata"]["name"]).to_owned())
        .collect();
    let mut turns = tokio::time::interval(EVERY);
    loop {
        turns.tick().await;
        for name in &alive {
            let patch = json!({ "spec": { "renewTime": format!("{:.6}", now()) } });
            let content = "application/merge-patch+json";
            // A lease that is gone belongs to a node that was deleted.
            let _ = client
                .send(
                    reqwest::Method::PATCH,
                    &format!("{LEASES}/{name}"),
                    content,
                    &patch,
                )
                .await;
        }
    }
}

fn is_fresh(lease: &Value, now: jiff::Timestamp) -> bool {
    let seconds = lease["spec"]["leaseDurationSeconds"].as_i64().unwrap_or(40);
    let renewed: Option<jiff::Timestamp> = text(&lease["spec"]["renewTime"]).parse().ok();
    renewed.is_some_and(|renewed| now.as_second() - renewed.as_second() <= seconds)
}
