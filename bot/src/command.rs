//! Everything a person can ask of the bot, and the ways to ask it.
//!
//! [`COMMANDS`] feeds registration with Discord, `/help`, the permission check and the reference.
//! A [`Command`] is what any of them, a button, a menu or a message becomes; the ids of buttons
//! carry it whole, so that they work after a restart.

use firstmate_kb::Lang;

use crate::check::{self, Check, LOG_LINES, LOG_LINES_MOST, Logs, Order, PodFilter, Sort, What};
use crate::config::Config;
use crate::documents::{self, Attached, Of, Wish};
use crate::feedback::Voice;
use crate::mention::without_mentions;
use crate::remedy::action::Action;
use crate::remedy::{Change, No, list};
use crate::shell::HOLE;
use crate::text::answer;
use crate::text::label::{self, Label};

/// How long a question may be, in characters: Discord's longest message.
pub const QUESTION_LIMIT: usize = 4000;

/// What a person asks of the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A question to the documents.
    Ask {
        /// In the person's words.
        question: String,
        /// Answered to the person alone.
        private: bool,
        /// Pasted into a box: a log is in English whoever asks, so the answer follows the person.
        pasted: bool,
    },
    /// A box to write a long question in.
    Compose {
        /// Answered to the person alone.
        private: bool,
    },
    /// A message that nobody addressed to the bot, in a channel where it may answer unasked.
    Overhear {
        /// The message.
        question: String,
    },
    /// What there is to ask.
    Help,
    /// The chosen one of several questions, in place of the choice.
    Choose {
        /// Id of the question.
        id: String,
        /// The language of the message that offered it.
        lang: Lang,
        /// What was asked, for votes; messages of earlier versions name it not.
        asked: Option<i64>,
    },
    /// A related question, to the person alone.
    Related {
        /// Id of the question.
        id: String,
    },
    /// The whole answer, opened where a section begins, to the person alone.
    Full {
        /// Id of the question.
        id: String,
        /// The section, from 0.
        section: usize,
    },
    /// Another page of the whole answer, in place of the one shown.
    Turn {
        /// Id of the question.
        id: String,
        /// The page, from 0.
        page: usize,
    },
    /// The page on which a section begins, in place of the one shown.
    Jump {
        /// Id of the question.
        id: String,
        /// The section, from 0.
        section: usize,
    },
    /// The commands of a section with an object in the place of their placeholder, to the person alone.
    Fill(Box<Fill>),
    /// A live read of a cluster.
    Check(Check),
    /// What concerns changes of a cluster.
    Change(Change),
    /// What concerns documents that are written in chat.
    Document(Box<Wish>),
    /// What a person thinks of an answer.
    Vote(Voice),
    /// What the documents do not answer.
    Gaps,
    /// What people thought of answers.
    Report,
}

/// An object that was chosen for the placeholders of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Id of the question.
    pub id: String,
    /// The language of the answer that has the placeholders.
    pub lang: Lang,
    /// The section, from 0.
    pub section: usize,
    /// What it is.
    pub names: Names,
    /// The namespace that the placeholders are in; `None`: any.
    pub within: Option<String>,
    /// The object.
    pub name: String,
}

/// How a reply reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As a message that everybody in the channel sees.
    Public,
    /// As a message that the person alone sees.
    Private,
    /// In place of the message whose button was pressed.
    InPlace,
}

/// Who may use a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everybody.
    Anyone,
    /// Whoever may ask; unset in the configuration: everybody.
    Asker,
    /// Whoever may run this check; unset in the configuration: operators.
    Check(&'static str),
    /// Whoever may ask for this action; unset in the configuration: operators.
    Request(&'static str),
    /// Operators and approvers.
    Crew,
    /// Approvers.
    Approver,
    /// Authors; unset in the configuration: nobody.
    Author,
    /// Reviewers; unset in the configuration: nobody.
    Reviewer,
    /// Authors and reviewers.
    Desk,
}

/// A mistake of the person's, or something they may not do. Its sentence is in `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no word in the question.
    EmptyQuestion,
    /// A greeting, thanks or a call for help, and nothing to answer.
    Greeting {
        /// The language that it is in.
        lang: Option<Lang>,
        /// They are done, and say thanks.
        thanks: bool,
    },
    /// The question is longer than [`QUESTION_LIMIT`].
    LongQuestion,
    /// The documents no longer hold the question of a button.
    QuestionGone,
    /// A button, menu or command that this version does not know.
    UnknownControl,
    /// The person's roles do not allow it.
    NotAllowed,
    /// The check may be run by others, or elsewhere.
    CheckNotAllowed {
        /// Its name.
        check: &'static str,
    },
    /// No cluster is configured.
    NoCluster,
    /// There is no cluster of this name; these there are.
    UnknownCluster {
        /// What was written.
        name: String,
        /// Those that are configured.
        known: Vec<String>,
    },
    /// Others are mapped to Kubernetes users, this person is not.
    NotMapped,
    /// What was written cannot be the name of an object.
    BadName {
        /// What was written.
        name: String,
    },
    /// What was written is no label selector.
    BadSelector {
        /// What was written.
        selector: String,
    },
    /// A change is not asked for, not approved or not stopped.
    Change(Box<No>),
    /// A document is not proposed, changed or approved.
    Document(Box<documents::no::No>),
}

