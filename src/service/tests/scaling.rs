//! How many batches of a mapping are in flight at once (semantics 4.3, 4.5, 4.6).

use std::sync::Arc;

use super::super::configuration::{MappingConfiguration, QueueConfiguration};
use super::super::happened::{Happened, ScalingReason, ServiceEvent};
use super::super::input::Input;
use super::super::time::Micros;
use super::batches::{most_in_flight, numbers, queue_driver, send};
use super::driver::{Answer, Driver, START};

#[test]
fn concurrency_grows_by_itself_a_minute_after_messages_began_to_wait() {
    let mut driver = queue_driver(&[Answer::Respond("null")], |m| m.batch_size = 1);
    driver.function(|f| f.timeout = Micros::from_secs(700));
    driver.input(Input::ConfigureQueue(QueueConfiguration {
        visibility_timeout: Micros::from_secs(700),
        ..QueueConfiguration::new("q")
    }));
    driver.run = Micros::from_secs(600);
    send(&mut driver, numbers(20));
    driver.until(Micros::from_secs(59));
    assert_eq!(most_in_flight(&driver), 5);
    driver.until(Micros::from_secs(661));
    assert_eq!(most_in_flight(&driver), 20);
    assert_eq!(driver.depth("q"), Some((0, 0)));
    // It is quiet again, so it starts from five.
    send(&mut driver, numbers(20));
    assert_eq!(driver.depth("q"), Some((15, 5)));
}

fn scaled(driver: &Driver) -> Vec<(u64, u32, ScalingReason)> {
    let change = |event: &Arc<ServiceEvent>| match &event.what {
        Happened::MappingScaled { concurrency, reason, .. } => Some((event.at.since(START).0 / 1_000_000, *concurrency, *reason)),
        _ => None,
    };
    driver.events.iter().filter_map(change).collect()
}

/// Five batches at once, of which the first `failing` fail.
fn failing_driver(failing: usize, change: impl FnOnce(&mut MappingConfiguration)) -> Driver {
    let answers: Vec<_> = std::iter::repeat_n(Answer::Throw, failing).chain([Answer::Respond("{}")]).collect();
    let mut driver = queue_driver(&answers, |m| {
        m.batch_size = 1;
        change(m);
    });
    driver.input(Input::ConfigureQueue(QueueConfiguration {
        visibility_timeout: Micros::from_secs(30),
        ..QueueConfiguration::new("q")
    }));
    driver.run = Micros::from_secs(2);
    driver
}

/// It goes down while errors last, does not grow or start anew while all that is left is hidden, and doubles after a success.
#[test]
fn concurrency_is_halved_by_function_errors_and_grows_again_after_a_success() {
    let mut driver = failing_driver(6, |_| {});
    send(&mut driver, numbers(40));
    driver.until(Micros::from_secs(4));
    assert_eq!(scaled(&driver), [(2, 2, ScalingReason::FunctionErrors), (2, 1, ScalingReason::FunctionErrors)]);
    driver.until(Micros::from_secs(67));
    assert_eq!(scaled(&driver)[2..], [(66, 2, ScalingReason::Backlog)], "a minute after the first success");
    driver.until_idle();
    assert_eq!(scaled(&driver).last().map(|(_, to, why)| (*to, *why)), Some((5, ScalingReason::Quiet)));
    assert_eq!(driver.depth("q"), Some((0, 0)));
}

#[test]
fn a_mapping_whose_function_only_fails_stays_where_it_is() {
    let mut driver = failing_driver(1_000, |_| {});
    send(&mut driver, numbers(3));
    driver.until(Micros::from_secs(200));
    assert_eq!(scaled(&driver), [(2, 2, ScalingReason::FunctionErrors), (2, 1, ScalingReason::FunctionErrors)]);
}

/// With ReportBatchItemFailures polling is not scaled down on failures (4.6), and a divisor of 1 switches it off.
#[test]
fn a_function_that_reports_failures_is_polled_as_before() {
    let mut driver = failing_driver(1_000, |m| m.report_batch_item_failures = true);
    send(&mut driver, numbers(3));
    driver.until(Micros::from_secs(100));
    assert_eq!(scaled(&driver), []);
    let mut driver = failing_driver(1_000, |_| {});
    driver.service.settings.mapping_error_divisor = 1;
    send(&mut driver, numbers(3));
    driver.until(Micros::from_secs(100));
    assert_eq!(scaled(&driver), []);
}
