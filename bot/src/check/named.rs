//! An empty list of something that is not there would look fine: what was named is looked for.

use super::What;
use super::report::{Report, View};
use crate::cluster::{NotRead, Why, names, request};
use crate::text::check as say;

/// How many namespaces are offered in place of one that is not there.
const NEAREST: usize = 3;
/// So many letters may differ.
const DIFFERENT: usize = 2;

/// The report, unless it is an empty list of a namespace that is not there. If that cannot be told, the report says so.
///
/// # Errors
/// If there is no such namespace, and none that is written alike.
pub(super) async fn checked(view: &View<'_>, what: &What, mut report: Report) -> Result<Report, NotRead> {
    let mut other = what.clone();
    let Some(place) = other.namespace_mut().filter(|_| report.is_empty) else {
        return Ok(report);
    };
    let Some(named) = place.clone() else {
        return Ok(report);
    };
    match names::namespaces(&view.reader).await {
        Ok(known) if known.contains(&named) => Ok(report),
        Ok(known) => none(view, what, &named, known).ok_or_else(|| NotRead {
            right: request::LIST_NAMESPACES,
            namespace: String::new(),
            name: named,
            why: Why::NotFound,
        }),
        Err(not) => {
            report.missing.push(NotRead { name: named, ..not });
            Ok(report)
        }
    }
}

/// The same list of the namespaces that could be meant, if there are any.
fn none(view: &View<'_>, what: &What, named: &str, known: Vec<String>) -> Option<Report> {
    let near = nearest(named, known);
    if near.is_empty() {
        return None;
    }
    let button = |name: &String| {
        let mut other = what.clone();
        if let Some(place) = other.namespace_mut() {
            *place = Some(name.clone());
        }
        view.named_button(name, other)
    };
    Some(Report {
        summary: say::no_namespace(view.lang, named),
        buttons: near.iter().map(button).collect(),
        ..Report::default()
    })
}

/// Names that differ by a typing error, or of which one holds the other, the nearest first.
fn nearest(named: &str, known: Vec<String>) -> Vec<String> {
    let distance = |name: &str| match strsim::damerau_levenshtein(name, named) {
        distance if distance <= DIFFERENT.min(named.len() / 2) => Some(distance),
        _ if name.contains(named) || named.contains(name) => Some(DIFFERENT + 1),
        _ => None,
    };
    let mut near: Vec<(usize, String)> = known
        .into_iter()
        .filter_map(|name| Some((distance(&name)?, name)))
        .collect();
    near.sort();
    near.truncate(NEAREST);
    near.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_stand_first_and_others_not_at_all() {
        let known = || {
            ["shop", "data", "kube-system", "shop-test"]
                .map(str::to_owned)
                .to_vec()
        };
        assert_eq!(nearest("shopp", known()), ["shop"]);
        assert_eq!(nearest("hsop", known()), ["shop"]);
        assert_eq!(nearest("system", known()), ["kube-system"]);
        assert_eq!(nearest("sho", known()), ["shop", "shop-test"]);
        assert_eq!(nearest("web", known()), [""; 0]);
    }
}
