//! Saved test events: `events/FUNCTION/NAME.json`, the payload and nothing else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::atomic::{self, ReplaceError};
use super::{event_meta, values};
use crate::service::ids::FunctionName;

/// Largest saved event, in bytes: more than twice Lambda's largest payload.
const LARGEST: u64 = 16 << 20;
/// Longest name, in bytes; file systems take 255 with the ending.
const LONGEST_NAME: usize = 200;

/// Why a saved event could not be listed, read or written.
#[derive(Debug, thiserror::Error)]
pub enum SavedEventError {
    #[error("\"{name}\" cannot be the name of a saved event: {reason}")]
    Name { name: String, reason: &'static str },
    #[error("there is no saved event \"{name}\" of {function}")]
    Missing { function: String, name: String },
    #[error("the event has {} MB; at most {} MB are saved", size >> 20, LARGEST >> 20)]
    TooLarge { size: u64 },
    #[error("the saved event \"{name}\" is not UTF-8 text: {}", path.display())]
    NotText { name: String, path: PathBuf },
    #[error("“{name}” holds another text by now, so it was not saved over; keep your text or take the file's: {}", path.display())]
    Changed { name: String, path: PathBuf },
    #[error("the saved event \"{name}\" cannot be {verb}: {error}: {}", path.display())]
    File { name: String, verb: &'static str, error: io::Error, path: PathBuf },
}

/// The names of a function's saved events, sorted without regard to case.
#[must_use]
pub fn list(workspace_folder: &Path, function: &str) -> Vec<String> {
    let Ok(folder) = folder(workspace_folder, function) else { return Vec::new() };
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let name = name.strip_suffix(".json").filter(|name| !name.starts_with('.') && !name.is_empty())?;
        entry.path().is_file().then(|| name.to_owned())
    };
    let mut names: Vec<String> = entries.flatten().filter_map(name).collect();
    names.sort_by_cached_key(|name| (name.to_lowercase(), name.clone()));
    names
}

/// Where a saved event is.
///
/// # Errors
/// The name leads elsewhere.
pub fn path(workspace_folder: &Path, function: &str, name: &str) -> Result<PathBuf, SavedEventError> {
    Ok(folder(workspace_folder, function)?.join(file_name(name)?))
}

/// The name under which an event that is saved as `name` is found again: characters that files cannot have are replaced by
/// `-`.
///
/// # Errors
/// The name leads elsewhere.
pub fn name_in_list(name: &str) -> Result<String, SavedEventError> {
    let file = file_name(name)?;
    Ok(file.strip_suffix(".json").unwrap_or(&file).to_owned())
}

/// The text of a saved event, JSON or not.
///
/// # Errors
/// The name leads elsewhere, there is no such event, or it is not text.
pub fn load(workspace_folder: &Path, function: &str, name: &str) -> Result<String, SavedEventError> {
    let path = path(workspace_folder, function, name)?;
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SavedEventError::Missing { function: function.to_owned(), name: name.to_owned() },
        _ => SavedEventError::File { name: name.to_owned(), verb: "read", error, path: path.clone() },
    };
    let size = fs::metadata(&path).map_err(failed)?.len();
    if size > LARGEST {
        return Err(SavedEventError::TooLarge { size });
    }
    let bytes = fs::read(&path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| SavedEventError::NotText { name: name.to_owned(), path })
}

/// Saves the text as it is, broken JSON included: nothing that was typed is lost. `replaces` is what the file must hold,
/// `None` that there must be none. Gives back its [`name_in_list`].
///
/// # Errors
/// The name leads elsewhere, the file holds something else, the text is too large, or it cannot be written.
pub fn save(
    workspace_folder: &Path,
    function: &str,
    name: &str,
    text: &str,
    replaces: Option<&str>,
) -> Result<String, SavedEventError> {
    let found = name_in_list(name)?;
    let size = text.len() as u64;
    if size > LARGEST {
        return Err(SavedEventError::TooLarge { size });
    }
    let folder = folder(workspace_folder, function)?;
    let path = folder.join(file_name(name)?);
    let made = fs::create_dir_all(&folder).map_err(ReplaceError::File);
    let name = name.to_owned();
    match made.and_then(|()| atomic::replace(&path, text, replaces)) {
        Ok(()) => Ok(found),
        Err(ReplaceError::Changed) => Err(SavedEventError::Changed { name, path }),
        Err(ReplaceError::File(error)) => Err(SavedEventError::File { name, verb: "saved", error, path }),
    }
}

