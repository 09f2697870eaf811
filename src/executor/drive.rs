//! Who moves a clock that stands still: *Step*, *Step to*, and advances by a length or until nothing is due.
//!
//! A drive jumps to the next deadline, waits until the real code that runs because of it is done, and goes on until its
//! goal is reached. One that waits leaves the clock its pace. It owns no clock and no service: the loop asks it what to do
//! next.

use std::sync::Arc;

use crate::service::happened::{Due, DueKind, Happened, ServiceEvent};
use crate::service::ids::RequestId;
use crate::service::narration::Labels;
use crate::service::time::Timestamp;

/// An advance until idle gives up after this many jumps: a message that always fails without a redrive policy comes
/// back every visibility time-out, for days.
const JUMPS_UNTIL_IDLE: u32 = 10_000;

/// What somebody wants time to do.
#[derive(Clone, Debug)]
pub enum Goal {
    /// The next thing that is due; `None` when something ran already: then its end.
    Step(Option<Due>),
    /// This attempt of an event.
    StepTo(RequestId, Due),
    /// Something that is due and no attempt; it need not be what *Step* would stop at.
    StepToDue(Due),
    /// This moment; everything due until then has run.
    Until(Timestamp),
    /// Nothing is due any more.
    Idle,
}

impl Goal {
    /// Whether it is told in a sentence what happened.
    #[must_use]
    pub fn is_step(&self) -> bool {
        matches!(self, Self::Step(_) | Self::StepTo(..) | Self::StepToDue(_))
    }
}

/// What the loop is to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Go there and run what is due.
    Jump(Timestamp),
    /// Nothing: time passes by itself.
    Wait,
    /// The goal is reached, or cannot be.
    Done,
}

/// A goal on its way.
#[derive(Debug)]
pub struct Drive {
    pub goal: Goal,
    /// Everything that happened since it began.
    pub happened: Vec<Arc<ServiceEvent>>,
    /// What people call the invocations that there were then, for the words of a step.
    pub labels: Labels,
    waits: bool,
    jumped: bool,
    jumps: u32,
}

impl Drive {
    #[must_use]
    pub fn new(goal: Goal) -> Self {
        Self { goal, happened: Vec::new(), labels: Labels::new(), waits: false, jumped: false, jumps: 0 }
    }

    /// One that never jumps: time passes by itself.
    #[must_use]
    pub fn waiting(goal: Goal) -> Self {
        Self { waits: true, ..Self::new(goal) }
    }

    /// One that calls invocations as people do.
    #[must_use]
    pub fn with_labels(self, labels: Labels) -> Self {
        Self { labels, ..self }
    }

    #[must_use]
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// The moment at which one that waits may be done though nothing happens.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Timestamp> {
        match &self.goal {
            Goal::Until(until) if self.waits => Some(*until),
            Goal::Step(Some(due)) if self.waits => Some(due.at),
            _ => None,
        }
    }

    /// Keeps what happened, without what only repeats what a person sees elsewhere.
    pub fn note(&mut self, event: &Arc<ServiceEvent>) {
        if self.goal.is_step() && !matches!(event.what, Happened::LogWritten { .. }) {
            self.happened.push(Arc::clone(event));
        }
    }

    /// What comes next, when no code runs. `now` is service time, `next_step` what *Step* would go to and
    /// `next_deadline` the next moment at which anything at all is due.
    pub fn next(&mut self, now: Timestamp, next_step: Option<&Due>, next_deadline: Option<Timestamp>) -> Move {
        match &mut self.goal {
            Goal::Until(until) if self.waits && now < *until => Move::Wait,
            Goal::Step(Some(due)) if self.waits && now < due.at => Move::Wait,
            Goal::Idle if self.waits && next_step.is_some() => Move::Wait,
            Goal::Step(due) => match due {
                Some(due) if !self.jumped => {
                    self.jumped = true;
                    Move::Jump(due.at)
                }
                // It came due while the code ran, so that it belongs to what is told.
                _ if next_step.is_some_and(|next| next.at <= now) => Move::Jump(now),
                _ => Move::Done,
            },
            Goal::StepTo(request_id, _) => step_to(*request_id, &self.happened, next_step),
            // Everything that is due until then runs, and what becomes due meanwhile.
            Goal::StepToDue(due) => match next_step.filter(|next| next.at <= due.at) {
                Some(next) => Move::Jump(next.at.max(now)),
                // What is no step of its own, such as an idle environment that goes, comes when everything before it has run.
                None if now < due.at && !due.what.is_step() => Move::Jump(due.at),
                None => Move::Done,
            },
            Goal::Until(until) => match next_deadline.filter(|at| at <= until) {
                Some(at) => Move::Jump(at.max(now)),
                None if now < *until => Move::Jump(*until),
                None => Move::Done,
            },
            Goal::Idle => {
                self.jumps += 1;
                match next_step.filter(|_| self.jumps <= JUMPS_UNTIL_IDLE) {
                    Some(due) => Move::Jump(due.at),
                    None => Move::Done,
                }
            }
        }
    }

    /// Whether it gave up before nothing was due any more.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        matches!(self.goal, Goal::Idle) && self.jumps > JUMPS_UNTIL_IDLE
    }

    /// The thing that the step was about, for its sentence.
    #[must_use]
    pub fn due(&self) -> Option<&Due> {
        match &self.goal {
            Goal::Step(due) => due.as_ref(),
            Goal::StepTo(_, due) | Goal::StepToDue(due) => Some(due),
            Goal::Until(_) | Goal::Idle => None,
        }
    }
}

