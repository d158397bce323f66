//! Manifests in documents: whether the API would take them as they are written.
//!
//! A manifest of a kind that Kubernetes itself has is decoded into the library's type and written out again; a field
//! that is lost on the way is one that the API does not know. Other kinds are left alone: their fields are known to
//! the cluster that serves them.

use serde_json::Value;

use super::kinds::Kind;

/// One manifest of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its first line in the text, from 0.
    pub line: u32,
    /// Its API version, as `apps/v1`.
    pub version: String,
    /// Its kind.
    pub kind: String,
    /// All of it.
    pub value: Value,
}

impl Manifest {
    /// Whether it names a kind, and no placeholder for one.
    pub fn is_filled_in(&self) -> bool {
        !self.version.contains('<') && !self.kind.contains('<')
    }

    /// Whether it is of a kind that Kubernetes itself has in this version, or a list of several.
    pub fn is_known(&self) -> bool {
        Kind::find(&self.version, &self.kind).is_some() || (self.version == "v1" && self.kind == "List")
    }

    /// Whether it names its kind as the API names its own: nothing in it would lead elsewhere in a path.
    pub fn is_plain(&self) -> bool {
        let is_part = |part: &str| {
            let is_sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.');
            part.starts_with(|first: char| first.is_ascii_alphanumeric()) && part.chars().all(is_sign)
        };
        let parts: Vec<&str> = self.version.split('/').collect();
        parts.len() <= 2 && parts.into_iter().all(is_part) && is_part(&self.kind)
    }
}

/// Something wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line in the text, from 0.
    pub line: u32,
    /// What is wrong.
    pub what: Wrong,
}

/// What can be wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no YAML, in the reader's words.
    Unreadable(String),
    /// A value is not what the field takes, in the library's words.
    Value {
        /// The kind.
        kind: String,
        /// What is wrong.
        message: String,
    },
    /// The API knows no such field.
    Unknown {
        /// The kind.
        kind: String,
        /// The field, as `spec.replicas`.
        field: String,
    },
}

/// The manifests of a text of YAML; what cannot be read is none.
pub fn manifests(text: &str) -> Vec<Manifest> {
    let read = documents(text).into_iter().filter_map(|(line, document)| {
        let value: Value = serde_saphyr::from_str(&document).ok()?;
        let (version, kind) = identity(&value)?;
        Some(Manifest {
            line,
            version,
            kind,
            value,
        })
    });
    read.collect()
}

/// What is wrong with the manifests of a text of YAML. A text that is none has no faults.
pub fn faults(text: &str) -> Vec<Fault> {
    let found = documents(text)
        .into_iter()
        .filter_map(|(line, document)| fault(line, &document));
    found.collect()
}

fn fault(line: u32, document: &str) -> Option<Fault> {
    let value: Value = match serde_saphyr::from_str(document) {
        Ok(value) => value,
        Err(error) => {
            // A template of something else is no manifest either.
            let is_manifest = document.lines().any(|line| line.starts_with("apiVersion:"));
            let at = error.location().map_or(0, |at| at.line().saturating_sub(1));
            let message = error.to_string();
            let message = message.lines().next().unwrap_or_default().to_owned();
            return is_manifest.then(|| Fault {
                line: line + u32::try_from(at).unwrap_or(0),
                what: Wrong::Unreadable(message),
            });
        }
    };
    let (version, kind) = identity(&value)?;
    let known = Kind::find(&version, &kind)?;
    match decoded(known, &value) {
        Ok(decoded) => {
            let path = lost(&value, &decoded)?;
            Some(Fault {
                line: line + line_of(document, &path),
                what: Wrong::Unknown {
                    kind,
                    field: words(&path),
                },
            })
        }
        Err(error) => Some(Fault {
            line,
            what: Wrong::Value {
                kind,
                message: without_place(&error),
            },
        }),
    }
}

/// The place is one in the text that was made to decode.
fn without_place(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// A placeholder may stand for a number.
fn decoded(known: &Kind, value: &Value) -> Result<Value, serde_json::Error> {
    known
        .decode(value)
        .or_else(|error| known.decode(&with_numbers(value)).map_err(|_| error))
}

fn with_numbers(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('<') && text.ends_with('>') => Value::from(1),
        Value::Array(items) => items.iter().map(with_numbers).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), with_numbers(value)))
            .collect(),
        other => other.clone(),
    }
}

fn identity(value: &Value) -> Option<(String, String)> {
    let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
    Some((text("apiVersion")?, text("kind")?))
}

/// The documents of a text, each with its first line.
fn documents(text: &str) -> Vec<(u32, String)> {
    let mut documents = vec![(0, String::new())];
    for (at, line) in (1..).zip(text.lines()) {
        match documents.last_mut() {
            Some((_, document)) if line.trim_end() != "---" => {
                document.push_str(line);
                document.push('\n');
            }
            _ => documents.push((at, String::new())),
        }
    }
    documents.retain(|(_, document)| !document.trim().is_empty());
    documents
}

