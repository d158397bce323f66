//! Acting as somebody else: the headers, and who may use them. A server of 1.36 and later first tries the
//! constrained ways (both to be somebody and to do this as somebody has to be allowed), then the classic one.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;

use super::people::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, User};
use super::problem::Problem;
use super::rbac::{self, Attributes};
use super::store::Handle;

const AUTHENTICATION: &str = "authentication.k8s.io";
const EXTRA: &str = "impersonate-extra-";

/// Decides who may act as whom, and remembers whose last success was of the classic kind: what such a
/// user is refused is then said in the classic words.
#[derive(Debug, Default)]
pub(super) struct Impersonation {
    classic: Mutex<BTreeSet<String>>,
}

impl Impersonation {
    /// Who the request is to be treated as: the one who sends it, or the one it names.
    pub(super) fn effective(
        &self,
        store: &Handle,
        sender: User,
        headers: &HeaderMap,
        wanted: &Attributes,
        constrained: bool,
    ) -> Result<User, Problem> {
        let Some(target) = requested(headers)? else {
            return Ok(sender);
        };
        let mode = Mode::of(&target);
        let refused = match constrained {
            true => match may_constrained(store, &sender, &target, wanted, mode) {
                Ok(()) => {
                    self.classic().remove(&sender.name);
                    return Ok(completed(target, Some(mode)));
                }
                Err(refused) => Some(refused),
            },
            false => None,
        };
        match may_classic(store, &sender, &target) {
            Ok(()) => {
                self.classic().insert(sender.name);
                Ok(completed(target, None))
            }
            Err(classic) if self.classic().contains(&sender.name) => Err(classic),
            Err(classic) => Err(refused.unwrap_or(classic)),
        }
    }

