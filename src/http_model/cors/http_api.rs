//! What an HTTP API (API Gateway, v2) answers: it replaces the function's CORS headers (`cors.md`, 3).

use super::super::browser::{HeaderList, WireRequest, WireResponse};
use super::configuration::{ConfigurationProblem, CorsConfiguration, Setting, check_max_age};
use super::facts::{fact, facts};
use super::function_url::{ProducedHeader, ServiceAnswer, is_preflight};

/// Longest method, in characters.
const LONGEST_METHOD: usize = 64;

/// Every reason why API Gateway would refuse to save a configuration.
#[must_use]
pub fn check_http_api_configuration(configuration: &CorsConfiguration) -> Vec<ConfigurationProblem> {
    let mut problems = Vec::new();
    if configuration.allow_credentials && configuration.allow_origins.iter().any(|origin| origin == "*") {
        let problem = "allow-credentials is not supported if 'allow-origin' is *".to_owned();
        problems.push(ConfigurationProblem { setting: Setting::AllowCredentials, entry: None, problem });
    }
    for method in &configuration.allow_methods {
        let length = method.chars().count();
        if !(1..=LONGEST_METHOD).contains(&length) {
            let problem = format!("{method:?} has {length} characters, allowed are 1 to {LONGEST_METHOD}");
            problems.push(ConfigurationProblem { setting: Setting::AllowMethods, entry: Some(method.clone()), problem });
        }
    }
    check_max_age(configuration, -1, &mut problems);
    problems
}

/// Answers a request; `function` is asked when the gateway would run it.
pub fn http_api_answer(
    configuration: Option<&CorsConfiguration>,
    request: &WireRequest,
    function: &mut dyn FnMut(&WireRequest) -> WireResponse,
) -> ServiceAnswer {
    let own = configuration.and_then(|cors| http_api_preflight_answer(cors, &request.method, &request.headers));
    own.unwrap_or_else(|| add_http_api_headers(configuration, &request.headers, function(request)))
}

/// The gateway's own answer to a preflight; `None` when the request is none.
#[must_use]
pub fn http_api_preflight_answer(configuration: &CorsConfiguration, method: &str, headers: &HeaderList) -> Option<ServiceAnswer> {
    if !is_preflight(method, headers) {
        return None;
    }
    let mut produced = Vec::new();
    if let Some(allowed) = allow_origin(configuration, headers) {
        produced.push(allowed);
        produced.extend(list(configuration, Setting::AllowMethods, "Access-Control-Allow-Methods"));
        produced.extend(list(configuration, Setting::AllowHeaders, "Access-Control-Allow-Headers"));
        produced.extend(allow_credentials(configuration));
        produced.extend(max_age(configuration));
    }
    let response = WireResponse { status: 204, headers: sent(&produced), body: String::new() };
    Some(ServiceAnswer { response, produced, function_ran: false, facts: facts(&["3-1", "3-8"]) })
}

/// Puts the configured CORS headers in the place of those that the function returned.
#[must_use]
pub fn add_http_api_headers(
    configuration: Option<&CorsConfiguration>,
    request_headers: &HeaderList,
    mut response: WireResponse,
) -> ServiceAnswer {
    let Some(configuration) = configuration else {
        return ServiceAnswer { response, produced: Vec::new(), function_ran: true, facts: Vec::new() };
    };
    response.headers.0.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control-"));
    let mut produced = Vec::new();
    if let Some(allowed) = allow_origin(configuration, request_headers) {
        produced.push(allowed);
        produced.extend(allow_credentials(configuration));
        produced.extend(list(configuration, Setting::ExposeHeaders, "Access-Control-Expose-Headers"));
    }
    response.headers.0.extend(sent(&produced).0);
    ServiceAnswer { response, produced, function_ran: true, facts: facts(&["3-2", "3-3"]) }
}

fn sent(produced: &[ProducedHeader]) -> HeaderList {
    HeaderList(produced.iter().map(|header| (header.name.to_owned(), header.value.clone())).collect())
}

fn allow_origin(configuration: &CorsConfiguration, headers: &HeaderList) -> Option<ProducedHeader> {
    let origin = headers.joined("origin")?;
    let mut value = None;
    for entry in &configuration.allow_origins {
        let by_scheme = entry.strip_suffix('*').filter(|scheme| matches!(*scheme, "https://" | "http://"));
        if entry == "*" {
            value = value.or_else(|| Some("*".to_owned()));
        } else if *entry == origin || by_scheme.is_some_and(|scheme| origin.starts_with(scheme)) {
            value = Some(origin.clone());
        }
    }
    let setting = Some(Setting::AllowOrigins);
    Some(ProducedHeader { name: "Access-Control-Allow-Origin", value: value?, setting, fact: fact("3-4") })
}

fn list(configuration: &CorsConfiguration, setting: Setting, name: &'static str) -> Option<ProducedHeader> {
    let entries = configuration.list(setting);
    let value = entries.join(",");
    (!entries.is_empty()).then_some(ProducedHeader { name, value, setting: Some(setting), fact: fact("3-1") })
}

fn allow_credentials(configuration: &CorsConfiguration) -> Option<ProducedHeader> {
    let setting = Some(Setting::AllowCredentials);
    let header = || ProducedHeader { name: "Access-Control-Allow-Credentials", value: "true".into(), setting, fact: fact("3-1") };
    configuration.allow_credentials.then(header)
}

fn max_age(configuration: &CorsConfiguration) -> Option<ProducedHeader> {
    let value = configuration.max_age?.to_string();
    let setting = Some(Setting::MaxAge);
    Some(ProducedHeader { name: "Access-Control-Max-Age", value, setting, fact: fact("3-1") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_headers_are_replaced() {
        let own = HeaderList::from([("Access-Control-Allow-Origin", "*"), ("x-a", "1")]);
        let response = WireResponse { status: 200, headers: own, body: String::new() };
        let configuration = CorsConfiguration { allow_origins: vec!["https://*".into()], ..CorsConfiguration::default() };
        let value = |origin| {
            let asked = HeaderList::from([("origin", origin)]);
            let found = add_http_api_headers(Some(&configuration), &asked, response.clone());
            assert_eq!(found.response.headers.joined("x-a").as_deref(), Some("1"));
            found.response.headers.joined("access-control-allow-origin")
        };
        assert_eq!(value("https://a.test").as_deref(), Some("https://a.test"));
        assert_eq!(value("http://a.test"), None);
    }

    #[test]
    fn what_is_refused() {
        let star = CorsConfiguration {
            allow_origins: vec!["*".into()],
            allow_credentials: true,
            max_age: Some(-1),
            allow_methods: vec!["OPTIONS".into()],
            ..CorsConfiguration::default()
        };
        let problems = check_http_api_configuration(&star);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].problem, "allow-credentials is not supported if 'allow-origin' is *");
    }
}
