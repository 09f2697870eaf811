//! Handler files as the editor loads and saves them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::atomic::{self, ReplaceError};
use super::definition::FunctionDefinition;
use super::function;

/// Largest handler file that is opened in the editor, in bytes.
const LARGEST: u64 = 10 << 20;

/// Why code could not be loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    #[error("{function} has no single file to edit; open its folder in an editor: {}", code.display())]
    NoFile { function: String, code: PathBuf },
    #[error("the file has {} MB; files over {} MB are not edited here: {}", size >> 20, LARGEST >> 20, path.display())]
    TooLarge { size: u64, path: PathBuf },
    #[error("the file is not UTF-8 text: {}", path.display())]
    NotText { path: PathBuf },
    #[error("{function} is built from other files, so its handler file cannot be replaced for a run")]
    Built { function: String },
    #[error("the file holds another text by now, so it was not saved over; keep your text or take the file's: {}", path.display())]
    Changed { path: PathBuf },
    #[error("the file cannot be {verb}: {error}: {}", path.display())]
    File { verb: &'static str, error: io::Error, path: PathBuf },
}

/// The path and text of the file that holds a function's handler.
///
/// # Errors
/// There is no such file, or it is too large, not text or unreadable.
pub fn load(definition: &FunctionDefinition) -> Result<(PathBuf, String), CodeError> {
    let path = file(definition)?;
    let text = load_file(&path)?;
    Ok((path, text))
}

/// The text of a file.
///
/// # Errors
/// There is no such file, or it is too large, not text or unreadable.
pub fn load_file(path: &Path) -> Result<String, CodeError> {
    let failed = |error| CodeError::File { verb: "read", error, path: path.to_path_buf() };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > LARGEST {
        return Err(CodeError::TooLarge { size, path: path.to_path_buf() });
    }
    let bytes = fs::read(path).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| CodeError::NotText { path: path.to_path_buf() })
}

/// Saves the handler file of a function, which must hold what is replaced; it is the old one or the new one, whatever
/// happens.
///
/// # Errors
/// There is no file to save to, it holds something else, the text is too large, or it cannot be written.
pub fn save(definition: &FunctionDefinition, text: &str, replaces: &str) -> Result<PathBuf, CodeError> {
    save_file(file(definition)?, text, replaces)
}

/// The same for a handler file whose function is not known, such as one of another workspace.
///
/// # Errors
/// As for [`save`].
pub fn save_file(path: PathBuf, text: &str, replaces: &str) -> Result<PathBuf, CodeError> {
    let size = text.len() as u64;
    if size > LARGEST {
        return Err(CodeError::TooLarge { size, path });
    }
    match atomic::replace(&path, text, Some(replaces)) {
        Ok(()) => Ok(path),
        Err(ReplaceError::Changed) => Err(CodeError::Changed { path }),
        Err(ReplaceError::File(error)) => Err(CodeError::File { verb: "saved", error, path }),
    }
}

pub(super) fn file(definition: &FunctionDefinition) -> Result<PathBuf, CodeError> {
    let program =
        |path: &Path| !matches!(definition.runtime, super::definition::Runtime::Command(_)) || path.extension().is_some();
    function::editable_file(definition)
        .filter(|path| program(path))
        .ok_or_else(|| CodeError::NoFile { function: definition.configuration.name.to_string(), code: definition.code.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{FILE_NAME, load as load_workspace};

    fn workspace() -> (tempfile::TempDir, FunctionDefinition) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.mjs"), "export const handler = 1;").unwrap();
        fs::write(folder.path().join(FILE_NAME), "[functions.a]\nruntime = \"javascript\"\ncode = \"a.mjs\"\n").unwrap();
        let definition = load_workspace(folder.path()).unwrap().functions.remove(0);
        (folder, definition)
    }

    #[test]
    fn code_is_loaded_and_saved() {
        let (folder, definition) = workspace();
        let (path, text) = load(&definition).unwrap();
        assert_eq!((path.file_name().unwrap().to_str(), text.as_str()), (Some("a.mjs"), "export const handler = 1;"));
        save(&definition, "export const handler = 2; // ä\n", &text).unwrap();
        assert_eq!(load(&definition).unwrap().1, "export const handler = 2; // ä\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no half-written file is left");
    }

    #[test]
    fn a_file_that_has_changed_meanwhile_is_not_saved_over() {
        let (folder, definition) = workspace();
        let (path, text) = load(&definition).unwrap();
        fs::write(folder.path().join("a.mjs"), "export const handler = 3;").unwrap();
        assert!(matches!(save(&definition, "mine", &text), Err(CodeError::Changed { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "export const handler = 3;");
        save(&definition, "mine", "export const handler = 3;").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn what_is_no_text_or_too_large_is_not_opened() {
        let (folder, definition) = workspace();
        let path = folder.path().join("a.mjs");
        fs::write(&path, [0xff, 0x00]).unwrap();
        assert!(matches!(load(&definition), Err(CodeError::NotText { .. })));
        fs::File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(matches!(load(&definition), Err(CodeError::TooLarge { .. })));
        fs::remove_file(&path).unwrap();
        assert!(matches!(load(&definition), Err(CodeError::NoFile { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (folder, definition) = workspace();
        let real = folder.path().join("real.mjs");
        let link = folder.path().join("a.mjs");
        fs::rename(&link, &real).unwrap();
        symlink(&real, &link).unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o751)).unwrap();
        save(&definition, "x", "export const handler = 1;").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o751);
        assert_eq!(fs::read_to_string(&real).unwrap(), "x");
    }
}
