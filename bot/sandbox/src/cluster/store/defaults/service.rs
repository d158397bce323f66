//! Services: defaults, addresses and ports.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::super::api::kinds;
use super::super::super::problem::{Fault, Problem};
use super::super::random::Random;
use super::{child, default, has, items};

/// A Service.
pub(super) fn service(object: &mut Value) {
    let spec = child(object, "spec");
    default(spec, "sessionAffinity", "None");
    default(spec, "type", "ClusterIP");
    if spec["sessionAffinity"] == "ClientIP" {
        default(
            child(child(spec, "sessionAffinityConfig"), "clientIP"),
            "timeoutSeconds",
            10_800,
        );
    }
    for port in items(spec, "ports") {
        default(port, "protocol", "TCP");
        let number = port["port"].clone();
        default(port, "targetPort", number);
    }
    let kind = spec["type"].as_str().unwrap_or_default().to_owned();
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        default(spec, "externalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        default(spec, "allocateLoadBalancerNodePorts", true);
    }
    if kind != "ExternalName" {
        default(spec, "internalTrafficPolicy", "Cluster");
        default(spec, "ipFamilies", json!(["IPv4"]));
        default(spec, "ipFamilyPolicy", "SingleStack");
    }
    default(child(object, "status"), "loadBalancer", json!({}));
}

/// Addresses of Services in 10.96.0.0/16 and ports of nodes in 30000–32767 that are taken.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Addresses {
    ips: BTreeSet<String>,
    ports: BTreeSet<u64>,
}

impl Addresses {
    /// Gives a Service what it has none of yet.
    pub(in super::super) fn give(&mut self, object: &mut Value, random: &mut Random) -> Result<(), Problem> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let spec = child(object, "spec");
        let kind = spec["type"].as_str().unwrap_or_default().to_owned();
        if kind == "ExternalName" {
            return Ok(());
        }
        if !has(spec, "clusterIP") {
            spec["clusterIP"] = json!(self.free_ip(random));
        }
        self.check_ip(spec, &name)?;
        let ip = spec["clusterIP"].clone();
        default(spec, "clusterIPs", json!([ip]));
        if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
            for port in items(spec, "ports") {
                if !has(port, "nodePort") {
                    port["nodePort"] = json!(self.free_port(random));
                }
            }
        }
        self.keep(object);
        Ok(())
    }

    fn check_ip(&self, spec: &Value, name: &str) -> Result<(), Problem> {
        let ip = spec["clusterIP"].as_str().unwrap_or_default();
        if !self.ips.contains(ip) {
            return Ok(());
        }
        let why = "failed to allocate IP ".to_owned() + ip + ": provided IP is already allocated";
        let fault = Fault::invalid("spec.clusterIPs", &json!([ip]), &why);
        Err(Problem::invalid(kinds::SERVICES, name, &[fault]))
    }

    /// Remembers what a Service has.
    pub(in super::super) fn keep(&mut self, object: &Value) {
        let (ip, ports) = taken(object);
        self.ips.extend(ip);
        self.ports.extend(ports);
    }

    /// Forgets what a Service had.
    pub(in super::super) fn free(&mut self, object: &Value) {
        let (ip, ports) = taken(object);
        if let Some(ip) = ip {
            self.ips.remove(&ip);
        }
        for port in ports {
            self.ports.remove(&port);
        }
    }

    fn free_ip(&self, random: &mut Random) -> String {
        loop {
            let number = 256 + random.below(65_000);
            let ip = format!("10.96.{}.{}", number / 256, number % 256);
            if !self.ips.contains(&ip) {
                return ip;
            }
        }
    }

    fn free_port(&mut self, random: &mut Random) -> u64 {
        loop {
            let port = 30_000 + random.below(2768);
            if self.ports.insert(port) {
                return port;
            }
        }
    }
}

fn taken(object: &Value) -> (Option<String>, Vec<u64>) {
    let spec = &object["spec"];
    let ip = spec["clusterIP"]
        .as_str()
        .filter(|ip| !ip.is_empty() && *ip != "None");
    let ports = spec["ports"].as_array().into_iter().flatten();
    let ports = ports.filter_map(|port| port["nodePort"].as_u64());
    (ip.map(str::to_owned), ports.collect())
}
