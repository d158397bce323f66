//! What people thought of answers, and what the documents did not answer.
//!
//! Each question that is asked leaves a row, so that a vote that comes later has its words; privately asked ones
//! leave none of them. Votes change no ranking: they stand in the [report], and what was not answered or did
//! not help in the [gaps].

pub mod gaps;
pub mod report;

use std::sync::atomic::{AtomicU64, Ordering};

use firstmate_kb::{Lang, Near, Outcome};

use crate::app::App;
use crate::caller::Caller;
use crate::clock::Millis;
use crate::command::Command;
use crate::documents::draft;
use crate::handle::Failure;
use crate::limits;
use crate::redact::redact;
use crate::reply::{Button, Field, Form, Reply};
use crate::text::feedback as say;
use crate::text::label;

/// How much of a question is kept, in characters: what a list can show of it, and what tells it from others.
const KEPT: usize = 400;

/// A question that was asked, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What buttons name it by.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// The language of the answer.
    pub lang: Lang,
    /// Asked privately: it is counted, and its words are not kept.
    pub private: bool,
    /// Its beginning, without secrets.
    pub question: String,
    /// Whether anything was offered as an answer.
    pub answered: bool,
    /// The question of the documents that answered, or the nearest; empty if there is none.
    pub answer: String,
    /// Its title.
    pub title: String,
}

/// What one person thought of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The question that was asked.
    pub asked: i64,
    /// Who.
    pub person: u64,
    /// The question of the documents that was shown.
    pub answer: String,
    /// Whether it helped.
    pub helpful: bool,
    /// Why not, without secrets.
    pub reason: String,
    /// When.
    pub at: Millis,
}

/// The votes of one question of the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The question.
    pub answer: String,
    /// How many it helped.
    pub helpful: i64,
    /// How many voted.
    pub votes: i64,
}

/// A press on one of the two buttons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// The question that was asked.
    pub asked: i64,
    /// The question of the documents that was shown.
    pub answer: String,
    /// What the person thinks.
    pub opinion: Opinion,
}

/// What a person thinks of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// It helped.
    Helpful,
    /// It did not: a box asks why.
    Unhelpful,
    /// It did not, and why; empty: nothing was said.
    Because(String),
}

impl Voice {
    /// The id of the button.
    pub fn control_id(&self) -> String {
        let mark = match self.opinion {
            Opinion::Helpful => "y",
            Opinion::Unhelpful | Opinion::Because(_) => "n",
        };
        format!("vote:{:x}:{}:{mark}", self.asked, self.answer)
    }

    /// The press on the button with this id; `None` if this version made no such button.
    pub fn from_control(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.split(':').collect();
        let ["vote", asked, answer, mark] = parts.as_slice() else {
            return None;
        };
        let opinion = match *mark {
            "y" => Opinion::Helpful,
            "n" => Opinion::Unhelpful,
            _ => return None,
        };
        let is_id = answer.len() == 16 && answer.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Self {
            asked: i64::from_str_radix(asked, 16)
                .ok()
                .filter(|id| is_id && *id > 0)?,
            answer: (*answer).to_owned(),
            opinion,
        })
    }

    /// What was said in the box of the button with this id.
    pub fn from_box(id: &str, filled: &[(String, String)]) -> Option<Self> {
        let voice = Self::from_control(id).filter(|voice| voice.opinion == Opinion::Unhelpful)?;
        let reason = filled.first().map_or("", |(_, text)| text);
        Some(Self {
            opinion: Opinion::Because(reason.to_owned()),
            ..voice
        })
    }

    /// The box that asks why.
    pub fn form(&self, caller: &Caller) -> Option<Form> {
        (self.opinion == Opinion::Unhelpful).then(|| Form {
            id: self.control_id(),
            title: caller.label(label::UNHELPFUL_BOX).to_owned(),
            fields: vec![Field {
                required: false,
                hint: caller.label(label::UNHELPFUL_HINT).to_owned(),
                most: draft::REASON,
                ..Field::long("reason", caller.label(label::REASON_FIELD))
            }],
        })
    }
}

/// The two buttons below an answer to what was asked.
pub fn buttons(lang: Lang, asked: i64, answer: &str) -> [Button; 2] {
    let voice = |label: label::Label, opinion| {
        let voice = Voice {
            asked,
            answer: answer.to_owned(),
            opinion,
        };
        Button::run(label.of(lang), Command::Vote(voice))
    };
    [
        voice(label::HELPFUL, Opinion::Helpful),
        voice(label::UNHELPFUL, Opinion::Unhelpful),
    ]
}

