//! kubectl's command line, as far as documents use it: verb, kind, names and flags.

/// What a call of kubectl says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The verb, with the one below it where it has one: `get`, `rollout status`.
    pub verb: String,
    /// The kind in the singular, as far as it is known here, else as written; empty where the verb takes none.
    pub kind: String,
    /// The objects.
    pub names: Vec<String>,
    /// The flags, in their order.
    pub flags: Vec<Flag>,
    /// What is run in a container, behind `--`.
    pub inside: Vec<String>,
}

/// A flag of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its long name, with dashes.
    pub name: String,
    /// Its value.
    pub value: Option<String>,
    /// As written.
    pub written: String,
}

/// What is wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no verb.
    NoVerb,
    /// kubectl has no such verb.
    Verb(String),
    /// kubectl has no such flag.
    Flag(String),
    /// The flag needs a value.
    NoValue(String),
}

/// kubectl's verbs, and those below them.
const VERBS: &[(&str, &[&str])] = &[
    ("annotate", &[]),
    ("api-resources", &[]),
    ("api-versions", &[]),
    (
        "apply",
        &["edit-last-applied", "set-last-applied", "view-last-applied"],
    ),
    ("attach", &[]),
    ("auth", &["can-i", "reconcile", "whoami"]),
    ("autoscale", &[]),
    ("certificate", &["approve", "deny"]),
    ("cluster-info", &["dump"]),
    ("completion", &[]),
    (
        "config",
        &[
            "current-context",
            "delete-cluster",
            "delete-context",
            "delete-user",
            "get-clusters",
            "get-contexts",
            "get-users",
            "rename-context",
            "set",
            "set-cluster",
            "set-context",
            "set-credentials",
            "unset",
            "use-context",
            "view",
        ],
    ),
    ("cordon", &[]),
    ("cp", &[]),
    ("create", &[]),
    ("debug", &[]),
    ("delete", &[]),
    ("describe", &[]),
    ("diff", &[]),
    ("drain", &[]),
    ("edit", &[]),
    ("events", &[]),
    ("exec", &[]),
    ("explain", &[]),
    ("expose", &[]),
    ("get", &[]),
    ("help", &[]),
    ("kuberc", &["set", "view"]),
    ("kustomize", &[]),
    ("label", &[]),
    ("logs", &[]),
    ("options", &[]),
    ("patch", &[]),
    ("plugin", &["list"]),
    ("port-forward", &[]),
    ("proxy", &[]),
    ("replace", &[]),
    (
        "rollout",
        &["history", "pause", "restart", "resume", "status", "undo"],
    ),
    ("run", &[]),
    ("scale", &[]),
    (
        "set",
        &[
            "env",
            "image",
            "resources",
            "selector",
            "serviceaccount",
            "subject",
        ],
    ),
    ("taint", &[]),
    ("top", &["node", "nodes", "no", "pod", "pods", "po"]),
    ("uncordon", &[]),
    ("version", &[]),
    ("wait", &[]),
];

/// Verbs whose first word is an object and no kind.
const WITHOUT_KIND: [&str; 13] = [
    "cordon",
    "uncordon",
    "drain",
    "logs",
    "top node",
    "top pod",
    "exec",
    "attach",
    "debug",
    "events",
    "cp",
    "port-forward",
    "run",
];

/// Verbs that only read.
const READS: [&str; 18] = [
    "api-resources",
    "api-versions",
    "auth can-i",
    "auth whoami",
    "cluster-info",
    "config view",
    "describe",
    "diff",
    "events",
    "explain",
    "get",
    "logs",
    "rollout history",
    "rollout status",
    "top node",
    "top pod",
    "version",
    "wait",
];

/// Verbs that lead into a container.
const INSIDE: [&str; 6] = ["attach", "cp", "debug", "exec", "port-forward", "run"];

/// Kinds in the singular, with the other ways to write them.
const KINDS: &[(&str, &[&str])] = &[
    ("node", &["nodes", "no"]),
    ("pod", &["pods", "po"]),
    ("namespace", &["namespaces", "ns"]),
    ("event", &["events", "ev"]),
    ("service", &["services", "svc"]),
    ("deployment", &["deployments", "deploy"]),
    ("statefulset", &["statefulsets", "sts"]),
    ("daemonset", &["daemonsets", "ds"]),
];

