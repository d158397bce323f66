//! Scenarios: what is in a cluster and what happens to it, as YAML. Read once, at the start.
//!
//! A file in `bot/sandbox/scenarios` is one; those in its folder `parts` are only included by others.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::dice::Dice;
use super::hollow::{Exit, Habit, Habits, Image, Span, Spec};
use super::object::text;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// A scenario's name and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its name.
    pub name: String,
    /// In one line of English.
    pub en: String,
    /// In one line of Chinese.
    pub zh: String,
}

/// Every scenario that comes with the program, in alphabetical order.
pub fn list() -> anyhow::Result<Vec<About>> {
    let mut all = Vec::new();
    for file in FILES.files() {
        let name = file
            .path()
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let written: Written = parse(
            &file.path().display().to_string(),
            file.contents_utf8().unwrap_or_default(),
        )?;
        let about = written.about;
        all.push(About {
            name: name.to_owned(),
            en: about.en,
            zh: about.zh,
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// A scenario, ready to be played.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    /// Milliseconds before the present when the cluster came to be.
    pub(crate) built: u64,
    /// Milliseconds before the present when what the timeline tells begins.
    pub(crate) history: u64,
    /// How long an event is kept (ms) after it was written last.
    pub(crate) event_life: u64,
    pub(crate) nodes: Vec<Spec>,
    pub(crate) habits: Habits,
    pub(crate) objects: Vec<Value>,
    /// What happens, by milliseconds before the present, the earliest first.
    pub(crate) steps: Vec<(u64, Occasion)>,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) struct Occasion {
    pub(crate) step: Step,
    /// After how many milliseconds it happens again, and so on.
    pub(crate) again: Option<u64>,
}

impl Occasion {
    /// Something that happens once.
    pub(crate) const fn once(step: Step) -> Self {
        Self { step, again: None }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    about: Words,
    #[serde(default)]
    with: Vec<String>,
    built: Option<Span>,
    history: Option<Span>,
    event_life: Option<Span>,
    #[serde(default)]
    vary: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    nodes: Vec<Spec>,
    #[serde(default)]
    images: Vec<Image>,
    #[serde(default)]
    containers: Vec<Habit>,
    #[serde(default)]
    objects: Vec<Spanned<Value>>,
    /// Groups of objects that a seed may leave out.
    #[serde(default)]
    extras: Vec<Vec<Spanned<Value>>>,
    #[serde(default)]
    timeline: Vec<Spanned<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    en: String,
    zh: String,
}

/// One entry of the timeline: when, and one thing that happens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    /// Time after the start of the history.
    at: Option<Span>,
    /// Time before the present.
    ago: Option<Span>,
    /// Again and again, about so far apart.
    every: Option<Span>,
    /// Time before the present when that ends; without it, it goes on.
    until: Option<Span>,
    reboot: Option<Reboot>,
    kubelet: Option<Switch>,
    network: Option<Switch>,
    runtime: Option<Switch>,
    memory: Option<Memory>,
    exit: Option<ExitOf>,
    system_oom: Option<SystemOom>,
    set_image: Option<SetImage>,
    scale: Option<Scale>,
    cordon: Option<String>,
    uncordon: Option<String>,
    apply: Option<Value>,
    patch: Option<PatchOf>,
    delete: Option<Named>,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Reboot(Reboot),
    /// The machine of this node is there again.
    Boot(String),
    /// Its kubelet stops or starts; containers go on.
    Kubelet(Switch),
    /// It cannot be reached, or can again.
    Network(Switch),
    Runtime(Switch),
    Memory(Memory),
    Exit(ExitOf),
    SystemOom(SystemOom),
    SetImage(SetImage),
    Scale(Scale),
    Cordon(String, bool),
    Apply(Value),
    Patch(PatchOf),
    Delete(Named),
}

/// A machine goes down and comes back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reboot {
    pub(crate) node: String,
    pub(crate) down: Span,
}

/// Something on a node is switched off or on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    pub(crate) node: String,
    pub(crate) on: bool,
}

/// A node runs out of memory or has enough again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    pub(crate) node: String,
    pub(crate) pressure: bool,
    /// What is left, as `84Mi`.
    #[serde(default)]
    pub(crate) left: String,
    /// Whose Pods are evicted: `namespace/workload`.
    pub(crate) evict: Option<String>,
    /// What the first container of an evicted Pod used.
    #[serde(default)]
    pub(crate) used: String,
}

