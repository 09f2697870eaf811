//! Logs and entries as Chromium and Firefox write them.

use super::super::{NoDiagnosis, diagnosis, read};
use super::samples::{ALLOWED, PAGE, entry, log, preflight, provisional};
use crate::http_model::browser::{Api, Credentials, Mode};
use serde_json::{Value, json};

fn code_of(entries: &[Value]) -> String {
    diagnosis(&read(&log(entries)).unwrap()).unwrap().code
}

#[test]
fn a_blocked_preflight() {
    let answered = [("access-control-allow-origin", PAGE), ("access-control-allow-headers", "content-type")];
    let entries = [provisional("POST"), preflight("POST", "authorization,content-type", 200, &answered)];
    let imported = read(&log(&entries)).unwrap();
    assert_eq!(imported.page_origin.as_deref(), Some(PAGE));
    assert_eq!(imported.request.method, "POST");
    assert_eq!((imported.request.protocol.as_str(), imported.request.authority.len()), ("HTTP/2.0", 37));
    let request = imported.case.clone().unwrap().req.unwrap();
    let names: Vec<_> = request.headers.0.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Authorization", "Content-Type"]);
    let found = diagnosis(&imported).unwrap();
    assert_eq!(found.code, "PF_HEADER");
    assert_eq!(found.sentence, "Header authorization is not allowed; allowed: content-type.");
    assert_eq!(found.fix, "Add authorization to AllowHeaders.");
    assert!(!found.judged.unwrap().verdict.actual_sent);
}

#[test]
fn every_shape_gives_the_same() {
    let (one, two) = (preflight("PUT", "content-type", 403, &[]), provisional("PUT"));
    let expected = read(&log(&[one.clone(), two.clone()])).unwrap();
    for text in [
        json!({"entries": [one, two]}).to_string(),
        json!([one, two]).to_string(),
        format!("{one}\n{two}"),
        format!("{one},\n{two}"),
        format!("\u{feff}{}", log(&[one.clone(), two.clone()])),
    ] {
        assert_eq!(read(&text).unwrap(), expected);
    }
    assert_eq!(diagnosis(&expected).unwrap().code, "PF_ACAO_MISSING");
    assert_eq!(read(&two.to_string()).unwrap().request, expected.request);
    assert_eq!(read(&two["request"].to_string()).unwrap().request, expected.request);
}

#[test]
fn verdicts_and_what_is_missing() {
    let put = |status, answered: &[(&str, &str)]| {
        let asked = [("origin", PAGE), ("content-type", "application/json"), ("authorization", "x"), ("pragma", "no-cache")];
        entry("xhr", "PUT", &asked, status, answered)
    };
    let get = |status, answered: &[(&str, &str)]| entry("fetch", "GET", &[("Origin", PAGE)], status, answered);
    let allowed = preflight("PUT", "authorization,content-type", 204, &ALLOWED);
    let origin = [("access-control-allow-origin", PAGE)];
    for (entries, expected) in [
        (vec![allowed.clone(), put(200, &origin)], "READABLE"),
        (vec![put(502, &[]), allowed.clone()], "ACAO_MISSING"),
        (vec![allowed.clone(), put(200, &[("access-control-allow-origin", &format!("*\n{PAGE}"))])], "ACAO_MULTIPLE"),
        (vec![allowed.clone(), put(0, &[])], "RESPONSE_NOT_RECORDED"),
        (vec![put(0, &[])], "PREFLIGHT_NOT_RECORDED"),
        (vec![put(200, &origin)], "READABLE"),
        (vec![put(200, &[])], "ACAO_MISSING"),
        (vec![allowed.clone()], "RESPONSE_NOT_RECORDED"),
        (vec![preflight("PATCH", "", 200, &ALLOWED)], "PF_METHOD"),
        (vec![preflight("PUT", "x-a,content-type", 200, &ALLOWED)], "PF_HEADER"),
        (vec![get(200, &[("access-control-allow-origin", "https://app.example.com")])], "ACAO_MISMATCH"),
        (vec![get(0, &[])], "RESPONSE_NOT_RECORDED"),
        (vec![get(200, &origin), put(200, &[])], "ACAO_MISSING"),
        (vec![get(302, &[("location", "/b"), origin[0]])], "REDIRECT_NOT_RECORDED"),
    ] {
        assert_eq!(code_of(&entries), expected, "{}", serde_json::to_string_pretty(&entries).unwrap());
    }
}

