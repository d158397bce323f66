//! What is said about changes: cards, lists, refusals.

use firstmate_kb::Lang;

use super::check::clock_time;
use super::{pick, quoted};
use crate::check::table::{code, one_line, prose};
use crate::cluster::read::quantity::{human_bytes, human_cpu};
use crate::redact::redact;
use crate::remedy::action::Action;
use crate::remedy::approval::{Decision, Entry, Freeze, Outcome, Person, Request, State};
use crate::remedy::plan::Plan;

/// How many names a card lists before it counts the rest.
const NAMES: usize = 8;
/// How much of a hash or digest is shown.
const HASH_SHOWN: usize = 12;

/// What an action does, as a person would say it.
pub fn action(lang: Lang, action: &Action) -> String {
    let node = quoted(action.node());
    match action {
        Action::Cordon { .. } => pick(
            lang,
            format!("stop scheduling on {node} (cordon)"),
            format!("停止调度节点 {node}"),
        ),
        Action::Uncordon { .. } => pick(
            lang,
            format!("resume scheduling on {node} (uncordon)"),
            format!("恢复调度节点 {node}"),
        ),
    }
}

/// The word on a button that asks for an action.
pub fn request_button(lang: Lang, action: &Action) -> String {
    let node = action.node();
    match action {
        Action::Cordon { .. } => pick(
            lang,
            format!("Request: stop scheduling on {node}"),
            format!("申请：停止调度 {node}"),
        ),
        Action::Uncordon { .. } => pick(
            lang,
            format!("Request: resume scheduling on {node}"),
            format!("申请：恢复调度 {node}"),
        ),
    }
}

/// The word on the button that takes a change back.
pub fn undo_button(lang: Lang, request: &Request) -> String {
    let node = request.action().node();
    match request.action().inverse() {
        Action::Cordon { .. } => pick(
            lang,
            format!("Undo: stop scheduling on {node}"),
            format!("撤销：停止调度 {node}"),
        ),
        Action::Uncordon { .. } => pick(
            lang,
            format!("Undo: resume scheduling on {node}"),
            format!("撤销：恢复调度 {node}"),
        ),
    }
}

/// The message of a card: what would be done, to what, where; people who switched cards off approve by it. The roles
/// are mentioned.
pub fn headline(lang: Lang, request: &Request, roles: &[u64]) -> String {
    let (id, what) = (request.id, action(lang, request.action()));
    let cluster = quoted(&request.plan.cluster);
    let state = state(lang, request.state);
    let mentions: String = roles.iter().map(|role| format!(" <@&{role}>")).collect();
    pick(
        lang,
        format!("Request {id}: {what} in cluster {cluster}. **{state}**{mentions}"),
        format!("变更申请 {id}：{what}，集群 {cluster}。**{state}**{mentions}"),
    )
}

/// The title of a card.
pub fn title(lang: Lang, request: &Request) -> String {
    let id = request.id;
    let object = request.action().object();
    pick(
        lang,
        format!("Request {id}: {} {object}", request.action().name()),
        format!("变更申请 {id}：{} {object}", request.action().name()),
    )
}

/// Where a request stands, in a word.
pub fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Pending => pick(lang, "Waits for approval", "等待批准"),
        State::Executing => pick(lang, "Being carried out", "正在执行"),
        State::Done => pick(lang, "Done", "已完成"),
        State::NotDone => pick(lang, "Not done", "未执行"),
        State::NotKnown => pick(lang, "Not known whether it was done", "不确定是否已执行"),
        State::Rejected => pick(lang, "Rejected", "已驳回"),
        State::Expired => pick(lang, "Expired", "已过期"),
        State::Refused => pick(lang, "Refused", "拒绝执行"),
    }
}

/// What will happen, and what there is to know before.
pub fn effect(lang: Lang, request: &Request) -> Vec<String> {
    let plan = &request.plan;
    let mut lines = vec![stays(lang, plan), capacity(lang, plan)];
    if !plan.seen.ready {
        lines.push(pick(lang, "⚠ The node is not ready now.", "⚠ 该节点当前未就绪。").to_owned());
    }
    let others = [
        (
            pick(lang, "Also cordoned", "其他已停止调度的节点"),
            &plan.basis.cordoned,
        ),
        (
            pick(lang, "Also not ready", "其他未就绪的节点"),
            &plan.basis.not_ready,
        ),
    ];
    for (what, names) in others {
        if !names.is_empty() {
            let colon = pick(lang, ": ", "：");
            lines.push(format!("⚠ {what}{colon}{}", some(lang, names)));
        }
    }
    lines
}

