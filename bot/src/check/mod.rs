//! Checks: one live read of a cluster each, and what is said of it.
//!
//! [`What`] is the closed list of them. [`run`] reads, as the person who asks, and hands what was read to the
//! module of the check, which makes the reply.

mod changes;
mod events;
mod live;
pub mod logs;
pub mod mentioned;
mod named;
mod nodes;
mod pods;
pub mod report;
mod services;
mod status;
pub mod table;
mod top;
mod workloads;

use std::sync::LazyLock;

use firstmate_kb::Lang;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use regex::Regex;

use crate::app::App;
use crate::caller::Caller;
use crate::clock::Millis;
use crate::cluster::{Cluster, NotRead, Reader, Who};
use crate::command::Refusal;
use crate::handle::Failure;
use crate::limits;
use crate::reply::Reply;

use report::{Report, View};

/// A check and the cluster it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is read.
    pub what: What,
    /// The cluster's name in the configuration; `None`: the channel's, else the first.
    pub cluster: Option<String>,
}

/// What is read. A name is as the person wrote it, or `~` and the hash that a button carries in its place where
/// the name is too long for Discord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Every node.
    Nodes,
    /// One node whole.
    NodeDescribe {
        /// Its name.
        node: String,
    },
    /// The events of one node.
    NodeEvents {
        /// Its name.
        node: String,
    },
    /// What the nodes use.
    TopNodes {
        /// By what.
        sort: Sort,
    },
    /// What Pods use.
    TopPods {
        /// Where; `None`: everywhere.
        namespace: Option<String>,
        /// By what.
        sort: Sort,
    },
    /// Pods with their states.
    Pods(PodFilter),
    /// One Pod whole.
    PodDescribe {
        /// `namespace/name`, or a name that is somewhere.
        pod: String,
    },
    /// The events of one Pod.
    PodEvents {
        /// `namespace/name`, or a name that is somewhere.
        pod: String,
    },
    /// What a container wrote.
    PodLogs(Logs),
    /// Deployments, StatefulSets and DaemonSets.
    Workloads {
        /// Where; `None`: everywhere.
        namespace: Option<String>,
    },
    /// Where a rollout stands.
    Rollout {
        /// `namespace/name`, `namespace/kind/name`, or a name that is somewhere.
        workload: String,
    },
    /// Services with what is behind them.
    Services {
        /// Where; `None`: everywhere.
        namespace: Option<String>,
    },
    /// Warnings.
    Events {
        /// Where; `None`: everywhere.
        namespace: Option<String>,
        /// Which first.
        order: Order,
    },
    /// What changed.
    Changes {
        /// Where; `None`: everywhere.
        namespace: Option<String>,
        /// In the last so many hours.
        hours: u8,
    },
    /// First Mate itself.
    Status,
}

/// Which figure sorts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Processor time.
    #[default]
    Cpu,
    /// Memory.
    Memory,
}

/// Which events come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest.
    #[default]
    Newest,
    /// The most frequent.
    Frequent,
}

/// Which Pods are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodFilter {
    /// Where; `None`: everywhere.
    pub namespace: Option<String>,
    /// On which node.
    pub node: Option<String>,
    /// With which labels, as a selector.
    pub label: Option<String>,
    /// Only those that are not well.
    pub unhealthy: bool,
}

/// Which lines of which container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// `namespace/name`, or a name that is somewhere.
    pub pod: String,
    /// `None`: the only one, else the first that is not well.
    pub container: Option<String>,
    /// The instance before the last restart.
    pub previous: bool,
    /// Only the last so many minutes.
    pub since: Option<u32>,
    /// The last so many lines.
    pub lines: u32,
    /// Only lines that hold this text.
    pub grep: Option<String>,
    /// How many more times it is read anew, in place of what is shown.
    pub follow: u8,
    /// Shown to everybody.
    pub share: bool,
}

/// How many lines of a log are read unless asked otherwise.
pub const LOG_LINES: u32 = 100;
/// The most lines of a log that can be asked for.
pub const LOG_LINES_MOST: u32 = 2000;

