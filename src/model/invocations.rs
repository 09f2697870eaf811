//! Invocations as the window shows them: attempts, the waits between them, and how it ended.

use std::sync::Arc;

use bytes::Bytes;

use super::selection::InvocationModel;
use crate::service::configuration::Target;
use crate::service::error::ServiceError;
use crate::service::error_words::{ErrorParts, error_parts};
use crate::service::happened::{Outcome, Outlet, RetryReason};
use crate::service::ids::{BatchId, EnvironmentId, FunctionName};
use crate::service::input::{FunctionError, InvocationSource, InvocationType, LogLine};
use crate::service::time::{Micros, Timestamp};

/// Log lines kept of one invocation.
const LOG_KEPT: usize = 5_000;
/// Lines that end attempts are kept beyond that.
const ENDS_KEPT: usize = 50;
/// Bytes of it, for functions that write long lines.
const LOG_BYTES_KEPT: usize = 1 << 20;

#[derive(Clone, Debug)]
pub struct Invocation {
    pub function: FunctionName,
    pub invocation_type: InvocationType,
    pub source: InvocationSource,
    pub payload: Bytes,
    pub label: Option<Arc<str>>,
    pub accepted_at: Timestamp,
    pub attempts: Vec<Attempt>,
    /// The next attempt: when, which one, and why it is not now.
    pub retry: Option<Retry>,
    pub throttles: u32,
    /// The attempt that ran when an earlier run of the program ended.
    pub cut_off: Option<u32>,
    pub outcome: Option<Outcome>,
    pub ended_at: Option<Timestamp>,
    pub refused: Option<ServiceError>,
    pub delivered: Vec<Delivery>,
    pub log: Vec<LogLine>,
    pub log_left_out: usize,
    pub(super) log_bytes: usize,
    pub batch: Option<BatchId>,
    /// A bar of the timeline shows that it waits.
    pub(super) has_wait_bar: bool,
}

#[derive(Clone, Debug)]
pub struct Attempt {
    pub number: u32,
    pub environment: EnvironmentId,
    /// Lane of the environment within its function.
    pub environment_number: u32,
    pub start: Start,
    pub started: Timestamp,
    pub ended: Option<Ended>,
}

/// What an attempt found: an environment that was ready, or one that had to load the code first (semantics 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Warm,
    /// A new environment; how long its init took is known once the attempt has ended.
    Cold(Option<Micros>),
    /// The init is done again as a part of the attempt, because the one before it failed or the environment was reset.
    InitWithin(Option<Micros>),
    /// The code could not be loaded, so nothing of the attempt reached it.
    InitFailed,
}

#[derive(Clone, Debug)]
pub struct Ended {
    pub at: Timestamp,
    pub result: Result<Bytes, FunctionError>,
    pub duration: Micros,
    pub billed_millis: u64,
    pub memory_megabytes: u32,
}

#[derive(Clone, Debug)]
pub struct Retry {
    pub since: Timestamp,
    pub due: Timestamp,
    pub attempt: u32,
    pub reason: RetryReason,
}

#[derive(Clone, Debug)]
pub struct Delivery {
    pub at: Timestamp,
    pub outlet: Outlet,
    pub target: Target,
    pub body: Bytes,
    pub error: Option<Arc<str>>,
}

impl Invocation {
    /// Whether it was refused for lack of concurrency and has not begun since.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.throttles > 0 && self.attempts.is_empty()
    }

    /// Its model, and so its colour.
    #[must_use]
    pub fn model(&self) -> InvocationModel {
        match self.source {
            InvocationSource::Mapping { .. } => InvocationModel::Queue,
            InvocationSource::FunctionUrl { .. } => InvocationModel::Url,
            InvocationSource::Api { .. } => InvocationModel::Api,
            _ => InvocationModel::of(self.invocation_type),
        }
    }

    /// An asynchronous event between two attempts, or before its first.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.invocation_type == InvocationType::Event && self.outcome.is_none() && !self.is_running()
    }

    #[must_use]
    pub fn is_running(&self) -> bool {
        self.outcome.is_none() && self.attempts.last().is_some_and(|attempt| attempt.ended.is_none())
    }

    /// The number of the last attempt, and so how many there were.
    #[must_use]
    pub fn attempts_made(&self) -> u32 {
        self.attempts.last().map_or_else(|| self.attempts_before(), |attempt| attempt.number)
    }

    /// Attempts of an earlier run of the program, of which no more than their number is known.
    #[must_use]
    pub fn attempts_before(&self) -> u32 {
        let first = self.attempts.first().map(|attempt| attempt.number);
        first.or_else(|| self.retry.as_ref().map(|retry| retry.attempt)).map_or(0, |first| first.saturating_sub(1))
    }

    /// What is known of the attempts of an earlier run, if there were any.
    #[must_use]
    pub fn before_words(&self) -> Option<String> {
        match (self.made_before_words(), self.cut_off_words()) {
            (Some(made), Some(cut_off)) => Some(format!("{made} {cut_off}")),
            (made, cut_off) => made.or(cut_off),
        }
    }

    /// That an attempt was cut off, if one was.
    #[must_use]
    pub fn cut_off_words(&self) -> Option<String> {
        let words = "was cut off before, when the program ended. That counts as no attempt, so it is made again.";
        self.cut_off.map(|attempt| format!("Attempt {attempt} {words}"))
    }

    /// `Attempt 1 was made before the restart.`, if any was.
    #[must_use]
    pub fn made_before_words(&self) -> Option<String> {
        match self.attempts_before() {
            0 => None,
            1 => Some("Attempt 1 was made before the restart.".into()),
            last => Some(format!("Attempts 1 to {last} were made before the restart.")),
        }
    }

    /// The last attempt that ended.
    #[must_use]
    pub fn last_ended(&self) -> Option<(&Attempt, &Ended)> {
        self.attempts.iter().rev().find_map(|attempt| attempt.ended.as_ref().map(|ended| (attempt, ended)))
    }

    /// What the last attempt that ended failed with; `None` where it did not, or was made before a restart.
    #[must_use]
    pub fn error(&self) -> Option<ErrorParts> {
        self.last_ended()?.1.result.as_ref().err().map(error_parts)
    }

    pub(super) fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            let full = self.log_left_out > 0 || self.log.len() >= LOG_KEPT || self.log_bytes > LOG_BYTES_KEPT;
            // How it ended is worth more than one line more of what it wrote.
            if full && !(is_end(&line.text) && self.log.len() < LOG_KEPT + ENDS_KEPT) {
                self.log_left_out += 1;
            } else {
                self.log_bytes += line.text.len();
                self.log.push(line.clone());
            }
        }
    }
}

/// Whether the service wrote this line at the end of an attempt (semantics 2.8).
fn is_end(line: &str) -> bool {
    line.starts_with("END RequestId: ") || line.starts_with("REPORT RequestId: ")
}
