//! What happens to messages and batches, into the model.

use std::sync::Arc;

use super::super::Model;
use super::super::selection::{InvocationModel, Selection};
use super::super::timeline::{BarKind, LaneKey};
use super::{Batch, Collecting, End, Life, Message, MessageState, MomentKind};
use crate::service::deleted::DeletedKey;
use crate::service::happened::{BatchVerdict, Happened, MoveReason, Removal, ServiceEvent};
use crate::service::ids::{BatchId, FunctionName, MessageId, QueueName};
use crate::service::input::InvocationSource;
use crate::service::time::{Micros, Timestamp};

/// Batches that stay known, and the messages and the bytes of bodies that they may have together.
pub(super) const BATCHES_KEPT: usize = 5_000;
const BATCHED_MESSAGES_KEPT: usize = 100_000;
const BATCHED_BYTES_KEPT: usize = 256 << 20;

impl Model {
    pub(in super::super) fn queue(&mut self, event: &ServiceEvent) {
        let at = event.at;
        // What is written on bars of messages tells their state.
        self.timeline.version += 1;
        match &event.what {
            Happened::MessageSent { .. } => self.sent(event),
            Happened::MessagePutBack { .. } => self.put_back(event),
            Happened::BatchOpened { function, queue, closes_at } => {
                let collecting = Collecting {
                    function: function.clone(),
                    opened_at: at,
                    closes_at: *closes_at,
                    messages: Vec::new(),
                    bytes: 0,
                };
                self.queues.entry(queue.clone()).or_default().collecting = Some(collecting);
            }
            Happened::BatchDropped { function, queue } => self.batch_dropped(function, queue),
            Happened::MessageReceived { .. } => self.received(event),
            Happened::MessageLeftOut { .. } => self.left_out(event),
            Happened::BatchClosed { .. } => self.batch_closed(event),
            Happened::BatchFinished { batch, failed, reason, queue, function, .. } => {
                self.back_in_queue(queue, failed);
                self.count_batch(function, *batch, failed.len(), reason);
                if let Some(batch) = self.batches.get_mut(batch) {
                    let mut failed = failed.clone();
                    failed.sort_unstable();
                    batch.finished = Some((failed, reason.clone()));
                }
                if !failed.is_empty() {
                    self.fail_run(*batch);
                }
            }
            Happened::MessageVisible { queue, message_id, .. } => {
                if let Some(message) = self.message_mut(queue, *message_id) {
                    message.state = MessageState::Waiting;
                }
                self.note(*message_id, at, MomentKind::VisibleAgain);
            }
            Happened::MessageMoved { from, to, message_id, receive_count, reason } => {
                self.moved((from, to), *message_id, *receive_count, *reason, at);
            }
            Happened::MessageRemoved { queue, message_id, removal } => {
                self.take(queue, *message_id, at);
                let forgotten = self.queues.get_mut(queue).and_then(|queue| match removal {
                    Removal::Expired => queue.expired.push(*message_id),
                    Removal::Processed => {
                        queue.processed += 1;
                        None
                    }
                    Removal::LeftOut | Removal::Person => None,
                });
                let too_many = match removal {
                    Removal::Person => self.keep_deleted((queue.clone(), *message_id)),
                    _ => Vec::new(),
                };
                self.ended_life(*message_id, at, End::Deleted(*removal));
                too_many.into_iter().for_each(|(_, id)| self.forget_life(id));
                forgotten.into_iter().for_each(|id| self.forget_life(id));
            }
            _ => {}
        }
    }

