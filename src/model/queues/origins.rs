//! Where the messages of a queue come from: who feeds it, what came from where and why, and what can go back.

use std::sync::Arc;

use super::super::Model;
use super::super::selection::Selection;
use super::super::why::failed_with;
use super::rows::sender;
use super::{Batch, Life, Moment, MomentKind, Queue};
use crate::service::configuration::Target;
use crate::service::counted::counted;
use crate::service::happened::{BatchVerdict, Outcome, Outlet};
use crate::service::ids::{FunctionName, MessageId, QueueName, RequestId};
use crate::service::input::InvocationSource;
use crate::service::time::Timestamp;

/// What sends messages to a queue by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feeder {
    /// Its redrive policy moves here what was received so often.
    Queue { name: QueueName, max_receive_count: u32 },
    /// An outlet of its asynchronous invocations ends here.
    Function { name: FunctionName, outlet: Outlet },
}

impl Feeder {
    /// Of the queue or of the function.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::Queue { name, .. } | Self::Function { name, .. } => name,
        }
    }
}

/// Where a message came from, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// When it came into its queue, as far as this run of the program knows.
    pub at: Timestamp,
    /// `from incoming, received 3×`
    pub words: String,
    /// The last attempt before that, where it is known.
    pub cause: Option<Cause>,
}

/// What went wrong with the last attempt: `batch 4: billing threw PaymentDeclined`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub words: String,
    pub about: Selection,
}

/// Messages that wait in a dead-letter queue and can go back to where they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    pub count: usize,
    /// The queues that they came from, each once.
    pub sources: Vec<QueueName>,
}

impl Redrive {
    /// `Redrive to incoming`
    #[must_use]
    pub fn words(&self) -> String {
        match &self.sources[..] {
            [only] => format!("Redrive to {only}"),
            _ => "Redrive to their queues".to_owned(),
        }
    }

    /// What it does, with AWS's name of it.
    #[must_use]
    pub fn tip(&self) -> String {
        match self.count {
            0 => "No message waits here that a redrive policy moved from a queue that there is".to_owned(),
            1 => "1 message that waits goes back to the queue that it came from, as SQS StartMessageMoveTask does".into(),
            count => format!("{count} messages that wait go back to where they came from, as SQS StartMessageMoveTask does"),
        }
    }
}

impl Model {
    /// Queues and functions that send messages to a queue by themselves.
    #[must_use]
    pub fn feeders(&self, name: &str) -> Vec<Feeder> {
        let of_queue = |(source, queue): (&QueueName, &Queue)| {
            let redrive = queue.configuration.as_ref()?.redrive.as_ref().filter(|redrive| *redrive.target == *name)?;
            Some(Feeder::Queue { name: source.clone(), max_receive_count: redrive.max_receive_count })
        };
        let mut feeders: Vec<_> = self.queues.iter().filter_map(of_queue).collect();
        for (function, known) in &self.functions {
            let Some(configuration) = &known.configuration else { continue };
            let outlets = [
                (Outlet::DeadLetter, &configuration.dead_letter),
                (Outlet::OnFailure, &configuration.event_invoke.on_failure),
                (Outlet::OnSuccess, &configuration.event_invoke.on_success),
            ];
            let ends_here = |target: &Option<Target>| matches!(target, Some(Target::Queue(queue)) if **queue == *name);
            let here = outlets.into_iter().filter(|(_, target)| ends_here(target));
            feeders.extend(here.map(|(outlet, _)| Feeder::Function { name: function.clone(), outlet }));
        }
        feeders
    }

    /// Whether what failed ends in a queue.
    #[must_use]
    pub fn is_dead_letter_queue(&self, name: &str) -> bool {
        let takes_failed = |feeder: &Feeder| match feeder {
            Feeder::Queue { .. } => true,
            Feeder::Function { outlet, .. } => *outlet == Outlet::DeadLetter,
        };
        self.feeders(name).iter().any(takes_failed)
    }

    /// What a redrive of a queue would move; `None` for one that is no queue's dead-letter queue and holds nothing of one.
    #[must_use]
    pub fn redrive_of(&self, name: &QueueName) -> Option<Redrive> {
        let queue = self.queues.get(name)?;
        let (mut count, mut sources) = (0, Vec::new());
        for message in queue.messages.values().filter(|message| message.state == super::MessageState::Waiting) {
            if let Some(source) = message.came_from.as_ref().filter(|source| self.queues.contains_key(*source)) {
                count += 1;
                if !sources.contains(source) {
                    sources.push(source.clone());
                }
            }
        }
        if sources.is_empty() {
            sources.extend(self.feeders(name).into_iter().filter_map(|feeder| match feeder {
                Feeder::Queue { name, .. } => Some(name),
                Feeder::Function { .. } => None,
            }));
        }
        (!sources.is_empty()).then_some(Redrive { count, sources })
    }

