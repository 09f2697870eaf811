//! The names of things that pass through the service. All of them are cheap to copy or to clone.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The id of an invocation, the same over all attempts of an asynchronous event (semantics 3.1); shown as a UUID.
///
/// Packed, since the alignment of a `u128` would make everything that has an id larger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(8))]
pub struct RequestId(pub u128);

/// The id of a message in a queue; shown as a UUID. Packed as [`RequestId`] is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(8))]
pub struct MessageId(pub u128);

/// An execution environment of a function. Never used twice in the life of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentId(pub u64);

/// A batch that an event source mapping sent to its function. Never used twice in the life of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// Whom to tell the result of an invocation; chosen by the executor, meaningless to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyToken(pub u64);

/// The bare name of a function, without account or qualifier.
pub type FunctionName = Arc<str>;

/// The name of a queue.
pub type QueueName = Arc<str>;

/// Whether a text is the name of a region as AWS writes them, such as `eu-central-1`; new ones come every year.
#[must_use]
pub fn is_region(text: &str) -> bool {
    text.contains('-') && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Whether a text is the id of an account: 12 digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

/// A UUID in its 36 characters. Written by hand: every log line of the service carries one.
pub(super) struct UuidText([u8; 36]);

impl UuidText {
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn uuid_text(id: u128) -> UuidText {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    let mut text = [b'-'; 36];
    for (byte, place) in id.to_be_bytes().into_iter().zip(PLACES) {
        text[place] = DIGITS[usize::from(byte >> 4)];
        text[place + 1] = DIGITS[usize::from(byte & 0xf)];
    }
    UuidText(text)
}

/// A text is not a UUID of the form `7f3c0a52-1d0e-4b3f-9a61-4f2c8e90d1aa`.
#[derive(Debug, thiserror::Error)]
#[error("not a request id: a UUID has 32 hexadecimal digits")]
pub struct ParseIdError;

fn parse_uuid(text: &str) -> Result<u128, ParseIdError> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    if digits.len() != 32 {
        return Err(ParseIdError);
    }
    u128::from_str_radix(&digits, 16).map_err(|_| ParseIdError)
}

/// Marks random bits as a version 4 UUID (RFC 9562, 5.4).
#[must_use]
pub fn as_uuid_v4(random: u128) -> u128 {
    (random & !(0xf000 << 64) & !(0b11 << 62)) | (0x4000 << 64) | (0b10 << 62)
}

macro_rules! shown_as_uuid {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(uuid_text(self.0).as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(uuid_text(self.0).as_str())
            }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_uuid(text).map(Self)
            }
        }
    )*};
}

shown_as_uuid!(RequestId, MessageId);

impl RequestId {
    pub(super) fn text(self) -> UuidText {
        uuid_text(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_and_read_as_uuids() {
        let id = RequestId(as_uuid_v4(u128::MAX));
        assert_eq!(id.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(id.to_string().parse::<RequestId>().ok(), Some(id));
        assert!("12".parse::<RequestId>().is_err());
    }

    #[test]
    fn regions_and_accounts_are_known_by_their_form() {
        for (text, region, account) in [
            ("eu-central-1", true, false),
            ("us-gov-west-1", true, false),
            ("Frankfurt", false, false),
            ("EU-CENTRAL-1", false, false),
            ("123456789012", false, true),
            ("12345678901", false, false),
            ("12345678901x", false, false),
        ] {
            assert_eq!((is_region(text), is_account_id(text)), (region, account), "{text}");
        }
    }
}
