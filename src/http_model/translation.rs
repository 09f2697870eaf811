//! Both translations of one exchange, request to event and result to response, and what became of each field.

use std::sync::OnceLock;

use bytes::Bytes;

use super::door::{AnswerContext, Door, DoorContext};
use super::event_from_request::{
    EventTooLarge, HttpApiMatch, LoadBalancerTarget, PayloadFormat, RestMatch, function_url_event, http_api_event,
    load_balancer_event, rest_api_event,
};
use super::field_note::{FieldNote, Trace};
use super::message::HttpRequest;
use super::response_from_result::{
    ResponseOutcome, function_url_response, http_api_response, load_balancer_response, rest_api_response,
};

/// How a door speaks with the function behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialect {
    FunctionUrl,
    RestApi(RestMatch),
    HttpApi(HttpApiMatch, PayloadFormat),
    LoadBalancer(LoadBalancerTarget),
}

impl Dialect {
    #[must_use]
    pub fn door(&self) -> Door {
        match self {
            Self::FunctionUrl => Door::FunctionUrl,
            Self::RestApi(_) => Door::RestApi,
            Self::HttpApi(..) => Door::HttpApi,
            Self::LoadBalancer(_) => Door::LoadBalancer,
        }
    }

    /// The event that a request becomes; `request.path` is the path below the door.
    ///
    /// # Errors
    /// [`EventTooLarge`] if the event passes 6 MB.
    pub fn event(&self, request: &HttpRequest, context: &DoorContext, trace: &mut Trace) -> Result<Bytes, EventTooLarge> {
        match self {
            Self::FunctionUrl => function_url_event(request, context, trace),
            Self::RestApi(matched) => rest_api_event(request, context, matched, trace),
            Self::HttpApi(matched, format) => http_api_event(request, context, matched, *format, trace),
            Self::LoadBalancer(target) => load_balancer_event(request, context, target, trace),
        }
    }

    /// The response that a result becomes.
    #[must_use]
    pub fn response(&self, result: &[u8], context: &AnswerContext, trace: &mut Trace) -> ResponseOutcome {
        match self {
            Self::FunctionUrl => function_url_response(result, context, trace),
            Self::RestApi(_) => rest_api_response(result, context, trace),
            Self::HttpApi(_, format) => http_api_response(result, *format, context, trace),
            Self::LoadBalancer(_) => load_balancer_response(result, context, trace),
        }
    }
}

/// What became of each field. The translations are pure, so the notes are made when somebody looks and not while a client
/// waits.
#[derive(Clone, Debug, Default)]
pub struct Translations {
    event: Option<(Dialect, Box<DoorContext>)>,
    result: Option<(Bytes, Box<AnswerContext>)>,
    to_event: OnceLock<Vec<FieldNote>>,
    to_response: OnceLock<Vec<FieldNote>>,
}

impl Translations {
    /// Of a request that became an event.
    #[must_use]
    pub fn new(dialect: Dialect, context: DoorContext) -> Self {
        Self { event: Some((dialect, Box::new(context))), ..Self::default() }
    }

    /// The result came back and became a response.
    pub fn answered(&mut self, result: Bytes, context: AnswerContext) {
        self.result = Some((result, Box::new(context)));
    }

    /// How the door speaks; `None` if the request became no event.
    #[must_use]
    pub fn dialect(&self) -> Option<&Dialect> {
        self.event.as_ref().map(|(dialect, _)| dialect)
    }

    /// Request to event, field by field; empty if the request became no event.
    pub fn to_event(&self, request: &HttpRequest) -> &[FieldNote] {
        self.to_event.get_or_init(|| {
            let mut trace = Trace::kept();
            if let Some((dialect, context)) = &self.event {
                // An event that is too large has its notes all the same.
                let _ = dialect.event(request, context, &mut trace);
            }
            trace.into_notes()
        })
    }

    /// Result to response, field by field; empty if no result became a response.
    pub fn to_response(&self) -> &[FieldNote] {
        self.to_response.get_or_init(|| {
            let mut trace = Trace::kept();
            if let (Some((dialect, _)), Some((result, context))) = (&self.event, &self.result) {
                drop(dialect.response(result, context, &mut trace));
            }
            trace.into_notes()
        })
    }

    /// The notes of a response that was translated piece by piece.
    pub fn streamed(&mut self, notes: Vec<FieldNote>) {
        self.to_response = notes.into();
    }

    /// Makes all notes now and keeps nothing else: request or result are too large to be kept for later.
    pub fn make_notes(&mut self, request: &HttpRequest) {
        self.to_event(request);
        self.to_response();
        (self.event, self.result) = (None, None);
    }

    /// Bytes of the result that are kept.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.result.as_ref().map_or(0, |(result, _)| result.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{answer_context, door_context, request};
    use super::*;

    #[test]
    fn notes_are_the_same_whenever_they_are_made() {
        let sent = request("POST", "/orders?a=1", &[("content-type", "application/json")], b"{}");
        let mut later = Translations::new(Dialect::FunctionUrl, door_context());
        later.answered(Bytes::from_static(br#"{"statusCode":201,"headers":{"x":"1"}}"#), answer_context());
        let mut now = later.clone();
        now.make_notes(&sent);
        assert_eq!(now.kept_bytes(), 0);
        let cut = HttpRequest { body: Bytes::new(), ..sent.clone() };
        assert_eq!(now.to_event(&cut), later.to_event(&sent));
        assert_eq!(now.to_response(), later.to_response());
        let last = later.to_event(&sent).last().map(|note| note.from.as_str());
        assert_eq!(last, Some("body (2 bytes)"));
        assert!(later.to_response().iter().any(|note| note.from == "/headers/x"));
    }

    #[test]
    fn what_was_not_translated_has_no_notes() {
        let refused = Translations::default();
        assert!(refused.to_event(&HttpRequest::default()).is_empty() && refused.to_response().is_empty());
        let unanswered = Translations::new(Dialect::FunctionUrl, door_context());
        assert!(!unanswered.to_event(&request("GET", "/", &[], b"")).is_empty() && unanswered.to_response().is_empty());
    }
}
