//! What the loop tells its listener: events gathered into turns, so that a burst wakes the listener once.

use std::time::{Duration, Instant};

use super::clock::instant;
use crate::channel::{Backlog, EventSender};
use crate::event::{Event, Notice, NoticeLevel};

/// A turn waits this long for more to come: short to the eye, long beside an invocation.
const GATHER: Duration = Duration::from_millis(4);
/// After the channel was full, the listener gets this long before the next try.
const FULL: Duration = Duration::from_millis(15);

/// The turn that is being gathered.
pub struct Outbox {
    sender: EventSender,
    backlog: Backlog,
    turn: Vec<Event>,
    due: Option<Instant>,
}

impl Outbox {
    #[must_use]
    pub fn new(sender: EventSender) -> Self {
        Self { backlog: sender.backlog(), sender, turn: Vec::new(), due: None }
    }

    /// Goes with the next turn.
    pub fn push(&mut self, event: Event) {
        self.backlog.add(&event);
        self.turn.push(event);
        if self.due.is_none() {
            self.due = Some(instant() + GATHER);
        }
    }

    /// Goes now, with everything gathered so far: somebody waits for it.
    pub fn push_now(&mut self, event: Event) {
        self.backlog.add(&event);
        self.turn.push(event);
        self.due = Some(instant());
    }

    pub fn notice(&mut self, level: NoticeLevel, text: impl Into<String>) {
        self.push_now(Event::Notice(Notice { level, text: text.into() }));
    }

    pub fn error(&mut self, text: impl Into<String>) {
        self.notice(NoticeLevel::Error, text);
    }

    /// When the turn wants to go; `None` while it is empty.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether it is time to call [`Outbox::flush`].
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due.is_some_and(|due| due <= instant())
    }

    /// Sends the turn. A full channel leaves it here, to be merged with what comes next; what functions write meanwhile
    /// is bounded by the [`super::log_gate`].
    pub fn flush(&mut self) {
        self.due = None;
        if self.turn.is_empty() {
            return;
        }
        match self.sender.send(std::mem::take(&mut self.turn)) {
            Ok(()) => {}
            Err(crossbeam_channel::TrySendError::Full(turn)) => {
                self.turn = turn;
                self.due = Some(instant() + FULL);
            }
            // Nobody listens any more: the program is about to end.
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_slow_listener_gets_merged_turns_and_loses_nothing() {
        let (sender, receiver) = crate::channel::events(Arc::new(|| {}));
        let mut outbox = Outbox::new(sender);
        for _ in 0..1_000 {
            outbox.push_now(Event::Advanced);
            outbox.flush();
        }
        let mut count = 0;
        for _ in 0..2 {
            while let Some(turn) = receiver.next_turn() {
                count += turn.len();
            }
            outbox.flush();
        }
        while let Some(turn) = receiver.next_turn() {
            count += turn.len();
        }
        assert_eq!(count, 1_000);
        assert_eq!(outbox.due(), None);
    }
}
