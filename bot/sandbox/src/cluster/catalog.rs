//! Every kind of object that the local cluster serves, in the order of a real server's discovery.

use super::api::{Resource, kinds};

/// A kind of object and how it is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its names.
    pub resource: Resource,
    /// What one object is called, `pod`.
    pub singular: &'static str,
    /// Short names, `po`.
    pub short: &'static [&'static str],
    /// Groups of kinds it is listed in, `all`.
    pub categories: &'static [&'static str],
    /// Whether `status` is a subresource.
    pub status: bool,
    /// Whether `scale` is one.
    pub scale: bool,
    /// Whether `metadata.generation` counts changes of the specification.
    pub generation: bool,
    /// Whether it can only be created and is kept nowhere, as an access review.
    pub review: bool,
    /// Under which kind its objects are kept, where that is another one.
    pub kept_as: Option<Resource>,
}

impl Kind {
    const fn new(resource: Resource, singular: &'static str, short: &'static [&'static str]) -> Self {
        Self {
            resource,
            singular,
            short,
            categories: &[],
            status: false,
            scale: false,
            generation: false,
            review: false,
            kept_as: None,
        }
    }

    const fn in_all(mut self) -> Self {
        self.categories = &["all"];
        self
    }

    const fn with_status(mut self) -> Self {
        self.status = true;
        self
    }

    const fn with_scale(mut self) -> Self {
        self.scale = true;
        self
    }

    const fn counted(mut self) -> Self {
        self.generation = true;
        self
    }

    const fn review(mut self) -> Self {
        self.review = true;
        self
    }

    const fn kept_as(mut self, other: Resource) -> Self {
        self.kept_as = Some(other);
        self
    }

    /// Where its objects are kept.
    pub fn shelf(&self) -> Resource {
        self.kept_as.unwrap_or(self.resource)
    }

    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        match self.resource.group {
            "" => self.resource.version.to_owned(),
            group => format!("{group}/{}", self.resource.version),
        }
    }

    /// What can be done with it, in alphabetical order as discovery lists them.
    pub fn verbs(&self) -> &'static [&'static str] {
        match (self.review, self.resource.group) {
            (true, _) => &["create"],
            (false, "metrics.k8s.io") => &["get", "list"],
            _ => &[
                "create",
                "delete",
                "deletecollection",
                "get",
                "list",
                "patch",
                "update",
                "watch",
            ],
        }
    }
}

const fn other(
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
    namespaced: bool,
) -> Resource {
    Resource {
        group,
        version,
        plural,
        kind,
        namespaced,
    }
}

const METRICS: &str = "metrics.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";

