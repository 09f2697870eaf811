//! Why an invocation stands as it does: it runs, it waits for its next attempt, or it has ended.

use super::super::Model;
use super::super::invocations::{Delivery, Invocation, Retry, Start};
use super::super::lengths::whole_seconds;
use super::super::queues::Batch;
use super::batch::{batch_title, why_of_batch};
use super::{Deciding, Standing, Why, failed_with, failure, in_one_chain, recursive_loop, short};
use crate::service::error::ServiceError;
use crate::service::happened::{Outcome, Outlet, RetryReason};
use crate::service::ids::{BatchId, FunctionName, RequestId};
use crate::service::input::InvocationType;
use crate::service::time::{Micros, Timestamp};

pub(super) fn invocation(model: &Model, id: RequestId, now: Timestamp) -> Option<Why> {
    let invocation = model.invocations.get(&id)?;
    let of_batch = invocation.batch.and_then(|id| Some((id, model.batches.get(&id)?)));
    let title = match of_batch {
        Some((_, batch)) => batch_title(batch),
        None => invocation.label.as_deref().map_or_else(|| short(id), str::to_owned),
    };
    let mut why = match (invocation.outcome, &invocation.retry) {
        (Some(outcome), _) => match of_batch {
            Some(batch) => ended_batch(model, batch, invocation),
            None => ended(model, invocation, outcome),
        },
        (None, Some(retry)) if !invocation.is_running() => waiting(model, invocation, retry, now),
        _ if invocation.is_running() => running(invocation),
        _ => {
            let text = "*A new environment initialises for it.* The event is handed over once the code is loaded.";
            Why::new("", "Starting", Standing::Running, text)
        }
    };
    why.title = title;
    let is_told = invocation.retry.as_ref().is_some_and(|retry| retry.reason == RetryReason::CutOff);
    if let Some(words) = invocation.cut_off_words().filter(|_| !is_told) {
        why.text = format!("{} {words}", why.text.trim_end());
    }
    Some(why)
}

fn running(invocation: &Invocation) -> Why {
    let attempt = invocation.attempts.last().map_or(1, |attempt| attempt.number);
    let text = match invocation.invocation_type {
        InvocationType::Event => {
            format!("*Attempt {attempt} runs.* The caller got its 202 long ago; only Lambda looks at the result.")
        }
        _ => "*It runs, and its caller waits for the answer.*".into(),
    };
    Why::new("", "Running", Standing::Running, text)
}

fn waiting(model: &Model, invocation: &Invocation, retry: &Retry, now: Timestamp) -> Why {
    let configuration = model.functions.get(&invocation.function).and_then(|function| function.configuration.clone());
    let maximum = configuration.as_ref().map_or(2, |configuration| configuration.event_invoke.maximum_retry_attempts);
    let oldest =
        configuration.as_ref().map_or(Micros::from_secs(21_600), |configuration| configuration.event_invoke.maximum_event_age);
    let last = retry.attempt > maximum;
    let wait = retry.due.since(retry.since);
    let which = if last { "the last attempt".to_owned() } else { format!("attempt {}", retry.attempt) };
    let error = failure(invocation).filter(|_| matches!(retry.reason, RetryReason::FunctionError { .. }));
    let text = match &retry.reason {
        RetryReason::FunctionError { error_type } => {
            let error_type = error.as_ref().map_or(&**error_type, |error| &error.error_type);
            format!(
                "*Attempt {} of {} {}.* Lambda put the event back into {}'s own queue and waits {wait} before {which}.",
                retry.attempt - 1,
                maximum + 1,
                if init_failed(invocation) { format!("failed at init with {error_type}") } else { failed_with(error_type) },
                invocation.function
            )
        }
        RetryReason::Throttled(reason) => format!(
            "*The attempt was throttled ({}).* That counts as no failed attempt: the event goes back to the queue and is tried again after {wait}, with longer waits each time.",
            reason.name()
        ),
        RetryReason::Person => format!("*Somebody asked for {which} now.*"),
        RetryReason::Restarted => {
            let before = invocation.made_before_words().unwrap_or_default();
            format!("*It waited on disk while Invokelab was closed.* Nothing aged meanwhile. {before}")
        }
        RetryReason::CutOff => {
            let before = invocation.made_before_words().unwrap_or_default();
            format!(
                "*The program ended while attempt {number} ran.* How far it came is not known, and it counts as no attempt: the event stayed on disk, and attempt {number} is made again. What the code did until then may be done twice; Lambda, too, may hand over an event more than once. {before}",
                number = retry.attempt
            )
        }
    };
    let decided_by = vec![retries(&invocation.function, maximum), age(invocation, oldest, now)];
    let chip = if last { "Waiting for its last attempt".into() } else { format!("Waiting for attempt {}", retry.attempt) };
    let standing = if matches!(retry.reason, RetryReason::Throttled(_)) { Standing::Throttled } else { Standing::Waiting };
    Why { failure: error, decided_by, ..Why::new("", chip, standing, text) }
}

