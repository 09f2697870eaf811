//! Invocations: let in or refused, run, answered (semantics 1.2 to 1.7).

use std::sync::Arc;

use bytes::Bytes;

use super::LambdaService;
use super::configuration::RecursiveLoop;
use super::deadlines::Timer;
use super::effect::{Completed, Effect, InvokeReply, Persist, StopReason};
use super::error::{ServiceError, ThrottleReason};
use super::happened::{Happened, Outcome, RetryReason};
use super::ids::{EnvironmentId, ReplyToken, RequestId};
use super::input::{FaultKind, FunctionError, InvocationType, InvokeRequest, StoredEvent};
use super::lineage::Lineage;
use super::log_lines::{self, Report};
use super::state::{Attempt, Invocation, Phase, Stage};
use super::{limits, lineage, platform_errors};

impl LambdaService {
    pub(super) fn invoke(&mut self, request: InvokeRequest) {
        let request_id = request.request_id.unwrap_or_else(|| RequestId(self.random.uuid()));
        if let Err(error) = self.check(&request) {
            return self.refuse(request_id, request, error);
        }
        match request.invocation_type {
            InvocationType::DryRun => self.dry_run(request_id, request),
            InvocationType::Event => self.accept(request_id, request),
            InvocationType::RequestResponse => match self.admit_request(&request) {
                Ok(()) => {
                    let door = request.door.as_deref().copied();
                    self.insert(request_id, request);
                    self.publish_accepted(request_id);
                    self.run(request_id);
                    self.watch_integration(request_id, door);
                }
                Err(reason) => self.refuse(request_id, request, ServiceError::TooManyRequests { reason }),
            },
        }
    }

    /// Admission, and the fault that throttles.
    pub(super) fn admit_attempt(&self, function: &str, attempt: u32) -> Result<(), ThrottleReason> {
        match self.faults_of(function, attempt).any(|kind| kind == FaultKind::Throttle) {
            true => Err(ThrottleReason::ConcurrentInvocationLimitExceeded),
            false => self.admit(function),
        }
    }

    fn check(&self, request: &InvokeRequest) -> Result<(), ServiceError> {
        let qualifier = request.qualifier.as_deref().unwrap_or("$LATEST");
        let arn = || format!("{}:{qualifier}", self.arn(&request.function)).into();
        match (self.functions.contains_key(&request.function), qualifier) {
            (true, "$LATEST") => {}
            (true, "$LATEST.PUBLISHED") => return Err(ServiceError::NoPublishedVersion { arn: arn() }),
            _ => return Err(ServiceError::ResourceNotFound { arn: arn() }),
        }
        limits::check_request(request.payload.len(), request.invocation_type, request.legacy_invoke_async)?;
        // An asynchronous event is accepted all the same, and a DryRun invokes nothing.
        let invocations = chain_of(request).invocations(&request.function) + 1;
        match request.invocation_type == InvocationType::RequestResponse && self.is_stopped(&request.function, invocations) {
            true => Err(ServiceError::RecursiveInvocation { arn: arn() }),
            false => Ok(()),
        }
    }

    /// Whether Lambda stops a function that is invoked for the `invocations`-th time in one chain of requests (3.7).
    pub(super) fn is_stopped(&self, function: &str, invocations: u32) -> bool {
        lineage::is_loop(invocations)
            && self.functions.get(function).is_some_and(|it| it.configuration.recursive_loop == RecursiveLoop::Terminate)
    }

    fn refuse(&mut self, request_id: RequestId, request: InvokeRequest, error: ServiceError) {
        let InvokeRequest { function, invocation_type, source, payload, reply, .. } = request;
        self.publish(Happened::InvocationRefused {
            request_id,
            function,
            invocation_type,
            source,
            payload,
            error: error.clone(),
        });
        self.reply(reply, InvokeReply::Refused { request_id, error });
    }

    fn dry_run(&mut self, request_id: RequestId, request: InvokeRequest) {
        let reply = request.reply;
        let function = request.function.clone();
        self.insert(request_id, request);
        self.publish_accepted(request_id);
        self.invocations.remove(&request_id);
        self.publish(Happened::InvocationEnded { request_id, function, outcome: Outcome::Succeeded, attempts: 0 });
        self.reply(reply, InvokeReply::DryRun { request_id });
    }

    /// The 202 waits for the disk (architecture, invariant 1).
    fn accept(&mut self, request_id: RequestId, mut request: InvokeRequest) {
        request.trace_header.get_or_insert_with(|| self.new_trace());
        let event = StoredEvent {
            request_id,
            function: request.function.clone(),
            payload: request.payload.clone(),
            accepted_at: self.now,
            failed_attempts: 0,
            throttled_attempts: 0,
            due: self.now,
            label: request.label.clone(),
            trace_header: request.trace_header.clone(),
            cut_off: false,
        };
        self.insert(request_id, InvokeRequest { client_context: None, ..request });
        let ticket = self.persist(Persist::EventAccepted(event.into()), true);
        self.awaiting_disk.push_back((ticket, request_id));
    }

