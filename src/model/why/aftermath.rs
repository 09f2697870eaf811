//! What came of the messages that a batch did not delete, up to now.

use std::collections::BTreeMap;

use super::super::Model;
use super::super::queues::{Aftermath, Batch, Whereabouts};
use crate::service::happened::Removal;
use crate::service::ids::{BatchId, QueueName};

/// A sentence for each group of messages of which the same came; empty where all were deleted.
pub(super) fn aftermath(model: &Model, id: BatchId, batch: &Batch) -> String {
    let Some((failed, _)) = &batch.finished else { return String::new() };
    let mut groups: BTreeMap<Aftermath, usize> = BTreeMap::new();
    for message in failed {
        *groups.entry(model.aftermath(id, *message)).or_default() += 1;
    }
    let told = groups.iter().map(|(aftermath, count)| {
        let words = Words { model, batch, is_one: *count == 1 };
        format!("{} {}.", who(*count, failed.len(), batch.messages.len()), words.came(aftermath))
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Of `all` messages of a batch `failed` did not go well; `count` of these are meant.
fn who(count: usize, failed: usize, all: usize) -> String {
    match (count == failed, failed == all, count) {
        (true, true, 1) => "The message".to_owned(),
        (true, true, _) => format!("All {all} messages"),
        (true, false, 1) => "That one".into(),
        (true, false, _) => "Those".into(),
        (false, true, count) => format!("{count} of them"),
        (false, false, count) => format!("{count} of those"),
    }
}

/// Words for one message or for several.
struct Words<'a> {
    model: &'a Model,
    batch: &'a Batch,
    is_one: bool,
}

impl Words<'_> {
    fn of<'a>(&self, one: &'a str, many: &'a str) -> &'a str {
        if self.is_one { one } else { many }
    }

    /// What came of it, without a full stop.
    fn came(&self, Aftermath { again, now }: &Aftermath) -> String {
        match again {
            None => self.now(now),
            Some(again) => self.again(*again, now),
        }
    }

    fn now(&self, now: &Whereabouts) -> String {
        let queue = &self.batch.queue;
        let (it, its) = (self.of("it", "them"), self.of("its", "their"));
        match now {
            Whereabouts::Hidden { until, moves_to } => {
                let (comes, at) = (self.of("comes", "come"), self.model.on_ruler(*until));
                match moves_to {
                    None => format!("{comes} back to {queue} at {at}, when {its} visibility timeout ends"),
                    Some(target) => {
                        let is = self.of("is", "are");
                        format!("{is} invisible until {at}; the next receive moves {it} to {target} instead")
                    }
                }
            }
            Whereabouts::Received => format!("came back and {} collected again", self.of("is", "are")),
            Whereabouts::Processed => {
                format!("{} deleted meanwhile: another batch that had {it} succeeded", self.of("was", "were"))
            }
            Whereabouts::Waiting { since } => {
                format!("came back to {queue} at {} and {} there", self.model.on_ruler(*since), self.of("waits", "wait"))
            }
            Whereabouts::Moved { to, at, by_policy: true } => {
                format!("moved to {to} at {} instead of being received again", self.model.on_ruler(*at))
            }
            _ => self.ended(now, queue),
        }
    }

    /// It was received once more, for another batch.
    fn again(&self, again: BatchId, now: &Whereabouts) -> String {
        let batch = self.model.batch_name(again, self.batch);
        let queue = self.model.batches.get(&again).map_or(&self.batch.queue, |batch| &batch.queue);
        let went = format!("went out again in {batch}");
        match now {
            Whereabouts::Received => format!("came back and went out again: see {batch}"),
            Whereabouts::Processed => {
                format!("{went}, where {} processed, and so deleted", self.of("it was", "they were"))
            }
            Whereabouts::Hidden { until, moves_to: None } => {
                format!("{went}, and {} back at {}", self.of("comes", "come"), self.model.on_ruler(*until))
            }
            Whereabouts::Hidden { until, moves_to: Some(target) } => {
                let at = self.model.on_ruler(*until);
                format!("{went}; the next receive, from {at} on, moves {} to {target}", self.of("it", "them"))
            }
            Whereabouts::Waiting { since } => {
                format!("{went}, and {} since {}", self.of("waits", "wait"), self.model.on_ruler(*since))
            }
            Whereabouts::Moved { to, at, by_policy: true } => {
                format!("{went}, and moved to {to} at {}", self.model.on_ruler(*at))
            }
            _ => format!("{went}, and {}", self.ended(now, queue)),
        }
    }

    fn ended(&self, now: &Whereabouts, queue: &QueueName) -> String {
        let was = self.of("was", "were");
        match now {
            Whereabouts::Moved { to, at, .. } => format!("{was} moved back to {to} by a person at {}", self.model.on_ruler(*at)),
            Whereabouts::Removed(Removal::Person) => format!("{was} deleted by a person"),
            Whereabouts::Removed(Removal::Expired) => "expired (message_retention_period)".to_owned(),
            Whereabouts::Removed(Removal::LeftOut) => format!("{was} then left out by a filter, and so deleted"),
            Whereabouts::QueueRemoved => {
                format!("{} laid aside: {queue} was removed, and {} back with it", self.of("is", "are"), self.of("comes", "come"))
            }
            _ => format!("came back to {queue}"),
        }
    }
}
