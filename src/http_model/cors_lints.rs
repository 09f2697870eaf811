//! What is wrong or surprising in a CORS configuration before anybody has called (`cors.md`, section 4, "Configuration lints").

use serde::Serialize;
use url::{Host, Url};

use super::browser::{HeaderList, is_token};
use super::cors::{CorsConfiguration, Setting};
use super::cors_messages::Fix;

/// Chromium's cap of a preflight answer, in seconds.
const CHROMIUM_CAP_SECS: i64 = 7200;
/// A sensible age, in seconds.
const SENSIBLE_AGE_SECS: i64 = 3600;

/// How much a lint matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    /// Anybody can use the user's cookies, or nothing works.
    Error,
}

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// Number in the list of `cors.md`, 1 to 11.
    pub number: u8,
    pub severity: Severity,
    pub setting: Option<Setting>,
    /// The entry it is about, if it is about one.
    pub entry: Option<String>,
    pub sentence: String,
    /// The repair, where it is a setting or a header of the function.
    pub fix: Option<Fix>,
}

/// What is known beside the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// Headers that the function returned last.
    pub function_headers: Option<&'a HeaderList>,
    /// The front end sends `Authorization`.
    pub sends_authorization: bool,
    /// The front end sends JSON.
    pub sends_json: bool,
    /// The pages are meant to be served to the public over https.
    pub is_production: bool,
    /// The settings are an HTTP API's, which has wildcards and limits of its own (`cors.md`, section 3).
    pub is_http_api: bool,
}

/// Every lint that applies, most severe first.
#[must_use]
pub fn lints(configuration: &CorsConfiguration, surroundings: Surroundings<'_>) -> Vec<Lint> {
    let mut found = Vec::new();
    for entry in &configuration.allow_origins {
        found.extend(unmatchable_origin(entry, surroundings));
        found.extend(null_origin(entry));
        found.extend(development_origin(entry, surroundings));
    }
    found.extend(wildcards(configuration, surroundings));
    found.extend(several_names_in_one(configuration));
    found.extend(no_names(configuration));
    found.extend(odd_methods(configuration, surroundings));
    found.extend(doubled_headers(surroundings));
    found.extend(missing_content_type(configuration, surroundings));
    found.extend(max_age(configuration));
    found.sort_by(|one, other| other.severity.cmp(&one.severity).then(one.number.cmp(&other.number)));
    found
}

fn lint(number: u8, severity: Severity, setting: Setting, entry: &str, sentence: impl Into<String>) -> Lint {
    let entry = Some(entry.to_owned()).filter(|entry| !entry.is_empty());
    Lint { number, severity, setting: Some(setting), entry, sentence: sentence.into(), fix: None }
}

impl Lint {
    fn with(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }
}

