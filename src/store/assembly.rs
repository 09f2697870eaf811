//! Invocations put together from what happened, until they are written to the history.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;

use crate::event::HistoryRow;
use crate::service::error::RECURSIVE_INVOCATION;
use crate::service::happened::{Happened, Outcome, ServiceEvent};
use crate::service::ids::{BatchId, FunctionName, RequestId};
use crate::service::input::{FunctionError, InvocationSource, InvocationType, LogLine};
use crate::service::time::Timestamp;

/// Bytes of log that are kept of one invocation; what a function writes after that is counted only.
const LOG_LIMIT: usize = 256 << 10;

/// The name of an invocation that nobody named, where the service made it.
fn origin(source: &InvocationSource) -> Option<Arc<str>> {
    match source {
        InvocationSource::Mapping { queue } => Some(format!("batch from {queue}").into()),
        InvocationSource::FunctionUrl { request } | InvocationSource::Api { request, .. } => {
            Some(format!("from {request}").into())
        }
        InvocationSource::Workbench
        | InvocationSource::LambdaApi { .. }
        | InvocationSource::Destination { .. }
        | InvocationSource::Scenario => None,
    }
}

/// What the history shows of an invocation that has just begun.
fn row(
    at: Timestamp,
    request_id: RequestId,
    function: FunctionName,
    invocation_type: InvocationType,
    source: &InvocationSource,
    label: Option<Arc<str>>,
) -> HistoryRow {
    let batch_from = match source {
        InvocationSource::Mapping { queue } => Some(queue.clone()),
        _ => None,
    };
    HistoryRow {
        request_id,
        function,
        invocation_type,
        batch_from,
        label: label.or_else(|| origin(source)),
        accepted_at: at,
        outcome: None,
        attempts: 0,
        duration: None,
        error_type: None,
    }
}

/// An invocation as the history keeps it.
#[derive(Clone, Debug)]
pub(super) struct Invocation {
    /// Its row; grows in the order of acceptance.
    pub(super) sequence: i64,
    pub(super) row: HistoryRow,
    pub(super) payload: Bytes,
    pub(super) result: Option<Bytes>,
    pub(super) log: String,
    log_left_out: usize,
    /// A row of it exists already.
    pub(super) on_disk: bool,
    changed: bool,
}

impl Invocation {
    pub(super) fn new(sequence: i64, row: HistoryRow, payload: Bytes) -> Self {
        Self { sequence, row, payload, result: None, log: String::new(), log_left_out: 0, on_disk: false, changed: true }
    }

    /// What it takes on disk, about.
    pub(super) fn bytes(&self) -> usize {
        self.payload.len() + self.result.as_ref().map_or(0, Bytes::len) + self.log.len() + 200
    }

    /// The log with a last line for what was left out.
    pub(super) fn whole_log(&self) -> String {
        match self.log_left_out {
            0 => self.log.clone(),
            left_out => format!(
                "{}({left_out} bytes of log are left out; the history keeps {} KB an invocation)\n",
                self.log,
                LOG_LIMIT >> 10
            ),
        }
    }

    fn add_lines(&mut self, lines: &[LogLine]) {
        for line in lines {
            if self.log_left_out > 0 || self.log.len() + line.text.len() > LOG_LIMIT {
                self.log_left_out += line.text.len() + 1;
            } else {
                self.log.push_str(&line.text);
                self.log.push('\n');
            }
        }
    }
}

/// Open invocations, and ended ones that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    open: BTreeMap<RequestId, Invocation>,
    ended: VecDeque<Invocation>,
    /// What the ended ones hold on to.
    ended_bytes: usize,
    /// Rows of an earlier run that are not ended; they are read when something happens to them.
    earlier: BTreeMap<RequestId, i64>,
    next_sequence: i64,
    /// The invocations of batches that are on their way, and how many messages each has.
    batches: BTreeMap<BatchId, (RequestId, usize)>,
    changed: bool,
}

