//! What is said of documents that are written in chat.

use firstmate_kb::Lang;

use super::{pick, quoted};
use crate::documents::no::{No, Part};
use crate::documents::version::{State, Version, Writer};

/// Why a document is not proposed, changed or approved, and what to do about it.
pub fn no(lang: Lang, no: &No) -> String {
    match no {
        No::NotAuthor { unset } => not_author(lang, *unset),
        No::NotReviewer { unset } => not_reviewer(lang, *unset),
        No::NoDocument { name } => {
            let name = quoted(name);
            pick(
                lang,
                format!("No document that was written in chat is called {name}. Choose one from the list that appears as you type."),
                format!("没有名为 {name} 的聊天文档。请从输入时出现的列表中选择。"),
            )
        }
        No::Retired { name } => pick(
            lang,
            format!("`{name}` was retired. `/kb show document:{name}` has its last text; propose it anew by `/kb add`."),
            format!("`{name}` 已停用。最后的内容见 `/知识库 查看 文档:{name}`，需要时用 `/知识库 添加` 重新提交。"),
        ),
        No::LongForBox { name } => pick(
            lang,
            format!("The details of `{name}` are longer than a box holds. Take the file from `/kb show document:{name}`, change it, and give it back by `/kb edit document:{name}` with `file`."),
            format!("`{name}` 的内容超出输入框的长度。用 `/知识库 查看 文档:{name}` 取得文件，改好后用 `/知识库 修改 文档:{name}` 的 `附件` 交回。"),
        ),
        No::Unchanged => pick(
            lang,
            "Nothing is different from what the document says now, so nothing was proposed.".to_owned(),
            "内容与现有文档完全相同，没有提交。".to_owned(),
        ),
        No::NoTranslation => pick(
            lang,
            "A translation must be in the other language than the document that it translates, and there can be only one. No document was changed.".to_owned(),
            "译文必须用另一种语言，且每篇文档只能有一篇译文。没有改动任何文档。".to_owned(),
        ),
        No::OtherLanguage { name } => pick(
            lang,
            format!("`{name}` is in the other language, and a change keeps it. Nothing was proposed; `/kb add translates:{name}` adds a translation beside it."),
            format!("`{name}` 是另一种语言的文档，修改时不能换语言。没有提交；要添加译文，请用 `/知识库 添加 译自:{name}`。"),
        ),
        No::NoProposal => pick(
            lang,
            "There is no such proposal. `/kb proposals` lists those that wait.".to_owned(),
            "没有这个提案。`/知识库 提案` 列出等待审阅的提案。".to_owned(),
        ),
        No::Own => pick(
            lang,
            "You wrote this: somebody else must approve it. You can take it back with Reject.".to_owned(),
            "这是你自己提交的，须由其他人批准；要撤回请点“驳回”。".to_owned(),
        ),
        other => unfit(lang, other),
    }
}

/// What is wrong with a text.
fn unfit(lang: Lang, no: &No) -> String {
    let words = match no {
        No::Empty { part } => {
            let part = part_of(lang, *part);
            pick(lang, format!("Nothing is written in {part}."), format!("{part}没有填写内容。"))
        }
        No::Long { part, most } => {
            let part = part_of(lang, *part);
            pick(
                lang,
                format!("There is too much in {part}: at most {most} characters."),
                format!("{part}太长，最多 {most} 个字符。"),
            )
        }
        No::Secret { part, line } => secret(lang, *part, *line),
        No::ShortForm => pick(
            lang,
            "The short answer must be a sentence on one line: no list, table, picture or code alone, and no colon at its end.".to_owned(),
            "简短回答须为一行完整的句子：不能是列表、表格、图片或单独的代码，结尾不能是冒号。".to_owned(),
        ),
        No::Several => pick(
            lang,
            "The headings of the details read as questions of their own. End the question with a question mark, or word the headings as statements.".to_owned(),
            "详细内容里的标题会被当成独立的问题。请让问题以问号结尾，或把这些标题改成陈述句。".to_owned(),
        ),
        No::OpenFence { line } => pick(
            lang,
            format!("A code block begins on line {line} of the details and never ends. Close it."),
            format!("详细内容第 {line} 行开始的代码块没有结束，请补上结束标记。"),
        ),
        No::NoTitle => pick(
            lang,
            "The file has no title. Its first line must be `# ` and the question.".to_owned(),
            "文件没有标题。第一行应为 `# ` 加问题。".to_owned(),
        ),
        No::NoShort => pick(
            lang,
            "The file has no short answer. Below the title stands one line that answers it, then an empty line and the details.".to_owned(),
            "文件没有简短回答。标题下面写一行回答，空一行后再写详细内容。".to_owned(),
        ),
        No::NoText => pick(
            lang,
            "The file is not a UTF-8 text. Save it as UTF-8 Markdown.".to_owned(),
            "文件不是 UTF-8 文本。请存为 UTF-8 编码的 Markdown。".to_owned(),
        ),
        No::LargeFile { bytes } => pick(
            lang,
            format!("The file has {bytes} bytes: more than a document may have. Split it."),
            format!("文件有 {bytes} 字节，超出一篇文档的上限，请拆分。"),
        ),
        _ => pick(
            lang,
            "The file could not be read from Discord. Attach it again.".to_owned(),
            "无法从 Discord 读取附件，请重新上传。".to_owned(),
        ),
    };
    words + pick(lang, " Nothing was proposed.", "没有提交。")
}

