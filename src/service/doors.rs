//! What doors for HTTP clients ask of the service: a rate for function URLs, and an end to waiting for APIs.

use super::LambdaService;
use super::deadlines::Timer;
use super::effect::InvokeReply;
use super::error::ThrottleReason;
use super::happened::Happened;
use super::ids::RequestId;
use super::input::{DoorRequest, InvokeRequest};
use super::limits;
use super::time::Micros;

impl LambdaService {
    /// Concurrency first, then the rate of the door.
    pub(super) fn admit_request(&mut self, request: &InvokeRequest) -> Result<(), ThrottleReason> {
        self.admit_attempt(&request.function, 1)?;
        match request.door.as_deref() {
            Some(DoorRequest { function_url: true, .. }) => self.admit_url_request(&request.function),
            _ => Ok(()),
        }
    }

    /// A function URL takes ten requests a second for each reserved concurrent execution (semantics 5.1).
    fn admit_url_request(&mut self, name: &str) -> Result<(), ThrottleReason> {
        let now = self.now;
        let Some(function) = self.functions.get_mut(name) else { return Ok(()) };
        let Some(reserved) = function.configuration.reserved_concurrency else { return Ok(()) };
        let recent = &mut function.url_requests;
        while recent.front().is_some_and(|first| now.since(*first) >= Micros::from_secs(1)) {
            recent.pop_front();
        }
        if recent.len() >= (reserved * limits::URL_REQUESTS_A_SECOND) as usize {
            return Err(ThrottleReason::ReservedFunctionInvocationRateLimitExceeded);
        }
        recent.push_back(now);
        Ok(())
    }

    /// Sets the end of an API's patience; a debugger suspends it as it does the function's timeout.
    pub(super) fn watch_integration(&mut self, request_id: RequestId, door: Option<DoorRequest>) {
        let Some(limit) = door.and_then(|door| door.integration_timeout) else { return };
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        if self.functions.get(&invocation.function).is_some_and(|function| function.configuration.timeouts_suspended) {
            return;
        }
        invocation.integration = Some(self.deadlines.set(self.now + limit, Timer::IntegrationTimeout(request_id)));
    }

    /// The API answers its client; the function goes on, and what it answers reaches nobody.
    pub(super) fn integration_timed_out(&mut self, request_id: RequestId) {
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        invocation.integration = None;
        let (reply, function) = (invocation.reply.take(), invocation.function.clone());
        self.publish(Happened::IntegrationTimedOut { request_id, function });
        self.reply(reply, InvokeReply::IntegrationTimedOut { request_id });
    }
}
