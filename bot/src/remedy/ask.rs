//! Opens a request: who asks may, the API server says so too, the plan is read, and all of it is kept before any card
//! is shown.

use firstmate_kb::Lang;

use super::action::Action;
use super::approval::{Person, Place, Request, State};
use super::crash::{self, Point};
use super::no::No;
use super::plan::Plan;
use super::who::{self, Candidate, Rule};
use super::{Key, find, reason_of};
use crate::app::App;
use crate::caller::Caller;
use crate::check;
use crate::clock::Millis;
use crate::cluster::changes::{self, Subject};
use crate::cluster::request::Right;
use crate::cluster::{Cluster, NotRead, Who};
use crate::handle::Failure;
use crate::reply::Reply;
use crate::store::Find;
use crate::text::change as say;

/// How long reading a plan may take: a person waits for it.
pub(super) const PATIENCE: Millis = 8_000;

/// Opens a request for an action and has its card posted where the person is.
pub(super) async fn open(
    app: &App,
    caller: &Caller,
    lang: Lang,
    (action, cluster): (Action, Option<&str>),
    reason: &str,
    undoes: Option<i64>,
) -> Result<Reply, Failure> {
    let reason = reason_of(reason)?;
    let (guild, cluster, requester) = may_ask(app, caller, &action, cluster).await?;
    let plan = planned(app, cluster, &requester, action).await?;
    if plan.is_done() {
        return Err(No::AlreadySo { action: plan.action }.into());
    }
    let rule = Rule::of(&app.config, &plan.action, &cluster.name);
    must_be_possible(app, cluster, &rule, &requester, &plan.action).await?;
    let now = app.clock.now();
    let card = Place {
        guild,
        channel: caller.place.channel,
        message: 0,
        chinese: app.language_of(&caller.place) == Lang::Zh,
    };
    let request = Request {
        id: 0,
        version: 0,
        state: State::Pending,
        digest: plan.digest(),
        plan,
        requester,
        reason,
        needed: rule.needed(),
        self_approval: rule.self_approval(),
        approvals: Vec::new(),
        rejection: None,
        created_at: now,
        expires_at: now + app.config.changes.expires,
        decided_at: None,
        card,
        undoes,
        undone_by: None,
        moved: None,
        call: None,
        outcome: None,
    };
    let created = app.store.create(request, now).await?;
    crash::at(Point::RequestKept);
    let request = created.map_err(|other| No::AlreadyWaiting(Box::new(other)))?;
    app.sweep.look_again();
    posted(app, lang, request.id).await
}

/// Where the request belongs and who makes it: all that can be said against it before the cluster is read.
pub(super) async fn may_ask<'a>(
    app: &'a App,
    caller: &Caller,
    action: &Action,
    cluster: Option<&str>,
) -> Result<(u64, &'a Cluster, Person), Failure> {
    let guild = caller.place.guild.ok_or(No::OnlyInServer)?;
    let cluster = check::cluster_of(app, caller, cluster)?;
    let requester = who::requester(app, caller, action, &cluster.name)?;
    match app.store.freeze().await? {
        Some(freeze) => Err(No::Frozen(Box::new(freeze)).into()),
        None => Ok((guild, cluster, requester)),
    }
}

/// The action that takes back what a request did, and its cluster.
async fn inverse(app: &App, key: Key) -> Result<(Action, String), Failure> {
    let request = find(app, key).await?;
    let last = Find {
        cluster: Some(request.plan.cluster.clone()),
        object: Some(request.action().object()),
        states: vec![State::Done],
        limit: 1,
        ..Find::default()
    };
    let last = app.store.find(&last).await?;
    // What came after it was done to what it left, and is what can be taken back.
    let is_last = last.first().is_some_and(|last| last.id == request.id);
    if !is_last || request.undone_by.is_some() {
        return Err(No::NothingToUndo.into());
    }
    Ok((request.action().inverse(), request.plan.cluster))
}

/// Whether the person may ask for a request to be taken back.
pub(super) async fn may_undo(app: &App, caller: &Caller, key: Key) -> Result<(), Failure> {
    let (inverse, cluster) = inverse(app, key).await?;
    may_ask(app, caller, &inverse, Some(&cluster)).await.map(drop)
}

/// Opens the request that takes back what another did.
pub(super) async fn undo(
    app: &App,
    caller: &Caller,
    lang: Lang,
    key: Key,
    reason: &str,
) -> Result<Reply, Failure> {
    let (inverse, cluster) = inverse(app, key).await?;
    open(app, caller, lang, (inverse, Some(&cluster)), reason, Some(key.id)).await
}

/// Has the card posted, and tells the person how that went.
async fn posted(app: &App, lang: Lang, id: i64) -> Result<Reply, Failure> {
    app.cards.shown(id, &app.work).await;
    let request = app.store.request(id).await?.ok_or(No::Gone { id })?;
    if request.state == State::Refused {
        return Err(No::NotPosted { id }.into());
    }
    Ok(Reply::private(say::requested(lang, &request)))
}

/// The plan as it is now, read as `person`.
pub(super) async fn planned(
    app: &App,
    cluster: &Cluster,
    person: &Person,
    action: Action,
) -> Result<Plan, NotRead> {
    let who = as_who(person);
    let reader = check::reader(app, cluster, &who, PATIENCE);
    let node = reader.find_node(action.node()).await?;
    let action = action.on(node);
    Ok(changes::plan(&reader, &action).await?.plan)
}

/// A person as the cluster knows them.
pub(super) fn as_who(person: &Person) -> Who {
    Who::Person {
        user: person.user.clone(),
        groups: person.groups.clone(),
    }
}

/// Asks the API server whether the requester and as many approvers as are needed may do it: nobody is asked to
/// approve what would be forbidden.
async fn must_be_possible(
    app: &App,
    cluster: &Cluster,
    rule: &Rule<'_>,
    requester: &Person,
    action: &Action,
) -> Result<(), Failure> {
    must_hold(app, cluster, requester, action).await?;
    let needed = rule.needed();
    let (mut may, mut lacks) = (0, None);
    for candidate in who::candidates(&app.config, rule, requester) {
        match allowed(app, cluster, &candidate, action).await? {
            // How many members a role has is not known; one group that may is taken for enough.
            Ok(()) if matches!(candidate, Candidate::Groups { .. }) => may += needed,
            Ok(()) => may += 1,
            Err(right) => lacks = Some(right),
        }
        if may >= needed {
            return Ok(());
        }
    }
    let right = lacks;
    Err(No::TooFewApprovers { needed, may, right }.into())
}

/// Asks the API server whether a person may do it.
pub(super) async fn must_hold(
    app: &App,
    cluster: &Cluster,
    person: &Person,
    action: &Action,
) -> Result<(), Failure> {
    let subject = Subject {
        user: Some(&person.user),
        groups: &person.groups,
    };
    let may = changes::may(cluster, &app.clock, &subject, action).await?;
    may.map_err(|right| {
        let user = person.user.clone();
        No::Lacks { user, right }.into()
    })
}

async fn allowed(
    app: &App,
    cluster: &Cluster,
    candidate: &Candidate,
    action: &Action,
) -> Result<Result<(), Right>, NotRead> {
    let subject = match candidate {
        Candidate::User { user } => Subject {
            user: Some(user),
            groups: &[],
        },
        Candidate::Groups { groups } => Subject { user: None, groups },
    };
    changes::may(cluster, &app.clock, &subject, action).await
}
