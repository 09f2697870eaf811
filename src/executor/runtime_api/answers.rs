//! HTTP answers of the Runtime API (semantics 2.1, 2.2).

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;

use super::state::{Event, Misuse};

pub(super) type Answer = Response<Full<Bytes>>;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
pub(super) const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An event with the headers of 2.2; its body is the payload itself, not a copy.
pub(super) fn event(event: Event) -> Answer {
    let dispatch = event.dispatch;
    let mut answer = Response::new(Full::new(dispatch.payload));
    let headers = answer.headers_mut();
    headers.reserve(8);
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(REQUEST_ID, value(dispatch.request_id.to_string()));
    headers.insert(INVOCATION_ID, value(event.invocation_id.to_string()));
    headers.insert(DEADLINE, HeaderValue::from(event.deadline_millis));
    headers.insert(FUNCTION_ARN, value(dispatch.invoked_function_arn.to_string()));
    headers.insert(TRACE_ID, value(dispatch.trace_header.to_string()));
    if let Some(context) = dispatch.client_context {
        // Line breaks between its members are white space in JSON and would end a header.
        let flat: Bytes = context.iter().map(|byte| if matches!(byte, b'\n' | b'\r' | b'\t') { b' ' } else { *byte }).collect();
        headers.insert(CLIENT_CONTEXT, HeaderValue::from_maybe_shared(flat).unwrap_or(HeaderValue::from_static("{}")));
    }
    answer
}

/// 202 with the body that the official server sends.
pub(super) fn accepted() -> Answer {
    with_json(StatusCode::ACCEPTED, Bytes::from_static(b"{\"status\":\"OK\"}\n"))
}

pub(super) fn misuse(misuse: Misuse) -> Answer {
    match misuse {
        Misuse::RequestId => error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Misuse::InvalidInvocationId => error(StatusCode::BAD_REQUEST, "InvalidInvocationId", "Invalid invocation ID"),
        Misuse::StateTransition => {
            error(StatusCode::FORBIDDEN, "InvalidStateTransition", "this call is not allowed now: answer the event in hand first")
        }
    }
}

pub(super) fn error(status: StatusCode, error_type: &str, message: &str) -> Answer {
    with_json(status, Bytes::from(json!({ "errorMessage": message, "errorType": error_type }).to_string()))
}

fn with_json(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, JSON);
    answer
}

/// A header value; one that no header can carry (a trace header with a line break) is left empty.
fn value(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).unwrap_or(HeaderValue::from_static(""))
}
