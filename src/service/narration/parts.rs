//! The things that happened in a step, each in a few words.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::counted::counted;
use super::super::effect::StopReason;
use super::super::happened::{BatchVerdict, Due, DueKind, Happened, Outcome, Removal, ServiceEvent};
use super::super::ids::{BatchId, FunctionName, MessageId, QueueName, RequestId};
use super::{Part, Step, Subject};

/// What people call invocations.
pub type Labels = BTreeMap<RequestId, Arc<str>>;

/// One thing, as far as it is known.
pub(super) enum Thing {
    Batch(Batch),
    Attempt(Attempt),
    /// Messages that moved from a queue to another one.
    Moved(QueueName, QueueName, Vec<MessageId>),
    Expired(QueueName, Vec<MessageId>),
    LeftOut(QueueName, FunctionName, usize),
    /// Messages that are visible again, and that nobody received since.
    Visible(QueueName, Vec<MessageId>),
    /// Environments of a function that were idle for too long.
    Idle(FunctionName, usize),
    /// Messages that a function's mapping received into the batch that it collects.
    Collected(QueueName, FunctionName, Vec<MessageId>),
}

pub(super) struct Batch {
    id: BatchId,
    request_id: RequestId,
    function: FunctionName,
    queue: QueueName,
    /// Messages that it had; `None` for one that was closed before the step.
    records: Option<usize>,
    /// What it failed with, or why it waits.
    error: Option<String>,
    finished: Option<(usize, BatchVerdict)>,
}

pub(super) struct Attempt {
    request_id: RequestId,
    function: FunctionName,
    number: Option<u32>,
    result: Option<String>,
    is_given_up: bool,
}

impl Thing {
    /// What would have been due for this to happen; `None` where that cannot be said.
    pub(super) fn as_due(&self, labels: &Labels) -> Option<DueKind> {
        let attempt = |request_id: RequestId, function: &FunctionName, attempt| {
            let label = labels.get(&request_id).cloned();
            DueKind::Attempt { request_id, function: function.clone(), attempt, label }
        };
        Some(match self {
            Self::Batch(Batch { request_id, function, records: None, .. }) => attempt(*request_id, function, 1),
            Self::Batch(Batch { function, queue, records: Some(records), .. }) => {
                DueKind::WindowCloses { function: function.clone(), queue: queue.clone(), records: *records }
            }
            Self::Attempt(Attempt { request_id, function, number, .. }) => attempt(*request_id, function, (*number)?),
            Self::Expired(queue, messages) => DueKind::MessageExpires { queue: queue.clone(), message_id: *messages.first()? },
            Self::Visible(queue, messages) => DueKind::MessageVisible { queue: queue.clone(), message_id: *messages.first()? },
            Self::Moved(..) | Self::LeftOut(..) | Self::Idle(..) | Self::Collected(..) => return None,
        })
    }

    /// Whether a sentence about what was due tells of this.
    pub(super) fn comes_of(&self, due: &DueKind, step: &Step<'_>) -> bool {
        match due {
            DueKind::Attempt { request_id: due, .. } => match self {
                Self::Attempt(Attempt { request_id, .. }) | Self::Batch(Batch { request_id, .. }) => request_id == due,
                _ => false,
            },
            DueKind::WindowCloses { queue: due, .. } => {
                matches!(self, Self::Batch(Batch { queue, .. }) | Self::LeftOut(queue, ..) if queue == due)
            }
            DueKind::MessageVisible { queue: due, .. } => match self {
                Self::Batch(Batch { queue, .. })
                | Self::Moved(queue, ..)
                | Self::LeftOut(queue, ..)
                | Self::Visible(queue, _)
                | Self::Collected(queue, ..) => {
                    let is_back =
                        |event: &Arc<ServiceEvent>| matches!(&event.what, Happened::MessageVisible { queue, .. } if queue == due);
                    queue == due && step.happened.iter().any(is_back)
                }
                _ => false,
            },
            DueKind::MessageExpires { queue: due, .. } => matches!(self, Self::Expired(queue, _) if queue == due),
            DueKind::IdleExpiry { .. } => matches!(self, Self::Idle(..)),
            DueKind::Timeout { .. } | DueKind::InitLimit { .. } | DueKind::IntegrationTimeout { .. } => true,
        }
    }
}

