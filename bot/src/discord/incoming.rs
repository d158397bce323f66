//! Turns Discord's events into commands, and brings what is said about them back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use serenity::all::{
    ActionRowComponent, CommandDataOption, CommandDataOptionValue, CommandInteraction, ComponentInteraction,
    ComponentInteractionDataKind, Context, CreateInteractionResponse, Embed, Event, Guild, GuildId, Http,
    Interaction, Member, Message, MessageFlags, MessageId, MessageType, ModalInteraction, PartialChannel,
    RawEventHandler, ResolvedTarget, User, UserId,
};
use serenity::async_trait;
use serenity::gateway::{CollectorCallback, ShardMessenger};

use super::endpoint::Replies;
use super::outgoing::{self, Ticket};
use super::{files, permission, register};
use crate::app::App;
use crate::caller::{Caller, Place, of_locale};
use crate::command::{self, Command, Delivery, Filled, Refusal, Spec};
use crate::complete::complete;
use crate::documents;
use crate::handle::{self, Failure, handle};
use crate::metrics::{Fate, Stage};
use crate::remedy::approval::Request;
use crate::remedy::{self, No};
use crate::reply::{Again, Post, Reply};
use crate::text::{answer as say, change, document};
use crate::work::{InHand, Stopwatch, Work};
use firstmate_kb::Lang;

/// How long what stands in a box may take to be read: Discord waits three seconds for the box.
const FORM: Duration = Duration::from_millis(1500);

/// Takes every event of one client.
pub(super) struct Incoming {
    app: Arc<App>,
    /// What interactions are answered through.
    replies: Replies,
    /// Counts events, for the watchdog.
    heard: Arc<AtomicU64>,
    /// Counts the sessions that this client began.
    sessions: Arc<AtomicU64>,
    me: AtomicU64,
    registered: AtomicBool,
    arrived: Arc<Arrived>,
}

/// What has arrived and waits for its task to begin. serenity gives each event a task of its own; counted
/// from its arrival on, it is not overlooked by a stop that comes in between.
#[derive(Default)]
struct Arrived(Mutex<HashMap<u64, InHand>>);

impl Arrived {
    fn put(&self, event: &Event, work: &Work) {
        if let Some(id) = id_of(event) {
            self.lock().insert(id, work.begin());
        }
    }

