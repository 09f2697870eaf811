//! `invokelab run`: scenario files with their checks, on a virtual or live clock.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::arguments::Run;
use super::{FAILED, Failure, WRONG, output};
use crate::channel;
use crate::command::ClockMode;
use crate::executor::{ApiPort, Database, Executor, Options};
use crate::scenario::file::ScenarioClock;
use crate::scenario::{self, Ends, Outcome, Scenario};

pub fn run(task: &Run) -> Result<ExitCode, Failure> {
    let outcomes = run_all(&task.files, usize::from(task.jobs));
    write(task.junit.as_deref(), || scenario::junit(&outcomes))?;
    write(task.json.as_deref(), || scenario::json(&outcomes))?;
    Ok(match outcomes.iter().all(Outcome::passed) {
        _ if outcomes.iter().any(Outcome::file_is_wrong) => ExitCode::from(WRONG),
        false => ExitCode::from(FAILED),
        true => ExitCode::SUCCESS,
    })
}

/// At most `jobs` at the same time; each is told as it ends, the outcomes are in the order of the files. A file that cannot
/// be read stops no other.
fn run_all(files: &[PathBuf], jobs: usize) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let told = Mutex::default();
    let (sender, results) = crossbeam_channel::bounded(files.len());
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(files.len()) {
            let (sender, next, told) = (sender.clone(), &next, &told);
            scope.spawn(move || {
                while let Some((index, file)) = take(next, files) {
                    let outcome = match Scenario::load(file) {
                        Ok(scenario) => run_one(&scenario),
                        Err(error) => Outcome::not_read(&error),
                    };
                    tell_problems(&outcome, told);
                    output::print(format!("{}\n", outcome.text()));
                    // The channel holds one result a scenario and outlives this scope.
                    let _ = sender.send((index, outcome));
                }
            });
        }
    });
    drop(sender);
    let mut results: Vec<_> = results.iter().collect();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, outcome)| outcome).collect()
}

fn take<'a>(next: &AtomicUsize, files: &'a [PathBuf]) -> Option<(usize, &'a PathBuf)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    files.get(index).map(|file| (index, file))
}

/// Says on standard error what is wrong in the files, each once though several scenarios run on the same workspace.
fn tell_problems(outcome: &Outcome, told: &Mutex<BTreeSet<String>>) {
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    for problem in &outcome.problems {
        let line = format!("{}: {}", problem.full_place(), problem.message);
        if !told.contains(&line) {
            eprintln!("{line}");
            told.insert(line);
        }
    }
}

fn run_one(scenario: &Scenario) -> Outcome {
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
        Err(error) => return Outcome::not_started(scenario, &error.to_string()),
    };
    let commands = executor.commands();
    let outcome = scenario::run(scenario, Ends { commands: &commands, events: &events });
    executor.stop();
    outcome
}

fn write(file: Option<&Path>, text: impl Fn() -> String) -> Result<(), Failure> {
    let Some(file) = file.map(PathBuf::from) else { return Ok(()) };
    fs::write(&file, text()).map_err(|error| Failure::wrong(format!("{}: {error}", file.display())))
}
