//! What a function URL answers (`cors.md`, 2.3; the other readings of `lambda-semantics.md`, 5.6, are switches).

use super::super::browser::{HeaderList, WireRequest, WireResponse};
use super::configuration::{CorsConfiguration, Setting};
use super::facts::{Fact, fact, facts};

/// Choices where the evidence allows two readings; the default is that of `cors.md`, 2.3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// `*` without credentials sends the asking origin back instead of `*` (fact 15).
    pub wildcard_echoes_origin: bool,
    /// A preflight that asks for something that is not allowed gets no CORS headers at all (5.6).
    pub refusal_hides_headers: bool,
    /// `*` in a list is answered with what was asked for (fact 20).
    pub wildcard_list_echoes: bool,
    /// `Access-Control-Expose-Headers` stands on preflights too (fact 11; without effect in a browser).
    pub expose_on_preflight: bool,
}

impl Switches {
    /// Each other reading, with the number of the fact it is about.
    #[must_use]
    pub fn other_readings(self) -> [(Self, &'static str); 4] {
        [
            (Self { wildcard_echoes_origin: !self.wildcard_echoes_origin, ..self }, "2.2-15"),
            (Self { refusal_hides_headers: !self.refusal_hides_headers, ..self }, "5.6"),
            (Self { wildcard_list_echoes: !self.wildcard_list_echoes, ..self }, "2.2-20"),
            (Self { expose_on_preflight: !self.expose_on_preflight, ..self }, "2.2-11"),
        ]
    }
}

/// Which front door answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrontDoor {
    #[default]
    FunctionUrl,
    HttpApi,
}

/// A header that the service added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducedHeader {
    pub name: &'static str,
    pub value: String,
    /// The setting that made it; `None` for what the service always adds.
    pub setting: Option<Setting>,
    pub fact: Option<&'static Fact>,
}

/// The service's answer, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAnswer {
    pub response: WireResponse,
    pub produced: Vec<ProducedHeader>,
    pub function_ran: bool,
    /// Facts that the answer as a whole rests on.
    pub facts: Vec<&'static Fact>,
}

/// Answers a request; `function` is asked when the service would run it.
pub fn answer(
    configuration: Option<&CorsConfiguration>,
    switches: Switches,
    request: &WireRequest,
    function: &mut dyn FnMut(&WireRequest) -> WireResponse,
) -> ServiceAnswer {
    if let Some(answer) = configuration.and_then(|cors| preflight_answer(cors, switches, &request.method, &request.headers)) {
        return answer;
    }
    let mut answer = add_headers(configuration, switches, &request.headers, function(request));
    if configuration.is_some() && request.method == "OPTIONS" {
        answer.facts.extend(fact("2.2-6"));
    }
    answer
}

/// Whether the service takes a request for a preflight (fact 6).
#[must_use]
pub fn is_preflight(method: &str, headers: &HeaderList) -> bool {
    method == "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method")
}

/// The service's own answer to a preflight; `None` when the request is none, so that the function runs.
#[must_use]
pub fn preflight_answer(
    configuration: &CorsConfiguration,
    switches: Switches,
    method: &str,
    headers: &HeaderList,
) -> Option<ServiceAnswer> {
    if !is_preflight(method, headers) {
        return None;
    }
    let mut produced = vec![ProducedHeader { name: "Vary", value: "Origin".into(), setting: None, fact: fact("2.2-3") }];
    let mut found = facts(&["2.2-2", "2.2-3"]);
    match allow_origin(configuration, switches, headers) {
        Some(_) if switches.refusal_hides_headers && !allows_all(configuration, headers) => found.extend(fact("5.6")),
        Some(allowed) => {
            produced.push(allowed);
            produced.extend(permissions(configuration, switches, headers));
        }
        None => found.extend(fact("2.2-18")),
    }
    let mut sent = HeaderList::from([("Content-Type", "application/json"), ("Content-Length", "0")]);
    append(&mut sent, &produced);
    let response = WireResponse { status: 200, headers: sent, body: String::new() };
    Some(ServiceAnswer { response, produced, function_ran: false, facts: found })
}

