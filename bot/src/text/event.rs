//! What the bot writes into a cluster's events.

use firstmate_kb::Lang;

use super::pick;
use crate::remedy::action::Action;
use crate::remedy::approval::Request;

/// What was done, by whose request and with whose approval.
pub fn approved(
    lang: Lang,
    request: &Request,
    requester: &str,
    approvers: &[String],
    reason: &str,
) -> String {
    let id = request.id;
    let done = match request.action() {
        Action::Cordon { .. } => pick(lang, "Cordoned", "已停止调度"),
        Action::Uncordon { .. } => pick(lang, "Uncordoned", "已恢复调度"),
    };
    let approvers = approvers.join(pick(lang, ", ", "、"));
    pick(
        lang,
        format!(
            "{done} by First Mate: request {id} of {requester}, approved by {approvers}. Reason: {reason}"
        ),
        format!("大副{done}：变更申请 {id}，申请人 {requester}，批准人 {approvers}。原因：{reason}"),
    )
}
