//! What time alone brings: requests expire, and what a crash left half done gets its truth.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::approval::{Call, Event, Outcome, Refused, Request, State};
use super::crash::{self, Point};
use super::{ask, decide, execute};
use crate::app::App;
use crate::check;
use crate::clock::Millis;
use crate::cluster::changes::{self, Truth};
use crate::handle::Failure;

/// How long after a call that was not answered the cluster is asked whether it was carried out after all: longer than
/// any call may take.
const SETTLES: Millis = 60_000;
/// How long until the next look where nothing is due.
const QUIET: Millis = 60_000;
/// How long until requests are forgotten anew.
const FORGETS: Millis = 86_400_000;
/// How long until the next look where a card could not be shown, or the store failed.
const AGAIN: Millis = 5_000;

/// When to look, and what is in other hands.
#[derive(Debug, Default)]
pub struct Sweep {
    look: Notify,
    late: AtomicBool,
    /// How many hands each is in.
    busy: Mutex<HashMap<i64, usize>>,
}

/// A request that is being carried out right now. The sweep leaves it alone until this is dropped.
#[derive(Debug)]
pub struct Busy<'a>(&'a Sweep, i64);

impl Sweep {
    /// Something changed, so that something else may be due earlier.
    pub fn look_again(&self) {
        self.look.notify_one();
    }

    /// Something could not be shown, and is tried again in a while.
    pub fn look_again_later(&self) {
        self.late.store(true, Ordering::Release);
        self.look.notify_one();
    }

    /// Takes a request into other hands.
    pub fn busy(&self, id: i64) -> Busy<'_> {
        *self.lock().entry(id).or_default() += 1;
        Busy(self, id)
    }

    fn is_busy(&self, id: i64) -> bool {
        self.lock().contains_key(&id)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, usize>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let mut busy = self.0.lock();
        match busy.get_mut(&self.1) {
            Some(hands) if *hands > 1 => *hands -= 1,
            _ => drop(busy.remove(&self.1)),
        }
        drop(busy);
        self.0.look_again();
    }
}

/// Looks whenever something may be due, for as long as it is polled. The first look brings cards up to date that went
/// stale while the bot was down.
pub async fn run(app: &Arc<App>) {
    let (mut is_first, mut all_cards, mut forget_at) = (true, None, app.clock.now());
    loop {
        let mut next = {
            let _work = app.work.begin();
            if forget_at <= app.clock.now() {
                forget_at = app.clock.now() + FORGETS;
                forget(app).await;
            }
            let is_time = all_cards.is_some_and(|at| at <= app.clock.now());
            match look(app, is_first || is_time).await {
                Ok(next) => {
                    is_first = false;
                    all_cards = all_cards.filter(|_| !is_time);
                    next
                }
                Err(_) => app.clock.now() + AGAIN,
            }
        };
        next = next.min(all_cards.unwrap_or(next));
        tokio::select! {
            () = app.clock.sleep_until(next) => {}
            () = app.sweep.look.notified() => {}
        }
        if app.sweep.late.swap(false, Ordering::AcqRel) {
            all_cards = Some(app.clock.now() + AGAIN);
        }
    }
}

/// Forgets requests that were over for as long as the configuration keeps them.
async fn forget(app: &App) {
    let before = app.clock.now().saturating_sub(app.config.store.keep);
    if let Err(error) = app.store.forget_asked(before).await {
        tracing::error!("old questions and votes could not be forgotten: {error:#}");
    }
    let forgotten = app.store.prune(before).await;
    crash::at(Point::Forgotten);
    match forgotten {
        Ok(0) => {}
        Ok(forgotten) => tracing::info!(
            forgotten,
            "requests are forgotten; the audit keeps what they were"
        ),
        Err(error) => tracing::error!("old requests could not be forgotten: {error:#}"),
    }
}

/// Returns when to look again.
async fn look(app: &Arc<App>, all_cards: bool) -> Result<Millis, Failure> {
    let mut next = app.clock.now() + QUIET;
    for request in app.store.waiting().await? {
        // Whether changes are frozen is no part of the row, so these may be behind without being stale.
        if all_cards {
            app.cards.show(request.id, &app.work);
        }
        let due = match request.state {
            State::Pending => expire(app, &request).await?,
            _ if app.sweep.is_busy(request.id) => continue,
            _ => settle_as_it_stands(app, request.id).await?,
        };
        next = next.min(due.unwrap_or(next));
    }
    if all_cards {
        for request in app.store.stale().await? {
            app.cards.show(request.id, &app.work);
        }
    }
    Ok(next)
}