    fn take(&self, event: &Event) -> Option<InHand> {
        self.lock().remove(&id_of(event)?)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, InHand>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The id of an event that somebody waits for.
fn id_of(event: &Event) -> Option<u64> {
    match event {
        Event::MessageCreate(created) => Some(created.message.id.get()),
        Event::InteractionCreate(created) => Some(created.interaction.id().get()),
        _ => None,
    }
}

impl Incoming {
    pub(super) fn new(
        app: Arc<App>,
        replies: Replies,
        heard: Arc<AtomicU64>,
        sessions: Arc<AtomicU64>,
    ) -> Self {
        Self {
            app,
            replies,
            heard,
            sessions,
            me: AtomicU64::new(0),
            registered: AtomicBool::new(false),
            arrived: Arc::default(),
        }
    }
}

#[async_trait]
impl RawEventHandler for Incoming {
    async fn raw_event(&self, context: Context, event: Event) {
        let work = self.arrived.take(&event).unwrap_or_else(|| self.app.work.begin());
        self.heard.fetch_add(1, Ordering::AcqRel);
        self.app.metrics.event(!matches!(event, Event::Unknown(_)));
        match event {
            Event::Ready(ready) => {
                self.sessions.fetch_add(1, Ordering::AcqRel);
                self.count_arrivals(&context.shard);
                self.ready(&context.http, ready.ready.user.id).await;
            }
            Event::Resumed(_) => {
                self.app.online.set(true);
                self.app.metrics.greeted();
            }
            Event::GuildCreate(created) => self.guild(&created.guild),
            Event::ThreadCreate(created) => {
                self.thread(created.thread.id.get(), created.thread.parent_id.map(u64::from))
            }
            Event::MessageDelete(deleted) => self.deleted(&[deleted.message_id]).await,
            Event::MessageDeleteBulk(deleted) => self.deleted(&deleted.ids).await,
            Event::MessageCreate(created) => self.message(&context.http, created.message).await,
            Event::InteractionCreate(created) => {
                self.interaction(&context.http, created.interaction, &work).await
            }
            // Only its kind: what it holds may be anything.
            Event::Unknown(unknown) => {
                tracing::warn!(kind = unknown.kind, "an event could not be read and is lost")
            }
            _ => {}
        }
    }
}

impl Incoming {
    /// Has the shard call back at once for each event, before its task is made.
    fn count_arrivals(&self, shard: &ShardMessenger) {
        let (arrived, work) = (Arc::clone(&self.arrived), self.app.work.clone());
        let note = move |event: &Event| {
            arrived.put(event, &work);
            true
        };
        shard.add_collector(CollectorCallback(Box::new(note)));
    }

    fn ready<'a>(&'a self, http: &'a Arc<Http>, me: UserId) -> BoxFuture<'a, ()> {
        async move {
            self.me.store(me.get(), Ordering::Release);
            if !self.registered.swap(true, Ordering::AcqRel) {
                // Neither waits for the other: until both are done nobody is answered.
                tokio::join!(self.register(http), self.check_channels(http, me));
            }
            self.app.online.set(true);
            self.app.metrics.greeted();
            tracing::info!("connected to Discord");
        }
        .boxed()
    }

    async fn register(&self, http: &Arc<Http>) {
        if let Err(error) = register::register(http, &self.app.config).await {
            tracing::error!(
                "the commands could not be registered: {}",
                outgoing::plain(&error)
            );
            tokio::spawn(register::until_done(Arc::clone(http), Arc::clone(&self.app)));
        }
    }

    /// A channel that cannot be served is named and left alone; the others go on.
    async fn check_channels(&self, http: &Http, me: UserId) {
        let channels = self.app.config.channels.iter();
        let looks = channels.map(async |(name, channel)| {
            let missing = permission::missing_in(http, me, channel.id).await;
            self.app.set_channel_open(channel.id, missing.is_ok());
            if let Err(trouble) = missing {
                tracing::warn!(
                    "{}",
                    crate::text::doctor::channel_trouble(Lang::En, name, &trouble)
                );
            }
        });
        join_all(looks).await;
    }

    fn guild(&self, guild: &Guild) {
        for thread in &guild.threads {
            self.thread(thread.id.get(), thread.parent_id.map(u64::from));
        }
    }

    fn thread(&self, thread: u64, parent: Option<u64>) {
        if let Some(parent) = parent {
            self.app.thread_opened(thread, parent);
        }
    }

    /// The card of what still waits is posted anew when somebody deletes it: nobody hides a request so.
    async fn deleted(&self, messages: &[MessageId]) {
        let waiting = match self.app.store.waiting().await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::error!("whether a card was deleted cannot be read: {error:#}");
                return;
            }
        };
        let is_gone = |request: &&Request| messages.iter().any(|id| id.get() == request.card.message);
        for request in waiting.iter().filter(is_gone) {
            self.app.cards.show(request.id, &self.app.work);
        }
    }

    fn message<'a>(&'a self, http: &'a Http, message: Message) -> BoxFuture<'a, ()> {
        async move {
            let is_written = matches!(message.kind, MessageType::Regular | MessageType::InlineReply);
            if message.author.bot || message.webhook_id.is_some() || !is_written {
                return;
            }
            let channel = message.channel_id.get();
            let guild = message.guild_id.map(u64::from);
            let place = Place {
                guild,
                channel,
                parent: self.app.parent_of(channel),
            };
            let me = self.me.load(Ordering::Acquire);
            let text = &message.content;
            let addressed = place.guild.is_none() || message.mentions.iter().any(|user| user.id.get() == me);
            let parsed = match addressed {
                true => command::ask(text, false),
                false if self.app.listens_in(&place) => match command::ask(text, false) {
                    Ok(Command::Ask { question, .. }) => Ok(Command::Overhear { question }),
                    _ => return,
                },
                false => return,
            };
            if !self.app.taken.first_time(message.id.get()) {
                return;
            }
            let locale = Lang::of_text(text).unwrap_or_else(|| self.app.language_of(&place));
            let caller = writer_of(&message, place, locale);
            let lang = match &parsed {
                Ok(command) => handle::language(&self.app, &caller, command),
                Err(_) => caller.locale,
            };
            let Some(mut reply) = outcome(&self.app, &caller, parsed).await else {
                return;
            };
            // Nobody shall think that a picture or a log beside the words was read.
            if addressed && !message.attachments.is_empty() {
                reply.text = say::only_text(lang, &reply.text);
            }
            let nonce = format!("m{}", message.id);
            let to = place.guild.is_some().then_some(message.id);
            if let Err(error) = outgoing::say(http, message.channel_id, to, &reply.fit(), &nonce).await {
                tracing::warn!(
                    channel,
                    "a reply could not be posted: {}",
                    outgoing::plain(&error)
                );
            }
        }
        .boxed()
    }