/// Flags that take a value, and their short form. `=` is always taken; without it the next word is the value.
const WITH_VALUE: &[(&str, &str)] = &[
    ("--accept-hosts", ""),
    ("--accept-paths", ""),
    ("--address", ""),
    ("--aggregation-rule", ""),
    ("--allowlist-entry", ""),
    ("--annotation", ""),
    ("--annotations", ""),
    ("--api-group", ""),
    ("--api-prefix", ""),
    ("--api-version", ""),
    ("--appendarg", ""),
    ("--as", ""),
    ("--as-group", ""),
    ("--as-uid", ""),
    ("--audience", ""),
    ("--auth-provider", ""),
    ("--auth-provider-arg", ""),
    ("--bound-object-kind", ""),
    ("--bound-object-name", ""),
    ("--bound-object-uid", ""),
    ("--cache-dir", ""),
    ("--categories", ""),
    ("--cert", ""),
    ("--certificate-authority", ""),
    ("--chunk-size", ""),
    ("--class", ""),
    ("--client-certificate", ""),
    ("--client-key", ""),
    ("--cluster", ""),
    ("--cluster-ip", ""),
    ("--clusterip", ""),
    ("--clusterrole", ""),
    ("--concurrency", ""),
    ("--container", "-c"),
    ("--context", ""),
    ("--copy-to", ""),
    ("--cpu", ""),
    ("--cpu-percent", ""),
    ("--current-replicas", ""),
    ("--custom", ""),
    ("--default-backend", ""),
    ("--description", ""),
    ("--detach-keys", ""),
    ("--docker-email", ""),
    ("--docker-password", ""),
    ("--docker-server", ""),
    ("--docker-username", ""),
    ("--duration", ""),
    ("--env", "-e"),
    ("--exec-api-version", ""),
    ("--exec-arg", ""),
    ("--exec-command", ""),
    ("--exec-env", ""),
    ("--exec-interactive-mode", ""),
    ("--external-ip", ""),
    ("--external-name", ""),
    ("--field-manager", ""),
    ("--field-selector", ""),
    ("--filename", "-f"),
    ("--for", ""),
    ("--from", ""),
    ("--from-env-file", ""),
    ("--from-file", ""),
    ("--from-literal", ""),
    ("--grace-period", ""),
    ("--group", ""),
    ("--hard", ""),
    ("--helm-api-versions", ""),
    ("--helm-command", ""),
    ("--helm-kube-version", ""),
    ("--image", ""),
    ("--image-pull-policy", ""),
    ("--keepalive", ""),
    ("--key", ""),
    ("--keys", ""),
    ("--kubeconfig", ""),
    ("--kuberc", ""),
    ("--kustomize", "-k"),
    ("--label-columns", "-L"),
    ("--labels", ""),
    ("--limit-bytes", ""),
    ("--limits", ""),
    ("--load-balancer-ip", ""),
    ("--load-restrictor", ""),
    ("--log-flush-frequency", ""),
    ("--max", ""),
    ("--max-depth", ""),
    ("--max-log-requests", ""),
    ("--max-unavailable", ""),
    ("--memory", ""),
    ("--min", ""),
    ("--min-available", ""),
    ("--mount", ""),
    ("--name", ""),
    ("--namespace", "-n"),
    ("--namespaces", ""),
    ("--network-name", ""),
    ("--node-port", ""),
    ("--non-resource-url", ""),
    ("--option", ""),
    ("--output", "-o"),
    ("--output-directory", ""),
    ("--override-type", ""),
    ("--overrides", ""),
    ("--password", ""),
    ("--patch", "-p"),
    ("--patch-file", ""),
    ("--pod-running-timeout", ""),
    ("--pod-selector", ""),
    ("--policy", ""),
    ("--port", ""),
    ("--preemption-policy", ""),
    ("--prependarg", ""),
    ("--profile", ""),
    ("--profile-output", ""),
    ("--protocol", ""),
    ("--proxy-url", ""),
    ("--prune-allowlist", ""),
    ("--raw", ""),
    ("--reject-methods", ""),
    ("--reject-paths", ""),
    ("--replicas", "-r"),
    ("--request-timeout", ""),
    ("--requests", ""),
    ("--resource", ""),
    ("--resource-name", ""),
    ("--resource-version", ""),
    ("--restart", ""),
    ("--retries", ""),
    ("--revision", ""),
    ("--role", ""),
    ("--rule", ""),
    ("--schedule", ""),
    ("--scopes", ""),
    ("--section", ""),
    ("--selector", "-l"),
    ("--server", "-s"),
    ("--serviceaccount", ""),
    ("--session-affinity", ""),
    ("--set-image", ""),
    ("--since", ""),
    ("--since-time", ""),
    ("--skip-wait-for-delete-timeout", ""),
    ("--sort-by", ""),
    ("--subresource", ""),
    ("--tail", ""),
    ("--target", ""),
    ("--target-port", ""),
    ("--tcp", ""),
    ("--template", ""),
    ("--timeout", ""),
    ("--tls-server-name", ""),
    ("--to-revision", ""),
    ("--token", ""),
    ("--type", ""),
    ("--types", ""),
    ("--unix-socket", "-u"),
    ("--user", ""),
    ("--username", ""),
    ("--v", "-v"),
    ("--value", ""),
    ("--verb", ""),
    ("--verbs", ""),
    ("--vmodule", ""),
    ("--www", ""),
    ("--www-prefix", "-P"),
];

