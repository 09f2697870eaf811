//! The command line: what was asked for, and the rooms put together to do it.

mod arguments;
mod chain;
mod cors;
mod event;
mod invoke;
mod output;
mod problems;
mod run;
mod serve;
mod signals;
mod window;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Task};

/// Exit codes of `formats.md`.
const FAILED: u8 = 1;
const WRONG: u8 = 2;
const NO_DISPLAY: u8 = 3;

/// What ends the program early: a sentence for standard error, and an exit code.
#[derive(Debug)]
pub struct Failure {
    pub code: u8,
    pub message: String,
}

impl Failure {
    /// Something that was asked for cannot be done as asked: exit code 2.
    fn wrong(message: impl ToString) -> Self {
        Self { code: WRONG, message: message.to_string() }
    }
}

/// Reads the arguments, does it, and tells what came of it.
#[must_use]
pub fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == crate::executor::guard::ARGUMENT) {
        return crate::executor::guard::run();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output and are no failure; a closed pipe is none of ours.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(WRONG) } else { ExitCode::SUCCESS };
        }
    };
    output::claim();
    match dispatch(arguments) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("invokelab: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.task {
        None => window::open(arguments.workspace),
        Some(Task::Serve(task)) => serve::serve(task),
        Some(Task::Run(task)) => run::run(&task),
        Some(Task::Invoke(task)) => invoke::invoke(task),
        Some(Task::Event(task)) => event::event(&task),
        Some(Task::Cors(task)) => {
            let file = task.file.display();
            cors::cors(&task.file, task.format, &mut output::stdout())
                .map(ExitCode::from)
                .map_err(|error| Failure::wrong(format!("{file}: {error}")))
        }
        Some(Task::Simulate(_)) => Err(Failure::wrong(
            "simulate is not there yet; `invokelab run FILE...` runs scenarios on a virtual clock, and `invokelab --help` names all commands",
        )),
        Some(Task::Screenshots(task)) => window::screenshots(&task.folder),
    }
}
