//! Which runtime a function has, and whether what it needs is there.

use std::fs;
use std::path::{Path, PathBuf};

/// A kind of runtime that `runtime = "..."` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    JavaScript,
    Node,
    Python,
    Command,
    /// `provided`, `provided.al2023`: a `bootstrap` in the code folder.
    Provided,
    Scripted,
    Remote,
}

/// Names offered when an unknown one is written.
pub(super) const NAMES: [&str; 7] = ["javascript", "nodejs", "python3", "command", "provided", "scripted", "remote"];

/// Files that hold a handler in JavaScript, in the order in which they are looked for.
const JAVASCRIPT_EXTENSIONS: [&str; 3] = ["mjs", "js", "cjs"];

impl Kind {
    /// Reads `javascript`, `nodejs20.x`, `python3.13`, `provided.al2023`...
    pub(super) fn parse(name: &str) -> Option<Self> {
        let version_of = |prefix: &str, suffix: &str| {
            let version = name.strip_prefix(prefix)?.strip_suffix(suffix)?;
            (!version.is_empty() && version.chars().all(|c| c.is_ascii_digit())).then_some(())
        };
        match name {
            "javascript" => Some(Self::JavaScript),
            "nodejs" => Some(Self::Node),
            "python3" => Some(Self::Python),
            "command" => Some(Self::Command),
            "provided" | "provided.al2" | "provided.al2023" => Some(Self::Provided),
            "scripted" => Some(Self::Scripted),
            "remote" => Some(Self::Remote),
            _ if version_of("nodejs", ".x").is_some() => Some(Self::Node),
            _ if version_of("python3.", "").is_some() => Some(Self::Python),
            _ => None,
        }
    }

    /// The handler that Lambda's own templates use for it.
    pub(super) fn default_handler(self) -> &'static str {
        match self {
            Self::JavaScript => "handler",
            Self::Node => "index.handler",
            Self::Python => "lambda_function.lambda_handler",
            Self::Command | Self::Provided | Self::Scripted | Self::Remote => "bootstrap",
        }
    }
}

/// What a folder or file looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// As written in `invokelab.toml`.
    pub runtime: &'static str,
    pub handler: Option<&'static str>,
    /// For `command`, relative to the folder.
    pub command: Option<String>,
    pub build: Vec<String>,
}

impl Detected {
    fn interpreted(runtime: &'static str, handler: &'static str) -> Self {
        Self { runtime, handler: Some(handler), command: None, build: Vec::new() }
    }
}

/// Guesses the runtime of a folder or of a single handler file from the names of files.
#[must_use]
pub fn detect(code: &Path) -> Option<Detected> {
    if code.is_file() {
        return match code.extension()?.to_str()? {
            extension if JAVASCRIPT_EXTENSIONS.contains(&extension) => Some(Detected::interpreted("javascript", "handler")),
            "py" => Some(Detected { handler: None, ..Detected::interpreted("python3", "") }),
            _ => None,
        };
    }
    let has = |name: &str| code.join(name).is_file();
    if has("bootstrap") {
        return Some(Detected { runtime: "provided", handler: None, command: None, build: Vec::new() });
    }
    if has("Cargo.toml") {
        let program = format!("target/debug/{}", cargo_binary(code)?);
        let build = vec!["cargo".to_owned(), "build".to_owned()];
        return Some(Detected { runtime: "command", handler: None, command: Some(program), build });
    }
    if has("lambda_function.py") {
        return Some(Detected::interpreted("python3", "lambda_function.lambda_handler"));
    }
    if has("handler.py") {
        return Some(Detected::interpreted("python3", "handler.handler"));
    }
    let node = |stem: &str| JAVASCRIPT_EXTENSIONS.iter().any(|extension| has(&format!("{stem}.{extension}")));
    if node("index") {
        return Some(Detected::interpreted("nodejs", "index.handler"));
    }
    node("handler").then(|| Detected::interpreted("nodejs", "handler.handler"))
}

