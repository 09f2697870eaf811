//! What was seen of a request, in the members of a verdict.

use serde_json::{Map, Value, json};

use super::answers::Arrived;

/// What the page told, what arrived at the server, and Chromium's CORS error.
pub fn observed(seen: &Value, arrived: &[Arrived], cors_error: Option<&str>) -> Map<String, Value> {
    let preflights = arrived.iter().filter(|request| request.preflight).count();
    let actual: Vec<&Arrived> = arrived.iter().filter(|request| !request.preflight).collect();
    let readable = seen["outcome"] == "readable";
    let mut headers: Vec<String> = serde_json::from_value(seen["headers"].clone()).unwrap_or_default();
    headers.sort();
    let preflight_ok = (preflights > 0).then(|| every_preflight_was_followed(arrived));
    let outcome = match seen["outcome"].as_str() {
        Some("error") if preflight_ok == Some(false) && !cors_error.is_some_and(is_about_the_response) => "preflight-failed",
        Some("error") if arrived.is_empty() && cors_error.is_none() => "not-sent",
        Some("error") => "response-blocked",
        other => other.unwrap_or("nothing"),
    };
    let verdict = json!({
        "preflight_sent": preflights > 0,
        "preflight_request_headers": arrived.iter().find(|request| request.preflight).map(preflight_headers),
        "preflight_ok": preflight_ok,
        "actual_sent": !actual.is_empty(),
        "readable": readable,
        "status": if readable { seen["status"].clone() } else { Value::Null },
        "readable_headers": headers,
        "outcome": outcome,
        "cors_error": cors_error,
        "cookie_sent": actual.iter().any(|request| request.headers.has("cookie")),
    });
    verdict.as_object().unwrap().clone()
}

/// A preflight can be followed by a stored response, which is refused then.
fn is_about_the_response(error: &str) -> bool {
    !error.contains("Preflight")
}

fn every_preflight_was_followed(arrived: &[Arrived]) -> bool {
    let after = |index: usize| arrived.get(index + 1).is_some_and(|next| !next.preflight);
    arrived.iter().enumerate().filter(|(_, request)| request.preflight).all(|(index, _)| after(index))
}

fn preflight_headers(request: &Arrived) -> Map<String, Value> {
    let names = ["origin", "access-control-request-method", "access-control-request-headers"];
    let member = |name: &str| request.headers.joined(name).map(|value| (name.to_owned(), Value::String(value)));
    names.into_iter().filter_map(member).collect()
}