/// How often a log that is followed is read anew, and after how many milliseconds each time: a minute in all.
pub const FOLLOWS: u8 = 20;
/// See [`FOLLOWS`].
pub const FOLLOW_PAUSE: u64 = 3000;

impl What {
    /// The check's name in the configuration and in the ids of buttons.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::NodeDescribe { .. } => "node-describe",
            Self::NodeEvents { .. } => "node-events",
            Self::TopNodes { .. } => "top-nodes",
            Self::TopPods { .. } => "top-pods",
            Self::Pods(_) => "pods",
            Self::PodDescribe { .. } => "pod-describe",
            Self::PodEvents { .. } => "pod-events",
            Self::PodLogs(_) => "pod-logs",
            Self::Workloads { .. } => "workloads",
            Self::Rollout { .. } => "rollout",
            Self::Services { .. } => "services",
            Self::Events { .. } => "events",
            Self::Changes { .. } => "changes",
            Self::Status => "status",
        }
    }

    /// Where the check looks, if that can be said.
    const fn namespace_mut(&mut self) -> Option<&mut Option<String>> {
        match self {
            Self::TopPods { namespace, .. }
            | Self::Pods(PodFilter { namespace, .. })
            | Self::Workloads { namespace }
            | Self::Services { namespace }
            | Self::Events { namespace, .. }
            | Self::Changes { namespace, .. } => Some(namespace),
            Self::Nodes
            | Self::NodeDescribe { .. }
            | Self::NodeEvents { .. }
            | Self::TopNodes { .. }
            | Self::PodDescribe { .. }
            | Self::PodEvents { .. }
            | Self::PodLogs(_)
            | Self::Rollout { .. }
            | Self::Status => None,
        }
    }

    /// Whether only the person who asks sees the reply.
    pub const fn is_private(&self) -> bool {
        match self {
            Self::PodLogs(logs) => !logs.share,
            Self::Status => true,
            _ => false,
        }
    }
}

/// How long a check may take, in milliseconds: a person waits for it.
const PATIENCE: Millis = 8_000;

/// Reads the cluster as the person who asks, and says what was found.
///
/// # Errors
/// If the person may not, or what they wrote means nothing. What cannot be read is part of the reply.
pub fn run<'a>(
    app: &'a App,
    caller: &'a Caller,
    lang: Lang,
    check: Check,
) -> BoxFuture<'a, Result<Reply, Failure>> {
    async move {
        if check.what == What::Status {
            return Ok(status::show(app, caller, lang).await?);
        }
        let is_private = check.what.is_private() || caller.alone;
        let (cluster, who) = place(app, caller, check.cluster.as_deref())?;
        let view = View {
            app,
            lang,
            reader: reader(app, cluster, &who, PATIENCE),
        };
        let report = match read(&view, &check.what).await {
            Ok(report) => named::checked(&view, &check.what, report).await,
            Err(not) => Err(not),
        };
        Ok(match report {
            Ok(report) => view.reply(report, is_private),
            Err(not) => view.unread(&not, is_private),
        })
    }
    .boxed()
}

/// Whether it names a cluster that there is not, or the person is nobody there.
pub fn is_out_of_place(app: &App, caller: &Caller, check: &Check) -> bool {
    check.what != What::Status && place(app, caller, check.cluster.as_deref()).is_err()
}

async fn read(view: &View<'_>, what: &What) -> Result<Report, NotRead> {
    match what {
        What::Nodes => nodes::list(view).await,
        What::NodeDescribe { node } => nodes::describe(view, node).await,
        What::NodeEvents { node } => nodes::events(view, node).await,
        What::Pods(filter) => pods::list(view, filter).await,
        What::PodDescribe { pod } => pods::describe(view, pod).await,
        What::PodEvents { pod } => pods::events(view, pod).await,
        What::Events { namespace, order } => events::list(view, namespace.as_deref(), *order).await,
        What::Workloads { namespace } => workloads::list(view, namespace.as_deref()).await,
        What::Rollout { workload } => workloads::rollout(view, workload).await,
        What::TopNodes { sort } => top::nodes(view, *sort).await,
        What::TopPods { namespace, sort } => top::pods(view, namespace.as_deref(), *sort).await,
        What::Services { namespace } => services::list(view, namespace.as_deref()).await,
        What::PodLogs(wanted) => logs::show(view, wanted).await,
        What::Changes { namespace, hours } => changes::list(view, namespace.as_deref(), *hours).await,
        // Asked of the bot, not of a cluster.
        What::Status => Ok(Report::default()),
    }
}