/// A command as Discord registers it.
#[derive(Debug)]
pub struct Spec {
    /// The command that it is a part of, as `node` of `/node events`.
    pub group: Option<Group>,
    /// Its name.
    pub name: Label,
    /// What it does.
    pub about: Label,
    /// The check that it runs, by name.
    pub check: Option<&'static str>,
    /// Whether it is typed or stands in a message's menu.
    pub kind: Kind,
    /// Who may use it.
    pub needs: Role,
    /// Its options.
    pub args: &'static [Arg],
    /// Makes the command out of what was filled in.
    pub parse: fn(&Filled) -> Result<Command, Refusal>,
}

/// Several commands under one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The word.
    pub name: Label,
    /// What they are about; Discord asks for it and shows it nowhere.
    pub about: Label,
}

/// Where a command is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Typed after a slash.
    Slash,
    /// In the menu of a message, whose text is its only input.
    MessageMenu,
}

/// An option of a command.
#[derive(Debug)]
pub struct Arg {
    /// Its name.
    pub name: Label,
    /// What it is.
    pub about: Label,
    /// What can be filled in.
    pub kind: ArgKind,
    /// Whether it must be filled in.
    pub required: bool,
}

/// What can be filled into an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// Text, completed with titles of questions as it is typed. It must be filled in.
    Question,
    /// True or false; left out: false.
    Flag,
    /// A name, completed with those that there are.
    Name(Names),
    /// Free text.
    Text,
    /// A whole number from, to.
    Number(u32, u32),
    /// A file.
    File,
    /// One of these: value and what is shown.
    Choice(&'static [(&'static str, Label)]),
}

/// The kinds of names that are completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Clusters of the configuration.
    Cluster,
    /// Nodes.
    Node,
    /// Namespaces.
    Namespace,
    /// Pods, as `namespace/name`.
    Pod,
    /// Containers of the Pod that is filled in already.
    Container,
    /// Deployments, StatefulSets and DaemonSets, as `namespace/name`.
    Workload,
    /// Services, as `namespace/name`.
    Service,
    /// People of the configuration.
    Person,
    /// Documents that were written in chat.
    Document,
}

/// What a person filled in.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// Texts by the name of their option.
    pub texts: Vec<(String, String)>,
    /// Flags by the name of their option.
    pub flags: Vec<(String, bool)>,
    /// Numbers by the name of their option.
    pub numbers: Vec<(String, i64)>,
    /// Files by the name of their option.
    pub files: Vec<(String, Attached)>,
    /// The text of the message whose menu was used.
    pub message: Option<String>,
}

const QUESTION: Arg = Arg {
    name: label::QUESTION,
    about: label::QUESTION_ABOUT,
    kind: ArgKind::Question,
    required: true,
};
const PRIVATE: Arg = flag(label::PRIVATE, label::PRIVATE_ABOUT);
const CLUSTER: Arg = name(label::CLUSTER, label::CLUSTER_ABOUT, Names::Cluster);
const NODE: Arg = required(name(label::NODE, label::NODE_ABOUT, Names::Node));
const ON_NODE: Arg = name(label::NODE, label::ON_NODE_ABOUT, Names::Node);
const NAMESPACE: Arg = name(label::NAMESPACE, label::NAMESPACE_ABOUT, Names::Namespace);
const POD: Arg = required(name(label::POD, label::POD_ABOUT, Names::Pod));
const CONTAINER: Arg = name(label::CONTAINER, label::CONTAINER_ABOUT, Names::Container);
const WORKLOAD: Arg = required(name(label::WORKLOAD, label::WORKLOAD_ABOUT, Names::Workload));
const SELECTOR: Arg = option(label::SELECTOR, label::SELECTOR_ABOUT, ArgKind::Text);
const UNHEALTHY: Arg = flag(label::UNHEALTHY, label::UNHEALTHY_ABOUT);
const SORT: Arg = option(
    label::SORT,
    label::SORT_ABOUT,
    ArgKind::Choice(&[("cpu", label::SORT_CPU), ("memory", label::SORT_MEMORY)]),
);
const ORDER: Arg = option(
    label::ORDER,
    label::ORDER_ABOUT,
    ArgKind::Choice(&[
        ("newest", label::ORDER_NEWEST),
        ("frequent", label::ORDER_FREQUENT),
    ]),
);
const HOURS: Arg = option(label::HOURS, label::HOURS_ABOUT, ArgKind::Number(1, 24));
const PREVIOUS_LOG: Arg = flag(label::PREVIOUS_LOG, label::PREVIOUS_LOG_ABOUT);
const SINCE: Arg = option(label::SINCE, label::SINCE_ABOUT, ArgKind::Number(1, 10_080));
const LINES: Arg = option(
    label::LINES,
    label::LINES_ABOUT,
    ArgKind::Number(1, LOG_LINES_MOST),
);
const GREP: Arg = option(label::GREP, label::GREP_ABOUT, ArgKind::Text);
const FOLLOW: Arg = flag(label::FOLLOW, label::FOLLOW_ABOUT);
const REASON: Arg = required(option(label::REASON, label::REASON_ABOUT, ArgKind::Text));
const FREEZE_REASON: Arg = required(option(label::REASON, label::FREEZE_REASON_ABOUT, ArgKind::Text));
const PERSON: Arg = name(label::PERSON, label::PERSON_ABOUT, Names::Person);
const ABOUT_NODE: Arg = name(label::NODE, label::ABOUT_NODE_ABOUT, Names::Node);
const EVERYWHERE: Arg = flag(label::EVERYWHERE, label::EVERYWHERE_ABOUT);
const AUDIT_HOURS: Arg = option(label::HOURS, label::AUDIT_HOURS_ABOUT, ArgKind::Number(1, 87_600));
const DOCUMENT: Arg = required(name(label::DOCUMENT, label::DOCUMENT_ABOUT, Names::Document));
const TRANSLATES: Arg = name(label::TRANSLATES, label::TRANSLATES_ABOUT, Names::Document);
const FILE: Arg = option(label::FILE, label::FILE_ABOUT, ArgKind::File);
const RETIRE_REASON: Arg = required(option(label::REASON, label::RETIRE_REASON_ABOUT, ArgKind::Text));
const NUMBER: Arg = option(
    label::NUMBER,
    label::NUMBER_ABOUT,
    ArgKind::Number(1, 1_000_000_000),
);
const SHARE: Arg = flag(label::SHARE, label::SHARE_ABOUT);

