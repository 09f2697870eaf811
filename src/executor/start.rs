//! Starting the executor: one named thread, one tokio runtime on it, one loop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{Notify, mpsc};

use super::clock::{self, Clock};
use super::documents::Documents;
use super::environments::Environments;
use super::event_loop::{Ended, EventLoop, Inlets};
use super::files::Files;
use super::guard::Guard;
use super::lambda_api;
use super::log_gate::LogGate;
use super::outbox::Outbox;
use super::replies::Replies;
use super::storage::Storage;
use crate::channel::{self, CommandReceiver, CommandSender, EventSender};
use crate::command::{ClockMode, Command};
use crate::event::{Door, Event};
use crate::service::LambdaService;
use crate::service::configuration::ServiceSettings;

/// Where the Lambda API listens unless somebody says otherwise.
pub const DEFAULT_PORT: u16 = 9_001;
/// How many ports after the default one are tried.
const PORTS_TRIED: u16 = 50;
/// Messages that may wait for the loop, of each kind.
const WAITING: usize = 1_024;

/// Whether and where the Lambda API is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiPort {
    /// No door at all: scenarios and single invocations.
    Closed,
    /// What the workspace says, else [`DEFAULT_PORT`] or the next free one.
    FromWorkspace,
    /// This one or none; 0 takes any free port.
    Exactly(u16),
}

/// Where queued events, messages and history are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// Gone with the executor.
    Memory,
    /// The workspace's own file under this data folder.
    Folder(PathBuf),
}

/// What an executor is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// A folder with an `invokelab.toml`, or that file.
    pub workspace: PathBuf,
    pub database: Database,
    pub clock: ClockMode,
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
    #[error("{0}")]
    Store(String),
    #[error("port {port} of 127.0.0.1 is not free ({error}); choose another with --port or endpoint_port, or 0 for any")]
    Port { port: u16, error: io::Error },
    #[error("no port from {first} to {last} is free for the Lambda API; choose one with --port")]
    NoPort { first: u16, last: u16 },
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
        let run = move || run(options, events, receiver, commanded, &ready);
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

fn run(options: Options, events: EventSender, commands: CommandReceiver, commanded: Arc<Notify>, ready: &Ready) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error.into()))),
    };
    runtime.block_on(sessions(options, &events, commands, commanded, ready));
    // A build or a document that still runs is not waited for: processes are in groups that the guard ends.
    runtime.shutdown_background();
    // The listener may be gone already.
    let _ = events.send(vec![Event::Stopped]);
}

/// One workspace after the other, until somebody ends it.
async fn sessions(mut options: Options, events: &EventSender, commands: CommandReceiver, commanded: Arc<Notify>, ready: &Ready) {
    let mut commands = Some(commands);
    let mut last_good = None;
    loop {
        let opened = open(&options, events, &mut commands, &commanded);
        let (event_loop, mut inlets, door) = match opened {
            Ok(opened) => opened,
            Err(error) => match last_good.take() {
                // Another workspace was asked for and cannot be opened: back to the one before.
                Some(good) => {
                    let mut outbox = Outbox::new(events.clone());
                    outbox.error(format!("{} was not opened. {error}", options.workspace.display()));
                    outbox.flush();
                    options = good;
                    continue;
                }
                None => return drop(ready.send(Err(error))),
            },
        };
        let listener = door.map(|(listener, calls)| tokio::spawn(lambda_api::serve(listener, calls)));
        if let (Database::Folder(folder), Some(_)) = (&options.database, &last_good) {
            // A workspace that cannot be remembered is opened all the same.
            let _ = crate::workspace::locate::remember(folder, &options.workspace);
        }
        // Only the first session has somebody who waits for it.
        let _ = ready.try_send(Ok(()));
        last_good = Some(options.clone());
        let ended = event_loop.run(&mut inlets).await;
        if let Some(listener) = listener {
            listener.abort();
        }
        commands = Some(inlets.commands);
        match ended {
            Ended::Shutdown => return,
            Ended::Open(workspace) => options.workspace = workspace,
        }
    }
}

type ApiDoor = (tokio::net::TcpListener, mpsc::Sender<lambda_api::ApiCall>);

fn open(
    options: &Options,
    events: &EventSender,
    commands: &mut Option<CommandReceiver>,
    commanded: &Arc<Notify>,
) -> Result<(EventLoop, Inlets, Option<ApiDoor>), StartError> {
    let (message_sender, messages) = mpsc::channel(WAITING);
    let (report_sender, reports) = mpsc::channel(WAITING);
    let (call_sender, calls) = mpsc::channel(WAITING);
    let mut files = Files::open(&options.workspace).map_err(StartError::Workspace)?;
    let (mut storage, restored) = Storage::open(&options.database, files.folder()).map_err(StartError::Store)?;
    let mut outbox = Outbox::new(events.clone());
    let door = open_door(options.api, files.endpoint_port())?;
    let listener = match door {
        Some((listener, moved_from)) => {
            let address: Arc<str> = format!("http://{}", listener.local_addr()?).into();
            files.set_endpoint(address.clone());
            outbox.push(Event::Door(Door { kind: "lambda api".into(), address, moved_from }));
            Some((tokio::net::TcpListener::from_std(listener)?, call_sender))
        }
        None => None,
    };
    let wall = clock::wall();
    let waits = !restored.events.is_empty() || !restored.messages.is_empty();
    let began = restored.service_now.filter(|_| waits).map_or(wall, |stored| stored.min(wall));
    let settings = ServiceSettings { seed: options.seed.unwrap_or_else(random_seed), ..files.settings() };
    storage.notices(&mut outbox);
    let mut event_loop = EventLoop {
        service: LambdaService::new(settings, began),
        clock: Clock::new(options.clock, began),
        environments: Environments::new(Guard::new(options.guard_program.clone()), report_sender, LogGate::new(events.backlog())),
        files,
        storage,
        replies: Replies::default(),
        outbox,
        documents: Documents::new(message_sender.clone()),
        messages: message_sender,
        watch: None,
        drive: None,
        restored: waits,
        shown: None,
        due_changed: true,
        ended: None,
    };
    event_loop.begin_session(restored);
    let commands = commands.take().ok_or_else(|| io::Error::other("the command channel is in use"))?;
    let inlets = Inlets { commands, commanded: Arc::clone(commanded), reports, calls, messages };
    Ok((event_loop, inlets, listener))
}

/// Binds the Lambda API's port: exactly the one that was asked for, or the first free one from the default on.
fn open_door(api: ApiPort, in_file: Option<u16>) -> Result<Option<(TcpListener, Option<u16>)>, StartError> {
    let exact = match (api, in_file) {
        (ApiPort::Closed, _) => return Ok(None),
        (ApiPort::Exactly(port), _) | (ApiPort::FromWorkspace, Some(port)) => Some(port),
        (ApiPort::FromWorkspace, None) => None,
    };
    if let Some(port) = exact {
        return bind(port).map(|listener| Some((listener, None))).map_err(|error| StartError::Port { port, error });
    }
    let last = DEFAULT_PORT + PORTS_TRIED;
    let found = (DEFAULT_PORT..=last).find_map(|port| bind(port).ok().map(|listener| (listener, port)));
    let (listener, port) = found.ok_or(StartError::NoPort { first: DEFAULT_PORT, last })?;
    Ok(Some((listener, (port != DEFAULT_PORT).then_some(DEFAULT_PORT))))
}

fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Different at every start: the standard library's hash keys are random.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
