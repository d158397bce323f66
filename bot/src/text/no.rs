//! Why a change is not asked for, not approved or not stopped, and what to do about it.

use firstmate_kb::Lang;

use super::change::{action, freeze_body, person, state};
use super::check::{clock_time, not_checked};
use super::{pick, quoted};
use crate::remedy::No;
use crate::remedy::action::Action;
use crate::remedy::approval::Request;

/// What a person is told of a change that is not asked for, not approved or not stopped.
pub fn words(lang: Lang, no: &No) -> String {
    match no {
        No::OnlyInServer => pick(
            lang,
            "Ask for changes in a channel of the server, where approvers see the card. Nothing was done.".to_owned(),
            "请在服务器的频道里申请变更，审批人才能看到卡片。没有执行任何操作。".to_owned(),
        ),
        No::MayNotRequest { action: what } => may_not(lang, what, "request", pick(lang, "ask to", "申请")),
        No::MayNotApprove { action: what } => may_not(lang, what, "approve", pick(lang, "decide a request to", "审批")),
        No::NoUser => pick(
            lang,
            "You have no Kubernetes user of your own here, so you cannot change anything. An admin can map you: `[people.NAME]` in the configuration.".to_owned(),
            "你没有自己的 Kubernetes 用户，因此不能变更集群。请管理员在配置的 `[people.NAME]` 中添加你。".to_owned(),
        ),
        No::NobodyMapped => pick(
            lang,
            "Changes are off here: nobody is mapped to a Kubernetes user of their own. An admin can switch them on by `[people.NAME]` in the configuration; `firstmate sandbox --kubeconfig` takes one by `--config`.".to_owned(),
            "这里没有启用变更：还没有人对应到自己的 Kubernetes 用户。请管理员在配置的 `[people.NAME]` 中添加；`firstmate sandbox --kubeconfig` 可用 `--config` 指定配置。".to_owned(),
        ),
        No::NoReason => pick(
            lang,
            "A reason is needed: approvers decide by it. Nothing was done.".to_owned(),
            "必须填写原因，审批人据此决定。没有执行任何操作。".to_owned(),
        ),
        No::LongReason => pick(
            lang,
            format!("The reason is too long: at most {} characters. Nothing was done.", crate::remedy::REASON_LIMIT),
            format!("原因太长，最多 {} 个字符。没有执行任何操作。", crate::remedy::REASON_LIMIT),
        ),
        other => impossible(lang, other),
    }
}

/// What speaks against it in the cluster, in the channel or in what is kept.
fn impossible(lang: Lang, no: &No) -> String {
    match no {
        No::AlreadySo { action } => already_so(lang, action),
        No::AlreadyWaiting(request) => {
            let id = request.id;
            pick(
                lang,
                format!("Request {id} for the same is waiting already: approve or reject that one."),
                format!("相同的变更申请 {id} 正在等待批准，请直接审批那一个。"),
            )
        }
        No::Lacks { user, right } => {
            let (user, right) = (quoted(user), right.words());
            pick(
                lang,
                format!(
                    "The cluster does not let the Kubernetes user {user} do this: `{right}` is missing. Nothing was done. A cluster admin can bind it; see docs/guide/kubernetes.md."
                ),
                format!(
                    "集群不允许 Kubernetes 用户 {user} 执行此操作：缺少 `{right}` 权限。没有执行任何操作。请集群管理员授权，见 docs/guide/kubernetes.zh.md。"
                ),
            )
        }
        No::TooFewApprovers { needed, may, right } => {
            too_few(lang, *needed, *may, right.map(|it| it.words()))
        }
        No::NotRead(not) => {
            let not = not_checked(lang, not);
            pick(
                lang,
                format!("What the change depends on could not be read, so nothing was done. {not}"),
                format!("没能读到变更所依据的状态，因此没有执行任何操作。{not}"),
            )
        }
        No::NotPosted { id } => pick(
            lang,
            format!(
                "Request {id} is refused: I may not post its card in this channel. An admin can give me Send Messages and Embed Links here."
            ),
            format!(
                "变更申请 {id} 被拒绝：我不能在本频道发布卡片。请管理员授予我在此发送消息和嵌入链接的权限。"
            ),
        ),
        No::Gone { id } => pick(
            lang,
            format!("There is no request {id} any more. Nothing was done."),
            format!("变更申请 {id} 已不存在。没有执行任何操作。"),
        ),
        No::Decided(request) => decided(lang, request),
        No::Expired(request) => {
            let (id, at) = (request.id, clock_time(request.expires_at));
            pick(
                lang,
                format!(
                    "Request {id} expired at {at} UTC. Nothing was done; ask again if it is still needed."
                ),
                format!("变更申请 {id} 已于 {at} UTC 过期。没有执行任何操作，如仍需要请重新申请。"),
            )
        }
        other => undecided(lang, other),
    }
}

