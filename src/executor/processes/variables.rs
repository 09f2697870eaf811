//! The environment variables of a process: Lambda's own (semantics 2.6), the user's, and of the shell only what a program
//! needs to start.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::executor::environment::EnvironmentStart;

/// Taken over from the shell; locale variables are taken over by their prefix.
const INHERITED: [&str; 14] = [
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SystemRoot",
    "SystemDrive",
    "windir",
    "USERPROFILE",
    "PATHEXT",
    "COMSPEC",
    "APPDATA",
    "LD_LIBRARY_PATH",
];

pub(super) fn set(command: &mut Command, start: &EnvironmentStart, folder: &Path, runtime_api: &str) {
    command.env_clear();
    for (name, value) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("LC_") || INHERITED.iter().any(|inherited| same_name(inherited, &text)) {
            command.env(name, value);
        }
    }
    // Programs of their own have no AWS_EXECUTION_ENV; the bundled bootstraps set it, as they know their version.
    let own = start.lambda_variables("");
    command.envs(own.into_iter().filter(|(name, _)| *name != "AWS_EXECUTION_ENV"));
    command.env("AWS_LAMBDA_RUNTIME_API", runtime_api);
    command.env("LAMBDA_TASK_ROOT", folder).env("LAMBDA_RUNTIME_DIR", folder);
    layers(command, start);
    command.envs(&start.variables);
}

fn same_name(one: &str, other: &str) -> bool {
    if cfg!(windows) { one.eq_ignore_ascii_case(other) } else { one == other }
}

/// What `/opt` gives in Lambda: packages, libraries and programs of each layer, the last layer first.
fn layers(command: &mut Command, start: &EnvironmentStart) {
    if start.layers.is_empty() {
        return;
    }
    for (name, folder, old) in [
        ("PYTHONPATH", "python", None),
        ("NODE_PATH", "nodejs/node_modules", None),
        ("PATH", "bin", std::env::var_os("PATH")),
        ("LD_LIBRARY_PATH", "lib", std::env::var_os("LD_LIBRARY_PATH")),
    ] {
        if let Some(joined) = join(start, folder, old) {
            command.env(name, joined);
        }
    }
    // Versioned folders (python/lib/python3.13/site-packages, nodejs/node22) are added by the bootstraps.
}

/// A path that holds the separator cannot be listed; then the variable stays as it was.
fn join(start: &EnvironmentStart, folder: &str, old: Option<OsString>) -> Option<OsString> {
    let own = start.layers.iter().rev().map(|layer| layer.join(folder));
    let old: Vec<PathBuf> = old.iter().flat_map(std::env::split_paths).collect();
    std::env::join_paths(own.chain(old)).ok()
}
