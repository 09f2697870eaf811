//! What `invokelab invoke` says of invocations that came of its own: those that failed, were stopped, or ended in a dead-letter
//! queue.

use crate::service::counted::counted;
use crate::service::happened::{BatchVerdict, Happened, MoveReason, Outcome, Outlet};

/// Counts other invocations that ended.
#[derive(Default)]
pub struct Chain {
    succeeded: usize,
    failed: usize,
}

impl Chain {
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Succeeded => self.succeeded += 1,
            _ => self.failed += 1,
        }
    }

    /// `33 other invocations followed: 32 succeeded, 1 did not`; `None` where nothing followed.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let Self { succeeded, failed } = self;
        let others = counted(succeeded + failed, "other invocation");
        match (succeeded, failed) {
            (0, 0) => None,
            (_, 0) => Some(format!("{others} followed and succeeded")),
            (succeeded, failed) => Some(format!("{others} followed: {succeeded} succeeded, {failed} did not")),
        }
    }
}

/// A line about something of another invocation that did not go well.
#[must_use]
pub fn line(what: &Happened) -> Option<String> {
    Some(match what {
        Happened::AttemptFinished { request_id, function, attempt, result: Err(error), .. } => {
            format!("{function}  {request_id}  attempt {attempt} failed: {}", error.error_type)
        }
        Happened::InvocationRefused { request_id, function, error, .. } => {
            format!("{function}  {request_id}  refused: {error}")
        }
        Happened::InvocationEnded { request_id, function, outcome, .. }
            if !matches!(outcome, Outcome::Succeeded | Outcome::FunctionError) =>
        {
            format!("{function}  {request_id}  {outcome:?}")
        }
        Happened::Delivered { request_id, function, outlet, target, error, .. } => match error {
            Some(error) => format!("{function}  {request_id}  {outlet:?}: the record for {target} is lost: {error}"),
            None if *outlet == Outlet::OnSuccess => return None,
            None => format!("{function}  {request_id}  {outlet:?}: a record went to {target}"),
        },
        Happened::BatchFinished { function, queue, failed, reason, .. }
            if !failed.is_empty() && *reason != BatchVerdict::FunctionError =>
        {
            format!("{function}  a batch of {queue}: {} failed", counted(failed.len(), "message"))
        }
        Happened::MessageMoved { from, to, message_id, reason: MoveReason::RedrivePolicy, .. } => {
            format!("{from}  {message_id}  moved to {to}")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::RequestId;

    #[test]
    fn what_followed_is_counted_by_how_it_ended() {
        let mut chain = Chain::default();
        assert_eq!(chain.summary(), None);
        chain.count(Outcome::Succeeded);
        assert_eq!(chain.summary().as_deref(), Some("1 other invocation followed and succeeded"));
        chain.count(Outcome::RecursiveLoop);
        assert_eq!(chain.summary().as_deref(), Some("2 other invocations followed: 1 succeeded, 1 did not"));
    }

    #[test]
    fn only_what_did_not_go_well_has_a_line() {
        let ended =
            |outcome| Happened::InvocationEnded { request_id: RequestId(1), function: "ping".into(), outcome, attempts: 0 };
        assert_eq!(line(&ended(Outcome::Succeeded)), None);
        let stopped = line(&ended(Outcome::RecursiveLoop)).unwrap();
        assert_eq!(stopped, format!("ping  {}  RecursiveLoop", RequestId(1)));
    }
}
