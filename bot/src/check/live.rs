//! One line on how an object is at the moment, for the answer to a question that names it.

use firstmate_kb::Lang;

use super::mentioned::Named;
use super::table::prose;
use crate::app::App;
use crate::cluster::{NotRead, Reader};
use crate::command::Names;
use crate::limits;
use crate::text::{check as say, live};

/// How much of a line says why.
const WHY: usize = 160;

/// The line; where it could not be read, it says so.
pub(super) async fn line(app: &App, reader: &Reader<'_>, lang: Lang, named: &Named) -> String {
    let words = match named.kind {
        Names::Node => node(app, reader, lang, &named.name).await,
        Names::Pod => pod(app, reader, lang, &named.name).await,
        Names::Service => service(reader, lang, &named.name).await,
        _ => workload(reader, lang, &named.name).await,
    };
    match words {
        Ok(words) => live::now(lang, &named.name, &words),
        Err(not) => say::not_checked(lang, &not),
    }
}

async fn node(app: &App, reader: &Reader<'_>, lang: Lang, name: &str) -> Result<String, NotRead> {
    let name = reader.find_node(name).await?;
    let (node, events) = tokio::join!(reader.node_alone(&name), reader.reboots());
    let (node, now) = (node?, app.clock.now());
    // A node that restarts again and again is ready in between.
    let reboots = events.map(|events| super::nodes::reboots_of(&node, &events, now));
    Ok(live::node(lang, &node, reboots.ok(), now))
}

async fn pod(app: &App, reader: &Reader<'_>, lang: Lang, name: &str) -> Result<String, NotRead> {
    let (namespace, name) = name.split_once('/').unwrap_or(("default", name));
    let pod = reader.pod(namespace, name).await?.pod;
    let now = app.clock.now();
    let why = pod.troubles.first();
    let why = why.map(|trouble| limits::clamp(&prose(&say::trouble(lang, trouble, now)), WHY));
    Ok(live::pod(lang, &pod, why.as_deref()))
}

/// A Deployment and a StatefulSet may have the same name.
async fn workload(reader: &Reader<'_>, lang: Lang, name: &str) -> Result<String, NotRead> {
    let (namespace, name) = name.split_once('/').unwrap_or(("default", name));
    let name = name.rsplit('/').next().unwrap_or(name);
    let read = reader.workloads(Some(namespace)).await?;
    let of_name = read.value.iter().filter(|workload| workload.name == name);
    let words: Vec<String> = of_name.map(|workload| live::workload(lang, workload)).collect();
    match (words.is_empty(), read.missing.into_iter().next()) {
        (true, Some(not)) => Err(not),
        _ => Ok(words.join(" ")),
    }
}

async fn service(reader: &Reader<'_>, lang: Lang, name: &str) -> Result<String, NotRead> {
    let (namespace, name) = name.split_once('/').unwrap_or(("default", name));
    let read = reader.services(Some(namespace)).await?;
    let service = read.value.iter().find(|service| service.name == name);
    match (service, read.missing.into_iter().next()) {
        (Some(service), _) if service.endpoints.is_some() => Ok(live::service(lang, service)),
        (_, Some(not)) => Err(not),
        (Some(service), None) => Ok(live::service(lang, service)),
        (None, None) => Ok(live::gone(lang).to_owned()),
    }
}
