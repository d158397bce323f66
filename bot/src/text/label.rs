//! Labels: names and descriptions of commands and options, words on buttons, menus and modals.

use firstmate_kb::Lang;

/// A label in the three written languages of the people who use Discord here.
///
/// Discord shows a person commands in the language of their client; replies know only
/// English and Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// English, and for everybody else.
    pub en: &'static str,
    /// Simplified Chinese.
    pub zh: &'static str,
    /// Traditional Chinese, as written in Taiwan.
    pub tw: &'static str,
}

impl Label {
    /// The label in the language of a reply.
    pub const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

/// `/ask`.
pub const ASK: Label = Label {
    en: "ask",
    zh: "提问",
    tw: "提問",
};
/// What `/ask` does.
pub const ASK_ABOUT: Label = Label {
    en: "Ask a question about running Kubernetes",
    zh: "提一个 Kubernetes 运维问题",
    tw: "提一個 Kubernetes 維運問題",
};
/// `/paste`.
pub const PASTE: Label = Label {
    en: "paste",
    zh: "粘贴",
    tw: "貼上",
};
/// What `/paste` does.
pub const PASTE_ABOUT: Label = Label {
    en: "Ask with a pasted log or error message: opens a box for text of several lines",
    zh: "粘贴日志或报错来提问：打开可输入多行文本的输入框",
    tw: "貼上日誌或錯誤訊息來提問：開啟可輸入多行文字的輸入框",
};
/// The option `question`.
pub const QUESTION: Label = Label {
    en: "question",
    zh: "问题",
    tw: "問題",
};
/// What `question` is.
pub const QUESTION_ABOUT: Label = Label {
    en: "The question in your own words, or an error message",
    zh: "用自己的话描述问题，或直接贴报错",
    tw: "用自己的話描述問題，或直接貼上錯誤訊息",
};
/// The option `private`.
pub const PRIVATE: Label = Label {
    en: "private",
    zh: "仅自己可见",
    tw: "僅自己可見",
};
/// What `private` does.
pub const PRIVATE_ABOUT: Label = Label {
    en: "Show the answer to me alone",
    zh: "回答只给我自己看",
    tw: "回答只給我自己看",
};
/// `/help`.
pub const HELP: Label = Label {
    en: "help",
    zh: "帮助",
    tw: "說明",
};
/// What `/help` does.
pub const HELP_ABOUT: Label = Label {
    en: "What you can ask First Mate, and how",
    zh: "大副能做什么、怎么用",
    tw: "大副能做什麼、怎麼用",
};
/// The entry in a message's menu.
pub const ASK_MENU: Label = Label {
    en: "Ask First Mate",
    zh: "问大副",
    tw: "問大副",
};
/// What the entry in a message's menu does; shown by `/help`, since Discord shows none.
pub const ASK_MENU_ABOUT: Label = Label {
    en: "Answer what the message asks",
    zh: "回答这条消息里的问题",
    tw: "回答這則訊息裡的問題",
};

/// The button that shows the whole answer.
pub const FULL: Label = Label {
    en: "Full answer",
    zh: "完整回答",
    tw: "完整回答",
};
/// The button back by a page.
pub const PREVIOUS: Label = Label {
    en: "Previous",
    zh: "上一页",
    tw: "上一頁",
};
/// The button on by a page.
pub const NEXT: Label = Label {
    en: "Next",
    zh: "下一页",
    tw: "下一頁",
};
/// The menu of an answer's sections.
pub const SECTIONS: Label = Label {
    en: "Jump to a section",
    zh: "跳到某一节",
    tw: "跳到某一節",
};
/// The button to the document.
pub const SOURCE: Label = Label {
    en: "Source",
    zh: "来源",
    tw: "來源",
};
/// The title of the box for a long question.
pub const ASK_BOX: Label = Label {
    en: "Ask First Mate",
    zh: "问大副",
    tw: "問大副",
};
/// The field of the box for a long question.
pub const ASK_FIELD: Label = Label {
    en: "Question",
    zh: "问题",
    tw: "問題",
};
/// What stands in the empty field.
pub const ASK_HINT: Label = Label {
    en: "Your question, or the error message as it is",
    zh: "问题描述，或原样粘贴报错",
    tw: "問題描述，或原樣貼上錯誤訊息",
};

/// Every label of a control, by which a transcript names it in any language.
pub const CONTROLS: &[Label] = &[
    ASK_MENU, FULL, PREVIOUS, NEXT, SECTIONS, SOURCE, ASK_BOX, ASK_FIELD,
];
