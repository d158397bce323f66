//! Reads settings out of the merged value, and remembers every fault and every key it has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use firstmate_kb::Lang;
use serde_json::Value;

use super::{PREFIX, SEPARATOR, settings};

/// One thing that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file it stands in, or the name of the environment variable.
    pub place: String,
    /// The key, dotted; empty: the file as a whole.
    pub key: String,
    /// What is wrong.
    pub what: What,
}

/// What can be wrong with a setting. The sentences are in `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The file cannot be read, with the system's words.
    Unreadable(String),
    /// The file is no TOML, with the parser's words.
    Malformed(String),
    /// There is no such setting.
    Unknown,
    /// It must be given.
    Missing,
    /// Nothing says what the bot's token is.
    NoToken,
    /// It is of the wrong kind; what is wanted.
    Wanted(Kind),
    /// It is a number outside of these bounds.
    OutOfRange(u64, u64),
    /// It is none of these.
    NoneOf(Vec<String>),
    /// It is what stands under this key already.
    SameAs(String),
    /// An environment variable with one underscore where two belong.
    OneUnderscore,
}

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text in quotes.
    Text,
    /// A text without white space.
    Word,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// An id of Discord: digits, in quotes.
    Id,
    /// A list of ids.
    Ids,
    /// `HOST:PORT`.
    Address,
    /// `http://…` or `https://…`.
    Url,
    /// A table.
    Table,
    /// A list of tables.
    Tables,
    /// A name of ours: it goes into the ids of buttons.
    Name,
    /// A list of texts.
    Texts,
    /// The URL of a database of a kind that we know.
    Store,
}

/// Every fault of a configuration; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("faults in the settings: {}", .0.len())]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// A single fault.
    pub fn one(file: &Path, key: &str, what: What) -> Self {
        Self(vec![Fault {
            place: file.display().to_string(),
            key: key.to_owned(),
            what,
        }])
    }
}

/// The merged settings, being read.
pub(super) struct Reader {
    file: PathBuf,
    root: Value,
    /// Which keys came from which environment variable.
    overridden: BTreeMap<String, String>,
    seen: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(
        file: &Path,
        texts: &[&str],
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, Faults> {
        let overridden: BTreeMap<String, String> = environment
            .keys()
            .filter(|name| name.contains(SEPARATOR))
            .map(|name| (key_of(name), name.clone()))
            .collect();
        let variables = config::Environment::with_prefix("FIRSTMATE")
            .prefix_separator("_")
            .separator(SEPARATOR)
            .source(Some(
                environment
                    .clone()
                    .into_iter()
                    .filter(|(name, _)| name.contains(SEPARATOR))
                    .collect(),
            ));
        let files = texts
            .iter()
            .map(|text| config::File::from_str(text, config::FileFormat::Toml));
        let merged = files
            .fold(config::Config::builder(), |builder, file| {
                builder.add_source(file)
            })
            .add_source(variables)
            .build()
            .and_then(config::Config::try_deserialize::<Value>)
            .map_err(|error| malformed(file, texts, &error.to_string()))?;
        let mut reader = Self {
            file: file.to_owned(),
            root: merged,
            overridden,
            seen: BTreeSet::new(),
            faults: Vec::new(),
        };
        for name in environment.keys().filter(|name| !name.contains(SEPARATOR)) {
            reader.faults.push(Fault {
                place: name.clone(),
                key: meant_by(name).unwrap_or_default().to_owned(),
                what: What::OneUnderscore,
            });
        }
        Ok(reader)
    }

    /// The result, unless something was wrong; keys that nobody asked for are.
    pub(super) fn finish<T>(mut self, result: T) -> Result<T, Faults> {
        let mut unknown = Vec::new();
        self.find_unknown("", &self.root, &mut unknown);
        // Crate `config` keeps tables in no order; the same faults are told in the same order.
        unknown.sort();
        for key in unknown {
            self.fault(&key, What::Unknown);
        }
        if self.faults.is_empty() {
            Ok(result)
        } else {
            Err(Faults(self.faults))
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text),
            _ => self.wanted(key, Kind::Text),
        }
    }

    pub(super) fn required(&mut self, key: &str) -> Option<String> {
        let faults = self.faults.len();
        let text = self.text(key);
        if text.is_none() && self.faults.len() == faults {
            self.fault(key, What::Missing);
        }
        text
    }