/// A container ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExitOf {
    /// `namespace/workload`
    pub(crate) of: String,
    pub(crate) container: Option<String>,
    #[serde(default)]
    pub(crate) code: i64,
    pub(crate) reason: Option<String>,
}

impl ExitOf {
    pub(crate) fn exit(&self) -> Exit {
        Exit {
            code: self.code,
            reason: self.reason.clone(),
            ..Exit::default()
        }
    }
}

/// The kernel of a node kills a process for lack of memory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemOom {
    pub(crate) node: String,
    pub(crate) process: String,
    pub(crate) pid: u32,
}

/// Somebody gives a workload another image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetImage {
    /// `namespace/name` of a Deployment.
    pub(crate) of: String,
    pub(crate) container: String,
    pub(crate) image: String,
    /// `kubernetes.io/change-cause`
    pub(crate) cause: Option<String>,
}

/// Somebody scales a Deployment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scale {
    pub(crate) of: String,
    pub(crate) to: u32,
}

/// An object by its kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Named {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// A merge patch of an object.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchOf {
    pub(crate) object: Named,
    pub(crate) with: Value,
}

impl Entry {
    /// The one thing that happens.
    fn step(self) -> Option<Step> {
        let all = [
            self.reboot.map(Step::Reboot),
            self.kubelet.map(Step::Kubelet),
            self.network.map(Step::Network),
            self.runtime.map(Step::Runtime),
            self.memory.map(Step::Memory),
            self.exit.map(Step::Exit),
            self.system_oom.map(Step::SystemOom),
            self.set_image.map(Step::SetImage),
            self.scale.map(Step::Scale),
            self.cordon.map(|node| Step::Cordon(node, true)),
            self.uncordon.map(|node| Step::Cordon(node, false)),
            self.apply.map(Step::Apply),
            self.patch.map(Step::Patch),
            self.delete.map(Step::Delete),
        ];
        let mut there = all.into_iter().flatten();
        let first = there.next();
        first.filter(|_| there.next().is_none())
    }
}

impl Scenario {
    /// The scenario of this name that comes with the program.
    pub(crate) fn named(name: &str, seed: Option<u64>) -> anyhow::Result<Self> {
        let path = format!("{name}.yaml");
        let Some(file) = FILES.get_file(&path).and_then(include_dir::File::contents_utf8) else {
            let names: Vec<String> = list()?.into_iter().map(|about| about.name).collect();
            bail!("there is no scenario `{name}`; there are {}", names.join(", "));
        };
        Self::read(&path, file, seed)
    }

    /// The scenario in a file.
    pub(crate) fn load(path: &Path, seed: Option<u64>) -> anyhow::Result<Self> {
        let yaml = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Self::read(&path.display().to_string(), &yaml, seed)
    }

    /// The scenario in a text; `from` is what errors call it.
    pub(crate) fn read(from: &str, yaml: &str, seed: Option<u64>) -> anyhow::Result<Self> {
        let renames = Renames::of(&parse::<Written>(from, yaml)?.vary, seed);
        let mut parts = Vec::new();
        let written: Written = parse(from, &renames.apply(yaml))?;
        for part in &written.with {
            let path = format!("parts/{part}.yaml");
            let found = FILES.get_file(&path).and_then(include_dir::File::contents_utf8);
            let text = found.with_context(|| format!("{from}: there is no part `{part}`"))?;
            parts.push((path.clone(), parse::<Written>(&path, &renames.apply(text))?));
        }
        parts.push((from.to_owned(), written));
        assemble(parts, seed)
    }
}

