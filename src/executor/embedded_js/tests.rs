//! Real JavaScript in real environments.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::executor::environment::{EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ToEnvironment};
use crate::service::effect::{Dispatch, StopReason};
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::input::{Exit, FunctionError};
use crate::service::time::Micros;
use crate::workspace::definition::Runtime;

struct Environment {
    handle: Option<EnvironmentHandle>,
    reports: mpsc::Receiver<Report>,
    log: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Environment {
    fn start(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (sender, reports) = mpsc::channel(1_024);
        let start = EnvironmentStart {
            environment: EnvironmentId(1),
            function: "f".into(),
            runtime: Runtime::JavaScript,
            handler: "handler".into(),
            code: folder.path().join(files[0].0),
            memory_size: 64,
            region: "eu-central-1".into(),
            account_id: "000000000000".into(),
            variables: BTreeMap::from([("TABLE".to_owned(), "orders".to_owned())]),
            layers: vec![folder.path().join("layer")],
            debug: false,
            freeze: false,
            lambda_endpoint: None,
            log_stream: "stream".into(),
        };
        Self {
            handle: Some(super::start(start, sender, crate::executor::log_gate::LogGate::default())),
            reports,
            log: Vec::new(),
            _folder: folder,
        }
    }

    fn ready(handler: &str) -> Self {
        let mut environment = Self::start(&[("index.mjs", handler)]);
        assert!(matches!(environment.next(), FromEnvironment::Ready));
        environment
    }

    /// The next report that is no log line.
    fn next(&mut self) -> FromEnvironment {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        loop {
            let report = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), self.reports.recv()).await });
            match report.unwrap().unwrap().what {
                FromEnvironment::Log(lines) => self.log.extend(lines.iter().map(ToString::to_string)),
                FromEnvironment::MemoryUsed { .. } | FromEnvironment::Loaded(_) => {}
                what => return what,
            }
        }
    }

    fn dispatch(&self, payload: &[u8]) {
        let dispatch = Dispatch {
            environment: EnvironmentId(1),
            function: "f".into(),
            request_id: RequestId(7),
            attempt: 1,
            payload: payload.to_vec().into(),
            time_left: Micros::from_secs(3),
            invoked_function_arn: "arn:aws:lambda:eu-central-1:000000000000:function:f".into(),
            trace_header: "Root=1-0-0".into(),
            client_context: None,
        };
        let deadline_millis = crate::executor::clock::wall().millis() + 3_000;
        let order = ToEnvironment::Dispatch { dispatch, deadline_millis, time_left: Duration::from_secs(3), stream: None };
        self.handle.as_ref().unwrap().send(order);
    }

    fn invoke(&mut self, payload: &str) -> Result<String, FunctionError> {
        self.dispatch(payload.as_bytes());
        let result = match self.next() {
            FromEnvironment::Response { payload, .. } => Ok(String::from_utf8_lossy(&payload).into_owned()),
            FromEnvironment::Error { error, .. } => Err(error),
            other => panic!("{other:?}"),
        };
        assert!(matches!(self.next(), FromEnvironment::Next));
        result
    }
}

fn answer(handler: &str) -> String {
    Environment::ready(handler).invoke("{\"n\":1}").unwrap()
}

fn error(handler: &str) -> (String, String) {
    let error = Environment::ready(handler).invoke("{}").unwrap_err();
    (error.error_type.to_string(), error.message.to_string())
}

#[test]
fn every_style_of_handler_answers() {
    assert_eq!(answer("export const handler = async (event) => ({ n: event.n + 1 });"), "{\"n\":2}");
    assert_eq!(answer("export function handler(event) { return event.n; }"), "1");
    assert_eq!(
        answer("export const handler = (event, context, callback) => setTimeout(() => callback(null, 'late'), 5);"),
        "\"late\""
    );
    assert_eq!(answer("export const handler = async () => {};"), "null");
    assert_eq!(answer("export const handler = async () => { await new Promise((r) => setTimeout(r, 10)); return 3; };"), "3");
    assert_eq!(answer("export const handler = (e, context) => context.succeed('done');"), "\"done\"");
}

