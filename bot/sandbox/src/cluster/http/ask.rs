//! What a request asks for: read from its method, its path and its query.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, Method, Uri, header};

use super::super::catalog::{self, Kind};
use super::super::people::User;
use super::super::rbac::Attributes;

/// A request, taken apart.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) method: Method,
    /// The path, without what names the sender.
    pub(super) path: String,
    pub(super) query: Params,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// What is to be done, as authorization sees it.
    pub(super) wanted: Attributes,
    /// The version of the group.
    pub(super) version: String,
    /// What follows the subresource: the path behind `proxy`.
    pub(super) rest: String,
    /// Who asks, impersonation included.
    pub(super) user: User,
}

impl Ask {
    /// The kind that the path names, if it is served.
    pub(super) fn kind(&self) -> Option<&'static Kind> {
        catalog::by_path(&self.wanted.group, &self.version, &self.wanted.resource)
    }

    pub(super) fn is_resource(&self) -> bool {
        !self.wanted.resource.is_empty()
    }

    /// Whether the answer comes bit by bit as things happen.
    pub(super) fn is_stream(&self) -> bool {
        let follows = self.wanted.subresource == "log" && self.query.flag("follow");
        self.wanted.verb == "watch" || follows
    }

    pub(super) fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default()
    }

    /// The type of the body, without parameters.
    pub(super) fn content_type(&self) -> &str {
        let whole = self.header(header::CONTENT_TYPE);
        whole.split(';').next().unwrap_or_default().trim()
    }

    pub(super) fn is_dry_run(&self) -> bool {
        self.query.get("dryRun") == Some("All")
    }
}

/// The parameters of a query.
#[derive(Clone, Debug, Default)]
pub(super) struct Params {
    pairs: Vec<(String, String)>,
    text: String,
}

impl Params {
    pub(super) fn of(uri: &Uri) -> Self {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        Self {
            pairs: pairs.map(|Query(pairs)| pairs).unwrap_or_default(),
            text: uri.query().unwrap_or_default().to_owned(),
        }
    }

    /// The query as it was sent.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A parameter that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .pairs
            .iter()
            .find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a parameter says yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1" | "True"))
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }
}

/// What a path asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) wanted: Attributes,
    pub(super) version: String,
    pub(super) rest: String,
}

impl Place {
    /// Reads a path as a real server does.
    pub(super) fn of(method: &Method, path: &str, query: &Params) -> Self {
        let decoded: Vec<String> = path
            .split('/')
            .filter(|step| !step.is_empty())
            .map(decoded)
            .collect();
        let steps: Vec<&str> = decoded.iter().map(String::as_str).collect();
        let (group, version, rest) = match steps.as_slice() {
            ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
            ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
            _ => return Self::path(method, path),
        };
        let mut wanted = Attributes {
            group: group.to_owned(),
            path: path.to_owned(),
            ..Attributes::default()
        };
        let mut rest = fill(&mut wanted, rest);
        if path.ends_with('/') {
            rest.push('/');
        }
        wanted.verb = verb(method, &wanted, query).to_owned();
        if matches!(wanted.verb.as_str(), "list" | "watch") && wanted.name.is_empty() {
            wanted.name = selected_name(query);
        }
        Self {
            wanted,
            version: version.to_owned(),
            rest,
        }
    }

    fn path(method: &Method, path: &str) -> Self {
        let wanted = Attributes {
            verb: method.as_str().to_lowercase(),
            path: path.to_owned(),
            ..Attributes::default()
        };
        Self {
            wanted,
            ..Self::default()
        }
    }
}

/// Resource, name and subresource; returns what is left.
fn fill(wanted: &mut Attributes, steps: &[&str]) -> String {
    let steps = match steps {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() && !is_namespace_part(rest) => {
            (*namespace).clone_into(&mut wanted.namespace);
            rest
        }
        ["namespaces", namespace, ..] => {
            (*namespace).clone_into(&mut wanted.namespace);
            steps
        }
        _ => steps,
    };
    let mut steps = steps.iter();
    let mut next = || steps.next().map(|step| (*step).to_owned()).unwrap_or_default();
    wanted.resource = next();
    wanted.name = next();
    wanted.subresource = next();
    steps.copied().collect::<Vec<_>>().join("/")
}

fn is_namespace_part(rest: &[&str]) -> bool {
    matches!(rest, ["status" | "finalize"])
}

fn verb(method: &Method, wanted: &Attributes, query: &Params) -> &'static str {
    let whole = wanted.name.is_empty();
    match *method {
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE if whole => "deletecollection",
        Method::DELETE => "delete",
        _ if whole && query.flag("watch") => "watch",
        _ if whole => "list",
        _ => "get",
    }
}

/// A list of the one object with a name is, for authorization, about that object.
fn selected_name(query: &Params) -> String {
    let selector = query.get("fieldSelector").unwrap_or_default();
    let mut parts = selector.split(',');
    let name = parts.find_map(|part| part.strip_prefix("metadata.name="));
    name.unwrap_or_default().trim_start_matches('=').to_owned()
}

fn decoded(step: &str) -> String {
    super::super::impersonate::percent_decoded(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `verb group/version resource/subresource namespace name`.
    fn read(method: Method, target: &str) -> String {
        let uri: Uri = target.parse().unwrap();
        let place = Place::of(&method, uri.path(), &Params::of(&uri));
        let it = place.wanted;
        if it.resource.is_empty() {
            return format!("{} {}", it.verb, it.path);
        }
        let full = it.full_resource();
        format!(
            "{} {}/{} {full} {:?} {:?}",
            it.verb, it.group, place.version, it.namespace, it.name
        )
    }

    #[test]
    fn paths_are_read_as_a_real_server_reads_them() {
        for (method, target, says) in [
            (Method::GET, "/version", "get /version"),
            (Method::GET, "/api/v1", "get /api/v1"),
            (Method::GET, "/apis/apps/v1", "get /apis/apps/v1"),
            (Method::GET, "/api/v1/pods", "list /v1 pods \"\" \"\""),
            (Method::GET, "/api/v1/pods?watch=1", "watch /v1 pods \"\" \"\""),
            (
                Method::GET,
                "/api/v1/namespaces/shop/pods/web-1",
                "get /v1 pods \"shop\" \"web-1\"",
            ),
            (
                Method::GET,
                "/api/v1/namespaces/shop",
                "get /v1 namespaces \"shop\" \"shop\"",
            ),
            (
                Method::GET,
                "/api/v1/namespaces/shop/pods/web-1/log",
                "get /v1 pods/log \"shop\" \"web-1\"",
            ),
            (
                Method::GET,
                "/api/v1/nodes?fieldSelector=metadata.name%3Dnode-1",
                "list /v1 nodes \"\" \"node-1\"",
            ),
            (
                Method::DELETE,
                "/apis/apps/v1/namespaces/shop/deployments",
                "deletecollection apps/v1 deployments \"shop\" \"\"",
            ),
            (
                Method::PATCH,
                "/apis/apps/v1/namespaces/a/deployments/b/scale",
                "patch apps/v1 deployments/scale \"a\" \"b\"",
            ),
            (
                Method::GET,
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Abasic-user",
                "get rbac.authorization.k8s.io/v1 clusterroles \"\" \"system:basic-user\"",
            ),
        ] {
            assert_eq!(read(method, target), says);
        }
    }
}
