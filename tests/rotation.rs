//! What proves who the bot is changes on disk, and the old is refused: the bot reads on without a restart. On a real
//! API server, beside a second bot that is left with the old.

use std::path::Path;
use std::time::Duration;

use firstmate::clock::Clock;
use firstmate::cluster::{Cluster, NotRead, Reader, Who, Why};
use firstmate::config::{self, Kubeconfig};
use serde_json::{Value, json};

use crate::cluster::{Real, by_certificate};

/// How long the API server may go on taking an old proof: it remembers tokens for ten seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A ServiceAccount that may read what the bot reads.
const ACCOUNT: &str = "
apiVersion: v1
kind: ServiceAccount
metadata: {name: rotating, namespace: firstmate}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: rotating}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: firstmate-reader}
subjects: [{kind: ServiceAccount, name: rotating, namespace: firstmate}]
";

fn cluster(kubeconfig: Kubeconfig) -> Cluster {
    let settings = config::Cluster {
        kubeconfig: Some(kubeconfig),
        context: None,
    };
    Cluster::new("real", settings)
}

/// The bot with a kubeconfig that names files, in `folder`.
fn of_files(real: &Real, folder: &Path, proof: Value) -> Cluster {
    let file = folder.join("kubeconfig");
    std::fs::write(&file, real.kubeconfig_by(proof)).unwrap();
    cluster(Kubeconfig::File(file))
}

/// Reads in both ways: a list object by object, and a text.
async fn reads(cluster: &Cluster) -> Result<(), NotRead> {
    let clock = Clock::system();
    let reader = Reader {
        cluster,
        who: &Who::Bot,
        clock: &clock,
        until: clock.now() + 8_000,
    };
    reader.nodes().await?;
    reader.events_about("Node", "", "node-1").await?;
    Ok(())
}

/// Reads with both, until the old proof is refused: with the new one not one read may fail.
async fn until_refused(old: &Cluster, new: &Cluster) {
    let mut turns = tokio::time::interval(Duration::from_millis(100));
    let reading = async {
        loop {
            turns.tick().await;
            match reads(old).await {
                Ok(()) => reads(new).await.unwrap(),
                Err(not) => return not.why,
            }
        }
    };
    let why = tokio::time::timeout(PATIENCE, reading).await.unwrap();
    assert_eq!(why, Why::Unauthorized);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_replaced_in_its_file_is_followed() {
    let Some(real) = Real::start().await else { return };
    real.apply(firstmate::play::stage::RIGHTS).await;
    real.apply(ACCOUNT).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let first = real.token("rotating").await;
    std::fs::write(&file, &first).unwrap();
    let bot = of_files(&real, folder.path(), json!({ "tokenFile": file }));
    let left = cluster(Kubeconfig::Text(real.kubeconfig_by(json!({ "token": first }))));
    until_granted(&bot).await;

    // The account is another one under its name: its old tokens are nobody's.
    real.delete("/api/v1/namespaces/firstmate/serviceaccounts/rotating")
        .await;
    real.apply(ACCOUNT).await;
    std::fs::write(&file, real.token("rotating").await).unwrap();
    until_refused(&left, &bot).await;
    reads(&bot).await.unwrap();
    assert_eq!(reads(&left).await.unwrap_err().why, Why::Unauthorized);
}

/// The API server learns of a right a moment after it is stored.
async fn until_granted(bot: &Cluster) {
    let mut turns = tokio::time::interval(Duration::from_millis(50));
    let waiting = async {
        while reads(bot).await.is_err() {
            turns.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_that_is_replaced_in_its_files_is_followed() {
    let Some(real) = Real::start().await else { return };
    real.load(&[], 0, crate::cluster::Controllers::Still).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |seconds: u64| {
        let pair = real.certificate("olga", seconds);
        std::fs::write(path("certificate"), &pair.certificate).unwrap();
        std::fs::write(path("key"), &pair.key).unwrap();
        by_certificate(&pair)
    };
    let proof = json!({ "client-certificate": path("certificate"), "client-key": path("key") });
    let first = write(4);
    let bot = of_files(&real, folder.path(), proof);
    let left = cluster(Kubeconfig::Text(real.kubeconfig_by(first)));
    reads(&bot).await.unwrap();
    reads(&left).await.unwrap();

    write(3600);
    until_refused(&left, &bot).await;
    // A watch that is opened anew is let in as well.
    let clock = Clock::system();
    let mut turns = tokio::time::interval(Duration::from_millis(20));
    let is_watched = async {
        while bot.tables().nodes(|_| ()).is_none() {
            turns.tick().await;
        }
    };
    tokio::select! {
        () = bot.watch(&clock) => unreachable!("a watch never ends"),
        done = tokio::time::timeout(Duration::from_secs(8), is_watched) => done.unwrap(),
    }
    reads(&bot).await.unwrap();
}
