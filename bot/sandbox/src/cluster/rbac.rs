//! Who may do what: Roles, ClusterRoles and their bindings, as the objects in the store say.

use std::sync::Arc;

use serde_json::{Value, json};

use super::api::{Resource, kinds};
use super::catalog;
use super::people::{MASTERS, User};
use super::store::Handle;

/// What somebody wants to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `get`, `list`, `create`, …
    pub verb: String,
    /// The group of the resource.
    pub group: String,
    /// The resource; empty for a path that is none.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The object.
    pub name: String,
    /// The namespace; empty for all of them and for what is in none.
    pub namespace: String,
    /// The path, where there is no resource.
    pub path: String,
}

impl Attributes {
    /// The resource with its subresource, as rules name it.
    pub fn full_resource(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            sub => format!("{}/{sub}", self.resource),
        }
    }
}

/// A rule that holds for somebody, and why.
struct Held {
    rules: Arc<Value>,
    binding: String,
    role: String,
    subject: String,
}

/// Why somebody may do something; `None` if nothing allows it.
pub(super) fn allowed(store: &Handle, user: &User, wanted: &Attributes) -> Option<String> {
    if user.groups.iter().any(|group| group == MASTERS) {
        return Some(String::new());
    }
    let held = held(store, user, &wanted.namespace);
    let fitting = held
        .iter()
        .find(|it| rules(&it.rules).any(|rule| allows(rule, wanted)))?;
    Some(format!(
        "RBAC: allowed by {} of {} to {}",
        fitting.binding, fitting.role, fitting.subject
    ))
}

/// The rules that hold for somebody in a namespace: those of resources, and those of paths.
pub(super) fn rules_of(store: &Handle, user: &User, namespace: &str) -> (Vec<Value>, Vec<Value>) {
    let held = held(store, user, namespace);
    let all = held.iter().flat_map(|it| rules(&it.rules));
    let (mut resources, mut paths) = (Vec::new(), Vec::new());
    for rule in all {
        if rule.get("nonResourceURLs").is_some() {
            paths.push(json!({"verbs": rule["verbs"], "nonResourceURLs": rule["nonResourceURLs"]}));
        } else {
            let mut own = rule.clone();
            if let Some(fields) = own.as_object_mut() {
                fields.retain(|_, value| value.as_array().is_some_and(|list| !list.is_empty()));
            }
            resources.push(own);
        }
    }
    (resources, paths)
}

fn rules(role: &Value) -> impl Iterator<Item = &Value> {
    role["rules"].as_array().into_iter().flatten()
}

/// The roles of somebody: those bound everywhere first, then those bound in the namespace.
fn held(store: &Handle, user: &User, namespace: &str) -> Vec<Held> {
    let mut held = Vec::new();
    collect(store, user, kinds::CLUSTER_ROLE_BINDINGS, "", &mut held);
    if !namespace.is_empty() {
        collect(store, user, kinds::ROLE_BINDINGS, namespace, &mut held);
    }
    held
}

fn collect(store: &Handle, user: &User, of: Resource, namespace: &str, held: &mut Vec<Held>) {
    let Some(kind) = catalog::of(of) else {
        return;
    };
    for binding in store.list_in(kind, namespace).0 {
        let subjects = binding["subjects"].as_array().into_iter().flatten();
        let Some(subject) = subjects.filter_map(|it| matching(it, user, namespace)).next() else {
            continue;
        };
        let reference = &binding["roleRef"];
        let (role_kind, name) = (&reference["kind"], reference["name"].as_str().unwrap_or_default());
        let role = if role_kind == "ClusterRole" {
            kinds::CLUSTER_ROLES
        } else {
            kinds::ROLES
        };
        let at = if role_kind == "ClusterRole" { "" } else { namespace };
        let Some(rules) = catalog::of(role).and_then(|kind| store.read(kind, at, name).ok()) else {
            continue;
        };
        let binding_name = binding["metadata"]["name"].as_str().unwrap_or_default();
        let place = if namespace.is_empty() {
            binding_name.to_owned()
        } else {
            format!("{binding_name}/{namespace}")
        };
        held.push(Held {
            rules,
            binding: format!("{} {place:?}", of.kind),
            role: format!("{} {name:?}", role.kind),
            subject,
        });
    }
}

