//! What is said of the commands of documents.

use firstmate_kb::Lang;

use super::{pick, quoted};
use crate::shell::kubectl::Wrong;
use crate::shell::needs::Need;
use crate::shell::{Class, Reason};

/// The word for what the bot can do for a command.
pub fn class(lang: Lang, class: &Class) -> &'static str {
    match class {
        Class::Live(_) => pick(lang, "check", "检查"),
        Class::Change(_) => pick(lang, "request", "申请"),
        Class::ByHand(_) => pick(lang, "by hand", "手动"),
    }
}

/// Where a command leads: the bot's own that does the same, or why there is none.
pub fn leads(lang: Lang, class: &Class) -> String {
    match class {
        Class::Live(deed) | Class::Change(deed) => pick(
            lang,
            format!("`/{}`", deed.spec.typed(|label| label.en)),
            format!("`/{}`", deed.spec.typed(|label| label.zh)),
        ),
        Class::ByHand(reason) => self::reason(lang, reason),
    }
}

/// Why a person must type a command.
pub fn reason(lang: Lang, reason: &Reason) -> String {
    match reason {
        Reason::NodeShell => pick(lang, "needs a shell on the node", "需要登录到节点上执行").to_owned(),
        Reason::PodShell => pick(
            lang,
            "runs in a container, or leads into one",
            "在容器里执行，或要连到容器",
        )
        .to_owned(),
        Reason::Program(name) => {
            let name = quoted(name);
            pick(
                lang,
                format!("runs {name} in a shell"),
                format!("要在命令行运行 {name}"),
            )
        }
        Reason::Script => pick(lang, "is several commands in one", "一行里有多条命令").to_owned(),
        Reason::NoCheck => pick(lang, "First Mate has no such check yet", "大副还没有这项检查").to_owned(),
        Reason::NoAction => pick(lang, "First Mate has no such action yet", "大副还没有这项操作").to_owned(),
        Reason::NotHonoured { by, parts } => {
            let parts: Vec<String> = parts.iter().map(|part| quoted(part)).collect();
            pick(
                lang,
                format!(
                    "`/{}` does not honour {}",
                    by.typed(|label| label.en),
                    parts.join(", ")
                ),
                format!("`/{}` 不支持 {}", by.typed(|label| label.zh), parts.join("、")),
            )
        }
        Reason::Wrong(wrong) => self::wrong(lang, wrong),
        Reason::Unclosed(quote) => pick(
            lang,
            format!("the quote {quote} is never closed"),
            format!("引号 {quote} 没有闭合"),
        ),
    }
}

/// Why kubectl would not take a command.
pub fn wrong(lang: Lang, wrong: &Wrong) -> String {
    match wrong {
        Wrong::NoVerb => pick(
            lang,
            "kubectl is not told what to do",
            "没有写明要 kubectl 做什么",
        )
        .to_owned(),
        Wrong::Verb(verb) => {
            let verb = quoted(verb);
            pick(
                lang,
                format!("kubectl has no verb {verb}"),
                format!("kubectl 没有 {verb} 这个子命令"),
            )
        }
        Wrong::Flag(flag) => {
            let flag = quoted(flag);
            pick(
                lang,
                format!("kubectl has no flag {flag}"),
                format!("kubectl 没有 {flag} 这个参数"),
            )
        }
        Wrong::NoValue(flag) => {
            let flag = quoted(flag);
            pick(
                lang,
                format!("the flag {flag} needs a value"),
                format!("参数 {flag} 缺少值"),
            )
        }
    }
}

/// The word on a button that runs a command of a document as a check.
pub fn check_button(lang: Lang, command: &str) -> String {
    pick(lang, format!("Check: {command}"), format!("检查：{command}"))
}

/// Above the commands of an answer, at the terminal.
pub fn commands(lang: Lang) -> &'static str {
    pick(lang, "Commands:", "命令：")
}