const fn option(name: Label, about: Label, kind: ArgKind) -> Arg {
    Arg {
        name,
        about,
        kind,
        required: false,
    }
}

const fn flag(name: Label, about: Label) -> Arg {
    option(name, about, ArgKind::Flag)
}

const fn name(name: Label, about: Label, names: Names) -> Arg {
    option(name, about, ArgKind::Name(names))
}

const fn required(arg: Arg) -> Arg {
    Arg {
        required: true,
        ..arg
    }
}

const NODE_GROUP: Group = Group {
    name: label::NODE_GROUP,
    about: label::NODE_GROUP_ABOUT,
};
const TOP_GROUP: Group = Group {
    name: label::TOP_GROUP,
    about: label::TOP_GROUP_ABOUT,
};
const POD_GROUP: Group = Group {
    name: label::POD_GROUP,
    about: label::POD_GROUP_ABOUT,
};

const KB_GROUP: Group = Group {
    name: label::KB_GROUP,
    about: label::KB_GROUP_ABOUT,
};

/// A command about documents that are written in chat.
const fn document(
    labels: (Label, Label),
    needs: Role,
    args: &'static [Arg],
    parse: fn(&Filled) -> Result<Command, Refusal>,
) -> Spec {
    within(KB_GROUP, change(labels, needs, args, parse))
}

const fn check(
    (name, about): (Label, Label),
    check: &'static str,
    args: &'static [Arg],
    parse: fn(&Filled) -> Result<Command, Refusal>,
) -> Spec {
    Spec {
        group: None,
        name,
        about,
        check: Some(check),
        kind: Kind::Slash,
        needs: Role::Check(check),
        args,
        parse,
    }
}

const fn change(
    (name, about): (Label, Label),
    needs: Role,
    args: &'static [Arg],
    parse: fn(&Filled) -> Result<Command, Refusal>,
) -> Spec {
    Spec {
        group: None,
        name,
        about,
        check: None,
        kind: Kind::Slash,
        needs,
        args,
        parse,
    }
}

const fn within(group: Group, spec: Spec) -> Spec {
    Spec {
        group: Some(group),
        ..spec
    }
}

