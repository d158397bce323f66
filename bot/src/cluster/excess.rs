//! What the bot may beyond its needs: the rules that hold for it, held against the rights that its requests need.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::authorization::v1::{ResourceRule, SelfSubjectRulesReview};

use super::probe::{NAMES, place};
use super::request::{self, CHANGED, RIGHTS, Right, WATCHED, WRITTEN, words};
use crate::config::Config;

/// What everybody may who has an account: ask about themselves.
const ONESELF: [&str; 3] = [
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
    "selfsubjectreviews",
];
/// What every account may read on newer servers: certificates of authorities, which are public.
const PUBLIC: &str = "clustertrustbundles";
/// Paths that are no resources and that every account may get, with what begins so.
const PATHS: [&str; 9] = [
    "/api",
    "/apis",
    "/healthz",
    "/livez",
    "/readyz",
    "/openapi",
    "/version",
    "/.well-known/openid-configuration",
    "/openid/v1/jwks",
];
/// To do something as somebody, in the constrained way.
const ON: &str = "impersonate-on:user-info:";
/// To be somebody, in the constrained way and in the classic one.
const BE: [&str; 2] = ["impersonate:user-info", "impersonate"];

/// What the configuration needs.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The users to be acted as.
    users: BTreeSet<String>,
    /// The groups to be acted as members of.
    groups: BTreeSet<String>,
    /// Whether changes are possible.
    changes: bool,
}

/// What the bot may beyond its needs.
#[derive(Debug, Default)]
pub struct Excess {
    /// Whether it may everything.
    pub everything: bool,
    /// Whether it may act as people in both ways, of which the classic one alone counts then.
    pub both_ways: bool,
    classic: bool,
    constrained: bool,
    asked: usize,
    /// Rights in kubectl's words, and in which namespaces.
    wide: BTreeMap<String, BTreeSet<String>>,
    spare: BTreeMap<String, BTreeSet<String>>,
}

/// What a right is to the bot.
enum Verdict {
    Needed,
    /// It needs it only where nobody is mapped.
    Spare,
    Wide,
}

impl Wanted {
    pub(super) fn of(config: &Config, changes: bool) -> Self {
        let people = config.people.values().map(|person| &person.user);
        let shared = config.groups.values().filter_map(|group| group.user.as_ref());
        Self {
            users: people.chain(shared).cloned().collect(),
            groups: config.groups.values().map(|group| group.group.clone()).collect(),
            changes,
        }
    }

    fn judge(&self, namespace: &str, group: &str, resource: &str, verb: &str) -> Verdict {
        let is = |right: &Right| (right.group, right.resource, right.verb) == (group, resource, verb);
        let is_here = |right: &Right| is(right) && [namespace, ""].contains(&place(*right));
        if let Some(verb) = verb.strip_prefix(ON) {
            let is = |right: &&Right| (right.group, right.resource, right.verb) == (group, resource, verb);
            let read = RIGHTS
                .iter()
                .filter(|right| **right != request::LIST_NAMESPACES && !self.users.is_empty());
            let changed = CHANGED.iter().filter(|_| self.changes);
            return match read.chain(changed).any(|right| is(&right)) {
                true => Verdict::Needed,
                false => Verdict::Wide,
            };
        }
        let is_public = resource == PUBLIC && ["get", "list", "watch"].contains(&verb);
        if is_public || (ONESELF.contains(&resource) && verb == "create") {
            return Verdict::Needed;
        }
        if WRITTEN.iter().any(is_here) {
            return match self.changes || !is(&request::CREATE_EVENT) {
                true => Verdict::Needed,
                false => Verdict::Wide,
            };
        }
        match RIGHTS.iter().chain(WATCHED).any(is_here) {
            false => Verdict::Wide,
            true if self.users.is_empty() || NAMES.iter().chain(WATCHED).any(is) => Verdict::Needed,
            true => Verdict::Spare,
        }
    }
}

