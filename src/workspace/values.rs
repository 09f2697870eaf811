//! Values with rules of their own: lengths of time, targets, names.

use crate::service::configuration::Target;
use crate::service::time::Micros;

/// Longest name of a function (Lambda's `FunctionName`).
const LONGEST_FUNCTION_NAME: usize = 64;
/// Longest name of a queue (SQS).
const LONGEST_QUEUE_NAME: usize = 80;

/// Reads `90s`, `2m`, `1h`, `120ms`, `1.5s`.
pub(super) fn duration(text: &str) -> Result<Micros, String> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let micros = match unit.trim() {
        "us" | "µs" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" | "min" => 60e6,
        "h" => 3_600e6,
        "d" => 86_400e6,
        "" => return Err(format!("\"{text}\" has no unit; write \"{text}s\", \"{text}m\" or \"{text}h\"")),
        _ => return Err(format!("\"{text}\" is not a time; units are ms, s, m and h")),
    };
    let number: f64 =
        number.parse().map_err(|_| format!("\"{text}\" is not a time; write a number and a unit, such as \"90s\""))?;
    seconds(number * micros / 1e6)
}

/// A number of seconds as a length of time.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be from 0 to a thousand years")]
pub(super) fn seconds(seconds: f64) -> Result<Micros, String> {
    if !(0.0..=3.2e10).contains(&seconds) {
        return Err("a time must not be negative or longer than a thousand years".to_owned());
    }
    Ok(Micros((seconds * 1e6).round() as u64))
}

/// What a target text means.
pub(super) enum ParsedTarget<'a> {
    Known(Target),
    /// A kind of a later capability, such as `event_bus`.
    Later(&'a str),
}

/// Reads `queue:NAME` and `function:NAME`.
pub(super) fn target(text: &str) -> Result<ParsedTarget<'_>, String> {
    let known = |target| Ok(ParsedTarget::Known(target));
    match text.split_once(':') {
        Some(("queue", name)) if !name.is_empty() => known(Target::Queue(name.into())),
        Some(("function", name)) if !name.is_empty() => known(Target::Function(name.into())),
        Some((kind @ ("event_bus" | "topic" | "bucket" | "stream" | "table"), name)) if !name.is_empty() => {
            Ok(ParsedTarget::Later(kind))
        }
        _ => Err(format!("\"{text}\" is not a target; write \"queue:NAME\" or \"function:NAME\"")),
    }
}

/// Whether Lambda would take this as the name of a function.
pub(super) fn function_name(name: &str) -> Result<(), String> {
    checked_name(name, LONGEST_FUNCTION_NAME, "a function")
}

/// Whether SQS would take this as the name of a queue.
pub(super) fn queue_name(name: &str) -> Result<(), String> {
    checked_name(name, LONGEST_QUEUE_NAME, "a queue")
}

fn checked_name(name: &str, longest: usize, what: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err(format!("the name of {what} is empty"));
    }
    if name.chars().count() > longest {
        return Err(format!("\"{name}\" is too long: the name of {what} has at most {longest} characters"));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return Err(format!("\"{name}\" cannot be the name of {what}; letters, digits, - and _ are allowed"));
    }
    Ok(())
}
