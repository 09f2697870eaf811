//! The Runtime API over real sockets, spoken to byte by byte.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::{Hooks, RuntimeApi, serve};
use crate::executor::environment::{FromEnvironment, Report};
use crate::service::effect::Dispatch;
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::limits::RESPONSE_PAYLOAD;
use crate::service::time::Micros;

struct NoHooks;

impl Hooks for NoHooks {
    async fn before_answer(&self) {}
    async fn tell(&self, _line: String) {}
}

struct Fixture {
    api: Arc<RuntimeApi>,
    port: u16,
    reports: mpsc::Receiver<Report>,
}

const ID: RequestId = RequestId(7);

async fn fixture() -> Fixture {
    let (sender, reports) = mpsc::channel(16);
    let api = RuntimeApi::new(EnvironmentId(1), sender);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, Arc::clone(&api), Arc::new(NoHooks)));
    Fixture { api, port, reports }
}

impl Fixture {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    async fn reported(&mut self) -> FromEnvironment {
        tokio::time::timeout(Duration::from_secs(10), self.reports.recv()).await.unwrap().unwrap().what
    }

    fn dispatch(&self, client_context: Option<&'static [u8]>) {
        let dispatch = Dispatch {
            environment: EnvironmentId(1),
            function: "f".into(),
            request_id: ID,
            attempt: 1,
            payload: "{\"n\":1}".into(),
            time_left: Micros::from_secs(3),
            invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
            trace_header: "Root=1-0-0;Parent=1;Sampled=0".into(),
            client_context: client_context.map(Into::into),
        };
        self.api.dispatch(dispatch, 1_700_000_000_123, None);
    }

    /// One exchange on a connection of its own.
    async fn call(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
        let head = format!(
            "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    async fn raw(&self, request: &[u8]) -> (u16, String) {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        tokio::time::timeout(Duration::from_secs(10), read).await.unwrap().unwrap();
        let text = String::from_utf8(answer).unwrap();
        (text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0), text)
    }

    async fn next(&mut self) -> String {
        self.dispatch(None);
        let (status, answer) = self.call("GET", "invocation/next", "", b"").await;
        assert_eq!(status, 200);
        assert!(matches!(self.reported().await, FromEnvironment::Ready | FromEnvironment::Next));
        answer
    }
}

fn response() -> String {
    format!("invocation/{ID}/response")
}

#[tokio::test]
async fn an_event_has_the_headers_of_lambda_letter_by_letter() {
    let mut api = fixture().await;
    api.dispatch(Some(b"{\n\t\"custom\":\r\n {\"k\": \"v\"}}"));
    let (_, answer) = api.call("GET", "invocation/next", "User-Agent: invokelab Python 3.99.1\r\n", b"").await;
    for line in [
        "Content-Type: application/json\r\n",
        "Lambda-Runtime-Aws-Request-Id: 00000000-0000-0000-0000-000000000007\r\n",
        "Lambda-Runtime-Deadline-Ms: 1700000000123\r\n",
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:f\r\n",
        "Lambda-Runtime-Trace-Id: Root=1-0-0;Parent=1;Sampled=0\r\n",
        "Lambda-Runtime-Client-Context: {  \"custom\":   {\"k\": \"v\"}}\r\n",
    ] {
        assert!(answer.contains(line), "{line} in {answer}");
    }
    assert!(answer.ends_with("\r\n\r\n{\"n\":1}"), "{answer}");
    let FromEnvironment::RuntimeFound(found) = api.reported().await else { panic!("no introduction") };
    assert_eq!(&*found, "Python 3.99.1");
}

#[tokio::test]
async fn an_event_is_answered_once_and_by_its_own_id() {
    let mut api = fixture().await;
    api.next().await;
    let other = format!("invocation/{}/response", RequestId(8));
    let (status, answer) = api.call("POST", &other, "", b"1").await;
    assert_eq!(status, 400);
    assert!(answer.ends_with("{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}"), "{answer}");
    assert_eq!(api.call("GET", "invocation/next", "", b"").await.0, 403, "the event in hand is not answered");
    let (status, answer) = api.call("POST", &response(), "", b"not json").await;
    assert_eq!(status, 202);
    assert!(answer.ends_with("{\"status\":\"OK\"}\n"), "{answer}");
    let FromEnvironment::Response { request_id: ID, payload } = api.reported().await else { panic!("no response") };
    assert_eq!(&payload[..], b"not json", "Lambda passes on what the runtime sends");
    assert_eq!(api.call("POST", &response(), "", b"2").await.0, 400);
    assert_eq!(api.call("POST", &format!("invocation/{ID}/error"), "", b"{}").await.0, 400);
    assert!(api.reports.try_recv().is_err());
}

#[tokio::test]
async fn an_echoed_invocation_id_must_be_that_of_this_attempt() {
    let mut api = fixture().await;
    let answer = api.next().await;
    let line = answer.lines().find(|line| line.starts_with("Lambda-Runtime-Invocation-Id: ")).unwrap().to_owned();
    let wrong = "Lambda-Runtime-Invocation-Id: 00000000-0000-0000-0000-000000000007\r\n";
    let (status, answer) = api.call("POST", &response(), wrong, b"1").await;
    assert!(status == 400 && answer.contains("InvalidInvocationId"), "{answer}");
    assert_eq!(api.call("POST", &response(), &format!("{line}\r\n"), b"1").await.0, 202);
    assert!(matches!(api.reported().await, FromEnvironment::Response { .. }));
    assert!(!api.next().await.contains(&line), "each attempt has its own");
}

