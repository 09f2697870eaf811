//! What JavaScript threw, as the error object that Lambda's Node.js runtime would send (semantics 1.7).

use rquickjs::{CaughtError, Ctx, Object, Value};
use serde_json::json;

use crate::service::input::FunctionError;

/// `errorType`, `errorMessage`, `trace`.
pub(super) fn function_error(error_type: &str, message: &str, stack: &str) -> FunctionError {
    let mut trace = vec![format!("{error_type}: {message}")];
    let of_user = |line: &&str| !line.trim().is_empty() && !line.contains("(eval_script:") && !line.contains("(native)");
    trace.extend(stack.lines().filter(of_user).map(str::to_owned));
    let payload = json!({ "errorType": error_type, "errorMessage": message, "trace": trace }).to_string();
    FunctionError { error_type: error_type.into(), message: message.into(), payload: payload.into() }
}

/// An error object keeps its own name; anything else that was thrown is named by its type.
pub(super) fn thrown<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> FunctionError {
    if let Some(object) = value.as_object().filter(|_| value.is_error() || has_message(value)) {
        let text = |name: &str| object.get::<_, String>(name).unwrap_or_default();
        let name = Some(text("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| "Error".into());
        return function_error(&name, &text("message"), &text("stack"));
    }
    let message = match value.as_string() {
        Some(text) => text.to_string().unwrap_or_default(),
        None => ctx
            .json_stringify(value.clone())
            .ok()
            .flatten()
            .and_then(|text| text.to_string().ok())
            .unwrap_or_else(|| "undefined".into()),
    };
    function_error(value.type_name(), &message, "")
}

fn has_message(value: &Value<'_>) -> bool {
    value.as_object().is_some_and(|object| object.contains_key("message").unwrap_or(false))
}

/// The same for what `catch` gives.
pub(super) fn caught<'js>(ctx: &Ctx<'js>, error: CaughtError<'js>) -> FunctionError {
    match error {
        CaughtError::Exception(exception) => {
            let object: &Object = exception.as_object();
            thrown(ctx, object.as_value())
        }
        CaughtError::Value(value) => thrown(ctx, &value),
        CaughtError::Error(error) => function_error("Error", &error.to_string(), ""),
    }
}

/// A module that could not be loaded or evaluated, in the names of Lambda's Node.js runtime.
pub(super) fn of_module(error: FunctionError) -> FunctionError {
    let error_type = match &*error.error_type {
        "SyntaxError" => "Runtime.UserCodeSyntaxError",
        "ReferenceError" if error.message.contains("could not load module") || error.message.contains("resolving") => {
            "Runtime.ImportModuleError"
        }
        _ if error.message.contains("Error resolving module") || error.message.contains("Error loading module") => {
            "Runtime.ImportModuleError"
        }
        _ => return error,
    };
    let payload: serde_json::Value = serde_json::from_slice(&error.payload).unwrap_or_default();
    let stack: Vec<_> = payload["trace"].as_array().into_iter().flatten().filter_map(|line| line.as_str()).skip(1).collect();
    let message = format!("{}: {}", error.error_type, error.message);
    function_error(error_type, &message, &stack.join("\n"))
}
