//! The bot's whole behaviour: who asks, what they ask, what they are told.

use firstmate_kb::{Answer, Lang, Library, Near, Outcome, Question};
use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::app::App;
use crate::caller::Caller;
use crate::check::{self, mentioned};
use crate::command::{self, Command, Delivery, Kind, Refusal, Role};
use crate::config;
use crate::documents;
use crate::documents::no::No as NoDocument;
use crate::feedback;
use crate::limits;
use crate::markdown;
use crate::offer;
use crate::page::Pages;
use crate::remedy::{self, Change};
use crate::reply::{Button, Card, Menu, Reply, Tone};
use crate::text::{answer as say, document, label, no, refused};

/// How much of a section an answer shows before it refers to the full answer.
const SECTION_ROOM: usize = 1500;
/// How many related questions an answer offers.
const RELATED: usize = 2;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The person can act on it: told to them in their language, never logged as an error.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// We must act on it: logged once with its whole chain; the person gets a reference to quote.
    #[error("broken")]
    Broken(#[from] anyhow::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What `caller` is told. `None`: nothing at all, as to a message that nobody addressed to the bot.
///
/// Boxed, as what it leads to: all of it is long, every caller would carry it with it, and the compiler would prove of
/// each of them anew that it may move between threads, which took a fifth of this crate's time.
///
/// # Errors
/// If the person may not, or the bot cannot.
pub fn handle<'a>(
    app: &'a App,
    caller: &'a Caller,
    command: Command,
) -> BoxFuture<'a, Result<Option<Reply>, Failure>> {
    async move {
        // Who may ask for a change, and why not, is a matter of its own.
        let is_change = matches!(command.needs(), Role::Request(_));
        if !is_change && !may(app, caller, command.needs()) {
            return Err(match command.needs() {
                Role::Check(check) => Refusal::CheckNotAllowed { check }.into(),
                Role::Author => not_author(app).into(),
                Role::Desk if app.config.roles.author.is_empty() => not_author(app).into(),
                Role::Reviewer => {
                    let unset = app.config.roles.reviewer.is_empty();
                    NoDocument::NotReviewer { unset }.into()
                }
                _ => Refusal::NotAllowed.into(),
            });
        }
        let lang = language(app, caller, &command);
        match command {
            Command::Ask {
                question, private, ..
            } => ask(app, caller, lang, question, private).await.map(Some),
            Command::Overhear { question } => overhear(app, lang, question).await,
            Command::Vote(voice) => feedback::vote(app, caller, lang, voice).await.map(Some),
            Command::Gaps => feedback::gaps::reply(app, lang).await.map(Some),
            Command::Report => feedback::report::reply(app, lang).await.map(Some),
            Command::Help => Ok(Some(help(app, caller, lang))),
            Command::Choose { id, asked, .. } => Ok(Some(Reply {
                private: false,
                ..with_votes(
                    lang,
                    asked,
                    answer_whole(app, caller, lang, &find(app, &id, lang)?).await,
                    &id,
                )
            })),
            Command::Related { id } => Ok(Some(Reply {
                private: true,
                ..answer_whole(app, caller, lang, &find(app, &id, lang)?).await
            })),
            Command::Fill(fill) => {
                let question = find(app, &fill.id, fill.lang)?;
                Ok(Some(offer::filled(app, caller, lang, &question, &fill).await?))
            }
            Command::Full { id, section } | Command::Jump { id, section } => {
                let question = find(app, &id, lang)?;
                let at = |pages: &Pages| pages.of_section(section);
                Ok(Some(page(app, caller, lang, &question, at).await))
            }
            Command::Turn { id, page: at } => {
                let question = find(app, &id, lang)?;
                Ok(Some(page(app, caller, lang, &question, |_| at).await))
            }
            Command::Check(check) => check::run(app, caller, lang, check).await.map(Some),
            Command::Change(change) => remedy::run(app, caller, lang, change).await,
            Command::Document(wish) => documents::run(app, caller, lang, *wish).await,
            // Opening the box was the whole answer.
            Command::Compose { .. } => Ok(None),
        }
    }
    .boxed()
}

fn not_author(app: &App) -> NoDocument {
    let unset = app.config.roles.author.is_empty();
    NoDocument::NotAuthor { unset }
}

