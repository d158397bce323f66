//! Which fields the kinds of a cluster have, by its own description of its API (OpenAPI, version 3).
//!
//! What is kept of a description is one kind with all that is below it: the whole of it is over a megabyte, and a
//! question is about few kinds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::Value;

use super::client::{NotRead, Reader, Why, lock};
use super::manifest::Manifest;
use super::request::Right;
use super::served::{FRESH, api_version};
use crate::clock::Millis;

/// What it needs; every user of a cluster may read it.
const DESCRIPTION: Right = Right {
    group: "",
    version: "",
    resource: "openapi",
    verb: "get",
};
/// How deep a manifest is looked into.
const DEPTH: usize = 32;

/// What is remembered of one cluster, by version and kind.
#[derive(Default)]
pub(super) struct Known(Mutex<HashMap<(String, String), Remembered>>);

/// Until when it is believed, and what it is.
type Remembered = (Millis, Arc<Fields>);

/// The fields of one kind. Of a kind that is not described nothing is known, and no field is unknown.
#[derive(Debug, Default)]
pub struct Fields {
    kind: Option<String>,
    schemas: HashMap<String, Schema>,
}

#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    components: Components,
}

#[derive(Default, Deserialize)]
struct Components {
    #[serde(default)]
    schemas: HashMap<String, Schema>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Schema {
    #[serde(rename = "$ref")]
    other: Option<String>,
    all_of: Vec<Schema>,
    properties: BTreeMap<String, Schema>,
    items: Option<Box<Schema>>,
    additional_properties: Option<Additional>,
    #[serde(rename = "x-kubernetes-preserve-unknown-fields")]
    takes_anything: bool,
    #[serde(rename = "x-kubernetes-group-version-kind")]
    kinds: Vec<Kind>,
}

/// What the fields of an object may be beside the named ones.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Additional {
    Are(bool),
    Like(Box<Schema>),
}

#[derive(Clone, Debug, Deserialize)]
struct Kind {
    group: String,
    version: String,
    kind: String,
}

impl Fields {
    /// Those of one kind in a description.
    fn read(text: &str, version: &str, kind: &str) -> Option<Self> {
        let description: Description = serde_json::from_str(text).ok()?;
        let mut all = description.components.schemas;
        let is_it = |it: &Kind| it.kind == kind && api_version(&it.group, &it.version) == version;
        let name = all
            .iter()
            .find(|(_, schema)| schema.kinds.iter().any(is_it))
            .map(|(name, _)| name.clone());
        let mut schemas = HashMap::new();
        let mut open: Vec<String> = name.iter().cloned().collect();
        while let Some(next) = open.pop() {
            if let Some(schema) = all.remove(&next) {
                schema.others(&mut open);
                schemas.insert(next, schema);
            }
        }
        Some(Self { kind: name, schemas })
    }

    /// The fields of a manifest that the kind does not have: `spec.containers[0].resource`. What stands below one of
    /// them is not looked at.
    pub fn unknown(&self, manifest: &Value) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(schema) = self.kind.as_ref().and_then(|name| self.schemas.get(name)) {
            self.look(schema, manifest, "", DEPTH, &mut found);
        }
        found.sort_unstable();
        found
    }

    fn look(&self, schema: &Schema, value: &Value, path: &str, depth: usize, found: &mut Vec<String>) {
        let schema = self.resolved(schema);
        let Some(depth) = depth.checked_sub(1).filter(|_| !schema.takes_anything) else {
            return;
        };
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = match path {
                        "" => name.clone(),
                        path => format!("{path}.{name}"),
                    };
                    match (schema.properties.get(name), &schema.additional_properties) {
                        (Some(field), _) => self.look(field, value, &path, depth, found),
                        (None, Some(Additional::Like(field))) => self.look(field, value, &path, depth, found),
                        // A placeholder may stand for any field.
                        (None, None | Some(Additional::Are(false)))
                            if !schema.properties.is_empty() && !name.contains('<') =>
                        {
                            found.push(path);
                        }
                        (None, _) => {}
                    }
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if let Some(schema) = &schema.items {
                        self.look(schema, item, &format!("{path}[{at}]"), depth, found);
                    }
                }
            }
            _ => {}
        }
    }

    /// A schema that only names another is that other.
    fn resolved<'a>(&'a self, mut schema: &'a Schema) -> &'a Schema {
        for _ in 0..DEPTH {
            let named = match schema.all_of.as_slice() {
                [one] if schema.properties.is_empty() => one,
                _ => schema,
            };
            match named.name().and_then(|name| self.schemas.get(name)) {
                Some(other) => schema = other,
                None => return named,
            }
        }
        schema
    }
}

impl Schema {
    /// The name of the schema that it refers to.
    fn name(&self) -> Option<&str> {
        self.other.as_deref()?.strip_prefix("#/components/schemas/")
    }

