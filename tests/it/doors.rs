//! Real HTTP clients at function URLs, APIs and load balancers: curl, botocore's and aws-sigv4's signatures.

use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::Value;

use crate::program::{Server, installed, text};

/// `invokelab serve` on the doors' workspace, with the address of every door.
struct Doors {
    server: Server,
    addresses: BTreeMap<String, String>,
    _data: tempfile::TempDir,
}

const NAMES: [&str; 11] = [
    "url echo",
    "url shapes",
    "url stream",
    "url signed",
    "url closed",
    "url half-open",
    "url off",
    "url whole",
    "api shop",
    "api legacy",
    "load balancer balancer",
];

impl Doors {
    fn open() -> Self {
        Self::with(&["--port", "0"])
    }

    fn with(arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/doors");
        let mut server = Server::with(data.path(), &workspace, arguments);
        let addresses = server.doors(NAMES.len());
        for name in NAMES {
            assert!(addresses.contains_key(name), "{name} is not in {addresses:?}");
        }
        Self { server, addresses, _data: data }
    }

    fn url(&self, door: &str, rest: &str) -> String {
        format!("{}{rest}", self.addresses[door])
    }

    /// Status line, headers and body.
    fn get(&self, door: &str, rest: &str, more: &[&str]) -> String {
        let url = self.url(door, rest);
        let mut arguments = vec!["-i", "--resolve", "*:80:127.0.0.1"];
        let port = url.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap();
        let resolve = format!("*:{port}:127.0.0.1");
        arguments.extend(["--resolve", &resolve]);
        arguments.extend(more);
        arguments.push(&url);
        self.server.curl(&arguments)
    }

    fn json(&self, door: &str, rest: &str, more: &[&str]) -> Value {
        let answer = self.get(door, rest, more);
        serde_json::from_str(body(&answer)).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn a_function_url_passes_the_request_on_and_answers_with_the_result() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::open();
    let event =
        doors.json("url echo", "orders/42?a=1&a=2&b=%20x", &["-H", "X-Trace-ID: t1", "-b", "c=1; d=2", "-d", "{\"n\":1}"]);
    assert_eq!((&event["version"], &event["routeKey"]), (&"2.0".into(), &"$default".into()));
    assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&"/orders/42".into(), &"a=1&a=2&b=%20x".into()));
    assert_eq!(event["queryStringParameters"], serde_json::json!({ "a": "1,2", "b": " x" }));
    assert_eq!(event["cookies"], serde_json::json!(["c=1", "d=2"]));
    assert_eq!(event["headers"]["x-trace-id"], "t1");
    assert_eq!(event["requestContext"]["http"]["method"], "POST");
    let answer = doors.get("url echo", "", &[]);
    let id = answer.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("x-amzn-requestid: ").map(str::to_owned));
    let event: Value = serde_json::from_str(body(&answer)).unwrap();
    assert_eq!(event["requestContext"]["requestId"].as_str(), id.as_deref().map(str::trim), "the Lambda request id");
    assert_eq!(event["isBase64Encoded"], false);
    let form = doors.json("url echo", "", &["-F", "a=1"]);
    assert_eq!(form["isBase64Encoded"], true, "multipart is binary even when all text");
}

#[test]
fn results_become_responses_and_malformed_ones_a_502() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::open();
    for (shape, status, expected) in [
        ("text", "200", "hello"),
        ("list", "200", "[\"hello\",3,true]"),
        ("object", "200", "{\"price\":129,\"name\":\"lamp\"}"),
        ("teapot", "418", "short and stout"),
        ("interim", "502", "Internal Server Error"),
        ("malformed", "502", "Internal Server Error"),
        ("throw", "502", "Internal Server Error"),
    ] {
        let answer = doors.get("url shapes", &format!("?shape={shape}"), &[]);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{shape}: {answer}");
        assert_eq!(body(&answer), expected, "{shape}");
    }
    let teapot = doors.get("url shapes", "?shape=teapot", &[]).to_ascii_lowercase();
    assert!(teapot.contains("set-cookie: a=1\r\n") && teapot.contains("set-cookie: b=2; path=/\r\n"), "{teapot}");
    let split = doors.get("url shapes", "?shape=split", &[]).to_ascii_lowercase();
    assert!(!split.contains("\r\nset-cookie: evil"), "{split}");
    let unknown = doors.server.curl(&["-i", "-H", "Host: nobody.lambda-url.localhost", &doors.by_number("/")]);
    assert!(unknown.starts_with("HTTP/1.1 403") && unknown.ends_with("{\"Message\":null}"), "{unknown}");
}