/// Gives a copy what belongs to the event that it was made of (`NAME.meta.toml`), unless something belongs to it already.
///
/// # Errors
/// It cannot be read or written.
pub fn copy_meta(workspace_folder: &Path, function: &str, original: &str, copy: &str) -> Result<(), SavedEventError> {
    let meta = |name| path(workspace_folder, function, name).map(|path| event_meta::path(&path));
    let (from, to) = (meta(original)?, meta(copy)?);
    if to.exists() {
        return Ok(());
    }
    let failed = |verb, error, path: &Path| {
        let name = format!("{copy}.meta.toml");
        Err(SavedEventError::File { name, verb, error, path: path.to_path_buf() })
    };
    match fs::read(&from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => failed("read", error, &from),
        Ok(bytes) => atomic::write(&to, &bytes).or_else(|error| failed("saved", error, &to)),
    }
}

/// A saved event that was removed, to be put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedEvent {
    pub function: FunctionName,
    pub name: String,
    pub text: String,
    /// The file of what belongs to it, `NAME.meta.toml`, and what it held.
    meta: Option<(PathBuf, Vec<u8>)>,
}

/// Removes a saved event and what belongs to it (`NAME.meta.toml`). Gives back both, so that they can be put back.
///
/// # Errors
/// The name leads elsewhere, there is no such event, or it cannot be removed.
pub fn remove(workspace_folder: &Path, function: &FunctionName, name: &str) -> Result<RemovedEvent, SavedEventError> {
    let text = load(workspace_folder, function, name)?;
    let folder = folder(workspace_folder, function)?;
    let path = folder.join(file_name(name)?);
    let failed = |verb, path: &Path| {
        let (name, path) = (name.to_owned(), path.to_path_buf());
        move |error| SavedEventError::File { name, verb, error, path }
    };
    let meta_path = event_meta::path(&path);
    let mut meta = None;
    if meta_path.is_file() {
        let bytes = fs::read(&meta_path).map_err(failed("read", &meta_path))?;
        meta = Some((meta_path, bytes));
    }
    fs::remove_file(&path).map_err(failed("removed", &path))?;
    if let Some((path, _)) = &meta {
        fs::remove_file(path).map_err(failed("removed", path))?;
    }
    Ok(RemovedEvent { function: function.clone(), name: name.to_owned(), text, meta })
}

/// Puts a removed event back, and what belonged to it.
///
/// # Errors
/// Another has its name by now, or it cannot be written.
pub fn restore(workspace_folder: &Path, removed: &RemovedEvent) -> Result<(), SavedEventError> {
    save(workspace_folder, &removed.function, &removed.name, &removed.text, None)?;
    let Some((path, bytes)) = &removed.meta else { return Ok(()) };
    let name = removed.name.clone();
    atomic::write(path, bytes).map_err(|error| SavedEventError::File { name, verb: "saved", error, path: path.clone() })
}

fn folder(workspace_folder: &Path, function: &str) -> Result<PathBuf, SavedEventError> {
    match values::function_name(function) {
        Ok(()) => Ok(workspace_folder.join("events").join(function)),
        Err(_) => Err(SavedEventError::Name { name: function.to_owned(), reason: "its folder must be named as a function" }),
    }
}

