//! Every scenario at its present.

use std::time::Duration;

use expect_test::{Expect, expect};

use super::Stage;
use super::show::summary;
use crate::cluster::engine::{Scenario, list};

#[track_caller]
fn check(name: &str, expected: &Expect) {
    expected.assert_eq(&summary(&Stage::named(name, None).store));
}

#[test]
fn the_first_run_shows_the_usual_troubles() {
    check(
        "first-run",
        &expect![[r#"
        node-1 Ready
        node-2 Ready
        node-3 Ready
        node-4 Ready MemoryPressure node.kubernetes.io/memory-pressure:NoSchedule
        node-5 Ready

        data/cache-0 1/1 Running 0 node-5
        data/postgres-0 1/1 Running 0 node-5
        data/postgres-1 1/1 Running 0 node-1
        data/postgres-2 1/1 Running 19 node-3
        data/report-builder-7c6f69c9f7-bt7hn 0/1 Evicted 0 node-4
        data/report-builder-7c6f69c9f7-mhw4p 1/1 Running 0 node-1
        ingress/traefik-7f5f6d5b7f-mzvqt 1/1 Running 0 node-1
        ingress/traefik-7f5f6d5b7f-sw2qv 1/1 Running 19 node-3
        kube-system/calico-node-7vjf5 1/1 Running 0 node-2
        kube-system/calico-node-b8wbh 1/1 Running 19 node-3
        kube-system/calico-node-cfmfq 1/1 Running 0 node-5
        kube-system/calico-node-vswcs 1/1 Running 0 node-4
        kube-system/calico-node-zcm4t 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-7dtfx 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-cppwb 1/1 Running 0 node-2
        kube-system/kube-proxy-29n4w 1/1 Running 0 node-5
        kube-system/kube-proxy-cjbx8 1/1 Running 0 node-4
        kube-system/kube-proxy-qqz2w 1/1 Running 19 node-3
        kube-system/kube-proxy-vkmdt 1/1 Running 0 node-2
        kube-system/kube-proxy-w2m86 1/1 Running 0 node-1
        kube-system/metrics-server-6f9d74c7d8-rsm5l 1/1 Running 19 node-3
        monitoring/node-exporter-6kcnc 1/1 Running 0 node-2
        monitoring/node-exporter-p6xss 1/1 Running 0 node-5
        monitoring/node-exporter-vbsnq 1/1 Running 19 node-3
        monitoring/node-exporter-x9h9f 1/1 Running 0 node-1
        monitoring/node-exporter-zlcp2 1/1 Running 0 node-4
        monitoring/prometheus-684dcc6dd5-gj9kg 1/1 Running 19 node-3
        shop/cart-6c9f8dcfd-cw9j2 1/1 Running 0 node-1
        shop/cart-6c9f8dcfd-xtx48 1/1 Running 0 node-2
        shop/checkout-76dc7d4bd5-9mjrd 0/1 ImagePullBackOff 0 node-2
        shop/checkout-c8d4f787c-4pbvg 1/1 Running 0 node-5
        shop/checkout-c8d4f787c-d97ml 1/1 Running 0 node-4
        shop/checkout-c8d4f787c-dh4fd 1/1 Running 0 node-1
        shop/mailer-769bd99864-nznjc 1/1 Running 19 node-3
        shop/orders-6d57cd4df9-47fd5 1/1 Running 19 node-3
        shop/orders-6d57cd4df9-4kcr2 1/1 Running 0 node-2
        shop/recommend-794fb765fb-qt42t 0/1 CrashLoopBackOff 27 node-2
        shop/search-68b6d9bff-4k6pf 2/2 Running 0 node-4
        shop/search-68b6d9bff-8lqwn 2/2 Running 0 node-2
        shop/web-588fbcd7f9-8xgj6 1/1 Running 0 node-4
        shop/web-588fbcd7f9-dtwz8 1/1 Running 0 node-1
        shop/web-588fbcd7f9-kjckm 1/1 Running 0 node-5

        deployment data/report-builder 1 1 1 0/1 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        deployment ingress/traefik 2 2 2 0/2 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        deployment kube-system/coredns 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment kube-system/metrics-server 1 1 1 0/1 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        deployment monitoring/prometheus 1 1 1 0/1 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        deployment shop/cart 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/checkout 3 1 3 1/3 Available=True(MinimumReplicasAvailable) Progressing=False(ProgressDeadlineExceeded)
        deployment shop/mailer 1 1 1 0/1 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        deployment shop/orders 2 2 2 0/2 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        deployment shop/recommend 0 1 0 1/1 Progressing=True(NewReplicaSetAvailable) Available=False(MinimumReplicasUnavailable)
        deployment shop/search 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/web 3 3 3 0/3 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        statefulset data/cache 1/1
        statefulset data/postgres 3/3
        daemonset kube-system/calico-node 5/5
        daemonset kube-system/kube-proxy 5/5
        daemonset monitoring/node-exporter 5/5
        budget data/postgres allows 1, healthy 3
        budget shop/checkout allows 1, healthy 3
        budget shop/web allows 1, healthy 3

        service data/cache 1/1 redis:6379
        service data/postgres 3/3 sql:5432
        service default/kubernetes 1/1 https:6443
        service ingress/traefik 2/2 web:8000,websecure:8443
        service kube-system/kube-dns 2/2 dns:53,dns-tcp:53,metrics:9153
        service kube-system/metrics-server 1/1 https:10250
        service monitoring/prometheus 1/1 http:9090
        service shop/cart 2/2 http:8080
        service shop/checkout 3/4 http:8080
        service shop/orders 0/0
        service shop/recommend 0/1 http:8080
        service shop/search 2/2 http:9200
        service shop/web 3/3 http:8080

        event Deployment Normal ScalingReplicaSet: 1 told 1
        event Node Normal NodeAllocatableEnforced: 4 told 4
        event Node Normal NodeHasInsufficientMemory: 1 told 1
        event Node Normal NodeHasNoDiskPressure: 4 told 8
        event Node Normal NodeHasSufficientMemory: 4 told 8
        event Node Normal NodeHasSufficientPID: 4 told 8
        event Node Normal NodeNotReady: 1 told 19
        event Node Normal NodeReady: 4 told 4
        event Node Normal Starting: 8 told 8
        event Node Warning EvictionThresholdMet: 1 told 1
        event Node Warning Rebooted: 4 told 4
        event Pod Normal BackOff: 1 told 19
        event Pod Normal Created: 37 told 37
        event Pod Normal Killing: 1 told 1
        event Pod Normal Pulled: 37 told 37
        event Pod Normal Pulling: 2 told 13
        event Pod Normal SandboxChanged: 36 told 36
        event Pod Normal Scheduled: 2 told 2
        event Pod Normal Started: 37 told 37
        event Pod Normal TaintManagerEviction: 6 told 119
        event Pod Warning BackOff: 1 told 98
        event Pod Warning Evicted: 1 told 1
        event Pod Warning Failed: 3 told 15
        event Pod Warning NodeNotReady: 9 told 171
        event ReplicaSet Normal SuccessfulCreate: 2 told 2
    "#]],
    );
}

#[test]
fn nothing_is_wrong_in_a_healthy_cluster() {
    check(
        "healthy",
        &expect![[r#"
        node-1 Ready
        node-2 Ready
        node-3 Ready

        kube-system/calico-node-ct756 1/1 Running 0 node-3
        kube-system/calico-node-t45mx 1/1 Running 0 node-1
        kube-system/calico-node-ttkrl 1/1 Running 0 node-2
        kube-system/coredns-764b79484d-sbdk6 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-x8vt4 1/1 Running 0 node-2
        kube-system/kube-proxy-c79tq 1/1 Running 0 node-3
        kube-system/kube-proxy-n2p56 1/1 Running 0 node-2
        kube-system/kube-proxy-x9zj5 1/1 Running 0 node-1
        kube-system/metrics-server-6f9d74c7d8-xfbzw 1/1 Running 0 node-3
        shop/web-8674dbcd76-28tk6 1/1 Running 0 node-1
        shop/web-8674dbcd76-47l46 1/1 Running 0 node-2
        shop/web-8674dbcd76-6rlzk 1/1 Running 0 node-3

        deployment kube-system/coredns 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment kube-system/metrics-server 1 1 1 0/1 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/web 3 3 3 0/3 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        daemonset kube-system/calico-node 3/3
        daemonset kube-system/kube-proxy 3/3
        budget shop/web allows 1, healthy 3

        service default/kubernetes 1/1 https:6443
        service kube-system/kube-dns 2/2 dns:53,dns-tcp:53,metrics:9153
        service kube-system/metrics-server 1/1 https:10250
        service shop/web 3/3 http:8080

    "#]],
    );
}

#[test]
fn an_empty_cluster_has_no_nodes() {
    check(
        "empty",
        &expect![[r#"



        service default/kubernetes 1/1 https:6443

    "#]],
    );
}

#[test]
fn a_node_reboots_again_and_again() {
    check(
        "reboot-loop",
        &expect![[r#"
        node-1 Ready
        node-2 Ready
        node-3 Ready

        kube-system/calico-node-ct756 1/1 Running 0 node-3
        kube-system/calico-node-t45mx 1/1 Running 0 node-1
        kube-system/calico-node-ttkrl 1/1 Running 7 node-2
        kube-system/coredns-764b79484d-sbdk6 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-sgxxt 1/1 Running 0 node-3
        kube-system/kube-proxy-c79tq 1/1 Running 0 node-3
        kube-system/kube-proxy-n2p56 1/1 Running 7 node-2
        kube-system/kube-proxy-x9zj5 1/1 Running 0 node-1
        kube-system/metrics-server-6f9d74c7d8-xfbzw 1/1 Running 0 node-3
        shop/web-59b7bc4c88-2vgf8 1/1 Running 0 node-1
        shop/web-59b7bc4c88-fflrv 1/1 Running 0 node-1
        shop/web-59b7bc4c88-w779p 1/1 Running 0 node-3

        deployment kube-system/coredns 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment kube-system/metrics-server 1 1 1 0/1 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/web 3 3 3 0/3 Progressing=True(NewReplicaSetAvailable) Available=True(MinimumReplicasAvailable)
        daemonset kube-system/calico-node 3/3
        daemonset kube-system/kube-proxy 3/3

        service default/kubernetes 1/1 https:6443
        service kube-system/kube-dns 2/2 dns:53,dns-tcp:53,metrics:9153
        service kube-system/metrics-server 1/1 https:10250
        service shop/web 3/3 http:8080

        event Node Normal NodeAllocatableEnforced: 6 told 6
        event Node Normal NodeHasNoDiskPressure: 6 told 12
        event Node Normal NodeHasSufficientMemory: 6 told 12
        event Node Normal NodeHasSufficientPID: 6 told 12
        event Node Normal NodeNotReady: 1 told 7
        event Node Normal NodeReady: 6 told 6
        event Node Normal Starting: 12 told 12
        event Node Warning Rebooted: 6 told 6
        event Node Warning SystemOOM: 1 told 1
        event Pod Normal Created: 12 told 12
        event Pod Normal Pulled: 12 told 12
        event Pod Normal SandboxChanged: 12 told 12
        event Pod Normal Started: 12 told 12
        event Pod Warning NodeNotReady: 2 told 14
    "#]],
    );
}

#[test]
fn memory_is_short_in_a_pod_and_on_a_node() {
    check(
        "out-of-memory",
        &expect![[r#"
        node-1 Ready
        node-2 Ready MemoryPressure node.kubernetes.io/memory-pressure:NoSchedule

        data/report-builder-5649f9c47f-7thpc 0/1 Pending 0 <none>
        data/report-builder-5649f9c47f-wv88m 0/1 Evicted 0 node-2
        kube-system/calico-node-rns9p 1/1 Running 0 node-1
        kube-system/calico-node-x2vzw 1/1 Running 0 node-2
        kube-system/coredns-764b79484d-5sn2m 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-sbdk6 1/1 Running 0 node-2
        kube-system/kube-proxy-nl85h 1/1 Running 0 node-1
        kube-system/kube-proxy-pp9h6 1/1 Running 0 node-2
        kube-system/metrics-server-6f9d74c7d8-8cp6q 1/1 Running 0 node-1
        shop/recommend-55cd4b9c98-6bfpj 0/1 CrashLoopBackOff 26 node-1

        deployment data/report-builder 0 1 0 1/1 Progressing=True(NewReplicaSetAvailable) Available=False(MinimumReplicasUnavailable)
        deployment kube-system/coredns 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment kube-system/metrics-server 1 1 1 0/1 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/recommend 0 1 0 1/1 Progressing=True(NewReplicaSetAvailable) Available=False(MinimumReplicasUnavailable)
        daemonset kube-system/calico-node 2/2
        daemonset kube-system/kube-proxy 2/2

        service default/kubernetes 1/1 https:6443
        service kube-system/kube-dns 2/2 dns:53,dns-tcp:53,metrics:9153
        service kube-system/metrics-server 1/1 https:10250
        service shop/recommend 0/1 http:8080

        event Node Normal NodeHasInsufficientMemory: 1 told 1
        event Node Warning EvictionThresholdMet: 1 told 1
        event Pod Normal Killing: 1 told 1
        event Pod Normal Pulled: 1 told 19
        event Pod Warning BackOff: 1 told 89
        event Pod Warning Evicted: 1 told 1
        event Pod Warning FailedScheduling: 2 told 3
        event ReplicaSet Normal SuccessfulCreate: 1 told 1
    "#]],
    );
}

#[test]
fn a_service_with_a_wrong_selector_has_no_endpoints() {
    check(
        "bad-selector",
        &expect![[r#"
        node-1 Ready
        node-2 Ready

        kube-system/calico-node-t45mx 1/1 Running 0 node-2
        kube-system/calico-node-x2vzw 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-sbdk6 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-x8vt4 1/1 Running 0 node-2
        kube-system/kube-proxy-dmrtc 1/1 Running 0 node-2
        kube-system/kube-proxy-pp9h6 1/1 Running 0 node-1
        kube-system/metrics-server-6f9d74c7d8-xfbzw 1/1 Running 0 node-1
        shop/orders-6f6694754f-4bd7n 1/1 Running 0 node-2
        shop/orders-6f6694754f-b8qdk 1/1 Running 0 node-1

        deployment kube-system/coredns 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment kube-system/metrics-server 1 1 1 0/1 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/orders 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        daemonset kube-system/calico-node 2/2
        daemonset kube-system/kube-proxy 2/2

        service default/kubernetes 1/1 https:6443
        service kube-system/kube-dns 2/2 dns:53,dns-tcp:53,metrics:9153
        service kube-system/metrics-server 1/1 https:10250
        service shop/orders-admin 2/2 http:8080
        service shop/orders 0/0

    "#]],
    );
}

#[test]
fn a_policy_keeps_a_healthy_database_out_of_reach() {
    check(
        "deny-all",
        &expect![[r#"
        node-1 Ready
        node-2 Ready

        data/postgres-0 1/1 Running 0 node-2
        kube-system/calico-node-q4qgl 1/1 Running 0 node-1
        kube-system/calico-node-rns9p 1/1 Running 0 node-2
        kube-system/coredns-764b79484d-sbdk6 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-x8vt4 1/1 Running 0 node-2
        kube-system/kube-proxy-nl85h 1/1 Running 0 node-2
        kube-system/kube-proxy-vqjlh 1/1 Running 0 node-1
        kube-system/metrics-server-6f9d74c7d8-xfbzw 1/1 Running 0 node-1
        shop/ledger-8459c77cc8-fdbmp 0/1 CrashLoopBackOff 9 node-1

        deployment kube-system/coredns 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment kube-system/metrics-server 1 1 1 0/1 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/ledger 0 1 0 1/1 Progressing=True(NewReplicaSetAvailable) Available=False(MinimumReplicasUnavailable)
        statefulset data/postgres 1/1
        daemonset kube-system/calico-node 2/2
        daemonset kube-system/kube-proxy 2/2

        service data/postgres 1/1 sql:5432
        service default/kubernetes 1/1 https:6443
        service kube-system/kube-dns 2/2 dns:53,dns-tcp:53,metrics:9153
        service kube-system/metrics-server 1/1 https:10250

        event Deployment Normal ScalingReplicaSet: 1 told 1
        event Pod Normal Created: 1 told 6
        event Pod Normal Pulled: 2 told 6
        event Pod Normal Pulling: 1 told 1
        event Pod Normal Scheduled: 1 told 1
        event Pod Normal Started: 1 told 6
        event Pod Warning BackOff: 1 told 19
        event ReplicaSet Normal SuccessfulCreate: 1 told 1
    "#]],
    );
}

#[test]
fn rollouts_wait_for_an_image_and_for_a_probe() {
    check(
        "stuck-rollout",
        &expect![[r#"
        node-1 Ready
        node-2 Ready
        node-3 Ready

        kube-system/calico-node-ct756 1/1 Running 0 node-1
        kube-system/calico-node-mkw97 1/1 Running 0 node-3
        kube-system/calico-node-vlg7k 1/1 Running 0 node-2
        kube-system/coredns-764b79484d-sbdk6 1/1 Running 0 node-1
        kube-system/coredns-764b79484d-x8vt4 1/1 Running 0 node-2
        kube-system/kube-proxy-c79tq 1/1 Running 0 node-1
        kube-system/kube-proxy-n9nbn 1/1 Running 0 node-2
        kube-system/kube-proxy-vshvf 1/1 Running 0 node-3
        kube-system/metrics-server-6f9d74c7d8-xfbzw 1/1 Running 0 node-3
        shop/checkout-86cd8cc8b6-55kpl 1/1 Running 0 node-1
        shop/checkout-86cd8cc8b6-dkfvl 1/1 Running 0 node-2
        shop/checkout-86cd8cc8b6-qbm7s 1/1 Running 0 node-3
        shop/checkout-97cb994c8-h5b7d 0/1 ImagePullBackOff 0 node-3
        shop/search-58596976c9-2wc4p 0/1 Running 0 node-3
        shop/search-6d9c455fbc-l46qn 1/1 Running 0 node-1
        shop/search-6d9c455fbc-vh29t 1/1 Running 0 node-2

        deployment kube-system/coredns 2 2 2 0/2 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment kube-system/metrics-server 1 1 1 0/1 Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)
        deployment shop/checkout 3 1 3 1/3 Available=True(MinimumReplicasAvailable) Progressing=False(ProgressDeadlineExceeded)
        deployment shop/search 2 1 2 1/2 Available=True(MinimumReplicasAvailable) Progressing=False(ProgressDeadlineExceeded)
        daemonset kube-system/calico-node 3/3
        daemonset kube-system/kube-proxy 3/3

        service default/kubernetes 1/1 https:6443
        service kube-system/kube-dns 2/2 dns:53,dns-tcp:53,metrics:9153
        service kube-system/metrics-server 1/1 https:10250

        event Deployment Normal ScalingReplicaSet: 2 told 2
        event Pod Normal BackOff: 1 told 33
        event Pod Normal Created: 1 told 1
        event Pod Normal Pulled: 1 told 1
        event Pod Normal Pulling: 2 told 12
        event Pod Normal Scheduled: 2 told 2
        event Pod Normal Started: 1 told 1
        event Pod Warning Failed: 3 told 15
        event Pod Warning Unhealthy: 1 told 122
        event ReplicaSet Normal SuccessfulCreate: 2 told 2
    "#]],
    );
}

#[test]
fn the_same_scenario_and_seed_give_the_same_bytes() {
    let bytes = |seed| {
        let mut stage = Stage::named("healthy", seed);
        stage.advance(Duration::from_secs(3600));
        let objects: Vec<String> = stage.store.dump().iter().map(ToString::to_string).collect();
        objects.join("\n")
    };
    assert_eq!(bytes(None), bytes(None));
    assert_eq!(bytes(Some(7)), bytes(Some(7)));
    assert_ne!(bytes(Some(7)), bytes(Some(8)));
}

#[test]
fn every_scenario_says_in_both_languages_what_it_shows() {
    let all = list().unwrap();
    let is_told = |text: &str| text.chars().count() > 5;
    assert!(
        all.iter().all(|about| is_told(&about.en) && is_told(&about.zh)),
        "{all:?}"
    );
    for about in &all {
        Scenario::named(&about.name, None).unwrap();
    }
}

#[test]
fn a_scenario_that_is_not_there_is_named_with_those_that_are() {
    let error = Scenario::named("none", None).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no scenario `none`; there are bad-selector, deny-all, empty"),
        "{error}"
    );
}

#[test]
fn mistakes_in_a_scenario_are_found_by_file_and_line() {
    let read = |yaml: &str| format!("{:#}", Scenario::read("mine.yaml", yaml, None).unwrap_err());
    let about = "about: {en: Mine., zh: 我的。}\n";
    expect!["mine.yaml, line 3: the Pod has no name"].assert_eq(&read(&format!(
        "{about}objects:\n  - {{apiVersion: v1, kind: Pod}}\n"
    )));
    expect!["mine.yaml, line 3: an entry of the timeline says one thing that happens"]
        .assert_eq(&read(&format!("{about}timeline:\n  - {{ago: 5m}}\n")));
    expect![[r#"
        mine.yaml: error: line 3 column 11: `soon` is no span of time like 5h20m, 90s or 63d
         --> <input>:3:11
          |
        1 | about: {en: Mine., zh: 我的。}
        2 | timeline:
        3 |   - {ago: soon, cordon: node-1}
          |           ^ `soon` is no span of time like 5h20m, 90s or 63d"#]]
    .assert_eq(&read(&format!(
        "{about}timeline:\n  - {{ago: soon, cordon: node-1}}\n"
    )));
    expect!["mine.yaml: there is no part `nothing`"].assert_eq(&read(&format!("{about}with: [nothing]\n")));
}

#[test]
fn a_seed_gives_other_names_to_the_same_troubles() {
    let other = Scenario::named("first-run", Some(5)).unwrap();
    let written = Scenario::named("first-run", None).unwrap();
    let names = |scenario: &Scenario| {
        scenario
            .nodes
            .iter()
            .map(|node| node.name.clone())
            .collect::<Vec<_>>()
    };
    assert_ne!(names(&other), names(&written));
    assert_eq!(names(&other).len(), 5);
    assert_eq!(other.steps.len(), written.steps.len());
}
