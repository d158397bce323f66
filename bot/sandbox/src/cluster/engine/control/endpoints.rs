//! EndpointSlices: the Pods behind each Service.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::cluster::api::kinds::{ENDPOINT_SLICES, NODES, PODS, SERVICES};
use crate::cluster::engine::object::{
    controller_reference, has_all, is_finished, is_going, is_managed_by, is_true, items, name, namespace,
    text, uid,
};
use crate::cluster::engine::world::{Changes, World, difference};

const MANAGER: &str = "endpointslice-controller.k8s.io";
const ZONE: &str = "topology.kubernetes.io/zone";

/// What the slices were made of the last time, by the uid of the Service.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    made_of: BTreeMap<String, String>,
}

impl Endpoints {
    /// Looks at the Services of every namespace where something changed.
    pub(crate) fn sync(&mut self, world: &mut World, changes: &Changes) -> anyhow::Result<()> {
        for inside in changes.namespaces(&[SERVICES, PODS, ENDPOINT_SLICES]) {
            let services = world.list_in(SERVICES, &inside)?;
            if !services.is_empty() {
                self.sync_namespace(world, &inside, &services)?;
            }
        }
        Ok(())
    }

    fn sync_namespace(
        &mut self,
        world: &mut World,
        inside: &str,
        services: &[Arc<Value>],
    ) -> anyhow::Result<()> {
        let slices = world.list_in(ENDPOINT_SLICES, inside)?;
        let mut pods = world.list_in(PODS, inside)?;
        pods.retain(|pod| pod["status"]["podIP"].is_string() && !is_finished(pod));
        let mut zones = None;
        for service in services {
            let Some(selector) = service["spec"]["selector"].as_object() else {
                continue;
            };
            let chosen = pods
                .iter()
                .filter(|pod| has_all(selector, &pod["metadata"]["labels"]));
            let chosen: Vec<&Arc<Value>> = chosen.collect();
            let own = slices
                .iter()
                .filter(|slice| is_managed_by(slice, uid(service)) && !is_going(slice));
            let own: Vec<&Arc<Value>> = own.collect();
            let made_of = versions(
                [service]
                    .into_iter()
                    .chain(chosen.iter().copied())
                    .chain(own.iter().copied()),
            );
            if self.made_of.get(uid(service)) == Some(&made_of) {
                continue;
            }
            if zones.is_none() {
                zones = Some(world.list(NODES)?.iter().map(|node| zone(node)).collect());
            }
            let wanted = wanted_slices(service, &chosen, zones.as_ref().unwrap_or(&BTreeMap::new()));
            write(world, service, wanted, own)?;
            self.made_of.insert(uid(service).to_owned(), made_of);
        }
        Ok(())
    }
}

/// The versions of all these objects: equal ones mean that nothing changed.
fn versions<'a>(objects: impl Iterator<Item = &'a Arc<Value>>) -> String {
    let mut all = String::new();
    for object in objects {
        all.push_str(text(&object["metadata"]["resourceVersion"]));
        all.push(' ');
    }
    all
}

fn zone(node: &Value) -> (String, Value) {
    (name(node).to_owned(), node["metadata"]["labels"][ZONE].clone())
}

/// Ports and endpoints of the slices that a Service needs: one for each set of ports that its Pods have.
fn wanted_slices(
    service: &Value,
    pods: &[&Arc<Value>],
    zones: &BTreeMap<String, Value>,
) -> Vec<(Value, Vec<Value>)> {
    let mut slices: Vec<(Value, Vec<Value>)> = Vec::new();
    for pod in pods {
        let ports = ports_of(service, pod);
        let endpoint = endpoint(service, pod, zones);
        match slices.iter_mut().find(|(other, _)| *other == ports) {
            Some((_, endpoints)) => endpoints.push(endpoint),
            None => slices.push((ports, vec![endpoint])),
        }
    }
    if slices.is_empty() {
        slices.push((json!([]), Vec::new()));
    }
    slices
}

