//! The operators of conditions.

use core::net::IpAddr;

use jiff::Timestamp;

use super::pattern::{arn_matches, matches};

/// How a condition compares; `Not...` forms and `...IfExists` are flags of the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    /// Also `ArnEquals`, which AWS treats the same.
    ArnLike,
    Bool,
    Null,
    IpAddress,
    DateEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
}

/// The names of policies, with operator and negation.
const NAMES: [(&str, Operator, bool); 20] = [
    ("StringEquals", Operator::StringEquals, false),
    ("StringNotEquals", Operator::StringEquals, true),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Operator::StringEqualsIgnoreCase, true),
    ("StringLike", Operator::StringLike, false),
    ("StringNotLike", Operator::StringLike, true),
    ("ArnEquals", Operator::ArnLike, false),
    ("ArnLike", Operator::ArnLike, false),
    ("ArnNotEquals", Operator::ArnLike, true),
    ("ArnNotLike", Operator::ArnLike, true),
    ("Bool", Operator::Bool, false),
    ("Null", Operator::Null, false),
    ("IpAddress", Operator::IpAddress, false),
    ("NotIpAddress", Operator::IpAddress, true),
    ("DateEquals", Operator::DateEquals, false),
    ("DateNotEquals", Operator::DateEquals, true),
    ("DateLessThan", Operator::DateLessThan, false),
    ("DateLessThanEquals", Operator::DateLessThanEquals, false),
    ("DateGreaterThan", Operator::DateGreaterThan, false),
    ("DateGreaterThanEquals", Operator::DateGreaterThanEquals, false),
];

impl Operator {
    /// The operator of a name without `IfExists`, and whether it is negated.
    pub(super) fn parse(name: &str) -> Option<(Self, bool)> {
        NAMES.iter().find(|(other, ..)| *other == name).map(|(_, operator, negated)| (*operator, *negated))
    }

    /// All names, for the error that lists them.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, ..)| *name)
    }

    /// Compares one wanted value with the value of the request.
    pub(super) fn fits(self, wanted: &str, actual: &str) -> bool {
        match self {
            Self::StringEquals => wanted == actual,
            Self::StringEqualsIgnoreCase => wanted.to_lowercase() == actual.to_lowercase(),
            Self::StringLike => matches(wanted, actual),
            Self::ArnLike => arn_matches(wanted, actual),
            Self::Bool => wanted.eq_ignore_ascii_case(actual),
            Self::Null => false, // Looks at presence only; see `Condition::judge`.
            Self::IpAddress => address_in_range(wanted, actual),
            Self::DateEquals => dates(wanted, actual).is_some_and(|(wanted, actual)| actual == wanted),
            Self::DateLessThan => dates(wanted, actual).is_some_and(|(wanted, actual)| actual < wanted),
            Self::DateLessThanEquals => dates(wanted, actual).is_some_and(|(wanted, actual)| actual <= wanted),
            Self::DateGreaterThan => dates(wanted, actual).is_some_and(|(wanted, actual)| actual > wanted),
            Self::DateGreaterThanEquals => dates(wanted, actual).is_some_and(|(wanted, actual)| actual >= wanted),
        }
    }
}

fn dates(wanted: &str, actual: &str) -> Option<(Timestamp, Timestamp)> {
    Some((date(wanted)?, date(actual)?))
}

/// `2026-03-12T19:03:58Z`, or seconds since 1970.
fn date(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| Timestamp::from_second(text.parse().ok()?).ok())
}

/// Whether an address lies in `203.0.113.0/24` or is the address named.
fn address_in_range(range: &str, address: &str) -> bool {
    let (network, length) = range.split_once('/').map_or((range, None), |(network, length)| (network, Some(length)));
    let (Ok(network), Ok(address)) = (network.parse::<IpAddr>(), address.parse::<IpAddr>()) else { return false };
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (u128::from(network.to_bits()), u128::from(address.to_bits()), 32),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let length = match length.map(str::parse::<u32>) {
        None => width,
        Some(Ok(length)) if length <= width => length,
        Some(_) => return false,
    };
    (network ^ address).checked_shr(width - length).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared() {
        let table = [
            (Operator::StringEquals, "NONE", "NONE", true),
            (Operator::StringEquals, "NONE", "none", false),
            (Operator::StringEqualsIgnoreCase, "NONE", "none", true),
            (Operator::StringLike, "o-*", "o-abc", true),
            (Operator::ArnLike, "arn:aws:s3:::up*", "arn:aws:s3:::uploads", true),
            (Operator::Bool, "true", "True", true),
            (Operator::Bool, "true", "false", false),
            (Operator::IpAddress, "203.0.113.0/24", "203.0.113.9", true),
            (Operator::IpAddress, "203.0.113.0/24", "203.0.114.9", false),
            (Operator::IpAddress, "0.0.0.0/0", "203.0.114.9", true),
            (Operator::IpAddress, "127.0.0.1", "127.0.0.1", true),
            (Operator::IpAddress, "::/0", "127.0.0.1", false),
            (Operator::IpAddress, "2001:db8::/32", "2001:db8:1::1", true),
            (Operator::IpAddress, "1.2.3.4/33", "1.2.3.4", false),
            (Operator::IpAddress, "x", "y", false),
            (Operator::DateLessThan, "2026-03-13T00:00:00Z", "2026-03-12T19:03:58Z", true),
            (Operator::DateGreaterThanEquals, "1773342238", "2026-03-12T19:03:58Z", true),
            (Operator::DateEquals, "soon", "2026-03-12T19:03:58Z", false),
        ];
        for (operator, wanted, actual, fits) in table {
            assert_eq!(operator.fits(wanted, actual), fits, "{operator:?} {wanted} {actual}");
        }
    }
}