fn stays(lang: Lang, plan: &Plan) -> String {
    let node = quoted(plan.action.node());
    let pods = match (plan.seen.pods, plan.seen.daemon_pods) {
        (Some(pods), Some(daemons)) => pick(
            lang,
            format!("Its {pods} Pods stay ({daemons} of DaemonSets)."),
            format!("节点上的 {pods} 个 Pod 保持不动（其中 DaemonSet 的 {daemons} 个）。"),
        ),
        _ => pick(
            lang,
            "Its Pods stay; how many was not checked.".to_owned(),
            "节点上的 Pod 保持不动，数量未检查。".to_owned(),
        ),
    };
    match plan.action {
        Action::Cordon { .. } => pick(
            lang,
            format!("No new Pods are placed on {node} any more. {pods}"),
            format!("不再有新的 Pod 调度到 {node}。{pods}"),
        ),
        Action::Uncordon { .. } => pick(
            lang,
            format!("New Pods may be placed on {node} again. {pods}"),
            format!("新的 Pod 可以重新调度到 {node}。{pods}"),
        ),
    }
}

fn capacity(lang: Lang, plan: &Plan) -> String {
    let seen = &plan.seen;
    let (left, nodes) = (seen.schedulable_after, seen.nodes);
    if left == 0 {
        return pick(
            lang,
            format!("⚠ Afterwards none of {nodes} nodes takes new Pods."),
            format!("⚠ 执行后 {nodes} 个节点都不接受新的 Pod。"),
        );
    }
    let (cpu, memory) = (
        human_cpu(seen.cpu_after.into()),
        human_bytes(seen.memory_after.into()),
    );
    pick(
        lang,
        format!("Afterwards {left} of {nodes} nodes take new Pods: CPU {cpu}, memory {memory} allocatable."),
        format!("执行后 {nodes} 个节点中有 {left} 个接受新的 Pod：可分配 CPU {cpu}、内存 {memory}。"),
    )
}

fn some(lang: Lang, names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES).map(|name| quoted(name)).collect();
    let comma = pick(lang, ", ", "、");
    let shown = shown.join(comma);
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => pick(
            lang,
            format!("{shown} and {more} more"),
            format!("{shown} 等 {} 个", more + NAMES),
        ),
    }
}

/// Who asked, why, and what it takes back.
pub fn asked(lang: Lang, request: &Request) -> String {
    let who = person(lang, &request.requester);
    let reason = prose(&request.reason);
    let undoes = request.undoes.map(|id| {
        pick(
            lang,
            format!("\nTakes back request {id}."),
            format!("\n撤销变更申请 {id}。"),
        )
    });
    let undoes = undoes.unwrap_or_default();
    pick(
        lang,
        format!("**Requester** {who}\n**Reason** {reason}{undoes}"),
        format!("**申请人** {who}\n**原因** {reason}{undoes}"),
    )
}

/// A person, and who they are in the cluster. The mention reaches nobody.
pub fn person(lang: Lang, person: &Person) -> String {
    let (id, user) = (person.id, quoted(&person.user));
    if person.user.is_empty() {
        return format!("<@{id}>");
    }
    pick(lang, format!("<@{id}> ({user})"), format!("<@{id}>（{user}）"))
}

/// Who may decide, how many have, and until when.
pub fn approvals(lang: Lang, request: &Request, who: &[String]) -> String {
    let (have, needed) = (request.approvals.len(), request.needed);
    let who = match who.is_empty() {
        true => pick(lang, "nobody", "无人").to_owned(),
        false => who.join(" "),
    };
    let by: Vec<String> = request.approvals.iter().map(|it| person(lang, &it.by)).collect();
    let by = match by.is_empty() {
        true => String::new(),
        false => format!(" {}", by.join(" ")),
    };
    let expires = request.expires_at / 1000;
    pick(
        lang,
        format!(
            "**May decide** {who}\n**Approved** {have} of {needed}{by}\n**Expires** <t:{expires}:R>, {} UTC",
            clock_time(request.expires_at)
        ),
        format!(
            "**可审批** {who}\n**已批准** {have}/{needed}{by}\n**过期** <t:{expires}:R>（{} UTC）",
            clock_time(request.expires_at)
        ),
    )
}

