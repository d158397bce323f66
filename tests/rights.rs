//! Rights and deadlines: what may not be read, or does not come, is said by every command, and `bot/deploy` grants
//! what is needed and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use firstmate::cluster::request::{self, CHANGED, RIGHTS, Right, WATCHED, WRITTEN};
use firstmate::command::{ArgKind, COMMANDS, Names, Spec};
use firstmate::play::stage::{RIGHTS as DEPLOYED, Stage};
use firstmate_sandbox::Clock;
use firstmate_sandbox::cluster::{self, Cluster};
use serde_json::{Value, json};

/// A stage on the first run's cluster.
pub(crate) async fn stage(config: &str) -> (Stage, Cluster) {
    let (mut stage, cluster) = unready(config).await;
    stage.start_bot().await.unwrap();
    (stage, cluster)
}

/// The same before the bot is started.
pub(crate) async fn unready(config: &str) -> (Stage, Cluster) {
    let local = crate::harness::local();
    let clock = local.clock.clone();
    let cluster = first_run(clock).await;
    let mut stage = crate::harness::unready(local, config).await;
    stage.stand_on(Arc::new(cluster.clone()));
    (stage, cluster)
}

async fn first_run(clock: Clock) -> Cluster {
    let start = move || crate::harness::cluster("first-run", None, clock);
    tokio::task::spawn_blocking(start).await.unwrap()
}

/// Every command that reads a cluster, with what it needs filled in.
pub(crate) fn commands(cluster: &Cluster) -> Vec<String> {
    let checks = COMMANDS
        .iter()
        .filter(|spec| spec.check.is_some_and(|check| check != "status"));
    checks.map(|spec| typed(spec, cluster)).collect()
}

fn typed(spec: &Spec, cluster: &Cluster) -> String {
    let mut line = format!("lin: /{}", spec.typed(|label| label.en));
    for arg in spec.args.iter().filter(|arg| arg.required) {
        let value = match arg.kind {
            ArgKind::Name(Names::Node) => "node-4".to_owned(),
            ArgKind::Name(Names::Pod) => format!("shop/{}", web_pod(cluster)),
            ArgKind::Name(Names::Workload) => "shop/deployment/web".to_owned(),
            other => unreachable!("this test does not know how to fill in {other:?}"),
        };
        line.push_str(&format!(" {}:{value}", arg.name.en));
    }
    line
}

