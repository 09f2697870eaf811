//! What the doors tell of requests that went out for real: who answered, and so whether the function ran.

use super::target::TargetDoor;
use crate::event::{AnsweredBy, Exchange, FunctionView};
use crate::http_model::cors_case::CaseStep;
use crate::model::Model;

/// The requests at a door that can come from one request of a page: itself and its preflight.
pub struct AtDoor<'m> {
    model: &'m Model,
    function: &'m str,
    door: &'m TargetDoor,
    method: String,
    path: String,
}

impl<'m> AtDoor<'m> {
    #[must_use]
    pub fn of(model: &'m Model, view: &'m FunctionView, door: &'m TargetDoor, step: &CaseStep) -> Self {
        let request = step.req.as_ref();
        let method = request.and_then(|request| request.method.clone()).unwrap_or_default();
        let path_of = |url: &str| url::Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default();
        // The door sees no stage.
        let stage = path_of(&door.address);
        let asked = request.map(|request| path_of(&request.url)).unwrap_or_default();
        let path = asked.strip_prefix(stage.trim_end_matches('/')).unwrap_or(&asked).to_owned();
        Self { model, function: &view.configuration.name, door, method, path }
    }

    /// The requests themselves, without preflights, newest first.
    pub fn requests(&self) -> impl Iterator<Item = &'m Exchange> {
        self.with_preflights()
            .filter(|exchange| exchange.request.method.eq_ignore_ascii_case(&self.method) && !is_preflight(exchange))
    }

    /// Preflights of the request, newest first.
    pub fn preflights(&self) -> impl Iterator<Item = &'m Exchange> {
        self.with_preflights().filter(|exchange| is_preflight(exchange))
    }

    /// Whether the function ran for what came after the exchange with this id, a preflight included; `None` when nothing
    /// came.
    #[must_use]
    pub fn function_ran(&self, after: u64) -> Option<bool> {
        let asked = |exchange: &&Exchange| is_preflight(exchange) || exchange.request.method.eq_ignore_ascii_case(&self.method);
        let mut came = self.with_preflights().filter(|exchange| exchange.id > after).filter(asked).peekable();
        came.peek()?;
        Some(came.any(|exchange| exchange.answered_by == AnsweredBy::Function))
    }

    /// The answer that the service gave by itself after the exchange with this id, and why.
    #[must_use]
    pub fn refusal(&self, after: u64) -> Option<(&'m Exchange, &'m str)> {
        let newest = self.requests().next().filter(|exchange| exchange.id > after)?;
        match &newest.answered_by {
            AnsweredBy::Service { why } => Some((newest, why)),
            AnsweredBy::Function => None,
        }
    }

    fn with_preflights(&self) -> impl Iterator<Item = &'m Exchange> {
        let Self { model, function, door, .. } = *self;
        let path = self.path.clone();
        let newest_first = model.exchanges.iter().rev().map(|exchange| &**exchange);
        newest_first.filter(move |exchange| door.is_door_of(exchange, function) && exchange.request.path == path)
    }
}

fn is_preflight(exchange: &Exchange) -> bool {
    exchange.request.method == "OPTIONS" && exchange.request.headers.contains("access-control-request-method")
}

/// The id of the newest request at any door, to know later ones by; 0 when there is none.
#[must_use]
pub fn newest_id(model: &Model) -> u64 {
    model.exchanges.iter().map(|exchange| exchange.id).max().unwrap_or_default()
}
