//! Starting the executor: one named thread, one tokio runtime on it, one loop.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::build_outputs::BuildOutputs;
use super::clock::{self, Clock};
use super::documents::Documents;
use super::doors::{self, DEFAULT_DOORS_PORT, DoorCall, Doors, Https, OpenPort};
use super::environments::Environments;
use super::event_loop::{Ended, EventLoop, Inlets};
use super::files::Files;
use super::fillings::Fillings;
use super::guard::Guard;
use super::lambda_api::{self, ApiCall};
use super::log_gate::LogGate;
use super::loopback::Loopback;
use super::outbox::Outbox;
use super::replies::Replies;
use super::storage::Storage;
use super::streams::Streams;
use super::unsaved_texts::KeptTexts;
use crate::channel::{self, CommandReceiver, CommandSender, EventSender};
use crate::command::{ClockMode, Command};
use crate::event::{Door, Event};
use crate::service::LambdaService;
use crate::service::configuration::ServiceSettings;
use crate::service::time::Timestamp;
use crate::store::{StoreError, StoredClock, file_for};

/// Where the Lambda API listens unless somebody says otherwise.
pub const DEFAULT_PORT: u16 = 9_001;
/// How many ports after the wanted one are tried.
const PORTS_TRIED: u16 = 50;
/// Messages that may wait for the loop, of each kind.
const WAITING: usize = 1_024;

/// Whether and where the Lambda API is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiPort {
    /// No door at all: scenarios and single invocations.
    Closed,
    /// What the workspace says, else [`DEFAULT_PORT`]; the next free one if it is in use.
    FromWorkspace,
    /// This one or none; 0 takes any free port.
    Exactly(u16),
    /// Any free one, for functions that call Lambda; no other door is opened.
    ForFunctions,
}

/// Where queued events, messages and history are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// Gone with the executor.
    Memory,
    /// The workspace's own file under this data folder.
    Folder(PathBuf),
}

impl Database {
    /// The data folder; `None` where nothing is kept.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::Folder(folder) => Some(folder),
        }
    }
}

/// What an executor is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// A folder with an `invokelab.toml`, or that file.
    pub workspace: PathBuf,
    pub database: Database,
    /// `None`: live, unless somebody stopped the clock over what still waits.
    pub clock: Option<ClockMode>,
    /// `None`: random, so that ids of different runs differ.
    pub seed: Option<u64>,
    pub api: ApiPort,
    /// The program that is started as process guard; `None` for this one. Tests name the built program.
    pub guard_program: Option<PathBuf>,
}

/// Why an executor did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    Workspace(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("port {port} of this machine is not free ({error}); choose another with --port, or 0 for any")]
    Port { port: u16, error: io::Error },
    #[error("no port from {first} to {last} is free; choose one with {key}")]
    NoPort { first: u16, last: u16, key: &'static str },
    #[error("the executor could not be started: {0}")]
    System(#[from] io::Error),
}

/// A running executor. Dropping it ends it and everything it started.
pub struct Executor {
    commands: CommandSender,
    thread: Option<JoinHandle<()>>,
}

impl Executor {
    /// Starts it and waits until workspace, store and doors are open.
    ///
    /// # Errors
    /// The workspace cannot be opened, another instance has its store, or a port that was asked for is in use.
    pub fn start(options: Options, events: EventSender) -> Result<Self, StartError> {
        let commanded = Arc::new(Notify::new());
        let wake = Arc::clone(&commanded);
        let (commands, receiver) = channel::commands(Arc::new(move || wake.notify_one()));
        let (ready, is_ready) = crossbeam_channel::bounded(1);
        let run = move || run(options, events, receiver, commanded, ready);
        let thread = std::thread::Builder::new().name("executor".into()).spawn(run)?;
        match is_ready.recv() {
            Ok(Ok(())) => Ok(Self { commands, thread: Some(thread) }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(StartError::System(io::Error::other("its thread ended"))),
        }
    }

    #[must_use]
    pub fn commands(&self) -> CommandSender {
        self.commands.clone()
    }

    /// Ends it and waits for it.
    pub fn stop(&mut self) {
        if let Some(thread) = self.thread.take() {
            // When the channel is full the loop is alive and takes it soon; when it is closed the loop has ended.
            while let Err(crossbeam_channel::TrySendError::Full(_)) = self.commands.send(Command::Shutdown) {
                std::thread::yield_now();
            }
            // A panic of the loop has been printed already.
            let _ = thread.join();
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.stop();
    }
}

type Ready = crossbeam_channel::Sender<Result<(), StartError>>;

fn run(options: Options, events: EventSender, commands: CommandReceiver, commanded: Arc<Notify>, ready: Ready) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error.into()))),
    };
    // A task like any other: the runtime polls the future that it blocks on only after it has asked the system for news, so
    // a reply would leave after one more call, and each turn would cost one.
    let sessions = runtime.spawn(sessions(options, events.clone(), commands, commanded, ready));
    // A panic of the loop has been printed already.
    let _ = runtime.block_on(sessions);
    // A build or a document that still runs is not waited for: processes are in groups that the guard ends.
    runtime.shutdown_background();
    // The listener may be gone already.
    let _ = events.send(vec![Event::Stopped]);
}

