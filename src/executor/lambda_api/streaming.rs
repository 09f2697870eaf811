//! InvokeWithResponseStream: what the function writes reaches the client at once, as events (semantics 1.8).

use bytes::Bytes;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;
use tokio::sync::mpsc;

use super::StreamedInvoke;
use super::answer::{self, Answer};
use super::event_stream::event;
use crate::executor::environment::StreamPiece;
use crate::executor::response_body::{BrokeOff, ResponseBody};
use crate::executor::streams::StreamReader;
use crate::service::effect::{Completed, InvokeReply};
use crate::service::ids::RequestId;
use crate::service::input::FunctionError;
use crate::service::limits::STREAMED_PAYLOAD;

/// Events that may wait for a client.
const WAITING: usize = 16;

type ClientSender = mpsc::Sender<Result<Bytes, BrokeOff>>;

/// Waits until the function begins to answer, or for the end of an invocation that never does; `None` when the loop is gone.
pub(super) async fn answer(invoke: StreamedInvoke, log_tail: bool) -> Option<Answer> {
    let StreamedInvoke { request_id, mut reader } = invoke;
    while let Some(piece) = reader.next().await {
        if matches!(piece, StreamPiece::Begun { .. }) {
            let (sender, receiver) = mpsc::channel(WAITING);
            tokio::spawn(pass(reader, sender, log_tail));
            return Some(streamed(ResponseBody::Streamed(receiver), request_id));
        }
    }
    Some(match reader.end().await? {
        InvokeReply::Completed(completed) => whole(&completed, log_tail),
        reply => answer::invoked(reply, false),
    })
}

/// A handler that does not stream: its result is one chunk. One that failed before it wrote anything has none.
fn whole(completed: &Completed, log_tail: bool) -> Answer {
    let mut events = match &completed.result {
        Ok(payload) => chunk(payload).to_vec(),
        Err(_) => Vec::new(),
    };
    events.extend(complete(completed, None, log_tail));
    streamed(ResponseBody::whole(events.into()), completed.request_id)
}

fn streamed(body: ResponseBody, request_id: RequestId) -> Answer {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/vnd.amazon.eventstream"));
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    answer::with_request_id(answer, request_id)
}

/// Passes on what comes, and how it ended. A client that is gone hears no more, and the function goes on.
async fn pass(mut reader: StreamReader<InvokeReply>, client: ClientSender, log_tail: bool) {
    let mut cut_off = None;
    while let Some(piece) = reader.next().await {
        let sent = match piece {
            StreamPiece::Bytes(bytes) => client.send(Ok(chunk(&bytes))).await,
            StreamPiece::CutOff => {
                cut_off = Some(too_much());
                Ok(())
            }
            StreamPiece::Begun { .. } => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
    let last = match reader.end().await {
        Some(InvokeReply::Completed(completed)) => Ok(complete(&completed, cut_off.as_ref(), log_tail)),
        // The loop is gone, or the reply is none to an event that ran: the client must not take what it has for all of it.
        Some(_) | None => Err(BrokeOff),
    };
    // A client that is gone has no use for the end.
    let _ = client.send(last).await;
}

fn chunk(bytes: &[u8]) -> Bytes {
    event("PayloadChunk", "application/octet-stream", bytes)
}

/// The last event. Which code AWS gives is not recorded; here it is what `X-Amz-Function-Error` says of other invokes.
fn complete(completed: &Completed, cut_off: Option<&FunctionError>, log_tail: bool) -> Bytes {
    let mut members = json!({});
    if let Some(error) = completed.result.as_ref().err().or(cut_off) {
        members["ErrorCode"] = json!("Unhandled");
        members["ErrorDetails"] = json!(String::from_utf8_lossy(&error.payload));
    }
    if log_tail {
        members["LogResult"] = json!(answer::log_result(&completed.log));
    }
    event("InvokeComplete", "application/json", members.to_string().as_bytes())
}

fn too_much() -> FunctionError {
    let message = format!("Response payload size exceeded maximum allowed payload size ({STREAMED_PAYLOAD} bytes).");
    let payload = json!({ "errorMessage": message, "errorType": "Function.ResponseSizeTooLarge" }).to_string();
    FunctionError { error_type: "Function.ResponseSizeTooLarge".into(), message: message.into(), payload: payload.into() }
}
