//! What waits for the store's thread: turns are merged as they come, so that one commit takes them all.
//!
//! A bounded channel alone would make the caller wait, or leave it with a turn that nobody asks for again. So requests lie
//! here, bounded by what they hold, and a channel of one place wakes the thread.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Sender;

use super::report::{Change, StoredClock};
use crate::channel::line_weight;
use crate::service::happened::{Happened, ServiceEvent};
use crate::service::ids::RequestId;

/// Changes that may wait; beyond, those that somebody waits for are refused.
const CHANGES: usize = 200_000;
/// Bytes of payloads, results and log lines that may wait for the history; beyond, log lines are left out.
const HISTORY_BYTES: usize = 32 << 20;
/// Beyond this, payloads and results longer than [`SHORT`] are left out as well.
const HISTORY_BYTES_AT_MOST: usize = 256 << 20;
/// Bytes of a payload or result that is always kept.
const SHORT: usize = 64 << 10;

/// What turns of the loop leave to the store.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub(super) changes: Vec<Change>,
    pub(super) happened: Vec<Arc<ServiceEvent>>,
    pub(super) clock: Option<StoredClock>,
    /// Bytes that `happened` holds on to.
    history_bytes: usize,
}

/// Something that is answered, after the turns before it.
pub(super) enum Question {
    Search { text: String, limit: usize },
    Load(RequestId),
    Clear,
    Flush(Sender<()>),
}

enum Request {
    Turn(Turn),
    Question(Question),
}

/// What was not taken in.
pub(super) enum LeftOut {
    Nothing,
    /// Tickets of changes that somebody waits for, and how many changes lie before them.
    Changes {
        tickets: Vec<u64>,
        waiting: usize,
    },
    /// Log lines, for the first time since the thread caught up.
    Log,
    /// Long payloads and results, for the first time since the thread caught up.
    Payloads,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Request>,
    changes: usize,
    history_bytes: usize,
    log_left_out: bool,
    payloads_left_out: bool,
}

#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
}

impl Inbox {
    pub(super) fn persist(&self, mut changes: Vec<Change>) -> LeftOut {
        let mut waiting = self.lock();
        let mut left_out = LeftOut::Nothing;
        if waiting.changes > CHANGES {
            let tickets: Vec<u64> = changes.extract_if(.., |change| change.wait).map(|change| change.ticket).collect();
            if !tickets.is_empty() {
                left_out = LeftOut::Changes { tickets, waiting: waiting.changes };
            }
        }
        waiting.changes += changes.len();
        waiting.turn().changes.append(&mut changes);
        left_out
    }

    /// `true` when nothing lay here before, so that the thread has to be told.
    pub(super) fn record(&self, mut events: Vec<Arc<ServiceEvent>>) -> (LeftOut, bool) {
        let mut bytes: usize = events.iter().map(|event| weight(&event.what)).sum();
        let mut waiting = self.lock();
        let mut left_out = LeftOut::Nothing;
        if waiting.history_bytes + bytes > HISTORY_BYTES {
            let all = events.len();
            events.retain(|event| !matches!(event.what, Happened::LogWritten { .. }));
            bytes = events.iter().map(|event| weight(&event.what)).sum();
            if events.len() < all && !std::mem::replace(&mut waiting.log_left_out, true) {
                left_out = LeftOut::Log;
            }
        }
        if waiting.history_bytes + bytes > HISTORY_BYTES_AT_MOST {
            let shortened = events.iter_mut().filter_map(leave_out_payload).count();
            bytes = events.iter().map(|event| weight(&event.what)).sum();
            if shortened > 0 && !std::mem::replace(&mut waiting.payloads_left_out, true) {
                left_out = LeftOut::Payloads;
            }
        }
        let first = waiting.requests.is_empty();
        waiting.history_bytes += bytes;
        let turn = waiting.turn();
        turn.history_bytes += bytes;
        turn.happened.append(&mut events);
        (left_out, first)
    }

    /// `true` as in [`Inbox::record`].
    pub(super) fn set_clock(&self, clock: StoredClock) -> bool {
        let mut waiting = self.lock();
        let first = waiting.requests.is_empty();
        waiting.turn().clock = Some(clock);
        first
    }

