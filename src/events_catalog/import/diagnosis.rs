//! The diagnosis of an imported request: the verdict of the CORS rules where enough is recorded, and what cannot be known.

use super::Imported;
use super::connection;
use super::unrecorded::{Unrecorded, not_recorded, unrecorded, with_assumed_preflight};
use crate::http_model::browser::Credentials;
use crate::http_model::cors_case::{Case, CaseRequest, CaseStep, Judged, Outcome, StepError, judge};

/// What there is to say.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    pub sentence: String,
    /// Of `cors.md`, section 4, or one of `READABLE`, `NO_ANSWER`, `PREFLIGHT_NOT_RECORDED`, `RESPONSE_NOT_RECORDED`,
    /// `REDIRECT_NOT_RECORDED`, `BLOCKED_UNKNOWN`.
    pub code: String,
    /// What to do; empty when there is nothing to do.
    pub fix: String,
    /// What the recording leaves open, a sentence each.
    pub unknown: Vec<String>,
    /// `None` when the verdict would rest on an answer that nobody recorded.
    pub judged: Option<Judged>,
}

/// Why there is no diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDiagnosis {
    #[error(
        "No page of another origin asked for this, so CORS plays no part. Add the header `Origin: https://page` to see what a \
         page would get."
    )]
    NoPage,
    #[error("{0}. Write the header Origin as scheme://host[:port].")]
    Step(#[from] StepError),
}

/// Judges an imported request.
///
/// # Errors
/// No page asked, or its origin is none.
pub fn diagnosis(imported: &Imported) -> Result<Diagnosis, NoDiagnosis> {
    let step = imported.case.as_ref().ok_or(NoDiagnosis::NoPage)?;
    let judged = judge_one(step)?;
    if let Some((sentence, fix)) = imported.browser_error.as_deref().and_then(connection::explain) {
        return Ok(Diagnosis { sentence, code: "NO_ANSWER".into(), fix: fix.into(), unknown: Vec::new(), judged: None });
    }
    let mut unknown = Vec::new();
    let (step, judged) = match unrecorded(&judged, step) {
        Some(Unrecorded::Preflight) if step.response.is_some() => {
            unknown.push(
                "No preflight is recorded. The request was answered, so its preflight was allowed or kept from before; what it \
                 said cannot be known."
                    .to_owned(),
            );
            let assumed = with_assumed_preflight(step, &judged);
            let judged = judge_one(&assumed)?;
            (assumed, judged)
        }
        _ => (step.clone(), judged),
    };
    let mut found = match unrecorded(&judged, &step) {
        Some(missing) => {
            let with_credentials = if_with_credentials(&step, &judged)?;
            let mut found = not_recorded(imported, &step, &judged, missing);
            found.unknown.extend(with_credentials.and_then(|blocked| credentials_note(&blocked)));
            found
        }
        None => certain(imported, &step, judged)?,
    };
    found.unknown.splice(0..0, unknown);
    Ok(found)
}

/// One request in a new browser that has the request's cookies.
fn judge_one(step: &CaseStep) -> Result<Judged, StepError> {
    let case = Case { step: step.clone(), ..Case::default() };
    judge(&case)?.pop().ok_or(StepError::NoRequest)
}

/// Nothing that matters is missing.
fn certain(imported: &Imported, step: &CaseStep, judged: Judged) -> Result<Diagnosis, StepError> {
    if let Some(message) = judged.message.clone() {
        let (sentence, code, fix) = (message.message.clone(), message.code_text(), message.fix);
        let contradicted = judged.verdict.outcome == Outcome::PreflightFailed && step.response.is_some();
        let note = "A response is recorded all the same: the browser had kept an earlier preflight, or the two entries do not \
                    belong together.";
        let unknown = contradicted.then(|| note.to_owned()).into_iter().collect();
        return Ok(Diagnosis { sentence, code, fix, unknown, judged: Some(judged) });
    }
    match (&imported.browser_error, if_with_credentials(step, &judged)?) {
        (Some(_), Some(blocked)) => Ok(blocked_with_credentials(blocked)),
        (Some(error), None) => Ok(blocked_unknown(error)),
        (None, with_credentials) => Ok(readable(judged, with_credentials)),
    }
}

fn readable(judged: Judged, with_credentials: Option<Judged>) -> Diagnosis {
    let status = judged.verdict.status.map(|status| format!(" Its status is {status}.")).unwrap_or_default();
    let sentence = if judged.exchange.cross_origin {
        format!("The page can read the response.{status}")
    } else {
        format!("The page and the URL have the same origin, so CORS plays no part.{status}")
    };
    let note = with_credentials.and_then(|blocked| credentials_note(&blocked));
    Diagnosis { sentence, code: "READABLE".into(), fix: String::new(), unknown: note.into_iter().collect(), judged: Some(judged) }
}

fn credentials_note(blocked: &Judged) -> Option<String> {
    let message = &blocked.message.as_ref()?.message;
    Some(format!(
        "No cookie is recorded (a sanitised HAR has none), so it cannot be seen whether the page asked with credentials: \
         'include'. If it did: {message}"
    ))
}

/// The verdict for `credentials: 'include'`, where the recording leaves that open and it would fail.
fn if_with_credentials(step: &CaseStep, judged: &Judged) -> Result<Option<Judged>, StepError> {
    let Some(request) = step.req.as_ref().filter(|request| request.credentials.is_none()) else { return Ok(None) };
    if !judged.exchange.cross_origin {
        return Ok(None);
    }
    let mut with = step.clone();
    with.req = Some(CaseRequest { credentials: Some(Credentials::Include), ..request.clone() });
    let certain = |judged: &Judged| judged.message.is_some() && unrecorded(judged, &with).is_none();
    Ok(Some(judge_one(&with)?).filter(certain))
}

/// The browser blocked what would be readable without credentials.
fn blocked_with_credentials(judged: Judged) -> Diagnosis {
    let note = "No cookie is recorded, so credentials: 'include' is concluded from the browser's refusal.".to_owned();
    let (mut sentence, mut code, mut fix) = (String::new(), String::new(), String::new());
    if let Some(message) = &judged.message {
        sentence = format!("The page asked with credentials: 'include'. {}", message.message);
        (code, fix) = (message.code_text(), message.fix.clone());
    }
    Diagnosis { sentence, code, fix, unknown: vec![note], judged: Some(judged) }
}

fn blocked_unknown(error: &str) -> Diagnosis {
    Diagnosis {
        sentence: format!("The browser refused the response ({error}), although the recorded headers allow it."),
        code: "BLOCKED_UNKNOWN".into(),
        fix: "Read the browser's console: an extension, a content policy or a proxy may have stepped in.".into(),
        unknown: vec!["Headers as the browser saw them may differ from the recorded ones.".into()],
        judged: None,
    }
}
