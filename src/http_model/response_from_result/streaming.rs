//! A streamed response: the prelude with status and headers, eight NUL bytes, then the body (semantics 2.3, 5.3).

use bytes::{Bytes, BytesMut};

use super::super::answers::{Failure, answer};
use super::super::door::{AnswerContext, Door};
use super::super::field_note::{Change, FieldNote, Trace};
use super::super::message::HttpResponse;
use super::assemble::{Line, Parts, response};
use super::members;
use super::outcome::{Malformed, ResponseOutcome};
use super::result_json::ResultJson;

/// Content type with which a runtime announces a prelude.
pub const INTEGRATION_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";
/// Bytes within which the eight NUL bytes must come (semantics 6.1).
pub const PRELUDE_LIMIT: usize = 16_384;

const DELIMITER: [u8; 8] = [0; 8];

/// What a chunk gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamPart {
    /// Status and headers are known, and how they came about. Always the first part; its body is empty unless the prelude
    /// was refused.
    Head(Box<ResponseOutcome>, Vec<FieldNote>),
    /// Bytes of the body, as they came.
    Body(Bytes),
}

/// A streamed response that is fed chunk by chunk.
pub struct StreamedResponse {
    door: Door,
    context: AnswerContext,
    state: State,
}

enum State {
    /// The runtime announced a prelude; this much of it came.
    Prelude(BytesMut),
    /// No prelude: the content type of the whole stream.
    Plain(String),
    Body,
    /// The prelude was bad and the client has its answer; what still comes is dropped.
    Refused,
}

impl StreamedResponse {
    /// `content_type` is that of the runtime's own request; only function URLs and REST APIs stream.
    #[must_use]
    pub fn new(door: Door, content_type: Option<&str>, context: AnswerContext) -> Self {
        let content_type = content_type.unwrap_or("application/octet-stream");
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let state = if essence.eq_ignore_ascii_case(INTEGRATION_RESPONSE) {
            State::Prelude(BytesMut::new())
        } else {
            State::Plain(content_type.to_owned())
        };
        Self { door, context, state }
    }

    /// Takes the next chunk.
    pub fn feed(&mut self, chunk: Bytes) -> Vec<StreamPart> {
        match &mut self.state {
            State::Body => body_part(chunk),
            State::Refused => Vec::new(),
            State::Plain(_) => {
                let mut parts = vec![self.plain_head()];
                parts.extend(body_part(chunk));
                parts
            }
            State::Prelude(gathered) => {
                // A delimiter may have begun in the chunk before.
                let from = gathered.len().saturating_sub(DELIMITER.len() - 1);
                gathered.extend_from_slice(&chunk);
                let found = gathered[from..].windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER);
                match found.map(|at| from + at) {
                    Some(end) if end <= PRELUDE_LIMIT => self.after_prelude(end),
                    None if gathered.len() <= PRELUDE_LIMIT => Vec::new(),
                    Some(_) | None => {
                        vec![self.refused(format!("no eight NUL bytes within the first {PRELUDE_LIMIT} bytes of the stream"))]
                    }
                }
            }
        }
    }

    /// The stream is over. Gives the head if it is still due.
    pub fn end(&mut self) -> Vec<StreamPart> {
        match &self.state {
            State::Body | State::Refused => Vec::new(),
            State::Plain(_) => vec![self.plain_head()],
            State::Prelude(gathered) => {
                let reason = format!("the stream ended after {} bytes, before the eight NUL bytes", gathered.len());
                vec![self.refused(reason)]
            }
        }
    }

    fn plain_head(&mut self) -> StreamPart {
        let State::Plain(content_type) = std::mem::replace(&mut self.state, State::Body) else {
            return self.refused("the head was sent already".to_owned());
        };
        let mut trace = Trace::kept();
        let line = Line::of_stream(content_type);
        trace.add(Change::Added, "", "status", "200, since the stream has no prelude");
        let head = response(self.door, &self.context, parts(200, vec![line], Vec::new(), ""), &mut trace);
        StreamPart::Head(Box::new(ResponseOutcome { response: head, malformed: None }), trace.into_notes())
    }

    fn after_prelude(&mut self, end: usize) -> Vec<StreamPart> {
        let State::Prelude(mut gathered) = std::mem::replace(&mut self.state, State::Body) else { return Vec::new() };
        let body = gathered.split_off(end + DELIMITER.len()).freeze();
        gathered.truncate(end);
        let mut trace = Trace::kept();
        match head(self.door, &gathered, &self.context, &mut trace) {
            Ok(head) => {
                let outcome = ResponseOutcome { response: head, malformed: None };
                let mut parts = vec![StreamPart::Head(Box::new(outcome), trace.into_notes())];
                parts.extend(body_part(body));
                parts
            }
            Err(reason) => vec![self.refused(reason)],
        }
    }

    fn refused(&mut self, reason: String) -> StreamPart {
        self.state = State::Refused;
        let mut response = answer(self.door, &Failure::BadResult, &self.context);
        if self.door == Door::RestApi {
            response.status = 500; // A bad prelude is not a 502 there (semantics 6.1).
        }
        let becomes_body = String::from_utf8_lossy(&response.body).into_owned();
        let malformed = Some(Malformed { reason, becomes_status: response.status, becomes_body });
        StreamPart::Head(Box::new(ResponseOutcome { response, malformed }), Vec::new())
    }
}

/// Reads the prelude: `{statusCode, headers, cookies}`, and `multiValueHeaders` for REST APIs.
fn head(door: Door, prelude: &[u8], context: &AnswerContext, trace: &mut Trace) -> Result<HttpResponse, String> {
    let ResultJson::Object(members) = ResultJson::read(prelude).map_err(|error| error.replace("the result", "the prelude"))?
    else {
        return Err("the prelude is not an object".to_owned());
    };
    let status = members::status_code(&members, trace)?.unwrap_or(200);
    let mut lines: Vec<Line> = members::headers(&members, trace)?.into_iter().map(Line::of_headers).collect();
    lines.extend(members::multi_value_headers(&members)?.into_iter().flat_map(Line::of_multi_value_headers));
    let cookies = members::cookies(&members)?;
    Ok(response(door, context, parts(status, lines, cookies, "application/octet-stream"), trace))
}

fn parts(status: u16, lines: Vec<Line>, cookies: Vec<String>, default_content_type: &'static str) -> Parts {
    Parts { status, lines, cookies, body: Bytes::new(), default_content_type }
}

fn body_part(bytes: Bytes) -> Vec<StreamPart> {
    if bytes.is_empty() { Vec::new() } else { vec![StreamPart::Body(bytes)] }
}
