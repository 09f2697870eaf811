//! The names of things that pass through the service. All of them are cheap to copy or to clone.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The id of an invocation, the same over all attempts of an asynchronous event (semantics 3.1); shown as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u128);

/// The id of a message in a queue; shown as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// Written by hand: every log line of the service carries one.
fn write_uuid(f: &mut fmt::Formatter<'_>, id: u128) -> fmt::Result {
    let mut text = [b'-'; 36];
    let mut digit = 0;
    for (place, byte) in text.iter_mut().enumerate() {
        if !matches!(place, 8 | 13 | 18 | 23) {
            let nibble = (id >> (124 - 4 * digit)) & 0xf;
            *byte = b"0123456789abcdef"[nibble as usize];
            digit += 1;
        }
    }
    f.write_str(std::str::from_utf8(&text).unwrap_or_default())
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

macro_rules! uuid_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(f, self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(f, self.0)
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

uuid_text!(RequestId, MessageId);

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
}
