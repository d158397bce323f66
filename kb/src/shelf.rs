//! All documents at one moment: questions with their ids and pairs, and the index over them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::answer::{Calibration, Candidate, Features, Outcome, Verdict, features};
use crate::document::{Document, Parsed, Part};
use crate::index::SearchIndex;
use crate::library::Title;
use crate::search::{Head, Ranking, Snapshot};
use crate::words::{Analyzer, TermId, fnv, is_han};
use crate::{Answer, Error, Fault, FaultKind, Lang, Near, Question, Section, Source, Stats};

/// A document that could be read.
pub(crate) struct File {
    pub(crate) source: usize,
    pub(crate) relative: String,
    /// Its name in the index.
    pub(crate) key: u64,
    pub(crate) document: Arc<Document>,
    pub(crate) titles: Arc<Vec<Title>>,
}

/// What questions are answered from.
pub(crate) struct Shelf {
    snapshot: Snapshot,
    entries: Vec<Entry>,
    groups: Vec<Group>,
    /// Passage -> entry and section.
    passages: Vec<(usize, usize)>,
    /// Passage -> group: read for every passage of every question.
    group_of: Vec<u32>,
    by_id: HashMap<String, usize>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) stats: Stats,
}

/// A question in one language.
struct Entry {
    document: Arc<Document>,
    titles: Arc<Vec<Title>>,
    nth: usize,
    file: String,
    /// Address of the file.
    link: Option<String>,
    lang: Lang,
    group: usize,
    first_passage: usize,
}

/// A question in the languages it exists in.
struct Group {
    id: String,
    source: usize,
    team: bool,
    /// The entry by language: English, Chinese.
    entries: [Option<usize>; 2],
}

