//! Documents that are written in chat: proposed by authors, approved by somebody else, searched at once.
//!
//! [`draft`] takes what was typed, at the door; [`version`] is what is kept and what a reviewer's word makes of it;
//! [`card`] shows a proposal as it stands; [`difference`] what it changes; [`no`] why nothing became of it; [`export`]
//! writes what was approved into a folder.

pub mod card;
pub mod difference;
pub mod draft;
pub mod export;
pub mod no;
pub mod version;

use anyhow::Context as _;
use firstmate_kb::Library;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use self::no::No;
use self::version::{Not, State, Text, Verdict, Version, Word, Writer, name_of, named};
use crate::app::App;
use crate::caller::Caller;
use crate::command::Refusal;
use crate::handle::Failure;
use crate::limits;
use crate::redact::redact;
use crate::remedy::Key;
use crate::reply::{Field, File, Form, Post, Reply};
use crate::store::{Decided, Store, StoreError};
use crate::text::label;
use crate::text::{change, document as say};
use firstmate_kb::Lang;

/// What a person can have done about documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A box to write a document in.
    Compose {
        /// What stands in it already.
        details: String,
        /// The document that it translates.
        translates: Option<String>,
    },
    /// A box to change a document in.
    Edit {
        /// Which.
        document: String,
    },
    /// A document out of a file, which is still to be read.
    Attach {
        /// For which document.
        of: Of,
        /// The file.
        file: Attached,
    },
    /// A document out of the text of a file.
    Read {
        /// For which document.
        of: Of,
        /// The text.
        text: String,
    },
    /// A proposal.
    Propose {
        /// For which document.
        on: On,
        /// What it is to say.
        written: Box<Written>,
    },
    /// A proposal to take a document away.
    Retire {
        /// Which.
        document: String,
        /// Why.
        reason: String,
    },
    /// A yes.
    Approve {
        /// The proposal.
        key: Key,
    },
    /// A box for the reason of a no.
    AskRejection {
        /// The proposal.
        key: Key,
    },
    /// A no.
    Reject {
        /// The proposal.
        key: Key,
        /// Why.
        reason: String,
    },
    /// A document with its history.
    Show {
        /// Which.
        document: String,
    },
    /// What waits for a reviewer, or the card of one again.
    Proposals {
        /// Which one.
        number: Option<i64>,
    },
}

/// Which document a file is for, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// A new one, or a translation of one.
    New(Option<String>),
    /// One that there is.
    Old(String),
}

/// Which document a box is for, as its id has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A new one, or a translation of one.
    New(Option<i64>),
    /// One that there is, and the version of it that the author saw.
    Old(i64, i64),
}

/// What a person typed into the box of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The question.
    pub question: String,
    /// The one-line answer.
    pub short: String,
    /// The rest of it.
    pub details: String,
}

impl Written {
    /// The text as a file that can be mended and given again, without secrets.
    fn file(&self) -> File {
        let Self {
            question,
            short,
            details,
        } = self;
        File::text(
            "draft.md",
            &redact(&format!("# {question}\n\n{short}\n\n{details}\n")),
        )
    }
}

/// A file on Discord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Where it lies.
    pub url: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What ids of buttons and boxes begin with.
const PREFIX: &str = "kb";
/// How much of a difference stands in a message; the rest is a file.
const DIFFERENCE_ROOM: usize = 1200;
/// How many proposals a list shows.
const LISTED: usize = 10;

impl Wish {
    /// The id of the button that has this done, or of the box that it opens; empty where there is none.
    pub fn control_id(&self) -> String {
        match self {
            Self::Approve { key } => format!("{PREFIX}:approve:{key}"),
            Self::AskRejection { key } => format!("{PREFIX}:reject:{key}"),
            _ => String::new(),
        }
    }

    /// What a person has typed for it, to be given back where nothing becomes of it: the box is closed by then.
    pub fn written(&self) -> Option<File> {
        match self {
            Self::Propose { written, .. } => Some(written.file()),
            _ => None,
        }
    }

    /// The wish of the button with this id; `None` if this version made no such button.
    pub fn from_control(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.split(':').collect();
        match parts.as_slice() {
            [PREFIX, "approve", key] => Some(Self::Approve { key: Key::read(key)? }),
            [PREFIX, "reject", key] => Some(Self::AskRejection { key: Key::read(key)? }),
            _ => None,
        }
    }