impl Excess {
    /// What the bot needs in no configuration, or not in this one; in kubectl's words.
    pub fn wide(&self) -> Vec<String> {
        self.listed(&self.wide)
    }

    /// What it would need only where nobody is mapped.
    pub fn spare(&self) -> Vec<String> {
        self.listed(&self.spare)
    }

    fn listed(&self, rights: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
        let with_place = |(words, namespaces): (&String, &BTreeSet<String>)| {
            // What is needed in one namespace and is granted in all is missing here for that one.
            if namespaces.len() + 1 >= self.asked && self.asked > 2 {
                return words.clone();
            }
            let namespaces: Vec<&str> = namespaces.iter().map(String::as_str).collect();
            format!("{words} (-n {})", namespaces.join(", "))
        };
        rights.iter().map(with_place).collect()
    }

    /// Adds the rules that hold in a namespace.
    pub(super) fn add(&mut self, namespace: &str, review: &SelfSubjectRulesReview, wanted: &Wanted) {
        self.asked += 1;
        let Some(status) = &review.status else { return };
        for rule in &status.resource_rules {
            self.add_rule(namespace, rule, wanted);
        }
        for rule in &status.non_resource_rules {
            for path in rule.non_resource_urls.iter().flatten() {
                for verb in &rule.verbs {
                    if !is_everybodys(verb, path) {
                        self.is_wide(namespace, format!("{verb} {path}"));
                    }
                }
            }
        }
        self.both_ways = self.classic && self.constrained;
    }

    fn add_rule(&mut self, namespace: &str, rule: &ResourceRule, wanted: &Wanted) {
        let names = rule.resource_names.as_deref().unwrap_or_default();
        let is_all = |list: &[String]| list.iter().any(|it| it == "*");
        let (groups, resources) = (
            rule.api_groups.as_deref().unwrap_or_default(),
            rule.resources.as_deref().unwrap_or_default(),
        );
        if is_all(groups) && is_all(resources) && is_all(&rule.verbs) && names.is_empty() {
            self.everything = true;
            return;
        }
        for group in groups {
            for resource in resources {
                for verb in &rule.verbs {
                    self.add_right(namespace, (group, resource, verb), names, wanted);
                }
            }
        }
    }

    fn add_right(
        &mut self,
        namespace: &str,
        (group, resource, verb): (&str, &str, &str),
        names: &[String],
        wanted: &Wanted,
    ) {
        let said = words(verb, resource, group);
        if BE.contains(&verb) {
            self.classic |= verb == "impersonate";
            self.constrained |= verb != "impersonate";
            let known = match resource {
                "users" => &wanted.users,
                "groups" => &wanted.groups,
                _ => &BTreeSet::new(),
            };
            let strangers: Vec<&str> = names
                .iter()
                .filter(|name| !known.contains(*name))
                .map(String::as_str)
                .collect();
            if names.is_empty() {
                self.is_wide(namespace, format!("{said} (*)"));
            } else if !strangers.is_empty() {
                self.is_wide(namespace, format!("{said} ({})", strangers.join(", ")));
            }
            return;
        }
        match wanted.judge(namespace, group, resource, verb) {
            Verdict::Needed => {}
            Verdict::Spare => {
                let place = self.spare.entry(said).or_default();
                place.insert(namespace.to_owned());
            }
            Verdict::Wide => self.is_wide(namespace, said),
        }
    }

    fn is_wide(&mut self, namespace: &str, said: String) {
        self.wide.entry(said).or_default().insert(namespace.to_owned());
    }
}

