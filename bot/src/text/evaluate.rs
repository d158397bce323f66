//! What `firstmate kb evaluate` says at the terminal.

use firstmate_kb::Lang;
use firstmate_kb::evaluate::{SetFault, SetFaultKind};

use super::{pick, reason};

/// A file of a set that cannot be read: where, what, and what is expected there.
pub fn set_fault(lang: Lang, fault: &SetFault) -> String {
    let place = match fault.line {
        Some(line) => format!("{}:{line}", fault.file.display()),
        None => fault.file.display().to_string(),
    };
    let (en, zh) = match &fault.what {
        SetFaultKind::Unreadable { reason: why } => (
            format!("cannot be read: {why}; a set has corpus.jsonl, queries.jsonl and qrels.tsv"),
            format!(
                "无法读取：{}；评测集应包含 corpus.jsonl、queries.jsonl 和 qrels.tsv",
                reason(Lang::Zh, why)
            ),
        ),
        SetFaultKind::Empty => (
            "has no line; at least one is needed".to_owned(),
            "没有内容，至少需要一行".to_owned(),
        ),
        SetFaultKind::NotUtf8 => ("is not UTF-8".to_owned(), "不是 UTF-8 编码".to_owned()),
        SetFaultKind::NotInForm { reason } => (
            format!("is not a JSON object with text in `id` and `text`: {reason}"),
            format!("不是含有字符串字段 `id` 和 `text` 的 JSON 对象：{reason}"),
        ),
        SetFaultKind::NotAPair => (
            "does not name a question and a document with a tab between them".to_owned(),
            "缺少问题 id 和文档 id（两者用制表符分隔）".to_owned(),
        ),
        SetFaultKind::NotANumber { found } => (
            format!("`{found}` is no number; the third column is the relevance, 0 for none"),
            format!("`{found}` 不是数字；第三列是相关度，0 表示不相关"),
        ),
    };
    pick(lang, format!("{place}: {en}"), format!("{place}：{zh}"))
}

/// One line of the table: what was measured, and what it means.
pub fn measured(lang: Lang, what: Measured) -> &'static str {
    let (en, zh) = match what {
        Measured::Documents => ("documents", "文档数"),
        Measured::Queries => ("questions, and of them with an answer", "问题数（其中有答案的）"),
        Measured::Ranks => ("MRR@10, S@1, S@3, S@10", "MRR@10、S@1、S@3、S@10"),
        Measured::Latency => (
            "time per question: half take no longer, 99 of 100 take no longer",
            "单题耗时 p50、p99",
        ),
        Measured::IndexTime => ("time to index", "建索引耗时"),
        Measured::IndexSize => ("size of the index", "索引大小"),
        Measured::Memory => ("resident memory", "常驻内存"),
        Measured::Telling => (
            "right from wrong: AUROC, share of right answers kept at 90 % precision",
            "判断对错的能力：AUROC、精确率 90% 时保留的正确回答比例",
        ),
        Measured::TellingRaw => ("the same by the raw score", "同上，仅按原始得分"),
    };
    pick(lang, en, zh)
}

/// The lines of the table.
#[derive(Clone, Copy, Debug)]
pub enum Measured {
    /// How many documents.
    Documents,
    /// How many questions.
    Queries,
    /// How high the right documents stand.
    Ranks,
    /// How long a question takes.
    Latency,
    /// How long indexing took.
    IndexTime,
    /// How large the index is.
    IndexSize,
    /// How much memory the process holds.
    Memory,
    /// How well the probability tells right from wrong.
    Telling,
    /// How well the raw score does.
    TellingRaw,
}
