//! What `docs/qa` tells people to type works: both kubectls know every command and option, a real API server answers
//! what reads or changes, and it takes every manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use firstmate_sandbox::START_MS;

use super::client::{documents, text};
use super::words::{Block, blocks, kubectls, quoted};
use super::{Controllers, Real, kubectl};

/// Kinds of well-known additions, which a cluster without them does not know.
const ADDITIONS: [&str; 8] = [
    "VerticalPodAutoscaler",
    "ServiceMonitor",
    "PrometheusRule",
    "\"certificate\"",
    "\"certificates\"",
    "\"certificaterequests\"",
    "\"vpa\"",
    "\"servicemonitor\"",
];

/// How kubectl says that what a document speaks of is not there, or not in that state.
const ABSENT: [&str; 6] = [
    "(NotFound)",
    " not found",
    "No resources found",
    "no rollout history found",
    "unable to find container named",
    "is not paused",
];

/// Verbs that only take part in the check of words: they want a terminal, a container, a file or another cluster.
const NOT_RUN: [&str; 10] = [
    "attach",
    "config",
    "cp",
    "debug",
    "diff",
    "edit",
    "exec",
    "port-forward",
    "replace",
    "run",
];

/// Verbs that change something and can be asked whether they would.
const DRY: [&str; 14] = [
    "annotate",
    "autoscale",
    "cordon",
    "create",
    "delete",
    "drain",
    "expose",
    "label",
    "patch",
    "scale",
    "set",
    "taint",
    "uncordon",
    "undo",
];

/// A command of a document, with its placeholders filled in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    arguments: Vec<String>,
    place: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kubectls_know_every_command_and_option_of_the_documents() {
    let lines = commands([blocks("bash"), quoted()].concat());
    for version in kubectl::VERSIONS {
        let Some(program) = super::kubectl(version) else {
            return;
        };
        let faults = each(&lines, |line| misread(&program, line));
        eprintln!(
            "kubectl {version}: {} commands of docs/qa read, {} faults",
            lines.len(),
            faults.len()
        );
        assert!(faults.is_empty(), "kubectl {version}:\n{}", faults.join("\n"));
    }
}

