//! A proposal as it stands: the card in the channel, a view of the row and nothing else.

use firstmate_kb::Lang;

use super::difference;
use super::version::{State, Version};
use super::{Wish, name_of};
use crate::command::Command;
use crate::limits;
use crate::markdown;
use crate::remedy::Key;
use crate::reply::{Button, Card, File, Reply, Tone};
use crate::text::document as say;
use crate::text::label;

/// How much of a text a card shows; the rest is in its file.
const ROOM: usize = 1500;

/// The card of a proposal; `before` is what the document says without it.
pub fn show(lang: Lang, it: &Version, before: Option<&Version>) -> Reply {
    let difference = before.filter(|_| !it.retires).map(|before| {
        let text = difference::unified(&plain(before), &plain(it));
        let is_cut = limits::length(&text) > ROOM;
        (text, is_cut)
    });
    let shown = match &difference {
        Some((text, _)) => code("diff", text, ROOM),
        None => beginning(it),
    };
    let is_long = limits::length(&it.text.details) > ROOM / 2 || is_hidden_in_part(&it.text.details);
    let mut body = vec![shown];
    // Nobody approves what nothing shows.
    let whole = difference.filter(|(_, is_cut)| *is_cut).map(|(text, _)| {
        body.push(say::difference_in_file(lang).to_owned());
        File::text(&format!("{}.diff", it.name()), &text)
    });
    body.extend(is_long.then(|| say::whole_in_file(lang).to_owned()));
    body.push(say::people(lang, it));
    Reply {
        text: say::headline(lang, it),
        card: Some(Card {
            title: it.text.question.clone(),
            url: None,
            body: body.join("\n\n"),
            footer: say::card_footer(lang, it).to_owned(),
            tone: tone(it.state),
        }),
        buttons: buttons(lang, it),
        files: is_long.then(|| file(it)).into_iter().chain(whole).collect(),
        ..Reply::default()
    }
}

/// The card of a proposal whose document moved on to `now`: what it would change in that, and no Approve.
pub fn stale(lang: Lang, it: &Version, now: &Version) -> Reply {
    let card = show(lang, it, Some(now));
    Reply {
        text: say::stale(lang, it, now),
        // Approve is the first.
        buttons: card.buttons.into_iter().skip(1).collect(),
        ..card
    }
}

/// A document with its history, for the person alone.
pub fn whole(lang: Lang, it: &Version, history: &[Version]) -> Reply {
    let mut body = vec![beginning(it), String::new(), say::history(lang).to_owned()];
    // The newest first: what does not fit is the oldest.
    let lines = history.iter().rev().map(|it| say::history_line(lang, it));
    body.extend(lines.map(|line| format!("- {line}")));
    Reply {
        text: format!("`{}`", it.name()),
        card: Some(Card {
            title: it.text.question.clone(),
            url: None,
            body: body.join("\n"),
            footer: say::card_footer(lang, it).to_owned(),
            tone: tone(it.state),
        }),
        files: vec![file(it)],
        private: true,
        ..Reply::default()
    }
}

/// What a document says, without what it is called.
pub fn plain(it: &Version) -> String {
    let text = &it.text;
    format!("# {}\n\n{}\n\n{}\n", text.question, text.short, text.details)
}

/// A text in a block of code that it cannot break out of.
pub fn code(language: &str, text: &str, room: usize) -> String {
    let text = text.replace("```", "ˋˋˋ");
    format!("```{language}\n{}\n```", limits::clamp(text.trim_end(), room))
}

fn beginning(it: &Version) -> String {
    let details = markdown::for_discord(&it.text.details);
    let details = limits::clamp(&details, ROOM / 2);
    format!(
        "{}\n\n{}",
        markdown::for_discord(&it.text.short),
        details.trim_end()
    )
}

/// Whether a card leaves something of a text out: the tags of HTML are not shown, nor is the heading of what they fold,
/// and an answer shows that.
fn is_hidden_in_part(text: &str) -> bool {
    let words = |text: &str| text.chars().filter(|it| it.is_alphanumeric()).count();
    words(&markdown::for_discord(text)) != words(text)
}

fn file(it: &Version) -> File {
    let id = name_of(it.translates.unwrap_or(it.document));
    let version = if it.version == 0 { it.base } else { it.version };
    File::text(&format!("{}.md", it.name()), &it.text.markdown(&id, version))
}

const fn tone(state: State) -> Tone {
    match state {
        State::Proposed => Tone::Plain,
        State::Approved => Tone::Good,
        State::Rejected | State::Retired => Tone::Unsure,
    }
}

fn buttons(lang: Lang, it: &Version) -> Vec<Button> {
    if it.state != State::Proposed {
        return Vec::new();
    }
    let key = Key {
        id: it.number,
        made: it.created_at,
    };
    let run =
        |label: label::Label, wish: Wish| Button::run(label.of(lang), Command::Document(Box::new(wish)));
    vec![
        run(label::APPROVE, Wish::Approve { key }).primary(),
        run(label::REJECT, Wish::AskRejection { key }),
    ]
}