#[test]
fn a_preflight_to_a_host_that_is_no_urls_is_let_through() {
    let doors = Doors::open();
    let answered = |request: &str| {
        let request =
            format!("{request} / HTTP/1.1\nHost: nobody.lambda-url.localhost\nConnection: close\nOrigin: https://a.test\n");
        let asked = "Access-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-a,x-b\n\n";
        let answer = exchanged(&doors.url("url echo", ""), &(request + asked));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().to_owned();
        let of_this_answer = |line: &String| !["date: ", "x-amzn-requestid: "].iter().any(|name| line.starts_with(name));
        let mut lines: Vec<_> = lines.map(str::to_ascii_lowercase).filter(of_this_answer).collect();
        lines.sort();
        (status, lines, body.to_owned())
    };
    let exposed = "access-control-expose-headers: \
                   x-amzn-requestid,x-amzn-errortype,x-amzn-errormessage,date,x-amz-log-result,x-amz-function-error";
    let of_preflight = [
        "access-control-allow-headers: x-a,x-b",
        "access-control-allow-methods: put",
        "access-control-allow-origin: *",
        exposed,
        "access-control-max-age: 172800",
        "connection: close",
        "content-length: 0",
    ];
    assert_eq!(answered("OPTIONS"), ("HTTP/1.1 200 OK".to_owned(), of_preflight.map(str::to_owned).to_vec(), String::new()));
    let of_request = [
        "access-control-allow-origin: *",
        exposed,
        "connection: close",
        "content-length: 16",
        "content-type: application/json",
        "x-amzn-errortype: accessdeniedexception",
    ];
    let refused = ("HTTP/1.1 403 Forbidden".to_owned(), of_request.map(str::to_owned).to_vec(), "{\"Message\":null}".to_owned());
    assert_eq!(answered("GET"), refused);
}

#[test]
fn the_path_form_serves_tools_that_cannot_resolve_the_host() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::open();
    let id = doors.addresses["url echo"].strip_prefix("http://").unwrap().split('.').next().unwrap().to_owned();
    let answer = doors.server.curl(&[&doors.by_number(&format!("/_url/{id}/a/b?c=1"))]);
    let event: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&event["rawPath"], &event["requestContext"]["apiId"]), (&"/a/b".into(), &id.clone().into()));
    let rebound = doors.server.curl(&["-i", "-H", "Host: evil.example:9002", &doors.by_number(&format!("/_url/{id}/a"))]);
    assert!(
        rebound.starts_with("HTTP/1.1 403") && rebound.ends_with("{\"Message\":null}"),
        "a foreign name is no door: {rebound}"
    );
}

#[test]
fn preflights_are_answered_by_the_service_and_headers_are_added_to_the_functions() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::open();
    let origin = "Origin: https://app.example.com";
    let preflight = doors
        .get("url echo", "", &["-X", "OPTIONS", "-H", origin, "-H", "Access-Control-Request-Method: PUT"])
        .to_ascii_lowercase();
    assert!(
        preflight.starts_with("http/1.1 200") && preflight.contains("access-control-allow-methods: get,post\r\n"),
        "{preflight}"
    );
    assert!(preflight.contains("access-control-max-age: 60") && body(&preflight).is_empty(), "{preflight}");
    let plain = doors.json("url echo", "", &["-X", "OPTIONS"]);
    assert_eq!(plain["requestContext"]["http"]["method"], "OPTIONS", "no preflight: the function runs");
    let answer = doors.get("url echo", "", &["-H", origin]).to_ascii_lowercase();
    assert!(
        answer.contains("access-control-allow-origin: https://app.example.com\r\n") && answer.contains("vary: origin"),
        "{answer}"
    );
    assert!(answer.contains("access-control-expose-headers: x-order"), "{answer}");
    let other = doors.get("url echo", "", &["-H", "Origin: https://evil.example"]).to_ascii_lowercase();
    assert!(
        other.starts_with("http/1.1 200") && !other.contains("access-control-"),
        "the function runs, the page cannot read: {other}"
    );
    let none = doors.get("url shapes", "", &["-H", origin]).to_ascii_lowercase();
    assert!(!none.contains("access-control-"), "{none}");
}

