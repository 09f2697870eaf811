//! Methods and header names that a page may not set (Fetch, "forbidden method", "forbidden request-header").

/// Names that only the browser sets (`cors.md`, 1.1-7).
const FORBIDDEN: &[&str] = &[
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// Names that are forbidden only while their value hides a forbidden method.
const METHOD_OVERRIDES: &[&str] = &["x-http-method", "x-http-method-override", "x-method-override"];

/// Whether a page cannot ask for this method at all, in any case of letters.
#[must_use]
pub fn is_forbidden_method(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"].iter().any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// The method as it is sent: six methods are put in capitals, `patch` stays as it is.
#[must_use]
pub fn normalised_method(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    let known = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].contains(&upper.as_str());
    if known { upper } else { method.to_owned() }
}

/// Whether a header set by a page is dropped without an error.
#[must_use]
pub fn is_forbidden_request_header(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if FORBIDDEN.contains(&name.as_str()) || name.starts_with("proxy-") || name.starts_with("sec-") {
        return true;
    }
    METHOD_OVERRIDES.contains(&name.as_str()) && value.split(',').any(|item| is_forbidden_method(item.trim_matches([' ', '\t'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_prefixes() {
        for (name, value, expected) in [
            ("Cookie", "", true),
            ("Sec-Anything", "", true),
            ("Proxy-X", "", true),
            ("Proxy", "", false),
            ("Secure", "", false),
            ("X-HTTP-Method-Override", "PUT", false),
            ("X-HTTP-Method-Override", "put, trace", true),
            ("X-Method-Override", "TRACK", true),
            ("X-Custom", "TRACK", false),
        ] {
            assert_eq!(is_forbidden_request_header(name, value), expected, "{name}: {value}");
        }
    }

    #[test]
    fn patch_keeps_its_letters() {
        for (method, expected) in [("get", "GET"), ("PuT", "PUT"), ("patch", "patch"), ("Custom", "Custom")] {
            assert_eq!(normalised_method(method), expected);
        }
    }
}