/// What stands in a menu of names before one is chosen.
pub fn choose(lang: Lang, placeholder: &str) -> String {
    pick(
        lang,
        format!("{placeholder}: choose one"),
        format!("{placeholder}：选择一个"),
    )
}

/// Above the commands with an object filled in.
pub fn filled_in(lang: Lang, name: &str) -> String {
    let name = quoted(name);
    pick(
        lang,
        format!("The commands of the answer for {name}:"),
        format!("针对 {name} 的命令："),
    )
}

/// The names that fill in a placeholder could not be read.
pub fn names_not_checked(lang: Lang, placeholder: &str, why: &str) -> String {
    let placeholder = quoted(placeholder);
    pick(
        lang,
        format!("Names for {placeholder}: {why}"),
        format!("{placeholder} 的可选项：{why}"),
    )
}

/// What a cluster must serve, in a word.
pub fn need(need: &Need) -> String {
    match need {
        Need::Resource(name) => quoted(name),
        Need::Subresource(resource, part) => quoted(&format!("{resource}/{part}")),
        Need::Metrics => quoted("metrics.k8s.io"),
        Need::Kind { version, kind } => quoted(&format!("{version} {kind}")),
    }
}

/// Something in an answer does not work in this cluster.
pub fn not_served(lang: Lang, cluster: &str, needs: &[&Need]) -> String {
    let needs: Vec<String> = needs.iter().map(|it| need(it)).collect();
    let cluster = quoted(cluster);
    pick(
        lang,
        format!(
            "⚠ The cluster {cluster} does not serve {}: the commands and manifests here that use it do not work there.",
            needs.join(", ")
        ),
        format!(
            "⚠ 集群 {cluster} 没有提供 {}：这里用到它的命令和清单在该集群上无法执行。",
            needs.join("、")
        ),
    )
}

/// Whether something in an answer works in this cluster is not known.
pub fn not_known_whether_served(lang: Lang, cluster: &str, needs: &[&Need], why: Option<&str>) -> String {
    let needs: Vec<String> = needs.iter().map(|it| need(it)).collect();
    let cluster = quoted(cluster);
    let line = pick(
        lang,
        format!(
            "⚠ Not checked: whether the cluster {cluster} serves {}.",
            needs.join(", ")
        ),
        format!("⚠ 未检查：集群 {cluster} 是否提供 {}。", needs.join("、")),
    );
    match why {
        Some(why) => format!("{line} {why}"),
        None => line,
    }
}

/// How many fields are named in a sentence.
const FIELDS: usize = 5;

/// Fields of a manifest in an answer that this cluster does not have.
pub fn unknown_fields(lang: Lang, cluster: &str, kind: &str, fields: &[String]) -> String {
    let (cluster, kind) = (quoted(cluster), quoted(kind));
    let named: Vec<String> = fields.iter().take(FIELDS).map(|field| quoted(field)).collect();
    let more = fields.len() - named.len();
    let (and_more, and_more_zh) = match more {
        0 => (String::new(), String::new()),
        more => (format!(" and {more} more"), format!(" 等 {} 个", fields.len())),
    };
    pick(
        lang,
        format!(
            "⚠ In the cluster {cluster} a {kind} has no field {}{and_more}: `kubectl apply` refuses the manifest here, or drops it.",
            named.join(", ")
        ),
        format!(
            "⚠ 集群 {cluster} 的 {kind} 没有字段 {}{and_more_zh}：在该集群上 `kubectl apply` 会拒绝这份清单，或者丢掉这些字段。",
            named.join("、")
        ),
    )
}

/// Whether this cluster has every field of a manifest is not known.
pub fn fields_not_checked(lang: Lang, cluster: &str, kind: &str, why: &str) -> String {
    let (cluster, kind) = (quoted(cluster), quoted(kind));
    pick(
        lang,
        format!(
            "⚠ Not checked: whether a {kind} in the cluster {cluster} has every field of the manifest. {why}"
        ),
        format!("⚠ 未检查：集群 {cluster} 的 {kind} 是否有清单里的所有字段。{why}"),
    )
}
