//! What is wrong with the settings.

use firstmate_kb::Lang;

use super::{pick, reason};
use crate::config::{Fault, Kind, What, nearest_setting};

/// One fault, on one line: file, key, what is wrong, what to do.
pub fn fault(lang: Lang, fault: &Fault) -> String {
    let place = if fault.place.is_empty() {
        pick(lang, "settings", "配置")
    } else {
        &fault.place
    };
    let key = if fault.key.is_empty() {
        String::new()
    } else {
        format!("{}: ", fault.key)
    };
    format!("{place}: {key}{}", what(lang, fault))
}

fn what(lang: Lang, fault: &Fault) -> String {
    match &fault.what {
        What::Unreadable(error) => pick(
            lang,
            format!("cannot be read ({error})"),
            format!("无法读取（{}）", reason(Lang::Zh, error)),
        ),
        What::Malformed(error) => pick(
            lang,
            format!("is not valid TOML: {error}"),
            format!("不是合法的 TOML：{error}"),
        ),
        What::Unknown => unknown(lang, &fault.key),
        What::Missing => pick(lang, "must be given".to_owned(), "必须填写".to_owned()),
        What::NoToken => pick(
            lang,
            "must be given: set FIRSTMATE_DISCORD__TOKEN or discord.token_file, or try everything without an account by `firstmate sandbox`".to_owned(),
            "必须填写：请设置 FIRSTMATE_DISCORD__TOKEN 或 discord.token_file；想先试用可运行 `firstmate sandbox`，无需账号".to_owned(),
        ),
        What::Wanted(kind) => wanted(lang, *kind),
        What::OutOfRange(from, to) => pick(
            lang,
            format!("must be from {from} to {to}"),
            format!("取值范围为 {from} 到 {to}"),
        ),
        What::OneUnderscore => {
            let name = format!("FIRSTMATE_{}", fault.key.to_uppercase().replace('.', "__"));
            pick(
                lang,
                format!("is not read; write {name}, with two underscores between section and name"),
                format!("不会被读取；请写成 {name}，节与名字之间是两个下划线"),
            )
        }
        What::SameAs(other) => pick(
            lang,
            format!("is the same as {other}; remove one of the two"),
            format!("与 {other} 相同，请删除其中一个"),
        ),
        What::NoneOf(names) if names.is_empty() => pick(
            lang,
            "names what the configuration has none of yet; add one, or remove this key".to_owned(),
            "所指的一项都还没有配置，请先添加，或删掉这个键".to_owned(),
        ),
        What::NoneOf(names) => {
            let names = names.join(pick(lang, ", ", "、"));
            pick(
                lang,
                format!("must be one of {names}"),
                format!("只能是以下之一：{names}"),
            )
        }
    }
}

fn unknown(lang: Lang, key: &str) -> String {
    match nearest_setting(key) {
        None => pick(
            lang,
            "there is no such setting".to_owned(),
            "没有这个配置项".to_owned(),
        ),
        Some(near) => pick(
            lang,
            format!("there is no such setting; did you mean {near}?"),
            format!("没有这个配置项，是否想写 {near}？"),
        ),
    }
}

/// What a value has to be.
pub fn wanted(lang: Lang, kind: Kind) -> String {
    let (en, zh) = match kind {
        Kind::Text => ("a text in quotes", "加引号的字符串"),
        Kind::Word => (
            "one word, without spaces or line breaks",
            "一个不含空格和换行的词",
        ),
        Kind::Flag => ("true or false", "true 或 false"),
        Kind::Number => ("a whole number", "整数"),
        Kind::Id => (
            "an id: digits in quotes, such as \"123456789012345678\"",
            "ID：加引号的数字，如 \"123456789012345678\"",
        ),
        Kind::Ids => (
            "a list of ids: [\"123456789012345678\"]",
            "ID 列表：[\"123456789012345678\"]",
        ),
        Kind::Address => (
            "an address such as \"127.0.0.1:9187\"",
            "地址，如 \"127.0.0.1:9187\"",
        ),
        Kind::Url => (
            "an address such as \"https://example.com/docs\"",
            "网址，如 \"https://example.com/docs\"",
        ),
        Kind::Table => ("a table", "表（[…]）"),
        Kind::Name => (
            "named with at most 32 small letters, digits and hyphens",
            "由小写字母、数字、连字符组成的名字，最多 32 个字符",
        ),
        Kind::Texts => ("a list of texts: [\"ops\"]", "字符串列表：[\"ops\"]"),
        Kind::Store => (
            "\"sqlite:FILE\" or \"postgres://USER:PASSWORD@HOST/DATABASE\"; in a password, @ / ? # : are written %40 %2F %3F %23 %3A",
            "\"sqlite:文件\" 或 \"postgres://用户:密码@主机/库\"；密码中的 @ / ? # : 要写成 %40 %2F %3F %23 %3A",
        ),
        Kind::Tables => ("a list of tables, each under [[…]]", "表的数组，每项写作 [[…]]"),
    };
    pick(lang, format!("must be {en}"), format!("应为 {zh}"))
}
