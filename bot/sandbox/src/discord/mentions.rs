//! Who a message pings: what its text names, cut down to what `allowed_mentions` lets through.

use serde_json::Value;

use super::ids::{Id, id_in};
use super::permissions::{Bits, MENTION_EVERYONE};
use super::world;

/// Whom a message pinged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    pub(crate) users: Vec<Id>,
    pub(crate) roles: Vec<Id>,
    pub(crate) everyone: bool,
}

/// What the sender lets its text ping.
#[derive(Debug)]
pub(crate) struct Allowed {
    /// `None`: everyone that the text names.
    users: Option<Vec<Id>>,
    roles: Option<Vec<Id>>,
    everyone: bool,
    /// The author of the message that is replied to.
    replied: bool,
}

impl Allowed {
    /// What holds when the sender says nothing: all of it.
    pub(crate) const ALL: Self = Self {
        users: None,
        roles: None,
        everyone: true,
        replied: true,
    };

    /// Reads `allowed_mentions` of a body.
    pub(crate) fn of(body: &Value) -> Self {
        let allowed = &body["allowed_mentions"];
        if !allowed.is_object() {
            return Self::ALL;
        }
        let parses = |what: &str| list(&allowed["parse"]).iter().any(|it| it.as_str() == Some(what));
        let named = |what: &str| list(&allowed[what]).iter().filter_map(id_in).collect::<Vec<_>>();
        Self {
            users: if parses("users") {
                None
            } else {
                Some(named("users"))
            },
            roles: if parses("roles") {
                None
            } else {
                Some(named("roles"))
            },
            everyone: parses("everyone"),
            replied: allowed["replied_user"].as_bool().unwrap_or(false),
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whom `content` pings when an author with `rights` sends it as a reply to `replied`.
pub(crate) fn mentioned(content: &str, allowed: &Allowed, rights: Bits, replied: Option<Id>) -> Mentions {
    let everyone_too = rights & MENTION_EVERYONE != 0;
    let mut mentions = Mentions::default();
    for id in named_after(content, &["<@", "<@!"]) {
        let passes = allowed.users.as_ref().is_none_or(|users| users.contains(&id));
        if passes && (id == world::BOT || world::by_id(id).is_some()) {
            push_once(&mut mentions.users, id);
        }
    }
    for id in named_after(content, &["<@&"]) {
        let passes = allowed.roles.as_ref().is_none_or(|roles| roles.contains(&id));
        let role = world::ROLES.iter().find(|role| role.id == id);
        if passes && role.is_some_and(|role| role.mentionable || everyone_too) {
            push_once(&mut mentions.roles, id);
        }
    }
    if let Some(author) = replied.filter(|_| allowed.replied) {
        push_once(&mut mentions.users, author);
    }
    let names_all = content.contains("@everyone") || content.contains("@here");
    mentions.everyone = names_all && allowed.everyone && everyone_too;
    mentions
}

fn push_once(ids: &mut Vec<Id>, id: Id) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

/// The ids written as `prefix`, digits and `>`.
fn named_after(content: &str, prefixes: &[&str]) -> Vec<Id> {
    let mut found = Vec::new();
    for (start, _) in content.match_indices("<@") {
        for prefix in prefixes {
            let Some(rest) = content[start..].strip_prefix(prefix) else {
                continue;
            };
            let Some((digits, _)) = rest.split_once('>') else {
                continue;
            };
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                found.extend(digits.parse::<Id>().ok());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str =
        "<@1300000000000000201> <@!1300000000000000202> <@&1300000000000000103> @everyone <@5>";

    fn check(allowed: Value, users: &[u64], roles: usize) {
        let mentions = mentioned(TEXT, &Allowed::of(&allowed), 0, None);
        let ids: Vec<u64> = mentions.users.iter().map(|id| id.0 % 1000).collect();
        assert_eq!(
            (ids.as_slice(), mentions.roles.len(), mentions.everyone),
            (users, roles, false)
        );
    }

    #[test]
    fn what_the_sender_does_not_allow_is_not_pinged() {
        check(json!({}), &[201, 202], 1);
        check(json!({"allowed_mentions": {"parse": []}}), &[], 0);
        check(
            json!({"allowed_mentions": {"parse": ["roles"], "users": ["1300000000000000202"]}}),
            &[202],
            1,
        );
    }

    #[test]
    fn everyone_needs_the_right_and_the_permission() {
        let pings = |rights| mentioned("@here", &Allowed::ALL, rights, None).everyone;
        assert!(pings(MENTION_EVERYONE));
        assert!(!pings(0));
    }

    #[test]
    fn a_reply_pings_its_author_only_if_allowed() {
        let author = Some(world::PEOPLE[0].id);
        assert_eq!(mentioned("", &Allowed::ALL, 0, author).users.len(), 1);
        let silent = Allowed::of(&json!({"allowed_mentions": {"parse": []}}));
        assert!(mentioned("", &silent, 0, author).users.is_empty());
    }
}
