//! What can go wrong with the one call: what is said of it is true, and it is on the wire once at most.

use firstmate::cluster::Cluster;
use firstmate::cluster::changes::{self, Called};
use firstmate::store::Granted;
use firstmate_sandbox::cluster::Fault;

use super::ground::{Ground, MING, cluster, cordon, person};
use super::proxy::{Proxy, Way};

/// A proxy in front of the local cluster, and the bot behind it.
struct Behind {
    ground: Ground,
    proxy: Proxy,
    bots: Cluster,
}

impl Behind {
    async fn new() -> Self {
        let ground = Ground::local().await;
        let url = ground.local_one().url();
        let proxy = Proxy::before(url.strip_prefix("http://").unwrap()).await;
        let bots = cluster(ground.kubeconfig.replace(&url, &proxy.url));
        Self { ground, proxy, bots }
    }

    /// Leave to cordon node-3 as it is now.
    async fn granted(&self) -> Granted {
        let planned = self.ground.plan(&cordon("node-3")).await;
        self.ground.granted(&planned, MING).await
    }

    async fn call(&self, way: Way) -> (Granted, Called) {
        self.proxy.set(way);
        let granted = self.granted().await;
        // A connection is there already, as in life.
        let who = person(MING);
        let mut reader = self.ground.reader(&who);
        reader.cluster = &self.bots;
        changes::plan(&reader, &cordon("node-3")).await.unwrap();
        let called = changes::carry_out(&self.bots, &self.ground.clock, &granted).await;
        (granted, called)
    }

    async fn is_done(&self, granted: &Granted) -> bool {
        let truth = self.ground.truth(granted.request()).await;
        assert_eq!(truth.unschedulable, truth.ours);
        truth.ours
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_connection_ends_is_not_known_and_not_repeated() {
    for (way, is_done) in [(Way::CutBefore, false), (Way::CutAfter, true)] {
        let behind = Behind::new().await;
        let (granted, called) = behind.call(way.clone()).await;
        assert!(matches!(called, Called::NoAnswer { .. }), "{way:?}: {called:?}");
        assert_eq!(behind.proxy.patches(), 1, "{way:?}");
        assert_eq!(behind.is_done(&granted).await, is_done, "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_an_answer_says_that_it_is_done() {
    let behind = Behind::new().await;
    let (granted, called) = behind.call(Way::HeadAlone).await;
    assert!(matches!(called, Called::Done { status: 200, .. }), "{called:?}");
    assert_eq!(behind.proxy.patches(), 1);
    assert!(behind.is_done(&granted).await);
    // One pool: reads and the call went over the same connections.
    assert!(behind.proxy.connections() <= 2, "{}", behind.proxy.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_before_the_deadline_is_not_known() {
    let behind = Behind::new().await;
    behind.proxy.set(Way::Silent);
    let granted = behind.granted().await;
    let clock = behind.ground.clock.clone();
    let deadline = async {
        while behind.ground.local_one().writes_since(0).is_empty() {
            tokio::task::yield_now().await;
        }
        clock.advance(9_999);
        tokio::task::yield_now().await;
        clock.advance(1);
    };
    let calling = changes::carry_out(&behind.bots, &behind.ground.clock, &granted);
    let (called, ()) = tokio::join!(calling, deadline);
    assert!(matches!(called, Called::NoAnswer { .. }), "{called:?}");
    assert_eq!(behind.proxy.patches(), 1);
    assert!(behind.is_done(&granted).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_never_connected_is_known_not_to_be_done() {
    let behind = Behind::new().await;
    let granted = behind.granted().await;
    let url = behind.ground.local_one().url();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for kubeconfig in [
        behind.ground.kubeconfig.replace(&url, &nobody),
        behind
            .ground
            .kubeconfig
            .replace(&url, "https://no-such-host.invalid:6443"),
        // Something answers there that speaks no TLS.
        behind
            .ground
            .kubeconfig
            .replace(&url, &url.replace("http:", "https:")),
        "nonsense".to_owned(),
    ] {
        let called = changes::carry_out(&cluster(kubeconfig), &behind.ground.clock, &granted).await;
        assert!(matches!(called, Called::NotSent { .. }), "{called:?}");
    }
    assert!(!behind.is_done(&granted).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_before_the_api_server_may_not_know() {
    let behind = Behind::new().await;
    let page = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 28\r\n\r\n<html><b>Bad Gateway</b>\n\n\n\n";
    let (_, called) = behind.call(Way::Instead(page)).await;
    let message = "the answer was 502: <html><b>Bad Gateway</b>".to_owned();
    assert_eq!(called, Called::NoAnswer { message });
    let moved = "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n";
    let (_, called) = behind.call(Way::Instead(moved)).await;
    assert!(matches!(called, Called::Answered { code: 302, .. }), "{called:?}");
    assert_eq!(behind.proxy.patches(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_status_is_told_as_it_is_and_asked_for_once() {
    let ground = Ground::local().await;
    for code in [401, 403, 404, 409, 429, 500, 503, 504] {
        let granted = ground.granted(&ground.plan(&cordon("node-3")).await, MING).await;
        ground.local_one().fault(Fault::Status {
            code,
            resource: Some("nodes".to_owned()),
            requests: None,
        });
        let before = ground.patches().len();
        let called = ground.call(&granted).await;
        ground.local_one().fault(Fault::Off);
        let is_told = match code {
            409 => called == Called::Conflict,
            // The local server's 500 is that of a storage that did not answer.
            500 | 504 => matches!(called, Called::NoAnswer { .. }),
            code => matches!(called, Called::Answered { code: told, .. } if told == code),
        };
        assert!(is_told, "{code}: {called:?}");
        assert_eq!(ground.patches().len() - before, 1, "{code}");
        assert!(!ground.truth(granted.request()).await.unschedulable, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_gone_meanwhile_is_said() {
    for ground in Ground::both().await {
        ground
            .apply(&serde_json::json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "gone"}}))
            .await;
        let granted = ground.granted(&ground.plan(&cordon("gone")).await, MING).await;
        let Some(_) = ground.kubectl(&["delete", "node", "gone"]).await else {
            return;
        };
        let called = ground.call(&granted).await;
        assert!(matches!(called, Called::Answered { code: 404, .. }), "{called:?}");
        // And one that came back under its name is another.
        ground
            .apply(&serde_json::json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "gone"}}))
            .await;
        assert_eq!(ground.call(&granted).await, Called::Conflict);
    }
}

/// What the API server says passes through a webhook's hands, and so through anybody's.
#[tokio::test(flavor = "multi_thread")]
async fn words_of_the_api_server_are_shown_without_what_they_hide() {
    let behind = Behind::new().await;
    let hostile = concat!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 208\r\n\r\n",
        r#"{"kind":"Status","code":403,"reason":"Forbidden","message":"denied \u001b[31mby\u001b[0m\n"#,
        r#"Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789\n"#,
        r#"password=correct-horse-battery \u202e@everyone"}"#,
        "                         "
    );
    let (_, called) = behind.call(Way::Instead(hostile)).await;
    let Called::Answered { message, .. } = called else {
        unreachable!("{called:?}")
    };
    for hidden in ["abcdefgh", "correct-horse", "\u{1b}", "\u{202e}", "\n"] {
        assert!(!message.contains(hidden), "{message:?}");
    }
    assert!(message.starts_with("denied by Authorization:"), "{message:?}");
}
