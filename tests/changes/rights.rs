//! What the bot's token is good for, with exactly `bot/deploy/rbac.yaml`: every verb of every kind that the server has
//! is tried, by the bot itself and in the name of people.

use std::collections::BTreeSet;

use firstmate::cluster::changes::{self, Called};
use firstmate::cluster::request::{self, CHANGED, RIGHTS, Right, WATCHED, WRITTEN};
use reqwest::Method;
use serde_json::Value;

use super::ground::{Engine, Ground, MING, cordon, uncordon};

/// What everybody may who has a name, on every cluster: ask about themselves.
const ABOUT_ONESELF: [(&str, &str); 3] = [
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authentication.k8s.io", "selfsubjectreviews"),
];

/// What every ServiceAccount may read on a newer server: certificates of authorities, which are public.
const PUBLIC: &str = "clustertrustbundles";

/// Group, resource with its subresource, and verb.
type Deed = (String, String, String);

/// Whoever holds the bot's token, and speaks to the API server by themselves.
pub(super) struct Thief {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// One thing that a server can be asked to do.
struct Try {
    deed: Deed,
    path: String,
}

impl Thief {
    pub(super) fn with(kubeconfig: &str) -> Self {
        use base64::Engine as _;
        let config: Value = serde_saphyr::from_str(kubeconfig).unwrap();
        let server = &config["clusters"][0]["cluster"];
        let mut http = reqwest::Client::builder()
            .use_rustls_tls()
            .tls_built_in_root_certs(false);
        if let Some(authority) = server["certificate-authority-data"].as_str() {
            let pem = base64::engine::general_purpose::STANDARD.decode(authority);
            http = http.add_root_certificate(reqwest::Certificate::from_pem(&pem.unwrap()).unwrap());
        }
        Self {
            http: http.build().unwrap(),
            url: server["server"].as_str().unwrap().to_owned(),
            token: config["users"][0]["user"]["token"].as_str().unwrap().to_owned(),
        }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        match method {
            Method::GET => self.say(method, path, headers, "").await,
            _ => self.say(method, path, headers, "{}").await,
        }
    }

    /// Sends a body; a patch is a strategic one.
    pub(super) async fn say(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let content = match method == Method::PATCH {
            true => "application/strategic-merge-patch+json",
            false => "application/json",
        };
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        request = request.bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.header("content-type", content).body(body.to_owned());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        // A watch that is granted has no end.
        match path.contains("watch=1") && status == 200 {
            true => (status, String::new()),
            false => (status, answer.text().await.unwrap()),
        }
    }

    /// Everything that the server serves, as it says itself.
    async fn all(&self) -> Vec<Try> {
        let mut all = Vec::new();
        for path in ["/api", "/apis"] {
            let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
            let (status, text) = self.send(Method::GET, path, &[("accept", accept)]).await;
            assert_eq!(status, 200, "{text}");
            let found: Value = serde_json::from_str(&text).unwrap();
            for group in list(&found["items"]) {
                let name = group["metadata"]["name"].as_str().unwrap_or_default();
                for version in list(&group["versions"]) {
                    let root = match name {
                        "" => "/api/v1".to_owned(),
                        name => format!("/apis/{name}/{}", version["version"].as_str().unwrap()),
                    };
                    for resource in list(&version["resources"]) {
                        collect(name, &root, resource, &mut all);
                    }
                }
            }
        }
        all
    }

