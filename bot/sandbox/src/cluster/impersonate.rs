//! Acting as somebody else: the headers, and who may use them. A server of 1.36 and later first tries the
//! constrained ways (both to be somebody and to do this as somebody has to be allowed), then the classic one.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;

use super::people::{ANONYMOUS, AUTHENTICATED, MASTERS, UNAUTHENTICATED, User};
use super::problem::Problem;
use super::rbac::{self, Attributes};
use super::store::Handle;

const AUTHENTICATION: &str = "authentication.k8s.io";
const EXTRA: &str = "impersonate-extra-";

/// Decides who may act as whom, and remembers by which way each sender last succeeded: that one is tried
/// first, and where all fail it is its words that are said.
#[derive(Debug, Default)]
pub(super) struct Impersonation {
    last: Mutex<BTreeMap<String, Mode>>,
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
        let last = self.last().get(&sender.name).copied();
        let ways = last
            .into_iter()
            .chain(MODES.iter().copied().filter(|mode| Some(*mode) != last));
        let mut refused = None;
        for mode in ways.filter(|mode| mode.applies(&target) && (constrained || *mode == Mode::Classic)) {
            match mode.may(store, &sender, &target, wanted) {
                Ok(()) => {
                    self.last().insert(sender.name, mode);
                    return Ok(completed(target, mode));
                }
                Err(problem) => refused = refused.or(Some(problem)),
            }
        }
        Err(refused.unwrap_or_else(|| Problem::new(500, "InternalError", "all impersonation modes failed")))
    }

    fn last(&self) -> MutexGuard<'_, BTreeMap<String, Mode>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ways to impersonate: three constrained ones, by whom they make one, and the classic one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    ArbitraryNode,
    ServiceAccount,
    UserInfo,
    Classic,
}

/// In the order in which they are tried.
const MODES: [Mode; 4] = [
    Mode::ArbitraryNode,
    Mode::ServiceAccount,
    Mode::UserInfo,
    Mode::Classic,
];

const NODE: &str = "system:node:";

impl Mode {
    /// Whether this way can make one that user. Nodes and service accounts are only named.
    fn applies(self, target: &User) -> bool {
        let is_node = target.name.starts_with(NODE);
        let is_account = target.service_account().is_some();
        let only_named = target.groups.is_empty() && target.uid.is_empty() && target.extra.is_empty();
        match self {
            Self::ArbitraryNode => is_node && only_named,
            Self::ServiceAccount => is_account && only_named,
            Self::UserInfo => !is_node && !is_account,
            Self::Classic => true,
        }
    }

    /// The end of the verbs of a constrained way.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::ArbitraryNode => Some("arbitrary-node"),
            Self::ServiceAccount => Some("serviceaccount"),
            Self::UserInfo => Some("user-info"),
            Self::Classic => None,
        }
    }

    fn may(self, store: &Handle, sender: &User, target: &User, wanted: &Attributes) -> Result<(), Problem> {
        let Some(name) = self.name() else {
            return Check {
                store,
                sender,
                verb: "impersonate",
                group: "",
                strict: false,
            }
            .all(target);
        };
        let action = Attributes {
            verb: format!("impersonate-on:{name}:{}", wanted.verb),
            ..wanted.clone()
        };
        check(store, sender, &action)?;
        let verb = &format!("impersonate:{name}");
        Check {
            store,
            sender,
            verb,
            group: AUTHENTICATION,
            strict: true,
        }
        .all(target)
    }
}

/// Whether somebody may be each part of somebody else.
struct Check<'a> {
    store: &'a Handle,
    sender: &'a User,
    verb: &'a str,
    /// The group in which users and groups are looked for.
    group: &'a str,
    /// Whether some things are refused whatever is granted.
    strict: bool,
}

impl Check<'_> {
    fn all(&self, target: &User) -> Result<(), Problem> {
        self.name(target)?;
        if !target.uid.is_empty() {
            self.ask(AUTHENTICATION, ("uids", ""), &target.uid, "")?;
        }
        for group in &target.groups {
            if self.strict && group == MASTERS {
                let wanted = self.wanted(self.group, ("groups", ""), MASTERS, "");
                let why = "impersonating the system:masters group is not allowed";
                return Err(Problem::forbidden(&self.sender.name, &wanted, why));
            }
            self.ask(self.group, ("groups", ""), group, "")?;
        }
        for (key, values) in &target.extra {
            self.extra(key, values)?;
        }
        Ok(())
    }

    fn name(&self, target: &User) -> Result<(), Problem> {
        if let Some((namespace, name)) = target.service_account() {
            return self.ask(self.group, ("serviceaccounts", ""), name, namespace);
        }
        match target.name.strip_prefix(NODE).filter(|_| self.strict) {
            Some(node) => self.ask(self.group, ("nodes", ""), node, ""),
            None => self.ask(self.group, ("users", ""), &target.name, ""),
        }
    }

    /// A key has to begin with a domain, so that keys of different owners do not meet.
    fn extra(&self, key: &str, values: &[String]) -> Result<(), Problem> {
        if self.strict && !key.contains('/') {
            let wanted = self.wanted(AUTHENTICATION, ("userextras", ""), "", "");
            let why = format!(
                "impersonating an invalid key in extra is not allowed: extra.key: Invalid value: {key:?}: must be a \
                 domain-prefixed path (such as \"acme.io/foo\")"
            );
            return Err(Problem::forbidden(&self.sender.name, &wanted, &why));
        }
        let mut each = values.iter();
        each.try_for_each(|value| self.ask(AUTHENTICATION, ("userextras", key), value, ""))
    }

    fn ask(&self, group: &str, of: (&str, &str), name: &str, namespace: &str) -> Result<(), Problem> {
        check(self.store, self.sender, &self.wanted(group, of, name, namespace))
    }

    fn wanted(&self, group: &str, (resource, sub): (&str, &str), name: &str, namespace: &str) -> Attributes {
        Attributes {
            verb: self.verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: sub.to_owned(),
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            path: String::new(),
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

fn check(store: &Handle, sender: &User, asked: &Attributes) -> Result<(), Problem> {
    match rbac::allowed(store, sender, asked) {
        Some(_) => Ok(()),
        None => Err(Problem::forbidden(&sender.name, asked, "")),
    }
}

/// The groups that nobody has to name.
fn completed(mut user: User, mode: Mode) -> User {
    if let Some((namespace, _)) = user.service_account()
        && user.groups.is_empty()
    {
        let own = format!("system:serviceaccounts:{namespace}");
        user.groups = vec!["system:serviceaccounts".to_owned(), own];
    }
    if mode == Mode::ArbitraryNode {
        user.groups.push("system:nodes".to_owned());
    }
    let has = |user: &User, group: &str| user.groups.iter().any(|it| it == group);
    if user.name == ANONYMOUS && !has(&user, UNAUTHENTICATED) {
        user.groups.push(UNAUTHENTICATED.to_owned());
    } else if user.name != ANONYMOUS && !has(&user, UNAUTHENTICATED) && !has(&user, AUTHENTICATED) {
        user.groups.push(AUTHENTICATED.to_owned());
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
