//! What `firstmate check` says, and what the log says of the same things at start.

use firstmate_kb::{Fault, FaultKind, Lang};

use super::{pick, quoted, reason};
use crate::app::Trouble;
use crate::check::table::one_line;
use crate::cluster::Why;

/// The headings of the checks.
pub fn settings(lang: Lang) -> String {
    pick(lang, "settings", "配置").to_owned()
}

/// The heading of the check of the token.
pub fn token(lang: Lang) -> String {
    pick(lang, "token", "令牌").to_owned()
}

/// The heading of the check of the intents.
pub fn intents(lang: Lang) -> String {
    pick(lang, "intents", "intents").to_owned()
}

/// The heading of the check of a channel.
pub fn channel(lang: Lang, name: &str) -> String {
    pick(lang, format!("channel {name}"), format!("频道 {name}"))
}

/// The heading of the check of the documents.
pub fn documents(lang: Lang, folder: &str) -> String {
    let folder = one_line(folder);
    pick(lang, format!("documents {folder}"), format!("文档 {folder}"))
}

/// The documents that come with the program, as a heading.
pub fn bundled(lang: Lang) -> String {
    pick(lang, "bundled documents", "自带文档").to_owned()
}

/// The folder of the search index.
pub fn search_index(lang: Lang, folder: &str) -> String {
    pick(
        lang,
        format!("search index {folder}"),
        format!("搜索索引 {folder}"),
    )
}

/// It cannot be kept there.
pub fn index_not_kept(lang: Lang, reason: &str) -> String {
    let reason = one_line(reason);
    pick(
        lang,
        format!(
            "the search index cannot be kept here ({reason}); it is held in memory, and built at each start"
        ),
        format!("这里存不了搜索索引（{reason}），已改用内存，每次启动都要重建"),
    )
}

/// It can be kept there.
pub fn index_ok(lang: Lang) -> String {
    pick(lang, "can be kept", "可以保存").to_owned()
}

/// What to do where it cannot.
pub fn mend_index(lang: Lang) -> String {
    pick(
        lang,
        "Give the bot the right and the room to write there, or name an empty folder in `knowledge.index`",
        "请给机器人写权限、留出磁盘空间，或在 `knowledge.index` 里换一个空目录",
    )
    .to_owned()
}

/// The heading of the invite link.
pub fn invite(lang: Lang) -> String {
    pick(lang, "invite link", "邀请链接").to_owned()
}

/// The settings are sound.
pub fn settings_ok(lang: Lang, file: Option<&str>) -> String {
    match file {
        Some(file) => pick(lang, format!("{file} has no faults"), format!("{file} 没有问题")),
        None => pick(
            lang,
            "no file given, defaults and environment".to_owned(),
            "未指定文件，使用默认值和环境变量".to_owned(),
        ),
    }
}

/// There is no token.
pub fn no_token(lang: Lang) -> (String, String) {
    pick(
        lang,
        ("no token is set".to_owned(), "set FIRSTMATE_DISCORD__TOKEN or discord.token_file; docs/guide/discord.md says where the token comes from".to_owned()),
        ("没有配置令牌".to_owned(), "设置环境变量 FIRSTMATE_DISCORD__TOKEN 或 discord.token_file；令牌的获取见 docs/guide/discord.zh.md".to_owned()),
    )
}

/// The token is good.
pub fn token_ok(lang: Lang, name: &str) -> String {
    pick(
        lang,
        format!("Discord knows it as {name}"),
        format!("有效，机器人名为 {name}"),
    )
}

/// Discord does not accept the token, or cannot be reached.
pub fn token_bad(lang: Lang, error: &str) -> (String, String) {
    let error = reason(lang, error);
    pick(
        lang,
        (format!("Discord did not confirm it: {error}"), "if Discord cannot be reached, check the network and discord.endpoint; else reset the token in the developer portal and set the new one".to_owned()),
        (format!("向 Discord 验证未成功：{error}"), "若连不上 Discord，请检查网络和 discord.endpoint；否则在开发者门户重置令牌并更新配置".to_owned()),
    )
}

