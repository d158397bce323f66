//! Whatever is in an object, reading it never panics: seeded changes to what is recorded and built.

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{NOW, recorded};
use crate::cluster::read::{event, node, pod, pod_detail};

/// Numbers that look random and are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).unwrap()
    }
}

/// Changes a few values anywhere in the object to absurd ones of the same type, or takes them away.
fn spoil(value: &mut Value, numbers: &mut Numbers) {
    match value {
        Value::Object(fields) => {
            let doomed: Vec<String> = fields
                .keys()
                .filter(|_| numbers.below(25) == 0)
                .cloned()
                .collect();
            for key in doomed {
                fields.remove(&key);
            }
            fields.values_mut().for_each(|field| spoil(field, numbers));
        }
        Value::Array(items) => {
            if numbers.below(15) == 0 {
                items.clear();
            }
            if numbers.below(15) == 0 {
                items.extend(items.clone());
            }
            items.iter_mut().for_each(|item| spoil(item, numbers));
        }
        Value::String(text) if numbers.below(6) == 0 => {
            let is_time = text.parse::<k8s_openapi::jiff::Timestamp>().is_ok();
            *text = absurd_text(is_time, numbers).to_owned();
        }
        Value::Number(_) if numbers.below(4) == 0 => {
            let absurd = [json!(-1), json!(0), json!(i32::MAX), json!(i32::MIN)];
            *value = absurd[numbers.below(absurd.len())].clone();
        }
        Value::Bool(flag) if numbers.below(4) == 0 => *flag = !*flag,
        _ => {}
    }
}

fn absurd_text(is_time: bool, numbers: &mut Numbers) -> &'static str {
    let times = [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1969-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
    ];
    let texts = [
        "",
        "-",
        "1e30",
        "-5",
        "9223372036854775807Ei",
        "True",
        "Unknown",
        "é\u{202e}\u{0}",
        "a/b/c",
        "{{}}",
        "%s%n",
    ];
    let choice = if is_time { &times[..] } else { &texts[..] };
    choice[numbers.below(choice.len())]
}

/// Spoils each of these objects many times over and reads what can still be decoded.
fn try_all<T: DeserializeOwned>(seeds: &[Value], read: impl Fn(&T)) -> usize {
    let mut decoded = 0;
    for (at, seed) in seeds.iter().enumerate() {
        for round in 0..300 {
            let mut numbers = Numbers(at as u64 * 1000 + round);
            let mut object = seed.clone();
            spoil(&mut object, &mut numbers);
            if let Ok(object) = serde_json::from_value::<T>(object) {
                read(&object);
                decoded += 1;
            }
        }
    }
    decoded
}

/// The objects of a recorded answer, a list or a single one.
fn objects(path: &str) -> Vec<Value> {
    let Some(text) = recorded(path) else {
        return Vec::new();
    };
    let mut value: Value = serde_json::from_str(&text).unwrap();
    match value.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items.into_iter().take(20).collect(),
        _ => vec![value],
    }
}

fn built_pod() -> Value {
    json!({"metadata": {"name": "p", "namespace": "n", "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"nodeName": "x", "overhead": {"cpu": "1"}, "resources": {"requests": {"cpu": "2"}, "limits": {"memory": "1Gi"}},
            "initContainers": [{"name": "i", "restartPolicy": "Always", "resources": {"requests": {"cpu": "1"}}}],
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1e3"}}, "readinessProbe": {"httpGet": {"port": 80}}}]},
        "status": {"phase": "Running", "initContainerStatuses": [{"name": "i", "ready": true, "restartCount": 1, "image": "", "imageID": "", "state": {"running": {}}}],
            "containerStatuses": [{"name": "c", "ready": false, "restartCount": 2147483647, "image": "", "imageID": "",
                "allocatedResources": {"cpu": "3"}, "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T00:00:00Z"}},
                "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}})
}

#[test]
fn spoilt_pods() {
    let mut seeds = vec![built_pod()];
    for name in ["running", "crash", "oom", "noimage", "toobig"] {
        seeds.extend(objects(&format!("real/pod-{name}.json")));
    }
    let decoded = try_all(&seeds, |pod: &api::Pod| {
        let detail = pod_detail::describe(pod);
        assert_eq!(detail.pod, pod::pod(pod));
        let _ = (detail.pod.restart_words(NOW), detail.pod.is_unhealthy(NOW));
        let described = node::describe(&api::Node::default(), None, Some(std::slice::from_ref(pod)));
        for row in described.allocated.iter().flatten() {
            let _ = row.words();
        }
    });
    assert!(decoded > 100, "{decoded}");
}

#[test]
fn spoilt_nodes() {
    let mut seeds = objects("real/node.json");
    seeds.extend(objects("nodes/node-notready.json"));
    seeds.push(json!({"metadata": {"name": "n", "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {"taints": [{"key": "k", "effect": "NoExecute", "timeAdded": "2026-01-01T00:00:00Z"}]},
        "status": {"allocatable": {"cpu": "2", "memory": "1Gi", "example.com/x": "1"}, "conditions": [{"type": "Ready", "status": "True"}]}}));
    let pod: api::Pod = serde_json::from_value(built_pod()).unwrap();
    let decoded = try_all(&seeds, |read: &api::Node| {
        let detail = node::describe(read, None, Some(std::slice::from_ref(&pod)));
        let _ = (
            detail.node.status(),
            detail.node.role_words(),
            detail.node.is_fine(),
        );
        for row in detail.allocated.iter().flatten() {
            let _ = row.words();
        }
    });
    assert!(decoded > 100, "{decoded}");
}

#[test]
fn spoilt_events() {
    let mut seeds = objects("real/events-demo.json");
    seeds.push(json!({"metadata": {"name": "e"}, "involvedObject": {"kind": "Node", "name": "n"}, "count": 3, "type": "Warning",
        "series": {"count": 4, "lastObservedTime": "2026-01-01T00:00:00.000000Z"}, "eventTime": "2026-01-01T00:00:00.000000Z"}));
    let decoded = try_all(&seeds, |read: &api::Event| {
        let mut events = event::merged(event::events([read, read]));
        event::sort_by_frequency(&mut events);
        event::of_this_one(&mut events, "n", "u", Some(NOW));
        let _ = event::event(read).age_words(NOW);
    });
    assert!(decoded > 100, "{decoded}");
}
