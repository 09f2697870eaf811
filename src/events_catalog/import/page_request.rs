//! From what went over the wire back to what the page asked for: the browser's own headers are taken away again.

use std::collections::BTreeMap;

use url::Url;

use super::target;
use crate::http_model::HttpRequest;
use crate::http_model::browser::{
    Api, Body, BodyKind, Credentials, HeaderList, Mode, RuleSet, SameSite, WireResponse, is_forbidden_request_header,
    is_safelisted_request_header,
};
use crate::http_model::cors_case::{CaseCookie, CaseHop, CaseRequest, CaseStep};

/// Names that pages may set but that browsers add on their own: for a reload, a cache, a priority.
const ADDED_BY_BROWSERS: &[&str] = &[
    "alt-used",
    "authority", // So older Chromium writes `:authority` into its commands.
    "if-modified-since",
    "if-none-match",
    "pragma",
    "priority",
    "purpose",
    "upgrade-insecure-requests",
    "user-agent",
    "x-client-data",
];

/// All that is recorded about one request.
#[derive(Clone, Debug)]
pub(super) struct Recording<'a> {
    pub request: &'a HttpRequest,
    pub preflight_request: Option<&'a HttpRequest>,
    pub preflight: Option<WireResponse>,
    pub response: Option<WireResponse>,
    pub hops: BTreeMap<String, CaseHop>,
    /// A script asked, so a missing `Origin` may be told from the `Referer`.
    pub is_script_request: bool,
}

impl<'a> Recording<'a> {
    /// A request of which no answer is known.
    pub(super) fn of_request(request: &'a HttpRequest) -> Self {
        let hops = BTreeMap::new();
        Self { request, preflight_request: None, preflight: None, response: None, hops, is_script_request: false }
    }

    /// The origin of the page that asked.
    pub(super) fn page_origin(&self) -> Option<String> {
        let of = |request: &HttpRequest| request.headers.get("origin").map(str::to_owned);
        of(self.request).or_else(|| self.preflight_request.and_then(of)).or_else(|| self.referer_origin())
    }

    /// Chromium shows only provisional headers of a failed request, without `Origin`.
    fn referer_origin(&self) -> Option<String> {
        let referer = self.request.headers.get("referer").filter(|_| self.is_script_request)?;
        let origin = Url::parse(referer).ok()?.origin();
        let target = Url::parse(&target::url_of(self.request)).ok()?.origin();
        (origin.is_tuple() && origin != target).then(|| origin.ascii_serialization())
    }

    /// The case that the CORS rules can judge; `None` when no page asked for it.
    pub(super) fn case_step(&self) -> Option<CaseStep> {
        let origin = self.page_origin()?;
        let mode = match self.request.headers.get("sec-fetch-mode") {
            Some("navigate" | "websocket") => return None,
            Some("no-cors") => Some(Mode::NoCors),
            Some("same-origin") => Some(Mode::SameOrigin),
            _ => None,
        };
        let cookies = self.cookies();
        let request = if self.stands_alone() { self.asked_for() } else { self.asked() };
        let credentials = (!cookies.is_empty()).then_some(Credentials::Include);
        let answers = (self.preflight.clone(), self.response.clone());
        let (preflight, response) = if self.stands_alone() { (answers.1, None) } else { answers };
        let req = Some(CaseRequest { mode, credentials, ..request });
        Some(CaseStep { origin: Some(origin), req, cookies, preflight, response, hops: self.hops.clone(), ..CaseStep::default() })
    }

    /// Whether the request is a preflight whose actual request is not recorded.
    fn stands_alone(&self) -> bool {
        self.request.method == "OPTIONS" && self.request.headers.contains("access-control-request-method")
    }

    /// The request for which a preflight asks; its headers have stand-ins as values.
    fn asked_for(&self) -> CaseRequest {
        let mut headers = HeaderList::default();
        for name in announced(self.request) {
            headers.append(name.clone(), stand_in(&name));
        }
        let method = self.request.headers.get("access-control-request-method").map(str::to_owned);
        CaseRequest { url: target::url_of(self.request), method, headers, ..CaseRequest::default() }
    }

    fn asked(&self) -> CaseRequest {
        let request = self.request;
        let announced = self.preflight_request.map(announced);
        let mut headers = HeaderList::default();
        for (name, value) in request.headers.iter().filter(|(name, value)| is_set_by_page(name, value, announced.as_deref())) {
            headers.append(name, value);
        }
        for name in announced.iter().flatten().filter(|name| !request.headers.contains(name)) {
            headers.append(name.clone(), stand_in(name)); // Taken out of the recording, as `Authorization` often is.
        }
        let body =
            (!request.body.is_empty()).then_some(Body { kind: BodyKind::ArrayBuffer, content_type: None, value: "".into() });
        let is_simple = matches!(request.method.as_str(), "GET" | "HEAD" | "POST");
        let watched = is_simple && body.is_some() && announced.is_some_and(|names| names.is_empty());
        let api = watched.then_some(Api::XhrUpload); // Nothing else needs a preflight here.
        CaseRequest {
            url: target::url_of(request),
            method: Some(request.method.clone()),
            headers,
            body,
            api,
            ..CaseRequest::default()
        }
    }

    /// The cookies that went with the request; those that went to another site had `SameSite=None; Secure`.
    fn cookies(&self) -> Vec<CaseCookie> {
        let url = target::url_of(self.request);
        let pairs = self.request.headers.get_all("cookie").flat_map(|line| line.split(';'));
        let named = pairs.filter_map(|pair| pair.trim().split_once('='));
        let cookie = |(name, value): (&str, &str)| CaseCookie {
            url: url.clone(),
            name: name.to_owned(),
            value: value.to_owned(),
            same_site: Some(SameSite::None),
            secure: true,
        };
        named.map(cookie).collect()
    }
}

/// The names that a preflight asks for, in lower case.
fn announced(preflight: &HttpRequest) -> Vec<String> {
    let lines = preflight.headers.get_all("access-control-request-headers").flat_map(|line| line.split(','));
    lines.map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty()).collect()
}

/// A value that needs permission, as the real one did.
fn stand_in(name: &str) -> &'static str {
    match name {
        "content-type" => "application/json",
        _ => "\"",
    }
}

/// Whether a header came from the page. What a preflight asked for is certain; without one the usual suspects go.
fn is_set_by_page(name: &str, value: &str, announced: Option<&[String]>) -> bool {
    if is_forbidden_request_header(name, value) || name.eq_ignore_ascii_case("user-agent") {
        return false;
    }
    match announced {
        Some(names) => {
            let is_safe = is_safelisted_request_header(name, value, RuleSet::Chromium).is_ok();
            is_safe || names.iter().any(|listed| name.eq_ignore_ascii_case(listed))
        }
        None => {
            let for_reload = name.eq_ignore_ascii_case("cache-control") && matches!(value, "no-cache" | "max-age=0");
            !for_reload && !ADDED_BY_BROWSERS.iter().any(|added| name.eq_ignore_ascii_case(added))
        }
    }
}
