//! Why a batch went out when it did, and what came of its messages.

use super::super::Model;
use super::super::invocations::Invocation;
use super::super::queues::Batch;
use super::aftermath::aftermath;
use super::{Deciding, Standing, Why, failed_with, failure, recursive_loop};
use crate::command::SettingOwner;
use crate::service::configuration::MappingConfiguration;
use crate::service::happened::{BatchVerdict, ClosedBy};
use crate::service::ids::BatchId;
use crate::service::limits;

/// What came of a batch: the sentence that matters and what follows from it.
struct Result {
    chip: &'static str,
    standing: Standing,
    first: String,
    rest: String,
}

pub(super) fn batch(model: &Model, id: BatchId) -> Option<Why> {
    let batch = model.batches.get(&id)?;
    Some(Why { title: batch_title(batch), ..why_of_batch(model, id, batch) })
}

/// `incoming to billing, batch 12`.
pub(super) fn batch_title(batch: &Batch) -> String {
    format!("{} to {}, batch {}", batch.queue, batch.function, batch.number)
}

/// All but the title. What failed stands before what closed the batch.
pub(super) fn why_of_batch(model: &Model, id: BatchId, batch: &Batch) -> Why {
    let Result { chip, standing, first, rest } = result(model, id, batch);
    let closed = closed(batch);
    let text = match standing {
        Standing::Failed | Standing::Throttled => format!("*{first}* {rest} {closed}"),
        _ => format!("*{closed}* {first}{rest}"),
    };
    // Of an invocation that is not kept any more the error is not known.
    let threw = matches!(batch.finished, Some((_, BatchVerdict::FunctionError)));
    let failure = model.invocations.get(&batch.request_id).filter(|_| threw).and_then(failure);
    Why { failure, decided_by: decided_by(model, batch), ..Why::new("", chip, standing, text) }
}

/// The limits of a batch, the one that closed it first.
fn decided_by(model: &Model, batch: &Batch) -> Vec<Deciding> {
    let mappings = model.functions.get(&batch.function).map(|function| function.mappings.as_slice()).unwrap_or_default();
    let Some(mapping) = mappings.iter().find(|mapping| mapping.queue == batch.queue) else { return Vec::new() };
    let setting = |key, value, gloss| mapping_setting(mapping, key, value, gloss);
    let window = batch_window(mapping);
    let size = setting("batch_size", mapping.batch_size.to_string(), "A batch that holds so many records goes out at once.");
    let bytes = Deciding {
        key: None,
        value: "the limit of 6 MB".into(),
        ..setting("", String::new(), "An event of a synchronous invocation is not larger; nobody can change that.")
    };
    if matches!(batch.finished, Some((_, BatchVerdict::RecursiveLoop))) {
        return vec![recursive_loop(&batch.function)];
    }
    match batch.closed_by {
        ClosedBy::Window => vec![window, size],
        ClosedBy::Size => vec![size, window],
        ClosedBy::Bytes => vec![bytes, size, window],
    }
}

fn mapping_setting(mapping: &MappingConfiguration, key: &'static str, value: String, gloss: &'static str) -> Deciding {
    let owner = SettingOwner::Mapping { function: mapping.function.clone(), queue: mapping.queue.clone() };
    Deciding { owner, key: Some(key), lead: String::new(), value: format!("{key} = {value}"), gloss }
}

/// The setting that says how long a batch is collected.
pub(super) fn batch_window(mapping: &MappingConfiguration) -> Deciding {
    mapping_setting(
        mapping,
        "maximum_batching_window_in_seconds",
        (mapping.maximum_batching_window.0 / 1_000_000).to_string(),
        "How long records are collected before a batch that is not full goes out.",
    )
}

