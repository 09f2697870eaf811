//! Retries, ages, throttles and outlets of asynchronous events (semantics 3).

use expect_test::expect;

use super::super::configuration::{QueueConfiguration, Target};
use super::super::effect::InvokeReply;
use super::super::happened::Happened;
use super::super::ids::RequestId;
use super::super::input::{Input, InvocationType, StoredEvent};
use super::super::time::{Micros, Timestamp};
use super::driver::{Answer, Driver, START, check_event};

#[test]
fn a_success_is_one_attempt() {
    check_event(
        &[Answer::Respond("1")],
        |_| {},
        expect![[r#"
        100.5 attempt 1 starts, cold
        120.5 attempt 1 succeeds, billed 120 ms
        120.5 ended: Succeeded after 1
        600120.5 environment stopped: Idle
    "#]],
    );
}

#[test]
fn an_error_is_retried_after_one_and_two_minutes() {
    check_event(
        &[Answer::Throw],
        |_| {},
        expect![[r#"
        100.5 attempt 1 starts, cold
        120.5 attempt 1 fails: Boom
        120.5 attempt 2 in 1 min
        60120.5 attempt 2 starts
        60140.5 attempt 2 fails: Boom
        60140.5 attempt 3 in 2 min
        180140.5 attempt 3 starts
        180160.5 attempt 3 fails: Boom
        180160.5 ended: RetriesExhausted after 3
        780160.5 environment stopped: Idle
    "#]],
    );
}

#[test]
fn a_retry_may_succeed() {
    check_event(
        &[Answer::Throw, Answer::Respond("1")],
        |_| {},
        expect![[r#"
        100.5 attempt 1 starts, cold
        120.5 attempt 1 fails: Boom
        120.5 attempt 2 in 1 min
        60120.5 attempt 2 starts
        60140.5 attempt 2 succeeds, billed 20 ms
        60140.5 ended: Succeeded after 2
        660140.5 environment stopped: Idle
    "#]],
    );
}

#[test]
fn fewer_retries_are_a_setting() {
    check_event(
        &[Answer::Throw],
        |f| f.event_invoke.maximum_retry_attempts = 0,
        expect![[r#"
        100.5 attempt 1 starts, cold
        120.5 attempt 1 fails: Boom
        120.5 ended: RetriesExhausted after 1
        600120.5 environment stopped: Idle
    "#]],
    );
}

#[test]
fn lambda_looks_ahead_and_does_not_wait_out_the_age() {
    check_event(
        &[Answer::Throw],
        |f| f.event_invoke.maximum_event_age = Micros::from_secs(60),
        expect![[r#"
        100.5 attempt 1 starts, cold
        120.5 attempt 1 fails: Boom
        120.5 ended: EventAgeExceeded after 1
        600120.5 environment stopped: Idle
    "#]],
    );
    check_event(
        &[Answer::Throw],
        |f| f.event_invoke.maximum_event_age = Micros::from_secs(90),
        expect![[r#"
        100.5 attempt 1 starts, cold
        120.5 attempt 1 fails: Boom
        120.5 attempt 2 in 1 min
        60120.5 attempt 2 starts
        60140.5 attempt 2 fails: Boom
        60140.5 ended: EventAgeExceeded after 2
        660140.5 environment stopped: Idle
    "#]],
    );
}

#[test]
fn a_function_that_is_switched_off_gives_events_up_at_once() {
    check_event(
        &[Answer::Throw],
        |f| f.reserved_concurrency = Some(0),
        expect![[r#"
                 0.5 ended: ZeroReservedConcurrency after 0
    "#]],
    );
}

#[test]
fn timeouts_and_exits_are_retried_in_an_environment_that_was_reset() {
    check_event(
        &[Answer::Hang, Answer::Exit(1), Answer::Respond("1")],
        |_| {},
        expect![[r#"
        100.5 attempt 1 starts, cold
        3100.5 attempt 1 fails: Sandbox.Timedout
        3100.5 attempt 2 in 1 min
        3100.5 environment stopped: Timeout
        63100.5 attempt 2 starts
        63220.5 attempt 2 fails: Runtime.ExitError
        63220.5 attempt 3 in 2 min
        63220.5 environment stopped: Failure
        183220.5 attempt 3 starts
        183340.5 attempt 3 succeeds, billed 120 ms
        183340.5 ended: Succeeded after 3
        783340.5 environment stopped: Idle
    "#]],
    );
}

#[test]
fn a_throttled_event_waits_longer_and_longer() {
    let mut driver = Driver::new(&[Answer::Hang]);
    driver.function(|f| {
        f.reserved_concurrency = Some(1);
        f.timeout = Micros::from_secs(20);
        f.event_invoke.maximum_retry_attempts = 0;
    });
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.invoke(InvocationType::Event, b"{}");
    driver.until_idle();
    expect![[r#"
        0.5 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        0.5 attempt 1 in 1 s
        100.0 attempt 1 starts, cold
        1000.5 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        1000.5 attempt 1 in 2 s
        3000.5 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        3000.5 attempt 1 in 4 s
        7000.5 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        7000.5 attempt 1 in 8 s
        15000.5 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        15000.5 attempt 1 in 16 s
        20100.0 attempt 1 fails: Sandbox.Timedout
        20100.0 ended: FunctionError after 1
        20100.0 environment stopped: Timeout
        31000.5 attempt 1 starts
        51000.5 attempt 1 fails: Sandbox.Timedout
        51000.5 ended: RetriesExhausted after 1
        51000.5 environment stopped: Timeout
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn the_record_has_lambdas_members_in_lambdas_order() {
    let mut driver = Driver::new(&[Answer::Throw]);
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("failed")));
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("dead")));
    driver.function(|f| {
        f.event_invoke.on_failure = Some(Target::Queue("failed".into()));
        f.dead_letter = Some(Target::Queue("dead".into()));
    });
    driver.invoke(InvocationType::Event, b"{\"order\":129.00}");
    driver.until_idle();
    let bodies: Vec<String> = driver
        .events
        .iter()
        .filter_map(|event| match &event.what {
            Happened::Delivered { body, .. } => Some(String::from_utf8_lossy(body).into_owned()),
            _ => None,
        })
        .collect();
    expect![[r#"
        {"version":"1.0","timestamp":"2026-03-01T10:03:00.160Z","requestContext":{"requestId":"63cbe1e4-5932-4dd7-844c-3cd7f43c661c","functionArn":"arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"order":129.00},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorType":"Boom","errorMessage":"went wrong"}}
        {"order":129.00}"#]].assert_eq(&bodies.join("\n"));
}

#[test]
fn the_answer_comes_after_the_disk() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| {});
    let token = driver.invoke(InvocationType::Event, b"{}");
    assert!(driver.replies.is_empty(), "no 202 before the event is on disk");
    driver.until(Micros(500));
    assert!(matches!(driver.replies.get(&token), Some(InvokeReply::Accepted { .. })));
}

#[test]
fn a_destination_function_is_invoked_with_the_record() {
    let mut driver = Driver::new(&[Answer::Respond("{\"ok\":true}")]);
    driver.function(|f| f.event_invoke.on_success = Some(Target::Function("g".into())));
    driver.input(Input::ConfigureFunction(super::super::configuration::FunctionConfiguration::new("g").into()));
    driver.invoke(InvocationType::Event, b"{}");
    driver.until_idle();
    let payload = driver.events.iter().find_map(|event| match &event.what {
        Happened::InvocationAccepted { function, payload, .. } if &**function == "g" => Some(payload.clone()),
        _ => None,
    });
    let record: serde_json::Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    assert_eq!(record["responsePayload"]["ok"], true);
    assert_eq!(record["requestContext"]["condition"], "Success");
    assert!(driver.on_disk.is_empty());
}

#[test]
fn a_person_retries_edits_and_drops() {
    let mut driver = Driver::new(&[Answer::Throw]);
    driver.function(|_| {});
    driver.invoke(InvocationType::Event, b"{\"card\":\"expired\"}");
    driver.until(Micros::from_secs(1));
    let id = *driver.on_disk.keys().next().unwrap();
    driver.input(Input::EditAndRetry { request_id: id, payload: b"{\"card\":\"good\"}".as_slice().into() });
    driver.until(Micros::from_secs(2));
    driver.input(Input::DropEvent(id));
    driver.until_idle();
    expect![[r#"
        100.5 attempt 1 starts, cold
        120.5 attempt 1 fails: Boom
        120.5 attempt 2 in 1 min
        1000.0 attempt 2 in 0 µs
        1000.0 attempt 2 starts
        1020.0 attempt 2 fails: Boom
        1020.0 attempt 3 in 2 min
        2000.0 ended: Dropped after 2
        601020.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn an_edited_event_stays_within_the_limit_of_events() {
    let mut driver = Driver::new(&[Answer::Throw]);
    driver.function(|_| {});
    driver.invoke(InvocationType::Event, b"{}");
    driver.until(Micros::from_secs(1));
    let request_id = *driver.on_disk.keys().next().unwrap();
    driver.input(Input::EditAndRetry { request_id, payload: vec![b'1'; 1_048_577].into() });
    assert!(driver.log.ends_with("120.5 attempt 2 in 1 min\n"), "{}", driver.log);
}

#[test]
fn an_event_of_an_earlier_run_is_as_old_as_it_was_there() {
    let mut driver = Driver::new(&[Answer::Respond("1")]);
    driver.function(|_| {});
    let request_id = RequestId(9);
    driver.on_disk.insert(request_id, 1);
    let stored = StoredEvent {
        request_id,
        function: "f".into(),
        payload: "{}".into(),
        accepted_at: Timestamp(START.0 - 40_000_000),
        failed_attempts: 1,
        throttled_attempts: 0,
        due: START,
        label: None,
        trace_header: None,
        cut_off: true,
    };
    driver.input(Input::Restore { events: vec![stored], messages: Vec::new() });
    let accepted = driver.events.iter().find_map(|event| match &event.what {
        Happened::InvocationAccepted { accepted_at, .. } => Some(*accepted_at),
        _ => None,
    });
    assert_eq!(accepted, Some(Timestamp(START.0 - 40_000_000)));
}
