//! Whatever is in an object, reading it never panics: seeded changes to what is recorded and built.

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{NOW, recorded};
use crate::cluster::read::changes::{self, Owner, Seen};
use crate::cluster::read::metrics::{self, NodeMetrics, PodMetrics};
use crate::cluster::read::pod_status::{Printed, verdict};
use crate::cluster::read::rows::Rows;
use crate::cluster::read::service::{self, Around, Behind};
use crate::cluster::read::tiny::TinyPod;
use crate::cluster::read::{event, node, pod, pod_detail, rollout, workload};
use crate::cluster::snapshot::node::Node;
use crate::cluster::snapshot::usage::SortBy;

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
        event::sort_by_frequency(&mut event::grouped(&events));
        event::reboots(events.clone(), &[Node::default()], NOW);
        event::of_this_one(&mut events, "n", "u", Some(NOW));
        let _ = event::event(read).age_words(NOW);
    });
    assert!(decoded > 100, "{decoded}");
}

#[test]
fn a_tiny_pod_reads_as_the_whole_one_does_also_when_spoilt() {
    let mut seeds = vec![built_pod()];
    for name in ["running", "crash", "oom", "noimage", "toobig"] {
        seeds.extend(objects(&format!("real/pod-{name}.json")));
    }
    let mut compared = 0;
    let mut rows = Rows::default();
    for (at, seed) in seeds.iter().enumerate() {
        for round in 0..300 {
            let mut numbers = Numbers(at as u64 * 1000 + round);
            let mut spoilt = seed.clone();
            spoil(&mut spoilt, &mut numbers);
            let Ok(whole) = serde_json::from_value::<api::Pod>(spoilt.clone()) else {
                continue;
            };
            let tiny: TinyPod = serde_json::from_value(spoilt).unwrap();
            let (of_whole, of_tiny) = (pod::facts(&whole), tiny.facts());
            let (printed, also) = (Printed::of(&of_whole), Printed::of(&of_tiny));
            assert_eq!(printed, also);
            assert_eq!(verdict(&of_whole, &printed), verdict(&of_tiny, &also));
            rows.apply(&tiny);
            compared += 1;
        }
    }
    assert!(compared > 100 && rows.sick(NOW) > 0);
}

#[test]
fn spoilt_workloads() {
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "web:1"}]}});
    let meta = json!({"name": "web", "namespace": "n", "uid": "d", "generation": 2, "creationTimestamp": "2026-01-01T00:00:00Z",
        "annotations": {"deployment.kubernetes.io/revision": "2"}, "ownerReferences": [{"apiVersion": "a", "kind": "K", "name": "web", "uid": "d", "controller": true}],
        "managedFields": [{"manager": "m", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]});
    let seed = json!({"metadata": meta, "spec": {"replicas": 3, "minReadySeconds": 5, "selector": {"matchLabels": {"app": "web"}}, "template": template, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}},
        "status": {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2, "currentReplicas": 1, "numberReady": 1, "desiredNumberScheduled": 3, "currentNumberScheduled": 3, "numberMisscheduled": 0,
            "conditions": [{"type": "Progressing", "status": "True", "reason": "x"}]},
        "revision": 2, "data": {"spec": {"template": template}}});
    let pod: api::Pod = serde_json::from_value(built_pod()).unwrap();
    let event: api::Event = serde_json::from_value(json!({"metadata": {}, "reason": "ScalingReplicaSet", "message": "Scaled up replica set web from 0 to 3",
        "lastTimestamp": "2026-01-01T00:00:00Z", "involvedObject": {"kind": "Deployment", "namespace": "n", "name": "web"}})).unwrap();
    let decode = |seed: &Value| serde_json::from_value::<apps::ReplicaSet>(seed.clone()).unwrap();
    let set = decode(&seed);
    let decoded = try_all(std::slice::from_ref(&seed), |deployment: &apps::Deployment| {
        let (sets, pods) = ([set.clone()], [pod.clone()]);
        let read = rollout::of_deployment(deployment, &sets, &pods);
        let _ = (read.workload.kubectl_sentence(), read.workload.is_fine());
        let mut seen = Seen {
            deployments: vec![Owner::of(&deployment.metadata)],
            events: vec![event.clone()],
            ..Seen::default()
        };
        seen.replica_sets.take_set(&set);
        changes::since(&seen, 0);
    }) + try_all(std::slice::from_ref(&seed), |stateful: &apps::StatefulSet| {
        let _ = rollout::of_stateful_set(stateful, &[], std::slice::from_ref(&pod))
            .workload
            .kubectl_sentence();
    }) + try_all(std::slice::from_ref(&seed), |daemon: &apps::DaemonSet| {
        let _ = workload::daemon_set(daemon).kubectl_sentence();
    }) + try_all(std::slice::from_ref(&seed), |kept: &apps::ControllerRevision| {
        let mut seen = Seen::default();
        seen.revisions.take_kept(kept);
        seen.stateful_sets.push(Owner::of(&set.metadata));
        let _ = changes::since(&seen, 0);
    });
    assert!(decoded > 100, "{decoded}");
}

#[test]
fn spoilt_services_and_figures() {
    let service = json!({"metadata": {"name": "web", "namespace": "n"}, "spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1", "selector": {"a": "b"},
        "ports": [{"port": 80, "nodePort": 30000, "targetPort": "x", "protocol": "TCP"}]}, "status": {"loadBalancer": {"ingress": [{"ip": "1.1.1.1"}]}}});
    let slice = serde_json::from_value(json!({"metadata": {"namespace": "n", "labels": {"kubernetes.io/service-name": "web"}}, "addressType": "IPv4", "endpoints": [{"addresses": []}]})).unwrap();
    let pod: api::Pod = serde_json::from_value(built_pod()).unwrap();
    let decoded = try_all(&[service], |service: &api::Service| {
        let around = Around {
            behind: Some(&Behind::of(std::slice::from_ref(&slice))),
            pods: Some(std::slice::from_ref(&pod)),
            ingresses: Some(&[]),
        };
        let read = service::service(service, around);
        let _ = (read.port_words(), read.selector_words(), read.leads_nowhere());
    });
    let usage = json!({"metadata": {"name": "n"}, "timestamp": "2026-01-01T00:00:00Z", "window": "20s", "usage": {"cpu": "1m", "memory": "1Ki"},
        "containers": [{"name": "c", "usage": {"cpu": "1m", "memory": "1Ki"}}]});
    let figures = try_all(std::slice::from_ref(&usage), |read: &NodeMetrics| {
        for row in metrics::nodes(std::slice::from_ref(read), &[], SortBy::Cpu, false) {
            let _ = (row.used.cpu_words(), row.used.memory_words(), row.is_stale(NOW));
        }
    }) + try_all(&[usage], |read: &PodMetrics| {
        let _ = metrics::pods(std::slice::from_ref(read), SortBy::Memory);
    });
    assert!(decoded > 50 && figures > 100, "{decoded} {figures}");
}
