//! The life of a request: a pure state machine. The store keeps what it returns, or nothing.

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::plan::Plan;
use crate::clock::Millis;

/// How far a clock may go back without anything being meant by it.
const PUT_BACK: Millis = 60_000;

/// A plan that waits for a person's yes, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its number, given by the store; 0 before that.
    pub id: i64,
    /// How often it was changed, given by the store.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// What would be done.
    pub plan: Plan,
    /// Digest of the plan that is shown.
    pub digest: String,
    /// Who asked for it.
    pub requester: Person,
    /// Why, in their words, with secrets taken out.
    pub reason: String,
    /// How many must approve.
    pub needed: usize,
    /// Whether the requester counts as an approver.
    pub self_approval: bool,
    /// Who has approved the plan that is shown, in order.
    pub approvals: Vec<Decision>,
    /// Who rejected it, if anybody did.
    pub rejection: Option<Decision>,
    /// When it was asked for.
    pub created_at: Millis,
    /// From when on it can no longer be approved.
    pub expires_at: Millis,
    /// When it got its last state.
    pub decided_at: Option<Millis>,
    /// Where its card is.
    pub card: Place,
    /// The request that it takes back.
    pub undoes: Option<i64>,
    /// The request that took it back.
    pub undone_by: Option<i64>,
    /// What was different when the plan was last replaced.
    pub moved: Option<Plan>,
    /// The last call that was let out to the API server.
    pub call: Option<Call>,
    /// What became of it, in words that `text` knows how to say.
    pub outcome: Option<Outcome>,
}

/// Where a card is on Discord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The server.
    pub guild: u64,
    /// The channel or thread.
    pub channel: u64,
    /// The message; 0 until it is posted.
    pub message: u64,
    /// Whether the card is in Chinese.
    pub chinese: bool,
}

/// A person as they were when they acted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id on Discord.
    pub id: u64,
    /// Their name there, for people to read.
    pub name: String,
    /// The Kubernetes user that they are.
    pub user: String,
    /// The Kubernetes groups that their roles stand for.
    pub groups: Vec<String>,
}

/// One person's yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whose.
    pub by: Person,
    /// When.
    pub at: Millis,
    /// Why; an approval needs no reason.
    pub reason: String,
}

/// A call that was let out: saved before it is made, so that its truth can be found after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The node's resourceVersion, the call's precondition.
    pub resource_version: String,
    /// When it was let out.
    pub at: Millis,
    /// Whether the audit has that it was carried out.
    pub executed: bool,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for approval.
    Pending,
    /// Approved, and being carried out.
    Executing,
    /// Carried out and verified.
    Done,
    /// Approved, and not carried out.
    NotDone,
    /// Approved; whether it was carried out is not known.
    NotKnown,
    /// Somebody said no.
    Rejected,
    /// Nobody said yes in time.
    Expired,
    /// The bot said no before anybody could.
    Refused,
}

/// What became of a request that was approved, or why it was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Done and seen to be done.
    Verified,
    /// It was so already when the call was to be made.
    AlreadySo,
    /// The cluster changed between click and call.
    Moved,
    /// All changes were frozen between click and call.
    Frozen,
    /// The API server refused the call.
    Answered {
        /// Its status.
        code: u16,
        /// Its words, with secrets taken out.
        message: String,
    },
    /// The API server gave no answer, in the system's words.
    NoAnswer {
        /// Why.
        message: String,
    },
    /// The bot was stopped before the call was made or answered.
    Interrupted,
    /// The card could not be posted.
    NotPosted,
}

/// Changes are frozen, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Who froze.
    pub by: Person,
    /// When.
    pub at: Millis,
    /// Why, in their words, with secrets taken out.
    pub reason: String,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The card was posted as this message.
    Posted {
        /// Its id.
        message: u64,
    },
    /// Somebody with the right says yes to the plan with this digest, which was read again and is the same.
    Approve {
        /// Who.
        by: Person,
        /// The digest of the plan as it was just read again.
        digest: String,
    },
    /// The plan was read again at a click and is another one.
    Replan {
        /// Who clicked.
        by: Person,
        /// The plan as it is now.
        plan: Plan,
    },
    /// Somebody with the right says no.
    Reject {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// Its time may be over.
    Expire,
    /// A call is about to be made.
    Call {
        /// The call.
        resource_version: String,
    },
    /// The API server carried the call out.
    Executed {
        /// The call and its status, as "patch node/node-3: 200".
        call: String,
    },
    /// What became of it in the end.
    Finish {
        /// Done, not done or not known.
        state: State,
        /// Why, or what was seen.
        outcome: Outcome,
    },
    /// Another request took it back.
    Undone {
        /// Its number.
        by_request: i64,
    },
    /// The bot says no.
    Refuse {
        /// Why.
        outcome: Outcome,
    },
}