/// How the reply to a command reaches the person: a refusal is nobody else's business.
pub fn delivery(app: &App, caller: &Caller, parsed: &Result<Command, Refusal>) -> Delivery {
    match parsed {
        Ok(command) if is_allowed(app, caller, parsed) => match command.delivery() {
            Delivery::Public if caller.alone || is_out_of_place(app, caller, command) => Delivery::Private,
            delivery => delivery,
        },
        _ => Delivery::Private,
    }
}

/// Whether the person may run the command.
pub fn is_allowed(app: &App, caller: &Caller, parsed: &Result<Command, Refusal>) -> bool {
    parsed
        .as_ref()
        .is_ok_and(|command| may(app, caller, command.needs()))
}

/// Whether the command is a check of a cluster that there is not, or not for this person.
pub fn is_out_of_place(app: &App, caller: &Caller, command: &Command) -> bool {
    matches!(command, Command::Check(check) if check::is_out_of_place(app, caller, check))
}

/// What a person is told of their mistake.
pub fn refusal(lang: Lang, refusal: &Refusal) -> String {
    let fixed = match refusal {
        Refusal::EmptyQuestion => say::empty_question(lang),
        Refusal::Greeting { lang: its, thanks } => say::courtesy_in_return(its.unwrap_or(lang), *thanks),
        Refusal::LongQuestion => say::long_question(lang),
        Refusal::QuestionGone => say::question_gone(lang),
        Refusal::UnknownControl => say::unknown_control(lang),
        Refusal::NotAllowed => say::not_allowed(lang),
        Refusal::NoCluster => refused::no_cluster(lang),
        Refusal::NotMapped => refused::not_mapped(lang),
        Refusal::CheckNotAllowed { check } => return refused::check_not_allowed(lang, check),
        Refusal::UnknownCluster { name, known } => return refused::unknown_cluster(lang, name, known),
        Refusal::BadName { name } => return refused::bad_name(lang, name),
        Refusal::BadSelector { selector } => return refused::bad_selector(lang, selector),
        Refusal::Change(no) => return no::words(lang, no),
        Refusal::Document(no) => return document::no(lang, no),
    };
    fixed.to_owned()
}

/// The language of the reply to `command`: design, section 4.
pub fn language(app: &App, caller: &Caller, command: &Command) -> Lang {
    match command {
        Command::Ask { pasted: true, .. } => caller.locale,
        Command::Ask { question, .. } | Command::Overhear { question } => {
            Lang::of_text(question).unwrap_or_else(|| app.language_of(&caller.place))
        }
        Command::Choose { lang, .. } => *lang,
        Command::Compose { .. }
        | Command::Help
        | Command::Related { .. }
        | Command::Full { .. }
        | Command::Turn { .. }
        | Command::Fill(_)
        | Command::Jump { .. }
        | Command::Vote(_)
        | Command::Gaps
        | Command::Report => caller.locale,
        // A public one follows the channel, as everybody there reads it.
        Command::Check(check) if check.what.is_private() || caller.alone => caller.locale,
        Command::Check(_) => app.language_of(&caller.place),
        Command::Change(Change::Freeze { .. } | Change::Unfreeze) => app.language_of(&caller.place),
        Command::Change(_) | Command::Document(_) => caller.locale,
    }
}

/// Whether the person may run what needs this role.
pub fn may(app: &App, caller: &Caller, role: Role) -> bool {
    match role {
        Role::Anyone => true,
        Role::Asker => {
            let asker = &app.config.roles.asker;
            asker.is_empty() || caller.has_one_of(asker)
        }
        Role::Check(name) => may_check(app, caller, name),
        Role::Request(name) => remedy::who::may_request(app, caller, name),
        Role::Crew => remedy::who::is_crew(&app.config, caller),
        Role::Approver => remedy::who::is_approver(&app.config, caller),
        Role::Author => caller.has_one_of(&app.config.roles.author),
        Role::Reviewer => caller.has_one_of(&app.config.roles.reviewer),
        Role::Desk => {
            let roles = &app.config.roles;
            caller.has_one_of(&roles.author) || caller.has_one_of(&roles.reviewer)
        }
    }
}

