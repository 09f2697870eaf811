//! When a certificate ends: the one thing that is read out of it (RFC 5280, 4.1).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::service::time::Timestamp;

const SEQUENCE: u8 = 0x30;
/// `[0]` before the version, which old certificates lack.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;

/// The end of a certificate's validity; `None` if the bytes are no certificate.
pub(super) fn end_of(certificate: &[u8]) -> Option<Timestamp> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut rest, _) = element(certificate)?;
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (tag, validity, _) = element(rest)?;
    let (_, _, after_begin) = element(validity)?;
    let (kind, text, _) = element(after_begin)?;
    moment(kind, std::str::from_utf8(text).ok()?).filter(|_| tag == SEQUENCE)
}

/// Tag, content, and what comes after the first element.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// `271030120000Z`, whose first two digits are a year from 1950 to 2049, or `20501030120000Z`.
fn moment(kind: u8, text: &str) -> Option<Timestamp> {
    let century = match (kind, text.get(..2)?.parse::<u8>().ok()?) {
        (UTC_TIME, ..50) => "20",
        (UTC_TIME, _) => "19",
        _ => "",
    };
    let at = DateTime::strptime("%Y%m%d%H%M%SZ", format!("{century}{text}")).ok()?;
    let at = TimeZone::UTC.to_timestamp(at).ok()?.as_microsecond();
    Some(Timestamp(u64::try_from(at).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::super::certificate::{Pair, made};
    use super::*;

    #[test]
    fn the_end_is_read_in_either_form_of_a_time() {
        let day = 24 * 3_600 * 1_000_000;
        for now in [1_773_342_238_000_000, 2_600_000_000_000_000] {
            let text = made(Timestamp(now)).unwrap();
            let pair = Pair::read(&(text.certificate + &text.key)).unwrap();
            assert_eq!(end_of(&pair.certificate), Some(Timestamp(now + 396 * day)));
        }
    }

    #[test]
    fn whatever_is_no_certificate_has_no_end() {
        let text = made(Timestamp(1_773_342_238_000_000)).unwrap();
        let whole = Pair::read(&(text.certificate + &text.key)).unwrap().certificate;
        for length in 0..whole.len() {
            assert_eq!(end_of(&whole[..length]), None, "{length}");
        }
        assert_eq!(end_of(&[0x30, 0xff, 1, 2, 3]), None);
    }
}
