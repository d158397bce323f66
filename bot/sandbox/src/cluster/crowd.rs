//! A cluster of any size in which nothing moves, for measuring: nodes with leases, workloads with their Pods, what
//! they use, Services and events. One Pod in a hundred is in trouble, and one node.

use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::api::{Api as _, kinds};
use super::engine::{Choice, Local};
use super::machinery::{Engine, Kubelets};
use super::store::Handle;
use super::time::rfc3339;
use super::{Cluster, Settings, furnish};

/// How many Pods a workload has.
const REPLICAS: usize = 50;
/// How many workloads a namespace has.
const WORKLOADS: usize = 15;
/// One of so many is in trouble.
const TROUBLED: usize = 100;
/// One Pod of so many has a warning.
const WARNED: usize = 15;
/// How old it all is.
const AGE_MS: u64 = 3 * 24 * 3_600_000;
/// What the Pods are named after.
const APPS: [&str; 10] = [
    "web",
    "api",
    "checkout",
    "search",
    "orders",
    "mailer",
    "recommend",
    "worker",
    "gateway",
    "session",
];

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Nodes: `node-00000` and so on.
    pub nodes: usize,
    /// Pods on each of them.
    pub pods_per_node: usize,
}

/// An engine that stands still, with kubelets that answer for logs.
struct Still(Arc<dyn Kubelets>);

impl Engine for Still {
    fn run_to(&mut self, _store: &Handle, _now_ms: u64) {}

    fn kubelets(&self) -> Arc<dyn Kubelets> {
        Arc::clone(&self.0)
    }
}

impl Cluster {
    /// A cluster with a crowd in it, in which nothing acts. The scenario of the settings counts for nothing.
    pub fn crowded(settings: &Settings, crowd: Crowd) -> anyhow::Result<Self> {
        Self::start_with(settings, |store| {
            let choice = Choice {
                name: "empty",
                file: None,
                seed: settings.seed,
            };
            let mut local = Local::start(store, choice, furnish)?;
            local.run_to(store, settings.clock.now_ms());
            let filler = Filler {
                store,
                now: settings.clock.now_ms(),
            };
            store.set_time(filler.now - AGE_MS);
            filler.fill(crowd)?;
            store.follow_clock();
            Ok(Box::new(Still(local.kubelets())))
        })
    }
}

struct Filler<'a> {
    store: &'a Handle,
    now: u64,
}

/// A workload, as its Pods name it.
struct Workload {
    namespace: String,
    name: String,
    /// Of its ReplicaSet.
    set: String,
    uid: Value,
}