/// What is other than when it was asked for.
pub fn moved(lang: Lang, request: &Request) -> Option<String> {
    let before = request.moved.as_ref()?;
    let now = &request.plan;
    let mut changes = Vec::new();
    if before.basis.uid != now.basis.uid {
        changes.push(
            pick(
                lang,
                "the node is another machine of the same name",
                "节点已换成同名的另一台机器",
            )
            .to_owned(),
        );
    }
    if before.basis.unschedulable != now.basis.unschedulable {
        changes.push(match now.basis.unschedulable {
            true => pick(lang, "the node is cordoned now", "节点现在已停止调度").to_owned(),
            false => pick(lang, "the node is schedulable now", "节点现在可调度").to_owned(),
        });
    }
    let lists = [
        (
            pick(lang, "cordoned", "停止调度"),
            &before.basis.cordoned,
            &now.basis.cordoned,
        ),
        (
            pick(lang, "not ready", "未就绪"),
            &before.basis.not_ready,
            &now.basis.not_ready,
        ),
    ];
    for (what, before, now) in lists {
        changes.extend(difference(lang, what, before, now));
    }
    let changes = changes.join(pick(lang, "; ", "；"));
    Some(pick(
        lang,
        format!(
            "⚠ **The cluster changed** between card and click: {changes}. Nothing was done, earlier approvals are void; decide anew."
        ),
        format!(
            "⚠ **集群状态已变化**（出卡片之后、点击之前）：{changes}。没有执行任何操作，之前的批准作废，请重新审批。"
        ),
    ))
}

fn difference(lang: Lang, what: &str, before: &[String], now: &[String]) -> Vec<String> {
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|name| !b.contains(name)).cloned().collect()
    };
    let (came, went) = (only(now, before), only(before, now));
    let mut words = Vec::new();
    if !came.is_empty() {
        let names = some(lang, &came);
        words.push(pick(
            lang,
            format!("now {what}: {names}"),
            format!("新增{what}：{names}"),
        ));
    }
    if !went.is_empty() {
        let names = some(lang, &went);
        words.push(pick(
            lang,
            format!("no longer {what}: {names}"),
            format!("不再{what}：{names}"),
        ));
    }
    words
}

/// Where it stands, by whom and since when.
pub fn standing(lang: Lang, request: &Request) -> String {
    let at = clock_time(request.decided_at.unwrap_or(request.created_at));
    match request.state {
        State::Pending => pick(
            lang,
            "Nothing is done until it is approved.".to_owned(),
            "批准之前不会执行任何操作。".to_owned(),
        ),
        State::Executing => pick(
            lang,
            format!("⏳ Approved {}. Being carried out.", by(lang, request)),
            format!("⏳ {} 已批准，正在执行。", by(lang, request)),
        ),
        State::Rejected => rejected(lang, request.rejection.as_ref()),
        State::Expired => pick(
            lang,
            format!(
                "⌛ Expired at {at} UTC: nobody approved in time. Nothing was done. Ask again if it is still needed."
            ),
            format!("⌛ 已于 {at} UTC 过期：没有人及时批准。没有执行任何操作，如仍需要请重新申请。"),
        ),
        State::Done => {
            let undone = request.undone_by.map(|id| {
                pick(
                    lang,
                    format!(" Taken back by request {id}."),
                    format!("已由变更申请 {id} 撤销。"),
                )
            });
            let (by, outcome) = (by(lang, request), outcome(lang, request));
            let undone = undone.unwrap_or_default();
            pick(
                lang,
                format!("✅ Approved {by}, done at {at} UTC. {outcome}{undone}"),
                format!("✅ {by}已批准，{at} UTC 执行完成。{outcome}{undone}"),
            )
        }
        _ => not_done(lang, request),
    }
}

fn not_done(lang: Lang, request: &Request) -> String {
    match request.state {
        State::NotDone => pick(
            lang,
            format!(
                "❌ {}**Not done.** {}",
                by_whom(lang, request),
                outcome(lang, request)
            ),
            format!(
                "❌ {}**未执行。**{}",
                by_whom(lang, request),
                outcome(lang, request)
            ),
        ),
        State::NotKnown => pick(
            lang,
            format!(
                "❓ Approved {}; **whether it was done is not known**. {} Look at the node before asking again.",
                by(lang, request),
                outcome(lang, request)
            ),
            format!(
                "❓ {} 已批准，**不确定是否已执行**。{} 重新申请前请先查看节点。",
                by(lang, request),
                outcome(lang, request)
            ),
        ),
        _ => pick(
            lang,
            format!("⛔ Refused: {}", outcome(lang, request)),
            format!("⛔ 拒绝执行：{}", outcome(lang, request)),
        ),
    }
}

