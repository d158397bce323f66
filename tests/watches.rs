//! What the bot watches: a change is in its tables before anybody asks, whatever happens to the watch, and what it
//! knows is said to those alone who may list it.

use std::sync::Arc;

use firstmate::cluster::watch::Tables;
use firstmate::play::stage::{LOCAL, RIGHTS, Stage};
use firstmate_sandbox::cluster::{self, Cluster, Fault};

use crate::harness::{close, play};
use crate::rights::stage;

/// A Pod that is in trouble from its first moment.
const NEW: &str = "
apiVersion: v1
kind: Pod
metadata: {name: newcomer-1, namespace: data}
spec: {nodeSelector: {disk: none}, containers: [{name: app, image: 'web:1'}]}
";
const ASK: &str = "lin: /pod describe pod:newcom?\n";
const KNOWN: &str = "{choices: data/newcomer-1}";

fn tables(stage: &Stage) -> &Tables {
    stage.app().unwrap().clusters.get(LOCAL).unwrap().tables()
}

fn is_true(stage: &Stage) -> bool {
    tables(stage).pods(|_| ()).is_some() && tables(stage).nodes(|_| ()).is_some()
}

fn knows(stage: &Stage) -> bool {
    let named = tables(stage).pods(|rows| rows.named(None, &["newcomer-1"]).len());
    named == Some(1)
}

