//! `build = [...]`: run before the first start of a function and again when its code has changed.
//!
//! A build may write beside its sources, and somebody may go on editing while it runs. So what changes meanwhile is no change
//! of the code yet; when the build has ended, files that it does not write itself tell that it has to run again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use process_wrap::tokio::CommandWrap;
use tokio::process::Command;

use super::event_loop::{EventLoop, Message};
use super::files::{self, Files};
use super::guard::Guard;
use crate::event::NoticeLevel;
use crate::service::ids::{EnvironmentId, FunctionName};
use crate::service::input::Input;
use crate::workspace::watch;

/// Lines of a failed build's output that are told.
const LINES_TOLD: usize = 12;
/// How long the system may take to tell what a build wrote last.
const TOLD_WITHIN: Duration = Duration::from_millis(20);

/// A build that runs.
#[derive(Debug, Default)]
pub struct Build {
    revision: u64,
    /// Environments that start when it is done.
    waiting: Vec<EnvironmentId>,
    /// Files that were there before.
    before: BTreeSet<PathBuf>,
    /// Files that have changed since it began.
    changed: BTreeSet<PathBuf>,
}

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
        !self.builds.is_empty()
    }

    /// Keeps changed files of a function for the end of its build; `false` if none runs.
    pub fn changed_while_building(&mut self, function: &str, paths: &[PathBuf]) -> bool {
        let Some(build) = self.builds.get_mut(function) else { return false };
        build.changed.extend(paths.iter().cloned());
        true
    }

    /// The service does not want this environment any more.
    pub fn not_waiting(&mut self, environment: EnvironmentId) {
        self.builds.values_mut().for_each(|build| build.waiting.retain(|other| *other != environment));
    }

    /// Whether somebody changed what the build had read, perhaps. What a build writes is known from the last time, or was
    /// not there before.
    fn was_changed_by_others(&mut self, function: &FunctionName, build: &Build) -> bool {
        let written = self.written.entry(function.clone()).or_default();
        let by_others = build.changed.iter().any(|path| build.before.contains(path) && !written.contains(path));
        written.extend(build.changed.iter().cloned());
        by_others
    }
}

impl EventLoop {
    /// Builds a function; the environment starts when that is done.
    pub(super) fn build(&mut self, function: &str, environment: EnvironmentId) {
        let Some(definition) = self.files.definition(function) else { return };
        let name = definition.configuration.name.clone();
        if let Some(build) = self.files.builds.get_mut(&name) {
            build.waiting.push(environment);
        } else {
            self.begin_build(name, vec![environment]);
        }
    }

    fn begin_build(&mut self, name: FunctionName, waiting: Vec<EnvironmentId>) {
        let Some(definition) = self.files.definition(&name) else { return };
        let build = definition.build.clone();
        let folder = if definition.code.is_file() { self.files.folder() } else { &definition.code }.to_path_buf();
        let (revision, before) = (self.files.revision(&name), watch::files_under(&folder));
        self.files.builds.insert(name.clone(), Build { revision, waiting, before, changed: BTreeSet::new() });
        self.clock.hold(true);
        self.outbox.notice(NoticeLevel::Information, format!("Building {name}: {}", build.join(" ")));
        let (messages, guard) = (self.messages.clone(), self.environments.guard().clone());
        tokio::spawn(async move {
            let result = run(&build, &folder, &guard).await;
            tokio::time::sleep(TOLD_WITHIN).await;
            // The loop is gone: nobody waits for the build.
            let _ = messages.send(Message::Built { function: name, result }).await;
        });
    }

    pub(super) fn built(&mut self, function: &FunctionName, result: Result<(), String>) {
        let Some(build) = self.files.builds.remove(function) else { return };
        let stale = self.files.was_changed_by_others(function, &build) || self.files.revision(function) != build.revision;
        if stale && !build.waiting.is_empty() {
            return self.begin_build(function.clone(), build.waiting);
        }
        self.clock.hold(self.files.building());
        if result.is_ok() && !stale {
            self.files.built.insert(function.clone(), build.revision);
        }
        if let Err(message) = &result {
            self.outbox.error(message.clone());
        }
        for environment in build.waiting {
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

async fn run(build: &[String], folder: &Path, guard: &Guard) -> Result<(), String> {
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
