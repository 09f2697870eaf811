//! What the service remembers of functions, environments, invocations, queues and mappings.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use super::batching::Scaling;
use super::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration};
use super::deadlines::TimerKey;
use super::error::ThrottleReason;
use super::ids::{BatchId, EnvironmentId, FunctionName, MessageId, QueueName, ReplyToken, RequestId};
use super::input::{InvocationSource, InvocationType, LogLine};
use super::limits;
use super::time::{Micros, Timestamp};

#[derive(Debug)]
pub(super) struct Function {
    pub configuration: Arc<FunctionConfiguration>,
    pub arn: Arc<str>,
    /// Free environments; the one used last is taken first (which one AWS takes is not known, 8.2).
    pub warm: Vec<EnvironmentId>,
    pub environments: BTreeSet<EnvironmentId>,
    /// Lanes that are taken.
    pub numbers: BTreeSet<u32>,
    /// When environments were reset, oldest first: each makes one init a suppressed one (2.7), unless it has expired as an
    /// idle environment does.
    pub resets: Vec<Timestamp>,
    /// Environments that initialise for an event or have one in hand.
    pub executing: u32,
    /// It is being removed: nothing is collected for it any more.
    pub leaving: bool,
    /// Requests of its URL within the last second.
    pub url_requests: VecDeque<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Initialising,
    Idle,
    Running,
    /// The answer has come, the runtime has not asked for the next event yet.
    Answered,
}

/// The event that waits until the runtime has asked for the next one.
#[derive(Debug)]
pub(super) struct Following {
    pub request_id: RequestId,
    /// When it does not wait any longer.
    pub limit: Option<TimerKey>,
}

#[derive(Debug)]
pub(super) struct Environment {
    pub function: FunctionName,
    pub number: u32,
    pub revision: u64,
    pub phase: Phase,
    pub started: Timestamp,
    /// The event it initialises for, or has in hand.
    pub request: Option<RequestId>,
    pub following: Option<Following>,
    /// Counts as an execution.
    pub counted: bool,
    /// Its init happens inside the invoke, under the function's timeout.
    pub suppressed: bool,
    pub init_duration: Option<Micros>,
    pub timer: Option<TimerKey>,
    /// When a slow attempt hands its event over.
    pub delay: Option<TimerKey>,
    pub max_memory_used: u32,
}

/// Where an invocation stands.
#[derive(Debug)]
pub(super) enum Stage {
    /// An asynchronous event that is not on disk yet, or a batch that was not let in yet.
    Pending,
    /// An asynchronous event in its queue.
    Waiting {
        timer: Option<TimerKey>,
    },
    Running(Attempt),
}

#[derive(Debug)]
pub(super) struct Attempt {
    pub environment: EnvironmentId,
    /// `None` while its environment initialises for it.
    pub started: Option<Timestamp>,
    pub cold: bool,
    pub log: LogTail,
}

/// The end of a log: a function that prints a gigabyte costs no more than one that prints a page.
#[derive(Debug, Default)]
pub(super) struct LogTail {
    lines: VecDeque<LogLine>,
    bytes: usize,
}

impl LogTail {
    pub fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            self.bytes += line.text.len() + 1;
            self.lines.push_back(line.clone());
            while self.bytes > limits::LOG_KEPT
                && self.lines.len() > 1
                && let Some(first) = self.lines.pop_front()
            {
                self.bytes -= first.text.len() + 1;
            }
        }
    }

    pub fn into_lines(self) -> Vec<LogLine> {
        self.lines.into()
    }
}

#[derive(Debug)]
pub(super) struct Invocation {
    pub function: FunctionName,
    pub invocation_type: InvocationType,
    pub source: InvocationSource,
    pub payload: Bytes,
    pub client_context: Option<Bytes>,
    /// With the chain of requests that this invocation is the latest of.
    pub trace_header: Arc<str>,
    /// How often the function was invoked in that chain, this time included.
    pub chain: u32,
    /// As the caller wrote it, for the ARN that the function hears.
    pub qualifier: Option<Arc<str>>,
    pub label: Option<Arc<str>>,
    pub reply: Option<ReplyToken>,
    pub accepted_at: Timestamp,
    pub failed_attempts: u32,
    pub throttled_attempts: u32,
    pub batch: Option<BatchId>,
    /// When its API stops waiting.
    pub integration: Option<TimerKey>,
    pub stage: Stage,
}

