//! Answers that a door gives itself, in AWS's words (semantics 5.4, 6.4).

use super::door::{AnswerContext, Door};
use super::message::{HeaderList, HttpResponse};
use super::trace_header;

/// Why the client gets no response of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The function threw, timed out, crashed, or its response passed 6 MB.
    FunctionError,
    /// The result has not the shape that the door wants.
    BadResult,
    /// `ThrottleReason` of semantics 1.5.
    Throttled {
        reason: String,
    },
    /// The resource-based policy or the identity does not allow it.
    Forbidden,
    /// No URL or API has this host.
    UnknownHost,
    RequestTooLarge,
    /// Request line and headers pass the door's limit (`door_limits`).
    HeadersTooLarge,
    /// The gateway waited its own limit (semantics 6.1).
    IntegrationTimeout,
    UnknownRoute,
    /// Lambda itself did not answer.
    ServiceUnavailable,
}

const URL_FORBIDDEN: &str = r#"{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}"#;
const URL_TOO_LARGE: &str = r#"{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}"#;
const REST_INTERNAL: &str = r#"{"message": "Internal server error"}"#;
const HTTP_INTERNAL: &str = r#"{"message":"Internal Server Error"}"#;

const HEADERS_TOO_LARGE: &str = r#"{"message":"Request Header Fields Too Large"}"#;

/// Status, name for `x-amzn-ErrorType` (empty for none) and body.
struct Words(u16, &'static str, String);

/// The answer of a door to a failure.
#[must_use]
pub fn answer(door: Door, failure: &Failure, context: &AnswerContext) -> HttpResponse {
    let Words(status, error_type, body) = match door {
        Door::FunctionUrl => of_function_url(failure),
        Door::RestApi => of_rest_api(failure),
        Door::HttpApi => of_http_api(failure),
        Door::LoadBalancer => of_load_balancer(failure),
    };
    let mut response = response(door, status, error_type, body, context);
    // The function was invoked; what a URL refuses by itself has no trace (OBSERVED for 403).
    if door == Door::FunctionUrl
        && matches!(failure, Failure::FunctionError | Failure::BadResult)
        && let Some((name, value)) = trace(door, context)
    {
        response.headers.push(name, &value);
    }
    response
}

/// An answer that a door gives by itself, in words of the caller's choice, with the headers that it always adds.
pub(super) fn response(door: Door, status: u16, error_type: &str, body: String, context: &AnswerContext) -> HttpResponse {
    let mut headers = HeaderList::new();
    let content_type = match (door, body.starts_with('{')) {
        (Door::LoadBalancer, _) => "text/html",
        (_, true) => "application/json",
        (_, false) => "text/plain",
    };
    headers.push("Content-Type", content_type);
    for (name, value) in own_headers(door, context) {
        headers.push(name, &value);
    }
    if !error_type.is_empty() {
        headers.push("x-amzn-ErrorType", error_type);
    }
    HttpResponse { status, headers, body: body.into(), ..HttpResponse::default() }
}

/// What a door adds to the response of a function (semantics 5.3 for URLs; the others are OBSERVED in public captures).
pub(super) fn service_headers(door: Door, context: &AnswerContext) -> Vec<(&'static str, String)> {
    let mut headers = own_headers(door, context);
    if door == Door::FunctionUrl {
        headers.extend(trace(door, context));
    }
    headers
}

/// What a door adds to all that it answers.
fn own_headers(door: Door, context: &AnswerContext) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Date", context.http_date())];
    if context.keeps_connection {
        headers.push(("Connection", "keep-alive".to_owned()));
    }
    match door {
        Door::FunctionUrl => headers.push(("x-amzn-RequestId", context.request_id.clone())),
        Door::RestApi => {
            headers.push(("x-amzn-RequestId", context.request_id.clone()));
            headers.extend(trace(door, context));
        }
        Door::HttpApi => headers.push(("Apigw-Requestid", context.request_id.clone())),
        Door::LoadBalancer => headers.push(("Server", "awselb/2.0".to_owned())),
    }
    headers
}

/// The trace of the invocation, in the form of the door.
fn trace(door: Door, context: &AnswerContext) -> Option<(&'static str, String)> {
    let value = || match door {
        Door::FunctionUrl => trace_header::of_function_url(context),
        Door::HttpApi | Door::RestApi | Door::LoadBalancer => context.trace_id.clone(),
    };
    (!context.trace_id.is_empty()).then(|| ("X-Amzn-Trace-Id", value()))
}