/// Returns when it is due, if it is not yet.
async fn expire(app: &App, request: &Request) -> Result<Option<Millis>, Failure> {
    match request.after(&Event::Expire, None, app.clock.now()) {
        Err(Refused::NotYet) => return Ok(Some(request.expires_at)),
        Err(_) => return Ok(None),
        Ok(_) => {}
    }
    match decide::turn(app, request.id, &Event::Expire).await {
        // Somebody was faster.
        Ok(_) | Err(Failure::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Settles a request by its row as it is now: it may have moved on while others were looked at.
async fn settle_as_it_stands(app: &App, id: i64) -> Result<Option<Millis>, Failure> {
    match app.store.request(id).await? {
        Some(request) if request.state == State::Executing && !app.sweep.is_busy(id) => {
            settle(app, &request).await
        }
        _ => Ok(None),
    }
}

/// Finds out what became of a request whose carrying out was interrupted. It reads, and never writes to the cluster.
async fn settle(app: &App, request: &Request) -> Result<Option<Millis>, Failure> {
    let Ok(cluster) = decide::cluster_of(app, request) else {
        return end(app, request, State::NotKnown, Outcome::Interrupted).await;
    };
    // Saved before it is made: without it, none was.
    let Some(call) = &request.call else {
        return end(app, request, State::NotDone, Outcome::Interrupted).await;
    };
    let Some(approver) = request.approver() else {
        return end(app, request, State::NotDone, Outcome::Interrupted).await;
    };
    let who = ask::as_who(approver);
    let reader = check::reader(app, cluster, &who, ask::PATIENCE);
    let may_still_arrive = app.clock.now() < call.at + SETTLES;
    match changes::truth(&reader, request).await {
        // Where it was done, somebody may have taken even its mark away.
        Ok(truth) if call.executed || is_ours(&truth, request) => {
            if !call.executed {
                let call = format!("patch {}: found done", request.action().object());
                // Refused: it is kept by now.
                super::turn(app, request.id, &Event::Executed { call }).await?;
            }
            execute::finish(app, cluster, request, State::Done, seen(&truth, request)).await?;
            Ok(None)
        }
        Ok(truth) if can_no_longer_arrive(&truth, request, call) => {
            end(app, request, State::NotDone, Outcome::Moved).await
        }
        Ok(_) if may_still_arrive => Ok(Some(call.at + SETTLES)),
        Ok(_) => end(app, request, State::NotDone, Outcome::Interrupted).await,
        Err(_) if may_still_arrive => Ok(Some(app.clock.now() + AGAIN)),
        Err(not) => {
            let message = crate::text::check::not_checked(firstmate_kb::Lang::En, &not);
            end(app, request, State::NotKnown, Outcome::NoAnswer { message }).await
        }
    }
}

/// What is to be said of a change that was carried out: as wanted, or changed by somebody since.
fn seen(truth: &Truth, request: &Request) -> Outcome {
    let is_wanted = truth.unschedulable == request.action().unschedulable();
    match is_wanted && truth.uid == request.plan.basis.uid {
        true => Outcome::Verified,
        false => Outcome::Moved,
    }
}

/// Whether our own call was carried out, by the mark that it left.
fn is_ours(truth: &Truth, request: &Request) -> bool {
    truth.ours && truth.uid == request.plan.basis.uid
}

/// The call carries the version that was read; once the node has another one it is refused.
fn can_no_longer_arrive(truth: &Truth, request: &Request, call: &Call) -> bool {
    truth.uid != request.plan.basis.uid || truth.resource_version != call.resource_version
}

async fn end(
    app: &App,
    request: &Request,
    state: State,
    outcome: Outcome,
) -> Result<Option<Millis>, Failure> {
    match decide::turn(app, request.id, &Event::Finish { state, outcome }).await {
        Ok(_) | Err(Failure::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
