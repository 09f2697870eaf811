//! The response of a function URL with invoke mode BUFFERED (semantics 5.3).

use super::super::door::{AnswerContext, Door};
use super::super::field_note::Trace;
use super::outcome::ResponseOutcome;
use super::payload_two::payload_two;

/// The response for a result of the function. Function errors do not come here but to `answers`.
#[must_use]
pub fn function_url_response(result: &[u8], context: &AnswerContext, trace: &mut Trace) -> ResponseOutcome {
    payload_two(Door::FunctionUrl, "application/json", result, context, trace)
}
