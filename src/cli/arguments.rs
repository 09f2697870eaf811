//! The command line's grammar (`formats.md`).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::cors::Format;
use crate::command::ClockMode;
use crate::executor::clock::FASTEST;
use crate::service::input::InvocationType;

/// Run AWS Lambda functions on this machine and see what the Lambda service does around them.
#[derive(Debug, Parser)]
#[command(name = "invokelab", version, about, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// The workspace to open in a window: a folder with an invokelab.toml. Default: the one of last time, else the demo.
    pub workspace: Option<PathBuf>,
    #[command(subcommand)]
    pub task: Option<Task>,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Answer the Lambda API on loopback, without a window.
    Serve(Serve),
    /// Run scenario files with their checks.
    Run(Run),
    /// Invoke a function once.
    Invoke(Invoke),
    /// Print an event template.
    Event(Event),
    /// Say what a browser makes of described requests: preflights, CORS, what the page may read.
    Cors(Cors),
    /// Answer questions of capacity; not there yet.
    #[command(hide = true)]
    Simulate(Simulate),
    /// Make the pictures of the README from the running program.
    Screenshots(Screenshots),
}

#[derive(Debug, Args)]
pub struct Serve {
    /// A folder with an invokelab.toml. Default: the one of last time, else the demo.
    pub workspace: Option<PathBuf>,
    /// Port of the Lambda API; 0 for any free one.
    #[arg(long)]
    pub port: Option<u16>,
    /// live, fast:60 or paused.
    #[arg(long, default_value = "live", value_parser = clock)]
    pub clock: ClockMode,
    /// One JSON object a line instead of text.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Write a JUnit report.
    #[arg(long)]
    pub junit: Option<PathBuf>,
    /// Write a JSON report.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Scenarios that run at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
}

#[derive(Debug, Args)]
pub struct Invoke {
    pub function: String,
    /// A folder with an invokelab.toml. Default: the one of last time, else the demo.
    pub workspace: Option<PathBuf>,
    /// The event: a file, or - for standard input. Default: {}.
    #[arg(long)]
    pub event: Option<PathBuf>,
    /// Default: what the .meta.toml of a saved event says, else RequestResponse.
    #[arg(long = "type")]
    pub invocation_type: Option<InvocationTypeName>,
    /// Let service time pass: idle (until nothing is due) or a length such as 90s.
    #[arg(long)]
    pub advance: Option<String>,
    /// Print the function's log to standard error.
    #[arg(long)]
    pub log: bool,
}

#[derive(Debug, Args)]
pub struct Event {
    /// Which one; --list names them.
    #[arg(required_unless_present = "list")]
    pub kind: Option<String>,
    /// Replace a value: /Records/0/body=hello. The value is JSON if it reads as JSON, else a string.
    #[arg(long = "set", value_name = "POINTER=VALUE")]
    pub set: Vec<String>,
    /// List the kinds.
    #[arg(long)]
    pub list: bool,
}

#[derive(Debug, Args)]
pub struct Cors {
    /// Cases, one JSON object a line, or a JSON array; - for standard input.
    pub file: PathBuf,
    #[arg(long, default_value_t, value_enum)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Simulate {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub rest: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Screenshots {
    pub folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InvocationTypeName {
    #[value(name = "RequestResponse")]
    RequestResponse,
    #[value(name = "Event")]
    Event,
    #[value(name = "DryRun")]
    DryRun,
}

impl From<InvocationTypeName> for InvocationType {
    fn from(name: InvocationTypeName) -> Self {
        match name {
            InvocationTypeName::RequestResponse => Self::RequestResponse,
            InvocationTypeName::Event => Self::Event,
            InvocationTypeName::DryRun => Self::DryRun,
        }
    }
}

fn clock(text: &str) -> Result<ClockMode, String> {
    match text.split_once(':') {
        None if text == "live" => Ok(ClockMode::Live),
        None if text == "paused" => Ok(ClockMode::Paused),
        Some(("fast", speed)) => match speed.parse::<f64>() {
            Ok(speed) if (1.0..=FASTEST).contains(&speed) => Ok(ClockMode::Fast(speed)),
            _ => Err(format!("fast:{speed}: the speed is a number from 1 to {FASTEST}")),
        },
        _ => Err("use live, paused, or fast:60 for 60 seconds a second".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_sound_and_a_path_alone_opens_a_window() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
        let arguments = Arguments::try_parse_from(["invokelab", "some/folder"]).unwrap();
        assert_eq!(arguments.workspace, Some(PathBuf::from("some/folder")));
        assert!(arguments.task.is_none());
    }

    #[test]
    fn clocks_are_read() {
        assert_eq!(clock("fast:60"), Ok(ClockMode::Fast(60.0)));
        assert_eq!(clock("paused"), Ok(ClockMode::Paused));
        for bad in ["fast", "fast:0", "fast:x", "slow", "fast:1e9", "fast:NaN"] {
            assert!(clock(bad).is_err(), "{bad}");
        }
    }
}
