//! All documents at one moment: questions with their ids and pairs, and the index over them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::answer::{Calibration, Candidate, Features, LEAST_WORTH, MOST_MEANT, Outcome, Verdict, features};
use crate::document::{Parsed, Part};
use crate::held::{Held, Outline};
use crate::index::SearchIndex;
use crate::library::Title;
use crate::pairing::{Builder, in_address};
use crate::search::{Evidence, Head, Likeness, Ranking, Snapshot};
use crate::topics::Topic;
use crate::words::{self, Analyzer, TermId};
use crate::{Answer, Confidence, Error, Fault, Lang, Near, Question, Section, Source, Stats};

/// A document that could be read.
pub(crate) struct File {
    pub(crate) source: usize,
    pub(crate) relative: String,
    /// Its name in the index.
    pub(crate) key: u64,
    pub(crate) document: Arc<Held>,
    pub(crate) titles: Arc<Vec<Title>>,
}

/// What questions are answered from.
pub(crate) struct Shelf {
    snapshot: Snapshot,
    entries: Vec<Entry>,
    groups: Vec<Group>,
    /// Passage -> entry and section.
    passages: Vec<(usize, usize)>,
    topics: Rarity,
    /// The questions with each title; of several the team's.
    by_title: HashMap<TermId, Vec<usize>>,
    by_id: HashMap<String, usize>,
    /// `id` of a document's front matter -> its first question.
    by_name: HashMap<String, usize>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) stats: Stats,
}

/// A question in one language.
pub(crate) struct Entry {
    pub(crate) document: Arc<Held>,
    pub(crate) titles: Arc<Vec<Title>>,
    pub(crate) nth: usize,
    pub(crate) file: String,
    /// Address of the file.
    pub(crate) link: Option<String>,
    pub(crate) lang: Lang,
    pub(crate) group: usize,
    /// Its sections, and behind them what it is called in others' words.
    pub(crate) passages: Range<usize>,
}

/// A question in the languages it exists in.
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) source: usize,
    pub(crate) team: bool,
    /// The entry by language: English, Chinese.
    pub(crate) entries: [Option<usize>; 2],
    /// What it is about in either language, sorted.
    pub(crate) topics: Vec<Topic>,
}

/// What it tells that a question is about a topic: the fewer are, the more.
struct Rarity {
    known: HashMap<Topic, f32>,
    /// That of a topic that no question is about.
    other: f32,
}

/// The best two scores of a question's passages, and which passage has the best.
#[derive(Clone, Copy, Debug, Default)]
struct Best {
    score: f32,
    second: f32,
    passage: usize,
}

impl Best {
    /// Looks at the scores of passages in a row. Of two that are equal the first stands.
    fn add(&mut self, first: usize, scores: &[f32]) {
        for (passage, score) in (first..).zip(scores) {
            // Without a branch, since whether a passage has any of the words is a matter of chance; and no score is
            // a NaN, for which `min` and `max` would look.
            let lower = if *score < self.score { *score } else { self.score };
            self.second = if lower > self.second { lower } else { self.second };
            if *score > self.score || (*score == self.score && passage < self.passage) {
                (self.score, self.passage) = (*score, passage);
            }
        }
    }
}

/// What a question found: the best first, and what the calibration sees in it.
pub(crate) struct Ranked<'s> {
    pub(crate) features: Features,
    pub(crate) entries: Vec<&'s Entry>,
}

