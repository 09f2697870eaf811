//! What a browser will make of the request, before anything is sent; worked out again only when something changed.

use super::at_door::AtDoor;
use super::refused::Refused;
use super::target::TargetDoor;
use crate::event::{AnsweredBy, Exchange, FunctionView};
use crate::http_model::browser::{HeaderList, WireResponse};
use crate::http_model::configuration::ApiKind;
use crate::http_model::cors::FrontDoor;
use crate::http_model::cors_case::{self, Arriving, Case, CaseStep, Judged, Verdict};
use crate::http_model::message::{HttpRequest, HttpResponse};
use crate::model::Model;
use crate::model::foresight::{Foreseen, Moment};
use crate::ui::exchange_parts::Known;

/// What is taken for the answer behind the door, since nobody can know it beforehand.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    pub response: WireResponse,
    /// What answers a preflight that no CORS configuration answers, where it is another one.
    pub preflight: Option<WireResponse>,
    /// The words for the response.
    pub why: String,
    /// It was seen before, so that its status and headers can be compared with the next one.
    pub seen: bool,
    /// The service will refuse the request by itself, so the function does not run.
    pub refused: Option<Refused>,
    /// The same for the preflight.
    pub preflight_refused: Option<Refused>,
    /// No CORS configuration answers preflights, so that the function is asked unless the service refuses.
    pub asks_function_first: bool,
}

impl Assumed {
    /// What of the answer can be held against the real one.
    #[must_use]
    pub fn known(&self) -> Known {
        match (self.seen, &self.refused) {
            (true, _) => Known::All,
            (false, Some(_)) => Known::Status,
            (false, None) => Known::Nothing,
        }
    }

    /// What the service refuses of the requests that a verdict has going out.
    #[must_use]
    pub fn refusal(&self, verdict: &Verdict) -> Option<&Refused> {
        if verdict.actual_sent {
            self.refused.as_ref()
        } else {
            self.preflight_refused.as_ref().filter(|_| verdict.preflight_sent)
        }
    }

    /// Whether the function runs for one of the requests that a verdict has going out.
    #[must_use]
    pub fn function_runs(&self, verdict: &Verdict) -> bool {
        let by_preflight = self.asks_function_first && verdict.preflight_sent && self.preflight_refused.is_none();
        by_preflight || (verdict.actual_sent && self.refused.is_none())
    }
}

/// The last prediction, and what it was made from.
#[derive(Default)]
pub struct Predictor {
    made_from: Option<(CaseStep, Option<ApiKind>)>,
    result: Option<Result<Judged, String>>,
}

impl Predictor {
    /// The prediction for a step whose `function_response` is the assumed one.
    pub fn predict(&mut self, step: CaseStep, api: Option<ApiKind>) -> Option<&Result<Judged, String>> {
        let same = self.made_from.as_ref().is_some_and(|(before, kind)| *before == step && *kind == api);
        if !same {
            self.result = Some(judge(&step, api));
            self.made_from = Some((step, api));
        }
        self.result.as_ref()
    }
}

/// Judges a step with the answers of its door.
///
/// # Errors
/// The page's origin is none.
pub fn judge(step: &CaseStep, api: Option<ApiKind>) -> Result<Judged, String> {
    let mut step = step.clone();
    match api {
        None => {}
        Some(ApiKind::Http) => step.front_door = FrontDoor::HttpApi,
        // These answer nothing by themselves: the function does all of CORS.
        Some(ApiKind::Rest | ApiKind::LoadBalancer) => step.config = None,
    }
    // As a case, since that fills the cookie jar.
    let judged = cors_case::judge(&Case { step, ..Case::default() }).map_err(|error| error.to_string())?;
    judged.into_iter().next().ok_or_else(|| "there is no request".to_owned())
}