    /// Whether somebody may be waiting for what lies here: changes or a question, not history alone.
    pub(super) fn is_urgent(&self) -> bool {
        let waiting = self.lock();
        waiting.changes > 0 || waiting.requests.iter().any(|request| matches!(request, Request::Question(_)))
    }

    /// A newer search or load takes the place of one that waits: nobody looks at the answer to the older one.
    pub(super) fn ask(&self, question: Question) {
        let mut waiting = self.lock();
        waiting.requests.retain(|request| !matches!(request, Request::Question(older) if older.is_replaced_by(&question)));
        waiting.requests.push_back(Request::Question(question));
    }

    /// The oldest turn and the question behind it; `None` when nothing waits.
    pub(super) fn take(&self) -> Option<(Turn, Option<Question>)> {
        let mut waiting = self.lock();
        let turn = match waiting.requests.pop_front()? {
            Request::Turn(turn) => turn,
            Request::Question(question) => return Some((Turn::default(), Some(question))),
        };
        waiting.changes -= turn.changes.len();
        waiting.history_bytes -= turn.history_bytes;
        if waiting.requests.is_empty() {
            waiting.log_left_out = false;
            waiting.payloads_left_out = false;
        }
        let question = match waiting.requests.pop_front() {
            Some(Request::Question(question)) => Some(question),
            Some(turn @ Request::Turn(_)) => {
                waiting.requests.push_front(turn);
                None
            }
            None => None,
        };
        Some((turn, question))
    }

    /// No code that holds the lock can panic half-way.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// The turn that waits last, to be added to.
    fn turn(&mut self) -> &mut Turn {
        if !matches!(self.requests.back(), Some(Request::Turn(_))) {
            self.requests.push_back(Request::Turn(Turn::default()));
        }
        match self.requests.back_mut() {
            Some(Request::Turn(turn)) => turn,
            _ => unreachable!("a turn was just put there"),
        }
    }
}

impl Question {
    fn is_replaced_by(&self, newer: &Question) -> bool {
        matches!((self, newer), (Self::Search { .. }, Self::Search { .. }) | (Self::Load(_), Self::Load(_)))
    }
}

/// Empties a payload or result that is not short.
fn leave_out_payload(event: &mut Arc<ServiceEvent>) -> Option<()> {
    if weight(&event.what) <= SHORT {
        return None;
    }
    match &mut Arc::make_mut(event).what {
        Happened::InvocationAccepted { payload, .. }
        | Happened::InvocationRefused { payload, .. }
        | Happened::EventEdited { payload, .. } => *payload = bytes::Bytes::new(),
        Happened::AttemptFinished { result: Ok(payload), .. } => *payload = bytes::Bytes::new(),
        Happened::AttemptFinished { result: Err(error), .. } => error.payload = bytes::Bytes::new(),
        _ => return None,
    }
    Some(())
}

