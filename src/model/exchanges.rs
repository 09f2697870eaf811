//! Requests at doors: found by id or by invocation, and told in a sentence.

use super::Model;
use super::selection::Selection;
use super::why::{Standing, Why};
use crate::event::{AnsweredBy, Exchange, ExchangeDoor};
use crate::service::ids::RequestId;
use crate::service::input::InvocationSource;

impl Model {
    /// The request with this id, while it is kept.
    #[must_use]
    pub fn exchange_of(&self, id: u64) -> Option<&Exchange> {
        let found = self.exchanges.binary_search_by_key(&id, |exchange| exchange.id);
        // Streamed ones end out of order.
        found.ok().map(|index| &*self.exchanges[index]).or_else(|| {
            let mut all = self.exchanges.iter();
            all.find(|exchange| exchange.id == id).map(|exchange| &**exchange)
        })
    }

    /// `GET /orders 200` for the bar of a request at a door; without the status while it has no answer.
    #[must_use]
    pub fn request_words(&self, target: &Selection) -> String {
        let words = |exchange: &Exchange| {
            let (request, status) = (&exchange.request, exchange.response.status);
            format!("{} {} {status}", request.method, request.path)
        };
        if let Selection::Exchange(id) = target {
            return self.exchange_of(*id).map(words).unwrap_or_default();
        }
        let Some(id) = target.request_id() else { return String::new() };
        if let Some(exchange) = self.exchange_of_invocation(id) {
            return words(exchange);
        }
        match self.invocations.get(&id).map(|invocation| &invocation.source) {
            Some(InvocationSource::FunctionUrl { request } | InvocationSource::Api { request, .. }) => request.to_string(),
            _ => String::new(),
        }
    }

    /// The request that an invocation was made for, once it has its answer.
    #[must_use]
    pub fn exchange_of_invocation(&self, request_id: RequestId) -> Option<&Exchange> {
        self.exchanges.iter().rev().find(|exchange| exchange.request_id == Some(request_id)).map(|exchange| &**exchange)
    }
}

/// What is to be said of a request that no function ran for.
#[must_use]
pub fn why(exchange: &Exchange) -> Why {
    let status = exchange.response.status;
    let door = match &exchange.door {
        ExchangeDoor::FunctionUrl(function) => format!("The URL of {function}"),
        ExchangeDoor::Api { name, .. } => format!("The API {name}"),
        ExchangeDoor::Nowhere => "No door".into(),
    };
    let text = match &exchange.answered_by {
        AnsweredBy::Service { why } => format!("*{door} answered by itself; the function did not run.* Because {why}."),
        AnsweredBy::Function => format!("*{door} answered with what the function returned.*"),
    };
    let standing = match status {
        400.. => Standing::Failed,
        _ => Standing::Ok,
    };
    Why::new(format!("{} {}", exchange.request.method, exchange.request.path), status.to_string(), standing, text)
}
