//! Function errors that the platform raises itself, in Lambda's words (semantics 1.7).

use serde_json::json;

use super::ids::RequestId;
use super::input::{Exit, FaultKind, FunctionError};
use super::limits;
use super::time::Micros;

pub(super) fn timeout(request_id: RequestId, timeout: Micros) -> FunctionError {
    let seconds = timeout.as_millis_f64() / 1_000.0;
    platform("Sandbox.Timedout", &format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"))
}

pub(super) fn exit(request_id: RequestId, exit: &Exit) -> FunctionError {
    let error = match exit {
        Exit::Code(0) => "Runtime exited without providing a reason".to_owned(),
        Exit::Code(code) => format!("Runtime exited with error: exit status {code}"),
        Exit::Signal(words) => format!("Runtime exited with error: signal: {words}"),
        Exit::OutOfMemory => "Runtime exited with error: signal: killed".to_owned(),
        Exit::NotStarted { error_type, message } => return platform(error_type, message),
    };
    platform("Runtime.ExitError", &format!("RequestId: {request_id} Error: {error}"))
}

pub(super) fn response_too_large() -> FunctionError {
    let message = format!("Response payload size exceeded maximum allowed payload size ({} bytes).", limits::RESPONSE_PAYLOAD);
    let payload = json!({ "errorMessage": message, "errorType": "Function.ResponseSizeTooLarge" }).to_string();
    FunctionError { error_type: "Function.ResponseSizeTooLarge".into(), message: message.into(), payload: payload.into() }
}

/// A person pressed *Stop*; Lambda has no such thing, so the words are ours.
pub(super) fn stopped(request_id: RequestId) -> FunctionError {
    platform("Sandbox.Stopped", &format!("RequestId: {request_id} Error: stopped by a person"))
}

/// What an injected fault gives in place of the code.
pub(super) fn fault(kind: FaultKind, request_id: RequestId, attempt: u32) -> FunctionError {
    match kind {
        FaultKind::Crash | FaultKind::InitFailure => exit(request_id, &Exit::Code(1)),
        FaultKind::OutOfMemory => exit(request_id, &Exit::OutOfMemory),
        FaultKind::Throw | FaultKind::Timeout | FaultKind::Throttle | FaultKind::Slow(_) => {
            platform("InjectedFault", &format!("injected fault: attempt {attempt} throws"))
        }
    }
}

fn platform(error_type: &str, message: &str) -> FunctionError {
    let payload = json!({ "errorType": error_type, "errorMessage": message }).to_string();
    FunctionError { error_type: error_type.into(), message: message.into(), payload: payload.into() }
}