/// By the check's own table, else the one for all checks, else the operators.
fn may_check(app: &App, caller: &Caller, name: &str) -> bool {
    let config = &app.config;
    let table = config
        .checks
        .get(name)
        .or_else(|| config.checks.get(config::ALL_CHECKS));
    let Some(allowed) = table else {
        return caller.has_one_of(&config.roles.operator);
    };
    let is_named = |person: &String| {
        let person = config.people.get(person);
        person.is_some_and(|person| person.id == caller.id)
    };
    let is_there = |channel: &String| {
        let channel = config.channels.get(channel);
        channel.is_some_and(|it| it.id == caller.place.channel || Some(it.id) == caller.place.parent)
    };
    let who = match allowed.roles.is_empty() && allowed.people.is_empty() {
        true => caller.has_one_of(&config.roles.operator),
        false => caller.has_one_of(&allowed.roles) || allowed.people.iter().any(is_named),
    };
    who && (allowed.channels.is_empty() || allowed.channels.iter().any(is_there))
}

async fn ask(
    app: &App,
    caller: &Caller,
    lang: Lang,
    question: String,
    private: bool,
) -> Result<Reply, Failure> {
    let (outcome, live) = tokio::join!(
        search(app, &question, lang),
        mentioned::look(app, caller, lang, &question)
    );
    let outcome = outcome?;
    app.metrics.answered(&outcome);
    let is_private = private || caller.alone || caller.place.guild.is_none();
    let asked = feedback::remember(app, lang, is_private, &question, &outcome);
    let mut reply = match &outcome {
        Outcome::Answer(answer) => answered(app, lang, answer),
        Outcome::DidYouMean(near) => did_you_mean(lang, &question, near.clone(), asked),
        Outcome::NotKnown(near) => not_known(lang, &question, near),
    };
    put_live(&mut reply, &live.lines);
    reply.buttons.extend(live.buttons);
    if let Outcome::Answer(Answer {
        question, section, ..
    }) = &outcome
    {
        offer::add(
            app,
            caller,
            lang,
            &mut reply,
            (question, &[*section]),
            &live.found,
        )
        .await;
        reply = with_votes(lang, Some(asked), reply, &question.id);
    }
    Ok(Reply { private, ..reply })
}

/// How things are comes first: who asks in a hurry reads no further.
fn put_live(reply: &mut Reply, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let lines = lines.join("\n");
    match &mut reply.card {
        Some(card) => card.body = format!("{lines}\n\n{}", card.body),
        None => reply.text = format!("{}\n\n{lines}", reply.text),
    }
}

/// Unasked, the bot speaks only when it is sure.
async fn overhear(app: &App, lang: Lang, question: String) -> Result<Option<Reply>, Failure> {
    match search(app, &question, lang).await? {
        Outcome::Answer(answer) if answer.confidence == firstmate_kb::Confidence::High => {
            let (reply, id) = (answered(app, lang, &answer), answer.question.id.clone());
            let asked = feedback::remember(app, lang, false, &question, &Outcome::Answer(answer));
            Ok(Some(with_votes(lang, Some(asked), reply, &id)))
        }
        _ => Ok(None),
    }
}

/// The answer with the two buttons that vote on it, if it is known what was asked.
fn with_votes(lang: Lang, asked: Option<i64>, reply: Reply, answer: &str) -> Reply {
    let votes = asked.map(|asked| feedback::buttons(lang, asked, answer));
    let buttons = reply.buttons.into_iter().chain(votes.into_iter().flatten());
    Reply {
        buttons: buttons.collect(),
        ..reply
    }
}

/// A question of so many bytes, in so many sections, is searched in half a millisecond: a thread of its own, among
/// those of many who ask in the same moment, would take longer to get its turn.
const SHORT: usize = 300;
const FEW: usize = 20_000;

/// Searching for longer takes a processor for a while, so it runs where it holds up nobody's acknowledgement.
async fn search(app: &App, question: &str, lang: Lang) -> Result<Outcome, Failure> {
    if question.len() <= SHORT && app.library.stats().passages <= FEW {
        return Ok(look_up(&app.library, question, lang));
    }
    let (library, question) = (app.library.clone(), question.to_owned());
    let outcome = tokio::task::spawn_blocking(move || look_up(&library, &question, lang)).await;
    Ok(outcome.map_err(anyhow::Error::from)?)
}

/// What the documents say to a question. The name by which the bot is called is no part of it, unless nothing else in it
/// is known: then it is perhaps about the bot.
pub fn look_up(library: &Library, question: &str, lang: Lang) -> Outcome {
    match say::behind_the_name(question).map(|rest| library.ask(rest, lang)) {
        None | Some(Outcome::NotKnown(_)) => library.ask(question, lang),
        Some(outcome) => outcome,
    }
}

fn find(app: &App, id: &str, lang: Lang) -> Result<Question, Refusal> {
    app.library.question(id, lang).ok_or(Refusal::QuestionGone)
}

