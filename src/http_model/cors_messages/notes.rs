//! What else is worth knowing about a request, whether or not it succeeded (`cors.md`, section 4: info and warning).

use super::super::browser::{Ending, Exchange, PageRequest, WireResponse, max_age_secs, may_be_stored};
use super::super::cors::Setting;
use super::code::Code;
use super::explain::{Context, Message, Words, message, words};
use super::fix::Fix;

/// Chromium's cap of a preflight answer, in seconds.
const CHROMIUM_CAP_SECS: i64 = 7200;
/// A sensible age, in seconds.
const SENSIBLE_AGE_SECS: i64 = 3600;

/// The notes about a request.
#[must_use]
pub fn notes(asked: &PageRequest, exchange: &Exchange, context: Context<'_>) -> Vec<Message> {
    let mut found: Vec<Words> = exchange.dropped.iter().map(|name| dropped(asked, name)).collect();
    // A permission that is still kept saves the preflight, whatever would be the reason for it.
    if exchange.wire.iter().any(|sent| sent.request.preflight) {
        let text = format!("Preflight, because {}.", exchange.preflight_reasons.join("; "));
        let fix = "To avoid it: GET, HEAD or POST, safelisted headers, text/plain or a form content type.";
        found.push(words(Code::PreflightBecause, "1.2-5", text, fix));
    }
    found.extend(not_exposed(exchange, context));
    if exchange.cookie_kept_back {
        let text = "The URL's cookies stay behind: by credentials mode, SameSite, or Secure.";
        let fix = "credentials: 'include', SameSite=None; Secure, AllowCredentials and the exact origin; better a domain on the \
                   page's site.";
        found.push(words(Code::CookieNotSent, "1.6", text, fix));
    }
    found.extend(exchange.last_response.as_ref().and_then(vary_missing));
    found.extend(max_age(exchange, context));
    found.into_iter().map(|said| Message { function_ran: None, ..message(said, 0, false) }).collect()
}

fn dropped(asked: &PageRequest, name: &str) -> Words {
    if asked.mode == super::super::browser::Mode::NoCors {
        return words(Code::NocorsHeader, "1.1-8", format!("mode 'no-cors' drops the header {name}."), "Use mode 'cors'.");
    }
    let text = format!("{name} is set by the browser only; your value is dropped silently.");
    words(Code::HeaderDropped, "1.1-7", text, "Do not set it; for cookies use credentials: 'include'.")
}

fn not_exposed(exchange: &Exchange, context: Context<'_>) -> Option<Words> {
    let Ending::Readable { headers, .. } = &exchange.ending else { return None };
    let response = exchange.last_response.as_ref().filter(|_| exchange.cross_origin)?;
    let own = |name: &str| !name.starts_with("access-control-") && name != "set-cookie" && name != "vary";
    let sent = response.headers.0.iter().map(|(name, _)| name.to_ascii_lowercase());
    let hidden: Vec<String> = sent.filter(|name| own(name) && !headers.contains(name)).collect();
    let first = hidden.first()?.clone();
    let text = format!("The page can read the response, but not {}.", hidden.join(", "));
    let said = words(Code::HeaderNotExposed, "1.9", text, "Add the names to ExposeHeaders; with credentials * does not work.");
    let repair = context.configuration.map(|_| Fix::AddToList { setting: Setting::ExposeHeaders, value: first });
    Some(Words { repair, ..said })
}

fn vary_missing(response: &WireResponse) -> Option<Words> {
    let allowed = response.headers.joined("access-control-allow-origin").filter(|value| value != "*")?;
    let vary = response.headers.joined("vary").unwrap_or_default();
    let varies = vary.split(',').map(str::trim).any(|name| name == "*" || name.eq_ignore_ascii_case("origin"));
    if varies || !may_be_stored(&response.headers) {
        return None;
    }
    let text = format!("The response may be stored and allows `{allowed}` only, but does not vary by Origin.");
    Some(words(Code::VaryMissing, "1.11", text, "Add `Vary: Origin` to every response."))
}

