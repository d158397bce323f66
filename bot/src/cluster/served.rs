//! What a cluster serves, by its discovery: which versions, kinds and resources there are.

use std::sync::{Arc, Mutex};

use serde::Deserialize;

use super::client::{NotRead, Reader, Why, lock};
use super::request::Right;
use crate::clock::Millis;

/// For how long it is believed: kinds come and go when somebody installs something.
pub(super) const FRESH: Millis = 300_000;
/// The paths that are read, and the form in which each names all that is below it.
const PATHS: [&str; 2] = ["/api", "/apis"];
/// That form, as servers since 1.30 and since 1.26 have it.
pub(super) const FORM: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                               application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// What it needs; every user of a cluster may read it.
const DISCOVERY: Right = Right {
    group: "",
    version: "",
    resource: "discovery",
    verb: "get",
};

/// Whether a path is one of discovery's.
pub(super) fn is_discovery(path: &str) -> bool {
    PATHS.contains(&path)
}

/// What is remembered of one cluster.
#[derive(Default)]
pub(super) struct Known(Mutex<Option<(Millis, Arc<Served>)>>);

/// What a cluster serves.
#[derive(Debug, Default)]
pub struct Served {
    versions: Vec<Version>,
}

#[derive(Debug)]
struct Version {
    /// `v1`, `apps/v1`.
    name: String,
    group: String,
    /// What serves it does not answer, so that what it serves is not known.
    is_stale: bool,
    resources: Vec<Resource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resource {
    resource: String,
    singular_resource: String,
    short_names: Vec<String>,
    response_kind: Option<ResponseKind>,
    subresources: Vec<Subresource>,
}

#[derive(Debug, Deserialize)]
struct ResponseKind {
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Subresource {
    subresource: String,
}

#[derive(Deserialize)]
struct Groups {
    kind: String,
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    versions: Vec<GroupVersion>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
    #[serde(default)]
    freshness: String,
    #[serde(default)]
    resources: Vec<Resource>,
}

/// A version as a manifest names it: `v1`, `apps/v1`.
pub(super) fn api_version(group: &str, version: &str) -> String {
    match group {
        "" => version.to_owned(),
        group => format!("{group}/{version}"),
    }
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// It is.
    Served,
    /// It is not.
    NotServed,
    /// What would serve it does not answer.
    NotKnown,
}

impl Served {
    fn read(texts: &[Arc<String>]) -> Option<Self> {
        let mut served = Self::default();
        for text in texts {
            let groups: Groups = serde_json::from_str(text).ok()?;
            if groups.kind != "APIGroupDiscoveryList" {
                return None;
            }
            for group in groups.items {
                served
                    .versions
                    .extend(group.versions.into_iter().map(|version| Version {
                        name: api_version(&group.metadata.name, &version.version),
                        group: group.metadata.name.clone(),
                        is_stale: version.freshness == "Stale",
                        resources: version.resources,
                    }));
            }
        }
        // A server without Pods is none.
        (served.resource("pods") == Is::Served).then_some(served)
    }

    /// A kind in a version, as a manifest names them.
    pub fn kind(&self, version: &str, kind: &str) -> Is {
        let is_kind = |resource: &Resource| resource.response_kind.as_ref().is_some_and(|it| it.kind == kind);
        let named = || self.versions.iter().filter(|it| it.name == version);
        judge(
            named().any(|version| version.resources.iter().any(is_kind)),
            named().any(|version| version.is_stale),
        )
    }

    /// A resource as kubectl takes it: `pods`, `po`, `pod`, `deployments.apps`, `nodes.v1beta1.metrics.k8s.io`.
    pub fn resource(&self, word: &str) -> Is {
        let word = word.to_ascii_lowercase();
        let is_named = |version: &Version, resource: &Resource| {
            let kind = resource
                .response_kind
                .as_ref()
                .map(|it| it.kind.to_ascii_lowercase());
            let short = resource.short_names.iter();
            let mut names = [&resource.resource, &resource.singular_resource]
                .into_iter()
                .chain(&kind)
                .chain(short)
                .filter(|name| !name.is_empty());
            names.any(|name| match word.strip_prefix(name.as_str()) {
                Some("") => true,
                Some(rest) => version.is_called(rest),
                None => false,
            })
        };
        let is_there = self.versions.iter().any(|version| {
            version
                .resources
                .iter()
                .any(|resource| is_named(version, resource))
        });
        let group = word.split_once('.').map(|(_, group)| group.to_owned());
        let is_stale = self.versions.iter().any(|version| {
            let may_hold = group
                .as_ref()
                .is_none_or(|group| version.is_called(&format!(".{group}")));
            version.is_stale && may_hold
        });
        judge(is_there, is_stale)
    }