/// A question whose title says what was asked, and little else, is preferred by up to this share.
const TITLE: f32 = 0.25;
/// Where both answer, the team knows better how things are done here: its question goes first if it
/// reaches this share of the best score and covers as much of what was asked, but for this much.
const TEAM: f32 = 0.5;
const TEAM_COVERAGE: f32 = 0.15;
/// An earlier source outranks a later one at equal score.
const LATER: f32 = 0.002;
/// So many questions are looked at closely, and so many are candidates.
const CLOSELY: usize = 24;
const MOST_CANDIDATES: usize = 8;
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
        let mut builder = Builder {
            sources,
            files,
            entries: Vec::new(),
            groups: Vec::new(),
            passages: Vec::new(),
            numbers: HashMap::new(),
            ids: HashMap::new(),
        };
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
        let snapshot = Snapshot::new(index, &builder.numbers)?;
        let stats = Stats {
            documents: files.len(),
            questions: builder.groups.len(),
            passages: builder.passages.len(),
        };
        let Builder {
            entries,
            groups,
            passages,
            ids,
            ..
        } = builder;
        let group = |(entry, _): &(usize, usize)| u32::try_from(entries[*entry].group).unwrap_or_default();
        let group_of = passages.iter().map(group).collect();
        Ok(Self {
            snapshot,
            entries,
            groups,
            passages,
            group_of,
            by_id: ids,
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
        let candidates = self.candidates(&ranking);
        let near = |count: usize| {
            candidates
                .iter()
                .take(count)
                .map(|it| self.near(it.group, lang, it.score))
                .collect()
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
            Verdict::Unknown => Outcome::NotKnown(near(3)),
        }
    }

    /// What the calibration sees in a question, and the file and title of the best candidate.
    pub(crate) fn weigh(&self, analyzer: &Analyzer, question: &str) -> Option<(Features, String, String)> {
        let ranking = self.snapshot.search(analyzer, question).ok()?;
        let candidates = self.candidates(&ranking);
        let best = candidates.first().filter(|it| !it.foreign)?;
        let entry = &self.entries[self.passages[best.passage].0];
        Some((
            features(&ranking, &candidates),
            entry.file.clone(),
            entry.parsed().title.clone(),
        ))
    }

    /// The best questions, each by its best section.
    fn candidates(&self, ranking: &Ranking) -> Vec<Candidate> {
        let mut best: Vec<Option<(f32, usize)>> = vec![None; self.groups.len()];
        for (passage, raw) in ranking.scores.iter().enumerate().filter(|(_, raw)| **raw > 0.0) {
            let best = &mut best[self.group_of[passage] as usize];
            if best.is_none_or(|(other, _)| *raw > other) {
                *best = Some((*raw, passage));
            }
        }
        let found = best
            .into_iter()
            .enumerate()
            .filter_map(|(group, best)| best.map(|(raw, passage)| (raw, passage, group)));
        let mut found: Vec<(f32, usize, usize)> = found.collect();
        // The passage settles equal scores, so that what is cut off does not depend on the order.
        let order =
            |a: &(f32, usize, usize), b: &(f32, usize, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > CLOSELY {
            found.select_nth_unstable_by(CLOSELY, order);
            found.truncate(CLOSELY);
        }
        let mut candidates: Vec<Candidate> =
            found.into_iter().map(|it| self.candidate(ranking, it)).collect();
        candidates.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| self.groups[a.group].id.cmp(&self.groups[b.group].id))
        });
        candidates.truncate(MOST_CANDIDATES);
        self.put_team_first(&mut candidates);
        candidates
    }

    fn candidate(&self, ranking: &Ranking, (raw, passage, group): (f32, usize, usize)) -> Candidate {
        let owner = &self.groups[group];
        let languages = owner.entries.iter().flatten().map(|it| &self.entries[*it]);
        let fits = languages.map(|it| ranking.share_of(&it.title().words));
        let title = 1.0 + TITLE * fits.fold(0.0, f32::max);
        let head = self.head(passage);
        Candidate {
            group,
            passage,
            raw,
            score: raw * title * (1.0 - LATER * owner.source.min(50) as f32),
            coverage: ranking.coverage(passage, &head),
            foreign: ranking.misses_name(&head),
            team: owner.team,
        }
    }

    /// The terms of a passage's question (in both languages), headings, bold text and tags.
    fn head(&self, passage: usize) -> Head<'_> {
        let (entry, section) = self.passages[passage];
        let own = self.entries[entry].title();
        let languages = self.groups[self.entries[entry].group].entries.iter().flatten();
        let titles = languages.flat_map(|it| self.entries[*it].title().words.iter());
        let mut terms: Vec<&[TermId]> = titles.map(Vec::as_slice).collect();
        terms.extend(own.sections.get(section).map(Vec::as_slice));
        terms.push(&own.tags);
        Head(terms)
    }

    fn put_team_first(&self, candidates: &mut [Candidate]) {
        let Some(best) = candidates.first().copied().filter(|it| !it.team) else {
            return;
        };
        let answers = |it: &Candidate| {
            it.team
                && it.score >= TEAM * best.score
                && it.coverage.weighed >= best.coverage.weighed - TEAM_COVERAGE
        };
        if let Some(at) = candidates.iter().position(answers) {
            candidates[..=at].rotate_right(1);
        }
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
        (
            self.question_of(shown),
            best_section(&sections, &self.entries[shown].parsed().sections),
        )
    }

    fn sections(&self, ranking: &Ranking, entry: usize) -> Vec<Fit> {
        let entry = &self.entries[entry];
        let passages = entry.first_passage..entry.first_passage + entry.parsed().sections.len();
        let fit = |it| Fit {
            score: ranking.scores[it],
            coverage: ranking.coverage(it, &self.head(it)).all,
        };
        passages.map(fit).collect()
    }

    pub(crate) fn question(&self, id: &str, lang: Lang) -> Option<Question> {
        let group = *self.by_id.get(id)?;
        Some(self.question_of(self.entry_in(group, lang)))
    }

    pub(crate) fn related(&self, analyzer: &Analyzer, id: &str, lang: Lang, n: usize) -> Vec<Near> {
        let Some(own) = self.by_id.get(id) else {
            return Vec::new();
        };
        let parsed = self.entries[self.entry_in(*own, lang)].parsed();
        let text = format!("{} {}", parsed.title, parsed.short.as_deref().unwrap_or_default());
        let Ok(ranking) = self.snapshot.search(analyzer, &text) else {
            return Vec::new();
        };
        let candidates = self
            .candidates(&ranking)
            .into_iter()
            .filter(|it| it.group != *own);
        candidates
            .take(n)
            .map(|it| self.near(it.group, lang, it.score))
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
            title: entry.parsed().title.clone(),
            file: entry.file.clone(),
            lang: entry.lang,
            score,
        }
    }

    fn question_of(&self, entry: usize) -> Question {
        let entry = &self.entries[entry];
        let group = &self.groups[entry.group];
        let parsed = entry.parsed();
        Question {
            id: group.id.clone(),
            title: parsed.title.clone(),
            short: parsed.short.clone(),
            sections: parsed.sections.iter().map(|part| entry.section(part)).collect(),
            file: entry.file.clone(),
            line: parsed.line,
            link: entry.link_to(parsed.anchor.as_deref()),
            lang: entry.lang,
            paired: group.entries.iter().all(Option::is_some),
            team: group.team,
        }
    }
}

