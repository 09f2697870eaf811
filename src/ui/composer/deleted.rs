//! Messages that a person deleted last, which can be put back as they were.

use std::collections::BTreeSet;

use crate::command::Command;
use crate::model::Model;
use crate::service::ids::{MessageId, QueueName};
use crate::ui::action::Action;
use crate::ui::widgets;

/// Messages of a queue that were deleted together, or one after the other.
#[derive(Default)]
pub struct DeletedMessages {
    queue: QueueName,
    ids: BTreeSet<MessageId>,
    /// They were all that the queue had.
    purged: bool,
}

impl DeletedMessages {
    /// All that a queue has.
    #[must_use]
    pub fn all_of(model: &Model, queue: &QueueName) -> Self {
        let messages = model.queues.get(queue).into_iter().flat_map(|queue| queue.messages.keys().copied());
        Self { queue: queue.clone(), ids: messages.collect(), purged: true }
    }

    /// One message more; those of another queue, and those of a purge, are a matter of their own.
    pub fn add(&mut self, model: &Model, queue: &QueueName, id: MessageId) {
        if self.purged || self.queue != *queue {
            *self = Self { queue: queue.clone(), ..Self::default() };
        }
        self.ids.retain(|id| model.can_put_back(queue, *id));
        self.ids.insert(id);
    }

    /// What was done, with how many, and the way back.
    #[must_use]
    pub fn offer(&self) -> Action {
        let queue = &self.queue;
        let text = match self.ids.len() {
            1 => format!("1 message of {queue} was deleted."),
            count => format!("{} messages of {queue} were deleted.", widgets::grouped(count)),
        };
        let put_back = put_back(queue, self.ids.iter().copied().collect());
        Action::Offer { text, button: "Undo deletion", action: Box::new(put_back) }
    }

    /// How many of them can still be put back into a queue.
    #[must_use]
    pub fn count(&self, model: &Model, queue: &QueueName) -> usize {
        if self.queue == *queue { self.left(model).count() } else { 0 }
    }

    /// Puts back what can be.
    #[must_use]
    pub fn put_back(&self, model: &Model) -> Action {
        put_back(&self.queue, self.left(model).collect())
    }

    fn left(&self, model: &Model) -> impl Iterator<Item = MessageId> {
        self.ids.iter().copied().filter(|id| model.can_put_back(&self.queue, *id))
    }
}

/// Puts messages back that were deleted from a queue.
#[must_use]
pub fn put_back(queue: &QueueName, message_ids: Vec<MessageId>) -> Action {
    Action::Command(Command::PutBack { queue: queue.clone(), message_ids })
}
