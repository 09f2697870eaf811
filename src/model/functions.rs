//! Functions and their environments as the window shows them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::invocations::Start;
use crate::service::configuration::{FunctionConfiguration, MappingConfiguration};
use crate::service::happened::ScalingReason;
use crate::service::ids::{FunctionName, QueueName, RequestId};
use crate::service::input::LogLine;
use crate::service::time::Timestamp;

/// Lines of a function's live log that are kept.
const LOG_KEPT: usize = 2_000;
/// Bytes of it, for functions that write long lines.
const LOG_BYTES_KEPT: usize = 4 << 20;

#[derive(Clone, Debug, Default)]
pub struct Function {
    pub configuration: Option<Arc<FunctionConfiguration>>,
    pub invocations: u64,
    pub errors: u64,
    pub throttles: u64,
    /// Invocations that were stopped as a recursive loop: `RecursiveInvocationsDropped`.
    pub recursions: u64,
    /// It was stopped as a recursive loop, and no attempt has ended since.
    pub is_stopped_loop: bool,
    pub batches: BatchCounts,
    /// The last attempt that ended.
    pub last: Option<RequestId>,
    pub log: VecDeque<LogLine>,
    pub(super) log_bytes: usize,
    pub mappings: Vec<MappingConfiguration>,
    /// Batches that may be in flight at once from a queue, unless a person has set less, and why so many; nothing at the start.
    pub scaling: BTreeMap<QueueName, (u32, ScalingReason)>,
}

/// Batches that a function answered, and their records: a message that comes back is a record of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchCounts {
    pub failed: u64,
    pub messages: u64,
    pub failed_messages: u64,
}

impl BatchCounts {
    /// One of so many messages, of which so many failed.
    pub(super) fn count(&mut self, messages: usize, failed: usize) {
        self.failed += u64::from(failed > 0);
        self.messages += messages as u64;
        self.failed_messages += failed as u64;
    }
}

impl Function {
    pub(super) fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            self.log.push_back(line.clone());
            self.log_bytes += line.text.len();
            while (self.log.len() > LOG_KEPT || self.log_bytes > LOG_BYTES_KEPT)
                && let Some(first) = self.log.pop_front()
            {
                self.log_bytes -= first.text.len();
            }
        }
    }
}

#[derive(Clone, Debug)]
pub struct Environment {
    pub function: FunctionName,
    pub number: u32,
    pub started: Timestamp,
    pub ready: bool,
    pub init_failed: bool,
    pub running: Option<RequestId>,
}

impl Environment {
    /// What an attempt finds that begins in it now; `cold` if it was started for this attempt.
    pub(super) fn start(&self, cold: bool) -> Start {
        match (self.init_failed, self.ready) {
            (true, _) => Start::InitFailed,
            (false, false) => Start::InitWithin(None),
            (false, true) if cold => Start::Cold(None),
            (false, true) => Start::Warm,
        }
    }
}
