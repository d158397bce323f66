//! In which form objects are answered: whole, as rows of a table, or their metadata alone.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::{Map, Value, json};

use super::super::api::kinds;
use super::super::catalog::Kind;
use super::super::faults;
use super::super::table;
use super::ask::Ask;

/// How objects are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) form: Form,
    pub(super) kind: &'static Kind,
    /// Against which ages are counted.
    pub(super) now_ms: u64,
    pub(super) absurd: bool,
}

/// The forms that a client can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Whole,
    Metadata,
    Table(Include),
}

/// What stands beside the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Include {
    Nothing,
    Metadata,
    Object,
}

impl Form {
    /// The first form in `Accept` that there is.
    pub(super) fn of(ask: &Ask) -> Self {
        let accept = ask.header(axum::http::header::ACCEPT);
        for range in accept.split(',').map(str::trim) {
            if !range.starts_with("application/json") {
                continue;
            }
            let is = |form: &str| range.split(';').any(|part| part.trim() == form);
            if is("as=Table") && is("g=meta.k8s.io") && is("v=v1") {
                return Self::Table(Include::of(ask));
            }
            if is("as=PartialObjectMetadata") || is("as=PartialObjectMetadataList") {
                return Self::Metadata;
            }
            if !range.contains("as=") {
                return Self::Whole;
            }
        }
        Self::Whole
    }
}

impl Include {
    fn of(ask: &Ask) -> Self {
        match ask.query.get("includeObject") {
            Some("None") => Self::Nothing,
            Some("Object") => Self::Object,
            _ => Self::Metadata,
        }
    }
}

impl Shape {
    /// One object, as the answer to a request for it.
    pub(super) fn one(&self, object: &Arc<Value>) -> Value {
        match self.form {
            Form::Whole => self.seen(object).into_owned(),
            Form::Metadata => metadata_of(object),
            Form::Table(_) => {
                let version = &object["metadata"]["resourceVersion"];
                let mut table = self.table(&json!({"resourceVersion": version}), true);
                table["rows"] = json!([self.row(object)]);
                table
            }
        }
    }

    /// One object, as a watch tells of it: only the first table has its columns.
    pub(super) fn watched<'a>(&self, object: &'a Arc<Value>, is_first: bool) -> Cow<'a, Value> {
        if self.form == Form::Whole {
            return self.seen(object);
        }
        let mut value = self.one(object);
        if let Form::Table(_) = self.form
            && !is_first
        {
            value["columnDefinitions"] = Value::Null;
        }
        Cow::Owned(value)
    }

    /// What stands before the items of a list.
    pub(super) fn head(&self, metadata: &Value) -> Vec<u8> {
        let (head, items) = match self.form {
            Form::Whole => {
                let kind = format!("{}List", self.kind.resource.kind);
                (
                    json!({"apiVersion": self.kind.api_version(), "kind": kind, "metadata": metadata}),
                    "items",
                )
            }
            Form::Metadata => {
                let kind = "PartialObjectMetadataList";
                (
                    json!({"apiVersion": "meta.k8s.io/v1", "kind": kind, "metadata": metadata}),
                    "items",
                )
            }
            Form::Table(_) => (self.table(metadata, true), "rows"),
        };
        let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
        bytes.pop();
        bytes.extend_from_slice(format!(",\"{items}\":[").as_bytes());
        bytes
    }

    /// What stands after them.
    pub(super) const TAIL: &'static [u8] = b"]}";

    /// One item of a list.
    pub(super) fn item(&self, object: &Arc<Value>, bytes: &mut Vec<u8>) {
        // Writing to memory does not fail.
        let _ = match self.form {
            Form::Whole => serde_json::to_writer(bytes, &Item(&self.seen(object))),
            Form::Metadata => serde_json::to_writer(bytes, &metadata_of(object)),
            Form::Table(_) => serde_json::to_writer(bytes, &self.row(object)),
        };
    }

    fn table(&self, metadata: &Value, with_columns: bool) -> Value {
        let columns = if with_columns {
            table::definitions(self.kind)
        } else {
            Value::Null
        };
        json!({
            "apiVersion": "meta.k8s.io/v1", "kind": "Table", "metadata": metadata, "columnDefinitions": columns,
        })
    }

    fn row(&self, object: &Arc<Value>) -> Value {
        let seen = self.seen(object);
        let mut row = table::row(self.kind, object, self.now_ms);
        row["object"] = match self.form {
            Form::Table(Include::Object) => seen.into_owned(),
            Form::Table(Include::Nothing) => Value::Null,
            _ => metadata_of(object),
        };
        row
    }

    /// The object as this kind shows it.
    fn seen<'a>(&self, object: &'a Arc<Value>) -> Cow<'a, Value> {
        let mut seen = match self.kind.kept_as {
            None => Cow::Borrowed(object.as_ref()),
            Some(kept) if kept == kinds::EVENTS => Cow::Owned(event_v1(object)),
            Some(_) => {
                let mut object = Value::clone(object);
                object["apiVersion"] = json!(self.kind.api_version());
                Cow::Owned(object)
            }
        };
        if self.absurd {
            faults::absurd(self.kind.shelf(), seen.to_mut());
        }
        seen
    }
}

/// An object of a list does not repeat its kind.
struct Item<'a>(&'a Value);

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Some(fields) = self.0.as_object() else {
            return self.0.serialize(out);
        };
        let mut map = out.serialize_map(None)?;
        for (name, value) in fields
            .iter()
            .filter(|(name, _)| *name != "apiVersion" && *name != "kind")
        {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn metadata_of(object: &Value) -> Value {
    json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"]})
}

/// What the newer group calls the fields of an Event.
const EVENT_FIELDS: &[(&str, &str)] = &[
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
];

fn event_v1(event: &Value) -> Value {
    let rename = |(name, value): (&String, &Value)| {
        let new = EVENT_FIELDS.iter().find(|(old, _)| old == name);
        (
            new.map_or_else(|| name.clone(), |(_, new)| (*new).to_owned()),
            value.clone(),
        )
    };
    let fields: Map<String, Value> = event.as_object().into_iter().flatten().map(rename).collect();
    let mut event = Value::Object(fields);
    event["apiVersion"] = json!("events.k8s.io/v1");
    event
}

/// An object as it is kept: an Event of the newer group under the names of the older.
pub(super) fn kept(kind: &Kind, object: Value) -> Value {
    if kind.kept_as != Some(kinds::EVENTS) {
        return object;
    }
    let Value::Object(fields) = object else {
        return object;
    };
    let rename = |(name, value): (String, Value)| {
        let old = EVENT_FIELDS.iter().find(|(_, new)| *new == name);
        (old.map_or(name, |(old, _)| (*old).to_owned()), value)
    };
    Value::Object(fields.into_iter().map(rename).collect())
}
