//! What the bot does when Discord fails: a test for each way that was seen to happen.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use firstmate::app::App;
use firstmate::clock::Clock;
use firstmate::config::Token;
use firstmate::discord::Endpoint;
use firstmate::discord::connect::Rejected;
use firstmate::discord::permission::NEEDED;
use firstmate::doctor;
use firstmate::play::stage::{Stage, local_config};
use firstmate_kb::Lang;
use firstmate_sandbox::discord::{Discord, Entry, Fault, Invoke, Say, Settings};
use serde_json::json;

use crate::harness::{close, local, play, stage, stage_on, unready};

const QUESTION: &str = "lin: @bot 节点反复重启怎么办";

/// Waits until something is so, in real time, since the network's failures are.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .is_ok(),
        "never: {what}"
    );
}

/// How many messages the bot has sent.
fn replies(stage: &Stage) -> usize {
    let seen = stage.discord.messages_seen_by("lin").unwrap();
    let bot = stage.discord.bot_id().to_string();
    seen.iter()
        .filter(|message| message["author"]["id"] == bot.as_str())
        .count()
}

async fn answers_once(stage: &mut Stage) {
    let before = replies(stage);
    let seen = play(stage, QUESTION).await;
    assert!(seen.contains("节点反复重启怎么办"), "{seen}");
    assert_eq!(replies(stage), before + 1, "{seen}");
}

fn invoke(question: &str) -> Invoke {
    Invoke {
        person: "lin".to_owned(),
        channel: "ops".to_owned(),
        name: "ask".to_owned(),
        kind: 1,
        options: vec![json!({ "name": "question", "type": 3, "value": question })],
        target_id: None,
    }
}

/// Asks while so many requests arrive a second late by the local clock, the acknowledgement first.
async fn asked_slowly(stage: &Stage, asked: Invoke, requests: u32) {
    let slow = Fault::Slow {
        ms: 1000,
        requests: Some(requests),
    };
    stage.discord.fault(slow).await;
    stage.discord.command(asked).await.unwrap();
    until("the acknowledgement is on its way", || stage.discord.held() == 1).await;
}

/// Asks, and has the answer arrive after the end of its token: it goes elsewhere.
async fn answered_too_late(stage: &Stage, asked: Invoke) {
    asked_slowly(stage, asked, 2).await;
    stage.advance(1000);
    until("it was acknowledged", || replies(stage) == 1).await;
    until("the answer is on its way", || stage.discord.held() == 1).await;
    stage.advance(16 * 60 * 1000);
    until("it was answered elsewhere", || replies(stage) == 2).await;
}

