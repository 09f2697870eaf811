//! Errors as runtimes report them (semantics 2.1, 2.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::{Value, json};

use crate::service::input::FunctionError;

const TYPE: &str = "lambda-runtime-function-error-type";
const BODY: &str = "lambda-runtime-function-error-body";

/// The error object as the runtime sent it. Its type is the object's own, else the header's.
pub(super) fn of(headers: &HeaderMap, payload: Bytes) -> FunctionError {
    let object: Value = serde_json::from_slice(&payload).unwrap_or_default();
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let in_header = headers.get(TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let error_type = match text("errorType") {
        "" => known_type(in_header),
        own => own,
    };
    if object.is_object() {
        return FunctionError { error_type: error_type.into(), message: text("errorMessage").into(), payload };
    }
    new(error_type, &String::from_utf8_lossy(&payload))
}

/// An error that is found here and not told by the runtime.
pub(super) fn new(error_type: &str, message: &str) -> FunctionError {
    let payload = json!({ "errorType": error_type, "errorMessage": message }).to_string();
    FunctionError { error_type: error_type.into(), message: message.into(), payload: payload.into() }
}

/// A streamed response may still fail in its trailers; the body there is base64.
pub(super) fn in_trailers(trailers: Option<&HeaderMap>) -> Option<FunctionError> {
    let trailers = trailers.filter(|trailers| trailers.contains_key(TYPE))?;
    let text = trailers.get(BODY).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    let body = STANDARD.decode(&text).unwrap_or(text);
    Some(of(trailers, body.into()))
}

/// `(Runtime|Function)\.[A-Z][a-zA-Z]+`, else the unknown type of its family.
fn known_type(name: &str) -> &str {
    let (unknown, rest) = match name.strip_prefix("Function.") {
        Some(rest) => ("Function.Unknown", rest),
        None => ("Runtime.Unknown", name.strip_prefix("Runtime.").unwrap_or_default()),
    };
    let well_formed =
        rest.len() > 1 && rest.starts_with(|c: char| c.is_ascii_uppercase()) && rest.chars().all(|c| c.is_ascii_alphabetic());
    if well_formed { name } else { unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(error_type: &'static str) -> HeaderMap {
        [(hyper::header::HeaderName::from_static(TYPE), hyper::header::HeaderValue::from_static(error_type))]
            .into_iter()
            .collect()
    }

    #[test]
    fn the_type_is_the_objects_own_else_the_headers() {
        let own = of(&headers("Runtime.Other"), Bytes::from_static(b"{\"errorType\":\"ValueError\",\"errorMessage\":\"no\"}"));
        assert_eq!((&*own.error_type, &*own.message), ("ValueError", "no"));
        assert_eq!(&*of(&headers("Function.NoSuchHandler"), Bytes::from_static(b"{}")).error_type, "Function.NoSuchHandler");
    }

    #[test]
    fn types_of_no_known_form_are_unknown() {
        for (name, expected) in [
            ("ValueError", "Runtime.Unknown"),
            ("Runtime.x", "Runtime.Unknown"),
            ("Function.9", "Function.Unknown"),
            ("Function.", "Function.Unknown"),
            ("Runtime.ExitError", "Runtime.ExitError"),
        ] {
            assert_eq!(known_type(name), expected);
        }
    }

    #[test]
    fn an_error_that_is_no_json_object_becomes_one() {
        for junk in [&b"boom"[..], b"[1]", b"", b"\xff"] {
            let error = of(&HeaderMap::new(), Bytes::copy_from_slice(junk));
            assert_eq!(&*error.error_type, "Runtime.Unknown");
            assert!(serde_json::from_slice::<Value>(&error.payload).unwrap().is_object());
        }
    }

    #[test]
    fn trailers_carry_an_error_in_base64() {
        let mut trailers = headers("Function.Broken");
        trailers.insert(BODY, STANDARD.encode("{\"errorMessage\":\"late\"}").parse().unwrap());
        let error = in_trailers(Some(&trailers)).unwrap();
        assert_eq!((&*error.error_type, &*error.message), ("Function.Broken", "late"));
        assert!(in_trailers(Some(&HeaderMap::new())).is_none());
    }
}
