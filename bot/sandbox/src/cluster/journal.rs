//! What was asked of the cluster, and what it was told to change.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// How many lines are kept in memory.
const KEPT: usize = 100_000;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestLogLine {
    /// Always `kubernetes`.
    pub service: &'static str,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// As whom: the person that was impersonated, else the one who sent it.
    #[serde(rename = "as")]
    pub who: String,
    /// The status that was answered; 0 where the connection was dropped.
    pub status: u16,
    /// How many bytes of its answer's body were sent so far; none where a file's line was written before they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// One change that was asked for over HTTP and carried out. Reviews of access are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Write {
    /// Its place in the row, from 0.
    pub n: usize,
    /// `create`, `update`, `patch`, `delete` or `deletecollection`.
    pub verb: String,
    /// The kind, `pod`.
    pub resource: String,
    /// The namespace; empty for a kind without.
    pub namespace: String,
    /// The name; empty for a whole collection.
    pub name: String,
    /// The subresource, `eviction`; empty for the object itself.
    pub subresource: String,
    /// As whom.
    pub user: String,
    /// Whether it was only tried out.
    pub dry_run: bool,
}

/// Everything that is remembered of the requests.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) lines: Vec<RequestLogLine>,
    pub(super) writes: Vec<Write>,
    pub(super) unknown: Vec<String>,
    file: Option<File>,
}

impl Journal {
    pub(super) fn new(path: Option<&Path>) -> anyhow::Result<Self> {
        let open = |path: &Path| {
            let file = File::options().create(true).append(true).open(path);
            file.with_context(|| format!("opening the request log {}", path.display()))
        };
        Ok(Self {
            lines: Vec::new(),
            writes: Vec::new(),
            unknown: Vec::new(),
            file: path.map(open).transpose()?,
        })
    }

    /// Notes a request, and returns its place in the row.
    pub(super) fn request(&mut self, line: RequestLogLine) -> usize {
        if let Some(file) = &mut self.file
            && let Ok(json) = serde_json::to_string(&line)
            && let Err(error) = writeln!(file, "{json}")
        {
            tracing::warn!("the request log cannot be written: {error}");
            self.file = None;
        }
        if self.lines.len() < KEPT {
            self.lines.push(line);
            return self.lines.len() - 1;
        }
        KEPT
    }

    /// So many more bytes were sent in answer to the request at a place.
    pub(super) fn sent(&mut self, place: usize, bytes: usize) {
        if let Some(line) = self.lines.get_mut(place) {
            *line.bytes.get_or_insert(0) += bytes as u64;
        }
    }

    pub(super) fn wrote(&mut self, mut write: Write) {
        write.n = self.writes.len();
        self.writes.push(write);
    }

    pub(super) fn unknown(&mut self, request: String) {
        if self.unknown.len() < KEPT {
            self.unknown.push(request);
        }
    }
}
