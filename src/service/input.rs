//! What reaches the service. Every input comes with the service time at which it arrived.

use std::sync::Arc;

use bytes::Bytes;

use super::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration};
use super::happened::Outlet;
use super::ids::{EnvironmentId, FunctionName, MessageId, QueueName, ReplyToken, RequestId};
use super::time::{Micros, Timestamp};

/// Lambda's three invocation types (semantics 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

impl InvocationType {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestResponse => "RequestResponse",
            Self::Event => "Event",
            Self::DryRun => "DryRun",
        }
    }
}

/// Who asked for an invocation; decides colour and lane, never the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvocationSource {
    /// The window or the command line.
    Workbench,
    /// A client of the Lambda API, with what its User-Agent says of it (`aws-cli`, `Boto3`...).
    LambdaApi { client: Arc<str> },
    /// A mapping that read a queue.
    Mapping { queue: QueueName },
    /// An outlet of a function that this event of it went through.
    Destination { function: FunctionName, request_id: RequestId, outlet: Outlet },
    /// A function URL; `request` is `GET /orders`.
    FunctionUrl { request: Arc<str> },
    /// A route of an API, or a load balancer.
    Api { api: Arc<str>, request: Arc<str> },
    /// A scenario file.
    Scenario,
}

/// One wanted invocation (semantics 1.2). The payload is JSON: it was checked at the door.
#[derive(Clone, Debug)]
pub struct InvokeRequest {
    pub function: FunctionName,
    /// As the caller gave it; `None` means `$LATEST`, the only version there is so far.
    pub qualifier: Option<Arc<str>>,
    pub invocation_type: InvocationType,
    pub payload: Bytes,
    /// Decoded JSON of `X-Amz-Client-Context`; reaches the function for synchronous invokes only.
    pub client_context: Option<Bytes>,
    pub trace_header: Option<Arc<str>>,
    pub source: InvocationSource,
    /// A label a person gave, such as the name of the saved event.
    pub label: Option<Arc<str>>,
    /// The deprecated InvokeAsync keeps the old limit of 256 KB (semantics 1.6).
    pub legacy_invoke_async: bool,
    /// Chosen by whoever must know it beforehand: who reads the response along, or whose event carries it (semantics 5.2).
    pub request_id: Option<RequestId>,
    /// Came through a function URL, an API or a load balancer; boxed, for most did not.
    pub door: Option<Box<DoorRequest>>,
    /// `None` when nobody waits for the answer.
    pub reply: Option<ReplyToken>,
}

/// What a door for HTTP clients asks for beyond an Invoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorRequest {
    /// The caller is answered after this long, whatever the function does (semantics 6.1); function URLs wait.
    pub integration_timeout: Option<Micros>,
    /// Counts against the rate of a function URL (semantics 5.1).
    pub function_url: bool,
}

impl InvokeRequest {
    /// A request for `$LATEST` without anything optional; nobody waits for its answer.
    #[must_use]
    pub fn new(function: FunctionName, invocation_type: InvocationType, payload: Bytes, source: InvocationSource) -> Self {
        Self {
            function,
            qualifier: None,
            invocation_type,
            payload,
            client_context: None,
            trace_header: None,
            source,
            label: None,
            legacy_invoke_async: false,
            request_id: None,
            door: None,
            reply: None,
        }
    }
}

/// A function error: the JSON object that the caller gets, and the type it names (semantics 1.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    pub error_type: Arc<str>,
    /// `errorMessage` of the payload, for display and for the dead-letter queue.
    pub message: Arc<str>,
    /// The whole object as the runtime sent it.
    pub payload: Bytes,
}

/// How the process of an environment ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    /// `killed`, `segmentation fault`...: the words of `Runtime exited with error: signal: ...`.
    Signal(Arc<str>),
    /// It never started: no program, no interpreter, no right to run it, no handler file.
    NotStarted {
        error_type: Arc<str>,
        message: Arc<str>,
    },
    /// The embedded JavaScript runtime passed its memory limit.
    OutOfMemory,
}

/// One line that a function wrote, or that the service wrote about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub at: Timestamp,
    pub text: Arc<str>,
}

/// A message for a queue, before it has an id.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub body: Arc<str>,
    /// Name, data type (`String`, `Number`), value.
    pub attributes: Vec<(Arc<str>, Arc<str>, Arc<str>)>,
    /// `AWSTraceHeader`, which destinations set (semantics 3.5).
    pub trace_header: Option<Arc<str>>,
    pub delay: Micros,
}

impl NewMessage {
    /// Without attributes, to be seen at once.
    #[must_use]
    pub fn new(body: impl Into<Arc<str>>) -> Self {
        Self { body: body.into(), attributes: Vec::new(), trace_header: None, delay: Micros(0) }
    }

    /// Body, and name, type and value of each attribute: what counts towards the limit of a message (semantics 4.6).
    #[must_use]
    pub fn bytes(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, data_type, value)| name.len() + data_type.len() + value.len());
        self.body.len() + attributes.sum::<usize>()
    }
}

