//! What the service wants done. The executor carries effects out in the order in which they come.

use std::sync::Arc;

use bytes::Bytes;

use super::error::ServiceError;
use super::happened::ServiceEvent;
use super::ids::{EnvironmentId, FunctionName, MessageId, QueueName, ReplyToken, RequestId};
use super::input::{FunctionError, LogLine, StoredEvent, StoredMessage};
use super::time::{Micros, Timestamp};

/// An event on its way into an environment (semantics 2.2).
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub environment: EnvironmentId,
    pub function: FunctionName,
    pub request_id: RequestId,
    /// 1 for the first attempt.
    pub attempt: u32,
    pub payload: Bytes,
    /// What is left of the function's timeout; the executor turns it into the wall-clock deadline header.
    pub time_left: Micros,
    pub invoked_function_arn: Arc<str>,
    pub trace_header: Arc<str>,
    pub client_context: Option<Bytes>,
}

/// The answer to a synchronous invocation, or to the acceptance of an asynchronous one (semantics 1.3).
#[derive(Clone, Debug)]
pub enum InvokeReply {
    /// 200: the function ran. A function error is a 200, too.
    Completed(Box<Completed>),
    /// 202: the event is on disk and queued.
    Accepted { request_id: RequestId },
    /// 204: DryRun, all checks passed.
    DryRun { request_id: RequestId },
    /// The service refused; the function did not run (semantics 1.4).
    Refused { request_id: RequestId, error: ServiceError },
    /// An API gave up waiting (semantics 6.4); the function goes on.
    IntegrationTimedOut { request_id: RequestId },
}

impl InvokeReply {
    /// The id of the invocation that it answers.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        match self {
            Self::Completed(completed) => completed.request_id,
            Self::Accepted { request_id }
            | Self::DryRun { request_id }
            | Self::Refused { request_id, .. }
            | Self::IntegrationTimedOut { request_id } => *request_id,
        }
    }
}

/// What a finished synchronous invocation gives back.
#[derive(Clone, Debug)]
pub struct Completed {
    pub request_id: RequestId,
    pub executed_version: Arc<str>,
    pub result: Result<Bytes, FunctionError>,
    /// The end of this invocation's log; the API cuts the last 4 KB for `X-Amz-Log-Result`.
    pub log: Vec<LogLine>,
    pub cold: bool,
    pub duration: Micros,
    pub billed_millis: u64,
    pub init_duration: Option<Micros>,
    pub trace_header: Arc<str>,
}

/// A change of what must outlive the program. All of one turn go into one commit, in order.
#[derive(Clone, Debug)]
pub enum Persist {
    EventAccepted(Box<StoredEvent>),
    EventRescheduled {
        request_id: RequestId,
        failed_attempts: u32,
        throttled_attempts: u32,
        due: Timestamp,
        payload: Option<Bytes>,
    },
    EventEnded(RequestId),
    MessagePut(Box<StoredMessage>),
    MessageReceived {
        queue: QueueName,
        message_id: MessageId,
        receive_count: u32,
        first_received_at: Timestamp,
        visible_at: Timestamp,
    },
    MessageDeleted {
        queue: QueueName,
        message_id: MessageId,
    },
}

/// Why the service stops an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Idle for longer than the setting: SHUTDOWN reason `spindown` (semantics 2.4).
    Idle,
    /// The invocation, or a second init, passed its limit.
    Timeout,
    /// The runtime failed or broke the protocol.
    Failure,
    /// Code or settings changed, or the function was removed.
    Replaced,
    /// A person pressed *Stop*.
    Person,
}

/// What the executor is to do. Large ones are boxed: an effect is moved several times before it is carried out.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Start an environment; its init limit is the service's to watch.
    StartEnvironment {
        environment: EnvironmentId,
        function: FunctionName,
    },
    Dispatch(Box<Dispatch>),
    /// Kill it and everything it started. No `Exited` is expected, and one that comes is ignored.
    StopEnvironment {
        environment: EnvironmentId,
        reason: StopReason,
    },
    Reply {
        token: ReplyToken,
        reply: InvokeReply,
    },
    /// Tickets grow; with `wait` the service wants `Input::Stored` once it is on disk.
    Persist {
        ticket: u64,
        change: Persist,
        wait: bool,
    },
    /// Shared: the listener and the history have the same one.
    Publish(Arc<ServiceEvent>),
}