    /// A fault that there is no token, unless what stands in its place is one already.
    pub(super) fn no_token(&mut self) {
        let is_told = |fault: &Fault| fault.key.starts_with("discord.token");
        if !self.faults.iter().any(is_told) {
            self.fault("discord.token", What::NoToken);
        }
    }

    /// The content of the file that the setting names, without the white space round it.
    pub(super) fn file_content(&mut self, key: &str) -> Option<String> {
        let path = self.text(key)?;
        match std::fs::read_to_string(self.beside_the_file(&path)) {
            Ok(content) if content.trim().is_empty() => {
                self.fault(key, What::Missing);
                None
            }
            Ok(content) => Some(content.trim().to_owned()),
            Err(error) => {
                self.fault(key, What::Unreadable(error.to_string()));
                None
            }
        }
    }

    /// A secret: one word, since it goes into a header.
    pub(super) fn word(&mut self, key: &str, text: String) -> Option<String> {
        let is_word = !text.chars().any(|it| it.is_whitespace() || it.is_control());
        if is_word {
            Some(text)
        } else {
            self.wanted(key, Kind::Word)
        }
    }

    /// A path as written in the file: relative ones start where the file lies.
    pub(super) fn beside_the_file(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        let value = match self.take(key) {
            None => return default,
            Some(Value::Bool(value)) => Some(value),
            Some(Value::String(text)) if self.overridden.contains_key(key) => text.parse().ok(),
            Some(_) => None,
        };
        value.or_else(|| self.wanted(key, Kind::Flag)).unwrap_or(default)
    }

    /// A number of seconds, as milliseconds.
    pub(super) fn seconds(&mut self, key: &str, default: u64, bounds: RangeInclusive<u64>) -> u64 {
        self.whole(key, default, bounds) * 1000
    }

    /// A small number.
    pub(super) fn number(&mut self, key: &str, default: u8, bounds: RangeInclusive<u8>) -> usize {
        let bounds = u64::from(*bounds.start())..=u64::from(*bounds.end());
        let value = self.whole(key, default.into(), bounds);
        usize::try_from(value).unwrap_or(default.into())
    }

