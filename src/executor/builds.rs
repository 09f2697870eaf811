//! `build = [...]`: run before the first start of a function and again when its code has changed.
//!
//! A build may write beside its sources, and somebody may go on editing while it runs. So what changes meanwhile is no change
//! of the code yet. When the build has ended, files that have another content than before, and that no build writes, tell that
//! it has to run again. What a build writes is what it writes twice ([`super::build_outputs`]). The system may tell of it only
//! after the build has ended, so the files are compared ([`super::folder_snapshot`]) instead of waiting for its word.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use process_wrap::tokio::CommandWrap;
use tokio::process::Command;

use super::event_loop::{EventLoop, Message};
use super::files::{self, Files};
use super::folder_snapshot::FolderSnapshot;
use super::guard::Guard;
use crate::event::NoticeLevel;
use crate::service::ids::{EnvironmentId, FunctionName};
use crate::service::input::Input;
use crate::workspace::watch::{self, Changed, Interest};

/// Lines of a failed build's output that are told.
const LINES_TOLD: usize = 12;

/// A build that runs.
#[derive(Debug, Default)]
pub struct Build {
    revision: u64,
    folder: PathBuf,
    /// Environments that start when it is done.
    waiting: Vec<EnvironmentId>,
    /// Files that were written to since it began.
    touched: BTreeSet<PathBuf>,
}

/// A build that has ended.
#[derive(Debug)]
pub struct Built {
    function: FunctionName,
    /// What its folder held before and held then.
    before: FolderSnapshot,
    after: FolderSnapshot,
    /// The error is its sentence.
    result: Result<(), String>,
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

    /// Whether changed files of a function are for a build to judge: its own, when it has ended or where it has judged them
    /// already, or that of another function in the same folder, which is known to write them.
    pub fn made_by_a_build(&mut self, function: &str, Changed { paths, everything }: &Changed) -> bool {
        if let Some(build) = self.builds.get_mut(function) {
            build.touched.extend(paths.iter().cloned());
            if *everything {
                build.touched.extend(watch::files_under(&build.folder));
            }
            return true;
        }
        let concerning: Vec<&PathBuf> = paths.iter().filter(|path| self.is_code(function, path)).collect();
        let judged = |after: &FolderSnapshot| !*everything && concerning.iter().all(|path| after.still_holds(path));
        if self.after_builds.get(function).is_some_and(judged)
            || self.builds.values().any(|build| self.written.has_all(&build.folder, &concerning))
        {
            return true;
        }
        self.written.forget(paths);
        false
    }

    /// The service does not want this environment any more.
    pub fn not_waiting(&mut self, environment: EnvironmentId) {
        self.builds.values_mut().for_each(|build| build.waiting.retain(|other| *other != environment));
    }

    /// Whether somebody changed what the build had read, perhaps.
    fn was_changed_by_others(&mut self, built: &Built, build: &Build) -> bool {
        let mut touched = built.after.touched_since(&built.before);
        touched.retain(|path| self.is_code(&built.function, path));
        touched.extend(build.touched.iter().cloned());
        let unknown = self.written.learn(&built.function, &build.folder, &touched);
        unknown.iter().any(|path| built.after.content_differs(path, &built.before))
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
        let running = Build { revision: self.files.revision(&name), folder: folder.clone(), waiting, touched: BTreeSet::new() };
        self.files.builds.insert(name.clone(), running);
        self.clock.hold(true);
        self.outbox.notice(NoticeLevel::Information, format!("Building {name}: {}", build.join(" ")));
        let interest = Interest::of(&self.files.workspace);
        let (messages, guard) = (self.messages.clone(), self.environments.guard().clone());
        tokio::spawn(async move {
            let before = snapshot(&folder, &interest).await;
            let result = run(&build, &folder, &guard).await;
            let after = snapshot(&folder, &interest).await;
            // The loop is gone: nobody waits for the build.
            let _ = messages.send(Message::Built(Built { function: name, before, after, result })).await;
        });
    }

    pub(super) fn built(&mut self, built: Built) {
        let Some(build) = self.files.builds.remove(&built.function) else { return };
        let changed = self.files.was_changed_by_others(&built, &build);
        let Built { function, after, result, .. } = built;
        let function = &function;
        let stale = changed || self.files.revision(function) != build.revision;
        self.files.after_builds.insert(function.clone(), after);
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

async fn snapshot(folder: &Path, interest: &Interest) -> FolderSnapshot {
    let (folder, interest) = (folder.to_path_buf(), interest.clone());
    tokio::task::spawn_blocking(move || FolderSnapshot::of(&folder, &interest)).await.unwrap_or_default()
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
