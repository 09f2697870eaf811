//! What has happened: the service's own log. Window, history and reports are made from these and from nothing else.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration, Target};
use super::counted::counted;
use super::effect::StopReason;
use super::error::{ServiceError, ThrottleReason};
use super::filter::Mismatch;
use super::ids::{BatchId, EnvironmentId, FunctionName, MessageId, QueueName, RequestId};
use super::input::{FunctionError, InvocationSource, InvocationType, LogLine};
use super::time::{Micros, Timestamp};

/// Something that happened at `at`, in service time.
#[derive(Clone, Debug)]
pub struct ServiceEvent {
    pub at: Timestamp,
    pub what: Happened,
}

/// How an event or a synchronous invocation ended; for asynchronous ones the `condition` of records (semantics 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Succeeded,
    /// A synchronous invocation (direct or of a batch) ended in a function error: the caller has it, nobody retries.
    FunctionError,
    RetriesExhausted,
    EventAgeExceeded,
    ZeroReservedConcurrency,
    /// Stopped before any code ran: the function was invoked too often in one chain of requests (semantics 3.7).
    RecursiveLoop,
    /// Refused before any code ran.
    Refused,
    /// A person dropped it, or its function was removed.
    Dropped,
}

impl Outcome {
    /// `condition` of the invocation record, for outcomes that have one.
    #[must_use]
    pub fn condition(self) -> Option<&'static str> {
        match self {
            Self::Succeeded => Some("Success"),
            // Of a stopped loop no record is published; UNVERIFIED, and of the conditions that there are this one says it best.
            Self::RetriesExhausted | Self::RecursiveLoop => Some("RetriesExhausted"),
            Self::EventAgeExceeded => Some("EventAgeExceeded"),
            Self::ZeroReservedConcurrency => Some("ZeroReservedConcurrency"),
            Self::FunctionError | Self::Refused | Self::Dropped => None,
        }
    }
}

/// Why an event went back to its queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryReason {
    FunctionError {
        error_type: Arc<str>,
    },
    Throttled(ThrottleReason),
    /// A person asked for it now.
    Person,
    /// It waited on disk while the program was closed.
    Restarted,
    /// The program ended while this attempt ran; it is made again.
    CutOff,
}

/// What closed a batch (semantics 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClosedBy {
    /// The window ran out, or the window is 0 and something was there.
    Window,
    Size,
    /// The next record would have passed 6 MB.
    Bytes,
}

/// Why a mapping may have more or fewer batches in flight than before (semantics 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScalingReason {
    /// Messages waited for a minute.
    Backlog,
    /// The function was not free.
    Throttled,
    FunctionErrors,
    /// Nothing is left to do: back to the start.
    Quiet,
}

/// Which of a function's outlets something was delivered through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outlet {
    DeadLetter,
    OnSuccess,
    OnFailure,
}

/// Why a message is gone from its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Removal {
    /// The batch it was in succeeded, or did not report it.
    Processed,
    /// The filter of a mapping left it out.
    LeftOut,
    Person,
    /// It became as old as the retention period of its queue allows.
    Expired,
}

/// Why a message moved to another queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MoveReason {
    /// It was received as often as the redrive policy of its queue allows.
    RedrivePolicy,
    /// A person had the messages of a dead-letter queue moved back to where they came from (SQS `StartMessageMoveTask`). It
    /// is as if it had been sent anew: its age counts from here.
    MoveTask,
}

#[derive(Clone, Debug)]
pub enum Happened {
    FunctionConfigured(Arc<FunctionConfiguration>),
    FunctionRemoved(FunctionName),
    QueueConfigured(QueueConfiguration),
    QueueRemoved(QueueName),
    MappingConfigured(MappingConfiguration),
    MappingRemoved {
        function: FunctionName,
        queue: QueueName,
    },

    /// A synchronous invocation was let in, or an asynchronous event is on disk and queued.
    InvocationAccepted {
        request_id: RequestId,
        function: FunctionName,
        invocation_type: InvocationType,
        source: InvocationSource,
        payload: Bytes,
        label: Option<Arc<str>>,
        /// Before now where an earlier run accepted it.
        accepted_at: Timestamp,
    },
    /// Refused before any code ran; ends the invocation.
    InvocationRefused {
        request_id: RequestId,
        function: FunctionName,
        invocation_type: InvocationType,
        source: InvocationSource,
        payload: Bytes,
        error: ServiceError,
    },
    EnvironmentStarting {
        environment: EnvironmentId,
        function: FunctionName,
        /// 1 for the first environment of the function, smallest free number: a lane of the timeline.
        number: u32,
    },
    EnvironmentReady {
        environment: EnvironmentId,
        init_duration: Micros,
    },
    /// Init failed or took too long; it is tried again within the next invoke (semantics 2.7).
    EnvironmentInitFailed {
        environment: EnvironmentId,
        error: FunctionError,
        init_duration: Micros,
    },
    EnvironmentStopped {
        environment: EnvironmentId,
        function: FunctionName,
        reason: StopReason,
    },