/// One workspace after the other, until somebody ends it.
async fn sessions(mut options: Options, events: EventSender, commands: CommandReceiver, commanded: Arc<Notify>, ready: Ready) {
    let mut commands = Some(commands);
    let mut last_good = None;
    loop {
        let opened = open(&options, &events, &mut commands, &commanded);
        let (event_loop, mut inlets, mut listeners) = match opened {
            Ok(opened) => opened,
            Err(error) => match last_good.take() {
                // Another workspace was asked for and cannot be opened: back to the one before.
                Some(good) => {
                    let mut outbox = Outbox::new(events.clone());
                    let reason = format!("{} was not opened: {error}", options.workspace.display());
                    outbox.push(Event::WorkspaceNotOpened(reason));
                    outbox.flush();
                    options = good;
                    continue;
                }
                None => return drop(ready.send(Err(error))),
            },
        };
        if let (Some(folder), Some(_)) = (options.database.folder(), &last_good) {
            // A workspace that cannot be remembered is opened all the same.
            let _ = crate::workspace::locate::remember(folder, event_loop.files.folder());
        }
        // Only the first session has somebody who waits for it.
        let _ = ready.try_send(Ok(()));
        last_good = Some(options.clone());
        let ended = event_loop.run(&mut inlets).await;
        // Their ports are free for the next session only when the tasks are gone.
        listeners.shutdown().await;
        commands = Some(inlets.commands);
        match ended {
            Ended::Shutdown => return,
            Ended::Open(workspace) => options.workspace = workspace,
        }
    }
}

fn open(
    options: &Options,
    events: &EventSender,
    commands: &mut Option<CommandReceiver>,
    commanded: &Arc<Notify>,
) -> Result<(EventLoop, Inlets, JoinSet<()>), StartError> {
    let (message_sender, messages) = mpsc::channel(WAITING);
    let (report_sender, reports) = mpsc::channel(WAITING);
    let (call_sender, calls) = mpsc::channel(WAITING);
    let (door_sender, door_calls) = mpsc::channel(WAITING);
    let mut listeners = JoinSet::new();
    let mut files = Files::open(&options.workspace).map_err(StartError::Workspace)?;
    let (mut storage, restored) = Storage::open(&options.database, files.folder())?;
    if let Database::Folder(folder) = &options.database {
        files.written = BuildOutputs::kept_in(file_for(folder, files.folder()).with_extension("builds.json"));
    }
    let mut outbox = Outbox::new(events.clone());
    open_lambda_api(options, &mut files, call_sender, &mut listeners, &mut outbox)?;
    let seed = options.seed.unwrap_or_else(random_seed);
    let doors = open_doors(options, &files, seed, &door_sender, &mut listeners, &mut outbox)?;
    let waits = !restored.events.is_empty() || !restored.messages.is_empty();
    let (began, left) = resumed(restored.clock.filter(|_| waits), clock::wall());
    let settings = ServiceSettings { seed, ..files.settings() };
    storage.notices(&mut outbox);
    let mut event_loop = EventLoop {
        service: LambdaService::new(settings, began),
        clock: Clock::new(options.clock.unwrap_or(left), began),
        environments: Environments::new(Guard::new(options.guard_program.clone()), report_sender, LogGate::new(events.backlog())),
        files,
        storage,
        unsaved_texts: KeptTexts::new(options.database.folder(), message_sender.clone()),
        replies: Replies::default(),
        outbox,
        documents: Documents::new(message_sender.clone()),
        fillings: Fillings::new(message_sender.clone()),
        streams: Streams::default(),
        doors,
        data_folder: options.database.folder().map(Path::to_path_buf),
        messages: message_sender,
        watch: None,
        held: Vec::new(),
        drive: None,
        loops_told: BTreeSet::new(),
        restored: waits,
        shown: None,
        due_changed: true,
        ended: None,
    };
    event_loop.begin_session(restored);
    let commands = commands.take().ok_or_else(|| io::Error::other("the command channel is in use"))?;
    let inlets = Inlets { commands, commanded: Arc::clone(commanded), reports, calls, doors: door_calls, messages };
    Ok((event_loop, inlets, listeners))
}

