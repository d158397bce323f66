//! Amounts of CPU, memory and the like, parsed and written exactly as Kubernetes does.

use std::cmp::Ordering;
use std::fmt;

/// Digits of 18 places or fewer go through the reference's exact path, which keeps the text as written.
const EXACT_DIGITS: usize = 18;

/// The largest amount that a binary suffix can state: the reference caps there.
const BINARY_CAP: i128 = i64::MAX as i128 * NANO;

const NANO: i128 = 1_000_000_000;

/// A quantity such as `1500m`, `512Mi` or `2e3`, exact to a billionth.
///
/// It prints as kubectl prints it, and remembers for that how it was written. Comparing looks at the
/// amount alone.
#[derive(Clone, Debug, Default)]
pub struct Quantity {
    nanos: i128,
    format: Format,
    /// The text as it was written, where the reference keeps it although it is not canonical.
    verbatim: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Decimal,
    Exponent,
    Binary,
}

impl Quantity {
    /// Reads a quantity. `None` if it is none, or too large to be held.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = Parts::split(text)?;
        let (base, exponent, format) = suffix(parts.suffix)?;
        let nanos = match base {
            Base::Ten => parts.decimal(exponent)?,
            Base::Two => parts.binary(exponent)?.min(BINARY_CAP),
        };
        let mut quantity = Self {
            nanos: if parts.negative { -nanos } else { nanos },
            format,
            verbatim: None,
        };
        let is_kept = parts.is_kept(base, exponent) && quantity.to_string() != text;
        quantity.verbatim = is_kept.then(|| text.into());
        Some(quantity)
    }

    /// A whole number of bytes, printed with a binary suffix.
    pub fn bytes(bytes: i64) -> Self {
        Self {
            nanos: i128::from(bytes) * NANO,
            format: Format::Binary,
            verbatim: None,
        }
    }

    /// In thousandths, rounded up: milli-CPU.
    pub fn milli(&self) -> i128 {
        div_up(self.nanos, NANO / 1000)
    }

    /// In whole units, rounded up: bytes, or a count.
    pub fn value(&self) -> i128 {
        div_up(self.nanos, NANO)
    }

    /// True if it is nothing.
    pub fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// The sum, written in the way of the first that is not zero. `None` if it is too large to be held.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self {
            nanos: self.nanos.checked_add(other.nanos)?,
            format: if self.is_zero() { other.format } else { self.format },
            verbatim: None,
        })
    }

    /// How much of `whole` this is, in percent, cut off as kubectl does; in milli-units, as for CPU.
    pub fn percent_of_milli(&self, whole: &Self) -> Option<i64> {
        percent(self.milli(), whole.milli())
    }

    /// How much of `whole` this is, in percent, cut off as kubectl does; in whole units, as for memory.
    pub fn percent_of_value(&self, whole: &Self) -> Option<i64> {
        percent(self.value(), whole.value())
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(verbatim) = &self.verbatim {
            return out.write_str(verbatim);
        }
        if self.is_zero() {
            return out.write_str("0");
        }
        // A binary suffix never rounds: small and broken amounts are written as decimals.
        let is_whole = self.nanos % NANO == 0;
        let is_small = self.nanos.abs() < 1024 * NANO;
        match self.format {
            Format::Binary if is_whole && !is_small => binary_text(self.nanos / NANO, out),
            Format::Exponent => decimal_text(self.nanos, true, out),
            Format::Binary | Format::Decimal => decimal_text(self.nanos, false, out),
        }
    }
}

/// Part of a whole in percent, cut off. `None` if there is no whole.
///
/// In floating point, because kubectl does it so: 29 of 100 is 28 %.
#[expect(clippy::cast_precision_loss, reason = "the reference loses it as well")]
#[expect(
    clippy::cast_possible_truncation,
    reason = "cut off on purpose, and saturating"
)]
pub fn percent(part: i128, whole: i128) -> Option<i64> {
    (whole != 0).then(|| (part as f64 / whole as f64 * 100.0) as i64)
}

/// Bytes for a small screen: `512Mi`, `1.5Gi`, `23Gi`. One decimal below ten, none above.
pub fn human_bytes(bytes: i128) -> String {
    const UNITS: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let mut unit = 0;
    let mut size: i128 = 1;
    while unit + 1 < UNITS.len() && bytes.unsigned_abs() >= (size.unsigned_abs() << 10) {
        size <<= 10;
        unit += 1;
    }
    format!("{}{}", tenths(bytes, size), UNITS[unit])
}

/// CPU for a small screen: `250m` below one core, `1.3` or `12` from there on.
pub fn human_cpu(milli: i128) -> String {
    if milli.unsigned_abs() < 1000 {
        format!("{milli}m")
    } else {
        tenths(milli, 1000)
    }
}

/// `amount` over `unit`, rounded, with one decimal where it is small enough to need it.
fn tenths(amount: i128, unit: i128) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let (amount, unit) = (amount.unsigned_abs(), unit.unsigned_abs());
    let (whole, rest) = (amount / unit, amount % unit);
    let tenths = whole.saturating_mul(10) + (rest * 10 + unit / 2) / unit;
    if tenths >= 100 || tenths % 10 == 0 {
        let rounded = if tenths >= 100 {
            whole + rest * 2 / unit
        } else {
            tenths / 10
        };
        return format!("{sign}{rounded}");
    }
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Ten,
    Two,
}

