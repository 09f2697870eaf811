//! HTTP requests of a scenario: plain ones, and those of a page, which go as a browser sends them.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::check::{Mismatch, check_json, compare, mismatch};
use super::driver::{Driver, Result, failure};
use super::file::Expectation;
use crate::command::{Command, RequestDoor};
use crate::event::{AnsweredBy, Event, Exchange};
use crate::http_model::browser::{Browser, Credentials, HeaderList, RuleSet, WireRequest, WireResponse, is_token};
use crate::http_model::cors_case::{CaseRequest, CaseStep, Verdict};
use crate::http_model::message::HttpRequest;

/// The origin of every door as a page sees it: one that no page has.
const DOOR_ORIGIN: &str = "https://door.invalid";

/// `request = { url = "confirm", method = "GET", origin = "https://app.example.com" }`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestAction {
    /// A function that has a URL.
    pub url: Option<String>,
    /// An API or a load balancer; one of the two.
    pub api: Option<String>,
    /// With the query; default `/`.
    pub path: Option<String>,
    pub method: Option<String>,
    /// `[["content-type", "application/json"]]`, or a table.
    pub headers: HeaderList,
    pub body: Option<String>,
    /// The page that asks; then preflights are sent and judged as a browser does.
    pub origin: Option<String>,
    pub credentials: Option<Credentials>,
    /// The name that later checks use.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub struct RequestSeen {
    /// The last exchange: the request itself, or the preflight that stopped it. `None` when the browser sent nothing.
    pub exchange: Option<Arc<Exchange>>,
    /// For requests of a page.
    pub verdict: Option<Verdict>,
}

impl RequestAction {
    /// What is wrong beyond the form of the file.
    pub(super) fn fault(&self) -> Option<String> {
        let is_path = |path: &String| path.starts_with('/') && path.is_ascii() && !path.contains([' ', '#']);
        if self.url.is_some() == self.api.is_some() {
            return Some("a request goes to one door: url = \"FUNCTION\" or api = \"NAME\"".to_owned());
        }
        if let Some(method) = self.method.as_ref().filter(|method| !is_token(method)) {
            return Some(format!("\"{method}\" is no method of HTTP"));
        }
        let path = self.path.as_ref().filter(|path| !is_path(path))?;
        Some(format!("\"{path}\" is no path: it begins with / and has other characters percent-encoded"))
    }

    fn door(&self) -> RequestDoor {
        match (&self.url, &self.api) {
            (Some(function), _) => RequestDoor::Url(function.as_str().into()),
            (None, api) => RequestDoor::Api(api.as_deref().unwrap_or_default().into()),
        }
    }

    fn step(&self) -> CaseStep {
        let path = self.path.as_deref().unwrap_or("/");
        let request = CaseRequest {
            url: format!("{DOOR_ORIGIN}{path}"),
            method: self.method.clone(),
            headers: self.headers.clone(),
            credentials: self.credentials,
            body: self
                .body
                .as_ref()
                .and_then(|text| serde_json::from_value(serde_json::json!({ "kind": "text", "value": text })).ok()),
            ..CaseRequest::default()
        };
        CaseStep { origin: self.origin.clone(), req: Some(request), ..CaseStep::default() }
    }
}

impl Driver<'_> {
    pub(super) fn request(&mut self, action: &RequestAction) -> Result<()> {
        let seen = match &action.origin {
            Some(_) => self.request_of_a_page(action)?,
            None => {
                let request = plain(action);
                RequestSeen { exchange: Some(self.exchange(action.door(), request)?), verdict: None }
            }
        };
        if let Some(name) = &action.name {
            self.requests.insert(name.clone(), seen.clone());
        }
        if let (Some(name), Some(id)) = (&action.name, seen.exchange.as_ref().and_then(|exchange| exchange.request_id)) {
            self.named.insert(name.clone(), id);
        }
        self.latest_request = Some(seen);
        Ok(())
    }

    /// A browser asks the door; what it sends and how it judges is [`crate::http_model::browser`]'s.
    fn request_of_a_page(&mut self, action: &RequestAction) -> Result<RequestSeen> {
        let step = action.step();
        let page = step.page().map_err(|error| failure("request", "an origin", &error.to_string()))?;
        let asked = step.req.as_ref().map(CaseRequest::asked).unwrap_or_default();
        let body = action.body.clone().unwrap_or_default();
        let (mut last, mut failed) = (None, None);
        let mut server = |wire: &WireRequest| {
            if !wire.url.starts_with(DOOR_ORIGIN) {
                let elsewhere = format!("a redirect to {}, which no door of the workspace answers", wire.url);
                failed.get_or_insert(failure("request", "an address of the door", &elsewhere));
                return WireResponse::default();
            }
            let request = of_wire(wire, if wire.preflight { "" } else { &body });
            match self.exchange(action.door(), request) {
                Ok(exchange) => {
                    let response = to_wire(&exchange);
                    last = Some(exchange);
                    response
                }
                Err(error) => {
                    failed.get_or_insert(error);
                    WireResponse::default()
                }
            }
        };
        let exchange = Browser::new(RuleSet::Chromium).fetch(&page, &asked, &mut server);
        match failed {
            Some(error) => Err(error),
            None => Ok(RequestSeen { exchange: last, verdict: Some(Verdict::new("request", &exchange, None, &[])) }),
        }
    }

    fn exchange(&mut self, door: RequestDoor, request: HttpRequest) -> Result<Arc<Exchange>> {
        self.tickets += 1;
        let ticket = self.tickets;
        self.command(Command::Request { ticket, door, request: Box::new(request) })?;
        let mut answer = None;
        self.wait(|_, event| {
            if let Some(Event::Exchange(exchange)) = event
                && exchange.ticket == Some(ticket)
            {
                answer = Some(Arc::clone(exchange));
            }
            answer.is_some()
        })?;
        answer.ok_or_else(|| failure("request", "an answer", "none"))
    }
}

