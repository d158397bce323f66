//! Labels of votes, and of what they lead to.

use super::Label;

/// The button below an answer that helped.
pub const HELPFUL: Label = Label {
    en: "Helpful",
    zh: "有帮助",
    tw: "有幫助",
};
/// The button below an answer that did not help.
pub const UNHELPFUL: Label = Label {
    en: "Not helpful",
    zh: "没帮助",
    tw: "沒幫助",
};
/// The title of the box that asks why.
pub const UNHELPFUL_BOX: Label = Label {
    en: "What was missing?",
    zh: "缺了什么？",
    tw: "缺了什麼？",
};
/// What stands in the empty field.
pub const UNHELPFUL_HINT: Label = Label {
    en: "May stay empty. Those who write the documents read it.",
    zh: "可以不填。写文档的人会看到。",
    tw: "可以不填。寫文件的人會看到。",
};
/// `/kb gaps` and what it does.
pub const KB_GAPS_COMMAND: (Label, Label) = (
    Label {
        en: "gaps",
        zh: "缺口",
        tw: "缺口",
    },
    Label {
        en: "Questions that the documents do not answer, or not well, with the nearest one",
        zh: "文档没有收录或没有答好的问题，以及最接近的内容",
        tw: "文件沒有收錄或沒有答好的問題，以及最接近的內容",
    },
);
/// `/kb report` and what it does.
pub const KB_REPORT_COMMAND: (Label, Label) = (
    Label {
        en: "report",
        zh: "反馈",
        tw: "回饋",
    },
    Label {
        en: "How many questions were answered, and which answers were found helpful or not",
        zh: "提问和未收录的次数，以及各回答的评价",
        tw: "提問和未收錄的次數，以及各回答的評價",
    },
);