fn not_author(lang: Lang, unset: bool) -> String {
    match unset {
        true => pick(
            lang,
            "Nobody may write documents here yet: an admin names the roles that may in `roles.author` of the configuration.",
            "这里还没有人可以编写文档：由管理员在配置的 `roles.author` 中指定身份组。",
        ),
        false => pick(
            lang,
            "Only authors may do this. An admin names their roles in `roles.author` of the configuration; in a direct message nobody has roles.",
            "只有作者可以这样做。作者的身份组由管理员在配置的 `roles.author` 中指定；私信里没有身份组。",
        ),
    }
    .to_owned()
}

fn not_reviewer(lang: Lang, unset: bool) -> String {
    match unset {
        true => pick(
            lang,
            "Nobody may review documents here yet: an admin names the roles that may in `roles.reviewer` of the configuration. The proposal waits.",
            "这里还没有审阅人：由管理员在配置的 `roles.reviewer` 中指定身份组。提案会继续等待。",
        ),
        false => pick(
            lang,
            "Only reviewers decide this. An admin names their roles in `roles.reviewer` of the configuration; in a direct message nobody has roles.",
            "只有审阅人可以决定。审阅人的身份组由管理员在配置的 `roles.reviewer` 中指定；私信里没有身份组。",
        ),
    }
    .to_owned()
}

fn secret(lang: Lang, part: Part, line: usize) -> String {
    let part = part_of(lang, part);
    pick(
        lang,
        format!(
            "There is a password, token or key in {part}, on line {line}. Put a placeholder such as `<password>` there, and change the secret if others could see it."
        ),
        format!(
            "{part}第 {line} 行有密码、令牌或密钥。请改成 `<password>` 这样的占位符；如果别人可能看到过，请更换它。"
        ),
    )
}

fn part_of(lang: Lang, part: Part) -> &'static str {
    match part {
        Part::Question => pick(lang, "the question", "问题"),
        Part::Short => pick(lang, "the short answer", "简短回答"),
        Part::Details => pick(lang, "the details", "详细内容"),
        Part::Reason => pick(lang, "the reason", "原因"),
    }
}

/// To the author of whose text nothing became.
pub fn given_back(lang: Lang) -> &'static str {
    pick(
        lang,
        "What you wrote is in the file, without secrets: mend it and give it again as a file.",
        "你写的内容在附件里（密钥已去掉），改好后可以直接用附件重新提交。",
    )
}

/// To the author, once a proposal is kept.
pub fn proposed(lang: Lang, number: i64) -> String {
    pick(
        lang,
        format!("Proposal {number} waits for a reviewer; its card stands in this channel."),
        format!("提案 {number} 正在等待审阅，卡片已发到本频道。"),
    )
}

/// To the author whose proposal was written on a version that is no longer current.
pub fn changed_meanwhile(lang: Lang, it: &Version, current: i64) -> String {
    let (name, base) = (it.name(), it.base);
    pick(
        lang,
        format!(
            "`{name}` was changed while you wrote: you saw version {base}, it is at {current}. Your text is kept, but cannot be approved as it is. What your text changes in version {current}:"
        ),
        format!(
            "你编写期间 `{name}` 已有改动：你看到的是版本 {base}，现在是版本 {current}。你的内容已保留，但不能直接批准。相对版本 {current} 的差异："
        ),
    )
}

