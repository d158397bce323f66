//! The settings: one file, single values overridden by the environment, every fault reported at once.
//!
//! `firstmate.example.toml` shows each setting with its default; a test keeps the two equal.
//! Crate `config` merges file and environment; it stops at the first fault, so the merged value is
//! checked here. Secrets come from the environment or from a file of their own.

mod access;
mod change;
mod read;
mod store;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use firstmate_kb::Lang;

pub use access::{ALL_CHECKS, Allowed, Cluster, Group, Kubeconfig, Person};
pub use change::{Changes, Crowd, Policy};
use read::Reader;
pub use read::{Fault, Faults, Kind, What, nearest_setting};
pub use store::{Store, StoreUrl};

/// What separates the parts of a key in an environment variable: `FIRSTMATE_DISCORD__TOKEN`.
const SEPARATOR: &str = "__";
/// What the bot's environment variables begin with.
const PREFIX: &str = "FIRSTMATE_";

/// Every setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The connection to Discord.
    pub discord: Discord,
    /// Channels by the name that the configuration gives them.
    pub channels: BTreeMap<String, Channel>,
    /// Who may do what, by Discord role.
    pub roles: Roles,
    /// The clusters, by name; the first is meant where none is named.
    pub clusters: BTreeMap<String, Cluster>,
    /// Whom people are in the clusters. Empty, as `groups`: reads run as the bot itself.
    pub people: BTreeMap<String, Person>,
    /// Which groups roles stand for in the clusters.
    pub groups: BTreeMap<String, Group>,
    /// Who may run which check, by its name.
    pub checks: BTreeMap<String, Allowed>,
    /// What holds for every change.
    pub changes: Changes,
    /// Who may ask for which change, and who must approve it.
    pub policies: BTreeMap<String, Policy>,
    /// Where the documents are.
    pub knowledge: Knowledge,
    /// Where requests and their audit are kept.
    pub store: Store,
    /// Where health and metrics are served; `None`: nowhere.
    pub health: Option<SocketAddr>,
    /// What is logged, in the words of `RUST_LOG`.
    pub log: String,
    /// Milliseconds that work under way may take to finish after a stop signal.
    pub grace: u64,
}

/// The connection to Discord.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Discord {
    /// The bot's token, and never anywhere else.
    pub token: Option<Token>,
    /// Another implementation of Discord's API, `http://HOST:PORT`; `None`: Discord itself.
    pub endpoint: Option<String>,
    /// Servers in which commands are registered; none: everywhere.
    pub guilds: Vec<u64>,
    /// The language of public texts where neither question nor channel says.
    pub language: Language,
    /// Milliseconds without a sign of life after which the client is built anew.
    pub deaf_after: u64,
}

/// A bot token. Shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The language of a place: a [`Lang`] with a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language(pub Lang);

/// What holds in one channel and in its threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The channel's id on Discord.
    pub id: u64,
    /// The language of public texts there.
    pub language: Option<Lang>,
    /// Answers without being asked, only when sure; needs the message-content intent.
    pub unasked: bool,
    /// The cluster that is meant there where none is named.
    pub cluster: Option<String>,
}

/// Who may do what, by ids of Discord roles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Who may ask; none: everybody.
    pub asker: Vec<u64>,
    /// Who may run checks; none: nobody.
    pub operator: Vec<u64>,
    /// Who may approve changes; none: nobody.
    pub approver: Vec<u64>,
    /// Who may write documents in chat; none: nobody.
    pub author: Vec<u64>,
    /// Who may approve them; none: nobody.
    pub reviewer: Vec<u64>,
}

/// Where the documents are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// The team's folders. Earlier ones outrank later ones, all outrank the bundled documents.
    pub folders: Vec<Folder>,
    /// Whether the documents that come with the program are used.
    pub bundled: bool,
    /// The base address of the bundled documents.
    pub bundled_link: Option<String>,
    /// Where the index is kept; `None`: beside the store's file, or in memory where there is none.
    pub index: Option<PathBuf>,
    /// Milliseconds between two looks for changed documents.
    pub refresh: u64,
    /// The channel, by its name in the configuration, to which gaps are posted once a week; `None`: nowhere.
    pub digest_channel: Option<String>,
    /// The team's own groups of words that mean the same.
    pub vocabulary: Option<PathBuf>,
}

