//! `invokelab run`: scenario files with their checks, on a virtual or live clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::arguments::Run;
use super::{FAILED, Failure, WRONG, output};
use crate::channel;
use crate::command::ClockMode;
use crate::executor::{ApiPort, Database, Executor, Options};
use crate::scenario::file::ScenarioClock;
use crate::scenario::{self, Ends, Outcome, Scenario};

pub fn run(task: &Run) -> Result<ExitCode, Failure> {
    let mut scenarios = Vec::new();
    let mut wrong = false;
    for file in &task.files {
        match Scenario::load(file) {
            Ok(scenario) => scenarios.push(scenario),
            Err(error) => {
                eprintln!("{error}");
                wrong = true;
            }
        }
    }
    if wrong {
        return Ok(ExitCode::from(WRONG));
    }
    let ended = run_all(&scenarios, usize::from(task.jobs));
    let outcomes: Vec<Outcome> = ended.iter().map(|ended| ended.outcome.clone()).collect();
    write(task.junit.as_deref(), || scenario::junit(&outcomes))?;
    write(task.json.as_deref(), || scenario::json(&outcomes))?;
    let failed = outcomes.iter().any(|outcome| outcome.failed.is_some());
    Ok(match failed {
        _ if ended.iter().any(|ended| !ended.started) => ExitCode::from(WRONG),
        true => ExitCode::from(FAILED),
        false => ExitCode::SUCCESS,
    })
}

/// What came of a scenario, and whether it could be started at all.
struct Ended {
    outcome: Outcome,
    started: bool,
}

/// At most `jobs` at the same time; each is told as it ends, the outcomes are in the order of the files.
fn run_all(scenarios: &[Scenario], jobs: usize) -> Vec<Ended> {
    let next = AtomicUsize::new(0);
    let (sender, results) = crossbeam_channel::bounded(scenarios.len());
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(scenarios.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some((index, scenario)) = take(next, scenarios) {
                    let ended = run_one(scenario);
                    output::print(format!("{}\n", ended.outcome.text()));
                    // The channel holds one result a scenario and outlives this scope.
                    let _ = sender.send((index, ended));
                }
            });
        }
    });
    drop(sender);
    let mut results: Vec<_> = results.iter().collect();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, ended)| ended).collect()
}

fn take<'a>(next: &AtomicUsize, scenarios: &'a [Scenario]) -> Option<(usize, &'a Scenario)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    scenarios.get(index).map(|scenario| (index, scenario))
}

fn run_one(scenario: &Scenario) -> Ended {
    let clock = match scenario.clock {
        ScenarioClock::Virtual => ClockMode::Paused,
        ScenarioClock::Live => ClockMode::Live,
    };
    let options = Options {
        workspace: scenario.workspace(),
        database: Database::Memory,
        clock: Some(clock),
        seed: Some(scenario.seed),
        api: ApiPort::Closed,
        guard_program: None,
    };
    let (sender, events) = channel::events(Arc::new(|| {}));
    let mut executor = match Executor::start(options, sender) {
        Ok(executor) => executor,
        Err(error) => return Ended { outcome: Outcome::not_started(scenario, &error.to_string()), started: false },
    };
    let commands = executor.commands();
    let outcome = scenario::run(scenario, Ends { commands: &commands, events: &events });
    executor.stop();
    Ended { outcome, started: true }
}

fn write(file: Option<&Path>, text: impl Fn() -> String) -> Result<(), Failure> {
    let Some(file) = file.map(PathBuf::from) else { return Ok(()) };
    fs::write(&file, text()).map_err(|error| Failure::wrong(format!("{}: {error}", file.display())))
}