/// Bytes that an event holds on to.
fn weight(what: &Happened) -> usize {
    match what {
        Happened::InvocationAccepted { payload, .. }
        | Happened::InvocationRefused { payload, .. }
        | Happened::EventEdited { payload, .. } => payload.len(),
        Happened::AttemptFinished { result, .. } => result.as_ref().map_or_else(|error| error.payload.len(), bytes::Bytes::len),
        Happened::LogWritten { lines, .. } => lines.iter().map(|line| line_weight(&line.text)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::effect::Persist;
    use crate::service::ids::EnvironmentId;
    use crate::service::input::LogLine;
    use crate::service::time::Timestamp;

    fn change(ticket: u64, wait: bool) -> Change {
        Change { ticket, change: Persist::EventEnded(RequestId(ticket.into())), wait }
    }

    fn log(bytes: usize) -> Arc<ServiceEvent> {
        let lines = vec![LogLine { at: Timestamp(1), text: Arc::from("x".repeat(bytes)) }];
        let what =
            Happened::LogWritten { function: "f".into(), environment: EnvironmentId(1), request_id: Some(RequestId(1)), lines };
        ServiceEvent { at: Timestamp(1), what }.into()
    }

    #[test]
    fn turns_are_merged_up_to_a_question() {
        let inbox = Inbox::default();
        inbox.persist(vec![change(1, true)]);
        inbox.persist(vec![change(2, true), change(3, false)]);
        inbox.set_clock(StoredClock { now: Timestamp(9), paused: true });
        inbox.ask(Question::Search { text: "old".into(), limit: 1 });
        inbox.persist(vec![change(4, true)]);
        inbox.ask(Question::Search { text: "new".into(), limit: 1 });
        let (turn, question) = inbox.take().unwrap();
        let tickets: Vec<_> = turn.changes.iter().map(|change| change.ticket).collect();
        assert_eq!((tickets, turn.clock.map(|clock| clock.now)), (vec![1, 2, 3], Some(Timestamp(9))));
        assert!(question.is_none(), "the older search was replaced");
        let (turn, question) = inbox.take().unwrap();
        assert_eq!(turn.changes.len(), 1);
        assert!(matches!(question, Some(Question::Search { text, .. }) if text == "new"));
        assert!(inbox.take().is_none());
    }

    #[test]
    fn a_disk_that_cannot_follow_costs_new_accepts_and_never_what_was_promised() {
        let inbox = Inbox::default();
        inbox.persist((0..=CHANGES as u64).map(|ticket| change(ticket, true)).collect());
        let left_out = inbox.persist(vec![change(300_000, true), change(300_001, false)]);
        assert!(matches!(left_out, LeftOut::Changes { tickets, waiting } if tickets == [300_000] && waiting == CHANGES + 1));
        let (turn, _) = inbox.take().unwrap();
        assert_eq!(turn.changes.len(), CHANGES + 2);
        assert!(matches!(inbox.persist(vec![change(300_002, true)]), LeftOut::Nothing));
    }

    #[test]
    fn history_alone_waits_for_a_moment_and_tells_the_thread_once() {
        let inbox = Inbox::default();
        assert!(matches!(inbox.record(vec![log(1)]), (LeftOut::Nothing, true)));
        assert!(matches!(inbox.record(vec![log(1)]), (LeftOut::Nothing, false)));
        assert!(!inbox.set_clock(StoredClock { now: Timestamp(1), paused: false }));
        assert!(!inbox.is_urgent());
        inbox.persist(vec![change(1, true)]);
        assert!(inbox.is_urgent());
        inbox.take().unwrap();
        assert!(!inbox.is_urgent());
        inbox.ask(Question::Clear);
        assert!(inbox.is_urgent());
    }

    #[test]
    fn long_payloads_are_left_out_before_memory_is_full_and_said_once() {
        let edited = |bytes: usize| {
            let what = Happened::EventEdited { request_id: RequestId(1), payload: vec![b'x'; bytes].into() };
            vec![Arc::new(ServiceEvent { at: Timestamp(1), what })]
        };
        let inbox = Inbox::default();
        assert!(matches!(inbox.record(edited(HISTORY_BYTES_AT_MOST - SHORT)), (LeftOut::Nothing, _)));
        assert!(matches!(inbox.record(edited(SHORT)), (LeftOut::Nothing, _)));
        assert!(matches!(inbox.record(edited(SHORT)), (LeftOut::Nothing, _)), "a short one is kept");
        assert!(matches!(inbox.record(edited(SHORT + 1)), (LeftOut::Payloads, _)));
        assert!(matches!(inbox.record(edited(SHORT + 1)), (LeftOut::Nothing, _)));
        let (turn, _) = inbox.take().unwrap();
        let kept: Vec<usize> = turn.happened.iter().map(|event| weight(&event.what)).collect();
        assert_eq!(kept, [HISTORY_BYTES_AT_MOST - SHORT, SHORT, SHORT, 0, 0]);
        assert!(matches!(inbox.record(edited(SHORT + 1)), (LeftOut::Nothing, _)), "caught up");
    }

    #[test]
    fn a_flood_of_log_lines_is_left_out_and_said_once() {
        let inbox = Inbox::default();
        assert!(matches!(inbox.record(vec![log(HISTORY_BYTES - 48)]), (LeftOut::Nothing, _)));
        assert!(matches!(inbox.record(vec![log(1)]), (LeftOut::Log, _)));
        assert!(matches!(inbox.record(vec![log(1)]), (LeftOut::Nothing, _)));
        assert_eq!(inbox.take().unwrap().0.happened.len(), 1);
        assert!(matches!(inbox.record(vec![log(1)]), (LeftOut::Nothing, _)));
        assert_eq!(inbox.take().unwrap().0.happened.len(), 1);
    }
}
