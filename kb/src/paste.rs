//! Rows of kubectl's tables in a question -> what they say. Most of a pasted row is names and times, and the one word
//! that it is about must not drown in them.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// The question with each row of a table of Pods, nodes, claims or namespaces as the state that it shows. Rows of what
/// is well are left out beside others; heads of tables always are.
pub(crate) fn said(question: &str) -> Cow<'_, str> {
    let mut kinds = Vec::new();
    let mut kind = None;
    for line in question.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        match head(&cells) {
            Some(of) => {
                kind = Some(of);
                kinds.push(Line::Head);
            }
            // What `kubectl exec` adds to the words of the command, which are what matters.
            None if line.starts_with("command terminated with exit code") => kinds.push(Line::Head),
            None => kinds.push(row(&cells, kind).map_or(Line::Text(line), Line::Row)),
        }
    }
    let is_text = |line: &Line<'_>| matches!(line, Line::Text(text) if !text.trim().is_empty());
    let is_row = |line: &Line<'_>| matches!(line, Line::Row(_));
    let is_bare = !kinds.iter().any(|line| is_text(line) || is_row(line));
    if is_bare || kinds.iter().all(|line| matches!(line, Line::Text(_))) {
        return Cow::Borrowed(question);
    }
    let is_trouble = |line: &Line<'_>| matches!(line, Line::Row(row) if !row.well);
    let trouble = kinds.iter().any(is_trouble);
    let mut seen = BTreeSet::new();
    let mut said = Vec::new();
    for line in &kinds {
        match line {
            Line::Head => {}
            Line::Text(text) => said.push((*text).to_owned()),
            Line::Row(row) => {
                said.extend(row.beside.clone());
                if !(trouble && row.well) && seen.insert(row.state.clone()) {
                    said.push(row.state.clone());
                }
            }
        }
    }
    Cow::Owned(said.join("\n"))
}

/// What people call objects by; no object has such a name.
const KINDS: [&str; 8] = [
    "pod",
    "node",
    "pvc",
    "claim",
    "namespace",
    "deployment",
    "job",
    "volume",
];

enum Line<'t> {
    /// Says nothing by itself.
    Head,
    Row(Row),
    Text(&'t str),
}

/// One object of a table.
struct Row {
    /// Its kind and state.
    state: String,
    /// There is nothing to ask about it.
    well: bool,
    /// What a person wrote on the same line.
    beside: Option<String>,
}

/// What the rows under a head are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Claim,
    Namespace,
    Other,
}

/// The kind under `NAME  STATUS  …`.
fn head(cells: &[&str]) -> Option<Kind> {
    let is_caps = |cell: &&str| {
        cell.len() > 1
            && cell
                .bytes()
                .all(|it| it.is_ascii_uppercase() || b"-()/".contains(&it))
    };
    let is_head = cells.len() >= 3
        && cells.contains(&"NAME")
        && cells.iter().filter(|cell| is_caps(cell)).count() + 1 >= cells.len();
    is_head.then(|| match cells {
        _ if cells.contains(&"STORAGECLASS") => Kind::Claim,
        ["NAME", "STATUS", "AGE"] => Kind::Namespace,
        _ => Kind::Other,
    })
}

fn row(cells: &[&str], kind: Option<Kind>) -> Option<Row> {
    pod(cells).or_else(|| node(cells)).or_else(|| other(cells, kind))
}

/// `[namespace] name 0/1 STATUS restarts [(5m ago)] age [ip node …]`
fn pod(cells: &[&str]) -> Option<Row> {
    let at = (1..cells.len().saturating_sub(2))
        .find(|at| fraction(cells[*at]).is_some() && is_state(cells[at + 1]) && is_number(cells[at + 2]))?;
    let (ready, all) = fraction(cells[at])?;
    let state = cells[at + 1];
    let is_ready = ready == all;
    let is_restarted = cells[at + 2] != "0";
    let state = match state {
        "Running" if !is_ready => "Pod Running, not Ready".to_owned(),
        "Running" if is_restarted => "Pod Running, restarted".to_owned(),
        state => format!("Pod {state}"),
    };
    let well = cells[at + 1] == "Completed" || (cells[at + 1] == "Running" && is_ready && !is_restarted);
    // A word alone before the name is its namespace.
    let before = if at > 2 { &cells[..at - 1] } else { &[] };
    Some(Row {
        state,
        well,
        beside: beside(before, &cells[at + 3..]),
    })
}

/// `name NotReady roles age v1.37.0 …`
fn node(cells: &[&str]) -> Option<Row> {
    let state = *cells.get(1)?;
    let is_state = matches!(state.split(',').next(), Some("Ready" | "NotReady" | "Unknown"));
    let version = cells
        .iter()
        .position(|cell| is_version(cell))
        .filter(|at| is_state && *at > 2)?;
    // `-o wide` goes on to the container runtime.
    let runtime = cells.iter().rposition(|cell| cell.contains("://"));
    let end = runtime.unwrap_or(version).max(version);
    Some(Row {
        state: format!("node {}", state.replace(',', " ")),
        well: state == "Ready",
        beside: beside(&[], &cells[end + 1..]),
    })
}

