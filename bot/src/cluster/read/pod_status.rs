//! The words of `kubectl get pods`, STATUS, READY and RESTARTS, as the API server's own table has them.
//!
//! The facts that they depend on are few, so that both a whole Pod and a slim one can be read.

use crate::clock::Millis;
use crate::cluster::snapshot::pod::Verdict;

/// How long a Pod may take to start, or to go, before that counts as trouble.
const PATIENCE: Millis = 60_000;

/// For how long after a restart a Pod that runs again still counts as unhealthy.
pub const RESTART_MEMORY: Millis = 10 * 60_000;

/// What is known of a Pod, as far as its state depends on it.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// `status.phase`.
    pub phase: &'a str,
    /// `status.reason`.
    pub reason: &'a str,
    /// True if a scheduling gate holds it back.
    pub gated: bool,
    /// True if the scheduler said that it fits nowhere.
    pub unschedulable: bool,
    /// True if the condition `Initialized` is true.
    pub initialized: bool,
    /// What the condition `Ready` says, if it is there.
    pub ready: Option<bool>,
    /// Since when it says so.
    pub ready_since: Option<Millis>,
    /// When its object was made.
    pub created: Option<Millis>,
    /// When it is to be gone, if it was deleted.
    pub deleted: Option<Millis>,
    /// True if it was deleted, whether or not the time could be read.
    pub is_deleted: bool,
    /// How many init containers the spec has.
    pub init_containers: usize,
    /// How many containers and sidecars the spec has.
    pub containers: usize,
    /// The states of the init containers.
    pub init: Vec<ContainerFacts<'a>>,
    /// The states of the containers.
    pub app: Vec<ContainerFacts<'a>>,
}

/// What is known of one container.
#[derive(Clone, Copy, Debug, Default)]
pub struct ContainerFacts<'a> {
    /// True for an init container that goes on running.
    pub is_sidecar: bool,
    /// Whether its readiness probe, if any, passed.
    pub ready: bool,
    /// Whether its startup probe, if any, passed.
    pub started: bool,
    /// How often it was restarted.
    pub restarts: i64,
    /// True if it runs.
    pub running: bool,
    /// Why it waits, if it does.
    pub waiting: Option<&'a str>,
    /// How it ended, if it did.
    pub ended: Option<Ended<'a>>,
    /// When it ended the last time before this.
    pub last_finished: Option<Millis>,
}

/// How a container ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ended<'a> {
    /// In one word; may be empty.
    pub reason: &'a str,
    /// The exit code.
    pub code: i32,
    /// The signal, or 0.
    pub signal: i32,
}

/// The words of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// STATUS.
    pub status: String,
    /// READY, the first figure.
    pub ready: usize,
    /// READY, the second figure.
    pub total: usize,
    /// RESTARTS.
    pub restarts: i64,
    /// When it was last restarted.
    pub last_restart: Option<Millis>,
}

impl Printed {
    /// The words for these facts.
    pub fn of(facts: &Facts<'_>) -> Self {
        let phase = if facts.reason.is_empty() {
            facts.phase
        } else {
            facts.reason
        };
        let mut printed = Self {
            status: if facts.gated { "SchedulingGated" } else { phase }.to_owned(),
            total: facts.containers,
            ..Self::default()
        };
        let sidecars = printed.init(facts);
        if sidecars.is_initialized || facts.initialized {
            printed.restarts = sidecars.restarts;
            printed.last_restart = sidecars.last_restart;
            printed.app(facts);
        }
        if facts.is_deleted && facts.reason == "NodeLost" {
            "Unknown".clone_into(&mut printed.status);
        } else if facts.is_deleted && !matches!(facts.phase, "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut printed.status);
        }
        printed
    }

