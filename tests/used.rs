//! Which rights the bot used, by the audit log of a real API server: every right that `bot/deploy/rbac.yaml` grants is
//! needed by something that people do, and nothing else is ever asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use firstmate::cluster::request::{CHANGED, CREATE_EVENT};
use serde_json::Value;

use crate::cluster::Real;

/// The bot, as the API server names it.
const BOT: &str = "system:serviceaccount:firstmate:firstmate";
/// The people of `bot/deploy/rbac.yaml`.
const PEOPLE: [&str; 4] = ["lin", "olga", "ming", "wei"];
/// Paths that are no resources, with who lets the bot ask for them.
const OF_EVERYBODY: [(&str, &str); 4] = [
    (
        "/version",
        "whoever can reach the API server may, by system:public-info-viewer",
    ),
    (
        "/api",
        "every account may, by system:discovery: it tells what the cluster serves",
    ),
    ("/apis", "the same"),
    (
        "/apis/metrics.k8s.io",
        "every account may, by system:discovery: it tells which version to read",
    ),
];
/// How long the log of what was under way when the bot stopped is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Group, resource and verb.
pub(crate) type Grant = (String, String, String);

/// What the bot asked for.
#[derive(Default)]
pub(crate) struct Used {
    /// As itself.
    pub(crate) own: BTreeSet<Grant>,
    /// As people.
    pub(crate) as_people: BTreeSet<Grant>,
    /// Paths that are no resources, and whatever else should not be.
    pub(crate) other: BTreeSet<String>,
    /// How many requests.
    pub(crate) requests: usize,
}

impl Used {
    /// Adds what was asked since a position of the log. The bot has stopped; its watches are logged at their end.
    pub(crate) async fn add(&mut self, real: &Real, position: u64) {
        let is_bots = |line: &Value| line["user"]["username"] == BOT;
        let mut turns = tokio::time::interval(Duration::from_millis(50));
        let waiting = async {
            loop {
                turns.tick().await;
                let lines = real.audit_since(position).await.0;
                let watches = lines.iter().filter(|it| is_bots(it) && it["verb"] == "watch");
                if watches.count() >= 2 {
                    return lines;
                }
            }
        };
        let lines = match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(lines) => lines,
            Err(_) => real.audit_since(position).await.0,
        };
        for line in lines.iter().filter(|line| is_bots(line)) {
            self.take(line);
        }
    }

    fn take(&mut self, line: &Value) {
        self.requests += 1;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let object = &line["objectRef"];
        if object.is_null() {
            let path = text(&line["requestURI"]);
            self.other
                .insert(path.split('?').next().unwrap_or_default().to_owned());
            return;
        }
        let resource = match object["subresource"].as_str() {
            Some(part) => format!("{}/{part}", text(&object["resource"])),
            None => text(&object["resource"]),
        };
        let (group, verb) = (text(&object["apiGroup"]), text(&line["verb"]));
        if resource == "leases" && object["namespace"] != "kube-node-lease" {
            self.other.insert(format!("leases of {}", object["namespace"]));
        }
        let status = &line["responseStatus"];
        let person = line["impersonatedUser"]["username"].as_str();
        let Some(person) = person else {
            match status["code"] == 403 {
                // A transcript shows somebody as whom the bot may not act.
                true if text(&status["message"]).contains("cannot impersonate") => {}
                true => _ = self.other.insert(format!("refused: {verb} {resource} {group}")),
                // Everybody with an account may ask what they may, by system:basic-user.
                false if resource == "selfsubjectaccessreviews" => {}
                false => _ = self.own.insert((group, resource, verb)),
            }
            return;
        };
        // The constrained kind: the classic one would give the bot all of a person's rights.
        let constraint = text(&line["authenticationMetadata"]["impersonationConstraint"]);
        if !PEOPLE.contains(&person) || constraint != "impersonate:user-info" {
            self.other.insert(format!("{constraint:?} as {person}"));
        }
        let user = ["authentication.k8s.io", "users", "impersonate:user-info"];
        self.as_people.insert(user.map(str::to_owned).into());
        let verb = format!("impersonate-on:user-info:{verb}");
        self.as_people.insert((group, resource, verb));
    }

    /// Holds it against what is granted.
    pub(crate) async fn compare(&self) {
        let mut own = crate::rights::deployed("firstmate-reader").await;
        own.extend(crate::rights::deployed("firstmate-leases").await);
        own.extend(crate::rights::deployed("firstmate-events").await);
        let people = crate::rights::deployed("firstmate-as-people").await;
        let mut wrong = Vec::new();
        for (who, used, granted) in [("itself", &self.own, &own), ("people", &self.as_people, &people)] {
            let both = used.intersection(granted).count();
            eprintln!("rights used as {who}: {both} of {}", granted.len());
            // Those of changes are used in `changes/rights.rs`.
            let unused = granted.difference(used).filter(|grant| !is_for_changes(grant));
            wrong.extend(unused.map(|grant| format!("never used as {who}: {grant:?}")));
            let more = used.difference(granted);
            wrong.extend(more.map(|grant| format!("used as {who} and not granted: {grant:?}")));
        }
        let is_everybodys = |what: &&String| OF_EVERYBODY.iter().any(|(path, _)| what == path);
        let other = self.other.iter().filter(|what| !is_everybodys(what));
        wrong.extend(other.map(|what| format!("asked for: {what}")));
        assert!(
            wrong.is_empty(),
            "of {} requests:\n{}",
            self.requests,
            wrong.join("\n")
        );
    }
}

/// Whether a right is needed for changes alone.
fn is_for_changes((group, resource, verb): &Grant) -> bool {
    let verb = verb.rsplit(':').next().unwrap_or_default();
    let rights = CHANGED.iter().chain([&CREATE_EVENT]);
    rights
        .into_iter()
        .any(|right| (right.group, right.resource, right.verb) == (group, resource, verb))
}
