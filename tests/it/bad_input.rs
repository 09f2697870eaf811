//! Functions and files that misbehave (`product.md`, section 6), on the built program.

use std::fs;
use std::io::{BufRead, Read};
use std::path::Path;

use crate::program::{Server, installed, invokelab, run, text, workspace};

/// The most memory that a process has ever had, in MB.
#[cfg(target_os = "linux")]
fn high_water_mark(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() >> 10
}

const FLOOD_TOML: &str = "[functions.script]\nruntime = 'javascript'\ncode = 'flood.mjs'\ntimeout = 60\nmemory_size = 512\n[functions.process]\nruntime = 'python3'\ncode = 'flood.py'\ntimeout = 60\n";
const FLOOD_JS: &str = "export const handler = async () => { const line = 'x'.repeat(200_000); for (let i = 0; i < 1_500; i++) console.log(line); };";
const FLOOD_PYTHON: &str =
    "import os\ndef handler(event, context):\n    for _ in range(1500):\n        os.write(1, b'x' * 200_000 + b'\\n')\n";

/// 300 MB of log for a reader that takes none of it: the function ends, memory stays small, and the log says what is missing.
#[cfg(target_os = "linux")]
#[test]
fn a_log_that_nobody_takes_is_counted_instead_of_kept() {
    if !installed("curl") || !installed("python3") {
        return;
    }
    let workspace = workspace(&[("invokelab.toml", FLOOD_TOML), ("flood.mjs", FLOOD_JS), ("flood.py", FLOOD_PYTHON)]);
    for function in ["script", "process"] {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(data.path(), workspace.path());
        let answer = server.invoke(function, "RequestResponse", "{}");
        assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("x-amz-function-error"), "{answer}");
        let megabytes = high_water_mark(server.child.id());
        assert!(megabytes < 150, "{function}: {megabytes} MB");
        let mut left_out = 0;
        for line in server.out.by_ref().lines().map(Result::unwrap) {
            if let Some(count) = line
                .split_once("  (")
                .and_then(|(_, rest)| rest.strip_suffix(" more lines left out: they came faster than anybody took them)"))
            {
                left_out += count.parse::<u32>().unwrap();
            }
            if line.contains("REPORT RequestId") {
                break;
            }
        }
        assert!((100..1_500).contains(&left_out), "{function}: {left_out}");
    }
}