fn plain(action: &RequestAction) -> HttpRequest {
    let wire = WireRequest {
        method: action.method.clone().unwrap_or_else(|| "GET".to_owned()),
        url: format!("{DOOR_ORIGIN}{}", action.path.as_deref().unwrap_or("/")),
        headers: action.headers.clone(),
        preflight: false,
        hop: 0,
    };
    of_wire(&wire, action.body.as_deref().unwrap_or_default())
}

fn of_wire(wire: &WireRequest, body: &str) -> HttpRequest {
    let target = wire.url.strip_prefix(DOOR_ORIGIN).unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    HttpRequest {
        method: wire.method.clone(),
        scheme: "http".to_owned(),
        path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
        query: query.split('#').next().unwrap_or_default().to_owned(),
        headers: wire.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        source_ip: "127.0.0.1".to_owned(),
        protocol: "HTTP/1.1".to_owned(),
        ..HttpRequest::default()
    }
}

fn to_wire(exchange: &Exchange) -> WireResponse {
    let headers = exchange.response.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    WireResponse {
        status: exchange.response.status,
        headers: HeaderList(headers.collect()),
        body: String::from_utf8_lossy(&exchange.response.body).into_owned(),
    }
}

/// Every part of an expectation about a request that does not hold.
pub(super) fn check_request(expectation: &Expectation, seen: &RequestSeen, found: &mut Vec<Mismatch>) {
    if let Some(verdict) = &seen.verdict {
        compare("request, readable", expectation.readable.as_ref(), &verdict.readable, found);
        let word = |value: serde_json::Result<Value>| value.ok().and_then(|value| value.as_str().map(str::to_owned));
        let outcome = word(serde_json::to_value(verdict.outcome)).unwrap_or_default();
        compare("request, outcome", expectation.outcome.as_ref(), &outcome, found);
        let error = word(serde_json::to_value(verdict.cors_error)).unwrap_or_else(|| "none".to_owned());
        compare("request, cors_error", expectation.cors_error.as_ref(), &error, found);
    } else if expectation.readable.is_some() || expectation.cors_error.is_some() || expectation.outcome.is_some() {
        found.push(mismatch("request", "readable, outcome and cors_error are about a page", "the request names no origin"));
    }
    // A page sees no status of a preflight, nor of an answer that it may not read.
    let status = match (&seen.verdict, &seen.exchange) {
        (Some(verdict), _) => verdict.status,
        (None, exchange) => exchange.as_ref().map(|exchange| exchange.response.status),
    };
    let Some(exchange) = &seen.exchange else {
        let of_response = [
            expectation.status_code.is_some(),
            expectation.answered_by.is_some(),
            expectation.header.is_some(),
            expectation.pointer.is_some(),
        ];
        if of_response.contains(&true) {
            found.push(mismatch("request", "a response", "the browser sent nothing"));
        }
        return;
    };
    match status {
        Some(status) => compare("request, status_code", expectation.status_code.as_ref(), &status, found),
        None => {
            let expected = expectation.status_code.map(|status| status.to_string());
            compare("request, status_code", expected.as_ref(), &"none that the page may see".to_owned(), found);
        }
    }
    let answered_by = match exchange.answered_by {
        AnsweredBy::Function => "function",
        AnsweredBy::Service { .. } => "service",
    };
    compare("request, answered_by", expectation.answered_by.as_ref(), &answered_by.to_owned(), found);
    if let Some(name) = &expectation.header {
        let lines: Vec<&str> = exchange.response.headers.get_all(name).collect();
        let is = if lines.is_empty() { "absent".to_owned() } else { lines.join(", ") };
        let expected = match &expectation.equals {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None if lines.is_empty() => "present".to_owned(),
            None => return,
        };
        compare(&format!("request, header {name}"), Some(&expected), &is, found);
    } else if expectation.pointer.is_some() {
        check_json("request, body", Some(&exchange.response.body), expectation, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_no_client_can_send_are_refused() {
        let fault = |change: &dyn Fn(&mut RequestAction)| {
            let mut action = RequestAction { url: Some("f".into()), ..RequestAction::default() };
            change(&mut action);
            action.fault().unwrap_or_default()
        };
        assert_eq!(fault(&|action| action.path = Some("/a%20b?x=1".into())), "");
        assert!(fault(&|action| action.api = Some("shop".into())).starts_with("a request goes to one door"));
        assert!(fault(&|action| action.method = Some("GE T".into())).contains("is no method"));
        for path in ["a", "/a b", "/é", "/a#f"] {
            assert!(fault(&|action| action.path = Some(path.into())).contains("is no path"), "{path}");
        }
    }
}
