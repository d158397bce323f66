//! Times as Kubernetes writes them.

use crate::clock::civil;

/// `2026-01-01T00:00:00Z`: what most fields hold.
pub fn rfc3339(unix_ms: u64) -> String {
    format!("{}Z", second(unix_ms))
}

/// `2026-01-01T00:00:00.000000Z`: leases and `eventTime`.
pub fn rfc3339_micro(unix_ms: u64) -> String {
    format!("{}.{:03}000Z", second(unix_ms), unix_ms % 1000)
}

/// `2026-01-01T00:00:00.000000000Z`: in front of lines of a log.
pub fn rfc3339_nano(unix_ms: u64) -> String {
    format!("{}.{:03}000000Z", second(unix_ms), unix_ms % 1000)
}

fn second(unix_ms: u64) -> String {
    let (year, month, day) = civil(unix_ms / 86_400_000);
    let seconds = unix_ms / 1000 % 86_400;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Milliseconds since 1970 of a time with any fraction and any offset.
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-')?;
    let end = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = (&rest[..end], &rest[end..]);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = numbers(time, ':')?;
    let in_range =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !in_range || year < 1970 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    let ms = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
    u64::try_from(seconds * 1000 + ms).ok()
}

fn numbers(text: &str, by: char) -> Option<[i64; 3]> {
    let mut parts = text.split(by).map(|part| part.parse::<i64>());
    let numbers = [parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?];
    parts.next().is_none().then_some(numbers)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60))
}

/// Days since 1970 of a date, with years that start on 1 March so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::START_MS;

    #[test]
    fn times_are_read_as_they_are_written() {
        assert_eq!(rfc3339(START_MS), "2026-01-01T00:00:00Z");
        assert_eq!(rfc3339_micro(START_MS + 7), "2026-01-01T00:00:00.007000Z");
        for ms in [0, START_MS, 1_709_208_001_250, 951_782_400_000] {
            assert_eq!(parse_rfc3339(&rfc3339_nano(ms)), Some(ms));
        }
        assert_eq!(parse_rfc3339("2026-01-01T08:00:00.5+08:00"), Some(START_MS + 500));
        assert_eq!(parse_rfc3339("2026-01-01"), None);
        assert_eq!(parse_rfc3339("2026-13-01T00:00:00Z"), None);
    }
}