/// The first field that is written and not decoded: keys, and places in lists.
fn lost(written: &Value, decoded: &Value) -> Option<Vec<String>> {
    match (written, decoded) {
        (Value::Object(written), Value::Object(decoded)) => {
            for (key, value) in written.iter().filter(|(_, value)| !is_nothing(value)) {
                let below = match decoded.get(key) {
                    Some(decoded) => lost(value, decoded),
                    None => Some(Vec::new()),
                };
                if let Some(mut path) = below {
                    path.insert(0, key.clone());
                    return Some(path);
                }
            }
            None
        }
        (Value::Array(written), Value::Array(decoded)) => {
            for (at, (written, decoded)) in written.iter().zip(decoded).enumerate() {
                if let Some(mut path) = lost(written, decoded) {
                    path.insert(0, at.to_string());
                    return Some(path);
                }
            }
            None
        }
        _ => None,
    }
}

/// Nothing is written out where nothing is said.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_nothing),
        _ => false,
    }
}

fn words(path: &[String]) -> String {
    let mut words = String::new();
    for part in path {
        match part.parse::<usize>() {
            Ok(at) => words.push_str(&format!("[{at}]")),
            Err(_) if words.is_empty() => words.push_str(part),
            Err(_) => words.push_str(&format!(".{part}")),
        }
    }
    words
}

/// The line of a field, from 0: of each key on the way to it the next one below.
fn line_of(document: &str, path: &[String]) -> u32 {
    let lines: Vec<&str> = document.lines().collect();
    let is_key = |line: &str, key: &str| {
        let line = line.trim_start_matches([' ', '-']);
        let rest = line
            .strip_prefix(key)
            .or_else(|| line.strip_prefix(&format!("\"{key}\"")));
        rest.is_some_and(|rest| rest.starts_with(':'))
    };
    let mut at = 0;
    let mut found = 0;
    for key in path.iter().filter(|key| key.parse::<usize>().is_err()) {
        let Some(next) = lines[at..].iter().position(|line| is_key(line, key)) else {
            break;
        };
        found = at + next;
        at = found + 1;
    }
    u32::try_from(found).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    \
                        image: nginx\n    resources:\n      limits:\n        memory: 128Mi\n    emptyDir_: null\n";

    #[test]
    fn a_field_that_the_api_does_not_know_is_a_fault_with_its_line() {
        assert_eq!(faults(GOOD), []);
        let bad = GOOD.replace("limits:", "limit:");
        let unknown = |field: &str| Wrong::Unknown {
            kind: "Pod".to_owned(),
            field: field.to_owned(),
        };
        assert_eq!(
            faults(&bad),
            [Fault {
                line: 9,
                what: unknown("spec.containers[0].resources.limit")
            }]
        );
        let second = format!("{GOOD}---\n{}", GOOD.replace("spec:", "specs:"));
        let found = faults(&second);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 17);
    }

    #[test]
    fn a_value_of_another_kind_is_a_fault_and_a_placeholder_is_none() {
        let of = |replicas: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: {replicas}\n  selector: {{}}\n  template: {{}}\n"
            )
        };
        assert_eq!(faults(&of("3")), []);
        assert_eq!(faults(&of("<replicas>")), []);
        assert!(matches!(
            faults(&of("three"))[..],
            [Fault {
                what: Wrong::Value { .. },
                ..
            }]
        ));
    }

    #[test]
    fn only_a_kind_that_the_api_could_have_is_plain() {
        let is_plain = |version: &str, kind: &str| {
            let manifest = Manifest {
                line: 0,
                version: version.to_owned(),
                kind: kind.to_owned(),
                value: Value::Null,
            };
            manifest.is_plain()
        };
        assert!(is_plain("v1", "Pod") && is_plain("autoscaling.k8s.io/v1beta2", "VerticalPodAutoscaler"));
        for version in [
            "<version>",
            "",
            "a/../v1",
            "apps/v1/../v1",
            "../v1",
            "v1?watch=1",
            "v1#",
            "apps/v1/x",
        ] {
            assert!(!is_plain(version, "Pod"), "{version}");
        }
        assert!(!is_plain("v1", "<kind>"));
    }

    #[test]
    fn what_is_no_manifest_or_of_an_unknown_kind_is_left_alone() {
        for text in [
            "a: [1",
            "replicas: 3\n",
            "{{ if .Values.x }}\n",
            "apiVersion: example.com/v1\nkind: Widget\nspec:\n  any: 1\n",
        ] {
            assert_eq!(faults(text), [], "{text}");
        }
        assert!(matches!(
            faults("apiVersion: v1\nkind: [Pod\n")[..],
            [Fault {
                what: Wrong::Unreadable(_),
                ..
            }]
        ));
        assert_eq!(
            manifests("apiVersion: example.com/v1\nkind: Widget\n")[0].kind,
            "Widget"
        );
    }
}