/// Who approved, as a sentence; nothing if nobody did.
fn by_whom(lang: Lang, request: &Request) -> String {
    match request.approvals.is_empty() {
        true => String::new(),
        false => pick(
            lang,
            format!("Approved {}. ", by(lang, request)),
            format!("{} 已批准。", by(lang, request)),
        ),
    }
}

fn by(lang: Lang, request: &Request) -> String {
    let people: Vec<String> = request.approvals.iter().map(|it| person(lang, &it.by)).collect();
    let people = people.join(pick(lang, ", ", "、"));
    pick(lang, format!("by {people}"), people)
}

fn rejected(lang: Lang, rejection: Option<&Decision>) -> String {
    let Some(Decision { by, at, reason }) = rejection else {
        return state(lang, State::Rejected).to_owned();
    };
    let (by, at, reason) = (person(lang, by), clock_time(*at), prose(reason));
    pick(
        lang,
        format!("🚫 Rejected by {by} at {at} UTC: {reason}\nNothing was done."),
        format!("🚫 {by}于 {at} UTC 驳回：{reason}\n没有执行任何操作。"),
    )
}

fn outcome(lang: Lang, request: &Request) -> String {
    let Some(outcome) = &request.outcome else {
        return String::new();
    };
    match outcome {
        Outcome::Verified => pick(
            lang,
            "Read again: as wanted.".to_owned(),
            "复查结果符合预期。".to_owned(),
        ),
        Outcome::AlreadySo => pick(
            lang,
            "The node was so already, so there was nothing to do.".to_owned(),
            "节点已是目标状态，无需操作。".to_owned(),
        ),
        Outcome::Moved if request.state == State::Done => pick(
            lang,
            "⚠ Somebody changed it back right afterwards.".to_owned(),
            "⚠ 执行后又被其他人改回。".to_owned(),
        ),
        Outcome::Moved => pick(
            lang,
            "The cluster changed between click and call. Ask again if it is still needed.".to_owned(),
            "点击之后、执行之前集群状态发生了变化。如仍需要请重新申请。".to_owned(),
        ),
        Outcome::Frozen => pick(
            lang,
            "Changes were frozen before the call was made.".to_owned(),
            "执行之前变更已冻结（封网）。".to_owned(),
        ),
        Outcome::Interrupted if request.call.is_none() => pick(
            lang,
            "First Mate was stopped before the call was made. Ask again if it is still needed.".to_owned(),
            "大副在发出调用之前被停止。如仍需要请重新申请。".to_owned(),
        ),
        Outcome::Interrupted => pick(
            lang,
            "The call got no clear answer; the node was read again and is unchanged. Ask again if it is still needed.".to_owned(),
            "调用没有得到明确应答；复查后节点没有变化。如仍需要请重新申请。".to_owned(),
        ),
        other => unclear(lang, other),
    }
}

/// What the API server said, or Discord.
fn unclear(lang: Lang, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered { code, message } => {
            let message = quoted(message);
            pick(
                lang,
                format!("The API server answered {code}: {message}"),
                format!("API server 返回 {code}：{message}"),
            )
        }
        Outcome::NoAnswer { message } => {
            let message = prose(message);
            pick(
                lang,
                format!("The API server did not answer: {message}"),
                format!("API server 没有应答：{message}"),
            )
        }
        _ => pick(
            lang,
            "the card could not be posted.".to_owned(),
            "卡片无法发布。".to_owned(),
        ),
    }
}

/// On a card that waits while changes are frozen.
pub fn card_frozen(lang: Lang, freeze: &Freeze) -> String {
    let body = freeze_body(lang, freeze);
    pick(
        lang,
        format!("🧊 **Changes are frozen.** {body}\nIt can be rejected, but not approved until `/unfreeze`."),
        format!("🧊 **变更已冻结（封网）。**{body}\n可以驳回；用 `/解除冻结` 解除之前不能批准。"),
    )
}

/// Below a card: when the plan was read, and which plan it is.
pub fn card_footer(lang: Lang, request: &Request) -> String {
    let at = clock_time(request.plan.seen.at);
    let digest: String = request.digest.chars().take(HASH_SHOWN).collect();
    pick(
        lang,
        format!("{} · read at {at} UTC · plan {digest}", request.plan.cluster),
        format!("{} · {at} UTC 读取 · 方案 {digest}", request.plan.cluster),
    )
}

