//! What the checks say.

use firstmate_kb::Lang;

use super::{pick, quoted};
use crate::app::App;
use crate::check::logs::NoLog;
use crate::check::report::AGREED;
use crate::check::{Logs, Order, PodFilter, Sort};
use crate::cluster::changes::request_of;
use crate::cluster::read::time::{age, human};
use crate::cluster::snapshot::change::{Change, Object, What as Changed};
use crate::cluster::snapshot::node::{Condition, Node, NodeDetail, Ready, Reboots};
use crate::cluster::snapshot::pod::{Exit, Pod, PodDetail, Trouble};
use crate::cluster::snapshot::resources::{Resources, amount_words};
use crate::cluster::snapshot::service::{Matches, Route, Service};
use crate::cluster::snapshot::workload::{ImageChange, Revision, Stage, Workload};
use crate::cluster::{NotRead, Why};
use crate::remedy::approval::{Person, Request};

type Millis = crate::clock::Millis;

/// How many nodes a sentence names.
const NAMED: usize = 3;

/// What figures are of.
#[derive(Clone, Copy, Debug)]
pub enum Counted {
    /// Nodes.
    Nodes,
    /// Pods.
    Pods,
}

/// Below a reply: which cluster, as whom, when.
pub fn footer(lang: Lang, cluster: &str, user: Option<&str>, now: Millis) -> String {
    let time = clock_time(now);
    match user {
        Some(user) => pick(
            lang,
            format!("{cluster} · read as {user} · {time} UTC"),
            format!("{cluster} · 以 {user} 身份读取 · {time} UTC"),
        ),
        None => pick(
            lang,
            format!("{cluster} · {time} UTC"),
            format!("{cluster} · {time} UTC"),
        ),
    }
}

/// The time of the day.
pub(crate) fn clock_time(now: Millis) -> String {
    let seconds = now / 1000 % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// The first thing could not be read, so there is nothing to show.
pub fn nothing_read(lang: Lang) -> &'static str {
    pick(
        lang,
        "This could not be read from the cluster.",
        "没能从集群读到这项内容。",
    )
}

/// What could not be read, why, and how to allow it.
pub fn not_checked(lang: Lang, not: &NotRead) -> String {
    if not.why == Why::NotFound {
        let what = one(lang, not);
        return pick(
            lang,
            format!("There is no {what}. Choose one from the list that opens as you type."),
            format!("没有{}。输入时可从弹出的列表中选择。", spaced(&what)),
        );
    }
    if not.why == Why::NotServed && not.right.group == "metrics.k8s.io" {
        return pick(
            lang,
            "⚠ Not checked: what is in use. This cluster has no metrics API; an admin can install metrics-server.".to_owned(),
            "⚠ 未检查：资源用量。该集群没有 metrics API，请管理员安装 metrics-server。".to_owned(),
        );
    }
    let (what, why) = (what(lang, not), why(lang, not));
    pick(
        lang,
        format!("⚠ Not checked: {what}. {why}"),
        format!("⚠ 未检查：{what}。{why}"),
    )
}

/// A word that stands behind Chinese: apart from it if it begins in Latin letters.
fn spaced(word: &str) -> String {
    match word.starts_with(|it: char| it.is_ascii_alphanumeric()) {
        true => format!(" {word}"),
        false => word.to_owned(),
    }
}

/// One object by kind and name.
fn one(lang: Lang, not: &NotRead) -> String {
    let kind = match not.right.resource {
        "nodes" => pick(lang, "node", "节点"),
        "pods" | "pods/log" => "Pod",
        "namespaces" => pick(lang, "namespace", "命名空间"),
        _ => pick(lang, "workload", "工作负载"),
    };
    let name = match not.namespace.as_str() {
        "" => quoted(&not.name),
        namespace => quoted(&format!("{namespace}/{}", not.name)),
    };
    format!("{kind} {name}")
}

fn what(lang: Lang, not: &NotRead) -> String {
    if not.right.resource == "namespaces" && !not.name.is_empty() {
        let name = quoted(&not.name);
        return pick(
            lang,
            format!("whether there is a namespace {name}"),
            format!("命名空间 {name} 是否存在"),
        );
    }
    let resource = resource(lang, not.right.resource);
    if not.name.is_empty() && not.namespace.is_empty() {
        return resource.to_owned();
    }
    let name = match (not.namespace.as_str(), not.name.as_str()) {
        ("", name) => quoted(name),
        (namespace, "") => {
            let namespace = quoted(namespace);
            return pick(
                lang,
                format!("{resource} in {namespace}"),
                format!("{namespace} 中的 {resource}"),
            );
        }
        (namespace, name) => quoted(&format!("{namespace}/{name}")),
    };
    format!("{resource} {name}")
}

fn resource(lang: Lang, resource: &str) -> &str {
    match resource {
        "nodes" => pick(lang, "nodes", "节点"),
        "leases" => pick(lang, "the node's lease", "节点租约"),
        "pods" => "Pods",
        "pods/log" => pick(lang, "the log", "日志"),
        "events" => pick(lang, "events", "事件"),
        "namespaces" => pick(lang, "namespaces", "命名空间"),
        "services" => "Services",
        "endpointslices" => "EndpointSlices",
        "ingresses" => "Ingresses",
        "deployments" => "Deployments",
        "replicasets" => "ReplicaSets",
        "statefulsets" => "StatefulSets",
        "daemonsets" => "DaemonSets",
        "controllerrevisions" => pick(lang, "revisions", "历史版本"),
        other => other,
    }
}

/// Why something could not be read, and how to allow it.
pub fn why(lang: Lang, not: &NotRead) -> String {
    let right = not.right.words();
    match &not.why {
        Why::Forbidden { user: Some(user) } => {
            let user = quoted(user);
            pick(
                lang,
                format!("The Kubernetes user {user} lacks the right `{right}`; an admin can grant it."),
                format!("Kubernetes 用户 {user} 没有 `{right}` 权限，请管理员授权。"),
            )
        }
        Why::Forbidden { user: None } => pick(
            lang,
            format!(
                "First Mate itself lacks the right `{right}`; an admin can add it to its ClusterRole (`bot/deploy/rbac.yaml`)."
            ),
            format!("大副自身没有 `{right}` 权限，请管理员加到它的 ClusterRole（`bot/deploy/rbac.yaml`）。"),
        ),
        Why::MayNotActAs { user } => {
            let user = quoted(user);
            pick(
                lang,
                format!(
                    "First Mate may not act as {user}, or as one of their groups, for `{right}`; an admin can allow it in `bot/deploy/rbac.yaml`."
                ),
                format!(
                    "大副无权以 {user} 或其所属用户组的身份执行 `{right}`；请管理员在 `bot/deploy/rbac.yaml` 中授权。"
                ),
            )
        }
        why => why_server(lang, not, why),
    }
}

