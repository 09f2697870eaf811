//! A page's request as it is typed, and the step of a case that it becomes.

use crate::http_model::browser::{
    Api, Body, BodyKind, Credentials, HeaderList, Mode, PageKind, RedirectMode, SameSite, is_forbidden_request_header,
};
use crate::http_model::cors_case::{CaseCookie, CaseRequest, CaseStep};

use super::paste::of_a_page;
use super::target::{Target, TargetDoor};
use crate::http_model::HttpRequest;
use crate::http_model::routes::sample_of;

/// Where a front end is usually developed.
const DEVELOPMENT_ORIGIN: &str = "http://localhost:5173";

/// Everything that is typed and chosen about one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestDraft {
    /// `None` takes the first there is.
    pub target: Option<Target>,
    pub origin: String,
    pub method: String,
    /// Path and query.
    pub path: String,
    /// One `name: value` a line.
    pub headers: String,
    pub credentials: Credentials,
    pub mode: Mode,
    pub redirect: RedirectMode,
    /// `a=1; b=2`: in the jar for the door's host.
    pub cookies: String,
    pub api: Api,
    pub body: String,
}

impl RequestDraft {
    /// A request that fits a door: its first origin, and what its route takes.
    #[must_use]
    pub fn of(door: Option<&TargetDoor>) -> Self {
        let listed = door.and_then(|door| door.cors.as_ref()).map(|cors| cors.allow_origins.as_slice()).unwrap_or_default();
        let origin = listed.iter().find(|origin| origin.contains("://") && !origin.contains('*'));
        let (method, path) = match door.map(|door| &door.target) {
            Some(Target::Route { route, .. }) => sample_of(route),
            _ => ("GET".into(), "/".into()),
        };
        Self {
            target: None,
            origin: origin.map_or_else(|| DEVELOPMENT_ORIGIN.to_owned(), Clone::clone),
            method,
            path,
            headers: String::new(),
            credentials: Credentials::default(),
            mode: Mode::default(),
            redirect: RedirectMode::default(),
            cookies: String::new(),
            api: Api::default(),
            body: String::new(),
        }
    }

    /// Goes to another door; a route brings its method and path along.
    pub fn choose(&mut self, target: &Target) {
        if let Target::Route { route, .. } = target {
            (self.method, self.path) = sample_of(route);
        }
        self.target = Some(target.clone());
    }

    /// What a page would have to ask so that this request comes out: without what browsers add by themselves.
    pub fn type_again(&mut self, request: &HttpRequest, target: Option<Target>) {
        self.headers = of_a_page(&request.headers);
        self.target = target;
        self.method.clone_from(&request.method);
        self.path = if request.query.is_empty() { request.path.clone() } else { format!("{}?{}", request.path, request.query) };
        self.cookies = request.headers.get("cookie").unwrap_or_default().to_owned();
        if !self.cookies.is_empty() {
            self.credentials = Credentials::Include;
        }
        if let Some(origin) = request.headers.get("origin") {
            origin.clone_into(&mut self.origin);
        }
        self.body = String::from_utf8_lossy(&request.body).into_owned();
    }

    #[must_use]
    pub fn url(&self, address: &str) -> String {
        format!("{address}{}", self.path.trim_start_matches('/'))
    }

    /// The request as rules and executor take it; what the function answers is not in it.
    #[must_use]
    pub fn step(&self, door: &TargetDoor) -> CaseStep {
        let url = self.url(&door.address);
        let origin = self.origin.trim();
        let cookies =
            self.cookies.split(';').filter_map(|cookie| cookie.trim().split_once('=')).map(|(name, value)| CaseCookie {
                url: url.clone(),
                name: name.trim().to_owned(),
                value: value.trim().to_owned(),
                // Every other kind stays away from requests of another site.
                same_site: Some(SameSite::None),
                secure: true,
            });
        CaseStep {
            origin: Some(origin.to_owned()),
            page_kind: (origin == "null").then_some(PageKind::SandboxIframe),
            cookies: cookies.collect(),
            config: door.cors.clone(),
            req: Some(CaseRequest {
                url: url.clone(),
                method: Some(self.method.trim().to_owned()),
                headers: HeaderList(self.header_lines().filter_map(Result::ok).collect()),
                mode: Some(self.mode),
                credentials: Some(self.credentials),
                redirect: Some(self.redirect),
                api: Some(self.api),
                body: self.typed_body(),
                ..CaseRequest::default()
            }),
            ..CaseStep::default()
        }
    }

