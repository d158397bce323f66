//! Carries out what was approved: read again, saved, called once, verified, recorded.

use super::approval::{Event, Outcome, Person, Request, State};
use super::crash::{self, Point};
use super::no::No;
use super::{ask, decide};
use crate::app::App;
use crate::check;
use crate::cluster::Cluster;
use crate::cluster::changes::{self, Called};
use crate::handle::Failure;
use crate::store::{Granted, Turned};

/// How often the call is made anew when the node changed under it in ways that the plan does not depend on, as
/// heartbeats do.
const ATTEMPTS: usize = 5;

/// Carries out a request that was just approved, and that the sweep knows to be in hand.
///
/// # Errors
/// If the store cannot keep what happens; the truth is then found by the sweep.
pub(super) async fn run(app: &App, cluster: &Cluster, request: Request) -> Result<(), Failure> {
    let (state, outcome) = match attempt(app, cluster, &request).await? {
        Ended::Known(state, outcome) => (state, outcome),
        // The sweep asks the cluster what is true.
        Ended::Unknown => return Ok(()),
    };
    finish(app, cluster, &request, state, outcome).await
}

/// How the attempts ended.
enum Ended {
    Known(State, Outcome),
    /// The call was let out, and whether it arrived is not known.
    Unknown,
}

async fn attempt(app: &App, cluster: &Cluster, request: &Request) -> Result<Ended, Failure> {
    let not_done = |outcome| Ok(Ended::Known(State::NotDone, outcome));
    let Some(approver) = request.approver() else {
        return not_done(Outcome::Interrupted);
    };
    for _ in 0..ATTEMPTS {
        let _alone = cluster.changing.lock().await;
        let granted = match grant(app, cluster, request, approver).await? {
            Ok(granted) => granted,
            Err(outcome) => return not_done(outcome),
        };
        let called = changes::carry_out(cluster, &app.clock, &granted).await;
        crash::at(Point::Called);
        match called {
            Called::Done { call, .. } => {
                decide::turn(app, request.id, &Event::Executed { call }).await?;
                return Ok(verify(app, cluster, request, approver).await);
            }
            Called::Conflict => {}
            // A server that fails may have done it all the same.
            Called::Answered { code, .. } if code >= 500 => return Ok(Ended::Unknown),
            Called::Answered { code, message } => return not_done(Outcome::Answered { code, message }),
            Called::NotSent { message } => return not_done(Outcome::NoAnswer { message }),
            Called::NoAnswer { .. } => return Ok(Ended::Unknown),
        }
    }
    not_done(Outcome::Moved)
}

/// Reads all of the plan again and saves that the call is about to be made; only that lets it out.
async fn grant(
    app: &App,
    cluster: &Cluster,
    request: &Request,
    approver: &Person,
) -> Result<Result<Granted, Outcome>, Failure> {
    let who = ask::as_who(approver);
    let reader = check::reader(app, cluster, &who, ask::PATIENCE);
    let planned = match changes::plan(&reader, request.action()).await {
        Ok(planned) => planned,
        Err(not) => {
            let message = crate::text::check::not_checked(firstmate_kb::Lang::En, &not);
            return Ok(Err(Outcome::NoAnswer { message }));
        }
    };
    if planned.plan.digest() != request.digest {
        return Ok(Err(match planned.plan.is_done() {
            true => Outcome::AlreadySo,
            false => Outcome::Moved,
        }));
    }
    let event = Event::Call {
        resource_version: planned.resource_version,
    };
    match super::turn(app, request.id, &event).await? {
        Turned::Kept {
            granted: Some(granted),
            ..
        } => Ok(Ok(granted)),
        Turned::Refused {
            refused: super::approval::Refused::Frozen(_),
            ..
        } => Ok(Err(Outcome::Frozen)),
        Turned::Kept { request, .. } | Turned::Refused { request, .. } => {
            Err(No::Decided(Box::new(request)).into())
        }
        Turned::Missing => Err(No::Gone { id: request.id }.into()),
    }
}

/// Reads the node again: done is what is seen to be done.
async fn verify(app: &App, cluster: &Cluster, request: &Request, approver: &Person) -> Ended {
    let who = ask::as_who(approver);
    let reader = check::reader(app, cluster, &who, ask::PATIENCE);
    let outcome = match changes::truth(&reader, request).await {
        Ok(truth) if truth.unschedulable == request.action().unschedulable() => Outcome::Verified,
        Ok(_) => Outcome::Moved,
        Err(not) => Outcome::NoAnswer {
            message: crate::text::check::not_checked(firstmate_kb::Lang::En, &not),
        },
    };
    Ended::Known(State::Done, outcome)
}

/// Keeps what became of a request. The cluster's own record and the request that it took back are told before: until
/// it is finished the sweep comes back to it, so a stop in between leaves neither untold.
pub(super) async fn finish(
    app: &App,
    cluster: &Cluster,
    request: &Request,
    state: State,
    outcome: Outcome,
) -> Result<(), Failure> {
    if state == State::Done {
        tell(app, cluster, request).await?;
    }
    decide::turn(app, request.id, &Event::Finish { state, outcome }).await?;
    Ok(())
}

/// Tells of what was done where it is looked for. Told twice it stands there once.
async fn tell(app: &App, cluster: &Cluster, request: &Request) -> Result<(), Failure> {
    if let Some(undone) = request.undoes {
        let by_request = request.id;
        match super::turn(app, undone, &Event::Undone { by_request }).await? {
            Turned::Kept { .. } => app.cards.show(undone, &app.work),
            // It is gone, or was taken back already: there is nothing to say on its card.
            Turned::Refused { .. } | Turned::Missing => {}
        }
    }
    let announced = changes::announce(cluster, &app.clock, request).await;
    crash::at(Point::Announced);
    if let Err(not) = announced {
        let why = crate::text::check::not_checked(firstmate_kb::Lang::En, &not);
        tracing::warn!(request = request.id, "no Event was written on the node: {why}");
    }
    Ok(())
}
