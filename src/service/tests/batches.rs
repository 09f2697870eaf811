//! Queues, mappings and batches (semantics 4.2, 4.6, 4.7).

use std::sync::Arc;

use expect_test::expect;

use super::super::configuration::{MappingConfiguration, QueueConfiguration, RedrivePolicy, Target};
use super::super::happened::Happened;
use super::super::ids::MessageId;
use super::super::input::{Input, InvocationSource, InvocationType, InvokeRequest, NewMessage, StoredMessage};
use super::super::time::{Micros, Timestamp};
use super::driver::{Answer, Driver, START};

pub(super) fn queue_driver(answers: &[Answer], change: impl FnOnce(&mut MappingConfiguration)) -> Driver {
    let mut driver = Driver::new(answers);
    driver.function(|_| {});
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("dead")));
    let redrive = Some(RedrivePolicy { target: "dead".into(), max_receive_count: 2 });
    driver.input(Input::ConfigureQueue(QueueConfiguration { redrive, ..QueueConfiguration::new("q") }));
    let mut mapping = mapping();
    change(&mut mapping);
    driver.input(Input::ConfigureMapping(mapping));
    driver
}

fn mapping() -> MappingConfiguration {
    MappingConfiguration::new("f", "q")
}

pub(super) fn send(driver: &mut Driver, bodies: impl Iterator<Item = String>) {
    let messages = bodies.map(NewMessage::new).collect();
    driver.input(Input::SendMessages { queue: "q".into(), messages, source: InvocationSource::Workbench });
}

pub(super) fn numbers(count: usize) -> impl Iterator<Item = String> {
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
    assert_eq!(driver.depth("q"), Some((0, 0)));
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
    assert_eq!(driver.depth("dead"), Some((1, 0)));
    driver.input(Input::Redrive("dead".into()));
    assert_eq!(driver.depth("dead"), Some((0, 0)));
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
    assert_eq!(driver.depth("q"), Some((0, 0)));
}

#[test]
fn reported_items_come_back_though_the_mapping_was_removed_while_the_batch_ran() {
    let mut driver = queue_driver(&[Answer::FailItems(&[0])], |m| m.report_batch_item_failures = true);
    send(&mut driver, numbers(2));
    driver.until(Micros::from_millis(110));
    driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
    driver.until_idle();
    assert!(driver.log.contains("batch finished, 1 failed: PartialFailure"), "{}", driver.log);
    assert_eq!(driver.depth("q"), Some((1, 0)));
}