/// What a door answers to requests as they are, with lines that end in `\n`, on a connection of their own.
fn exchanged(url: &str, requests: &str) -> String {
    let (host, _) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port: u16 = host.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(requests.replace("HOST", host).replace('\n', "\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection that stays open after the last request would be found out by the time limit.
    stream.read_to_end(&mut answer).unwrap();
    text(&answer)
}

#[test]
fn requests_that_come_at_once_have_each_the_names_that_they_were_sent_with() {
    let doors = Doors::open();
    let line = "GET /prod/items/7 HTTP/1.1\nHost: HOST\n";
    let decoy = "GET /prod/items/7 HTTP/1.1\nX-TWO: 9\n\n";
    let length = decoy.len() + decoy.lines().count();
    let sized = format!("{line}X-One: 1\nContent-Length: {length}\n\n{decoy}");
    let chunked = format!("{line}X-tWo: 1\nTransfer-Encoding: chunked\n\n5\nGET /\n0\n\n");
    let last = format!("{line}x-THREE: 1\nConnection: close\n\n");
    let answers = exchanged(&doors.url("api legacy", ""), &format!("{sized}{chunked}{last}"));
    let events: Vec<&str> = answers.split("HTTP/1.1 200").skip(1).collect();
    assert_eq!(events.len(), 3, "{answers}");
    for (event, name) in events.iter().zip(["X-One", "X-tWo", "x-THREE"]) {
        assert!(event.contains(&format!("\"{name}\":\"1\"")), "{name} is not in {event}");
    }
}

#[test]
fn header_names_of_responses_are_the_functions_and_those_of_aws() {
    let doors = Doors::open();
    let line = "GET /?shape=named HTTP/1.1\nHost: HOST\n";
    let head = "HEAD /?shape=named HTTP/1.1\nHost: HOST\n\n";
    let answers = exchanged(&doors.url("url shapes", ""), &format!("{line}\n{head}{line}Connection: close\n\n"));
    for name in
        ["\r\nx-lower: 1", "\r\nX-mIXED-Name: 2", "\r\nCONTENT-type: ", "\r\nContent-Length: 15", "\r\nx-amzn-RequestId: "]
    {
        assert_eq!(answers.matches(name).count(), 3, "{name} in {answers}");
    }
    let nobody = "GET / HTTP/1.1\nHost: nobody.execute-api.localhost\nOrigin: https://a.test\nConnection: close\n\n";
    let refused = exchanged(&doors.url("url shapes", ""), nobody);
    assert!(refused.starts_with("HTTP/1.1 403") && refused.ends_with("{\"message\":\"Forbidden\"}"), "{refused}");
    assert!(refused.contains("x-amzn-ErrorType: ForbiddenException\r\n") && !refused.contains("Allow-Origin"), "{refused}");
}

#[test]
fn the_headers_that_a_function_url_always_adds() {
    let doors = Doors::open();
    let url = doors.url("url shapes", "");
    let both = "GET /?shape=text HTTP/1.1\nHost: HOST\n\nGET /?shape=throw HTTP/1.1\nHost: HOST\nConnection: close\n\n";
    let answers = exchanged(&url, both);
    let (first, last) = answers.split_at(answers.find("HTTP/1.1 502").expect(&answers));
    for name in ["Date: ", "Content-Length: ", "Connection: keep-alive\r\n", "x-amzn-RequestId: ", "X-Amzn-Trace-Id: root=1-"] {
        assert!(first.contains(name), "{name} is not in {first}");
    }
    assert!(first.contains(";parent=") && first.contains(";sampled=0;lineage=1:"), "{first}");
    assert!(last.contains("Connection: close\r\n") && !last.contains("keep-alive"), "{last}");
    let lineage = |answer: &str| answer.split(";lineage=").nth(1).and_then(|rest| rest.lines().next().map(str::to_owned));
    assert_eq!(lineage(first), lineage(last), "it is the same function");
    let old = exchanged(&url, "GET /?shape=text HTTP/1.0\nHost: HOST\n\n");
    assert!(old.contains("hello") && !old.to_ascii_lowercase().contains("keep-alive"), "{old}");
    let preflight = "OPTIONS / HTTP/1.1\nHost: HOST\nOrigin: https://app.example.com\nAccess-Control-Request-Method: GET\n\n";
    let last = "GET / HTTP/1.1\nHost: HOST\nConnection: close\n\n";
    let answers = exchanged(&doors.url("url echo", ""), &format!("{preflight}{last}"));
    let preflight = &answers[..answers.rfind("HTTP/1.1 ").expect(&answers)];
    assert!(preflight.contains("Connection: keep-alive\r\n") && !preflight.contains("X-Amzn-Trace-Id"), "{preflight}");
}

/// The bytes of a response with the moments at which they came.
fn timed(url: &str) -> Vec<(Duration, String)> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port: u16 = host.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let began = SystemTime::now();
    let mut pieces = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count) = stream.read(&mut buffer) {
        if count == 0 {
            break;
        }
        pieces.push((began.elapsed().unwrap(), text(&buffer[..count])));
    }
    pieces
}

