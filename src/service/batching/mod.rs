//! Event source mappings: collecting records, closing batches, invoking, reading the result (semantics 4).

mod delivery;
mod filtering;
mod response;
mod scaling;
mod sqs_event;

pub(super) use scaling::Scaling;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::LambdaService;
use super::configuration::MappingConfiguration;
use super::deadlines::Timer;
use super::happened::{ClosedBy, Happened};
use super::ids::{BatchId, FunctionName, MessageId, QueueName};
use super::input::{InvocationSource, InvocationType, InvokeRequest};
use super::limits;
use super::lineage::{self, Lineage};
use super::state::{Batch, Collecting, Mapping, MessageState, Received};
use super::time::Micros;

type Key = (FunctionName, QueueName);

impl LambdaService {
    pub(super) fn configure_mapping(&mut self, configuration: MappingConfiguration) {
        let key = (configuration.function.clone(), configuration.queue.clone());
        self.mappings.entry(key.clone()).and_modify(|mapping| mapping.configuration = configuration.clone()).or_insert_with(
            || Mapping {
                configuration: configuration.clone(),
                collecting: None,
                in_flight: BTreeSet::new(),
                waiting: BTreeSet::new(),
                scaling: Scaling::new(),
            },
        );
        self.publish(Happened::MappingConfigured(configuration));
        self.poll(&key);
    }

    pub(super) fn remove_mapping(&mut self, function: FunctionName, queue: QueueName) {
        let key = (function.clone(), queue.clone());
        self.drop_batches(&key);
        self.stop_scaling(&key);
        if self.mappings.remove(&key).is_some() {
            self.publish(Happened::MappingRemoved { function, queue });
        }
    }

    pub(super) fn poll_queue(&mut self, queue: &str) {
        for key in self.keys(|(_, of)| **of == *queue) {
            self.poll(&key);
        }
    }

    pub(super) fn poll_mappings_of(&mut self, function: &str) {
        for key in self.keys(|(of, _)| **of == *function) {
            self.poll(&key);
        }
    }

    /// Receives what waits, as far as concurrency allows and the filter lets it through. A message that would pass 6 MB
    /// closes the batch and stays in its queue until the next one may be collected.
    fn poll(&mut self, key: &Key) {
        let Some(visibility) = self.visibility(key) else { return };
        self.send_waiting(key);
        while self.may_collect(key) {
            let Some(message_id) = self.next_to_receive(&key.1) else { break };
            let record = self.message_record(&key.1, message_id, 1);
            if self.leave_out(key, message_id, &record) {
                continue;
            }
            let bytes = record.len();
            let collecting = self.mappings.get(key).and_then(|mapping| mapping.collecting.as_ref());
            if collecting.is_some_and(|collecting| !collecting.has_room(bytes)) {
                self.close(key, ClosedBy::Bytes);
                continue;
            }
            let Some(received) = self.receive(&key.1, message_id, visibility) else { break };
            self.collect(key, message_id, bytes);
            let (function, queue) = key.clone();
            let Received { receive_count, invisible_until } = received;
            self.publish(Happened::MessageReceived { queue, function, message_id, receive_count, invisible_until });
            self.close_if_full(key);
        }
        let window = self.mappings.get(key).map(|mapping| mapping.configuration.maximum_batching_window);
        if window == Some(Micros(0)) {
            self.close(key, ClosedBy::Window);
        }
        self.watch_backlog(key);
    }

    fn may_collect(&self, key: &Key) -> bool {
        let Some(function) = self.functions.get(&key.0) else { return false };
        if function.configuration.reserved_concurrency == Some(0) {
            return false;
        }
        let Some(mapping) = self.mappings.get(key) else { return false };
        let configuration = &mapping.configuration;
        configuration.enabled && mapping.concurrency() < mapping.scaling.allowed(configuration.maximum_concurrency)
    }