#[test]
fn a_record_has_every_member() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |_| {});
    let attributes: Vec<(Arc<str>, Arc<str>, Arc<str>)> = vec![("kind".into(), "String".into(), "test".into())];
    let message = NewMessage { attributes, ..NewMessage::new("{\"a\":1.50}") };
    driver.input(Input::SendMessages { queue: "q".into(), messages: vec![message], source: InvocationSource::Workbench });
    let payload = driver.events.iter().find_map(|event| match &event.what {
        Happened::InvocationAccepted { payload, .. } => Some(payload.clone()),
        _ => None,
    });
    expect![[r#"{"Records":[{"messageId":"63cbe1e4-5932-4dd7-844c-3cd7f43c661c","receiptHandle":"NjNjYmUxZTQtNTkzMi00ZGQ3LTg0NGMtM2NkN2Y0M2M2NjFjIzE=","body":"{\"a\":1.50}","attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1772359200000","SenderId":"AROAINVOKELAB:invokelab","ApproximateFirstReceiveTimestamp":"1772359200000"},"messageAttributes":{"kind":{"stringValue":"test","stringListValues":[],"binaryListValues":[],"dataType":"String"}},"md5OfBody":"58b5452751a797bb218a6e0fc4192e2a","md5OfMessageAttributes":"b208efaf010247370cb046e6adfb8858","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:q","awsRegion":"us-east-1"}]}"#]]
    .assert_eq(&String::from_utf8_lossy(&payload.unwrap()));
}

#[test]
fn a_message_over_one_mebibyte_with_its_attributes_is_refused() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.enabled = false);
    let attribute = |value: &str| vec![("kind".into(), "String".into(), value.into())];
    let new =
        |bytes: usize| NewMessage { attributes: attribute("ok"), ..NewMessage::new("x".repeat(bytes - "kindStringok".len())) };
    let messages = vec![new(1_048_577), new(1_048_576)];
    let source = InvocationSource::Workbench;
    driver.input(Input::SendMessages { queue: "q".into(), messages, source: source.clone() });
    driver.input(Input::SendMessages { queue: "nowhere".into(), messages: vec![new(20)], source });
    expect![[r#"
        0.0 refused by q: it has 1048577 bytes, and a message of a queue may have 1048576 with its attributes
        0.0 refused by nowhere: there is no queue nowhere
    "#]]
    .assert_eq(&driver.log);
    assert_eq!(driver.depth("q"), Some((1, 0)));
}

#[test]
fn a_message_of_a_destination_has_the_trace_header_of_its_event() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |_| {});
    driver.function(|f| f.event_invoke.on_success = Some(Target::Queue("q".into())));
    let invoke = InvokeRequest {
        trace_header: Some("Root=1-67891233-abcdef012345678912345678".into()),
        ..InvokeRequest::new("f".into(), InvocationType::Event, "{}".into(), InvocationSource::Workbench)
    };
    driver.input(Input::Invoke(invoke.into()));
    driver.until(Micros::from_secs(1));
    let records = driver.events.iter().filter_map(|event| match &event.what {
        Happened::InvocationAccepted { payload, .. } => serde_json::from_slice::<serde_json::Value>(payload).ok(),
        _ => None,
    });
    let attributes = records.filter_map(|event| event.pointer("/Records/0/attributes").cloned()).next().unwrap();
    let header = attributes["AWSTraceHeader"].as_str().unwrap();
    assert!(header.starts_with("Root=1-67891233-abcdef012345678912345678;Lineage=1:"), "{header}");
}

#[test]
fn characters_that_sqs_does_not_take_are_named() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.enabled = false);
    let new = |body: &str| NewMessage::new(body);
    let messages = vec![new("a\u{1}"), new("\u{ffff}"), new("tab\t, line\r\n, \u{e000}, \u{1f9ca}")];
    driver.input(Input::SendMessages { queue: "q".into(), messages, source: InvocationSource::Workbench });
    expect![[r#"
        0.0 refused by q: it has the character U+0001 at byte 1, and SQS takes those of XML 1.0 only
        0.0 refused by q: it has the character U+FFFF at byte 0, and SQS takes those of XML 1.0 only
    "#]]
    .assert_eq(&driver.log);
    assert_eq!(driver.depth("q"), Some((1, 0)));
}

#[test]
fn a_delayed_message_waits_and_a_purge_takes_everything() {
    let mut driver = queue_driver(&[Answer::Hang], |_| {});
    let message = NewMessage { delay: Micros::from_secs(10), ..NewMessage::new("late") };
    driver.input(Input::SendMessages { queue: "q".into(), messages: vec![message], source: InvocationSource::Workbench });
    assert_eq!(driver.depth("q"), Some((0, 1)));
    driver.input(Input::PurgeQueue("q".into()));
    assert_eq!(driver.depth("q"), Some((0, 0)));
    driver.until_idle();
    assert_eq!(driver.log, "");
}

fn message_ids(driver: &Driver) -> Vec<MessageId> {
    let sent = |what: &Happened| match what {
        Happened::MessageSent { message_id, .. } => Some(*message_id),
        _ => None,
    };
    driver.events.iter().filter_map(|event| sent(&event.what)).collect()
}

/// How many records each invocation had, in order.
fn record_counts(driver: &Driver) -> Vec<usize> {
    let records = |what: &Happened| match what {
        Happened::InvocationAccepted { payload, source: InvocationSource::Mapping { .. }, .. } => {
            let event: serde_json::Value = serde_json::from_slice(payload).unwrap();
            Some(event["Records"].as_array().unwrap().len())
        }
        _ => None,
    };
    driver.events.iter().filter_map(|event| records(&event.what)).collect()
}

#[test]
fn a_collected_batch_that_loses_all_its_messages_is_not_sent() {
    type Way = fn(&Driver) -> Vec<Input>;
    let delete_each: Way = |driver| {
        let delete = |message_id| Input::DeleteMessage { queue: "q".into(), message_id };
        message_ids(driver).into_iter().map(delete).collect()
    };
    let ways: [Way; 4] = [
        |_| vec![Input::PurgeQueue("q".into())],
        delete_each,
        |_| vec![Input::RemoveQueue("q".into())],
        |_| vec![Input::RemoveFunction("f".into())],
    ];
    for way in ways {
        let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.maximum_batching_window = Micros::from_secs(5));
        send(&mut driver, numbers(3));
        driver.until(Micros::from_secs(1));
        way(&driver).into_iter().for_each(|input| driver.input(input));
        driver.until(Micros::from_secs(20));
        assert_eq!(driver.log, "1000.0 the batch is dropped\n");
    }
}

