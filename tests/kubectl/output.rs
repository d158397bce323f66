//! What kubectl prints, taken apart.

use std::collections::BTreeMap;

/// One row, by the names of its columns.
pub(super) type Cells = BTreeMap<String, String>;

/// The rows of one or several tables. Columns are at least two spaces apart, and begin where their names do.
pub(super) fn tables(output: &str) -> Vec<Cells> {
    output
        .split("\n\n")
        .filter(|table| !table.starts_with("No resources found"))
        .flat_map(|table| {
            let mut lines = table.lines();
            let head = lines.next().unwrap_or_default();
            let names = columns(head);
            lines.map(|line| row(line, &names)).collect::<Vec<_>>()
        })
        .collect()
}

/// Everything that was printed, as one cell.
pub(super) fn sentence(output: &str) -> Vec<Cells> {
    // What exceeded its deadline is an error to kubectl.
    let sentence = output.trim().trim_start_matches("error: ");
    vec![Cells::from([("SENTENCE".to_owned(), sentence.to_owned())])]
}

/// The single values of a description. What is indented is named with what it stands under.
pub(super) fn description(output: &str) -> Vec<Cells> {
    let mut cells = Cells::new();
    let mut above = String::new();
    for line in output.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let name = match name.strip_prefix("  ") {
            Some(name) => format!("{above}/{}", name.trim()),
            None => {
                above = name.to_owned();
                name.to_owned()
            }
        };
        cells.entry(name).or_insert_with(|| value.trim().to_owned());
    }
    vec![cells]
}

/// The taints of a node's description, one a row.
pub(super) fn taints(output: &str) -> Vec<Cells> {
    let lines = output.lines().skip_while(|line| !line.starts_with("Taints:"));
    let taints = lines.take_while(|line| line.starts_with("Taints:") || line.starts_with(' '));
    taints
        .map(|line| line.trim_start_matches("Taints:").trim())
        .filter(|taint| *taint != "<none>")
        .map(|taint| Cells::from([("Taint".to_owned(), taint.to_owned())]))
        .collect()
}

/// The conditions of a description.
pub(super) fn conditions(output: &str) -> Vec<Cells> {
    section(output, "Conditions:")
}

/// The Pods of a node's description.
pub(super) fn pods(output: &str) -> Vec<Cells> {
    section(output, "Non-terminated Pods:")
}

/// What its Pods ask of a node.
pub(super) fn allocated(output: &str) -> Vec<Cells> {
    section(output, "Allocated resources:")
}

/// A table within a description: its names are underlined.
fn section(output: &str, title: &str) -> Vec<Cells> {
    let lines = output.lines().skip_while(|line| !line.starts_with(title)).skip(1);
    let lines: Vec<&str> = lines.take_while(|line| line.starts_with(' ')).collect();
    let is_rule = |line: &&str| line.trim_start().starts_with("--");
    let Some(rule) = lines.iter().position(is_rule) else {
        return Vec::new();
    };
    let mut names = columns(lines[rule]);
    let heads = row(lines[rule - 1], &names);
    // The dashes are as long as the names, so each stands for one; a number tells them apart.
    for (name, _) in &mut names {
        name.clone_from(&heads[name.as_str()]);
    }
    lines[rule + 1..].iter().map(|line| row(line, &names)).collect()
}

/// Names, and where each begins, counted in characters.
fn columns(head: &str) -> Vec<(String, usize)> {
    let letters: Vec<char> = head.chars().collect();
    let is_space = |at: usize| letters.get(at).is_none_or(|letter| *letter == ' ');
    let begins =
        |at: &usize| !is_space(*at) && (*at == 0 || is_space(at - 1) && (*at < 2 || is_space(at - 2)));
    let starts: Vec<usize> = (0..letters.len()).filter(begins).collect();
    starts
        .iter()
        .map(|start| {
            let end = (*start..).find(|at| is_space(*at) && is_space(at + 1));
            let name: String = letters[*start..end.unwrap_or(*start)].iter().collect();
            match name.starts_with('-') {
                true => (format!("{start}"), *start),
                false => (name, *start),
            }
        })
        .collect()
}

fn row(line: &str, columns: &[(String, usize)]) -> Cells {
    let letters: Vec<char> = line.chars().collect();
    let ends = columns.iter().skip(1).map(|(_, start)| *start);
    let ends = ends.chain([letters.len().max(columns.last().map_or(0, |(_, start)| *start))]);
    columns
        .iter()
        .zip(ends)
        .map(|((name, start), end)| {
            let cell: String = letters
                .iter()
                .skip(*start)
                .take(end.saturating_sub(*start))
                .collect();
            (name.clone(), cell.trim().to_owned())
        })
        .collect()
}

#[test]
fn tables_are_read_by_where_their_columns_begin() {
    let shown = |rows: Vec<Cells>| format!("{rows:?}");
    let get = "NAMESPACE   NAME    RESTARTS      NOMINATED NODE\nshop        web-1   5 (3m ago)    <none>\n\n\
               NAME\ndeployment.apps/web\n";
    assert_eq!(
        shown(tables(get)),
        r#"[{"NAME": "web-1", "NAMESPACE": "shop", "NOMINATED NODE": "<none>", "RESTARTS": "5 (3m ago)"}, {"NAME": "deployment.apps/web"}]"#
    );
    assert_eq!(tables("No resources found\n"), Vec::<Cells>::new());
    let described = "Name:               node-1\nTaints:             a:NoSchedule\n                    b:NoExecute\n\
                     Lease:\n  HolderIdentity:  node-1\nAllocated resources:\n  (Total limits.)\n  \
                     Resource           Requests    Limits\n  --------           --------    ------\n  \
                     cpu                850m (21%)  0 (0%)\nEvents:              <none>\n";
    assert_eq!(
        shown(allocated(described)),
        r#"[{"Limits": "0 (0%)", "Requests": "850m (21%)", "Resource": "cpu"}]"#
    );
    assert_eq!(
        shown(taints(described)),
        r#"[{"Taint": "a:NoSchedule"}, {"Taint": "b:NoExecute"}]"#
    );
    assert_eq!(description(described)[0]["Lease/HolderIdentity"], "node-1");
}