/// A folder of Markdown documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// The base address of its documents.
    pub link: Option<String>,
}

/// One setting, as the example file and the reference show it.
#[derive(Debug)]
pub struct Setting {
    /// Its key; `*` stands for a name or a place in a list.
    pub key: &'static str,
    /// Its default as TOML.
    pub default: &'static str,
    /// What it is for, in English and in Chinese.
    pub about: (&'static str, &'static str),
}

/// Every setting there is, in the order of the example file.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    let before = |table: &str| {
        let at = BASE.iter().position(|setting| setting.key.starts_with(table));
        at.unwrap_or(BASE.len())
    };
    let (knowledge, health) = (before("knowledge."), before("health."));
    BASE[..knowledge]
        .iter()
        .chain(access::SETTINGS)
        .chain(change::SETTINGS)
        .chain(&BASE[knowledge..health])
        .chain(store::SETTINGS)
        .chain(&BASE[health..])
}

const BASE: &[Setting] = &[
    Setting {
        key: "discord.token",
        default: "\"\"",
        about: (
            "The bot's token. Better kept out of this file: set FIRSTMATE_DISCORD__TOKEN, or token_file.",
            "机器人令牌。最好不写在本文件里：用环境变量 FIRSTMATE_DISCORD__TOKEN，或下面的 token_file。",
        ),
    },
    Setting {
        key: "discord.token_file",
        default: "\"\"",
        about: ("A file that holds nothing but the token.", "只存放令牌的文件。"),
    },
    Setting {
        key: "discord.endpoint",
        default: "\"\"",
        about: (
            "Another implementation of Discord's API, such as \"http://127.0.0.1:3001\"; empty: Discord itself.",
            "其他实现了 Discord API 的服务，例如 \"http://127.0.0.1:3001\"；留空即 Discord 官方。",
        ),
    },
    Setting {
        key: "discord.guilds",
        default: "[]",
        about: (
            "Ids of the servers in which commands are registered, at once; empty: everywhere.",
            "注册命令的服务器 ID，立即生效；留空则在所有服务器注册。",
        ),
    },
    Setting {
        key: "discord.language",
        default: "\"en\"",
        about: (
            "\"en\" or \"zh\": the language where neither the question nor the channel says.",
            "\"en\" 或 \"zh\"：问题和频道都看不出语言时用哪种。",
        ),
    },
    Setting {
        key: "discord.deaf_after_seconds",
        default: "50",
        about: (
            "Seconds without a sign of life after which the connection is built anew (1 to 600).",
            "多少秒收不到任何消息就重建连接（1 到 600）。",
        ),
    },
    Setting {
        key: "channels.*.id",
        default: "\"\"",
        about: (
            "One table a channel, under a name of your choice: [channels.ops]. The channel's id, in quotes.",
            "每个频道一节，名字自取：[channels.ops]。频道 ID，加引号。",
        ),
    },
    Setting {
        key: "channels.*.language",
        default: "\"en\"",
        about: (
            "The channel's language, \"en\" or \"zh\".",
            "该频道的语言，\"en\" 或 \"zh\"。",
        ),
    },
    Setting {
        key: "channels.*.unasked",
        default: "false",
        about: (
            "Answer questions nobody asked the bot, only when sure. Needs the message-content intent.",
            "没人提到机器人时也回答，仅在把握大时。需要 message content intent。",
        ),
    },
    Setting {
        key: "channels.*.cluster",
        default: "\"\"",
        about: (
            "The cluster meant there where none is named, by its name in [clusters].",
            "在该频道没有指明集群时用哪个，写 [clusters] 里的名字。",
        ),
    },
    Setting {
        key: "roles.asker",
        default: "[]",
        about: (
            "Ids of the roles that may ask; empty: everybody.",
            "允许提问的身份组 ID；留空则所有人都可以。",
        ),
    },
    Setting {
        key: "roles.author",
        default: "[]",
        about: (
            "Ids of the roles that may write documents in chat (/kb add, edit, retire); empty: nobody.",
            "允许在聊天中编写文档的身份组 ID（/知识库 添加、修改、停用）；留空则没有人可以。",
        ),
    },
    Setting {
        key: "roles.reviewer",
        default: "[]",
        about: (
            "Ids of the roles that may approve such documents; nobody approves their own; empty: nobody.",
            "允许审阅这些文档的身份组 ID；不能审阅自己提交的；留空则没有人可以。",
        ),
    },
    Setting {
        key: "knowledge.bundled",
        default: "true",
        about: (
            "Use the documents that come with First Mate.",
            "使用随程序附带的文档。",
        ),
    },
    Setting {
        key: "knowledge.bundled_link",
        default: "\"\"",
        about: (
            "Base address of the bundled documents, for links to the source.",
            "自带文档的网址前缀，用于“来源”链接。",
        ),
    },
    Setting {
        key: "knowledge.index",
        default: "\"\"",
        about: (
            "A folder to keep the index in, from which a start reads only what has changed; empty: beside the store's file, or in memory where the store has none.",
            "索引存放目录，重启时只读改过的文件；留空则放在存储文件旁边，存储不是文件时放在内存里。",
        ),
    },
    Setting {
        key: "knowledge.refresh_seconds",
        default: "5",
        about: (
            "Seconds between two looks for changed documents (1 to 86400).",
            "每隔多少秒检查一次文档改动（1 到 86400）。",
        ),
    },
    Setting {
        key: "knowledge.digest_channel",
        default: "\"\"",
        about: (
            "The channel, by its name in [channels], to which questions that the documents do not answer are posted once a week; empty: nowhere.",
            "每周把未收录的问题发到哪个频道，写 [channels] 里的名字；留空则不发。",
        ),
    },
    Setting {
        key: "knowledge.vocabulary",
        default: "\"\"",
        about: (
            "A file of your team's own words, beside this file unless it is absolute: words that mean the same on one line, divided by a bar or a tab. Read at the start.",
            "团队自有词汇表文件（相对路径以本文件所在目录为准）：一行一组同义词，用竖线或制表符分隔；启动时读取。",
        ),
    },
    Setting {
        key: "knowledge.folders.*.path",
        default: "\"\"",
        about: (
            "One [[knowledge.folders]] a folder of your team's documents, the most important first.",
            "每个团队文档目录一节 [[knowledge.folders]]，越靠前越优先。",
        ),
    },
    Setting {
        key: "knowledge.folders.*.link",
        default: "\"\"",
        about: ("Base address of these documents.", "这些文档的网址前缀。"),
    },
    Setting {
        key: "health.listen",
        default: "\"127.0.0.1:9187\"",
        about: (
            "Where /healthz, /readyz and /metrics are served; empty: nowhere.",
            "/healthz、/readyz、/metrics 的监听地址；留空则不监听。",
        ),
    },
    Setting {
        key: "log.level",
        default: "\"info\"",
        about: (
            "error, warn, info, debug or trace.",
            "error、warn、info、debug 或 trace。",
        ),
    },
    Setting {
        key: "shutdown.grace_seconds",
        default: "20",
        about: (
            "Seconds that work under way may take after a stop signal (0 to 600).",
            "收到停止信号后，正在处理的工作最多再做多少秒（0 到 600）。",
        ),
    },
];

