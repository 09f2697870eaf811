//! What the filter of a mapping lets into a batch (semantics 4.2, 4.9).

use super::super::LambdaService;
use super::super::happened::{Happened, Removal};
use super::super::ids::MessageId;
use super::Key;

impl LambdaService {
    /// Deletes a message that the filter of a mapping does not let through; whether it did. `record` is the JSON text of
    /// its record in the event.
    pub(super) fn leave_out(&mut self, key: &Key, message_id: MessageId, record: &str) -> bool {
        let criteria = self.mappings.get(key).map(|mapping| &mapping.configuration.filter_criteria);
        let message = self.queues.get(&key.1).and_then(|queue| queue.messages.get(&message_id));
        let (Some(criteria), Some(message)) = (criteria, message) else { return false };
        let Err(mismatches) = criteria.check(&message.body, record) else { return false };
        let (function, queue) = key.clone();
        self.publish(Happened::MessageLeftOut { queue, function, message_id, mismatches });
        self.remove_message(&key.1, message_id, Removal::LeftOut);
        true
    }
}