impl Assembly {
    pub(super) fn new(next_sequence: i64, earlier: BTreeMap<RequestId, i64>) -> Self {
        Self { next_sequence, earlier, ..Self::default() }
    }

    /// Whether the history has any use for it.
    pub(super) fn concerns(what: &Happened) -> bool {
        match what {
            Happened::InvocationAccepted { .. }
            | Happened::InvocationRefused { .. }
            | Happened::AttemptStarted { .. }
            | Happened::AttemptFinished { .. }
            | Happened::EventEdited { .. }
            | Happened::BatchClosed { .. }
            | Happened::BatchFinished { .. }
            | Happened::InvocationEnded { .. } => true,
            Happened::LogWritten { request_id, .. } => request_id.is_some(),
            Happened::FunctionConfigured(_)
            | Happened::FunctionRemoved(_)
            | Happened::QueueConfigured(_)
            | Happened::QueueRemoved(_)
            | Happened::MappingConfigured(_)
            | Happened::MappingRemoved { .. }
            | Happened::EnvironmentStarting { .. }
            | Happened::EnvironmentReady { .. }
            | Happened::EnvironmentInitFailed { .. }
            | Happened::EnvironmentStopped { .. }
            | Happened::AttemptThrottled { .. }
            | Happened::IntegrationTimedOut { .. }
            | Happened::RetryScheduled { .. }
            | Happened::Delivered { .. }
            | Happened::MessageSent { .. }
            | Happened::MessagePutBack { .. }
            | Happened::MessageRefused { .. }
            | Happened::BatchOpened { .. }
            | Happened::MappingScaled { .. }
            | Happened::BatchDropped { .. }
            | Happened::MessageReceived { .. }
            | Happened::MessageLeftOut { .. }
            | Happened::MessageVisible { .. }
            | Happened::MessageMoved { .. }
            | Happened::MessageRemoved { .. } => false,
        }
    }

    /// Takes what happened; `earlier` reads the row of an invocation that an earlier run began.
    pub(super) fn apply(&mut self, event: Arc<ServiceEvent>, mut earlier: impl FnMut(i64) -> Option<Invocation>) {
        let ServiceEvent { at, what } = Arc::unwrap_or_clone(event);
        match what {
            Happened::InvocationAccepted { request_id, function, invocation_type, source, payload, label, accepted_at }
                if self.known(request_id, &mut earlier).is_none() =>
            {
                self.insert(row(accepted_at, request_id, function, invocation_type, &source, label), payload);
            }
            Happened::InvocationRefused { request_id, function, invocation_type, source, payload, error } => {
                let (_, name) = error.status_and_name();
                self.insert(row(at, request_id, function, invocation_type, &source, None), payload);
                self.change(request_id, &mut earlier, |invocation| {
                    invocation.row.error_type = Some(name.into());
                    invocation.log = format!("{error}\n");
                });
                self.end(request_id, Outcome::Refused, 0);
            }
            Happened::AttemptStarted { request_id, attempt, .. } => {
                self.change(request_id, &mut earlier, |invocation| invocation.row.attempts = attempt);
            }
            Happened::AttemptFinished { request_id, attempt, result, duration, .. } => {
                self.change(request_id, &mut earlier, |invocation| {
                    invocation.row.attempts = attempt;
                    invocation.row.duration = Some(duration);
                    invocation.set_result(result);
                });
            }
            Happened::EventEdited { request_id, payload } => {
                self.change(request_id, &mut earlier, |invocation| invocation.payload = payload);
            }
            Happened::BatchClosed { batch, request_id, message_ids, .. } => {
                self.batches.insert(batch, (request_id, message_ids.len()));
            }
            Happened::BatchFinished { batch, failed, .. } => self.batch_finished(batch, failed.len(), &mut earlier),
            Happened::LogWritten { request_id: Some(request_id), lines, .. } => {
                self.change(request_id, &mut earlier, |invocation| invocation.add_lines(&lines));
            }
            Happened::InvocationEnded { request_id, outcome, attempts, .. } => {
                self.change(request_id, &mut earlier, |invocation| {
                    if outcome == Outcome::RecursiveLoop {
                        invocation.row.error_type = Some(RECURSIVE_INVOCATION.into());
                    }
                });
                self.end(request_id, outcome, attempts);
            }
            _ => {}
        }
    }