    AttemptStarted {
        request_id: RequestId,
        function: FunctionName,
        environment: EnvironmentId,
        attempt: u32,
        cold: bool,
    },
    AttemptFinished {
        request_id: RequestId,
        function: FunctionName,
        environment: EnvironmentId,
        attempt: u32,
        result: Result<Bytes, FunctionError>,
        duration: Micros,
        billed_millis: u64,
        init_duration: Option<Micros>,
        max_memory_used_megabytes: u32,
    },
    /// An API answered its client without the function, which goes on (semantics 6.1, 6.4).
    IntegrationTimedOut {
        request_id: RequestId,
        function: FunctionName,
    },
    /// An attempt was refused for lack of concurrency; an asynchronous event goes back to its queue, a batch waits.
    AttemptThrottled {
        request_id: RequestId,
        function: FunctionName,
        reason: ThrottleReason,
    },
    RetryScheduled {
        request_id: RequestId,
        function: FunctionName,
        next_attempt: u32,
        due: Timestamp,
        reason: RetryReason,
    },
    /// The payload of what waits was changed: by a person, or because messages of a batch were deleted.
    EventEdited {
        request_id: RequestId,
        payload: Bytes,
    },
    InvocationEnded {
        request_id: RequestId,
        function: FunctionName,
        outcome: Outcome,
        attempts: u32,
    },
    /// A record or an event left through an outlet of the function.
    Delivered {
        request_id: RequestId,
        function: FunctionName,
        outlet: Outlet,
        target: Target,
        body: Bytes,
        error: Option<Arc<str>>,
    },
    LogWritten {
        function: FunctionName,
        environment: EnvironmentId,
        request_id: Option<RequestId>,
        lines: Vec<LogLine>,
    },

    MessageSent {
        queue: QueueName,
        message_id: MessageId,
        body: Arc<str>,
        source: InvocationSource,
        /// Before the event for one of an earlier run.
        sent_at: Timestamp,
        visible_at: Timestamp,
        /// More than 0 for one of an earlier run.
        receive_count: u32,
        /// The queue that a redrive policy moved it away from, for one of an earlier run that lies in a dead-letter queue.
        came_from: Option<QueueName>,
    },
    /// A person put a message back that a person had deleted: all of it is as it was.
    MessagePutBack {
        queue: QueueName,
        message_id: MessageId,
        body: Arc<str>,
        sent_at: Timestamp,
        visible_at: Timestamp,
        receive_count: u32,
        came_from: Option<QueueName>,
    },
    /// A message was not sent, and why not.
    MessageRefused {
        queue: QueueName,
        reason: Arc<str>,
    },
    /// A mapping began to collect a batch; `closes_at` is the end of its window.
    BatchOpened {
        function: FunctionName,
        queue: QueueName,
        closes_at: Timestamp,
    },
    /// A batch that was being collected is not sent: its messages were deleted, or its queue or function went.
    BatchDropped {
        function: FunctionName,
        queue: QueueName,
    },
    /// A mapping received a message into the batch it collects.
    MessageReceived {
        queue: QueueName,
        function: FunctionName,
        message_id: MessageId,
        receive_count: u32,
        invisible_until: Timestamp,
    },
    /// The filter of a mapping did not let a message into a batch; it is deleted next.
    MessageLeftOut {
        queue: QueueName,
        function: FunctionName,
        message_id: MessageId,
        /// Any one of these put right would have done, or would have been a step to it.
        mismatches: Vec<Mismatch>,
    },
    BatchClosed {
        batch: BatchId,
        function: FunctionName,
        queue: QueueName,
        request_id: RequestId,
        closed_by: ClosedBy,
        message_ids: Vec<MessageId>,
        /// Size of the whole event JSON.
        bytes: usize,
        opened_at: Timestamp,
    },
    /// `failed` stay in the queue, unless they were deleted meanwhile; the others are deleted.
    BatchFinished {
        batch: BatchId,
        request_id: RequestId,
        function: FunctionName,
        queue: QueueName,
        failed: Vec<MessageId>,
        reason: BatchVerdict,
    },
    /// A mapping may have so many batches in flight from now on, unless a person has set less.
    MappingScaled {
        function: FunctionName,
        queue: QueueName,
        concurrency: u32,
        reason: ScalingReason,
    },
    /// The visibility time-out of a received message ran out.
    MessageVisible {
        queue: QueueName,
        message_id: MessageId,
        receive_count: u32,
    },
    MessageMoved {
        from: QueueName,
        to: QueueName,
        message_id: MessageId,
        /// How often it had been received in the queue that it left.
        receive_count: u32,
        reason: MoveReason,
    },
    MessageRemoved {
        queue: QueueName,
        message_id: MessageId,
        removal: Removal,
    },
}

