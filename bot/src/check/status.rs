//! `/status`: First Mate itself.

use firstmate_kb::Lang;

use super::{PATIENCE, reader, table::Table, who};
use crate::app::App;
use crate::caller::Caller;
use crate::cluster::{Cluster, Who, Why};
use crate::command::Refusal;
use crate::reply::{Card, Reply, Tone};
use crate::store::StoreError;
use crate::text::change;
use crate::text::check as say;

pub(super) async fn show(app: &App, caller: &Caller, lang: Lang) -> Result<Reply, Refusal> {
    let who = who(app, caller).unwrap_or(Who::Bot);
    let versions = app.clusters.all().map(|cluster| version(app, cluster, &who));
    let versions = futures::future::join_all(versions).await;
    let down = versions.iter().filter(|(_, version)| version.is_err()).count();
    let mut table = Table::new(&["CLUSTER", "STATE"]);
    for (name, version) in &versions {
        let state = match version {
            Ok(version) => version.clone(),
            Err(why) => say::cluster_down(lang, why),
        };
        table.row([(*name).clone(), state]);
    }
    let mut body = vec![say::status_facts(lang, app)];
    let changes = changes(app, lang).await;
    let is_fine = down == 0 && changes.is_ok();
    body.push(changes.unwrap_or_else(|no_store| no_store));
    if table.is_empty() {
        body.push(crate::text::refused::no_cluster(lang).to_owned());
    } else {
        body.push(table.block(usize::MAX));
    }
    Ok(Reply {
        text: say::status_summary(lang, versions.len(), down),
        card: Some(Card {
            title: say::status_title(lang).to_owned(),
            body: body.join("\n"),
            tone: if is_fine { Tone::Good } else { Tone::Unsure },
            ..Card::default()
        }),
        private: true,
        ..Reply::default()
    })
}

/// Whether changes are frozen and how many requests wait; or that the store does not say.
async fn changes(app: &App, lang: Lang) -> Result<String, String> {
    let read = async {
        app.store.healthy().await?;
        let (freeze, waiting) = (app.store.freeze().await?, app.store.waiting().await?);
        Ok::<_, StoreError>(change::status(lang, freeze.as_ref(), waiting.len()))
    };
    read.await.map_err(|error| {
        tracing::error!("the store failed: {error:#}");
        change::status_no_store(lang).to_owned()
    })
}

/// The cluster's name, and the version of its API server.
async fn version<'a>(app: &App, cluster: &'a Cluster, who: &Who) -> (&'a String, Result<String, Why>) {
    let reader = reader(app, cluster, who, PATIENCE);
    (&cluster.name, reader.version().await)
}
