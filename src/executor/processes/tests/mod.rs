//! Real processes: Python, Node.js, shell and curl, each skipped with a word where it is not installed.

mod commands;
mod ends;
mod node;
mod python;

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::executor::environment::{EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ToEnvironment};
use crate::executor::guard::Guard;
use crate::executor::log_gate::LogGate;
use crate::service::effect::Dispatch;
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::input::{Exit, FunctionError};
use crate::service::time::Micros;
use crate::workspace::definition::Runtime;

/// An environment with its files, and everything it has said so far.
struct Environment {
    handle: Option<EnvironmentHandle>,
    reports: mpsc::Receiver<Report>,
    gate: LogGate,
    log: Vec<String>,
    found: Option<String>,
    megabytes: u32,
    folder: tempfile::TempDir,
}

/// Whether a program is there; with `CI=true` it must be.
fn installed(program: &str) -> bool {
    let found = std::process::Command::new(program).arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "{program} is missing");
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

/// Writes an executable file, and the folders above it.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// A guard that only listens; what it does is tested in `ends`.
fn idle_guard(folder: &Path) -> Guard {
    let program = folder.join("guard");
    write(&program, "#!/bin/sh\nexec cat >/dev/null\n");
    Guard::new(Some(program))
}

fn environment_start(runtime: Runtime, handler: &str, folder: &Path) -> EnvironmentStart {
    EnvironmentStart {
        environment: EnvironmentId(1),
        function: "f".into(),
        runtime,
        handler: handler.into(),
        code: folder.to_path_buf(),
        memory_size: 128,
        region: "us-east-1".into(),
        account_id: "000000000000".into(),
        variables: [("TABLE".to_owned(), "orders".to_owned())].into(),
        layers: Vec::new(),
        debug: false,
        freeze: false,
        lambda_endpoint: Some("http://127.0.0.1:9001".into()),
        log_stream: "stream".into(),
    }
}

impl Environment {
    fn start(runtime: Runtime, handler: &str, files: &[(&str, &str)]) -> Self {
        Self::start_with(runtime, handler, files, |_| {})
    }

    fn start_with(runtime: Runtime, handler: &str, files: &[(&str, &str)], change: impl FnOnce(&mut EnvironmentStart)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            write(&folder.path().join(file), text);
        }
        let mut start = environment_start(runtime, handler, folder.path());
        change(&mut start);
        let guard = idle_guard(folder.path());
        Self::begin(start, &guard, folder)
    }

    fn begin(start: EnvironmentStart, guard: &Guard, folder: tempfile::TempDir) -> Self {
        let (sender, reports) = mpsc::channel(1_024);
        let gate = LogGate::default();
        let handle = Some(super::start(start, guard, sender, gate.clone()));
        Self { handle, reports, gate, log: Vec::new(), found: None, megabytes: 0, folder }
    }

    fn python(text: &str) -> Self {
        Self::start(Runtime::Python, "handler.handler", &[("handler.py", text)])
    }

    fn node(text: &str) -> Self {
        Self::start(Runtime::Node, "index.handler", &[("index.mjs", text)])
    }

    fn shell(text: &str) -> Self {
        Self::start(Runtime::Command(Vec::new()), "", &[("bootstrap", &format!("#!/bin/sh\n{text}"))])
    }

    /// The next report that is no log line and no figure; those are kept.
    async fn next(&mut self) -> FromEnvironment {
        loop {
            let report = tokio::time::timeout(Duration::from_secs(60), self.reports.recv()).await.unwrap();
            match report.unwrap().what {
                FromEnvironment::Log(lines) => self.log.extend(lines.iter().map(ToString::to_string)),
                FromEnvironment::MemoryUsed { megabytes } => self.megabytes = megabytes,
                FromEnvironment::RuntimeFound(runtime) => self.found = Some(runtime.to_string()),
                what => return what,
            }
        }
    }

    async fn log_until(&mut self, wanted: impl Fn(&str) -> bool) {
        while !self.log.iter().any(|line| wanted(line)) {
            let report = tokio::time::timeout(Duration::from_secs(60), self.reports.recv()).await.unwrap().unwrap();
            match report.what {
                FromEnvironment::Log(lines) => self.log.extend(lines.iter().map(ToString::to_string)),
                FromEnvironment::Exited(exit) => panic!("{exit:?} {:?}", self.log),
                _ => {}
            }
        }
    }

    async fn ready(mut self) -> Self {
        let first = self.next().await;
        assert!(matches!(first, FromEnvironment::Ready), "{first:?}, {:?}", self.log);
        self
    }

    async fn init_error(&mut self) -> FunctionError {
        match self.next().await {
            FromEnvironment::InitError(error) => error,
            other => panic!("{other:?} {:?}", self.log),
        }
    }

    async fn exited(&mut self) -> Exit {
        match self.next().await {
            FromEnvironment::Exited(exit) => exit,
            other => panic!("{other:?} {:?}", self.log),
        }
    }

    fn dispatch(&self, payload: &str) {
        let dispatch = Dispatch {
            environment: EnvironmentId(1),
            function: "f".into(),
            request_id: RequestId(7),
            attempt: 1,
            payload: payload.to_owned().into(),
            time_left: Micros::from_secs(3),
            invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
            trace_header: "Root=1-0-0".into(),
            client_context: Some("{\"custom\": {\"name\": \"Zoë\"}}".into()),
        };
        let deadline_millis = crate::executor::clock::wall().millis() + 3_000;
        let order = ToEnvironment::Dispatch { dispatch, deadline_millis, time_left: Duration::from_secs(3), stream: None };
        self.handle.as_ref().unwrap().send(order);
    }

    /// The raw answer: a payload, or an error.
    async fn answer(&mut self, payload: &str) -> Result<bytes::Bytes, FunctionError> {
        self.dispatch(payload);
        let result = match self.next().await {
            FromEnvironment::Response { payload, .. } => Ok(payload),
            FromEnvironment::Error { error, .. } => Err(error),
            other => panic!("{other:?} {:?}", self.log),
        };
        let after = self.next().await;
        assert!(matches!(after, FromEnvironment::Next | FromEnvironment::Exited(_)), "{after:?}");
        result
    }

    async fn invoke(&mut self, payload: &str) -> Result<Value, Value> {
        let parsed = |bytes: bytes::Bytes| serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("{bytes:?} is no JSON"));
        self.answer(payload).await.map(parsed).map_err(|error| parsed(error.payload))
    }
}