/// A question whose title says what was asked, and little else, is preferred by up to this share.
const TITLE: f32 = 0.25;
/// A question is asked in the very words of its title, or of another wording of it, or it is not; the second nearest
/// wording counts so much beside the nearest.
const ALIKE: f32 = 3.0;
const NEXT: f32 = 0.5;
/// A question that is about the same, in whatever words, is preferred by up to this share, if what was asked tells
/// that as well as one rare topic does; so many questions are taken to be there beside those that are. With this
/// share the right question of the labelled ones that are for tuning is likeliest, with and without wordings.
const TOPIC: f32 = 1.1;
const TOLD_ENOUGH: f32 = 3.0;
const TOPIC_BACKGROUND: f32 = 10.0;
/// A question whose sections have more of what was asked together is preferred by up to this share: who
/// tells a long story tells of several sections.
const TOGETHER: f32 = 0.7;
/// What the second best section of a question adds.
const SECOND: f32 = 0.5;
/// Where both answer, the team knows better how things are done here: its question goes first if it
/// reaches this share of the best score and covers as much of what was asked, but for this much.
const TEAM: f32 = 0.5;
const TEAM_COVERAGE: f32 = 0.15;
const TEAM_HEADED: f32 = 0.3;
/// Where both are about the same, it goes first if it reaches this share. So many of the team's
/// questions are looked at for that; and they are about the same if the headings of the team's section
/// find the bundled question among so many.
const SAME_TOPIC: f32 = 0.42;
const TOPIC_COVERAGE: f32 = 0.5;
const TEAM_NEAR: usize = 2;
const TOPIC_NEAR: usize = 1;
/// An earlier source outranks a later one at equal score.
const LATER: f32 = 0.002;
/// So many questions are looked at closely, and so many are candidates.
const CLOSELY: usize = 40;
pub(crate) const MOST_CANDIDATES: usize = 8;
/// What is in a section's own headings, and not in the title, counts so much beside what is anywhere in
/// the section.
const HEADING: f32 = 0.5;
/// A section whose heading is what was asked is it, whatever else the title promises.
const HEADED: f32 = 1.0;
/// ... and so is one whose heading has words that the other headings have not.
const TOLD: f32 = 3.0;
/// Whoever does not say where they are begins at the beginning: the first section tells which of the others to read.
const FIRST: f32 = 0.3;
/// A section that sums up or verifies repeats the words of the others; it is shown if it is clearly
/// better.
const CLOSING: f32 = 0.8;

impl Shelf {
    pub(crate) fn new(
        sources: &[Source],
        files: &[File],
        index: &SearchIndex,
        mut faults: Vec<Fault>,
    ) -> Result<Self, Error> {
        let mut builder = Builder::new(sources, files);
        let pairs = builder.pairs(&mut faults);
        for (at, file) in files.iter().enumerate() {
            builder.add(file, &pairs[at]);
            for (line, what) in &file.document.faults {
                let name = builder.file_name(file);
                faults.push(Fault {
                    file: name,
                    line: Some(*line),
                    what: what.clone(),
                    kept_last_good: false,
                });
            }
        }
        let stats = Stats {
            documents: files.len(),
            questions: builder.groups.len(),
            passages: builder.entries.iter().map(|it| it.outline().sections).sum(),
        };
        let Builder {
            entries,
            mut groups,
            passages,
            ids,
            numbers,
            ..
        } = builder;
        for group in &mut groups {
            let titles = group.entries.iter().flatten().map(|it| entries[*it].title());
            group.topics = titles.flat_map(|it| &it.topics).copied().collect();
            group.topics.sort_unstable();
            group.topics.dedup();
        }
        let topics = Rarity::among(&groups);
        let by_title = by_title(&entries, &groups);
        let snapshot = Snapshot::new(index, &numbers)?;
        // Of two documents of one name the earlier source's is meant.
        let names = entries.iter().rev().filter(|it| it.nth == 0);
        let names = names.filter_map(|it| Some((it.document.id.clone()?, it.group)));
        let by_name = names.collect();
        Ok(Self {
            snapshot,
            entries,
            groups,
            passages,
            topics,
            by_title,
            by_id: ids,
            by_name,
            faults,
            stats,
        })
    }

