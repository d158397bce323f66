//! Tells Discord the commands, in every language.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{CommandOptionType, CommandType, CreateCommand, CreateCommandOption, GuildId, Http};

use super::outgoing::{patiently, plain};
use crate::app::App;
use crate::command::{Arg, ArgKind, COMMANDS, Kind, QUESTION_LIMIT, Spec};
use crate::config::Config;
use crate::text::label::Label;

/// Replaces what Discord knows of the commands by [`COMMANDS`].
///
/// Where they are registered by server, the global ones are taken away: both would be shown twice.
pub(super) async fn register(http: &Http, config: &Config) -> serenity::Result<()> {
    let commands = commands();
    let global: &[CreateCommand] = if config.discord.guilds.is_empty() {
        &commands
    } else {
        &[]
    };
    patiently(|| http.create_global_commands(&global)).await?;
    for guild in &config.discord.guilds {
        patiently(|| http.create_guild_commands(GuildId::new(*guild), &commands)).await?;
    }
    Ok(())
}

/// Registers the commands again and again until Discord has them.
pub(super) async fn until_done(http: Arc<Http>, app: Arc<App>) {
    let mut pause = Duration::from_secs(5);
    loop {
        tokio::time::sleep(pause).await;
        match register(&http, &app.config).await {
            Ok(()) => return tracing::info!("the commands are registered"),
            Err(error) => tracing::warn!("the commands could not be registered: {}", plain(&error)),
        }
        pause = (pause * 2).min(Duration::from_secs(600));
    }
}

/// The commands as they are sent to Discord, for the reference and for tests.
pub fn reference() -> serde_json::Value {
    serde_json::to_value(commands()).unwrap_or_default()
}

fn commands() -> Vec<CreateCommand> {
    COMMANDS.iter().map(command).collect()
}

fn command(spec: &Spec) -> CreateCommand {
    let name = spec.name;
    let made = CreateCommand::new(name.en)
        .name_localized("zh-CN", name.zh)
        .name_localized("zh-TW", name.tw);
    match spec.kind {
        Kind::MessageMenu => made.kind(CommandType::Message),
        Kind::Slash => {
            let Label { en, zh, tw } = spec.about;
            let made = made.kind(CommandType::ChatInput).description(en);
            let made = made
                .description_localized("zh-CN", zh)
                .description_localized("zh-TW", tw);
            made.set_options(spec.args.iter().map(option).collect())
        }
    }
}

fn option(arg: &Arg) -> CreateCommandOption {
    let made = match arg.kind {
        ArgKind::Question => CreateCommandOption::new(CommandOptionType::String, arg.name.en, arg.about.en)
            .max_length(u16::try_from(QUESTION_LIMIT).unwrap_or(u16::MAX))
            .required(true)
            .set_autocomplete(true),
        ArgKind::Flag => CreateCommandOption::new(CommandOptionType::Boolean, arg.name.en, arg.about.en),
    };
    made.name_localized("zh-CN", arg.name.zh)
        .name_localized("zh-TW", arg.name.tw)
        .description_localized("zh-CN", arg.about.zh)
        .description_localized("zh-TW", arg.about.tw)
}
