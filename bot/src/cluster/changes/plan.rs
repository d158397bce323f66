//! Reads what a plan depends on: always from the API server, never from what is known beforehand.

use futures::FutureExt as _;
use k8s_openapi::api::core::v1 as api;

use super::is_name;
use crate::cluster::client::{NotRead, Reader, Why, not_read};
use crate::cluster::read;
use crate::cluster::request::{self, Request};
use crate::cluster::snapshot::node::Ready;
use crate::remedy::action::Action;
use crate::remedy::plan::{Basis, Plan, Seen};

/// A plan, and the node's version that it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The version of the node, the precondition of a call.
    pub resource_version: String,
}

/// What a plan needs of a node.
#[derive(Clone, Debug, Default)]
struct Row {
    name: String,
    uid: String,
    version: String,
    unschedulable: bool,
    ready: bool,
    cpu: u64,
    memory: u64,
}

/// Pods of a node that have not ended: all of them, and those of DaemonSets.
#[derive(Clone, Copy, Debug, Default)]
struct Pods {
    all: usize,
    of_daemons: usize,
}

/// Reads what the plan depends on, as the reader's person; the node's version beside it.
///
/// # Errors
/// If the nodes cannot be read, or there is no such node. Pods that cannot be read are none of the plan's.
pub async fn plan(reader: &Reader<'_>, action: &Action) -> Result<Planned, NotRead> {
    let name = action.node();
    let no_such_node = not_read(&Request::of(request::GET_NODE).named(name), Why::NotFound);
    if !is_name(name) {
        return Err(no_such_node);
    }
    let (rows, pods) = tokio::join!(rows(reader).boxed(), pods(reader, name).boxed());
    let rows = rows?;
    let Some(node) = rows.iter().find(|row| row.name == name) else {
        return Err(no_such_node);
    };
    let plan = Plan {
        cluster: reader.cluster.name.clone(),
        action: action.clone(),
        basis: basis(&rows, node),
        seen: seen(&rows, node, action, pods.ok(), reader.clock.now()),
    };
    Ok(Planned {
        plan,
        resource_version: node.version.clone(),
    })
}

async fn rows(reader: &Reader<'_>) -> Result<Vec<Row>, NotRead> {
    let (request, mut rows) = (Request::of(request::LIST_NODES), Vec::new());
    reader.pages(&request, |node| rows.push(row(node))).await?;
    Ok(rows)
}

fn row(node: api::Node) -> Row {
    let version = node.metadata.resource_version.clone();
    let node = read::node::node(&node);
    let amount = |name: &str| node.allocatable.get(name);
    let cpu = amount("cpu").map_or(0, |cpu| cpu.milli());
    let memory = amount("memory").map_or(0, |memory| memory.value());
    Row {
        name: node.name,
        uid: node.uid,
        version: version.unwrap_or_default(),
        unschedulable: node.unschedulable,
        ready: node.ready == Ready::Yes,
        cpu: u64::try_from(cpu).unwrap_or(0),
        memory: u64::try_from(memory).unwrap_or(0),
    }
}

async fn pods(reader: &Reader<'_>, node: &str) -> Result<Pods, NotRead> {
    let request = Request::of(request::LIST_PODS).fields(format!(
        "spec.nodeName={node},status.phase!=Succeeded,status.phase!=Failed"
    ));
    let mut pods = Pods::default();
    let count = |pod: api::Pod| {
        pods.all += 1;
        pods.of_daemons += usize::from(is_of_daemon_set(&pod));
    };
    reader.pages(&request, count).await?;
    Ok(pods)
}

fn is_of_daemon_set(pod: &api::Pod) -> bool {
    let mut owners = pod.metadata.owner_references.iter().flatten();
    owners.any(|owner| owner.controller == Some(true) && owner.kind == "DaemonSet")
}

