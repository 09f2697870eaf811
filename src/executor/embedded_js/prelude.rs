//! The world around a function: the prelude's source, and what it gets from the host.

use std::rc::Rc;

use rquickjs::function::Func;
use rquickjs::{Ctx, Exception, Function, Object, Result, TypedArray, Value};

use super::session::Leave;
use super::streaming::Streamed;
use super::{Reports, errors};
use crate::executor::environment::EnvironmentStart;

const SOURCE: &str = include_str!("prelude.js");

/// Evaluates the prelude; gives back its `invoke` function.
pub(super) fn install<'js>(
    ctx: &Ctx<'js>,
    start: &EnvironmentStart,
    reports: &Reports,
    exit: &Rc<Leave>,
    streamed: &Rc<Streamed>,
) -> Result<Function<'js>> {
    let host = Object::new(ctx.clone())?;
    let begin_in = Rc::clone(streamed);
    host.set("beginStream", Func::from(move |content_type: Option<String>| begin_in.begun(content_type)))?;
    let write_to = Rc::clone(streamed);
    host.set("writeStream", Func::from(move |chunk: TypedArray<'js, u8>| write_to.write(chunk.as_bytes().unwrap_or_default())))?;
    let log_to = reports.downgrade();
    let log = move |line: String| {
        if let Some(reports) = log_to.upgrade() {
            reports.log(&line);
        }
    };
    host.set("log", Func::from(log))?;
    let code_of = Rc::clone(exit);
    let leave = move |ctx: Ctx<'js>, code: i32| -> Result<()> {
        code_of.with(code);
        Err(Exception::throw_message(&ctx, "process.exit"))
    };
    host.set("exit", Function::new(ctx.clone(), leave)?)?;
    let thrown_in = Rc::clone(exit);
    host.set("uncaught", Func::from(move |ctx: Ctx<'js>, error: Value<'js>| thrown_in.by(errors::thrown(&ctx, &error))))?;
    host.set("stack", Func::from(|error: Object<'js>| errors::stack(&error)))?;
    host.set("arch", if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" })?;
    host.set("env", environment(ctx, start)?)?;
    let facts = Object::new(ctx.clone())?;
    facts.set("functionName", &*start.function)?;
    facts.set("memory", start.memory_size)?;
    facts.set("logGroup", format!("/aws/lambda/{}", start.function))?;
    facts.set("logStream", &*start.log_stream)?;
    host.set("facts", facts)?;
    let prelude: Function = ctx.eval(SOURCE)?;
    prelude.call((host,))
}

/// Lambda's own variables (semantics 2.6) and the function's; nothing of the host's.
fn environment<'js>(ctx: &Ctx<'js>, start: &EnvironmentStart) -> Result<Object<'js>> {
    let env = Object::new(ctx.clone())?;
    for (name, value) in start.lambda_variables("AWS_Lambda_javascript") {
        env.set(name, value)?;
    }
    env.set("LAMBDA_TASK_ROOT", "/var/task")?;
    env.set("LAMBDA_RUNTIME_DIR", "/var/runtime")?;
    for (name, value) in &start.variables {
        env.set(name.as_str(), value.as_str())?;
    }
    Ok(env)
}