/// To somebody who decides what another decided before.
pub fn decided(lang: Lang, it: &Version) -> String {
    let (number, state) = (it.number, state(lang, it.state));
    let by = it
        .reviewer
        .as_ref()
        .map_or_else(String::new, |by| format!("<@{}>", by.id));
    pick(
        lang,
        format!("Proposal {number} was decided before, by {by}: {state}. Your word changed nothing."),
        format!("提案 {number} 已由 {by} 处理：{state}。你的操作未生效。"),
    )
}

/// On the card of a proposal: the document moved on, or is gone.
pub fn stale(lang: Lang, it: &Version, current: &Version) -> String {
    let (number, name, base) = (it.number, it.name(), it.base);
    if current.state == State::Retired {
        return pick(
            lang,
            format!(
                "Proposal {number}: `{name}`. **Out of date**: the document was retired meanwhile. Reviewer: reject this one."
            ),
            format!("提案 {number}：`{name}`。**已过期**：文档已被停用。请审阅人驳回本提案。"),
        );
    }
    let current = current.version;
    if it.retires {
        return pick(
            lang,
            format!(
                "Proposal {number}: retire `{name}`. **Out of date**: it was written on version {base}, the document is at {current} now. Author: look at it, and use `/kb retire` again if it is still to go. Reviewer: reject this one."
            ),
            format!(
                "提案 {number}：停用 `{name}`。**已过期**：它基于版本 {base}，文档现在已是版本 {current}。请作者重新查看，仍要停用的话再用一次 `/知识库 停用`；审阅人驳回本提案。"
            ),
        );
    }
    pick(
        lang,
        format!(
            "Proposal {number}: change of `{name}`. **Out of date**: it was written on version {base}, the document is at {current} now, and approving it would undo what came in between. Author: take what is to stay into a new `/kb edit`. Reviewer: reject this one. What it would change in version {current}:"
        ),
        format!(
            "提案 {number}：修改 `{name}`。**已过期**：它基于版本 {base}，文档现在已是版本 {current}，直接批准会覆盖中间的改动。请作者用 `/知识库 修改` 把需要保留的内容重新提交，审阅人驳回本提案。相对版本 {current} 的差异："
        ),
    )
}

/// The card could not be posted.
pub fn not_posted(lang: Lang, number: i64) -> String {
    pick(
        lang,
        format!(
            "The card of proposal {number} could not be posted here. `/kb proposals number:{number}` shows it elsewhere."
        ),
        format!("提案 {number} 的卡片无法发到这里。可在其他频道用 `/知识库 提案 编号:{number}` 显示。"),
    )
}

/// To whoever had a card shown again.
pub fn card_again(lang: Lang, number: i64) -> String {
    pick(
        lang,
        format!("The card of proposal {number} is posted in this channel, as it stands."),
        format!("提案 {number} 的卡片已按当前状态发到本频道。"),
    )
}

/// The first line of a card.
pub fn headline(lang: Lang, it: &Version) -> String {
    let (number, name) = (it.number, it.name());
    let what = match (it.base, it.retires) {
        (0, _) => match it.translates.map(crate::documents::version::name_of) {
            None => pick(lang, format!("new document `{name}`"), format!("新文档 `{name}`")),
            Some(original) => pick(
                lang,
                format!("new document `{name}`, a translation of `{original}`"),
                format!("新文档 `{name}`，译自 `{original}`"),
            ),
        },
        (base, true) => pick(
            lang,
            format!("retire `{name}` (version {base})"),
            format!("停用 `{name}`（版本 {base}）"),
        ),
        (base, false) => pick(
            lang,
            format!("change of `{name}` (version {base})"),
            format!("修改 `{name}`（版本 {base}）"),
        ),
    };
    let state = state(lang, it.state);
    pick(
        lang,
        format!("Proposal {number}: {what}. **{state}**"),
        format!("提案 {number}：{what}。**{state}**"),
    )
}

fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Proposed => pick(lang, "Waits for a reviewer", "等待审阅"),
        State::Approved => pick(lang, "Approved", "已批准"),
        State::Rejected => pick(lang, "Rejected", "已驳回"),
        State::Retired => pick(lang, "Retired", "已停用"),
    }
}