    /// Adds the names of all schemas that it refers to.
    fn others(&self, names: &mut Vec<String>) {
        names.extend(self.name().map(str::to_owned));
        let like = match &self.additional_properties {
            Some(Additional::Like(schema)) => Some(schema),
            _ => None,
        };
        let below = self.all_of.iter().chain(self.properties.values());
        for schema in below.chain(self.items.as_deref()).chain(like.map(Box::as_ref)) {
            schema.others(names);
        }
    }
}

impl Reader<'_> {
    /// The fields of a manifest that the cluster does not know.
    ///
    /// # Errors
    /// If the cluster does not say.
    pub async fn unknown_fields(&self, manifest: &Manifest) -> Result<Vec<String>, NotRead> {
        let key = (manifest.version.clone(), manifest.kind.clone());
        let known = &self.cluster.fields.0;
        let now = self.clock.now();
        let remembered = lock(known)
            .get(&key)
            .filter(|(until, _)| now < *until)
            .map(|(_, it)| Arc::clone(it));
        let fields = match remembered {
            Some(fields) => fields,
            None => {
                let fields = Arc::new(self.fields(&key.0, &key.1).await?);
                lock(known).insert(key, (now + FRESH, Arc::clone(&fields)));
                fields
            }
        };
        Ok(fields.unknown(&manifest.value))
    }

    async fn fields(&self, version: &str, kind: &str) -> Result<Fields, NotRead> {
        let not = |why| NotRead {
            right: DESCRIPTION,
            namespace: String::new(),
            name: String::new(),
            why,
        };
        let of = match version.contains('/') {
            true => "apis",
            false => "api",
        };
        let text = self.discovery(&format!("/openapi/v3/{of}/{version}")).await;
        let (text, version, kind) = (text.map_err(not)?, version.to_owned(), kind.to_owned());
        // A description is long: it must not hold up anybody's acknowledgement.
        let read = tokio::task::spawn_blocking(move || Fields::read(&text, &version, &kind)).await;
        read.ok().flatten().ok_or_else(|| not(Why::Unreadable))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields() -> Fields {
        let of =
            |name: &str| json!({"allOf": [{"$ref": format!("#/components/schemas/{name}")}], "default": {}});
        let description = json!({"components": {"schemas": {
            "Widget": {
                "properties": {
                    "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "spec": of("Spec"),
                    "metadata": {"$ref": "#/components/schemas/Meta"},
                },
                "x-kubernetes-group-version-kind": [{"group": "shop.example", "version": "v1", "kind": "Widget"}],
            },
            "Meta": {"properties": {
                "name": {"type": "string"},
                "labels": {"additionalProperties": {"type": "string"}, "type": "object"},
            }},
            "Spec": {"properties": {
                "parts": {"type": "array", "items": of("Part")},
                "by": {"type": "object", "additionalProperties": of("Part")},
                "raw": {"type": "object", "properties": {"a": {}}, "x-kubernetes-preserve-unknown-fields": true},
                "size": {"oneOf": [{"type": "string"}, {"type": "number"}]},
            }},
            "Part": {"properties": {"size": {"type": "integer"}, "inner": of("Part")}},
            "Other": {"properties": {"none": {}}},
        }}});
        Fields::read(&description.to_string(), "shop.example/v1", "Widget").unwrap()
    }

    #[test]
    fn each_field_that_a_kind_does_not_have_is_named_by_its_path() {
        let manifest = json!({
            "apiVersion": "shop.example/v1", "kind": "Widget",
            "metadata": {"name": "a", "labels": {"any": "b"}, "lables": {"c": "d"}},
            "spec": {
                "parts": [{"size": 1}, {"sise": 2, "inner": {"inner": {"inside": {"deep": 1}}}}],
                "by": {"left": {"weight": 3}}, "raw": {"b": {"c": 1}}, "size": {"odd": 1}, "<name>": 1,
            },
        });
        assert_eq!(
            fields().unknown(&manifest),
            [
                "metadata.lables",
                "spec.by.left.weight",
                "spec.parts[1].inner.inner.inside",
                "spec.parts[1].sise",
            ]
        );
    }

    #[test]
    fn only_what_belongs_to_the_kind_is_kept() {
        let fields = fields();
        let mut names: Vec<&str> = fields.schemas.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["Meta", "Part", "Spec", "Widget"]);
    }

    #[test]
    fn of_a_kind_that_is_not_described_nothing_is_said() {
        let empty = r#"{"openapi":"3.0.0","paths":{},"components":{"schemas":{}}}"#;
        let fields = Fields::read(empty, "v1", "Pod").unwrap();
        assert_eq!(fields.unknown(&json!({"spec": {"any": 1}})), Vec::<String>::new());
        assert!(Fields::read("<html>", "v1", "Pod").is_none());
    }
}