/// Every list of Pods or nodes that was not of one namespace, by whom.
fn lists(cluster: &Cluster) -> Vec<String> {
    let lines = cluster.requests().into_iter();
    let whole = lines.filter(|line| ["/api/v1/pods", "/api/v1/nodes"].contains(&line.path.as_str()));
    whole.map(|line| line.who).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_known_before_anybody_asks() {
    let (mut stage, cluster) = stage("").await;
    assert!(is_true(&stage));
    cluster.apply(NEW).unwrap();
    stage.quiet().await.unwrap();
    assert!(knows(&stage));
    assert!(play(&mut stage, ASK).await.contains(KNOWN));
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_over_the_whole_cluster_lists_nothing() {
    let (mut stage, cluster) = stage("").await;
    cluster.apply(NEW).unwrap();
    stage.quiet().await.unwrap();
    let before = lists(&cluster);
    let asked = "lin: /pods unhealthy:true\nlin: /pods\nlin: @bot newcomer-1 起不来怎么办\n\
                 lin: /pod describe pod:newcomer-1\nolga: /top pods\nlin: /node describe node:node?\n";
    let happened = play(&mut stage, asked).await;
    for words in [
        // The Pods that are explained are read one by one.
        "**data/newcomer-1** Unschedulable: 0/5 nodes are available",
        "[Describe newcomer-1]",
        "[newcomer-1 详情]",
        "{choices: node-1 | node-2 | node-3 | node-4 | node-5}",
    ] {
        assert!(happened.contains(words), "no {words}:\n{happened}");
    }
    assert_eq!(lists(&cluster), before, "{happened}");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_cut_goes_on() {
    let (mut stage, cluster) = stage("").await;
    let before = lists(&cluster).len();
    cluster.fault(Fault::CutWatch);
    cluster.apply(NEW).unwrap();
    stage.quiet().await.unwrap();
    assert!(knows(&stage));
    // Two watches were opened again, and nothing was listed.
    assert_eq!(lists(&cluster).len(), before + 2);
    assert!(play(&mut stage, ASK).await.contains(KNOWN));
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_whose_place_is_forgotten_begins_anew() {
    let (mut stage, cluster) = stage("").await;
    cluster.fault(Fault::Status {
        code: 410,
        resource: Some("pods".to_owned()),
        requests: Some(1),
    });
    cluster.fault(Fault::CutWatch);
    cluster.apply(NEW).unwrap();
    stage.quiet().await.unwrap();
    assert!(is_true(&stage) && knows(&stage));
    assert!(play(&mut stage, ASK).await.contains(KNOWN));
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_watch_is_broken_what_is_asked_is_read() {
    let (mut stage, cluster) = stage("").await;
    cluster.fault(Fault::Status {
        code: 503,
        resource: Some("pods".to_owned()),
        requests: None,
    });
    cluster.fault(Fault::CutWatch);
    cluster.apply(NEW).unwrap();
    stage.quiet().await.unwrap();
    assert!(!is_true(&stage));
    let happened = play(&mut stage, "lin: /pods\n").await;
    assert!(happened.contains("answered 503"), "{happened}");
    cluster.fault(Fault::Off);
    assert!(!is_true(&stage));
    assert!(play(&mut stage, ASK).await.contains(KNOWN));
    // It is back by itself, and says so once.
    play(&mut stage, "@clock +1m\n").await;
    assert!(is_true(&stage) && knows(&stage));
    let said = stage.warnings();
    let said = said.iter().filter(|line| line.contains("cannot watch"));
    assert_eq!(said.count(), 1, "{:?}", stage.warnings());
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_slow_to_open_is_not_waited_for() {
    let (mut stage, cluster) = stage("").await;
    cluster.fault(Fault::Slow {
        ms: 60_000,
        resource: Some("pods".to_owned()),
        requests: None,
    });
    cluster.fault(Fault::CutWatch);
    stage.quiet().await.unwrap();
    let happened = play(&mut stage, "lin: /pods namespace:shop\n@clock +9s\n").await;
    assert!(happened.contains("did not answer in time"), "{happened}");
    cluster.fault(Fault::Off);
    cluster.apply(NEW).unwrap();
    play(&mut stage, "@clock +2m\n@clock +2m\n").await;
    assert!(is_true(&stage) && knows(&stage));
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_watch_it_lists_and_says_so_once() {
    let (mut stage, cluster) = stage("").await;
    stage.stop_bot().await.unwrap();
    cluster.apply(&RIGHTS.replace(", watch]", "]")).unwrap();
    cluster.apply(NEW).unwrap();
    stage.start_bot().await.unwrap();
    assert!(!is_true(&stage));
    let happened = play(
        &mut stage,
        &format!("{ASK}lin: /pods unhealthy:true\n@clock +1m\n{ASK}"),
    )
    .await;
    assert_eq!(happened.matches(KNOWN).count(), 2, "{happened}");
    assert!(
        happened.contains("**data/newcomer-1** Unschedulable"),
        "{happened}"
    );
    let warned = stage.warnings().join("\n");
    for right in ["watch pods", "watch nodes"] {
        assert_eq!(warned.matches(right).count(), 1, "{warned}");
    }
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_whose_watches_begin_with_nothing_is_listed_first() {
    let local = crate::harness::local();
    let settings = cluster::Settings {
        clock: local.clock.clone(),
        version: (1, 33),
        ..cluster::Settings::default()
    };
    let cluster = tokio::task::spawn_blocking(|| Cluster::start(settings));
    let cluster = cluster.await.unwrap().unwrap();
    cluster.apply(RIGHTS).unwrap();
    let mut stage = crate::harness::unready(local, "").await;
    stage.stand_on(Arc::new(cluster.clone()));
    stage.start_bot().await.unwrap();
    assert!(is_true(&stage));
    assert_eq!(lists(&cluster).len(), 4, "a list and a watch of either kind");
    cluster.apply(NEW).unwrap();
    stage.quiet().await.unwrap();
    assert!(knows(&stage));
    close(stage).await;
}

/// Lets lin list Pods in one namespace alone.
const ONE_NAMESPACE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: crew-view}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: crew-view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: olga}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: lin, namespace: data}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: crew-view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: lin}]
";

#[tokio::test(flavor = "multi_thread")]
async fn who_may_list_one_namespace_hears_of_no_other() {
    let (mut stage, cluster) = stage("").await;
    cluster.apply(ONE_NAMESPACE).unwrap();
    cluster.apply(NEW).unwrap();
    stage.quiet().await.unwrap();
    let choices = |happened: &str| happened.lines().last().unwrap_or_default().to_owned();
    let mut typed = async |typed: &str| {
        let happened = play(&mut stage, &format!("lin: /pod describe pod:\"{typed}\"?\n")).await;
        choices(&happened)
    };
    assert_eq!(typed("newcom").await, "  {choices: }");
    assert_eq!(typed("data/newcom").await, "  {choices: data/newcomer-1}");
    assert_eq!(typed("shop/").await, "  {choices: }");
    let asked = "lin: @bot newcomer-1 起不来\nlin: @bot data/newcomer-1 起不来\nlin: /pods\n";
    let happened = play(&mut stage, asked).await;
    assert_eq!(happened.matches("[newcomer-1 详情]").count(), 1, "{happened}");
    assert!(
        happened.contains("`lin`") && happened.contains("`list pods`"),
        "{happened}"
    );
    close(stage).await;
}

/// How long a busy machine may take; how long the bot takes is measured by the bench `scale`.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn among_5000_nodes_a_name_is_completed() {
    let local = crate::harness::local();
    let settings = cluster::Settings {
        clock: local.clock.clone(),
        ..cluster::Settings::default()
    };
    let crowd = cluster::Crowd {
        nodes: 5_000,
        pods_per_node: 1,
    };
    let made = tokio::task::spawn_blocking(move || Cluster::crowded(&settings, crowd));
    let cluster = made.await.unwrap().unwrap();
    cluster.apply(RIGHTS).unwrap();
    let mut stage = crate::harness::unready(local, "").await;
    stage.stand_on(Arc::new(cluster.clone()));
    stage.start_bot().await.unwrap();
    let line = "lin: /node describe node:de-0499?\n";
    let wanted = "{choices: node-04990 | node-04991 | ";
    let known = tokio::time::timeout(PATIENCE, play(&mut stage, line))
        .await
        .unwrap();
    assert!(known.contains(wanted), "{known}");
    close(stage).await;

    // Where the bot may not watch, all nodes are read as the person who types.
    let mut stage = crate::harness::unready(crate::harness::local(), "").await;
    cluster
        .apply(&RIGHTS.replace("verbs: [get, list, watch]", "verbs: [get, list]"))
        .unwrap();
    stage.stand_on(Arc::new(cluster.clone()));
    stage.start_bot().await.unwrap();
    assert!(!is_true(&stage));
    let read = tokio::time::timeout(PATIENCE, play(&mut stage, line))
        .await
        .unwrap();
    assert!(read.contains(wanted), "{read}");
    close(stage).await;
}