/// How the result of a batch was read (semantics 4.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchVerdict {
    AllSucceeded,
    PartialFailure,
    /// The function failed.
    FunctionError,
    /// `batchItemFailures` was not usable: the whole batch failed. The text says why.
    InvalidResponse {
        reason: Arc<str>,
    },
    /// The function was not free until the visibility timeout of the messages ended.
    Throttled(ThrottleReason),
    /// The function was stopped: it was invoked too often in the chain of requests that one of the messages came by.
    RecursiveLoop,
    /// Its mapping, its function or its queue was removed while the batch waited for the function.
    MappingGone,
    /// Every message was deleted while the batch waited for its function, which was not invoked.
    Emptied,
}

impl BatchVerdict {
    /// Whether the function never got the batch.
    #[must_use]
    pub fn is_unsent(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::MappingGone | Self::Emptied)
    }
}

/// A thing that will happen by itself when service time gets there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    pub what: DueKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueKind {
    /// An asynchronous event is tried (again).
    Attempt {
        request_id: RequestId,
        function: FunctionName,
        attempt: u32,
        label: Option<Arc<str>>,
    },
    /// A batching window closes.
    WindowCloses {
        function: FunctionName,
        queue: QueueName,
        records: usize,
    },
    /// A received message becomes visible again.
    MessageVisible {
        queue: QueueName,
        message_id: MessageId,
    },
    /// The oldest message of a queue reaches the end of the retention period. Not a thing that *Step* stops at: it may be days
    /// away, and waits for nobody.
    MessageExpires {
        queue: QueueName,
        message_id: MessageId,
    },
    /// A running attempt reaches its timeout.
    Timeout {
        request_id: RequestId,
        function: FunctionName,
    },
    InitLimit {
        environment: EnvironmentId,
        function: FunctionName,
    },
    /// An API stops waiting for the function. Not a thing that *Step* stops at.
    IntegrationTimeout {
        request_id: RequestId,
        function: FunctionName,
    },
    /// An idle environment is stopped. Not a thing that *Step* stops at.
    IdleExpiry {
        environment: EnvironmentId,
        function: FunctionName,
    },
}

impl DueKind {
    /// *Step* goes to these; limits of running code and idle environments are not steps.
    #[must_use]
    pub fn is_step(&self) -> bool {
        matches!(self, Self::Attempt { .. } | Self::WindowCloses { .. } | Self::MessageVisible { .. })
    }

    /// Whether it is the same thing that is due, though a window may have more messages by now.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::WindowCloses { function, queue, .. },
                Self::WindowCloses { function: other_function, queue: other_queue, .. },
            ) => function == other_function && queue == other_queue,
            _ => self == other,
        }
    }
}

impl fmt::Display for DueKind {
    /// What *Step* will do, for its button: `attempt 3 of order-1042`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempt { request_id, attempt, label, .. } => {
                let name = label.as_deref().map_or_else(|| request_id.to_string().chars().take(8).collect(), str::to_owned);
                write!(f, "attempt {attempt} of {name}")
            }
            Self::WindowCloses { queue, records, .. } => {
                write!(f, "{queue}: window closes on {}", counted(*records, "message"))
            }
            Self::MessageVisible { queue, .. } => write!(f, "{queue}: a message is visible again"),
            Self::MessageExpires { queue, .. } => write!(f, "{queue}: a message expires"),
            Self::Timeout { function, .. } => write!(f, "{function} times out"),
            Self::InitLimit { function, .. } => write!(f, "init of {function} times out"),
            Self::IntegrationTimeout { function, .. } => write!(f, "an API stops waiting for {function}"),
            Self::IdleExpiry { function, .. } => write!(f, "an idle environment of {function} is stopped"),
        }
    }
}