#[test]
fn credentials_are_seen_by_their_cookies() {
    let with_cookie = [("origin", PAGE), ("cookie", "session=abc; theme=dark")];
    let star = [("access-control-allow-origin", "*")];
    let imported = read(&log(&[entry("fetch", "GET", &with_cookie, 200, &star)])).unwrap();
    let step = imported.case.clone().unwrap();
    assert_eq!((step.cookies.len(), step.req.unwrap().credentials), (2, Some(Credentials::Include)));
    assert_eq!(diagnosis(&imported).unwrap().code, "ACAO_STAR_CREDENTIALS");
    // Without a cookie nobody knows.
    let without = entry("fetch", "GET", &[("origin", PAGE)], 200, &star);
    let found = diagnosis(&read(&without.to_string()).unwrap()).unwrap();
    assert_eq!((found.code.as_str(), found.unknown.len()), ("READABLE", 1));
    // Unless the browser refused.
    let mut refused = without;
    refused["response"]["_error"] = "net::ERR_FAILED".into();
    let found = diagnosis(&read(&refused.to_string()).unwrap()).unwrap();
    assert_eq!(found.code, "ACAO_STAR_CREDENTIALS");
    assert!(found.sentence.starts_with("The page asked with credentials: 'include'."), "{}", found.sentence);
    // The preflight would do without credentials, and why the request failed is not recorded.
    let any = [star[0], ("access-control-allow-headers", "*")];
    let found = diagnosis(&read(&log(&[provisional("POST"), preflight("POST", "content-type", 200, &any)])).unwrap()).unwrap();
    assert_eq!(found.code, "RESPONSE_NOT_RECORDED");
    assert!(found.unknown[1].contains("If it did: The preflight answer allows `*`"), "{:?}", found.unknown);
}

#[test]
fn no_connection_is_no_cors_failure() {
    let mut failed = provisional("POST");
    failed["response"]["_error"] = "net::ERR_CONNECTION_REFUSED".into();
    let found = diagnosis(&read(&log(&[failed.clone()])).unwrap()).unwrap();
    assert_eq!((found.code.as_str(), found.fix.as_str()), ("NO_ANSWER", "Start the server, or correct host and port."));
    failed["response"]["_error"] = "net::ERR_HTTP2_PROTOCOL_ERROR".into();
    assert_eq!(code_of(&[failed]), "NO_ANSWER");
}

#[test]
fn requests_without_a_page() {
    let plain = entry("document", "GET", &[("sec-fetch-mode", "navigate"), ("origin", PAGE)], 200, &[]);
    let image = entry("image", "GET", &[("referer", PAGE)], 200, &[]);
    for value in [plain, image] {
        let imported = read(&value.to_string()).unwrap();
        assert_eq!(diagnosis(&imported).unwrap_err(), NoDiagnosis::NoPage);
    }
    let opaque = entry("fetch", "GET", &[("sec-fetch-mode", "no-cors"), ("origin", PAGE)], 200, &[]);
    assert_eq!(read(&opaque.to_string()).unwrap().case.unwrap().req.unwrap().mode, Some(Mode::NoCors));
    assert_eq!(code_of(&[opaque]), "NOCORS_OPAQUE");
}

#[test]
fn an_upload_that_is_watched() {
    let mut upload = entry("xhr", "POST", &[("origin", PAGE), ("content-type", "text/plain")], 200, &ALLOWED);
    upload["request"]["postData"] = json!({"mimeType": "text/plain", "text": "äb"});
    let imported = read(&log(&[preflight("POST", "", 200, &ALLOWED), upload])).unwrap();
    assert_eq!(&imported.request.body[..], "äb".as_bytes());
    assert_eq!(imported.request.headers.get("content-length"), Some("3"));
    assert_eq!(imported.case.clone().unwrap().req.unwrap().api, Some(Api::XhrUpload));
    assert!(diagnosis(&imported).unwrap().judged.unwrap().verdict.preflight_sent);
}