    /// Why it cannot be sent, if so.
    #[must_use]
    pub fn obstacle(&self) -> Option<String> {
        if let Some(line) = self.header_lines().find_map(Result::err) {
            return Some(format!("\"{line}\" is no header: write name: value"));
        }
        self.method.trim().is_empty().then(|| "the request has no method".into())
    }

    /// What a browser makes of headers that only it may set (Fetch, "forbidden request-header"), if there are any.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        let typed = self.header_lines().filter_map(Result::ok);
        let names: Vec<String> =
            typed.filter(|(name, value)| is_forbidden_request_header(name, value)).map(|(name, _)| name).collect();
        (!names.is_empty()).then(|| format!("{}: only the browser may set this, so it leaves it out", names.join(", ")))
    }

    fn typed_body(&self) -> Option<Body> {
        let value = || serde_json::Value::String(self.body.clone());
        (!self.body.is_empty()).then(|| Body { kind: BodyKind::Text, content_type: None, value: value() })
    }

    fn header_lines(&self) -> impl Iterator<Item = Result<(String, String), String>> {
        let lines = self.headers.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(|line| match line.split_once(':') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
            _ => Err(line.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> TargetDoor {
        TargetDoor {
            target: Target::Url,
            api: None,
            address: "http://a.localhost:9002/".into(),
            open: true,
            https: None,
            cors: None,
            stage: String::new(),
            is_production: false,
        }
    }

    #[test]
    fn what_is_typed_becomes_a_request() {
        let mut draft = RequestDraft::of(Some(&door()));
        draft.path = "/orders?page=2".into();
        draft.headers = "Content-Type: application/json\n\n x-a:1 ".into();
        draft.cookies = "session=1; theme = dark;".into();
        let step = draft.step(&door());
        let request = step.req.expect("a request");
        assert_eq!(request.url, "http://a.localhost:9002/orders?page=2");
        assert_eq!(request.headers.0, [("Content-Type".into(), "application/json".into()), ("x-a".into(), "1".into())]);
        assert_eq!(step.cookies.iter().map(|cookie| &*cookie.name).collect::<Vec<_>>(), ["session", "theme"]);
        assert_eq!(request.body, None);
        assert_eq!(step.origin.as_deref(), Some(DEVELOPMENT_ORIGIN));
    }

    #[test]
    fn headers_of_the_browser_are_said_to_be_left_out() {
        let mut draft = RequestDraft::of(Some(&door()));
        draft.headers = "x-a: 1\nHost: evil.test\nx-http-method-override: TRACE".into();
        let said = "Host, x-http-method-override: only the browser may set this, so it leaves it out";
        assert_eq!(draft.left_out().as_deref(), Some(said));
        draft.headers = "x-a: 1".into();
        assert_eq!(draft.left_out(), None);
    }

    #[test]
    fn a_request_that_came_is_typed_again() {
        let headers = [("Host", "a"), ("Origin", "https://app.test"), ("Cookie", "a=1"), ("x-a", "1")];
        let request = HttpRequest {
            method: "PUT".into(),
            path: "/orders".into(),
            query: "page=2".into(),
            headers: headers.into_iter().collect(),
            body: "{}".into(),
            ..HttpRequest::default()
        };
        let mut draft = RequestDraft::of(None);
        draft.type_again(&request, Some(Target::Url));
        assert_eq!((&*draft.method, &*draft.path, &*draft.headers), ("PUT", "/orders?page=2", "x-a: 1\n"));
        assert_eq!((&*draft.origin, &*draft.cookies, &*draft.body), ("https://app.test", "a=1", "{}"));
        assert_eq!(draft.credentials, Credentials::Include);
    }

    #[test]
    fn a_line_that_is_no_header_is_said() {
        let draft = RequestDraft { headers: "content-type json".into(), ..RequestDraft::of(None) };
        assert_eq!(draft.obstacle().as_deref(), Some("\"content-type json\" is no header: write name: value"));
    }
}
