//! `/top nodes` and `/top pods`.

use super::nodes::{ROWS, rest, rest_of};
use super::report::{Report, View};
use super::table::{Table, one_line};
use super::{PodFilter, Sort, What};
use crate::chart::{Bar, Chart};
use crate::cluster::NotRead;
use crate::cluster::reads::Figures;
use crate::cluster::snapshot::usage::{NodeUsage, PodUsage, SortBy, percent_words};
use crate::reply::{Button, File, Tone};
use crate::text::check as say;
use crate::text::label::{self, Label};

/// What stands behind a figure that is old.
const STALE: &str = "*";
/// From this percentage on a node is worth a look.
const HIGH: i64 = 80;

impl From<Sort> for SortBy {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Cpu => Self::Cpu,
            Sort::Memory => Self::Memory,
        }
    }
}

pub(super) async fn nodes(view: &View<'_>, sort: Sort) -> Result<Report, NotRead> {
    let read = view.reader.node_usage(sort.into()).await?;
    let rows = read.value;
    let now = view.now();
    let mut table = Table::new(&["NAME", "CPU", "CPU%", "MEMORY", "MEM%"]);
    for row in &rows {
        table.row([
            marked(&row.name, row.is_stale(now)),
            row.used.cpu_words(),
            percent_words(row.cpu_percent),
            row.used.memory_words(),
            percent_words(row.memory_percent),
        ]);
    }
    let high = [Sort::Cpu, Sort::Memory].map(|of| (of, high(&rows, of)));
    let any_high = high.iter().any(|(_, nodes)| !nodes.is_empty());
    let without = rows.iter().filter(|row| row.sample.is_none()).count();
    let stale = rows.iter().filter(|row| row.is_stale(now)).count();
    // Of a node that could not be read it is not known how full it is.
    let known = rows
        .iter()
        .filter(|row| row.cpu_percent.or(row.memory_percent).is_some());
    let known = known.count();
    let mut parts = vec![table.block(ROWS)];
    parts.extend(say::figures_missing(
        view.lang,
        say::Counted::Nodes,
        without,
        stale,
    ));
    let (more, mut files) = rest(view, &table, "top-nodes.txt");
    parts.extend(more);
    files.extend(picture("top nodes", sort, node_bars(&rows, sort)));
    Ok(Report {
        title: say::top_nodes_title(view.lang, sort),
        summary: say::top_nodes_summary(view.lang, known, &high, HIGH),
        tone: if !any_high && without + stale == 0 && known == rows.len() {
            Tone::Good
        } else {
            Tone::Unsure
        },
        parts,
        files,
        buttons: node_buttons(view, sort, &rows, &high),
        missing: read.missing,
        ..Report::default()
    })
}

/// The other order, the fullest nodes, the one that uses most, and what runs on them.
fn node_buttons(
    view: &View<'_>,
    sort: Sort,
    rows: &[NodeUsage],
    high: &[(Sort, Vec<(String, i64)>)],
) -> Vec<Button> {
    let mut buttons = vec![other_order(view, sort, What::TopNodes { sort: other(sort) })];
    let first = rows.first().map(|row| &row.name);
    let fullest = high
        .iter()
        .flat_map(|(_, nodes)| nodes.iter().take(1))
        .map(|(name, _)| name);
    // Two buttons may be the same: one of them is dropped.
    buttons.extend(fullest.chain(first).map(|node| {
        let words = say::describe_button(view.lang, node);
        view.named_button(&words, What::NodeDescribe { node: node.clone() })
    }));
    buttons.push(view.button(
        label::TOP_PODS_BUTTON,
        What::TopPods {
            namespace: None,
            sort,
        },
    ));
    buttons
}

pub(super) async fn pods(view: &View<'_>, namespace: Option<&str>, sort: Sort) -> Result<Report, NotRead> {
    let read = view.reader.pod_usage(namespace, sort.into(), view.now()).await?;
    let Figures {
        rows,
        all,
        stale,
        without,
    } = read.value;
    let now = view.now();
    let mut table = Table::new(&["NAME", "CPU", "MEMORY"]);
    for row in &rows {
        let name = match namespace {
            Some(_) => row.name.clone(),
            None => format!("{}/{}", row.namespace, row.name),
        };
        table.row([
            marked(&name, row.is_stale(now)),
            row.used.cpu_words(),
            row.used.memory_words(),
        ]);
    }
    let mut parts = Vec::new();
    if !table.is_empty() {
        parts.push(table.block(ROWS));
    }
    parts.extend(say::figures_missing(
        view.lang,
        say::Counted::Pods,
        without,
        stale,
    ));
    let (more, mut files) = rest_of(view, &table, all - rows.len(), "top-pods.txt");
    parts.extend(more);
    files.extend(picture("top pods", sort, pod_bars(&rows, sort)));
    Ok(Report {
        title: say::top_pods_title(view.lang, namespace, sort),
        summary: say::top_pods_summary(view.lang, all, sort, rows.first().map(top_words(sort)).as_ref()),
        is_empty: all == 0,
        tone: if without + stale == 0 {
            Tone::Plain
        } else {
            Tone::Unsure
        },
        parts,
        files,
        buttons: pod_buttons(view, namespace, sort, rows.first()),
        missing: read.missing,
        ..Report::default()
    })
}

