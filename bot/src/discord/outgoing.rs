//! Sends what the bot says: acknowledged first, nothing twice, and somewhere else when a token is too old.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{
    Builder as _, ChannelId, CreateActionRow, CreateAutocompleteResponse, CreateInputText,
    CreateInteractionResponse, CreateInteractionResponseMessage, CreateModal, GuildId, Http, InputTextStyle,
    InteractionId, MessageId, MessageReference, UserId,
};
use serenity::http::HttpError;

use super::render;
use crate::command::{Command, Delivery};
use crate::limits;
use crate::remedy::REASON_LIMIT;
use crate::reply::{Form, Reply};
use crate::text::label;

/// Discord gives three seconds to the first answer; this leaves it a little of them.
const WINDOW: Duration = Duration::from_millis(2800);
/// The pauses before the further attempts, of which an acknowledgement has time for two. Real time, as the
/// network's is.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_millis(700),
    Duration::from_millis(2000),
];

/// Discord's codes that the bot acts on.
pub(super) mod code {
    /// The message was deleted.
    pub(in crate::discord) const UNKNOWN_MESSAGE: isize = 10_008;
    /// The webhook of an interaction is gone: its token is too old.
    pub(super) const UNKNOWN_WEBHOOK: isize = 10_015;
    /// The interaction is too old to be acknowledged.
    pub(super) const UNKNOWN_INTERACTION: isize = 10_062;
    /// It was acknowledged already: by an attempt of ours whose answer was lost.
    pub(super) const ALREADY_ACKNOWLEDGED: isize = 40_060;
    /// The token is too old.
    pub(super) const INVALID_WEBHOOK_TOKEN: isize = 50_027;
}

/// What is needed to answer an interaction.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    /// What it is answered through.
    pub(super) replies: Arc<Http>,
    pub(super) id: InteractionId,
    pub(super) token: String,
    pub(super) channel: ChannelId,
    pub(super) user: UserId,
    pub(super) in_direct_message: bool,
}

impl Ticket {
    pub(super) fn new(
        replies: Http,
        id: InteractionId,
        token: &str,
        channel: ChannelId,
        user: UserId,
        guild: Option<GuildId>,
    ) -> Self {
        Self {
            replies: Arc::new(replies),
            id,
            token: token.to_owned(),
            channel,
            user,
            in_direct_message: guild.is_none(),
        }
    }
}

/// The first answer to an interaction.
pub(super) fn acknowledgement(delivery: Delivery) -> CreateInteractionResponse {
    let message = CreateInteractionResponseMessage::new();
    match delivery {
        Delivery::Public => CreateInteractionResponse::Defer(message),
        Delivery::Private => CreateInteractionResponse::Defer(message.ephemeral(true)),
        Delivery::InPlace => CreateInteractionResponse::Acknowledge,
    }
}

/// The box that a command opens, if it opens one, in the language of the person's client.
pub(super) fn box_of(
    command: &Command,
    word: impl Fn(label::Label) -> &'static str,
) -> Option<CreateInteractionResponse> {
    match command {
        Command::Compose { private } => Some(ask_box(*private, word)),
        Command::Change(change) => change.opens().map(|title| {
            let field = CreateInputText::new(InputTextStyle::Paragraph, word(label::REASON_FIELD), "reason")
                .max_length(u16::try_from(REASON_LIMIT).unwrap_or(u16::MAX))
                .required(true);
            let modal = CreateModal::new(change.control_id(), word(title));
            CreateInteractionResponse::Modal(modal.components(vec![CreateActionRow::InputText(field)]))
        }),
        _ => None,
    }
}

/// A box with several fields.
pub(super) fn form(form: &Form) -> CreateInteractionResponse {
    let rows = form.fields.iter().map(|field| {
        let style = match field.long {
            true => InputTextStyle::Paragraph,
            false => InputTextStyle::Short,
        };
        let label = limits::clamp(&field.label, limits::MODAL);
        let mut input = CreateInputText::new(style, label, field.name)
            .max_length(u16::try_from(field.most.min(limits::INPUT)).unwrap_or(u16::MAX))
            .required(field.required);
        if !field.value.is_empty() {
            input = input.value(&field.value);
        }
        if !field.hint.is_empty() {
            input = input.placeholder(limits::clamp(&field.hint, limits::HINT));
        }
        CreateActionRow::InputText(input)
    });
    let modal = CreateModal::new(&form.id, limits::clamp(&form.title, limits::MODAL));
    CreateInteractionResponse::Modal(modal.components(rows.collect()))
}

/// The box for a long question.
fn ask_box(private: bool, word: impl Fn(label::Label) -> &'static str) -> CreateInteractionResponse {
    let field = CreateInputText::new(InputTextStyle::Paragraph, word(label::ASK_FIELD), "question")
        .placeholder(word(label::ASK_HINT))
        .max_length(u16::try_from(limits::INPUT).unwrap_or(u16::MAX))
        .required(true);
    let modal = CreateModal::new(Command::Compose { private }.control_id(), word(label::ASK_BOX));
    CreateInteractionResponse::Modal(modal.components(vec![CreateActionRow::InputText(field)]))
}

/// What completes what is being typed: what is shown, and what is filled in.
pub(super) fn choices(choices: &[(String, String)]) -> CreateInteractionResponse {
    let made = choices
        .iter()
        .take(limits::CHOICES)
        .fold(CreateAutocompleteResponse::new(), |made, (shown, value)| {
            made.add_string_choice(limits::clamp(shown, limits::CHOICE), value)
        });
    CreateInteractionResponse::Autocomplete(made)
}

