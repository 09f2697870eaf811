//! A workspace as its files describe it, ready for the executor.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::command::SettingOwner;
use crate::event::{FilePlace, Problem};
use crate::http_model::configuration::{ApiConfiguration, FunctionAccess};
use crate::http_model::signature::Signers;
use crate::service::configuration::{FunctionConfiguration, MappingConfiguration, QueueConfiguration};
use crate::service::time::Micros;

/// What runs a function.
#[derive(Clone, Debug, PartialEq)]
pub enum Runtime {
    /// The built-in QuickJS.
    JavaScript,
    /// `nodejs`, `nodejs20.x`: the interpreter on PATH with the bundled bootstrap.
    Node,
    /// `python3`, `python3.13`: the interpreter of the folder's virtual environment, else the one on PATH.
    Python,
    /// Any program that speaks the Lambda Runtime API (`command`, `provided.*`).
    Command(Vec<String>),
    /// No code: answers by a script, in virtual time.
    Scripted(Vec<ScriptedAnswer>),
    /// A runtime of a later capability (`remote`): kept, not active.
    NotActive(String),
}

impl Runtime {
    /// Whether it runs code, which takes real time.
    #[must_use]
    pub fn is_real(&self) -> bool {
        !matches!(self, Self::Scripted(_) | Self::NotActive(_))
    }
}

/// What a scripted function does with one attempt; the last answer repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptedAnswer {
    pub after: Micros,
    pub what: ScriptedResult,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ScriptedResult {
    /// JSON text.
    Respond(String),
    Throw(String),
    /// Ends with this exit code.
    Exit(i32),
    /// Never answers.
    Hang,
}

/// A function as `invokelab.toml` describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDefinition {
    pub configuration: FunctionConfiguration,
    pub runtime: Runtime,
    /// Absolute file or folder. For `command` the folder it runs in.
    pub code: PathBuf,
    pub environment: BTreeMap<String, String>,
    pub env_file: Option<PathBuf>,
    pub layers: Vec<PathBuf>,
    pub build: Vec<String>,
    pub debug: bool,
    pub freeze: bool,
    /// Its URL and its resource-based policy.
    pub access: FunctionAccess,
    /// Why it cannot run, if so.
    pub broken: Option<String>,
}

impl Workspace {
    /// Files with secrets, which are never shown.
    pub fn secret_files(&self) -> impl Iterator<Item = PathBuf> {
        let credentials = self.credentials_file.as_ref().map(|file| super::function::clean(&self.folder.join(file)));
        self.functions.iter().filter_map(|function| function.env_file.clone()).chain(credentials)
    }
}

impl FunctionDefinition {
    /// What Lambda calls it when this function cannot start (semantics 1.7): nothing to run, or no module to import.
    #[must_use]
    pub fn start_error_type(&self) -> &'static str {
        match self.runtime {
            Runtime::Command(_) => "Runtime.InvalidEntrypoint",
            Runtime::JavaScript | Runtime::Node | Runtime::Python => "Runtime.ImportModuleError",
            Runtime::Scripted(_) | Runtime::NotActive(_) => "Runtime.Unknown",
        }
    }
}

/// Everything `invokelab.toml` says. What could not be read is in `problems`; the rest is usable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workspace {
    pub name: String,
    pub folder: PathBuf,
    pub file: PathBuf,
    /// Files whose content is part of what this one says (`policy`, `credentials_file`): a change of one is a change of it.
    pub read_with_it: BTreeSet<PathBuf>,
    pub region: String,
    pub account_id: String,
    /// `None`: the default, which may move to the next free port.
    pub endpoint_port: Option<u16>,
    pub doors_port: Option<u16>,
    /// `None`: no HTTPS.
    pub doors_https_port: Option<u16>,
    /// The certificate of the HTTPS port outlives the program.
    pub keeps_https_certificate: bool,
    /// Who may sign requests.
    pub signers: Signers,
    /// The file of those who may sign, as it is written.
    pub credentials_file: Option<String>,
    /// How long an environment without an event stays warm.
    pub environment_idle_expiry: Micros,
    /// Where settings stand, by owner and key; without a key the owner itself.
    pub places: BTreeMap<(SettingOwner, String), FilePlace>,
    pub apis: Vec<ApiConfiguration>,
    pub account_concurrency: u32,
    pub functions: Vec<FunctionDefinition>,
    pub queues: Vec<QueueConfiguration>,
    pub mappings: Vec<MappingConfiguration>,
    pub problems: Vec<Problem>,
    /// Lines that are no TOML were stepped over: what they say is not known.
    pub partly_read: bool,
}
