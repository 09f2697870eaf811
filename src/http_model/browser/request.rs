//! Building a request from what a page asks for (Fetch, the `Request` constructor and XMLHttpRequest; `cors.md`, 1.1).

use serde::{Deserialize, Serialize};
use url::Url;

use super::failure::Failure;
use super::header_list::{HeaderList, is_token};
use super::mime_type::essence;
use super::origin::Page;
use super::request_headers::{is_forbidden_method, is_forbidden_request_header, normalised_method};
use super::safelist::is_safelisted_request_header;
use super::step::{Deviation, RuleSet, Trace};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    #[default]
    Cors,
    NoCors,
    SameOrigin,
    /// Cannot be asked for.
    Navigate,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    Omit,
    #[default]
    SameOrigin,
    Include,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedirectMode {
    #[default]
    Follow,
    Error,
    Manual,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheMode {
    #[default]
    Default,
    NoStore,
    Reload,
    NoCache,
    ForceCache,
    OnlyIfCached,
}

/// What the page calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    #[default]
    Fetch,
    Xhr,
    /// XMLHttpRequest with a listener on `upload`.
    XhrUpload,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyKind {
    Text,
    Blob,
    UrlSearchParams,
    FormData,
    ArrayBuffer,
    Stream,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub kind: BodyKind,
    /// Of a Blob.
    #[serde(rename = "type", default)]
    pub content_type: Option<String>,
    #[serde(default)]
    pub value: serde_json::Value,
}

/// What a page asks for; defaults are those of `fetch()`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    pub url: String,
    pub method: Option<String>,
    pub headers: HeaderList,
    pub mode: Mode,
    pub credentials: Credentials,
    pub redirect: RedirectMode,
    pub cache: CacheMode,
    pub body: Option<Body>,
    /// What the browser derives from the body; the outer `None` means that [`Body`] tells, the inner one that there is none.
    pub body_type: Option<Option<String>>,
    pub api: Api,
}

/// A request that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedRequest {
    pub url: Url,
    pub method: String,
    pub headers: HeaderList,
    pub mode: Mode,
    pub credentials: Credentials,
    pub redirect: RedirectMode,
    pub cache: CacheMode,
    pub has_body: bool,
    pub forced_preflight: bool,
    /// Headers of the page that were dropped without an error.
    pub dropped: Vec<String>,
}

/// Builds the request.
///
/// # Errors
/// The call throws, and nothing is sent.
pub fn prepare(page: &Page, asked: &PageRequest, rules: RuleSet, trace: &mut Trace) -> Result<PreparedRequest, Failure> {
    let is_xhr = asked.api != Api::Fetch;
    let mode = if is_xhr { Mode::Cors } else { asked.mode };
    let url = parse_url(page, asked, trace)?;
    let method = method(asked, mode, trace)?;
    let without_body = method == "GET" || method == "HEAD";
    if asked.body.is_some() && without_body && !is_xhr {
        trace.compare("1.1-5", false, "GET and HEAD carry no body", method.clone(), "GET, HEAD");
        return Err(Failure::BodyNotAllowed(method));
    }
    let body = asked.body.as_ref().filter(|_| !without_body);
    let (mut headers, dropped) = page_headers(asked, mode, rules, trace)?;
    if let Some(body) = body {
        add_content_type(&mut headers, asked, body, mode, trace);
    }
    let cache = cache_mode(asked, is_xhr, &headers);
    if asked.cache == CacheMode::OnlyIfCached && !is_xhr && mode != Mode::SameOrigin {
        trace.note("1.1-4", false, "cache 'only-if-cached' needs mode 'same-origin'");
        return Err(Failure::OnlyIfCachedMode);
    }
    Ok(PreparedRequest {
        forced_preflight: forced_preflight(asked, body, rules, trace),
        has_body: body.is_some(),
        credentials: credentials(asked, is_xhr),
        redirect: if is_xhr { RedirectMode::Follow } else { asked.redirect },
        url,
        method,
        headers,
        mode,
        cache,
        dropped,
    })
}

