//! Creating and changing objects: what a real server checks, keeps and counts.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::api::kinds;
use super::super::catalog::{self, Kind};
use super::super::problem::{Fault, Problem};
use super::super::time;
use super::state::State;
use super::{check, defaults};

/// How much of a generated name is the author's.
const PREFIX: usize = 58;

/// Which part of an object a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All but the status.
    Main,
    /// The status alone.
    Status,
}

/// One write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) kind: &'static Kind,
    pub(super) now_ms: u64,
    pub(super) dry_run: bool,
    /// Whether it comes from a component of the cluster, which may do in one step what others may not.
    pub(super) trusted: bool,
}

impl Write {
    /// Makes an object.
    pub(super) fn create(self, state: &mut State, mut object: Value) -> Result<Arc<Value>, Problem> {
        let kind = self.kind;
        check::shape(kind, &mut object)?;
        self.name(state, &mut object)?;
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let namespace = object["metadata"]["namespace"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        check_namespace(state, kind, &namespace, &name)?;
        if state.get(kind, &namespace, &name).is_some() {
            return Err(Problem::already_exists(kind.resource, &name));
        }
        self.stamp(state, &mut object);
        defaults::fill(kind, &mut object);
        defaults::admit(kind, &mut object, &mut state.random, self.trusted);
        if kind.resource.plural == "persistentvolumes" {
            object["status"]["lastPhaseTransitionTime"] = json!(time::rfc3339(self.now_ms));
        }
        check::created(kind, &object)?;
        if kind.resource == kinds::SERVICES {
            self.give_addresses(state, &mut object)?;
        }
        if self.dry_run {
            return Ok(Arc::new(object));
        }
        let made = state.put(kind, object);
        if kind.resource == kinds::NAMESPACES {
            self.furnish(state, &name);
        }
        Ok(made)
    }

    /// Gives the object its place: kind, namespace and name.
    fn name(self, state: &mut State, object: &mut Value) -> Result<(), Problem> {
        let kind = self.kind;
        let Some(fields) = object.as_object_mut() else {
            return Err(Problem::bad_request("the object is not a JSON object"));
        };
        fields.insert("apiVersion".to_owned(), json!(api_version(kind)));
        fields.insert("kind".to_owned(), json!(kind.shelf().kind));
        let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
        let Some(metadata) = metadata.as_object_mut() else {
            return Err(Problem::bad_request("metadata is not an object"));
        };
        if !kind.resource.namespaced {
            metadata.remove("namespace");
        } else if is_empty(metadata, "namespace") {
            metadata.insert("namespace".to_owned(), json!("default"));
        }
        if is_empty(metadata, "name") {
            let Some(prefix) = metadata
                .get("generateName")
                .and_then(Value::as_str)
                .filter(|it| !it.is_empty())
            else {
                let fault = Fault::required("metadata.name", "name or generateName is required");
                return Err(Problem::invalid(kind.resource, "", &[fault]));
            };
            let prefix: String = prefix.chars().take(PREFIX).collect();
            let name = prefix + &state.random.suffix(5);
            metadata.insert("name".to_owned(), json!(name));
        }
        Ok(())
    }

    /// Writes what the server alone decides.
    fn stamp(self, state: &mut State, object: &mut Value) {
        let metadata = &mut object["metadata"];
        if let Some(fields) = metadata.as_object_mut() {
            for field in [
                "resourceVersion",
                "selfLink",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
            ] {
                fields.remove(field);
            }
            fields.remove("generation");
        }
        metadata["uid"] = json!(state.random.uid());
        metadata["creationTimestamp"] = json!(time::rfc3339(self.now_ms));
        if self.kind.generation {
            metadata["generation"] = json!(1);
        }
        if let Some(Value::Null) = object.get("status") {
            object.as_object_mut().and_then(|it| it.remove("status"));
        }
    }

    fn give_addresses(self, state: &mut State, object: &mut Value) -> Result<(), Problem> {
        let mut addresses = state.addresses.clone();
        addresses.give(object, &mut state.random)
    }

    /// What every namespace has from its first moment.
    fn furnish(self, state: &mut State, namespace: &str) {
        let account = json!({"metadata": {"name": "default", "namespace": namespace}});
        let authority = json!({
            "metadata": {
                "name": "kube-root-ca.crt", "namespace": namespace,
                "annotations": {"kubernetes.io/description": ROOT_CA},
            },
            "data": {"ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"},
        });
        for (resource, object) in [
            (kinds::SERVICE_ACCOUNTS, account),
            (kinds::CONFIG_MAPS, authority),
        ] {
            if let Some(kind) = catalog::of(resource) {
                // It is a new namespace: nothing can stand in the way.
                let _ = Write { kind, ..self }.create(state, object);
            }
        }
    }

    /// Puts `object` in the place of the one with this name.
    pub(super) fn update(
        self,
        state: &mut State,
        (namespace, name): (&str, &str),
        mut object: Value,
        part: Part,
    ) -> Result<Arc<Value>, Problem> {
        let kind = self.kind;
        let Some(old) = state.get(kind, namespace, name).cloned() else {
            return Err(Problem::not_found(kind.resource, name));
        };
        check::shape(kind, &mut object)?;
        check_preconditions(kind, name, &old, &object)?;
        keep_identity(kind, &old, &mut object);
        keep_other_part(kind, &old, &mut object, part);
        defaults::fill(kind, &mut object);
        if part == Part::Main && !self.trusted {
            check::updated(kind, &old, &object)?;
        }
        self.count(&old, &mut object, part);
        if kind.resource == kinds::SERVICES {
            self.move_addresses(state, &old, &mut object)?;
        }
        object["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"].clone();
        if object == *old {
            return Ok(old);
        }
        if self.dry_run {
            return Ok(Arc::new(object));
        }
        let changed = state.put(kind, object);
        self.finish(state, namespace, name);
        Ok(changed)
    }

    /// A change of the specification is a new generation; of a Deployment's annotations too.
    fn count(self, old: &Value, object: &mut Value, part: Part) {
        if !self.kind.generation {
            return;
        }
        let differs = |field: &str| old.get(field) != object.get(field);
        let specified = ["spec", "webhooks", "endpoints", "ports"]
            .into_iter()
            .any(differs);
        let annotated = self.kind.resource == kinds::DEPLOYMENTS
            && old.pointer("/metadata/annotations") != object.pointer("/metadata/annotations");
        // Binding a Pod to a node is none of its author's changes.
        let bound = self.kind.resource == kinds::PODS
            && old["spec"].get("nodeName") != object["spec"].get("nodeName");
        if (specified && !bound) || (annotated && part == Part::Main) {
            let generation = old["metadata"]["generation"].as_i64().unwrap_or(0);
            object["metadata"]["generation"] = json!(generation + 1);
        }
        if self.kind.resource == kinds::DAEMON_SETS && old["spec"]["template"] != object["spec"]["template"] {
            let place = &mut object["metadata"]["annotations"][defaults::TEMPLATE_GENERATION];
            let count = place.as_str().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
            *place = json!((count + 1).to_string());
        }
    }

    fn move_addresses(self, state: &mut State, old: &Value, object: &mut Value) -> Result<(), Problem> {
        if object["spec"]["type"] != "ExternalName" && object["spec"].get("clusterIP").is_none() {
            object["spec"]["clusterIP"] = old["spec"]["clusterIP"].clone();
            object["spec"]["clusterIPs"] = old["spec"]["clusterIPs"].clone();
        }
        let mut addresses = state.addresses.clone();
        addresses.free(old);
        addresses.give(object, &mut state.random)
    }
}

const ROOT_CA: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints \
    such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of \
    Kubernetes clusters.";

fn api_version(kind: &Kind) -> String {
    let shelf = kind.shelf();
    match shelf.group {
        "" => shelf.version.to_owned(),
        group => format!("{group}/{}", shelf.version),
    }
}

fn is_empty(fields: &Map<String, Value>, field: &str) -> bool {
    fields
        .get(field)
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
}

fn check_namespace(state: &State, kind: &Kind, namespace: &str, name: &str) -> Result<(), Problem> {
    let Some(namespaces) = catalog::of(kinds::NAMESPACES).filter(|_| kind.resource.namespaced) else {
        return Ok(());
    };
    let Some(object) = state.get(namespaces, "", namespace) else {
        return Err(Problem::not_found(kinds::NAMESPACES, namespace));
    };
    if object["metadata"].get("deletionTimestamp").is_none() || kind.shelf() == kinds::EVENTS {
        return Ok(());
    }
    Err(Problem::terminating(kind.resource, name, namespace))
}

fn check_preconditions(kind: &Kind, name: &str, old: &Value, new: &Value) -> Result<(), Problem> {
    let given = |field: &str| new["metadata"][field].as_str().filter(|it| !it.is_empty());
    let kept = |field: &str| old["metadata"][field].as_str().unwrap_or_default();
    if let Some(uid) = given("uid")
        && uid != kept("uid")
    {
        let namespace = old["metadata"]["namespace"].as_str().unwrap_or_default();
        return Err(Problem::not_that_object(
            kind.resource,
            namespace,
            name,
            uid,
            kept("uid"),
        ));
    }
    match given("resourceVersion") {
        Some(version) if version != kept("resourceVersion") => Err(Problem::changed(kind.resource, name)),
        _ => Ok(()),
    }
}

/// What no write changes.
fn keep_identity(kind: &Kind, old: &Value, object: &mut Value) {
    object["apiVersion"] = old["apiVersion"].clone();
    object["kind"] = old["kind"].clone();
    if !object["metadata"].is_object() {
        object["metadata"] = json!({});
    }
    let fields = [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "generation",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generateName",
    ];
    for field in fields {
        match old["metadata"].get(field) {
            Some(value) => object["metadata"][field] = value.clone(),
            None => drop(object["metadata"].as_object_mut().and_then(|it| it.remove(field))),
        }
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        if let Some(managers) = old["metadata"].get("managedFields") {
            metadata
                .entry("managedFields")
                .or_insert_with(|| managers.clone());
        }
        metadata.retain(|_, value| !value.is_null() && value.as_object().is_none_or(|it| !it.is_empty()));
    }
    if kind.resource == kinds::NAMESPACES
        && let Some(finalizers) = old.pointer("/spec/finalizers")
    {
        object["spec"]["finalizers"] = finalizers.clone();
    }
}

/// A write of one part leaves the other as it is.
fn keep_other_part(kind: &Kind, old: &Value, object: &mut Value, part: Part) {
    let keep = |object: &mut Value, field: &str| match old.get(field) {
        Some(value) => object[field] = value.clone(),
        None => drop(object.as_object_mut().and_then(|it| it.remove(field))),
    };
    match part {
        Part::Main if kind.status => keep(object, "status"),
        Part::Status => {
            let status = object.as_object_mut().and_then(|it| it.remove("status"));
            let mut kept = old.clone();
            kept["status"] = status.unwrap_or_else(|| json!({}));
            let annotations = object.pointer("/metadata/annotations");
            if let Some(annotations) = annotations.filter(|_| kind.resource == kinds::DEPLOYMENTS) {
                // Its controller notes the revision with the status, which is no new generation.
                kept["metadata"]["annotations"] = annotations.clone();
            }
            *object = kept;
        }
        Part::Main => {}
    }
}
