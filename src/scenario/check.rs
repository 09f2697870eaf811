//! Comparing what a step expects with what was seen.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde_json::Value;

use super::file::{Expectation, duration};
use super::observed::{Invocation, Observed};
use super::request::{RequestSeen, check_request};
use super::subject::Subject;
use crate::service::happened::{ClosedBy, Outcome};
use crate::service::ids::RequestId;
use crate::service::input::InvocationType;
use crate::service::time::{Micros, Timestamp};

/// A check that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What was looked at: `invocation first, attempts`.
    pub what: String,
    pub expected: Told,
    pub found: Told,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Words(String),
    /// A value of a document, or a number: a report for machines has it as it is.
    Json(Value),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Json(value) => value.fmt(f),
        }
    }
}

impl From<&str> for Told {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<&String> for Told {
    fn from(words: &String) -> Self {
        Self::Words(words.clone())
    }
}

/// Numbers and truths that checks compare.
macro_rules! told_as_number {
    ($($number:ty),*) => {
        $(impl From<&$number> for Told {
            fn from(number: &$number) -> Self {
                Self::Json((*number).into())
            }
        })*
    };
}
told_as_number!(u16, u32, usize, bool);

/// What a check may refer to.
pub struct Seen<'a> {
    pub observed: &'a Observed,
    /// Names given with `as`.
    pub named: &'a BTreeMap<String, RequestId>,
    pub requests: &'a BTreeMap<String, RequestSeen>,
    /// The request of this very step.
    pub requested: Option<&'a RequestSeen>,
    /// The invocation of this step or of the last one that had one.
    pub latest: Option<RequestId>,
    pub began: Timestamp,
    pub now: Timestamp,
}

/// Every part of an expectation that does not hold.
#[must_use]
pub fn check(expectation: &Expectation, subject: Subject, seen: &Seen) -> Vec<Mismatch> {
    let mut found = Vec::new();
    match subject {
        Subject::Request(name) => match name.map_or(seen.requested, |name| seen.requests.get(name)) {
            Some(request) => {
                check_request(expectation, request, &mut found);
                if let Some(time) = &expectation.service_time {
                    let answered = request.exchange.as_ref().map(|exchange| exchange.ended_at);
                    check_time("request, service_time", time, answered, seen.began, &mut found);
                }
            }
            None => {
                found.push(mismatch(&format!("request {}", name.unwrap_or("of this step")), "it was made", "no such request"))
            }
        },
        Subject::Invocation(name) => check_invocation(name, expectation, seen, &mut found),
        Subject::Queue(queue) => check_queue(queue, expectation, seen, &mut found),
        Subject::Batch(queue) => check_batch(queue, expectation, seen, &mut found),
        Subject::Record(target) => {
            let record = seen.observed.records.get(target);
            check_json(&format!("record {target}"), record, expectation, &mut found);
        }
        Subject::Time => {
            if let Some(time) = &expectation.service_time {
                check_time("service time", time, Some(seen.now), seen.began, &mut found);
            }
        }
    }
    found
}

fn check_invocation(name: Option<&str>, expectation: &Expectation, seen: &Seen, found: &mut Vec<Mismatch>) {
    let id = name.map_or(seen.latest, |name| seen.named.get(name).copied());
    let name = name.unwrap_or("of this step");
    let Some(invocation) = id.and_then(|id| seen.observed.invocations.get(&id)) else {
        found.push(mismatch(&format!("invocation {name}"), "it exists", "no such invocation"));
        return;
    };
    let label = |member: &str| format!("invocation {name}, {member}");
    compare(&label("status_code"), expectation.status_code.as_ref(), &status_code(invocation), found);
    compare(&label("attempts"), expectation.attempts.as_ref(), &invocation.attempts, found);
    if let Some(expected) = &expectation.outcome {
        let is = outcome(invocation);
        if !is.contains(&expected.as_str()) {
            found.push(mismatch(&label("outcome"), expected, is[0]));
        }
    }
    let condition = invocation.outcome.and_then(Outcome::condition).unwrap_or("none").to_owned();
    compare(&label("condition"), expectation.condition.as_ref(), &condition, found);
    let error_type = match &invocation.result {
        Some(Err(error)) => error.error_type.to_string(),
        _ => invocation.refused.map_or("none", |(_, name)| name).to_owned(),
    };
    compare(&label("error_type"), expectation.error_type.as_ref(), &error_type, found);
    if let Some(time) = &expectation.service_time {
        check_time(&label("service_time"), time, invocation.last_attempt_at, seen.began, found);
    }
    if let Some(text) = &expectation.log
        && !invocation.log.iter().any(|line| line.contains(text.as_str()))
    {
        found.push(mismatch(&label("log"), text, &invocation.log.join(" | ")));
    }
    if expectation.pointer.is_some() {
        let response = invocation.result.as_ref().map(|result| match result {
            Ok(payload) => payload.clone(),
            Err(error) => error.payload.clone(),
        });
        check_json(&label("response"), response.as_ref(), expectation, found);
    }
}