    /// What a function reported in `batchItemFailures` makes no error of its invocation, and yet is one to whoever reads it.
    fn batch_finished(&mut self, batch: BatchId, back: usize, earlier: &mut impl FnMut(i64) -> Option<Invocation>) {
        let Some((request_id, messages)) = self.batches.remove(&batch) else { return };
        if back > 0 {
            self.change(request_id, earlier, |invocation| {
                invocation.row.error_type.get_or_insert_with(|| failed_words(back, messages).into());
            });
        }
    }

    fn insert(&mut self, row: HistoryRow, payload: Bytes) {
        self.open.insert(row.request_id, Invocation::new(self.next_sequence, row, payload));
        self.next_sequence += 1;
        self.changed = true;
    }

    fn known(&mut self, request_id: RequestId, earlier: &mut impl FnMut(i64) -> Option<Invocation>) -> Option<&mut Invocation> {
        if let Some(sequence) = self.earlier.remove(&request_id)
            && let Some(invocation) = earlier(sequence)
        {
            self.open.insert(request_id, invocation);
        }
        self.open.get_mut(&request_id)
    }

    fn change(
        &mut self,
        request_id: RequestId,
        earlier: &mut impl FnMut(i64) -> Option<Invocation>,
        change: impl FnOnce(&mut Invocation),
    ) {
        if let Some(invocation) = self.known(request_id, earlier) {
            change(invocation);
            invocation.changed = true;
            self.changed = true;
        } else if let Some(invocation) = self.ended.iter_mut().rev().find(|invocation| invocation.row.request_id == request_id) {
            // The last lines of a log may come after the end.
            change(invocation);
        }
    }

    fn end(&mut self, request_id: RequestId, outcome: Outcome, attempts: u32) {
        if let Some(mut invocation) = self.open.remove(&request_id) {
            invocation.row.outcome = Some(outcome);
            invocation.row.attempts = attempts;
            self.ended_bytes += invocation.bytes();
            self.ended.push_back(invocation);
        }
    }

    /// Ended invocations that are not written yet.
    pub(super) fn ended(&self) -> usize {
        self.ended.len()
    }

    /// About how many bytes those hold on to.
    pub(super) fn ended_bytes(&self) -> usize {
        self.ended_bytes
    }

    /// Whether anything is not written yet.
    pub(super) fn unwritten(&self) -> bool {
        self.changed || !self.ended.is_empty()
    }

    /// The `count` invocations that ended first.
    pub(super) fn front(&self, count: usize) -> impl Iterator<Item = &Invocation> {
        self.ended.iter().take(count)
    }

    /// They are on disk.
    pub(super) fn front_written(&mut self, count: usize) {
        self.ended.drain(..count.min(self.ended.len()));
        self.ended_bytes = self.ended.iter().map(Invocation::bytes).sum();
    }

    /// Invocations that go on and changed since they were written.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Invocation> {
        self.open.values().filter(|invocation| invocation.changed)
    }

    /// They are on disk.
    pub(super) fn changed_written(&mut self) {
        self.changed = false;
        for invocation in self.open.values_mut().filter(|invocation| invocation.changed) {
            invocation.changed = false;
            invocation.on_disk = true;
        }
    }

    /// The history was cleared: ended ones are gone, those that go on are written anew.
    pub(super) fn clear(&mut self) {
        self.ended.clear();
        self.ended_bytes = 0;
        self.earlier.clear();
        self.changed = !self.open.is_empty();
        for invocation in self.open.values_mut() {
            invocation.changed = true;
            invocation.on_disk = false;
        }
    }

    /// Gives up what could not be written; returns how many invocations.
    pub(super) fn give_up_ended(&mut self) -> usize {
        self.ended_bytes = 0;
        std::mem::take(&mut self.ended).len()
    }
}

