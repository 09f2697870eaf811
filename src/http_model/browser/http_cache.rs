//! What a browser stores of responses, and when it gives them out again (RFC 9111 as Chromium does it; `cors.md`, 1.11).

use std::collections::BTreeMap;

use super::header_list::HeaderList;
use super::http_date::http_date_secs;
use super::request::CacheMode;
use super::step::Trace;
use super::wire::{WireRequest, WireResponse};

/// Milliseconds in a second.
const SECOND: u64 = 1000;
/// 2026-01-01, in seconds since 1970.
const TODAY: u64 = 1_767_225_600;
/// Statuses that stay fresh for ever unless something else is said.
const PERMANENT: [u16; 4] = [300, 301, 308, 410];

#[derive(Clone, Debug)]
struct Entry {
    response: WireResponse,
    /// What the request said for each name in `Vary`.
    varied_by: Vec<(String, Option<String>)>,
    stored_millis: u64,
}

/// The responses that are stored, by partition and URL.
#[derive(Clone, Debug, Default)]
pub struct HttpCache(BTreeMap<(String, String), Entry>);

/// What the cache says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    Miss,
    Fresh(WireResponse),
    /// Stored, but the server must be asked; these headers go along.
    Validate(HeaderList),
}

impl HttpCache {
    /// Looks for a stored response.
    pub fn look_up(&self, now_millis: u64, partition: &str, request: &WireRequest, mode: CacheMode, trace: &mut Trace) -> Lookup {
        // Chromium looks at the URL alone here, so `force-cache` answers even a DELETE.
        let looks = matches!(request.method.as_str(), "GET" | "HEAD" | "DELETE" | "PATCH");
        let entry = self.0.get(&key(partition, request)).filter(|_| looks);
        let Some(entry) = entry.filter(|_| !matches!(mode, CacheMode::NoStore | CacheMode::Reload)) else {
            return Lookup::Miss;
        };
        let differing = entry.varied_by.iter().find(|(name, value)| name == "*" || request.headers.joined(name) != *value);
        if let Some((name, value)) = differing {
            let now = request.headers.joined(name).unwrap_or_default();
            let sentence = format!("the stored response varies by {name}, which differs; the server is asked");
            trace.compare("1.11", true, sentence, now, value.clone().unwrap_or_default());
            return Lookup::Validate(validators(&entry.response, false));
        }
        let any_age = matches!(mode, CacheMode::ForceCache | CacheMode::OnlyIfCached);
        let age_millis = now_millis.saturating_sub(entry.stored_millis) + header_age_millis(&entry.response);
        let lifetime = lifetime_millis(&entry.response);
        let fresh = any_age || (reads(&request.method) && mode != CacheMode::NoCache && age_millis < lifetime);
        let sentence =
            if fresh { "a stored response is used; the server is not asked" } else { "the stored response is too old" };
        trace.compare("1.11", true, sentence, format!("{age_millis} ms old"), format!("fresh for {lifetime} ms"));
        if fresh { Lookup::Fresh(entry.response.clone()) } else { Lookup::Validate(validators(&entry.response, true)) }
    }

    /// The stored response that a 304 confirms, with the headers of the 304 put into it.
    pub fn confirm(
        &mut self,
        now_millis: u64,
        partition: &str,
        request: &WireRequest,
        answer: &WireResponse,
    ) -> Option<WireResponse> {
        let entry = self.0.get_mut(&key(partition, request))?;
        for (name, _) in &answer.headers.0 {
            entry.response.headers.remove(name);
        }
        entry.response.headers.0.extend(answer.headers.0.iter().cloned());
        entry.stored_millis = now_millis;
        entry.varied_by = varied_by(request, &entry.response);
        Some(entry.response.clone())
    }

    /// Stores a response, or forgets the one before it.
    pub fn store(&mut self, now_millis: u64, partition: &str, request: &WireRequest, response: &WireResponse, mode: CacheMode) {
        if mode == CacheMode::NoStore {
            return;
        }
        let stale = self.0.get(&key(partition, request)).is_some_and(|entry| lifetime_millis(&entry.response) == 0);
        // As Chromium does it: a PUT leaves the stored response, a failed DELETE or PATCH leaves it if it has a lifetime.
        let ended = match request.method.as_str() {
            "HEAD" => mode != CacheMode::Reload,
            "POST" => response.status < 400,
            "DELETE" | "PATCH" => response.status < 400 || stale,
            _ => false,
        };
        if ended {
            self.0.remove(&key(partition, request));
        }
        if request.method != "GET" {
            return;
        }
        if has_directive(&response.headers, "no-store") {
            self.0.remove(&key(partition, request));
            return;
        }
        let varied_by = varied_by(request, response);
        self.0.insert(key(partition, request), Entry { response: response.clone(), varied_by, stored_millis: now_millis });
    }

    /// Forgets a response whose body was not read to its end.
    pub fn forget(&mut self, partition: &str, request: &WireRequest) {
        self.0.remove(&key(partition, request));
    }
}

/// Whether a method only reads.
fn reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

fn key(partition: &str, request: &WireRequest) -> (String, String) {
    (partition.to_owned(), request.url.clone())
}