/// Where the server itself is the matter, and not a right.
fn why_server(lang: Lang, not: &NotRead, why: &Why) -> String {
    match why {
        Why::Forbidden { .. } | Why::MayNotActAs { .. } | Why::NotFound => String::new(),
        Why::Unauthorized => pick(
            lang,
            "The API server does not accept First Mate's credentials; an admin should renew its kubeconfig or ServiceAccount.".to_owned(),
            "API server 不认可大副的凭据，请管理员更新 kubeconfig 或 ServiceAccount。".to_owned(),
        ),
        Why::NotServed => pick(
            lang,
            format!("This cluster does not serve `{}`.", not.right.resource),
            format!("该集群没有提供 `{}`。", not.right.resource),
        ),
        Why::Throttled => pick(
            lang,
            "The API server throttles requests; try again in a minute.".to_owned(),
            "API server 正在限流，请一分钟后再试。".to_owned(),
        ),
        Why::TimedOut => pick(
            lang,
            "The API server did not answer in time; try again, or look at the control plane.".to_owned(),
            "API server 没有及时应答，请重试，或检查控制平面。".to_owned(),
        ),
        Why::Unreachable(reason) => {
            let reason = quoted(reason);
            pick(
                lang,
                format!("The API server cannot be reached: {reason}."),
                format!("连不上 API server：{reason}。"),
            )
        }
        Why::Failed { code, message } => {
            let message = quoted(&crate::redact::redact(message));
            pick(
                lang,
                format!("The API server answered {code}: {message}"),
                format!("API server 返回 {code}：{message}"),
            )
        }
        Why::Unreadable => pick(
            lang,
            "The answer could not be understood; is this address really an API server?".to_owned(),
            "无法理解返回的内容，请确认该地址确实是 API server。".to_owned(),
        ),
    }
}

/// Where the rows are that a reply does not show.
pub fn more_rows(lang: Lang, more: usize, file: &str) -> String {
    pick(
        lang,
        format!("… and {more} more: all of them are in `{file}`."),
        format!("……另有 {more} 行，全部内容见 `{file}`。"),
    )
}

/// Where to find rows that a reply does not show, and how to come by those that are too many.
pub fn more_rows_than_listed(lang: Lang, more: usize, left_out: usize, file: &str) -> String {
    pick(
        lang,
        format!(
            "… and {} more: {more} of them are in `{file}`. To see the others, name a namespace.",
            more + left_out
        ),
        format!(
            "……另有 {} 行，其中 {more} 行见 `{file}`；要看其余的，请指定命名空间。",
            more + left_out
        ),
    )
}

/// There is no such namespace, but some that are written alike.
pub fn no_namespace(lang: Lang, name: &str) -> String {
    let name = quoted(name);
    pick(
        lang,
        format!("There is no namespace {name}. Did you mean one of these?"),
        format!("没有命名空间 {name}，你想看的是哪一个？"),
    )
}

/// The word on a button that leads to one object.
pub fn describe_button(lang: Lang, name: &str) -> String {
    pick(lang, format!("Describe {name}"), format!("{name} 详情"))
}

/// The word on a button that leads to the events of one object.
pub fn events_button(lang: Lang, name: &str) -> String {
    pick(lang, format!("Events of {name}"), format!("{name} 的事件"))
}

/// The title of `/nodes`.
pub fn nodes_title(lang: Lang) -> &'static str {
    pick(lang, "Nodes", "节点")
}

/// How many nodes are how.
pub fn nodes_summary(lang: Lang, nodes: &[Node], is_rebooted: impl Fn(&Node) -> bool) -> String {
    let count = |is: &dyn Fn(&Node) -> bool| nodes.iter().filter(|node| is(node)).count();
    let ready = count(&|node| node.ready == Ready::Yes);
    let pressed = count(&|node| node.ready == Ready::Yes && node.unusual().next().is_some());
    let cordoned = count(&|node| node.unschedulable);
    let rebooted = count(&|node| node.ready == Ready::Yes && is_rebooted(node));
    let (all, not_ready) = (nodes.len(), nodes.len() - ready);
    if all == 0 {
        return pick(lang, "There are no nodes.", "没有节点。").to_owned();
    }
    let mut words = vec![pick(
        lang,
        format!("{ready} of {} ready", plural(all, "node")),
        format!("{all} 个节点，{ready} 个就绪"),
    )];
    for (count, en, zh) in [
        (not_ready, "not ready", "个未就绪"),
        (pressed, "under pressure or unusual", "个有压力或其他异常"),
        (cordoned, "cordoned", "个停止调度"),
        (rebooted, "rebooted lately", "个近期重启过"),
    ] {
        if count > 0 {
            words.push(pick(lang, format!("{count} {en}"), format!("{count} {zh}")));
        }
    }
    words.join(pick(lang, ", ", "，")) + pick(lang, ".", "。")
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

/// Several things that are said of one object.
pub fn listed(lang: Lang, words: &[String]) -> String {
    words.join(pick(lang, "; ", "；"))
}

/// A condition of a node that is not as it should be.
pub fn condition(lang: Lang, condition: &Condition, age: &str, message: &str) -> String {
    let (kind, status) = (&condition.kind, &condition.status);
    let reason = [condition.reason.as_str(), message]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(": ");
    let reason = crate::check::table::one_line(&reason);
    pick(
        lang,
        format!("{kind}={status} for {age} ({reason})"),
        format!("{kind}={status}，已持续 {age}（{reason}）"),
    )
}

/// A node on which no new Pod is placed.
pub fn cordoned(lang: Lang) -> &'static str {
    pick(lang, "cordoned: takes no new Pods", "已停止调度，不接收新 Pod")
}

/// That a node was rebooted, how often and when it was last.
pub fn rebooted(lang: Lang, times: i64, age: &str) -> String {
    match times {
        1 => pick(lang, format!("rebooted {age} ago"), format!("{age} 前重启过")),
        _ => pick(
            lang,
            // As often as the cluster remembers: it forgets events after about an hour.
            format!("rebooted at least {times} times, the last time {age} ago"),
            format!("至少重启过 {times} 次，最近一次在 {age} 前"),
        ),
    }
}

/// The taints of a node.
pub fn taints(lang: Lang, words: &[String]) -> String {
    let words = words.join(pick(lang, ", ", "、"));
    pick(lang, format!("Taints: {words}"), format!("污点：{words}"))
}