fn web_pod(cluster: &Cluster) -> String {
    let dump = cluster.dump();
    let pods = dump.iter().filter(|it| it["kind"] == "Pod");
    let names = pods.filter_map(|it| it["metadata"]["name"].as_str());
    let mut web = names.filter(|name| name.starts_with("web-"));
    web.next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_says_what_it_may_not_read() {
    for (language, words) in [("en", "Not checked"), ("zh", "未检查")] {
        let config = format!("[channels.ops]\nlanguage = \"{language}\"\n");
        let (mut stage, cluster) = stage(&config).await;
        for command in commands(&cluster) {
            let lines = format!("@fault cluster 403\n{command}\n@fault off\n");
            let happened = crate::harness::play(&mut stage, &lines).await;
            assert!(
                happened.contains(words) || is_private(&happened, "未检查"),
                "{happened}"
            );
        }
        crate::harness::close(stage).await;
    }
}

/// What an API server can answer but what was asked for, in the words of a transcript.
const TROUBLES: &[&str] = &["401", "409", "410", "429", "500", "503", "drop", "cut"];

#[tokio::test(flavor = "multi_thread")]
async fn every_command_says_what_the_api_server_answered_instead() {
    let (mut stage, cluster) = stage("").await;
    for command in commands(&cluster) {
        for trouble in TROUBLES {
            let lines = format!("@fault cluster {trouble}\n{command}\n@fault off\n");
            let happened = crate::harness::play(&mut stage, &lines).await;
            let said = happened.contains("Not checked") || is_private(&happened, "未检查");
            assert!(said, "{trouble}: {happened}");
        }
    }
    crate::harness::close(stage).await;
}

/// A private reply follows the person, who reads Chinese.
fn is_private(happened: &str, words: &str) -> bool {
    happened.contains("(only lin)") && happened.contains(words)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_answers_within_ten_seconds_of_a_cluster_that_does_not() {
    let (mut stage, cluster) = stage("").await;
    for command in commands(&cluster) {
        let lines = format!("@fault cluster slow 60s\n{command}\n@clock +9s\n@fault off\n@clock +60s\n");
        let happened = crate::harness::play(&mut stage, &lines).await;
        let said = happened.contains("did not answer in time") || is_private(&happened, "没有及时应答");
        assert!(said, "{happened}");
    }
    crate::harness::close(stage).await;
}

/// The roles of `bot/deploy/rbac.yaml`, as a cluster has them.
pub(crate) async fn deployed(name: &str) -> BTreeSet<(String, String, String)> {
    let empty = cluster::Settings {
        scenario: "empty".to_owned(),
        ..cluster::Settings::default()
    };
    let cluster = Cluster::start(empty).unwrap();
    cluster.apply(DEPLOYED).unwrap();
    let dump = cluster.dump();
    let roles = dump.iter().filter(|it| it["metadata"]["name"] == name);
    roles
        .flat_map(|role| role["rules"].as_array().cloned().unwrap_or_default())
        .flat_map(|rule| granted(&rule))
        .collect()
}

/// Group, resource and verb of everything that a rule grants.
fn granted(rule: &Value) -> Vec<(String, String, String)> {
    let list = |key: &str| -> Vec<String> {
        let list = rule[key].as_array().into_iter().flatten();
        list.filter_map(|it| Some(it.as_str()?.to_owned())).collect()
    };
    let mut all = Vec::new();
    for group in list("apiGroups") {
        for resource in list("resources") {
            for verb in list("verbs") {
                all.push((group.clone(), resource.clone(), verb));
            }
        }
    }
    all
}

fn needed(right: &Right, verb: &str) -> (String, String, String) {
    (right.group.to_owned(), right.resource.to_owned(), verb.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_to_install_grant_what_is_needed_and_no_more() {
    let mut own = BTreeSet::new();
    for role in ["firstmate-reader", "firstmate-leases", "firstmate-events"] {
        own.extend(deployed(role).await);
    }
    let rights = RIGHTS.iter().chain(WATCHED).chain(WRITTEN);
    let wanted: BTreeSet<_> = rights.map(|right| needed(right, right.verb)).collect();
    assert_eq!(own, wanted);

    let as_people = deployed("firstmate-as-people").await;
    let person = ("authentication.k8s.io", "users", "impersonate:user-info");
    let person = (person.0.to_owned(), person.1.to_owned(), person.2.to_owned());
    // Namespaces are listed as the bot, to complete their names.
    let of_people = RIGHTS.iter().filter(|right| **right != request::LIST_NAMESPACES);
    let wanted: BTreeSet<_> = of_people
        .chain(CHANGED)
        .map(|right| needed(right, &format!("impersonate-on:user-info:{}", right.verb)))
        .chain([person])
        .collect();
    assert_eq!(as_people, wanted);

    // Of people who ask for changes and approve them.
    let rights = [request::GET_NODE, request::LIST_NODES, request::LIST_PODS];
    let wanted: BTreeSet<_> = rights
        .iter()
        .chain(CHANGED)
        .map(|right| needed(right, right.verb))
        .collect();
    assert_eq!(deployed("firstmate-cordon").await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_right_that_is_taken_away_is_named() {
    let (mut stage, cluster) = stage("").await;
    let commands: Vec<String> = commands(&cluster)
        .into_iter()
        .flat_map(|command| match command.as_str() {
            "lin: /services" => vec![command, "lin: /services namespace:shop".to_owned()],
            "lin: /rollout workload:shop/deployment/web" => {
                vec![
                    command,
                    "lin: /rollout workload:data/statefulset/postgres".to_owned(),
                ]
            }
            _ => vec![command],
        })
        .collect();
    let lines = commands.join("\n");
    for right in RIGHTS.iter().filter(|right| **right != request::LIST_NAMESPACES) {
        let before = take_away(&cluster, right);
        let happened = crate::harness::play(&mut stage, &lines).await;
        let words = format!("`{}`", right.words());
        assert!(happened.contains(&words), "nobody names {words}:\n{happened}");
        for role in before {
            cluster.apply(&role.to_string()).unwrap();
        }
    }
    crate::harness::close(stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_a_namespace_is_there_is_told_or_said_to_be_unknown() {
    let lists = ["events", "pods", "workloads", "services", "changes", "top pods"];
    let lines: Vec<String> = lines_of(&lists, "shopp");
    let (mut stage, cluster) = stage("").await;
    for line in &lines {
        let happened = crate::harness::play(&mut stage, line).await;
        let said = "There is no namespace `shopp`. Did you mean one of these?";
        assert!(
            happened.contains(said) && happened.contains("[shop]"),
            "{happened}"
        );
    }
    take_away(&cluster, &request::LIST_NAMESPACES);
    // What was allowed is believed for a few seconds.
    crate::harness::play(&mut stage, "@clock +10s").await;
    for line in &lines {
        let happened = crate::harness::play(&mut stage, line).await;
        let said = "Not checked: whether there is a namespace `shopp`. The Kubernetes user `lin` lacks the right \
                    `list namespaces`";
        assert!(happened.contains(said), "{happened}");
    }
    crate::harness::close(stage).await;
}

fn lines_of(lists: &[&str], namespace: &str) -> Vec<String> {
    let line = |list: &&str| format!("lin: /{list} namespace:{namespace}");
    lists.iter().map(line).collect()
}

/// Takes a right from everybody in the crew, and returns the roles as they were.
fn take_away(cluster: &Cluster, right: &Right) -> Vec<Value> {
    let dump = cluster.dump();
    let of_people = |it: &&Value| {
        let name = it["metadata"]["name"].as_str().unwrap_or_default();
        let is_role = it["kind"] == "ClusterRole" || it["kind"] == "Role";
        is_role && !name.starts_with("firstmate") && !name.starts_with("system:") && name != "cluster-admin"
    };
    let mut roles: Vec<Value> = dump.iter().filter(of_people).cloned().collect();
    for role in &mut roles {
        // It is put back whatever was changed meanwhile.
        role["metadata"]
            .as_object_mut()
            .unwrap()
            .remove("resourceVersion");
    }
    for role in &roles {
        let rules = role["rules"].as_array().cloned().unwrap_or_default();
        let rules: Vec<Value> = rules
            .iter()
            .flat_map(granted)
            .filter(|grant| *grant != needed(right, right.verb))
            .map(|(group, resource, verb)| {
                json!({ "apiGroups": [group], "resources": [resource], "verbs": [verb] })
            })
            .collect();
        let mut without = role.clone();
        without["rules"] = json!(rules);
        cluster.apply(&without.to_string()).unwrap();
    }
    roles
}
