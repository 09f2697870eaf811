//! What the executor tells: service events, the state of clock and doors, and plain views of workspace and history.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::command::{ClockMode, SettingOwner, TextPlace, UnsavedText};
use crate::events_catalog::Filled;
use crate::http_model::browser;
use crate::http_model::configuration::{ApiConfiguration, ApiKind, FunctionAccess};
use crate::http_model::cors::ProducedHeader;
use crate::http_model::cors_case::Verdict;
use crate::http_model::message::{HttpRequest, HttpResponse};
use crate::http_model::policy::Asked;
use crate::http_model::response_from_result::Malformed;
use crate::http_model::signature::Signers;
use crate::http_model::translation::Translations;
use crate::service::configuration::FunctionConfiguration;
use crate::service::happened::{Due, Outcome, ServiceEvent};
use crate::service::ids::{FunctionName, QueueName, RequestId};
use crate::service::input::{Fault, InvocationType};
use crate::service::narration::Told;
use crate::service::time::{Micros, Timestamp};

/// The clock as the loop sees it at the end of a turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockState {
    pub mode: ClockMode,
    pub now: Timestamp,
    /// Wall-clock time at `now`, in microseconds since the epoch, to show a running clock between turns.
    pub wall: Timestamp,
    /// Real code has an event in hand: service time runs 1:1 whatever the mode.
    pub code_running: bool,
    /// A step or an advance is under way.
    pub stepping: bool,
    /// How far service time lies behind the wall clock because events waited over a restart.
    pub behind: Option<Micros>,
}

/// A network door that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// `lambda api`.
    pub kind: Arc<str>,
    /// `http://127.0.0.1:9001`.
    pub address: Arc<str>,
    /// The default port that was in use, if it had to move.
    pub moved_from: Option<u16>,
    /// HTTPS only: the file with its certificate, if that is kept, for whoever wants to trust it.
    pub certificate: Option<Arc<str>>,
}

impl Door {
    /// Whether clients speak TLS with it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.address.starts_with("https:")
    }
}

/// Who answered a request at a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The function ran.
    Function,
    /// The service answered by itself; no code ran. The sentence says why.
    Service { why: String },
}

impl AnsweredBy {
    /// The service by itself. Errors in AWS's words end with a full stop; the sentence that the reason stands in has its own.
    #[must_use]
    pub fn service(why: &str) -> Self {
        Self::Service { why: why.trim_end_matches('.').to_owned() }
    }
}

/// Which door a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExchangeDoor {
    FunctionUrl(FunctionName),
    Api {
        name: Arc<str>,
        kind: ApiKind,
        route: Option<String>,
    },
    /// Neither host nor path names a door.
    Nowhere,
}

/// A request at a door for HTTP clients, with everything that was done with it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Grows with every request of a session.
    pub id: u64,
    /// Of the command that asked for it.
    pub ticket: Option<u64>,
    pub at: Timestamp,
    pub ended_at: Timestamp,
    pub door: ExchangeDoor,
    /// Bodies are cut to what is worth showing.
    pub request: HttpRequest,
    pub response: HttpResponse,
    pub function: Option<FunctionName>,
    /// The invocation, if there was one.
    pub request_id: Option<RequestId>,
    pub answered_by: AnsweredBy,
    /// Request to event and result to response, field by field.
    pub translations: Translations,
    /// Why the result became an error answer, if it did.
    pub malformed: Option<Malformed>,
    /// What the resource-based policy said.
    pub access: Option<Asked>,
    /// Headers that the service added by the CORS configuration, with the setting and the facts behind each.
    pub cors: Vec<ProducedHeader>,
}

/// A page's request as it went for real.
#[derive(Clone, Debug)]
pub struct Browsed {
    pub verdict: Verdict,
    pub exchange: browser::Exchange,
}

/// What a page in a real browser saw of its request.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct PageReport {
    /// Of the [`crate::command::Command::ServeTestPage`] that the page came from; it may be an earlier one.
    pub ticket: u64,
    pub readable: bool,
    pub status: u16,
    /// Names that the page could read, lower-case, sorted.
    pub headers: Vec<String>,
    /// The beginning of the body.
    pub body: String,
    /// `TypeError: Failed to fetch`.
    pub error: String,
    /// The browser, by its own name.
    pub user_agent: String,
    pub origin: String,
}

/// Something wrong in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// From 1; 0 when the problem is the file itself.
    pub line: usize,
    pub column: usize,
    /// What is wrong and how to repair it, one sentence.
    pub message: String,
    pub kind: ProblemKind,
}

/// Where something stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    pub file: PathBuf,
    /// From 1, the column in characters.
    pub line: usize,
    pub column: usize,
}

impl FilePlace {
    /// `invokelab.toml:7`.
    #[must_use]
    pub fn short(&self) -> String {
        let file = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        format!("{file}:{}", self.line)
    }
}

/// How much a problem means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The file says something that cannot be as it is written; it counts as not written.
    Mistake,
    /// Lambda takes it, and it will hardly do what was meant.
    Advice,
    /// A key of a later capability: kept, but without effect yet.
    NotActiveYet,
}