fn answered(app: &App, lang: Lang, answer: &Answer) -> Reply {
    let mut reply = card_of(app, lang, &answer.question, answer.section);
    if let Some(card) = &mut reply.card {
        say::confidence(lang, answer.confidence).clone_into(&mut card.footer);
        card.tone = match answer.confidence {
            firstmate_kb::Confidence::High => Tone::Good,
            firstmate_kb::Confidence::Medium => Tone::Unsure,
        };
    }
    reply
}

/// A question that was chosen by its title: nothing is uncertain about it.
async fn answer_whole(app: &App, caller: &Caller, lang: Lang, question: &Question) -> Reply {
    let first = question
        .sections
        .iter()
        .position(|section| !section.markdown.trim().is_empty());
    let first = first.unwrap_or(0);
    let mut reply = card_of(app, lang, question, first);
    offer::add(app, caller, lang, &mut reply, (question, &[first]), &[]).await;
    reply
}

fn card_of(app: &App, lang: Lang, question: &Question, section: usize) -> Reply {
    let mut parts = Vec::new();
    if question.lang != lang {
        parts.push(format!("*{}*", say::other_language(lang)));
    }
    parts.extend(question.short.as_deref().map(markdown::for_discord));
    parts.extend(section_text(lang, question, section));
    parts.push(say::source(lang, &breadcrumb(question, section)));
    let card = Card {
        title: question.title.clone(),
        url: question.link.clone(),
        body: parts.join("\n\n"),
        footer: String::new(),
        tone: Tone::Good,
    };
    let full = Button::run(
        label::FULL.of(lang),
        Command::Full {
            id: question.id.clone(),
            section,
        },
    )
    .primary();
    let related = app.library.related(&question.id, lang, RELATED);
    let related = related
        .into_iter()
        .map(|near| Button::run(near.title, Command::Related { id: near.id }));
    Reply {
        card: Some(card),
        buttons: std::iter::once(full).chain(related).collect(),
        ..Reply::default()
    }
}

/// The section's heading and text, with its first code block, within [`SECTION_ROOM`].
fn section_text(lang: Lang, question: &Question, section: usize) -> Option<String> {
    let chosen = question.sections.get(section)?;
    let mut text = chosen
        .path
        .last()
        .map(|heading| markdown::bold(heading) + "\n")
        .unwrap_or_default();
    text.push_str(&markdown::for_discord(&chosen.markdown));
    for below in offer::shown(question, section).iter().skip(1) {
        let heading = below
            .path
            .last()
            .map(|heading| markdown::bold(heading))
            .unwrap_or_default();
        text.push_str(&format!(
            "\n\n{heading}\n{}",
            markdown::for_discord(&below.markdown)
        ));
    }
    let text = text.trim().to_owned();
    // The one-line answer is often the section's whole text; it is not said twice.
    if text.is_empty()
        || question
            .short
            .as_deref()
            .is_some_and(|short| markdown::for_discord(short) == text)
    {
        return None;
    }
    if limits::length(&text) <= SECTION_ROOM {
        return Some(text);
    }
    let first = limits::split(&text, SECTION_ROOM)
        .into_iter()
        .next()
        .unwrap_or_default();
    let shown = if first.contains("```") || !text.contains("```") {
        first
    } else {
        with_first_code(&text)
    };
    Some(format!("{shown}\n{}", say::more_in_full(lang)))
}

/// The beginning of a long text and its first code block, leaving out what stands between.
fn with_first_code(text: &str) -> String {
    let (before, code) = text.split_at(text.find("```").unwrap_or(text.len()));
    let lead = limits::clamp(before.trim(), SECTION_ROOM / 3);
    let code = limits::split(code, SECTION_ROOM / 2)
        .into_iter()
        .next()
        .unwrap_or_default();
    let end = code[3..]
        .find("\n```")
        .map_or(code.len(), |end| 3 + end + "\n```".len());
    format!("{lead}\n{}", &code[..end])
}

fn breadcrumb(question: &Question, section: usize) -> String {
    let file = std::path::Path::new(&question.file)
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let chosen = question.sections.get(section);
    let path = chosen.map(|section| section.path.as_slice()).unwrap_or_default();
    // The title stands at the top already; it is said again only where there is no heading below it.
    let heading = if path.is_empty() {
        question.title.clone()
    } else {
        path.join(" › ")
    };
    let trail = limits::clamp(&format!("{file} › {heading}"), 300);
    match chosen
        .and_then(|section| section.link.as_ref())
        .or(question.link.as_ref())
    {
        Some(link) => format!("[{}]({link})", trail.replace(['[', ']'], " ")),
        None => trail,
    }
}

