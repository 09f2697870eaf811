//! The preflight request and how its answer is judged (Fetch, "CORS-preflight fetch"; `cors.md`, 1.3 to 1.5).

use super::cors_check::check_response;
use super::failure::Failure;
use super::header_list::{HeaderList, list_items};
use super::redirect::redirect_target;
use super::request::is_simple_method;
use super::safelist::{LONGEST_SUM, byte_length, is_chromium_name, is_safelisted_request_header};
use super::step::{Deviation, RuleSet, Trace};
use super::wire::WireResponse;

/// Default lifetime of a preflight answer, in seconds (Fetch, "CORS-preflight fetch").
const DEFAULT_MAX_AGE_SECS: i64 = 5;
/// Chromium's cap, in seconds.
const LONGEST_MAX_AGE_SECS: i64 = 7200;

/// A header that needs permission, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsafeHeader {
    /// In lower case.
    pub name: String,
    pub reason: String,
}

/// The headers that need permission, sorted by name, each once.
#[must_use]
pub fn unsafe_headers(headers: &HeaderList, rules: RuleSet, trace: &mut Trace) -> Vec<UnsafeHeader> {
    let judged = if rules == RuleSet::Chromium { headers.combined() } else { headers.clone() };
    if judged.0.len() < headers.0.len() {
        trace.deviates(Deviation::RepeatedHeaderJoined);
    }
    let mut found = Vec::new();
    let mut safe = Vec::new();
    // The browser's own `Accept: */*` counts too.
    let mut sum = if headers.has("accept") { 0 } else { byte_length("*/*") };
    for (name, value) in &judged.0 {
        note_deviation(name, value, rules, trace);
        match is_safelisted_request_header(name, value, rules) {
            Ok(()) => {
                sum += byte_length(value);
                safe.push(name.to_ascii_lowercase());
            }
            Err(reason) => found.push(UnsafeHeader { name: name.to_ascii_lowercase(), reason }),
        }
    }
    if sum > LONGEST_SUM {
        if !headers.has("accept") {
            safe.push("accept".into());
        }
        let reason = format!("the safelisted values have {sum} bytes together, more than {LONGEST_SUM}");
        found.extend(safe.into_iter().map(|name| UnsafeHeader { name, reason: reason.clone() }));
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup_by(|one, other| one.name == other.name);
    found
}

fn note_deviation(name: &str, value: &str, rules: RuleSet, trace: &mut Trace) {
    let other = if rules == RuleSet::Chromium { RuleSet::Standard } else { RuleSet::Chromium };
    let judge = |rules| is_safelisted_request_header(name, value, rules).is_ok();
    if judge(rules) != judge(other) {
        let deviation = if is_chromium_name(name) { Deviation::MoreSafelistedNames } else { Deviation::LargeRange };
        trace.deviates(deviation);
    }
}

/// What a preflight answer allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreflightGrant {
    pub methods: Vec<String>,
    /// In lower case.
    pub headers: Vec<String>,
    /// Whether it was given for a request with credentials; `*` is void then.
    pub credentialed: bool,
    /// How long it is kept, in seconds; 0 is not at all.
    pub max_age_secs: u64,
}

impl PreflightGrant {
    /// Whether the method may be used.
    #[must_use]
    pub fn allows_method(&self, method: &str) -> bool {
        let listed = |name: &str| self.methods.iter().any(|listed| listed == name);
        is_simple_method(method) || listed(method) || (!self.credentialed && listed("*"))
    }

    /// Whether a header may be used; `name` in lower case.
    #[must_use]
    pub fn allows_header(&self, name: &str, rules: RuleSet) -> bool {
        let listed = |name: &str| self.headers.iter().any(|listed| listed == name);
        let covered = rules == RuleSet::Chromium || name != "authorization";
        listed(name) || (!self.credentialed && covered && listed("*"))
    }
}

/// Judges the answer to a preflight for `method` and the headers `asked`.
///
/// # Errors
/// The first rule that is broken; the actual request is not sent.
pub fn judge_preflight(
    response: &WireResponse,
    origin: &str,
    credentialed: bool,
    method: &str,
    asked: &[UnsafeHeader],
    rules: RuleSet,
    trace: &mut Trace,
) -> Result<PreflightGrant, Failure> {
    if let Some(location) = redirect_target(response) {
        let sentence = "browsers do not follow a redirect of a preflight";
        trace.compare("1.5-1", false, sentence, response.status.to_string(), location.clone());
        return Err(Failure::PreflightRedirect(location));
    }
    check_response(&response.headers, origin, credentialed, trace).map_err(Failure::PreflightCheck)?;
    let is_ok = (200..300).contains(&response.status);
    trace.compare("1.5-3", is_ok, "the status must be 200 to 299", response.status.to_string(), "200-299");
    if !is_ok {
        return Err(Failure::PreflightStatus(response.status));
    }
    let grant = read_grant(&response.headers, credentialed, trace)?;
    judge_method(&grant, method, trace)?;
    judge_headers(&grant, asked, rules, trace)?;
    Ok(grant)
}

fn read_grant(headers: &HeaderList, credentialed: bool, trace: &mut Trace) -> Result<PreflightGrant, Failure> {
    let methods = read_list(headers, "access-control-allow-methods", trace).map_err(Failure::MethodsSyntax)?;
    let allowed = read_list(headers, "access-control-allow-headers", trace).map_err(Failure::HeadersSyntax)?;
    let headers_allowed = allowed.iter().map(|name| name.to_ascii_lowercase()).collect();
    let max_age_secs = max_age_secs(headers.joined("access-control-max-age").as_deref());
    Ok(PreflightGrant { methods, headers: headers_allowed, credentialed, max_age_secs })
}

