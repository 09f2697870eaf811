//! Keeps web pages out: a page in the user's browser must not reach the Lambda API or a Runtime API.
//!
//! `Host` must be loopback (a foreign name that resolves to 127.0.0.1 is DNS rebinding), and a request that carries
//! `Origin` or any `Sec-Fetch-*` header was made by a browser: Chromium sends no `Origin` with an image or a `no-cors`
//! GET, but `Sec-Fetch-Site` with all of them. No CORS header is ever sent.

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

/// Why a request with these headers is refused; `None` lets it in.
#[must_use]
pub fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    if headers.contains_key(ORIGIN) || headers.keys().any(|name| name.as_str().starts_with("sec-fetch-")) {
        return Some("requests of web pages are refused here; use a function URL or an API route for browsers");
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    match (host, hosts.next()) {
        (Some(host), None) if is_loopback(host) => None,
        _ => Some("the Host header must name this machine: 127.0.0.1, localhost or [::1]"),
    }
}

/// Whether a `Host` names this machine, with or without port.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        refusal(&headers).is_some()
    }

    #[test]
    fn programs_on_this_machine_come_in() {
        for host in ["127.0.0.1:9001", "localhost:9001", "LOCALHOST", "[::1]:9001", "127.0.0.1", "lambda.localhost:9001"] {
            assert!(!refused(&[("host", host)]), "{host}");
        }
    }

    #[test]
    fn browsers_and_foreign_names_stay_out() {
        assert!(refused(&[("host", "127.0.0.1:9001"), ("origin", "https://evil.example")]));
        assert!(refused(&[("host", "127.0.0.1:9001"), ("origin", "null")]));
        assert!(refused(&[("host", "127.0.0.1:9001"), ("sec-fetch-site", "cross-site")]));
        assert!(refused(&[("host", "localhost"), ("sec-fetch-dest", "image")]));
        assert!(refused(&[("host", "evil.example:9001")]));
        assert!(refused(&[("host", "127.0.0.1.evil.example")]));
        assert!(refused(&[("host", "localhost.evil.example")]));
        assert!(refused(&[("host", "127.0.0.1"), ("host", "evil.example")]));
        assert!(refused(&[]));
    }
}