fn kept_by_configuration(context: Context<'_>) -> bool {
    context.configuration.and_then(|cors| cors.max_age).is_some_and(|age| age > 0)
}

/// How long the permission is kept; that of a failed preflight never is (`cors.md`, 1.10).
fn max_age(exchange: &Exchange, context: Context<'_>) -> Option<Words> {
    let index = exchange.wire.iter().position(|sent| sent.request.preflight)?;
    exchange.wire.get(index + 1).filter(|next| !next.request.preflight)?;
    let value = exchange.wire[index].response.headers.joined("access-control-max-age");
    let kept = max_age_secs(value.as_deref());
    let text = match value {
        None => format!("Without Access-Control-Max-Age the preflight answer is kept for {kept} s."),
        Some(value) => {
            format!("Max-Age is `{value}`; Chromium keeps the preflight answer for {kept} s, at most {CHROMIUM_CAP_SECS}.")
        }
    };
    let fix = match context.configuration {
        Some(_) if kept_by_configuration(context) => {
            "A longer MaxAge saves preflights, a shorter one lets changes show sooner.".to_owned()
        }
        Some(_) => format!("Set MaxAge, for example to {SENSIBLE_AGE_SECS}."),
        // Load balancers and REST APIs have no setting for it.
        None => format!("Answer preflights with `Access-Control-Max-Age`, for example `{SENSIBLE_AGE_SECS}`."),
    };
    let repair = context.configuration.filter(|_| !kept_by_configuration(context)).map(|_| Fix::SetMaxAge(SENSIBLE_AGE_SECS));
    Some(Words { repair, ..words(Code::MaxAge, "1.10", text, fix) })
}

#[cfg(test)]
mod tests {
    use super::super::super::browser::{Browser, HeaderList, Page, PageKind, RuleSet, WireRequest};
    use super::super::super::cors::CorsConfiguration;
    use super::*;

    /// The advice about the age of a preflight for a PUT that a server allows, or does not.
    fn advice(methods: &str, configuration: Option<&CorsConfiguration>) -> Option<String> {
        let headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", methods)];
        let mut server = |_: &WireRequest| WireResponse { headers: HeaderList::from(headers), ..WireResponse::default() };
        let page = Page::new(Some("https://app.test/"), PageKind::Plain, None).unwrap();
        let url = "https://api.test/".to_owned();
        let asked = PageRequest { url, method: Some("PUT".into()), ..PageRequest::default() };
        let exchange = Browser::new(RuleSet::Chromium).fetch(&page, &asked, &mut server);
        let found = notes(&asked, &exchange, Context { configuration, function_headers: None });
        found.into_iter().find(|note| note.code == Code::MaxAge).map(|note| note.fix)
    }

    #[test]
    fn a_preflight_that_a_kept_permission_saves_has_no_reason() {
        let headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "PUT")];
        let mut server = |_: &WireRequest| WireResponse { headers: HeaderList::from(headers), ..WireResponse::default() };
        let page = Page::new(Some("https://app.test/"), PageKind::Plain, None).unwrap();
        let url = "https://api.test/".to_owned();
        let asked = PageRequest { url, method: Some("PUT".into()), ..PageRequest::default() };
        let mut browser = Browser::new(RuleSet::Chromium);
        let because = [(), ()].map(|()| {
            let exchange = browser.fetch(&page, &asked, &mut server);
            let found = notes(&asked, &exchange, Context { configuration: None, function_headers: None });
            found.iter().any(|note| note.code == Code::PreflightBecause)
        });
        assert_eq!(because, [true, false]);
    }

    #[test]
    fn an_age_is_advised_where_a_permission_was_given_and_as_the_door_can_give_it() {
        let configuration = CorsConfiguration::default();
        assert_eq!(advice("PUT", Some(&configuration)).as_deref(), Some("Set MaxAge, for example to 3600."));
        let own = "Answer preflights with `Access-Control-Max-Age`, for example `3600`.";
        assert_eq!(advice("PUT", None).as_deref(), Some(own));
        assert_eq!(advice("GET", Some(&configuration)), None, "a refusal is not kept");
    }
}
