//! What of a step reaches the door, so that the door's own rules can be asked about it beforehand.

use url::Url;

use super::super::browser::{Browser, HeaderList, RuleSet, WireRequest, WireResponse};
use super::super::message::HttpRequest;
use super::case::{CaseCookie, CaseStep};

/// The requests of a step as its first door sees them.
#[derive(Clone, Debug, Default)]
pub struct Arriving {
    pub preflight: Option<HttpRequest>,
    /// The request itself, once its preflight has passed; `None` when the browser does not send it.
    pub actual: Option<HttpRequest>,
}

impl Arriving {
    /// What a browser sends when every preflight passes. Nothing is said of a step that has no page or no request.
    #[must_use]
    pub fn of(step: &CaseStep) -> Self {
        let mut arriving = Self::default();
        let (Ok(page), Some(request)) = (step.page(), step.req.as_ref()) else { return arriving };
        let asked = request.asked();
        let body = asked.body.as_ref().and_then(|body| body.value.as_str()).unwrap_or_default().to_owned();
        let mut browser = Browser::new(RuleSet::Chromium);
        step.cookies.iter().filter_map(CaseCookie::cookie).for_each(|cookie| browser.cookies.put(cookie));
        let mut lenient = |sent: &WireRequest| {
            let place = if sent.preflight { &mut arriving.preflight } else { &mut arriving.actual };
            *place = http_request(sent, if sent.preflight { "" } else { &body });
            allowing(sent)
        };
        browser.fetch(&page, &asked, &mut lenient);
        arriving
    }
}

/// An answer that no preflight fails on.
fn allowing(sent: &WireRequest) -> WireResponse {
    let mut headers = HeaderList::from([("access-control-allow-credentials", "true")]);
    for (asked, allowed) in [
        ("origin", "access-control-allow-origin"),
        ("access-control-request-method", "access-control-allow-methods"),
        ("access-control-request-headers", "access-control-allow-headers"),
    ] {
        if let Some(value) = sent.headers.joined(asked) {
            headers.append(allowed, value);
        }
    }
    WireResponse { headers, ..WireResponse::default() }
}

fn http_request(sent: &WireRequest, body: &str) -> Option<HttpRequest> {
    let url = Url::parse(&sent.url).ok()?;
    let host = url.host_str()?;
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let mut headers: super::super::message::HeaderList =
        sent.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    headers.push("host", &authority);
    Some(HttpRequest {
        method: sent.method.clone(),
        scheme: url.scheme().to_owned(),
        authority,
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        headers,
        not_utf8: Vec::new(),
        body: body.to_owned().into(),
        source_ip: "127.0.0.1".to_owned(),
        protocol: "HTTP/1.1".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arriving(request: &serde_json::Value) -> Arriving {
        let step = json!({ "origin": "https://app.test", "req": request });
        Arriving::of(&serde_json::from_value(step).unwrap())
    }

    #[test]
    fn both_requests_are_as_a_browser_sends_them() {
        let url = "http://abc.execute-api.localhost:9002/prod/items/1?a=1";
        let body = json!({ "kind": "text", "value": "{}" });
        let headers = [["X-A", "1"], ["Cookie", "a=1"]];
        let Arriving { preflight, actual } =
            arriving(&json!({ "url": url, "method": "put", "headers": headers, "credentials": "include", "body": body }));
        let (preflight, actual) = (preflight.unwrap(), actual.unwrap());
        assert_eq!((&*preflight.method, preflight.headers.get("access-control-request-headers")), ("OPTIONS", Some("x-a")));
        assert_eq!((&*actual.method, &*actual.path, &*actual.query), ("PUT", "/prod/items/1", "a=1"));
        assert_eq!(actual.headers.get("host"), Some("abc.execute-api.localhost:9002"));
        assert_eq!((actual.headers.get("x-a"), actual.headers.get("cookie")), (Some("1"), None), "a page sets no cookies");
        assert_eq!((preflight.body.len(), &*actual.body), (0, &b"{}"[..]));
    }

    #[test]
    fn what_a_mode_drops_does_not_arrive() {
        let headers = [["Authorization", "x"]];
        let found = arriving(&json!({ "url": "http://a.localhost/", "mode": "no-cors", "headers": headers }));
        assert_eq!(found.actual.unwrap().headers.get("authorization"), None);
        assert!(found.preflight.is_none());
        assert!(arriving(&json!({ "url": "http://a.localhost/", "mode": "same-origin" })).actual.is_none());
    }
}
