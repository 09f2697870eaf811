//! Reading `[queues.NAME]` and `[[event_source_mappings]]`.

use super::filter_criteria::filter_criteria;
use super::function::Names;
use super::reader::Section;
use crate::service::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration, RedrivePolicy, Target};
use crate::service::time::Micros;

/// SQS's receive count before a message moves, where none is written (semantics 4.6).
const DEFAULT_MAX_RECEIVE_COUNT: u32 = 10;

/// Reads one queue (semantics 4.6).
pub(super) fn queue(name: &str, section: &Section, names: &Names) -> QueueConfiguration {
    let defaults = QueueConfiguration::new(name);
    QueueConfiguration {
        visibility_timeout: section
            .seconds("visibility_timeout", 0..=43_200, "VisibilityTimeout")
            .unwrap_or(defaults.visibility_timeout),
        message_retention_period: section
            .seconds("message_retention_period", 60..=1_209_600, "MessageRetentionPeriod")
            .unwrap_or(defaults.message_retention_period),
        redrive: section.section("redrive").and_then(|inner| redrive(name, &inner, names)),
        ..defaults
    }
}

fn redrive(name: &str, section: &Section, names: &Names) -> Option<RedrivePolicy> {
    if !section.has("target") {
        section.problem("target", format!("{} needs target = \"queue:NAME\"", section.path));
        return None;
    }
    let target = match names.target(section, "target", &[])? {
        Target::Queue(target) if *target == *name => {
            section.problem("target", "a queue cannot be its own dead-letter queue");
            return None;
        }
        Target::Queue(target) => target,
        Target::Function(_) => {
            section.problem("target", "a queue redrives to a queue; write \"queue:NAME\"");
            return None;
        }
    };
    let max_receive_count =
        section.integer("max_receive_count", 1..=1_000, "maxReceiveCount").unwrap_or(DEFAULT_MAX_RECEIVE_COUNT);
    Some(RedrivePolicy { target, max_receive_count })
}

/// Reads one mapping (semantics 4.1); `None` when it cannot be made.
pub(super) fn mapping(section: &Section, names: &Names) -> Option<MappingConfiguration> {
    let function = function_of(section, names)?;
    if !section.has("source") {
        section.source.problem(section.span.clone(), "a mapping needs source = \"queue:NAME\"");
        return None;
    }
    let queue = match names.target(section, "source", &["stream", "table"])? {
        Target::Queue(queue) => queue,
        Target::Function(_) => {
            section.problem("source", "a function is no event source; write \"queue:NAME\"");
            return None;
        }
    };
    let batch_size = section.integer("batch_size", 1..=10_000, "BatchSize").unwrap_or(10);
    let window = section.seconds("maximum_batching_window_in_seconds", 0..=300, "MaximumBatchingWindowInSeconds");
    let maximum_batching_window = window.unwrap_or_default();
    if batch_size > 10 && maximum_batching_window == Micros(0) {
        section.problem(
            "batch_size",
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        );
        return None;
    }
    let filter_criteria = filter_criteria(section)?;
    let scaling = section.section("scaling_config");
    Some(MappingConfiguration {
        function: function.into(),
        queue,
        batch_size,
        maximum_batching_window,
        report_batch_item_failures: report_batch_item_failures(section),
        maximum_concurrency: scaling.and_then(|scaling| scaling.integer("maximum_concurrency", 2..=1_000, "MaximumConcurrency")),
        filter_criteria,
        enabled: section.boolean("enabled").unwrap_or(true),
    })
}

/// The function of a mapping or a route, written as a bare name or as `function:NAME`.
pub(super) fn function_of(section: &Section, names: &Names) -> Option<String> {
    if !section.has("function") {
        section.source.problem(section.span.clone(), format!("{} needs function = \"NAME\"", section.path));
        return None;
    }
    let written = section.string("function")?;
    let name = written.strip_prefix("function:").unwrap_or(&written);
    if !names.functions.contains(name) {
        let near = super::keys::nearest(name, names.functions.iter().map(String::as_str));
        let repair = near.map_or_else(|| format!("; add [functions.{name}]"), |near| format!("; did you mean {near}?"));
        section.problem("function", format!("there is no function {name}{repair}"));
        return None;
    }
    Some(name.to_owned())
}

fn report_batch_item_failures(section: &Section) -> bool {
    let types = section.strings("function_response_types").unwrap_or_default();
    for other in types.iter().filter(|name| *name != "ReportBatchItemFailures") {
        section.problem(
            "function_response_types",
            format!("\"{other}\" is not a response type; the only one is \"ReportBatchItemFailures\""),
        );
    }
    types.iter().any(|name| name == "ReportBatchItemFailures")
}

/// Lambda refuses a mapping whose queue shows messages again before the function is done (semantics 4.12).
pub(super) fn check_visibility(
    section: &Section,
    mapping: &MappingConfiguration,
    functions: &[&FunctionConfiguration],
    queues: &[QueueConfiguration],
) -> bool {
    let function = functions.iter().find(|function| function.name == mapping.function);
    let queue = queues.iter().find(|queue| queue.name == mapping.queue);
    let (Some(function), Some(queue)) = (function, queue) else { return true };
    let fits = queue.visibility_timeout >= function.timeout;
    if !fits {
        let (visibility, timeout) = (queue.visibility_timeout.0 / 1_000_000, function.timeout.0 / 1_000_000);
        section.problem(
            "source",
            format!("Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"),
        );
    }
    fits
}
