//! An executor as the window has it: commands in, events out.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use invokelab::channel::{self, CommandSender, EventReceiver};
use invokelab::command::{ClockMode, Command};
use invokelab::event::Event;
use invokelab::executor::{ApiPort, Database, Executor, Options};

/// Ended when dropped.
pub struct Workbench {
    executor: Executor,
    commands: CommandSender,
    pub events: EventReceiver,
}

impl Workbench {
    /// A workspace with a live clock and a database that is gone afterwards.
    pub fn open(workspace: &Path) -> Self {
        Self::with(workspace, Database::Memory, Some(ClockMode::Live))
    }

    pub fn with(workspace: &Path, database: Database, clock: Option<ClockMode>) -> Self {
        let (sender, events) = channel::events(Arc::new(|| {}));
        let options = Options {
            workspace: workspace.to_path_buf(),
            database,
            clock,
            seed: Some(7),
            api: ApiPort::Exactly(0),
            guard_program: Some(env!("CARGO_BIN_EXE_invokelab").into()),
        };
        let executor = Executor::start(options, sender).unwrap();
        Self { commands: executor.commands(), executor, events }
    }

    pub fn send(&self, command: Command) {
        self.commands.send(command).unwrap();
    }

    pub fn next_turn(&self) -> Vec<Event> {
        self.events.wait_for_turn(Duration::from_secs(60)).expect("an answer within a minute")
    }

    /// The first thing found in what happens from now on.
    pub fn wait<T>(&self, mut found: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            if let Some(answer) = self.next_turn().iter().find_map(&mut found) {
                return answer;
            }
        }
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        self.executor.stop();
    }
}
