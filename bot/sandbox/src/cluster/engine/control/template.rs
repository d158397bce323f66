//! Making Pods of a template and deleting them, as the controllers of ReplicaSets and DaemonSets do.

use std::sync::Arc;

use serde_json::{Value, json};

use super::about;
use crate::cluster::api::kinds::PODS;
use crate::cluster::engine::object::{controller_reference, is_true, name, namespace, true_since};
use crate::cluster::engine::record::{Note, Source};
use crate::cluster::engine::world::World;

/// A Pod of the template of `owner`, with a generated name.
pub(super) fn pod_of(world: &mut World, owner: &Value) -> Value {
    let template = &owner["spec"]["template"];
    let mut metadata = template["metadata"].clone();
    if !metadata.is_object() {
        metadata = json!({});
    }
    let start = format!("{}-", name(owner));
    let pod_name = format!("{start}{}", world.new_ending(&start));
    metadata["name"] = json!(pod_name);
    metadata["generateName"] = json!(start);
    metadata["namespace"] = json!(namespace(owner));
    metadata["ownerReferences"] = json!([controller_reference(owner)]);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
}

/// Makes the Pod and tells so.
pub(super) fn create(
    world: &mut World,
    owner: &Value,
    pod: Value,
    from: &'static str,
) -> anyhow::Result<Arc<Value>> {
    let created = world.create(PODS, pod)?;
    tell(
        world,
        owner,
        "SuccessfulCreate",
        format!("Created pod: {}", name(&created)),
        from,
    )?;
    Ok(created)
}

/// Deletes the Pod and tells so.
pub(super) fn delete(
    world: &mut World,
    owner: &Value,
    pod: &Value,
    from: &'static str,
) -> anyhow::Result<()> {
    world.delete(PODS, (namespace(pod), name(pod)), None)?;
    tell(
        world,
        owner,
        "SuccessfulDelete",
        format!("Deleted pod: {}", name(pod)),
        from,
    )
}

/// Tells something normal about an object.
pub(super) fn tell(
    world: &mut World,
    object: &Value,
    reason: &'static str,
    message: String,
    from: &'static str,
) -> anyhow::Result<()> {
    let from = Source::Controller(from);
    world.tell(Note {
        about: about(object),
        warning: false,
        reason,
        message,
        from,
    })
}

/// Whether a Pod was ready for long enough to count on it. Where it only has to wait, its controller looks
/// again when the time has come.
pub(super) fn is_available(world: &mut World, pod: &Value, seconds: i64) -> bool {
    if !is_true(pod, "Ready") {
        return false;
    }
    let needed = u64::try_from(seconds).unwrap_or_default() * 1000;
    let Some(since) = true_since(pod, "Ready").filter(|_| needed > 0) else {
        return true;
    };
    if since + needed > world.now {
        world.look_again(since + needed, PODS, namespace(pod));
        return false;
    }
    true
}
