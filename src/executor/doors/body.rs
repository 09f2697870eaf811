//! Bodies of requests, read up to what a door takes.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

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
