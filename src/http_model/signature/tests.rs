//! Signatures made by botocore and by the signing library itself, and every way to be refused.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use jiff::Timestamp;
use proptest::prelude::*;

use super::super::door::Door;
use super::super::message::{HeaderList, HttpRequest};
use super::super::samples::{answer_context, caller, request};
use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "FwoGZXIvYXdzEXAMPLETOKEN/+=";

#[derive(serde::Deserialize)]
struct Vector {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    service: String,
    token: Option<String>,
}

/// Requests signed by botocore 1.44 at 2026-03-12 19:03:58 UTC.
fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("botocore_vectors.json")).expect("vectors")
}

fn of_vector(vector: &Vector) -> HttpRequest {
    let headers: HeaderList = vector.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut request = request(&vector.method, &vector.target, &[], b"");
    request.headers = headers;
    request.body = vector.body.clone().into();
    request
}

fn signed_at() -> Timestamp {
    Timestamp::from_second(1_773_342_238).expect("a moment in 2026")
}

fn known(token: Option<&str>) -> Signers {
    with_secret(SECRET, token)
}

fn with_secret(secret: &str, token: Option<&str>) -> Signers {
    let session_token = token.map(str::to_owned);
    Signers::from_iter([KnownCredential { secret_key: secret.into(), session_token, identity: caller() }])
}

fn scope(service: &str) -> ExpectedScope {
    ExpectedScope { region: "us-east-1".into(), service: service.into() }
}

fn check(request: &HttpRequest) -> Result<Verified, SignatureError> {
    verify(request, &scope("lambda"), &known(None), signed_at())
}

fn named(name: &str) -> HttpRequest {
    of_vector(vectors().iter().find(|vector| vector.name == name).expect(name))
}

/// `request` with one header changed.
fn with_header(mut request: HttpRequest, name: &str, value: &str) -> HttpRequest {
    request.headers.remove(name);
    request.headers.push(name, value);
    request
}

#[test]
fn what_botocore_signs_is_right() {
    for vector in vectors() {
        let request = of_vector(&vector);
        let verified = verify(&request, &scope(&vector.service), &known(vector.token.as_deref()), signed_at());
        assert!(verified.is_ok(), "{}: {:?}", vector.name, verified.err());
    }
}

#[test]
fn a_bare_plus_of_the_query_is_signed_as_a_space() {
    let sent = |signature: &str| {
        let mut request = named("get");
        (request.path, request.query) = ("/items".into(), "q=a+b".into());
        let authorization = request.headers.get("authorization").expect("signed").to_owned();
        let (before, _) = authorization.split_once("Signature=").expect("a signature");
        with_header(request, "authorization", &format!("{before}Signature={signature}"))
    };
    // By botocore 1.44: `params={"q": "a b"}`, which it sends as `q=a+b`.
    let as_space = sent("eff7d240ef6fe6e932dbcdc4e312927eb7620743fa0e7d766fcfc372ecd58493");
    assert!(check(&as_space).is_ok());
    // The same with a URL that has a + already, which botocore signs as it stands, and a + that was signed as %2B.
    for signature in [
        "5639ae9d78ed78dc21f4bd63b369ae2bccc3623a8392c5c36320ab24738e3ed5",
        "f6014f5a65d8a9d2efa0f6ac57b196ef900a6ba715a1e442769d9d0b74672d6e",
    ] {
        let Err(SignatureError::Mismatch { hints }) = check(&sent(signature)) else { panic!("{signature}") };
        let [hint] = &hints[..] else { panic!("{hints:?}") };
        assert!(hint.starts_with("a bare + in the query counts as a space"), "{hint}");
    }
}

#[test]
fn what_the_signing_library_signs_is_right() {
    let identity = Credentials::from_keys("AKIAIOSFODNN7EXAMPLE", SECRET, None).into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("lambda")
        .time(signed_at().try_into().expect("a moment in 2026"))
        .settings(SigningSettings::default())
        .build()
        .expect("params")
        .into();
    let mut request = request("POST", "/a%20b?q=1&p=%2F", &[("content-type", "text/plain")], b"hello");
    let uri = format!("http://{}/a%20b?q=1&p=%2F", request.authority);
    let signable = SignableRequest::new("POST", uri, request.headers.iter(), SignableBody::Bytes(b"hello")).expect("a request");
    let (instructions, _) = sign(signable, &params).expect("signed").into_parts();
    for (name, value) in instructions.headers() {
        request.headers.push(name, value);
    }
    assert_eq!(check(&request).map(|verified| verified.identity), Ok(caller()));
}

#[test]
fn what_was_changed_after_signing_does_not_match() {
    type Edit = fn(&mut HttpRequest);
    let edits: [(&str, Edit); 6] = [
        ("method", |request| request.method = "PUT".into()),
        ("path", |request| request.path = "/orderz".into()),
        ("query", |request| request.query = "a=1".into()),
        ("body", |request| request.body = "{\"n\":2}".into()),
        ("host", |request| *request = with_header(request.clone(), "host", "evil.localhost")),
        ("signed header", |request| *request = with_header(request.clone(), "x-custom", "other")),
    ];
    for (what, edit) in edits {
        let mut request = named("post json");
        assert!(check(&request).is_ok());
        edit(&mut request);
        assert!(matches!(check(&request), Err(SignatureError::Mismatch { .. })), "{what}");
    }
    let mut request = named("presigned");
    request.query = request.query.replace("b=2", "b=3");
    assert!(matches!(check(&request), Err(SignatureError::Mismatch { .. })));
    let error = verify(&named("get"), &scope("lambda"), &with_secret("other", None), signed_at()).expect_err("another secret");
    assert_eq!(
        error.to_string(),
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    );
}

