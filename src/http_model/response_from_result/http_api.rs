//! The response of an HTTP API in payload format 2.0 or 1.0 (semantics 6.3).

use super::super::door::{AnswerContext, Door};
use super::super::event_from_request::PayloadFormat;
use super::super::field_note::Trace;
use super::outcome::ResponseOutcome;
use super::payload_one::payload_one;
use super::payload_two::payload_two;

/// The response for a result of the function. Function errors do not come here but to `answers`.
#[must_use]
pub fn http_api_response(result: &[u8], format: PayloadFormat, context: &AnswerContext, trace: &mut Trace) -> ResponseOutcome {
    match format {
        PayloadFormat::One => payload_one(Door::HttpApi, result, context, trace),
        // UNVERIFIED: the content type of a result with statusCode and without content-type, from public reports.
        PayloadFormat::Two => payload_two(Door::HttpApi, "text/plain;charset=UTF-8", result, context, trace),
    }
}