/// An accepted event that an earlier run of the program left on disk.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub request_id: RequestId,
    pub function: FunctionName,
    pub payload: Bytes,
    pub accepted_at: Timestamp,
    /// Attempts that ended in a function error.
    pub failed_attempts: u32,
    /// Attempts that were throttled, for the back-off.
    pub throttled_attempts: u32,
    pub due: Timestamp,
    pub label: Option<Arc<str>>,
    /// As it came; without the event itself in its chain of requests.
    pub trace_header: Option<Arc<str>>,
    /// The end of the program cut its next attempt off; nothing says how far that came.
    pub cut_off: bool,
}

/// A message of a queue as it lies on disk.
#[derive(Clone, Debug)]
pub struct StoredMessage {
    pub queue: QueueName,
    pub message_id: MessageId,
    pub body: Arc<str>,
    pub attributes: Vec<(Arc<str>, Arc<str>, Arc<str>)>,
    pub sent_at: Timestamp,
    pub first_received_at: Option<Timestamp>,
    pub receive_count: u32,
    pub visible_at: Timestamp,
    /// The queue that a redrive policy moved it away from.
    pub came_from: Option<QueueName>,
    /// `AWSTraceHeader`.
    pub trace_header: Option<Arc<str>>,
}

/// What a fault does to the attempts it names, for teaching and testing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    Throw,
    Timeout,
    Crash,
    OutOfMemory,
    Throttle,
    /// The event reaches the code this much later; the wait counts as duration and towards the timeout.
    Slow(Micros),
    /// The attempt gets an environment of its own, whose runtime ends during init (semantics 2.7).
    InitFailure,
}

impl FaultKind {
    /// Whether the code never sees the event, because the fault answers in its place.
    #[must_use]
    pub fn replaces_code(self) -> bool {
        !matches!(self, Self::Slow(_))
    }
}

/// A fault for a function: attempt numbers count from 1 within one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub function: FunctionName,
    pub attempts: Vec<u32>,
    pub kind: FaultKind,
}

/// Everything that can happen to the service from outside.
#[derive(Clone, Debug)]
pub enum Input {
    ConfigureFunction(Arc<FunctionConfiguration>),
    /// Queued events of a removed function stay and are refused one by one, as Lambda drops them.
    RemoveFunction(FunctionName),
    ConfigureQueue(QueueConfiguration),
    RemoveQueue(QueueName),
    ConfigureMapping(MappingConfiguration),
    RemoveMapping {
        function: FunctionName,
        queue: QueueName,
    },
    SetFaults(Vec<Fault>),
    /// How long an environment without an event stays warm; those that are idle already go by it, too.
    SetIdleExpiry(Micros),

    Invoke(Box<InvokeRequest>),
    /// Everything that `Effect::Persist` named with this ticket or a smaller one is on disk.
    Stored {
        ticket: u64,
    },
    /// What these tickets named could not be written and never will be: whoever waits is refused.
    NotStored {
        tickets: Vec<u64>,
        reason: Arc<str>,
    },
    /// What an earlier run left; comes before anything else.
    Restore {
        events: Vec<StoredEvent>,
        messages: Vec<StoredMessage>,
    },

    /// The runtime asked for its first event: init is over.
    EnvironmentReady {
        environment: EnvironmentId,
    },
    /// The runtime reported an error of its own during init.
    InitError {
        environment: EnvironmentId,
        error: FunctionError,
    },
    Response {
        environment: EnvironmentId,
        request_id: RequestId,
        payload: Bytes,
    },
    /// The function, or the runtime for it, reported an error.
    ErrorResponse {
        environment: EnvironmentId,
        request_id: RequestId,
        error: FunctionError,
    },
    /// The runtime asked for the next event after it had answered: the environment is free again (semantics 2.7).
    NextRequested {
        environment: EnvironmentId,
    },
    /// Lines written since the last such input, oldest first; `at` is overwritten with the service time.
    Log {
        environment: EnvironmentId,
        lines: Vec<Arc<str>>,
    },
    Exited {
        environment: EnvironmentId,
        exit: Exit,
    },
    /// Highest resident memory seen, in MB.
    MemoryUsed {
        environment: EnvironmentId,
        megabytes: u32,
    },

    SendMessages {
        queue: QueueName,
        messages: Vec<NewMessage>,
        source: InvocationSource,
    },
    DeleteMessage {
        queue: QueueName,
        message_id: MessageId,
    },
    PurgeQueue(QueueName),
    /// Puts messages back that a person deleted, as they were.
    PutBack {
        queue: QueueName,
        message_ids: Vec<MessageId>,
    },
    /// Moves every message of a dead-letter queue that waits back to the queue that it came from.
    Redrive(QueueName),

    /// A person wants the waiting event tried now.
    RetryNow(RequestId),
    /// The same, with another payload: JSON within the limit of asynchronous events, checked at the door.
    EditAndRetry {
        request_id: RequestId,
        payload: Bytes,
    },
    /// A person drops a waiting event: no dead-letter queue, no destination.
    DropEvent(RequestId),
    /// A person stops a running invocation; its environment is reset.
    StopInvocation(RequestId),
}
