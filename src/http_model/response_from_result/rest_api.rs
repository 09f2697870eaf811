//! The response of a REST API with Lambda proxy integration (semantics 6.3).

use super::super::door::{AnswerContext, Door};
use super::super::field_note::Trace;
use super::outcome::ResponseOutcome;
use super::payload_one::payload_one;

/// The response for a result of the function. Function errors do not come here but to `answers`.
#[must_use]
pub fn rest_api_response(result: &[u8], context: &AnswerContext, trace: &mut Trace) -> ResponseOutcome {
    payload_one(Door::RestApi, result, context, trace)
}