fn varied_by(request: &WireRequest, response: &WireResponse) -> Vec<(String, Option<String>)> {
    let vary = response.headers.joined("vary").unwrap_or_default();
    let names = vary.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
    names.map(|name| (name.clone(), request.headers.joined(&name))).collect()
}

fn validators(response: &WireResponse, with_date: bool) -> HeaderList {
    let mut headers = HeaderList::default();
    if !matches!(response.status, 200 | 206) {
        return headers;
    }
    if let Some(tag) = response.headers.joined("etag") {
        headers.append("if-none-match", tag);
    }
    if let Some(date) = response.headers.joined("last-modified").filter(|_| with_date) {
        headers.append("if-modified-since", date);
    }
    headers
}

fn directives(headers: &HeaderList) -> Vec<(String, String)> {
    let value = headers.joined("cache-control").unwrap_or_default();
    let directive = |item: &str| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        (name.trim().to_ascii_lowercase(), value.trim().to_owned())
    };
    value.split(',').map(directive).collect()
}

fn has_directive(headers: &HeaderList, name: &str) -> bool {
    directives(headers).iter().any(|(directive, _)| directive == name)
}

fn header_age_millis(response: &WireResponse) -> u64 {
    let age = response.headers.joined("age").and_then(|value| value.trim().parse::<u64>().ok());
    age.unwrap_or(0).saturating_mul(SECOND)
}

/// How long a response may be given out without asking, in milliseconds (RFC 9111, 4.2).
///
/// Nothing here knows what day it is: without `Date`, [`TODAY`] stands in for it.
fn lifetime_millis(response: &WireResponse) -> u64 {
    let headers = &response.headers;
    let pragma = headers.joined("pragma").is_some_and(|value| value.eq_ignore_ascii_case("no-cache"));
    let varies_by_all = headers.joined("vary").is_some_and(|value| value.split(',').any(|name| name.trim() == "*"));
    if has_directive(headers, "no-cache") || pragma || varies_by_all {
        return 0;
    }
    let max_age = directives(headers).into_iter().find(|(name, _)| name == "max-age");
    if let Some(seconds) = max_age.and_then(|(_, value)| value.parse::<u64>().ok()) {
        return seconds.saturating_mul(SECOND);
    }
    let date = |name: &str| headers.lines(name).next().and_then(http_date_secs);
    let today = date("date").unwrap_or(TODAY);
    if let Some(expires) = date("expires").or_else(|| is_long_ago(headers).then_some(0)) {
        return expires.saturating_sub(today).saturating_mul(SECOND);
    }
    if has_directive(headers, "must-revalidate") {
        return 0;
    }
    match response.status {
        200 | 203 | 206 => date("last-modified").map_or(0, |changed| today.saturating_sub(changed) / 10 * SECOND),
        status if PERMANENT.contains(&status) => u64::MAX,
        _ => 0,
    }
}

/// `Expires: 0` and the like are over already.
fn is_long_ago(headers: &HeaderList) -> bool {
    headers.lines("expires").next().is_some_and(|value| value.parse::<i64>().is_ok_and(|number| number <= 0))
}

/// Whether something between browser and server may store a response and give it to others (`cors.md`, 1.11).
#[must_use]
pub fn may_be_stored(headers: &HeaderList) -> bool {
    let kept = directives(headers).iter().any(|(name, value)| {
        matches!(name.as_str(), "public" | "private" | "immutable")
            || (matches!(name.as_str(), "max-age" | "s-maxage") && value.parse::<u64>().is_ok_and(|seconds| seconds > 0))
    });
    (kept || headers.has("expires")) && !has_directive(headers, "no-store")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(origin: &str) -> WireRequest {
        let headers = HeaderList::from([("origin", origin)]);
        WireRequest { method: "GET".into(), url: "u".into(), headers, preflight: false, hop: 0 }
    }

    fn look_up(headers: HeaderList, origin: &str, now_millis: u64, mode: CacheMode) -> Lookup {
        let mut cache = HttpCache::default();
        let response = WireResponse { status: 200, headers, body: String::new() };
        cache.store(0, "p", &request("a"), &response, CacheMode::Default);
        cache.look_up(now_millis, "p", &request(origin), mode, &mut Trace::default())
    }

    #[test]
    fn freshness_and_variation() {
        let kept = HeaderList::from([("cache-control", "max-age=10")]);
        let varied = HeaderList::from([("cache-control", "max-age=10"), ("vary", "Accept, Origin"), ("etag", "x")]);
        let default = CacheMode::Default;
        assert!(matches!(look_up(kept.clone(), "b", 9_999, default), Lookup::Fresh(_)));
        assert!(matches!(look_up(kept.clone(), "b", 10_000, default), Lookup::Validate(_)));
        assert!(matches!(look_up(kept.clone(), "b", 10_000, CacheMode::ForceCache), Lookup::Fresh(_)));
        assert!(matches!(look_up(kept, "b", 0, CacheMode::NoCache), Lookup::Validate(_)));
        assert!(matches!(look_up(varied.clone(), "a", 1, default), Lookup::Fresh(_)));
        assert_eq!(look_up(varied, "b", 1, default), Lookup::Validate(HeaderList::from([("if-none-match", "x")])));
        assert_eq!(look_up(HeaderList::from([("cache-control", "no-store, max-age=9")]), "a", 1, default), Lookup::Miss);
    }
}
