//! Takes the clicks on a card: who clicks may, the API server says so too, and the plan is still the one shown.

use super::DIGEST_SHOWN;
use super::approval::{Event, Outcome, Person, Request, State};
use super::crash::{self, Point};
use super::no::No;
use super::who::Rule;
use super::{Key, ask, execute, find, reason_of, who};
use crate::app::App;
use crate::caller::Caller;
use crate::cluster::Cluster;
use crate::command::Refusal;
use crate::handle::Failure;
use crate::metrics::Stage;
use crate::reply::Reply;
use crate::store::Turned;
use crate::work::Stopwatch;

/// Somebody pressed Approve on the card of a request that showed the plan whose digest begins with `digest`.
pub(super) async fn approve(
    app: &App,
    caller: &Caller,
    key: Key,
    digest: &str,
) -> Result<Option<Reply>, Failure> {
    let begun = Stopwatch::start();
    let request = find(app, key).await?;
    let by = who::approver(app, caller, &request);
    let decided = match by {
        Ok(by) => approved(app, &request, &by, digest, begun).await,
        Err(no) => Err(no.into()),
    };
    noted(app, caller, &request, decided).await
}

async fn approved(
    app: &App,
    request: &Request,
    by: &Person,
    shown: &str,
    begun: Stopwatch,
) -> Result<Option<Reply>, Failure> {
    if !request.digest.starts_with(shown) || shown.len() < DIGEST_SHOWN {
        // The card that was clicked is older than the row; whoever clicks it again sees the new one.
        app.cards.show(request.id, &app.work);
        return Err(No::OtherPlan.into());
    }
    must_not_be_stricter(app, request)?;
    let frozen = app.store.freeze().await?;
    let now = app.clock.now();
    let event = |digest: String| Event::Approve {
        by: by.clone(),
        digest,
    };
    // Whatever is refused without the cluster is refused before it is read.
    let early = request.after(&event(request.digest.clone()), frozen.as_ref(), now);
    early.map_err(|refused| No::of(refused, request.clone()))?;
    let cluster = cluster_of(app, request)?;
    app.metrics.own_share(Stage::FirstCall, begun.age());
    ask::must_hold(app, cluster, by, request.action()).await?;
    let plan = ask::planned(app, cluster, by, request.action().clone()).await?;
    let digest = plan.digest();
    if digest != request.digest {
        let by = by.clone();
        let after = turn(app, request.id, &Event::Replan { by, plan }).await?;
        return Err(match after.outcome {
            // There is nothing left to decide.
            Some(Outcome::AlreadySo) => No::AlreadySo {
                action: request.action().clone(),
            },
            _ => No::Moved,
        }
        .into());
    }
    // Before it is approved: the sweep takes what is being carried out in no hands for what a crash left behind.
    let _busy = app.sweep.busy(request.id);
    let request = turn(app, request.id, &event(digest)).await?;
    if request.state == State::Executing {
        execute::run(app, cluster, request).await.map_err(in_doubt)?;
    }
    Ok(None)
}

/// From here on "nothing was done" would be a guess; the sweep finds out what is true.
fn in_doubt(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(Refusal::Change(no)) if matches!(*no, No::Store) => No::InDoubt.into(),
        other => other,
    }
}

/// What the row says of how many must approve holds only where the configuration asks for no more: it may have become
/// stricter since, or somebody may have written into the store.
fn must_not_be_stricter(app: &App, request: &Request) -> Result<(), No> {
    let rule = Rule::of(&app.config, request.action(), &request.plan.cluster);
    let needed = rule.needed();
    let counts_itself = request.self_approval && !rule.self_approval();
    if needed > request.needed || counts_itself {
        return Err(No::Stricter { needed });
    }
    Ok(())
}

/// Somebody gave a reason for a no.
pub(super) async fn reject(
    app: &App,
    caller: &Caller,
    key: Key,
    reason: &str,
) -> Result<Option<Reply>, Failure> {
    let reason = reason_of(reason)?;
    let request = find(app, key).await?;
    let rejected = match who_rejects(app, caller, &request) {
        Ok(by) => turn(app, key.id, &Event::Reject { by, reason })
            .await
            .map(|_| None),
        Err(no) => Err(no.into()),
    };
    noted(app, caller, &request, rejected).await
}

/// Whether the person may say no to a request that still waits, before they give a reason.
pub(super) async fn may_reject(app: &App, caller: &Caller, key: Key) -> Result<(), Failure> {
    let request = find(app, key).await?;
    let may = who_rejects(app, caller, &request).and_then(|by| {
        let event = Event::Reject {
            by,
            reason: String::new(),
        };
        match request.after(&event, None, app.clock.now()) {
            Ok(_) => Ok(None),
            Err(refused) => {
                // It is over, and perhaps its card does not yet say so.
                app.cards.show(request.id, &app.work);
                Err(No::of(refused, request.clone()))
            }
        }
    });
    noted(app, caller, &request, may.map_err(Failure::from))
        .await
        .map(drop)
}

/// The person who says no: an approver, or who asked and withdraws.
fn who_rejects(app: &App, caller: &Caller, request: &Request) -> Result<Person, No> {
    match who::approver(app, caller, request) {
        Err(_) if caller.id == request.requester.id => Ok(request.requester.clone()),
        other => other,
    }
}

/// The cluster of a request, which the configuration may no longer have.
pub(super) fn cluster_of<'a>(app: &'a App, request: &Request) -> Result<&'a Cluster, Failure> {
    let name = &request.plan.cluster;
    let cluster = app.clusters.get(name);
    Ok(cluster.ok_or_else(|| crate::check::no_cluster(app, name))?)
}

/// Has something happen to a request, and its card shown as it stands then.
pub(super) async fn turn(app: &App, id: i64, event: &Event) -> Result<Request, Failure> {
    match super::turn(app, id, event).await? {
        Turned::Kept { request, .. } => {
            app.cards.show(id, &app.work);
            app.sweep.look_again();
            Ok(request)
        }
        Turned::Refused { request, refused } => {
            // It is over, and perhaps its card does not yet say so.
            app.cards.show(id, &app.work);
            Err(No::of(refused, request).into())
        }
        Turned::Missing => Err(No::Gone { id }.into()),
    }
}

/// What became of a click; one that was refused is part of the audit too.
async fn noted(
    app: &App,
    caller: &Caller,
    request: &Request,
    decided: Result<Option<Reply>, Failure>,
) -> Result<Option<Reply>, Failure> {
    if let Err(Failure::Refused(Refusal::Change(no))) = &decided
        && !matches!(**no, No::InDoubt)
    {
        note(app, caller, request, no).await;
    }
    decided
}

async fn note(app: &App, caller: &Caller, request: &Request, no: &No) {
    let by = Person {
        id: caller.id,
        name: caller.name.clone(),
        ..Person::default()
    };
    let by = who::person(&app.config, caller).unwrap_or(by);
    let entry = request.entry("refused", Some(&by), app.clock.now(), no.words());
    let noted = app.store.note(&entry).await;
    crash::at(Point::Noted);
    if let Err(error) = noted {
        tracing::error!("a refused click could not be kept: {error:#}");
    }
}