/// Everything due earlier runs on the way; done once the event's own attempt has run.
fn step_to(request_id: RequestId, happened: &[Arc<ServiceEvent>], next_step: Option<&Due>) -> Move {
    let ran = happened.iter().any(|event| {
        matches!(&event.what, Happened::AttemptStarted { request_id: id, .. }
            | Happened::AttemptThrottled { request_id: id, .. }
            | Happened::InvocationEnded { request_id: id, .. } if *id == request_id)
    });
    match next_step {
        Some(due) if !ran => Move::Jump(due.at),
        _ => Move::Done,
    }
}

/// The due attempt of an event, to name a *Step to* by.
#[must_use]
pub fn attempt_of(request_id: RequestId, due: &[Due]) -> Option<Due> {
    due.iter().find(|due| matches!(due.what, DueKind::Attempt { request_id: id, .. } if id == request_id)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: u64, id: u128) -> Due {
        let what = DueKind::Attempt { request_id: RequestId(id), function: "f".into(), attempt: 2, label: None };
        Due { at: Timestamp(at), what }
    }

    #[test]
    fn a_step_jumps_once() {
        let mut drive = Drive::new(Goal::Step(Some(due(50, 1))));
        assert_eq!(drive.next(Timestamp(0), None, None), Move::Jump(Timestamp(50)));
        assert_eq!(drive.next(Timestamp(50), Some(&due(90, 1)), None), Move::Done);
    }

    #[test]
    fn what_came_due_while_the_code_ran_belongs_to_the_step() {
        let mut drive = Drive::new(Goal::Step(Some(due(50, 1))));
        assert_eq!(drive.next(Timestamp(0), None, None), Move::Jump(Timestamp(50)));
        assert_eq!(drive.next(Timestamp(60), Some(&due(60, 2)), None), Move::Jump(Timestamp(60)));
        assert_eq!(drive.next(Timestamp(60), Some(&due(61, 2)), None), Move::Done);
    }

    #[test]
    fn a_step_to_an_event_runs_what_is_due_before_it() {
        let mut drive = Drive::new(Goal::StepTo(RequestId(2), due(60, 2)));
        assert_eq!(drive.next(Timestamp(0), Some(&due(50, 1)), None), Move::Jump(Timestamp(50)));
        assert_eq!(drive.next(Timestamp(50), Some(&due(60, 2)), None), Move::Jump(Timestamp(60)));
        drive.note(&Arc::new(ServiceEvent {
            at: Timestamp(60),
            what: Happened::AttemptThrottled {
                request_id: RequestId(2),
                function: "f".into(),
                reason: crate::service::error::ThrottleReason::ConcurrentInvocationLimitExceeded,
            },
        }));
        assert_eq!(drive.next(Timestamp(60), Some(&due(70, 1)), None), Move::Done);
    }

    #[test]
    fn a_step_to_a_message_runs_what_is_due_until_then_and_no_more() {
        let visible = |at| Due {
            at: Timestamp(at),
            what: DueKind::MessageVisible { queue: "q".into(), message_id: crate::service::ids::MessageId(1) },
        };
        let mut drive = Drive::new(Goal::StepToDue(visible(60)));
        assert_eq!(drive.next(Timestamp(0), Some(&due(50, 1)), None), Move::Jump(Timestamp(50)));
        // Code that ran meanwhile took its time.
        assert_eq!(drive.next(Timestamp(65), Some(&visible(60)), None), Move::Jump(Timestamp(65)));
        assert_eq!(drive.next(Timestamp(65), Some(&due(70, 1)), None), Move::Done);
        assert_eq!(drive.due(), Some(&visible(60)));
    }

    #[test]
    fn a_step_to_what_no_step_stops_at_ends_there() {
        let (queue, message_id) = ("q".into(), crate::service::ids::MessageId(1));
        let expires = Due { at: Timestamp(60), what: DueKind::MessageExpires { queue, message_id } };
        let mut drive = Drive::new(Goal::StepToDue(expires));
        assert_eq!(drive.next(Timestamp(0), Some(&due(50, 1)), None), Move::Jump(Timestamp(50)));
        assert_eq!(drive.next(Timestamp(50), Some(&due(70, 1)), None), Move::Jump(Timestamp(60)));
        assert_eq!(drive.next(Timestamp(60), Some(&due(70, 1)), None), Move::Done);
    }

    #[test]
    fn an_advance_stops_at_every_deadline_and_ends_where_it_should() {
        let mut drive = Drive::new(Goal::Until(Timestamp(100)));
        assert_eq!(drive.next(Timestamp(0), None, Some(Timestamp(40))), Move::Jump(Timestamp(40)));
        assert_eq!(drive.next(Timestamp(40), None, Some(Timestamp(140))), Move::Jump(Timestamp(100)));
        assert_eq!(drive.next(Timestamp(100), None, Some(Timestamp(140))), Move::Done);
    }

    #[test]
    fn an_advance_until_idle_ends_even_if_something_is_always_due() {
        let mut drive = Drive::new(Goal::Idle);
        let mut jumps = 0;
        while drive.next(Timestamp(0), Some(&due(1, 1)), None) != Move::Done {
            jumps += 1;
        }
        assert_eq!(jumps, JUMPS_UNTIL_IDLE);
        assert!(drive.gave_up());
    }
}
