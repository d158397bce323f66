//! Tells Discord the commands, in every language.

use std::sync::Arc;
use std::time::Duration;

use serenity::all::{CommandOptionType, CommandType, CreateCommand, CreateCommandOption, GuildId, Http};

use super::outgoing::{patiently, plain};
use crate::app::App;
use crate::command::{self, Arg, ArgKind, COMMANDS, Group, Kind, Names, QUESTION_LIMIT, Spec};
use crate::config::Config;
use crate::remedy::REASON_LIMIT;
use crate::text::label::Label;

/// Replaces what Discord knows of the commands by [`COMMANDS`].
///
/// Where they are registered by server, the global ones are taken away: both would be shown twice.
pub(super) async fn register(http: &Http, config: &Config) -> serenity::Result<()> {
    let specs: Vec<&Spec> = command::available(config).collect();
    let commands = commands(&specs, config.clusters.len() > 1);
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
    let specs: Vec<&Spec> = COMMANDS.iter().collect();
    serde_json::to_value(commands(&specs, true)).unwrap_or_default()
}

/// These commands; the option that names a cluster only where there is more than one.
fn commands(specs: &[&Spec], has_clusters: bool) -> Vec<CreateCommand> {
    let mut made: Vec<CreateCommand> = Vec::new();
    let mut grouped: Vec<Group> = Vec::new();
    for spec in specs {
        match spec.group {
            None => made.push(command(spec, has_clusters)),
            Some(group) if grouped.contains(&group) => {}
            Some(group) => {
                grouped.push(group);
                made.push(family(group, has_clusters));
            }
        }
    }
    made
}

fn command(spec: &Spec, has_clusters: bool) -> CreateCommand {
    let made = named(spec.name);
    match spec.kind {
        Kind::MessageMenu => made.kind(CommandType::Message),
        Kind::Slash => described(made, spec.about).set_options(options(spec, has_clusters)),
    }
}

/// The commands under one word.
fn family(group: Group, has_clusters: bool) -> CreateCommand {
    let parts = COMMANDS.iter().filter(|spec| spec.group == Some(group));
    let parts = parts.map(|spec| {
        let made = CreateCommandOption::new(CommandOptionType::SubCommand, spec.name.en, spec.about.en);
        localized(made, spec.name, spec.about).set_sub_options(options(spec, has_clusters))
    });
    described(named(group.name), group.about).set_options(parts.collect())
}

fn named(name: Label) -> CreateCommand {
    CreateCommand::new(name.en)
        .name_localized("zh-CN", name.zh)
        .name_localized("zh-TW", name.tw)
}

fn described(made: CreateCommand, about: Label) -> CreateCommand {
    made.kind(CommandType::ChatInput)
        .description(about.en)
        .description_localized("zh-CN", about.zh)
        .description_localized("zh-TW", about.tw)
}

fn options(spec: &Spec, has_clusters: bool) -> Vec<CreateCommandOption> {
    let is_shown = |arg: &&Arg| has_clusters || arg.kind != ArgKind::Name(Names::Cluster);
    spec.args.iter().filter(is_shown).map(option).collect()
}

fn option(arg: &Arg) -> CreateCommandOption {
    let of = |kind| CreateCommandOption::new(kind, arg.name.en, arg.about.en).required(arg.required);
    let made = match arg.kind {
        ArgKind::Question => of(CommandOptionType::String)
            .max_length(u16::try_from(QUESTION_LIMIT).unwrap_or(u16::MAX))
            .set_autocomplete(true),
        ArgKind::Name(_) => of(CommandOptionType::String).set_autocomplete(true),
        ArgKind::Text => {
            of(CommandOptionType::String).max_length(u16::try_from(REASON_LIMIT).unwrap_or(u16::MAX))
        }
        ArgKind::Flag => of(CommandOptionType::Boolean),
        ArgKind::File => of(CommandOptionType::Attachment),
        ArgKind::Number(from, to) => of(CommandOptionType::Integer)
            .min_int_value(from.into())
            .max_int_value(to.into()),
        ArgKind::Choice(choices) => {
            choices
                .iter()
                .fold(of(CommandOptionType::String), |made, (value, label)| {
                    let localized = [("zh-CN", label.zh), ("zh-TW", label.tw)];
                    made.add_string_choice_localized(label.en, *value, localized)
                })
        }
    };
    localized(made, arg.name, arg.about)
}

fn localized(made: CreateCommandOption, name: Label, about: Label) -> CreateCommandOption {
    made.name_localized("zh-CN", name.zh)
        .name_localized("zh-TW", name.tw)
        .description_localized("zh-CN", about.zh)
        .description_localized("zh-TW", about.tw)
}