    /// What was not refused of all that there is.
    async fn may(&self, headers: &[(&str, &str)]) -> BTreeSet<Deed> {
        let mut may = BTreeSet::new();
        let all = self.all().await;
        assert!(all.len() > 200, "{}", all.len());
        for it in all {
            let method = match it.deed.2.as_str() {
                "create" => Method::POST,
                "update" => Method::PUT,
                "patch" => Method::PATCH,
                "delete" | "deletecollection" => Method::DELETE,
                _ => Method::GET,
            };
            let (status, _) = self.send(method, &it.path, headers).await;
            if status != 403 {
                may.insert(it.deed);
            }
        }
        may
    }
}

fn alike(may: &BTreeSet<Deed>, wanted: &BTreeSet<Deed>) {
    let more: Vec<&Deed> = may.difference(wanted).collect();
    let less: Vec<&Deed> = wanted.difference(may).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "may: {more:?}, may not: {less:?}"
    );
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn collect(group: &str, root: &str, resource: &Value, all: &mut Vec<Try>) {
    let plural = resource["resource"].as_str().unwrap();
    let place = match resource["scope"] == "Namespaced" {
        true => format!("{root}/namespaces/default/{plural}"),
        false => format!("{root}/{plural}"),
    };
    let mut add = |part: &str, verbs: &Value| {
        for verb in list(verbs).iter().filter_map(Value::as_str) {
            let full = [plural, part].join("/").trim_end_matches('/').to_owned();
            let path = match (part, verb) {
                // Over all namespaces, where only the whole may be read.
                ("", "list") => format!("{root}/{plural}"),
                ("", "watch") => format!("{root}/{plural}?watch=1"),
                ("", "create" | "deletecollection") => place.clone(),
                ("", _) => format!("{place}/no-such"),
                (part, _) => format!("{place}/no-such/{part}"),
            };
            let deed = (group.to_owned(), full, verb.to_owned());
            all.push(Try { deed, path });
        }
    };
    add("", &resource["verbs"]);
    for part in list(&resource["subresources"]) {
        add(part["subresource"].as_str().unwrap(), &part["verbs"]);
    }
}

fn deed(right: &Right) -> Deed {
    let Right {
        group,
        resource,
        verb,
        ..
    } = right;
    ((*group).to_owned(), (*resource).to_owned(), (*verb).to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bots_token_by_itself_reads_and_writes_events_and_reviews_alone() {
    for ground in Ground::both().await {
        let thief = Thief::with(&ground.kubeconfig);
        let oneself = ABOUT_ONESELF.map(|(group, resource)| {
            let create = "create".to_owned();
            (group.to_owned(), resource.to_owned(), create)
        });
        // Of leases it may read those of nodes alone, which are elsewhere.
        let rights = RIGHTS.iter().filter(|right| **right != request::GET_LEASE);
        let wanted: BTreeSet<Deed> = rights
            .chain(WATCHED)
            .chain(WRITTEN)
            .map(deed)
            .chain(oneself)
            .collect();
        let mut may = thief.may(&[]).await;
        may.retain(|(_, resource, verb)| {
            resource != PUBLIC || !["get", "list", "watch"].contains(&verb.as_str())
        });
        alike(&may, &wanted);
        let elsewhere = "/api/v1/namespaces/kube-system/events";
        assert_eq!(thief.send(Method::POST, elsewhere, &[]).await.0, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_name_of_people_the_token_does_what_is_listed_and_nothing_else() {
    for ground in Ground::both().await {
        let thief = Thief::with(&ground.kubeconfig);
        let own = [request::LIST_NAMESPACES, request::GET_LEASE];
        let rights = RIGHTS.iter().filter(|right| !own.contains(right));
        let wanted: BTreeSet<Deed> = rights.chain(CHANGED).map(deed).collect();
        alike(&thief.may(&[("impersonate-user", MING)]).await, &wanted);
        let mut readers = wanted.clone();
        readers.remove(&deed(&request::PATCH_NODE));
        alike(&thief.may(&[("impersonate-user", "lin")]).await, &readers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_not_listed_is_acted_as() {
    for ground in Ground::both().await {
        let thief = Thief::with(&ground.kubeconfig);
        let node = "/api/v1/nodes/node-3";
        let ming = ("impersonate-user", MING);
        assert_eq!(thief.send(Method::PATCH, node, &[ming]).await.0, 200);
        for headers in [
            vec![("impersonate-user", "admin")],
            vec![("impersonate-user", "ming2")],
            vec![("impersonate-user", "Ming")],
            vec![("impersonate-user", "system:admin")],
            vec![("impersonate-user", "system:kube-controller-manager")],
            vec![("impersonate-user", "system:node:node-3")],
            vec![("impersonate-user", "system:serviceaccount:kube-system:default")],
            vec![("impersonate-user", "system:serviceaccount:firstmate:firstmate")],
            vec![ming, ("impersonate-group", "system:masters")],
            vec![ming, ("impersonate-group", "sre")],
            vec![ming, ("impersonate-uid", "1")],
            vec![ming, ("impersonate-extra-example.com%2fkey", "value")],
        ] {
            for method in [Method::PATCH, Method::GET] {
                let (status, text) = thief.send(method, node, &headers).await;
                assert_eq!(status, 403, "{headers:?}: {text}");
            }
        }
    }
}

/// Somebody with no other right than the role that is there for it.
#[tokio::test(flavor = "multi_thread")]
async fn the_role_to_bind_is_enough_to_approve_a_change() {
    for ground in Ground::both().await {
        let with_carol = RIGHTS_TO_INSTALL.replace("[lin, olga, ming, wei]", "[lin, olga, ming, wei, carol]");
        ground.apply_yaml(&with_carol).await;
        ground.apply_yaml(CAROL).await;
        let subject = changes::Subject {
            user: Some("carol"),
            groups: &[],
        };
        let may = async || {
            let may = changes::may(&ground.cluster, &ground.clock, &subject, &cordon("node-3")).await;
            may == Ok(Ok(()))
        };
        crate::cluster::until("carol's rights hold", may).await.unwrap();
        let planned = ground.plan_as("carol", &cordon("node-3")).await;
        assert!(planned.plan.seen.pods.is_some(), "{planned:?}");
        let called = ground.call(&ground.granted(&planned, "carol").await).await;
        assert!(matches!(called, Called::Done { .. }), "{called:?}");
    }
}

const RIGHTS_TO_INSTALL: &str = firstmate::play::stage::RIGHTS;
const CAROL: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: carol}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: firstmate-cordon}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: carol}]
";

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_names_the_approver_of_every_write() {
    let Some(ground) = Ground::real().await else {
        return;
    };
    let Engine::Real(real) = &ground.engine else {
        return;
    };
    let (_, before) = real.audit_since(0).await;
    for action in [cordon("node-3"), uncordon("node-3")] {
        let (request, called) = ground.carried_out(&action).await;
        assert!(matches!(called, Called::Done { .. }), "{called:?}");
        ground.truth(&request).await;
        let subject = changes::Subject {
            user: Some(MING),
            groups: &[],
        };
        let may = changes::may(&ground.cluster, &ground.clock, &subject, &action).await;
        may.unwrap().unwrap();
        changes::announce(&ground.cluster, &ground.clock, &request)
            .await
            .unwrap();
    }
    let (lines, _) = real.audit_since(before).await;
    let is_ours = |line: &&Value| {
        line["userAgent"]
            .as_str()
            .unwrap_or_default()
            .starts_with("firstmate/")
    };
    let (mut patches, mut events) = (0, 0);
    for line in lines.iter().filter(is_ours) {
        assert_eq!(
            line["user"]["username"],
            "system:serviceaccount:firstmate:firstmate"
        );
        let (verb, resource) = (
            line["verb"].as_str().unwrap(),
            line["objectRef"]["resource"].as_str(),
        );
        match (verb, resource.unwrap_or_default()) {
            ("get" | "list" | "watch", _) => {}
            ("patch", "nodes") => {
                assert_eq!(line["impersonatedUser"]["username"], MING, "{line}");
                let constraint = &line["authenticationMetadata"]["impersonationConstraint"];
                assert_eq!(constraint, "impersonate:user-info", "{line}");
                assert_eq!(line["responseStatus"]["code"], 200, "{line}");
                patches += 1;
            }
            ("create", "events") => {
                assert!(line.get("impersonatedUser").is_none(), "{line}");
                events += 1;
            }
            ("create", "subjectaccessreviews" | "selfsubjectaccessreviews") => {}
            other => unreachable!("{other:?}: {line}"),
        }
    }
    assert_eq!((patches, events), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_of_the_bots_that_is_missing_is_said_before_anybody_is_asked() {
    let ground = Ground::local().await;
    let deployed = RIGHTS_TO_INSTALL;
    for (rule, without) in [
        (
            "resourceNames: [lin, olga, ming, wei]",
            "resourceNames: [lin, olga, wei]",
        ),
        (
            "verbs: [\"impersonate-on:user-info:patch\"]",
            "verbs: [\"impersonate-on:user-info:watch\"]",
        ),
    ] {
        let less = deployed.replace(rule, without);
        assert_ne!(less, deployed);
        ground.apply_yaml(&less).await;
        let subject = changes::Subject {
            user: Some(MING),
            groups: &[],
        };
        let not = changes::may(&ground.cluster, &ground.clock, &subject, &cordon("node-3")).await;
        let user = MING.to_owned();
        assert_eq!(
            not.unwrap_err().why,
            firstmate::cluster::Why::MayNotActAs { user }
        );
        ground.apply_yaml(deployed).await;
        // What was allowed a moment ago is refused by the call itself, too.
        let granted = ground.granted(&ground.plan(&cordon("node-3")).await, MING).await;
        ground.apply_yaml(&less).await;
        let called = ground.call(&granted).await;
        assert!(matches!(called, Called::Answered { code: 403, .. }), "{called:?}");
        ground.apply_yaml(deployed).await;
    }
    let events = deployed.replace(
        "resources: [events]\n    verbs: [create]",
        "resources: [events]\n    verbs: [get]",
    );
    assert_ne!(events, deployed);
    let (request, _) = ground.carried_out(&cordon("node-3")).await;
    ground.apply_yaml(&events).await;
    let not = changes::announce(&ground.cluster, &ground.clock, &request).await;
    assert_eq!(not.unwrap_err().right.words(), "create events");
}