/// Every command, in the order `/help` shows them.
pub const COMMANDS: &[Spec] = &[
    Spec {
        group: None,
        name: label::ASK,
        about: label::ASK_ABOUT,
        check: None,
        kind: Kind::Slash,
        needs: Role::Asker,
        args: &[QUESTION, PRIVATE],
        parse: |filled| {
            ask(
                filled.text(label::QUESTION).unwrap_or_default(),
                filled.flag(label::PRIVATE),
            )
        },
    },
    Spec {
        group: None,
        name: label::PASTE,
        about: label::PASTE_ABOUT,
        check: None,
        kind: Kind::Slash,
        needs: Role::Asker,
        args: &[PRIVATE],
        parse: |filled| {
            Ok(Command::Compose {
                private: filled.flag(label::PRIVATE),
            })
        },
    },
    Spec {
        group: None,
        name: label::ASK_MENU,
        about: label::ASK_MENU_ABOUT,
        check: None,
        kind: Kind::MessageMenu,
        needs: Role::Asker,
        args: &[],
        parse: |filled| ask(filled.message.as_deref().unwrap_or_default(), false),
    },
    check(label::NODES_COMMAND, "nodes", &[CLUSTER], |filled| {
        filled.check(What::Nodes)
    }),
    within(
        NODE_GROUP,
        check(
            label::NODE_DESCRIBE_COMMAND,
            "node-describe",
            &[NODE, CLUSTER],
            |filled| {
                filled.check(What::NodeDescribe {
                    node: filled.required(label::NODE)?,
                })
            },
        ),
    ),
    within(
        NODE_GROUP,
        check(
            label::NODE_EVENTS_COMMAND,
            "node-events",
            &[NODE, CLUSTER],
            |filled| {
                filled.check(What::NodeEvents {
                    node: filled.required(label::NODE)?,
                })
            },
        ),
    ),
    within(
        TOP_GROUP,
        check(
            label::TOP_NODES_COMMAND,
            "top-nodes",
            &[SORT, CLUSTER],
            |filled| filled.check(What::TopNodes { sort: filled.sort() }),
        ),
    ),
    within(
        TOP_GROUP,
        check(
            label::TOP_PODS_COMMAND,
            "top-pods",
            &[NAMESPACE, SORT, CLUSTER],
            |filled| {
                filled.check(What::TopPods {
                    namespace: filled.name(label::NAMESPACE)?,
                    sort: filled.sort(),
                })
            },
        ),
    ),
    check(
        label::PODS_COMMAND,
        "pods",
        &[NAMESPACE, ON_NODE, SELECTOR, UNHEALTHY, CLUSTER],
        |filled| {
            filled.check(What::Pods(PodFilter {
                namespace: filled.name(label::NAMESPACE)?,
                node: filled.name(label::NODE)?,
                label: filled.selector()?,
                unhealthy: filled.flag(label::UNHEALTHY),
            }))
        },
    ),
    within(
        POD_GROUP,
        check(
            label::POD_DESCRIBE_COMMAND,
            "pod-describe",
            &[POD, CLUSTER],
            |filled| {
                filled.check(What::PodDescribe {
                    pod: filled.required(label::POD)?,
                })
            },
        ),
    ),
    within(
        POD_GROUP,
        check(
            label::POD_EVENTS_COMMAND,
            "pod-events",
            &[POD, CLUSTER],
            |filled| {
                filled.check(What::PodEvents {
                    pod: filled.required(label::POD)?,
                })
            },
        ),
    ),
    within(
        POD_GROUP,
        check(
            label::POD_LOGS_COMMAND,
            "pod-logs",
            &[
                POD,
                CONTAINER,
                PREVIOUS_LOG,
                SINCE,
                LINES,
                GREP,
                FOLLOW,
                SHARE,
                CLUSTER,
            ],
            |filled| filled.check(What::PodLogs(filled.logs()?)),
        ),
    ),
    check(
        label::WORKLOADS_COMMAND,
        "workloads",
        &[NAMESPACE, CLUSTER],
        |filled| {
            filled.check(What::Workloads {
                namespace: filled.name(label::NAMESPACE)?,
            })
        },
    ),
    check(
        label::ROLLOUT_COMMAND,
        "rollout",
        &[WORKLOAD, CLUSTER],
        |filled| {
            filled.check(What::Rollout {
                workload: filled.required(label::WORKLOAD)?,
            })
        },
    ),
    check(
        label::SERVICES_COMMAND,
        "services",
        &[NAMESPACE, CLUSTER],
        |filled| {
            filled.check(What::Services {
                namespace: filled.name(label::NAMESPACE)?,
            })
        },
    ),
    check(
        label::EVENTS_COMMAND,
        "events",
        &[NAMESPACE, ORDER, CLUSTER],
        |filled| {
            let frequent = filled.text(label::ORDER) == Some("frequent");
            filled.check(What::Events {
                namespace: filled.name(label::NAMESPACE)?,
                order: if frequent { Order::Frequent } else { Order::Newest },
            })
        },
    ),
    check(
        label::CHANGES_COMMAND,
        "changes",
        &[NAMESPACE, HOURS, CLUSTER],
        |filled| {
            let hours = filled.number(label::HOURS).unwrap_or(1).clamp(1, 24);
            filled.check(What::Changes {
                namespace: filled.name(label::NAMESPACE)?,
                hours: u8::try_from(hours).unwrap_or(1),
            })
        },
    ),
    check(label::STATUS_COMMAND, "status", &[], |filled| {
        filled.check(What::Status)
    }),
    within(
        NODE_GROUP,
        change(
            label::CORDON_COMMAND,
            Role::Request("cordon"),
            &[NODE, REASON, CLUSTER],
            |filled| {
                let node = filled.required(label::NODE)?;
                filled.request(Action::Cordon { node })
            },
        ),
    ),
    within(
        NODE_GROUP,
        change(
            label::UNCORDON_COMMAND,
            Role::Request("uncordon"),
            &[NODE, REASON, CLUSTER],
            |filled| {
                let node = filled.required(label::NODE)?;
                filled.request(Action::Uncordon { node })
            },
        ),
    ),
    change(
        label::REQUESTS_COMMAND,
        Role::Crew,
        &[ABOUT_NODE, PERSON, EVERYWHERE, CLUSTER],
        |filled| {
            Ok(Command::Change(Change::List(list::Requests {
                node: filled.name(label::NODE)?,
                cluster: filled.name(label::CLUSTER)?,
                person: filled.text(label::PERSON).map(str::to_owned),
                everywhere: filled.flag(label::EVERYWHERE),
            })))
        },
    ),
    change(
        label::AUDIT_COMMAND,
        Role::Crew,
        &[PERSON, ABOUT_NODE, AUDIT_HOURS, CLUSTER],
        |filled| {
            let hours = filled
                .number(label::HOURS)
                .and_then(|hours| hours.try_into().ok());
            Ok(Command::Change(Change::Audit(list::Audit {
                node: filled.name(label::NODE)?,
                cluster: filled.name(label::CLUSTER)?,
                person: filled.text(label::PERSON).map(str::to_owned),
                hours: hours.unwrap_or(24),
            })))
        },
    ),
    change(label::FREEZE_COMMAND, Role::Crew, &[FREEZE_REASON], |filled| {
        let reason = filled.text(label::REASON).unwrap_or_default().to_owned();
        Ok(Command::Change(Change::Freeze { reason }))
    }),
    change(label::UNFREEZE_COMMAND, Role::Approver, &[], |_| {
        Ok(Command::Change(Change::Unfreeze))
    }),
    document(
        label::KB_ADD_COMMAND,
        Role::Author,
        &[FILE, TRANSLATES],
        |filled| {
            let translates = filled.some_text(label::TRANSLATES);
            Ok(match filled.file(label::FILE) {
                Some(file) => wish(Wish::Attach {
                    of: Of::New(translates),
                    file,
                }),
                None => wish(Wish::Compose {
                    details: String::new(),
                    translates,
                }),
            })
        },
    ),
    document(
        label::KB_EDIT_COMMAND,
        Role::Author,
        &[DOCUMENT, FILE],
        |filled| {
            let document = filled.some_text(label::DOCUMENT).unwrap_or_default();
            Ok(wish(match filled.file(label::FILE) {
                Some(file) => Wish::Attach {
                    of: Of::Old(document),
                    file,
                },
                None => Wish::Edit { document },
            }))
        },
    ),
    document(
        label::KB_RETIRE_COMMAND,
        Role::Author,
        &[DOCUMENT, RETIRE_REASON],
        |filled| {
            Ok(wish(Wish::Retire {
                document: filled.some_text(label::DOCUMENT).unwrap_or_default(),
                reason: filled.some_text(label::REASON).unwrap_or_default(),
            }))
        },
    ),
    document(label::KB_SHOW_COMMAND, Role::Desk, &[DOCUMENT], |filled| {
        let document = filled.some_text(label::DOCUMENT).unwrap_or_default();
        Ok(wish(Wish::Show { document }))
    }),
    document(label::KB_PROPOSALS_COMMAND, Role::Desk, &[NUMBER], |filled| {
        let number = filled.number(label::NUMBER);
        Ok(wish(Wish::Proposals { number }))
    }),
    document(label::KB_GAPS_COMMAND, Role::Desk, &[], |_| Ok(Command::Gaps)),
    document(label::KB_REPORT_COMMAND, Role::Desk, &[], |_| Ok(Command::Report)),
    Spec {
        group: None,
        name: label::SAVE_MENU,
        about: label::SAVE_MENU_ABOUT,
        check: None,
        kind: Kind::MessageMenu,
        needs: Role::Author,
        args: &[],
        parse: |filled| {
            let details = filled.message.clone().unwrap_or_default();
            Ok(wish(Wish::Compose {
                details,
                translates: None,
            }))
        },
    },
    Spec {
        group: None,
        name: label::HELP,
        about: label::HELP_ABOUT,
        check: None,
        kind: Kind::Slash,
        needs: Role::Anyone,
        args: &[],
        parse: |_| Ok(Command::Help),
    },
];