/// A node's sign of life.
pub fn lease(lang: Lang, renewed: Option<Millis>, now: Millis) -> String {
    match renewed {
        Some(renewed) if renewed > now.saturating_add(AGREED) => {
            let ahead = difference(renewed - now);
            pick(
                lang,
                format!("Lease renewed {ahead} in the future."),
                format!("最近一次租约续期：比现在晚 {ahead}。"),
            )
        }
        Some(renewed) => {
            // Two clocks always differ a little.
            let age = age(Some(renewed.min(now)), now);
            pick(
                lang,
                format!("Lease renewed {age} ago."),
                format!("最近一次租约续期：{age} 前。"),
            )
        }
        None => pick(
            lang,
            "Lease: no renewal is known.".to_owned(),
            "租约：没有续期记录。".to_owned(),
        ),
    }
}

/// Times of the cluster lie ahead of the bot's clock.
pub fn clocks_differ(lang: Lang, ahead: Millis) -> String {
    let ahead = difference(ahead);
    pick(
        lang,
        format!(
            "⚠ The clocks disagree: what was read here lies up to {ahead} in the future by First Mate's clock. Ages are too short by as much, and `<invalid>` where they would be negative. Check the time (NTP) of the cluster's machines and of First Mate's."
        ),
        format!(
            "⚠ 时钟不一致：按大副的时钟，这里读到的时间最多比现在晚 {ahead}。时长会少算这么多，本应为负的显示为 `<invalid>`。请检查集群各机器和大副所在机器的时间同步（NTP）。"
        ),
    )
}

/// A node that is ready seems not to have renewed its lease for long.
pub fn clock_behind(lang: Lang, ago: Millis) -> String {
    let ago = difference(ago);
    pick(
        lang,
        format!(
            "⚠ The clocks disagree: the node is Ready, so it renews its lease every few seconds, but the last renewal seems {ago} old. Ages here are too long by about as much. Check the time (NTP) of the node and of First Mate's machine."
        ),
        format!(
            "⚠ 时钟不一致：节点为 Ready，租约每隔几秒就会续期，但最近一次续期看起来在 {ago} 之前。这里的时长大约多算了这么多。请检查该节点和大副所在机器的时间同步（NTP）。"
        ),
    )
}

fn difference(millis: Millis) -> String {
    human(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Versions and kind of a node's machine.
pub fn system(lang: Lang, node: &Node) -> String {
    let system = &node.system;
    let words = [
        &system.kubelet,
        &system.runtime,
        &system.kernel,
        &system.os_image,
        &system.architecture,
    ];
    let words: Vec<String> = words
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(|word| crate::check::table::one_line(word))
        .collect();
    let words = words.join(" · ");
    let address = node.internal_ip().unwrap_or("-").to_owned();
    pick(
        lang,
        format!("{words}\nRoles {}, address {address}", node.role_words()),
        format!("{words}\n角色 {}，地址 {address}", node.role_words()),
    )
}

/// Above the last few events.
pub fn last_events(lang: Lang) -> &'static str {
    pick(lang, "Last events", "最近事件")
}

/// The title of `/node describe`.
pub fn node_title(lang: Lang, name: &str) -> String {
    let name = crate::check::table::one_line(name);
    pick(lang, format!("Node {name}"), format!("节点 {name}"))
}

/// A node in one sentence.
pub fn node_summary(lang: Lang, detail: &NodeDetail, reboots: Option<Reboots>, now: Millis) -> String {
    let node = &detail.node;
    let (name, status, old) = (quoted(&node.name), node.status(), age(node.created, now));
    let mut words = vec![pick(
        lang,
        format!("Node {name} is {status}, {old} old"),
        format!("节点 {name}：{status}，已创建 {old}"),
    )];
    words.extend(detail.pods.as_ref().map(|pods| {
        let count = pods.len();
        pick(
            lang,
            format!("with {}", plural(count, "Pod")),
            format!("运行 {count} 个 Pod"),
        )
    }));
    let reboots = reboots.map(|it| rebooted(lang, it.times, &age(Some(it.last), now)));
    let first = words.join(pick(lang, ", ", "，"));
    let words: Vec<String> = std::iter::once(first).chain(reboots).collect();
    listed(lang, &words) + pick(lang, ".", "。")
}

/// The title of a list of events.
pub fn events_title(lang: Lang, name: &str) -> String {
    let name = crate::check::table::one_line(name);
    pick(lang, format!("Events of {name}"), format!("{name} 的事件"))
}

/// How many events there are about an object.
pub fn events_summary(lang: Lang, all: usize, warnings: usize, is_gone: bool) -> String {
    let gone = if is_gone {
        pick(lang, " The object itself is gone.", "该对象本身已不存在。")
    } else {
        ""
    };
    if all == 0 {
        let none = pick(
            lang,
            "No events are kept of it; the API server forgets them after an hour unless told otherwise.",
            "没有相关事件；API server 默认只保留一小时。",
        );
        return format!("{none}{gone}");
    }
    let words = pick(
        lang,
        format!(
            "{}, {} of them warnings; the newest first.",
            plural(all, "event"),
            warnings
        ),
        format!("{all} 条事件，其中 Warning {warnings} 条，最新的在前。"),
    );
    format!("{words}{gone}")
}

/// The title of `/pods`.
pub fn pods_title(lang: Lang, filter: &PodFilter) -> String {
    let mut words = vec![pick(lang, "Pods", "Pod").to_owned()];
    if let Some(namespace) = &filter.namespace {
        words.push(pick(
            lang,
            format!("in {namespace}"),
            format!("命名空间 {namespace}"),
        ));
    }
    if let Some(node) = &filter.node {
        words.push(pick(lang, format!("on {node}"), format!("节点 {node}")));
    }
    if let Some(label) = &filter.label {
        words.push(pick(lang, format!("with {label}"), format!("标签 {label}")));
    }
    if filter.unhealthy {
        words.push(pick(lang, "that are unhealthy", "仅异常").to_owned());
    }
    words.join(pick(lang, " ", " · "))
}

/// How many Pods are how.
pub fn pods_summary(lang: Lang, all: usize, sick: usize) -> String {
    match (all, sick) {
        (0, _) => pick(lang, "There are no such Pods.", "没有符合条件的 Pod。").to_owned(),
        (all, 0) => pick(
            lang,
            format!("{}, none unhealthy.", plural(all, "Pod")),
            format!("{all} 个 Pod，全部正常。"),
        ),
        (all, sick) => pick(
            lang,
            format!("{}, {sick} unhealthy.", plural(all, "Pod")),
            format!("{all} 个 Pod，{sick} 个异常。"),
        ),
    }
}

/// The title where a name means several Pods.
pub fn which_title(lang: Lang, name: &str) -> String {
    let name = crate::check::table::one_line(name);
    pick(lang, format!("Which {name}?"), format!("哪个 {name}？"))
}

/// A name that several namespaces have.
pub fn which(lang: Lang, name: &str) -> String {
    let name = quoted(name);
    pick(
        lang,
        format!("Several namespaces have {name}. Choose one:"),
        format!("多个命名空间里都有 {name}，请选择："),
    )
}

/// A Pod in one sentence.
pub fn pod_summary(lang: Lang, pod: &Pod, now: Millis) -> String {
    let name = quoted(&pod.name);
    let (status, ready) = (&pod.status, pod.ready_words());
    let restarts = match pod.last_restart.filter(|_| pod.restarts > 0 && lang == Lang::Zh) {
        Some(last) => format!("{} 次（{} 前）", pod.restarts, age(Some(last), now)),
        None => pick(lang, pod.restart_words(now), format!("{} 次", pod.restarts)),
    };
    let age = age(pod.created, now);
    pick(
        lang,
        format!("Pod {name} is {status}: {ready} ready, restarts {restarts}, {age} old."),
        format!("Pod {name}：{status}，就绪 {ready}，重启 {restarts}，已创建 {age}。"),
    )
}

/// Where a Pod is and whose it is.
pub fn pod_facts(lang: Lang, detail: &PodDetail) -> String {
    let pod = &detail.pod;
    let or_dash = |text: Option<&str>| crate::check::table::one_line(text.unwrap_or("-"));
    let node = or_dash(pod.node.as_deref());
    let owner = pod
        .owner
        .as_ref()
        .map_or_else(|| "-".to_owned(), |(kind, name)| format!("{kind}/{name}"));
    let qos = or_dash(Some(pod.qos.as_str()).filter(|qos| !qos.is_empty()));
    let amounts = |of: &Resources| match lang {
        Lang::En => resources(of),
        Lang::Zh => resources(of).replace(", ", "、"),
    };
    let (requests, limits) = (amounts(&detail.requests), amounts(&detail.limits));
    pick(
        lang,
        format!("Node {node} · owner {owner} · {qos}\nRequests {requests} · limits {limits}"),
        format!("节点 {node} · 属于 {owner} · {qos}\n请求 {requests} · 上限 {limits}"),
    )
}

/// Amounts on one line: `cpu 100m, memory 128Mi`.
pub fn resources(resources: &Resources) -> String {
    let words: Vec<String> = resources
        .0
        .iter()
        .map(|(name, amount)| format!("{name} {}", amount_words(amount.as_ref())))
        .collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(", ")
    }
}

