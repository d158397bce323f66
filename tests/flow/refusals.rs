//! Every way to be refused has its sentence in both languages, and a transcript or a test that shows it.

use std::collections::BTreeSet;

use firstmate::cluster::{NotRead, Why, request as rights};
use firstmate::command::Refusal;
use firstmate::config::Policy;
use firstmate::handle::{Failure, refusal};
use firstmate::remedy::action::Action;
use firstmate::remedy::approval::Freeze;
use firstmate::remedy::{Change, No};

use super::*;

/// Where each refusal is seen: a transcript with its sentence, or a test by its name.
const SHOWN: &[(&str, &str, &str)] = &[
    (
        "EmptyQuestion",
        "tests/chats/empty-questions.chat",
        "There is no question",
    ),
    (
        "Greeting",
        "tests/chats/empty-questions.chat",
        "Hello. Write what fails",
    ),
    (
        "LongQuestion",
        "tests/flow/refusals.rs",
        "fn what_is_too_long_is_refused",
    ),
    (
        "QuestionGone",
        "tests/live.rs",
        "That question is no longer in the documents.",
    ),
    (
        "UnknownControl",
        "bot/src/command.rs",
        "fn a_forged_control_is_refused",
    ),
    (
        "NotAllowed",
        "tests/chats/roles.chat",
        "你在本服务器的身份组无权执行此操作",
    ),
    (
        "CheckNotAllowed",
        "tests/chats/checks-are-for-those-who-may.chat",
        "You may not run the check",
    ),
    (
        "NoCluster",
        "tests/flow/refusals.rs",
        "fn a_button_that_outlived_its_cluster_says_so",
    ),
    ("UnknownCluster", "tests/clusters.rs", "There is no cluster `"),
    (
        "NotMapped",
        "tests/flow/refusals.rs",
        "fn who_has_no_user_reads_and_changes_nothing",
    ),
    ("BadName", "tests/chats/nodes.chat", "不是合法的对象名"),
    ("BadSelector", "tests/chats/pods.chat", "is not a label selector"),
    ("Change", "tests/flow/refusals.rs", "fn every_no_is_shown"),
    (
        "Document",
        "tests/chats/documents-refused.chat",
        "There is no such proposal.",
    ),
    (
        "OnlyInServer",
        "tests/chats/requests-refused.chat",
        "Ask for changes in a channel of the server",
    ),
    (
        "MayNotRequest",
        "tests/chats/requests-refused.chat",
        "You may not ask to",
    ),
    (
        "MayNotApprove",
        "tests/chats/cordon.chat",
        "You may not decide a request",
    ),
    (
        "NoUser",
        "tests/flow/refusals.rs",
        "fn who_has_no_user_reads_and_changes_nothing",
    ),
    (
        "NobodyMapped",
        "tests/flow/refusals.rs",
        "fn where_nobody_is_mapped_changes_are_off",
    ),
    (
        "NoReason",
        "tests/chats/requests-refused.chat",
        "A reason is needed",
    ),
    (
        "LongReason",
        "tests/flow/refusals.rs",
        "fn what_is_too_long_is_refused",
    ),
    ("AlreadySo", "tests/chats/cordon.chat", "There is nothing to do."),
    (
        "AlreadyWaiting",
        "tests/chats/cordon.chat",
        "for the same is waiting already",
    ),
    (
        "Lacks",
        "tests/chats/requests-refused.chat",
        "集群不允许 Kubernetes 用户",
    ),
    (
        "TooFewApprovers",
        "tests/chats/requests-refused.chat",
        "Nobody is asked to approve what cannot be done",
    ),
    (
        "NotRead",
        "tests/chats/requests-refused.chat",
        "What the change depends on could not be read",
    ),
    (
        "NotPosted",
        "tests/flow/refusals.rs",
        "fn a_card_that_may_not_be_posted_is_refused",
    ),
    (
        "Gone",
        "tests/flow/refusals.rs",
        "fn a_request_that_was_forgotten_is_gone",
    ),
    ("Decided", "tests/chats/cordon.chat", "你的点击未生效"),
    (
        "Expired",
        "tests/chats/requests-end.chat",
        "过期。没有执行任何操作，如仍需要请重新申请。",
    ),
    (
        "Stricter",
        "tests/flow/refusals.rs",
        "fn rules_that_became_stricter_hold_for_what_waits",
    ),
    (
        "OwnRequest",
        "tests/chats/refused-changes.chat",
        "这是你自己的申请",
    ),
    ("Twice", "tests/chats/two-approvers.chat", "你已经批准过"),
    (
        "OtherPlan",
        "tests/flow/refusals.rs",
        "fn a_card_that_is_older_than_its_row_is_refused",
    ),
    (
        "Moved",
        "tests/flow/refusals.rs",
        "fn a_card_that_is_older_than_its_row_is_refused",
    ),
    (
        "Frozen",
        "tests/chats/refused-changes.chat",
        "变更已冻结（封网），没有执行任何操作",
    ),
    (
        "AlreadyFrozen",
        "tests/chats/refused-changes.chat",
        "Changes are frozen, nothing was done.",
    ),
    ("NotFrozen", "tests/chats/refused-changes.chat", "变更没有冻结"),
    ("SamePerson", "tests/chats/refused-changes.chat", "冻结是你发起的"),
    (
        "MayNotFreeze",
        "tests/flow/refusals.rs",
        "fn who_is_no_crew_freezes_nothing",
    ),
    (
        "NothingToUndo",
        "tests/chats/cordon.chat",
        "There is nothing to take back",
    ),
    ("NoPerson", "tests/chats/requests-end.chat", "配置里没有"),
    ("Store", "tests/flow/faults.rs", "变更申请的存储暂时无法读写"),
    ("InDoubt", "tests/flow/faults.rs", "目前还不知道结果"),
];

