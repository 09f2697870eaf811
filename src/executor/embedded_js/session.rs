//! The life of one environment: init, then one event after the other.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use llrt_modules::module_builder::ModuleBuilder;
use rquickjs::runtime::RejectionTracker;
use rquickjs::{
    AsyncContext, AsyncRuntime, CatchResultExt, Ctx, Function, Module, Object, Persistent, Promise, Value, async_with, qjs,
};
use tokio::sync::{Notify, mpsc};

use super::heap::{Counted, Heap};
use super::modules::{self, Code, FolderResolver, Folders, Sources};
use super::streaming::Streamed;
use super::{Log, Orders, Reports, SCRIPT_STACK, common_js, errors, event_json, prelude};
use crate::executor::environment::{EnvironmentStart, FromEnvironment, ReportSender, ToEnvironment};
use crate::executor::log_gate::LogGate;
use crate::service::effect::Dispatch;
use crate::service::ids::RequestId;
use crate::service::input::{Exit, FunctionError};

/// Exit codes of Lambda's Node.js runtime after a rejection that nobody handled and an exception that nobody caught.
const UNHANDLED: i32 = 128;
const UNCAUGHT: i32 = 129;

/// How long a runtime that ends may take to settle.
const SETTLE: std::time::Duration = std::time::Duration::from_millis(100);

/// How an environment ends by itself.
enum End {
    /// The loop stopped it: nobody wants to hear more.
    Stopped,
    Exit(Exit),
}

/// `process.exit` was called, or a callback threw what nobody caught.
#[derive(Default)]
pub(super) struct Leave {
    code: Cell<Option<i32>>,
    uncaught: RefCell<Option<FunctionError>>,
    called: Notify,
}

impl Leave {
    pub fn with(&self, code: i32) {
        self.code.set(Some(code));
        self.called.notify_one();
    }

    /// The first error counts, and none that `process.exit` threw.
    pub fn by(&self, error: FunctionError) {
        if self.code.get().is_none() {
            self.uncaught.borrow_mut().get_or_insert(error);
            self.called.notify_one();
        }
    }
}

/// A promise that was rejected while nobody listened.
struct Rejection {
    place: usize,
    reason: FunctionError,
}

/// Where a promise lies, which is what tells it from others.
fn place_of(promise: &Value<'_>) -> usize {
    // SAFETY: a promise is an object, whose value is a pointer; only the address is looked at.
    unsafe { qjs::JS_VALUE_GET_PTR(promise.as_raw()) as usize }
}

struct Session {
    start: EnvironmentStart,
    context: AsyncContext,
    runtime: AsyncRuntime,
    reports: Reports,
    orders: Orders,
    exit: Rc<Leave>,
    rejections: Rc<RefCell<Vec<Rejection>>>,
    /// What a streaming handler has written in the present invocation.
    streamed: Rc<Streamed>,
    heap: Rc<Heap>,
    /// The peak that was told last, in MB.
    told_peak: Cell<u32>,
    loaded_files: modules::Loaded,
}

type Loaded = (Persistent<Function<'static>>, Persistent<Function<'static>>);

pub(super) fn run(start: EnvironmentStart, orders: mpsc::Receiver<ToEnvironment>, sender: ReportSender, gate: LogGate) {
    let orders = Orders::new(orders);
    let log = Rc::new(Log { gate, left_out: Cell::default() });
    let reports = Reports { environment: start.environment, sender, orders: orders.clone(), log };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return reports.send(FromEnvironment::Exited(not_started(&error.to_string()))),
    };
    let heap = Heap::new(usize::try_from(start.memory_size).unwrap_or(128) << 20);
    let end = runtime.block_on(async {
        match Session::new(start, orders, reports.clone(), Rc::clone(&heap)).await {
            Ok(session) => session.live().await,
            Err(error) => End::Exit(not_started(&error.to_string())),
        }
    });
    if let End::Exit(exit) = end {
        reports.send(FromEnvironment::Exited(exit));
    }
    drop(runtime);
    // SAFETY: the session is gone and so are the tasks of its thread; a runtime that was not taken apart is not looked at
    // again, and no other gets its address.
    unsafe { heap.destroy() };
}

