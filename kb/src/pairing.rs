//! Which questions are one question: the two languages of each, under one id that stays.

use std::collections::{BTreeMap, HashMap};

use crate::shelf::{Entry, File, Group};
use crate::words::fnv;
use crate::{Fault, FaultKind, Lang, Source};

/// The shelf on its way.
pub(crate) struct Builder<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) files: &'a [File],
    pub(crate) entries: Vec<Entry>,
    pub(crate) groups: Vec<Group>,
    pub(crate) passages: Vec<(usize, usize)>,
    /// File and ordinal -> passage.
    pub(crate) numbers: HashMap<(u64, u64), u32>,
    pub(crate) ids: HashMap<String, usize>,
}

/// What a file's questions are called, and whether the other language has them too.
pub(crate) struct Naming {
    lang: Lang,
    key: String,
    paired: bool,
    /// `key` is the author's own id, which stays when headings change.
    by_id: bool,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(sources: &'a [Source], files: &'a [File]) -> Self {
        let of_file = |it: &File| {
            let sections = it.document.questions.iter().map(|it| it.sections).sum::<usize>();
            sections + it.document.asked
        };
        let passages = files.iter().map(of_file).sum();
        Self {
            sources,
            files,
            entries: Vec::new(),
            groups: Vec::new(),
            passages: Vec::with_capacity(passages),
            numbers: HashMap::with_capacity(passages),
            ids: HashMap::new(),
        }
    }

    /// Names every file and finds the two languages of each.
    pub(crate) fn pairs(&self, faults: &mut Vec<Fault>) -> Vec<Naming> {
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

    pub(crate) fn add(&mut self, file: &File, naming: &Naming) {
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
            // Behind the sections: the question in others' words.
            for section in 0..question.sections + file.document.asked {
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
                passages: first_passage..self.passages.len(),
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
        let team = !matches!(self.sources[source], Source::Bundled { .. });
        self.ids.insert(id.clone(), self.groups.len());
        self.groups.push(Group {
            id,
            source,
            team,
            entries: [None, None],
            topics: Vec::new(),
        });
        self.groups.len() - 1
    }

    pub(crate) fn file_name(&self, file: &File) -> String {
        match &self.sources[file.source] {
            Source::Folder { path, .. } => path.join(&file.relative).display().to_string(),
            Source::Bundled { .. } | Source::Given { .. } => file.relative.clone(),
        }
    }

    fn link(&self, file: &File) -> Option<String> {
        let link = match &self.sources[file.source] {
            Source::Folder { link, .. } | Source::Bundled { link, .. } => link,
            Source::Given { .. } => &None,
        };
        let base = link.as_deref()?.trim_end_matches('/');
        Some(format!("{base}/{}", in_address(&file.relative)))
    }
}

fn naming(file: &File) -> Naming {
    let (by_path, path_key) = path_language(&file.relative);
    let lang = by_path.unwrap_or(file.document.written);
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
pub(crate) fn path_language(relative: &str) -> (Option<Lang>, String) {
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

/// A path as it stands in an address: no blank, no bracket, nothing outside ASCII.
pub(crate) fn in_address(path: &str) -> String {
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
