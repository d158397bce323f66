use expect_test::{Expect, expect};
use k8s_openapi::api::core::v1 as api;
use serde_json::{Value, json};

use super::{NOW, ago, object, over, recorded};
use crate::cluster::read::event;
use crate::cluster::snapshot::event::Event;
use crate::cluster::snapshot::node::{Node, Reboots};

/// An Event of a kubelet that happened once a minute ago, with `patch` laid over it.
fn given(patch: Value) -> api::Event {
    let base = json!({
        "metadata": {"name": "e", "namespace": "shop"}, "type": "Warning", "reason": "BackOff",
        "message": " Back-off restarting failed container ", "count": 1, "eventTime": null,
        "firstTimestamp": ago(60_000), "lastTimestamp": ago(60_000),
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1", "uid": "u-1", "fieldPath": "spec.containers{app}"},
        "source": {"component": "kubelet", "host": "node-1"}, "reportingComponent": "kubelet", "reportingInstance": "node-1"
    });
    object(over(base, patch))
}

#[track_caller]
fn check(events: &[Event], expected: Expect) {
    let lines: Vec<String> = events
        .iter()
        .map(|event| {
            format!(
                "{} {} {} {} {:?} by {}\n",
                event.age_words(NOW),
                event.kind,
                event.reason,
                event.object_words(),
                event.message,
                event.source,
            )
        })
        .collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn ages_are_those_of_kubectl_events() {
    let events = [
        given(json!({"reason": "Once"})),
        given(
            json!({"reason": "Counted", "count": 5, "firstTimestamp": ago(3_600_000 * 3), "lastTimestamp": ago(180_000)}),
        ),
        given(
            json!({"reason": "Newer", "count": null, "eventTime": ago(30_000), "firstTimestamp": null, "lastTimestamp": null,
            "source": {}, "reportingComponent": "scheduler"}),
        ),
        given(
            json!({"reason": "Series", "count": null, "eventTime": ago(600_000), "firstTimestamp": null, "lastTimestamp": null,
            "series": {"count": 9, "lastObservedTime": ago(20_000)}}),
        ),
        given(
            json!({"reason": "CountedWithoutTime", "count": 2, "eventTime": ago(600_000), "firstTimestamp": null, "lastTimestamp": null}),
        ),
        given(json!({"reason": "Undated", "firstTimestamp": null, "lastTimestamp": null})),
        given(
            json!({"reason": "Absurd", "count": -4, "lastTimestamp": ago(-90_000), "firstTimestamp": ago(-90_000)}),
        ),
        object(json!({"metadata": {}, "involvedObject": {}})),
    ];
    check(
        &event::events(&events),
        expect![[r#"
            <unknown> Warning Undated Pod/web-1 "Back-off restarting failed container" by kubelet
            <unknown>   / "" by 
            <unknown> (x2 over 10m) Warning CountedWithoutTime Pod/web-1 "Back-off restarting failed container" by kubelet
            3m (x5 over 3h) Warning Counted Pod/web-1 "Back-off restarting failed container" by kubelet
            60s Warning Once Pod/web-1 "Back-off restarting failed container" by kubelet
            30s Warning Newer Pod/web-1 "Back-off restarting failed container" by kubelet
            20s (x9 over 10m) Warning Series Pod/web-1 "Back-off restarting failed container" by kubelet
            <invalid> Warning Absurd Pod/web-1 "Back-off restarting failed container" by kubelet
        "#]],
    );
}

#[test]
fn an_event_that_is_listed_twice_is_read_once() {
    let twice = given(json!({"metadata": {"uid": "e-1"}}));
    let without = given(json!({}));
    let events = [twice.clone(), without.clone(), twice, without];
    assert_eq!(event::events(&events).len(), 3);
}

#[test]
fn events_of_an_earlier_object_of_the_name_are_dropped() {
    let about = |uid: &str, before: i64, reason: &str| {
        given(
            json!({"reason": reason, "lastTimestamp": ago(before), "firstTimestamp": ago(before),
            "involvedObject": {"kind": "Node", "name": "node-3", "uid": uid}}),
        )
    };
    let events = [
        about("", 7_200_000, "BeforeWithoutUid"),
        about("node-3", 7_200_000, "BeforeWithItsName"),
        about("old", 60_000, "OfTheOldOne"),
        about("new", 7_200_000, "OfThisOneInspiteOfItsTime"),
        about("", 60_000, "AfterWithoutUid"),
        about("node-3", 3_600_000, "AtTheSameTime"),
    ];
    let mut read = event::events(&events);
    event::of_this_one(&mut read, "node-3", "new", Some(NOW - 3_600_000));
    let reasons: Vec<&str> = read.iter().map(|event| event.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["OfThisOneInspiteOfItsTime", "AtTheSameTime", "AfterWithoutUid"]
    );
}

#[test]
fn what_says_the_same_is_merged_and_the_most_frequent_stands_first() {
    let events = [
        given(json!({"reason": "Rare"})),
        given(json!({"count": 3, "firstTimestamp": ago(900_000), "lastTimestamp": ago(300_000)})),
        given(json!({"count": 4, "firstTimestamp": ago(1_800_000), "lastTimestamp": ago(120_000)})),
        given(json!({"involvedObject": {"name": "web-2"}})),
    ];
    let merged = event::merged(event::events(&events));
    check(
        &merged,
        expect![[r#"
        2m (x7 over 30m) Warning BackOff Pod/web-1 "Back-off restarting failed container" by kubelet
        60s Warning Rare Pod/web-1 "Back-off restarting failed container" by kubelet
        60s Warning BackOff Pod/web-2 "Back-off restarting failed container" by kubelet
    "#]],
    );
    let mut groups = event::grouped(&merged);
    event::sort_by_frequency(&mut groups);
    assert_eq!((groups[0].example.count, groups[0].objects), (8, 2));
}

#[test]
fn what_is_said_of_several_objects_is_one_group() {
    let said = |of: &str, age: i64, message: &str| {
        given(json!({
            "message": message, "involvedObject": {"name": of}, "lastTimestamp": ago(age), "firstTimestamp": ago(age),
        }))
    };
    let events = [
        said(
            "web-1",
            60_000,
            "Back-off restarting web in pod web-1_shop(0b0c1a62-3f5b-4f0e-9d9c-0d6f0e5a7a11)",
        ),
        said(
            "web-2",
            90_000,
            "Back-off restarting web in pod web-2_shop(eba33d43-926f-48e4-9fc7-bb2e2abffe84)",
        ),
        said("web-1", 50_000, "Get \"http://10.244.1.7:8080/ready\": refused"),
        said("api-1", 40_000, "Get \"http://10.244.3.61:8080/ready\": refused"),
        said("web-1", 30_000, "HTTP probe failed with statuscode: 500"),
        said("web-2", 20_000, "HTTP probe failed with statuscode: 503"),
        said("web-1", 10_000, "available: 86016Ki, used 1468416Ki"),
        said("web-1", 5_000, "available: 90112Ki, used 1500000Ki"),
    ];
    let groups = event::grouped(&event::merged(event::events(&events)));
    let objects: Vec<usize> = groups.iter().map(|group| group.objects).collect();
    assert_eq!(objects, [2, 2, 1, 1, 1]);
    let examples: Vec<Event> = groups.into_iter().map(|group| group.example).collect();
    check(
        &examples,
        expect![[r#"
        60s (x2 over 90s) Warning BackOff Pod/web-1 "Back-off restarting web in pod web-1_shop(0b0c1a62-3f5b-4f0e-9d9c-0d6f0e5a7a11)" by kubelet
        40s (x2 over 50s) Warning BackOff Pod/api-1 "Get \"http://10.244.3.61:8080/ready\": refused" by kubelet
        30s Warning BackOff Pod/web-1 "HTTP probe failed with statuscode: 500" by kubelet
        20s Warning BackOff Pod/web-2 "HTTP probe failed with statuscode: 503" by kubelet
        5s (x2 over 10s) Warning BackOff Pod/web-1 "available: 90112Ki, used 1500000Ki" by kubelet
    "#]],
    );
}

#[test]
fn a_reboot_is_told_of_the_node_that_is_there_and_not_for_ever() {
    let rebooted = |of: &str, uid: &str, hours: i64| {
        given(json!({
            "reason": "Rebooted", "involvedObject": {"kind": "Node", "name": of, "uid": uid},
            "firstTimestamp": ago(hours * 3_600_000), "lastTimestamp": ago(hours * 3_600_000),
        }))
    };
    let events = [
        rebooted("node-1", "node-1", 2),
        rebooted("node-1", "node-1", 5),
        rebooted("node-1", "node-1", 30),
        rebooted("node-2", "node-2", 30),
        rebooted("node-3", "earlier", 1),
        rebooted("gone", "gone", 1),
    ];
    let node = |name: &str| Node {
        name: name.to_owned(),
        uid: format!("uid-of-{name}"),
        created: Some(NOW - 90 * 86_400_000),
        ..Node::default()
    };
    let nodes = ["node-1", "node-2", "node-3"].map(node);
    let reboots = event::reboots(event::events(&events), &nodes, NOW - 24 * 3_600_000);
    let told: Vec<_> = reboots.into_iter().collect();
    let last = NOW - 2 * 3_600_000;
    assert_eq!(told, [("node-1".to_owned(), Reboots { times: 2, last })]);
}

#[test]
fn real_events_are_read() {
    for (file, least) in [
        ("real/events-demo.json", 10),
        ("nodes/real-kubelet-node-events.json", 10),
    ] {
        let Some(text) = recorded(file) else { return };
        let list: Value = serde_json::from_str(&text).unwrap();
        let list: Vec<api::Event> = object(list["items"].clone());
        let events = event::events(&list);
        assert!(events.len() >= least, "{file}: {}", events.len());
        for event in &events {
            assert!(
                event.at().is_some() && event.count >= 1 && !event.reason.is_empty(),
                "{event:?}"
            );
        }
        assert!(events.is_sorted_by_key(|event| event.at()));
    }
}
