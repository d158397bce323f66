//! What is said in answer to a question, and around it.

use firstmate_kb::{Confidence, Lang};

use super::{pick, quoted};
use crate::redact::redact;

/// How sure the answer is, in words.
pub fn confidence(lang: Lang, confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => pick(lang, "Good match", "匹配度高"),
        Confidence::Medium => pick(
            lang,
            "Likely match, check that it is what you meant",
            "可能匹配，请确认是否是你要问的",
        ),
    }
}

/// Where the answer stands.
pub fn source(lang: Lang, breadcrumb: &str) -> String {
    pick(
        lang,
        format!("Source: {breadcrumb}"),
        format!("来源：{breadcrumb}"),
    )
}

/// Said of an answer that exists only in the other language.
pub fn other_language(lang: Lang) -> &'static str {
    pick(
        lang,
        "This answer exists only in Chinese.",
        "这个问题只有英文文档。",
    )
}

/// Above two or three questions that fit alike.
pub fn did_you_mean(lang: Lang, question: &str) -> String {
    let question = quoted(&redact(question));
    pick(
        lang,
        format!("Several questions fit {question}. Did you mean one of these?"),
        format!("有几个问题都符合 {question}，你想问的是哪一个？"),
    )
}

/// Nothing is good enough.
pub fn not_known(lang: Lang, question: &str) -> String {
    let question = quoted(&redact(question));
    pick(
        lang,
        format!(
            "The documents do not answer {question}. Ask again with the error message or the name of the thing that fails."
        ),
        format!("文档里没有收录 {question}。可以附上报错原文，或写明出问题的对象，再问一次。"),
    )
}

/// Said when there is not even a near question: perhaps it was none.
pub fn try_help(lang: Lang) -> &'static str {
    pick(lang, "`/help` shows what I can do.", "我能做什么，见 `/帮助`。")
}

/// Above the nearest titles, when nothing is good enough.
pub fn nearest(lang: Lang) -> &'static str {
    pick(
        lang,
        "The nearest questions in the documents:",
        "文档里最接近的问题：",
    )
}

/// A question without a word.
pub fn empty_question(lang: Lang) -> &'static str {
    pick(
        lang,
        "There is no question in that. Write what fails, for example: why is my Pod in CrashLoopBackOff?",
        "没有看到问题。请写明哪里出了故障，例如：Pod 一直 CrashLoopBackOff 怎么排查？",
    )
}

/// Below what is said, where there was a file or a picture beside the words.
pub fn only_text(lang: Lang, said: &str) -> String {
    let note = pick(
        lang,
        "I read the text of a message, not its files and pictures: a log goes into the box of `/paste`.",
        "我只读消息里的文字，不读附件和图片；日志或报错请用 `/粘贴` 提问。",
    );
    format!("{said}\n{note}").trim_start().to_owned()
}

/// What people say before they ask: no question, and no gap of the documents.
const GREETINGS: &[&str] = &[
    "hi",
    "hi there",
    "hello",
    "hello there",
    "hey",
    "hey there",
    "yo",
    "good morning",
    "good evening",
    "help",
    "help me",
    "ping",
    "test",
    "testing",
    "anyone there",
    "are you there",
    "you there",
    "你好",
    "您好",
    "你好啊",
    "大家好",
    "嗨",
    "哈喽",
    "在吗",
    "在么",
    "在不在",
    "有人吗",
    "早",
    "早上好",
    "晚上好",
    "测试",
    "帮助",
    "求助",
    "在嗎",
    "有人嗎",
    "測試",
    "幫助",
];
/// ... and when they are done, without a word of thanks.
const DONE: &[&str] = &["ok", "great", "bye", "好的", "收到"];

/// Whether nothing is said but a greeting or thanks, perhaps with the bot's name; true: thanks.
pub fn courtesy(text: &str) -> Option<bool> {
    let nameless = |text: String, name: &&str| text.replace(name, " ");
    let text = NAMES.iter().fold(text.to_lowercase(), nameless);
    let words = text.split(|it: char| !it.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty() && *word != "bot").collect();
    let said = words.join(" ");
    let is_thanks = DONE.contains(&said.as_str()) || is_thanks(&words);
    (is_thanks || GREETINGS.contains(&said.as_str())).then_some(is_thanks)
}

