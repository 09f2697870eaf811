//! Synchronous invocations: every way to end, and every way to be refused (semantics 1).

use expect_test::expect;

use super::super::configuration::{FunctionConfiguration, ServiceSettings};
use super::super::effect::{Completed, InvokeReply};
use super::super::happened::{Due, DueKind, Happened};
use super::super::ids::EnvironmentId;
use super::super::input::{Fault, FaultKind, FunctionError, Input, InvocationSource, InvocationType, InvokeRequest};
use super::super::narration::{self, Step};
use super::super::time::{Micros, Timestamp};
use super::driver::{Answer, Driver};

fn completed(answer: Answer, change: impl FnOnce(&mut FunctionConfiguration)) -> Completed {
    let mut driver = Driver::new(&[answer]);
    driver.function(change);
    let token = driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until_idle();
    match driver.replies.remove(&token) {
        Some(InvokeReply::Completed(completed)) => *completed,
        other => panic!("{other:?}"),
    }
}

fn error_payload(answer: Answer) -> String {
    let error = completed(answer, |_| {}).result.unwrap_err();
    String::from_utf8_lossy(&error.payload).into_owned()
}

#[test]
fn every_way_to_end_has_lambdas_payload() {
    let payloads = [Answer::Throw, Answer::Hang, Answer::Exit(0), Answer::Exit(127)].map(error_payload);
    expect![[r#"
        {"errorType":"Boom","errorMessage":"went wrong"}
        {"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 63cbe1e4-5932-4dd7-844c-3cd7f43c661c Error: Task timed out after 3.00 seconds"}
        {"errorType":"Runtime.ExitError","errorMessage":"RequestId: 63cbe1e4-5932-4dd7-844c-3cd7f43c661c Error: Runtime exited without providing a reason"}
        {"errorType":"Runtime.ExitError","errorMessage":"RequestId: 63cbe1e4-5932-4dd7-844c-3cd7f43c661c Error: Runtime exited with error: exit status 127"}"#]].assert_eq(&payloads.join("\n"));
}

#[test]
fn the_log_has_start_end_and_report() {
    let completed = completed(Answer::Respond("{\"ok\":1}"), |_| {});
    assert!(completed.cold);
    let lines: Vec<_> = completed.log.iter().map(|line| &*line.text).collect();
    expect![[r#"
        START RequestId: 63cbe1e4-5932-4dd7-844c-3cd7f43c661c Version: $LATEST
        END RequestId: 63cbe1e4-5932-4dd7-844c-3cd7f43c661c
        REPORT RequestId: 63cbe1e4-5932-4dd7-844c-3cd7f43c661c	Duration: 20.00 ms	Billed Duration: 120 ms	Memory Size: 128 MB	Max Memory Used: 1 MB	Init Duration: 100.00 ms	"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn a_response_over_the_limit_is_an_error() {
    let text: &'static str = Box::leak(format!("\"{}\"", "x".repeat(6_291_556)).into_boxed_str());
    let error = completed(Answer::Respond(text), |_| {}).result.unwrap_err();
    assert_eq!(&*error.error_type, "Function.ResponseSizeTooLarge");
    let fits: &'static str = Box::leak(format!("\"{}\"", "x".repeat(6_291_554)).into_boxed_str());
    assert!(completed(Answer::Respond(fits), |_| {}).result.is_ok());
}

#[test]
fn the_second_invocation_is_warm_until_the_environment_expires() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| {});
    for seconds in [0, 10, 700] {
        driver.until(Micros::from_secs(seconds));
        driver.invoke(InvocationType::RequestResponse, b"{}");
    }
    driver.until_idle();
    expect![[r#"
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        10000.0 attempt 1 starts
        10020.0 attempt 1 succeeds, billed 20 ms
        10020.0 ended: Succeeded after 1
        610020.0 environment stopped: Idle
        700100.0 attempt 1 starts, cold
        700120.0 attempt 1 succeeds, billed 120 ms
        700120.0 ended: Succeeded after 1
        1300120.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn an_idle_environment_goes_by_the_expiry_that_is_set() {
    let settings = ServiceSettings { idle_expiry: Micros::from_secs(60), ..ServiceSettings::default() };
    let mut driver = Driver::with_settings(settings, &[Answer::Respond("1")]);
    driver.function(|_| {});
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until(Micros::from_secs(30));
    driver.input(Input::SetIdleExpiry(Micros::from_secs(90)));
    driver.until(Micros::from_secs(100));
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until(Micros::from_secs(110));
    // It has been idle for longer already, and goes now.
    driver.input(Input::SetIdleExpiry(Micros::from_secs(5)));
    driver.until_idle();
    expect![[r#"
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        90120.0 environment stopped: Idle
        100100.0 attempt 1 starts, cold
        100120.0 attempt 1 succeeds, billed 120 ms
        100120.0 ended: Succeeded after 1
        110000.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
    let due = |environment| DueKind::IdleExpiry { function: "f".into(), environment: EnvironmentId(environment) };
    let told = |what, happened: &[_]| {
        let step = Step { happened, now: Timestamp(0), outlook: &|_, _| None, labels: &narration::Labels::new() };
        narration::told(&Due { at: Timestamp(0), what }, &step).text()
    };
    let stops: Vec<_> =
        driver.events.iter().filter(|event| matches!(event.what, Happened::EnvironmentStopped { .. })).cloned().collect();
    let stopped = "No event came for an idle environment of f, so it was stopped (environment_idle_expiry)";
    assert!(told(due(1), &stops[..1]).starts_with(stopped));
    assert!(told(due(1), &stops).starts_with("No event came for 2 idle environments of f, so they were stopped"));
    assert_eq!(told(due(9), &[]), "The environment of f has had an event meanwhile, so it stays warm.");
    let first = driver.events.iter().position(|event| matches!(event.what, Happened::EnvironmentStopped { .. })).unwrap();
    let closes = DueKind::WindowCloses { function: "f".into(), queue: "q".into(), records: 1 };
    let aside = told(closes, &driver.events[..=first]);
    assert!(aside.contains("succeeded") && !aside.contains("idle"), "beside one other thing it is not told: {aside}");
    let all = told(due(1), &driver.events);
    assert!(all.starts_with("3 things happened:") && all.contains("; 2 idle environments of f were stopped;"), "{all}");
}

#[test]
fn refusals_are_in_aws_words() {
    let mut driver = Driver::new(&[Answer::Hang]);
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.function(|f| f.reserved_concurrency = Some(1));
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.invoke(InvocationType::RequestResponse, b"{}");
    let large: &'static [u8] = vec![b'1'; 6_291_457].leak();
    driver.invoke(InvocationType::RequestResponse, large);
    driver.invoke(InvocationType::Event, &large[..1_048_577]);
    expect![[r#"
                 0.0 refused: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST
                 0.0 refused: Rate Exceeded.
                 0.0 refused: Request must be smaller than 6291456 bytes for the InvokeFunction operation
                 0.0 refused: Request must be smaller than 1048576 bytes for the InvokeFunction operation
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn qualifiers_are_of_the_one_version_there_is() {
    let mut driver = Driver::new(&[Answer::Hang]);
    driver.function(|_| {});
    for qualifier in ["$LATEST.PUBLISHED", "live", "1", "$LATEST"] {
        let qualifier = Some(qualifier.into());
        let request = InvokeRequest::new("f".into(), InvocationType::RequestResponse, "{}".into(), InvocationSource::Workbench);
        driver.input(Input::Invoke(InvokeRequest { qualifier, ..request }.into()));
    }
    expect![[r#"
                 0.0 refused: The function has no published version: arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST.PUBLISHED
                 0.0 refused: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:live
                 0.0 refused: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:1
    "#]]
    .assert_eq(&driver.log);
    driver.until(Micros::from_secs(1));
    let arns: Vec<&str> = driver.arns.iter().map(|arn| &**arn).collect();
    assert_eq!(arns, ["arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"]);
}

#[test]
fn the_account_limit_spares_what_is_reserved() {
    let settings = ServiceSettings { account_concurrency: 3, ..ServiceSettings::default() };
    let mut driver = Driver::with_settings(settings, &[Answer::Hang]);
    driver.function(|_| {});
    let mut reserved = FunctionConfiguration::new("g");
    reserved.reserved_concurrency = Some(2);
    driver.input(Input::ConfigureFunction(reserved.into()));
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.invoke(InvocationType::RequestResponse, b"{}");
    assert!(driver.log.ends_with("refused: Rate Exceeded.\n"), "{}", driver.log);
}

#[test]
fn a_dry_run_runs_nothing() {
    let mut driver = Driver::new(&[Answer::Throw]);
    driver.function(|_| {});
    let token = driver.invoke(InvocationType::DryRun, b"{}");
    assert!(matches!(driver.replies.get(&token), Some(InvokeReply::DryRun { .. })));
    driver.until_idle();
    assert_eq!(driver.log, "0.0 ended: Succeeded after 0\n");
}

#[test]
fn faults_strike_the_attempts_they_name() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|f| f.timeout = Micros::from_secs(5));
    let fault = |attempt, kind| Fault { function: "f".into(), attempts: vec![attempt], kind };
    driver.input(Input::SetFaults(vec![fault(1, FaultKind::Timeout), fault(2, FaultKind::OutOfMemory)]));
    driver.invoke(InvocationType::Event, b"{}");
    driver.until_idle();
    expect![[r#"
        100.5 attempt 1 starts, cold
        5100.5 attempt 1 fails: Sandbox.Timedout
        5100.5 attempt 2 in 1 min
        5100.5 environment stopped: Timeout
        65100.5 attempt 2 starts
        65101.5 attempt 2 fails: Runtime.ExitError
        65101.5 attempt 3 in 2 min
        65101.5 environment stopped: Failure
        185101.5 attempt 3 starts
        185221.5 attempt 3 succeeds, billed 120 ms
        185221.5 ended: Succeeded after 3
        785221.5 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn a_fault_that_throttles_strikes_each_try_once() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| ());
    driver.input(Input::SetFaults(vec![Fault { function: "f".into(), attempts: vec![1], kind: FaultKind::Throttle }]));
    driver.invoke(InvocationType::Event, b"{}");
    driver.until_idle();
    assert!(driver.log.contains("ended: Succeeded after 1"), "{}", driver.log);
}

#[test]
fn a_slow_attempt_gets_its_event_later_and_its_timeout_does_not_wait() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|f| f.timeout = Micros::from_secs(5));
    let slow = |attempt, seconds| Fault {
        function: "f".into(),
        attempts: vec![attempt],
        kind: FaultKind::Slow(Micros::from_secs(seconds)),
    };
    driver.input(Input::SetFaults(vec![slow(1, 7), slow(2, 2)]));
    driver.invoke(InvocationType::Event, b"{}");
    driver.until_idle();
    expect![[r#"
        100.5 attempt 1 starts, cold
        5100.5 attempt 1 fails: Sandbox.Timedout
        5100.5 attempt 2 in 1 min
        5100.5 environment stopped: Timeout
        65100.5 attempt 2 starts
        67220.5 attempt 2 succeeds, billed 2120 ms
        67220.5 ended: Succeeded after 2
        667220.5 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn an_init_failure_strikes_warm_functions_too() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| {});
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until(Micros::from_secs(1));
    driver.input(Input::SetFaults(vec![Fault { function: "f".into(), attempts: vec![1, 2], kind: FaultKind::InitFailure }]));
    driver.invoke(InvocationType::Event, b"{}");
    driver.until_idle();
    let written = driver.events.iter().filter_map(|event| match &event.what {
        Happened::LogWritten { lines, .. } => {
            Some(lines.iter().map(|line| &*line.text).filter(|line| line.contains("Error Type")))
        }
        _ => None,
    });
    let written: Vec<_> = written.flatten().collect();
    expect![[r#"
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        1001.5 init failed: Runtime.ExitError
        1001.5 environment stopped: Failure
        1001.5 attempt 1 starts
        1002.5 init failed: Runtime.ExitError
        1002.5 attempt 1 fails: Runtime.ExitError
        1002.5 attempt 2 in 1 min
        1002.5 environment stopped: Failure
        61002.5 attempt 2 starts
        61003.5 init failed: Runtime.ExitError
        61003.5 attempt 2 fails: Runtime.ExitError
        61003.5 attempt 3 in 2 min
        61003.5 environment stopped: Failure
        181003.5 attempt 3 starts
        181023.5 attempt 3 succeeds, billed 20 ms
        181023.5 ended: Succeeded after 3
        781023.5 environment stopped: Idle
        INIT_REPORT Init Duration: 1.00 ms	Phase: init	Status: error	Error Type: Runtime.ExitError
        REPORT RequestId: 73d33b66-6a1e-41da-bfda-be86cbbeaa11	Duration: 1.00 ms	Billed Duration: 1 ms	Memory Size: 128 MB	Max Memory Used: 1 MB	Status: error	Error Type: Runtime.ExitError
        REPORT RequestId: 73d33b66-6a1e-41da-bfda-be86cbbeaa11	Duration: 1.00 ms	Billed Duration: 1 ms	Memory Size: 128 MB	Max Memory Used: 1 MB	Status: error	Error Type: Runtime.ExitError"#]].assert_eq(&format!("{}{}", driver.log, written.join("\n")));
}

#[test]
fn a_fault_that_is_taken_back_at_the_last_moment_leaves_nothing_behind() {
    for kind in [FaultKind::Throw, FaultKind::InitFailure, FaultKind::Slow(Micros::from_secs(1))] {
        let mut driver = Driver::new(&[Answer::Respond("1")]);
        driver.function(|_| {});
        driver.input(Input::SetFaults(vec![Fault { function: "f".into(), attempts: vec![1], kind }]));
        let token = driver.invoke(InvocationType::RequestResponse, b"{}");
        driver.until(if kind == FaultKind::InitFailure { Micros(500) } else { Micros(100_500) });
        driver.input(Input::SetFaults(Vec::new()));
        driver.until_idle();
        assert!(matches!(driver.replies.get(&token), Some(InvokeReply::Completed(_))), "{kind:?}");
    }
}

#[test]
fn an_init_that_fails_is_tried_once_more_inside_the_invoke() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.init = Micros::from_secs(60);
    driver.function(|f| f.timeout = Micros::from_secs(5));
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until_idle();
    expect![[r#"
             10000.0 init failed: Sandbox.Timedout
             10000.0 environment stopped: Failure
             10000.0 attempt 1 starts
             15000.0 attempt 1 fails: Sandbox.Timedout
             15000.0 ended: FunctionError after 1
             15000.0 environment stopped: Timeout
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn an_error_in_init_reaches_the_caller() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.init = Micros::from_secs(5);
    driver.function(|_| {});
    let token = driver.invoke(InvocationType::RequestResponse, b"{}");
    let payload = bytes::Bytes::from_static(b"{\"errorType\":\"Runtime.ImportModuleError\"}");
    for number in 1..=2 {
        let error =
            FunctionError { error_type: "Runtime.ImportModuleError".into(), message: "no".into(), payload: payload.clone() };
        driver.input(Input::InitError { environment: super::super::ids::EnvironmentId(number), error });
    }
    let Some(InvokeReply::Completed(completed)) = driver.replies.remove(&token) else { panic!("{}", driver.log) };
    assert_eq!(completed.result.unwrap_err().payload, payload);
}

#[test]
fn changed_code_replaces_free_environments_at_once_and_busy_ones_later() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| {});
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until(Micros::from_millis(110));
    driver.function(|f| f.revision = 1);
    driver.until(Micros::from_secs(1));
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until(Micros::from_secs(2));
    driver.function(|f| f.revision = 2);
    expect![[r#"
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        120.0 environment stopped: Replaced
        1100.0 attempt 1 starts, cold
        1120.0 attempt 1 succeeds, billed 120 ms
        1120.0 ended: Succeeded after 1
        2000.0 environment stopped: Replaced
    "#]]
    .assert_eq(&driver.log);
}

/// The lines of the log that begin with one of these words.
fn written(driver: &Driver, words: &[&str]) -> Vec<String> {
    let lines = driver.events.iter().flat_map(|event| match &event.what {
        Happened::LogWritten { lines, .. } => lines.as_slice(),
        _ => &[],
    });
    let lines = lines.map(|line| line.text.to_string());
    lines.filter(|line| words.iter().any(|word| line.starts_with(word))).collect()
}

#[test]
fn a_reset_environment_expires_as_an_idle_one_does() {
    for (seconds, starts, cold) in [(60, 1, false), (5 * 3_600, 2, true)] {
        let mut driver = Driver::new(&[Answer::Hang, Answer::Respond("1")]);
        driver.function(|_| {});
        driver.invoke(InvocationType::RequestResponse, b"{}");
        driver.until(Micros::from_secs(seconds));
        let token = driver.invoke(InvocationType::RequestResponse, b"{}");
        driver.until_idle();
        let Some(InvokeReply::Completed(completed)) = driver.replies.remove(&token) else { panic!("{}", driver.log) };
        assert_eq!((completed.cold, completed.init_duration.is_some()), (cold, cold));
        // A suppressed init is inside the invoke and has no line of its own.
        assert_eq!(written(&driver, &["INIT_START"]).len(), starts);
    }
}

#[test]
fn an_event_does_not_wait_long_for_an_environment_that_has_answered() {
    for (asks_after, expected) in [(10_000, "130.0 attempt 1 starts"), (2_000_000, "320.0 attempt 1 starts, cold")] {
        let mut driver = Driver::new(&[Answer::Respond("1")]);
        driver.next = Micros(asks_after);
        driver.function(|_| {});
        driver.invoke(InvocationType::RequestResponse, b"{}");
        driver.until(Micros::from_millis(120));
        driver.invoke(InvocationType::RequestResponse, b"{}");
        driver.until_idle();
        let started: Vec<_> = driver.log.lines().filter(|line| line.contains("starts")).collect();
        assert_eq!(started, ["100.0 attempt 1 starts, cold", expected]);
    }
}
