//! What Discord offers while an option is being typed.
//!
//! Nothing is said about a name that the person may not read: such a list is empty.

use std::sync::Arc;

use firstmate_kb::{Lang, Outcome};

use crate::app::App;
use crate::caller::Caller;
use crate::check;
use crate::cluster::names::{self, Wanted};
use crate::command::{ArgKind, Filled, Names, Role, Spec};
use crate::documents;
use crate::handle::may;
use crate::limits;
use crate::text::label;

/// How long completion may take: Discord waits three seconds for it, and the way there and back is part of them.
const PATIENCE: u64 = 2000;

/// At most 25 pairs of what is shown and what is filled in, for the option of this name and what stands in it.
pub async fn complete(
    app: &Arc<App>,
    caller: &Caller,
    spec: &Spec,
    filled: &Filled,
    (option, typed): (&str, &str),
) -> Vec<(String, String)> {
    let arg = spec.args.iter().find(|arg| arg.name.en == option);
    let (Some(arg), true) = (arg, may(app, caller, spec.needs)) else {
        return Vec::new();
    };
    if arg.kind == ArgKind::Name(Names::Document) {
        return documents::names(app, typed).await;
    }
    let texts = match arg.kind {
        ArgKind::Question => {
            let (app, caller, typed) = (Arc::clone(app), caller.clone(), typed.to_owned());
            let titles = tokio::task::spawn_blocking(move || questions(&app, &caller, &typed)).await;
            titles.unwrap_or_default()
        }
        ArgKind::Name(Names::Cluster) => matching(app.clusters.names(), typed),
        ArgKind::Name(Names::Person) => matching(app.config.people.keys().cloned().collect(), typed),
        ArgKind::Name(kind) => matching(live(app, caller, filled, (kind, typed)).await, typed),
        _ => Vec::new(),
    };
    texts.into_iter().map(choice).collect()
}

/// Discord takes a hundred characters. A title may be cut; a name that is longer is carried as its hash.
fn choice(text: String) -> (String, String) {
    if limits::length(&text) <= limits::CHOICE {
        return (text.clone(), text);
    }
    let value = match check::is_name(&text) {
        true => check::hashed(&text),
        false => limits::clamp(&text, limits::CHOICE),
    };
    (check::table::middle_cut(&text, limits::CHOICE), value)
}

/// Names that begin with what is typed, then those that hold it, each in order.
fn matching(mut names: Vec<String>, typed: &str) -> Vec<String> {
    let typed = typed.trim().to_lowercase();
    names.retain(|name| name.contains(&typed));
    let begins = |name: &String| name.starts_with(&typed) || name.contains(&format!("/{typed}"));
    names.sort_by(|a, b| begins(b).cmp(&begins(a)).then_with(|| a.cmp(b)));
    names.truncate(limits::CHOICES);
    names
}

/// Names that are in the cluster now and may complete what is typed.
async fn live(app: &App, caller: &Caller, filled: &Filled, (kind, typed): (Names, &str)) -> Vec<String> {
    let named = filled.text(label::CLUSTER);
    let Ok((cluster, who)) = check::place(app, caller, named) else {
        return Vec::new();
    };
    let reader = check::reader(app, cluster, &who, PATIENCE);
    let pod = filled.text(label::POD).unwrap_or_default();
    let names = names::of(&reader, kind, pod, Wanted::Typed(typed)).await;
    names.unwrap_or_default()
}

/// The titles that complete a question as it is typed.
fn questions(app: &App, caller: &Caller, typed: &str) -> Vec<String> {
    if !may(app, caller, Role::Asker) {
        return Vec::new();
    }
    let lang = Lang::of_text(typed).unwrap_or(caller.locale);
    let nearest = match app.library.ask(typed, lang) {
        Outcome::Answer(answer) => {
            let mut titles = vec![answer.question.title.clone()];
            titles.extend(
                app.library
                    .related(&answer.question.id, lang, limits::CHOICES)
                    .into_iter()
                    .map(|near| near.title),
            );
            titles
        }
        Outcome::DidYouMean(near) | Outcome::NotKnown(near) => {
            near.into_iter().map(|near| near.title).collect()
        }
    };
    let all = app.library.questions(lang).into_iter().map(|near| near.title);
    let matching = all.filter(|title| title.to_lowercase().contains(&typed.trim().to_lowercase()));
    let mut titles: Vec<String> = Vec::new();
    for title in matching.chain(nearest) {
        if titles.len() < limits::CHOICES && !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles
}
