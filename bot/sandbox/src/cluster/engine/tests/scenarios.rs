//! Every scenario at its present.

use std::time::Duration;

use expect_test::{ExpectFile, expect, expect_file};

use super::Stage;
use super::show::summary;
use crate::cluster::engine::{Scenario, list};

/// The scenario at its present, as the file of its name in `shown` says.
#[track_caller]
fn check(name: &str, expected: &ExpectFile) {
    expected.assert_eq(&summary(&Stage::named(name, None).store));
}

#[test]
fn the_first_run_shows_the_usual_troubles() {
    check("first-run", &expect_file!["shown/first-run.txt"]);
}

#[test]
fn nothing_is_wrong_in_a_healthy_cluster() {
    check("healthy", &expect_file!["shown/healthy.txt"]);
}

#[test]
fn an_empty_cluster_has_no_nodes() {
    check("empty", &expect_file!["shown/empty.txt"]);
}

#[test]
fn a_node_reboots_again_and_again() {
    check("reboot-loop", &expect_file!["shown/reboot-loop.txt"]);
}

#[test]
fn memory_is_short_in_a_pod_and_on_a_node() {
    check("out-of-memory", &expect_file!["shown/out-of-memory.txt"]);
}

#[test]
fn a_service_with_a_wrong_selector_has_no_endpoints() {
    check("bad-selector", &expect_file!["shown/bad-selector.txt"]);
}

#[test]
fn a_policy_keeps_a_healthy_database_out_of_reach() {
    check("deny-all", &expect_file!["shown/deny-all.txt"]);
}

#[test]
fn rollouts_wait_for_an_image_and_for_a_probe() {
    check("stuck-rollout", &expect_file!["shown/stuck-rollout.txt"]);
}

#[test]
fn with_any_seed_the_first_run_has_the_same_troubles() {
    for seed in [3, 11, 42] {
        let shown = summary(&Stage::named("first-run", Some(seed)).store);
        let words = [
            "MemoryPressure",
            "Warning Evicted",
            "CrashLoopBackOff",
            "ImagePullBackOff",
            "ProgressDeadlineExceeded",
        ];
        for word in words.into_iter().chain(["Warning Rebooted", " 0/0\n"]) {
            assert!(shown.contains(word), "seed {seed}: no {word} in\n{shown}");
        }
    }
}

#[test]
fn a_node_that_keeps_rebooting_does_so_for_whoever_watches_on() {
    let boot = |stage: &Stage| {
        let all = stage.store.dump();
        let mut nodes = all.iter().filter(|it| it["kind"] == "Node");
        let node = nodes.find(|it| it["metadata"]["name"] == "node-3").unwrap();
        node["status"]["nodeInfo"]["bootID"].clone()
    };
    let mut stage = Stage::named("first-run", None);
    let mut boots = vec![boot(&stage)];
    for _ in 0..3 {
        stage.advance(Duration::from_secs(3600));
        let now = boot(&stage);
        assert!(!boots.contains(&now), "{boots:?}");
        boots.push(now);
    }
}

#[test]
fn the_same_scenario_and_seed_give_the_same_bytes() {
    let bytes = |seed| {
        let mut stage = Stage::named("healthy", seed);
        stage.advance(Duration::from_secs(3600));
        let objects: Vec<String> = stage.store.dump().iter().map(ToString::to_string).collect();
        objects.join("\n")
    };
    assert_eq!(bytes(None), bytes(None));
    assert_eq!(bytes(Some(7)), bytes(Some(7)));
    assert_ne!(bytes(Some(7)), bytes(Some(8)));
}

#[test]
fn every_scenario_says_in_both_languages_what_it_shows() {
    let all = list().unwrap();
    let is_told = |text: &str| text.chars().count() > 5;
    assert!(
        all.iter().all(|about| is_told(&about.en) && is_told(&about.zh)),
        "{all:?}"
    );
    for about in &all {
        Scenario::named(&about.name, None).unwrap();
    }
}

#[test]
fn a_scenario_that_is_not_there_is_named_with_those_that_are() {
    let error = Scenario::named("none", None).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no scenario `none`; there are bad-selector, deny-all, empty"),
        "{error}"
    );
}

#[test]
fn mistakes_in_a_scenario_are_found_by_file_and_line() {
    let read = |yaml: &str| format!("{:#}", Scenario::read("mine.yaml", yaml, None).unwrap_err());
    let about = "about: {en: Mine., zh: 我的。}\n";
    expect!["mine.yaml, line 3: the Pod has no name"].assert_eq(&read(&format!(
        "{about}objects:\n  - {{apiVersion: v1, kind: Pod}}\n"
    )));
    expect!["mine.yaml, line 3: an entry of the timeline says one thing that happens"]
        .assert_eq(&read(&format!("{about}timeline:\n  - {{ago: 5m}}\n")));
    expect![[r#"
        mine.yaml: error: line 3 column 11: `soon` is no span of time like 5h20m, 90s or 63d
         --> <input>:3:11
          |
        1 | about: {en: Mine., zh: 我的。}
        2 | timeline:
        3 |   - {ago: soon, cordon: node-1}
          |           ^ `soon` is no span of time like 5h20m, 90s or 63d"#]]
    .assert_eq(&read(&format!(
        "{about}timeline:\n  - {{ago: soon, cordon: node-1}}\n"
    )));
    expect!["mine.yaml: there is no part `nothing`"].assert_eq(&read(&format!("{about}with: [nothing]\n")));
}

#[test]
fn a_seed_gives_other_names_to_the_same_troubles() {
    let other = Scenario::named("first-run", Some(5)).unwrap();
    let written = Scenario::named("first-run", None).unwrap();
    let names = |scenario: &Scenario| {
        scenario
            .nodes
            .iter()
            .map(|node| node.name.clone())
            .collect::<Vec<_>>()
    };
    assert_ne!(names(&other), names(&written));
    assert_eq!(names(&other).len(), 5);
    assert_eq!(other.steps.len(), written.steps.len());
}
