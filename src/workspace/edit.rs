//! Changing `invokelab.toml` with comments and formatting kept: adding functions and queues.
//!
//! The file is read anew for every change, so what was typed into it meanwhile is never lost, and written as a whole.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, TableLike, value};

use super::load::{FILE_NAME, file_of, read};
use super::runtime::{self, Detected};
use super::syntax::{line_and_column, sentence};
use super::{atomic, is_read_only, load_text, values};
use crate::command::NewFunction;
use crate::service::ids::{FunctionName, QueueName};

pub(super) const FUNCTIONS: &str = "functions";
pub(super) const QUEUES: &str = "queues";
pub(super) const MAPPINGS: &str = "event_source_mappings";

/// What a new function of the built-in runtime starts as.
const NEW_HANDLER: &str = "\
// Return what the caller gets; throw, and the caller gets a function error.
export const handler = async (event, context) => {
  console.log(\"event\", JSON.stringify(event));
  return { message: \"Hello from \" + context.functionName };
};
";

/// Why the workspace file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("{FILE_NAME} was not changed, because {message} (line {line}, column {column}); repair that first: {}", path.display())]
    Unparsable { path: PathBuf, line: usize, column: usize, message: String },
    #[error("this workspace is read-only; allow writing to it, or copy it to a folder of your own: {}", path.display())]
    ReadOnly { path: PathBuf },
    #[error("{FILE_NAME} was not changed, because {message}")]
    Unreadable { message: String },
    #[error("{FILE_NAME} was not changed, because writing failed: {error}: {}", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Name(String),
    #[error("there is a {what} {name} already; choose another name")]
    Taken { what: &'static str, name: String },
    #[error("there is no {what} {name} in {FILE_NAME}")]
    Missing { what: &'static str, name: String },
    #[error("no runtime was recognised in this folder; it needs index.mjs, index.js, handler.py, lambda_function.py, bootstrap or Cargo.toml: {}", path.display())]
    NoRuntime { path: PathBuf },
    #[error("there is no such folder: {}", path.display())]
    NoFolder { path: PathBuf },
    #[error("the folder could not be read: {error}: {}", path.display())]
    UnreadableFolder { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Refused(String),
}

impl EditError {
    fn no_folder(path: &Path, error: io::Error) -> Self {
        let path = path.to_path_buf();
        if error.kind() == io::ErrorKind::NotFound { Self::NoFolder { path } } else { Self::UnreadableFolder { path, error } }
    }
}

/// A workspace file being changed.
pub(super) struct Edit {
    pub(super) file: PathBuf,
    pub(super) text: String,
    pub(super) document: DocumentMut,
}

impl Edit {
    pub(super) fn begin(workspace: &Path) -> Result<Self, EditError> {
        let file = file_of(workspace);
        let text = read(&file).map_err(|message| EditError::Unreadable { message })?;
        let document = text.parse::<DocumentMut>().map_err(|error| {
            let (line, column) = line_and_column(&text, error.span().map_or(text.len(), |span| span.start));
            EditError::Unparsable { path: file.clone(), line, column, message: sentence(&text, &error) }
        })?;
        if is_read_only(&file) {
            return Err(EditError::ReadOnly { path: file });
        }
        Ok(Self { file, text, document })
    }

    pub(super) fn write(&self, text: &str) -> Result<(), EditError> {
        // A change of the last moment is not overwritten.
        if fs::read_to_string(&self.file).is_ok_and(|now| now != self.text) {
            let message = "it changed on disk at the same moment; try again".to_owned();
            return Err(EditError::Unreadable { message });
        }
        atomic::write(&self.file, text.as_bytes()).map_err(|error| EditError::Unwritable { path: self.file.clone(), error })
    }

    /// Writes what was changed. A change may leave problems that were there; it may not make one.
    pub(super) fn write_checked(&self) -> Result<(), EditError> {
        let after = self.document.to_string();
        let (before, loaded) = (load_text(&self.file, &self.text), load_text(&self.file, &after));
        let known: BTreeSet<&str> = before.problems.iter().map(|problem| problem.message.as_str()).collect();
        let made = loaded.problems.iter().find(|made| !made.is_not_active_yet() && !known.contains(made.message.as_str()));
        match made {
            Some(problem) => Err(EditError::Refused(problem.message.clone())),
            None => self.write(&after),
        }
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }

    /// `functions` or `queues`: the tables of all of them.
    pub(super) fn section(&mut self, name: &str) -> Result<&mut dyn TableLike, EditError> {
        let section = self.document.entry(name).or_insert_with(implicit_table);
        section
            .as_table_like_mut()
            .ok_or_else(|| EditError::Refused(format!("{name} is not a table in the file; repair that first")))
    }

    /// `[[event_source_mappings]]`.
    pub(super) fn mappings(&mut self) -> Result<&mut ArrayOfTables, EditError> {
        let mappings = self.document.entry(MAPPINGS).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        mappings.as_array_of_tables_mut().ok_or_else(|| {
            EditError::Refused(format!("{MAPPINGS} is written as one list; write [[{MAPPINGS}]] above each of them first"))
        })
    }
}

/// A table that is not written itself, only its children are.
fn implicit_table() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Adds a function, and for the built-in runtime its handler file. A file that is there already is taken as it is.
///
/// # Errors
/// The name is taken or not allowed, no runtime is recognised, or the file cannot be changed.
pub fn add_function(workspace: &Path, new: NewFunction) -> Result<FunctionName, EditError> {
    let mut edit = Edit::begin(workspace)?;
    let (name, table) = new_table(&edit, new)?;
    values::function_name(&name).map_err(EditError::Name)?;
    if edit.section(FUNCTIONS)?.contains_key(&name) {
        return Err(EditError::Taken { what: "function", name });
    }
    let handler = edit.folder().join("functions").join(format!("{name}.mjs"));
    let needs_handler = table.get("runtime").and_then(Item::as_str) == Some("javascript")
        && table.get("code").and_then(Item::as_str) == Some(&handler_path(&name));
    if needs_handler && !handler.exists() {
        let written =
            fs::create_dir_all(edit.folder().join("functions")).and_then(|()| atomic::write(&handler, NEW_HANDLER.as_bytes()));
        written.map_err(|error| EditError::Unwritable { path: handler, error })?;
    }
    edit.section(FUNCTIONS)?.insert(&name, Item::Table(table));
    edit.write(&edit.document.to_string())?;
    Ok(name.into())
}

fn handler_path(name: &str) -> String {
    format!("functions/{name}.mjs")
}

fn new_table(edit: &Edit, new: NewFunction) -> Result<(String, Table), EditError> {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    match new {
        NewFunction::JavaScript { name } => {
            table.insert("runtime", value("javascript"));
            table.insert("code", value(handler_path(&name)));
            Ok((name, table))
        }
        NewFunction::Command { name, command } => {
            if command.first().is_none_or(String::is_empty) {
                return Err(EditError::Refused(format!("{name} needs a program to run")));
            }
            table.insert("runtime", value("command"));
            table.insert("command", value(command.iter().collect::<Array>()));
            Ok((name, table))
        }
        NewFunction::Folder { name, path } => {
            let path = fs::canonicalize(&path).map_err(|error| EditError::no_folder(&path, error))?;
            let detected = runtime::detect(&path).ok_or_else(|| EditError::NoRuntime { path: path.clone() })?;
            let name = name.unwrap_or_else(|| name_from(&path));
            describe(&mut table, &detected, &relative(edit.folder(), &path));
            Ok((name, table))
        }
    }
}

fn describe(table: &mut Table, detected: &Detected, code: &str) {
    table.insert("runtime", value(detected.runtime));
    table.insert("code", value(code));
    if let Some(handler) = detected.handler {
        table.insert("handler", value(handler));
    }
    if let Some(command) = &detected.command {
        let program = if code == "." { command.clone() } else { format!("{code}/{command}") };
        table.insert("command", value(Array::from_iter([program])));
    }
    if !detected.build.is_empty() {
        table.insert("build", value(detected.build.iter().collect::<Array>()));
    }
}

/// A name that Lambda takes, from the name of a folder or file.
fn name_from(path: &Path) -> String {
    let stem = if path.is_file() { path.file_stem() } else { path.file_name() };
    let stem = stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).take(64).collect();
    if name.is_empty() { "function".to_owned() } else { name }
}

/// `path` as seen from `folder`, with slashes, so that a workspace can be shared; absolute where they share nothing.
fn relative(folder: &Path, path: &Path) -> String {
    let (from, to): (Vec<Component>, Vec<Component>) = (folder.components().collect(), path.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if shared <= 1 {
        return path.display().to_string();
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let down = to[shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Adds a standard queue, and the mapping by which a function reads it, if one is to.
///
/// # Errors
/// The name is taken or not allowed, there is no such function, or the file cannot be changed.
pub fn add_queue(workspace: &Path, name: &str, reader: Option<&str>) -> Result<QueueName, EditError> {
    values::queue_name(name).map_err(EditError::Name)?;
    let mut edit = Edit::begin(workspace)?;
    let queues = edit.section(QUEUES)?;
    if queues.contains_key(name) {
        return Err(EditError::Taken { what: "queue", name: name.to_owned() });
    }
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    queues.insert(name, Item::Table(table));
    if let Some(function) = reader {
        edit.mappings()?.push(new_mapping(function, name));
    }
    edit.write_checked()?;
    Ok(name.into())
}

/// Lets a function read a queue, with Lambda's defaults.
///
/// # Errors
/// One of them does not exist, there is such a mapping already, or the file cannot be changed.
pub fn add_mapping(workspace: &Path, function: &str, queue: &str) -> Result<(), EditError> {
    let mut edit = Edit::begin(workspace)?;
    edit.mappings()?.push(new_mapping(function, queue));
    edit.write_checked()
}

fn new_mapping(function: &str, queue: &str) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("function", value(function));
    table.insert("source", value(format!("queue:{queue}")));
    table
}

/// Makes a workspace of a folder that is none yet.
///
/// # Errors
/// There is one already, or the folder cannot be written.
pub fn create_workspace(folder: &Path) -> Result<PathBuf, EditError> {
    let file = folder.join(FILE_NAME);
    let failed = |error| EditError::Unwritable { path: file.clone(), error };
    if file.exists() {
        return Err(EditError::Refused(format!("there is a workspace already: {}", file.display())));
    }
    fs::create_dir_all(folder).map_err(failed)?;
    let name = name_from(&fs::canonicalize(folder).map_err(failed)?);
    let text = format!(
        "# Functions of this workspace; every key is Lambda's own name in snake_case.\n\n[workspace]\nname = \"{name}\"\n"
    );
    atomic::write(&file, text.as_bytes()).map_err(failed)?;
    Ok(file)
}