#[test]
fn an_error_of_a_class_is_told_where_it_was_thrown() {
    let classes = "class Declined extends Error { constructor(m) { super(m); } }\nclass Expired extends Declined { constructor(m) {\n super(m); } }\n";
    for (code, place) in [
        ("export const handler = async () => {\n throw new Expired('x');\n};", "index.mjs:5:"),
        ("const pay = () => {\n throw new Declined('x');\n};\nexport const handler = async () => pay();", "index.mjs:5:"),
        (
            "function Declined2() {\n return new Declined('x'); }\nexport const handler = async () => { throw Declined2(); };",
            "index.mjs:5:",
        ),
        ("export const handler = async () => {\n throw new RangeError('x');\n};", "index.mjs:5:"),
        ("class Bare extends Error {}\nexport const handler = async () => {\n throw new Bare('x');\n};", "index.mjs:6:"),
    ] {
        let error = Environment::ready(&format!("{classes}{code}")).invoke("{}").unwrap_err();
        let payload: serde_json::Value = serde_json::from_slice(&error.payload).unwrap();
        assert!(payload["trace"][1].as_str().unwrap().contains(place), "{code}: {payload}");
    }
}

#[test]
fn a_logged_error_shows_nothing_of_the_runtime() {
    let mut environment = Environment::ready(
        "class Declined extends Error {\n constructor(m) { super(m); } }\nexport const handler = async () => {\n console.log(new Declined('card')); };",
    );
    environment.invoke("{}").unwrap();
    let log = environment.log.join("\n");
    assert!(log.contains("Error: card\n    at handler (index.mjs:4:"), "{log}");
    assert!(!log.contains("eval_script") && !log.contains("native"), "{log}");
}

#[test]
fn errors_carry_name_message_and_trace() {
    let mut environment = Environment::ready(
        "class Declined extends Error { constructor(m) { super(m); this.name = 'Declined'; } }\nexport const handler = async () => {\n  throw new Declined('card expired');\n};",
    );
    let error = environment.invoke("{}").unwrap_err();
    let payload: serde_json::Value = serde_json::from_slice(&error.payload).unwrap();
    assert_eq!(payload["errorType"], "Declined");
    assert_eq!(payload["errorMessage"], "card expired");
    assert_eq!(payload["trace"][0], "Declined: card expired");
    assert!(payload["trace"][1].as_str().unwrap().contains("index.mjs:3:"), "{payload}");
    assert_eq!(super::tests::error("export const handler = () => { throw 'plain'; };"), ("string".into(), "plain".into()));
    assert_eq!(super::tests::error("export const handler = async () => { null.x; };").0, "TypeError");
    assert_eq!(
        super::tests::error("export const handler = (e, c, callback) => callback(new RangeError('far'));").0,
        "RangeError"
    );
}

#[test]
fn state_survives_between_invocations_and_an_error_does_not_end_it() {
    let mut environment = Environment::ready(
        "let n = 0; export const handler = async (e) => { n += 1; if (e.fail) throw new Error('x'); return n; };",
    );
    assert_eq!(environment.invoke("{}").unwrap(), "1");
    assert!(environment.invoke("{\"fail\":true}").is_err());
    assert_eq!(environment.invoke("{}").unwrap(), "3");
}

#[test]
fn context_and_environment_are_lambdas() {
    let text = answer(
        "export const handler = async (event, context) => ({ id: context.awsRequestId, memory: context.memoryLimitInMB, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() > 1000, table: process.env.TABLE, name: process.env.AWS_LAMBDA_FUNCTION_NAME, region: process.env.AWS_REGION, home: process.env.HOME === undefined, trace: process.env._X_AMZN_TRACE_ID });",
    );
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["id"], RequestId(7).to_string());
    assert_eq!(
        (value["memory"].as_str(), value["left"].as_bool(), value["home"].as_bool()),
        (Some("64"), Some(true), Some(true))
    );
    assert_eq!(
        (value["table"].as_str(), value["name"].as_str(), value["region"].as_str()),
        (Some("orders"), Some("f"), Some("eu-central-1"))
    );
    assert_eq!(value["trace"], "Root=1-0-0");
}

