//! Steps to what a message of a queue waits for, through the executor.

use std::fs;
use std::time::Duration;

use invokelab::command::{ClockMode, Command};
use invokelab::event::Event;
use invokelab::executor::Database;
use invokelab::model::Model;
use invokelab::model::queues::{Aftermath, Fate, Whereabouts};
use invokelab::service::happened::{DueKind, Happened};
use invokelab::service::input::{InvocationSource, InvocationType};
use invokelab::service::time::Micros;

use crate::workbench::Workbench;

/// A function that always fails reads a queue; what it received twice moves away.
const WORKSPACE: &str = "\
[functions.f]
script = [{ throw = 'Boom' }]

[queues.incoming]
visibility_timeout = 90
redrive = { target = 'queue:dead', max_receive_count = 2 }

[queues.dead]

[[event_source_mappings]]
function = 'f'
source = 'queue:incoming'
batch_size = 1
";

/// Takes events in until one is found.
fn follow<T>(workbench: &Workbench, model: &mut Model, mut found: impl FnMut(&Event) -> Option<T>) -> T {
    workbench.wait(|event| {
        model.apply(event);
        found(event)
    })
}

fn stepped(event: &Event) -> Option<String> {
    match event {
        Event::Stepped(told) => Some(told.text()),
        _ => None,
    }
}

#[test]
fn a_step_to_a_message_runs_what_is_due_before_and_what_is_not_due_any_more_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("invokelab.toml"), WORKSPACE).unwrap();
    let workbench = Workbench::with(folder.path(), Database::Memory, Some(ClockMode::Paused));
    let mut model = Model::default();
    let (function, payloads, source) = ("f".into(), vec!["{}".into()], InvocationSource::Workbench);
    let invocation_type = InvocationType::Event;
    workbench.send(Command::Invoke { function, invocation_type, payloads, label: None, source, ticket: 1 });
    let (queue, bodies, source) = ("incoming".into(), vec!["{}".into()], InvocationSource::Workbench);
    workbench.send(Command::SendMessages { queue, bodies, source });
    let (mut came_back, mut retried) = (false, false);
    follow(&workbench, &mut model, |event| {
        let Event::Service(event) = event else { return None };
        came_back |= matches!(event.what, Happened::BatchFinished { .. });
        retried |= matches!(event.what, Happened::RetryScheduled { .. });
        (came_back && retried).then_some(())
    });
    let (id, life) = model.lives.first_key_value().unwrap();
    let (id, batch) = (*id, life.batches().next().unwrap());
    let first = model.due_of_message(id).unwrap();
    workbench.send(Command::StepToDue(first.clone()));
    let mut attempts = 0;
    let sentence = follow(&workbench, &mut model, |event| {
        let retried = |event: &Happened| matches!(event, Happened::RetryScheduled { .. });
        attempts += usize::from(matches!(event, Event::Service(event) if retried(&event.what)));
        stepped(event)
    });
    assert_eq!(attempts, 1, "the retry after one minute ran on the way, the one after two more did not");
    let batch_of = "incoming to f, 1 message: failed with Boom";
    assert!(sentence.starts_with("2 things happened: f, attempt 2 of ") && sentence.ends_with(batch_of), "{sentence}");
    let again = model.lives[&id].batches().next().unwrap();
    let until = model.queues["incoming"].messages[&id].invisible_until;
    let now = Whereabouts::Hidden { until, moves_to: Some("dead".into()) };
    assert_eq!(model.fate(batch, &model.batches[&batch], id), Fate::Back(Aftermath { again: Some(again), now }));
    // It went out again and came back, so it is due once more.
    let second = model.due_of_message(id).unwrap();
    assert!(second.at > first.at);
    workbench.send(Command::StepToDue(second));
    let sentence = follow(&workbench, &mut model, stepped);
    assert!(sentence.ends_with("given up; 1 message moved from incoming to dead"), "{sentence}");
    let last = model.lives[&id].batches().next().unwrap();
    let fate = model.fate(last, &model.batches[&last], id);
    assert_eq!(model.fate_words(&model.batches[&last], &fate), "moved to dead");
    workbench.send(Command::StepToDue(first));
    let told = follow(&workbench, &mut model, |event| match event {
        Event::Notice(notice) => Some(notice.text.clone()),
        _ => None,
    });
    assert_eq!(told, "That is not due any more.");
}