fn not_started(reason: &str) -> Exit {
    let message = format!("the JavaScript runtime could not be started: {reason}").into();
    Exit::NotStarted { error_type: "Sandbox.Failure".into(), message }
}

impl Session {
    async fn new(start: EnvironmentStart, orders: Orders, reports: Reports, heap: Rc<Heap>) -> rquickjs::Result<Self> {
        let runtime = AsyncRuntime::new_with_alloc(Counted(Rc::clone(&heap)))?;
        runtime.set_max_stack_size(SCRIPT_STACK).await;
        let exit: Rc<Leave> = Rc::default();
        let (stop, left) = (orders.clone(), Rc::clone(&exit));
        let ends = move || left.code.get().is_some() || stop.stopped();
        runtime.set_interrupt_handler(Some(Box::new(ends))).await;
        let rejections: Rc<RefCell<Vec<Rejection>>> = Rc::default();
        let tracked = Rc::clone(&rejections);
        let tracker: RejectionTracker = Box::new(move |ctx, promise, reason, handled| {
            let mut rejections = tracked.borrow_mut();
            let place = place_of(&promise);
            match handled {
                false => rejections.push(Rejection { place, reason: errors::thrown(&ctx, &reason) }),
                // The last one: an earlier promise at this place may be gone already.
                true => {
                    rejections.iter().rposition(|rejection| rejection.place == place).map(|index| rejections.remove(index));
                }
            }
        });
        runtime.set_host_promise_rejection_tracker(Some(tracker)).await;
        let context = AsyncContext::full(&runtime).await?;
        let streamed = Rc::new(Streamed::new(orders.clone()));
        let loaded_files = modules::Loaded::default();
        Ok(Self {
            start,
            context,
            runtime,
            reports,
            orders,
            exit,
            rejections,
            streamed,
            heap,
            told_peak: Cell::default(),
            loaded_files,
        })
    }

    /// Lives and ends. QuickJS gives the whole program up if a script's timers or promises outlive their runtime, so
    /// timers are cleared first; a runtime that was interrupted in the middle of a script is not taken apart at all, but its
    /// heap is given back as a whole.
    async fn live(self) -> End {
        let (end, interrupted) = self.events().await;
        // A runtime that is not taken apart must not keep a caller waiting.
        self.streamed.end();
        self.runtime.set_interrupt_handler(None).await;
        let cleared = async_with!(self.context => |ctx| {
            ctx.globals().get::<_, Function>("__invokelab_clear").and_then(|clear| clear.call::<_, ()>(())).is_ok()
        })
        .await;
        // The engine prints what the rest of an interrupted script throws, and nothing of that is looked at any more.
        let settles = !interrupted && cleared;
        let settled = settles && tokio::time::timeout(SETTLE, self.runtime.idle()).await.is_ok();
        if !settled {
            std::mem::forget((self.context.clone(), self.runtime.clone()));
        }
        end
    }

    /// Until it ends, and whether a script was in the middle of something.
    async fn events(&self) -> (End, bool) {
        let loaded = match self.init().await {
            Ok(loaded) => loaded,
            Err(error) => return (self.init_failed(error), true),
        };
        self.rejections.borrow_mut().clear();
        self.tell_memory();
        self.tell_loaded();
        self.reports.send(FromEnvironment::Ready);
        loop {
            match self.orders.next().await {
                Some(ToEnvironment::Dispatch { dispatch, deadline_millis, stream, .. }) => {
                    self.streamed.begin(stream);
                    if let Some(end) = self.invoke(&loaded, dispatch, deadline_millis).await {
                        return (end, true);
                    }
                    self.tell_loaded();
                    self.reports.send(FromEnvironment::Next);
                }
                Some(ToEnvironment::Stop(_)) | None => return (End::Stopped, false),
            }
        }
    }