impl Problem {
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        self.kind == ProblemKind::Mistake
    }

    #[must_use]
    pub fn is_not_active_yet(&self) -> bool {
        self.kind == ProblemKind::NotActiveYet
    }

    /// `invokelab.toml:7:12`, or the file alone when the problem is the file itself.
    #[must_use]
    pub fn place(&self) -> String {
        let file = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if self.line == 0 { file } else { format!("{file}:{}:{}", self.line, self.column) }
    }

    /// The same with the whole path, as editors take it.
    #[must_use]
    pub fn full_place(&self) -> String {
        let file = self.file.display();
        if self.line == 0 { file.to_string() } else { format!("{file}:{}:{}", self.line, self.column) }
    }
}

/// What belongs to a saved event but not to its payload: `events/FUNCTION/NAME.meta.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventMeta {
    pub invocation_type: Option<InvocationType>,
    /// The text that stands for `{{name}}` in the payload, by name.
    pub variables: Arc<BTreeMap<String, String>>,
}

/// What stands in a view in place of a value of `env_file`.
pub const MASK: &str = "••••••";

/// A function as the window shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionView {
    pub configuration: Arc<FunctionConfiguration>,
    /// As written in the file: `javascript`, `python3.13`, `command`, `remote`...
    pub runtime: Arc<str>,
    /// `Python 3.11.7` where the interpreter on PATH differs or was found, `None` when not looked up yet.
    pub runtime_found: Option<Arc<str>>,
    /// File or folder, absolute.
    pub code: PathBuf,
    /// The file that holds the handler, if there is one that can be edited.
    pub code_file: Option<PathBuf>,
    pub command: Vec<String>,
    /// Values of `env_file` are [`MASK`] here.
    pub environment: BTreeMap<String, String>,
    pub layers: Vec<PathBuf>,
    pub build: Vec<String>,
    pub debug: bool,
    pub freeze: bool,
    pub access: Arc<FunctionAccess>,
    /// Names of saved events, sorted.
    pub saved_events: Vec<String>,
    /// Why it cannot run, if so: a missing file, an unknown runtime.
    pub broken: Option<String>,
}

/// A workspace as the window shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkspaceView {
    pub name: String,
    pub folder: PathBuf,
    pub file: PathBuf,
    pub demo: bool,
    pub read_only: bool,
    /// Of everything in it, as ARNs say.
    pub region: String,
    pub account_id: String,
    pub functions: Vec<FunctionView>,
    pub apis: Vec<ApiConfiguration>,
    /// Who may sign requests.
    pub signers: Signers,
    /// The file of those who may sign, as it is written.
    pub credentials_file: Option<String>,
    /// Files with secrets, which are not shown: what they say is read and stays there.
    pub secret_files: Vec<PathBuf>,
    /// How long an environment without an event stays warm.
    pub environment_idle_expiry: Micros,
    /// Where settings stand, by owner and key as in [`crate::command::SettingChange`]; without a key the owner itself.
    pub places: BTreeMap<(SettingOwner, String), FilePlace>,
    pub problems: Vec<Problem>,
}

impl WorkspaceView {
    /// Where a setting stands, else its table, else what it belongs to.
    #[must_use]
    pub fn place_of(&self, owner: &SettingOwner, key: &str) -> Option<&FilePlace> {
        let found = self.places.get(&(owner.clone(), key.to_owned()));
        let table = key.rsplit_once('.').map_or("", |(table, _)| table);
        found.or_else(|| if key.is_empty() { None } else { self.place_of(owner, table) })
    }
}

/// A workspace that was opened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentWorkspace {
    pub folder: PathBuf,
    pub name: String,
    /// Why it cannot be opened any more: `the folder is gone`.
    pub missing: Option<String>,
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    pub request_id: RequestId,
    pub function: FunctionName,
    /// To Lambda a batch is a synchronous invocation, too.
    pub invocation_type: InvocationType,
    /// The queue whose mapping made it, if it is a batch.
    pub batch_from: Option<QueueName>,
    pub label: Option<Arc<str>>,
    pub accepted_at: Timestamp,
    pub outcome: Option<Outcome>,
    pub attempts: u32,
    pub duration: Option<Micros>,
    /// Of a function error or a refusal; of a batch whose function answered, how many of its messages failed: `1 of 10 messages failed`.
    pub error_type: Option<Arc<str>>,
}

impl HistoryRow {
    /// How it went, in the words by which a search finds it.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.outcome {
            None => "not ended",
            Some(Outcome::Succeeded) if self.error_type.is_none() => "succeeded",
            Some(Outcome::Refused) => "refused",
            Some(_) => "failed",
        }
    }
}

/// Everything stored of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryInvocation {
    pub row: HistoryRow,
    pub payload: Bytes,
    pub result: Option<Bytes>,
    pub log: Vec<Arc<str>>,
}

/// Where a document is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// A plain sentence: `a comma is missing before "name"`.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeLevel {
    Information,
    Warning,
    Error,
}

/// A sentence for the person, shown as a toast and kept in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub level: NoticeLevel,
    pub text: String,
}

