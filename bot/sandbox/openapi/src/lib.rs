//! Bodies held against Discord's own OpenAPI document, where it is at hand. A crate of its own, since the validator
//! costs a first build a twentieth of its time, and a first run has no such document.
//!
//! The document is OpenAPI 3.1, whose schemas are JSON Schema. It is stricter than Discord in
//! two points, which are relaxed: Discord also takes integers written as strings of digits, and
//! ids written as integers.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, anyhow};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{Registry, ValidationError, Validator};
use serde_json::{Value, json};

/// The name under which the schemas find each other.
const NAME: &str = "https://discord.com/openapi.json";

/// Discord's document, and the operations that were needed so far.
pub struct Document {
    registry: Registry<'static>,
    /// Pointers to the schemas of the JSON bodies that there are.
    bodies: HashSet<String>,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    /// Reads the document, which Discord publishes as `openapi.json`.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let mut document: Value = serde_json::from_slice(&text).context("reading Discord's document")?;
        relax(&mut document);
        let bodies = bodies(&document);
        let registry = Registry::new().add(NAME, document)?.prepare()?;
        Ok(Self {
            registry,
            bodies,
            compiled: Mutex::default(),
        })
    }

    /// Where the body of an operation is wrong, as a JSON pointer, and how; nothing if the document does not have the
    /// operation. The path is as the document writes it.
    pub fn check(&self, method: &str, path: &str, body: &Value) -> Option<(String, String)> {
        let pointer = pointer(method, path);
        if !self.bodies.contains(&pointer) {
            return None;
        }
        let schema = match self.schema(&pointer) {
            Ok(schema) => schema,
            // Rather refuse everything than seem to check what is not checked.
            Err(error) => return Some((String::new(), error.to_string())),
        };
        let errors: Vec<ValidationError<'_>> = schema.iter_errors(body).collect();
        deepest(errors.iter())
    }

    fn schema(&self, pointer: &str) -> anyhow::Result<Arc<Validator>> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = compiled.get(pointer) {
            return Ok(Arc::clone(schema));
        }
        // Braces of parameters may not stand in an address as they are.
        let place = pointer.replace('{', "%7B").replace('}', "%7D");
        let schema = json!({"$ref": format!("{NAME}#{place}")});
        let schema = jsonschema::options().with_registry(&self.registry).build(&schema);
        let schema = schema.map_err(|error| anyhow!("Discord's document, {pointer}: {error}"))?;
        let schema = Arc::new(schema);
        compiled.insert(pointer.to_owned(), Arc::clone(&schema));
        Ok(schema)
    }
}

fn pointer(method: &str, path: &str) -> String {
    let (path, method) = (path.replace('~', "~0").replace('/', "~1"), method.to_lowercase());
    format!("/paths/{path}/{method}/requestBody/content/application~1json/schema")
}

fn bodies(document: &Value) -> HashSet<String> {
    let mut bodies = HashSet::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for method in operations
            .as_object()
            .into_iter()
            .flatten()
            .map(|(method, _)| method)
        {
            let pointer = pointer(method, path);
            if document.pointer(&pointer).is_some() {
                bodies.insert(pointer);
            }
        }
    }
    bodies
}

/// Lets integers be strings of digits, and ids integers. Since then a value may fit several of
/// the schemas of which it is to fit one, any of them will do.
fn relax(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(relax),
        Value::Object(object) => {
            if allows(object.get("type"), "integer") {
                allow(object, "string");
                object.entry("pattern").or_insert_with(|| json!("^-?[0-9]+$"));
            } else if object.get("format") == Some(&json!("snowflake")) {
                allow(object, "integer");
            }
            if let Some(one_of) = object.remove("oneOf") {
                object.insert("anyOf".to_owned(), one_of);
            }
            object.values_mut().for_each(relax);
        }
        _ => {}
    }
}

fn allows(kinds: Option<&Value>, kind: &str) -> bool {
    match kinds {
        Some(Value::Array(kinds)) => kinds.iter().any(|it| it == kind),
        Some(one) => one == kind,
        None => false,
    }
}

fn allow(schema: &mut serde_json::Map<String, Value>, kind: &str) {
    let mut kinds = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.clone(),
        Some(one) => vec![one.clone()],
        None => return,
    };
    if !kinds.iter().any(|it| it == kind) {
        kinds.push(json!(kind));
    }
    schema.insert("type".to_owned(), json!(kinds));
}

/// Where in the body the error is that says most, and what it says. An error about "any of these"
/// only repeats the whole body, so the branch that was meant is followed to its end.
fn deepest<'e>(errors: impl Iterator<Item = &'e ValidationError<'e>>) -> Option<(String, String)> {
    errors.map(inner).max_by_key(|(at, _)| depth(at))
}

fn inner(error: &ValidationError<'_>) -> (String, String) {
    let here = || (error.instance_path().to_string(), error.to_string());
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return here();
    };
    // A branch that is about another `type` was not meant.
    let meant = context
        .iter()
        .filter(|branch| !branch.iter().any(|error| is_about_type(error)));
    let ends = meant.filter_map(|branch| deepest(branch.iter()));
    ends.max_by_key(|(at, _)| depth(at)).unwrap_or_else(here)
}

fn is_about_type(error: &ValidationError<'_>) -> bool {
    let fixed = matches!(
        error.kind(),
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. }
    );
    (fixed && error.instance_path().to_string().ends_with("/type"))
        || matches!(error.kind(), ValidationErrorKind::Type { .. }) && error.instance().is_object()
}

fn depth(at: &str) -> usize {
    at.matches('/').count()
}
