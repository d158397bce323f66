//! One container of a Pod on a hollow kubelet: pulled, created, started, ready, ended and started again, with
//! the waits in between.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::habits::{Exit, Habit, Habits, digest};
use crate::cluster::engine::amount::go_duration;
use crate::cluster::engine::control::about;
use crate::cluster::engine::object::{items, name, namespace, text, time, uid};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::World;
use crate::cluster::time::rfc3339;

/// The first wait of a back-off and the longest.
const BACK_OFF: u64 = 10_000;
const LONGEST_BACK_OFF: u64 = 300_000;
/// A back-off that was not used for so long starts anew.
const BACK_OFF_FORGOTTEN: u64 = 600_000;

/// What happens to a container next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Next {
    /// Look for the image.
    Pull,
    /// The pull ends.
    Pulled,
    /// Say that the pull is waiting, and pull if it has waited long enough.
    PullAgain,
    /// Create and start it.
    Start,
    /// Its readiness probe runs.
    Probe,
    /// It ends by itself.
    Exit,
    /// Say that the start is waiting, and start if it has waited long enough.
    StartAgain,
}

/// A container and its state.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) spec: Value,
    pub(crate) habit: Habit,
    pub(crate) is_init: bool,
    pub(crate) state: Value,
    pub(crate) last_state: Value,
    pub(crate) ready: bool,
    pub(crate) started: bool,
    pub(crate) restarts: i64,
    id: String,
    image_id: String,
    next: Vec<(u64, Next)>,
    /// The wait before the next start, and when it was last lengthened.
    back_off: Option<(u64, u64)>,
    /// The wait before the next pull, when it began, and why the last one failed.
    pull_back_off: Option<(u64, u64, String)>,
    pull_takes: u64,
}

/// Where a container is: its Pod, its node, and what it may use.
pub(crate) struct Place<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) node: &'a str,
    pub(crate) pod: &'a Value,
    pub(crate) habits: &'a Habits,
    pub(crate) images: &'a mut BTreeSet<String>,
}

impl Container {
    pub(crate) fn new(spec: &Value, habit: Habit, is_init: bool, waits_for: &str) -> Self {
        Self {
            spec: spec.clone(),
            habit,
            is_init,
            state: json!({"waiting": {"reason": waits_for}}),
            last_state: json!({}),
            ready: false,
            started: false,
            restarts: 0,
            id: String::new(),
            image_id: String::new(),
            next: Vec::new(),
            back_off: None,
            pull_back_off: None,
            pull_takes: 0,
        }
    }

    /// A container as the status of its Pod shows it, for a kubelet that finds it there.
    pub(crate) fn adopt(spec: &Value, habit: Habit, is_init: bool, status: &Value, now: u64) -> Self {
        let mut container = Self::new(spec, habit, is_init, "ContainerCreating");
        container.state = status["state"].clone();
        container.last_state = status["lastState"].clone();
        container.ready = status["ready"] == true;
        container.started = status["started"] == true;
        container.restarts = status["restartCount"].as_i64().unwrap_or_default();
        text(&status["containerID"]).clone_into(&mut container.id);
        text(&status["imageID"]).clone_into(&mut container.image_id);
        // What waits for something to be mended is left as it is.
        let reason = text(&status["state"]["waiting"]["reason"]);
        if matches!(reason, "ContainerCreating" | "PodInitializing") {
            container.then(now, 1000, Next::Pull);
        }
        container
    }

    pub(crate) fn name(&self) -> &str {
        text(&self.spec["name"])
    }

    fn image(&self) -> &str {
        text(&self.spec["image"])
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state["running"].is_object()
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.state["waiting"].is_object()
    }

    /// Whether it ended well.
    pub(crate) fn is_done(&self) -> bool {
        self.state["terminated"]["exitCode"] == 0
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.state["terminated"].is_object()
    }

    /// When something happens to it next.
    pub(crate) fn next_at(&self) -> Option<u64> {
        self.next.first().map(|(at, _)| *at)
    }

    pub(crate) fn then(&mut self, now: u64, after: u64, what: Next) {
        self.next.push((now + after, what));
        self.next.sort_unstable();
    }

