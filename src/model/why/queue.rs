//! What a queue is for, who reads it and who feeds it.

use super::super::Model;
use super::super::queues::{Feeder, Queue, outlet_words};
use super::{Deciding, Standing, Why, left_out, scaling, times};
use crate::command::SettingOwner;
use crate::service::configuration::{MappingConfiguration, QueueConfiguration};
use crate::service::happened::Outlet;
use crate::service::time::Micros;

pub(super) fn queue(model: &Model, name: &str) -> Option<Why> {
    let queue = model.queues.get(name)?;
    let (waiting, invisible) = queue.depth();
    let sentences = [fed(model, name), read(model, name), depth(waiting, invisible), gone(queue)];
    let told: Vec<_> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    let chip = match queue.messages.len() {
        0 => "Empty".to_owned(),
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
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

/// Who sends messages here by itself; nobody knows of a person or a client.
fn fed(model: &Model, name: &str) -> String {
    let feeders = model.feeders(name);
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

/// Messages that nobody processed and that are gone all the same.
fn gone(queue: &Queue) -> String {
    let expired = match queue.expired.count {
        0 => String::new(),
        1 => "1 message expired: nobody processed it in time.".to_owned(),
        count => format!("{count} messages expired: nobody processed them in time."),
    };
    format!("{expired}{}", left_out::counted(queue.left_out.count)).trim_start().to_owned()
}
