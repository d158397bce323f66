//! A table of very many Pods: 24 bytes a row, names and words kept once.
//!
//! It answers what a list over the whole cluster must answer at once, names as they are typed and what
//! is unhealthy, and is fed by a watch of [`TinyPod`]. 150,000 Pods take about 18 MiB.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::pod_status::{self, Printed};
use super::tiny::TinyPod;
use crate::clock::Millis;
use crate::cluster::snapshot::pod::{self, Badness, PodRow, Verdict};

/// Stands before the state of a Pod whose phase is `Running`.
const RUNS: char = '+';
/// Stands before the state of one that failed as a whole.
const FAILED: char = '!';
/// Stands before the state of any other.
const OTHER: char = '-';

/// One Pod. What is a text is a number here.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// Where its name begins.
    name_at: u32,
    node: u32,
    /// The second at which the verdict turns, if it does.
    turn: u32,
    /// The second in which it was made, or 0.
    created: u32,
    namespace: u16,
    state: u16,
    restarts: u16,
    name_length: u8,
    verdict: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Turn {
    Fine,
    Unhealthy,
    UnhealthyFrom,
    UnhealthyUntil,
}

/// The table.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
    /// Where the row of a Pod is, by a hash of namespace and name. Two Pods of one hash stand under
    /// hashes that follow each other.
    places: HashMap<u64, u32>,
    /// All names, one after the other.
    names: String,
    /// How many bytes of `names` belong to no row any more.
    dead: usize,
    namespaces: Words,
    nodes: Words,
    /// The phase as far as it matters, STATUS and READY together: `+Running 1/1`.
    states: Words,
    refused: usize,
}

/// Texts that are kept once and known by a number.
#[derive(Debug, Default)]
struct Words {
    known: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Words {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.into());
        self.known.insert(text.into(), number);
        number
    }

    fn find(&self, text: &str) -> Option<u32> {
        self.known.get(text).copied()
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", AsRef::as_ref)
    }

    fn bytes(&self) -> usize {
        let letters: usize = self.texts.iter().map(|text| text.len()).sum();
        // Each stands in the list and in the map.
        2 * (letters + self.texts.len() * size_of::<Box<str>>()) + self.texts.len() * size_of::<u32>()
    }
}

impl Rows {
    /// Adds a Pod, or replaces it.
    pub fn apply(&mut self, pod: &TinyPod) {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        let place = self.place(namespace, name);
        let Some(row) = self.read(pod, namespace, name, place.row) else {
            // Rather no row than one that is no longer true.
            self.refused += 1;
            self.remove(namespace, name);
            return;
        };
        match place.row {
            Some(at) => self.rows[at] = row,
            None => {
                let at = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
                self.places.insert(place.key, at);
                self.rows.push(row);
            }
        }
    }

    /// Takes a Pod away.
    pub fn remove(&mut self, namespace: &str, name: &str) {
        let place = self.place(namespace, name);
        let Some(at) = place.row else { return };
        self.dead += usize::from(self.rows[at].name_length);
        self.forget(place.key);
        let last = self.rows.len() - 1;
        if at != last {
            let row = self.rows[last];
            let moved = self.place(self.namespaces.text(row.namespace.into()), self.name(&row));
            self.places
                .insert(moved.key, u32::try_from(at).unwrap_or(u32::MAX));
        }
        self.rows.swap_remove(at);
        self.compact();
    }

    /// How many Pods there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// False if a Pod could not be kept: its name is too long, or there are too many namespaces.
    pub fn is_complete(&self) -> bool {
        self.refused == 0
    }