/// Adds the service's headers to what the function returned; nothing of the function's is replaced (fact 8).
#[must_use]
pub fn add_headers(
    configuration: Option<&CorsConfiguration>,
    switches: Switches,
    request_headers: &HeaderList,
    mut response: WireResponse,
) -> ServiceAnswer {
    let Some(configuration) = configuration else {
        return ServiceAnswer { response, produced: Vec::new(), function_ran: true, facts: facts(&["2.2-1"]) };
    };
    let mut produced = Vec::new();
    let mut found = facts(&["2.2-7"]);
    match allow_origin(configuration, switches, request_headers) {
        Some(allowed) => {
            found.extend(fact("2.2-8"));
            produced.push(allowed);
            produced.extend(allow_credentials(configuration));
            produced.extend(expose_headers(configuration));
            produced.push(ProducedHeader { name: "Vary", value: "Origin".into(), setting: None, fact: fact("2.2-8") });
        }
        None if request_headers.has("origin") => found.extend(fact("2.2-18")),
        None => found.extend(fact("2.2-13")),
    }
    append(&mut response.headers, &produced);
    ServiceAnswer { response, produced, function_ran: true, facts: found }
}

fn append(headers: &mut HeaderList, produced: &[ProducedHeader]) {
    for header in produced {
        headers.append(header.name, header.value.clone());
    }
}

fn allow_origin(configuration: &CorsConfiguration, switches: Switches, headers: &HeaderList) -> Option<ProducedHeader> {
    let origin = headers.joined("origin")?;
    let listed = |wanted: &str| configuration.allow_origins.iter().any(|entry| entry == wanted);
    let (value, number) = if listed(&origin) {
        (origin, "2.2-16")
    } else if !listed("*") {
        return None;
    } else if configuration.allow_credentials {
        (origin, "2.2-14")
    } else if switches.wildcard_echoes_origin {
        (origin, "2.2-15")
    } else {
        ("*".to_owned(), "2.2-15")
    };
    let setting = Some(Setting::AllowOrigins);
    Some(ProducedHeader { name: "Access-Control-Allow-Origin", value, setting, fact: fact(number) })
}

/// What a preflight answer says beside the origin.
fn permissions(configuration: &CorsConfiguration, switches: Switches, headers: &HeaderList) -> Vec<ProducedHeader> {
    let asked_method = headers.joined("access-control-request-method");
    let asked_headers = headers.joined("access-control-request-headers");
    let mut produced = Vec::new();
    produced.extend(list(configuration, Setting::AllowMethods, "Access-Control-Allow-Methods", switches, asked_method));
    produced.extend(list(configuration, Setting::AllowHeaders, "Access-Control-Allow-Headers", switches, asked_headers));
    produced.extend(allow_credentials(configuration));
    if let Some(age) = configuration.max_age {
        let setting = Some(Setting::MaxAge);
        let fact = fact("2.2-22");
        produced.push(ProducedHeader { name: "Access-Control-Max-Age", value: age.to_string(), setting, fact });
    }
    if switches.expose_on_preflight {
        produced.extend(expose_headers(configuration));
    }
    produced
}

fn list(
    configuration: &CorsConfiguration,
    setting: Setting,
    name: &'static str,
    switches: Switches,
    asked: Option<String>,
) -> Option<ProducedHeader> {
    let entries = configuration.list(setting);
    if entries.is_empty() {
        return None;
    }
    let wildcard = entries.iter().any(|entry| entry == "*");
    let echo = asked.filter(|_| wildcard && switches.wildcard_list_echoes);
    let number = if wildcard { "2.2-20" } else { "2.2-4" };
    let value = echo.unwrap_or_else(|| entries.join(","));
    Some(ProducedHeader { name, value, setting: Some(setting), fact: fact(number) })
}

fn allow_credentials(configuration: &CorsConfiguration) -> Option<ProducedHeader> {
    configuration.allow_credentials.then(|| ProducedHeader {
        name: "Access-Control-Allow-Credentials",
        value: "true".into(),
        setting: Some(Setting::AllowCredentials),
        fact: fact("2.2-3"),
    })
}