/// Opens the Lambda API, and says so; functions get its address in their variables.
fn open_lambda_api(
    options: &Options,
    files: &mut Files,
    calls: mpsc::Sender<ApiCall>,
    listeners: &mut JoinSet<()>,
    outbox: &mut Outbox,
) -> Result<(), StartError> {
    let port = files.endpoint_port().unwrap_or(DEFAULT_PORT);
    let Some((listening, open)) = open_port(options.api, port, "endpoint_port")? else { return Ok(()) };
    let address: Arc<str> = format!("http://127.0.0.1:{}", open.port).into();
    files.set_endpoint(address.clone());
    outbox.push(Event::Door(Door { kind: "lambda api".into(), address, moved_from: open.moved_from, certificate: None }));
    for listener in listening.into_tokio()? {
        listeners.spawn(lambda_api::serve(listener, calls.clone()));
    }
    Ok(())
}

/// Where service time goes on, and in which mode: where an earlier run left it while something waits, though a step has brought
/// it ahead of the wall clock.
fn resumed(earlier: Option<StoredClock>, wall: Timestamp) -> (Timestamp, ClockMode) {
    match earlier {
        Some(earlier) => (earlier.now, if earlier.paused { ClockMode::Paused } else { ClockMode::Live }),
        None => (wall, ClockMode::Live),
    }
}

/// Opens the doors for HTTP clients on a port of their own, and on one more for HTTPS where the workspace names it.
fn open_doors(
    options: &Options,
    files: &Files,
    seed: u64,
    calls: &mpsc::Sender<DoorCall>,
    listeners: &mut JoinSet<()>,
    outbox: &mut Outbox,
) -> Result<Doors, StartError> {
    // A port that was asked for on the command line is the Lambda API's.
    let api = match options.api {
        ApiPort::Closed | ApiPort::ForFunctions => ApiPort::Closed,
        ApiPort::FromWorkspace | ApiPort::Exactly(_) => ApiPort::FromWorkspace,
    };
    let (mut http, mut https, mut certificate) = (None, None, None);
    if let Some((listening, open)) = open_port(api, files.workspace.doors_port.unwrap_or(DEFAULT_DOORS_PORT), "doors_port")? {
        http = Some(open);
        for listener in listening.into_tokio()? {
            listeners.spawn(doors::serve(listener, None, calls.clone()));
        }
    }
    if let Some(port) = files.workspace.doors_https_port
        && let Some((listening, open)) = open_port(api, port, "doors_https_port")?
    {
        https = Some(open);
        let tls = Https::new(certificate_folder(options, files).as_deref(), clock::wall())?;
        for listener in listening.into_tokio()? {
            listeners.spawn(doors::serve(listener, Some(tls.acceptor.clone()), calls.clone()));
        }
        certificate = tls.certificate;
        if let Some(notice) = tls.notice {
            outbox.push(Event::Notice(notice));
        }
    }
    Ok(Doors::new(calls.clone(), seed, http, https).with_certificate(certificate))
}

/// Where the certificate is kept, if the workspace asks for it: one for all workspaces of a person, beside their histories.
fn certificate_folder(options: &Options, files: &Files) -> Option<PathBuf> {
    let folder = options.database.folder().filter(|_| files.workspace.keeps_https_certificate)?;
    Some(folder.join("https"))
}

/// Binds a port: exactly the one that the command line asks for, else the first free one from the wanted one on.
fn open_port(api: ApiPort, wanted: u16, key: &'static str) -> Result<Option<(Loopback, OpenPort)>, StartError> {
    let (listening, moved_from) = match api {
        ApiPort::Closed => return Ok(None),
        ApiPort::ForFunctions => (Loopback::bind(0)?, None),
        ApiPort::Exactly(port) => (Loopback::bind(port).map_err(|error| StartError::Port { port, error })?, None),
        ApiPort::FromWorkspace => {
            // Any free port is what 0 asks for.
            let last = if wanted == 0 { 0 } else { wanted.saturating_add(PORTS_TRIED) };
            let found = (wanted..=last).find_map(|port| Loopback::bind(port).ok().map(|listening| (listening, port)));
            let (listening, port) = found.ok_or(StartError::NoPort { first: wanted, last, key })?;
            (listening, (port != wanted).then_some(wanted))
        }
    };
    let port = listening.port;
    Ok(Some((listening, OpenPort { port, moved_from })))
}

/// Different at every start: the standard library's hash keys are random.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