fn retries(function: &FunctionName, maximum: u32) -> Deciding {
    let gloss = "How often Lambda tries again after a function error: 0, 1 or 2 times.";
    let value = format!("maximum_retry_attempts = {maximum}");
    Deciding::setting(function, "event_invoke.maximum_retry_attempts", value, gloss)
}

fn age_limit(function: &FunctionName, limit: Micros) -> Deciding {
    let gloss = "How old an event may become in the queue before Lambda gives it up.";
    let value = format!("maximum_event_age_in_seconds = {}", limit.0 / 1_000_000);
    Deciding::setting(function, "event_invoke.maximum_event_age_in_seconds", value, gloss)
}

/// How old the event is, of the age that the setting allows.
fn age(invocation: &Invocation, limit: Micros, now: Timestamp) -> Deciding {
    let lead = format!("the event is {} old of", whole_seconds(now.since(invocation.accepted_at)));
    Deciding { lead, value: limit.to_string(), ..age_limit(&invocation.function, limit) }
}

fn ended(model: &Model, invocation: &Invocation, outcome: Outcome) -> Why {
    let error = failure(invocation);
    let error_type = error.as_ref().map_or("an error", |error| &error.error_type);
    let configuration = model.functions.get(&invocation.function).and_then(|function| function.configuration.clone());
    let (chip, standing, text, decided_by) = match outcome {
        Outcome::Succeeded => ("Succeeded", Standing::Ok, succeeded(invocation), Vec::new()),
        Outcome::FunctionError => (
            "Function error",
            Standing::Failed,
            format!(
                "*{}.* The caller got status 200 with X-Amz-Function-Error, and nobody retries: a synchronous caller decides for itself.",
                match init_failed(invocation) {
                    true => format!("The function's init failed with {error_type}"),
                    false => format!("The function {}", failed_with(error_type)),
                }
            ),
            Vec::new(),
        ),
        Outcome::RetriesExhausted => (
            "Gave up: retries exhausted",
            Standing::Failed,
            format!("*{}* {}", exhausted(invocation, error_type), outlets(invocation)),
            configuration
                .map(|configuration| retries(&invocation.function, configuration.event_invoke.maximum_retry_attempts))
                .into_iter()
                .collect(),
        ),
        Outcome::EventAgeExceeded => (
            "Gave up: too old",
            Standing::Failed,
            format!(
                "*The next attempt would have come after the event's maximum age,* so Lambda did not wait for it. {}",
                outlets(invocation)
            ),
            configuration
                .map(|configuration| age_limit(&invocation.function, configuration.event_invoke.maximum_event_age))
                .into_iter()
                .collect(),
        ),
        Outcome::ZeroReservedConcurrency => (
            "Gave up: function is off",
            Standing::Failed,
            format!("*The function is switched off, so the event was given up without an attempt.* {}", outlets(invocation)),
            vec![Deciding::setting(
                &invocation.function,
                "reserved_concurrent_executions",
                "reserved_concurrent_executions = 0".into(),
                "How many environments may run at once; 0 switches the function off.",
            )],
        ),
        Outcome::RecursiveLoop => (
            "Gave up: recursive loop",
            Standing::Failed,
            format!("*Lambda stopped a recursive loop.* {} {}", in_one_chain(&invocation.function), outlets(invocation)),
            vec![recursive_loop(&invocation.function)],
        ),
        Outcome::Refused => refused(invocation),
        Outcome::Dropped => (
            "Dropped",
            Standing::Neutral,
            "*Somebody dropped the event.* No queue and no destination heard of it.".to_owned(),
            Vec::new(),
        ),
    };
    let told = matches!(outcome, Outcome::FunctionError | Outcome::RetriesExhausted);
    Why { failure: error.filter(|_| told), decided_by, ..Why::new("", chip, standing, text) }
}

