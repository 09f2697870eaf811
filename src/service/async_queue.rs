//! Asynchronous events: each function's own queue, retries and what becomes of an event in the end (semantics 3.1 to 3.3).

use bytes::Bytes;

use super::LambdaService;
use super::deadlines::Timer;
use super::effect::Persist;
use super::error::ThrottleReason;
use super::happened::{Happened, Outcome, RetryReason};
use super::ids::RequestId;
use super::input::{FunctionError, InvocationType};
use super::limits;
use super::state::Stage;
use super::time::Timestamp;

impl LambdaService {
    /// The reader of the queue takes an event that is due.
    pub(super) fn attempt_due(&mut self, request_id: RequestId) {
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        let Stage::Waiting { timer } = &mut invocation.stage else { return };
        self.deadlines.clear(timer);
        let (function, accepted_at, chain) = (invocation.function.clone(), invocation.accepted_at, invocation.chain);
        // A throttled attempt does not count as one, but a fault that throttles strikes each try once.
        let attempt = invocation.attempt() + invocation.throttled_attempts;
        let Some(configuration) = self.functions.get(&function).map(|function| function.configuration.clone()) else {
            return self.end_event(request_id, Outcome::Dropped, None);
        };
        if configuration.reserved_concurrency == Some(0) {
            return self.end_event(request_id, Outcome::ZeroReservedConcurrency, None);
        }
        if self.is_stopped(&function, chain) {
            return self.end_event(request_id, Outcome::RecursiveLoop, None);
        }
        if self.now.since(accepted_at) >= configuration.event_invoke.maximum_event_age {
            return self.end_event(request_id, Outcome::EventAgeExceeded, None);
        }
        match self.admit_attempt(&function, attempt) {
            Ok(()) => self.run(request_id),
            Err(reason) => self.throttled(request_id, reason),
        }
    }

    /// Back to the queue with growing waits, until the event is too old.
    fn throttled(&mut self, request_id: RequestId, reason: ThrottleReason) {
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        invocation.throttled_attempts += 1;
        let function = invocation.function.clone();
        let age_limit =
            self.functions.get(&function).map(|f| invocation.accepted_at + f.configuration.event_invoke.maximum_event_age);
        let due = self.now + limits::throttle_delay(invocation.throttled_attempts);
        self.publish(Happened::AttemptThrottled { request_id, function, reason });
        self.wait_until(request_id, age_limit.map_or(due, |limit| due.min(limit)), RetryReason::Throttled(reason), None);
    }

    fn wait_until(&mut self, request_id: RequestId, due: Timestamp, reason: RetryReason, payload: Option<Bytes>) {
        let timer = self.deadlines.set(due, Timer::Attempt(request_id));
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        invocation.stage = Stage::Waiting { timer: Some(timer) };
        let (failed_attempts, throttled_attempts) = (invocation.failed_attempts, invocation.throttled_attempts);
        self.persist(Persist::EventRescheduled { request_id, failed_attempts, throttled_attempts, due, payload }, false);
        self.publish_retry(request_id, due, reason);
    }

    pub(super) fn publish_retry(&mut self, request_id: RequestId, due: Timestamp, reason: RetryReason) {
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        let (function, next_attempt) = (invocation.function.clone(), invocation.attempt());
        self.publish(Happened::RetryScheduled { request_id, function, next_attempt, due, reason });
    }

    /// An attempt of an event is over.
    pub(super) fn event_attempted(&mut self, request_id: RequestId, result: Result<Bytes, FunctionError>) {
        let error = match result {
            Ok(_) => return self.end_event(request_id, Outcome::Succeeded, Some(result)),
            Err(error) => error,
        };
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        invocation.failed_attempts += 1;
        let (failed, accepted_at, name) = (invocation.failed_attempts, invocation.accepted_at, invocation.function.clone());
        let Some(function) = self.functions.get(&name) else {
            return self.end_event(request_id, Outcome::Dropped, Some(Err(error)));
        };
        let settings = &function.configuration.event_invoke;
        let delay = limits::RETRY_DELAYS.get(failed as usize - 1).copied();
        let outcome = match delay {
            _ if function.configuration.reserved_concurrency == Some(0) => Some(Outcome::ZeroReservedConcurrency),
            _ if failed > settings.maximum_retry_attempts => Some(Outcome::RetriesExhausted),
            None => Some(Outcome::RetriesExhausted),
            // Lambda looks ahead and does not wait out the age.
            Some(delay) if self.now.since(accepted_at) + delay >= settings.maximum_event_age => Some(Outcome::EventAgeExceeded),
            Some(_) => None,
        };
        match (outcome, delay) {
            (None, Some(delay)) => {
                let reason = RetryReason::FunctionError { error_type: error.error_type.clone() };
                self.wait_until(request_id, self.now + delay, reason, None);
            }
            (outcome, _) => self.end_event(request_id, outcome.unwrap_or(Outcome::RetriesExhausted), Some(Err(error))),
        }
    }

    /// The end of an event: off the disk, and to whoever is to hear of it.
    pub(super) fn end_event(&mut self, request_id: RequestId, outcome: Outcome, last: Option<Result<Bytes, FunctionError>>) {
        let Some(mut invocation) = self.invocations.remove(&request_id) else { return };
        if let Stage::Waiting { timer } = &mut invocation.stage {
            self.deadlines.clear(timer);
        }
        let attempts = match outcome {
            Outcome::Succeeded => invocation.attempt(),
            _ => invocation.failed_attempts,
        };
        self.publish(Happened::InvocationEnded { request_id, function: invocation.function.clone(), outcome, attempts });
        self.persist(Persist::EventEnded(request_id), false);
        self.deliver_end(request_id, &invocation, outcome, attempts, last.as_ref());
    }

    /// A person wants a waiting event tried now, perhaps with another payload; one that is too large, which the door has
    /// refused in words, changes nothing.
    pub(super) fn retry_now(&mut self, request_id: RequestId, payload: Option<Bytes>) {
        let bytes = payload.as_ref().map_or(0, Bytes::len);
        if limits::check_request(bytes, InvocationType::Event, false).is_err() {
            return;
        }
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        let Stage::Waiting { timer } = &mut invocation.stage else { return };
        self.deadlines.clear(timer);
        if let Some(payload) = &payload {
            invocation.payload = payload.clone();
            let payload = payload.clone();
            self.publish(Happened::EventEdited { request_id, payload });
        }
        self.wait_until(request_id, self.now, RetryReason::Person, payload);
        self.advance(self.now);
    }

    /// A person drops a waiting event: no dead-letter queue, no destination.
    pub(super) fn drop_event(&mut self, request_id: RequestId) {
        if let Some(Stage::Waiting { .. }) = self.invocations.get(&request_id).map(|invocation| &invocation.stage) {
            self.end_event(request_id, Outcome::Dropped, None);
        }
    }
}
