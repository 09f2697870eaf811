//! Nothing outlives the program: a guard process knows every process group and ends them all when we are gone.
//!
//! A parent-death signal is not enough: it is not inherited over fork, fires when the spawning thread ends, and macOS has
//! none. So the program starts itself once more with a hidden argument and a pipe as standard input; the pipe closes
//! however we end, `kill -9` included. On Windows job objects do the same, and there is no guard.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// The hidden argument that makes this program the guard.
pub const ARGUMENT: &str = "--process-guard";

/// Our end of the guard's pipe; started with the first process group.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// The program to start; `None` for this one.
    program: Option<PathBuf>,
    pipe: Arc<Mutex<Option<std::process::ChildStdin>>>,
}

impl Guard {
    /// `program` is started with [`ARGUMENT`] when it is needed first; `None` is this program.
    #[must_use]
    pub fn new(program: Option<PathBuf>) -> Self {
        Self { program, pipe: Arc::default() }
    }

    /// Tells the guard of a process group.
    ///
    /// # Errors
    /// The guard could not be started, or has gone.
    pub fn add(&self, group: u32) -> io::Result<()> {
        self.tell(&format!("+{group}\n"))
    }

    /// The group has ended.
    pub fn remove(&self, group: u32) {
        // A guard that is gone has ended every group already.
        let _ = self.tell(&format!("-{group}\n"));
    }

    #[cfg(unix)]
    fn tell(&self, line: &str) -> io::Result<()> {
        use std::io::Write;
        let mut pipe = self.pipe.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if pipe.is_none() {
            *pipe = Some(self.spawn()?);
        }
        match pipe.as_mut() {
            Some(pipe) => pipe.write_all(line.as_bytes()),
            None => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn tell(&self, _line: &str) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn spawn(&self) -> io::Result<std::process::ChildStdin> {
        use std::os::unix::process::CommandExt;
        use std::process::{Command, Stdio};
        let program = self.program.clone().map_or_else(std::env::current_exe, Ok)?;
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of reach of the terminal's signals.
            .process_group(0)
            .spawn()?;
        child.stdin.take().ok_or_else(|| io::Error::other("the guard has no standard input"))
    }
}

/// The guard's whole life: learns groups line by line, and ends them when the pipe closes.
#[cfg(unix)]
#[must_use]
pub fn run() -> ExitCode {
    use std::collections::BTreeSet;
    use std::io::BufRead;
    let mut groups: BTreeSet<i32> = BTreeSet::new();
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let Ok(number) = line.get(1..).unwrap_or_default().parse() else { continue };
        match line.as_bytes().first() {
            Some(b'+') => drop(groups.insert(number)),
            Some(b'-') => drop(groups.remove(&number)),
            _ => {}
        }
    }
    for group in groups.into_iter().filter(|group| *group > 1) {
        kill_group(group);
    }
    ExitCode::SUCCESS
}

#[cfg(not(unix))]
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}

/// Ends every process of a group.
#[cfg(unix)]
pub fn kill_group(group: i32) {
    // SAFETY: kill takes no pointer; a group that is gone gives ESRCH, which is what was wanted.
    unsafe {
        libc::kill(-group, libc::SIGKILL);
    }
}
