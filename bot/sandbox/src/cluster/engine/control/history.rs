//! The revisions of StatefulSets and DaemonSets: a template each, kept to go back to.

use serde_json::{Value, json};

use crate::cluster::api::kinds::CONTROLLER_REVISIONS;
use crate::cluster::engine::object::{controller_reference, is_managed_by, name, namespace, number, uid};
use crate::cluster::engine::world::World;

/// Notes the present template of a set under this name, as the newest of its revisions. `label` says which
/// label holds the hash.
pub(super) fn note(world: &mut World, set: &Value, hash: &str, label: &str) -> anyhow::Result<()> {
    let inside = namespace(set);
    let revision_name = format!("{}-{hash}", name(set));
    let known = world.get(CONTROLLER_REVISIONS, inside, &revision_name)?;
    if known.is_some() && set["status"]["observedGeneration"] == set["metadata"]["generation"] {
        return Ok(());
    }
    let mut newest = 0;
    for revision in world.list_in(CONTROLLER_REVISIONS, inside)? {
        if is_managed_by(&revision, uid(set)) && name(&revision) != revision_name {
            newest = newest.max(number(&revision["revision"]));
        }
    }
    if let Some(known) = known {
        // Somebody went back to it.
        if number(&known["revision"]) <= newest {
            let patch = json!({"revision": newest + 1});
            world.patch_quietly(CONTROLLER_REVISIONS, (inside, &revision_name), "", &patch)?;
        }
        return Ok(());
    }
    world.create(
        CONTROLLER_REVISIONS,
        revision(set, &revision_name, (label, hash), newest + 1),
    )?;
    Ok(())
}

fn revision(set: &Value, revision_name: &str, (label, hash): (&str, &str), number: i64) -> Value {
    let mut template = set["spec"]["template"].clone();
    let mut labels = template["metadata"]["labels"].clone();
    labels[label] = json!(hash);
    template["$patch"] = json!("replace");
    let mut metadata = json!({
        "name": revision_name,
        "namespace": namespace(set),
        "labels": labels,
        "ownerReferences": [controller_reference(set)],
    });
    if set["metadata"]["annotations"].is_object() {
        metadata["annotations"] = set["metadata"]["annotations"].clone();
    }
    json!({
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": metadata,
        "data": {"spec": {"template": template}},
        "revision": number,
    })
}
