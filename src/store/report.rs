//! What goes into the store and what it tells.

use crate::event::{HistoryInvocation, HistoryRow};
use crate::service::effect::Persist;
use crate::service::ids::RequestId;
use crate::service::input::{StoredEvent, StoredMessage};
use crate::service::time::Timestamp;

/// A change of what must outlive the program, as `Effect::Persist` names it.
#[derive(Clone, Debug)]
pub struct Change {
    pub ticket: u64,
    pub change: Persist,
    /// Somebody waits for it: when it cannot be written it is given up and its ticket reported. A change that nobody
    /// waits for is kept and tried again until the disk takes it.
    pub wait: bool,
}

/// What the store tells, on its own thread and in order.
#[derive(Clone, Debug)]
pub enum StoreReport {
    /// Every change with this ticket or a smaller one is on disk, but those that were reported as failed before.
    Stored {
        ticket: u64,
    },
    /// The changes with these tickets are not on disk and never will be; `sentence` says why and what to do. Without
    /// tickets: only changes that nobody waits for, or history, could not be written.
    Failed {
        tickets: Vec<u64>,
        sentence: String,
    },
    History {
        text: String,
        rows: Vec<HistoryRow>,
        total: u64,
    },
    /// `None`: the history has no such invocation any more.
    HistoryInvocation {
        request_id: RequestId,
        found: Option<Box<HistoryInvocation>>,
    },
    HistoryCleared,
    /// Something that a person should know, such as history that had to be left out.
    Notice {
        sentence: String,
    },
}

/// The service's clock, for the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredClock {
    pub now: Timestamp,
    /// Somebody had stopped it.
    pub paused: bool,
}

/// What an earlier run left.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// In the order in which they were accepted.
    pub events: Vec<StoredEvent>,
    /// In the order in which they were put, queue by queue.
    pub messages: Vec<StoredMessage>,
    /// The service's clock when the last run ended, or a moment before.
    pub clock: Option<StoredClock>,
    /// What happened to the file on opening, for the person: empty unless it was damaged.
    pub notices: Vec<String>,
}
