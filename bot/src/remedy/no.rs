//! Why a change is not asked for, not approved or not stopped: what a person can act on.

use super::action::Action;
use super::approval::{Freeze, Refused, Request};
use crate::cluster::NotRead;
use crate::cluster::request::Right;
use crate::command::Refusal;
use crate::handle::Failure;
use crate::store::StoreError;

/// A refusal. Its sentences are in `text::change`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// In a direct message nobody else would see the card.
    OnlyInServer,
    /// The policies do not let this person ask for it, or not here.
    MayNotRequest {
        /// What.
        action: Action,
    },
    /// The policies do not let this person decide it, or not here.
    MayNotApprove {
        /// What.
        action: Action,
    },
    /// This person has no Kubernetes user of their own.
    NoUser,
    /// Nobody at all has one: whoever configured the bot did not switch changes on.
    NobodyMapped,
    /// A reason is needed.
    NoReason,
    /// The reason is longer than [`super::REASON_LIMIT`].
    LongReason,
    /// The node is so already.
    AlreadySo {
        /// What was asked for.
        action: Action,
    },
    /// The same waits already.
    AlreadyWaiting(Box<Request>),
    /// The API server says that this user may not do it.
    Lacks {
        /// The user.
        user: String,
        /// The right.
        right: Right,
    },
    /// The API server says that too few of those who would have to approve may do it.
    TooFewApprovers {
        /// How many must approve.
        needed: usize,
        /// How many may, as far as the bot can tell.
        may: usize,
        /// The right that the others lack.
        right: Option<Right>,
    },
    /// What the plan depends on could not be read.
    NotRead(Box<NotRead>),
    /// The card could not be posted, so nobody could have approved.
    NotPosted {
        /// The request.
        id: i64,
    },
    /// There is no such request.
    Gone {
        /// Its number.
        id: i64,
    },
    /// It was decided before.
    Decided(Box<Request>),
    /// Its time is over.
    Expired(Box<Request>),
    /// The policies ask for more than they did when it was asked for.
    Stricter {
        /// How many must approve by now.
        needed: usize,
    },
    /// The requester may not approve.
    OwnRequest,
    /// This person has approved already.
    Twice,
    /// The card that was clicked showed another plan.
    OtherPlan,
    /// The cluster changed since the card was posted; it is asked anew.
    Moved,
    /// All changes are frozen.
    Frozen(Box<Freeze>),
    /// They are so already.
    AlreadyFrozen(Box<Freeze>),
    /// They are not.
    NotFrozen,
    /// Another person must unfreeze.
    SamePerson(Box<Freeze>),
    /// This person may neither freeze nor unfreeze.
    MayNotFreeze,
    /// Nothing was done that could be taken back, or it was taken back already.
    NothingToUndo,
    /// Nobody of this name is in the configuration.
    NoPerson {
        /// What was written.
        name: String,
    },
    /// The store cannot be read or written.
    Store,
    /// The store failed when the change may have been under way already: what became of it is not known yet.
    InDoubt,
}

impl No {
    /// Why an event changed nothing.
    pub fn of(refused: Refused, request: Request) -> Self {
        match refused {
            Refused::Decided | Refused::NotYet | Refused::NotExecuting => Self::Decided(Box::new(request)),
            Refused::Expired => Self::Expired(Box::new(request)),
            Refused::OwnRequest => Self::OwnRequest,
            Refused::Twice => Self::Twice,
            Refused::OtherPlan => Self::OtherPlan,
            Refused::Frozen(freeze) => Self::Frozen(Box::new(freeze)),
        }
    }
}

impl No {
    /// Whether the same may well be asked for again: later, elsewhere or in fewer words.
    pub const fn may_be_asked_again(&self) -> bool {
        matches!(
            self,
            Self::OnlyInServer
                | Self::LongReason
                | Self::Lacks { .. }
                | Self::TooFewApprovers { .. }
                | Self::NotRead(_)
                | Self::NotPosted { .. }
                | Self::Frozen(_)
                | Self::Store
        )
    }

    /// As the audit writes it: the name of the refusal, and what it is about.
    pub fn words(&self) -> String {
        let name: String = format!("{self:?}")
            .chars()
            .take_while(|character| character.is_alphanumeric())
            .collect();
        match self {
            Self::Lacks { user, right } => format!("{name}: {user} may not {}", right.words()),
            Self::Frozen(freeze) => format!("{name}: {}", freeze.reason),
            _ => name,
        }
    }
}

impl From<No> for Refusal {
    fn from(no: No) -> Self {
        Self::Change(Box::new(no))
    }
}

impl From<No> for Failure {
    fn from(no: No) -> Self {
        Self::Refused(no.into())
    }
}

impl From<StoreError> for Failure {
    /// Ours to mend, so it is logged; the person learns that nothing was changed, where that is known.
    fn from(error: StoreError) -> Self {
        tracing::error!("the store failed: {error:#}");
        match error {
            StoreError::Unknown { .. } => No::InDoubt.into(),
            _ => No::Store.into(),
        }
    }
}

impl From<NotRead> for Failure {
    fn from(not: NotRead) -> Self {
        No::NotRead(Box::new(not)).into()
    }
}