    fn sent(&mut self, event: &ServiceEvent) {
        let Happened::MessageSent { queue, message_id, body, source, sent_at, visible_at, receive_count, came_from } =
            &event.what
        else {
            return;
        };
        let (at, known) = (event.at, self.lives.contains_key(message_id));
        let state = state_at(at, *visible_at);
        let (sent_at, receive_count) = (*sent_at, *receive_count);
        let came_from = came_from.clone();
        let message = Message { body: body.clone(), sent_at, receive_count, invisible_until: at, state, came_from };
        let life = self.lives.entry(*message_id).or_insert_with(|| Life::new(body.clone(), queue.clone()));
        (life.queue, life.end) = (queue.clone(), None);
        let taken_up = known || sent_at < at;
        let what = match taken_up {
            true => MomentKind::TakenUp { received: receive_count },
            false => MomentKind::Sent { by: source.clone(), delay: visible_at.since(at) },
        };
        life.note(at, what);
        // An HTTP request is a call of its own already, and what a function sends is told where it runs.
        let by_client =
            matches!(source, InvocationSource::Workbench | InvocationSource::LambdaApi { .. } | InvocationSource::Scenario);
        if by_client && !taken_up && !self.is_marked_at(at, queue) {
            let target = Selection::Message(queue.clone(), *message_id);
            self.timeline.mark(LaneKey::Clients, at, BarKind::Call(InvocationModel::Queue), target, false);
        }
        self.put(queue, *message_id, message, at);
    }

    /// Whether the last call of a client sent messages to this queue at this moment: those that came at once are one call.
    fn is_marked_at(&self, at: Timestamp, queue: &QueueName) -> bool {
        let last = self.timeline.lane(&LaneKey::Clients).and_then(|lane| Some(lane.bar(lane.len().checked_sub(1)?)));
        last.is_some_and(|call| call.start == at.0 && matches!(&call.target, Selection::Message(of, _) if of == queue))
    }

    fn keep_deleted(&mut self, key: DeletedKey) -> Vec<DeletedKey> {
        let bytes = self.lives.get(&key.1).map_or(0, |life| life.body.len());
        self.deleted.keep(key, bytes, ())
    }

    /// Its life goes on where a person ended it.
    fn put_back(&mut self, event: &ServiceEvent) {
        let Happened::MessagePutBack { queue, message_id, body, sent_at, visible_at, receive_count, came_from } = &event.what
        else {
            return;
        };
        let (at, invisible_until) = (event.at, *visible_at);
        self.deleted.take(&(queue.clone(), *message_id));
        let life = self.lives.entry(*message_id).or_insert_with(|| {
            let mut life = Life::new(body.clone(), queue.clone());
            life.note(*sent_at, MomentKind::TakenUp { received: *receive_count });
            life
        });
        (life.queue, life.end) = (queue.clone(), None);
        life.note(at, MomentKind::PutBack);
        let state = state_at(at, invisible_until);
        let (body, came_from) = (body.clone(), came_from.clone());
        let (sent_at, receive_count) = (*sent_at, *receive_count);
        self.put(queue, *message_id, Message { body, sent_at, receive_count, invisible_until, state, came_from }, at);
    }

    fn put(&mut self, queue: &QueueName, id: MessageId, message: Message, at: Timestamp) {
        self.queues.entry(queue.clone()).or_default().messages.insert(id, message);
        self.timeline.begin_wait(LaneKey::Messages(queue.clone()), at, Selection::Message(queue.clone(), id));
    }

    fn take(&mut self, queue: &QueueName, id: MessageId, at: Timestamp) -> Option<Message> {
        self.timeline.end_wait(&LaneKey::Messages(queue.clone()), at, &Selection::Message(queue.clone(), id));
        let queue = self.queues.get_mut(queue)?;
        let message = queue.messages.remove(&id)?;
        if let (MessageState::Collected, Some(collecting)) = (&message.state, &mut queue.collecting) {
            collecting.leave(id, &message);
        }
        Some(message)
    }

    fn moved(&mut self, (from, to): (&QueueName, &QueueName), id: MessageId, received: u32, reason: MoveReason, at: Timestamp) {
        let by_policy = reason == MoveReason::RedrivePolicy;
        let Some(mut message) = self.take(from, id, at) else { return };
        if let Some(queue) = self.queues.get_mut(from) {
            queue.moved += 1;
        }
        message.state = MessageState::Waiting;
        message.receive_count = 0;
        message.came_from = by_policy.then(|| from.clone());
        if !by_policy {
            message.sent_at = at;
        }
        self.put(to, id, message, at);
        self.note(id, at, MomentKind::Moved { from: from.clone(), to: to.clone(), received, by_policy });
        if let Some(life) = self.lives.get_mut(&id) {
            life.queue = to.clone();
        }
    }

