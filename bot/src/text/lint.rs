//! What is said of faults in documents, and of how files were understood.

use firstmate_kb::inspect::Inspected;
use firstmate_kb::{Form, Lang};

use super::{doctor, pick, quoted, shell};
use crate::check::table::one_line;
use crate::cluster::manifest::Wrong;
use crate::lint::{Fault, Flaw};
use crate::shell::{Class, class};

/// A fault with its place.
pub fn fault(lang: Lang, fault: &Fault) -> String {
    // A file's name may hold what a terminal would obey.
    let file = one_line(&fault.file);
    let what = flaw(lang, &fault.what);
    match fault.line {
        Some(line) => format!("{file}:{line}: {what}"),
        None => format!("{file}: {what}"),
    }
}

/// What is wrong.
pub fn flaw(lang: Lang, flaw: &Flaw) -> String {
    match flaw {
        Flaw::Document(kind) => doctor::fault_kind(lang, kind),
        Flaw::NoShortAnswer { title } => {
            let title = quoted(title);
            pick(
                lang,
                format!("the answer to {title} does not begin with a short one: a paragraph of one line"),
                format!("{title} 的回答开头没有一行的简短回答"),
            )
        }
        Flaw::SameTitle { title, other } => {
            let (title, other) = (quoted(title), one_line(other));
            pick(
                lang,
                format!("{title} is asked in {other} too"),
                format!("{title} 与 {other} 重复"),
            )
        }
        Flaw::DeadLink { target } => {
            let target = quoted(target);
            pick(
                lang,
                format!("the link leads to {target}, which is not there"),
                format!("链接指向的 {target} 不存在"),
            )
        }
        Flaw::DeadAnchor { target } => {
            let target = quoted(target);
            pick(
                lang,
                format!("the link leads to {target}, but there is no such heading"),
                format!("链接指向 {target}，但没有这个标题"),
            )
        }
        Flaw::Command(reason) => shell::reason(lang, reason),
        Flaw::Manifest(wrong) => manifest(lang, wrong),
        Flaw::Unpaired { missing } => match missing {
            Lang::En => pick(
                lang,
                "there is no English file of the same id or path",
                "没有对应的英文文档（id 或路径相同）",
            ),
            Lang::Zh => pick(
                lang,
                "there is no Chinese file of the same id or path",
                "没有对应的中文文档（id 或路径相同）",
            ),
        }
        .to_owned(),
    }
}

fn manifest(lang: Lang, wrong: &Wrong) -> String {
    match wrong {
        Wrong::Unreadable(message) => {
            let message = quoted(message);
            pick(
                lang,
                format!("the manifest cannot be read: {message}"),
                format!("清单无法读取：{message}"),
            )
        }
        Wrong::Value { kind, message } => {
            let (kind, message) = (quoted(kind), quoted(message));
            pick(
                lang,
                format!("the API does not take this {kind}: {message}"),
                format!("API 不接受这个 {kind}：{message}"),
            )
        }
        Wrong::Unknown { kind, field } => {
            let (kind, field) = (quoted(kind), quoted(field));
            pick(
                lang,
                format!("{kind} has no field {field}"),
                format!("{kind} 没有 {field} 字段"),
            )
        }
    }
}

/// How many faults there are in how much.
pub fn summary(lang: Lang, faults: usize, files: usize, questions: usize) -> String {
    match faults {
        0 => pick(
            lang,
            format!("files: {files}, questions: {questions}, no faults"),
            format!("{files} 个文件，{questions} 个问题，没有发现错误"),
        ),
        _ => pick(
            lang,
            format!("files: {files}, questions: {questions}, faults: {faults}"),
            format!("{files} 个文件，{questions} 个问题，{faults} 处错误"),
        ),
    }
}

/// How a file was understood.
pub fn understood(lang: Lang, file: &Inspected) -> String {
    let written = match file.lang {
        Lang::En => pick(lang, "English", "英文"),
        Lang::Zh => pick(lang, "Chinese", "中文"),
    };
    let mut words = vec![written.to_owned()];
    for form in [Form::Page, Form::Heading, Form::Letters, Form::Details] {
        let count = file
            .questions
            .iter()
            .filter(|question| question.form == form)
            .count();
        if count > 0 {
            words.push(format!("{}: {count}", self::form(lang, form)));
        }
    }
    if file.questions.is_empty() {
        words.push(pick(lang, "no question", "没有问题").to_owned());
    }
    let sections: usize = file.questions.iter().map(|question| question.sections).sum();
    words.push(pick(
        lang,
        format!("sections: {sections}"),
        format!("小节：{sections}"),
    ));
    let commands = file.questions.iter().flat_map(|question| &question.commands);
    let classes: Vec<Class> = commands.map(|command| class(&command.text)).collect();
    let count = |name: &str| classes.iter().filter(|class| class.name() == name).count();
    let (live, change, by_hand) = (count("live"), count("change"), count("by_hand"));
    words.push(pick(
        lang,
        format!("checks: {live}, requests: {change}, by hand: {by_hand}"),
        format!("检查 {live}，申请 {change}，手动 {by_hand}"),
    ));
    format!("{}: {}", one_line(&file.file), words.join(pick(lang, "; ", "；")))
}

fn form(lang: Lang, form: Form) -> &'static str {
    match form {
        Form::Page => pick(lang, "pages", "整页说明"),
        Form::Heading => pick(lang, "headings that ask", "提问的标题"),
        Form::Letters => pick(lang, "Q: and A:", "Q:/A: 问答"),
        Form::Details => pick(lang, "<details>", "<details> 折叠块"),
    }
}