fn assemble(parts: Vec<(String, Written)>, seed: Option<u64>) -> anyhow::Result<Scenario> {
    let mut scenario = Scenario {
        built: 0,
        history: 0,
        event_life: 3_600_000,
        nodes: Vec::new(),
        habits: Habits::default(),
        objects: Vec::new(),
        steps: Vec::new(),
    };
    for (from, part) in parts {
        scenario.built = part.built.map_or(scenario.built, |span| span.0);
        scenario.history = part.history.map_or(scenario.history, |span| span.0);
        scenario.event_life = part.event_life.map_or(scenario.event_life, |span| span.0);
        scenario.nodes.extend(part.nodes);
        scenario.habits.images.extend(part.images);
        scenario.habits.containers.extend(part.containers);
        let chosen = part
            .extras
            .into_iter()
            .enumerate()
            .filter(|(number, _)| keeps(seed, *number));
        let objects = part
            .objects
            .into_iter()
            .chain(chosen.flat_map(|(_, group)| group));
        for object in objects {
            check_object(&object.value).with_context(|| place(&from, &object))?;
            scenario.objects.push(object.value);
        }
        for entry in part.timeline {
            let at = place(&from, &entry);
            add_entry(&mut scenario, entry.value).context(at)?;
        }
    }
    scenario.built = scenario.built.max(scenario.history);
    scenario.steps.sort_by_key(|step| std::cmp::Reverse(step.0));
    Ok(scenario)
}

/// Whether a group of unrelated objects is there: each with every other seed, all without one.
fn keeps(seed: Option<u64>, number: usize) -> bool {
    seed.is_none_or(|seed| {
        Dice::new(seed)
            .roll(&["extra", &number.to_string()])
            .is_multiple_of(2)
    })
}

fn place<T>(from: &str, spanned: &Spanned<T>) -> String {
    format!("{from}, line {}", spanned.referenced.line())
}

fn check_object(object: &Value) -> anyhow::Result<()> {
    for field in ["apiVersion", "kind"] {
        if text(&object[field]).is_empty() {
            bail!("the object has no {field}");
        }
    }
    if text(&object["metadata"]["name"]).is_empty() {
        bail!("the {} has no name", text(&object["kind"]));
    }
    Ok(())
}

/// Every time of an entry, with a repeated one spread a little.
fn add_entry(scenario: &mut Scenario, entry: Entry) -> anyhow::Result<()> {
    let first = match (entry.at, entry.ago) {
        (Some(at), None) => scenario.history.saturating_sub(at.0),
        (None, Some(ago)) => ago.0,
        _ => bail!("an entry of the timeline has either `at` or `ago`"),
    };
    let every = entry.every.map(|span| span.0);
    let goes_on = entry.until.is_none();
    let until = entry.until.map_or(180_000, |span| span.0);
    let step = entry
        .step()
        .context("an entry of the timeline says one thing that happens")?;
    let Some(every) = every.filter(|every| *every > 0) else {
        scenario.steps.push((first, Occasion::once(step)));
        return Ok(());
    };
    let mut ago = first;
    let mut number = 0_u64;
    loop {
        scenario.steps.push((ago, Occasion::once(step.clone())));
        let spread = Dice::new(7).between(0, every / 5, &["every", &number.to_string()]);
        number += 1;
        let next = ago.checked_sub(every - every / 10 + spread);
        match next.filter(|next| *next > until) {
            Some(next) => ago = next,
            None => break,
        }
    }
    if let Some((_, last)) = scenario.steps.last_mut().filter(|_| goes_on) {
        last.again = Some(every);
    }
    Ok(())
}

/// Names that are other ones with a seed.
struct Renames(Vec<(String, String)>);

impl Renames {
    fn of(vary: &BTreeMap<String, Vec<String>>, seed: Option<u64>) -> Self {
        let Some(seed) = seed else {
            return Self(Vec::new());
        };
        let choose = |(name, others): (&String, &Vec<String>)| {
            let place = Dice::new(seed).roll(&["rename", name]) % (others.len() as u64 + 1);
            let other = usize::try_from(place).ok().and_then(|place| others.get(place))?;
            Some((name.clone(), other.clone()))
        };
        Self(vary.iter().filter_map(choose).collect())
    }

    /// The text with every name in it exchanged where it stands as a word of its own.
    fn apply(&self, text: &str) -> String {
        let in_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        let mut done = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(in_word) {
            let (before, from) = rest.split_at(start);
            done.push_str(before);
            let end = from.find(|letter| !in_word(letter)).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            let other = self.0.iter().find(|(name, _)| name == word);
            done.push_str(other.map_or(word, |(_, other)| other));
            rest = after;
        }
        done.push_str(rest);
        done
    }
}

fn parse<T: serde::de::DeserializeOwned>(from: &str, yaml: &str) -> anyhow::Result<T> {
    serde_saphyr::from_str(yaml).map_err(|error| anyhow::anyhow!("{from}: {error}"))
}
