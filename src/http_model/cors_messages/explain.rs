//! The one message that belongs to how a request ended (`cors.md`, section 4).

use super::super::browser::{CheckFailure, CheckFailureKind, Ending, Exchange, Failed, Failure, HeaderList, WireResponse};
use super::super::cors::{CorsConfiguration, Setting};
use super::code::Code;
use super::fix::Fix;
use super::hints;

/// Longest method that a function URL can list, in characters.
const LONGEST_METHOD: usize = 6;
/// What helps with a redirect whatever is wrong with it.
const DIRECT: &str = "Call the final URL directly.";

/// What is known about the other side.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The function URL's configuration, if there is one.
    pub configuration: Option<&'a CorsConfiguration>,
    /// Headers that the function itself returned.
    pub function_headers: Option<&'a HeaderList>,
}

/// A sentence about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub code: Code,
    /// Number of redirects followed before.
    pub hop: usize,
    pub message: String,
    /// Number of the rule in `cors.md`.
    pub rule: &'static str,
    /// What to do, as a sentence.
    pub fix: String,
    /// The same as a change of settings, where it is one.
    pub repair: Option<Fix>,
    /// Whether the function ran: its side effects happened, whatever the page sees. `None` where that says nothing.
    pub function_ran: Option<bool>,
}

impl Message {
    /// The code as it is printed, `REDIRECT_` before it when a redirect's target is meant.
    #[must_use]
    pub fn code_text(&self) -> String {
        let text = self.code.text();
        if self.hop > 0 && !text.starts_with("REDIRECT_") { format!("REDIRECT_{text}") } else { text.to_owned() }
    }
}

/// The parts of a message that depend on the failure alone.
pub(super) struct Words {
    pub code: Code,
    pub rule: &'static str,
    pub message: String,
    pub fix: String,
    pub repair: Option<Fix>,
}