impl Invocation {
    /// The number of the attempt that runs or comes next, from 1.
    pub fn attempt(&self) -> u32 {
        self.failed_attempts + 1
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MessageState {
    Ready,
    /// Delayed, or received and left until its visibility timeout ends.
    Invisible,
    /// In the batch that this function's mapping collects.
    Collected(FunctionName),
    InBatch(BatchId),
}

#[derive(Debug)]
pub(super) struct Message {
    pub body: Arc<str>,
    pub attributes: Vec<(Arc<str>, Arc<str>, Arc<str>)>,
    pub sent_at: Timestamp,
    pub first_received_at: Option<Timestamp>,
    pub receive_count: u32,
    pub state: MessageState,
    /// Until when the last receive, or its delay, hides it.
    pub visible_at: Timestamp,
    pub timer: Option<TimerKey>,
    /// Its place in the order of the queue.
    pub order: u64,
    /// The queue that it was moved away from by a redrive policy.
    pub came_from: Option<QueueName>,
    /// `AWSTraceHeader`.
    pub trace_header: Option<Arc<str>>,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub configuration: QueueConfiguration,
    pub messages: BTreeMap<MessageId, Message>,
    pub ready: BTreeMap<u64, MessageId>,
    /// All of them by the time at which they were sent: the first one expires first.
    pub by_age: BTreeSet<(Timestamp, MessageId)>,
    /// When that is. One timer a queue: what lies in it for days costs no timer each.
    pub expiry: Option<TimerKey>,
}

impl Queue {
    pub fn new(configuration: QueueConfiguration) -> Self {
        let (messages, ready, by_age) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { configuration, messages, ready, by_age, expiry: None }
    }
}

/// A batch that a mapping collects.
#[derive(Debug)]
pub(super) struct Collecting {
    pub opened_at: Timestamp,
    pub messages: Vec<MessageId>,
    /// Size of the event JSON so far.
    pub bytes: usize,
    pub timer: Option<TimerKey>,
}

impl Collecting {
    /// Whether the event stays within 6 MB with one more record of so many bytes (4.2).
    pub fn has_room(&self, bytes: usize) -> bool {
        self.bytes + bytes < limits::SYNCHRONOUS_PAYLOAD
    }

    /// Takes a message out again, whose record has so many bytes.
    pub fn leave(&mut self, message_id: MessageId, bytes: usize) {
        self.messages.retain(|id| *id != message_id);
        self.bytes -= bytes + 1;
    }
}

/// How a message was received.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    pub receive_count: u32,
    pub invisible_until: Timestamp,
}

#[derive(Debug)]
pub(super) struct Mapping {
    pub configuration: MappingConfiguration,
    pub collecting: Option<Collecting>,
    /// Batches that are on their way and have not ended; a mapping that was made anew does not count those of the old one.
    pub in_flight: BTreeSet<BatchId>,
    /// Those of them that wait until the function is free.
    pub waiting: BTreeSet<BatchId>,
    pub scaling: Scaling,
}

impl Mapping {
    /// Batches in flight.
    pub fn concurrency(&self) -> u32 {
        u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX)
    }
}

#[derive(Debug)]
pub(super) struct Batch {
    pub function: FunctionName,
    pub queue: QueueName,
    pub messages: Vec<MessageId>,
    /// As the mapping said when the batch went out; it may be changed or gone when the answer comes.
    pub report_batch_item_failures: bool,
    pub request_id: RequestId,
    /// How often it was refused for lack of concurrency.
    pub throttles: u32,
    /// `None` once the function has it in hand.
    pub waiting: Option<Waiting>,
    /// Messages were deleted since its event was made.
    pub shrunk: bool,
}

impl Batch {
    /// One that is not sent yet.
    pub fn new(
        (function, queue): &(FunctionName, QueueName),
        messages: Vec<MessageId>,
        request_id: RequestId,
        report_batch_item_failures: bool,
    ) -> Self {
        let (function, queue) = (function.clone(), queue.clone());
        Self { function, queue, messages, report_batch_item_failures, request_id, throttles: 0, waiting: None, shrunk: false }
    }
}

/// A batch that waits until its function is free.
#[derive(Debug)]
pub(super) struct Waiting {
    pub reason: ThrottleReason,
    /// When it is tried at the latest.
    pub retry: Option<TimerKey>,
}