/// The cluster that is meant, and as whom this person reads it.
///
/// # Errors
/// If there is no such cluster, or others are mapped and this person is not.
pub fn place<'a>(app: &'a App, caller: &Caller, named: Option<&str>) -> Result<(&'a Cluster, Who), Refusal> {
    Ok((cluster_of(app, caller, named)?, who(app, caller)?))
}

/// The cluster that is meant: the one named, the channel's, or the first.
///
/// # Errors
/// If there is no such cluster.
pub fn cluster_of<'a>(app: &'a App, caller: &Caller, named: Option<&str>) -> Result<&'a Cluster, Refusal> {
    let of_channel = app
        .channel(&caller.place)
        .and_then(|channel| channel.cluster.as_deref());
    match named.or(of_channel) {
        Some(name) => app.clusters.get(name).ok_or_else(|| no_cluster(app, name)),
        None => app.clusters.all().next().ok_or(Refusal::NoCluster),
    }
}

/// There is no cluster of this name, or none at all: a button may outlive its cluster.
pub fn no_cluster(app: &App, name: &str) -> Refusal {
    let (name, known) = (name.to_owned(), app.clusters.names());
    match known.is_empty() {
        true => Refusal::NoCluster,
        false => Refusal::UnknownCluster { name, known },
    }
}

/// Reads `cluster` as `who`, for at most so many milliseconds from now.
pub fn reader<'a>(app: &'a App, cluster: &'a Cluster, who: &'a Who, patience: Millis) -> Reader<'a> {
    Reader {
        cluster,
        who,
        clock: &app.clock,
        until: app.clock.now() + patience,
    }
}

/// Where nobody is mapped everybody reads as the bot; as soon as anybody is, nobody else does.
fn who(app: &App, caller: &Caller) -> Result<Who, Refusal> {
    let config = &app.config;
    if config.people.is_empty() && config.groups.is_empty() {
        return Ok(Who::Bot);
    }
    let person = config.people.values().find(|person| person.id == caller.id);
    let groups = config
        .groups
        .values()
        .filter(|group| caller.roles.contains(&group.role));
    let groups: Vec<_> = groups.collect();
    let of_group = groups.iter().find_map(|group| group.user.as_ref());
    let user = person
        .map(|person| &person.user)
        .or(of_group)
        .ok_or(Refusal::NotMapped)?;
    Ok(Who::Person {
        user: user.clone(),
        groups: groups.iter().map(|group| group.group.clone()).collect(),
    })
}

/// The names of all checks, as the configuration knows them.
pub fn names() -> Vec<String> {
    let checks = crate::command::COMMANDS.iter().filter_map(|spec| spec.check);
    checks.map(str::to_owned).collect()
}

impl Check {
    /// A check of the given cluster.
    pub fn new(what: What, cluster: Option<&str>) -> Self {
        Self {
            what,
            cluster: cluster.map(str::to_owned),
        }
    }

    /// The id of the button that runs this check, within Discord's limit: names that are too long are carried
    /// as hashes. What only a command can ask for, such as that a log is shown to everybody, is left out.
    pub fn control_id(&self) -> String {
        let fits = |id: &String| id.len() <= limits::CUSTOM_ID;
        let whole = self.id_with(&|name| name.to_owned());
        Some(whole)
            .filter(fits)
            .or_else(|| Some(self.id_with(&hashed)).filter(fits))
            .unwrap_or_else(|| self.widened().id_with(&hashed))
    }

    /// The same check without what narrows it at any length.
    fn widened(&self) -> Self {
        let mut check = self.clone();
        match &mut check.what {
            What::Pods(filter) => filter.label = None,
            What::PodLogs(logs) => logs.grep = None,
            _ => {}
        }
        check
    }

