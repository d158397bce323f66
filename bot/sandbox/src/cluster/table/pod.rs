//! Pods: the word for their state is the one that people know them by.

use serde_json::{Value, json};

use super::super::time;
use super::{Column, Layout, age, int, list, name, or, string, text, wide};

pub(super) const LAYOUT: Layout = Layout {
    columns: COLUMNS,
    cells,
};

const COLUMNS: &[Column] = &[
    text("Name"),
    text("Ready"),
    text("Status"),
    text("Restarts"),
    text("Age"),
    wide("IP"),
    wide("Node"),
    wide("Nominated Node"),
    wide("Readiness Gates"),
];

/// What a row says of a Pod that has ended.
pub(super) fn conditions(pod: &Value) -> Option<Value> {
    let (reason, message) = match pod["status"]["phase"].as_str()? {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]))
}

fn cells(pod: &Value, now_ms: u64) -> Vec<Value> {
    let state = State::of(pod);
    let ip = list(pod, "/status/podIPs")
        .first()
        .map_or("<none>".to_owned(), |it| or(it, "/ip", "<none>"));
    vec![
        name(pod),
        json!(format!("{}/{}", state.ready, state.total)),
        json!(state.reason),
        json!(state.restarts_text(now_ms)),
        super::age(pod, now_ms),
        json!(ip),
        json!(or(pod, "/spec/nodeName", "<none>")),
        json!(or(pod, "/status/nominatedNodeName", "<none>")),
        json!(gates(pod)),
    ]
}

/// What the containers of a Pod add up to.
#[derive(Default)]
struct State {
    reason: String,
    ready: usize,
    total: usize,
    restarts: i64,
    last_restart_ms: u64,
}

/// The restarts of some containers, and the last of them.
#[derive(Clone, Copy, Default)]
struct Restarts {
    count: i64,
    last_ms: u64,
}

impl Restarts {
    fn add(&mut self, container: &Value) {
        self.count += int(container, "/restartCount");
        let ended = container
            .pointer("/lastState/terminated/finishedAt")
            .and_then(Value::as_str);
        self.last_ms = self.last_ms.max(ended.and_then(time::parse_rfc3339).unwrap_or(0));
    }
}

impl State {
    fn of(pod: &Value) -> Self {
        let mut state = Self {
            reason: first_reason(pod),
            total: list(pod, "/spec/containers").len() + sidecars(pod).count(),
            ..Self::default()
        };
        let (all, of_sidecars, is_starting) = state.count_init(pod);
        let is_initialized = has_condition(pod, "Initialized");
        let restarts = if !is_starting || is_initialized {
            of_sidecars
        } else {
            all
        };
        state.restarts = restarts.count;
        state.last_restart_ms = restarts.last_ms;
        if !is_starting || is_initialized {
            state.count_containers(pod, restarts);
        }
        state.end(pod);
        state
    }

    /// Init containers, up to the first that is not through; whether there is one.
    fn count_init(&mut self, pod: &Value) -> (Restarts, Restarts, bool) {
        let (mut all, mut of_sidecars) = (Restarts::default(), Restarts::default());
        for (index, container) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
            all.add(container);
            let is_sidecar = sidecars(pod).any(|it| it["name"] == container["name"]);
            if is_sidecar {
                of_sidecars.add(container);
            }
            let terminated = container.pointer("/state/terminated").filter(|it| it.is_object());
            if terminated.is_some_and(|it| int(it, "/exitCode") == 0) {
                continue;
            }
            if is_sidecar && container["started"] == true {
                self.ready += usize::from(container["ready"] == true);
                continue;
            }
            let waits = string(container, "/state/waiting/reason");
            self.reason = match terminated {
                Some(ended) => format!("Init:{}", ended_as(ended)),
                None if !waits.is_empty() && waits != "PodInitializing" => format!("Init:{waits}"),
                None => format!("Init:{index}/{}", list(pod, "/spec/initContainers").len()),
            };
            return (all, of_sidecars, true);
        }
        (all, of_sidecars, false)
    }

    fn count_containers(&mut self, pod: &Value, mut restarts: Restarts) {
        let (mut has_running, mut error) = (false, String::new());
        for container in list(pod, "/status/containerStatuses").iter().rev() {
            restarts.add(container);
            let waits = string(container, "/state/waiting/reason");
            let terminated = container.pointer("/state/terminated").filter(|it| it.is_object());
            let runs = container.pointer("/state/running").is_some_and(Value::is_object);
            if !waits.is_empty() {
                self.reason = waits;
            } else if let Some(ended) = terminated {
                self.reason = ended_as(ended);
                if int(ended, "/exitCode") != 0 {
                    error.clone_from(&self.reason);
                }
            } else if container["ready"] == true && runs {
                has_running = true;
                self.ready += 1;
            }
        }
        self.restarts = restarts.count;
        self.last_restart_ms = restarts.last_ms;
        if self.reason == "Completed" {
            if has_running && has_condition(pod, "Ready") {
                "Running".clone_into(&mut self.reason);
            } else if !error.is_empty() {
                self.reason = error;
            } else if has_running {
                "NotReady".clone_into(&mut self.reason);
            }
        }
    }

    /// A Pod on its way out is that before all else.
    fn end(&mut self, pod: &Value) {
        if pod["metadata"].get("deletionTimestamp").is_none() {
            return;
        }
        let has_ended = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
        if pod["status"]["reason"] == "NodeLost" {
            "Unknown".clone_into(&mut self.reason);
        } else if !has_ended {
            "Terminating".clone_into(&mut self.reason);
        }
    }

    fn restarts_text(&self, now_ms: u64) -> String {
        if self.restarts == 0 || self.last_restart_ms == 0 {
            return self.restarts.to_string();
        }
        let ago = age::human(i128::from(now_ms) - i128::from(self.last_restart_ms));
        format!("{} ({ago} ago)", self.restarts)
    }
}