#[test]
fn a_streamed_response_reaches_its_client_while_the_function_runs() {
    let doors = Doors::open();
    let pieces = timed(&doors.url("url stream", ""));
    let first = pieces.iter().find(|(_, piece)| piece.contains("first")).map(|(at, _)| *at).unwrap();
    let second = pieces.iter().find(|(_, piece)| piece.contains("second")).map(|(at, _)| *at).unwrap();
    assert!(second - first > Duration::from_millis(900), "{pieces:?}");
    let whole: String = pieces.iter().map(|(_, piece)| piece.as_str()).collect();
    let lower = whole.to_ascii_lowercase();
    assert!(lower.starts_with("http/1.1 201") && lower.contains("x-order: 1042") && lower.contains("set-cookie: a=1"), "{whole}");
    assert!(whole.ends_with("0\r\n\r\n"), "it ended well: {whole}");
    let plain: String = timed(&doors.url("url stream", "?shape=plain")).into_iter().map(|(_, piece)| piece).collect();
    assert!(plain.starts_with("HTTP/1.1 200") && plain.to_ascii_lowercase().contains("content-type: text/plain"), "{plain}");
    let began = SystemTime::now();
    let broken: String = timed(&doors.url("url stream", "?shape=throw")).into_iter().map(|(_, piece)| piece).collect();
    assert!(began.elapsed().unwrap() < Duration::from_secs(8), "the client is not kept waiting");
    assert!(broken.contains("first") && !broken.ends_with("0\r\n\r\n"), "a failure breaks the response off: {broken}");
}

#[test]
fn the_policy_decides_and_reserved_concurrency_zero_switches_off() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::open();
    for door in ["url closed", "url half-open"] {
        let answer = doors.get(door, "", &[]);
        assert!(
            answer.starts_with("HTTP/1.1 403") && answer.contains("Forbidden. For troubleshooting Function URL"),
            "{door}: {answer}"
        );
        assert!(answer.to_ascii_lowercase().contains("x-amzn-errortype: accessdeniedexception"), "{answer}");
    }
    let off = doors.get("url off", "", &[]);
    assert!(off.starts_with("HTTP/1.1 429") && off.contains("ReservedFunctionConcurrentInvocationLimitExceeded"), "{off}");
}

fn signed_headers(url: &str, key: &str, secret: &str, at: SystemTime) -> Vec<String> {
    let identity = Credentials::new(key, secret, None, None, "test").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-central-1")
        .name("lambda")
        .time(at)
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let request = SignableRequest::new("GET", url, std::iter::empty(), SignableBody::Bytes(b"")).unwrap();
    let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
    instructions.headers().map(|(name, value)| format!("{name}: {value}")).collect()
}

#[test]
fn signatures_are_verified_in_aws_words() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::open();
    let url = doors.url("url signed", "orders?a=1");
    let signed = |key, secret, at| {
        let headers = signed_headers(&url, key, secret, at);
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header.as_str()]).collect();
        doors.get("url signed", "orders?a=1", &arguments)
    };
    let now = SystemTime::now();
    let alice = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let answer = signed(alice.0, alice.1, now);
    let event: Value = serde_json::from_str(body(&answer)).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["userArn"], "arn:aws:iam::123456789012:user/alice");
    let wrong = signed(alice.0, "not the secret", now);
    assert!(wrong.starts_with("HTTP/1.1 403") && wrong.contains("The request signature we calculated does not match"), "{wrong}");
    let old = signed(alice.0, alice.1, now - Duration::from_secs(600));
    assert!(old.contains("Signature expired: ") && old.contains("is now earlier than"), "{old}");
    let stranger = signed("AKIANOBODY", "x", now);
    assert!(stranger.contains("The security token included in the request is invalid."), "{stranger}");
    let bob = signed("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY", now);
    assert!(bob.starts_with("HTTP/1.1 403") && bob.contains("Forbidden"), "a statement denies him: {bob}");
    let unsigned = doors.get("url signed", "", &[]);
    assert!(unsigned.starts_with("HTTP/1.1 403"), "{unsigned}");
}

