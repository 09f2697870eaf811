//! A step in a sentence or two: what happened and why, with the setting that decided it. Several things that happened in one
//! step are named one by one.

mod attempt;
mod batch;
mod messages;
mod parts;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::Outlook;
use super::effect::StopReason;
use super::happened::{Due, DueKind, Happened, ServiceEvent};
use super::ids::{BatchId, FunctionName, MessageId, QueueName, RequestId};
use super::time::{Micros, Timestamp};

use attempt::attempt_sentence;
use batch::batch_sentence;
use messages::{expired_sentence, visible_sentence, with_left_out};
pub use parts::Labels;
use parts::{Thing, part, things};

/// What happened in a step, and how things stand after it.
pub struct Step<'a> {
    /// Everything published since the step began.
    pub happened: &'a [Arc<ServiceEvent>],
    /// Service time at its end.
    pub now: Timestamp,
    /// What comes next for a message, see [`super::LambdaService::outlook`].
    pub outlook: &'a dyn Fn(&QueueName, MessageId) -> Option<Outlook>,
    /// What people call the invocations that there were when it began.
    pub labels: &'a Labels,
}

/// A step as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// All of it where one thing happened; else how many things, and a colon.
    pub sentence: String,
    /// Each of several things, in the order in which they happened.
    pub parts: Vec<Part>,
}

/// One of several things that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub words: String,
    pub about: Subject,
}

/// What a part is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Function(FunctionName),
    Invocation(RequestId),
    Batch(BatchId),
    Queue(QueueName),
    Message(QueueName, MessageId),
}

impl Told {
    /// One sentence, and nothing to choose from.
    #[must_use]
    pub fn one(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), parts: Vec::new() }
    }

    /// All of it as a text: `2 things happened: …; …`.
    #[must_use]
    pub fn text(&self) -> String {
        let parts: Vec<_> = self.parts.iter().map(|part| &*part.words).collect();
        format!("{} {}", self.sentence, parts.join("; ")).trim_end().to_owned()
    }
}

/// Tells what came of the thing that was due, and of everything else that happened in its step.
#[must_use]
pub fn told(due: &Due, step: &Step<'_>) -> Told {
    let (things, labels) = things(due, step);
    let of_batches = things.iter().filter(|thing| matches!(thing, Thing::Batch(_))).count();
    let sentence = match &things[..] {
        [] => return Told::one(sentence(&due.what, step)),
        [only] => return Told::one(only_sentence(only, &labels, &due.what, step)),
        _ if of_batches == things.len() => format!("{of_batches} batches went out{}:", cause_of_batches(due, step)),
        _ => format!("{} things happened:", things.len()),
    };
    Told { sentence, parts: things.iter().map(|thing| part(thing, &labels)).collect() }
}

/// What let all batches of a step go out, where one thing did.
fn cause_of_batches(due: &Due, step: &Step<'_>) -> String {
    let DueKind::MessageVisible { queue, .. } = &due.what else { return String::new() };
    let is_back = |count: u32| {
        let of = |what: &Happened| matches!(what, Happened::MessageVisible { queue: of, receive_count, .. } if of == queue && (*receive_count > 0) == (count > 0));
        step.happened.iter().any(|event| of(&event.what))
    };
    let of_queue = step.happened.iter().all(|event| match &event.what {
        Happened::BatchClosed { queue: of, .. } => of == queue,
        _ => true,
    });
    match (of_queue, is_back(0), is_back(1)) {
        (true, false, true) => format!(", for the visibility timeout of {queue} ended"),
        (true, true, false) => format!(", for a delay in {queue} ended"),
        _ => String::new(),
    }
}

/// The only thing that happened. It need not be what was due: a message may expire when its visibility timeout ends.
fn only_sentence(only: &Thing, labels: &Labels, due: &DueKind, step: &Step<'_>) -> String {
    if only.comes_of(due, step) {
        return sentence(due, step);
    }
    if let Some(due) = only.as_due(labels) {
        return sentence(&due, step);
    }
    let words = part(only, labels).words;
    let mut rest = words.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", rest.as_str())
}

/// What came of what was due.
fn sentence(due: &DueKind, step: &Step<'_>) -> String {
    let happened = step.happened;
    match due {
        DueKind::Attempt { request_id, attempt, label, .. } => batch::of_request(*request_id, step)
            .unwrap_or_else(|| attempt_sentence(*request_id, *attempt, label.as_deref(), happened)),
        DueKind::WindowCloses { queue, .. } => {
            let text = batch_sentence(queue, step).unwrap_or_else(|| format!("The batching window of {queue} ended."));
            with_left_out(text, queue, happened)
        }
        DueKind::MessageVisible { queue, .. } => with_left_out(visible_sentence(queue, step), queue, happened),
        DueKind::MessageExpires { queue, .. } => expired_sentence(queue, happened),
        DueKind::Timeout { function, .. } => format!("{function} reached its timeout."),
        DueKind::InitLimit { function, .. } => format!("The init of {function} took longer than 10 s."),
        DueKind::IntegrationTimeout { function, .. } => format!("The API stopped waiting for {function}, which goes on."),
        DueKind::IdleExpiry { function, .. } => idle_sentence(function, happened),
    }
}

fn idle_sentence(function: &FunctionName, happened: &[Arc<ServiceEvent>]) -> String {
    let is_it = |event: &&Arc<ServiceEvent>| matches!(&event.what, Happened::EnvironmentStopped { function: of, reason: StopReason::Idle, .. } if of == function);
    let (environments, were) = match happened.iter().filter(is_it).count() {
        0 => return format!("The environment of {function} has had an event meanwhile, so it stays warm."),
        1 => ("an idle environment".to_owned(), "it was"),
        count => (format!("{count} idle environments"), "they were"),
    };
    format!(
        "No event came for {environments} of {function}, so {were} stopped (environment_idle_expiry); without another one the next invoke is a cold start."
    )
}

/// `in 30 s`: begun seconds count whole, so that a wait of half a minute is not told as 29.98 s.
fn wait(length: Micros) -> String {
    match length.0 {
        0..1_000_000 => format!("in {length}"),
        micros => format!("in {}", Micros::from_secs(micros.div_ceil(1_000_000))),
    }
}
