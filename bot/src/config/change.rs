//! The settings that concern changes: who may ask for one, who may approve it, and for how long.

use std::collections::BTreeMap;

use super::Setting;
use super::read::Reader;
use crate::clock::Millis;
use crate::remedy::action::ACTIONS;

/// What holds for every change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Milliseconds after which a request that nobody approved is over.
    pub expires: Millis,
    /// Whether who froze may unfreeze.
    pub unfreeze_by_same: bool,
    /// The channel, by its name in the configuration, to which the audit's head hash is posted; `None`: nowhere.
    pub head_channel: Option<String>,
    /// Milliseconds between two of these posts.
    pub head_every: Millis,
}

/// Who may ask for changes, and who must approve them. What is empty does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// For these actions.
    pub actions: Vec<String>,
    /// In these clusters.
    pub clusters: Vec<String>,
    /// Only in these channels.
    pub channels: Vec<String>,
    /// Who may ask; neither roles nor people: the operators.
    pub request: Crowd,
    /// Who may approve; neither roles nor people: `roles.approver`.
    pub approve: Crowd,
    /// How many must.
    pub approvals: usize,
    /// Whether who asks counts as an approver.
    pub self_approval: bool,
}

/// Members of roles, and people by the names that the configuration gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crowd {
    /// Ids of roles.
    pub roles: Vec<u64>,
    /// Names of people.
    pub people: Vec<String>,
}

impl Crowd {
    /// Whether nobody is named.
    pub const fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.people.is_empty()
    }
}

pub(super) fn changes(reader: &mut Reader) -> Changes {
    Changes {
        expires: reader.seconds("changes.expires_seconds", 600, 30..=86_400),
        unfreeze_by_same: reader.flag("changes.unfreeze_by_same_person", false),
        head_channel: reader.name_of("changes.head_channel", "channels"),
        head_every: reader.seconds("changes.head_seconds", 86_400, 60..=2_592_000),
    }
}

pub(super) fn policies(reader: &mut Reader) -> BTreeMap<String, Policy> {
    let mut policies = BTreeMap::new();
    for name in reader.names("policies") {
        let key = |part: &str| format!("policies.{name}.{part}");
        let policy = Policy {
            actions: reader.texts_of(&key("actions"), ACTIONS),
            clusters: reader.names_of(&key("clusters"), "clusters"),
            channels: reader.names_of(&key("channels"), "channels"),
            request: Crowd {
                roles: reader.ids(&key("request_roles")),
                people: reader.names_of(&key("request_people"), "people"),
            },
            approve: Crowd {
                roles: reader.ids(&key("approve_roles")),
                people: reader.names_of(&key("approve_people"), "people"),
            },
            approvals: reader.number(&key("approvals"), 1, 1..=9),
            self_approval: reader.flag(&key("self_approval"), false),
        };
        policies.insert(name, policy);
    }
    policies
}

/// The settings of this part, in the order of the example file.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        key: "changes.expires_seconds",
        default: "600",
        about: (
            "Seconds after which a request that nobody approved is over (30 to 86400).",
            "申请多少秒没有批准就过期（30 到 86400）。",
        ),
    },
    Setting {
        key: "changes.unfreeze_by_same_person",
        default: "false",
        about: (
            "Let the person who froze changes unfreeze them; otherwise another approver must.",
            "允许冻结变更的人自己解除冻结；否则须由另一位审批人解除。",
        ),
    },
    Setting {
        key: "changes.head_channel",
        default: "\"\"",
        about: (
            "The channel, by its name in [channels], to which the audit's latest hash is posted; empty: nowhere.",
            "定期发布审计链最新哈希的频道，写 [channels] 里的名字；留空则不发布。",
        ),
    },
    Setting {
        key: "changes.head_seconds",
        default: "86400",
        about: (
            "Seconds between two of these posts (60 to 2592000).",
            "每隔多少秒发布一次（60 到 2592000）。",
        ),
    },
    Setting {
        key: "policies.*.actions",
        default: "[]",
        about: (
            "One table a policy, under a name of your choice: [policies.prod]. For these actions (cordon, uncordon); empty: all. Where several policies fit, each must allow it and the largest number of approvals holds; where none fits, operators ask and one approver approves.",
            "每条策略一节，名字自取：[policies.prod]。适用的操作（cordon、uncordon）；留空为全部。多条策略同时适用时须全部允许，批准人数取最大值；都不适用时由 operator 申请、一位 approver 批准。",
        ),
    },
    Setting {
        key: "policies.*.clusters",
        default: "[]",
        about: (
            "In these clusters, by their names in [clusters]; empty: all.",
            "适用的集群，写 [clusters] 里的名字；留空为全部。",
        ),
    },
    Setting {
        key: "policies.*.channels",
        default: "[]",
        about: (
            "Only in these channels, by their names in [channels]; empty: everywhere.",
            "仅限这些频道，写 [channels] 里的名字；留空则不限。",
        ),
    },
    Setting {
        key: "policies.*.request_roles",
        default: "[]",
        about: (
            "Ids of the roles that may ask; neither roles nor people: the operators.",
            "允许申请的身份组 ID；roles 与 people 都不填则为 operator。",
        ),
    },
    Setting {
        key: "policies.*.request_people",
        default: "[]",
        about: (
            "People who may ask too, by their names in [people].",
            "另外允许申请的人，写 [people] 里的名字。",
        ),
    },
    Setting {
        key: "policies.*.approve_roles",
        default: "[]",
        about: (
            "Ids of the roles that may approve; neither roles nor people: roles.approver.",
            "允许审批的身份组 ID；roles 与 people 都不填则为 roles.approver。",
        ),
    },
    Setting {
        key: "policies.*.approve_people",
        default: "[]",
        about: (
            "People who may approve too, by their names in [people].",
            "另外允许审批的人，写 [people] 里的名字。",
        ),
    },
    Setting {
        key: "policies.*.approvals",
        default: "1",
        about: ("How many must approve (1 to 9).", "需要几个人批准（1 到 9）。"),
    },
    Setting {
        key: "policies.*.self_approval",
        default: "false",
        about: (
            "Whether the person who asks counts as an approver.",
            "申请人自己的批准是否算数。",
        ),
    },
];
