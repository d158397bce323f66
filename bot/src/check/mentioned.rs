//! A question that names something that is in the cluster leads to the checks of it.

use firstmate_kb::Lang;

use super::{Check, What, place, reader};
use crate::app::App;
use crate::caller::Caller;
use crate::cluster::Reader;
use crate::cluster::names::{self, Wanted};
use crate::command::{Command, Names, Role};
use crate::handle::may;
use crate::reply::Button;
use crate::text::check as say;

/// How long the cluster may take: the answer to the question waits for it.
const PATIENCE: u64 = 1_500;
/// How many objects get buttons.
const OBJECTS: usize = 2;
/// Shorter words are no names: too many questions hold them by chance.
const SHORTEST: usize = 3;

/// Buttons to the checks of what `question` names, as far as the person may run them.
pub async fn buttons(app: &App, caller: &Caller, lang: Lang, question: &str) -> Vec<Button> {
    let Ok((cluster, who)) = place(app, caller, None) else {
        return Vec::new();
    };
    let words = words(question);
    if words.is_empty() {
        return Vec::new();
    }
    let reader = reader(app, cluster, &who, PATIENCE);
    let mut found = Vec::new();
    for (kind, needs) in [
        (Names::Node, "node-describe"),
        (Names::Pod, "pod-describe"),
        (Names::Workload, "rollout"),
    ] {
        if may(app, caller, Role::Check(needs)) {
            found.extend(named(&reader, kind, &words).await);
        }
    }
    let button = |(label, what)| Button::run(label, Command::Check(Check::new(what, Some(&cluster.name))));
    found
        .into_iter()
        .take(OBJECTS)
        .flat_map(|(kind, name)| checks_of(lang, kind, &name))
        .map(button)
        .collect()
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

async fn named(reader: &Reader<'_>, kind: Names, words: &[String]) -> Vec<(Names, String)> {
    // What cannot be read is not named: the question itself is answered all the same.
    let known = names::of(reader, kind, "", Wanted::Any(words)).await;
    let known = known.unwrap_or_default();
    let is_meant = |name: &String| {
        let bare = name.rsplit('/').next().unwrap_or(name);
        words.iter().any(|word| word == name || word == bare)
    };
    known
        .into_iter()
        .filter(is_meant)
        .map(|name| (kind, name))
        .collect()
}

fn checks_of(lang: Lang, kind: Names, name: &str) -> Vec<(String, What)> {
    let bare = name.rsplit('/').next().unwrap_or(name);
    let describe = say::describe_button(lang, bare);
    let events = say::events_button(lang, bare);
    let name = name.to_owned();
    match kind {
        Names::Node => vec![
            (describe, What::NodeDescribe { node: name.clone() }),
            (events, What::NodeEvents { node: name }),
        ],
        Names::Pod => vec![
            (describe, What::PodDescribe { pod: name.clone() }),
            (events, What::PodEvents { pod: name }),
        ],
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
}