/// The process's environment, of which nothing but the bot's own names is kept.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .filter(|(name, _)| name.contains(SEPARATOR) || read::meant_by(name).is_some())
        .collect()
}

/// The language of the person at the terminal, by the usual variables of the locale.
pub fn terminal_language() -> Lang {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let set = names
        .iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty());
    let is_chinese = set.is_some_and(|value| value.to_string_lossy().starts_with("zh"));
    if is_chinese { Lang::Zh } else { Lang::En }
}

impl Config {
    /// Reads `file` and lays `environment` over it. `None`: the defaults and the environment alone.
    ///
    /// # Errors
    /// Every fault there is, each with file and key.
    pub fn load(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, Faults> {
        Self::parse(file.unwrap_or(Path::new("")), &Self::text(file)?, environment)
    }

    /// The same to run the bot by, with its token: that there is none is a fault as well.
    ///
    /// # Errors
    /// Every fault there is, each with file and key.
    pub fn load_to_run(
        file: Option<&Path>,
        environment: &BTreeMap<String, String>,
    ) -> Result<(Self, Token), Faults> {
        let text = Self::text(file)?;
        let mut reader = Reader::new(file.unwrap_or(Path::new("")), &[&text], environment)?;
        let config = Self::read(&mut reader);
        let token = config.discord.token.clone().unwrap_or_else(|| {
            reader.no_token();
            Token(String::new())
        });
        reader.finish((config, token))
    }

    /// What stands in `file`; nothing where there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn text(file: Option<&Path>) -> Result<String, Faults> {
        let Some(path) = file else {
            return Ok(String::new());
        };
        std::fs::read_to_string(path)
            .map_err(|error| Faults::one(path, "", What::Unreadable(error.to_string())))
    }