fn wish(wish: Wish) -> Command {
    Command::Document(Box::new(wish))
}

/// The commands that there are with this configuration: checks only where there is a cluster to check.
pub fn available(config: &Config) -> impl Iterator<Item = &'static Spec> {
    let has_cluster = !config.clusters.is_empty();
    COMMANDS
        .iter()
        .filter(move |spec| has_cluster || spec.check == Some("status") || !spec.is_about_a_cluster())
}

impl Spec {
    /// Whether there must be a cluster for it to make sense.
    const fn is_about_a_cluster(&self) -> bool {
        matches!(
            self.needs,
            Role::Check(_) | Role::Request(_) | Role::Crew | Role::Approver
        )
    }

    /// Its name as it is typed, with the word it stands under.
    pub fn typed(&self, word: impl Fn(Label) -> &'static str) -> String {
        match self.group {
            Some(group) => format!("{} {}", word(group.name), word(self.name)),
            None => word(self.name).to_owned(),
        }
    }
}

/// The command of this name, and of this name within it.
pub fn spec_of(name: &str, part: Option<&str>) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| match (spec.group, part) {
        (Some(group), Some(part)) => group.name.en == name && spec.name.en == part,
        (None, None) => spec.name.en == name,
        _ => false,
    })
}

/// A question by message, menu, option or box.
///
/// # Errors
/// If there is no word in it, or too many.
pub fn ask(question: &str, private: bool) -> Result<Command, Refusal> {
    // White space that is also a control character, as a tab between columns, keeps words apart.
    let said = without_mentions(question);
    let spaced = said
        .chars()
        .map(|it| if it.is_whitespace() && it != '\n' { ' ' } else { it });
    let question: String = spaced
        .filter(|it| *it == '\n' || !crate::text::is_unseen(*it))
        .collect();
    let question = question.trim();
    if !question.chars().any(char::is_alphanumeric) {
        return Err(Refusal::EmptyQuestion);
    }
    if let Some(thanks) = answer::courtesy(question) {
        return Err(Refusal::Greeting {
            lang: Lang::of_text(question),
            thanks,
        });
    }
    if question.chars().count() > QUESTION_LIMIT {
        return Err(Refusal::LongQuestion);
    }
    Ok(Command::Ask {
        question: question.to_owned(),
        private,
        pasted: false,
    })
}

impl Command {
    /// Who may run it, by whatever way.
    pub const fn needs(&self) -> Role {
        match self {
            Self::Help => Role::Anyone,
            Self::Ask { .. }
            | Self::Compose { .. }
            | Self::Overhear { .. }
            | Self::Choose { .. }
            | Self::Related { .. }
            | Self::Full { .. }
            | Self::Turn { .. }
            | Self::Jump { .. }
            | Self::Fill(_)
            | Self::Vote(_) => Role::Asker,
            Self::Gaps | Self::Report => Role::Desk,
            Self::Check(check) => Role::Check(check.what.name()),
            Self::Change(change) => match change {
                Change::Request { action, .. } | Change::AskReason { action, .. } => {
                    Role::Request(action.name())
                }
                Change::List(_) | Change::Audit(_) | Change::Freeze { .. } => Role::Crew,
                Change::Unfreeze => Role::Approver,
                // Who may depends on the request, which is looked at first.
                Change::Undo { .. }
                | Change::AskUndo { .. }
                | Change::Approve { .. }
                | Change::AskRejection { .. }
                | Change::Reject { .. } => Role::Anyone,
            },
            Self::Document(wish) => match **wish {
                Wish::Compose { .. }
                | Wish::Edit { .. }
                | Wish::Attach { .. }
                | Wish::Read { .. }
                | Wish::Propose { .. }
                | Wish::Retire { .. } => Role::Author,
                Wish::Approve { .. } => Role::Reviewer,
                // Whoever wrote it may take it back.
                Wish::AskRejection { .. }
                | Wish::Reject { .. }
                | Wish::Show { .. }
                | Wish::Proposals { .. } => Role::Desk,
            },
        }
    }

