//! Warm round trips through an environment's Runtime API: from the event's dispatch to its answer, 1 KB.
//!
//! `cargo bench --bench runtime_round_trip` prints a line a client, beside the floor: the same client on a Runtime API
//! of blocking reads and writes that does nothing else. Clients that `cargo test` has installed in `target/it-clients`
//! are measured, too. Rounds are interleaved.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use invokelab::executor::environment::{EnvironmentStart, FromEnvironment, Report, ToEnvironment};
use invokelab::executor::guard::{self, Guard};
use invokelab::executor::processes;
use invokelab::service::effect::Dispatch;
use invokelab::service::ids::{EnvironmentId, RequestId};
use invokelab::service::time::Micros;
use invokelab::workspace::definition::Runtime;
use tokio::sync::mpsc;

/// Round trips a round, and rounds.
const TRIPS: usize = 1_500;
const WARM: usize = 300;
const ROUNDS: usize = 3;

fn main() {
    if std::env::args().nth(1).as_deref() == Some(guard::ARGUMENT) {
        let _ = guard::run();
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("app.py"), "def handler(event, context):\n    return event\n").expect("a file");
    std::fs::write(folder.path().join("index.mjs"), "export const handler = async (event) => event;\n").expect("a file");
    println!("{:<22} {:>9} {:>9} {:>9} {:>9}   p50 ours / floor", "client", "floor p50", "p99", "ours p50", "p99");
    for client in clients(folder.path()) {
        let (mut floor, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floor.extend(client.floor());
            ours.extend(client.ours());
        }
        let (floor, ours) = (Percentiles::of(floor), Percentiles::of(ours));
        println!(
            "{:<22} {:>6.0} µs {:>6.0} µs {:>6.0} µs {:>6.0} µs   {:.2}",
            client.name,
            floor.p50,
            floor.p99,
            ours.p50,
            ours.p99,
            ours.p50 / floor.p50
        );
    }
}

struct Client {
    name: &'static str,
    runtime: Runtime,
    handler: &'static str,
    code: PathBuf,
    /// What starts the same client without us.
    command: Vec<String>,
}

fn clients(folder: &Path) -> Vec<Client> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/bootstraps");
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/it-clients");
    let text = |path: PathBuf| path.display().to_string();
    let official = |name, folder: &str, handler, words: Vec<String>| Client {
        name,
        runtime: Runtime::Command(words.clone()),
        handler,
        code: installed.join(folder),
        command: words,
    };
    let python = text(installed.join("python/.venv/bin/python"));
    let ric = text(installed.join("node/node_modules/aws-lambda-ric/bin/index.mjs"));
    let bundled = |name, runtime, handler, words: Vec<String>| Client {
        name,
        runtime,
        handler,
        code: folder.to_path_buf(),
        command: words,
    };
    let all = vec![
        bundled(
            "python, bundled",
            Runtime::Python,
            "app.handler",
            vec!["python3".into(), text(assets.join("python/bootstrap.py"))],
        ),
        official("awslambdaric", "python", "app.handler", vec![python, "-m".into(), "awslambdaric".into(), "app.handler".into()]),
        bundled("node, bundled", Runtime::Node, "index.handler", vec!["node".into(), text(assets.join("node/bootstrap.mjs"))]),
        official("aws-lambda-ric", "node", "index.handler", vec!["node".into(), ric, "index.handler".into()]),
        official("lambda_runtime (debug)", "rust", "", vec![text(installed.join("rust/target/debug/official"))]),
    ];
    all.into_iter()
        .filter(|client| {
            client.code.join("installed").exists()
                || client.code == folder
                || Path::new(&client.command[0]).is_absolute() && Path::new(&client.command[0]).exists()
        })
        .collect()
}

fn payload() -> String {
    format!("{{\"text\": \"{}\"}}", "x".repeat(1_010))
}

