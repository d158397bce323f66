//! Services, read as `kubectl get services -o wide` does, with what stands behind and before them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use k8s_openapi::api::networking::v1::{Ingress, IngressBackend};

use super::{pod, pod_detail, time};
use crate::cluster::snapshot::service::{Endpoints, Matches, Port, Route, Service};

const SERVICE_LABEL: &str = "kubernetes.io/service-name";
const NONE: &str = "<none>";

/// What else was read of the Service's namespace, or of all; `None` for what could not be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// What EndpointSlices say.
    pub behind: Option<&'a Behind>,
    /// Pods.
    pub pods: Option<&'a [api::Pod]>,
    /// Ingresses.
    pub ingresses: Option<&'a [Ingress]>,
}

/// The endpoints behind Services, as far as they are counted: there may be as many as Pods in a cluster.
#[derive(Clone, Debug, Default)]
pub struct Behind(HashMap<(String, String), HashMap<u64, State>>);

/// Whether an endpoint is ready, and whether it is leaving.
type State = (bool, bool);

impl Behind {
    /// Those of all these slices.
    pub fn of(slices: &[EndpointSlice]) -> Self {
        let mut behind = Self::default();
        slices.iter().for_each(|slice| behind.take(slice));
        behind
    }

    /// Takes the endpoints of a slice.
    pub fn take(&mut self, slice: &EndpointSlice) {
        let labels = slice.metadata.labels.as_ref();
        let Some(service) = labels.and_then(|labels| labels.get(SERVICE_LABEL)) else {
            return;
        };
        let namespace = slice.metadata.namespace.clone().unwrap_or_default();
        let known = self.0.entry((namespace, service.clone())).or_default();
        for endpoint in slice.endpoints.iter().flatten() {
            let conditions = endpoint.conditions.clone().unwrap_or_default();
            let state = known.entry(identity(endpoint)).or_default();
            // Not said means ready: consumers are told to take it so.
            state.0 |= conditions.ready.unwrap_or(true);
            state.1 |= conditions.terminating == Some(true) && conditions.serving.unwrap_or(true);
        }
    }

    fn endpoints(&self, namespace: &str, name: &str) -> Endpoints {
        let known = self.0.get(&(namespace.to_owned(), name.to_owned()));
        let count = |wanted: fn(&State) -> bool| {
            let states = known.into_iter().flat_map(HashMap::values);
            states.filter(|state| wanted(state)).count()
        };
        Endpoints {
            ready: count(|(ready, _)| *ready),
            not_ready: count(|(ready, _)| !ready),
            leaving: count(|(ready, leaving)| !ready && *leaving),
        }
    }
}

/// One Service.
pub fn service(service: &api::Service, around: Around<'_>) -> Service {
    let default = api::ServiceSpec::default();
    let spec = service.spec.as_ref().unwrap_or(&default);
    let namespace = service.metadata.namespace.clone().unwrap_or_default();
    let name = service.metadata.name.clone().unwrap_or_default();
    let selector = spec.selector.clone().unwrap_or_default();
    Service {
        kind: spec.type_.clone().unwrap_or_default(),
        cluster_ip: cluster_ip(spec),
        external: external(service, spec),
        ports: spec.ports.iter().flatten().map(port).collect(),
        publishes_not_ready: spec.publish_not_ready_addresses.unwrap_or_default(),
        created: time::millis(service.metadata.creation_timestamp.as_ref()),
        endpoints: around.behind.map(|behind| behind.endpoints(&namespace, &name)),
        matches: around
            .pods
            .filter(|_| !selector.is_empty())
            .map(|pods| matches(&namespace, &selector, pods)),
        routes: around.ingresses.map(|all| routes(&namespace, &name, all)),
        namespace,
        name,
        selector,
    }
}

/// True if the labels have all that the selector asks for.
pub fn is_selected(selector: &BTreeMap<String, String>, labels: Option<&BTreeMap<String, String>>) -> bool {
    let has = |(key, value): (&String, &String)| labels.and_then(|labels| labels.get(key)) == Some(value);
    selector.iter().all(has)
}

fn cluster_ip(spec: &api::ServiceSpec) -> String {
    let mut ips = spec.cluster_ips.iter().flatten().chain(&spec.cluster_ip);
    let ip = ips.find(|ip| !ip.is_empty());
    ip.map_or_else(|| NONE.to_owned(), Clone::clone)
}

fn external(service: &api::Service, spec: &api::ServiceSpec) -> String {
    let own = spec.external_ips.clone().unwrap_or_default();
    match spec.type_.as_deref() {
        Some("ClusterIP" | "NodePort") if own.is_empty() => NONE.to_owned(),
        Some("ClusterIP" | "NodePort") => own.join(","),
        Some("LoadBalancer") => {
            let all: Vec<String> = balancer(service).into_iter().chain(own).collect();
            if all.is_empty() {
                "<pending>".to_owned()
            } else {
                all.join(",")
            }
        }
        Some("ExternalName") => spec.external_name.clone().unwrap_or_default(),
        _ => time::UNKNOWN.to_owned(),
    }
}