/// Who wrote it, who decided it, and why.
pub fn people(lang: Lang, it: &Version) -> String {
    let mut lines = vec![by(lang, pick(lang, "Author", "作者"), &it.author, it.created_at)];
    if let (Some(reviewer), Some(at)) = (&it.reviewer, it.decided_at) {
        let word = match reviewer.id == it.author.id {
            true => pick(lang, "Taken back by", "撤回人"),
            false => pick(lang, "Reviewer", "审阅人"),
        };
        lines.push(by(lang, word, reviewer, at));
    }
    if !it.reason.is_empty() {
        let (reason, word) = (quoted(&it.reason), pick(lang, "Reason", "原因"));
        lines.push(format!("**{word}** {reason}"));
    }
    lines.join("\n")
}

fn by(lang: Lang, word: &str, who: &Writer, at: u64) -> String {
    let (id, name, date) = (who.id, quoted(&who.name), date(at));
    pick(
        lang,
        format!("**{word}** <@{id}> ({name}), {date}"),
        format!("**{word}** <@{id}>（{name}），{date}"),
    )
}

/// A moment, shown by Discord in the reader's own zone.
fn date(at: u64) -> String {
    format!("<t:{}:f>", at / 1000)
}

/// What stands below a card that waits.
pub fn card_footer(lang: Lang, it: &Version) -> &'static str {
    match it.state {
        State::Proposed => pick(
            lang,
            "Nothing changes until somebody else than the author approves it.",
            "须由作者以外的人批准后才会生效。",
        ),
        State::Approved => pick(lang, "Questions are answered from it.", "已用于回答问题。"),
        State::Rejected => pick(lang, "Nothing was changed.", "没有任何改动。"),
        State::Retired => pick(
            lang,
            "Questions are no longer answered from it.",
            "不再用于回答问题。",
        ),
    }
}

/// Said where the card does not show all that a proposal changes.
pub fn difference_in_file(lang: Lang) -> &'static str {
    pick(
        lang,
        "⚠ *The difference is longer than this card: read all of it in the `.diff` file before you decide.*",
        "⚠ *差异超出卡片长度，决定之前请看完 `.diff` 附件。*",
    )
}

/// Said where the card shows a part of a long text.
pub fn whole_in_file(lang: Lang) -> &'static str {
    pick(lang, "*The whole text is in the file.*", "*全文见附件。*")
}

/// One version in a history.
pub fn history_line(lang: Lang, it: &Version) -> String {
    let which = match it.version {
        0 => pick(
            lang,
            format!("Proposal {}", it.number),
            format!("提案 {}", it.number),
        ),
        version => pick(
            lang,
            format!("**Version {version}**"),
            format!("**版本 {version}**"),
        ),
    };
    let state = state(lang, it.state);
    let author = format!("<@{}> {}", it.author.id, date(it.created_at));
    let reviewer = match (&it.reviewer, it.decided_at) {
        (Some(by), Some(at)) => {
            let word = pick(lang, ", reviewer", "，审阅人");
            format!("{word} <@{}> {}", by.id, date(at))
        }
        _ => String::new(),
    };
    let reason = match it.reason.is_empty() {
        true => String::new(),
        false => format!("{}{}", pick(lang, ": ", "："), quoted(&it.reason)),
    };
    let word = pick(lang, ": author", "：作者");
    format!("{which} {state}{word} {author}{reviewer}{reason}")
}

/// Above a history.
pub fn history(lang: Lang) -> &'static str {
    pick(lang, "**History**", "**历史**")
}

/// Above the list of what waits.
pub fn proposals(lang: Lang, count: usize) -> String {
    match count {
        0 => pick(
            lang,
            "No proposal waits for a reviewer.".to_owned(),
            "没有等待审阅的提案。".to_owned(),
        ),
        1 => pick(
            lang,
            "One proposal waits for a reviewer. `/kb proposals number:` shows its card again.".to_owned(),
            "有 1 个提案等待审阅。`/知识库 提案 编号:` 可重新显示卡片。".to_owned(),
        ),
        _ => pick(
            lang,
            format!("{count} proposals wait for a reviewer. `/kb proposals number:` shows one's card again."),
            format!("有 {count} 个提案等待审阅。`/知识库 提案 编号:` 可重新显示卡片。"),
        ),
    }
}

/// One of what waits.
pub fn proposal_line(lang: Lang, it: &Version) -> String {
    let question = quoted(&it.text.question);
    format!(
        "{} {question} <@{}> {}",
        headline(lang, it),
        it.author.id,
        date(it.created_at)
    )
}