    /// Pods as `namespace/name` that hold what was typed, in either case, at most so many: first those whose
    /// namespace or name begins with it, in the order of their names. In one namespace, or all.
    pub fn complete(&self, namespace: Option<&str>, typed: &str, most: usize) -> Vec<String> {
        let typed = Typed::of(typed);
        let spaces: Vec<Fit> = self
            .namespaces
            .texts
            .iter()
            .map(|text| typed.in_namespace(text))
            .collect();
        let mut best = BinaryHeap::with_capacity(most.saturating_add(1));
        for row in self.in_namespace(namespace) {
            let name = self.name(row);
            let fit = typed.in_name(spaces[usize::from(row.namespace)], name);
            if fit == Fit::No {
                continue;
            }
            let rank = (fit, self.namespaces.text(row.namespace.into()), name);
            keep_least(&mut best, most, rank);
        }
        let best = best.into_sorted_vec();
        best.into_iter()
            .map(|(_, namespace, name)| format!("{namespace}/{name}"))
            .collect()
    }

    /// Pods whose name, or `namespace/name`, is one of `words`, as namespace and name in their order. In one
    /// namespace, or all.
    pub fn named(&self, namespace: Option<&str>, words: &[&str]) -> Vec<(String, String)> {
        let is_meant = |row: &&Row| {
            let name = self.name(row);
            words.iter().any(|word| match word.rsplit_once('/') {
                None => *word == name,
                Some((space, bare)) => bare == name && space == self.namespaces.text(row.namespace.into()),
            })
        };
        let mut found: Vec<(String, String)> = self
            .in_namespace(namespace)
            .filter(is_meant)
            .map(|row| self.namespace_and_name(row))
            .collect();
        found.sort();
        found
    }

    /// The Pods whose `namespace/name` has a property, as namespace and name.
    pub fn whose(&self, fits: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let mut path = String::new();
        let mut found = Vec::new();
        for row in &self.rows {
            path.clear();
            path.push_str(self.namespaces.text(row.namespace.into()));
            path.push('/');
            path.push_str(self.name(row));
            if fits(&path) {
                found.push(self.namespace_and_name(row));
            }
        }
        found
    }

    /// How many Pods are unhealthy at this time.
    pub fn sick(&self, now: Millis) -> usize {
        let is_sick = |row: &&Row| row.verdict().is_unhealthy(now);
        self.rows.iter().filter(is_sick).count()
    }

    /// At most so many Pods: those that are unhealthy at this time, the worst first, then the others unless only
    /// the sick are wanted, each by namespace and name.
    pub fn sick_first(&self, now: Millis, only_sick: bool, most: usize) -> Vec<PodRow> {
        let mut best = BinaryHeap::with_capacity(most.saturating_add(1));
        for (at, row) in self.rows.iter().enumerate() {
            let badness = row.verdict().badness(self.phase(row) == FAILED, now);
            if badness == Badness::Well && only_sick {
                continue;
            }
            let rank = (
                badness,
                self.namespaces.text(row.namespace.into()),
                self.name(row),
            );
            keep_least(&mut best, most, (rank, at));
        }
        let best = best.into_sorted_vec();
        best.into_iter()
            .map(|(_, at)| self.show(&self.rows[at]))
            .collect()
    }

    /// What stands for a Pod where very many are remembered.
    pub fn key(namespace: &str, name: &str) -> u64 {
        hash(namespace, name)
    }

    /// How many Pods run, are older than `young`, and are none of `known`, by their keys.
    pub fn running_but(&self, known: &HashSet<u64>, now: Millis, young: Millis) -> usize {
        let is_missed = |row: &&Row| {
            let age = now.saturating_sub(Millis::from(row.created) * 1000);
            let runs = || self.phase(row) == RUNS;
            let key = || hash(self.namespaces.text(row.namespace.into()), self.name(row));
            age > young && runs() && !known.contains(&key())
        };
        self.rows.iter().filter(is_missed).count()
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        // A hash map is at most seven eighths full, in powers of two, with a byte of its own a place.
        let places = (self.places.capacity() * 8 / 7).next_power_of_two();
        self.rows.capacity() * size_of::<Row>()
            + places * (size_of::<(u64, u32)>() + 1)
            + self.names.capacity()
            + self.namespaces.bytes()
            + self.nodes.bytes()
            + self.states.bytes()
    }