fn read_list(headers: &HeaderList, name: &str, trace: &mut Trace) -> Result<Vec<String>, String> {
    let value = headers.joined(name).unwrap_or_default();
    match list_items(&value) {
        Ok(items) => Ok(items.into_iter().map(str::to_owned).collect()),
        Err(item) => {
            trace.compare("1.5-4", false, format!("{name} is malformed, so all of it is void"), item.clone(), value);
            Err(item)
        }
    }
}

/// How long an answer is kept, in seconds.
#[must_use]
pub fn max_age_secs(value: Option<&str>) -> u64 {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.filter(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    let seconds = number.and_then(|text| text.parse::<i64>().ok()).unwrap_or(DEFAULT_MAX_AGE_SECS);
    u64::try_from(seconds.clamp(0, LONGEST_MAX_AGE_SECS)).unwrap_or_default()
}

fn judge_method(grant: &PreflightGrant, method: &str, trace: &mut Trace) -> Result<(), Failure> {
    let allowed = grant.allows_method(method);
    let sentence = if is_simple_method(method) {
        "GET, HEAD and POST need no permission"
    } else {
        "the method must be in Access-Control-Allow-Methods"
    };
    trace.compare("1.5-5", allowed, sentence, method, grant.methods.join(", "));
    if allowed {
        return Ok(());
    }
    let (method, listed) = (method.to_owned(), grant.methods.clone());
    Err(Failure::MethodNotAllowed { method, listed, credentialed: grant.credentialed })
}

fn judge_headers(grant: &PreflightGrant, asked: &[UnsafeHeader], rules: RuleSet, trace: &mut Trace) -> Result<(), Failure> {
    for header in asked {
        let allowed = grant.allows_header(&header.name, rules);
        if header.name == "authorization" && allowed && !grant.headers.contains(&header.name) {
            trace.deviates(Deviation::WildcardCoversAuthorization);
        }
        let sentence = "the header must be in Access-Control-Allow-Headers";
        trace.compare("1.5-6", allowed, sentence, header.name.clone(), grant.headers.join(", "));
        if !allowed {
            let (name, listed) = (header.name.clone(), grant.headers.clone());
            return Err(Failure::HeaderNotAllowed { header: name, listed, credentialed: grant.credentialed });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: u16, headers: HeaderList, credentialed: bool, method: &str, asked: &[&str]) -> Result<(), Failure> {
        let asked: Vec<_> = asked.iter().map(|name| UnsafeHeader { name: (*name).to_owned(), reason: String::new() }).collect();
        let response = WireResponse { status, headers, body: String::new() };
        let trace = &mut Trace::default();
        judge_preflight(&response, "http://app.test", credentialed, method, &asked, RuleSet::Chromium, trace).map(|_| ())
    }

    fn with(more: &[(&str, &str)]) -> HeaderList {
        let mut headers = HeaderList::from([("access-control-allow-origin", "http://app.test")]);
        for (name, value) in more {
            headers.append(*name, *value);
        }
        headers
    }

    #[test]
    fn methods_and_headers() {
        const METHODS: &str = "Access-Control-Allow-Methods";
        const HEADERS: &str = "Access-Control-Allow-Headers";
        assert_eq!(judge(204, with(&[]), false, "POST", &[]), Ok(()));
        assert_eq!(judge(200, with(&[(METHODS, "GET"), (METHODS, "PUT")]), false, "PUT", &[]), Ok(()));
        assert_eq!(judge(200, with(&[(METHODS, "*")]), false, "PUT", &[]), Ok(()));
        assert!(matches!(judge(200, with(&[(METHODS, "put")]), false, "PUT", &[]), Err(Failure::MethodNotAllowed { .. })));
        assert!(matches!(judge(200, with(&[(METHODS, "PUT;")]), false, "GET", &[]), Err(Failure::MethodsSyntax(_))));
        assert_eq!(judge(200, with(&[(HEADERS, "X-A")]), false, "GET", &["x-a"]), Ok(()));
        assert_eq!(judge(200, with(&[(HEADERS, "*")]), false, "GET", &["x-a", "authorization"]), Ok(()));
        assert!(matches!(judge(200, with(&[(HEADERS, "x-*")]), false, "GET", &["x-a"]), Err(Failure::HeaderNotAllowed { .. })));
        assert!(matches!(judge(200, with(&[(HEADERS, "x-a:")]), false, "GET", &[]), Err(Failure::HeadersSyntax(_))));
        assert_eq!(judge(304, with(&[]), false, "GET", &[]), Err(Failure::PreflightStatus(304)));
        assert_eq!(judge(301, with(&[("location", "/x")]), false, "GET", &[]), Err(Failure::PreflightRedirect("/x".into())));
    }

    #[test]
    fn ages() {
        for (value, expected) in [
            (None, 5),
            (Some(""), 5),
            (Some("x"), 5),
            (Some("0"), 0),
            (Some("-1"), 0),
            (Some("60"), 60),
            (Some("86400"), 7200),
            (Some("99999999999999999999"), 5),
            (Some("60, 60"), 5),
        ] {
            assert_eq!(max_age_secs(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_sum_above_the_limit_makes_safe_headers_unsafe() {
        let value = "a".repeat(128);
        let name = ["accept", "accept-language", "content-language"];
        let mut headers = HeaderList::from([("x-a", "1")]);
        for index in 0..9 {
            headers.append(name[index % 3], value.as_str());
        }
        let names = |rules| {
            let found = unsafe_headers(&headers, rules, &mut Trace::default());
            found.into_iter().map(|header| header.name).collect::<Vec<_>>().join(",")
        };
        assert_eq!(names(RuleSet::Standard), "accept,accept-language,content-language,x-a");
    }
}