fn parse_url(page: &Page, asked: &PageRequest, trace: &mut Trace) -> Result<Url, Failure> {
    let parsed = Url::options().base_url(page.base()).parse(&asked.url);
    let Ok(mut url) = parsed else {
        trace.compare("1.1-3", false, "the URL does not parse", asked.url.clone(), "");
        return Err(Failure::Url(asked.url.clone()));
    };
    if asked.api == Api::Fetch && (!url.username().is_empty() || url.password().is_some()) {
        trace.compare("1.1-3", false, "the URL must not contain user:password@", asked.url.clone(), "");
        return Err(Failure::UrlCredentials);
    }
    if !matches!(url.scheme(), "http" | "https") {
        trace.compare("1.1-3", false, "only http and https URLs are asked over the network", url.scheme(), "http, https");
        return Err(Failure::UrlScheme(url.scheme().to_owned()));
    }
    url.set_fragment(None);
    Ok(url)
}

fn method(asked: &PageRequest, mode: Mode, trace: &mut Trace) -> Result<String, Failure> {
    let method = asked.method.as_deref().unwrap_or("GET");
    if mode == Mode::Navigate {
        trace.note("1.1-4", false, "mode 'navigate' cannot be asked for");
        return Err(Failure::ModeNavigate);
    }
    if !is_token(method) || is_forbidden_method(method) {
        let sentence = "the method must be a token and none of CONNECT, TRACE, TRACK";
        trace.compare("1.1-1", false, sentence, method, "CONNECT, TRACE, TRACK");
        return Err(Failure::Method(method.to_owned()));
    }
    let sent = normalised_method(method);
    if sent != method {
        trace.compare("1.1-2", true, "the method is put in capitals", method, sent.clone());
    }
    if mode == Mode::NoCors && !is_simple_method(&sent) {
        trace.compare("1.1-4", false, "mode 'no-cors' knows three methods", sent.clone(), "GET, HEAD, POST");
        return Err(Failure::NoCorsMethod(sent));
    }
    Ok(sent)
}

