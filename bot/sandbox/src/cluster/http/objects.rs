//! Reading, making, changing and deleting objects.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Response, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::api::kinds;
use super::super::catalog::{self, Kind};
use super::super::core::Core;
use super::super::faults::Trouble;
use super::super::patch::Patch;
use super::super::problem::{Fault, Problem};
use super::super::selector::{FieldSelector, LabelSelector};
use super::super::store::{self, DeleteOptions, Handle, Page, Part, Propagation, Wanted};
use super::super::time;
use super::ask::Ask;
use super::shape::{Form, Shape};
use super::{answer, body, options};

/// Answers a request for the objects of a kind.
pub(super) fn answer(
    core: &Core,
    ask: &Ask,
    kind: &'static Kind,
    trouble: &Trouble,
) -> Result<Response<Body>, Problem> {
    check_scope(ask, kind)?;
    let shape = Shape {
        form: Form::of(ask),
        kind,
        now_ms: core.store.time(),
        absurd: trouble.absurd,
    };
    let client = core.store.for_client(&ask.user.name, ask.is_dry_run());
    match ask.wanted.verb.as_str() {
        "list" => list(core, ask, shape),
        "get" => {
            let object = client.read(kind, namespace(ask, kind), &ask.wanted.name)?;
            Ok(answer::json(200, &shape.one(&object)))
        }
        "create" => create(&client, ask, shape),
        "update" => {
            let object = update(&client, ask, kind, Part::Main)?;
            Ok(answer::json(200, &shape.one(&object)))
        }
        "patch" => {
            let (object, is_new) = patched(&client, ask, kind, Part::Main)?;
            Ok(answer::json(if is_new { 201 } else { 200 }, &shape.one(&object)))
        }
        "delete" => delete(core, ask, shape),
        _ => delete_collection(core, ask, shape),
    }
}

/// Kinds in namespaces are listed everywhere, but written in one; kinds without have no such path. What is
/// made has no name in its path, what is changed has one.
fn check_scope(ask: &Ask, kind: &Kind) -> Result<(), Problem> {
    let wanted = &ask.wanted;
    let is_namespaces = kind.resource == kinds::NAMESPACES;
    if !kind.resource.namespaced && !wanted.namespace.is_empty() && !is_namespaces {
        return Err(Problem::no_such_resource());
    }
    let verb = wanted.verb.as_str();
    let nowhere = kind.resource.namespaced && wanted.namespace.is_empty();
    let fits = match verb {
        "list" | "watch" => true,
        "create" => !nowhere && wanted.name.is_empty(),
        "update" | "patch" => !nowhere && !wanted.name.is_empty(),
        _ => !nowhere,
    };
    match (fits, verb) {
        (true, _) => Ok(()),
        (false, "get") => Err(Problem::no_such_resource()),
        (false, _) => Err(Problem::not_allowed()),
    }
}

/// Which objects of a kind a request means.
pub(super) struct Selection {
    pub(super) labels: LabelSelector,
    pub(super) fields: FieldSelector,
}

