//! The first question of the inspector: what is this, how does it stand, and why?

use super::Model;
use super::invocations::{Invocation, Retry};
use super::selection::Selection;
use crate::service::error::ServiceError;
use crate::service::happened::{BatchVerdict, ClosedBy, Outcome, RetryReason};
use crate::service::ids::{BatchId, FunctionName, RequestId};
use crate::service::input::{InvocationSource, InvocationType};
use crate::service::time::{Micros, Timestamp};

/// How something stands, for its chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Running,
    Waiting,
    Ok,
    Failed,
    Throttled,
    Neutral,
}

/// A setting that decided what happens: its key in `invokelab.toml`, its value, and what it means in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    pub function: FunctionName,
    pub key: &'static str,
    pub value: String,
    pub gloss: &'static str,
}

/// What the inspector opens with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub title: String,
    pub chip: String,
    pub standing: Standing,
    /// Sentences; the parts between `*` are the ones that matter: `*Attempt 2 of 3 threw PaymentDeclined.*`.
    pub text: String,
    pub decided_by: Vec<Deciding>,
}

/// Tells what is selected and why it stands as it does, at service time `now`.
#[must_use]
pub fn why(model: &Model, selection: &Selection, now: Timestamp) -> Option<Why> {
    match selection {
        Selection::Invocation(id) | Selection::Attempt(id, _) => invocation(model, *id, now),
        Selection::Batch(id) => batch(model, *id),
        Selection::Function(name) => function(model, name),
        Selection::Queue(name) => queue(model, name),
        Selection::Message(queue, id) => {
            let message = model.queues.get(queue)?.messages.get(id)?;
            let text = format!("A message of *{queue}*, received {} so far.", times(message.receive_count));
            Some(Why {
                title: format!("Message in {queue}"),
                chip: state(message.state, now),
                standing: Standing::Waiting,
                text,
                decided_by: Vec::new(),
            })
        }
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
            Some(Why { title, chip: chip.into(), standing, text: text.into(), decided_by: Vec::new() })
        }
        Selection::Exchange(id) => model.exchange_of(*id).map(super::exchanges::why),
        Selection::Nothing => None,
    }
}

fn times(count: u32) -> String {
    if count == 1 { "once".into() } else { format!("{count} times") }
}

fn state(state: super::queues::MessageState, now: Timestamp) -> String {
    use super::queues::MessageState;
    match state {
        MessageState::Waiting => "Waiting".into(),
        MessageState::InvisibleUntil(until) => {
            // Begun seconds count whole.
            format!("Invisible for {}", Micros::from_secs(until.since(now).0.div_ceil(1_000_000)))
        }
        MessageState::Collected => "In the batch being collected".into(),
        MessageState::InBatch(_) => "In a batch".into(),
    }
}

fn invocation(model: &Model, id: RequestId, now: Timestamp) -> Option<Why> {
    let invocation = model.invocations.get(&id)?;
    let title = invocation.label.as_deref().map_or_else(|| short(id), str::to_owned);
    let mut why = match (invocation.outcome, &invocation.retry) {
        (Some(outcome), _) => ended(model, invocation, outcome),
        (None, Some(retry)) if !invocation.is_running() => waiting(model, invocation, retry, now),
        _ if invocation.is_running() => running(invocation),
        _ => Why {
            title: String::new(),
            chip: "Starting".into(),
            standing: Standing::Running,
            text: "*A new environment initialises for it.* The event is handed over once the code is loaded.".into(),
            decided_by: Vec::new(),
        },
    };
    why.title = title;
    Some(why)
}

/// The first eight digits of an id.
#[must_use]
pub fn short(id: RequestId) -> String {
    id.to_string().chars().take(8).collect()
}

fn running(invocation: &Invocation) -> Why {
    let attempt = invocation.attempts.last().map_or(1, |attempt| attempt.number);
    let text = match invocation.invocation_type {
        InvocationType::Event => {
            format!("*Attempt {attempt} runs.* The caller got its 202 long ago; only Lambda looks at the result.")
        }
        _ => "*It runs, and its caller waits for the answer.*".into(),
    };
    Why { title: String::new(), chip: "Running".into(), standing: Standing::Running, text, decided_by: Vec::new() }
}