    /// How its reply reaches the person.
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::Ask { private: false, .. } | Self::Compose { private: false } | Self::Overhear { .. } => {
                Delivery::Public
            }
            Self::Ask { private: true, .. }
            | Self::Compose { private: true }
            | Self::Help
            | Self::Related { .. }
            | Self::Full { .. }
            | Self::Fill(_)
            | Self::Vote(_)
            | Self::Gaps
            | Self::Report => Delivery::Private,
            Self::Choose { .. } | Self::Turn { .. } | Self::Jump { .. } => Delivery::InPlace,
            Self::Check(check) if check.what.is_private() => Delivery::Private,
            Self::Check(_) => Delivery::Public,
            Self::Change(change) => match change {
                Change::Freeze { .. } | Change::Unfreeze => Delivery::Public,
                Change::Approve { .. } | Change::Reject { .. } => Delivery::InPlace,
                _ => Delivery::Private,
            },
            Self::Document(wish) => match **wish {
                Wish::Approve { .. } | Wish::AskRejection { .. } | Wish::Reject { .. } => Delivery::InPlace,
                _ => Delivery::Private,
            },
        }
    }

    /// The id of the button, menu or box that runs this command. Only those that can be on one have it;
    /// a menu's id ends before the value that is chosen.
    pub fn control_id(&self) -> String {
        match self {
            Self::Choose {
                id,
                lang,
                asked: None,
            } => format!("choose:{id}:{}", code(*lang)),
            Self::Choose {
                id,
                lang,
                asked: Some(asked),
            } => format!("choose:{id}:{}:{asked:x}", code(*lang)),
            Self::Vote(voice) => voice.control_id(),
            Self::Related { id } => format!("related:{id}"),
            Self::Full { id, section } => format!("full:{id}:{section}"),
            Self::Turn { id, page } => format!("turn:{id}:{page}"),
            Self::Jump { id, .. } => format!("jump:{id}"),
            Self::Fill(fill) => fill.control_id(),
            Self::Compose { private } => format!("compose:{private}"),
            Self::Check(check) => check.control_id(),
            Self::Change(change) => change.control_id(),
            Self::Document(wish) => wish.control_id(),
            Self::Ask { .. } | Self::Overhear { .. } | Self::Help | Self::Gaps | Self::Report => {
                String::new()
            }
        }
    }

    /// The command of the button with this id, or of the menu with this id and what was chosen in it.
    ///
    /// # Errors
    /// If this version made no such id.
    pub fn from_control(id: &str, chosen: Option<&str>) -> Result<Self, Refusal> {
        if let (Some(check), None) = (Check::from_control(id), chosen) {
            return Ok(Self::Check(check));
        }
        if let (Some(change), None) = (Change::from_control(id), chosen) {
            return Ok(Self::Change(change));
        }
        if let (Some(template), Some(name)) = (id.strip_prefix(PICK), chosen) {
            return picked(template, name);
        }
        if let (Some(it), None) = (Wish::from_control(id), chosen) {
            return Ok(wish(it));
        }
        if let (Some(voice), None) = (Voice::from_control(id), chosen) {
            return Ok(Self::Vote(voice));
        }
        let parts: Vec<&str> = id.split(':').collect();
        let command = match (parts.as_slice(), chosen) {
            (["choose", id, lang], None) => Self::Choose {
                id: known_id(id)?,
                lang: lang_of(lang)?,
                asked: None,
            },
            (["choose", id, lang, asked], None) => Self::Choose {
                id: known_id(id)?,
                lang: lang_of(lang)?,
                asked: Some(i64::from_str_radix(asked, 16).map_err(|_| Refusal::UnknownControl)?),
            },
            (["related", id], None) => Self::Related { id: known_id(id)? },
            // Messages of earlier versions name no section.
            (["full", id], None) => Self::Full {
                id: known_id(id)?,
                section: 0,
            },
            (["full", id, section], None) => Self::Full {
                id: known_id(id)?,
                section: number(section)?,
            },
            (["turn", id, page], None) => Self::Turn {
                id: known_id(id)?,
                page: number(page)?,
            },
            (["jump", id], Some(section)) => Self::Jump {
                id: known_id(id)?,
                section: number(section)?,
            },
            (["fill", id, lang, section, names, within], Some(name)) => Self::Fill(Box::new(Fill {
                id: known_id(id)?,
                lang: lang_of(lang)?,
                section: number(section)?,
                names: names_of(names)?,
                within: name_of(within)?,
                name: name_of(name)?.ok_or(Refusal::UnknownControl)?,
            })),
            _ => return Err(Refusal::UnknownControl),
        };
        Ok(command)
    }

    /// The id of the menu whose choice takes the place of [`HOLE`] in this command.
    pub fn pick_id(&self) -> String {
        format!("{PICK}{}", self.control_id())
    }

    /// The command of the box with this id, and what was filled in: name and text of each field.
    ///
    /// # Errors
    /// If this version made no such box, or what was filled in is not what it asks for.
    pub fn from_box(id: &str, filled: &[(String, String)]) -> Result<Self, Refusal> {
        let text = filled.first().map_or("", |(_, text)| text);
        if let Some(voice) = Voice::from_box(id, filled) {
            return Ok(Self::Vote(voice));
        }
        if let Some(it) = Wish::from_box(id, filled) {
            return Ok(wish(it?));
        }
        if let Some(change) = Change::from_control(id).and_then(|change| change.answered(text)) {
            return Ok(Self::Change(change));
        }
        match id.split_once(':') {
            Some(("compose", private)) => match ask(text, private == "true")? {
                Command::Ask {
                    question, private, ..
                } => Ok(Self::Ask {
                    question,
                    private,
                    pasted: true,
                }),
                other => Ok(other),
            },
            _ => Err(Refusal::UnknownControl),
        }
    }
}