    /// The wish of the box with this id and what was filled in; `None` if this version made no such box.
    pub fn from_box(id: &str, filled: &[(String, String)]) -> Option<Result<Self, No>> {
        let of = |name: &str| {
            let mut fields = filled.iter();
            fields.find(|(key, _)| key == name).map_or("", |(_, text)| text)
        };
        let parts: Vec<&str> = id.split(':').collect();
        let on = match parts.as_slice() {
            [PREFIX, "reject", key] => {
                let key = Key::read(key)?;
                return Some(draft::reason(of(field::REASON)).map(|reason| Self::Reject { key, reason }));
            }
            [PREFIX, "new"] => On::New(None),
            [PREFIX, "new", document] => On::New(Some(number_of(document)?)),
            [PREFIX, "edit", document, base] => On::Old(number_of(document)?, number_of(base)?),
            _ => return None,
        };
        let written = Written {
            question: of(field::QUESTION).to_owned(),
            short: of(field::SHORT).to_owned(),
            details: of(field::DETAILS).to_owned(),
        };
        Some(Ok(Self::Propose {
            on,
            written: Box::new(written),
        }))
    }
}

/// The names of the fields of a box.
mod field {
    pub(super) const QUESTION: &str = "question";
    pub(super) const SHORT: &str = "short";
    pub(super) const DETAILS: &str = "details";
    pub(super) const REASON: &str = "reason";
}

/// The box that a wish opens, if it opens one.
///
/// # Errors
/// If it has nothing to open it for, or the store does not answer.
pub async fn form(app: &App, caller: &Caller, wish: &Wish) -> Result<Option<Form>, Failure> {
    let word = |label| caller.label(label);
    match wish {
        Wish::AskRejection { key } => {
            let proposal = find(app, *key).await?;
            may_reject(app, caller, &proposal)?;
            let waits = proposal.state == State::Proposed;
            Ok(waits.then(|| Form {
                id: wish.control_id(),
                title: word(label::REJECT_PROPOSAL_BOX).to_owned(),
                fields: vec![Field {
                    most: draft::REASON,
                    ..Field::long(field::REASON, word(label::REASON_FIELD))
                }],
            }))
        }
        Wish::Compose { details, translates } => {
            let id = match translates {
                None => format!("{PREFIX}:new"),
                Some(name) => {
                    let document = current(&app.store, name).await?.document;
                    format!("{PREFIX}:new:{document}")
                }
            };
            Ok(Some(text_form(caller, id, label::ADD_BOX, ("", "", details))))
        }
        Wish::Edit { document } => {
            let now = current(&app.store, document).await?;
            if !draft::fits_box(&now.text.details) {
                return Err(No::LongForBox { name: now.name() }.into());
            }
            let id = format!("{PREFIX}:edit:{}:{}", now.document, now.version);
            let Text {
                question,
                short,
                details,
                ..
            } = &now.text;
            Ok(Some(text_form(
                caller,
                id,
                label::EDIT_BOX,
                (question, short, details),
            )))
        }
        _ => Ok(None),
    }
}

fn text_form(
    caller: &Caller,
    id: String,
    title: label::Label,
    (question, short, details): (&str, &str, &str),
) -> Form {
    let word = |label| caller.label(label);
    Form {
        id,
        title: word(title).to_owned(),
        fields: vec![
            Field {
                value: question.to_owned(),
                most: draft::QUESTION,
                ..Field::line(field::QUESTION, word(label::QUESTION_FIELD))
            },
            Field {
                value: short.to_owned(),
                most: draft::SHORT,
                ..Field::line(field::SHORT, word(label::SHORT_FIELD))
            },
            Field {
                value: limits::clamp(details, limits::INPUT),
                hint: word(label::DETAILS_HINT).to_owned(),
                ..Field::long(field::DETAILS, word(label::DETAILS_FIELD))
            },
        ],
    }
}

