use expect_test::{Expect, expect};

use crate::cluster::read::quantity::{Quantity, human_bytes, human_cpu, percent};

#[track_caller]
fn check(texts: &[&str], expected: Expect) {
    let mut lines = String::new();
    for text in texts {
        let line = match Quantity::parse(text) {
            None => format!("{text:?}: none\n"),
            Some(read) => format!("{text}: {read} = {} milli = {}\n", read.milli(), read.value()),
        };
        lines.push_str(&line);
    }
    expected.assert_eq(&lines);
}

#[test]
fn every_suffix_is_read_exactly_and_rounded_up() {
    check(&"0 1 100m 1500m 0.1 2u 177506686n 1k 3M 4G 5T 6P 7E 1Ki 512Mi 24684084Ki 8Gi 2Ti 3Pi 4Ei 1e3 12E6 5e-3 1.5Gi 0.5Mi 0.1Ki -1 -100m 267847642337".split(' ').collect::<Vec<_>>(),
        expect![[r#"
            0: 0 = 0 milli = 0
            1: 1 = 1000 milli = 1
            100m: 100m = 100 milli = 1
            1500m: 1500m = 1500 milli = 2
            0.1: 100m = 100 milli = 1
            2u: 2u = 1 milli = 1
            177506686n: 177506686n = 178 milli = 1
            1k: 1k = 1000000 milli = 1000
            3M: 3M = 3000000000 milli = 3000000
            4G: 4G = 4000000000000 milli = 4000000000
            5T: 5T = 5000000000000000 milli = 5000000000000
            6P: 6P = 6000000000000000000 milli = 6000000000000000
            7E: 7E = 7000000000000000000000 milli = 7000000000000000000
            1Ki: 1Ki = 1024000 milli = 1024
            512Mi: 512Mi = 536870912000 milli = 536870912
            24684084Ki: 24684084Ki = 25276502016000 milli = 25276502016
            8Gi: 8Gi = 8589934592000 milli = 8589934592
            2Ti: 2Ti = 2199023255552000 milli = 2199023255552
            3Pi: 3Pi = 3377699720527872000 milli = 3377699720527872
            4Ei: 4Ei = 4611686018427387904000 milli = 4611686018427387904
            1e3: 1e3 = 1000000 milli = 1000
            12E6: 12E6 = 12000000000 milli = 12000000
            5e-3: 5e-3 = 5 milli = 1
            1.5Gi: 1536Mi = 1610612736000 milli = 1610612736
            0.5Mi: 512Ki = 524288000 milli = 524288
            0.1Ki: 102400m = 102400 milli = 103
            -1: -1 = -1000 milli = -1
            -100m: -100m = -100 milli = -1
            267847642337: 267847642337 = 267847642337000 milli = 267847642337
        "#]],
    );
}

#[test]
fn what_is_not_canonical_is_written_anew_but_for_what_kubectl_keeps() {
    check(&"1000m 1024Mi 1000k 2048Ki 0.5 1.50 1.500 5.555 +5 007Mi 010 1.0 1.10Gi 1e1 100e1 0.0001m 0.0000000001 1.0000000001".split(' ').collect::<Vec<_>>(),
        expect![[r#"
            1000m: 1 = 1000 milli = 1
            1024Mi: 1Gi = 1073741824000 milli = 1073741824
            1000k: 1M = 1000000000 milli = 1000000
            2048Ki: 2Mi = 2097152000 milli = 2097152
            0.5: 500m = 500 milli = 1
            1.50: 1500m = 1500 milli = 2
            1.500: 1.500 = 1500 milli = 2
            5.555: 5.555 = 5555 milli = 6
            +5: +5 = 5000 milli = 5
            007Mi: 007Mi = 7340032000 milli = 7340032
            010: 010 = 10000 milli = 10
            1.0: 1 = 1000 milli = 1
            1.10Gi: 1181116006400m = 1181116006400 milli = 1181116007
            1e1: 10 = 10000 milli = 10
            100e1: 1e3 = 1000000 milli = 1000
            0.0001m: 100n = 1 milli = 1
            0.0000000001: 1n = 1 milli = 1
            1.0000000001: 1000000001n = 1001 milli = 2
        "#]],
    );
}

#[test]
fn what_is_no_quantity_is_none() {
    check(
        &[
            "", " ", ".", "-", "Mi", "1.2.3", "1 Mi", "1mi", "1KI", "0x10", "1e", "1e1.5", "NaN", "１",
            "--1", "1Zi", "1e400",
        ],
        expect![[r#"
            "": none
            " ": none
            ".": none
            "-": none
            "Mi": none
            "1.2.3": none
            "1 Mi": none
            "1mi": none
            "1KI": none
            "0x10": none
            "1e": none
            "1e1.5": none
            "NaN": none
            "１": none
            "--1": none
            "1Zi": none
            "1e400": none
        "#]],
    );
}

#[test]
fn what_is_too_large_is_capped_or_not_known_but_never_wrong() {
    check(&"9007199254740988Ki 9223372036854775807 100Ei 1e20 1e29 1e30 99999999999999999999999999999999999999999".split(' ').collect::<Vec<_>>(),
        expect![[r#"
            9007199254740988Ki: 9007199254740988Ki = 9223372036854771712000 milli = 9223372036854771712
            9223372036854775807: 9223372036854775807 = 9223372036854775807000 milli = 9223372036854775807
            100Ei: 9223372036854775807 = 9223372036854775807000 milli = 9223372036854775807
            1e20: 100e18 = 100000000000000000000000 milli = 100000000000000000000
            1e29: 100e27 = 100000000000000000000000000000000 milli = 100000000000000000000000000000
            "1e30": none
            "99999999999999999999999999999999999999999": none
        "#]],
    );
}

#[test]
fn a_sum_is_written_as_its_first_part_that_is_not_zero() {
    let sum = |texts: &[&str]| {
        let mut parts = texts.iter().map(|text| Quantity::parse(text).unwrap());
        parts
            .try_fold(Quantity::default(), |sum, part| sum.plus(&part))
            .map_or("none".to_owned(), |sum| sum.to_string())
    };
    let lines = [
        sum(&["100m", "900m"]),
        sum(&["0", "64Mi", "1k"]),
        sum(&["1k", "24", "1Ki"]),
        sum(&["512Mi", "512Mi"]),
        sum(&["1e29", "1e29"]),
        sum(&["5.555", "0"]),
    ];
    expect![[r#"
        1
        67109864
        2048
        1Gi
        none
        5555m
    "#]]
    .assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn percentages_are_cut_off_as_floating_point_does() {
    let lines: Vec<String> = [
        (29, 100),
        (1, 3),
        (2, 3),
        (100, 2000),
        (7, 0),
        (0, 5),
        (-1, 2),
        (300, 2),
    ]
    .iter()
    .map(|(part, whole)| format!("{part} of {whole}: {:?}", percent(*part, *whole)))
    .collect();
    expect![[r#"
        29 of 100: Some(28)
        1 of 3: Some(33)
        2 of 3: Some(66)
        100 of 2000: Some(5)
        7 of 0: None
        0 of 5: Some(0)
        -1 of 2: Some(-50)
        300 of 2: Some(15000)
    "#]]
    .assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn sizes_for_a_small_screen() {
    let bytes = [
        0,
        1023,
        1024,
        1536,
        10_239,
        800 << 20,
        25_171_644_416,
        1 << 40,
        i128::MAX,
        -2048,
    ];
    let lines: Vec<String> = bytes.iter().map(|bytes| human_bytes(*bytes)).collect();
    expect![[r#"
        0 1023 1Ki 1.5Ki 10Ki 800Mi 23Gi 1Ti 147573952589676412928Ei -2Ki
    "#]]
    .assert_eq(&format!("{}\n", lines.join(" ")));
    let milli = [0, 5, 999, 1000, 1250, 1999, 12_345, 96_000, -1500];
    let lines: Vec<String> = milli.iter().map(|milli| human_cpu(*milli)).collect();
    expect![[r#"
        0m 5m 999m 1 1.3 2 12 96 -1.5
    "#]]
    .assert_eq(&format!("{}\n", lines.join(" ")));
}
