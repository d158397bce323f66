//! Hollow kubelets over HTTP, on a cluster whose control plane is not theirs.

use std::net::SocketAddr;

use serde_json::json;

use crate::cluster::engine::object::{items, name, text};
use crate::cluster::engine::remote::{Address, Company, Remote};
use crate::cluster::{Cluster, Settings};
use crate::{Clock, START_MS};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'registry.example.com/web:1'}]}
";

/// A cluster with two nodes that nobody keeps, and kubelets that will.
fn start() -> (Cluster, Clock) {
    let clock = Clock::manual(START_MS);
    let settings = Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        clock: clock.clone(),
        scenario: "empty".to_owned(),
        ..Settings::default()
    };
    let cluster = Cluster::start(settings).unwrap();
    for node in ["left", "right"] {
        cluster
            .apply(&format!(
                "{{apiVersion: v1, kind: Node, metadata: {{name: {node}}}}}"
            ))
            .unwrap();
        let sizes = json!({"cpu": "2", "memory": "4Gi", "pods": "110"});
        let ready = json!({"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T00:00:00Z"});
        let status = json!({"capacity": sizes, "allocatable": sizes, "conditions": [ready]});
        cluster
            .patch(&format!("node/{node}"), json!({"status": status}))
            .unwrap();
    }
    (cluster, clock)
}

/// Lets kubelets act every second for so long, in a thread without a runtime.
fn keep(cluster: &Cluster, clock: &Clock, seconds: u64) {
    let address = Address {
        url: cluster.url(),
        token: Some("sandbox-admin".to_owned()),
        ..Address::default()
    };
    let act = || {
        let remote = Remote::new(address).unwrap();
        let mut company = Company::of(Box::new(remote), None, clock.now_ms()).unwrap();
        for _ in 0..seconds {
            cluster.advance(1000);
            company.tick(clock.now_ms());
        }
    };
    std::thread::scope(|scope| scope.spawn(act).join()).unwrap();
}

fn shown(cluster: &Cluster, kind: &str) -> Vec<String> {
    let all = cluster.dump();
    let wanted = all.iter().filter(|object| object["kind"] == kind);
    let show = |object: &serde_json::Value| match kind {
        "Lease" => format!("{} {}", name(object), text(&object["spec"]["renewTime"])),
        "Node" => {
            let ready = items(&object["status"]["conditions"])
                .iter()
                .find(|it| it["type"] == "Ready");
            format!(
                "{} {}",
                name(object),
                ready.map_or("", |ready| text(&ready["status"]))
            )
        }
        _ => format!(
            "{} {}",
            text(&object["status"]["phase"]),
            object["status"]["containerStatuses"][0]["ready"]
        ),
    };
    wanted.map(show).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hollow_kubelets_bring_new_pods_to_run_and_stay_ready() {
    let (cluster, clock) = start();
    cluster.apply(WEB).unwrap();
    keep(&cluster, &clock, 90);
    assert_eq!(shown(&cluster, "Pod"), ["Running true", "Running true"]);
    assert_eq!(shown(&cluster, "Node"), ["left True", "right True"]);
    assert_eq!(
        shown(&cluster, "Lease"),
        [
            "left 2026-01-01T00:01:30.000000Z",
            "right 2026-01-01T00:01:30.000000Z"
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hollow_kubelets_let_deleted_pods_go() {
    let (cluster, clock) = start();
    cluster.apply(WEB).unwrap();
    keep(&cluster, &clock, 20);
    cluster
        .patch("shop/deployment/web", json!({"spec": {"replicas": 0}}))
        .unwrap();
    assert_eq!(shown(&cluster, "Pod").len(), 2);
    keep(&cluster, &clock, 20);
    assert_eq!(shown(&cluster, "Pod"), Vec::<String>::new());
}
