//! Random commands, answers and timers against a naive reference: every event ends once, no limit is passed, and the
//! same seed gives the same log.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::configuration::{QueueConfiguration, ServiceSettings, Target};
use super::super::happened::{Happened, Outcome};
use super::super::ids::RequestId;
use super::super::input::{Fault, FaultKind, Input, InvocationType};
use super::super::time::Micros;
use super::driver::{Answer, Driver};

const RESERVED: u32 = 2;

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
    ]
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
        1 => Just(Answer::Exit(1)),
        1 => Just(Answer::Hang),
    ]
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
        }
    }
    driver.until_idle();
    driver
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
        prop_assert!(first.on_disk.is_empty());
        prop_assert!(first.service.is_quiet());
        let second = run(&actions, &answers);
        prop_assert_eq!(format!("{:?}", first.events), format!("{:?}", second.events));
    }
}
