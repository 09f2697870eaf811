//! Which program an environment runs, with which arguments.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use process_wrap::tokio::CommandWrap;
use tokio::process::Command;

use super::variables;
use crate::executor::environment::EnvironmentStart;
use crate::workspace::definition::Runtime;

/// The bundled bootstraps, handed over as arguments: nothing is written to disk.
const PYTHON: &str = include_str!("../../../assets/bootstraps/python/bootstrap.py");
const NODE: &str = include_str!("../../../assets/bootstraps/node/bootstrap.mjs");

/// An interpreter that does not tell its version within this time is started without.
const VERSION_PATIENCE: Duration = Duration::from_secs(2);

enum Kind {
    Python,
    Node,
    Command,
}

/// A program with its arguments, not started yet.
pub(super) struct Program {
    kind: Kind,
    program: PathBuf,
    arguments: Vec<String>,
    folder: PathBuf,
}

impl Program {
    /// # Errors
    /// A sentence that names what is missing and the repair.
    pub fn of(start: &EnvironmentStart) -> Result<Self, String> {
        let folder = match start.code.is_file() {
            true => start.code.parent().unwrap_or(Path::new(".")).to_path_buf(),
            false => start.code.clone(),
        };
        if !folder.is_dir() {
            return Err(format!("{} is missing: correct `code` of {} in invokelab.toml", start.code.display(), start.function));
        }
        let (kind, program, arguments) = match &start.runtime {
            Runtime::Python => (Kind::Python, python(&folder), python_arguments(start.debug)),
            Runtime::Node => (Kind::Node, "node".into(), node_arguments(start.debug)),
            Runtime::Command(words) => command(words, &folder, &start.function)?,
            Runtime::JavaScript | Runtime::Scripted(_) | Runtime::NotActive(_) => return Err("this runtime is no process".into()),
        };
        Ok(Self { kind, program, arguments, folder })
    }

    /// `Python 3.11.7`, for interpreters.
    pub async fn version(&self) -> Option<String> {
        let name = match self.kind {
            Kind::Python => "",
            Kind::Node => "Node.js ",
            Kind::Command => return None,
        };
        let output = Command::new(&self.program).arg("--version").stdin(Stdio::null()).kill_on_drop(true).output();
        let output = tokio::time::timeout(VERSION_PATIENCE, output).await.ok()?.ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Some(format!("{name}{}", text.lines().next()?.trim()))
    }

    pub fn command(&self, start: &EnvironmentStart, runtime_api: &str) -> CommandWrap {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let execution = match self.kind {
            Kind::Python => Some("AWS_Lambda_python3"),
            Kind::Node => Some("AWS_Lambda_nodejs"),
            Kind::Command => None,
        };
        variables::set(&mut command, start, &self.folder, execution, runtime_api);
        CommandWrap::from(command)
    }

    /// Why the program could not be started, and the repair.
    pub fn not_started(&self, error: &io::Error) -> String {
        let program = self.program.display();
        let repair = match (&self.kind, error.kind()) {
            (Kind::Python, io::ErrorKind::NotFound) => "install Python 3, or use runtime = \"javascript\", which needs nothing",
            (Kind::Node, io::ErrorKind::NotFound) => "install Node.js, or use runtime = \"javascript\", which needs nothing",
            (Kind::Command, io::ErrorKind::NotFound) => "build it first, or correct `command` in invokelab.toml",
            (_, io::ErrorKind::PermissionDenied) => "make it executable (chmod +x)",
            _ => "correct `command` or `runtime` in invokelab.toml",
        };
        format!("Couldn't start {program}: {error}; {repair}")
    }
}

/// The folder's virtual environment, else the one on PATH.
fn python(folder: &Path) -> PathBuf {
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let found = [".venv", "venv"].iter().map(|name| folder.join(name).join(inside)).find(|path| path.is_file());
    found.unwrap_or_else(|| if cfg!(windows) { "python".into() } else { "python3".into() })
}

fn python_arguments(debug: bool) -> Vec<String> {
    let debugger = debug.then(|| ["-m", "debugpy", "--listen", "127.0.0.1:5678", "--wait-for-client"].map(str::to_owned));
    let code = ["-u", "-c", PYTHON].map(str::to_owned);
    debugger.into_iter().flatten().chain(code).collect()
}

fn node_arguments(debug: bool) -> Vec<String> {
    let debugger = debug.then(|| "--inspect-brk=127.0.0.1:9229".to_owned());
    let code = ["--input-type=module", "--eval", NODE].map(str::to_owned);
    debugger.into_iter().chain(code).collect()
}

/// The words of `command`, or the folder's executable `bootstrap`.
fn command(words: &[String], folder: &Path, function: &str) -> Result<(Kind, PathBuf, Vec<String>), String> {
    let Some((program, arguments)) = words.split_first() else {
        let bootstrap = folder.join("bootstrap");
        return match bootstrap.is_file() {
            true => Ok((Kind::Command, bootstrap, Vec::new())),
            false => Err(format!("Couldn't find valid bootstrap(s): {} is missing; set `command` of {function}", bootstrap.display())),
        };
    };
    // A word with a slash is a path from the function's folder, any other is looked up on PATH.
    let program = if program.contains(['/', '\\']) { folder.join(program) } else { program.into() };
    Ok((Kind::Command, program, arguments.to_vec()))
}