fn waiting(model: &Model, invocation: &Invocation, retry: &Retry, now: Timestamp) -> Why {
    let configuration = model.functions.get(&invocation.function).and_then(|function| function.configuration.clone());
    let maximum = configuration.as_ref().map_or(2, |configuration| configuration.event_invoke.maximum_retry_attempts);
    let age_limit =
        configuration.as_ref().map_or(Micros::from_secs(21_600), |configuration| configuration.event_invoke.maximum_event_age);
    let last = retry.attempt > maximum;
    let wait = retry.due.since(retry.since);
    let which = if last { "the last attempt".to_owned() } else { format!("attempt {}", retry.attempt) };
    let text = match &retry.reason {
        RetryReason::FunctionError { error_type } => format!(
            "*Attempt {} of {} failed with {error_type}.* Lambda put the event back into {}'s own queue and waits {wait} before {which}.",
            retry.attempt - 1,
            maximum + 1,
            invocation.function
        ),
        RetryReason::Throttled(reason) => format!(
            "*The attempt was throttled ({}).* That counts as no failed attempt: the event goes back to the queue and is tried again after {wait}, with longer waits each time.",
            reason.name()
        ),
        RetryReason::Person => format!("*Somebody asked for {which} now.*"),
        RetryReason::Restarted => "*It waited on disk while Invokelab was closed.* Nothing aged meanwhile.".into(),
    };
    let mut decided_by = vec![Deciding {
        function: invocation.function.clone(),
        key: "event_invoke.maximum_retry_attempts",
        value: format!("maximum_retry_attempts = {maximum}"),
        gloss: "How often Lambda tries again after a function error: 0, 1 or 2 times.",
    }];
    decided_by.push(Deciding {
        function: invocation.function.clone(),
        key: "event_invoke.maximum_event_age_in_seconds",
        value: format!("{} old of {age_limit}", whole_seconds(now.since(invocation.accepted_at))),
        gloss: "How old an event may become in the queue before Lambda gives it up.",
    });
    let chip = if last { "Waiting for its last attempt".into() } else { format!("Waiting for attempt {}", retry.attempt) };
    let standing = if matches!(retry.reason, RetryReason::Throttled(_)) { Standing::Throttled } else { Standing::Waiting };
    Why { title: String::new(), chip, standing, text, decided_by }
}

fn ended(model: &Model, invocation: &Invocation, outcome: Outcome) -> Why {
    let error =
        invocation.last_ended().and_then(|(_, ended)| ended.result.as_ref().err()).map_or("an error", |error| &*error.error_type);
    let attempts = invocation.attempts.len();
    let key = |key, value: String, gloss| Deciding { function: invocation.function.clone(), key, value, gloss };
    let configuration = model.functions.get(&invocation.function).and_then(|function| function.configuration.clone());
    let (chip, standing, text, decided_by) = match outcome {
        Outcome::Succeeded => ("Succeeded", Standing::Ok, succeeded(invocation, attempts), Vec::new()),
        Outcome::FunctionError => (
            "Function error",
            Standing::Failed,
            match &invocation.source {
                InvocationSource::Mapping { queue } => {
                    format!(
                        "*The function failed with {error}.* A batch is invoked synchronously, so nobody retries the invocation: its messages come back to {queue} when their visibility timeout ends."
                    )
                }
                _ => format!(
                    "*The function failed with {error}.* The caller got status 200 with X-Amz-Function-Error, and nobody retries: a synchronous caller decides for itself."
                ),
            },
            Vec::new(),
        ),
        Outcome::RetriesExhausted => (
            "Gave up: retries exhausted",
            Standing::Failed,
            format!("*All {attempts} attempts failed, the last with {error}.* {}", outlets(invocation)),
            configuration
                .map(|configuration| {
                    key(
                        "event_invoke.maximum_retry_attempts",
                        format!("maximum_retry_attempts = {}", configuration.event_invoke.maximum_retry_attempts),
                        "How often Lambda tries again after a function error: 0, 1 or 2 times.",
                    )
                })
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
                .map(|configuration| {
                    key(
                        "event_invoke.maximum_event_age_in_seconds",
                        format!("maximum_event_age_in_seconds = {}", configuration.event_invoke.maximum_event_age.0 / 1_000_000),
                        "How old an event may become in the queue before Lambda gives it up.",
                    )
                })
                .into_iter()
                .collect(),
        ),
        Outcome::ZeroReservedConcurrency => (
            "Gave up: function is off",
            Standing::Failed,
            format!("*The function is switched off, so the event was given up without an attempt.* {}", outlets(invocation)),
            vec![key(
                "reserved_concurrent_executions",
                "reserved_concurrent_executions = 0".into(),
                "How many environments may run at once; 0 switches the function off.",
            )],
        ),
        Outcome::Refused => refused(invocation),
        Outcome::Dropped => (
            "Dropped",
            Standing::Neutral,
            "*Somebody dropped the event.* No queue and no destination heard of it.".to_owned(),
            Vec::new(),
        ),
    };
    Why { title: String::new(), chip: chip.into(), standing, text, decided_by }
}