/// How a subject of a binding names the user, if it does.
fn matching(subject: &Value, user: &User, namespace: &str) -> Option<String> {
    let name = subject["name"].as_str().unwrap_or_default();
    match subject["kind"].as_str().unwrap_or_default() {
        "User" if name == user.name => Some(format!("User {name:?}")),
        "Group" if user.groups.iter().any(|group| group == name) => Some(format!("Group {name:?}")),
        "ServiceAccount" => {
            let at = subject["namespace"]
                .as_str()
                .filter(|it| !it.is_empty())
                .unwrap_or(namespace);
            let is_it = user.service_account() == Some((at, name));
            is_it.then(|| format!("ServiceAccount \"{name}/{at}\""))
        }
        _ => None,
    }
}

fn allows(rule: &Value, wanted: &Attributes) -> bool {
    let list = |field: &str| {
        rule[field]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    };
    let has = |field: &str, value: &str| list(field).any(|it| it == "*" || it == value);
    if !has("verbs", &wanted.verb) {
        return false;
    }
    if wanted.resource.is_empty() {
        return list("nonResourceURLs").any(|path| path_fits(path, &wanted.path));
    }
    let full = wanted.full_resource();
    let any_parent = format!("*/{}", wanted.subresource);
    let resource = list("resources")
        .any(|it| it == "*" || it == full || (!wanted.subresource.is_empty() && it == any_parent));
    let mut names = list("resourceNames").peekable();
    let named = names.peek().is_none() || names.any(|it| it == wanted.name);
    has("apiGroups", &wanted.group) && resource && named
}

fn path_fits(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => pattern == path,
    }
}

/// The roles and bindings that every cluster has from its start.
pub(super) fn bootstrap() -> Vec<(Resource, Value)> {
    let get = |paths: &[&str]| json!({"verbs": ["get"], "nonResourceURLs": paths});
    let create = |group: &str, resources: &[&str]| json!({"verbs": ["create"], "apiGroups": [group], "resources": resources});
    let roles = [
        (
            "cluster-admin",
            json!([
                {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
                {"verbs": ["*"], "nonResourceURLs": ["*"]},
            ]),
        ),
        (
            "system:basic-user",
            json!([
                create(
                    "authorization.k8s.io",
                    &["selfsubjectaccessreviews", "selfsubjectrulesreviews"]
                ),
                create("authentication.k8s.io", &["selfsubjectreviews"]),
            ]),
        ),
        (
            "system:discovery",
            json!([get(&[
                "/api",
                "/api/*",
                "/apis",
                "/apis/*",
                "/healthz",
                "/livez",
                "/openapi",
                "/openapi/*",
                "/readyz",
                "/version",
                "/version/",
            ])]),
        ),
        (
            "system:public-info-viewer",
            json!([get(&["/healthz", "/livez", "/readyz", "/version", "/version/"])]),
        ),
    ];
    let bindings = [
        ("cluster-admin", &["system:masters"][..]),
        ("system:basic-user", &["system:authenticated"]),
        ("system:discovery", &["system:authenticated"]),
        (
            "system:public-info-viewer",
            &["system:authenticated", "system:unauthenticated"],
        ),
    ];
    let metadata = |name: &str| {
        let labels = json!({"kubernetes.io/bootstrapping": "rbac-defaults"});
        json!({"name": name, "labels": labels})
    };
    let roles = roles.into_iter().map(|(name, rules)| {
        (
            kinds::CLUSTER_ROLES,
            json!({"metadata": metadata(name), "rules": rules}),
        )
    });
    let bindings = bindings.into_iter().map(|(name, groups)| {
        let subjects: Vec<Value> = groups
            .iter()
            .map(|group| json!({"kind": "Group", "name": group}))
            .collect();
        let role = json!({"kind": "ClusterRole", "name": name});
        let binding = json!({"metadata": metadata(name), "roleRef": role, "subjects": subjects});
        (kinds::CLUSTER_ROLE_BINDINGS, binding)
    });
    roles.chain(bindings).collect()
}
