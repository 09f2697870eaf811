//! Messages that a person deleted, kept for a while so that they can be put back as they were.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::LambdaService;
use super::effect::Persist;
use super::happened::Happened;
use super::ids::{MessageId, QueueName};
use super::input::StoredMessage;
use super::limits;
use super::state::{Message, MessageState};

/// A message and the queue that it was deleted from.
pub type DeletedKey = (QueueName, MessageId);

/// What was deleted last, with something kept of each; the oldest is forgotten when there are too many messages
/// ([`limits::DELETED_MESSAGES`]) or too many bytes of them ([`limits::DELETED_BYTES`]).
#[derive(Debug)]
pub struct Deleted<T> {
    places: BTreeMap<DeletedKey, u64>,
    /// In the order in which they were deleted, with their bytes.
    in_order: BTreeMap<u64, (DeletedKey, usize, T)>,
    last_place: u64,
    bytes: usize,
}

impl<T> Default for Deleted<T> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), in_order: BTreeMap::new(), last_place: 0, bytes: 0 }
    }
}

impl<T> Deleted<T> {
    /// Keeps a message of so many bytes; gives back those that are forgotten for it.
    pub fn keep(&mut self, key: DeletedKey, bytes: usize, kept: T) -> Vec<DeletedKey> {
        self.take(&key);
        self.last_place += 1;
        self.places.insert(key.clone(), self.last_place);
        self.in_order.insert(self.last_place, (key, bytes, kept));
        self.bytes += bytes;
        let mut forgotten = Vec::new();
        while self.in_order.len() > limits::DELETED_MESSAGES || self.bytes > limits::DELETED_BYTES {
            let Some((_, (key, bytes, _))) = self.in_order.pop_first() else { break };
            self.places.remove(&key);
            self.bytes -= bytes;
            forgotten.push(key);
        }
        forgotten
    }

    /// Takes a message out again.
    pub fn take(&mut self, key: &DeletedKey) -> Option<T> {
        let (_, bytes, kept) = self.in_order.remove(&self.places.remove(key)?)?;
        self.bytes -= bytes;
        Some(kept)
    }

    /// Whether a message can still be put back.
    #[must_use]
    pub fn knows(&self, key: &DeletedKey) -> bool {
        self.places.contains_key(key)
    }
}

impl LambdaService {
    /// Keeps a message that a person deleted.
    pub(super) fn keep_deleted(&mut self, queue: &QueueName, message_id: MessageId, message: Message) {
        self.deleted.keep((queue.clone(), message_id), message.body.len(), message);
    }

    /// Puts messages that a person deleted back into their queue: as old as they are, received as often as they were, hidden for
    /// as long as they would have been, and at their place in the order. SQS has nothing like it: what it deletes is gone.
    pub(super) fn put_back(&mut self, queue: &QueueName, message_ids: Vec<MessageId>) {
        if !self.queues.contains_key(queue) {
            return self.not_put_back(queue, format!("there is no queue {queue}"));
        }
        let mut forgotten = 0_usize;
        for message_id in message_ids {
            match self.deleted.take(&(queue.clone(), message_id)) {
                Some(message) => self.put_deleted(queue, message_id, message),
                None => forgotten += 1,
            }
        }
        match forgotten {
            0 => {}
            1 => self.not_put_back(queue, "it was deleted too long ago to be put back".to_owned()),
            forgotten => self.not_put_back(queue, format!("{forgotten} were deleted too long ago to be put back")),
        }
        self.poll_queue(queue);
    }

    fn not_put_back(&mut self, queue: &QueueName, reason: String) {
        self.publish(Happened::MessageRefused { queue: queue.clone(), reason: reason.into() });
    }

    fn put_deleted(&mut self, queue: &QueueName, message_id: MessageId, mut message: Message) {
        message.state = MessageState::Invisible;
        self.persist(Persist::MessagePut(stored(queue, message_id, &message).into()), false);
        self.publish(Happened::MessagePutBack {
            queue: queue.clone(),
            message_id,
            body: Arc::clone(&message.body),
            sent_at: message.sent_at,
            visible_at: message.visible_at,
            receive_count: message.receive_count,
            came_from: message.came_from.clone(),
        });
        self.place_message(queue, message_id, message);
    }
}

fn stored(queue: &QueueName, message_id: MessageId, message: &Message) -> StoredMessage {
    StoredMessage {
        queue: queue.clone(),
        message_id,
        body: message.body.clone(),
        attributes: message.attributes.clone(),
        sent_at: message.sent_at,
        first_received_at: message.first_received_at,
        receive_count: message.receive_count,
        visible_at: message.visible_at,
        came_from: message.came_from.clone(),
        trace_header: message.trace_header.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u128) -> DeletedKey {
        ("q".into(), MessageId(id))
    }

    #[test]
    fn what_was_deleted_first_is_forgotten_first() {
        let mut deleted = Deleted::default();
        let half = limits::DELETED_BYTES / 2;
        assert_eq!(deleted.keep(key(1), half, 'a'), []);
        assert_eq!(deleted.keep(key(2), half, 'b'), []);
        assert_eq!(deleted.keep(key(3), 1, 'c'), [key(1)], "too many bytes");
        assert_eq!([1, 2, 3].map(|id| deleted.knows(&key(id))), [false, true, true]);
        assert_eq!((deleted.take(&key(2)), deleted.take(&key(2))), (Some('b'), None));
        assert_eq!(deleted.keep(key(4), half, 'd'), [], "there is room again");
        for id in 5..5 + limits::DELETED_MESSAGES as u128 {
            deleted.keep(key(id), 0, 'e');
        }
        assert_eq!((deleted.knows(&key(4)), deleted.knows(&key(5))), (false, true), "too many messages");
    }
}
