//! Embedded queues, their messages, and the batches that mappings make of them.

mod apply;
mod expired;
mod fate;
mod left_out;
mod life;
mod origins;
mod rows;

#[cfg(test)]
mod tests;

pub use expired::Expired;
pub use fate::{Aftermath, Fate, Whereabouts};
pub use left_out::LeftOut;
pub use life::{End, Life, Moment, MomentKind};
pub use origins::{Cause, Feeder, Origin, Redrive, outlet_words};
pub use rows::{LifeRow, RowKind};

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Model;
use crate::service::configuration::{MappingConfiguration, QueueConfiguration};
use crate::service::happened::{BatchVerdict, ClosedBy, Due, DueKind};
use crate::service::ids::{BatchId, FunctionName, MessageId, QueueName, RequestId};
use crate::service::time::{Micros, Timestamp};

#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub configuration: Option<QueueConfiguration>,
    pub messages: BTreeMap<MessageId, Message>,
    /// What its mapping collects.
    pub collecting: Option<Collecting>,
    /// Batches of its messages that are still known, oldest first.
    pub batches: VecDeque<BatchId>,
    /// Batches that were made of its messages, those included that are not known any more.
    pub batches_made: u64,
    pub processed: u64,
    pub moved: u64,
    /// Messages that became as old as the retention period allows.
    pub expired: Expired,
    /// What the filter of its mapping left out.
    pub left_out: LeftOut,
}

impl Queue {
    /// Messages that wait, and that are invisible.
    #[must_use]
    pub fn depth(&self) -> (usize, usize) {
        let invisible = self.messages.values().filter(|message| message.state != MessageState::Waiting).count();
        (self.messages.len() - invisible, invisible)
    }

    /// When the oldest message was sent.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.messages.values().map(|message| message.sent_at).min()
    }

    #[must_use]
    pub fn last_batch(&self) -> Option<BatchId> {
        self.batches.back().copied()
    }

    /// Messages that are in no batch: those that come back soonest first, then those that wait, the oldest first. At most
    /// `limit` of them, and how many there are.
    #[must_use]
    pub fn in_no_batch(&self, limit: usize) -> (Vec<(MessageId, &Message)>, usize) {
        let order = |(id, message): &(MessageId, &Message)| match message.state {
            MessageState::InvisibleUntil(until) => (false, until, *id),
            _ => (true, message.sent_at, *id),
        };
        let free = self.messages.iter().filter(|(_, message)| message.state.is_in_no_batch());
        let mut free: Vec<_> = free.map(|(id, message)| (*id, message)).collect();
        let count = free.len();
        if count > limit {
            free.select_nth_unstable_by_key(limit, order);
            free.truncate(limit);
        }
        free.sort_unstable_by_key(order);
        (free, count)
    }
}

#[derive(Clone, Debug)]
pub struct Message {
    pub body: Arc<str>,
    pub sent_at: Timestamp,
    pub receive_count: u32,
    /// Until when the last receive hides it.
    pub invisible_until: Timestamp,
    pub state: MessageState,
    /// The queue that a redrive policy moved it away from.
    pub came_from: Option<QueueName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    Waiting,
    /// Delayed, or hidden after a failed batch.
    InvisibleUntil(Timestamp),
    /// Received into the batch that is being collected.
    Collected,
    InBatch(BatchId),
}

impl MessageState {
    fn is_in_no_batch(self) -> bool {
        matches!(self, Self::Waiting | Self::InvisibleUntil(_))
    }
}

#[derive(Clone, Debug)]
pub struct Collecting {
    pub function: FunctionName,
    pub opened_at: Timestamp,
    pub closes_at: Timestamp,
    pub messages: Vec<MessageId>,
    /// Bytes of the bodies so far.
    pub bytes: usize,
}

impl Collecting {
    /// Takes a message out again that was deleted.
    pub fn leave(&mut self, id: MessageId, message: &Message) {
        self.messages.retain(|other| *other != id);
        self.bytes = self.bytes.saturating_sub(message.body.len());
    }
}

