//! Picking objects: by labels and by fields, in a query or in an object.

use serde_json::Value;

use super::api::{Resource, kinds};
use super::problem::Problem;

/// What is asked of one label or field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Need {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
    Above(i64),
    Below(i64),
}

/// A row of requirements on labels, all of which have to be met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<(String, Need)>);

impl LabelSelector {
    /// Reads `app=web,tier!=cache,env in (a,b),!old`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let parts = split(text).into_iter().filter(|part| !part.trim().is_empty());
        let parts: Result<Vec<_>, Problem> = parts.map(|part| requirement(part.trim())).collect();
        Ok(Self(parts?))
    }

    /// Reads `{matchLabels: …, matchExpressions: …}`. Without anything in it, it picks everything.
    pub fn of_object(selector: &Value) -> Self {
        let labels = selector["matchLabels"].as_object().into_iter().flatten();
        let labels = labels.map(|(key, value)| (key.clone(), Need::In(vec![text(value)])));
        let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
        let expressions = expressions.filter_map(|it| {
            let values: Vec<String> = it["values"].as_array().into_iter().flatten().map(text).collect();
            let need = match it["operator"].as_str()? {
                "In" => Need::In(values),
                "NotIn" => Need::NotIn(values),
                "Exists" => Need::Exists,
                "DoesNotExist" => Need::Absent,
                _ => return None,
            };
            Some((text(&it["key"]), need))
        });
        Self(labels.chain(expressions).collect())
    }

    /// Whether it picks everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether labels meet it.
    pub fn matches(&self, labels: &Value) -> bool {
        self.0
            .iter()
            .all(|(key, need)| meets(labels.get(key).and_then(Value::as_str), need))
    }
}

fn meets(value: Option<&str>, need: &Need) -> bool {
    let number = || value.and_then(|it| it.parse::<i64>().ok());
    match need {
        Need::In(values) => value.is_some_and(|value| values.iter().any(|it| it == value)),
        Need::NotIn(values) => value.is_none_or(|value| values.iter().all(|it| it != value)),
        Need::Exists => value.is_some(),
        Need::Absent => value.is_none(),
        Need::Above(than) => number().is_some_and(|it| it > *than),
        Need::Below(than) => number().is_some_and(|it| it < *than),
    }
}

/// At commas that are not within brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(part: &str) -> Result<(String, Need), Problem> {
    if let Some(key) = part.strip_prefix('!') {
        return Ok((key_of(key)?, Need::Absent));
    }
    let end = part.find(|letter: char| !is_key(letter)).unwrap_or(part.len());
    let (key, rest) = (
        key_of(&part[..end]).map_err(|_| no_key(part))?,
        part[end..].trim(),
    );
    let value = |sign: &str| rest.strip_prefix(sign).map(|value| value.trim().to_owned());
    if let Some(value) = value("!=") {
        return Ok((key, Need::NotIn(vec![value])));
    }
    if let Some(value) = value("==").or_else(|| value("=")) {
        return Ok((key, Need::In(vec![value])));
    }
    for (sign, make) in [(">", Need::Above as fn(i64) -> Need), ("<", Need::Below)] {
        if let Some(text) = value(sign) {
            let number = text
                .parse()
                .map_err(|_| unreadable(&format!("found '{text}', expected: an integer")))?;
            return Ok((key, make(number)));
        }
    }
    if rest.is_empty() {
        return Ok((key, Need::Exists));
    }
    for (word, make) in [
        ("notin", Need::NotIn as fn(Vec<String>) -> Need),
        ("in", Need::In),
    ] {
        if let Some(list) = value(word) {
            return Ok((key, make(values(&list)?)));
        }
    }
    let found = rest.split_whitespace().next().unwrap_or_default();
    Err(unreadable(&format!(
        "found '{found}', expected: in, notin, =, ==, !=, gt, lt"
    )))
}

/// `(a, b)`.
fn values(list: &str) -> Result<Vec<String>, Problem> {
    let inner = list.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    let inner = inner.ok_or_else(|| unreadable(&format!("found '{list}' expected: '('")))?;
    Ok(inner.split(',').map(|it| it.trim().to_owned()).collect())
}

fn is_key(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_./".contains(letter)
}

fn key_of(text: &str) -> Result<String, Problem> {
    let key = text.trim();
    match key.is_empty() || !key.chars().all(is_key) {
        true => Err(unreadable(&format!("found '{key}', expected: identifier"))),
        false => Ok(key.to_owned()),
    }
}

fn no_key(part: &str) -> Problem {
    let found: String = part.chars().take(1).collect();
    Problem::bad_request(format!(
        "found '{found}', expected: !, identifier, or 'end of string'"
    ))
}

