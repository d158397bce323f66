//! Pods, read as `kubectl describe pod` does, but for the values of environment variables.

use std::collections::BTreeMap;
use std::fmt::Write;

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{pod as row, resources, time, volume};
use crate::cluster::snapshot::pod::{Container, ContainerKind, PodCondition, PodDetail, State};

/// One Pod with all that belongs to it.
pub fn describe(pod: &api::Pod) -> PodDetail {
    let default_spec = api::PodSpec::default();
    let default_status = api::PodStatus::default();
    let spec = pod.spec.as_ref().unwrap_or(&default_spec);
    let status = pod.status.as_ref().unwrap_or(&default_status);
    let ips = status.pod_ips.iter().flatten();
    PodDetail {
        pod: row::pod(pod),
        annotations: pod.metadata.annotations.clone().unwrap_or_default(),
        reason: status.reason.clone().unwrap_or_default(),
        message: status.message.clone().unwrap_or_default(),
        priority: spec.priority,
        priority_class: spec.priority_class_name.clone(),
        service_account: spec.service_account_name.clone(),
        started: time::millis(status.start_time.as_ref()),
        host_ip: status.host_ip.clone(),
        ips: ips.map(|ip| ip.ip.clone()).collect(),
        nominated_node: status.nominated_node_name.clone(),
        grace_seconds: pod
            .metadata
            .deletion_grace_period_seconds
            .or(spec.termination_grace_period_seconds),
        containers: containers(spec, status),
        conditions: conditions(status),
        volumes: spec.volumes.iter().flatten().map(volume::volume).collect(),
        tolerations: tolerations(spec),
        node_selector: spec.node_selector.clone().unwrap_or_default(),
        requests: resources::effective_requests(pod),
        limits: resources::effective_limits(pod),
    }
}

/// A probe in kubectl's words: `http-get http://:8080/healthz delay=0s timeout=1s …`.
pub fn probe(probe: &api::Probe) -> String {
    let number = |number: Option<i32>| number.unwrap_or_default();
    let attributes = format!(
        "delay={}s timeout={}s period={}s successThreshold={} failureThreshold={}",
        number(probe.initial_delay_seconds),
        number(probe.timeout_seconds),
        number(probe.period_seconds),
        number(probe.success_threshold),
        number(probe.failure_threshold),
    );
    if let Some(exec) = &probe.exec {
        let command = exec.command.as_deref().unwrap_or_default().join(" ");
        format!("exec [{command}] {attributes}")
    } else if let Some(get) = &probe.http_get {
        format!("http-get {} {attributes}", url(get))
    } else if let Some(socket) = &probe.tcp_socket {
        let host = socket.host.as_deref().unwrap_or_default();
        format!("tcp-socket {host}:{} {attributes}", port(&socket.port))
    } else if let Some(grpc) = &probe.grpc {
        let service = grpc.service.as_deref().unwrap_or_default();
        format!("grpc <pod>:{} {service} {attributes}", grpc.port)
    } else {
        format!("unknown {attributes}")
    }
}

