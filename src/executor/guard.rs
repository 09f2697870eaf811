//! Nothing outlives the program: a guard process knows every process group and ends them all when we are gone.
//!
//! A parent-death signal is not enough: it is not inherited over fork, fires when the spawning thread ends, and macOS has
//! none. So the program starts itself once more with a hidden argument and a pipe as standard input; the pipe closes
//! however we end, `kill -9` included. A process that calls `setsid` leaves its group and escapes. On Windows job objects
//! do the same, and there is no guard.
//!
//! The guard also removes our temporary folders, which nobody else would after a `kill -9`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
#[cfg(unix)]
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::process::Command;

/// The hidden argument that makes this program the guard.
pub const ARGUMENT: &str = "--process-guard";

/// Names of temporary folders begin so; the guard removes no other.
pub const TEMPORARY: &str = "invokelab-";
/// A longer line might reach the guard in pieces.
const LONGEST_PATH: usize = 500;

/// Our end of the guard's pipe; the guard is started with the first process group.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// The program to start; `None` for this one.
    #[cfg(unix)]
    program: Option<PathBuf>,
    running: Arc<Mutex<Option<Running>>>,
}

/// A command that tells the guard of itself when it starts.
#[derive(Debug)]
pub struct Watch(u64);

/// A started guard process. It ends when the last copy of `pipe` is closed.
#[derive(Debug)]
struct Running {
    #[cfg(unix)]
    pipe: Arc<std::os::fd::OwnedFd>,
    child: Option<std::process::Child>,
}

impl Guard {
    /// `program` is started with [`ARGUMENT`] when it is needed first; `None` is this program.
    #[must_use]
    #[cfg_attr(not(unix), expect(unused_variables, reason = "there is no guard"))]
    pub fn new(program: Option<PathBuf>) -> Self {
        Self {
            #[cfg(unix)]
            program,
            running: Arc::default(),
        }
    }

    /// Makes a command tell the guard of itself between its fork and its exec, so that not even a `kill -9` of this
    /// program in between leaves a process behind. The command must be made the leader of a group of its own, and must
    /// be started at once: it holds a copy of the pipe.
    ///
    /// # Errors
    /// The guard could not be started.
    #[cfg(unix)]
    pub fn watch(&self, command: &mut Command) -> io::Result<Watch> {
        use std::os::fd::AsRawFd;
        static LAST: AtomicU64 = AtomicU64::new(0);
        let watch = Watch(LAST.fetch_add(1, Ordering::Relaxed) + 1);
        let tail = format!(" {}\n", watch.0).into_bytes();
        let mut running = self.lock();
        let pipe = Arc::clone(&self.alive(&mut running)?.pipe);
        // SAFETY: after the fork the closure calls nothing but getpid, signal and write, and allocates nothing.
        unsafe {
            command.pre_exec(move || tell_of_myself(pipe.as_raw_fd(), &tail));
        }
        Ok(watch)
    }

    /// Job objects do this on Windows.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub fn watch(&self, _command: &mut Command) -> io::Result<Watch> {
        Ok(Watch(0))
    }

    /// The command could not be started; its process id may be somebody else's by now.
    pub fn not_started(&self, watch: &Watch) {
        self.tell(&format!("!{}\n", watch.0));
    }

    /// Tells the guard of a process group that runs already.
    ///
    /// # Errors
    /// The guard could not be started.
    pub fn add(&self, group: u32) -> io::Result<()> {
        let mut running = self.lock();
        self.alive(&mut running)?.tell(&format!("+{group}\n"))
    }

    /// The group has ended.
    pub fn remove(&self, group: u32) {
        self.tell(&format!("-{group}\n"));
    }

    /// A temporary folder of ours, to be removed when we are gone. One whose name cannot be told stays behind.
    pub fn clears(&self, folder: &std::path::Path) {
        let name = folder.to_str().filter(|name| is_temporary(name) && name.len() < LONGEST_PATH && !name.contains('\n'));
        if let Some(name) = name {
            self.tell(&format!("{name}\n"));
        }
    }

    fn tell(&self, line: &str) {
        if let Some(running) = self.lock().as_ref() {
            // A guard that is gone has ended every group already.
            let _ = running.tell(line);
        }
    }

    /// The guard process, started again if somebody has killed it.
    #[cfg(unix)]
    fn alive<'a>(&self, running: &'a mut Option<Running>) -> io::Result<&'a Running> {
        let ended = |old: &mut Running| old.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
        if running.as_mut().is_none_or(ended) {
            *running = Some(self.spawn()?);
        }
        running.as_ref().ok_or_else(|| io::Error::other("the process guard is not there"))
    }

    #[cfg(not(unix))]
    fn alive<'a>(&self, running: &'a mut Option<Running>) -> io::Result<&'a Running> {
        Ok(running.get_or_insert(Running { child: None }))
    }

    #[cfg(unix)]
    fn spawn(&self) -> io::Result<Running> {
        use std::os::unix::process::CommandExt;
        use std::process::Stdio;
        let program = match &self.program {
            Some(program) => program.clone(),
            None => this_program()?,
        };
        let mut child = std::process::Command::new(program)
            .arg(ARGUMENT)
            // No folder is kept busy.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of reach of the terminal's signals.
            .process_group(0)
            .spawn()?;
        let pipe = child.stdin.take().ok_or_else(|| io::Error::other("the process guard has no standard input"))?;
        Ok(Running { pipe: Arc::new(pipe.into()), child: Some(child) })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    #[cfg(unix)]
    fn tell(&self, line: &str) -> io::Result<()> {
        use std::io::Write;
        // A line is far below PIPE_BUF: it is written whole or not at all.
        std::fs::File::from(self.pipe.try_clone()?).write_all(line.as_bytes())
    }

    #[cfg(not(unix))]
    fn tell(&self, _line: &str) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // Its pipe closes after this, so it must be waited for elsewhere; without a thread it stays a zombie until we end.
        let _ = std::thread::Builder::new().name("process-guard-end".into()).spawn(move || child.wait());
    }
}

