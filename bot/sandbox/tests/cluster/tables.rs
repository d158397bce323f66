//! Tables, and metadata alone.

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::harness::{Person, pod, read, shop};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/// Tables, each under its path: the columns (wide ones in brackets) and the rows.
async fn check(paths: &[&str], expected: Expect) {
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    cluster.apply(OTHERS).unwrap();
    cluster.advance(3_700_000);
    let admin = Person::new(&cluster, "admin");
    let mut shown = String::new();
    for path in paths {
        let answer = read(admin.request("GET", path).header("accept", TABLE)).await;
        shown += &format!("{path}\n{}", table(&answer.body));
    }
    expected.assert_eq(&shown);
}

fn table(table: &Value) -> String {
    assert_eq!(table["kind"], "Table", "{table}");
    let columns = table["columnDefinitions"].as_array().unwrap();
    let column = |it: &Value| match it["priority"].as_i64() {
        Some(0) => it["name"].as_str().unwrap().to_owned(),
        _ => format!("[{}]", it["name"].as_str().unwrap()),
    };
    let mut lines = vec![columns.iter().map(column).collect::<Vec<_>>().join(" | ")];
    for row in table["rows"].as_array().unwrap() {
        let cells = row["cells"].as_array().unwrap();
        assert_eq!(cells.len(), columns.len());
        assert_eq!(row["object"]["kind"], "PartialObjectMetadata");
        let cell = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
        lines.push(cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

#[tokio::test]
async fn tables_of_pods_and_what_makes_them_are_those_of_a_real_server() {
    let paths = [
        "/api/v1/nodes",
        "/api/v1/namespaces/shop/pods",
        "/apis/apps/v1/namespaces/shop/deployments",
        "/apis/apps/v1/namespaces/shop/replicasets",
        "/apis/apps/v1/namespaces/shop/statefulsets",
        "/apis/apps/v1/namespaces/shop/daemonsets",
        "/apis/policy/v1/namespaces/shop/poddisruptionbudgets",
        "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers",
    ];
    check(&paths, expect![[r#"
        /api/v1/nodes
          Name | Status | Roles | Age | Version | [Internal-IP] | [External-IP] | [OS-Image] | [Kernel-Version] | [Container-Runtime]
          node-1 | Unknown | <none> | 61m |  | <none> | <none> | <unknown> | <unknown> | <unknown>
          node-2 | NotReady,SchedulingDisabled | control-plane,worker | 61m | v1.37.2 | 10.0.0.2 | <none> | Debian 12 | 6.8.0 (amd64) | containerd://2.1.0
        /api/v1/namespaces/shop/pods
          Name | Ready | Status | Restarts | Age | [IP] | [Node] | [Nominated Node] | [Readiness Gates]
          web-1 | 0/1 | Running | 0 | 61m | <none> | node-1 | <none> | <none>
        /apis/apps/v1/namespaces/shop/deployments
          Name | Ready | Up-to-date | Available | Age | [Containers] | [Images] | [Selector]
          web | 0/2 | 0 | 0 | 61m | web | web:1 | app=web
        /apis/apps/v1/namespaces/shop/replicasets
          Name | Desired | Current | Ready | Age | [Containers] | [Images] | [Selector]
          web-7 | 2 | 0 | 0 | 61m | web | web:1 | app=web
        /apis/apps/v1/namespaces/shop/statefulsets
          Name | Ready | Age | [Containers] | [Images]
          db | 0/3 | 61m | db,side | db:1,side:1
        /apis/apps/v1/namespaces/shop/daemonsets
          Name | Desired | Current | Ready | Up-to-date | Available | Node Selector | Age | [Containers] | [Images] | [Selector]
          agent | 0 | 0 | 0 | 0 | 0 | os=linux | 61m | agent | agent:1 | app=agent
        /apis/policy/v1/namespaces/shop/poddisruptionbudgets
          Name | Min Available | Max Unavailable | Allowed Disruptions | Age
          web | N/A | 25% | 0 | 61m
        /apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers
          Name | Reference | Targets | MinPods | MaxPods | Replicas | Age
          web | Deployment/web | cpu: <unknown>/80% | 1 | 9 | 0 | 61m
    "#]]).await;
}

#[tokio::test]
async fn tables_of_what_surrounds_pods_are_those_of_a_real_server() {
    let paths = [
        "/api/v1/namespaces/shop",
        "/api/v1/namespaces/shop/events",
        "/api/v1/namespaces/shop/services",
        "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
        "/apis/networking.k8s.io/v1/namespaces/shop/ingresses",
        "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies",
        "/api/v1/namespaces/shop/persistentvolumeclaims",
        "/api/v1/namespaces/shop/secrets",
        "/api/v1/namespaces/shop/configmaps",
        "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
    ];
    check(&paths, expect![[r#"
        /api/v1/namespaces/shop
          Name | Status | Age
          shop | Active | 61m
        /api/v1/namespaces/shop/events
          Last Seen | Type | Reason | Object | [Subobject] | [Source] | Message | [First Seen] | [Count] | [Name]
          100s | Warning | BackOff | pod/web-1 | spec.containers{web} | kubelet, node-1 | Back-off restarting failed container | 61m | 7 | web-1.a
        /api/v1/namespaces/shop/services
          Name | Type | Cluster-IP | External-IP | Port(s) | Age | [Selector]
          edge | LoadBalancer | 10.96.7.8 | <pending> | 80:30081/TCP | 61m | <none>
          headless | ClusterIP | None | <none> | <none> | 61m | app=web,tier=front
          web | NodePort | 10.96.7.7 | <none> | 80:30080/TCP,443:30443/TCP | 61m | app=web
        /apis/discovery.k8s.io/v1/namespaces/shop/endpointslices
          Name | AddressType | Ports | Endpoints | Age
          web-x | IPv4 | 80 | 10.0.0.1,10.0.0.2,10.0.0.3 + 1 more... | 61m
        /apis/networking.k8s.io/v1/namespaces/shop/ingresses
          Name | Class | Hosts | Address | Ports | Age
          web | nginx | shop.example.com,www.example.com |  | 80, 443 | 61m
        /apis/networking.k8s.io/v1/namespaces/shop/networkpolicies
          Name | Pod-Selector | Age
          deny | <none> | 61m
          some | app=web,tier in (a,b) | 61m
        /api/v1/namespaces/shop/persistentvolumeclaims
          Name | Status | Volume | Capacity | Access Modes | StorageClass | VolumeAttributesClass | Age | [VolumeMode]
          data | Pending |  |  |  | fast | <unset> | 61m | Filesystem
        /api/v1/namespaces/shop/secrets
          Name | Type | Data | Age
          keys | Opaque | 2 | 61m
        /api/v1/namespaces/shop/configmaps
          Name | Data | Age
          kube-root-ca.crt | 1 | 61m
        /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases
          Name | Holder | Age
          node-1 | node-1 | 61m
        /apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin
          Name | Created At
          cluster-admin | 2026-01-01T00:00:00Z
    "#]]).await;
}

#[tokio::test]
async fn metadata_alone_is_answered_where_it_is_asked_for() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    let answer = read(admin.request("GET", "/api/v1/nodes").header("accept", accept)).await;
    assert_eq!(answer.body["kind"], "PartialObjectMetadataList");
    assert_eq!(answer.body["items"][0]["metadata"]["name"], "node-1");
    assert_eq!(answer.body["items"][0].get("status"), None);
}

const OTHERS: &str = r#"
apiVersion: v1
kind: Node
metadata: {name: node-2, labels: {node-role.kubernetes.io/worker: "", node-role.kubernetes.io/control-plane: ""}}
spec: {unschedulable: true}
status:
  addresses: [{type: InternalIP, address: 10.0.0.2}]
  conditions: [{type: Ready, status: Unknown}]
  nodeInfo: {architecture: amd64, containerRuntimeVersion: "containerd://2.1.0", kernelVersion: 6.8.0, kubeletVersion: v1.37.2, osImage: Debian 12}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: NodePort, clusterIP: 10.96.7.7, selector: {app: web}, ports: [{name: http, port: 80, nodePort: 30080}, {name: https, port: 443, nodePort: 30443}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: shop}
spec: {type: LoadBalancer, clusterIP: 10.96.7.8, ports: [{port: 80, nodePort: 30081}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: shop}
spec: {clusterIP: None, selector: {app: web, tier: front}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-x, namespace: shop}
addressType: IPv4
ports: [{port: 80}]
endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.2]}, {addresses: [10.0.0.3]}, {addresses: [10.0.0.4]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {ingressClassName: nginx, rules: [{host: shop.example.com}, {host: www.example.com}], tls: [{secretName: s}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: some, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [b, a]}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 25%, selector: {matchLabels: {app: web}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 9}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: shop}
stringData: {a: b, c: d}
---
apiVersion: v1
kind: Event
metadata: {name: web-1.a, namespace: shop}
involvedObject: {kind: Pod, name: web-1, fieldPath: "spec.containers{web}"}
reason: BackOff
message: "Back-off restarting failed container\n"
type: Warning
source: {component: kubelet, host: node-1}
count: 7
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T01:00:00Z"
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}, {name: side, image: 'side:1'}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {nodeSelector: {os: linux}, containers: [{name: agent, image: 'agent:1'}]}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-7, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:1'}]}}
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: node-1, namespace: kube-node-lease}
spec: {holderIdentity: node-1}
"#;
