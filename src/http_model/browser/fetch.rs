//! One request of a page from beginning to end (Fetch, "main fetch" and "HTTP fetch"; `cors.md`, 1.2 to 1.9).

use url::Url;

use super::cookies::CookieJar;
use super::cors_check::check_response;
use super::failure::Failure;
use super::header_list::HeaderList;
use super::http_cache::{HttpCache, Lookup};
use super::origin::Page;
use super::preflight::{UnsafeHeader, judge_preflight, unsafe_headers};
use super::preflight_cache::PreflightCache;
use super::readable::readable_names;
use super::redirect;
use super::request::{CacheMode, Credentials, Mode, PageRequest, PreparedRequest, RedirectMode, is_simple_method, prepare};
use super::sites;
use super::step::{RuleSet, Trace};
use super::wire::{Server, WireExchange, WireRequest, WireResponse};

/// What a browser remembers between requests. Time is what the caller sets.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    pub rules: RuleSet,
    /// Milliseconds since the browser was started.
    pub now_millis: u64,
    pub cookies: CookieJar,
    preflights: PreflightCache,
    responses: HttpCache,
}

/// A failure and where it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    pub failure: Failure,
    /// Number of redirects followed before.
    pub hop: usize,
    pub url: String,
    /// The origin as it was compared last: `null` after a tainting redirect.
    pub origin: String,
}

/// How a request ended for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Readable { status: u16, headers: Vec<String> },
    Opaque,
    OpaqueRedirect,
    Failed(Failed),
}

/// All that happened for one request.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub wire: Vec<WireExchange>,
    pub ending: Ending,
    pub trace: Trace,
    /// Headers of the page that were dropped without an error.
    pub dropped: Vec<String>,
    /// Why there was a preflight, or would have been but for the cache; empty when none was needed.
    pub preflight_reasons: Vec<String>,
    /// The last response, whether or not the page may read it.
    pub last_response: Option<WireResponse>,
    /// A cookie of the jar would have fitted a URL, but stayed.
    pub cookie_kept_back: bool,
    /// The page's credentials mode is `include`.
    pub credentialed: bool,
    /// The last response went through CORS.
    pub cross_origin: bool,
}

impl Browser {
    #[must_use]
    pub fn new(rules: RuleSet) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Carries a request out; `server` is asked for everything that leaves the browser.
    pub fn fetch(&mut self, page: &Page, asked: &PageRequest, server: &mut dyn Server) -> Exchange {
        let mut trace = Trace::default();
        let exchange = Exchange::new(asked.credentials == Credentials::Include);
        match prepare(page, asked, self.rules, &mut trace) {
            Ok(request) => {
                let run = Run { origin: page.origin().to_owned(), browser: self, page, server, trace, exchange, request };
                run.to_the_end()
            }
            Err(failure) => {
                let failed = Failed { failure, hop: 0, url: asked.url.clone(), origin: page.origin().to_owned() };
                Exchange { ending: Ending::Failed(failed), trace, ..exchange }
            }
        }
    }
}

impl Exchange {
    fn new(credentialed: bool) -> Self {
        Self {
            wire: Vec::new(),
            ending: Ending::Opaque,
            trace: Trace::default(),
            dropped: Vec::new(),
            preflight_reasons: Vec::new(),
            last_response: None,
            cookie_kept_back: false,
            credentialed,
            cross_origin: false,
        }
    }
}

/// How the answer to a request is filtered (Fetch, "response tainting").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tainting {
    Basic,
    Cors,
    Opaque,
}

/// A request on its way.
struct Run<'a> {
    browser: &'a mut Browser,
    page: &'a Page,
    server: &'a mut dyn Server,
    trace: Trace,
    exchange: Exchange,
    request: PreparedRequest,
    /// What `Origin` says: the page's origin until a redirect makes it `null`.
    origin: String,
}

