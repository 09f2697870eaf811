//! Results in payload format 1.0, which REST APIs and (on request) HTTP APIs use (semantics 6.3).

use super::super::door::{AnswerContext, Door};
use super::super::event_from_request::media_type_matches;
use super::super::field_note::{Change, Trace, pointer};
use super::super::message::HttpResponse;
use super::assemble::{Line, Parts, decoded_body, response, text_body};
use super::members::{self, Members};
use super::outcome::ResponseOutcome;
use super::result_json::ResultJson;

/// The only members that a REST API and an HTTP API with payload 1.0 accept.
const KNOWN: [&str; 5] = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];

/// REST APIs and HTTP APIs (payload 1.0) differ in base64 and in the words of their errors.
pub(super) fn payload_one(door: Door, result: &[u8], context: &AnswerContext, trace: &mut Trace) -> ResponseOutcome {
    ResponseOutcome::of(door, context, built(door, result, context, trace))
}

fn built(door: Door, result: &[u8], context: &AnswerContext, trace: &mut Trace) -> Result<HttpResponse, String> {
    let members = match ResultJson::read(result)? {
        ResultJson::Object(members) => members,
        ResultJson::Text(_) => return Err("the result is a text, not an object with statusCode".to_owned()),
        ResultJson::Other => return Err("the result is not an object with statusCode".to_owned()),
    };
    if let Some(name) = members::unknown_member(&members, &KNOWN) {
        return Err(format!("\"{name}\" is not a member of a response; allowed are {}", KNOWN.join(", ")));
    }
    let status = status(&members, trace)?;
    let lines = merged_headers(&members, trace)?;
    let text = members::body(&members)?;
    let body = match members::is_base64_encoded(&members)? {
        false => text_body(text, "", trace),
        true if door == Door::HttpApi || converts_to_binary(context) => decoded_body(&text, trace)?,
        true => text_body(text, "isBase64Encoded has no effect: no binary media type matches Accept", trace),
    };
    let parts = Parts { status, lines, cookies: Vec::new(), body, default_content_type: default_content_type(door) };
    Ok(response(door, context, parts, trace))
}

/// A result with headers may leave out its status.
fn status(members: &Members<'_>, trace: &mut Trace) -> Result<u16, String> {
    match members::status_code(members, trace)? {
        Some(status) => Ok(status),
        None if members.contains_key("headers") || members.contains_key("multiValueHeaders") => {
            trace.add(Change::Added, "", "status", "200, since statusCode is missing and headers are there");
            Ok(200)
        }
        None => Err("statusCode is missing".to_owned()),
    }
}

/// `multiValueHeaders` win over `headers` of the same name, ignoring case.
fn merged_headers(members: &Members<'_>, trace: &mut Trace) -> Result<Vec<Line>, String> {
    let groups = members::multi_value_headers(members)?;
    let mut lines = Vec::new();
    for (name, value) in members::headers(members, trace)? {
        if groups.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
            trace.add(Change::Dropped, pointer("/headers", &name), "", "multiValueHeaders has the same name and wins");
        } else {
            lines.push(Line::of_headers((name, value)));
        }
    }
    lines.extend(groups.into_iter().flat_map(Line::of_multi_value_headers));
    Ok(lines)
}

/// A gateway decodes base64 only if the first media type of `Accept` is one of its binary media types.
fn converts_to_binary(context: &AnswerContext) -> bool {
    let first = context.accept.as_deref().and_then(|accept| accept.split(',').next()).unwrap_or("*/*");
    context.binary_media_types.iter().any(|pattern| media_type_matches(pattern, first))
}

/// UNVERIFIED for HTTP APIs: seen in public reports, not in the guide.
fn default_content_type(door: Door) -> &'static str {
    if door == Door::HttpApi { "text/plain;charset=UTF-8" } else { "application/json" }
}
