//! `firstmate check` on a cluster: every right that is missing is named, and every right that is more than needed.

use firstmate::cluster::probe::{self, Probe};
use firstmate::config::{Config, Group, Person};
use firstmate::play::stage::RIGHTS;

use super::ground::{Engine, Ground};

const CLASSIC: &str = include_str!("../../bot/deploy/rbac-classic.yaml");

/// The people of `bot/deploy`, of whom some may approve.
fn config() -> Config {
    let mut config = Config::default();
    for (id, user) in [(1, "lin"), (2, "olga"), (3, "ming"), (4, "wei")] {
        let person = Person {
            id,
            user: user.to_owned(),
        };
        config.people.insert(user.to_owned(), person);
    }
    config.roles.approver = vec![5];
    config
}

async fn ask(ground: &Ground, config: &Config) -> Probe {
    probe::ask(&ground.cluster, config, &ground.clock).await.unwrap()
}

/// A role for the bot's ServiceAccount, in a namespace or everywhere.
fn extra(namespace: Option<&str>, rule: &str) -> String {
    let (kind, place) = match namespace {
        Some(namespace) => ("Role", format!(", namespace: {namespace}")),
        None => ("ClusterRole", String::new()),
    };
    format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: extra{place}}}
rules: [{rule}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}Binding
metadata: {{name: extra{place}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: extra}}
subjects: [{{kind: ServiceAccount, name: firstmate, namespace: firstmate}}]
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_to_install_are_neither_too_little_nor_too_much() {
    for ground in Ground::both().await {
        let probe = ask(&ground, &config()).await;
        assert_eq!(probe.missing, Vec::<String>::new());
        assert_eq!(probe.not_as, Vec::<String>::new());
        assert_eq!(probe.excess.wide(), Vec::<String>::new());
        assert!(!probe.excess.everything && !probe.excess.both_ways);
        assert!(probe.excess.spare().contains(&"get pods/log".to_owned()));
        // Where nobody may approve, what changes need is too much; where nobody is mapped, so are the people.
        let mut without = config();
        without.roles.approver.clear();
        let probe = ask(&ground, &without).await;
        assert_eq!(
            probe.excess.wide(),
            [
                "create events (-n default)",
                "impersonate-on:user-info:patch nodes"
            ]
        );
        let nobody = ask(&ground, &Config::default()).await;
        assert!(nobody.excess.spare().is_empty(), "{nobody:?}");
        let people = "impersonate:user-info users.authentication.k8s.io (lin, olga, ming, wei)";
        assert!(nobody.excess.wide().contains(&people.to_owned()), "{nobody:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_right_that_is_missing_is_named() {
    let ground = Ground::local().await;
    for (rule, without, named) in [
        (
            "resources: [events]\n    verbs: [create]",
            "resources: [events]\n    verbs: [watch]",
            "create events",
        ),
        (
            "resources: [subjectaccessreviews]",
            "resources: [x]",
            "create subjectaccessreviews.authorization.k8s.io",
        ),
        (
            "[\"impersonate-on:user-info:patch\"]",
            "[x]",
            "impersonate-on:user-info:patch nodes",
        ),
        (
            "[nodes, pods]\n    verbs: [get, list, watch]",
            "[nodes]\n    verbs: [get, list, watch]",
            "list pods",
        ),
    ] {
        let less = RIGHTS.replace(rule, without);
        assert_ne!(less, RIGHTS, "{rule}");
        ground.apply_yaml(&less).await;
        let probe = ask(&ground, &config()).await;
        assert!(probe.missing.contains(&named.to_owned()), "{named}: {probe:?}");
        ground.apply_yaml(RIGHTS).await;
    }
    let mut more = config();
    let group = Group {
        role: 6,
        group: "sre".to_owned(),
        user: None,
    };
    more.groups.insert("sre".to_owned(), group);
    assert_eq!(ask(&ground, &more).await.not_as_group, ["sre"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_right_that_is_more_than_needed_is_named() {
    let ground = Ground::local().await;
    for (namespace, rule, named) in [
        (
            None,
            "{apiGroups: [''], resources: [secrets], verbs: [get]}",
            "get secrets",
        ),
        (
            None,
            "{apiGroups: [''], resources: [nodes], verbs: [patch]}",
            "patch nodes",
        ),
        (
            Some("shop"),
            "{apiGroups: [''], resources: [pods/exec], verbs: [create]}",
            "create pods/exec (-n shop)",
        ),
        (
            None,
            "{apiGroups: [''], resources: [events], verbs: [create]}",
            "create events",
        ),
        (
            None,
            "{apiGroups: [authentication.k8s.io], resources: [users], verbs: ['impersonate:user-info']}",
            "impersonate:user-info users.authentication.k8s.io (*)",
        ),
        (
            None,
            "{nonResourceURLs: ['/metrics'], verbs: [get]}",
            "get /metrics",
        ),
    ] {
        ground.apply_yaml(&extra(namespace, rule)).await;
        let probe = ask(&ground, &config()).await;
        assert_eq!(probe.excess.wide(), [named], "{rule}");
        // Whatever comes next takes its place; in a namespace it is emptied.
        ground.apply_yaml(&extra(namespace, "")).await;
    }
    let all = "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}";
    ground.apply_yaml(&extra(None, all)).await;
    assert!(ask(&ground, &config()).await.excess.everything);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_files_at_once_are_said_to_be_as_wide_as_the_classic_one() {
    for ground in Ground::both().await {
        let classic = CLASSIC.replace("name: firstmate-as-people", "name: firstmate-as-people-too");
        ground.apply_yaml(&classic).await;
        let both = async || ask(&ground, &config()).await.excess.both_ways;
        crate::cluster::until("the classic rights hold", both)
            .await
            .unwrap();
        let probe = ask(&ground, &config()).await;
        assert_eq!(probe.excess.wide(), Vec::<String>::new());
        if let Engine::Real(real) = &ground.engine {
            let (_, at) = real.audit_since(0).await;
            ask(&ground, &config()).await;
            // Looking changes nothing.
            let (lines, _) = real.audit_since(at).await;
            let writes = lines.iter().filter(|line| {
                let is_review = line["objectRef"]["apiGroup"] == "authorization.k8s.io";
                !["get", "list", "watch"].contains(&line["verb"].as_str().unwrap()) && !is_review
            });
            assert_eq!(writes.count(), 0);
        }
    }
}
