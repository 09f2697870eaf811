//! From a case to its verdicts: by Chromium's rules, and by the standard's to see where they part.

use super::super::browser::{Browser, Exchange, PageError, RuleSet};
use super::super::cors::ServiceAnswer;
use super::super::cors_messages::{Context, Message, explain, notes};
use super::answers::CaseServer;
use super::case::{Case, CaseStep};
use super::verdict::{ProducedLine, StandardVerdict, Verdict};

/// Two browsers that see the same: one by Chromium's rules, one by the standard's.
#[derive(Clone, Debug)]
pub struct Browsers {
    chromium: Browser,
    standard: Browser,
}

impl Default for Browsers {
    fn default() -> Self {
        Self { chromium: Browser::new(RuleSet::Chromium), standard: Browser::new(RuleSet::Standard) }
    }
}

/// Why a step cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    #[error(transparent)]
    Page(#[from] PageError),
    #[error("req is missing")]
    NoRequest,
}

/// All there is to show about one request.
#[derive(Clone, Debug)]
pub struct Judged {
    pub verdict: Verdict,
    pub exchange: Exchange,
    /// The service's answers in order, where a function URL is behind the request.
    pub service: Vec<ServiceAnswer>,
    pub message: Option<Message>,
    pub notes: Vec<Message>,
}

/// Judges every request of a case, in order.
///
/// # Errors
/// A step has no page or no request.
pub fn judge(case: &Case) -> Result<Vec<Judged>, StepError> {
    let mut browsers = Browsers::default();
    browsers.set_cookies(&case.step);
    if case.steps.is_empty() {
        return Ok(vec![judge_step(&mut browsers, &case.id, &case.step)?]);
    }
    let mut judged = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        browsers.set_cookies(step);
        let id = format!("{}#{}", case.id, index + 1);
        judged.push(judge_step(&mut browsers, &id, &step.with_shared(&case.step))?);
    }
    Ok(judged)
}

/// Judges one request with what the browsers remember of those before it.
///
/// # Errors
/// The step has no page or no request.
pub fn judge_step(browsers: &mut Browsers, id: &str, step: &CaseStep) -> Result<Judged, StepError> {
    let page = step.page()?;
    let asked = step.req.as_ref().ok_or(StepError::NoRequest)?.asked();
    let mut server = CaseServer::new(step);
    let run = |browser: &mut Browser, server: &mut CaseServer<'_>| {
        browser.now_millis = browser.now_millis.saturating_add(step.wait_ms);
        browser.fetch(&page, &asked, server)
    };
    let by_standard = run(&mut browsers.standard, &mut server.clone());
    let exchange = run(&mut browsers.chromium, &mut server);
    let returned = CaseServer::has_function(step).then(|| step.function_response.as_ref().or(step.response.as_ref()));
    let function_headers = returned.flatten().map(|response| &response.headers);
    let context = Context { configuration: step.config.as_ref(), function_headers };
    let (message, notes) = (explain(&exchange, context), notes(&asked, &exchange, context));
    let mut verdict = Verdict::new(id, &exchange, message.as_ref(), &notes);
    verdict.service = server.service.iter().flat_map(|answer| &answer.produced).map(ProducedLine::from).collect();
    verdict.standard = standard(&verdict, &exchange, &by_standard);
    Ok(Judged { verdict, exchange, service: server.service, message, notes })
}

fn standard(verdict: &Verdict, exchange: &Exchange, by_standard: &Exchange) -> Option<StandardVerdict> {
    let members = verdict.differing_members(&Verdict::new(&verdict.id, by_standard, None, &[]));
    if members.is_empty() {
        return None;
    }
    let mut why: Vec<_> = exchange.trace.deviations.iter().map(|deviation| deviation.reason()).collect();
    if why.is_empty() {
        why.push("an earlier request of this sequence went differently by the standard");
    }
    Some(StandardVerdict { members, why })
}

impl Browsers {
    fn set_cookies(&mut self, step: &CaseStep) {
        for (url, cookie) in step.cookies.iter().filter_map(|cookie| cookie.cookie()) {
            self.chromium.cookies.set(&url, cookie.clone());
            self.standard.cookies.set(&url, cookie);
        }
    }
}
