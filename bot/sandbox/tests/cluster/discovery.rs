//! What is served, and to whom without being asked.

use firstmate_sandbox::cluster::machinery::Idle;
use firstmate_sandbox::cluster::{Cluster, Settings, furnish};
use serde_json::{Value, json};

use crate::harness::{Person, read, settings, shop};

const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

const MEASURED: &str = "
apiVersion: metrics.k8s.io/v1beta1
kind: NodeMetrics
metadata: {name: node-1}
timestamp: '2026-01-01T00:00:00Z'
window: 20s
usage: {cpu: 250m, memory: 512Mi}
";

#[tokio::test]
async fn both_forms_of_discovery_name_the_same_kinds() {
    let cluster = shop();
    cluster.apply(MEASURED).unwrap();
    let admin = Person::new(&cluster, "admin");
    let mut aggregated = Vec::new();
    for path in ["/api", "/apis"] {
        let list = read(admin.request("GET", path).header("accept", AGGREGATED))
            .await
            .body;
        for group in list["items"].as_array().unwrap() {
            for version in group["versions"].as_array().unwrap() {
                for it in version["resources"].as_array().unwrap() {
                    aggregated.push(format!("{} {}", version["version"], it["resource"]));
                    for sub in it["subresources"].as_array().into_iter().flatten() {
                        let sub = sub["subresource"].as_str().unwrap();
                        aggregated.push(format!(
                            "{} \"{}/{sub}\"",
                            version["version"],
                            it["resource"].as_str().unwrap()
                        ));
                    }
                }
            }
        }
    }
    let mut old = kinds(&admin.get("/api/v1").await.body, "v1");
    for group in admin.get("/apis").await.body["groups"].as_array().unwrap() {
        for version in group["versions"].as_array().unwrap() {
            let path = format!("/apis/{}", version["groupVersion"].as_str().unwrap());
            old.extend(kinds(
                &admin.get(&path).await.body,
                version["version"].as_str().unwrap(),
            ));
        }
    }
    assert_eq!(old, aggregated);
    assert!(old.contains(&"\"v1\" \"pods/eviction\"".to_owned()));
}

fn kinds(list: &Value, version: &str) -> Vec<String> {
    let resources = list["resources"].as_array().unwrap();
    resources
        .iter()
        .map(|it| format!("\"{version}\" {}", it["name"]))
        .collect()
}

#[tokio::test]
async fn metrics_are_there_where_something_measures() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    let groups = async || {
        let list = admin.get("/apis").await.body;
        let names = list["groups"].as_array().unwrap().iter();
        names
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(!groups().await.contains(&"metrics.k8s.io".to_owned()));
    assert_eq!(admin.get("/apis/metrics.k8s.io/v1beta1/nodes").await.status, 404);
    cluster.apply(MEASURED).unwrap();
    assert!(groups().await.contains(&"metrics.k8s.io".to_owned()));
    for version in ["v1", "v1beta1"] {
        let node = admin
            .get(&format!("/apis/metrics.k8s.io/{version}/nodes/node-1"))
            .await
            .body;
        assert_eq!(node["apiVersion"], format!("metrics.k8s.io/{version}"));
        assert_eq!(node["usage"], json!({"cpu": "250m", "memory": "512Mi"}));
    }
}

#[tokio::test]
async fn an_older_cluster_has_less() {
    let settings = Settings {
        version: (1, 33),
        ..settings()
    };
    let cluster = Cluster::start_with(&settings, |store| {
        furnish(store)?;
        Ok(Box::new(Idle))
    });
    let cluster = cluster.unwrap();
    cluster.apply(MEASURED).unwrap();
    let admin = Person::new(&cluster, "admin");
    assert_eq!(admin.get("/version").await.body["gitVersion"], "v1.33.0");
    assert_eq!(admin.get("/apis/metrics.k8s.io/v1/nodes").await.status, 404);
    assert_eq!(admin.get("/apis/metrics.k8s.io/v1beta1/nodes").await.status, 200);
}

#[tokio::test]
async fn health_is_for_everybody_and_the_rest_is_not() {
    let cluster = shop();
    let nobody = Person::anonymous(&cluster);
    for path in ["/healthz", "/livez", "/readyz", "/version"] {
        assert_eq!(nobody.get(path).await.status, 200, "{path}");
    }
    assert_eq!(nobody.get("/api").await.status, 403);
    let stranger = Person::new(&cluster, "stranger");
    assert_eq!(
        stranger.get("/healthz").await.refusal(),
        "401 Unauthorized: Unauthorized"
    );
}

#[tokio::test]
async fn the_address_in_a_kubeconfig_says_who_asks() {
    let cluster = shop();
    let kubeconfig = cluster.kubeconfig("lin");
    let server = kubeconfig
        .lines()
        .find_map(|line| line.trim().strip_prefix("server: "))
        .unwrap();
    let path = server.strip_prefix(&cluster.url()).unwrap();
    let review = Person::anonymous(&cluster)
        .post(
            &format!("{path}/apis/authentication.k8s.io/v1/selfsubjectreviews"),
            &json!({}),
        )
        .await;
    assert_eq!(review.body["status"]["userInfo"]["username"], "lin");
}
