//! How something is at the moment, in one line of an answer.

use firstmate_kb::Lang;

use super::{check, pick, quoted};
use crate::check::table::one_line;
use crate::clock::Millis;
use crate::cluster::read::time::age;
use crate::cluster::snapshot::node::{Node, Ready, Reboots};
use crate::cluster::snapshot::pod::Pod;
use crate::cluster::snapshot::service::Service;
use crate::cluster::snapshot::workload::Workload;

/// One object and its state.
pub fn now(lang: Lang, name: &str, words: &str) -> String {
    let name = quoted(name);
    pick(
        lang,
        format!("Now {name}: {words}"),
        format!("当前 {name}：{words}"),
    )
}

/// A node, and how often it was rebooted lately; the outer `None`: that could not be read.
pub fn node(lang: Lang, node: &Node, reboots: Option<Option<Reboots>>, now: Millis) -> String {
    let ready = node.conditions.iter().find(|condition| condition.kind == "Ready");
    let since = ready.and_then(|condition| condition.since);
    let long = age(since, now);
    let mut words = vec![match node.ready {
        Ready::Yes => pick(lang, format!("ready for {long}"), format!("就绪 {long}")),
        Ready::No => pick(lang, format!("not ready for {long}"), format!("未就绪 {long}")),
        Ready::NotHeard => pick(lang, format!("not heard of for {long}"), format!("失联 {long}")),
        Ready::NotSaid => pick(lang, "does not say whether it is ready", "没有就绪状态").to_owned(),
    }];
    let unusual = node.unusual().filter(|condition| condition.kind != "Ready");
    words.extend(unusual.map(|condition| one_line(&format!("{}={}", condition.kind, condition.status))));
    if node.unschedulable {
        words.push(pick(lang, "scheduling stopped", "已停止调度").to_owned());
    }
    words.extend(match reboots {
        Some(reboots) => reboots.map(|it| check::rebooted(lang, it.times, &age(Some(it.last), now))),
        None => Some(pick(lang, "reboots not checked", "未检查是否重启过").to_owned()),
    });
    words.join(pick(lang, ", ", "，")) + pick(lang, ".", "。")
}

/// A Pod, and why it is not well.
pub fn pod(lang: Lang, pod: &Pod, why: Option<&str>) -> String {
    let (status, ready, restarts) = (one_line(&pod.status), pod.ready_words(), pod.restarts);
    let words = pick(
        lang,
        format!(
            "{status}, {ready} ready, {restarts} {}",
            if restarts == 1 { "restart" } else { "restarts" }
        ),
        format!("{status}，就绪 {ready}，重启 {restarts} 次"),
    );
    let why = why.map(|why| pick(lang, format!("; {why}"), format!("；{why}")));
    words + &why.unwrap_or_default() + pick(lang, ".", "。")
}

/// A workload.
pub fn workload(lang: Lang, workload: &Workload) -> String {
    format!("{} {}", workload.kind.word(), check::stage(lang, workload))
}

/// A Service.
pub fn service(lang: Lang, service: &Service) -> String {
    let Some(endpoints) = service.endpoints else {
        return pick(
            lang,
            "Service, leads out of the cluster.",
            "Service，指向集群外。",
        )
        .to_owned();
    };
    let (ready, all) = (endpoints.ready, endpoints.ready + endpoints.not_ready);
    pick(
        lang,
        format!("Service, {ready} of {all} endpoints ready."),
        format!("Service，共 {all} 个端点，就绪 {ready} 个。"),
    )
}

/// It was there a moment ago.
pub fn gone(lang: Lang) -> &'static str {
    pick(lang, "gone.", "已不存在。")
}

/// A question asks about a node that the cluster does not have.
pub fn no_node(lang: Lang, name: &str, cluster: &str) -> String {
    let (name, cluster) = (quoted(name), quoted(cluster));
    pick(
        lang,
        format!("There is no node {name} in {cluster}."),
        format!("集群 {cluster} 中没有节点 {name}。"),
    )
}

/// The word on a button that leads to the Services of a namespace.
pub fn services_button(lang: Lang, namespace: &str) -> String {
    pick(
        lang,
        format!("Services of {namespace}"),
        format!("{namespace} 的 Service"),
    )
}