/// Flags that take none, or only behind `=`.
const SWITCHES: &[(&str, &str)] = &[
    ("--all", ""),
    ("--all-containers", ""),
    ("--all-namespaces", "-A"),
    ("--all-pods", ""),
    ("--allow-missing-template-keys", ""),
    ("--append-hash", ""),
    ("--append-server-path", ""),
    ("--arguments-only", ""),
    ("--as-current-user", ""),
    ("--as-user-extra", ""),
    ("--attach", ""),
    ("--cached", ""),
    ("--cascade", ""),
    ("--client", ""),
    ("--command", ""),
    ("--containers", ""),
    ("--create-annotation", ""),
    ("--current", ""),
    ("--delete-emptydir-data", ""),
    ("--disable-compression", ""),
    ("--disable-eviction", ""),
    ("--disable-filter", ""),
    ("--dry-run", ""),
    ("--edit", ""),
    ("--embed-certs", ""),
    ("--enable-alpha-plugins", ""),
    ("--enable-helm", ""),
    ("--exec-provide-cluster-info", ""),
    ("--expose", ""),
    ("--flatten", ""),
    ("--follow", ""),
    ("--force", ""),
    ("--force-conflicts", ""),
    ("--global-default", ""),
    ("--helm-debug", ""),
    ("--help", "-h"),
    ("--ignore-daemonsets", ""),
    ("--ignore-errors", ""),
    ("--ignore-not-found", ""),
    ("--insecure-skip-tls-verify", ""),
    ("--insecure-skip-tls-verify-backend", ""),
    ("--interactive", ""),
    ("--keep-annotations", ""),
    ("--keep-init-containers", ""),
    ("--keep-labels", ""),
    ("--keep-liveness", ""),
    ("--keep-readiness", ""),
    ("--keep-startup", ""),
    ("--leave-stdin-open", ""),
    ("--list", ""),
    ("--local", ""),
    ("--match-server-version", ""),
    ("--merge", ""),
    ("--minify", ""),
    ("--name-only", ""),
    ("--namespaced", ""),
    ("--network", ""),
    ("--no-headers", ""),
    ("--no-preserve", ""),
    ("--now", ""),
    ("--openapi-patch", ""),
    ("--output-patch", ""),
    ("--output-watch-events", ""),
    ("--overwrite", ""),
    ("--prefix", ""),
    ("--previous", ""),
    ("--privileged", ""),
    ("--prune", ""),
    ("--quiet", "-q"),
    ("--record", ""),
    ("--recursive", "-R"),
    ("--remove-extra-permissions", ""),
    ("--remove-extra-subjects", ""),
    ("--replace", ""),
    ("--resolve", ""),
    ("--rm", ""),
    ("--same-node", ""),
    ("--save-config", ""),
    ("--server-print", ""),
    ("--server-side", ""),
    ("--set-raw-bytes", ""),
    ("--share-processes", ""),
    ("--short", ""),
    ("--show-capacity", ""),
    ("--show-events", ""),
    ("--show-kind", ""),
    ("--show-labels", ""),
    ("--show-managed-fields", ""),
    ("--show-secrets", ""),
    ("--show-swap", ""),
    ("--stdin", "-i"),
    ("--sum", ""),
    ("--timestamps", ""),
    ("--tty", "-t"),
    ("--use-protocol-buffers", ""),
    ("--validate", ""),
    ("--wait", ""),
    ("--warnings-as-errors", ""),
    ("--watch", "-w"),
    ("--watch-only", ""),
    ("--windows-line-endings", ""),
];

