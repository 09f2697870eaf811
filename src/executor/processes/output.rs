//! What a process writes: lines to the log, in batches, with a bound on everything. A log that nobody takes fast enough
//! holds the reader up, and the process with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use process_wrap::tokio::ChildWrapper;
use tokio::task::JoinSet;

use super::lines::Lines;
use super::memory::Memory;
use crate::executor::environment::{FromEnvironment, Report, ReportSender};
use crate::executor::log_gate::{self, LogGate};
use crate::executor::runtime_api::Hooks;
use crate::service::ids::EnvironmentId;

/// Bytes read at once.
const PIECE: usize = 64 << 10;
/// How much is read before an answer: more than a pipe holds, so everything that was written before it.
const DRAINED: usize = 1 << 20;

#[cfg(unix)]
type Pipe = tokio::net::unix::pipe::Receiver;
#[cfg(not(unix))]
type Pipe = tokio::sync::Mutex<Box<dyn tokio::io::AsyncRead + Send + Unpin>>;

/// Both pipes of a process, read by a task each and by whoever wants everything that was written so far.
pub(super) struct Output {
    environment: EnvironmentId,
    reports: ReportSender,
    pipes: Vec<(Pipe, Mutex<Lines>)>,
    memory: Memory,
    gate: LogGate,
    /// Lines that were counted only.
    left_out: AtomicU64,
}

impl Output {
    /// Reads from now on, in `tasks`.
    pub fn of(
        child: &mut dyn ChildWrapper,
        environment: EnvironmentId,
        reports: ReportSender,
        gate: LogGate,
        tasks: &mut JoinSet<()>,
    ) -> Arc<Self> {
        let memory = Memory::of(child.id());
        let pipes = pipes(child).into_iter().map(|pipe| (pipe, Mutex::default())).collect();
        let output = Arc::new(Self { environment, reports, pipes, memory, gate, left_out: AtomicU64::new(0) });
        for index in 0..output.pipes.len() {
            let reader = Arc::clone(&output);
            tasks.spawn(async move { reader.read(index).await });
        }
        output
    }

    #[cfg(unix)]
    async fn read(&self, index: usize) {
        let Some((pipe, _)) = self.pipes.get(index) else { return };
        while pipe.readable().await.is_ok() && self.take(index, PIECE, false).await {
            // The loop has its turn after each batch, so that little is under way at any time.
            tokio::task::yield_now().await;
        }
    }

    #[cfg(not(unix))]
    async fn read(&self, index: usize) {
        use tokio::io::AsyncReadExt;
        let Some((pipe, lines)) = self.pipes.get(index) else { return };
        let mut pipe = pipe.lock().await;
        let mut piece = vec![0; PIECE];
        while let Ok(count @ 1..) = pipe.read(&mut piece).await {
            let lines = {
                let mut lines = lock(lines);
                lines.rest.extend_from_slice(&piece[..count]);
                lines.take(false)
            };
            self.log(lines).await;
        }
        let rest = lock(lines).take(true);
        self.log(rest).await;
    }

    /// Passes on everything that was written so far, a line without an end included.
    pub async fn drain(&self) {
        for index in 0..self.pipes.len() {
            self.take(index, DRAINED, true).await;
        }
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            self.send(vec![log_gate::left_out(left_out)]).await;
        }
    }

    /// Reads what is there, up to a limit; `false` at the end of the pipe.
    #[cfg(unix)]
    async fn take(&self, index: usize, limit: usize, whole: bool) -> bool {
        let Some((pipe, lines)) = self.pipes.get(index) else { return false };
        let mut taken = 0;
        loop {
            let (complete, more) = {
                let mut lines = lock(lines);
                let read = lines.read(pipe);
                taken += read.as_ref().unwrap_or(&0);
                let more = match &read {
                    Ok(0) => Some(false),
                    Ok(_) if taken < limit => None,
                    Ok(_) => Some(true),
                    Err(error) => Some(error.kind() == std::io::ErrorKind::WouldBlock),
                };
                (lines.take(more == Some(false) || (whole && more.is_some())), more)
            };
            self.log(complete).await;
            if let Some(more) = more {
                return more;
            }
        }
    }

    /// What was read has been passed on; what is still in a Windows pipe cannot be read without waiting for it.
    #[cfg(not(unix))]
    async fn take(&self, index: usize, _limit: usize, whole: bool) -> bool {
        let Some((_, lines)) = self.pipes.get(index) else { return false };
        tokio::task::yield_now().await;
        let complete = lock(lines).take(whole);
        self.log(complete).await;
        true
    }

    /// Lines for the log; also those that we write about the environment.
    pub async fn log(&self, mut lines: Vec<Arc<str>>) {
        if lines.is_empty() {
            return;
        }
        if !self.gate.opens().await {
            self.left_out.fetch_add(lines.len() as u64, Ordering::Relaxed);
            return;
        }
        let left_out = self.left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            lines.insert(0, log_gate::left_out(left_out));
        }
        self.send(lines).await;
    }

    async fn send(&self, lines: Vec<Arc<str>>) {
        self.gate.leave(&lines);
        self.report(FromEnvironment::Log(lines)).await;
    }

    /// Tells the highest memory, if it has grown.
    pub async fn measure(&self) {
        if let Some(megabytes) = self.memory.grown() {
            self.report(FromEnvironment::MemoryUsed { megabytes }).await;
        }
    }

    async fn report(&self, what: FromEnvironment) {
        // The loop is gone: nobody reads.
        let _ = self.reports.send(Report { environment: self.environment, what }).await;
    }
}

impl Hooks for Output {
    async fn before_answer(&self) {
        self.drain().await;
        self.measure().await;
    }

    async fn tell(&self, line: String) {
        self.send(vec![line.into()]).await;
    }
}

#[cfg(unix)]
impl Lines {
    fn read(&mut self, pipe: &Pipe) -> std::io::Result<usize> {
        use bytes::BufMut;
        self.rest.reserve(PIECE);
        let mut room = (&mut self.rest).limit(PIECE);
        pipe.try_read_buf(&mut room)
    }
}

#[cfg(unix)]
fn pipes(child: &mut dyn ChildWrapper) -> Vec<Pipe> {
    let out = child.stdout().take().and_then(|out| out.into_owned_fd().ok());
    let err = child.stderr().take().and_then(|err| err.into_owned_fd().ok());
    out.into_iter().chain(err).filter_map(|pipe| Pipe::from_owned_fd(pipe).ok()).collect()
}

#[cfg(not(unix))]
fn pipes(child: &mut dyn ChildWrapper) -> Vec<Pipe> {
    let mut pipes: Vec<Pipe> = Vec::new();
    pipes.extend(child.stdout().take().map(|out| Pipe::new(Box::new(out))));
    pipes.extend(child.stderr().take().map(|err| Pipe::new(Box::new(err))));
    pipes
}

fn lock(lines: &Mutex<Lines>) -> std::sync::MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}