fn did_you_mean(lang: Lang, question: &str, near: Vec<Near>, asked: i64) -> Reply {
    let choose = |id| Command::Choose {
        id,
        lang,
        asked: Some(asked),
    };
    let buttons = near
        .into_iter()
        .take(3)
        .map(|near| Button::run(near.title, choose(near.id)));
    Reply {
        text: say::did_you_mean(lang, question),
        buttons: buttons.collect(),
        ..Reply::default()
    }
}

fn not_known(lang: Lang, question: &str, near: &[Near]) -> Reply {
    let mut text = say::not_known(lang, question);
    let near: Vec<&Near> = near.iter().filter(|it| it.likely).collect();
    if near.is_empty() {
        text.push_str(&format!("\n{}", say::try_help(lang)));
    } else {
        text.push_str("\n\n");
        text.push_str(say::nearest(lang));
        for near in near.iter().take(3) {
            text.push_str(&format!("\n- {}", limits::clamp(&near.title, 200)));
        }
    }
    Reply::text(text)
}

/// A page of the whole answer, with the way to the others and what its commands lead to.
async fn page(
    app: &App,
    caller: &Caller,
    lang: Lang,
    question: &Question,
    choose: impl Fn(&Pages) -> usize,
) -> Reply {
    let pages = Pages::of(question);
    let at = choose(&pages).min(pages.count() - 1);
    let sections = offer::uppermost(question, pages.on(at));
    let mut reply = bare_page(lang, question, &pages, at);
    offer::add(app, caller, lang, &mut reply, (question, &sections), &[]).await;
    reply
}

/// A page of the whole answer, with the way to the others.
fn bare_page(lang: Lang, question: &Question, pages: &Pages, at: usize) -> Reply {
    let turn = |page: usize| Command::Turn {
        id: question.id.clone(),
        page,
    };
    let mut buttons = Vec::new();
    if pages.count() > 1 {
        buttons.push(Button::run(label::PREVIOUS.of(lang), turn(at.saturating_sub(1))).enabled(at > 0));
        // Two buttons of a message may not carry the same id, so the last page's points past the end.
        buttons.push(Button::run(label::NEXT.of(lang), turn(at + 1)).enabled(at + 1 < pages.count()));
    }
    buttons.extend(
        question
            .link
            .clone()
            .map(|link| Button::open(label::SOURCE.of(lang), link)),
    );
    let menu = Menu {
        placeholder: label::SECTIONS.of(lang).to_owned(),
        id: Command::Jump {
            id: question.id.clone(),
            section: 0,
        }
        .control_id(),
        options: pages.sections(),
    };
    let body = pages.page(at).to_owned();
    let body = if question.lang == lang || at > 0 {
        body
    } else {
        format!("*{}*\n\n{body}", say::other_language(lang))
    };
    let footer = say::page(lang, at + 1, pages.count());
    let card = Card {
        title: question.title.clone(),
        url: question.link.clone(),
        body,
        footer,
        tone: Tone::Plain,
    };
    let menu = (pages.count() > 1 && menu.options.len() > 1).then_some(menu);
    Reply {
        card: Some(card),
        buttons,
        menus: menu.into_iter().collect(),
        private: true,
        ..Reply::default()
    }
}

/// The commands that this person may use.
fn help(app: &App, caller: &Caller, lang: Lang) -> Reply {
    let mut lines = vec![say::help_intro(lang).to_owned(), String::new()];
    for spec in command::available(&app.config).filter(|spec| may(app, caller, spec.needs)) {
        let name = match spec.kind {
            Kind::Slash => format!("`/{}`", spec.typed(|label| caller.label(label))),
            Kind::MessageMenu => say::help_menu(lang, caller.label(spec.name)),
        };
        lines.push(format!("{name} — {}", spec.about.of(lang)));
    }
    let stats = app.library.stats();
    lines.extend([
        String::new(),
        say::help_documents(lang, stats.questions, stats.documents),
    ]);
    let card = Card {
        title: say::help_title(lang).to_owned(),
        body: lines.join("\n"),
        ..Card::default()
    };
    Reply {
        card: Some(card),
        private: true,
        ..Reply::default()
    }
}
