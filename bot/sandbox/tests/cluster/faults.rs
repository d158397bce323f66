//! Troubles.

use firstmate_sandbox::cluster::Fault;
use serde_json::json;

use crate::harness::{Person, pod, read, shop, within};

#[tokio::test]
async fn errors_come_for_a_kind_and_a_number_of_requests() {
    let cluster = shop();
    let admin = Person::new(&cluster, "admin");
    for code in [401, 403, 409, 410, 429, 500, 503] {
        cluster.fault(Fault::Status {
            code,
            resource: Some("nodes".to_owned()),
            requests: Some(1),
        });
        assert_eq!(admin.get("/api/v1/pods").await.status, 200);
        let answer = admin.get("/api/v1/nodes").await;
        assert_eq!(
            (answer.status, answer.body["kind"].as_str()),
            (code, Some("Status"))
        );
        assert_eq!(admin.get("/api/v1/nodes").await.status, 200);
    }
}

#[tokio::test]
async fn a_slow_answer_waits_for_the_clock() {
    let cluster = shop();
    cluster.fault(Fault::Slow {
        ms: 9000,
        resource: None,
        requests: None,
    });
    let request = Person::new(&cluster, "admin").request("GET", "/api/v1/nodes");
    let answer = tokio::spawn(read(request));
    while cluster.held() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(cluster.in_flight(), 1);
    cluster.advance(9000);
    assert_eq!(within(answer).await.unwrap().status, 200);
    assert_eq!((cluster.held(), cluster.in_flight()), (0, 0));
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer() {
    let cluster = shop();
    cluster.fault(Fault::Drop {
        resource: None,
        requests: Some(1),
    });
    let admin = Person::new(&cluster, "admin");
    let lost = within(admin.request("GET", "/api/v1/nodes").send()).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(admin.get("/api/v1/nodes").await.status, 200);
}

#[tokio::test]
async fn a_body_ends_in_the_middle() {
    let cluster = shop();
    cluster.fault(Fault::CutBody {
        resource: None,
        requests: Some(1),
    });
    let admin = Person::new(&cluster, "admin");
    let response = within(admin.request("GET", "/api/v1/nodes").send())
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let body = within(response.bytes()).await;
    assert!(body.is_err(), "{body:?}");
    assert_eq!(admin.get("/api/v1/nodes").await.names(), ["node-1"]);
}

#[tokio::test]
async fn absurd_objects_have_what_no_server_sends() {
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    cluster.fault(Fault::Absurd);
    let admin = Person::new(&cluster, "admin");
    let list = admin.get("/api/v1/pods").await.body;
    let conditions = list["items"][0]["status"]["conditions"].as_array().unwrap();
    assert_eq!(conditions.last().unwrap()["status"], "Perhaps");
    assert!(list["items"][0]["spec"]["fieldOfTheFuture"].is_object());
    cluster.fault(Fault::Off);
    let plain = admin.get("/api/v1/pods").await.body;
    assert_eq!(plain["items"][0]["spec"].get("fieldOfTheFuture"), None);
    assert_eq!(plain["items"][0]["metadata"]["labels"], json!({"app": "web"}));
}
