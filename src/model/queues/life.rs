//! What happened to a message, over all the queues that it has been in.

use std::sync::Arc;

use crate::service::filter::Mismatch;
use crate::service::happened::Removal;
use crate::service::ids::{BatchId, FunctionName, QueueName};
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
    /// A person took its deletion back.
    PutBack,
    QueueRemoved,
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

    /// The moments after the one at which it was received into this batch.
    pub(super) fn since(&self, id: BatchId) -> &[Moment] {
        let of_batch = |moment: &Moment| matches!(moment.what, MomentKind::Received { batch: Some(batch), .. } if batch == id);
        self.moments.iter().rposition(of_batch).map_or(&[], |receive| &self.moments[receive + 1..])
    }

    /// Those of them until it was received again.
    pub(super) fn around(&self, id: BatchId) -> &[Moment] {
        let since = self.since(id);
        let next = since.iter().position(|moment| matches!(moment.what, MomentKind::Received { .. }));
        &since[..next.unwrap_or(since.len())]
    }
}
