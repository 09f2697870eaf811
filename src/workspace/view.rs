//! A workspace as the window shows it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::definition::{FunctionDefinition, Runtime, Workspace};
use super::{demo, environment_file, event_meta, function, saved_events};
use crate::event::{FunctionView, MASK, Problem, WorkspaceView};
use crate::service::ids::FunctionName;

/// Makes the view. `runtimes_found` says what was found on PATH for a function, once that is known.
#[must_use]
pub fn view(workspace: &Workspace, runtimes_found: &BTreeMap<FunctionName, Arc<str>>) -> WorkspaceView {
    let function = |definition| function_view(workspace, definition, runtimes_found);
    WorkspaceView {
        name: workspace.name.clone(),
        folder: workspace.folder.clone(),
        file: workspace.file.clone(),
        demo: demo::is_demo(&workspace.folder),
        read_only: is_read_only(&workspace.file),
        region: workspace.region.clone(),
        account_id: workspace.account_id.clone(),
        functions: workspace.functions.iter().map(function).collect(),
        apis: workspace.apis.clone(),
        signers: workspace.signers.clone(),
        credentials_file: workspace.credentials_file.clone(),
        secret_files: workspace.secret_files().collect(),
        environment_idle_expiry: workspace.environment_idle_expiry,
        places: workspace.places.clone(),
        problems: workspace.problems.iter().cloned().chain(problems_of_events(workspace)).collect(),
    }
}

fn function_view(
    workspace: &Workspace,
    definition: &FunctionDefinition,
    found: &BTreeMap<FunctionName, Arc<str>>,
) -> FunctionView {
    let name = &definition.configuration.name;
    FunctionView {
        configuration: Arc::new(definition.configuration.clone()),
        runtime: definition.configuration.runtime.clone(),
        runtime_found: found.get(name).cloned(),
        code: definition.code.clone(),
        code_file: function::editable_file(definition),
        command: match &definition.runtime {
            Runtime::Command(command) => command.clone(),
            _ => Vec::new(),
        },
        environment: masked(definition),
        layers: definition.layers.clone(),
        build: definition.build.clone(),
        debug: definition.debug,
        freeze: definition.freeze,
        access: Arc::new(definition.access.clone()),
        saved_events: saved_events::list(&workspace.folder, name),
        broken: definition.broken.clone(),
    }
}

/// What is wrong with what belongs to saved events.
fn problems_of_events(workspace: &Workspace) -> impl Iterator<Item = Problem> {
    let functions = workspace.functions.iter().map(|function| &function.configuration.name);
    functions.flat_map(|function| {
        let names = saved_events::list(&workspace.folder, function);
        let payloads = names.into_iter().filter_map(|name| saved_events::path(&workspace.folder, function, &name).ok());
        payloads.flat_map(|payload| event_meta::read(&payload).1).collect::<Vec<_>>()
    })
}

/// Variables of `invokelab.toml` as they are, those of the `env_file` by name only.
fn masked(definition: &FunctionDefinition) -> BTreeMap<String, String> {
    let secret = definition.env_file.as_deref().and_then(|file| environment_file::read(file).ok()).unwrap_or_default();
    let mut shown: BTreeMap<_, _> = secret.variables.into_keys().map(|name| (name, MASK.to_owned())).collect();
    shown.extend(definition.environment.clone());
    shown
}

/// Whether changes of the workspace file would be refused by the file system. Nothing is written to find out.
#[must_use]
pub fn is_read_only(file: &Path) -> bool {
    let folder = file.parent().unwrap_or(Path::new("."));
    !(may_write(folder) && (!file.exists() || may_write(file)))
}

#[cfg(unix)]
fn may_write(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let Ok(path) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: `path` is a NUL-terminated string that lives over the call, and access(2) only reads it.
    unsafe { libc::access(path.as_ptr(), libc::W_OK) == 0 }
}

#[cfg(not(unix))]
fn may_write(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.permissions().readonly())
}