/// `name Pending [volume …] class age` of a claim, `name Terminating age` of a namespace.
fn other(cells: &[&str], kind: Option<Kind>) -> Option<Row> {
    let state = *cells.get(1)?;
    // What begins with a kind is a sentence: `Pod Pending for 10m`.
    let is_kind = KINDS.contains(&cells[0].to_lowercase().trim_end_matches('s'));
    if kind.is_none()
        && (is_kind
            || cells
                .get(2)
                .is_some_and(|it| matches!(*it, "for" | "since" | "after")))
    {
        return None;
    }
    let is_state = matches!(state, "Pending" | "Lost" | "Bound" | "Terminating" | "Active");
    let age = cells.iter().skip(2).position(|cell| is_age(cell))? + 2;
    let kind = match (kind, state, age) {
        (Some(kind), ..) => kind,
        (None, "Pending" | "Lost", 3) => Kind::Claim,
        (None, "Terminating", 2) => Kind::Namespace,
        _ => Kind::Other,
    };
    let word = match kind {
        Kind::Claim => "PVC",
        Kind::Namespace => "namespace",
        Kind::Other => return None,
    };
    is_state.then(|| Row {
        state: format!("{word} {state}"),
        well: matches!(state, "Bound" | "Active"),
        beside: beside(&[], &cells[age + 1..]),
    })
}

/// What stands around a row and is none of its columns.
fn beside(before: &[&str], after: &[&str]) -> Option<String> {
    let mut after = after;
    let is_column =
        |cell: &str| is_age(cell) || cell.starts_with('(') || cell.ends_with(')') || cell == "<none>";
    let mut is_wide = false;
    while let Some((first, rest)) = after.split_first() {
        if !is_wide
            && (is_address(first) || (first == &"<none>" && rest.first().is_some_and(|it| is_name(it))))
        {
            // The address, or that there is none yet, is followed by the node.
            is_wide = true;
            after = rest.get(1..).unwrap_or_default();
        } else if is_column(first) {
            after = rest;
        } else {
            break;
        }
    }
    let text = [before, after].concat().join(" ");
    (!text.is_empty()).then_some(text)
}

fn fraction(cell: &str) -> Option<(u16, u16)> {
    let (ready, all) = cell.split_once('/')?;
    Some((ready.parse().ok()?, all.parse().ok()?))
}

/// A state begins with a capital letter: `CrashLoopBackOff`, `Init:0/1`.
fn is_state(cell: &str) -> bool {
    let is_part = |it: u8| it.is_ascii_alphanumeric() || b":/-".contains(&it);
    cell.starts_with(|it: char| it.is_ascii_uppercase()) && cell.len() > 2 && cell.bytes().all(is_part)
}

fn is_number(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|it| it.is_ascii_digit())
}

/// `46s`, `3h22m`, `212d`
fn is_age(cell: &str) -> bool {
    cell.starts_with(|it: char| it.is_ascii_digit())
        && cell.ends_with(['s', 'm', 'h', 'd', 'y'])
        && cell
            .bytes()
            .all(|it| it.is_ascii_digit() || b"smhdy".contains(&it))
}

fn is_name(cell: &str) -> bool {
    cell.bytes()
        .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it))
}

fn is_address(cell: &str) -> bool {
    let is_of = |marks: &[u8]| {
        cell.bytes()
            .all(|it| it.is_ascii_hexdigit() || marks.contains(&it))
    };
    (cell.split('.').count() == 4 && is_of(b".")) || (cell.contains("::") && is_of(b":"))
}

fn is_version(cell: &str) -> bool {
    let figures = cell.strip_prefix("v1.");
    figures.is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_state_that_it_shows() {
        for (pasted, expected) in [
            (
                "web-7d4b9c6f5-x2x8q 0/1 CrashLoopBackOff 12 (3m ago) 38m",
                "Pod CrashLoopBackOff",
            ),
            (
                "shop web-0 0/1 Init:0/1 0 46s 10.244.1.83 node-4 <none> <none>",
                "Pod Init:0/1",
            ),
            (
                "train-0   0/1   Pending   0   3h22m   <none>   <none>   等一下午了",
                "等一下午了\nPod Pending",
            ),
            ("web-0 0/1 Running 0 4m", "Pod Running, not Ready"),
            (
                "web-0 0/1 ContainerCreating 0 46s <none> node-4 <none> <none>",
                "Pod ContainerCreating",
            ),
            (
                "node-3 NotReady <none> 41d v1.37.0 10.0.0.3 <none> Debian GNU/Linux 12 (bookworm) 6.1.0 containerd://2.1.4",
                "node NotReady",
            ),
            ("web-0 1/1 Running 57 (3m ago) 4d", "Pod Running, restarted"),
            ("node-3 NotReady <none> 41d v1.37.0", "node NotReady"),
            (
                "node-3 Ready,SchedulingDisabled <none> 41d v1.37.0",
                "node Ready SchedulingDisabled",
            ),
            ("data-db-0   Pending      fast-ssd   21m", "PVC Pending"),
            ("staging Terminating 3d", "namespace Terminating"),
        ] {
            assert_eq!(said(pasted), expected, "{pasted}");
        }
    }

    #[test]
    fn what_is_well_is_left_out_beside_what_is_not() {
        let pasted = "what is this\nNAME READY STATUS RESTARTS AGE\nweb-0 1/1 Running 0 4d\nweb-1 0/1 Evicted 0 4d\nweb-2 0/1 Evicted 0 4d";
        assert_eq!(said(pasted), "what is this\nPod Evicted");
        let pasted = "NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS AGE\na Bound pv-1 1Gi RWO fast 21m\nb Pending fast 21m";
        assert_eq!(said(pasted), "PVC Pending");
        assert_eq!(said("web-0 1/1 Running 0 4d"), "Pod Running");
        assert_eq!(
            said("it timed out\ncommand terminated with exit code 1"),
            "it timed out"
        );
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "why is 0/1 of my Pods Running",
            "deployment web 2/3 3 2 41d",
            "Warning  BackOff  3m2s (x182 over 41m)  kubelet  Back-off restarting failed container",
            "namespace Terminating 怎么办",
            "Pod Pending for 10m",
            "pod Terminating 1h 了删不掉",
            "web Pending since 10m",
            "command terminated with exit code 1",
            "",
        ] {
            assert_eq!(said(text), text);
        }
    }
}
