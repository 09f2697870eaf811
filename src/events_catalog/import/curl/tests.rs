//! Commands as browsers copy them and people write them.

use super::*;

/// Chromium, “Copy as cURL (bash)”.
const CHROMIUM: &str = r#"curl 'https://a1b2c3.lambda-url.eu-central-1.on.aws/orders/7?full=1&x=%20a' \
  -X 'PUT' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: de-CH,de;q=0.9,en;q=0.8' \
  -H 'authorization: Bearer eyJhbGciOi' \
  -H 'content-type: application/json' \
  -b 'session=abc; theme=dark' \
  -H 'origin: http://localhost:5173' \
  -H 'priority: u=1, i' \
  -H 'referer: http://localhost:5173/' \
  -H 'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0' \
  --data-raw $'{"note":"it\'s \u0021 \ud83d\ude00","amount":129.00}'"#;

/// Firefox, “Copy as cURL (POSIX)”.
const FIREFOX: &str = "curl 'https://a1b2c3.lambda-url.eu-central-1.on.aws/orders' --compressed -X POST -H 'User-Agent: \
                       Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0' -H 'Accept: */*' -H \
                       'Content-Type: text/plain;charset=UTF-8' -H 'Origin: https://app.example.com' -H 'Sec-Fetch-Mode: cors' \
                       --data-raw '{\"a\":1}'";

/// Chromium, “Copy as cURL (cmd)”.
const CHROMIUM_CMD: &str = concat!(
    "curl ^\"https://a1b2c3.lambda-url.eu-central-1.on.aws/orders?x=1^&y=^%^20^\" ^\r\n",
    "  -X ^\"POST^\" ^\r\n",
    "  -H ^\"content-type: application/json^\" ^\r\n",
    "  -H ^\"sec-ch-ua: ^\\^\"Chromium^\\^\";v=^\\^\"140^\\^\"^\" ^\r\n",
    "  --data-raw ^\"^{^\\^\"path^\\^\":^\\^\"C:^\\^\\^\\^\\x^\\^\",^\\^\"b^\\^\":1^}^\""
);

