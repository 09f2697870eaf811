//! Why a message is where it is: what happened to it last, and what comes next.

use super::super::Model;
use super::super::lengths::{countdown, due_in};
use super::super::queues::{Batch, End, Life, Message, MessageState, MomentKind};
use super::{Deciding, Standing, Why, batch_window, failed_with, failure, left_out, retention, short, times};
use crate::command::SettingOwner;
use crate::service::configuration::QueueConfiguration;
use crate::service::counted::counted;
use crate::service::happened::{BatchVerdict, Removal};
use crate::service::ids::{BatchId, MessageId, QueueName};
use crate::service::time::Timestamp;

/// All but the title and what decided it.
struct Told {
    chip: String,
    standing: Standing,
    text: String,
}

impl Told {
    fn new(chip: impl Into<String>, standing: Standing, text: String) -> Self {
        Self { chip: chip.into(), standing, text }
    }
}

pub(super) fn message(model: &Model, id: MessageId, now: Timestamp) -> Option<Why> {
    let life = model.lives.get(&id)?;
    let message = model.queues.get(&life.queue).and_then(|queue| queue.messages.get(&id));
    let (told, decided_by) = match (life.end, message) {
        (Some(end), _) => (ended(model, id, life, end), left_out::decided_by(model, life)),
        (None, Some(message)) => (standing(model, id, life, message, now), decided_by(model, life, message)),
        (None, None) => return None,
    };
    let Told { chip, standing, text } = told;
    Some(Why { decided_by, ..Why::new(format!("Message {}", short(id)), chip, standing, text) })
}

fn ended(model: &Model, id: MessageId, life: &Life, end: End) -> Told {
    let queue = &life.queue;
    match end {
        End::Deleted(Removal::Processed) => {
            let batch = life.batches().find_map(|id| model.batches.get(&id));
            let text = match batch {
                Some(batch) => format!(
                    "*{} processed it in batch {}, so Lambda deleted it from {queue}.* Nothing more happens to it.",
                    batch.function, batch.number
                ),
                None => format!("*It was processed and deleted from {queue}.* Nothing more happens to it."),
            };
            Told::new("Deleted", Standing::Ok, text)
        }
        End::Deleted(Removal::LeftOut) => Told::new("Left out", Standing::Neutral, left_out::text(life)),
        End::Deleted(Removal::Person) => {
            let next = if model.can_put_back(queue, id) { "It can be put back." } else { "Nothing more happens to it." };
            Told::new("Deleted", Standing::Neutral, format!("*A person deleted it from {queue}.* {next}"))
        }
        End::Deleted(Removal::Expired) => {
            let configuration = model.queues.get(queue).and_then(|queue| queue.configuration.as_ref());
            let old = configuration.map_or_else(
                || "as old as message_retention_period allows".to_owned(),
                |configuration| {
                    format!("{} old, as old as message_retention_period allows", configuration.message_retention_period)
                },
            );
            let text =
                format!("*It expired: it was {old}, and so it was deleted from {queue}.* Nobody had processed it by then.");
            Told::new("Expired", Standing::Failed, text)
        }
        End::QueueRemoved => {
            let text = format!("*Its queue {queue} was removed.* It is kept, and comes back with a queue of that name.");
            Told::new("Laid aside", Standing::Neutral, text)
        }
    }
}

fn standing(model: &Model, id: MessageId, life: &Life, message: &Message, now: Timestamp) -> Told {
    match message.state {
        MessageState::Waiting => waiting(model, life, message, now),
        MessageState::InvisibleUntil(until) => {
            let due = due_in(until.since(now));
            let text = format!("{} {}", hidden(model, id, life, &due), next_receive(model, &life.queue, message));
            Told::new(format!("Invisible for {}", countdown(until.since(now))), Standing::Hidden, text)
        }
        MessageState::Collected => collected(model, &life.queue, now),
        MessageState::InBatch(id) => in_batch(model, id, message, now),
    }
}