    /// Its messages may come back with a queue of that name, as sent anew.
    pub(in super::super) fn queue_removed(&mut self, name: &QueueName, at: Timestamp) {
        let Some(queue) = self.queues.remove(name) else { return };
        for id in queue.messages.into_keys() {
            self.timeline.end_wait(&LaneKey::Messages(name.clone()), at, &Selection::Message(name.clone(), id));
            self.ended_life(id, at, End::QueueRemoved);
        }
        queue.left_out.into_ids().chain(queue.expired.into_ids()).for_each(|id| self.forget_life(id));
    }

    fn message_mut(&mut self, queue: &QueueName, id: MessageId) -> Option<&mut Message> {
        self.queues.get_mut(queue)?.messages.get_mut(&id)
    }

    fn received(&mut self, event: &ServiceEvent) {
        let Happened::MessageReceived { queue: name, function, message_id, receive_count, invisible_until } = &event.what else {
            return;
        };
        let Some(queue) = self.queues.get_mut(name) else { return };
        let Some(message) = queue.messages.get_mut(message_id) else { return };
        message.receive_count = *receive_count;
        message.invisible_until = *invisible_until;
        message.state = MessageState::Collected;
        if let Some(collecting) = &mut queue.collecting {
            collecting.messages.push(*message_id);
            collecting.bytes += message.body.len();
        }
        let (receive, function) = (*receive_count, function.clone());
        if receive > 1 {
            let about = Selection::Message(name.clone(), *message_id);
            self.timeline.cut_wait(&LaneKey::Messages(name.clone()), event.at, &about);
        }
        self.note(*message_id, event.at, MomentKind::Received { receive, function, batch: None });
    }

    fn batch_closed(&mut self, event: &ServiceEvent) {
        let Happened::BatchClosed { batch, queue, request_id, message_ids, .. } = &event.what else { return };
        // A workspace that is opened anew counts from 1 again.
        self.forget_batch(*batch);
        let entry = self.queues.entry(queue.clone()).or_default();
        entry.collecting = None;
        entry.batches.push_back(*batch);
        entry.batches_made += 1;
        let number = entry.batches_made;
        let mut messages = Vec::with_capacity(message_ids.len());
        for id in message_ids {
            let body = entry.messages.get_mut(id).map(|message| {
                message.state = MessageState::InBatch(*batch);
                message.body.clone()
            });
            messages.push((*id, body.unwrap_or_default()));
            if let Some(life) = self.lives.get_mut(id) {
                life.sent_in(*batch);
            }
        }
        if let Some(closed) = self.closed(event, number, messages) {
            self.batched_messages += closed.messages.len();
            self.batched_bytes += bytes_of(&closed);
            self.batches.insert(*batch, closed);
        }
        let batch = *batch;
        self.with(*request_id, |invocation| invocation.batch = Some(batch));
        self.forget_old_batches();
    }

    /// A batch with the limits that its mapping has now.
    fn closed(&self, event: &ServiceEvent, number: u64, messages: Vec<(MessageId, Arc<str>)>) -> Option<Batch> {
        let Happened::BatchClosed { function, queue, request_id, closed_by, bytes, opened_at, .. } = &event.what else {
            return None;
        };
        let mappings = self.functions.get(function).map(|function| function.mappings.as_slice()).unwrap_or_default();
        let mapping = mappings.iter().find(|mapping| mapping.queue == *queue);
        Some(Batch {
            number,
            function: function.clone(),
            queue: queue.clone(),
            request_id: *request_id,
            closed_by: *closed_by,
            batch_size: mapping.map_or(messages.len(), |mapping| mapping.batch_size as usize),
            window: mapping.map_or(Micros(0), |mapping| mapping.maximum_batching_window),
            messages,
            bytes: *bytes,
            opened_at: *opened_at,
            closed_at: event.at,
            finished: None,
        })
    }

