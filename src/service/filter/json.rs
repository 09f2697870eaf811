//! JSON of which only those parts are read that a pattern asks for. A number stays the text that it is written in.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The members of an object; of a key that stands twice, the last one.
pub(super) type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Anything but a list and an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Null,
    Boolean(bool),
    /// As it is written: `300` and `3.0e2` are not the same.
    Number(String),
    Text(String),
}

/// A value, read as far as its own level.
pub(super) enum Value<'a> {
    Scalar(Scalar),
    List(Vec<&'a RawValue>),
    Object(Object<'a>),
}

/// Reads one level; `None` for a string that holds half a surrogate pair, and for an object that has such a key.
pub(super) fn read(raw: &RawValue) -> Option<Value<'_>> {
    let text = raw.get();
    Some(match text.as_bytes().first()? {
        b'{' => Value::Object(serde_json::from_str(text).ok()?),
        b'[' => Value::List(serde_json::from_str(text).ok()?),
        b'"' => Value::Scalar(Scalar::Text(serde_json::from_str(text).ok()?)),
        b'n' => Value::Scalar(Scalar::Null),
        b't' => Value::Scalar(Scalar::Boolean(true)),
        b'f' => Value::Scalar(Scalar::Boolean(false)),
        _ => Value::Scalar(Scalar::Number(text.to_owned())),
    })
}
