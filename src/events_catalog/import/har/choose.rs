//! Which request of a log is meant, which preflight belongs to it, and where its redirects led.

use std::collections::BTreeMap;

use url::Url;

use super::entry::Entry;
use crate::http_model::browser::WireResponse;
use crate::http_model::cors_case::CaseHop;

/// Longest chain of redirects that browsers follow.
const MOST_REDIRECTS: usize = 20;

/// A request with the preflight that asked for it.
#[derive(Clone, Debug)]
pub(super) struct Chosen<'a> {
    index: usize,
    pub actual: &'a Entry,
    pub preflight: Option<&'a Entry>,
    /// What the browser says went wrong.
    pub browser_error: Option<String>,
}

impl<'a> Chosen<'a> {
    fn new(index: usize, actual: &'a Entry, preflight: Option<&'a Entry>) -> Self {
        let of_preflight = preflight.and_then(|entry| entry.browser_error.as_ref());
        let says_more = of_preflight.filter(|error| *error != "net::ERR_FAILED");
        let browser_error = says_more.or(actual.browser_error.as_ref()).or(of_preflight).cloned();
        Self { index, actual, preflight, browser_error }
    }

    /// The smaller, the more likely it is the one that is asked about.
    fn rank(&self) -> u8 {
        let cross_origin = self.preflight.is_some() || self.is_cross_origin();
        let blocked = |response: &WireResponse| !response.headers.has("access-control-allow-origin");
        let failed = self.browser_error.is_some() || self.actual.response.as_ref().is_none_or(blocked);
        match (cross_origin, failed, self.preflight.is_some()) {
            (true, true, _) => 0,
            (true, false, true) => 1,
            (true, false, false) => 2,
            (false, ..) if self.actual.is_script_request() => 3,
            (false, ..) => 4,
        }
    }

    fn is_cross_origin(&self) -> bool {
        let target = Url::parse(&self.actual.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        self.actual.request.headers.get("origin").is_some_and(|origin| origin != target)
    }
}

/// The request that most likely has a CORS problem, else the first; a preflight stands alone when nothing follows it.
pub(super) fn choose(entries: &[Entry]) -> Option<Chosen<'_>> {
    let (mut preflights, others): (Vec<_>, Vec<_>) = entries.iter().enumerate().partition(|(_, entry)| entry.is_preflight());
    let mut found = Vec::new();
    for (index, actual) in others {
        let nearest = nearest_preflight(&preflights, index, actual);
        let preflight = nearest.map(|at| preflights.remove(at).1);
        found.push(Chosen::new(index, actual, preflight));
    }
    found.extend(preflights.into_iter().map(|(index, alone)| Chosen::new(index, alone, None)));
    let chosen = found.iter().min_by_key(|chosen| (chosen.rank(), chosen.index))?;
    Some(first_of_chain(&found, chosen))
}

/// The nearest preflight for an entry. Chromium lists it behind the request that it belongs to, Firefox before.
fn nearest_preflight(preflights: &[(usize, &Entry)], index: usize, actual: &Entry) -> Option<usize> {
    let origin = actual.request.headers.get("origin");
    let fits = |entry: &Entry| {
        let headers = &entry.request.headers;
        entry.url == actual.url
            && headers.get("access-control-request-method") == Some(&actual.request.method)
            && origin.is_none_or(|origin| headers.get("origin") == Some(origin))
    };
    let fitting = preflights.iter().enumerate().filter(|(_, (_, entry))| fits(entry));
    fitting.min_by_key(|(_, (at, _))| at.abs_diff(index)).map(|(at, _)| at)
}

/// The request whose redirects led to the chosen one: that is what the page asked for.
fn first_of_chain<'a>(found: &[Chosen<'a>], chosen: &Chosen<'a>) -> Chosen<'a> {
    let mut first = chosen;
    let leads_to = |before: &Chosen<'_>, after: &Chosen<'_>| {
        before.index < after.index && location(before.actual).as_deref() == Some(&after.actual.url)
    };
    while let Some(before) = found.iter().rev().find(|before| leads_to(before, first)) {
        first = before;
    }
    Chosen { browser_error: chosen.browser_error.clone(), ..first.clone() }
}

/// What the targets of an entry's redirects answered, as far as they are recorded.
pub(super) fn hops(entries: &[Entry], actual: &Entry) -> BTreeMap<String, CaseHop> {
    let mut hops = BTreeMap::new();
    let mut current = actual;
    while let Some(url) = location(current).filter(|url| !hops.contains_key(url) && hops.len() < MOST_REDIRECTS) {
        let at = |preflight: bool| entries.iter().find(|entry| entry.url == url && entry.is_preflight() == preflight);
        let Some(next) = at(false) else { break };
        let preflight = at(true).and_then(|entry| entry.response.clone());
        hops.insert(url, CaseHop { preflight, response: next.response.clone() });
        current = next;
    }
    hops
}

fn location(entry: &Entry) -> Option<String> {
    let response = entry.response.as_ref().filter(|response| (300..400).contains(&response.status))?;
    let mut url = Url::parse(&entry.url).ok()?.join(&response.headers.joined("location")?).ok()?;
    url.set_fragment(None);
    Some(url.into())
}