    /// Nothing more happens to it by itself.
    pub(crate) fn hold(&mut self) {
        self.next.clear();
    }

    /// Does what is due. Says whether anything was.
    pub(crate) fn run(&mut self, place: &mut Place<'_>) -> anyhow::Result<bool> {
        let mut moved = false;
        while self.next.first().is_some_and(|(at, _)| *at <= place.world.now) {
            let (_, what) = self.next.remove(0);
            moved = true;
            match what {
                Next::Pull => self.pull(place)?,
                Next::Pulled => self.pulled(place)?,
                Next::PullAgain => self.pull_again(place)?,
                Next::Start => self.start(place)?,
                Next::Probe => self.probe(place)?,
                Next::Exit => self.exit(place)?,
                Next::StartAgain => self.start_again(place)?,
            }
        }
        Ok(moved)
    }

    fn pull(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        let (now, image) = (place.world.now, self.image().to_owned());
        if self.spec["imagePullPolicy"] != "Always" && place.images.contains(&image) {
            let message = format!(
                "Container image {image:?} already present on machine and can be accessed by the pod"
            );
            self.tell(place, "Pulled", false, message)?;
            self.then(now, 70, Next::Start);
            return Ok(());
        }
        self.tell(place, "Pulling", false, format!("Pulling image {image:?}"))?;
        let (takes, _) = place.habits.pull(&image, place.world.dice);
        let spread = place
            .world
            .dice
            .between(0, takes / 4, &["pull", uid(place.pod), &now.to_string()]);
        self.pull_takes = takes + spread;
        self.then(now, self.pull_takes, Next::Pulled);
        Ok(())
    }

    fn pulled(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        let (now, image) = (place.world.now, self.image().to_owned());
        if let (_, Some(error)) = place.habits.pull(&image, place.world.dice) {
            return self.pull_failed(place, error);
        }
        let took = go_duration(self.pull_takes);
        let size = place.habits.size(&image, place.world.dice);
        let message = format!(
            "Successfully pulled image {image:?} in {took} ({took} including waiting). Image size: {size} bytes."
        );
        place.images.insert(image);
        self.pull_back_off = None;
        self.tell(place, "Pulled", false, message)?;
        self.then(now, 60, Next::Start);
        Ok(())
    }

    fn pull_failed(&mut self, place: &mut Place<'_>, error: String) -> anyhow::Result<()> {
        let (now, image) = (place.world.now, self.image().to_owned());
        self.tell(
            place,
            "Failed",
            true,
            format!("Failed to pull image {image:?}: {error}"),
        )?;
        self.tell(place, "Failed", true, "Error: ErrImagePull".to_owned())?;
        self.state = json!({"waiting": {"reason": "ErrImagePull", "message": error}});
        let known = self
            .pull_back_off
            .as_ref()
            .filter(|(_, since, _)| now - since <= BACK_OFF_FORGOTTEN);
        let wait = known.map_or(BACK_OFF, |(wait, ..)| longer(*wait));
        self.pull_back_off = Some((wait, now, error));
        self.then(now, 1500, Next::PullAgain);
        Ok(())
    }

    fn pull_again(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        let (now, image) = (place.world.now, self.image().to_owned());
        let Some((wait, since, error)) = self.pull_back_off.clone() else {
            return self.pull(place);
        };
        if now >= since + wait {
            return self.pull(place);
        }
        let message = format!("Back-off pulling image {image:?}");
        let shown = format!("{message}: ErrImagePull: {error}");
        self.state = json!({"waiting": {"reason": "ImagePullBackOff", "message": shown}});
        self.tell(place, "BackOff", false, message)?;
        self.tell(place, "Failed", true, "Error: ImagePullBackOff".to_owned())?;
        self.then(now, self.resync(place, since + wait), Next::PullAgain);
        Ok(())
    }

    /// How long until the kubelet looks at this Pod again by itself, and not later than `until`.
    fn resync(&self, place: &Place<'_>, until: u64) -> u64 {
        let now = place.world.now;
        let parts = ["resync", uid(place.pod), self.name(), &now.to_string()];
        let usual = place.world.dice.between(66_000, 92_000, &parts);
        usual.min(until.saturating_sub(now)).max(1000)
    }

