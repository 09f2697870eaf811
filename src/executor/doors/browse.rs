//! A page's request carried out for real: the rules are those of [`crate::http_model::browser`], the answers those of the
//! doors of this machine, over HTTP.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use hyper::client::conn::http1;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::event::{Browsed, Event};
use crate::executor::event_loop::{EventLoop, Message};
use crate::executor::gathered::Gathered;
use crate::executor::lambda_api::is_loopback;
use crate::executor::loopback;
use crate::http_model::browser::{Browser, HeaderList, RuleSet, WireRequest, WireResponse};
use crate::http_model::cors_case::{CaseCookie, CaseStep, Verdict};
use crate::http_model::cors_messages::{Context, explain, notes};

/// How long a door may take; functions have their own timeout before that.
const PATIENCE: Duration = Duration::from_secs(910);
/// Bytes of a response that are kept.
const BODY_KEPT: usize = 256 << 10;

impl EventLoop {
    pub(in crate::executor) fn browse(&mut self, ticket: u64, step: CaseStep) {
        let messages = self.messages.clone();
        let browse = move || {
            let result = browsed(&step).map(Box::new);
            // The loop is gone: nobody wants to know.
            let _ = messages.blocking_send(Message::Tell(Event::Browsed { ticket, result }));
        };
        if let Err(error) = std::thread::Builder::new().name("browse".into()).spawn(browse) {
            let result = Err(format!("no thread could be started: {error}"));
            self.outbox.push_now(Event::Browsed { ticket, result });
        }
    }
}

/// Judges a request with live answers.
fn browsed(step: &CaseStep) -> Result<Browsed, String> {
    let page = step.page().map_err(|error| error.to_string())?;
    let asked = step.req.as_ref().ok_or("there is no request")?.asked();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let body = asked.body.as_ref().and_then(|body| body.value.as_str()).unwrap_or_default().to_owned();
    let mut failed = None;
    let mut browser = Browser::new(RuleSet::Chromium);
    for cookie in step.cookies.iter().filter_map(CaseCookie::cookie) {
        browser.cookies.put(cookie);
    }
    let mut server = |request: &WireRequest| {
        let sent = if request.preflight { "" } else { body.as_str() };
        runtime.block_on(send(request, sent)).unwrap_or_else(|error| {
            failed.get_or_insert(error);
            WireResponse::default()
        })
    };
    let exchange = browser.fetch(&page, &asked, &mut server);
    if let Some(error) = failed {
        return Err(error);
    }
    // A function stands behind the door, although what it returned by itself cannot be told from what the door added.
    let function_headers = Some(&HeaderList(Vec::new()));
    let context = Context { configuration: step.config.as_ref(), function_headers };
    let (message, notes) = (explain(&exchange, context), notes(&asked, &exchange, context));
    Ok(Browsed { verdict: Verdict::new("live", &exchange, message.as_ref(), &notes), exchange })
}

/// One exchange on a connection of its own. Only this machine is asked: a page's request to another host is its owner's.
async fn send(request: &WireRequest, body: &str) -> Result<WireResponse, String> {
    let uri: Uri = request.url.parse().map_err(|error| format!("{}: {error}", request.url))?;
    let host = uri.host().unwrap_or_default();
    if !is_loopback(host) {
        return Err(format!("{host} is not on this machine; only doors of this machine are asked for real"));
    }
    if uri.scheme_str() == Some("https") {
        return Err("requests over https are made by the test page only; use the http address of the door here".to_owned());
    }
    let port = uri.port_u16().unwrap_or(80);
    let exchange = async {
        let stream = connect(host, port).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        let answer = sender.send_request(http_request(request, &uri, body)?).await.map_err(|error| error.to_string())?;
        let (parts, body) = answer.into_parts();
        let shown = beginning(body).await.map_err(|error| format!("the response broke off: {error}"))?;
        let lines = parts.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), value.as_bytes().iter().map(|byte| char::from(*byte)).collect::<String>())
        });
        Ok(WireResponse {
            status: parts.status.as_u16(),
            headers: HeaderList(lines.collect()),
            body: String::from_utf8_lossy(&shown).into_owned(),
        })
    };
    tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| "the door did not answer".to_owned())?
}

