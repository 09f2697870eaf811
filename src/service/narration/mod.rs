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
use super::ids::{BatchId, EnvironmentId, FunctionName, MessageId, QueueName, RequestId};
use super::time::{Micros, Timestamp};

use attempt::attempt_sentence;
use batch::batch_sentence;
use messages::{expired_sentence, visible_sentence, with_left_out};
use parts::parts;

/// What happened in a step, and how things stand after it.
pub struct Step<'a> {
    /// Everything published since the step began.
    pub happened: &'a [Arc<ServiceEvent>],
    /// Service time at its end.
    pub now: Timestamp,
    /// What comes next for a message, see [`super::LambdaService::outlook`].
    pub outlook: &'a dyn Fn(&QueueName, MessageId) -> Option<Outlook>,
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
    let parts = parts(due, step);
    let batches = parts.iter().filter(|part| matches!(part.about, Subject::Batch(_))).count();
    match parts.len() {
        0 | 1 => Told::one(sentence(due, step)),
        count if count == batches => Told { sentence: format!("{count} batches went out:"), parts },
        count => Told { sentence: format!("{count} things happened:"), parts },
    }
}

/// The only thing that happened.
fn sentence(due: &Due, step: &Step<'_>) -> String {
    let happened = step.happened;
    match &due.what {
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
        DueKind::IdleExpiry { function, environment } => idle_sentence(function, *environment, happened),
    }
}

fn idle_sentence(function: &str, environment: EnvironmentId, happened: &[Arc<ServiceEvent>]) -> String {
    let is_it = |event: &Arc<ServiceEvent>| matches!(&event.what, Happened::EnvironmentStopped { environment: id, reason: StopReason::Idle } if *id == environment);
    if happened.iter().any(is_it) {
        return format!(
            "No event came for an idle environment of {function}, so it was stopped (environment_idle_expiry); without another one the next invoke is a cold start."
        );
    }
    format!("The environment of {function} has had an event meanwhile, so it stays warm.")
}

/// `1 message`, `2 messages`.
fn messages_of(count: usize) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

/// `in 30 s`: begun seconds count whole, so that a wait of half a minute is not told as 29.98 s.
fn wait(length: Micros) -> String {
    match length.0 {
        0..1_000_000 => format!("in {length}"),
        micros => format!("in {}", Micros::from_secs(micros.div_ceil(1_000_000))),
    }
}
