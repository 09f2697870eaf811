//! Real clients against the Lambda API: curl and boto3.

use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;

use crate::program::{Server, installed, invokelab, scenarios, text, workspace};

#[test]
fn curl_sees_what_aws_would_send() {
    if !installed("curl") {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &scenarios());
    let answer = server.invoke("add", "RequestResponse", "{\"a\":1,\"b\":2}");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"sum\":3}"), "{answer}");
    assert!(answer.contains("X-Amz-Executed-Version: $LATEST") && !answer.contains("X-Amz-Function-Error"));
    let tail = answer.lines().find_map(|line| line.strip_prefix("X-Amz-Log-Result: ")).unwrap();
    let log = text(&base64::engine::general_purpose::STANDARD.decode(tail.trim()).unwrap());
    assert!(log.contains("adding 1 2") && log.contains("REPORT RequestId: "), "{log}");
    let failed = server.invoke("add", "RequestResponse", "{}");
    assert!(
        failed.starts_with("HTTP/1.1 200") && failed.contains("X-Amz-Function-Error: Unhandled") && failed.contains("TypeError"),
        "{failed}"
    );
    assert!(server.invoke("add", "DryRun", "{}").starts_with("HTTP/1.1 204"));
    assert!(server.invoke("add", "Event", "{}").starts_with("HTTP/1.1 202"));
}

#[test]
fn refusals_and_unknown_operations_are_aws_shaped() {
    if !installed("curl") {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &scenarios());
    for (function, payload, status, name) in [
        ("nowhere", "{}", "404", "ResourceNotFoundException"),
        ("add:7", "{}", "404", "ResourceNotFoundException"),
        ("add", "{oops", "400", "InvalidRequestContentException"),
        ("a%20b", "{}", "400", "ValidationException"),
        ("arn:aws:lambda:eu-west-1:000000000000:function:add", "{}", "404", "ResourceNotFoundException"),
        ("arn:aws:lambda:us-east-1:123456789012:function:add", "{}", "403", "AccessDeniedException"),
        ("123456789012:function:add:$LATEST", "{}", "403", "AccessDeniedException"),
    ] {
        let answer = server.invoke(function, "RequestResponse", payload);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}"))
                && answer.contains(&format!("x-amzn-ErrorType: {name}"))
                && answer.contains("x-amzn-RequestId: "),
            "{answer}"
        );
    }
    for arn in ["arn:aws:lambda:us-east-1:000000000000:function:add", "000000000000:function:add"] {
        let answer = server.invoke(arn, "RequestResponse", "{\"a\":1,\"b\":2}");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"sum\":3}"), "{answer}");
    }
    let abroad = server.invoke("arn:aws:lambda:eu-west-1:000000000000:function:add", "Event", "{}");
    let words = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1'). Write region = ";
    assert!(abroad.contains(words), "{abroad}");
    let foreign = format!("{}/2015-03-31/functions/123456789012:function:add/configuration", server.address);
    let answer = server.curl(&["-i", &foreign]);
    let words = "is not authorized to perform: lambda:GetFunctionConfiguration on resource: \
                 arn:aws:lambda:us-east-1:123456789012:function:add because";
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains(words), "{answer}");
    let large = data.path().join("large.json");
    fs::write(&large, format!("\"{}\"", "x".repeat(6_291_456))).unwrap();
    let url = format!("{}/2015-03-31/functions/add/invocations", server.address);
    let answer = server.curl(&["-i", "-H", "Expect:", "--data-binary", &format!("@{}", large.display()), &url]);
    assert!(answer.contains("HTTP/1.1 413") && answer.contains("RequestEntityTooLargeException"), "{answer}");
    let header = "X-Amz-Invocation-Type: Event";
    let data = format!("@{}", large.display());
    let answer = server.curl(&["-i", "-H", "Expect:", "-H", header, "--data-binary", &data, &url]);
    assert!(
        answer.contains("HTTP/1.1 413") && answer.contains("1048576"),
        "an asynchronous event has a limit of its own: {answer}"
    );
    let unknown = server.curl(&["-i", "-X", "POST", "-d", "{}", &format!("{}/2015-03-31/functions", server.address)]);
    assert!(unknown.contains("UnknownOperationException") && unknown.contains("CreateFunction"), "{unknown}");
    let listed = server.curl(&[&format!("{}/2015-03-31/functions/", server.address)]);
    assert!(listed.contains("\"FunctionName\":\"add\""), "{listed}");
}