/// Acknowledges within the three seconds, in up to three attempts. True if Discord has it.
pub(super) async fn acknowledge(ticket: &Ticket, answer: &CreateInteractionResponse) -> bool {
    let replies = &ticket.replies;
    let attempt = || replies.create_interaction_response(ticket.id, &ticket.token, answer, Vec::new());
    match tokio::time::timeout(WINDOW, patiently(attempt)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) if code_of(&error) == Some(code::ALREADY_ACKNOWLEDGED) => true,
        Ok(Err(error)) => {
            tracing::warn!(
                "an interaction could not be acknowledged and is not acted on: {}",
                plain(&error)
            );
            false
        }
        Err(_) => {
            tracing::warn!("an interaction could not be acknowledged in three seconds and is not acted on");
            false
        }
    }
}

/// Sends the reply to an acknowledged interaction.
pub(super) async fn answer(
    http: &Http,
    ticket: &Ticket,
    reply: &Reply,
    place: Delivery,
) -> serenity::Result<()> {
    let sent = patiently(|| render::edit(reply).execute(&ticket.replies, &ticket.token)).await;
    match sent {
        Err(error) if is_too_old(&error) => elsewhere(http, ticket, reply, place).await,
        other => other.map(drop),
    }
}

/// Tells the person something without touching the message whose button was pressed.
///
/// Discord has no nonce here, and what was sent twice would be seen twice: it is sent again only if it was refused for
/// coming too soon.
pub(super) async fn aside(ticket: &Ticket, reply: &Reply) -> serenity::Result<()> {
    let attempt = || render::aside(reply).execute(&ticket.replies, (None, &ticket.token));
    patiently_if(attempt, came_too_soon).await.map(drop)
}

/// Sends a message, as a reply to `to` if given. `nonce` says which message it is, so that a second
/// attempt posts nothing new.
pub(super) async fn say(
    http: &Http,
    channel: ChannelId,
    to: Option<MessageId>,
    reply: &Reply,
    nonce: &str,
) -> serenity::Result<()> {
    let reference = to.map(|to| MessageReference::from((channel, to)).fail_if_not_exists(false));
    let message = || {
        let message = render::message(reply, nonce.to_owned());
        match &reference {
            Some(reference) => message.reference_message(reference.clone()),
            None => message,
        }
    };
    patiently(|| message().execute(http, (channel, None)))
        .await
        .map(drop)
}

/// The token is too old for a reply: public ones go to the channel, private ones to a direct message.
async fn elsewhere(http: &Http, ticket: &Ticket, reply: &Reply, place: Delivery) -> serenity::Result<()> {
    let nonce = format!("i{}", ticket.id);
    match place {
        Delivery::Public => say(http, ticket.channel, None, reply, &nonce).await,
        Delivery::Private if ticket.in_direct_message => say(http, ticket.channel, None, reply, &nonce).await,
        Delivery::Private => {
            let to = serde_json::json!({ "recipient_id": ticket.user.to_string() });
            let channel = patiently(|| http.create_private_channel(&to)).await?;
            say(http, channel.id, None, reply, &nonce).await
        }
        // The message whose button was pressed still stands and can be pressed again.
        Delivery::InPlace => Ok(()),
    }
}

/// Tries up to four times, as long as the fault may pass by itself.
pub(super) async fn patiently<T, F>(attempt: impl Fn() -> F) -> serenity::Result<T>
where
    F: Future<Output = serenity::Result<T>>,
{
    patiently_if(attempt, may_pass).await
}

async fn patiently_if<T, F>(
    attempt: impl Fn() -> F,
    again: impl Fn(&serenity::Error) -> bool,
) -> serenity::Result<T>
where
    F: Future<Output = serenity::Result<T>>,
{
    for pause in PAUSES {
        match attempt().await {
            Err(error) if again(&error) => tokio::time::sleep(pause).await,
            other => return other,
        }
    }
    attempt().await
}

/// A server error, a connection that broke, or a 429 that no limiter waited out.
fn may_pass(error: &serenity::Error) -> bool {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            response.status_code.is_server_error() || came_too_soon(error)
        }
        serenity::Error::Http(HttpError::Request(_)) => true,
        _ => false,
    }
}

fn came_too_soon(error: &serenity::Error) -> bool {
    matches!(
        error,
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response))
            if response.status_code == reqwest::StatusCode::TOO_MANY_REQUESTS
    )
}

fn is_too_old(error: &serenity::Error) -> bool {
    let gone = [
        code::UNKNOWN_WEBHOOK,
        code::UNKNOWN_INTERACTION,
        code::INVALID_WEBHOOK_TOKEN,
    ];
    code_of(error).is_some_and(|code| gone.contains(&code))
}

pub(super) fn code_of(error: &serenity::Error) -> Option<isize> {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => Some(response.error.code),
        _ => None,
    }
}

/// An error without its address, which would hold the interaction's token.
pub(super) fn plain(error: &serenity::Error) -> String {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            format!(
                "{} {} (code {})",
                response.status_code, response.error.message, response.error.code
            )
        }
        serenity::Error::Http(HttpError::Request(error)) if error.is_timeout() => {
            "no answer in time".to_owned()
        }
        serenity::Error::Http(HttpError::Request(_)) => "the connection failed".to_owned(),
        other => other.to_string(),
    }
}