    /// Goes through the init containers up to the first that is not done.
    fn init(&mut self, facts: &Facts<'_>) -> Sidecars {
        let mut sidecars = Sidecars::default();
        for (at, container) in facts.init.iter().enumerate() {
            self.restarts = self.restarts.saturating_add(container.restarts);
            self.last_restart = self.last_restart.max(container.last_finished);
            if container.is_sidecar {
                sidecars.restarts = sidecars.restarts.saturating_add(container.restarts);
                sidecars.last_restart = sidecars.last_restart.max(container.last_finished);
            }
            match (container.ended, container.waiting) {
                (Some(ended), _) if ended.code == 0 => continue,
                _ if container.is_sidecar && container.started => {
                    self.ready += usize::from(container.ready);
                    continue;
                }
                (Some(ended), _) => self.status = format!("Init:{}", ended.word()),
                (None, Some(reason)) if !reason.is_empty() && reason != "PodInitializing" => {
                    self.status = format!("Init:{reason}");
                }
                _ => self.status = format!("Init:{at}/{}", facts.init_containers),
            }
            return sidecars;
        }
        sidecars.is_initialized = true;
        sidecars
    }

    /// Goes through the containers from the last to the first, whose word wins.
    fn app(&mut self, facts: &Facts<'_>) {
        let mut has_running = false;
        let mut error = None;
        for container in facts.app.iter().rev() {
            self.restarts = self.restarts.saturating_add(container.restarts);
            self.last_restart = self.last_restart.max(container.last_finished);
            match (container.waiting, container.ended) {
                (Some(reason), _) if !reason.is_empty() => reason.clone_into(&mut self.status),
                (_, Some(ended)) => {
                    self.status = ended.word();
                    if ended.code != 0 {
                        error = Some(self.status.clone());
                    }
                }
                _ if container.ready && container.running => {
                    has_running = true;
                    self.ready += 1;
                }
                _ => {}
            }
        }
        if self.status == "Completed" {
            self.status = match error {
                _ if has_running && facts.ready == Some(true) => "Running".to_owned(),
                Some(error) => error,
                None if has_running => "NotReady".to_owned(),
                None => return,
            };
        }
    }
}

/// What the init containers that go on running add to the figures.
#[derive(Default)]
struct Sidecars {
    restarts: i64,
    last_restart: Option<Millis>,
    /// True if no init container is still at work.
    is_initialized: bool,
}

impl Ended<'_> {
    /// How it ended, in one word.
    pub fn word(&self) -> String {
        if !self.reason.is_empty() {
            self.reason.to_owned()
        } else if self.signal != 0 {
            format!("Signal:{}", self.signal)
        } else {
            format!("ExitCode:{}", self.code)
        }
    }
}

/// Whether a Pod with these facts is ready to serve, and not about to go.
pub fn is_ready(facts: &Facts<'_>, printed: &Printed) -> bool {
    let all_ready = printed.total > 0 && printed.ready >= printed.total;
    !facts.is_deleted && facts.phase == "Running" && facts.ready.unwrap_or(all_ready)
}

/// Whether a Pod with these facts is unhealthy; see [`Verdict`] for the rules.
pub fn verdict(facts: &Facts<'_>, printed: &Printed) -> Verdict {
    if facts.is_deleted {
        return match facts.deleted {
            _ if facts.reason == "NodeLost" => Verdict::Unhealthy,
            None => Verdict::Unhealthy,
            Some(due) => Verdict::UnhealthyFrom(due.saturating_add(PATIENCE)),
        };
    }
    match facts.phase {
        "Succeeded" => return Verdict::Fine,
        "Pending" | "Running" => {}
        _ => return Verdict::Unhealthy,
    }
    let mut containers = facts.init.iter().chain(&facts.app);
    if facts.unschedulable || containers.any(|container| container.is_stuck()) {
        return Verdict::Unhealthy;
    }
    if !is_ready(facts, printed) {
        let since = facts.ready_since.or(facts.created);
        return since.map_or(Verdict::Unhealthy, |since| {
            Verdict::UnhealthyFrom(since.saturating_add(PATIENCE))
        });
    }
    let is_restarted = printed.restarts > 0;
    let last_restart = printed.last_restart.filter(|_| is_restarted);
    last_restart.map_or(Verdict::Fine, |last| {
        Verdict::UnhealthyUntil(last.saturating_add(RESTART_MEMORY))
    })
}

impl ContainerFacts<'_> {
    /// True if it waits for anything but its turn, or ended in an error.
    fn is_stuck(&self) -> bool {
        let waits = self
            .waiting
            .is_some_and(|reason| !matches!(reason, "" | "ContainerCreating" | "PodInitializing"));
        waits || self.ended.is_some_and(|ended| ended.code != 0)
    }
}
