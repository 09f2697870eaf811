//! Changing one setting in `invokelab.toml`, by the rules by which the file is loaded.

use std::path::Path;

use toml_edit::{InlineTable, Item, Table, TableLike, Value};

use super::edit::{Edit, EditError};
use super::keys::{self, Inside, nearest};
use super::list_edit;
use crate::command::{SettingChange, SettingOwner};

/// Changes a setting of a function, a queue, a mapping, an API, a route or the workspace: keys as written in the file, such as
/// `timeout`, `event_invoke.on_failure`, `environment.TABLE`, `redrive.max_receive_count`, `batch_size` or `cors.allow_origins`.
///
/// # Errors
/// There is no such owner or key, the value breaks a rule (its sentence is the one of loading), or the file cannot be
/// changed.
pub fn change_setting(workspace: &Path, change: &SettingChange) -> Result<(), EditError> {
    let known = match &change.owner {
        SettingOwner::Function(_) => keys::FUNCTION,
        SettingOwner::Queue(_) => keys::QUEUE,
        SettingOwner::Mapping { .. } => keys::MAPPING,
        SettingOwner::Api(_) => keys::API,
        SettingOwner::Route { .. } => keys::ROUTE,
        SettingOwner::Workspace => keys::WORKSPACE,
    };
    let path = path_of(&change.key, known)?;
    apply(workspace, change.value.as_deref(), &path, |document| {
        let missing = |what, name: &str| EditError::Missing { what, name: name.to_owned() };
        match &change.owner {
            SettingOwner::Function(name) => named(document, "functions", name).ok_or_else(|| missing("function", name)),
            SettingOwner::Queue(name) => named(document, "queues", name).ok_or_else(|| missing("queue", name)),
            SettingOwner::Mapping { function, queue } => {
                mapping(document, function, queue).ok_or_else(|| missing("mapping", &format!("from queue:{queue} to {function}")))
            }
            SettingOwner::Api(name) => api(document, name).ok_or_else(|| missing("API", name)),
            SettingOwner::Route { api: name, route } => {
                let routes = api(document, name).and_then(|api| api.get_mut("routes"));
                let is_meant = |item: &Item| item.get("route").and_then(Item::as_str) == Some(route);
                routes.and_then(|routes| listed(routes, is_meant)).ok_or_else(|| missing("route", &format!("{route} of {name}")))
            }
            SettingOwner::Workspace => Ok(document.entry("workspace").or_insert_with(workspace_table)),
        }
    })
}

pub(super) fn api<'a>(document: &'a mut toml_edit::DocumentMut, name: &str) -> Option<&'a mut Item> {
    listed(document.get_mut("apis")?, |item| item.get("name").and_then(Item::as_str) == Some(name))
}

fn workspace_table() -> Item {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    Item::Table(table)
}

fn mapping<'a>(document: &'a mut toml_edit::DocumentMut, function: &str, queue: &str) -> Option<&'a mut Item> {
    listed(document.get_mut("event_source_mappings")?, |item| {
        let text = |key| item.get(key).and_then(Item::as_str).unwrap_or_default();
        text("function").trim_start_matches("function:") == function && text("source").trim_start_matches("queue:") == queue
    })
}

/// The first entry of a list of tables that is meant.
fn listed(items: &mut Item, is_meant: impl Fn(&Item) -> bool) -> Option<&mut Item> {
    let mut all = (0..).map_while(|index| items.get(index).map(|item| (index, item)));
    let index = all.find(|(_, item)| is_meant(item)).map(|(index, _)| index)?;
    items.get_mut(index)
}

fn named<'a>(document: &'a mut toml_edit::DocumentMut, section: &str, name: &str) -> Option<&'a mut Item> {
    document.get_mut(section)?.as_table_like_mut()?.get_mut(name)
}

