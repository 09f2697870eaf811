//! What came of the messages of a batch, up to now.

use super::super::Model;
use super::{Batch, End, Life, MessageState, Moment, MomentKind};
use crate::service::happened::Removal;
use crate::service::ids::{BatchId, MessageId, QueueName};
use crate::service::time::Timestamp;

/// What came of a message of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The function has it.
    Running,
    /// The function is not free.
    Held,
    /// It was processed and deleted.
    Deleted,
    /// It was deleted while the batch had it, and not because that succeeded.
    Removed(Removal),
    /// The batch let go of it.
    Back(Aftermath),
}

/// What has come of a message since a batch let go of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aftermath {
    /// The last batch that it was in since then.
    pub again: Option<BatchId>,
    pub now: Whereabouts,
}

/// Where such a message is, or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whereabouts {
    /// It comes back then, or the next receive from then on moves it to another queue.
    Hidden {
        until: Timestamp,
        moves_to: Option<QueueName>,
    },
    /// It is back in its queue.
    Waiting {
        since: Timestamp,
    },
    Moved {
        to: QueueName,
        at: Timestamp,
        /// Else a person had it moved back.
        by_policy: bool,
    },
    /// A batch that is being collected or that a function has got it.
    Received,
    /// It was processed and deleted.
    Processed,
    Removed(Removal),
    QueueRemoved,
    /// Nothing is known of it any more.
    Forgotten,
}

impl Model {
    /// What came of a message of a batch.
    #[must_use]
    pub fn fate(&self, id: BatchId, batch: &Batch, message: MessageId) -> Fate {
        let around = self.lives.get(&message).map_or(&[][..], |life| life.around(id));
        let removed = around.iter().find_map(|moment| match moment.what {
            MomentKind::Deleted(removal) if removal != Removal::Processed => Some(removal),
            _ => None,
        });
        match (&batch.finished, removed) {
            (None, Some(removal)) => Fate::Removed(removal),
            (None, None) if self.is_held(batch) => Fate::Held,
            (None, None) => Fate::Running,
            (Some(_), _) if batch.brings_back(message) => Fate::Back(self.aftermath(id, message)),
            (Some(_), removed) => removed.map_or(Fate::Deleted, Fate::Removed),
        }
    }

    /// What has come since of a message that a batch let go of.
    #[must_use]
    pub fn aftermath(&self, id: BatchId, message: MessageId) -> Aftermath {
        let Some(life) = self.lives.get(&message) else { return Aftermath { again: None, now: Whereabouts::Forgotten } };
        let again = life.since(id).iter().rev().find_map(|moment| match moment.what {
            MomentKind::Received { batch, .. } => batch,
            _ => None,
        });
        Aftermath { again, now: self.whereabouts(message, life) }
    }

    fn whereabouts(&self, id: MessageId, life: &Life) -> Whereabouts {
        match life.end {
            Some(End::Deleted(Removal::Processed)) => return Whereabouts::Processed,
            Some(End::Deleted(removal)) => return Whereabouts::Removed(removal),
            Some(End::QueueRemoved) => return Whereabouts::QueueRemoved,
            None => {}
        }
        let Some(message) = self.queues.get(&life.queue).and_then(|queue| queue.messages.get(&id)) else {
            return Whereabouts::Forgotten;
        };
        // A deletion that was taken back is as if it had not been.
        let is_undone = |moment: &&Moment| matches!(moment.what, MomentKind::Deleted(_) | MomentKind::PutBack);
        match (message.state, life.moments.iter().rev().find(|moment| !is_undone(moment))) {
            (MessageState::InvisibleUntil(until), _) => {
                let moves_to = self.moves_next_to(&life.queue, message.receive_count).cloned();
                Whereabouts::Hidden { until, moves_to }
            }
            (MessageState::Collected | MessageState::InBatch(_), _) => Whereabouts::Received,
            (MessageState::Waiting, Some(Moment { at, what: MomentKind::Moved { to, by_policy, .. } })) => {
                Whereabouts::Moved { to: to.clone(), at: *at, by_policy: *by_policy }
            }
            (MessageState::Waiting, last) => Whereabouts::Waiting { since: last.map_or(message.sent_at, |moment| moment.at) },
        }
    }

    /// What came of a message in a few words, for a tile or a line: `back at 0:35.120`, `then batch 4: deleted`.
    #[must_use]
    pub fn fate_words(&self, batch: &Batch, fate: &Fate) -> String {
        match fate {
            Fate::Running => "running".into(),
            Fate::Held => "waits".into(),
            Fate::Deleted => "deleted".into(),
            Fate::Removed(removal) => removal_words(*removal).into(),
            Fate::Back(Aftermath { again, now }) => {
                let words = self.whereabouts_words(now, again.is_some());
                match again {
                    Some(again) => format!("then {}: {words}", self.batch_name(*again, batch)),
                    None => words,
                }
            }
        }
    }

    fn whereabouts_words(&self, now: &Whereabouts, is_sent_again: bool) -> String {
        match now {
            Whereabouts::Hidden { until, moves_to: None } => format!("back at {}", self.on_ruler(*until)),
            Whereabouts::Hidden { until, moves_to: Some(target) } => format!("moves at {} to {target}", self.on_ruler(*until)),
            Whereabouts::Waiting { since } => format!("back since {}", self.on_ruler(*since)),
            Whereabouts::Moved { to, .. } => format!("moved to {to}"),
            Whereabouts::Received if is_sent_again => "has it".into(),
            Whereabouts::Received => "collected again".into(),
            Whereabouts::Processed => "deleted".into(),
            Whereabouts::Removed(removal) => removal_words(*removal).into(),
            Whereabouts::QueueRemoved => "its queue was removed".into(),
            Whereabouts::Forgotten => "back".into(),
        }
    }

    /// `batch 4`, and of another queue than `beside` comes from `batch 4 of dlq`.
    #[must_use]
    pub fn batch_name(&self, id: BatchId, beside: &Batch) -> String {
        match self.batches.get(&id) {
            Some(batch) if batch.queue == beside.queue => format!("batch {}", batch.number),
            Some(batch) => format!("batch {} of {}", batch.number, batch.queue),
            None => "a later batch".to_owned(),
        }
    }
}

pub(super) fn removal_words(removal: Removal) -> &'static str {
    match removal {
        Removal::Processed => "deleted",
        Removal::Person => "deleted by a person",
        Removal::LeftOut => "left out by the filter",
        Removal::Expired => "expired",
    }
}