#[test]
fn hints_say_what_is_likely_wrong() {
    let mut request = named("post json");
    request.headers.remove("x-custom");
    let Err(SignatureError::Mismatch { hints }) = check(&request) else { panic!("a header is missing") };
    assert_eq!(hints, ["the header x-custom is signed, but the request has none"]);
}

#[test]
fn refusals_are_in_the_words_of_aws() {
    let authorization = |from: &str, to: &str| {
        let request = named("get");
        let changed = request.headers.get("authorization").expect("signed").replace(from, to);
        with_header(request, "authorization", &changed)
    };
    let table = [
        (request("GET", "/", &[], b""), "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (
            request("GET", "/", &[("authorization", "Basic eA==")], b""),
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=Basic eA==",
        ),
        (
            request("GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=a", &[], b""),
            "IncompleteSignatureException",
            "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. AWS query-string parameters must include 'X-Amz-Expires'.",
        ),
        (
            authorization("/20260312", ""),
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAIOSFODNN7EXAMPLE/us-east-1/lambda/aws4_request'",
        ),
        (
            authorization("aws4_request", "aws5_request"),
            "InvalidSignatureException",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
        ),
        (
            authorization("/lambda/", "/s3/"),
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'lambda'.",
        ),
        (
            authorization("/us-east-1/", "/eu-west-1/"),
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'eu-west-1'.",
        ),
        (
            authorization("/20260312/", "/20260311/"),
            "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260311' != '20260312', from '20260312T190358Z'.",
        ),
        (
            with_header(named("get"), "x-amz-date", "yesterday"),
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            authorization("SignedHeaders=host;", "SignedHeaders="),
            "InvalidSignatureException",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            authorization("AKIAIOSFODNN7EXAMPLE", "AKIAUNKNOWN"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            with_header(named("get"), "x-amz-security-token", TOKEN),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
    ];
    for (request, error_type, words) in table {
        let error = check(&request).expect_err(words);
        assert_eq!((error.error_type(), error.to_string().as_str()), (error_type, words));
    }
    let error = verify(&named("get"), &scope("lambda"), &known(Some(TOKEN)), signed_at()).expect_err("a token is missing");
    assert_eq!(error, SignatureError::UnknownKey);
}

#[test]
fn signatures_age() {
    let at = |name: &str, offset: i64| {
        let now = Timestamp::from_second(signed_at().as_second() + offset).expect("a moment");
        verify(&named(name), &scope("lambda"), &known(None), now).map(|_| ()).map_err(|error| error.to_string())
    };
    for (name, offset, expected) in [
        ("get", 300, Ok(())),
        ("get", -300, Ok(())),
        ("get", 301, Err("Signature expired: 20260312T190358Z is now earlier than 20260312T190359Z (20260312T190859Z - 5 min.)")),
        (
            "get",
            -301,
            Err("Signature not yet current: 20260312T190358Z is still later than 20260312T190357Z (20260312T185857Z + 5 min.)"),
        ),
        ("presigned", 60, Ok(())),
        (
            "presigned",
            61,
            Err("Signature expired: 20260312T190358Z is now earlier than 20260312T190359Z (20260312T190459Z - 1 min.)"),
        ),
    ] {
        assert_eq!(at(name, offset), expected.map_err(str::to_owned), "{name} {offset}");
    }
}

#[test]
fn doors_refuse_in_their_own_form() {
    let (missing, unknown) = (SignatureError::Missing, SignatureError::UnknownKey);
    let words = r#"{"message":"The security token included in the request is invalid."}"#;
    for (door, error, body, error_type) in [
        (Door::FunctionUrl, &unknown, words, Some("UnrecognizedClientException")),
        (Door::RestApi, &missing, r#"{"message":"Missing Authentication Token"}"#, Some("MissingAuthenticationTokenException")),
        (Door::RestApi, &unknown, words, Some("UnrecognizedClientException")),
        (Door::HttpApi, &missing, r#"{"message":"Forbidden"}"#, None),
    ] {
        let response = refusal(door, error, &answer_context());
        assert_eq!((response.status, response.headers.get("x-amzn-errortype")), (403, error_type), "{door:?} {error}");
        assert_eq!(response.body, body, "{door:?} {error}");
    }
    let unsigned = refusal(Door::FunctionUrl, &missing, &answer_context());
    assert!(unsigned.body.starts_with(b"{\"Message\":\"Forbidden. For troubleshooting"));
}

proptest! {
    #[test]
    fn junk_is_refused_without_a_panic(
        path in "(/[ -~äß]{0,9}){0,3}", query in "[ -~]{0,40}", names in prop::collection::vec("[a-zA-Z:; -]{0,9}", 0..5),
        value in any::<String>(), signature in "[0-9a-f]{0,64}", date in "(20260312T190358Z|[0-9TZ]{0,16}|[ -~]{0,30})",
        by_query in any::<bool>(),
    ) {
        let credential = "AKIAIOSFODNN7EXAMPLE/20260312/us-east-1/lambda/aws4_request";
        let signed = format!("host;{}", names.join(";"));
        let mut request = request("GET", "/", &[], b"");
        request.path = path;
        request.query = query;
        if by_query {
            request.query += &format!("&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={date}&X-Amz-Expires=9&X-Amz-SignedHeaders={signed}&X-Amz-Signature={signature}");
        } else {
            let header = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}");
            request.headers.push("authorization", &header);
            request.headers.push("x-amz-date", &date);
        }
        for name in &names {
            request.headers.push(name, &value);
        }
        prop_assert!(check(&request).is_err());
    }
}
