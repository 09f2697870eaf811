//! Tables of results per door, and streams cut at every place.

use bytes::Bytes;

use super::super::door::{AnswerContext, Door};
use super::super::event_from_request::PayloadFormat;
use super::super::field_note::Trace;
use super::super::samples::answer_context;
use super::*;

/// Status, content type and body.
type Shape<'a> = (u16, &'a str, &'a str);

fn shape(outcome: &ResponseOutcome) -> (u16, String, String) {
    let response = &outcome.response;
    let content_type = response.headers.get("content-type").unwrap_or_default().to_owned();
    (response.status, content_type, String::from_utf8_lossy(&response.body).into_owned())
}

fn check(outcome: &ResponseOutcome, expected: Shape<'_>, result: &str) {
    assert_eq!(outcome.malformed, None, "{result}");
    assert_eq!(shape(outcome), (expected.0, expected.1.to_owned(), expected.2.to_owned()), "{result}");
}

fn refused(outcome: &ResponseOutcome, status: u16, reason: &str, result: &str) {
    let malformed = outcome.malformed.as_ref().unwrap_or_else(|| panic!("{result} must be refused"));
    assert_eq!((malformed.reason.as_str(), malformed.becomes_status), (reason, status), "{result}");
    assert_eq!(outcome.response.status, status);
    assert_eq!(malformed.becomes_body.as_bytes(), outcome.response.body);
}

