//! Other code in the place of a handler's file, for one run: a file beside it, so that relative imports still lead where they
//! did. The person's own file is never touched, whatever becomes of the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::code::{self, CodeError};
use super::definition::FunctionDefinition;

/// The start of the names of such files, which watchers leave out; together with what follows a module name in every language.
pub(super) const PREFIX: &str = "_invokelab_";

const DAY: Duration = Duration::from_secs(86_400);

/// Files made by this process, to tell their names apart.
static MADE: AtomicU64 = AtomicU64::new(0);

/// Removes its file when dropped.
#[derive(Debug)]
pub struct ReplacedCode {
    file: PathBuf,
}

impl ReplacedCode {
    /// Writes `text` beside the handler's file; [`ReplacedCode::apply`] makes a definition use it.
    ///
    /// # Errors
    /// The function has no single handler file, is built from other files, or nothing can be written there.
    pub fn write(definition: &FunctionDefinition, text: &str) -> Result<Self, CodeError> {
        if !definition.build.is_empty() {
            return Err(CodeError::Built { function: definition.configuration.name.to_string() });
        }
        let own = code::file(definition)?;
        remove_left_over(own.parent().unwrap_or(Path::new("")));
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let stem = format!("{PREFIX}{}_{number}", std::process::id());
        let file = own.with_file_name(stem).with_extension(own.extension().unwrap_or_default());
        fs::write(&file, text).map_err(|error| CodeError::File { verb: "written", error, path: file.clone() })?;
        Ok(Self { file })
    }

    /// Lets a function, as the workspace file has it, run this code.
    pub fn apply(&self, definition: &mut FunctionDefinition) {
        let folder = match definition.code.is_file() {
            true => definition.code.parent().unwrap_or(Path::new("")).to_path_buf(),
            false => definition.code.clone(),
        };
        if definition.code.is_file() {
            definition.code.clone_from(&self.file);
        }
        let Ok(inside) = self.file.strip_prefix(folder) else { return };
        let module = inside.with_extension("");
        let module: Vec<_> = module.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let handler = &definition.configuration.handler;
        let export = handler.rsplit_once('.').map_or(&**handler, |(_, export)| export);
        definition.configuration.handler = format!("{}.{export}", module.join("/")).into();
    }
}

/// Removes what runs left that were ended by a signal; no run is as long as a day.
fn remove_left_over(folder: &Path) {
    let age = |entry: &fs::DirEntry| entry.metadata().ok()?.modified().ok()?.elapsed().ok();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_ours && age(&entry).is_some_and(|age| age > DAY) {
            // Somebody else may have been quicker.
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Drop for ReplacedCode {
    fn drop(&mut self) {
        // It may be gone with its folder.
        let _ = fs::remove_file(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{FILE_NAME, load};

    fn own_folder(definition: &FunctionDefinition) -> PathBuf {
        code::file(definition).unwrap().parent().unwrap().to_path_buf()
    }

    #[test]
    fn the_code_beside_is_used_and_the_own_file_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[functions.one]\nruntime = \"javascript\"\ncode = \"one.mjs\"\n\
                    [functions.python]\nruntime = \"python3\"\ncode = \"py\"\nhandler = \"pkg.app.main\"\n\
                    [functions.built]\nruntime = \"nodejs\"\ncode = \"one.mjs\"\nbuild = [\"make\"]\n";
        fs::write(folder.path().join(FILE_NAME), text).unwrap();
        fs::create_dir_all(folder.path().join("py/pkg")).unwrap();
        fs::write(folder.path().join("one.mjs"), "own").unwrap();
        fs::write(folder.path().join("py/pkg/app.py"), "own").unwrap();
        let mut workspace = load(folder.path()).unwrap();
        let mut used = Vec::new();
        for definition in &mut workspace.functions[..2] {
            let replaced = ReplacedCode::write(definition, "other").unwrap();
            replaced.apply(definition);
            assert_eq!(code::load(definition).unwrap().1, "other");
            used.push(definition.configuration.handler.to_string());
            let left = own_folder(definition).join(format!("{PREFIX}1_0.mjs"));
            let old = fs::File::create(&left).unwrap();
            old.set_modified(std::time::SystemTime::now() - 2 * DAY).unwrap();
            ReplacedCode::write(definition, "more").unwrap();
            assert!(!left.exists(), "what an earlier run left is removed");
            drop(replaced);
            assert!(code::load(definition).is_err(), "the file is gone");
        }
        assert!(used[1].starts_with("pkg/_invokelab_") && used[1].ends_with(".main"), "{used:?}");
        assert_eq!(fs::read_to_string(folder.path().join("one.mjs")).unwrap(), "own");
        let refused = ReplacedCode::write(&workspace.functions[2], "other").unwrap_err().to_string();
        assert_eq!(refused, "built is built from other files, so its handler file cannot be replaced for a run");
    }
}