    pub(crate) fn ask(
        &self,
        analyzer: &Analyzer,
        calibration: &Calibration,
        question: &str,
        lang: Lang,
    ) -> Outcome {
        let Ok(ranking) = self.snapshot.search(analyzer, question) else {
            return Outcome::NotKnown(Vec::new());
        };
        let candidates = self.candidates(analyzer, &ranking, MOST_CANDIDATES);
        // The team's goes before a bundled one, however that is called.
        let team = candidates.first().is_some_and(|it| it.team);
        let titled = self.titled(question).filter(|it| self.groups[*it].team || !team);
        if let Some(group) = titled {
            return self.in_its_words(&ranking, &candidates, group, lang);
        }
        let near = |count: usize| {
            let first = candidates.iter().take(count);
            let near = first.map(|it| Near {
                likely: calibration.may_help(it),
                ..self.near(it.group, lang, it.score)
            });
            near.collect()
        };
        match calibration.decide(&ranking, &candidates) {
            Verdict::Answer(confidence) => {
                let (question, section) = self.answer(&ranking, candidates[0], lang);
                Outcome::Answer(Answer {
                    question,
                    section,
                    confidence,
                })
            }
            Verdict::Several(count) => Outcome::DidYouMean(near(count)),
            Verdict::Unknown => Outcome::NotKnown(near(MOST_MEANT)),
        }
    }

    /// The question that is called so, letter by letter, if there is one alone.
    fn titled(&self, question: &str) -> Option<usize> {
        match self.by_title.get(&words::letters(question)?)?.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// A question that was asked word for word, whatever its words are.
    fn in_its_words(&self, ranking: &Ranking, candidates: &[Candidate], group: usize, lang: Lang) -> Outcome {
        let shown = self.entry_in(group, lang);
        let (question, section) = match candidates.iter().find(|it| it.group == group) {
            Some(candidate) => self.answer(ranking, *candidate, lang),
            None => {
                let parsed = self.entries[shown].parsed();
                let begin = parsed.sections.iter().position(|it| !it.path.is_empty());
                (self.question_of(shown, parsed), begin.unwrap_or(0))
            }
        };
        // Whoever says `deploy?` among others has not asked for the page of that name.
        let confidence = match ranking.says_something() && ranking.worth() >= LEAST_WORTH {
            true => Confidence::High,
            false => Confidence::Medium,
        };
        Outcome::Answer(Answer {
            question,
            section,
            confidence,
        })
    }

    /// The best questions without the decision on them: what evaluation looks at.
    pub(crate) fn rank(
        &self,
        analyzer: &Analyzer,
        question: &str,
        count: usize,
    ) -> Result<Ranked<'_>, Error> {
        let ranking = self.snapshot.search(analyzer, question)?;
        let candidates = self.candidates(analyzer, &ranking, count);
        let entry = |it: &Candidate| &self.entries[self.passages[it.passage].0];
        Ok(Ranked {
            features: features(&candidates),
            entries: candidates.iter().map(entry).collect(),
        })
    }

