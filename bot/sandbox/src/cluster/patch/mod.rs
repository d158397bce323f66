//! The ways to say what is to change in an object.

mod apply;
mod json;
mod lists;
mod strategic;

use serde_json::{Map, Value};

use super::catalog::Kind;
use super::problem::Problem;

/// A patch of one of the kinds that a server takes.
#[derive(Clone, Debug)]
pub(super) enum Patch {
    /// RFC 7396.
    Merge(Value),
    /// Lists of things with names are merged by name.
    Strategic(Value),
    /// RFC 6902.
    Json(Value),
    /// What a manager wants to be there, who it is, and whether it takes what belongs to others.
    Apply(Value, String, bool),
}

impl Patch {
    /// The object with the patch applied.
    pub(super) fn apply(&self, kind: &Kind, mut object: Value) -> Result<Value, Problem> {
        match self {
            Self::Merge(patch) => merge(&mut object, patch),
            Self::Strategic(patch) => strategic::merge(kind, &mut object, patch),
            Self::Json(steps) => json::apply(&mut object, steps)?,
            Self::Apply(wanted, manager, force) => {
                apply::apply(kind, &mut object, wanted, (manager, *force))?
            }
        }
        Ok(object)
    }

    /// Notes in `new` who made it of `old` by this patch, in which part, and when. Applying notes it by itself.
    pub(super) fn note(&self, kind: &Kind, old: &Value, new: &mut Value, by: (&str, &str, &str)) {
        if !matches!(self, Self::Apply(..)) {
            apply::note(kind, old, new, by);
        }
    }
}

/// A JSON merge patch (RFC 7396): null removes, objects are merged, everything else is replaced.
pub fn merge(object: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(fields) = object.as_object_mut() else {
        return;
    };
    for (field, change) in changes {
        if change.is_null() {
            fields.remove(field);
        } else {
            merge(fields.entry(field.clone()).or_insert(Value::Null), change);
        }
    }
}