/// What may stand beside a word of thanks.
const PRAISE: &[&str] = &[
    "a",
    "all",
    "awesome",
    "best",
    "cool",
    "fixed",
    "for",
    "great",
    "help",
    "helped",
    "it",
    "lifesaver",
    "lot",
    "much",
    "nice",
    "now",
    "ok",
    "perfect",
    "re",
    "s",
    "so",
    "solved",
    "that",
    "the",
    "very",
    "worked",
    "works",
    "you",
    "搞定了",
    "解决了",
    "已解决",
    "好了",
    "可以了",
    "没问题了",
    "太好了",
    "辛苦了",
    "啦",
    "了",
    "啊",
    "你",
];
/// The words of thanks.
const THANKFUL: &[&str] = &[
    "thanks", "thank", "thx", "谢谢", "多谢", "感谢", "謝謝", "多謝", "感謝",
];

/// Whether it is nothing but thanks, in however many words.
fn is_thanks(words: &[&str]) -> bool {
    let mut is_thankful = false;
    let is_said = words.iter().all(|word| {
        let mut rest = *word;
        // Chinese has no spaces between its words.
        while !rest.is_empty() {
            let thankful = THANKFUL.iter().find_map(|it| rest.strip_prefix(it));
            is_thankful |= thankful.is_some();
            let praise = || {
                PRAISE
                    .iter()
                    .filter_map(|it| rest.strip_prefix(it))
                    .min_by_key(|left| left.len())
            };
            match thankful.or_else(praise) {
                Some(left) if !word.is_ascii() || left.is_empty() => rest = left,
                _ => return false,
            }
        }
        true
    });
    is_said && is_thankful
}

/// What the bot is called.
const NAMES: &[&str] = &["大副", "first mate", "firstmate"];
/// What may stand before its name.
const CALLS: &[&str] = &["hey", "hi", "hello", "你好", "您好", "请问"];

/// What is asked behind the bot's name, where somebody is plainly called by it: `大副，…`, `@First Mate …`, `hey first
/// mate …`. A name that only begins a sentence may be what the sentence is about.
pub fn behind_the_name(question: &str) -> Option<&str> {
    let length = |text: &str, word: &str| {
        let head = text.get(..word.len());
        head.filter(|head| head.eq_ignore_ascii_case(word)).map(str::len)
    };
    let call = CALLS.iter().find_map(|word| length(question, word)).unwrap_or(0);
    let called = question[call..].trim_start_matches(is_between);
    let named = called.trim_start_matches('@');
    let rest = &named[NAMES.iter().find_map(|name| length(named, name))?..];
    let is_called = call > 0 || named.len() < called.len();
    let ends = |it: char| is_between(it) && (is_called || !it.is_whitespace());
    rest.starts_with(ends)
        .then(|| rest.trim_start_matches(is_between))
}

fn is_between(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, ',' | '，' | ':' | '：' | '、' | '!' | '！')
}

/// To a greeting, or to thanks.
pub fn courtesy_in_return(lang: Lang, thanks: bool) -> &'static str {
    if thanks {
        return pick(lang, "You are welcome.", "不客气。");
    }
    pick(
        lang,
        "Hello. Write what fails, for example: why is my Pod in CrashLoopBackOff? `/help` shows what I can do.",
        "你好。请写明哪里出了故障，例如：Pod 一直 CrashLoopBackOff 怎么排查？用 `/帮助` 查看支持的操作。",
    )
}

/// A question that is longer than can be read.
pub fn long_question(lang: Lang) -> &'static str {
    pick(
        lang,
        "The question is longer than 4,000 characters. Send the lines that show the error.",
        "问题超过 4000 个字符。请只发报错的那几行。",
    )
}

/// A button whose question is no longer in the documents.
pub fn question_gone(lang: Lang) -> &'static str {
    pick(
        lang,
        "That question is no longer in the documents. Ask again to see what is there now.",
        "这个问题已不在文档中。请重新提问，看看现在的回答。",
    )
}