#[test]
fn redirects_are_followed_in_the_log() {
    let origin = ("access-control-allow-origin", PAGE);
    let first = entry("fetch", "GET", &[("origin", PAGE)], 307, &[("location", "/b"), origin]);
    let mut second = entry("fetch", "GET", &[("origin", PAGE)], 200, &[]);
    second["request"]["url"] = "https://a1b2c3.lambda-url.eu-central-1.on.aws/b".into();
    let imported = read(&log(&[first, second])).unwrap();
    assert_eq!(imported.request.path, "/orders");
    assert_eq!(diagnosis(&imported).unwrap().code, "REDIRECT_ACAO_MISSING");
}

#[test]
fn firefox() {
    let text = r#"{"log": {"version": "1.2", "creator": {"name": "Firefox", "version": "143.0"}, "pages": [{"id": "page_1"}],
      "entries": [
        {"startedDateTime": "2026-03-01T11:00:05.568+01:00", "request": {"bodySize": 0, "method": "OPTIONS",
          "url": "https://a1b2c3.lambda-url.eu-central-1.on.aws/orders", "httpVersion": "HTTP/2", "headers": [
            {"name": "Host", "value": "a1b2c3.lambda-url.eu-central-1.on.aws"},
            {"name": "Access-Control-Request-Method", "value": "POST"},
            {"name": "Access-Control-Request-Headers", "value": "content-type"},
            {"name": "Origin", "value": "https://app.example.com"}], "cookies": [], "queryString": [], "headersSize": 500},
         "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/2", "headers": [
            {"name": "access-control-allow-origin", "value": "https://app.example.com/"}], "cookies": [],
            "content": {"mimeType": "text/plain", "size": 0, "text": ""}, "redirectURL": "", "headersSize": 1, "bodySize": 0},
         "cache": {}, "timings": {"blocked": 0}, "time": 1, "serverIPAddress": "192.0.2.1"},
        {"startedDateTime": "2026-03-01T11:00:05.600+01:00", "request": {"bodySize": 7, "method": "POST",
          "url": "https://a1b2c3.lambda-url.eu-central-1.on.aws/orders", "httpVersion": "", "headers": [
            {"name": "Content-Type", "value": "application/json"}, {"name": "Origin", "value": "https://app.example.com"}],
          "cookies": [], "queryString": [], "headersSize": 500,
          "postData": {"mimeType": "application/json", "params": [], "text": "{\"a\":1}"}},
         "response": {"status": 0, "statusText": "", "httpVersion": "", "headers": [], "cookies": [], "content":
            {"mimeType": "text/plain", "size": 0, "text": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1},
         "cache": {}, "timings": {}, "time": 0}]}}"#;
    let imported = read(text).unwrap();
    assert_eq!(&imported.request.body[..], b"{\"a\":1}");
    let found = diagnosis(&imported).unwrap();
    assert_eq!(found.code, "PF_ACAO_MISMATCH");
    assert!(found.sentence.ends_with("The trailing slash is too much."), "{}", found.sentence);
}

#[test]
fn errors_name_the_member() {
    for (text, expected) in [
        ("{\"log\": {}}", "log.entries: There is no such list, and no member `request`. "),
        ("{\"log\": {\"entries\": []}}", "log.entries: The list is empty. "),
        ("[{\"request\": {\"url\": \"https://a.test\"}}]", "[0].request.method: This text is missing. "),
        (
            "{\"log\": {\"entries\": [{\"request\": {\"method\": \"GET\", \"url\": \"data:,x\"}}]}}",
            "log.entries[0].request.url: `data:,x` is no http or https URL. ",
        ),
        ("{\"url\": 1}", "url: This text is missing. "),
        ("{\n \"log\": ]", "line 2, column 9: This is no JSON "),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
