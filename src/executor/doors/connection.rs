//! One task a connection: reads requests, asks the loop, writes answers, whole or streamed.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;

use super::body;
use super::names_as_sent::{self, NamesAsSent, Recorder};
use super::streaming;
use super::{DoorAnswer, DoorCall};
use crate::executor::names_as_written::{NameWriter, WrittenNames};
use crate::executor::response_body::ResponseBody;
use crate::http_model::message::{HeaderList, HttpRequest, HttpResponse};

/// Bytes of request line and headers together (semantics 1.6).
const HEAD_LIMIT: usize = 1 << 20;
/// More headers than any client sends; what is too much is for the limits of each door to say.
const MOST_HEADERS: usize = 500;

/// Answers connections until the listener's task is dropped; with `tls` each begins with a handshake.
pub async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, calls: mpsc::Sender<DoorCall>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, peer, tls.clone(), calls.clone()));
            }
            // Out of file descriptors: what is open goes on, and the next try comes after others had a turn.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, tls: Option<TlsAcceptor>, calls: mpsc::Sender<DoorCall>) {
    // Without it an answer may wait 40 ms for an acknowledgement; a socket that refuses still works.
    let _ = stream.set_nodelay(true);
    match tls {
        None => requests(stream, peer, "http", calls).await,
        // A client that does not trust the certificate goes away.
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                requests(stream, peer, "https", calls).await;
            }
        }
    }
}

async fn requests<S>(stream: S, peer: SocketAddr, scheme: &'static str, calls: mpsc::Sender<DoorCall>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (stream, names) = Recorder::new(stream);
    let (stream, heads) = NameWriter::new(stream);
    let service = service_fn(|request: Request<Incoming>| {
        let (calls, names, heads) = (calls.clone(), Arc::clone(&names), Arc::clone(&heads));
        async move {
            let to_head = request.method() == Method::HEAD;
            let (parts, body) = handle(request, peer, scheme, &names, &calls).await.into_parts();
            heads.expect(&parts, to_head);
            Ok::<_, Infallible>(Response::from_parts(parts, body))
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.header_read_timeout(None).max_buf_size(HEAD_LIMIT).max_headers(MOST_HEADERS);
    let mut requests = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // A client that goes away in the middle is no error of ours.
        _ = &mut requests => {}
        // Another session answers from now on, on a new connection.
        () = calls.closed() => {
            requests.as_mut().graceful_shutdown();
            let _ = requests.await;
        }
    }
}

async fn handle(
    request: Request<Incoming>,
    peer: SocketAddr,
    scheme: &str,
    names: &NamesAsSent,
    calls: &mpsc::Sender<DoorCall>,
) -> Response<ResponseBody> {
    let (parts, body) = request.into_parts();
    let mut request = head(&parts, peer, scheme, names);
    let too_large = match body::collect(body).await {
        Ok(body) => {
            request.body = body;
            false
        }
        Err(body::NotCollected::TooLarge) => true,
        Err(body::NotCollected::Broken) => return plain(400, "the request's body broke off"),
    };
    let (answer, answered) = oneshot::channel();
    if calls.send(DoorCall::Request { request: Box::new(request), too_large, answer }).await.is_err() {
        return plain(503, "Invokelab is ending");
    }
    match answered.await {
        Ok(DoorAnswer::Whole(response)) => response,
        Ok(DoorAnswer::Streaming(answer)) => streaming::answer(*answer, calls.clone()).await,
        Err(_) => plain(503, "Invokelab is ending"),
    }
}

/// The request without its body. Header names are as the client wrote them.
fn head(parts: &hyper::http::request::Parts, peer: SocketAddr, scheme: &str, names: &NamesAsSent) -> HttpRequest {
    let target = &parts.uri;
    let as_sent = names.head_of(parts);
    let names: Vec<&str> = names_as_sent::in_head(&as_sent).collect();
    let mut headers = HeaderList::new();
    let mut not_utf8 = Vec::new();
    for (name, value) in &parts.headers {
        let written = names.iter().find(|written| written.eq_ignore_ascii_case(name.as_str())).map_or(name.as_str(), |name| name);
        let value = String::from_utf8_lossy(value.as_bytes());
        if matches!(value, Cow::Owned(_)) {
            not_utf8.push(written.to_owned());
        }
        headers.push(written, &value);
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    HttpRequest {
        method: parts.method.to_string(),
        scheme: scheme.to_owned(),
        authority: target.authority().map(ToString::to_string).or(host.map(str::to_owned)).unwrap_or_default(),
        path: if target.path().is_empty() { "/".to_owned() } else { target.path().to_owned() },
        query: target.query().unwrap_or_default().to_owned(),
        headers,
        not_utf8,
        body: Bytes::new(),
        source_ip: peer.ip().to_string(),
        protocol: format!("{:?}", parts.version),
    }
}

/// A response with its whole body; the framing is hyper's.
pub(super) fn whole(response: &HttpResponse) -> Response<ResponseBody> {
    let mut answer = with_head(response.status, &response.headers, ResponseBody::whole(response.body.clone()));
    if let Some(reason) = response.reason.as_ref().and_then(|reason| ReasonPhrase::try_from(reason.as_bytes()).ok()) {
        answer.extensions_mut().insert(reason);
    }
    answer
}

pub(super) fn with_head(status: u16, headers: &HeaderList, body: ResponseBody) -> Response<ResponseBody> {
    let mut answer = Response::new(body);
    // An interim status cannot end an exchange, whatever the function says.
    let last = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
    *answer.status_mut() = last.unwrap_or(StatusCode::BAD_GATEWAY);
    // In place of a reason that is not known hyper writes one of its own; the phrase may be empty (RFC 9112, 4).
    if answer.status().canonical_reason().is_none() {
        answer.extensions_mut().insert(ReasonPhrase::from_static(b""));
    }
    for (name, value) in headers.iter() {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes())) else {
            continue;
        };
        // `Connection` is the door's own; where the connection does not stay open after all, hyper writes `close` over it.
        if ![CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
            answer.headers_mut().append(name, value);
        }
    }
    answer.extensions_mut().insert(WrittenNames(headers.iter().map(|(name, _)| name.into()).collect()));
    answer
}

fn plain(status: u16, text: &str) -> Response<ResponseBody> {
    whole(&HttpResponse { status, body: Bytes::copy_from_slice(text.as_bytes()), ..HttpResponse::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_without_a_known_reason_goes_out_with_none() {
        let phrase = |status, reason: Option<&str>| {
            let response = HttpResponse { status, reason: reason.map(Into::into), ..HttpResponse::default() };
            whole(&response).extensions().get::<ReasonPhrase>().map(|phrase| phrase.as_bytes().to_vec())
        };
        assert_eq!(phrase(599, None), Some(Vec::new()));
        assert_eq!(phrase(599, Some("Odd")), Some(b"Odd".to_vec()));
        assert_eq!(phrase(200, None), None);
    }

    #[test]
    fn header_bytes_that_are_no_utf8_are_remembered_by_name() {
        let bytes = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
        let request = Request::builder()
            .header("x-city", bytes(b"M\xfcnchen"))
            .header("x-town", bytes("Köln".as_bytes()))
            .header("x-mark", bytes("\u{fffd}".as_bytes()));
        let parts = request.body(()).unwrap().into_parts().0;
        let request = head(&parts, SocketAddr::from(([127, 0, 0, 1], 9)), "http", &NamesAsSent::default());
        let values: Vec<_> = request.headers.iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["M\u{fffd}nchen", "Köln", "\u{fffd}"]);
        assert_eq!(request.not_utf8, ["x-city"]);
    }
}