#[test]
fn functions_are_listed_page_by_page() {
    if !installed("curl") {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &scenarios());
    let list = |query: &str| {
        let answer = server.curl(&[&format!("{}/2015-03-31/functions/?{query}", server.address)]);
        serde_json::from_str::<serde_json::Value>(&answer).unwrap()
    };
    let mut names = Vec::new();
    let mut marker = String::new();
    for _ in 0..4 {
        let page = list(&format!("MaxItems=1{marker}"));
        assert_eq!(page["Functions"].as_array().unwrap().len(), 1);
        names.push(page["Functions"][0]["FunctionName"].as_str().unwrap().to_owned());
        marker = page["NextMarker"].as_str().map(|next| format!("&Marker={next}")).unwrap_or_default();
    }
    assert_eq!((names.join(" "), marker.as_str()), ("add book confirm slow".to_owned(), ""));
    for (wrong, rule) in [("0", "greater than or equal to 1"), ("10001", "less than or equal to 10000"), ("x", "be a number")] {
        assert!(list(&format!("MaxItems={wrong}"))["message"].as_str().unwrap().contains(rule), "{wrong}");
    }
    let configuration = server.curl(&[&format!("{}/2015-03-31/functions/confirm/configuration", server.address)]);
    assert!(configuration.contains("\"TargetArn\":\"arn:aws:sqs:us-east-1:000000000000:confirm-dlq\""), "{configuration}");
}

#[test]
fn a_web_page_cannot_reach_the_api() {
    if !installed("curl") {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &scenarios());
    let url = format!("{}/2015-03-31/functions/add/invocations", server.address);
    for header in ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Host: evil.example"] {
        let answer = server.curl(&["-i", "-H", header, "-d", "{}", &url]);
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("access-control"), "{header}: {answer}");
    }
}

const BOTO3: &str = r#"
import json, sys, boto3
from botocore import UNSIGNED
from botocore.config import Config
c = boto3.client("lambda", endpoint_url=sys.argv[1], region_name="us-east-1", config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}))
r = c.invoke(FunctionName="add", Payload=json.dumps({"a": 2, "b": 3}), LogType="Tail")
assert (r["StatusCode"], r["ExecutedVersion"], json.load(r["Payload"])) == (200, "$LATEST", {"sum": 5}), r
r = c.invoke(FunctionName="add", Payload=b"{}")
assert r["FunctionError"] == "Unhandled" and json.load(r["Payload"])["errorType"] == "TypeError"
assert c.invoke(FunctionName="confirm", InvocationType="Event", Payload=b"{}")["StatusCode"] == 202
assert c.invoke(FunctionName="add", InvocationType="DryRun")["StatusCode"] == 204
assert c.get_function(FunctionName="add")["Configuration"]["Runtime"] == "javascript"
assert c.get_function_configuration(FunctionName="add")["Timeout"] == 3
assert c.get_function_recursion_config(FunctionName="add")["RecursiveLoop"] == "Terminate"
assert len(c.list_functions()["Functions"]) == 4
pages = list(c.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 3}))
assert [[f["FunctionName"] for f in page["Functions"]] for page in pages] == [["add", "book", "confirm"], ["slow"]], pages
dead_letter = c.get_function_configuration(FunctionName="confirm")["DeadLetterConfig"]["TargetArn"]
assert dead_letter == "arn:aws:sqs:us-east-1:000000000000:confirm-dlq", dead_letter
try:
    c.invoke(FunctionName="nowhere")
    raise SystemExit("no error")
