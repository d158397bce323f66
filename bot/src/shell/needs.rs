//! What a cluster must serve for a command or a manifest to work there.

use super::kubectl::{Call, singular};
use super::line::{Line, is_placeholder};
use super::{KEYWORDS, program};

/// Something that a cluster must serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A resource, as kubectl takes it.
    Resource(String),
    /// A subresource of Pods or another resource by its plural.
    Subresource(String, String),
    /// The metrics API.
    Metrics,
    /// A kind in a version, as a manifest names them.
    Kind {
        /// The version.
        version: String,
        /// The kind.
        kind: String,
    },
}

/// Verbs whose first word is a resource.
const VERBS: [&str; 9] = [
    "get", "describe", "delete", "patch", "label", "annotate", "wait", "edit", "scale",
];

/// What every API server serves: nothing of it is looked for.
const ALWAYS: [&str; 52] = [
    "node",
    "pod",
    "namespace",
    "event",
    "service",
    "deployment",
    "statefulset",
    "daemonset",
    "all",
    "configmap",
    "configmaps",
    "cm",
    "secret",
    "secrets",
    "serviceaccount",
    "serviceaccounts",
    "sa",
    "persistentvolume",
    "persistentvolumes",
    "pv",
    "persistentvolumeclaim",
    "persistentvolumeclaims",
    "pvc",
    "replicaset",
    "replicasets",
    "rs",
    "endpoints",
    "ep",
    "resourcequota",
    "resourcequotas",
    "quota",
    "limitrange",
    "limitranges",
    "limits",
    "job",
    "jobs",
    "cronjob",
    "cronjobs",
    "cj",
    "role",
    "roles",
    "rolebinding",
    "rolebindings",
    "clusterrole",
    "clusterroles",
    "clusterrolebinding",
    "clusterrolebindings",
    "lease",
    "leases",
    "ns",
    "apiservice",
    "apiservices",
];

/// The versions in which every API server serves what it has always served.
const ALWAYS_VERSIONS: [&str; 4] = ["v1", "apps/v1", "batch/v1", "rbac.authorization.k8s.io/v1"];

/// What a command needs.
pub fn of_command(text: &str) -> Vec<Need> {
    let stages = Line::read(text).map(|line| line.stages).unwrap_or_default();
    let mut needs = Vec::new();
    for stage in stages {
        let keywords = stage
            .words
            .iter()
            .take_while(|word| KEYWORDS.contains(&word.as_str()));
        let words = program(&stage.words[keywords.count()..]);
        let call = words.split_first().filter(|(name, _)| *name == "kubectl");
        if let Some(Ok(call)) = call.map(|(_, rest)| Call::read(rest)) {
            needs.extend(of_call(&call));
        }
    }
    needs
}

fn of_call(call: &Call) -> Vec<Need> {
    if call.verb.starts_with("top") {
        return vec![Need::Metrics];
    }
    if !VERBS.contains(&call.verb.as_str()) || call.flag("--raw").is_some() {
        return Vec::new();
    }
    let part = call.flag("--subresource").and_then(|flag| flag.value.clone());
    let plural = match call.kind.as_str() {
        "pod" => Some("pods"),
        "node" => Some("nodes"),
        "deployment" => Some("deployments"),
        _ => None,
    };
    let subresource = plural
        .zip(part)
        .map(|(plural, part)| Need::Subresource(plural.to_owned(), part));
    let kinds = call.kind.split(',').filter(|kind| {
        let is_word = !kind.is_empty() && !is_placeholder(kind) && !kind.contains(['<', '$']);
        is_word && !ALWAYS.contains(&singular(kind).as_str())
    });
    kinds
        .map(|kind| Need::Resource(kind.to_owned()))
        .chain(subresource)
        .collect()
}

/// What a manifest needs; `is_known` is a kind that Kubernetes itself has.
pub fn of_manifest(version: &str, kind: &str, is_known: bool) -> Option<Need> {
    let is_there = is_known && ALWAYS_VERSIONS.contains(&version);
    (!is_there).then(|| Need::Kind {
        version: version.to_owned(),
        kind: kind.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(word: &str) -> Need {
        Need::Resource(word.to_owned())
    }

    #[test]
    fn only_what_may_be_missing_is_needed() {
        for text in [
            "kubectl get nodes,po",
            "kubectl get <kind> -A",
            "kubectl get --raw /apis",
            "kubectl create secret generic x",
            "systemctl restart kubelet",
            "kubectl describe pod web",
        ] {
            assert_eq!(of_command(text), [], "{text}");
        }
        assert_eq!(of_command("kubectl top nodes | head"), [Need::Metrics]);
        assert_eq!(
            of_command("kubectl get hpa,vpa -A; kubectl get pods"),
            [resource("hpa"), resource("vpa")]
        );
        assert_eq!(
            of_command("kubectl patch pod web --subresource resize -p '{}'"),
            [Need::Subresource("pods".to_owned(), "resize".to_owned())]
        );
        assert_eq!(of_manifest("v1", "Pod", true), None);
        assert!(of_manifest("v1", "Podd", false).is_some());
        assert!(of_manifest("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", false).is_some());
    }
}
