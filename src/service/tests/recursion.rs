//! Recursive loops: functions that invoke each other by destinations, by queues and by the Lambda API (semantics 3.7).

use std::sync::Arc;

use bytes::Bytes;

use super::super::configuration::{MappingConfiguration, QueueConfiguration, RecursiveLoop, RedrivePolicy, Target};
use super::super::effect::InvokeReply;
use super::super::error::ServiceError;
use super::super::happened::{BatchVerdict, Happened, Outcome, Outlet};
use super::super::ids::{ReplyToken, RequestId};
use super::super::input::{DoorRequest, Input, InvocationSource, InvocationType, InvokeRequest, NewMessage, StoredEvent};
use super::super::time::Micros;
use super::driver::{Answer, Driver, START};

const RESPOND: [Answer; 1] = [Answer::Respond("{}")];

/// The header of a function that was invoked so often in its chain.
fn header_after(invocations: u32) -> Arc<str> {
    let mut driver = Driver::new(&RESPOND);
    driver.function(|f| f.recursive_loop = RecursiveLoop::Allow);
    let mut header: Arc<str> = "Root=1-0-0".into();
    for token in 0..invocations {
        let token = ReplyToken(u64::from(token));
        driver.input(Input::Invoke(calling(InvocationType::RequestResponse, &header, token).into()));
        driver.until(Micros::from_secs(1 + token.0));
        let Some(InvokeReply::Completed(completed)) = driver.replies.remove(&token) else { panic!("{}", driver.log) };
        header = completed.trace_header;
    }
    header
}

fn calling(invocation_type: InvocationType, header: &Arc<str>, token: ReplyToken) -> InvokeRequest {
    let source = InvocationSource::LambdaApi { client: "Boto3".into() };
    InvokeRequest {
        trace_header: Some(header.clone()),
        reply: Some(token),
        ..InvokeRequest::new("f".into(), invocation_type, Bytes::from_static(b"{}"), source)
    }
}

fn ended(driver: &Driver, wanted: Outcome) -> usize {
    let ended = |what: &Happened| matches!(what, Happened::InvocationEnded { outcome, .. } if *outcome == wanted);
    driver.events.iter().filter(|event| ended(&event.what)).count()
}

#[test]
fn a_chain_is_in_the_header_that_the_function_hears() {
    assert!(header_after(1).starts_with("Root=1-0-0;Lineage=1:"), "{}", header_after(1));
    assert!(header_after(16).ends_with(":15"), "{}", header_after(16));
}

/// `f` and `g` are each other's on-success destination: without the end of the chain they would go on for ever.
#[test]
fn functions_that_are_each_others_destination_are_stopped() {
    let mut driver = Driver::new(&RESPOND);
    for queue in ["failed", "dead"] {
        driver.input(Input::ConfigureQueue(QueueConfiguration::new(queue)));
    }
    driver.function(|f| {
        f.event_invoke.on_success = Some(Target::Function("g".into()));
        f.event_invoke.on_failure = Some(Target::Queue("failed".into()));
        f.dead_letter = Some(Target::Queue("dead".into()));
    });
    driver.function(|f| {
        f.name = "g".into();
        f.event_invoke.on_success = Some(Target::Function("f".into()));
    });
    driver.invoke(InvocationType::Event, b"{}");
    driver.until_idle();
    assert_eq!(ended(&driver, Outcome::Succeeded), 32, "16 times each");
    assert_eq!(ended(&driver, Outcome::RecursiveLoop), 1);
    assert!(driver.on_disk.is_empty());
    let delivered = |wanted| {
        let body = driver.events.iter().find_map(|event| match &event.what {
            Happened::Delivered { outlet, body, .. } if *outlet == wanted => Some(body.clone()),
            _ => None,
        });
        serde_json::from_slice::<serde_json::Value>(&body.expect("a delivery")).unwrap()
    };
    let record = delivered(Outlet::OnFailure);
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(record["responseContext"], serde_json::Value::Null);
    assert_eq!(delivered(Outlet::DeadLetter), record["requestPayload"], "the event unchanged");
    let dead = driver.service.queues["dead"].messages.values().next().unwrap();
    let attribute = |name: &str| dead.attributes.iter().find(|(of, _, _)| &**of == name).map(|(_, _, value)| value.to_string());
    assert_eq!(attribute("ErrorCode").as_deref(), Some("400"));
    assert!(attribute("ErrorMessage").unwrap().contains("function:f being invoked in a recursive loop"));
}

#[test]
fn a_synchronous_call_is_refused_and_an_allowed_loop_goes_on() {
    let token = ReplyToken(9);
    for (allowed, invocations, stopped) in
        [(RecursiveLoop::Terminate, 15, false), (RecursiveLoop::Terminate, 16, true), (RecursiveLoop::Allow, 16, false)]
    {
        let mut driver = Driver::new(&RESPOND);
        driver.function(|f| f.recursive_loop = allowed);
        let request = calling(InvocationType::RequestResponse, &header_after(invocations), token);
        driver.input(Input::Invoke(request.into()));
        driver.until(Micros::from_secs(1));
        match driver.replies.remove(&token) {
            Some(InvokeReply::Refused { error: error @ ServiceError::RecursiveInvocation { .. }, .. }) => {
                assert!(stopped);
                assert_eq!(error.status_and_name(), (400, "RecursiveInvocationException"));
            }
            reply => assert!(!stopped && matches!(reply, Some(InvokeReply::Completed(_))), "{allowed:?}: {reply:?}"),
        }
    }
}

