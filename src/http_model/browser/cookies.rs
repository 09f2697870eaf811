//! Cookies: which are kept and which go with a request (RFC 6265bis; third-party cookies allowed, as Chromium's default).

use serde::{Deserialize, Serialize};
use url::Url;

use super::header_list::HeaderList;
use super::origin::Page;
use super::sites;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SameSite {
    #[serde(alias = "strict")]
    Strict,
    /// Also what a cookie without the attribute gets.
    #[default]
    #[serde(alias = "lax")]
    Lax,
    #[serde(alias = "none")]
    None,
}

/// A cookie in the jar; it belongs to one host and the paths below one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    pub name: String,
    pub value: String,
    pub host: String,
    /// Whether hosts below [`Self::host`] get it too (attribute `Domain`).
    pub with_subdomains: bool,
    pub path: String,
    pub secure: bool,
    pub same_site: SameSite,
}

/// The cookies that a browser keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieJar(Vec<Cookie>);

impl CookieJar {
    /// Puts a cookie in as DevTools does, whatever the URL; only `SameSite=None` without `Secure` is refused.
    pub fn put(&mut self, cookie: Cookie) {
        self.remove(&cookie);
        if cookie.secure || cookie.same_site != SameSite::None {
            self.0.push(cookie);
        }
    }

    /// Puts a cookie in as a response does: `Secure` needs a trustworthy URL.
    pub fn set(&mut self, url: &Url, cookie: Cookie) {
        if !cookie.secure || sites::is_potentially_trustworthy(url) {
            self.put(cookie);
        }
    }

    fn remove(&mut self, cookie: &Cookie) {
        let same = |kept: &Cookie| kept.name == cookie.name && kept.host == cookie.host && kept.path == cookie.path;
        self.0.retain(|kept| !same(kept));
    }

    /// The `Cookie` header of a request from `page` to `url`; `None` when no cookie fits.
    #[must_use]
    pub fn header(&self, page: &Page, url: &Url) -> Option<String> {
        let same_site = page.is_same_site(url);
        let fitting = self.0.iter().filter(|cookie| cookie.fits(url) && (same_site || cookie.same_site == SameSite::None));
        let pairs: Vec<String> = fitting.map(Cookie::pair).collect();
        if pairs.is_empty() { None } else { Some(pairs.join("; ")) }
    }

    /// Whether there is a cookie for `url`, whoever asks.
    #[must_use]
    pub fn has_any(&self, url: &Url) -> bool {
        self.0.iter().any(|cookie| cookie.fits(url))
    }

    /// Keeps the cookies of a response to a request with credentials.
    pub fn store(&mut self, page: &Page, url: &Url, headers: &HeaderList) {
        for line in headers.lines("set-cookie") {
            let Some((cookie, ended)) = parse_set_cookie(url, line) else { continue };
            if cookie.same_site != SameSite::None && !page.is_same_site(url) {
                continue;
            }
            if ended { self.remove(&cookie) } else { self.set(url, cookie) }
        }
    }
}

impl Cookie {
    fn fits(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let below = self.with_subdomains && host.strip_suffix(&self.host).is_some_and(|rest| rest.ends_with('.'));
        let on_path = url.path().strip_prefix(&self.path);
        let path_fits = on_path.is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        (host == self.host || below) && path_fits && (!self.secure || sites::is_potentially_trustworthy(url))
    }

    fn pair(&self) -> String {
        if self.name.is_empty() { self.value.clone() } else { format!("{}={}", self.name, self.value) }
    }
}

/// Where a cookie without `Path` belongs: the path of the URL up to its last slash (RFC 6265, 5.1.4).
#[must_use]
pub fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => url.path()[..end].to_owned(),
    }
}

