//! The store's thread: takes what waits, commits it together, reports, and writes history in between.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rusqlite::{Connection, ErrorCode};

use super::assembly::Assembly;
use super::handle::{Limits, Report};
use super::history::{self, Size};
use super::inbox::{Inbox, Question};
use super::lock::Lock;
use super::queue::{self, Queue};
use super::report::{Change, Restored, StoreReport, StoredClock};
use crate::service::happened::ServiceEvent;

/// Ended invocations that are written in one go while changes come in.
const HISTORY_AT_ONCE: usize = 64;
/// Bytes of ended invocations that may wait for a quiet moment; writing takes time from those that run.
const HISTORY_WAITING: usize = 64 << 20;
/// Ended invocations that are kept when they cannot be written; beyond, they are given up and a notice says so.
const ENDED_KEPT: usize = 10_000;
/// Bytes of invocations after which freed memory is given back, in a quiet moment.
const MUCH: usize = 8 << 20;
/// How often a search has rows indexed before it looks: 64 rows each time, a fraction of a second in all.
const INDEXED_FOR_A_SEARCH: usize = 16;
/// Quiet after which everything of the history is written, and service time.
const QUIET: Duration = Duration::from_millis(20);
/// Between two tries to write what failed.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Writer {
    connection: Connection,
    state: State,
    /// Let go of after the connection.
    _lock: Option<Lock>,
}

struct State {
    report: Report,
    limits: Limits,
    assembly: Assembly,
    size: Size,
    /// Bytes of invocations let go of since memory was given back.
    let_go: usize,
    /// Changes nobody waits for that a commit failed to write, in order.
    unwritten: Vec<Change>,
    clock: Option<StoredClock>,
    /// A failure to write changes was told, and no commit has succeeded since.
    failing: bool,
    /// The same for the history, which may be damaged where the queue is not.
    history_failing: bool,
    /// Rows are not in the index yet; each write makes more.
    unindexed: bool,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        lock: Option<Lock>,
        restored: &Restored,
        limits: Limits,
        report: Report,
    ) -> rusqlite::Result<Self> {
        if let Some(pages) = limits.file_pages {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        let (size, next_sequence, earlier) = history::begin(&connection, &queue::waiting(restored))?;
        let assembly = Assembly::new(next_sequence, earlier);
        let state = State {
            report,
            limits,
            assembly,
            size,
            let_go: 0,
            unwritten: Vec::new(),
            clock: None,
            failing: false,
            history_failing: false,
            unindexed: history::has_unindexed(&connection)?,
        };
        Ok(Self { connection, state, _lock: lock })
    }

    /// Works until the bell is gone, then writes what is left.
    pub(super) fn run(self, inbox: &Inbox, bell: &Receiver<()>) {
        let Self { connection, mut state, _lock } = self;
        match Queue::prepare(&connection) {
            Ok(mut queue) => state.run(&connection, &mut queue, inbox, bell),
            Err(error) => (state.report)(StoreReport::Failed { tickets: Vec::new(), sentence: sentence(&error) }),
        }
    }
}

impl State {
    fn run(&mut self, connection: &Connection, queue: &mut Queue, inbox: &Inbox, bell: &Receiver<()>) {
        loop {
            let rung = self.wait(bell).and_then(|()| gather(inbox, bell));
            while let Some((turn, question)) = inbox.take() {
                self.commit(connection, queue, turn.changes, turn.clock);
                self.take_history(connection, turn.happened);
                question.into_iter().for_each(|question| self.answer(connection, question));
            }
            match rung {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => self.rest(connection, queue),
                Err(RecvTimeoutError::Disconnected) => return self.rest(connection, queue),
            }
        }
    }

    /// Until something comes, or it is time for what can wait.
    fn wait(&self, bell: &Receiver<()>) -> Result<(), RecvTimeoutError> {
        let history_waits = (self.assembly.unwritten() || self.unindexed) && !self.history_failing;
        // Service time comes about once a second: were it left lying as long, the next would always come before it is written.
        if history_waits || (self.clock.is_some() && !self.failing) {
            bell.recv_timeout(QUIET)
        } else if self.assembly.unwritten() || !self.unwritten.is_empty() || self.clock.is_some() {
            bell.recv_timeout(AGAIN)
        } else {
            bell.recv().map_err(|_| RecvTimeoutError::Disconnected)
        }
    }