#[test]
fn results_of_function_urls() {
    const JSON: &str = "application/json";
    let table: [(&str, Shape<'_>); 20] = [
        (r#"{"statusCode":201,"body":"ok"}"#, (201, JSON, "ok")),
        (r#"{"statusCode":"418","body":"tea"}"#, (418, JSON, "tea")),
        (r#"{"statusCode":200.0}"#, (200, JSON, "")),
        (r#"{"statusCode":599,"body":null,"headers":null,"cookies":null,"isBase64Encoded":null}"#, (599, JSON, "")),
        (r#"{"statusCode":201}"#, (201, JSON, "")),
        (r#"{"statusCode":200,"headers":{"Content-Type":"text/html"},"body":"<p>"}"#, (200, "text/html", "<p>")),
        (r#"{"statusCode":200,"headers":{"CONTENT-type":"text/css"},"body":""}"#, (200, "text/css", "")),
        (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, (200, JSON, "hi")),
        (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":false}"#, (200, JSON, "aGk=")),
        (r#"{"statusCode":200,"unknown":1}"#, (200, JSON, "")),
        (r#"{"a": 1.00, "b": [ 12345678901234567890123 ]}"#, (200, JSON, r#"{"a":1.00,"b":[12345678901234567890123]}"#)),
        ("{}", (200, JSON, "{}")),
        (r#"["hello", 3, true]"#, (200, JSON, r#"["hello",3,true]"#)),
        ("3", (200, JSON, "3")),
        ("3.1", (200, JSON, "3.1")),
        ("true", (200, JSON, "true")),
        ("null", (200, JSON, "null")),
        (r#""hello""#, (200, JSON, "hello")),
        (r#""a\"b\n""#, (200, JSON, "a\"b\n")),
        (" {\n} ", (200, JSON, "{}")),
    ];
    for (result, expected) in table {
        check(&function_url_response(result.as_bytes(), &answer_context(), &mut Trace::ignored()), expected, result);
    }
}

#[test]
fn results_that_function_urls_refuse() {
    let table = [
        (r#"{"statusCode":"abc"}"#, r#"statusCode is "abc", not a number"#),
        (r#"{"statusCode":""}"#, r#"statusCode is "", not a number"#),
        (r#"{"statusCode":null}"#, "statusCode is null, not a number"),
        (r#"{"statusCode":true}"#, "statusCode is true, not a number"),
        (r#"{"statusCode":101}"#, "statusCode is 101; an informational status cannot end an exchange"),
        (r#"{"statusCode":99}"#, "statusCode is 99; it must be a whole number from 100 to 599"),
        (r#"{"statusCode":600}"#, "statusCode is 600; it must be a whole number from 100 to 599"),
        (r#"{"statusCode":-1}"#, "statusCode is -1; it must be a whole number from 100 to 599"),
        (r#"{"statusCode":200.5}"#, "statusCode is 200.5; it must be a whole number from 100 to 599"),
        (
            r#"{"statusCode":"99999999999999999999"}"#,
            "statusCode is 99999999999999999999; it must be a whole number from 100 to 599",
        ),
        (r#"{"statusCode":200,"headers":"x"}"#, r#"headers is "x", not an object"#),
        (r#"{"statusCode":200,"headers":[1]}"#, "headers is [1], not an object"),
        (r#"{"statusCode":200,"headers":{"a":["b"]}}"#, r#"headers: "a" is an array, not a text"#),
        (r#"{"statusCode":200,"headers":{"a":{}}}"#, r#"headers: "a" is an object, not a text"#),
        (r#"{"statusCode":200,"body":{"a":1}}"#, r#"body is {"a":1}, not a text; wrap it in JSON.stringify or json.dumps"#),
        (r#"{"statusCode":200,"body":1}"#, "body is 1, not a text; wrap it in JSON.stringify or json.dumps"),
        (r#"{"statusCode":200,"cookies":"a=1"}"#, r#"cookies is "a=1", not an array of texts"#),
        (r#"{"statusCode":200,"cookies":[1]}"#, "cookies is [1], not an array of texts"),
        (r#"{"statusCode":200,"isBase64Encoded":"true"}"#, r#"isBase64Encoded is "true", not a boolean"#),
        ("", "the result is empty, not JSON"),
    ];
    for (result, reason) in table {
        refused(&function_url_response(result.as_bytes(), &answer_context(), &mut Trace::ignored()), 502, reason, result);
    }
    for result in [
        r#"{"statusCode":200,"body":"a*b","isBase64Encoded":true}"#,
        "{",
        "nul",
        "\"\u{1}",
        "{\"statusCode\":200,\"body\":\"\\ud800\"}",
    ] {
        assert!(
            function_url_response(result.as_bytes(), &answer_context(), &mut Trace::ignored()).malformed.is_some(),
            "{result}"
        );
    }
}

#[test]
fn headers_keep_their_names_except_reserved_ones() {
    let result = br#"{"statusCode":200,"headers":{"X-OdD":"1","n":12345678901234567890.50,"e":1e999,"n":7.0,"b":false,"X-Amzn-Trace-Id":"own","gone":null,"Content-Length":"9","WWW-Authenticate":"Basic",
        "Transfer-Encoding":"chunked","Keep-Alive":"1","bad name":"x","x-split":"a\r\nSet-Cookie: evil=1"},"cookies":["a=1","b=2\r\nX: y"]}"#;
    let mut trace = Trace::kept();
    let outcome = function_url_response(result, &answer_context(), &mut trace);
    let lines: Vec<_> = outcome.response.headers.iter().filter(|(name, _)| !["Date", "Content-Type"].contains(name)).collect();
    assert_eq!(
        lines,
        [
            ("X-OdD", "1"),
            ("n", "7.0"),
            ("e", "1e999"),
            ("b", "false"),
            ("x-amzn-Remapped-X-Amzn-Trace-Id", "own"),
            ("x-amzn-Remapped-Content-Length", "9"),
            ("x-amzn-Remapped-WWW-Authenticate", "Basic"),
            ("x-split", "a  Set-Cookie: evil=1"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2  X: y"),
            ("Connection", "keep-alive"),
            ("x-amzn-RequestId", super::super::samples::REQUEST_ID),
            (
                "X-Amzn-Trace-Id",
                "root=1-69b30d9e-3f0a2b4c5d6e7f8091a2b3c4;parent=7f3c0a521d0e4b3f;sampled=0;lineage=1:00000000:0"
            ),
        ]
    );
    assert_eq!(outcome.response.headers.get("date"), Some("Thu, 12 Mar 2026 19:03:58 GMT"));
    let notes = trace.into_notes();
    let dropped: Vec<_> = notes.iter().filter(|note| note.to.is_empty()).map(|note| &*note.from).collect();
    assert_eq!(dropped, ["/headers/gone", "/headers/Transfer-Encoding", "/headers/Keep-Alive", "/headers/bad name"]);
}

#[test]
fn numbers_in_headers_keep_their_text() {
    let result = br#"{"statusCode":200,"headers":{"n":12345678901234567890.50},"multiValueHeaders":{"m":[1e999, -0.10, true]}}"#;
    let response = rest_api_response(result, &answer_context(), &mut Trace::ignored()).response;
    assert_eq!(response.headers.get("n"), Some("12345678901234567890.50"));
    assert_eq!(response.headers.get_all("m").collect::<Vec<_>>(), ["1e999", "-0.10", "true"]);
}

#[test]
fn results_of_rest_apis() {
    const JSON: &str = "application/json";
    for (result, expected) in [
        (r#"{"statusCode":200,"body":"ok"}"#, (200, JSON, "ok")),
        (r#"{"statusCode":"201"}"#, (201, JSON, "")),
        (r#"{"headers":{}}"#, (200, JSON, "")),
        (r#"{"headers":null,"statusCode":204}"#, (204, JSON, "")),
        (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, (200, JSON, "aGk=")),
    ] {
        check(&rest_api_response(result.as_bytes(), &answer_context(), &mut Trace::ignored()), expected, result);
    }
    for (result, reason) in [
        ("{}", "statusCode is missing"),
        (r#""hello""#, "the result is a text, not an object with statusCode"),
        ("null", "the result is not an object with statusCode"),
        (
            r#"{"statusCode":200,"cookies":[]}"#,
            r#""cookies" is not a member of a response; allowed are statusCode, headers, multiValueHeaders, body, isBase64Encoded"#,
        ),
        (r#"{"statusCode":200,"multiValueHeaders":{"a":"b"}}"#, r#"multiValueHeaders: "a" is a text, not an array"#),
        (r#"{"statusCode":200,"multiValueHeaders":{"a":[null]}}"#, r#"multiValueHeaders: "a" contains null, not a text"#),
        (r#"{"statusCode":200,"multiValueHeaders":[]}"#, "multiValueHeaders is [], not an object"),
        (r#"{"statusCode":"x"}"#, r#"statusCode is "x", not a number"#),
    ] {
        refused(&rest_api_response(result.as_bytes(), &answer_context(), &mut Trace::ignored()), 502, reason, result);
        let one = http_api_response(result.as_bytes(), PayloadFormat::One, &answer_context(), &mut Trace::ignored());
        refused(&one, 500, reason, result);
    }
}

#[test]
fn multi_value_headers_win_and_binary_types_decide() {
    let result = br#"{"statusCode":200,"headers":{"x-A":"1","B":true},"multiValueHeaders":{"X-a":["2","3"]},"body":"aGk=","isBase64Encoded":true}"#;
    let mut context = answer_context();
    for (types, accept, body) in [
        (vec![], Some("image/png"), "aGk="),
        (vec!["image/png"], Some("image/png, text/html"), "hi"),
        (vec!["image/png"], Some("text/html, image/png"), "aGk="),
        (vec!["*/*"], Some("text/html"), "hi"),
        (vec!["*/*"], None, "hi"),
    ] {
        context.binary_media_types = types.into_iter().map(str::to_owned).collect();
        context.accept = accept.map(str::to_owned);
        let outcome = rest_api_response(result, &context, &mut Trace::ignored());
        assert_eq!(outcome.response.body, body, "{:?} {accept:?}", context.binary_media_types);
        assert_eq!(outcome.response.headers.get_all("x-a").collect::<Vec<_>>(), ["2", "3"]);
        assert_eq!(outcome.response.headers.get("b"), Some("true"));
    }
}

#[test]
fn results_of_http_apis() {
    const TEXT: &str = "text/plain;charset=UTF-8";
    for (result, expected) in [
        (r#"{"statusCode":200,"body":"ok"}"#, (200, TEXT, "ok")),
        (r#"{"message": "hi"}"#, (200, "application/json", r#"{"message":"hi"}"#)),
        (r#""hi""#, (200, "application/json", "hi")),
        (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, (200, TEXT, "hi")),
    ] {
        check(
            &http_api_response(result.as_bytes(), PayloadFormat::Two, &answer_context(), &mut Trace::ignored()),
            expected,
            result,
        );
    }
    let outcome = http_api_response(br#"{"statusCode":{}}"#, PayloadFormat::Two, &answer_context(), &mut Trace::ignored());
    refused(&outcome, 500, "statusCode is {}, not a number", "{}");
    assert_eq!(outcome.response.headers.get("apigw-requestid"), Some(super::super::samples::REQUEST_ID));
}

#[test]
fn a_response_without_content_drops_its_body_and_says_so() {
    for (status, body, told) in [(204, "", true), (304, "", true), (200, "hello", false)] {
        let result = format!(r#"{{"statusCode":{status},"body":"hello"}}"#);
        let mut trace = Trace::kept();
        let outcome = function_url_response(result.as_bytes(), &answer_context(), &mut trace);
        assert_eq!((outcome.response.status, &outcome.response.body[..]), (status, body.as_bytes()));
        let notes: Vec<_> = trace.into_notes().into_iter().filter(|note| note.from == "/body").collect();
        assert_eq!((notes.len(), notes[0].note.contains("has no body")), (1, told), "{notes:?}");
    }
}

#[test]
fn results_of_load_balancers() {
    let result =
        br#"{"statusCode":200,"statusDescription":"200 All well","headers":{"A":"1","Connection":"close","Content-Length":"3"},
        "multiValueHeaders":{"B":["2","3"]},"body":"ok"}"#;
    let single = load_balancer_response(result, &answer_context(), &mut Trace::ignored());
    assert_eq!((single.response.headers.get("a"), single.response.headers.get("b")), (Some("1"), None));
    assert_eq!(single.response.reason.as_deref(), Some("All well"));
    for (description, reason) in [("Fine", Some("Fine")), ("200", None), ("200 a\\r\\nX-B: 1", None), ("", None)] {
        let result = format!(r#"{{"statusCode":200,"statusDescription":"{description}"}}"#);
        let outcome = load_balancer_response(result.as_bytes(), &answer_context(), &mut Trace::ignored());
        assert_eq!(outcome.response.reason.as_deref(), reason, "{description}");
    }
    let framing = ["connection", "content-length"].map(|name| single.response.headers.get(name));
    assert_eq!(framing, [Some("keep-alive"), None], "the door's own, not the function's");
    let context = AnswerContext { multi_value_headers: true, ..answer_context() };
    let multi = load_balancer_response(result, &context, &mut Trace::ignored());
    assert_eq!((multi.response.headers.get("a"), multi.response.headers.get_all("b").count()), (None, 2));
    refused(&load_balancer_response(b"{}", &answer_context(), &mut Trace::ignored()), 502, "statusCode is missing", "{}");
    let large = format!(r#"{{"statusCode":200,"body":"{}"}}"#, "a".repeat(1_048_576));
    assert!(load_balancer_response(large.as_bytes(), &answer_context(), &mut Trace::ignored()).malformed.is_some());
}

fn stream(content_type: Option<&str>, chunks: &[&[u8]], door: Door) -> (ResponseOutcome, Vec<u8>) {
    let mut stream = StreamedResponse::new(door, content_type, answer_context());
    let mut parts = Vec::new();
    for chunk in chunks {
        parts.extend(stream.feed(Bytes::copy_from_slice(chunk)));
    }
    parts.extend(stream.end());
    let mut parts = parts.into_iter();
    let Some(StreamPart::Head(head, _)) = parts.next() else { panic!("the head comes first") };
    let mut body = Vec::new();
    for part in parts {
        match part {
            StreamPart::Body(bytes) => body.extend_from_slice(&bytes),
            StreamPart::Head(..) => panic!("one head"),
        }
    }
    (*head, body)
}

#[test]
fn a_prelude_may_be_cut_anywhere() {
    let whole = b"{\"statusCode\":201,\"headers\":{\"Content-Type\":\"text/html\"},\"cookies\":[\"a=1\"]}\0\0\0\0\0\0\0\0he\0llo";
    for cut in 0..whole.len() {
        let (head, body) = stream(Some(INTEGRATION_RESPONSE), &[&whole[..cut], &whole[cut..]], Door::FunctionUrl);
        assert_eq!(shape(&head), (201, "text/html".to_owned(), String::new()), "cut at {cut}");
        assert_eq!((head.response.headers.get("set-cookie"), body.as_slice()), (Some("a=1"), b"he\0llo".as_slice()));
    }
    let single: Vec<&[u8]> = whole.chunks(1).collect();
    assert_eq!(
        stream(Some("Application/vnd.awslambda.http-integration-response; x=y"), &single, Door::FunctionUrl).1,
        b"he\0llo"
    );
}

#[test]
fn a_stream_without_prelude_is_the_body() {
    let chunks: [&[u8]; 2] = [br#"{"statusCode":404,"#, br#""body":"x"}"#];
    let (head, body) = stream(Some("application/json"), &chunks, Door::FunctionUrl);
    assert_eq!(shape(&head), (200, "application/json".to_owned(), String::new()));
    assert_eq!(body, br#"{"statusCode":404,"body":"x"}"#);
    let (head, body) = stream(None, &[], Door::FunctionUrl);
    assert_eq!((shape(&head).1.as_str(), body.len()), ("application/octet-stream", 0));
}

#[test]
fn a_bad_prelude_is_refused() {
    let long = vec![b' '; PRELUDE_LIMIT + 1];
    let table: [(&[u8], &str); 5] = [
        (b"{}\0\0\0", "the stream ended after 5 bytes, before the eight NUL bytes"),
        (b"", "the stream ended after 0 bytes, before the eight NUL bytes"),
        (b"[]\0\0\0\0\0\0\0\0x", "the prelude is not an object"),
        (b"{\"statusCode\":\"x\"}\0\0\0\0\0\0\0\0", r#"statusCode is "x", not a number"#),
        (&long, "no eight NUL bytes within the first 16384 bytes of the stream"),
    ];
    for (chunk, reason) in table {
        let (head, body) = stream(Some(INTEGRATION_RESPONSE), &[chunk], Door::FunctionUrl);
        refused(&head, 502, reason, "stream");
        assert!(body.is_empty());
        let (head, _) = stream(Some(INTEGRATION_RESPONSE), &[chunk], Door::RestApi);
        refused(&head, 500, reason, "stream");
    }
}