/// To the person of whose reason nothing became: the reason, to be copied from.
pub fn given_back(lang: Lang, reason: &str) -> String {
    let reason = code(&one_line(&redact(reason)));
    pick(
        lang,
        format!("The reason that you wrote:\n{reason}"),
        format!("你填写的原因：\n{reason}"),
    )
}

/// To the person whose request waits now.
pub fn requested(lang: Lang, request: &Request) -> String {
    let id = request.id;
    if request.card.message == 0 {
        return pick(
            lang,
            format!(
                "Request {id} is kept, but Discord does not take its card now; it is posted as soon as it does."
            ),
            format!("变更申请 {id} 已保存，但 Discord 暂时无法发布卡片；恢复后会自动发布。"),
        );
    }
    let link = link(request);
    pick(
        lang,
        format!("Request {id} waits for approval: {link}"),
        format!("变更申请 {id} 等待批准：{link}"),
    )
}

/// Where a card is.
fn link(request: &Request) -> String {
    let card = &request.card;
    format!(
        "https://discord.com/channels/{}/{}/{}",
        card.guild, card.channel, card.message
    )
}

/// One request of a list, on two lines.
pub fn line(lang: Lang, request: &Request) -> String {
    let at = request.created_at / 1000;
    let (id, what, state) = (
        request.id,
        action(lang, request.action()),
        state(lang, request.state),
    );
    let (cluster, who) = (&request.plan.cluster, &request.requester);
    let who = format!("<@{}>", who.id);
    let reason = prose(&request.reason);
    // What waits is a click away.
    let card = match (request.state, request.card.message) {
        (State::Pending, message) if message != 0 => format!(" {}", link(request)),
        _ => String::new(),
    };
    pick(
        lang,
        format!("**{id}** <t:{at}:f> {what} in {cluster}, by {who}: **{state}**{card}\n{reason}"),
        format!("**{id}** <t:{at}:f> {what}，{cluster}，{who}：**{state}**{card}\n{reason}"),
    )
}

/// The title of `/requests`.
pub fn requests_title(lang: Lang) -> &'static str {
    pick(lang, "Requests", "变更申请")
}

/// How many there are.
pub fn requests_summary(lang: Lang, found: usize, waiting: usize, narrowed: bool) -> String {
    if found == 0 {
        return match narrowed {
            true => pick(
                lang,
                "There is no such request.".to_owned(),
                "没有符合条件的变更申请。".to_owned(),
            ),
            false => pick(
                lang,
                "There was no request in this channel. `/requests everywhere:true` shows all.".to_owned(),
                "本频道没有变更申请。`/变更申请 所有频道:true` 可查看全部。".to_owned(),
            ),
        };
    }
    pick(
        lang,
        format!("Requests: {found}; waiting for approval: {waiting}."),
        format!("{found} 个变更申请，其中 {waiting} 个等待批准。"),
    )
}

/// The title of `/audit`.
pub fn audit_title(lang: Lang) -> &'static str {
    pick(lang, "Audit", "审计记录")
}

/// How many rows there are.
pub fn audit_summary(lang: Lang, rows: usize, hours: u64, is_cut: bool) -> String {
    let cut = match is_cut {
        true => pick(
            lang,
            " These are the newest; `firstmate audit export` writes all.",
            "仅列出最新的；`firstmate audit export` 可导出全部。",
        ),
        false => "",
    };
    let of_audit = match rows {
        1 => "1 row".to_owned(),
        _ => format!("{rows} rows"),
    };
    pick(
        lang,
        format!("{of_audit} of the audit in the last {hours} h.{cut}"),
        format!("最近 {hours} 小时有 {rows} 条审计记录。{cut}"),
    )
}

/// Which row the chain ends with.
pub fn audit_head(lang: Lang, seq: i64, hash: &str) -> String {
    pick(
        lang,
        format!("head {seq} {hash}"),
        format!("最新一条 {seq} {hash}"),
    )
}

/// The audit's head hash, posted to a channel: whoever keeps it can tell later whether rows were removed.
pub fn anchor(lang: Lang, seq: i64, hash: &str) -> String {
    pick(
        lang,
        format!(
            "Audit head: row {seq}, `{hash}`. Keep it: `firstmate audit verify --anchor {hash}` shows later that no row up to here was changed or removed."
        ),
        format!(
            "审计链最新一条：{seq}，`{hash}`。请留存：之后用 `firstmate audit verify --anchor {hash}` 可验证到此为止的记录没有被改动或删除。"
        ),
    )
}

