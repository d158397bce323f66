//! Both ends of a chat for a test: the real bot, the local Discord, and the time.

use std::sync::OnceLock;

use firstmate::play::stage::{RIGHTS, Stage};
use firstmate_openapi::Document;
use firstmate_sandbox::cluster::{self, Cluster};
use firstmate_sandbox::discord::{Opinion, Settings};
use firstmate_sandbox::{Clock, START_MS};

/// A local Discord whose clock stands still.
pub(crate) fn local() -> Settings {
    Settings {
        clock: Clock::manual(START_MS),
        opinion: opinion(),
        ..Settings::default()
    }
}

/// A local cluster on the clock of the local Discord, with the rights of `bot/deploy` for the bot.
pub(crate) fn cluster(scenario: &str, seed: Option<u64>, clock: Clock) -> Cluster {
    let cluster = Cluster::start(cluster::Settings {
        clock,
        scenario: scenario.to_owned(),
        seed,
        ..cluster::Settings::default()
    });
    let cluster = cluster.unwrap();
    cluster.apply(RIGHTS).unwrap();
    cluster
}

/// What Discord's own description of its API says about bodies, where it is at hand.
fn opinion() -> Option<Opinion> {
    static OPINION: OnceLock<Option<Opinion>> = OnceLock::new();
    let load = || {
        let document = Document::load(&crate::shared("discord/openapi.json")?).unwrap();
        Some(Opinion::new(move |method, path, body| {
            document.check(method, path, body)
        }))
    };
    OPINION.get_or_init(load).clone()
}

/// A stage whose bot is ready and knows the documents of `tests/documents/team` alone.
pub(crate) async fn stage(config: &str) -> Stage {
    stage_on(local(), config).await
}

/// The same on a local Discord of one's own making.
pub(crate) async fn stage_on(local: Settings, config: &str) -> Stage {
    let mut stage = unready(local, config).await;
    stage.start_bot().await.unwrap();
    stage
}

/// The same before the bot is started.
pub(crate) async fn unready(local: Settings, config: &str) -> Stage {
    let docs = crate::root().join("tests/documents/team");
    let team = format!(
        "[knowledge]\nbundled = false\n[[knowledge.folders]]\npath = {:?}\n",
        docs.display().to_string()
    );
    let file = crate::root().join("tests/harness.rs");
    Stage::open(local, &file, &[team, config.to_owned()])
        .await
        .unwrap()
}

/// Plays lines of a transcript and returns it with what happened.
pub(crate) async fn play(stage: &mut Stage, lines: &str) -> String {
    let play = firstmate::play::parse::parse(lines).unwrap();
    firstmate::play::play(stage, &play, &crate::root().join("tests"))
        .await
        .unwrap()
}

/// Ends a test: the bot stops in order, logged no error and sent nothing that Discord would refuse.
pub(crate) async fn close(mut stage: Stage) {
    stage.stop_bot().await.unwrap();
    assert_eq!(stage.errors(), Vec::<String>::new(), "errors were logged");
    assert_eq!(
        stage.discord.faults_seen(),
        Vec::<String>::new(),
        "Discord refused something"
    );
}