/// The addresses of the load balancer, in order.
fn balancer(service: &api::Service) -> BTreeSet<String> {
    let status = service.status.as_ref();
    let balancer = status.and_then(|status| status.load_balancer.as_ref());
    let ingress = balancer.and_then(|balancer| balancer.ingress.as_ref());
    ingress
        .into_iter()
        .flatten()
        .filter_map(|point| {
            let ip = point.ip.as_ref().filter(|ip| !ip.is_empty());
            let host = point.hostname.as_ref().filter(|host| !host.is_empty());
            ip.or(host).cloned()
        })
        .collect()
}

fn port(port: &api::ServicePort) -> Port {
    let target = port.target_port.as_ref().map(pod_detail::port);
    Port {
        name: port.name.clone().unwrap_or_default(),
        port: port.port,
        protocol: port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()),
        target: target.unwrap_or_else(|| port.port.to_string()),
        node_port: port.node_port.filter(|node_port| *node_port > 0),
    }
}

/// What stands for an endpoint: its Pod, or else its address.
fn identity(endpoint: &Endpoint) -> u64 {
    let target = endpoint.target_ref.as_ref();
    let uid = target.and_then(|target| target.uid.as_ref().or(target.name.as_ref()));
    let mut hasher = DefaultHasher::new();
    uid.or(endpoint.addresses.first()).hash(&mut hasher);
    hasher.finish()
}

fn matches(namespace: &str, selector: &BTreeMap<String, String>, pods: &[api::Pod]) -> Matches {
    let mut matches = Matches::default();
    for candidate in pods {
        let meta = &candidate.metadata;
        let same_namespace = meta.namespace.as_deref().unwrap_or_default() == namespace;
        if !same_namespace || !is_selected(selector, meta.labels.as_ref()) {
            continue;
        }
        let read = pod::pod(candidate);
        if !matches!(read.phase.as_str(), "Succeeded" | "Failed") {
            matches.pods += 1;
            matches.ready += usize::from(read.is_ready);
        }
    }
    matches
}

fn routes(namespace: &str, name: &str, ingresses: &[Ingress]) -> Vec<Route> {
    let mut routes = Vec::new();
    for ingress in ingresses {
        let Some(spec) = &ingress.spec else { continue };
        if ingress.metadata.namespace.as_deref().unwrap_or_default() != namespace {
            continue;
        }
        let mut add = |host: &str, path: &str, backend: &IngressBackend| {
            if let Some(port) = leads_to(backend, name) {
                routes.push(Route {
                    ingress: ingress.metadata.name.clone().unwrap_or_default(),
                    host: if host.is_empty() { "*" } else { host }.to_owned(),
                    path: path.to_owned(),
                    port,
                    tls: has_certificate(spec.tls.as_deref().unwrap_or_default(), host),
                });
            }
        };
        for rule in spec.rules.iter().flatten() {
            let host = rule.host.as_deref().unwrap_or_default();
            for path in rule.http.iter().flat_map(|http| &http.paths) {
                add(host, path.path.as_deref().unwrap_or_default(), &path.backend);
            }
        }
        if let Some(backend) = &spec.default_backend {
            add("", "", backend);
        }
    }
    routes
}

/// The port of the Service by which the backend reaches it, if it is the one.
fn leads_to(backend: &IngressBackend, name: &str) -> Option<String> {
    let service = backend.service.as_ref().filter(|service| service.name == name)?;
    let port = service.port.as_ref();
    let by_name = port
        .and_then(|port| port.name.clone())
        .filter(|name| !name.is_empty());
    let by_number = port.and_then(|port| port.number).map(|number| number.to_string());
    Some(by_name.or(by_number).unwrap_or_default())
}

fn has_certificate(tls: &[k8s_openapi::api::networking::v1::IngressTLS], host: &str) -> bool {
    tls.iter().any(|tls| {
        let hosts = tls.hosts.as_deref().unwrap_or_default();
        hosts.is_empty() || hosts.iter().any(|pattern| covers(pattern, host))
    })
}

/// True if the host is the pattern, or one label below a pattern that begins with `*.`.
fn covers(pattern: &str, host: &str) -> bool {
    let below = |suffix: &str| {
        let label = host
            .strip_suffix(suffix)
            .and_then(|label| label.strip_suffix('.'));
        label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
    };
    pattern == host || pattern.strip_prefix("*.").is_some_and(below)
}
