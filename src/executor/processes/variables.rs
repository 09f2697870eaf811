//! The environment variables of a process: Lambda's own (semantics 2.6), the user's, and of the shell only what a program
//! needs to start.

use std::path::Path;

use tokio::process::Command;

use crate::executor::environment::EnvironmentStart;

/// Taken over from the shell; locale variables are taken over by their prefix.
const INHERITED: [&str; 12] = [
    "PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SystemRoot", "SystemDrive", "USERPROFILE", "PATHEXT", "COMSPEC", "LD_LIBRARY_PATH",
];

pub(super) fn set(command: &mut Command, start: &EnvironmentStart, folder: &Path, execution: Option<&str>, runtime_api: &str) {
    command.env_clear();
    for (name, value) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if INHERITED.contains(&&*name_text) || name_text.starts_with("LC_") {
            command.env(name, value);
        }
    }
    for (name, value) in start.lambda_variables(execution.unwrap_or_default()) {
        if name != "AWS_EXECUTION_ENV" || execution.is_some() {
            command.env(name, value);
        }
    }
    command.env("AWS_LAMBDA_RUNTIME_API", runtime_api);
    command.env("LAMBDA_TASK_ROOT", folder).env("LAMBDA_RUNTIME_DIR", folder);
    layers(command, start);
    command.envs(&start.variables);
}

/// What `/opt` gives in Lambda: packages and programs of each layer, the last layer first.
fn layers(command: &mut Command, start: &EnvironmentStart) {
    if start.layers.is_empty() {
        return;
    }
    let join = |folder: &str, old: Option<std::ffi::OsString>| {
        let own = start.layers.iter().rev().map(|layer| layer.join(folder));
        let old: Vec<_> = old.iter().flat_map(std::env::split_paths).collect();
        std::env::join_paths(own.chain(old)).unwrap_or_default()
    };
    command.env("PYTHONPATH", join("python", None));
    command.env("NODE_PATH", join("nodejs/node_modules", None));
    command.env("PATH", join("bin", std::env::var_os("PATH")));
}
