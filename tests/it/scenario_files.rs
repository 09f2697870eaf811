//! Scenarios and the files beside them: what is wrong in them, and what a report says of it (`formats.md`).

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::program::{run, text, workspace};

const TOML: &str = "[functions.f]\nruntime = 'javascript'\ncode = 'f.mjs'\n";
const ECHO: &str = "export const handler = (event) => event;\n";
const WAIT: &str = "title = 'wait'\n[[step]]\nadvance = '1s'\n";

/// Runs these lessons of a workspace.
fn run_lessons(folder: &Path, lessons: &[&str], more: &[&str]) -> Output {
    let files: Vec<_> = lessons.iter().map(|name| folder.join("lessons").join(name).display().to_string()).collect();
    let files = files.iter().map(String::as_str);
    run(&folder.join("data"), &std::iter::once("run").chain(files).chain(more.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn what_is_wrong_with_the_workspace_is_told_once_and_ends_with_2() {
    let typo = format!("{TOML}[functions.f.event_invoke]\nmaximum_retry_atempts = 0\n");
    let files = [("f.mjs", ECHO), ("lessons/a.toml", WAIT), ("lessons/b.toml", WAIT)];
    let folder = workspace(&[&files[..], &[("invokelab.toml", &typo)]].concat());
    let output = run_lessons(folder.path(), &["a.toml", "b.toml"], &["--jobs", "2"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    let (out, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(told.matches("invokelab.toml:5:1: ").count(), 1, "{told}");
    assert!(
        told.contains("did you mean functions.f.event_invoke.maximum_retry_attempts?")
            || told.contains("did you mean maximum_retry_attempts?"),
        "{told}"
    );
    assert_eq!(out.matches("FAIL  wait\n").count(), 2, "{out}");
    fs::write(folder.path().join("invokelab.toml"), "this is no workspace").unwrap();
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("invokelab.toml:1:"), "{}", text(&output.stderr));
    fs::write(folder.path().join("invokelab.toml"), format!("{TOML}tracing = true\n[streams.clicks]\n")).unwrap();
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(0), "ok    wait (1 step)\n".to_owned()),
        "what is kept is fine"
    );
}

#[test]
fn a_mapping_that_lambda_refuses_is_told() {
    let toml = format!(
        "{TOML}timeout = 60\n[queues.q]\nvisibility_timeout = 30\n[[event_source_mappings]]\nfunction = 'f'\nsource = 'queue:q'\n"
    );
    let sends = "title = 'x'\n[[step]]\nsend = { to = 'queue:q', records = [1] }\n[[step]]\nadvance = 'idle'\nexpect = [{ queue = 'q', depth = 0 }]\n";
    let folder = workspace(&[("invokelab.toml", &toml), ("f.mjs", ECHO), ("lessons/a.toml", sends)]);
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!(output.status.code(), Some(2));
    let out = text(&output.stdout);
    assert!(out.contains("expected  0") && out.contains("Queue visibility timeout: 30 seconds is less than"), "{out}");
}

#[test]
fn a_wrong_scenario_stops_no_other_and_stands_in_the_reports() {
    let wrong = "title = 'wrong'\nclok = 'live'\n";
    let folder =
        workspace(&[("invokelab.toml", TOML), ("f.mjs", ECHO), ("lessons/doc.toml", WAIT), ("lessons/wrong.toml", wrong)]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (junit, json) = (path("j.xml"), path("j.json"));
    let output = run_lessons(folder.path(), &["wrong.toml", "doc.toml", "gone.toml"], &["--junit", &junit, "--json", &json]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("ok    wait"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("wrong.toml:2:1: clok is not a known key; did you mean clock?"));
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let passed: Vec<_> = report["scenarios"].as_array().unwrap().iter().map(|one| one["passed"].as_bool().unwrap()).collect();
    assert_eq!((passed, &report["failures"]), (vec![false, true, false], &2.into()));
    assert_eq!(report["scenarios"][0]["problems"][0]["line"], 2);
    assert!(fs::read_to_string(junit).unwrap().contains("tests=\"3\" failures=\"2\""));
}

#[test]
fn a_broken_event_is_named_with_its_place_unless_the_step_is_about_it() {
    let invoke = "title = 'x'\n[[step]]\ninvoke = { function = 'f', event = 'f/broken' }\n";
    let refused = format!("{invoke}expect = [{{ status_code = 400, error_type = 'InvalidRequestContentException' }}]\n");
    let other = format!("{invoke}expect = [{{ attempts = 1 }}]\n");
    let folder = workspace(&[
        ("invokelab.toml", TOML),
        ("f.mjs", ECHO),
        ("events/f/broken.json", "{\n  \"a\": ,\n}"),
        ("lessons/invoke.toml", invoke),
        ("lessons/refused.toml", &refused),
        ("lessons/other.toml", &other),
    ]);
    for lesson in ["invoke.toml", "other.toml"] {
        let output = run_lessons(folder.path(), &[lesson], &[]);
        let out = text(&output.stdout);
        assert_eq!(output.status.code(), Some(2), "{out}");
        assert!(out.contains("step 1") && out.contains("events/f/broken.json:2:8: "), "{out}");
    }
    let output = run_lessons(folder.path(), &["refused.toml"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn a_record_check_sees_what_came_by_redrive() {
    let toml = format!(
        "{TOML}[queues.q]\nvisibility_timeout = 30\nredrive = {{ target = 'queue:dlq', max_receive_count = 1 }}\n[queues.dlq]\n[[event_source_mappings]]\nfunction = 'f'\nsource = 'queue:q'\n"
    );
    let steps = "title = 'x'\n[[step]]\nsend = { to = 'queue:q', records = [{ n = 7 }] }\n[[step]]\nadvance = 'idle'\n\
        expect = [{ queue = 'dlq', depth = 1 }, { record = 'queue:dlq', pointer = '/n', equals = 7 }]\n";
    let throws = "export const handler = () => { throw new Error('no'); };\n";
    let folder = workspace(&[("invokelab.toml", &toml), ("f.mjs", throws), ("lessons/a.toml", steps)]);
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

const META: &str = "invocation_type = 'Event'\nassertions = [{ status_code = 202 }]\n[variables]\ncustomer = 'Ada'\nn = 3\n";

#[test]
fn a_saved_event_is_sent_as_its_meta_file_says() {
    let steps = "title = 'x'\n[[step]]\ninvoke = { function = 'f', event = 'f/a' }\nexpect = [{ status_code = 202 }]\n\
        [[step]]\ninvoke = { function = 'f', type = 'RequestResponse', event = 'f/a' }\n\
        expect = [{ status_code = 200, pointer = '/by', equals = 'Ada' }, { pointer = '/n', equals = 3 }]\n";
    let folder = workspace(&[
        ("invokelab.toml", TOML),
        ("f.mjs", ECHO),
        ("events/f/a.json", "{\"by\":\"{{customer}}\",\"n\":{{n}}}"),
        ("events/f/a.meta.toml", META),
        ("lessons/a.toml", steps),
    ]);
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("a.meta.toml:2:1: assertions is kept, but not active yet"), "{}", text(&output.stderr));
    let event = folder.path().join("events/f/a.json").display().to_string();
    let data = folder.path().join("data");
    let arguments = ["invoke", "f", folder.path().to_str().unwrap(), "--event", &event];
    let output = run(&data, &[&arguments[..], &["--advance", "idle"]].concat());
    assert!(output.stdout.is_empty() && output.status.code() == Some(0), "an Event has no response: {}", text(&output.stdout));
    let output = run(&data, &[&arguments[..], &["--type", "RequestResponse"]].concat());
    assert_eq!(text(&output.stdout), "{\"by\":\"Ada\",\"n\":3}\n");

    fs::write(folder.path().join("events/f/a.meta.toml"), "invocation_type = 'Evnt'\n").unwrap();
    let output = run(&data, &arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a.meta.toml:1:19: \"Evnt\" is not an InvocationType"), "{}", text(&output.stderr));
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("a.meta.toml:1:19: "), "{}", text(&output.stdout));
}

#[test]
fn actions_of_later_capabilities_are_not_active_yet_and_a_number_is_seconds() {
    for (step, told) in [
        ("put = { to = 'table:t', items = [1] }", "s.toml:2:1: put is not active yet"),
        ("publish = { to = 'topic:t', message = 'x' }", "s.toml:2:1: publish is not active yet"),
    ] {
        let folder = workspace(&[
            ("invokelab.toml", TOML),
            ("f.mjs", ECHO),
            ("lessons/s.toml", &format!("title='x'\n[[step]]\n{step}\n")),
        ]);
        let output = run_lessons(folder.path(), &["s.toml"], &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
    let slow = "title='x'\n[[fault]]\nfunction='f'\nattempts=[1]\nkind='slow'\nby=2\n[[step]]\ninvoke={function='f'}\nexpect=[{service_time='2s'},{status_code=200}]\n";
    let folder = workspace(&[("invokelab.toml", TOML), ("f.mjs", ECHO), ("lessons/s.toml", slow)]);
    let output = run_lessons(folder.path(), &["s.toml"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn functions_that_are_each_others_destination_are_stopped_on_a_virtual_clock() {
    let toml = "[functions.f]\nruntime = 'javascript'\ncode = 'f.mjs'\nevent_invoke = { on_success = 'function:g', on_failure = 'queue:stopped' }\n[functions.g]\nruntime = 'javascript'\ncode = 'f.mjs'\nevent_invoke = { on_success = 'function:f' }\n[queues.stopped]\n";
    let lesson = "title = 'loop'\n[[step]]\ninvoke = { function = 'f', type = 'Event', payload = { order_id = 1 } }\n[[step]]\nadvance = 'idle'\nexpect = [{ queue = 'stopped', depth = 1 }, { record = 'queue:stopped', pointer = '/requestContext/approximateInvokeCount', equals = 0 }]\n";
    let echo = "export const handler = () => 1;";
    let folder = workspace(&[("invokelab.toml", toml), ("f.mjs", echo), ("lessons/a.toml", lesson)]);
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "ok    loop (2 steps)\n".to_owned()));
    fs::write(folder.path().join("invokelab.toml"), toml.replace("[functions.g]", "recursive_loop = 'Allow'\n[functions.g]"))
        .unwrap();
    let output = run_lessons(folder.path(), &["a.toml"], &[]);
    assert_eq!(output.status.code(), Some(1), "now it is g that is stopped, which has no destination: {}", text(&output.stdout));
}
