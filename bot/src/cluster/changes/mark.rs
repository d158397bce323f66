//! What a call writes, and how it is known again: by an annotation that names the request and the version that the
//! call was made for, so that no other call of any request, also of an older store, can have left the same.
//!
//! The node's `managedFields` name the request as manager too, for people who look. They are no proof: a field that is
//! removed, as by an uncordon, belongs to no manager, and an API server (1.37) notes nobody on an object whose
//! `managedFields` were taken away or never there.

use k8s_openapi::api::core::v1 as api;
use serde_json::{Value, json};

use super::Truth;
use crate::remedy::approval::Request;

/// The annotation on the node.
pub const ANNOTATION: &str = "firstmate/request";

/// As whom the API server notes who wrote what.
pub fn manager(id: i64) -> String {
    format!("firstmate-{id}")
}

/// The request that such a name stands for.
pub fn request_of(manager: &str) -> Option<i64> {
    manager.strip_prefix("firstmate-")?.parse().ok()
}

/// What the annotation says after a call.
fn mark(id: i64, version: &str) -> String {
    format!("{id} on resourceVersion {version}")
}

/// The strategic merge patch of a request's call: of this node and no other of its name, as it was read.
pub(super) fn patch(request: &Request, version: &str) -> Value {
    let unschedulable = match request.action().unschedulable() {
        true => Value::Bool(true),
        // As kubectl does: the field is removed, not set to false.
        false => Value::Null,
    };
    json!({
        "metadata": {
            "resourceVersion": version,
            "uid": request.plan.basis.uid,
            "annotations": { ANNOTATION: mark(request.id, version) },
        },
        "spec": { "unschedulable": unschedulable },
    })
}

/// What a node says of a request's last call.
pub(super) fn truth(node: &api::Node, request: &Request) -> Truth {
    let meta = &node.metadata;
    let annotation = meta.annotations.as_ref().and_then(|all| all.get(ANNOTATION));
    let call = request.call.as_ref();
    let wanted = call.map(|call| mark(request.id, &call.resource_version));
    let spec = node.spec.as_ref();
    Truth {
        uid: meta.uid.clone().unwrap_or_default(),
        unschedulable: spec.and_then(|spec| spec.unschedulable).unwrap_or_default(),
        resource_version: meta.resource_version.clone().unwrap_or_default(),
        ours: wanted.is_some() && annotation == wanted.as_ref(),
    }
}
