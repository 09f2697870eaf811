//! Other code in the place of a handler's file, for one run: a file beside it, so that relative imports still lead where they
//! did. The person's own file is never touched, whatever becomes of the run.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::code::{self, CodeError};
use super::definition::FunctionDefinition;

/// The start of the names of such files, which watchers leave out; together with what follows a module name in every language.
pub(super) const PREFIX: &str = "_invokelab_";

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
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let stem = format!("{PREFIX}{}_{number}", std::process::id());
        let file = own.with_file_name(stem).with_extension(own.extension().unwrap_or_default());
        fs::write(&file, text).map_err(|error| CodeError::File { verb: "written", error, path: file.clone() })?;
        Ok(Self { file })
    }

    /// Lets a function, as the workspace file has it, run this code.
    pub fn apply(&self, definition: &mut FunctionDefinition) {
        if definition.code.is_file() {
            definition.code.clone_from(&self.file);
            return;
        }
        let Ok(inside) = self.file.strip_prefix(&definition.code) else { return };
        let module = inside.with_extension("");
        let module: Vec<_> = module.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let handler = &definition.configuration.handler;
        let export = handler.rsplit_once('.').map_or(&**handler, |(_, export)| export);
        definition.configuration.handler = format!("{}.{export}", module.join("/")).into();
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
            drop(replaced);
            assert!(code::load(definition).is_err(), "the file is gone");
        }
        assert!(used[1].starts_with("pkg/_invokelab_") && used[1].ends_with(".main"), "{used:?}");
        assert_eq!(fs::read_to_string(folder.path().join("one.mjs")).unwrap(), "own");
        let refused = ReplacedCode::write(&workspace.functions[2], "other").unwrap_err().to_string();
        assert_eq!(refused, "built is built from other files, so its handler file cannot be replaced for a run");
    }
}
