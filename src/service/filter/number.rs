//! Numbers as `numeric` compares them: exact, within a range and a precision of their own.

/// Digits that count, before and behind the decimal point together.
const DIGITS: usize = 15;
/// Digits behind the decimal point.
const DECIMALS: i64 = 6;
/// The largest number, and the negative of the smallest one.
const LARGEST: i64 = 5_000_000_000_000_000;

/// A number in millionths, from -5.0e9 to 5.0e9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Millionths(i64);

impl Millionths {
    /// Reads a JSON number.
    ///
    /// # Errors
    /// `numeric` does not compare it; the text says why.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const RANGE: &str = "numeric compares numbers from -5.0e9 to 5.0e9";
        let (digits, scale) = digits(text);
        if digits.is_empty() {
            return Ok(Self(0));
        }
        if digits.len() > DIGITS || scale > DECIMALS {
            return Err("numeric compares numbers of up to 15 digits, 6 of them behind the decimal point");
        }
        let power = u32::try_from(DECIMALS - scale).ok().and_then(|power| 10_i64.checked_pow(power)).ok_or(RANGE)?;
        let size: i64 = digits.parse().map_err(|_| RANGE)?;
        let size = size.checked_mul(power).filter(|size| *size <= LARGEST).ok_or(RANGE)?;
        Ok(Self(if text.starts_with('-') { -size } else { size }))
    }
}

/// The digits that count, and how many of them stand behind the decimal point: less than none where zeros follow.
fn digits(text: &str) -> (String, i64) {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let written = format!("{whole}{fraction}");
    let counting = written.trim_start_matches('0');
    let digits = counting.trim_end_matches('0');
    // An exponent that no number has room for is as large as one can be.
    let far = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
    let exponent = exponent.parse().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4);
    let behind = i64::try_from(fraction.len()).unwrap_or(i64::MAX / 4);
    let zeros = i64::try_from(counting.len() - digits.len()).unwrap_or(i64::MAX / 4);
    (digits.to_owned(), behind - zeros - exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_within_their_range() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("0e99999999999999999999", Some(0)),
            ("300", Some(300_000_000)),
            ("3.0e2", Some(300_000_000)),
            ("0.000001", Some(1)),
            ("-1.5", Some(-1_500_000)),
            ("12E-1", Some(1_200_000)),
            ("5000000000", Some(5_000_000_000_000_000)),
            ("-5.0e9", Some(-5_000_000_000_000_000)),
            ("100.0000000000", Some(100_000_000)),
            ("123456789.123456", Some(123_456_789_123_456)),
            ("5000000000.1", None),
            ("1e10", None),
            ("1e99999999999999999999", None),
            ("1e-99999999999999999999", None),
            ("0.0000001", None),
            ("1234567890.123456", None),
        ] {
            assert_eq!(Millionths::parse(text).ok(), expected.map(Millionths), "{text}");
        }
    }
}
