//! What exactly differs between a value that was found and the one that was wanted.

use url::Url;

/// How an `Access-Control-Allow-Origin` differs from the page's origin, as a sentence; empty when it is just another one.
#[must_use]
pub fn origin_difference(found: &str, origin: &str) -> String {
    if found.eq_ignore_ascii_case(origin) {
        return "Only upper and lower case differ.".into();
    }
    if found.trim_end_matches('/') == origin {
        return "The trailing slash is too much.".into();
    }
    if found.contains('*') {
        return "There are no patterns: the whole origin must be written.".into();
    }
    let (Ok(one), Ok(other)) = (Url::parse(found), Url::parse(origin)) else { return String::new() };
    let (same_host, same_scheme) = (one.host_str() == other.host_str(), one.scheme() == other.scheme());
    let same_port = one.port_or_known_default() == other.port_or_known_default();
    match (same_host, same_scheme, same_port) {
        (true, false, _) => "The scheme differs.".into(),
        (true, true, false) => "The port differs.".into(),
        (true, true, true) => "A default port, a path or a query is written out.".into(),
        (false, ..) => String::new(),
    }
}

/// Why a method is not allowed although something like it is listed; empty when nothing is.
#[must_use]
pub fn method_hint(method: &str, listed: &[String], credentialed: bool) -> String {
    if listed.iter().any(|entry| entry.eq_ignore_ascii_case(method)) {
        return format!("Only upper and lower case differ; write {} in fetch() and in the list.", method.to_ascii_uppercase());
    }
    wildcard_hint(listed, credentialed)
}

/// Why a header is not allowed although something like it is listed; empty when nothing is.
#[must_use]
pub fn header_hint(header: &str, listed: &[String], credentialed: bool) -> String {
    if listed.iter().any(|entry| entry == "*") && header == "authorization" && !credentialed {
        return "* does not cover Authorization.".into();
    }
    if listed.iter().any(|entry| entry.len() > 1 && entry.ends_with('*')) {
        return "There are no patterns such as x-*: each name must be written.".into();
    }
    wildcard_hint(listed, credentialed)
}

fn wildcard_hint(listed: &[String], credentialed: bool) -> String {
    if credentialed && listed.iter().any(|entry| entry == "*") {
        "* is void for requests with credentials.".into()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences() {
        for (found, expected) in [
            ("HTTPS://app.test", "Only upper and lower case differ."),
            ("https://app.test/", "The trailing slash is too much."),
            ("https://*.test", "There are no patterns: the whole origin must be written."),
            ("http://app.test", "The scheme differs."),
            ("https://app.test:8443", "The port differs."),
            ("https://app.test:443", "A default port, a path or a query is written out."),
            ("https://other.test", ""),
            ("app", ""),
        ] {
            assert_eq!(origin_difference(found, "https://app.test"), expected, "{found}");
        }
    }
}
