//! Amounts as Kubernetes writes them: `250m`, `128Mi`; and spans of time: `5h20m`, `2m40s`.

/// Units and what they stand for, the longer names first.
const UNITS: &[(&str, f64)] = &[
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
];

/// An amount in thousandths, as processors are counted. Zero for what is no amount.
pub(crate) fn milli(text: &str) -> i64 {
    whole(value(text) * 1000.0)
}

/// An amount in whole units, as bytes are counted. Zero for what is no amount.
pub(crate) fn units(text: &str) -> i64 {
    whole(value(text))
}

fn value(text: &str) -> f64 {
    let text = text.trim();
    let unit = UNITS
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (digits, factor) = unit.unwrap_or((text, 1.0));
    digits.parse::<f64>().map_or(0.0, |number| number * factor)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "amounts of a cluster are far below 2^53"
)]
fn whole(number: f64) -> i64 {
    number.ceil() as i64
}

/// Bytes as the kubelet writes what it measured: the largest binary unit that divides them.
pub(crate) fn binary(bytes: i64) -> String {
    let fits = |size: i64| bytes != 0 && bytes % size == 0;
    match bytes {
        _ if fits(1 << 30) => format!("{}Gi", bytes >> 30),
        _ if fits(1 << 20) => format!("{}Mi", bytes >> 20),
        _ if fits(1 << 10) => format!("{}Ki", bytes >> 10),
        _ => bytes.to_string(),
    }
}

/// A span as Go writes it: `10s`, `2m40s`, `1h0m0s`, `1.234s`, `350ms`.
pub(crate) fn go_duration(ms: u64) -> String {
    let (hours, minutes, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms % 60_000);
    let fraction = match rest % 1000 {
        0 => String::new(),
        part => format!(".{part:03}").trim_end_matches('0').to_owned(),
    };
    let seconds = format!("{}{fraction}s", rest / 1000);
    match (hours, minutes) {
        (0, 0) if ms > 0 && ms < 1000 => format!("{ms}ms"),
        (0, 0) => seconds,
        (0, _) => format!("{minutes}m{seconds}"),
        _ => format!("{hours}h{minutes}m{seconds}"),
    }
}

/// Milliseconds of a span as people write it: `63d`, `5h20m`, `90s`, `400ms`.
pub(crate) fn span(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|letter: char| letter.is_ascii_digit())
                .len();
        let number = rest[..digits].parse::<u64>().ok()?;
        rest = &rest[digits..];
        let letters = rest.len()
            - rest
                .trim_start_matches(|letter: char| letter.is_ascii_alphabetic())
                .len();
        let unit = match &rest[..letters] {
            "d" => 86_400_000,
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1000,
            "ms" => 1,
            _ => return None,
        };
        rest = &rest[letters..];
        total += number * unit;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_their_units() {
        assert_eq!(milli("250m"), 250);
        assert_eq!(milli("2"), 2000);
        assert_eq!(milli("1500000n"), 2);
        assert_eq!(units("128Mi"), 134_217_728);
        assert_eq!(units("1G"), 1_000_000_000);
        assert_eq!(units("lots"), 0);
        assert_eq!(binary(100 << 20), "100Mi");
        assert_eq!(binary(1023 << 10), "1023Ki");
        assert_eq!(binary(0), "0");
    }

    #[test]
    fn spans_are_read_and_written() {
        assert_eq!(span("5h20m"), Some(19_200_000));
        assert_eq!(span("63d"), Some(63 * 86_400_000));
        assert_eq!(span("400ms"), Some(400));
        assert_eq!(span(""), None);
        assert_eq!(span("5"), None);
        assert_eq!(span("5 apples"), None);
        assert_eq!(go_duration(160_000), "2m40s");
        assert_eq!(go_duration(300_000), "5m0s");
        assert_eq!(go_duration(1234), "1.234s");
        assert_eq!(go_duration(1200), "1.2s");
        assert_eq!(go_duration(350), "350ms");
        assert_eq!(go_duration(3_600_000), "1h0m0s");
    }
}