impl Selection {
    pub(super) fn of(ask: &Ask, kind: &Kind) -> Result<Self, Problem> {
        let text = |name: &str| ask.query.get(name).unwrap_or_default();
        Ok(Self {
            labels: LabelSelector::parse(text("labelSelector"))?,
            fields: FieldSelector::parse(kind.resource, text("fieldSelector"))?,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        self.fields.matches(object) && self.labels.matches(&object["metadata"]["labels"])
    }

    /// The objects in a namespace, or everywhere, and the version they were read at.
    pub(super) fn read(&self, store: &Handle, kind: &Kind, namespace: &str) -> (Vec<Arc<Value>>, u64) {
        let all = Wanted {
            namespace: namespace.to_owned(),
            after: Default::default(),
            limit: usize::MAX,
        };
        let page = self.page(store, kind, &all);
        (page.objects, page.version)
    }

    /// A page of the same.
    fn page(&self, store: &Handle, kind: &Kind, wanted: &Wanted) -> Page {
        let node = self.fields.exact("spec.nodeName").filter(|node| !node.is_empty());
        let Some(node) = node.filter(|_| kind.resource == kinds::PODS) else {
            return store.pick(kind, wanted, |it| self.is_empty() || self.matches(it));
        };
        let (mut objects, version) = store.pods_on(node);
        objects.retain(|it| {
            wanted.namespace.is_empty() || it["metadata"]["namespace"] == wanted.namespace.as_str()
        });
        objects.retain(|it| self.matches(it));
        let done =
            objects.partition_point(|it| key(it) <= (wanted.after.0.as_str(), wanted.after.1.as_str()));
        objects.drain(..done);
        let left = objects.len().saturating_sub(wanted.limit);
        objects.truncate(wanted.limit);
        Page {
            objects,
            left,
            version,
        }
    }
}

fn list(core: &Core, ask: &Ask, shape: Shape) -> Result<Response<Body>, Problem> {
    let selection = Selection::of(ask, shape.kind)?;
    let limit = ask.query.number("limit").and_then(|it| usize::try_from(it).ok());
    let place = ask.query.get("continue").map(Continue::read).transpose()?;
    let first_version = place.as_ref().map(|place| place.version);
    let wanted = Wanted {
        namespace: namespace(ask, shape.kind).to_owned(),
        after: place
            .map(|place| (place.namespace, place.name))
            .unwrap_or_default(),
        limit: limit.filter(|limit| *limit > 0).unwrap_or(usize::MAX),
    };
    let page = selection.page(&core.store, shape.kind, &wanted);
    let version = first_version.unwrap_or(page.version);
    let mut metadata = json!({"resourceVersion": version.to_string()});
    if page.left > 0 {
        if selection.is_empty() {
            metadata["remainingItemCount"] = json!(page.left);
        }
        metadata["continue"] = json!(page.objects.last().map(|it| Continue::after(it, version)));
    }
    let head = shape.head(&metadata);
    Ok(answer::list(
        head,
        page.objects,
        Shape::TAIL,
        move |object, bytes| shape.item(object, bytes),
    ))
}

/// The namespace whose objects are meant. The path of a Namespace object names itself.
fn namespace<'a>(ask: &'a Ask, kind: &Kind) -> &'a str {
    if kind.resource.namespaced {
        &ask.wanted.namespace
    } else {
        ""
    }
}

fn key(object: &Value) -> (&str, &str) {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    (text("namespace"), text("name"))
}

/// Where a list goes on.
struct Continue {
    version: u64,
    namespace: String,
    name: String,
}

impl Continue {
    fn after(object: &Value, version: u64) -> String {
        let (namespace, name) = key(object);
        BASE64_URL_SAFE_NO_PAD.encode(json!({"rv": version, "ns": namespace, "name": name}).to_string())
    }

    fn read(token: &str) -> Result<Self, Problem> {
        let invalid = || Problem::bad_request("invalid continue token: continue key is not valid");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
        let it: Value = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        let text = |field: &str| it[field].as_str().map(str::to_owned).ok_or_else(invalid);
        Ok(Self {
            version: it["rv"].as_u64().ok_or_else(invalid)?,
            namespace: text("ns")?,
            name: text("name")?,
        })
    }
}

fn create(client: &Handle, ask: &Ask, shape: Shape) -> Result<Response<Body>, Problem> {
    let kind = shape.kind;
    let mut object = body::object(ask, kind)?;
    check_kind(kind, &object)?;
    if kind.resource.namespaced {
        place(ask, kind, &mut object)?;
    }
    drop_status(kind, &mut object);
    let made = client.make(kind, object)?;
    Ok(answer::json(201, &shape.one(&made)))
}

/// Only nodes bring their first status with them.
fn drop_status(kind: &Kind, object: &mut Value) {
    if kind.status && kind.resource != kinds::NODES {
        object.as_object_mut().and_then(|it| it.remove("status"));
    }
}

fn check_kind(kind: &Kind, object: &Value) -> Result<(), Problem> {
    let text = |field: &str| object[field].as_str().filter(|it| !it.is_empty());
    let (whole, name) = (
        text("apiVersion").unwrap_or_default(),
        text("kind").unwrap_or_default(),
    );
    let version = whole.rsplit('/').next().unwrap_or_default();
    let of = kind.resource;
    let fits = (whole.is_empty() || whole == kind.api_version()) && (name.is_empty() || name == of.kind);
    if fits {
        return Ok(());
    }
    let why = match catalog::by_object(whole, name) {
        Some(_) => {
            let group = if of.group.is_empty() { "core" } else { of.group };
            let group = group.split('.').next().unwrap_or_default();
            format!(
                "converting ({version}.{name}) to ({group}.{}): unknown conversion",
                of.kind
            )
        }
        None => format!(
            "no kind {name:?} is registered for version {whole:?} in scheme \"pkg/runtime/scheme.go:111\""
        ),
    };
    Err(Problem::bad_request(format!(
        "{name} in version {version:?} cannot be handled as a {}: {why}",
        of.kind
    )))
}