fn is_everybodys(verb: &str, path: &str) -> bool {
    let bare = path.trim_end_matches('*').trim_end_matches('/');
    ["get", "head"].contains(&verb) && PATHS.contains(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn wanted() -> Wanted {
        Wanted {
            users: ["ming".to_owned()].into(),
            groups: BTreeSet::new(),
            changes: true,
        }
    }

    /// What is said of rules that hold in three namespaces.
    fn found(rules: &Value, wanted: &Wanted) -> Excess {
        let mut excess = Excess::default();
        for namespace in ["default", "kube-node-lease", "shop"] {
            let review = json!({
                "spec": {},
                "status": {"incomplete": false, "nonResourceRules": [], "resourceRules": rules},
            });
            excess.add(namespace, &serde_json::from_value(review).unwrap(), wanted);
        }
        excess
    }

    fn rule(group: &str, resource: &str, verb: &str, names: &[&str]) -> Value {
        json!({"apiGroups": [group], "resources": [resource], "verbs": [verb], "resourceNames": names})
    }

    #[test]
    fn what_is_needed_is_not_named_and_the_rest_is() {
        let rules = json!([
            rule("", "nodes", "list", &[]),
            rule("", "pods/log", "get", &[]),
            rule("", "secrets", "get", &[]),
            rule("", "events", "create", &[]),
            rule("apps", "deployments", "*", &[]),
            rule("", "nodes", "impersonate-on:user-info:patch", &[]),
            rule("", "pods", "impersonate-on:user-info:delete", &[]),
            rule(
                "authentication.k8s.io",
                "users",
                "impersonate:user-info",
                &["ming", "wei"]
            ),
            rule("authentication.k8s.io", "groups", "impersonate:user-info", &[]),
        ]);
        let excess = found(&rules, &wanted());
        assert_eq!(
            excess.wide(),
            [
                "* deployments.apps",
                "create events",
                "get secrets",
                "impersonate-on:user-info:delete pods",
                "impersonate:user-info groups.authentication.k8s.io (*)",
                "impersonate:user-info users.authentication.k8s.io (wei)",
            ]
        );
        assert_eq!(excess.spare(), ["get pods/log"]);
        assert!(!excess.everything && !excess.both_ways);
    }

    #[test]
    fn nobody_needs_rights_for_changes_where_there_are_none() {
        let rules = json!([
            rule("", "nodes", "impersonate-on:user-info:patch", &[]),
            rule("", "pods/log", "get", &[]),
        ]);
        let without = Wanted {
            changes: false,
            ..wanted()
        };
        assert_eq!(
            found(&rules, &without).wide(),
            ["impersonate-on:user-info:patch nodes"]
        );
        let nobody = Wanted::default();
        assert_eq!(found(&rules, &nobody).spare(), Vec::<String>::new());
    }

    #[test]
    fn everything_is_one_word_and_both_ways_are_seen() {
        assert!(found(&json!([rule("*", "*", "*", &[])]), &wanted()).everything);
        let both = json!([
            rule("", "users", "impersonate", &["ming"]),
            rule(
                "authentication.k8s.io",
                "users",
                "impersonate:user-info",
                &["ming"]
            ),
        ]);
        let both = found(&both, &wanted());
        assert!(both.both_ways && both.wide().is_empty());
    }

    #[test]
    fn a_right_in_one_namespace_is_named_with_it() {
        let mut excess = Excess::default();
        let wanted = wanted();
        for (namespace, rules) in [
            ("a", json!([])),
            ("default", json!([rule("", "events", "create", &[])])),
            ("shop", json!([rule("", "secrets", "list", &[])])),
            ("z", json!([])),
        ] {
            let review = json!({
                "spec": {},
                "status": {
                    "incomplete": true, "resourceRules": rules,
                    "nonResourceRules": [
                        {"verbs": ["get"], "nonResourceURLs": ["/api/*", "/version/", "/healthz"]},
                        {"verbs": ["get"], "nonResourceURLs": ["/metrics"]},
                    ],
                },
            });
            excess.add(namespace, &serde_json::from_value(review).unwrap(), &wanted);
        }
        assert_eq!(excess.wide(), ["get /metrics", "list secrets (-n shop)"]);
    }
}
