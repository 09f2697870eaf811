//! Every key that `invokelab.toml` may hold, and the check that no other stands in it.
//!
//! Keys are Lambda's member names in snake_case. Keys of later capabilities are known, so that a file written for them
//! opens; they are reported as not active yet.

use std::cmp::Reverse;

use toml_edit::{Item, TableLike};

use super::reader::Section;
use super::syntax::Source;

/// What a key holds.
pub(super) enum Inside {
    Value,
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table of tables that a person names, each with these keys.
    Named(&'static [Key]),
    /// A list of tables with these keys.
    List(&'static [Key]),
    /// A table with keys of the person's own.
    Free,
    /// A text, or a list of tables with these keys.
    TextOrList(&'static [Key]),
}

/// A known key.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) active: bool,
    pub(super) inside: Inside,
}

const fn now(name: &'static str) -> Key {
    Key { name, active: true, inside: Inside::Value }
}

const fn later(name: &'static str) -> Key {
    Key { name, active: false, inside: Inside::Value }
}

const fn holds(name: &'static str, inside: Inside) -> Key {
    Key { name, active: true, inside }
}

const fn later_holds(name: &'static str, inside: Inside) -> Key {
    Key { name, active: false, inside }
}

const CORS: &[Key] = &[
    now("allow_origins"),
    now("allow_methods"),
    now("allow_headers"),
    now("expose_headers"),
    now("max_age"),
    now("allow_credentials"),
];

pub(super) const URL: &[Key] = &[now("auth_type"), now("invoke_mode"), holds("cors", Inside::Table(CORS))];

/// The members of AddPermission, and what a policy document may have beyond them.
pub(super) const POLICY: &[Key] = &[
    now("statement_id"),
    now("effect"),
    now("principal"),
    now("action"),
    now("source_arn"),
    now("source_account"),
    now("principal_org_id"),
    now("function_url_auth_type"),
    now("invoked_via_function_url"),
    holds("condition", Inside::Free),
];

/// The keys of `[functions.NAME]`.
pub(super) const FUNCTION: &[Key] = &[
    now("runtime"),
    now("code"),
    now("handler"),
    now("timeout"),
    now("memory_size"),
    holds("environment", Inside::Free),
    now("env_file"),
    now("reserved_concurrent_executions"),
    now("recursive_loop"),
    now("layers"),
    now("build"),
    now("command"),
    now("debug"),
    now("freeze"),
    holds("script", Inside::List(&[now("after"), holds("respond", Inside::Free), now("throw"), now("exit"), now("hang")])),
    holds(
        "event_invoke",
        Inside::Table(&[
            now("maximum_retry_attempts"),
            now("maximum_event_age_in_seconds"),
            now("on_success"),
            now("on_failure"),
        ]),
    ),
    holds("dead_letter", Inside::Table(&[now("target")])),
    holds("url", Inside::Table(URL)),
    holds("policy", Inside::TextOrList(POLICY)),
    later("tracing"),
    later("endpoint"),
    later("function_name"),
    later("provisioned_concurrent_executions"),
    later_holds("versions", Inside::Free),
    later_holds("aliases", Inside::Free),
];

/// The keys of `[queues.NAME]`.
pub(super) const QUEUE: &[Key] = &[
    now("visibility_timeout"),
    now("message_retention_period"),
    holds("redrive", Inside::Table(&[now("target"), now("max_receive_count")])),
    later("fifo"),
];

/// The keys of `[[event_source_mappings]]`.
pub(super) const MAPPING: &[Key] = &[
    now("function"),
    now("source"),
    now("enabled"),
    now("batch_size"),
    now("maximum_batching_window_in_seconds"),
    now("function_response_types"),
    holds("scaling_config", Inside::Table(&[now("maximum_concurrency")])),
    now("filter_criteria"),
    later("starting_position"),
    later("starting_position_timestamp"),
    later("parallelization_factor"),
    later("bisect_batch_on_function_error"),
    later("maximum_retry_attempts"),
    later("maximum_record_age_in_seconds"),
    later("tumbling_window_in_seconds"),
    later("on_failure"),
];

/// The keys of `[[apis]]`.
pub(super) const API: &[Key] = &[
    now("name"),
    now("kind"),
    now("stage"),
    holds("stage_variables", Inside::Free),
    now("binary_media_types"),
    now("multi_value_headers"),
    holds("cors", Inside::Table(CORS)),
    holds("routes", Inside::List(ROUTE)),
];

/// The keys of a route.
pub(super) const ROUTE: &[Key] = &[now("route"), now("function"), now("payload_format_version"), now("timeout")];

/// The keys of `[workspace]`.
pub(super) const WORKSPACE: &[Key] = &[
    now("name"),
    now("region"),
    now("account_id"),
    now("endpoint_port"),
    now("doors_port"),
    now("doors_https_port"),
    now("doors_https_certificate"),
    now("credentials_file"),
    now("account_concurrency"),
    now("environment_idle_expiry"),
];

/// The keys of the file itself.
pub(super) const FILE: &[Key] = &[
    holds("workspace", Inside::Table(WORKSPACE)),
    holds("functions", Inside::Named(FUNCTION)),
    holds("queues", Inside::Named(QUEUE)),
    holds("event_source_mappings", Inside::List(MAPPING)),
    later_holds("streams", Inside::Named(&[now("shards"), now("retention_period_hours")])),
    later_holds("tables", Inside::Named(&[now("key"), now("stream_view_type")])),
    later_holds("topics", Inside::Named(&[now("subscriptions")])),
    later_holds("event_buses", Inside::Named(&[])),
    later_holds(
        "rules",
        Inside::List(&[now("name"), now("event_bus"), now("event_pattern"), now("schedule_expression"), now("targets")]),
    ),
    later_holds("schedules", Inside::List(&[now("name"), now("expression"), now("timezone"), now("function"), now("payload")])),
    later_holds(
        "buckets",
        Inside::Named(&[holds("notifications", Inside::List(&[now("events"), now("prefix"), now("suffix"), now("target")]))]),
    ),
    holds("apis", Inside::List(API)),
];

/// The keys of `events/FUNCTION/NAME.meta.toml`.
const EVENT: &[Key] = &[now("invocation_type"), holds("variables", Inside::Free), later("assertions")];

/// [`check`] for what belongs to a saved event.
pub(super) fn check_event(source: &Source, table: &dyn TableLike) {
    walk(source, table, EVENT, "", true);
}

/// Reports unknown keys, keys of later capabilities, and tables where none belong.
pub(super) fn check(source: &Source, table: &dyn TableLike) {
    walk(source, table, FILE, "", true);
}

fn walk(source: &Source, table: &dyn TableLike, known: &[Key], path: &str, active: bool) {
    for (name, item) in table.iter() {
        let span = table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span());
        let full = join(path, name);
        let Some(key) = known.iter().find(|key| key.name == name) else {
            source.problem(span, unknown(&full, name, known));
            continue;
        };
        if active && !key.active {
            source.not_active_yet(span, format!("{full} is kept, but not active yet"));
        }
        inside(source, item, key, &full, active && key.active);
    }
}

fn inside(source: &Source, item: &Item, key: &Key, path: &str, active: bool) {
    match &key.inside {
        Inside::Value | Inside::Free => {}
        Inside::Table(known) => match item.as_table_like() {
            Some(table) => walk(source, table, known, path, active),
            None => source.problem(item.span(), format!("{path} must be a table, such as [{path}]")),
        },
        Inside::Named(known) => match item.as_table_like() {
            Some(table) => named(source, table, known, path, active),
            None => source.problem(item.span(), format!("{path} must be a table of tables, such as [{path}.NAME]")),
        },
        Inside::TextOrList(_) if item.is_str() => {}
        Inside::List(known) | Inside::TextOrList(known) => list(source, item, known, path, active),
    }
}

fn named(source: &Source, table: &dyn TableLike, known: &[Key], path: &str, active: bool) {
    for (name, item) in table.iter() {
        let full = join(path, name);
        match item.as_table_like() {
            Some(inner) => walk(source, inner, known, &full, active),
            None => source.problem(item.span(), format!("{full} must be a table: write [{full}] on a line of its own")),
        }
    }
}

fn list(source: &Source, item: &Item, known: &[Key], path: &str, active: bool) {
    if let Some(tables) = item.as_array_of_tables() {
        tables.iter().for_each(|table| walk(source, table, known, path, active));
    } else if let Some(array) = item.as_array() {
        for value in array {
            match value.as_inline_table() {
                Some(table) => walk(source, table, known, path, active),
                None => source.problem(value.span(), format!("{path} must be a list of tables")),
            }
        }
    } else {
        source.problem(item.span(), format!("{path} must be a list of tables, such as [[{path}]]"));
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn unknown(full: &str, name: &str, known: &[Key]) -> String {
    match nearest(name, known.iter().map(|key| key.name)) {
        Some(near) => format!("{full} is not a known key; did you mean {near}?"),
        None if known.is_empty() => format!("{full} is not a known key; this table takes none"),
        None => {
            let names: Vec<_> = known.iter().filter(|key| key.active).map(|key| key.name).collect();
            format!("{full} is not a known key; known here are {}", names.join(", "))
        }
    }
}

/// The unknown keys of a table.
pub(super) fn unknown_keys<'a>(section: &Section<'a>, known: &[Key]) -> impl Iterator<Item = &'a str> {
    section.entries().map(|(name, _)| name).filter(|name| known.iter().all(|key| key.name != *name))
}

/// Whether an unknown key of the table may have been meant to be `wanted`.
pub(super) fn misspells(section: &Section<'_>, known: &[Key], wanted: &str) -> bool {
    unknown_keys(section, known).any(|name| nearest(name, known.iter().map(|key| key.name)) == Some(wanted))
}

/// The known name that is most likely meant by `name`, if any is near.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_ascii_lowercase().replace('-', "_");
    let wanted = plain(name);
    // Of two that are as near, the one that begins alike is meant: `sq` is a beginning of `sqs`, and a slip for `s3`.
    let alike = |candidate: &str| wanted.chars().zip(candidate.chars()).take_while(|(a, b)| a == b).count();
    known
        .map(|candidate| (plain(candidate), candidate))
        .map(|(plain, candidate)| (distance(&wanted, &plain), Reverse(alike(&plain)), candidate))
        .min()
        .filter(|(distance, _, candidate)| *distance <= candidate.len().max(wanted.len()).div_ceil(3))
        .map(|(_, _, candidate)| candidate)
}

/// Edits that turn one into the other, with a key that continues the other (`memory` and `memory_size`) counted as near.
fn distance(a: &str, b: &str) -> usize {
    if a.len() >= 4 && b.starts_with(a) { 1 } else { strsim::levenshtein(a, b) }
}