    fn start(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        let now = place.world.now;
        let dice = place.world.dice;
        if self.is_ended() {
            self.last_state = std::mem::take(&mut self.state);
            self.restarts += 1;
        }
        let parts = ["container", uid(place.pod), self.name(), &now.to_string()];
        self.id = format!("containerd://{}", dice.hex(64, &parts));
        self.image_id = digest(self.image(), dice);
        self.state = json!({"running": {"startedAt": rfc3339(now)}});
        self.started = true;
        self.tell(place, "Created", false, "Container created".to_owned())?;
        self.tell(place, "Started", false, "Container started".to_owned())?;
        tell_of_proxy(place)?;
        self.ready = self.is_init || self.spec["readinessProbe"].is_null();
        if !self.ready {
            let delay = self.spec["readinessProbe"]["initialDelaySeconds"]
                .as_u64()
                .unwrap_or_default()
                * 1000;
            let usual = dice.between(1000, 4000, &["ready", uid(place.pod), self.name()]);
            self.then(
                now,
                delay + self.habit.ready.map_or(usual, |span| span.0),
                Next::Probe,
            );
        }
        if let Some(exit) = &self.habit.exit {
            let after = exit.after.0;
            let parts = ["exit", uid(place.pod), self.name(), &self.restarts.to_string()];
            let spread = dice.between(0, after / 5, &parts);
            self.then(now, (after - after / 10 + spread).max(100), Next::Exit);
        } else if self.is_init {
            self.then(now, 1800, Next::Exit);
        }
        Ok(())
    }

    fn probe(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        if !self.is_running() {
            return Ok(());
        }
        let Some(answer) = self.habit.unready.clone() else {
            self.ready = true;
            return Ok(());
        };
        self.ready = false;
        self.tell(
            place,
            "Unhealthy",
            true,
            format!("Readiness probe failed: {answer}"),
        )?;
        let period = self.spec["readinessProbe"]["periodSeconds"]
            .as_u64()
            .unwrap_or(10)
            * 1000;
        self.then(place.world.now, period, Next::Probe);
        Ok(())
    }

    fn exit(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        let exit = self.habit.exit.clone().unwrap_or_default();
        if let Some(answer) = &exit.liveness {
            for _ in 0..3 {
                self.tell(
                    place,
                    "Unhealthy",
                    true,
                    format!("Liveness probe failed: {answer}"),
                )?;
            }
            let message = format!(
                "Container {} failed liveness probe, will be restarted",
                self.name()
            );
            self.tell(place, "Killing", false, message)?;
        }
        self.end(place, &exit);
        Ok(())
    }

    /// The container has ended: what the runtime says about it, and whether it is started again.
    pub(crate) fn end(&mut self, place: &Place<'_>, exit: &Exit) {
        let now = place.world.now;
        self.terminate(now, exit.code, exit.reason());
        self.hold();
        let again = match text(&place.pod["spec"]["restartPolicy"]) {
            _ if self.is_init => exit.code != 0,
            "Never" => false,
            "OnFailure" => exit.code != 0,
            _ => true,
        };
        if !again {
            return;
        }
        let known = self
            .back_off
            .filter(|(_, lengthened)| now - lengthened <= BACK_OFF_FORGOTTEN);
        if known.is_some() {
            self.then(now, 500, Next::StartAgain);
        } else {
            self.back_off = Some((BACK_OFF, now));
            self.then(now, 1000, Next::Pull);
        }
    }