/// Has a wish done, and says what became of it.
///
/// # Errors
/// If it cannot be, or the store does not answer.
pub fn run<'a>(
    app: &'a App,
    caller: &'a Caller,
    lang: Lang,
    wish: Wish,
) -> BoxFuture<'a, Result<Option<Reply>, Failure>> {
    async move {
        match wish {
            Wish::Propose { on, written } => {
                let text = draft::read(&written.question, &written.short, &written.details)?;
                propose(app, caller, lang, on, text).await.map(Some)
            }
            Wish::Read { of, text } => read(app, caller, lang, of, &text).await.map(Some),
            Wish::Retire { document, reason } => {
                retire(app, caller, lang, &document, &reason).await.map(Some)
            }
            Wish::Approve { key } => review(app, caller, key, Word::Approve).await.map(Some),
            Wish::Reject { key, reason } => review(app, caller, key, Word::Reject(reason)).await.map(Some),
            Wish::Show { document } => show(app, lang, &document).await.map(Some),
            Wish::Proposals { number } => proposals(app, caller, lang, number).await.map(Some),
            // No box was opened: somebody else was faster, which the card did not say yet.
            Wish::AskRejection { key } => {
                let proposal = find(app, key).await?;
                let card = card_of(&app.store, app.language_of(&caller.place), &proposal).await?;
                Ok(Some(Reply {
                    aside: Some(say::decided(lang, &proposal)),
                    ..card
                }))
            }
            // Opening the box was the whole answer, and a file is read before it comes here.
            Wish::Compose { .. } | Wish::Edit { .. } | Wish::Attach { .. } => Ok(None),
        }
    }
    .boxed()
}

async fn read(app: &App, caller: &Caller, lang: Lang, of: Of, text: &str) -> Result<Reply, Failure> {
    let (text, base) = draft::read_file(text)?;
    let on = match of {
        Of::New(None) => On::New(None),
        Of::New(Some(name)) => On::New(Some(current(&app.store, &name).await?.document)),
        Of::Old(name) => {
            let now = current(&app.store, &name).await?;
            // A file that was taken from here says which version it was.
            let base = base.filter(|base| *base <= now.version).unwrap_or(now.version);
            On::Old(now.document, base)
        }
    };
    propose(app, caller, lang, on, text).await
}

async fn propose(app: &App, caller: &Caller, lang: Lang, on: On, text: Text) -> Result<Reply, Failure> {
    let blank = blank(app, caller, text);
    match on {
        On::New(None) => offer(app, caller, lang, blank, None).await,
        On::New(Some(document)) => {
            let original = current(&app.store, &name_of(document)).await?;
            let document = original.translates.unwrap_or(original.document);
            if is_translated(app, document, &original, blank.text.lang).await? {
                return Err(No::NoTranslation.into());
            }
            let translation = Version {
                translates: Some(document),
                ..blank
            };
            offer(app, caller, lang, translation, None).await
        }
        On::Old(document, base) => {
            let now = current(&app.store, &name_of(document)).await?;
            if now.text == blank.text {
                return Err(No::Unchanged.into());
            }
            // Its translations are found by the language that they are not.
            if now.text.lang != blank.text.lang {
                return Err(No::OtherLanguage { name: now.name() }.into());
            }
            let change = Version {
                document,
                base,
                translates: now.translates,
                ..blank
            };
            offer(app, caller, lang, change, Some(now)).await
        }
    }
}

/// Whether the document is there in this language already.
async fn is_translated(app: &App, document: i64, original: &Version, lang: Lang) -> Result<bool, StoreError> {
    let all = app.store.documents().await?;
    Ok(original.text.lang == lang || all.iter().any(|it| it.is_of(document, lang)))
}

async fn retire(
    app: &App,
    caller: &Caller,
    lang: Lang,
    document: &str,
    reason: &str,
) -> Result<Reply, Failure> {
    let reason = draft::reason(reason)?;
    let now = current(&app.store, document).await?;
    let proposal = Version {
        document: now.document,
        base: now.version,
        translates: now.translates,
        retires: true,
        reason,
        ..blank(app, caller, now.text.clone())
    };
    offer(app, caller, lang, proposal, Some(now)).await
}

fn blank(app: &App, caller: &Caller, text: Text) -> Version {
    Version {
        number: 0,
        document: 0,
        version: 0,
        base: 0,
        state: State::Proposed,
        retires: false,
        translates: None,
        text,
        author: writer(caller),
        reviewer: None,
        reason: String::new(),
        created_at: app.clock.now(),
        decided_at: None,
    }
}

fn writer(caller: &Caller) -> Writer {
    Writer {
        id: caller.id,
        name: caller.name.clone(),
    }
}