impl Filled {
    /// What is filled in of a text.
    pub fn text(&self, name: Label) -> Option<&str> {
        self.texts
            .iter()
            .find(|(key, _)| key == name.en)
            .map(|(_, text)| text.as_str())
    }

    fn some_text(&self, name: Label) -> Option<String> {
        let text = self.text(name).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn file(&self, name: Label) -> Option<Attached> {
        let mut files = self.files.iter();
        files
            .find(|(key, _)| key == name.en)
            .map(|(_, file)| file.clone())
    }

    fn flag(&self, name: Label) -> bool {
        self.flags.iter().any(|(key, value)| key == name.en && *value)
    }

    fn number(&self, name: Label) -> Option<i64> {
        let mut numbers = self.numbers.iter();
        numbers.find(|(key, _)| key == name.en).map(|(_, number)| *number)
    }

    /// A name of an object, if one is filled in. People type spaces and capitals; names have neither.
    fn name(&self, name: Label) -> Result<Option<String>, Refusal> {
        let text = self.text(name).map(|text| text.trim().to_lowercase());
        match text.filter(|text| !text.is_empty()) {
            Some(text) if check::is_name(&text) => Ok(Some(text)),
            Some(name) => Err(Refusal::BadName { name }),
            None => Ok(None),
        }
    }

    fn required(&self, name: Label) -> Result<String, Refusal> {
        let bad = || Refusal::BadName { name: String::new() };
        self.name(name)?.ok_or_else(bad)
    }

    fn sort(&self) -> Sort {
        match self.text(label::SORT) {
            Some("memory") => Sort::Memory,
            _ => Sort::Cpu,
        }
    }

    fn selector(&self) -> Result<Option<String>, Refusal> {
        let text = self.text(label::SELECTOR).map(str::trim);
        match text.filter(|text| !text.is_empty()) {
            Some(text) if check::is_selector(text) => Ok(Some(text.to_owned())),
            Some(text) => Err(Refusal::BadSelector {
                selector: text.to_owned(),
            }),
            None => Ok(None),
        }
    }

    fn logs(&self) -> Result<Logs, Refusal> {
        let whole = |label| self.number(label).and_then(|number| u32::try_from(number).ok());
        let grep = self.text(label::GREP).map(str::trim);
        Ok(Logs {
            pod: self.required(label::POD)?,
            container: self.name(label::CONTAINER)?,
            previous: self.flag(label::PREVIOUS_LOG),
            since: whole(label::SINCE),
            lines: whole(label::LINES).unwrap_or(LOG_LINES).clamp(1, LOG_LINES_MOST),
            grep: grep.filter(|text| !text.is_empty()).map(str::to_owned),
            follow: if self.flag(label::FOLLOW) {
                check::FOLLOWS
            } else {
                0
            },
            share: self.flag(label::SHARE),
        })
    }

    fn request(&self, action: Action) -> Result<Command, Refusal> {
        Ok(Command::Change(Change::Request {
            action,
            cluster: self.name(label::CLUSTER)?,
            reason: self.text(label::REASON).unwrap_or_default().to_owned(),
        }))
    }

    fn check(&self, what: What) -> Result<Command, Refusal> {
        let cluster = self.name(label::CLUSTER)?;
        Ok(Command::Check(Check { what, cluster }))
    }
}

impl Fill {
    fn control_id(&self) -> String {
        let names = FILLED.iter().find(|(_, names)| *names == self.names);
        format!(
            "fill:{}:{}:{}:{}:{}",
            self.id,
            code(self.lang),
            self.section,
            names.map_or("", |(word, _)| word),
            self.within.as_deref().unwrap_or_default()
        )
    }
}

/// What begins the id of a menu whose choice fills in the command behind it.
const PICK: &str = "pick:";

/// What can be chosen for a placeholder.
const FILLED: [(&str, Names); 5] = [
    ("node", Names::Node),
    ("namespace", Names::Namespace),
    ("pod", Names::Pod),
    ("workload", Names::Workload),
    ("service", Names::Service),
];

/// The command with this id, on what was chosen.
fn picked(template: &str, name: &str) -> Result<Command, Refusal> {
    let is_template = template.contains(HOLE) && !name.contains(HOLE) && check::is_name(name);
    match is_template {
        true => Command::from_control(&template.replacen(HOLE, name, 1), None),
        false => Err(Refusal::UnknownControl),
    }
}

fn names_of(word: &str) -> Result<Names, Refusal> {
    let found = FILLED.iter().find(|(name, _)| *name == word);
    found.map(|(_, names)| *names).ok_or(Refusal::UnknownControl)
}

fn name_of(part: &str) -> Result<Option<String>, Refusal> {
    match part {
        "" => Ok(None),
        name if check::is_name(name) => Ok(Some(name.to_owned())),
        _ => Err(Refusal::UnknownControl),
    }
}

fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

fn lang_of(code: &str) -> Result<Lang, Refusal> {
    match code {
        "en" => Ok(Lang::En),
        "zh" => Ok(Lang::Zh),
        _ => Err(Refusal::UnknownControl),
    }
}

fn known_id(id: &str) -> Result<String, Refusal> {
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        Ok(id.to_owned())
    } else {
        Err(Refusal::UnknownControl)
    }
}