    /// The queue's visibility timeout, or a longer one if window and timeout would outlast it (4.6); `None` when one of
    /// the three is not there, or about to go.
    fn visibility(&self, key: &Key) -> Option<Micros> {
        let queue = self.queues.get(&key.1)?.configuration.visibility_timeout;
        let window = self.mappings.get(key)?.configuration.maximum_batching_window;
        let function = self.functions.get(&key.0).filter(|function| !function.leaving)?;
        let needed = window + function.configuration.timeout;
        Some(if window > Micros(0) && needed > queue { needed + limits::VISIBILITY_MARGIN } else { queue })
    }

    /// Puts a received message into the batch, which it may open.
    fn collect(&mut self, key: &Key, message_id: MessageId, bytes: usize) {
        self.set_state(&key.1, message_id, MessageState::Collected(key.0.clone()));
        let now = self.now;
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        if let Some(collecting) = &mut mapping.collecting {
            collecting.messages.push(message_id);
            collecting.bytes += bytes + 1;
            return;
        }
        let window = mapping.configuration.maximum_batching_window;
        let closes_at = now + window;
        let timer =
            (window > Micros(0)).then(|| self.deadlines.set(closes_at, Timer::WindowCloses(key.0.clone(), key.1.clone())));
        let bytes = bytes + sqs_event::FRAME;
        mapping.collecting = Some(Collecting { opened_at: now, messages: vec![message_id], bytes, timer });
        self.publish(Happened::BatchOpened { function: key.0.clone(), queue: key.1.clone(), closes_at });
    }

    /// A message that is deleted leaves the batch that it is in, unless the function has that in hand.
    pub(super) fn leave_batch(&mut self, queue: &QueueName, message_id: MessageId) {
        match self.state_of(queue, message_id) {
            Some(MessageState::Collected(function)) => self.leave_collecting(&(function, queue.clone()), message_id),
            Some(MessageState::InBatch(id)) => self.leave_waiting(id, message_id),
            Some(MessageState::Ready | MessageState::Invisible) | None => {}
        }
    }

    /// The visibility timeout of a message ends before its batch was sent: a batch that waits for its function is given up.
    pub(super) fn leave_unsent_batch(&mut self, queue: &QueueName, message_id: MessageId) {
        match self.state_of(queue, message_id) {
            Some(MessageState::Collected(function)) => self.leave_collecting(&(function, queue.clone()), message_id),
            Some(MessageState::InBatch(id)) => self.give_up_throttled(id),
            Some(MessageState::Ready | MessageState::Invisible) | None => {}
        }
    }

    fn state_of(&self, queue: &str, message_id: MessageId) -> Option<MessageState> {
        Some(self.queues.get(queue)?.messages.get(&message_id)?.state.clone())
    }

    /// What is empty is not sent.
    fn leave_collecting(&mut self, key: &Key, message_id: MessageId) {
        let bytes = self.message_record(&key.1, message_id, 0).len();
        let Some(collecting) = self.mappings.get_mut(key).and_then(|mapping| mapping.collecting.as_mut()) else { return };
        if collecting.messages.len() > 1 {
            collecting.leave(message_id, bytes);
        } else {
            self.drop_collecting(key);
        }
    }

    /// What was collected is not sent; its messages come back when their visibility timeout ends.
    fn drop_collecting(&mut self, key: &Key) {
        let Some(mut collecting) = self.mappings.get_mut(key).and_then(|mapping| mapping.collecting.take()) else { return };
        self.deadlines.clear(&mut collecting.timer);
        for message_id in collecting.messages {
            self.set_state(&key.1, message_id, MessageState::Invisible);
        }
        let (function, queue) = key.clone();
        self.publish(Happened::BatchDropped { function, queue });
    }

    /// Nothing more is sent; what the function has in hand ends as it may.
    fn drop_batches(&mut self, key: &Key) {
        self.drop_collecting(key);
        let Some(mapping) = self.mappings.get(key) else { return };
        mapping.waiting.clone().into_iter().for_each(|id| self.give_up_unmapped(id));
    }

