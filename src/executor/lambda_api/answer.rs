//! HTTP answers of the Lambda API: statuses, headers and error bodies as AWS gives them (semantics 1.3, 1.4).

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use bytes::Bytes;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};

use super::elsewhere::Elsewhere;
use super::request::RequestError;
use crate::executor::clock;
use crate::executor::response_body::ResponseBody;
use crate::service::effect::{Completed, InvokeReply};
use crate::service::error::ServiceError;
use crate::service::ids::RequestId;
use crate::service::input::LogLine;
use crate::service::random::Random;

/// What `X-Amz-Log-Result` holds at most, before base64 (semantics 1.3).
const LOG_TAIL_BYTES: usize = 4_096;

pub type Answer = Response<ResponseBody>;

/// The answer to an Invoke.
#[must_use]
pub fn invoked(reply: InvokeReply, log_tail: bool) -> Answer {
    match reply {
        InvokeReply::Completed(completed) => completed_answer(*completed, log_tail),
        InvokeReply::Accepted { request_id } => empty(202, request_id),
        InvokeReply::DryRun { request_id } => empty(204, request_id),
        InvokeReply::Refused { request_id, error } => with_request_id(service_error(&error), request_id),
        InvokeReply::IntegrationTimedOut { .. } => {
            error(500, "ServiceException", "Message", "an invocation was answered as something else", "Service")
        }
    }
}

fn completed_answer(completed: Completed, log_tail: bool) -> Answer {
    let (payload, failed) = match completed.result {
        Ok(payload) => (payload, false),
        Err(error) => (error.payload, true),
    };
    let mut answer = json_answer(200, payload);
    let headers = answer.headers_mut();
    headers.insert("x-amz-executed-version", header(&completed.executed_version));
    headers.insert("x-amzn-trace-id", header(&completed.trace_header));
    if failed {
        headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    if log_tail {
        headers.insert("x-amz-log-result", header(&log_result(&completed.log)));
    }
    with_request_id(answer, completed.request_id)
}

/// The last 4 KB of the log in base64, cut at a character.
#[must_use]
pub fn log_result(log: &[LogLine]) -> String {
    let mut lines = Vec::new();
    let mut size = 0;
    for line in log.iter().rev() {
        lines.push(&*line.text);
        size += line.text.len() + 1;
        if size >= LOG_TAIL_BYTES {
            break;
        }
    }
    lines.reverse();
    let text = lines.into_iter().fold(String::with_capacity(size), |text, line| text + line + "\n");
    let mut start = text.len().saturating_sub(LOG_TAIL_BYTES);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    base64::engine::general_purpose::STANDARD.encode(&text[start..])
}

/// A refusal at the door.
#[must_use]
pub fn request_error(error: &RequestError) -> Answer {
    match error {
        RequestError::Validation(message) => self::error(400, "ValidationException", "message", message, "User"),
        RequestError::Service(error) => service_error(error),
    }
}

/// The function would be in another account or region.
#[must_use]
pub fn elsewhere(elsewhere: &Elsewhere) -> Answer {
    let (status, name) = elsewhere.status_and_name();
    error(status, name, "Message", &elsewhere.to_string(), "User")
}

/// A refusal by the service, with the key of the message that AWS uses for it.
#[must_use]
pub fn service_error(refusal: &ServiceError) -> Answer {
    let (status, name) = refusal.status_and_name();
    let message = refusal.to_string();
    match refusal {
        ServiceError::TooManyRequests { reason } => {
            let body = json!({ "Reason": reason.name(), "Type": "User", "message": message });
            let mut answer = error_answer(status, name, &body);
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            answer
        }
        ServiceError::ResourceNotFound { .. }
        | ServiceError::NoPublishedVersion { .. }
        | ServiceError::RecursiveInvocation { .. } => error(status, name, "Message", &message, "User"),
        ServiceError::Service { .. } => error(status, name, "Message", &message, "Service"),
        ServiceError::InvalidParameterValue { .. }
        | ServiceError::InvalidRequestContent { .. }
        | ServiceError::RequestTooLarge { .. } => error(status, name, "message", &message, "User"),
    }
}

/// An error whose message stands under `key`.
#[must_use]
pub fn error(status: u16, name: &str, key: &str, message: &str, kind: &str) -> Answer {
    error_answer(status, name, &json!({ "Type": kind, key: message }))
}

fn error_answer(status: u16, name: &str, body: &Value) -> Answer {
    let mut answer = json_answer(status, body.to_string().into());
    answer.headers_mut().insert("x-amzn-errortype", header(name));
    answer
}

/// A JSON body with its content type.
#[must_use]
pub fn json_answer(status: u16, body: Bytes) -> Answer {
    let mut answer = Response::new(ResponseBody::whole(body));
    *answer.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn empty(status: u16, request_id: RequestId) -> Answer {
    let mut answer = Response::new(ResponseBody::whole(Bytes::new()));
    *answer.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    with_request_id(answer, request_id)
}

/// The same answer with an id, if it has none: what never reached the service is a request of the API all the same.
#[must_use]
pub fn identified(answer: Answer) -> Answer {
    static ANSWERED: AtomicU64 = AtomicU64::new(0);
    if answer.headers().contains_key("x-amzn-requestid") {
        return answer;
    }
    // Two answers in one microsecond have different ids.
    let seed = clock::wall().0 ^ ANSWERED.fetch_add(1, Ordering::Relaxed).rotate_right(16);
    with_request_id(answer, RequestId(Random::new(seed).uuid()))
}

/// The same answer with the id of its invocation.
#[must_use]
pub fn with_request_id(mut answer: Answer, request_id: RequestId) -> Answer {
    answer.headers_mut().insert("x-amzn-requestid", header(&request_id.to_string()));
    answer
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::error::ThrottleReason;
    use crate::service::time::Timestamp;

    fn lines(texts: &[&str]) -> Vec<LogLine> {
        texts.iter().map(|text| LogLine { at: Timestamp(0), text: (*text).into() }).collect()
    }

    #[test]
    fn the_log_tail_is_the_last_four_kilobytes_and_never_splits_a_character() {
        let decode = |text: String| base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        assert_eq!(decode(log_result(&lines(&["START", "END"]))), b"START\nEND\n");
        let tail = decode(log_result(&lines(&["first", &"é".repeat(3_000)])));
        assert!(tail.len() <= LOG_TAIL_BYTES && tail.len() > LOG_TAIL_BYTES - 3);
        assert!(String::from_utf8(tail).is_ok());
    }

    #[test]
    fn a_throttle_says_why_and_when_to_come_back() {
        let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
        let answer = service_error(&ServiceError::TooManyRequests { reason });
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["x-amzn-errortype"], "TooManyRequestsException");
        assert_eq!(answer.headers()["retry-after"], "1");
    }
}
