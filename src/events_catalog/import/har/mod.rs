//! A HAR document: a whole log, a list of entries, or one or two entries as they are copied from a browser's network panel.

mod choose;
mod entry;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::error::{ImportError, Place};
use super::page_request::Recording;
use super::{Imported, Source};
use entry::Entry;

/// Reads the document and takes the request that most likely has a CORS problem, else the first one.
///
/// # Errors
/// No JSON, no HAR, or no entry that can be read.
pub(super) fn read(text: &str) -> Result<Imported, ImportError> {
    let document = parse(text)?;
    let mut entries = Vec::new();
    let mut first_error = None;
    for (path, value) in listed_entries(&document)? {
        match Entry::read(&path, value) {
            Ok(entry) => entries.push(entry),
            Err(error) => drop(first_error.get_or_insert(error)),
        }
    }
    let Some(chosen) = choose::choose(&entries) else { return Err(first_error.unwrap_or_else(no_entry)) };
    let (actual, preflight) = (chosen.actual, chosen.preflight);
    let recording = Recording {
        request: &actual.request,
        preflight_request: preflight.map(|entry| &entry.request),
        preflight: preflight.and_then(|entry| entry.response.clone()),
        response: actual.response.clone(),
        hops: choose::hops(&entries, actual),
        is_script_request: actual.is_script_request() || preflight.is_some(),
    };
    let mut imported = Imported::of(&recording, Source::Har);
    imported.browser_error = chosen.browser_error;
    Ok(imported)
}

/// The document; entries that were pasted one after the other become a list.
fn parse(text: &str) -> Result<Value, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    let error = match serde_json::from_str(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let several: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    if let Ok(list) = several.or_else(|_| serde_json::from_str(&format!("[{}]", text.trim().trim_end_matches(',')))) {
        return Ok(Value::Array(list));
    }
    let place = Place::Text { line: error.line(), column: error.column() };
    let repair = "Copy the entry or the whole log again.".to_owned();
    Err(ImportError { place, problem: format!("This is no JSON ({error})."), repair })
}

/// The entries of every shape, each with its path in the document.
fn listed_entries(document: &Value) -> Result<Vec<(String, &Value)>, ImportError> {
    for (path, pointer) in [("log.entries", "/log/entries"), ("entries", "/entries"), ("", "")] {
        if let Some(entries) = document.pointer(pointer).and_then(Value::as_array) {
            return Ok(entries.iter().enumerate().map(|(index, entry)| (format!("{path}[{index}]"), entry)).collect());
        }
    }
    if document.get("request").is_some() || document.get("url").is_some() {
        return Ok(vec![(String::new(), document)]);
    }
    let repair = "Paste a HAR log, its list of entries, or an entry with `request` and `response`.";
    Err(ImportError::in_member("log.entries", "There is no such list, and no member `request`.", repair))
}

fn no_entry() -> ImportError {
    ImportError::in_member("log.entries", "The list is empty.", "Record the request again and copy the log after it has ended.")
}
