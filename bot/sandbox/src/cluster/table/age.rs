//! How long ago, in two or three figures.

use serde_json::Value;

use super::super::time;

/// How long before `now_ms` a time in an object is.
pub(super) fn since(time: &Value, now_ms: u64) -> String {
    match time.as_str().and_then(time::parse_rfc3339) {
        Some(at) => human(i128::from(now_ms) - i128::from(at)),
        None => "<unknown>".to_owned(),
    }
}

/// A duration as kubectl writes it.
pub(super) fn human(ms: i128) -> String {
    let seconds = ms / 1000;
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let days = hours / 24;
    let two = |big: i128, unit: char, small: i128, other: char| match small {
        0 => format!("{big}{unit}"),
        _ => format!("{big}{unit}{small}{other}"),
    };
    match () {
        () if seconds < -1 => "<invalid>".to_owned(),
        () if ms < 0 => "0s".to_owned(),
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if days < 8 => two(days, 'd', hours % 24, 'h'),
        () if days < 365 * 2 => format!("{days}d"),
        () if days < 365 * 8 => two(days / 365, 'y', days % 365, 'd'),
        () => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_few_figures() {
        for (seconds, says) in [
            (-5, "<invalid>"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (301, "5m1s"),
            (600, "10m"),
            (179 * 60, "179m"),
            (3 * 3600, "3h"),
            (3 * 3600 + 60, "3h1m"),
            (8 * 3600 + 60, "8h"),
            (48 * 3600, "2d"),
            (49 * 3600, "2d1h"),
            (9 * 86_400, "9d"),
            (800 * 86_400, "2y70d"),
            (4000 * 86_400, "10y"),
        ] {
            assert_eq!(human(seconds * 1000), says);
        }
    }
}
