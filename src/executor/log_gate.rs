//! How much log may be under way between functions and whoever reads it: a function that writes faster than its log is
//! taken is slowed down, and once nobody takes anything at all its lines are counted instead of kept.
//!
//! Slowing down alone would let a listener that has stopped (`serve | less`) stop every function; counting alone would
//! cost lines that a file on a slow disk could well have taken.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::clock::instant;
use crate::channel::Backlog;

/// Bytes of log lines that may be under way; with what the history keeps of them, far below what a person would notice.
const UNDER_WAY: usize = 8 << 20;
/// A listener that has not caught up after this long is left without the lines that come meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a function that waits looks again.
const LOOK: Duration = Duration::from_millis(2);

/// The longest line of a log, in bytes, as CloudWatch Logs has it; the rest of a longer one is cut.
pub const LINE_LIMIT: usize = 256 << 10;
/// Ends a line that was cut.
pub const CUT: &str = " (the rest of this line is left out: a line has at most 256 KB)";

/// Cuts a text at the length of a line, and says so.
#[must_use]
pub fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= LINE_LIMIT {
        return Cow::Borrowed(text);
    }
    let mut end = LINE_LIMIT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}{CUT}", &text[..end]))
}

/// Shared by everything that passes log lines on.
#[derive(Clone, Debug, Default)]
pub struct LogGate {
    /// Lines that the listener has not taken yet.
    listener: Backlog,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes on their way to the loop.
    reported: AtomicUsize,
    /// Waiting was in vain, and nothing has changed since.
    given_up: AtomicBool,
}

impl LogGate {
    #[must_use]
    pub fn new(listener: Backlog) -> Self {
        Self { listener, state: Arc::default() }
    }

    /// Waits until lines may be passed on; `false` when they are to be counted only.
    pub async fn opens(&self) -> bool {
        let since = instant();
        loop {
            match self.look(since) {
                Some(open) => return open,
                None => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// The same for a thread; `stopped` ends the wait.
    pub fn opens_for_thread(&self, stopped: impl Fn() -> bool) -> bool {
        let since = instant();
        loop {
            match self.look(since) {
                Some(open) => return open,
                None if stopped() => return false,
                None => std::thread::sleep(LOOK),
            }
        }
    }

    /// Lines go to the loop.
    pub fn leave(&self, lines: &[Arc<str>]) {
        self.state.reported.fetch_add(weight(lines), Ordering::Relaxed);
    }

    /// Lines have reached the loop.
    pub fn arrive(&self, lines: &[Arc<str>]) {
        self.state.reported.fetch_sub(weight(lines), Ordering::Relaxed);
    }

    /// `None` while it is worth waiting.
    fn look(&self, since: Instant) -> Option<bool> {
        let under_way = self.listener.bytes() + self.state.reported.load(Ordering::Relaxed);
        if under_way <= UNDER_WAY {
            self.state.given_up.store(false, Ordering::Relaxed);
            return Some(true);
        }
        if since.elapsed() >= PATIENCE {
            self.state.given_up.store(true, Ordering::Relaxed);
        }
        self.state.given_up.load(Ordering::Relaxed).then_some(false)
    }
}

fn weight(lines: &[Arc<str>]) -> usize {
    lines.iter().map(|line| crate::channel::line_weight(line)).sum()
}

/// What is said in the place of lines that were counted only.
#[must_use]
pub fn left_out(lines: u64) -> Arc<str> {
    format!("({lines} more lines left out: they came faster than anybody took them)").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::service::happened::{Happened, ServiceEvent};
    use crate::service::ids::EnvironmentId;
    use crate::service::input::LogLine;
    use crate::service::time::Timestamp;

    fn log(bytes: usize) -> Event {
        let lines = vec![LogLine { at: Timestamp(1), text: "x".repeat(bytes).into() }];
        let what = Happened::LogWritten { function: "f".into(), environment: EnvironmentId(1), request_id: None, lines };
        Event::Service(ServiceEvent { at: Timestamp(1), what }.into())
    }

    #[test]
    fn a_listener_that_takes_nothing_closes_the_gate_and_one_that_catches_up_opens_it() {
        let (sender, receiver) = crate::channel::events(Arc::new(|| {}));
        let gate = LogGate::new(sender.backlog());
        let mut outbox = super::super::outbox::Outbox::new(sender);
        outbox.push_now(log(UNDER_WAY + 1));
        assert!(!gate.opens_for_thread(|| false), "what is not sent yet counts");
        outbox.flush();
        let since = instant();
        assert!(!gate.opens_for_thread(|| false));
        assert!(since.elapsed() < PATIENCE, "it waits once, not for every line");
        assert_eq!(receiver.next_turn().unwrap().len(), 1);
        assert!(gate.opens_for_thread(|| false));
        let lines = [Arc::from("x".repeat(UNDER_WAY + 1))];
        gate.leave(&lines);
        assert!(!gate.opens_for_thread(|| true), "so does what the loop has not taken yet");
        gate.arrive(&lines);
        assert!(gate.opens_for_thread(|| false));
    }
}
