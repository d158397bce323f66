//! A change from the question to its end while something goes wrong: the cluster moves, a service fails, people click
//! at once. What is true stands on the card at the end, and nothing is done twice.

mod faults;
mod forged;
mod moved;
mod races;
mod refusals;

use std::time::Duration;

use firstmate::app::App;
use firstmate::caller::{Caller, Place};
use firstmate::play::stage::Stage;
use firstmate::remedy::approval::{Request, State};
use firstmate::store::{Find, Store};
use firstmate_kb::Lang;
use firstmate_sandbox::cluster::{Cluster, Fault};
use serde_json::{Value, json};

use crate::cards;

/// The node that is changed.
const NODE: &str = "node-3";
/// For how long a request is held, by the clock: too short for any deadline.
const HELD: u64 = 10;

/// The bot, a chat, a cluster of three nodes, and a second pair of eyes on the store.
struct Flow {
    stage: Stage,
    cluster: Cluster,
    store: Store,
}

/// Somebody whose wish goes to the bot without a button.
fn caller(app: &App, name: &str, roles: Vec<u64>) -> Caller {
    Caller {
        id: app.config.people[name].id,
        name: name.to_owned(),
        locale: Lang::Zh,
        traditional: false,
        roles,
        place: Place {
            guild: Some(1),
            channel: 1,
            parent: None,
        },
        alone: false,
    }
}

impl Flow {
    async fn new(config: &str) -> Self {
        let local = crate::harness::local();
        let clock = local.clock.clone();
        let start = move || crate::harness::cluster("healthy", None, clock);
        let cluster = tokio::task::spawn_blocking(start).await.unwrap();
        let config = format!("[channels.ops]\nlanguage = \"en\"\n{config}");
        let mut stage = crate::harness::unready(local, &config).await;
        stage.stand_on(std::sync::Arc::new(cluster.clone()));
        stage.start_bot().await.unwrap();
        let url = stage.app().unwrap().config.store.url.reveal().to_owned();
        Self {
            stage,
            cluster,
            store: Store::open_existing(&url).await.unwrap(),
        }
    }

    /// Plays lines of a transcript.
    async fn play(&mut self, lines: &str) -> String {
        crate::harness::play(&mut self.stage, lines).await
    }

    /// olga asks for a cordon.
    async fn ask(&mut self) -> i64 {
        let said = self
            .play("olga: /node cordon node:node-3 reason:\"disk is failing\"")
            .await;
        let log = self.stage.warnings();
        assert!(said.contains("waits for approval"), "{said}\n{log:#?}");
        self.newest().await.id
    }

    /// ming or another presses Approve, and all comes to rest.
    async fn approve(&self, person: &str, id: i64) {
        self.click(person, id).await;
        self.rest().await;
    }

    /// The same without waiting.
    async fn click(&self, person: &str, id: i64) {
        cards::press(&self.stage.discord, person, id, "approve")
            .await
            .unwrap();
    }

    async fn rest(&self) {
        self.stage.quiet().await.unwrap();
    }

    async fn newest(&self) -> Request {
        self.store.find(&Find::default()).await.unwrap().remove(0)
    }

    async fn request(&self, id: i64) -> Request {
        self.store.request(id).await.unwrap().unwrap()
    }

    async fn state(&self, id: i64) -> State {
        self.request(id).await.state
    }

    fn writes(&self) -> usize {
        cards::writes(&self.cluster)
    }

    fn patch(&self, object: &str, patch: Value) {
        self.cluster.patch(object, patch).unwrap();
    }

    fn cordon(&self, node: &str, is_cordoned: bool) {
        self.patch(
            &format!("node/{node}"),
            json!({"spec": {"unschedulable": is_cordoned}}),
        );
    }

    /// Whatever is asked about nodes is held from now on, until the clock is moved.
    fn hold(&self) {
        self.cluster.fault(Fault::Slow {
            ms: HELD,
            resource: Some("nodes".to_owned()),
            requests: None,
        });
    }

    /// Lets one request after the other through, and stops where the row says that the next is the one that is meant.
    async fn halt(&self, id: i64, is_next: impl Fn(&Request) -> bool) {
        let asked = |it: &Self| {
            it.cluster
                .requests()
                .iter()
                .filter(|line| line.path.contains("/nodes"))
                .count()
        };
        loop {
            self.until("a request is held", async |it| it.cluster.held() > 0)
                .await;
            if is_next(&self.request(id).await) {
                return;
            }
            let before = asked(self);
            self.stage.advance(HELD);
            self.until("it was answered", async |it| asked(it) > before).await;
        }
    }

    /// Stops before the plan is read for the last time.
    async fn before_call(&self, id: i64) {
        let is_next = |request: &Request| request.state == State::Executing && request.call.is_none();
        self.halt(id, is_next).await;
    }

    /// Stops where the call has left and has not arrived.
    async fn on_its_way(&self, id: i64) {
        self.halt(id, |request| request.call.is_some()).await;
    }

    /// Lets all through that is held.
    async fn go_on(&self) {
        self.cluster.fault(Fault::Off);
        self.stage.advance(HELD);
        self.rest().await;
    }

    /// In real time, as the network is.
    async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) {
        let waiting = async {
            while !is_so(self).await {
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(60), waiting).await;
        assert!(ended.is_ok(), "never: {what}");
    }

    /// Whatever happened, at the end it is true.
    async fn is_true(&self) {
        self.rest().await;
        cards::all_true(&self.stage.discord, &self.cluster, &self.store).await;
    }

    async fn close(self) {
        self.is_true().await;
        crate::harness::close(self.stage).await;
    }
}
