//! The engine as the local cluster runs it, and what its kubelets answer when the API server asks them.

use std::path::Path;
use std::sync::Arc;

use super::dice::Dice;
use super::hollow::{self, Habits};
use super::object::{condition, text};
use super::scenario::Scenario;
use super::{Engine, SEED};
use crate::cluster::api::{Api as _, kinds};
use crate::cluster::machinery::{self, KubeletAnswer, Kubelets, LogLine, LogOf};
use crate::cluster::problem::Problem;
use crate::cluster::store::Handle;

/// An engine on the local store, with what its kubelets know.
pub(crate) struct Local {
    engine: Engine,
    answers: Arc<Answers>,
}

/// Which scenario, and how it is varied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<'a> {
    /// The name of one that comes with the program.
    pub(crate) name: &'a str,
    /// A file with another one.
    pub(crate) file: Option<&'a Path>,
    pub(crate) seed: Option<u64>,
}

impl Local {
    /// The scenario, loaded into an empty store. `furnish` puts in what every cluster has, at the time when
    /// this one came to be.
    pub(crate) fn start(
        store: &Handle,
        choice: Choice<'_>,
        furnish: impl FnOnce(&Handle) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let scenario = match choice.file {
            Some(file) => Scenario::load(file, choice.seed)?,
            None => Scenario::named(choice.name, choice.seed)?,
        };
        let now = store.time();
        store.set_time(now.saturating_sub(scenario.built));
        furnish(store)?;
        let answers = Answers {
            store: store.clone(),
            habits: scenario.habits.clone(),
            dice: Dice::new(choice.seed.unwrap_or(SEED)),
        };
        let engine = Engine::new(Box::new(store.clone()), scenario, choice.seed, now)?;
        Ok(Self {
            engine,
            answers: Arc::new(answers),
        })
    }
}

impl machinery::Engine for Local {
    fn run_to(&mut self, _store: &Handle, now_ms: u64) {
        if let Err(error) = self.engine.run_to(now_ms) {
            tracing::error!("the local cluster stands still: {error:#}");
        }
    }

    fn kubelets(&self) -> Arc<dyn Kubelets> {
        let answers: Arc<dyn Kubelets> = self.answers.clone();
        answers
    }
}

struct Answers {
    store: Handle,
    habits: Habits,
    dice: Dice,
}

impl Answers {
    /// Whether nothing is heard of a node, so that nothing can be asked of it either.
    fn is_silent(&self, node: &str) -> bool {
        let found = self.store.get(kinds::NODES, "", node).ok().flatten();
        let ready = found.and_then(|node| condition(&node, "Ready").map(|ready| ready["status"].clone()));
        ready.is_none_or(|status| status == "Unknown")
    }
}

impl Kubelets for Answers {
    fn log(&self, of: &LogOf) -> Result<Vec<LogLine>, Problem> {
        let pod = self.store.get(kinds::PODS, &of.namespace, &of.pod).ok().flatten();
        let pod = pod.ok_or_else(|| Problem::not_found(kinds::PODS, &of.pod))?;
        let node = text(&pod["spec"]["nodeName"]);
        if self.is_silent(node) {
            let host = format!("{}:10250", text(&pod["status"]["hostIP"]));
            let path = format!("containerLogs/{}/{}/{}", of.namespace, of.pod, of.container);
            let why = format!("Get \"https://{host}/{path}\": dial tcp {host}: connect: no route to host");
            return Err(Problem::new(500, "", why));
        }
        let now = self.store.time();
        let lines = hollow::lines(&pod, &of.container, of.previous, now, (&self.habits, self.dice));
        let lines = lines.map_err(|why| Problem::bad_request(&why))?;
        Ok(lines
            .into_iter()
            .map(|line| LogLine {
                at_ms: line.at,
                text: line.text,
            })
            .collect())
    }

    fn get(&self, node: &str, path: &str, _query: &str) -> KubeletAnswer {
        if self.is_silent(node) {
            let why =
                format!("error trying to reach service: dial tcp: {node}:10250: connect: connection refused");
            return answer(503, why);
        }
        match path {
            "/healthz" => answer(200, "ok".to_owned()),
            _ => answer(404, "404 page not found\n".to_owned()),
        }
    }
}

fn answer(status: u16, body: String) -> KubeletAnswer {
    KubeletAnswer {
        status,
        content_type: "text/plain; charset=utf-8",
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::machinery::Engine as _;
    use crate::{Clock, START_MS};

    fn local() -> (Handle, Local) {
        let store = Handle::new(Clock::manual(START_MS), 1);
        let choice = Choice {
            name: "first-run",
            file: None,
            seed: None,
        };
        let mut local = Local::start(&store, choice, crate::cluster::furnish).unwrap();
        local.run_to(&store, START_MS);
        store.follow_clock();
        (store, local)
    }

    fn ask(local: &Local, pod: &str, previous: bool) -> Result<Vec<LogLine>, Problem> {
        let container = pod.split('-').next().unwrap_or_default().to_owned();
        let of = LogOf {
            namespace: "shop".to_owned(),
            pod: pod.to_owned(),
            container,
            previous,
        };
        local.kubelets().log(&of)
    }

    #[test]
    fn kubelets_answer_for_logs_as_long_as_their_nodes_are_heard_of() {
        let (store, local) = local();
        let pods = store.list(kinds::PODS).unwrap();
        let named = |start: &str| {
            let mut names = pods.iter().map(|pod| text(&pod["metadata"]["name"]));
            names.find(|name| name.starts_with(start)).unwrap().to_owned()
        };
        let lines = ask(&local, &named("recommend"), true).unwrap();
        assert!(
            lines.iter().any(|line| line.text.contains("\u{1b}[3")),
            "{lines:?}"
        );
        let broken = pods
            .iter()
            .find(|pod| pod["status"]["phase"] == "Pending")
            .unwrap();
        let refused = ask(&local, text(&broken["metadata"]["name"]), false).unwrap_err();
        assert!(
            refused.message.contains("trying and failing to pull image"),
            "{refused:?}"
        );
        let orders = named("orders");
        let node = store.get(kinds::PODS, "shop", &orders).unwrap().unwrap();
        let node = text(&node["spec"]["nodeName"]).to_owned();
        assert_eq!(local.kubelets().get(&node, "/healthz", "").body, "ok");
        let silent = serde_json::json!({"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}});
        store.patch(kinds::NODES, "", &node, "status", &silent).unwrap();
        assert_eq!(ask(&local, &orders, false).unwrap_err().code, 500);
        assert_eq!(local.kubelets().get(&node, "/healthz", "").status, 503);
    }
}
