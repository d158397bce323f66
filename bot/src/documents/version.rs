//! A document in its versions, and what a reviewer's word makes of a proposal. Pure: the store keeps what comes of it.

use firstmate_kb::Lang;

use crate::clock::Millis;

/// A proposal, and once it is approved a version of its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The number of the proposal.
    pub number: i64,
    /// The document: the number of its first proposal.
    pub document: i64,
    /// From 1 up once it is approved; 0 before.
    pub version: i64,
    /// The version that its author saw; 0: a new document.
    pub base: i64,
    /// Where it stands.
    pub state: State,
    /// It proposes to take the document away.
    pub retires: bool,
    /// The document that it is a translation of.
    pub translates: Option<i64>,
    /// What it says.
    pub text: Text,
    /// Who wrote it.
    pub author: Writer,
    /// Who decided it.
    pub reviewer: Option<Writer>,
    /// Why it is to be taken away, or was rejected.
    pub reason: String,
    /// When it was proposed.
    pub created_at: Millis,
    /// When it was decided.
    pub decided_at: Option<Millis>,
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// By its script.
    pub lang: Lang,
    /// The question, one line of plain text.
    pub question: String,
    /// The short answer, one line.
    pub short: String,
    /// The rest, in Markdown.
    pub details: String,
}

/// Who wrote or reviewed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Their id on Discord.
    pub id: u64,
    /// Their name there at that time.
    pub name: String,
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for a reviewer.
    Proposed,
    /// It is, or was, what the document says.
    Approved,
    /// It never was.
    Rejected,
    /// It took the document away.
    Retired,
}

/// A reviewer's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whose.
    pub by: Writer,
    /// Yes, or no and why.
    pub word: Word,
    /// When.
    pub at: Millis,
}

/// Yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It becomes the next version.
    Approve,
    /// It does not, and why.
    Reject(String),
}

/// Why a word changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Not {
    /// It was decided before.
    Decided,
    /// Nobody approves what they wrote.
    Own,
    /// The document was changed since its author saw it.
    Stale,
    /// It was translated into this language meanwhile.
    Translated,
}

impl Version {
    /// What the proposal is after a reviewer's word. `current` is the document's version now, 0 if it has none.
    ///
    /// # Errors
    /// If the word changes nothing.
    pub fn after(&self, verdict: &Verdict, current: i64) -> Result<Self, Not> {
        if self.state != State::Proposed {
            return Err(Not::Decided);
        }
        // Who wrote it may take it back.
        if self.author.id == verdict.by.id && verdict.word == Word::Approve {
            return Err(Not::Own);
        }
        let decided = Self {
            reviewer: Some(verdict.by.clone()),
            decided_at: Some(verdict.at),
            ..self.clone()
        };
        match &verdict.word {
            Word::Reject(reason) => Ok(Self {
                state: State::Rejected,
                reason: reason.clone(),
                ..decided
            }),
            Word::Approve if self.base != current => Err(Not::Stale),
            Word::Approve => Ok(Self {
                state: if self.retires {
                    State::Retired
                } else {
                    State::Approved
                },
                version: current + 1,
                ..decided
            }),
        }
    }

    /// Whether it is this document, or a translation of it, in this language.
    pub fn is_of(&self, document: i64, lang: Lang) -> bool {
        self.text.lang == lang && (self.document == document || self.translates == Some(document))
    }

    /// How people call the document.
    pub fn name(&self) -> String {
        name_of(self.document)
    }
}

/// How people call a document: `kb-12`.
pub fn name_of(document: i64) -> String {
    format!("{PREFIX}{document}")
}

/// The document that is called so, by its number alone too.
pub fn named(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let number = text.strip_prefix(PREFIX).unwrap_or(&text);
    let plain = number.len() < 18 && number.bytes().all(|it| it.is_ascii_digit());
    number.parse().ok().filter(|number| plain && *number > 0)
}

const PREFIX: &str = "kb-";

impl Text {
    /// The document in the form of the bundled ones, as it is searched and exported.
    pub fn markdown(&self, id: &str, version: i64) -> String {
        let lang = match self.lang {
            Lang::En => "en",
            Lang::Zh => "zh",
        };
        let Self {
            question,
            short,
            details,
            ..
        } = self;
        let head = format!("---\nid: {id}\nlang: {lang}\nversion: {version}\n---");
        format!("{head}\n# {question}\n\n{short}\n\n{}\n", details.trim_end())
    }

    /// Where it lies: below the folder of its language.
    pub fn path(&self, name: &str) -> String {
        let lang = match self.lang {
            Lang::En => "en",
            Lang::Zh => "zh",
        };
        format!("{lang}/{name}.md")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(id: u64) -> Writer {
        Writer {
            id,
            name: format!("w{id}"),
        }
    }

    fn proposal(base: i64) -> Version {
        Version {
            number: 7,
            document: 3,
            version: 0,
            base,
            state: State::Proposed,
            retires: false,
            translates: None,
            text: Text {
                lang: Lang::En,
                question: "Why?".to_owned(),
                short: "Because.".to_owned(),
                details: "So it is.".to_owned(),
            },
            author: writer(1),
            reviewer: None,
            reason: String::new(),
            created_at: 5,
            decided_at: None,
        }
    }

    fn word(by: u64, word: Word) -> Verdict {
        Verdict {
            by: writer(by),
            word,
            at: 9,
        }
    }

    #[test]
    fn an_approved_proposal_is_the_next_version() {
        let after = proposal(2).after(&word(2, Word::Approve), 2).unwrap();
        assert_eq!((after.version, after.state), (3, State::Approved));
        assert_eq!((after.reviewer, after.decided_at), (Some(writer(2)), Some(9)));
        let retired = Version {
            retires: true,
            ..proposal(2)
        };
        let after = retired.after(&word(2, Word::Approve), 2).unwrap();
        assert_eq!((after.version, after.state), (3, State::Retired));
    }

    #[test]
    fn nobody_approves_their_own_and_nothing_is_decided_twice() {
        let own = proposal(0);
        assert_eq!(own.after(&word(1, Word::Approve), 0), Err(Not::Own));
        let taken_back = own.after(&word(1, Word::Reject("no".to_owned())), 0).unwrap();
        assert_eq!((taken_back.version, taken_back.state), (0, State::Rejected));
        let rejected = own.after(&word(2, Word::Reject("no".to_owned())), 0).unwrap();
        assert_eq!((rejected.version, rejected.state), (0, State::Rejected));
        assert_eq!(rejected.after(&word(3, Word::Approve), 0), Err(Not::Decided));
    }

    #[test]
    fn what_was_changed_since_is_not_overwritten() {
        assert_eq!(proposal(1).after(&word(2, Word::Approve), 2), Err(Not::Stale));
        // A no takes nothing away.
        assert!(
            proposal(1)
                .after(&word(2, Word::Reject("old".to_owned())), 2)
                .is_ok()
        );
    }

    #[test]
    fn a_document_is_named_by_its_number() {
        for text in ["kb-12", " KB-12 ", "12"] {
            assert_eq!(named(text), Some(12), "{text}");
        }
        for text in ["", "kb-", "kb--1", "0", "-1", "kb-1x", "99999999999999999999"] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