/// Why an event changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It was decided before; the request says by whom and when.
    Decided,
    /// Its time is over.
    Expired,
    /// It is not yet time for it to expire.
    NotYet,
    /// The requester may not approve it themselves.
    OwnRequest,
    /// This person has approved already.
    Twice,
    /// The plan that is shown is another one by now.
    OtherPlan,
    /// All changes are frozen.
    Frozen(Freeze),
    /// It is not being carried out, so nothing can come of it.
    NotExecuting,
}

/// A row of the audit, before the store gives it its number and hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Millis,
    /// The request, if it is about one.
    pub request: Option<i64>,
    /// What happened: one of [`STEPS`].
    pub step: String,
    /// Who did it; `None`: the bot.
    pub by: Option<Person>,
    /// The cluster.
    pub cluster: String,
    /// The action's name.
    pub action: String,
    /// The object, as kubectl writes it.
    pub object: String,
    /// Digest of the plan.
    pub digest: String,
    /// The request's state before.
    pub before: Option<State>,
    /// The request's state after.
    pub after: Option<State>,
    /// Reason, call, status: what there is to know beside.
    pub detail: String,
}

/// What the audit can say.
pub const STEPS: &[&str] = &[
    "requested",
    "approved",
    "replanned",
    "rejected",
    "expired",
    "refused",
    "calling",
    "executed",
    "verified",
    "not_done",
    "not_known",
    "undone",
    "frozen",
    "unfrozen",
];

/// A request after an event, and what the audit says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The request as it is to be kept; its version is the store's to raise.
    pub request: Request,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

impl State {
    /// Whether nothing can happen to it any more, except that it is taken back.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::Executing)
    }
}

impl Request {
    /// The action.
    pub const fn action(&self) -> &Action {
        &self.plan.action
    }

    /// The last who approved: the one as whom it is carried out.
    pub fn approver(&self) -> Option<&Person> {
        self.approvals.last().map(|approval| &approval.by)
    }

    /// A row of the audit about this request as it stands.
    pub fn entry(&self, step: &str, by: Option<&Person>, now: Millis, detail: impl Into<String>) -> Entry {
        Entry {
            at: now,
            request: Some(self.id),
            step: step.to_owned(),
            by: by.cloned(),
            cluster: self.plan.cluster.clone(),
            action: self.action().name().to_owned(),
            object: self.action().object(),
            digest: self.digest.clone(),
            before: Some(self.state),
            after: Some(self.state),
            detail: detail.into(),
        }
    }

    /// The request after `event`, or why the event changes nothing.
    ///
    /// # Errors
    /// If it comes too late, from the wrong person, or while changes are frozen.
    pub fn after(&self, event: &Event, frozen: Option<&Freeze>, now: Millis) -> Result<Next, Refused> {
        match event {
            Event::Posted { message } => Ok(self.posted(*message)),
            Event::Approve { by, digest } => self.approved(by, digest, frozen, now),
            Event::Replan { by, plan } => self.replanned(by, plan, now),
            Event::Reject { by, reason } => self.rejected(by, reason, now),
            Event::Expire => self.expired(now),
            Event::Call { resource_version } => self.calling(resource_version, frozen, now),
            Event::Executed { call } => self.executed(call, now),
            Event::Finish { state, outcome } => self.finished(*state, outcome, now),
            Event::Undone { by_request } => self.undone(*by_request, now),
            Event::Refuse { outcome } => self.refused(outcome, now),
        }
    }

    fn posted(&self, message: u64) -> Next {
        let mut request = self.clone();
        request.card.message = message;
        Next {
            request,
            entries: Vec::new(),
        }
    }

    /// Only what waits, and in time, can be decided. A clock that was put back does not make more time of it.
    const fn must_wait(&self, now: Millis) -> Result<(), Refused> {
        let is_put_back = now < self.created_at.saturating_sub(PUT_BACK);
        match self.state {
            State::Pending if now < self.expires_at && !is_put_back => Ok(()),
            State::Pending | State::Expired => Err(Refused::Expired),
            _ => Err(Refused::Decided),
        }
    }

    fn approved(
        &self,
        by: &Person,
        digest: &str,
        frozen: Option<&Freeze>,
        now: Millis,
    ) -> Result<Next, Refused> {
        self.must_wait(now)?;
        if let Some(freeze) = frozen {
            return Err(Refused::Frozen(freeze.clone()));
        }
        // Two names for one Kubernetes user are one pair of eyes.
        let is_same = |one: &Person| one.id == by.id || one.user == by.user;
        if is_same(&self.requester) && !self.self_approval {
            return Err(Refused::OwnRequest);
        }
        if self.approvals.iter().any(|approval| is_same(&approval.by)) {
            return Err(Refused::Twice);
        }
        if digest != self.digest {
            return Err(Refused::OtherPlan);
        }
        let mut request = self.clone();
        request.approvals.push(Decision {
            by: by.clone(),
            at: now,
            reason: String::new(),
        });
        if request.approvals.len() >= self.needed {
            request.state = State::Executing;
            request.decided_at = Some(now);
        }
        let count = format!("{} of {}", request.approvals.len(), self.needed);
        Ok(self.next(request, "approved", Some(by), now, count))
    }

