//! Times of the API as milliseconds, and spans of time in kubectl's words.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use k8s_openapi::jiff::Timestamp;

use crate::clock::Millis;

/// What kubectl prints where a time is not known.
pub const UNKNOWN: &str = "<unknown>";

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A time of the API. `None` where there is none, or one before 1970: Go writes the year 1 for "never".
pub fn millis(time: Option<&Time>) -> Option<Millis> {
    time.and_then(|time| from_timestamp(time.0))
}

/// The same for the times that Leases and newer Events carry.
pub fn micro(time: Option<&MicroTime>) -> Option<Millis> {
    time.and_then(|time| from_timestamp(time.0))
}

/// How long ago `then` was, in kubectl's words: `<unknown>` without a time, `<invalid>` for a time more
/// than a second ahead.
pub fn age(then: Option<Millis>, now: Millis) -> String {
    match then {
        None => UNKNOWN.to_owned(),
        Some(then) => human(elapsed(then, now)),
    }
}

/// Milliseconds from `then` to `now`, negative where `then` lies ahead.
pub fn elapsed(then: Millis, now: Millis) -> i64 {
    let span = i128::from(now) - i128::from(then);
    i64::try_from(span).unwrap_or(if span < 0 { i64::MIN } else { i64::MAX })
}

/// A span of milliseconds in kubectl's words: `45s`, `3m20s`, `5d3h`, `2y10d`. Two or three figures,
/// cut off, never rounded up.
pub fn human(span: i64) -> String {
    let seconds = span / SECOND;
    if seconds < -1 {
        return "<invalid>".to_owned();
    }
    if seconds < 120 {
        return format!("{}s", seconds.max(0));
    }
    let (minutes, hours) = (span / MINUTE, span / HOUR);
    if minutes < 10 {
        return pair(minutes, "m", seconds % 60, "s");
    }
    if hours < 3 {
        return format!("{minutes}m");
    }
    if hours < 8 {
        return pair(hours, "h", minutes % 60, "m");
    }
    if hours < 48 {
        return format!("{hours}h");
    }
    let days = hours / 24;
    if days < 8 {
        return pair(days, "d", hours % 24, "h");
    }
    if days < 2 * 365 {
        return format!("{days}d");
    }
    if days < 8 * 365 {
        return pair(days / 365, "y", days % 365, "d");
    }
    format!("{}y", days / 365)
}

/// A duration as Go writes it, `20.018s` or `1m30s`, in milliseconds. `None` if it is none, or negative.
pub fn go_duration(text: &str) -> Option<Millis> {
    let mut rest = text;
    let mut total: f64 = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, tail) = rest.split_at(end);
        let end = tail
            .find(|character: char| character.is_ascii_digit() || character == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        total += number.parse::<f64>().ok()? * unit_millis(unit)?;
        rest = tail;
    }
    // Beyond two to the 53rd the figure would no longer be exact; no window is 285,000 years long.
    let is_sound = !text.is_empty() && total < 9.0e15;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above"
    )]
    is_sound.then_some(total as Millis)
}

fn unit_millis(unit: &str) -> Option<f64> {
    match unit {
        "h" => Some(3_600_000.0),
        "m" => Some(60_000.0),
        "s" => Some(1000.0),
        "ms" => Some(1.0),
        "us" | "µs" | "μs" => Some(0.001),
        "ns" => Some(0.000_001),
        _ => None,
    }
}

fn from_timestamp(time: Timestamp) -> Option<Millis> {
    Millis::try_from(time.as_millisecond()).ok()
}

fn pair(large: i64, large_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large}{large_unit}")
    } else {
        format!("{large}{large_unit}{small}{small_unit}")
    }
}
