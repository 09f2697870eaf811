//! Execution environments that are processes: an interpreter with a bundled bootstrap, or any program that speaks the
//! Lambda Runtime API. Each has a process group of its own and a Runtime API of its own.

mod exit;
mod output;
mod program;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::environment::{EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ReportSender, ToEnvironment};
use super::guard::Guard;
use super::runtime_api::{self, Hooks, RuntimeApi};
use crate::service::input::Exit;
use output::Output;
use program::Program;

/// Starts an environment; must be called on a tokio runtime. What it has to say comes as reports.
#[must_use]
pub fn start(start: EnvironmentStart, guard: &Guard, reports: ReportSender) -> EnvironmentHandle {
    let (handle, orders) = EnvironmentHandle::new();
    tokio::spawn(live(start, guard.clone(), orders, reports));
    handle
}

/// Ends the whole group when dropped, whatever way the environment ends.
struct Group {
    id: u32,
    guard: Guard,
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        super::guard::kill_group(i32::try_from(self.id).unwrap_or(0).max(0));
        self.guard.remove(self.id);
    }
}

struct Environment {
    start: EnvironmentStart,
    api: Arc<RuntimeApi>,
    child: Box<dyn ChildWrapper>,
    group: Group,
    output: Arc<Output>,
}

async fn live(start: EnvironmentStart, guard: Guard, orders: mpsc::Receiver<ToEnvironment>, reports: ReportSender) {
    let environment = start.environment;
    let exit = match Environment::open(start, guard, &reports).await {
        Ok(environment) => environment.run(orders).await,
        Err(exit) => Some(exit),
    };
    if let Some(exit) = exit {
        // The loop is gone: nobody wants to know.
        let _ = reports.send(Report { environment, what: FromEnvironment::Exited(exit) }).await;
    }
}

impl Environment {
    async fn open(start: EnvironmentStart, guard: Guard, reports: &ReportSender) -> Result<Self, Exit> {
        let environment = start.environment;
        let failed = |error_type: &str, message: String| Exit::NotStarted { error_type: error_type.into(), message: message.into() };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.map_err(|error| failed("Sandbox.Failure", format!("no port for the Runtime API: {error}")))?;
        let address = listener.local_addr().map_err(|error| failed("Sandbox.Failure", error.to_string()))?;
        let program = Program::of(&start).map_err(|message| failed("Runtime.InvalidEntrypoint", message))?;
        if let Some(found) = program.version().await {
            // As above.
            let _ = reports.send(Report { environment, what: FromEnvironment::RuntimeFound(found.into()) }).await;
        }
        let mut command = program.command(&start, &address.to_string());
        let mut child = spawn(&mut command).map_err(|error| failed("Runtime.InvalidEntrypoint", program.not_started(&error)))?;
        let group = Group { id: child.id().unwrap_or(0), guard };
        group.guard.add(group.id).map_err(|error| failed("Sandbox.Failure", format!("the process guard could not be started: {error}")))?;
        let output = Output::of(&mut *child, environment, reports.clone());
        let api = RuntimeApi::new(environment, reports.clone());
        let server = runtime_api::serve(listener, Arc::clone(&api), Arc::clone(&output));
        output.own(tokio::spawn(server).abort_handle());
        Ok(Self { start, api, child, group, output })
    }

    /// Until it ends by itself (then with how) or is stopped.
    async fn run(mut self, mut orders: mpsc::Receiver<ToEnvironment>) -> Option<Exit> {
        loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(ToEnvironment::Dispatch { dispatch, deadline_millis, .. }) => {
                        self.thaw(true);
                        self.api.dispatch(dispatch, deadline_millis);
                    }
                    Some(ToEnvironment::Stop(_)) | None => return None,
                },
                status = self.child.wait() => {
                    // Children that hold the pipes open must not hold up the news.
                    self.output.drain().await;
                    return Some(exit::of(status));
                }
                () = self.output.answered(), if self.start.freeze => self.thaw(false),
            }
        }
    }

    /// `freeze = true`: the group is stopped between invokes, as in Lambda.
    fn thaw(&self, run: bool) {
        #[cfg(unix)]
        if self.start.freeze && (run || !self.api.is_busy()) {
            let signal = if run { libc::SIGCONT } else { libc::SIGSTOP };
            // SAFETY: kill takes no pointer; the group is ours as long as its leader has not been waited for.
            unsafe {
                libc::kill(-i32::try_from(self.group.id).unwrap_or(0).max(0), signal);
            }
        }
        #[cfg(not(unix))]
        let _ = run;
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.output.close();
    }
}

impl Hooks for Output {
    async fn before_answer(&self) {
        self.drain().await;
        self.measure().await;
        self.note_answer();
    }
}

fn spawn(command: &mut CommandWrap) -> std::io::Result<Box<dyn ChildWrapper>> {
    #[cfg(unix)]
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::tokio::JobObject);
    command.wrap(process_wrap::tokio::KillOnDrop);
    command.spawn()
}