    /// A subresource of a resource by its plural: `pods`, `resize`.
    pub fn subresource(&self, plural: &str, part: &str) -> Is {
        let mut resources = self.versions.iter().flat_map(|version| &version.resources);
        let is_there = resources
            .any(|it| it.resource == plural && it.subresources.iter().any(|sub| sub.subresource == part));
        judge(is_there, false)
    }
}

const fn judge(is_there: bool, is_stale: bool) -> Is {
    match (is_there, is_stale) {
        (true, _) => Is::Served,
        (false, true) => Is::NotKnown,
        (false, false) => Is::NotServed,
    }
}

impl Version {
    /// Whether `.apps` or `.v1.apps` means it.
    fn is_called(&self, rest: &str) -> bool {
        let (_, version) = self.name.split_once('/').unwrap_or(("", &self.name));
        let of_version = rest.strip_prefix('.').and_then(|rest| rest.strip_prefix(version));
        rest.strip_prefix('.') == Some(self.group.as_str())
            || of_version.and_then(|rest| rest.strip_prefix('.')) == Some(self.group.as_str())
    }
}

impl Reader<'_> {
    /// What the cluster serves.
    ///
    /// # Errors
    /// If it does not say.
    pub async fn served(&self) -> Result<Arc<Served>, NotRead> {
        let known = &self.cluster.served.0;
        let now = self.clock.now();
        if let Some((until, served)) = &*lock(known)
            && now < *until
        {
            return Ok(Arc::clone(served));
        }
        let not = |why| NotRead {
            right: DISCOVERY,
            namespace: String::new(),
            name: String::new(),
            why,
        };
        let (core, groups) = tokio::join!(self.discovery(PATHS[0]), self.discovery(PATHS[1]));
        let texts = [core.map_err(not)?, groups.map_err(not)?];
        let served = Served::read(&texts).ok_or_else(|| not(Why::Unreadable))?;
        let served = Arc::new(served);
        *lock(known) = Some((now + FRESH, Arc::clone(&served)));
        Ok(served)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served() -> Served {
        let core = r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","freshness":"Current",
            "resources":[{"resource":"pods","singularResource":"pod","shortNames":["po"],"responseKind":{"kind":"Pod"},
            "subresources":[{"subresource":"log"}]}]}]}]}"#;
        let groups = r#"{"kind":"APIGroupDiscoveryList","items":[
            {"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[{"resource":"deployments","singularResource":"deployment",
            "shortNames":["deploy"],"responseKind":{"kind":"Deployment"}}]}]},
            {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}]}"#;
        let texts = [core, groups].map(|text| Arc::new(text.to_owned()));
        Served::read(&texts).unwrap()
    }

    #[test]
    fn a_kind_is_served_in_its_own_version() {
        let served = served();
        assert_eq!(served.kind("v1", "Pod"), Is::Served);
        assert_eq!(served.kind("apps/v1", "Deployment"), Is::Served);
        assert_eq!(served.kind("apps/v1beta1", "Deployment"), Is::NotServed);
        assert_eq!(served.kind("apps/v1", "Widget"), Is::NotServed);
    }

    #[test]
    fn a_resource_is_found_as_kubectl_finds_it() {
        let served = served();
        for word in [
            "pods",
            "po",
            "Pod",
            "deploy",
            "deployments.apps",
            "deployment.v1.apps",
            "deploy.apps",
        ] {
            assert_eq!(served.resource(word), Is::Served, "{word}");
        }
        for word in ["deployments.batch", "pods.apps", "podsx.apps"] {
            assert_eq!(served.resource(word), Is::NotServed, "{word}");
        }
        assert_eq!(served.subresource("pods", "log"), Is::Served);
        assert_eq!(served.subresource("pods", "resize"), Is::NotServed);
    }

    #[test]
    fn what_a_server_that_does_not_answer_would_serve_is_not_known() {
        let served = served();
        assert_eq!(served.resource("vpa"), Is::NotKnown);
        assert_eq!(served.resource("nodes.metrics.k8s.io"), Is::NotKnown);
        assert_eq!(served.kind("metrics.k8s.io/v1beta1", "NodeMetrics"), Is::NotKnown);
    }

    #[test]
    fn another_form_is_not_taken_for_an_empty_one() {
        let old = Arc::new(r#"{"kind":"APIGroupList","groups":[]}"#.to_owned());
        assert!(Served::read(&[Arc::clone(&old), old]).is_none());
    }
}
