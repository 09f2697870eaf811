//! The workspace as the loop sees it: definitions, their revisions, and what the window is shown of them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build_outputs::BuildOutputs;
use super::builds::Build;
use super::environment::EnvironmentStart;
use super::folder_snapshot::FolderSnapshot;
use super::lambda_api::ApiView;
use crate::event::{FunctionView, Problem, WorkspaceView};
use crate::http_model::gateway::Place;
use crate::service::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration, ServiceSettings};
use crate::service::ids::{EnvironmentId, FunctionName};
use crate::service::input::{Exit, Input};
use crate::service::time::Timestamp;
use crate::workspace::definition::{FunctionDefinition, Runtime, Workspace};
use crate::workspace::removal::Removed;
use crate::workspace::replaced_code::ReplacedCode;
use crate::workspace::route_edit::AddedRoute;
use crate::workspace::saved_events::{self, RemovedEvent};
use crate::workspace::watch::Changed;
use crate::workspace::{self, environment_file, event_meta};

/// The workspace that is open.
pub struct Files {
    pub(super) workspace: Workspace,
    runtimes_found: BTreeMap<FunctionName, Arc<str>>,
    revisions: BTreeMap<FunctionName, u64>,
    endpoint: Option<Arc<str>>,
    view: Arc<WorkspaceView>,
    pub(super) builds: BTreeMap<FunctionName, Build>,
    /// The revisions that were built last.
    pub(super) built: BTreeMap<FunctionName, u64>,
    pub(super) written: BuildOutputs,
    /// What the last build of a function left behind.
    pub(super) after_builds: BTreeMap<FunctionName, FolderSnapshot>,
    /// Files that the present code of a function has imported, where its runtime tells.
    loaded: BTreeMap<FunctionName, BTreeSet<PathBuf>>,
    /// Code that stands in for a handler's own.
    replaced: BTreeMap<FunctionName, ReplacedCode>,
    /// What was taken out last, to be put back.
    pub(super) removed: Option<Removed>,
    pub(super) removed_event: Option<RemovedEvent>,
    /// What was added last, to be taken out.
    pub(super) added: Option<AddedRoute>,
}

impl Files {
    /// # Errors
    /// The workspace cannot be read at all, as a sentence.
    pub fn open(path: &Path) -> Result<Self, String> {
        let workspace = workspace::load(path).map_err(|problem| problem.message)?;
        let mut files = Self {
            workspace,
            runtimes_found: BTreeMap::new(),
            revisions: BTreeMap::new(),
            endpoint: None,
            view: Arc::default(),
            builds: BTreeMap::new(),
            built: BTreeMap::new(),
            written: BuildOutputs::default(),
            after_builds: BTreeMap::new(),
            loaded: BTreeMap::new(),
            replaced: BTreeMap::new(),
            removed: None,
            removed_event: None,
            added: None,
        };
        files.refresh_view();
        Ok(files)
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.workspace.folder
    }

