//! Random commands, answers and timers against a naive reference: every event ends once, no limit is passed, and the
//! same seed gives the same log.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::configuration::{MappingConfiguration, QueueConfiguration, RedrivePolicy, ServiceSettings, Target};
use super::super::filter::{Filter, FilterCriteria};
use super::super::happened::{Happened, Outcome, Removal};
use super::super::ids::{BatchId, RequestId};
use super::super::input::{Fault, FaultKind, Input, InvocationSource, InvocationType, NewMessage};
use super::super::limits;
use super::super::time::Micros;
use super::driver::{Answer, Driver};

const RESERVED: u32 = 2;
/// Batches of the mapping that may be in flight, and receives of a message.
const BATCHES: u32 = 2;
const RECEIVES: u32 = 3;
const BATCH_SIZE: u32 = 7;
/// Bodies that the filter lets through and leaves out.
const WANTED: &str = "x";
const UNWANTED: &str = "y";

#[derive(Clone, Debug)]
enum Action {
    Invoke,
    Send,
    Pass(u64),
    RetryNow(usize),
    Drop(usize),
    Stop(usize),
    Reconfigure(u64),
    Fault(FaultKind),
    Messages(usize),
    /// Messages that the filter leaves out, where the mapping has it.
    Unwanted(usize),
    LargeMessages(usize),
    Delete(usize),
    Purge,
    /// Everything that a person has deleted so far.
    PutBack,
    RemoveQueue,
    RemoveMapping,
    /// Queue and mapping as they are now, with this batching window in seconds; an odd one has the filter.
    Connect(u64),
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => Just(Action::Invoke),
        5 => Just(Action::Send),
        5 => (1_u64..200_000).prop_map(Action::Pass),
        1 => (0_usize..8).prop_map(Action::RetryNow),
        1 => (0_usize..8).prop_map(Action::Drop),
        1 => (0_usize..8).prop_map(Action::Stop),
        1 => (0_u64..3).prop_map(Action::Reconfigure),
        1 => fault_kind().prop_map(Action::Fault),
        4 => (1_usize..30).prop_map(Action::Messages),
        2 => (1_usize..10).prop_map(Action::Unwanted),
        1 => (0_usize..8).prop_map(Action::Delete),
        1 => Just(Action::Purge),
        1 => Just(Action::PutBack),
        1 => Just(Action::RemoveQueue),
        1 => Just(Action::RemoveMapping),
        2 => (0_u64..4).prop_map(Action::Connect),
    ]
}

/// With messages of which six fill an event.
fn action_or_large_messages() -> impl Strategy<Value = Action> {
    prop_oneof![6 => action(), 1 => (1_usize..20).prop_map(Action::LargeMessages)]
}

fn fault_kind() -> impl Strategy<Value = FaultKind> {
    prop_oneof![
        Just(FaultKind::Throw),
        Just(FaultKind::Timeout),
        Just(FaultKind::Crash),
        Just(FaultKind::Throttle),
        Just(FaultKind::InitFailure),
        (1_u64..9).prop_map(|seconds| FaultKind::Slow(Micros::from_secs(seconds))),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Respond("{}")),
        3 => Just(Answer::Throw),
        2 => Just(Answer::FailItems(&[0])),
        1 => Just(Answer::Exit(1)),
        1 => Just(Answer::Hang),
    ]
}

/// Puts everything back that a person has deleted so far, and is not back yet.
fn put_back(driver: &mut Driver) {
    let deleted = driver.events.iter().filter_map(|event| match &event.what {
        Happened::MessageRemoved { queue, message_id, removal: Removal::Person } => Some((queue.clone(), *message_id)),
        _ => None,
    });
    for (queue, message_id) in deleted.collect::<Vec<_>>() {
        driver.input(Input::PutBack { queue, message_ids: vec![message_id] });
    }
}

