//! What a function URL costs beside a direct invoke: 1 KB, warm, one client on one connection, interleaved rounds.
//!
//! `cargo bench --bench function_url` prints a line a runtime. The peer is `POST .../invocations` of the Lambda API, served
//! by the same program in the same run.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Requests a round, requests before the first, and rounds.
const REQUESTS: usize = 1_000;
const WARM: usize = 300;
const ROUNDS: usize = 5;

const WORKSPACE: &str = r#"
[functions.js]
runtime = "javascript"
code = "js.mjs"
url = { auth_type = "NONE", cors = { allow_origins = ["https://app.example.com"], allow_methods = ["POST"] } }
[functions.python]
runtime = "python3"
code = "app.py"
url = { auth_type = "NONE" }
[functions.node]
runtime = "nodejs"
code = "node.mjs"
url = { auth_type = "NONE" }
"#;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "invokelab.toml", WORKSPACE);
    write(folder.path(), "js.mjs", "export const handler = async (event) => event.body ?? event;\n");
    write(folder.path(), "node.mjs", "export const handler = async (event) => event.body ?? event;\n");
    write(folder.path(), "app.py", "def handler(event, context):\n    return event.get('body', event)\n");
    let server = Server::start(folder.path());
    println!("{:<8} {:>11} {:>9} {:>9} {:>9}   p50 URL / direct", "runtime", "direct p50", "p99", "URL p50", "p99");
    for function in ["js", "python", "node"] {
        let (mut direct, mut url) = (server.direct(function), server.url(function));
        let (mut direct_times, mut url_times) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let count = if round == 0 { WARM } else { REQUESTS };
            let (a, b) = (direct.round(count), url.round(count));
            if round > 0 {
                direct_times.extend(a);
                url_times.extend(b);
            }
        }
        let (direct, url) = (percentiles(direct_times), percentiles(url_times));
        println!(
            "{function:<8} {:>8.0} µs {:>6.0} µs {:>6.0} µs {:>6.0} µs   {:.2}",
            direct.0,
            direct.1,
            url.0,
            url.1,
            url.0 / direct.0
        );
    }
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
        let lines: Vec<String> = out.by_ref().take(4).map_while(Result::ok).collect();
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

    fn direct(&self, function: &str) -> Client {
        Client::new(&self.address("lambda api"), &format!("/2015-03-31/functions/{function}/invocations"))
    }

    fn url(&self, function: &str) -> Client {
        Client::new(&self.address(&format!("url {function}")), "/")
    }
}

/// One connection that sends the same request again and again.
struct Client {
    stream: TcpStream,
    request: Vec<u8>,
}

impl Client {
    fn new(host: &str, path: &str) -> Self {
        let port: u16 = host.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stream.set_nodelay(true).expect("an option");
        let body = format!("{{\"text\": \"{}\"}}", "x".repeat(1_010));
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Self { stream, request: (head + &body).into_bytes() }
    }

    fn round(&mut self, count: usize) -> Vec<Duration> {
        (0..count).map(|_| self.exchange()).collect()
    }

    fn exchange(&mut self) -> Duration {
        let began = now();
        self.stream.write_all(&self.request).expect("a request");
        let mut answer = Vec::with_capacity(2_048);
        let mut buffer = [0; 4_096];
        while !is_whole(&answer) {
            let count = self.stream.read(&mut buffer).expect("an answer");
            assert!(count > 0, "the connection ended");
            answer.extend_from_slice(&buffer[..count]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        began.elapsed()
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn now() -> Instant {
    Instant::now()
}