    pub(super) fn stored(&mut self, ticket: u64) {
        while let Some((_, request_id)) = self.awaiting_disk.pop_front_if(|(first, _)| *first <= ticket) {
            self.event_on_disk(request_id);
        }
    }

    /// An event that is not on disk was not accepted: its caller is refused.
    pub(super) fn not_stored(&mut self, tickets: &[u64], reason: &Arc<str>) {
        let mut failed = Vec::new();
        self.awaiting_disk.retain(|(ticket, request_id)| {
            let lost = tickets.contains(ticket);
            failed.extend(lost.then_some(*request_id));
            !lost
        });
        for request_id in failed {
            let Some(invocation) = self.invocations.remove(&request_id) else { continue };
            let error = ServiceError::Service { message: reason.clone() };
            let Invocation { function, invocation_type, source, payload, reply, .. } = *invocation;
            self.publish(Happened::InvocationRefused {
                request_id,
                function,
                invocation_type,
                source,
                payload,
                error: error.clone(),
            });
            self.reply(reply, InvokeReply::Refused { request_id, error });
        }
    }

    fn event_on_disk(&mut self, request_id: RequestId) {
        self.publish_accepted(request_id);
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        invocation.stage = Stage::Waiting { timer: None };
        let reply = invocation.reply.take();
        self.reply(reply, InvokeReply::Accepted { request_id });
        self.attempt_due(request_id);
    }

    fn insert(&mut self, request_id: RequestId, request: InvokeRequest) {
        let lineage = chain_of(&request).with(&request.function);
        let chain = lineage.invocations(&request.function);
        let trace_header = request.trace_header.unwrap_or_else(|| self.new_trace());
        let invocation = Invocation {
            function: request.function,
            invocation_type: request.invocation_type,
            source: request.source,
            payload: request.payload,
            client_context: request.client_context,
            trace_header: lineage::with_lineage(&trace_header, &lineage).into(),
            chain,
            qualifier: request.qualifier,
            label: request.label,
            reply: request.reply,
            accepted_at: self.now,
            failed_attempts: 0,
            throttled_attempts: 0,
            batch: None,
            integration: None,
            stage: Stage::Pending,
        };
        self.invocations.insert(request_id, Box::new(invocation));
    }

    /// What people call the invocations that are not over.
    #[must_use]
    pub fn labels(&self) -> super::narration::Labels {
        let named = self.invocations.iter().filter_map(|(id, invocation)| Some((*id, invocation.label.clone()?)));
        named.collect()
    }

    /// The trace header of what came without one.
    pub(super) fn new_trace(&mut self) -> Arc<str> {
        self.random.trace_header(self.now.0 / 1_000_000).into()
    }

    /// A synchronous invocation by a mapping.
    pub(super) fn insert_batch(&mut self, request: InvokeRequest, batch: super::ids::BatchId) -> RequestId {
        let request_id = RequestId(self.random.uuid());
        self.insert(request_id, request);
        if let Some(invocation) = self.invocations.get_mut(&request_id) {
            invocation.batch = Some(batch);
        }
        self.publish_accepted(request_id);
        request_id
    }

    pub(super) fn publish_accepted(&mut self, request_id: RequestId) {
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        let accepted = Happened::InvocationAccepted {
            request_id,
            function: invocation.function.clone(),
            invocation_type: invocation.invocation_type,
            source: invocation.source.clone(),
            payload: invocation.payload.clone(),
            label: invocation.label.clone(),
            accepted_at: invocation.accepted_at,
        };
        self.publish(accepted);
    }

    pub(super) fn reply(&mut self, token: Option<ReplyToken>, reply: InvokeReply) {
        if let Some(token) = token {
            self.effects.push_back(Effect::Reply { token, reply });
        }
    }

    /// The runtime answered; an answer to anything but the present event is ignored.
    pub(super) fn answered(&mut self, id: EnvironmentId, request_id: RequestId, result: Result<Bytes, FunctionError>) {
        let Some(environment) = self.environments.get(&id) else { return };
        if environment.phase != Phase::Running || environment.request != Some(request_id) {
            return;
        }
        let result = match result {
            Ok(payload) if payload.len() > limits::RESPONSE_PAYLOAD => Err(platform_errors::response_too_large()),
            result => result,
        };
        self.finish(id, result, None);
    }

