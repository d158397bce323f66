//! What an answer leads to: a button for each of its commands that the bot can run or open a request for, and a
//! list of live names for each placeholder.

use std::path::Path;

use firstmate_kb::inspect;
use firstmate_kb::{Lang, Question, Section};

use crate::app::App;
use crate::caller::Caller;
use crate::check::mentioned::{self, Named};
use crate::check::{self, What};
use crate::cluster::manifest::{self, Manifest};
use crate::cluster::names::{self, Wanted};
use crate::cluster::served::{Is, Served};
use crate::cluster::snapshot::pod::PodRow;
use crate::cluster::{Cluster, NotRead, Reader, Who};
use crate::command::{Command, Fill, Names, Refusal, Role};
use crate::handle::may;
use crate::limits;
use crate::reply::{Button, Menu, Press, Reply};
use crate::shell::needs::{self, Need};
use crate::shell::{self, Class, Deed, HOLE};
use crate::text::change as say_change;
use crate::text::{check as say_check, shell as say};

/// How long the cluster may take to name what there is to choose from: the answer waits for it.
const PATIENCE: u64 = 1_500;
/// How many buttons of commands an answer has.
const BUTTONS: usize = 10;
/// How many lists of names.
const MENUS: usize = 2;

/// What an answer offers.
#[derive(Debug, Default)]
struct Offer {
    buttons: Vec<Button>,
    menus: Vec<Menu>,
    /// What could not be offered.
    notes: Vec<String>,
}

/// Commands of a section that wait for the same object.
struct Open {
    section: usize,
    names: Names,
    within: Option<String>,
    deeds: Vec<Deed>,
}

/// Adds to a reply what the shown sections lead to, each with those below it. `named` is what the question names.
pub async fn add(
    app: &App,
    caller: &Caller,
    lang: Lang,
    reply: &mut Reply,
    (question, sections): (&Question, &[usize]),
    named: &[Named],
) {
    let Ok((cluster, who)) = check::place(app, caller, None) else {
        return;
    };
    let all: Vec<&Section> = sections.iter().flat_map(|it| shown(question, *it)).collect();
    let mut offer = Offer::default();
    let lacks = marks(app, (cluster, &who), lang, &all, &mut offer).await;
    let mut open: Vec<Open> = Vec::new();
    for section in sections {
        let mut deeds = deeds(app, caller, question, *section);
        deeds.retain(|deed| {
            !needs::of_command(&deed.text)
                .iter()
                .any(|need| lacks.contains(need))
        });
        for deed in deeds {
            let fitting = fitting(&deed, named);
            match &deed.hole {
                None => offer.buttons.extend(button(lang, cluster, &deed, None)),
                Some(_) if !fitting.is_empty() => {
                    let buttons = fitting
                        .iter()
                        .filter_map(|name| button(lang, cluster, &deed, Some(name)));
                    offer.buttons.extend(buttons);
                }
                Some(hole) => {
                    let is_same = |it: &&mut Open| {
                        it.section == *section && it.names == hole.names && it.within == hole.within
                    };
                    match open.iter_mut().find(is_same) {
                        Some(open) => open.deeds.push(deed),
                        None => open.push(Open {
                            section: *section,
                            names: hole.names,
                            within: hole.within.clone(),
                            deeds: vec![deed],
                        }),
                    }
                }
            }
        }
    }
    for open in open.iter().take(MENUS) {
        choose(app, (cluster, &who), lang, question, open, &mut offer).await;
    }
    put(reply, offer);
}

/// These sections without those that stand below another of them.
pub fn uppermost(question: &Question, sections: Vec<usize>) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for section in sections {
        let is_below = kept
            .last()
            .is_some_and(|last| section < last + shown(question, *last).len());
        if !is_below {
            kept.push(section);
        }
    }
    kept
}

