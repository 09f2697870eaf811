//! The life of a message in lines: what happened to it, and what is due.

use super::super::Model;
use super::super::lengths::due_in;
use super::super::selection::Selection;
use super::fate::removal_words;
use super::{Batch, Fate, Life, Message, MessageState, Moment, MomentKind, outlet_words};
use crate::service::happened::{BatchVerdict, Removal};
use crate::service::ids::{BatchId, MessageId};
use crate::service::input::InvocationSource;
use crate::service::time::{Micros, Timestamp};

/// One line, with what came of it at its right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeRow {
    pub at: Timestamp,
    pub kind: RowKind,
    pub words: String,
    pub right: String,
    /// What to look at for more.
    pub about: Option<Selection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    Sent,
    Running,
    Held,
    Ok,
    Failed,
    VisibleAgain,
    Moved,
    LeftOut,
    Gone,
    /// It is still to come.
    Due,
}

impl Model {
    /// What happened to a message, oldest first, and what is due for it at service time `now`; empty for one that is not
    /// known.
    #[must_use]
    pub fn life_rows(&self, id: MessageId, now: Timestamp) -> Vec<LifeRow> {
        let Some(life) = self.lives.get(&id) else { return Vec::new() };
        let message = self.queues.get(&life.queue).and_then(|queue| queue.messages.get(&id));
        let collected = message.is_some_and(|message| message.state == MessageState::Collected);
        let last = life.moments.iter().rposition(|moment| matches!(moment.what, MomentKind::Received { .. }));
        let mut rows = Vec::with_capacity(life.moments.len() + 1);
        for (index, moment) in life.moments.iter().enumerate() {
            rows.extend(self.row(id, moment, collected && last == Some(index)));
        }
        rows.extend(message.and_then(|message| self.due_row(life, message, now)));
        rows
    }

    /// How a stay of a message in a queue ended at a moment, the longest form first: `received 3×, moved to dlq`, `moved to
    /// dlq`; just `expired`, or `received again` where it goes on. Empty where none is known to have ended.
    #[must_use]
    pub fn stay_ended(&self, id: MessageId, at: Timestamp) -> Vec<String> {
        match self.stay_end(id, at) {
            Some(MomentKind::Moved { to, received, by_policy, .. }) => {
                let counted = by_policy.then(|| format!("received {received}×, moved to {to}"));
                counted.into_iter().chain([format!("moved to {to}")]).collect()
            }
            Some(MomentKind::Deleted(removal)) => vec![removal_words(*removal).to_owned()],
            Some(MomentKind::QueueRemoved) => vec!["its queue was removed".to_owned()],
            _ if self.is_received_again(id, at) => vec!["received again".to_owned()],
            _ => Vec::new(),
        }
    }

    /// The batch in which a message was processed, and so deleted at a moment.
    #[must_use]
    pub fn processed_in(&self, id: MessageId, at: Timestamp) -> Option<&Batch> {
        let MomentKind::Deleted(Removal::Processed) = self.stay_end(id, at)? else { return None };
        self.batches.get(&self.lives.get(&id)?.batches().next()?)
    }

    fn stay_end(&self, id: MessageId, at: Timestamp) -> Option<&MomentKind> {
        let ends =
            |what: &&MomentKind| matches!(what, MomentKind::Moved { .. } | MomentKind::Deleted(_) | MomentKind::QueueRemoved);
        let moments = &self.lives.get(&id)?.moments;
        moments.iter().rev().filter(|moment| moment.at == at).map(|moment| &moment.what).find(ends)
    }

    /// Whether a message was received once more at a moment, which ends a wait.
    fn is_received_again(&self, id: MessageId, at: Timestamp) -> bool {
        let again =
            |moment: &&Moment| moment.at == at && matches!(moment.what, MomentKind::Received { receive, .. } if receive > 1);
        self.lives.get(&id).is_some_and(|life| life.moments.iter().rfind(again).is_some())
    }

    /// The batch for which a message was received last before `until`.
    #[must_use]
    pub fn sent_before(&self, id: MessageId, until: Timestamp) -> Option<BatchId> {
        let moments = self.lives.get(&id)?.moments.iter().rev();
        moments.filter(|moment| moment.at < until).find_map(|moment| match moment.what {
            MomentKind::Received { batch, .. } => batch,
            _ => None,
        })
    }

