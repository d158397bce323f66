use expect_test::{Expect, expect};

use super::NOW;
use crate::cluster::read::time::{age, go_duration, human};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[track_caller]
fn check(spans: &[i64], expected: Expect) {
    let words: Vec<String> = spans.iter().map(|span| human(*span)).collect();
    expected.assert_eq(&format!("{}\n", words.join(" ")));
}

#[test]
fn seconds_up_to_two_minutes() {
    check(
        &[0, 999, SECOND, 59 * SECOND, 119 * SECOND, 2 * MINUTE - 1],
        expect![[r#"
            0s 0s 1s 59s 119s 119s
        "#]],
    );
}

#[test]
fn two_units_where_they_are_small() {
    check(
        &[
            2 * MINUTE,
            3 * MINUTE + 20 * SECOND,
            10 * MINUTE - 1,
            10 * MINUTE + 59 * SECOND,
            3 * HOUR - 1,
            3 * HOUR,
            3 * HOUR + MINUTE,
            8 * HOUR - 1,
            8 * HOUR + 59 * MINUTE,
            48 * HOUR - 1,
            2 * DAY,
            5 * DAY + 3 * HOUR,
            8 * DAY - 1,
            8 * DAY + 23 * HOUR,
            730 * DAY - 1,
            730 * DAY,
            740 * DAY,
            8 * 365 * DAY - 1,
            8 * 365 * DAY,
        ],
        expect![[r#"
            2m 3m20s 9m59s 10m 179m 3h 3h1m 7h59m 8h 47h 2d 5d3h 7d23h 8d 729d 2y 2y10d 7y364d 8y
        "#]],
    );
}

#[test]
fn the_future_is_now_for_a_moment_and_then_invalid() {
    check(
        &[-1, -999, -1999, -2000, i64::MIN, i64::MAX],
        expect![[r#"
        0s 0s 0s <invalid> <invalid> 292471208y
    "#]],
    );
}

#[test]
fn an_age_without_a_time_is_unknown() {
    assert_eq!(age(None, NOW), "<unknown>");
    assert_eq!(age(Some(NOW - 90_000), NOW), "90s");
    assert_eq!(age(Some(u64::MAX), NOW), "<invalid>");
    assert_eq!(age(Some(0), u64::MAX), "292471208y");
}

#[test]
fn durations_as_go_writes_them() {
    let texts = ["20.018s", "1m0s", "1h2m3.5s", "500ms", "1.5h", "250us", "0s"];
    let read: Vec<_> = texts.iter().map(|text| go_duration(text).unwrap()).collect();
    assert_eq!(read, [20_018, 60_000, 3_723_500, 500, 5_400_000, 0, 0]);
    for text in [
        "",
        "20",
        "s",
        "-1s",
        "1 s",
        "1..5s",
        "1d",
        "99999999999999999999h",
        "1é",
    ] {
        assert_eq!(go_duration(text), None, "{text}");
    }
}
