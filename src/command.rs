//! What a person or a script wants from the executor.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::events_catalog::Filling;
use crate::http_model::cors_case::CaseStep;
use crate::http_model::message::HttpRequest;
use crate::service::happened::Due;
use crate::service::ids::{FunctionName, MessageId, QueueName, RequestId};
use crate::service::input::{Fault, InvocationSource, InvocationType};
use crate::service::time::Micros;

/// How service time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClockMode {
    Live,
    /// 1 to 3,600 seconds of service time a second.
    Fast(f64),
    Paused,
}

/// A function to be added to `invokelab.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewFunction {
    /// A new handler file for the built-in JavaScript runtime is written into the workspace.
    JavaScript { name: String },
    /// A folder; the runtime is detected (`handler.py`, `index.mjs`, `bootstrap`...), `None` names it after the folder.
    Folder { name: Option<String>, path: PathBuf },
    /// A program that speaks the Lambda Runtime API, with its arguments.
    Command { name: String, command: Vec<String> },
}

/// A route to be added to `invokelab.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRoute {
    /// `None`: an HTTP API of its own is made for it, which is called as the function.
    pub api: Option<Arc<str>>,
    /// `ANY /orders`.
    pub route: String,
    pub function: FunctionName,
}

/// What a setting belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingOwner {
    Function(FunctionName),
    Queue(QueueName),
    /// The event source mapping from a queue to a function.
    Mapping {
        function: FunctionName,
        queue: QueueName,
    },
    /// One of the `[[apis]]`, by its name.
    Api(Arc<str>),
    /// A route of an API, as it is written: `GET /orders/{id}`.
    Route {
        api: Arc<str>,
        route: Arc<str>,
    },
    /// `[workspace]`.
    Workspace,
}

impl fmt::Display for SettingOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => write!(f, "{name}"),
            Self::Queue(name) => write!(f, "queue {name}"),
            Self::Mapping { function, queue } => write!(f, "the mapping from {queue} to {function}"),
            Self::Api(name) => write!(f, "API {name}"),
            Self::Route { api, route } => write!(f, "{route} of API {api}"),
            Self::Workspace => f.write_str("the workspace"),
        }
    }
}

/// A setting in `invokelab.toml`: the key as written there (`timeout`, `event_invoke.on_failure`, `environment.TABLE`,
/// `redrive.max_receive_count`, `batch_size`) and its TOML value as text; `None` removes the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    pub owner: SettingOwner,
    pub key: String,
    pub value: Option<String>,
}

/// Work on a document that may outlast a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentWork {
    /// Is it JSON, and if not, where and why?
    Check,
    Format,
    Minify,
    SortKeys,
}

/// Where a text under edit belongs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextPlace {
    /// A test event; one without a name has no file.
    Event { function: FunctionName, name: Option<String> },
    /// A handler file, absolute.
    Code(PathBuf),
}

/// A text as it was typed, which no file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsavedText {
    pub place: TextPlace,
    pub text: String,
    /// What its file held when the edits began; `None` while there is no file.
    pub file: Option<Arc<str>>,
}

/// Which door a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestDoor {
    /// The URL of a function.
    Url(FunctionName),
    /// An API or a load balancer, by name.
    Api(Arc<str>),
}

#[derive(Clone, Debug)]
pub enum Command {
    /// An invocation for each payload.
    Invoke {
        function: FunctionName,
        invocation_type: InvocationType,
        payloads: Vec<Bytes>,
        label: Option<Arc<str>>,
        source: InvocationSource,
        /// Comes back in the [`crate::event::Event::Invoked`] of each, so that the sender finds its own invocations.
        ticket: u64,
    },
    SendMessages {
        queue: QueueName,
        bodies: Vec<Arc<str>>,
        source: InvocationSource,
    },
    DeleteMessage {
        queue: QueueName,
        message_id: MessageId,
    },
    PurgeQueue(QueueName),
    /// Puts messages back that were deleted or purged in this run, as they were.
    PutBack {
        queue: QueueName,
        message_ids: Vec<MessageId>,
    },
    /// Moves the messages of a dead-letter queue that wait back to the queues that they came from.
    Redrive(QueueName),
    RetryNow(RequestId),
    EditAndRetry {
        request_id: RequestId,
        payload: Bytes,
    },
    DropEvent(RequestId),
    StopInvocation(RequestId),
    SetFaults(Vec<Fault>),

    SetClock(ClockMode),
    /// Go to the next thing that is due, run it for real, stop when nothing runs (clock paused afterwards).
    Step,
    /// The same for one event only; everything due earlier runs on the way.
    StepTo(RequestId),
    /// The same for something else that is due: a message that becomes visible again, a window that closes.
    StepToDue(Due),
    /// Let this much service time pass, running what comes due (scenarios): at once, on a live clock in real time.
    Advance(Micros),
    /// Until nothing is due any more, at once.
    AdvanceUntilIdle,
    /// The same at the clock's own pace, if it has one.
    WaitUntilIdle,
    /// The next thing that is due, at the clock's own pace, if it has one (scenarios).
    WaitForNext,
    /// After a restart with something waiting, or when a clock stood: run what came due until the wall clock's time, one thing
    /// after the other.
    CatchUp,

