//! Messages that expired: they are in no queue any more, and still told.

use std::collections::VecDeque;

use crate::service::ids::MessageId;

/// Messages of a queue that stay known.
const KEPT: usize = 200;

/// What became too old in a queue.
#[derive(Clone, Debug, Default)]
pub struct Expired {
    /// Those that are known, oldest first.
    messages: VecDeque<MessageId>,
    /// How many there were.
    pub count: u64,
}

impl Expired {
    /// Those that are known, newest first.
    pub fn newest(&self) -> impl Iterator<Item = MessageId> {
        self.messages.iter().rev().copied()
    }

    pub(super) fn knows(&self, id: MessageId) -> bool {
        self.messages.contains(&id)
    }

    pub(super) fn into_ids(self) -> impl Iterator<Item = MessageId> {
        self.messages.into_iter()
    }

    /// Adds one; tells the one that is not known from now on.
    pub(super) fn push(&mut self, id: MessageId) -> Option<MessageId> {
        self.count += 1;
        self.messages.push_back(id);
        if self.messages.len() > KEPT { self.messages.pop_front() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_stay_known() {
        let mut expired = Expired::default();
        for id in 0..KEPT as u128 {
            assert_eq!(expired.push(MessageId(id)), None);
        }
        assert_eq!(expired.push(MessageId(500)), Some(MessageId(0)));
        assert!(expired.knows(MessageId(500)) && !expired.knows(MessageId(0)) && expired.count == KEPT as u64 + 1);
        assert_eq!(expired.newest().next(), Some(MessageId(500)));
    }
}