/// The file of an event. A name that leads to another folder is refused; what a file system cannot write becomes `-`.
fn file_name(name: &str) -> Result<String, SavedEventError> {
    let refused = |reason| Err(SavedEventError::Name { name: name.to_owned(), reason });
    let trimmed = name.trim();
    if trimmed.is_empty() {
        return refused("it is empty");
    }
    if trimmed.len() > LONGEST_NAME {
        return refused("it is longer than 200 bytes");
    }
    if trimmed.contains(['/', '\\']) {
        return refused("it must not contain / or \\, which lead to other folders");
    }
    if trimmed.starts_with('.') {
        return refused("it must not start with a dot");
    }
    let unwritable = |c: char| c.is_control() || ":*?\"<>|".contains(c);
    let clean: String = trimmed.chars().map(|c| if unwritable(c) { '-' } else { c }).collect();
    let stem = clean.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |prefix: &str| stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()));
    if ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT") {
        return refused("Windows keeps this name for a device");
    }
    Ok(format!("{clean}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_saved_listed_loaded_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let broken = "{ \"order\": ";
        assert_eq!(
            save(folder.path(), "confirm", " order placed, expired card ", broken, None).unwrap(),
            "order placed, expired card"
        );
        assert_eq!(save(folder.path(), "confirm", "Alles: gut?", "1", None).unwrap(), "Alles- gut-");
        fs::write(folder.path().join("events/confirm/order placed, expired card.meta.toml"), "type = \"Event\"").unwrap();
        assert_eq!(list(folder.path(), "confirm"), ["Alles- gut-", "order placed, expired card"]);
        assert_eq!(load(folder.path(), "confirm", "order placed, expired card").unwrap(), broken);
        assert_eq!(load(folder.path(), "confirm", "Alles: gut?").unwrap(), "1");
        let removed = remove(folder.path(), &"confirm".into(), "order placed, expired card").unwrap();
        assert_eq!(removed.text, broken);
        assert_eq!(list(folder.path(), "confirm"), ["Alles- gut-"]);
        assert_eq!(fs::read_dir(folder.path().join("events/confirm")).unwrap().count(), 1);
        restore(folder.path(), &removed).unwrap();
        assert_eq!(load(folder.path(), "confirm", "order placed, expired card").unwrap(), broken);
        let meta = folder.path().join("events/confirm/order placed, expired card.meta.toml");
        assert_eq!(fs::read_to_string(meta).unwrap(), "type = \"Event\"");
        assert!(matches!(load(folder.path(), "confirm", "gone"), Err(SavedEventError::Missing { .. })));
        assert!(list(folder.path(), "other").is_empty());
    }

    #[test]
    fn what_belongs_to_an_event_has_its_whole_name() {
        let data = tempfile::tempdir().unwrap();
        save(data.path(), "confirm", "order.json", "1", None).unwrap();
        save(data.path(), "confirm", "order", "2", None).unwrap();
        let folder = data.path().join("events/confirm");
        for meta in ["order.json.meta.toml", "order.meta.toml"] {
            fs::write(folder.join(meta), "").unwrap();
        }
        remove(data.path(), &"confirm".into(), "order.json").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        assert!(folder.join("order.json").is_file() && folder.join("order.meta.toml").is_file());
    }

    #[test]
    fn a_copy_has_what_belongs_to_its_original_unless_it_has_something_of_its_own() {
        let data = tempfile::tempdir().unwrap();
        let meta = |name: &str| event_meta::path(&path(data.path(), "confirm", name).unwrap());
        for name in ["a", "b", "c", "bare"] {
            save(data.path(), "confirm", name, "{}", None).unwrap();
        }
        fs::write(meta("a"), "invocation_type = \"Event\" # late\n").unwrap();
        fs::write(meta("c"), "").unwrap();
        for (original, copy, expected) in
            [("a", "b", Some("invocation_type = \"Event\" # late\n")), ("a", "c", Some("")), ("bare", "bare", None)]
        {
            copy_meta(data.path(), "confirm", original, copy).unwrap();
            assert_eq!(fs::read_to_string(meta(copy)).ok().as_deref(), expected, "{copy}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../x", "a/b", "a\\b", "..", ".hidden", "", "  ", "nul", "COM1.x", &"x".repeat(201)] {
            assert!(matches!(save(folder.path(), "confirm", name, "{}", None), Err(SavedEventError::Name { .. })), "{name:?}");
        }
        assert!(matches!(save(folder.path(), "../confirm", "x", "{}", None), Err(SavedEventError::Name { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_nobody_has_seen_here_is_not_saved_over() {
        let folder = tempfile::tempdir().unwrap();
        let save = |text: &str, replaces| save(folder.path(), "confirm", "a", text, replaces);
        let held = || load(folder.path(), "confirm", "a").unwrap();
        save("1", None).unwrap();
        assert!(matches!(save("2", None), Err(SavedEventError::Changed { .. })), "somebody has taken the name");
        save("2", Some("1")).unwrap();
        assert!(matches!(save("3", Some("1")), Err(SavedEventError::Changed { .. })));
        assert_eq!(held(), "2");
        save("2", Some("1")).expect("it holds the same already");
        fs::remove_file(path(folder.path(), "confirm", "a").unwrap()).unwrap();
        save("4", Some("2")).expect("no text is lost where there is none");
        assert_eq!(held(), "4");
    }

    #[test]
    fn an_event_that_is_not_text_is_not_changed_into_text() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), "confirm", "bytes", "{}", None).unwrap();
        fs::write(folder.path().join("events/confirm/bytes.json"), [0xff, 0xfe]).unwrap();
        assert!(matches!(load(folder.path(), "confirm", "bytes"), Err(SavedEventError::NotText { .. })));
    }
}
