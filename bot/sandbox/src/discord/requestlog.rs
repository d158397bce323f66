//! What was asked of the local Discord, one JSON line each.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// How many lines are kept in memory.
const KEPT: usize = 100_000;

/// One request. Tokens in the path are replaced by `<token>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestLogLine {
    /// Always `discord`.
    pub service: &'static str,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// `bot`, `interaction` (by its token) or `nobody`.
    #[serde(rename = "as")]
    pub who: &'static str,
    /// The status that was answered; 101 for the gateway.
    pub status: u16,
}

/// The lines, and the file they go to.
#[derive(Debug)]
pub(crate) struct RequestLog {
    pub(crate) lines: Vec<RequestLogLine>,
    file: Option<File>,
}

impl RequestLog {
    pub(crate) fn new(path: Option<&Path>) -> anyhow::Result<Self> {
        let open = |path: &Path| {
            let file = File::options().create(true).append(true).open(path);
            file.with_context(|| format!("opening the request log {}", path.display()))
        };
        Ok(Self {
            lines: Vec::new(),
            file: path.map(open).transpose()?,
        })
    }

    pub(crate) fn add(&mut self, method: &str, path: &str, who: &'static str, status: u16) {
        let path = without_token(path);
        let line = RequestLogLine {
            service: "discord",
            method: method.to_owned(),
            path,
            who,
            status,
        };
        if let Some(file) = &mut self.file
            && let Ok(json) = serde_json::to_string(&line)
            && let Err(error) = writeln!(file, "{json}")
        {
            tracing::warn!("the request log cannot be written: {error}");
            self.file = None;
        }
        if self.lines.len() < KEPT {
            self.lines.push(line);
        }
    }
}

/// The path with the token of an interaction or a webhook taken out.
fn without_token(path: &str) -> String {
    let mut steps: Vec<&str> = path.split('/').collect();
    let start = steps
        .iter()
        .position(|step| matches!(*step, "interactions" | "webhooks"));
    if let Some(token) = start.and_then(|start| steps.get_mut(start + 2)) {
        *token = "<token>";
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_out_of_paths() {
        let path = |path: &str| without_token(path);
        assert_eq!(
            path("/api/v10/interactions/1/secret/callback"),
            "/api/v10/interactions/1/<token>/callback"
        );
        assert_eq!(path("/api/v10/webhooks/1/secret"), "/api/v10/webhooks/1/<token>");
        assert_eq!(
            path("/api/v10/channels/1/messages"),
            "/api/v10/channels/1/messages"
        );
    }
}