except c.exceptions.ResourceNotFoundException as error:
    assert "Function not found" in str(error)
try:
    c.list_layers()
    raise SystemExit("no error")
except Exception as error:
    assert "ListLayers" in str(error), error
print("all of it")
"#;

#[test]
fn boto3_and_the_aws_command_line_work_unmodified() {
    if !installed("python3") {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &scenarios());
    let bin = virtual_environment();
    let output = Command::new(bin.join("python")).arg("-c").arg(BOTO3).arg(&server.address).output().unwrap();
    assert_eq!(text(&output.stdout).trim(), "all of it", "{}", text(&output.stderr));
    let arguments = [
        "lambda",
        "invoke",
        "--endpoint-url",
        &server.address,
        "--no-sign-request",
        "--region",
        "us-east-1",
        "--function-name",
        "add",
    ];
    let out = data.path().join("out.json");
    let mut command = Command::new(bin.join("aws"));
    command.args(arguments).args(["--log-type", "Tail", "--payload", "{\"a\":1,\"b\":1}"]).arg(&out);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("LogResult"));
    assert_eq!(fs::read_to_string(out).unwrap(), "{\"sum\":2}");
}

const LOOP: &str = r#"
import json, os
import boto3
client = boto3.client("lambda")
def handler(event, context):
    kind = event["kind"]
    client.invoke(FunctionName="again", InvocationType=kind, Payload=json.dumps({"kind": kind}))
"#;

/// boto3 passes on what it finds in `_X_AMZN_TRACE_ID`, so Lambda knows the chain of a function that calls itself.
#[test]
fn a_function_that_calls_itself_with_boto3_is_stopped() {
    if !installed("python3") {
        return;
    }
    let python = virtual_environment();
    let settings = "[functions.again]\nruntime = \"python3\"\ncode = \"again.py\"\ntimeout = 60\ndead_letter = { target = \"queue:dead\" }\n[queues.dead]\n";
    let workspace = workspace(&[("invokelab.toml", settings), ("again.py", LOOP)]);
    let data = tempfile::tempdir().unwrap();
    let mut command = invokelab(data.path());
    command.arg("serve").arg(workspace.path()).args(["--port", "0"]);
    let mut paths = vec![python];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    command.env("PATH", std::env::join_paths(paths).unwrap());
    let mut server = Server::of(command);
    assert!(server.invoke("again", "Event", "{\"kind\":\"Event\"}").starts_with("HTTP/1.1 202"));
    let mut began = 0;
    let mut line = String::new();
    while !line.contains("dropped: RecursiveLoop after 0 attempts") {
        assert!(!line.contains("[ERROR]"), "{line}");
        began += usize::from(line.contains("START RequestId: "));
        line.clear();
        assert!(server.out.read_line(&mut line).unwrap() > 0, "serve ended");
    }
    assert_eq!(began, 16);
    line.clear();
    server.out.read_line(&mut line).unwrap();
    assert!(line.contains("DeadLetter to queue:dead"), "{line}");
    let stopped = server.curl(&[
        "-i",
        "-H",
        "X-Amzn-Trace-Id: Root=1-0-0;Lineage=16:b33fe54f:15",
        "-d",
        "{}",
        &format!("{}/2015-03-31/functions/again/invocations", server.address),
    ]);
    assert!(
        stopped.starts_with("HTTP/1.1 400") && stopped.contains("x-amzn-ErrorType: RecursiveInvocationException"),
        "{stopped}"
    );
    assert!(stopped.contains("\"Message\":\"Lambda has detected arn:aws:lambda:"), "{stopped}");
}

/// A virtual environment with boto3 and AWS CLI, made once under `target`.
pub fn virtual_environment() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients-venv");
    let bin = folder.join("bin");
    if !bin.join("aws").is_file() {
        let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        run(Command::new(bin.join("pip")).args(["install", "--quiet", "boto3", "awscli"]));
    }
    bin
}