/// The probes of a container.
pub fn probes(lang: Lang, container: &str, words: &str) -> String {
    let container = crate::check::table::one_line(container);
    pick(
        lang,
        format!("Probes of {container}: {words}"),
        format!("{container} 的探针：{words}"),
    )
}

/// Why a Pod is not well.
pub fn trouble(lang: Lang, trouble: &Trouble, now: Millis) -> String {
    match trouble {
        Trouble::Failed { reason, message } | Trouble::Unschedulable { reason, message } => {
            said(reason, message)
        }
        Trouble::Deleted { due } => {
            let since = due.map_or_else(|| "?".to_owned(), |due| human(span(due, now)));
            pick(
                lang,
                format!("was deleted and should have been gone for {since}"),
                format!("已删除，超过应消失时间 {since}"),
            )
        }
        Trouble::Waiting {
            container,
            reason,
            message,
            ..
        } => format!("{container}: {}", said(reason, message)),
        Trouble::Ended { container, exit, .. } => {
            let exit = exit_words(lang, exit, now);
            pick(
                lang,
                format!("{container} ended: {exit}"),
                format!("{container} 已退出：{exit}"),
            )
        }
        Trouble::Restarted {
            container,
            restarts,
            exit,
            ..
        } => {
            let exit = exit
                .as_ref()
                .map(|exit| format!("{}{}", pick(lang, ": ", "："), exit_words(lang, exit, now)))
                .unwrap_or_default();
            pick(
                lang,
                match *restarts {
                    1 => format!("{container} was restarted once{exit}"),
                    _ => format!("{container} was restarted {restarts} times{exit}"),
                },
                format!("{container} 重启过 {restarts} 次{exit}"),
            )
        }
        Trouble::NotReady {
            container,
            started,
            probe,
        } => not_ready(lang, container, *started, probe.as_deref()),
        Trouble::Condition {
            kind,
            reason,
            message,
        } => format!("{kind}: {}", said(reason, message)),
    }
}

fn not_ready(lang: Lang, container: &str, started: bool, probe: Option<&str>) -> String {
    let probe = probe.map(|probe| pick(lang, format!(" ({probe})"), format!("（{probe}）")));
    let probe = probe.unwrap_or_default();
    if started {
        pick(
            lang,
            format!("{container} runs but is not ready{probe}"),
            format!("{container} 在运行但未就绪{probe}"),
        )
    } else {
        pick(
            lang,
            format!("{container} has not started up yet"),
            format!("{container} 尚未启动完成"),
        )
    }
}

fn exit_words(lang: Lang, exit: &Exit, now: Millis) -> String {
    let reason = if exit.reason.is_empty() {
        String::new()
    } else {
        format!("{}{}", exit.reason, pick(lang, ", ", "，"))
    };
    let sep = pick(lang, ", ", "，");
    let signal = exit
        .signal
        .map(|signal| {
            pick(
                lang,
                format!("{sep}signal {signal}"),
                format!("{sep}信号 {signal}"),
            )
        })
        .unwrap_or_default();
    let when = exit
        .finished
        .map(|finished| human(span(finished, now)))
        .unwrap_or_default();
    let code = exit.code;
    match when.is_empty() {
        true => pick(
            lang,
            format!("{reason}exit code {code}{signal}"),
            format!("{reason}退出码 {code}{signal}"),
        ),
        false => pick(
            lang,
            format!("{reason}exit code {code}{signal}, {when} ago"),
            format!("{reason}退出码 {code}{signal}，{when} 前"),
        ),
    }
}