#[tokio::test]
async fn errors_of_init_and_of_invocations_are_told_apart() {
    let mut api = fixture().await;
    let body = b"{\"errorType\":\"Runtime.ImportModuleError\",\"errorMessage\":\"no\"}";
    assert_eq!(api.call("POST", "init/error", "", body).await.0, 202);
    let FromEnvironment::InitError(error) = api.reported().await else { panic!("no init error") };
    assert_eq!(&*error.error_type, "Runtime.ImportModuleError");
    api.next().await;
    assert_eq!(api.call("POST", "init/error", "", body).await.0, 403, "init is over");
    let headers = "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n";
    assert_eq!(api.call("POST", &format!("invocation/{ID}/error"), headers, b"junk").await.0, 202);
    let FromEnvironment::Error { error, .. } = api.reported().await else { panic!("no error") };
    assert_eq!((&*error.error_type, &*error.message), ("Function.Bad", "junk"));
}

#[tokio::test]
async fn too_much_is_read_answered_and_not_kept() {
    let mut api = fixture().await;
    api.next().await;
    let (status, answer) = api.call("POST", &response(), "", &vec![b'x'; 30 << 20]).await;
    assert!(status == 413 && answer.contains("RequestEntityTooLarge"), "{answer}");
    let FromEnvironment::Response { payload, .. } = api.reported().await else { panic!("no response") };
    assert_eq!(payload.len(), RESPONSE_PAYLOAD + 1, "the service sees that it is too large");
    api.next().await;
    assert_eq!(api.call("POST", &response(), "", &vec![b'x'; RESPONSE_PAYLOAD]).await.0, 202);
}

#[tokio::test]
async fn streams_are_collected_and_may_fail_in_their_trailers() {
    let mut api = fixture().await;
    let head = format!(
        "POST /2018-06-01/runtime/{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: ",
        response()
    );
    api.next().await;
    let (status, _) = api.raw(format!("{head}streaming\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").as_bytes()).await;
    assert_eq!(status, 202);
    let FromEnvironment::Response { payload, .. } = api.reported().await else { panic!("no response") };
    assert_eq!(&payload[..], b"abcde");
    api.next().await;
    let trailers = "Lambda-Runtime-Function-Error-Type: Function.Late\r\nLambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJsYXRlIn0=\r\n";
    let announced = "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";
    let (status, _) = api.raw(format!("{head}streaming\r\n{announced}\r\n3\r\nabc\r\n0\r\n{trailers}\r\n").as_bytes()).await;
    assert_eq!(status, 202);
    let FromEnvironment::Error { error, .. } = api.reported().await else { panic!("no error") };
    assert_eq!((&*error.error_type, &*error.message), ("Function.Late", "late"));
    api.next().await;
    let (status, answer) = api.raw(format!("{head}buffered\r\n\r\n0\r\n\r\n").as_bytes()).await;
    assert!(status == 400 && answer.contains("InvalidFunctionResponseMode"), "{answer}");
    let FromEnvironment::Error { error, .. } = api.reported().await else { panic!("no error") };
    assert_eq!(&*error.error_type, "Runtime.InvalidResponseModeHeader");
}

#[tokio::test]
async fn a_response_that_breaks_off_is_no_response() {
    let mut api = fixture().await;
    api.next().await;
    let head = format!("POST /2018-06-01/runtime/{} HTTP/1.1\r\nHost: localhost\r\n", response());
    let mut stream = api.connect().await;
    stream.write_all(format!("{head}Content-Length: 10\r\n\r\n{{\"n\"").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(api.reports.try_recv().is_err(), "it may come again");
    let mode = "Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n";
    let mut stream = api.connect().await;
    stream.write_all(format!("{head}{mode}\r\n3\r\nabc\r\n").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(stream);
    let FromEnvironment::Error { error, .. } = api.reported().await else { panic!("no error") };
    assert_eq!(&*error.error_type, "Runtime.TruncatedResponse");
}

#[tokio::test]
async fn a_runtime_that_asks_again_is_told_of_once() {
    let mut api = fixture().await;
    let request = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", api.port);
    let mut given_up = api.connect().await;
    given_up.write_all(request.as_bytes()).await.unwrap();
    assert!(matches!(api.reported().await, FromEnvironment::Ready));
    drop(given_up);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut again = api.connect().await;
    again.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(api.api.rests());
    api.dispatch(None);
    let mut answer = [0; 16];
    again.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK\r");
    assert!(api.reports.try_recv().is_err() && !api.api.rests());
}

#[tokio::test]
async fn browsers_and_foreign_hosts_are_refused_before_anything_happens() {
    let mut api = fixture().await;
    for headers in ["Origin: http://localhost:3000\r\n", "Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Mode: no-cors\r\n"] {
        let (status, answer) = api.call("GET", "invocation/next", headers, b"").await;
        assert_eq!(status, 403, "{headers}");
        assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
    }
    let (status, _) =
        api.raw(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status, 403);
    assert!(api.reports.try_recv().is_err());
}

#[tokio::test]
async fn what_is_not_offered_says_so() {
    let api = fixture().await;
    assert_eq!(api.call("GET", "restore/next", "", b"").await.0, 404);
    assert_eq!(api.call("GET", "nowhere", "", b"").await.0, 404);
    let (status, answer) = api
        .raw(b"POST /2020-01-01/extension/register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert!(status == 404 && answer.contains("extensions"), "{answer}");
}
