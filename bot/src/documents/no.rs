//! Why a document is not proposed, changed or approved. The sentences are in `text`.

/// Why nothing became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// Only authors write documents.
    NotAuthor {
        /// Nobody is one.
        unset: bool,
    },
    /// Only reviewers decide.
    NotReviewer {
        /// Nobody is one.
        unset: bool,
    },
    /// Nothing stands there.
    Empty {
        /// Where.
        part: Part,
    },
    /// Too much stands there.
    Long {
        /// Where.
        part: Part,
        /// So many characters at most.
        most: usize,
    },
    /// A secret stands there.
    Secret {
        /// Where.
        part: Part,
        /// On which line, from 1.
        line: usize,
    },
    /// The short answer is a list, a table, code, or leads in to what follows.
    ShortForm,
    /// Headings of the details would be read as questions of their own.
    Several,
    /// A code block begins on this line of the details and never ends.
    OpenFence {
        /// From 1.
        line: u32,
    },
    /// A file has no title.
    NoTitle,
    /// A file has no short answer.
    NoShort,
    /// A file is no text.
    NoText,
    /// A file is too large.
    LargeFile {
        /// Its size in bytes.
        bytes: u64,
    },
    /// A file could not be read from Discord.
    NotFetched,
    /// There is no document of this name that was added in chat.
    NoDocument {
        /// What was typed.
        name: String,
    },
    /// The document was taken away.
    Retired {
        /// How it is called.
        name: String,
    },
    /// The details are longer than a box holds.
    LongForBox {
        /// How the document is called.
        name: String,
    },
    /// It says what the document says already.
    Unchanged,
    /// A translation is in the same language, or there is one.
    NoTranslation,
    /// A change is in another language than the document.
    OtherLanguage {
        /// How the document is called.
        name: String,
    },
    /// There is no such proposal.
    NoProposal,
    /// Nobody approves what they wrote.
    Own,
}

/// A part of what a person fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The question.
    Question,
    /// The short answer.
    Short,
    /// The details.
    Details,
    /// A reason.
    Reason,
}
