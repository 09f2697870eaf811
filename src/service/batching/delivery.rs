//! A batch on its way: to its function, which may not be free, and to its end (semantics 4.3, 4.7).

use std::collections::BTreeSet;

use bytes::Bytes;

use super::super::LambdaService;
use super::super::deadlines::Timer;
use super::super::error::ThrottleReason;
use super::super::happened::{BatchVerdict, Happened, Outcome, Removal};
use super::super::ids::{BatchId, MessageId, QueueName};
use super::super::input::FunctionError;
use super::super::limits;
use super::super::state::{MessageState, Waiting};
use super::{Key, response, sqs_event};

impl LambdaService {
    /// Invokes the function with a batch, or keeps the batch while the function is throttled.
    pub(super) fn deliver_batch(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get(&id) else { return };
        let chain = self.invocations.get(&batch.request_id).map_or(0, |invocation| invocation.chain);
        if self.is_stopped(&batch.function, chain) {
            return self.give_up(id, BatchVerdict::RecursiveLoop, Outcome::RecursiveLoop);
        }
        match self.admit_attempt(&batch.function, batch.throttles + 1) {
            Ok(()) => self.send_batch(id),
            Err(reason) => self.keep_batch(id, reason),
        }
    }

    /// It is tried again when the function is free, at the latest after a growing wait, until the visibility timeout of
    /// its messages ends; meanwhile the mapping has no more in flight than the function takes (4.3).
    fn keep_batch(&mut self, id: BatchId, reason: ThrottleReason) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.throttles += 1;
        let due = self.now + limits::throttle_delay(batch.throttles);
        batch.waiting = Some(Waiting { reason, retry: Some(self.deadlines.set(due, Timer::BatchRetry(id))) });
        let (request_id, key) = (batch.request_id, (batch.function.clone(), batch.queue.clone()));
        if let Some(mapping) = self.mappings.get_mut(&key) {
            mapping.waiting.insert(id);
        }
        self.back_off(&key);
        self.publish(Happened::AttemptThrottled { request_id, function: key.0, reason });
    }

    pub(in super::super) fn batch_retry(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let key = (batch.function.clone(), batch.queue.clone());
        if let Some(waiting) = &mut batch.waiting {
            waiting.retry = None;
            self.deliver_batch(id);
            self.watch_backlog(&key);
        }
    }

    /// Batches that were throttled go before new ones, oldest first, as many as are let in now.
    pub(super) fn send_waiting(&mut self, key: &Key) {
        while let Some(id) = self.mappings.get(key).and_then(|mapping| mapping.waiting.first().copied()) {
            let attempt = self.batches.get(&id).map_or(1, |batch| batch.throttles + 1);
            if self.admit_attempt(&key.0, attempt).is_err() {
                return;
            }
            self.send_batch(id);
        }
    }

    fn send_batch(&mut self, id: BatchId) {
        self.end_wait(id);
        self.take_deleted_out(id);
        if let Some(batch) = self.batches.get(&id) {
            self.run(batch.request_id);
        }
    }

    fn end_wait(&mut self, id: BatchId) -> Option<ThrottleReason> {
        let batch = self.batches.get_mut(&id)?;
        let mut waiting = batch.waiting.take()?;
        self.deadlines.clear(&mut waiting.retry);
        if let Some(mapping) = self.mappings.get_mut(&(batch.function.clone(), batch.queue.clone())) {
            mapping.waiting.remove(&id);
        }
        Some(waiting.reason)
    }

    /// A batch that lost messages while it waited goes out with those that are left.
    fn take_deleted_out(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        if !std::mem::take(&mut batch.shrunk) {
            return;
        }
        let (request_id, queue, messages) = (batch.request_id, batch.queue.clone(), batch.messages.clone());
        let payload = self.batch_event(&queue, &messages);
        if let Some(invocation) = self.invocations.get_mut(&request_id) {
            invocation.payload = payload.clone();
        }
        self.publish(Happened::EventEdited { request_id, payload });
    }

    /// A message of a batch that waits is deleted.
    pub(super) fn leave_waiting(&mut self, id: BatchId, message_id: MessageId) {
        let Some(batch) = self.batches.get_mut(&id).filter(|batch| batch.waiting.is_some()) else { return };
        batch.messages.retain(|other| *other != message_id);
        batch.shrunk = true;
        if batch.messages.is_empty() {
            self.give_up(id, BatchVerdict::Emptied, Outcome::Dropped);
        }
    }

    /// The messages of a batch that waits are on their way back to the queue.
    pub(super) fn give_up_throttled(&mut self, id: BatchId) {
        let Some(waiting) = self.batches.get(&id).and_then(|batch| batch.waiting.as_ref()) else { return };
        self.give_up(id, BatchVerdict::Throttled(waiting.reason), Outcome::Refused);
    }

    /// The mapping of a batch that waits goes.
    pub(super) fn give_up_unmapped(&mut self, id: BatchId) {
        self.give_up(id, BatchVerdict::MappingGone, Outcome::Refused);
    }

    /// Ends a batch without an invocation.
    fn give_up(&mut self, id: BatchId, verdict: BatchVerdict, outcome: Outcome) {
        self.end_wait(id);
        let Some(batch) = self.batches.get(&id) else { return };
        let (request_id, function) = (batch.request_id, batch.function.clone());
        self.invocations.remove(&request_id);
        self.publish(Happened::InvocationEnded { request_id, function, outcome, attempts: 0 });
        self.finish_batch(id, None, verdict);
    }

    /// The function answered a batch.
    pub(in super::super) fn batch_answered(&mut self, id: BatchId, result: &Result<Bytes, FunctionError>) {
        let Some(batch) = self.batches.get(&id) else { return };
        let key = (batch.function.clone(), batch.queue.clone());
        let (failed, verdict) = match result {
            Err(_) => (None, BatchVerdict::FunctionError),
            Ok(_) if !batch.report_batch_item_failures => (Some(Vec::new()), BatchVerdict::AllSucceeded),
            Ok(payload) => match response::failed_items(payload, &batch.messages) {
                Ok(failed) if failed.is_empty() => (Some(failed), BatchVerdict::AllSucceeded),
                Ok(failed) => (Some(failed), BatchVerdict::PartialFailure),
                Err(reason) => (None, BatchVerdict::InvalidResponse { reason: reason.into() }),
            },
        };
        let failing = !batch.report_batch_item_failures && failed.is_none();
        self.finish_batch(id, failed, verdict);
        self.scale_by_result(&key, failing);
        // Another function's batch may have held the same messages.
        self.poll_queue(&key.1);
    }

    /// `failed`: messages that stay hidden until their visibility timeout ends; `None` stands for all.
    fn finish_batch(&mut self, id: BatchId, failed: Option<Vec<MessageId>>, reason: BatchVerdict) {
        let Some(batch) = self.batches.remove(&id) else { return };
        let failed = failed.unwrap_or_else(|| batch.messages.clone());
        for message_id in &failed {
            self.leave_ended_batch(&batch.queue, *message_id, id);
        }
        let kept: BTreeSet<MessageId> = failed.iter().copied().collect();
        let (request_id, function, queue) = (batch.request_id, batch.function, batch.queue);
        self.publish(Happened::BatchFinished {
            batch: id,
            request_id,
            function: function.clone(),
            queue: queue.clone(),
            failed,
            reason,
        });
        for message_id in batch.messages.iter().filter(|id| !kept.contains(id)) {
            self.remove_message(&queue, *message_id, Removal::Processed);
        }
        if let Some(mapping) = self.mappings.get_mut(&(function, queue)) {
            mapping.in_flight.remove(&id);
        }
    }

    /// A message that failed is in no batch until it is received again; it may have been already.
    fn leave_ended_batch(&mut self, queue: &QueueName, message_id: MessageId, id: BatchId) {
        if let Some(message) = self.message_mut(queue, message_id)
            && message.state == MessageState::InBatch(id)
        {
            message.state = MessageState::Invisible;
        }
    }

    pub(super) fn batch_event(&self, queue: &QueueName, messages: &[MessageId]) -> Bytes {
        let held = self.queues.get(queue).map(|queue| &queue.messages);
        let record = |id: &MessageId| {
            let message = held?.get(id)?;
            Some(sqs_event::record(self, queue, *id, message, message.receive_count))
        };
        let records: Vec<String> = messages.iter().filter_map(record).collect();
        format!("{{\"Records\":[{}]}}", records.join(",")).into()
    }
}
