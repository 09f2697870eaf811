//! Real processes: Python, Node.js, shell and curl, each skipped with a word where it is not installed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::executor::environment::{EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ToEnvironment};
use crate::executor::guard::Guard;
use crate::service::effect::{Dispatch, StopReason};
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::input::Exit;
use crate::service::time::Micros;
use crate::workspace::definition::Runtime;

struct Environment {
    handle: Option<EnvironmentHandle>,
    reports: mpsc::Receiver<Report>,
    log: Vec<String>,
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

impl Environment {
    fn start(runtime: Runtime, handler: &str, file: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let (sender, reports) = mpsc::channel(1_024);
        let start = EnvironmentStart {
            environment: EnvironmentId(1),
            function: "f".into(),
            runtime,
            handler: handler.into(),
            code: folder.path().to_path_buf(),
            memory_size: 128,
            region: "us-east-1".into(),
            account_id: "000000000000".into(),
            variables: BTreeMap::from([("TABLE".to_owned(), "orders".to_owned())]),
            layers: Vec::new(),
            debug: false,
            freeze: false,
            lambda_endpoint: None,
            log_stream: "stream".into(),
        };
        // Takes the guard's lines and ends when its standard input closes.
        let guard = folder.path().join("guard");
        fs::write(&guard, "#!/bin/sh\nexec cat >/dev/null\n").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&guard, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let guard = Guard::new(Some(guard));
        Self { handle: Some(super::start(start, &guard, sender)), reports, log: Vec::new(), folder }
    }

    fn python(text: &str) -> Self {
        Self::start(Runtime::Python, "handler.handler", "handler.py", text)
    }

    fn node(text: &str) -> Self {
        Self::start(Runtime::Node, "index.handler", "index.mjs", text)
    }

    fn shell(text: &str) -> Self {
        Self::start(Runtime::Command(vec!["./bootstrap".into()]), "", "bootstrap", &format!("#!/bin/sh\n{text}"))
    }

    async fn next(&mut self) -> FromEnvironment {
        loop {
            let report = tokio::time::timeout(Duration::from_secs(30), self.reports.recv()).await.unwrap();
            match report.unwrap().what {
                FromEnvironment::Log(lines) => self.log.extend(lines.iter().map(ToString::to_string)),
                FromEnvironment::MemoryUsed { .. } | FromEnvironment::RuntimeFound(_) => {}
                what => return what,
            }
        }
    }

    async fn ready(mut self) -> Self {
        let first = self.next().await;
        assert!(matches!(first, FromEnvironment::Ready), "{first:?}, {:?}", self.log);
        self
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
            client_context: None,
        };
        let deadline_millis = crate::executor::clock::wall().millis() + 3_000;
        let order = ToEnvironment::Dispatch { dispatch, deadline_millis, time_left: Duration::from_secs(3) };
        self.handle.as_ref().unwrap().send(order);
    }

    async fn invoke(&mut self, payload: &str) -> Result<serde_json::Value, serde_json::Value> {
        self.dispatch(payload);
        let result = match self.next().await {
            FromEnvironment::Response { payload, .. } => Ok(serde_json::from_slice(&payload).unwrap()),
            FromEnvironment::Error { error, .. } => Err(serde_json::from_slice(&error.payload).unwrap()),
            other => panic!("{other:?} {:?}", self.log),
        };
        assert!(matches!(self.next().await, FromEnvironment::Next));
        result
    }
}

#[tokio::test]
async fn python_answers_fails_and_logs() {
    if !installed("python3") {
        return;
    }
    let mut f = Environment::python(
        "import logging, os\nlogging.getLogger().setLevel(logging.INFO)\ndef handler(event, context):\n    print('got', event['n'])\n    logging.info('told')\n    if event['n'] == 2:\n        raise ValueError('no two')\n    return {'n': event['n'] + 1, 'table': os.environ['TABLE'], 'left': context.get_remaining_time_in_millis() > 1000, 'id': context.aws_request_id}\n",
    )
    .ready()
    .await;
    let answer = f.invoke("{\"n\": 1}").await.unwrap();
    assert_eq!((&answer["n"], &answer["table"], &answer["left"]), (&2.into(), &"orders".into(), &true.into()));
    assert_eq!(answer["id"], RequestId(7).to_string());
    assert_eq!(f.log[0], "got 1", "a line before the answer is in its log");
    assert!(f.log[1].starts_with("[INFO]\t") && f.log[1].ends_with("\ttold"), "{:?}", f.log);
    let error = f.invoke("{\"n\": 2}").await.unwrap_err();
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&"ValueError".into(), &"no two".into()));
    assert!(error["stackTrace"][0].as_str().unwrap().contains("handler.py\", line 7"), "{error}");
    assert_eq!(f.invoke("{\"n\": 3}").await.unwrap()["n"], 4);
}

#[tokio::test]
async fn what_is_wrong_with_python_code_is_named_as_lambda_names_it() {
    if !installed("python3") {
        return;
    }
    for (text, error_type) in [
        ("import nowhere\n", "Runtime.ImportModuleError"),
        ("def handler(:\n", "Runtime.UserCodeSyntaxError"),
        ("other = 1\n", "Runtime.HandlerNotFound"),
    ] {
        let mut f = Environment::python(text);
        let FromEnvironment::InitError(error) = f.next().await else { panic!("{error_type}: {:?}", f.log) };
        assert_eq!(&*error.error_type, error_type);
        assert!(matches!(f.next().await, FromEnvironment::Exited(Exit::Code(1))));
    }
}

