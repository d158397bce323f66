//! What controllers and hollow kubelets need of a cluster: verbs of the Kubernetes API and nothing else, so
//! that they run on the local cluster and on a real one.

use std::sync::Arc;

use serde_json::Value;

/// A kind of object, as the paths of the API name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    /// Its group; empty for the core.
    pub group: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its name in paths.
    pub plural: &'static str,
    /// Its name in objects.
    pub kind: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

/// A cluster, as far as controllers and hollow kubelets use it. Every call is one request.
pub trait Api {
    /// All objects of a kind in all namespaces, by namespace and name.
    fn list(&self, of: Resource) -> anyhow::Result<Vec<Arc<Value>>>;

    /// All objects of a kind in one namespace, by name.
    fn list_in(&self, of: Resource, namespace: &str) -> anyhow::Result<Vec<Arc<Value>>> {
        let mut all = self.list(of)?;
        all.retain(|object| object["metadata"]["namespace"] == namespace);
        Ok(all)
    }

    /// One object, if it is there. `namespace` is empty for a kind without namespaces.
    fn get(&self, of: Resource, namespace: &str, name: &str) -> anyhow::Result<Option<Arc<Value>>>;

    /// Makes an object. Its namespace and name are in its metadata, or `generateName` is.
    fn create(&self, of: Resource, object: Value) -> anyhow::Result<Arc<Value>>;

    /// A merge patch of an object or, where `subresource` is named, of that (`status`, `scale`).
    fn patch(
        &self,
        of: Resource,
        namespace: &str,
        name: &str,
        subresource: &str,
        patch: &Value,
    ) -> anyhow::Result<Arc<Value>>;

    /// Deletes an object; a Pod with a grace above zero is only marked, until its kubelet deletes it with zero.
    fn delete(&self, of: Resource, namespace: &str, name: &str, grace: Option<i64>) -> anyhow::Result<()>;

    /// Sets the time that the cluster stamps into objects, while history is written; `None` is the present.
    /// A cluster that is not ours goes on with its own time.
    fn set_time(&self, _unix_ms: Option<u64>) {}

    /// A number that changes with every write of anybody, where the cluster can tell.
    fn revision(&self) -> Option<u64> {
        None
    }
}

const fn resource(
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

/// The kinds that controllers and hollow kubelets name.
pub mod kinds {
    use super::{Resource, resource};

    /// Node.
    pub const NODES: Resource = resource("", "v1", "nodes", "Node", false);
    /// Pod.
    pub const PODS: Resource = resource("", "v1", "pods", "Pod", true);
    /// Namespace.
    pub const NAMESPACES: Resource = resource("", "v1", "namespaces", "Namespace", false);
    /// Service.
    pub const SERVICES: Resource = resource("", "v1", "services", "Service", true);
    /// Event, of the core group.
    pub const EVENTS: Resource = resource("", "v1", "events", "Event", true);
    /// ConfigMap.
    pub const CONFIG_MAPS: Resource = resource("", "v1", "configmaps", "ConfigMap", true);
    /// Secret.
    pub const SECRETS: Resource = resource("", "v1", "secrets", "Secret", true);
    /// ServiceAccount.
    pub const SERVICE_ACCOUNTS: Resource = resource("", "v1", "serviceaccounts", "ServiceAccount", true);
    /// PersistentVolumeClaim.
    pub const CLAIMS: Resource = resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true);
    /// Deployment.
    pub const DEPLOYMENTS: Resource = resource("apps", "v1", "deployments", "Deployment", true);
    /// ReplicaSet.
    pub const REPLICA_SETS: Resource = resource("apps", "v1", "replicasets", "ReplicaSet", true);
    /// StatefulSet.
    pub const STATEFUL_SETS: Resource = resource("apps", "v1", "statefulsets", "StatefulSet", true);
    /// DaemonSet.
    pub const DAEMON_SETS: Resource = resource("apps", "v1", "daemonsets", "DaemonSet", true);
    /// ControllerRevision.
    pub const CONTROLLER_REVISIONS: Resource =
        resource("apps", "v1", "controllerrevisions", "ControllerRevision", true);
    /// Lease.
    pub const LEASES: Resource = resource("coordination.k8s.io", "v1", "leases", "Lease", true);
    /// EndpointSlice.
    pub const ENDPOINT_SLICES: Resource =
        resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true);
    /// Ingress.
    pub const INGRESSES: Resource = resource("networking.k8s.io", "v1", "ingresses", "Ingress", true);
    /// NetworkPolicy.
    pub const NETWORK_POLICIES: Resource = resource(
        "networking.k8s.io",
        "v1",
        "networkpolicies",
        "NetworkPolicy",
        true,
    );
    /// PodDisruptionBudget.
    pub const DISRUPTION_BUDGETS: Resource = resource(
        "policy",
        "v1",
        "poddisruptionbudgets",
        "PodDisruptionBudget",
        true,
    );
    /// HorizontalPodAutoscaler.
    pub const AUTOSCALERS: Resource = resource(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        true,
    );
    /// NodeMetrics.
    pub const NODE_METRICS: Resource = resource("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", false);
    /// PodMetrics.
    pub const POD_METRICS: Resource = resource("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", true);
    /// ClusterRole.
    pub const CLUSTER_ROLES: Resource = resource(
        "rbac.authorization.k8s.io",
        "v1",
        "clusterroles",
        "ClusterRole",
        false,
    );
    /// ClusterRoleBinding.
    pub const CLUSTER_ROLE_BINDINGS: Resource = resource(
        "rbac.authorization.k8s.io",
        "v1",
        "clusterrolebindings",
        "ClusterRoleBinding",
        false,
    );
    /// Role.
    pub const ROLES: Resource = resource("rbac.authorization.k8s.io", "v1", "roles", "Role", true);
    /// RoleBinding.
    pub const ROLE_BINDINGS: Resource = resource(
        "rbac.authorization.k8s.io",
        "v1",
        "rolebindings",
        "RoleBinding",
        true,
    );
}