fn run(actions: &[Action], answers: &[Answer]) -> Driver {
    let mut driver = Driver::with_settings(ServiceSettings { seed: 3, ..ServiceSettings::default() }, answers);
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("failed")));
    let configure = |driver: &mut Driver, revision| {
        driver.function(|f| {
            f.reserved_concurrency = Some(RESERVED);
            f.event_invoke.on_failure = Some(Target::Queue("failed".into()));
            f.revision = revision;
        });
    };
    configure(&mut driver, 0);
    connect(&mut driver, 0);
    let mut passed = 0;
    for action in actions {
        let nth = |driver: &Driver, index: usize| driver.on_disk.keys().nth(index).copied().unwrap_or(RequestId(0));
        match action {
            Action::Invoke => drop(driver.invoke(InvocationType::RequestResponse, b"{}")),
            Action::Send => drop(driver.invoke(InvocationType::Event, b"{}")),
            Action::Pass(millis) => {
                passed += millis;
                driver.until(Micros::from_millis(passed));
            }
            Action::RetryNow(index) => driver.input(Input::RetryNow(nth(&driver, *index))),
            Action::Drop(index) => driver.input(Input::DropEvent(nth(&driver, *index))),
            Action::Stop(index) => driver.input(Input::StopInvocation(nth(&driver, *index))),
            Action::Reconfigure(revision) => configure(&mut driver, *revision),
            Action::Fault(kind) => {
                driver.input(Input::SetFaults(vec![Fault { function: "f".into(), attempts: vec![1, 2], kind: *kind }]));
            }
            Action::Messages(count) => send(&mut driver, *count, WANTED),
            Action::Unwanted(count) => send(&mut driver, *count, UNWANTED),
            Action::LargeMessages(count) => send(&mut driver, *count, &"x".repeat(1_000_000)),
            Action::Delete(index) => {
                if let Some((queue, message_id)) = driver.messages_on_disk.iter().nth(*index).cloned() {
                    driver.input(Input::DeleteMessage { queue, message_id });
                }
            }
            Action::Purge => driver.input(Input::PurgeQueue("q".into())),
            Action::PutBack => put_back(&mut driver),
            Action::RemoveQueue => driver.input(Input::RemoveQueue("q".into())),
            Action::RemoveMapping => {
                driver.input(Input::RemoveMapping { function: "f".into(), queue: "q".into() });
            }
            Action::Connect(window) => connect(&mut driver, *window),
        }
    }
    connect(&mut driver, 0);
    driver.until_idle();
    driver
}

fn connect(driver: &mut Driver, window: u64) {
    driver.input(Input::ConfigureQueue(QueueConfiguration::new("dead")));
    let redrive = Some(RedrivePolicy { target: "dead".into(), max_receive_count: RECEIVES });
    let message_retention_period = Micros::from_secs(if window.is_multiple_of(2) { 345_600 } else { 60 });
    driver.input(Input::ConfigureQueue(QueueConfiguration { message_retention_period, redrive, ..QueueConfiguration::new("q") }));
    driver.input(Input::ConfigureMapping(MappingConfiguration {
        batch_size: BATCH_SIZE,
        maximum_batching_window: Micros::from_secs(window),
        report_batch_item_failures: true,
        maximum_concurrency: Some(BATCHES),
        filter_criteria: if window % 2 == 1 { filter() } else { FilterCriteria::default() },
        ..MappingConfiguration::new("f", "q")
    }));
}

fn filter() -> FilterCriteria {
    FilterCriteria::new(vec![Filter::new("{\"body\":[{\"prefix\":\"x\"}]}").unwrap()])
}

fn send(driver: &mut Driver, count: usize, body: &str) {
    let new = |_| NewMessage::new(body);
    let messages = (0..count).map(new).collect();
    driver.input(Input::SendMessages { queue: "q".into(), messages, source: InvocationSource::Workbench });
}

/// What a naive reader of the log finds wrong with queues and batches.
fn batch_fault(driver: &Driver) -> Option<String> {
    let mut messages = BTreeSet::new();
    // Batches under way, and whether they count for the mapping that there is now.
    let mut batches: BTreeMap<BatchId, bool> = BTreeMap::new();
    for event in &driver.events {
        match &event.what {
            Happened::MessageSent { message_id, .. } | Happened::MessagePutBack { message_id, .. } => {
                messages.insert(*message_id);
            }
            Happened::MessageRemoved { message_id, .. } if !messages.remove(message_id) => {
                return Some(format!("message {message_id} ended twice"));
            }
            Happened::MessageReceived { receive_count, .. } if *receive_count > RECEIVES => {
                return Some(format!("a message was received {receive_count} times"));
            }
            Happened::InvocationAccepted { payload, .. } | Happened::EventEdited { payload, .. }
                if payload[..] == *b"{\"Records\":[]}" =>
            {
                return Some("an invocation without records".into());
            }
            Happened::MappingRemoved { .. } => batches.values_mut().for_each(|counts| *counts = false),
            Happened::BatchClosed { batch, bytes, message_ids, .. } => {
                batches.insert(*batch, true);
                let in_flight = batches.values().filter(|counts| **counts).count();
                let right_size = (1..=BATCH_SIZE as usize).contains(&message_ids.len());
                if in_flight > BATCHES as usize || *bytes > limits::SYNCHRONOUS_PAYLOAD || !right_size {
                    return Some(format!("{in_flight} batches; {bytes} bytes, {} records", message_ids.len()));
                }
            }
            Happened::BatchFinished { batch, .. } if batches.remove(batch).is_none() => {
                return Some(format!("{batch:?} ended twice"));
            }
            _ => {}
        }
    }
    let left: BTreeSet<_> = driver.messages_on_disk.iter().map(|(_, message_id)| *message_id).collect();
    (!batches.is_empty() || left != messages).then(|| format!("left: {batches:?}, {left:?}, {messages:?}"))
}