#[tokio::test]
async fn node_answers_fails_and_logs() {
    if !installed("node") {
        return;
    }
    let mut f = Environment::node(
        "export const handler = async (event, context) => {\n  console.log('got', event);\n  if (event.n === 2) throw new RangeError('no two');\n  return { n: event.n + 1, id: context.awsRequestId };\n};\n",
    )
    .ready()
    .await;
    assert_eq!(f.invoke("{\"n\": 1}").await.unwrap()["n"], 2);
    assert!(f.log[0].ends_with(&format!("\t{}\tINFO\tgot {{ n: 1 }}", RequestId(7))), "{:?}", f.log);
    let error = f.invoke("{\"n\": 2}").await.unwrap_err();
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&"RangeError".into(), &"no two".into()));
    assert_eq!(f.invoke("{\"n\": 3}").await.unwrap()["n"], 4);
}

const LOOP: &str = r#"
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while :; do
  head=$(mktemp)
  event=$(curl -sS -D "$head" "$api/invocation/next")
  id=$(tr -d '\r' < "$head" | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
"#;

#[tokio::test]
async fn a_shell_script_with_curl_is_a_runtime() {
    if !installed("curl") {
        return;
    }
    let script = format!(
        "{LOOP}  echo \"event $event\"\n  curl -sS -d \"{{\\\"saw\\\":$event}}\" \"$api/invocation/$id/response\" >/dev/null\n  curl -sS -o \"$head\" -w '%{{http_code}}\\n' -d 1 \"$api/invocation/$id/response\"\ndone\n"
    );
    let mut f = Environment::shell(&script).ready().await;
    assert_eq!(f.invoke("{\"n\":1}").await.unwrap()["saw"]["n"], 1);
    assert_eq!(f.log, ["event {\"n\":1}", "400"], "a second answer is refused");
    let large = format!("\"{}\"", "x".repeat(100_000));
    assert_eq!(f.invoke(&large).await.unwrap()["saw"].as_str().unwrap().len(), 100_000);
}

#[tokio::test]
async fn ends_are_told_apart() {
    for (text, exit) in [
        ("exit 0", Exit::Code(0)),
        ("exit 127", Exit::Code(127)),
        ("kill -SEGV $$", Exit::Signal("segmentation fault".into())),
        ("kill -KILL $$", Exit::Signal("killed".into())),
    ] {
        let FromEnvironment::Exited(found) = Environment::shell(text).next().await else { panic!("{text}") };
        assert_eq!(found, exit);
    }
}

#[tokio::test]
async fn what_cannot_start_names_the_repair() {
    for (runtime, words) in [
        (Runtime::Command(vec!["no-such-program".into()]), "build it first"),
        (Runtime::Command(vec!["./missing".into()]), "missing"),
        (Runtime::Command(Vec::new()), "set `command`"),
    ] {
        let mut f = Environment::start(runtime, "", "other", "");
        let FromEnvironment::Exited(Exit::NotStarted { message, error_type }) = f.next().await else { panic!("{words}") };
        assert!(message.contains(words), "{message}");
        assert_eq!(&*error_type, "Runtime.InvalidEntrypoint");
    }
}

#[tokio::test]
async fn a_stop_ends_grandchildren_that_ignore_signals() {
    let mut f = Environment::shell(
        "trap '' TERM INT HUP\n(trap '' TERM; sleep 600 & echo $! > child; wait) &\nwhile [ ! -s child ]; do sleep 0.01; done\necho started\nsleep 600",
    );
    while !f.log.iter().any(|line| line == "started") {
        let report = tokio::time::timeout(Duration::from_secs(30), f.reports.recv()).await.unwrap().unwrap();
        if let FromEnvironment::Log(lines) = report.what {
            f.log.extend(lines.iter().map(ToString::to_string));
        }
    }
    let child = fs::read_to_string(f.folder.path().join("child")).unwrap();
    let process = Path::new("/proc").join(child.trim());
    assert!(process.exists());
    if let Some(handle) = f.handle.take() {
        handle.send(ToEnvironment::Stop(StopReason::Timeout));
    }
    let gone = async {
        while process.exists() && !fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
}

#[tokio::test]
async fn a_hundred_megabytes_of_output_pass_in_bounded_pieces() {
    let mut f = Environment::shell("head -c 100000000 /dev/zero | tr '\\0' 'x'\necho\necho end");
    let (mut bytes, mut longest) = (0, 0);
    loop {
        match tokio::time::timeout(Duration::from_secs(60), f.reports.recv()).await.unwrap().unwrap().what {
            FromEnvironment::Log(lines) => {
                bytes += lines.iter().map(|line| line.len()).sum::<usize>();
                longest = lines.iter().map(|line| line.len()).fold(longest, usize::max);
            }
            FromEnvironment::Exited(exit) => {
                assert_eq!(exit, Exit::Code(0));
                break;
            }
            _ => {}
        }
    }
    assert_eq!(bytes, 100_000_003);
    assert!(longest <= (256 + 64) << 10, "{longest}");
}