/// The parts of a key, if it is one that is known. Names of environment variables are the person's own.
fn path_of<'a>(key: &'a str, known: &[keys::Key]) -> Result<Vec<&'a str>, EditError> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let Some(found) = known.iter().find(|known| known.name == first) else {
        let near = nearest(first, known.iter().map(|key| key.name)).map(|near| format!("; did you mean {near}?"));
        return Err(EditError::Refused(format!("{key} is not a known key{}", near.unwrap_or_default())));
    };
    match (&found.inside, rest) {
        (_, None) => Ok(vec![first]),
        (Inside::Free, Some(rest)) => Ok(vec![first, rest]),
        (Inside::Table(inner), Some(rest)) => {
            let mut path = vec![first];
            path.extend(path_of(rest, inner).map_err(|_| EditError::Refused(format!("{key} is not a known key")))?);
            Ok(path)
        }
        (Inside::Value | Inside::Named(_) | Inside::List(_) | Inside::TextOrList(_), Some(_)) => {
            Err(EditError::Refused(format!("{key} is not a known key: {first} is no table")))
        }
    }
}

fn apply(
    workspace: &Path,
    value: Option<&str>,
    path: &[&str],
    find: impl FnOnce(&mut toml_edit::DocumentMut) -> Result<&mut Item, EditError>,
) -> Result<(), EditError> {
    let value = value.map(parse).transpose()?;
    let mut edit = Edit::begin(workspace)?;
    let item = find(&mut edit.document)?;
    let table =
        item.as_table_like_mut().ok_or_else(|| EditError::Refused("this is no table in the file; repair that first".into()))?;
    match value {
        Some(value) => set(table, path, value)?,
        None => unset(table, path),
    }
    edit.write_checked()
}

fn parse(text: &str) -> Result<Value, EditError> {
    text.trim().parse::<Value>().map_err(|_| {
        EditError::Refused(format!("{text} is not a TOML value; text needs quotes, such as \"{}\"", text.replace('"', "")))
    })
}

/// Replaces a value and keeps the comment behind it, and those inside a list; or adds it at the end of its table.
fn set(table: &mut dyn TableLike, path: &[&str], mut value: Value) -> Result<(), EditError> {
    let [first, rest @ ..] = path else { return Ok(()) };
    if rest.is_empty() {
        let list = table.get_mut(first).and_then(Item::as_array_mut);
        if let (Some(list), Some(wanted)) = (list, value.as_array())
            && list_edit::change(list, wanted)
        {
            return Ok(());
        }
        if let Some(old) = table.get(first).and_then(Item::as_value) {
            *value.decor_mut() = old.decor().clone();
            table.insert(first, Item::Value(value));
        } else {
            value.decor_mut().clear();
            if let Some(end) = take_end(table) {
                value.decor_mut().set_suffix(end);
            }
            table.insert(first, Item::Value(value));
        }
        return Ok(());
    }
    if !table.contains_key(first) {
        let inline = *first == "environment" || *first == "redrive" || *first == "scaling_config";
        let new = if inline { Item::Value(InlineTable::new().into()) } else { Item::Table(Table::new()) };
        table.insert(first, new);
    }
    let inner = table.get_mut(first).and_then(Item::as_table_like_mut);
    set(inner.ok_or_else(|| EditError::Refused(format!("{first} is no table in the file; repair that first")))?, rest, value)
}

/// Takes the space before the closing brace of a table in one line: it comes behind what is added.
fn take_end(table: &mut dyn TableLike) -> Option<String> {
    let decor = table.iter_mut().last()?.1.as_value_mut()?.decor_mut();
    let end = decor.suffix()?.as_str().filter(|end| !end.is_empty() && end.trim().is_empty())?.to_owned();
    decor.set_suffix("");
    Some(end)
}

/// Removes a value, and its table when nothing else is in it.
fn unset(table: &mut dyn TableLike, path: &[&str]) {
    let [first, rest @ ..] = path else { return };
    if rest.is_empty() {
        table.remove(first);
        return;
    }
    let Some(inner) = table.get_mut(first).and_then(Item::as_table_like_mut) else { return };
    unset(inner, rest);
    if inner.is_empty() {
        table.remove(first);
    }
}
