//! What is said of votes, and of what the documents do not answer.

use firstmate_kb::Lang;

use super::{pick, quoted};
use crate::feedback::Tally;
use crate::feedback::gaps::{Gap, Gaps};

/// How many wordings and reasons of a gap are quoted.
const QUOTED: usize = 2;

/// To whoever voted.
pub fn thanks(lang: Lang, helpful: bool, replaced: bool) -> String {
    let noted = match helpful {
        true => pick(lang, "Noted: this answer helped you.", "已记录：这个回答有帮助。"),
        false => pick(
            lang,
            "Noted: this answer did not help you. Those who write the documents see it.",
            "已记录：这个回答没有帮助。写文档的人会看到。",
        ),
    };
    let before = match replaced {
        true => pick(
            lang,
            " It takes the place of your earlier vote.",
            "你之前的评价已被替换。",
        ),
        false => "",
    };
    format!("{noted}{before}")
}

/// Above the list of gaps.
pub fn gaps_summary(lang: Lang, gaps: &Gaps, days: u64) -> String {
    let (groups, private) = (gaps.list.len(), private(lang, gaps.private));
    match groups {
        0 if gaps.private > 0 => pick(
            lang,
            format!(
                "No question that was asked openly in the last {days} days was left unanswered or found unhelpful.{private}"
            ),
            format!("最近 {days} 天公开提出的问题中，没有未收录或没有帮助的。{private}"),
        ),
        0 => pick(
            lang,
            format!("No question of the last {days} days was left unanswered or found unhelpful.{private}"),
            format!("最近 {days} 天没有未收录或没有帮助的问题。{private}"),
        ),
        _ => pick(
            lang,
            format!(
                "Questions of the last {days} days that the documents do not answer, or not well: {groups}. `/kb add` proposes a document.{private}"
            ),
            format!(
                "最近 {days} 天文档没有收录或没有答好的问题：{groups} 个。用 `/知识库 添加` 提交文档。{private}"
            ),
        ),
    }
}

fn private(lang: Lang, count: usize) -> String {
    match count {
        0 => String::new(),
        1 => pick(lang, " One more was asked privately.", "另有 1 个是私下提问的。").to_owned(),
        _ => pick(
            lang,
            format!(" {count} more were asked privately."),
            format!("另有 {count} 个是私下提问的。"),
        ),
    }
}

/// The title of the list of gaps.
pub fn gaps_title(lang: Lang) -> &'static str {
    pick(lang, "Gaps", "知识缺口")
}

/// One gap: how often it was asked, when last, in which other words, and what is nearest.
pub fn gap(lang: Lang, gap: &Gap) -> String {
    let question = quoted(gap.wordings.first().map_or("", String::as_str));
    let (count, last) = (gap.count, gap.last / 1000);
    let mut parts = vec![pick(
        lang,
        format!("**{count}×** {question}, last <t:{last}:R>"),
        format!("**{count} 次** {question}，最近一次 <t:{last}:R>"),
    )];
    let others: Vec<String> = gap
        .wordings
        .iter()
        .skip(1)
        .take(QUOTED)
        .map(|it| quoted(it))
        .collect();
    if !others.is_empty() {
        let others = others.join(pick(lang, ", ", "、"));
        parts.push(pick(
            lang,
            format!("also: {others}"),
            format!("其他问法：{others}"),
        ));
    }
    if gap.unhelpful > 0 {
        parts.push(pick(
            lang,
            format!("answered, but not helpful: {}", gap.unhelpful),
            format!("有回答但没帮助：{} 次", gap.unhelpful),
        ));
    }
    let reasons: Vec<String> = gap.reasons.iter().take(QUOTED).map(|it| quoted(it)).collect();
    if !reasons.is_empty() {
        let reasons = reasons.join(pick(lang, ", ", "、"));
        parts.push(pick(
            lang,
            format!("missed: {reasons}"),
            format!("缺少：{reasons}"),
        ));
    }
    if !gap.near.is_empty() {
        let near = quoted(&gap.near);
        parts.push(pick(lang, format!("nearest: {near}"), format!("最接近：{near}")));
    }
    format!("- {}", parts.join(pick(lang, "; ", "；")))
}

/// Above the weekly digest.
pub fn digest(lang: Lang, gaps: &Gaps) -> String {
    let (groups, private) = (gaps.list.len(), private(lang, gaps.private));
    pick(
        lang,
        format!(
            "Last week's questions that the documents do not answer, or not well: {groups}. Authors: `/kb add`.{private}"
        ),
        format!("上周文档没有收录或没有答好的问题：{groups} 个。作者可用 `/知识库 添加` 补上。{private}"),
    )
}

/// The title of the report.
pub fn report_title(lang: Lang) -> &'static str {
    pick(
        lang,
        "Votes, the least helpful answers first",
        "评价（没有帮助的在前）",
    )
}

/// Above the report.
pub fn report(lang: Lang, days: u64, asked: i64, unanswered: i64) -> String {
    pick(
        lang,
        format!(
            "Last {days} days: {asked} questions, {unanswered} of them not answered. Votes change no answer; `/kb gaps` lists what is missing."
        ),
        format!(
            "最近 {days} 天：提问 {asked} 次，其中 {unanswered} 次未收录。评价不会改变排序；`/知识库 缺口` 列出缺少的内容。"
        ),
    )
}

/// The votes of one answer.
pub fn tally(lang: Lang, title: Option<&str>, tally: &Tally) -> String {
    let title = title.map_or_else(
        || pick(lang, "*no longer in the documents*", "*已不在文档中*").to_owned(),
        quoted,
    );
    let (helpful, not) = (tally.helpful, tally.votes - tally.helpful);
    pick(
        lang,
        format!("- {title}: helpful {helpful}, not helpful {not}"),
        format!("- {title}：有帮助 {helpful}，没帮助 {not}"),
    )
}
