//! The connections of one environment's runtime.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use super::answers::{self, Answer, INVOCATION_ID};
use super::body::{self, Received};
use super::function_error;
use super::state::{Hooks, Misuse, RuntimeApi};
use crate::executor::environment::{StreamPiece, StreamSender};
use crate::executor::lambda_api;
use crate::service::limits::RESPONSE_PAYLOAD;

const BASE: &str = "/2018-06-01/runtime/";
const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
/// The only response mode that there is.
const STREAMING: &[u8] = b"streaming";

/// Answers connections until the task is dropped.
pub async fn serve<H: Hooks + 'static>(listener: TcpListener, api: Arc<RuntimeApi>, hooks: Arc<H>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, Arc::clone(&api), Arc::clone(&hooks)));
            }
            // Out of file descriptors: what is open goes on.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection<H: Hooks>(stream: TcpStream, api: Arc<RuntimeApi>, hooks: Arc<H>) {
    // A socket that refuses still works, a little later.
    let _ = stream.set_nodelay(true);
    let (api, hooks) = (&*api, &*hooks);
    let service = service_fn(move |request| async move { Ok::<_, Infallible>(handle(request, api, hooks).await) });
    let mut http = hyper::server::conn::http1::Builder::new();
    // `Lambda-Runtime-Aws-Request-Id` as Lambda writes it, for scripts that look for it letter by letter.
    http.title_case_headers(true);
    // A runtime that ends in the middle of an exchange is seen by its exit.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

async fn handle<H: Hooks>(request: Request<Incoming>, api: &RuntimeApi, hooks: &H) -> Answer {
    if let Some(reason) = lambda_api::refusal(request.headers()) {
        return answers::error(StatusCode::FORBIDDEN, "Forbidden", reason);
    }
    let (parts, body) = request.into_parts();
    let Some(path) = parts.uri.path().strip_prefix(BASE) else { return not_found(parts.uri.path()) };
    let call = path.strip_prefix("invocation/").and_then(|rest| rest.trim_end_matches('/').rsplit_once('/'));
    match (&parts.method, path.trim_end_matches('/'), call) {
        (&Method::GET, "invocation/next", _) => {
            api.introduce(parts.headers.get(USER_AGENT).map(|agent| agent.as_bytes())).await;
            api.next().await.map_or_else(answers::misuse, answers::event)
        }
        (&Method::POST, _, Some((request_id, "response"))) => response(&parts, request_id, body, api, hooks).await,
        (&Method::POST, _, Some((request_id, "error"))) => {
            let error = body::receive(body).await;
            if let Err(misuse) = check(&parts, request_id, api) {
                return answers::misuse(misuse);
            }
            hooks.before_answer().await;
            told(api.fail(function_error::of(&parts.headers, error.bytes)).await)
        }
        (&Method::POST, "init/error", _) => {
            api.introduce(parts.headers.get(USER_AGENT).map(|agent| agent.as_bytes())).await;
            let error = body::receive(body).await;
            hooks.before_answer().await;
            told(api.init_error(function_error::of(&parts.headers, error.bytes)).await)
        }
        (_, "restore/next" | "restore/error", _) => answers::error(
            StatusCode::NOT_FOUND,
            "NotFound",
            "SnapStart is off: this environment was not restored from a snapshot",
        ),
        _ => not_found(parts.uri.path()),
    }
}

/// A response, whole or streamed. A streamed one reaches a caller that reads along at once; it is collected all the same,
/// which is what a RequestResponse invoke and the history get (semantics 2.3).
async fn response<H: Hooks>(parts: &Parts, request_id: &str, body: Incoming, api: &RuntimeApi, hooks: &H) -> Answer {
    let mode = parts.headers.get(RESPONSE_MODE).map(|mode| mode.as_bytes());
    let reads_along = mode == Some(STREAMING) && check(parts, request_id, api).is_ok();
    let received = received(parts, body, reads_along.then(|| api.take_stream()).flatten()).await;
    if let Err(misuse) = check(parts, request_id, api) {
        return answers::misuse(misuse);
    }
    if mode.is_some_and(|mode| mode != STREAMING) {
        hooks.before_answer().await;
        return unknown_mode(api).await;
    }
    if received.truncated {
        return broken_off(mode.is_some(), api, hooks).await;
    }
    hooks.before_answer().await;
    if let Some(error) = function_error::in_trailers(received.trailers.as_ref()) {
        return told(api.fail(error).await);
    }
    if mode.is_none() {
        tell_what_is_no_json(&received.bytes, hooks).await;
    }
    responded(received.bytes, api).await
}

/// Reads the body, and passes it on to a caller that reads along.
async fn received(parts: &Parts, body: Incoming, caller: Option<StreamSender>) -> Received {
    let Some(stream) = &caller else { return body::receive(body).await };
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    // A caller that is gone reads nothing; the function does not learn of it, as on Lambda.
    let _ = stream.send(StreamPiece::Begun { content_type }).await;
    let mut received = body::receive_for(body, caller).await;
    // The caller has it all; what is kept of it must not look like a response over the limit.
    received.bytes.truncate(RESPONSE_PAYLOAD);
    received
}

async fn unknown_mode(api: &RuntimeApi) -> Answer {
    let message = "Lambda-Runtime-Function-Response-Mode must be streaming, or absent";
    match api.fail(function_error::new("Runtime.InvalidResponseModeHeader", message)).await {
        Ok(()) => answers::error(StatusCode::BAD_REQUEST, "InvalidFunctionResponseMode", message),
        Err(misuse) => answers::misuse(misuse),
    }
}

/// A streamed response fails the invocation. A buffered one can be sent again; a process that has ended is seen by its exit.
async fn broken_off<H: Hooks>(is_streamed: bool, api: &RuntimeApi, hooks: &H) -> Answer {
    let message = "the response broke off before its end";
    if is_streamed {
        hooks.before_answer().await;
        // A response that is not there any more has been answered meanwhile.
        let _ = api.fail(function_error::new("Runtime.TruncatedResponse", message)).await;
    }
    answers::error(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", message)
}

/// A streamed response may be anything; a buffered one is passed on as it is, as Lambda does.
async fn tell_what_is_no_json<H: Hooks>(response: &[u8], hooks: &H) {
    if response.len() <= RESPONSE_PAYLOAD
        && let Err(reason) = lambda_api::check_response(response)
    {
        let line = format!(
            "(the response is not JSON: {reason}. It is passed on as it is, as Lambda does; most callers cannot read it)"
        );
        hooks.tell(line).await;
    }
}

async fn responded(response: Bytes, api: &RuntimeApi) -> Answer {
    let too_large = response.len() > RESPONSE_PAYLOAD;
    match api.respond(response).await {
        Ok(()) if too_large => {
            let message = format!("Exceeded maximum allowed payload size ({RESPONSE_PAYLOAD} bytes).");
            answers::error(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
        }
        result => told(result),
    }
}

fn check(parts: &Parts, request_id: &str, api: &RuntimeApi) -> Result<(), Misuse> {
    api.check(request_id, parts.headers.get(INVOCATION_ID).map(|id| id.as_bytes()))
}

fn told(result: Result<(), Misuse>) -> Answer {
    result.map_or_else(answers::misuse, |()| answers::accepted())
}

fn not_found(path: &str) -> Answer {
    let message = match path.starts_with("/2020-01-01/") || path.starts_with("/2022-07-01/") {
        true => "extensions are not offered yet; this is the Lambda Runtime API, version 2018-06-01",
        false => "this is the Lambda Runtime API, version 2018-06-01",
    };
    answers::error(StatusCode::NOT_FOUND, "NotFound", message)
}