/// Whether the method never needs permission (Fetch, "CORS-safelisted method").
pub fn is_simple_method(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

fn page_headers(
    asked: &PageRequest,
    mode: Mode,
    rules: RuleSet,
    trace: &mut Trace,
) -> Result<(HeaderList, Vec<String>), Failure> {
    let mut headers = HeaderList::default();
    let mut dropped = Vec::new();
    for (name, value) in &asked.headers.0 {
        let value = value.trim_matches(['\t', '\n', '\r', ' ']);
        if !is_token(name) || value.contains(['\0', '\n', '\r']) || value.chars().any(|c| c > '\u{ff}') {
            trace.compare("1.1-6", false, "a header needs a token as its name and bytes as its value", name.clone(), value);
            return Err(Failure::HeaderInvalid(name.clone()));
        }
        let is_dropped = if is_forbidden_request_header(name, value) {
            trace.compare("1.1-7", true, "the browser alone sets this header; it is dropped", name.clone(), value);
            true
        } else if mode == Mode::NoCors && !is_no_cors_safelisted(&headers, name, value) {
            trace.compare("1.1-8", true, "mode 'no-cors' drops this header", name.clone(), value);
            true
        } else if rules == RuleSet::Chromium && name.eq_ignore_ascii_case("user-agent") {
            trace.deviates(Deviation::UserAgentIgnored);
            true
        } else {
            false
        };
        if !is_dropped && rules == RuleSet::Chromium && name.eq_ignore_ascii_case("available-dictionary") {
            trace.deviates(Deviation::AvailableDictionaryRefused);
            trace.compare(
                "1.1-7",
                false,
                "Chromium writes this header by itself and sends no request that has it",
                name.clone(),
                "",
            );
            return Err(Failure::HeaderRefused(name.clone()));
        }
        if is_dropped {
            dropped.push(name.clone());
        } else {
            headers.append(name.clone(), value);
        }
    }
    Ok((headers, dropped))
}

fn is_no_cors_safelisted(before: &HeaderList, name: &str, value: &str) -> bool {
    let known = ["accept", "accept-language", "content-language", "content-type"];
    let joined = before.joined(name).map_or(value.to_owned(), |earlier| format!("{earlier}, {value}"));
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
        && is_safelisted_request_header(name, &joined, RuleSet::Standard).is_ok()
}

fn add_content_type(headers: &mut HeaderList, asked: &PageRequest, body: &Body, mode: Mode, trace: &mut Trace) {
    let is_xhr = asked.api != Api::Fetch;
    // XMLHttpRequest leaves out a Blob's type that is no MIME type.
    let usable = |derived: &String| !is_xhr || body.kind != BodyKind::Blob || essence(derived).is_some();
    let derived = asked.body_type.clone().unwrap_or_else(|| derived_type(body)).filter(usable);
    let Some(derived) = derived.filter(|_| !headers.has("content-type")) else {
        return;
    };
    if mode == Mode::NoCors && !is_no_cors_safelisted(headers, "content-type", &derived) {
        trace.compare("1.1-8", true, "mode 'no-cors' drops the content type of the body", "content-type", derived);
        return;
    }
    trace.compare("1.1-9", true, "the content type comes from the body", "content-type", derived.clone());
    headers.append("content-type", derived);
}

/// The content type of a body (Fetch, "extract a body"); a Blob's type is kept in lower case, or dropped (File API).
fn derived_type(body: &Body) -> Option<String> {
    match body.kind {
        BodyKind::Text => Some("text/plain;charset=UTF-8".into()),
        BodyKind::UrlSearchParams => Some("application/x-www-form-urlencoded;charset=UTF-8".into()),
        BodyKind::FormData => Some("multipart/form-data; boundary=----WebKitFormBoundary0000000000000000".into()),
        BodyKind::ArrayBuffer | BodyKind::Stream => None,
        BodyKind::Blob => {
            let kind = body.content_type.as_deref().unwrap_or_default();
            let printable = kind.chars().all(|c| (' '..='~').contains(&c));
            (printable && !kind.is_empty()).then(|| kind.to_ascii_lowercase())
        }
    }
}

/// A header of conditional requests takes the request out of the cache (Fetch, "HTTP-network-or-cache fetch").
fn cache_mode(asked: &PageRequest, is_xhr: bool, headers: &HeaderList) -> CacheMode {
    const CONDITIONS: [&str; 5] = ["if-modified-since", "if-none-match", "if-unmodified-since", "if-match", "if-range"];
    let cache = if is_xhr { CacheMode::Default } else { asked.cache };
    if cache == CacheMode::Default && CONDITIONS.iter().any(|name| headers.has(name)) { CacheMode::NoStore } else { cache }
}

/// XMLHttpRequest knows `withCredentials` or not.
fn credentials(asked: &PageRequest, is_xhr: bool) -> Credentials {
    match asked.credentials {
        Credentials::Omit if is_xhr => Credentials::SameOrigin,
        other => other,
    }
}

fn forced_preflight(asked: &PageRequest, body: Option<&Body>, rules: RuleSet, trace: &mut Trace) -> bool {
    let streamed = body.is_some_and(|body| body.kind == BodyKind::Stream);
    let listens = asked.api == Api::XhrUpload;
    if listens && body.is_none() && rules == RuleSet::Chromium {
        trace.deviates(Deviation::UploadWithoutBody);
        return streamed;
    }
    streamed || listens
}

#[cfg(test)]
mod tests {
    use super::super::origin::PageKind;
    use super::*;

    fn prepared(asked: &PageRequest) -> Result<PreparedRequest, Failure> {
        let page = Page::new(Some("http://app.test/a/b"), PageKind::Plain, None).unwrap();
        prepare(&page, asked, RuleSet::Chromium, &mut Trace::default())
    }

    fn asked(method: &str, headers: HeaderList) -> PageRequest {
        PageRequest { url: "http://api.test/".into(), method: Some(method.into()), headers, ..PageRequest::default() }
    }

    #[test]
    fn what_throws() {
        let plain = asked("GET", HeaderList::default());
        let body = Some(Body { kind: BodyKind::Text, content_type: None, value: "x".into() });
        for (request, expected) in [
            (asked("trace", HeaderList::default()), Failure::Method("trace".into())),
            (asked("a b", HeaderList::default()), Failure::Method("a b".into())),
            (PageRequest { url: "http://u:p@api.test".into(), ..plain.clone() }, Failure::UrlCredentials),
            (PageRequest { url: "http://:x".into(), ..plain.clone() }, Failure::Url("http://:x".into())),
            (PageRequest { mode: Mode::Navigate, ..plain.clone() }, Failure::ModeNavigate),
            (PageRequest { mode: Mode::NoCors, ..asked("PUT", HeaderList::default()) }, Failure::NoCorsMethod("PUT".into())),
            (PageRequest { body, ..plain.clone() }, Failure::BodyNotAllowed("GET".into())),
            (asked("GET", HeaderList::from([("a b", "1")])), Failure::HeaderInvalid("a b".into())),
            (asked("GET", HeaderList::from([("a", "1\n2")])), Failure::HeaderInvalid("a".into())),
            (asked("GET", HeaderList::from([("a", "\u{100}")])), Failure::HeaderInvalid("a".into())),
            (
                asked("GET", HeaderList::from([("available-Dictionary", "")])),
                Failure::HeaderRefused("available-Dictionary".into()),
            ),
        ] {
            assert_eq!(prepared(&request), Err(expected));
        }
    }

    #[test]
    fn what_is_dropped() {
        let headers = HeaderList::from([("Cookie", "a"), ("X-A", " 1 "), ("Accept", "text/html")]);
        let found = prepared(&asked("GET", headers.clone())).unwrap();
        assert_eq!(found.headers, HeaderList::from([("X-A", "1"), ("Accept", "text/html")]));
        assert_eq!(found.dropped, ["Cookie"]);
        let no_cors = PageRequest { mode: Mode::NoCors, ..asked("GET", headers) };
        assert_eq!(prepared(&no_cors).unwrap().headers, HeaderList::from([("Accept", "text/html")]));
    }

    #[test]
    fn a_dictionary_is_chromiums_to_name_and_an_ordinary_header_by_the_standard() {
        let request = asked("GET", HeaderList::from([("Available-Dictionary", ":abc=:")]));
        let page = Page::new(Some("http://app.test/a/b"), PageKind::Plain, None).unwrap();
        let by_standard = prepare(&page, &request, RuleSet::Standard, &mut Trace::default()).unwrap();
        assert_eq!((by_standard.headers, by_standard.dropped), (request.headers.clone(), Vec::new()));
        let no_cors = PageRequest { mode: Mode::NoCors, ..request };
        assert_eq!(prepared(&no_cors).unwrap().dropped, ["Available-Dictionary"], "mode 'no-cors' drops it before");
    }

    #[test]
    fn relative_urls_and_types_of_bodies() {
        let body = Some(Body { kind: BodyKind::Blob, content_type: Some("Application/JSON".into()), value: "x".into() });
        let request = PageRequest { url: "c#d".into(), body, ..asked("post", HeaderList::default()) };
        let found = prepared(&request).unwrap();
        assert_eq!((found.url.as_str(), found.method.as_str()), ("http://app.test/a/c", "POST"));
        assert_eq!(found.headers, HeaderList::from([("content-type", "application/json")]));
    }
}
