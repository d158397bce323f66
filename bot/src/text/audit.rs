//! What `firstmate audit` says at the terminal.

use firstmate_kb::Lang;

use super::pick;
use crate::store::Fault;

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
