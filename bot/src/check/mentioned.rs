//! A question that names something that is in the cluster is told how that is, and leads to the checks of it.

use firstmate_kb::Lang;

use super::{Check, What, live, place, reader};
use crate::app::App;
use crate::caller::Caller;
use crate::cluster::names::{self, Wanted};
use crate::cluster::{NotRead, Reader, Why};
use crate::command::{Command, Names, Role};
use crate::handle::may;
use crate::reply::Button;
use crate::text::{check as say, live as say_live};

/// How long the cluster may take to say what is named: the answer to the question waits for it.
const PATIENCE: u64 = 1_500;
/// How much longer it may take to say how that is.
const LIVE_PATIENCE: u64 = 1_000;
/// How many objects get buttons and a line.
const OBJECTS: usize = 2;
/// Shorter words are no names: too many questions hold them by chance.
const SHORTEST: usize = 3;
/// Every cluster has this Service, and every other question this word.
const EVERYWHERE: &str = "default/kubernetes";

/// The check that shows a node.
const NODE_CHECK: &str = "node-describe";

/// The kinds that are looked for, each with the check that a person must be allowed to run.
const KINDS: [(Names, &str); 4] = [
    (Names::Node, NODE_CHECK),
    (Names::Pod, "pod-describe"),
    (Names::Workload, "rollout"),
    (Names::Service, "services"),
];

/// Something in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub kind: Names,
    /// Its name, as `namespace/name` where it has a namespace.
    pub name: String,
}

/// What a question names, as far as the person may know of it.
#[derive(Clone, Debug, Default)]
pub struct Mentioned {
    /// The objects.
    pub found: Vec<Named>,
    /// How each of them is.
    pub lines: Vec<String>,
    /// Checks of them.
    pub buttons: Vec<Button>,
}

/// Looks for what `question` names, and how it is.
pub async fn look(app: &App, caller: &Caller, lang: Lang, question: &str) -> Mentioned {
    let words = words(question);
    let Ok((cluster, who)) = place(app, caller, None) else {
        return Mentioned::default();
    };
    if words.is_empty() {
        return Mentioned::default();
    }
    let names_reader = reader(app, cluster, &who, PATIENCE);
    let (mut found, mut unread) = (Vec::new(), None);
    for (kind, needs) in KINDS {
        if may(app, caller, Role::Check(needs)) {
            match named(&names_reader, kind, &words).await {
                Ok(named) => found.extend(named),
                Err(not) => unread = unread.or(Some(not)),
            }
        }
    }
    found.truncate(OBJECTS);
    let is_named = words.iter().any(|word| is_surely_a_name(word));
    if let Some(not) = unread.filter(|not| found.is_empty() && is_named && is_trouble(&not.why)) {
        return Mentioned {
            lines: vec![say::not_checked(lang, &not)],
            ..Mentioned::default()
        };
    }
    if found.is_empty()
        && may(app, caller, Role::Check(NODE_CHECK))
        && let Some(name) = absent_node(&names_reader, &words).await
    {
        return Mentioned {
            lines: vec![say_live::no_node(lang, name, &cluster.name)],
            ..Mentioned::default()
        };
    }
    let live_reader = reader(app, cluster, &who, LIVE_PATIENCE);
    let lines = found
        .iter()
        .map(|named| live::line(app, &live_reader, lang, named));
    let lines = futures::future::join_all(lines).await;
    let buttons = found.iter().flat_map(|named| checks_of(lang, named));
    let button = |(label, what)| Button::run(label, Command::Check(Check::new(what, Some(&cluster.name))));
    Mentioned {
        buttons: buttons.map(button).collect(),
        lines,
        found,
    }
}

/// How one object is, as the person may read it.
pub async fn line_of(app: &App, caller: &Caller, lang: Lang, named: &Named) -> Option<String> {
    let (_, needs) = KINDS.iter().find(|(kind, _)| *kind == named.kind)?;
    let (cluster, who) = place(app, caller, None).ok()?;
    if !may(app, caller, Role::Check(needs)) {
        return None;
    }
    let reader = reader(app, cluster, &who, LIVE_PATIENCE);
    Some(live::line(app, &reader, lang, named).await)
}

/// What in a question could be the name of an object.
fn words(question: &str) -> Vec<String> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '/');
    let words = question.split(|it| !is_part(it));
    words
        .map(|word| word.trim_matches(['-', '.', '/']).to_lowercase())
        .filter(|word| word.len() >= SHORTEST)
        .collect()
}

/// Whether a word is a name, whatever there is in the cluster: `node-3`, `web-7c9d8f6b5-x2kqp`.
fn is_surely_a_name(word: &str) -> bool {
    word.contains('-') && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether it is the cluster's trouble; what a person may not read is not asked for here.
const fn is_trouble(why: &Why) -> bool {
    match why {
        Why::Forbidden { .. } | Why::MayNotActAs { .. } | Why::NotFound | Why::NotServed => false,
        Why::Unauthorized
        | Why::Throttled
        | Why::TimedOut
        | Why::Unreachable(_)
        | Why::Failed { .. }
        | Why::Unreadable => true,
    }
}

async fn named(reader: &Reader<'_>, kind: Names, words: &[String]) -> Result<Vec<Named>, NotRead> {
    let known = names::of(reader, kind, "", Wanted::Any(words)).await?;
    let is_meant = |name: &String| {
        let bare = name.rsplit('/').next().unwrap_or(name);
        let is_bare = words.iter().any(|word| word == bare) && name != EVERYWHERE;
        is_bare || words.contains(name)
    };
    let meant = known.into_iter().filter(is_meant);
    Ok(meant.map(|name| Named { kind, name }).collect())
}

/// What can only be meant as a node, and is none: `node-99` where the nodes are `node-1` to `node-5`.
async fn absent_node<'a>(reader: &Reader<'_>, words: &'a [String]) -> Option<&'a str> {
    for word in words.iter().filter(|word| is_surely_a_name(word)) {
        let begin = stem(word);
        let near = names::of(reader, Names::Node, "", Wanted::Typed(begin))
            .await
            .ok()?;
        if begin != word && near.iter().any(|node| stem(node) == begin) {
            return Some(word);
        }
    }
    None
}

/// A name without the figures at its end.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|it: char| it.is_ascii_digit())
}

fn checks_of(lang: Lang, named: &Named) -> Vec<(String, What)> {
    let name = named.name.clone();
    let (namespace, bare) = name.split_once('/').unwrap_or(("", &name));
    let describe = say::describe_button(lang, bare);
    let events = say::events_button(lang, bare);
    match named.kind {
        Names::Node => vec![
            (describe, What::NodeDescribe { node: name.clone() }),
            (events, What::NodeEvents { node: name }),
        ],
        Names::Pod => vec![
            (describe, What::PodDescribe { pod: name.clone() }),
            (events, What::PodEvents { pod: name }),
        ],
        Names::Service => vec![(
            say_live::services_button(lang, namespace),
            What::Services {
                namespace: Some(namespace.to_owned()),
            },
        )],
        _ => vec![(say::rollout_button(lang, bare), What::Rollout { workload: name })],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_either_language() {
        assert_eq!(
            words("node-3为什么老是重启？ shop/Web-1. a b"),
            ["node-3", "shop/web-1"]
        );
    }

    #[test]
    fn only_a_word_that_can_be_nothing_else_is_surely_a_name() {
        for (word, is_name) in [
            ("node-3", true),
            ("web-7c9d8f6b5-x2kqp", true),
            ("read-only", false),
            ("oom", false),
        ] {
            assert_eq!(is_surely_a_name(word), is_name, "{word}");
        }
    }
}
