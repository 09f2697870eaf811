//! The two bounded channels between the executor and whoever listens to it, each with a way to wake the other side.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::command::Command;
use crate::event::Event;
use crate::service::happened::Happened;

/// Turns that may wait for a listener; a slower one gets merged turns.
const TURNS: usize = 256;
/// Commands that may wait for the executor.
const COMMANDS: usize = 1_024;

/// Called after a send; must not block.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Bytes of log lines that were made for the listener and not taken by it: what a function may write without end.
#[derive(Clone, Debug, Default)]
pub struct Backlog(Arc<AtomicUsize>);

impl Backlog {
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// An event begins to wait.
    pub fn add(&self, event: &Event) {
        self.0.fetch_add(weight(event), Ordering::Relaxed);
    }

    /// Events were taken.
    fn take(&self, turn: &[Event]) {
        self.0.fetch_sub(turn.iter().map(weight).sum(), Ordering::Relaxed);
    }
}

/// What a log line takes in memory, about: its text, and what holds it.
#[must_use]
pub fn line_weight(line: &str) -> usize {
    line.len() + 48
}

fn weight(event: &Event) -> usize {
    let Event::Service(event) = event else { return 0 };
    match &event.what {
        Happened::LogWritten { lines, .. } => lines.iter().map(|line| line_weight(&line.text)).sum(),
        _ => 0,
    }
}

/// The executor's end: sends what happened in one turn of the loop.
#[derive(Clone)]
pub struct EventSender {
    queue: Sender<Vec<Event>>,
    wake: Wake,
    backlog: Backlog,
}

impl EventSender {
    /// What waits for the listener. Whoever gathers events for it adds them.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        self.backlog.clone()
    }

    /// Never waits. A full queue hands the turn back: the loop keeps it and sends it merged with its next one.
    ///
    /// # Errors
    /// The turn comes back when the queue is full or nobody listens any more.
    pub fn send(&self, turn: Vec<Event>) -> Result<(), TrySendError<Vec<Event>>> {
        self.queue.try_send(turn)?;
        (self.wake)();
        Ok(())
    }
}

/// The listener's end: takes whole turns, so that no half-shown state exists.
pub struct EventReceiver {
    queue: Receiver<Vec<Event>>,
    backlog: Backlog,
}

impl EventReceiver {
    #[must_use]
    pub fn next_turn(&self) -> Option<Vec<Event>> {
        self.queue.try_recv().ok().map(|turn| self.taken(turn))
    }

    fn taken(&self, turn: Vec<Event>) -> Vec<Event> {
        self.backlog.take(&turn);
        turn
    }

    /// Waits for a turn; `None` when the executor is gone. Not for the window thread.
    #[must_use]
    pub fn wait_for_turn(&self, timeout: std::time::Duration) -> Option<Vec<Event>> {
        self.queue.recv_timeout(timeout).ok().map(|turn| self.taken(turn))
    }

    /// The same, telling a quiet executor from one that is gone.
    ///
    /// # Errors
    /// No turn came in time, or none will ever come.
    pub fn wait_for_turn_or_end(&self, timeout: std::time::Duration) -> Result<Vec<Event>, WaitError> {
        self.queue.recv_timeout(timeout).map(|turn| self.taken(turn)).map_err(|error| match error {
            crossbeam_channel::RecvTimeoutError::Timeout => WaitError::TimedOut,
            crossbeam_channel::RecvTimeoutError::Disconnected => WaitError::Ended,
        })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

/// Why no turn came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitError {
    TimedOut,
    Ended,
}

/// The listener's way to ask for something.
#[derive(Clone)]
pub struct CommandSender {
    queue: Sender<Command>,
    wake: Wake,
}

impl CommandSender {
    /// Never waits.
    ///
    /// # Errors
    /// The command comes back when the executor is far behind or gone.
    pub fn send(&self, command: Command) -> Result<(), TrySendError<Box<Command>>> {
        self.queue.try_send(command).map_err(|error| match error {
            TrySendError::Full(command) => TrySendError::Full(Box::new(command)),
            TrySendError::Disconnected(command) => TrySendError::Disconnected(Box::new(command)),
        })?;
        (self.wake)();
        Ok(())
    }
}

/// The executor's end: drained with [`CommandReceiver::try_iter`] whenever it is woken.
pub struct CommandReceiver {
    queue: Receiver<Command>,
}

impl CommandReceiver {
    pub fn try_iter(&self) -> impl Iterator<Item = Command> + '_ {
        self.queue.try_iter()
    }
}

/// Makes the way from the executor to its listener; `wake` is `ctx.request_repaint()` for a window.
#[must_use]
pub fn events(wake: Wake) -> (EventSender, EventReceiver) {
    let (sender, receiver) = bounded(TURNS);
    let backlog = Backlog::default();
    (EventSender { queue: sender, wake, backlog: backlog.clone() }, EventReceiver { queue: receiver, backlog })
}

/// Makes the way from a listener to the executor.
#[must_use]
pub fn commands(wake: Wake) -> (CommandSender, CommandReceiver) {
    let (sender, receiver) = bounded(COMMANDS);
    (CommandSender { queue: sender, wake }, CommandReceiver { queue: receiver })
}
