//! Execution environments: cold, initialising, warm, busy, reset (semantics 2.7).

use std::sync::Arc;

use super::LambdaService;
use super::deadlines::Timer;
use super::effect::{Dispatch, Effect, StopReason};
use super::happened::Happened;
use super::ids::{EnvironmentId, FunctionName, RequestId};
use super::input::{Exit, Fault, FaultKind, FunctionError, LogLine};
use super::state::{Attempt, Environment, Following, LogTail, Phase, Stage};
use super::time::{Micros, Timestamp};
use super::{limits, log_lines, platform_errors};

/// How long a fault takes to answer in place of the code.
const FAULT_DELAY: Micros = Micros::from_millis(1);
/// How long an event waits for an environment that has answered to ask for the next one: a new process takes longer to
/// start, and a runtime that does something else first is not waited for (8.2).
const FOLLOW: Micros = Micros::from_millis(100);

impl LambdaService {
    /// Gives an admitted invocation an environment: a free one, or a new one that initialises for it first.
    pub(super) fn run(&mut self, request_id: RequestId) {
        let Some(name) = self.invocations.get(&request_id).map(|invocation| invocation.function.clone()) else { return };
        let Some(function) = self.functions.get_mut(&name) else { return };
        function.executing += 1;
        if self.init_fails(request_id) {
            return self.run_in_new_environment(&name, request_id);
        }
        if let Some(environment) = self.functions.get_mut(&name).and_then(|function| function.warm.pop()) {
            self.assign(request_id, environment, false);
            return self.begin_attempt(environment);
        }
        match self.soon_free(&name) {
            Some(environment) => self.follow(request_id, environment),
            None => self.run_in_new_environment(&name, request_id),
        }
    }

    fn run_in_new_environment(&mut self, name: &FunctionName, request_id: RequestId) {
        let suppressed = self.take_reset(name);
        let environment = self.start_environment(name, request_id, suppressed);
        self.assign(request_id, environment, !suppressed);
        if suppressed {
            self.begin_attempt(environment);
        }
    }

    /// Whether an environment that was reset is there to initialise again, inside the invoke.
    fn take_reset(&mut self, name: &str) -> bool {
        let (now, expiry) = (self.now, self.settings.idle_expiry);
        let Some(function) = self.functions.get_mut(name) else { return false };
        function.resets.retain(|at| now.since(*at) < expiry);
        function.resets.pop().is_some()
    }

    /// An environment that has answered and only has to ask for its next event: that takes less than a cold start.
    fn soon_free(&self, name: &str) -> Option<EnvironmentId> {
        let function = self.functions.get(name)?;
        function.environments.iter().copied().find(|id| {
            self.environments.get(id).is_some_and(|environment| {
                let current = environment.revision == function.configuration.revision;
                environment.phase == Phase::Answered && environment.following.is_none() && current
            })
        })
    }

    fn follow(&mut self, request_id: RequestId, id: EnvironmentId) {
        if let Some(invocation) = self.invocations.get_mut(&request_id) {
            invocation.stage = Stage::Running(Attempt { environment: id, started: None, cold: false, log: LogTail::default() });
        }
        let limit = self.deadlines.set(self.now + FOLLOW, Timer::FollowLimit(id));
        if let Some(environment) = self.environments.get_mut(&id) {
            environment.following = Some(Following { request_id, limit: Some(limit) });
        }
    }

    /// What an environment was to do next, and does not wait for it any more.
    fn take_following(&mut self, id: EnvironmentId) -> Option<RequestId> {
        let mut following = self.environments.get_mut(&id)?.following.take()?;
        self.deadlines.clear(&mut following.limit);
        Some(following.request_id)
    }