/// Goes where a browser would: to the address that the host is, or to those of this machine when it is a name.
async fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let mut refused = Vec::new();
    for address in literal.map_or(loopback::ADDRESSES.to_vec(), |literal| vec![literal]) {
        let address = SocketAddr::from((address, port));
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => refused.push(format!("{address}: {error}")),
        }
    }
    let advice = if literal.is_some() { "; no door is open at that address, write localhost in its place" } else { "" };
    Err(format!("{}{advice}", refused.join(", ")))
}

/// Reads a body to its end, which is when the function is done, and keeps its beginning.
async fn beginning<B: Body<Data = Bytes>>(body: B) -> Result<Bytes, B::Error> {
    let mut body = std::pin::pin!(body);
    let mut gathered = Gathered::new(BODY_KEPT, body.size_hint().lower());
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            gathered.push(data);
        }
    }
    Ok(gathered.into_bytes())
}

fn http_request(request: &WireRequest, uri: &Uri, body: &str) -> Result<Request<Full<Bytes>>, String> {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
    let mut builder = Request::builder().method(request.method.as_str()).uri(target).header("host", authority);
    for (name, value) in &request.headers.0 {
        let bytes: Vec<u8> = value.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        builder = builder.header(name.as_str(), bytes);
    }
    builder.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context as TaskContext, Poll};

    use hyper::body::Frame;

    use super::*;

    const PIECE: usize = 64 << 10;

    /// A long response, which counts how many of its pieces are held.
    struct Long {
        left: usize,
        held: Arc<()>,
        most: usize,
    }

    struct Piece(Vec<u8>, #[expect(dead_code, reason = "counts")] Arc<()>);

    impl AsRef<[u8]> for Piece {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    impl Body for &mut Long {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.most = self.most.max(Arc::strong_count(&self.held) - 1);
            let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
            self.left = left;
            let piece = Piece(vec![b'x'; PIECE], Arc::clone(&self.held));
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(piece)))))
        }
    }

    #[tokio::test]
    async fn of_a_long_response_the_beginning_is_kept_and_the_rest_is_read() {
        let mut long = Long { left: 100, held: Arc::default(), most: 0 };
        assert_eq!(beginning(&mut long).await.unwrap().len(), BODY_KEPT);
        assert_eq!((long.left, long.most), (0, 1));
    }

    #[tokio::test]
    async fn a_number_is_asked_at_that_number_and_a_name_wherever_it_answers() {
        let Ok(six) = tokio::net::TcpListener::bind("[::1]:0").await else { return };
        let port = six.local_addr().unwrap().port();
        for (host, reached) in [("[::1]", true), ("a.lambda-url.localhost", true), ("127.0.0.1", false)] {
            assert_eq!(connect(host, port).await.is_ok(), reached, "{host}");
        }
        drop(six);
        let error = connect("[::1]", port).await.unwrap_err();
        assert!(error.starts_with(&format!("[::1]:{port}: ")) && error.ends_with("write localhost in its place"), "{error}");
    }

    #[tokio::test]
    async fn only_this_machine_is_asked() {
        for (url, reason) in [
            ("http://example.com/", "example.com is not on this machine"),
            ("http://localhost.example.com:9002/", "localhost.example.com is not on this machine"),
            ("https://[::1]:9003/", "requests over https"),
            ("https://abc.lambda-url.LOCALHOST:9003/", "requests over https"),
        ] {
            let (method, headers) = ("GET".into(), HeaderList::default());
            let request = WireRequest { method, url: url.into(), headers, preflight: false, hop: 0 };
            let error = send(&request, "").await.unwrap_err();
            assert!(error.starts_with(reason), "{error}");
        }
    }
}
