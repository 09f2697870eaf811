//! Where an environment stands between its runtime and the loop.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::executor::environment::{FromEnvironment, Report, ReportSender, StreamSender};
use crate::service::effect::Dispatch;
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::input::FunctionError;

/// An event with its wall-clock deadline, and the id of this attempt that the runtime may echo (semantics 2.2).
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub dispatch: Dispatch,
    pub deadline_millis: u64,
    pub invocation_id: RequestId,
    pub stream: Option<StreamSender>,
}

/// What the runtime is doing, as far as its calls tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// It has not asked for an event yet.
    #[default]
    Starting,
    /// It asked, and the loop knows.
    Waiting,
    /// It has an event in hand.
    Running { request_id: RequestId, invocation_id: RequestId },
    /// It answered, and has not asked again.
    Answered,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    pending: Option<Event>,
    /// Where a streamed response to the event in hand goes.
    stream: Option<StreamSender>,
    /// Events handed over so far.
    dispatches: u64,
    /// Whether the loop was told which interpreter this is.
    introduced: bool,
    /// Whether nobody looks whether it works, since it waits.
    rests: bool,
}

/// What the environment does around an answer.
pub trait Hooks: Send + Sync {
    /// Everything written so far goes to the log before the answer does.
    fn before_answer(&self) -> impl Future<Output = ()> + Send;

    /// A line of our own for the log.
    fn tell(&self, line: String) -> impl Future<Output = ()> + Send;
}

/// One environment's Runtime API, shared by its connections.
#[derive(Debug)]
pub struct RuntimeApi {
    environment: EnvironmentId,
    reports: ReportSender,
    state: Mutex<State>,
    dispatched: Notify,
    waiting: Notify,
    working: Notify,
}

/// The runtime did something that the present state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    /// No such request in hand: answered already, or never given out.
    RequestId,
    /// It echoed the invocation id of another attempt.
    InvalidInvocationId,
    /// `next` before the event in hand was answered, or an init error after init.
    StateTransition,
}

impl RuntimeApi {
    #[must_use]
    pub fn new(environment: EnvironmentId, reports: ReportSender) -> Arc<Self> {
        let (dispatched, waiting, working) = (Notify::new(), Notify::new(), Notify::new());
        Arc::new(Self { environment, reports, state: Mutex::default(), dispatched, waiting, working })
    }

    /// Hands an event to whoever asks next.
    pub fn dispatch(&self, dispatch: Dispatch, deadline_millis: u64, stream: Option<StreamSender>) {
        let mut state = self.lock();
        state.dispatches += 1;
        // The request id is the same over all attempts; with the count in its upper half it is one attempt's.
        let invocation_id = RequestId(dispatch.request_id.0 ^ (u128::from(state.dispatches) << 96));
        state.pending = Some(Event { dispatch, deadline_millis, invocation_id, stream });
        let rested = std::mem::take(&mut state.rests);
        drop(state);
        self.dispatched.notify_one();
        if rested {
            self.working.notify_one();
        }
    }

    /// Resolves when the runtime has begun to wait for an event.
    pub async fn waits(&self) {
        self.waiting.notified().await;
    }

    /// Whether the runtime waits and nothing is on its way to it; then [`RuntimeApi::works`] tells of the next event.
    pub fn rests(&self) -> bool {
        let mut state = self.lock();
        state.rests = state.phase == Phase::Waiting && state.pending.is_none();
        state.rests
    }

    /// Resolves when a runtime that was seen to rest is given an event.
    pub async fn works(&self) {
        self.working.notified().await;
    }

    /// Whether the runtime has ever asked for an event.
    #[must_use]
    pub fn has_asked(&self) -> bool {
        self.lock().phase != Phase::Starting
    }

    /// The runtime asks for its next event, and waits for it. A runtime that asks again because its connection broke,
    /// or by several threads, is told of to the loop once.
    pub(super) async fn next(&self) -> Result<Event, Misuse> {
        let news = {
            let mut state = self.lock();
            let news = match state.phase {
                Phase::Starting => Some(FromEnvironment::Ready),
                Phase::Answered => Some(FromEnvironment::Next),
                Phase::Waiting => None,
                Phase::Running { .. } => return Err(Misuse::StateTransition),
            };
            state.phase = Phase::Waiting;
            news
        };
        if let Some(news) = news {
            self.report(news).await;
            self.waiting.notify_one();
        }
        loop {
            if let Some(event) = self.take_pending() {
                return Ok(event);
            }
            self.dispatched.notified().await;
        }
    }

    fn take_pending(&self) -> Option<Event> {
        let mut state = self.lock();
        let mut event = state.pending.take()?;
        state.stream = event.stream.take();
        state.phase = Phase::Running { request_id: event.dispatch.request_id, invocation_id: event.invocation_id };
        Some(event)
    }

    /// Whether this is the event in hand. `echoed` is the invocation id, if the runtime sent it along.
    pub(super) fn check(&self, request_id: &str, echoed: Option<&[u8]>) -> Result<(), Misuse> {
        match self.lock().phase {
            Phase::Running { request_id: current, invocation_id } if current.to_string() == request_id => match echoed {
                Some(echoed) if echoed != invocation_id.to_string().as_bytes() => Err(Misuse::InvalidInvocationId),
                _ => Ok(()),
            },
            _ => Err(Misuse::RequestId),
        }
    }

    /// Where a streamed response goes, once: the caller of the event in hand, if it reads while the function runs.
    pub(super) fn take_stream(&self) -> Option<StreamSender> {
        self.lock().stream.take()
    }

    pub(super) async fn respond(&self, payload: Bytes) -> Result<(), Misuse> {
        let request_id = self.answered()?;
        self.report(FromEnvironment::Response { request_id, payload }).await;
        Ok(())
    }

    pub(super) async fn fail(&self, error: FunctionError) -> Result<(), Misuse> {
        let request_id = self.answered()?;
        self.report(FromEnvironment::Error { request_id, error }).await;
        Ok(())
    }

    pub(super) async fn init_error(&self, error: FunctionError) -> Result<(), Misuse> {
        if self.lock().phase != Phase::Starting {
            return Err(Misuse::StateTransition);
        }
        self.report(FromEnvironment::InitError(error)).await;
        Ok(())
    }

    /// The bundled bootstraps say in their first call which interpreter they run on.
    pub(super) async fn introduce(&self, user_agent: Option<&[u8]>) {
        if std::mem::replace(&mut self.lock().introduced, true) {
            return;
        }
        let runtime = user_agent.and_then(|text| std::str::from_utf8(text).ok()).and_then(|text| text.strip_prefix("invokelab "));
        if let Some(runtime) = runtime {
            self.report(FromEnvironment::RuntimeFound(runtime.into())).await;
        }
    }

    /// The event in hand is answered from now on; a second answer that came at the same time is refused.
    fn answered(&self) -> Result<RequestId, Misuse> {
        let mut state = self.lock();
        let Phase::Running { request_id, .. } = state.phase else { return Err(Misuse::RequestId) };
        state.phase = Phase::Answered;
        state.stream = None;
        Ok(request_id)
    }

    async fn report(&self, what: FromEnvironment) {
        // The loop is gone: so will this environment be.
        let _ = self.reports.send(Report { environment: self.environment, what }).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
