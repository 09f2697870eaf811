//! Finding and loading a function's modules: files under its folder, ES modules and CommonJS, and LLRT's own modules.

use std::cell::RefCell;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use rquickjs::loader::{Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Exception, Module, Result};

/// Tried in this order when a path names no file.
const ENDINGS: [&str; 7] = ["", ".mjs", ".js", ".cjs", ".json", "/index.mjs", "/index.js"];

/// Where a function's code lies.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub folder: PathBuf,
    /// The module with the handler, relative to the folder.
    pub entry: String,
    pub export: String,
}

impl Code {
    /// Finds module and export: `code` is a file or a folder, `handler` an export or `file.export`.
    ///
    /// # Errors
    /// The sentence of `Runtime.ImportModuleError` or of a handler that names no export.
    pub fn find(code: &Path, handler: &str) -> std::result::Result<Self, String> {
        let (module, export) = match handler.rsplit_once('.') {
            Some((module, export)) => (Some(module), export),
            None => (None, handler),
        };
        if code.is_file() {
            let folder = code.parent().unwrap_or(Path::new("")).to_path_buf();
            let entry = code.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Ok(Self { folder, entry, export: export.to_owned() });
        }
        if !code.is_dir() {
            return Err(format!("Cannot find module '{}': there is no such file or folder", code.display()));
        }
        let wanted = module.unwrap_or("index");
        match existing(code, wanted) {
            Some(entry) => Ok(Self { folder: code.to_path_buf(), entry, export: export.to_owned() }),
            None => Err(format!(
                "Cannot find module '{wanted}' in {}: expected {wanted}.mjs, {wanted}.js or {wanted}.cjs",
                code.display()
            )),
        }
    }
}

/// The name under `folder`, with the first ending that makes it a file.
fn existing(folder: &Path, name: &str) -> Option<String> {
    ENDINGS.iter().map(|ending| format!("{name}{ending}")).find(|name| folder.join(name).is_file())
}

/// Resolves relative specifiers and packages in `node_modules` within the function's folder.
pub(super) struct FolderResolver(pub PathBuf);

impl Resolver for FolderResolver {
    fn resolve(&mut self, _ctx: &Ctx<'_>, base: &str, name: &str) -> Result<String> {
        let wanted = match name.starts_with('.') {
            true => normal(Path::new(base).parent().unwrap_or(Path::new("")).join(name).as_path()),
            false => Some(format!("node_modules/{name}")),
        };
        let found = wanted.and_then(|wanted| existing(&self.0, &wanted));
        found.ok_or_else(|| Error::new_resolving_message(base, name, "no such file in the function's folder"))
    }
}

/// `a/../b` as `b`; `None` for a path that leaves the folder.
fn normal(path: &Path) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// Loads files of the function's folder under their relative names, so that stack traces read `confirm.mjs:14:11`.
pub(super) struct FolderLoader {
    pub folder: PathBuf,
    pub loaded: Loaded,
}

/// Files that were loaded and not told of yet.
pub(super) type Loaded = Rc<RefCell<Vec<PathBuf>>>;

impl Loader for FolderLoader {
    fn load<'js>(&mut self, ctx: &Ctx<'js>, name: &str) -> Result<Module<'js, Declared>> {
        let path = self.folder.join(name);
        if !path.is_file() {
            return Err(Error::new_loading(name));
        }
        self.loaded.borrow_mut().push(path.clone());
        let text = fs::read_to_string(&path).map_err(|error| Exception::throw_message(ctx, &format!("{name}: {error}")))?;
        Module::declare(ctx.clone(), name, as_module(name, text))
    }
}

/// CommonJS and JSON become modules with a default export; lines keep their numbers.
fn as_module(name: &str, text: String) -> String {
    let common = name.ends_with(".cjs") || (name.ends_with(".js") && is_common(&text));
    match name {
        name if name.ends_with(".json") => format!("export default {text}"),
        _ if common => {
            format!("const module = {{ exports: {{}} }}; let exports = module.exports; {text}\n;export default module.exports;")
        }
        _ => text,
    }
}

/// Whether a `.js` file writes to `exports` and has no ES syntax.
fn is_common(text: &str) -> bool {
    let module_syntax =
        text.lines().any(|line| line.starts_with("export ") || line.starts_with("import ") || line.starts_with("export{"));
    !module_syntax && (text.contains("exports.") || text.contains("module.exports"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_folder() {
        assert_eq!(normal(Path::new("lib/./../shared/a.mjs")).as_deref(), Some("shared/a.mjs"));
        assert_eq!(normal(Path::new("../secret.mjs")), None);
        assert_eq!(normal(Path::new("/etc/passwd")), None);
    }

    #[test]
    fn common_modules_are_told_from_es_modules() {
        assert!(is_common("exports.handler = async () => 1;"));
        assert!(!is_common("export const handler = () => exports.x;"));
        assert!(as_module("a.json", "{}".into()).starts_with("export default {}"));
    }
}