/// The ports of a Service as this Pod has them.
fn ports_of(service: &Value, pod: &Value) -> Value {
    let mut ports = Vec::new();
    for port in items(&service["spec"]["ports"]) {
        let target = match &port["targetPort"] {
            Value::String(wanted) => named_port(pod, wanted),
            Value::Number(number) => number.as_i64(),
            _ => port["port"].as_i64(),
        };
        let Some(target) = target else {
            continue;
        };
        let mut found = Map::new();
        found.insert("name".to_owned(), json!(text(&port["name"])));
        found.insert("port".to_owned(), json!(target));
        found.insert(
            "protocol".to_owned(),
            json!(port["protocol"].as_str().unwrap_or("TCP")),
        );
        if port["appProtocol"].is_string() {
            found.insert("appProtocol".to_owned(), port["appProtocol"].clone());
        }
        ports.push(Value::Object(found));
    }
    Value::Array(ports)
}

fn named_port(pod: &Value, wanted: &str) -> Option<i64> {
    let containers = items(&pod["spec"]["containers"]).iter();
    let mut ports = containers.flat_map(|container| items(&container["ports"]));
    ports
        .find(|port| port["name"] == wanted)
        .and_then(|port| port["containerPort"].as_i64())
}

fn endpoint(service: &Value, pod: &Value, zones: &BTreeMap<String, Value>) -> Value {
    let (serving, going) = (is_true(pod, "Ready"), is_going(pod));
    let always = service["spec"]["publishNotReadyAddresses"] == true;
    let mut endpoint = json!({
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": (serving && !going) || always, "serving": serving, "terminating": going},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": {
            "kind": "Pod",
            "name": name(pod),
            "namespace": namespace(pod),
            "uid": pod["metadata"]["uid"],
        },
    });
    let zone = zones.get(text(&pod["spec"]["nodeName"]));
    if let Some(zone) = zone.filter(|zone| zone.is_string()) {
        endpoint["zone"] = zone.clone();
    }
    if service["spec"]["clusterIP"] == "None" && !text(&pod["spec"]["hostname"]).is_empty() {
        endpoint["hostname"] = pod["spec"]["hostname"].clone();
    }
    endpoint
}

/// Makes the slices of a Service those that it needs, and keeps the names of those that are there.
fn write(
    world: &mut World,
    service: &Value,
    wanted: Vec<(Value, Vec<Value>)>,
    mut own: Vec<&Arc<Value>>,
) -> anyhow::Result<()> {
    for (ports, endpoints) in wanted {
        let same = own.iter().position(|slice| slice["ports"] == ports);
        let Some(place) = same.or(if own.is_empty() { None } else { Some(0) }) else {
            create(world, service, &ports, &endpoints)?;
            continue;
        };
        let slice = own.remove(place);
        let new = json!({"ports": ports, "endpoints": endpoints});
        let old = json!({"ports": slice["ports"], "endpoints": slice["endpoints"]});
        if let Some(patch) = difference(&old, &new) {
            world.patch(ENDPOINT_SLICES, (namespace(slice), name(slice)), "", &patch)?;
        }
    }
    for slice in own {
        world.delete(ENDPOINT_SLICES, (namespace(slice), name(slice)), None)?;
    }
    Ok(())
}

fn create(world: &mut World, service: &Value, ports: &Value, endpoints: &[Value]) -> anyhow::Result<()> {
    let mut labels = service["metadata"]["labels"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    labels.insert(
        "endpointslice.kubernetes.io/managed-by".to_owned(),
        json!(MANAGER),
    );
    labels.insert("kubernetes.io/service-name".to_owned(), json!(name(service)));
    if service["spec"]["clusterIP"] == "None" {
        labels.insert("service.kubernetes.io/headless".to_owned(), json!(""));
    }
    let start = format!("{}-", name(service));
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": format!("{start}{}", world.new_ending(&start)),
            "generateName": start,
            "namespace": namespace(service),
            "labels": labels,
            "ownerReferences": [controller_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": ports,
    });
    world.create(ENDPOINT_SLICES, slice)?;
    Ok(())
}
