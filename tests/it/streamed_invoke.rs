//! InvokeWithResponseStream as boto3 calls it: pieces reach the client while the function still runs.

use std::process::Command;

use crate::clients::virtual_environment;
use crate::program::{Server, installed, text, workspace};

const SETTINGS: &str = r#"
[functions.story]
runtime = "nodejs"
code = "story.mjs"
timeout = 20
[functions.plain]
script = [{ respond = { sum = 3 } }]
[functions.broken]
script = [{ throw = "Boom" }]
[functions.off]
script = [{ respond = 1 }]
reserved_concurrent_executions = 0
"#;

/// Goes on after its first words when the file is there, which only a reader of those words makes.
const STORY: &str = r#"
import { existsSync } from 'node:fs';
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  console.log('begins');
  stream.write('once upon ');
  while (!existsSync(event.file)) await new Promise((resolve) => setTimeout(resolve, 10));
  if (event.fails) throw new RangeError('no end');
  stream.write('a time');
  stream.end();
});
"#;

const CLIENT: &str = r#"
import base64, json, os, sys, boto3
from botocore import UNSIGNED
from botocore.config import Config
c = boto3.client("lambda", endpoint_url=sys.argv[1], region_name="us-east-1", config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}))

def events(name, **more):
    answer = c.invoke_with_response_stream(FunctionName=name, **more)
    assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST", answer
    assert answer["ResponseMetadata"]["RequestId"], answer
    for event in answer["EventStream"]:
        yield answer["ResponseMetadata"]["RequestId"], event

def story(number, fails):
    file = os.path.join(sys.argv[2], str(number))
    chunks, last = b"", None
    for request_id, event in events("story", Payload=json.dumps({"file": file, "fails": fails}), LogType="Tail"):
        if "PayloadChunk" in event:
            assert last is None
            chunks += event["PayloadChunk"]["Payload"]
            open(file, "w").close()
        else:
            last = event["InvokeComplete"]
            log = base64.b64decode(last["LogResult"]).decode()
            assert "START RequestId: " + request_id in log and "begins" in log and "REPORT" in log, log
    return chunks, last

chunks, last = story(1, False)
assert chunks == b"once upon a time" and "ErrorCode" not in last, (chunks, last)
chunks, last = story(2, True)
assert chunks == b"once upon " and last["ErrorCode"] == "Unhandled", (chunks, last)
assert json.loads(last["ErrorDetails"])["errorType"] == "RangeError", last

(_, chunk), (_, last) = events("plain", Payload=b"{}")
assert json.loads(chunk["PayloadChunk"]["Payload"]) == {"sum": 3} and last == {"InvokeComplete": {}}, (chunk, last)
[(_, last)] = events("broken", Payload=b"{}")
assert json.loads(last["InvokeComplete"]["ErrorDetails"])["errorType"] == "Boom", last
assert c.invoke_with_response_stream(FunctionName="plain", InvocationType="DryRun")["StatusCode"] == 204
for name, expected in [("nowhere", "ResourceNotFoundException"), ("off", "TooManyRequestsException")]:
    try:
        c.invoke_with_response_stream(FunctionName=name)
        raise SystemExit("no error")
    except c.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == expected, error.response
print("all of it")
"#;

#[test]
fn boto3_reads_a_response_while_the_function_writes_it() {
    if !installed("python3") || !installed("node") {
        return;
    }
    let folder = workspace(&[("invokelab.toml", SETTINGS), ("story.mjs", STORY)]);
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), folder.path());
    let python = virtual_environment().join("python");
    let output = Command::new(python).arg("-c").arg(CLIENT).arg(&server.address).arg(data.path()).output().unwrap();
    assert_eq!(text(&output.stdout).trim(), "all of it", "{}", text(&output.stderr));
}

#[test]
fn a_refusal_has_the_operation_in_its_words() {
    if !installed("curl") {
        return;
    }
    let folder = workspace(&[("invokelab.toml", SETTINGS), ("story.mjs", STORY)]);
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), folder.path());
    let url = format!("{}/2021-11-15/functions/plain/response-streaming-invocations", server.address);
    let event = server.curl(&["-i", "-H", "X-Amz-Invocation-Type: Event", "-d", "{}", &url]);
    assert!(event.starts_with("HTTP/1.1 400") && event.contains("enum value set: [RequestResponse, DryRun]"), "{event}");
    let large = data.path().join("large.json");
    std::fs::write(&large, format!("\"{}\"", "x".repeat(6_291_456))).unwrap();
    let answer = server.curl(&["-i", "-H", "Expect:", "--data-binary", &format!("@{}", large.display()), &url]);
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("for the InvokeWithResponseStream operation"), "{answer}");
    let plain = server.curl(&["-i", "-d", "{}", &url]);
    assert!(plain.contains("Content-Type: application/vnd.amazon.eventstream"), "{plain}");
}
