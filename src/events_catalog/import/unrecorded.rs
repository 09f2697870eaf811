//! Which answer a verdict rests on although nobody recorded it, and what to say then.

use super::diagnosis::Diagnosis;
use super::{Imported, Source};
use crate::http_model::browser::WireResponse;
use crate::http_model::cors_case::{CaseServer, CaseStep, Judged};

/// The first answer that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unrecorded {
    Preflight,
    Response,
    /// What the target of a redirect answered.
    Redirect(String),
}

/// The first request of an exchange whose answer is not part of the step; `None` when all answers are.
pub(super) fn unrecorded(judged: &Judged, step: &CaseStep) -> Option<Unrecorded> {
    let at_service = CaseServer::has_function(step);
    judged.exchange.wire.iter().filter(|sent| !sent.from_cache).find_map(|sent| {
        let request = &sent.request;
        if request.hop == 0 {
            let (answer, missing) =
                if request.preflight { (&step.preflight, Unrecorded::Preflight) } else { (&step.response, Unrecorded::Response) };
            return (answer.is_none() && !at_service).then_some(missing);
        }
        let hop = step.hops.get(&request.url);
        let answer = hop.and_then(|hop| if request.preflight { hop.preflight.as_ref() } else { hop.response.as_ref() });
        answer.is_none().then(|| Unrecorded::Redirect(request.url.clone()))
    })
}

/// The step with the preflight answer that must have been given, since the request itself was sent.
pub(super) fn with_assumed_preflight(step: &CaseStep, judged: &Judged) -> CaseStep {
    let asked = judged.verdict.preflight_request_headers.clone().unwrap_or_default();
    let headers = [
        ("Access-Control-Allow-Origin", asked.origin.unwrap_or_default()),
        ("Access-Control-Allow-Credentials", "true".to_owned()),
        ("Access-Control-Allow-Methods", asked.request_method.unwrap_or_default()),
        ("Access-Control-Allow-Headers", asked.request_headers.unwrap_or_default()),
    ];
    let mut answer = WireResponse { status: 204, ..WireResponse::default() };
    for (name, value) in headers {
        answer.headers.append(name, value);
    }
    CaseStep { preflight: Some(answer), ..step.clone() }
}

/// The verdict hangs on an answer that is not there.
pub(super) fn not_recorded(imported: &Imported, step: &CaseStep, judged: &Judged, missing: Unrecorded) -> Diagnosis {
    let error = imported.browser_error.as_deref().map(|error| format!(" ({error})")).unwrap_or_default();
    let in_har = imported.source == Source::Har;
    let (code, sentence, unknown) = match missing {
        Unrecorded::Preflight => {
            ("PREFLIGHT_NOT_RECORDED", preflight_sentence(judged, &error), "What the preflight was answered cannot be known.")
        }
        Unrecorded::Response if in_har && step.preflight.is_some() => (
            "RESPONSE_NOT_RECORDED",
            format!("The preflight is allowed; the response to the request itself is not recorded{error}."),
            "Either the response lacks its own CORS headers, or there was none.",
        ),
        Unrecorded::Response => (
            "RESPONSE_NOT_RECORDED",
            format!("The browser sends the request without a preflight; its response is not recorded{error}."),
            "Whether the page can read the response depends on headers that cannot be known.",
        ),
        Unrecorded::Redirect(url) => (
            "REDIRECT_NOT_RECORDED",
            format!("The answer is a redirect to {url}, and what that answered is not recorded{error}."),
            "Whether the page can read the last response cannot be known.",
        ),
    };
    let fix = if in_har {
        "Record again with the preflight shown (no filter, “Preserve log” on) and copy the whole log."
    } else {
        "Send it to the front door here, or copy the log as HAR, which has the answers."
    };
    Diagnosis { sentence, code: code.into(), fix: fix.into(), unknown: vec![unknown.into()], judged: None }
}

fn preflight_sentence(judged: &Judged, error: &str) -> String {
    let asked = judged.verdict.preflight_request_headers.clone().unwrap_or_default();
    let names = asked.request_headers.map(|names| format!(" and the headers {names}")).unwrap_or_default();
    let method = asked.request_method.unwrap_or_default();
    let why = judged.exchange.preflight_reasons.join("; ");
    format!("The browser first asks for permission for {method}{names}, because {why}; the answer is not recorded{error}.")
}