pub(super) fn words(code: Code, rule: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Words {
    Words { code, rule, message: message.into(), fix: fix.into(), repair: None }
}

impl Words {
    fn with(self, repair: Option<Fix>) -> Self {
        Self { repair, ..self }
    }
}

/// What to say about how the request ended; `None` when the page can simply read the response.
#[must_use]
pub fn explain(exchange: &Exchange, context: Context<'_>) -> Option<Message> {
    let ran = function_ran(exchange, context);
    match &exchange.ending {
        Ending::Readable { .. } => None,
        Ending::Opaque => {
            let text = "mode 'no-cors': the request is sent, but the page never sees the answer.";
            let said = words(Code::NocorsOpaque, "1.2-3", text, "Remove the mode and configure CORS.");
            Some(message(said, exchange.trace.hop, ran))
        }
        Ending::OpaqueRedirect => {
            let text = "redirect: 'manual': the page learns that there was a redirect, and no more.";
            Some(message(words(Code::RedirectOpaque, "1.8-1", text, "Use redirect: 'follow'."), exchange.trace.hop, ran))
        }
        Ending::Failed(failed) => {
            let mut said = failure_words(failed, exchange, context);
            if failed.hop > 0 {
                said.message = format!("Redirect {} → {}: {}", failed.hop, failed.url, said.message);
                if said.fix != DIRECT {
                    said.fix.push_str(" Or call the final URL directly.");
                }
            }
            Some(message(said, failed.hop, ran))
        }
    }
}

pub(super) fn message(said: Words, hop: usize, ran: bool) -> Message {
    let Words { code, rule, message, fix, repair } = said;
    Message { code, hop, message, rule, fix, repair, function_ran: Some(ran) }
}

/// A preflight reaches the function only when no configuration answers it.
fn function_ran(exchange: &Exchange, context: Context<'_>) -> bool {
    exchange.wire.iter().any(|sent| {
        let by_preflight = sent.request.preflight && context.configuration.is_none() && context.function_headers.is_some();
        !sent.from_cache && (!sent.request.preflight || by_preflight)
    })
}

fn failure_words(failed: &Failed, exchange: &Exchange, context: Context<'_>) -> Words {
    match &failed.failure {
        Failure::PreflightCheck(check) => check_words(check, true, last_of(exchange, true), context),
        Failure::Check(check) => check_words(check, false, last_of(exchange, false), context),
        Failure::PreflightRedirect(_)
        | Failure::PreflightStatus(_)
        | Failure::MethodsSyntax(_)
        | Failure::HeadersSyntax(_)
        | Failure::MethodNotAllowed { .. }
        | Failure::HeaderNotAllowed { .. } => preflight_words(&failed.failure, context),
        Failure::RedirectModeError
        | Failure::RedirectCredentials
        | Failure::RedirectTooMany
        | Failure::RedirectLocation(_)
        | Failure::RedirectScheme(_) => redirect_words(&failed.failure),
        Failure::Method(_)
        | Failure::Url(_)
        | Failure::UrlCredentials
        | Failure::UrlScheme(_)
        | Failure::ModeNavigate
        | Failure::NoCorsMethod(_)
        | Failure::BodyNotAllowed(_)
        | Failure::HeaderInvalid(_)
        | Failure::HeaderRefused(_)
        | Failure::OnlyIfCachedMode
        | Failure::OnlyIfCachedMiss
        | Failure::SameOriginMode
        | Failure::NoCorsRedirectMode
        | Failure::MixedContent => unsent_words(&failed.failure),
    }
}

fn last_of(exchange: &Exchange, preflight: bool) -> Option<&WireResponse> {
    exchange.wire.iter().rev().find(|sent| sent.request.preflight == preflight).map(|sent| &sent.response)
}

/// Failures before anything is sent.
fn unsent_words(failure: &Failure) -> Words {
    match failure {
        Failure::UrlCredentials => words(
            Code::UrlCredentials,
            "1.1-3",
            "The URL contains user:password@; the browser refuses to build the request.",
            "Send an Authorization header instead.",
        ),
        Failure::Url(url) => words(Code::UrlInvalid, "1.1-3", format!("`{url}` is no URL."), "Write scheme://host/path."),
        Failure::UrlScheme(scheme) => {
            words(Code::UrlScheme, "1.1-3", format!("{scheme}: is not asked over HTTP."), "Use http or https.")
        }
        Failure::Method(method) => {
            let text = format!("{method} cannot be sent by a page: no CONNECT, TRACE, TRACK, and only tokens.");
            words(Code::MethodForbidden, "1.1-1", text, "Use another method.")
        }
        Failure::NoCorsMethod(method) => {
            let text = format!("mode 'no-cors' allows GET, HEAD and POST only, not {method}.");
            words(Code::NocorsMethod, "1.1-4", text, "Use mode 'cors'.")
        }
        Failure::NoCorsRedirectMode => {
            let text = "mode 'no-cors' to another origin must follow redirects.";
            words(Code::NocorsRedirect, "1.2-3", text, "Use mode 'cors', or redirect: 'follow'.")
        }
        Failure::BodyNotAllowed(method) => {
            words(Code::BodyNotAllowed, "1.1-5", format!("{method} carries no body."), "Use POST, or leave the body out.")
        }
        Failure::HeaderInvalid(name) => {
            let text = format!("The header `{name}` cannot be sent: its name is no token, or its value no text of bytes.");
            words(Code::HeaderInvalid, "1.1-6", text, "Encode the value, for example as base64.")
        }
        Failure::HeaderRefused(name) => {
            let text = format!("Chromium sends no request on which a page sets `{name}`: it writes that header by itself.");
            words(Code::HeaderRefused, "1.1-7", text, "Leave the header out.")
        }
        Failure::ModeNavigate => words(Code::ModeNavigate, "1.1-4", "mode 'navigate' cannot be asked for.", "Use mode 'cors'."),
        Failure::SameOriginMode => {
            let text = "mode 'same-origin', but the URL is on another origin.";
            words(Code::ModeSameOrigin, "1.2-2", text, "Use mode 'cors'.")
        }
        Failure::MixedContent => {
            words(Code::MixedContent, "1.2-4", "The page came over https and asks a plain http URL.", "Use https.")
        }
        _ => {
            let text = "cache 'only-if-cached' needs mode 'same-origin' and a stored response.";
            words(Code::OnlyIfCached, "1.1-4", text, "Use another cache mode.")
        }
    }
}

fn redirect_words(failure: &Failure) -> Words {
    match failure {
        Failure::RedirectModeError => {
            words(Code::RedirectMode, "1.8-1", "redirect: 'error', and the answer is a redirect.", DIRECT)
        }
        Failure::RedirectCredentials => {
            let text = "The redirect leads to another origin with user:password@ in its URL.";
            words(Code::RedirectCredentials, "1.8-3", text, "Leave user and password out of Location.")
        }
        Failure::RedirectLocation(location) => {
            words(Code::RedirectLocation, "1.8-3", format!("Location `{location}` is no URL."), "Repair Location.")
        }
        Failure::RedirectScheme(scheme) => {
            words(Code::RedirectScheme, "1.8-3", format!("The redirect leads to a {scheme}: URL."), DIRECT)
        }
        _ => words(Code::RedirectTooMany, "1.8-3", "More than 20 redirects.", DIRECT),
    }
}

fn preflight_words(failure: &Failure, context: Context<'_>) -> Words {
    let configured = context.configuration.is_some();
    match failure {
        Failure::PreflightRedirect(location) => {
            let text = format!("The preflight was redirected to {location}; browsers do not follow.");
            words(Code::PfRedirect, "1.5-1", text, "Call the final URL: mind trailing slash, https and region.")
        }
        Failure::PreflightStatus(status) => words(
            Code::PfStatus,
            "1.5-3",
            format!("The preflight was answered with status {status}; it must be 200 to 299."),
            "Let the URL's CORS configuration answer, or let the function return 204 to OPTIONS; no authorisation there.",
        ),
        Failure::MethodsSyntax(item) => syntax_words(Code::PfMethodsSyntax, Setting::AllowMethods, item, configured),
        Failure::HeadersSyntax(item) => syntax_words(Code::PfHeadersSyntax, Setting::AllowHeaders, item, configured),
        Failure::MethodNotAllowed { method, listed, credentialed } => method_words(method, listed, *credentialed, configured),
        Failure::HeaderNotAllowed { header, listed, credentialed } => {
            let hint = hints::header_hint(header, listed, *credentialed);
            let text = format!("Header {header} is not allowed; allowed: {}. {hint}", or_none(listed));
            let added = Fix::AddToList { setting: Setting::AllowHeaders, value: header.clone() };
            let fix = format!("Add {header} to AllowHeaders.");
            words(Code::PfHeader, "1.5-6", text.trim_end(), fix).with(configured.then_some(added))
        }
        _ => words(Code::PfStatus, "1.5", "The preflight failed.", "Look at its answer."),
    }
}

fn method_words(method: &str, listed: &[String], credentialed: bool, configured: bool) -> Words {
    let hint = hints::method_hint(method, listed, credentialed);
    let text = format!("Method {method} is not allowed; allowed: {}. {hint}", or_none(listed));
    let value = method.to_ascii_uppercase();
    let said = |fix: String| words(Code::PfMethod, "1.5-5", text.trim_end(), fix);
    if listed.contains(&value) {
        return said(format!("Write {value} in capitals in fetch()."));
    }
    if value.len() > LONGEST_METHOD {
        return said(format!(
            "A function URL cannot list {value}, which is longer than {LONGEST_METHOD} characters: use another."
        ));
    }
    let added = Fix::AddToList { setting: Setting::AllowMethods, value: value.clone() };
    let spelling = if value == method { String::new() } else { format!(" Write {value} in capitals in fetch().") };
    said(format!("Add {value} to AllowMethods.{spelling}")).with(configured.then_some(added))
}

fn syntax_words(code: Code, setting: Setting, item: &str, configured: bool) -> Words {
    let header = if setting == Setting::AllowMethods { "Allow-Methods" } else { "Allow-Headers" };
    let text = format!("Access-Control-{header} is malformed at `{item}`; the whole header is void.");
    let names = item.split([' ', ';', ':', '"']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let repair = Fix::ReplaceInList { setting, value: item.to_owned(), with: names };
    words(code, "1.5-4", text, "One name an entry, commas between, no quotes, no semicolons.").with(configured.then_some(repair))
}

fn or_none(listed: &[String]) -> String {
    if listed.is_empty() { "none".into() } else { listed.join(", ") }
}

fn check_words(check: &CheckFailure, preflight: bool, response: Option<&WireResponse>, context: Context<'_>) -> Words {
    let CheckFailure { kind, value, origin } = check;
    let subject = if preflight { "The preflight answer" } else { "The response" };
    let value = value.as_deref().unwrap_or_default();
    let by_configuration = matches!(kind, CheckFailureKind::Missing) && context.configuration.is_some();
    let unequal = matches!(kind, CheckFailureKind::Invalid | CheckFailureKind::Mismatch);
    if origin == "null" && (unequal || by_configuration) {
        let text = "The page's origin is `null`: a file, a sandboxed frame, a data: URL, or the second redirect across origins.";
        let fix = "Serve the page from http(s)://localhost, avoid the redirect, and do not allow `null`.";
        return words(Code::OriginNull, "1.2-1", text, fix);
    }
    let add = context.configuration.map(|_| Fix::AddToList { setting: Setting::AllowOrigins, value: origin.clone() });
    let pick = |of_preflight, of_response| if preflight { of_preflight } else { of_response };
    match kind {
        CheckFailureKind::Missing => missing_words(subject, preflight, origin, response).with(add),
        CheckFailureKind::Mismatch => {
            let difference = hints::origin_difference(value, origin);
            let text = format!("{subject} allows `{value}`, the page is `{origin}`. {difference}");
            let code = pick(Code::PfAcaoMismatch, Code::AcaoMismatch);
            words(code, "1.7-3", text.trim_end(), format!("Use exactly `{origin}`.")).with(add)
        }
        CheckFailureKind::Invalid => {
            let text = format!("{subject} allows `{value}`, which is no origin: it needs scheme://host[:port].");
            let code = pick(Code::PfAcaoInvalid, Code::AcaoInvalid);
            words(code, "1.7-3", text, format!("Write the full origin `{origin}`.")).with(add)
        }
        CheckFailureKind::Multiple => multiple_words(pick(Code::PfAcaoMultiple, Code::AcaoMultiple), subject, value, context),
        CheckFailureKind::WildcardWithCredentials => {
            let text = format!("{subject} allows `*`, which cannot be used with credentials: 'include'.");
            let code = pick(Code::PfAcaoStarCredentials, Code::AcaoStarCredentials);
            words(code, "1.7-2", text, format!("List `{origin}`, or do not send credentials.")).with(add)
        }
        CheckFailureKind::Credentials => credentials_words(pick(Code::PfAcac, Code::Acac), subject, value, context),
    }
}

fn missing_words(subject: &str, preflight: bool, origin: &str, response: Option<&WireResponse>) -> Words {
    let status = response.map_or(String::new(), |response| format!(" Status {}.", response.status));
    if preflight {
        let text = format!(
            "{subject} has no Access-Control-Allow-Origin: {origin} is not in AllowOrigins, nothing is configured, or an error \
             page answered.{status}"
        );
        return words(Code::PfAcaoMissing, "1.7-1", text, format!("Add exactly `{origin}` to AllowOrigins."));
    }
    let text = format!("{subject} has no Access-Control-Allow-Origin.{status}");
    let own_error = response.is_some_and(|response| matches!(response.status, 403 | 429 | 502));
    let fix = if own_error {
        format!("The service may have answered itself: look at the status first. Then add `{origin}` to AllowOrigins.")
    } else {
        format!("Add `{origin}` to AllowOrigins.")
    };
    words(Code::AcaoMissing, "1.7-1", text, fix)
}

fn multiple_words(code: Code, subject: &str, value: &str, context: Context<'_>) -> Words {
    let name = "access-control-allow-origin";
    let own = context.function_headers.and_then(|headers| headers.joined(name));
    match (context.configuration, own) {
        (Some(_), Some(own)) => {
            let text = format!(
                "Access-Control-Allow-Origin is there twice: `{value}`. The function sets `{own}`, the URL's CORS configuration \
                 adds its own."
            );
            let fix = "Remove the CORS headers from the function, or the CORS configuration from the URL.";
            words(code, "1.7-3, 2.2-8", text, fix).with(Some(Fix::RemoveFunctionHeader { name: name.into() }))
        }
        _ => {
            let text = format!("{subject} allows several values: `{value}`.");
            words(code, "1.7-3", text, "Let one place only set it, to one origin.")
        }
    }
}

fn credentials_words(code: Code, subject: &str, value: &str, context: Context<'_>) -> Words {
    let name = "access-control-allow-credentials";
    let shown = if value.is_empty() { "missing".to_owned() } else { format!("`{value}`") };
    let text = format!("{subject}: Access-Control-Allow-Credentials must be exactly `true`, it is {shown}.");
    let doubled = value.contains(',') && context.function_headers.is_some_and(|headers| headers.has(name));
    match context.configuration {
        Some(_) if doubled => {
            let text = format!("{text} The function and the URL's CORS configuration both set it.");
            words(code, "1.7-5", text, "Set it in one place.").with(Some(Fix::RemoveFunctionHeader { name: name.into() }))
        }
        Some(_) => words(code, "1.7-5", text, "Set AllowCredentials to true.").with(Some(Fix::SetAllowCredentials(true))),
        None => words(code, "1.7-5", text, "Send exactly `true`, once."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::browser::{Browser, Credentials, Page, PageKind, PageRequest, RuleSet, WireRequest};
    use super::super::super::cors::{Switches, answer};
    use super::*;

    fn configured() -> CorsConfiguration {
        CorsConfiguration {
            allow_origins: vec!["https://app.test".into()],
            allow_methods: vec!["PATCH".into()],
            allow_headers: vec!["content-type".into()],
            ..CorsConfiguration::default()
        }
    }

    fn said(configuration: &CorsConfiguration, asked: PageRequest, function: &HeaderList) -> Option<Message> {
        let page = Page::new(Some("https://app.test/"), PageKind::Plain, None).unwrap();
        let mut server = |request: &WireRequest| {
            let mut function = |_: &WireRequest| WireResponse { headers: function.clone(), ..WireResponse::default() };
            answer(Some(configuration), Switches::default(), request, &mut function).response
        };
        let asked = PageRequest { url: "https://api.test/".into(), ..asked };
        let exchange = Browser::new(RuleSet::Chromium).fetch(&page, &asked, &mut server);
        explain(&exchange, Context { configuration: Some(configuration), function_headers: Some(function) })
    }

    /// Repairs until the page can read the response; tells the codes on the way.
    fn repaired(mut configuration: CorsConfiguration, asked: &PageRequest) -> Vec<&'static str> {
        let mut codes = Vec::new();
        while let Some(message) = said(&configuration, asked.clone(), &HeaderList::default()) {
            codes.push(message.code.text());
            let repair = message.repair.unwrap_or_else(|| panic!("{codes:?} has no repair"));
            configuration = repair.apply(&configuration);
        }
        codes
    }

    #[test]
    fn repairs_lead_to_a_readable_response() {
        let asked = PageRequest {
            method: Some("PUT".into()),
            headers: HeaderList::from([("Authorization", "t"), ("X-A", "1")]),
            credentials: Credentials::Include,
            ..PageRequest::default()
        };
        let steps = repaired(configured(), &asked);
        assert_eq!(steps, ["PF_ACAC", "PF_METHOD", "PF_HEADER", "PF_HEADER"]);
        let steps = repaired(CorsConfiguration::default(), &asked);
        assert_eq!(steps, ["PF_ACAO_MISSING", "PF_ACAC", "PF_METHOD", "PF_HEADER", "PF_HEADER"]);
        let star = CorsConfiguration { allow_origins: vec!["*".into()], ..configured() };
        assert_eq!(repaired(star, &asked)[..2], ["PF_ACAO_STAR_CREDENTIALS", "PF_ACAC"]);
    }

    #[test]
    fn a_redirect_without_end_has_one_remedy() {
        let page = Page::new(Some("https://app.test/"), PageKind::Plain, None).unwrap();
        let mut server = |_: &WireRequest| WireResponse {
            status: 302,
            headers: HeaderList::from([("Location", "/again"), ("Access-Control-Allow-Origin", "*")]),
            ..WireResponse::default()
        };
        let asked = PageRequest { url: "https://api.test/".into(), ..PageRequest::default() };
        let exchange = Browser::new(RuleSet::Chromium).fetch(&page, &asked, &mut server);
        let message = explain(&exchange, Context::default()).unwrap();
        assert_eq!((message.code, message.fix.as_str()), (Code::RedirectTooMany, DIRECT));
    }

    #[test]
    fn what_is_no_setting_has_no_repair() {
        let own = HeaderList::from([("Access-Control-Allow-Origin", "*")]);
        let method = |method: &str| PageRequest { method: Some(method.into()), ..PageRequest::default() };
        for (method, function, code, fix) in [
            ("patch", &HeaderList::default(), Code::PfMethod, "Write PATCH in capitals in fetch()."),
            ("OPTIONS", &HeaderList::default(), Code::PfMethod, "A function URL cannot list OPTIONS"),
            ("GET", &own, Code::AcaoMultiple, "Remove the CORS headers from the function"),
        ]
        .map(|(name, function, code, fix)| (method(name), function, code, fix))
        {
            let message = said(&configured(), method, function).unwrap();
            assert_eq!(message.code, code);
            assert!(message.fix.starts_with(fix), "{}", message.fix);
            assert!(message.repair.is_none_or(|repair| repair.setting().is_none()));
        }
    }
}