    /// One commit for everything that came, after what failed before.
    fn commit(&mut self, connection: &Connection, queue: &mut Queue, changes: Vec<Change>, clock: Option<StoredClock>) {
        self.clock = clock.or(self.clock);
        let Some(last) = changes.last().or(self.unwritten.last()).map(|change| change.ticket) else { return };
        let all = self.unwritten.iter().chain(&changes);
        match commit(connection, queue, all, self.clock) {
            Ok(()) => {
                self.unwritten.clear();
                self.clock = None;
                self.failing = false;
                (self.report)(StoreReport::Stored { ticket: last });
            }
            Err(error) => {
                let (waited_for, kept): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.wait);
                self.unwritten.extend(kept);
                let tickets: Vec<u64> = waited_for.iter().map(|change| change.ticket).collect();
                self.failed(tickets, &error);
            }
        }
    }

    /// Tells a failure: always when somebody waits, else once until something succeeds.
    fn failed(&mut self, tickets: Vec<u64>, error: &rusqlite::Error) {
        let told = std::mem::replace(&mut self.failing, true);
        if !tickets.is_empty() || !told {
            (self.report)(StoreReport::Failed { tickets, sentence: sentence(error) });
        }
    }

    fn take_history(&mut self, connection: &Connection, happened: Vec<Arc<ServiceEvent>>) {
        let weight = happened.len();
        for event in happened {
            // A row that cannot be read is begun anew.
            self.assembly.apply(event, |sequence| history::take_up(connection, sequence).ok().flatten());
        }
        // While changes keep coming, the history is written at the pace at which it grows.
        if self.assembly.ended() > HISTORY_AT_ONCE || self.assembly.ended_bytes() > HISTORY_WAITING {
            self.write_ended(connection, HISTORY_AT_ONCE.max(weight));
        }
    }

    /// Writes the invocations that ended first; `false` when it failed. They are kept and tried again, up to a limit.
    fn write_ended(&mut self, connection: &Connection, count: usize) -> bool {
        let written =
            without_sync(connection, || history::write(connection, &mut self.size, &self.limits, self.assembly.front(count)));
        match written {
            Ok(()) => {
                let before = self.assembly.ended_bytes();
                self.assembly.front_written(count);
                self.let_go += before - self.assembly.ended_bytes();
                self.history_failing = false;
                self.unindexed = true;
            }
            Err(error) if self.assembly.ended() > ENDED_KEPT => {
                let sentence =
                    format!("{} invocations are missing in the history. {}", self.assembly.give_up_ended(), sentence(&error));
                (self.report)(StoreReport::Notice { sentence });
                return false;
            }
            Err(error) => {
                self.history_failed(&error);
                return false;
            }
        }
        true
    }

    /// Everything that can wait for a quiet moment.
    fn rest(&mut self, connection: &Connection, queue: &mut Queue) {
        if !self.unwritten.is_empty() {
            self.commit(connection, queue, Vec::new(), None);
        }
        self.write_history(connection);
        if let Some(clock) = self.clock {
            match without_sync(connection, || queue.put_clock(clock)) {
                Ok(()) => {
                    self.clock = None;
                    self.failing &= !self.unwritten.is_empty();
                }
                Err(error) => self.failed(Vec::new(), &error),
            }
        }
        self.index_more(connection);
        if self.let_go > MUCH {
            self.let_go = 0;
            give_memory_back();
        }
    }

    /// Goes on with the index, which takes longer than all other writing.
    fn index_more(&mut self, connection: &Connection) {
        if self.unindexed && !self.history_failing {
            match without_sync(connection, || history::index_more(connection)) {
                Ok(more) => self.unindexed = more,
                Err(error) => self.history_failed(&error),
            }
        }
    }

    fn write_history(&mut self, connection: &Connection) {
        while self.assembly.ended() > 0 {
            if !self.write_ended(connection, 4 * HISTORY_AT_ONCE) {
                return;
            }
        }
        if !self.assembly.unwritten() {
            return;
        }
        let written =
            without_sync(connection, || history::write(connection, &mut self.size, &self.limits, self.assembly.changed()));
        match written {
            Ok(()) => {
                self.assembly.changed_written();
                self.history_failing = false;
                self.unindexed = true;
            }
            Err(error) => self.history_failed(&error),
        }
    }

    /// Tells once that the history cannot be written; it is tried again until it can.
    fn history_failed(&mut self, error: &rusqlite::Error) {
        if !std::mem::replace(&mut self.history_failing, true) {
            (self.report)(StoreReport::Notice { sentence: format!("The history waits to be written. {}", sentence(error)) });
        }
    }

    fn answer(&mut self, connection: &Connection, question: Question) {
        // What has happened up to the question belongs into its answer.
        self.write_history(connection);
        if matches!(question, Question::Search { .. }) {
            // The index knows letters without their accents; what is beyond this is looked through as it is.
            for _ in 0..INDEXED_FOR_A_SEARCH {
                self.index_more(connection);
            }
        }
        let report = match question {
            Question::Flush(done) => {
                // Whoever asked may have stopped waiting.
                let _ = done.send(());
                return;
            }
            Question::Search { text, limit } => {
                history::search(connection, &text, limit).map(|(rows, total)| StoreReport::History { text, rows, total })
            }
            Question::Load(request_id) => history::load(connection, request_id)
                .map(|found| StoreReport::HistoryInvocation { request_id, found: found.map(Box::new) }),
            Question::Clear => history::clear(connection, &mut self.size).map(|()| {
                self.assembly.clear();
                StoreReport::HistoryCleared
            }),
        };
        match report {
            Ok(report) => (self.report)(report),
            Err(error) => (self.report)(StoreReport::Notice { sentence: sentence(&error) }),
        }
    }
}