/// The intents are sufficient.
pub fn intents_ok(lang: Lang, needs_content: bool) -> String {
    match needs_content {
        true => pick(lang, "message content is allowed", "已允许 message content").to_owned(),
        false => pick(lang, "no privileged intent is needed", "不需要特权 intent").to_owned(),
    }
}

/// A channel is to be answered unasked, but the intent is off.
pub fn intents_bad(lang: Lang) -> (String, String) {
    pick(
        lang,
        ("a channel has unasked = true, which needs the message-content intent, and the application does not have it".to_owned(),
         "developer portal › Bot › Privileged Gateway Intents › Message Content Intent: switch it on, or set unasked = false".to_owned()),
        ("有频道设置了 unasked = true，需要 message content intent，但该应用没有开启".to_owned(),
         "在开发者门户 › Bot › Privileged Gateway Intents 打开 Message Content Intent，或设置 unasked = false".to_owned()),
    )
}

/// Not tried, because something before it failed.
pub fn not_checked(lang: Lang) -> (String, String) {
    pick(
        lang,
        (
            "not checked: Discord could not be asked".to_owned(),
            "mend what stands beside the token first".to_owned(),
        ),
        (
            "未检查：没能询问 Discord".to_owned(),
            "请先解决“令牌”一行的问题".to_owned(),
        ),
    )
}

/// A channel is as it should be.
pub fn channel_ok(lang: Lang) -> String {
    pick(lang, "all permissions are there", "权限齐全").to_owned()
}

/// What is wrong with a channel, and how to mend it.
pub fn channel_bad(lang: Lang, trouble: &Trouble) -> (String, String) {
    match trouble {
        Trouble::Unreachable(error) => pick(
            lang,
            (
                format!("cannot be reached: {error}"),
                "check the id (right click › Copy Channel ID) and that the bot is on that server".to_owned(),
            ),
            (
                format!("无法访问：{}", reason(Lang::Zh, error)),
                "核对频道 ID（右键 › 复制频道 ID），并确认机器人已加入该服务器".to_owned(),
            ),
        ),
        Trouble::NotAChannel => pick(
            lang,
            (
                "is not a channel of a server".to_owned(),
                "give the id of a text channel".to_owned(),
            ),
            ("不是服务器里的频道".to_owned(), "请填写文字频道的 ID".to_owned()),
        ),
        Trouble::Missing(names) => {
            let names = names.join(pick(lang, ", ", "、"));
            pick(
                lang,
                (format!("permissions are missing: {names}"), "give them to the bot's role in the channel's settings, or invite it again with the link below".to_owned()),
                (format!("缺少权限：{names}"), "在频道设置中授予机器人的身份组，或用下面的链接重新邀请".to_owned()),
            )
        }
    }
}

/// One line of the log about a channel that is left alone.
pub fn channel_trouble(lang: Lang, name: &str, trouble: &Trouble) -> String {
    let (detail, mend) = channel_bad(lang, trouble);
    format!("{}: {detail}; {mend}", channel(lang, name))
}

/// What was read.
pub fn documents_ok(lang: Lang, documents: usize, questions: usize) -> String {
    pick(
        lang,
        format!("documents: {documents}, questions: {questions}"),
        format!("{documents} 篇文档，{questions} 个问题"),
    )
}

/// One fault of a document: file, line, what is wrong, and what becomes of it.
pub fn document_fault(lang: Lang, fault: &Fault) -> String {
    // A file's name may hold what a terminal would obey.
    let file = one_line(&fault.file);
    let place = match fault.line {
        Some(line) => format!("{file}:{line}"),
        None => file,
    };
    let what = fault_kind(lang, &fault.what);
    let kept = if fault.kept_last_good {
        pick(
            lang,
            "; the last good version stays in use",
            "；继续使用上一个正确的版本",
        )
    } else {
        ""
    };
    format!("{place}: {what}{kept}")
}

