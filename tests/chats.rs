//! The transcripts of `tests/chats`, each played on a stage of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use firstmate::play::stage::Stage;
use firstmate::play::{self, parse};
use futures::stream::{self, StreamExt as _};

/// How many play at once.
const AT_ONCE: usize = 4;

pub(crate) fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(crate::root().join("tests/chats")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "chat"));
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transcript_happens_as_it_is_written() {
    let files = files();
    assert!(files.len() >= 15, "{} transcripts", files.len());
    let results: Vec<(PathBuf, Result<(), String>)> = stream::iter(files)
        .map(|file| async move {
            let result = check(&file).await;
            (file, result)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let played = results.len();
    let failed: Vec<String> = results
        .into_iter()
        .filter_map(|(file, result)| result.err().map(|error| format!("{}:\n{error}", file.display())))
        .collect();
    eprintln!("transcripts: {played} on the local Discord");
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

async fn check(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).unwrap();
    let play = parse::parse(&text).map_err(|error| error.to_string())?;
    let folder = file.parent().unwrap();
    let settings = play::settings(&play);
    let local = crate::harness::local();
    let clock = local.clock.clone();
    let mut stage = Stage::open(local, file, &settings)
        .await
        .map_err(|error| format!("{error:#}"))?;
    if let Some(scenario) = &play.head.scenario {
        let (scenario, seed) = (scenario.clone(), play.head.seed);
        // Hours of a cluster's life are played, which would hold up the other transcripts here.
        let cluster = tokio::task::spawn_blocking(move || crate::harness::cluster(&scenario, seed, clock));
        stage.stand_on(Arc::new(cluster.await.unwrap()));
    }
    stage.start_bot().await.map_err(|error| format!("{error:#}"))?;
    let happened = play::play(&mut stage, &play, folder)
        .await
        .map_err(|error| format!("{error:#}"))?;
    stage.stop_bot().await.map_err(|error| format!("{error:#}"))?;
    if !stage.errors().is_empty() {
        return Err(format!("errors were logged: {:#?}\n{happened}", stage.errors()));
    }
    if !stage.discord.faults_seen().is_empty() {
        return Err(format!(
            "Discord refused: {:#?}\n{happened}",
            stage.discord.faults_seen()
        ));
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(file, happened).unwrap();
        return Ok(());
    }
    match happened == text {
        true => Ok(()),
        false => Err(format!(
            "it happened otherwise (UPDATE_EXPECT=1 rewrites the replies):\n{happened}"
        )),
    }
}