    /// Region and account of everything in it.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place { region: &self.workspace.region, account_id: &self.workspace.account_id }
    }

    #[must_use]
    pub fn endpoint_port(&self) -> Option<u16> {
        self.workspace.endpoint_port
    }

    pub fn set_endpoint(&mut self, address: Arc<str>) {
        self.endpoint = Some(address);
    }

    #[must_use]
    pub fn settings(&self) -> ServiceSettings {
        ServiceSettings {
            region: self.workspace.region.as_str().into(),
            account_id: self.workspace.account_id.as_str().into(),
            account_concurrency: self.workspace.account_concurrency,
            idle_expiry: self.workspace.environment_idle_expiry,
            ..ServiceSettings::default()
        }
    }

    #[must_use]
    pub fn view(&self) -> Arc<WorkspaceView> {
        Arc::clone(&self.view)
    }

    #[must_use]
    pub fn api_view(&self) -> ApiView {
        let settings = self.settings();
        ApiView { workspace: self.view(), region: settings.region, account_id: settings.account_id }
    }

    /// Makes the view anew, from the definitions and from what lies on disk.
    pub fn refresh_view(&mut self) {
        let mut view = workspace::view(&self.workspace, &self.runtimes_found);
        for function in &mut view.functions {
            let revision = self.revision(&function.configuration.name);
            Arc::make_mut(&mut function.configuration).revision = revision;
        }
        self.view = Arc::new(view);
    }

    /// Keeps which interpreter a function runs on; `false` if that was known.
    pub fn runtime_found(&mut self, function: &str, runtime: Arc<str>) -> bool {
        let before = self.runtimes_found.insert(function.into(), runtime.clone());
        before.is_none_or(|before| before != runtime)
    }

    #[must_use]
    pub fn definition(&self, function: &str) -> Option<&FunctionDefinition> {
        self.workspace.functions.iter().find(|definition| &*definition.configuration.name == function)
    }

    fn configuration(&self, definition: &FunctionDefinition) -> Arc<FunctionConfiguration> {
        let revision = self.revision(&definition.configuration.name);
        Arc::new(FunctionConfiguration { revision, ..definition.configuration.clone() })
    }

    #[must_use]
    pub fn revision(&self, function: &str) -> u64 {
        self.revisions.get(function).copied().unwrap_or(0)
    }

    /// Everything the service must know of a workspace that was just opened.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        let functions =
            self.workspace.functions.iter().map(|definition| Input::ConfigureFunction(self.configuration(definition)));
        let queues = self.workspace.queues.iter().cloned().map(Input::ConfigureQueue);
        let mappings = self.workspace.mappings.iter().cloned().map(Input::ConfigureMapping);
        functions.chain(queues).chain(mappings).collect()
    }

    /// Reads the workspace file again; what changed for the service comes back. A file that cannot be read, or not whole,
    /// leaves everything as it is but the problems shown: somebody is in the middle of writing it.
    pub fn reload(&mut self) -> Vec<Input> {
        let mut loaded = match workspace::reload(&self.workspace) {
            Ok(loaded) if !loaded.partly_read => loaded,
            Ok(Workspace { problems, .. }) => return self.stay_with(problems),
            Err(problem) => return self.stay_with(vec![problem]),
        };
        for definition in &mut loaded.functions {
            if let Some(replaced) = self.replaced.get(&definition.configuration.name) {
                replaced.apply(definition);
            }
        }
        let before = std::mem::replace(&mut self.workspace, loaded);
        let mut inputs = self.changed_functions(&before);
        let expiry = self.workspace.environment_idle_expiry;
        inputs.extend((expiry != before.environment_idle_expiry).then_some(Input::SetIdleExpiry(expiry)));
        inputs.extend(changed_queues(&before.queues, &self.workspace.queues));
        inputs.extend(changed_mappings(&before.mappings, &self.workspace.mappings));
        self.refresh_view();
        inputs
    }

    fn stay_with(&mut self, problems: Vec<Problem>) -> Vec<Input> {
        self.workspace.problems = problems;
        self.refresh_view();
        Vec::new()
    }

    fn changed_functions(&mut self, before: &Workspace) -> Vec<Input> {
        let old: BTreeMap<_, _> =
            before.functions.iter().map(|definition| (definition.configuration.name.clone(), definition)).collect();
        let names: BTreeSet<_> =
            self.workspace.functions.iter().map(|definition| definition.configuration.name.clone()).collect();
        let gone = old.keys().filter(|name| !names.contains(*name)).cloned().map(Input::RemoveFunction);
        let mut inputs: Vec<Input> = gone.collect();
        for definition in &self.workspace.functions {
            let name = &definition.configuration.name;
            if old.get(name).is_some_and(|before| *before == definition) {
                continue;
            }
            *self.revisions.entry(name.clone()).or_default() += 1;
            inputs.push(Input::ConfigureFunction(self.configuration(definition)));
        }
        inputs
    }

    /// Puts other code in the place of a function's own.
    ///
    /// # Errors
    /// There is no such function, or its code cannot be replaced; as a sentence.
    pub fn replace_code(&mut self, function: &str, text: &str) -> Result<(), String> {
        let mut functions = self.workspace.functions.iter_mut();
        let definition = functions.find(|definition| &*definition.configuration.name == function);
        let definition = definition.ok_or_else(|| format!("there is no function {function}"))?;
        let replaced = ReplacedCode::write(definition, text).map_err(|error| error.to_string())?;
        replaced.apply(definition);
        // The file of an earlier replacement goes now.
        self.replaced.insert(definition.configuration.name.clone(), replaced);
        Ok(())
    }

    /// The code of a function changed: its environments are replaced at the next invoke.
    pub fn code_changed(&mut self, function: &str) -> Option<Input> {
        let name = self.definition(function)?.configuration.name.clone();
        // The next environment tells anew what it imports.
        self.loaded.remove(&name);
        *self.revisions.entry(name).or_default() += 1;
        let definition = self.definition(function)?;
        Some(Input::ConfigureFunction(self.configuration(definition)))
    }

    /// An environment has imported these files.
    pub fn loaded(&mut self, function: &str, files: Vec<PathBuf>) {
        self.loaded.entry(function.into()).or_default().extend(files);
    }

    /// Functions whose code is, or may have imported, one of the changed paths.
    #[must_use]
    pub fn functions_of(&self, changed: &Changed) -> Vec<FunctionName> {
        let concerned = |definition: &&FunctionDefinition| {
            changed.everything || changed.paths.iter().any(|path| self.is_code_of(definition, path))
        };
        self.workspace.functions.iter().filter(concerned).map(|definition| definition.configuration.name.clone()).collect()
    }

    /// Handler files among the changed paths, each with a function that it belongs to.
    #[must_use]
    pub fn changed_handlers(&self, changed: &Changed) -> Vec<(FunctionName, PathBuf)> {
        let handlers = self.view.functions.iter().filter_map(|function| {
            let path = function.code_file.clone()?;
            Some((function.configuration.name.clone(), path))
        });
        handlers.filter(|(_, path)| changed.everything || changed.paths.contains(path)).collect()
    }

    /// Whether a file may be shown: it belongs to the workspace and holds no secrets.
    ///
    /// # Errors
    /// Why not, as a sentence.
    pub fn may_show(&self, path: &Path) -> Result<(), String> {
        let workspace = &self.workspace;
        if workspace.secret_files().any(|secret| secret == *path) {
            return Err(format!("{} holds secrets, which are not shown here; open it in an editor of your own.", path.display()));
        }
        let belongs = path.starts_with(&workspace.folder) || workspace.read_with_it.contains(path);
        if belongs { Ok(()) } else { Err(format!("{} is no file of this workspace.", path.display())) }
    }

    /// Saved events whose files, or what belongs to them, are among the changed paths.
    #[must_use]
    pub fn changed_events(&self, changed: &Changed) -> Vec<(FunctionName, String)> {
        let is_changed = |function: &str, name: &str| {
            let path = saved_events::path(self.folder(), function, name);
            let touched = |path: &PathBuf| changed.paths.contains(path) || changed.paths.contains(&event_meta::path(path));
            changed.everything || path.is_ok_and(|path| touched(&path))
        };
        let of_function = |view: &FunctionView| {
            let function = view.configuration.name.clone();
            let names = view.saved_events.iter().filter(|name| is_changed(&function, name));
            names.map(|name| (function.clone(), name.clone())).collect::<Vec<_>>()
        };
        self.view.functions.iter().flat_map(of_function).collect()
    }

    /// Whether code came that a function could not run without, or went.
    #[must_use]
    pub fn mends_or_breaks(&self, changed: &Changed) -> bool {
        self.workspace.functions.iter().any(|definition| {
            let holds = |file: &PathBuf, path: &PathBuf| file.starts_with(path);
            let needs = |path: &&PathBuf| {
                path.starts_with(&definition.code)
                    || holds(&definition.code, path)
                    || definition.env_file.as_ref().is_some_and(|file| holds(file, path))
            };
            let mut concerned = changed.paths.iter().filter(needs);
            concerned.any(|path| definition.broken.is_some() || !path.exists())
        })
    }

    /// Whether a path is, or may be, code of a function.
    #[must_use]
    pub fn is_code(&self, function: &str, path: &Path) -> bool {
        self.definition(function).is_some_and(|definition| self.is_code_of(definition, path))
    }

    fn is_code_of(&self, definition: &FunctionDefinition, path: &Path) -> bool {
        let mut roots = std::iter::once(&definition.code).chain(&definition.layers).chain(&definition.env_file);
        roots.any(|root| path.starts_with(root)) || self.may_import(definition, path)
    }

    /// Whether a single handler file may have imported a file beside it. The built-in runtime knows what it has loaded;
    /// of an interpreter's function that is not known, but what belongs to another function alone is left aside.
    fn may_import(&self, definition: &FunctionDefinition, path: &Path) -> bool {
        if !definition.code.is_file() || path.parent() != definition.code.parent() {
            return false;
        }
        match definition.runtime {
            // A build may read anything.
            Runtime::JavaScript if definition.build.is_empty() => {
                self.loaded.get(&definition.configuration.name).is_some_and(|files| files.contains(path))
            }
            _ => self.workspace.functions.iter().all(|other| other.code != path),
        }
    }

    /// Everything that an environment of a function needs.
    ///
    /// # Errors
    /// Why it cannot start: the exit of an environment that never came to be.
    pub fn environment_start(
        &self,
        environment: EnvironmentId,
        function: &str,
        now: Timestamp,
    ) -> Result<EnvironmentStart, Exit> {
        let unknown = |message: String| not_started("Runtime.Unknown", message);
        let definition =
            self.definition(function).ok_or_else(|| unknown(format!("{function} is no longer in invokelab.toml")))?;
        if let Some(reason) = &definition.broken {
            return Err(not_started(definition.start_error_type(), reason.clone()));
        }
        let configuration = &definition.configuration;
        Ok(EnvironmentStart {
            environment,
            function: configuration.name.clone(),
            runtime: definition.runtime.clone(),
            handler: configuration.handler.clone(),
            code: definition.code.clone(),
            memory_size: configuration.memory_size,
            region: self.workspace.region.as_str().into(),
            account_id: self.workspace.account_id.as_str().into(),
            variables: environment_file::variables(definition).map_err(|error| unknown(error.to_string()))?,
            layers: definition.layers.clone(),
            debug: definition.debug,
            freeze: definition.freeze,
            lambda_endpoint: self.endpoint.clone(),
            log_stream: log_stream(now, environment),
        })
    }
}

