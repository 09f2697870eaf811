//! Bodies that a runtime sends: of any length, whole or in chunks, with trailers, or broken off.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body, Incoming};

use crate::executor::environment::{StreamPiece, StreamSender};
use crate::executor::gathered::Gathered;
use crate::service::limits::{RESPONSE_PAYLOAD, STREAMED_PAYLOAD};

/// One byte more than any answer may have: what was cut here is too large for everybody who looks at it.
const KEPT: usize = RESPONSE_PAYLOAD + 1;

/// What came.
pub(super) struct Received {
    /// At most [`KEPT`] bytes; the rest is read and thrown away, so that the runtime gets its answer.
    pub bytes: Bytes,
    pub trailers: Option<HeaderMap>,
    /// The connection broke before the end.
    pub truncated: bool,
}

/// Who reads a streamed response while it is made.
struct Caller {
    stream: Option<StreamSender>,
    passed: usize,
}

impl Caller {
    /// Past the limit of a streamed response the caller's connection ends without the rest.
    async fn pass(&mut self, data: &Bytes) {
        self.passed += data.len();
        let Some(stream) = &self.stream else { return };
        let too_much = self.passed > STREAMED_PAYLOAD;
        let piece = if too_much { StreamPiece::CutOff } else { StreamPiece::Bytes(data.clone()) };
        if stream.send(piece).await.is_err() || too_much {
            self.stream = None;
        }
    }
}

/// Reads a body to its end.
pub(super) async fn receive(body: Incoming) -> Received {
    receive_for(body, None).await
}

/// The same, with every piece passed on to a caller as it comes. A caller that reads slowly slows the function down; one
/// that is gone changes nothing.
pub(super) async fn receive_for(mut body: Incoming, caller: Option<StreamSender>) -> Received {
    let mut caller = Caller { stream: caller, passed: 0 };
    let mut gathered = Gathered::new(KEPT, body.size_hint().lower());
    let mut trailers = None;
    let mut truncated = false;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            truncated = true;
            break;
        };
        match frame.into_data() {
            Ok(data) => {
                caller.pass(&data).await;
                gathered.push(data);
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    Received { bytes: gathered.into_bytes(), trailers, truncated }
}
