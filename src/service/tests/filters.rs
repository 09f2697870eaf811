//! Mappings with filter criteria (semantics 4.2, 4.9).

use expect_test::expect;

use super::super::configuration::{MappingConfiguration, QueueConfiguration, RedrivePolicy};
use super::super::filter::{Filter, FilterCriteria};
use super::super::happened::{Due, DueKind, Happened};
use super::super::input::{Input, InvocationSource, NewMessage};
use super::super::time::{Micros, Timestamp};
use super::driver::{Answer, Driver};

const LARGE_AMOUNTS: &str = r#"{"body":{"amount":[{"numeric":[">",100]}]}}"#;

fn filtered(patterns: &[&str]) -> FilterCriteria {
    FilterCriteria::new(patterns.iter().map(|pattern| Filter::new(pattern).unwrap()).collect())
}

fn mapping() -> MappingConfiguration {
    MappingConfiguration {
        batch_size: 3,
        maximum_batching_window: Micros::from_secs(5),
        filter_criteria: filtered(&[LARGE_AMOUNTS]),
        ..MappingConfiguration::new("f", "q")
    }
}

fn driver(answers: &[Answer], mapping: MappingConfiguration) -> Driver {
    let mut driver = Driver::new(answers);
    driver.function(|_| {});
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("dead")));
    let redrive = Some(RedrivePolicy { target: "dead".into(), max_receive_count: 2 });
    driver.input(Input::ConfigureQueue(QueueConfiguration { redrive, ..QueueConfiguration::new("q") }));
    driver.input(Input::ConfigureMapping(mapping));
    driver
}

fn send(driver: &mut Driver, amounts: &[u32]) {
    let new = |amount: &u32| NewMessage {
        attributes: vec![("kind".into(), "String".into(), if *amount > 500 { "large" } else { "small" }.into())],
        ..NewMessage::new(format!("{{\"amount\":{amount}}}"))
    };
    let messages = amounts.iter().map(new).collect();
    driver.input(Input::SendMessages { queue: "q".into(), messages, source: InvocationSource::Workbench });
}

#[test]
fn what_the_filter_leaves_out_is_deleted_and_takes_no_room_in_a_batch() {
    let mut driver = driver(&[Answer::Respond("null")], mapping());
    send(&mut driver, &[12, 101, 40, 102, 100, 103]);
    assert_eq!(driver.messages_on_disk.len(), 3, "the store forgets it at once");
    driver.until_idle();
    expect![[r#"
        0.0 left out: body.amount is 12, the filter wants > 100
        0.0 left out: body.amount is 40, the filter wants > 100
        0.0 left out: body.amount is 100, the filter wants > 100
        0.0 batch of 3 closed by Size
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        120.0 batch finished, 0 failed: AllSucceeded
        600120.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
    assert_eq!(driver.depth("q"), Some((0, 0)));
    assert!(driver.messages_on_disk.is_empty());
}

#[test]
fn a_batch_is_opened_by_the_first_message_that_the_filter_lets_through() {
    let mut driver = driver(&[Answer::Respond("null")], mapping());
    send(&mut driver, &[1]);
    driver.until(Micros::from_secs(3));
    send(&mut driver, &[500]);
    driver.until_idle();
    expect![[r#"
        0.0 left out: body.amount is 1, the filter wants > 100
        8000.0 batch of 1 closed by Window
        8100.0 attempt 1 starts, cold
        8120.0 attempt 1 succeeds, billed 120 ms
        8120.0 ended: Succeeded after 1
        8120.0 batch finished, 0 failed: AllSucceeded
        608120.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn what_the_filter_leaves_out_was_not_received() {
    let mut driver = driver(&[Answer::Respond("null")], mapping());
    send(&mut driver, &[1, 2]);
    let received = driver.events.iter().any(|event| matches!(event.what, Happened::MessageReceived { .. }));
    assert!(!received && driver.messages_on_disk.is_empty());
}

#[test]
fn a_filter_sees_the_attributes_of_a_message() {
    let patterns = [r#"{"messageAttributes":{"kind":{"stringValue":["large"]}},"eventSource":["aws:sqs"]}"#];
    let mut driver = driver(
        &[Answer::Respond("null")],
        MappingConfiguration { filter_criteria: filtered(&patterns), maximum_batching_window: Micros(0), ..mapping() },
    );
    send(&mut driver, &[501, 12]);
    driver.until(Micros::from_secs(1));
    expect![[r#"
        0.0 left out: messageAttributes.kind.stringValue is "small", the filter wants "large"
        0.0 batch of 1 closed by Window
        100.0 attempt 1 starts, cold
        120.0 attempt 1 succeeds, billed 120 ms
        120.0 ended: Succeeded after 1
        120.0 batch finished, 0 failed: AllSucceeded
    "#]]
    .assert_eq(&driver.log);
}

#[test]
fn a_new_filter_holds_for_messages_that_come_back() {
    let mut driver = driver(&[Answer::Throw], MappingConfiguration { filter_criteria: FilterCriteria::default(), ..mapping() });
    send(&mut driver, &[12, 102]);
    driver.until(Micros::from_secs(20));
    driver.input(Input::ConfigureMapping(mapping()));
    driver.until_idle();
    expect![[r#"
        5000.0 batch of 2 closed by Window
        5100.0 attempt 1 starts, cold
        5120.0 attempt 1 fails: Boom
        5120.0 ended: FunctionError after 1
        5120.0 batch finished, 2 failed: FunctionError
        30000.0 a message is visible again after 1 receives
        30000.0 a message is visible again after 1 receives
        30000.0 left out: body.amount is 12, the filter wants > 100
        35000.0 batch of 1 closed by Window
        35000.0 attempt 1 starts
        35020.0 attempt 1 fails: Boom
        35020.0 ended: FunctionError after 1
        35020.0 batch finished, 1 failed: FunctionError
        60000.0 a message is visible again after 2 receives
        60000.0 a message moved to dead after 2 receives
        635020.0 environment stopped: Idle
    "#]]
    .assert_eq(&driver.log);
    assert_eq!(driver.depth("dead"), Some((1, 0)));
}

#[test]
fn a_step_tells_what_was_left_out() {
    let told = |amounts: &[u32]| {
        let mut driver = driver(&[Answer::Respond("null")], mapping());
        send(&mut driver, amounts);
        let what = DueKind::WindowCloses { function: "f".into(), queue: "q".into(), records: 1 };
        driver.told(&Due { at: Timestamp(0), what }, 0)
    };
    assert_eq!(
        told(&[12]),
        "The batching window of q ended. The filter of f left 1 message out: body.amount is 12, the filter wants > 100. So it was deleted."
    );
    assert_eq!(told(&[12, 13]), "The batching window of q ended. The filter of f left 2 messages out, so they were deleted.");
    assert_eq!(told(&[]), "The batching window of q ended.");
}
