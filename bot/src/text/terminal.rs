//! What is said at the terminal.

use firstmate_kb::Lang;

use super::pick;
use crate::documents::export::Exported;

/// Above the faults of the settings.
pub fn faults(lang: Lang, count: usize) -> String {
    pick(
        lang,
        match count {
            1 => "the settings have a fault:".to_owned(),
            _ => format!("the settings have {count} faults:"),
        },
        format!("配置有 {count} 处错误："),
    )
}

/// Below the faults of the settings.
pub fn faults_hint(lang: Lang) -> &'static str {
    pick(
        lang,
        "bot/firstmate.example.toml shows every setting with its default",
        "bot/firstmate.example.toml 列出了所有配置项及默认值",
    )
}

/// The port for health and metrics cannot be had.
pub fn no_health(lang: Lang, address: &str, error: &str) -> String {
    pick(
        lang,
        format!(
            "health.listen = \"{address}\" cannot be had: {error}. Another program, perhaps another First Mate, may be using it: set another port in [health] (FIRSTMATE_HEALTH__LISTEN), or \"\" to serve neither health nor metrics"
        ),
        format!(
            "无法监听 health.listen = \"{address}\"：{error}。该端口可能已被其他程序占用，例如另一个大副：请在 [health] 中换一个端口（FIRSTMATE_HEALTH__LISTEN），或设为 \"\"，不提供健康检查和指标"
        ),
    )
}

/// The sandbox shows a cluster of somebody's own, and nobody is mapped there.
pub fn sandbox_reads_only(lang: Lang) -> &'static str {
    pick(
        lang,
        "your cluster is read as the kubeconfig's user, whoever asks, and nothing in it can be changed; people mapped by --config read as themselves",
        "无论谁来问，都以 kubeconfig 里的用户身份读取你的集群，不会做任何变更；要让各人用自己的身份读取，请用 --config 配置人员",
    )
}

/// Discord does not accept the token.
pub fn token_rejected(lang: Lang) -> &'static str {
    pick(
        lang,
        "Discord does not accept the token: reset it in the developer portal and set the new one",
        "Discord 不接受该令牌：请在开发者门户重置并更新配置",
    )
}

/// Discord does not allow the intents.
pub fn intents_rejected(lang: Lang) -> &'static str {
    pick(
        lang,
        "Discord does not allow the message-content intent: switch it on in the developer portal, or set unasked = false in every channel",
        "Discord 不允许 message content intent：请在开发者门户打开，或将所有频道设为 unasked = false",
    )
}

/// Nothing to answer in a question given at the terminal.
pub fn fault_in(lang: Lang, fault: &str) -> String {
    pick(
        lang,
        format!("a document is faulty: {fault}"),
        format!("文档有问题：{fault}"),
    )
}

/// The summary of `check`.
pub fn check_summary(lang: Lang, bad: usize) -> String {
    match bad {
        0 => pick(lang, "everything is as it should be", "一切正常").to_owned(),
        _ => pick(lang, format!("{bad} to mend"), format!("{bad} 项待处理")),
    }
}

/// Where the page of the sandbox is, on stderr, for people.
pub fn sandbox_hint(lang: Lang) -> &'static str {
    pick(
        lang,
        "open the address in a browser; Ctrl+C stops",
        "用浏览器打开上面的地址；Ctrl+C 退出",
    )
}

/// The kubeconfig that the sandbox is to show cannot be read.
pub fn no_kubeconfig(lang: Lang, file: &str, error: &str) -> String {
    pick(
        lang,
        format!("the kubeconfig {file} cannot be read: {error}"),
        format!("无法读取 kubeconfig {file}：{error}"),
    )
}

/// The sandbox's bot was rejected, as a trouble of the page; it starts again.
pub fn sandbox_restart(lang: Lang, error: &str) -> String {
    pick(
        lang,
        format!("the bot has ended ({error}), as it would in production; the sandbox starts it again"),
        format!("机器人已退出（{error}），正式环境中也会如此；沙盒将重新启动它"),
    )
}

/// `redact` reads from the keyboard.
pub fn redact_hint(lang: Lang) -> &'static str {
    pick(
        lang,
        "paste the text; Ctrl+D ends it. Usually: kubectl logs … | firstmate redact",
        "请粘贴文本，Ctrl+D 结束。一般用法：kubectl logs … | firstmate redact",
    )
}

/// A file written by `docs`.
pub fn wrote(lang: Lang, file: &str) -> String {
    pick(lang, format!("wrote {file}"), format!("已写入 {file}"))
}

/// A transcript that happened otherwise than it is written.
pub fn transcript_differs(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("{file}: what happened differs from what is written"),
        format!("{file}：实际结果与记录不一致"),
    )
}

/// What an export did with a file.
pub fn exported(lang: Lang, file: &Exported) -> String {
    let (path, en, zh) = match file {
        Exported::Written(path) => (path, "wrote", "已写入"),
        Exported::Same(path) => (path, "unchanged", "无变化"),
        Exported::Kept(path) => (
            path,
            "left as it is, since somebody else wrote or edited it:",
            "不是导出的文件或已被人改过，保持原样：",
        ),
    };
    format!("{} {}", pick(lang, en, zh), path.display())
}

/// Below it: how many documents there are.
pub fn exported_all(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!("documents that were approved in chat: {count}"),
        format!("聊天中批准的文档：{count} 篇"),
    )
}
