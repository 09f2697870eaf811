//! A step in a sentence or two: what happened and why, with the setting that decided it.

use std::sync::Arc;

use super::effect::StopReason;
use super::error::ThrottleReason;
use super::error_words::error_words;
use super::filter::Mismatch;
use super::happened::{
    BatchVerdict, ClosedBy, Due, DueKind, Happened, Outcome, Outlet, RetryReason, ScalingReason, ServiceEvent,
};
use super::ids::{FunctionName, QueueName, RequestId};
use super::limits;
use super::time::{Micros, Timestamp};

/// Tells what came of the thing that was due. `happened` is everything published since the step began.
#[must_use]
pub fn sentence(due: &Due, happened: &[Arc<ServiceEvent>]) -> String {
    match &due.what {
        DueKind::Attempt { request_id, attempt, label, .. } => {
            attempt_sentence(*request_id, *attempt, label.as_deref(), happened)
        }
        DueKind::WindowCloses { queue, .. } => {
            let text = batch_sentence(queue, happened).unwrap_or_else(|| format!("The batching window of {queue} ended."));
            with_left_out(text, queue, happened)
        }
        DueKind::MessageVisible { queue, .. } => with_left_out(visible_sentence(queue, happened), queue, happened),
        DueKind::Timeout { function, .. } => format!("{function} reached its timeout."),
        DueKind::InitLimit { function, .. } => format!("The init of {function} took longer than 10 s."),
        DueKind::IntegrationTimeout { function, .. } => format!("The API stopped waiting for {function}, which goes on."),
        DueKind::IdleExpiry { function, environment } => {
            let is_it = |event: &Arc<ServiceEvent>| matches!(&event.what, Happened::EnvironmentStopped { environment: id, reason: StopReason::Idle } if id == environment);
            match happened.iter().any(is_it) {
                true => format!(
                    "No event came for an idle environment of {function}, so it was stopped (environment_idle_expiry); without another one the next invoke is a cold start."
                ),
                false => format!("The environment of {function} has had an event meanwhile, so it stays warm."),
            }
        }
    }
}