/// Finds each of them, and what is known of names. What a filter left out beside a single other thing of its queue is told with
/// that, and idle environments that went on the way to it are not told.
pub(super) fn things(due: &Due, step: &Step<'_>) -> (Vec<Thing>, Labels) {
    let (mut things, mut labels) = (Vec::new(), step.labels.clone());
    if let DueKind::Attempt { request_id, label: Some(label), .. } = &due.what {
        labels.insert(*request_id, label.clone());
    }
    for event in step.happened {
        if let Happened::InvocationAccepted { request_id, label: Some(label), .. } = &event.what {
            labels.insert(*request_id, label.clone());
        }
        note(&mut things, event);
    }
    let is_empty =
        |thing: &Thing| matches!(thing, Thing::Visible(_, messages) | Thing::Collected(_, _, messages) if messages.is_empty());
    things.retain(|thing| !is_empty(thing));
    let is_stepped_to = matches!(due.what, DueKind::IdleExpiry { .. });
    let is_aside = |thing: &Thing| match thing {
        Thing::LeftOut(..) => true,
        Thing::Idle(..) => !is_stepped_to,
        _ => false,
    };
    if things.iter().filter(|thing| !is_aside(thing)).count() == 1 {
        things.retain(|thing| !is_aside(thing));
    }
    (things, labels)
}

fn note(things: &mut Vec<Thing>, event: &ServiceEvent) {
    match &event.what {
        Happened::BatchClosed { .. } | Happened::BatchFinished { .. } => of_batch(things, &event.what),
        Happened::AttemptStarted { .. }
        | Happened::AttemptFinished { .. }
        | Happened::AttemptThrottled { .. }
        | Happened::InvocationEnded { .. } => of_attempt(things, &event.what),
        Happened::EnvironmentStopped { function, reason: StopReason::Idle, .. } => idle(things, function),
        Happened::MessageVisible { queue, message_id, .. } => visible(things, queue).push(*message_id),
        Happened::MessageReceived { queue, function, message_id, .. } => {
            visible(things, queue).retain(|id| id != message_id);
            collected(things, queue, function).push(*message_id);
        }
        Happened::MessageMoved { from, to, message_id, .. } => {
            visible(things, from).retain(|id| id != message_id);
            let known = things.iter_mut().find_map(|thing| match thing {
                Thing::Moved(of, other, messages) if of == from && other == to => Some(messages),
                _ => None,
            });
            match known {
                Some(messages) => messages.push(*message_id),
                None => things.push(Thing::Moved(from.clone(), to.clone(), vec![*message_id])),
            }
        }
        Happened::MessageRemoved { queue, message_id, removal } => {
            visible(things, queue).retain(|id| id != message_id);
            if *removal == Removal::Expired {
                expired(things, queue, *message_id);
            }
        }
        Happened::MessageLeftOut { queue, function, .. } => {
            let known = things.iter_mut().find_map(|thing| match thing {
                Thing::LeftOut(of, by, count) if of == queue && by == function => Some(count),
                _ => None,
            });
            match known {
                Some(count) => *count += 1,
                None => things.push(Thing::LeftOut(queue.clone(), function.clone(), 1)),
            }
        }
        _ => {}
    }
}

fn idle(things: &mut Vec<Thing>, function: &FunctionName) {
    let known = things.iter_mut().find_map(|thing| match thing {
        Thing::Idle(of, count) if of == function => Some(count),
        _ => None,
    });
    match known {
        Some(count) => *count += 1,
        None => things.push(Thing::Idle(function.clone(), 1)),
    }
}

fn visible<'a>(things: &'a mut Vec<Thing>, queue: &QueueName) -> &'a mut Vec<MessageId> {
    let known = things.iter().position(|thing| matches!(thing, Thing::Visible(of, _) if of == queue));
    let index = known.unwrap_or(things.len());
    if known.is_none() {
        things.push(Thing::Visible(queue.clone(), Vec::new()));
    }
    match &mut things[index] {
        Thing::Visible(_, messages) => messages,
        _ => unreachable!("it was found, or put there"),
    }
}

