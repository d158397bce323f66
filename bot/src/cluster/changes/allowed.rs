//! Whether somebody may carry an action out: by their own rights, and by the bot's right to act as them.

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SubjectAccessReview,
    SubjectAccessReviewSpec,
};

use super::bot;
use crate::clock::Clock;
use crate::cluster::client::{Cluster, NotRead, Reader, Why, not_read};
use crate::cluster::request::{self, Request, Right};
use crate::remedy::action::Action;

/// Everybody who has a name for the API server is in this group.
const AUTHENTICATED: &str = "system:authenticated";
/// Where the API server answers what the bot itself may.
const OWN: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
/// The group of the constrained impersonation, Kubernetes 1.36 and later.
const CONSTRAINED: &str = "authentication.k8s.io";

/// Whose right is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Their Kubernetes user; a role has none.
    pub user: Option<&'a str>,
    /// Their Kubernetes groups.
    pub groups: &'a [String],
}

/// What an action needs of whoever carries it out. The first that is missing is the one that is named.
const fn needed(action: &Action) -> [Right; 3] {
    match action {
        Action::Cordon { .. } | Action::Uncordon { .. } => {
            [request::PATCH_NODE, request::GET_NODE, request::LIST_NODES]
        }
    }
}

/// Whether somebody may carry the action out, by the API server's word. `Err` names the first right that is missing.
///
/// # Errors
/// If the API server does not say, or the bot may not act as them.
pub async fn may(
    cluster: &Cluster,
    clock: &Clock,
    subject: &Subject<'_>,
    action: &Action,
) -> Result<Result<(), Right>, NotRead> {
    let reader = bot(cluster, clock);
    let asked = Request::of(request::CREATE_REVIEW);
    let (theirs, ours) = tokio::join!(
        theirs(&reader, subject, action).boxed(),
        ours(&reader, subject, action).boxed()
    );
    if let Some(right) = theirs.map_err(|why| not_read(&asked, why))? {
        return Ok(Err(right));
    }
    match (subject.user, ours.map_err(|why| not_read(&asked, why))?) {
        (Some(user), false) => {
            let user = user.to_owned();
            let asked = Request::of(request::PATCH_NODE).named(action.node());
            Err(not_read(&asked, Why::MayNotActAs { user }))
        }
        _ => Ok(Ok(())),
    }
}

/// The first right that somebody lacks.
async fn theirs(reader: &Reader<'_>, subject: &Subject<'_>, action: &Action) -> Result<Option<Right>, Why> {
    let rights = needed(action);
    let answers = join_all(rights.map(|right| has(reader, subject, attributes(right, right.verb, action))));
    for (right, answer) in rights.into_iter().zip(answers.await) {
        if !answer? {
            return Ok(Some(right));
        }
    }
    Ok(None)
}

/// Whether the bot may do all of it as somebody, in one of the two ways there are. Nobody acts as a role.
async fn ours(reader: &Reader<'_>, subject: &Subject<'_>, action: &Action) -> Result<bool, Why> {
    let Some(user) = subject.user else {
        return Ok(true);
    };
    let (classic, constrained) = tokio::join!(
        all(reader, being("", "impersonate", user, subject.groups)),
        all(reader, {
            let on =
                |right: Right| attributes(right, &format!("impersonate-on:user-info:{}", right.verb), action);
            let mut questions = being(CONSTRAINED, "impersonate:user-info", user, subject.groups);
            questions.extend(needed(action).map(on));
            questions
        }),
    );
    Ok(classic? || constrained?)
}

/// The questions whether the bot may be somebody.
fn being(group: &str, verb: &str, user: &str, groups: &[String]) -> Vec<ResourceAttributes> {
    let groups = groups.iter().map(|group| ("groups", group.as_str()));
    let parts = std::iter::once(("users", user)).chain(groups);
    let question = |(resource, name): (&str, &str)| ResourceAttributes {
        group: Some(group.to_owned()),
        resource: Some(resource.to_owned()),
        verb: Some(verb.to_owned()),
        name: Some(name.to_owned()),
        ..ResourceAttributes::default()
    };
    parts.map(question).collect()
}

fn attributes(right: Right, verb: &str, action: &Action) -> ResourceAttributes {
    let is_one = right.verb != "list";
    ResourceAttributes {
        group: Some(right.group.to_owned()),
        version: Some(right.version.to_owned()),
        resource: Some(right.resource.to_owned()),
        verb: Some(verb.to_owned()),
        name: is_one.then(|| action.node().to_owned()),
        ..ResourceAttributes::default()
    }
}

/// Whether somebody has a right. On the heap, as there are several at once.
fn has<'a>(
    reader: &'a Reader<'_>,
    subject: &Subject<'_>,
    asked: ResourceAttributes,
) -> BoxFuture<'a, Result<bool, Why>> {
    let review = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: subject.user.map(str::to_owned),
            groups: Some([subject.groups, &[AUTHENTICATED.to_owned()]].concat()),
            resource_attributes: Some(asked),
            ..SubjectAccessReviewSpec::default()
        },
        ..SubjectAccessReview::default()
    };
    let asking = async move {
        let path = Request::of(request::CREATE_REVIEW).path();
        let review = reader.review(&path, &review).await?;
        Ok(review.status.is_some_and(|status| status.allowed))
    };
    asking.boxed()
}

async fn all(reader: &Reader<'_>, questions: Vec<ResourceAttributes>) -> Result<bool, Why> {
    for answer in join_all(questions.into_iter().map(|asked| own(reader, asked))).await {
        if !answer? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the bot itself has a right.
fn own<'a>(reader: &'a Reader<'_>, asked: ResourceAttributes) -> BoxFuture<'a, Result<bool, Why>> {
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(asked),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let asking = async move {
        let review = reader.review(OWN, &review).await?;
        Ok(review.status.is_some_and(|status| status.allowed))
    };
    asking.boxed()
}
