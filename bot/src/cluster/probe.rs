//! Whether a cluster can be read as the configuration wants it: what `firstmate check` asks.

use futures::future::join_all;
use k8s_openapi::List;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SelfSubjectRulesReview,
    SelfSubjectRulesReviewSpec,
};
use k8s_openapi::api::core::v1::Namespace;

use super::client::{Cluster, Reader, Who, Why};
use super::excess::{Excess, Wanted};
use super::request::{self, CHANGED, RIGHTS, Request, Right, WATCHED};
use crate::clock::Clock;
use crate::config::{Config, Policy};

/// How long each question may take, in milliseconds.
const PATIENCE: u64 = 8_000;
/// In how many namespaces the bot's rights are looked through.
const NAMESPACES: usize = 200;
/// How many of them at once.
const AT_ONCE: usize = 10;
/// Where rights may be that matter, should namespaces not be listed.
const KNOWN: [&str; 4] = ["default", "firstmate", "kube-node-lease", "kube-system"];
/// What the bot itself reads where people are mapped: names, to complete what they type.
pub(super) const NAMES: [Right; 6] = [
    request::LIST_NODES,
    request::LIST_NAMESPACES,
    request::LIST_PODS,
    request::LIST_DEPLOYMENTS,
    request::LIST_STATEFUL_SETS,
    request::LIST_DAEMON_SETS,
];
/// The group of the constrained impersonation, Kubernetes 1.36 and later.
const CONSTRAINED: &str = "authentication.k8s.io";

/// What was found.
#[derive(Debug, Default)]
pub struct Probe {
    /// The API server's version.
    pub version: String,
    /// What the bot may not, in kubectl's words.
    pub missing: Vec<String>,
    /// Kubernetes users as whom the bot may not act.
    pub not_as: Vec<String>,
    /// Kubernetes groups as whose members the bot may not act.
    pub not_as_group: Vec<String>,
    /// Users and what they may not read themselves, in kubectl's words.
    pub people: Vec<(String, Vec<String>)>,
    /// What the bot may beyond its needs.
    pub excess: Excess,
}

/// Asks the API server of `cluster`.
///
/// # Errors
/// If it does not answer.
pub async fn ask(cluster: &Cluster, config: &Config, clock: &Clock) -> Result<Probe, Why> {
    let reader = Reader {
        cluster,
        who: &Who::Bot,
        clock,
        until: clock.now() + PATIENCE,
    };
    let mut probe = Probe {
        version: reader.version().await?,
        ..Probe::default()
    };
    let users = users(config);
    let changes = are_possible(config);
    let own: Vec<Right> = match users.is_empty() {
        true => RIGHTS.to_vec(),
        false => NAMES.into_iter().chain([request::CREATE_REVIEW]).collect(),
    };
    let event = changes.then_some(request::CREATE_EVENT);
    for right in own.into_iter().chain(WATCHED.iter().copied()).chain(event) {
        if !may(&reader, attributes(right)).await? {
            probe.missing.push(right.words());
        }
    }
    let wanted = Wanted::of(config, changes);
    for (user, groups) in users {
        check_person(&reader, &mut probe, user, (groups, changes)).await?;
    }
    for group in config.groups.values() {
        if !may_be(&reader, "groups", &group.group).await?.any() {
            probe.not_as_group.push(group.group.clone());
        }
    }
    probe.excess = look_through(&reader, &wanted).await?;
    Ok(probe)
}

/// Whether anybody could approve anything: people are mapped, and somebody is named who may.
fn are_possible(config: &Config) -> bool {
    let is_named = |policy: &Policy| !policy.approve.is_empty();
    let may_approve = !config.roles.approver.is_empty() || config.policies.values().any(is_named);
    !config.people.is_empty() && may_approve
}

/// Everything that the bot may, namespace by namespace, as the API server says, held against what it needs.
async fn look_through(reader: &Reader<'_>, wanted: &Wanted) -> Result<Excess, Why> {
    let asked = Request::of(request::LIST_NAMESPACES);
    let names: Vec<String> = match reader.read::<List<Namespace>>(&asked).await {
        Ok(list) => list.items.into_iter().filter_map(|it| it.metadata.name).collect(),
        Err(_) => KNOWN.map(str::to_owned).to_vec(),
    };
    let mut excess = Excess::default();
    for names in names.chunks(AT_ONCE).take(NAMESPACES / AT_ONCE) {
        let rules = join_all(names.iter().map(|name| rules(reader, name))).await;
        for (name, rules) in names.iter().zip(rules) {
            excess.add(name, &rules?, wanted);
        }
    }
    Ok(excess)
}

