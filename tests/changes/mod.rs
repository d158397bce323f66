//! The cluster's side of a change: what a plan reads, who may, the one call, and what is true afterwards.

use firstmate::clock::Clock;
use firstmate::cluster::changes::{self, Called, Planned, Subject, Truth};
use firstmate::cluster::{Cluster, Reader, Who, Why};
use firstmate::config::{Cluster as Settings, Kubeconfig};
use firstmate::remedy::action::Action;
use firstmate::remedy::approval::{Call, Decision, Person, Place, Request, State};
use firstmate::store::Granted;
use firstmate_sandbox::START_MS;
use firstmate_sandbox::cluster::Cluster as Local;
use serde_json::{Value, json};

/// A cluster and what the bot has of it.
struct Ground {
    local: Local,
    cluster: Cluster,
    clock: Clock,
}

impl Ground {
    async fn new() -> Self {
        let start = || crate::harness::cluster("first-run", None, firstmate_sandbox::Clock::manual(START_MS));
        let local = tokio::task::spawn_blocking(start).await.unwrap();
        let cluster = cluster(local.kubeconfig("firstmate"));
        let clock = Clock::manual(START_MS);
        Self {
            local,
            cluster,
            clock,
        }
    }

    async fn plan(&self, who: &Who, action: &Action) -> Planned {
        let planned = changes::plan(&reader(&self.cluster, &self.clock, who), action).await;
        planned.unwrap()
    }

    async fn truth(&self, request: &Request) -> Truth {
        let who = person("ming");
        let truth = changes::truth(&reader(&self.cluster, &self.clock, &who), request).await;
        truth.unwrap()
    }

    /// Plans and calls, as olga asked and ming approved.
    async fn carried_out(&self, id: i64, action: &Action) -> (Request, Called) {
        let planned = self.plan(&person("ming"), action).await;
        let request = approved(id, &planned, "ming");
        let called = changes::carry_out(&self.cluster, &self.clock, &granted(&request)).await;
        (request, called)
    }

    fn node(&self, name: &str) -> Value {
        let dump = self.local.dump();
        let mut nodes = dump.into_iter().filter(|it| it["kind"] == "Node");
        nodes.find(|it| it["metadata"]["name"] == name).unwrap()
    }

    /// How often a node was written by the API, as the server saw it.
    fn patches(&self) -> Vec<(String, u16)> {
        let requests = self.local.requests();
        let patches = requests.into_iter().filter(|line| line.method == "PATCH");
        patches.map(|line| (line.who, line.status)).collect()
    }
}

fn cluster(kubeconfig: String) -> Cluster {
    let settings = Settings {
        kubeconfig: Some(Kubeconfig::Text(kubeconfig)),
        context: None,
    };
    Cluster::new("local", settings)
}

fn reader<'a>(cluster: &'a Cluster, clock: &'a Clock, who: &'a Who) -> Reader<'a> {
    let until = clock.now() + 8_000;
    Reader {
        cluster,
        who,
        clock,
        until,
    }
}

fn person(user: &str) -> Who {
    let user = user.to_owned();
    Who::Person {
        user,
        groups: Vec::new(),
    }
}

fn cordon(node: &str) -> Action {
    Action::Cordon {
        node: node.to_owned(),
    }
}

fn uncordon(node: &str) -> Action {
    cordon(node).inverse()
}

/// A request that olga made and `approver` approved, with its call kept.
fn approved(id: i64, planned: &Planned, approver: &str) -> Request {
    let person = |user: &str, id: u64| Person {
        id,
        name: user.to_owned(),
        user: user.to_owned(),
        groups: Vec::new(),
    };
    Request {
        id,
        version: 3,
        state: State::Executing,
        plan: planned.plan.clone(),
        digest: planned.plan.digest(),
        requester: person("olga", 1),
        reason: "the disk is failing".to_owned(),
        needed: 1,
        self_approval: false,
        approvals: vec![Decision {
            by: person(approver, 2),
            at: START_MS,
            reason: String::new(),
        }],
        rejection: None,
        created_at: START_MS,
        expires_at: START_MS + 600_000,
        decided_at: Some(START_MS),
        card: Place::default(),
        undoes: None,
        undone_by: None,
        moved: None,
        call: Some(Call {
            resource_version: planned.resource_version.clone(),
            at: START_MS,
            executed: false,
        }),
        outcome: None,
    }
}