fn cordon() -> Action {
    Action::Cordon {
        node: NODE.to_owned(),
    }
}

/// One of each.
fn every_no(request: &Request) -> Vec<No> {
    let request = || Box::new(request.clone());
    let freeze = || {
        Box::new(Freeze {
            by: request().requester,
            at: 0,
            reason: "x".to_owned(),
        })
    };
    let not_read = NotRead {
        right: rights::PATCH_NODE,
        namespace: String::new(),
        name: NODE.to_owned(),
        why: Why::NotFound,
    };
    vec![
        No::OnlyInServer,
        No::MayNotRequest { action: cordon() },
        No::MayNotApprove { action: cordon() },
        No::NoUser,
        No::NobodyMapped,
        No::NoReason,
        No::LongReason,
        No::AlreadySo { action: cordon() },
        No::AlreadyWaiting(request()),
        No::Lacks {
            user: "lin".to_owned(),
            right: rights::PATCH_NODE,
        },
        No::TooFewApprovers {
            needed: 2,
            may: 1,
            right: None,
        },
        No::NotRead(Box::new(not_read)),
        No::NotPosted { id: 1 },
        No::Gone { id: 1 },
        No::Decided(request()),
        No::Expired(request()),
        No::Stricter { needed: 2 },
        No::OwnRequest,
        No::Twice,
        No::OtherPlan,
        No::Moved,
        No::Frozen(freeze()),
        No::AlreadyFrozen(freeze()),
        No::NotFrozen,
        No::SamePerson(freeze()),
        No::MayNotFreeze,
        No::NothingToUndo,
        No::NoPerson { name: "x".to_owned() },
        No::Store,
        No::InDoubt,
    ]
}