/// The commands of a section with an object in the place of their placeholders.
///
/// # Errors
/// If the person may have none of them done.
pub async fn filled(
    app: &App,
    caller: &Caller,
    lang: Lang,
    question: &Question,
    fill: &Fill,
) -> Result<Reply, Refusal> {
    let (cluster, _) = check::place(app, caller, None)?;
    let mut offer = Offer::default();
    for deed in deeds(app, caller, question, fill.section) {
        let hole = deed.hole.as_ref();
        if hole.is_some_and(|hole| hole.names == fill.names && hole.within == fill.within) {
            offer
                .buttons
                .extend(button(lang, cluster, &deed, Some(&fill.name)));
        }
    }
    if offer.buttons.is_empty() {
        return Err(Refusal::NotAllowed);
    }
    let named = Named {
        kind: fill.names,
        name: fill.name.clone(),
    };
    let mut text = vec![say::filled_in(lang, &fill.name)];
    text.extend(mentioned::line_of(app, caller, lang, &named).await);
    let mut reply = Reply::private(text.join("\n"));
    put(&mut reply, offer);
    Ok(reply)
}

/// What the person may have done of what the commands of the shown part say.
fn deeds(app: &App, caller: &Caller, question: &Question, section: usize) -> Vec<Deed> {
    let commands = shown(question, section)
        .iter()
        .flat_map(|section| &section.commands);
    let deeds = commands.filter_map(|command| match shell::class(&command.text) {
        Class::Live(deed) => Some(deed),
        // Who has no user in the cluster cannot change anything in it.
        Class::Change(deed) if !app.config.people.is_empty() => Some(deed),
        Class::Change(_) | Class::ByHand(_) => None,
    });
    deeds.filter(|deed| may(app, caller, deed.needs())).collect()
}

/// The section that an answer shows, with those below it.
pub fn shown(question: &Question, section: usize) -> &[Section] {
    let Some(chosen) = question.sections.get(section) else {
        return &[];
    };
    let below = question.sections[section + 1..].iter();
    let is_below = |it: &&Section| {
        !chosen.path.is_empty() && it.path.len() > chosen.path.len() && it.path.starts_with(&chosen.path)
    };
    &question.sections[section..=section + below.take_while(is_below).count()]
}

/// Says what this cluster does not have of what the commands and manifests need, and returns what it does not serve.
async fn marks(
    app: &App,
    (cluster, who): (&Cluster, &Who),
    lang: Lang,
    sections: &[&Section],
    offer: &mut Offer,
) -> Vec<Need> {
    let reader = check::reader(app, cluster, who, PATIENCE);
    let blocks = sections.iter().flat_map(|section| blocks(&section.markdown));
    let manifests = blocks.flat_map(|text| manifest::manifests(&text));
    let mut manifests: Vec<Manifest> = manifests.filter(Manifest::is_filled_in).collect();
    let lacks = not_served(&reader, lang, sections, &manifests, offer).await;
    manifests.retain(|it| {
        let need = need_of(it);
        it.is_plain() && need.is_none_or(|need| !lacks.contains(&need))
    });
    unknown_fields(&reader, lang, &manifests, offer).await;
    lacks
}

async fn not_served(
    reader: &Reader<'_>,
    lang: Lang,
    sections: &[&Section],
    manifests: &[Manifest],
    offer: &mut Offer,
) -> Vec<Need> {
    let commands = sections.iter().flat_map(|section| &section.commands);
    let of_commands = commands.flat_map(|command| needs::of_command(&command.text));
    let of_manifests = manifests.iter().filter_map(need_of);
    let mut all: Vec<Need> = Vec::new();
    for need in of_commands.chain(of_manifests) {
        if !all.contains(&need) {
            all.push(need);
        }
    }
    if all.is_empty() {
        return all;
    }
    let name = &reader.cluster.name;
    let served = match reader.served().await {
        Ok(served) => served,
        Err(not) => {
            let why = say_check::why(lang, &not);
            let needs: Vec<&Need> = all.iter().collect();
            let note = say::not_known_whether_served(lang, name, &needs, Some(&why));
            offer.notes.push(note);
            return Vec::new();
        }
    };
    let is = |wanted: Is| {
        all.iter()
            .filter(|need| judge(&served, need) == wanted)
            .collect::<Vec<_>>()
    };
    let (lacks, unknown) = (is(Is::NotServed), is(Is::NotKnown));
    if !lacks.is_empty() {
        offer.notes.push(say::not_served(lang, name, &lacks));
    }
    if !unknown.is_empty() {
        offer
            .notes
            .push(say::not_known_whether_served(lang, name, &unknown, None));
    }
    lacks.into_iter().cloned().collect()
}

