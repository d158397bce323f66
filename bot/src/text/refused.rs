//! Why a check is not run, and what to do about it.

use firstmate_kb::Lang;

use super::{pick, quoted};

/// No cluster is configured.
pub fn no_cluster(lang: Lang) -> &'static str {
    pick(
        lang,
        "No cluster is configured. An admin can add one: `[clusters.NAME]` in the configuration, see docs/guide/kubernetes.md.",
        "还没有配置集群。请管理员在配置中添加 `[clusters.NAME]`，见 docs/guide/kubernetes.zh.md。",
    )
}

/// Others are mapped, this person is not.
pub fn not_mapped(lang: Lang) -> &'static str {
    pick(
        lang,
        "You have no Kubernetes user here, so nothing was read. An admin can map you, or your role: `[people.NAME]` or `[groups.NAME]` in the configuration.",
        "你还没有对应的 Kubernetes 用户，因此没有读取集群。请管理员在配置的 `[people.NAME]` 中添加你，或在 `[groups.NAME]` 中映射你的身份组。",
    )
}

/// The check is for others, or for another channel.
pub fn check_not_allowed(lang: Lang, check: &str) -> String {
    pick(
        lang,
        format!(
            "You may not run the check {} here. An admin decides who may, and in which channels: `roles.operator` and `[checks.{check}]` in the configuration; in a direct message nobody has roles.",
            quoted(check)
        ),
        format!(
            "你不能在这里执行检查 {}。谁可以、在哪些频道可以，由管理员在配置的 `roles.operator` 和 `[checks.{check}]` 中设定；私信里没有身份组。",
            quoted(check)
        ),
    )
}

/// There is no such cluster.
pub fn unknown_cluster(lang: Lang, name: &str, known: &[String]) -> String {
    let (name, known) = (quoted(name), known.join(pick(lang, ", ", "、")));
    pick(
        lang,
        format!("There is no cluster {name}. Choose one of: {known}"),
        format!("没有名为 {name} 的集群。可选：{known}"),
    )
}

/// What was written cannot be a name.
pub fn bad_name(lang: Lang, name: &str) -> String {
    let name = quoted(name);
    pick(
        lang,
        format!(
            "{name} cannot be the name of an object: names have small letters, digits, - and . only; a Pod is written `namespace/name`. Choose one from the list that opens as you type."
        ),
        format!(
            "{name} 不是合法的对象名：名称只含小写字母、数字、- 和 .，Pod 写作“命名空间/名称”。输入时可从弹出的列表中选择。"
        ),
    )
}

/// What was written is no selector.
pub fn bad_selector(lang: Lang, selector: &str) -> String {
    let selector = quoted(selector);
    pick(
        lang,
        format!("{selector} is not a label selector. Write it as in kubectl: app=web,tier!=cache"),
        format!("{selector} 不是合法的标签选择器。写法同 kubectl：app=web,tier!=cache"),
    )
}