    fn read(&mut self, pod: &TinyPod, namespace: &str, name: &str, old: Option<usize>) -> Option<Row> {
        let facts = pod.facts();
        let printed = Printed::of(&facts);
        let (verdict, turn) = turn(pod_status::verdict(&facts, &printed));
        let phase = match facts.phase {
            "Running" => RUNS,
            pod::FAILED => FAILED,
            _ => OTHER,
        };
        let state = format!("{phase}{} {}/{}", printed.status, printed.ready, printed.total);
        let name_length = u8::try_from(name.len()).ok()?;
        Some(Row {
            name_at: match old {
                Some(old) => self.rows[old].name_at,
                None => self.keep(name)?,
            },
            node: self.nodes.number(pod.node().unwrap_or_default()),
            turn,
            created: facts.created.map_or(0, seconds),
            namespace: u16::try_from(self.namespaces.number(namespace)).ok()?,
            state: u16::try_from(self.states.number(&state)).ok()?,
            restarts: u16::try_from(printed.restarts.max(0)).unwrap_or(u16::MAX),
            name_length,
            verdict,
        })
    }

    fn keep(&mut self, name: &str) -> Option<u32> {
        let at = u32::try_from(self.names.len()).ok()?;
        self.names.push_str(name);
        Some(at)
    }

    fn name(&self, row: &Row) -> &str {
        let at = row.name_at as usize;
        let end = at + usize::from(row.name_length);
        self.names.get(at..end).unwrap_or_default()
    }

    fn phase(&self, row: &Row) -> char {
        let state = self.states.text(row.state.into());
        state.chars().next().unwrap_or(OTHER)
    }

    fn show(&self, row: &Row) -> PodRow {
        let state = self.states.text(row.state.into());
        let state = state.strip_prefix([RUNS, FAILED, OTHER]).unwrap_or(state);
        let (status, ready) = state.rsplit_once(' ').unwrap_or((state, ""));
        PodRow {
            namespace: self.namespaces.text(row.namespace.into()).to_owned(),
            name: self.name(row).to_owned(),
            status: status.to_owned(),
            ready: ready.to_owned(),
            restarts: row.restarts,
            created: (row.created > 0).then(|| Millis::from(row.created) * 1000),
            node: self.nodes.text(row.node).to_owned(),
            has_failed: self.phase(row) == FAILED,
            verdict: row.verdict(),
        }
    }

    fn in_namespace(&self, namespace: Option<&str>) -> impl Iterator<Item = &Row> {
        let number = namespace.map(|namespace| self.namespaces.find(namespace));
        self.rows
            .iter()
            .filter(move |row| number.is_none_or(|number| number == Some(row.namespace.into())))
    }

    fn namespace_and_name(&self, row: &Row) -> (String, String) {
        let namespace = self.namespaces.text(row.namespace.into());
        (namespace.to_owned(), self.name(row).to_owned())
    }

    /// Where a Pod is, or where it is to be put.
    fn place(&self, namespace: &str, name: &str) -> Place {
        let mut key = hash(namespace, name);
        while let Some(at) = self.places.get(&key) {
            let at = *at as usize;
            let row = &self.rows[at];
            if self.name(row) == name && self.namespaces.text(row.namespace.into()) == namespace {
                return Place { key, row: Some(at) };
            }
            key = key.wrapping_add(1);
        }
        Place { key, row: None }
    }

    /// Takes a hash away, and moves those that had to give way to it.
    fn forget(&mut self, key: u64) {
        self.places.remove(&key);
        let mut next = key.wrapping_add(1);
        while let Some(at) = self.places.remove(&next) {
            let row = self.rows[at as usize];
            let place = self.place(self.namespaces.text(row.namespace.into()), self.name(&row));
            self.places.insert(place.key, at);
            next = next.wrapping_add(1);
        }
    }

