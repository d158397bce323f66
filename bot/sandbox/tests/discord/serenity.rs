//! serenity 0.12.5 as the bot uses it, on the TLS front with its limiter on.

use std::net::SocketAddr;
use std::sync::Arc;

use firstmate_sandbox::discord::{Click, Discord, Fault, Invoke, Say, Submit};
use serde_json::{Value, json};
use serenity::all::{
    ActionRowComponent, AutocompleteChoice, ButtonStyle, ChannelId, Command, CommandOptionType, Context,
    CreateActionRow, CreateAllowedMentions, CreateAttachment, CreateAutocompleteResponse, CreateButton,
    CreateCommand, CreateCommandOption, CreateEmbed, CreateInputText, CreateInteractionResponse,
    CreateInteractionResponseFollowup, CreateInteractionResponseMessage, CreateMessage, CreateModal,
    EditInteractionResponse, Event, EventHandler, GatewayIntents, Http, HttpBuilder, InputTextStyle,
    Interaction, Message, RawEventHandler, Ready,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::harness::{OPS, discord, within};

/// A small bot with one of each thing that First Mate does.
struct Handler {
    ready: UnboundedSender<()>,
}

#[serenity::async_trait]
impl EventHandler for Handler {
    async fn ready(&self, ctx: Context, _: Ready) {
        let question = CreateCommandOption::new(CommandOptionType::String, "question", "what to look up")
            .required(true)
            .set_autocomplete(true);
        let ask = CreateCommand::new("ask").description("Ask").add_option(question);
        let menu = CreateCommand::new("Ask First Mate").kind(serenity::all::CommandType::Message);
        let form = CreateCommand::new("form").description("A form");
        Command::set_global_commands(&ctx.http, vec![ask, menu, form])
            .await
            .unwrap();
        self.ready.send(()).unwrap();
    }

    async fn message(&self, ctx: Context, message: Message) {
        if message.author.bot {
            return;
        }
        let reply = CreateMessage::new()
            .content(format!("you said {:?}", message.content))
            .reference_message(&message)
            .allowed_mentions(CreateAllowedMentions::new());
        message.channel_id.send_message(&ctx.http, reply).await.unwrap();
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        match interaction {
            Interaction::Command(command) if command.data.name == "form" => {
                let input = CreateInputText::new(InputTextStyle::Short, "Reason", "reason");
                let modal =
                    CreateModal::new("why", "Why").components(vec![CreateActionRow::InputText(input)]);
                command
                    .create_response(&ctx.http, CreateInteractionResponse::Modal(modal))
                    .await
                    .unwrap();
            }
            Interaction::Command(command) => {
                command.defer(&ctx.http).await.unwrap();
                let button = CreateButton::new("more")
                    .label("More")
                    .style(ButtonStyle::Primary);
                let edit = EditInteractionResponse::new()
                    .content("answer")
                    .embed(CreateEmbed::new().title("t").field("a", "b", true))
                    .components(vec![CreateActionRow::Buttons(vec![button])])
                    .new_attachment(CreateAttachment::bytes("one\ntwo\n".as_bytes(), "lines.txt"));
                command.edit_response(&ctx.http, edit).await.unwrap();
            }
            Interaction::Component(click) => {
                click
                    .create_response(&ctx.http, CreateInteractionResponse::Acknowledge)
                    .await
                    .unwrap();
                click
                    .edit_response(&ctx.http, EditInteractionResponse::new().content("more"))
                    .await
                    .unwrap();
                let follow = CreateInteractionResponseFollowup::new()
                    .content("only you")
                    .ephemeral(true);
                click.create_followup(&ctx.http, follow).await.unwrap();
            }
            Interaction::Autocomplete(command) => {
                let choice = AutocompleteChoice::new("node restarts", "node");
                let choices = CreateAutocompleteResponse::new().set_choices(vec![choice]);
                command
                    .create_response(&ctx.http, CreateInteractionResponse::Autocomplete(choices))
                    .await
                    .unwrap();
            }
            Interaction::Modal(modal) => {
                let ActionRowComponent::InputText(input) = &modal.data.components[0].components[0] else {
                    return;
                };
                let text = format!("because {}", input.value.clone().unwrap_or_default());
                let message = CreateInteractionResponseMessage::new()
                    .content(text)
                    .ephemeral(true);
                modal
                    .create_response(&ctx.http, CreateInteractionResponse::Message(message))
                    .await
                    .unwrap();
            }
            _ => {}
        }
    }
}

/// Reports events that serenity cannot read, which it drops without a word.
struct Unreadable(UnboundedSender<String>);

#[serenity::async_trait]
impl RawEventHandler for Unreadable {
    async fn raw_event(&self, _: Context, event: Event) {
        if let Event::Unknown(event) = event {
            let _ = self.0.send(event.kind);
        }
    }
}

struct Running {
    discord: Discord,
    unreadable: UnboundedReceiver<String>,
    http: Arc<Http>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// serenity's HTTP client as production has it, but for where discord.com is.
fn http(discord: &Discord) -> Http {
    let authority = reqwest::Certificate::from_der(&discord.ca_der()).unwrap();
    let address = SocketAddr::new(discord.tls_addr().ip(), discord.tls_addr().port());
    let client = reqwest::Client::builder()
        .resolve("discord.com", address)
        .add_root_certificate(authority)
        .no_proxy()
        .build()
        .unwrap();
    HttpBuilder::new(discord.token()).client(client).build()
}

/// The same without TLS and limiter, as `discord.endpoint` has it.
fn plain_http(discord: &Discord) -> Http {
    HttpBuilder::new(discord.token())
        .proxy(discord.plain_url())
        .ratelimiter_disabled(true)
        .build()
}

async fn start() -> Running {
    let discord = discord().await;
    let http = http(&discord);
    start_with(discord, http).await
}

async fn start_with(discord: Discord, http: Http) -> Running {
    let (ready, mut is_ready) = unbounded_channel();
    let (to, unreadable) = unbounded_channel();
    let intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    let mut client = serenity::client::ClientBuilder::new_with_http(http, intents)
        .event_handler(Handler { ready })
        .raw_event_handler(Unreadable(to))
        .await
        .unwrap();
    let http = Arc::clone(&client.http);
    let task = tokio::spawn(async move { client.start().await.unwrap() });
    within(is_ready.recv()).await.unwrap();
    Running {
        discord,
        unreadable,
        http,
        task,
    }
}

impl Running {
    /// The message with a number, once it says `content`.
    async fn says(&self, number: u64, content: &str) -> Value {
        let said = |discord: &Discord| discord.message(number).filter(|it| it["content"] == content);
        within(self.discord.until(said)).await
    }

    async fn finish(mut self) {
        assert!(within(self.discord.barrier()).await);
        assert_eq!(self.discord.faults_seen(), Vec::<String>::new());
        self.unreadable.close();
        assert_eq!(self.unreadable.recv().await, None);
    }
}

fn ask(options: Value) -> Invoke {
    serde_json::from_value(json!({
        "person": "lin", "channel": "ops", "name": "ask", "type": 1, "options": options,
    }))
    .unwrap()
}

#[tokio::test]
async fn a_mention_is_answered_by_a_reply() {
    let it = start().await;
    let content = format!("<@{}> why", it.discord.bot_id());
    let say = Say {
        person: "lin".into(),
        channel: "ops".into(),
        content,
        ..Say::default()
    };
    it.discord.say(say).await.unwrap();
    let reply = it
        .says(2, &format!("you said \"<@{}> why\"", it.discord.bot_id()))
        .await;
    assert_eq!(reply["referenced_message"]["author"]["username"], "lin");
    it.finish().await;
}

#[tokio::test]
async fn a_deferred_answer_with_a_file_a_click_and_a_private_follow_up() {
    let it = start().await;
    it.discord
        .command(ask(json!([{"name": "question", "value": "why"}])))
        .await
        .unwrap();
    let answer = it.says(1, "answer").await;
    assert_eq!(answer["attachments"][0]["filename"], "lines.txt");
    let click = Click {
        person: "olga".into(),
        message_id: answer["id"].as_str().unwrap().into(),
        custom_id: "more".into(),
        values: vec![],
    };
    it.discord.component(click).await.unwrap();
    let more = it.says(1, "more").await;
    assert_eq!(more["attachments"][0]["filename"], "lines.txt", "the file stays");
    assert_eq!(it.says(2, "only you").await["local"]["only"], "olga");
    it.finish().await;
}

#[tokio::test]
async fn completion_a_form_and_a_menu() {
    let it = start().await;
    let typing = ask(json!([{"name": "question", "value": "no", "focused": true}]));
    assert_eq!(it.discord.autocomplete(typing).await.unwrap()[0]["value"], "node");
    let form = Invoke {
        name: "form".into(),
        ..ask(json!([]))
    };
    it.discord.command(form).await.unwrap();
    let opened = |discord: &Discord| discord.snapshot("lin").unwrap()["modals"].get(0).cloned();
    let modal = within(it.discord.until(opened)).await;
    let values = [("reason".to_owned(), "it is broken".to_owned())].into();
    let modal_id = modal["id"].as_str().unwrap().to_owned();
    it.discord
        .modal(Submit {
            person: "lin".into(),
            modal_id,
            values,
        })
        .await
        .unwrap();
    let reply = it.says(1, "because it is broken").await;
    let say = Say {
        person: "wei".into(),
        channel: "ask".into(),
        content: "hi".into(),
        ..Say::default()
    };
    let said = it.discord.say(say).await.unwrap();
    it.says(3, "you said \"\"").await;
    let menu = Invoke {
        name: "Ask First Mate".into(),
        channel: "ask".into(),
        kind: 3,
        target_id: Some(said["id"].as_str().unwrap().into()),
        ..ask(json!([]))
    };
    it.discord.command(menu).await.unwrap();
    assert_eq!(reply["local"]["only"], "lin");
    it.says(4, "answer").await;
    it.finish().await;
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_and_the_request_repeated() {
    let it = start().await;
    it.discord
        .fault(Fault::Status {
            status: 429,
            requests: Some(2),
            processed: false,
            retry_after_ms: Some(10),
        })
        .await;
    let channel = ChannelId::new(OPS.parse().unwrap());
    channel.say(&it.http, "after all").await.unwrap();
    assert_eq!(it.discord.message(1).unwrap()["content"], "after all");
    it.finish().await;
}

#[tokio::test]
async fn it_runs_on_plain_http_too() {
    let discord = discord().await;
    let http = plain_http(&discord);
    let it = start_with(discord, http).await;
    it.discord
        .command(ask(json!([{"name": "question", "value": "why"}])))
        .await
        .unwrap();
    it.says(1, "answer").await;
    it.finish().await;
}

#[tokio::test]
async fn a_dropped_connection_is_resumed_and_nothing_lost() {
    let it = start().await;
    it.discord.fault(Fault::Drop).await;
    it.discord
        .command(ask(json!([{"name": "question", "value": "why"}])))
        .await
        .unwrap();
    it.says(1, "answer").await;
    assert_eq!((it.discord.identifies(), it.discord.resumes()), (1, 1));
    it.finish().await;
}

#[tokio::test]
async fn an_interaction_it_cannot_read_is_seen_as_unknown() {
    let mut it = start().await;
    it.discord.fault(Fault::Unparsable { requests: None }).await;
    it.discord
        .command(ask(json!([{"name": "question", "value": "why"}])))
        .await
        .unwrap();
    assert_eq!(within(it.unreadable.recv()).await.unwrap(), "INTERACTION_CREATE");
    it.finish().await;
}