/// History that nobody waits for gathers for a moment: to wake for every invocation would cost more than to write it.
fn gather(inbox: &Inbox, bell: &Receiver<()>) -> Result<(), RecvTimeoutError> {
    if inbox.is_urgent() {
        return Ok(());
    }
    match bell.recv_timeout(QUIET) {
        Ok(()) | Err(RecvTimeoutError::Timeout) => Ok(()),
        Err(RecvTimeoutError::Disconnected) => Err(RecvTimeoutError::Disconnected),
    }
}

fn commit<'a>(
    connection: &Connection,
    queue: &mut Queue,
    changes: impl Iterator<Item = &'a Change>,
    clock: Option<StoredClock>,
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    for change in changes {
        queue.apply(&change.change)?;
    }
    clock.map_or(Ok(()), |clock| queue.put_clock(clock))?;
    transaction.commit()
}

/// Runs a transaction that need not be on disk at once: WAL keeps the order, the next durable commit syncs both.
fn without_sync<T>(connection: &Connection, write: impl FnOnce() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    let written = write();
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    written
}

/// Payloads are allocated on one thread and freed on another, here last of all. The allocator keeps what was freed until
/// somebody allocates again, and so does the system's, which SQLite and QuickJS use: hundreds of megabytes after forty events
/// of 6 MB.
fn give_memory_back() {
    // SAFETY: both only give pages that hold nothing back to the system; any thread may ask for it at any time.
    unsafe {
        libmimalloc_sys::mi_collect(true);
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        libc::malloc_trim(0);
    }
}

/// What failed, and what a person can do about it.
fn sentence(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "The disk is full, so events cannot be kept; make room and try again.".to_owned(),
        Some(ErrorCode::ReadOnly) => "The database is read-only, so events cannot be kept; allow writing to it.".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "Another program has locked the database, so events cannot be kept; close it there.".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            format!("The database is damaged ({error}); restart Invokelab, which moves it aside and saves what can be read.")
        }
        _ => format!("The database cannot be written: {error}."),
    }
}
