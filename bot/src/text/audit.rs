//! What is said of the audit: by `firstmate audit` at the terminal, and of single rows by `/audit`.

use firstmate_kb::Lang;

use super::pick;
use crate::store::Fault;

/// What a row says beside its step. It is kept in English, whoever reads it; what people wrote stays as it is.
pub fn detail(lang: Lang, step: &str, kept: &str) -> String {
    match step {
        "approved" => pick(lang, kept.to_owned(), kept.replace(" of ", "/")),
        "replanned" => said(lang, kept, "was ", "before: ", "此前的方案 "),
        "undone" => match kept.strip_prefix("by request ") {
            Some(number) => pick(lang, kept.to_owned(), format!("由变更申请 {number} 撤销")),
            None => kept.to_owned(),
        },
        "verified" | "not_done" | "not_known" => outcome(lang, kept),
        "refused" => refused(lang, kept),
        _ => kept.to_owned(),
    }
}

/// The same with another beginning, in the language.
fn said(lang: Lang, kept: &str, begin: &str, en: &str, zh: &str) -> String {
    match kept.strip_prefix(begin) {
        Some(rest) => format!("{}{rest}", pick(lang, en, zh)),
        None => kept.to_owned(),
    }
}

/// What became of a call, in the words of [`crate::remedy::approval::Outcome::words`].
fn outcome(lang: Lang, kept: &str) -> String {
    let zh = match kept {
        "read again: as wanted" => "复查符合预期",
        "it was so already" => "已是目标状态",
        "the cluster changed between click and call" => "点击之后、执行之前集群状态有变化",
        "changes were frozen" => "变更已冻结（封网）",
        "the bot was stopped meanwhile" => "大副中途被停止",
        "the card could not be posted" => "卡片无法发布",
        _ => {
            let answered = said(
                lang,
                kept,
                "the API server answered ",
                "the API server answered ",
                "API server 返回 ",
            );
            return said(lang, &answered, "no answer: ", "no answer: ", "没有应答：");
        }
    };
    pick(lang, kept, zh).to_owned()
}

/// Why a click or a request was refused, by the name that [`crate::remedy::No::words`] gives it.
fn refused(lang: Lang, kept: &str) -> String {
    let (name, about) = kept.split_once(": ").unwrap_or((kept, ""));
    let (en, zh) = match name {
        "OwnRequest" => ("their own request", "不能批准自己的申请"),
        "MayNotApprove" => ("may not approve", "没有审批权限"),
        "NoUser" | "NobodyMapped" => ("has no Kubernetes user", "没有对应的 Kubernetes 用户"),
        "Lacks" => ("lacks a right", "缺少权限"),
        "Stricter" => ("the rules became stricter", "规则变严格了"),
        "Twice" => ("had approved already", "已经批准过"),
        "OtherPlan" => ("the card had shown another plan", "点击的是更新之前的卡片"),
        "Moved" => ("the cluster had changed", "集群状态已变化"),
        "Frozen" => ("changes were frozen", "变更已冻结（封网）"),
        "Decided" => ("was decided already", "已经处理过"),
        "Expired" => ("had expired", "已过期"),
        "NotRead" => ("the cluster could not be read", "未能读取集群"),
        "TooFewApprovers" => ("too few could carry it out", "能执行的审批人不足"),
        "Store" => ("the store did not answer", "存储无法读写"),
        _ => return outcome(lang, kept),
    };
    match about {
        "" => pick(lang, en, zh).to_owned(),
        about => pick(lang, format!("{en}: {about}"), format!("{zh}：{about}")),
    }
}

/// No row was touched.
pub fn whole(lang: Lang, rows: i64, hash: &str) -> String {
    pick(
        lang,
        format!("the audit is whole: {rows} rows, the last with hash {hash}"),
        format!("审计记录完整：共 {rows} 条，末条哈希为 {hash}"),
    )
}

/// What is wrong, and where.
pub fn fault(lang: Lang, fault: &Fault) -> String {
    match fault {
        Fault::Missing { seq } => pick(
            lang,
            format!("row {seq} is missing, or not in its place"),
            format!("第 {seq} 条缺失，或不在原来的位置"),
        ),
        Fault::Edited { seq } => pick(
            lang,
            format!("row {seq} is not as it was written"),
            format!("第 {seq} 条被改动过"),
        ),
        Fault::Unlinked { seq } => pick(
            lang,
            format!("row {seq} was not written after the row that stands before it: that one was replaced"),
            format!("第 {seq} 条与前一条接不上：前一条被替换过"),
        ),
        Fault::CutOff { seq, head } => pick(
            lang,
            format!("row {seq} is missing, and all up to row {head}, the last that was written"),
            format!("从第 {seq} 条起缺失，最后写入的是第 {head} 条"),
        ),
        Fault::Head { seq } => pick(
            lang,
            format!("row {seq}, the last, is not the last that was written"),
            format!("末条（第 {seq} 条）不是最后写入的那一条"),
        ),
        Fault::Anchor { seq } => pick(
            lang,
            format!(
                "none of the rows, of which the last is {seq}, has the anchor's hash: rows were cut off or written anew"
            ),
            format!("到末条（第 {seq} 条）为止，没有一条的哈希与锚点一致：有记录被截去或重写"),
        ),
    }
}

/// An anchor that cannot be one.
pub fn no_hash(lang: Lang) -> &'static str {
    pick(
        lang,
        "--anchor: a hash has 64 digits, 0 to 9 and a to f",
        "--anchor：哈希应为 64 位十六进制（0-9、a-f）",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::No;
    use crate::remedy::approval::Outcome;

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it))
    }

    #[test]
    fn what_is_kept_in_english_is_said_in_both_languages() {
        let message = || "x".to_owned();
        for outcome in [
            Outcome::Verified,
            Outcome::AlreadySo,
            Outcome::Moved,
            Outcome::Frozen,
            Outcome::Answered {
                code: 500,
                message: message(),
            },
            Outcome::NoAnswer { message: message() },
            Outcome::Interrupted,
            Outcome::NotPosted,
        ] {
            let kept = outcome.words();
            assert_eq!(detail(Lang::En, "not_done", &kept), kept);
            assert!(is_chinese(&detail(Lang::Zh, "not_done", &kept)), "{kept}");
            assert!(is_chinese(&detail(Lang::Zh, "refused", &kept)), "{kept}");
        }
        for no in [
            No::OwnRequest,
            No::Twice,
            No::OtherPlan,
            No::Moved,
            No::NoUser,
            No::Store,
        ] {
            let kept = no.words();
            assert!(is_chinese(&detail(Lang::Zh, "refused", &kept)), "{kept}");
            assert!(!detail(Lang::En, "refused", &kept).contains(&kept), "{kept}");
        }
        assert_eq!(detail(Lang::Zh, "approved", "1 of 2"), "1/2");
        assert_eq!(detail(Lang::Zh, "requested", "was 5 of 6"), "was 5 of 6");
    }
}