    /// The titles of all questions, in the order of the files.
    pub(crate) fn titles(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|it| it.outline().title.as_str())
    }

    fn passages_of(&self, group: usize) -> impl Iterator<Item = usize> {
        let languages = self.groups[group]
            .entries
            .iter()
            .flatten()
            .map(|it| &self.entries[*it]);
        languages.flat_map(|it| it.passages.clone())
    }

    /// The terms of all heads of a question in both languages, without and with the ways in which others ask it:
    /// those may name what the document is not about.
    fn group_heads(&self, group: usize) -> [Head<'_>; 2] {
        let mut own = Vec::new();
        let mut asked = Vec::new();
        for entry in self.groups[group].entries.iter().flatten() {
            let title = self.entries[*entry].title();
            own.push(title.words.terms.as_slice());
            own.extend(title.sections.iter().map(Vec::as_slice));
            own.push(&title.tags);
            asked.extend(title.asked.iter().map(|it| it.terms.as_slice()));
        }
        let all = own.iter().copied().chain(asked).collect();
        [Head(own), Head(all)]
    }

    /// For each question that has anything of what was asked: its best score with what the second adds, the
    /// best passage, and itself.
    fn best_passages(&self, ranking: &Ranking) -> Vec<(f32, usize, usize)> {
        let best = |group: &Group| {
            let mut best = Best::default();
            for entry in group.entries.iter().flatten() {
                let passages = &self.entries[*entry].passages;
                best.add(passages.start, &ranking.scores[passages.clone()]);
            }
            best
        };
        let found = self.groups.iter().map(best).enumerate();
        found
            .filter(|(_, it)| it.score > 0.0)
            .map(|(group, it)| (it.score + SECOND * it.second, it.passage, group))
            .collect()
    }

    /// The best questions, each by its best section.
    fn candidates(&self, analyzer: &Analyzer, ranking: &Ranking, count: usize) -> Vec<Candidate> {
        let mut candidates = self.in_order(ranking);
        // The team's may come first from wherever it stands.
        let team = candidates.iter().position(|it| it.team);
        if let Some(at) = team.filter(|at| *at >= count && count > 0) {
            candidates[count - 1..=at].rotate_right(1);
        }
        candidates.truncate(count);
        let team = candidates.first().is_some_and(|it| it.team);
        for (at, it) in candidates.iter_mut().enumerate() {
            // Of the rest nobody asks, but the team's may come first.
            if at >= MOST_MEANT && (team || !it.team) {
                continue;
            }
            it.evidence = ranking.evidence(self.passages_of(it.group), &self.group_heads(it.group));
        }
        self.put_team_first(analyzer, &mut candidates);
        candidates
    }

    /// The questions that are nearest, the best first.
    fn in_order(&self, ranking: &Ranking) -> Vec<Candidate> {
        let mut found = self.best_passages(ranking);
        // The passage settles equal scores, so that what is cut off does not depend on the order.
        let order =
            |a: &(f32, usize, usize), b: &(f32, usize, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > CLOSELY {
            found.select_nth_unstable_by(CLOSELY, order);
            found.truncate(CLOSELY);
        }
        let closely = found.into_iter().map(|it| self.candidate(ranking, it));
        let mut candidates: Vec<Candidate> = closely.filter(|it| it.coverage.all > 0.0).collect();
        candidates.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| self.groups[a.group].id.cmp(&self.groups[b.group].id))
        });
        candidates
    }

    fn candidate(&self, ranking: &Ranking, (raw, passage, group): (f32, usize, usize)) -> Candidate {
        let owner = &self.groups[group];
        let languages = owner.entries.iter().flatten().map(|it| &self.entries[*it]);
        let wordings = languages.flat_map(|it| std::iter::once(&it.title().words).chain(&it.title().asked));
        let like: Vec<Likeness> = wordings.map(|it| ranking.likeness(it)).collect();
        let fit = like.iter().map(|it| it.fit).fold(0.0, f32::max);
        let [alike, next] = two_best(like.iter().map(|it| it.both));
        let together = ranking.covered_by(self.passages_of(group));
        let own = raw * (1.0 - LATER * owner.source.min(50) as f32);
        let title = 1.0 + TITLE * fit + TOGETHER * together;
        let head = self.head(passage);
        Candidate {
            group,
            passage,
            raw,
            score: own * (title + ALIKE * (alike + NEXT * next) + TOPIC * self.on_topic(ranking, owner)),
            plain: own * title,
            coverage: ranking.coverage(passage, &head),
            titled: ranking.share_in(&self.title(group)),
            alike,
            evidence: Evidence::default(),
            team: owner.team,
        }
    }

    /// The share of what was asked to be about that the question is about.
    fn on_topic(&self, ranking: &Ranking, group: &Group) -> f32 {
        let asked: f32 = ranking.topics.iter().map(|it| self.topics.of(*it)).sum();
        let has = |topic: &&Topic| group.topics.binary_search(topic).is_ok();
        let had = ranking.topics.iter().filter(has);
        had.map(|it| self.topics.of(*it)).sum::<f32>() / asked.max(TOLD_ENOUGH)
    }

    /// The terms of a question in both languages.
    fn title(&self, group: usize) -> Head<'_> {
        let languages = self.groups[group].entries.iter().flatten();
        let titles = languages.map(|it| self.entries[*it].title());
        let words = titles.flat_map(|it| std::iter::once(&it.words).chain(&it.asked));
        Head(words.map(|it| it.terms.as_slice()).collect())
    }

    /// The terms of a passage's question (in both languages), headings, bold text and tags.
    fn head(&self, passage: usize) -> Head<'_> {
        let (entry, section) = self.passages[passage];
        let own = self.entries[entry].title();
        let Head(mut terms) = self.title(self.entries[entry].group);
        terms.extend(own.sections.get(section).map(Vec::as_slice));
        terms.push(&own.tags);
        Head(terms)
    }

    /// The team's question goes before a bundled one that is about the same, or that says no more.
    fn put_team_first(&self, analyzer: &Analyzer, candidates: &mut [Candidate]) {
        let Some(best) = candidates.first().copied().filter(|it| !it.team) else {
            return;
        };
        let says_as_much = |it: &Candidate| {
            it.plain >= TEAM * best.plain
                && it.coverage.all >= best.coverage.all - TEAM_COVERAGE
                && it.evidence.headed >= best.evidence.headed - TEAM_HEADED
        };
        let mut team = candidates.iter().enumerate().filter(|(_, it)| it.team);
        let first = team.clone().find(|(_, it)| says_as_much(it)).or_else(|| {
            let near = team.by_ref().take(TEAM_NEAR);
            let near = near.filter(|(_, it)| it.plain >= SAME_TOPIC * best.plain);
            let mut alike = near.filter(|(_, it)| it.coverage.all >= best.coverage.all - TOPIC_COVERAGE);
            alike.find(|(_, it)| self.is_about(analyzer, it.passage, best.group))
        });
        if let Some((at, _)) = first {
            candidates[..=at].rotate_right(1);
        }
    }

    /// Whether the headings of a section, asked as a question, find this bundled question.
    fn is_about(&self, analyzer: &Analyzer, passage: usize, group: usize) -> bool {
        let (entry, section) = self.passages[passage];
        let parsed = self.entries[entry].parsed();
        let path = parsed.sections.get(section).map(|it| it.path.join(" "));
        let text = path.filter(|it| !it.is_empty()).unwrap_or_default();
        [&text, &parsed.title]
            .into_iter()
            .any(|text| self.finds(analyzer, text, group))
    }

    fn finds(&self, analyzer: &Analyzer, text: &str, group: usize) -> bool {
        let Ok(ranking) = self.snapshot.search(analyzer, text) else {
            return false;
        };
        let bundled = self.in_order(&ranking);
        let mut bundled = bundled.iter().filter(|it| !it.team).take(TOPIC_NEAR);
        bundled.any(|it| it.group == group)
    }

    /// The question in the asker's language, and its best section.
    fn answer(&self, ranking: &Ranking, candidate: Candidate, lang: Lang) -> (Question, usize) {
        let shown = self.entry_in(candidate.group, lang);
        let mut sections = self.sections(ranking, shown);
        // The same section of the other language may have the words that were asked.
        if let Some(other) = self.groups[candidate.group]
            .entries
            .iter()
            .flatten()
            .find(|it| **it != shown)
        {
            let others = self.sections(ranking, *other);
            if others.len() == sections.len() {
                sections = sections.iter().zip(&others).map(|(a, b)| a.max(b)).collect();
            }
        }
        let parsed = self.entries[shown].parsed();
        let best = best_section(&sections, &parsed.sections);
        (self.question_of(shown, parsed), best)
    }

    fn sections(&self, ranking: &Ranking, entry: usize) -> Vec<Fit> {
        let entry = &self.entries[entry];
        let passages = entry.passages.clone().take(entry.outline().sections);
        let title = Head(vec![&entry.title().words.terms]);
        let fit = |(nth, it): (usize, usize)| {
            let own = entry.title().sections.get(nth).map(Vec::as_slice);
            let heading = entry.title().headings.get(nth);
            Fit {
                score: ranking.scores[it],
                coverage: ranking.coverage(it, &self.head(it)).all
                    + HEADING * ranking.share_only_in(&Head(own.into_iter().collect()), &title),
                headed: heading.map_or(0.0, |it| ranking.likeness(it).both),
                told: 0.0,
            }
        };
        let mut fits: Vec<Fit> = passages.enumerate().map(fit).collect();
        let headings: Vec<Head<'_>> = entry
            .title()
            .headings
            .iter()
            .map(|it| Head(vec![&it.terms]))
            .collect();
        for (fit, told) in fits.iter_mut().zip(ranking.told_apart(&headings)) {
            fit.told = told;
        }
        fits
    }

    pub(crate) fn question(&self, id: &str, lang: Lang) -> Option<Question> {
        let group = *self.by_id.get(id)?;
        let entry = self.entry_in(group, lang);
        Some(self.question_of(entry, self.entries[entry].parsed()))
    }

    pub(crate) fn related(&self, analyzer: &Analyzer, id: &str, lang: Lang, n: usize) -> Vec<Near> {
        let Some(own) = self.by_id.get(id) else {
            return Vec::new();
        };
        let entry = &self.entries[self.entry_in(*own, lang)];
        // What its author names comes before what is only like it.
        let named = entry.document.related.iter();
        let named = named.filter_map(|name| self.by_name.get(name).map(|group| (*group, 1.0)));
        let mut related: Vec<(usize, f32)> = Vec::new();
        for (group, score) in named {
            // Named twice, it is one all the same.
            if group != *own && related.iter().all(|(it, _)| *it != group) {
                related.push((group, score));
            }
        }
        if related.len() < n {
            let parsed = entry.parsed();
            let text = format!("{} {}", parsed.title, parsed.short.as_deref().unwrap_or_default());
            let ranking = self.snapshot.search(analyzer, &text);
            let alike = ranking.map(|it| self.candidates(analyzer, &it, MOST_CANDIDATES));
            for it in alike.unwrap_or_default() {
                if it.group != *own && related.iter().all(|(group, _)| *group != it.group) {
                    related.push((it.group, it.score));
                }
            }
        }
        let related = related.into_iter().take(n);
        related
            .map(|(group, score)| self.near(group, lang, score))
            .collect()
    }

    pub(crate) fn questions(&self, lang: Lang) -> Vec<Near> {
        (0..self.groups.len())
            .map(|group| self.near(group, lang, 0.0))
            .collect()
    }

    fn entry_in(&self, group: usize, lang: Lang) -> usize {
        let [en, zh] = self.groups[group].entries;
        let wanted = if lang == Lang::En { en.or(zh) } else { zh.or(en) };
        wanted.unwrap_or_default()
    }

    fn near(&self, group: usize, lang: Lang, score: f32) -> Near {
        let entry = &self.entries[self.entry_in(group, lang)];
        Near {
            id: self.groups[group].id.clone(),
            title: entry.outline().title.clone(),
            file: entry.file.clone(),
            lang: entry.lang,
            score,
            likely: true,
        }
    }

    fn question_of(&self, entry: usize, parsed: Parsed) -> Question {
        let entry = &self.entries[entry];
        let group = &self.groups[entry.group];
        let link = entry.link_to(parsed.anchor.as_deref());
        Question {
            id: group.id.clone(),
            title: parsed.title,
            short: parsed.short,
            sections: parsed.sections.into_iter().map(|it| entry.section(it)).collect(),
            file: entry.file.clone(),
            line: parsed.line,
            link,
            lang: entry.lang,
            paired: group.entries.iter().all(Option::is_some),
            team: group.team,
        }
    }
}