#[test]
fn a_collected_batch_goes_out_with_the_messages_that_are_left() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.maximum_batching_window = Micros::from_secs(5));
    send(&mut driver, numbers(3));
    let deleted = message_ids(&driver)[0];
    driver.input(Input::DeleteMessage { queue: "q".into(), message_id: deleted });
    driver.until_idle();
    assert_eq!(record_counts(&driver), [2]);
    let sizes = driver.events.iter().find_map(|event| match &event.what {
        Happened::BatchClosed { message_ids, .. } => Some(message_ids.contains(&deleted)),
        _ => None,
    });
    assert_eq!(sizes, Some(false));
}

#[test]
fn a_function_that_is_removed_receives_nothing_more() {
    let mut driver = queue_driver(&[Answer::Hang], |m| m.batch_size = 1);
    send(&mut driver, numbers(20));
    driver.until(Micros::from_secs(1));
    driver.input(Input::RemoveFunction("f".into()));
    assert_eq!(record_counts(&driver).len(), 5);
}

/// The most batches that were in flight at once.
pub(super) fn most_in_flight(driver: &Driver) -> usize {
    let (mut now, mut most) = (0, 0);
    for event in &driver.events {
        match &event.what {
            Happened::BatchClosed { .. } => now += 1,
            Happened::BatchFinished { .. } => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

#[test]
fn batches_that_six_megabytes_close_keep_to_the_maximum_concurrency() {
    for window in [0, 5] {
        let mut driver = queue_driver(&[Answer::Respond("null")], |m| {
            m.maximum_concurrency = Some(2);
            m.batch_size = 100;
            m.maximum_batching_window = Micros::from_secs(window);
        });
        driver.run = Micros::from_secs(2);
        send(&mut driver, (0..40).map(|_| "x".repeat(1_000_000)));
        driver.until_idle();
        assert_eq!(most_in_flight(&driver), 2, "{}", driver.log);
        assert_eq!(record_counts(&driver).iter().sum::<usize>(), 40);
        assert_eq!(driver.depth("q"), Some((0, 0)));
    }
}

#[test]
fn a_mapping_made_anew_keeps_to_its_maximum_concurrency_while_old_batches_end() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |_| {});
    driver.run = Micros::from_secs(2);
    let mapping = MappingConfiguration { batch_size: 1, maximum_concurrency: Some(2), ..mapping() };
    driver.input(Input::ConfigureMapping(mapping.clone()));
    send(&mut driver, numbers(12));
    driver.until(Micros::from_secs(1));
    driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
    driver.input(Input::ConfigureMapping(mapping));
    driver.until_idle();
    // Two of the old mapping and two of the new one, never more.
    assert_eq!(most_in_flight(&driver), 4);
    let after_the_old = driver.log.lines().filter(|line| line.starts_with("2100.0 batch of 1")).count();
    assert_eq!(after_the_old, 0, "{}", driver.log);
}

#[test]
fn a_message_whose_redrive_target_is_gone_is_received_once_more() {
    let mut driver = queue_driver(&[Answer::Throw, Answer::Throw, Answer::Respond("null")], |_| {});
    driver.input(Input::RemoveQueue("dead".into()));
    send(&mut driver, numbers(1));
    driver.until_idle();
    assert_eq!(driver.depth("q"), Some((0, 0)), "{}", driver.log);
}

/// One execution at a time, each as long as `seconds`.
fn narrow_driver(seconds: u64, change: impl FnOnce(&mut MappingConfiguration)) -> Driver {
    let mut driver = queue_driver(&[Answer::Respond("null")], change);
    driver.function(|f| {
        f.reserved_concurrency = Some(1);
        f.timeout = Micros::from_secs(50);
    });
    let redrive = Some(RedrivePolicy { target: "dead".into(), max_receive_count: 3 });
    let visibility_timeout = Micros::from_secs(60);
    driver.input(Input::ConfigureQueue(QueueConfiguration { redrive, visibility_timeout, ..QueueConfiguration::new("q") }));
    driver.run = Micros::from_secs(seconds);
    driver
}

#[test]
fn a_throttled_batch_waits_for_its_function_and_no_message_dies_of_it() {
    for batch_size in [1, 10] {
        let mut driver = narrow_driver(2, |m| m.batch_size = batch_size);
        send(&mut driver, numbers(50));
        driver.until_idle();
        assert_eq!(driver.depth("q"), Some((0, 0)));
        assert_eq!(driver.depth("dead"), Some((0, 0)), "{}", driver.log);
        assert_eq!(record_counts(&driver).iter().sum::<usize>(), 50, "each is received once");
    }
}

#[test]
fn a_throttled_batch_is_tried_again_until_its_messages_are_visible() {
    let mut driver = narrow_driver(20, |_| {});
    driver.invoke(InvocationType::RequestResponse, b"{}");
    send(&mut driver, numbers(1));
    driver.until(Micros::from_secs(45));
    expect![[r#"
        0.0 batch of 1 closed by Window
        0.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        100.0 attempt 1 starts, cold
        1000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        3000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        7000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        15000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        20100.0 attempt 1 succeeds, billed 20100 ms
        20100.0 ended: Succeeded after 1
        20100.0 attempt 1 starts
        40100.0 attempt 1 succeeds, billed 20000 ms
        40100.0 ended: Succeeded after 1
        40100.0 batch finished, 0 failed: AllSucceeded
    "#]]
    .assert_eq(&driver.log);

    let mut driver = narrow_driver(20, |_| {});
    driver.invoke(InvocationType::RequestResponse, b"{}");
    send(&mut driver, numbers(2));
    driver.function(|f| f.reserved_concurrency = Some(0));
    driver.until(Micros::from_secs(70));
    expect![[r#"
        0.0 batch of 2 closed by Window
        0.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        100.0 attempt 1 starts, cold
        1000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        3000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        3100.0 attempt 1 fails: Sandbox.Timedout
        3100.0 ended: FunctionError after 1
        3100.0 environment stopped: Timeout
        7000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        15000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        31000.0 throttled: ReservedFunctionConcurrentInvocationLimitExceeded
        60000.0 ended: Refused after 0
        60000.0 batch finished, 2 failed: Throttled(ReservedFunctionConcurrentInvocationLimitExceeded)
        60000.0 a message is visible again after 1 receives
        60000.0 a message is visible again after 1 receives
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn a_step_to_a_throttled_batch_says_that_it_waits() {
    let mut driver = narrow_driver(20, |m| m.maximum_batching_window = Micros::from_secs(5));
    driver.invoke(InvocationType::RequestResponse, b"{}");
    driver.until(Micros::from_secs(1));
    send(&mut driver, numbers(1));
    let due = driver.service.next_step().unwrap();
    let before = driver.events.len();
    driver.until(Micros::from_secs(6));
    expect!["A batch of 1 message from q went to f, because maximum_batching_window_in_seconds ran out after 5 s. The function was not free (ReservedFunctionConcurrentInvocationLimitExceeded): the batch waits for it until its visibility timeout ends."].assert_eq(&driver.told(&due, before));
    assert_eq!(driver.service.next_step().unwrap().what.to_string(), "attempt 1 of a batch of q");
}

#[test]
fn a_batch_that_waits_goes_out_with_the_messages_that_are_left_or_not_at_all() {
    for left in [1, 0] {
        let mut driver = narrow_driver(5, |_| {});
        driver.invoke(InvocationType::RequestResponse, b"{}");
        send(&mut driver, numbers(3));
        driver.until(Micros::from_secs(1));
        for message_id in message_ids(&driver).into_iter().skip(left) {
            driver.input(Input::DeleteMessage { queue: "q".into(), message_id });
        }
        driver.until_idle();
        let edited: Vec<_> = driver
            .events
            .iter()
            .filter_map(|event| match &event.what {
                Happened::EventEdited { payload, .. } => Some(String::from_utf8_lossy(payload).matches("messageId").count()),
                _ => None,
            })
            .collect();
        assert_eq!(edited, vec![1; left]);
        assert_eq!(driver.log.contains("batch finished, 0 failed: Emptied"), left == 0, "{}", driver.log);
    }
}

fn dead_letter_sources(driver: &Driver) -> usize {
    let accepted = |what: &Happened| match what {
        Happened::InvocationAccepted { payload, .. } => Some(String::from_utf8_lossy(payload).into_owned()),
        _ => None,
    };
    let sent = driver.events.iter().filter_map(|event| accepted(&event.what));
    sent.filter(|text| text.contains("\"DeadLetterQueueSourceArn\":\"arn:aws:sqs:us-east-1:000000000000:q\"")).count()
}

#[test]
fn a_message_of_a_dead_letter_queue_remembers_over_a_restart_where_it_came_from() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |_| {});
    let stored = StoredMessage {
        queue: "dead".into(),
        message_id: MessageId(1),
        body: "late".into(),
        attributes: Vec::new(),
        sent_at: Timestamp(START.0 - 40_000_000),
        first_received_at: None,
        receive_count: 0,
        visible_at: START,
        came_from: Some("q".into()),
        trace_header: None,
    };
    driver.messages_on_disk.insert((stored.queue.clone(), stored.message_id));
    driver.input(Input::Restore { events: Vec::new(), messages: vec![stored] });
    let sent = driver.events.iter().find_map(|event| match &event.what {
        Happened::MessageSent { sent_at, .. } => Some(*sent_at),
        _ => None,
    });
    assert_eq!(sent, Some(Timestamp(START.0 - 40_000_000)), "it is as old as it was");
    driver.input(Input::Redrive("dead".into()));
    driver.until_idle();
    assert_eq!(record_counts(&driver), [1], "it went back to q, whose mapping took it");
    assert_eq!(dead_letter_sources(&driver), 0, "q is no dead-letter queue");
}

#[test]
fn a_record_of_a_dead_letter_queue_names_its_source() {
    let mut driver = queue_driver(&[Answer::Throw], |_| {});
    driver.input(Input::ConfigureMapping(MappingConfiguration { queue: "dead".into(), ..mapping() }));
    send(&mut driver, numbers(1));
    driver.until(Micros::from_secs(70));
    assert_eq!(dead_letter_sources(&driver), 1, "{}", driver.log);
}

#[test]
fn messages_come_back_with_a_queue_that_was_gone_for_a_while() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.enabled = false);
    send(&mut driver, numbers(3));
    driver.input(Input::RemoveQueue("q".into()));
    assert_eq!(driver.depth("q"), None);
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("q")));
    assert_eq!(driver.depth("q"), Some((3, 0)));
    driver.input(Input::ConfigureMapping(mapping()));
    driver.until_idle();
    assert_eq!(record_counts(&driver), [3]);
    assert!(driver.messages_on_disk.is_empty());
}

#[test]
fn messages_in_flight_when_their_queue_goes_end_or_come_back_as_they_would_have() {
    let mut driver = queue_driver(&[Answer::FailItems(&[1])], |m| m.report_batch_item_failures = true);
    driver.run = Micros::from_secs(2);
    send(&mut driver, numbers(2));
    driver.until(Micros::from_secs(1));
    driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
    driver.input(Input::RemoveQueue("q".into()));
    driver.until(Micros::from_secs(4));
    assert_eq!(driver.messages_on_disk.len(), 1, "the one that was processed is gone");
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("q")));
    assert_eq!(driver.depth("q"), Some((0, 1)));
    driver.until(Micros::from_secs(31));
    assert_eq!(driver.depth("q"), Some((1, 0)));
    assert!(driver.log.ends_with("30000.0 a message is visible again after 1 receives\n"), "{}", driver.log);
}