fn waiting(model: &Model, life: &Life, message: &Message, now: Timestamp) -> Told {
    let queue = &life.queue;
    let moved = life.moments.iter().rev().find_map(|moment| match &moment.what {
        MomentKind::Moved { to, received, by_policy, .. } if to == queue => Some((*received, *by_policy)),
        _ => None,
    });
    let came = match moved {
        Some((received, true)) => format!("*It was received {}, so it moved to {queue}.* ", times(received)),
        Some((_, false)) => format!("*A person moved it to {queue}.* "),
        None => String::new(),
    };
    let waits = if came.is_empty() { "*It waits.*" } else { "It waits." };
    let Some(mapping) = model.mapping_of(queue) else {
        let expires = model.expires_at(queue, message);
        let expires = expires.map_or_else(String::new, |at| format!(" If that stays so, it expires {}.", due_in(at.since(now))));
        return Told::new("Waiting", Standing::Neutral, format!("{came}{waits} No function reads {queue}.{expires}"));
    };
    let function = &mapping.function;
    let configuration = model.functions.get(function).and_then(|function| function.configuration.as_ref());
    let off = configuration.is_some_and(|configuration| configuration.reserved_concurrency == Some(0));
    let why = if !mapping.enabled {
        format!("The mapping to {function} is switched off (enabled = false).")
    } else if off {
        format!("{function} is switched off (reserved_concurrent_executions = 0).")
    } else {
        format!("{function} has as many batches as it may have at once; this one is received when one of them ends.")
    };
    Told::new("Waiting", Standing::Waiting, format!("{came}{waits} {why}"))
}

/// Why a message is hidden, and until when.
fn hidden(model: &Model, id: MessageId, life: &Life, due: &str) -> String {
    let last = life.moments.iter().rev().find_map(|moment| match &moment.what {
        MomentKind::Received { batch, .. } => Some(batch.map_or(Hidden::NotSent, Hidden::After)),
        MomentKind::TakenUp { .. } => Some(Hidden::Before),
        MomentKind::Sent { .. } => Some(Hidden::Delayed),
        _ => None,
    });
    match last {
        Some(Hidden::After(batch)) => match model.batches.get(&batch) {
            Some(batch) => after_batch(model, id, batch, due),
            None => format!("*It came back from a batch.* It becomes visible again {due}."),
        },
        Some(Hidden::NotSent) => {
            format!("*The batch that it was collected for was not sent.* It becomes visible again {due}.")
        }
        Some(Hidden::Before) => format!("*It was received before this run of the program.* It becomes visible again {due}."),
        Some(Hidden::Delayed) | None => format!("*It was sent with a delay.* It becomes visible {due}."),
    }
}

/// What hid a message.
enum Hidden {
    After(BatchId),
    NotSent,
    Before,
    Delayed,
}

fn after_batch(model: &Model, id: MessageId, batch: &Batch, due: &str) -> String {
    let function = &batch.function;
    let visible = format!("becomes visible again {due}.");
    let Some((failed, verdict)) = &batch.finished else { return format!("It {visible}") };
    match verdict {
        BatchVerdict::PartialFailure => {
            let others = failed.iter().filter(|other| **other != id).count();
            let also = if others == 0 { String::new() } else { format!(" and {others} more") };
            let rest = match batch.messages.len() - failed.len() {
                0 => "Nothing of the batch was deleted; it".to_owned(),
                1 => "The other one was deleted; it".to_owned(),
                deleted => format!("The other {deleted} were deleted; it"),
            };
            format!("*{function} reported it{also} in batchItemFailures.* {rest} {visible}")
        }
        BatchVerdict::FunctionError => {
            let error = model.invocations.get(&batch.request_id).and_then(failure);
            let failed = error.map_or_else(|| "failed".to_owned(), |error| failed_with(&error.error_type));
            format!("*{function} {failed}.* The whole batch comes back; this message {visible}")
        }
        BatchVerdict::InvalidResponse { reason } => {
            let reason = reason.replace('*', "∗");
            format!("*{reason}, so the whole batch counts as failed.* It {visible}")
        }
        BatchVerdict::Throttled(reason) => {
            format!("*{function} was not free ({}), so its batch was not sent.* It {visible}", reason.name())
        }
        BatchVerdict::RecursiveLoop => {
            format!("*Lambda stopped {function} as a recursive loop, so its batch was not sent.* It {visible}")
        }
        BatchVerdict::MappingGone => format!("*Its batch was not sent: the mapping to {function} was removed.* It {visible}"),
        BatchVerdict::AllSucceeded | BatchVerdict::Emptied => format!("It {visible}"),
    }
}