fn every_refusal(request: &Request) -> Vec<Refusal> {
    let mut all = vec![
        Refusal::EmptyQuestion,
        Refusal::Greeting {
            lang: None,
            thanks: false,
        },
        Refusal::LongQuestion,
        Refusal::QuestionGone,
        Refusal::UnknownControl,
        Refusal::NotAllowed,
        Refusal::CheckNotAllowed { check: "nodes" },
        Refusal::NoCluster,
        Refusal::UnknownCluster {
            name: "x".to_owned(),
            known: Vec::new(),
        },
        Refusal::NotMapped,
        Refusal::BadName { name: "x".to_owned() },
        Refusal::BadSelector {
            selector: "x".to_owned(),
        },
        Refusal::Document(Box::new(firstmate::documents::no::No::NoProposal)),
    ];
    all.extend(
        every_no(request)
            .into_iter()
            .map(|no| Refusal::Change(Box::new(no))),
    );
    all
}

/// The variants of an enum, by its source.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(crate::root().join(file)).unwrap();
    let begin = text.find(&format!("pub enum {name} {{")).unwrap();
    let body = text[begin..].split("\n}").next().unwrap();
    let names = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = names.filter(|line| line.starts_with(|it: char| it.is_ascii_uppercase()));
    names.map(first_word).collect()
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|it| it.is_alphanumeric()).collect()
}

/// A name as the enums have it: of a change, the `No` in it.
fn name(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Change(no) => first_word(&format!("{no:?}")),
        other => first_word(&format!("{other:?}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_no_is_shown() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    let request = flow.request(id).await;
    let all = every_refusal(&request);
    let mut named: BTreeSet<String> = all.iter().map(name).collect();
    named.insert("Change".to_owned());
    let mut expected = variants("bot/src/command.rs", "Refusal");
    expected.extend(variants("bot/src/remedy/no.rs", "No"));
    assert_eq!(named, expected, "one of each is told below");
    let shown: BTreeSet<String> = SHOWN.iter().map(|(name, _, _)| (*name).to_owned()).collect();
    assert_eq!(shown, expected, "one of each is shown somewhere");
    for refused in &all {
        let (en, zh) = (refusal(Lang::En, refused), refusal(Lang::Zh, refused));
        let is_chinese = |text: &str| text.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it));
        assert!(en.len() > 15 && !is_chinese(&en), "{refused:?}: {en}");
        assert!(is_chinese(&zh), "{refused:?}: {zh}");
        let (_, file, words) = SHOWN.iter().find(|(it, _, _)| *it == name(refused)).unwrap();
        let text = std::fs::read_to_string(crate::root().join(file)).unwrap();
        assert!(text.contains(words), "{file} has no {words}");
        let is_told = en.contains(words) || zh.contains(words);
        assert!(
            words.starts_with("fn ") || is_told,
            "{refused:?} does not say {words}"
        );
    }
    flow.close().await;
}

