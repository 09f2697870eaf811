//! The members of a proxy response, each read strictly and refused in an exact sentence.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::super::field_note::{Change, Trace, pointer};
use super::result_json::{Entries, parsed, shown};

pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// `statusCode`: a whole number from 100 to 599, or its digits as a text; `None` if the member is missing. An informational
/// status is in the documented range, but no response can end with one (RFC 9110, 15.2), so it is refused here.
pub(super) fn status_code(members: &Members<'_>, trace: &mut Trace) -> Result<Option<u16>, String> {
    let Some(raw) = members.get("statusCode") else { return Ok(None) };
    let text = match parsed(raw)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            trace.add(Change::Decoded, "/statusCode", "status", "a text of digits is accepted");
            text
        }
        Value::Null => return Err("statusCode is null, not a number".to_owned()),
        _ => return Err(format!("statusCode is {}, not a number", shown(raw))),
    };
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    match whole.parse::<u16>() {
        Ok(status @ 200..=599) => Ok(Some(status)),
        Ok(100..=199) => Err(format!("statusCode is {text}; an informational status cannot end an exchange")),
        _ => Err(format!("statusCode is {text}; it must be a whole number from 100 to 599")),
    }
}

/// `headers`: an object of texts. Numbers and booleans become texts, null leaves the header out.
pub(super) fn headers(members: &Members<'_>, trace: &mut Trace) -> Result<Vec<(String, String)>, String> {
    let mut lines = Vec::new();
    for (name, value) in object(members, "headers")? {
        match header_text(value)? {
            Some(text) => {
                if kind(value) != TEXT {
                    let at = pointer("/headers", &name);
                    trace.add(Change::Decoded, at, format_args!("header {name}"), format_args!("{value} became a text"));
                }
                lines.push((name, text));
            }
            None if kind(value) == NULL => trace.add(Change::Dropped, pointer("/headers", &name), "", "null is no value"),
            None => return Err(format!("headers: \"{name}\" is {}, not a text", kind(value))),
        }
    }
    Ok(lines)
}

/// `multiValueHeaders`: an object of arrays of texts.
pub(super) fn multi_value_headers(members: &Members<'_>) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut groups = Vec::new();
    for (name, value) in object(members, "multiValueHeaders")? {
        if kind(value) != ARRAY {
            return Err(format!("multiValueHeaders: \"{name}\" is {}, not an array", kind(value)));
        }
        let mut texts = Vec::new();
        for value in serde_json::from_str::<Vec<&RawValue>>(value.get()).map_err(|error| error.to_string())? {
            let wrong = || format!("multiValueHeaders: \"{name}\" contains {}, not a text", kind(value));
            texts.push(header_text(value)?.ok_or_else(wrong)?);
        }
        groups.push((name, texts));
    }
    Ok(groups)
}

/// `cookies`: an array of texts.
pub(super) fn cookies(members: &Members<'_>) -> Result<Vec<String>, String> {
    let Some(raw) = members.get("cookies") else { return Ok(Vec::new()) };
    let wrong = || format!("cookies is {}, not an array of texts", shown(raw));
    match parsed(raw)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) => values.into_iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}

/// `body`: a text; missing and null are empty.
pub(super) fn body(members: &Members<'_>) -> Result<String, String> {
    let Some(raw) = members.get("body") else { return Ok(String::new()) };
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).map_err(|error| format!("body is not a valid text: {error}")),
        Some(b'n') => Ok(String::new()),
        _ => Err(format!("body is {}, not a text; wrap it in JSON.stringify or json.dumps", shown(raw))),
    }
}

/// `isBase64Encoded`: a boolean; missing and null are false.
pub(super) fn is_base64_encoded(members: &Members<'_>) -> Result<bool, String> {
    let Some(raw) = members.get("isBase64Encoded") else { return Ok(false) };
    match raw.get() {
        "true" => Ok(true),
        "false" | "null" => Ok(false),
        _ => Err(format!("isBase64Encoded is {}, not a boolean", shown(raw))),
    }
}

/// A member that is a text; `None` if it is missing or anything else.
pub(super) fn text(members: &Members<'_>, name: &str) -> Option<String> {
    serde_json::from_str(members.get(name)?.get()).ok()
}

/// The first member that the door does not know.
pub(super) fn unknown_member<'a>(members: &'a Members<'_>, known: &[&str]) -> Option<&'a str> {
    members.keys().map(String::as_str).find(|name| !known.contains(name))
}

/// An object member, in order; missing and null are empty.
fn object<'a>(members: &Members<'a>, name: &str) -> Result<Vec<(String, &'a RawValue)>, String> {
    let Some(raw) = members.get(name) else { return Ok(Vec::new()) };
    match kind(raw) {
        OBJECT => serde_json::from_str(raw.get()).map(|Entries(entries)| entries).map_err(|error| error.to_string()),
        NULL => Ok(Vec::new()),
        _ => Err(format!("{name} is {}, not an object", shown(raw))),
    }
}

/// A value as a header carries it: a number as the function wrote it. `None` if it is null, an array or an object.
fn header_text(value: &RawValue) -> Result<Option<String>, String> {
    match kind(value) {
        TEXT => serde_json::from_str(value.get()).map(Some).map_err(|error| error.to_string()),
        NUMBER | BOOLEAN => Ok(Some(value.get().to_owned())),
        _ => Ok(None),
    }
}

const NULL: &str = "null";
const BOOLEAN: &str = "a boolean";
const NUMBER: &str = "a number";
const TEXT: &str = "a text";
const ARRAY: &str = "an array";
const OBJECT: &str = "an object";

fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'n') => NULL,
        Some(b't' | b'f') => BOOLEAN,
        Some(b'"') => TEXT,
        Some(b'[') => ARRAY,
        Some(b'{') => OBJECT,
        _ => NUMBER,
    }
}