fn first_reason(pod: &Value) -> String {
    let gated = list(pod, "/status/conditions")
        .iter()
        .any(|it| it["type"] == "PodScheduled" && it["reason"] == "SchedulingGated");
    if gated {
        return "SchedulingGated".to_owned();
    }
    or(pod, "/status/reason", &string(pod, "/status/phase"))
}

/// Init containers that go on running beside the others.
fn sidecars(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/spec/initContainers")
        .iter()
        .filter(|it| it["restartPolicy"] == "Always")
}

fn ended_as(ended: &Value) -> String {
    let reason = string(ended, "/reason");
    match int(ended, "/signal") {
        _ if !reason.is_empty() => reason,
        0 => format!("ExitCode:{}", int(ended, "/exitCode")),
        signal => format!("Signal:{signal}"),
    }
}

fn has_condition(pod: &Value, name: &str) -> bool {
    let conditions = list(pod, "/status/conditions");
    conditions
        .iter()
        .any(|it| it["type"] == name && it["status"] == "True")
}

fn gates(pod: &Value) -> String {
    let gates = list(pod, "/spec/readinessGates");
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = gates
        .iter()
        .filter(|gate| has_condition(pod, gate["conditionType"].as_str().unwrap_or_default()));
    format!("{}/{}", open.count(), gates.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::START_MS;

    const AGO_5M: &str = "2025-12-31T23:55:00Z";

    /// Ready, status and restarts of a Pod with these statuses.
    fn shown(pod: Value) -> String {
        let cells = cells(&pod, START_MS);
        let text = |index: usize| cells[index].as_str().unwrap().to_owned();
        format!("{} {} {}", text(1), text(2), text(3))
    }

    fn with(phase: &str, statuses: Value) -> Value {
        json!({
            "metadata": {"name": "web"},
            "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
            "status": {"phase": phase, "containerStatuses": statuses},
        })
    }

    #[test]
    fn a_pod_is_called_by_the_state_of_its_containers() {
        let running = json!({"name": "a", "ready": true, "restartCount": 0, "state": {"running": {}}});
        let crashing = json!({
            "name": "b", "ready": false, "restartCount": 7, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": AGO_5M}},
        });
        let done = json!({"name": "b", "restartCount": 0, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}});
        let failed = json!({"name": "b", "restartCount": 0, "state": {"terminated": {"exitCode": 3}}});
        let killed =
            json!({"name": "b", "restartCount": 0, "state": {"terminated": {"exitCode": 9, "signal": 9}}});
        assert_eq!(shown(with("Pending", json!([]))), "0/2 Pending 0");
        assert_eq!(shown(with("Running", json!([running, running]))), "2/2 Running 0");
        assert_eq!(
            shown(with("Running", json!([running, crashing]))),
            "1/2 CrashLoopBackOff 7 (5m ago)"
        );
        assert_eq!(shown(with("Succeeded", json!([done, done]))), "0/2 Completed 0");
        assert_eq!(shown(with("Running", json!([running, done]))), "1/2 NotReady 0");
        assert_eq!(shown(with("Failed", json!([done, failed]))), "0/2 ExitCode:3 0");
        assert_eq!(shown(with("Failed", json!([killed]))), "0/2 Signal:9 0");
    }

    #[test]
    fn init_containers_come_first() {
        let init = |state: Value| {
            let mut pod = with(
                "Pending",
                json!([{"name": "a", "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}}]),
            );
            pod["spec"]["initContainers"] = json!([{"name": "i"}, {"name": "j"}]);
            let first = json!({"name": "i", "restartCount": 2, "state": state});
            let second =
                json!({"name": "j", "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}});
            pod["status"]["initContainerStatuses"] = json!([first, second]);
            shown(pod)
        };
        assert_eq!(init(json!({"running": {}})), "0/2 Init:0/2 2");
        assert_eq!(init(json!({"terminated": {"exitCode": 0}})), "0/2 Init:1/2 2");
        assert_eq!(
            init(json!({"terminated": {"exitCode": 1, "reason": "Error"}})),
            "0/2 Init:Error 2"
        );
        assert_eq!(
            init(json!({"waiting": {"reason": "CrashLoopBackOff"}})),
            "0/2 Init:CrashLoopBackOff 2"
        );
    }

    #[test]
    fn what_is_deleted_or_evicted_says_so() {
        let mut pod = with("Running", json!([]));
        pod["metadata"]["deletionTimestamp"] = json!(AGO_5M);
        assert_eq!(shown(pod.clone()), "0/2 Terminating 0");
        pod["status"]["phase"] = json!("Failed");
        pod["status"]["reason"] = json!("Evicted");
        assert_eq!(shown(pod), "0/2 Evicted 0");
    }
}