/// How well a section fits what was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Fit {
    score: f32,
    coverage: f32,
}

impl Fit {
    fn max(&self, other: &Fit) -> Fit {
        Fit {
            score: self.score.max(other.score),
            coverage: self.coverage.max(other.coverage),
        }
    }
}

/// The section that has most of what was asked. Where all have the same, because the title says it
/// all, the answer begins at its beginning: with the first heading.
fn best_section(fits: &[Fit], parts: &[Part]) -> usize {
    let highest = fits.iter().map(|it| it.score).fold(f32::MIN_POSITIVE, f32::max);
    let least = fits.iter().map(|it| it.coverage).fold(f32::INFINITY, f32::min);
    let most = fits.iter().map(|it| it.coverage).fold(0.0, f32::max);
    if most - least < 0.01 {
        return parts.iter().position(|part| !part.path.is_empty()).unwrap_or(0);
    }
    let mut best = (0, f32::MIN);
    for (at, (fit, part)) in fits.iter().zip(parts).enumerate() {
        let value = (fit.coverage + fit.score / highest) * if closes(part) { CLOSING } else { 1.0 };
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
    fn parsed(&self) -> &Parsed {
        &self.document.questions[self.nth]
    }

    fn title(&self) -> &Title {
        &self.titles[self.nth]
    }

    fn section(&self, part: &Part) -> Section {
        Section {
            path: part.path.clone(),
            line: part.line,
            markdown: part.markdown.clone(),
            link: self.link_to(part.anchor.as_deref()),
            commands: part.commands.clone(),
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

/// A path as it stands in an address: no blank, no bracket, nothing outside ASCII.
fn in_address(path: &str) -> String {
    let mut address = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

/// The shelf on its way.
struct Builder<'a> {
    sources: &'a [Source],
    files: &'a [File],
    entries: Vec<Entry>,
    groups: Vec<Group>,
    passages: Vec<(usize, usize)>,
    /// File and ordinal -> passage.
    numbers: HashMap<(u64, u64), u32>,
    ids: HashMap<String, usize>,
}

/// What a file's questions are called, and whether the other language has them too.
struct Naming {
    lang: Lang,
    key: String,
    paired: bool,
    /// `key` is the author's own id, which stays when headings change.
    by_id: bool,
}

impl Builder<'_> {
    /// Names every file and finds the two languages of each.
    fn pairs(&self, faults: &mut Vec<Fault>) -> Vec<Naming> {
        let mut namings: Vec<Naming> = self.files.iter().map(naming).collect();
        let mut seen: BTreeMap<(usize, String), [Option<usize>; 2]> = BTreeMap::new();
        for (at, file) in self.files.iter().enumerate() {
            let slot = &mut seen.entry((file.source, namings[at].key.clone())).or_default()
                [namings[at].lang as usize];
            if let Some(other) = *slot {
                faults.extend(self.duplicate(file, &self.files[other]));
                namings[at].key = file.relative.clone();
                namings[at].by_id = false;
                continue;
            }
            *slot = Some(at);
        }
        for pair in seen.values() {
            let [Some(en), Some(zh)] = *pair else {
                continue;
            };
            let counts = [en, zh].map(|at| self.files[at].document.questions.len());
            let even = counts[0] == counts[1];
            namings[en].paired = even;
            namings[zh].paired = even;
            if !even {
                let what = FaultKind::UnevenPair {
                    other: self.file_name(&self.files[en]),
                    here: counts[1],
                    there: counts[0],
                };
                let file = self.file_name(&self.files[zh]);
                faults.push(Fault {
                    file,
                    line: None,
                    what,
                    kept_last_good: false,
                });
            }
        }
        namings
    }

    fn duplicate(&self, file: &File, other: &File) -> Option<Fault> {
        let id = file.document.id.clone()?;
        let what = FaultKind::DuplicateId {
            id,
            other: self.file_name(other),
        };
        Some(Fault {
            file: self.file_name(file),
            line: None,
            what,
            kept_last_good: false,
        })
    }

    fn add(&mut self, file: &File, naming: &Naming) {
        let mut titles: HashMap<&str, usize> = HashMap::new();
        let mut ordinal = 0;
        for (nth, question) in file.document.questions.iter().enumerate() {
            let again = titles.entry(&question.title).or_default();
            *again += 1;
            let name = match naming.paired || naming.by_id {
                true => format!("{}#{nth}", naming.key),
                false => format!("{}#{}#{again}#{:?}", naming.key, question.title, naming.lang),
            };
            let group = self.group(file.source, &name, naming.lang);
            let first_passage = self.passages.len();
            let entry = self.entries.len();
            for section in 0..question.sections.len() {
                let number = u32::try_from(self.passages.len()).unwrap_or(u32::MAX);
                self.numbers.insert((file.key, ordinal), number);
                self.passages.push((entry, section));
                ordinal += 1;
            }
            self.groups[group].entries[naming.lang as usize] = Some(entry);
            self.entries.push(Entry {
                document: file.document.clone(),
                titles: file.titles.clone(),
                nth,
                file: self.file_name(file),
                link: self.link(file),
                lang: naming.lang,
                group,
                first_passage,
            });
        }
    }

    /// The group of that name; a name that another source took first is told apart by its number.
    fn group(&mut self, source: usize, name: &str, lang: Lang) -> usize {
        let mut id = format!("{:016x}", fnv(name.as_bytes()));
        let mut salt = 0;
        while let Some(group) = self.ids.get(&id) {
            let taken = &self.groups[*group];
            if taken.source == source && taken.entries[lang as usize].is_none() {
                return *group;
            }
            salt += 1;
            id = format!("{:016x}", fnv(format!("{name}#{source}#{salt}").as_bytes()));
        }
        let team = matches!(self.sources[source], Source::Folder { .. });
        self.ids.insert(id.clone(), self.groups.len());
        self.groups.push(Group {
            id,
            source,
            team,
            entries: [None, None],
        });
        self.groups.len() - 1
    }

    fn file_name(&self, file: &File) -> String {
        match &self.sources[file.source] {
            Source::Folder { path, .. } => path.join(&file.relative).display().to_string(),
            Source::Bundled { .. } => file.relative.clone(),
        }
    }

    fn link(&self, file: &File) -> Option<String> {
        let (Source::Folder { link, .. } | Source::Bundled { link, .. }) = &self.sources[file.source];
        let base = link.as_deref()?.trim_end_matches('/');
        Some(format!("{base}/{}", in_address(&file.relative)))
    }
}

fn naming(file: &File) -> Naming {
    let (by_path, path_key) = path_language(&file.relative);
    let lang = by_path.unwrap_or_else(|| language(&file.document));
    let by_id = file.document.id.is_some();
    let key = match &file.document.id {
        Some(id) => format!("id:{id}"),
        None => path_key,
    };
    Naming {
        lang,
        key,
        paired: false,
        by_id,
    }
}

/// The language that a path names, and the path without it: `zh/x.md` and `x.zh.md`.
fn path_language(relative: &str) -> (Option<Lang>, String) {
    let mut parts: Vec<&str> = relative.split('/').collect();
    let file = parts.pop().unwrap_or_default();
    for at in 0..parts.len() {
        if let Some(lang) = language_tag(parts[at]) {
            parts.remove(at);
            parts.push(file);
            return (Some(lang), parts.join("/"));
        }
    }
    let pieces: Vec<&str> = file.rsplitn(3, '.').collect();
    if let [end, tag, name] = pieces[..]
        && let Some(lang) = language_tag(tag)
    {
        let file = format!("{name}.{end}");
        parts.push(&file);
        return (Some(lang), parts.join("/"));
    }
    (None, relative.to_owned())
}

fn language_tag(tag: &str) -> Option<Lang> {
    match tag.to_ascii_lowercase().as_str() {
        "zh" | "zh-cn" | "zh_cn" | "zh-hans" | "cn" => Some(Lang::Zh),
        "en" | "en-us" | "en_us" | "en-gb" => Some(Lang::En),
        _ => None,
    }
}

/// By its writing; code is Latin in every language, so a quarter of Chinese is Chinese.
fn language(document: &Document) -> Lang {
    let texts = document.questions.iter().flat_map(|question| {
        let sections = question.sections.iter().map(|part| part.markdown.as_str());
        sections.chain([
            question.title.as_str(),
            question.short.as_deref().unwrap_or_default(),
        ])
    });
    let (mut han, mut latin) = (0_usize, 0_usize);
    for char in texts.flat_map(str::chars) {
        han += usize::from(is_han(char));
        latin += usize::from(char.is_ascii_alphabetic());
    }
    if han > 0 && han * 4 >= latin {
        Lang::Zh
    } else {
        Lang::En
    }
}
