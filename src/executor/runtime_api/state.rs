//! Where an environment stands between its runtime and the loop.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::executor::environment::{FromEnvironment, Report, ReportSender};
use crate::service::effect::Dispatch;
use crate::service::ids::{EnvironmentId, RequestId};
use crate::service::input::FunctionError;

/// An event with its wall-clock deadline.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub dispatch: Dispatch,
    pub deadline_millis: u64,
}

#[derive(Debug, Default)]
struct State {
    /// It asked for its first event.
    ready: bool,
    pending: Option<Event>,
    /// The event that the runtime has in hand.
    current: Option<RequestId>,
}

/// What the environment does around an answer.
pub trait Hooks: Send + Sync {
    /// Everything written so far goes to the log before the answer does.
    fn before_answer(&self) -> impl Future<Output = ()> + Send;
}

/// One environment's Runtime API, shared by its connections.
#[derive(Debug)]
pub struct RuntimeApi {
    environment: EnvironmentId,
    reports: ReportSender,
    state: Mutex<State>,
    dispatched: Notify,
}

/// The runtime did something that the present state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    /// No such request in hand: answered already, or never given out.
    InvalidRequestId,
    /// `next` before the event in hand was answered, or an init error after init.
    InvalidStateTransition,
}

impl RuntimeApi {
    #[must_use]
    pub fn new(environment: EnvironmentId, reports: ReportSender) -> Arc<Self> {
        Arc::new(Self { environment, reports, state: Mutex::default(), dispatched: Notify::new() })
    }

    /// Hands an event to whoever asks next.
    pub fn dispatch(&self, dispatch: Dispatch, deadline_millis: u64) {
        self.lock().pending = Some(Event { dispatch, deadline_millis });
        self.dispatched.notify_one();
    }

    /// Whether an event is in hand.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.lock().current.is_some()
    }

    /// The runtime asks for its next event, and waits for it.
    pub(super) async fn next(&self) -> Result<Event, Misuse> {
        let first = {
            let mut state = self.lock();
            if state.current.is_some() {
                return Err(Misuse::InvalidStateTransition);
            }
            !std::mem::replace(&mut state.ready, true)
        };
        self.report(if first { FromEnvironment::Ready } else { FromEnvironment::Next }).await;
        loop {
            {
                let mut state = self.lock();
                if let Some(event) = state.pending.take() {
                    state.current = Some(event.dispatch.request_id);
                    return Ok(event);
                }
            }
            self.dispatched.notified().await;
        }
    }

    pub(super) async fn respond(&self, request_id: &str, payload: Bytes) -> Result<(), Misuse> {
        let request_id = self.take(request_id)?;
        self.report(FromEnvironment::Response { request_id, payload }).await;
        Ok(())
    }

    pub(super) async fn fail(&self, request_id: &str, error: FunctionError) -> Result<(), Misuse> {
        let request_id = self.take(request_id)?;
        self.report(FromEnvironment::Error { request_id, error }).await;
        Ok(())
    }

    pub(super) async fn init_error(&self, error: FunctionError) -> Result<(), Misuse> {
        if self.lock().ready {
            return Err(Misuse::InvalidStateTransition);
        }
        self.report(FromEnvironment::InitError(error)).await;
        Ok(())
    }

    /// Whether this is the event in hand; then it is answered from now on.
    fn take(&self, request_id: &str) -> Result<RequestId, Misuse> {
        let mut state = self.lock();
        match state.current {
            Some(current) if current.to_string() == request_id => {
                state.current = None;
                Ok(current)
            }
            _ => Err(Misuse::InvalidRequestId),
        }
    }

    async fn report(&self, what: FromEnvironment) {
        // The loop is gone: so will this environment be.
        let _ = self.reports.send(Report { environment: self.environment, what }).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