    fn replanned(&self, by: &Person, plan: &Plan, now: Millis) -> Result<Next, Refused> {
        self.must_wait(now)?;
        // Somebody else's click brought it already; a yes to it stands.
        if plan.digest() == self.digest {
            return Err(Refused::OtherPlan);
        }
        let mut request = self.clone();
        request.approvals.clear();
        request.moved = Some(self.plan.clone());
        request.digest = plan.digest();
        request.plan = plan.clone();
        if plan.is_done() {
            request.state = State::NotDone;
            request.decided_at = Some(now);
            request.outcome = Some(Outcome::AlreadySo);
        }
        let was = format!("was {}", self.digest);
        Ok(self.next(request, "replanned", Some(by), now, was))
    }

    fn rejected(&self, by: &Person, reason: &str, now: Millis) -> Result<Next, Refused> {
        self.must_wait(now)?;
        let mut request = self.clone();
        request.state = State::Rejected;
        request.decided_at = Some(now);
        request.rejection = Some(Decision {
            by: by.clone(),
            at: now,
            reason: reason.to_owned(),
        });
        Ok(self.next(request, "rejected", Some(by), now, reason))
    }

    fn expired(&self, now: Millis) -> Result<Next, Refused> {
        match self.must_wait(now) {
            Ok(()) => Err(Refused::NotYet),
            Err(_) if self.state == State::Pending => {
                let mut request = self.clone();
                request.state = State::Expired;
                request.decided_at = Some(now);
                Ok(self.next(request, "expired", None, now, ""))
            }
            Err(refused) => Err(refused),
        }
    }

    fn calling(&self, version: &str, frozen: Option<&Freeze>, now: Millis) -> Result<Next, Refused> {
        self.must_execute()?;
        if let Some(freeze) = frozen {
            return Err(Refused::Frozen(freeze.clone()));
        }
        let mut request = self.clone();
        request.call = Some(Call {
            resource_version: version.to_owned(),
            at: now,
            executed: false,
        });
        let detail = format!("resourceVersion {version}");
        Ok(self.next(request, "calling", self.approver(), now, detail))
    }

    fn executed(&self, call: &str, now: Millis) -> Result<Next, Refused> {
        self.must_execute()?;
        let mut request = self.clone();
        match &mut request.call {
            Some(call) if !call.executed => call.executed = true,
            // Whoever did not hear that it is kept may try to keep it again.
            _ => return Err(Refused::Decided),
        }
        Ok(self.next(request, "executed", self.approver(), now, call))
    }

    fn finished(&self, state: State, outcome: &Outcome, now: Millis) -> Result<Next, Refused> {
        self.must_execute()?;
        let step = match state {
            State::Done => "verified",
            State::NotDone => "not_done",
            // Whatever else is claimed, fail closed: nobody is told that it is done.
            _ => "not_known",
        };
        let mut request = self.clone();
        request.state = match state {
            State::Done | State::NotDone => state,
            _ => State::NotKnown,
        };
        request.decided_at = Some(now);
        request.outcome = Some(outcome.clone());
        Ok(self.next(request, step, None, now, outcome.words()))
    }

    fn undone(&self, by_request: i64, now: Millis) -> Result<Next, Refused> {
        if self.state != State::Done {
            return Err(Refused::NotExecuting);
        }
        if self.undone_by.is_some() {
            return Err(Refused::Decided);
        }
        let mut request = self.clone();
        request.undone_by = Some(by_request);
        let detail = format!("by request {by_request}");
        Ok(self.next(request, "undone", None, now, detail))
    }

    fn refused(&self, outcome: &Outcome, now: Millis) -> Result<Next, Refused> {
        if self.state != State::Pending {
            return Err(Refused::Decided);
        }
        let mut request = self.clone();
        request.state = State::Refused;
        request.decided_at = Some(now);
        request.outcome = Some(outcome.clone());
        Ok(self.next(request, "refused", None, now, outcome.words()))
    }

    const fn must_execute(&self) -> Result<(), Refused> {
        match self.state {
            State::Executing => Ok(()),
            _ => Err(Refused::NotExecuting),
        }
    }

    fn next(
        &self,
        request: Self,
        step: &str,
        by: Option<&Person>,
        now: Millis,
        detail: impl Into<String>,
    ) -> Next {
        let entry = Entry {
            before: Some(self.state),
            ..request.entry(step, by, now, detail)
        };
        Next {
            request,
            entries: vec![entry],
        }
    }
}

impl Outcome {
    /// As the audit writes it.
    pub fn words(&self) -> String {
        match self {
            Self::Verified => "read again: as wanted".to_owned(),
            Self::AlreadySo => "it was so already".to_owned(),
            Self::Moved => "the cluster changed between click and call".to_owned(),
            Self::Frozen => "changes were frozen".to_owned(),
            Self::Answered { code, message } => format!("the API server answered {code}: {message}"),
            Self::NoAnswer { message } => format!("no answer: {message}"),
            Self::Interrupted => "the bot was stopped meanwhile".to_owned(),
            Self::NotPosted => "the card could not be posted".to_owned(),
        }
    }
}