/// Every attempt counts, those of an earlier run of the program too.
fn exhausted(invocation: &Invocation, error_type: &str) -> String {
    let text = match invocation.attempts_made() {
        1 => format!("The only attempt {}.", failed_with(error_type)),
        attempts => format!("All {attempts} attempts failed, the last with {error_type}."),
    };
    match invocation.made_before_words() {
        Some(before) => format!("{text} {before}"),
        None => text,
    }
}

fn refused(invocation: &Invocation) -> (&'static str, Standing, String, Vec<Deciding>) {
    match &invocation.refused {
        Some(error @ ServiceError::TooManyRequests { reason }) => (
            "Throttled, 429",
            Standing::Throttled,
            format!("*{error}* No code ran ({}): every execution that is allowed at once was busy.", reason.name()),
            vec![Deciding::setting(
                &invocation.function,
                "reserved_concurrent_executions",
                "reserved_concurrent_executions".into(),
                "How many environments of this function may run at once.",
            )],
        ),
        Some(ServiceError::RecursiveInvocation { .. }) => (
            "Recursive loop, 400",
            Standing::Failed,
            format!(
                "*Lambda stopped a recursive loop.* {} The caller got a RecursiveInvocationException.",
                in_one_chain(&invocation.function)
            ),
            vec![recursive_loop(&invocation.function)],
        ),
        Some(error) => {
            let (status, name) = error.status_and_name();
            ("Refused", Standing::Failed, format!("*{name} ({status}).* {error}. No code ran."), Vec::new())
        }
        None => ("Throttled", Standing::Throttled, "*No environment was free, and no more were allowed.*".to_owned(), Vec::new()),
    }
}

fn succeeded(invocation: &Invocation) -> String {
    let attempts = invocation.attempts_made();
    let took = invocation.last_ended().map(|(_, ended)| ended.duration).unwrap_or_default();
    match invocation.invocation_type {
        InvocationType::DryRun => "*All checks passed.* A DryRun runs no code.".into(),
        InvocationType::Event if attempts > 1 => format!(
            "*Attempt {attempts} succeeded in {took}.* The failures before it are forgotten: an event ends once. {}",
            outlets(invocation)
        ),
        InvocationType::Event => format!(
            "*The first attempt succeeded in {took}.* The caller got its 202 before that and never sees the result. {}",
            outlets(invocation)
        ),
        InvocationType::RequestResponse => format!("*It succeeded in {took}.* {}", start(invocation)),
    }
}

/// What kind of environment took the last attempt.
fn start(invocation: &Invocation) -> &'static str {
    match invocation.attempts.last().map(|attempt| attempt.start) {
        Some(Start::Cold(_)) => "A new environment had to initialise first: a cold start.",
        Some(Start::InitWithin(_)) => "The environment had to initialise again within the invoke.",
        Some(Start::InitFailed) => "The init failed, so no event reached the code.",
        Some(Start::Warm) | None => "A warm environment took it.",
    }
}

/// Whether the code could not even be loaded for the last attempt.
fn init_failed(invocation: &Invocation) -> bool {
    invocation.attempts.last().is_some_and(|attempt| attempt.start == Start::InitFailed)
}

/// The invocation that a batch was handed over by: what came of its messages says more than what the function answered.
fn ended_batch(model: &Model, (id, batch): (BatchId, &Batch), invocation: &Invocation) -> Why {
    let mut why = why_of_batch(model, id, batch);
    if let Some((_, ended)) = invocation.last_ended() {
        why.text.push_str(&format!(" The function had it for {}. {}", ended.duration, start(invocation)));
    }
    why
}

fn outlets(invocation: &Invocation) -> String {
    let one = |delivery: &Delivery| match (&delivery.error, delivery.outlet) {
        (Some(error), _) => format!("Delivery to {} failed: {error}.", delivery.target),
        (None, Outlet::DeadLetter) => format!("The event itself went to {}.", delivery.target),
        (None, Outlet::OnFailure | Outlet::OnSuccess) => format!("A record of it went to {}.", delivery.target),
    };
    let told: Vec<_> = invocation.delivered.iter().map(one).collect();
    match (told.is_empty(), invocation.outcome) {
        (true, Some(Outcome::Succeeded)) => String::new(),
        (true, _) => "There is no dead-letter queue and no on-failure destination, so the event is gone.".into(),
        (false, _) => told.join(" "),
    }
}