fn said(reason: &str, message: &str) -> String {
    match (reason, message) {
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}

fn span(then: Millis, now: Millis) -> i64 {
    i64::try_from(now).unwrap_or(i64::MAX) - i64::try_from(then).unwrap_or(i64::MAX)
}

/// The title of a log.
pub fn log_title(lang: Lang, pod: &str, container: &str, previous: bool) -> String {
    let before = if previous {
        pick(lang, " before its last restart", "（上次重启前）")
    } else {
        ""
    };
    pick(
        lang,
        format!("Log of {pod}, container {container}{before}"),
        format!("{pod} 容器 {container} 的日志{before}"),
    )
}

/// Why there is no log to show, and what to do.
pub fn no_log(lang: Lang, container: &str, none: &NoLog) -> String {
    let container = quoted(container);
    match none {
        NoLog::NoContainer(names) => {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            pick(
                lang,
                format!(
                    "The Pod has no container {container}. It has {}.",
                    names.join(", ")
                ),
                format!("该 Pod 没有容器 {container}，只有 {}。", names.join("、")),
            )
        }
        NoLog::NoPrevious => pick(
            lang,
            format!(
                "{container} has not been restarted, so it has no previous log; look at the current one."
            ),
            format!("{container} 没有重启过，没有上一次的日志，请看当前日志。"),
        ),
        NoLog::NotStarted(reason) if reason.is_empty() => pick(
            lang,
            format!("{container} has not started yet, so it has no log; its events say why."),
            format!("{container} 尚未启动，还没有日志，原因请看事件。"),
        ),
        NoLog::NotStarted(reason) => {
            let reason = quoted(reason);
            pick(
                lang,
                format!("{container} has not started yet ({reason}), so it has no log; its events say why."),
                format!("{container} 尚未启动（{reason}），还没有日志，原因请看事件。"),
            )
        }
    }
}

/// How many lines of a log are shown, and which.
pub fn log_summary(lang: Lang, lines: usize, logs: &Logs) -> String {
    let grep = logs
        .grep
        .as_ref()
        .map(|grep| quoted(&crate::redact::redact(grep)));
    match lang {
        Lang::En => {
            let which = grep.map(|grep| format!(" with {grep}")).unwrap_or_default();
            let when = logs.since.map(|since| match since {
                1 => " of the last minute".to_owned(),
                _ => format!(" of the last {since} minutes"),
            });
            let when = when.unwrap_or_default();
            match lines {
                0 => format!("No lines{which}{when}."),
                1 => format!("The last line{which}{when}."),
                _ => format!("The last {lines} lines{which}{when}."),
            }
        }
        Lang::Zh => {
            let which = grep.map(|grep| format!("包含 {grep} 的")).unwrap_or_default();
            let when = logs
                .since
                .map(|since| format!("最近 {since} 分钟内"))
                .unwrap_or_default();
            match lines {
                0 => format!("{when}没有{which}日志。"),
                _ => format!("{when}{which}最后 {lines} 行日志。"),
            }
        }
    }
}

/// Said where a log shows only its end, and all of it is in a file.
pub fn log_cut(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("Only the end is shown; all of it is in `{file}`."),
        format!("这里只显示末尾，全部内容见 `{file}`。"),
    )
}

/// Said while a log is followed.
pub fn following(lang: Lang, seconds: u64) -> String {
    pick(
        lang,
        format!("Followed for another {seconds} seconds."),
        format!("持续刷新中，还剩 {seconds} 秒。"),
    )
}

/// The word on a button to the log of another container.
pub fn log_button(lang: Lang, container: &str) -> String {
    pick(lang, format!("Log of {container}"), format!("{container} 的日志"))
}

/// The title of `/events`.
pub fn warnings_title(lang: Lang, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => pick(
            lang,
            format!("Warnings in {namespace}"),
            format!("命名空间 {namespace} 的 Warning 事件"),
        ),
        None => pick(lang, "Warnings of the cluster", "集群的 Warning 事件").to_owned(),
    }
}

/// How many warnings there are, how many of them differ, and in which order they stand.
pub fn warnings_summary(lang: Lang, count: usize, groups: usize, order: Order) -> String {
    if count == 0 {
        return pick(lang, "There are no warnings.", "没有 Warning 事件。").to_owned();
    }
    let order = match order {
        Order::Newest => pick(lang, "the newest first", "最新的在前"),
        Order::Frequent => pick(lang, "the most frequent first", "最频繁的在前"),
    };
    let grouped = match groups < count {
        true => pick(
            lang,
            format!(" in {}", plural(groups, "group")),
            format!("，归为 {groups} 组"),
        ),
        false => String::new(),
    };
    pick(
        lang,
        format!("{}{grouped}, {order}.", plural(count, "warning")),
        format!("{count} 条 Warning 事件{grouped}，{order}。"),
    )
}

/// That the same is said of others of its kind.
pub fn other_objects(lang: Lang, kind: &str, count: usize) -> String {
    let kind = crate::check::table::one_line(kind);
    pick(
        lang,
        format!("and {count} more of kind {kind}"),
        format!("另有 {count} 个 {kind}"),
    )
}

/// Where each warning stands by itself.
pub fn more_groups(lang: Lang, more: usize, file: &str) -> String {
    match more {
        0 => pick(
            lang,
            format!("Each warning by itself is in `{file}`."),
            format!("每条事件见 `{file}`。"),
        ),
        _ => pick(
            lang,
            format!(
                "… and {}; each warning by itself is in `{file}`.",
                plural(more, "more group")
            ),
            format!("……另有 {more} 组，每条事件见 `{file}`。"),
        ),
    }
}

/// Said where there are more events than were read.
pub fn only_a_page(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!(
            "There are more than these {count}, and these need not be the newest; ask for one namespace to see the rest."
        ),
        format!("事件不止这 {count} 条，且不一定是最新的；请指定命名空间查看其余部分。"),
    )
}

/// The title of `/status`.
pub fn status_title(lang: Lang) -> &'static str {
    pick(lang, "First Mate", "大副")
}

/// Whether all clusters answer.
pub fn status_summary(lang: Lang, clusters: usize, down: usize) -> String {
    match (clusters, down) {
        (clusters, 0) => pick(
            lang,
            format!("Online, with {}.", plural(clusters, "cluster")),
            format!("在线，{clusters} 个集群。"),
        ),
        (clusters, down) => pick(
            lang,
            format!(
                "Online; {down} of {} cannot be read.",
                plural(clusters, "cluster")
            ),
            format!("在线；{clusters} 个集群中有 {down} 个无法读取。"),
        ),
    }
}

/// Version, index and delay.
pub fn status_facts(lang: Lang, app: &App) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let stats = app.library.stats();
    let faults = app.library.faults().len();
    let (rebuilt, delay) = (app.metrics.rebuilds(), app.metrics.last_delay());
    pick(
        lang,
        format!(
            "Version {version}\nDiscord: connected; connection rebuilt: {rebuilt}; last command acknowledged after {delay} ms\nDocuments: {}, questions: {}, faults: {faults}",
            stats.documents, stats.questions
        ),
        format!(
            "版本 {version}\nDiscord：已连接，重建连接 {rebuilt} 次；最近一次命令的确认延迟 {delay} 毫秒\n文档：{} 篇，{} 个问题，{faults} 处错误",
            stats.documents, stats.questions
        ),
    )
}

