//! A browser, and all that comes of one request of a page.

use super::cookies::CookieJar;
use super::failure::Failure;
use super::http_cache::HttpCache;
use super::origin::Page;
use super::preflight_cache::PreflightCache;
use super::request::{Credentials, PageRequest, prepare};
use super::run::Run;
use super::step::{RuleSet, Trace};
use super::wire::{Server, WireExchange, WireResponse};

/// What a browser remembers between requests. Time is what the caller sets.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    pub rules: RuleSet,
    /// Milliseconds since the browser was started.
    pub now_millis: u64,
    pub cookies: CookieJar,
    pub(super) preflights: PreflightCache,
    pub(super) responses: HttpCache,
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
                let run = Run {
                    origin: page.origin().to_owned(),
                    browser: self,
                    page,
                    server,
                    trace,
                    exchange,
                    request,
                    newly_stored: false,
                };
                run.into_exchange()
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
