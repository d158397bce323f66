//! The real program, killed behind every write and at random moments, started again and clicked on again: what the
//! audit says was executed is what the API server saw, once each, and the card says what is true.

use std::cell::RefCell;
use std::process::{Command, Stdio};
use std::time::Duration;

use firstmate::remedy::approval::{Request, State};
use firstmate::remedy::crash::Point;
use firstmate::store::{Find, Store, StoreError};
use firstmate::work::Stopwatch;
use firstmate_sandbox::Clock;
use firstmate_sandbox::cluster::Cluster;
use firstmate_sandbox::discord::{Discord, Invoke, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::databases::{self, Database};
use crate::{Running, cards};

/// The node that is changed.
const NODE: &str = "node-3";
/// Long enough for any request here, and long enough for the one that is to expire.
const EXPIRES: [u64; 2] = [3600, 30];
/// How many random kills there are on each database; in the long run.
const KILLS: [usize; 2] = [5, 100];

/// A chat, a cluster, a database, and the program between them.
struct World {
    discord: Discord,
    cluster: Cluster,
    database: Database,
    /// A second pair of eyes on the database.
    store: Option<Store>,
    folder: TempDir,
    expires: u64,
    bot: RefCell<Option<Running>>,
    /// So many worlds are enough for one machine.
    _one_of_few: SemaphorePermit<'static>,
}

impl World {
    async fn new(database: Database) -> Self {
        static FEW: Semaphore = Semaphore::const_new(2);
        let one_of_few = FEW.acquire().await.unwrap();
        let start = || crate::harness::cluster("healthy", None, Clock::system());
        let cluster = tokio::task::spawn_blocking(start).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kubeconfig"), cluster.kubeconfig("firstmate")).unwrap();
        let mut world = Self {
            discord: Discord::start(Settings::default()).await.unwrap(),
            cluster,
            database,
            store: None,
            folder,
            expires: EXPIRES[0],
            bot: RefCell::default(),
            _one_of_few: one_of_few,
        };
        world.start().await;
        world.store = Some(Store::open_existing(&world.database.url).await.unwrap());
        world
    }

    /// Starts the program.
    async fn start(&self) {
        assert!(self.launch(None).await, "it ended at its start:\n{}", self.log());
    }

    /// The same, to end behind the write that is given; false if it ended before it was there.
    async fn launch(&self, crash: Option<&str>) -> bool {
        let file = self.folder.path().join("firstmate.toml");
        std::fs::write(&file, self.settings()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_firstmate"));
        command.args(["run", "--config"]).arg(&file);
        if let Some(point) = crash {
            command.args(["--crash-at", point]);
        }
        let log = self.folder.path().join("log");
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = child.current_dir(crate::root()).spawn().unwrap();
        *self.bot.borrow_mut() = Some(Running(child));
        self.until("the bot is there", async |it| it.discord.is_online())
            .await
    }

    fn settings(&self) -> String {
        let seen = self.discord.snapshot("olga").unwrap();
        let id = |list: &str, name: &str| {
            let found = seen[list]
                .as_array()
                .unwrap()
                .iter()
                .find(|it| it["name"] == name);
            found.unwrap()["id"].as_str().unwrap().to_owned()
        };
        let mut text = format!(
            "[discord]\ntoken = {:?}\nendpoint = {:?}\n[health]\nlisten = \"\"\n[knowledge]\nbundled = false\n\
             [store]\nurl = {:?}\n[changes]\nexpires_seconds = {}\n[clusters.local]\nkubeconfig = \"kubeconfig\"\n\
             [roles]\noperator = [{:?}]\napprover = [{:?}]\n[channels.ops]\nid = {:?}\nlanguage = \"en\"\n",
            self.discord.token(),
            self.discord.plain_url(),
            self.database.url,
            self.expires,
            id("roles", "operators"),
            id("roles", "approvers"),
            id("channels", "ops"),
        );
        for name in ["lin", "olga", "ming", "wei"] {
            text += &format!(
                "[people.{name}]\nid = {:?}\nuser = {name:?}\n",
                id("people", name)
            );
        }
        text
    }

    /// What stands in the database, which a busy machine may keep from answering for a while.
    async fn seen<T>(&self, read: impl AsyncFn(&Store) -> Result<T, StoreError>) -> T {
        let store = self.store.as_ref().unwrap();
        for _ in 0..5 {
            if let Ok(seen) = read(store).await {
                return seen;
            }
        }
        read(store).await.unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn is_dead(&self) -> bool {
        let mut bot = self.bot.borrow_mut();
        bot.as_mut().is_none_or(|bot| bot.0.try_wait().unwrap().is_some())
    }

    /// Ends the program as the system would that is out of memory.
    async fn kill(&self) {
        drop(self.bot.borrow_mut().take());
        self.until("Discord noticed", async |it| !it.discord.is_online())
            .await;
    }

    /// Waits until the program has ended by itself.
    async fn dies(&self, point: &str) {
        self.until(point, async |_| false).await;
        self.kill().await;
    }

    /// Waits until something is so; false if the program ended before. In real time, as a program is.
    async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) -> bool {
        let waiting = async {
            loop {
                let is_dead = self.is_dead();
                match is_so(self).await {
                    true => return true,
                    false if is_dead => return false,
                    false => self.moment().await,
                }
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(60), waiting).await;
        assert!(
            ended.is_ok(),
            "never: {what}\n{}\n{}",
            self.log(),
            self.said_lately()
        );
        ended.unwrap()
    }

    /// What each of them has read last, and what is still expected of the bot.
    fn said_lately(&self) -> String {
        let mut text = format!("{} interactions wait for an answer\n", self.discord.pending());
        for person in ["olga", "ming", "wei"] {
            let seen = self.discord.messages_seen_by(person).unwrap();
            for message in seen.iter().rev().take(3) {
                text += &format!("{person} reads: {message}\n");
            }
        }
        text
    }

    /// Something happened on Discord, or a moment passed: not all that is waited for is seen there.
    async fn moment(&self) {
        let mut is_first = true;
        let change = self
            .discord
            .until(move |_| (!std::mem::take(&mut is_first)).then_some(()));
        let _ = tokio::time::timeout(Duration::from_millis(20), change).await;
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    async fn newest(&self) -> Option<Request> {
        let limit = 1;
        self.last(Find {
            limit,
            ..Find::default()
        })
        .await
    }

    async fn last(&self, find: Find) -> Option<Request> {
        self.seen(async |store| store.find(&find).await).await.pop()
    }

    async fn request(&self, id: i64) -> Request {
        self.seen(async |store| store.request(id).await).await.unwrap()
    }

    /// Whether every card stands as its row does.
    async fn is_shown(&self) -> bool {
        self.seen(async |store| store.stale().await).await.is_empty()
    }

    async fn command(&self, person: &str, name: &str, options: Vec<Value>) {
        let invoke = Invoke {
            person: person.to_owned(),
            channel: "ops".to_owned(),
            name: name.to_owned(),
            kind: 1,
            options,
            target_id: None,
        };
        // A bot that has just come has perhaps not yet said which commands there are.
        let sent = async |it: &Self| it.discord.command(invoke.clone()).await.is_ok();
        self.until("the command is there", sent).await;
    }

    /// Types a command that ends the program. A busy machine may let a deadline pass; whoever is told so types it again.
    async fn insist(&self, person: &str, name: &str, options: Vec<Value>) {
        for _ in 0..5 {
            let (told, waiting) = (self.told(person), self.discord.pending());
            self.command(person, name, options.clone()).await;
            let is_told = async |it: &Self| it.discord.pending() <= waiting && it.told(person) > told;
            if !self.until("it is answered", is_told).await {
                return;
            }
            eprintln!("crash: {person} types /{name} again\n{}", self.said_lately());
        }
    }

    /// olga asks for what the node is not. The number of the request, unless the program ended before it was kept.
    async fn ask(&self) -> Option<i64> {
        let before = self.newest().await.map_or(0, |it| it.id);
        let verb = if self.is_cordoned(NODE) {
            "uncordon"
        } else {
            "cordon"
        };
        let text = |name: &str, value: &str| json!({ "name": name, "type": 3, "value": value });
        let options = json!([text("node", NODE), text("reason", "disk is failing")]);
        let command = json!({ "name": verb, "type": 1, "options": options });
        // A busy machine may let a deadline pass; whoever is told so asks again.
        for _ in 0..5 {
            let waiting = self.discord.pending();
            self.command("olga", "node", vec![command.clone()]).await;
            let is_kept = async |it: &Self| it.newest().await.is_some_and(|newest| newest.id > before);
            let is_answered = async |it: &Self| it.discord.pending() <= waiting || is_kept(it).await;
            self.until("it is answered", is_answered).await;
            if is_kept(self).await || self.is_dead() {
                break;
            }
        }
        self.opened(before).await
    }

    /// The request that was opened after another.
    async fn opened(&self, before: i64) -> Option<i64> {
        let is_open = async |it: &Self| {
            let newest = it.newest().await.filter(|request| request.id > before);
            newest.is_some_and(|request| request.card.message != 0) && it.is_shown().await
        };
        self.until("the card is there", is_open).await;
        self.newest().await.map(|it| it.id).filter(|id| *id > before)
    }

    async fn press_and_fill(&self, person: &str, id: i64, button: &str) {
        let submit = cards::filled(&self.discord, person, id, button).await;
        self.discord.modal(submit).await.unwrap();
    }

    async fn approve(&self, person: &str, id: i64) {
        cards::press(&self.discord, person, id, "approve").await.unwrap();
        let is_over = async |it: &Self| it.request(id).await.state.is_over() && it.is_shown().await;
        self.until("it is decided", is_over).await;
    }

    fn is_cordoned(&self, name: &str) -> bool {
        cards::node(&self.cluster, name)["spec"]["unschedulable"] == true
    }
}

/// After the crash: nothing that is not known is claimed, what was not done is asked anew, and all is true again.
impl World {
    /// Starts the program again and has what was begun come to its end.
    async fn recover(&self) {
        assert!(self.is_dead());
        let looks = self.looks();
        self.start().await;
        let Some(request) = self.newest().await else {
            return;
        };
        let has_looked = async |it: &Self| {
            let is_settled = it.request(request.id).await.state != State::Executing;
            (is_settled || it.looks() > looks) && it.is_shown().await
        };
        self.until("what was begun is settled", has_looked).await;
        if self.request(request.id).await.state == State::Executing {
            self.released(request.id).await;
        }
        self.goes_on(request.id).await;
        let done = [State::Done].to_vec();
        let last = self
            .last(Find {
                states: done,
                limit: 1,
                ..Find::default()
            })
            .await;
        if let Some(last) = last {
            assert_eq!(self.is_cordoned(NODE), last.action().unschedulable());
        }
        cards::all_true(&self.discord, &self.cluster, self.store()).await;
    }

    /// How often the node was read by itself: that is how the bot finds out what is true.
    fn looks(&self) -> usize {
        let path = format!("/api/v1/nodes/{NODE}");
        let requests = self.cluster.requests().into_iter();
        requests
            .filter(|it| it.method == "GET" && it.path == path)
            .count()
    }

    /// A call that was let out and is not seen to be done may still arrive, for a minute. Until then nothing is
    /// claimed; once somebody else writes the node it cannot arrive any more.
    async fn released(&self, id: i64) {
        self.kill().await;
        let label = json!({ "metadata": { "labels": { "touched": id.to_string() } } });
        self.cluster.patch(&format!("node/{NODE}"), label).unwrap();
        self.start().await;
        let is_over = async |it: &Self| it.request(id).await.state.is_over() && it.is_shown().await;
        self.until("it is settled", is_over).await;
    }

    /// Buttons still work: what waits is approved, what was not done is asked anew, what is over is told to be.
    async fn goes_on(&self, id: i64) {
        match self.request(id).await.state {
            State::Pending => {
                self.until("its card is there", async |it| {
                    !cards::of(&it.discord, id).is_empty()
                })
                .await;
                self.approve("wei", id).await;
                assert_eq!(self.request(id).await.state, State::Done);
            }
            State::NotDone => {
                let again = self.ask().await.unwrap();
                self.approve("ming", again).await;
                assert_eq!(self.request(again).await.state, State::Done);
            }
            State::NotKnown | State::Executing => unreachable!("{:?}", self.request(id).await),
            _ => {}
        }
        self.stale_click(id).await;
    }

    /// Who presses an old button is told, and nothing happens.
    async fn stale_click(&self, id: i64) {
        let before = self.told("wei");
        // What is pressed while the bot is away reaches nobody.
        self.until("the bot is there", async |it| it.discord.is_online())
            .await;
        if cards::press(&self.discord, "wei", id, "approve").await.is_some() {
            self.until("it was refused", async |it| it.told("wei") > before)
                .await;
        }
    }

    /// How many replies there are that only this person sees.
    fn told(&self, person: &str) -> usize {
        let seen = self.discord.messages_seen_by(person).unwrap().into_iter();
        seen.filter(|it| !it["local"]["only"].is_null()).count()
    }
}

/// What people do so that the program comes to its point.
impl World {
    async fn come_to(&self, point: Point) {
        match point {
            Point::RequestKept | Point::CardPosted | Point::CardPlaced | Point::CardShown => {
                self.ask().await;
            }
            Point::Approved
            | Point::CallKept
            | Point::Called
            | Point::Executed
            | Point::Announced
            | Point::Finished
            | Point::CardEdited => {
                let id = self.ask().await.unwrap();
                self.approve("ming", id).await;
            }
            Point::Undone => {
                let id = self.ask().await.unwrap();
                self.approve("ming", id).await;
                self.press_and_fill("olga", id, "undo").await;
                let undo = self.opened(id).await.unwrap();
                self.approve("wei", undo).await;
            }
            Point::Rejected => {
                let id = self.ask().await.unwrap();
                self.press_and_fill("wei", id, "reject").await;
            }
            Point::Replanned => {
                let id = self.ask().await.unwrap();
                self.cordon_another(true);
                cards::press(&self.discord, "ming", id, "approve").await.unwrap();
            }
            Point::Refused => {
                self.discord.permit("ops", "Send Messages", false).await.unwrap();
                self.ask().await;
            }
            Point::Noted => {
                let id = self.ask().await.unwrap();
                cards::press(&self.discord, "lin", id, "approve").await.unwrap();
            }
            Point::Frozen => {
                self.ask().await.unwrap();
                self.freeze().await;
            }
            Point::Unfrozen => {
                self.insist("wei", "unfreeze", Vec::new()).await;
            }
            // Every start does it.
            Point::Forgotten => {}
            // Time alone brings it there.
            Point::Expired => {
                self.ask().await.unwrap();
            }
        }
    }

    fn cordon_another(&self, is_cordoned: bool) {
        let spec = json!({ "spec": { "unschedulable": is_cordoned } });
        self.cluster.patch("node/node-2", spec).unwrap();
    }

    async fn freeze(&self) {
        let reason = json!({ "name": "reason", "type": 3, "value": "a sale" });
        self.insist("ming", "freeze", vec![reason]).await;
    }

    /// What belongs to one point alone, after the crash and before all goes on.
    async fn aftermath(&self, point: Point) {
        match point {
            Point::Refused => self.discord.permit("ops", "Send Messages", true).await.unwrap(),
            Point::Frozen => self.thawed().await,
            Point::CallKept => self.claims_nothing().await,
            _ => {}
        }
    }

    /// A call that may still be on its way: the card does not say that it was not done.
    async fn claims_nothing(&self) {
        let request = self.newest().await.unwrap();
        let looks = self.looks();
        self.start().await;
        let has_looked = async |it: &Self| it.looks() > looks && it.is_shown().await;
        self.until("the node was looked at", has_looked).await;
        assert_eq!(self.request(request.id).await.state, State::Executing);
        cards::is_true(&self.discord, &request);
        self.kill().await;
    }

    /// A freeze outlives the crash: the card says so and cannot be approved. The crash behind its end is next.
    async fn thawed(&self) {
        let id = self.newest().await.unwrap().id;
        self.start().await;
        let says = |it: &Self| {
            cards::of(&it.discord, id)
                .iter()
                .any(|card| card.to_string().contains("Changes are frozen"))
        };
        self.until("the card says that changes are frozen", async |it| says(it))
            .await;
        self.kill().await;
        self.crash(Point::Unfrozen, "unfrozen").await;
        self.start().await;
        self.until("the card says that they are not", async |it| !says(it))
            .await;
        self.kill().await;
    }

    /// Starts the program, has it come to a point, and sees it end there.
    async fn crash(&self, point: Point, name: &str) {
        if self.launch(Some(name)).await {
            self.come_to(point).await;
        }
        self.dies(name).await;
    }

    async fn every_point(&mut self) {
        self.kill().await;
        for (name, point) in Point::ALL {
            // The one takes half a minute by itself, the other is tried with the freeze, without which it cannot be.
            if matches!(point, Point::Expired | Point::Unfrozen) {
                continue;
            }
            self.crash(*point, name).await;
            self.aftermath(*point).await;
            self.recover().await;
            self.cordon_another(false);
            self.kill().await;
        }
    }

    /// A crash behind the one write that time alone brings.
    async fn expiry(&mut self) {
        self.expires = EXPIRES[1];
        self.kill().await;
        self.crash(Point::Expired, "expired").await;
        self.recover().await;
        assert_eq!(self.newest().await.unwrap().state, State::Expired);
    }

    /// A change from the question to its end.
    async fn change(&self) {
        if let Some(id) = self.ask().await
            && self.request(id).await.state == State::Pending
            && !self.is_dead()
        {
            self.approve("ming", id).await;
        }
    }

    async fn random_kills(&self, seed: u64) {
        let whole = Stopwatch::start();
        self.change().await;
        let whole = u64::try_from(whole.age().as_micros()).unwrap();
        let mut dice = Dice(seed);
        for round in 0..KILLS[usize::from(is_long())] {
            let moment = Duration::from_micros(whole * (dice.roll() % 1100) / 1000);
            let _ = tokio::time::timeout(moment, self.change()).await;
            self.kill().await;
            eprintln!("crash: seed {seed}, kill {round} after {moment:?}");
            self.recover().await;
        }
    }
}

/// Numbers that are the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }
}

/// Whether the long run was asked for.
fn is_long() -> bool {
    std::env::var_os("FIRSTMATE_LONG").is_some_and(|value| value == "1")
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_behind_every_write_on_sqlite() {
    World::new(databases::sqlite()).await.every_point().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_behind_every_write_on_postgresql() {
    if let Some(server) = databases::server() {
        World::new(server.database().await).await.every_point().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_behind_an_expiry() {
    let worlds = databases::both().await.into_iter().map(|database| async {
        World::new(database).await.expiry().await;
    });
    futures::future::join_all(worlds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_on_sqlite() {
    World::new(databases::sqlite()).await.random_kills(42).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_on_postgresql() {
    if let Some(server) = databases::server() {
        World::new(server.database().await).await.random_kills(43).await;
    }
}