#[test]
fn what_is_not_there_has_lambdas_name_for_it() {
    let toml = "[functions.program]\nruntime = 'command'\ncommand = ['target/nothing']\n[functions.node]\nruntime = 'nodejs'\ncode = 'nothing.mjs'\n[functions.python]\nruntime = 'python3'\ncode = '.'\nhandler = 'nothing.handler'\n[functions.script]\nruntime = 'javascript'\ncode = 'nothing.mjs'\n";
    let workspace = workspace(&[("invokelab.toml", toml)]);
    for (function, error_type) in [
        ("program", "Runtime.InvalidEntrypoint"),
        ("node", "Runtime.ImportModuleError"),
        ("python", "Runtime.ImportModuleError"),
        ("script", "Runtime.ImportModuleError"),
    ] {
        let output = invoke(workspace.path(), &[function]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let error: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(error["errorType"], error_type, "{error}");
        assert!(error["errorMessage"].as_str().unwrap().contains("nothing"), "{error}");
    }
}

/// What was measured before the end is told for every way to end.
#[cfg(target_os = "linux")]
#[test]
fn a_report_tells_memory_however_the_attempt_ended() {
    if !installed("python3") {
        return;
    }
    let python = "import os, time\ndef handler(event, context):\n    data = b'x' * 50_000_000\n    if event: os._exit(1)\n    time.sleep(9)\n";
    let toml = "[functions.python]\nruntime = 'python3'\ncode = 'wait.py'\ntimeout = 1\n[functions.script]\ncode = 'end.mjs'\n";
    let script =
        "const kept = 'x'.repeat(5_000_000); export const handler = (event) => { if (event.end) process.exit(kept[1]); };";
    let workspace = workspace(&[
        ("invokelab.toml", toml),
        ("wait.py", python),
        ("end.mjs", script),
        ("end.json", "{\"end\":1}"),
        ("null.json", "null"),
    ]);
    let event = |name: &str| workspace.path().join(name).display().to_string();
    for (function, event, least) in [
        ("python", event("null.json"), 50),
        ("python", event("end.json"), 5),
        ("script", event("null.json"), 4),
        ("script", event("end.json"), 4),
    ] {
        let output = invoke(workspace.path(), &[function, "--log", "--event", &event]);
        let log = text(&output.stderr);
        let used = log
            .lines()
            .rfind(|line| line.starts_with("REPORT"))
            .and_then(|line| line.split_once("Max Memory Used: ")?.1.split_once(" MB")?.0.parse::<u32>().ok());
        assert!(used.is_some_and(|used| used >= least), "{function} {event}: {log}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn temporary_folders_go_when_the_program_is_killed() {
    if !installed("curl") || !installed("python3") {
        return;
    }
    let workspace = workspace(&[
        ("invokelab.toml", "[functions.python]\nruntime = 'python3'\ncode = 'one.py'\n"),
        ("one.py", "def handler(event, context):\n    return 1\n"),
    ]);
    let (data, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = invokelab(data.path());
    command.env("TMPDIR", temporary.path()).arg("serve").arg(workspace.path()).args(["--port", "0"]);
    let mut server = Server::of(command);
    assert!(server.invoke("python", "RequestResponse", "{}").ends_with("\r\n\r\n1"));
    let folders = || fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(folders(), 1);
    // SIGKILL: no code of the program runs any more.
    server.child.kill().unwrap();
    for _ in 0..1_000 {
        if folders() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("a temporary folder was left behind");
}

/// What Lambda passes on, too, is passed on; the log says what is wrong with it.
#[test]
fn a_response_that_is_not_json_is_passed_on_and_the_log_says_so() {
    if !installed("python3") || !installed("curl") {
        return;
    }
    let junk = "#!/bin/sh\napi=\"http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime\"\nwhile :; do\n  id=$(curl -sS -D - -o /dev/null \"$api/invocation/next\" | tr -d '\\r' | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')\n  printf '\\377\\000junk' | curl -sS --data-binary @- -o /dev/null \"$api/invocation/$id/response\"\ndone\n";
    let python = "def nan(event, context):\n    return float('nan')\ndef fine(event, context):\n    return {'n': 1}\n";
    let toml = "[functions.nan]\nruntime = 'python3'\ncode = 'f.py'\nhandler = 'nan'\n[functions.fine]\nruntime = 'python3'\ncode = 'f.py'\nhandler = 'fine'\n[functions.junk]\ncommand = ['sh', 'junk.sh']\n";
    let workspace = workspace(&[("invokelab.toml", toml), ("f.py", python), ("junk.sh", junk)]);
    for (function, response, said) in [
        ("nan", b"NaN\n".as_slice(), "(the response is not JSON: expected value at line 1 column 1."),
        ("junk", b"\xff\0junk\n", "(the response is not JSON: invalid utf-8"),
        ("fine", b"{\"n\": 1}\n", ""),
    ] {
        let output = invoke(workspace.path(), &[function, "--log"]);
        assert_eq!((output.status.code(), &*output.stdout), (Some(0), response), "{}", text(&output.stderr));
        let log = text(&output.stderr);
        assert_eq!(log.contains("not JSON"), !said.is_empty(), "{log}");
        assert!(log.contains(said), "{log}");
    }
}

/// No restart and no touch of `invokelab.toml` is needed when a missing handler file comes, and none when it goes.
#[test]
fn a_handler_file_that_comes_or_goes_is_noticed() {
    if !installed("curl") {
        return;
    }
    let workspace = workspace(&[("invokelab.toml", "[functions.late]\nruntime = 'javascript'\ncode = 'late.mjs'\n")]);
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), workspace.path());
    let answer_with = |wanted: &str| {
        for _ in 0..100 {
            if server.invoke("late", "RequestResponse", "{}").ends_with(wanted) {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        false
    };
    let file = workspace.path().join("late.mjs");
    let missing =
        format!("there is no file or folder {}\"}}", fs::canonicalize(workspace.path()).unwrap().join("late.mjs").display());
    assert!(answer_with(&missing), "{}", server.invoke("late", "RequestResponse", "{}"));
    fs::write(&file, "export const handler = () => 7;").unwrap();
    assert!(answer_with("\r\n\r\n7"), "{}", server.invoke("late", "RequestResponse", "{}"));
    fs::remove_file(&file).unwrap();
    assert!(answer_with(&missing), "{}", server.invoke("late", "RequestResponse", "{}"));
}

#[test]
fn problems_are_told_once_and_a_broken_event_with_its_file() {
    if !installed("python3") {
        return;
    }
    let toml = "[functions.one]\nruntime = 'python3'\ncode = 'one.py'\ntimeuot = 3\n";
    let broken = "{\n  \"a\": ,\n}";
    let workspace =
        workspace(&[("invokelab.toml", toml), ("one.py", "def handler(event, context): return 1\n"), ("event.json", broken)]);
    let output = invoke(workspace.path(), &["one"]);
    assert_eq!(text(&output.stderr).matches("did you mean").count(), 1, "{}", text(&output.stderr));
    let file = workspace.path().join("event.json").display().to_string();
    let output = invoke(workspace.path(), &["one", "--event", &file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with(&format!("invokelab: {file}: ")), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("line 2 column 8"), "{}", text(&output.stderr));
}

#[test]
fn a_scenario_with_a_typo_names_the_nearest_key() {
    let folder = workspace(&[("typo.toml", "titel = 'x'\n")]);
    let output = run(folder.path(), &["run", folder.path().join("typo.toml").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).ends_with("typo.toml:1:1: titel is not a known key; did you mean title?\n"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_step_that_names_what_is_not_there_has_a_wrong_file() {
    let steps =
        "title = 'x'\n[[step]]\ninvoke = { function = 'confrim' }\nexpect = [{ error_type = 'ResourceNotFoundException' }]\n";
    let toml = "[functions.confirm]\ncode = 'a.mjs'\n[queues.work]\n";
    for (step, code, told) in [
        ("", 0, ""),
        ("[[step]]\ninvoke = { function = 'confrim' }\n", 2, "did you mean confirm?"),
        ("[[fault]]\nfunction = 'confrim'\nattempts = [1]\nkind = 'throttle'\n", 2, "before the first step"),
        ("[[step]]\nsend = { to = 'queue:wrok', records = [1] }\n", 2, "did you mean work?"),
        ("[[step]]\nchange = { function = 'confrim', code = '' }\n", 2, "did you mean confirm?"),
        ("[[step]]\nrequest = { url = 'confirm' }\n", 2, "a function with a URL"),
        ("[[step]]\nrequest = { api = 'shop' }\n", 2, "an API of the workspace"),
        ("[[step]]\ninvoke = { function = 'confirm', event = 'confirm/gone' }\n", 2, "events/confirm/gone.json: "),
    ] {
        let folder = workspace(&[("invokelab.toml", toml), ("a.mjs", ""), ("lessons/s.toml", &format!("{steps}{step}"))]);
        let output = run(folder.path(), &["run", folder.path().join("lessons/s.toml").to_str().unwrap()]);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

/// A clock that is fast leaps: what is due in a minute of service time comes with seconds of it to spare, which are not the
/// function's.
#[test]
fn a_fast_clock_charges_no_function_for_its_leaps() {
    if !installed("curl") {
        return;
    }
    let file = "export const handler = async () => { throw new Error('again'); };";
    let workspace = workspace(&[("invokelab.toml", "[functions.f]\ncode = 'f.mjs'\n"), ("f.mjs", file)]);
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::with(data.path(), workspace.path(), &["--port", "0", "--clock", "fast:3600"]);
    server.invoke("f", "Event", "{}");
    let mut reports = Vec::new();
    let mut line = String::new();
    while reports.len() < 3 {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut server.out, &mut line).unwrap() > 0, "{reports:?}");
        if line.contains("REPORT RequestId") {
            reports.push(line.clone());
        }
    }
    assert!(reports.iter().all(|report| !report.contains("timeout")), "{reports:?}");
}

/// A file beside a handler restarts the environments of those functions that have imported it, and of no other.
#[test]
fn a_changed_file_restarts_only_what_imports_it() {
    if !installed("curl") || !installed("python3") {
        return;
    }
    let counts = "let n = 0; export const handler = () => ++n;";
    let imports = "import { step } from './shared.mjs'; let n = 0; export const handler = () => n += step;";
    let python = "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n\n";
    let toml = "[functions.a]\ncode = 'a.mjs'\n[functions.b]\ncode = 'b.mjs'\n[functions.c]\nruntime = 'python3'\ncode = 'c.py'\n[functions.d]\nruntime = 'python3'\ncode = 'd.py'\n";
    let workspace = workspace(&[
        ("invokelab.toml", toml),
        ("a.mjs", counts),
        ("b.mjs", imports),
        ("shared.mjs", "export const step = 1;"),
        ("c.py", python),
        ("d.py", python),
    ]);
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), workspace.path());
    let counted = |function: &str| server.invoke(function, "RequestResponse", "{}").rsplit("\r\n").next().unwrap().to_owned();
    let all = || ["a", "b", "c", "d"].map(counted).join(" ");
    let change = |file: &str, text: &str| {
        fs::write(workspace.path().join(file), text).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(600));
    };
    assert_eq!(all(), "1 1 1 1");
    assert_eq!(all(), "2 2 2 2");
    change("b.mjs", &format!("{imports} // changed"));
    assert_eq!(all(), "3 1 3 3", "b's own code");
    change("shared.mjs", "export const step = 10;");
    assert_eq!(all(), "4 10 1 1", "what b imports, and what Python may import");
    change("d.py", &format!("{python}# changed\n"));
    assert_eq!(all(), "5 20 2 1", "d's own code");
}

/// No moment need pass between a change and the invoke that sees it, but the one in which the system tells of it.
#[test]
fn changed_code_takes_effect_at_the_very_next_invoke() {
    if !installed("curl") || !installed("python3") {
        return;
    }
    let toml = "[functions.a]\ncode = 'a.mjs'\n[functions.c]\nruntime = 'python3'\ncode = 'c.py'\n";
    let workspace = workspace(&[("invokelab.toml", toml), ("a.mjs", ""), ("c.py", "")]);
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), workspace.path());
    let mut seen = 0;
    for round in 0..10 {
        fs::write(workspace.path().join("a.mjs"), format!("export const handler = () => {round};")).unwrap();
        fs::write(workspace.path().join("c.py"), format!("def handler(event, context): return {round}\n")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        let answers = ["a", "c"].map(|function| server.invoke(function, "RequestResponse", "{}"));
        seen += answers.iter().filter(|answer| answer.ends_with(&format!("\r\n\r\n{round}"))).count();
    }
    // A machine that does not get round to telling of a change in 5 ms is busy, but not all the time.
    assert!(seen > 15, "{seen} of 20 invokes ran the code of that moment");
}

fn invoke(workspace: &Path, arguments: &[&str]) -> std::process::Output {
    let data = tempfile::tempdir().unwrap();
    let (function, more) = arguments.split_first().unwrap();
    run(data.path(), &[&["invoke", function, workspace.to_str().unwrap()], more].concat())
}

#[test]
fn a_step_that_sends_a_message_too_large_for_its_queue_fails() {
    let step = format!("title = 'x'\n[[step]]\nsend = {{ to = 'queue:work', records = ['{}'] }}\n", "x".repeat(1_048_577));
    let toml = "[functions.confirm]\ncode = 'a.mjs'\n[queues.work]\n";
    let folder = workspace(&[("invokelab.toml", toml), ("a.mjs", ""), ("lessons/s.toml", &step)]);
    let output = run(folder.path(), &["run", folder.path().join("lessons/s.toml").to_str().unwrap()]);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it has 1048577 bytes, and a message of a queue may have 1048576"), "{said}");
}
