//! The store as the loop uses it: changes of a turn go in together, reports come back without waking the loop twice.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::clock::instant;
use super::outbox::Outbox;
use super::start::Database;
use crate::event::NoticeLevel;
use crate::service::effect::Persist;
use crate::service::happened::ServiceEvent;
use crate::service::ids::RequestId;
use crate::store::{Change, Restored, Store, StoreError, StoreReport, StoredClock, file_for};

/// How often service time is kept while something waits.
const KEEP_TIME_EVERY: Duration = Duration::from_secs(1);

/// Where the store's thread leaves its reports for the loop.
#[derive(Default)]
struct Inbox {
    reports: Mutex<Vec<StoreReport>>,
    arrived: Notify,
}

pub struct Storage {
    store: Store,
    inbox: Arc<Inbox>,
    changes: Vec<Change>,
    happened: Vec<Arc<ServiceEvent>>,
    notices: Vec<String>,
    /// The last ticket that somebody waits for, and the last one that is on disk.
    waited_for: u64,
    stored: u64,
    /// The clock as it was kept last, and when that was.
    clock_kept: Option<(StoredClock, Instant)>,
}

impl Storage {
    /// Opens the database of a workspace folder.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn open(database: &Database, workspace: &Path) -> Result<(Self, Restored), StoreError> {
        let inbox = Arc::new(Inbox::default());
        let arrived = Arc::clone(&inbox);
        let report = Arc::new(move |report| {
            lock(&arrived.reports).push(report);
            arrived.arrived.notify_one();
        });
        let (store, restored) = match database {
            Database::Memory => (Store::in_memory(report)?, Restored::default()),
            Database::Folder(folder) => Store::open(&file_for(folder, workspace), report)?,
        };
        let notices = restored.notices.clone();
        let storage =
            Self { store, inbox, changes: Vec::new(), happened: Vec::new(), notices, waited_for: 0, stored: 0, clock_kept: None };
        Ok((storage, restored))
    }

    /// Tells what happened to the file on opening.
    pub fn notices(&mut self, outbox: &mut Outbox) {
        for notice in self.notices.drain(..) {
            outbox.notice(NoticeLevel::Warning, notice);
        }
    }

    pub fn persist(&mut self, ticket: u64, change: Persist, wait: bool) {
        if wait {
            self.waited_for = ticket;
        }
        self.changes.push(Change { ticket, change, wait });
    }

    pub fn record(&mut self, event: Arc<ServiceEvent>) {
        self.happened.push(event);
    }

    /// Sends what this turn has gathered; a clock that `passes` is kept about once a second.
    pub fn record_turn(&mut self, clock: StoredClock, passes: bool) {
        if !self.changes.is_empty() {
            self.store.persist(std::mem::take(&mut self.changes));
        }
        if !self.happened.is_empty() {
            self.store.record(std::mem::take(&mut self.happened));
        }
        let kept = self.clock_kept;
        let is_time = kept.is_none_or(|(_, at)| at.elapsed() >= KEEP_TIME_EVERY);
        let turned = kept.is_some_and(|(kept, _)| kept.paused != clock.paused);
        // Nobody wakes the loop to keep a clock that stands where a step has brought it.
        let stepped = clock.paused && kept.is_none_or(|(kept, _)| kept != clock);
        if stepped || turned || (is_time && passes) {
            self.clock_kept = Some((clock, instant()));
            self.store.set_clock(clock);
        }
    }

    /// When the clock is to be kept again, should time pass and nothing else happen.
    #[must_use]
    pub fn keeps_clock_at(&self) -> Option<Instant> {
        self.clock_kept.map(|(_, at)| at + KEEP_TIME_EVERY)
    }

    /// Resolves when the store has something to say.
    pub async fn changed(&self) {
        self.inbox.arrived.notified().await;
    }

    /// What the store has said; the ticket up to which everything is on disk is kept.
    pub fn take_reports(&mut self) -> Vec<StoreReport> {
        let reports = std::mem::take(&mut *lock(&self.inbox.reports));
        for report in &reports {
            match report {
                StoreReport::Stored { ticket } => self.stored = self.stored.max(*ticket),
                StoreReport::Failed { tickets, .. } => self.stored = tickets.iter().copied().fold(self.stored, u64::max),
                _ => {}
            }
        }
        reports
    }

    /// Whether an answer waits for the disk.
    #[must_use]
    pub fn is_waited_for(&self) -> bool {
        self.stored < self.waited_for
    }

    pub fn search(&mut self, text: String, limit: usize) {
        self.store.search_history(text, limit);
    }

    pub fn load(&mut self, request_id: RequestId) {
        self.store.load_invocation(request_id);
    }

    pub fn clear_history(&mut self) {
        self.store.clear_history();
    }

    /// The last turn and the clock as it stands; the store is closed when this is dropped.
    pub fn close(&mut self, clock: StoredClock) {
        self.record_turn(clock, false);
        self.store.set_clock(clock);
        // A disk that does not answer has half a minute; what is not on it was not answered either.
        let _ = self.store.flush();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