/// Lint 1: browsers send `scheme://host[:port]` in one spelling only.
fn unmatchable_origin(entry: &str, surroundings: Surroundings<'_>) -> Option<Lint> {
    let is_pattern = surroundings.is_http_api && ["https://*", "http://*"].contains(&entry);
    if entry == "*" || entry == "null" || is_pattern {
        return None;
    }
    let setting = Setting::AllowOrigins;
    let never = |why: &str| lint(1, Severity::Error, setting, entry, format!("`{entry}` will never match: {why}."));
    if entry.contains('*') {
        return Some(never("patterns are not documented; write each origin"));
    }
    if entry.contains([',', ' ']) {
        let parts = entry.split([',', ' ']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let fix = Fix::ReplaceInList { setting, value: entry.to_owned(), with: parts };
        return Some(never("one origin an entry").with(fix));
    }
    let Some(origin) = Url::parse(entry).ok().map(|url| url.origin()).filter(url::Origin::is_tuple) else {
        return Some(never("it needs scheme://host[:port]"));
    };
    let right = origin.ascii_serialization();
    let fix = Fix::ReplaceInList { setting, value: entry.to_owned(), with: vec![right.clone()] };
    (right != entry).then(|| never(&format!("browsers send `{right}`")).with(fix))
}

/// Lint 8.
fn null_origin(entry: &str) -> Option<Lint> {
    let sentence = "`null` matches a sandboxed frame on any site.";
    let setting = Setting::AllowOrigins;
    let fix = Fix::RemoveFromList { setting, value: entry.to_owned() };
    (entry == "null").then(|| lint(8, Severity::Warning, setting, entry, sentence).with(fix))
}

/// Lint 9. A developer's own machine is meant for development; plain http from elsewhere is at risk at any time.
fn development_origin(entry: &str, surroundings: Surroundings<'_>) -> Option<Lint> {
    let url = Url::parse(entry).ok()?;
    let setting = Setting::AllowOrigins;
    if is_loopback(&url) {
        if !surroundings.is_production {
            return None;
        }
        let sentence = format!("`{entry}` is a developer's machine, allowed in production.");
        return Some(lint(9, Severity::Warning, setting, entry, sentence));
    }
    let sentence = format!("`{entry}` is plain http: anybody on the way can act as it.");
    (url.scheme() == "http").then(|| lint(9, Severity::Warning, setting, entry, sentence))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Lints 2, 3 and 4.
fn wildcards(configuration: &CorsConfiguration, surroundings: Surroundings<'_>) -> Vec<Lint> {
    let has = |setting| configuration.list(setting).iter().any(|entry| entry == "*");
    let mut found = Vec::new();
    if configuration.allow_credentials && has(Setting::AllowOrigins) {
        let sentence = match surroundings.is_http_api {
            true => "* with AllowCredentials never works: browsers refuse * for requests with credentials.",
            false => "* with AllowCredentials lets any site act with the user's cookies: the service sends every origin back.",
        };
        let fix = Fix::SetAllowCredentials(false);
        found.push(lint(2, Severity::Error, Setting::AllowOrigins, "*", sentence).with(fix));
    }
    for setting in [Setting::AllowMethods, Setting::AllowHeaders] {
        if configuration.allow_credentials && has(setting) {
            let sentence = format!("* in {} is void for requests with credentials.", setting.api_name());
            found.push(lint(3, Severity::Warning, setting, "*", sentence));
        }
    }
    let listed = configuration.allow_headers.iter().any(|entry| entry.eq_ignore_ascii_case("authorization"));
    if surroundings.sends_authorization && has(Setting::AllowHeaders) && !listed {
        let setting = Setting::AllowHeaders;
        let sentence = "By the standard * does not cover Authorization, which the page sends.";
        let fix = Fix::AddToList { setting, value: "authorization".into() };
        found.push(lint(4, Severity::Warning, setting, "*", sentence).with(fix));
    }
    found
}

/// Lint 5.
fn several_names_in_one(configuration: &CorsConfiguration) -> Vec<Lint> {
    let mut found = Vec::new();
    for setting in [Setting::AllowMethods, Setting::AllowHeaders, Setting::ExposeHeaders] {
        for entry in configuration.list(setting).iter().filter(|entry| entry.contains(',')) {
            let sentence = format!("`{entry}` is one entry for {}; write one name an entry.", setting.api_name());
            let with = entry.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
            let fix = Fix::ReplaceInList { setting, value: entry.clone(), with };
            found.push(lint(5, Severity::Error, setting, entry, sentence).with(fix));
        }
    }
    found
}

/// Lint 5, too: one entry that is no token voids the whole header (`cors.md`, 1.5-4).
fn no_names(configuration: &CorsConfiguration) -> Vec<Lint> {
    let mut found = Vec::new();
    for setting in [Setting::AllowMethods, Setting::AllowHeaders, Setting::ExposeHeaders] {
        for entry in configuration.list(setting).iter().filter(|entry| !entry.contains(',') && !is_token(entry)) {
            let sentence = format!(
                "`{entry}` is no name, and with it browsers take nothing of {}; write one name an entry, without spaces and quotes.",
                setting.api_name()
            );
            let outside = |c: char| c.is_whitespace() || "\"';:".contains(c);
            let with: Vec<String> = entry.split(outside).filter(|name| !name.is_empty()).map(str::to_owned).collect();
            let fix = match with.iter().all(|name| is_token(name)) && !with.is_empty() {
                true => Fix::ReplaceInList { setting, value: entry.clone(), with },
                false => Fix::RemoveFromList { setting, value: entry.clone() },
            };
            found.push(lint(5, Severity::Error, setting, entry, sentence).with(fix));
        }
    }
    found
}

/// Lint 6.
fn odd_methods(configuration: &CorsConfiguration, surroundings: Surroundings<'_>) -> Vec<Lint> {
    let setting = Setting::AllowMethods;
    let judge = |entry: &String| {
        let upper = entry.to_ascii_uppercase();
        if upper == "OPTIONS" && !surroundings.is_http_api {
            let sentence = "OPTIONS is refused when saved, since it has 7 characters, and need not be listed.";
            let fix = Fix::RemoveFromList { setting, value: entry.clone() };
            return Some(lint(6, Severity::Error, setting, entry, sentence).with(fix));
        }
        let sentence = format!("`{entry}` never matches: methods are compared with their letters' case.");
        let fix = Fix::ReplaceInList { setting, value: entry.clone(), with: vec![upper.clone()] };
        (upper != *entry).then(|| lint(6, Severity::Warning, setting, entry, sentence).with(fix))
    };
    configuration.allow_methods.iter().filter_map(judge).collect()
}

/// Lint 7.
fn doubled_headers(surroundings: Surroundings<'_>) -> Vec<Lint> {
    let mut names: Vec<String> = surroundings
        .function_headers
        .iter()
        .flat_map(|headers| headers.0.iter().map(|(name, _)| name.to_ascii_lowercase()))
        .filter(|name| name.starts_with("access-control-"))
        .collect();
    names.sort();
    names.dedup();
    let found = |name: String| Lint {
        number: 7,
        severity: Severity::Error,
        setting: None,
        entry: Some(name.clone()),
        sentence: format!("The function returns {name}, and the URL's configuration adds its own: the page gets both."),
        fix: Some(Fix::RemoveFunctionHeader { name }),
    };
    names.into_iter().map(found).collect()
}

/// Lint 10.
fn missing_content_type(configuration: &CorsConfiguration, surroundings: Surroundings<'_>) -> Option<Lint> {
    let setting = Setting::AllowHeaders;
    let covers =
        |entry: &String| entry.eq_ignore_ascii_case("content-type") || (entry == "*" && !configuration.allow_credentials);
    let covered = configuration.allow_headers.iter().any(covers);
    let sentence = "The page sends JSON, so content-type must be in AllowHeaders.";
    let fix = Fix::AddToList { setting, value: "content-type".into() };
    (surroundings.sends_json && !covered).then(|| lint(10, Severity::Error, setting, "", sentence).with(fix))
}

/// Lint 11.
fn max_age(configuration: &CorsConfiguration) -> Option<Lint> {
    let setting = Setting::MaxAge;
    match configuration.max_age {
        Some(age) if age > CHROMIUM_CAP_SECS => {
            let sentence = format!("{age} s has no more effect in Chromium than {CHROMIUM_CAP_SECS} s.");
            Some(lint(11, Severity::Info, setting, "", sentence).with(Fix::SetMaxAge(CHROMIUM_CAP_SECS)))
        }
        Some(age) if age > 0 => None,
        age => {
            let without = age.map_or_else(|| "Without MaxAge".to_owned(), |age| format!("With a MaxAge of {age} s"));
            let sentence = format!("{without} nearly every call is preceded by a preflight.");
            Some(lint(11, Severity::Info, setting, "", sentence).with(Fix::SetMaxAge(SENSIBLE_AGE_SECS)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(configuration: &CorsConfiguration, surroundings: Surroundings<'_>) -> Vec<u8> {
        lints(configuration, surroundings).into_iter().map(|lint| lint.number).collect()
    }

    fn quiet() -> CorsConfiguration {
        CorsConfiguration {
            allow_origins: vec!["https://app.example.com".into(), "http://localhost:3000".into()],
            allow_methods: vec!["GET".into(), "PUT".into()],
            allow_headers: vec!["content-type".into()],
            max_age: Some(300),
            ..CorsConfiguration::default()
        }
    }

    #[test]
    fn a_good_configuration_is_quiet() {
        assert_eq!(numbers(&quiet(), Surroundings { sends_json: true, ..Surroundings::default() }), Vec::<u8>::new());
    }

    #[test]
    fn origins_that_never_match() {
        for (entry, fixed) in [
            ("https://app.example.com/", Some("https://app.example.com")),
            ("https://app.example.com/path", Some("https://app.example.com")),
            ("https://App.example.com", Some("https://app.example.com")),
            ("https://app.example.com:443", Some("https://app.example.com")),
            ("https://a.test,https://b.test", Some("https://a.test https://b.test")),
            ("app.example.com", None),
            ("https://*.example.com", None),
        ] {
            let configuration = CorsConfiguration { allow_origins: vec![entry.into()], ..quiet() };
            let found = lints(&configuration, Surroundings::default());
            assert_eq!(found.first().map(|lint| lint.number), Some(1), "{entry}");
            let repaired = found[0].fix.as_ref().map(|fix| fix.apply(&configuration).allow_origins.join(" "));
            assert_eq!(repaired.as_deref(), fixed, "{entry}");
        }
    }

    #[test]
    fn entries_that_are_no_names_are_repaired() {
        for (entry, repaired) in
            [("x a", "x a"), ("\"q\"", "q"), ("x-a:", "x-a"), ("PUT;DELETE", "PUT DELETE"), ("ü", ""), ("", "")]
        {
            let configuration = CorsConfiguration { allow_headers: vec![entry.into()], ..quiet() };
            let found = lints(&configuration, Surroundings::default());
            let fix = found.first().filter(|lint| lint.number == 5).and_then(|lint| lint.fix.as_ref());
            assert_eq!(fix.map(|fix| fix.apply(&configuration).allow_headers.join(" ")).as_deref(), Some(repaired), "{entry}");
        }
    }

    #[test]
    fn every_other_lint() {
        let own = HeaderList::from([("Access-Control-Allow-Origin", "*")]);
        let all = |change: &dyn Fn(&mut CorsConfiguration), surroundings| {
            let mut configuration = quiet();
            change(&mut configuration);
            numbers(&configuration, surroundings)
        };
        let none = Surroundings::default();
        assert_eq!(all(&|c| (c.allow_origins, c.allow_credentials) = (vec!["*".into()], true), none), [2]);
        assert_eq!(all(&|c| (c.allow_headers, c.allow_credentials) = (vec!["*".into()], true), none), [3]);
        let authorised = Surroundings { sends_authorization: true, ..none };
        assert_eq!(all(&|c| c.allow_headers = vec!["*".into()], authorised), [4]);
        assert_eq!(all(&|c| c.expose_headers = vec!["a,b".into()], none), [5]);
        assert_eq!(all(&|c| c.allow_headers = vec!["x a".into(), "\"q\"".into(), "*".into()], none), [5, 5]);
        assert_eq!(all(&|c| c.allow_origins = vec!["http://a.example".into()], none), [9]);
        assert_eq!(all(&|c| c.allow_methods = vec!["OPTIONS".into(), "put".into()], none), [6, 6]);
        assert_eq!(all(&|_| (), Surroundings { function_headers: Some(&own), ..none }), [7]);
        assert_eq!(all(&|c| c.allow_origins = vec!["null".into()], none), [8]);
        assert_eq!(all(&|_| (), Surroundings { is_production: true, ..none }), [9]);
        let api = Surroundings { is_http_api: true, ..none };
        assert_eq!(all(&|c| c.allow_methods = vec!["OPTIONS".into()], api), Vec::<u8>::new());
        assert_eq!(all(&|c| c.allow_origins = vec!["https://*".into()], api), Vec::<u8>::new());
        assert_eq!(all(&|c| c.allow_origins = vec!["http://*".into()], api), [9]);
        assert_eq!(all(&|c| c.allow_origins = vec!["https://*.example.com".into()], api), [1]);
        let json = Surroundings { sends_json: true, ..none };
        assert_eq!(all(&|c| c.allow_headers.clear(), json), [10]);
        assert_eq!(all(&|c| c.max_age = Some(86_400), none), [11]);
        assert_eq!(all(&|c| c.max_age = None, none), [11]);
    }
}
