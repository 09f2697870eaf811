//! What outlives the program: the durable queue of accepted events and messages, and the history of invocations, in one
//! SQLite file a workspace, written by one named thread.
//!
//! Three promises. A change that was reported as [`StoreReport::Stored`] survives `kill -9` and a power cut
//! (`synchronous=FULL`). All changes that wait while a commit is under way go into the next one together, so that many
//! accepts share one sync. The caller never waits: its turns are merged while the thread is busy.
//!
//! History is written after the changes, without a sync of its own: it may lose its last moments in a power cut, an
//! accepted event may not.

mod assembly;
mod database;
mod handle;
mod history;
mod inbox;
mod lock;
mod queue;
mod report;
mod search;
mod writer;

pub use database::{StoreError, file_for, set_aside};
pub use handle::{Limits, Store};
pub use report::{Change, Restored, StoreReport, StoredClock};

#[cfg(test)]
mod tests;
