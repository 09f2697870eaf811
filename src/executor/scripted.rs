//! Functions without code: their answers come from a script, at moments of service time, and nothing waits for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::service::effect::Dispatch;
use crate::service::ids::EnvironmentId;
use crate::service::input::{Exit, FunctionError, Input};
use crate::service::time::Timestamp;
use crate::workspace::definition::{ScriptedAnswer, ScriptedResult};

/// Answers that scripted functions have in hand.
#[derive(Debug, Default)]
pub struct Scripted {
    /// How often each function was called: the n-th call gets the n-th answer, the last one repeats.
    calls: BTreeMap<Arc<str>, usize>,
    due: BTreeMap<(Timestamp, u64), (EnvironmentId, Vec<Input>)>,
    sequence: u64,
}

impl Scripted {
    /// Takes an event; its answer is due at `now` plus what the script says.
    pub fn dispatch(&mut self, now: Timestamp, dispatch: &Dispatch, script: &[ScriptedAnswer]) {
        let call = self.calls.entry(dispatch.function.clone()).or_default();
        let answer = script.get(*call).or(script.last());
        *call += 1;
        let Some(answer) = answer else { return self.answer(now, dispatch, Bytes::from_static(b"null")) };
        let at = now + answer.after;
        match &answer.what {
            ScriptedResult::Respond(json) => self.answer(at, dispatch, Bytes::copy_from_slice(json.as_bytes())),
            ScriptedResult::Throw(error_type) => self.throw(at, dispatch, error_type),
            ScriptedResult::Exit(code) => {
                let environment = dispatch.environment;
                self.schedule(at, environment, vec![Input::Exited { environment, exit: Exit::Code(*code) }]);
            }
            ScriptedResult::Hang => {}
        }
    }

    fn answer(&mut self, at: Timestamp, dispatch: &Dispatch, payload: Bytes) {
        let environment = dispatch.environment;
        let response = Input::Response { environment, request_id: dispatch.request_id, payload };
        self.schedule(at, environment, vec![response, Input::NextRequested { environment }]);
    }

    fn throw(&mut self, at: Timestamp, dispatch: &Dispatch, error_type: &str) {
        let environment = dispatch.environment;
        let message = format!("thrown by the script of {}", dispatch.function);
        let payload = serde_json::json!({ "errorType": error_type, "errorMessage": message }).to_string();
        let error = FunctionError { error_type: error_type.into(), message: message.into(), payload: payload.into() };
        let response = Input::ErrorResponse { environment, request_id: dispatch.request_id, error };
        self.schedule(at, environment, vec![response, Input::NextRequested { environment }]);
    }

    fn schedule(&mut self, at: Timestamp, environment: EnvironmentId, inputs: Vec<Input>) {
        self.sequence += 1;
        self.due.insert((at, self.sequence), (environment, inputs));
    }

    /// Forgets what a stopped environment had in hand.
    pub fn stop(&mut self, environment: EnvironmentId) {
        self.due.retain(|_, (owner, _)| *owner != environment);
    }

    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// The answers due at or before `now`, one moment at a time.
    pub fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Vec<Input>)> {
        let entry = self.due.first_entry()?;
        let at = entry.key().0;
        (at <= now).then(|| (at, entry.remove().1))
    }
}