    fn id_with(&self, shorten: &dyn Fn(&str) -> String) -> String {
        let cluster = self.cluster.as_deref().unwrap_or_default();
        let place = |namespace: &Option<String>| namespace.clone().unwrap_or_default();
        let rest = match &self.what {
            What::Nodes | What::Status => String::new(),
            What::NodeDescribe { node } | What::NodeEvents { node } => shorten(node),
            What::TopNodes { sort } => letter(*sort == Sort::Memory, 'm'),
            What::TopPods { namespace, sort } => {
                format!("{}:{}", place(namespace), letter(*sort == Sort::Memory, 'm'))
            }
            What::Pods(filter) => {
                let node = filter.node.as_deref().map(shorten).unwrap_or_default();
                let label = filter.label.as_ref().map(|label| format!(":{label}"));
                format!(
                    "{}:{node}:{}{}",
                    place(&filter.namespace),
                    letter(filter.unhealthy, 'u'),
                    label.unwrap_or_default()
                )
            }
            What::PodDescribe { pod } | What::PodEvents { pod } => shorten(pod),
            What::PodLogs(logs) => {
                let container = logs.container.as_deref().map(shorten).unwrap_or_default();
                format!(
                    "{}:{container}:{}{}",
                    shorten(&logs.pod),
                    letter(logs.previous, 'p'),
                    logs.narrowed()
                )
            }
            What::Rollout { workload } => shorten(workload),
            What::Workloads { namespace } | What::Services { namespace } => place(namespace),
            What::Events { namespace, order } => {
                format!("{}:{}", place(namespace), letter(*order == Order::Frequent, 'f'))
            }
            What::Changes { namespace, hours } => format!("{}:{hours}", place(namespace)),
        };
        format!("check:{}:{cluster}:{rest}", self.what.name())
    }

    /// The check of the button with this id; `None` if this version made no such id.
    pub fn from_control(id: &str) -> Option<Self> {
        let mut parts = id.strip_prefix("check:")?.splitn(3, ':');
        let (name, cluster, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let rest: Vec<&str> = rest.split(':').collect();
        let what = what_of(name, &rest)?;
        Some(Self {
            what,
            cluster: filled(cluster)?,
        })
    }
}

fn what_of(name: &str, rest: &[&str]) -> Option<What> {
    let what = match (name, rest) {
        ("nodes", [""]) => What::Nodes,
        ("status", [""]) => What::Status,
        ("node-describe", [node]) => What::NodeDescribe { node: filled(node)?? },
        ("node-events", [node]) => What::NodeEvents { node: filled(node)?? },
        ("top-nodes", [sort]) => What::TopNodes { sort: sort_of(sort)? },
        ("top-pods", [place, sort]) => What::TopPods {
            namespace: filled(place)?,
            sort: sort_of(sort)?,
        },
        ("pods", [place, node, state]) => What::Pods(PodFilter {
            namespace: filled(place)?,
            node: filled(node)?,
            label: None,
            unhealthy: flag(state, "u")?,
        }),
        ("pods", [place, node, state, label]) if is_selector(label) => What::Pods(PodFilter {
            namespace: filled(place)?,
            node: filled(node)?,
            label: Some((*label).to_owned()),
            unhealthy: flag(state, "u")?,
        }),
        ("pod-describe", [pod]) => What::PodDescribe { pod: filled(pod)?? },
        ("pod-events", [pod]) => What::PodEvents { pod: filled(pod)?? },
        ("pod-logs", parts) => What::PodLogs(logs_of(parts)?),
        ("workloads", [place]) => What::Workloads {
            namespace: filled(place)?,
        },
        ("rollout", [workload]) => What::Rollout {
            workload: filled(workload)??,
        },
        ("services", [place]) => What::Services {
            namespace: filled(place)?,
        },
        ("events", [place, order]) => What::Events {
            namespace: filled(place)?,
            order: if flag(order, "f")? {
                Order::Frequent
            } else {
                Order::Newest
            },
        },
        ("changes", [place, hours]) => What::Changes {
            namespace: filled(place)?,
            hours: hours.parse().ok()?,
        },
        _ => return None,
    };
    Some(what)
}

fn logs_of(parts: &[&str]) -> Option<Logs> {
    let [pod, container, previous, narrowed @ ..] = parts else {
        return None;
    };
    let usual = Logs {
        container: filled(container)?,
        previous: flag(previous, "p")?,
        ..Logs::of(filled(pod)??)
    };
    match narrowed {
        [] => Some(usual),
        [lines, since, grep] => Some(Logs {
            lines: amount(lines)?.unwrap_or(LOG_LINES).clamp(1, LOG_LINES_MOST),
            since: amount(since)?,
            grep: (!grep.is_empty()).then(|| (*grep).to_owned()),
            ..usual
        }),
        _ => None,
    }
}

impl Logs {
    /// The usual lines of a Pod.
    pub fn of(pod: impl Into<String>) -> Self {
        Self {
            pod: pod.into(),
            container: None,
            previous: false,
            since: None,
            lines: LOG_LINES,
            grep: None,
            follow: 0,
            share: false,
        }
    }

