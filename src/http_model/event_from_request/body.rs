//! Whether a body travels as text or as base64, and why.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::field_note::{Change, Trace};
use super::super::message::HttpRequest;

/// How a body stands in the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyEncoding {
    pub base64: bool,
    /// A sentence fragment for the trace: `content type image/png is not text`.
    pub reason: String,
}

impl BodyEncoding {
    fn text(reason: impl Into<String>) -> Self {
        Self { base64: false, reason: reason.into() }
    }

    fn base64(reason: impl Into<String>) -> Self {
        Self { base64: true, reason: reason.into() }
    }
}

/// The rule of function URLs and HTTP APIs (semantics 5.2, table of content types).
#[must_use]
pub fn for_url_or_http_api(request: &HttpRequest) -> BodyEncoding {
    let Some(media_type) = media_type(request) else {
        return BodyEncoding::base64("no content type");
    };
    let named_as_text = media_type != "application/x-www-form-urlencoded"
        && !media_type.starts_with("multipart/")
        && (media_type.starts_with("text/")
            || media_type.contains("json")
            || media_type.contains("xml")
            || media_type == "application/javascript");
    by_name_and_bytes(request, &media_type, named_as_text)
}

/// The rule of load balancers (semantics 6.6).
#[must_use]
pub fn for_load_balancer(request: &HttpRequest) -> BodyEncoding {
    if let Some(encoding) = request.headers.get("content-encoding") {
        return BodyEncoding::base64(format!("content-encoding is {encoding}"));
    }
    let Some(media_type) = media_type(request) else {
        return BodyEncoding::base64("no content type");
    };
    let named_as_text = media_type.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&media_type.as_str());
    by_name_and_bytes(request, &media_type, named_as_text)
}

/// The rule of REST APIs: base64 only for the binary media types of the API (semantics 6.2).
pub(super) fn for_rest_api(request: &HttpRequest, binary_media_types: &[String]) -> BodyEncoding {
    let media_type = media_type(request).unwrap_or_else(|| "application/json".to_owned());
    match binary_media_types.iter().find(|pattern| media_type_matches(pattern, &media_type)) {
        Some(pattern) => BodyEncoding::base64(format!("binary media type {pattern} matches {media_type}")),
        None => BodyEncoding::text(format!("no binary media type matches {media_type}")),
    }
}

/// Whether `*/*`, `image/*` or an exact type covers a media type; parameters and case do not count.
pub(in super::super) fn media_type_matches(pattern: &str, media_type: &str) -> bool {
    let (pattern, media_type) = (essence(pattern), essence(media_type));
    pattern == "*/*"
        || pattern == media_type
        || pattern.strip_suffix("/*").is_some_and(|kind| media_type.split('/').next() == Some(kind))
}

/// Adds `body` and `isBase64Encoded` to the trace and gives the body; `None` if there is none.
pub(super) fn encoded(request: &HttpRequest, encoding: &BodyEncoding, trace: &mut Trace) -> Option<Value> {
    if request.body.is_empty() {
        return None;
    }
    let from = format!("body ({} bytes)", request.body.len());
    if encoding.base64 {
        trace.add(Change::Base64Encoded, from, "/body", encoding.reason.clone());
        return Some(STANDARD.encode(&request.body).into());
    }
    let text = String::from_utf8_lossy(&request.body);
    match &text {
        std::borrow::Cow::Borrowed(_) => trace.add(Change::Kept, from, "/body", encoding.reason.clone()),
        std::borrow::Cow::Owned(_) => {
            let note = format!("{}; bytes that are not UTF-8 became U+FFFD, so the body is damaged", encoding.reason);
            trace.add(Change::Decoded, from, "/body", note);
        }
    }
    Some(text.into_owned().into())
}

fn by_name_and_bytes(request: &HttpRequest, media_type: &str, named_as_text: bool) -> BodyEncoding {
    if !named_as_text {
        BodyEncoding::base64(format!("content type {media_type} is not text"))
    } else if std::str::from_utf8(&request.body).is_err() {
        BodyEncoding::base64(format!("content type {media_type} is text, but the bytes are not UTF-8"))
    } else {
        BodyEncoding::text(format!("content type {media_type} is text"))
    }
}

fn media_type(request: &HttpRequest) -> Option<String> {
    request.headers.get("content-type").map(essence).filter(|essence| !essence.is_empty())
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