impl Rarity {
    fn among(groups: &[Group]) -> Self {
        let all = groups.len() as f32 + TOPIC_BACKGROUND;
        let rarity = |count: f32| (all / (count + 0.5)).ln();
        let mut known: HashMap<Topic, f32> = HashMap::new();
        for topic in groups.iter().flat_map(|it| &it.topics) {
            *known.entry(*topic).or_default() += 1.0;
        }
        known.values_mut().for_each(|it| *it = rarity(*it));
        Self {
            known,
            other: rarity(0.0),
        }
    }

    fn of(&self, topic: Topic) -> f32 {
        self.known.get(&topic).copied().unwrap_or(self.other)
    }
}

/// The questions that are called alike, letter by letter. The team's go before the bundled ones.
fn by_title(entries: &[Entry], groups: &[Group]) -> HashMap<TermId, Vec<usize>> {
    let mut titled: HashMap<TermId, Vec<usize>> = HashMap::with_capacity(entries.len());
    for entry in entries {
        let Some(exact) = entry.title().exact else {
            continue;
        };
        let known = titled.entry(exact).or_default();
        let team = groups[entry.group].team;
        match known.first().map(|it| groups[*it].team) {
            Some(true) if !team => continue,
            Some(false) if team => known.clear(),
            _ => {}
        }
        if !known.contains(&entry.group) {
            known.push(entry.group);
        }
    }
    titled
}