/// The namespace of the path is that of the object.
fn place(ask: &Ask, _kind: &Kind, object: &mut Value) -> Result<(), Problem> {
    let namespace = ask.wanted.namespace.as_str();
    let own = object["metadata"]["namespace"].as_str().unwrap_or_default();
    if !own.is_empty() && own != namespace {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Problem::bad_request(why));
    }
    object["metadata"]["namespace"] = json!(namespace);
    Ok(())
}

/// Puts the body in the place of the object, or of its status.
pub(super) fn update(
    client: &Handle,
    ask: &Ask,
    kind: &'static Kind,
    part: Part,
) -> Result<Arc<Value>, Problem> {
    let object = body::object(ask, kind)?;
    check_kind(kind, &object)?;
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if name != ask.wanted.name {
        return Err(Problem::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            ask.wanted.name
        )));
    }
    client.replace(kind, namespace(ask, kind), &ask.wanted.name, object, part)
}

/// Patches the object, or its status; also says whether it is new.
pub(super) fn patched(
    client: &Handle,
    ask: &Ask,
    kind: &'static Kind,
    part: Part,
) -> Result<(Arc<Value>, bool), Problem> {
    let patch = read_patch(ask)?;
    let (namespace, name) = (namespace(ask, kind), ask.wanted.name.as_str());
    if matches!(patch, Patch::Apply(..)) && client.read(kind, namespace, name).is_err() {
        return Ok((apply_new(client, ask, kind, &patch)?, true));
    }
    let now = time::rfc3339(client.time());
    let (manager, status) = (manager(ask), if part == Part::Status { "status" } else { "" });
    let changed = client.edit(kind, namespace, name, part, |object| {
        let given = object["metadata"]["resourceVersion"].clone();
        let mut new = patch.apply(kind, object.clone())?;
        store::shape(kind, &mut new).map_err(|why| misshapen(&new, &why))?;
        // A patch may name the version it was made for; else it is for whatever is there.
        if new["metadata"]["resourceVersion"].is_null() {
            new["metadata"]["resourceVersion"] = given;
        }
        if !matches!(patch, Patch::Apply(..)) {
            check_identity(kind, name, &object, &new)?;
        }
        patch.note(kind, &object, &mut new, (&manager, status, &now));
        Ok(new)
    })?;
    Ok((changed, false))
}

/// What a patch may not make of an object: another one. Versions are looked at before uids are.
fn check_identity(kind: &Kind, name: &str, old: &Value, new: &Value) -> Result<(), Problem> {
    let text =
        |object: &Value, field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    let named = text(new, "name");
    if named != name {
        return Err(Problem::bad_request(format!(
            "the name of the object ({named}) does not match the name on the URL ({name})"
        )));
    }
    let version = text(new, "resourceVersion");
    if !version.is_empty() && version.parse::<u64>().is_err() {
        let why = format!("strconv.ParseUint: parsing {version:?}: invalid syntax");
        return Err(Problem::new(500, "", why));
    }
    if !version.is_empty() && version != text(old, "resourceVersion") {
        return Err(Problem::changed(kind.resource, name));
    }
    let uid = text(new, "uid");
    if !uid.is_empty() && uid != text(old, "uid") {
        let fault = Fault::invalid("metadata.uid", &json!(uid), "field is immutable");
        return Err(Problem::invalid(kind.resource, name, &[fault]));
    }
    Ok(())
}

/// Who is noted as having written: who the query names, else the first word of the program's name.
fn manager(ask: &Ask) -> String {
    let named = ask.query.get("fieldManager").filter(|name| !name.is_empty());
    let agent = ask.header(header::USER_AGENT);
    let agent = agent.split('/').next().unwrap_or_default();
    let name = named.unwrap_or(agent);
    match name {
        "" => "unknown".to_owned(),
        name => name.to_owned(),
    }
}