    pub(super) fn drop_batches_of_queue(&mut self, queue: &str) {
        self.keys(|(_, of)| **of == *queue).iter().for_each(|key| self.drop_batches(key));
    }

    pub(super) fn drop_batches_of_function(&mut self, function: &str) {
        self.keys(|(of, _)| **of == *function).iter().for_each(|key| self.drop_batches(key));
    }

    fn keys(&self, of: impl Fn(&Key) -> bool) -> Vec<Key> {
        self.mappings.keys().filter(|key| of(key)).cloned().collect()
    }

    fn set_state(&mut self, queue: &QueueName, message_id: MessageId, state: MessageState) {
        if let Some(message) = self.message_mut(queue, message_id) {
            message.state = state;
        }
    }

    fn close_if_full(&mut self, key: &Key) {
        let full = self.mappings.get(key).is_some_and(|mapping| {
            let size = mapping.configuration.batch_size as usize;
            mapping.collecting.as_ref().is_some_and(|collecting| collecting.messages.len() >= size)
        });
        if full {
            self.close(key, ClosedBy::Size);
        }
    }

    pub(super) fn window_closes(&mut self, function: FunctionName, queue: QueueName) {
        let key = (function, queue);
        self.close(&key, ClosedBy::Window);
        self.poll(&key);
    }

    /// The batch goes out.
    fn close(&mut self, key: &Key, closed_by: ClosedBy) {
        let Some(mapping) = self.mappings.get_mut(key) else { return };
        let Some(mut collecting) = mapping.collecting.take() else { return };
        self.deadlines.clear(&mut collecting.timer);
        self.last_batch += 1;
        let id = BatchId(self.last_batch);
        mapping.in_flight.insert(id);
        let report_batch_item_failures = mapping.configuration.report_batch_item_failures;
        let (function, queue) = key.clone();
        let Collecting { messages, opened_at, .. } = collecting;
        let payload = self.batch_event(&queue, &messages);
        let bytes = payload.len();
        let source = InvocationSource::Mapping { queue: queue.clone() };
        let request = InvokeRequest {
            trace_header: self.trace_of_batch(&queue, &messages),
            ..InvokeRequest::new(function.clone(), InvocationType::RequestResponse, payload, source)
        };
        let request_id = self.insert_batch(request, id);
        for message_id in &messages {
            self.set_state(&queue, *message_id, MessageState::InBatch(id));
        }
        self.batches.insert(id, Batch::new(key, messages.clone(), request_id, report_batch_item_failures));
        self.publish(Happened::BatchClosed {
            batch: id,
            function,
            queue,
            request_id,
            closed_by,
            message_ids: messages,
            bytes,
            opened_at,
        });
        self.deliver_batch(id);
    }

    /// A trace of its own, with the chains of requests that its messages came by; `None` if there is no chain.
    fn trace_of_batch(&mut self, queue: &QueueName, messages: &[MessageId]) -> Option<Arc<str>> {
        let held = &self.queues.get(queue)?.messages;
        let headers = messages.iter().filter_map(|id| held.get(id)?.trace_header.as_deref());
        let lineage = headers.map(Lineage::of).fold(Lineage::default(), Lineage::merged);
        (!lineage.is_empty()).then(|| lineage::with_lineage(&self.new_trace(), &lineage).into())
    }

    /// The record of a message once it has been received so many times more.
    fn message_record(&self, queue: &QueueName, message_id: MessageId, more: u32) -> String {
        let message = self.queues.get(queue).and_then(|queue| queue.messages.get(&message_id));
        let record = message.map(|message| sqs_event::record(self, queue, message_id, message, message.receive_count + more));
        record.unwrap_or_default()
    }

    pub(super) fn region(&self) -> &Arc<str> {
        &self.settings.region
    }
}
