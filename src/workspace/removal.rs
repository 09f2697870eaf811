//! Taking functions, queues and mappings out of `invokelab.toml`, and putting them back where they were.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Key, Table, TableLike};

use super::edit::{Edit, EditError, FUNCTIONS, MAPPINGS, QUEUES};

/// What was taken out of the file.
#[derive(Clone, Debug)]
pub struct Removed {
    /// In words: `function pay`, `queue incoming`, `mapping from incoming to billing`.
    pub what: String,
    entry: Option<Entry>,
    mappings: Vec<Table>,
    /// The whole file before and after, for an exact undo when nobody changed it meanwhile.
    before: String,
    after: String,
}

impl Removed {
    /// What was done, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let what = &self.what;
        match self.mappings.len() {
            count if count > 0 && self.entry.is_some() => {
                let mappings = if count == 1 { "its mapping".to_owned() } else { format!("its {count} mappings") };
                format!("The {what} and {mappings} were taken out of invokelab.toml.")
            }
            _ => format!("The {what} was taken out of invokelab.toml."),
        }
    }
}

/// A table of a section.
#[derive(Clone, Debug)]
struct Entry {
    section: &'static str,
    key: Key,
    item: Item,
}

/// Takes a function out of the file, with the mappings that name it. Its code and saved events stay on disk.
///
/// # Errors
/// There is no such function, or the file cannot be changed.
pub fn remove_function(workspace: &Path, name: &str) -> Result<Removed, EditError> {
    let mut edit = Edit::begin(workspace)?;
    let entry = remove_entry(&mut edit, FUNCTIONS, "function", name)?;
    let mappings = remove_mappings(&mut edit.document, |mapping| mapping.function == name);
    let after = edit.document.to_string();
    edit.write(&after)?;
    Ok(Removed { what: format!("function {name}"), entry: Some(entry), mappings, before: edit.text, after })
}

/// Takes a queue out of the file, with the mappings that read it.
///
/// # Errors
/// There is no such queue, something sends to it, or the file cannot be changed.
pub fn remove_queue(workspace: &Path, name: &str) -> Result<Removed, EditError> {
    let mut edit = Edit::begin(workspace)?;
    let entry = remove_entry(&mut edit, QUEUES, "queue", name)?;
    let mappings = remove_mappings(&mut edit.document, |mapping| mapping.queue == name);
    let after = edit.document.to_string();
    edit.write_checked().map_err(|error| match error {
        EditError::Refused(problem) => EditError::Refused(format!("{name} is still needed: without it, {problem}")),
        error => error,
    })?;
    Ok(Removed { what: format!("queue {name}"), entry: Some(entry), mappings, before: edit.text, after })
}

/// Ends the reading of a queue by a function.
///
/// # Errors
/// There is no such mapping, or the file cannot be changed.
pub fn remove_mapping(workspace: &Path, function: &str, queue: &str) -> Result<Removed, EditError> {
    let mut edit = Edit::begin(workspace)?;
    let mappings = remove_mappings(&mut edit.document, |mapping| mapping.function == function && mapping.queue == queue);
    if mappings.is_empty() {
        return Err(EditError::Missing { what: "mapping", name: format!("from queue:{queue} to {function}") });
    }
    let after = edit.document.to_string();
    edit.write(&after)?;
    Ok(Removed { what: format!("mapping from {queue} to {function}"), entry: None, mappings, before: edit.text, after })
}

fn remove_entry(edit: &mut Edit, section: &'static str, what: &'static str, name: &str) -> Result<Entry, EditError> {
    let table: &mut dyn TableLike = edit.section(section)?;
    let key = table.key(name).cloned();
    let removed = key.and_then(|key| table.remove(name).map(|item| Entry { section, key, item }));
    removed.ok_or_else(|| EditError::Missing { what, name: name.to_owned() })
}

/// The two ends of a mapping, as bare names.
struct Ends<'a> {
    function: &'a str,
    queue: &'a str,
}

impl<'a> Ends<'a> {
    fn of(table: &'a Table) -> Self {
        let text = |key, prefix| {
            let text = table.get(key).and_then(Item::as_str).unwrap_or_default();
            text.strip_prefix(prefix).unwrap_or(text)
        };
        Self { function: text("function", "function:"), queue: text("source", "queue:") }
    }
}

fn remove_mappings(document: &mut DocumentMut, goes: impl Fn(Ends<'_>) -> bool) -> Vec<Table> {
    let Some(mappings) = document.get_mut(MAPPINGS).and_then(Item::as_array_of_tables_mut) else { return Vec::new() };
    let removed = mappings.iter().filter(|table| goes(Ends::of(table))).cloned().collect();
    mappings.retain(|table| !goes(Ends::of(table)));
    if mappings.is_empty() {
        document.remove(MAPPINGS);
    }
    removed
}

/// Puts back what was removed, where it was; the words for it come back.
///
/// # Errors
/// The name is taken meanwhile, or the file cannot be changed.
pub fn restore(workspace: &Path, removed: Removed) -> Result<String, EditError> {
    let mut edit = Edit::begin(workspace)?;
    if edit.text == removed.after {
        edit.write(&removed.before)?;
        return Ok(removed.what);
    }
    if let Some(Entry { section, key, item }) = removed.entry {
        let table = edit.section(section)?;
        if table.contains_key(key.get()) {
            let what = if section == FUNCTIONS { "function" } else { "queue" };
            return Err(EditError::Taken { what, name: key.get().to_owned() });
        }
        table.entry_format(&key).or_insert(item);
    }
    if !removed.mappings.is_empty() {
        let mappings: &mut ArrayOfTables = edit.mappings()?;
        removed.mappings.into_iter().for_each(|mapping| mappings.push(mapping));
    }
    edit.write(&edit.document.to_string())?;
    Ok(removed.what)
}
