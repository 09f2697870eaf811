//! The server behind every host: it answers what the case says and writes down what arrived.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use invokelab::http_model::browser::{HeaderList, Server, WireRequest, WireResponse};
use invokelab::http_model::cors_case::{CaseServer, CaseStep};
use url::Url;

use super::pages;

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub preflight: bool,
    pub headers: HeaderList,
}

/// What the server knows of the cases: the step each is at, and what arrived in which step.
#[derive(Default)]
pub struct Book {
    steps: HashMap<usize, (usize, CaseStep)>,
    arrived: HashMap<(usize, usize), Vec<Arrived>>,
}

/// The door to a running server.
#[derive(Clone)]
pub struct AnswerServer {
    pub port: u16,
    book: Arc<Mutex<Book>>,
}

impl AnswerServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), book: Arc::default() };
        let book = Arc::clone(&server.book);
        let accept = move || {
            for stream in listener.incoming().flatten() {
                let book = Arc::clone(&book);
                let serve = move || serve(stream, &book);
                let builder = std::thread::Builder::new().name("answers".into()).stack_size(256 * 1024);
                let _ = builder.spawn(serve).unwrap();
            }
        };
        std::thread::Builder::new().name("accept".into()).spawn(accept).unwrap();
        server
    }

    /// From now on the case is at this step.
    pub fn set_step(&self, case: usize, number: usize, step: CaseStep) {
        self.book.lock().unwrap().steps.insert(case, (number, step));
    }

    pub fn arrived(&self, case: usize, step: usize) -> Vec<Arrived> {
        self.book.lock().unwrap().arrived.get(&(case, step)).cloned().unwrap_or_default()
    }
}

/// The case that a path belongs to: `/c12/…`.
pub fn case_of(path: &str) -> Option<usize> {
    path.strip_prefix("/c")?.split(['/', '?']).next()?.parse().ok()
}

fn serve(stream: TcpStream, book: &Mutex<Book>) {
    let Ok(mut writer) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    while let Some((request, path)) = read_request(&mut reader) {
        let response = match case_of(&path) {
            Some(case) => answer(case, &request, book),
            None => pages::page(&path),
        };
        if writer.write_all(&wire_bytes(&request.method, &response)).is_err() {
            return;
        }
    }
}

fn answer(case: usize, request: &WireRequest, book: &Mutex<Book>) -> WireResponse {
    let mut book = book.lock().unwrap();
    let Some((number, step)) = book.steps.get(&case).cloned() else {
        return WireResponse { status: 404, ..WireResponse::default() };
    };
    let arrived = Arrived { preflight: request.preflight, headers: request.headers.clone() };
    book.arrived.entry((case, number)).or_default().push(arrived);
    let first = step.req.as_ref().is_some_and(|asked| is_same(&asked.url, step.page.as_deref(), &request.url));
    let request = WireRequest { hop: usize::from(!first), ..request.clone() };
    CaseServer::new(&step).answer(&request)
}

/// Whether a request that arrived for `url` is the one that the page asked for, no redirect's target.
fn is_same(asked: &str, page: Option<&str>, url: &str) -> bool {
    let base = page.and_then(|page| Url::parse(page).ok());
    let Ok(mut asked) = Url::options().base_url(base.as_ref()).parse(asked) else { return false };
    asked.set_fragment(None);
    let _ = (asked.set_username(""), asked.set_password(None));
    Url::parse(url).is_ok_and(|url| url == asked)
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(WireRequest, String)> {
    let start = read_line(reader)?;
    let mut words = start.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HeaderList::default();
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.append(name, value.trim());
    }
    let length = headers.joined("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let url = format!("http://{}{path}", headers.joined("host").unwrap_or_default());
    let preflight = method == "OPTIONS" && headers.has("access-control-request-method");
    Some((WireRequest { method, url, headers, preflight, hop: 0 }, path))
}

fn read_line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut bytes = Vec::new();
    let length = reader.read_until(b'\n', &mut bytes).ok()?;
    (length > 0).then(|| bytes.iter().map(|byte| char::from(*byte)).collect::<String>().trim_end().to_owned())
}

/// A response as bytes; a character of a header stands for one byte.
fn wire_bytes(method: &str, response: &WireResponse) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} Status\r\n", response.status);
    for (name, value) in &response.headers.0 {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes: Vec<u8> = head.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let with_body = method != "HEAD" && !matches!(response.status, 204 | 304);
    if with_body && response.headers.has("transfer-encoding") {
        bytes.extend(format!("{:x}\r\n{}\r\n0\r\n\r\n", response.body.len(), response.body).bytes());
    } else if with_body {
        bytes.extend(response.body.bytes());
    }
    bytes
}
