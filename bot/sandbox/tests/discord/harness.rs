//! A local Discord on a clock that stands still, and a small client for it. Whatever the local
//! Discord answers or sends is held against Discord's own document where that is at hand.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use firstmate_openapi::Document;
use firstmate_sandbox::discord::{Discord, Invoke, Opinion, Say, Settings};
use firstmate_sandbox::{Clock, START_MS};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::document;

pub(crate) const BOT: &str = "1300000000000000001";
pub(crate) const GUILD: &str = "1300000000000000002";
pub(crate) const OPS: &str = "1300000000000000301";
pub(crate) const LIN: &str = "1300000000000000201";
pub(crate) const LINS_DM: &str = "1300000000000000401";
pub(crate) const APPROVERS: &str = "1300000000000000103";

/// Intents without a privileged one.
pub(crate) const PLAIN: u64 = 1 | 1 << 9 | 1 << 12;
pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;

/// Settings for tests: time stands still, bodies are checked.
pub(crate) fn settings() -> Settings {
    Settings {
        clock: Clock::manual(START_MS),
        opinion: opinion(),
        ..Settings::default()
    }
}

/// What Discord's document says about bodies, where it is at hand; read once.
fn opinion() -> Option<Opinion> {
    static OPINION: OnceLock<Option<Opinion>> = OnceLock::new();
    let load = || {
        let path = document::path();
        let document = path.exists().then(|| Document::load(&path).unwrap())?;
        Some(Opinion::new(move |method, path, body| {
            document.check(method, path, body)
        }))
    };
    OPINION.get_or_init(load).clone()
}

/// A fresh local Discord.
pub(crate) async fn discord() -> Discord {
    Discord::start(settings()).await.unwrap()
}

/// What comes within ten seconds, or the test fails.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("took too long")
}

/// A bot's side of a local Discord.
pub(crate) struct Bot {
    pub(crate) discord: Discord,
    pub(crate) gateway: Gateway,
    http: reqwest::Client,
}

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// The body of a good answer.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// Status and code of a refusal.
    #[track_caller]
    pub(crate) fn refused(&self) -> (u16, u64) {
        (self.status, self.body["code"].as_u64().expect("a code"))
    }
}

impl Bot {
    /// A local Discord with a bot that is connected without privileged intents.
    pub(crate) async fn start() -> Self {
        Self::on(discord().await, PLAIN).await
    }

