//! One request of a page from beginning to end (Fetch, "main fetch" and "HTTP fetch"; `cors.md`, 1.2 to 1.9).

use url::Url;

use super::cors_check::check_response;
use super::failure::Failure;
use super::fetch::{Browser, Ending, Exchange, Failed};
use super::header_list::HeaderList;
use super::http_cache::Lookup;
use super::origin::Page;
use super::preflight::{UnsafeHeader, judge_preflight, unsafe_headers};
use super::readable::readable_names;
use super::redirect;
use super::request::{CacheMode, Credentials, Mode, PreparedRequest, RedirectMode, is_simple_method};
use super::sites;
use super::step::{Deviation, RuleSet, Trace};
use super::wire::{Server, WireExchange, WireRequest, WireResponse};

/// How the answer to a request is filtered (Fetch, "response tainting").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tainting {
    Basic,
    Cors,
    Opaque,
}

/// A request on its way.
pub(super) struct Run<'a> {
    pub browser: &'a mut Browser,
    pub page: &'a Page,
    pub server: &'a mut dyn Server,
    pub trace: Trace,
    pub exchange: Exchange,
    pub request: PreparedRequest,
    /// What `Origin` says: the page's origin until a redirect makes it `null`.
    pub origin: String,
    /// The last response came from the server with its body, not out of the cache.
    pub newly_stored: bool,
}

impl Run<'_> {
    pub(super) fn into_exchange(mut self) -> Exchange {
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
                self.check(&sent, &response)?;
            }
            if redirect::is_redirect_status(response.status) && self.request.redirect == RedirectMode::Manual {
                return Ok(self.opaque_redirect());
            }
            match next {
                Some(next) => self.redirect(next, response.status, tainting)?,
                None if self.refuses_without_location(response.status) => return Err(self.refuse_redirect()),
                None => return Ok(self.readable(&response, tainting)),
            }
        }
    }

    fn check(&mut self, sent: &WireRequest, response: &WireResponse) -> Result<(), Failure> {
        let checked = check_response(&response.headers, &self.origin, self.is_credentialed(), &mut self.trace);
        // A redirect is stored by its headers alone, as Chromium does it: nothing of it is left to read.
        if checked.is_err() && redirect::redirect_target(response).is_none() {
            self.forget_if_new(sent);
        }
        checked.map_err(Failure::Check)
    }

    /// An opaque origin, of the page or after redirects, shares no preflight answers with anything.
    fn has_opaque_origin(&self) -> bool {
        self.origin == "null"
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
        let bypassed = matches!(self.request.cache, CacheMode::NoStore | CacheMode::Reload | CacheMode::NoCache);
        if bypassed || self.has_opaque_origin() {
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
        if self.request.cache != CacheMode::NoStore && !self.has_opaque_origin() {
            let (now, url) = (self.browser.now_millis, self.request.url.as_str());
            self.browser.preflights.keep(now, self.page, url, grant);
        }
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
        self.newly_stored = false;
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
        self.newly_stored = confirmed.is_none() && mode != CacheMode::NoStore;
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
        if let Some(partition) = self.page.storage_partition().filter(|_| self.newly_stored && request.method == "GET") {
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

    /// Whether a redirect's status alone is refused: by the standard, but not by Chromium, which needs a `Location`.
    fn refuses_without_location(&mut self, status: u16) -> bool {
        let refused = redirect::is_redirect_status(status) && self.request.redirect == RedirectMode::Error;
        if refused {
            self.trace.deviates(Deviation::RedirectWithoutLocation);
        }
        refused && self.browser.rules == RuleSet::Standard
    }

    fn opaque_redirect(&mut self) -> Ending {
        self.trace.note("1.8-1", true, "redirect: 'manual': the page sees that there was one, and no more");
        Ending::OpaqueRedirect
    }

    fn refuse_redirect(&mut self) -> Failure {
        self.trace.note("1.8-1", false, "redirect: 'error', and the answer is a redirect");
        Failure::RedirectModeError
    }

    fn redirect(&mut self, next: Url, status: u16, tainting: Tainting) -> Result<(), Failure> {
        let current = self.request.url.clone();
        let changes_origin = current.origin() != next.origin();
        let credentials = !next.username().is_empty() || next.password().is_some();
        if credentials && self.request.mode == Mode::Cors && (tainting == Tainting::Cors || !self.page.is_same_origin(&next)) {
            self.trace.compare("1.8-3", false, "the location has user:password@ on another origin", next.as_str(), "");
            return Err(Failure::RedirectCredentials);
        }
        if self.request.redirect == RedirectMode::Error {
            return Err(self.refuse_redirect());
        }
        redirect::check_target(&next, self.trace.hop, &mut self.trace)?;
        self.trace.compare("1.8", true, "the redirect is followed", status.to_string(), next.as_str());
        self.change_method(status);
        if changes_origin && self.request.headers.remove("authorization") {
            self.trace.note("1.8-5", true, "Authorization is removed, because the redirect leads to another origin");
        }
        if self.browser.rules == RuleSet::Chromium && !self.page.is_same_origin(&next) {
            redirect::drop_client_hints(&mut self.request.headers);
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
            redirect::drop_body_headers(&mut self.request.headers);
        }
    }

    fn taint(&mut self, current: &Url, changes_origin: bool) {
        if changes_origin && !self.page.is_same_origin(current) && self.origin != "null" {
            let sentence = "a redirect from an origin that is not the page's to another one: Origin is null from now on";
            self.trace.compare("1.8-6", true, sentence, &self.origin, "null");
            self.origin = "null".into();
        }
    }
}
