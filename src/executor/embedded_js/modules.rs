//! Finding and loading a function's modules: files under its folder and its layers, ES modules and CommonJS, and LLRT's own.

use std::cell::RefCell;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use rquickjs::loader::{Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Exception, Module, Result};

use super::common_js;

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
        let folders = Folders { task: code.to_path_buf(), layers: Vec::new() };
        match folders.existing(wanted) {
            Some(entry) => Ok(Self { folder: code.to_path_buf(), entry, export: export.to_owned() }),
            None => Err(format!(
                "Cannot find module '{wanted}' in {}: expected {wanted}.mjs, {wanted}.js or {wanted}.cjs",
                code.display()
            )),
        }
    }
}

/// Where a function's files lie. Scripts know the folder of the code as `/var/task`, and call its files by their names in
/// there; the layers lie over each other as `/opt`, and their files are called so.
#[derive(Clone, Debug, Default)]
pub(super) struct Folders {
    pub task: PathBuf,
    /// As written in the workspace: of two files with one name that of the later layer counts.
    pub layers: Vec<PathBuf>,
}

/// Where the layers lie for scripts.
const OPT: &str = "/opt";
/// Packages of layers (semantics 2.6, `NODE_PATH`).
const LAYER_PACKAGES: &str = "/opt/nodejs/node_modules";

impl Folders {
    /// The file on disk that a name means, which may not exist.
    fn path(&self, name: &str) -> PathBuf {
        let Ok(inside) = Path::new(name).strip_prefix(OPT) else { return self.task.join(name) };
        let mut places = self.layers.iter().rev().map(|layer| layer.join(inside));
        places.clone().find(|path| path.exists()).or_else(|| places.next()).unwrap_or_else(|| PathBuf::from(name))
    }

    /// The name, with the first ending that makes it a file.
    fn existing(&self, name: &str) -> Option<String> {
        ENDINGS.iter().map(|ending| format!("{name}{ending}")).find(|name| self.path(name).is_file())
    }
}

/// Resolves relative specifiers and packages in `node_modules` within the function's folder and its layers.
pub(super) struct FolderResolver(pub Folders);

impl Resolver for FolderResolver {
    fn resolve(&mut self, _ctx: &Ctx<'_>, base: &str, name: &str) -> Result<String> {
        let found = locate(&self.0, base, name);
        found.ok_or_else(|| Error::new_resolving_message(base, name, "no such file in the function's folder"))
    }
}

/// Modules of the runtime itself, which no package takes the place of.
const BUILT_IN: [&str; 10] =
    ["buffer", "console", "crypto", "events", "module", "path", "string_decoder", "timers", "url", "util"];

/// The name of the file that `wanted` means in the file `base`.
pub(super) fn locate(folders: &Folders, base: &str, wanted: &str) -> Option<String> {
    if BUILT_IN.contains(&wanted.strip_prefix("node:").unwrap_or(wanted)) {
        return None;
    }
    if let Some(inside) = wanted.strip_prefix("/var/task/") {
        return package(folders, &normal(Path::new(inside))?);
    }
    let beside = Path::new(base).parent().unwrap_or(Path::new(""));
    if wanted.starts_with(['.', '/']) {
        return package(folders, &normal(&beside.join(wanted))?);
    }
    let places = beside.ancestors().map(|place| place.join("node_modules")).chain([LAYER_PACKAGES.into()]);
    places.map(|place| place.join(wanted)).find_map(|wanted| package(folders, &normal(&wanted)?))
}

/// The file that a package, a folder or a path means: what its `package.json` exports, or the usual names.
fn package(folders: &Folders, name: &str) -> Option<String> {
    let description = fs::read(folders.path(&format!("{name}/package.json"))).ok();
    let description: Option<serde_json::Value> = description.and_then(|text| serde_json::from_slice(&text).ok());
    let main = description.as_ref().and_then(main_of);
    let main = main.and_then(|main| folders.existing(&normal(&Path::new(name).join(main))?));
    main.or_else(|| folders.existing(name))
}

/// The file that a description names for the package as a whole: `exports` before `main`, CommonJS before ES modules.
fn main_of(description: &serde_json::Value) -> Option<&str> {
    let exports = &description["exports"];
    let whole = if exports["."].is_null() { exports } else { &exports["."] };
    let conditions = ["require", "node", "default", "import"].iter().map(|condition| &whole[*condition]);
    let named = std::iter::once(whole).chain(conditions).find_map(|export| export.as_str().or(export["default"].as_str()));
    named.or_else(|| description["main"].as_str())
}

/// `a/../b` as `b`; `None` for a path that leaves the folder, or the layers.
fn normal(path: &Path) -> Option<String> {
    if let Ok(inside) = path.strip_prefix(OPT) {
        return Some(format!("{OPT}/{}", normal(inside)?));
    }
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

/// Files that were loaded and not told of yet.
pub(super) type Loaded = Rc<RefCell<Vec<PathBuf>>>;

/// Reads files of the function's folder under their relative names, so that stack traces read `confirm.mjs:14:11`.
#[derive(Clone)]
pub(super) struct Sources {
    pub folders: Folders,
    pub loaded: Loaded,
}

impl Sources {
    /// The text of a file, which counts as loaded from now on.
    pub fn read(&self, ctx: &Ctx<'_>, name: &str) -> Result<String> {
        let path = self.folders.path(name);
        self.loaded.borrow_mut().push(path.clone());
        fs::read_to_string(&path).map_err(|error| Exception::throw_message(ctx, &format!("{name}: {error}")))
    }
}

impl Loader for Sources {
    fn load<'js>(&mut self, ctx: &Ctx<'js>, name: &str) -> Result<Module<'js, Declared>> {
        if !self.folders.path(name).is_file() {
            return Err(Error::new_loading(name));
        }
        let text = self.read(ctx, name)?;
        let text = match is_es_module(ctx, name, &text) {
            true => text,
            false => common_js::as_module(name),
        };
        Module::declare(ctx.clone(), name, text)
    }
}

