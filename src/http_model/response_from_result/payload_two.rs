//! Results in payload format 2.0, which function URLs and HTTP APIs share (semantics 5.3, 6.3).

use bytes::Bytes;

use super::super::door::{AnswerContext, Door};
use super::super::field_note::{Change, Trace, pointer};
use super::super::message::HttpResponse;
use super::assemble::{Line, Parts, decoded_body, response, text_body};
use super::members::{self, Members};
use super::outcome::ResponseOutcome;
use super::result_json::{ResultJson, compact};

/// Function URLs and HTTP APIs (payload 2.0) differ in what they call a result that names no content type.
pub(super) fn payload_two(
    door: Door,
    default_content_type: &'static str,
    result: &[u8],
    context: &AnswerContext,
    trace: &mut Trace,
) -> ResponseOutcome {
    ResponseOutcome::of(door, context, built(door, default_content_type, result, context, trace))
}

fn built(
    door: Door,
    default_content_type: &'static str,
    result: &[u8],
    context: &AnswerContext,
    trace: &mut Trace,
) -> Result<HttpResponse, String> {
    let parts = match ResultJson::read(result)? {
        ResultJson::Object(members) if members.contains_key("statusCode") => http_parts(&members, default_content_type, trace)?,
        ResultJson::Text(text) => inferred(text.into(), "the characters of the text, without quotes", trace),
        ResultJson::Object(_) => inferred(json_text(result)?, "no statusCode, so the whole value is the body", trace),
        ResultJson::Other => inferred(json_text(result)?, "not an object, so the whole value is the body", trace),
    };
    Ok(response(door, context, parts, trace))
}

fn http_parts(members: &Members<'_>, default_content_type: &'static str, trace: &mut Trace) -> Result<Parts, String> {
    let status = members::status_code(members, trace)?.unwrap_or(200);
    let headers = members::headers(members, trace)?;
    let cookies = members::cookies(members)?;
    let text = members::body(members)?;
    let body = if members::is_base64_encoded(members)? { decoded_body(&text, trace)? } else { text_body(text, "", trace) };
    const KNOWN: [&str; 5] = ["statusCode", "headers", "cookies", "body", "isBase64Encoded"];
    for name in members.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
        trace.add(Change::Dropped, pointer("", name), "", "not a member of a response");
    }
    let lines = headers.into_iter().map(Line::of_headers).collect();
    Ok(Parts { status, lines, cookies, body, default_content_type })
}

/// A result of any other shape: 200, `application/json`.
fn inferred(body: Bytes, why: &'static str, trace: &mut Trace) -> Parts {
    trace.add(Change::Kept, "the result", format_args!("body ({} bytes)", body.len()), why);
    Parts { status: 200, lines: Vec::new(), cookies: Vec::new(), body, default_content_type: "application/json" }
}

fn json_text(result: &[u8]) -> Result<Bytes, String> {
    let text = std::str::from_utf8(result).map_err(|error| format!("the result is not UTF-8: {error}"))?;
    Ok(compact(text).into())
}