    fn interaction<'a>(
        &'a self,
        http: &'a Arc<Http>,
        interaction: Interaction,
        work: &'a InHand,
    ) -> BoxFuture<'a, ()> {
        async move {
            if !self.app.taken.first_time(interaction.id().get()) {
                self.app.metrics.interaction(Fate::Repeated);
                return;
            }
            match interaction {
                Interaction::Command(command) => {
                    let asked = Asked::of_command(&command, self);
                    let parsed = parse_command(&command);
                    self.run(http, asked, parsed, work).await;
                }
                Interaction::Component(component) => {
                    let asked = Asked::of_component(&component, self);
                    let parsed = parse_component(&component);
                    self.run(http, asked, parsed, work).await;
                }
                Interaction::Modal(modal) => {
                    let asked = Asked::of_modal(&modal, self);
                    let parsed = Command::from_box(&modal.data.custom_id, &inputs(&modal));
                    self.run(http, asked, parsed, work).await;
                }
                Interaction::Autocomplete(command) => self.complete(&command).await,
                _ => {}
            }
        }
        .boxed()
    }

    async fn complete(&self, command: &CommandInteraction) {
        let asked = Asked::of_command(command, self);
        let (Some(option), Some((spec, filled))) = (command.data.autocomplete(), filled_in(command)) else {
            return;
        };
        let choices = complete(
            &self.app,
            &asked.caller,
            spec,
            &filled,
            (option.name, option.value),
        )
        .await;
        outgoing::acknowledge(&asked.ticket, &outgoing::choices(&choices)).await;
    }

    /// The box that has to be filled in first, with what stands in it already, and the command, or why there is none.
    async fn form(
        &self,
        caller: &Caller,
        parsed: Result<Command, Refusal>,
    ) -> (Result<Command, Refusal>, Option<CreateInteractionResponse>) {
        if !handle::is_allowed(&self.app, caller, &parsed) {
            return (parsed, None);
        }
        let form = async {
            match &parsed {
                Ok(Command::Vote(voice)) => Ok(voice.form(caller)),
                Ok(Command::Document(wish)) => documents::form(&self.app, caller, wish).await,
                Ok(Command::Change(change)) if change.opens().is_some() => {
                    let may = remedy::may_begin(&self.app, caller, change).await;
                    may.map(|()| None)
                }
                _ => Ok(None),
            }
        };
        match tokio::time::timeout(FORM, form).await {
            Ok(Ok(form)) => (parsed, form.as_ref().map(outgoing::form)),
            Ok(Err(Failure::Refused(refusal))) => (Err(refusal), None),
            // A store that says nothing in time is said to be gone.
            Ok(Err(Failure::Broken(_))) | Err(_) => (Err(Refusal::Change(Box::new(No::Store))), None),
        }
    }

    /// Whether a freeze or its end will be refused, which is nobody else's business. Where that is not known in time, it
    /// goes on: the brake waits for nothing.
    async fn is_refused(&self, caller: &Caller, parsed: &Result<Command, Refusal>) -> bool {
        let Ok(Command::Change(change)) = parsed else {
            return false;
        };
        let may = remedy::may_begin(&self.app, caller, change);
        matches!(tokio::time::timeout(FORM, may).await, Ok(Err(_)))
    }

    /// Acknowledges, and only then acts.
    fn run<'a>(
        &'a self,
        http: &'a Arc<Http>,
        asked: Asked,
        parsed: Result<Command, Refusal>,
        work: &'a InHand,
    ) -> BoxFuture<'a, ()> {
        async move {
            let Asked { ticket, caller } = asked;
            let (parsed, form) = self.form(&caller, parsed).await;
            let delivery = match handle::delivery(&self.app, &caller, &parsed) {
                Delivery::Public if self.is_refused(&caller, &parsed).await => Delivery::Private,
                delivery => delivery,
            };
            let is_form = form.is_some();
            let opened = form.or_else(|| match &parsed {
                Ok(command) if handle::is_allowed(&self.app, &caller, &parsed) => {
                    outgoing::box_of(command, |label| caller.label(label))
                }
                _ => None,
            });
            let first = opened.unwrap_or_else(|| outgoing::acknowledgement(delivery));
            let waited = work.age();
            self.app.metrics.own_share(Stage::Acknowledge, waited);
            if !outgoing::acknowledge(&ticket, &first).await {
                self.app.metrics.interaction(Fate::NotAcknowledged);
                return;
            }
            let sent =
                u64::try_from(ticket.id.created_at().unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
            self.app
                .metrics
                .delayed(self.app.clock.now().saturating_sub(sent));
            if is_form {
                // The press counts, also where the box is closed without a word.
                if let Ok(Command::Vote(_)) = parsed {
                    outcome(&self.app, &caller, parsed).await;
                }
                self.app.metrics.interaction(Fate::Answered);
                return;
            }
            let parsed = match handle::is_allowed(&self.app, &caller, &parsed) {
                true => files::read_into(parsed).await,
                false => parsed,
            };
            let thinking = Stopwatch::start();
            let reply = outcome(&self.app, &caller, parsed).await;
            self.app.metrics.own_share(Stage::Answer, waited + thinking.age());
            match reply {
                None => self.app.metrics.interaction(Fate::Answered),
                Some(reply) => {
                    self.deliver(http, Asked { ticket, caller }, delivery, reply)
                        .await
                }
            }
        }
        .boxed()
    }

    /// Sends a reply, and what is to stand beside it.
    fn deliver<'a>(
        &'a self,
        http: &'a Arc<Http>,
        asked: Asked,
        delivery: Delivery,
        reply: Reply,
    ) -> BoxFuture<'a, ()> {
        async move {
            let Asked { ticket, caller } = asked;
            let again = reply.again.clone();
            let (post, told) = (reply.post.clone(), reply.aside.clone());
            let in_place = delivery == Delivery::InPlace;
            // A message that stands is not overwritten by a complaint about its button.
            let sent = match in_place && reply.private && reply.card.is_none() {
                true => outgoing::aside(&ticket, &reply.fit()).await,
                false => outgoing::answer(http, &ticket, &reply.fit(), delivery).await,
            };
            self.app.metrics.interaction(if sent.is_ok() {
                Fate::Answered
            } else {
                Fate::NotDelivered
            });
            if let Some(post) = post {
                post_beside(http, &ticket, *post).await;
            }
            if let Some(told) = told
                && let Err(error) = outgoing::aside(&ticket, &Reply::private(told).fit()).await
            {
                tracing::warn!("nobody could be told aside: {}", outgoing::plain(&error));
            }
            match (sent, again) {
                (Ok(()), Some(again)) => {
                    tokio::spawn(follow(
                        Arc::clone(&self.app),
                        Arc::clone(http),
                        Asked { ticket, caller },
                        again,
                    ));
                }
                (Ok(()), None) => {}
                (Err(error), _) => tracing::warn!(
                    channel = ticket.channel.get(),
                    "an answer could not be delivered: {}",
                    outgoing::plain(&error)
                ),
            }
        }
        .boxed()
    }
}