#[test]
fn what_is_too_long_is_refused() {
    let long = |count| "字".repeat(count);
    let limit = firstmate::remedy::REASON_LIMIT;
    assert_eq!(
        firstmate::remedy::reason_of(&long(limit + 1)),
        Err(No::LongReason)
    );
    assert!(firstmate::remedy::reason_of(&long(limit)).is_ok());
    let limit = firstmate::command::QUESTION_LIMIT;
    assert_eq!(
        firstmate::command::ask(&long(limit + 1), false),
        Err(Refusal::LongQuestion)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_user_reads_and_changes_nothing() {
    let mut flow = Flow::new("").await;
    flow.stage.stop_bot().await.unwrap();
    flow.stage.configure(|config| drop(config.people.remove("olga")));
    flow.stage.start_bot().await.unwrap();
    let said = flow.play("olga: /node cordon node:node-3 reason:\"x\"").await;
    assert!(
        said.contains("You have no Kubernetes user of your own here"),
        "{said}"
    );
    let said = flow.play("olga: /node describe node:node-3").await;
    assert!(said.contains("You have no Kubernetes user here"), "{said}");
    assert_eq!(flow.writes(), 0);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_mapped_changes_are_off() {
    let mut flow = Flow::new("").await;
    flow.stage.stop_bot().await.unwrap();
    flow.stage.configure(|config| config.people.clear());
    flow.stage.start_bot().await.unwrap();
    let said = flow.play("olga: /node cordon node:node-3 reason:\"x\"").await;
    assert!(said.contains("Changes are off here: nobody is mapped"), "{said}");
    assert_eq!(flow.writes(), 0);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_may_not_be_posted_is_refused() {
    let mut flow = Flow::new("").await;
    flow.stage
        .discord
        .permit("ops", "Send Messages", false)
        .await
        .unwrap();
    let said = flow.play("olga: /node cordon node:node-3 reason:\"x\"").await;
    assert!(
        said.contains("Request 1 is refused: I may not post its card"),
        "{said}"
    );
    assert_eq!(flow.state(1).await, State::Refused);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_forgotten_is_gone() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.approve("ming", id).await;
    flow.is_true().await;
    flow.store.prune(u64::MAX >> 1).await.unwrap();
    let said = flow.play("wei: click \"Approve\"").await;
    assert!(said.contains("变更申请 1 已不存在"), "{said}");
    assert_eq!(flow.writes(), 1);
    crate::harness::close(flow.stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_older_than_its_row_is_refused() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    let old = cards::button(&flow.stage.discord, "wei", id, "approve").unwrap();
    flow.cordon("node-2", true);
    let said = flow.play("ming: click \"Approve\"").await;
    assert!(said.contains("卡片发布之后集群状态有变化"), "{said}");
    let before = flow.stage.discord.journal_since(0).len();
    flow.stage.discord.component(old).await.unwrap();
    flow.rest().await;
    let seen = flow.stage.discord.messages_seen_by("wei").unwrap();
    let told = seen
        .iter()
        .any(|it| it.to_string().contains("卡片在你看到之后已更新"));
    assert!(told, "{:?}", flow.stage.discord.journal_since(before));
    assert_eq!((flow.state(id).await, flow.writes()), (State::Pending, 0));
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_outlived_its_cluster_says_so() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.stage.stop_bot().await.unwrap();
    flow.stage.configure(|config| config.clusters.clear());
    flow.stage.start_bot().await.unwrap();
    let said = flow.play("olga: click \"Describe node-3\"").await;
    assert!(said.contains("No cluster is configured."), "{said}");
    let said = flow.play("ming: click \"Approve\"").await;
    assert!(said.contains("还没有配置集群"), "{said}");
    assert_eq!((flow.state(id).await, flow.writes()), (State::Pending, 0));
    flow.close().await;
}

/// The command is for the crew, and so is what is behind it.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_crew_freezes_nothing() {
    let flow = Flow::new("").await;
    let app = flow.stage.app().unwrap();
    let lin = caller(app, "lin", Vec::new());
    let freeze = Change::Freeze {
        reason: "x".to_owned(),
    };
    for change in [freeze, Change::Unfreeze] {
        let said = firstmate::remedy::run(app, &lin, Lang::En, change).await;
        let is_no = matches!(&said, Err(Failure::Refused(Refusal::Change(no))) if **no == No::MayNotFreeze);
        assert!(is_no, "{said:?}");
    }
    assert_eq!(flow.store.freeze().await.unwrap(), None);
    flow.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_became_stricter_hold_for_what_waits() {
    let mut flow = Flow::new("").await;
    let id = flow.ask().await;
    flow.stage.stop_bot().await.unwrap();
    flow.stage.configure(|config| {
        let two = Policy {
            approvals: 2,
            ..Policy::default()
        };
        config.policies.insert("two".to_owned(), two);
    });
    flow.stage.start_bot().await.unwrap();
    let said = flow.play("ming: click \"Approve\"").await;
    assert!(said.contains("现在需要 2 人批准"), "{said}");
    let request = flow.newest().await;
    assert_eq!((request.id, request.state), (id, State::Pending));
    assert!(request.approvals.is_empty());
    flow.close().await;
}
