//! The first question of the inspector: what is this, how does it stand, and why?

mod aftermath;
mod batch;
mod function;
mod invocation;
mod left_out;
mod message;
mod queue;
mod scaling;

use super::Model;
use super::invocations::Invocation;
use super::selection::Selection;
use crate::command::SettingOwner;
use crate::service::error_words::ErrorParts;
use crate::service::ids::FunctionName;
use crate::service::limits;
use crate::service::time::Timestamp;

use batch::{batch, batch_window};
use function::function;
use invocation::invocation;
use message::message;
use queue::{queue, retention};

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
        Selection::Queue(name) => queue(model, name, now),
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
pub(super) fn failed_with(error_type: &str) -> String {
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
