//! Shows the cards of requests as they stand: posted once, edited from then on, each as often as its row changes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::{FutureExt as _, StreamExt as _};
use serenity::all::{Builder as _, ChannelId, Http, MessageId};
use serenity::http::HttpError;

use super::outgoing::{code, code_of, patiently, plain};
use super::render;
use crate::app::App;
use crate::remedy::Key;
use crate::remedy::approval::{Event, Freeze, Outcome, Request, State};
use crate::remedy::card;
use crate::remedy::crash::{self, Point};

/// So many cards are shown at once: Discord counts requests by channel, and most are in one.
const AT_ONCE: usize = 4;

/// Shows cards for as long as it is polled.
pub async fn run(app: &Arc<App>, http: &Http) {
    loop {
        let waiting = app.cards.take().await;
        let shown = futures::stream::iter(waiting).for_each_concurrent(AT_ONCE, |(id, waiting)| async move {
            // One card that cannot be made must not keep all others from being shown.
            if AssertUnwindSafe(show(app, http, id))
                .catch_unwind()
                .await
                .is_err()
            {
                tracing::error!(request = id, "showing a card failed");
            }
            waiting.tell();
        });
        shown.await;
    }
}

/// One attempt. What fails for now is tried again by the sweep, which sees that the row is ahead of its card.
async fn show(app: &App, http: &Http, id: i64) {
    let (request, frozen) = match read(app, id).await {
        Ok((Some(request), frozen)) => (request, frozen),
        Ok((None, _)) => return,
        Err(error) => {
            tracing::error!(request = id, "a card cannot be shown: {error:#}");
            app.sweep.look_again_later();
            return;
        }
    };
    let shown = match request.card.message {
        _ if !is_place(request.card.channel) => Shown::Never,
        0 if request.state.is_over() => Shown::Never,
        0 => post(app, http, &request, frozen.as_ref()).await,
        message => edit(app, http, &request, frozen.as_ref(), message).await,
    };
    match shown {
        Shown::AsItStands | Shown::Never => {
            as_it_stands(app, id, request.version).await;
        }
        Shown::Posted(message) => keep(app, &request, &Event::Posted { message }).await,
        Shown::Deleted => keep(app, &request, &Event::Posted { message: 0 }).await,
        Shown::Refused => {
            let outcome = Outcome::NotPosted;
            keep(app, &request, &Event::Refuse { outcome }).await;
        }
        Shown::Later => app.sweep.look_again_later(),
        Shown::Forbidden => {}
    }
}

/// Whether Discord can have a channel of this id.
const fn is_place(channel: u64) -> bool {
    channel != 0 && channel != u64::MAX
}

/// What became of an attempt.
enum Shown {
    /// Discord shows the row as it was read.
    AsItStands,
    /// It was posted as this message.
    Posted(u64),
    /// Somebody deleted it.
    Deleted,
    /// Discord will never take it there.
    Refused,
    /// It never can be shown, and need not.
    Never,
    /// Discord does not take it now.
    Later,
    /// The bot may not show it now: it stays behind its row, and is tried again at the next start or click.
    Forbidden,
}

async fn read(app: &App, id: i64) -> Result<(Option<Request>, Option<Freeze>), crate::store::StoreError> {
    let request = app.store.request(id).await?;
    Ok((request, app.store.freeze().await?))
}

/// Keeps where the card of the request as it was read is, or that there is none.
async fn keep(app: &App, shown: &Request, event: &Event) {
    let id = shown.id;
    match crate::remedy::turn(app, id, event).await {
        Ok(crate::store::Turned::Kept { request, .. }) => {
            let is_there = request.card.message != 0 || request.state.is_over();
            // What was posted is what was read before, and the row may have moved on meanwhile.
            match is_there && request.version == shown.version + 1 {
                true => as_it_stands(app, id, request.version).await,
                false => app.cards.show(id, &app.work),
            }
        }
        Ok(_) => {}
        Err(error) => {
            tracing::error!(request = id, "a card could not be kept: {error:#}");
            app.sweep.look_again_later();
        }
    }
}