/// Every kind.
pub const CATALOG: &[Kind] = &[
    Kind::new(kinds::CONFIG_MAPS, "configmap", &["cm"]),
    Kind::new(
        other("", "v1", "endpoints", "Endpoints", true),
        "endpoints",
        &["ep"],
    ),
    Kind::new(kinds::EVENTS, "event", &["ev"]),
    Kind::new(
        other("", "v1", "limitranges", "LimitRange", true),
        "limitrange",
        &["limits"],
    ),
    Kind::new(kinds::NAMESPACES, "namespace", &["ns"]).with_status(),
    Kind::new(kinds::NODES, "node", &["no"]).with_status(),
    Kind::new(kinds::CLAIMS, "persistentvolumeclaim", &["pvc"]).with_status(),
    Kind::new(
        other("", "v1", "persistentvolumes", "PersistentVolume", false),
        "persistentvolume",
        &["pv"],
    )
    .with_status(),
    Kind::new(kinds::PODS, "pod", &["po"])
        .in_all()
        .with_status()
        .counted(),
    Kind::new(
        other("", "v1", "replicationcontrollers", "ReplicationController", true),
        "replicationcontroller",
        &["rc"],
    )
    .in_all()
    .with_status()
    .with_scale()
    .counted(),
    Kind::new(
        other("", "v1", "resourcequotas", "ResourceQuota", true),
        "resourcequota",
        &["quota"],
    )
    .with_status(),
    Kind::new(kinds::SECRETS, "secret", &[]),
    Kind::new(kinds::SERVICE_ACCOUNTS, "serviceaccount", &["sa"]),
    Kind::new(kinds::SERVICES, "service", &["svc"])
        .in_all()
        .with_status(),
    Kind::new(
        other("apps", "v1", "controllerrevisions", "ControllerRevision", true),
        "controllerrevision",
        &[],
    ),
    Kind::new(kinds::DAEMON_SETS, "daemonset", &["ds"])
        .in_all()
        .with_status()
        .counted(),
    Kind::new(kinds::DEPLOYMENTS, "deployment", &["deploy"])
        .in_all()
        .with_status()
        .with_scale()
        .counted(),
    Kind::new(kinds::REPLICA_SETS, "replicaset", &["rs"])
        .in_all()
        .with_status()
        .with_scale()
        .counted(),
    Kind::new(kinds::STATEFUL_SETS, "statefulset", &["sts"])
        .in_all()
        .with_status()
        .with_scale()
        .counted(),
    Kind::new(
        other("events.k8s.io", "v1", "events", "Event", true),
        "event",
        &["ev"],
    )
    .kept_as(kinds::EVENTS),
    Kind::new(
        other(
            AUTHENTICATION,
            "v1",
            "selfsubjectreviews",
            "SelfSubjectReview",
            false,
        ),
        "selfsubjectreview",
        &[],
    )
    .review(),
    Kind::new(
        other(
            AUTHORIZATION,
            "v1",
            "localsubjectaccessreviews",
            "LocalSubjectAccessReview",
            true,
        ),
        "localsubjectaccessreview",
        &[],
    )
    .review(),
    Kind::new(
        other(
            AUTHORIZATION,
            "v1",
            "selfsubjectaccessreviews",
            "SelfSubjectAccessReview",
            false,
        ),
        "selfsubjectaccessreview",
        &[],
    )
    .review(),
    Kind::new(
        other(
            AUTHORIZATION,
            "v1",
            "selfsubjectrulesreviews",
            "SelfSubjectRulesReview",
            false,
        ),
        "selfsubjectrulesreview",
        &[],
    )
    .review(),
    Kind::new(
        other(
            AUTHORIZATION,
            "v1",
            "subjectaccessreviews",
            "SubjectAccessReview",
            false,
        ),
        "subjectaccessreview",
        &[],
    )
    .review(),
    Kind::new(kinds::AUTOSCALERS, "horizontalpodautoscaler", &["hpa"])
        .in_all()
        .with_status()
        .counted(),
    Kind::new(
        other("batch", "v1", "cronjobs", "CronJob", true),
        "cronjob",
        &["cj"],
    )
    .in_all()
    .with_status()
    .counted(),
    Kind::new(other("batch", "v1", "jobs", "Job", true), "job", &[])
        .in_all()
        .with_status()
        .counted(),
    Kind::new(
        other("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false),
        "ingressclass",
        &[],
    )
    .counted(),
    Kind::new(kinds::INGRESSES, "ingress", &["ing"])
        .with_status()
        .counted(),
    Kind::new(kinds::NETWORK_POLICIES, "networkpolicy", &["netpol"]).counted(),
    Kind::new(kinds::DISRUPTION_BUDGETS, "poddisruptionbudget", &["pdb"])
        .with_status()
        .counted(),
    Kind::new(kinds::CLUSTER_ROLE_BINDINGS, "clusterrolebinding", &[]),
    Kind::new(kinds::CLUSTER_ROLES, "clusterrole", &[]),
    Kind::new(kinds::ROLE_BINDINGS, "rolebinding", &[]),
    Kind::new(kinds::ROLES, "role", &[]),
    Kind::new(
        other("storage.k8s.io", "v1", "csinodes", "CSINode", false),
        "csinode",
        &[],
    ),
    Kind::new(
        other("storage.k8s.io", "v1", "storageclasses", "StorageClass", false),
        "storageclass",
        &["sc"],
    ),
    Kind::new(
        other(
            "scheduling.k8s.io",
            "v1",
            "priorityclasses",
            "PriorityClass",
            false,
        ),
        "priorityclass",
        &["pc"],
    )
    .counted(),
    Kind::new(kinds::LEASES, "lease", &[]),
    Kind::new(kinds::ENDPOINT_SLICES, "endpointslice", &[]).counted(),
    Kind::new(
        other("resource.k8s.io", "v1", "resourceslices", "ResourceSlice", false),
        "resourceslice",
        &[],
    )
    .counted(),
    Kind::new(other(METRICS, "v1", "nodes", "NodeMetrics", false), "", &[]).kept_as(kinds::NODE_METRICS),
    Kind::new(other(METRICS, "v1", "pods", "PodMetrics", true), "", &[]).kept_as(kinds::POD_METRICS),
    Kind::new(kinds::NODE_METRICS, "", &[]),
    Kind::new(kinds::POD_METRICS, "", &[]),
];

/// The kind with a path.
pub fn by_path(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    CATALOG.iter().find(|kind| {
        let it = kind.resource;
        it.group == group && it.version == version && it.plural == plural
    })
}

/// The kind of a resource.
pub fn of(resource: Resource) -> Option<&'static Kind> {
    by_path(resource.group, resource.version, resource.plural)
}

/// The kind that an object says it is.
pub fn by_object(api_version: &str, kind: &str) -> Option<&'static Kind> {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    CATALOG
        .iter()
        .find(|it| it.resource.kind == kind && it.resource.group == group && it.resource.version == version)
}

/// The kind with a name as people write it: `pods`, `pod`, `po`, `Pod`, in either case.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    let name = name.to_lowercase();
    CATALOG.iter().find(|kind| {
        !kind.review
            && (kind.resource.plural == name
                || kind.singular == name
                || kind.short.contains(&name.as_str())
                || kind.resource.kind.to_lowercase() == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_every_name_they_have() {
        for name in ["pods", "pod", "po", "Pod"] {
            assert_eq!(by_name(name).unwrap().resource, kinds::PODS, "{name}");
        }
        assert_eq!(
            by_object("apps/v1", "Deployment").unwrap().resource,
            kinds::DEPLOYMENTS
        );
        assert_eq!(by_object("v1", "Event").unwrap().resource, kinds::EVENTS);
        assert_eq!(by_path("apps", "v1", "pods"), None);
    }
}
