//! The response of an Application Load Balancer (semantics 6.3).

use super::super::door::{AnswerContext, Door};
use super::super::field_note::{Change, Trace};
use super::super::message::HttpResponse;
use super::assemble::{Line, Parts, decoded_body, response, text_body};
use super::members::{self, Members};
use super::outcome::ResponseOutcome;
use super::result_json::ResultJson;

/// Bytes of the result as JSON (semantics 6.1).
const RESULT_LIMIT: usize = 1_048_576;

/// The response for a result of the function. Function errors do not come here but to `answers`.
#[must_use]
pub fn load_balancer_response(result: &[u8], context: &AnswerContext, trace: &mut Trace) -> ResponseOutcome {
    ResponseOutcome::of(Door::LoadBalancer, context, built(result, context, trace))
}

fn built(result: &[u8], context: &AnswerContext, trace: &mut Trace) -> Result<HttpResponse, String> {
    if result.len() > RESULT_LIMIT {
        return Err(format!("the result has {} bytes and a load balancer takes {RESULT_LIMIT}", result.len()));
    }
    let ResultJson::Object(members) = ResultJson::read(result)? else {
        return Err("the result is not an object with statusCode".to_owned());
    };
    let status = members::status_code(&members, trace)?.ok_or("statusCode is missing")?;
    let lines = lines(&members, context.multi_value_headers, trace)?;
    let text = members::body(&members)?;
    let body = if members::is_base64_encoded(&members)? { decoded_body(&text, trace)? } else { text_body(text, "", trace) };
    // UNVERIFIED: what a load balancer calls a body without content type.
    let parts = Parts { status, lines, cookies: Vec::new(), body, default_content_type: "application/octet-stream" };
    let reason = reason(&members, status, trace);
    Ok(HttpResponse { reason, ..response(Door::LoadBalancer, context, parts, trace) })
}

/// `404 Not Found`, or the words alone: what stands after the status in the first line.
fn reason(members: &Members<'_>, status: u16, trace: &mut Trace) -> Option<String> {
    let description = members::text(members, "statusDescription")?;
    let words = description.strip_prefix(&status.to_string()).unwrap_or(&description).trim();
    if words.is_empty() || words.contains(|c: char| c.is_control() || !c.is_ascii()) {
        trace.add(Change::Dropped, "/statusDescription", "", "not words that can stand in the first line of a response");
        return None;
    }
    trace.add(Change::Kept, "/statusDescription", "reason phrase", "which pages and most clients never see");
    Some(words.to_owned())
}

/// With multi-value headers on, only `multiValueHeaders` count; with them off, only `headers`.
fn lines(members: &Members<'_>, multi_value: bool, trace: &mut Trace) -> Result<Vec<Line>, String> {
    let (used, ignored) = if multi_value { ("multiValueHeaders", "headers") } else { ("headers", "multiValueHeaders") };
    if members.contains_key(ignored) {
        trace.add(Change::Dropped, format_args!("/{ignored}"), "", format_args!("the target group wants {used}"));
    }
    if multi_value {
        return Ok(members::multi_value_headers(members)?.into_iter().flat_map(Line::of_multi_value_headers).collect());
    }
    Ok(members::headers(members, trace)?.into_iter().map(Line::of_headers).collect())
}