pub(super) fn read_all(text: &str) -> HttpRequest {
    read(text, begin(text).unwrap()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn failed(text: &str) -> String {
    read(text, begin(text).unwrap()).expect_err(text).to_string()
}

pub(super) fn body(request: &HttpRequest) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

#[test]
fn copied_from_chromium() {
    let request = read_all(CHROMIUM);
    assert_eq!(request.method, "PUT");
    assert_eq!((request.scheme.as_str(), request.port()), ("https", 443));
    assert_eq!(request.authority, "a1b2c3.lambda-url.eu-central-1.on.aws");
    assert_eq!((request.path.as_str(), request.query.as_str()), ("/orders/7", "full=1&x=%20a"));
    assert_eq!(request.headers.get("cookie"), Some("session=abc; theme=dark"));
    assert_eq!(request.headers.get("sec-ch-ua"), Some("\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\""));
    assert_eq!(body(&request), "{\"note\":\"it's ! 😀\",\"amount\":129.00}");
    assert_eq!(request.headers.get("content-length"), Some(request.body.len().to_string().as_str()));
}

#[test]
fn copied_from_firefox_and_for_cmd() {
    let request = read_all(FIREFOX);
    assert_eq!((request.method.as_str(), body(&request)), ("POST", "{\"a\":1}"));
    assert_eq!(request.headers.get("content-type"), Some("text/plain;charset=UTF-8"));
    assert!(request.headers.contains("accept-encoding"));
    let request = read_all(CHROMIUM_CMD);
    assert_eq!((request.method.as_str(), request.query.as_str()), ("POST", "x=1&y=%20"));
    assert_eq!(request.headers.get("sec-ch-ua"), Some("\"Chromium\";v=\"140\""));
    assert_eq!(body(&request), r#"{"path":"C:\\x","b":1}"#);
}

#[test]
fn written_by_people() {
    for (text, method, query, expected) in [
        ("curl a.test", "GET", "", ""),
        ("$ curl -sS http://a.test/?a=1 | jq .", "GET", "a=1", ""),
        ("curl http://a.test -o out.json > log 2>&1", "GET", "", ""),
        ("curl -I a.test", "HEAD", "", ""),
        ("curl -XDELETE a.test", "DELETE", "", ""),
        ("curl a.test -d a=1 -d 'b=@x' --data-raw @c", "POST", "", "a=1&b=@x&@c"),
        ("curl a.test?z=0 -G -d a=1 --data-urlencode 'b=ä &~'", "GET", "z=0&a=1&b=%C3%A4+%26~", ""),
        ("curl a.test --data-urlencode =a=b --data-urlencode 'c d'", "POST", "", "a%3Db&c+d"),
        ("curl --json '{\"a\":' --json '1}' a.test", "POST", "", "{\"a\":1}"),
        ("curl a.test -d \"{\\\"a\\\": \\\"b\\\"}\"", "POST", "", "{\"a\": \"b\"}"),
        ("curl -d 'two\nlines' \\  \n  a.test # comment", "POST", "", "two\nlines"),
        ("curl --url a.test -d ''", "POST", "", ""),
        ("curl.exe a.test `\r\n  -X PUT `\r\n  -d 'x'", "PUT", "", "x"),
    ] {
        let request = read_all(text);
        assert_eq!((request.method.as_str(), request.query.as_str(), body(&request)), (method, query, expected), "{text}");
    }
}

#[test]
fn headers_of_options() {
    for (command, name, expected) in [
        ("curl a.test", "user-agent", Some(USER_AGENT)),
        ("curl a.test -A me", "user-agent", Some("me")),
        ("curl a.test -H 'User-Agent:'", "user-agent", None),
        ("curl a.test -H 'X-Empty;'", "x-empty", Some("")),
        ("curl a.test -u user:pass", "authorization", Some("Basic dXNlcjpwYXNz")),
        ("curl http://user:pass@a.test", "authorization", Some("Basic dXNlcjpwYXNz")),
        ("curl a.test --oauth2-bearer t", "authorization", Some("Bearer t")),
        ("curl a.test -b a=1 -b 'b=2; '", "cookie", Some("a=1; b=2")),
        ("curl a.test -d x", "content-type", Some("application/x-www-form-urlencoded")),
        ("curl a.test -d x -H 'Content-type: text/plain'", "content-type", Some("text/plain")),
        ("curl a.test --json 1", "accept", Some("application/json")),
        ("curl a.test -e http://b.test", "referer", Some("http://b.test")),
        ("curl a.test -H 'Host: b.test'", "host", None),
    ] {
        assert_eq!(read_all(command).headers.get(name), expected, "{command}");
    }
    assert_eq!(read_all("curl a.test -H 'Host: b.test'").authority, "b.test");
    let form = read_all("curl a.test -F a=1 -F 'b={};type=application/json'");
    assert!(form.headers.get("content-type").unwrap().starts_with("multipart/form-data; boundary="));
    assert!(body(&form).contains("name=\"b\"\r\nContent-Type: application/json\r\n\r\n{}\r\n"), "{}", body(&form));
}

#[test]
fn errors_say_where_and_what_to_do() {
    for (text, expected) in [
        ("curl", "line 1, column 1: The command has no URL. Write the URL behind curl."),
        (
            "curl a.test \\\n  -d @body.json",
            "line 2, column 6: -d takes its value from the file `body.json`, which is not read here. Write the text in its place.",
        ),
        ("curl a.test -H 'a: b", "line 1, column 16: This quotation does not end. Add the closing '."),
        ("curl http://a.test/?a=1&b=2", "line 1, column 24: The shell ends the command at this &. Put the URL in single quotes."),
        (
            "curl a.test -H \"x: $TOKEN\"",
            "line 1, column 20: Only the shell knows the value of this variable or command. Write the value in its place, or put \
             the word in single quotes if it is meant as it stands.",
        ),
        (
            "curl a.test\ncurl b.test",
            "line 2, column 1: `curl` is a second URL. Paste one request at a time; put values with blanks in quotes.",
        ),
        (
            "curl 'ftp://a.test'",
            "line 1, column 6: `ftp://a.test` is no http or https URL. Write scheme://host/path, and put it in quotes.",
        ),
        ("curl a.test -H nothing", "line 1, column 16: `nothing` is no header. Write NAME: VALUE in quotes."),
        ("curl a.test -u me", "line 1, column 16: -u names no password, so curl would ask for it. Write NAME:PASSWORD."),
    ] {
        assert_eq!(failed(text), expected, "{text}");
    }
}
