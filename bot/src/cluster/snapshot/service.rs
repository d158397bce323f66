//! Services: how they are reached, and what stands behind them.

use std::collections::BTreeMap;

use crate::clock::Millis;

/// What kubectl prints where there is nothing.
const NONE: &str = "<none>";

/// A Service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type: `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    pub kind: String,
    /// The word in kubectl's CLUSTER-IP column; `None` for a headless one.
    pub cluster_ip: String,
    /// The word in kubectl's EXTERNAL-IP column, with all addresses.
    pub external: String,
    /// Its ports.
    pub ports: Vec<Port>,
    /// The labels that it selects Pods by; empty if its endpoints are kept by hand.
    pub selector: BTreeMap<String, String>,
    /// True if Pods that are not ready are named as well.
    pub publishes_not_ready: bool,
    /// When its object was made.
    pub created: Option<Millis>,
    /// What stands behind it, if that was read.
    pub endpoints: Option<Endpoints>,
    /// The Pods that its selector matches, if they were read and it has one.
    pub matches: Option<Matches>,
    /// The hosts and paths that lead to it, if the Ingresses were read.
    pub routes: Option<Vec<Route>>,
}

/// One port of a Service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Port {
    /// Its name; often empty where there is one only.
    pub name: String,
    /// Its number.
    pub port: i32,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The port of the Pods, by number or by name.
    pub target: String,
    /// The port of the nodes, if it has one.
    pub node_port: Option<i32>,
}

/// How many endpoints a Service has. A Pod with an address of each family counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Ready ones: those that are sent traffic.
    pub ready: usize,
    /// Those that are not ready.
    pub not_ready: usize,
    /// Those of them that still serve while they are leaving.
    pub leaving: usize,
}

/// How many Pods a selector matches, ended ones left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// All of them.
    pub pods: usize,
    /// Those that are ready.
    pub ready: usize,
}

/// One way from an Ingress to a Service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The Ingress.
    pub ingress: String,
    /// The host; `*` for any.
    pub host: String,
    /// The path; empty for all.
    pub path: String,
    /// The Service's port, by number or by name.
    pub port: String,
    /// True if the Ingress has a certificate for the host.
    pub tls: bool,
}

impl Service {
    /// The words in kubectl's PORT(S) column: `80:30080/TCP,443/TCP`.
    pub fn port_words(&self) -> String {
        let words: Vec<String> = self.ports.iter().map(Port::words).collect();
        if words.is_empty() {
            NONE.to_owned()
        } else {
            words.join(",")
        }
    }

    /// The words in kubectl's SELECTOR column: `app=web,tier=front`.
    pub fn selector_words(&self) -> String {
        let words: Vec<String> = self
            .selector
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        if words.is_empty() {
            NONE.to_owned()
        } else {
            words.join(",")
        }
    }

    /// True if it should lead to Pods, but leads to none that is ready.
    pub fn leads_nowhere(&self) -> bool {
        let is_external = self.kind == "ExternalName";
        !is_external && self.endpoints.is_some_and(|endpoints| endpoints.ready == 0)
    }
}

impl Port {
    /// As kubectl prints it: `80:30080/TCP`.
    pub fn words(&self) -> String {
        match self.node_port {
            Some(node_port) => format!("{}:{node_port}/{}", self.port, self.protocol),
            None => format!("{}/{}", self.port, self.protocol),
        }
    }
}
