//! Reading `[functions.NAME]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml_edit::{Item, Value};

use super::definition::{FunctionDefinition, Runtime, ScriptedAnswer, ScriptedResult};
use super::environment_file::{self, EnvironmentFile, EnvironmentFileError};
use super::keys::nearest;
use super::reader::Section;
use super::runtime::{self, Kind};
use super::values::{self, ParsedTarget};
use crate::http_model::configuration::FunctionAccess;
use crate::service::configuration::{EventInvokeConfiguration, FunctionConfiguration, RecursiveLoop, Target};
use crate::service::time::Micros;

/// Bytes of all environment variables together, as JSON (semantics 2.6).
const ENVIRONMENT_LIMIT: usize = 4_096;
/// Layers of a function (semantics 8.3).
const LAYERS: usize = 5;

/// Names that targets may point at.
#[derive(Default)]
pub(super) struct Names {
    pub(super) functions: BTreeSet<String>,
    pub(super) queues: BTreeSet<String>,
}

impl Names {
    /// Reads a target under `key` and checks that it exists. `later` are the kinds of later capabilities that Lambda takes
    /// there.
    pub(super) fn target(&self, section: &Section, key: &str, later: &[&str]) -> Option<Target> {
        let text = section.string(key)?;
        match values::target(&text) {
            Ok(ParsedTarget::Known(target)) => {
                self.exists(&target).map_err(|message| section.problem(key, message)).map(|()| target).ok()
            }
            Ok(ParsedTarget::Later(kind)) if later.contains(&kind) => {
                section
                    .source
                    .not_active_yet(section.span_of(key), format!("{text} is kept, but such targets are not active yet"));
                None
            }
            Ok(ParsedTarget::Later(kind)) => {
                section
                    .problem(key, format!("\"{text}\" cannot stand here: Lambda takes no {} as {key}", kind.replace('_', " ")));
                None
            }
            Err(message) => {
                section.problem(key, message);
                None
            }
        }
    }

    fn exists(&self, target: &Target) -> Result<(), String> {
        let (names, name, what) = match target {
            Target::Queue(name) => (&self.queues, name, "queue"),
            Target::Function(name) => (&self.functions, name, "function"),
        };
        if names.contains(&**name) {
            return Ok(());
        }
        let near = nearest(name, names.iter().map(String::as_str)).map(|near| format!("; did you mean {what}:{near}?"));
        Err(format!("there is no {what} {name}{}", near.unwrap_or_else(|| format!("; add [{what}s.{name}]"))))
    }
}

/// Reads one function. What is wrong is reported; what keeps it from running is also in `broken`.
pub(super) fn read(name: &str, section: &Section, folder: &Path, names: &Names) -> FunctionDefinition {
    let mut broken = None;
    let kind = kind(section, folder).map_err(|message| broken = Some(message)).ok();
    let written =
        section.string("runtime").unwrap_or_else(|| kind.map_or_else(String::new, |kind| default_name(kind).to_owned()));
    let code = code(section, folder, kind).unwrap_or_else(|message| {
        section.problem("code", message.clone());
        broken.get_or_insert(message);
        folder.to_path_buf()
    });
    let handler = handler(section, kind, &code);
    let runtime =
        kind.map_or_else(|| Runtime::NotActive(written.clone()), |kind| runtime_of(section, kind, &written, folder, &code));
    if broken.is_none() {
        broken = why_broken(section, &runtime, kind, &code, &handler);
    }
    let env_file = env_file(section, folder).unwrap_or_else(|message| {
        section.problem("env_file", message.clone());
        broken.get_or_insert(message);
        section.string("env_file").map(|file| clean(&folder.join(file)))
    });
    let debug = section.boolean("debug").unwrap_or(false);
    FunctionDefinition {
        configuration: configuration(name, &written, &handler, section, names, debug),
        runtime,
        code,
        environment: environment(section),
        env_file,
        layers: layers(section, folder),
        build: section.strings("build").unwrap_or_default(),
        debug,
        freeze: section.boolean("freeze").unwrap_or(false),
        // Read once account and region are known.
        access: FunctionAccess::default(),
        broken,
    }
}