impl Call {
    /// Reads the words behind `kubectl`.
    ///
    /// # Errors
    /// If kubectl would not take them.
    pub fn read(words: &[String]) -> Result<Self, Wrong> {
        let (mut call, mut positional) = (Self::default(), Vec::new());
        let mut rest = words.iter();
        let verb = words
            .iter()
            .find(|word| VERBS.iter().any(|(verb, _)| verb == word));
        let verb = verb.map(String::as_str).unwrap_or_default();
        while let Some(word) = rest.next() {
            match word.as_str() {
                "--" => {
                    call.inside = rest.cloned().collect();
                    break;
                }
                "-" => positional.push(word.clone()),
                _ if word.starts_with("--") => call.flags.push(long(word, verb, &mut rest)?),
                _ if word.starts_with('-') => shorts(word, verb, &mut rest, &mut call.flags)?,
                _ => positional.push(word.clone()),
            }
        }
        call.place(positional)?;
        Ok(call)
    }

    /// Tells verb, kind and names apart.
    fn place(&mut self, words: Vec<String>) -> Result<(), Wrong> {
        let mut words = words.into_iter().peekable();
        let verb = words.next().ok_or(Wrong::NoVerb)?;
        let known = VERBS.iter().find(|(name, _)| *name == verb);
        let (_, below) = known.ok_or_else(|| Wrong::Verb(verb.clone()))?;
        self.verb = verb;
        if let Some(next) = words.next_if(|next| below.contains(&next.as_str())) {
            let next = match self.verb.as_str() {
                "top" => singular(&next),
                _ => next,
            };
            self.verb = format!("{} {next}", self.verb);
        }
        let words: Vec<String> = words.collect();
        let has_kind = !WITHOUT_KIND.contains(&self.verb.as_str());
        match words.split_first() {
            Some((first, names)) if has_kind && !first.contains('/') => {
                self.kind = singular(first);
                self.names = names.to_vec();
            }
            _ => {
                self.names = words;
                self.take_kind();
            }
        }
        Ok(())
    }

    /// `deployment/web` says kind and name in one word.
    fn take_kind(&mut self) {
        let about = self.flag("--for").and_then(|flag| flag.value.clone());
        if self.verb == "events" {
            self.names.extend(about);
        }
        let mut kinds: Vec<String> = Vec::new();
        for name in &mut self.names {
            if let Some((kind, bare)) = name.clone().split_once('/') {
                kinds.push(singular(kind));
                bare.clone_into(name);
            }
        }
        kinds.dedup();
        self.kind = kinds.join(",");
    }

    /// The flag of this long name.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// Whether it changes nothing.
    pub fn is_read(&self) -> bool {
        READS.contains(&self.verb.as_str())
    }

    /// Whether it leads into a container.
    pub fn is_inside(&self) -> bool {
        INSIDE.contains(&self.verb.as_str())
    }
}

/// A kind in the singular, as far as it is known here.
pub fn singular(kind: &str) -> String {
    let lower = kind.to_ascii_lowercase();
    let bare = lower.strip_suffix(".apps").unwrap_or(&lower);
    let known = KINDS
        .iter()
        .find(|(name, others)| *name == bare || others.contains(&bare));
    known.map_or(lower.clone(), |(name, _)| (*name).to_owned())
}

fn long<'w>(word: &'w str, verb: &str, rest: &mut impl Iterator<Item = &'w String>) -> Result<Flag, Wrong> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (word, None),
    };
    let is_value_here = verb == "set" && ["--prefix", "--containers"].contains(&name);
    let is_switch = !is_value_here && SWITCHES.iter().any(|(long, _)| *long == name)
        || (name, verb) == ("--raw", "config");
    let takes_value = is_value_here || WITH_VALUE.iter().any(|(long, _)| *long == name) && !is_switch;
    if !is_switch && !takes_value {
        return Err(Wrong::Flag(name.to_owned()));
    }
    let mut written = word.to_owned();
    let value = match value {
        None if takes_value => {
            let value = rest.next().ok_or_else(|| Wrong::NoValue(name.to_owned()))?;
            written = format!("{word} {value}");
            Some(value.clone())
        }
        other => other,
    };
    let name = name.to_owned();
    Ok(Flag { name, value, written })
}