fn attempt_sentence(id: RequestId, attempt: u32, label: Option<&str>, happened: &[Arc<ServiceEvent>]) -> String {
    let name = label.map_or_else(|| id.to_string().chars().take(8).collect(), str::to_owned);
    let mut text = match happened.iter().find_map(|event| attempt_result(id, event)) {
        Some(Ok(duration)) => format!("Attempt {attempt} of {name} succeeded in {duration}."),
        Some(Err(error)) => format!("Attempt {attempt} of {name} failed with {error}."),
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
            Some(result.as_ref().map(|_| *duration).map_err(error_words))
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

fn batch_sentence(queue: &QueueName, happened: &[Arc<ServiceEvent>]) -> Option<String> {
    let (batch, sent, records, mut text) = happened.iter().find_map(|event| match &event.what {
        Happened::BatchClosed { batch, queue: of, function, request_id, closed_by, message_ids, opened_at, .. }
            if of == queue =>
        {
            let records = message_ids.len();
            let text = closed_sentence(queue, function, *closed_by, records, *opened_at, event.at);
            Some((*batch, *request_id, records, text))
        }
        _ => None,
    })?;
    for event in happened {
        let more = match &event.what {
            Happened::BatchFinished { batch: of, failed, reason, .. } if *of == batch => {
                verdict_sentence(reason, failed.len(), records)
            }
            Happened::AttemptThrottled { request_id, reason, .. } if *request_id == sent => throttled_sentence(*reason),
            Happened::MappingScaled { queue: of, concurrency, reason: ScalingReason::FunctionErrors, .. } if of == queue => {
                let plural = if *concurrency == 1 { "batch" } else { "batches" };
                format!("While errors last the mapping sends up to {concurrency} {plural} at once.")
            }
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
        ClosedBy::Window if at == opened => "because maximum_batching_window_in_seconds is 0 and waits for no more".to_owned(),
        ClosedBy::Window => format!("because maximum_batching_window_in_seconds ran out after {}", at.since(opened)),
        ClosedBy::Size => format!("because batch_size = {records} was reached"),
        ClosedBy::Bytes => "because the next record would have passed 6 MB".to_owned(),
    };
    format!("A batch of {records} {noun} from {queue} went to {function}, {why}.")
}

fn throttled_sentence(reason: ThrottleReason) -> String {
    format!("The function was not free ({}): the batch waits for it until its visibility timeout ends.", reason.name())
}

fn verdict_sentence(verdict: &BatchVerdict, failed: usize, records: usize) -> String {
    let comes_back = match records {
        1 => "the message comes back when its visibility timeout ends",
        _ => "the whole batch comes back when its visibility timeout ends",
    };
    match verdict {
        BatchVerdict::AllSucceeded if records == 1 => "The function succeeded, so the message was deleted.".into(),
        BatchVerdict::AllSucceeded => "The function succeeded, so all of them were deleted.".into(),
        BatchVerdict::PartialFailure if failed < records => partly_back(failed, records - failed),
        BatchVerdict::PartialFailure => {
            let all = if records == 1 { "it".to_owned() } else { format!("all {records}") };
            format!("The function reported {all} in batchItemFailures: {comes_back}.")
        }
        BatchVerdict::FunctionError => format!("The function failed, so {comes_back}."),
        BatchVerdict::InvalidResponse { reason } => format!("{reason}, so {comes_back}."),
        BatchVerdict::Throttled(reason) => {
            let what = if records == 1 { "it comes back" } else { "they come back" };
            format!("The function was not free ({}) until the visibility timeout ended, so {what}.", reason.name())
        }
        BatchVerdict::RecursiveLoop => format!(
            "The function was invoked {} times in the chain of requests that led here, so Lambda stopped it as a recursive loop: {comes_back}.",
            limits::CHAIN
        ),
        BatchVerdict::Emptied => "Its messages were deleted meanwhile, so the function was not invoked.".into(),
    }
}

fn partly_back(failed: usize, deleted: usize) -> String {
    let back = match failed {
        1 => "that one comes back when its visibility timeout ends",
        _ => "those come back when their visibility timeout ends",
    };
    let gone = if deleted == 1 { "the other one was deleted" } else { "the others were deleted" };
    format!("The function reported {failed} in batchItemFailures: {back}, {gone}.")
}

fn visible_sentence(queue: &QueueName, happened: &[Arc<ServiceEvent>]) -> String {
    let back =
        happened.iter().filter(|event| matches!(&event.what, Happened::MessageVisible { queue: of, .. } if of == queue)).count();
    let noun = if back == 1 { "message is" } else { "messages are" };
    let text = format!("The visibility timeout of {queue} ended: {back} {noun} visible again.");
    match moved_sentence(queue, back, happened).or_else(|| batch_sentence(queue, happened)) {
        Some(more) => format!("{text} {more}"),
        None => text,
    }
}

/// Of `back` messages that are visible again, those that were received too often and so moved to another queue.
fn moved_sentence(queue: &QueueName, back: usize, happened: &[Arc<ServiceEvent>]) -> Option<String> {
    let moved: Vec<_> = happened
        .iter()
        .filter_map(|event| match &event.what {
            Happened::MessageMoved { from, to, receive_count, .. } if from == queue => Some((to, *receive_count)),
            _ => None,
        })
        .collect();
    let (to, received) = moved.first()?;
    let times = if *received == 1 { "1 receive".to_owned() } else { format!("{received} receives") };
    let who = match moved.len() {
        1 if back <= 1 => "it".to_owned(),
        count if count >= back => "they".into(),
        count => format!("{count} of them"),
    };
    Some(format!("After {times} (max_receive_count) {who} moved to {to}."))
}

/// Adds what the filter of a mapping left out meanwhile, and of a single message why.
fn with_left_out(text: String, queue: &QueueName, happened: &[Arc<ServiceEvent>]) -> String {
    let left_out: Vec<(&FunctionName, &[Mismatch])> = happened
        .iter()
        .filter_map(|event| match &event.what {
            Happened::MessageLeftOut { queue: of, function, mismatches, .. } if of == queue => Some((function, &mismatches[..])),
            _ => None,
        })
        .collect();
    match left_out[..] {
        [] => text,
        [(function, [mismatch, ..])] => {
            format!("{text} The filter of {function} left 1 message out: {mismatch}. So it was deleted.")
        }
        [(function, _), ..] => {
            format!("{text} The filter of {function} left {} messages out, so they were deleted.", left_out.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::{BatchId, MessageId};

    fn told(what: Vec<Happened>) -> String {
        let due = Due { at: Timestamp(0), what: DueKind::MessageVisible { queue: "incoming".into(), message_id: MessageId(0) } };
        let happened: Vec<_> = what.into_iter().map(|what| Arc::new(ServiceEvent { at: Timestamp(0), what })).collect();
        sentence(&due, &happened)
    }

    fn visible(id: u128) -> Happened {
        Happened::MessageVisible { queue: "incoming".into(), message_id: MessageId(id), receive_count: 3 }
    }

    fn moved(id: u128) -> Happened {
        Happened::MessageMoved { from: "incoming".into(), to: "dlq".into(), message_id: MessageId(id), receive_count: 3 }
    }

    #[test]
    fn messages_that_moved_are_told_in_their_number() {
        let one = "The visibility timeout of incoming ended: 1 message is visible again. After 3 receives (max_receive_count) it moved to dlq.";
        assert_eq!(told(vec![visible(1), moved(1)]), one);
        let two = "The visibility timeout of incoming ended: 2 messages are visible again. After 3 receives (max_receive_count) ";
        assert_eq!(told(vec![visible(1), visible(2), moved(1), moved(2)]), format!("{two}they moved to dlq."));
        assert_eq!(told(vec![visible(1), visible(2), moved(1)]), format!("{two}1 of them moved to dlq."));
    }

    #[test]
    fn a_batch_that_comes_back_is_told_in_its_number() {
        let batch = |records: u128, failed: u128, reason| {
            let (batch, function, queue) = (BatchId(1), Arc::<str>::from("billing"), Arc::<str>::from("incoming"));
            let ids = |count| (0..count).map(MessageId).collect::<Vec<_>>();
            let closed = Happened::BatchClosed {
                batch,
                function: function.clone(),
                queue: queue.clone(),
                request_id: RequestId(1),
                closed_by: ClosedBy::Size,
                message_ids: ids(records),
                bytes: 10,
                opened_at: Timestamp(0),
            };
            let text = told(vec![closed, Happened::BatchFinished { batch, function, queue, failed: ids(failed), reason }]);
            text.rsplit_once("was reached. ").unwrap().1.to_owned()
        };
        for (records, failed, reason, expected) in [
            (
                7,
                1,
                BatchVerdict::PartialFailure,
                "The function reported 1 in batchItemFailures: that one comes back when its visibility timeout ends, the others were deleted.",
            ),
            (
                2,
                1,
                BatchVerdict::PartialFailure,
                "The function reported 1 in batchItemFailures: that one comes back when its visibility timeout ends, the other one was deleted.",
            ),
            (
                7,
                7,
                BatchVerdict::PartialFailure,
                "The function reported all 7 in batchItemFailures: the whole batch comes back when its visibility timeout ends.",
            ),
            (
                1,
                1,
                BatchVerdict::PartialFailure,
                "The function reported it in batchItemFailures: the message comes back when its visibility timeout ends.",
            ),
            (1, 0, BatchVerdict::AllSucceeded, "The function succeeded, so the message was deleted."),
        ] {
            assert_eq!(batch(records, failed, reason), expected);
        }
    }

    #[test]
    fn what_step_will_do_counts_messages() {
        let closes = |records| DueKind::WindowCloses { function: "billing".into(), queue: "incoming".into(), records };
        assert_eq!(closes(1).to_string(), "incoming: window closes on 1 message");
        assert_eq!(closes(4).to_string(), "incoming: window closes on 4 messages");
    }
}
