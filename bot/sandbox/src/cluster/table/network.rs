//! Services and what leads to them.

use serde_json::{Value, json};

use super::{
    Layout, age, int, labels, list, marked, name, or, or_none, selector, some_of, string, text, wide,
};

pub(super) const SERVICE: Layout = Layout {
    columns: &[
        text("Name"),
        text("Type"),
        text("Cluster-IP"),
        text("External-IP"),
        text("Port(s)"),
        text("Age"),
        wide("Selector"),
    ],
    cells: |it, now| {
        let inner = list(it, "/spec/clusterIPs")
            .first()
            .and_then(Value::as_str)
            .unwrap_or("<none>");
        let ports: Vec<String> = list(it, "/spec/ports").iter().map(port).collect();
        vec![
            name(it),
            it["spec"]["type"].clone(),
            json!(inner),
            json!(external(it)),
            json!(or_none(ports.join(","))),
            age(it, now),
            json!(labels(&it["spec"]["selector"])),
        ]
    },
};

pub(super) const ENDPOINT_SLICE: Layout = Layout {
    columns: &[
        text("Name"),
        text("AddressType"),
        text("Ports"),
        text("Endpoints"),
        text("Age"),
    ],
    cells: |it, now| {
        let ports: Vec<String> = list(it, "/ports").iter().map(slice_port).collect();
        let addresses = list(it, "/endpoints")
            .iter()
            .flat_map(|it| list(it, "/addresses"));
        let addresses: Vec<String> = addresses.filter_map(Value::as_str).map(str::to_owned).collect();
        vec![
            name(it),
            it["addressType"].clone(),
            json!(some_of(&ports)),
            json!(some_of(&addresses)),
            age(it, now),
        ]
    },
};

pub(super) const ENDPOINTS: Layout = Layout {
    columns: &[text("Name"), text("Endpoints"), text("Age")],
    cells: |it, now| {
        let each: Vec<String> = list(it, "/subsets").iter().flat_map(subset).collect();
        let all = if each.is_empty() {
            "<none>".to_owned()
        } else {
            some_of(&each)
        };
        vec![name(it), json!(all), age(it, now)]
    },
};

pub(super) const INGRESS: Layout = Layout {
    columns: &[
        text("Name"),
        text("Class"),
        text("Hosts"),
        text("Address"),
        text("Ports"),
        text("Age"),
    ],
    cells: |it, now| {
        let ports = if list(it, "/spec/tls").is_empty() {
            "80"
        } else {
            "80, 443"
        };
        vec![
            name(it),
            json!(or(it, "/spec/ingressClassName", "<none>")),
            json!(hosts(it)),
            json!(balancers(it)),
            json!(ports),
            age(it, now),
        ]
    },
};

pub(super) const INGRESS_CLASS: Layout = Layout {
    columns: &[text("Name"), text("Controller"), text("Parameters"), text("Age")],
    cells: |it, now| {
        let parameters = &it["spec"]["parameters"];
        let kind = string(parameters, "/kind");
        let kind = match string(parameters, "/apiGroup") {
            group if group.is_empty() => kind,
            group => format!("{kind}.{group}"),
        };
        let says = match parameters.is_object() {
            true => format!("{kind}/{}", string(parameters, "/name")),
            false => "<none>".to_owned(),
        };
        vec![
            marked(it, "ingressclass.kubernetes.io~1is-default-class"),
            it["spec"]["controller"].clone(),
            json!(says),
            age(it, now),
        ]
    },
};

pub(super) const POLICY: Layout = Layout {
    columns: &[text("Name"), text("Pod-Selector"), text("Age")],
    cells: |it, now| {
        vec![
            name(it),
            json!(selector(&it["spec"]["podSelector"])),
            age(it, now),
        ]
    },
};

fn port(port: &Value) -> String {
    let (number, protocol) = (int(port, "/port"), string(port, "/protocol"));
    match int(port, "/nodePort") {
        0 => format!("{number}/{protocol}"),
        outside => format!("{number}:{outside}/{protocol}"),
    }
}

fn external(service: &Value) -> String {
    let own: Vec<String> = list(service, "/spec/externalIPs")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    match service["spec"]["type"].as_str().unwrap_or_default() {
        "ClusterIP" | "NodePort" => or_none(own.join(",")),
        "LoadBalancer" => {
            let given = balancers(service);
            let all: Vec<String> = [given]
                .into_iter()
                .filter(|it| !it.is_empty())
                .chain(own)
                .collect();
            if all.is_empty() {
                "<pending>".to_owned()
            } else {
                all.join(",")
            }
        }
        "ExternalName" => string(service, "/spec/externalName"),
        _ => "<unknown>".to_owned(),
    }
}

/// The addresses of load balancers, sorted.
fn balancers(object: &Value) -> String {
    let each = list(object, "/status/loadBalancer/ingress").iter();
    let mut each: Vec<String> = each.map(|it| or(it, "/ip", &string(it, "/hostname"))).collect();
    each.retain(|it| !it.is_empty());
    each.sort_unstable();
    each.dedup();
    each.join(",")
}

fn slice_port(port: &Value) -> String {
    match (port["port"].as_i64(), port["name"].as_str()) {
        (Some(number), _) => number.to_string(),
        (None, Some(name)) => name.to_owned(),
        (None, None) => "*".to_owned(),
    }
}

fn subset(subset: &Value) -> Vec<String> {
    let ips: Vec<String> = list(subset, "/addresses")
        .iter()
        .map(|it| string(it, "/ip"))
        .collect();
    let ports = list(subset, "/ports");
    if ports.is_empty() {
        return ips;
    }
    let each = ports.iter().map(|it| int(it, "/port"));
    each.flat_map(|port| ips.iter().map(move |ip| format!("{ip}:{port}")))
        .collect()
}

fn hosts(ingress: &Value) -> String {
    let rules = list(ingress, "/spec/rules");
    let named: Vec<String> = rules
        .iter()
        .map(|it| string(it, "/host"))
        .filter(|it| !it.is_empty())
        .collect();
    match named.as_slice() {
        [] => "*".to_owned(),
        [one, two, three, rest @ ..] if !rest.is_empty() => {
            format!("{one},{two},{three} + {} more...", rules.len() - 3)
        }
        few => few.join(","),
    }
}
