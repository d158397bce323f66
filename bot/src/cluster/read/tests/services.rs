use expect_test::{Expect, expect};
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::Ingress;
use serde_json::{Value, json};

use super::{object, over};
use crate::cluster::read::service::{self, Around, Behind};

fn given(patch: Value) -> api::Service {
    let base = json!({
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"], "selector": {"app": "web"},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}]}
    });
    object(over(base, patch))
}

#[track_caller]
fn check(services: &[api::Service], around: Around<'_>, expected: Expect) {
    let mut lines = String::new();
    for one in services {
        let read = service::service(one, around);
        lines.push_str(&format!(
            "{} {} {} {} {} {}",
            read.name,
            read.kind,
            read.cluster_ip,
            read.external,
            read.port_words(),
            read.selector_words()
        ));
        if let Some(endpoints) = read.endpoints {
            lines.push_str(&format!(
                "\n  {endpoints:?}, leads nowhere: {}",
                read.leads_nowhere()
            ));
        }
        if let Some(matches) = read.matches {
            lines.push_str(&format!("\n  {matches:?}"));
        }
        for route in read.routes.iter().flatten() {
            lines.push_str(&format!(
                "\n  {} {}{} -> {} tls {}",
                route.ingress, route.host, route.path, route.port, route.tls
            ));
        }
        lines.push('\n');
    }
    expected.assert_eq(&lines);
}

#[test]
fn services_of_every_type() {
    let ingress = |points: Value| json!({"status": {"loadBalancer": {"ingress": points}}, "spec": {"type": "LoadBalancer"}});
    let services = [
        given(json!({})),
        given(json!({"spec": {"clusterIP": "None", "clusterIPs": ["None"], "ports": null}})),
        given(
            json!({"spec": {"type": "NodePort", "externalIPs": ["1.2.3.4", "5.6.7.8"], "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}}),
        ),
        given(json!({"spec": {"type": "LoadBalancer"}})),
        given(ingress(
            json!([{"hostname": "b.example.com"}, {"ip": "9.9.9.9"}, {"ip": "9.9.9.9"}, {}]),
        )),
        given(
            json!({"spec": {"type": "ExternalName", "externalName": "db.example.com", "clusterIP": null, "clusterIPs": null, "selector": null}}),
        ),
        object(json!({"metadata": {}})),
    ];
    check(
        &services,
        Around::default(),
        expect![[r#"
        web ClusterIP 10.96.0.10 <none> 80/TCP app=web
        web ClusterIP None <none> <none> app=web
        web NodePort 10.96.0.10 1.2.3.4,5.6.7.8 80:30080/TCP,53/UDP app=web
        web LoadBalancer 10.96.0.10 <pending> 80/TCP app=web
        web LoadBalancer 10.96.0.10 9.9.9.9,b.example.com 80/TCP app=web
        web ExternalName <none> db.example.com 80/TCP <none>
          <none> <unknown> <none> <none>
    "#]],
    );
}

fn slice(service: &str, endpoints: Value) -> EndpointSlice {
    object(
        json!({"metadata": {"name": "s", "namespace": "shop", "labels": {"kubernetes.io/service-name": service}}, "addressType": "IPv4", "endpoints": endpoints}),
    )
}

fn pod(name: &str, app: &str, phase: &str, ready: bool) -> api::Pod {
    object(
        json!({"metadata": {"name": name, "namespace": "shop", "labels": {"app": app, "x": "y"}}, "spec": {"containers": [{"name": "c"}]},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}]}}),
    )
}

#[test]
fn what_stands_behind_a_service() {
    let slices = [
        slice(
            "web",
            json!([
            {"addresses": ["10.1.0.1"], "targetRef": {"uid": "a"}},
            {"addresses": ["10.1.0.2"], "targetRef": {"uid": "b"}, "conditions": {"ready": false}},
            {"addresses": ["10.1.0.3"], "targetRef": {"uid": "c"}, "conditions": {"ready": false, "serving": true, "terminating": true}},
            {"addresses": ["10.1.0.4"], "conditions": {"ready": null}}]),
        ),
        slice(
            "web",
            json!([{"addresses": ["fd00::1"], "targetRef": {"uid": "a"}}, {"addresses": ["fd00::2"], "targetRef": {"uid": "b"}, "conditions": {"ready": false}}]),
        ),
        slice("other", json!([{"addresses": ["10.1.0.9"]}])),
    ];
    let pods = [
        pod("a", "web", "Running", true),
        pod("b", "web", "Running", false),
        pod("done", "web", "Succeeded", false),
        pod("o", "other", "Running", true),
    ];
    let around = Around {
        behind: Some(&Behind::of(&slices)),
        pods: Some(&pods),
        ingresses: None,
    };
    let services = [
        given(json!({})),
        given(json!({"metadata": {"name": "wrong"}, "spec": {"selector": {"app": "webb"}}})),
        given(json!({"metadata": {"name": "by-hand"}, "spec": {"selector": null}})),
        given(json!({"metadata": {"namespace": "elsewhere"}})),
    ];
    check(
        &services,
        around,
        expect![[r#"
        web ClusterIP 10.96.0.10 <none> 80/TCP app=web
          Endpoints { ready: 2, not_ready: 2, leaving: 1 }, leads nowhere: false
          Matches { pods: 2, ready: 1 }
        wrong ClusterIP 10.96.0.10 <none> 80/TCP app=webb
          Endpoints { ready: 0, not_ready: 0, leaving: 0 }, leads nowhere: true
          Matches { pods: 0, ready: 0 }
        by-hand ClusterIP 10.96.0.10 <none> 80/TCP <none>
          Endpoints { ready: 0, not_ready: 0, leaving: 0 }, leads nowhere: true
        web ClusterIP 10.96.0.10 <none> 80/TCP app=web
          Endpoints { ready: 0, not_ready: 0, leaving: 0 }, leads nowhere: true
          Matches { pods: 0, ready: 0 }
    "#]],
    );
}

#[test]
fn which_hosts_and_paths_lead_to_it() {
    let backend = |name: &str, port: Value| json!({"service": {"name": name, "port": port}});
    let ingress: Ingress = object(
        json!({"metadata": {"name": "shop", "namespace": "shop"}, "spec": {
        "tls": [{"hosts": ["shop.example.com", "*.wild.example.com"]}],
        "defaultBackend": backend("web", json!({"number": 8080})),
        "rules": [
            {"host": "shop.example.com", "http": {"paths": [
                {"path": "/", "pathType": "Prefix", "backend": backend("web", json!({"name": "http"}))},
                {"path": "/api", "pathType": "Prefix", "backend": backend("api", json!({"number": 80}))}]}},
            {"host": "a.wild.example.com", "http": {"paths": [{"path": "/x", "pathType": "Exact", "backend": backend("web", json!({"number": 80}))}]}},
            {"host": "a.b.wild.example.com", "http": {"paths": [{"pathType": "Prefix", "backend": backend("web", json!({}))}]}},
            {"host": "bare.example.com"}]}}),
    );
    let around = Around {
        ingresses: Some(std::slice::from_ref(&ingress)),
        ..Around::default()
    };
    check(
        &[
            given(json!({})),
            given(json!({"metadata": {"namespace": "elsewhere"}})),
        ],
        around,
        expect![[r#"
            web ClusterIP 10.96.0.10 <none> 80/TCP app=web
              shop shop.example.com/ -> http tls true
              shop a.wild.example.com/x -> 80 tls true
              shop a.b.wild.example.com ->  tls false
              shop * -> 8080 tls false
            web ClusterIP 10.96.0.10 <none> 80/TCP app=web
        "#]],
    );
}