    fn row(&self, id: MessageId, moment: &Moment, collected: bool) -> Option<LifeRow> {
        let (kind, words, right) = match &moment.what {
            MomentKind::Sent { by, delay } => {
                let (words, right, about) = (format!("sent {}", sender(by)), delayed(*delay), self.sent_by(by));
                return Some(LifeRow { at: moment.at, kind: RowKind::Sent, words, right, about });
            }
            MomentKind::TakenUp { received } => (RowKind::Sent, "already there".to_owned(), received_before(*received)),
            MomentKind::Received { receive, batch: Some(batch), .. } => {
                return Some(self.batch_row(id, moment.at, *receive, *batch));
            }
            MomentKind::Received { receive, .. } if collected => {
                (RowKind::Running, format!("receive {receive}"), "collected".into())
            }
            MomentKind::Received { receive, .. } => {
                (RowKind::Gone, format!("receive {receive}"), "its batch was not sent".into())
            }
            MomentKind::VisibleAgain => (RowKind::VisibleAgain, "visible again".into(), String::new()),
            MomentKind::Moved { to, received, by_policy, .. } => {
                let why = if *by_policy { format!("received {received}×") } else { "by a person".to_owned() };
                (RowKind::Moved, format!("moved to {to}"), why)
            }
            MomentKind::LeftOut { function, .. } => {
                (RowKind::LeftOut, format!("left out by the filter of {function}"), "deleted".into())
            }
            // The batch says so, or the line before.
            MomentKind::Deleted(Removal::Processed | Removal::LeftOut) => return None,
            MomentKind::Deleted(Removal::Expired) => (RowKind::Gone, "expired".into(), "nobody processed it in time".into()),
            MomentKind::Deleted(Removal::Person) => (RowKind::Gone, "deleted".into(), "by a person".into()),
            MomentKind::PutBack => (RowKind::VisibleAgain, "put back".into(), "by a person".into()),
            MomentKind::QueueRemoved => (RowKind::Gone, "its queue was removed".into(), String::new()),
        };
        Some(LifeRow { at: moment.at, kind, words, right, about: None })
    }

    /// The invocation whose event or record it is, as long as that is known.
    fn sent_by(&self, by: &InvocationSource) -> Option<Selection> {
        let InvocationSource::Destination { request_id, .. } = by else { return None };
        self.invocations.contains_key(request_id).then_some(Selection::Invocation(*request_id))
    }

    fn batch_row(&self, message: MessageId, at: Timestamp, receive: u32, id: BatchId) -> LifeRow {
        let Some(batch) = self.batches.get(&id) else {
            let words = format!("receive {receive}");
            return LifeRow { at, kind: RowKind::Gone, words, right: "its batch is not kept any more".into(), about: None };
        };
        let (kind, right) = match (self.fate(id, batch, message), &batch.finished) {
            (Fate::Running, _) => (RowKind::Running, "running"),
            (Fate::Held, _) => (RowKind::Held, "the function is not free"),
            (Fate::Deleted, _) => (RowKind::Ok, "deleted"),
            (Fate::Removed(Removal::Expired), _) => (RowKind::Gone, "expired meanwhile"),
            (Fate::Removed(_), _) => (RowKind::Gone, "deleted meanwhile"),
            (Fate::Back(_), Some((_, verdict))) => (RowKind::Failed, came_back(verdict)),
            (Fate::Back(_), None) => (RowKind::Failed, "back"),
        };
        let words = format!("receive {receive}, batch {}", batch.number);
        LifeRow { at, kind, words, right: right.into(), about: Some(Selection::Batch(id)) }
    }

    fn due_row(&self, life: &Life, message: &Message, now: Timestamp) -> Option<LifeRow> {
        let collecting = self.queues.get(&life.queue).and_then(|queue| queue.collecting.as_ref());
        let moves = self.moves_next_to(&life.queue, message.receive_count);
        let (at, words, right) = match message.state {
            MessageState::Waiting => (self.expires_at(&life.queue, message)?, "expires", None),
            MessageState::InvisibleUntil(at) => (at, "visible again", moves.map(|target| format!("moves to {target}"))),
            MessageState::Collected => (collecting?.closes_at, "its batch goes out", None),
            MessageState::InBatch(_) => (message.invisible_until, "visible again", Some("unless deleted".to_owned())),
        };
        let right = right.unwrap_or_else(|| due_in(at.since(now)));
        Some(LifeRow { at, kind: RowKind::Due, words: words.into(), right, about: None })
    }
}

/// By whom, for behind `sent`.
pub(super) fn sender(by: &InvocationSource) -> String {
    match by {
        InvocationSource::Workbench => "from here".into(),
        InvocationSource::LambdaApi { client } => format!("by {client}"),
        InvocationSource::Mapping { queue } => format!("by the mapping of {queue}"),
        InvocationSource::Destination { function, outlet, .. } => format!("by {function}, {}", outlet_words(*outlet)),
        InvocationSource::FunctionUrl { request } | InvocationSource::Api { request, .. } => format!("by {request}"),
        InvocationSource::Scenario => "by a scenario".into(),
    }
}

fn delayed(delay: Micros) -> String {
    if delay == Micros(0) { String::new() } else { format!("hidden for {delay}") }
}

fn received_before(times: u32) -> String {
    match times {
        0 => "not received yet".into(),
        times => format!("received {times}× before"),
    }
}

/// Why a message of a batch came back.
fn came_back(verdict: &BatchVerdict) -> &'static str {
    match verdict {
        BatchVerdict::PartialFailure => "reported failed",
        BatchVerdict::FunctionError => "the function failed",
        BatchVerdict::InvalidResponse { .. } => "answer not usable",
        BatchVerdict::Throttled(_) => "the function was not free",
        BatchVerdict::RecursiveLoop => "a recursive loop was stopped",
        BatchVerdict::MappingGone => "its mapping was removed",
        BatchVerdict::AllSucceeded | BatchVerdict::Emptied => "back",
    }
}