/// Reads a patch of any kind.
pub(super) fn read_patch(ask: &Ask) -> Result<Patch, Problem> {
    let json = || body::json(&ask.body).map_err(|_| Problem::bad_request("invalid JSON patch"));
    match ask.content_type() {
        "application/merge-patch+json" => Ok(Patch::Merge(json()?)),
        "application/strategic-merge-patch+json" => Ok(Patch::Strategic(json()?)),
        "application/json-patch+json" => Ok(Patch::Json(json()?)),
        "application/apply-patch+yaml" => {
            let manager = ask.query.get("fieldManager").unwrap_or_default();
            if manager.is_empty() {
                let fault = Fault::required("fieldManager", "is required for apply patch");
                return Err(options::invalid("PatchOptions", fault));
            }
            let force = ask.query.flag("force");
            Ok(Patch::Apply(body::yaml(&ask.body)?, manager.to_owned(), force))
        }
        _ => Err(Problem {
            details: Some(Box::new(json!({}))),
            ..Problem::new(415, "UnsupportedMediaType", "415: Unsupported Media Type")
        }),
    }
}

/// What a patch makes of an object is none.
fn misshapen(object: &Value, why: &Problem) -> Problem {
    let sentence = why
        .message
        .split_once(": json: ")
        .map_or(why.message.as_str(), |(_, sentence)| sentence);
    let says = format!("Invalid value: {:?}: json: {sentence}", object.to_string());
    let cause = json!({"reason": "FieldValueInvalid", "message": says, "field": "patch"});
    Problem {
        details: Some(Box::new(json!({"causes": [cause]}))),
        ..Problem::new(422, "Invalid", format!(" \"\" is invalid: patch: {says}"))
    }
}

fn apply_new(client: &Handle, ask: &Ask, kind: &'static Kind, patch: &Patch) -> Result<Arc<Value>, Problem> {
    let mut object = patch.apply(kind, json!({}))?;
    store::shape(kind, &mut object)?;
    check_kind(kind, &object)?;
    object["metadata"]["name"] = json!(ask.wanted.name);
    if kind.resource.namespaced {
        place(ask, kind, &mut object)?;
    }
    drop_status(kind, &mut object);
    client.make(kind, object)
}

fn delete(core: &Core, ask: &Ask, shape: Shape) -> Result<Response<Body>, Problem> {
    let kind = shape.kind;
    let options = body::options(ask)?;
    options::check_propagation(options["propagationPolicy"].as_str().unwrap_or_default())?;
    let dry_run = ask.is_dry_run() || body::asks_dry_run(&options);
    let client = core.store.for_client(&ask.user.name, dry_run);
    let name = ask.wanted.name.as_str();
    let deleted = client.remove(kind, namespace(ask, kind), name, &delete_options(ask, &options))?;
    // What is only marked is shown, and Pods always are; of the rest the server says that it is done.
    if !deleted.gone || [kinds::PODS, kinds::NAMESPACES].contains(&kind.resource) {
        return Ok(answer::json(200, &shape.one(&deleted.object)));
    }
    let mut details = super::super::problem::details(kind.resource, name);
    details["uid"] = deleted.object["metadata"]["uid"].clone();
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details,
    });
    Ok(answer::json(200, &status))
}

/// How to delete: in the query or in the body.
pub(super) fn delete_options(ask: &Ask, options: &Value) -> DeleteOptions {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let preconditions = &options["preconditions"];
    let policy = options["propagationPolicy"]
        .as_str()
        .or_else(|| ask.query.get("propagationPolicy"));
    let grace = options["gracePeriodSeconds"].as_i64();
    DeleteOptions {
        grace: grace.or_else(|| ask.query.get("gracePeriodSeconds")?.parse().ok()),
        uid: text(&preconditions["uid"]),
        resource_version: text(&preconditions["resourceVersion"]),
        propagation: match policy {
            Some("Foreground") => Propagation::Foreground,
            Some("Orphan") => Propagation::Orphan,
            _ => Propagation::Background,
        },
    }
}

fn delete_collection(core: &Core, ask: &Ask, shape: Shape) -> Result<Response<Body>, Problem> {
    let kind = shape.kind;
    let options = body::options(ask)?;
    let client = core
        .store
        .for_client(&ask.user.name, ask.is_dry_run() || body::asks_dry_run(&options));
    let selection = Selection::of(ask, kind)?;
    let (objects, version) = selection.read(&core.store, kind, namespace(ask, kind));
    let how = delete_options(ask, &options);
    for object in &objects {
        let (namespace, name) = key(object);
        // Another may have gone with the one before it.
        let _ = client.remove(kind, namespace, name, &how);
    }
    let head = shape.head(&json!({"resourceVersion": version.to_string()}));
    Ok(answer::list(head, objects, Shape::TAIL, move |object, bytes| {
        shape.item(object, bytes)
    }))
}