/// A button or command of another version.
pub fn unknown_control(lang: Lang) -> &'static str {
    pick(
        lang,
        "This control is from another version of First Mate and does nothing now. Ask again.",
        "这个按钮属于其他版本的大副，已经失效。请重新提问。",
    )
}

/// The person's roles do not allow it.
pub fn not_allowed(lang: Lang) -> &'static str {
    pick(
        lang,
        "Your roles on this server do not allow this. An admin sets who may in `[roles]` of the configuration.",
        "你在本服务器的身份组无权执行此操作。管理员可在配置文件的 `[roles]` 中调整。",
    )
}

/// Our own failure, with something to quote.
pub fn broken(lang: Lang, reference: &str) -> String {
    pick(
        lang,
        format!(
            "Something failed inside First Mate. Try again; if it stays, tell the admin this reference: `{reference}`."
        ),
        format!("大副内部出错了。请再试一次；若仍然出错，请把编号 `{reference}` 告诉管理员。"),
    )
}

/// The page of a long answer.
pub fn page(lang: Lang, page: usize, pages: usize) -> String {
    pick(
        lang,
        format!("Page {page} of {pages}"),
        format!("第 {page}/{pages} 页"),
    )
}

/// Where a part was left out.
pub fn more_in_full(lang: Lang) -> &'static str {
    pick(
        lang,
        "*The rest is under “Full answer”.*",
        "*其余内容见“完整回答”。*",
    )
}

/// The top of `/help`.
pub fn help_intro(lang: Lang) -> &'static str {
    pick(
        lang,
        "I answer questions about running Kubernetes from your team's documents and the ones that come with me. Mention me, write me a direct message, or use a command.",
        "我根据团队文档和自带文档回答 Kubernetes 运维问题。可以 @我、私信我，或使用下面的命令。",
    )
}

/// What `/help` says of the documents.
pub fn help_documents(lang: Lang, questions: usize, documents: usize) -> String {
    pick(
        lang,
        format!(
            "Questions: {questions}, in {documents} files; two languages are two files. What they do not answer I say I do not know."
        ),
        format!(
            "收录问题 {questions} 个，共 {documents} 个文件（中英文各算一个）。文档里没有的，我会直说不知道。"
        ),
    )
}

/// The title of `/help`.
pub fn help_title(lang: Lang) -> &'static str {
    pick(lang, "First Mate", "大副")
}

/// How an entry of a message's menu is reached.
pub fn help_menu(lang: Lang, name: &str) -> String {
    pick(
        lang,
        format!("Message menu › Apps › {name}"),
        format!("消息菜单 › APP › {name}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_are_known_in_however_many_words() {
        for text in [
            "thanks, you're a lifesaver",
            "thank you so much, it works now!",
            "谢谢 搞定了",
            "谢谢啦，已解决",
        ] {
            assert_eq!(courtesy(text), Some(true), "{text}");
        }
        for text in [
            "thanks, the pod works on node-1",
            "it works now",
            "谢谢，Pod 还是起不来",
            "thanksgiving",
            "搞定了",
        ] {
            assert_eq!(courtesy(text), None, "{text}");
        }
    }

    #[test]
    fn the_name_is_left_out_where_somebody_is_called_by_it() {
        for (text, rest) in [
            ("大副，节点老是重启", "节点老是重启"),
            ("@大副 Pod 一直 Pending", "Pod 一直 Pending"),
            ("你好，大副 Pod 起不来", "Pod 起不来"),
            ("First Mate: a node is gone", "a node is gone"),
            ("hey first mate my Pod is Pending", "my Pod is Pending"),
        ] {
            assert_eq!(behind_the_name(text), Some(rest), "{text}");
        }
        for text in [
            "大副 不回答怎么办",
            "大副怎么配置",
            "First Mate does not answer",
            "hi there",
            "问大副，怎么用",
            "é大副，",
            "大",
        ] {
            assert_eq!(behind_the_name(text), None, "{text}");
        }
    }
}
