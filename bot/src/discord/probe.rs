//! Asks Discord about the bot itself, for `firstmate check`.

use std::sync::Arc;

use serenity::all::{ApplicationFlags, Http, UserId};

use super::endpoint::Endpoint;
use super::outgoing::plain;
use super::permission;
use crate::app::Trouble;
use crate::config::Token;

/// What Discord knows of the bot.
pub struct Known {
    /// Its name.
    pub name: String,
    /// Whether the application may read the content of messages.
    pub message_content: bool,
    id: UserId,
    application: u64,
    http: Arc<Http>,
}

/// Asks who the token belongs to. The inner error is Discord's answer, or what kept it from answering.
///
/// # Errors
/// If no connection can be made at all.
pub async fn ask(endpoint: &Endpoint, token: &Token) -> anyhow::Result<Result<Known, String>> {
    let http = Arc::new(endpoint.http(token)?);
    let asked = async {
        let user = http.get_current_user().await?;
        let application = http.get_current_application_info().await?;
        Ok::<_, serenity::Error>((user, application))
    };
    let (user, application) = match asked.await {
        Ok(known) => known,
        Err(error) => return Ok(Err(plain(&error))),
    };
    let content =
        ApplicationFlags::GATEWAY_MESSAGE_CONTENT | ApplicationFlags::GATEWAY_MESSAGE_CONTENT_LIMITED;
    let message_content = application.flags.is_some_and(|flags| flags.intersects(content));
    Ok(Ok(Known {
        name: user.name.clone(),
        message_content,
        id: user.id,
        application: application.id.get(),
        http,
    }))
}

impl Known {
    /// Looks whether the bot may do what it needs in `channel`.
    ///
    /// # Errors
    /// Why not.
    pub async fn channel(&self, channel: u64) -> Result<(), Trouble> {
        permission::missing_in(&self.http, self.id, channel).await
    }

    /// The address at which an admin invites the bot, with the permissions it needs.
    pub fn invite(&self) -> String {
        format!(
            "https://discord.com/oauth2/authorize?client_id={}&scope=bot+applications.commands&permissions={}",
            self.application,
            permission::needed()
        )
    }
}
