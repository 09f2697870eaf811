//! How a function stands: what runs of it, what waits for it, and how it has gone so far.

use super::super::Model;
use super::super::functions::Function;
use super::{Standing, Why};
use crate::service::counted::counted;
use crate::service::ids::FunctionName;

pub(super) fn function(model: &Model, name: &FunctionName) -> Option<Why> {
    let function = model.functions.get(name)?;
    let view = model.workspace.functions.iter().find(|view| view.configuration.name == *name);
    if let Some(reason) = view.and_then(|view| view.broken.as_deref()) {
        return Some(Why::new(&**name, "Cannot run", Standing::Failed, format!("*{reason}*")));
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
    Some(Why::new(&**name, chip, standing, format!("{text}{queue} {}", so_far(function))))
}

/// `12 invocations, 2 failed attempts, 3 batches with failed records (5 of 40 records).` An attempt that succeeded may have
/// named messages that failed, so both are counted.
fn so_far(function: &Function) -> String {
    let batches = function.batches;
    let failed_batches = (batches.failed > 0).then(|| {
        let failed = format!("{} of {}", batches.failed_messages, counted(batches.messages, "record"));
        format!("{} with failed records ({failed})", counted(batches.failed, "batch"))
    });
    let errors = (function.errors > 0).then(|| counted(function.errors, "failed attempt"));
    let throttles = (function.throttles > 0).then(|| counted(function.throttles, "throttle"));
    let recursions =
        (function.recursions > 0).then(|| format!("{} stopped as a recursive loop", counted(function.recursions, "invocation")));
    let bad: Vec<_> = [errors, failed_batches, throttles, recursions].into_iter().flatten().collect();
    match function.invocations {
        0 => "It was not invoked yet.".to_owned(),
        count if bad.is_empty() => format!("{}, none of which failed.", counted(count, "invocation")),
        count => format!("{}, {}.", counted(count, "invocation"), bad.join(", ")),
    }
}
