//! Labels of what concerns documents that are written in chat.

use super::Label;

/// The word `/kb`.
pub const KB_GROUP: Label = Label {
    en: "kb",
    zh: "知识库",
    tw: "知識庫",
};
/// What `/kb` is about.
pub const KB_GROUP_ABOUT: Label = Label {
    en: "Documents that are written in chat",
    zh: "在聊天中编写的文档",
    tw: "在聊天中編寫的文件",
};
/// `/kb add` and what it does.
pub const KB_ADD_COMMAND: (Label, Label) = (
    Label {
        en: "add",
        zh: "添加",
        tw: "新增",
    },
    Label {
        en: "Propose a document: question, short answer, details; answered from once a reviewer approves it",
        zh: "提交一篇文档：问题、简短回答、详细内容；审阅人批准后即可用于回答",
        tw: "提交一篇文件：問題、簡短回答、詳細內容；審閱人核准後即可用於回答",
    },
);
/// `/kb edit` and what it does.
pub const KB_EDIT_COMMAND: (Label, Label) = (
    Label {
        en: "edit",
        zh: "修改",
        tw: "修改",
    },
    Label {
        en: "Propose a change of a document that was written in chat",
        zh: "提交对聊天中编写的文档的修改",
        tw: "提交對聊天中編寫的文件的修改",
    },
);
/// `/kb retire` and what it does.
pub const KB_RETIRE_COMMAND: (Label, Label) = (
    Label {
        en: "retire",
        zh: "停用",
        tw: "停用",
    },
    Label {
        en: "Propose to take a document that was written in chat out of the answers",
        zh: "申请停用聊天中编写的文档，不再用于回答",
        tw: "申請停用聊天中編寫的文件，不再用於回答",
    },
);
/// `/kb show` and what it does.
pub const KB_SHOW_COMMAND: (Label, Label) = (
    Label {
        en: "show",
        zh: "查看",
        tw: "檢視",
    },
    Label {
        en: "A document that was written in chat, with its history: author, reviewer and date of each version",
        zh: "查看聊天中编写的文档及其历史：各版本的作者、审阅人和日期",
        tw: "檢視聊天中編寫的文件及其歷史：各版本的作者、審閱人和日期",
    },
);
/// `/kb proposals` and what it does.
pub const KB_PROPOSALS_COMMAND: (Label, Label) = (
    Label {
        en: "proposals",
        zh: "提案",
        tw: "提案",
    },
    Label {
        en: "Proposals that wait for a reviewer; with a number, its card again",
        zh: "查看等待审阅的文档提案；填编号可重新显示卡片",
        tw: "檢視等待審閱的文件提案；填編號可重新顯示卡片",
    },
);
/// The entry in a message's menu.
pub const SAVE_MENU: Label = Label {
    en: "Save as answer",
    zh: "存为回答",
    tw: "存為回答",
};
/// What it does.
pub const SAVE_MENU_ABOUT: Label = Label {
    en: "Propose a document out of a message; answered from once a reviewer approves it",
    zh: "把这条消息整理成文档提交；审阅人批准后即可用于回答",
    tw: "把這則訊息整理成文件提交；審閱人核准後即可用於回答",
};
/// The option `document`.
pub const DOCUMENT: Label = Label {
    en: "document",
    zh: "文档",
    tw: "文件",
};
/// What `document` is.
pub const DOCUMENT_ABOUT: Label = Label {
    en: "A document that was written in chat",
    zh: "在聊天中编写的文档",
    tw: "在聊天中編寫的文件",
};
/// The option `translates`.
pub const TRANSLATES: Label = Label {
    en: "translates",
    zh: "译自",
    tw: "譯自",
};
/// What `translates` is.
pub const TRANSLATES_ABOUT: Label = Label {
    en: "The document in the other language that this one is a translation of",
    zh: "这篇是哪篇另一种语言文档的译文",
    tw: "這篇是哪篇另一種語言文件的譯文",
};
/// The option `file`.
pub const FILE: Label = Label {
    en: "file",
    zh: "附件",
    tw: "附件",
};
/// What `file` is.
pub const FILE_ABOUT: Label = Label {
    en: "A Markdown file instead of the box: title, one line of short answer, details",
    zh: "用 Markdown 文件代替输入框：标题、一行简短回答、详细内容",
    tw: "用 Markdown 檔案代替輸入框：標題、一行簡短回答、詳細內容",
};
/// What the reason of a retirement is.
pub const RETIRE_REASON_ABOUT: Label = Label {
    en: "Why it is to be taken away; reviewers decide by it",
    zh: "为什么停用；审阅人据此决定",
    tw: "為什麼停用；審閱人據此決定",
};
/// The option `number`.
pub const NUMBER: Label = Label {
    en: "number",
    zh: "编号",
    tw: "編號",
};
/// What `number` is.
pub const NUMBER_ABOUT: Label = Label {
    en: "The number of a proposal",
    zh: "提案编号",
    tw: "提案編號",
};
/// The title of the box for a new document.
pub const ADD_BOX: Label = Label {
    en: "Propose a document",
    zh: "提交文档",
    tw: "提交文件",
};
/// The title of the box for a change.
pub const EDIT_BOX: Label = Label {
    en: "Propose a change",
    zh: "提交修改",
    tw: "提交修改",
};
/// The box's field for the question.
pub const QUESTION_FIELD: Label = Label {
    en: "Question, in the words people ask it",
    zh: "问题（按大家提问时的说法写）",
    tw: "問題（按大家提問時的說法寫）",
};
/// The box's field for the short answer.
pub const SHORT_FIELD: Label = Label {
    en: "Short answer, one line",
    zh: "简短回答（一行）",
    tw: "簡短回答（一行）",
};
/// The box's field for the details.
pub const DETAILS_FIELD: Label = Label {
    en: "Details, in Markdown",
    zh: "详细内容（Markdown）",
    tw: "詳細內容（Markdown）",
};
/// What stands in the empty field of the details.
pub const DETAILS_HINT: Label = Label {
    en: "Steps under ## headings, commands in ```bash blocks. Longer texts: /kb add file",
    zh: "步骤写在 ## 标题下，命令写在 ```bash 代码块里。更长的内容用 /知识库 添加 的附件",
    tw: "步驟寫在 ## 標題下，指令寫在 ```bash 程式碼區塊裡。更長的內容用 /知識庫 新增 的附件",
};
/// The title of the box for the reason of a no.
pub const REJECT_PROPOSAL_BOX: Label = Label {
    en: "Reject the proposal",
    zh: "驳回提案",
    tw: "駁回提案",
};