    /// The runtime has answered and does not ask for its next event: another environment takes it.
    pub(super) fn follow_limit(&mut self, id: EnvironmentId) {
        let Some(request_id) = self.take_following(id) else { return };
        let Some(environment) = self.environments.get(&id) else { return };
        let name = environment.function.clone();
        match self.functions.get_mut(&name).and_then(|function| function.warm.pop()) {
            Some(warm) => {
                self.assign(request_id, warm, false);
                self.begin_attempt(warm);
            }
            None => self.run_in_new_environment(&name, request_id),
        }
    }

    fn assign(&mut self, request_id: RequestId, environment: EnvironmentId, cold: bool) {
        if let Some(invocation) = self.invocations.get_mut(&request_id) {
            invocation.stage = Stage::Running(Attempt { environment, started: None, cold, log: LogTail::default() });
        }
        if let Some(environment) = self.environments.get_mut(&environment) {
            environment.request = Some(request_id);
            environment.counted = true;
            if environment.phase == Phase::Idle {
                self.deadlines.clear(&mut environment.timer);
            }
        }
    }

    fn start_environment(&mut self, name: &FunctionName, request_id: RequestId, suppressed: bool) -> EnvironmentId {
        self.last_environment += 1;
        let id = EnvironmentId(self.last_environment);
        let Some(function) = self.functions.get_mut(name) else { return id };
        let number = (1..).find(|number| !function.numbers.contains(number)).unwrap_or(u32::MAX);
        function.numbers.insert(number);
        function.environments.insert(id);
        let revision = function.configuration.revision;
        let runtime = function.configuration.runtime.clone();
        let limited = !suppressed && !function.configuration.timeouts_suspended;
        let fails = self.init_fails(request_id);
        let timer = match (fails, limited) {
            // A suppressed init fails once the invoke has begun, as it is a part of it.
            (true, _) => (!suppressed).then(|| self.deadlines.set(self.now + FAULT_DELAY, Timer::Fault(id))),
            (false, true) => Some(self.deadlines.set(self.now + limits::INIT, Timer::InitLimit(id))),
            (false, false) => None,
        };
        let environment = Environment {
            function: name.clone(),
            number,
            revision,
            phase: Phase::Initialising,
            started: self.now,
            request: Some(request_id),
            following: None,
            counted: false,
            suppressed,
            init_duration: None,
            timer,
            delay: None,
            max_memory_used: 0,
        };
        self.environments.insert(id, environment);
        self.publish(Happened::EnvironmentStarting { environment: id, function: name.clone(), number });
        if !suppressed {
            self.write_lines(id, Some(request_id), [log_lines::init_start(&runtime)]);
        }
        if !fails {
            self.effects.push_back(Effect::StartEnvironment { environment: id, function: name.clone() });
        }
        id
    }

    /// Whether a fault wants the environment of this attempt to fail in its init.
    fn init_fails(&self, request_id: RequestId) -> bool {
        let invocation = self.invocations.get(&request_id);
        invocation.is_some_and(|it| self.fault(&it.function, it.attempt()) == Some(FaultKind::InitFailure))
    }

    pub(super) fn environment_ready(&mut self, id: EnvironmentId) {
        let now = self.now;
        let Some(environment) = self.environments.get_mut(&id) else { return };
        if environment.phase != Phase::Initialising {
            return;
        }
        let init_duration = now.since(environment.started);
        if environment.suppressed {
            environment.phase = Phase::Running;
            self.publish(Happened::EnvironmentReady { environment: id, init_duration });
            return self.hand_over(id);
        }
        self.deadlines.clear(&mut environment.timer);
        environment.init_duration = Some(init_duration);
        environment.phase = Phase::Idle;
        self.publish(Happened::EnvironmentReady { environment: id, init_duration });
        self.begin_attempt(id);
    }

