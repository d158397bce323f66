//! Whether a cluster can be read as the configuration wants it: what `firstmate check` asks.

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};

use super::client::{Cluster, Reader, Who, Why};
use super::request::{self, RIGHTS, Right, WATCHED};
use crate::clock::Clock;
use crate::config::Config;

/// How long each question may take, in milliseconds.
const PATIENCE: u64 = 8_000;
/// What the bot itself reads where people are mapped: names, to complete what they type.
const NAMES: [Right; 6] = [
    request::LIST_NODES,
    request::LIST_NAMESPACES,
    request::LIST_PODS,
    request::LIST_DEPLOYMENTS,
    request::LIST_STATEFUL_SETS,
    request::LIST_DAEMON_SETS,
];
/// Lets the bot ask whether a person may see a name.
const REVIEW: Right = Right {
    group: "authorization.k8s.io",
    version: "v1",
    resource: "subjectaccessreviews",
    verb: "create",
};
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
    /// Users and what they may not read themselves, in kubectl's words.
    pub people: Vec<(String, Vec<String>)>,
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
    let own: Vec<Right> = match users.is_empty() {
        true => RIGHTS.to_vec(),
        false => NAMES.into_iter().chain([REVIEW]).collect(),
    };
    for right in own.into_iter().chain(WATCHED.iter().copied()) {
        if !may(&reader, attributes(right)).await? {
            probe.missing.push(right.words());
        }
    }
    for (user, groups) in users {
        check_person(&reader, &mut probe, user, groups).await?;
    }
    Ok(probe)
}

/// Whether the bot may act as a person, and what the person may not read.
async fn check_person(
    reader: &Reader<'_>,
    probe: &mut Probe,
    user: String,
    groups: Vec<String>,
) -> Result<(), Why> {
    let as_user = |group: &str, verb: &str| ResourceAttributes {
        group: Some(group.to_owned()),
        resource: Some("users".to_owned()),
        verb: Some(verb.to_owned()),
        name: Some(user.clone()),
        ..ResourceAttributes::default()
    };
    let classic = may(reader, as_user("", "impersonate")).await?;
    let constrained = may(reader, as_user(CONSTRAINED, "impersonate:user-info")).await?;
    if !classic && !constrained {
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
    for right in RIGHTS.iter().filter(|right| **right != request::LIST_NAMESPACES) {
        let on = ResourceAttributes {
            verb: Some(format!("impersonate-on:user-info:{}", right.verb)),
            ..attributes(*right)
        };
        if !classic && !may(reader, on).await? {
            let words = right.words();
            let words = format!("impersonate-on:user-info:{words}");
            if !probe.missing.contains(&words) {
                probe.missing.push(words);
            }
        }
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

/// Where a right is needed: leases of nodes alone lie in one namespace.
fn place(right: Right) -> &'static str {
    if right == request::GET_LEASE {
        super::reads::LEASES
    } else {
        ""
    }
}