/// What a naive reader of the log finds wrong with what the filter left out.
fn filter_fault(driver: &Driver) -> Option<String> {
    let mut unwanted = BTreeSet::new();
    let mut deleted_next = None;
    let mut filters = false;
    for event in &driver.events {
        match (&event.what, deleted_next.take()) {
            (Happened::MessageRemoved { message_id, removal: Removal::LeftOut, .. }, Some(left_out))
                if *message_id == left_out => {}
            (what, Some(left_out)) => return Some(format!("{what:?} came before {left_out} was deleted")),
            (Happened::MessageRemoved { removal: Removal::LeftOut, .. }, None) => return Some("deleted without a reason".into()),
            (Happened::MessageSent { message_id, body, .. }, None) if **body == *UNWANTED => drop(unwanted.insert(*message_id)),
            (Happened::MappingConfigured(mapping), None) => filters = !mapping.filter_criteria.is_empty(),
            (Happened::MessageReceived { message_id, .. }, None) if filters && unwanted.contains(message_id) => {
                return Some(format!("{message_id} was received through the filter"));
            }
            (Happened::MessageLeftOut { message_id, .. }, None) if !filters || !unwanted.contains(message_id) => {
                return Some(format!("{message_id} was left out without need"));
            }
            (Happened::MessageLeftOut { message_id, .. }, None) => deleted_next = Some(*message_id),
            (_, None) => {}
        }
    }
    deleted_next.map(|left_out| format!("{left_out} was left out and not deleted"))
}

/// What a naive reader of the log finds wrong.
fn fault(driver: &Driver) -> Option<String> {
    let mut running: BTreeMap<RequestId, u32> = BTreeMap::new();
    let mut open: BTreeMap<RequestId, u32> = BTreeMap::new();
    for event in &driver.events {
        match &event.what {
            Happened::InvocationAccepted { request_id, .. } if open.insert(*request_id, 0).is_some() => {
                return Some(format!("{request_id} was accepted twice"));
            }
            Happened::AttemptStarted { request_id, attempt, .. } => {
                running.insert(*request_id, *attempt);
                if running.len() > RESERVED as usize {
                    return Some(format!("{} attempts at once", running.len()));
                }
            }
            Happened::AttemptFinished { request_id, attempt, result, .. } => {
                if running.remove(request_id) != Some(*attempt) {
                    return Some(format!("{request_id}: attempt {attempt} ended without running"));
                }
                if let (Err(_), Some(failed)) = (result, open.get_mut(request_id)) {
                    *failed += 1;
                }
            }
            Happened::InvocationEnded { request_id, outcome, attempts, .. } => {
                let Some(failed) = open.remove(request_id) else { return Some(format!("{request_id} ended twice")) };
                let expected = if *outcome == Outcome::Succeeded { failed + 1 } else { failed };
                if *attempts != expected || *attempts > 3 {
                    return Some(format!("{request_id} ended {outcome:?} after {attempts}, {failed} failed"));
                }
            }
            _ => {}
        }
    }
    (!open.is_empty()).then(|| format!("never ended: {open:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_ends_once_and_no_limit_is_passed(
        actions in prop::collection::vec(action(), 1..80),
        answers in prop::collection::vec(answer(), 1..60),
    ) {
        let first = run(&actions, &answers);
        prop_assert_eq!(fault(&first), None, "{}", first.log);
        prop_assert_eq!(batch_fault(&first), None, "{}", first.log);
        prop_assert_eq!(filter_fault(&first), None, "{}", first.log);
        prop_assert!(first.on_disk.is_empty());
        prop_assert_eq!(first.depth("q"), Some((0, 0)), "each message is processed, or dead in the end");
        prop_assert!(first.service.is_quiet());
        let second = run(&actions, &answers);
        prop_assert_eq!(format!("{:?}", first.events), format!("{:?}", second.events));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_of_six_megabytes_keep_to_the_same_limits(
        actions in prop::collection::vec(action_or_large_messages(), 1..30),
        answers in prop::collection::vec(answer(), 1..30),
    ) {
        let driver = run(&actions, &answers);
        prop_assert_eq!(fault(&driver), None, "{}", driver.log);
        prop_assert_eq!(batch_fault(&driver), None, "{}", driver.log);
        prop_assert_eq!(driver.depth("q"), Some((0, 0)));
    }
}
