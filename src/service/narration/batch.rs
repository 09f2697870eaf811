//! A batch: why it went out, and what came of its messages.

use super::super::counted::counted;
use super::super::error::ThrottleReason;
use super::super::happened::{BatchVerdict, ClosedBy, Happened, ScalingReason};
use super::super::ids::{MessageId, QueueName, RequestId};
use super::super::limits;
use super::super::time::Timestamp;
use super::{Step, wait};

/// The batch of a queue that went out in the step, if one did.
pub(super) fn batch_sentence(queue: &QueueName, step: &Step<'_>) -> Option<String> {
    let (sent, records, mut text) = step.happened.iter().find_map(|event| match &event.what {
        Happened::BatchClosed { queue: of, function, request_id, closed_by, message_ids, opened_at, .. } if of == queue => {
            let records = message_ids.len();
            let text = closed_sentence(queue, function, *closed_by, records, *opened_at, event.at);
            Some((*request_id, records, text))
        }
        _ => None,
    })?;
    for event in step.happened {
        let more = match &event.what {
            Happened::BatchFinished { request_id, failed, reason, .. } if *request_id == sent => {
                verdict_sentence(reason, (queue, failed), Some(records), step)
            }
            Happened::AttemptThrottled { request_id, reason, .. } if *request_id == sent => throttled_sentence(*reason),
            Happened::MappingScaled { queue: of, concurrency, reason: ScalingReason::FunctionErrors, .. } if of == queue => {
                format!("While errors last the mapping sends up to {} at once.", counted(*concurrency, "batch"))
            }
            _ => continue,
        };
        text.push(' ');
        text.push_str(&more);
    }
    Some(text)
}

/// A batch that was closed earlier, waited for its function, and was tried again in the step.
pub(super) fn of_request(id: RequestId, step: &Step<'_>) -> Option<String> {
    step.happened.iter().find_map(|event| match &event.what {
        Happened::BatchFinished { request_id, function, queue, failed, reason, .. } if *request_id == id => {
            let verdict = verdict_sentence(reason, (queue, failed), None, step);
            Some(format!("The batch of {queue} that waited for {function} has ended. {verdict}"))
        }
        _ => None,
    })
}

fn closed_sentence(queue: &str, function: &str, by: ClosedBy, records: usize, opened: Timestamp, at: Timestamp) -> String {
    let why = match by {
        ClosedBy::Window if at == opened => "because maximum_batching_window_in_seconds is 0 and waits for no more".to_owned(),
        ClosedBy::Window => format!("because maximum_batching_window_in_seconds ran out after {}", at.since(opened)),
        ClosedBy::Size => format!("because batch_size = {records} was reached"),
        ClosedBy::Bytes => "because the next record would have passed 6 MB".to_owned(),
    };
    format!("A batch of {} from {queue} went to {function}, {why}.", counted(records, "message"))
}

fn throttled_sentence(reason: ThrottleReason) -> String {
    format!("The function was not free ({}): the batch waits for it until its visibility timeout ends.", reason.name())
}

/// `records`: how many messages the batch had, where the step knows it.
fn verdict_sentence(
    verdict: &BatchVerdict,
    (queue, failed): (&QueueName, &[MessageId]),
    records: Option<usize>,
    step: &Step<'_>,
) -> String {
    let all = || if failed.len() == 1 { "the message".to_owned() } else { "the whole batch".into() };
    let back = |who: &str| back(who, failed, queue, step);
    match verdict {
        BatchVerdict::AllSucceeded if records == Some(1) => "The function succeeded, so the message was deleted.".into(),
        BatchVerdict::AllSucceeded => "The function succeeded, so all of them were deleted.".into(),
        BatchVerdict::PartialFailure if records == Some(failed.len()) => {
            let reported = if failed.len() == 1 { "it".to_owned() } else { format!("all {}", failed.len()) };
            format!("The function reported {reported} in batchItemFailures: {}.", back(&all()))
        }
        BatchVerdict::PartialFailure => {
            let those = if failed.len() == 1 { "that one" } else { "those" };
            let gone = match records.map(|records| records - failed.len()) {
                Some(1) => "the other one was deleted",
                _ => "the others were deleted",
            };
            format!("The function reported {} in batchItemFailures: {}; {gone}.", failed.len(), back(those))
        }
        BatchVerdict::FunctionError => format!("The function failed, so {}.", back(&all())),
        BatchVerdict::InvalidResponse { reason } => format!("{reason}, so {}.", back(&all())),
        BatchVerdict::Throttled(reason) => {
            let visible = if failed.len() == 1 { "it is visible again" } else { "they are visible again" };
            format!("The function was not free ({}) until the visibility timeout ended, so {visible}.", reason.name())
        }
        BatchVerdict::RecursiveLoop => format!(
            "The function was invoked {} times in the chain of requests that led here, so Lambda stopped it as a recursive loop: {}.",
            limits::CHAIN,
            back(&all())
        ),
        BatchVerdict::MappingGone => format!("It was not sent: its mapping was removed while it waited, so {}.", back(&all())),
        BatchVerdict::Emptied => "Its messages were deleted meanwhile, so the function was not invoked.".into(),
    }
}

/// What those messages do that were not deleted, as things stand. Those that are spent do not come back: they move away.
fn back(who: &str, failed: &[MessageId], queue: &QueueName, step: &Step<'_>) -> String {
    let outlooks: Vec<_> = failed.iter().filter_map(|id| (step.outlook)(queue, *id)).collect();
    let hidden = outlooks.iter().filter_map(|outlook| outlook.visible_at).max();
    let (is_one, are_many) = (who != "those", failed.len() > 1);
    let verb = |one: &'static str, many: &'static str| if is_one { one } else { many };
    let its = if are_many { "their" } else { "its" };
    let Some(until) = hidden else {
        return match outlooks.len() {
            0 => format!("{who} {} not in the queue any more", verb("is", "are")),
            _ => format!("{who} {} visible again already", verb("is", "are")),
        };
    };
    let when = wait(until.since(step.now));
    let mut moving = outlooks.iter().filter_map(|outlook| outlook.moves_to.as_ref());
    let (target, spent) = (moving.next(), moving.count() + 1);
    match target {
        None => format!("{who} {} back {when}, when {its} visibility timeout ends", verb("comes", "come")),
        Some(target) if spent == failed.len() => {
            format!("{who} {} to {target} with the next receive, {when}", verb("moves", "move"))
        }
        Some(target) => {
            let then = if spent == 1 { "1 of them then moves".to_owned() } else { format!("{spent} of them then move") };
            format!("{who} {} back {when}, when {its} visibility timeout ends; {then} to {target}", verb("comes", "come"))
        }
    }
}
