//! Clusters of several kinds and numbers: an older one, one that is down beside one that is not, one's own.

use std::sync::Arc;

use firstmate::config::{Cluster as Settings, Kubeconfig};
use firstmate_sandbox::cluster::{self, Cluster};

use crate::harness::{close, play};

const CLASSIC: &str = include_str!("../bot/deploy/rbac-classic.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_1_33_is_read_with_the_classic_roles() {
    let local = crate::harness::local();
    let clock = local.clock.clone();
    let older = tokio::task::spawn_blocking(move || {
        let cluster = Cluster::start(cluster::Settings {
            clock,
            version: (1, 33),
            ..cluster::Settings::default()
        });
        let cluster = cluster.unwrap();
        cluster.apply(CLASSIC).unwrap();
        cluster
    });
    let older = older.await.unwrap();
    let mut stage = crate::harness::unready(local, "").await;
    stage.stand_on(Arc::new(older.clone()));
    stage.start_bot().await.unwrap();
    let happened = play(&mut stage, &crate::rights::commands(&older).join("\n")).await;
    assert!(is_all_read(&happened), "{happened}");
    assert!(happened.contains("read as lin"), "{happened}");
    close(stage).await;
}

/// Nothing was forbidden, refused or out of reach.
fn is_all_read(happened: &str) -> bool {
    let signs = [
        "lacks the right",
        "权限",
        "may not act as",
        "cannot be reached",
        "连不上",
    ];
    happened.contains("5 of 5 nodes ready") && !signs.iter().any(|sign| happened.contains(sign))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_down_is_said_and_the_other_is_read() {
    let (mut stage, _cluster) = crate::rights::unready("").await;
    stage.configure(|config| {
        let nowhere = nowhere();
        config.clusters.insert(
            "edge".to_owned(),
            Settings {
                kubeconfig: Some(Kubeconfig::Text(nowhere)),
                context: None,
            },
        );
    });
    stage.start_bot().await.unwrap();
    let happened = play(
        &mut stage,
        "olga: /nodes cluster:edge\nolga: /nodes cluster:local\nolga: /nodes cluster:nothing\nolga: /status\nolga: /nodes cluster:e?\n",
    )
    .await;
    for words in [
        "The API server cannot be reached",
        "5 of 5 nodes ready",
        "There is no cluster `nothing`. Choose one of: edge, local",
        "1 of 2 clusters cannot be read",
        "{choices: edge}",
    ] {
        assert!(happened.contains(words), "{words}:\n{happened}");
    }
    close(stage).await;
}

/// A kubeconfig of a server that nobody is.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "edge",
        "clusters": [{"name": "edge", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "edge", "user": {"token": "x"}}],
        "contexts": [{"name": "edge", "context": {"cluster": "edge", "user": "edge"}}],
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_mapped_the_bot_reads_as_itself() {
    let (mut stage, cluster) = crate::rights::unready("").await;
    stage.configure(|config| config.people.clear());
    stage.start_bot().await.unwrap();
    let happened = play(&mut stage, &crate::rights::commands(&cluster).join("\n")).await;
    assert!(is_all_read(&happened), "{happened}");
    assert!(!happened.contains("read as"), "{happened}");
    let requests = cluster.requests();
    let as_people = requests.iter().filter(|line| line.who.starts_with("lin"));
    assert_eq!(as_people.count(), 0);
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_of_two_people_is_asked_as_each_of_them() {
    let (mut stage, cluster) = crate::rights::stage("").await;
    let before = cluster.requests().len();
    play(&mut stage, "lin: /nodes\nolga: /nodes\n").await;
    let asked: Vec<String> = cluster.requests()[before..]
        .iter()
        .filter(|line| line.path.starts_with("/api/v1/nodes"))
        .map(|line| line.who.clone())
        .collect();
    assert_eq!(asked, ["lin", "olga"]);
    close(stage).await;
}
