//! The connections of one environment's runtime.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::answers::{self, Answer};
use super::state::{Hooks, RuntimeApi};
use crate::executor::lambda_api;
use crate::service::input::FunctionError;
use crate::service::limits::RESPONSE_PAYLOAD;

/// More than this is read of no body; the answer then says that it is too large.
const BODY_LIMIT: usize = 64 << 20;
const BASE: &str = "/2018-06-01/runtime/";

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
    let service = service_fn(|request| {
        let (api, hooks) = (Arc::clone(&api), Arc::clone(&hooks));
        async move { Ok::<_, Infallible>(handle(request, &api, &*hooks).await) }
    });
    // A runtime that ends in the middle of an exchange is seen by its exit.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn handle<H: Hooks>(request: Request<Incoming>, api: &RuntimeApi, hooks: &H) -> Answer {
    if let Some(reason) = lambda_api::refusal(request.headers()) {
        return answers::error(StatusCode::FORBIDDEN, "Forbidden", reason);
    }
    let (parts, body) = request.into_parts();
    let Some(path) = parts.uri.path().strip_prefix(BASE) else { return not_found() };
    let steps: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    match (&parts.method, steps.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => match api.next().await {
            Ok(event) => answers::event(event),
            Err(misuse) => answers::misuse(misuse),
        },
        (&Method::POST, ["invocation", request_id, "response"]) => {
            let (payload, trailers) = collect(body).await;
            hooks.before_answer().await;
            respond(api, request_id, payload, trailers.as_ref()).await
        }
        (&Method::POST, ["invocation", request_id, "error"]) => {
            let (payload, _) = collect(body).await;
            hooks.before_answer().await;
            told(api.fail(request_id, function_error(&parts.headers, payload)).await)
        }
        (&Method::POST, ["init", "error"]) => {
            let (payload, _) = collect(body).await;
            hooks.before_answer().await;
            told(api.init_error(function_error(&parts.headers, payload)).await)
        }
        _ => not_found(),
    }
}

/// A streamed response may still fail in its trailers (semantics 2.3).
async fn respond(api: &RuntimeApi, request_id: &str, payload: Bytes, trailers: Option<&HeaderMap>) -> Answer {
    if let Some(trailers) = trailers
        && trailers.contains_key("lambda-runtime-function-error-type")
    {
        let text = trailers.get("lambda-runtime-function-error-body").map(|value| value.as_bytes().to_vec()).unwrap_or_default();
        let body = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &text).unwrap_or(text);
        return told(api.fail(request_id, function_error(trailers, body.into())).await);
    }
    let too_large = payload.len() > RESPONSE_PAYLOAD;
    match api.respond(request_id, payload).await {
        Ok(()) if too_large => {
            let message = format!("Exceeded maximum allowed payload size ({RESPONSE_PAYLOAD} bytes).");
            answers::error(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
        }
        Ok(()) => answers::accepted(),
        Err(misuse) => answers::misuse(misuse),
    }
}

fn told(result: Result<(), super::state::Misuse>) -> Answer {
    result.map_or_else(answers::misuse, |()| answers::accepted())
}

/// The error object as the runtime sent it; its type comes from the header or from the object.
fn function_error(headers: &HeaderMap, payload: Bytes) -> FunctionError {
    let object: Value = serde_json::from_slice(&payload).unwrap_or_default();
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let in_header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    let error_type = text("errorType").or(in_header).filter(|name| !name.is_empty()).unwrap_or("Runtime.Unknown");
    let message = text("errorMessage").unwrap_or_default();
    let payload = match object {
        Value::Object(_) => payload.clone(),
        _ => serde_json::json!({ "errorType": error_type, "errorMessage": String::from_utf8_lossy(&payload) }).to_string().into(),
    };
    FunctionError { error_type: error_type.into(), message: message.into(), payload }
}

/// The whole body, and its trailers; a body over the limit is cut, which makes it too large for every answer.
async fn collect(mut body: Incoming) -> (Bytes, Option<HeaderMap>) {
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    let mut trailers = None;
    while let Some(Ok(frame)) = body.frame().await {
        match frame.into_data() {
            Ok(data) if first.is_empty() && more.is_empty() => first = data,
            Ok(data) if first.len() + more.len() < BODY_LIMIT => {
                if more.is_empty() {
                    more.extend_from_slice(&std::mem::take(&mut first));
                }
                more.extend_from_slice(&data);
            }
            Ok(_) => {}
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    (if more.is_empty() { first } else { more.freeze() }, trailers)
}

fn not_found() -> Answer {
    answers::error(StatusCode::NOT_FOUND, "NotFound", "this is the Lambda Runtime API, version 2018-06-01")
}