impl Filler<'_> {
    fn fill(&self, crowd: Crowd) -> anyhow::Result<()> {
        for number in 0..crowd.nodes {
            self.node(number).with_context(|| format!("node {number}"))?;
        }
        let all = crowd.nodes * crowd.pods_per_node;
        for first in (0..all).step_by(REPLICAS) {
            let number = first / REPLICAS;
            if number.is_multiple_of(WORKLOADS) {
                let name = namespace(number);
                self.store
                    .create(kinds::NAMESPACES, json!({"metadata": {"name": name}}))?;
            }
            let workload = self
                .workload(number)
                .with_context(|| format!("workload {number}"))?;
            for pod in first..all.min(first + REPLICAS) {
                self.pod(&workload, pod, crowd.nodes)
                    .with_context(|| format!("Pod {pod}"))?;
            }
        }
        Ok(())
    }

    fn node(&self, number: usize) -> anyhow::Result<()> {
        let (name, ip) = (node(number), format!("10.{}.{}.10", number / 250, number % 250));
        let is_ready = number % TROUBLED != TROUBLED - 1;
        let at = |age: u64| rfc3339(self.now - age);
        let condition = |kind: &str, status: &str, reason: &str, message: &str| {
            json!({
                "type": kind, "status": status, "reason": reason, "message": message,
                "lastHeartbeatTime": at(120_000), "lastTransitionTime": at(AGE_MS),
            })
        };
        let quiet = |kind: &str, reason: &str, what: &str| condition(kind, "False", reason, what);
        let ready = match is_ready {
            true => condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            false => condition(
                "Ready",
                "Unknown",
                "NodeStatusUnknown",
                "Kubelet stopped posting node status.",
            ),
        };
        let amounts =
            json!({"cpu": "16", "memory": "65837016Ki", "pods": "110", "ephemeral-storage": "102626232Ki"});
        let images = APPS.iter().map(|app| {
            let digest = format!("registry.example.com/{app}@sha256:{:064x}", app.len() * 7919);
            json!({"names": [digest, format!("registry.example.com/{app}:4.2.{}", app.len())], "sizeBytes": 84_000_000 + number})
        });
        let images: Vec<Value> = images.collect();
        self.store.create(kinds::NODES, json!({
            "metadata": {"name": name, "labels": {
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
                "topology.kubernetes.io/region": "region-1", "node.kubernetes.io/instance-type": "general-16",
            }, "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}},
            "spec": {"podCIDR": format!("10.{}.{}.0/24", 128 + number / 250, number % 250), "providerID": format!("example://{name}")},
            "status": {
                "capacity": amounts, "allocatable": amounts, "images": images,
                "addresses": [{"type": "InternalIP", "address": ip}, {"type": "Hostname", "address": name}],
                "conditions": [
                    quiet("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                    quiet("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                    quiet("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                    ready,
                ],
                "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
                "nodeInfo": {
                    "architecture": "amd64", "operatingSystem": "linux", "kernelVersion": "6.12.48+deb13-amd64",
                    "osImage": "Debian GNU/Linux 13 (trixie)", "kubeletVersion": "v1.37.2", "kubeProxyVersion": "",
                    "containerRuntimeVersion": "containerd://2.4.2", "machineID": format!("{number:032x}"),
                    "systemUUID": format!("{number:032x}"), "bootID": format!("00000000-0000-4000-8000-{number:012x}"),
                },
            },
        }))?;
        self.beside_node(&name, number, is_ready)
    }

    /// Its lease, what it uses, and an event.
    fn beside_node(&self, name: &str, number: usize, is_ready: bool) -> anyhow::Result<()> {
        let at = |age: u64| rfc3339(self.now - age);
        let age = if is_ready { 4_000 } else { 600_000 };
        self.store.create(kinds::LEASES, json!({
            "metadata": {"name": name, "namespace": "kube-node-lease"},
            "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": at(age).replace('Z', ".000000Z")},
        }))?;
        self.store.create(kinds::NODE_METRICS, json!({
            "metadata": {"name": name}, "timestamp": at(20_000), "window": "15.2s",
            "usage": {"cpu": format!("{}n", 900_000_000 + number * 1_000_000), "memory": format!("{}Ki", 20_000_000 + number * 1000)},
        }))?;
        let started = json!({"kind": "Node", "name": name, "uid": name, "apiVersion": "v1"});
        self.event(
            &format!("{name}.1"),
            "default",
            &started,
            ("Normal", "Starting", "Starting kubelet."),
        )
    }

    fn workload(&self, number: usize) -> anyhow::Result<Workload> {
        let (namespace, app) = (namespace(number), APPS[number % APPS.len()]);
        let name = format!("{app}-{number}");
        let hash = format!("{:09x}", number as u64 * 2_654_435_761 % 0xf_ffff_ffff);
        let labels = json!({"app": name});
        let template = json!({
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": app, "image": format!("registry.example.com/{app}:4.2.0")}]},
        });
        let deployment = self.store.create(
            kinds::DEPLOYMENTS,
            json!({
                "metadata": {"name": name, "namespace": namespace, "labels": labels,
                    "annotations": {"deployment.kubernetes.io/revision": "1"}},
                "spec": {"replicas": REPLICAS, "selector": {"matchLabels": labels}, "template": template},
                "status": {"replicas": REPLICAS, "updatedReplicas": REPLICAS, "readyReplicas": REPLICAS,
                    "availableReplicas": REPLICAS, "observedGeneration": 1},
            }),
        )?;
        let owner = owner("apps/v1", "Deployment", &name, &deployment["metadata"]["uid"]);
        let set = format!("{name}-{hash}");
        let mut of_set = template.clone();
        of_set["metadata"]["labels"]["pod-template-hash"] = json!(hash);
        let made = self.store.create(kinds::REPLICA_SETS, json!({
            "metadata": {"name": set, "namespace": namespace, "labels": {"app": name, "pod-template-hash": hash},
                "annotations": {"deployment.kubernetes.io/revision": "1"}, "ownerReferences": [owner]},
            "spec": {"replicas": REPLICAS, "selector": {"matchLabels": {"app": name, "pod-template-hash": hash}}, "template": of_set},
            "status": {"replicas": REPLICAS, "readyReplicas": REPLICAS, "availableReplicas": REPLICAS, "observedGeneration": 1},
        }))?;
        self.store.create(
            kinds::SERVICES,
            json!({
                "metadata": {"name": name, "namespace": namespace, "labels": labels},
                "spec": {"type": "ClusterIP", "clusterIP": "None", "selector": labels,
                    "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]},
            }),
        )?;
        let endpoint = |at: usize| json!({"addresses": [format!("10.200.{}.{at}", number % 250)], "conditions": {"ready": true, "serving": true, "terminating": false}});
        let endpoints: Vec<Value> = (1..=REPLICAS).map(endpoint).collect();
        self.store.create(kinds::ENDPOINT_SLICES, json!({
            "metadata": {"name": format!("{name}-x"), "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        }))?;
        Ok(Workload {
            namespace,
            name,
            set,
            uid: made["metadata"]["uid"].clone(),
        })
    }

    fn pod(&self, of: &Workload, number: usize, nodes: usize) -> anyhow::Result<()> {
        let app = of.name.split('-').next().unwrap_or_default();
        let name = format!("{}-{:05x}", of.set, number as u64 * 40_503 % 0xf_ffff);
        let at = |age: u64| rfc3339(self.now - age);
        let is_well = number % TROUBLED != 7;
        let image = format!("registry.example.com/{app}:4.2.0");
        let condition = |kind: &str, is_true: bool| {
            json!({"type": kind, "status": if is_true { "True" } else { "False" }, "lastProbeTime": null,
                "lastTransitionTime": at(AGE_MS), "observedGeneration": 1})
        };
        let state = match is_well {
            true => json!({"running": {"startedAt": at(AGE_MS)}}),
            false => json!({"waiting": {"reason": "CrashLoopBackOff",
                "message": format!("back-off 5m0s restarting failed container={app} pod={name}_{}", of.namespace)}}),
        };
        let ended = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": at(300_000), "finishedAt": at(200_000),
            "containerID": format!("containerd://{number:064x}")}});
        let status = json!({
            "phase": "Running", "qosClass": "Burstable", "startTime": at(AGE_MS), "observedGeneration": 1,
            "hostIP": format!("10.0.{}.10", number % 250), "podIP": format!("10.{}.{}.{}", number / 62_500, number / 250 % 250, number % 250),
            "conditions": [condition("PodReadyToStartContainers", true), condition("Initialized", true), condition("Ready", is_well),
                condition("ContainersReady", is_well), condition("PodScheduled", true)],
            "containerStatuses": [{
                "name": app, "image": image, "imageID": format!("{image}@sha256:{:064x}", app.len() * 7919),
                "containerID": format!("containerd://{number:064x}"), "ready": is_well, "started": is_well,
                "restartCount": if is_well { 0 } else { 12 + number % 20 }, "state": state,
                "lastState": if is_well { json!({}) } else { ended },
            }],
        });
        let probe = json!({"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1});
        let made = self.store.create(kinds::PODS, json!({
            "metadata": {"name": name, "namespace": of.namespace, "generateName": format!("{}-", of.set),
                "labels": {"app": of.name, "pod-template-hash": of.set.rsplit('-').next()},
                "ownerReferences": [owner("apps/v1", "ReplicaSet", &of.set, &of.uid)]},
            "spec": {"nodeName": node(number % nodes), "containers": [{
                "name": app, "image": image, "ports": [{"name": "http", "containerPort": 8080}],
                "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "REGION", "value": "region-1"},
                    {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
                "readinessProbe": probe, "livenessProbe": probe,
                "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
            }], "volumes": [{"name": "config", "configMap": {"name": of.name}}]},
            "status": status,
        }))?;
        self.store.create(kinds::POD_METRICS, json!({
            "metadata": {"name": name, "namespace": of.namespace, "labels": {"app": of.name}},
            "timestamp": at(20_000), "window": "15.2s",
            "containers": [{"name": app, "usage": {"cpu": format!("{}n", 5_000_000 + number * 1000), "memory": format!("{}Ki", 100_000 + number)}}],
        }))?;
        if !number.is_multiple_of(WARNED) {
            return Ok(());
        }
        let about = json!({"kind": "Pod", "name": name, "namespace": of.namespace, "uid": made["metadata"]["uid"], "apiVersion": "v1"});
        let words = (
            "Warning",
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
        );
        self.event(&format!("{name}.1"), &of.namespace, &about, words)
    }

    fn event(
        &self,
        name: &str,
        namespace: &str,
        about: &Value,
        (kind, reason, message): (&str, &str, &str),
    ) -> anyhow::Result<()> {
        let at = rfc3339(self.now - 300_000);
        self.store.create(kinds::EVENTS, json!({
            "metadata": {"name": name, "namespace": namespace}, "involvedObject": about, "type": kind, "reason": reason,
            "message": message, "count": 3, "firstTimestamp": at, "lastTimestamp": at,
            "source": {"component": "kubelet"}, "reportingComponent": "kubelet", "reportingInstance": "",
        }))?;
        Ok(())
    }
}

fn node(number: usize) -> String {
    format!("node-{number:05}")
}

fn namespace(workload: usize) -> String {
    format!("team-{:03}", workload / WORKLOADS)
}

fn owner(version: &str, kind: &str, name: &str, uid: &Value) -> Value {
    json!({"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": true, "blockOwnerDeletion": true})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    #[tokio::test]
    async fn a_crowd_is_as_large_as_asked_for_and_one_in_a_hundred_is_in_trouble() {
        let settings = Settings {
            clock: Clock::manual(crate::START_MS),
            ..Settings::default()
        };
        let crowd = Crowd {
            nodes: 10,
            pods_per_node: 30,
        };
        let cluster = Cluster::crowded(&settings, crowd).unwrap();
        let dump = cluster.dump();
        let count = |kind: &str| dump.iter().filter(|it| it["kind"] == kind).count();
        let kinds = ["Node", "Lease", "Pod", "PodMetrics", "Deployment", "Service"];
        // One Service is the API server's.
        assert_eq!(kinds.map(count), [10, 10, 300, 300, 6, 7]);
        let pods: Vec<&Value> = dump.iter().filter(|it| it["kind"] == "Pod").collect();
        let is_ready = |pod: &&&Value| pod["status"]["containerStatuses"][0]["ready"] == true;
        assert_eq!(pods.iter().filter(is_ready).count(), 297);
        // As large as Pods are.
        let bytes = pods[0].to_string().len();
        assert!((3_000..6_000).contains(&bytes), "{bytes}: {}", pods[0]);
        let before = cluster.store().version();
        cluster.settle();
        assert_eq!(cluster.store().version(), before, "nothing moves");
    }
}