fn unreadable(why: &str) -> Problem {
    Problem::bad_request(format!("unable to parse requirement: {why}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A row of requirements on fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<(String, bool, String)>);

impl FieldSelector {
    /// Reads `spec.nodeName=node-1,status.phase!=Succeeded`, as far as the kind supports the fields.
    pub fn parse(of: Resource, query: &str) -> Result<Self, Problem> {
        let mut all = Vec::new();
        for part in query.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (field, equal, value) = if let Some((field, value)) = part.split_once("!=") {
                (field, false, value)
            } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (field, true, value)
            } else {
                let why = format!("invalid selector: '{query}'; can't understand '{part}'");
                return Err(Problem::bad_request(why));
            };
            if !supported(of).contains(&field) {
                return Err(unsupported(of, field));
            }
            all.push((field.to_owned(), equal, value.to_owned()));
        }
        Ok(Self(all))
    }

    /// Whether it picks everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value that a field has to have.
    pub fn exact(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|(it, equal, _)| it == field && *equal);
        found.map(|(_, _, value)| value.as_str())
    }

    /// Whether an object meets it.
    pub fn matches(&self, object: &Value) -> bool {
        self.0
            .iter()
            .all(|(name, equal, value)| (field(object, name) == *value) == *equal)
    }
}

fn unsupported(of: Resource, field: &str) -> Problem {
    // Kinds without fields of their own share one sentence, which forgets that some have no namespace.
    Problem::bad_request(match supported(of) {
        ["metadata.name"] | ["metadata.name", "metadata.namespace"] => {
            format!(
                "\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
            )
        }
        _ => format!("field label not supported: {field}"),
    })
}

/// The fields that a real server selects by.
fn supported(of: Resource) -> &'static [&'static str] {
    match of {
        it if it == kinds::PODS => &[
            "metadata.name",
            "metadata.namespace",
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        _ if of.kind == "Event" => &[
            "metadata.name",
            "metadata.namespace",
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "regarding.apiVersion",
            "regarding.resourceVersion",
            "regarding.fieldPath",
            "reason",
            "reportingComponent",
            "reportingController",
            "source",
            "type",
        ],
        it if it == kinds::NODES => &["metadata.name", "spec.unschedulable"],
        it if it == kinds::NAMESPACES => &["metadata.name", "status.phase"],
        it if it == kinds::SECRETS => &["metadata.name", "metadata.namespace", "type"],
        it if it == kinds::SERVICES => &[
            "metadata.name",
            "metadata.namespace",
            "spec.clusterIP",
            "spec.type",
        ],
        it if it == kinds::REPLICA_SETS => &["metadata.name", "metadata.namespace", "status.replicas"],
        _ if of.plural == "resourceslices" => &["metadata.name", "spec.nodeName", "spec.driver"],
        _ if of.plural == "jobs" => &["metadata.name", "metadata.namespace", "status.successful"],
        _ if of.namespaced => &["metadata.name", "metadata.namespace"],
        _ => &["metadata.name"],
    }
}

fn field(object: &Value, name: &str) -> String {
    let name = match name {
        "source" => return source(object),
        "reportingController" => "reportingComponent".to_owned(),
        "status.successful" => "status.succeeded".to_owned(),
        _ => name.replacen("regarding.", "involvedObject.", 1),
    };
    let value = name.split('.').try_fold(object, |at, step| at.get(step));
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(yes)) => yes.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        _ if matches!(name.as_str(), "spec.unschedulable" | "spec.hostNetwork") => "false".to_owned(),
        _ if matches!(name.as_str(), "status.replicas" | "status.succeeded") => "0".to_owned(),
        _ => String::new(),
    }
}

fn source(event: &Value) -> String {
    let component = event["source"]["component"].as_str().filter(|it| !it.is_empty());
    component
        .or_else(|| event["reportingComponent"].as_str())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_are_picked_as_kubectl_writes_them() {
        let labels = json!({"app": "web", "tier": "front", "generation": "7"});
        for (selector, picks) in [
            ("", true),
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app!=web", false),
            ("missing!=web", true),
            ("app in (api, web)", true),
            ("app notin (api,web)", false),
            ("app notin (api),tier", true),
            ("!missing", true),
            ("!app", false),
            ("generation>6", true),
            ("generation<6", false),
        ] {
            assert_eq!(
                LabelSelector::parse(selector).unwrap().matches(&labels),
                picks,
                "{selector}"
            );
        }
        for broken in ["app in web", "=web", "a b"] {
            assert_eq!(LabelSelector::parse(broken).unwrap_err().code, 400, "{broken}");
        }
    }

    #[test]
    fn selectors_in_objects_pick_alike() {
        let selector = json!({
            "matchLabels": {"app": "web"},
            "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["back"]}],
        });
        let selector = LabelSelector::of_object(&selector);
        assert!(selector.matches(&json!({"app": "web"})));
        assert!(!selector.matches(&json!({"app": "web", "tier": "back"})));
        assert!(LabelSelector::of_object(&json!({})).is_empty());
    }

    #[test]
    fn fields_are_those_of_the_real_server() {
        let pod = json!({"spec": {"nodeName": "node-1"}, "status": {"phase": "Running"}});
        let picks = |query: &str| FieldSelector::parse(kinds::PODS, query).map(|it| it.matches(&pod));
        assert!(picks("spec.nodeName=node-1,status.phase!=Succeeded,status.phase!=Failed").unwrap());
        assert!(!picks("status.phase!=Running").unwrap());
        assert_eq!(
            picks("spec.priority=0").unwrap_err().message,
            "field label not supported: spec.priority"
        );
        let event =
            json!({"involvedObject": {"kind": "Node"}, "source": {}, "reportingComponent": "kubelet"});
        let picks = |query: &str| {
            FieldSelector::parse(kinds::EVENTS, query)
                .unwrap()
                .matches(&event)
        };
        assert!(picks("involvedObject.kind=Node,source=kubelet"));
    }
}
