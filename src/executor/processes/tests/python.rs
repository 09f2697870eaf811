//! The bundled Python bootstrap.

use super::{Environment, installed};
use crate::service::ids::RequestId;
use crate::service::input::Exit;
use crate::workspace::definition::Runtime;

#[tokio::test]
async fn answers_fails_and_logs() {
    if !installed("python3") {
        return;
    }
    let mut f = Environment::python(
        r#"
import logging, os
logging.getLogger().setLevel(logging.INFO)
def handler(event, context):
    print('got', event['n'], end='')
    logging.info('told')
    if event['n'] == 2:
        raise ValueError('no two')
    return {'n': event['n'] + 1, 'table': os.environ['TABLE'], 'id': context.aws_request_id}
"#,
    )
    .ready()
    .await;
    let answer = f.invoke("{\"n\": 1}").await.unwrap();
    assert_eq!((&answer["n"], &answer["table"]), (&2.into(), &"orders".into()));
    assert_eq!(answer["id"], RequestId(7).to_string());
    assert!(f.log[0].starts_with("got 1[INFO]\t") && f.log[0].ends_with(&format!("Z\t{}\ttold", RequestId(7))), "{:?}", f.log);
    assert!(f.found.as_deref().is_some_and(|found| found.starts_with("Python 3.")), "{:?}", f.found);
    assert!(f.megabytes > 1, "its memory is told before the answer");
    let error = f.invoke("{\"n\": 2}").await.unwrap_err();
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&"ValueError".into(), &"no two".into()));
    assert_eq!(error["stackTrace"].as_array().map(Vec::len), Some(1), "{error}");
    assert!(
        error["stackTrace"][0].as_str().unwrap().ends_with("/handler.py\", line 8, in handler\n    raise ValueError('no two')\n")
    );
    let place = f.log.iter().position(|line| line == "[ERROR] ValueError: no two").unwrap();
    assert_eq!(f.log[place + 1], "Traceback (most recent call last):");
    assert!(f.log[place + 2].starts_with("\u{a0}\u{a0}File \""), "{:?}", f.log);
    assert_eq!(f.invoke("{\"n\": 3}").await.unwrap()["n"], 4);
}