    pub(crate) async fn on(discord: Discord, intents: u64) -> Self {
        let mut gateway = Gateway::connect(&discord).await;
        gateway.identify("Bot sandbox", intents).await;
        gateway.event("READY").await;
        gateway.event("GUILD_CREATE").await;
        Self {
            discord,
            gateway,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header("Authorization", "Bot sandbox");
        self.send(
            method,
            path,
            if body.is_null() {
                request
            } else {
                request.json(&body)
            },
        )
        .await
    }

    /// A request with files, named by `files[0]` and so on.
    pub(crate) async fn upload(
        &self,
        method: &str,
        path: &str,
        body: Value,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let mut form = reqwest::multipart::Form::new().text("payload_json", body.to_string());
        for (index, (name, bytes)) in files.iter().enumerate() {
            let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name((*name).to_owned());
            form = form.part(format!("files[{index}]"), part);
        }
        let request = self
            .request(method, path)
            .header("Authorization", "Bot sandbox")
            .multipart(form);
        self.send(method, path, request).await
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v10{path}", self.discord.plain_url());
        self.http.request(method.parse().unwrap(), url)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, request: reqwest::RequestBuilder) -> Answer {
        let response = within(request.send()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.json().await.unwrap_or(Value::Null);
        document::check_answer(method, path, status, &body);
        Answer {
            status,
            body,
            headers,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    /// Posts a message in a channel.
    pub(crate) async fn post(&self, channel: &str, body: Value) -> Answer {
        self.call("POST", &format!("/channels/{channel}/messages"), body)
            .await
    }

    /// Registers commands and takes in nothing else.
    pub(crate) async fn register(&self, commands: Value) {
        self.call("PUT", &format!("/applications/{BOT}/commands"), commands)
            .await
            .good();
    }

    /// Lin says something in #ops.
    pub(crate) async fn said(&self, content: &str) -> Value {
        self.discord.say(say("lin", "ops", content)).await.unwrap()
    }

    /// Registers `/ask`, has lin invoke it, and returns the interaction as the bot gets it.
    pub(crate) async fn asked(&mut self) -> Value {
        self.register(json!([{"name": "ask", "description": "Ask"}]))
            .await;
        self.discord
            .command(invoke("lin", "ops", "ask", json!([])))
            .await
            .unwrap();
        self.gateway.event("INTERACTION_CREATE").await
    }

    pub(crate) async fn answer(&self, interaction: &Value, body: Value) -> Answer {
        self.call("POST", &callback(interaction), body).await
    }

    pub(crate) async fn original(&self, method: &str, interaction: &Value, body: Value) -> Answer {
        self.call(method, &format!("{}/messages/@original", hook(interaction)), body)
            .await
    }

    pub(crate) async fn follow_up(&self, interaction: &Value, body: Value) -> Answer {
        self.call("POST", &hook(interaction), body).await
    }

    /// The content of a message by its number, as `lin` or anyone sees it.
    pub(crate) fn content(&self, number: u64) -> String {
        self.discord.message(number).unwrap()["content"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// How many messages somebody sees.
    pub(crate) fn seen_by(&self, person: &str) -> usize {
        self.discord.messages_seen_by(person).unwrap().len()
    }

    /// The control API, as a page uses it.
    pub(crate) async fn local(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/local/{path}", self.discord.plain_url());
        let request = if body.is_null() {
            self.http.get(url)
        } else {
            self.http.post(url).json(&body)
        };
        let response = within(request.send()).await.unwrap();
        (
            response.status().as_u16(),
            response.json().await.unwrap_or(Value::Null),
        )
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }
}

pub(crate) fn callback(interaction: &Value) -> String {
    format!(
        "/interactions/{}/{}/callback",
        text(&interaction["id"]),
        text(&interaction["token"])
    )
}

pub(crate) fn hook(interaction: &Value) -> String {
    format!("/webhooks/{BOT}/{}", text(&interaction["token"]))
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub(crate) fn say(person: &str, channel: &str, content: &str) -> Say {
    Say {
        person: person.into(),
        channel: channel.into(),
        content: content.into(),
        ..Say::default()
    }
}

pub(crate) fn invoke(person: &str, channel: &str, name: &str, options: Value) -> Invoke {
    let invoke = json!({"person": person, "channel": channel, "name": name, "options": options});
    serde_json::from_value(invoke).unwrap()
}

/// A gateway connection that answers nothing by itself but requests for heartbeats.
pub(crate) struct Gateway {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) sequence: u64,
    pub(crate) session: String,
}

impl Gateway {
    /// Connects and takes in HELLO.
    pub(crate) async fn connect(discord: &Discord) -> Self {
        let (socket, _) = within(tokio_tungstenite::connect_async(discord.gateway_url()))
            .await
            .unwrap();
        let mut gateway = Self {
            socket,
            sequence: 0,
            session: String::new(),
        };
        let hello = gateway.next().await;
        assert_eq!(hello["op"], 10, "{hello}");
        gateway
    }

    pub(crate) async fn send(&mut self, payload: Value) {
        self.socket
            .send(Message::text(payload.to_string()))
            .await
            .unwrap();
    }

    pub(crate) async fn identify(&mut self, token: &str, intents: u64) {
        let properties = json!({"os": "x", "browser": "x", "device": "x"});
        let data = json!({"token": token, "intents": intents, "properties": properties, "shard": [0, 1]});
        self.send(json!({"op": 2, "d": data})).await;
    }

    pub(crate) async fn resume(&mut self, session: &str, sequence: u64) {
        let data = json!({"token": "Bot sandbox", "session_id": session, "seq": sequence});
        self.send(json!({"op": 6, "d": data})).await;
    }

    /// The next payload, or `{"close": code}`.
    pub(crate) async fn next(&mut self) -> Value {
        let payload = match within(self.socket.next()).await {
            Some(Ok(Message::Text(text))) => serde_json::from_str::<Value>(text.as_str()).unwrap(),
            Some(Ok(Message::Close(Some(frame)))) => return json!({"close": u16::from(frame.code)}),
            Some(Ok(Message::Close(None))) => return json!({"close": "without a code"}),
            None | Some(Err(_)) => return json!({"close": "dropped"}),
            Some(Ok(_)) => return Value::Null,
        };
        if let Some(sequence) = payload["s"].as_u64() {
            self.sequence = sequence;
        }
        if payload["op"] == 1 {
            let sequence = self.sequence;
            self.send(json!({"op": 1, "d": sequence})).await;
        }
        payload
    }

    /// The data of the next event of this name; others are passed over.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        loop {
            let payload = self.next().await;
            assert!(payload.get("close").is_none(), "{payload}");
            if let Some(event) = payload["t"].as_str() {
                document::check_event(event, &payload["d"]);
            }
            if payload["t"] == "READY" {
                text(&payload["d"]["session_id"]).clone_into(&mut self.session);
            }
            if payload["t"] == name {
                return payload["d"].clone();
            }
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(&mut self, code: u16) {
        let frame = CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
    }

    /// The code that the connection is closed with.
    pub(crate) async fn closed(&mut self) -> Value {
        loop {
            let payload = self.next().await;
            if let Some(code) = payload.get("close") {
                return code.clone();
            }
        }
    }
}
