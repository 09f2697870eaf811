//! What happened to a message, over all the queues that it has been in.

use std::sync::Arc;

use super::super::Model;
use super::Batch;
use crate::service::filter::Mismatch;
use crate::service::happened::Removal;
use crate::service::ids::{BatchId, FunctionName, MessageId, QueueName};
use crate::service::input::InvocationSource;
use crate::service::time::{Micros, Timestamp};

/// Moments kept of one message; of more the first one and the newest remain.
const MOMENTS_KEPT: usize = 200;

/// A message that is in a queue, that was in a batch which is still known, or that a filter left out.
#[derive(Clone, Debug)]
pub struct Life {
    pub body: Arc<str>,
    /// Where it is, or was at its end.
    pub queue: QueueName,
    pub end: Option<End>,
    /// Oldest first.
    pub moments: Vec<Moment>,
}

/// Why a message is in no queue any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Deleted(Removal),
    /// It is kept on disk until there is a queue of that name again.
    QueueRemoved,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: Timestamp,
    pub what: MomentKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MomentKind {
    Sent {
        by: InvocationSource,
        delay: Micros,
    },
    /// It was there already: an earlier run sent it, or its queue was away for a while.
    TakenUp {
        received: u32,
    },
    Received {
        /// Which receive it is, from 1.
        receive: u32,
        function: FunctionName,
        /// `None` as long as the batch is being collected, and for one that was not sent.
        batch: Option<BatchId>,
    },
    VisibleAgain,
    Moved {
        from: QueueName,
        to: QueueName,
        received: u32,
        /// It was received too often; else a person moved it.
        by_policy: bool,
    },
    /// By the filter of this function's mapping.
    LeftOut {
        function: FunctionName,
        mismatches: Vec<Mismatch>,
    },
    Deleted(Removal),
    QueueRemoved,
}

/// What came of a message in one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The function has it.
    Running,
    /// The function is not free.
    Held,
    Deleted,
    DeletedByPerson,
    /// It came back; `receive` says how often it had been received then, where that is known.
    Back {
        receive: Option<u32>,
    },
    /// It came back and moved to another queue instead of being received again.
    Moved(QueueName),
}

impl Life {
    pub(super) fn new(body: Arc<str>, queue: QueueName) -> Self {
        Self { body, queue, end: None, moments: Vec::new() }
    }

    pub(super) fn note(&mut self, at: Timestamp, what: MomentKind) {
        if self.moments.len() >= MOMENTS_KEPT {
            self.moments.remove(1);
        }
        self.moments.push(Moment { at, what });
    }

    /// The batch that it was collected for went out.
    pub(super) fn sent_in(&mut self, id: BatchId) {
        let last = self.moments.iter_mut().rev().find_map(|moment| match &mut moment.what {
            MomentKind::Received { batch, .. } => Some(batch),
            _ => None,
        });
        if let Some(batch) = last {
            *batch = Some(id);
        }
    }

    /// When it was received last.
    #[must_use]
    pub fn received_at(&self) -> Option<Timestamp> {
        self.moments.iter().rev().find(|moment| matches!(moment.what, MomentKind::Received { .. })).map(|moment| moment.at)
    }

    /// The batches that it was sent in, newest first.
    pub fn batches(&self) -> impl Iterator<Item = BatchId> {
        self.moments.iter().rev().filter_map(|moment| match moment.what {
            MomentKind::Received { batch, .. } => batch,
            _ => None,
        })
    }

    /// The moment at which it was received into this batch, and those after it until it was received again.
    fn around(&self, id: BatchId) -> &[Moment] {
        let is_receive = |moment: &Moment| matches!(moment.what, MomentKind::Received { .. });
        let of_batch = |moment: &Moment| matches!(moment.what, MomentKind::Received { batch: Some(batch), .. } if batch == id);
        let Some(start) = self.moments.iter().rposition(of_batch) else { return &[] };
        let next = self.moments[start + 1..].iter().position(is_receive);
        &self.moments[start..next.map_or(self.moments.len(), |next| start + 1 + next)]
    }
}

impl Model {
    /// What came of a message of a batch.
    #[must_use]
    pub fn fate(&self, id: BatchId, batch: &Batch, message: MessageId) -> Fate {
        let around = self.lives.get(&message).map_or(&[][..], |life| life.around(id));
        let by_person = around.iter().any(|moment| moment.what == MomentKind::Deleted(Removal::Person));
        match &batch.finished {
            _ if by_person => Fate::DeletedByPerson,
            None if self.is_held(batch) => Fate::Held,
            None => Fate::Running,
            Some(_) if !batch.brings_back(message) => Fate::Deleted,
            Some(_) => came_back(around),
        }
    }
}

fn came_back(around: &[Moment]) -> Fate {
    let moved = around.iter().find_map(|moment| match &moment.what {
        MomentKind::Moved { to, .. } => Some(Fate::Moved(to.clone())),
        _ => None,
    });
    let receive = around.first().and_then(|moment| match moment.what {
        MomentKind::Received { receive, .. } => Some(receive),
        _ => None,
    });
    moved.unwrap_or(Fate::Back { receive })
}