/// What will be answered, as far as one can know: the service's own refusal, else the last answer to the same request, else a
/// plain 200. `sent_after`: the request went out after the exchange with this id, so that what the service refused since then
/// it refuses again.
#[must_use]
pub fn assumed(
    model: &Model,
    view: &FunctionView,
    door: &TargetDoor,
    step: &CaseStep,
    sent_after: Option<u64>,
    at: Moment,
) -> Assumed {
    let at_door = AtDoor::of(model, view, door, step);
    let arriving = Arriving::of(step);
    let foresee = |request: Option<HttpRequest>| {
        let name = door.request_door(&view.configuration.name);
        request.and_then(|request| model.foresee(&name, &request, at))
    };
    let foreseen = foresee(arriving.actual);
    let asks_function_first = door.cors.is_none();
    let for_preflight = foresee(arriving.preflight).filter(|_| asks_function_first);
    let preflight_refused = for_preflight.as_ref().and_then(|found| Refused::of(found, door, at));
    let seen_preflight = || at_door.preflights().find(|exchange| exchange.answered_by == AnsweredBy::Function).map(returned);
    let preflight = match &for_preflight {
        Some(found) => found.answer(at).map(|answer| wire(&answer)).or_else(seen_preflight),
        None => None,
    };
    let refused = foreseen.as_ref().and_then(|found| Refused::of(found, door, at));
    let assumed = |response, why, seen, refused| Assumed {
        response,
        preflight,
        why,
        seen,
        refused,
        preflight_refused,
        asks_function_first,
    };
    if let Some((exchange, why)) = sent_after.and_then(|after| at_door.refusal(after)) {
        let status = exchange.response.status;
        let why = format!("{why}, so the service answered {status} by itself");
        let refused = Refused { why: why.clone(), ..refused.unwrap_or_default() };
        return assumed(returned(exchange), why, true, Some(refused));
    }
    if let Some((refused, answer)) = refused.zip(foreseen.as_ref().and_then(|found| found.answer(at))) {
        return assumed(wire(&answer), refused.why.clone(), false, Some(refused));
    }
    match at_door.requests().find(|exchange| exchange.answered_by == AnsweredBy::Function) {
        Some(exchange) => assumed(returned(exchange), "as it answered last time".into(), true, None),
        None => {
            let behind = match &foreseen {
                Some(Foreseen::Runs(function)) => function,
                _ => &view.configuration.name,
            };
            let why = format!("{behind} has not answered this request yet; taken for 200");
            assumed(WireResponse::default(), why, false, None)
        }
    }
}

/// An answer as the browser's rules take it.
fn wire(answer: &HttpResponse) -> WireResponse {
    let headers = answer.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    WireResponse { status: answer.status, headers: HeaderList(headers), body }
}

/// The response without what the service added for CORS.
fn returned(exchange: &Exchange) -> WireResponse {
    let mut headers = HeaderList::default();
    let mut added: Vec<_> = exchange.cors.iter().collect();
    for (name, value) in exchange.response.headers.iter() {
        match added.iter().position(|header| header.name.eq_ignore_ascii_case(name) && header.value == value) {
            Some(index) => drop(added.swap_remove(index)),
            None => headers.append(name, value),
        }
    }
    let body = String::from_utf8_lossy(&exchange.response.body).into_owned();
    WireResponse { status: exchange.response.status, headers, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_model::cors::CorsConfiguration;
    use crate::http_model::cors_case::{CaseRequest, Outcome};

    fn put() -> CaseStep {
        let cors = CorsConfiguration {
            allow_origins: vec!["https://app.test".into()],
            allow_methods: vec!["GET".into()],
            ..CorsConfiguration::default()
        };
        CaseStep {
            origin: Some("https://app.test".into()),
            config: Some(cors),
            function_response: Some(WireResponse { status: 200, ..WireResponse::default() }),
            req: Some(CaseRequest {
                url: "http://a.localhost:9002/".into(),
                method: Some("PUT".into()),
                ..CaseRequest::default()
            }),
            ..CaseStep::default()
        }
    }

    #[test]
    fn every_kind_of_door_is_judged_by_its_own_rules() {
        let outcome = |api| judge(&put(), api).map(|judged| (judged.verdict.outcome, judged.exchange.wire[0].response.status));
        assert_eq!(outcome(None), Ok((Outcome::PreflightFailed, 200)), "a URL answers by itself");
        assert_eq!(outcome(Some(ApiKind::Http)), Ok((Outcome::PreflightFailed, 204)));
        assert_eq!(outcome(Some(ApiKind::Rest)), Ok((Outcome::PreflightFailed, 200)), "the function is asked");
    }

    #[test]
    fn a_prediction_is_made_once_for_the_same_request() {
        let mut predictor = Predictor::default();
        let first = predictor.predict(put(), None).map(std::ptr::from_ref);
        assert_eq!(predictor.predict(put(), None).map(std::ptr::from_ref), first);
        assert!(predictor.made_from.is_some());
    }
}
