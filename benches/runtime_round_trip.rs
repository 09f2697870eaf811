//! Warm synchronous invocations through the whole program, from HTTP to the function and back, one client: for each
//! runtime beside the least there can be, one loopback HTTP exchange.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const INVOCATIONS: usize = 2_000;
const WARM_UP: usize = 200;
const PAYLOAD: usize = 1_024;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    write_workspace(folder.path());
    println!("{:<22} {:>10} {:>10}", "microseconds", "p50", "p99");
    let floor = floor();
    report("floor: HTTP exchange", &floor);
    let (mut server, address) = serve(folder.path());
    for function in ["js", "python", "node"] {
        match measure(&address, &format!("/2015-03-31/functions/{function}/invocations")) {
            Some(times) => report(function, &times),
            None => println!("{function:<22} not installed"),
        }
    }
    // Ended by us in any case.
    let _ = server.kill();
    let _ = server.wait();
}

fn write_workspace(folder: &std::path::Path) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "invokelab.toml",
        "[functions.js]\nruntime = 'javascript'\ncode = 'js.mjs'\n[functions.python]\nruntime = 'python3'\ncode = 'python'\nhandler = 'handler.handler'\n[functions.node]\nruntime = 'nodejs'\ncode = 'node'\nhandler = 'index.handler'\n",
    );
    write("js.mjs", "export const handler = async (event) => event;\n");
    write("node/index.mjs", "export const handler = async (event) => event;\n");
    write("python/handler.py", "def handler(event, context):\n    return event\n");
}

fn serve(folder: &std::path::Path) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_invokelab"));
    command.env("INVOKELAB_DATA_DIR", folder.join("data")).args(["serve", "--port", "0"]).arg(folder).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let address = line.trim().rsplit("//").next().unwrap().to_owned();
    // Log lines are read and thrown away, as a terminal would.
    std::thread::Builder::new().name("log".into()).spawn(move || std::io::copy(&mut out, &mut std::io::sink())).unwrap();
    (child, address)
}

/// A server that answers every request with 1 KB.
fn floor() -> Vec<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = vec![0; 4_096];
        let body = "x".repeat(PAYLOAD);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {PAYLOAD}\r\n\r\n{body}");
        let mut have = 0;
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            have += count;
            if have > PAYLOAD {
                have = 0;
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    };
    std::thread::Builder::new().name("floor".into()).spawn(answer).unwrap();
    measure(&address, "/").unwrap_or_default()
}

fn measure(address: &str, path: &str) -> Option<Vec<f64>> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_nodelay(true).ok()?;
    let body = format!("\"{}\"", "x".repeat(PAYLOAD - 2));
    let request = format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {PAYLOAD}\r\n\r\n{body}");
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut times = Vec::with_capacity(INVOCATIONS);
    for number in 0..INVOCATIONS + WARM_UP {
        let start = Instant::now();
        stream.write_all(request.as_bytes()).ok()?;
        if !answered(&mut reader) {
            return None;
        }
        if number >= WARM_UP {
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    times.sort_by(f64::total_cmp);
    Some(times)
}

/// Reads one answer; `false` for a function error.
fn answered(reader: &mut BufReader<TcpStream>) -> bool {
    let (mut length, mut ok, mut line) = (0, true, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        ok &= !lower.starts_with("x-amz-function-error");
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).is_ok() && ok
}

fn report(name: &str, times: &[f64]) {
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(f64::NAN);
    println!("{name:<22} {:>10.0} {:>10.0}", at(50), at(99));
}
