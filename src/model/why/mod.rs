//! The first question of the inspector: what is this, how does it stand, and why?

mod batch;
mod invocation;
mod left_out;
mod message;
mod scaling;

use super::Model;
use super::invocations::Invocation;
use super::selection::Selection;
use crate::command::SettingOwner;
use crate::service::configuration::MappingConfiguration;
use crate::service::error_words::ErrorParts;
use crate::service::ids::FunctionName;
use crate::service::limits;
use crate::service::time::{Micros, Timestamp};

use batch::{batch, batch_window};
use invocation::invocation;
use message::message;

/// How something stands, for its chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Running,
    Waiting,
    Ok,
    Failed,
    Throttled,
    /// Nobody can take it for a while.
    Hidden,
    Neutral,
}

/// What decided what happens, most often a setting: its value, and what it means in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// Whose setting it is.
    pub owner: SettingOwner,
    /// The key in `invokelab.toml`; `None` for a limit that nobody can change.
    pub key: Option<&'static str>,
    /// Plain words before the value, if it needs them: `the event is 4 s old of`.
    pub lead: String,
    pub value: String,
    pub gloss: &'static str,
}

impl Deciding {
    fn setting(function: &FunctionName, key: &'static str, value: String, gloss: &'static str) -> Self {
        Self { owner: SettingOwner::Function(function.clone()), key: Some(key), lead: String::new(), value, gloss }
    }
}

/// What the inspector opens with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub title: String,
    pub chip: String,
    pub standing: Standing,
    /// Sentences; the parts between `*` are the ones that matter: `*Attempt 2 of 3 threw PaymentDeclined.*`.
    pub text: String,
    /// The error that the sentences name by its type, where the code of a function failed.
    pub failure: Option<ErrorParts>,
    pub decided_by: Vec<Deciding>,
}

impl Why {
    /// Without an error of a function, and without a setting that decided.
    pub(super) fn new(title: impl Into<String>, chip: impl Into<String>, standing: Standing, text: impl Into<String>) -> Self {
        Self { title: title.into(), chip: chip.into(), standing, text: text.into(), failure: None, decided_by: Vec::new() }
    }
}

/// Tells what is selected and why it stands as it does, at service time `now`.
#[must_use]
pub fn why(model: &Model, selection: &Selection, now: Timestamp) -> Option<Why> {
    match selection {
        Selection::Invocation(id) | Selection::Attempt(id, _) => invocation(model, *id, now),
        Selection::Batch(id) => batch(model, *id),
        Selection::Function(name) => function(model, name),
        Selection::Queue(name) => queue(model, name),
        Selection::Message(_, id) => message(model, *id, now),
        Selection::Environment(id) => {
            let environment = model.environments.get(id)?;
            let (chip, standing, text) = match (environment.ready, environment.running) {
                (false, _) => (
                    "Initialising",
                    Standing::Running,
                    "It loads the function's code. The event it starts for waits until that is done: *a cold start*.",
                ),
                (true, Some(_)) => {
                    ("Busy", Standing::Running, "It has an event in hand. *One environment takes one event at a time.*")
                }
                (true, None) => (
                    "Warm",
                    Standing::Ok,
                    "It waits for the next event, which will not pay for an init. Lambda drops it after a while without work.",
                ),
            };
            let title = format!("{}, environment {}", environment.function, environment.number);
            Some(Why::new(title, chip, standing, text))
        }
        Selection::Exchange(id) => model.exchange_of(*id).map(super::exchanges::why),
        Selection::Nothing => None,
    }
}

/// What the last attempt failed with; asterisks of its type do not mark what matters.
fn failure(invocation: &Invocation) -> Option<ErrorParts> {
    let mut error = invocation.error()?;
    error.error_type = error.error_type.replace('*', "∗");
    Some(error)
}