fn expose_headers(configuration: &CorsConfiguration) -> Option<ProducedHeader> {
    let entries = &configuration.expose_headers;
    (!entries.is_empty()).then(|| ProducedHeader {
        name: "Access-Control-Expose-Headers",
        value: entries.join(","),
        setting: Some(Setting::ExposeHeaders),
        fact: fact("2.2-11"),
    })
}

/// Whether everything that a preflight asks for is listed.
fn allows_all(configuration: &CorsConfiguration, headers: &HeaderList) -> bool {
    let listed = |setting, wanted: &str| {
        configuration.list(setting).iter().any(|entry| entry == "*" || entry.eq_ignore_ascii_case(wanted))
    };
    let method = headers.joined("access-control-request-method").unwrap_or_default();
    let names = headers.joined("access-control-request-headers").unwrap_or_default();
    let mut names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let simple = matches!(method.as_str(), "GET" | "HEAD" | "POST");
    (simple || listed(Setting::AllowMethods, &method)) && names.all(|name| listed(Setting::AllowHeaders, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration() -> CorsConfiguration {
        CorsConfiguration {
            allow_origins: vec!["https://a.test".into(), "https://b.test".into()],
            allow_methods: vec!["GET".into(), "PUT".into()],
            allow_headers: vec!["x-a".into(), "content-type".into()],
            expose_headers: vec!["x-b".into()],
            max_age: Some(60),
            allow_credentials: true,
        }
    }

    fn preflight(origin: &str) -> HeaderList {
        HeaderList::from([("origin", origin), ("access-control-request-method", "DELETE")])
    }

    fn produced(answer: &ServiceAnswer) -> String {
        let line = |header: &ProducedHeader| format!("{}={}", header.name, header.value);
        answer.produced.iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_preflight_is_answered_with_the_whole_lists() {
        let found = preflight_answer(&configuration(), Switches::default(), "OPTIONS", &preflight("https://b.test")).unwrap();
        let expected = "Vary=Origin Access-Control-Allow-Origin=https://b.test Access-Control-Allow-Methods=GET,PUT \
                        Access-Control-Allow-Headers=x-a,content-type Access-Control-Allow-Credentials=true \
                        Access-Control-Max-Age=60";
        assert_eq!(produced(&found), expected);
        assert!(!found.function_ran);
        assert!(found.produced.iter().all(|header| header.fact.is_some()));
        let hides = Switches { refusal_hides_headers: true, ..Switches::default() };
        let found = preflight_answer(&configuration(), hides, "OPTIONS", &preflight("https://b.test")).unwrap();
        assert_eq!(produced(&found), "Vary=Origin");
        let found = preflight_answer(&configuration(), Switches::default(), "OPTIONS", &preflight("https://c.test")).unwrap();
        assert_eq!(produced(&found), "Vary=Origin");
    }

    #[test]
    fn the_function_keeps_its_own_headers() {
        let own = HeaderList::from([("Access-Control-Allow-Origin", "*")]);
        let response = WireResponse { status: 200, headers: own, body: String::new() };
        let asked = HeaderList::from([("origin", "https://a.test")]);
        let found = add_headers(Some(&configuration()), Switches::default(), &asked, response.clone());
        let lines: Vec<_> = found.response.headers.lines("access-control-allow-origin").collect();
        assert_eq!(lines, ["*", "https://a.test"]);
        let found = add_headers(Some(&configuration()), Switches::default(), &HeaderList::default(), response);
        assert!(found.produced.is_empty());
    }

    #[test]
    fn wildcards() {
        let value = |credentials, echoes| {
            let configuration = CorsConfiguration {
                allow_origins: vec!["*".into()],
                allow_credentials: credentials,
                ..CorsConfiguration::default()
            };
            let switches = Switches { wildcard_echoes_origin: echoes, ..Switches::default() };
            let found = add_headers(Some(&configuration), switches, &preflight("https://z.test"), WireResponse::default());
            found.produced[0].value.clone()
        };
        assert_eq!(value(false, false), "*");
        assert_eq!(value(false, true), "https://z.test");
        assert_eq!(value(true, false), "https://z.test");
    }
}