/// What is wrong with a line of people's own vocabulary.
fn vocabulary_fault(lang: Lang, kind: &FaultKind) -> String {
    match kind {
        FaultKind::MixedTerm { term } => {
            let term = quoted(term);
            pick(
                lang,
                format!(
                    "the term {term} of the vocabulary mixes Chinese and Latin letters, which is never found; it is left out: write the two as terms of their own"
                ),
                format!("词汇表里的 {term} 中英文混写，无法匹配，已忽略；请拆成单独的中文词和英文词"),
            )
        }
        _ => pick(
            lang,
            "the vocabulary needs at least two words on a line, divided by | or a tab; the line is left out",
            "词汇表每行至少要有两个词，用 | 或制表符分隔；该行已忽略",
        )
        .to_owned(),
    }
}

/// What is wrong with a document.
pub fn fault_kind(lang: Lang, kind: &FaultKind) -> String {
    match kind {
        FaultKind::Unreadable { reason: why } => {
            let reason = reason(lang, &one_line(why));
            pick(
                lang,
                format!("cannot be read ({reason})"),
                format!("无法读取（{reason}）"),
            )
        }
        FaultKind::NotUtf8 => pick(
            lang,
            "is not valid UTF-8; save it as UTF-8",
            "不是合法的 UTF-8，请另存为 UTF-8",
        )
        .to_owned(),
        FaultKind::TooLarge { bytes, limit } => pick(
            lang,
            format!("is {bytes} bytes long, the limit is {limit}; split it"),
            format!("大小为 {bytes} 字节，超过上限 {limit}，请拆分"),
        ),
        FaultKind::Empty => pick(lang, "is empty", "是空文件").to_owned(),
        FaultKind::NoDocuments => {
            pick(lang, "has no Markdown documents", "目录里没有 Markdown 文档").to_owned()
        }
        FaultKind::Loop => pick(
            lang,
            "leads back to itself; it is read once",
            "指回自身，只读取一次",
        )
        .to_owned(),
        FaultKind::Outside => pick(
            lang,
            "is a link that leads out of the folder; it is not read",
            "是指向目录之外的链接，不会读取",
        )
        .to_owned(),
        FaultKind::NotAFile => pick(
            lang,
            "is no file, or a link to none; it is not read",
            "不是普通文件，或是失效的链接，不会读取",
        )
        .to_owned(),
        FaultKind::UnclosedFence => pick(
            lang,
            "a code block begins here and is never closed",
            "此处开始的代码块没有结束",
        )
        .to_owned(),
        FaultKind::IndexNotKept { reason } => {
            let stop = pick(lang, ". ", "。");
            format!("{}{stop}{}", index_not_kept(lang, reason), mend_index(lang))
        }
        FaultKind::NotAGroup | FaultKind::MixedTerm { .. } => vocabulary_fault(lang, kind),
        FaultKind::UnclosedFrontMatter => {
            pick(lang, "the front matter is never closed", "front matter 没有结束").to_owned()
        }
        FaultKind::DuplicateId { .. } | FaultKind::UnevenPair { .. } => unlike(lang, kind),
    }
}

/// What is wrong with two documents together.
fn unlike(lang: Lang, kind: &FaultKind) -> String {
    match kind {
        FaultKind::DuplicateId { id, other } => {
            let (id, other) = (quoted(id), one_line(other));
            pick(
                lang,
                format!("has the same id {id} as {other}"),
                format!("与 {other} 的 id（{id}）相同"),
            )
        }
        FaultKind::UnevenPair { other, here, there } => {
            let other = one_line(other);
            pick(
                lang,
                format!("questions here: {here}, in {other}: {there}; so they are not paired"),
                format!("有 {here} 个问题，{other} 有 {there} 个，未能配对"),
            )
        }
        _ => String::new(),
    }
}

/// What to do about a faulty document.
pub fn mend_document(lang: Lang) -> String {
    pick(
        lang,
        "mend the file; it is read again without a restart",
        "修正文件即可，无需重启",
    )
    .to_owned()
}

/// The store.
pub fn store(lang: Lang) -> String {
    pick(lang, "store", "存储").to_owned()
}

/// It can be opened.
pub fn store_ok(lang: Lang, place: &str) -> String {
    let zh = match place.strip_prefix("the database ") {
        Some(database) => format!("数据库 {}", database.replacen(" at ", "，地址 ", 1)),
        None => place.trim_start_matches("the store ").to_owned(),
    };
    pick(
        lang,
        format!("requests and their audit are kept in {place}"),
        format!("变更申请和审计记录保存在 {zh}"),
    )
}

