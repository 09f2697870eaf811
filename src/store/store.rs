//! The caller's hold on the store: requests go in by a bounded channel, reports come back by a closure.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, TrySendError, bounded};

use super::assembly::Assembly;
use super::database::{self, Opened, StoreError};
use super::report::{Change, Restored, StoreReport};
use super::writer::{Request, Turn, Writer};
use crate::service::happened::{Happened, ServiceEvent};
use crate::service::ids::RequestId;
use crate::service::time::Timestamp;

/// Requests that may wait in the channel. What does not fit is kept in the [`Store`] and merged into one.
const REQUESTS: usize = 256;
/// Changes that are kept when the disk cannot follow; beyond, new accepts are refused.
const CHANGES_KEPT: usize = 200_000;
/// Bytes of payloads, results and log lines kept for the history when the disk cannot follow; beyond, log lines are left
/// out.
const HISTORY_KEPT: usize = 64 << 20;
/// How long [`Store::flush`] waits for a disk that does not answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Payloads, results and logs of the history, in bytes; the oldest invocations go first.
    pub history_bytes: i64,
    pub history_rows: i64,
    /// Pages of 4 KB that the file may have, for tests of a full disk.
    pub file_pages: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { history_bytes: 256 << 20, history_rows: 200_000, file_pages: None }
    }
}

/// Called with every report, on the store's thread or, for refusals, within a call; must not block.
pub type Report = Arc<dyn Fn(StoreReport) + Send + Sync>;

/// An open store. No call waits but [`Store::flush`] and dropping it, which writes what is left and closes the file.
pub struct Store {
    requests: Option<Sender<Request>>,
    /// What did not fit into the channel, oldest first; the last turn takes in what follows.
    kept: VecDeque<Request>,
    kept_changes: usize,
    kept_history: usize,
    log_left_out: bool,
    report: Report,
    thread: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens or makes the database of a workspace (see [`super::file_for`]) and reads what an earlier run left.
    ///
    /// # Errors
    /// Another program has it, it is from a newer version, or it cannot be read or written.
    pub fn open(path: &Path, report: Report) -> Result<(Self, Restored), StoreError> {
        Self::open_with(path, Limits::default(), report)
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn open_with(path: &Path, limits: Limits, report: Report) -> Result<(Self, Restored), StoreError> {
        Self::start(path, database::open(path)?, limits, report)
    }

    /// A store that is gone when it is dropped.
    ///
    /// # Errors
    /// SQLite or the thread could not be started.
    pub fn in_memory(report: Report) -> Result<Self, StoreError> {
        Self::start(Path::new(":memory:"), database::open_in_memory()?, Limits::default(), report).map(|(store, _)| store)
    }

    fn start(path: &Path, opened: Opened, limits: Limits, report: Report) -> Result<(Self, Restored), StoreError> {
        let failed = |error| StoreError::Database { path: path.to_path_buf(), error };
        let Opened { connection, restored, lock } = opened;
        let writer = Writer::new(connection, lock, &restored, limits, Arc::clone(&report)).map_err(failed)?;
        let (requests, receiver) = bounded(REQUESTS);
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || writer.run(&receiver));
        let thread = thread.map_err(|error| StoreError::File { path: path.to_path_buf(), error })?;
        let store = Self {
            requests: Some(requests),
            kept: VecDeque::new(),
            kept_changes: 0,
            kept_history: 0,
            log_left_out: false,
            report,
            thread: Some(thread),
        };
        Ok((store, restored))
    }

    /// Makes the changes of one turn durable: they are committed together, in order, and reported as
    /// [`StoreReport::Stored`]. When hundreds of thousands of changes wait for a slow disk, those that somebody waits for
    /// are refused at once; no other change is ever left out.
    pub fn persist(&mut self, mut changes: Vec<Change>) {
        if changes.is_empty() {
            return self.send_kept();
        }
        if self.kept_changes > CHANGES_KEPT {
            let refused: Vec<u64> = changes.extract_if(.., |change| change.wait).map(|change| change.ticket).collect();
            let sentence = format!("{} changes wait for a disk that is too slow; try again later", self.kept_changes);
            if !refused.is_empty() {
                (self.report)(StoreReport::Failed { tickets: refused, sentence });
            }
        }
        self.kept_changes += changes.len();
        self.turn(|turn| turn.changes.append(&mut changes));
    }

