//! Queues, mappings and batches (semantics 4.2, 4.6, 4.7).

use std::sync::Arc;

use expect_test::expect;

use super::super::configuration::{MappingConfiguration, QueueConfiguration, RedrivePolicy};
use super::super::happened::Happened;
use super::super::input::{Input, InvocationSource, NewMessage};
use super::super::time::Micros;
use super::driver::{Answer, Driver};

fn queue_driver(answers: &[Answer], change: impl FnOnce(&mut MappingConfiguration)) -> Driver {
    let mut driver = Driver::new(answers);
    driver.function(|_| {});
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("dead")));
    let redrive = Some(RedrivePolicy { target: "dead".into(), max_receive_count: 2 });
    driver.input(Input::ConfigureQueue(QueueConfiguration { redrive, ..QueueConfiguration::new("q") }));
    let mut mapping = MappingConfiguration {
        function: "f".into(),
        queue: "q".into(),
        batch_size: 10,
        maximum_batching_window: Micros(0),
        report_batch_item_failures: false,
        maximum_concurrency: None,
        enabled: true,
    };
    change(&mut mapping);
    driver.input(Input::ConfigureMapping(mapping));
    driver
}

fn send(driver: &mut Driver, bodies: impl Iterator<Item = String>) {
    let messages = bodies.map(|body| NewMessage { body: body.into(), attributes: Vec::new(), delay: Micros(0) }).collect();
    driver.input(Input::SendMessages { queue: "q".into(), messages, source: InvocationSource::Workbench, reply: None });
}

fn numbers(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| number.to_string())
}

#[test]
fn size_closes_a_batch() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.maximum_batching_window = Micros::from_secs(5));
    send(&mut driver, numbers(10));
    driver.until_idle();
    expect![[r#"
        0.0 batch of 10 closed by Size
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        120.0 batch finished, 0 failed: AllSucceeded
        600120.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
    assert_eq!(driver.service.queue_depth("q"), Some((0, 0)));
}

#[test]
fn the_window_closes_a_batch() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.maximum_batching_window = Micros::from_secs(5));
    send(&mut driver, numbers(3));
    driver.until(Micros::from_secs(2));
    send(&mut driver, numbers(1));
    driver.until_idle();
    expect![[r#"
        5000.0 batch of 4 closed by Window
        5100.0 attempt 1 starts, cold
        5120.0 attempt 1 succeeds, billed 120 ms
        5120.0 ended: Succeeded after 1
        5120.0 batch finished, 0 failed: AllSucceeded
        605120.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn six_megabytes_close_a_batch() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.maximum_batching_window = Micros::from_secs(5));
    send(&mut driver, (0..7).map(|_| "x".repeat(1_000_000)));
    driver.until_idle();
    expect![[r#"
        0.0 batch of 6 closed by Bytes
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        120.0 batch finished, 0 failed: AllSucceeded
        5000.0 batch of 1 closed by Window
        5000.0 attempt 1 starts
        5020.0 attempt 1 succeeds, billed 20 ms
        5020.0 ended: Succeeded after 1
        5020.0 batch finished, 0 failed: AllSucceeded
        605020.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn reported_items_come_back_and_move_to_the_dead_letter_queue_in_the_end() {
    let mut driver = queue_driver(&[Answer::FailItems(&[1]), Answer::FailItems(&[0])], |m| m.report_batch_item_failures = true);
    send(&mut driver, numbers(3));
    driver.until_idle();
    expect![[r#"
        0.0 batch of 3 closed by Window
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        120.0 batch finished, 1 failed: PartialFailure
        30000.0 a message is visible again after 1 receives
        30000.0 batch of 1 closed by Window
        30000.0 attempt 1 starts
        30020.0 attempt 1 succeeds, billed 20 ms
        30020.0 ended: Succeeded after 1
        30020.0 batch finished, 1 failed: PartialFailure
        60000.0 a message is visible again after 2 receives
        60000.0 a message moved to dead after 2 receives
        630020.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
    assert_eq!(driver.service.queue_depth("dead"), Some((1, 0)));
    driver.input(Input::Redrive { from: "dead".into(), to: "q".into() });
    assert_eq!(driver.service.queue_depth("dead"), Some((0, 0)));
}

#[test]
fn a_function_error_brings_the_whole_batch_back() {
    let mut driver = queue_driver(&[Answer::Throw, Answer::Respond("null")], |_| {});
    send(&mut driver, numbers(2));
    driver.until_idle();
    expect![[r#"
        0.0 batch of 2 closed by Window
        100.0 attempt 1 starts, cold
        120.0 attempt 1 fails: Boom
        120.0 ended: FunctionError after 1
        120.0 batch finished, 2 failed: FunctionError
        30000.0 a message is visible again after 1 receives
        30000.0 a message is visible again after 1 receives
        30000.0 batch of 2 closed by Window
        30000.0 attempt 1 starts
        30020.0 attempt 1 succeeds, billed 20 ms
        30020.0 ended: Succeeded after 1
        30020.0 batch finished, 0 failed: AllSucceeded
        630020.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn without_the_setting_reported_items_are_deleted() {
    let mut driver = queue_driver(&[Answer::FailItems(&[0])], |_| {});
    send(&mut driver, numbers(2));
    driver.until_idle();
    assert_eq!(driver.service.queue_depth("q"), Some((0, 0)));
}

#[test]
fn a_record_has_every_member() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |_| {});
    let attributes: Vec<(Arc<str>, Arc<str>, Arc<str>)> = vec![("kind".into(), "String".into(), "test".into())];
    let message = NewMessage { body: "{\"a\":1.50}".into(), attributes, delay: Micros(0) };
    driver.input(Input::SendMessages {
        queue: "q".into(),
        messages: vec![message],
        source: InvocationSource::Workbench,
        reply: None,
    });
    let payload = driver.events.iter().find_map(|event| match &event.what {
        Happened::InvocationAccepted { payload, .. } => Some(payload.clone()),
        _ => None,
    });
    expect![[r#"{"Records":[{"messageId":"63cbe1e4-5932-4dd7-844c-3cd7f43c661c","receiptHandle":"NjNjYmUxZTQtNTkzMi00ZGQ3LTg0NGMtM2NkN2Y0M2M2NjFjIzE=","body":"{\"a\":1.50}","attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1772359200000","SenderId":"AROAINVOKELAB:invokelab","ApproximateFirstReceiveTimestamp":"1772359200000"},"messageAttributes":{"kind":{"stringValue":"test","stringListValues":[],"binaryListValues":[],"dataType":"String"}},"md5OfBody":"58b5452751a797bb218a6e0fc4192e2a","md5OfMessageAttributes":"b208efaf010247370cb046e6adfb8858","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:q","awsRegion":"us-east-1"}]}"#]].assert_eq(&String::from_utf8_lossy(&payload.unwrap()));
}

#[test]
fn a_delayed_message_waits_and_a_purge_takes_everything() {
    let mut driver = queue_driver(&[Answer::Hang], |_| {});
    let message = NewMessage { body: "late".into(), attributes: Vec::new(), delay: Micros::from_secs(10) };
    driver.input(Input::SendMessages {
        queue: "q".into(),
        messages: vec![message],
        source: InvocationSource::Workbench,
        reply: None,
    });
    assert_eq!(driver.service.queue_depth("q"), Some((0, 1)));
    driver.input(Input::PurgeQueue("q".into()));
    assert_eq!(driver.service.queue_depth("q"), Some((0, 0)));
    driver.until_idle();
    assert_eq!(driver.log, "");
}