/// There is none yet.
pub fn store_new(lang: Lang) -> String {
    pick(
        lang,
        "is made when the bot starts for the first time".to_owned(),
        "机器人首次启动时创建".to_owned(),
    )
}

/// It cannot.
pub fn store_bad(lang: Lang, error: &str) -> (String, String) {
    pick(
        lang,
        (
            format!("cannot be opened: {error}"),
            "Mend store.url, or the database; until then the bot does not start. See docs/guide/store.md."
                .to_owned(),
        ),
        (
            format!("无法打开：{error}"),
            "请检查 store.url 或数据库；修好之前机器人无法启动。见 docs/guide/store.zh.md。".to_owned(),
        ),
    )
}

/// Changes of clusters.
pub fn changes(lang: Lang) -> String {
    pick(lang, "changes", "变更").to_owned()
}

/// Nobody can ask for any.
pub fn changes_off(lang: Lang) -> String {
    pick(
        lang,
        "off: nobody is mapped to a Kubernetes user in [people]".to_owned(),
        "未启用：[people] 里没有人映射到 Kubernetes 用户".to_owned(),
    )
}

/// Somebody could approve one.
pub fn changes_ok(lang: Lang) -> String {
    pick(lang, "there are approvers".to_owned(), "已设置审批人".to_owned())
}

/// Nobody could.
pub fn changes_bad(lang: Lang) -> (String, String) {
    pick(
        lang,
        (
            "people are mapped, but nobody may approve a change".to_owned(),
            "Name roles in roles.approver, or people in a policy; see docs/guide/changes.md.".to_owned(),
        ),
        (
            "已映射人员，但没有人可以审批变更".to_owned(),
            "请在 roles.approver 填写身份组，或在策略里填写审批人；见 docs/guide/changes.zh.md。".to_owned(),
        ),
    )
}

/// The heading of the checks of a cluster.
pub fn cluster(lang: Lang, name: &str) -> String {
    pick(lang, format!("cluster {name}"), format!("集群 {name}"))
}

/// The heading where there is no cluster.
pub fn clusters(lang: Lang) -> String {
    pick(lang, "clusters", "集群").to_owned()
}

/// No cluster is configured, which is allowed.
pub fn no_clusters(lang: Lang) -> String {
    pick(
        lang,
        "none is configured: questions are answered, checks are not possible",
        "没有配置：可以回答问题，但不能执行检查",
    )
    .to_owned()
}

/// The API server answers.
pub fn cluster_ok(lang: Lang, version: &str) -> String {
    pick(
        lang,
        format!("the API server answers, version {version}"),
        format!("API server 有应答，版本 {version}"),
    )
}

/// The API server does not answer.
pub fn cluster_bad(lang: Lang, why: &Why) -> (String, String) {
    let why = super::check::cluster_down(lang, why);
    pick(
        lang,
        (
            format!("the API server: {why}"),
            "check clusters.NAME.kubeconfig and context, the network, and whether the credentials are still valid; kubectl with the same kubeconfig should work".to_owned(),
        ),
        (
            format!("API server：{why}"),
            "检查 clusters.名字 的 kubeconfig 和 context、网络、凭据是否过期；用同一个 kubeconfig 执行 kubectl 应当可用".to_owned(),
        ),
    )
}

/// The bot lacks rights.
pub fn rights_missing(lang: Lang, rights: &[String]) -> (String, String) {
    let rights = rights.join(pick(lang, ", ", "、"));
    pick(
        lang,
        (
            format!("First Mate lacks these rights: {rights}"),
            "apply bot/deploy/rbac.yaml (Kubernetes before 1.36: rbac-classic.yaml)".to_owned(),
        ),
        (
            format!("大副缺少以下权限：{rights}"),
            "应用 bot/deploy/rbac.yaml（1.36 之前的 Kubernetes 用 rbac-classic.yaml）".to_owned(),
        ),
    )
}