/// What speaks against a click.
fn undecided(lang: Lang, no: &No) -> String {
    match no {
        No::OwnRequest => pick(
            lang,
            "You asked for this change yourself, so another approver must decide. You can withdraw it with Reject.".to_owned(),
            "这是你自己的申请，须由其他审批人批准。要撤回请点“驳回”。".to_owned(),
        ),
        No::Stricter { needed } => pick(
            lang,
            format!("The rules became stricter since this was asked for: {needed} must approve now. Nothing was done. Reject it and ask again."),
            format!("申请之后规则变严格了：现在需要 {needed} 人批准。没有执行任何操作。请驳回后重新申请。"),
        ),
        No::Twice => pick(
            lang,
            "You have approved already; another approver is needed.".to_owned(),
            "你已经批准过，还需要其他审批人。".to_owned(),
        ),
        No::OtherPlan => pick(
            lang,
            "The card has changed since you saw it. Nothing was done; look at it again and decide.".to_owned(),
            "卡片在你看到之后已更新。没有执行任何操作，请重新查看后再决定。".to_owned(),
        ),
        No::Moved => pick(
            lang,
            "The cluster changed since the card was posted. Nothing was done; the card now shows what is different, decide anew.".to_owned(),
            "卡片发布之后集群状态有变化。没有执行任何操作；卡片已列出变化，请重新审批。".to_owned(),
        ),
        No::NothingToUndo => pick(
            lang,
            "There is nothing to take back: it was not done, was taken back already, or the node was changed again since.".to_owned(),
            "没有可撤销的内容：变更没有执行、已经撤销，或之后该节点又有新的变更。".to_owned(),
        ),
        No::NoPerson { name } => {
            let name = quoted(name);
            pick(
                lang,
                format!("The configuration knows no person {name}. Choose one from the list that opens as you type."),
                format!("配置里没有 {name} 这个人。输入时可从弹出的列表中选择。"),
            )
        }
        other => frozen(lang, other),
    }
}

/// What speaks against freezing and unfreezing, and what is ours to mend.
fn frozen(lang: Lang, no: &No) -> String {
    match no {
        No::Frozen(freeze) | No::AlreadyFrozen(freeze) => {
            let body = freeze_body(lang, freeze);
            pick(
                lang,
                format!("Changes are frozen, nothing was done. {body}. Another approver can `/unfreeze`."),
                format!("变更已冻结（封网），没有执行任何操作。{body}。可由另一位审批人用 `/解除冻结` 解除。"),
            )
        }
        No::NotFrozen => pick(
            lang,
            "Changes are not frozen.".to_owned(),
            "变更没有冻结（封网）。".to_owned(),
        ),
        No::SamePerson(_) => pick(
            lang,
            "You froze changes yourself, so another approver must unfreeze them.".to_owned(),
            "冻结是你发起的，须由另一位审批人解除。".to_owned(),
        ),
        No::MayNotFreeze => pick(
            lang,
            "Operators and approvers may freeze changes, approvers may unfreeze them: `roles.operator` and `roles.approver` in the configuration.".to_owned(),
            "operator 和 approver 可以冻结变更，approver 可以解除冻结：见配置中的 `roles.operator` 与 `roles.approver`。".to_owned(),
        ),
        No::InDoubt => pick(
            lang,
            "The store failed while this was being carried out, so what became of it is not known yet. Do nothing by hand: once the store answers I read the cluster and put the truth on the card. An admin finds why in the log.".to_owned(),
            "执行过程中存储出现故障，目前还不知道结果。请不要手工重复操作：存储恢复后，我会读取集群的实际状态并更新卡片。请管理员查看日志。".to_owned(),
        ),
        _ => pick(
            lang,
            "What is kept about requests cannot be read or written now, so nothing was done. An admin finds why in the log; try again then.".to_owned(),
            "变更申请的存储暂时无法读写，因此没有执行任何操作。请管理员查看日志，恢复后再试。".to_owned(),
        ),
    }
}

