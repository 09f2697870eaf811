//! How long a queue keeps a message that nobody processes, and where one that failed goes next (semantics 4.6).

use super::LambdaService;
use super::deadlines::{Timer, TimerKey};
use super::happened::Removal;
use super::ids::{MessageId, QueueName};
use super::state::{Message, MessageState, Queue};
use super::time::Timestamp;

/// What comes next for a message that no function has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// When it is visible again; `None` for one that is.
    pub visible_at: Option<Timestamp>,
    /// Where the next receive moves it instead of handing it over.
    pub moves_to: Option<QueueName>,
}

impl LambdaService {
    /// Sets the timer of a queue to the moment at which its oldest message expires.
    pub(super) fn watch_age(&mut self, name: &QueueName) {
        let Some(queue) = self.queues.get_mut(name) else { return };
        let next = queue.by_age.first().map(|(sent_at, _)| *sent_at + queue.configuration.message_retention_period);
        if queue.expiry.map(TimerKey::at) != next {
            self.deadlines.clear(&mut queue.expiry);
            queue.expiry = next.map(|at| self.deadlines.set(at, Timer::Expiry(name.clone())));
        }
    }

    /// SQS deletes what is too old, also what is invisible or in a function's hand (`MessageRetentionPeriod` of CreateQueue).
    pub(super) fn expire(&mut self, name: &QueueName) {
        let Some(queue) = self.queues.get_mut(name) else { return };
        queue.expiry = None;
        let (retention, now) = (queue.configuration.message_retention_period, self.now);
        let too_old = queue.by_age.iter().take_while(|(sent_at, _)| *sent_at + retention <= now);
        for message_id in too_old.map(|(_, message_id)| *message_id).collect::<Vec<_>>() {
            self.remove_message(name, message_id, Removal::Expired);
        }
        self.watch_age(name);
        self.poll_queue(name);
    }

    /// When a message of a queue expires, if it is still there then.
    #[must_use]
    pub fn expires_at(&self, queue: &str, message_id: MessageId) -> Option<Timestamp> {
        let queue = self.queues.get(queue)?;
        Some(queue.messages.get(&message_id)?.sent_at + queue.configuration.message_retention_period)
    }

    /// What comes next for a message; `None` while a batch has it, and when it is gone.
    #[must_use]
    pub fn outlook(&self, queue: &str, message_id: MessageId) -> Option<Outlook> {
        let queue = self.queues.get(queue)?;
        let message = queue.messages.get(&message_id)?;
        let visible_at = match message.state {
            MessageState::Ready => None,
            MessageState::Invisible => Some(message.visible_at),
            MessageState::Collected(_) | MessageState::InBatch(_) => return None,
        };
        Some(Outlook { visible_at, moves_to: self.redrive_target(queue, message) })
    }

    /// The queue that a message moves to instead of being received once more. While there is no such queue, it is received.
    pub(super) fn redrive_target(&self, queue: &Queue, message: &Message) -> Option<QueueName> {
        let redrive = queue.configuration.redrive.as_ref()?;
        let is_due = message.receive_count >= redrive.max_receive_count && self.queues.contains_key(&redrive.target);
        is_due.then(|| redrive.target.clone())
    }
}
