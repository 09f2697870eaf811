//! What the service is told about functions, queues and mappings: the settings of Lambda, checked elsewhere.

use std::fmt;
use std::sync::Arc;

use super::filter::FilterCriteria;
use super::ids::{FunctionName, QueueName};
use super::time::Micros;

/// Settings that hold for the whole account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    pub region: Arc<str>,
    pub account_id: Arc<str>,
    /// Executions of all functions together (semantics 8.1); default 1,000.
    pub account_concurrency: u32,
    /// An idle environment is stopped after this long (AWS gives no figure, semantics 2.7); default 10 min.
    pub idle_expiry: Micros,
    /// What the concurrency of a mapping is divided by after a function error (AWS gives no figure, semantics 4.3); default 2,
    /// 1 leaves it as it is.
    pub mapping_error_divisor: u32,
    /// The seed of request ids and of everything else that looks random.
    pub seed: u64,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            region: "us-east-1".into(),
            account_id: "000000000000".into(),
            account_concurrency: 1_000,
            idle_expiry: Micros::from_secs(600),
            mapping_error_divisor: 2,
            seed: 0,
        }
    }
}

/// Where a record or an event goes after an asynchronous invocation (semantics 3.5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Queue(QueueName),
    Function(FunctionName),
}

impl fmt::Display for Target {
    /// The form of `invokelab.toml`: `queue:confirm-dlq`, `function:notify`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Queue(name) => write!(f, "queue:{name}"),
            Target::Function(name) => write!(f, "function:{name}"),
        }
    }
}

/// Settings of asynchronous invocation (semantics 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventInvokeConfiguration {
    /// 0 to 2, default 2.
    pub maximum_retry_attempts: u32,
    /// 60 to 21,600 s, default 21,600 s.
    pub maximum_event_age: Micros,
    pub on_success: Option<Target>,
    pub on_failure: Option<Target>,
}

impl Default for EventInvokeConfiguration {
    fn default() -> Self {
        Self { maximum_retry_attempts: 2, maximum_event_age: Micros::from_secs(21_600), on_success: None, on_failure: None }
    }
}

/// What becomes of a function that is invoked again and again in one chain of requests (semantics 3.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecursiveLoop {
    /// Lambda stops it after about 16 invocations.
    #[default]
    Terminate,
    Allow,
}

impl RecursiveLoop {
    /// As the API writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminate => "Terminate",
            Self::Allow => "Allow",
        }
    }
}

/// What the service knows of a function. Code, environment variables and interpreters are the executor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionConfiguration {
    pub name: FunctionName,
    /// As in `invokelab.toml`: `javascript`, `python3.13`, `command`...; for display and for log lines only.
    pub runtime: Arc<str>,
    pub handler: Arc<str>,
    /// 1 to 900 s, default 3 s (semantics 1.6).
    pub timeout: Micros,
    /// MB, 128 to 10,240, default 128.
    pub memory_size: u32,
    /// `None`: unreserved. `Some(0)`: the function is off (semantics 8.1).
    pub reserved_concurrency: Option<u32>,
    pub event_invoke: EventInvokeConfiguration,
    pub dead_letter: Option<Target>,
    pub recursive_loop: RecursiveLoop,
    /// Time-outs do not run (a debugger is attached).
    pub timeouts_suspended: bool,
    /// Grows whenever code or settings change: environments of an older revision take no further event.
    pub revision: u64,
}

impl FunctionConfiguration {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            runtime: "javascript".into(),
            handler: "handler".into(),
            timeout: Micros::from_secs(3),
            memory_size: 128,
            reserved_concurrency: None,
            event_invoke: EventInvokeConfiguration::default(),
            dead_letter: None,
            recursive_loop: RecursiveLoop::default(),
            timeouts_suspended: false,
            revision: 0,
        }
    }
}

/// Where messages go that were received too often (semantics 4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedrivePolicy {
    pub target: QueueName,
    pub max_receive_count: u32,
}

/// An embedded SQS standard queue (semantics 4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConfiguration {
    pub name: QueueName,
    /// 0 to 43,200 s, default 30 s.
    pub visibility_timeout: Micros,
    /// How old a message becomes before SQS deletes it: 60 s to 14 days, default 4 days.
    pub message_retention_period: Micros,
    pub redrive: Option<RedrivePolicy>,
}

impl QueueConfiguration {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            visibility_timeout: Micros::from_secs(30),
            message_retention_period: Micros::from_secs(4 * 86_400),
            redrive: None,
        }
    }
}

/// An event source mapping from a queue to a function (semantics 4.1). Its id is the pair of both names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingConfiguration {
    pub function: FunctionName,
    pub queue: QueueName,
    /// 1 to 10,000, default 10.
    pub batch_size: u32,
    /// 0 to 300 s, default 0.
    pub maximum_batching_window: Micros,
    pub report_batch_item_failures: bool,
    /// 2 to 1,000; `None`: scaling of semantics 4.5.
    pub maximum_concurrency: Option<u32>,
    /// Which messages the function gets; the others are deleted (semantics 4.9). By default all of them.
    pub filter_criteria: FilterCriteria,
    pub enabled: bool,
}

impl MappingConfiguration {
    #[must_use]
    pub fn new(function: &str, queue: &str) -> Self {
        Self {
            function: function.into(),
            queue: queue.into(),
            batch_size: 10,
            maximum_batching_window: Micros(0),
            report_batch_item_failures: false,
            maximum_concurrency: None,
            filter_criteria: FilterCriteria::default(),
            enabled: true,
        }
    }
}