/// One row of the audit, on one line.
pub fn audit_line(lang: Lang, seq: i64, entry: &Entry) -> String {
    let at = entry.at / 1000;
    let step = step(lang, &entry.step);
    let by = entry.by.as_ref().map(|by| format!(" <@{}>", by.id));
    let by = by.unwrap_or_default();
    let request = entry.request.map(|id| format!(" #{id}")).unwrap_or_default();
    let what = match entry.action.is_empty() {
        true => String::new(),
        false => format!(" {} {}", entry.action, entry.object),
    };
    let detail = match entry.detail.is_empty() {
        true => String::new(),
        false => {
            let detail = super::audit::detail(lang, &entry.step, &entry.detail);
            format!("{}{}", pick(lang, ": ", "："), prose(&detail))
        }
    };
    format!("`{seq}` <t:{at}:f> **{step}**{request}{what}{by}{detail}")
}

fn step(lang: Lang, step: &str) -> &str {
    match step {
        "requested" => pick(lang, "requested", "申请"),
        "approved" => pick(lang, "approved", "批准"),
        "replanned" => pick(lang, "plan changed", "方案变化"),
        "rejected" => pick(lang, "rejected", "驳回"),
        "expired" => pick(lang, "expired", "过期"),
        "refused" => pick(lang, "refused", "拒绝执行"),
        "calling" => pick(lang, "call let out", "发出调用"),
        "executed" => pick(lang, "executed", "已执行"),
        "verified" => pick(lang, "verified", "已复查"),
        "not_done" => pick(lang, "not done", "未执行"),
        "not_known" => pick(lang, "not known", "结果不明"),
        "undone" => pick(lang, "taken back", "已撤销"),
        "frozen" => pick(lang, "frozen", "冻结"),
        "unfrozen" => pick(lang, "unfrozen", "解除冻结"),
        other => other,
    }
}

/// The title of the message about a freeze.
pub fn freeze_title(lang: Lang) -> &'static str {
    pick(lang, "Changes are frozen", "变更冻结（封网）")
}

/// What a freeze means.
pub fn frozen_summary(lang: Lang) -> String {
    pick(
        lang,
        "All changes are frozen: nothing is carried out by anyone, in any cluster, until another approver says `/unfreeze`.".to_owned(),
        "所有变更已冻结（封网）：在另一位审批人用 `/解除冻结` 解除之前，任何人都不能在任何集群执行变更。".to_owned(),
    )
}

/// Who froze, when and why.
pub fn freeze_body(lang: Lang, freeze: &Freeze) -> String {
    let (by, at, reason) = (
        person(lang, &freeze.by),
        clock_time(freeze.at),
        prose(&freeze.reason),
    );
    pick(
        lang,
        format!("Frozen by {by} at {at} UTC: {reason}"),
        format!("{by}于 {at} UTC 冻结：{reason}"),
    )
}

/// Changes go on.
pub fn unfrozen(lang: Lang, freeze: &Freeze, by: &Person) -> String {
    let (by, froze) = (person(lang, by), person(lang, &freeze.by));
    pick(
        lang,
        format!(
            "Changes are unfrozen by {by} (frozen by {froze}: {})",
            prose(&freeze.reason)
        ),
        format!("{by}已解除冻结（由 {froze}冻结：{}）", prose(&freeze.reason)),
    )
}

/// What the store holds, for `/status`.
pub fn status(lang: Lang, freeze: Option<&Freeze>, waiting: usize) -> String {
    let frozen = match freeze {
        Some(freeze) => format!("🧊 {}", freeze_body(lang, freeze)),
        None => pick(
            lang,
            "Changes are not frozen.".to_owned(),
            "变更未冻结。".to_owned(),
        ),
    };
    pick(
        lang,
        format!("Store: in order. {frozen} Requests that wait: {waiting}."),
        format!("存储：正常。{frozen}等待批准的变更申请：{waiting} 个。"),
    )
}

/// The store does not answer, for `/status`.
pub fn status_no_store(lang: Lang) -> &'static str {
    pick(
        lang,
        "⚠ Store: cannot be read, so nothing can be changed. The log says why.",
        "⚠ 存储：无法读取，因此不能执行任何变更。原因见日志。",
    )
}
