//! JSON patches (RFC 6902).

use serde_json::Value;

use super::super::problem::Problem;

/// Applies every step of a patch, or none.
pub(super) fn apply(object: &mut Value, steps: &Value) -> Result<(), Problem> {
    let steps = steps.as_array().ok_or_else(rejected)?;
    let mut changed = object.clone();
    for step in steps {
        apply_step(&mut changed, step)?;
    }
    *object = changed;
    Ok(())
}

fn apply_step(object: &mut Value, step: &Value) -> Result<(), Problem> {
    let path = step["path"].as_str().ok_or_else(rejected)?;
    let from = || step["from"].as_str().ok_or_else(rejected);
    match step["op"].as_str().unwrap_or_default() {
        "add" => add(object, path, step["value"].clone()),
        "remove" => remove(object, path).map(drop),
        "replace" => {
            *there(object, path)? = step["value"].clone();
            Ok(())
        }
        "test" => match *there(object, path)? == step["value"] {
            true => Ok(()),
            false => Err(rejected()),
        },
        "move" => {
            let value = remove(object, from()?)?;
            add(object, path, value)
        }
        "copy" => {
            let value = there(object, from()?)?.clone();
            add(object, path, value)
        }
        _ => Err(rejected()),
    }
}

fn there<'a>(object: &'a mut Value, path: &str) -> Result<&'a mut Value, Problem> {
    object.pointer_mut(path).ok_or_else(rejected)
}

fn add(object: &mut Value, path: &str, value: Value) -> Result<(), Problem> {
    let Some((parent, step)) = path.rsplit_once('/') else {
        *object = value;
        return Ok(());
    };
    let step = unescaped(step);
    match there(object, parent)? {
        Value::Object(fields) => drop(fields.insert(step, value)),
        Value::Array(items) if step == "-" => items.push(value),
        Value::Array(items) => {
            let at = step.parse::<usize>().ok().filter(|at| *at <= items.len());
            items.insert(at.ok_or_else(rejected)?, value);
        }
        _ => return Err(rejected()),
    }
    Ok(())
}

fn remove(object: &mut Value, path: &str) -> Result<Value, Problem> {
    let (parent, step) = path.rsplit_once('/').ok_or_else(rejected)?;
    let step = unescaped(step);
    let removed = match there(object, parent)? {
        Value::Object(fields) => fields.remove(&step),
        Value::Array(items) => {
            let at = step.parse::<usize>().ok().filter(|at| *at < items.len());
            at.map(|at| items.remove(at))
        }
        _ => None,
    };
    removed.ok_or_else(rejected)
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// A real server does not say which step it was.
fn rejected() -> Problem {
    let message = "the server rejected our request due to an error in our request";
    Problem {
        details: Some(Box::new(serde_json::json!({}))),
        ..Problem::new(422, "Invalid", message)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_are_applied_in_order_or_not_at_all() {
        let mut object = json!({"metadata": {"labels": {"a/b": "1"}}, "list": [1, 2]});
        let steps = json!([
            {"op": "test", "path": "/metadata/labels/a~1b", "value": "1"},
            {"op": "replace", "path": "/metadata/labels/a~1b", "value": "2"},
            {"op": "add", "path": "/list/1", "value": 9},
            {"op": "add", "path": "/list/-", "value": 3},
            {"op": "move", "from": "/list/0", "path": "/first"},
        ]);
        apply(&mut object, &steps).unwrap();
        assert_eq!(
            object,
            json!({"metadata": {"labels": {"a/b": "2"}}, "list": [9, 2, 3], "first": 1})
        );
        let before = object.clone();
        let steps =
            json!([{"op": "remove", "path": "/first"}, {"op": "test", "path": "/list/0", "value": 0}]);
        assert_eq!(apply(&mut object, &steps).unwrap_err().code, 422);
        assert_eq!(object, before);
    }
}