    fn whole(&mut self, key: &str, default: u64, bounds: RangeInclusive<u64>) -> u64 {
        let value = match self.take(key) {
            None => return default,
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) if self.overridden.contains_key(key) => text.parse().ok(),
            Some(_) => None,
        };
        match value {
            None => self.wanted::<u64>(key, Kind::Number).unwrap_or(default),
            Some(value) if bounds.contains(&value) => value,
            Some(_) => {
                self.fault(key, What::OutOfRange(*bounds.start(), *bounds.end()));
                default
            }
        }
    }

    pub(super) fn id(&mut self, key: &str) -> Option<u64> {
        let Some(value) = self.take(key) else {
            self.fault(key, What::Missing);
            return None;
        };
        id_of(&value).or_else(|| self.wanted(key, Kind::Id))
    }

    pub(super) fn ids(&mut self, key: &str) -> Vec<u64> {
        let ids = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items.iter().map(id_of).collect::<Option<Vec<u64>>>(),
            Some(_) => None,
        };
        ids.or_else(|| self.wanted(key, Kind::Ids)).unwrap_or_default()
    }

    /// Whether a table's name is one that fits into the id of a button; else it is a fault.
    pub(super) fn is_name(&mut self, table: &str, name: &str) -> bool {
        let is_name = (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
        if !is_name {
            self.wanted::<()>(&format!("{table}.{name}"), Kind::Name);
        }
        is_name
    }

    /// A list of names of tables in `table`.
    pub(super) fn names_of(&mut self, key: &str, table: &str) -> Vec<String> {
        let known = self.names(table);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.texts_of(key, &known)
    }

    /// A list of some of `known`.
    pub(super) fn texts_of(&mut self, key: &str, known: &[&str]) -> Vec<String> {
        let texts = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<String>>>(),
            Some(_) => None,
        };
        let texts = texts
            .or_else(|| self.wanted(key, Kind::Texts))
            .unwrap_or_default();
        if texts.iter().any(|text| !known.contains(&text.as_str())) {
            let known = known.iter().map(|name| (*name).to_owned()).collect();
            self.fault(key, What::NoneOf(known));
        }
        texts
    }

    /// The name of a table in `table`.
    pub(super) fn name_of(&mut self, key: &str, table: &str) -> Option<String> {
        let text = self.text(key)?;
        let known = self.names(table);
        if known.contains(&text) {
            return Some(text);
        }
        self.fault(key, What::NoneOf(known));
        None
    }

    /// The key must be one of `names`, and is not.
    pub(super) fn none_of(&mut self, key: &str, names: &[String]) {
        self.fault(key, What::NoneOf(names.to_vec()));
    }

    pub(super) fn lang(&mut self, key: &str) -> Option<Lang> {
        match self.text(key)?.as_str() {
            "en" => Some(Lang::En),
            "zh" => Some(Lang::Zh),
            _ => {
                self.fault(key, What::NoneOf(vec!["en".to_owned(), "zh".to_owned()]));
                None
            }
        }
    }

    /// One of `names`; the first is the default.
    pub(super) fn one_of(&mut self, key: &str, names: &[&str]) -> String {
        let default = names[0].to_owned();
        let Some(text) = self.text(key) else {
            return default;
        };
        if names.contains(&text.as_str()) {
            return text;
        }
        self.fault(
            key,
            What::NoneOf(names.iter().map(|name| (*name).to_owned()).collect()),
        );
        default
    }

    pub(super) fn address(&mut self, key: &str, default: &str) -> Option<SocketAddr> {
        let text = match self.take(key) {
            None => default.to_owned(),
            Some(Value::String(text)) if text.is_empty() => return None,
            Some(Value::String(text)) => text,
            Some(_) => return self.wanted(key, Kind::Address),
        };
        text.parse().ok().or_else(|| self.wanted(key, Kind::Address))
    }

    pub(super) fn url(&mut self, key: &str) -> Option<String> {
        let text = self.text(key)?;
        let is_url = url::Url::parse(&text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        if is_url {
            Some(text)
        } else {
            self.wanted(key, Kind::Url)
        }
    }

    /// The names of the tables in a table.
    pub(super) fn names(&mut self, key: &str) -> Vec<String> {
        let Some(tables) = self.get(key) else {
            return Vec::new();
        };
        let names = tables.as_object().map(|tables| {
            tables
                .iter()
                .map(|(name, table)| (name.clone(), table.is_object()))
                .collect()
        });
        let Some(names) = names.or_else(|| self.wanted::<Vec<(String, bool)>>(key, Kind::Table)) else {
            self.seen.insert(key.to_owned());
            return Vec::new();
        };
        let mut tables = Vec::new();
        let names: std::collections::BTreeMap<String, bool> = names.into_iter().collect();
        for (name, is_table) in names {
            let inner = format!("{key}.{name}");
            if is_table {
                tables.push(name);
            } else {
                self.seen.insert(inner.clone());
                self.wanted::<()>(&inner, Kind::Table);
            }
        }
        tables
    }

    /// How many tables stand in a list of tables.
    pub(super) fn count(&mut self, key: &str) -> usize {
        let Some(value) = self.get(key) else { return 0 };
        let tables = value
            .as_array()
            .filter(|items| items.iter().all(Value::is_object));
        let count = tables.map(Vec::len);
        if count == Some(0) {
            self.seen.insert(key.to_owned());
            return 0;
        }
        count
            .or_else(|| {
                self.seen.insert(key.to_owned());
                self.wanted(key, Kind::Tables)
            })
            .unwrap_or(0)
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.seen.insert(key.to_owned());
        self.get(key).cloned()
    }

    fn get(&self, key: &str) -> Option<&Value> {
        let value = key.split('.').try_fold(&self.root, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(part),
        });
        value.filter(|value| !value.is_null())
    }

    pub(super) fn wanted<T>(&mut self, key: &str, kind: Kind) -> Option<T> {
        self.fault(key, What::Wanted(kind));
        None
    }

    pub(super) fn fault(&mut self, key: &str, what: What) {
        let place = self
            .overridden
            .get(key)
            .cloned()
            .unwrap_or_else(|| self.file.display().to_string());
        self.faults.push(Fault {
            place,
            key: key.to_owned(),
            what,
        });
    }

    fn find_unknown(&self, key: &str, value: &Value, unknown: &mut Vec<String>) {
        if self.seen.contains(key) {
            return;
        }
        let below = |part: &str| {
            if key.is_empty() {
                part.to_owned()
            } else {
                format!("{key}.{part}")
            }
        };
        match value {
            Value::Object(table) => table
                .iter()
                .for_each(|(name, value)| self.find_unknown(&below(name), value, unknown)),
            Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(at, value)| self.find_unknown(&below(&at.to_string()), value, unknown));
            }
            _ => unknown.push(key.to_owned()),
        }
    }
}