/// The state of a cluster that does not answer.
pub fn cluster_down(lang: Lang, why: &Why) -> String {
    match why {
        Why::TimedOut => pick(lang, "no answer in time", "没有及时应答").to_owned(),
        Why::Unauthorized => pick(lang, "credentials not accepted", "凭据无效").to_owned(),
        Why::Unreachable(reason) => pick(
            lang,
            format!("cannot be reached: {reason}"),
            format!("连不上：{reason}"),
        ),
        Why::Failed { code, .. } => pick(lang, format!("answers {code}"), format!("返回 {code}")),
        Why::Throttled => pick(lang, "throttles requests", "正在限流").to_owned(),
        _ => pick(lang, "gives no usable answer", "应答无法识别").to_owned(),
    }
}

/// The word on a button to the rollout of one workload.
pub fn rollout_button(lang: Lang, name: &str) -> String {
    pick(lang, format!("Rollout of {name}"), format!("{name} 的滚动更新"))
}

/// The title of `/workloads`.
pub fn workloads_title(lang: Lang, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => pick(
            lang,
            format!("Workloads in {namespace}"),
            format!("命名空间 {namespace} 的工作负载"),
        ),
        None => pick(lang, "Workloads", "工作负载").to_owned(),
    }
}

/// How many workloads are how.
pub fn workloads_summary(lang: Lang, all: usize, sick: usize, is_whole: bool) -> String {
    match (all, sick) {
        (all, sick) if !is_whole => pick(
            lang,
            format!(
                "{} of the kinds that could be read, {sick} of them not ready or still rolling out.",
                plural(all, "workload")
            ),
            format!("能读取的类型中有 {all} 个工作负载，其中 {sick} 个未就绪或仍在更新。"),
        ),
        (0, _) => pick(lang, "There are no workloads.", "没有工作负载。").to_owned(),
        (all, 0) => pick(
            lang,
            format!("{}, all of them ready.", plural(all, "workload")),
            format!("{all} 个工作负载，全部就绪。"),
        ),
        (all, sick) => pick(
            lang,
            format!(
                "{}, {sick} not ready or still rolling out.",
                plural(all, "workload")
            ),
            format!("{all} 个工作负载，{sick} 个未就绪或仍在更新。"),
        ),
    }
}

/// Several workloads have a name.
pub fn which_workload(lang: Lang, name: &str) -> String {
    let name = quoted(name);
    pick(
        lang,
        format!("Several workloads are called {name}. Choose one:"),
        format!("有多个名为 {name} 的工作负载，请选择："),
    )
}

/// Where the rollout of a workload stands, in one sentence.
pub fn stage(lang: Lang, it: &Workload) -> String {
    let (ready, desired) = (it.ready, it.desired);
    let words = stage_words(lang, &it.stage);
    let paused = if it.paused {
        pick(lang, "; paused", "；已暂停")
    } else {
        ""
    };
    pick(
        lang,
        format!("{ready} of {desired} ready; {words}{paused}."),
        format!("期望 {desired} 个，就绪 {ready} 个；{words}{paused}。"),
    )
}

fn stage_words(lang: Lang, stage: &Stage) -> String {
    match stage {
        Stage::NotObserved => pick(
            lang,
            "the controller has not seen the newest spec yet".to_owned(),
            "控制器还没有看到最新的 spec".to_owned(),
        ),
        Stage::DeadlineExceeded => pick(
            lang,
            "the rollout is stuck: its progress deadline has passed".to_owned(),
            "滚动更新卡住：已超过进度期限（progressDeadlineSeconds）".to_owned(),
        ),
        Stage::Updating { updated, of } | Stage::UpdatingPartition { updated, of } => pick(
            lang,
            format!("rolling out: {updated} of {of} Pods are updated"),
            format!("正在更新：{of} 个 Pod 中已更新 {updated} 个"),
        ),
        Stage::OldPending { old } => pick(
            lang,
            format!("rolling out: {} of the old revision not gone yet", pods(*old)),
            format!("正在更新：还有 {old} 个旧版本 Pod 未退出"),
        ),
        Stage::BecomingAvailable { available, of } => pick(
            lang,
            format!("rolling out: {available} of {of} updated Pods are available"),
            format!("正在更新：{of} 个新 Pod 中 {available} 个可用"),
        ),
        stage => settled_words(lang, stage),
    }
}

/// The stages in which Pods are not being replaced just now.
fn settled_words(lang: Lang, stage: &Stage) -> String {
    match stage {
        Stage::NotReady { missing } => pick(
            lang,
            format!("waiting for {} to become ready", pods(*missing)),
            format!("等待 {missing} 个 Pod 就绪"),
        ),
        Stage::PartitionDone { updated } => pick(
            lang,
            format!("rolled out down to its partition: {} updated", pods(*updated)),
            format!("已更新到 partition 为止：{updated} 个 Pod"),
        ),
        Stage::ChangingRevision { updated, revision } => pick(
            lang,
            format!("rolling out revision {revision}: {} at it", pods(*updated)),
            format!("正在更新到 {revision}：{updated} 个 Pod 已完成"),
        ),
        Stage::Done { .. } => pick(lang, "rolled out".to_owned(), "更新已完成".to_owned()),
        Stage::OnDelete => pick(
            lang,
            "strategy OnDelete: Pods change only when somebody deletes them".to_owned(),
            "策略为 OnDelete：删除 Pod 后才会更新".to_owned(),
        ),
        _ => String::new(),
    }
}

fn pods(count: i64) -> String {
    plural(usize::try_from(count).unwrap_or(0), "Pod")
}

/// The figures of a workload.
pub fn rollout_facts(lang: Lang, it: &Workload) -> String {
    let Workload {
        desired,
        current,
        updated,
        ready,
        available,
        ..
    } = it;
    pick(
        lang,
        format!(
            "{desired} wanted · {current} there · {updated} updated · {ready} ready · {available} available"
        ),
        format!("期望 {desired} · 现有 {current} · 已更新 {updated} · 就绪 {ready} · 可用 {available}"),
    )
}

/// Above the Pods that a rollout waits for.
pub fn waits_for(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!("Waits for {}", plural(count, "Pod")),
        format!("在等 {count} 个 Pod"),
    )
}

/// One revision and what it changed.
pub fn revision(lang: Lang, revision: &Revision, changes: &[ImageChange], age: &str) -> String {
    let number = revision
        .number
        .map_or_else(|| "?".to_owned(), |number| number.to_string());
    let changes = if changes.is_empty() {
        revision
            .images
            .values()
            .map(|image| quoted(image))
            .collect::<Vec<_>>()
            .join(pick(lang, ", ", "、"))
    } else {
        image_words(lang, changes)
    };
    pick(
        lang,
        format!("Revision {number}, {age} old: {changes}"),
        format!("版本 {number}（{age} 前）：{changes}"),
    )
}