/// The name of the program that `cargo build` makes in this folder.
fn cargo_binary(folder: &Path) -> Option<String> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse::<toml_edit::DocumentMut>().ok()?;
    let binary = manifest.get("bin").and_then(|binaries| binaries.get(0)).and_then(|binary| binary.get("name"));
    let name = binary.or_else(|| manifest.get("package")?.get("name"))?;
    name.as_str().map(str::to_owned)
}

/// The file that holds the handler of a function, if it can be told.
///
/// # Errors
/// A sentence that says which file was looked for and is not there.
pub(super) fn handler_file(kind: Kind, code: &Path, handler: &str) -> Result<Option<PathBuf>, String> {
    if !code.exists() {
        return Err(format!("there is no file or folder {}", code.display()));
    }
    match kind {
        Kind::JavaScript if code.is_file() => Ok(Some(code.to_path_buf())),
        Kind::JavaScript => javascript_file(code, "index")
            .or_else(|| javascript_file(code, "handler"))
            .map(Some)
            .ok_or_else(|| format!("{} has no index.mjs, index.js or index.cjs", code.display())),
        Kind::Node if code.is_file() => Ok(Some(code.to_path_buf())),
        Kind::Node => node_file(code, handler).map(Some),
        Kind::Python if code.is_file() => Ok(Some(code.to_path_buf())),
        Kind::Python => python_file(code, handler).map(Some),
        Kind::Provided if code.is_dir() && !code.join("bootstrap").is_file() => {
            Err(format!("{} has no program named bootstrap", code.display()))
        }
        Kind::Provided | Kind::Command | Kind::Scripted | Kind::Remote => Ok(None),
    }
}

fn javascript_file(folder: &Path, stem: &str) -> Option<PathBuf> {
    JAVASCRIPT_EXTENSIONS.iter().map(|extension| folder.join(format!("{stem}.{extension}"))).find(|file| file.is_file())
}

/// Lambda splits a Node handler at the first dot after the last slash.
fn node_file(folder: &Path, handler: &str) -> Result<PathBuf, String> {
    let name_start = handler.rfind('/').map_or(0, |slash| slash + 1);
    let Some(dot) = handler[name_start..].find('.') else {
        return Err(format!("handler \"{handler}\" names no file; write \"file.function\", such as \"index.handler\""));
    };
    let stem = &handler[..name_start + dot];
    javascript_file(folder, stem)
        .ok_or_else(|| format!("handler \"{handler}\" needs {stem}.mjs, {stem}.js or {stem}.cjs in {}", folder.display()))
}

/// Lambda splits a Python handler at the last dot; the rest is a module path.
fn python_file(folder: &Path, handler: &str) -> Result<PathBuf, String> {
    let Some((module, _)) = handler.rsplit_once('.') else {
        return Err(format!(
            "handler \"{handler}\" names no file; write \"file.function\", such as \"lambda_function.lambda_handler\""
        ));
    };
    let path = module.replace('.', "/");
    [format!("{path}.py"), format!("{path}/__init__.py")]
        .into_iter()
        .map(|file| folder.join(file))
        .find(|file| file.is_file())
        .ok_or_else(|| format!("handler \"{handler}\" needs {path}.py in {}", folder.display()))
}

/// Whether `Python 3.13.1` is what `python3.13` asks for; a name without a version takes any.
#[must_use]
pub fn is_version(wanted: &str, found: &str) -> bool {
    let digits = |text: &str| text.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned();
    let (wanted, found) = (digits(wanted.trim_end_matches(".x")), digits(found));
    found == wanted || found.starts_with(&format!("{wanted}.")) || wanted.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn versions_are_compared_as_far_as_they_are_named() {
        for (wanted, found, same) in [
            ("python3", "Python 3.11.7", true),
            ("python3.11", "Python 3.11.7", true),
            ("python3.13", "Python 3.11.7", false),
            ("python3.1", "Python 3.11.7", false),
            ("nodejs", "v20.1.0", true),
            ("nodejs20.x", "Node.js v20.1.0", true),
            ("nodejs22.x", "Node.js v20.1.0", false),
        ] {
            assert_eq!(is_version(wanted, found), same, "{wanted} {found}");
        }
    }
}
