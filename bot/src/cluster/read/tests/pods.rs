use expect_test::{Expect, expect};
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::{NOW, ago, object, over, recorded};
use crate::cluster::read::{pod, pod_detail, time};

/// A Pod with one container that runs and is ready, with `patch` laid over it.
fn given(patch: Value) -> Pod {
    let base = json!({
        "metadata": {"name": "web-1", "namespace": "shop", "uid": "u", "creationTimestamp": ago(3_600_000),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "r", "controller": true}]},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "web:1"}]},
        "status": {"phase": "Running", "podIP": "10.1.0.5", "qosClass": "BestEffort",
            "conditions": [{"type": "Initialized", "status": "True"},
                {"type": "Ready", "status": "True", "lastTransitionTime": ago(3_500_000)}],
            "containerStatuses": [status("app", json!({"running": {}}), json!({}))]}
    });
    object(over(base, patch))
}

fn status(name: &str, state: Value, patch: Value) -> Value {
    let base = json!({"name": name, "image": "web:1", "imageID": "", "ready": true, "started": true,
                      "restartCount": 0, "state": state});
    over(base, patch)
}

fn ended(reason: Option<&str>, code: i32, signal: Option<i32>) -> Value {
    json!({"terminated": {"exitCode": code, "reason": reason, "signal": signal, "finishedAt": ago(200_000)}})
}

/// The Pod with these init containers, of which these states are known.
fn initializing(names: &[&str], statuses: Value) -> Pod {
    let init: Vec<Value> = names
        .iter()
        .map(|name| {
            let policy = name.starts_with("sidecar").then_some("Always");
            json!({"name": name, "restartPolicy": policy})
        })
        .collect();
    given(json!({
        "spec": {"initContainers": init},
        "status": {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": ago(30_000)}],
            "initContainerStatuses": statuses,
            "containerStatuses": [status("app", json!({"waiting": {"reason": "PodInitializing"}}), json!({"ready": false}))]}
    }))
}

fn with_states(statuses: Value) -> Pod {
    given(json!({"status": {"containerStatuses": statuses}}))
}

#[track_caller]
fn check(given: &[(&str, Pod)], expected: Expect) {
    let mut lines = String::new();
    for (what, given) in given {
        let read = pod::pod(given);
        let health = if read.is_unhealthy(NOW) { "unhealthy" } else { "ok" };
        lines.push_str(&format!(
            "{what}: {} {} {} {health}\n",
            read.ready_words(),
            read.status,
            read.restart_words(NOW),
        ));
    }
    expected.assert_eq(&lines);
}