/// Posts a message of its own in the channel. Where that fails, the person learns it.
async fn post_beside(http: &Http, ticket: &Ticket, post: Post) {
    let Post { reply, nonce, failed } = post;
    if let Err(error) = outgoing::say(http, ticket.channel, None, &reply.fit(), &nonce).await {
        tracing::warn!(
            channel = ticket.channel.get(),
            "a card could not be posted: {}",
            outgoing::plain(&error)
        );
        if let Err(error) = outgoing::aside(ticket, &Reply::private(failed)).await {
            tracing::warn!("nobody could be told of it: {}", outgoing::plain(&error));
        }
    }
}

/// What is said about a command, also when it is refused or fails.
async fn outcome(app: &App, caller: &Caller, parsed: Result<Command, Refusal>) -> Option<Reply> {
    let lang = match &parsed {
        // Who may not is told so alone, whatever the channel speaks.
        Ok(Command::Change(_)) => caller.locale,
        Ok(command @ Command::Check(check))
            if !check.what.is_private()
                && (!handle::is_allowed(app, caller, &parsed)
                    || handle::is_out_of_place(app, caller, command)) =>
        {
            caller.locale
        }
        Ok(command) => handle::language(app, caller, command),
        Err(_) => caller.locale,
    };
    let is_overheard = matches!(parsed, Ok(Command::Overhear { .. }));
    let (file, reason) = match &parsed {
        Ok(Command::Document(wish)) => (wish.written(), None),
        Ok(Command::Change(change)) => (None, change.given_reason().map(str::to_owned)),
        _ => (None, None),
    };
    // Nobody has to type again what came to nothing.
    let no = |text: String, again: bool| match (file, reason.filter(|_| again)) {
        (Some(file), _) => Reply {
            files: vec![file],
            ..Reply::private(format!("{text}\n{}", document::given_back(lang)))
        },
        (None, Some(reason)) => Reply::private(format!("{text}\n{}", change::given_back(lang, &reason))),
        (None, None) => Reply::private(text),
    };
    let result = match parsed {
        Ok(command) => handle(app, caller, command).await,
        Err(refusal) => Err(refusal.into()),
    };
    match result {
        Ok(reply) => reply,
        // Nobody asked, so nobody is told why there is no answer.
        Err(Failure::Refused(_)) if is_overheard => None,
        Err(Failure::Refused(refusal)) => {
            let again = match &refusal {
                Refusal::Change(no) => no.may_be_asked_again(),
                Refusal::UnknownCluster { .. } => true,
                _ => false,
            };
            Some(no(handle::refusal(lang, &refusal), again))
        }
        Err(Failure::Broken(error)) => {
            let reference = format!("{:x}", app.clock.now());
            tracing::error!(reference, "{error:#}");
            (!is_overheard).then(|| no(say::broken(lang, &reference), true))
        }
    }
}

