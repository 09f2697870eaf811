//! What a translation of a result gives: the response, and what was wrong with the result.

use super::super::answers::{Failure, answer};
use super::super::door::{AnswerContext, Door};
use super::super::message::HttpResponse;

/// A result that has not the shape that its door wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Exact: `statusCode is "abc", not a number`.
    pub reason: String,
    /// What the client gets in its place.
    pub becomes_status: u16,
    pub becomes_body: String,
}

/// The response to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseOutcome {
    pub response: HttpResponse,
    /// The result was refused, and `response` is the door's own error answer.
    pub malformed: Option<Malformed>,
}

impl ResponseOutcome {
    pub(super) fn of(door: Door, context: &AnswerContext, response: Result<HttpResponse, String>) -> Self {
        match response {
            Ok(response) => Self { response, malformed: None },
            Err(reason) => {
                let response = answer(door, &Failure::BadResult, context);
                let becomes_body = String::from_utf8_lossy(&response.body).into_owned();
                let malformed = Malformed { reason, becomes_status: response.status, becomes_body };
                Self { response, malformed: Some(malformed) }
            }
        }
    }
}