#[test]
fn containers_that_run_wait_and_end() {
    let waiting = |reason: &str| {
        json!([status(
            "app",
            json!({"waiting": {"reason": reason}}),
            json!({"ready": false})
        )])
    };
    let one = |state: Value| json!([status("app", state, json!({"ready": false}))]);
    check(
        &[
            ("runs", given(json!({}))),
            (
                "pending",
                given(json!({"status": {"phase": "Pending", "containerStatuses": null, "conditions": null}})),
            ),
            ("creating", with_states(waiting("ContainerCreating"))),
            ("back-off", with_states(waiting("CrashLoopBackOff"))),
            ("no image", with_states(waiting("ImagePullBackOff"))),
            ("waiting without a reason", with_states(waiting(""))),
            (
                "ended by a word",
                with_states(one(ended(Some("OOMKilled"), 137, None))),
            ),
            ("ended by a signal", with_states(one(ended(None, 0, Some(9))))),
            ("ended by a code", with_states(one(ended(Some(""), 3, None)))),
            ("not ready", with_states(one(json!({"running": {}})))),
        ],
        expect![[r#"
            runs: 1/1 Running 0 ok
            pending: 0/1 Pending 0 unhealthy
            creating: 0/1 ContainerCreating 0 ok
            back-off: 0/1 CrashLoopBackOff 0 unhealthy
            no image: 0/1 ImagePullBackOff 0 unhealthy
            waiting without a reason: 0/1 Running 0 ok
            ended by a word: 0/1 OOMKilled 0 unhealthy
            ended by a signal: 0/1 Signal:9 0 ok
            ended by a code: 0/1 ExitCode:3 0 unhealthy
            not ready: 0/1 Running 0 ok
        "#]],
    );
}

#[test]
fn several_containers_and_those_that_completed() {
    let two = |first: Value, second: Value, ready: &str| {
        given(json!({
            "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
            "status": {"containerStatuses": [first, second],
                "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": ago(90_000)}]}
        }))
    };
    let runs = || status("a", json!({"running": {}}), json!({}));
    let done = || status("b", ended(Some("Completed"), 0, None), json!({"ready": false}));
    let failed = || status("a", ended(Some("Error"), 1, None), json!({"ready": false}));
    check(
        &[
            ("one done, ready", two(runs(), done(), "True")),
            ("one done, not ready", two(runs(), done(), "False")),
            ("one done, one failed", two(done(), failed(), "False")),
            ("one failed, one done", two(failed(), done(), "False")),
            ("all done", two(done(), done(), "False")),
        ],
        expect![[r#"
            one done, ready: 1/2 Running 0 ok
            one done, not ready: 1/2 NotReady 0 unhealthy
            one done, one failed: 0/2 Error 0 unhealthy
            one failed, one done: 0/2 Error 0 unhealthy
            all done: 0/2 Completed 0 unhealthy
        "#]],
    );
}

/// The state of an init container by one word: `waits:REASON`, `runs`, `done`, `fails`, `fails:REASON`,
/// `fails:9` by that signal, `serves` and `starts` for a sidecar that is ready or not.
fn init_state(name: &str, word: &str) -> Value {
    let (word, more) = word.split_once(':').unwrap_or((word, ""));
    let before = |code: i32| ended(Some("Error"), code, None);
    let no = json!({"ready": false, "started": false});
    match word {
        "waits" => status(name, json!({"waiting": {"reason": more}}), no),
        "runs" => status(name, json!({"running": {}}), no),
        "done" => status(
            name,
            ended(Some("Completed"), 0, None),
            json!({"restartCount": 1}),
        ),
        "fails" => {
            let signal = more.parse().ok();
            let reason = Some(more).filter(|_| signal.is_none());
            let past = json!({"restartCount": 4, "lastState": before(2)});
            status(name, ended(reason, 2, signal), over(no, past))
        }
        "serves" | "starts" => {
            let past = json!({"ready": word == "serves", "restartCount": 2, "lastState": before(1)});
            status(name, json!({"running": {}}), past)
        }
        _ => panic!("{word}"),
    }
}

#[test]
fn init_containers_and_sidecars() {
    let cases = [
        (
            "first waits",
            "one=waits:PodInitializing two=waits:PodInitializing",
        ),
        ("first runs", "one=runs two"),
        ("second waits", "one=done two=waits:PodInitializing"),
        ("no image", "one=waits:ErrImagePull"),
        ("fails", "one=fails:Error"),
        ("by signal", "one=fails:9"),
        ("by code", "one=fails"),
        ("all done", "one=done two=done"),
        ("sidecar ready", "sidecar=serves two=waits:"),
        ("sidecar not ready", "sidecar=starts"),
    ];
    let pods = cases.map(|(what, containers)| {
        let parts = || {
            containers
                .split(' ')
                .map(|part| part.split_once('=').unwrap_or((part, "")))
        };
        let names: Vec<&str> = parts().map(|(name, _)| name).collect();
        let told = parts().filter(|(_, word)| !word.is_empty());
        let states: Vec<Value> = told.map(|(name, word)| init_state(name, word)).collect();
        (what, initializing(&names, json!(states)))
    });
    check(
        &pods,
        expect![[r#"
            first waits: 0/1 Init:0/2 0 ok
            first runs: 0/1 Init:0/2 0 ok
            second waits: 0/1 Init:1/2 1 ok
            no image: 0/1 Init:ErrImagePull 0 unhealthy
            fails: 0/1 Init:Error 4 (3m20s ago) unhealthy
            by signal: 0/1 Init:Signal:9 4 (3m20s ago) unhealthy
            by code: 0/1 Init:ExitCode:2 4 (3m20s ago) unhealthy
            all done: 0/1 PodInitializing 0 ok
            sidecar ready: 1/2 Init:1/2 2 (3m20s ago) ok
            sidecar not ready: 0/2 PodInitializing 2 (3m20s ago) ok
        "#]],
    );
}

#[test]
fn pods_that_are_held_evicted_lost_or_leaving() {
    let deleted = |ago_ms: i64, more: Value| {
        given(over(
            json!({"metadata": {"deletionTimestamp": ago(ago_ms)}}),
            more,
        ))
    };
    let gated = json!({"status": {"phase": "Pending", "containerStatuses": null,
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}});
    let no_room = json!({"status": {"phase": "Pending", "containerStatuses": null,
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/5 nodes are available."}]}});
    let evicted = json!({"status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory.", "containerStatuses": null}});
    check(
        &[
            ("gated", given(gated)),
            ("no room", given(no_room)),
            ("evicted", given(evicted)),
            (
                "failed",
                given(
                    json!({"status": {"phase": "Failed", "containerStatuses": [status("app", ended(Some("Error"), 1, None), json!({"ready": false}))]}}),
                ),
            ),
            (
                "succeeded",
                given(
                    json!({"status": {"phase": "Succeeded", "containerStatuses": [status("app", ended(Some("Completed"), 0, None), json!({"ready": false}))]}}),
                ),
            ),
            ("leaving", deleted(-20_000, json!({}))),
            ("leaving for too long", deleted(90_000, json!({}))),
            ("lost", deleted(0, json!({"status": {"reason": "NodeLost"}}))),
            (
                "failed and deleted",
                deleted(0, json!({"status": {"phase": "Failed"}})),
            ),
            ("unknown", given(json!({"status": {"phase": "Unknown"}}))),
            ("nothing said", object(json!({"metadata": {}}))),
        ],
        expect![[r#"
            gated: 0/1 SchedulingGated 0 unhealthy
            no room: 0/1 Pending 0 unhealthy
            evicted: 0/1 Evicted 0 unhealthy
            failed: 0/1 Error 0 unhealthy
            succeeded: 0/1 Completed 0 ok
            leaving: 1/1 Terminating 0 ok
            leaving for too long: 1/1 Terminating 0 unhealthy
            lost: 1/1 Unknown 0 unhealthy
            failed and deleted: 1/1 Failed 0 ok
            unknown: 1/1 Unknown 0 unhealthy
            nothing said: 0/0  0 unhealthy
        "#]],
    );
}

#[test]
fn restarts_are_dated_and_remembered_for_a_while() {
    let restarted = |count: i32, before: i64| {
        let last = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(before)}});
        with_states(json!([status(
            "app",
            json!({"running": {}}),
            json!({"restartCount": count, "lastState": last})
        )]))
    };
    let undated = with_states(json!([status(
        "app",
        json!({"running": {}}),
        json!({"restartCount": 7})
    )]));
    check(
        &[
            ("just now", restarted(1, 500)),
            ("a while ago", restarted(12, 9 * 60_000)),
            ("long ago", restarted(2, 86_400_000 * 3)),
            ("no longer known", undated),
            ("absurd", restarted(-3, -60_000)),
        ],
        expect![[r#"
            just now: 1/1 Running 1 (0s ago) unhealthy
            a while ago: 1/1 Running 12 (9m ago) unhealthy
            long ago: 1/1 Running 2 (3d ago) ok
            no longer known: 1/1 Running 7 ok
            absurd: 1/1 Running -3 (<invalid> ago) ok
        "#]],
    );
}

#[track_caller]
fn check_troubles(given: &Pod, expected: Expect) {
    let troubles = pod::pod(given).troubles;
    let lines: Vec<String> = troubles.iter().map(|trouble| format!("{trouble:?}\n")).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn why_a_pod_is_not_fine() {
    check_troubles(&given(json!({})), expect![[""]]);
    let crash = status(
        "app",
        json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 2m40s"}}),
        json!({"ready": false, "restartCount": 5, "lastState": ended(Some("OOMKilled"), 137, None)}),
    );
    check_troubles(
        &with_states(json!([crash])),
        expect![[r#"
        Waiting { container: "app", is_init: false, reason: "CrashLoopBackOff", message: "back-off 2m40s" }
        Restarted { container: "app", is_init: false, restarts: 5, exit: Some(Exit { reason: "OOMKilled", code: 137, signal: None, message: "", started: None, finished: Some(1767225400000) }) }
    "#]],
    );
    let probed = given(json!({
        "spec": {"containers": [{"name": "app", "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10}}]},
        "status": {"containerStatuses": [status("app", json!({"running": {}}), json!({"ready": false}))]}
    }));
    check_troubles(
        &probed,
        expect![[r#"
        NotReady { container: "app", started: true, probe: Some("http-get http://:http/ready delay=0s timeout=0s period=10s successThreshold=0 failureThreshold=0") }
    "#]],
    );
    let no_room = json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/5 nodes are available."}]);
    check_troubles(
        &given(json!({"status": {"phase": "Pending", "containerStatuses": null, "conditions": no_room}})),
        expect![[r#"
            Unschedulable { reason: "Unschedulable", message: "0/5 nodes are available." }
        "#]],
    );
    let gate = json!([{"type": "ContainersReady", "status": "True"}, {"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady", "message": "waiting for the load balancer"}]);
    check_troubles(
        &given(json!({"status": {"conditions": gate}})),
        expect![[r#"
        Condition { kind: "Ready", reason: "ReadinessGatesNotReady", message: "waiting for the load balancer" }
    "#]],
    );
}

#[test]
fn real_pods_are_read() {
    let mut lines = String::new();
    for name in ["running", "crash", "oom", "noimage", "noimage-fast", "toobig"] {
        let Some(text) = recorded(&format!("real/pod-{name}.json")) else {
            return;
        };
        let read = pod::pod(&serde_json::from_str(&text).unwrap());
        lines.push_str(&format!(
            "{name}: {} {} {}\n",
            read.ready_words(),
            read.status,
            read.restarts
        ));
    }
    expect![[r#"
        running: 1/1 Running 0
        crash: 0/1 CrashLoopBackOff 5
        oom: 0/1 OOMKilled 5
        noimage: 0/1 ImagePullBackOff 0
        noimage-fast: 0/1 ErrImagePull 0
        toobig: 0/1 Pending 0
    "#]]
    .assert_eq(&lines);
}

#[test]
fn the_description_has_what_kubectl_has_but_no_values() {
    let described = pod_detail::describe(&given(json!({
        "spec": {"containers": [{"name": "app", "image": "web:1",
                "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}],
                "env": [{"name": "PASSWORD", "value": "hunter2"}], "envFrom": [{"secretRef": {"name": "web"}, "prefix": "X_"}],
                "resources": {"requests": {"cpu": "0.5"}, "limits": {"memory": "1024Mi"}},
                "livenessProbe": {"exec": {"command": ["cat", "/tmp/ok"]}, "initialDelaySeconds": 5, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
                "startupProbe": {"grpc": {"port": 9090, "service": "health"}},
                "volumeMounts": [{"mountPath": "/z", "name": "data", "subPath": "a"}, {"mountPath": "/a", "name": "conf", "readOnly": true}]}],
            "initContainers": [{"name": "sidecar", "restartPolicy": "Always"}, {"name": "first"}],
            "ephemeralContainers": [{"name": "debug", "image": "busybox"}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-web-1"}}, {"name": "conf", "configMap": {"name": "web"}},
                {"name": "new", "futureVolume": {}}],
            "tolerations": [{"operator": "Exists"}, {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
                {"key": "dedicated", "value": "db", "effect": "NoSchedule"}]}
    })));
    let mut lines = Vec::new();
    for container in &described.containers {
        let state = container.state.as_ref().map_or("-", |state| state.word());
        lines.push(format!(
            "{:?} {} {} {state}",
            container.kind, container.name, container.image
        ));
    }
    let app = &described.containers[2];
    lines.push(format!(
        "ports {:?} env {:?} {:?}",
        app.ports, app.env, app.env_from
    ));
    lines.push(format!("mounts {:?}", app.mounts));
    lines.push(format!("liveness {:?}", app.liveness));
    lines.push(format!("startup {:?}", app.startup));
    lines.push(format!(
        "requests {:?} limits {:?}",
        app.requests.get("cpu").unwrap().to_string(),
        app.limits.get("memory").unwrap().to_string()
    ));
    for volume in &described.volumes {
        lines.push(format!("volume {} {} {}", volume.name, volume.kind, volume.of));
    }
    lines.push(format!("tolerations {:?}", described.tolerations));
    assert!(!format!("{described:?}").contains("hunter2"));
    assert_eq!(time::age(described.pod.created, NOW), "60m");
    expect![[r#"
        Sidecar sidecar  -
        Init first  -
        App app web:1 Running
        Ephemeral debug busybox -
        ports ["8080/TCP (http)", "53/UDP"] env ["PASSWORD"] ["Secret web with prefix 'X_'"]
        mounts ["/a from conf (ro)", "/z from data (rw,path=\"a\")"]
        liveness Some("exec [cat /tmp/ok] delay=5s timeout=1s period=10s successThreshold=1 failureThreshold=3")
        startup Some("grpc <pod>:9090 health delay=0s timeout=0s period=0s successThreshold=0 failureThreshold=0")
        requests "500m" limits "1Gi"
        volume data PersistentVolumeClaim data-web-1
        volume conf ConfigMap web
        volume new <unknown> 
        tolerations ["op=Exists", "dedicated=db:NoSchedule", "node.kubernetes.io/not-ready:NoExecute op=Exists for 300s"]
    "#]].assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn a_probe_is_written_as_kubectl_writes_it() {
    let probes = [
        json!({"httpGet": {"path": "/health?full=1", "port": 8080, "scheme": "HTTPS", "host": "example.com"}}),
        json!({"httpGet": {"path": "ready", "port": "http", "scheme": "HTTP"}}),
        json!({"httpGet": {"port": 80, "host": "::1", "scheme": "HTTP"}}),
        json!({"httpGet": {"port": 80, "path": "*"}}),
        json!({"tcpSocket": {"port": 5432}}),
        json!({}),
    ];
    let lines: Vec<String> = probes
        .into_iter()
        .map(|probe| {
            pod_detail::probe(&object(probe)).replace(
                " delay=0s timeout=0s period=0s successThreshold=0 failureThreshold=0",
                "",
            )
        })
        .collect();
    expect![[r#"
        http-get https://example.com:8080/health%3Ffull=1
        http-get http://:http/ready
        http-get http://[::1]:80
        http-get //:80/*
        tcp-socket :5432
        unknown
    "#]]
    .assert_eq(&format!("{}\n", lines.join("\n")));
}
