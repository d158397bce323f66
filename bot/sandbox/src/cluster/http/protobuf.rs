//! The few bodies that kubectl sends as protobuf, read by hand: reviews of access.

use serde_json::{Map, Value, json};

use super::super::catalog::Kind;
use super::super::problem::Problem;
use super::body;

const MAGIC: &[u8] = b"k8s\0";

/// How a message's fields are called, by their numbers, and what they hold.
enum Holds {
    Text(&'static str),
    Texts(&'static str),
    Message(&'static str, &'static [(u64, Holds)]),
    /// A map whose values are lists of text.
    Extra(&'static str),
}

const RESOURCE: &[(u64, Holds)] = &[
    (1, Holds::Text("namespace")),
    (2, Holds::Text("verb")),
    (3, Holds::Text("group")),
    (4, Holds::Text("version")),
    (5, Holds::Text("resource")),
    (6, Holds::Text("subresource")),
    (7, Holds::Text("name")),
];
const PATH: &[(u64, Holds)] = &[(1, Holds::Text("path")), (2, Holds::Text("verb"))];
const ACCESS: &[(u64, Holds)] = &[
    (1, Holds::Message("resourceAttributes", RESOURCE)),
    (2, Holds::Message("nonResourceAttributes", PATH)),
    (3, Holds::Text("user")),
    (4, Holds::Texts("groups")),
    (5, Holds::Extra("extra")),
    (6, Holds::Text("uid")),
];
const ACCESS_REVIEW: &[(u64, Holds)] = &[(2, Holds::Message("spec", ACCESS))];
const RULES_REVIEW: &[(u64, Holds)] = &[(2, Holds::Message("spec", &[(1, Holds::Text("namespace"))]))];

/// A review in a protobuf body.
pub(super) fn review(kind: &Kind, bytes: &[u8]) -> Result<Value, Problem> {
    let fields = match kind.resource.plural {
        "selfsubjectaccessreviews" | "subjectaccessreviews" | "localsubjectaccessreviews" => ACCESS_REVIEW,
        "selfsubjectrulesreviews" => RULES_REVIEW,
        "selfsubjectreviews" => &[],
        _ => return Err(body::unsupported("application/json, application/yaml")),
    };
    let broken = || Problem::bad_request("the body is not the protobuf of a Kubernetes object");
    let envelope = bytes.strip_prefix(MAGIC).ok_or_else(broken)?;
    let raw = parts(envelope)
        .ok_or_else(broken)?
        .into_iter()
        .find(|(number, _)| *number == 2);
    let raw = raw.map_or(&[][..], |(_, raw)| raw);
    message(raw, fields).ok_or_else(broken)
}

fn message(bytes: &[u8], fields: &[(u64, Holds)]) -> Option<Value> {
    let mut object = Map::new();
    for (number, part) in parts(bytes)? {
        let Some((_, holds)) = fields.iter().find(|(it, _)| *it == number) else {
            continue;
        };
        match holds {
            Holds::Text(name) => {
                let text = text(part)?;
                if !text.is_empty() {
                    object.insert((*name).to_owned(), json!(text));
                }
            }
            Holds::Texts(name) => push(&mut object, name, json!(text(part)?)),
            Holds::Message(name, inner) => drop(object.insert((*name).to_owned(), message(part, inner)?)),
            Holds::Extra(name) => {
                let entry = parts(part)?;
                let key = entry
                    .iter()
                    .find(|(number, _)| *number == 1)
                    .and_then(|(_, key)| text(key));
                let values = entry
                    .iter()
                    .find(|(number, _)| *number == 2)
                    .map_or(&[][..], |(_, values)| values);
                let values: Option<Vec<String>> =
                    parts(values)?.into_iter().map(|(_, value)| text(value)).collect();
                let extra = object.entry((*name).to_owned()).or_insert_with(|| json!({}));
                extra[key?] = json!(values?);
            }
        }
    }
    Some(Value::Object(object))
}

fn push(object: &mut Map<String, Value>, name: &str, value: Value) {
    let list = object.entry(name.to_owned()).or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(value);
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

/// The fields of a message that have a length, by number. Numbers are skipped.
fn parts(mut bytes: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let length = match tag & 7 {
            0 => {
                varint(&mut bytes)?;
                continue;
            }
            1 => 8,
            5 => 4,
            2 => usize::try_from(varint(&mut bytes)?).ok()?,
            _ => return None,
        };
        let part = bytes.get(..length)?;
        bytes = bytes.get(length..)?;
        if tag & 7 == 2 {
            parts.push((tag >> 3, part));
        }
    }
    Some(parts)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::catalog;

    /// A field with a length.
    fn field(number: u8, part: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2, u8::try_from(part.len()).unwrap()];
        bytes.extend_from_slice(part);
        bytes
    }

    #[test]
    fn an_access_review_is_read_field_by_field() {
        let resource = [field(1, b"shop"), field(2, b"list"), field(5, b"pods")].concat();
        let extra = [field(1, b"k"), field(2, &field(1, b"v"))].concat();
        let spec = [
            field(1, &resource),
            field(3, b"lin"),
            field(4, b"a"),
            field(4, b"b"),
            field(5, &extra),
        ]
        .concat();
        let review = [field(1, b""), field(2, &spec)].concat();
        let bytes = [MAGIC, &field(1, b""), &field(2, &review)].concat();
        let kind = catalog::by_path("authorization.k8s.io", "v1", "subjectaccessreviews").unwrap();
        assert_eq!(
            super::review(kind, &bytes).unwrap(),
            json!({"spec": {
                "resourceAttributes": {"namespace": "shop", "verb": "list", "resource": "pods"},
                "user": "lin", "groups": ["a", "b"], "extra": {"k": ["v"]},
            }})
        );
        assert_eq!(super::review(kind, b"nonsense").unwrap_err().code, 400);
        assert_eq!(
            super::review(kind, &bytes[..bytes.len() - 1]).unwrap_err().code,
            400
        );
    }
}
