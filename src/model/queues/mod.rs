//! Embedded queues and the batches that mappings make of their messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Model;
use crate::service::configuration::QueueConfiguration;
use crate::service::happened::{BatchVerdict, ClosedBy};
use crate::service::ids::{BatchId, FunctionName, MessageId, QueueName, RequestId};
use crate::service::time::Timestamp;

#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub configuration: Option<QueueConfiguration>,
    pub messages: BTreeMap<MessageId, Message>,
    /// What its mapping collects.
    pub collecting: Option<Collecting>,
    pub last_batch: Option<BatchId>,
    pub processed: u64,
    pub moved: u64,
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
}

impl Model {
    /// The queue that this one takes failed messages of, and that they can go back to.
    #[must_use]
    pub fn redrives_to(&self, dead_letters: &QueueName) -> Option<&QueueName> {
        let moves_here = |queue: &Queue| {
            let redrive = queue.configuration.as_ref().and_then(|configuration| configuration.redrive.as_ref());
            redrive.is_some_and(|redrive| redrive.target == *dead_letters)
        };
        self.queues.iter().find(|(_, queue)| moves_here(queue)).map(|(name, _)| name)
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
    pub function: FunctionName,
    pub queue: QueueName,
    pub request_id: RequestId,
    pub closed_by: ClosedBy,
    pub messages: Vec<(MessageId, Arc<str>)>,
    pub bytes: usize,
    pub opened_at: Timestamp,
    pub closed_at: Timestamp,
    pub finished: Option<(Vec<MessageId>, BatchVerdict)>,
}

impl Batch {
    /// `1 of 7 back`, for a batch of which something came back to its queue.
    #[must_use]
    pub fn back_words(&self) -> Option<String> {
        let back = self.finished.as_ref().map_or(0, |(failed, _)| failed.len());
        (back > 0).then(|| format!("{back} of {} back", self.messages.len()))
    }
}