/// The 202 says nothing of the chain, and a DryRun invokes nothing.
#[test]
fn an_event_is_accepted_and_then_stopped() {
    let (event, dry_run) = (ReplyToken(1), ReplyToken(2));
    let mut driver = Driver::new(&RESPOND);
    driver.function(|_| {});
    driver.input(Input::Invoke(calling(InvocationType::Event, &header_after(16), event).into()));
    driver.input(Input::Invoke(calling(InvocationType::DryRun, &header_after(16), dry_run).into()));
    driver.until_idle();
    assert!(matches!(driver.replies[&event], InvokeReply::Accepted { .. }));
    assert!(matches!(driver.replies[&dry_run], InvokeReply::DryRun { .. }));
    assert_eq!(driver.log, "0.0 ended: Succeeded after 0\n0.5 ended: RecursiveLoop after 0\n");
}

/// Its chain lies on disk with it, and the event itself counts once.
#[test]
fn an_event_of_an_earlier_run_is_still_in_its_chain() {
    for (invocations, outcome) in [(15, Outcome::Succeeded), (16, Outcome::RecursiveLoop)] {
        let mut driver = Driver::new(&RESPOND);
        driver.function(|_| {});
        let request_id = RequestId(9);
        driver.on_disk.insert(request_id, 0);
        let stored = StoredEvent {
            request_id,
            function: "f".into(),
            payload: Bytes::from_static(b"{}"),
            accepted_at: START,
            failed_attempts: 0,
            throttled_attempts: 0,
            due: START,
            label: None,
            trace_header: Some(header_after(invocations)),
            cut_off: false,
        };
        driver.input(Input::Restore { events: vec![stored], messages: Vec::new() });
        driver.until_idle();
        assert_eq!(ended(&driver, outcome), 1, "{}", driver.log);
    }
}

/// A batch stands for the chains of all its messages; it comes back until the redrive policy moves it away.
#[test]
fn messages_of_a_loop_come_back_until_they_move_away() {
    let mut driver = Driver::new(&RESPOND);
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("dead")));
    let redrive = RedrivePolicy { target: "dead".into(), max_receive_count: 3 };
    driver.input(Input::ConfigureQueue(QueueConfiguration { redrive: Some(redrive), ..QueueConfiguration::new("q") }));
    driver.function(|_| {});
    driver.input(Input::ConfigureMapping(MappingConfiguration::new("f", "q")));
    let messages = vec![
        NewMessage::new("harmless"),
        NewMessage { trace_header: Some(header_after(16)), ..NewMessage::new("loop") },
        NewMessage { trace_header: Some(header_after(3)), ..NewMessage::new("early") },
    ];
    driver.input(Input::SendMessages { queue: "q".into(), messages, source: InvocationSource::Workbench });
    driver.until_idle();
    expect_test::expect![[r#"
        0.0 batch of 3 closed by Window
        0.0 ended: RecursiveLoop after 0
        0.0 batch finished, 3 failed: RecursiveLoop
        30000.0 a message is visible again after 1 receives
        30000.0 a message is visible again after 1 receives
        30000.0 a message is visible again after 1 receives
        30000.0 batch of 3 closed by Window
        30000.0 ended: RecursiveLoop after 0
        30000.0 batch finished, 3 failed: RecursiveLoop
        60000.0 a message is visible again after 2 receives
        60000.0 a message is visible again after 2 receives
        60000.0 a message is visible again after 2 receives
        60000.0 batch of 3 closed by Window
        60000.0 ended: RecursiveLoop after 0
        60000.0 batch finished, 3 failed: RecursiveLoop
        90000.0 a message is visible again after 3 receives
        90000.0 a message is visible again after 3 receives
        90000.0 a message is visible again after 3 receives
        90000.0 a message moved to dead after 3 receives
        90000.0 a message moved to dead after 3 receives
        90000.0 a message moved to dead after 3 receives
    "#]]
    .assert_eq(&driver.log);
    assert!(driver.service.is_quiet());
}

#[test]
fn a_loop_over_a_queue_is_stopped_in_the_same_way() {
    let mut driver = Driver::new(&RESPOND);
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("q")));
    driver.function(|f| f.event_invoke.on_success = Some(Target::Queue("q".into())));
    driver.input(Input::ConfigureMapping(MappingConfiguration::new("f", "q")));
    driver.input(Input::Invoke(calling(InvocationType::Event, &header_after(15), ReplyToken(1)).into()));
    driver.until(Micros::from_secs(5));
    let stopped = |what: &Happened| matches!(what, Happened::BatchFinished { reason: BatchVerdict::RecursiveLoop, .. });
    assert_eq!(driver.events.iter().filter(|event| stopped(&event.what)).count(), 1, "{}", driver.log);
    assert_eq!(ended(&driver, Outcome::Succeeded), 1, "the 16th invocation ran");
}

/// Lambda follows a chain through its own API, queues and topics; HTTP clients start one (3.7).
#[test]
fn a_door_begins_a_chain() {
    let mut driver = Driver::new(&RESPOND);
    driver.function(|_| {});
    let token = ReplyToken(1);
    let door = DoorRequest { integration_timeout: None, function_url: true };
    let request = calling(InvocationType::RequestResponse, &header_after(16), token);
    driver.input(Input::Invoke(InvokeRequest { door: Some(door.into()), ..request }.into()));
    driver.until(Micros::from_secs(1));
    let Some(InvokeReply::Completed(completed)) = driver.replies.remove(&token) else { panic!("{}", driver.log) };
    assert!(completed.trace_header.ends_with(":0"), "{}", completed.trace_header);
}