#[derive(Clone, Debug)]
pub enum Event {
    Service(Arc<ServiceEvent>),
    /// The invocation that a command asked for has this id.
    Invoked {
        ticket: u64,
        request_id: RequestId,
    },
    /// What a command asked for is refused as the Lambda API refuses it, before it reaches the service: the event is no JSON,
    /// or the name none of a function. A notice says so as well.
    NotInvoked {
        ticket: u64,
        /// As the command names it.
        function: FunctionName,
        invocation_type: InvocationType,
        /// Of the answer: HTTP status, name of the exception, AWS's words.
        status: u16,
        error_type: &'static str,
        message: Arc<str>,
    },
    Clock(ClockState),
    /// Everything that is due, earliest first, at most a few hundred; replaces the last list.
    Due(Vec<Due>),
    /// A step is over: what happened and why, in a sentence or two, or thing by thing.
    Stepped(Told),
    /// An advance is over: nothing runs, nothing is due before its end.
    Advanced,
    Door(Door),
    /// A request at a function URL, an API or a load balancer has its answer.
    Exchange(Arc<Exchange>),
    /// A page's request was carried out for real, or why not.
    Browsed {
        ticket: u64,
        result: Result<Box<Browsed>, String>,
    },
    /// The address of a test page, or why there is none.
    TestPage {
        ticket: u64,
        result: Result<Arc<str>, String>,
    },
    /// What a real browser saw on a test page.
    PageReport(Box<PageReport>),
    Workspace(Arc<WorkspaceView>),
    Code {
        function: FunctionName,
        path: PathBuf,
        text: String,
    },
    CodeSaved {
        function: FunctionName,
        path: PathBuf,
        /// What the file holds now.
        text: String,
    },
    /// The handler file of a function was not saved; a notice says why.
    CodeNotSaved {
        function: FunctionName,
        /// What was to be saved.
        text: String,
        /// The file and what it holds, if it can be read.
        held: Option<(PathBuf, String)>,
    },
    CodeReplaced {
        function: FunctionName,
    },
    /// The handler file of a function was written to, by whomever; [`crate::command::Command::LoadCode`] reads it.
    CodeChanged {
        function: FunctionName,
        path: PathBuf,
    },
    SavedEvent {
        function: FunctionName,
        name: String,
        text: String,
        meta: EventMeta,
    },
    /// The file of a saved event was written to, by whomever; [`crate::command::Command::LoadSavedEvent`] reads it.
    SavedEventChanged {
        function: FunctionName,
        name: String,
    },
    /// Something was taken out of the workspace file, as a sentence; [`crate::command::Command::UndoRemove`] puts it back.
    Removed(String),
    /// Something was added to the workspace file, as a sentence; [`crate::command::Command::UndoAdd`] takes it out again.
    Added(String),
    /// What a file of the workspace holds.
    File {
        path: PathBuf,
        text: String,
    },
    /// A file that was asked for is not shown, and why; as a sentence.
    NoFile {
        path: PathBuf,
        reason: String,
    },
    /// The faults that strike from now on; replaces the last list.
    Faults(Vec<Fault>),
    /// A test event was saved.
    EventSaved {
        function: FunctionName,
        /// The name that was asked for.
        asked: String,
        /// The name that it has: files cannot have every character.
        name: String,
        /// What the file holds now.
        text: String,
        meta: EventMeta,
    },
    /// A test event was not saved; a notice says why.
    EventNotSaved {
        function: FunctionName,
        asked: String,
        /// The name that it would have.
        name: String,
        /// What was to be saved.
        text: String,
        /// What the file of that name holds, if there is one that can be read.
        held: Option<String>,
    },
    /// A text was saved to its own file, or why not.
    TextSaved {
        workspace: PathBuf,
        place: TextPlace,
        /// What the file holds now, or was to hold.
        text: String,
        result: Result<(), String>,
    },
    /// What was typed for a workspace and was in no file when the program ended; told whenever one is opened that keeps such texts.
    UnsavedTexts {
        workspace: PathBuf,
        texts: Vec<UnsavedText>,
    },
    /// `Ok(None)`: it is JSON and nothing had to change.
    Document {
        ticket: u64,
        result: Result<Option<String>, DocumentError>,
    },
    /// A document whose variables were filled in, or what is wrong with one of them.
    Filled {
        ticket: u64,
        result: Result<Filled, DocumentError>,
    },
    History {
        text: String,
        rows: Vec<HistoryRow>,
        total: u64,
    },
    HistoryInvocation(Box<HistoryInvocation>),
    /// Messages now in a queue: those that wait and those that are invisible.
    QueueDepth {
        queue: QueueName,
        waiting: usize,
        invisible: usize,
    },
    Notice(Notice),
    /// A setting is in the file as it was, and why.
    SettingNotChanged {
        change: crate::command::SettingChange,
        reason: String,
    },
    /// The workspaces that were opened last, the newest first; at most ten.
    RecentWorkspaces(Vec<RecentWorkspace>),
    /// The workspace that was asked for, and why it is not open; the one before stays.
    WorkspaceNotOpened(String),
    /// The executor has ended; every process is gone.
    Stopped,
}
