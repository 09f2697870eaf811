//! An event as bytes, and the limit that no event passes.

use bytes::Bytes;
use serde::{Serialize, Serializer};

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

/// The event as compact JSON.
pub(super) fn written(event: &impl Serialize, body: usize) -> Result<Bytes, EventTooLarge> {
    let mut json = Vec::with_capacity(body + body / 2 + USUAL_ENVELOPE);
    let written = serde_json::to_writer(&mut json, event);
    debug_assert!(written.is_ok(), "texts, numbers and objects with names always become JSON: {written:?}");
    if json.len() > EVENT_LIMIT {
        return Err(EventTooLarge { bytes: json.len(), limit: EVENT_LIMIT });
    }
    // The room that was left over must not live on with the event.
    json.shrink_to_fit();
    Ok(json.into())
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
