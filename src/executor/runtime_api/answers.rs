//! HTTP answers of the Runtime API (semantics 2.1, 2.2).

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::state::{Event, Misuse};

pub(super) type Answer = Response<Full<Bytes>>;

/// An event with the headers of 2.2; its body is the payload itself, not a copy.
pub(super) fn event(event: Event) -> Answer {
    let dispatch = event.dispatch;
    let mut answer = Response::new(Full::new(dispatch.payload));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("lambda-runtime-aws-request-id", value(&dispatch.request_id.to_string()));
    headers.insert("lambda-runtime-deadline-ms", HeaderValue::from(event.deadline_millis));
    headers.insert("lambda-runtime-invoked-function-arn", value(&dispatch.invoked_function_arn));
    headers.insert("lambda-runtime-trace-id", value(&dispatch.trace_header));
    if let Some(context) = dispatch.client_context {
        headers.insert("lambda-runtime-client-context", HeaderValue::from_bytes(&context).unwrap_or(HeaderValue::from_static("{}")));
    }
    answer
}

/// 202 with the body that the official server sends.
pub(super) fn accepted() -> Answer {
    json_answer(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

pub(super) fn misuse(misuse: Misuse) -> Answer {
    match misuse {
        Misuse::InvalidRequestId => error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Misuse::InvalidStateTransition => {
            error(StatusCode::FORBIDDEN, "InvalidStateTransition", "Transition from InvocationRunning to Ready is not allowed for runtime")
        }
    }
}

pub(super) fn error(status: StatusCode, error_type: &str, message: &str) -> Answer {
    json_answer(status, &json!({ "errorMessage": message, "errorType": error_type }))
}

fn json_answer(status: StatusCode, body: &serde_json::Value) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