fn refused(invocation: &Invocation) -> (&'static str, Standing, String, Vec<Deciding>) {
    match &invocation.refused {
        Some(error @ ServiceError::TooManyRequests { reason }) => (
            "Throttled, 429",
            Standing::Throttled,
            format!("*{error}* No code ran ({}): every execution that is allowed at once was busy.", reason.name()),
            vec![Deciding {
                function: invocation.function.clone(),
                key: "reserved_concurrent_executions",
                value: "reserved_concurrent_executions".into(),
                gloss: "How many environments of this function may run at once.",
            }],
        ),
        Some(error) => {
            let (status, name) = error.status_and_name();
            ("Refused", Standing::Failed, format!("*{name} ({status}).* {error}. No code ran."), Vec::new())
        }
        None => ("Throttled", Standing::Throttled, "*No environment was free, and no more were allowed.*".to_owned(), Vec::new()),
    }
}

fn succeeded(invocation: &Invocation, attempts: usize) -> String {
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
        InvocationType::RequestResponse => {
            let cold = invocation.attempts.last().is_some_and(|attempt| attempt.cold);
            let start =
                if cold { "A new environment had to initialise first: a cold start." } else { "A warm environment took it." };
            format!("*It succeeded in {took}.* {start}")
        }
    }
}

fn outlets(invocation: &Invocation) -> String {
    use crate::service::happened::Outlet;
    let one = |delivery: &super::invocations::Delivery| match (&delivery.error, delivery.outlet) {
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

fn batch(model: &Model, id: BatchId) -> Option<Why> {
    let batch = model.batches.get(&id)?;
    let count = batch.messages.len();
    let mapping = model.functions.get(&batch.function)?.mappings.iter().find(|mapping| mapping.queue == batch.queue);
    let closed = match batch.closed_by {
        ClosedBy::Size if count == 1 => "*A message was there, and the batch holds no more.*".to_owned(),
        ClosedBy::Size => format!("*{count} messages were there: the batch was full.*"),
        ClosedBy::Window => {
            format!("*The window ran out after {} with {count} collected.*", batch.closed_at.since(batch.opened_at))
        }
        ClosedBy::Bytes => format!("*One more record would have passed 6 MB, so {count} went out.*"),
    };
    let (chip, standing, result) = match &batch.finished {
        None if model.invocations.get(&batch.request_id).is_some_and(Invocation::is_throttled) => (
            "Throttled",
            Standing::Throttled,
            "The function was not free. The batch waits for it until the visibility timeout of its messages ends.".to_owned(),
        ),
        None => ("Running", Standing::Running, String::new()),
        Some((_, BatchVerdict::AllSucceeded)) => {
            ("Succeeded", Standing::Ok, "All of them were processed and deleted.".to_owned())
        }
        Some((failed, BatchVerdict::PartialFailure)) => (
            "Partly failed",
            Standing::Throttled,
            format!(
                "The function named {} in batchItemFailures: only those come back, the other {} were deleted.",
                failed.len(),
                count - failed.len()
            ),
        ),
        Some((_, BatchVerdict::FunctionError)) => {
            ("Failed", Standing::Failed, "The function failed, so every message comes back.".to_owned())
        }
        Some((_, BatchVerdict::InvalidResponse { reason })) => {
            ("Failed", Standing::Failed, format!("{reason}, so the whole batch counts as failed."))
        }
        Some((_, BatchVerdict::Throttled(reason))) => (
            "Throttled",
            Standing::Throttled,
            format!(
                "The function was not free ({}) until the visibility timeout ended, so every message comes back.",
                reason.name()
            ),
        ),
        Some((_, BatchVerdict::Emptied)) => (
            "Not sent",
            Standing::Throttled,
            "Its messages were deleted while it waited for the function, so there was nothing to invoke it with.".to_owned(),
        ),
    };
    let decided_by = mapping.map(|mapping| Deciding {
        function: batch.function.clone(),
        key: "event_source_mappings",
        value: format!("batch_size = {}, window {}", mapping.batch_size, mapping.maximum_batching_window),
        gloss: "A batch goes out when it is full, when its window ends, or before it passes 6 MB: whichever comes first.",
    });
    let title = format!("{} to {}", batch.queue, batch.function);
    Some(Why {
        title,
        chip: chip.into(),
        standing,
        text: format!("{closed} {result}"),
        decided_by: decided_by.into_iter().collect(),
    })
}

fn function(model: &Model, name: &FunctionName) -> Option<Why> {
    let function = model.functions.get(name)?;
    let view = model.workspace.functions.iter().find(|view| view.configuration.name == *name);
    if let Some(reason) = view.and_then(|view| view.broken.as_deref()) {
        return Some(Why {
            title: name.to_string(),
            chip: "Cannot run".into(),
            standing: Standing::Failed,
            text: format!("*{reason}*"),
            decided_by: Vec::new(),
        });
    }
    let off = view.is_some_and(|view| view.configuration.reserved_concurrency == Some(0));
    let environments = model.environments.values().filter(|environment| environment.function == *name).count();
    let (chip, standing) = match environments {
        0 if off => ("Switched off", Standing::Neutral),
        0 => ("Cold", Standing::Neutral),
        _ => ("Warm", Standing::Ok),
    };
    let waiting = model.waiting(Some(name)).count();
    let text = match environments {
        0 if off => "*Nothing runs:* reserved_concurrent_executions = 0 refuses every invocation, and drops events.".to_owned(),
        0 => "*No environment runs.* The next event starts one and waits for its init: a cold start.".to_owned(),
        1 => "*One environment is kept warm.* It takes one event at a time; a second one at once starts another.".to_owned(),
        count => format!("*{count} environments,* one event each at a time."),
    };
    let queue = match waiting {
        0 => String::new(),
        1 => " 1 event waits in its own queue.".to_owned(),
        _ => format!(" {waiting} events wait in its own queue."),
    };
    let told = format!(
        "{text}{queue} {}, {}, {}.",
        counted(function.invocations, "invocation"),
        counted(function.errors, "failed attempt"),
        counted(function.throttles, "throttle")
    );
    Some(Why { title: name.to_string(), chip: chip.into(), standing, text: told, decided_by: Vec::new() })
}

fn queue(model: &Model, name: &str) -> Option<Why> {
    let queue = model.queues.get(name)?;
    let (waiting, invisible) = queue.depth();
    let reader = model.functions.values().flat_map(|function| &function.mappings).find(|mapping| &*mapping.queue == name);
    let text = match reader {
        Some(mapping) => format!(
            "*{} reads it* in batches of up to {}, or after {}. {}",
            mapping.function,
            mapping.batch_size,
            mapping.maximum_batching_window,
            depth(waiting, invisible)
        ),
        None => format!("*No function reads it.* {}", depth(waiting, invisible)),
    };
    let chip = match queue.messages.len() {
        0 => "Empty".to_owned(),
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
    };
    Some(Why { title: name.to_owned(), chip, standing: Standing::Neutral, text, decided_by: Vec::new() })
}

/// A length without its fraction; the shortest one has its unit too.
fn whole_seconds(length: Micros) -> String {
    match length.0 / 1_000_000 {
        0 => "0 s".to_owned(),
        seconds => Micros::from_secs(seconds).to_string(),
    }
}

/// What a queue holds, in a sentence.
fn depth(waiting: usize, invisible: usize) -> String {
    let wait = match waiting {
        0 => "No message waits".to_owned(),
        1 => "1 message waits".to_owned(),
        _ => format!("{waiting} messages wait"),
    };
    match invisible {
        0 => format!("{wait}."),
        1 => format!("{wait}, 1 is invisible until its batch is done or its visibility timeout ends."),
        _ => format!("{wait}, {invisible} are invisible until their batches are done or their visibility timeouts end."),
    }
}

/// `1 error`, `2 errors`.
fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
