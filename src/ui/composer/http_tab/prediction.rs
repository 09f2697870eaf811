//! What a browser will make of the request, before anything is sent; worked out again only when something changed.

use super::at_door::AtDoor;
use super::target::{Target, TargetDoor};
use crate::event::{AnsweredBy, Exchange, FunctionView};
use crate::http_model::admission::AuthType;
use crate::http_model::browser::{HeaderList, WireResponse};
use crate::http_model::configuration::ApiKind;
use crate::http_model::cors::FrontDoor;
use crate::http_model::cors_case::{self, Case, CaseStep, Judged};
use crate::http_model::policy;
use crate::model::Model;
use crate::ui::exchange_parts::{Known, imagined};

/// What is taken for the function's answer, since nobody can know it beforehand.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    pub response: WireResponse,
    /// The words for it.
    pub why: String,
    /// It was seen before, so that its status and headers can be compared with the next one.
    pub seen: bool,
    /// The service will refuse by itself, so the function does not run.
    pub refused: bool,
}

impl Assumed {
    /// What of the answer can be held against the real one.
    #[must_use]
    pub fn known(&self) -> Known {
        match (self.seen, self.refused) {
            (true, _) => Known::All,
            (false, true) => Known::Status,
            (false, false) => Known::Nothing,
        }
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

/// What will be answered, as far as one can know: the service's own refusal, else its last answer to the same request,
/// else a plain 200. `sent_after`: the request went out after the exchange with this id, so that what the service refused
/// since then it refuses again.
#[must_use]
pub fn assumed(model: &Model, view: &FunctionView, door: &TargetDoor, step: &CaseStep, sent_after: Option<u64>) -> Assumed {
    let at_door = AtDoor::of(model, view, door, step);
    if let Some((exchange, why)) = sent_after.and_then(|after| at_door.refusal(after)) {
        let why = format!("{why}, so the service answered {} by itself", exchange.response.status);
        return Assumed { response: returned(exchange), why, seen: true, refused: true };
    }
    if let Some((status, why)) = refusal(view, door, step) {
        let response = WireResponse { status, ..WireResponse::default() };
        return Assumed { response, why: why.to_owned(), seen: false, refused: true };
    }
    match at_door.requests().find(|exchange| exchange.answered_by == AnsweredBy::Function) {
        Some(exchange) => {
            Assumed { response: returned(exchange), why: "as it answered last time".into(), seen: true, refused: false }
        }
        None => Assumed {
            response: WireResponse::default(),
            why: format!("{} has not answered this request yet; taken for 200", view.configuration.name),
            seen: false,
            refused: false,
        },
    }
}

/// Status and reason of a refusal that the settings of a URL make certain.
fn refusal(view: &FunctionView, door: &TargetDoor, step: &CaseStep) -> Option<(u16, &'static str)> {
    let url = view.access.url.as_ref().filter(|_| door.target == Target::Url)?;
    let signed = step.req.as_ref().is_some_and(|request| request.headers.has("authorization"));
    match url.auth_type {
        AuthType::AwsIam if !signed => Some((403, "AWS_IAM: without a signature the service answers 403 by itself")),
        AuthType::None if imagined(view, AuthType::None, None, 0).verdict != policy::Verdict::Allow => {
            Some((403, "the policy lets nobody in, so the service answers 403 by itself"))
        }
        // A wrong signature is refused before anything is counted, and whether it is wrong depends on the hour.
        AuthType::None if view.configuration.reserved_concurrency == Some(0) => {
            Some((429, "reserved_concurrent_executions = 0: the service answers 429 by itself"))
        }
        _ => None,
    }
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
