//! The finished event with its trace, and the limit that it must keep.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::super::field_note::{FieldNote, Trace};

/// Bytes of an event for a synchronous invocation, base64 and all (semantics 1.6, 5.4).
pub const EVENT_LIMIT: usize = 6_291_456;

/// An event ready for the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltEvent {
    /// Compact JSON.
    pub json: Bytes,
    pub trace: Vec<FieldNote>,
}

/// The request makes an event over the limit; the door answers 413 (`answers::Failure::RequestTooLarge`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event has {bytes} bytes and the limit is {limit}; a body in base64 counts a third more")]
pub struct EventTooLarge {
    pub bytes: usize,
    pub limit: usize,
    pub trace: Vec<FieldNote>,
}

pub(super) fn finish(event: Map<String, Value>, trace: Trace) -> Result<BuiltEvent, EventTooLarge> {
    let json = Value::Object(event).to_string();
    let trace = trace.into_notes();
    if json.len() > EVENT_LIMIT {
        return Err(EventTooLarge { bytes: json.len(), limit: EVENT_LIMIT, trace });
    }
    Ok(BuiltEvent { json: json.into(), trace })
}

/// An object of texts.
pub(super) fn text_object<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
}

/// `null` in place of an object without members, as payload format 1.0 wants it.
pub(super) fn object_or_null(members: Map<String, Value>) -> Value {
    if members.is_empty() { Value::Null } else { Value::Object(members) }
}
