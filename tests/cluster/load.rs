//! A state of a cluster, written straight into what the API server stores.
//!
//! Only so do objects keep their uids, their ages and their status: over the API all three are the server's to give.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::{Client, Kind, Kinds, kind_of, list, text};
use super::etcd::{Etcd, key};
use super::now;

/// What the API server looks after by itself, whatever a scenario says.
const ITS_OWN: [&str; 5] = [
    "/registry/leases/kube-system/apiserver-",
    "/registry/masterleases/",
    "/registry/peerserverleases/",
    "/registry/ranges/",
    "/registry/servicecidrs/",
];

/// The API server watches both, mends a Service whose address it has not seen, and writes an event about it: so
/// addresses come first and Services last.
const ADDRESSES: &str = "/registry/ipaddresses/";
const SERVICES: &str = "/registry/services/specs/";

/// What every namespace gets a copy of.
const TRUSTED: &str = "/registry/configmaps/default/kube-root-ca.crt";

/// Which ports of nodes are taken, one bit each, the first one last.
const PORTS: &str = "/registry/ranges/servicenodeports";

/// What a cluster without a scenario stores.
pub(super) type Base = BTreeMap<String, Vec<u8>>;

/// Makes the cluster hold these objects, what every cluster has, and nothing else. The controllers must stand still.
pub(super) async fn load(
    etcd: &Etcd,
    client: &Client,
    base: &Base,
    objects: &[Value],
    shift_ms: i64,
) -> anyhow::Result<()> {
    let kinds = client.kinds().await?;
    let mut wanted = Wanted::default();
    for object in objects {
        wanted.add(&kinds, base, object, shift_ms)?;
    }
    let now = etcd.all().await?;
    wipe(etcd, base, &now, &wanted).await?;
    put_ports(etcd, &now, objects).await?;
    wanted
        .puts
        .sort_by_key(|(key, _)| (key.starts_with(SERVICES), !key.starts_with(ADDRESSES)));
    for (key, value) in &wanted.puts {
        etcd.put(key, value).await.with_context(|| key.clone())?;
    }
    wanted.wait_until_served(client).await
}

/// Removes what is neither every cluster's nor wanted, and mends what is every cluster's.
async fn wipe(etcd: &Etcd, base: &Base, now: &Base, wanted: &Wanted) -> anyhow::Result<()> {
    let is_its_own = |key: &str| ITS_OWN.iter().any(|own| key.starts_with(own));
    // From the end, so that Services go before the addresses that they have.
    for key in now.keys().rev().filter(|key| !is_its_own(key)) {
        let is_wanted = wanted.keys.contains(key) && !key.starts_with(SERVICES);
        if !base.contains_key(key) && !is_wanted {
            etcd.delete(key).await?;
        }
    }
    for (key, value) in base.iter().filter(|(key, _)| !is_its_own(key)) {
        if now.get(key) != Some(value) && !wanted.keys.contains(key) {
            etcd.put(key, value).await?;
        }
    }
    Ok(())
}

/// The API server mends a Service whose port of the nodes nobody keeps, and writes an event about it.
async fn put_ports(etcd: &Etcd, now: &Base, objects: &[Value]) -> anyhow::Result<()> {
    let stored = now.get(PORTS).context("the ports of nodes")?;
    let mut allocation: Value = serde_json::from_slice(stored)?;
    let range = text(&allocation["range"]).split_once('-');
    let first: u64 = range.context("the range of ports")?.0.parse()?;
    let services = objects.iter().filter(|object| object["kind"] == "Service");
    let ports = services.flat_map(|service| list(&service["spec"]["ports"]));
    let mut bits: Vec<u8> = Vec::new();
    for port in ports.filter_map(|port| port["nodePort"].as_u64()) {
        let bit = (port - first) as usize;
        bits.resize(bits.len().max(bit / 8 + 1), 0);
        bits[bit / 8] |= 1 << (bit % 8);
    }
    bits.reverse();
    allocation["data"] = json!(STANDARD.encode(&bits));
    etcd.put(PORTS, allocation.to_string().as_bytes()).await
}

#[derive(Default)]
struct Wanted {
    puts: Vec<(String, Vec<u8>)>,
    keys: BTreeSet<String>,
    /// What each kind must answer: `namespace/name` and uid.
    served: BTreeMap<Kind, BTreeMap<String, String>>,
}

impl Wanted {
    fn add(&mut self, kinds: &Kinds, base: &Base, object: &Value, shift_ms: i64) -> anyhow::Result<()> {
        let kind = kind_of(kinds, object)?.clone();
        let metadata = &object["metadata"];
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        let key = key(&kind, namespace, name);
        if is_every_clusters(&kind, object) && base.contains_key(&key) {
            return Ok(());
        }
        for address in addresses(&kind, object) {
            self.put_address(kinds, &address, namespace, name)?;
        }
        let uid = text(&metadata["uid"]).to_owned();
        self.served
            .entry(kind)
            .or_default()
            .insert(format!("{namespace}/{name}"), uid);
        let mut object = stored(object, shift_ms);
        if let Some(ours) = base.get(TRUSTED).filter(|_| name == "kube-root-ca.crt") {
            object["data"] = serde_json::from_slice::<Value>(ours)?["data"].clone();
        }
        self.put(key, &object);
        Ok(())
    }