/// Keeps a vote, and says so.
///
/// # Errors
/// If the store does not keep it.
pub async fn vote(app: &App, caller: &Caller, lang: Lang, voice: Voice) -> Result<Reply, Failure> {
    let (helpful, reason) = match voice.opinion {
        Opinion::Helpful => (true, String::new()),
        Opinion::Unhelpful => (false, String::new()),
        Opinion::Because(reason) => (false, kept(&reason)),
    };
    let vote = Vote {
        asked: voice.asked,
        person: caller.id,
        answer: voice.answer,
        helpful,
        reason,
        at: app.clock.now(),
    };
    let before = app.store.keep_vote(&vote).await?;
    let replaced = before.is_some_and(|before| before != helpful);
    Ok(Reply::private(say::thanks(lang, helpful, replaced)))
}

/// Keeps what was asked and what became of it, beside the answer, and gives what buttons name it by.
///
/// An answer waits for no store: where it is not kept, a vote for it is kept all the same, without its words.
pub fn remember(app: &App, lang: Lang, private: bool, question: &str, outcome: &Outcome) -> i64 {
    let (answered, answer, title) = match outcome {
        Outcome::Answer(answer) => (true, answer.question.id.clone(), answer.question.title.clone()),
        // Which one is not known before it is chosen.
        Outcome::DidYouMean(_) => (true, String::new(), String::new()),
        Outcome::NotKnown(near) => {
            let (id, title) = near.first().map(named).unwrap_or_default();
            (false, id, title)
        }
    };
    let asked = Asked {
        id: new_id(app.clock.now()),
        at: app.clock.now(),
        lang,
        private,
        question: if private { String::new() } else { kept(question) },
        answered,
        answer,
        title: limits::clamp(&title, KEPT),
    };
    let id = asked.id;
    let (store, work) = (app.store.clone(), app.work.begin());
    tokio::spawn(async move {
        let _work = work;
        if let Err(error) = store.keep_asked(&asked).await {
            tracing::warn!("what was asked could not be kept: {error:#}");
        }
    });
    id
}

fn named(near: &Near) -> (String, String) {
    (near.id.clone(), near.title.clone())
}

/// On one line, without secrets, so much of it as is kept.
fn kept(text: &str) -> String {
    let seen = |it: &char| it.is_whitespace() || !crate::text::is_unseen(*it);
    let seen: String = text.chars().filter(seen).collect();
    // Secrets go before anything is cut: half of one is not known as one.
    let clean = redact(&seen).into_owned();
    let words: Vec<&str> = clean.split_whitespace().collect();
    limits::clamp(&words.join(" "), KEPT)
}

/// An id that no other question has: the time, and what two processes do not share.
fn new_id(now: Millis) -> i64 {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    static COUNT: std::sync::OnceLock<AtomicU64> = std::sync::OnceLock::new();
    let count = COUNT.get_or_init(|| AtomicU64::new(RandomState::new().build_hasher().finish()));
    let low = count.fetch_add(1, Ordering::Relaxed) & 0xf_ffff;
    ((now << 20 | low) & i64::MAX.cast_unsigned()).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_carries_its_vote_whole() {
        for opinion in [Opinion::Helpful, Opinion::Unhelpful] {
            let voice = Voice {
                asked: i64::MAX,
                answer: "0123456789abcdef".to_owned(),
                opinion,
            };
            let id = voice.control_id();
            assert!(id.len() <= limits::CUSTOM_ID);
            assert_eq!(Voice::from_control(&id), Some(voice));
        }
        for id in [
            "vote:1:0123456789abcdef",
            "vote:-1:0123456789abcdef:y",
            "vote:1:x:y",
            "vote:1:0123456789abcdef:z",
        ] {
            assert_eq!(Voice::from_control(id), None, "{id}");
        }
    }

    #[test]
    fn what_is_kept_of_a_question_has_no_secret_and_no_second_line() {
        let text = format!(
            "login fails\npassword: hunter2-Xk93jdk2 \u{202e}{}",
            "x".repeat(9000)
        );
        let kept = kept(&text);
        assert!(kept.starts_with("login fails password: [redacted:"), "{kept}");
        assert!(!kept.contains("hunter2") && !kept.contains('\u{202e}') && !kept.contains('\n'));
        assert!(kept.chars().count() <= KEPT);
    }

    #[test]
    fn no_two_questions_share_an_id() {
        let ids: std::collections::HashSet<i64> = (0..1000).map(|_| new_id(1_767_225_600_000)).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| *id > 0));
    }
}
