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

/// The first run's cluster by a clock that differs from the bot's by so many milliseconds.
async fn off_by(millis: i64) -> (firstmate::play::stage::Stage, Cluster) {
    let local = crate::harness::local();
    let now = firstmate_sandbox::START_MS.saturating_add_signed(millis);
    let start = move || crate::harness::cluster("first-run", None, firstmate_sandbox::Clock::manual(now));
    let cluster = tokio::task::spawn_blocking(start).await.unwrap();
    let mut stage = crate::harness::unready(local, "").await;
    stage.stand_on(Arc::new(cluster.clone()));
    stage.start_bot().await.unwrap();
    (stage, cluster)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_whose_clock_is_ahead_is_said_to_be_so() {
    let (mut stage, cluster) = off_by(600_000).await;
    let described = play(&mut stage, "lin: /node describe node:node-1\n").await;
    assert!(
        described.contains("Lease renewed 9m58s in the future."),
        "{described}"
    );
    for command in [
        "/node describe node:node-3",
        "/node events node:node-3",
        "/nodes",
        "/events",
    ] {
        let happened = play(&mut stage, &format!("lin: {command}\n")).await;
        let said = "⚠ The clocks disagree: what was read here lies up to";
        assert!(happened.contains(said), "{command}: {happened}");
    }
    let happened = play(&mut stage, &crate::rights::commands(&cluster).join("\n")).await;
    assert!(is_all_read(&happened), "{happened}");
    // Ages have no sign: a word that begins with one is none.
    let is_negative = |word: &str| {
        let digits = word.trim_start_matches(['(', '`']).strip_prefix('-');
        digits.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    let negative: Vec<&str> = happened
        .split_whitespace()
        .filter(|word| is_negative(word))
        .collect();
    assert_eq!(negative, Vec::<&str>::new());
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_whose_clock_is_behind_is_said_to_be_so() {
    let (mut stage, cluster) = off_by(-600_000).await;
    let described = play(&mut stage, "lin: /node describe node:node-1\n").await;
    assert!(
        described.contains("⚠ The clocks disagree: the node is Ready"),
        "{described}"
    );
    // Figures that were measured long ago are marked, whatever the reason.
    let top = play(&mut stage, "lin: /top nodes\nlin: /top pods namespace:shop\n").await;
    assert!(top.contains("⚠ 5 nodes with old figures, marked *"), "{top}");
    assert!(top.contains("Pods with old figures, marked *"), "{top}");
    let happened = play(&mut stage, &crate::rights::commands(&cluster).join("\n")).await;
    assert!(is_all_read(&happened), "{happened}");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_agree_are_not_spoken_of() {
    let (mut stage, cluster) = off_by(2_000).await;
    let happened = play(&mut stage, &crate::rights::commands(&cluster).join("\n")).await;
    assert!(
        is_all_read(&happened) && !happened.contains("clocks disagree"),
        "{happened}"
    );
    close(stage).await;
}
