//! A verdict as it is printed.

use serde::Serialize;
use serde_json::Value;

use super::super::browser::{CorsError, Ending, Exchange, Step};
use super::super::cors::{Confidence, Fact, ProducedHeader, Setting};
use super::super::cors_messages::{Fix, Message};

/// How a request ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Readable,
    Opaque,
    #[serde(rename = "opaqueredirect")]
    OpaqueRedirect,
    NotSent,
    PreflightFailed,
    ResponseBlocked,
}

/// What the first preflight asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PreflightHeaders {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(rename = "access-control-request-method", skip_serializing_if = "Option::is_none")]
    pub request_method: Option<String>,
    #[serde(rename = "access-control-request-headers", skip_serializing_if = "Option::is_none")]
    pub request_headers: Option<String>,
}

/// What Chromium does with a request, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    pub id: String,
    pub preflight_sent: bool,
    pub preflight_request_headers: Option<PreflightHeaders>,
    pub preflight_ok: Option<bool>,
    pub actual_sent: bool,
    pub readable: bool,
    pub status: Option<u16>,
    pub readable_headers: Vec<String>,
    pub outcome: Outcome,
    pub cors_error: Option<CorsError>,
    pub cookie_sent: bool,
    pub code: Option<String>,
    pub message: Option<String>,
    pub rule: Option<&'static str>,
    pub fix: Option<String>,
    /// The fix as a change of settings, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Fix>,
    pub function_ran: bool,
    pub notes: Vec<VerdictNote>,
    /// Headers that the service added, each with its setting and the fact it rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ProducedLine>,
    /// Facts that are not certain and whose other reading would change this verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<&'static Fact>,
    pub steps_taken: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<StandardVerdict>,
}

/// Something else that is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictNote {
    pub code: String,
    pub message: String,
    pub rule: &'static str,
    pub fix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Fix>,
}

/// A header that the service added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProducedLine {
    pub name: &'static str,
    pub value: String,
    pub setting: Option<Setting>,
    pub fact: Option<&'static str>,
    pub confidence: Option<Confidence>,
}

/// What the Fetch standard would give where Chromium leaves it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StandardVerdict {
    /// The members that differ.
    #[serde(flatten)]
    pub members: serde_json::Map<String, Value>,
    pub why: Vec<&'static str>,
}

impl Verdict {
    /// The verdict about an exchange, with what there is to say about it.
    #[must_use]
    pub fn new(id: &str, exchange: &Exchange, message: Option<&Message>, notes: &[Message]) -> Self {
        let (readable, status, readable_headers) = match &exchange.ending {
            Ending::Readable { status, headers } => (true, Some(*status), headers.clone()),
            Ending::Opaque | Ending::OpaqueRedirect | Ending::Failed(_) => (false, None, Vec::new()),
        };
        let actual = || exchange.wire.iter().filter(|sent| !sent.request.preflight && !sent.from_cache);
        Self {
            id: id.to_owned(),
            preflight_sent: exchange.wire.iter().any(|sent| sent.request.preflight),
            preflight_request_headers: preflight_headers(exchange),
            preflight_ok: preflight_ok(exchange),
            actual_sent: actual().next().is_some(),
            readable,
            status,
            readable_headers,
            outcome: outcome(exchange),
            cors_error: cors_error(exchange),
            cookie_sent: actual().any(|sent| sent.request.headers.has("cookie")),
            code: message.map(Message::code_text),
            message: message.map(|said| said.message.clone()),
            rule: message.map(|said| said.rule),
            fix: message.map(|said| said.fix.clone()),
            repair: message.and_then(|said| said.repair.clone()),
            function_ran: message.and_then(|said| said.function_ran).unwrap_or_else(|| actual().next().is_some()),
            notes: notes.iter().map(VerdictNote::from).collect(),
            service: Vec::new(),
            depends_on: Vec::new(),
            steps_taken: exchange.trace.steps.clone(),
            standard: None,
        }
    }

    /// What `other`, made by the standard's rules, says differently.
    #[must_use]
    pub fn differing_members(&self, other: &Self) -> serde_json::Map<String, Value> {
        let (mine, theirs) = (self.compared(), other.compared());
        theirs.into_iter().filter(|(name, value)| mine.get(name) != Some(value)).collect()
    }

    /// The members that a browser can be measured by.
    #[must_use]
    pub fn compared(&self) -> serde_json::Map<String, Value> {
        const COMPARED: [&str; 10] = [
            "preflight_sent",
            "preflight_request_headers",
            "preflight_ok",
            "actual_sent",
            "readable",
            "status",
            "readable_headers",
            "outcome",
            "cors_error",
            "cookie_sent",
        ];
        let Ok(Value::Object(mut all)) = serde_json::to_value(self) else { return serde_json::Map::new() };
        all.retain(|name, _| COMPARED.contains(&name.as_str()));
        all
    }
}

impl From<&Message> for VerdictNote {
    fn from(said: &Message) -> Self {
        let (code, message, fix) = (said.code_text(), said.message.clone(), said.fix.clone());
        Self { code, message, rule: said.rule, fix, repair: said.repair.clone() }
    }
}

impl From<&ProducedHeader> for ProducedLine {
    fn from(header: &ProducedHeader) -> Self {
        let (fact, confidence) = (header.fact.map(|fact| fact.number), header.fact.map(|fact| fact.confidence));
        Self { name: header.name, value: header.value.clone(), setting: header.setting, fact, confidence }
    }
}

fn preflight_headers(exchange: &Exchange) -> Option<PreflightHeaders> {
    let headers = &exchange.wire.iter().find(|sent| sent.request.preflight)?.request.headers;
    Some(PreflightHeaders {
        origin: headers.joined("origin"),
        request_method: headers.joined("access-control-request-method"),
        request_headers: headers.joined("access-control-request-headers"),
    })
}

/// Whether each preflight that reached the server was followed there by its actual request.
fn preflight_ok(exchange: &Exchange) -> Option<bool> {
    let arrived: Vec<_> = exchange.wire.iter().filter(|sent| !sent.from_cache).map(|sent| sent.request.preflight).collect();
    let followed = |index: usize| arrived.get(index + 1) == Some(&false);
    let mut preflights = arrived.iter().enumerate().filter(|(_, preflight)| **preflight).peekable();
    preflights.peek()?;
    Some(preflights.all(|(index, _)| followed(index)))
}

fn cors_error(exchange: &Exchange) -> Option<CorsError> {
    match &exchange.ending {
        Ending::Failed(failed) => failed.failure.cors_error(),
        Ending::Readable { .. } | Ending::Opaque | Ending::OpaqueRedirect => None,
    }
}

fn outcome(exchange: &Exchange) -> Outcome {
    match &exchange.ending {
        Ending::Readable { .. } => Outcome::Readable,
        Ending::Opaque => Outcome::Opaque,
        Ending::OpaqueRedirect => Outcome::OpaqueRedirect,
        Ending::Failed(failed) if failed.failure.is_of_preflight() => Outcome::PreflightFailed,
        Ending::Failed(_) if exchange.wire.is_empty() => Outcome::NotSent,
        Ending::Failed(_) => Outcome::ResponseBlocked,
    }
}
