//! A step in a sentence or two: what happened and why, with the setting that decided it.

use std::sync::Arc;

use super::error::ThrottleReason;
use super::happened::{BatchVerdict, ClosedBy, Due, DueKind, Happened, Outcome, Outlet, RetryReason, ServiceEvent};
use super::ids::{QueueName, RequestId};
use super::time::{Micros, Timestamp};

/// Tells what came of the thing that was due. `happened` is everything published since the step began.
#[must_use]
pub fn sentence(due: &Due, happened: &[Arc<ServiceEvent>]) -> String {
    match &due.what {
        DueKind::Attempt { request_id, attempt, label, .. } => {
            attempt_sentence(*request_id, *attempt, label.as_deref(), happened)
        }
        DueKind::WindowCloses { queue, .. } => {
            batch_sentence(queue, happened).unwrap_or_else(|| format!("The batching window of {queue} ended."))
        }
        DueKind::MessageVisible { queue, .. } => visible_sentence(queue, happened),
        DueKind::Timeout { function, .. } => format!("{function} reached its timeout."),
        DueKind::InitLimit { function, .. } => format!("The init of {function} took longer than 10 s."),
        DueKind::IntegrationTimeout { function, .. } => format!("The API stopped waiting for {function}, which goes on."),
        DueKind::IdleExpiry { function, .. } => format!("An idle environment of {function} was dropped."),
    }
}

fn attempt_sentence(id: RequestId, attempt: u32, label: Option<&str>, happened: &[Arc<ServiceEvent>]) -> String {
    let name = label.map_or_else(|| id.to_string().chars().take(8).collect(), str::to_owned);
    let mut text = match happened.iter().find_map(|event| attempt_result(id, event)) {
        Some(Ok(duration)) => format!("Attempt {attempt} of {name} succeeded in {duration}."),
        Some(Err(error_type)) => format!("Attempt {attempt} of {name} failed with {error_type}."),
        None => format!("Attempt {attempt} of {name} was due."),
    };
    for event in happened {
        if let Some(more) = consequence(id, event) {
            text.push(' ');
            text.push_str(&more);
        }
    }
    text
}

fn attempt_result(id: RequestId, event: &ServiceEvent) -> Option<Result<Micros, String>> {
    match &event.what {
        Happened::AttemptFinished { request_id, result, duration, .. } if *request_id == id => {
            Some(result.as_ref().map(|_| *duration).map_err(|error| error.error_type.to_string()))
        }
        Happened::AttemptThrottled { request_id, reason, .. } if *request_id == id => Some(Err(reason.name().to_owned())),
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
        RetryReason::Throttled(reason) => {
            format!(
                "It was throttled ({}), which is no failed attempt: the event goes back and is tried again in {wait}.",
                reason.name()
            )
        }
        RetryReason::Person => "A person asked for the attempt now.".into(),
        RetryReason::Restarted => "It waited on disk while the program was closed.".into(),
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
        Outcome::Dropped => Some("The event was dropped.".into()),
    }
}

fn batch_sentence(queue: &QueueName, happened: &[Arc<ServiceEvent>]) -> Option<String> {
    let (sent, mut text) = happened.iter().find_map(|event| match &event.what {
        Happened::BatchClosed { queue: of, function, request_id, closed_by, message_ids, opened_at, .. } if of == queue => {
            Some((*request_id, closed_sentence(queue, function, *closed_by, message_ids.len(), *opened_at, event.at)))
        }
        _ => None,
    })?;
    for event in happened {
        let more = match &event.what {
            Happened::BatchFinished { queue: of, failed, reason, .. } if of == queue => verdict_sentence(reason, failed.len()),
            Happened::AttemptThrottled { request_id, reason, .. } if *request_id == sent => throttled_sentence(*reason),
            _ => continue,
        };
        text.push(' ');
        text.push_str(&more);
    }
    Some(text)
}

fn closed_sentence(queue: &str, function: &str, by: ClosedBy, records: usize, opened: Timestamp, at: Timestamp) -> String {
    let noun = if records == 1 { "message" } else { "messages" };
    let why = match by {
        ClosedBy::Window => format!("because maximum_batching_window_in_seconds ran out after {}", at.since(opened)),
        ClosedBy::Size => format!("because batch_size = {records} was reached"),
        ClosedBy::Bytes => "because the next record would have passed 6 MB".to_owned(),
    };
    format!("A batch of {records} {noun} from {queue} went to {function}, {why}.")
}

fn throttled_sentence(reason: ThrottleReason) -> String {
    format!("The function was not free ({}): the batch waits for it until its visibility timeout ends.", reason.name())
}

fn verdict_sentence(verdict: &BatchVerdict, failed: usize) -> String {
    match verdict {
        BatchVerdict::AllSucceeded => "The function succeeded, so all of them were deleted.".into(),
        BatchVerdict::PartialFailure => {
            format!(
                "The function reported {failed} in batchItemFailures: those come back when their visibility timeout ends, the others were deleted."
            )
        }
        BatchVerdict::FunctionError => {
            "The function failed, so the whole batch comes back when its visibility timeout ends.".into()
        }
        BatchVerdict::InvalidResponse { reason } => format!("{reason}, so the whole batch counts as failed."),
        BatchVerdict::Throttled(reason) => {
            format!("The function was not free ({}) until their visibility timeout ended, so they come back.", reason.name())
        }
        BatchVerdict::Emptied => "Its messages were deleted meanwhile, so the function was not invoked.".into(),
    }
}

fn visible_sentence(queue: &QueueName, happened: &[Arc<ServiceEvent>]) -> String {
    let back =
        happened.iter().filter(|event| matches!(&event.what, Happened::MessageVisible { queue: of, .. } if of == queue)).count();
    let noun = if back == 1 { "message is" } else { "messages are" };
    let mut text = format!("The visibility timeout of {queue} ended: {back} {noun} visible again.");
    let moved = happened.iter().find_map(|event| match &event.what {
        Happened::MessageMoved { from, to, receive_count, .. } if from == queue => Some((to.clone(), *receive_count)),
        _ => None,
    });
    if let Some((to, received)) = moved {
        text.push_str(&format!(" After {received} receives (max_receive_count) it moved to {to}."));
    } else if let Some(batch) = batch_sentence(queue, happened) {
        text.push(' ');
        text.push_str(&batch);
    }
    text
}