fn collected<'a>(things: &'a mut Vec<Thing>, queue: &QueueName, function: &FunctionName) -> &'a mut Vec<MessageId> {
    let is_it = |thing: &Thing| matches!(thing, Thing::Collected(of, by, _) if of == queue && by == function);
    let known = things.iter().position(is_it);
    let index = known.unwrap_or(things.len());
    if known.is_none() {
        things.push(Thing::Collected(queue.clone(), function.clone(), Vec::new()));
    }
    match &mut things[index] {
        Thing::Collected(_, _, messages) => messages,
        _ => unreachable!("it was found, or put there"),
    }
}

fn expired(things: &mut Vec<Thing>, queue: &QueueName, message_id: MessageId) {
    let known = things.iter_mut().find_map(|thing| match thing {
        Thing::Expired(of, messages) if of == queue => Some(messages),
        _ => None,
    });
    match known {
        Some(messages) => messages.push(message_id),
        None => things.push(Thing::Expired(queue.clone(), vec![message_id])),
    }
}

fn of_batch(things: &mut Vec<Thing>, what: &Happened) {
    match what {
        Happened::BatchClosed { batch, request_id, function, queue, message_ids, .. } => {
            collected(things, queue, function).clear();
            things.push(Thing::Batch(Batch {
                id: *batch,
                request_id: *request_id,
                function: function.clone(),
                queue: queue.clone(),
                records: Some(message_ids.len()),
                error: None,
                finished: None,
            }));
        }
        Happened::BatchFinished { batch, request_id, function, queue, failed, reason } => {
            let finished = Some((failed.len(), reason.clone()));
            if let Some(known) = batch_of(things, *request_id) {
                known.finished = finished;
                return;
            }
            // It was closed before the step, so that its attempt looked like one of an event.
            let attempt = things.iter().position(|thing| matches!(thing, Thing::Attempt(of) if of.request_id == *request_id));
            let error = attempt.map(|index| things.remove(index)).and_then(|thing| match thing {
                Thing::Attempt(attempt) => attempt.result,
                _ => None,
            });
            let (function, queue) = (function.clone(), queue.clone());
            things.push(Thing::Batch(Batch {
                id: *batch,
                request_id: *request_id,
                function,
                queue,
                records: None,
                error,
                finished,
            }));
        }
        _ => {}
    }
}

fn batch_of(things: &mut [Thing], id: RequestId) -> Option<&mut Batch> {
    things.iter_mut().find_map(|thing| match thing {
        Thing::Batch(batch) if batch.request_id == id => Some(batch),
        _ => None,
    })
}

fn of_attempt(things: &mut Vec<Thing>, what: &Happened) {
    let (request_id, function, number, result) = match what {
        Happened::AttemptStarted { request_id, function, attempt, .. } => (request_id, function, Some(*attempt), None),
        Happened::AttemptFinished { request_id, function, attempt, result, .. } => {
            let result = match result {
                Ok(_) => "succeeded".to_owned(),
                Err(error) => format!("failed with {}", error.error_type),
            };
            (request_id, function, Some(*attempt), Some(result))
        }
        Happened::AttemptThrottled { request_id, function, .. } => (request_id, function, None, Some("throttled".to_owned())),
        Happened::InvocationEnded { request_id, function, .. } => (request_id, function, None, None),
        _ => return,
    };
    if let Some(batch) = batch_of(things, *request_id) {
        batch.error = result.or_else(|| batch.error.take());
        return;
    }
    let known = things.iter_mut().find_map(|thing| match thing {
        Thing::Attempt(attempt) if attempt.request_id == *request_id => Some(attempt),
        _ => None,
    });
    let gives_up = matches!(
        what,
        Happened::InvocationEnded {
            outcome: Outcome::RetriesExhausted
                | Outcome::EventAgeExceeded
                | Outcome::ZeroReservedConcurrency
                | Outcome::RecursiveLoop,
            ..
        }
    );
    match known {
        Some(attempt) => {
            attempt.number = number.or(attempt.number);
            attempt.result = result.or_else(|| attempt.result.take());
            attempt.is_given_up |= gives_up;
        }
        // Of an end alone a batch tells, or nobody.
        None if matches!(what, Happened::InvocationEnded { .. }) && !gives_up => {}
        None => {
            let (request_id, function) = (*request_id, function.clone());
            things.push(Thing::Attempt(Attempt { request_id, function, number, result, is_given_up: gives_up }));
        }
    }
}