    /// Where a message of a queue came from, and why.
    #[must_use]
    pub fn origin(&self, id: MessageId) -> Option<Origin> {
        let life = self.lives.get(&id)?;
        let came = life.moments.iter().rposition(|moment| {
            matches!(moment.what, MomentKind::Sent { .. } | MomentKind::TakenUp { .. } | MomentKind::Moved { .. })
        })?;
        let Moment { at, what } = &life.moments[came];
        let (words, cause) = match what {
            MomentKind::Moved { from, received, by_policy: true, .. } => {
                (format!("from {from}, received {received}×"), self.cause_of_move(life, came))
            }
            MomentKind::Moved { from, .. } => (format!("back from {from}"), self.cause_of_move(life, came)),
            MomentKind::Sent { by: InvocationSource::Destination { function, request_id, outlet }, .. } => {
                (format!("from {function}, {}", outlet_words(*outlet)), self.cause_of_delivery(*request_id))
            }
            MomentKind::Sent { by, .. } => (format!("sent {}", sender(by)), None),
            _ => {
                let message = self.queues.get(&life.queue).and_then(|queue| queue.messages.get(&id));
                let from = message.and_then(|message| message.came_from.as_ref());
                (from.map_or_else(|| "already there".to_owned(), |from| format!("from {from}, before this run")), None)
            }
        };
        Some(Origin { at: *at, words, cause })
    }

    /// The last batch that a message was in before a moment of its life.
    fn cause_of_move(&self, life: &Life, moment: usize) -> Option<Cause> {
        let id = life.moments[..moment].iter().rev().find_map(|moment| match moment.what {
            MomentKind::Received { batch, .. } => batch,
            _ => None,
        })?;
        let batch = self.batches.get(&id)?;
        let words = format!("batch {}: {}", batch.number, self.batch_failure_words(batch)?);
        Some(Cause { words, about: Selection::Batch(id) })
    }

    /// Why a batch let go of messages: `billing threw PaymentDeclined`.
    #[must_use]
    pub fn batch_failure_words(&self, batch: &Batch) -> Option<String> {
        let (_, verdict) = batch.finished.as_ref()?;
        let function = &batch.function;
        Some(match verdict {
            BatchVerdict::FunctionError => {
                let error = self.invocations.get(&batch.request_id).and_then(super::super::invocations::Invocation::error);
                match error {
                    Some(error) => format!("{function} {}", failed_with(&error.error_type)),
                    None => format!("{function} failed"),
                }
            }
            BatchVerdict::PartialFailure => format!("{function} reported it in batchItemFailures"),
            BatchVerdict::InvalidResponse { reason } => format!("{function}'s answer was not usable, {reason}"),
            BatchVerdict::Throttled(_) => format!("{function} was not free"),
            BatchVerdict::RecursiveLoop => format!("{function} was stopped as a recursive loop"),
            BatchVerdict::MappingGone => format!("the mapping to {function} was removed"),
            BatchVerdict::AllSucceeded | BatchVerdict::Emptied => return None,
        })
    }

    /// What the invocation ended with whose event or record went here.
    fn cause_of_delivery(&self, id: RequestId) -> Option<Cause> {
        let invocation = self.invocations.get(&id)?;
        let name = invocation.label.as_deref().map_or_else(|| super::super::why::short(id), str::to_owned);
        let attempts = counted(invocation.attempts_made(), "attempt");
        if invocation.outcome == Some(Outcome::RecursiveLoop) {
            let words = format!("{name}: {} was stopped as a recursive loop", invocation.function);
            return Some(Cause { words, about: Selection::Invocation(id) });
        }
        let words = match invocation.error() {
            Some(error) => format!("{name}: {attempts}, {} {}", invocation.function, failed_with(&error.error_type)),
            None => format!("{name}: {attempts}"),
        };
        Some(Cause { words, about: Selection::Invocation(id) })
    }
}

/// What a queue is for a function: `its dead-letter queue`.
#[must_use]
pub fn outlet_words(outlet: Outlet) -> &'static str {
    match outlet {
        Outlet::DeadLetter => "as its dead-letter queue",
        Outlet::OnFailure => "a record of a failure (on_failure)",
        Outlet::OnSuccess => "a record of a success (on_success)",
    }
}
