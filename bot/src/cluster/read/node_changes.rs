//! What changed about nodes: cordoned, uncordoned, new, replaced, gone.

use std::collections::HashMap;

use k8s_openapi::api::core::v1 as api;

use super::changes::{TOGETHER, Written, written};
use super::{event, node};
use crate::clock::Millis;
use crate::cluster::snapshot::change::{Change, What};
use crate::cluster::snapshot::event::Event;

const CORDON_TAINT: &str = "node.kubernetes.io/unschedulable";

/// What is kept of a node: a cluster may have thousands.
#[derive(Clone, Debug)]
pub struct Listed {
    name: String,
    uid: String,
    created: Option<Millis>,
    unschedulable: bool,
    /// Since when it has the taint of a cordoned node.
    tainted: Option<Millis>,
    /// When it was last written whether it takes Pods, and under which name.
    written: Option<Written>,
}

impl Listed {
    /// What is kept of this node.
    pub fn of(node: &api::Node) -> Self {
        let written = written(&node.metadata, &["spec", "unschedulable"]);
        let node = node::node(node);
        let taint = node.taints.iter().find(|taint| taint.key == CORDON_TAINT);
        Self {
            tainted: taint.and_then(|taint| taint.since),
            written,
            unschedulable: node.unschedulable,
            created: node.created,
            uid: node.uid,
            name: node.name,
        }
    }
}

/// Adds what changed about nodes since then.
pub(super) fn of_nodes(nodes: &[Listed], events: &[Event], since: Millis, changes: &mut Vec<Change>) {
    let mut about: HashMap<&str, Vec<Event>> = HashMap::new();
    for event in events.iter().filter(|event| event.object.kind == "Node") {
        about
            .entry(event.object.name.as_str())
            .or_default()
            .push(event.clone());
    }
    for node in nodes {
        let all = about.remove(node.name.as_str()).unwrap_or_default();
        let mut own = all.clone();
        event::of_this_one(&mut own, &node.name, &node.uid, node.created);
        changes.extend(added(node, all.iter().any(|event| is_of_earlier(event, node))));
        let cordon = cordoned(node);
        changes.extend(by_events(&node.name, &own, cordon.as_ref()));
        changes.extend(cordon);
    }
    // What is left is about nodes that are no longer listed.
    let gone = about
        .into_iter()
        .filter_map(|(name, events)| removed(name, &events));
    changes.extend(gone.filter(|change| change.at >= since));
}

/// True if the Event is about an earlier node of this name. A kubelet's first Events may be a little
/// older than the node that it then makes.
fn is_of_earlier(event: &Event, node: &Listed) -> bool {
    let told = event.object.uid.as_str();
    let is_foreign = !told.is_empty() && told != node.name && told != node.uid;
    let long_before = |(last, created): (Millis, Millis)| last.saturating_add(TOGETHER) < created;
    is_foreign || told != node.uid && event.at().zip(node.created).is_some_and(long_before)
}

fn change(at: Millis, what: What) -> Change {
    Change { at, what, by: None }
}

/// A node is new, or another than the one that Events are still about.
fn added(node: &Listed, has_earlier: bool) -> Option<Change> {
    let name = node.name.clone();
    let what = if has_earlier {
        What::NodeReplaced { node: name }
    } else {
        What::NodeAdded { node: name }
    };
    Some(change(node.created?, what))
}

/// Since when a node is cordoned: the controller notes it in the taint that it adds, and the server in
/// the records of who wrote which field.
fn cordoned(node: &Listed) -> Option<Change> {
    if !node.unschedulable {
        return None;
    }
    let at = node.tainted.or(node.written.as_ref().map(|(at, _)| *at))?;
    let by = node
        .written
        .as_ref()
        .filter(|(written, _)| written.abs_diff(at) <= TOGETHER);
    Some(Change {
        at,
        what: What::Cordoned {
            node: node.name.clone(),
        },
        by: by
            .map(|(_, manager)| manager.clone())
            .filter(|manager| !manager.is_empty()),
    })
}

/// Cordons and their ends, as the kubelet noted them; but not the one that is known already.
fn by_events(name: &str, events: &[Event], known: Option<&Change>) -> Vec<Change> {
    let is_known = |at: Millis| known.is_some_and(|known| known.at.abs_diff(at) <= 2 * TOGETHER);
    let node = || name.to_owned();
    events
        .iter()
        .filter_map(|event| {
            let at = event.at()?;
            match event.reason.as_str() {
                "NodeNotSchedulable" if !is_known(at) => Some(change(at, What::Cordoned { node: node() })),
                "NodeSchedulable" => Some(change(at, What::Uncordoned { node: node() })),
                _ => None,
            }
        })
        .collect()
}

/// A node is gone if the controller said so; that Events name it is not enough.
fn removed(name: &str, events: &[Event]) -> Option<Change> {
    let said = events
        .iter()
        .filter(|event| matches!(event.reason.as_str(), "RemovingNode" | "DeletingNode"));
    let at = said.filter_map(|event| event.at()).max()?;
    Some(change(
        at,
        What::NodeRemoved {
            node: name.to_owned(),
        },
    ))
}
