//! Entries in the form of Chromium's network panel.

use serde_json::{Value, json};

pub(super) const API: &str = "https://a1b2c3.lambda-url.eu-central-1.on.aws/orders";
pub(super) const PAGE: &str = "http://localhost:5173";

fn lines(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// An entry in the form of Chromium.
pub(super) fn entry(kind: &str, method: &str, asked: &[(&str, &str)], status: u16, answered: &[(&str, &str)]) -> Value {
    json!({
        "_connectionId": "1287",
        "_initiator": {"type": "script"},
        "_priority": "High",
        "_resourceType": kind,
        "cache": {},
        "request": {
            "method": method, "url": API, "httpVersion": "http/2.0", "headers": lines(asked), "queryString": [], "cookies": [],
            "headersSize": -1, "bodySize": 0
        },
        "response": {
            "status": status, "statusText": "", "httpVersion": "http/2.0", "headers": lines(answered), "cookies": [],
            "content": {"size": 0, "mimeType": "application/json"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "_transferSize": 0, "_error": if status == 0 { json!("net::ERR_FAILED") } else { Value::Null }
        },
        "startedDateTime": "2026-03-01T10:00:05.568Z",
        "time": 12.5
    })
}

pub(super) fn preflight(method: &str, names: &str, status: u16, answered: &[(&str, &str)]) -> Value {
    let asked = [
        (":authority", "a1b2c3.lambda-url.eu-central-1.on.aws"),
        (":method", "OPTIONS"),
        ("accept", "*/*"),
        ("access-control-request-headers", names),
        ("access-control-request-method", method),
        ("origin", PAGE),
        ("sec-fetch-mode", "cors"),
    ];
    let asked: Vec<_> = asked.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    entry("preflight", "OPTIONS", &asked, status, answered)
}

/// The request of the page as Chromium records it when it failed: provisional headers.
pub(super) fn provisional(method: &str) -> Value {
    let asked = [
        ("Authorization", "Bearer t"),
        ("Content-Type", "application/json"),
        ("Referer", "http://localhost:5173/"),
        ("User-Agent", "Mozilla/5.0"),
        ("sec-ch-ua-platform", "\"Linux\""),
    ];
    entry("fetch", method, &asked, 0, &[])
}

pub(super) fn log(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "entries": entries}}).to_string()
}

pub(super) const ALLOWED: [(&str, &str); 3] = [
    ("access-control-allow-origin", PAGE),
    ("access-control-allow-methods", "PUT"),
    ("access-control-allow-headers", "authorization,content-type"),
];