impl Client {
    /// Through an environment as the loop starts it.
    fn ours(&self) -> Vec<f64> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (sender, mut reports) = mpsc::channel(1_024);
            let handle = processes::start(
                self.start(),
                &Guard::new(std::env::current_exe().ok()),
                sender,
                invokelab::executor::log_gate::LogGate::default(),
            );
            wait_for(&mut reports, |what| matches!(what, FromEnvironment::Ready)).await;
            let payload = Bytes::from(payload());
            let mut trips = Vec::with_capacity(TRIPS);
            for trip in 0..WARM + TRIPS {
                let begin = now();
                handle.send(dispatch(trip, payload.clone()));
                wait_for(&mut reports, |what| matches!(what, FromEnvironment::Response { .. })).await;
                if trip >= WARM {
                    trips.push(begin.elapsed().as_secs_f64() * 1e6);
                }
                wait_for(&mut reports, |what| matches!(what, FromEnvironment::Next)).await;
            }
            trips
        })
    }

    fn start(&self) -> EnvironmentStart {
        EnvironmentStart {
            environment: EnvironmentId(1),
            function: "f".into(),
            runtime: self.runtime.clone(),
            handler: self.handler.into(),
            code: self.code.clone(),
            memory_size: 128,
            region: "us-east-1".into(),
            account_id: "000000000000".into(),
            variables: std::collections::BTreeMap::new(),
            layers: Vec::new(),
            debug: false,
            freeze: false,
            lambda_endpoint: None,
            log_stream: "stream".into(),
        }
    }

    /// The same program on the least Runtime API.
    fn floor(&self) -> Vec<f64> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .current_dir(&self.code)
            .env("AWS_LAMBDA_RUNTIME_API", &address)
            .env("LAMBDA_TASK_ROOT", &self.code)
            .env("_HANDLER", self.handler)
            .env("AWS_LAMBDA_FUNCTION_NAME", "f")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "g")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "s")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a client");
        let payload = payload();
        let mut trips = Vec::with_capacity(TRIPS);
        let mut begin = now();
        let mut served = 0;
        while served < WARM + TRIPS {
            let (mut stream, _) = listener.accept().expect("a connection");
            stream.set_nodelay(true).expect("a socket option");
            let mut buffer = Vec::new();
            while let Some(next) = read_request(&mut stream, &mut buffer) {
                if next {
                    begin = now();
                    stream.write_all(event(served, &payload).as_bytes()).expect("a write");
                    continue;
                }
                if served >= WARM {
                    trips.push(begin.elapsed().as_secs_f64() * 1e6);
                }
                served += 1;
                if served == WARM + TRIPS {
                    break;
                }
                stream.write_all(ACCEPTED).expect("a write");
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        trips
    }
}

const ACCEPTED: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";

fn event(trip: usize, payload: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: {}\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\nLambda-Runtime-Invoked-Function-Arn: arn\r\nLambda-Runtime-Trace-Id: Root=1\r\nContent-Length: {}\r\n\r\n{payload}",
        RequestId(trip as u128 + 1),
        payload.len()
    )
}

/// Reads one request; whether it asks for the next event. `None` at the end.
fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<bool> {
    let mut piece = [0; 65_536];
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let length: usize = header("content-length:").and_then(|length| length.parse().ok()).unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                buffer.drain(..end + 4 + length);
                return Some(head.starts_with("get "));
            }
        }
        match stream.read(&mut piece) {
            Ok(count @ 1..) => buffer.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    }
}

fn dispatch(trip: usize, payload: Bytes) -> ToEnvironment {
    let time_left = Duration::from_secs(30);
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + time_left;
    let dispatch = Dispatch {
        environment: EnvironmentId(1),
        function: "f".into(),
        request_id: RequestId(trip as u128 + 1),
        attempt: 1,
        payload,
        time_left: Micros::from_secs(30),
        invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        trace_header: "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0".into(),
        client_context: None,
    };
    ToEnvironment::Dispatch {
        dispatch,
        deadline_millis: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        time_left,
        stream: None,
    }
}

async fn wait_for(reports: &mut mpsc::Receiver<Report>, wanted: impl Fn(&FromEnvironment) -> bool) {
    loop {
        let report = reports.recv().await.expect("a report").what;
        if wanted(&report) {
            return;
        }
        assert!(!matches!(report, FromEnvironment::Exited(_) | FromEnvironment::InitError(_)), "{report:?}");
    }
}

struct Percentiles {
    p50: f64,
    p99: f64,
}

impl Percentiles {
    fn of(mut trips: Vec<f64>) -> Self {
        trips.sort_by(f64::total_cmp);
        Self { p50: trips[trips.len() / 2], p99: trips[trips.len() * 99 / 100] }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}
