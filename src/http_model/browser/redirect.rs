//! Redirects of an actual request (Fetch, "HTTP-redirect fetch"; `cors.md`, 1.8).

use url::Url;

use super::failure::Failure;
use super::header_list::HeaderList;
use super::step::Trace;
use super::wire::WireResponse;

/// Most redirects of one request.
pub const MOST_REDIRECTS: usize = 20;

/// Whether a status stands for a redirect, with a `Location` or without.
#[must_use]
pub fn is_redirect_status(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The `Location` of a response that is a redirect; an empty one is none.
#[must_use]
pub fn redirect_target(response: &WireResponse) -> Option<String> {
    let is_redirect = is_redirect_status(response.status);
    response.headers.lines("location").next().filter(|location| is_redirect && !location.is_empty()).map(str::to_owned)
}

/// The URL a redirect leads to; a fragment is kept away from the wire.
///
/// # Errors
/// The location does not parse.
pub fn parse_location(current: &Url, location: &str, trace: &mut Trace) -> Result<Url, Failure> {
    let Ok(mut next) = current.join(location) else {
        trace.compare("1.8-3", false, "the location of the redirect is no URL", location, "");
        return Err(Failure::RedirectLocation(location.to_owned()));
    };
    next.set_fragment(None);
    Ok(next)
}

/// Whether the URL may be followed after `hop` redirects.
///
/// # Errors
/// It is not http or https, or passes the limit of redirects.
pub fn check_target(next: &Url, hop: usize, trace: &mut Trace) -> Result<(), Failure> {
    if hop >= MOST_REDIRECTS {
        let sentence = format!("at most {MOST_REDIRECTS} redirects are followed");
        trace.compare("1.8-3", false, sentence, (hop + 1).to_string(), MOST_REDIRECTS.to_string());
        return Err(Failure::RedirectTooMany);
    }
    if !matches!(next.scheme(), "http" | "https") {
        trace.compare("1.8-3", false, "a redirect leads to http or https only", next.scheme(), "http, https");
        return Err(Failure::RedirectScheme(next.scheme().to_owned()));
    }
    Ok(())
}

/// Whether the method becomes GET and the body is dropped.
#[must_use]
pub fn becomes_get(status: u16, method: &str) -> bool {
    (matches!(status, 301 | 302) && method == "POST") || (status == 303 && method != "GET" && method != "HEAD")
}

/// Takes out the headers that describe a dropped body.
pub fn drop_body_headers(headers: &mut HeaderList) {
    for name in ["content-encoding", "content-language", "content-location", "content-type"] {
        headers.remove(name);
    }
}

/// Takes out the client hints, which Chromium does not let a redirect carry to another origin.
pub fn drop_client_hints(headers: &mut HeaderList) {
    for name in ["device-memory", "downlink", "dpr", "ect", "rtt", "viewport-width", "width"] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_after_a_redirect() {
        for (status, method, expected) in [
            (301, "POST", true),
            (302, "POST", true),
            (302, "PUT", false),
            (303, "PUT", true),
            (303, "HEAD", false),
            (307, "POST", false),
            (308, "POST", false),
        ] {
            assert_eq!(becomes_get(status, method), expected, "{status} {method}");
        }
    }

    #[test]
    fn a_redirect_needs_a_status_and_a_location() {
        let response = |status, headers| WireResponse { status, headers, body: String::new() };
        let location = || HeaderList::from([("Location", "/b")]);
        assert_eq!(redirect_target(&response(302, location())).as_deref(), Some("/b"));
        assert_eq!(redirect_target(&response(300, location())), None);
        assert_eq!(redirect_target(&response(302, HeaderList::default())), None);
        let current = Url::parse("http://a.test/x/y").unwrap();
        let next = |location| parse_location(&current, location, &mut Trace::default());
        assert_eq!(next("../b#c").map(String::from), Ok("http://a.test/b".to_owned()));
        assert_eq!(next("http://:"), Err(Failure::RedirectLocation("http://:".into())));
        let check = |url, hop| check_target(&Url::parse(url).unwrap(), hop, &mut Trace::default());
        assert_eq!(check("http://a.test", 19), Ok(()));
        assert_eq!(check("http://a.test", 20), Err(Failure::RedirectTooMany));
        assert_eq!(check("data:,x", 0), Err(Failure::RedirectScheme("data".into())));
    }
}
