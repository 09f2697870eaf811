//! The built-in JavaScript runtime: QuickJS with modules of AWS's LLRT, one thread an environment, nothing to install.
//!
//! Between two invocations no JavaScript runs, as in Lambda, where the environment is frozen.

mod common_js;
mod errors;
mod event_json;
mod heap;
mod modules;
mod prelude;
mod session;
mod streaming;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::environment::{EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ReportSender, ToEnvironment};
use super::log_gate::{self, LogGate};
use crate::service::ids::EnvironmentId;
use crate::service::input::Exit;

/// Stack of the thread, and how much of it JavaScript may use.
const THREAD_STACK: usize = 16 << 20;
const SCRIPT_STACK: usize = 8 << 20;

/// Starts an environment; what it has to say comes as reports.
#[must_use]
pub fn start(start: EnvironmentStart, reports: ReportSender, gate: LogGate) -> EnvironmentHandle {
    let (handle, orders) = EnvironmentHandle::new();
    let environment = start.environment;
    let late = reports.clone();
    let run = move || session::run(start, orders, reports, gate);
    let thread = std::thread::Builder::new().name("javascript".into()).stack_size(THREAD_STACK).spawn(run);
    if let Err(error) = thread {
        let message = format!("no thread could be started: {error}").into();
        let what = FromEnvironment::Exited(Exit::NotStarted { error_type: "Sandbox.Failure".into(), message });
        // The channel holds a thousand reports; one that is full has a loop that is busy, and tries again at the init limit.
        let _ = late.try_send(Report { environment, what });
    }
    handle
}

/// The loop's orders, where the interrupt handler can see that the handle was dropped while JavaScript runs.
#[derive(Clone)]
struct Orders {
    receiver: Rc<RefCell<mpsc::Receiver<ToEnvironment>>>,
    /// A stop was taken out of the channel.
    stop_taken: Rc<Cell<bool>>,
}

impl Orders {
    fn new(receiver: mpsc::Receiver<ToEnvironment>) -> Self {
        Self { receiver: Rc::new(RefCell::new(receiver)), stop_taken: Rc::default() }
    }

    async fn next(&self) -> Option<ToEnvironment> {
        let order = poll_fn(|context| self.receiver.borrow_mut().poll_recv(context)).await;
        if matches!(order, Some(ToEnvironment::Stop(_)) | None) {
            self.stop_taken.set(true);
        }
        order
    }

    /// Whether the loop has stopped this environment.
    fn stopped(&self) -> bool {
        self.stop_taken.get() || self.receiver.try_borrow().is_ok_and(|receiver| receiver.is_closed())
    }
}

/// The way back to the loop, from a thread of its own: a loop that is behind is waited for, so that a function which
/// prints without end is slowed down instead of filling the memory.
#[derive(Clone)]
struct Reports {
    environment: EnvironmentId,
    sender: ReportSender,
    orders: Orders,
    log: Rc<Log>,
}

/// What holds a function up that writes faster than its log is taken.
struct Log {
    gate: LogGate,
    /// Lines that were counted only.
    left_out: Cell<u64>,
}

/// The same for scripts, which may be left behind when their environment ends.
struct WeakReports {
    environment: EnvironmentId,
    sender: mpsc::WeakSender<Report>,
    orders: Orders,
    log: Rc<Log>,
}

impl WeakReports {
    fn upgrade(&self) -> Option<Reports> {
        let sender = self.sender.upgrade()?;
        Some(Reports { environment: self.environment, sender, orders: self.orders.clone(), log: Rc::clone(&self.log) })
    }
}

impl Reports {
    fn downgrade(&self) -> WeakReports {
        let (sender, log) = (self.sender.downgrade(), Rc::clone(&self.log));
        WeakReports { environment: self.environment, sender, orders: self.orders.clone(), log }
    }

    fn send(&self, what: FromEnvironment) {
        let mut report = Report { environment: self.environment, what };
        while let Err(mpsc::error::TrySendError::Full(back)) = self.sender.try_send(report) {
            if self.orders.stopped() {
                return;
            }
            report = back;
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    fn log(&self, text: &str) {
        let lines: Vec<Arc<str>> = log_gate::shortened(text).split('\n').map(Arc::from).collect();
        if !self.log.gate.opens_for_thread(|| self.orders.stopped()) {
            self.log.left_out.set(self.log.left_out.get() + lines.len() as u64);
            return;
        }
        self.tell_left_out();
        self.send_lines(lines);
    }

    /// Says how many lines were counted only, if any were.
    fn tell_left_out(&self) {
        let left_out = self.log.left_out.take();
        if left_out > 0 {
            self.send_lines(vec![log_gate::left_out(left_out)]);
        }
    }

    fn send_lines(&self, lines: Vec<Arc<str>>) {
        self.log.gate.leave(&lines);
        self.send(FromEnvironment::Log(lines));
    }
}
