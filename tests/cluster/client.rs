//! Requests to the real API server as one user, and what kinds it has.

use std::collections::HashMap;

use anyhow::Context as _;
use serde_json::Value;

use super::certificates::Pair;

/// The manager that server-side apply names.
const MANAGER: &str = "firstmate-tests";

/// One user's connections to the API server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
}

/// Where the objects of a kind are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) plural: String,
    pub(super) namespaced: bool,
}

/// The kinds of a server, by `apiVersion` and kind.
pub(super) type Kinds = HashMap<(String, String), Kind>;

impl Client {
    pub(super) fn new(url: &str, ca: &str, user: &Pair) -> Self {
        let proof = format!("{}{}", user.certificate, user.key);
        let http = reqwest::Client::builder()
            .use_rustls_tls()
            .tls_built_in_root_certs(false)
            .add_root_certificate(reqwest::Certificate::from_pem(ca.as_bytes()).unwrap())
            .identity(reqwest::Identity::from_pem(proof.as_bytes()).unwrap())
            .build()
            .unwrap();
        Self {
            http,
            url: url.to_owned(),
        }
    }

    /// The status and the body, as JSON or as a string where it is none.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<(u16, Value)> {
        self.finish(self.http.get(format!("{}{path}", self.url))).await
    }

    /// The same with an `Accept` of one's own.
    pub(super) async fn get_as(&self, path: &str, accept: &str) -> anyhow::Result<(u16, Value)> {
        let request = self.http.get(format!("{}{path}", self.url));
        self.finish(request.header("accept", accept)).await
    }

    /// A body of one of JSON's kinds.
    pub(super) async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        content: &str,
        body: &Value,
    ) -> anyhow::Result<(u16, Value)> {
        let request = self.http.request(method, format!("{}{path}", self.url));
        self.finish(request.header("content-type", content).body(body.to_string()))
            .await
    }

    async fn finish(&self, request: reqwest::RequestBuilder) -> anyhow::Result<(u16, Value)> {
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((status, body))
    }

    /// Creates or changes each object of some YAML to be as written.
    pub(super) async fn apply(&self, yaml: &str) -> anyhow::Result<()> {
        for object in documents(yaml)? {
            let kinds = self.kinds().await?;
            let path = kind_of(&kinds, &object)?.path_of(&object);
            let path = format!("{path}?fieldManager={MANAGER}&force=true");
            let content = "application/apply-patch+yaml";
            let (status, answer) = self.send(reqwest::Method::PATCH, &path, content, &object).await?;
            anyhow::ensure!((200..300).contains(&status), "{path}: {status} {answer}");
        }
        Ok(())
    }

    /// What the server has now, also by the definitions that were just applied.
    pub(super) async fn kinds(&self) -> anyhow::Result<Kinds> {
        let mut kinds = Kinds::new();
        for path in ["/api", "/apis"] {
            let request = self.http.get(format!("{}{path}", self.url)).header(
                "accept",
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
            );
            let (_, answer) = self.finish(request).await?;
            for group in list(&answer["items"]) {
                for version in list(&group["versions"]) {
                    collect(&group["metadata"]["name"], version, &mut kinds);
                }
            }
        }
        Ok(kinds)
    }
}

fn collect(group: &Value, version: &Value, kinds: &mut Kinds) {
    let group = group.as_str().unwrap_or_default();
    let number = text(&version["version"]);
    for resource in list(&version["resources"]) {
        let kind = Kind {
            group: group.to_owned(),
            version: number.to_owned(),
            plural: text(&resource["resource"]).to_owned(),
            namespaced: resource["scope"] == "Namespaced",
        };
        let name = text(&resource["responseKind"]["kind"]);
        kinds.insert((kind.api_version(), name.to_owned()), kind);
    }
}

/// Where an object belongs by its `apiVersion` and kind.
pub(super) fn kind_of<'a>(kinds: &'a Kinds, object: &Value) -> anyhow::Result<&'a Kind> {
    let key = (
        text(&object["apiVersion"]).to_owned(),
        text(&object["kind"]).to_owned(),
    );
    kinds
        .get(&key)
        .with_context(|| format!("the API server has no {} {}", key.0, key.1))
}

impl Kind {
    pub(super) fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// The path of all objects of this kind.
    pub(super) fn path(&self) -> String {
        match self.group.as_str() {
            "" => format!("/api/{}/{}", self.version, self.plural),
            group => format!("/apis/{group}/{}/{}", self.version, self.plural),
        }
    }

    /// The path of one object, in the namespace `default` where it says none.
    pub(super) fn path_of(&self, object: &Value) -> String {
        let name = text(&object["metadata"]["name"]);
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
        let base = self.path();
        match base.rsplit_once('/') {
            Some((version, plural)) if self.namespaced => {
                format!("{version}/namespaces/{namespace}/{plural}/{name}")
            }
            _ => format!("{base}/{name}"),
        }
    }
}

/// The documents of some YAML that have anything in them.
pub(super) fn documents(yaml: &str) -> anyhow::Result<Vec<Value>> {
    let all: Vec<Value> = serde_saphyr::from_multiple(yaml)?;
    Ok(all.into_iter().filter(|document| !document.is_null()).collect())
}

/// The elements, of what may be no list.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The text, of what may be none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