    fn start_again(&mut self, place: &mut Place<'_>) -> anyhow::Result<()> {
        let now = place.world.now;
        let (wait, _) = self.back_off.unwrap_or((BACK_OFF, now));
        let ended = if self.is_ended() {
            &self.state
        } else {
            &self.last_state
        };
        let until = time(&ended["terminated"]["finishedAt"]).unwrap_or(now) + wait;
        if now >= until {
            self.back_off = Some((longer(wait), now));
            self.become_ended();
            return self.pull(place);
        }
        if self.is_ended() {
            self.last_state = std::mem::take(&mut self.state);
        }
        let whose = format!("{}_{}({})", name(place.pod), namespace(place.pod), uid(place.pod));
        let waits = go_duration(wait);
        let message = format!(
            "back-off {waits} restarting failed container={} pod={whose}",
            self.name()
        );
        self.state = json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}});
        let message = format!(
            "Back-off restarting failed container {} in pod {whose}",
            self.name()
        );
        self.tell(place, "BackOff", true, message)?;
        self.then(now, self.resync(place, until), Next::StartAgain);
        Ok(())
    }

    /// Takes the last end back as the present state, so that a start counts as one more.
    fn become_ended(&mut self) {
        if self.is_waiting() && self.last_state["terminated"].is_object() {
            self.state = std::mem::replace(&mut self.last_state, json!({}));
        }
    }

    fn terminate(&mut self, now: u64, code: i64, reason: &str) {
        let started = self.state["running"]["startedAt"].clone();
        let started = if started.is_null() {
            json!(rfc3339(now))
        } else {
            started
        };
        self.state = json!({"terminated": {
            "containerID": self.id,
            "exitCode": code,
            "reason": reason,
            "startedAt": started,
            "finishedAt": rfc3339(now),
        }});
        self.ready = false;
        self.started = false;
    }

    /// The machine went down under the container. It will be started in a new sandbox.
    pub(crate) fn lose(&mut self, now: u64, wait: u64) {
        if self.is_running() {
            self.terminate(now, 255, "Unknown");
        }
        self.become_ended();
        self.hold();
        self.ready = false;
        self.then(now, wait, Next::Pull);
    }

    /// The kubelet ends the container for a reason of its own.
    pub(crate) fn kill(&mut self, now: u64, code: i64) {
        self.hold();
        if self.is_running() {
            let reason = if code == 0 { "Completed" } else { "Error" };
            self.terminate(now, code, reason);
        }
    }

    /// Tells something about the container.
    pub(crate) fn tell(
        &self,
        place: &mut Place<'_>,
        reason: &'static str,
        warning: bool,
        message: String,
    ) -> anyhow::Result<()> {
        let kind = if self.is_init {
            "initContainers"
        } else {
            "containers"
        };
        let mut about = about(place.pod);
        about["fieldPath"] = json!(format!("spec.{kind}{{{}}}", self.name()));
        let from = Source::Kubelet(place.node.to_owned());
        place.world.tell(Note {
            about,
            warning,
            reason,
            message,
            from,
        })
    }

    /// What the status of the Pod says about it.
    pub(crate) fn status(&self) -> Value {
        let resources = &self.spec["resources"];
        let mut status = json!({
            "name": self.name(),
            "state": self.state,
            "lastState": self.last_state,
            "ready": self.ready,
            "restartCount": self.restarts,
            "image": self.image(),
            "imageID": self.image_id,
            "started": self.started,
        });
        if !self.id.is_empty() {
            status["containerID"] = json!(self.id);
            status["resources"] = resources.clone();
            status["user"] = json!({"linux": {"uid": 0, "gid": 0, "supplementalGroups": [0]}});
            if resources["requests"].is_object() {
                status["allocatedResources"] = resources["requests"].clone();
            }
        }
        status["volumeMounts"] = items(&self.spec["volumeMounts"]).iter().map(mount).collect();
        status
    }
}

fn mount(mount: &Value) -> Value {
    let mut shown = json!({"name": mount["name"], "mountPath": mount["mountPath"]});
    if mount["readOnly"] == true {
        shown["readOnly"] = json!(true);
        shown["recursiveReadOnly"] = json!("Disabled");
    }
    shown
}

fn longer(wait: u64) -> u64 {
    (wait * 2).min(LONGEST_BACK_OFF)
}

/// kube-proxy tells of its start about its node, without words.
fn tell_of_proxy(place: &mut Place<'_>) -> anyhow::Result<()> {
    if place.pod["metadata"]["labels"]["k8s-app"] != "kube-proxy" {
        return Ok(());
    }
    let about = json!({"apiVersion": "v1", "kind": "Node", "name": place.node});
    let from = Source::Newer(
        "kube-proxy",
        format!("kube-proxy-{}", place.node),
        "StartKubeProxy",
    );
    place.world.tell(Note {
        about,
        warning: false,
        reason: "Starting",
        message: String::new(),
        from,
    })
}