    /// What narrows it, for the id of a button: nothing where nothing does.
    fn narrowed(&self) -> String {
        let Self {
            lines, since, grep, ..
        } = self;
        if (*lines, since, grep) == (LOG_LINES, &None, &None) {
            return String::new();
        }
        let lines = (*lines != LOG_LINES).then_some(lines);
        // A text with the mark that parts an id would be read as another one.
        let grep = grep.as_ref().filter(|text| !text.contains(':'));
        let number = |number: Option<&u32>| number.map(u32::to_string).unwrap_or_default();
        let grep = grep.map_or("", String::as_str);
        format!(":{}:{}:{grep}", number(lines), number(since.as_ref()))
    }
}

/// Whether `text` is a selector of labels as kubectl's `-l` takes it, but for `>` and `<`.
pub fn is_selector(text: &str) -> bool {
    static SELECTOR: LazyLock<Regex> = LazyLock::new(|| {
        let part = r"[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?";
        let (key, value) = (format!("(?:[a-z0-9.-]+/)?{part}"), format!("(?:{part})?"));
        let is = format!(r"(?:==?|!=)\s*{value}");
        let among = format!(r"\s(?:not)?in\s*\(\s*{value}(?:\s*,\s*{value})*\s*\)");
        let term = format!(r"\s*(?:!\s*{key}|{key}\s*(?:{is}|{among})?)\s*");
        // The flag keeps `\w` to ASCII, as the API does.
        Regex::new(&format!("^(?-u:{term}(?:,{term})*)$")).expect("the pattern is sound")
    });
    text.len() <= 500 && SELECTOR.is_match(text)
}

/// Whether `text` can be the name of an object, or of several joined by `/`, or the hash of one.
pub fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('~').unwrap_or(text);
    text.len() <= 400 && !text.contains("..") && text.split('/').all(is_segment)
}

/// A name as the API takes it: letters and digits at both ends, so that it leads nowhere else in a path.
fn is_segment(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    ends.is_some_and(|(first, last)| is_plain(*first) && is_plain(*last))
        && bytes
            .iter()
            .all(|byte| is_plain(*byte) || matches!(byte, b'-' | b'.'))
}

/// What stands for a name that is too long for the id of a button.
pub fn hashed(name: &str) -> String {
    // FNV-1a: the same in every version, which the standard library's hasher does not promise.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("~{hash:016x}")
}

/// Whether `written` means the object with this name.
pub fn means(written: &str, name: &str) -> bool {
    written == name || (written.starts_with('~') && written == hashed(name))
}

/// A part of an id: `None` if it cannot be one of ours, `Some(None)` if it is empty.
fn filled(part: &str) -> Option<Option<String>> {
    if part.is_empty() {
        return Some(None);
    }
    is_name(part).then(|| Some(part.to_owned()))
}

/// A number in an id, if there is one; `None` if it cannot be one of ours.
fn amount(part: &str) -> Option<Option<u32>> {
    if part.is_empty() {
        return Some(None);
    }
    part.parse().ok().map(Some)
}