fn basis(rows: &[Row], node: &Row) -> Basis {
    let others = |is_meant: fn(&Row) -> bool| {
        let others = rows.iter().filter(|row| row.name != node.name && is_meant(row));
        let mut names: Vec<String> = others.map(|row| row.name.clone()).collect();
        names.sort();
        names
    };
    Basis {
        uid: node.uid.clone(),
        unschedulable: node.unschedulable,
        cordoned: others(|row| row.unschedulable),
        not_ready: others(|row| !row.ready),
    }
}

fn seen(rows: &[Row], node: &Row, action: &Action, pods: Option<Pods>, at: u64) -> Seen {
    let takes_pods = |row: &&Row| {
        let unschedulable = match row.name == node.name {
            true => action.unschedulable(),
            false => row.unschedulable,
        };
        row.ready && !unschedulable
    };
    let after: Vec<&Row> = rows.iter().filter(takes_pods).collect();
    let sum = |amount: fn(&Row) -> u64| {
        after
            .iter()
            .fold(0, |sum: u64, row| sum.saturating_add(amount(row)))
    };
    Seen {
        at,
        ready: node.ready,
        pods: pods.map(|pods| pods.all),
        daemon_pods: pods.map(|pods| pods.of_daemons),
        nodes: rows.len(),
        schedulable_after: after.len(),
        cpu_after: sum(|row| row.cpu),
        memory_after: sum(|row| row.memory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(name: &str, unschedulable: bool, ready: &str) -> Row {
        let node = json!({
            "metadata": {"name": name, "uid": format!("u-{name}"), "resourceVersion": "7"},
            "spec": {"unschedulable": unschedulable},
            "status": {
                "allocatable": {"cpu": "3920m", "memory": "4Gi"},
                "conditions": [{"type": "Ready", "status": ready}],
            },
        });
        row(serde_json::from_value(node).unwrap())
    }

    #[test]
    fn a_plan_names_the_other_nodes_that_take_no_pods_and_counts_those_that_do() {
        let rows = [
            node("c", true, "True"),
            node("a", false, "Unknown"),
            node("d", false, "True"),
            node("b", true, "False"),
        ];
        let cordon = Action::Cordon { node: "d".to_owned() };
        let pods = Pods {
            all: 9,
            of_daemons: 2,
        };
        let basis = basis(&rows, &rows[2]);
        assert_eq!((basis.uid.as_str(), basis.unschedulable), ("u-d", false));
        assert_eq!(basis.cordoned, ["b", "c"]);
        assert_eq!(basis.not_ready, ["a", "b"]);
        let cordoned = seen(&rows, &rows[2], &cordon, Some(pods), 5);
        assert_eq!((cordoned.nodes, cordoned.schedulable_after), (4, 0));
        assert_eq!((cordoned.pods, cordoned.daemon_pods), (Some(9), Some(2)));
        let uncordoned = seen(
            &rows,
            &rows[0],
            &Action::Uncordon { node: "c".to_owned() },
            None,
            5,
        );
        assert_eq!(uncordoned.schedulable_after, 2);
        assert_eq!((uncordoned.cpu_after, uncordoned.memory_after), (7840, 8 << 30));
        assert_eq!((uncordoned.pods, uncordoned.ready), (None, true));
    }

    #[test]
    fn a_node_without_a_word_of_its_state_is_not_ready() {
        let bare = row(serde_json::from_value(json!({"metadata": {"name": "x"}})).unwrap());
        assert!(!bare.ready && !bare.unschedulable);
        assert_eq!((bare.cpu, bare.memory), (0, 0));
    }

    #[test]
    fn pods_of_daemon_sets_are_known_by_their_controller() {
        let pod = |kind: &str, controller: bool| {
            let owner = json!({"apiVersion": "apps/v1", "kind": kind, "name": "x", "uid": "u", "controller": controller});
            let pod =
                json!({"metadata": {"name": "p", "ownerReferences": [owner]}, "spec": {"containers": []}});
            is_of_daemon_set(&serde_json::from_value(pod).unwrap())
        };
        assert!(pod("DaemonSet", true));
        assert!(!pod("DaemonSet", false) && !pod("ReplicaSet", true));
    }
}
