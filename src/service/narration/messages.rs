//! Messages that came back, moved, expired or were left out.

use std::sync::Arc;

use super::super::counted::counted;
use super::super::filter::Mismatch;
use super::super::happened::{Happened, MoveReason, Removal, ServiceEvent};
use super::super::ids::{FunctionName, QueueName};
use super::Step;
use super::batch::batch_sentence;

pub(super) fn visible_sentence(queue: &QueueName, step: &Step<'_>) -> String {
    let receives = step.happened.iter().filter_map(|event| match &event.what {
        Happened::MessageVisible { queue: of, receive_count, .. } if of == queue => Some(*receive_count),
        _ => None,
    });
    let receives: Vec<_> = receives.collect();
    if receives.is_empty() {
        return format!("The message of {queue} is gone already.");
    }
    let (back, count) = (receives.len(), counted(receives.len(), "message"));
    let are = if back == 1 { "is" } else { "are" };
    let text = match receives.iter().all(|count| *count == 0) {
        true => format!("A delay in {queue} ended: {count} {are} visible."),
        false => format!("The visibility timeout of {queue} ended: {count} {are} visible again."),
    };
    let more = moved_sentence(queue, back, step.happened).or_else(|| batch_sentence(queue, step));
    match more.or_else(|| collected_sentence(queue, back, step.happened)) {
        Some(more) => format!("{text} {more}"),
        None => text,
    }
}

/// Of `back` messages that are visible again, those that were received too often and so moved to another queue.
fn moved_sentence(queue: &QueueName, back: usize, happened: &[Arc<ServiceEvent>]) -> Option<String> {
    let moved: Vec<_> = happened
        .iter()
        .filter_map(|event| match &event.what {
            Happened::MessageMoved { from, to, receive_count, reason: MoveReason::RedrivePolicy, .. } if from == queue => {
                Some((to, *receive_count))
            }
            _ => None,
        })
        .collect();
    let (to, received) = moved.first()?;
    let times = counted(*received, "receive");
    let who = match moved.len() {
        1 if back <= 1 => "it".to_owned(),
        count if count >= back => "they".into(),
        count => format!("{count} of them"),
    };
    Some(format!("After {times} (max_receive_count) {who} moved to {to}."))
}

/// Of `back` messages that are visible again, those that go out with the next batch.
fn collected_sentence(queue: &QueueName, back: usize, happened: &[Arc<ServiceEvent>]) -> Option<String> {
    let mut received = happened.iter().filter_map(|event| match &event.what {
        Happened::MessageReceived { queue: of, function, .. } if of == queue => Some(function),
        _ => None,
    });
    let function = received.next()?;
    let who = match received.count() + 1 {
        1 if back == 1 => "it for its next batch".to_owned(),
        count if count == back => "them for its next batch".to_owned(),
        count => format!("{count} of them for its next batch"),
    };
    Some(format!("{function} collects {who}."))
}

pub(super) fn expired_sentence(queue: &QueueName, happened: &[Arc<ServiceEvent>]) -> String {
    let is_expiry = |event: &&Arc<ServiceEvent>| matches!(&event.what, Happened::MessageRemoved { queue: of, removal: Removal::Expired, .. } if of == queue);
    match happened.iter().filter(is_expiry).count() {
        0 => format!("The message of {queue} is gone already."),
        1 => format!("1 message of {queue} expired: it was as old as message_retention_period allows, so it was deleted."),
        count => {
            format!(
                "{count} messages of {queue} expired: they were as old as message_retention_period allows, so they were deleted."
            )
        }
    }
}

/// Adds what the filter of a mapping left out meanwhile, and of a single message why.
pub(super) fn with_left_out(text: String, queue: &QueueName, happened: &[Arc<ServiceEvent>]) -> String {
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