#[test]
fn a_signature_goes_by_the_clock_of_its_signer() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::with(&["--port", "0", "--clock", "fast:3600"]);
    // An hour of service time and more.
    std::thread::sleep(Duration::from_millis(1_500));
    let url = doors.url("url signed", "orders?a=1");
    let headers = signed_headers(&url, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", SystemTime::now());
    let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header.as_str()]).collect();
    let answer = doors.get("url signed", "orders?a=1", &arguments);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn https_and_a_policy_document_of_its_own() {
    if !installed("curl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("echo.mjs", "export const handler = async (event) => event;\n");
    write(
        "invokelab.toml",
        "[workspace]\ndoors_https_port = 0\n[functions.echo]\nruntime = \"javascript\"\ncode = \"echo.mjs\"\npolicy = \"policy.json\"\n[functions.echo.url]\n",
    );
    let statement = |sid: &str, effect: &str, more: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"{effect}","Principal":"*","Action":"lambda:*","Resource":"arn:aws:lambda:us-east-1:000000000000:function:echo"{more}}}"#
        )
    };
    let denied = r#","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#;
    let document = |deny: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#,
            statement("all", "Allow", ""),
            statement("not-them", "Deny", deny)
        )
    };
    write("policy.json", &document(denied));
    let mut server = Server::start(&folder.path().join("data"), folder.path());
    let (url, _) = https_door(&mut server);
    let port = url.trim_end_matches('/').rsplit(':').next().unwrap();
    let answer = server.curl(&["-k", "-i", "--resolve", &format!("*:{port}:127.0.0.1"), &url]);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"rawPath\":\"/\""), "{answer}");
    let refused = server.curl(&["-i", "--resolve", &format!("*:{port}:127.0.0.1"), &url]);
    assert!(refused.is_empty(), "nobody trusts the certificate by itself: {refused}");
    write("policy.json", &document(""));
    let closed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        server.curl(&["-k", "-i", "--resolve", &format!("*:{port}:127.0.0.1"), &url]).starts_with("HTTP/1.1 403")
    });
    assert!(closed, "a policy that was closed stays open");
}

/// The HTTPS address of `echo`, and what is printed after it.
fn https_door(server: &mut Server) -> (String, String) {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(server.out.read_line(&mut line).unwrap() > 0, "no https door");
        if let Some(rest) = line.strip_prefix("url echo  https://") {
            let (address, rest) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
            return (format!("https://{address}"), rest.trim().to_owned());
        }
    }
}

