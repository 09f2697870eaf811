//! Functions as the read operations show them: the members of `FunctionConfiguration` that have a meaning here.

use serde_json::{Value, json};

use super::ApiView;
use crate::event::FunctionView;
use crate::service::configuration::Target;

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
#[must_use]
pub fn arn(view: &ApiView, function: &str) -> String {
    format!("arn:aws:lambda:{}:{}:function:{function}", view.region, view.account_id)
}

fn target_arn(view: &ApiView, target: &Target) -> String {
    match target {
        Target::Queue(name) => format!("arn:aws:sqs:{}:{}:{name}", view.region, view.account_id),
        Target::Function(name) => arn(view, name),
    }
}

/// The body of GetFunctionConfiguration.
#[must_use]
pub fn configuration(view: &ApiView, function: &FunctionView) -> Value {
    let configuration = &function.configuration;
    let mut value = json!({
        "FunctionName": &*configuration.name,
        "FunctionArn": arn(view, &configuration.name),
        "Runtime": &*function.runtime,
        "Handler": &*configuration.handler,
        "Timeout": configuration.timeout.0 / 1_000_000,
        "MemorySize": configuration.memory_size,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "RevisionId": configuration.revision.to_string(),
        "State": if function.broken.is_none() { "Active" } else { "Failed" },
        "LastUpdateStatus": "Successful",
        "Architectures": [if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }],
        "TracingConfig": { "Mode": "PassThrough" },
    });
    if let Some(reason) = &function.broken {
        value["StateReason"] = json!(reason);
    }
    if let Some(target) = &configuration.dead_letter {
        value["DeadLetterConfig"] = json!({ "TargetArn": target_arn(view, target) });
    }
    if !function.environment.is_empty() {
        value["Environment"] = json!({ "Variables": function.environment });
    }
    value
}

/// The body of GetFunction.
#[must_use]
pub fn function(view: &ApiView, function: &FunctionView) -> Value {
    let mut value = json!({
        "Configuration": configuration(view, function),
        "Code": { "RepositoryType": "File", "Location": function.code.display().to_string() },
        "Tags": {},
    });
    if let Some(reserved) = function.configuration.reserved_concurrency {
        value["Concurrency"] = json!({ "ReservedConcurrentExecutions": reserved });
    }
    value
}

/// The body of GetFunctionRecursionConfig.
#[must_use]
pub fn recursion(_: &ApiView, function: &FunctionView) -> Value {
    json!({ "RecursiveLoop": function.configuration.recursive_loop.name() })
}

/// A page of ListFunctions: at most `most` functions by name, those after `marker`, which is the last name of the page
/// before. Functions may come and go between two pages.
#[must_use]
pub fn list(view: &ApiView, marker: Option<&str>, most: usize) -> Value {
    let mut functions: Vec<_> = view.workspace.functions.iter().collect();
    functions.sort_by(|a, b| a.configuration.name.cmp(&b.configuration.name));
    functions.retain(|function| marker.is_none_or(|marker| *function.configuration.name > *marker));
    let more = functions.len() > most;
    functions.truncate(most);
    let mut page = json!({ "Functions": functions.iter().map(|function| configuration(view, function)).collect::<Vec<_>>() });
    if let Some(last) = functions.last().filter(|_| more) {
        page["NextMarker"] = json!(&*last.configuration.name);
    }
    page
}
