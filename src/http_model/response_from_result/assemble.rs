//! Puts a response together: which headers go out under which name, and the body.

use std::fmt::{self, Display};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::super::answers::service_headers;
use super::super::door::{AnswerContext, Door};
use super::super::field_note::{Change, Trace, pointer};
use super::super::message::{HeaderList, HttpResponse, Pushed};

/// The parts of a response that the function decides.
pub(super) struct Parts {
    pub(super) status: u16,
    pub(super) lines: Vec<Line>,
    pub(super) cookies: Vec<String>,
    pub(super) body: Bytes,
    /// For results that name none; empty for none.
    pub(super) default_content_type: &'static str,
}

/// A header line that the function wants.
pub(super) struct Line {
    name: String,
    value: String,
    /// Where it stood in the result: a JSON Pointer to an object with this name, or words.
    stood: Stood,
}

enum Stood {
    In(&'static str),
    Words(&'static str),
}

impl Line {
    pub(super) fn of_headers((name, value): (String, String)) -> Self {
        Self { name, value, stood: Stood::In("/headers") }
    }

    pub(super) fn of_multi_value_headers((name, values): (String, Vec<String>)) -> impl Iterator<Item = Self> {
        values.into_iter().map(move |value| Self { name: name.clone(), value, stood: Stood::In("/multiValueHeaders") })
    }

    pub(super) fn of_stream(content_type: String) -> Self {
        Self { name: "Content-Type".to_owned(), value: content_type, stood: Stood::Words("content type of the stream") }
    }

    fn stood(&self) -> impl Display {
        fmt::from_fn(|f| match self.stood {
            Stood::In(parent) => pointer(parent, &self.name).fmt(f),
            Stood::Words(words) => f.write_str(words),
        })
    }
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

/// Doors that write the trace of the invocation themselves, so that a client never gets two (semantics 5.3).
fn adds_trace(door: Door) -> bool {
    matches!(door, Door::FunctionUrl | Door::RestApi)
}

pub(super) fn response(door: Door, context: &AnswerContext, parts: Parts, trace: &mut Trace) -> HttpResponse {
    trace.add(Change::Kept, "status", parts.status, "");
    let mut headers = HeaderList::new();
    for line in &parts.lines {
        push_line(door, line, &mut headers, trace);
    }
    for (index, cookie) in parts.cookies.iter().enumerate() {
        let note = if headers.push("Set-Cookie", cookie) == Pushed::Cleaned { "line breaks became spaces" } else { "" };
        trace.add(Change::Renamed, format_args!("/cookies/{index}"), "header Set-Cookie", note);
    }
    if !headers.contains("content-type") && !parts.default_content_type.is_empty() {
        headers.push("Content-Type", parts.default_content_type);
        trace.add(
            Change::Added,
            "",
            "header Content-Type",
            format_args!("{}, since the result names none", parts.default_content_type),
        );
    }
    for (name, value) in service_headers(door, context) {
        // A load balancer passes the function's own line on, a `Server` say; one is enough.
        if door == Door::LoadBalancer && headers.contains(name) {
            continue;
        }
        headers.push(name, &value);
        trace.add(Change::Added, "", format_args!("header {name}"), "added by the service");
    }
    let body = if has_no_body(parts.status) { Bytes::new() } else { parts.body.clone() };
    if body.len() < parts.body.len() {
        trace.drop_after_all("/body", format_args!("a response with status {} has no body (RFC 9110, 6.4.1)", parts.status));
    }
    HttpResponse { status: parts.status, reason: None, headers, body }
}

/// Statuses whose responses end with their headers.
fn has_no_body(status: u16) -> bool {
    matches!(status, 204 | 304)
}

/// The bytes of a body that the function gave as base64.
pub(super) fn decoded_body(body: &str, trace: &mut Trace) -> Result<Bytes, String> {
    let bytes = STANDARD.decode(body).map_err(|error| format!("isBase64Encoded is true, but body is not base64: {error}"))?;
    trace.add(Change::Decoded, "/body", format_args!("body ({} bytes)", bytes.len()), "from base64");
    Ok(bytes.into())
}

/// A body that the function gave as text.
pub(super) fn text_body(body: String, note: &'static str, trace: &mut Trace) -> Bytes {
    trace.add(Change::Kept, "/body", format_args!("body ({} bytes)", body.len()), note);
    body.into()
}

fn push_line(door: Door, line: &Line, headers: &mut HeaderList, trace: &mut Trace) {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(&line.name));
    if is(&HOP_BY_HOP) {
        return trace.add(Change::Dropped, line.stood(), "", "belongs to one connection, so it is not passed on");
    }
    if door == Door::LoadBalancer && is(&["connection", "content-length"]) {
        return trace.add(Change::Dropped, line.stood(), "", "the load balancer writes its own");
    }
    if door == Door::LoadBalancer || !(is(&REMAPPED) || adds_trace(door) && is(&["x-amzn-trace-id"])) {
        return push_traced(&line.name, line, Change::Kept, "", headers, trace);
    }
    let renamed = format!("x-amzn-Remapped-{}", line.name);
    push_traced(&renamed, line, Change::Renamed, "the service keeps this name for itself", headers, trace);
}

fn push_traced(name: &str, line: &Line, change: Change, note: &str, headers: &mut HeaderList, trace: &mut Trace) {
    match headers.push(name, &line.value) {
        Pushed::AsGiven => trace.add(change, line.stood(), format_args!("header {name}"), note),
        Pushed::Cleaned => {
            let note = "line breaks and control characters became spaces";
            trace.add(change, line.stood(), format_args!("header {name}"), note);
        }
        Pushed::Refused => trace.add(Change::Dropped, line.stood(), "", format_args!("{name:?} is not a header name")),
    }
}
