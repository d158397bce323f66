use super::*;
use expect_test::{Expect, expect};
use firstmate_kb::Lang;

fn check(commands: &[&str], expected: Expect) {
    let lines = commands.iter().map(|text| {
        let words = match class(text) {
            Class::Live(deed) => format!("live {}", id(&deed)),
            Class::Change(deed) => format!("change {}", id(&deed)),
            Class::ByHand(reason) => format!("by hand: {}", crate::text::shell::reason(Lang::En, &reason)),
        };
        format!("{text}\n  {words}\n")
    });
    expected.assert_eq(&lines.collect::<String>());
}

fn id(deed: &Deed) -> String {
    let command = deed.on(HOLE, Some("prod")).unwrap();
    command.control_id()
}

#[test]
fn reads_that_the_bot_has_are_live() {
    check(
        &[
            "kubectl get nodes",
            "kubectl get nodes --no-headers",
            "kubectl describe node <node-name>",
            "kubectl get node node-3",
            "kubectl events -n default --for node/NODE",
            "kubectl top pods -n <namespace> --sort-by=memory",
            "kubectl get pods -A --field-selector spec.nodeName=<node-name>",
            "kubectl -n dns-system get pods -l k8s-app=dns",
            "kubectl logs <pod> -n <namespace> -c <container> --previous --tail=50",
            "kubectl logs -n shop web-1 --since=1h | grep -i error",
            "kubectl rollout status deployment/<deployment> -n shop --timeout=5m",
            "kubectl get deploy web -n shop",
            "kubectl events -A --types=Warning",
        ],
        expect![[r#"
            kubectl get nodes
              live check:nodes:prod:
            kubectl get nodes --no-headers
              live check:nodes:prod:
            kubectl describe node <node-name>
              live check:node-describe:prod:~hole
            kubectl get node node-3
              live check:node-describe:prod:node-3
            kubectl events -n default --for node/NODE
              live check:node-events:prod:~hole
            kubectl top pods -n <namespace> --sort-by=memory
              live check:top-pods:prod:~hole:m
            kubectl get pods -A --field-selector spec.nodeName=<node-name>
              live check:pods:prod::~hole:
            kubectl -n dns-system get pods -l k8s-app=dns
              live check:pods:prod:dns-system:::k8s-app=dns
            kubectl logs <pod> -n <namespace> -c <container> --previous --tail=50
              live check:pod-logs:prod:~hole::p:50::
            kubectl logs -n shop web-1 --since=1h | grep -i error
              live check:pod-logs:prod:shop/web-1::::60:error
            kubectl rollout status deployment/<deployment> -n shop --timeout=5m
              live check:rollout:prod:~hole
            kubectl get deploy web -n shop
              live check:rollout:prod:shop/deployment/web
            kubectl events -A --types=Warning
              live check:events:prod::
        "#]],
    );
}

#[test]
fn changes_that_the_bot_has_are_requests() {
    check(
        &[
            "kubectl cordon <node-name>",
            "kubectl uncordon node-3",
            "kubectl drain <node-name> --ignore-daemonsets",
            "kubectl rollout restart deployment/web -n shop",
            "kubectl taint node <node-name> a=b:NoExecute",
            "kubectl cordon <node-name> --dry-run=server",
            "kubectl cordon node-1 node-2",
        ],
        expect![[r#"
            kubectl cordon <node-name>
              change change:cordon:prod:~hole
            kubectl uncordon node-3
              change change:uncordon:prod:node-3
            kubectl drain <node-name> --ignore-daemonsets
              by hand: First Mate has no such action yet
            kubectl rollout restart deployment/web -n shop
              by hand: First Mate has no such action yet
            kubectl taint node <node-name> a=b:NoExecute
              by hand: First Mate has no such action yet
            kubectl cordon <node-name> --dry-run=server
              by hand: `/node cordon` does not honour `--dry-run=server`
            kubectl cordon node-1 node-2
              by hand: `/node cordon` does not honour `node-2`
        "#]],
    );
}

#[test]
fn the_rest_is_by_hand_and_says_why() {
    check(
        &[
            "kubectl get nodes -o wide",
            "kubectl get pods -n <namespace> -w | grep -v Running",
            "kubectl get pods -n <namespace> --field-selector spec.nodeName=<node-name>",
            "kubectl describe node <node-name> | grep -E 'DiskPressure|Taints'",
            "kubectl logs web-1 -f",
            "kubectl logs deployment/web",
            "kubectl get pods -A > pods.txt",
            "kubectl get pv",
        ],
        expect![[r#"
            kubectl get nodes -o wide
              by hand: `/nodes` does not honour `-o wide`
            kubectl get pods -n <namespace> -w | grep -v Running
              by hand: `/pods` does not honour `-w`, `| grep -v Running`
            kubectl get pods -n <namespace> --field-selector spec.nodeName=<node-name>
              by hand: `/pods` does not honour `-n <namespace>`
            kubectl describe node <node-name> | grep -E 'DiskPressure|Taints'
              by hand: `/node describe` does not honour `| grep -E 'DiskPressure|Taints'`
            kubectl logs web-1 -f
              by hand: `/pod logs` does not honour `-f`
            kubectl logs deployment/web
              by hand: First Mate has no such check yet
            kubectl get pods -A > pods.txt
              by hand: `/pods` does not honour `> pods.txt`
            kubectl get pv
              by hand: First Mate has no such check yet
        "#]],
    );
}

#[test]
fn what_needs_a_shell_is_by_hand_and_says_which() {
    check(
        &[
            "kubectl exec -n <namespace> <pod> -- curl -s http://localhost",
            "kubectl debug node/<node-name> -it --image=busybox",
            "kubectl exec -n dns-system etcd-<node-name> -- etcdctl endpoint status",
            "sudo systemctl restart kubelet",
            "/usr/bin/journalctl -u kubelet",
            "timeout 10 crictl ps",
            "FOO=bar dmesg | tail",
            "curl -s http://127.0.0.1:9187/readyz",
            "watch kubectl get nodes",
            "ETCD=$(crictl ps --name etcd -q | head -1)",
            "kubectl cordon a && kubectl drain a",
            "for n in 1 2; do kubectl cordon node-$n; done",
            "kubectl gte nodes",
            "kubectl get nodes --wide",
            "echo 'a",
        ],
        expect![[r#"
            kubectl exec -n <namespace> <pod> -- curl -s http://localhost
              by hand: runs in a container, or leads into one
            kubectl debug node/<node-name> -it --image=busybox
              by hand: needs a shell on the node
            kubectl exec -n dns-system etcd-<node-name> -- etcdctl endpoint status
              by hand: runs in a container, or leads into one
            sudo systemctl restart kubelet
              by hand: needs a shell on the node
            /usr/bin/journalctl -u kubelet
              by hand: needs a shell on the node
            timeout 10 crictl ps
              by hand: needs a shell on the node
            FOO=bar dmesg | tail
              by hand: needs a shell on the node
            curl -s http://127.0.0.1:9187/readyz
              by hand: runs `curl` in a shell
            watch kubectl get nodes
              by hand: runs `kubectl` in a shell
            ETCD=$(crictl ps --name etcd -q | head -1)
              by hand: needs a shell on the node
            kubectl cordon a && kubectl drain a
              by hand: is several commands in one
            for n in 1 2; do kubectl cordon node-$n; done
              by hand: is several commands in one
            kubectl gte nodes
              by hand: kubectl has no verb `gte`
            kubectl get nodes --wide
              by hand: kubectl has no flag `--wide`
            echo 'a
              by hand: the quote ' is never closed
        "#]],
    );
}

#[test]
fn an_object_is_filled_in_where_it_stands() {
    let Class::Live(deed) = class("kubectl logs <pod> -n <namespace> --previous") else {
        panic!("not live");
    };
    assert_eq!(
        deed.text_on("shop/web-1"),
        "kubectl logs web-1 -n shop --previous"
    );
    assert_eq!(deed.hole.as_ref().unwrap().names, Names::Pod);
    assert!(deed.command(None).is_none());
}

/// What commands are made of, and what breaks readers of them.
const PIECES: [&str; 34] = [
    "kubectl ",
    "get ",
    "logs ",
    "top ",
    "cordon ",
    "pods ",
    "node/",
    "-n ",
    "-A ",
    "--",
    "-",
    "<pod>",
    "<",
    "$(",
    ")",
    "`",
    "'",
    "\"",
    "\\",
    "|",
    "||",
    "&",
    ";",
    "\n",
    "<<EOF",
    "EOF",
    ">",
    "2>",
    "#",
    "\u{8282}\u{70b9}",
    " ",
    "=",
    "a=$(",
    "sudo ",
];

#[test]
fn no_text_breaks_the_reading() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut dice = |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % sides as u64).unwrap()
    };
    let cluster = "k".repeat(32);
    let mut deeds = 0;
    for _ in 0..20_000 {
        let begin = [
            "",
            "kubectl get pods ",
            "kubectl logs web ",
            "kubectl cordon <n> ",
        ][dice(4)];
        let rest: String = (0..dice(12)).map(|_| PIECES[dice(PIECES.len())]).collect();
        let text = format!("{begin}{rest}");
        faults(&text);
        needs::of_command(&text);
        if let Some(deed) = class(&text).deed() {
            let command = deed.on(HOLE, Some(&cluster)).unwrap();
            assert!(command.control_id().len() <= crate::limits::CUSTOM_ID, "{text}");
            deeds += 1;
        }
    }
    assert!(deeds > 1_000, "{deeds}");
    class(&"a=$(".repeat(100_000));
}
