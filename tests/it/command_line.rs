//! Commands, what they print, and their exit codes (`formats.md`).

use std::fs;
use std::io::{BufRead, Read};

use crate::program::{Server, installed, invokelab, run, scenarios, text, workspace};

#[test]
fn a_function_is_invoked_without_anything_installed() {
    let data = tempfile::tempdir().unwrap();
    let event = data.path().join("event.json");
    fs::write(&event, "{\"a\": 1, \"b\": 2}").unwrap();
    let workspace = scenarios();
    let arguments = ["invoke", "add", workspace.to_str().unwrap(), "--event", event.to_str().unwrap(), "--log"];
    let output = run(data.path(), &arguments);
    assert_eq!(text(&output.stdout), "{\"sum\":3}\n");
    assert_eq!(output.status.code(), Some(0));
    let log = text(&output.stderr);
    assert!(log.contains("START RequestId: ") && log.contains("INFO\tadding 1 2") && log.contains("REPORT RequestId: "), "{log}");
}

#[test]
fn the_variables_of_a_saved_event_are_filled_in_and_another_file_is_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("invokelab.toml"), "[functions.echo]\nruntime = \"javascript\"\ncode = \"echo.mjs\"\n").unwrap();
    fs::write(folder.path().join("echo.mjs"), "export const handler = (event) => event;\n").unwrap();
    let saved = folder.path().join("events/echo/one.json");
    fs::create_dir_all(saved.parent().unwrap()).unwrap();
    let other = folder.path().join("template.json");
    for (file, text, answer) in
        [(&saved, "{\"number\": {{seq}}}", "{\"number\":1}"), (&other, "{\"text\": \"{{seq}}\"}", "{\"text\":\"{{seq}}\"}")]
    {
        fs::write(file, text).unwrap();
        let arguments = ["invoke", "echo", folder.path().to_str().unwrap(), "--event", file.to_str().unwrap()];
        let output = run(&folder.path().join("data"), &arguments);
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), answer, "{output:?}");
    }
}

