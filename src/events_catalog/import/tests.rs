//! What is recognised, what is said about requests without answers, and that nothing panics.

use proptest::prelude::*;

use super::*;
use crate::http_model::browser::{HeaderList, WireResponse};
use crate::http_model::cors::CorsConfiguration;

/// Firefox, “Copy Request Headers”, with a body behind it.
const RAW: &str = "POST /orders?x=1 HTTP/2\r\nHost: a1b2c3.lambda-url.eu-central-1.on.aws\r\nUser-Agent: Mozilla/5.0 (X11; Linux \
                   x86_64; rv:143.0) Gecko/20100101 Firefox/143.0\r\nContent-Type: application/json\r\nContent-Length: \
                   7\r\nOrigin: https://app.example.com\r\nX-Long: a\r\n b\r\n\r\n{\"a\":1}\r\n";

const CURL: &str = "curl 'https://a1b2c3.lambda-url.eu-central-1.on.aws/' -X PATCH -H 'content-type: application/json' -H 'Origin: \
                    https://app.example.com' -H 'cache-control: no-cache' -H 'pragma: no-cache' --data-raw '{}'";

#[test]
fn a_raw_request() {
    let imported = read(RAW).unwrap();
    let request = &imported.request;
    assert_eq!(imported.source, Source::RawHttp);
    assert_eq!((request.method.as_str(), request.path.as_str(), request.query.as_str()), ("POST", "/orders", "x=1"));
    assert_eq!((request.scheme.as_str(), request.protocol.as_str()), ("https", "HTTP/2.0"));
    assert_eq!(request.headers.get("x-long"), Some("a b"));
    assert_eq!(&request.body[..], b"{\"a\":1}");
    for (text, scheme, authority) in [
        ("GET / HTTP/1.1\nHost: localhost:9002\n", "http", "localhost:9002"),
        ("GET http://a.test/x", "http", "a.test"),
        ("patch / HTTP/1.1\nHost: [::1]:80\n", "http", "[::1]"),
        ("GET /x HTTP/1.1\n:authority: b.test\n:scheme: https\naccept: */*", "https", "b.test"),
    ] {
        let request = read(text).unwrap().request;
        assert_eq!((request.scheme.as_str(), request.authority.as_str()), (scheme, authority), "{text}");
    }
}

#[test]
fn broken_texts_say_where_and_what_to_do() {
    for (text, expected) in [
        ("GET / HTTP/1.1\n", "line 1, column 1: The request names no host. Add a line `Host: name`."),
        (
            "GET / HTTP/1.1\nHost: a.test\nnothing\n",
            "line 3, column 1: `nothing` is no header line. Write NAME: VALUE, and an empty line before the body.",
        ),
        (
            "GET /a b HTTP/1.1\nHost: a.test\n",
            "line 1, column 1: `GET /a b HTTP/1.1` is no request line. Write METHOD, path and HTTP/1.1, and encode blanks in the \
             path as %20.",
        ),
        ("\n  hello", "line 2, column 3: This is no curl command, no HAR document and no HTTP request. In the browser's "),
        ("fetch(\"https://a.test\", {});", "line 1, column 1: This is a fetch() call, which is not read here. "),
        ("", "line 1, column 1: There is nothing to read. "),
        (
            "POST / HTTP/1.1\nHost: a.test\nTransfer-Encoding: chunked\n\n0\n",
            "line 5, column 1: The body is divided into chunks. Write the body in one piece, and leave Transfer-Encoding away.",
        ),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_command_says_what_the_browser_would_ask() {
    let imported = read(CURL).unwrap();
    assert_eq!(imported.page_origin.as_deref(), Some("https://app.example.com"));
    let found = diagnosis(&imported).unwrap();
    assert_eq!(found.code, "PREFLIGHT_NOT_RECORDED");
    assert!(found.sentence.contains("for PATCH and the headers content-type, because"), "{}", found.sentence);
    assert!(found.judged.is_none());
    let simple = diagnosis(&read("curl a.test -H 'Origin: http://localhost:1'").unwrap()).unwrap();
    assert_eq!(simple.code, "RESPONSE_NOT_RECORDED");
    assert_eq!(diagnosis(&read("curl a.test").unwrap()).unwrap_err(), NoDiagnosis::NoPage);
    let wrong = diagnosis(&read("curl a.test -H 'Origin: app'").unwrap()).unwrap_err().to_string();
    assert_eq!(wrong, "origin is neither null nor scheme://host[:port]: app. Write the header Origin as scheme://host[:port].");
}

#[test]
fn a_command_against_a_configuration() {
    let mut imported = read(CURL).unwrap();
    let step = imported.case.as_mut().unwrap();
    step.config =
        Some(CorsConfiguration { allow_origins: vec!["https://app.example.com".into()], ..CorsConfiguration::default() });
    step.function_response = Some(WireResponse { status: 200, headers: HeaderList::default(), body: String::new() });
    let found = diagnosis(&imported).unwrap();
    assert_eq!((found.code.as_str(), found.fix.as_str()), ("PF_METHOD", "Add PATCH to AllowMethods."));
    assert!(found.judged.is_some());
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>()) {
        for begin in ["", "curl ", "curl ^\"", "curl $'", "curl a -H \"", "GET / HTTP/1.1\nHost: a\n", "{\"request\":", "["] {
            if let Ok(imported) = read(&format!("{begin}{text}")) {
                drop(diagnosis(&imported));
            }
        }
    }

    #[test]
    fn nothing_panics_on_what_looks_real(
        pieces in proptest::collection::vec("(curl| |\n|\\\\|\\^|\"|'|\\$'|-H |-d |--json |Origin: null|a: b|http://a.test|\\{|\\}|\\[|\\]|:|,|\"log\"|\"entries\"|\"request\"|\"url\"|\"method\"|ü|\r\n|GET / HTTP/1.1\nHost: a.test)", 0..24),
        real in proptest::sample::select(vec![RAW, CURL]),
        cut in 0_usize..500,
    ) {
        let kept: String = real.chars().take(cut).collect();
        for text in [pieces.concat(), format!("{kept}{}", pieces.concat())] {
            if let Ok(imported) = read(&text) {
                drop(diagnosis(&imported));
            }
        }
    }
}