    /// The invoke begins: its clock runs, its log starts, its event goes out once the runtime is ready.
    fn begin_attempt(&mut self, id: EnvironmentId) {
        let now = self.now;
        let Some(environment) = self.environments.get_mut(&id) else { return };
        let Some(request_id) = environment.request else { return };
        let ready = environment.phase != Phase::Initialising;
        if ready {
            environment.phase = Phase::Running;
        }
        let Some(invocation) = self.invocations.get_mut(&request_id) else { return };
        let attempt = invocation.attempt();
        let Stage::Running(running) = &mut invocation.stage else { return };
        let first = running.started.is_none();
        running.started.get_or_insert(now);
        let cold = running.cold;
        let function = invocation.function.clone();
        let fault = self.fault(&function, attempt);
        let Some((timeout, suspended)) =
            self.functions.get(&function).map(|f| (f.configuration.timeout, f.configuration.timeouts_suspended))
        else {
            return;
        };
        if first {
            self.publish(Happened::AttemptStarted { request_id, function, environment: id, attempt, cold });
            self.write_lines(id, Some(request_id), [log_lines::start(request_id)]);
        }
        let timer = match fault {
            Some(FaultKind::Timeout | FaultKind::Slow(_)) | None if suspended => None,
            Some(FaultKind::Timeout | FaultKind::Slow(_)) | None => Some(self.deadlines.set(now + timeout, Timer::Timeout(id))),
            Some(_) => Some(self.deadlines.set(now + FAULT_DELAY, Timer::Fault(id))),
        };
        if let Some(environment) = self.environments.get_mut(&id) {
            self.deadlines.clear(&mut environment.timer);
            environment.timer = timer;
        }
        if ready {
            self.hand_over(id);
        }
    }

    /// Gives the event to the runtime, later if a fault makes the attempt slow, never if one answers in its place.
    fn hand_over(&mut self, id: EnvironmentId) {
        let Some(request_id) = self.environments.get(&id).and_then(|environment| environment.request) else { return };
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        match self.fault(&invocation.function, invocation.attempt()) {
            Some(FaultKind::Slow(delay)) => {
                let timer = self.deadlines.set(self.now + delay, Timer::Delay(id));
                if let Some(environment) = self.environments.get_mut(&id) {
                    environment.delay = Some(timer);
                }
            }
            Some(fault) if fault.replaces_code() => {}
            Some(_) | None => self.dispatch(id),
        }
    }

    /// A slow attempt has waited long enough.
    pub(super) fn delay_over(&mut self, id: EnvironmentId) {
        if let Some(environment) = self.environments.get_mut(&id)
            && environment.phase == Phase::Running
            && environment.delay.take().is_some()
        {
            self.dispatch(id);
        }
    }

    fn dispatch(&mut self, id: EnvironmentId) {
        let Some(request_id) = self.environments.get(&id).and_then(|environment| environment.request) else { return };
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        let Stage::Running(running) = &invocation.stage else { return };
        let Some(function) = self.functions.get(&invocation.function) else { return };
        let spent = self.now.since(running.started.unwrap_or(self.now));
        let time_left = match function.configuration.timeouts_suspended {
            true => Micros::from_secs(86_400),
            false => Micros(function.configuration.timeout.0.saturating_sub(spent.0)),
        };
        self.effects.push_back(Effect::Dispatch(Box::new(Dispatch {
            environment: id,
            function: invocation.function.clone(),
            request_id,
            attempt: invocation.attempt(),
            payload: invocation.payload.clone(),
            time_left,
            invoked_function_arn: match &invocation.qualifier {
                Some(qualifier) => format!("{}:{qualifier}", function.arn).into(),
                None => function.arn.clone(),
            },
            trace_header: invocation.trace_header.clone(),
            client_context: invocation.client_context.clone(),
        })));
    }

    /// What is to happen to an attempt that was let in.
    pub(super) fn fault(&self, function: &str, attempt: u32) -> Option<FaultKind> {
        self.faults_of(function, attempt).find(|kind| *kind != FaultKind::Throttle)
    }

