//! Whether a body travels as text or as base64, and why.

use std::borrow::Cow;
use std::fmt;

use super::super::field_note::{Change, Trace};
use super::super::message::HttpRequest;

/// How a body stands in the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyEncoding {
    pub base64: bool,
    pub reason: EncodingReason,
}

/// Why; displayed as a part of a sentence: `content type image/png is not text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodingReason {
    NoContentType,
    /// The content type names a text, or not.
    Named {
        media_type: String,
        text: bool,
    },
    NotUtf8 {
        media_type: String,
    },
    ContentEncoding(String),
    /// The binary media type of a REST API that matches, if one does.
    BinaryMediaType {
        media_type: String,
        pattern: Option<String>,
    },
}

impl fmt::Display for EncodingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContentType => f.write_str("no content type"),
            Self::Named { media_type, text: true } => write!(f, "content type {media_type} is text"),
            Self::Named { media_type, text: false } => write!(f, "content type {media_type} is not text"),
            Self::NotUtf8 { media_type } => write!(f, "content type {media_type} is text, but the bytes are not UTF-8"),
            Self::ContentEncoding(encoding) => write!(f, "content-encoding is {encoding}"),
            Self::BinaryMediaType { media_type, pattern: Some(pattern) } => {
                write!(f, "binary media type {pattern} matches {media_type}")
            }
            Self::BinaryMediaType { media_type, pattern: None } => write!(f, "no binary media type matches {media_type}"),
        }
    }
}

impl BodyEncoding {
    fn base64(reason: EncodingReason) -> Self {
        Self { base64: true, reason }
    }
}

/// The rule of function URLs and HTTP APIs (semantics 5.2, table of content types).
#[must_use]
pub fn for_url_or_http_api(request: &HttpRequest) -> BodyEncoding {
    let Some(media_type) = media_type(request) else {
        return BodyEncoding::base64(EncodingReason::NoContentType);
    };
    let named_as_text = media_type != "application/x-www-form-urlencoded"
        && !media_type.starts_with("multipart/")
        && (media_type.starts_with("text/")
            || media_type.contains("json")
            || media_type.contains("xml")
            || media_type == "application/javascript");
    by_name_and_bytes(request, media_type, named_as_text)
}

/// The rule of load balancers (semantics 6.6).
#[must_use]
pub fn for_load_balancer(request: &HttpRequest) -> BodyEncoding {
    if let Some(encoding) = request.headers.get("content-encoding") {
        return BodyEncoding::base64(EncodingReason::ContentEncoding(encoding.to_owned()));
    }
    let Some(media_type) = media_type(request) else {
        return BodyEncoding::base64(EncodingReason::NoContentType);
    };
    let named_as_text = media_type.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&media_type.as_str());
    by_name_and_bytes(request, media_type, named_as_text)
}

/// The rule of REST APIs: base64 only for the binary media types of the API (semantics 6.2).
pub(super) fn for_rest_api(request: &HttpRequest, binary_media_types: &[String]) -> BodyEncoding {
    let media_type = media_type(request).unwrap_or_else(|| "application/json".to_owned());
    let pattern = binary_media_types.iter().find(|pattern| media_type_matches(pattern, &media_type)).cloned();
    BodyEncoding { base64: pattern.is_some(), reason: EncodingReason::BinaryMediaType { media_type, pattern } }
}

/// Whether `*/*`, `image/*` or an exact type covers a media type; parameters and case do not count.
pub(in super::super) fn media_type_matches(pattern: &str, media_type: &str) -> bool {
    let (pattern, media_type) = (essence(pattern), essence(media_type));
    pattern == "*/*"
        || pattern == media_type
        || pattern.strip_suffix("/*").is_some_and(|kind| media_type.split('/').next() == Some(kind))
}

/// A body as the event has it.
pub(super) enum EventBody<'a> {
    Absent,
    Text(Cow<'a, str>),
    /// Bytes that are yet to be encoded.
    Base64(&'a [u8]),
}

impl EventBody<'_> {
    /// Bytes that it takes in the event, if nothing has to be escaped.
    pub(super) fn room(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Text(text) => text.len(),
            Self::Base64(bytes) => base64_length(bytes),
        }
    }
}

/// Bytes of the padded base64 of `bytes`.
pub(super) fn base64_length(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

/// The body of a request, in this encoding.
pub(super) fn event_body<'a>(request: &'a HttpRequest, encoding: &BodyEncoding, trace: &mut Trace) -> EventBody<'a> {
    if request.body.is_empty() {
        return EventBody::Absent;
    }
    let from = format_args!("body ({} bytes)", request.body.len());
    if encoding.base64 {
        trace.add(Change::Base64Encoded, from, "/body", &encoding.reason);
        return EventBody::Base64(&request.body);
    }
    let (text, change, damage) = match std::str::from_utf8(&request.body) {
        Ok(text) => (text.into(), Change::Kept, ""),
        Err(_) => {
            let damage = "; bytes that are not UTF-8 became U+FFFD, so the body is damaged";
            (String::from_utf8_lossy(&request.body), Change::Decoded, damage)
        }
    };
    trace.add(change, from, "/body", format_args!("{}{damage}", encoding.reason));
    EventBody::Text(text)
}

fn by_name_and_bytes(request: &HttpRequest, media_type: String, named_as_text: bool) -> BodyEncoding {
    if named_as_text && std::str::from_utf8(&request.body).is_err() {
        return BodyEncoding::base64(EncodingReason::NotUtf8 { media_type });
    }
    BodyEncoding { base64: !named_as_text, reason: EncodingReason::Named { media_type, text: named_as_text } }
}

fn media_type(request: &HttpRequest) -> Option<String> {
    request.headers.get("content-type").map(essence).filter(|essence| !essence.is_empty())
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