#[tokio::test]
async fn what_is_wrong_is_named_as_lambda_names_it() {
    if !installed("python3") {
        return;
    }
    for (handler, text, error_type, message) in [
        (
            "handler.handler",
            "import nowhere\n",
            "Runtime.ImportModuleError",
            "Unable to import module 'handler': No module named 'nowhere'",
        ),
        ("missing.handler", "", "Runtime.ImportModuleError", "Unable to import module 'missing': No module named 'missing'"),
        ("handler.handler", "def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'handler': "),
        ("handler.handler", "other = 1\n", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'handler'"),
        ("handler", "", "Runtime.MalformedHandlerName", "Bad handler 'handler': not enough values to unpack (expected 2, got 1)"),
        ("sys.handler", "", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        ("handler.handler", "raise KeyError('k')\n", "KeyError", "'k'"),
    ] {
        let mut f = Environment::start(Runtime::Python, handler, &[("handler.py", text)]);
        let error = f.init_error().await;
        assert_eq!(&*error.error_type, error_type);
        assert!(error.message.starts_with(message), "{error:?}");
        assert_eq!(f.exited().await, Exit::Code(1));
        assert!(f.found.is_some());
        let repair = f.log.iter().any(|line| {
            line.ends_with("missing.py does not exist; correct `handler` (file.function) or `code` in invokelab.toml")
        });
        assert_eq!(repair, handler == "missing.handler", "{:?}", f.log);
    }
}

#[tokio::test]
async fn results_are_written_as_the_official_runtime_writes_them() {
    if !installed("python3") {
        return;
    }
    let mut f = Environment::python(
        r#"
import decimal, datetime
def handler(event, context):
    return [{'amount': decimal.Decimal('129.00'), 'name': 'Zoë "d"'}, b'raw', datetime.datetime.now, None][event]
"#,
    )
    .ready()
    .await;
    let text = f.answer("0").await.unwrap();
    assert!(text.starts_with(b"{\"amount\": 129.00, \"name\": \""), "{text:?}");
    assert_eq!(f.answer("1").await.unwrap(), "raw");
    let error = f.invoke("2").await.unwrap_err();
    assert_eq!(error["errorType"], "Runtime.MarshalError");
    assert_eq!(
        error["errorMessage"],
        "Unable to marshal response: Object of type builtin_function_or_method is not JSON serializable"
    );
    assert_eq!(f.answer("3").await.unwrap(), "null");
}

#[tokio::test]
async fn the_context_and_the_variables_are_lambdas() {
    if !installed("python3") {
        return;
    }
    let mut f = Environment::start(
        Runtime::Python,
        "app/main.handler",
        &[(
            "app/main.py",
            r#"
import os
def handler(event, context):
    return {
        'context': [context.function_name, context.function_version, context.memory_limit_in_mb, context.log_group_name,
            context.log_stream_name, context.invoked_function_arn, context.client_context.custom['name'],
            context.identity.cognito_identity_id, 1000 < context.get_remaining_time_in_millis() <= 3000],
        'environment': dict(os.environ),
        'folder': os.getcwd() == os.environ['LAMBDA_TASK_ROOT'],
    }
"#,
        )],
    )
    .ready()
    .await;
    let answer = f.invoke("{}").await.unwrap();
    let expected = serde_json::json!([
        "f",
        "$LATEST",
        "128",
        "/aws/lambda/f",
        "stream",
        "arn:aws:lambda:us-east-1:000000000000:function:f",
        "Zoë",
        null,
        true
    ]);
    assert_eq!(answer["context"], expected);
    assert_eq!(answer["folder"], true);
    let environment = &answer["environment"];
    for (name, value) in [
        ("_HANDLER", "app/main.handler"),
        ("AWS_REGION", "us-east-1"),
        ("TZ", ":UTC"),
        ("TABLE", "orders"),
        ("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9001"),
        ("_X_AMZN_TRACE_ID", "Root=1-0-0"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert!(environment["AWS_EXECUTION_ENV"].as_str().unwrap().starts_with("AWS_Lambda_python3."));
    assert!(environment["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap().starts_with("127.0.0.1:"));
    // Cargo sets this one for tests: it stands for everything that the shell has and a function must not see.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() && environment["CARGO_MANIFEST_DIR"].is_null());
}

#[tokio::test]
async fn ends_in_the_middle_are_ends_of_the_process() {
    if !installed("python3") {
        return;
    }
    for (text, exit) in [
        ("import sys\ndef handler(event, context):\n    print('bye', end='')\n    sys.exit(3)\n", Exit::Code(3)),
        (
            "import os, signal\ndef handler(event, context):\n    print('bye', flush=True)\n    os.kill(os.getpid(), signal.SIGSEGV)\n",
            Exit::Signal("segmentation fault".into()),
        ),
    ] {
        let mut f = Environment::python(text).ready().await;
        f.dispatch("{}");
        assert_eq!(f.exited().await, exit);
        assert_eq!(f.log, ["bye"]);
    }
}

#[tokio::test]
async fn six_megabytes_pass_both_ways() {
    if !installed("python3") {
        return;
    }
    let mut f = Environment::python("def handler(event, context):\n    return event\n").ready().await;
    let large = format!("\"{}\"", "x".repeat(6_000_000));
    assert_eq!(f.answer(&large).await.unwrap(), large);
    assert_eq!(f.answer("1").await.unwrap(), "1");
}

#[tokio::test]
async fn layers_and_the_virtual_environment_are_used() {
    if !installed("python3") {
        return;
    }
    let version = std::process::Command::new("python3")
        .args(["-c", "import sys; print('python%d.%d' % sys.version_info[:2])"])
        .output()
        .unwrap();
    let packages = format!("layer/python/lib/{}/site-packages/versioned.py", String::from_utf8_lossy(&version.stdout).trim());
    let files = [
        (
            "code/handler.py",
            "import plain, versioned, subprocess, os\ndef handler(event, context):\n    return [plain.A, versioned.B, subprocess.check_output(['tool']).decode(), os.environ.get('INSIDE')]\n",
        ),
        ("layer/python/plain.py", "A = 1\n"),
        (packages.as_str(), "B = 2\n"),
        ("layer/bin/tool", "#!/bin/sh\nprintf tool\n"),
        ("code/.venv/bin/python", "#!/bin/sh\nINSIDE=yes exec python3 \"$@\"\n"),
    ];
    let mut f = Environment::start_with(Runtime::Python, "handler.handler", &files, |start| {
        start.layers = vec![start.code.join("layer")];
        start.code = start.code.join("code");
    })
    .ready()
    .await;
    assert_eq!(f.invoke("{}").await.unwrap(), serde_json::json!([1, 2, "tool", "yes"]));
}

#[tokio::test]
async fn a_missing_interpreter_names_the_repair() {
    let mut f = Environment::start_with(Runtime::Python, "handler.handler", &[], |start| {
        start.variables.insert("PATH".into(), "/nowhere".into());
    });
    let Exit::NotStarted { error_type, message } = f.exited().await else { panic!("it started") };
    assert_eq!(&*error_type, "Runtime.InvalidEntrypoint");
    assert!(message.contains("python3") && message.contains("install Python 3"), "{message}");
}

#[tokio::test]
async fn a_process_pool_of_the_function_works() {
    if !installed("python3") {
        return;
    }
    let text = "import multiprocessing\ndef double(n):\n    return n * 2\ndef handler(event, context):\n    with multiprocessing.get_context('spawn').Pool(1) as pool:\n        return pool.map(double, event)\n";
    let mut f = Environment::python(text).ready().await;
    assert_eq!(f.invoke("[1, 2]").await.unwrap(), serde_json::json!([2, 4]));
}
