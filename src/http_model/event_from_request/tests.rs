//! Whole events per door, and tables of the rules for bodies, queries and headers.

use bytes::Bytes;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::super::door::DoorContext;
use super::super::field_note::Trace;
use super::super::message::HttpRequest;
use super::super::samples::{REQUEST_ID, caller, door_context, request};
use super::*;

fn url_event(request: &HttpRequest) -> Value {
    parse(&function_url_event(request, &door_context(), &mut Trace::ignored()).expect("small enough"))
}

fn parse(event: &Bytes) -> Value {
    serde_json::from_slice(event).expect("an event is JSON")
}

fn check(event: &Bytes, expected: &Expect) {
    expected.assert_eq(&serde_json::to_string_pretty(&parse(event)).expect("JSON"));
}

fn words(trace: Trace) -> String {
    let line = |note: &super::super::FieldNote| format!("{:?}: {} -> {} | {}\n", note.change, note.from, note.to, note.note);
    trace.into_notes().iter().map(line).collect()
}

fn order() -> HttpRequest {
    let headers = [
        ("Host", "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.localhost:9002"),
        ("Accept", "text/html"),
        ("accept", "*/*"),
        ("Cookie", "a=1; b=2"),
        ("cookie", "c=3"),
        ("Connection", "keep-alive"),
        ("User-Agent", "curl/8.9"),
        ("Content-Type", "application/json; charset=utf-8"),
    ];
    request("POST", "/pa2%Fth/1?foo=1&foo=%2Fbar&x=a+b&flag", &headers, br#"{"n":1}"#)
}

#[test]
fn a_function_url_gives_payload_two() {
    let mut trace = Trace::kept();
    let event = function_url_event(&order(), &door_context(), &mut trace).expect("small enough");
    check(
        &event,
        &expect![[r#"
        {
          "version": "2.0",
          "routeKey": "$default",
          "rawPath": "/pa2%Fth/1",
          "rawQueryString": "foo=1&foo=%2Fbar&x=a+b&flag",
          "cookies": [
            "a=1",
            "b=2",
            "c=3"
          ],
          "headers": {
            "host": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.localhost:9002",
            "accept": "text/html,*/*",
            "user-agent": "curl/8.9",
            "content-type": "application/json; charset=utf-8",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "x-amzn-trace-id": "Root=1-69b30d9e-3f0a2b4c5d6e7f8091a2b3c4",
            "x-amzn-tls-version": "TLSv1.3",
            "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256"
          },
          "queryStringParameters": {
            "foo": "1,/bar",
            "x": "a b",
            "flag": ""
          },
          "requestContext": {
            "accountId": "anonymous",
            "apiId": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
            "domainName": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.localhost",
            "domainPrefix": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
            "http": {
              "method": "POST",
              "path": "/pa2%Fth/1",
              "protocol": "HTTP/1.1",
              "sourceIp": "127.0.0.1",
              "userAgent": "curl/8.9"
            },
            "requestId": "7f3c0a52-1d0e-4b3f-9a61-4f2c8e90d1aa",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000",
            "timeEpoch": 1773342238250
          },
          "body": "{\"n\":1}",
          "isBase64Encoded": false
        }"#]],
    );
    expect![[r#"
        Kept: path /pa2%Fth/1 -> /rawPath | as sent, not decoded
        Kept: query foo=1&foo=%2Fbar&x=a+b&flag -> /rawQueryString | as sent, not decoded
        Renamed: header Cookie (2 lines) -> /cookies | 3 of them, one entry each
        Dropped: header connection ->  | not passed on
        LowerCased: header Host -> /headers/host | 
        Joined: header Accept (2 lines) -> /headers/accept | joined by a comma
        LowerCased: header User-Agent -> /headers/user-agent | 
        LowerCased: header Content-Type -> /headers/content-type | 
        Added:  -> /headers/x-forwarded-for | 
        Added:  -> /headers/x-forwarded-port | 
        Added:  -> /headers/x-forwarded-proto | 
        Added:  -> /headers/x-amzn-trace-id | 
        Added:  -> /headers/x-amzn-tls-version | 
        Added:  -> /headers/x-amzn-tls-cipher-suite | 
        Joined: query parameter foo (2 values) -> /queryStringParameters/foo | decoded and joined by a comma
        Decoded: query parameter x -> /queryStringParameters/x | 
        Decoded: query parameter flag -> /queryStringParameters/flag | 
        Kept: header User-Agent -> /requestContext/http/userAgent | also among the headers
        Kept: method POST -> /requestContext/http/method | 
        Added:  -> /requestContext | ids, stage and time of the request
        Kept: body (7 bytes) -> /body | content type application/json is text
    "#]]
    .assert_eq(&words(trace));
}

#[test]
fn a_signed_request_names_its_signer() {
    let context = DoorContext { caller: Some(caller()), ..door_context() };
    let event =
        parse(&function_url_event(&request("GET", "/", &[], b""), &context, &mut Trace::ignored()).expect("small enough"));
    assert_eq!(event["requestContext"]["accountId"], "123456789012");
    let iam = &event["requestContext"]["authorizer"]["iam"];
    assert_eq!(iam["accessKey"], "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(iam["userArn"], "arn:aws:iam::123456789012:user/ada");
    assert_eq!((&iam["cognitoIdentity"], &iam["principalOrgId"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_is_not_there_is_left_out_of_payload_two() {
    let event = url_event(&request("GET", "/", &[], b""));
    for member in ["cookies", "queryStringParameters", "body", "pathParameters", "stageVariables"] {
        assert_eq!(event.get(member), None, "{member}");
    }
    assert_eq!((&event["rawQueryString"], &event["isBase64Encoded"]), (&json!(""), &json!(false)));
    assert_eq!(event["requestContext"]["http"].get("userAgent"), None);
    assert_eq!(event["requestContext"]["requestId"], REQUEST_ID);
}

#[test]
fn content_types_of_urls_and_http_apis() {
    let table: [(&str, &[u8], bool); 16] = [
        ("text/plain", b"a", false),
        ("TEXT/PLAIN; charset=utf-8", b"a", false),
        ("application/json", b"{}", false),
        ("application/problem+json", b"{}", false),
        ("application/vnd.api+json; v=1", b"{}", false),
        ("text/html", b"<p>", false),
        ("image/svg+xml", b"<svg/>", false),
        ("application/javascript", b"1", false),
        ("text/plain", b"\xff\xfe", true),
        ("multipart/form-data; boundary=x", b"--x", true),
        ("application/x-www-form-urlencoded", b"a=b", true),
        ("application/octet-stream", b"a", true),
        ("image/png", b"\x89PNG", true),
        ("application/pdf", b"%PDF", true),
        ("", b"a", true),
        ("application/json", b"", false),
    ];
    for (content_type, body, base64) in table {
        let event = url_event(&request("POST", "/", &[("content-type", content_type)], body));
        assert_eq!(event["isBase64Encoded"], base64, "{content_type} {body:?}");
        let expected = match (base64, body) {
            (_, b"") => None,
            (false, _) => Some(String::from_utf8_lossy(body).into_owned()),
            (true, _) => Some(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body)),
        };
        assert_eq!(event.get("body").and_then(Value::as_str), expected.as_deref(), "{content_type} {body:?}");
    }
}

#[test]
fn queries_of_payload_two() {
    for (query, expected) in [
        ("a=1", json!({"a": "1"})),
        ("a=1&b=2&a=3", json!({"a": "1,3", "b": "2"})),
        ("a", json!({"a": ""})),
        ("a=&&=b", json!({"a": "", "": "b"})),
        ("a=b=c", json!({"a": "b=c"})),
        ("a%20b=c%2Bd+e", json!({"a b": "c+d e"})),
        ("a=%ff", json!({"a": "\u{fffd}"})),
        ("a=%zz%", json!({"a": "%zz%"})),
        ("&", Value::Null),
    ] {
        let event = url_event(&request("GET", &format!("/?{query}"), &[], b""));
        assert_eq!(event.get("queryStringParameters").cloned().unwrap_or_default(), expected, "{query}");
        assert_eq!(event["rawQueryString"], query);
    }
}

#[test]
fn the_service_adds_its_headers() {
    let event = url_event(&request("GET", "/", &[("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "gopher")], b""));
    let headers = &event["headers"];
    assert_eq!(headers["x-forwarded-for"], "203.0.113.7, 127.0.0.1");
    assert_eq!((&headers["x-forwarded-proto"], &headers["x-forwarded-port"]), (&json!("https"), &json!("443")));
    assert_eq!(headers["x-amzn-tls-version"], "TLSv1.3");
    let plain = DoorContext { presented_as_tls: false, ..door_context() };
    let event = parse(
        &function_url_event(&request("GET", "/", &[("x-amzn-trace-id", "Root=1-a")], b""), &plain, &mut Trace::ignored())
            .expect("small"),
    );
    let headers = &event["headers"];
    assert_eq!((&headers["x-forwarded-proto"], &headers["x-forwarded-port"]), (&json!("http"), &json!("80")));
    assert_eq!((&headers["x-amzn-trace-id"], headers.get("x-amzn-tls-version")), (&json!("Root=1-a"), None));
}

#[test]
fn a_rest_api_gives_payload_one() {
    let context = DoorContext { stage: "prod".into(), stage_variables: vec![("color".into(), "blue".into())], ..door_context() };
    let matched = RestMatch {
        resource: "/items/{id}".into(),
        resource_id: "abc123".into(),
        path_parameters: vec![("id".into(), "a b".into())],
    };
    let request = request("GET", "/items/a%20b//?k=1&k=2", &[("Accept", "a"), ("ACCEPT", "b"), ("X-Odd", "1")], b"");
    check(
        &rest_api_event(&request, &context, &matched, &mut Trace::ignored()).expect("small enough"),
        &expect![[r#"
        {
          "resource": "/items/{id}",
          "path": "/items/a%20b//",
          "httpMethod": "GET",
          "headers": {
            "Accept": "b",
            "X-Odd": "1",
            "Host": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.localhost",
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
            "X-Amzn-Trace-Id": "Root=1-69b30d9e-3f0a2b4c5d6e7f8091a2b3c4"
          },
          "multiValueHeaders": {
            "Accept": [
              "a",
              "b"
            ],
            "X-Odd": [
              "1"
            ],
            "Host": [
              "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.localhost"
            ],
            "X-Forwarded-For": [
              "127.0.0.1"
            ],
            "X-Forwarded-Port": [
              "443"
            ],
            "X-Forwarded-Proto": [
              "https"
            ],
            "X-Amzn-Trace-Id": [
              "Root=1-69b30d9e-3f0a2b4c5d6e7f8091a2b3c4"
            ]
          },
          "queryStringParameters": {
            "k": "2"
          },
          "multiValueQueryStringParameters": {
            "k": [
              "1",
              "2"
            ]
          },
          "pathParameters": {
            "id": "a b"
          },
          "stageVariables": {
            "color": "blue"
          },
          "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
            "domainName": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.lambda-url.localhost",
            "domainPrefix": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
            "extendedRequestId": "N2YzYzBhNTIxZDA=",
            "httpMethod": "GET",
            "identity": {
              "accessKey": null,
              "accountId": null,
              "caller": null,
              "cognitoAuthenticationProvider": null,
              "cognitoAuthenticationType": null,
              "cognitoIdentityId": null,
              "cognitoIdentityPoolId": null,
              "principalOrgId": null,
              "sourceIp": "127.0.0.1",
              "user": null,
              "userAgent": null,
              "userArn": null
            },
            "path": "/prod/items/a%20b//",
            "protocol": "HTTP/1.1",
            "requestId": "7f3c0a52-1d0e-4b3f-9a61-4f2c8e90d1aa",
            "requestTime": "12/Mar/2026:19:03:58 +0000",
            "requestTimeEpoch": 1773342238250,
            "resourceId": "abc123",
            "resourcePath": "/items/{id}",
            "stage": "prod"
          },
          "body": null,
          "isBase64Encoded": false
        }"#]],
    );
}

#[test]
fn rest_bodies_are_base64_for_binary_media_types_only() {
    for (types, content_type, base64) in [
        (vec![], "image/png", false),
        (vec!["image/png"], "image/png", true),
        (vec!["image/png"], "image/jpeg", false),
        (vec!["image/*"], "IMAGE/JPEG; q=1", true),
        (vec!["*/*"], "", true),
        (vec!["*/*"], "application/json", true),
        (vec!["application/json"], "", true),
    ] {
        let types: Vec<String> = types.into_iter().map(str::to_owned).collect();
        let context = DoorContext { binary_media_types: types.clone(), ..door_context() };
        let request = request("POST", "/", &[("content-type", content_type)], b"abc");
        let event =
            parse(&rest_api_event(&request, &context, &RestMatch::default(), &mut Trace::ignored()).expect("small enough"));
        assert_eq!(event["isBase64Encoded"], base64, "{types:?} {content_type}");
    }
    let request = request("POST", "/", &[("content-type", "image/png")], b"\xff");
    let mut trace = Trace::kept();
    let event = rest_api_event(&request, &door_context(), &RestMatch::default(), &mut trace).expect("small enough");
    assert_eq!(parse(&event)["body"], "\u{fffd}");
    assert!(words(trace).contains("the body is damaged"));
}

#[test]
fn an_http_api_gives_either_format() {
    let context =
        DoorContext { stage: "beta".into(), authorizer: Some(json!({"jwt": {"claims": {"sub": "ada"}}})), ..door_context() };
    let route = HttpApiMatch { route_key: "GET /items/{id}".into(), path_parameters: vec![("id".into(), "7".into())] };
    let request = request("GET", "/items/7", &[("user-agent", "curl"), ("Header-Double", "1"), ("header-double", "2")], b"");
    let two =
        parse(&http_api_event(&request, &context, &route, PayloadFormat::Two, &mut Trace::ignored()).expect("small enough"));
    assert_eq!(
        (&two["version"], &two["routeKey"], &two["rawPath"]),
        (&json!("2.0"), &json!("GET /items/{id}"), &json!("/beta/items/7"))
    );
    assert_eq!(two["pathParameters"], json!({"id": "7"}));
    assert_eq!(two["requestContext"]["authorizer"], json!({"jwt": {"claims": {"sub": "ada"}}}));
    assert_eq!((&two["requestContext"]["stage"], &two["requestContext"]["accountId"]), (&json!("beta"), &json!("123456789012")));
    assert_eq!(two["headers"].get("x-amzn-tls-version"), None);
    let one =
        parse(&http_api_event(&request, &context, &route, PayloadFormat::One, &mut Trace::ignored()).expect("small enough"));
    assert_eq!(
        (&one["version"], &one["resource"], &one["path"]),
        (&json!("1.0"), &json!("/items/{id}"), &json!("/beta/items/7"))
    );
    assert_eq!((&one["headers"]["User-Agent"], &one["headers"]["header-double"]), (&json!("curl"), &json!("2")));
    assert_eq!(one["multiValueHeaders"]["header-double"], json!(["1", "2"]));
    assert_eq!((&one["body"], &one["queryStringParameters"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_load_balancer_does_not_decode() {
    let single = LoadBalancerTarget { target_group_arn: "arn:aws:elasticloadbalancing:x".into(), multi_value_headers: false };
    let multi = LoadBalancerTarget { multi_value_headers: true, ..single.clone() };
    let request = request("GET", "/a%20b?q=%20x&q=2", &[("Accept", "a"), ("ACCEPT", "b")], b"");
    let event = parse(&load_balancer_event(&request, &door_context(), &single, &mut Trace::ignored()).expect("small enough"));
    assert_eq!(event["queryStringParameters"], json!({"q": "2"}));
    assert_eq!((&event["headers"]["accept"], &event["path"], &event["body"]), (&json!("b"), &json!("/a%20b"), &json!("")));
    assert_eq!(event.get("multiValueHeaders"), None);
    let event = parse(&load_balancer_event(&request, &door_context(), &multi, &mut Trace::ignored()).expect("small enough"));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"q": ["%20x", "2"]}));
    assert_eq!(event["multiValueHeaders"]["accept"], json!(["a", "b"]));
    assert_eq!((event.get("headers"), event.get("queryStringParameters")), (None, None));
}

#[test]
fn bodies_of_load_balancers() {
    for (headers, base64) in [
        (vec![("content-type", "application/json")], false),
        (vec![("content-type", "application/problem+json")], true),
        (vec![("content-type", "text/css")], false),
        (vec![("content-type", "application/xml")], false),
        (vec![("content-type", "text/css"), ("content-encoding", "gzip")], true),
        (vec![("content-type", "image/png")], true),
        (vec![], true),
    ] {
        assert_eq!(for_load_balancer(&request("POST", "/", &headers, b"a")).base64, base64, "{headers:?}");
    }
}

#[test]
fn the_limit_is_that_of_the_event() {
    let with_body = |length: usize, content_type: &str| {
        let mut large = request("POST", "/", &[("content-type", content_type)], b"");
        large.body = vec![b'a'; length].into();
        function_url_event(&large, &door_context(), &mut Trace::ignored())
    };
    assert!(with_body(4_700_000, "image/png").is_ok());
    let error = with_body(4_720_000, "image/png").expect_err("base64 makes it too large");
    assert!(error.bytes > EVENT_LIMIT);
    assert!(with_body(4_720_000, "text/plain").is_ok());
    assert!(with_body(EVENT_LIMIT, "text/plain").is_err());
}

#[test]
fn bytes_that_are_no_utf8_are_told() {
    let headers = [("X-City", "M\u{fffd}nchen"), ("x-city", "Bonn"), ("Cookie", "a=\u{fffd}"), ("X-Mark", "\u{fffd}")];
    let not_utf8 = vec!["X-City".to_owned(), "Cookie".to_owned()];
    let sent = HttpRequest { not_utf8, ..request("GET", "/", &headers, b"") };
    let notes = |make: &dyn Fn(&mut Trace)| {
        let mut trace = Trace::kept();
        make(&mut trace);
        let notes = trace.into_notes().into_iter().filter(|note| note.note.contains("bytes that are no UTF-8 became \u{fffd}"));
        notes.map(|note| format!("{} {}", note.from, note.note.split(';').next().unwrap_or_default())).collect::<Vec<_>>()
    };
    let of_url = notes(&|trace| drop(function_url_event(&sent, &door_context(), trace)));
    assert_eq!(of_url, ["header Cookie 1 of them, one entry each", "header X-City (2 lines) joined by a comma"]);
}