/// The program that runs now, even if its file was replaced by a newer build meanwhile.
#[cfg(unix)]
fn this_program() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let image = PathBuf::from("/proc/self/exe");
    Ok(if !program.exists() && image.exists() { image } else { program })
}

/// Writes `+PID` and `tail` to the guard, in the child and before its exec: only calls that are safe after a fork.
#[cfg(unix)]
fn tell_of_myself(pipe: std::os::fd::RawFd, tail: &[u8]) -> io::Result<()> {
    let mut line = [0_u8; 48];
    let begin_of_tail = line.len() - tail.len().min(24);
    let length_of_tail = line.len() - begin_of_tail;
    line[begin_of_tail..].copy_from_slice(&tail[..length_of_tail]);
    let mut place = begin_of_tail;
    // SAFETY: takes nothing and cannot fail.
    let mut rest = unsafe { libc::getpid() }.unsigned_abs();
    while rest > 0 {
        place -= 1;
        line[place] = b"0123456789"[(rest % 10) as usize];
        rest /= 10;
    }
    place -= 1;
    line[place] = b'+';
    // A guard that is gone must fail the start, and not end the child by a signal.
    // SAFETY: the descriptor is open, as the closure that calls this holds it; the buffer is `line`.
    let written = unsafe {
        let before = libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        let written = libc::write(pipe, line[place..].as_ptr().cast(), line.len() - place);
        libc::signal(libc::SIGPIPE, before);
        written
    };
    if written < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The guard's whole life: learns groups line by line, and ends them when the pipe closes.
#[cfg(unix)]
#[must_use]
pub fn run() -> ExitCode {
    use std::io::BufRead;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT, libc::SIGTSTP] {
        // SAFETY: sets a disposition and touches no memory of ours.
        unsafe {
            libc::signal(signal, libc::SIG_IGN);
        }
    }
    let mut groups = Groups::default();
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        groups.read(&line);
    }
    for group in groups.watched.into_keys() {
        kill_group(group);
    }
    for folder in groups.folders {
        // One that is gone already was removed by us.
        let _ = std::fs::remove_dir_all(folder);
    }
    ExitCode::SUCCESS
}

/// Whether this is the absolute path of a folder that we made.
fn is_temporary(path: &str) -> bool {
    let path = std::path::Path::new(path);
    path.is_absolute() && path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(TEMPORARY))
}

/// What the guard knows: groups, each with the number of its watch, and temporary folders.
#[cfg(unix)]
#[derive(Debug, Default)]
struct Groups {
    watched: std::collections::BTreeMap<i32, u64>,
    folders: std::collections::BTreeSet<String>,
}

#[cfg(unix)]
impl Groups {
    /// `+GROUP` or `+GROUP WATCH` begins, `-GROUP` ends, `!WATCH` never began, `/PATH` is a temporary folder.
    fn read(&mut self, line: &str) {
        if is_temporary(line) {
            self.folders.insert(line.to_owned());
        }
        let Some((sign, rest)) = line.split_at_checked(1) else { return };
        let mut numbers = rest.split(' ').map(|word| word.parse::<u64>().unwrap_or(0));
        let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        let group = i32::try_from(first).unwrap_or(0);
        match sign {
            "+" => drop(self.watched.insert(group, second)),
            "-" => drop(self.watched.remove(&group)),
            "!" if first > 0 => self.watched.retain(|_, watch| *watch != first),
            _ => {}
        }
    }
}

#[cfg(not(unix))]
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}

/// Ends every process of a group.
#[cfg(unix)]
pub fn kill_group(group: i32) {
    signal_group(group, libc::SIGKILL);
}

/// Sends a signal to every process of a group. Groups 0 and 1, our own and that of init, are left alone.
#[cfg(unix)]
pub fn signal_group(group: i32, signal: i32) {
    if group > 1 {
        // SAFETY: kill takes no pointer; a group that is gone gives ESRCH, which is no harm.
        unsafe {
            libc::kill(-group, signal);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_guard_forgets_what_ended_and_what_never_started() {
        let mut groups = Groups::default();
        for line in ["+10", "+11 1", "+12 2", "-10", "!2", "", "?", "+x", "/tmp/invokelab-x", "/tmp/other", "/", "invokelab-y"] {
            groups.read(line);
        }
        assert_eq!(groups.folders.into_iter().collect::<Vec<_>>(), ["/tmp/invokelab-x"]);
        assert_eq!(groups.watched.into_iter().filter(|(group, _)| *group > 1).collect::<Vec<_>>(), [(11, 1)]);
    }

    #[test]
    fn a_child_tells_the_guard_of_itself_before_its_program_begins() {
        use std::io::Read;
        let mut lines = tempfile::tempfile().unwrap();
        tell_of_myself(std::os::fd::AsRawFd::as_raw_fd(&lines), b" 77\n").unwrap();
        std::io::Seek::rewind(&mut lines).unwrap();
        let mut text = String::new();
        lines.read_to_string(&mut text).unwrap();
        assert_eq!(text, format!("+{} 77\n", std::process::id()));
    }
}
