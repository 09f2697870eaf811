//! Bodies of requests, read up to what a door takes, and bodies of responses, whole or piece by piece.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::mpsc;

use crate::executor::gathered::Gathered;

/// The largest body of any door (semantics 6.1), and how much more is read and thrown away so that a client gets its 413
/// instead of a broken connection.
const BODY_LIMIT: usize = 10 << 20;
const DRAIN_LIMIT: usize = 64 << 20;

/// Why there is no body.
pub(super) enum NotCollected {
    TooLarge,
    Broken,
}

/// Reads a body of at most [`BODY_LIMIT`].
pub(super) async fn collect(mut body: Incoming) -> Result<Bytes, NotCollected> {
    let mut gathered = Gathered::new(BODY_LIMIT, body.size_hint().lower());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| NotCollected::Broken)?.into_data() else { continue };
        gathered.push(data);
        if gathered.size() >= DRAIN_LIMIT {
            break;
        }
    }
    if gathered.size() > BODY_LIMIT {
        return Err(NotCollected::TooLarge);
    }
    Ok(gathered.into_bytes())
}

/// The function failed, or passed the limit, after its response had begun: the client's connection breaks off.
#[derive(Debug, thiserror::Error)]
#[error("the response broke off")]
pub struct BrokeOff;

/// A response's body.
pub enum DoorBody {
    Whole(Full<Bytes>),
    Streamed(mpsc::Receiver<Result<Bytes, BrokeOff>>),
}

impl DoorBody {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

impl Body for DoorBody {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokeOff>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Self::Streamed(pieces) => pieces.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Streamed(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Streamed(_) => SizeHint::default(),
        }
    }
}