/// A port by number or by name.
pub fn port(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

fn url(get: &api::HTTPGetAction) -> String {
    let scheme = get.scheme.as_deref().unwrap_or_default().to_lowercase();
    let scheme = if scheme.is_empty() {
        scheme
    } else {
        format!("{scheme}:")
    };
    let host = get.host.as_deref().unwrap_or_default();
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let port = port(&get.port);
    let host = if port.is_empty() {
        host
    } else {
        format!("{host}:{port}")
    };
    let path = escape(get.path.as_deref().unwrap_or_default());
    let slash = if path.is_empty() || path.starts_with('/') {
        ""
    } else {
        "/"
    };
    format!("{scheme}//{host}{slash}{path}")
}

/// A path as it stands in a URL.
fn escape(path: &str) -> String {
    if path == "*" {
        return path.to_owned();
    }
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

fn containers(spec: &api::PodSpec, status: &api::PodStatus) -> Vec<Container> {
    let init = by_name(status.init_container_statuses.as_ref());
    let app = by_name(status.container_statuses.as_ref());
    let debug = by_name(status.ephemeral_container_statuses.as_ref());
    let mut containers = Vec::new();
    for container in spec.init_containers.iter().flatten() {
        let kind = if resources::is_sidecar(container) {
            ContainerKind::Sidecar
        } else {
            ContainerKind::Init
        };
        containers.push(container_of(container, kind, init.get(&*container.name)));
    }
    for container in &spec.containers {
        let status = app.get(&*container.name);
        containers.push(container_of(container, ContainerKind::App, status));
    }
    for ephemeral in spec.ephemeral_containers.iter().flatten() {
        let container = common(ephemeral);
        let status = debug.get(&*container.name);
        containers.push(container_of(&container, ContainerKind::Ephemeral, status));
    }
    containers
}

fn by_name(statuses: Option<&Vec<api::ContainerStatus>>) -> BTreeMap<&str, &api::ContainerStatus> {
    let statuses = statuses.into_iter().flatten();
    statuses.map(|status| (status.name.as_str(), status)).collect()
}

/// What a container for debugging has in common with the others.
fn common(ephemeral: &api::EphemeralContainer) -> api::Container {
    api::Container {
        name: ephemeral.name.clone(),
        image: ephemeral.image.clone(),
        env: ephemeral.env.clone(),
        env_from: ephemeral.env_from.clone(),
        volume_mounts: ephemeral.volume_mounts.clone(),
        ..api::Container::default()
    }
}

fn container_of(
    container: &api::Container,
    kind: ContainerKind,
    status: Option<&&api::ContainerStatus>,
) -> Container {
    let requirements = container.resources.as_ref();
    let words = |of: Option<&api::Probe>| of.map(probe);
    let ended = status
        .and_then(|status| status.last_state.as_ref())
        .and_then(|state| state.terminated.as_ref());
    let env = container.env.iter().flatten();
    Container {
        name: container.name.clone(),
        kind,
        image: container.image.clone().unwrap_or_default(),
        image_id: status.map(|status| status.image_id.clone()).unwrap_or_default(),
        state: status.map(|status| state(status.state.as_ref())),
        last: ended.map(row::exit),
        ready: status.is_some_and(|status| status.ready),
        restarts: status.map_or(0, |status| i64::from(status.restart_count)),
        requests: resources::read(requirements.and_then(|all| all.requests.as_ref())),
        limits: resources::read(requirements.and_then(|all| all.limits.as_ref())),
        liveness: words(container.liveness_probe.as_ref()),
        readiness: words(container.readiness_probe.as_ref()),
        startup: words(container.startup_probe.as_ref()),
        ports: container.ports.iter().flatten().map(container_port).collect(),
        env: env.map(|variable| variable.name.clone()).collect(),
        env_from: container.env_from.iter().flatten().map(env_from).collect(),
        mounts: mounts(container),
    }
}

fn state(state: Option<&api::ContainerState>) -> State {
    if let Some(running) = state.and_then(|state| state.running.as_ref()) {
        return State::Running {
            since: time::millis(running.started_at.as_ref()),
        };
    }
    let waiting = state.and_then(|state| state.waiting.as_ref());
    let ended = state.and_then(|state| state.terminated.as_ref());
    match (waiting, ended) {
        (None, Some(ended)) => State::Ended(row::exit(ended)),
        // A container of which nothing is said waits to be started.
        (waiting, _) => State::Waiting {
            reason: waiting.and_then(|one| one.reason.clone()).unwrap_or_default(),
            message: waiting.and_then(|one| one.message.clone()).unwrap_or_default(),
        },
    }
}

fn container_port(port: &api::ContainerPort) -> String {
    let protocol = port.protocol.as_deref().unwrap_or("TCP");
    match port.name.as_deref() {
        None | Some("") => format!("{}/{protocol}", port.container_port),
        Some(name) => format!("{}/{protocol} ({name})", port.container_port),
    }
}

fn env_from(source: &api::EnvFromSource) -> String {
    let map = source.config_map_ref.as_ref().map(|map| ("ConfigMap", &map.name));
    let secret = source.secret_ref.as_ref().map(|secret| ("Secret", &secret.name));
    let Some((kind, name)) = map.or(secret) else {
        return time::UNKNOWN.to_owned();
    };
    match source.prefix.as_deref() {
        None | Some("") => format!("{kind} {name}"),
        Some(prefix) => format!("{kind} {name} with prefix '{prefix}'"),
    }
}

fn mounts(container: &api::Container) -> Vec<String> {
    let mut mounts: Vec<_> = container.volume_mounts.iter().flatten().collect();
    mounts.sort_by(|one, other| one.mount_path.cmp(&other.mount_path));
    mounts
        .into_iter()
        .map(|mount| {
            let access = if mount.read_only == Some(true) { "ro" } else { "rw" };
            let sub_path = match mount.sub_path.as_deref() {
                None | Some("") => String::new(),
                Some(path) => format!(",path={path:?}"),
            };
            format!("{} from {} ({access}{sub_path})", mount.mount_path, mount.name)
        })
        .collect()
}

fn conditions(status: &api::PodStatus) -> Vec<PodCondition> {
    let conditions = status.conditions.iter().flatten();
    conditions
        .map(|condition| PodCondition {
            kind: condition.type_.clone(),
            status: condition.status.clone(),
            reason: condition.reason.clone().unwrap_or_default(),
            message: condition.message.clone().unwrap_or_default(),
            since: time::millis(condition.last_transition_time.as_ref()),
        })
        .collect()
}

fn tolerations(spec: &api::PodSpec) -> Vec<String> {
    let mut tolerations: Vec<_> = spec.tolerations.iter().flatten().collect();
    tolerations.sort_by(|one, other| {
        let key = |toleration: &api::Toleration| toleration.key.clone().unwrap_or_default();
        key(one).cmp(&key(other))
    });
    tolerations.into_iter().map(toleration).collect()
}

fn toleration(toleration: &api::Toleration) -> String {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let (value, effect) = (text(&toleration.value), text(&toleration.effect));
    let mut words = text(&toleration.key);
    if !value.is_empty() {
        words = format!("{words}={value}");
    }
    if !effect.is_empty() {
        words = format!("{words}:{effect}");
    }
    if toleration.operator.as_deref() == Some("Exists") && value.is_empty() {
        words = format!("{words} op=Exists");
    }
    if let Some(seconds) = toleration.toleration_seconds {
        words = format!("{words} for {seconds}s");
    }
    words.trim_start().to_owned()
}
