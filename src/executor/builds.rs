//! `build = [...]`: run before the first start of a function and again when its code has changed.

use std::process::Stdio;

use process_wrap::tokio::CommandWrap;
use tokio::process::Command;

use super::event_loop::{EventLoop, Message};
use super::files::{self, Files};
use super::guard::Guard;
use crate::event::NoticeLevel;
use crate::service::ids::EnvironmentId;
use crate::service::input::Input;

/// Lines of a failed build's output that are told.
const LINES_TOLD: usize = 12;

impl Files {
    /// Whether the present revision of a function has a build that has not run.
    #[must_use]
    pub fn must_build(&self, function: &str) -> bool {
        let has_build = self.definition(function).is_some_and(|definition| !definition.build.is_empty());
        has_build && self.built.get(function) != Some(&self.revision(function))
    }

    /// Whether a build runs: service time stands still then.
    #[must_use]
    pub fn building(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl EventLoop {
    /// Builds a function; the environment starts when that is done.
    pub(super) fn build(&mut self, function: &str, environment: EnvironmentId) {
        let Some(definition) = self.files.definition(function) else { return };
        let (name, build) = (definition.configuration.name.clone(), definition.build.clone());
        let folder = if definition.code.is_file() { self.files.folder().to_path_buf() } else { definition.code.clone() };
        let revision = self.files.revision(function);
        let waiting = self.files.waiting.entry(name.clone()).or_default();
        waiting.push(environment);
        if waiting.len() > 1 {
            return;
        }
        self.clock.hold(true);
        self.outbox.notice(NoticeLevel::Information, format!("Building {name}: {}", build.join(" ")));
        let (messages, guard) = (self.messages.clone(), self.environments.guard().clone());
        tokio::spawn(async move {
            let result = run(&build, &folder, &guard).await;
            // The loop is gone: nobody waits for the build.
            let _ = messages.send(Message::Built { function: name, revision, result }).await;
        });
    }

    pub(super) fn built(&mut self, function: &str, revision: u64, result: Result<(), String>) {
        let waiting = self.files.waiting.remove(function).unwrap_or_default();
        self.clock.hold(self.files.building());
        if result.is_ok() {
            self.files.built.insert(function.into(), revision);
        }
        if let Err(message) = &result {
            self.outbox.error(message.clone());
        }
        for environment in waiting {
            let built = result.clone().map_err(|message| files::not_started("Runtime.BuildError", message));
            let start = built.and_then(|()| self.files.environment_start(environment, function, self.now()));
            match start {
                Ok(start) => {
                    self.begin(start);
                    self.carry_out();
                }
                Err(exit) => self.input(Input::Exited { environment, exit }),
            }
        }
    }
}

async fn run(build: &[String], folder: &std::path::Path, guard: &Guard) -> Result<(), String> {
    let Some((program, arguments)) = build.split_first() else { return Ok(()) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut command = CommandWrap::from(command);
    #[cfg(unix)]
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    #[cfg(windows)]
    command.wrap(process_wrap::tokio::JobObject);
    command.wrap(process_wrap::tokio::KillOnDrop);
    let child = command
        .spawn()
        .map_err(|error| format!("`{}` could not be started in {}: {error}", build.join(" "), folder.display()))?;
    let group = child.id().unwrap_or(0);
    // Without a guard the build still runs; it only may outlive a kill of this program.
    let _ = guard.add(group);
    let output = Box::into_pin(child.wait_with_output()).await;
    guard.remove(group);
    let output = output.map_err(|error| format!("`{}`: {error}", build.join(" ")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(LINES_TOLD)..].join("\n");
    Err(format!("`{}` failed with {}:\n{last}", build.join(" "), output.status))
}
