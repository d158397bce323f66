//! Watches, line by line.

use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::harness::{Person, pod, read, shop, within};
use firstmate_sandbox::cluster::{Cluster, Fault};

/// An open watch.
struct Watch {
    stream: futures::stream::BoxStream<'static, reqwest::Result<axum::body::Bytes>>,
    rest: Vec<u8>,
}

impl Watch {
    async fn open(cluster: &Cluster, query: &str) -> Self {
        let admin = Person::new(cluster, "admin");
        let request = admin.request("GET", &format!("/api/v1/pods?watch=1&{query}"));
        let response = within(request.send()).await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        Self {
            stream: response.bytes_stream().boxed(),
            rest: Vec::new(),
        }
    }

    /// The next line; `None` at the end.
    async fn line(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let chunk = within(self.stream.next()).await?;
            self.rest.extend_from_slice(&chunk.unwrap());
        }
    }

    /// What the next line says, in short.
    async fn next(&mut self) -> String {
        match self.line().await {
            None => "the end".to_owned(),
            Some(line) => {
                let name = line["object"]["metadata"]["name"].as_str().unwrap_or("-");
                format!("{} {name}", line["type"].as_str().unwrap())
            }
        }
    }
}

#[tokio::test]
async fn a_watch_tells_what_is_there_and_what_happens() {
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    let mut watch = Watch::open(&cluster, "").await;
    assert_eq!(watch.next().await, "ADDED web-1");
    cluster.apply(&pod("web-2", "web", true)).unwrap();
    assert_eq!(watch.next().await, "ADDED web-2");
    cluster
        .patch("shop/pod/web-2", json!({"metadata": {"labels": {"x": "y"}}}))
        .unwrap();
    assert_eq!(watch.next().await, "MODIFIED web-2");
    let admin = Person::new(&cluster, "admin");
    admin
        .delete("/api/v1/namespaces/shop/pods/web-2?gracePeriodSeconds=0")
        .await;
    assert_eq!(watch.next().await, "DELETED web-2");
}

#[tokio::test]
async fn a_watch_goes_on_where_a_list_ended() {
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    let list = Person::new(&cluster, "admin").get("/api/v1/pods").await;
    let version = list.body["metadata"]["resourceVersion"].as_str().unwrap();
    cluster.apply(&pod("web-2", "web", true)).unwrap();
    let mut watch = Watch::open(&cluster, &format!("resourceVersion={version}")).await;
    assert_eq!(watch.next().await, "ADDED web-2");
}

#[tokio::test]
async fn what_leaves_the_selection_is_deleted_and_what_enters_is_added() {
    let cluster = shop();
    cluster
        .apply(&(pod("web-1", "web", true) + &pod("api-1", "api", true)))
        .unwrap();
    let mut watch = Watch::open(&cluster, "labelSelector=app%3Dweb").await;
    assert_eq!(watch.next().await, "ADDED web-1");
    cluster
        .patch("shop/pod/api-1", json!({"metadata": {"labels": {"app": "web"}}}))
        .unwrap();
    assert_eq!(watch.next().await, "ADDED api-1");
    cluster
        .patch(
            "shop/pod/web-1",
            json!({"metadata": {"labels": {"app": "other"}}}),
        )
        .unwrap();
    assert_eq!(watch.next().await, "DELETED web-1");
}

#[tokio::test]
async fn a_watch_list_marks_the_end_of_what_is_there() {
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    let query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let mut watch = Watch::open(&cluster, query).await;
    assert_eq!(watch.next().await, "ADDED web-1");
    let mark = watch.line().await.unwrap();
    assert_eq!(mark["type"], "BOOKMARK");
    assert_eq!(
        mark["object"]["metadata"]["annotations"],
        json!({"k8s.io/initial-events-end": "true"})
    );
}

#[tokio::test]
async fn a_watch_ends_by_the_clock_and_has_bookmarks_before() {
    let cluster = shop();
    let mut watch = Watch::open(&cluster, "timeoutSeconds=90&allowWatchBookmarks=true").await;
    cluster.advance(60_000);
    assert_eq!(watch.next().await, "BOOKMARK -");
    cluster.advance(30_000);
    assert_eq!(watch.next().await, "the end");
}

#[tokio::test]
async fn a_version_that_is_forgotten_is_expired() {
    let cluster = shop();
    cluster.apply(&pod("web-1", "web", true)).unwrap();
    let start = cluster.store().version();
    for n in 0..10_100 {
        cluster
            .patch(
                "shop/pod/web-1",
                json!({"metadata": {"labels": {"n": n.to_string()}}}),
            )
            .unwrap();
    }
    let mut watch = Watch::open(&cluster, &format!("resourceVersion={start}")).await;
    let line = watch.line().await.unwrap();
    assert_eq!(
        (line["type"].as_str(), line["object"]["code"].as_i64()),
        (Some("ERROR"), Some(410))
    );
    assert_eq!(line["object"]["reason"], "Expired");
    assert_eq!(watch.next().await, "the end");
    // A young version is served, whatever it is.
    let mut watch = Watch::open(&shop(), "resourceVersion=1&timeoutSeconds=1").await;
    drop(watch.line());
}

#[tokio::test]
async fn open_watches_can_be_cut() {
    let cluster = shop();
    let mut watch = Watch::open(&cluster, "").await;
    cluster.fault(Fault::CutWatch);
    assert_eq!(watch.next().await, "the end");
    assert_eq!(cluster.in_flight(), 0);
}

#[tokio::test]
async fn a_table_that_is_watched_has_its_columns_once() {
    let cluster = shop();
    cluster
        .apply(&(pod("web-1", "web", true) + &pod("web-2", "web", true)))
        .unwrap();
    let admin = Person::new(&cluster, "admin");
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    let request = admin
        .request("GET", "/api/v1/pods?watch=1&timeoutSeconds=5")
        .header("accept", table);
    let reading = tokio::spawn(read(request));
    while cluster.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    cluster.advance(5000);
    let answer = within(reading).await.unwrap();
    let lines: Vec<Value> = answer
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let columns = |line: &Value| line["object"]["columnDefinitions"].as_array().map(Vec::len);
    assert_eq!(lines.iter().map(columns).collect::<Vec<_>>(), [Some(9), None]);
    assert_eq!(lines[1]["object"]["rows"][0]["cells"][0], "web-2");
}