fn number(text: &str) -> Result<usize, Refusal> {
    text.parse().map_err(|_| Refusal::UnknownControl)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    const ID: &str = "0123456789abcdef";

    #[test]
    fn a_control_carries_its_command_whole() {
        let id = || ID.to_owned();
        let commands = [
            Command::Choose {
                id: id(),
                lang: Lang::Zh,
                asked: None,
            },
            Command::Choose {
                id: id(),
                lang: Lang::En,
                asked: Some(i64::MAX),
            },
            Command::Related { id: id() },
            Command::Full { id: id(), section: 2 },
            Command::Turn { id: id(), page: 12 },
        ];
        for command in commands {
            let control = command.control_id();
            assert!(control.len() <= limits::CUSTOM_ID);
            assert_eq!(Command::from_control(&control, None), Ok(command));
        }
        let jump = Command::Jump { id: id(), section: 3 };
        assert_eq!(Command::from_control(&jump.control_id(), Some("3")), Ok(jump));
    }

    #[test]
    fn what_is_chosen_takes_the_place_of_the_placeholder() {
        let node = |node: &str| {
            Command::Check(Check::new(
                What::NodeEvents {
                    node: node.to_owned(),
                },
                Some("prod"),
            ))
        };
        let menu = node(HOLE).pick_id();
        assert_eq!(Command::from_control(&menu, Some("node-3")), Ok(node("node-3")));
        let cordon = |node: &str| {
            Command::Change(Change::AskReason {
                action: Action::Cordon {
                    node: node.to_owned(),
                },
                cluster: None,
            })
        };
        let chosen = Command::from_control(&cordon(HOLE).pick_id(), Some("node-3"));
        assert_eq!(chosen, Ok(cordon("node-3")));
        for (id, name) in [
            (menu.as_str(), "../x"),
            (&menu, HOLE),
            ("pick:check:nodes::", "x"),
            ("pick:full:1", "x"),
        ] {
            assert_eq!(
                Command::from_control(id, Some(name)),
                Err(Refusal::UnknownControl),
                "{id} {name}"
            );
        }
        let fill = Command::Fill(Box::new(Fill {
            id: ID.to_owned(),
            lang: Lang::Zh,
            section: 2,
            names: Names::Pod,
            within: Some("kube-system".to_owned()),
            name: "kube-system/dns-1".to_owned(),
        }));
        assert_eq!(
            Command::from_control(&fill.control_id(), Some("kube-system/dns-1")),
            Ok(fill)
        );
    }

    #[test]
    fn a_forged_control_is_refused() {
        for id in [
            "",
            "full",
            "full:../../etc",
            "turn:0123456789abcdef:-1",
            "choose:0123456789abcdef:fr",
            "drop:table",
        ] {
            assert_eq!(
                Command::from_control(id, None),
                Err(Refusal::UnknownControl),
                "{id}"
            );
        }
        let filled = [("question".to_owned(), "why".to_owned())];
        assert_eq!(Command::from_box("full:1", &filled), Err(Refusal::UnknownControl));
    }

    #[test]
    fn a_question_needs_a_word() {
        for text in ["", "  ", "😀🎉", "？？", "\u{202e}\u{200b}"] {
            assert_eq!(ask(text, false), Err(Refusal::EmptyQuestion), "{text:?}");
        }
        assert_eq!(
            ask(&"长".repeat(QUESTION_LIMIT + 1), false),
            Err(Refusal::LongQuestion)
        );
        assert!(ask(&"长".repeat(QUESTION_LIMIT), false).is_ok());
        for text in ["Hi!", "hello, First Mate", "大副，在吗？", "謝謝", "HELP"] {
            let (lang, thanks) = (Lang::of_text(text), text == "謝謝");
            assert_eq!(
                ask(text, false),
                Err(Refusal::Greeting { lang, thanks }),
                "{text}"
            );
        }
        for text in ["大副", "help, node-3 is down", "hi, my Pod is Pending", "bot"] {
            assert!(ask(text, false).is_ok(), "{text}");
        }
        let columns = ask("NAME\tREADY\r\nweb-1\t0/1", false);
        let question = "NAME READY \nweb-1 0/1".to_owned();
        assert_eq!(
            columns,
            Ok(Command::Ask {
                question,
                private: false,
                pasted: false
            })
        );
        let question = "why?\nOOMKilled".to_owned();
        assert_eq!(
            ask("\u{202e}why?\nOOM\u{7}Killed ", true),
            Ok(Command::Ask {
                question,
                private: true,
                pasted: false
            })
        );
    }

    #[test]
    fn names_and_descriptions_fit_what_discord_takes() {
        for spec in COMMANDS {
            for name in [spec.name.en, spec.name.zh, spec.name.tw] {
                assert!((1..=32).contains(&name.chars().count()), "{name}");
                let is_typed = name
                    .chars()
                    .all(|character| character.is_alphanumeric() && !character.is_uppercase());
                assert!(spec.kind == Kind::MessageMenu || is_typed, "{name}");
            }
            let options = spec
                .args
                .iter()
                .flat_map(|arg| [arg.about.en, arg.about.zh, arg.about.tw]);
            for about in [spec.about.en, spec.about.zh, spec.about.tw]
                .into_iter()
                .chain(options)
            {
                assert!((1..=100).contains(&about.chars().count()), "{about}");
            }
        }
    }
}
