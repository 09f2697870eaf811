//! The scenario file (`formats.md`), read with line and column for everything that is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::request::RequestAction;
use crate::event::{Problem, ProblemKind};
use crate::service::input::{Fault, FaultKind, InvocationType};
use crate::service::time::Micros;
use crate::workspace::nearest;

/// A file that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("{}: {reason}", file.display())]
    Unreadable { file: PathBuf, reason: String },
    #[error("{}:{line}:{column}: {message}", file.display())]
    Invalid { file: PathBuf, line: usize, column: usize, message: String },
}

impl ScenarioError {
    /// What is wrong, as reports list it.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (file, line, column, message) = match self {
            Self::Unreadable { file, reason } => (file, 0, 0, reason),
            Self::Invalid { file, line, column, message } => (file, *line, *column, message),
        };
        Problem { file: file.clone(), line, column, message: message.clone(), kind: ProblemKind::Mistake }
    }
}

/// A scenario as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub title: String,
    /// Relative to the file; the folder above it when absent.
    workspace: Option<PathBuf>,
    #[serde(default)]
    pub seed: u64,
    #[serde(default)]
    pub clock: ScenarioClock,
    #[serde(default, rename = "fault")]
    faults: Vec<FaultEntry>,
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
    #[serde(skip)]
    pub file: PathBuf,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScenarioClock {
    /// Nobody waits: time jumps from deadline to deadline.
    #[default]
    Virtual,
    /// Real time.
    Live,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultEntry {
    function: String,
    attempts: Vec<u32>,
    kind: FaultName,
    /// How much a `slow` attempt is delayed; two seconds when absent.
    #[serde(default, deserialize_with = "length")]
    by: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultName {
    Throw,
    Timeout,
    Crash,
    OutOfMemory,
    Throttle,
    Slow,
    InitFailure,
}

/// What `slow` means when nothing else is said: long enough to be seen, shorter than Lambda's own default timeout.
const SLOW_BY: Micros = Micros::from_secs(2);

impl FaultEntry {
    fn fault(&self) -> Fault {
        let kind = match self.kind {
            FaultName::Throw => FaultKind::Throw,
            FaultName::Timeout => FaultKind::Timeout,
            FaultName::Crash => FaultKind::Crash,
            FaultName::OutOfMemory => FaultKind::OutOfMemory,
            FaultName::Throttle => FaultKind::Throttle,
            FaultName::Slow => FaultKind::Slow(self.by.as_deref().and_then(duration).map_or(SLOW_BY, |(by, _)| by)),
            FaultName::InitFailure => FaultKind::InitFailure,
        };
        Fault { function: self.function.as_str().into(), attempts: self.attempts.clone(), kind }
    }

    /// What is wrong beyond the form of the file.
    fn mistake(&self) -> Option<String> {
        let by = self.by.as_deref()?;
        if !matches!(self.kind, FaultName::Slow) {
            return Some("by = ... belongs to kind = \"slow\" only".into());
        }
        duration(by).is_none().then(|| format!("by = {by:?} is no length such as \"2s\" or \"500ms\""))
    }
}

/// One step: at most one action, then its checks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    #[serde(default)]
    pub title: String,
    /// For a room, not for a run: told, shown, asked.
    #[serde(default)]
    pub say: Option<String>,
    #[serde(default)]
    pub look_at: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub question: Option<String>,
    #[serde(default)]
    pub answer: Option<String>,
    #[serde(default)]
    pub pause: Option<bool>,
    #[serde(default)]
    pub invoke: Option<InvokeAction>,
    #[serde(default)]
    pub send: Option<SendAction>,
    #[serde(default)]
    pub change: Option<ChangeAction>,
    #[serde(default)]
    pub request: Option<RequestAction>,
    /// Actions of streams, tables and topics, whatever they say.
    #[serde(default)]
    put: Option<Value>,
    #[serde(default)]
    publish: Option<Value>,
    #[serde(default, deserialize_with = "length")]
    pub advance: Option<String>,
    #[serde(default)]
    pub expect: Vec<Expectation>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvokeAction {
    pub function: String,
    /// What the saved event says of itself when absent, else `RequestResponse`.
    #[serde(default, rename = "type")]
    pub invocation_type: Option<InvokeType>,
    pub payload: Option<Value>,
    /// `FUNCTION/NAME`: a saved event of the workspace.
    pub event: Option<String>,
    /// The name that later checks use.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum InvokeType {
    RequestResponse,
    Event,
    DryRun,
}

impl From<InvokeType> for InvocationType {
    fn from(name: InvokeType) -> Self {
        match name {
            InvokeType::RequestResponse => Self::RequestResponse,
            InvokeType::Event => Self::Event,
            InvokeType::DryRun => Self::DryRun,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendAction {
    /// `queue:NAME`.
    pub to: String,
    /// Bodies: a string as it is, anything else as JSON text.
    pub records: Vec<Value>,
}

impl SendAction {
    /// The queue's name.
    #[must_use]
    pub fn queue(&self) -> &str {
        self.to.strip_prefix("queue:").unwrap_or(&self.to)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeAction {
    pub function: String,
    /// The whole text of the handler file for the rest of the scenario; the file itself stays as it is.
    pub code: String,
}

/// One check. Which members go together says [`super::subject::Subject`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    pub status_code: Option<u16>,
    pub queue: Option<String>,
    pub depth: Option<usize>,
    pub invocation: Option<String>,
    pub attempts: Option<u32>,
    pub outcome: Option<String>,
    pub condition: Option<String>,
    pub error_type: Option<String>,
    #[serde(default, deserialize_with = "length")]
    pub service_time: Option<String>,
    /// `queue:NAME` or `function:NAME`: the last record that was delivered there.
    pub record: Option<String>,
    /// JSON Pointer into the record, or into the response of `invocation`.
    pub pointer: Option<String>,
    pub equals: Option<Value>,
    /// The last batch that was closed for this queue.
    pub batch: Option<String>,
    pub closed_by: Option<String>,
    pub records: Option<usize>,
    pub failed: Option<usize>,
    /// A request that was given this name with `as`; without it a check looks at the request of its own step.
    pub request: Option<String>,
    /// What the page may do, and the browser's own word for why not.
    pub readable: Option<bool>,
    pub cors_error: Option<String>,
    /// `function` or `service`.
    pub answered_by: Option<String>,
    /// A header of the response; with `equals` its value, `"absent"` when it must not be there.
    pub header: Option<String>,
    /// Text that stands in a log line of `invocation`.
    pub log: Option<String>,
}

impl Scenario {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is not TOML, or says something that has no meaning; with line and column.
    pub fn load(file: &Path) -> Result<Self, ScenarioError> {
        let text = fs::read_to_string(file)
            .map_err(|error| ScenarioError::Unreadable { file: file.to_path_buf(), reason: error.to_string() })?;
        Self::parse(&text, file)
    }

    /// The same for a text that was read already.
    ///
    /// # Errors
    /// As [`Scenario::load`].
    pub fn parse(text: &str, file: &Path) -> Result<Self, ScenarioError> {
        let mut scenario: Self = toml_edit::de::from_str(text).map_err(|error| {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            let message = plain(error.message());
            ScenarioError::Invalid { file: file.to_path_buf(), line, column, message }
        })?;
        scenario.file = file.to_path_buf();
        scenario.check_entries(text)?;
        Ok(scenario)
    }

    /// The folder of the workspace it runs on.
    #[must_use]
    pub fn workspace(&self) -> PathBuf {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        folder.join(self.workspace.as_deref().unwrap_or(Path::new("..")))
    }

    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.faults.iter().map(FaultEntry::fault).collect()
    }

    fn check_entries(&self, text: &str) -> Result<(), ScenarioError> {
        let faults = self.faults.iter().enumerate().map(|(index, fault)| ("[[fault]]", index, fault.mistake()));
        let steps = self.steps.iter().enumerate().map(|(index, step)| ("[[step]]", index, step.mistake()));
        for (header, index, mistake) in faults.chain(steps) {
            let Some(message) = mistake else { continue };
            let start = text.match_indices(header).nth(index).map_or(0, |(start, _)| start);
            let (line, column) = place(text, start);
            return Err(ScenarioError::Invalid { file: self.file.clone(), line, column, message });
        }
        Ok(())
    }
}

impl Step {
    /// What is wrong beyond the form of the file.
    fn mistake(&self) -> Option<String> {
        for (action, written) in [("put", &self.put), ("publish", &self.publish)] {
            if written.is_some() {
                return Some(format!("{action} is not active yet, so what comes after it cannot hold; remove the step for now"));
            }
        }
        let actions =
            [self.invoke.is_some(), self.send.is_some(), self.change.is_some(), self.request.is_some(), self.advance.is_some()];
        if actions.iter().filter(|action| **action).count() > 1 {
            return Some("a step has one action: invoke, send, change, request or advance; make a step of each".into());
        }
        if self.invoke.as_ref().is_some_and(|invoke| invoke.payload.is_some() && invoke.event.is_some()) {
            return Some("an invoke has a payload or a saved event, not both".into());
        }
        if let Some(fault) = self.request.as_ref().and_then(RequestAction::fault) {
            return Some(fault);
        }
        if let Some(advance) = &self.advance
            && Advance::parse(advance).is_none()
        {
            return Some(format!("advance = {advance:?} is neither \"next\", \"idle\" nor a length such as \"90s\""));
        }
        if let Some(send) = &self.send
            && !send.to.starts_with("queue:")
        {
            return Some(format!("send to {:?}: only queue:NAME takes messages so far", send.to));
        }
        if let Some(mistake) = self.expect.iter().find_map(|check| check.subject(self).err()) {
            return Some(mistake);
        }
        let bad = self.expect.iter().filter_map(|check| check.service_time.as_deref()).find(|time| duration(time).is_none())?;
        Some(format!("service_time = {bad:?} is no length such as \"60s\" or \"2m\""))
    }
}

/// How far a step lets time pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    Next,
    Idle,
    Length(Micros),
}

impl Advance {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "next" => Some(Self::Next),
            "idle" => Some(Self::Idle),
            length => Some(Self::Length(duration(length)?.0)),
        }
    }
}

/// A length is seconds unless it is a text with a unit.
fn length<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Length {
        Text(String),
        Whole(u64),
        Parts(f64),
    }
    Ok(Some(match Length::deserialize(value)? {
        Length::Text(text) => text,
        Length::Whole(seconds) => format!("{seconds}s"),
        Length::Parts(seconds) => format!("{seconds}s"),
    }))
}

/// Reads `90s`, `1.5s`, `120ms`, `2m`, `1h` or plain seconds; also the smallest step that the text distinguishes.
#[must_use]
pub fn duration(text: &str) -> Option<(Micros, Micros)> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_micros: u64 = match unit {
        "us" => 1,
        "ms" => 1_000,
        "" | "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let precision = (unit_micros / scale).max(1);
    let whole: u64 = whole.parse().ok()?;
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let micros = whole.checked_mul(unit_micros)?.checked_add(fraction.checked_mul(unit_micros)? / scale)?;
    Some((Micros(micros), Micros(precision)))
}

/// The parser's words for a name that is not known, with the one that was meant; any other message as it is.
fn plain(message: &str) -> String {
    let message = message.replace('\n', ", ");
    for (beginning, noun) in [("unknown field `", "key"), ("unknown variant `", "value")] {
        let Some((name, rest)) = message.strip_prefix(beginning).and_then(|rest| rest.split_once('`')) else { continue };
        let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        return match nearest(name, known.iter().copied()) {
            Some(near) => format!("{name} is not a known {noun}; did you mean {near}?"),
            None => format!("{name} is not a known {noun}; known here are {}", known.join(", ")),
        };
    }
    message
}

/// Line and column, from 1, of a byte.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |index| index + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Scenario::parse(text, Path::new("a.toml")).unwrap_err().to_string()
    }

    #[test]
    fn lengths_carry_the_precision_they_are_written_with() {
        assert_eq!(duration("60s"), Some((Micros::from_secs(60), Micros::from_secs(1))));
        assert_eq!(duration("60.000s"), Some((Micros::from_secs(60), Micros::from_millis(1))));
        assert_eq!(duration("2m"), Some((Micros::from_secs(120), Micros::from_secs(60))));
        assert_eq!(duration("120ms"), Some((Micros::from_millis(120), Micros::from_millis(1))));
        for bad in ["", "s", "1d", "1.2.3s", "-1s"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_mistake_is_named_with_line_and_column() {
        assert_eq!(error("title = \"x\"\nclok = 1"), "a.toml:2:1: clok is not a known key; did you mean clock?");
        assert_eq!(error("titel = \"x\""), "a.toml:1:1: titel is not a known key; did you mean title?");
        let fault = |more: &str| error(&format!("title = \"x\"\n[[fault]]\nfunction = \"f\"\nattempts = [1]\n{more}"));
        assert_eq!(fault("kind = \"slwo\""), "a.toml:5:8: slwo is not a known value; did you mean slow?");
        assert_eq!(
            fault("kind = \"explode\""),
            "a.toml:5:8: explode is not a known value; known here are throw, timeout, crash, out_of_memory, throttle, slow, init_failure"
        );
        assert_eq!(fault("kind = \"slow\"\nby = \"soon\""), "a.toml:2:1: by = \"soon\" is no length such as \"2s\" or \"500ms\"");
        assert_eq!(fault("kind = \"throw\"\nby = \"2s\""), "a.toml:2:1: by = ... belongs to kind = \"slow\" only");
        assert!(error("title = ").starts_with("a.toml:1:"));
        assert_eq!(
            error("title = \"x\"\n[[step]]\nadvance = \"soon\""),
            "a.toml:2:1: advance = \"soon\" is neither \"next\", \"idle\" nor a length such as \"90s\""
        );
        assert!(error("title='x'\n[[step]]\nadvance='next'\nsend={to='queue:a',records=[]}").contains("one action"));
    }

    #[test]
    fn the_workspace_is_the_folder_above_unless_said() {
        let at = |text: &str| Scenario::parse(text, Path::new("w/lessons/a.toml")).unwrap().workspace();
        assert_eq!(at("title='x'"), Path::new("w/lessons/.."));
        assert_eq!(at("title='x'\nworkspace='../../demo'"), Path::new("w/lessons/../../demo"));
    }
}
