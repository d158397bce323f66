//! What is kept of each object of a list over a whole cluster while it is read: what its answer is made of.

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use serde_json::{Value, json};

use super::changes::TOGETHER;
use super::time;
use crate::clock::Millis;

/// Of objects of which it is asked what changed since a time.
#[derive(Clone, Copy, Debug)]
pub struct Since(pub Millis);

impl Since {
    /// What a Deployment is called, and who wrote it lately.
    pub fn deployment(self, it: apps::Deployment) -> apps::Deployment {
        apps::Deployment {
            metadata: self.metadata(it.metadata),
            ..apps::Deployment::default()
        }
    }

    /// The same of a StatefulSet.
    pub fn stateful_set(self, it: apps::StatefulSet) -> apps::StatefulSet {
        apps::StatefulSet {
            metadata: self.metadata(it.metadata),
            ..apps::StatefulSet::default()
        }
    }

    /// The same of a DaemonSet.
    pub fn daemon_set(self, it: apps::DaemonSet) -> apps::DaemonSet {
        apps::DaemonSet {
            metadata: self.metadata(it.metadata),
            ..apps::DaemonSet::default()
        }
    }

    /// A ReplicaSet with the images of its template.
    pub fn replica_set(self, it: apps::ReplicaSet) -> apps::ReplicaSet {
        let template = it.spec.template.map(|template| core::PodTemplateSpec {
            spec: template.spec.map(images),
            ..core::PodTemplateSpec::default()
        });
        apps::ReplicaSet {
            metadata: self.metadata(it.metadata),
            spec: apps::ReplicaSetSpec {
                replicas: it.spec.replicas,
                template,
                ..apps::ReplicaSetSpec::default()
            },
            ..apps::ReplicaSet::default()
        }
    }

    /// A revision with the images of its template.
    pub fn revision(self, it: apps::ControllerRevision) -> apps::ControllerRevision {
        apps::ControllerRevision {
            metadata: self.metadata(it.metadata),
            data: RawExtension(patch(&it.data.0)),
            revision: it.revision,
        }
    }

    /// A node with what says whether it may take Pods.
    pub fn node(self, it: core::Node) -> core::Node {
        let spec = it.spec.unwrap_or_default();
        core::Node {
            metadata: self.metadata(it.metadata),
            spec: Some(core::NodeSpec {
                unschedulable: spec.unschedulable,
                taints: spec.taints,
                ..core::NodeSpec::default()
            }),
            ..core::Node::default()
        }
    }

    /// Who wrote what before then is of no account. Annotations keep the revision and its cause.
    fn metadata(self, it: ObjectMeta) -> ObjectMeta {
        // What counts as one with something that happened then may have been written a little earlier.
        let least = self.0.saturating_sub(3 * TOGETHER);
        let mut managed_fields = it.managed_fields;
        if let Some(entries) = &mut managed_fields {
            entries.retain(|entry| time::millis(entry.time.as_ref()).is_some_and(|at| at >= least));
            entries.shrink_to_fit();
        }
        let mut annotations = it.annotations;
        if let Some(annotations) = &mut annotations {
            annotations.retain(|name, _| super::rollout::ANNOTATIONS.contains(&name.as_str()));
        }
        ObjectMeta {
            name: it.name,
            namespace: it.namespace,
            uid: it.uid,
            owner_references: it.owner_references,
            creation_timestamp: it.creation_timestamp,
            annotations,
            managed_fields,
            ..ObjectMeta::default()
        }
    }
}

fn images(it: core::PodSpec) -> core::PodSpec {
    let bare = |it: core::Container| core::Container {
        name: it.name,
        image: it.image,
        ..core::Container::default()
    };
    let all = |containers: Vec<core::Container>| containers.into_iter().map(bare).collect();
    core::PodSpec {
        containers: all(it.containers),
        init_containers: it.init_containers.map(all),
        ..core::PodSpec::default()
    }
}

fn patch(whole: &Value) -> Value {
    let spec = &whole["spec"]["template"]["spec"];
    let bare = |it: &Value| json!({"name": it["name"], "image": it["image"]});
    let all = |list: &Value| -> Vec<Value> { list.as_array().into_iter().flatten().map(bare).collect() };
    let (containers, inits) = (all(&spec["containers"]), all(&spec["initContainers"]));
    json!({"spec": {"template": {"spec": {"containers": containers, "initContainers": inits}}}})
}

/// A Service without what its author and the server note about it.
pub fn service(mut it: core::Service) -> core::Service {
    notes(&mut it.metadata);
    it
}

/// The same of an Ingress.
pub fn ingress(mut it: Ingress) -> Ingress {
    notes(&mut it.metadata);
    it
}

fn notes(metadata: &mut ObjectMeta) {
    metadata.managed_fields = None;
    metadata.annotations = None;
    metadata.labels = None;
}
