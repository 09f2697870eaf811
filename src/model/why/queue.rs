//! What a queue is for, who reads it and who feeds it.

use super::super::Model;
use super::super::lengths::due_in;
use super::super::queues::{Feeder, Queue, outlet_words};
use super::{Deciding, Standing, Why, left_out, scaling, times};
use crate::command::SettingOwner;
use crate::service::configuration::{MappingConfiguration, QueueConfiguration};
use crate::service::counted::counted;
use crate::service::happened::Outlet;
use crate::service::time::{Micros, Timestamp};

pub(super) fn queue(model: &Model, name: &str, now: Timestamp) -> Option<Why> {
    let queue = model.queues.get(name)?;
    let (waiting, invisible) = queue.depth();
    let sentences = [fed(model, name), read(model, name), depth(waiting, invisible), expires(queue, now), gone(queue)];
    let told: Vec<_> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    let chip = match queue.messages.len() {
        0 => "Empty".to_owned(),
        count => counted(count, "message"),
    };
    let expires = queue.configuration.as_ref().filter(|_| !queue.messages.is_empty()).map(retention);
    let why = Why::new(name, chip, Standing::Neutral, told.join(" "));
    Some(Why { decided_by: expires.into_iter().collect(), ..why })
}

/// The setting that says how old a message becomes.
pub(super) fn retention(configuration: &QueueConfiguration) -> Deciding {
    Deciding {
        owner: SettingOwner::Queue(configuration.name.clone()),
        key: Some("message_retention_period"),
        lead: String::new(),
        value: format!("message_retention_period = {}", configuration.message_retention_period.0 / 1_000_000),
        gloss: "After how many seconds a message that nobody processed is deleted. It counts from when the message was sent; one that moved to a dead-letter queue stays as old as it was.",
    }
}

/// Who sends messages here by itself; nobody knows of a person or a client. Where there are many, a list below has them.
fn fed(model: &Model, name: &str) -> String {
    let feeders = model.feeders(name);
    if feeders.len() > 1 {
        let is_dead_letter =
            |feeder: &&Feeder| matches!(feeder, Feeder::Queue { .. } | Feeder::Function { outlet: Outlet::DeadLetter, .. });
        let names: Vec<_> = feeders.iter().filter(is_dead_letter).map(Feeder::name).map(|name| &**name).collect();
        return match &names[..] {
            [] => "*Functions send here* what came of their events.".to_owned(),
            [only] => format!("*It is the dead-letter queue of {only}.*"),
            [others @ .., last] => format!("*It is the dead-letter queue of {} and {last}.*", others.join(", ")),
        };
    }
    let sentence = |feeder: &Feeder| match feeder {
        Feeder::Queue { name, max_receive_count } => {
            format!("*It is the dead-letter queue of {name}:* what was received {} there moves here.", times(*max_receive_count))
        }
        Feeder::Function { name, outlet: Outlet::DeadLetter } => {
            format!("*It is the dead-letter queue of {name}:* events that were given up come here as they are.")
        }
        Feeder::Function { name, outlet } => format!("*{name} sends here* {}.", outlet_words(*outlet)),
    };
    feeders.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

fn read(model: &Model, name: &str) -> String {
    let mut readers = model.functions.values().flat_map(|function| &function.mappings).filter(|mapping| &*mapping.queue == name);
    let Some(mapping) = readers.next() else { return "*No function reads it.*".to_owned() };
    let MappingConfiguration { function, batch_size, maximum_batching_window, enabled, .. } = mapping;
    let first = match (*enabled, *batch_size, *maximum_batching_window) {
        (false, ..) => format!("*The mapping to {function} is switched off (enabled = false),* so nobody reads it."),
        (true, 1, _) => format!("*{function} reads it,* one message at a time."),
        (true, size, Micros(0)) => format!("*{function} reads it* in batches of up to {size}, as soon as a message is there."),
        (true, size, window) => format!("*{function} reads it* in batches of up to {size}, or after {window}."),
    };
    let first = if *enabled { first + &scaling::words(model, mapping) } else { first };
    let others = readers.map(|mapping| format!(" {} reads it, too; each message goes to one of them.", mapping.function));
    others.fold(first, |told, other| told + &other)
}

/// What a queue holds, in a sentence.
fn depth(waiting: usize, invisible: usize) -> String {
    let wait = match waiting {
        0 => "No message waits".to_owned(),
        1 => "1 message waits".to_owned(),
        _ => format!("{waiting} messages wait"),
    };
    match invisible {
        0 => format!("{wait}."),
        1 => format!("{wait}, 1 is invisible until its batch is done or its visibility timeout ends."),
        _ => format!("{wait}, {invisible} are invisible until their batches are done or their visibility timeouts end."),
    }
}

/// When its oldest message goes, should nobody process it before.
fn expires(queue: &Queue, now: Timestamp) -> String {
    let retention = queue.configuration.as_ref().map(|configuration| configuration.message_retention_period);
    match (queue.messages.len(), queue.oldest(), retention) {
        (count, Some(oldest), Some(retention)) => {
            let which = if count == 1 { "It" } else { "The oldest" };
            format!("{which} expires {}, if nobody processes it.", due_in((oldest + retention).since(now)))
        }
        _ => String::new(),
    }
}

/// Messages that nobody processed and that are gone all the same.
fn gone(queue: &Queue) -> String {
    let expired = match queue.expired.count {
        0 => String::new(),
        1 => "1 message expired: nobody processed it in time.".to_owned(),
        count => format!("{count} messages expired: nobody processed them in time."),
    };
    format!("{expired}{}", left_out::counted(queue.left_out.count)).trim_start().to_owned()
}