/// What kubectl says against the words of a line.
fn misread(program: &Path, line: &Line) -> Option<String> {
    let own = line.arguments.iter().map(String::as_str);
    let mut own: Vec<&str> = own.take_while(|word| *word != "--").collect();
    // A sentence may name an option without its value, which would be taken for it.
    let bare = own.pop_if(|word| word.starts_with("--") && !word.contains('='));
    // With this kubectl reads all options, says what it does not know, and does nothing.
    own.push("--help");
    let output = kubectl::run(program, &std::env::temp_dir().join("none"), &own);
    let help = String::from_utf8_lossy(&output.stdout);
    let is_group = help.contains("SUBCOMMAND [options]") || !help.contains("Usage:");
    let has_option = bare.is_none_or(|bare| help.contains(&format!("{bare}=")));
    let is_misread = !output.status.success() || !has_option || is_group && line.words().count() > 1;
    is_misread.then(|| format!("{line}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_cluster_understands_the_commands_of_the_documents() {
    let (Some(program), Some(real)) = (super::kubectl("1.37"), Real::start().await) else {
        return;
    };
    let shift = super::now().as_millisecond() - START_MS as i64;
    real.load(&super::smoke::state(), shift, Controllers::Still).await;
    real.kubelet(|_| Some((200, "one line\n".to_owned()))).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, real.kubeconfig("admin").await).unwrap();
    let lines: Vec<Line> = commands(blocks("bash"))
        .into_iter()
        .filter(Line::can_run)
        .collect();
    let faults = each(&lines, |line| refused(&program, &file, line));
    eprintln!(
        "{} commands of docs/qa run on a real cluster, {} faults",
        lines.len(),
        faults.len()
    );
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(lines.len() > 200, "{} lines", lines.len());
}

/// What the cluster or kubectl finds wrong with a line, other than that something is not there.
fn refused(program: &Path, kubeconfig: &Path, line: &Line) -> Option<String> {
    let mut arguments: Vec<&str> = line.arguments.iter().map(String::as_str).collect();
    arguments.push("--request-timeout=10s");
    let is_dry = arguments.iter().any(|argument| argument.starts_with("--dry-run"));
    if !is_dry && line.has_verb(&DRY) {
        arguments.push("--dry-run=server");
    }
    let output = kubectl::run(program, kubeconfig, &arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    let is_addition =
        error.contains("doesn't have a resource type") && ADDITIONS.iter().any(|kind| error.contains(kind));
    let is_absent = ABSENT.iter().any(|absent| error.contains(absent));
    let is_no = output.stdout == b"no\n" && line.has_verb(&["can-i"]);
    let is_refused = !output.status.success() && !is_addition && !is_absent && !is_no;
    is_refused.then(|| format!("{line}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_cluster_takes_the_manifests_of_the_documents() {
    let (Some(program), Some(real)) = (super::kubectl("1.37"), Real::start().await) else {
        return;
    };
    real.load(&[], 0, Controllers::Still).await;
    let manifests = blocks("yaml");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, real.kubeconfig("admin").await).unwrap();
    for namespace in namespaces(&manifests) {
        real.apply(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}"
        ))
        .await;
    }
    let (mut faults, mut additions) = (Vec::new(), BTreeMap::new());
    for manifest in &manifests {
        let path = folder.path().join("manifest.yaml");
        std::fs::write(&path, &manifest.text).unwrap();
        let path = path.display().to_string();
        let arguments = ["apply", "--dry-run=server", "--validate=strict", "-f", &path];
        let output = kubectl::run(&program, &file, &arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            continue;
        }
        let kind = ADDITIONS
            .into_iter()
            .find(|kind| error.contains(&format!("no matches for kind \"{kind}\"")));
        match kind {
            Some(kind) => *additions.entry(kind).or_insert(0) += 1,
            None => faults.push(format!("{}:{}: {error}", manifest.file, manifest.line)),
        }
    }
    eprintln!(
        "{} manifests of docs/qa, without {additions:?} of additions",
        manifests.len()
    );
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(manifests.len() - additions.values().sum::<usize>() > 30);
}

fn namespaces(manifests: &[Block]) -> BTreeSet<String> {
    let objects = manifests.iter().flat_map(|block| documents(&block.text).unwrap());
    objects
        .map(|object| text(&object["metadata"]["namespace"]).to_owned())
        .filter(|namespace| !namespace.is_empty())
        .collect()
}

impl Line {
    fn can_run(&self) -> bool {
        // A file that the reader is to write, or that lies on the net.
        let has_file = self.arguments.iter().any(|word| {
            word == "-f" && !self.has_verb(&["logs"])
                || word.starts_with("--from-file")
                || word.starts_with("--from-env-file")
                || word.starts_with("--cert=")
        });
        let waits = self
            .arguments
            .iter()
            .any(|word| ["-w", "--watch", "--raw"].contains(&word.as_str()));
        !self.has_verb(&NOT_RUN) && !has_file && !waits && !self.has_verb(&["wait", "status"])
    }

    /// Whether one of these is the command, or the second word of it.
    fn has_verb(&self, verbs: &[&str]) -> bool {
        self.words().take(2).any(|word| verbs.contains(&word))
    }

    /// The words that are neither options nor the values of those that stand in front.
    fn words(&self) -> impl Iterator<Item = &str> {
        let mut skip = false;
        self.arguments.iter().map(String::as_str).filter(move |word| {
            let is_value = std::mem::replace(&mut skip, ["-n", "--namespace", "--context"].contains(word));
            !is_value && !word.starts_with('-')
        })
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} kubectl {}", self.place, self.arguments.join(" "))
    }
}

/// Every kubectl command in some blocks, each once.
fn commands(blocks: Vec<Block>) -> Vec<Line> {
    let mut found: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for block in blocks {
        for (line, arguments) in kubectls(&block.text) {
            let place = format!("{}:{}", block.file, block.line + line);
            found.entry(arguments).or_insert(place);
        }
    }
    found
        .into_iter()
        .map(|(arguments, place)| Line { arguments, place })
        .collect()
}

/// What is wrong with each line, found by two processes at a time.
fn each(lines: &[Line], fault: impl Fn(&Line) -> Option<String> + Sync) -> Vec<String> {
    let halves = lines.split_at(lines.len() / 2);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| halves.0.iter().filter_map(&fault).collect::<Vec<_>>());
        let second: Vec<String> = halves.1.iter().filter_map(&fault).collect();
        [first.join().unwrap(), second].concat()
    })
}
