//! The official runtime clients, unmodified: awslambdaric (PyPI), aws-lambda-ric (npm), lambda_runtime (crates.io), and a
//! shell script with curl. They are installed under `target/it-clients` once; where a tool or the registry is missing the
//! test says so and passes, but with `CI=true` it fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use invokelab::executor::environment::{EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ToEnvironment};
use invokelab::executor::guard::Guard;
use invokelab::executor::processes;
use invokelab::service::effect::{Dispatch, StopReason};
use invokelab::service::ids::{EnvironmentId, RequestId};
use invokelab::service::input::{Exit, FunctionError};
use invokelab::service::time::Micros;
use invokelab::workspace::definition::Runtime;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Where clients are installed.
fn clients() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/it-clients");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a set-up step; `None` after a word about what is missing.
fn set_up(folder: &Path, words: &[&str]) -> Option<()> {
    let output = Command::new(words[0]).args(&words[1..]).current_dir(folder).output();
    let reason = match &output {
        Ok(output) if output.status.success() => return Some(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it failed").to_owned(),
        Err(error) => error.to_string(),
    };
    assert!(std::env::var_os("CI").is_none(), "`{}`: {reason}\n{output:?}", words.join(" "));
    println!("skipped: `{}`: {reason}", words.join(" "));
    None
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

struct Client {
    _handle: EnvironmentHandle,
    reports: mpsc::Receiver<Report>,
    log: Vec<String>,
    last: u128,
}

impl Client {
    async fn start(command: &[&str], handler: &str, code: &Path) -> Self {
        let (sender, reports) = mpsc::channel(64);
        let start = EnvironmentStart {
            environment: EnvironmentId(1),
            function: "official".into(),
            runtime: Runtime::Command(command.iter().map(ToString::to_string).collect()),
            handler: handler.into(),
            code: code.to_path_buf(),
            memory_size: 256,
            region: "eu-central-1".into(),
            account_id: "000000000000".into(),
            variables: std::collections::BTreeMap::new(),
            layers: Vec::new(),
            debug: false,
            freeze: false,
            lambda_endpoint: None,
            log_stream: "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef".into(),
        };
        let guard = Guard::new(Some(env!("CARGO_BIN_EXE_invokelab").into()));
        let mut client = Self {
            _handle: processes::start(start, &guard, sender, invokelab::executor::log_gate::LogGate::default()),
            reports,
            log: Vec::new(),
            last: 0,
        };
        let first = client.next().await;
        assert!(matches!(first, FromEnvironment::Ready), "{first:?} {:?}", client.log);
        client
    }

    async fn next(&mut self) -> FromEnvironment {
        loop {
            let report = tokio::time::timeout(Duration::from_secs(60), self.reports.recv()).await.unwrap().unwrap();
            match report.what {
                FromEnvironment::Log(lines) => self.log.extend(lines.iter().map(ToString::to_string)),
                FromEnvironment::MemoryUsed { .. } | FromEnvironment::RuntimeFound(_) => {}
                what => return what,
            }
        }
    }

    fn dispatch(&mut self, payload: &Value) -> RequestId {
        self.last += 1;
        let request_id = RequestId(0x7f3c_0a52_1d0e_4b3f_9a61_4f2c_8e90_0000 + self.last);
        let dispatch = Dispatch {
            environment: EnvironmentId(1),
            function: "official".into(),
            request_id,
            attempt: 1,
            payload: payload.to_string().into(),
            time_left: Micros::from_secs(30),
            invoked_function_arn: "arn:aws:lambda:eu-central-1:000000000000:function:official".into(),
            trace_header: "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0".into(),
            client_context: None,
        };
        let time_left = Duration::from_secs(30);
        let deadline = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap() + time_left;
        let deadline_millis = u64::try_from(deadline.as_millis()).unwrap();
        self._handle.send(ToEnvironment::Dispatch { dispatch, deadline_millis, time_left, stream: None });
        request_id
    }

    async fn invoke(&mut self, payload: &Value) -> (RequestId, Result<Value, FunctionError>) {
        let request_id = self.dispatch(payload);
        let result = match self.next().await {
            FromEnvironment::Response { request_id: answered, payload } => {
                assert_eq!(answered, request_id);
                Ok(serde_json::from_slice(&payload).unwrap())
            }
            FromEnvironment::Error { request_id: answered, error } => {
                assert_eq!(answered, request_id);
                Err(error)
            }
            other => panic!("{other:?} {:?}", self.log),
        };
        let after = self.next().await;
        assert!(matches!(after, FromEnvironment::Next), "{after:?} {:?}", self.log);
        (request_id, result)
    }

    /// What every client must do: echo, echo much, fail and go on, log before it answers, and end when it is told to.
    async fn echoes(mut self, error_type: &str) {
        for n in 0..20 {
            let event = json!({ "n": n, "text": "Zoë \u{1f980} \"quoted\"" });
            let (request_id, answer) = self.invoke(&event).await;
            assert_eq!(answer.unwrap(), json!({ "event": event, "id": request_id.to_string() }));
        }
        let large = Value::String("x".repeat(1_000_000));
        assert_eq!(self.invoke(&large).await.1.unwrap()["event"], large);
        let (_, failed) = self.invoke(&json!({ "throw": true })).await;
        let error = failed.unwrap_err();
        assert_eq!((&*error.error_type, &*error.message), (error_type, "thrown"));
        assert_eq!(self.invoke(&json!(1)).await.1.unwrap()["event"], 1);
        assert!(self.log.iter().any(|line| line.contains("printed")), "{:?}", self.log);
        self._handle.send(ToEnvironment::Stop(StopReason::Person));
        let end = tokio::time::timeout(Duration::from_secs(10), async { while self.reports.recv().await.is_some() {} });
        end.await.unwrap();
    }

    /// A handler that ends its process.
    async fn exits(mut self, exit: Exit) {
        self.dispatch(&json!({ "exit": true }));
        match self.next().await {
            FromEnvironment::Exited(found) => assert_eq!(found, exit),
            other => panic!("{other:?}"),
        }
    }
}

const PYTHON: &str = "import sys
def handler(event, context):
    print('printed')
    if isinstance(event, dict) and event.get('throw'):
        raise ValueError('thrown')
    if isinstance(event, dict) and event.get('exit'):
        sys.exit(3)
    return {'event': event, 'id': context.aws_request_id}
";

#[tokio::test]
async fn awslambdaric_of_pypi() {
    let folder = clients().join("python");
    fs::create_dir_all(&folder).unwrap();
    let python = folder.join(".venv/bin/python").display().to_string();
    if !folder.join("installed").exists() {
        let steps: [&[&str]; 2] =
            [&["python3", "-m", "venv", ".venv"], &[&python, "-m", "pip", "install", "--quiet", "awslambdaric"]];
        if steps.iter().any(|step| set_up(&folder, step).is_none()) {
            return;
        }
        write(&folder.join("installed"), "");
    }
    write(&folder.join("app.py"), PYTHON);
    let command = [python.as_str(), "-m", "awslambdaric", "app.handler"];
    Client::start(&command, "app.handler", &folder).await.echoes("ValueError").await;
    Client::start(&command, "app.handler", &folder).await.exits(Exit::Code(3)).await;
}

const NODE: &str = "exports.handler = async (event, context) => {
  console.log('printed');
  if (event && event.throw) throw new RangeError('thrown');
  if (event && event.exit) process.exit(3);
  return { event, id: context.awsRequestId };
};
exports.streaming = awslambda.streamifyResponse(async (event, stream, context) => {
  console.log('printed');
  if (event && event.throw) throw new RangeError('thrown');
  stream.write('{\"event\":');
  stream.write(JSON.stringify(event));
  stream.end(`,\"id\":\"${context.awsRequestId}\"}`);
  await new Promise((resolve) => stream.on('finish', resolve));
});
";

#[tokio::test]
async fn aws_lambda_ric_of_npm() {
    let folder = clients().join("node");
    fs::create_dir_all(&folder).unwrap();
    if !folder.join("installed").exists() {
        // Its native part is built by these.
        let mut steps: Vec<&[&str]> = vec![&["g++", "--version"], &["cmake", "--version"], &["make", "--version"]];
        steps.extend([&["autoconf", "--version"][..], &["libtoolize", "--version"], &["npm", "--version"]]);
        steps.push(&["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", "aws-lambda-ric@3.3"]);
        if steps.iter().any(|step| set_up(&folder, step).is_none()) {
            return;
        }
        write(&folder.join("installed"), "");
    }
    write(&folder.join("index.js"), NODE);
    let program = folder.join("node_modules/aws-lambda-ric/bin/index.mjs").display().to_string();
    let command = ["node", program.as_str(), "index.handler"];
    Client::start(&command, "index.handler", &folder).await.echoes("RangeError").await;
    Client::start(&command, "index.handler", &folder).await.exits(Exit::Code(3)).await;
    let command = ["node", program.as_str(), "index.streaming"];
    Client::start(&command, "index.streaming", &folder).await.echoes("RangeError").await;
}

const MANIFEST: &str = r#"[package]
name = "official"
version = "0.1.0"
edition = "2024"

[dependencies]
lambda_runtime = "1"
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt"] }

[workspace]
"#;

const RUST: &str = r#"use lambda_runtime::{Diagnostic, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

async fn handler(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    println!("printed");
    if event.payload["throw"] == true {
        return Err(Diagnostic { error_type: "Thrown".into(), error_message: "thrown".into() });
    }
    if event.payload["exit"] == true {
        std::process::exit(3);
    }
    Ok(json!({ "event": event.payload, "id": event.context.request_id }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    run(service_fn(handler)).await
}
"#;

#[tokio::test]
async fn lambda_runtime_of_crates_io() {
    let folder = clients().join("rust");
    write(&folder.join("Cargo.toml"), MANIFEST);
    write(&folder.join("src/main.rs"), RUST);
    // A target folder of its own: the one of these tests is locked while they run.
    if set_up(&folder, &["cargo", "build", "--quiet", "--target-dir", "target"]).is_none() {
        return;
    }
    Client::start(&["./target/debug/official"], "official", &folder).await.echoes("Thrown").await;
    Client::start(&["./target/debug/official"], "official", &folder).await.exits(Exit::Code(3)).await;
}

/// The loop of the Developer Guide's custom runtime tutorial.
const SHELL: &str = r#"#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
headers=$(mktemp)
body=$(mktemp)
trap 'rm -f "$headers" "$body"' EXIT
while :; do
  curl -sS -LD "$headers" -o "$body" "$api/next"
  id=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
  echo printed
  case $(head -c 100 "$body") in
    *'"throw":true'*) curl -sS -o /dev/null -d '{"errorType":"Thrown","errorMessage":"thrown"}' "$api/$id/error" ;;
    *'"exit":true'*) exit 3 ;;
    *) { printf '{"event":'; cat "$body"; printf ',"id":"%s"}' "$id"; } | curl -sS -o /dev/null --data-binary @- "$api/$id/response" ;;
  esac
done
"#;

#[tokio::test]
async fn a_shell_script_with_curl() {
    let folder = clients().join("shell");
    write(&folder.join("bootstrap"), SHELL);
    if set_up(&folder, &["curl", "--version"]).is_none() {
        return;
    }
    Client::start(&[], "any", &folder).await.echoes("Thrown").await;
    Client::start(&[], "any", &folder).await.exits(Exit::Code(3)).await;
}
