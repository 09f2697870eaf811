//! `application/vnd.amazon.eventstream`, the framing of a streamed invoke (semantics 1.8).
//!
//! A message is its whole length and the length of its headers, each 32 bits, a CRC-32 of both, the headers, the payload and a
//! CRC-32 of all before it; every number is big-endian.

use bytes::Bytes;

/// Bytes around headers and payload: two lengths and two checksums.
const FRAME: usize = 16;
/// The type of a header whose value is a string.
const STRING: u8 = 7;

/// An event with its type and the type of its payload. What a function writes at once is far below 4 GB.
pub(super) fn event(event_type: &str, content_type: &str, payload: &[u8]) -> Bytes {
    let mut headers = Vec::with_capacity(96);
    for (name, value) in [(":event-type", event_type), (":content-type", content_type), (":message-type", "event")] {
        headers.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        headers.extend(name.as_bytes());
        headers.push(STRING);
        headers.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut message = Vec::with_capacity(FRAME + headers.len() + payload.len());
    message.extend(length(FRAME + headers.len() + payload.len()));
    message.extend(length(headers.len()));
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message.extend(headers);
    message.extend(payload);
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with another implementation of CRC-32; botocore reads three headers and `hello`.
    #[test]
    fn a_message_is_the_one_that_clients_decode() {
        let message = event("PayloadChunk", "application/octet-stream", b"hello");
        let hex: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "0000006f0000005af5fe871f0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468656c6c6f29e71260"
        );
    }
}