/// What closed it, in a sentence.
fn closed(batch: &Batch) -> String {
    let count = batch.messages.len();
    match batch.closed_by {
        ClosedBy::Size if count == 1 => "A message was there, and the batch holds no more.".to_owned(),
        ClosedBy::Size => format!("{count} messages were there: the batch was full."),
        ClosedBy::Window if batch.closed_at == batch.opened_at => match count {
            1 => "A message was there, and a window of 0 s waits for no more.".to_owned(),
            _ => format!("{count} messages were there, and a window of 0 s waits for no more."),
        },
        ClosedBy::Window => {
            format!("The window ran out after {} with {count} collected.", batch.closed_at.since(batch.opened_at))
        }
        ClosedBy::Bytes => format!("One more record would have passed 6 MB, so {count} went out."),
    }
}

fn result(model: &Model, id: BatchId, batch: &Batch) -> Result {
    let (count, function) = (batch.messages.len(), &batch.function);
    let aftermath = || aftermath(model, id, batch);
    let failed = |first: String, rest: String| Result { chip: "Failed", standing: Standing::Failed, first, rest };
    let unsent = |chip, first: String, rest: String| Result { chip, standing: Standing::Throttled, first, rest };
    match &batch.finished {
        None if model.invocations.get(&batch.request_id).is_some_and(Invocation::is_throttled) => unsent(
            "Throttled",
            "The function was not free.".into(),
            "The batch waits for it until the visibility timeout of its messages ends.".into(),
        ),
        None => {
            let first = format!("It went to {function}, which has not answered yet.");
            Result { chip: "Running", standing: Standing::Running, first, rest: String::new() }
        }
        Some((_, BatchVerdict::AllSucceeded)) => {
            let first = if count == 1 { "It was processed and deleted." } else { "All of them were processed and deleted." };
            Result { chip: "Succeeded", standing: Standing::Ok, first: first.into(), rest: String::new() }
        }
        Some((back, BatchVerdict::PartialFailure)) if back.len() < count => {
            let first = format!("{function} reported {} of {count} records in batchItemFailures.", back.len());
            let deleted = match count - back.len() {
                1 => "The other one was deleted.".to_owned(),
                deleted => format!("The other {deleted} were deleted."),
            };
            Result { chip: "Partly failed", standing: Standing::Failed, first, rest: format!("{} {deleted}", aftermath()) }
        }
        Some((_, BatchVerdict::PartialFailure)) => {
            let all = if count == 1 { "the only record".to_owned() } else { format!("all {count} records") };
            failed(format!("{function} reported {all} in batchItemFailures."), aftermath())
        }
        Some((_, BatchVerdict::FunctionError)) => {
            let error = model.invocations.get(&batch.request_id).and_then(failure);
            let failed_with = error.map_or_else(|| "failed".to_owned(), |error| failed_with(&error.error_type));
            let rest = "A batch is invoked synchronously, so nobody retries the invocation.";
            failed(format!("{function} {failed_with}."), format!("{rest} {}", aftermath()))
        }
        Some((_, BatchVerdict::InvalidResponse { reason })) => {
            failed(format!("{}, so the whole batch counts as failed.", reason.replace('*', "∗")), aftermath())
        }
        Some((_, BatchVerdict::Throttled(reason))) => unsent(
            "Throttled",
            format!("The function was not free ({}) until the visibility timeout ended.", reason.name()),
            aftermath(),
        ),
        Some((_, BatchVerdict::RecursiveLoop)) => Result {
            chip: "Recursive loop",
            standing: Standing::Failed,
            first: format!("{function} was stopped as a recursive loop."),
            rest: format!("It had been invoked {} times in the chain of requests that led here. {}", limits::CHAIN, aftermath()),
        },
        Some((_, BatchVerdict::MappingGone)) => unsent(
            "Not sent",
            format!("The mapping from {} to {function} was removed while the batch waited for the function.", batch.queue),
            aftermath(),
        ),
        Some((_, BatchVerdict::Emptied)) => unsent(
            "Not sent",
            "Its messages were deleted while it waited for the function.".into(),
            "There was nothing left to invoke it with.".into(),
        ),
    }
}