/// What the next receive does, by the redrive policy.
fn next_receive(model: &Model, queue: &QueueName, message: &Message) -> String {
    if let Some(target) = model.moves_next_to(queue, message.receive_count) {
        return format!("The next receive moves it to *{target}* instead.");
    }
    let redrive = model.queues.get(queue).and_then(|queue| queue.configuration.as_ref()?.redrive.as_ref());
    match redrive {
        Some(redrive) if message.receive_count < redrive.max_receive_count => {
            let left = redrive.max_receive_count - message.receive_count;
            let more = if left == 1 { "once more".to_owned() } else { format!("{left} more times") };
            format!("It can be received {more}; after that it moves to {}.", redrive.target)
        }
        Some(redrive) => format!("It would move to {}, but there is no such queue.", redrive.target),
        None => "Without a redrive policy it comes back until it is processed, deleted or expired.".to_owned(),
    }
}

fn collected(model: &Model, name: &QueueName, now: Timestamp) -> Told {
    let text = match model.queues.get(name).and_then(|queue| queue.collecting.as_ref()) {
        Some(collecting) => {
            let with = match collecting.messages.len().saturating_sub(1) {
                0 => "It is the only one so far".to_owned(),
                others => format!("It is collected with {others} more"),
            };
            let due = due_in(collecting.closes_at.since(now));
            format!(
                "*A batch for {} is being collected, and it is in it.* {with}; the batch goes out {due}, or as soon as it is full.",
                collecting.function
            )
        }
        None => "*It was received into a batch that is being collected.*".to_owned(),
    };
    Told::new("Collected", Standing::Running, text)
}

fn in_batch(model: &Model, id: BatchId, message: &Message, now: Timestamp) -> Told {
    let back = due_in(message.invisible_until.since(now));
    match model.batches.get(&id) {
        Some(batch) if model.is_held(batch) => Told::new(
            "Held",
            Standing::Throttled,
            format!(
                "*{} is not free, so batch {} waits.* If it still waits when the visibility timeout ends, {back}, the message comes back.",
                batch.function, batch.number
            ),
        ),
        Some(batch) => Told::new(
            "Running",
            Standing::Running,
            format!(
                "*{} has it, in batch {}.* If that goes well Lambda deletes it; else it becomes visible again {back}.",
                batch.function, batch.number
            ),
        ),
        None => Told::new("Running", Standing::Running, "*A function has it.*".to_owned()),
    }
}

/// The settings behind it: how long it is hidden or collected, and how often it may be received.
fn decided_by(model: &Model, life: &Life, message: &Message) -> Vec<Deciding> {
    let queue = &life.queue;
    let configuration = model.queues.get(queue).and_then(|queue| queue.configuration.as_ref());
    let mut settings = Vec::new();
    match message.state {
        MessageState::Collected => settings.extend(model.mapping_of(queue).map(batch_window)),
        MessageState::Waiting if model.mapping_of(queue).is_none() => settings.extend(configuration.map(retention)),
        // A mapping with a window may hide for longer.
        MessageState::InvisibleUntil(_) => settings.extend(
            configuration
                .filter(|configuration| {
                    life.received_at().map(|at| message.invisible_until.since(at)) == Some(configuration.visibility_timeout)
                })
                .map(visibility),
        ),
        MessageState::Waiting | MessageState::InBatch(_) => {}
    }
    if message.receive_count > 0 {
        settings.extend(most_receives(model, queue, message.receive_count));
    }
    let moved = life.moments.iter().rev().find_map(|moment| match &moment.what {
        MomentKind::Moved { from, to, received, by_policy: true } if to == queue => Some((from, *received)),
        _ => None,
    });
    settings
        .extend(moved.filter(|_| message.receive_count == 0).and_then(|(from, received)| most_receives(model, from, received)));
    settings
}

fn visibility(configuration: &QueueConfiguration) -> Deciding {
    Deciding {
        owner: SettingOwner::Queue(configuration.name.clone()),
        key: Some("visibility_timeout"),
        lead: String::new(),
        value: format!("visibility_timeout = {}", configuration.visibility_timeout.0 / 1_000_000),
        gloss: "For how many seconds a received message is hidden.",
    }
}

/// How often a queue lets a message be received, beside how often it was.
fn most_receives(model: &Model, queue: &QueueName, received: u32) -> Option<Deciding> {
    let redrive = model.queues.get(queue)?.configuration.as_ref()?.redrive.as_ref()?;
    Some(Deciding {
        owner: SettingOwner::Queue(queue.clone()),
        key: Some("redrive.max_receive_count"),
        lead: format!("{} of", counted(received, "receive")),
        value: format!("max_receive_count = {}", redrive.max_receive_count),
        gloss: "How often a message is received before it moves to the target of the redrive policy instead.",
    })
}
