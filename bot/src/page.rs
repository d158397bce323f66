//! A whole answer in pages, broken between sections where possible.

use firstmate_kb::Question;

use crate::limits;
use crate::markdown;

/// How much stands on a page: about two screens of a phone.
const PAGE: usize = 1800;

/// The pages of an answer. There is always one.
#[derive(Debug)]
pub struct Pages {
    pages: Vec<String>,
    sections: Vec<Entry>,
    /// On which pages each section stands, the first and the last.
    spans: Vec<(usize, usize)>,
}

/// A section in the menu.
#[derive(Debug)]
struct Entry {
    section: usize,
    page: usize,
    label: String,
    depth: usize,
}

impl Pages {
    /// The pages of the answer to `question`: its one-line answer, then every section.
    pub fn of(question: &Question) -> Self {
        let mut made = Self {
            pages: vec![
                question
                    .short
                    .as_deref()
                    .map(markdown::for_discord)
                    .unwrap_or_default(),
            ],
            sections: Vec::new(),
            spans: Vec::new(),
        };
        for (at, section) in question.sections.iter().enumerate() {
            let heading = section
                .path
                .last()
                .map(|heading| markdown::bold(heading) + "\n")
                .unwrap_or_default();
            let text = format!("{heading}{}", markdown::for_discord(&section.markdown));
            let page = made.add(&text);
            made.spans.push((page, made.pages.len() - 1));
            if let Some(label) = section.path.last() {
                made.sections.push(Entry {
                    section: at,
                    page,
                    label: label.clone(),
                    depth: section.path.len(),
                });
            }
        }
        made
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.pages.len()
    }

    /// The page `at`, counted from 0.
    pub fn page(&self, at: usize) -> &str {
        self.pages.get(at).map_or("", String::as_str)
    }

    /// The page on which section `section` begins.
    pub fn of_section(&self, section: usize) -> usize {
        self.sections
            .iter()
            .find(|entry| entry.section == section)
            .map_or(0, |entry| entry.page)
    }

    /// The sections that stand on the page `at`, or on a part of it.
    pub fn on(&self, at: usize) -> Vec<usize> {
        let spans = self.spans.iter().enumerate();
        let there = spans.filter(|(_, (first, last))| (*first..=*last).contains(&at));
        there.map(|(section, _)| section).collect()
    }

    /// Label and value of the sections, for a menu; only the upper ones where there are too many.
    pub fn sections(&self) -> Vec<(String, String)> {
        let deepest = self.sections.iter().map(|entry| entry.depth).max().unwrap_or(0);
        let fits = |depth: &usize| {
            self.sections.iter().filter(|entry| entry.depth <= *depth).count() <= limits::CHOICES
        };
        let depth = (1..=deepest).rev().find(fits).unwrap_or(1);
        let shown = self
            .sections
            .iter()
            .filter(|entry| entry.depth <= depth)
            .take(limits::CHOICES);
        shown
            .map(|entry| (entry.label.clone(), entry.section.to_string()))
            .collect()
    }

    /// Adds a section's text and says on which page it begins.
    fn add(&mut self, text: &str) -> usize {
        let text = text.trim();
        let last = self.pages.len() - 1;
        if text.is_empty() || self.pages[last] == text {
            return last;
        }
        let room = limits::length(&self.pages[last]) + 2 + limits::length(text);
        if self.pages[last].is_empty() || room <= PAGE {
            let mut joined = std::mem::take(&mut self.pages[last]);
            if !joined.is_empty() {
                joined.push_str("\n\n");
            }
            joined.push_str(text);
            let pieces = limits::split(&joined, PAGE);
            self.pages.pop();
            self.pages.extend(pieces);
            return last;
        }
        self.pages.extend(limits::split(text, PAGE));
        last + 1
    }
}
