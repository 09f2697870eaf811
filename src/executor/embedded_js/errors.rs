//! What JavaScript threw, as the error object that Lambda's Node.js runtime would send (semantics 1.7).

use rquickjs::{CaughtError, Ctx, Object, Value};
use serde_json::json;

use crate::service::input::FunctionError;

/// Classes above an error's that are looked at; a chain of prototypes may be of any length.
const CLASSES: usize = 16;

/// `errorType`, `errorMessage`, `trace`.
pub(super) fn function_error(error_type: &str, message: &str, stack: &str) -> FunctionError {
    let mut trace = vec![format!("{error_type}: {message}")];
    trace.extend(stack.lines().map(str::to_owned));
    let payload = json!({ "errorType": error_type, "errorMessage": message, "trace": trace }).to_string();
    FunctionError { error_type: error_type.into(), message: message.into(), payload: payload.into() }
}

/// An error object keeps its own name; anything else that was thrown is named by its type.
pub(super) fn thrown<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> FunctionError {
    if let Some(object) = value.as_object().filter(|_| value.is_error() || has_message(value)) {
        let text = |name: &str| object.get::<_, String>(name).unwrap_or_default();
        let name = Some(text("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| "Error".into());
        return function_error(&name, &text("message"), &stack(object));
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

/// The stack of an error from where it was thrown. The engine begins it in the constructors of the error's own class, which
/// Node.js leaves out, and ends it in the runtime's own code, which nobody can mend.
pub(super) fn stack(error: &Object<'_>) -> String {
    let stack: String = error.get("stack").unwrap_or_default();
    let classes = classes(error);
    let of_user = |line: &&str| !line.trim().is_empty() && !line.contains("(eval_script:") && !line.contains("(native)");
    let lines: Vec<&str> = stack.lines().filter(of_user).collect();
    let is_constructor = |line: &&&str| classes.iter().any(|class| class == function_of(line));
    let mut constructors = lines.iter().take_while(is_constructor);
    let own = constructors.position(|line| classes.first().is_some_and(|own| own == function_of(line)));
    lines[own.map_or(0, |own| own + 1)..].join("\n")
}

/// The names of an error's class and of those that it extends.
fn classes(error: &Object<'_>) -> Vec<String> {
    let constructor: Option<Object> = error.get("constructor").ok();
    let chain = std::iter::successors(constructor, Object::get_prototype);
    chain.map_while(|class| class.get::<_, String>("name").ok()).take_while(|name| !name.is_empty()).take(CLASSES).collect()
}

/// `pay` of `    at pay (file.mjs:3:5)`.
fn function_of(line: &str) -> &str {
    let frame = line.trim_start().strip_prefix("at ").unwrap_or_default();
    frame.split(" (").next().unwrap_or_default().trim_start_matches("new ")
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
