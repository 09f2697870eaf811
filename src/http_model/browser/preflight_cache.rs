//! What a browser remembers of preflight answers (`cors.md`, 1.10).
//!
//! Like Chromium, one answer is kept for a page's origin, its partition and a URL. An answer that does not cover a request is
//! thrown away; the preflight that follows brings the next one. Requests with an opaque origin never come here.

use std::collections::BTreeMap;

use super::origin::Page;
use super::preflight::{PreflightGrant, UnsafeHeader};
use super::step::{RuleSet, Trace};

/// Milliseconds in a second.
const SECOND: u64 = 1000;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    partition: Option<String>,
    origin: String,
    url: String,
}

#[derive(Clone, Debug)]
struct Entry {
    grant: PreflightGrant,
    ends_millis: u64,
}

/// The answers that are kept.
#[derive(Clone, Debug, Default)]
pub struct PreflightCache(BTreeMap<Key, Entry>);

impl PreflightCache {
    /// Whether a kept answer covers the request, so that no preflight is sent.
    pub fn covers(
        &mut self,
        now_millis: u64,
        page: &Page,
        url: &str,
        request: (&str, bool),
        asked: &[UnsafeHeader],
        trace: &mut Trace,
    ) -> bool {
        let key = key(page, url);
        let Some(entry) = self.0.get(&key) else { return false };
        let (method, credentialed) = request;
        let fresh = now_millis < entry.ends_millis;
        let fits = (entry.grant.credentialed || !credentialed)
            && entry.grant.allows_method(method)
            // A kept `*` does not cover Authorization, although Chromium lets it do so in a fresh answer.
            && asked.iter().all(|header| entry.grant.allows_header(&header.name, RuleSet::Standard));
        let sentence = match (fresh, fits) {
            (true, true) => "an earlier preflight answer covers this request; none is sent",
            (true, false) => "an earlier preflight answer does not cover this request; a new preflight is sent",
            (false, _) => "the earlier preflight answer is too old; a new preflight is sent",
        };
        trace.compare("1.10", true, sentence, format!("{now_millis} ms"), format!("until {} ms", entry.ends_millis));
        if !(fresh && fits) {
            self.0.remove(&key);
        }
        fresh && fits
    }

    /// Keeps an answer.
    pub fn keep(&mut self, now_millis: u64, page: &Page, url: &str, grant: PreflightGrant) {
        let ends_millis = now_millis.saturating_add(grant.max_age_secs.saturating_mul(SECOND));
        let key = key(page, url);
        if grant.max_age_secs == 0 {
            self.0.remove(&key);
        } else {
            self.0.insert(key, Entry { grant, ends_millis });
        }
    }
}

fn key(page: &Page, url: &str) -> Key {
    Key { partition: page.storage_partition(), origin: page.origin().to_owned(), url: url.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::origin::PageKind;
    use super::*;

    #[test]
    fn answers_cover_what_they_allow_until_they_end() {
        let page = Page::new(Some("http://app.test"), PageKind::Plain, None).unwrap();
        let mut cache = PreflightCache::default();
        let put = PreflightGrant { methods: vec!["PUT".into()], max_age_secs: 10, ..PreflightGrant::default() };
        let ask = |cache: &mut PreflightCache, now, method, credentialed| {
            let trace = &mut Trace::default();
            cache.covers(now, &page, "u", (method, credentialed), &[], trace)
        };
        cache.keep(0, &page, "u", put.clone());
        assert!(ask(&mut cache, 9_999, "PUT", false));
        assert!(!ask(&mut cache, 10_000, "PUT", false));
        cache.keep(0, &page, "u", put.clone());
        assert!(!ask(&mut cache, 1, "PUT", true), "given without credentials");
        cache.keep(0, &page, "u", put);
        assert!(!ask(&mut cache, 1, "DELETE", false));
        assert!(!ask(&mut cache, 1, "PUT", false), "thrown away by the request before");
    }
}