    fn init_failed(&self, error: FunctionError) -> End {
        if self.orders.stopped() {
            return End::Stopped;
        }
        if let Some(exit) = self.ended() {
            return End::Exit(exit);
        }
        self.reports.log(&String::from_utf8_lossy(&error.payload));
        self.reports.send(FromEnvironment::InitError(error));
        End::Exit(Exit::Code(1))
    }

    /// Whether an error stands for the end of the runtime: `process.exit`, or no memory.
    fn ended(&self) -> Option<Exit> {
        if let Some(code) = self.exit.code.get() {
            return Some(Exit::Code(code));
        }
        self.heap.was_full().then_some(Exit::OutOfMemory)
    }

    async fn init(&self) -> Result<Loaded, FunctionError> {
        let code = Code::find(&self.start.code, &self.start.handler)
            .map_err(|message| errors::function_error("Runtime.ImportModuleError", &format!("Error: {message}"), ""))?;
        let (resolver, loader, globals) = ModuleBuilder::default().build();
        let folders = Folders { task: code.folder.clone(), layers: self.start.layers.clone() };
        let files = Sources { folders: folders.clone(), loaded: Rc::clone(&self.loaded_files) };
        let resolvers = (FolderResolver(folders.clone()), resolver);
        self.runtime.set_loader(resolvers, (files, loader)).await;
        let (start, reports, exit, streamed) = (&self.start, &self.reports, &self.exit, &self.streamed);
        let loaded = async_with!(self.context => |ctx| {
            globals.attach(&ctx).catch(&ctx).map_err(|error| errors::caught(&ctx, error))?;
            let invoke = prelude::install(&ctx, start, reports, exit, streamed).catch(&ctx).map_err(|error| errors::caught(&ctx, error))?;
            common_js::install(&ctx, folders, Rc::clone(&self.loaded_files)).catch(&ctx).map_err(|error| errors::caught(&ctx, error))?;
            let handler = load(&ctx, &code).await?;
            Ok((Persistent::save(&ctx, invoke), Persistent::save(&ctx, handler)))
        });
        loaded.await
    }

    async fn invoke(&self, loaded: &Loaded, dispatch: Dispatch, deadline_millis: u64) -> Option<End> {
        self.heap.begin();
        let request_id = dispatch.request_id;
        let loaded = loaded.clone();
        // An interrupted script may leave its promise pending for ever.
        let (orders, exit) = (self.orders.clone(), Rc::clone(&self.exit));
        let ended = async move {
            tokio::select! {
                _ = orders.next() => {}
                () = exit.called.notified() => {}
            }
        };
        let result: Result<Bytes, FunctionError> = async_with!(self.context => |ctx| {
            call(&ctx, loaded, &dispatch, deadline_millis, ended).await
        })
        .await;
        if self.orders.stopped() {
            return Some(End::Stopped);
        }
        self.reports.tell_left_out();
        self.tell_memory();
        if let Some(error) = self.exit.uncaught.take() {
            return Some(self.died(request_id, error, UNCAUGHT));
        }
        let rejection = self.rejections.borrow_mut().drain(..).next();
        let error = match (result, rejection) {
            (Ok(payload), None) => {
                let payload = self.streamed.take().unwrap_or(payload);
                self.reports.send(FromEnvironment::Response { request_id, payload });
                return None;
            }
            (Err(error), _) => error,
            (Ok(_), Some(rejection)) => return Some(self.unhandled(request_id, &rejection.reason)),
        };
        self.streamed.end();
        if let Some(exit) = self.ended() {
            return Some(End::Exit(exit));
        }
        self.log_error(request_id, &error);
        self.reports.send(FromEnvironment::Error { request_id, error });
        None
    }

    /// A rejection that nobody handled ends the runtime, as in Node.js.
    fn unhandled(&self, request_id: RequestId, reason: &FunctionError) -> End {
        let message = format!("{}: {}", reason.error_type, reason.message);
        self.died(request_id, errors::function_error("Runtime.UnhandledPromiseRejection", &message, ""), UNHANDLED)
    }