    pub(super) fn faults_of(&self, function: &str, attempt: u32) -> impl Iterator<Item = FaultKind> {
        let strikes = move |fault: &&Fault| &*fault.function == function && fault.attempts.contains(&attempt);
        self.faults.iter().filter(strikes).map(|fault| fault.kind)
    }

    /// A fault that answers in place of the code.
    pub(super) fn fault_due(&mut self, id: EnvironmentId) {
        let Some(request_id) = self.environments.get(&id).and_then(|environment| environment.request) else { return };
        let Some(invocation) = self.invocations.get(&request_id) else { return };
        let attempt = invocation.attempt();
        let begun = matches!(&invocation.stage, Stage::Running(Attempt { started: Some(_), .. }));
        // A fault that was changed or taken back meanwhile strikes all the same: nothing else would end the attempt.
        let present = self.fault(&invocation.function, attempt).filter(|kind| kind.replaces_code());
        let kind = if begun { present.unwrap_or(FaultKind::Throw) } else { FaultKind::InitFailure };
        let error = platform_errors::fault(kind, request_id, attempt);
        match kind {
            FaultKind::Crash | FaultKind::OutOfMemory => {
                if kind == FaultKind::OutOfMemory {
                    self.used_all_memory(id);
                }
                self.finish(id, Err(error.clone()), Some(("error", Some("Runtime.ExitError"))));
                self.reset(id, StopReason::Failure);
            }
            FaultKind::InitFailure => self.exited(id, &Exit::Code(1)),
            FaultKind::Throw | FaultKind::Timeout | FaultKind::Throttle | FaultKind::Slow(_) => {
                self.finish(id, Err(error), None);
                self.next_requested(id);
            }
        }
    }