/// Says which fields of the manifests this cluster does not know.
async fn unknown_fields(reader: &Reader<'_>, lang: Lang, manifests: &[Manifest], offer: &mut Offer) {
    let name = &reader.cluster.name;
    for manifest in manifests {
        let kind = format!("{} {}", manifest.version, manifest.kind);
        let note = match reader.unknown_fields(manifest).await {
            Ok(unknown) if unknown.is_empty() => continue,
            Ok(unknown) => say::unknown_fields(lang, name, &kind, &unknown),
            Err(not) => say::fields_not_checked(lang, name, &kind, &say_check::why(lang, &not)),
        };
        // Two manifests of one kind may lack the same.
        if !offer.notes.contains(&note) {
            offer.notes.push(note);
        }
    }
}

fn need_of(manifest: &Manifest) -> Option<Need> {
    needs::of_manifest(&manifest.version, &manifest.kind, manifest.is_known())
}

fn judge(served: &Served, need: &Need) -> Is {
    match need {
        Need::Resource(name) => served.resource(name),
        Need::Subresource(resource, part) => served.subresource(resource, part),
        Need::Metrics => served.resource("nodes.metrics.k8s.io"),
        Need::Kind { version, kind } => served.kind(version, kind),
    }
}

/// The blocks of YAML in a section.
fn blocks(markdown: &str) -> Vec<String> {
    let inspected = inspect::file(Path::new(""), "section.md", markdown);
    let is_yaml = |lang: &str| lang.eq_ignore_ascii_case("yaml") || lang.eq_ignore_ascii_case("yml");
    let blocks = inspected.blocks.into_iter();
    blocks
        .filter(|block| is_yaml(&block.lang))
        .map(|block| block.text)
        .collect()
}

/// The names that fill in what the command waits for: of a namespace, that of whatever is named.
fn fitting<'n>(deed: &Deed, named: &'n [Named]) -> Vec<&'n str> {
    let Some(hole) = &deed.hole else {
        return Vec::new();
    };
    let fits = |named: &'n Named| {
        let (namespace, _) = named.name.split_once('/').unwrap_or_default();
        match (&hole.within, hole.names) {
            (_, Names::Namespace) => Some(namespace).filter(|namespace| !namespace.is_empty()),
            (Some(within), kind) => {
                Some(named.name.as_str()).filter(|_| named.kind == kind && namespace == within)
            }
            (None, kind) => Some(named.name.as_str()).filter(|_| named.kind == kind),
        }
    };
    let mut names: Vec<&str> = named.iter().filter_map(fits).collect();
    names.dedup();
    names
}

fn button(lang: Lang, cluster: &Cluster, deed: &Deed, name: Option<&str>) -> Option<Button> {
    let cluster = Some(cluster.name.as_str());
    let (command, text) = match name {
        None => (deed.command(cluster)?, deed.text.clone()),
        Some(name) => (deed.on(name, cluster)?, deed.text_on(name)),
    };
    let words = match &command {
        Command::Change(crate::remedy::Change::AskReason { action, .. }) => {
            say_change::request_button(lang, action)
        }
        _ => say::check_button(lang, &text),
    };
    is_carried(&command).then(|| Button::run(words, command))
}

/// Whether the id of a button has room for all that narrows the command.
fn is_carried(command: &Command) -> bool {
    let id = command.control_id();
    if id.is_empty() || id.len() > limits::CUSTOM_ID {
        return false;
    }
    let is_narrowed = |command: &Command| match command {
        Command::Check(check) => match &check.what {
            What::Pods(filter) => filter.label.is_some(),
            What::PodLogs(logs) => logs.grep.is_some(),
            _ => false,
        },
        _ => false,
    };
    // A name that is too long is carried as its hash; a text has none.
    Command::from_control(&id, None).is_ok_and(|carried| is_narrowed(&carried) == is_narrowed(command))
}