fn granted(request: &Request) -> Granted {
    let version = request.call.as_ref().unwrap().resource_version.clone();
    Granted::new(request.clone(), version)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_cordoned_and_uncordoned_as_the_approver() {
    let ground = Ground::new().await;
    let (request, called) = ground.carried_out(42, &cordon("node-3")).await;
    let done = Called::Done {
        status: 200,
        call: "patch node/node-3: 200".to_owned(),
    };
    assert_eq!(called, done);
    let truth = ground.truth(&request).await;
    assert_eq!(truth.uid, request.plan.basis.uid);
    assert!(truth.unschedulable && truth.ours, "{truth:?}");
    let node = ground.node("node-3");
    assert_eq!(
        node["metadata"]["resourceVersion"],
        truth.resource_version.as_str()
    );
    let tainted = json!("node.kubernetes.io/unschedulable");
    assert_eq!(node["spec"]["taints"][0]["key"], tainted, "{node}");
    // What is so already is planned as done.
    assert!(
        ground
            .plan(&person("ming"), &cordon("node-3"))
            .await
            .plan
            .is_done()
    );

    let (undo, called) = ground.carried_out(43, &uncordon("node-3")).await;
    assert!(matches!(called, Called::Done { .. }), "{called:?}");
    let truth = ground.truth(&undo).await;
    assert!(!truth.unschedulable && truth.ours, "{truth:?}");
    assert!(!ground.truth(&request).await.ours);
    let node = ground.node("node-3");
    assert_eq!(node["spec"].get("unschedulable"), None);
    assert_eq!(node["spec"].get("taints"), None);
    let ming = || ("ming".to_owned(), 200);
    assert_eq!(ground.patches(), [ming(), ming()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_for_the_node_as_it_was_read() {
    let ground = Ground::new().await;
    let planned = ground.plan(&person("ming"), &cordon("node-3")).await;
    let request = approved(1, &planned, "ming");
    ground
        .local
        .patch("node/node-3", json!({"metadata": {"labels": {"x": "y"}}}))
        .unwrap();
    let called = changes::carry_out(&ground.cluster, &ground.clock, &granted(&request)).await;
    assert_eq!(called, Called::Conflict);
    // Another node of the same name, whatever its version.
    let mut other = ground.plan(&person("ming"), &cordon("node-3")).await;
    other.plan.basis.uid = "another".to_owned();
    let called = changes::carry_out(
        &ground.cluster,
        &ground.clock,
        &granted(&approved(2, &other, "ming")),
    )
    .await;
    assert_eq!(called, Called::Conflict);
    assert!(!ground.truth(&request).await.unschedulable);
    assert_eq!(ground.patches().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lacks_a_right_is_told_by_the_api_server() {
    let ground = Ground::new().await;
    let ask = async |user: Option<&str>, groups: &[String]| {
        let subject = Subject { user, groups };
        let answer = changes::may(&ground.cluster, &ground.clock, &subject, &cordon("node-3")).await;
        answer.unwrap().map_err(|right| right.words())
    };
    for user in ["olga", "ming", "wei"] {
        assert_eq!(ask(Some(user), &[]).await, Ok(()), "{user}");
    }
    assert_eq!(ask(Some("lin"), &[]).await, Err("patch nodes".to_owned()));
    let groups = ["sre".to_owned()];
    assert_eq!(ask(None, &groups).await, Err("patch nodes".to_owned()));
    ground.local.apply(SRE).unwrap();
    assert_eq!(ask(None, &groups).await, Ok(()));
    assert_eq!(ask(Some("lin"), &groups).await, Ok(()));

    let planned = ground.plan(&person("lin"), &cordon("node-3")).await;
    let request = approved(7, &planned, "lin");
    let called = changes::carry_out(&ground.cluster, &ground.clock, &granted(&request)).await;
    assert!(matches!(called, Called::Answered { code: 403, .. }), "{called:?}");
}

/// A group that may change nodes.
const SRE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sre}
rules:
  - {apiGroups: [''], resources: [nodes], verbs: [get, list, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: sre}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sre}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: sre}]
";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_on_the_node_names_request_requester_and_approver() {
    let ground = Ground::new().await;
    let (request, _) = ground.carried_out(42, &cordon("node-3")).await;
    for _ in 0..2 {
        let told = changes::announce(&ground.cluster, &ground.clock, &request).await;
        told.unwrap();
    }
    let dump = ground.local.dump();
    let events: Vec<&Value> = dump
        .iter()
        .filter(|it| it["reason"] == "CordonApproved")
        .collect();
    let [event] = events[..] else {
        unreachable!("{events:?}")
    };
    let message = "Cordoned by First Mate: request 42 of olga, approved by ming. Reason: the disk is failing";
    assert_eq!(event["message"], message);
    assert_eq!(event["involvedObject"]["kind"], "Node");
    assert_eq!(event["involvedObject"]["uid"], request.plan.basis.uid.as_str());
    assert_eq!(event["metadata"]["namespace"], "default");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_there_is_no_plan() {
    let ground = Ground::new().await;
    for name in ["node-99", "../pods", "a,status.phase=x"] {
        let who = person("ming");
        let reader = reader(&ground.cluster, &ground.clock, &who);
        let not = changes::plan(&reader, &cordon(name)).await.unwrap_err();
        assert_eq!((not.why, not.name.as_str()), (Why::NotFound, name));
    }
}