    /// Adds to the history. When the disk cannot follow, log lines are left out first and a notice says so; which
    /// invocations there were, and how they ended, is always kept.
    pub fn record(&mut self, events: Vec<ServiceEvent>) {
        let mut events: Vec<ServiceEvent> = events.into_iter().filter(|event| Assembly::concerns(&event.what)).collect();
        let size: usize = events.iter().map(|event| weight(&event.what)).sum();
        if self.kept_history + size > HISTORY_KEPT {
            events.retain(|event| !matches!(event.what, Happened::LogWritten { .. }));
            self.tell_log_left_out();
        }
        if events.is_empty() {
            return self.send_kept();
        }
        self.kept_history += size;
        self.turn(|turn| turn.happened.append(&mut events));
    }

    fn tell_log_left_out(&mut self) {
        if !std::mem::replace(&mut self.log_left_out, true) {
            let sentence = "The history is missing log lines: the disk cannot follow. Invocations and results are kept.";
            (self.report)(StoreReport::Notice { sentence: sentence.into() });
        }
    }

    /// Keeps service time for the next start; written with the next commit, or within a second.
    pub fn set_service_time(&mut self, now: Timestamp) {
        self.turn(|turn| turn.service_now = Some(now));
    }

    /// Asks for the newest invocations in which every word of `text` begins a word; answered by [`StoreReport::History`].
    pub fn search_history(&mut self, text: String, limit: usize) {
        self.offer(Request::Search { text, limit });
    }

    /// Answered by [`StoreReport::HistoryInvocation`].
    pub fn load_invocation(&mut self, request_id: RequestId) {
        self.offer(Request::Load(request_id));
    }

    /// Answered by [`StoreReport::HistoryCleared`]. Events that wait are not history and stay.
    pub fn clear_history(&mut self) {
        self.offer(Request::Clear);
    }

    /// Waits until everything asked for so far is done, history included. `false`: the disk did not answer within 30 s.
    pub fn flush(&mut self) -> bool {
        let (done, is_done) = bounded(1);
        self.kept.push_back(Request::Flush(done));
        self.send_all();
        is_done.recv_timeout(PATIENCE).is_ok()
    }

    /// Sends on what was kept, if there is room again. Every call does this, and every commit is reported, so a caller that
    /// reacts to reports needs no timer.
    pub fn send_kept(&mut self) {
        let Some(requests) = &self.requests else { return };
        while let Some(request) = self.kept.pop_front() {
            match requests.try_send(request) {
                Ok(()) => {}
                Err(TrySendError::Full(request)) => return self.kept.push_front(request),
                // The thread is gone only after a panic, which has been printed.
                Err(TrySendError::Disconnected(_)) => {}
            }
        }
        self.kept_changes = 0;
        self.kept_history = 0;
        self.log_left_out = false;
    }

    /// Puts something into the last turn that is kept, or into a new one.
    fn turn(&mut self, put: impl FnOnce(&mut Turn)) {
        if !matches!(self.kept.back(), Some(Request::Turn(_))) {
            self.kept.push_back(Request::Turn(Turn::default()));
        }
        if let Some(Request::Turn(turn)) = self.kept.back_mut() {
            put(turn);
        }
        self.send_kept();
    }

    /// Keeps the latest of equal questions only: an answer to an older one would be replaced at once.
    fn offer(&mut self, request: Request) {
        self.kept.retain(|kept| !kept.is_replaced_by(&request));
        self.kept.push_back(request);
        self.send_kept();
    }

    fn send_all(&mut self) {
        let Some(requests) = &self.requests else { return };
        for request in self.kept.drain(..) {
            // A disconnected channel: as in `send_kept`.
            let _ = requests.send(request);
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.send_all();
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed already.
            let _ = thread.join();
        }
    }
}

/// Bytes that an event holds on to.
fn weight(what: &Happened) -> usize {
    match what {
        Happened::InvocationAccepted { payload, .. } | Happened::EventEdited { payload, .. } => payload.len(),
        Happened::AttemptFinished { result, .. } => result.as_ref().map_or_else(|error| error.payload.len(), bytes::Bytes::len),
        Happened::LogWritten { lines, .. } => lines.iter().map(|line| line.text.len()).sum(),
        _ => 0,
    }
}