#[test]
fn standard_output_is_the_response_alone() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("invokelab.toml", "[functions.loop]\nruntime = \"javascript\"\ncode = \"loop.mjs\"\ntimeout = 1\n");
    // The engine prints that it was interrupted in the middle of a job.
    write("loop.mjs", "export const handler = async () => { await null; for (;;) {} };\n");
    let output = run(&folder.path().join("data"), &["invoke", "loop", folder.path().to_str().unwrap()]);
    let response: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(response["errorType"], "Sandbox.Timedout");
    assert!(!text(&output.stderr).contains("error executing job"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_came_of_the_chain_is_told_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let mut workspace = "[queues.dead]\n".to_owned();
    for (name, next) in [("ping", "pong"), ("pong", "ping")] {
        workspace += &format!(
            "[functions.{name}]\nruntime = \"javascript\"\ncode = \"{name}.mjs\"\n\
             [functions.{name}.dead_letter]\ntarget = \"queue:dead\"\n\
             [functions.{name}.event_invoke]\non_success = \"function:{next}\"\n"
        );
        write(&format!("{name}.mjs"), "export const handler = async () => { console.log('here'); };\n");
    }
    write("invokelab.toml", &workspace);
    let place = folder.path().to_str().unwrap();
    let arguments = ["invoke", "ping", place, "--type", "Event", "--advance", "idle", "--log"];
    let output = run(&folder.path().join("data"), &arguments);
    let told = text(&output.stderr);
    assert!(told.contains("pong  START RequestId: "), "{told}");
    assert!(told.contains("ping was stopped as a recursive loop: it was invoked 16 times"), "{told}");
    assert!(told.contains("DeadLetter: a record went to queue:dead"), "{told}");
    assert!(told.ends_with("32 other invocations followed: 31 succeeded, 1 did not\n"), "{told}");
}

#[test]
fn exit_codes_tell_errors_of_functions_from_errors_of_calls() {
    let data = tempfile::tempdir().unwrap();
    let workspace = scenarios();
    let workspace = workspace.to_str().unwrap();
    for (arguments, code) in [
        (vec!["invoke", "add", workspace], 1),
        (vec!["invoke", "nowhere", workspace], 2),
        (vec!["invoke", "add", "/no/such/folder"], 2),
        (vec!["invoke", "add", workspace, "--type", "DryRun"], 0),
        (vec!["invoke", "confirm", workspace, "--type", "Event", "--advance", "idle"], 1),
        (vec!["event", "sqs"], 0),
        (vec!["event", "sqss"], 2),
        (vec!["run", "/no/such/file.toml"], 2),
        (vec!["--help"], 0),
        (vec!["--no-such-option"], 2),
    ] {
        let output = run(data.path(), &arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn every_scenario_passes_and_reports_say_so() {
    let data = tempfile::tempdir().unwrap();
    let mut files: Vec<_> = fs::read_dir(scenarios().join("lessons")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/doors/lessons/front-doors.toml"));
    files.sort();
    let (junit, json) = (data.path().join("junit.xml"), data.path().join("report.json"));
    let mut command = invokelab(data.path());
    command.arg("run").args(&files).args(["--jobs", "2"]).arg("--junit").arg(&junit).arg("--json").arg(&json);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().filter(|line| line.starts_with("ok    ")).count(), files.len());
    assert!(fs::read_to_string(junit).unwrap().contains("failures=\"0\""));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&fs::read_to_string(json).unwrap()).unwrap()["failures"], 0);
}

#[test]
fn cors_verdicts_come_a_line_each_and_a_broken_case_stops_nothing() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("cases.jsonl");
    let case = r#"{"id":"a","page":"https://app.example.com/","req":{"url":"https://x.on.aws/","method":"PUT"},"config":{"AllowOrigins":["https://app.example.com"],"AllowMethods":["GET"]}}"#;
    fs::write(&file, format!("{case}\n{{\"id\":\n{case}\n")).unwrap();
    let output = run(data.path(), &["cors", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<serde_json::Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["cors_error"]), (3, &"MethodDisallowedByPreflightResponse".into()));
    assert!(lines[1]["error_in_case"].as_str().unwrap().starts_with("line 2: ") && lines[2] == lines[0]);
    fs::write(&file, case).unwrap();
    let output = run(data.path(), &["cors", file.to_str().unwrap(), "--format", "table"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("preflight-failed  PF_METHOD"), "{}", text(&output.stdout));
    assert_eq!(run(data.path(), &["cors", "/no/such/file"]).status.code(), Some(2));
}

#[test]
fn a_check_that_does_not_hold_is_told_with_expected_and_found() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("wrong.toml");
    let step = "[[step]]\ntitle = 'sum'\ninvoke = { function = 'add', payload = { a = 1, b = 1 }, as = 'x' }\nexpect = [{ invocation = 'x', pointer = '/sum', equals = 3 }]";
    fs::write(&file, format!("title = 'wrong'\nworkspace = {:?}\n{step}", scenarios().display().to_string())).unwrap();
    let output = run(data.path(), &["run", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains("FAIL  wrong") && told.contains("expected  3") && told.contains("found     2"), "{told}");
}

#[test]
fn a_port_in_use_is_an_error_only_if_the_command_line_asks_for_it() {
    let data = tempfile::tempdir().unwrap();
    let first = Server::start(data.path(), &scenarios());
    let port = first.address.rsplit(':').next().unwrap().to_owned();
    let other = tempfile::tempdir().unwrap();
    let output = run(other.path(), &["serve", scenarios().to_str().unwrap(), "--port", &port]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(&format!("port {port} of this machine is not free")), "{}", text(&output.stderr));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("invokelab.toml"), format!("[workspace]\nendpoint_port = {port}\ndoors_port = 0\n")).unwrap();
    let moved = Server::with(other.path(), folder.path(), &[]);
    let next = moved.address.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    assert!(next > port.parse().unwrap(), "{next} is the next free one after {port}");
}

#[test]
fn a_second_instance_says_who_has_the_workspace() {
    let data = tempfile::tempdir().unwrap();
    let first = Server::start(data.path(), &scenarios());
    let output = run(data.path(), &["serve", scenarios().to_str().unwrap(), "--port", "0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(&first.child.id().to_string()), "{}", text(&output.stderr));
}

#[test]
fn without_a_display_the_program_says_what_needs_none() {
    let data = tempfile::tempdir().unwrap();
    let output = invokelab(data.path()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(said.contains("there are invokelab serve, run, invoke, event and cors; invokelab screenshots needs one"), "{said}");
    assert!(!text(&output.stderr).contains(".rs:"), "{}", text(&output.stderr));
}

/// A workspace with one function and two scenarios that change its code, and its handler file.
fn changing() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("invokelab.toml", "[functions.f]\nruntime = \"javascript\"\ncode = \"f.mjs\"\ntimeout = 60\n");
    write("f.mjs", "export const handler = () => 'own';\n");
    for name in ["a", "b"] {
        let change = format!("change = {{ function = 'f', code = \"export const handler = () => '{name}'\" }}");
        let invoke = format!(
            "invoke = {{ function = 'f', as = 'x' }}\nexpect = [{{ invocation = 'x', pointer = '', equals = '{name}' }}]"
        );
        let steps = format!("[[step]]\n{change}\n[[step]]\n{invoke}\n").repeat(3);
        write(&format!("{name}.toml"), &format!("title = '{name}'\nworkspace = '.'\n{steps}"));
    }
    let handler = folder.path().join("f.mjs");
    (folder, handler)
}

#[test]
fn a_scenario_changes_code_without_touching_the_file() {
    let (folder, handler) = changing();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let output = run(&folder.path().join("data"), &["run", &file("a.toml"), &file("b.toml"), "--jobs", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(fs::read_to_string(handler).unwrap(), "export const handler = () => 'own';\n");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("_invokelab")), "{left:?}");
}

#[test]
fn changed_code_runs_in_every_runtime() {
    if !installed("node") || !installed("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "invokelab.toml",
        "[functions.node]\nruntime = \"nodejs\"\ncode = \"nd.mjs\"\nhandler = \"nd.handler\"\n\
         [functions.python]\nruntime = \"python3\"\ncode = \"one.py\"\nhandler = \"one.main\"\n",
    );
    write("nd.mjs", "export const handler = async () => 'own';\n");
    write("one.py", "def main(event, context):\n    return 'own'\n");
    let step = |function: &str, code: &str| {
        format!(
            "[[step]]\nchange = {{ function = '{function}', code = \"{code}\" }}\n[[step]]\ninvoke = {{ function = '{function}', as = 'x' }}\nexpect = [{{ invocation = 'x', pointer = '', equals = 'new' }}]\n"
        )
    };
    let node = step("node", "export const handler = async () => 'new';");
    let python = step("python", "def main(event, context):\\n    return 'new'\\n");
    write("s.toml", &format!("title = 's'\nworkspace = '.'\n{node}{python}"));
    let file = folder.path().join("s.toml");
    let output = run(&folder.path().join("data"), &["run", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_live_clock_takes_its_time() {
    let (folder, _) = changing();
    let file = folder.path().join("live.toml");
    fs::write(&file, "title = 'live'\nworkspace = '.'\nclock = 'live'\n[[step]]\nadvance = '1s'\n[[step]]\nadvance = 'next'\n")
        .unwrap();
    let began = std::time::SystemTime::now();
    let output = run(&folder.path().join("data"), &["run", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(began.elapsed().unwrap() >= std::time::Duration::from_secs(1));
}

#[test]
fn reports_are_written_though_a_scenario_cannot_start() {
    let (folder, _) = changing();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("lost.toml"), "title = 'lost'\nworkspace = 'nowhere'\n[[step]]\nadvance = '1s'\n").unwrap();
    let arguments = ["run", &path("a.toml"), &path("lost.toml"), "--junit", &path("j.xml"), "--json", &path("j.json")];
    let output = run(&folder.path().join("data"), &arguments);
    assert_eq!(output.status.code(), Some(2), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("ok    a") && text(&output.stdout).contains("FAIL  lost"));
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(path("j.json")).unwrap()).unwrap();
    assert_eq!(report["failures"], 1);
    assert!(fs::read_to_string(path("j.xml")).unwrap().contains("nowhere"));
}

const ECHO: [(&str, &str); 2] = [
    ("invokelab.toml", "[functions.f]\nruntime = 'javascript'\ncode = 'f.mjs'\n"),
    ("f.mjs", "export const handler = (event) => event;\n"),
];

#[test]
fn a_function_is_named_in_every_form_that_the_lambda_api_takes() {
    let folder = workspace(&ECHO);
    let workspace = folder.path().to_str().unwrap();
    for (name, code, told) in [
        ("f:$LATEST", 0, ""),
        ("000000000000:function:f", 0, ""),
        ("arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST", 0, ""),
        (
            "f:prod",
            2,
            "invokelab: 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:prod",
        ),
        (
            "arn:aws:lambda:eu-west-1:000000000000:function:f",
            2,
            "invokelab: 404 ResourceNotFoundException: Functions from 'eu-west-1' are not reachable",
        ),
        ("f:a:b", 2, "invokelab: 400 ValidationException: "),
    ] {
        let output = run(&folder.path().join("data"), &["invoke", name, workspace]);
        let (said, out) = (text(&output.stderr), text(&output.stdout));
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert_eq!(out, if code == 0 { "{}\n" } else { "" }, "{name}");
        assert!(said.contains(told) && said.matches("invokelab: ").count() < 2, "{name}: {said}");
    }
}

#[test]
fn an_invoke_that_keeps_nothing_needs_no_data_folder() {
    let folder = workspace(&ECHO);
    let (data, path) = (folder.path().join("f.mjs/data"), folder.path().to_str().unwrap());
    let output = run(&data, &["invoke", "f", path]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "{}\n".to_owned()), "{}", text(&output.stderr));
    let output = run(&data, &["invoke", "f", path, "--type", "Event"]);
    assert_eq!(output.status.code(), Some(2), "an event that is accepted waits somewhere");
    assert!(text(&output.stderr).contains("the data folder "), "{}", text(&output.stderr));
}

#[test]
fn another_version_of_the_interpreter_is_said_and_the_log_claims_none() {
    if !installed("python3") {
        return;
    }
    let folder = workspace(&[
        ("invokelab.toml", "[functions.py]\nruntime = 'python3.2'\ncode = 'py.py'\n"),
        ("py.py", "def handler(event, context): return 1\n"),
    ]);
    let output = run(&folder.path().join("data"), &["invoke", "py", folder.path().to_str().unwrap(), "--log"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("invokelab: py asks for python3.2 and runs on Python 3."), "{said}");
    assert!(said.contains("INIT_START Runtime Version: python3\n"), "{said}");
}

#[test]
fn serve_says_when_an_accepted_event_is_dropped() {
    if !installed("curl") {
        return;
    }
    let toml = "[functions.none]\nruntime = 'javascript'\ncode = 'f.mjs'\nreserved_concurrent_executions = 0\n\
        [functions.once]\nruntime = 'javascript'\ncode = 'f.mjs'\nevent_invoke = { maximum_retry_attempts = 0 }\n";
    let folder = workspace(&[("invokelab.toml", toml), ("f.mjs", "export const handler = () => { throw new Error('no'); };\n")]);
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start(data.path(), folder.path());
    for (function, told) in
        [("none", "  dropped: ZeroReservedConcurrency after 0 attempts"), ("once", "  dropped: RetriesExhausted after 1 attempt")]
    {
        assert!(server.invoke(function, "Event", "{}").starts_with("HTTP/1.1 202"));
        let mut lines = server.out.by_ref().lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains("dropped")).unwrap();
        assert!(line.starts_with(&format!("{function}  ")) && line.ends_with(told), "{line}");
    }
}

#[test]
fn what_is_not_there_yet_says_so() {
    let folder = workspace(&[("template.yaml", "Resources: {}\n")]);
    let data = folder.path().join("data");
    for (arguments, told) in [
        (vec!["simulate", "burst.toml", "--csv", "a.csv"], "invokelab: simulate is not there yet"),
        (vec!["serve", folder.path().to_str().unwrap()], "template.yaml is a SAM template, which is not read so far"),
        (vec!["event", "sq"], "did you mean \"sqs\"?"),
    ] {
        let output = run(&data, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(told), "{arguments:?}: {}", text(&output.stderr));
    }
}