fn configuration(
    name: &str,
    runtime: &str,
    handler: &str,
    section: &Section,
    names: &Names,
    debug: bool,
) -> FunctionConfiguration {
    let defaults = FunctionConfiguration::new(name);
    let own = Target::Function(name.into());
    let dead_letter = section.section("dead_letter").and_then(|inner| {
        let target = names.target(&inner, "target", &["topic"])?;
        if matches!(target, Target::Function(_)) {
            inner.problem("target", "a dead-letter queue is a queue; a function can be event_invoke.on_failure");
            return None;
        }
        Some(target)
    });
    FunctionConfiguration {
        runtime: runtime.into(),
        handler: handler.into(),
        timeout: section.seconds("timeout", 1..=900, "Timeout").unwrap_or(defaults.timeout),
        memory_size: section.integer("memory_size", 128..=10_240, "MemorySize (MB)").unwrap_or(defaults.memory_size),
        reserved_concurrency: section.integer("reserved_concurrent_executions", 0..=1_000_000, "ReservedConcurrentExecutions"),
        event_invoke: section.section("event_invoke").map(|inner| event_invoke(&inner, names, &own)).unwrap_or_default(),
        dead_letter,
        recursive_loop: recursive_loop(section),
        timeouts_suspended: debug,
        ..defaults
    }
}

/// Semantics 3.7.
fn recursive_loop(section: &Section) -> RecursiveLoop {
    match section.string("recursive_loop").as_deref() {
        None => {}
        Some("Terminate") => return RecursiveLoop::Terminate,
        Some("Allow") => return RecursiveLoop::Allow,
        Some(other) => {
            section.problem("recursive_loop", format!("\"{other}\" is not a RecursiveLoop; write \"Terminate\" or \"Allow\""))
        }
    }
    RecursiveLoop::default()
}

/// Semantics 3.2.
fn event_invoke(section: &Section, names: &Names, own: &Target) -> EventInvokeConfiguration {
    let defaults = EventInvokeConfiguration::default();
    let destination = |key, later: &[&str]| {
        let target = names.target(section, key, later)?;
        if target == *own {
            section.problem(key, "You can't specify the function as a destination for itself.");
            return None;
        }
        Some(target)
    };
    EventInvokeConfiguration {
        maximum_retry_attempts: section
            .integer("maximum_retry_attempts", 0..=2, "MaximumRetryAttempts")
            .unwrap_or(defaults.maximum_retry_attempts),
        maximum_event_age: section
            .seconds("maximum_event_age_in_seconds", 60..=21_600, "MaximumEventAgeInSeconds")
            .unwrap_or(defaults.maximum_event_age),
        on_success: destination("on_success", &["topic", "event_bus"]),
        on_failure: destination("on_failure", &["topic", "event_bus", "bucket"]),
    }
}

/// The runtime that is written, else the one that `script`, `command` or `code` give away.
fn kind(section: &Section, folder: &Path) -> Result<Kind, String> {
    if section.has("runtime") {
        let written = section.string("runtime").ok_or("its runtime is not a string")?;
        return Kind::parse(&written).ok_or_else(|| unknown_runtime(section, &written));
    }
    if section.has("script") {
        return Ok(Kind::Scripted);
    }
    if section.has("command") {
        return Ok(Kind::Command);
    }
    let detected = section.string("code").and_then(|code| runtime::detect(&folder.join(code)));
    detected.and_then(|detected| Kind::parse(detected.runtime)).ok_or_else(|| {
        let message =
            format!("{} needs a runtime: write runtime = \"javascript\", \"nodejs\", \"python3\" or \"command\"", section.path);
        section.source.problem(section.span.clone(), message.clone());
        message
    })
}

fn unknown_runtime(section: &Section, written: &str) -> String {
    let near = nearest(written, runtime::NAMES.into_iter())
        .filter(|near| *near != "remote")
        .map(|near| format!("; did you mean \"{near}\"?"));
    let repair = near.unwrap_or_else(|| "; a program that speaks the Lambda Runtime API runs with \"command\"".to_owned());
    let message = format!("\"{written}\" is not a known runtime{repair}");
    section.problem("runtime", message.clone());
    message
}

fn default_name(kind: Kind) -> &'static str {
    match kind {
        Kind::JavaScript => "javascript",
        Kind::Node => "nodejs",
        Kind::Python => "python3",
        Kind::Command => "command",
        Kind::Provided => "provided",
        Kind::Scripted => "scripted",
        Kind::Remote => "remote",
    }
}

fn code(section: &Section, folder: &Path, kind: Option<Kind>) -> Result<PathBuf, String> {
    match (section.string("code"), kind) {
        (Some(code), _) => Ok(clean(&folder.join(code))),
        (None, Some(Kind::Command | Kind::Scripted | Kind::Remote) | None) => Ok(folder.to_path_buf()),
        (None, Some(_)) => Err(format!("{} needs code = \"FILE OR FOLDER\"", section.path)),
    }
}

/// Takes `.` and `..` out of an absolute path without asking the disk.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}

