//! The Lambda API on loopback: what AWS CLI and every SDK speak to with `--endpoint-url` (semantics 1).
//!
//! A connection's task parses a request, hands the loop one message and awaits the answer; it owns no state.

mod answer;
mod connection;
mod elsewhere;
mod event_stream;
mod function_json;
mod operation;
mod origin_check;
mod request;
mod streaming;

use std::sync::Arc;

use tokio::sync::oneshot;

pub use connection::serve;
pub use origin_check::{is_loopback, refusal};
pub use request::{RequestError, check_json, check_response, named};

use super::streams::StreamReader;
use crate::event::WorkspaceView;
use crate::service::effect::InvokeReply;
use crate::service::ids::RequestId;
use crate::service::input::InvokeRequest;

/// What a connection asks the loop for.
#[derive(Debug)]
pub enum ApiCall {
    /// `reply` of the request is `None`: the loop knows the answer's way by `answer`.
    Invoke {
        request: Box<InvokeRequest>,
        answer: oneshot::Sender<InvokeReply>,
    },
    /// The same for one whose response is read while the function writes it.
    InvokeStreaming {
        request: Box<InvokeRequest>,
        answer: oneshot::Sender<StreamedInvoke>,
    },
    Workspace {
        answer: oneshot::Sender<ApiView>,
    },
}

/// An invocation whose response comes in pieces.
#[derive(Debug)]
pub struct StreamedInvoke {
    pub request_id: RequestId,
    pub reader: StreamReader<InvokeReply>,
}

/// What the read operations show.
#[derive(Clone, Debug)]
pub struct ApiView {
    pub workspace: Arc<WorkspaceView>,
    pub region: Arc<str>,
    pub account_id: Arc<str>,
}
