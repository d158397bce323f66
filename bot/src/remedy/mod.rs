//! Changing a cluster: what can be done, what it would touch, and who said yes.
//!
//! [`action`] is the closed list; [`plan`] an action with all that it depends on; [`approval`] the life of a
//! request, as a pure state machine over what the store keeps; [`who`] may ask and approve. [`ask`] opens a
//! request, [`decide`] takes the clicks, [`execute`] does what was approved, [`sweep`] what time alone brings:
//! expiry, and the truth after a crash. [`card`] shows a request as it stands, [`cards`] which ones are to be
//! shown anew, [`list`] what there was, [`freeze`] stops it all. [`crash`] lists the places behind each write.

pub mod action;
pub mod approval;
pub mod ask;
pub mod card;
pub mod cards;
pub mod crash;
pub mod decide;
pub mod execute;
pub mod freeze;
pub mod list;
pub mod no;
pub mod plan;
pub mod sweep;
pub mod who;

use action::Action;
use approval::{Event, Request};
use crash::Point;

use crate::app::App;
use crate::caller::Caller;
use crate::check;
use crate::clock::Millis;
use crate::handle::Failure;
use crate::limits;
use crate::reply::Reply;
use crate::store::{StoreError, Turned};
use crate::text::label::{self, Label};
use firstmate_kb::Lang;
use futures::FutureExt as _;
use futures::future::BoxFuture;

pub use no::No;

/// Which request, or which proposal of a document, a button is of. Numbers begin anew with a new store, or come again
/// after one was put back: the time at which it was made tells it from another of its number, whose card may still stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its number.
    pub id: i64,
    /// When it was made.
    pub made: Millis,
}

impl Key {
    /// The key of a request.
    pub const fn of(request: &Request) -> Self {
        Self {
            id: request.id,
            made: request.created_at,
        }
    }

    /// The key that an id of ours holds.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (id, made) = text.split_once('-')?;
        Some(Self {
            id: id.parse().ok().filter(|id| *id > 0)?,
            made: Millis::from_str_radix(made, 16).ok()?,
        })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:x}", self.id, self.made)
    }
}

/// What a person can have done about changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A request for an action.
    Request {
        /// The action.
        action: Action,
        /// The cluster; `None`: the channel's, or the first.
        cluster: Option<String>,
        /// Why.
        reason: String,
    },
    /// A box for the reason of a request for an action.
    AskReason {
        /// The action.
        action: Action,
        /// The cluster.
        cluster: Option<String>,
    },
    /// A yes to the plan whose digest begins so.
    Approve {
        /// The request.
        key: Key,
        /// The beginning of the digest that the card showed.
        digest: String,
    },
    /// A box for the reason of a no.
    AskRejection {
        /// The request.
        key: Key,
    },
    /// A no.
    Reject {
        /// The request.
        key: Key,
        /// Why.
        reason: String,
    },
    /// A box for the reason of taking back what a request did.
    AskUndo {
        /// The request.
        key: Key,
    },
    /// A request that takes back what another did.
    Undo {
        /// The other.
        key: Key,
        /// Why.
        reason: String,
    },
    /// What waits, ran and was refused.
    List(list::Requests),
    /// What the audit says.
    Audit(list::Audit),
    /// No change by anybody.
    Freeze {
        /// Why.
        reason: String,
    },
    /// Changes again.
    Unfreeze,
}

/// How much of a digest a button carries: enough that nobody approves another plan by chance.
pub const DIGEST_SHOWN: usize = 16;
/// How long a reason may be, in characters.
pub const REASON_LIMIT: usize = 400;

impl Change {
    /// The id of the button that gives this change, and of the box that it opens; empty where there is none.
    pub fn control_id(&self) -> String {
        match self {
            Self::AskReason { action, cluster } => {
                let cluster = cluster.as_deref().unwrap_or_default();
                let id = |node: &str| format!("change:{}:{cluster}:{node}", action.name());
                let whole = id(action.node());
                if whole.len() <= limits::CUSTOM_ID {
                    whole
                } else {
                    id(&check::hashed(action.node()))
                }
            }
            Self::Approve { key, digest } => format!("approve:{key}:{digest}"),
            Self::AskRejection { key } => format!("reject:{key}"),
            Self::AskUndo { key } => format!("undo:{key}"),
            _ => String::new(),
        }
    }

    /// The change of the button with this id; `None` if this version made no such id.
    pub fn from_control(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.split(':').collect();
        match parts.as_slice() {
            ["change", name, cluster, node] if check::is_name(node) => Some(Self::AskReason {
                action: Action::of(name, node)?,
                cluster: match *cluster {
                    "" => None,
                    name if check::is_name(name) => Some(name.to_owned()),
                    _ => return None,
                },
            }),
            ["approve", key, digest] => {
                let is_digest =
                    digest.len() == DIGEST_SHOWN && digest.bytes().all(|it| it.is_ascii_hexdigit());
                let (key, digest) = (Key::read(key)?, (*digest).to_owned());
                is_digest.then_some(Self::Approve { key, digest })
            }
            ["reject", key] => Some(Self::AskRejection { key: Key::read(key)? }),
            ["undo", key] => Some(Self::AskUndo { key: Key::read(key)? }),
            _ => None,
        }
    }

