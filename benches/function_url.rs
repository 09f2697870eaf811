//! What a function URL costs beside a direct invoke: 1 KB, warm, one client on one connection, interleaved rounds. The function
//! gives back what it got: the event, or the body as a response of its own. The body is small records, or one long text, of
//! which a direct invoke has next to nothing to parse.
//!
//! `cargo bench --bench function_url` prints a line a body and runtime. The peers are `POST .../invocations` of the Lambda API with
//! the same body, and with the event that the URL makes of it: the latter shows what the bigger event alone costs. All are
//! served by the same program in the same run.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Requests a round, requests before the first, and rounds: short ones, so that what else the machine does hits all alike.
const REQUESTS: usize = 100;
const WARM: usize = 1_000;
const ROUNDS: usize = 50;

const WORKSPACE: &str = r#"
[functions.js]
runtime = "javascript"
code = "js.mjs"
url = { auth_type = "NONE", cors = { allow_origins = ["https://app.example.com"], allow_methods = ["POST"] } }
[functions.event]
runtime = "javascript"
code = "event.mjs"
url = { auth_type = "NONE" }
[functions.python]
runtime = "python3"
code = "app.py"
url = { auth_type = "NONE" }
[functions.node]
runtime = "nodejs"
code = "node.mjs"
url = { auth_type = "NONE" }
"#;

const JAVASCRIPT: &str = "export const handler = async (event) => event.requestContext
  ? { statusCode: 200, headers: { 'content-type': 'application/json' }, body: event.body, isBase64Encoded: event.isBase64Encoded }
  : event;
";

const PYTHON: &str = "def handler(event, context):
    if 'requestContext' not in event:
        return event
    headers = {'content-type': 'application/json'}
    return {'statusCode': 200, 'headers': headers, 'body': event['body'], 'isBase64Encoded': event['isBase64Encoded']}
";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "invokelab.toml", WORKSPACE);
    write(folder.path(), "js.mjs", JAVASCRIPT);
    write(folder.path(), "node.mjs", JAVASCRIPT);
    write(folder.path(), "app.py", PYTHON);
    write(folder.path(), "event.mjs", "export const handler = async (event) => event;\n");
    let server = Server::start(folder.path());
    println!("{:<15} {:>14} {:>18} {:>16}   p50 / direct", "body, runtime", "direct p50/p99", "its event p50/p99", "URL p50/p99");
    for (name, body) in [("records", records()), ("text", format!("{{\"text\": \"{}\"}}", "x".repeat(1_010)))] {
        for function in ["js", "python", "node"] {
            compare(&server, name, &body, function);
        }
    }
}

fn compare(server: &Server, name: &str, body: &str, function: &str) {
    let event = server.url("event", body).exchange().1;
    let clients = [server.direct(function, body), server.direct(function, &event), server.url(function, body)];
    let [direct, same_event, url] = interleaved(clients).map(percentiles);
    println!(
        "{:<15} {:>6.0} /{:>4.0} µs {:>8.0} /{:>5.0} µs {:>8.0} /{:>4.0} µs   its event {:.2}, URL {:.2}",
        format!("{name}, {function}"),
        direct.0,
        direct.1,
        same_event.0,
        same_event.1,
        url.0,
        url.1,
        same_event.0 / direct.0,
        url.0 / direct.0
    );
}

/// A JSON object of about 1 KB.
fn records() -> String {
    let record = |k: usize| format!(r#"{{"k":{k},"name":"item-{k}","value":{k}.5,"tags":["a","b"],"on":true}}"#);
    format!(r#"{{"id":"bench","items":[{}]}}"#, (0..15).map(record).collect::<Vec<_>>().join(","))
}

fn interleaved(mut clients: [Client; 3]) -> [Vec<Duration>; 3] {
    let mut times = [const { Vec::new() }; 3];
    for round in 0..=ROUNDS {
        for (client, times) in clients.iter_mut().zip(&mut times) {
            let count = if round == 0 { WARM } else { REQUESTS };
            let took = (0..count).map(|_| client.exchange().0);
            if round == 0 { took.for_each(drop) } else { times.extend(took) }
        }
    }
    times
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file");
}

fn percentiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    (at(50), at(99))
}

/// A running `invokelab serve`.
struct Server {
    child: Child,
    lines: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(workspace: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_invokelab"));
        command.args(["serve", "--port", "0"]).arg(workspace).env("INVOKELAB_DATA_DIR", workspace.join("data"));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let lines: Vec<String> = out.by_ref().take(5).map_while(Result::ok).collect();
        // What else is printed must not fill the pipe.
        let drain = move || out.for_each(drop);
        std::thread::Builder::new().name("output".into()).spawn(drain).expect("a thread");
        Self { child, lines }
    }

    fn address(&self, kind: &str) -> String {
        let line = self.lines.iter().find_map(|line| line.strip_prefix(kind)).unwrap_or_default();
        let address = line.split_whitespace().next().unwrap_or_default();
        address.trim_start_matches("http://").trim_end_matches('/').to_owned()
    }

    fn direct(&self, function: &str, body: &str) -> Client {
        Client::new(&self.address("lambda api"), &format!("/2015-03-31/functions/{function}/invocations"), body)
    }

    fn url(&self, function: &str, body: &str) -> Client {
        Client::new(&self.address(&format!("url {function}")), "/", body)
    }
}

/// One connection that sends the same request again and again.
struct Client {
    stream: TcpStream,
    request: Vec<u8>,
}

impl Client {
    fn new(host: &str, path: &str, body: &str) -> Self {
        let port: u16 = host.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stream.set_nodelay(true).expect("an option");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Self { stream, request: (head + body).into_bytes() }
    }

    /// How long it took, and the body of the answer.
    fn exchange(&mut self) -> (Duration, String) {
        let began = now();
        self.stream.write_all(&self.request).expect("a request");
        let mut answer = Vec::with_capacity(2_048);
        let mut buffer = [0; 4_096];
        let body = loop {
            if let Some(body) = whole_body(&answer) {
                break body;
            }
            let count = self.stream.read(&mut buffer).expect("an answer");
            assert!(count > 0, "the connection ended");
            answer.extend_from_slice(&buffer[..count]);
        };
        let took = began.elapsed();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        (took, String::from_utf8_lossy(body).into_owned())
    }
}

fn whole_body(answer: &[u8]) -> Option<&[u8]> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())?;
    answer.get(end..end + length)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn now() -> Instant {
    Instant::now()
}