#[test]
fn the_console_writes_lambdas_lines() {
    let mut environment = Environment::ready(
        "console.log('module'); export const handler = async () => { console.log('order %d of %s', 7, 'c-77', { a: [1, 'two'], b: null }); console.error(new Error('bad').message); };",
    );
    environment.invoke("{}").unwrap();
    let id = RequestId(7);
    assert!(
        environment.log[1].ends_with(&format!("\t{id}\tINFO\torder 7 of c-77 {{ a: [ 1, 'two' ], b: null }}")),
        "{:?}",
        environment.log
    );
    assert!(environment.log[2].ends_with(&format!("\t{id}\tERROR\tbad")));
    assert!(environment.log[0].ends_with("\tundefined\tINFO\tmodule"), "before the first event: {}", environment.log[0]);
}

#[test]
fn an_error_is_logged_as_node_logs_it() {
    let mut environment = Environment::ready("export const handler = async () => { throw new RangeError('no two'); };");
    environment.invoke("{}").unwrap_err();
    let expected = format!(
        "\t{}\tERROR\tInvoke Error \t{{\"errorType\":\"RangeError\",\"errorMessage\":\"no two\",\"stack\":[",
        RequestId(7)
    );
    assert!(environment.log[0].contains(&expected), "{:?}", environment.log);
}

#[test]
fn an_endless_loop_ends_when_the_environment_is_stopped() {
    let mut environment = Environment::ready("export const handler = () => { for (;;) {} };");
    environment.dispatch(b"{}");
    std::thread::sleep(Duration::from_millis(50));
    if let Some(handle) = environment.handle.take() {
        handle.send(ToEnvironment::Stop(StopReason::Timeout));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let last = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), environment.reports.recv()).await });
    assert!(last.unwrap().is_none(), "its thread ended and said nothing more");
}

#[test]
fn pending_timers_do_not_outlive_a_stop() {
    for handler in [
        "export const handler = async () => { await new Promise((r) => setTimeout(r, 60000)); };",
        "setInterval(() => {}, 10); export const handler = async () => { setTimeout(() => {}, 60000); return new Promise(() => {}); };",
    ] {
        let mut environment = Environment::ready(handler);
        environment.dispatch(b"{}");
        std::thread::sleep(Duration::from_millis(50));
        if let Some(handle) = environment.handle.take() {
            handle.send(ToEnvironment::Stop(StopReason::Timeout));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let last = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), environment.reports.recv()).await });
        assert!(last.unwrap().is_none());
    }
    let mut idle = Environment::ready(
        "export const handler = async () => { setTimeout(() => {}, 60000); setInterval(() => {}, 1000); return 1; };",
    );
    idle.invoke("{}").unwrap();
    drop(idle.handle.take());
    std::thread::sleep(Duration::from_millis(200));
}