    fn put(&mut self, key: String, object: &Value) {
        self.keys.insert(key.clone());
        self.puts.push((key, object.to_string().into_bytes()));
    }

    /// Keeps an address for a Service.
    fn put_address(
        &mut self,
        kinds: &Kinds,
        address: &str,
        namespace: &str,
        name: &str,
    ) -> anyhow::Result<()> {
        let object = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IPAddress",
            "metadata": {
                "name": address,
                // One that is older than its Service is taken for a leak.
                "creationTimestamp": format!("{:.0}", now()),
                "labels": {
                    "ipaddress.kubernetes.io/ip-family": "IPv4",
                    "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
                },
            },
            "spec": { "parentRef": { "resource": "services", "namespace": namespace, "name": name } },
        });
        let key = key(kind_of(kinds, &object)?, "", address);
        self.put(key, &object);
        Ok(())
    }

    /// A list without a resource version is as fresh as what is stored, so what it lacks is not to be had.
    async fn wait_until_served(&self, client: &Client) -> anyhow::Result<()> {
        for (kind, wanted) in &self.served {
            let (status, answer) = client.get(&kind.path()).await?;
            anyhow::ensure!(status == 200, "{}: {status} {answer}", kind.path());
            let served: BTreeMap<String, &str> = list(&answer["items"])
                .iter()
                .map(|object| &object["metadata"])
                .map(|metadata| {
                    let place = format!("{}/{}", text(&metadata["namespace"]), text(&metadata["name"]));
                    (place, text(&metadata["uid"]))
                })
                .collect();
            for (place, uid) in wanted {
                anyhow::ensure!(
                    served.get(place) == Some(&uid.as_str()),
                    "{} {place} is {:?}, not {uid}",
                    kind.plural,
                    served.get(place)
                );
            }
        }
        Ok(())
    }
}

/// What the control plane needs as it made it: the accounts it runs as, what it trusts, its bootstrap rights.
fn is_every_clusters(kind: &Kind, object: &Value) -> bool {
    let is_bootstrap = object["metadata"]["labels"]["kubernetes.io/bootstrapping"].is_string();
    let plural = kind.plural.as_str();
    is_bootstrap
        || [
            "serviceaccounts",
            "configmaps",
            "customresourcedefinitions",
            "apiservices",
        ]
        .contains(&plural)
}

fn addresses(kind: &Kind, object: &Value) -> Vec<String> {
    if kind.plural != "services" || !kind.group.is_empty() {
        return Vec::new();
    }
    let addresses = list(&object["spec"]["clusterIPs"]).iter().map(text);
    addresses
        .filter(|address| !address.is_empty() && *address != "None")
        .map(str::to_owned)
        .collect()
}

/// An object as it is stored: at our time, and without what is the storage's own.
fn stored(object: &Value, shift_ms: i64) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
    }
    // Custom resources are stored in one version, and this one is served in two.
    if object["apiVersion"] == "metrics.k8s.io/v1beta1" {
        object["apiVersion"] = json!("metrics.k8s.io/v1");
    }
    // Who wrote which field of a node is noted from its creation on; the server begins with none of an object that
    // came without.
    if object["kind"] == "Node" && object["metadata"]["managedFields"].is_null() {
        object["metadata"]["managedFields"] = json!([{
            "manager": "kubelet",
            "operation": "Update",
            "apiVersion": "v1",
            "time": object["metadata"]["creationTimestamp"],
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:status": {"f:conditions": {}}},
            "subresource": "status",
        }]);
    }
    shift(&mut object, shift_ms);
    object
}

/// Moves every time in the object.
fn shift(value: &mut Value, shift_ms: i64) {
    match value {
        Value::String(text) => {
            if let Some(moved) = moved(text, shift_ms) {
                *text = moved;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| shift(value, shift_ms)),
        Value::Object(fields) => fields.values_mut().for_each(|value| shift(value, shift_ms)),
        _ => {}
    }
}

/// The time moved, with as many digits as it had. `None` for what is no time as Kubernetes writes them.
fn moved(text: &str, shift_ms: i64) -> Option<String> {
    if !text.ends_with('Z') || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let time: jiff::Timestamp = text.parse().ok()?;
    let time = time
        .checked_add(jiff::SignedDuration::from_millis(shift_ms))
        .ok()?;
    let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() - 1);
    Some(format!("{time:.digits$}"))
}

#[test]
fn times_are_moved_and_nothing_else_is() {
    let moved = |text: &str| moved(text, 90_500).unwrap_or_default();
    assert_eq!(moved("2026-01-01T00:00:00Z"), "2026-01-01T00:01:30Z");
    assert_eq!(
        moved("2026-01-01T00:00:00.000000Z"),
        "2026-01-01T00:01:30.500000Z"
    );
    for other in [
        "registry.example/app:2026-01-01T00:00",
        "ZZZZZZZZZZTZ",
        "256Mi",
        "",
    ] {
        assert_eq!(moved(other), "", "{other}");
    }
}
