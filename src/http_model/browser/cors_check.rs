//! The CORS check of a response (Fetch, "CORS check"; `cors.md`, 1.7): preflights, every redirect, and the last response.

use url::Url;

use super::header_list::HeaderList;
use super::step::Trace;

/// Which part of the check failed. Chromium tells the kinds of a mismatch apart, the standard does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckFailureKind {
    Missing,
    /// An origin, but another one.
    Mismatch,
    /// No origin at all.
    Invalid,
    Multiple,
    WildcardWithCredentials,
    /// `Access-Control-Allow-Credentials` is not exactly `true`.
    Credentials,
}

/// A failed check with the value that was found and the origin that was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFailure {
    pub kind: CheckFailureKind,
    /// Of `Access-Control-Allow-Origin`, or of `-Credentials` for that kind.
    pub value: Option<String>,
    pub origin: String,
}

/// Judges `Access-Control-Allow-Origin` and `-Credentials`. The status plays no part.
///
/// # Errors
/// What is wrong with them.
pub fn check_response(headers: &HeaderList, origin: &str, credentialed: bool, trace: &mut Trace) -> Result<(), CheckFailure> {
    let value = headers.joined("access-control-allow-origin");
    let failed = |kind| Err(CheckFailure { kind, value: value.clone(), origin: origin.to_owned() });
    let Some(found) = value.as_deref() else {
        trace.compare("1.7-1", false, "the response has no Access-Control-Allow-Origin", origin, "");
        return failed(CheckFailureKind::Missing);
    };
    if found == "*" {
        trace.compare("1.7-2", !credentialed, wildcard_sentence(credentialed), origin, found);
        return if credentialed { failed(CheckFailureKind::WildcardWithCredentials) } else { Ok(()) };
    }
    let equal = found == origin;
    trace.compare("1.7-3", equal, "Access-Control-Allow-Origin must be exactly the page's origin", origin, found);
    if !equal {
        return failed(mismatch_kind(found));
    }
    if credentialed { check_credentials(headers, origin, trace) } else { Ok(()) }
}

fn check_credentials(headers: &HeaderList, origin: &str, trace: &mut Trace) -> Result<(), CheckFailure> {
    let value = headers.joined("access-control-allow-credentials");
    let passed = value.as_deref() == Some("true");
    let sentence = "with credentials Access-Control-Allow-Credentials must be exactly true";
    trace.compare("1.7-5", passed, sentence, "true", value.clone().unwrap_or_default());
    if passed { Ok(()) } else { Err(CheckFailure { kind: CheckFailureKind::Credentials, value, origin: origin.to_owned() }) }
}

fn wildcard_sentence(credentialed: bool) -> &'static str {
    if credentialed { "* does not count for a request with credentials" } else { "* allows every origin" }
}

fn mismatch_kind(found: &str) -> CheckFailureKind {
    if found.contains([' ', ',']) {
        CheckFailureKind::Multiple
    } else if found != "null" && Url::parse(found).is_err() {
        CheckFailureKind::Invalid
    } else {
        CheckFailureKind::Mismatch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_check() {
        use CheckFailureKind::*;
        let page = "https://app.test";
        for (values, allow_credentials, credentialed, expected) in [
            (&[][..], None, false, Err(Missing)),
            (&["*"], None, false, Ok(())),
            (&["*"], Some("true"), true, Err(WildcardWithCredentials)),
            (&[page], None, false, Ok(())),
            (&[page, page], None, false, Err(Multiple)),
            (&["*", page], None, false, Err(Multiple)),
            (&["https://app.test/"], None, false, Err(Mismatch)),
            (&["HTTPS://APP.TEST"], None, false, Err(Mismatch)),
            (&["https://app.test:443"], None, false, Err(Mismatch)),
            (&["https://*.test"], None, false, Err(Mismatch)),
            (&["app.test"], None, false, Err(Invalid)),
            (&[""], None, false, Err(Invalid)),
            (&["null"], None, false, Err(Mismatch)),
            (&[page], None, true, Err(Credentials)),
            (&[page], Some("True"), true, Err(Credentials)),
            (&[page], Some("true"), true, Ok(())),
        ] {
            let mut headers = HeaderList::default();
            for value in values {
                headers.append("Access-Control-Allow-Origin", *value);
            }
            if let Some(value) = allow_credentials {
                headers.append("access-control-allow-credentials", value);
            }
            let found = check_response(&headers, page, credentialed, &mut Trace::default());
            assert_eq!(found.map_err(|failure| failure.kind), expected, "{values:?} {allow_credentials:?} {credentialed}");
        }
    }
}
