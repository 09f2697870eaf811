//! The caller's hold on the store: requests go in without waiting, reports come back by a closure.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};

use super::assembly::Assembly;
use super::database::{self, Opened, StoreError};
use super::inbox::{Inbox, LeftOut, Question};
use super::report::{Change, Restored, StoreReport, StoredClock};
use super::writer::Writer;
use crate::service::happened::ServiceEvent;
use crate::service::ids::RequestId;

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
    inbox: Arc<Inbox>,
    /// Wakes the thread; its end ends the thread.
    bell: Option<Sender<()>>,
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
        let inbox = Arc::new(Inbox::default());
        let (bell, rings) = bounded(1);
        let of_thread = Arc::clone(&inbox);
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || writer.run(&of_thread, &rings));
        let thread = thread.map_err(|error| StoreError::File { path: path.to_path_buf(), error })?;
        Ok((Self { inbox, bell: Some(bell), report, thread: Some(thread) }, restored))
    }

    /// Makes the changes of one turn durable: they are committed together, in order, and reported as
    /// [`StoreReport::Stored`]. When hundreds of thousands of changes wait for a slow disk, those that somebody waits for
    /// are refused at once; no other change is ever left out.
    pub fn persist(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        if let LeftOut::Changes { tickets, waiting } = self.inbox.persist(changes) {
            let sentence = format!("{waiting} changes wait for a disk that is too slow; try again later.");
            (self.report)(StoreReport::Failed { tickets, sentence });
        }
        self.ring();
    }

    /// Adds to the history. When the disk cannot follow, log lines are left out first, then payloads and results of more
    /// than 64 KB, and a notice says so; which invocations there were, and how they ended, is always kept.
    pub fn record(&self, events: Vec<Arc<ServiceEvent>>) {
        let events: Vec<Arc<ServiceEvent>> = events.into_iter().filter(|event| Assembly::concerns(&event.what)).collect();
        if events.is_empty() {
            return;
        }
        let (left_out, first) = self.inbox.record(events);
        if first {
            self.ring();
        }
        let sentence = match left_out {
            LeftOut::Log => "The history is missing log lines: the disk cannot follow. Invocations and results are kept.",
            LeftOut::Payloads => {
                "The history is missing payloads and results of more than 64 KB: the disk cannot follow. Invocations are kept."
            }
            LeftOut::Nothing | LeftOut::Changes { .. } => "",
        };
        if !sentence.is_empty() {
            (self.report)(StoreReport::Notice { sentence: sentence.into() });
        }
    }

    /// Keeps the service's clock for the next start; written with the next commit, or within a second.
    pub fn set_clock(&self, clock: StoredClock) {
        if self.inbox.set_clock(clock) {
            self.ring();
        }
    }

    /// Asks for the newest invocations in which every word of `text` begins a word; answered by [`StoreReport::History`].
    /// A search that waits for its turn is replaced by a newer one.
    pub fn search_history(&self, text: String, limit: usize) {
        self.ask(Question::Search { text, limit });
    }

    /// Answered by [`StoreReport::HistoryInvocation`]; a newer request replaces one that waits.
    pub fn load_invocation(&self, request_id: RequestId) {
        self.ask(Question::Load(request_id));
    }

    /// Answered by [`StoreReport::HistoryCleared`]. Events that wait are not history and stay.
    pub fn clear_history(&self) {
        self.ask(Question::Clear);
    }

    /// Waits until everything asked for so far is done, history included. `false`: the disk did not answer within 30 s.
    #[must_use]
    pub fn flush(&self) -> bool {
        let (done, is_done) = bounded(1);
        self.ask(Question::Flush(done));
        is_done.recv_timeout(PATIENCE).is_ok()
    }

    fn ask(&self, question: Question) {
        self.inbox.ask(question);
        self.ring();
    }

    /// A bell that rings already is enough; one that nobody hears belongs to a thread that panicked, which was printed.
    fn ring(&self) {
        let _ = self.bell.as_ref().map(|bell| bell.try_send(()));
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed already.
            let _ = thread.join();
        }
    }
}