/// For a single Python or Node file the handler may name the function alone.
fn handler(section: &Section, kind: Option<Kind>, code: &Path) -> String {
    let written = section.string("handler");
    let stem = code.file_stem().and_then(|stem| stem.to_str()).filter(|_| code.is_file());
    match (kind, written, stem) {
        (Some(Kind::Node | Kind::Python), Some(function), Some(stem)) if !function.contains('.') => format!("{stem}.{function}"),
        (Some(Kind::Node), None, Some(stem)) => format!("{stem}.handler"),
        (Some(Kind::Python), None, Some(stem)) => {
            format!("{stem}.{}", if stem == "lambda_function" { "lambda_handler" } else { "handler" })
        }
        (Some(Kind::Node | Kind::Python), None, None) => {
            let detected = runtime::detect(code).and_then(|detected| detected.handler);
            detected.unwrap_or_else(|| kind.map_or("", Kind::default_handler)).to_owned()
        }
        (_, Some(written), _) => written,
        (_, None, _) => kind.map_or("", Kind::default_handler).to_owned(),
    }
}

fn runtime_of(section: &Section, kind: Kind, written: &str, folder: &Path, code: &Path) -> Runtime {
    match kind {
        Kind::JavaScript => Runtime::JavaScript,
        Kind::Node => Runtime::Node,
        Kind::Python => Runtime::Python,
        Kind::Command => Runtime::Command(command(section, folder)),
        Kind::Provided => {
            let program = if code.is_file() { code.to_path_buf() } else { code.join("bootstrap") };
            let command = command(section, folder);
            Runtime::Command(if command.is_empty() { vec![program.display().to_string()] } else { command })
        }
        Kind::Scripted => Runtime::Scripted(script(section)),
        Kind::Remote => {
            section.source.not_active_yet(section.span_of("runtime"), "runtime \"remote\" is kept, but not active yet");
            Runtime::NotActive(written.to_owned())
        }
    }
}

/// The command with its program made absolute, unless it is to be found on PATH.
fn command(section: &Section, folder: &Path) -> Vec<String> {
    let mut command = section.strings("command").unwrap_or_default();
    if let Some(program) = command.first_mut()
        && program.contains(['/', '\\'])
    {
        *program = clean(&folder.join(&*program)).display().to_string();
    }
    command
}

fn why_broken(section: &Section, runtime: &Runtime, kind: Option<Kind>, code: &Path, handler: &str) -> Option<String> {
    let (key, message) = match runtime {
        Runtime::NotActive(name) => return Some(format!("the runtime \"{name}\" is not active yet")),
        Runtime::Command(command) if command.is_empty() => ("command", format!("{} needs command = [\"PROGRAM\"]", section.path)),
        Runtime::Command(command)
            if !section.has("build") && command[0].contains(['/', '\\']) && !Path::new(&command[0]).is_file() =>
        {
            ("command", format!("there is no program {}; build it first, or add build = [...]", command[0]))
        }
        Runtime::Scripted(answers) if answers.is_empty() => {
            ("script", format!("{} needs script = [{{ respond = ... }}]", section.path))
        }
        _ => {
            let needs_bootstrap = kind == Some(Kind::Provided) && (section.has("build") || section.has("command"));
            let kind = kind.filter(|_| !needs_bootstrap)?;
            let message = runtime::handler_file(kind, code, handler).err()?;
            (if message.starts_with("handler") && section.has("handler") { "handler" } else { "code" }, message)
        }
    };
    section.problem(key, message.clone());
    Some(message)
}

fn environment(section: &Section) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    let Some(inner) = section.section("environment") else {
        if section.has("environment") {
            section.problem(
                "environment",
                format!("{}.environment must be a table, such as {{ TABLE = \"orders\" }}", section.path),
            );
        }
        return environment;
    };
    for (name, item) in inner.entries() {
        match item.as_str() {
            _ if !is_variable_name(name) => inner.problem(name, format!("\"{name}\" cannot be the name of an environment variable: a letter first, then letters, digits and _, two at least")),
            Some(value) => {
                if is_reserved(name) {
                    inner.problem(name, format!("{name} is reserved: Lambda takes no function that sets it"));
                }
                environment.insert(name.to_owned(), value.to_owned());
            }
            None => inner.problem(name, format!("{}.{name} must be a string: environment variables are text, so put it in quotes", inner.path)),
        }
    }
    let size = serde_json::to_string(&environment).map_or(0, |json| json.len());
    if size > ENVIRONMENT_LIMIT {
        section.problem(
            "environment",
            format!("the environment variables are {size} bytes as JSON; Lambda takes {ENVIRONMENT_LIMIT}"),
        );
    }
    environment
}

/// Variables that Lambda keeps for itself (semantics 2.6); names that begin with `_` are refused before. Credentials are not
/// among them here: a function that calls AWS from this machine needs some.
fn is_reserved(name: &str) -> bool {
    matches!(name, "AWS_REGION" | "AWS_DEFAULT_REGION" | "AWS_EXECUTION_ENV" | "LAMBDA_TASK_ROOT" | "LAMBDA_RUNTIME_DIR")
        || name.starts_with("AWS_LAMBDA_") && !name.starts_with("AWS_LAMBDA_LOG_")
}