    OpenWorkspace(PathBuf),
    /// The answer is [`crate::event::Event::RecentWorkspaces`].
    ListWorkspaces,
    /// Makes a folder a workspace, and opens it; it must not be one yet.
    CreateWorkspace(PathBuf),
    AddFunction(NewFunction),
    /// A standard queue, and the function that reads it, if one is to.
    AddQueue {
        name: String,
        reader: Option<FunctionName>,
    },
    /// An event source mapping with Lambda's defaults.
    AddMapping {
        function: FunctionName,
        queue: QueueName,
    },
    RemoveFunction(FunctionName),
    /// Its mappings go with it, and so do its messages.
    RemoveQueue(QueueName),
    RemoveMapping {
        function: FunctionName,
        queue: QueueName,
    },
    /// Puts back the function, queue or mapping that was taken out last.
    UndoRemove,
    ChangeSetting(SettingChange),
    /// A route that leads to the function; [`crate::event::Event::Added`] answers.
    AddRoute(NewRoute),
    /// Takes out the route that was added last.
    UndoAdd,
    /// Read a file of the workspace to be shown and edited; the answer is [`crate::event::Event::File`] or
    /// [`crate::event::Event::NoFile`].
    LoadFile(PathBuf),
    /// The answer is [`crate::event::Event::Code`].
    LoadCode(FunctionName),
    /// The answer is [`crate::event::Event::CodeSaved`] or [`crate::event::Event::CodeNotSaved`]; there always is one.
    SaveCode {
        function: FunctionName,
        text: String,
        /// What the file must hold so that it is saved over.
        replaces: Arc<str>,
    },
    /// Other code for a function until the program ends; its file stays as it is (scenarios). [`crate::event::Event::CodeReplaced`]
    /// answers.
    ReplaceCode {
        function: FunctionName,
        text: String,
    },
    /// The answer is [`crate::event::Event::SavedEvent`].
    LoadSavedEvent {
        function: FunctionName,
        name: String,
    },
    /// The answer is [`crate::event::Event::EventSaved`] or [`crate::event::Event::EventNotSaved`]; there always is one.
    SaveEvent {
        function: FunctionName,
        name: String,
        text: String,
        /// What the file must hold so that it is saved over; `None`: there must be no file yet.
        replaces: Option<Arc<str>>,
        /// The saved event that it is a copy of: what belongs to that one belongs to the copy, too.
        copy_of: Option<String>,
    },
    /// Save a text to its own file in a workspace that need not be open; the answer is [`crate::event::Event::TextSaved`].
    SaveText {
        workspace: PathBuf,
        text: UnsavedText,
    },
    /// Keep these texts over an end of the program, in place of those of the workspace that were kept before. They come back as
    /// [`crate::event::Event::UnsavedTexts`] when it is opened.
    KeepTexts {
        workspace: PathBuf,
        texts: Vec<UnsavedText>,
    },
    RemoveSavedEvent {
        function: FunctionName,
        name: String,
    },
    /// Puts back what [`Command::RemoveSavedEvent`] took away last; it comes as [`crate::event::Event::SavedEvent`].
    UndoRemoveSavedEvent,

    /// A request at a door, as if it had come over the network; the answer is [`crate::event::Event::Exchange`] with this ticket.
    Request {
        ticket: u64,
        door: RequestDoor,
        /// Authority and, for an API, the stage in front of the path are filled in.
        request: Box<HttpRequest>,
    },
    /// Carry a page's request out for real against a door of this machine, by the rules of a browser; the answer is
    /// [`crate::event::Event::Browsed`].
    Browse {
        ticket: u64,
        step: Box<CaseStep>,
    },
    /// Serve a page on an origin of its own that makes this request in a real browser; the answer is
    /// [`crate::event::Event::TestPage`], and what the browser saw [`crate::event::Event::PageReport`].
    ServeTestPage {
        ticket: u64,
        step: Box<CaseStep>,
    },

    /// The latest request wins; the answer is [`crate::event::Event::Document`].
    Document {
        ticket: u64,
        work: DocumentWork,
        text: String,
        /// The event's own, by name ([`crate::event::EventMeta`]); for a check.
        variables: Arc<BTreeMap<String, String>>,
    },
    /// What was asked for first is answered first, by [`crate::event::Event::Filled`].
    Fill {
        ticket: u64,
        filling: Box<Filling>,
    },
    /// Invocations of earlier runs and of this one; empty text lists the newest.
    SearchHistory {
        text: String,
        limit: usize,
    },
    /// Everything stored of one invocation.
    LoadInvocation(RequestId),
    ClearHistory,

    /// End the executor and every process it started.
    Shutdown,
}