/// The words for one of them, and what it is about.
pub(super) fn part(thing: &Thing, labels: &Labels) -> Part {
    let one_of = |queue: &QueueName, messages: &[MessageId]| match messages {
        [only] => Subject::Message(queue.clone(), *only),
        _ => Subject::Queue(queue.clone()),
    };
    let (words, about) = match thing {
        Thing::Batch(batch) => (batch_words(batch), Subject::Batch(batch.id)),
        Thing::Attempt(attempt) => (attempt_words(attempt, labels), Subject::Invocation(attempt.request_id)),
        Thing::Moved(from, to, messages) => {
            (format!("{} moved from {from} to {to}", counted(messages.len(), "message")), one_of(to, messages))
        }
        Thing::Expired(queue, messages) => {
            (format!("{} of {queue} expired", counted(messages.len(), "message")), one_of(queue, messages))
        }
        Thing::LeftOut(queue, function, count) => {
            let words = format!("the filter of {function} left {} of {queue} out", counted(*count, "message"));
            (words, Subject::Queue(queue.clone()))
        }
        Thing::Idle(function, 1) => {
            (format!("an idle environment of {function} was stopped"), Subject::Function(function.clone()))
        }
        Thing::Idle(function, count) => {
            let words = format!("{count} idle environments of {function} were stopped");
            (words, Subject::Function(function.clone()))
        }
        Thing::Collected(queue, function, messages) => {
            let are = if messages.len() == 1 { "is" } else { "are" };
            (format!("{} of {queue} {are} collected for {function}", counted(messages.len(), "message")), one_of(queue, messages))
        }
        Thing::Visible(queue, messages) => {
            let are = if messages.len() == 1 { "is" } else { "are" };
            (format!("{} of {queue} {are} visible again", counted(messages.len(), "message")), one_of(queue, messages))
        }
    };
    Part { words, about }
}

/// `incoming to billing, 7 messages: 1 failed`
fn batch_words(batch: &Batch) -> String {
    let Batch { queue, function, records, error, .. } = batch;
    let what = match records {
        Some(records) => format!("{queue} to {function}, {}", counted(*records, "message")),
        None => format!("{queue} to {function}"),
    };
    let only = *records == Some(1);
    let came = match &batch.finished {
        None if error.as_deref() == Some("throttled") => "waits, the function is not free".to_owned(),
        None => "is with the function".into(),
        Some((_, BatchVerdict::AllSucceeded)) if only => "deleted".into(),
        Some((_, BatchVerdict::AllSucceeded)) => "all deleted".into(),
        Some((_, BatchVerdict::PartialFailure)) if only => "failed".into(),
        Some((failed, BatchVerdict::PartialFailure)) => format!("{failed} failed"),
        Some((_, BatchVerdict::FunctionError)) => error.clone().unwrap_or_else(|| "failed".into()),
        Some((_, BatchVerdict::InvalidResponse { .. })) => "failed, the answer was not usable".into(),
        Some((_, BatchVerdict::Throttled(_))) => "not sent, the function was not free".into(),
        Some((_, BatchVerdict::RecursiveLoop)) => "not sent, the function was stopped as a recursive loop".into(),
        Some((_, BatchVerdict::MappingGone)) => "not sent, its mapping was removed".into(),
        Some((_, BatchVerdict::Emptied)) => "not sent, its messages were deleted".into(),
    };
    format!("{what}: {came}")
}

/// `attempt 2 of order-1042: failed with PaymentDeclined`
fn attempt_words(attempt: &Attempt, labels: &Labels) -> String {
    let short = || attempt.request_id.to_string().chars().take(8).collect();
    let name = labels.get(&attempt.request_id).map_or_else(short, |label| label.to_string());
    let what = match attempt.number {
        Some(number) => format!("{}, attempt {number} of {name}", attempt.function),
        None => format!("{}, {name}", attempt.function),
    };
    match (&attempt.result, attempt.is_given_up) {
        (Some(result), true) => format!("{what}: {result}, given up"),
        (Some(result), false) => format!("{what}: {result}"),
        (None, true) => format!("{what}: given up"),
        (None, false) => format!("{what}: runs"),
    }
}