/// A setting's name close to `key`, for "did you mean".
pub fn nearest_setting(key: &str) -> Option<&'static str> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let wanted = last(key);
    let distance = |setting: &&super::Setting| strsim::levenshtein(&last(setting.key), &wanted);
    let nearest = settings().min_by_key(distance)?;
    (distance(&nearest) <= 2).then_some(nearest.key)
}

/// The file is no TOML, and at which key, if that can be told: parsers know lines only.
fn malformed(file: &Path, texts: &[&str], error: &str) -> Faults {
    let is_bad = |text: &&&str| {
        let source = config::File::from_str(text, config::FileFormat::Toml);
        config::Config::builder().add_source(source).build().is_err()
    };
    let line = error.split_once("at line ").and_then(|(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    let bad = texts.iter().find(is_bad);
    let key = bad.and_then(|text| key_at(text, line.or_else(|| large_number(text))?));
    Faults::one(
        file,
        &key.unwrap_or_default(),
        What::Malformed(without_excerpt(error)),
    )
}

/// The line, from 1, of the first whole number that is too large: the parser does not say where it is.
fn large_number(text: &str) -> Option<usize> {
    let is_large = |line: &str| {
        let value = line.split_once('=').map(|(_, value)| value);
        let value = value
            .and_then(|value| value.split('#').next())
            .unwrap_or_default();
        let digits = value.trim().replace('_', "");
        let digits = digits.trim_start_matches(['+', '-']);
        let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        is_number && digits.parse::<i64>().is_err()
    };
    text.lines().position(is_large).map(|at| at + 1)
}

/// The key that stands on a line, with the table it is in. Only one in plain letters: anything else may be a value.
fn key_at(text: &str, line: usize) -> Option<String> {
    let is_plain = |name: &str| {
        let is_letter = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.');
        !name.is_empty() && name.chars().all(is_letter)
    };
    let before: Vec<&str> = text.lines().take(line).map(str::trim).collect();
    let (name, _) = before.last()?.split_once('=')?;
    let name = Some(name.trim()).filter(|name| is_plain(name))?;
    let heading = before.iter().rev().find(|line| line.starts_with('['));
    let table = heading.map(|line| line.trim_matches(['[', ']']).trim());
    Some(match table.filter(|table| is_plain(table)) {
        Some(table) => format!("{table}.{name}"),
        None => name.to_owned(),
    })
}

/// A parser's words without the line of the file that it quotes: a token may stand there.
fn without_excerpt(error: &str) -> String {
    let is_excerpt = |line: &&str| {
        line.trim_start_matches(|it: char| it.is_ascii_digit() || it == ' ')
            .starts_with('|')
    };
    let kept: Vec<&str> = error
        .lines()
        .filter(|line| !is_excerpt(line) && !line.trim().is_empty())
        .collect();
    kept.join(": ")
}

/// The setting that an environment variable with one underscore was meant for.
pub(super) fn meant_by(variable: &str) -> Option<&'static str> {
    let name = variable.strip_prefix(PREFIX)?.to_lowercase();
    settings()
        .map(|setting| setting.key)
        .find(|key| key.replace('.', "_") == name)
}

/// The key that an environment variable overrides.
fn key_of(variable: &str) -> String {
    variable
        .trim_start_matches(PREFIX)
        .to_lowercase()
        .replace(SEPARATOR, ".")
}

/// Ids are written in quotes: a number of 64 bits does not survive every TOML editor.
fn id_of(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok().filter(|id| *id != 0),
        Value::Number(number) => number.as_u64().filter(|id| *id != 0),
        _ => None,
    }
}