fn sort_word(lang: Lang, sort: Sort) -> &'static str {
    match sort {
        Sort::Cpu => pick(lang, "CPU", " CPU "),
        Sort::Memory => pick(lang, "memory", "内存"),
    }
}

/// The title of `/top nodes`.
pub fn top_nodes_title(lang: Lang, sort: Sort) -> String {
    let by = sort_word(lang, sort);
    pick(
        lang,
        format!("Nodes by {by}"),
        format!("节点用量（按{}）", by.trim_end()),
    )
}

/// Which nodes use much of what, whichever they are sorted by.
pub fn top_nodes_summary(
    lang: Lang,
    all: usize,
    high: &[(Sort, Vec<(String, i64)>)],
    percent: i64,
) -> String {
    if all == 0 {
        return pick(lang, "How full the nodes are is not known.", "节点的使用率未知。").to_owned();
    }
    let words: Vec<String> = high
        .iter()
        .filter(|(_, nodes)| !nodes.is_empty())
        .map(|(of, nodes)| {
            let (what, count, names) = (sort_word(lang, *of), nodes.len(), full_nodes(lang, nodes));
            pick(
                lang,
                format!(
                    "{count} of {} at {percent}% of {what} or more: {names}",
                    plural(all, "node")
                ),
                format!("{all} 个节点中 {count} 个的{what}用量达到 {percent}% 以上：{names}"),
            )
        })
        .collect();
    if words.is_empty() {
        return pick(
            lang,
            format!(
                "None of {} with figures uses {percent}% of its CPU or memory.",
                plural(all, "node")
            ),
            format!("有用量数据的 {all} 个节点，CPU 和内存用量均低于 {percent}%。"),
        );
    }
    words.join(pick(lang, "; ", "；")) + pick(lang, ".", "。")
}

/// The fullest nodes, each with how full it is.
fn full_nodes(lang: Lang, nodes: &[(String, i64)]) -> String {
    let named = nodes.iter().take(NAMED).map(|(name, percent)| {
        let name = quoted(name);
        pick(
            lang,
            format!("{name} ({percent}%)"),
            format!("{name}（{percent}%）"),
        )
    });
    let named = named.collect::<Vec<_>>().join(pick(lang, ", ", "、"));
    match nodes.len().saturating_sub(NAMED) {
        0 => named,
        more => pick(lang, format!("{named} and {more} more"), format!("{named} 等")),
    }
}

/// The title of `/top pods`.
pub fn top_pods_title(lang: Lang, namespace: Option<&str>, sort: Sort) -> String {
    let by = sort_word(lang, sort);
    match namespace {
        Some(namespace) => pick(
            lang,
            format!("Pods in {namespace} by {by}"),
            format!("命名空间 {namespace} 的 Pod 用量（按{}）", by.trim_end()),
        ),
        None => pick(
            lang,
            format!("Pods by {by}"),
            format!("Pod 用量（按{}）", by.trim_end()),
        ),
    }
}

/// Which Pod uses most.
pub fn top_pods_summary(lang: Lang, all: usize, sort: Sort, top: Option<&(String, String)>) -> String {
    match top {
        None => pick(lang, "There are no figures.", "没有用量数据。").to_owned(),
        Some((name, words)) => {
            let (name, what) = (quoted(name), sort_word(lang, sort).trim_start());
            pick(
                lang,
                format!("{}; {name} uses most {what}: {words}.", plural(all, "Pod")),
                format!("{all} 个 Pod，{what}用量最高的是 {name}：{words}。"),
            )
        }
    }
}

/// Figures that are missing or old.
pub fn figures_missing(lang: Lang, of: Counted, missing: usize, stale: usize) -> Vec<String> {
    let (en, zh) = match of {
        Counted::Nodes => ("node", "节点"),
        Counted::Pods => ("Pod", " Pod "),
    };
    let mut words = Vec::new();
    if missing > 0 {
        let missing_en = plural(missing, en);
        words.push(pick(
            lang,
            format!("⚠ Not checked: the use of {missing_en}, of which the metrics API has no figures."),
            format!("⚠ 未检查：{missing} 个{zh}没有用量数据，metrics API 中查不到。"),
        ));
    }
    if stale > 0 {
        let stale_en = plural(stale, en);
        words.push(pick(
            lang,
            format!("⚠ {stale_en} with old figures, marked *; look at metrics-server."),
            format!("⚠ {stale} 个{zh}的用量数据已过时（标 *），请检查 metrics-server。"),
        ));
    }
    words
}

/// The title of `/services`.
pub fn services_title(lang: Lang, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => pick(
            lang,
            format!("Services in {namespace}"),
            format!("命名空间 {namespace} 的 Service"),
        ),
        None => pick(lang, "Services", "Service").to_owned(),
    }
}

/// How many Services are how.
pub fn services_summary(lang: Lang, all: usize, sick: usize) -> String {
    match (all, sick) {
        (0, _) => pick(lang, "There are no Services.", "没有 Service。").to_owned(),
        (all, 0) => pick(
            lang,
            format!("{}, all with ready endpoints.", plural(all, "Service")),
            format!("{all} 个 Service，都有就绪的端点。"),
        ),
        (all, sick) => pick(
            lang,
            format!("{}, {sick} without a ready endpoint.", plural(all, "Service")),
            format!("{all} 个 Service，{sick} 个没有就绪的端点。"),
        ),
    }
}

/// Why a Service leads nowhere, as far as that was read.
pub fn leads_nowhere(lang: Lang, it: &Service) -> String {
    let selector = quoted(&it.selector_words());
    match it.matches {
        _ if it.selector.is_empty() => pick(
            lang,
            "has no selector, and nobody made endpoints for it".to_owned(),
            "没有 selector，也没有手工创建的端点".to_owned(),
        ),
        Some(Matches { pods: 0, .. }) => pick(
            lang,
            format!("selects no Pod: none in its namespace has {selector}"),
            format!("没有选中任何 Pod：命名空间里没有 Pod 带标签 {selector}"),
        ),
        Some(Matches { pods, ready }) => pick(
            lang,
            format!(
                "selects {} by {selector}, {ready} of them ready",
                plural(pods, "Pod")
            ),
            format!("选中 {pods} 个 Pod（{selector}），其中 {ready} 个就绪"),
        ),
        None => pick(
            lang,
            format!("has no ready endpoint; selector {selector}"),
            format!("没有就绪的端点；selector {selector}"),
        ),
    }
}