fn may_not(lang: Lang, what: &Action, list: &str, verb: &str) -> String {
    let (what, name) = (action(lang, what), what.name());
    let role = if list == "request" { "operator" } else { "approver" };
    pick(
        lang,
        format!(
            "You may not {verb} {what} here. Nothing was done. An admin decides who may: the roles of `roles.{role}` in the configuration, unless a `[policies.NAME]` for {name} names others ({list}_roles, {list}_people, channels); in a direct message nobody has roles."
        ),
        format!(
            "你不能在这里{verb}“{what}”。没有执行任何操作。哪些人可以{verb}由管理员在配置中设定：默认是 `roles.{role}` 里的身份组，`[policies.NAME]` 可以为 {name} 另行指定（{list}_roles、{list}_people、channels）；私信里没有身份组。"
        ),
    )
}

fn already_so(lang: Lang, action: &Action) -> String {
    let node = quoted(action.node());
    match action {
        Action::Cordon { .. } => pick(
            lang,
            format!("{node} is cordoned already: no new Pods are placed on it. There is nothing to do."),
            format!("{node} 已经停止调度，无需操作。"),
        ),
        Action::Uncordon { .. } => pick(
            lang,
            format!("{node} is schedulable already. There is nothing to do."),
            format!("{node} 本来就可调度，无需操作。"),
        ),
    }
}

fn too_few(lang: Lang, needed: usize, may: usize, right: Option<String>) -> String {
    let right = right.map(|right| {
        pick(
            lang,
            format!(" The others lack `{right}` in the cluster."),
            format!("其他人在集群中缺少 `{right}` 权限。"),
        )
    });
    let right = right.unwrap_or_default();
    pick(
        lang,
        format!(
            "Nobody is asked to approve what cannot be done: {needed} must approve, and only {may} of those who may decide can carry it out.{right} An admin can widen `roles.approver`, `[people]` or the rights in the cluster."
        ),
        format!(
            "需要 {needed} 人批准，但有审批权且能执行的只有 {may} 人，因此没有发出申请。{right}请管理员调整 `roles.approver`、`[people]` 或集群权限。"
        ),
    )
}

/// Who decided, how and when.
fn decided(lang: Lang, request: &Request) -> String {
    let (id, state) = (request.id, state(lang, request.state));
    let last = request.rejection.as_ref().or_else(|| request.approvals.last());
    let who = last.map(|it| (person(lang, &it.by), clock_time(it.at)));
    match who {
        Some((by, at)) => pick(
            lang,
            format!("Request {id} was decided by {by} at {at} UTC: {state}. Your click changed nothing."),
            format!("变更申请 {id} 已由 {by}于 {at} UTC 处理：{state}。你的点击未生效。"),
        ),
        None => pick(
            lang,
            format!("Request {id} is over: {state}. Your click changed nothing."),
            format!("变更申请 {id} 已结束：{state}。你的点击未生效。"),
        ),
    }
}
