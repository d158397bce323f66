//! The scenarios of the local cluster on a real one.

use firstmate_sandbox::cluster::{Cluster, Settings, engine};
use firstmate_sandbox::{Clock, START_MS};
use serde_json::Value;

use super::smoke::{changes, everything, has_settled};
use super::{Controllers, Real};

/// What controllers do to every scenario, and why.
const EXPECTED: [&str; 6] = [
    // The old kind beside EndpointSlices, which the local cluster does not make.
    "+ endpoints ",
    // Two of them may make the same one.
    " FailedToCreateEndpoint",
    // Controllers that start say so of every node.
    " RegisteredNode",
    // The scheduler tries again what is Pending, and says the same.
    " FailedScheduling",
    // Left out by the local cluster, where it is 0.
    " status terminatingReplicas",
    // Whose endpoints have a host name, which the local cluster leaves out.
    "~ endpointslices data/",
];

/// A scenario's objects, as they are when the local cluster has come to rest.
fn objects(scenario: &str) -> Vec<Value> {
    let settings = Settings {
        clock: Clock::manual(START_MS),
        scenario: scenario.to_owned(),
        ..Settings::default()
    };
    Cluster::start(settings).unwrap().dump()
}

fn shift() -> i64 {
    super::now().as_millisecond() - START_MS as i64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_cluster_holds_every_scenario() {
    let Some(real) = Real::start().await else { return };
    for about in engine::list().unwrap() {
        let objects = objects(&about.name);
        let began = super::now();
        // Fails unless the API server answers every one of them.
        real.load(&objects, shift(), Controllers::Still).await;
        let took = super::now().as_millisecond() - began.as_millisecond();
        eprintln!(
            "{}: {} objects on a real cluster in {took} ms",
            about.name,
            objects.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn controllers_leave_the_first_run_alone() {
    let Some(real) = Real::start().await else { return };
    let (objects, shift) = (objects("first-run"), shift());
    real.load(&objects, shift, Controllers::Still).await;
    let before = everything(&real).await;
    real.load(&objects, shift, Controllers::Running).await;
    real.apply(include_str!("canary.yaml")).await;
    super::until("the controllers work", || has_settled(&real))
        .await
        .unwrap();
    let after = everything(&real).await;
    let is_expected =
        |line: &String| EXPECTED.iter().any(|part| line.contains(part)) || line.contains("canary");
    let (expected, unexpected): (Vec<String>, Vec<String>) =
        changes(&before, &after).into_iter().partition(is_expected);
    assert!(!expected.is_empty(), "the controllers did nothing");
    assert!(unexpected.is_empty(), "{}", unexpected.concat());
}
