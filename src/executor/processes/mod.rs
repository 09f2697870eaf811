//! Execution environments that are processes: an interpreter with a bundled bootstrap, or any program that speaks the
//! Lambda Runtime API. Each has a process group of its own and a Runtime API of its own.

mod bootstrap;
mod debugger;
mod exit;
mod lines;
mod memory;
mod output;
mod program;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::environment::{EnvironmentHandle, EnvironmentStart, FromEnvironment, Report, ReportSender, ToEnvironment};
use super::guard::Guard;
use super::log_gate::LogGate;
use super::runtime_api::{self, RuntimeApi};
use crate::service::input::Exit;
use output::Output;
use program::{Program, failure};

/// A killed process that is not gone after this time (it waits for a disk, say) is left to the system.
const REAPING: Duration = Duration::from_secs(2);

/// How often a process is measured while it has an event in hand.
const MEASURED_EVERY: Duration = Duration::from_millis(200);

/// Starts an environment; must be called on a tokio runtime. What it has to say comes as reports.
#[must_use]
pub fn start(start: EnvironmentStart, guard: &Guard, reports: ReportSender, gate: LogGate) -> EnvironmentHandle {
    let api = RuntimeApi::new(start.environment, reports.clone());
    let (handle, orders) = EnvironmentHandle::with_runtime_api(&api);
    tokio::spawn(live(start, api, guard.clone(), orders, reports, gate));
    handle
}

async fn live(
    start: EnvironmentStart,
    api: Arc<RuntimeApi>,
    guard: Guard,
    orders: mpsc::Receiver<ToEnvironment>,
    reports: ReportSender,
    gate: LogGate,
) {
    let environment = start.environment;
    let exit = match Environment::open(&start, api, guard, &reports, gate).await {
        Ok(environment) => environment.run(orders).await,
        Err(exit) => Some(exit),
    };
    if let Some(exit) = exit {
        // The loop is gone: nobody wants to know.
        let _ = reports.send(Report { environment, what: FromEnvironment::Exited(exit) }).await;
    }
}

/// Ends the whole group when dropped, whatever way the environment ends.
struct Group {
    id: u32,
    guard: Guard,
}

impl Group {
    #[cfg(unix)]
    fn signal(&self, signal: i32) {
        super::guard::signal_group(i32::try_from(self.id).unwrap_or(0), signal);
    }

    fn kill(&self) {
        #[cfg(unix)]
        self.signal(libc::SIGKILL);
    }

    /// `freeze = true`: the group stands still between invokes, as in Lambda.
    fn freeze(&self, frozen: bool) {
        #[cfg(unix)]
        self.signal(if frozen { libc::SIGSTOP } else { libc::SIGCONT });
        #[cfg(not(unix))]
        let _ = frozen;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        self.guard.remove(self.id);
    }
}

/// A running process. What is first here is dropped first: the group is killed before anything is let go.
struct Environment {
    group: Group,
    api: Arc<RuntimeApi>,
    output: Arc<Output>,
    child: Box<dyn ChildWrapper>,
    freezes: bool,
    /// Connections and readers; they end with the environment.
    _tasks: JoinSet<()>,
    program: Program,
}

impl Environment {
    async fn open(
        start: &EnvironmentStart,
        api: Arc<RuntimeApi>,
        guard: Guard,
        reports: &ReportSender,
        gate: LogGate,
    ) -> Result<Self, Exit> {
        let no_port = |error: std::io::Error| failure(format!("no port of 127.0.0.1 for the Runtime API: {error}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(no_port)?;
        let address = listener.local_addr().map_err(no_port)?;
        let program = Program::of(start)?;
        let mut child = spawn(program.command(start, &address.to_string()), &guard, &program)?;
        let group = Group { id: child.id().unwrap_or(0), guard };
        let mut tasks = JoinSet::new();
        let output = Output::of(&mut *child, start.environment, reports.clone(), gate, &mut tasks);
        output.log(program.debugger_line().into_iter().collect()).await;
        tasks.spawn(runtime_api::serve(listener, Arc::clone(&api), Arc::clone(&output)));
        Ok(Self { group, api, output, child, freezes: start.freeze, _tasks: tasks, program })
    }

    /// Until it ends by itself (then with how) or is stopped.
    async fn run(mut self, mut orders: mpsc::Receiver<ToEnvironment>) -> Option<Exit> {
        let mut ended = self.child.wait();
        tokio::select! {
            biased;
            // Events go to the Runtime API itself: what comes here, the end of the loop included, is a stop.
            _ = orders.recv() => {
                self.group.kill();
                // It is waited for so that no zombie stays; how it ended is known.
                let _ = tokio::time::timeout(REAPING, ended).await;
                None
            }
            status = &mut ended => {
                // Children that hold the pipes open end with it, and do not hold up the news.
                self.group.kill();
                self.output.drain().await;
                let exit = exit::of(status);
                Some(if self.api.has_asked() { exit } else { self.program.ended_early(exit) })
            }
            never = attend(&self.api, &self.output, &self.group, self.freezes) => never,
        }
    }
}

/// Measures a process while it works, which it does from its start on, and lets it stand still in between if it is to.
/// Who invokes it again within a moment finds it attended to and wakes nobody.
async fn attend(api: &RuntimeApi, output: &Output, group: &Group, freezes: bool) -> ! {
    let mut initialises = true;
    loop {
        while !api.rests() {
            match freezes || initialises {
                // It is told at once: one that is to stand still does so, and a first event may be its end.
                true => drop(tokio::time::timeout(MEASURED_EVERY, api.waits()).await),
                false => tokio::time::sleep(MEASURED_EVERY).await,
            }
            // One that is killed or ends by itself cannot be measured any more.
            output.measure().await;
        }
        initialises = false;
        if freezes {
            group.freeze(true);
        }
        api.works().await;
        if freezes {
            group.freeze(false);
        }
    }
}

fn spawn(mut command: tokio::process::Command, guard: &Guard, program: &Program) -> Result<Box<dyn ChildWrapper>, Exit> {
    let no_guard = |error: std::io::Error| failure(format!("the process guard could not be started: {error}"));
    let watch = guard.watch(&mut command).map_err(no_guard)?;
    if let Some(folder) = program.temporary_folder() {
        guard.clears(folder);
    }
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::tokio::JobObject);
    command.wrap(process_wrap::tokio::KillOnDrop);
    command.spawn().map_err(|error| {
        guard.not_started(&watch);
        program.not_started(&error)
    })
}