/// Whether a file is an ES module; `.js` may be either, and CommonJS says so by what it uses, unless it is no function's body.
pub(super) fn is_es_module(ctx: &Ctx<'_>, name: &str, text: &str) -> bool {
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("cjs" | "json") => false,
        Some("js") => has_module_syntax(text) || !uses_common_js(text) || common_js::is_module_syntax(ctx, text),
        _ => true,
    }
}

fn uses_common_js(text: &str) -> bool {
    ["exports.", "module.exports", "require("].iter().any(|used| text.contains(used))
}

fn has_module_syntax(text: &str) -> bool {
    text.lines().any(|line| ["export ", "import ", "export{"].iter().any(|start| line.starts_with(start)))
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
        let context = rquickjs::Context::full(&rquickjs::Runtime::new().unwrap()).unwrap();
        context.with(|ctx| {
            for (name, text, es) in [
                ("a.js", "exports.handler = async () => 1;", false),
                ("a.js", "require('./b')", false),
                ("a.js", "export const handler = () => exports.x;", true),
                ("a.js", "var q=\"require(x)\";var h=()=>q;export{h as handler};", true),
                ("a.js", "exports.x = ;", false),
                ("a.mjs", "exports.x", true),
                ("a.json", "{}", false),
                ("a.cjs", "1", false),
            ] {
                assert_eq!(is_es_module(&ctx, name, text), es, "{text}");
            }
        });
    }

    #[test]
    fn packages_are_found_from_the_folder_upwards() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("node_modules/a/package.json", "{\"main\": \"./lib/main\"}"),
            ("node_modules/a/lib/main.js", ""),
            ("node_modules/a/node_modules/b/index.js", ""),
            ("node_modules/c/index.mjs", ""),
            (
                "node_modules/d/package.json",
                "{\"exports\": {\".\": {\"import\": \"./d.mjs\", \"require\": {\"default\": \"./d.cjs\"}}}}",
            ),
            ("node_modules/d/d.cjs", ""),
            ("node_modules/events/index.js", ""),
            ("sub/package.json", "{\"exports\": \"./m.js\"}"),
            ("sub/m.js", ""),
            ("lib/x.js", ""),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        for (base, wanted, found) in [
            ("index.js", "a", Some("node_modules/a/lib/main.js")),
            ("lib/x.js", "a/lib/main", Some("node_modules/a/lib/main.js")),
            ("node_modules/a/lib/main.js", "b", Some("node_modules/a/node_modules/b/index.js")),
            ("node_modules/a/lib/main.js", "c", Some("node_modules/c/index.mjs")),
            ("index.js", "b", None),
            ("index.js", "d", Some("node_modules/d/d.cjs")),
            ("lib/x.js", "../sub", Some("sub/m.js")),
            ("lib/x.js", "/var/task/lib/x.js", Some("lib/x.js")),
            ("lib/x.js", "/var/task/../x.js", None),
            ("index.js", "events", None),
            ("index.js", "node:events", None),
            ("index.js", "./lib/x", Some("lib/x.js")),
            ("lib/x.js", "../../etc/passwd", None),
            ("index.js", "a/../../../etc/passwd", None),
        ] {
            let folders = Folders { task: folder.path().to_path_buf(), layers: Vec::new() };
            assert_eq!(locate(&folders, base, wanted).as_deref(), found, "{base} {wanted}");
        }
    }

    #[test]
    fn layers_lie_over_each_other_under_opt() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "code/index.js",
            "code/node_modules/own/index.js",
            "one/nodejs/node_modules/a/index.js",
            "one/nodejs/node_modules/own/index.js",
            "one/nodejs/shared.js",
            "two/nodejs/node_modules/a/index.js",
            "two/nodejs/node_modules/a/part.js",
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let layers = ["one", "two"].map(|layer| folder.path().join(layer)).to_vec();
        let folders = Folders { task: folder.path().join("code"), layers };
        for (base, wanted, found) in [
            ("index.js", "a", Some("two/nodejs/node_modules/a/index.js")),
            ("/opt/nodejs/node_modules/a/index.js", "./part", Some("two/nodejs/node_modules/a/part.js")),
            ("/opt/nodejs/node_modules/a/index.js", "own", Some("one/nodejs/node_modules/own/index.js")),
            ("index.js", "own", Some("code/node_modules/own/index.js")),
            ("index.js", "/opt/nodejs/shared", Some("one/nodejs/shared.js")),
            ("index.js", "/opt/../code/index.js", None),
            ("index.js", "/opt/nodejs/nothing", None),
        ] {
            let located = locate(&folders, base, wanted).map(|name| folders.path(&name));
            assert_eq!(located, found.map(|found| folder.path().join(found)), "{base} {wanted}");
        }
    }
}