/// A list of live names, read as the person who asks.
async fn choose(
    app: &App,
    (cluster, who): (&Cluster, &Who),
    lang: Lang,
    question: &Question,
    open: &Open,
    offer: &mut Offer,
) {
    let Some((first, hole)) = open
        .deeds
        .first()
        .and_then(|deed| Some((deed, deed.hole.as_ref()?)))
    else {
        return;
    };
    let reader = check::reader(app, cluster, who, PATIENCE);
    let begin = open.within.as_ref().map(|namespace| format!("{namespace}/"));
    let begin = begin.unwrap_or_default();
    let names = match names_of(&reader, open, &begin).await {
        Ok(names) => names,
        Err(not) => {
            let why = say_check::not_checked(lang, &not);
            offer
                .notes
                .push(say::names_not_checked(lang, &hole.written, &why));
            return;
        }
    };
    // A name that is too long for a choice is left to the command's own completion.
    let can_be_chosen =
        |name: &String| name.starts_with(&begin) && name.len() <= limits::CHOICE && check::is_name(name);
    let names = names.into_iter().filter(can_be_chosen).take(limits::CHOICES);
    let options: Vec<_> = names.map(|name| (name.clone(), name)).collect();
    let id = match open.deeds.as_slice() {
        [_] => first
            .on(HOLE, Some(&cluster.name))
            .map(|command| command.pick_id())
            .filter(|id| id.contains(HOLE)),
        _ => Some(fill_id(question, open)),
    };
    let placeholder = match (open.deeds.as_slice(), &first.needs()) {
        ([_], Role::Check(_)) => say::check_button(lang, &first.text),
        ([_], _) => first.text.clone(),
        _ => say::choose(lang, &hole.written),
    };
    if let Some(id) = id.filter(|id| id.len() <= limits::CUSTOM_ID && !options.is_empty()) {
        offer.menus.push(Menu {
            placeholder,
            id,
            options,
        });
    }
}

/// Pods that are not well come first: one of them is what the question is about.
async fn names_of(reader: &Reader<'_>, open: &Open, begin: &str) -> Result<Vec<String>, NotRead> {
    if open.names == Names::Pod && open.within.is_none() {
        let now = reader.clock.now();
        let first = reader
            .all_pods(|rows| rows.sick_first(now, false, limits::CHOICES))
            .await;
        if let Ok(pods) = first {
            let path = |pod: &PodRow| format!("{}/{}", pod.namespace, pod.name);
            return Ok(pods.iter().map(path).collect());
        }
    }
    names::of(reader, open.names, "", Wanted::Typed(begin)).await
}

fn fill_id(question: &Question, open: &Open) -> String {
    let fill = Fill {
        id: question.id.clone(),
        lang: question.lang,
        section: open.section,
        names: open.names,
        within: open.within.clone(),
        name: String::new(),
    };
    Command::Fill(Box::new(fill)).control_id()
}

/// No two buttons of a message do the same.
fn put(reply: &mut Reply, offer: Offer) {
    let mut added = 0;
    for button in offer.buttons {
        let is_there = reply.buttons.iter().any(|other| is_same(other, &button));
        if !is_there && added < BUTTONS {
            reply.buttons.push(button);
            added += 1;
        }
    }
    reply.menus.extend(offer.menus);
    if let Some(card) = reply.card.as_mut().filter(|_| !offer.notes.is_empty()) {
        card.body = format!("{}\n\n{}", card.body, offer.notes.join("\n"));
    }
}

/// Discord takes no two buttons with one id.
fn is_same(one: &Button, other: &Button) -> bool {
    match (&one.press, &other.press) {
        (Press::Run(one), Press::Run(other)) => one.control_id() == other.control_id(),
        (one, other) => one == other,
    }
}
