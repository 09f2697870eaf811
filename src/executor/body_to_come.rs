//! Where in the bytes of a connection a head ends, and the body behind it.

use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use hyper::http::request::Parts;

/// What is still to come of the body behind a head. It may hold whatever looks like a head, so it is counted off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BodyToCome {
    #[default]
    Nothing,
    Sized(u64),
    ChunkSize {
        size: u64,
        /// The digits are over: an extension, or the end of the line.
        read: bool,
    },
    /// The line break after it included.
    ChunkData(u64),
    Trailers {
        line_is_empty: bool,
    },
}

impl BodyToCome {
    /// The body of a request.
    #[must_use]
    pub fn of_request(request: &Parts) -> Self {
        if request.headers.contains_key(TRANSFER_ENCODING) {
            return Self::ChunkSize { size: 0, read: false };
        }
        let length = request.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        length.filter(|length| *length > 0).map_or(Self::Nothing, Self::Sized)
    }

    /// The body of the response with this head; a response without a length lasts until the connection ends.
    #[must_use]
    pub fn of_response(head: &[u8]) -> Self {
        let mut length = None;
        for line in head.split(|byte| *byte == b'\n').skip(1) {
            let Some((name, value)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(':')) else { continue };
            if name.eq_ignore_ascii_case("transfer-encoding") {
                return Self::ChunkSize { size: 0, read: false };
            }
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
        }
        match length {
            Some(0) => Self::Nothing,
            length => Self::Sized(length.unwrap_or(u64::MAX)),
        }
    }

    /// How many of these bytes, from the first on, belong to the body.
    pub fn count_off(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() && *self != Self::Nothing {
            at += match self {
                Self::Sized(left) | Self::ChunkData(left) => {
                    let here = (bytes.len() - at).min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= here as u64;
                    here
                }
                Self::Nothing | Self::ChunkSize { .. } | Self::Trailers { .. } => 1,
            };
            self.next(bytes[at - 1]);
        }
        at
    }

    /// What comes after the last byte that was counted.
    fn next(&mut self, last: u8) {
        match self {
            Self::Sized(0) => *self = Self::Nothing,
            Self::ChunkData(0) => *self = Self::ChunkSize { size: 0, read: false },
            Self::ChunkSize { size: 0, .. } if last == b'\n' => *self = Self::Trailers { line_is_empty: true },
            Self::ChunkSize { size, .. } if last == b'\n' => *self = Self::ChunkData(size.saturating_add(2)),
            Self::ChunkSize { size, read } => match char::from(last).to_digit(16).filter(|_| !*read) {
                Some(digit) => *size = size.saturating_mul(16).saturating_add(digit.into()),
                None => *read = true,
            },
            Self::Trailers { line_is_empty: true } if last == b'\n' => *self = Self::Nothing,
            Self::Trailers { line_is_empty } => *line_is_empty = last == b'\n' || (*line_is_empty && last == b'\r'),
            Self::Nothing | Self::Sized(_) | Self::ChunkData(_) => {}
        }
    }
}

/// Where a head is over, the empty line included; line breaks are those that the HTTP library takes for one.
#[must_use]
pub fn end_of_head(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|at| match bytes.get(at + 1..)? {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}