fn letter(is_set: bool, letter: char) -> String {
    if is_set { letter.to_string() } else { String::new() }
}

fn flag(part: &str, letter: &str) -> Option<bool> {
    match part {
        "" => Some(false),
        other if other == letter => Some(true),
        _ => None,
    }
}

fn sort_of(part: &str) -> Option<Sort> {
    Some(if flag(part, "m")? { Sort::Memory } else { Sort::Cpu })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_what_kubectl_takes() {
        for good in [
            "app",
            "!app",
            "app=",
            "app==web",
            " app = web , tier!=cache",
            "app.kubernetes.io/name in (a, b),x notin (c)",
        ] {
            assert!(is_selector(good), "{good}");
        }
        for bad in [
            "",
            "!!bad",
            "app=,",
            "a b",
            "app in a",
            "app in (a",
            "=web",
            "app=节点",
            "-app",
            "app=web;x",
        ] {
            assert!(!is_selector(bad), "{bad}");
        }
    }

    fn every() -> Vec<What> {
        let namespace = || Some("shop".to_owned());
        let name = || "shop/web-1".to_owned();
        vec![
            What::Nodes,
            What::Status,
            What::NodeDescribe { node: name() },
            What::NodeEvents { node: name() },
            What::TopNodes { sort: Sort::Memory },
            What::TopPods {
                namespace: None,
                sort: Sort::Cpu,
            },
            What::Pods(PodFilter {
                namespace: namespace(),
                node: Some("node-1".to_owned()),
                label: None,
                unhealthy: true,
            }),
            What::PodDescribe { pod: name() },
            What::PodEvents { pod: name() },
            What::PodLogs(Logs {
                container: Some("app".to_owned()),
                previous: true,
                ..Logs::of(name())
            }),
            What::PodLogs(Logs {
                lines: 50,
                since: Some(60),
                grep: Some("x y".to_owned()),
                ..Logs::of(name())
            }),
            What::Pods(PodFilter {
                label: Some("app in (a, b),tier!=c".to_owned()),
                ..PodFilter::default()
            }),
            What::Workloads { namespace: None },
            What::Rollout { workload: name() },
            What::Services {
                namespace: namespace(),
            },
            What::Events {
                namespace: namespace(),
                order: Order::Frequent,
            },
            What::Changes {
                namespace: None,
                hours: 1,
            },
        ]
    }

    #[test]
    fn a_button_carries_its_check_whole() {
        for what in every() {
            let check = Check::new(what, Some("prod"));
            assert_eq!(
                Check::from_control(&check.control_id()),
                Some(check.clone()),
                "{check:?}"
            );
        }
    }

    #[test]
    fn every_check_has_a_command() {
        for what in every() {
            assert!(names().iter().any(|name| name == what.name()), "{}", what.name());
        }
        let listed: std::collections::BTreeSet<_> = every().iter().map(What::name).collect();
        assert_eq!(names().len(), listed.len());
    }

    #[test]
    fn a_name_that_is_too_long_is_carried_as_a_hash() {
        let (pod, container) = (format!("shop/{}", "a".repeat(253)), "c".repeat(63));
        let logs = Logs {
            container: Some(container.clone()),
            ..Logs::of(pod.clone())
        };
        let id = Check::new(What::PodLogs(logs), Some(&"k".repeat(32))).control_id();
        assert!(id.len() <= limits::CUSTOM_ID, "{id}");
        let Some(Check {
            what: What::PodLogs(read),
            ..
        }) = Check::from_control(&id)
        else {
            panic!("{id}");
        };
        assert!(means(&read.pod, &pod) && means(read.container.as_deref().unwrap(), &container));
        assert!(!means(&read.pod, "shop/other"));
    }

    #[test]
    fn a_forged_id_is_none() {
        for id in [
            "check:nodes::x",
            "check:node-describe:prod:../../secrets",
            "check:node-describe:prod:",
            "check:pods:::q",
            "check:pods::::a{b}",
            "check:pod-logs::web:::x::",
            "check:drop::",
            "check:nodes",
        ] {
            assert_eq!(Check::from_control(id), None, "{id}");
        }
    }
}