    /// The newest batch is always known.
    fn forget_old_batches(&mut self) {
        while self.batches.len() > 1
            && (self.batches.len() > BATCHES_KEPT
                || self.batched_messages > BATCHED_MESSAGES_KEPT
                || self.batched_bytes > BATCHED_BYTES_KEPT)
        {
            let Some(oldest) = self.batches.keys().next().copied() else { return };
            self.forget_batch(oldest);
        }
    }

    fn forget_batch(&mut self, id: BatchId) {
        let Some(batch) = self.batches.remove(&id) else { return };
        self.batched_messages -= batch.messages.len();
        self.batched_bytes -= bytes_of(&batch);
        if let Some(queue) = self.queues.get_mut(&batch.queue) {
            queue.batches.retain(|other| *other != id);
        }
        batch.messages.iter().for_each(|(message, _)| self.forget_life(*message));
    }

    fn batch_dropped(&mut self, function: &FunctionName, queue: &QueueName) {
        let Some(entry) = self.queues.get_mut(queue) else { return };
        let dropped = entry.collecting.take_if(|collecting| collecting.function == *function);
        if let Some(collecting) = dropped {
            self.back_in_queue(queue, &collecting.messages);
        }
    }

    /// Messages that their batch let go of stay hidden for the rest of their visibility timeout.
    fn back_in_queue(&mut self, queue: &QueueName, messages: &[MessageId]) {
        for id in messages {
            if let Some(message) = self.message_mut(queue, *id) {
                message.state = MessageState::InvisibleUntil(message.invisible_until);
            }
        }
    }

    fn count_batch(&mut self, function: &FunctionName, batch: BatchId, failed: usize, verdict: &BatchVerdict) {
        let messages = self.batches.get(&batch).map_or(failed, |batch| batch.messages.len());
        if !verdict.is_unsent()
            && let Some(function) = self.functions.get_mut(function)
        {
            function.batches.count(messages, failed);
        }
    }

    /// A batch of which something comes back has failed, whatever its function returned.
    fn fail_run(&mut self, batch: BatchId) {
        let Some(request_id) = self.batches.get(&batch).map(|batch| batch.request_id) else { return };
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        if let Some(attempt) = invocation.attempts.last() {
            let lane = LaneKey::Environment(invocation.function.clone(), attempt.environment_number);
            self.timeline.fail(&lane, &Selection::Attempt(request_id, attempt.number));
        }
    }

    pub(super) fn note(&mut self, id: MessageId, at: Timestamp, what: MomentKind) {
        if let Some(life) = self.lives.get_mut(&id) {
            life.note(at, what);
        }
    }

    fn ended_life(&mut self, id: MessageId, at: Timestamp, end: End) {
        let what = match end {
            End::Deleted(removal) => MomentKind::Deleted(removal),
            End::QueueRemoved => MomentKind::QueueRemoved,
        };
        self.note(id, at, what);
        if let Some(life) = self.lives.get_mut(&id) {
            life.end = Some(end);
        }
        self.forget_life(id);
    }

    /// A message that is in no queue is known as long as a batch of it is, as its queue tells that it was left out or expired, or
    /// as it can be put back.
    pub(super) fn forget_life(&mut self, id: MessageId) {
        let is_told = |life: &Life| match (self.queues.get(&life.queue), life.end) {
            (_, Some(End::Deleted(Removal::Person))) => self.deleted.knows(&(life.queue.clone(), id)),
            (Some(queue), Some(End::Deleted(Removal::LeftOut))) => queue.left_out.knows(id),
            (Some(queue), Some(End::Deleted(Removal::Expired))) => queue.expired.knows(id),
            _ => false,
        };
        let is_over =
            |life: &Life| life.end.is_some() && !life.batches().any(|batch| self.batches.contains_key(&batch)) && !is_told(life);
        if self.lives.get(&id).is_some_and(is_over) {
            self.lives.remove(&id);
        }
    }
}

fn state_at(at: Timestamp, visible_at: Timestamp) -> MessageState {
    if visible_at > at { MessageState::InvisibleUntil(visible_at) } else { MessageState::Waiting }
}

fn bytes_of(batch: &Batch) -> usize {
    batch.messages.iter().map(|(_, body)| body.len()).sum()
}