/// The bot may not act as a person.
pub fn may_not_act_as(lang: Lang, user: &str) -> (String, String) {
    pick(
        lang,
        (
            format!("First Mate may not act as the Kubernetes user {user}"),
            "add the user to resourceNames of firstmate-as-people in bot/deploy/rbac.yaml".to_owned(),
        ),
        (
            format!("大副不能以 Kubernetes 用户 {user} 的身份操作"),
            "在 bot/deploy/rbac.yaml 的 firstmate-as-people 中把该用户加到 resourceNames".to_owned(),
        ),
    )
}

/// The bot may not act as a member of a group.
pub fn may_not_act_as_group(lang: Lang, group: &str) -> (String, String) {
    pick(
        lang,
        (
            format!("First Mate may not act as a member of the Kubernetes group {group}"),
            "add the rule for groups to firstmate-as-people in bot/deploy/rbac.yaml".to_owned(),
        ),
        (
            format!("大副不能以 Kubernetes 组 {group} 成员的身份操作"),
            "在 bot/deploy/rbac.yaml 的 firstmate-as-people 中加上针对 groups 的规则".to_owned(),
        ),
    )
}

/// The bot may everything.
pub fn rights_without_end(lang: Lang) -> (String, String) {
    let (en, zh) = mend_rights();
    pick(
        lang,
        (
            "First Mate may do everything in this cluster, as cluster-admin".to_owned(),
            en,
        ),
        ("大副在该集群中拥有全部权限（等同 cluster-admin）".to_owned(), zh),
    )
}

/// The bot has rights that it has no use for.
pub fn rights_too_many(lang: Lang, rights: &[String]) -> (String, String) {
    let rights = some(lang, rights);
    let (en, zh) = mend_rights();
    pick(
        lang,
        (
            format!("First Mate has rights that it does not need: {rights}"),
            en,
        ),
        (format!("大副有多余的权限：{rights}"), zh),
    )
}

fn mend_rights() -> (String, String) {
    (
        "apply bot/deploy/rbac.yaml as it is, filled in with the people of your configuration, and delete other bindings of its ServiceAccount; kubectl get clusterrolebindings,rolebindings -A -o wide lists them".to_owned(),
        "按配置中的人员填写 bot/deploy/rbac.yaml 后原样应用，并删除该 ServiceAccount 的其他绑定；用 kubectl get clusterrolebindings,rolebindings -A -o wide 查看".to_owned(),
    )
}

/// The bot may act as people in the narrow way and in the wide one.
pub fn both_ways(lang: Lang) -> (String, String) {
    pick(
        lang,
        (
            "rbac.yaml and rbac-classic.yaml are both in force: together they are as wide as the classic one"
                .to_owned(),
            "take the verb impersonate away from First Mate's ServiceAccount".to_owned(),
        ),
        (
            "rbac.yaml 和 rbac-classic.yaml 同时生效：合起来与 classic 一样宽".to_owned(),
            "去掉大副 ServiceAccount 的 impersonate 动词".to_owned(),
        ),
    )
}

/// Rights that the bot would need only where nobody is mapped. No fault.
pub fn rights_to_spare(lang: Lang, rights: &[String]) -> String {
    let rights = some(lang, rights);
    pick(
        lang,
        format!(
            "people are mapped, so First Mate could do without: {rights} (docs/guide/kubernetes.md, section 1)"
        ),
        format!("已配置人员映射，大副可以不需要：{rights}（见 docs/guide/kubernetes.zh.md 第 1 节）"),
    )
}

/// The first of many rights.
fn some(lang: Lang, rights: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = rights.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    let shown = shown.join(pick(lang, ", ", "、"));
    match rights.len().saturating_sub(SHOWN) {
        0 => shown,
        more => pick(
            lang,
            format!("{shown} and {more} more"),
            format!("{shown} 等另外 {more} 项"),
        ),
    }
}

/// What a person may read.
pub fn person_may(lang: Lang, user: &str, lacking: &[String]) -> String {
    if lacking.is_empty() {
        return pick(
            lang,
            format!("{user} may read everything that the checks read"),
            format!("{user} 可以读取各项检查所需的全部内容"),
        );
    }
    let lacking = lacking.join(pick(lang, ", ", "、"));
    pick(
        lang,
        format!("{user} may not: {lacking}"),
        format!("{user} 没有以下权限：{lacking}"),
    )
}
