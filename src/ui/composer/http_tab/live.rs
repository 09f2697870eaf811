//! What was sent for real: by the executor with a browser's rules, or by a test page in a real browser.

use super::target::TargetDoor;
use crate::event::{Browsed, FunctionView, PageReport};
use crate::http_model::configuration::ApiConfiguration;
use crate::http_model::cors::CorsConfiguration;
use crate::http_model::cors_case::{CaseStep, Judged, Outcome};
use crate::http_model::signature::Signers;
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::exchange_parts::Known;

/// A request that was sent, with what had been predicted for it.
pub struct Live {
    pub ticket: u64,
    /// The function as it was set up then.
    pub view: FunctionView,
    /// The API in front of it, if the request went through one.
    pub api: Option<ApiConfiguration>,
    /// Who could sign then.
    pub signers: Signers,
    /// The newest request at any door before it.
    pub after: u64,
    /// As it was typed, without what the function was taken to answer.
    pub step: CaseStep,
    pub predicted: Option<Judged>,
    /// What of the answer had been known before.
    pub known: Known,
    /// `None` while it is under way.
    pub result: Option<Result<Box<Browsed>, String>>,
}

impl Live {
    /// Whether it is what the form holds now; settings may have changed meanwhile.
    #[must_use]
    pub fn is_of(&self, model: &Model, view: &FunctionView, door: &TargetDoor, step: &CaseStep) -> bool {
        self.view.configuration == view.configuration
            && self.view.access == view.access
            && self.api.as_ref() == door.api_of(model)
            && self.signers == model.workspace.signers
            && self.step.req == step.req
            && self.step.origin == step.origin
            && self.step.cookies == step.cookies
            && self.step.config == step.config
    }

    #[must_use]
    pub fn browsed(&self) -> Option<&Browsed> {
        self.result.as_ref().and_then(|result| result.as_ref().ok()).map(|browsed| &**browsed)
    }
}

/// How a request ended that went out for real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub outcome: Outcome,
    pub status: Option<u16>,
    /// The function ran, for the preflight or for the request.
    pub ran: bool,
}

/// A test page that is being served.
pub struct TestPage {
    pub ticket: u64,
    pub function: FunctionName,
    pub step: CaseStep,
    pub address: Option<String>,
    pub report: Option<PageReport>,
    /// The report against the prediction of the moment it came in.
    pub comparison: Option<Comparison>,
}

impl TestPage {
    #[must_use]
    pub fn new(ticket: u64, function: FunctionName, step: CaseStep) -> Self {
        Self { ticket, function, step, address: None, report: None, comparison: None }
    }
}

/// What was predicted for a page that has just reported.
pub struct Comparison {
    /// The configuration that it was judged with.
    pub config: Option<CorsConfiguration>,
    /// Member, predicted, live.
    pub differences: Vec<(String, String, String)>,
}

/// `Chromium 156`, from what a browser says of itself.
#[must_use]
pub fn browser_name(user_agent: &str) -> String {
    let version = |mark: &str| {
        let (_, rest) = user_agent.split_once(mark)?;
        Some(rest.split(['.', ' ']).next().unwrap_or_default().to_owned())
    };
    if let Some(version) = version("Firefox/") {
        return format!("Firefox {version}");
    }
    if let Some(version) = version("Edg/") {
        return format!("Edge {version}");
    }
    if let Some(version) = version("Chrome/") {
        return format!("Chromium {version}");
    }
    if user_agent.contains("Safari/")
        && let Some(version) = version("Version/")
    {
        return format!("Safari {version}");
    }
    "The browser".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_name() {
        let chromium =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36";
        for (agent, name) in [
            (chromium, "Chromium 156"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0", "Firefox 151"),
            ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15", "Safari 26"),
            ("curl/8", "The browser"),
        ] {
            assert_eq!(browser_name(agent), name);
        }
    }
}