/// `threw PaymentDeclined`; what Lambda or the runtime noticed was not thrown by the code.
fn failed_with(error_type: &str) -> String {
    let noticed = ["Runtime.", "Sandbox.", "Extension.", "Function."].iter().any(|own| error_type.starts_with(own));
    format!("{} {error_type}", if noticed { "failed with" } else { "threw" })
}

/// Why a function was stopped as a recursive loop.
fn in_one_chain(function: &str) -> String {
    format!("{function} had been invoked {} times in one chain of requests, so no code ran.", limits::CHAIN)
}

/// The setting that decides it.
fn recursive_loop(function: &FunctionName) -> Deciding {
    let gloss = "Whether Lambda stops a function that one chain of requests invokes again and again: Terminate or Allow.";
    Deciding::setting(function, "recursive_loop", "recursive_loop = Terminate".into(), gloss)
}

fn times(count: u32) -> String {
    if count == 1 { "once".into() } else { format!("{count} times") }
}

/// The first eight digits of an id.
#[must_use]
pub fn short(id: impl std::fmt::Display) -> String {
    id.to_string().chars().take(8).collect()
}

fn function(model: &Model, name: &FunctionName) -> Option<Why> {
    let function = model.functions.get(name)?;
    let view = model.workspace.functions.iter().find(|view| view.configuration.name == *name);
    if let Some(reason) = view.and_then(|view| view.broken.as_deref()) {
        return Some(Why::new(&**name, "Cannot run", Standing::Failed, format!("*{reason}*")));
    }
    let off = view.is_some_and(|view| view.configuration.reserved_concurrency == Some(0));
    let environments = model.environments.values().filter(|environment| environment.function == *name).count();
    let (chip, standing) = match environments {
        0 if off => ("Switched off", Standing::Neutral),
        0 => ("Cold", Standing::Neutral),
        _ => ("Warm", Standing::Ok),
    };
    let waiting = model.waiting(Some(name)).count();
    let text = match environments {
        0 if off => "*Nothing runs:* reserved_concurrent_executions = 0 refuses every invocation, and drops events.".to_owned(),
        0 => "*No environment runs.* The next event starts one and waits for its init: a cold start.".to_owned(),
        1 => "*One environment is kept warm.* It takes one event at a time; a second one at once starts another.".to_owned(),
        count => format!("*{count} environments,* one event each at a time."),
    };
    let queue = match waiting {
        0 => String::new(),
        1 => " 1 event waits in its own queue.".to_owned(),
        _ => format!(" {waiting} events wait in its own queue."),
    };
    let stopped = match function.recursions {
        0 => String::new(),
        count => format!(", {} stopped as a recursive loop", counted(count, "invocation")),
    };
    let told = format!(
        "{text}{queue} {}, {}, {}{stopped}.",
        counted(function.invocations, "invocation"),
        counted(function.errors, "failed attempt"),
        counted(function.throttles, "throttle")
    );
    Some(Why::new(&**name, chip, standing, told))
}

fn queue(model: &Model, name: &str) -> Option<Why> {
    let queue = model.queues.get(name)?;
    let (waiting, invisible) = queue.depth();
    let reader = model.functions.values().flat_map(|function| &function.mappings).find(|mapping| &*mapping.queue == name);
    let text = match reader {
        Some(mapping) => {
            let window = match mapping.maximum_batching_window {
                Micros(0) => "as soon as a message is there".to_owned(),
                window => format!("or after {window}"),
            };
            let MappingConfiguration { function, batch_size, .. } = mapping;
            let left_out = left_out::counted(queue.left_out.count);
            let scaling = scaling::words(model, mapping);
            let depth = depth(waiting, invisible);
            format!("*{function} reads it* in batches of up to {batch_size}, {window}.{scaling} {depth}{left_out}")
        }
        None => format!("*No function reads it.* {}", depth(waiting, invisible)),
    };
    let chip = match queue.messages.len() {
        0 => "Empty".to_owned(),
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
    };
    Some(Why::new(name, chip, Standing::Neutral, text))
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

/// `1 error`, `2 errors`.
fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
