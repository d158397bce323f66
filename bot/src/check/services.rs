//! `/services`.

use super::nodes::{ROWS, rest};
use super::report::{Report, View};
use super::table::{Table, one_line};
use super::{PodFilter, What};
use crate::cluster::NotRead;
use crate::cluster::snapshot::service::{Endpoints, Service};
use crate::reply::{Button, Tone};
use crate::text::check as say;
use crate::text::label;

/// How many Services are explained, and how many ways to them are shown.
const EXPLAINED: usize = 6;

pub(super) async fn list(view: &View<'_>, namespace: Option<&str>) -> Result<Report, NotRead> {
    let read = view.reader.services(namespace).await?;
    let mut services = read.value;
    services.sort_by(|a, b| {
        let order = |it: &Service| (!it.leads_nowhere(), it.namespace.clone(), it.name.clone());
        order(a).cmp(&order(b))
    });
    let sick: Vec<&Service> = services.iter().filter(|it| it.leads_nowhere()).collect();
    let mut parts: Vec<String> = sick
        .iter()
        .take(EXPLAINED)
        .map(|it| {
            format!(
                "**{}** {}",
                one_line(&name(it, namespace)),
                say::leads_nowhere(view.lang, it)
            )
        })
        .collect();
    let mut table = Table::new(&["NAME", "PORTS", "READY"]);
    for it in &services {
        table.row([name(it, namespace), it.port_words(), endpoints(it.endpoints)]);
    }
    if !table.is_empty() {
        parts.push(table.block(ROWS));
    }
    let ways = services
        .iter()
        .flat_map(|it| it.routes.iter().flatten().map(move |route| (it, route)))
        .take(EXPLAINED);
    parts.extend(ways.map(|(it, route)| say::route(view.lang, &name(it, namespace), route)));
    let (more, files) = rest(view, &table, "services.txt");
    parts.extend(more);
    Ok(Report {
        title: say::services_title(view.lang, namespace),
        summary: match services.iter().any(|it| it.endpoints.is_none()) {
            true => say::services_unchecked(view.lang, services.len()),
            false => say::services_summary(view.lang, services.len(), sick.len()),
        },
        is_empty: services.is_empty(),
        tone: if sick.is_empty() { Tone::Good } else { Tone::Unsure },
        parts,
        files,
        buttons: buttons(view, &sick, namespace),
        missing: read.missing,
        ..Report::default()
    })
}

fn name(it: &Service, namespace: Option<&str>) -> String {
    match namespace {
        Some(_) => it.name.clone(),
        None => format!("{}/{}", it.namespace, it.name),
    }
}

/// Ready endpoints of all that there are; a dash where they were not read.
fn endpoints(endpoints: Option<Endpoints>) -> String {
    endpoints.map_or_else(
        || "-".to_owned(),
        |it| format!("{}/{}", it.ready, it.ready + it.not_ready),
    )
}

fn buttons(view: &View<'_>, sick: &[&Service], within: Option<&str>) -> Vec<Button> {
    let namespace = sick
        .first()
        .map(|it| it.namespace.clone())
        .or_else(|| within.map(str::to_owned));
    // In one namespace the Pods are read as well, which says why.
    let closer = namespace.clone().filter(|_| within.is_none() && !sick.is_empty());
    let closer = closer.map(|name| {
        let words = say::services_title(view.lang, Some(&name));
        view.named_button(
            &words,
            What::Services {
                namespace: Some(name),
            },
        )
    });
    let pods = PodFilter {
        namespace: namespace.clone(),
        ..PodFilter::default()
    };
    let others = [
        view.button(label::PODS_BUTTON, What::Pods(pods)),
        view.button(label::WORKLOADS_BUTTON, What::Workloads { namespace }),
    ];
    closer.into_iter().chain(others).collect()
}