    /// What follows once the box that this change opened is filled in; `None` if it opens none.
    pub fn answered(self, reason: &str) -> Option<Self> {
        let reason = reason.to_owned();
        match self {
            Self::AskReason { action, cluster } => Some(Self::Request {
                action,
                cluster,
                reason,
            }),
            Self::AskRejection { key } => Some(Self::Reject { key, reason }),
            Self::AskUndo { key } => Some(Self::Undo { key, reason }),
            _ => None,
        }
    }

    /// The reason that a person has written for it, where there is one to read.
    pub fn given_reason(&self) -> Option<&str> {
        match self {
            Self::Request { reason, .. }
            | Self::Reject { reason, .. }
            | Self::Undo { reason, .. }
            | Self::Freeze { reason } => Some(reason.as_str()).filter(|it| !it.trim().is_empty()),
            _ => None,
        }
    }

    /// The title of the box that this change opens, if it opens one.
    pub const fn opens(&self) -> Option<Label> {
        match self {
            Self::AskReason { .. } => Some(label::REQUEST_BOX),
            Self::AskRejection { .. } => Some(label::REJECT_BOX),
            Self::AskUndo { .. } => Some(label::UNDO_BOX),
            _ => None,
        }
    }
}

/// The request that a button is of.
async fn find(app: &App, key: Key) -> Result<Request, Failure> {
    let request = app.store.request(key.id).await?;
    let is_meant = |request: &Request| request.created_at == key.made;
    Ok(request.filter(is_meant).ok_or(No::Gone { id: key.id })?)
}

/// Whether a change may go on, before Discord is answered: nobody is asked for a reason for what they may not do or what
/// is over, and a refusal of what is said to everybody is said to one.
///
/// # Errors
/// If the person may not, or the store cannot say.
pub async fn may_begin(app: &App, caller: &Caller, change: &Change) -> Result<(), Failure> {
    match change {
        Change::AskReason { action, cluster } => ask::may_ask(app, caller, action, cluster.as_deref())
            .await
            .map(drop),
        Change::AskRejection { key } => decide::may_reject(app, caller, *key).await,
        Change::AskUndo { key } => ask::may_undo(app, caller, *key).await,
        // Their replies are everybody's; a refusal is not.
        Change::Freeze { reason } => freeze::may_freeze(app, caller, reason).await,
        Change::Unfreeze => freeze::may_unfreeze(app, caller).await,
        _ => Ok(()),
    }
}

/// Carries a change out, and says what became of it. `None`: the card says it.
///
/// # Errors
/// If the person may not, or the bot cannot.
pub fn run<'a>(
    app: &'a App,
    caller: &'a Caller,
    lang: Lang,
    change: Change,
) -> BoxFuture<'a, Result<Option<Reply>, Failure>> {
    async move {
        match change {
            Change::Request {
                action,
                cluster,
                reason,
            } => ask::open(app, caller, lang, (action, cluster.as_deref()), &reason, None)
                .await
                .map(Some),
            Change::Undo { key, reason } => ask::undo(app, caller, lang, key, &reason).await.map(Some),
            Change::Approve { key, digest } => decide::approve(app, caller, key, &digest).await,
            Change::Reject { key, reason } => decide::reject(app, caller, key, &reason).await,
            Change::List(wanted) => list::requests(app, caller, lang, &wanted).await.map(Some),
            Change::Audit(wanted) => list::audit(app, lang, &wanted).await.map(Some),
            Change::Freeze { reason } => freeze::freeze(app, caller, lang, &reason).await.map(Some),
            Change::Unfreeze => freeze::unfreeze(app, caller, lang).await.map(Some),
            // It is looked at already before the box opens, and opening it is the whole answer.
            Change::AskReason { action, .. } if !who::may_request(app, caller, action.name()) => {
                Err(No::MayNotRequest { action }.into())
            }
            Change::AskReason { .. } | Change::AskRejection { .. } | Change::AskUndo { .. } => Ok(None),
        }
    }
    .boxed()
}

/// Has something happen to a request: kept, or refused as the state machine says.
///
/// # Errors
/// If the store does not keep it.
pub async fn turn(app: &App, id: i64, event: &Event) -> Result<Turned, StoreError> {
    let turned = app.store.turn(id, event, app.clock.now()).await?;
    if let Turned::Kept { .. } = turned {
        crash::at(Point::after(event));
    }
    Ok(turned)
}

/// A reason within its limit, on one line, with secrets taken out.
///
/// # Errors
/// If there is none, or it is too long.
pub fn reason_of(text: &str) -> Result<String, No> {
    let unseen = |character: &char| !crate::text::is_unseen(*character) || character.is_whitespace();
    let seen: String = text.chars().filter(unseen).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    let reason = words.join(" ");
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(No::NoReason);
    }
    if reason.chars().count() > REASON_LIMIT {
        return Err(No::LongReason);
    }
    Ok(crate::redact::redact(&reason).into_owned())
}