/// A quantity's text, taken apart: sign, digits before and after the point, suffix.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let end = unsigned
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(unsigned.len());
        let (whole, rest) = unsigned.split_at(end);
        let (fraction, suffix) = match rest.strip_prefix('.') {
            None => ("", rest),
            Some(rest) => {
                let end = rest
                    .find(|character: char| !character.is_ascii_digit())
                    .unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        (!whole.is_empty() || !fraction.is_empty()).then(|| Self {
            negative,
            whole: whole.trim_start_matches('0'),
            fraction,
            suffix,
        })
    }

    /// All digits as one number, without the point.
    fn digits(&self) -> Option<i128> {
        let mut number: i128 = 0;
        for digit in self.whole.bytes().chain(self.fraction.bytes()) {
            number = number.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        Some(number)
    }

    /// In billionths, for a decimal suffix. Whatever is there is at least one billionth.
    fn decimal(&self, exponent: i32) -> Option<i128> {
        let digits = self.digits()?;
        let places = i64::from(exponent) + 9 - i64::try_from(self.fraction.len()).ok()?;
        if digits == 0 {
            return Some(0);
        }
        match u32::try_from(places) {
            Ok(places) => digits.checked_mul(10_i128.checked_pow(places)?),
            Err(_) => {
                let places = u32::try_from(places.unsigned_abs()).unwrap_or(u32::MAX);
                Some(10_i128.checked_pow(places).map_or(1, |by| div_up(digits, by)))
            }
        }
    }

    /// In billionths, for a binary suffix.
    fn binary(&self, exponent: i32) -> Option<i128> {
        let scaled = self
            .digits()?
            .checked_mul(1_i128.checked_shl(u32::try_from(exponent).ok()?)?)?;
        let places = u32::try_from(self.fraction.len()).ok()?;
        match places.checked_sub(9) {
            None => scaled.checked_mul(10_i128.pow(9 - places)),
            Some(over) => Some(10_i128.checked_pow(over).map_or(1, |by| div_up(scaled, by))),
        }
    }

    /// Whether the reference keeps this text instead of writing the amount anew.
    fn is_kept(&self, base: Base, exponent: i32) -> bool {
        let whole = if self.whole.is_empty() { "0" } else { self.whole };
        let places = whole.len() + self.fraction.len();
        match base {
            Base::Ten => {
                let scale = i64::from(exponent) - self.fraction.len() as i64;
                let ends_in_zeros = [whole, self.fraction].concat().ends_with("000");
                places <= EXACT_DIGITS
                    && scale >= -9
                    && scale % 3 == 0
                    && !ends_in_zeros
                    && !whole.starts_with('0')
            }
            Base::Two => {
                let room = 14 - i64::from(exponent) * 3 / 10;
                let last_bits = whole.parse::<i64>().map_or(0, |number| number & 7);
                self.fraction.is_empty() && room >= whole.len() as i64 && last_bits != 0
            }
        }
    }
}

/// What a suffix multiplies by, as a power of ten or two.
fn suffix(text: &str) -> Option<(Base, i32, Format)> {
    let decimal = |exponent| Some((Base::Ten, exponent, Format::Decimal));
    let binary = |exponent| Some((Base::Two, exponent, Format::Binary));
    match text {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let exponent = text.strip_prefix(['e', 'E'])?.parse().ok()?;
            Some((Base::Ten, exponent, Format::Exponent))
        }
    }
}

/// Writes billionths with the largest decimal suffix that needs no point.
fn decimal_text(nanos: i128, as_exponent: bool, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (mut mantissa, mut exponent) = (nanos, -9_i32);
    while mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    while exponent % 3 != 0 {
        mantissa *= 10;
        exponent -= 1;
    }
    let suffix = match exponent {
        _ if as_exponent => None,
        -9 => Some("n"),
        -6 => Some("u"),
        -3 => Some("m"),
        0 => Some(""),
        3 => Some("k"),
        6 => Some("M"),
        9 => Some("G"),
        12 => Some("T"),
        15 => Some("P"),
        18 => Some("E"),
        _ => None,
    };
    match suffix {
        Some(suffix) => write!(out, "{mantissa}{suffix}"),
        None if exponent == 0 => write!(out, "{mantissa}"),
        None => write!(out, "{mantissa}e{exponent}"),
    }
}

/// Writes whole units with the largest binary suffix that divides them.
fn binary_text(mut units: i128, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    const SUFFIXES: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let mut suffix = 0;
    while units % 1024 == 0 && suffix + 1 < SUFFIXES.len() {
        units /= 1024;
        suffix += 1;
    }
    write!(out, "{units}{}", SUFFIXES[suffix])
}

/// Divides and rounds away from zero. `by` is positive.
fn div_up(number: i128, by: i128) -> i128 {
    number / by + (number % by).signum()
}
