//! The bundled Node.js bootstrap.

use super::{Environment, installed};
use crate::executor::environment::{EnvironmentStart, FromEnvironment};
use crate::service::ids::RequestId;
use crate::service::input::Exit;
use crate::workspace::definition::Runtime;

#[tokio::test]
async fn answers_fails_and_logs() {
    if !installed("node") {
        return;
    }
    let mut f = Environment::node(
        r#"
export const handler = async (event, context) => {
  console.log('got', event);
  if (event.n === 2) throw new RangeError('no two');
  return { n: event.n + 1, id: context.awsRequestId, left: context.getRemainingTimeInMillis() > 1000, name: context.clientContext.custom.name };
};
"#,
    )
    .ready()
    .await;
    let answer = f.invoke("{\"n\": 1}").await.unwrap();
    assert_eq!(answer, serde_json::json!({ "n": 2, "id": RequestId(7).to_string(), "left": true, "name": "Zoë" }));
    assert!(f.log[0].ends_with(&format!("Z\t{}\tINFO\tgot {{ n: 1 }}", RequestId(7))), "{:?}", f.log);
    assert!(f.found.as_deref().is_some_and(|found| found.starts_with("Node.js 2")), "{:?}", f.found);
    let error = f.invoke("{\"n\": 2}").await.unwrap_err();
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&"RangeError".into(), &"no two".into()));
    assert_eq!(error["trace"][0], "RangeError: no two");
    assert!(error["trace"][1].as_str().unwrap().contains("/index.mjs:4:"), "{error}");
    assert!(!error.to_string().contains("bootstrap.mjs"), "{error}");
    assert!(
        f.log
            .iter()
            .any(|line| line.contains("\tERROR\tInvoke Error \t{\"errorType\":\"RangeError\",\"errorMessage\":\"no two\"")),
        "{:?}",
        f.log
    );
    assert_eq!(f.invoke("{\"n\": 3}").await.unwrap()["n"], 4);
}

#[tokio::test]
async fn of_files_with_one_stem_the_one_that_is_named_runs() {
    if !installed("node") {
        return;
    }
    let files = [
        ("x.js", "exports.handler = async () => 'js';"),
        ("x.mjs", "export const handler = async () => [process.env.INVOKELAB_CODE_FILE ?? 'mjs'];"),
        ("x.cjs", "exports.handler = async () => 'cjs';"),
    ];
    for (name, expected) in [("x.js", "\"js\""), ("x.mjs", "[\"mjs\"]"), ("x.cjs", "\"cjs\"")] {
        let name_it = |start: &mut EnvironmentStart| start.code = start.code.join(name);
        let mut f = Environment::start_with(Runtime::Node, "x.handler", &files, name_it).ready().await;
        assert_eq!(f.invoke("{}").await.unwrap().to_string(), expected, "{name}");
    }
}

