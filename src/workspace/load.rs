//! Reading `invokelab.toml` into a [`Workspace`]: what is wrong is reported with its place, the rest is usable.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::definition::Workspace;
use super::function::{self, Names};
use super::reader::Section;
use super::syntax::Source;
use super::{credentials, doors, keys, places, sources, syntax, values};
use crate::event::{Problem, ProblemKind};
use crate::service::configuration::{FunctionConfiguration, ServiceSettings};
use crate::service::ids;

/// The file that makes a folder a workspace.
pub const FILE_NAME: &str = "invokelab.toml";

/// Largest `invokelab.toml`, in bytes; a larger one is none.
const LARGEST_FILE: u64 = 4 << 20;

/// How SAM calls the template of a project.
const SAM_TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];

/// The SAM template that `path` is, or that lies in the folder `path`.
pub(super) fn sam_template(path: &Path) -> Option<&'static str> {
    SAM_TEMPLATES.into_iter().find(|name| path.join(name).is_file() || (path.is_file() && path.ends_with(name)))
}

/// Why a folder with nothing but a SAM template is not opened.
pub(super) fn sam_sentence(template: &str) -> String {
    format!("{template} is a SAM template, which is not read so far; describe its functions in an {FILE_NAME}")
}

/// Reads a workspace: a folder with an `invokelab.toml`, or that file.
///
/// # Errors
/// The file cannot be read at all: it is missing, unreadable or not text. Everything else is in
/// [`Workspace::problems`].
pub fn load(path: &Path) -> Result<Workspace, Problem> {
    let file = file_of(path);
    let text =
        read(&file).map_err(|message| Problem { file: file.clone(), line: 0, column: 0, message, kind: ProblemKind::Mistake })?;
    Ok(load_text(&file, &text))
}

/// The absolute path of the `invokelab.toml` that `path` means.
pub(super) fn file_of(path: &Path) -> PathBuf {
    let absolute = fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf());
    if absolute.is_dir() { absolute.join(FILE_NAME) } else { absolute }
}

pub(super) fn read(file: &Path) -> Result<String, String> {
    let shown = file.display();
    let length = fs::metadata(file).map(|metadata| metadata.len());
    if length.is_ok_and(|length| length > LARGEST_FILE) {
        return Err(format!("{shown} is larger than {} MB; a workspace file is not", LARGEST_FILE >> 20));
    }
    let bytes = fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => match file.parent().and_then(sam_template) {
            Some(template) => format!("there is no {shown}, and {}", sam_sentence(template)),
            None => format!("there is no {shown}; a workspace is a folder with an {FILE_NAME}"),
        },
        _ => format!("{shown} cannot be read: {error}"),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let (line, column) =
            syntax::line_and_column(&String::from_utf8_lossy(error.as_bytes()), error.utf8_error().valid_up_to());
        format!("{shown} is not UTF-8 text: line {line}, column {column}; save it as UTF-8")
    })
}

/// Reads the file of an open workspace again. What only opening can change stays as it is and is reported.
///
/// # Errors
/// As for [`load`].
pub fn reload(open: &Workspace) -> Result<Workspace, Problem> {
    let file = &open.file;
    let text =
        read(file).map_err(|message| Problem { file: file.clone(), line: 0, column: 0, message, kind: ProblemKind::Mistake })?;
    Ok(read_text(file, &text, Some(open)))
}

/// Reads the text of the workspace file `file`, which need not be on disk; code and env files are looked for.
#[must_use]
pub fn load_text(file: &Path, text: &str) -> Workspace {
    read_text(file, text, None)
}