/// The HTTP status that the caller got.
fn status_code(invocation: &Invocation) -> u16 {
    match (invocation.refused, invocation.invocation_type) {
        (Some((status, _)), _) => status,
        (None, InvocationType::RequestResponse) => 200,
        (None, InvocationType::Event) => 202,
        (None, InvocationType::DryRun) => 204,
    }
}

/// The words for how it stands; any of them fits, the first is shown.
fn outcome(invocation: &Invocation) -> &'static [&'static str] {
    match invocation.outcome {
        None => &["running"],
        Some(Outcome::Succeeded) => &["succeeded"],
        Some(Outcome::Dropped) => &["dropped"],
        Some(Outcome::Refused) => &["refused"],
        Some(Outcome::FunctionError) => &["failed", "function_error"],
        Some(
            Outcome::RetriesExhausted | Outcome::EventAgeExceeded | Outcome::ZeroReservedConcurrency | Outcome::RecursiveLoop,
        ) => &["failed"],
    }
}

fn check_queue(queue: &str, expectation: &Expectation, seen: &Seen, found: &mut Vec<Mismatch>) {
    if !seen.observed.queues.contains(queue) && !seen.observed.functions.contains(queue) {
        found.push(mismatch(
            &format!("queue {queue}"),
            "a queue, or a function with one of its own",
            "there is none of this name",
        ));
        return;
    }
    let messages = seen.observed.messages.get(queue).map(Vec::len);
    let depth = messages.unwrap_or_else(|| seen.observed.depth(queue));
    compare(&format!("queue {queue}, depth"), expectation.depth.as_ref(), &depth, found);
}

fn check_batch(queue: &str, expectation: &Expectation, seen: &Seen, found: &mut Vec<Mismatch>) {
    let Some(batch) = seen.observed.batches.get(queue) else {
        found.push(mismatch(&format!("batch of {queue}"), "a batch was closed", "none"));
        return;
    };
    let closed_by = match batch.closed_by {
        ClosedBy::Window => "window",
        ClosedBy::Size => "size",
        ClosedBy::Bytes => "bytes",
    };
    compare(&format!("batch of {queue}, closed_by"), expectation.closed_by.as_ref(), &closed_by.to_owned(), found);
    compare(&format!("batch of {queue}, records"), expectation.records.as_ref(), &batch.records, found);
    compare(&format!("batch of {queue}, failed"), expectation.failed.as_ref(), &batch.failed.unwrap_or(0), found);
}

pub(super) fn check_json(what: &str, text: Option<&Bytes>, expectation: &Expectation, found: &mut Vec<Mismatch>) {
    let Some(text) = text else {
        found.push(mismatch(what, "it exists", "nothing has arrived"));
        return;
    };
    let pointer = expectation.pointer.as_deref().unwrap_or("");
    let value: Value = serde_json::from_slice(text).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(text).into_owned()));
    let is = value.pointer(pointer);
    // Without a value, that something is there is what is expected.
    if is.is_none() || expectation.equals.as_ref().is_some_and(|expected| is != Some(expected)) {
        let expected = expectation.equals.clone().map_or_else(|| "something".into(), Told::Json);
        let is = is.map_or_else(|| "nothing there".into(), |is| Told::Json(is.clone()));
        found.push(mismatch(&format!("{what} {pointer}"), expected, is));
    }
}

/// A time is compared with the precision written: `60s` fits 60.0 up to 61.
fn check_time(what: &str, expected: &str, is: Option<Timestamp>, began: Timestamp, found: &mut Vec<Mismatch>) {
    let Some((length, precision)) = duration(expected) else { return };
    let passed = is.map(|is| is.since(began));
    if !passed.is_some_and(|passed| passed >= length && passed < length + precision) {
        let is = passed.map_or_else(|| "never".to_owned(), seconds);
        found.push(mismatch(what, expected, &is));
    }
}

fn seconds(length: Micros) -> String {
    format!("{}.{:06}s", length.0 / 1_000_000, length.0 % 1_000_000)
}

pub(super) fn compare<T: PartialEq>(what: &str, expected: Option<&T>, is: &T, found: &mut Vec<Mismatch>)
where
    for<'a> &'a T: Into<Told>,
{
    if let Some(expected) = expected
        && expected != is
    {
        found.push(mismatch(what, expected, is));
    }
}

pub(super) fn mismatch(what: &str, expected: impl Into<Told>, found: impl Into<Told>) -> Mismatch {
    Mismatch { what: what.to_owned(), expected: expected.into(), found: found.into() }
}