/// Tells contents of files apart, within a run.
pub(super) fn hash(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}

/// An environment that never came to be.
pub(super) fn not_started(error_type: &str, message: impl Into<Arc<str>>) -> Exit {
    Exit::NotStarted { error_type: error_type.into(), message: message.into() }
}

/// `2026/03/01/[$LATEST]` and 32 hexadecimal digits (semantics 2.6).
fn log_stream(now: Timestamp, environment: EnvironmentId) -> Arc<str> {
    let date = now.iso_millis()[..10].replace('-', "/");
    format!("{date}/[$LATEST]{:016x}{:016x}", now.0, environment.0).into()
}

fn changed_queues(before: &[QueueConfiguration], after: &[QueueConfiguration]) -> Vec<Input> {
    let gone = before.iter().filter(|queue| after.iter().all(|other| other.name != queue.name));
    let gone = gone.map(|queue| Input::RemoveQueue(queue.name.clone()));
    let new = after.iter().filter(|queue| !before.contains(queue)).cloned().map(Input::ConfigureQueue);
    gone.chain(new).collect()
}

fn changed_mappings(before: &[MappingConfiguration], after: &[MappingConfiguration]) -> Vec<Input> {
    let same = |a: &MappingConfiguration, b: &MappingConfiguration| a.function == b.function && a.queue == b.queue;
    let gone = before.iter().filter(|mapping| after.iter().all(|other| !same(mapping, other)));
    let gone = gone.map(|mapping| Input::RemoveMapping { function: mapping.function.clone(), queue: mapping.queue.clone() });
    let new = after.iter().filter(|mapping| !before.contains(mapping)).cloned().map(Input::ConfigureMapping);
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_middle_of_being_written_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(workspace::FILE_NAME);
        let whole = "[functions.f]\nscript = [{ respond = 1 }]\n[functions.g]\nscript = [{ respond = 1 }]\n[queues.q]\n";
        std::fs::write(&file, whole).unwrap();
        let mut files = Files::open(folder.path()).unwrap();
        for broken in [
            whole.replace("[functions.f]", "[functions.]"),
            whole.replace("queues.q]", "queues.q"),
            "=".to_owned(),
            "\n".to_owned(),
        ] {
            std::fs::write(&file, &broken).unwrap();
            assert!(files.reload().is_empty(), "{broken}");
            let functions: Vec<_> =
                files.view().functions.iter().map(|function| function.configuration.name.to_string()).collect();
            assert_eq!(functions, ["f", "g"], "{broken}");
            assert!(files.view().problems.iter().any(|problem| problem.message.contains("the workspace stays as it was")));
        }
        std::fs::write(&file, whole).unwrap();
        assert!(files.reload().is_empty());
        assert!(files.view().problems.is_empty());
    }
}