#[test]
fn memory_and_exits_end_the_environment() {
    let mut environment = Environment::ready(
        "const hoard = []; export const handler = () => { for (;;) hoard.push(new Array(100000).fill(1.5)); };",
    );
    environment.dispatch(b"{}");
    assert!(matches!(environment.next(), FromEnvironment::Exited(Exit::OutOfMemory)));
    // So little is left at the end that QuickJS throws null in the place of an error.
    let mut environment = Environment::ready(
        "const hoard = []; export const handler = () => { for (let i = 0; ; i++) hoard.push({ i, name: 's' + i }); };",
    );
    environment.dispatch(b"{}");
    assert!(matches!(environment.next(), FromEnvironment::Exited(Exit::OutOfMemory)));
    // What was caught is over with its invocation: the next error is what it says it is.
    let mut catches = Environment::ready(
        "export const handler = (event) => { if (event.fail) throw new TypeError('other'); try { new Array(1e8).fill(1.5); } catch { return 1; } };",
    );
    assert_eq!(catches.invoke("{}").unwrap(), "1");
    assert_eq!(catches.invoke("{\"fail\":true}").map_err(|error| error.error_type.to_string()), Err("TypeError".to_owned()));
    let mut claims = Environment::ready("export const handler = () => { throw new InternalError('out of memory'); };");
    assert_eq!(claims.invoke("{}").map_err(|error| error.error_type.to_string()), Err("InternalError".to_owned()));
    let mut environment = Environment::ready("export const handler = () => { process.exit(3); };");
    environment.dispatch(b"{}");
    assert!(matches!(environment.next(), FromEnvironment::Exited(Exit::Code(3))));
}

#[test]
fn what_a_callback_throws_ends_the_environment_as_in_node() {
    for callback in ["setTimeout(boom, 1)", "setImmediate(boom)", "queueMicrotask(boom)", "process.nextTick(boom)"] {
        let mut environment = Environment::ready(&format!(
            "const boom = () => {{ throw new TypeError('later'); }};
             export const handler = async () => {{ {callback}; await new Promise((resolve) => setTimeout(resolve, 2000)); }};"
        ));
        environment.dispatch(b"{}");
        let FromEnvironment::Error { error, .. } = environment.next() else { panic!("{callback}: no error") };
        assert_eq!((&*error.error_type, &*error.message), ("TypeError", "later"), "{callback}");
        assert!(matches!(environment.next(), FromEnvironment::Exited(Exit::Code(129))), "{callback}");
    }
    let mut leaves = Environment::ready(
        "export const handler = async () => { setTimeout(() => process.exit(7), 1); await new Promise(() => {}); };",
    );
    leaves.dispatch(b"{}");
    assert!(matches!(leaves.next(), FromEnvironment::Exited(Exit::Code(7))));
}

#[test]
fn what_is_wrong_at_init_is_named_as_lambda_names_it() {
    for (files, error_type) in [
        (&[("index.mjs", "export const other = 1;")][..], "Runtime.HandlerNotFound"),
        (&[("index.mjs", "export const handler = (;")][..], "Runtime.UserCodeSyntaxError"),
        (&[("index.mjs", "import './missing.mjs'; export const handler = 1;")][..], "Runtime.ImportModuleError"),
        (&[("index.mjs", "throw new TypeError('top'); export const handler = 1;")][..], "TypeError"),
    ] {
        let mut environment = Environment::start(files);
        let FromEnvironment::InitError(error) = environment.next() else { panic!("{error_type}") };
        assert_eq!(&*error.error_type, error_type, "{}", error.message);
    }
}

#[test]
fn modules_of_the_folder_and_of_the_runtime_are_found() {
    let mut environment = Environment::start(&[
        (
            "index.mjs",
            "import { twice } from './lib.mjs'; import data from './data.json'; import { createHash } from 'crypto'; export const handler = async (e) => twice(e.n) + data.add + createHash('sha256').update('a').digest('hex').length;",
        ),
        ("lib.mjs", "export const twice = (n) => 2 * n;"),
        ("data.json", "{\"add\": 100}"),
    ]);
    assert!(matches!(environment.next(), FromEnvironment::Ready));
    assert_eq!(environment.invoke("{\"n\":4}").unwrap(), "172");
    let mut common = Environment::start(&[("index.js", "exports.handler = async () => 'common';")]);
    assert!(matches!(common.next(), FromEnvironment::Ready));
    assert_eq!(common.invoke("{}").unwrap(), "\"common\"");
}