/// A local Discord at an address that another one has just left.
async fn started_at(listen: SocketAddr) -> Discord {
    let starting = async {
        loop {
            let settings = Settings { listen, ..local() };
            match Discord::start(settings).await {
                Ok(discord) => return discord,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let started = tokio::time::timeout(Duration::from_secs(60), starting).await;
    started.expect("the address is never free again")
}

async fn resumes_after(fault: Fault) {
    let mut stage = stage("").await;
    let (identifies, resumes) = (stage.discord.identifies(), stage.discord.resumes());
    stage.discord.fault(fault).await;
    // Said while nobody listens: Discord replays it into the resumed session.
    answers_once(&mut stage).await;
    until("resumed", || stage.discord.resumes() > resumes).await;
    assert_eq!(
        stage.discord.identifies(),
        identifies,
        "a session was thrown away"
    );
    answers_once(&mut stage).await;
    close(stage).await;
}

async fn comes_back_after(fault: Fault, settings: &str) {
    let local = Settings {
        heartbeat_interval_ms: 200,
        ..local()
    };
    let mut stage = stage_on(local, settings).await;
    let identifies = stage.discord.identifies();
    stage.discord.fault(fault).await;
    until("a new session", || stage.discord.identifies() > identifies).await;
    until("ready again", || {
        stage.discord.is_online() && stage.app().unwrap().is_online()
    })
    .await;
    answers_once(&mut stage).await;
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_resumed_and_nothing_is_lost() {
    resumes_after(Fault::Drop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_keeps_the_session_is_resumed() {
    resumes_after(Fault::Close { code: Some(4000) }).await;
    resumes_after(Fault::Close { code: Some(1001) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_reconnect_is_followed() {
    resumes_after(Fault::Op7).await;
    resumes_after(Fault::Op9 { resumable: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_gone_is_replaced() {
    comes_back_after(Fault::Op9 { resumable: false }, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_timed_out_is_replaced() {
    comes_back_after(Fault::Close { code: Some(4009) }, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_without_a_code_does_not_leave_it_deaf() {
    comes_back_after(Fault::Close { code: None }, "[discord]\ndeaf_after_seconds = 1\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_loses_every_session_is_not_stormed() {
    let stage = stage("").await;
    let before = stage.app().unwrap().metrics.rebuilds();
    for lost in 1..=3 {
        let identifies = stage.discord.identifies();
        stage.discord.fault(Fault::Close { code: Some(4009) }).await;
        until("a new session", || stage.discord.identifies() > identifies).await;
        until("ready", || stage.app().unwrap().metrics.greetings() > lost).await;
    }
    // The fourth session of one client is its last: the next begins after a pause.
    until("a client of its own", || {
        stage.app().unwrap().metrics.rebuilds() > before
    })
    .await;
    until("ready again", || {
        stage.discord.is_online() && stage.app().unwrap().is_online()
    })
    .await;
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_ends_it_with_the_reason() {
    for (code, token) in [(4004, true), (4013, false), (4014, false)] {
        let mut stage = stage("").await;
        stage.discord.fault(Fault::Close { code: Some(code) }).await;
        let ended = stage.bot_ended().await.unwrap_err();
        let rejected = ended.downcast_ref::<Rejected>();
        assert_eq!(
            matches!(rejected, Some(Rejected::Token)),
            token,
            "{code}: {ended:#}"
        );
        assert!(rejected.is_some(), "{code}: {ended:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_before_the_gateway_ends_it_with_the_reason() {
    let mut stage = unready(local(), "").await;
    stage
        .discord
        .fault(Fault::Status {
            status: 401,
            requests: None,
            processed: false,
            retry_after_ms: None,
        })
        .await;
    stage.launch().await.unwrap();
    let ended = stage.bot_ended().await.unwrap_err();
    assert!(
        matches!(ended.downcast_ref::<Rejected>(), Some(Rejected::Token)),
        "{ended:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_is_not_allowed_ends_it_with_the_reason() {
    let local = Settings {
        privileged_intents: 0,
        ..local()
    };
    let mut stage = unready(local, "[channels.ask]\nunasked = true\n").await;
    stage.launch().await.unwrap();
    let ended = stage.bot_ended().await.unwrap_err();
    assert!(
        matches!(ended.downcast_ref::<Rejected>(), Some(Rejected::Intents)),
        "{ended:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_cannot_be_asked_for_is_asked_for_again() {
    let mut stage = unready(local(), "").await;
    stage
        .discord
        .fault(Fault::Status {
            status: 503,
            requests: Some(2),
            processed: false,
            retry_after_ms: None,
        })
        .await;
    stage.start_bot().await.unwrap();
    // Nothing was asked of any other gateway: the session is here.
    assert_eq!(stage.discord.identifies(), 1);
    answers_once(&mut stage).await;
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_waited_out() {
    let mut stage = stage("").await;
    stage
        .discord
        .fault(Fault::Status {
            status: 429,
            requests: Some(1),
            processed: false,
            retry_after_ms: Some(1000),
        })
        .await;
    answers_once(&mut stage).await;
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_soon_is_sent_as_often_as_it_takes() {
    let stage = stage("").await;
    asked_slowly(&stage, invoke("节点反复重启怎么办"), 1).await;
    // As often as a server error is tried: waited out as Discord says, that is not the end.
    stage
        .discord
        .fault(Fault::Status {
            status: 429,
            requests: Some(4),
            processed: false,
            retry_after_ms: Some(1000),
        })
        .await;
    stage.advance(1000);
    stage.quiet().await.unwrap();
    assert_eq!(replies(&stage), 1);
    let seen = stage.discord.messages_seen_by("lin").unwrap();
    let last = seen.last().unwrap();
    assert_eq!(last["embeds"][0]["title"], "节点反复重启怎么办？", "{last}");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_on_its_way_is_not_sent_twice() {
    let mut stage = stage("").await;
    let lost = || Fault::Status {
        status: 502,
        requests: Some(1),
        processed: true,
        retry_after_ms: None,
    };
    // A message, whose nonce makes the second attempt nothing new.
    stage.discord.fault(lost()).await;
    answers_once(&mut stage).await;
    // An acknowledgement, whose second attempt is told that it was acknowledged.
    stage.discord.fault(lost()).await;
    let before = replies(&stage);
    stage.discord.command(invoke("节点反复重启怎么办")).await.unwrap();
    stage.quiet().await.unwrap();
    assert_eq!(replies(&stage), before + 1);
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_acknowledged_is_not_acted_on() {
    let mut stage = stage("").await;
    stage
        .discord
        .fault(Fault::Slow {
            ms: 4000,
            requests: Some(1),
        })
        .await;
    let journal = stage.discord.journal_since(0).len();
    stage.discord.command(invoke("节点反复重启怎么办")).await.unwrap();
    until("the acknowledgement is on its way", || stage.discord.held() == 1).await;
    stage.advance(4000);
    stage.quiet().await.unwrap();
    let seen = stage.discord.journal_since(journal);
    assert!(matches!(seen.as_slice(), [Entry::Failed { .. }]), "{seen:?}");
    answers_once(&mut stage).await;
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_too_late_for_its_token_goes_to_the_channel() {
    let stage = stage("").await;
    answered_too_late(&stage, invoke("节点反复重启怎么办")).await;
    let seen = stage.discord.messages_seen_by("lin").unwrap();
    let last = seen.last().unwrap();
    assert_eq!(last["embeds"][0]["title"], "节点反复重启怎么办？", "{last}");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_answer_too_late_for_its_token_goes_to_a_direct_message() {
    let stage = stage("").await;
    let mut asked = invoke("节点反复重启怎么办");
    asked
        .options
        .push(json!({ "name": "private", "type": 5, "value": true }));
    answered_too_late(&stage, asked).await;
    let seen = stage.discord.messages_seen_by("lin").unwrap();
    let last = seen.last().unwrap();
    assert_eq!(last["embeds"][0]["title"], "节点反复重启怎么办？", "{last}");
    let others = stage.discord.messages_seen_by("olga").unwrap();
    assert!(others.iter().all(|message| message["id"] != last["id"]), "{last}");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_is_answered_each_once_in_whatever_order() {
    let stage = stage("").await;
    let resumes = stage.discord.resumes();
    stage.discord.fault(Fault::Drop).await;
    for _ in 0..3 {
        stage.discord.command(invoke("节点反复重启怎么办")).await.unwrap();
    }
    until("resumed", || stage.discord.resumes() > resumes).await;
    stage.quiet().await.unwrap();
    let seen = stage.discord.messages_seen_by("lin").unwrap();
    let asked: HashSet<&str> = seen
        .iter()
        .filter(|message| message["embeds"][0]["title"] == "节点反复重启怎么办？")
        .filter_map(|message| message["interaction_metadata"]["id"].as_str())
        .collect();
    assert_eq!((replies(&stage), asked.len()), (3, 3), "{seen:#?}");
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_started_anew_is_found_again() {
    let first = Discord::start(local()).await.unwrap();
    let (address, url) = (first.page_url(), first.plain_url());
    let listen = url.strip_prefix("http://").unwrap().parse().unwrap();
    let endpoint = Endpoint::Other(url);
    let token = Token::new(first.token());
    // How its connections end is the system's choice; without a code only the watchdog notices.
    let soon = "[discord]\ndeaf_after_seconds = 2\n".to_owned();
    let config = local_config(&first, Path::new("outage"), &[soon]).unwrap();
    let app = Arc::new(App::open(config, Clock::system()).await.unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(firstmate::run(Arc::clone(&app), endpoint, token, None, async {
        let _ = stopped.await;
    }));
    until("connected", || app.is_online()).await;
    drop(first);
    until("it is noticed", || !app.is_online()).await;

    let second = started_at(listen).await;
    assert_eq!(second.page_url(), address);
    until("a new session", || app.is_online()).await;
    let asked = Say {
        person: "lin".to_owned(),
        channel: "ops".to_owned(),
        content: format!("<@{}> 节点反复重启怎么办", second.bot_id()),
        ..Say::default()
    };
    second.say(asked).await.unwrap();
    let answered = |discord: &Discord| {
        let seen = discord.messages_seen_by("lin").unwrap();
        seen.iter()
            .any(|message| message["embeds"][0]["title"].is_string())
    };
    until("it is answered", || answered(&second)).await;
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_is_counted_and_said() {
    let mut stage = stage("").await;
    stage.discord.fault(Fault::Unparsable { requests: Some(1) }).await;
    stage.discord.command(invoke("节点反复重启怎么办")).await.unwrap();
    let app = stage.app().unwrap();
    until("it was counted", || app.metrics.unreadable_events() == 1).await;
    until("it was said", || {
        stage
            .warnings()
            .iter()
            .any(|line| line.contains("INTERACTION_CREATE"))
    })
    .await;
    stage.advance(3000);
    answers_once(&mut stage).await;
    close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_was_begun() {
    let mut stage = stage("").await;
    let before = replies(&stage);
    stage
        .discord
        .fault(Fault::Slow {
            ms: 1000,
            requests: Some(2),
        })
        .await;
    stage.discord.command(invoke("节点反复重启怎么办")).await.unwrap();
    until("the acknowledgement is on its way", || stage.discord.held() == 1).await;
    let discord = stage.discord.clone();
    let journal = discord.journal_since(0).len();
    let (stopped, ()) = tokio::join!(stage.stop_bot(), async {
        until("the gateway was left", || !discord.is_online()).await;
        discord.advance(1000);
        until("it was acknowledged", || {
            discord.journal_since(journal).len() == 1
        })
        .await;
        until("the answer is on its way", || discord.held() == 1).await;
        discord.advance(1000);
    });
    stopped.unwrap();
    assert_eq!(replies(&stage), before + 1);
    let seen = stage.discord.messages_seen_by("lin").unwrap();
    assert_eq!(seen.last().unwrap()["embeds"][0]["title"], "节点反复重启怎么办？");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_cannot_be_served_is_named_and_the_others_go_on() {
    let mut stage = unready(
        local(),
        "[channels.gone]\nid = \"1\"\nunasked = true\n[channels.ask]\nunasked = true\n",
    )
    .await;
    let lacking = ["Send Messages in Threads", "Embed Links", "Attach Files"];
    for permission in lacking {
        stage.discord.permit("ops", permission, false).await.unwrap();
    }
    stage.start_bot().await.unwrap();
    let warnings = stage.warnings().join("\n");
    assert!(warnings.contains("channel gone"), "{warnings}");
    let named = format!("channel ops: permissions are missing: {};", lacking.join(", "));
    assert!(warnings.contains(&named), "{warnings}");
    let seen = play(&mut stage, "lin (#ask): 节点反复重启怎么办？").await;
    assert!(seen.contains("匹配度高"), "{seen}");
    stage.stop_bot().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_names_each_permission_that_a_channel_lacks() {
    let discord = Discord::start(local()).await.unwrap();
    let endpoint = Endpoint::Local {
        address: discord.tls_addr(),
        certificate: discord.ca_der(),
    };
    let mut config = local_config(&discord, Path::new("permissions"), &[]).unwrap();
    config.discord.token = Some(Token::new(discord.token()));
    config.knowledge.bundled = false;
    for (_, permission) in NEEDED {
        discord.permit("ops", permission, false).await.unwrap();
        let report = doctor::check(&config, None, &endpoint, Lang::En).await.unwrap();
        let of = |channel: &str| {
            let what = format!("channel {channel}");
            report.checks.iter().find(|it| it.what == what).unwrap()
        };
        let ops = of("ops");
        let is_named = ops.detail.contains(permission) || *permission == "View Channel";
        assert!(!ops.ok && is_named, "{permission}: {}", ops.detail);
        assert!(of("ask").ok, "{}", of("ask").detail);
        discord.permit("ops", permission, true).await.unwrap();
    }
}