    /// The runtime tells its last error and exits.
    fn died(&self, request_id: RequestId, error: FunctionError, code: i32) -> End {
        self.streamed.end();
        if let Some(exit) = self.ended() {
            return End::Exit(exit);
        }
        self.log_error(request_id, &error);
        self.reports.send(FromEnvironment::Error { request_id, error });
        End::Exit(Exit::Code(code))
    }

    /// As Node.js on Lambda logs it: the stack is `stack` here, and `trace` in the payload.
    fn log_error(&self, request_id: RequestId, error: &FunctionError) {
        let time = crate::executor::clock::wall().iso_millis();
        let mut members: serde_json::Value = serde_json::from_slice(&error.payload).unwrap_or_default();
        if let Some(members) = members.as_object_mut()
            && let Some(trace) = members.remove("trace")
        {
            members.insert("stack".to_owned(), trace);
        }
        self.reports.log(&format!("{time}\t{request_id}\tERROR\tInvoke Error \t{members}"));
    }

    /// Tells which files were imported since it was told last: a change of another file is no change of this code.
    fn tell_loaded(&self) {
        let files = self.loaded_files.take();
        if !files.is_empty() {
            self.reports.send(FromEnvironment::Loaded(files));
        }
    }

    /// Before the answer, whose REPORT line says it.
    fn tell_memory(&self) {
        let megabytes = u32::try_from(self.heap.peak().div_ceil(1 << 20)).unwrap_or(u32::MAX);
        if self.told_peak.replace(megabytes) == megabytes {
            return;
        }
        self.reports.send(FromEnvironment::MemoryUsed { megabytes });
    }
}

async fn load<'js>(ctx: &Ctx<'js>, code: &Code) -> Result<Function<'js>, FunctionError> {
    let failed = |error| errors::of_module(errors::caught(ctx, error));
    let promise = Module::import(ctx, format!("./{}", code.entry)).catch(ctx).map_err(failed)?;
    let namespace: Object = promise.into_future().await.catch(ctx).map_err(failed)?;
    let direct: Option<Function> = namespace.get(code.export.as_str()).ok();
    let handler = direct.or_else(|| {
        let default: Object = namespace.get("default").ok()?;
        default.get(code.export.as_str()).ok()
    });
    handler.ok_or_else(|| {
        let message = format!("{}.{} is undefined or not exported", code.entry, code.export);
        errors::function_error("Runtime.HandlerNotFound", &message, "")
    })
}

async fn call(
    ctx: &Ctx<'_>,
    loaded: Loaded,
    dispatch: &Dispatch,
    deadline_millis: u64,
    ended: impl Future<Output = ()>,
) -> Result<Bytes, FunctionError> {
    let begin = || -> rquickjs::Result<Promise> {
        let invoke = loaded.0.restore(ctx)?;
        let handler = loaded.1.restore(ctx)?;
        let invocation = Object::new(ctx.clone())?;
        invocation.set("requestId", dispatch.request_id.to_string())?;
        invocation.set("arn", &*dispatch.invoked_function_arn)?;
        invocation.set("trace", &*dispatch.trace_header)?;
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's own numbers; exact for 285,000 years")]
        invocation.set("deadline", deadline_millis as f64)?;
        if let Some(client) = &dispatch.client_context {
            invocation.set("clientContext", String::from_utf8_lossy(client).into_owned())?;
        }
        let event = event_json::parse(ctx, &dispatch.payload)?;
        invoke.call((handler, event, invocation))
    };
    let failed = |error| errors::caught(ctx, error);
    let promise = begin().catch(ctx).map_err(failed)?;
    tokio::select! {
        biased;
        text = promise.into_future::<String>() => text.catch(ctx).map(Bytes::from).map_err(failed),
        () = ended => Err(errors::function_error("Runtime.ExitError", "interrupted", "")),
    }
}