#[test]
fn common_modules_require_each_other() {
    let mut environment = Environment::start(&[
        (
            "index.js",
            "const { count, twice } = require('./lib'); const data = require('./data.json'); const path = require('path');\n\
             exports.handler = async (e) => [twice(e.n) + data.add, count(), require('./lib').count(), path.basename(__filename), typeof module.exports];",
        ),
        ("lib.js", "let n = 0; exports.count = () => ++n; exports.twice = (n) => 2 * n; exports.circle = require('./index.js');"),
        ("data.json", "{\"add\": 100}"),
    ]);
    assert!(matches!(environment.next(), FromEnvironment::Ready), "{:?}", environment.log);
    assert_eq!(environment.invoke("{\"n\":4}").unwrap(), r#"[108,1,2,"index.js","object"]"#);
    let mut mixed = Environment::start(&[
        ("index.mjs", "import lib from './lib.cjs'; export const handler = async () => [lib.who, lib === require('./lib.cjs')];"),
        ("lib.cjs", "module.exports = { who: this === exports };"),
    ]);
    assert!(matches!(mixed.next(), FromEnvironment::Ready));
    assert_eq!(mixed.invoke("{}").unwrap(), "[true,true]");
}

#[test]
fn what_cannot_be_required_is_named() {
    for (index, told) in [
        ("require('./gone')", "Cannot find module './gone'"),
        ("require('./es.mjs')", "require() of ES Module es.mjs is not supported; import it"),
        ("require('./broken.js')", "broken.js"),
        ("require('nowhere')", "nowhere"),
    ] {
        let mut environment = Environment::start(&[
            ("index.js", &format!("{index}; exports.handler = () => 1;")),
            ("es.mjs", "export default 1;"),
            ("broken.js", "exports.x = ;"),
        ]);
        let FromEnvironment::InitError(error) = environment.next() else { panic!("{index}") };
        let whole = String::from_utf8_lossy(&error.payload).into_owned();
        assert!(whole.contains(told), "{index}: {whole}");
    }
}

#[test]
fn six_megabytes_pass_through() {
    let mut environment = Environment::ready("export const handler = async (e) => e.text.length;");
    let payload = format!("{{\"text\":\"{}\"}}", "x".repeat(6_000_000));
    assert_eq!(environment.invoke(&payload).unwrap(), "6000000");
}

#[test]
fn a_rejection_that_nobody_handles_ends_the_environment() {
    let mut environment =
        Environment::ready("export const handler = async () => { Promise.reject(new Error('lost')); return 1; };");
    environment.dispatch(b"{}");
    let FromEnvironment::Error { error, .. } = environment.next() else { panic!("an error was expected") };
    assert_eq!(&*error.error_type, "Runtime.UnhandledPromiseRejection");
    assert!(matches!(environment.next(), FromEnvironment::Exited(Exit::Code(128))));
    // Which promise was handled in the end, not which came last.
    let mut environment = Environment::ready(
        "export const handler = async () => {
           const a = Promise.reject(new Error('handled')), b = Promise.reject(new Error('not handled'));
           a.catch(() => {});
           return 1;
         };",
    );
    environment.dispatch(b"{}");
    let FromEnvironment::Error { error, .. } = environment.next() else { panic!("an error was expected") };
    assert_eq!(&*error.message, "Error: not handled");
}

#[test]
fn packages_of_layers_are_imported_and_required() {
    let mut environment = Environment::start(&[
        (
            "index.mjs",
            "import lib from 'lib';\nexport const handler = async () => [lib.name, require('lib').file, require('/opt/nodejs/x')];",
        ),
        ("layer/nodejs/node_modules/lib/index.js", "exports.name = require('./name');\nexports.file = __filename;"),
        ("layer/nodejs/node_modules/lib/name.js", "module.exports = 'layered';"),
        ("layer/nodejs/x.json", "7"),
    ]);
    assert!(matches!(environment.next(), FromEnvironment::Ready));
    let answer = environment.invoke("{}").unwrap();
    assert_eq!(answer, r#"["layered","/opt/nodejs/node_modules/lib/index.js",7]"#);
}
