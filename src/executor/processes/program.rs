//! Which program an environment runs, with which arguments.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::bootstrap::Bootstraps;
use super::debugger::{self, Debugger};
use super::variables;
use crate::executor::environment::EnvironmentStart;
use crate::service::input::Exit;
use crate::workspace::definition::Runtime;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    debugger: Option<Debugger>,
    /// Live as long as the process does.
    bootstraps: Option<Bootstraps>,
}

impl Program {
    /// # Errors
    /// What is missing, and the repair.
    pub fn of(start: &EnvironmentStart) -> Result<Self, Exit> {
        let folder = match start.code.is_file() {
            true => start.code.parent().unwrap_or(Path::new(".")).to_path_buf(),
            false => start.code.clone(),
        };
        if !folder.is_dir() {
            let place = start.code.display();
            return Err(invalid(format!("{place} is missing; correct `code` of {} in invokelab.toml", start.function)));
        }
        match &start.runtime {
            Runtime::Python => {
                let program = python(&folder);
                let debugger = start.debug.then(|| debugger::python(&program));
                Self::interpreted(Kind::Python, program, folder, debugger)
            }
            Runtime::Node => {
                let debugger = start.debug.then(debugger::node);
                Self::interpreted(Kind::Node, "node".into(), folder, debugger)
            }
            Runtime::Command(words) => {
                let (program, arguments) = command(words, &folder, &start.function)?;
                Ok(Self { kind: Kind::Command, program, arguments, folder, debugger: None, bootstraps: None })
            }
            Runtime::JavaScript | Runtime::Scripted(_) | Runtime::NotActive(_) => {
                Err(invalid(format!("the runtime of {} is not a process", start.function)))
            }
        }
    }

    fn interpreted(kind: Kind, program: PathBuf, folder: PathBuf, debugger: Option<Debugger>) -> Result<Self, Exit> {
        let bootstraps = Bootstraps::write().map_err(|error| {
            let place = std::env::temp_dir();
            failure(format!("no temporary file could be written in {}: {error}; make room there or set TMPDIR", place.display()))
        })?;
        let file = if kind == Kind::Python { bootstraps.python() } else { bootstraps.node() };
        let arguments = vec![file.to_string_lossy().into_owned()];
        Ok(Self { kind, program, arguments, folder, debugger, bootstraps: Some(bootstraps) })
    }

    /// Where a debugger is to attach, for the log.
    pub fn debugger_line(&self) -> Option<std::sync::Arc<str>> {
        self.debugger.as_ref().map(|debugger| debugger.line.clone())
    }

    /// What was written for it, to be removed when this program is gone.
    pub fn temporary_folder(&self) -> Option<&Path> {
        self.bootstraps.as_ref().map(Bootstraps::folder)
    }

    pub fn command(&self, start: &EnvironmentStart, runtime_api: &str) -> Command {
        let mut command = Command::new(&self.program);
        if self.kind == Kind::Python {
            // No compiled files: they are told from older ones by the second and the size, so that a change of one digit right
            // after another would run old code, and the user's folder is not ours to write in.
            command.arg("-B");
        }
        if let Some(debugger) = &self.debugger {
            command.args(&debugger.arguments);
        }
        command.args(&self.arguments).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        variables::set(&mut command, start, &self.folder, runtime_api);
        if self.kind == Kind::Node && start.code.is_file() {
            // Of `x.js` and `x.mjs` beside each other the one that `code` names.
            command.env("INVOKELAB_CODE_FILE", &start.code);
        }
        command
    }

    /// A program that ended before it asked for anything may not have been one: the shell has tried to read it then.
    pub fn ended_early(&self, exit: Exit) -> Exit {
        let failed = matches!(exit, Exit::Code(1..));
        if self.kind == Kind::Command && failed && is_foreign(&self.program) {
            let (program, machine, system) = (self.program.display(), std::env::consts::ARCH, std::env::consts::OS);
            return invalid(format!("{program} is built for another system; build it for this one ({machine}, {system})"));
        }
        exit
    }

    /// Why the program could not be started, and the repair.
    pub fn not_started(&self, error: &io::Error) -> Exit {
        let program = self.program.display();
        let repair = match (self.kind, error.kind()) {
            (Kind::Python, io::ErrorKind::NotFound) => {
                "install Python 3, or make a virtual environment (.venv) in the function's folder"
            }
            (Kind::Node, io::ErrorKind::NotFound) => "install Node.js, or use runtime = \"javascript\", which needs nothing",
            (Kind::Command, io::ErrorKind::NotFound) if self.program.is_file() => {
                "the file is there, but the interpreter named in its first line, or its loader, is not"
            }
            (Kind::Command, io::ErrorKind::NotFound) => "build it first, or correct `command` in invokelab.toml",
            (_, io::ErrorKind::PermissionDenied) => {
                "make it executable (chmod +x), or name the program that runs it in `command`"
            }
            _ if is_no_program(error) => "it is built for another system, or is no program",
            _ => "correct `command` or `runtime` in invokelab.toml",
        };
        invalid(format!("Couldn't start {program}: {error}; {repair}"))
    }
}

/// The word for a bootstrap that is not there or does not start (semantics 1.7).
fn invalid(message: String) -> Exit {
    Exit::NotStarted { error_type: "Runtime.InvalidEntrypoint".into(), message: message.into() }
}

/// Not the function's fault but this machine's.
pub(super) fn failure(message: String) -> Exit {
    Exit::NotStarted { error_type: "Sandbox.Failure".into(), message: message.into() }
}

/// `ERROR_BAD_EXE_FORMAT`; elsewhere the C library hands what is no program to the shell.
fn is_no_program(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error() == Some(193)
}

/// Whether a file is an ELF program of another processor, or for another system. There may be an emulator that runs it.
fn is_foreign(program: &Path) -> bool {
    let mut head = [0; 20];
    let read = std::fs::File::open(program).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
    if read.is_err() || !head.starts_with(b"\x7fELF") {
        return false;
    }
    let machine = if head[5] == 2 { u16::from_be_bytes([head[18], head[19]]) } else { u16::from_le_bytes([head[18], head[19]]) };
    // EM_X86_64, EM_AARCH64 and EM_RISCV of the ELF specification.
    let own = match std::env::consts::ARCH {
        "x86_64" => 62,
        "aarch64" => 183,
        "riscv64" => 243,
        _ => machine,
    };
    !cfg!(target_os = "linux") || machine != own
}

/// The folder's virtual environment, else the one on PATH.
fn python(folder: &Path) -> PathBuf {
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let found = [".venv", "venv"].iter().map(|name| folder.join(name).join(inside)).find(|path| path.is_file());
    found.unwrap_or_else(|| if cfg!(windows) { "python".into() } else { "python3".into() })
}

/// The words of `command`, or the folder's executable `bootstrap`.
fn command(words: &[String], folder: &Path, function: &str) -> Result<(PathBuf, Vec<String>), Exit> {
    let Some((program, arguments)) = words.split_first() else {
        let bootstrap = folder.join("bootstrap");
        return match bootstrap.is_file() {
            true => Ok((bootstrap, Vec::new())),
            false => Err(invalid(format!(
                "Couldn't find valid bootstrap(s): {} is missing; build it, or set `command` of {function} in invokelab.toml",
                bootstrap.display()
            ))),
        };
    };
    // A word with a slash is a path from the function's folder, and so is its `bootstrap`; any other is looked up on PATH.
    let inside = folder.join(program);
    let is_path = program.contains(['/', '\\']) || (program == "bootstrap" && inside.is_file());
    Ok((if is_path { inside } else { program.into() }, arguments.to_vec()))
}
