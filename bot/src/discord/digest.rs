//! Posts once a week what the documents did not answer.

use std::sync::Arc;

use serenity::all::{ChannelId, Http};

use super::outgoing::{plain, say};
use crate::app::App;
use crate::clock::Millis;
use crate::config::Channel;
use crate::feedback::gaps;
use crate::handle::Failure;
use crate::text::feedback as words;

const WEEK: Millis = 7 * 86_400_000;
/// A week begins on Monday at 01:00 UTC, which is the morning in East Asia. The first one of the clock did on
/// 5 January 1970.
const MONDAY: Millis = 4 * 86_400_000 + 3_600_000;
/// How long until the next attempt where one failed.
const AGAIN: Millis = 600_000;
/// Its name in the store.
const GAPS: &str = "gaps";

/// Posts it for as long as it is polled; a week that ended while the bot was down is made up for.
pub async fn run(app: &Arc<App>, http: &Http) {
    let name = app.config.knowledge.digest_channel.as_ref();
    let Some(channel) = name.and_then(|name| app.config.channels.get(name)) else {
        return;
    };
    loop {
        let begun = beginning_of_week(app.clock.now());
        let next = {
            let _work = app.work.begin();
            match look(app, http, channel, begun).await {
                Ok(()) => begun + WEEK,
                Err(_) => app.clock.now() + AGAIN,
            }
        };
        app.clock.sleep_until(next).await;
    }
}

/// Posts what the week had that ended at `begun`, unless that was done.
async fn look(app: &App, http: &Http, channel: &Channel, begun: Millis) -> Result<(), Failure> {
    match app.store.posted(GAPS).await? {
        Some(last) if last >= begun => return Ok(()),
        Some(_) => post(app, http, channel, begun).await?,
        // At the very first start there is no week to look back on.
        None => {}
    }
    Ok(app.store.keep_posted(GAPS, begun).await?)
}

async fn post(app: &App, http: &Http, channel: &Channel, begun: Millis) -> Result<(), Failure> {
    let gaps = gaps::read(app, begun.saturating_sub(WEEK)).await?;
    // Nothing is worth no message.
    if gaps.list.is_empty() && gaps.private == 0 {
        return Ok(());
    }
    let lang = channel.language.unwrap_or(app.config.discord.language.0);
    let reply = gaps::shown(lang, &gaps, &words::digest(lang, &gaps)).fit();
    let nonce = format!("g{begun}");
    let posted = say(http, ChannelId::new(channel.id), None, &reply, &nonce).await;
    posted.map_err(|error| {
        tracing::warn!("the weekly digest of gaps could not be posted: {}", plain(&error));
        anyhow::anyhow!("the weekly digest of gaps could not be posted").into()
    })
}

/// When the week began in which this moment is.
const fn beginning_of_week(now: Millis) -> Millis {
    let since = now.saturating_sub(MONDAY);
    MONDAY + since / WEEK * WEEK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_morning() {
        // 2026-01-01 was a Thursday.
        let new_year = 1_767_225_600_000;
        let monday = 1_766_970_000_000;
        assert_eq!(beginning_of_week(new_year), monday);
        assert_eq!(beginning_of_week(monday), monday);
        assert_eq!(beginning_of_week(monday - 1), monday - WEEK);
    }
}