/// Keeps a proposal, and has its card posted.
async fn offer(
    app: &App,
    caller: &Caller,
    lang: Lang,
    proposal: Version,
    now: Option<Version>,
) -> Result<Reply, Failure> {
    let kept = app.store.propose(&proposal).await?;
    let card = card_of(&app.store, app.language_of(&caller.place), &kept).await?;
    let moved = now.filter(|now| now.version != kept.base);
    let reply = match moved {
        None => Reply::private(say::proposed(lang, kept.number)),
        Some(now) => with_difference(say::changed_meanwhile(lang, &kept, now.version), &now, &kept),
    };
    Ok(Reply {
        post: Some(Box::new(Post {
            reply: card,
            // Numbers begin anew with a new store: the time tells it from another of its number.
            nonce: format!("d{}-{:x}", kept.number, kept.created_at),
            failed: say::not_posted(lang, kept.number),
        })),
        ..reply
    })
}

/// A sentence, and what a proposal would change in the document as it is now.
fn with_difference(text: String, now: &Version, proposal: &Version) -> Reply {
    let difference = difference::unified(&card::plain(now), &card::plain(proposal));
    let block = card::code("diff", &difference, DIFFERENCE_ROOM);
    let is_cut = limits::length(&difference) > DIFFERENCE_ROOM;
    let file = File::text(&format!("{}.diff", proposal.name()), &difference);
    Reply {
        files: is_cut.then_some(file).into_iter().collect(),
        ..Reply::private(format!("{text}\n{block}"))
    }
}

/// A reviewer may, and who wrote it.
fn may_reject(app: &App, caller: &Caller, proposal: &Version) -> Result<(), No> {
    let reviewers = &app.config.roles.reviewer;
    match proposal.author.id == caller.id || caller.has_one_of(reviewers) {
        true => Ok(()),
        false => Err(No::NotReviewer {
            unset: reviewers.is_empty(),
        }),
    }
}

/// The proposal that a button is of.
async fn find(app: &App, key: Key) -> Result<Version, Failure> {
    let proposal = app.store.proposal(key.id).await?;
    let is_meant = |it: &Version| it.created_at == key.made;
    Ok(proposal.filter(is_meant).ok_or(No::NoProposal)?)
}

async fn review(app: &App, caller: &Caller, key: Key, word: Word) -> Result<Reply, Failure> {
    let proposal = find(app, key).await?;
    if matches!(word, Word::Reject(_)) {
        may_reject(app, caller, &proposal)?;
    }
    let reason = match &word {
        Word::Reject(reason) => Some(reason.clone()),
        Word::Approve => None,
    };
    let verdict = Verdict {
        by: writer(caller),
        word,
        at: app.clock.now(),
    };
    let (card_lang, caller_lang) = (app.language_of(&caller.place), caller.locale);
    match app.store.review(key.id, &verdict).await? {
        Decided::Kept(decided) => {
            if matches!(decided.state, State::Approved | State::Retired) {
                publish(app).await?;
            }
            Ok(card_of(&app.store, card_lang, &decided).await?)
        }
        Decided::Missing => Err(No::NoProposal.into()),
        Decided::Not { why: Not::Own, .. } => Err(No::Own.into()),
        Decided::Not {
            why: Not::Translated, ..
        } => Err(No::NoTranslation.into()),
        // The card was behind: now it is not. Neither is the library, should it have failed at the first press.
        Decided::Not {
            why: Not::Decided,
            proposal,
        } => {
            publish(app).await?;
            Ok(Reply {
                aside: Some(with_reason(
                    caller_lang,
                    say::decided(caller_lang, &proposal),
                    reason,
                )),
                ..card_of(&app.store, card_lang, &proposal).await?
            })
        }
        // Its card says so from now on, to the author too.
        Decided::Not {
            why: Not::Stale,
            proposal,
        } => Ok(card_of(&app.store, card_lang, &proposal).await?),
    }
}

/// What somebody is told, with the reason that came to nothing.
fn with_reason(lang: Lang, told: String, reason: Option<String>) -> String {
    match reason {
        Some(reason) => format!("{told}\n{}", change::given_back(lang, &reason)),
        None => told,
    }
}