/// Reads a `Set-Cookie` line; says too whether the cookie has ended already.
fn parse_set_cookie(url: &Url, line: &str) -> Option<(Cookie, bool)> {
    let mut parts = line.split(';').map(str::trim);
    let pair = parts.next()?;
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    let mut cookie = Cookie {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        host: url.host_str()?.to_owned(),
        with_subdomains: false,
        path: default_path(url),
        secure: false,
        same_site: SameSite::Lax,
    };
    let mut ended = false;
    for part in parts {
        let (attribute, value) = part.split_once('=').map_or((part, ""), |(name, value)| (name.trim(), value.trim()));
        match attribute.to_ascii_lowercase().as_str() {
            "secure" => cookie.secure = true,
            "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
            "max-age" => ended = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
            "domain" if !value.is_empty() => set_domain(&mut cookie, value)?,
            "samesite" => cookie.same_site = same_site(value),
            _ => {}
        }
    }
    (!(cookie.name.is_empty() && cookie.value.is_empty())).then_some((cookie, ended))
}

fn set_domain(cookie: &mut Cookie, value: &str) -> Option<()> {
    let domain = value.trim_start_matches('.').to_ascii_lowercase();
    let covers = cookie.host == domain || cookie.host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
    if !covers {
        return None;
    }
    cookie.host = domain;
    cookie.with_subdomains = true;
    Some(())
}

fn same_site(value: &str) -> SameSite {
    match value.to_ascii_lowercase().as_str() {
        "none" => SameSite::None,
        "strict" => SameSite::Strict,
        _ => SameSite::Lax,
    }
}

#[cfg(test)]
mod tests {
    use super::super::origin::PageKind;
    use super::*;

    fn sent(page: &str, kind: PageKind, url: &str, line: &str) -> bool {
        let (page, url) = (Page::new(Some(page), kind, None).unwrap(), Url::parse(url).unwrap());
        let mut jar = CookieJar::default();
        if let Some((cookie, _)) = parse_set_cookie(&url, line) {
            jar.set(&url, cookie);
        }
        jar.header(&page, &url).is_some()
    }

    #[test]
    fn who_gets_a_cookie() {
        let (plain, sandbox) = (PageKind::Plain, PageKind::SandboxIframe);
        for (page, kind, url, line, expected) in [
            ("https://app.test", plain, "https://api.app.test/", "a=b", true),
            ("https://app.test", sandbox, "https://api.app.test/", "a=b", false),
            ("https://app.test", plain, "https://other.test/", "a=b", false),
            ("https://app.test", plain, "https://other.test/", "a=b; SameSite=None; Secure", true),
            ("https://app.test", sandbox, "https://app.test/", "a=b; SameSite=None; Secure", true),
            ("https://app.test", plain, "https://app.test/", "a=b; SameSite=None", false),
            ("http://app.test", plain, "http://app.test/", "a=b; Secure", false),
            ("http://localhost:1", plain, "http://localhost:2/", "a=b; Secure", true),
            ("http://app.test", plain, "https://app.test/", "a=b; SameSite=Strict", false),
            ("http://app.test", plain, "http://app.test/x/y", "a=b; Path=/x", true),
            ("http://app.test", plain, "http://app.test/xy", "a=b; Path=/x", false),
        ] {
            assert_eq!(sent(page, kind, url, line), expected, "{page} {kind:?} {url} {line}");
        }
    }

    #[test]
    fn responses_set_cookies_by_the_same_rules() {
        let page = Page::new(Some("https://app.test"), PageKind::Plain, None).unwrap();
        let url = Url::parse("https://api.other.test/").unwrap();
        let mut jar = CookieJar::default();
        jar.store(&page, &url, &HeaderList::from([("set-cookie", "a=b"), ("set-cookie", "c=d; Secure; SameSite=None")]));
        assert_eq!(jar.header(&page, &url).as_deref(), Some("c=d"));
        jar.store(&page, &url, &HeaderList::from([("set-cookie", "c=; Secure; SameSite=None; Max-Age=0")]));
        assert_eq!(jar.header(&page, &url), None);
    }
}
