//! Labels of what concerns changes.

use super::Label;

/// `/node cordon` and what it does.
pub const CORDON_COMMAND: (Label, Label) = (
    Label {
        en: "cordon",
        zh: "停止调度",
        tw: "停止調度",
    },
    Label {
        en: "Request that no new Pods are placed on a node; done only after another person approves",
        zh: "申请停止调度节点（cordon）；他人批准后才会执行",
        tw: "申請停止調度節點（cordon）；他人核准後才會執行",
    },
);
/// `/node uncordon` and what it does.
pub const UNCORDON_COMMAND: (Label, Label) = (
    Label {
        en: "uncordon",
        zh: "恢复调度",
        tw: "恢復調度",
    },
    Label {
        en: "Request that new Pods are placed on a node again; done only after another person approves",
        zh: "申请恢复调度节点（uncordon）；他人批准后才会执行",
        tw: "申請恢復調度節點（uncordon）；他人核准後才會執行",
    },
);
/// `/requests` and what it does.
pub const REQUESTS_COMMAND: (Label, Label) = (
    Label {
        en: "requests",
        zh: "变更申请",
        tw: "變更申請",
    },
    Label {
        en: "Changes that wait for approval, were carried out, or were refused",
        zh: "查看等待批准、已执行和被拒绝的变更",
        tw: "檢視等待核准、已執行和被拒絕的變更",
    },
);
/// `/audit` and what it does.
pub const AUDIT_COMMAND: (Label, Label) = (
    Label {
        en: "audit",
        zh: "审计",
        tw: "稽核",
    },
    Label {
        en: "Who asked for, approved and rejected which change, and what was done",
        zh: "谁申请、批准、驳回了哪些变更，执行了什么",
        tw: "誰申請、核准、駁回了哪些變更，執行了什麼",
    },
);
/// `/freeze` and what it does.
pub const FREEZE_COMMAND: (Label, Label) = (
    Label {
        en: "freeze",
        zh: "变更冻结",
        tw: "變更凍結",
    },
    Label {
        en: "Stop every change by anyone, in every cluster, at once",
        zh: "封网：立即冻结所有集群、所有人的变更",
        tw: "立即凍結所有叢集、所有人的變更",
    },
);
/// `/unfreeze` and what it does.
pub const UNFREEZE_COMMAND: (Label, Label) = (
    Label {
        en: "unfreeze",
        zh: "解除冻结",
        tw: "解除凍結",
    },
    Label {
        en: "Let changes go on; another approver than the one who froze them",
        zh: "解封：解除变更冻结，须由另一位审批人执行",
        tw: "解除變更凍結，須由另一位審批人執行",
    },
);
/// The option `reason`.
pub const REASON: Label = Label {
    en: "reason",
    zh: "原因",
    tw: "原因",
};
/// What `reason` is.
pub const REASON_ABOUT: Label = Label {
    en: "Why; the approver decides by it",
    zh: "为什么要变更，审批人据此决定",
    tw: "為什麼要變更，審批人據此決定",
};
/// What `reason` of a freeze is.
pub const FREEZE_REASON_ABOUT: Label = Label {
    en: "Why; everybody sees it",
    zh: "为什么冻结，所有人可见",
    tw: "為什麼凍結，所有人可見",
};
/// The option `person`.
pub const PERSON: Label = Label {
    en: "person",
    zh: "人员",
    tw: "人員",
};
/// What `person` is.
pub const PERSON_ABOUT: Label = Label {
    en: "Asked for or decided by this person",
    zh: "由此人申请或审批",
    tw: "由此人申請或審批",
};
/// What `node` of a list is.
pub const ABOUT_NODE_ABOUT: Label = Label {
    en: "About this node",
    zh: "与此节点有关",
    tw: "與此節點有關",
};
/// The option `everywhere`.
pub const EVERYWHERE: Label = Label {
    en: "everywhere",
    zh: "所有频道",
    tw: "所有頻道",
};
/// What `everywhere` is.
pub const EVERYWHERE_ABOUT: Label = Label {
    en: "Of all channels, not only of this one",
    zh: "不限于本频道",
    tw: "不限於本頻道",
};
/// What `hours` of the audit is.
pub const AUDIT_HOURS_ABOUT: Label = Label {
    en: "In the last so many hours (24 unless said)",
    zh: "最近多少小时内（默认 24）",
    tw: "最近多少小時內（預設 24）",
};
/// The button that says yes.
pub const APPROVE: Label = Label {
    en: "Approve",
    zh: "批准",
    tw: "核准",
};
/// The button that says no.
pub const REJECT: Label = Label {
    en: "Reject",
    zh: "驳回",
    tw: "駁回",
};
/// The title of the box for the reason of a request.
pub const REQUEST_BOX: Label = Label {
    en: "Request a change",
    zh: "申请变更",
    tw: "申請變更",
};
/// The title of the box for the reason of a rejection.
pub const REJECT_BOX: Label = Label {
    en: "Reject the request",
    zh: "驳回申请",
    tw: "駁回申請",
};
/// The title of the box for the reason of taking a change back.
pub const UNDO_BOX: Label = Label {
    en: "Take the change back",
    zh: "撤销变更",
    tw: "撤銷變更",
};
/// The field of these boxes.
pub const REASON_FIELD: Label = Label {
    en: "Reason",
    zh: "原因",
    tw: "原因",
};
