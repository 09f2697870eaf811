//! A case: a page, its request, and what the other side answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::super::browser::{
    Api, Body, CacheMode, Cookie, Credentials, HeaderList, Mode, Page, PageError, PageKind, PageRequest, RedirectMode, SameSite,
    WireResponse,
};
use super::super::cors::{CorsConfiguration, FrontDoor, Switches};

/// One line of a file of cases.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Case {
    #[serde(default, deserialize_with = "text_or_number")]
    pub id: String,
    /// The only step, or what the steps below share.
    #[serde(flatten)]
    pub step: CaseStep,
    #[serde(default)]
    pub steps: Vec<CaseStep>,
}

/// One request with what answers it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct CaseStep {
    /// URL of the page.
    pub page: Option<String>,
    pub page_kind: Option<PageKind>,
    /// Serialised origin; wins over the two above.
    pub origin: Option<String>,
    pub req: Option<CaseRequest>,
    #[serde(default)]
    pub cookies: Vec<CaseCookie>,
    /// What answers a preflight: the server of the case, or where a function stands behind it the function, when it is asked.
    pub preflight: Option<WireResponse>,
    pub response: Option<WireResponse>,
    #[serde(default)]
    pub hops: BTreeMap<String, CaseHop>,
    /// A function URL's configuration.
    pub config: Option<CorsConfiguration>,
    pub function_response: Option<WireResponse>,
    /// Milliseconds that pass before the request.
    #[serde(default)]
    pub wait_ms: u64,
    /// Which reading of the service's behaviour is followed; not part of the file.
    #[serde(skip)]
    pub switches: Switches,
    /// What stands before the function; not part of the file, where it is a function URL.
    #[serde(skip)]
    pub front_door: FrontDoor,
}

/// What a redirect's target answers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct CaseHop {
    pub preflight: Option<WireResponse>,
    pub response: Option<WireResponse>,
}

/// A request as given to `fetch()` or XMLHttpRequest.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct CaseRequest {
    pub url: String,
    pub method: Option<String>,
    #[serde(default)]
    pub headers: HeaderList,
    pub mode: Option<Mode>,
    pub credentials: Option<Credentials>,
    pub redirect: Option<RedirectMode>,
    pub cache: Option<CacheMode>,
    pub body: Option<Body>,
    /// Outer `None`: not said. Inner `None`: the body has no type.
    #[serde(default, deserialize_with = "said")]
    pub body_type: Option<Option<String>>,
    pub api: Option<Api>,
}

/// A cookie that is in the jar before the request, for all paths of the URL's host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CaseCookie {
    pub url: String,
    pub name: String,
    #[serde(default)]
    pub value: String,
    #[serde(default, rename = "sameSite", alias = "same_site")]
    pub same_site: Option<SameSite>,
    #[serde(default)]
    pub secure: bool,
}

impl CaseStep {
    /// This step, with what it does not say itself taken from `shared`.
    #[must_use]
    pub fn with_shared(&self, shared: &Self) -> Self {
        let mut step = self.clone();
        if step.page.is_none() && step.page_kind.is_none() && step.origin.is_none() {
            (step.page, step.page_kind, step.origin) = (shared.page.clone(), shared.page_kind, shared.origin.clone());
        }
        step.req = step.req.or_else(|| shared.req.clone());
        if step.preflight.is_none() && step.response.is_none() && step.function_response.is_none() {
            step.preflight = shared.preflight.clone();
            step.response = shared.response.clone();
            step.function_response = shared.function_response.clone();
        }
        if step.hops.is_empty() {
            step.hops = shared.hops.clone();
        }
        step.config = step.config.or_else(|| shared.config.clone());
        step
    }

    /// The page that asks.
    ///
    /// # Errors
    /// Neither URL nor origin is given, or one of them is none.
    pub fn page(&self) -> Result<Page, PageError> {
        Page::new(self.page.as_deref(), self.page_kind.unwrap_or_default(), self.origin.as_deref())
    }
}

impl CaseRequest {
    /// The request as the browser's rules take it.
    #[must_use]
    pub fn asked(&self) -> PageRequest {
        PageRequest {
            url: self.url.clone(),
            method: self.method.clone(),
            headers: self.headers.clone(),
            mode: self.mode.unwrap_or_default(),
            credentials: self.credentials.unwrap_or_default(),
            redirect: self.redirect.unwrap_or_default(),
            cache: self.cache.unwrap_or_default(),
            body: self.body.clone(),
            body_type: self.body_type.clone(),
            api: self.api.unwrap_or_default(),
        }
    }
}

impl CaseCookie {
    /// The cookie; `None` when its URL is none.
    #[must_use]
    pub fn cookie(&self) -> Option<Cookie> {
        let url = url::Url::parse(&self.url).ok()?;
        Some(Cookie {
            name: self.name.clone(),
            value: self.value.clone(),
            host: url.host_str()?.to_owned(),
            with_subdomains: false,
            path: "/".into(),
            secure: self.secure,
            same_site: self.same_site.unwrap_or_default(),
        })
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(text),
        other => Ok(other.to_string()),
    }
}

fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}
