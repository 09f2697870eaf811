//! A page on an origin of its own that makes a composed request in a real browser and reports what the browser saw.
//!
//! It has a port of its own, so it is another origin than every door; its report comes back to that origin and to no other.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::event::Event;
use crate::executor::event_loop::{EventLoop, Message};
use crate::executor::loopback::Loopback;
use crate::http_model::browser::{Api, Credentials};
use crate::http_model::cors_case::CaseStep;

const PAGE: &str = include_str!("../../../assets/pages/test-page.html");
/// Bytes of a report.
const REPORT_LIMIT: usize = 1 << 20;

/// The page's server, which keeps its port, and so the page's origin, as long as the program runs.
pub(in crate::executor) struct TestPage {
    address: String,
    /// The latest page; one that is open already sends its own request again.
    html: watch::Sender<String>,
    serving: Vec<AbortHandle>,
}

impl Drop for TestPage {
    fn drop(&mut self) {
        self.serving.iter().for_each(AbortHandle::abort);
    }
}

/// What one connection to the server needs.
struct Page {
    html: watch::Receiver<String>,
    /// `page.localhost:PORT`, and the same by number.
    hosts: [String; 3],
    messages: mpsc::Sender<Message>,
}

impl EventLoop {
    pub(in crate::executor) fn serve_test_page(&mut self, ticket: u64, step: &CaseStep) {
        let result = self.show_test_page(ticket, step).map(Arc::from);
        self.outbox.push_now(Event::TestPage { ticket, result });
    }

    fn show_test_page(&mut self, ticket: u64, step: &CaseStep) -> Result<String, String> {
        let html = PAGE.replace("\"REQUEST\"", &request(ticket, step)?);
        if let Some(page) = &self.doors.test_page {
            page.html.send_replace(html);
            return Ok(page.address.clone());
        }
        let page = TestPage::open(html, self.doors.http.map(|open| open.port), self.messages.clone())?;
        Ok(self.doors.test_page.insert(page).address.clone())
    }
}

impl TestPage {
    /// Takes the port after the doors', so that an origin that was allowed once is still the page's tomorrow; any other
    /// port if that one is in use.
    fn open(html: String, doors: Option<u16>, messages: mpsc::Sender<Message>) -> Result<Self, String> {
        let wanted = doors.and_then(|port| port.checked_add(1)).unwrap_or(0);
        let no_port = |error: std::io::Error| format!("no port for the test page: {error}");
        let listening = Loopback::bind(wanted).or_else(|_| Loopback::bind(0)).map_err(no_port)?;
        let port = listening.port;
        let hosts = [format!("page.localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
        let address = format!("http://{}/", hosts[0]);
        let (html, shown) = watch::channel(html);
        let page = Arc::new(Page { html: shown, hosts, messages });
        let listeners = listening.into_tokio().map_err(no_port)?.into_iter();
        let serving = listeners.map(|listener| tokio::spawn(serve(listener, Arc::clone(&page))).abort_handle()).collect();
        Ok(Self { address, html, serving })
    }
}

/// The request as the page's script takes it; `</` cannot end the script that it stands in.
fn request(ticket: u64, step: &CaseStep) -> Result<String, String> {
    let asked = step.req.as_ref().ok_or("there is no request")?;
    let value = json!({
        "ticket": ticket,
        "url": asked.url,
        "method": asked.method,
        "headers": asked.headers,
        "mode": asked.mode,
        "credentials": asked.credentials,
        "redirect": asked.redirect,
        "cache": asked.cache,
        "body": asked.body,
        "api": asked.api.unwrap_or(Api::Fetch),
        "withCredentials": asked.credentials == Some(Credentials::Include),
    });
    Ok(value.to_string().replace("</", "<\\/"))
}

async fn serve(listener: TcpListener, page: Arc<Page>) {
    while let Ok((stream, _)) = listener.accept().await {
        let page = Arc::clone(&page);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &page));
            // A browser that goes away is no error.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, page: &Page) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let own_host = text(HOST).is_some_and(|host| page.hosts.iter().any(|own| own == host));
    let own_origin = text(ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    let own_origin = own_origin.is_some_and(|origin| page.hosts.iter().any(|own| own == origin));
    Ok(match (request.method(), request.uri().path()) {
        // A foreign name that leads to this machine is no business of ours.
        _ if !own_host => with(StatusCode::FORBIDDEN, "text/plain", "this page has another address".to_owned()),
        (&Method::GET, "/") => with(StatusCode::OK, "text/html; charset=utf-8", page.html.borrow().clone()),
        (&Method::POST, "/report") if own_origin => {
            let body = Limited::new(request.into_body(), REPORT_LIMIT).collect().await.map(|body| body.to_bytes());
            match body.map(|body| serde_json::from_slice(&body)) {
                Ok(Ok(report)) => {
                    // The loop is gone: nobody wants to know.
                    let _ = page.messages.send(Message::Tell(Event::PageReport(Box::new(report)))).await;
                    with(StatusCode::NO_CONTENT, "text/plain", String::new())
                }
                _ => with(StatusCode::BAD_REQUEST, "text/plain", "this is no report".to_owned()),
            }
        }
        _ => with(StatusCode::NOT_FOUND, "text/plain", "nothing is here".to_owned()),
    })
}

fn with(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
