//! What is asked of the API: which right a request needs, and the path it takes.

/// A right that a request needs, as RBAC names it. [`RIGHTS`] lists them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Right {
    /// The API group; empty for the core.
    pub group: &'static str,
    /// The version.
    pub version: &'static str,
    /// The resource, with its subresource: `pods`, `pods/log`.
    pub resource: &'static str,
    /// The verb.
    pub verb: &'static str,
}

const fn right(
    group: &'static str,
    version: &'static str,
    resource: &'static str,
    verb: &'static str,
) -> Right {
    Right {
        group,
        version,
        resource,
        verb,
    }
}

/// `get` and `list` of one resource, under one name each.
macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident = $group:literal, $version:literal, $resource:literal, $verb:literal;)*) => {
        $($(#[$doc])* pub const $name: Right = right($group, $version, $resource, $verb);)*
        /// Every right that a check may need.
        pub const RIGHTS: &[Right] = &[$($name),*];
    };
}

rights! {
    /// All nodes.
    LIST_NODES = "", "v1", "nodes", "list";
    /// One node.
    GET_NODE = "", "v1", "nodes", "get";
    /// A node's sign of life.
    GET_LEASE = "coordination.k8s.io", "v1", "leases", "get";
    /// Pods.
    LIST_PODS = "", "v1", "pods", "list";
    /// One Pod.
    GET_POD = "", "v1", "pods", "get";
    /// What a container wrote.
    GET_LOG = "", "v1", "pods/log", "get";
    /// Events.
    LIST_EVENTS = "", "v1", "events", "list";
    /// Namespaces.
    LIST_NAMESPACES = "", "v1", "namespaces", "list";
    /// Services.
    LIST_SERVICES = "", "v1", "services", "list";
    /// What is behind Services.
    LIST_ENDPOINT_SLICES = "discovery.k8s.io", "v1", "endpointslices", "list";
    /// Ingresses.
    LIST_INGRESSES = "networking.k8s.io", "v1", "ingresses", "list";
    /// Deployments.
    LIST_DEPLOYMENTS = "apps", "v1", "deployments", "list";
    /// ReplicaSets.
    LIST_REPLICA_SETS = "apps", "v1", "replicasets", "list";
    /// StatefulSets.
    LIST_STATEFUL_SETS = "apps", "v1", "statefulsets", "list";
    /// DaemonSets.
    LIST_DAEMON_SETS = "apps", "v1", "daemonsets", "list";
    /// The revisions of StatefulSets and DaemonSets.
    LIST_REVISIONS = "apps", "v1", "controllerrevisions", "list";
    /// What nodes use.
    LIST_NODE_METRICS = "metrics.k8s.io", "v1beta1", "nodes", "list";
    /// What Pods use.
    LIST_POD_METRICS = "metrics.k8s.io", "v1beta1", "pods", "list";
}

/// Watches nodes, for the names that complete what is typed.
pub const WATCH_NODES: Right = right("", "v1", "nodes", "watch");
/// Watches Pods, for their names and for lists over the whole cluster.
pub const WATCH_PODS: Right = right("", "v1", "pods", "watch");
/// Changes a node, as the person who approved it.
pub const PATCH_NODE: Right = right("", "v1", "nodes", "patch");
/// What the bot does as people beside reading: what changes need.
pub const CHANGED: &[Right] = &[PATCH_NODE];
/// Tells of a change on the node, in the namespace `default`.
pub const CREATE_EVENT: Right = right("", "v1", "events", "create");
/// Asks whether somebody else has a right.
pub const CREATE_REVIEW: Right = right("authorization.k8s.io", "v1", "subjectaccessreviews", "create");
/// What the bot itself writes, whoever asks it for what.
pub const WRITTEN: &[Right] = &[CREATE_EVENT, CREATE_REVIEW];
/// What the bot itself watches, whoever asks it for what. It does without, but then reads all of it each time.
pub const WATCHED: &[Right] = &[WATCH_NODES, WATCH_PODS];

impl Right {
    /// The right as RBAC and `kubectl auth can-i` write it: `list pods`, `list nodes.metrics.k8s.io`.
    pub fn words(self) -> String {
        words(self.verb, self.resource, self.group)
    }
}

/// Any right in the same words.
pub(super) fn words(verb: &str, resource: &str, group: &str) -> String {
    if group.is_empty() {
        return format!("{verb} {resource}");
    }
    match resource.split_once('/') {
        Some((resource, part)) => format!("{verb} {resource}.{group}/{part}"),
        None => format!("{verb} {resource}.{group}"),
    }
}

/// One request that reads.
#[derive(Clone, Debug)]
pub struct Request {
    /// The right it needs.
    pub right: Right,
    /// Where; empty: in all namespaces, or a kind without any.
    pub namespace: String,
    /// Of what name; empty: all of them.
    pub name: String,
    query: Vec<(&'static str, String)>,
    version: &'static str,
}

impl Request {
    /// Of all objects in all namespaces.
    pub const fn of(right: Right) -> Self {
        Self {
            right,
            namespace: String::new(),
            name: String::new(),
            query: Vec::new(),
            version: right.version,
        }
    }

    /// In one namespace; `None` changes nothing.
    pub fn within(mut self, namespace: Option<&str>) -> Self {
        namespace.unwrap_or_default().clone_into(&mut self.namespace);
        self
    }

    /// Of one name.
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// In another version than the right's.
    pub const fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// With a parameter, if there is a value.
    pub fn with(mut self, key: &'static str, value: Option<String>) -> Self {
        self.query.extend(value.map(|value| (key, value)));
        self
    }

    /// Only objects with these values of fields.
    pub fn fields(self, selector: impl Into<String>) -> Self {
        self.with("fieldSelector", Some(selector.into()))
    }

    /// Path and query.
    pub fn path(&self) -> String {
        let Right { group, resource, .. } = self.right;
        let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
        let mut parts = match group {
            "" => vec!["api", self.version],
            group => vec!["apis", group, self.version],
        };
        if !self.namespace.is_empty() {
            parts.extend(["namespaces", &self.namespace]);
        }
        parts.extend(
            [resource, &self.name, part]
                .iter()
                .filter(|part| !part.is_empty()),
        );
        let path = format!("/{}", parts.join("/"));
        if self.query.is_empty() {
            return path;
        }
        let mut query = String::new();
        for (key, value) in &self.query {
            let mark = if query.is_empty() { '?' } else { '&' };
            query.push_str(&format!("{mark}{key}={}", encoded(value)));
        }
        path + &query
    }
}

/// A value of a query: everything but the plainest characters as its bytes in hexadecimal.
fn encoded(value: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_the_path_of_the_api() {
        let paths = [
            (Request::of(LIST_NODES), "/api/v1/nodes"),
            (
                Request::of(GET_LOG)
                    .within(Some("shop"))
                    .named("web-1")
                    .with("tailLines", Some("5".to_owned())),
                "/api/v1/namespaces/shop/pods/web-1/log?tailLines=5",
            ),
            (
                Request::of(LIST_DEPLOYMENTS)
                    .within(None)
                    .with("labelSelector", Some("app=web,tier!=x y&limit=1".to_owned())),
                "/apis/apps/v1/deployments?labelSelector=app%3Dweb%2Ctier%21%3Dx%20y%26limit%3D1",
            ),
            (
                Request::of(LIST_NODE_METRICS).version("v1"),
                "/apis/metrics.k8s.io/v1/nodes",
            ),
        ];
        for (request, path) in paths {
            assert_eq!(request.path(), path);
        }
    }

    #[test]
    fn a_right_is_written_as_kubectl_writes_it() {
        assert_eq!(LIST_NODE_METRICS.words(), "list nodes.metrics.k8s.io");
        assert_eq!(GET_LOG.words(), "get pods/log");
    }
}
