//! Discord's ids: a time and a counter in one number, written as a string.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// 2015-01-01T00:00:00Z, where Discord's ids start to count.
const EPOCH_MS: u64 = 1_420_070_400_000;

/// The id of anything on Discord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub(crate) u64);

impl Id {
    /// The id of the `count`th thing, made at `unix_ms`. Later ids are larger.
    pub(crate) fn made_at(unix_ms: u64, count: u64) -> Self {
        Self((unix_ms.saturating_sub(EPOCH_MS) << 22) | (count & 0x3f_ffff))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

impl FromStr for Id {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads an id from JSON, where clients write it as a string or as a number.
pub(crate) fn id_in(value: &serde_json::Value) -> Option<Id> {
    match value {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_u64().map(Id),
    }
}