/// The other order, the Pod that uses most, and what leads on from it.
fn pod_buttons(view: &View<'_>, namespace: Option<&str>, sort: Sort, top: Option<&PodUsage>) -> Vec<Button> {
    let namespace_name = || namespace.map(str::to_owned);
    let mut buttons = vec![other_order(
        view,
        sort,
        What::TopPods {
            namespace: namespace_name(),
            sort: other(sort),
        },
    )];
    if let Some(top) = top {
        let pod = format!("{}/{}", top.namespace, top.name);
        buttons.push(view.named_button(
            &say::describe_button(view.lang, &top.name),
            What::PodDescribe { pod },
        ));
    }
    buttons.push(view.button(
        label::PODS_BUTTON,
        What::Pods(PodFilter {
            namespace: namespace_name(),
            ..PodFilter::default()
        }),
    ));
    buttons.push(view.button(label::TOP_NODES_BUTTON, What::TopNodes { sort }));
    buttons
}

/// The nodes that use much of it, each with how much, the fullest first.
fn high(rows: &[NodeUsage], of: Sort) -> Vec<(String, i64)> {
    let mut high: Vec<(String, i64)> = rows
        .iter()
        .filter_map(|row| Some((row.name.clone(), percent(row, of)?)))
        .filter(|(_, percent)| *percent >= HIGH)
        .collect();
    high.sort_by(|(a, much), (b, more)| more.cmp(much).then_with(|| a.cmp(b)));
    high
}

const fn percent(row: &NodeUsage, of: Sort) -> Option<i64> {
    match of {
        Sort::Cpu => row.cpu_percent,
        Sort::Memory => row.memory_percent,
    }
}

/// The Pod that uses most, and how much.
fn top_words(sort: Sort) -> impl Fn(&PodUsage) -> (String, String) {
    move |row| {
        let words = match sort {
            Sort::Cpu => row.used.cpu_words(),
            Sort::Memory => row.used.memory_words(),
        };
        (row.name.clone(), words)
    }
}

fn marked(name: &str, is_stale: bool) -> String {
    if is_stale {
        format!("{name}{STALE}")
    } else {
        name.to_owned()
    }
}

const fn other(sort: Sort) -> Sort {
    match sort {
        Sort::Cpu => Sort::Memory,
        Sort::Memory => Sort::Cpu,
    }
}

fn other_order(view: &View<'_>, sort: Sort, what: What) -> Button {
    let label: Label = match sort {
        Sort::Cpu => label::BY_MEMORY_BUTTON,
        Sort::Memory => label::BY_CPU_BUTTON,
    };
    view.button(label, what)
}

/// The figures as a chart. Its words are Latin: it has no Chinese letters.
fn picture(about: &str, sort: Sort, bars: Vec<Bar>) -> Option<File> {
    if bars.is_empty() {
        return None;
    }
    let title = match sort {
        Sort::Cpu => "CPU",
        Sort::Memory => "Memory",
    };
    let chart = Chart {
        title: title.to_owned(),
        bars,
    };
    match chart.png() {
        Ok(png) => {
            let name = format!("{}.png", about.replace(' ', "-"));
            let about = format!("{about}, {} bars", chart.drawn());
            Some(File::picture(&name, png, about))
        }
        Err(error) => {
            // The figures stand in the table, too.
            tracing::error!("{error:#}");
            None
        }
    }
}

fn node_bars(rows: &[NodeUsage], sort: Sort) -> Vec<Bar> {
    let bar = |row: &NodeUsage| {
        let (percent, words) = match sort {
            Sort::Cpu => (row.cpu_percent, row.used.cpu_words()),
            Sort::Memory => (row.memory_percent, row.used.memory_words()),
        };
        Bar {
            name: one_line(&row.name),
            value: percent.map(|percent| percent as f64),
            of: Some(100.0),
            shown: format!("{words} {}", percent_words(percent)),
        }
    };
    rows.iter().map(bar).collect()
}

fn pod_bars(rows: &[PodUsage], sort: Sort) -> Vec<Bar> {
    let bar = |row: &PodUsage| {
        let (value, words) = match sort {
            Sort::Cpu => (row.used.cpu_milli, row.used.cpu_words()),
            Sort::Memory => (row.used.memory_bytes, row.used.memory_words()),
        };
        Bar {
            name: one_line(&row.name),
            value: value.map(|value| value as f64),
            of: None,
            shown: words,
        }
    };
    rows.iter().map(bar).collect()
}
