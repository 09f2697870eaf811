//! One task a connection: reads requests, asks the loop, answers.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::answer::{self, Answer};
use super::operation::Operation;
use super::request::{self, Named};
use super::{ApiCall, ApiView, function_json, origin_check, streaming};
use crate::executor::gathered::Gathered;
use crate::executor::names_as_written::NameWriter;
use crate::service::effect::InvokeReply;
use crate::service::error::ServiceError;
use crate::service::input::{InvocationType, InvokeRequest};
use crate::service::limits;

/// How much is read, and thrown away beyond an operation's limit, so that a client gets its 413 instead of a broken connection.
const DRAIN_LIMIT: usize = 64 << 20;

/// Answers connections until the listener's task is dropped.
pub async fn serve(listener: TcpListener, calls: mpsc::Sender<ApiCall>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, calls.clone()));
            }
            // Out of file descriptors: what is open goes on, and the next try comes after others had a turn.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, calls: mpsc::Sender<ApiCall>) {
    // Without it an answer may wait 40 ms for an acknowledgement; a socket that refuses still works.
    let _ = stream.set_nodelay(true);
    let (stream, heads) = NameWriter::new(stream);
    let service = service_fn(|request: Request<Incoming>| {
        let (calls, heads) = (calls.clone(), Arc::clone(&heads));
        async move {
            let to_head = request.method() == Method::HEAD;
            let (parts, body) = answer::identified(handle(request, calls).await).into_parts();
            heads.expect(&parts, to_head);
            Ok::<_, std::convert::Infallible>(Response::from_parts(parts, body))
        }
    });
    let mut requests = pin!(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // A client that goes away in the middle is no error of ours.
        _ = &mut requests => {}
        // Another session answers from now on, on a new connection.
        () = calls.closed() => {
            requests.as_mut().graceful_shutdown();
            let _ = requests.await;
        }
    }
}

async fn handle(request: Request<Incoming>, calls: mpsc::Sender<ApiCall>) -> Answer {
    answered(request, &calls).await.unwrap_or_else(|refusal| refusal)
}

/// What an operation answers, else why it was not carried out.
async fn answered(request: Request<Incoming>, calls: &mpsc::Sender<ApiCall>) -> Result<Answer, Answer> {
    if let Some(reason) = origin_check::refusal(request.headers()) {
        return Err(answer::error(403, "AccessDeniedException", "Message", reason, "User"));
    }
    let (parts, body) = request.into_parts();
    let query = parts.uri.query();
    let qualifier = request::query_value(query, "Qualifier");
    let qualifier = qualifier.as_deref();
    match Operation::of(&parts.method, parts.uri.path()) {
        Operation::Invoke(raw) => {
            let named = named(raw, qualifier, "InvokeFunction", calls).await?;
            invoke(named, &parts.headers, body, calls).await
        }
        Operation::InvokeWithResponseStream(raw) => {
            let named = named(raw, qualifier, "InvokeFunction", calls).await?;
            invoke_streaming(named, &parts.headers, body, calls).await
        }
        Operation::InvokeAsync(raw) => {
            let named = named(raw, None, "InvokeAsync", calls).await?;
            invoke_async(named, &parts.headers, body, calls).await
        }
        Operation::ListFunctions => list(query, calls).await,
        Operation::GetFunction(raw) => {
            read(named(raw, qualifier, "GetFunction", calls).await?, function_json::function, calls).await
        }
        Operation::GetFunctionConfiguration(raw) => {
            let named = named(raw, qualifier, "GetFunctionConfiguration", calls).await?;
            read(named, function_json::configuration, calls).await
        }
        Operation::GetFunctionRecursionConfig(raw) => {
            read(named(raw, None, "GetFunctionRecursionConfig", calls).await?, function_json::recursion, calls).await
        }
        Operation::NotOffered(name) => {
            Err(unknown(&format!("Invokelab does not offer {name}; edit invokelab.toml or use the window instead")))
        }
        Operation::Unknown => Err(unknown(&format!("{} {} is no operation of the Lambda API", parts.method, parts.uri.path()))),
    }
}

/// The function that the path names, else the answer: the name is none, or `action` is asked for elsewhere.
async fn named(raw: &str, qualifier: Option<&str>, action: &'static str, calls: &mpsc::Sender<ApiCall>) -> Result<Named, Answer> {
    let named = request::named(raw, qualifier).map_err(|error| answer::request_error(&error))?;
    if let Some(place) = &named.place {
        let view = ask(calls, |answer| ApiCall::Workspace { answer }).await?;
        place.check(&view, &named.function, action).map_err(|elsewhere| answer::elsewhere(&elsewhere))?;
    }
    Ok(named)
}

