//! The other side of a case: listed answers, or a function URL's configuration with what its function returns.

use url::Url;

use super::super::browser::{HeaderList, Server, WireRequest, WireResponse};
use super::super::cors::{FrontDoor, ServiceAnswer, answer, http_api_answer};
use super::case::CaseStep;

/// Answers by what the case lists, and remembers what the service made of it.
#[derive(Clone, Debug)]
pub struct CaseServer<'a> {
    step: &'a CaseStep,
    /// The service's answers in order, where the case has a function URL behind it.
    pub service: Vec<ServiceAnswer>,
}

impl<'a> CaseServer<'a> {
    #[must_use]
    pub fn new(step: &'a CaseStep) -> Self {
        Self { step, service: Vec::new() }
    }

    /// Whether a function URL is behind the case, rather than listed answers.
    #[must_use]
    pub fn has_function(step: &CaseStep) -> bool {
        step.config.is_some() || step.function_response.is_some()
    }

    fn hop(&mut self, request: &WireRequest) -> WireResponse {
        let same = |listed: &str| normalised(listed).is_some_and(|url| url == request.url);
        match self.step.hops.iter().find(|(url, _)| same(url)) {
            Some((_, hop)) if request.preflight => {
                hop.preflight.clone().or_else(|| hop.response.clone()).unwrap_or_else(not_found)
            }
            Some((_, hop)) => hop.response.clone().unwrap_or_else(not_found),
            None if self.is_first(request) => self.first(request),
            None => not_found(),
        }
    }

    fn is_first(&self, request: &WireRequest) -> bool {
        self.step.req.as_ref().is_some_and(|asked| normalised(&asked.url).is_some_and(|url| url == request.url))
    }

    fn first(&mut self, request: &WireRequest) -> WireResponse {
        if !Self::has_function(self.step) {
            let listed = if request.preflight { self.step.preflight.as_ref() } else { None };
            return listed.or(self.step.response.as_ref()).cloned().unwrap_or_else(not_found);
        }
        let returned = self.step.function_response.as_ref().or(self.step.response.as_ref());
        let mut function = |asked: &WireRequest| {
            let to_preflight = self.step.preflight.as_ref().filter(|_| asked.preflight);
            to_preflight.or(returned).cloned().unwrap_or_default()
        };
        let configuration = self.step.config.as_ref();
        let found = match self.step.front_door {
            FrontDoor::FunctionUrl => answer(configuration, self.step.switches, request, &mut function),
            FrontDoor::HttpApi => http_api_answer(configuration, request, &mut function),
        };
        self.service.push(found.clone());
        found.response
    }
}

impl Server for CaseServer<'_> {
    fn answer(&mut self, request: &WireRequest) -> WireResponse {
        let response = if request.hop == 0 { self.first(request) } else { self.hop(request) };
        with_content_length(response)
    }
}

fn normalised(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_fragment(None);
    Some(url.to_string())
}

fn not_found() -> WireResponse {
    WireResponse { status: 404, headers: HeaderList::default(), body: String::new() }
}

/// `Content-Length` is there unless it is listed, the body is chunked, or the status has no body.
fn with_content_length(mut response: WireResponse) -> WireResponse {
    let without = matches!(response.status, 204 | 304);
    if !without && !response.headers.has("content-length") && !response.headers.has("transfer-encoding") {
        response.headers.append("Content-Length", response.body.len().to_string());
    }
    response
}