/// Keeps that a card shows this version of its request.
async fn as_it_stands(app: &App, id: i64, version: i64) {
    let kept = app.store.shown(id, version).await;
    crash::at(Point::CardShown);
    if let Err(error) = kept {
        tracing::error!(request = id, "that a card is shown could not be kept: {error:#}");
        app.sweep.look_again_later();
    }
}

/// Posts the card. The nonce is made of the request: a second attempt, also after a restart, posts nothing new.
async fn post(app: &App, http: &Http, request: &Request, frozen: Option<&Freeze>) -> Shown {
    let reply = card::show(app, request, frozen).fit();
    let nonce = format!("r{}v{}", Key::of(request), request.version);
    let channel = ChannelId::new(request.card.channel);
    let posted = patiently(|| render::message(&reply, nonce.clone()).execute(http, (channel, None))).await;
    crash::at(Point::CardPosted);
    match posted {
        Ok(message) => Shown::Posted(message.id.get()),
        Err(error) if is_final(&error) => {
            tracing::warn!(
                request = request.id,
                "a card may not be posted: {}",
                plain(&error)
            );
            Shown::Refused
        }
        Err(error) => {
            tracing::warn!(
                request = request.id,
                "a card could not be posted: {}",
                plain(&error)
            );
            Shown::Later
        }
    }
}

async fn edit(app: &App, http: &Http, request: &Request, frozen: Option<&Freeze>, message: u64) -> Shown {
    let reply = card::show(app, request, frozen).fit();
    let place = (ChannelId::new(request.card.channel), MessageId::new(message));
    let edited = patiently(|| render::card(&reply).execute(http, (place.0, place.1, None))).await;
    crash::at(Point::CardEdited);
    match edited {
        Ok(_) => Shown::AsItStands,
        Err(error) if code_of(&error) == Some(code::UNKNOWN_MESSAGE) && request.state == State::Pending => {
            Shown::Deleted
        }
        Err(error) if is_final(&error) => {
            tracing::warn!(
                request = request.id,
                "a card may not be edited: {}",
                plain(&error)
            );
            match is_forbidden(&error) {
                true => Shown::Forbidden,
                false => Shown::Never,
            }
        }
        Err(error) => {
            tracing::warn!(
                request = request.id,
                "a card could not be edited: {}",
                plain(&error)
            );
            Shown::Later
        }
    }
}

/// Whether Discord will give the same answer again: the channel is gone, or the bot may not.
fn is_final(error: &serenity::Error) -> bool {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            response.status_code.is_client_error() && response.status_code.as_u16() != 429
        }
        _ => false,
    }
}

/// Whether somebody may give the bot the right to do it.
fn is_forbidden(error: &serenity::Error) -> bool {
    let response = match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => response,
        _ => return false,
    };
    response.status_code == reqwest::StatusCode::FORBIDDEN
}

/// Posts the audit's head hash, for as long as it is polled: what stands on Discord cannot be taken back in the store.
pub async fn post_heads(app: &Arc<App>, http: &Http) {
    let changes = &app.config.changes;
    let Some(channel) = changes
        .head_channel
        .as_ref()
        .and_then(|name| app.config.channels.get(name))
    else {
        return;
    };
    let lang = channel.language.unwrap_or(app.config.discord.language.0);
    let mut last = None;
    loop {
        app.clock.sleep_until(app.clock.now() + changes.head_every).await;
        let _work = app.work.begin();
        let head = match app.store.head().await {
            Ok(head) => head,
            Err(error) => {
                tracing::error!("the audit's head cannot be read: {error:#}");
                continue;
            }
        };
        if last.as_ref() == Some(&head.hash) {
            continue;
        }
        let reply = crate::reply::Reply::text(crate::text::change::anchor(lang, head.seq, &head.hash));
        let nonce = format!("a{}", head.seq);
        let channel = ChannelId::new(channel.id);
        match super::outgoing::say(http, channel, None, &reply.fit(), &nonce).await {
            Ok(()) => last = Some(head.hash),
            Err(error) => tracing::warn!("the audit's head could not be posted: {}", plain(&error)),
        }
    }
}
