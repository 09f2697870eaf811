//! An event as bytes, and the limit that no event passes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::body::{EventBody, base64_length};

/// Bytes of an event for a synchronous invocation, base64 and all (semantics 1.6, 5.4).
pub const EVENT_LIMIT: usize = 6_291_456;
/// What an event has beside its body, most of the time: room that is made at once.
const USUAL_ENVELOPE: usize = 3 << 10;

/// The request makes an event over the limit; the door answers 413 (`answers::Failure::RequestTooLarge`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event has {bytes} bytes and the limit is {limit}; a body in base64 counts a third more")]
pub struct EventTooLarge {
    pub bytes: usize,
    pub limit: usize,
}

/// What stands in place of a body that is absent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WithoutBody {
    LeftOut,
    Null,
    EmptyText,
}

/// The event as compact JSON. `body` and `isBase64Encoded` end it in every format, so they are written behind what `event`
/// has: a body of megabytes goes in with one copy, and is looked through many bytes at a time.
pub(super) fn written(event: &impl Serialize, body: &EventBody<'_>, without: WithoutBody) -> Result<Bytes, EventTooLarge> {
    let mut json = Vec::with_capacity(USUAL_ENVELOPE + body.room());
    let envelope = serde_json::to_writer(&mut json, event);
    debug_assert!(envelope.is_ok(), "texts, numbers and objects with names always become JSON: {envelope:?}");
    // The brace that closes it.
    json.pop();
    match (body, without) {
        (EventBody::Absent, WithoutBody::LeftOut) => {}
        (EventBody::Absent, WithoutBody::Null) => json.extend_from_slice(br#","body":null"#),
        (EventBody::Absent, WithoutBody::EmptyText) => json.extend_from_slice(br#","body":"""#),
        (EventBody::Text(text), _) => {
            json.extend_from_slice(br#","body":"#);
            json_escape_simd::escape_into(text, &mut json);
        }
        (EventBody::Base64(bytes), _) => {
            json.extend_from_slice(br#","body":""#);
            append_base64(bytes, &mut json);
            json.push(b'"');
        }
    }
    let is_base64_encoded = matches!(body, EventBody::Base64(_));
    json.extend_from_slice(format!(r#","isBase64Encoded":{is_base64_encoded}}}"#).as_bytes());
    if json.len() > EVENT_LIMIT {
        return Err(EventTooLarge { bytes: json.len(), limit: EVENT_LIMIT });
    }
    // The room that was left over must not live on with the event.
    json.shrink_to_fit();
    Ok(json.into())
}

fn append_base64(bytes: &[u8], json: &mut Vec<u8>) {
    let begin = json.len();
    json.resize(begin + base64_length(bytes), b'=');
    let encoded = STANDARD.encode_slice(bytes, &mut json[begin..]);
    debug_assert!(encoded.is_ok(), "there is room for exactly this: {encoded:?}");
}

/// A JSON object whose members come in this order. No name stands twice.
#[derive(Debug)]
pub(super) struct Members<N, V>(pub(super) Vec<(N, V)>);

impl<N, V> Members<N, V> {
    /// `None` in place of an object without members: payload format 1.0 writes `null`, 2.0 leaves it out.
    pub(super) fn if_any(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }
}

impl<'a> Members<&'a str, &'a str> {
    pub(super) fn of(pairs: &'a [(String, String)]) -> Self {
        Self(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
    }
}

impl<N: Serialize, V: Serialize> Serialize for Members<N, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
