//! The kinds that Kubernetes itself has, as the library's types read and write them.

use k8s_openapi::api::admissionregistration::v1 as admission;
use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::autoscaling::{v1 as autoscaling_v1, v2 as autoscaling};
use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::certificates::v1 as certificates;
use k8s_openapi::api::coordination::v1 as coordination;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1 as discovery;
use k8s_openapi::api::networking::v1 as networking;
use k8s_openapi::api::node::v1 as node;
use k8s_openapi::api::policy::v1 as policy;
use k8s_openapi::api::rbac::v1 as rbac;
use k8s_openapi::api::scheduling::v1 as scheduling;
use k8s_openapi::api::storage::v1 as storage;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as apiextensions;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1 as apiregistration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A kind that the library has a type for.
pub(super) struct Kind {
    version: &'static str,
    kind: &'static str,
    decode: fn(&Value) -> Result<Value, serde_json::Error>,
}

impl Kind {
    /// The kind of this name in this version of the API (`apps/v1`), if Kubernetes itself has one.
    pub(super) fn find(version: &str, kind: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .find(|known| known.version == version && known.kind == kind)
    }

    /// An object as the type has it: without what it does not know.
    ///
    /// # Errors
    /// If a value is not what its field takes. The place in the message means nothing.
    pub(super) fn decode(&self, value: &Value) -> Result<Value, serde_json::Error> {
        (self.decode)(value)
    }
}

macro_rules! kinds {
    ($($kind:ty),* $(,)?) => {
        &[$(Kind {
            version: <$kind as k8s_openapi::Resource>::API_VERSION,
            kind: <$kind as k8s_openapi::Resource>::KIND,
            decode: decode::<$kind>,
        }),*]
    };
}

const KINDS: &[Kind] = kinds![
    core::ConfigMap,
    core::Endpoints,
    core::LimitRange,
    core::Namespace,
    core::Node,
    core::PersistentVolume,
    core::PersistentVolumeClaim,
    core::Pod,
    core::PodTemplate,
    core::ReplicationController,
    core::ResourceQuota,
    core::Secret,
    core::Service,
    core::ServiceAccount,
    apps::DaemonSet,
    apps::Deployment,
    apps::ReplicaSet,
    apps::StatefulSet,
    autoscaling_v1::HorizontalPodAutoscaler,
    autoscaling::HorizontalPodAutoscaler,
    batch::CronJob,
    batch::Job,
    certificates::CertificateSigningRequest,
    coordination::Lease,
    discovery::EndpointSlice,
    networking::Ingress,
    networking::IngressClass,
    networking::NetworkPolicy,
    node::RuntimeClass,
    policy::PodDisruptionBudget,
    rbac::ClusterRole,
    rbac::ClusterRoleBinding,
    rbac::Role,
    rbac::RoleBinding,
    scheduling::PriorityClass,
    storage::CSIDriver,
    storage::StorageClass,
    storage::VolumeAttachment,
    admission::MutatingWebhookConfiguration,
    admission::ValidatingAdmissionPolicy,
    admission::ValidatingAdmissionPolicyBinding,
    admission::ValidatingWebhookConfiguration,
    apiextensions::CustomResourceDefinition,
    apiregistration::APIService,
];

/// From text, as the answers of the API are read (`client`), so that no type's reader is compiled twice.
fn decode<T: DeserializeOwned + Serialize>(value: &Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_str::<T>(&value.to_string())?)
}
