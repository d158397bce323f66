//! Who may ask for a change, who may approve it, and as whom they act in the cluster.

use super::action::Action;
use super::approval::{Person, Request};
use super::no::No;
use crate::app::App;
use crate::caller::{Caller, Place};
use crate::config::{Config, Crowd, Policy};

/// What all policies that fit say together.
#[derive(Debug)]
pub struct Rule<'a> {
    policies: Vec<&'a Policy>,
    config: &'a Config,
}

impl<'a> Rule<'a> {
    /// The rule for an action in a cluster.
    pub fn of(config: &'a Config, action: &Action, cluster: &str) -> Self {
        let holds = |list: &[String], name: &str| list.is_empty() || list.iter().any(|it| it == name);
        let fits =
            |policy: &&Policy| holds(&policy.actions, action.name()) && holds(&policy.clusters, cluster);
        Self {
            policies: config.policies.values().filter(fits).collect(),
            config,
        }
    }

    /// How many must approve.
    pub fn needed(&self) -> usize {
        let wanted = self.policies.iter().map(|policy| policy.approvals);
        wanted.max().unwrap_or(1).max(1)
    }

    /// Whether the requester counts: only where every policy that fits says so.
    pub fn self_approval(&self) -> bool {
        !self.policies.is_empty() && self.policies.iter().all(|policy| policy.self_approval)
    }

    /// Who may approve: each of these crowds must hold the person.
    pub fn approvers(&self) -> Vec<Crowd> {
        self.crowds(|policy| &policy.approve, &self.config.roles.approver)
    }

    fn requesters(&self) -> Vec<Crowd> {
        self.crowds(|policy| &policy.request, &self.config.roles.operator)
    }

    fn crowds(&self, of: impl Fn(&Policy) -> &Crowd, otherwise: &[u64]) -> Vec<Crowd> {
        let usual = || Crowd {
            roles: otherwise.to_vec(),
            people: Vec::new(),
        };
        let named = self.policies.iter().map(|policy| match of(policy) {
            crowd if crowd.is_empty() => usual(),
            crowd => crowd.clone(),
        });
        let named: Vec<Crowd> = named.collect();
        if named.is_empty() { vec![usual()] } else { named }
    }

    fn is_here(&self, place: &Place) -> bool {
        self.policies.iter().all(|policy| {
            policy.channels.is_empty()
                || policy.channels.iter().any(|name| {
                    let channel = self.config.channels.get(name);
                    channel.is_some_and(|it| it.id == place.channel || Some(it.id) == place.parent)
                })
        })
    }
}

/// The person who asks for `action`, as they are in the cluster.
///
/// # Errors
/// If the policies do not let them, or they have no Kubernetes user of their own.
pub fn requester(app: &App, caller: &Caller, action: &Action, cluster: &str) -> Result<Person, No> {
    let rule = Rule::of(&app.config, action, cluster);
    let may = rule.is_here(&caller.place) && is_in_all(&app.config, caller, &rule.requesters());
    if !may {
        return Err(No::MayNotRequest {
            action: action.clone(),
        });
    }
    person(&app.config, caller)
}

/// Whether the person may ask for the action of this name here, in any cluster.
pub fn may_request(app: &App, caller: &Caller, name: &str) -> bool {
    let Some(action) = Action::of(name, "") else {
        return false;
    };
    app.clusters.names().iter().any(|cluster| {
        let asks = requester(app, caller, &action, cluster);
        !matches!(asks, Err(No::MayNotRequest { .. }))
    })
}

/// The person who decides `request`, as they are in the cluster.
///
/// # Errors
/// If the policies do not let them, or they have no Kubernetes user of their own.
pub fn approver(app: &App, caller: &Caller, request: &Request) -> Result<Person, No> {
    let action = request.action();
    let rule = Rule::of(&app.config, action, &request.plan.cluster);
    let may = rule.is_here(&caller.place) && is_in_all(&app.config, caller, &rule.approvers());
    if !may {
        return Err(No::MayNotApprove {
            action: action.clone(),
        });
    }
    person(&app.config, caller)
}

/// Whether the person is an operator or an approver, for what concerns no single change.
pub fn is_crew(config: &Config, caller: &Caller) -> bool {
    caller.has_one_of(&config.roles.operator) || is_approver(config, caller)
}

/// Whether the person approves by role.
pub fn is_approver(config: &Config, caller: &Caller) -> bool {
    caller.has_one_of(&config.roles.approver)
}

fn is_in_all(config: &Config, caller: &Caller, crowds: &[Crowd]) -> bool {
    let is_named = |name: &String| config.people.get(name).is_some_and(|it| it.id == caller.id);
    crowds
        .iter()
        .all(|crowd| caller.has_one_of(&crowd.roles) || crowd.people.iter().any(is_named))
}

/// The person with the Kubernetes user of their own. A user that members of a role share changes nothing: the API
/// server's audit would not name a person.
///
/// # Errors
/// If they have none.
pub fn person(config: &Config, caller: &Caller) -> Result<Person, No> {
    let mapped = config.people.values().find(|person| person.id == caller.id);
    let mapped = mapped.ok_or(match config.people.is_empty() {
        true => No::NobodyMapped,
        false => No::NoUser,
    })?;
    let groups = config
        .groups
        .values()
        .filter(|group| caller.roles.contains(&group.role));
    Ok(Person {
        id: caller.id,
        name: caller.name.clone(),
        user: mapped.user.clone(),
        groups: groups.map(|group| group.group.clone()).collect(),
    })
}

/// Somebody who may approve, as the API server is asked about them before a card is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// One person.
    User {
        /// Their Kubernetes user.
        user: String,
    },
    /// The members of a role, by the Kubernetes groups that it stands for.
    Groups {
        /// The groups.
        groups: Vec<String>,
    },
}

/// Those who may approve a request of `requester`, as far as the configuration tells. Who the members of a role are
/// is not known before they click: where the role stands for groups these are asked about, and else every mapped
/// person may be one.
pub fn candidates(config: &Config, rule: &Rule<'_>, requester: &Person) -> Vec<Candidate> {
    let counts = |id: u64| id != requester.id || rule.self_approval();
    let mut candidates = Vec::new();
    let crowds = rule.approvers();
    let Some(crowd) = crowds
        .iter()
        .min_by_key(|crowd| crowd.roles.len() + crowd.people.len())
    else {
        return candidates;
    };
    let groups_of = |role: &u64| -> Vec<String> {
        let groups = config.groups.values().filter(|group| group.role == *role);
        groups.map(|group| group.group.clone()).collect()
    };
    let mut is_open = false;
    for role in &crowd.roles {
        match groups_of(role) {
            groups if groups.is_empty() => is_open = true,
            groups => candidates.push(Candidate::Groups { groups }),
        }
    }
    let people = config
        .people
        .iter()
        .filter(|(name, person)| counts(person.id) && (is_open || crowd.people.contains(name)));
    candidates.extend(people.map(|(_, person)| Candidate::User {
        user: person.user.clone(),
    }));
    candidates
}