/// Puts later replies in the place of a first one, for as long as each asks for another.
async fn follow(app: Arc<App>, http: Arc<Http>, asked: Asked, first: Again) {
    let Asked { ticket, caller } = asked;
    let mut next = Some(first);
    while let Some(Again { command, at }) = next.take() {
        app.clock.sleep_until(at).await;
        let _work = app.work.begin();
        let Some(reply) = outcome(&app, &caller, Ok(command)).await else {
            return;
        };
        next = reply.again.clone();
        let delivery = if reply.private {
            Delivery::Private
        } else {
            Delivery::Public
        };
        if let Err(error) = outgoing::answer(&http, &ticket, &reply.fit(), delivery).await {
            tracing::warn!("a log is not followed any longer: {}", outgoing::plain(&error));
            return;
        }
    }
}

/// Who asked, and how they are answered.
struct Asked {
    ticket: Ticket,
    caller: Caller,
}

impl Asked {
    fn of_command(it: &CommandInteraction, incoming: &Incoming) -> Self {
        let ticket = Ticket::new(
            incoming.replies.to_one(it.application_id),
            it.id,
            &it.token,
            it.channel_id,
            it.user.id,
            it.guild_id,
        );
        Self::new(
            ticket,
            it.guild_id,
            it.channel.as_ref(),
            (&it.user, it.member.as_deref(), &it.locale),
            &incoming.app,
        )
    }

    fn of_component(it: &ComponentInteraction, incoming: &Incoming) -> Self {
        let ticket = Ticket::new(
            incoming.replies.to_one(it.application_id),
            it.id,
            &it.token,
            it.channel_id,
            it.user.id,
            it.guild_id,
        );
        let mut asked = Self::new(
            ticket,
            it.guild_id,
            it.channel.as_ref(),
            (&it.user, it.member.as_ref(), &it.locale),
            &incoming.app,
        );
        let flags = it.message.flags.unwrap_or_default();
        asked.caller.alone = flags.contains(MessageFlags::EPHEMERAL);
        asked
    }

    fn of_modal(it: &ModalInteraction, incoming: &Incoming) -> Self {
        let ticket = Ticket::new(
            incoming.replies.to_one(it.application_id),
            it.id,
            &it.token,
            it.channel_id,
            it.user.id,
            it.guild_id,
        );
        Self::new(
            ticket,
            it.guild_id,
            it.channel.as_ref(),
            (&it.user, it.member.as_ref(), &it.locale),
            &incoming.app,
        )
    }