#[derive(Clone, Debug)]
pub struct Batch {
    /// Which one of its queue's it is, from 1.
    pub number: u64,
    pub function: FunctionName,
    pub queue: QueueName,
    pub request_id: RequestId,
    pub closed_by: ClosedBy,
    pub messages: Vec<(MessageId, Arc<str>)>,
    pub bytes: usize,
    /// Messages that its mapping allowed when it was closed, and how long it was collected at most.
    pub batch_size: usize,
    pub window: Micros,
    pub opened_at: Timestamp,
    pub closed_at: Timestamp,
    /// The messages that come back, sorted, and how the function's answer was read.
    pub finished: Option<(Vec<MessageId>, BatchVerdict)>,
}

impl Batch {
    /// `1 of 7 failed`, for a batch that did not go well; what came of its messages since is another question.
    #[must_use]
    pub fn failed_words(&self) -> Option<String> {
        let (failed, verdict) = self.finished.as_ref()?;
        if verdict.is_unsent() {
            return Some("not sent".to_owned());
        }
        match (failed.len(), self.messages.len()) {
            (0, _) => None,
            (1, 1) => Some("failed".to_owned()),
            (failed, all) if failed == all => Some(format!("all {all} failed")),
            (failed, all) => Some(format!("{failed} of {all} failed")),
        }
    }

    /// Whether a message did not go well in it.
    #[must_use]
    pub fn brings_back(&self, id: MessageId) -> bool {
        self.finished.as_ref().is_some_and(|(failed, _)| failed.binary_search(&id).is_ok())
    }
}

impl Model {
    /// The mapping that reads a queue; the first of them, should there be several.
    #[must_use]
    pub fn mapping_of(&self, queue: &str) -> Option<&MappingConfiguration> {
        self.functions.values().flat_map(|function| &function.mappings).find(|mapping| *mapping.queue == *queue)
    }

    /// How long the function had a batch, once it has ended and while its invocation is known.
    #[must_use]
    pub fn batch_took(&self, batch: &Batch) -> Option<Micros> {
        self.invocations.get(&batch.request_id)?.last_ended().map(|(_, ended)| ended.duration)
    }

    /// Whether a batch waits because its function is not free.
    #[must_use]
    pub fn is_held(&self, batch: &Batch) -> bool {
        let waits = |id| self.invocations.get(id).is_some_and(super::invocations::Invocation::is_throttled);
        batch.finished.is_none() && waits(&batch.request_id)
    }

    /// The queue that a message moves to instead of being received once more.
    #[must_use]
    pub fn moves_next_to(&self, queue: &str, received: u32) -> Option<&QueueName> {
        let redrive = self.queues.get(queue)?.configuration.as_ref()?.redrive.as_ref()?;
        let is_due = received >= redrive.max_receive_count && self.queues.contains_key(&redrive.target);
        is_due.then_some(&redrive.target)
    }

    /// Whether a message that a person deleted can come back as it was.
    #[must_use]
    pub fn can_put_back(&self, queue: &QueueName, id: MessageId) -> bool {
        self.queues.contains_key(queue) && self.deleted.knows(&(queue.clone(), id))
    }

    /// When a message of a queue expires, if nobody processes it.
    #[must_use]
    pub fn expires_at(&self, queue: &str, message: &Message) -> Option<Timestamp> {
        let configuration = self.queues.get(queue)?.configuration.as_ref()?;
        Some(message.sent_at + configuration.message_retention_period)
    }

    /// What a message itself waits for: that it is visible again, that the batch it was received into is closed, or that it
    /// expires, where nobody takes it.
    #[must_use]
    pub fn due_of_message(&self, id: MessageId) -> Option<Due> {
        let name = &self.lives.get(&id)?.queue;
        let queue = self.queues.get(name)?;
        match queue.messages.get(&id)?.state {
            MessageState::InvisibleUntil(at) => {
                Some(Due { at, what: DueKind::MessageVisible { queue: name.clone(), message_id: id } })
            }
            MessageState::Waiting if self.mapping_of(name).is_none_or(|mapping| !mapping.enabled) => {
                let at = self.expires_at(name, queue.messages.get(&id)?)?;
                Some(Due { at, what: DueKind::MessageExpires { queue: name.clone(), message_id: id } })
            }
            MessageState::Collected => queue.collecting.as_ref().map(|collecting| {
                let (function, records) = (collecting.function.clone(), collecting.messages.len());
                Due { at: collecting.closes_at, what: DueKind::WindowCloses { function, queue: name.clone(), records } }
            }),
            MessageState::Waiting | MessageState::InBatch(_) => None,
        }
    }
}