#[tokio::test]
async fn every_kind_of_module_and_handler_path_is_found() {
    if !installed("node") {
        return;
    }
    let module = "export const handler = async () => 1;";
    let common = "exports.handler = async () => 1; exports.nested = { handler: exports.handler };";
    for (handler, files) in [
        ("index.handler", vec![("index.cjs", common)]),
        ("index.handler", vec![("index.js", common)]),
        ("index.handler", vec![("index.js", module), ("package.json", "{\"type\": \"module\"}")]),
        ("src/app.handler", vec![("src/app.mjs", module)]),
        ("src/app.nested.handler", vec![("src/app.js", common)]),
        ("package.handler", vec![("node_modules/package/index.js", common)]),
        (
            "index.handler",
            vec![
                ("index.mjs", "import { handler as h } from 'dependency'; export const handler = h;"),
                ("node_modules/dependency/index.js", common),
            ],
        ),
    ] {
        let mut f = Environment::start(Runtime::Node, handler, &files).ready().await;
        assert_eq!(f.invoke("{}").await.unwrap(), 1, "{files:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_as_lambda_names_it() {
    if !installed("node") {
        return;
    }
    for (handler, text, error_type, message) in [
        ("index.handler", "exports.other = 1;", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        ("index.handler", "exports.handler = 1;", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("index.handler", "exports.handler = (;", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ';'"),
        ("index.handler", "require('nowhere');", "Runtime.ImportModuleError", "Error: Cannot find module 'nowhere'"),
        ("missing.handler", "", "Runtime.ImportModuleError", "Error: Cannot find module 'missing'"),
        ("index", "", "Runtime.MalformedHandlerName", "Bad handler"),
        ("../index.handler", "", "Runtime.MalformedHandlerName", "'../index.handler' is not a valid handler name."),
        ("index.handler", "throw new TypeError('at once');", "TypeError", "at once"),
    ] {
        let mut f = Environment::start(Runtime::Node, handler, &[("index.js", text)]);
        let error = f.init_error().await;
        assert_eq!(&*error.error_type, error_type, "{error:?}");
        assert!(error.message.starts_with(message), "{error:?}");
        assert_eq!(f.exited().await, Exit::Code(129));
        let repair = f.log.iter().any(|line| {
            line.ends_with("missing.mjs, .js or .cjs does not exist; correct `handler` (file.export) or `code` in invokelab.toml")
        });
        assert_eq!(repair, handler == "missing.handler", "{:?}", f.log);
    }
}

#[tokio::test]
async fn callbacks_wait_for_an_empty_event_loop_unless_told_otherwise() {
    if !installed("node") {
        return;
    }
    let mut f = Environment::start(
        Runtime::Node,
        "index.handler",
        &[(
            "index.js",
            r#"
let late = 'early';
exports.handler = (event, context, callback) => {
  if (event === 'waits') { setTimeout(() => { late = 'late'; }, 100); return callback(null, { get late() { return late; } }); }
  if (event === 'now') { context.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 60000).unref(); setTimeout(() => { late = 'later'; }, 200); return callback(null, late); }
  if (event === 'error') return callback(new Error('called back'));
  if (event === 'string') return callback('text');
  if (event === 'succeed') return context.succeed(5);
  if (event === 'throws') throw new Error('thrown');
};
"#,
        )],
    )
    .ready()
    .await;
    assert_eq!(f.invoke("\"waits\"").await.unwrap()["late"], "late");
    assert_eq!(f.invoke("\"now\"").await.unwrap(), "late");
    assert_eq!(f.invoke("\"error\"").await.unwrap_err()["errorMessage"], "called back");
    assert_eq!(
        f.invoke("\"string\"").await.unwrap_err(),
        serde_json::json!({ "errorType": "string", "errorMessage": "text", "trace": [] })
    );
    assert_eq!(f.invoke("\"succeed\"").await.unwrap(), 5);
    assert_eq!(f.invoke("\"throws\"").await.unwrap_err()["errorMessage"], "thrown");
    assert!(f.invoke("\"never calls\"").await.unwrap().is_null());
}

#[tokio::test]
async fn what_nobody_catches_ends_the_process() {
    if !installed("node") {
        return;
    }
    for (text, error_type, exit) in [
        (
            "export const handler = async () => { Promise.reject(new Error('lost')); await new Promise(() => setTimeout(() => {}, 60000)); };",
            "Runtime.UnhandledPromiseRejection",
            128,
        ),
        (
            "export const handler = async () => { setTimeout(() => { throw new RangeError('lost'); }, 1); await new Promise(() => setTimeout(() => {}, 60000)); };",
            "RangeError",
            129,
        ),
    ] {
        let mut f = Environment::node(text).ready().await;
        f.dispatch("{}");
        let FromEnvironment::Error { error, .. } = f.next().await else { panic!("{error_type}: {:?}", f.log) };
        assert_eq!(&*error.error_type, error_type);
        assert!(error.message.contains("lost"), "{error:?}");
        assert_eq!(f.exited().await, Exit::Code(exit));
    }
    let mut f = Environment::node("export const handler = async () => { console.log('bye'); process.exit(7); };").ready().await;
    f.dispatch("{}");
    assert_eq!(f.exited().await, Exit::Code(7));
    assert!(f.log[0].ends_with("\tINFO\tbye"));
}

#[tokio::test]
async fn streamed_responses_are_collected() {
    if !installed("node") {
        return;
    }
    let mut f = Environment::node(
        r#"
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event === 'http') stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
  if (event === 'early') throw new Error('before the first byte');
  stream.write('one ');
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (event === 'late') throw new Error('after the first byte');
  stream.write('two'.repeat(event === 'large' ? 500000 : 1));
  stream.end();
});
"#,
    )
    .ready()
    .await;
    assert_eq!(f.answer("{}").await.unwrap(), "one two");
    assert_eq!(f.answer("\"http\"").await.unwrap(), "{\"statusCode\":201}\0\0\0\0\0\0\0\0one two");
    assert_eq!(f.answer("\"large\"").await.unwrap().len(), 1_500_004);
    assert_eq!(&*f.answer("\"early\"").await.unwrap_err().message, "before the first byte");
    assert_eq!(&*f.answer("\"late\"").await.unwrap_err().message, "after the first byte");
    assert_eq!(f.answer("{}").await.unwrap(), "one two");
}

#[tokio::test]
async fn results_that_are_no_json_are_errors_and_large_ones_pass() {
    if !installed("node") {
        return;
    }
    let mut f =
        Environment::node("export const handler = async (event) => (event === 1 ? 1n : event === 2 ? undefined : event);")
            .ready()
            .await;
    assert_eq!(f.invoke("1").await.unwrap_err()["errorMessage"], "Unable to stringify response body");
    assert!(f.invoke("2").await.unwrap().is_null());
    let large = format!("\"{}\"", "é".repeat(3_000_000));
    assert_eq!(f.answer(&large).await.unwrap(), large);
    assert_eq!(f.answer("3").await.unwrap(), "3");
}

#[tokio::test]
async fn forks_of_the_function_and_layers_work() {
    if !installed("node") {
        return;
    }
    let files = [
        (
            "code/index.js",
            "const { fork } = require('node:child_process'); const layered = require('layered');\nexports.handler = () => new Promise((resolve) => fork(__dirname + '/child.js').on('message', (child) => resolve({ child, layered })));",
        ),
        ("code/child.js", "process.send('hello');"),
        ("layer/nodejs/node_modules/layered/index.js", "module.exports = 'layer';"),
    ];
    let mut f = Environment::start_with(Runtime::Node, "index.handler", &files, |start| {
        start.layers = vec![start.code.join("layer")];
        start.code = start.code.join("code");
    })
    .ready()
    .await;
    assert_eq!(f.invoke("{}").await.unwrap(), serde_json::json!({ "child": "hello", "layered": "layer" }));
}

#[tokio::test]
async fn a_debugged_function_says_where_to_attach() {
    if !installed("node") {
        return;
    }
    let mut f = Environment::start_with(
        Runtime::Node,
        "index.handler",
        &[("index.mjs", "export const handler = async () => 1;")],
        |start| {
            start.debug = true;
        },
    );
    f.log_until(|line| line.starts_with("Debugger listening on ws://127.0.0.1:")).await;
    assert!(f.log[0].starts_with("Waiting for a Node.js debugger: attach to 127.0.0.1:"), "{:?}", f.log);
}
