//! Messages that the filter of a mapping left out: they are in no queue any more, and still told.

use std::collections::VecDeque;

use super::super::Model;
use super::{Life, MomentKind};
use crate::service::filter::Mismatch;
use crate::service::happened::{Happened, ServiceEvent};
use crate::service::ids::{FunctionName, MessageId};

/// Messages of a queue that stay known, and the bytes that their bodies may have together.
const KEPT: usize = 1_000;
const BYTES_KEPT: usize = 16 << 20;

/// What the filter left out of the batches of a queue.
#[derive(Clone, Debug, Default)]
pub struct LeftOut {
    /// Those that are known, oldest first.
    messages: VecDeque<Message>,
    bytes: usize,
    /// How many there were.
    pub count: u64,
}

#[derive(Clone, Debug)]
struct Message {
    id: MessageId,
    /// The number of the batch that was collected then, or was the next one.
    batch: u64,
    bytes: usize,
}

impl LeftOut {
    /// Those that were left out while a batch was collected, or after the one before, oldest first.
    #[must_use]
    pub fn beside(&self, batch: u64) -> Vec<MessageId> {
        let start = self.messages.partition_point(|message| message.batch < batch);
        let end = self.messages.partition_point(|message| message.batch <= batch);
        self.messages.range(start..end).map(|message| message.id).collect()
    }

    pub(super) fn knows(&self, id: MessageId) -> bool {
        self.messages.iter().any(|message| message.id == id)
    }

    pub(super) fn into_ids(self) -> impl Iterator<Item = MessageId> {
        self.messages.into_iter().map(|message| message.id)
    }

    /// Adds one; tells those that are not known from now on.
    fn push(&mut self, message: Message) -> Vec<MessageId> {
        self.bytes += message.bytes;
        self.count += 1;
        self.messages.push_back(message);
        let mut forgotten = Vec::new();
        while self.messages.len() > 1
            && (self.messages.len() > KEPT || self.bytes > BYTES_KEPT)
            && let Some(oldest) = self.messages.pop_front()
        {
            self.bytes -= oldest.bytes;
            forgotten.push(oldest.id);
        }
        forgotten
    }
}

impl Life {
    /// The function whose mapping left it out, and why.
    #[must_use]
    pub fn left_out(&self) -> Option<(&FunctionName, &[Mismatch])> {
        self.moments.iter().rev().find_map(|moment| match &moment.what {
            MomentKind::LeftOut { function, mismatches } => Some((function, &mismatches[..])),
            _ => None,
        })
    }
}

impl Model {
    /// It is deleted next.
    pub(super) fn left_out(&mut self, event: &ServiceEvent) {
        let Happened::MessageLeftOut { queue: name, function, message_id: id, mismatches } = &event.what else { return };
        let what = MomentKind::LeftOut { function: function.clone(), mismatches: mismatches.clone() };
        self.note(*id, event.at, what);
        let bytes = self.lives.get(id).map_or(0, |life| life.body.len());
        let Some(queue) = self.queues.get_mut(name) else { return };
        let message = Message { id: *id, batch: queue.batches_made + 1, bytes };
        queue.left_out.push(message).into_iter().for_each(|id| self.forget_life(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: u128, batch: u64, bytes: usize) -> Message {
        Message { id: MessageId(id), batch, bytes }
    }

    #[test]
    fn messages_stand_beside_the_batch_that_was_collected() {
        let mut left_out = LeftOut::default();
        for (id, batch) in [(1, 1), (2, 3), (3, 3), (4, 4)] {
            assert_eq!(left_out.push(message(id, batch, 10)), []);
        }
        let beside = |batch| left_out.beside(batch).into_iter().map(|id| id.0).collect::<Vec<_>>();
        assert_eq!([beside(1), beside(2), beside(3), beside(4)], [vec![1], vec![], vec![2, 3], vec![4]]);
    }

    #[test]
    fn only_so_many_and_so_much_stays_known() {
        let mut left_out = LeftOut::default();
        for id in 0..KEPT as u128 {
            assert_eq!(left_out.push(message(id, 1, 0)), []);
        }
        assert_eq!(left_out.push(message(5_000, 1, 0)), [MessageId(0)]);
        assert_eq!(left_out.push(message(5_001, 1, BYTES_KEPT + 1)).len(), KEPT, "a large one stays alone");
        assert!(left_out.knows(MessageId(5_001)) && left_out.count == KEPT as u64 + 2);
        assert_eq!(left_out.push(message(5_002, 1, 1)), [MessageId(5_001)]);
    }
}
