//! Puts a response together: which headers go out under which name, and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::super::answers::service_headers;
use super::super::door::{AnswerContext, Door};
use super::super::field_note::{Change, Trace};
use super::super::message::{HeaderList, HttpResponse, Pushed};

/// The parts of a response that the function decides.
pub(super) struct Parts {
    pub(super) status: u16,
    /// Name, value and where the value stood in the result.
    pub(super) lines: Vec<(String, String, String)>,
    pub(super) cookies: Vec<String>,
    pub(super) body: Bytes,
    /// For results that name none; empty for none.
    pub(super) default_content_type: &'static str,
}

/// Headers of one connection, which no door passes on (RFC 9110, 7.6.1; semantics 6.3 for load balancers).
const HOP_BY_HOP: [&str; 8] = [
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that URLs and gateways keep for themselves: the function's go out as `x-amzn-Remapped-...` (OBSERVED).
const REMAPPED: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "server",
    "user-agent",
    "www-authenticate",
    "x-amzn-requestid",
];

pub(super) fn response(door: Door, context: &AnswerContext, parts: Parts, trace: &mut Trace) -> HttpResponse {
    trace.add(Change::Kept, "status", format!("{}", parts.status), status_note(parts.status));
    let mut headers = HeaderList::new();
    for (name, value, at) in &parts.lines {
        push_line(door, name, value, at, &mut headers, trace);
    }
    for (index, cookie) in parts.cookies.iter().enumerate() {
        let note = if headers.push("Set-Cookie", cookie) == Pushed::Cleaned { "line breaks became spaces" } else { "" };
        trace.add(Change::Renamed, format!("/cookies/{index}"), "header Set-Cookie", note);
    }
    if !headers.contains("content-type") && !parts.default_content_type.is_empty() {
        headers.push("Content-Type", parts.default_content_type);
        trace.add(
            Change::Added,
            "",
            "header Content-Type",
            format!("{}, since the result names none", parts.default_content_type),
        );
    }
    for (name, value) in service_headers(door, context) {
        headers.push(name, &value);
        trace.add(Change::Added, "", format!("header {name}"), "added by the service");
    }
    HttpResponse { status: parts.status, headers, body: parts.body }
}

/// The bytes of a body that the function gave as base64.
pub(super) fn decoded_body(body: &str, trace: &mut Trace) -> Result<Bytes, String> {
    let bytes = STANDARD.decode(body).map_err(|error| format!("isBase64Encoded is true, but body is not base64: {error}"))?;
    trace.add(Change::Decoded, "/body", format!("body ({} bytes)", bytes.len()), "from base64");
    Ok(bytes.into())
}

/// A body that the function gave as text.
pub(super) fn text_body(body: String, note: &'static str, trace: &mut Trace) -> Bytes {
    trace.add(Change::Kept, "/body", format!("body ({} bytes)", body.len()), note);
    body.into()
}

fn push_line(door: Door, name: &str, value: &str, at: &str, headers: &mut HeaderList, trace: &mut Trace) {
    let lower = name.to_ascii_lowercase();
    if HOP_BY_HOP.contains(&lower.as_str()) {
        return trace.add(Change::Dropped, at.to_owned(), "", "belongs to one connection, so it is not passed on");
    }
    let reserved = REMAPPED.contains(&lower.as_str());
    if door == Door::LoadBalancer && ["connection", "content-length"].contains(&lower.as_str()) {
        return trace.add(Change::Dropped, at.to_owned(), "", "the load balancer writes its own");
    }
    if door == Door::LoadBalancer || !reserved {
        return push_traced(name, value, at, Change::Kept, "", headers, trace);
    }
    let renamed = format!("x-amzn-Remapped-{name}");
    push_traced(&renamed, value, at, Change::Renamed, "the service keeps this name for itself", headers, trace);
}

fn push_traced(
    name: &str,
    value: &str,
    at: &str,
    change: Change,
    note: &'static str,
    headers: &mut HeaderList,
    trace: &mut Trace,
) {
    match headers.push(name, value) {
        Pushed::AsGiven => trace.add(change, at.to_owned(), format!("header {name}"), note),
        Pushed::Cleaned => {
            trace.add(change, at.to_owned(), format!("header {name}"), "line breaks and control characters became spaces")
        }
        Pushed::Refused => trace.add(Change::Dropped, at.to_owned(), "", format!("{name:?} is not a header name")),
    }
}

/// A final response cannot have an informational status, whatever the service accepts.
fn status_note(status: u16) -> &'static str {
    if status < 200 { "accepted by the service, but no client takes it for a final response" } else { "" }
}