/// A way from outside to a Service.
pub fn route(lang: Lang, service: &str, route: &Route) -> String {
    let scheme = if route.tls { "https" } else { "http" };
    let way = quoted(&format!("{scheme}://{}{}", route.host, route.path));
    let service = crate::check::table::one_line(service);
    let (port, ingress) = (&route.port, &route.ingress);
    pick(
        lang,
        format!("{way} → {service}:{port} (Ingress {ingress})"),
        format!("{way} → {service}:{port}（Ingress {ingress}）"),
    )
}

/// The title of `/changes`.
pub fn changes_title(lang: Lang, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => pick(
            lang,
            format!("Changes in {namespace}"),
            format!("命名空间 {namespace} 的近期变更"),
        ),
        None => pick(lang, "Changes", "近期变更").to_owned(),
    }
}

/// How much changed.
pub fn changes_summary(lang: Lang, count: usize, hours: u8, is_whole: bool) -> String {
    let en = match hours {
        1 => "in the last hour".to_owned(),
        _ => format!("in the last {hours} hours"),
    };
    let span = pick(lang, en, format!("最近 {hours} 小时"));
    let counted = match count {
        0 if !is_whole => pick(
            lang,
            format!("What could be read shows no change {span}."),
            format!("能读取的部分里，{span}内没有查到变更。"),
        ),
        0 => pick(
            lang,
            format!("Nothing that the cluster remembers changed {span}."),
            format!("{span}内没有查到变更。"),
        ),
        count => pick(
            lang,
            format!("{} {span}, the newest first.", plural(count, "change")),
            format!("{span}内有 {count} 项变更，最新的在前。"),
        ),
    };
    // Of these nothing but events tells, which a cluster forgets.
    let forgotten = match hours {
        1 => "",
        _ => pick(
            lang,
            " Scaling and uncordoned nodes are remembered for about an hour only.",
            "扩缩容和恢复调度的记录只保留约一小时。",
        ),
    };
    counted + forgotten
}

/// One change, and whose it was: of a request, or under which name it was written.
pub fn change(lang: Lang, change: &Change, request: Option<&Request>) -> String {
    let words = changed(lang, &change.what);
    let by = match (request, &change.by) {
        (Some(request), _) => of_request(lang, request),
        (None, Some(by)) => match request_of(by) {
            Some(id) => pick(
                lang,
                format!("by First Mate, request {id}"),
                format!("大副，变更申请 {id}"),
            ),
            None => pick(lang, format!("by {}", quoted(by)), quoted(by)),
        },
        (None, None) => return words,
    };
    pick(lang, format!("{words} ({by})"), format!("{words}（{by}）"))
}

/// Who asked for a change and who approved it, by the names that the cluster knows them by.
fn of_request(lang: Lang, request: &Request) -> String {
    let name = |person: &Person| match person.user.as_str() {
        "" => quoted(&person.name),
        user => quoted(user),
    };
    let requester = name(&request.requester);
    let approvers = request.approvals.iter().map(|it| name(&it.by));
    let approvers = approvers.collect::<Vec<_>>().join(pick(lang, ", ", "、"));
    let id = request.id;
    pick(
        lang,
        format!("request {id} of {requester}, approved by {approvers}"),
        format!("变更申请 {id}，申请人 {requester}，批准人 {approvers}"),
    )
}

fn changed(lang: Lang, what: &Changed) -> String {
    match what {
        Changed::Created(object) => {
            let object = object_words(object);
            pick(lang, format!("{object} was created"), format!("{object} 新建"))
        }
        Changed::RolledOut {
            object,
            images,
            is_back,
            ..
        } => rolled_out(lang, &object_words(object), images, *is_back),
        Changed::Scaled { object, from, to } => {
            let object = object_words(object);
            let from = from.map_or_else(|| "?".to_owned(), |from| from.to_string());
            pick(
                lang,
                format!("{object} was scaled from {from} to {to}"),
                format!("{object} 副本数 {from} → {to}"),
            )
        }
        Changed::Autoscaled {
            namespace, name, to, ..
        } => pick(
            lang,
            format!("autoscaler {namespace}/{name} chose {to} replicas"),
            format!("HPA {namespace}/{name} 将副本数调整为 {to}"),
        ),
        Changed::Cordoned { node } => pick(
            lang,
            format!("node {node} was cordoned"),
            format!("节点 {node} 停止调度"),
        ),
        Changed::Uncordoned { node } => pick(
            lang,
            format!("node {node} was uncordoned"),
            format!("节点 {node} 恢复调度"),
        ),
        Changed::NodeAdded { node } => {
            pick(lang, format!("node {node} joined"), format!("新节点 {node} 加入"))
        }
        Changed::NodeReplaced { node } => pick(
            lang,
            format!("node {node} was replaced by another of its name"),
            format!("节点 {node} 被同名的新节点替换"),
        ),
        Changed::NodeRemoved { node } => pick(lang, format!("node {node} left"), format!("节点 {node} 移除")),
    }
}

fn rolled_out(lang: Lang, object: &str, images: &[ImageChange], is_back: bool) -> String {
    let words = match is_back {
        true => pick(
            lang,
            format!("{object} went back to an earlier template"),
            format!("{object} 回滚到先前的模板"),
        ),
        false => pick(
            lang,
            format!("{object} got a new template"),
            format!("{object} 发布了新模板"),
        ),
    };
    let images = image_words(lang, images);
    if images.is_empty() {
        words
    } else {
        format!("{words}{}{images}", pick(lang, ": ", "："))
    }
}

fn object_words(object: &Object) -> String {
    format!("{} {}/{}", object.kind.word(), object.namespace, object.name)
}

/// How images differ: `app: v1 → v2`.
fn image_words(lang: Lang, changes: &[ImageChange]) -> String {
    let image = |image: &Option<String>| quoted(image.as_deref().unwrap_or("-"));
    let changes = changes.iter().map(|change| {
        let colon = pick(lang, ": ", "：");
        format!(
            "{}{colon}{} → {}",
            change.container,
            image(&change.from),
            image(&change.to)
        )
    });
    listed(lang, &changes.collect::<Vec<_>>())
}

/// Said where a log is longer than what is read of it.
pub fn log_too_long(lang: Lang) -> &'static str {
    pick(
        lang,
        "⚠ The log is too long to be read whole, and its newest lines are missing: ask for fewer lines or minutes.",
        "⚠ 日志太长，没有读完，缺少最新的部分：请减少行数或时间范围。",
    )
}

/// How many Services there are, where nothing is known of their endpoints.
pub fn services_unchecked(lang: Lang, all: usize) -> String {
    pick(
        lang,
        format!(
            "{}; whether they lead anywhere was not checked.",
            plural(all, "Service")
        ),
        format!("{all} 个 Service，未检查是否有就绪的端点。"),
    )
}