    /// An attempt is over: its log ends, whoever waits is told, and what comes next is decided.
    pub(super) fn finish(
        &mut self,
        id: EnvironmentId,
        result: Result<Bytes, FunctionError>,
        status: Option<(&str, Option<&str>)>,
    ) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        let Some(request_id) = environment.request else { return };
        if environment.phase == Phase::Answered {
            return;
        }
        environment.phase = Phase::Answered;
        self.deadlines.clear(&mut environment.delay);
        // Nothing was measured of what ended before it could be; it had more than nothing.
        let max_memory_used = environment.max_memory_used.max(1);
        let init = environment.init_duration;
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        let Stage::Running(Attempt { started, cold, .. }) = &invocation.stage else { return };
        let memory_size = self.functions.get(&invocation.function).map_or(128, |function| function.configuration.memory_size);
        let duration = started.map_or_else(Default::default, |started| self.now.since(started));
        let report = Report { request_id, duration, init_duration: init.filter(|_| *cold), memory_size, max_memory_used };
        let (cold, attempt, function) = (*cold, invocation.attempt(), invocation.function.clone());
        self.write_lines(id, Some(request_id), [log_lines::end(request_id), report.line(status)]);
        self.publish(Happened::AttemptFinished {
            request_id,
            function,
            environment: id,
            attempt,
            result: result.clone(),
            duration,
            billed_millis: report.billed_millis(),
            init_duration: report.init_duration,
            max_memory_used_megabytes: max_memory_used,
        });
        self.release(id);
        self.conclude(request_id, result, report, cold);
    }

    fn conclude(&mut self, request_id: RequestId, result: Result<Bytes, FunctionError>, report: Report, cold: bool) {
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        if invocation.invocation_type == InvocationType::Event {
            return self.event_attempted(request_id, result);
        }
        let Some(mut invocation) = self.invocations.remove(&request_id) else { return };
        self.deadlines.clear(&mut invocation.integration);
        let outcome = if result.is_ok() { Outcome::Succeeded } else { Outcome::FunctionError };
        let ended = Happened::InvocationEnded {
            request_id,
            function: invocation.function.clone(),
            outcome,
            attempts: invocation.attempt(),
        };
        self.publish(ended);
        if let Some(batch) = invocation.batch {
            return self.batch_answered(batch, &result);
        }
        let Stage::Running(attempt) = invocation.stage else { return };
        let completed = Completed {
            request_id,
            executed_version: Arc::from("$LATEST"),
            result,
            log: attempt.log.into_lines(),
            cold,
            duration: report.duration,
            billed_millis: report.billed_millis(),
            init_duration: report.init_duration,
            trace_header: invocation.trace_header,
        };
        self.reply(invocation.reply, InvokeReply::Completed(Box::new(completed)));
    }

    pub(super) fn stop_invocation(&mut self, request_id: RequestId) {
        let Some(Stage::Running(attempt)) = self.invocations.get(&request_id).map(|invocation| &invocation.stage) else { return };
        let id = attempt.environment;
        // One that only waits for its environment to ask for the next event begins in a moment.
        if self.environments.get(&id).is_some_and(|environment| environment.request == Some(request_id)) {
            self.interrupt(id);
            self.reset(id, StopReason::Person);
        }
    }

    /// What an earlier run left. Attempts that ran then run again; nothing says how far they came.
    pub(super) fn restore(&mut self, events: Vec<StoredEvent>, messages: Vec<super::input::StoredMessage>) {
        for event in events {
            let source = super::input::InvocationSource::Workbench;
            let request = InvokeRequest {
                label: event.label,
                trace_header: event.trace_header,
                ..InvokeRequest::new(event.function, InvocationType::Event, event.payload, source)
            };
            self.insert(event.request_id, request);
            let timer = self.deadlines.set(event.due.max(self.now), Timer::Attempt(event.request_id));
            if let Some(invocation) = self.invocations.get_mut(&event.request_id) {
                invocation.accepted_at = event.accepted_at;
                invocation.failed_attempts = event.failed_attempts;
                invocation.throttled_attempts = event.throttled_attempts;
                invocation.stage = Stage::Waiting { timer: Some(timer) };
            }
            self.publish_accepted(event.request_id);
            let reason = if event.cut_off { RetryReason::CutOff } else { RetryReason::Restarted };
            self.publish_retry(event.request_id, timer.at(), reason);
        }
        for message in messages {
            self.restore_message(message);
        }
    }
}

/// The chain that a request comes by. At a door for HTTP clients it ends: Lambda follows it through its own API and queues (3.7).
fn chain_of(request: &InvokeRequest) -> Lineage {
    match (&request.trace_header, &request.door) {
        (Some(header), None) => Lineage::of(header),
        _ => Lineage::default(),
    }
}
