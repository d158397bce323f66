//! Who speaks to the cluster: tokens, groups and kubeconfigs.

use serde_json::{Map, Value, json};

/// Everybody who has a token: the name in the kubeconfig, the user and the groups.
const PEOPLE: &[(&str, &str, &[&str])] = &[
    ("admin", "admin", &["system:masters"]),
    (
        "firstmate",
        "system:serviceaccount:firstmate:firstmate",
        &["system:serviceaccounts", "system:serviceaccounts:firstmate"],
    ),
    ("lin", "lin", &[]),
    ("olga", "olga", &[]),
    ("ming", "ming", &[]),
    ("wei", "wei", &[]),
];

pub(super) const AUTHENTICATED: &str = "system:authenticated";
pub(super) const UNAUTHENTICATED: &str = "system:unauthenticated";
pub(super) const ANONYMOUS: &str = "system:anonymous";
pub(super) const MASTERS: &str = "system:masters";

/// A user as authorization sees one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    /// The name.
    pub name: String,
    /// The uid, where there is one.
    pub uid: String,
    /// The groups.
    pub groups: Vec<String>,
    /// What else is known: a key and its values.
    pub extra: Vec<(String, Vec<String>)>,
}

impl User {
    /// Somebody without a token.
    pub(super) fn anonymous() -> Self {
        Self::new(ANONYMOUS, &[UNAUTHENTICATED])
    }

    /// Somebody with these groups.
    pub(super) fn new(name: &str, groups: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            ..Self::default()
        }
    }

    /// The user of a person's token.
    pub(super) fn of_person(person: &str) -> Option<Self> {
        let (_, name, groups) = PEOPLE.iter().find(|(it, _, _)| *it == person)?;
        let mut user = Self::new(name, groups);
        user.groups.push(AUTHENTICATED.to_owned());
        Some(user)
    }

    /// The user of a bearer token.
    pub(super) fn of_token(token: &str) -> Option<Self> {
        Self::of_person(token.strip_prefix(TOKEN)?)
    }

    /// The namespace and the name of a service account.
    pub(super) fn service_account(&self) -> Option<(&str, &str)> {
        self.name.strip_prefix("system:serviceaccount:")?.split_once(':')
    }

    /// What reviews say of the user.
    pub(super) fn info(&self) -> Value {
        let mut info = json!({"username": self.name, "groups": self.groups});
        if !self.uid.is_empty() {
            info["uid"] = json!(self.uid);
        }
        if !self.extra.is_empty() {
            let extra: Map<String, Value> = self
                .extra
                .iter()
                .map(|(key, values)| (key.clone(), json!(values)))
                .collect();
            info["extra"] = Value::Object(extra);
        }
        info
    }
}

const TOKEN: &str = "sandbox-";

/// A kubeconfig for a person, with everything in it.
///
/// kubectl sends tokens over TLS only, so the address itself says who is asking, too.
pub(super) fn kubeconfig(url: &str, person: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: sandbox
  cluster:
    server: {url}/as/{person}
users:
- name: {person}
  user:
    token: {TOKEN}{person}
contexts:
- name: sandbox
  context:
    cluster: sandbox
    user: {person}
current-context: sandbox
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_people() {
        assert_eq!(User::of_token("sandbox-lin"), User::of_person("lin"));
        assert_eq!(User::of_token("lin"), None);
        assert_eq!(User::of_token("sandbox-nobody"), None);
        let bot = User::of_person("firstmate").unwrap();
        assert_eq!(bot.service_account(), Some(("firstmate", "firstmate")));
        assert!(kubeconfig("http://127.0.0.1:1", "lin").contains("server: http://127.0.0.1:1/as/lin\n"));
    }
}
