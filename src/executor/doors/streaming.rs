//! A streamed response on its way to its client: the head as soon as it is known, then every piece as it comes.

use bytes::Bytes;
use hyper::Response;
use tokio::sync::mpsc;

use super::connection::{whole, with_head};
use super::{DoorCall, Ended, StreamingAnswer};
use crate::executor::environment::StreamPiece;
use crate::executor::response_body::{BrokeOff, ResponseBody};
use crate::executor::streams::StreamReader;
use crate::http_model::field_note::FieldNote;
use crate::http_model::message::HttpResponse;
use crate::http_model::response_from_result::{ResponseOutcome, StreamPart, StreamedResponse};

/// Pieces that may wait for a client.
const WAITING: usize = 16;

/// Waits for the head of a streamed response, or for the end of an invocation that never began to stream.
pub(super) async fn answer(mut answer: StreamingAnswer, calls: mpsc::Sender<DoorCall>) -> Response<ResponseBody> {
    let mut parser = None;
    while let Some(piece) = answer.reader.next().await {
        match piece {
            StreamPiece::Begun { content_type } => {
                parser = Some(StreamedResponse::new(answer.door, content_type.as_deref(), answer.context.clone()));
            }
            StreamPiece::CutOff => {}
            StreamPiece::Bytes(bytes) => {
                let Some(parser) = &mut parser else { continue };
                let mut parts = parser.feed(bytes).into_iter();
                if let Some(StreamPart::Head(head, notes)) = parts.next() {
                    let first = parts.filter_map(body_of).collect();
                    return begin(*head, notes, first, answer, calls);
                }
            }
        }
    }
    if let Some(StreamPart::Head(head, notes)) = parser.and_then(|mut parser| parser.end().into_iter().next()) {
        return begin(*head, notes, Vec::new(), answer, calls);
    }
    match answer.reader.end().await {
        Some(Ended { instead, exchange, .. }) => {
            let response = instead.unwrap_or_default();
            let answer = whole(&response);
            finish(&calls, exchange, response, Vec::new()).await;
            answer
        }
        None => whole(&HttpResponse { status: 503, ..HttpResponse::default() }),
    }
}

/// The head of a response as the client gets it.
struct Head {
    response: HttpResponse,
    /// The prelude was refused, so the response is an error answer and has no other body.
    refused: bool,
    notes: Vec<FieldNote>,
}

/// Sends the head off; a task passes the rest on, so that the client reads while the function writes.
fn begin(
    head: ResponseOutcome,
    notes: Vec<FieldNote>,
    first: Vec<Bytes>,
    answer: StreamingAnswer,
    calls: mpsc::Sender<DoorCall>,
) -> Response<ResponseBody> {
    let mut head = Head { response: head.response, refused: head.malformed.is_some(), notes };
    for (name, value) in answer.cors.iter() {
        head.response.headers.push(name, value);
    }
    if head.refused {
        // What the function still writes goes nowhere; the exchange is told when it ends.
        let response = whole(&head.response);
        tokio::spawn(pass(head, Vec::new(), answer.reader, None, calls));
        return response;
    }
    let (sender, receiver) = mpsc::channel(WAITING);
    let started = with_head(head.response.status, &head.response.headers, ResponseBody::Streamed(receiver));
    // Hyper's framing; whoever looks at the exchange sees what the client saw.
    if !matches!(head.response.status, 204 | 304) {
        head.response.headers.push("Transfer-Encoding", "chunked");
    }
    tokio::spawn(pass(head, first, answer.reader, Some(sender), calls));
    started
}

async fn pass(
    head: Head,
    first: Vec<Bytes>,
    mut reader: StreamReader<Ended>,
    mut client: Option<mpsc::Sender<Result<Bytes, BrokeOff>>>,
    calls: mpsc::Sender<DoorCall>,
) {
    let mut shown = Vec::new();
    let mut first = first.into_iter();
    let mut cut_off = false;
    loop {
        let piece = match first.next() {
            Some(bytes) => Some(StreamPiece::Bytes(bytes)),
            None => reader.next().await,
        };
        let Some(piece) = piece else { break };
        cut_off |= piece == StreamPiece::CutOff;
        let StreamPiece::Bytes(bytes) = piece else { continue };
        let room = super::SHOWN.saturating_sub(shown.len()).min(bytes.len());
        shown.extend_from_slice(&bytes[..room]);
        if let Some(sender) = &client
            && sender.send(Ok(bytes)).await.is_err()
        {
            client = None;
        }
    }
    let Some(ended) = reader.end().await else { return };
    if (ended.failed || cut_off)
        && let Some(sender) = client
    {
        // A client that is gone has seen the end already.
        let _ = sender.send(Err(BrokeOff)).await;
    }
    let response = if head.refused { head.response } else { HttpResponse { body: shown.into(), ..head.response } };
    finish(&calls, ended.exchange, response, head.notes).await;
}

async fn finish(
    calls: &mpsc::Sender<DoorCall>,
    exchange: Box<crate::event::Exchange>,
    response: HttpResponse,
    notes: Vec<FieldNote>,
) {
    // The loop is gone: nobody wants to know.
    let _ = calls.send(DoorCall::Streamed { exchange, response, notes }).await;
}

fn body_of(part: StreamPart) -> Option<Bytes> {
    match part {
        StreamPart::Body(bytes) => Some(bytes),
        StreamPart::Head(..) => None,
    }
}