/// The largest two of values that are not negative, the larger first.
fn two_best(values: impl Iterator<Item = f32>) -> [f32; 2] {
    values.fold([0.0; 2], |[first, second], it| {
        if it > first {
            [it, first]
        } else {
            [first, it.max(second)]
        }
    })
}

/// How well a section fits what was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Fit {
    score: f32,
    coverage: f32,
    /// How far its heading says what was asked.
    headed: f32,
    /// The share of what was asked that its heading has, a word in several headings being shared among them.
    told: f32,
}

impl Fit {
    fn max(&self, other: &Fit) -> Fit {
        Fit {
            score: self.score.max(other.score),
            coverage: self.coverage.max(other.coverage),
            headed: self.headed.max(other.headed),
            told: self.told.max(other.told),
        }
    }
}

/// The section that has most of what was asked. Where all have the same, because the title says it
/// all, the answer begins at its beginning: with the first heading.
fn best_section(fits: &[Fit], parts: &[Part]) -> usize {
    let highest = fits.iter().map(|it| it.score).fold(f32::MIN_POSITIVE, f32::max);
    let least = fits.iter().map(|it| it.coverage).fold(f32::INFINITY, f32::min);
    let most = fits.iter().map(|it| it.coverage).fold(0.0, f32::max);
    let begin = parts.iter().position(|part| !part.path.is_empty());
    if most - least < 0.01 {
        return begin.unwrap_or(0);
    }
    let mut best = (0, f32::MIN);
    for (at, (fit, part)) in fits.iter().zip(parts).enumerate() {
        let first = if Some(at) == begin { FIRST } else { 0.0 };
        let value = (fit.coverage + fit.score / highest + HEADED * fit.headed + TOLD * fit.told + first)
            * if closes(part) { CLOSING } else { 1.0 };
        if value > best.1 {
            best = (at, value);
        }
    }
    best.0
}

fn closes(part: &Part) -> bool {
    const WORDS: [&str; 7] = [
        "总结",
        "小结",
        "怎么确认",
        "summary",
        "conclusion",
        "how to tell",
        "how do i know",
    ];
    let last = part.path.last().map(|it| it.to_lowercase()).unwrap_or_default();
    WORDS.iter().any(|it| last.contains(it))
}

impl Entry {
    pub(crate) fn outline(&self) -> &Outline {
        &self.document.questions[self.nth]
    }

    /// With its text.
    fn parsed(&self) -> Parsed {
        self.document.question(self.nth)
    }

    fn title(&self) -> &Title {
        &self.titles[self.nth]
    }

    fn section(&self, part: Part) -> Section {
        Section {
            link: self.link_to(part.anchor.as_deref()),
            path: part.path,
            line: part.line,
            markdown: part.markdown,
            commands: part.commands,
        }
    }

    fn link_to(&self, anchor: Option<&str>) -> Option<String> {
        let file = self.link.clone()?;
        Some(match anchor {
            Some(anchor) => format!("{file}#{}", in_address(anchor)),
            None => file,
        })
    }
}