fn read_text(file: &Path, text: &str, open: Option<&Workspace>) -> Workspace {
    let source = Source::new(file, text);
    let table = syntax::parse(&source);
    // Many programs empty a file before they write it anew.
    let emptied = open.is_some_and(|open| !open.functions.is_empty()) && text.trim().is_empty();
    if emptied {
        source.problem(None, "the file is empty");
    }
    let partly_read = source.has_problems();
    keys::check(&source, &table);
    let root = Section::new(&source, &table);
    let mut workspace = settings(&root, file);
    workspace.partly_read = partly_read;
    if let Some(open) = open {
        keep_settings(&root, &mut workspace, open);
    }
    read_rooms(&root, &mut workspace);
    if partly_read {
        // What a URL or a policy says may stand in a line that was stepped over.
        workspace.functions.iter_mut().for_each(|function| function.access.close());
        let until = match open {
            None if workspace.functions.iter().all(|function| function.access.url.is_none()) => None,
            None => Some("function URLs let nobody in"),
            Some(_) => Some("the workspace stays as it was"),
        };
        let sentence = until.map(|until| format!("until that is repaired, {until}"));
        sentence.into_iter().for_each(|sentence| source.problem(None, sentence));
    }
    workspace.read_with_it = source.take_read_with_it();
    workspace.problems = source.into_problems();
    workspace
}

/// Region, account with its concurrency, ports and certificate are in use everywhere: ARNs, ids of URLs, variables of running
/// environments, the service's limits, open doors.
fn keep_settings(root: &Section, workspace: &mut Workspace, open: &Workspace) {
    let section = root.section("workspace");
    let section = section.as_ref().unwrap_or(root);
    let kept = |key: &str, changed: bool| {
        if changed {
            let span = section.span_of(key);
            section.source.problem(span, format!("{key} takes effect when the workspace is opened again"));
        }
    };
    kept("region", workspace.region != open.region);
    kept("account_id", workspace.account_id != open.account_id);
    kept("account_concurrency", workspace.account_concurrency != open.account_concurrency);
    kept("endpoint_port", workspace.endpoint_port != open.endpoint_port);
    kept("doors_port", workspace.doors_port != open.doors_port);
    kept("doors_https_port", workspace.doors_https_port != open.doors_https_port);
    kept("doors_https_certificate", workspace.keeps_https_certificate != open.keeps_https_certificate);
    *workspace = Workspace {
        region: open.region.clone(),
        account_id: open.account_id.clone(),
        account_concurrency: open.account_concurrency,
        endpoint_port: open.endpoint_port,
        doors_port: open.doors_port,
        doors_https_port: open.doors_https_port,
        keeps_https_certificate: open.keeps_https_certificate,
        ..std::mem::take(workspace)
    };
}

fn settings(root: &Section, file: &Path) -> Workspace {
    let folder = file.parent().unwrap_or(Path::new(".")).to_path_buf();
    let name = folder.file_name().map_or_else(|| "workspace".to_owned(), |name| name.to_string_lossy().into_owned());
    let mut workspace = Workspace {
        name,
        folder,
        file: file.to_path_buf(),
        region: "us-east-1".into(),
        account_id: "000000000000".into(),
        account_concurrency: 1_000,
        environment_idle_expiry: ServiceSettings::default().idle_expiry,
        ..Workspace::default()
    };
    let Some(section) = root.section("workspace") else { return workspace };
    if let Some(name) = section.string("name") {
        workspace.name = name;
    }
    if let Some(region) = ruled(&section, "region", ids::is_region, "a region; write one such as \"eu-central-1\"") {
        workspace.region = region;
    }
    if let Some(account) = ruled(&section, "account_id", ids::is_account_id, "an account id; write its 12 digits in quotes") {
        workspace.account_id = account;
    }
    let port = |key| section.integer(key, 0..=65_535, "a port").and_then(|port| u16::try_from(port).ok());
    workspace.endpoint_port = port("endpoint_port");
    workspace.doors_port = port("doors_port");
    workspace.doors_https_port = port("doors_https_port");
    workspace.keeps_https_certificate = keeps_certificate(&section);
    let concurrency = section.integer("account_concurrency", 1..=1_000_000, "ConcurrentExecutions");
    workspace.account_concurrency = concurrency.unwrap_or(workspace.account_concurrency);
    let expiry = section.seconds("environment_idle_expiry", 1..=86_400, "it");
    workspace.environment_idle_expiry = expiry.unwrap_or(workspace.environment_idle_expiry);
    workspace.credentials_file = section.item("credentials_file").and_then(toml_edit::Item::as_str).map(str::to_owned);
    workspace
}