#[test]
fn a_certificate_that_is_kept_is_trusted_once() {
    if !installed("curl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("echo.mjs", "export const handler = async () => 'hello';\n");
    let toml = "doors_https_port = 0\n[functions.echo]\nruntime = \"javascript\"\ncode = \"echo.mjs\"\n[functions.echo.url]\n";
    write("invokelab.toml", &format!("[workspace]\ndoors_https_certificate = \"kept\"\n{toml}"));
    let data = tempfile::tempdir().unwrap();
    let trusted = data.path().join("trusted.pem");
    for start in 0..2 {
        let mut server = Server::start(data.path(), folder.path());
        let (url, said) = https_door(&mut server);
        let path = said.strip_prefix("(certificate ").and_then(|rest| rest.strip_suffix(')')).expect(&said);
        if start == 0 {
            std::fs::copy(path, &trusted).unwrap();
        }
        let port = url.trim_end_matches('/').rsplit(':').next().unwrap();
        let resolve = format!("*:{port}:127.0.0.1");
        let answer = server.curl(&["--cacert", trusted.to_str().unwrap(), "--resolve", &resolve, &url]);
        assert_eq!(answer, "hello", "start {start}");
    }
    write("invokelab.toml", &format!("[workspace]\n{toml}"));
    let elsewhere = tempfile::tempdir().unwrap();
    let mut server = Server::start(elsewhere.path(), folder.path());
    assert_eq!(https_door(&mut server).1, "", "a certificate of this start");
    assert!(!elsewhere.path().join("https").exists(), "no key is written that nobody asked for");
}

#[test]
fn botocore_signs_for_a_url() {
    if !installed("python3") {
        return;
    }
    let doors = Doors::open();
    let script = r#"
import sys, urllib.request
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
url, by_number = sys.argv[1:]
for path in ["a%20b", "a//b", "a/./b/", "a/../b", "a/b//", "..//x"]:
    request = AWSRequest(method="POST", url=url + path, data=b'{"n":1}', headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "lambda", "eu-central-1").add_auth(request)
    headers = dict(request.headers.items())
    headers["Host"] = url.split("/")[2]
    try:
        answer = urllib.request.urlopen(urllib.request.Request(by_number + path, data=b'{"n":1}', headers=headers, method="POST"))
        print(path, answer.status, "user/alice" in answer.read().decode())
    except urllib.error.HTTPError as error:
        print(path, error.code, error.read().decode())
"#;
    let python = crate::clients::virtual_environment().join("python");
    let output = Command::new(python).args(["-c", script, &doors.url("url signed", ""), &doors.by_number("/")]).output().unwrap();
    let out = text(&output.stdout);
    let admitted = out.lines().filter(|line| line.ends_with(" 200 True")).count();
    assert_eq!(admitted, 6, "{out}{}", text(&output.stderr));
}

#[test]
fn apis_route_translate_and_give_up_in_their_own_words() {
    if !installed("curl") {
        return;
    }
    let doors = Doors::open();
    let event = doors.json("api shop", "items/a%20b?x=1", &[]);
    assert_eq!((&event["routeKey"], &event["pathParameters"]["id"]), (&"GET /items/{id}".into(), &"a b".into()));
    let old = doors.json("api shop", "old/x/y", &["-X", "PATCH"]);
    assert_eq!(
        (&old["version"], &old["pathParameters"]["proxy"], &old["httpMethod"]),
        (&"1.0".into(), &"x/y".into(), &"PATCH".into())
    );
    let closed = doors.get("api shop", "closed", &[]);
    assert!(closed.starts_with("HTTP/1.1 500") && closed.contains("Internal Server Error"), "no statement lets it in: {closed}");
    assert!(doors.get("api shop", "permitted", &[]).starts_with("HTTP/1.1 200"), "a statement with the route's ARN does");
    let slow = doors.get("api shop", "slow", &[]);
    assert!(slow.starts_with("HTTP/1.1 503") && slow.ends_with("{\"message\":\"Service Unavailable\"}"), "{slow}");
    let preflight = doors.get(
        "api shop",
        "items/1",
        &["-X", "OPTIONS", "-H", "Origin: https://app.example.com", "-H", "Access-Control-Request-Method: GET"],
    );
    assert!(preflight.starts_with("HTTP/1.1 204"), "{preflight}");
    let rest = doors.json("api legacy", "items/7", &["-H", "X-Mixed-Case: 1"]);
    assert!(rest.get("version").is_none() && rest["stageVariables"]["color"] == "blue", "{rest}");
    assert_eq!((&rest["resource"], &rest["requestContext"]["stage"]), (&"/items/{id}".into(), &"prod".into()));
    assert_eq!(rest["headers"]["X-Mixed-Case"], "1", "names as sent");
    let bad = doors.get("api legacy", "bad", &[]);
    assert!(bad.starts_with("HTTP/1.1 502") && bad.ends_with("{\"message\": \"Internal server error\"}"), "{bad}");
    let slow = doors.get("api legacy", "slow", &[]);
    assert!(slow.starts_with("HTTP/1.1 504") && slow.contains("Endpoint request timed out"), "{slow}");
    let nowhere = doors.get("api legacy", "nowhere", &[]);
    assert!(nowhere.starts_with("HTTP/1.1 403") && nowhere.contains("Missing Authentication Token"), "{nowhere}");
    let balanced = doors.json("load balancer balancer", "a?b=%20", &[]);
    assert!(balanced["requestContext"]["elb"]["targetGroupArn"].is_string());
    assert_eq!(balanced["queryStringParameters"]["b"], "%20", "not decoded");
}

impl Doors {
    /// The doors' own port, by number.
    fn by_number(&self, path: &str) -> String {
        let port = self.addresses["url echo"].rsplit(':').next().unwrap().trim_end_matches('/');
        format!("http://127.0.0.1:{port}{path}")
    }
}
