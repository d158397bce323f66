//! Why a person could not do something: what the page and the transcripts are told.

/// A refusal of the control API, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status that the control API answers with.
    pub status: u16,
    /// What is wrong, in English.
    pub message: String,
    /// By what the page knows it, to say it in the person's language.
    pub code: Option<&'static str>,
}

impl Refused {
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(404, message)
    }

    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: None,
        }
    }

    /// The same, with the code of a sentence of the page's.
    pub(crate) fn known_as(self, code: &'static str) -> Self {
        let code = Some(code);
        Self { code, ..self }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}
