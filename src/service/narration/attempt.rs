//! An attempt of an event: what came of it, and what follows.

use std::sync::Arc;

use super::super::error::ThrottleReason;
use super::super::error_words::error_words;
use super::super::happened::{Happened, Outcome, Outlet, RetryReason, ServiceEvent};
use super::super::ids::RequestId;
use super::super::limits;
use super::super::time::Micros;

pub(super) fn attempt_sentence(id: RequestId, attempt: u32, label: Option<&str>, happened: &[Arc<ServiceEvent>]) -> String {
    let name = label.map_or_else(|| id.to_string().chars().take(8).collect(), str::to_owned);
    let came = happened.iter().find_map(|event| attempt_result(id, event));
    let mut text = match &came {
        Some(Came::Succeeded(duration)) => format!("Attempt {attempt} of {name} succeeded in {duration}."),
        Some(Came::Failed(error)) => format!("Attempt {attempt} of {name} failed with {error}."),
        Some(Came::Throttled(reason)) => format!("Attempt {attempt} of {name} was throttled ({}).", reason.name()),
        None => format!("Attempt {attempt} of {name} was due."),
    };
    let mut more: Vec<_> = happened.iter().filter_map(|event| consequence(id, event)).collect();
    if let (Some(Came::Throttled(_)), []) = (&came, &more[..]) {
        // An event would be scheduled anew: this is a batch.
        more.push("It waits, and is tried again until the visibility timeout of its messages ends.".to_owned());
    }
    for sentence in more {
        text.push(' ');
        text.push_str(&sentence);
    }
    text
}

/// What came of an attempt.
enum Came {
    Succeeded(Micros),
    Failed(String),
    Throttled(ThrottleReason),
}

fn attempt_result(id: RequestId, event: &ServiceEvent) -> Option<Came> {
    match &event.what {
        Happened::AttemptFinished { request_id, result, duration, .. } if *request_id == id => {
            Some(result.as_ref().map_or_else(|error| Came::Failed(error_words(error)), |_| Came::Succeeded(*duration)))
        }
        Happened::AttemptThrottled { request_id, reason, .. } if *request_id == id => Some(Came::Throttled(*reason)),
        _ => None,
    }
}

fn consequence(id: RequestId, event: &ServiceEvent) -> Option<String> {
    match &event.what {
        Happened::RetryScheduled { request_id, next_attempt, due, reason, .. } if *request_id == id => {
            Some(retry_sentence(*next_attempt, due.since(event.at), reason))
        }
        Happened::InvocationEnded { request_id, outcome, attempts, .. } if *request_id == id => end_sentence(*outcome, *attempts),
        Happened::Delivered { request_id, outlet, target, error, .. } if *request_id == id => Some(match (outlet, error) {
            (_, Some(error)) => format!("It could not be delivered to {target}: {error}."),
            (Outlet::DeadLetter, None) => format!("The event went unchanged to the dead-letter queue {target}."),
            (Outlet::OnFailure, None) => format!("Its invocation record went to {target} (on_failure)."),
            (Outlet::OnSuccess, None) => format!("Its invocation record went to {target} (on_success)."),
        }),
        _ => None,
    }
}

fn retry_sentence(next_attempt: u32, wait: Micros, reason: &RetryReason) -> String {
    match reason {
        RetryReason::FunctionError { .. } => {
            format!("Lambda put the event back into the function's own queue and waits {wait} before attempt {next_attempt}.")
        }
        RetryReason::Throttled(_) => format!("That is no failed attempt: the event goes back and is tried again in {wait}."),
        RetryReason::Person => "A person asked for the attempt now.".into(),
        RetryReason::Restarted => "It waited on disk while the program was closed.".into(),
        RetryReason::CutOff => {
            format!("The program ended while attempt {next_attempt} ran, which counts as no failed attempt: it is made again.")
        }
    }
}

fn end_sentence(outcome: Outcome, attempts: u32) -> Option<String> {
    match outcome {
        Outcome::Succeeded | Outcome::FunctionError | Outcome::Refused => None,
        Outcome::RetriesExhausted => Some(format!(
            "That was attempt {attempts}, the last one that maximum_retry_attempts allows, so Lambda gives the event up."
        )),
        Outcome::EventAgeExceeded => {
            Some("The next attempt would come after maximum_event_age_in_seconds, so Lambda gives the event up now.".into())
        }
        Outcome::ZeroReservedConcurrency => {
            Some("The function is switched off (reserved_concurrent_executions = 0), so the event is given up at once.".into())
        }
        Outcome::RecursiveLoop => Some(format!(
            "The function was invoked {} times in one chain of requests, so Lambda takes it for a recursive loop and stops it (recursive_loop = Terminate).",
            limits::CHAIN
        )),
        Outcome::Dropped => Some("The event was dropped.".into()),
    }
}
