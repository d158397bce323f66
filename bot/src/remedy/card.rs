//! A request as it stands: the card in the channel, a view of the row and nothing else.

use firstmate_kb::Lang;

use super::approval::{Freeze, Request, State};
use super::who::Rule;
use super::{Change, DIGEST_SHOWN, Key};
use crate::app::App;
use crate::check::{Check, What};
use crate::command::Command;
use crate::reply::{Button, Card, Reply, Tone};
use crate::text::change as say;
use crate::text::label;

/// The card of a request.
pub fn show(app: &App, request: &Request, frozen: Option<&Freeze>) -> Reply {
    let lang = lang_of(request);
    let rule = Rule::of(&app.config, request.action(), &request.plan.cluster);
    let crowds = rule.approvers();
    let waits = request.state == State::Pending;
    // What would have happened is no news once nothing will.
    let is_off = matches!(
        request.state,
        State::Rejected | State::Expired | State::Refused | State::NotDone
    );
    let mut body = match is_off {
        true => Vec::new(),
        false => say::effect(lang, request),
    };
    body.push(say::asked(lang, request));
    body.extend(waits.then(|| say::approvals(lang, request, &crowds_of(app, &crowds))));
    body.extend(waits.then(|| say::moved(lang, request)).flatten());
    body.push(say::standing(lang, request));
    body.extend(
        frozen
            .filter(|_| waits)
            .map(|freeze| say::card_frozen(lang, freeze)),
    );
    let roles: Vec<u64> = crowds.iter().flat_map(|crowd| crowd.roles.clone()).collect();
    Reply {
        text: say::headline(lang, request, if waits { &roles } else { &[] }),
        card: Some(Card {
            title: say::title(lang, request),
            url: None,
            body: body.join("\n"),
            footer: say::card_footer(lang, request),
            tone: tone(request.state),
        }),
        buttons: buttons(lang, request, frozen.is_some()),
        notify: roles,
        ..Reply::default()
    }
}

/// Cards are in the language of their channel.
pub const fn lang_of(request: &Request) -> Lang {
    if request.card.chinese { Lang::Zh } else { Lang::En }
}

/// Everybody who may approve, as mentions that reach nobody.
fn crowds_of(app: &App, crowds: &[crate::config::Crowd]) -> Vec<String> {
    let roles = crowds.iter().flat_map(|crowd| &crowd.roles);
    let people = crowds.iter().flat_map(|crowd| &crowd.people);
    let people = people.filter_map(|name| app.config.people.get(name));
    let mut all: Vec<String> = roles.map(|role| format!("<@&{role}>")).collect();
    all.extend(people.map(|person| format!("<@{}>", person.id)));
    all.dedup();
    all
}

const fn tone(state: State) -> Tone {
    match state {
        State::Pending | State::Executing => Tone::Plain,
        State::Done => Tone::Good,
        _ => Tone::Unsure,
    }
}

fn buttons(lang: Lang, request: &Request, is_frozen: bool) -> Vec<Button> {
    let key = Key::of(request);
    let node = request.action().node().to_owned();
    let look = Check::new(
        What::NodeDescribe { node: node.clone() },
        Some(&request.plan.cluster),
    );
    let look = Button::run(
        crate::text::check::describe_button(lang, &node),
        Command::Check(look),
    );
    let change = |label: &str, change: Change| Button::run(label, Command::Change(change));
    let mut buttons = Vec::new();
    match request.state {
        State::Pending => {
            let digest = request.digest.chars().take(DIGEST_SHOWN).collect();
            let approve = change(label::APPROVE.of(lang), Change::Approve { key, digest });
            buttons.push(approve.primary().enabled(!is_frozen));
            buttons.push(change(label::REJECT.of(lang), Change::AskRejection { key }));
        }
        State::Done if request.undone_by.is_none() => {
            buttons.push(change(&say::undo_button(lang, request), Change::AskUndo { key }));
        }
        _ => {}
    }
    buttons.push(look);
    buttons
}
