//! What is held of a document between two questions: what it is found and named by. Its texts stay packed until
//! one is shown, since a folder has thousands and an answer needs one.

use serde::{Deserialize, Serialize};
use tantivy::directory::OwnedBytes;

use crate::document::{Document, Form, Parsed};
use crate::index::Passage;
use crate::{FaultKind, Lang};

/// A document that was read.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    /// As of the document.
    pub(crate) id: Option<String>,
    /// As of the document.
    pub(crate) related: Vec<String>,
    /// As of the document.
    pub(crate) written: Lang,
    /// As of the document.
    pub(crate) faults: Vec<(u32, FaultKind)>,
    /// In how many other ways its question is asked.
    pub(crate) asked: usize,
    pub(crate) questions: Vec<Outline>,
    /// Where the last text ends that belongs to no question: tags and wordings.
    matter: usize,
    #[serde(skip, default = "OwnedBytes::empty")]
    texts: OwnedBytes,
}

/// A question without its text.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) title: String,
    pub(crate) sections: usize,
    /// Where its text ends in those of the document. It begins where the one before ends.
    end: usize,
}

/// Tags and wordings of a document.
type Matter = (Vec<String>, Vec<String>);

impl Held {
    pub(crate) fn new(document: Document) -> Self {
        let mut texts = Vec::new();
        let asked = document.asked.len();
        pack(&(document.tags, document.asked), &mut texts);
        let matter = texts.len();
        let mut questions = Vec::new();
        for question in document.questions {
            pack(&question, &mut texts);
            questions.push(Outline {
                sections: question.sections.len(),
                title: question.title,
                end: texts.len(),
            });
        }
        texts.shrink_to_fit();
        Self {
            id: document.id,
            related: document.related,
            written: document.written,
            faults: document.faults,
            asked,
            questions,
            matter,
            texts: OwnedBytes::new(texts),
        }
    }

    /// The texts, to be kept beside the rest.
    pub(crate) fn texts(&self) -> &[u8] {
        &self.texts
    }

    /// The same with its texts, if they are as many bytes as it says.
    pub(crate) fn with(self, texts: OwnedBytes) -> Option<Self> {
        let ends = self.questions.iter().map(|it| it.end);
        let ends: Vec<usize> = std::iter::once(self.matter).chain(ends).collect();
        let whole = ends.is_sorted() && ends.last() == Some(&texts.len());
        whole.then_some(Self { texts, ..self })
    }

    /// A question with its text.
    pub(crate) fn question(&self, nth: usize) -> Parsed {
        let from = nth
            .checked_sub(1)
            .map_or(self.matter, |it| self.questions[it].end);
        let outline = &self.questions[nth];
        let read = postcard::from_bytes(&self.texts[from..outline.end]).ok();
        // It was written by this program, and what was read of a disk has its sum: it can be read.
        read.unwrap_or_else(|| Parsed {
            title: outline.title.clone(),
            short: None,
            context: Vec::new(),
            line: 1,
            anchor: None,
            sections: Vec::new(),
            form: Form::Page,
        })
    }

    /// What is indexed of it as this file: each section with its question, headings and what stands above.
    pub(crate) fn passages(&self, file: u64) -> Vec<Passage> {
        let (tags, asked): Matter = postcard::from_bytes(&self.texts[..self.matter]).unwrap_or_default();
        let tags = tags.join("\n");
        let mut passages = Vec::new();
        let mut add = |head: String, body: String| {
            passages.push(Passage {
                file,
                ordinal: passages.len() as u64,
                head,
                body,
            });
        };
        let mut first = None;
        for nth in 0..self.questions.len() {
            let question = self.question(nth);
            let context = question.context.join("\n");
            for (nth, part) in question.sections.iter().enumerate() {
                let short = question.short.as_deref().filter(|_| nth == 0).unwrap_or_default();
                let head = format!("{}\n{}", question.title, part.path.join("\n"));
                add(head, [&context, &tags, short, &part.markdown].join("\n"));
            }
            first.get_or_insert((question.title, question.short.unwrap_or_default()));
        }
        let (title, short) = first.unwrap_or_default();
        for asked in asked {
            add(asked, [title.as_str(), &tags, &short].join("\n"));
        }
        passages
    }
}

/// Nothing that a document holds cannot be written into memory.
fn pack(value: &impl Serialize, texts: &mut Vec<u8>) {
    if let Ok(more) = postcard::to_extend(value, std::mem::take(texts)) {
        *texts = more;
    }
}
