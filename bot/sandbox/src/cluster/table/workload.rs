//! Deployments and their kin, and what looks after them.

use serde_json::{Value, json};

use super::{Column, Layout, age, containers, int, list, name, number, or, selector, string, text, wide};

pub(super) const DEPLOYMENT: Layout = Layout {
    columns: &[
        text("Name"),
        text("Ready"),
        text("Up-to-date"),
        text("Available"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |it, now| {
        let ready = format!(
            "{}/{}",
            int(it, "/status/readyReplicas"),
            int(it, "/spec/replicas")
        );
        let updated = int(it, "/status/updatedReplicas");
        let available = int(it, "/status/availableReplicas");
        let mut cells = vec![
            name(it),
            json!(ready),
            json!(updated),
            json!(available),
            age(it, now),
        ];
        cells.extend(template(it));
        cells.push(json!(exact_selector(it)));
        cells
    },
};

pub(super) const REPLICA_SET: Layout = Layout {
    columns: REPLICAS,
    cells: |it, now| {
        let mut cells = replicas(it, now);
        cells.push(json!(selector(&it["spec"]["selector"])));
        cells
    },
};

pub(super) const REPLICATION_CONTROLLER: Layout = Layout {
    columns: REPLICAS,
    cells: |it, now| {
        let mut cells = replicas(it, now);
        cells.push(json!(super::labels(&it["spec"]["selector"])));
        cells
    },
};

const REPLICAS: &[Column] = &[
    text("Name"),
    number("Desired"),
    number("Current"),
    number("Ready"),
    text("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];

pub(super) const STATEFUL_SET: Layout = Layout {
    columns: &[
        text("Name"),
        text("Ready"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
    ],
    cells: |it, now| {
        let ready = format!(
            "{}/{}",
            int(it, "/status/readyReplicas"),
            int(it, "/spec/replicas")
        );
        let mut cells = vec![name(it), json!(ready), age(it, now)];
        cells.extend(template(it));
        cells
    },
};

pub(super) const DAEMON_SET: Layout = Layout {
    columns: &[
        text("Name"),
        number("Desired"),
        number("Current"),
        number("Ready"),
        number("Up-to-date"),
        number("Available"),
        text("Node Selector"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |it, now| {
        let counts = [
            "/status/desiredNumberScheduled",
            "/status/currentNumberScheduled",
            "/status/numberReady",
            "/status/updatedNumberScheduled",
            "/status/numberAvailable",
        ];
        let mut cells = vec![name(it)];
        cells.extend(counts.iter().map(|path| json!(int(it, path))));
        cells.push(json!(super::labels(
            &it["spec"]["template"]["spec"]["nodeSelector"]
        )));
        cells.push(age(it, now));
        cells.extend(template(it));
        cells.push(json!(selector(&it["spec"]["selector"])));
        cells
    },
};

pub(super) const JOB: Layout = Layout {
    columns: &[
        text("Name"),
        text("Status"),
        text("Completions"),
        text("Duration"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |it, now| {
        let mut cells = vec![
            name(it),
            json!(job_status(it)),
            json!(completions(it)),
            json!(duration(it, now)),
            age(it, now),
        ];
        cells.extend(template(it));
        cells.push(json!(selector(&it["spec"]["selector"])));
        cells
    },
};

pub(super) const CRON_JOB: Layout = Layout {
    columns: &[
        text("Name"),
        text("Schedule"),
        text("Timezone"),
        Column {
            name: "Suspend",
            holds: "boolean",
            wide: false,
        },
        number("Active"),
        text("Last Schedule"),
        text("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells: |it, now| {
        let last = match &it["status"]["lastScheduleTime"] {
            Value::String(_) => super::age::since(&it["status"]["lastScheduleTime"], now),
            _ => "<none>".to_owned(),
        };
        let suspended = match it["spec"]["suspend"].as_bool() {
            Some(true) => "True",
            Some(false) => "False",
            None => "<unset>",
        };
        let job = &it["spec"]["jobTemplate"];
        let mut cells = vec![
            name(it),
            it["spec"]["schedule"].clone(),
            json!(or(it, "/spec/timeZone", "<none>")),
            json!(suspended),
            json!(list(it, "/status/active").len()),
            json!(last),
            age(it, now),
        ];
        cells.extend(template(job));
        cells.push(json!(selector(&job["spec"]["selector"])));
        cells
    },
};

pub(super) const REVISION: Layout = Layout {
    columns: &[text("Name"), text("Controller"), text("Revision"), text("Age")],
    cells: |it, now| {
        let owners = list(it, "/metadata/ownerReferences").iter();
        let owner = owners
            .filter(|it| it["controller"] == true)
            .map(controller)
            .next();
        vec![
            name(it),
            json!(owner.unwrap_or("<none>".to_owned())),
            json!(int(it, "/revision")),
            age(it, now),
        ]
    },
};

pub(super) const BUDGET: Layout = Layout {
    columns: &[
        text("Name"),
        text("Min Available"),
        text("Max Unavailable"),
        number("Allowed Disruptions"),
        text("Age"),
    ],
    cells: |it, now| {
        let bound = |field: &str| match &it["spec"][field] {
            Value::Null => json!("N/A"),
            Value::String(text) => json!(text),
            value => json!(value.to_string()),
        };
        let allowed = int(it, "/status/disruptionsAllowed");
        vec![
            name(it),
            bound("minAvailable"),
            bound("maxUnavailable"),
            json!(allowed),
            age(it, now),
        ]
    },
};

pub(super) const AUTOSCALER: Layout = Layout {
    columns: &[
        text("Name"),
        text("Reference"),
        text("Targets"),
        text("MinPods"),
        text("MaxPods"),
        text("Replicas"),
        text("Age"),
    ],
    cells: |it, now| {
        let target = &it["spec"]["scaleTargetRef"];
        let least = it["spec"]["minReplicas"]
            .as_i64()
            .map_or("<unset>".to_owned(), |it| it.to_string());
        vec![
            name(it),
            json!(format!("{}/{}", string(target, "/kind"), string(target, "/name"))),
            json!(metrics(it)),
            json!(least),
            json!(int(it, "/spec/maxReplicas")),
            json!(int(it, "/status/currentReplicas")),
            age(it, now),
        ]
    },
};

fn template(object: &Value) -> [Value; 2] {
    containers(list(object, "/spec/template/spec/containers"))
}

/// Nothing at all is written as nothing here, not as `<none>`.
fn exact_selector(object: &Value) -> String {
    match selector(&object["spec"]["selector"]) {
        none if none == "<none>" => String::new(),
        text => text,
    }
}

fn replicas(it: &Value, now_ms: u64) -> Vec<Value> {
    let counts = ["/spec/replicas", "/status/replicas", "/status/readyReplicas"];
    let mut cells = vec![name(it)];
    cells.extend(counts.iter().map(|path| json!(int(it, path))));
    cells.push(age(it, now_ms));
    cells.extend(template(it));
    cells
}

fn controller(owner: &Value) -> String {
    let version = string(owner, "/apiVersion");
    let kind = string(owner, "/kind").to_lowercase();
    match version.split_once('/') {
        Some((group, _)) => format!("{kind}.{group}/{}", string(owner, "/name")),
        None => format!("{kind}/{}", string(owner, "/name")),
    }
}

fn job_status(job: &Value) -> &'static str {
    let is = |name: &str| {
        let conditions = list(job, "/status/conditions");
        conditions
            .iter()
            .any(|it| it["type"] == name && it["status"] == "True")
    };
    match () {
        () if is("Complete") => "Complete",
        () if is("Failed") => "Failed",
        () if job["metadata"].get("deletionTimestamp").is_some() => "Terminating",
        () if is("Suspended") => "Suspended",
        () if is("FailureTarget") => "FailureTarget",
        () if is("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

fn completions(job: &Value) -> String {
    let done = int(job, "/status/succeeded");
    match (job["spec"]["completions"].as_i64(), int(job, "/spec/parallelism")) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    }
}

fn duration(job: &Value, now_ms: u64) -> String {
    let at = |path: &str| {
        job.pointer(path)
            .and_then(Value::as_str)
            .and_then(super::super::time::parse_rfc3339)
    };
    let Some(start) = at("/status/startTime") else {
        return String::new();
    };
    let end = at("/status/completionTime").unwrap_or(now_ms);
    super::age::human(i128::from(end) - i128::from(start))
}

/// What an autoscaler sees and what it aims at, the first two of it.
fn metrics(autoscaler: &Value) -> String {
    let (aims, sees) = (
        list(autoscaler, "/spec/metrics"),
        list(autoscaler, "/status/currentMetrics"),
    );
    let each: Vec<String> = aims
        .iter()
        .enumerate()
        .map(|(index, aim)| metric(aim, sees.get(index).unwrap_or(&Value::Null)))
        .collect();
    match each.as_slice() {
        [] => "<none>".to_owned(),
        [one, two, rest @ ..] if !rest.is_empty() => format!("{one}, {two} + {} more...", rest.len()),
        few => few.join(", "),
    }
}

fn metric(aim: &Value, sees: &Value) -> String {
    let (field, named) = match aim["type"].as_str() {
        Some("Resource") => ("resource", true),
        Some("ContainerResource") => ("containerResource", true),
        Some("Pods") => ("pods", false),
        Some("Object") => ("object", false),
        Some("External") => ("external", false),
        _ => return "<unknown type>".to_owned(),
    };
    let (target, current) = (&aim[field]["target"], &sees[field]["current"]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let unknown = || "<unknown>".to_owned();
    if named {
        let name = string(aim, &format!("/{field}/name"));
        if let Some(average) = text(&target["averageValue"]) {
            return format!(
                "{name}: {}/{average}",
                text(&current["averageValue"]).unwrap_or_else(unknown)
            );
        }
        let percent = |value: &Value| value.as_i64().map(|it| format!("{it}%"));
        let now = percent(&current["averageUtilization"]).unwrap_or_else(unknown);
        let wanted = percent(&target["averageUtilization"]).unwrap_or_else(|| "<auto>".to_owned());
        return format!("{name}: {now}/{wanted}");
    }
    match text(&target["averageValue"]) {
        Some(average) => {
            let note = if field == "pods" { "" } else { " (avg)" };
            format!(
                "{}/{average}{note}",
                text(&current["averageValue"]).unwrap_or_else(unknown)
            )
        }
        None => format!(
            "{}/{}",
            text(&current["value"]).unwrap_or_else(unknown),
            string(target, "/value")
        ),
    }
}