    /// Writes the names anew once more than half of them are dead.
    fn compact(&mut self) {
        if self.dead < 4096 || self.dead < self.names.len() / 2 {
            return;
        }
        let mut names = String::with_capacity(self.names.len() - self.dead);
        for at in 0..self.rows.len() {
            let row = self.rows[at];
            let begin = u32::try_from(names.len()).unwrap_or(u32::MAX);
            names.push_str(self.name(&row));
            self.rows[at].name_at = begin;
        }
        self.names = names;
        self.dead = 0;
    }
}

struct Place {
    key: u64,
    row: Option<usize>,
}

/// How well a name fits what was typed, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Begins,
    Holds,
    No,
}

/// What somebody typed, in lower case: part of a name, or of a namespace with the beginning of a name behind it.
struct Typed {
    namespace: Option<String>,
    name: String,
}

impl Typed {
    fn of(typed: &str) -> Self {
        let typed = typed.trim().to_lowercase();
        match typed.split_once('/') {
            Some((namespace, name)) => Self {
                namespace: Some(namespace.to_owned()),
                name: name.to_owned(),
            },
            None => Self {
                namespace: None,
                name: typed,
            },
        }
    }

    fn in_namespace(&self, text: &str) -> Fit {
        match &self.namespace {
            Some(typed) if text == typed => Fit::Begins,
            Some(typed) if text.ends_with(typed.as_str()) => Fit::Holds,
            Some(_) => Fit::No,
            None => fit(text, &self.name),
        }
    }

    fn in_name(&self, namespace: Fit, name: &str) -> Fit {
        match self.namespace {
            Some(_) if name.starts_with(&self.name) => namespace,
            Some(_) => Fit::No,
            // Nothing fits better than what begins with it.
            None if namespace == Fit::Begins => namespace,
            None => namespace.min(fit(name, &self.name)),
        }
    }
}

fn fit(text: &str, typed: &str) -> Fit {
    match position(text, typed) {
        Some(0) => Fit::Begins,
        Some(_) => Fit::Holds,
        None => Fit::No,
    }
}

/// Keeps the least of what is offered, at most so many.
pub(super) fn keep_least<T: Ord>(kept: &mut BinaryHeap<T>, most: usize, offered: T) {
    if kept.len() >= most && kept.peek().is_none_or(|worst| offered >= *worst) {
        return;
    }
    kept.push(offered);
    if kept.len() > most {
        kept.pop();
    }
}

impl Row {
    fn verdict(&self) -> Verdict {
        let turn = Millis::from(self.turn) * 1000;
        match self.verdict {
            Turn::Fine => Verdict::Fine,
            Turn::Unhealthy => Verdict::Unhealthy,
            Turn::UnhealthyFrom => Verdict::UnhealthyFrom(turn),
            Turn::UnhealthyUntil => Verdict::UnhealthyUntil(turn),
        }
    }
}

fn turn(verdict: Verdict) -> (Turn, u32) {
    match verdict {
        Verdict::Fine => (Turn::Fine, 0),
        Verdict::Unhealthy => (Turn::Unhealthy, 0),
        Verdict::UnhealthyFrom(from) => (Turn::UnhealthyFrom, seconds(from)),
        Verdict::UnhealthyUntil(until) => (Turn::UnhealthyUntil, seconds(until)),
    }
}

fn seconds(millis: Millis) -> u32 {
    u32::try_from(millis / 1000).unwrap_or(u32::MAX)
}

fn hash(namespace: &str, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (namespace, name).hash(&mut hasher);
    hasher.finish()
}

/// Where `typed`, in lower case, stands in a name. Names of Pods are in lower case by rule, and short:
/// a plain scan is several times faster than what the standard library prepares for longer texts.
fn position(name: &str, typed: &str) -> Option<usize> {
    let (name, typed) = (name.as_bytes(), typed.as_bytes());
    let Some((first, rest)) = typed.split_first() else {
        return Some(0);
    };
    let last = name.len().checked_sub(typed.len())?;
    (0..=last).find(|at| name[*at] == *first && name[at + 1..].starts_with(rest))
}
