//! The engine as the local cluster runs it, and what its kubelets answer when the API server asks them.

use std::path::Path;
use std::sync::Arc;

use super::dice::Dice;
use super::hollow::{self, Habits};
use super::object::condition;
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

impl Kubelets for Answers {
    fn log(&self, of: &LogOf) -> Result<Vec<LogLine>, Problem> {
        let pod = self.store.get(kinds::PODS, &of.namespace, &of.pod).ok().flatten();
        let pod = pod.ok_or_else(|| Problem::not_found(kinds::PODS, &of.pod))?;
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
        let found = self.store.get(kinds::NODES, "", node).ok().flatten();
        let silent = found
            .is_none_or(|node| condition(&node, "Ready").is_none_or(|ready| ready["status"] == "Unknown"));
        if silent {
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
