//! What can be made to go wrong: for tests, and for the page's menu of troubles.

use serde::Deserialize;
use serde_json::{Value, json};

/// A trouble, as the control API names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Fault {
    /// REST requests are answered with an error.
    Status {
        /// 429 or 5xx.
        status: u16,
        /// For how many requests; without it until [`Fault::Off`].
        requests: Option<u32>,
        /// The request is carried out all the same; only its answer is lost.
        #[serde(default)]
        processed: bool,
        /// What a 429 says to wait. Discord says whole seconds.
        retry_after_ms: Option<u64>,
    },
    /// REST requests arrive late, by the clock.
    Slow {
        /// How late.
        ms: u64,
        /// For how many requests; without it until [`Fault::Off`].
        requests: Option<u32>,
    },
    /// The gateway's TCP connections end without a close frame.
    Drop,
    /// The gateway closes its connections.
    Close {
        /// Discord's close code, or none at all.
        code: Option<u16>,
    },
    /// The gateway asks its clients to connect again.
    Op7,
    /// The gateway calls the sessions invalid.
    Op9 {
        /// Whether they may be resumed.
        #[serde(default)]
        resumable: bool,
    },
    /// The next interactions lack a field without which clients cannot read them.
    Unparsable {
        /// How many; without it one.
        requests: Option<u32>,
    },
    /// Everything works again.
    Off,
}

/// The troubles that last.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    status: Option<Lasting<(u16, bool, Option<u64>)>>,
    slow: Option<Lasting<u64>>,
    unparsable: u32,
}

#[derive(Debug)]
struct Lasting<T> {
    what: T,
    /// `None`: for ever.
    left: Option<u32>,
}

/// What happens to one request.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) late_ms: Option<u64>,
    pub(crate) status: Option<u16>,
    pub(crate) processed: bool,
    pub(crate) retry_after_ms: Option<u64>,
}

impl Faults {
    pub(crate) fn set_status(
        &mut self,
        status: u16,
        processed: bool,
        retry_after_ms: Option<u64>,
        left: Option<u32>,
    ) {
        self.status = Some(Lasting {
            what: (status, processed, retry_after_ms),
            left,
        });
    }

    pub(crate) fn set_slow(&mut self, ms: u64, left: Option<u32>) {
        self.slow = Some(Lasting { what: ms, left });
    }

    pub(crate) fn set_unparsable(&mut self, count: u32) {
        self.unparsable = count;
    }

    /// What happens to the request that came just now; counts it.
    pub(crate) fn for_request(&mut self) -> Trouble {
        let mut trouble = Trouble {
            late_ms: take(&mut self.slow),
            ..Trouble::default()
        };
        if let Some((status, processed, retry_after_ms)) = take(&mut self.status) {
            trouble.status = Some(status);
            trouble.processed = processed;
            trouble.retry_after_ms = retry_after_ms;
        }
        trouble
    }

    /// Whether the interaction that is sent just now is to be unreadable; counts it.
    pub(crate) fn for_interaction(&mut self) -> bool {
        let spoiled = self.unparsable > 0;
        self.unparsable = self.unparsable.saturating_sub(1);
        spoiled
    }

    /// The troubles that last, as [`Fault`] names them, and for how many times more.
    pub(crate) fn active(&self) -> Vec<Value> {
        let mut active = Vec::new();
        if let Some(Lasting { what, left }) = &self.status {
            active.push(counted(json!({"kind": "status", "status": what.0}), *left));
        }
        if let Some(Lasting { what, left }) = &self.slow {
            active.push(counted(json!({"kind": "slow", "ms": what}), *left));
        }
        if self.unparsable > 0 {
            active.push(counted(json!({"kind": "unparsable"}), Some(self.unparsable)));
        }
        active
    }
}

fn take<T: Copy>(lasting: &mut Option<Lasting<T>>) -> Option<T> {
    let it = lasting.as_mut()?;
    let what = it.what;
    if let Some(left) = &mut it.left {
        *left = left.saturating_sub(1);
        if *left == 0 {
            *lasting = None;
        }
    }
    Some(what)
}

fn counted(mut what: Value, left: Option<u32>) -> Value {
    if let Some(left) = left {
        what["left"] = json!(left);
    }
    what
}