    /// The runtime asked for the next event: the environment is free.
    pub(super) fn next_requested(&mut self, id: EnvironmentId) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        if environment.phase != Phase::Answered {
            return;
        }
        self.deadlines.clear(&mut environment.timer);
        environment.request = None;
        self.free(id);
    }

    /// The environment's execution is over: it counts no more.
    pub(super) fn release(&mut self, id: EnvironmentId) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        if !std::mem::take(&mut environment.counted) {
            return;
        }
        let name = environment.function.clone();
        if let Some(function) = self.functions.get_mut(&name) {
            function.executing = function.executing.saturating_sub(1);
        }
    }

    /// Keeps an environment warm, or ends it if its code is not the present one.
    fn free(&mut self, id: EnvironmentId) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        environment.phase = Phase::Idle;
        let name = environment.function.clone();
        let current = self.functions.get_mut(&name).filter(|function| function.configuration.revision == environment.revision);
        let Some(function) = current else { return self.stop_environment(id, StopReason::Replaced) };
        if let Some(mut following) = environment.following.take() {
            self.deadlines.clear(&mut following.limit);
            self.assign(following.request_id, id, false);
            return self.begin_attempt(id);
        }
        function.warm.push(id);
        let timer = self.deadlines.set(self.now + self.settings.idle_expiry, Timer::IdleExpiry(id));
        environment.timer = Some(timer);
        self.poll_mappings_of(&name);
    }

    /// Those that are idle have been so for a while; none goes before now.
    pub(super) fn set_idle_expiry(&mut self, expiry: Micros) {
        let before = std::mem::replace(&mut self.settings.idle_expiry, expiry);
        for (id, environment) in self.environments.iter_mut().filter(|(_, environment)| environment.phase == Phase::Idle) {
            let Some(timer) = environment.timer else { continue };
            let since = Timestamp(timer.at().0.saturating_sub(before.0));
            self.deadlines.clear(&mut environment.timer);
            environment.timer = Some(self.deadlines.set((since + expiry).max(self.now), Timer::IdleExpiry(*id)));
        }
    }

    pub(super) fn idle_expired(&mut self, id: EnvironmentId) {
        if let Some(environment) = self.environments.get(&id)
            && let Some(function) = self.functions.get_mut(&environment.function)
        {
            function.warm.retain(|warm| *warm != id);
        }
        self.stop_environment(id, StopReason::Idle);
    }

    /// Forgets an environment and has it killed.
    pub(super) fn stop_environment(&mut self, id: EnvironmentId, reason: StopReason) {
        self.forget(id, reason);
        self.effects.push_back(Effect::StopEnvironment { environment: id, reason });
    }

    fn forget(&mut self, id: EnvironmentId, reason: StopReason) {
        let following = self.take_following(id);
        let Some(mut environment) = self.environments.remove(&id) else { return };
        self.deadlines.clear(&mut environment.timer);
        self.deadlines.clear(&mut environment.delay);
        if let Some(function) = self.functions.get_mut(&environment.function) {
            function.environments.remove(&id);
            function.numbers.remove(&environment.number);
            function.warm.retain(|warm| *warm != id);
        }
        let function = environment.function;
        self.publish(Happened::EnvironmentStopped { environment: id, function: function.clone(), reason });
        if let Some(following) = following {
            if let Some(function) = self.functions.get_mut(&function) {
                function.executing = function.executing.saturating_sub(1);
            }
            self.run(following);
        }
    }

    /// After a timeout or a crash: the runtime is stopped, and the next init is a suppressed one.
    pub(super) fn reset(&mut self, id: EnvironmentId, reason: StopReason) {
        let name = self.environments.get(&id).map(|environment| (environment.function.clone(), environment.revision));
        self.release(id);
        self.stop_environment(id, reason);
        if let Some((name, revision)) = name {
            if let Some(function) = self.functions.get_mut(&name)
                && function.configuration.revision == revision
            {
                function.resets.push(self.now);
            }
            self.poll_mappings_of(&name);
        }
    }

    pub(super) fn timed_out(&mut self, id: EnvironmentId) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        environment.timer = None;
        let (phase, request) = (environment.phase, environment.request);
        if let (Phase::Running | Phase::Initialising, Some(request_id)) = (phase, request) {
            let timeout = self.functions.get(&environment.function).map_or(Micros(0), |function| function.configuration.timeout);
            self.finish(id, Err(platform_errors::timeout(request_id, timeout)), Some(("timeout", None)));
        }
        self.reset(id, StopReason::Timeout);
    }

    pub(super) fn init_limit(&mut self, id: EnvironmentId) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        environment.timer = None;
        let message = format!("init took longer than {}", limits::INIT);
        let error =
            FunctionError { error_type: "Sandbox.Timedout".into(), message: message.into(), payload: b"{}".as_slice().into() };
        self.init_failed(id, error, None);
    }

    /// The runtime tells its error first and exits after that; what it told is what counts.
    pub(super) fn init_error(&mut self, id: EnvironmentId, error: FunctionError) {
        if self.environments.get(&id).is_some_and(|environment| environment.phase == Phase::Initialising) {
            let error_type = error.error_type.clone();
            self.init_failed(id, error, Some(&error_type));
        }
    }

    pub(super) fn exited(&mut self, id: EnvironmentId, exit: &Exit) {
        if *exit == Exit::OutOfMemory {
            self.used_all_memory(id);
        }
        let Some(environment) = self.environments.get(&id) else { return };
        let request = environment.request.unwrap_or(RequestId(0));
        match environment.phase {
            Phase::Initialising => {
                let error = platform_errors::exit(request, exit);
                let error_type = error.error_type.clone();
                self.init_failed(id, error, Some(&error_type));
            }
            Phase::Running => {
                let error = platform_errors::exit(request, exit);
                let error_type = error.error_type.clone();
                self.finish(id, Err(error), Some(("error", Some(&error_type))));
                self.reset(id, StopReason::Failure);
            }
            Phase::Answered => self.reset(id, StopReason::Failure),
            Phase::Idle => self.stop_environment(id, StopReason::Failure),
        }
    }

    /// A first init that fails is tried once more, inside the invoke; a second one ends the attempt.
    fn init_failed(&mut self, id: EnvironmentId, error: FunctionError, error_type: Option<&str>) {
        let Some(environment) = self.environments.get(&id) else { return };
        let init_duration = self.now.since(environment.started);
        let Some(request_id) = environment.request else { return };
        let (name, suppressed) = (environment.function.clone(), environment.suppressed);
        self.publish(Happened::EnvironmentInitFailed { environment: id, error: error.clone(), init_duration });
        if suppressed {
            self.finish(id, Err(error), Some(("error", error_type)));
            return self.reset(id, StopReason::Failure);
        }
        self.write_lines(id, Some(request_id), [log_lines::init_report(init_duration, error_type)]);
        // There is nothing to start, or the build of it has just failed: a second try ends as the first one did.
        if matches!(error_type, Some("Runtime.InvalidEntrypoint" | "Runtime.BuildError")) {
            self.begin_if_waiting(id, request_id);
            self.finish(id, Err(error), Some(("error", error_type)));
            return self.reset(id, StopReason::Failure);
        }
        self.stop_environment(id, StopReason::Failure);
        let again = self.start_environment(&name, request_id, true);
        self.assign(request_id, again, false);
        self.begin_attempt(again);
    }

    pub(super) fn memory_used(&mut self, id: EnvironmentId, megabytes: u32) {
        if let Some(environment) = self.environments.get_mut(&id) {
            environment.max_memory_used = environment.max_memory_used.max(megabytes);
        }
    }

    fn used_all_memory(&mut self, id: EnvironmentId) {
        if let Some(environment) = self.environments.get_mut(&id)
            && let Some(function) = self.functions.get(&environment.function)
        {
            environment.max_memory_used = function.configuration.memory_size;
        }
    }

    pub(super) fn log(&mut self, id: EnvironmentId, lines: Vec<Arc<str>>) {
        let Some(environment) = self.environments.get(&id) else { return };
        let request = environment.request.filter(|_| environment.phase != Phase::Answered);
        self.write_lines(id, request, lines);
    }

    pub(super) fn write_lines(
        &mut self,
        id: EnvironmentId,
        request_id: Option<RequestId>,
        texts: impl IntoIterator<Item: Into<Arc<str>>>,
    ) {
        let Some(environment) = self.environments.get(&id) else { return };
        let function = environment.function.clone();
        let at = self.now;
        let lines: Vec<LogLine> = texts.into_iter().map(|text| LogLine { at, text: text.into() }).collect();
        if let Some(invocation) = request_id.and_then(|id| self.invocations.get_mut(&id))
            && let Stage::Running(running) = &mut invocation.stage
            && invocation.reply.is_some()
        {
            running.log.write(&lines);
        }
        self.publish(Happened::LogWritten { function, environment: id, request_id, lines });
    }

    /// An attempt that waits for an init that will not come begins, so that its log does.
    fn begin_if_waiting(&mut self, id: EnvironmentId, request_id: RequestId) {
        let stage = self.invocations.get(&request_id).map(|invocation| &invocation.stage);
        if matches!(stage, Some(Stage::Running(Attempt { started: None, .. }))) {
            self.begin_attempt(id);
        }
    }

    /// Ends what an environment has in hand; an attempt that waits for its init begins and ends at once.
    pub(super) fn interrupt(&mut self, id: EnvironmentId) {
        let Some(request_id) = self.environments.get(&id).and_then(|environment| environment.request) else { return };
        self.begin_if_waiting(id, request_id);
        self.finish(id, Err(platform_errors::stopped(request_id)), Some(("error", Some("Sandbox.Stopped"))));
    }

    /// Its function is gone: a running attempt ends as if a person had stopped it.
    pub(super) fn end_environment_of_removed_function(&mut self, id: EnvironmentId) {
        self.interrupt(id);
        self.release(id);
        self.stop_environment(id, StopReason::Replaced);
    }
}