/// Whether a process runs, by its id.
#[cfg(target_os = "linux")]
fn runs(process: &str) -> bool {
    std::path::Path::new("/proc").join(process).exists()
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_environment_is_stepped_to_its_process_is_stopped_and_the_next_invoke_is_cold() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "[workspace]\nenvironment_idle_expiry = '2m'\n[functions.f]\nruntime = 'python3'\ncode = 'f.py'\n";
    fs::write(folder.path().join("invokelab.toml"), toml).unwrap();
    fs::write(folder.path().join("f.py"), "import os\ndef handler(event, context):\n    return os.getpid()\n").unwrap();
    let workbench = Workbench::with(folder.path(), Database::Memory, Some(ClockMode::Paused));
    let mut model = Model::default();
    let mut invoke = |ticket| {
        let (function, payloads, source) = ("f".into(), vec!["{}".into()], InvocationSource::Workbench);
        let invocation_type = InvocationType::RequestResponse;
        workbench.send(Command::Invoke { function, invocation_type, payloads, label: None, source, ticket });
        let (mut cold, mut process, mut due) = (None, None, None);
        follow(&workbench, &mut model, |event| {
            match event {
                Event::Service(event) => match &event.what {
                    Happened::AttemptStarted { cold: is_cold, .. } => cold = Some((*is_cold, event.at)),
                    Happened::AttemptFinished { result: Ok(result), .. } => {
                        process = Some(String::from_utf8_lossy(result).into_owned());
                    }
                    Happened::AttemptFinished { result, .. } => panic!("{result:?}"),
                    _ => {}
                },
                Event::Due(all) => {
                    due = all.iter().find(|due| matches!(due.what, DueKind::IdleExpiry { .. })).cloned();
                }
                _ => {}
            }
            (process.is_some() && due.is_some()).then_some(())
        });
        let (cold, at) = cold.unwrap();
        (cold, at, process.unwrap(), due.unwrap())
    };
    let (cold, at, process, due) = invoke(1);
    assert!(cold && runs(&process), "{process}");
    assert!(due.at.since(at) >= Micros::from_secs(120) && due.at.since(at) < Micros::from_secs(180), "{due:?} {at:?}");
    workbench.send(Command::StepToDue(due));
    let told = workbench.wait(stepped);
    assert!(told.starts_with("No event came for an idle environment of f, so it was stopped"), "{told}");
    let ended = std::time::SystemTime::now() + std::time::Duration::from_secs(20);
    while runs(&process) {
        assert!(std::time::SystemTime::now() < ended, "{process} still runs");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (cold, _, next, _) = invoke(2);
    assert!(cold && next != process);
}

#[test]
fn catching_up_runs_what_came_due_at_its_own_time() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.mjs"), "export const handler = async () => 1;").unwrap();
    let workspace = "\
[functions.f]
timeout = 1
code = 'index.mjs'

[queues.incoming]

[[event_source_mappings]]
function = 'f'
source = 'queue:incoming'
maximum_batching_window_in_seconds = 1
";
    fs::write(folder.path().join("invokelab.toml"), workspace).unwrap();
    let workbench = Workbench::with(folder.path(), Database::Memory, Some(ClockMode::Paused));
    // A warm environment begins at once.
    let (function, payloads, source) = ("f".into(), vec!["{}".into()], InvocationSource::Workbench);
    let invocation_type = InvocationType::RequestResponse;
    workbench.send(Command::Invoke { function, invocation_type, payloads, label: None, source, ticket: 1 });
    let finished = |event: &Event| match event {
        Event::Service(event) => match &event.what {
            Happened::AttemptFinished { result, duration, .. } => Some((result.is_ok(), *duration)),
            _ => None,
        },
        _ => None,
    };
    workbench.wait(finished);
    let (queue, bodies, source) = ("incoming".into(), vec!["{}".into()], InvocationSource::Workbench);
    workbench.send(Command::SendMessages { queue, bodies, source });
    std::thread::sleep(Duration::from_secs(4));
    workbench.send(Command::CatchUp);
    let mut attempt = None;
    let clock = workbench.wait(|event| match event {
        Event::Clock(clock) if attempt.is_some() && !clock.stepping => Some(*clock),
        event => {
            attempt = attempt.or(finished(event));
            None
        }
    });
    let (succeeded, duration) = attempt.unwrap();
    assert!(succeeded && duration < Micros::from_secs(1), "{duration}");
    assert!(clock.wall.since(clock.now) < Micros::from_secs(4), "it goes on to where the wall clock was");
}