impl Run<'_> {
    fn to_the_end(mut self) -> Exchange {
        self.exchange.dropped = std::mem::take(&mut self.request.dropped);
        let ending = self.follow();
        let hop = self.trace.hop;
        let failed = |failure| Failed { failure, hop, url: self.request.url.to_string(), origin: self.origin.clone() };
        self.exchange.ending = ending.unwrap_or_else(|failure| Ending::Failed(failed(failure)));
        self.exchange.trace = self.trace;
        self.exchange
    }

    fn follow(&mut self) -> Result<Ending, Failure> {
        let mut tainting = Tainting::Basic;
        loop {
            tainting = self.choose_path(tainting)?;
            self.exchange.cross_origin = tainting == Tainting::Cors;
            if tainting == Tainting::Cors {
                self.preflight_if_needed()?;
            }
            let (sent, response) = self.send_actual(tainting)?;
            self.exchange.last_response = Some(response.clone());
            let location = redirect::redirect_target(&response);
            let current = &self.request.url;
            let next = location.map(|location| redirect::parse_location(current, &location, &mut self.trace)).transpose()?;
            if tainting == Tainting::Cors {
                let checked = check_response(&response.headers, &self.origin, self.is_credentialed(), &mut self.trace);
                if let Err(failure) = checked {
                    self.forget_if_new(&sent);
                    return Err(Failure::Check(failure));
                }
            }
            match next {
                None => return Ok(self.readable(&response, tainting)),
                Some(next) => match self.request.redirect {
                    RedirectMode::Error => {
                        self.trace.note("1.8-1", false, "redirect: 'error', and the answer is a redirect");
                        return Err(Failure::RedirectModeError);
                    }
                    RedirectMode::Manual => {
                        self.trace.note("1.8-1", true, "redirect: 'manual': the page sees that there was one, and no more");
                        return Ok(Ending::OpaqueRedirect);
                    }
                    RedirectMode::Follow => self.redirect(next, response.status, tainting)?,
                },
            }
        }
    }

    fn is_credentialed(&self) -> bool {
        self.request.credentials == Credentials::Include
    }

    /// Once a request has gone through CORS it stays so.
    fn choose_path(&mut self, before: Tainting) -> Result<Tainting, Failure> {
        let request = &self.request;
        let target = request.url.origin().ascii_serialization();
        let same_origin = self.page.is_same_origin(&request.url) && before == Tainting::Basic && self.origin != "null";
        if same_origin && !self.is_mixed_content() {
            self.trace.compare("1.2-1", true, "same origin: no CORS checks", self.origin.clone(), target);
            return Ok(Tainting::Basic);
        }
        if request.mode == Mode::SameOrigin {
            self.trace.compare("1.2-2", false, "mode 'same-origin' stays on the page's origin", self.origin.clone(), target);
            return Err(Failure::SameOriginMode);
        }
        if request.mode == Mode::NoCors && request.redirect != RedirectMode::Follow && self.trace.hop == 0 {
            self.trace.note("1.2-3", false, "mode 'no-cors' to another origin follows redirects or is not sent");
            return Err(Failure::NoCorsRedirectMode);
        }
        if self.is_mixed_content() {
            let sentence = "a page that came over https cannot ask a plain http URL";
            self.trace.compare("1.2-4", false, sentence, self.origin.clone(), request.url.as_str());
            return Err(Failure::MixedContent);
        }
        if request.mode == Mode::NoCors {
            self.trace.compare("1.2-3", true, "mode 'no-cors': sent, but the page never sees the answer", &self.origin, target);
            return Ok(Tainting::Opaque);
        }
        self.trace.compare("1.2-5", true, "another origin: CORS", self.origin.clone(), target);
        Ok(Tainting::Cors)
    }

    fn is_mixed_content(&self) -> bool {
        self.page.restricts_mixed_content() && !sites::is_potentially_trustworthy(&self.request.url)
    }

    fn preflight_if_needed(&mut self) -> Result<(), Failure> {
        let rules = self.browser.rules;
        let asked = unsafe_headers(&self.request.headers, rules, &mut self.trace);
        let reasons = self.preflight_reasons(&asked);
        if reasons.is_empty() {
            self.trace.note("1.2-5", true, "no preflight: method, headers and body are simple");
            return Ok(());
        }
        self.trace.note("1.2-5", true, format!("a preflight is needed: {}", reasons.join("; ")));
        if self.exchange.preflight_reasons.is_empty() {
            self.exchange.preflight_reasons = reasons;
        }
        if self.is_covered(&asked) { Ok(()) } else { self.preflight(&asked) }
    }

    fn preflight_reasons(&self, asked: &[UnsafeHeader]) -> Vec<String> {
        let method = &self.request.method;
        let by_method = (!is_simple_method(method)).then(|| format!("the method {method} is not GET, HEAD or POST"));
        let forced = self.request.forced_preflight.then(|| "the upload is watched or streamed".to_owned());
        by_method.into_iter().chain(asked.iter().map(|header| header.reason.clone())).chain(forced).collect()
    }

    fn is_covered(&mut self, asked: &[UnsafeHeader]) -> bool {
        if matches!(self.request.cache, CacheMode::NoStore | CacheMode::Reload | CacheMode::NoCache) {
            return false;
        }
        let request = (self.request.method.as_str(), self.is_credentialed());
        let (browser, url) = (&mut *self.browser, self.request.url.as_str());
        let now = browser.now_millis;
        browser.preflights.covers(now, self.page, url, request, asked, &mut self.trace)
    }

    fn preflight(&mut self, asked: &[UnsafeHeader]) -> Result<(), Failure> {
        let mut headers =
            HeaderList::from([("origin", self.origin.as_str()), ("access-control-request-method", &self.request.method)]);
        if !asked.is_empty() {
            let names: Vec<&str> = asked.iter().map(|header| header.name.as_str()).collect();
            headers.append("access-control-request-headers", names.join(","));
        }
        let names = headers.joined("access-control-request-headers").unwrap_or_default();
        self.trace.compare("1.4", true, "OPTIONS asks for permission, without cookies", self.request.method.clone(), names);
        let request = self.wire_request("OPTIONS", headers, true);
        let response = self.ask(&request);
        self.exchange.wire.push(WireExchange { request, response: response.clone(), from_cache: false });
        let (credentialed, rules) = (self.is_credentialed(), self.browser.rules);
        let method = &self.request.method;
        let grant = judge_preflight(&response, &self.origin, credentialed, method, asked, rules, &mut self.trace)?;
        let (now, url) = (self.browser.now_millis, self.request.url.as_str());
        self.browser.preflights.keep(now, self.page, url, grant);
        Ok(())
    }

    fn wire_request(&self, method: &str, headers: HeaderList, preflight: bool) -> WireRequest {
        let url = self.request.url.to_string();
        WireRequest { method: method.to_owned(), url, headers, preflight, hop: self.trace.hop }
    }

    fn send_actual(&mut self, tainting: Tainting) -> Result<(WireRequest, WireResponse), Failure> {
        let with_credentials = self.attaches_credentials(tainting);
        let mut headers = self.request.headers.combined();
        if tainting == Tainting::Cors || !matches!(self.request.method.as_str(), "GET" | "HEAD") {
            headers.append("origin", self.origin.clone());
        }
        if with_credentials && let Some(cookies) = self.browser.cookies.header(self.page, &self.request.url) {
            headers.append("cookie", cookies);
        }
        self.note_cookies(&headers);
        let request = self.wire_request(&self.request.method.clone(), headers, false);
        let response = self.ask_cache_or_server(&request)?;
        if with_credentials {
            self.browser.cookies.store(self.page, &self.request.url, &response.headers);
        }
        Ok((request, response))
    }

    fn attaches_credentials(&self, tainting: Tainting) -> bool {
        match self.request.credentials {
            Credentials::Omit => false,
            Credentials::SameOrigin => tainting == Tainting::Basic,
            Credentials::Include => true,
        }
    }

    fn note_cookies(&mut self, headers: &HeaderList) {
        let sent = headers.has("cookie");
        if sent || self.browser.cookies.has_any(&self.request.url) {
            let sentence = if sent { "cookies go with the request" } else { "the cookies of this URL stay behind" };
            self.trace.compare("1.6", true, sentence, headers.joined("cookie").unwrap_or_default(), "");
            self.exchange.cookie_kept_back |= !sent;
        }
    }

    fn ask_cache_or_server(&mut self, request: &WireRequest) -> Result<WireResponse, Failure> {
        let (now, mode) = (self.browser.now_millis, self.request.cache);
        let partition = self.page.storage_partition();
        let found = match &partition {
            Some(partition) => self.browser.responses.look_up(now, partition, request, mode, &mut self.trace),
            None => Lookup::Miss,
        };
        let mut asked = request.clone();
        match found {
            Lookup::Fresh(response) => return Ok(self.record(asked, response, true)),
            Lookup::Validate(headers) => asked.headers.0.extend(headers.0),
            Lookup::Miss => {}
        }
        if mode == CacheMode::OnlyIfCached {
            self.trace.note("1.11", false, "cache 'only-if-cached', and nothing is stored");
            return Err(Failure::OnlyIfCachedMiss);
        }
        let response = self.ask(&asked);
        let validated = asked.headers.0.len() > request.headers.0.len() && response.status == 304;
        let response = self.record(asked, response, false);
        let Some(partition) = partition else { return Ok(response) };
        let responses = &mut self.browser.responses;
        let confirmed = if validated { responses.confirm(now, &partition, request, &response) } else { None };
        Ok(confirmed.unwrap_or_else(|| {
            responses.store(now, &partition, request, &response, mode);
            response
        }))
    }

    /// What a server sends, as HTTP reads it: blanks around values belong to none of them.
    fn ask(&mut self, request: &WireRequest) -> WireResponse {
        let mut response = self.server.answer(request);
        for (_, value) in &mut response.headers.0 {
            *value = value.trim_matches([' ', '\t']).to_owned();
        }
        response
    }

    fn record(&mut self, request: WireRequest, response: WireResponse, from_cache: bool) -> WireResponse {
        self.exchange.wire.push(WireExchange { request, response: response.clone(), from_cache });
        response
    }

    /// A response that the page may not read is not read to its end, so it is not stored either.
    fn forget_if_new(&mut self, request: &WireRequest) {
        let new = self.exchange.wire.last().is_some_and(|sent| !sent.from_cache);
        if let Some(partition) = self.page.storage_partition().filter(|_| new) {
            self.browser.responses.forget(&partition, request);
        }
    }

    fn readable(&mut self, response: &WireResponse, tainting: Tainting) -> Ending {
        if tainting == Tainting::Opaque {
            return Ending::Opaque;
        }
        let (cross_origin, credentialed) = (tainting == Tainting::Cors, self.is_credentialed());
        let headers = readable_names(&response.headers, cross_origin, credentialed, &mut self.trace);
        Ending::Readable { status: response.status, headers }
    }

    fn redirect(&mut self, next: Url, status: u16, tainting: Tainting) -> Result<(), Failure> {
        redirect::check_target(&next, self.trace.hop, &mut self.trace)?;
        let current = self.request.url.clone();
        let changes_origin = current.origin() != next.origin();
        let credentials = !next.username().is_empty() || next.password().is_some();
        if credentials && self.request.mode == Mode::Cors && (tainting == Tainting::Cors || !self.page.is_same_origin(&next)) {
            self.trace.compare("1.8-3", false, "the location has user:password@ on another origin", next.as_str(), "");
            return Err(Failure::RedirectCredentials);
        }
        self.trace.compare("1.8", true, "the redirect is followed", status.to_string(), next.as_str());
        self.change_method(status);
        if changes_origin && self.request.headers.remove("authorization") {
            self.trace.note("1.8-5", true, "Authorization is removed, because the redirect leads to another origin");
        }
        self.taint(&current, changes_origin);
        self.request.url = next;
        self.trace.hop += 1;
        Ok(())
    }

    fn change_method(&mut self, status: u16) {
        if redirect::becomes_get(status, &self.request.method) {
            let sentence = "the method becomes GET, and the body is dropped";
            self.trace.compare("1.8-4", true, sentence, self.request.method.clone(), "GET");
            self.request.method = "GET".into();
            self.request.has_body = false;
            self.request.forced_preflight = false;
            redirect::drop_body_headers(&mut self.request.headers);
        }
    }

    fn taint(&mut self, current: &Url, changes_origin: bool) {
        if changes_origin && !self.page.is_same_origin(current) && self.origin != "null" {
            self.trace.compare("1.8-6", true, "two redirects across origins: Origin is null from now on", &self.origin, "null");
            self.origin = "null".into();
        }
    }
}