/// The card of a proposal, beside what the document says without it.
async fn card_of(store: &Store, lang: Lang, proposal: &Version) -> Result<Reply, StoreError> {
    if proposal.base == 0 {
        return Ok(card::show(lang, proposal, None));
    }
    let history = store.history(proposal.document).await?;
    let now = history.iter().max_by_key(|it| it.version);
    Ok(match now {
        Some(now) if proposal.state == State::Proposed && now.version > proposal.base => {
            card::stale(lang, proposal, now)
        }
        _ => {
            let before = history.iter().find(|it| it.version == proposal.base);
            card::show(lang, proposal, before)
        }
    })
}

async fn show(app: &App, lang: Lang, name: &str) -> Result<Reply, Failure> {
    let document = named(name).ok_or_else(|| no_document(name))?;
    let history = app.store.history(document).await?;
    let last = history.iter().max_by_key(|it| (it.version, it.number));
    let last = last.ok_or_else(|| no_document(name))?;
    Ok(card::whole(lang, last, &history))
}

async fn proposals(app: &App, caller: &Caller, lang: Lang, number: Option<i64>) -> Result<Reply, Failure> {
    let Some(number) = number else {
        let waiting = app.store.proposals().await?;
        let lines = waiting
            .iter()
            .take(LISTED)
            .map(|it| format!("- {}", say::proposal_line(lang, it)));
        let lines: Vec<String> = std::iter::once(say::proposals(lang, waiting.len()))
            .chain(lines)
            .collect();
        return Ok(Reply::private(lines.join("\n")));
    };
    let proposal = app.store.proposal(number).await?.ok_or(No::NoProposal)?;
    let card = card_of(&app.store, app.language_of(&caller.place), &proposal).await?;
    Ok(Reply {
        post: Some(Box::new(Post {
            reply: card,
            // Anew each time that somebody asks for it.
            nonce: format!("d{number}-{}", app.clock.now()),
            failed: say::not_posted(lang, number),
        })),
        ..Reply::private(say::card_again(lang, number))
    })
}

/// What a document says now, by its name.
async fn current(store: &Store, name: &str) -> Result<Version, Failure> {
    let document = named(name).ok_or_else(|| no_document(name))?;
    let history = store.history(document).await?;
    let now = history
        .into_iter()
        .filter(|it| it.version > 0)
        .max_by_key(|it| it.version);
    match now {
        Some(now) if now.state == State::Retired => Err(No::Retired { name: now.name() }.into()),
        Some(now) => Ok(now),
        None => Err(no_document(name).into()),
    }
}

fn no_document(name: &str) -> No {
    No::NoDocument {
        name: name.to_owned(),
    }
}

/// Names and questions of the documents that hold what is typed, for completion: what is shown, and what is filled in.
pub async fn names(app: &App, typed: &str) -> Vec<(String, String)> {
    let typed = typed.trim().to_lowercase();
    let all = app.store.documents().await.unwrap_or_default();
    let pairs = all
        .into_iter()
        .map(|it| (format!("{} · {}", it.name(), it.text.question), it.name()));
    pairs
        .filter(|(shown, _)| shown.to_lowercase().contains(&typed))
        .take(limits::CHOICES)
        .map(|(shown, value)| (limits::clamp(&shown, limits::CHOICE), value))
        .collect()
}

/// Names and texts of what the documents say now, as the library takes them.
///
/// # Errors
/// If the store does not answer.
pub async fn texts(store: &Store) -> Result<Vec<(String, String)>, StoreError> {
    let all = store.documents().await?;
    Ok(all.iter().map(file).collect())
}

/// Where a document lies among its kind, and its text.
fn file(it: &Version) -> (String, String) {
    let id = name_of(it.translates.unwrap_or(it.document));
    (it.text.path(&id), it.text.markdown(&id, it.version))
}

/// Brings the library up to what the store has.
async fn publish(app: &App) -> Result<(), Failure> {
    let _alone = app.publishing.lock().await;
    let texts = texts(&app.store).await?;
    give(&app.library, texts).await?;
    app.metrics.library(&app.library);
    Ok(())
}

async fn give(library: &Library, texts: Vec<(String, String)>) -> anyhow::Result<()> {
    let library = library.clone();
    let given = tokio::task::spawn_blocking(move || library.give(&texts)).await?;
    given.context("index the documents that were written in chat")
}

impl From<No> for Failure {
    fn from(no: No) -> Self {
        Refusal::from(no).into()
    }
}

impl From<No> for Refusal {
    fn from(no: No) -> Self {
        Self::Document(Box::new(no))
    }
}

fn number_of(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number > 0)
}