async fn rules(reader: &Reader<'_>, namespace: &str) -> Result<SelfSubjectRulesReview, Why> {
    let review = SelfSubjectRulesReview {
        spec: SelfSubjectRulesReviewSpec {
            namespace: Some(namespace.to_owned()),
        },
        ..SelfSubjectRulesReview::default()
    };
    reader
        .review("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", &review)
        .await
}

/// By which of the two ways the bot may be somebody.
struct Ways {
    classic: bool,
    constrained: bool,
}

impl Ways {
    const fn any(&self) -> bool {
        self.classic || self.constrained
    }
}

/// Whether the bot may be a user, or a member of a group.
async fn may_be(reader: &Reader<'_>, resource: &str, name: &str) -> Result<Ways, Why> {
    let be = |group: &str, verb: &str| ResourceAttributes {
        group: Some(group.to_owned()),
        resource: Some(resource.to_owned()),
        verb: Some(verb.to_owned()),
        name: Some(name.to_owned()),
        ..ResourceAttributes::default()
    };
    Ok(Ways {
        classic: may(reader, be("", "impersonate")).await?,
        constrained: may(reader, be(CONSTRAINED, "impersonate:user-info")).await?,
    })
}

/// Whether the bot may act as a person, and what the person may not read.
async fn check_person(
    reader: &Reader<'_>,
    probe: &mut Probe,
    user: String,
    (groups, changes): (Vec<String>, bool),
) -> Result<(), Why> {
    let ways = may_be(reader, "users", &user).await?;
    if !ways.any() {
        probe.not_as.push(user);
        return Ok(());
    }
    let who = Who::Person {
        user: user.clone(),
        groups,
    };
    let as_person = Reader { who: &who, ..*reader };
    let mut lacking = Vec::new();
    // Namespaces are listed as the bot alone.
    let read = RIGHTS.iter().filter(|right| **right != request::LIST_NAMESPACES);
    let changed = CHANGED.iter().filter(|_| changes);
    for right in read.clone().chain(changed) {
        let on = ResourceAttributes {
            verb: Some(format!("impersonate-on:user-info:{}", right.verb)),
            ..attributes(*right)
        };
        if !ways.classic && !may(reader, on).await? {
            let words = right.words();
            let words = format!("impersonate-on:user-info:{words}");
            if !probe.missing.contains(&words) {
                probe.missing.push(words);
            }
        }
    }
    if probe.missing.contains(&request::CREATE_REVIEW.words()) {
        // What they may cannot be asked; that this is so is said already.
        return Ok(());
    }
    for right in read {
        if !as_person.allows(*right, place(*right)).await? {
            lacking.push(right.words());
        }
    }
    probe.people.push((user, lacking));
    Ok(())
}

/// Every Kubernetes user that the configuration names, with the groups that come with it.
fn users(config: &Config) -> Vec<(String, Vec<String>)> {
    let people = config
        .people
        .values()
        .map(|person| (person.user.clone(), Vec::new()));
    let groups = config
        .groups
        .values()
        .filter_map(|group| Some((group.user.clone()?, vec![group.group.clone()])));
    people.chain(groups).collect()
}

async fn may(reader: &Reader<'_>, attributes: ResourceAttributes) -> Result<bool, Why> {
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let review: SelfSubjectAccessReview = reader
        .review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &review)
        .await?;
    Ok(review.status.is_some_and(|status| status.allowed))
}

fn attributes(right: Right) -> ResourceAttributes {
    let (resource, part) = right.resource.split_once('/').unwrap_or((right.resource, ""));
    ResourceAttributes {
        group: Some(right.group.to_owned()),
        resource: Some(resource.to_owned()),
        subresource: (!part.is_empty()).then(|| part.to_owned()),
        verb: Some(right.verb.to_owned()),
        namespace: Some(place(right).to_owned()).filter(|place| !place.is_empty()),
        ..ResourceAttributes::default()
    }
}

/// Where a right is needed, if only in one namespace: leases of nodes lie in one, and their events in another.
pub(super) fn place(right: Right) -> &'static str {
    match right {
        request::GET_LEASE => super::reads::LEASES,
        request::CREATE_EVENT => super::changes::EVENTS,
        _ => "",
    }
}