    fn classic(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.classic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The kinds of constrained impersonation, by whom they make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    UserInfo,
    ServiceAccount,
    ArbitraryNode,
}

impl Mode {
    fn of(target: &User) -> Self {
        if target.name.starts_with("system:node:") {
            Self::ArbitraryNode
        } else if target.service_account().is_some() {
            Self::ServiceAccount
        } else {
            Self::UserInfo
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::UserInfo => "user-info",
            Self::ServiceAccount => "serviceaccount",
            Self::ArbitraryNode => "arbitrary-node",
        }
    }
}

/// Whom the headers name, if anybody.
fn requested(headers: &HeaderMap) -> Result<Option<User>, Problem> {
    let all = |name: &str| -> Vec<String> {
        let values = headers.get_all(name).into_iter();
        values
            .filter_map(|value| value.to_str().ok())
            .map(str::to_owned)
            .collect()
    };
    let one = |name: &str| all(name).into_iter().next().unwrap_or_default();
    let mut extra: Vec<(String, Vec<String>)> = Vec::new();
    for name in headers.keys().map(axum::http::HeaderName::as_str) {
        if let Some(key) = name.strip_prefix(EXTRA) {
            extra.push((percent_decoded(key), all(name)));
        }
    }
    let user = User {
        name: one("impersonate-user"),
        uid: one("impersonate-uid"),
        groups: all("impersonate-group"),
        extra,
    };
    if user == User::default() {
        return Ok(None);
    }
    if user.name.is_empty() {
        return Err(Problem::bad_request(format!(
            "requested {} without impersonating a user name",
            in_go(&user)
        )));
    }
    Ok(Some(user))
}

/// A user as the server's language prints one.
fn in_go(user: &User) -> String {
    let strings = |list: &[String]| match list {
        [] => "[]string(nil)".to_owned(),
        list => format!(
            "[]string{{{}}}",
            list.iter()
                .map(|it| format!("{it:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let extra = match user.extra.as_slice() {
        [] => "map[string][]string(nil)".to_owned(),
        list => {
            let pairs = list
                .iter()
                .map(|(key, values)| format!("{key:?}:{}", strings(values)));
            format!("map[string][]string{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    };
    format!(
        "&user.DefaultInfo{{Name:{:?}, UID:{:?}, Groups:{}, Extra:{extra}}}",
        user.name,
        user.uid,
        strings(&user.groups)
    )
}

fn may_constrained(
    store: &Handle,
    sender: &User,
    target: &User,
    wanted: &Attributes,
    mode: Mode,
) -> Result<(), Problem> {
    let action = Attributes {
        verb: format!("impersonate-on:{}:{}", mode.name(), wanted.verb),
        ..wanted.clone()
    };
    check(store, sender, &action)?;
    let verb = format!("impersonate:{}", mode.name());
    let ask = |resource: &str, name: &str, namespace: &str| {
        let asked = Attributes {
            verb: verb.clone(),
            group: AUTHENTICATION.to_owned(),
            resource: resource.to_owned(),
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            ..Attributes::default()
        };
        check(store, sender, &asked)
    };
    match (mode, target.service_account()) {
        (Mode::ServiceAccount, Some((namespace, name))) => return ask("serviceaccounts", name, namespace),
        (Mode::ArbitraryNode, _) => return ask("nodes", target.name.trim_start_matches("system:node:"), ""),
        _ => ask("users", &target.name, "")?,
    }
    for group in &target.groups {
        ask("groups", group, "")?;
    }
    for (key, values) in &target.extra {
        may_extra(store, sender, &verb, key, values)?;
    }
    if !target.uid.is_empty() {
        ask("uids", &target.uid, "")?;
    }
    Ok(())
}

/// A key has to begin with a domain, so that keys of different owners do not meet.
fn may_extra(store: &Handle, sender: &User, verb: &str, key: &str, values: &[String]) -> Result<(), Problem> {
    let asked = |subresource: &str, name: &str| Attributes {
        verb: verb.to_owned(),
        group: AUTHENTICATION.to_owned(),
        resource: "userextras".to_owned(),
        subresource: subresource.to_owned(),
        name: name.to_owned(),
        ..Attributes::default()
    };
    if !key.contains('/') {
        let why = format!(
            "impersonating an invalid key in extra is not allowed: extra.key: Invalid value: {key:?}: must be a \
             domain-prefixed path (such as \"acme.io/foo\")"
        );
        return Err(Problem::forbidden(&sender.name, &asked("", ""), &why));
    }
    values
        .iter()
        .try_for_each(|value| check(store, sender, &asked(key, value)))
}

fn may_classic(store: &Handle, sender: &User, target: &User) -> Result<(), Problem> {
    let ask = |group: &str, resource: &str, subresource: &str, name: &str, namespace: &str| {
        let asked = Attributes {
            verb: "impersonate".to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            ..Attributes::default()
        };
        check(store, sender, &asked)
    };
    match target.service_account() {
        Some((namespace, name)) => ask("", "serviceaccounts", "", name, namespace)?,
        None => ask("", "users", "", &target.name, "")?,
    }
    for group in &target.groups {
        ask("", "groups", "", group, "")?;
    }
    for (key, values) in &target.extra {
        for value in values {
            ask(AUTHENTICATION, "userextras", key, value, "")?;
        }
    }
    if !target.uid.is_empty() {
        ask(AUTHENTICATION, "uids", "", &target.uid, "")?;
    }
    Ok(())
}

fn check(store: &Handle, sender: &User, asked: &Attributes) -> Result<(), Problem> {
    match rbac::allowed(store, sender, asked) {
        Some(_) => Ok(()),
        None => Err(Problem::forbidden(&sender.name, asked, "")),
    }
}

/// The groups that nobody has to name.
fn completed(mut user: User, mode: Option<Mode>) -> User {
    if let Some((namespace, _)) = user.service_account()
        && user.groups.is_empty()
    {
        let own = format!("system:serviceaccounts:{namespace}");
        user.groups = vec!["system:serviceaccounts".to_owned(), own];
    }
    if mode == Some(Mode::ArbitraryNode) && user.groups.is_empty() {
        user.groups.push("system:nodes".to_owned());
    }
    let general = if user.name == ANONYMOUS {
        UNAUTHENTICATED
    } else {
        AUTHENTICATED
    };
    if !user.groups.iter().any(|it| it == general) {
        user.groups.push(general.to_owned());
    }
    user
}

pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(|_| *first == b'%')
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
