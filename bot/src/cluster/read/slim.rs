//! What is kept of an object of a list over a whole cluster while it is read: what its answer is made of.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

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
