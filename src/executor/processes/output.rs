//! What a process writes: lines to the log, in batches, with a bound on everything.

use std::io;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use process_wrap::tokio::ChildWrapper;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::executor::clock::instant;
use crate::executor::environment::{FromEnvironment, Report, ReportSender};
use crate::service::ids::EnvironmentId;

/// Bytes read at once, and the longest line; a longer one is cut into lines.
const PIECE: usize = 64 << 10;
const LINE_LIMIT: usize = 256 << 10;
/// Resident memory is looked up at most this often.
const MEASURE_EVERY: Duration = Duration::from_millis(100);

#[cfg(unix)]
type Pipe = tokio::net::unix::pipe::Receiver;
#[cfg(windows)]
type Pipe = std::convert::Infallible;

/// Both pipes of a process, read by a task each and by whoever wants everything that was written so far.
pub(super) struct Output {
    environment: EnvironmentId,
    process: Option<u32>,
    reports: ReportSender,
    pipes: Vec<(Pipe, Mutex<Vec<u8>>)>,
    tasks: Mutex<Vec<AbortHandle>>,
    measured: Mutex<Option<Instant>>,
    answered: Notify,
}

impl Output {
    pub fn of(child: &mut dyn ChildWrapper, environment: EnvironmentId, reports: ReportSender) -> std::sync::Arc<Self> {
        let process = child.id();
        let pipes = pipes(child);
        let output = std::sync::Arc::new(Self {
            environment,
            process,
            reports,
            pipes: pipes.into_iter().map(|pipe| (pipe, Mutex::default())).collect(),
            tasks: Mutex::default(),
            measured: Mutex::default(),
            answered: Notify::new(),
        });
        for index in 0..output.pipes.len() {
            let reader = std::sync::Arc::clone(&output);
            output.own(tokio::spawn(async move { reader.read(index).await }).abort_handle());
        }
        output
    }

    /// A task that ends with the environment.
    pub fn own(&self, task: AbortHandle) {
        lock(&self.tasks).push(task);
    }

    pub fn close(&self) {
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
    }

    pub fn note_answer(&self) {
        self.answered.notify_one();
    }

    /// Resolves after an answer.
    pub async fn answered(&self) {
        self.answered.notified().await;
    }

    #[cfg(unix)]
    async fn read(&self, index: usize) {
        let Some((pipe, _)) = self.pipes.get(index) else { return };
        while pipe.readable().await.is_ok() {
            if !self.take(index, false).await {
                break;
            }
        }
        self.take(index, true).await;
    }

    #[cfg(not(unix))]
    async fn read(&self, _index: usize) {}

    /// Passes on everything that was written so far, a line without an end included.
    pub async fn drain(&self) {
        for index in 0..self.pipes.len() {
            self.take(index, true).await;
        }
    }

    /// Reads what is there; `false` at the end of the pipe.
    async fn take(&self, index: usize, whole: bool) -> bool {
        let Some((pipe, rest)) = self.pipes.get(index) else { return false };
        loop {
            let mut piece = vec![0; PIECE];
            let (lines, more) = match try_read(pipe, &mut piece) {
                Ok(0) => (split(&mut lock(rest), &[], true), Some(false)),
                Ok(count) => (split(&mut lock(rest), &piece[..count], false), None),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => (split(&mut lock(rest), &[], whole), Some(true)),
                Err(_) => (Vec::new(), Some(false)),
            };
            if !lines.is_empty() {
                // A full channel holds the reader up, and the process with it. A closed one has no reader.
                let _ = self.reports.send(Report { environment: self.environment, what: FromEnvironment::Log(lines) }).await;
            }
            if let Some(more) = more {
                return more;
            }
        }
    }

    /// Reports the highest resident memory, on systems that tell it cheaply.
    pub async fn measure(&self) {
        let now = instant();
        {
            let mut measured = lock(&self.measured);
            if measured.is_some_and(|last| now.duration_since(last) < MEASURE_EVERY) {
                return;
            }
            *measured = Some(now);
        }
        if let Some(megabytes) = self.process.and_then(high_water_mark) {
            // As above.
            let _ = self.reports.send(Report { environment: self.environment, what: FromEnvironment::MemoryUsed { megabytes } }).await;
        }
    }
}

/// Cuts bytes into lines; what has no end yet stays in `rest` unless `whole` is wanted.
fn split(rest: &mut Vec<u8>, piece: &[u8], whole: bool) -> Vec<std::sync::Arc<str>> {
    rest.extend_from_slice(piece);
    let mut lines = Vec::new();
    let mut begin = 0;
    while let Some(length) = rest[begin..].iter().position(|byte| *byte == b'\n') {
        lines.push(line(&rest[begin..begin + length]));
        begin += length + 1;
    }
    rest.drain(..begin);
    if !rest.is_empty() && (whole || rest.len() >= LINE_LIMIT) {
        lines.push(line(rest));
        rest.clear();
    }
    lines
}

fn line(bytes: &[u8]) -> std::sync::Arc<str> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    String::from_utf8_lossy(bytes).into()
}

#[cfg(unix)]
fn try_read(pipe: &Pipe, piece: &mut [u8]) -> io::Result<usize> {
    pipe.try_read(piece)
}

#[cfg(not(unix))]
fn try_read(pipe: &Pipe, _piece: &mut [u8]) -> io::Result<usize> {
    match *pipe {}
}

#[cfg(unix)]
fn pipes(child: &mut dyn ChildWrapper) -> Vec<Pipe> {
    let out = child.stdout().take().and_then(|out| out.into_owned_fd().ok());
    let err = child.stderr().take().and_then(|err| err.into_owned_fd().ok());
    out.into_iter().chain(err).filter_map(|pipe| Pipe::from_owned_fd(pipe).ok()).collect()
}

/// Windows pipes cannot be read without waiting: the log of processes is empty there.
#[cfg(not(unix))]
fn pipes(_child: &mut dyn ChildWrapper) -> Vec<Pipe> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn high_water_mark(process: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u32 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes.div_ceil(1_024))
}

#[cfg(not(target_os = "linux"))]
fn high_water_mark(_process: u32) -> Option<u32> {
    None
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