/// Whether the certificate is written to the data folder; nothing secret is, unless the workspace asks for it.
fn keeps_certificate(section: &Section) -> bool {
    match section.string("doors_https_certificate").as_deref() {
        Some("kept") => true,
        None | Some("new") => false,
        Some(other) => {
            let message = format!(
                "\"{other}\" says nothing about the certificate; write \"kept\" for one that is kept in the data folder, or \"new\" for one of each start"
            );
            section.problem("doors_https_certificate", message);
            false
        }
    }
}

/// A setting that keeps to its rule; `repair` says what to write instead.
fn ruled(section: &Section, key: &str, is_valid: fn(&str) -> bool, repair: &str) -> Option<String> {
    let text = section.string(key)?;
    if !is_valid(&text) {
        section.problem(key, format!("\"{text}\" is not {repair}"));
        return None;
    }
    Some(text)
}

fn read_rooms(root: &Section, workspace: &mut Workspace) {
    let functions = named(root, "functions", values::function_name);
    let queues = named(root, "queues", values::queue_name);
    let names = Names {
        functions: functions.iter().map(|(name, _)| name.clone()).collect(),
        queues: queues.iter().map(|(name, _)| name.clone()).collect(),
    };
    workspace.queues = queues.iter().map(|(name, section)| sources::queue(name, section, &names)).collect();
    let folder = workspace.folder.clone();
    workspace.functions = functions.iter().map(|(name, section)| function::read(name, section, &folder, &names)).collect();
    check_reserved(&functions, workspace);
    for ((name, section), function) in functions.iter().zip(&mut workspace.functions) {
        function.access = doors::access(name, section, &folder, &workspace.account_id, &workspace.region);
    }
    workspace.apis = doors::apis(root, &names, &workspace.account_id, &workspace.region);
    workspace.signers = credentials::read(root.section("workspace").as_ref(), &folder, &workspace.account_id);
    read_mappings(root, workspace, &names);
    workspace.places = places::places(root, &folder);
}

/// The sections a person named, without those whose names Lambda would not take.
fn named<'a>(root: &Section<'a>, key: &str, check: fn(&str) -> Result<(), String>) -> Vec<(String, Section<'a>)> {
    let mut sections = root.named_sections(key);
    sections.retain(|(name, section)| match check(name) {
        Ok(()) => true,
        Err(message) => {
            section.source.problem(section.span.clone(), message);
            false
        }
    });
    sections
}

/// All reservations together must fit into the account (semantics 8.1).
fn check_reserved(sections: &[(String, Section)], workspace: &Workspace) {
    let mut left = u64::from(workspace.account_concurrency);
    for ((name, section), function) in sections.iter().zip(&workspace.functions) {
        let reserved = u64::from(function.configuration.reserved_concurrency.unwrap_or(0));
        if reserved > left {
            let message = format!("{name} reserves {reserved} executions, but only {left} of account_concurrency are left");
            section.problem("reserved_concurrent_executions", message);
        }
        left = left.saturating_sub(reserved);
    }
}

fn read_mappings(root: &Section, workspace: &mut Workspace, names: &Names) {
    let mut pairs = BTreeSet::new();
    let configurations: Vec<&FunctionConfiguration> =
        workspace.functions.iter().map(|function| &function.configuration).collect();
    for section in root.list("event_source_mappings") {
        let Some(mapping) = sources::mapping(&section, names) else { continue };
        if !pairs.insert((mapping.function.clone(), mapping.queue.clone())) {
            section.problem("source", format!("there is already a mapping from queue:{} to {}", mapping.queue, mapping.function));
        } else if sources::check_visibility(&section, &mapping, &configurations, &workspace.queues) {
            workspace.mappings.push(mapping);
        }
    }
}