impl Invocation {
    fn set_result(&mut self, result: Result<Bytes, FunctionError>) {
        match result {
            Ok(payload) => {
                self.result = Some(payload);
                self.row.error_type = None;
            }
            Err(error) => {
                self.result = Some(error.payload);
                self.row.error_type = Some(error.error_type);
            }
        }
    }
}

/// Of a batch of so many messages.
fn failed_words(failed: usize, messages: usize) -> String {
    match (failed, messages) {
        (1, 1) => "its message failed".to_owned(),
        _ if failed == messages => format!("all {messages} messages failed"),
        _ => format!("{failed} of {messages} messages failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::happened::{BatchVerdict, ClosedBy};
    use crate::service::ids::MessageId;

    #[test]
    fn a_batch_says_how_many_of_its_messages_failed() {
        assert_eq!([failed_words(1, 1), failed_words(3, 3)], ["its message failed", "all 3 messages failed"]);
        let (request_id, batch) = (RequestId(1), BatchId(1));
        let (function, queue): (FunctionName, Arc<str>) = ("f".into(), "q".into());
        for (failed, told) in [(vec![MessageId(2)], Some("1 of 2 messages failed")), (Vec::new(), None)] {
            let events = [
                Happened::InvocationAccepted {
                    request_id,
                    function: function.clone(),
                    invocation_type: InvocationType::RequestResponse,
                    source: InvocationSource::Mapping { queue: queue.clone() },
                    payload: Bytes::from_static(b"{}"),
                    label: None,
                    accepted_at: Timestamp(1),
                },
                Happened::BatchClosed {
                    batch,
                    function: function.clone(),
                    queue: queue.clone(),
                    request_id,
                    closed_by: ClosedBy::Size,
                    message_ids: vec![MessageId(1), MessageId(2)],
                    bytes: 2,
                    opened_at: Timestamp(0),
                },
                Happened::InvocationEnded { request_id, function: function.clone(), outcome: Outcome::Succeeded, attempts: 1 },
                Happened::BatchFinished {
                    batch,
                    request_id,
                    function: function.clone(),
                    queue: queue.clone(),
                    failed,
                    reason: BatchVerdict::PartialFailure,
                },
            ];
            let mut assembly = Assembly::default();
            for what in events {
                assert!(Assembly::concerns(&what));
                assembly.apply(ServiceEvent { at: Timestamp(1), what }.into(), |_| None);
            }
            let row = &assembly.front(1).next().unwrap().row;
            assert_eq!((row.label.as_deref(), row.error_type.as_deref()), (Some("batch from q"), told));
            assert!(assembly.batches.is_empty());
        }
    }

    /// Nothing else would say why it ended without an attempt.
    #[test]
    fn a_stopped_loop_has_the_name_of_its_error() {
        let (request_id, function): (_, FunctionName) = (RequestId(1), "f".into());
        let mut assembly = Assembly::default();
        for what in [
            Happened::InvocationAccepted {
                request_id,
                function: function.clone(),
                invocation_type: InvocationType::Event,
                source: InvocationSource::Workbench,
                payload: Bytes::from_static(b"{}"),
                label: None,
                accepted_at: Timestamp(1),
            },
            Happened::InvocationEnded { request_id, function, outcome: Outcome::RecursiveLoop, attempts: 0 },
        ] {
            assembly.apply(ServiceEvent { at: Timestamp(1), what }.into(), |_| None);
        }
        let row = &assembly.front(1).next().unwrap().row;
        assert_eq!((row.status(), row.error_type.as_deref()), ("failed", Some("RecursiveInvocationException")));
    }
}