    fn new(
        ticket: Ticket,
        guild: Option<GuildId>,
        channel: Option<&PartialChannel>,
        (user, member, locale): (&User, Option<&Member>, &str),
        app: &App,
    ) -> Self {
        let id = ticket.channel.get();
        let parent = channel
            .filter(|channel| channel.thread_metadata.is_some())
            .and_then(|channel| channel.parent_id);
        let parent = parent.map(u64::from).or_else(|| app.parent_of(id));
        let (locale, traditional) = of_locale(locale);
        let roles = member
            .iter()
            .flat_map(|member| &member.roles)
            .map(|role| role.get())
            .collect();
        let place = Place {
            guild: guild.map(u64::from),
            channel: id,
            parent,
        };
        let caller = Caller {
            id: ticket.user.get(),
            name: user.name.clone(),
            locale,
            traditional,
            roles,
            place,
            alone: false,
        };
        Self { ticket, caller }
    }
}

/// Who wrote a message. Which script they read is not told with it.
fn writer_of(message: &Message, place: Place, locale: Lang) -> Caller {
    let roles = message.member.iter().flat_map(|member| &member.roles);
    Caller {
        id: message.author.id.get(),
        name: message.author.name.clone(),
        locale,
        traditional: false,
        roles: roles.map(|role| role.get()).collect(),
        place,
        alone: false,
    }
}

fn parse_command(it: &CommandInteraction) -> Result<Command, Refusal> {
    let (spec, mut filled) = filled_in(it).ok_or(Refusal::UnknownControl)?;
    if let Some(ResolvedTarget::Message(message)) = it.data.target() {
        filled.message = Some(without_mention(&words_of(message), it.application_id.get()));
    }
    (spec.parse)(&filled)
}

/// What a message says: its text, or that of its cards, as alerts are posted.
fn words_of(message: &Message) -> String {
    if !message.content.trim().is_empty() {
        return message.content.clone();
    }
    let of_card = |card: &Embed| {
        let fields = card.fields.iter().flat_map(|field| [&field.name, &field.value]);
        let words = card.title.iter().chain(&card.description).chain(fields);
        words.map(String::as_str).collect::<Vec<_>>().join("\n")
    };
    message
        .embeds
        .iter()
        .map(of_card)
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// The command, and what is filled in of it so far.
fn filled_in(it: &CommandInteraction) -> Option<(&'static Spec, Filled)> {
    let (part, options) = match it.data.options.first() {
        Some(CommandDataOption {
            name,
            value: CommandDataOptionValue::SubCommand(options),
            ..
        }) => (Some(name.as_str()), options),
        _ => (None, &it.data.options),
    };
    let spec = command::spec_of(&it.data.name, part)?;
    let mut filled = Filled::default();
    for option in options {
        let name = option.name.clone();
        match &option.value {
            CommandDataOptionValue::String(text) => filled.texts.push((name, text.clone())),
            CommandDataOptionValue::Boolean(flag) => filled.flags.push((name, *flag)),
            CommandDataOptionValue::Integer(number) => filled.numbers.push((name, *number)),
            CommandDataOptionValue::Attachment(id) => {
                let file = it.data.resolved.attachments.get(id);
                filled
                    .files
                    .extend(file.map(|file| (name, files::attached(file))));
            }
            _ => {}
        }
    }
    Some((spec, filled))
}

fn parse_component(it: &ComponentInteraction) -> Result<Command, Refusal> {
    let chosen = match &it.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => values.first().map(String::as_str),
        _ => None,
    };
    Command::from_control(&it.data.custom_id, chosen)
}

/// Name and text of each field of a box.
fn inputs(it: &ModalInteraction) -> Vec<(String, String)> {
    let fields = it.data.components.iter().flat_map(|row| &row.components);
    let texts = fields.filter_map(|field| match field {
        ActionRowComponent::InputText(input) => {
            Some((input.custom_id.clone(), input.value.clone().unwrap_or_default()))
        }
        _ => None,
    });
    texts.collect()
}

/// A message without the mention that addresses the bot.
fn without_mention(text: &str, me: u64) -> String {
    let text = text
        .replace(&format!("<@{me}>"), " ")
        .replace(&format!("<@!{me}>"), " ");
    text.trim().to_owned()
}