fn of_function_url(failure: &Failure) -> Words {
    match failure {
        Failure::FunctionError | Failure::BadResult => Words(502, "", "Internal Server Error".to_owned()),
        Failure::Throttled { reason } => {
            let body = serde_json::json!({ "Reason": reason, "Type": "User", "message": "Rate Exceeded." });
            Words(429, "TooManyRequestsException", body.to_string())
        }
        Failure::Forbidden => Words(403, "AccessDeniedException", URL_FORBIDDEN.to_owned()),
        // A URL has no routes; whoever asks for this means the host.
        Failure::UnknownHost | Failure::UnknownRoute => Words(403, "AccessDeniedException", r#"{"Message":null}"#.to_owned()),
        Failure::RequestTooLarge => Words(413, "RequestEntityTooLargeException", URL_TOO_LARGE.to_owned()),
        // The rest is UNVERIFIED in the reference.
        Failure::HeadersTooLarge => Words(431, "", HEADERS_TOO_LARGE.to_owned()),
        Failure::IntegrationTimeout => Words(504, "", r#"{"message":"Gateway Timeout"}"#.to_owned()),
        Failure::ServiceUnavailable => Words(503, "", r#"{"message":"Service Unavailable"}"#.to_owned()),
    }
}

fn of_rest_api(failure: &Failure) -> Words {
    let internal = |status| Words(status, "InternalServerErrorException", REST_INTERNAL.to_owned());
    match failure {
        Failure::FunctionError | Failure::BadResult => internal(502),
        Failure::Throttled { .. } | Failure::Forbidden | Failure::ServiceUnavailable => internal(500),
        Failure::HeadersTooLarge => Words(431, "", HEADERS_TOO_LARGE.to_owned()),
        Failure::UnknownHost => Words(403, "ForbiddenException", r#"{"message":"Forbidden"}"#.to_owned()),
        Failure::RequestTooLarge => Words(413, "RequestTooLargeException", r#"{"message":"Request Too Long"}"#.to_owned()),
        Failure::IntegrationTimeout => {
            Words(504, "InternalServerErrorException", r#"{"message": "Endpoint request timed out"}"#.to_owned())
        }
        Failure::UnknownRoute => {
            Words(403, "MissingAuthenticationTokenException", r#"{"message":"Missing Authentication Token"}"#.to_owned())
        }
    }
}

fn of_http_api(failure: &Failure) -> Words {
    let plain = |status, body: &str| Words(status, "", body.to_owned());
    match failure {
        Failure::FunctionError | Failure::BadResult | Failure::Throttled { .. } | Failure::Forbidden => plain(500, HTTP_INTERNAL),
        Failure::HeadersTooLarge => plain(431, HEADERS_TOO_LARGE),
        Failure::RequestTooLarge => plain(413, r#"{"message":"Request Entity Too Large"}"#),
        Failure::IntegrationTimeout | Failure::ServiceUnavailable => plain(503, r#"{"message":"Service Unavailable"}"#),
        Failure::UnknownHost | Failure::UnknownRoute => plain(404, r#"{"message":"Not Found"}"#),
    }
}

/// A load balancer answers with a page; what it does without a matching rule is its listener's default action.
fn of_load_balancer(failure: &Failure) -> Words {
    let (status, title) = match failure {
        Failure::FunctionError | Failure::BadResult | Failure::Throttled { .. } | Failure::Forbidden => (502, "Bad Gateway"),
        Failure::RequestTooLarge => (413, "Request Entity Too Large"),
        Failure::HeadersTooLarge => (400, "Bad Request"),
        Failure::IntegrationTimeout | Failure::ServiceUnavailable => (504, "Gateway Time-out"),
        Failure::UnknownHost | Failure::UnknownRoute => (404, "Not Found"),
    };
    let page = format!(
        "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{status} {title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    Words(status, "", page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_door_fails_in_its_own_words() {
        use Door::{FunctionUrl, HttpApi, LoadBalancer, RestApi};
        let throttled = Failure::Throttled { reason: "ReservedFunctionConcurrentInvocationLimitExceeded".into() };
        let rate = r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#;
        let table = [
            (FunctionUrl, Failure::FunctionError, 502, "Internal Server Error", None),
            (FunctionUrl, Failure::BadResult, 502, "Internal Server Error", None),
            (FunctionUrl, throttled.clone(), 429, rate, Some("TooManyRequestsException")),
            (FunctionUrl, Failure::Forbidden, 403, URL_FORBIDDEN, Some("AccessDeniedException")),
            (FunctionUrl, Failure::UnknownHost, 403, r#"{"Message":null}"#, Some("AccessDeniedException")),
            (FunctionUrl, Failure::RequestTooLarge, 413, URL_TOO_LARGE, Some("RequestEntityTooLargeException")),
            (RestApi, Failure::BadResult, 502, REST_INTERNAL, Some("InternalServerErrorException")),
            (RestApi, throttled.clone(), 500, REST_INTERNAL, Some("InternalServerErrorException")),
            (
                RestApi,
                Failure::UnknownRoute,
                403,
                r#"{"message":"Missing Authentication Token"}"#,
                Some("MissingAuthenticationTokenException"),
            ),
            (
                RestApi,
                Failure::IntegrationTimeout,
                504,
                r#"{"message": "Endpoint request timed out"}"#,
                Some("InternalServerErrorException"),
            ),
            (HttpApi, Failure::FunctionError, 500, HTTP_INTERNAL, None),
            (HttpApi, Failure::IntegrationTimeout, 503, r#"{"message":"Service Unavailable"}"#, None),
            (HttpApi, Failure::UnknownRoute, 404, r#"{"message":"Not Found"}"#, None),
        ];
        for (door, failure, status, body, error_type) in table {
            let response = answer(door, &failure, &crate::http_model::samples::answer_context());
            assert_eq!(response.status, status, "{door:?} {failure:?}");
            assert_eq!(response.body, body, "{door:?} {failure:?}");
            assert_eq!(response.headers.get("x-amzn-errortype"), error_type, "{door:?} {failure:?}");
        }
        let context = crate::http_model::samples::answer_context();
        let traced = |door, failure: &Failure| answer(door, failure, &context).headers.contains("x-amzn-trace-id");
        assert!(traced(FunctionUrl, &Failure::FunctionError) && !traced(FunctionUrl, &Failure::Forbidden));
        assert!(traced(RestApi, &Failure::BadResult) && !traced(HttpApi, &Failure::FunctionError));
        let page = answer(LoadBalancer, &throttled, &crate::http_model::samples::answer_context());
        assert_eq!((page.status, page.headers.get("server")), (502, Some("awselb/2.0")));
        assert!(page.body.starts_with(b"<html>\r\n<head><title>502 Bad Gateway</title>"));
    }
}