/// `[a-zA-Z][a-zA-Z0-9_]+` (semantics 2.6).
pub(super) fn is_variable_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn env_file(section: &Section, folder: &Path) -> Result<Option<PathBuf>, String> {
    let Some(file) = section.string("env_file").map(|file| clean(&folder.join(file))) else { return Ok(None) };
    if !file.is_file() {
        return Err(format!("there is no file {}; the function cannot start without it", file.display()));
    }
    section.source.reads(&file);
    match environment_file::read(&file) {
        Ok(read) => read.left_out.iter().for_each(|line| section.source.problem_of(&file, *line, EnvironmentFile::LEFT_OUT)),
        Err(EnvironmentFileError::Line { path, line, message }) => section.source.problem_of(&path, line, message),
        Err(error @ EnvironmentFileError::Unreadable { .. }) => section.problem("env_file", error.to_string()),
    }
    Ok(Some(file))
}

fn layers(section: &Section, folder: &Path) -> Vec<PathBuf> {
    let layers: Vec<PathBuf> =
        section.strings("layers").unwrap_or_default().iter().map(|layer| clean(&folder.join(layer))).collect();
    if layers.len() > LAYERS {
        section.problem("layers", format!("a function has at most {LAYERS} layers, not {}", layers.len()));
    }
    for layer in layers.iter().filter(|layer| !layer.is_dir()) {
        section.problem("layers", format!("there is no folder {} for a layer", layer.display()));
    }
    layers.into_iter().take(LAYERS).collect()
}

/// The answers of a scripted function.
fn script(section: &Section) -> Vec<ScriptedAnswer> {
    section.list("script").iter().filter_map(scripted_answer).collect()
}

fn scripted_answer(answer: &Section) -> Option<ScriptedAnswer> {
    let after = answer.duration("after").unwrap_or(Micros(0));
    let given: Vec<&str> = ["respond", "throw", "exit", "hang"].into_iter().filter(|key| answer.has(key)).collect();
    let [only] = given[..] else {
        answer.source.problem(answer.span.clone(), "an answer of a script has exactly one of respond, throw, exit and hang");
        return None;
    };
    let what = match only {
        "respond" => ScriptedResult::Respond(answer.item("respond").map(json)?.to_string()),
        "throw" => ScriptedResult::Throw(answer.string("throw")?),
        "exit" => ScriptedResult::Exit(i32::try_from(answer.integer("exit", 0..=255, "an exit code")?).ok()?),
        _ => match answer.boolean("hang")? {
            true => ScriptedResult::Hang,
            false => {
                answer.problem("hang", "hang = false says nothing; write hang = true or another answer");
                return None;
            }
        },
    };
    Some(ScriptedAnswer { after, what })
}

/// A TOML value as JSON; dates become strings.
pub(super) fn json(item: &Item) -> serde_json::Value {
    match item {
        Item::Value(value) => value_json(value),
        Item::Table(table) => {
            table.iter().map(|(key, item)| (key.to_owned(), json(item))).collect::<serde_json::Map<_, _>>().into()
        }
        Item::ArrayOfTables(tables) => {
            let tables = tables.iter().map(|table| json(&Item::Table(table.clone())));
            tables.collect::<Vec<_>>().into()
        }
        Item::None => serde_json::Value::Null,
    }
}

fn value_json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.value().as_str().into(),
        Value::Integer(number) => (*number.value()).into(),
        Value::Float(number) => (*number.value()).into(),
        Value::Boolean(truth) => (*truth.value()).into(),
        Value::Datetime(date) => date.value().to_string().into(),
        Value::Array(array) => array.iter().map(value_json).collect::<Vec<_>>().into(),
        Value::InlineTable(table) => {
            table.iter().map(|(key, value)| (key.to_owned(), value_json(value))).collect::<serde_json::Map<_, _>>().into()
        }
    }
}

/// What the window may edit as the code of a function.
pub(super) fn editable_file(definition: &FunctionDefinition) -> Option<PathBuf> {
    let kind = match &definition.runtime {
        Runtime::JavaScript => Kind::JavaScript,
        Runtime::Node => Kind::Node,
        Runtime::Python => Kind::Python,
        Runtime::Command(_) | Runtime::Scripted(_) | Runtime::NotActive(_) => {
            return definition.code.is_file().then(|| definition.code.clone());
        }
    };
    runtime::handler_file(kind, &definition.code, &definition.configuration.handler).ok().flatten()
}
