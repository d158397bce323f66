//! What a scenario makes happen: to machines, or by somebody's hand.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::amount::{binary, units};
use super::hollow::{Hollow, Kubelet};
use super::object::{items, name, namespace, text, uid};
use super::scenario::{Memory, Named, SetImage, Step};
use super::world::World;
use crate::cluster::api::Resource;
use crate::cluster::api::kinds::{DEPLOYMENTS, NODES};
use crate::cluster::catalog;

/// Lets a step happen.
pub(super) fn take(world: &mut World, hollow: &mut Hollow, step: Step) -> anyhow::Result<()> {
    match step {
        Step::Reboot(reboot) => kubelet(hollow, &reboot.node)?.go_down(world),
        Step::Boot(node) => kubelet(hollow, &node)?.boot(world),
        Step::Kubelet(switch) if switch.on => kubelet(hollow, &switch.node)?.start_again(world),
        Step::Kubelet(switch) => kubelet(hollow, &switch.node)?.go_down(world),
        Step::Network(switch) if switch.on => kubelet(hollow, &switch.node)?.plug_in(world),
        Step::Network(switch) => kubelet(hollow, &switch.node)?.go_down(world),
        Step::Runtime(switch) => kubelet(hollow, &switch.node)?.set_runtime(world, switch.on),
        Step::Memory(memory) => change_memory(world, hollow, &memory),
        Step::Exit(exit) => {
            let habits = hollow.habits.clone();
            for kubelet in hollow.kubelets.values_mut() {
                let of = (exit.of.as_str(), exit.container.as_deref());
                if kubelet.end_container(world, &habits, of, &exit.exit())? {
                    break;
                }
            }
            Ok(())
        }
        Step::SystemOom(oom) => {
            let message = format!(
                "System OOM encountered, victim process: {}, pid: {}",
                oom.process, oom.pid
            );
            kubelet(hollow, &oom.node)?.tell_of_node(world, "SystemOOM", message)
        }
        Step::SetImage(image) => set_image(world, &image),
        Step::Scale(scale) => {
            let patch = json!({"spec": {"replicas": scale.to}});
            patch_deployment(world, &scale.of, &patch)
        }
        Step::Cordon(node, cordoned) => {
            let unschedulable = if cordoned { json!(true) } else { Value::Null };
            world.patch(
                NODES,
                ("", &node),
                "",
                &json!({"spec": {"unschedulable": unschedulable}}),
            )?;
            Ok(())
        }
        Step::Apply(object) => apply(world, object),
        Step::Patch(patch) => {
            let of = resource(&patch.object)?;
            world.patch(of, (&patch.object.namespace, &patch.object.name), "", &patch.with)?;
            Ok(())
        }
        Step::Delete(named) => world.delete(resource(&named)?, (&named.namespace, &named.name), None),
    }
}

fn kubelet<'a>(hollow: &'a mut Hollow, node: &str) -> anyhow::Result<&'a mut Kubelet> {
    let found = hollow.kubelets.get_mut(node);
    found.with_context(|| format!("there is no node {node}"))
}

fn resource(named: &Named) -> anyhow::Result<Resource> {
    let kind = catalog::by_object(&named.api_version, &named.kind);
    let kind = kind.with_context(|| format!("there is no kind {} {}", named.api_version, named.kind))?;
    Ok(kind.resource)
}

fn change_memory(world: &mut World, hollow: &mut Hollow, memory: &Memory) -> anyhow::Result<()> {
    let habits = hollow.habits.clone();
    let kubelet = kubelet(hollow, &memory.node)?;
    let left = units(&memory.left);
    kubelet.set_memory_pressure(world, memory.pressure, left)?;
    let Some(whose) = &memory.evict else {
        return Ok(());
    };
    let Some(pod) = kubelet.victim(whose) else {
        return Ok(());
    };
    let container = &pod["spec"]["containers"][0];
    let request = match text(&container["resources"]["requests"]["memory"]) {
        "" => "0",
        request => request,
    };
    // What kubelets measure are whole pages, so that it is written in Ki.
    let kibi = |bytes: i64| format!("{}Ki", bytes / 1024);
    let message = format!(
        "The node was low on resource: memory. Threshold quantity: {}, available: {}. Container {} was using {}, \
         request is {request}, has larger consumption of memory. ",
        binary(100 << 20),
        kibi(left),
        text(&container["name"]),
        kibi(units(&memory.used)),
    );
    kubelet.evict(world, &habits, uid(&pod), &message)
}

fn patch_deployment(world: &mut World, of: &str, patch: &Value) -> anyhow::Result<()> {
    let (inside, named) = of
        .split_once('/')
        .with_context(|| format!("`{of}` is not namespace/name"))?;
    world.patch(DEPLOYMENTS, (inside, named), "", patch)?;
    Ok(())
}

fn set_image(world: &mut World, image: &SetImage) -> anyhow::Result<()> {
    let (inside, named) = image
        .of
        .split_once('/')
        .with_context(|| format!("`{}` is not namespace/name", image.of))?;
    let found = world.get(DEPLOYMENTS, inside, named)?;
    let deployment = found.with_context(|| format!("there is no Deployment {}", image.of))?;
    let mut containers = items(&deployment["spec"]["template"]["spec"]["containers"]).to_vec();
    for container in containers
        .iter_mut()
        .filter(|container| container["name"] == image.container.as_str())
    {
        container["image"] = json!(image.image);
    }
    let mut patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
    if let Some(cause) = &image.cause {
        patch["metadata"] = json!({"annotations": {"kubernetes.io/change-cause": cause}});
    }
    patch_deployment(world, &image.of, &patch)
}

/// Makes an object, or brings the one that is there to what it says. Its status is written as well.
pub(super) fn apply(world: &mut World, mut object: Value) -> anyhow::Result<()> {
    let named = Named {
        api_version: text(&object["apiVersion"]).to_owned(),
        kind: text(&object["kind"]).to_owned(),
        namespace: namespace(&object).to_owned(),
        name: name(&object).to_owned(),
    };
    let of = resource(&named)?;
    let key = (named.namespace.as_str(), named.name.as_str());
    let status = object
        .get_mut("status")
        .map(Value::take)
        .filter(|status| !status.is_null());
    if world.get(of, key.0, key.1)?.is_some() {
        world.patch(of, key, "", &object)?;
    } else {
        world
            .create(of, object)
            .with_context(|| format!("making {} {}", named.kind, named.name))?;
    }
    if let Some(status) = status {
        world.patch(of, key, "status", &json!({"status": status}))?;
    }
    Ok(())
}