async fn invoke(named: Named, headers: &HeaderMap, body: Incoming, calls: &mpsc::Sender<ApiCall>) -> Result<Answer, Answer> {
    // A type that there is not is told once the body has been read.
    let invocation_type = request::invocation_type(headers).unwrap_or(InvocationType::RequestResponse);
    let body = collect(body, limits::request(invocation_type, false)).await?;
    let (request, log_tail) = request::invoke(named, headers, body).map_err(|error| answer::request_error(&error))?;
    Ok(answer::invoked(replied(request, calls).await?, log_tail))
}

async fn invoke_streaming(
    named: Named,
    headers: &HeaderMap,
    body: Incoming,
    calls: &mpsc::Sender<ApiCall>,
) -> Result<Answer, Answer> {
    let body = collect(body, (limits::SYNCHRONOUS_PAYLOAD, "InvokeWithResponseStream")).await?;
    let (request, log_tail) = request::invoke_streaming(named, headers, body).map_err(|error| answer::request_error(&error))?;
    let invoke = ask(calls, |answer| ApiCall::InvokeStreaming { request: Box::new(request), answer }).await?;
    streaming::answer(invoke, log_tail).await.ok_or_else(stopping)
}

async fn invoke_async(
    named: Named,
    headers: &HeaderMap,
    body: Incoming,
    calls: &mpsc::Sender<ApiCall>,
) -> Result<Answer, Answer> {
    let body = collect(body, limits::request(InvocationType::Event, true)).await?;
    let request = request::invoke_async(named, headers, body).map_err(|error| answer::request_error(&error))?;
    Ok(answer::invoked(replied(request, calls).await?, false))
}

async fn replied(request: InvokeRequest, calls: &mpsc::Sender<ApiCall>) -> Result<InvokeReply, Answer> {
    ask(calls, |answer| ApiCall::Invoke { request: Box::new(request), answer }).await
}

async fn list(query: Option<&str>, calls: &mpsc::Sender<ApiCall>) -> Result<Answer, Answer> {
    let most = request::max_items(query).map_err(|error| answer::request_error(&error))?;
    let view = ask(calls, |answer| ApiCall::Workspace { answer }).await?;
    let marker = request::query_value(query, "Marker");
    Ok(answer::json_answer(200, function_json::list(&view, marker.as_deref(), most).to_string().into()))
}

async fn read(
    named: Named,
    body: fn(&ApiView, &crate::event::FunctionView) -> serde_json::Value,
    calls: &mpsc::Sender<ApiCall>,
) -> Result<Answer, Answer> {
    let view = ask(calls, |answer| ApiCall::Workspace { answer }).await?;
    let latest = named.qualifier.as_deref().is_none_or(|qualifier| qualifier == "$LATEST");
    let found = view.workspace.functions.iter().find(|function| *function.configuration.name == *named.function);
    match found.filter(|_| latest) {
        Some(function) => Ok(answer::json_answer(200, body(&view, function).to_string().into())),
        None => {
            let suffix = named.qualifier.map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
            let arn = format!("{}{suffix}", function_json::arn(&view, &named.function)).into();
            Err(answer::service_error(&ServiceError::ResourceNotFound { arn }))
        }
    }
}

/// Reads a body of at most `limit` bytes.
async fn collect(mut body: Incoming, (limit, operation): (usize, &'static str)) -> Result<Bytes, Answer> {
    let mut gathered = Gathered::new(limit, body.size_hint().lower());
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|error| answer::service_error(&ServiceError::InvalidRequestContent { reason: error.to_string().into() }))?;
        let Ok(data) = frame.into_data() else { continue };
        gathered.push(data);
        if gathered.size() >= DRAIN_LIMIT {
            break;
        }
    }
    if gathered.size() > limit {
        return Err(answer::service_error(&ServiceError::RequestTooLarge { limit, operation }));
    }
    Ok(gathered.into_bytes())
}

/// What the loop says; it says nothing any more when the program ends.
async fn ask<T>(calls: &mpsc::Sender<ApiCall>, call: impl FnOnce(oneshot::Sender<T>) -> ApiCall) -> Result<T, Answer> {
    let (answer, answered) = oneshot::channel();
    calls.send(call(answer)).await.map_err(|_| stopping())?;
    answered.await.map_err(|_| stopping())
}

fn unknown(message: &str) -> Answer {
    answer::error(404, "UnknownOperationException", "Message", message, "User")
}

fn stopping() -> Answer {
    answer::error(500, "ServiceException", "Message", "Invokelab is ending; nothing was invoked", "Service")
}