/// One or more short flags in one word: `-it`, `-nkube-system`, `-o=wide`.
fn shorts<'w>(
    word: &'w str,
    verb: &str,
    rest: &mut impl Iterator<Item = &'w String>,
    flags: &mut Vec<Flag>,
) -> Result<(), Wrong> {
    let letters: Vec<(usize, char)> = word.char_indices().skip(1).collect();
    for (at, letter) in letters {
        let short = format!("-{letter}");
        // Of `logs` these two are switches.
        let own = match (verb, letter) {
            ("logs", 'f') => Some("--follow"),
            ("logs", 'p') => Some("--previous"),
            _ => None,
        };
        let of = |list: &'static [(&'static str, &'static str)]| {
            let found = list.iter().find(|(_, other)| *other == short);
            found.map(|(long, _)| *long)
        };
        if let Some(name) = own.or_else(|| of(SWITCHES)) {
            let (name, written) = (name.to_owned(), short);
            flags.push(Flag {
                name,
                value: None,
                written,
            });
            continue;
        }
        let name = of(WITH_VALUE)
            .ok_or_else(|| Wrong::Flag(short.clone()))?
            .to_owned();
        let joined = &word[at + letter.len_utf8()..];
        let value = match joined.strip_prefix('=').unwrap_or(joined) {
            "" => rest.next().ok_or_else(|| Wrong::NoValue(short.clone()))?.clone(),
            joined => joined.to_owned(),
        };
        let written = format!("{short} {value}");
        flags.push(Flag {
            name,
            value: Some(value),
            written,
        });
        return Ok(());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::line::Line;
    use super::*;

    fn read(text: &str) -> Result<Call, Wrong> {
        Call::read(&Line::read(text).unwrap().stages[0].words[1..])
    }

    fn check(text: &str, verb: &str, kind: &str, names: &[&str], flags: &[&str]) {
        let call = read(text).unwrap();
        let written: Vec<&str> = call.flags.iter().map(|flag| flag.written.as_str()).collect();
        assert_eq!(
            (call.verb.as_str(), call.kind.as_str(), written.as_slice()),
            (verb, kind, flags),
            "{text}"
        );
        assert_eq!(call.names, names, "{text}");
    }

    #[test]
    fn verb_kind_names_and_flags_are_told_apart() {
        check("kubectl get nodes", "get", "node", &[], &[]);
        check(
            "kubectl -n shop get po/web-1 -owide",
            "get",
            "pod",
            &["web-1"],
            &["-n shop", "-o wide"],
        );
        check(
            "kubectl top pods -A --sort-by=memory",
            "top pod",
            "",
            &[],
            &["-A", "--sort-by=memory"],
        );
        check(
            "kubectl logs -fp web -c app",
            "logs",
            "",
            &["web"],
            &["-f", "-p", "-c app"],
        );
        check(
            "kubectl patch deploy web -p '{}'",
            "patch",
            "deployment",
            &["web"],
            &["-p {}"],
        );
        check(
            "kubectl events -n default --for node/<n>",
            "events",
            "node",
            &["<n>"],
            &["-n default", "--for node/<n>"],
        );
        check(
            "kubectl rollout status deployment/web --timeout 5m",
            "rollout status",
            "deployment",
            &["web"],
            &["--timeout 5m"],
        );
        check("kubectl get --raw /readyz", "get", "", &[], &["--raw /readyz"]);
        check(
            "kubectl exec -it web -- curl -s localhost",
            "exec",
            "",
            &["web"],
            &["-i", "-t"],
        );
        assert_eq!(
            read("kubectl exec web -- curl -s x").unwrap().inside,
            ["curl", "-s", "x"]
        );
    }

    #[test]
    fn what_kubectl_would_not_take_is_said() {
        assert_eq!(read("kubectl gte nodes"), Err(Wrong::Verb("gte".to_owned())));
        assert_eq!(
            read("kubectl get nodes --wide"),
            Err(Wrong::Flag("--wide".to_owned()))
        );
        assert_eq!(read("kubectl get pods -n"), Err(Wrong::NoValue("-n".to_owned())));
        assert_eq!(read("kubectl"), Err(Wrong::NoVerb));
    }
}