    /// The settings in `text`, which stands in `file`.
    ///
    /// # Errors
    /// Every fault there is, each with file and key.
    pub fn parse(file: &Path, text: &str, environment: &BTreeMap<String, String>) -> Result<Self, Faults> {
        Self::layers(file, &[text], environment)
    }

    /// The settings of several texts, each laid over the ones before it.
    ///
    /// # Errors
    /// Every fault there is, each with `file`, the last text's, and key.
    pub fn layers(
        file: &Path,
        texts: &[&str],
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, Faults> {
        let mut reader = Reader::new(file, texts, environment)?;
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// The names of the people that `text`, which stands in `file`, maps.
    ///
    /// # Errors
    /// If it cannot be parsed.
    pub fn people_named(file: &Path, text: &str) -> Result<Vec<String>, Faults> {
        Ok(Reader::new(file, &[text], &BTreeMap::new())?.names("people"))
    }

    fn read(reader: &mut Reader) -> Self {
        Self {
            discord: Discord::read(reader),
            channels: channels(reader),
            roles: Roles {
                asker: reader.ids("roles.asker"),
                operator: reader.ids("roles.operator"),
                approver: reader.ids("roles.approver"),
                author: reader.ids("roles.author"),
                reviewer: reader.ids("roles.reviewer"),
            },
            clusters: access::clusters(reader),
            people: access::people(reader),
            groups: access::groups(reader),
            checks: access::checks(reader, &crate::check::names()),
            changes: change::changes(reader),
            policies: change::policies(reader),
            knowledge: Knowledge::read(reader),
            store: store::read(reader),
            health: reader.address("health.listen", "127.0.0.1:9187"),
            log: reader.one_of("log.level", &["info", "error", "warn", "debug", "trace"]),
            grace: reader.seconds("shutdown.grace_seconds", 20, 0..=600),
        }
    }
}

fn channels(reader: &mut Reader) -> BTreeMap<String, Channel> {
    let mut channels: BTreeMap<String, Channel> = BTreeMap::new();
    for name in reader.names("channels") {
        let Some((name, channel)) = Channel::read(reader, name) else {
            continue;
        };
        // Of two tables for one channel either could be the one that counts.
        match channels.iter().find(|(_, it)| it.id == channel.id) {
            Some((other, _)) => {
                let other = format!("channels.{other}.id");
                reader.fault(&format!("channels.{name}.id"), What::SameAs(other));
            }
            None => drop(channels.insert(name, channel)),
        }
    }
    channels
}

impl Discord {
    fn read(reader: &mut Reader) -> Self {
        let token = match reader.text("discord.token") {
            Some(token) => {
                // Both may be set: what the environment says is not the file's fault.
                reader.text("discord.token_file");
                reader.word("discord.token", token)
            }
            None => {
                let token = reader.file_content("discord.token_file");
                token.and_then(|token| reader.word("discord.token_file", token))
            }
        };
        let endpoint = reader.url("discord.endpoint");
        Self {
            token: token.map(Token),
            endpoint: endpoint.map(|url| url.trim_end_matches('/').to_owned()),
            guilds: reader.ids("discord.guilds"),
            language: Language(reader.lang("discord.language").unwrap_or(Lang::En)),
            deaf_after: reader.seconds("discord.deaf_after_seconds", 50, 1..=600),
        }
    }
}

impl Channel {
    fn read(reader: &mut Reader, name: String) -> Option<(String, Self)> {
        let key = |part: &str| format!("channels.{name}.{part}");
        let language = reader.lang(&key("language"));
        let unasked = reader.flag(&key("unasked"), false);
        let cluster = reader.name_of(&key("cluster"), "clusters");
        let id = reader.id(&key("id"))?;
        Some((
            name,
            Self {
                id,
                language,
                unasked,
                cluster,
            },
        ))
    }
}

impl Knowledge {
    fn read(reader: &mut Reader) -> Self {
        let count = reader.count("knowledge.folders");
        Self {
            folders: (0..count).filter_map(|at| Folder::read(reader, at)).collect(),
            bundled: reader.flag("knowledge.bundled", true),
            bundled_link: reader.url("knowledge.bundled_link"),
            index: reader.text("knowledge.index").map(PathBuf::from),
            refresh: reader.seconds("knowledge.refresh_seconds", 5, 1..=86_400),
            digest_channel: reader.name_of("knowledge.digest_channel", "channels"),
            vocabulary: reader
                .text("knowledge.vocabulary")
                .map(|path| reader.beside_the_file(&path)),
        }
    }
}

impl Folder {
    fn read(reader: &mut Reader, at: usize) -> Option<Self> {
        let link = reader.url(&format!("knowledge.folders.{at}.link"));
        let path = reader.required(&format!("knowledge.folders.{at}.path"))?;
        Some(Self {
            path: reader.beside_the_file(&path),
            link,
        })
    }
}

impl Token {
    /// A token from elsewhere than the configuration.
    pub fn new(token: &str) -> Self {
        Self(token.to_owned())
    }

    /// The token itself, for the connection alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Discord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Discord")
            .field("endpoint", &self.endpoint)
            .field("guilds", &self.guilds)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Default for Language {
    fn default() -> Self {
        Self(Lang::En)
    }
}

/// The example file: every setting with its default, explained in both languages.
pub fn example() -> String {
    let mut text = String::from(
        "# First Mate's settings. All are optional but the token. 除令牌外均可省略。\n\
         # A single value can be overridden by the environment: FIRSTMATE_DISCORD__LANGUAGE=zh\n",
    );
    let mut section = String::new();
    for setting in settings() {
        let (table, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        // A table that repeats cannot stand there with an empty id, so it is shown as a comment.
        let mark = if table.contains('*') { "# " } else { "" };
        if table != section {
            table.clone_into(&mut section);
            text.push_str(&format!("\n{mark}{}\n", heading(table)));
        }
        let (en, zh) = setting.about;
        text.push_str(&format!("# {en}\n# {zh}\n{mark}{name} = {}\n", setting.default));
    }
    text
}

fn heading(table: &str) -> String {
    match table {
        "knowledge.folders.*" => "[[knowledge.folders]]".to_owned(),
        _ => {
            let name = match table.split('.').next() {
                Some("clusters") => "prod",
                Some("people") => "ming",
                Some("groups") => "sre",
                Some("checks") => "pod-logs",
                Some("policies") => "prod",
                _ => "ops",
            };
            format!("[{}]", table.replace('*', name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_shows_the_defaults() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../firstmate.example.toml");
        expect_test::expect_file![path].assert_eq(&example());
        let read = Config::parse(Path::new("example"), &example(), &BTreeMap::new()).unwrap();
        assert_eq!(read, Config::parse(Path::new(""), "", &BTreeMap::new()).unwrap());
        // A copy of it, and the token where it belongs.
        let token = BTreeMap::from([("FIRSTMATE_DISCORD__TOKEN".to_owned(), "t0k".to_owned())]);
        let read = Config::parse(Path::new("example"), &example(), &token).unwrap();
        assert!(read.discord.token.is_some());
    }

    #[test]
    fn every_setting_of_the_example_can_be_set() {
        let text = example().replace("# [", "[").replace("# id = \"\"", "id = \"7\"");
        let text = text
            .replace("# language", "language")
            .replace("# unasked", "unasked");
        let text = text
            .replace("# path = \"\"", "path = \"docs\"")
            .replace("# user = \"\"", "user = \"ming\"")
            .replace("# group = \"\"", "group = \"sre\"")
            .replace("# role = \"\"", "role = \"8\"")
            .replace("# link", "link");
        let read = Config::parse(Path::new("/etc/f.toml"), &text, &BTreeMap::new()).unwrap();
        assert_eq!(
            read.channels["ops"],
            Channel {
                id: 7,
                language: Some(Lang::En),
                unasked: false,
                cluster: None,
            }
        );
        assert_eq!(
            read.knowledge.folders,
            [Folder {
                path: "/etc/docs".into(),
                link: None
            }]
        );
    }

    #[test]
    fn the_environment_overrides_single_values() {
        let environment = BTreeMap::from([
            ("FIRSTMATE_DISCORD__TOKEN".to_owned(), "t0k".to_owned()),
            ("FIRSTMATE_KNOWLEDGE__BUNDLED".to_owned(), "false".to_owned()),
            ("FIRSTMATE_CHANNELS__OPS__UNASKED".to_owned(), "true".to_owned()),
        ]);
        let read = Config::parse(Path::new("f"), "[channels.ops]\nid = \"5\"", &environment).unwrap();
        assert_eq!(read.discord.token, Some(Token::new("t0k")));
        assert!(!read.knowledge.bundled);
        assert!(read.channels["ops"].unasked);
    }

    #[test]
    fn a_variable_with_one_underscore_is_not_overlooked() {
        let environment = BTreeMap::from([("FIRSTMATE_DISCORD_TOKEN".to_owned(), "t0k".to_owned())]);
        let faults = Config::parse(Path::new("f"), "", &environment).unwrap_err();
        assert_eq!(faults.0.len(), 1);
        assert_eq!(
            (faults.0[0].key.as_str(), &faults.0[0].what),
            ("discord.token", &What::OneUnderscore)
        );
    }

    #[test]
    fn a_person_has_one_table_and_a_user_of_their_own() {
        let text = "[people.ming]\nid = \"5\"\nuser = \"ming\"\n[people.olga]\nid = \"5\"\nuser = \"olga\"";
        let faults = Config::parse(Path::new("f"), text, &BTreeMap::new()).unwrap_err();
        let found: Vec<_> = faults.0.iter().map(|it| (it.key.as_str(), &it.what)).collect();
        let other = read::What::SameAs("people.ming.id".to_owned());
        assert_eq!(found, [("people.olga.id", &other)]);
        let text = text.replace("5\"\nuser = \"olga", "6\"\nuser = \"ming");
        let faults = Config::parse(Path::new("f"), &text, &BTreeMap::new()).unwrap_err();
        let found: Vec<_> = faults.0.iter().map(|it| (it.key.as_str(), &it.what)).collect();
        let other = read::What::SameAs("people.ming.user".to_owned());
        assert_eq!(found, [("people.olga.user", &other)]);
    }

    #[test]
    fn a_channel_has_one_table() {
        let text = "[channels.ops]\nid = \"5\"\n[channels.alarms]\nid = \"5\"\nunasked = true";
        let faults = Config::parse(Path::new("f"), text, &BTreeMap::new()).unwrap_err();
        let found: Vec<_> = faults.0.iter().map(|it| (it.key.as_str(), &it.what)).collect();
        let other = read::What::SameAs("channels.alarms.id".to_owned());
        assert_eq!(found, [("channels.ops.id", &other)]);
    }

    #[test]
    fn an_empty_list_is_no_table() {
        let faults = Config::parse(Path::new("f"), "discord = []", &BTreeMap::new()).unwrap_err();
        assert_eq!(faults.0[0].key, "discord");
        assert!(Config::parse(Path::new("f"), "knowledge.folders = []", &BTreeMap::new()).is_ok());
    }

    #[test]
    fn a_number_without_end_is_named_by_its_key() {
        let text = "[discord]\nlanguage = \"zh\"\ndeaf_after_seconds = 99999999999999999999\n";
        let faults = Config::parse(Path::new("f"), text, &BTreeMap::new()).unwrap_err();
        assert_eq!(faults.0[0].key, "discord.deaf_after_seconds");
        let faults = Config::parse(Path::new("f"), "[discord]\nt0ken\n", &BTreeMap::new()).unwrap_err();
        assert_eq!(faults.0[0].key, "");
    }

    #[test]
    fn a_token_is_never_printed() {
        let config = Config {
            discord: Discord {
                token: Some(Token::new("secret")),
                ..Discord::default()
            },
            ..Config::default()
        };
        assert!(!format!("{config:?}").contains("secret"));
    }
}
