//! Which names of fields, variables, flags and headers hold a secret.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// How sure a name makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Whatever stands there is a secret: `db_password`.
    Sure,
    /// As sure, but in Kubernetes it is as often the name of an object: `secret`, `tokens`.
    OrName,
    /// Only something that looks like a secret is one: `secret_for_web`.
    IfRandom,
}

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The kind of secret.
    pub(super) kind: &'static str,
    pub(super) certainty: Certainty,
}

/// The words of `data/names.txt`.
#[derive(Default)]
struct Words {
    ends: Vec<(&'static str, &'static str)>,
    whole: HashMap<&'static str, &'static str>,
    doubt: HashSet<&'static str>,
    about: HashSet<&'static str>,
    behind: HashSet<&'static str>,
    objects: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut lists = Words::default();
    for line in include_str!("data/names.txt").lines() {
        let mut words = line.split(' ');
        match words.next() {
            Some("end") => {
                let kind = words.next().unwrap_or_default();
                lists.ends.extend(words.map(|word| (word, kind)));
            }
            Some("whole") => {
                let kind = words.next().unwrap_or_default();
                lists.whole.extend(words.map(|word| (word, kind)));
            }
            Some("doubt") => lists.doubt.extend(words),
            Some("about") => lists.about.extend(words),
            Some("behind") => lists.behind.extend(words),
            Some("object") => lists.objects.extend(words),
            _ => {}
        }
    }
    lists
});

/// What `name` says of its value, if anything.
pub(super) fn look_up(name: &str) -> Option<Key> {
    let words = words(name);
    let mut end = words.len();
    let last = words.last()?.as_str();
    if WORDS.about.contains(last) && !is_whole(&words) {
        return about(&words);
    }
    while end > 1 && (WORDS.behind.contains(words[end - 1].as_str()) || is_number(&words[end - 1])) {
        end -= 1;
    }
    if let Some(kind) = ends_with_secret(&words[..end]) {
        let certainty = certainty(&words[..end], name);
        return Some(Key { kind, certainty });
    }
    let somewhere = (1..end).find_map(|end| ends_with_secret(&words[..end]));
    somewhere.map(|kind| Key {
        kind,
        certainty: Certainty::IfRandom,
    })
}

/// `access_key_id` identifies, but is worth hiding where it is no plain word; other names tell nothing.
fn about(words: &[String]) -> Option<Key> {
    let before = &words[..words.len() - 1];
    match words[words.len() - 1].as_str() {
        "id" | "hash" | "pem" => ends_with_secret(before)
            .filter(|kind| *kind != "session")
            .map(|kind| Key {
                kind,
                certainty: Certainty::IfRandom,
            }),
        _ => None,
    }
}

fn is_whole(words: &[String]) -> bool {
    words.len() >= 2 && words[words.len() - 2..] == ["session", "id"]
}

fn certainty(words: &[String], name: &str) -> Certainty {
    let last = words[words.len() - 1].as_str();
    let is_constant = name.bytes().all(|byte| !byte.is_ascii_lowercase());
    let before = words.len().checked_sub(2).map(|at| words[at].as_str());
    match last {
        "secret" if is_constant => Certainty::Sure,
        "secret" if before.is_none_or(|word| WORDS.objects.contains(word)) => Certainty::OrName,
        last if WORDS.doubt.contains(last) => Certainty::IfRandom,
        _ => Certainty::Sure,
    }
}

/// The kind of secret that the last words name, if they name one.
fn ends_with_secret(words: &[String]) -> Option<&'static str> {
    let last = words.last()?;
    if let Some(kind) = WORDS.whole.get(last.as_str()) {
        return Some(kind);
    }
    if let [.., before, id] = words
        && before == "session"
        && id == "id"
    {
        return Some("session");
    }
    // `secrets` and `tokens` are lists of names or numbers of things, never one value.
    let joined = words[words.len().saturating_sub(3)..].concat();
    let ends = WORDS.ends.iter().find(|(ending, _)| joined.ends_with(ending));
    ends.map(|(_, kind)| *kind)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a name, in small letters: parted by signs, by a capital letter, and before digits.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        let previous = at.checked_sub(1).map(|at| letters[at]);
        let next = letters.get(at + 1);
        let begins = letter.is_ascii_uppercase()
            && (previous.is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
                || (previous.is_some_and(|it| it.is_ascii_uppercase())
                    && next.is_some_and(char::is_ascii_lowercase)));
        let turns = letter.is_ascii_digit() && previous.is_some_and(|it| it.is_ascii_alphabetic());
        let parts = !letter.is_ascii_alphanumeric();
        if (begins || parts || (turns && !word.is_empty())) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !parts {
            word.push(letter.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    // `b64` and `sha256` are words.
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            Some(last) if is_number(&word) && matches!(last.as_str(), "b" | "base" | "sha") => {
                last.push_str(&word)
            }
            _ => joined.push(word),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let check = |names: &str, expected: Option<Certainty>| {
            for name in names.split(' ') {
                assert_eq!(look_up(name).map(|key| key.certainty), expected, "{name}");
            }
        };
        check(
            "password DB_PASSWORD dbPassword mysqlpwd password2 PASSWORD_1 PGPASSWORD",
            Some(Certainty::Sure),
        );
        check(
            "API_KEY apiKey x-api-key secretAccessKey AWS_SECRET_ACCESS_KEY",
            Some(Certainty::Sure),
        );
        check(
            "client_secret clientSecret JWT_SECRET SECRET token-secret",
            Some(Certainty::Sure),
        );
        check(
            "token authToken authtoken access_token DB_PASSWORD_PROD",
            Some(Certainty::Sure),
        );
        check(
            "client-key-data spring.datasource.password",
            Some(Certainty::Sure),
        );
        check(
            "secret imagePullSecret pull-secret tls-secret auth-secret",
            Some(Certainty::OrName),
        );
        check(
            "accessKeyId access_key_id secret_for_web password_hash",
            Some(Certainty::IfRandom),
        );
        check("JSESSIONID session_id", Some(Certainty::IfRandom));
        check(
            "secretName tokenExpirationSeconds secretKeyRef token_ttl passwordFile secrets",
            None,
        );
        check(
            "keyboard monkey author bypass compass passing tokenizer passwordless",
            None,
        );
        check(
            "max_tokens primary_key pod-template-hash authorization-mode",
            None,
        );
        check("certificate-authority-data client-certificate-data", None);
    }
}
