//! The one loop that owns the service. Everything else sends it a message and owns nothing.
//!
//! A turn: take what has come in, let the service have it, carry out the effects, see whether a drive moves the clock,
//! tell the listener. The loop sleeps until the next deadline, message or command.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};

use super::arrival::Arrival;
use super::builds::Built;
use super::clock::{self, Clock};
use super::documents::Documents;
use super::doors::{DoorCall, Doors};
use super::drive::Drive;
use super::environment::Report;
use super::environments::{Environments, Reported};
use super::files::Files;
use super::fillings::Fillings;
use super::lambda_api::{ApiCall, ApiView, StreamedInvoke};
use super::outbox::Outbox;
use super::replies::Replies;
use super::storage::Storage;
use super::streams::{StreamReader, Streams};
use super::unsaved_texts::KeptTexts;
use crate::channel::CommandReceiver;
use crate::command::ClockMode;
use crate::event::{ClockState, Event};
use crate::service::LambdaService;
use crate::service::ids::FunctionName;
use crate::service::input::Input;
use crate::service::time::{Micros, Timestamp};
use crate::store::StoredClock;

/// Messages taken in one turn before the listener is told: enough to gather a burst, few enough to stay responsive.
const MESSAGES_A_TURN: usize = 256;
/// Due things told to the listener.
const DUE_SHOWN: usize = 300;
/// How far behind the wall clock a restart must be for the status bar to say so.
const WORTH_SAYING: Micros = Micros::from_secs(2);

/// What reaches the loop besides reports of environments and commands.
pub enum Message {
    /// Files of the workspace changed on disk.
    FilesChanged(crate::workspace::watch::Changed),
    /// All changes that were pending have been told.
    FilesFollowed,
    Built(Built),
    Document {
        ticket: u64,
        result: Result<Option<String>, crate::event::DocumentError>,
    },
    Filled {
        ticket: u64,
        result: Result<crate::events_catalog::Filled, crate::event::DocumentError>,
    },
    /// Something for the listener alone.
    Tell(Event),
}

/// Why the loop ended.
pub enum Ended {
    Shutdown,
    /// Another workspace is to be opened.
    Open(PathBuf),
}

/// The ends at which the loop listens.
pub struct Inlets {
    pub commands: CommandReceiver,
    pub commanded: Arc<Notify>,
    pub reports: mpsc::Receiver<Report>,
    pub calls: mpsc::Receiver<ApiCall>,
    pub doors: mpsc::Receiver<DoorCall>,
    pub messages: mpsc::Receiver<Message>,
}

/// Owner of the service and of everything that carries out its effects.
pub struct EventLoop {
    pub(super) service: LambdaService,
    pub(super) clock: Clock,
    pub(super) environments: Environments,
    pub(super) files: Files,
    pub(super) storage: Storage,
    pub(super) unsaved_texts: KeptTexts,
    pub(super) replies: Replies,
    pub(super) outbox: Outbox,
    pub(super) documents: Documents,
    pub(super) fillings: Fillings,
    pub(super) doors: Doors,
    pub(super) streams: Streams,
    /// Where databases and the list of workspaces are; `None`: nothing is kept.
    pub(super) data_folder: Option<PathBuf>,
    pub(super) messages: mpsc::Sender<Message>,
    /// `None` where the system does not watch files.
    pub(super) watch: Option<crate::workspace::watch::Watch>,
    /// What came in while a change of files is followed.
    pub(super) held: Vec<Arrival>,
    pub(super) drive: Option<Drive>,
    /// Functions of which a recursive loop was told since files changed: a batch that comes back is stopped again and again.
    pub(super) loops_told: BTreeSet<FunctionName>,
    /// Service time began in the past, because events waited over a restart.
    pub(super) restored: bool,
    pub(super) shown: Option<ClockState>,
    /// Something may have changed what is due.
    pub(super) due_changed: bool,
    pub(super) ended: Option<Ended>,
}

impl EventLoop {
    /// Runs until a command ends it.
    pub async fn run(mut self, inlets: &mut Inlets) -> Ended {
        self.settle();
        self.tell();
        loop {
            let wake = self.next_wake();
            tokio::select! {
                biased;
                Some(report) = inlets.reports.recv() => self.report(report),
                Some(call) = inlets.calls.recv() => self.arrived(Arrival::Api(call)),
                Some(call) = inlets.doors.recv() => self.arrived(Arrival::Door(call)),
                Some(message) = inlets.messages.recv() => self.message(message),
                () = inlets.commanded.notified() => {}
                () = self.storage.changed() => {}
                () = sleep(wake) => {}
            }
            self.take_more(inlets);
            self.settle();
            others_first().await;
            self.tell();
            if let Some(ended) = self.ended.take() {
                self.end();
                return ended;
            }
        }
    }

    /// Whatever else has come in meanwhile belongs to the same turn.
    fn take_more(&mut self, inlets: &mut Inlets) {
        for _ in 0..MESSAGES_A_TURN {
            if let Ok(report) = inlets.reports.try_recv() {
                self.report(report);
            } else if let Ok(call) = inlets.calls.try_recv() {
                self.arrived(Arrival::Api(call));
            } else if let Ok(call) = inlets.doors.try_recv() {
                self.arrived(Arrival::Door(call));
            } else if let Ok(message) = inlets.messages.try_recv() {
                self.message(message);
            } else {
                break;
            }
        }
        let commands: Vec<_> = inlets.commands.try_iter().take(MESSAGES_A_TURN).collect();
        if commands.len() == MESSAGES_A_TURN {
            inlets.commanded.notify_one();
        }
        for command in commands {
            self.arrived(Arrival::Command(command));
        }
        self.take_storage();
    }

    /// Lets time pass and things happen until nothing more can happen now.
    pub(super) fn settle(&mut self) {
        loop {
            while let Some((at, inputs)) = self.environments.take_scripted(self.clock.now()) {
                for input in inputs {
                    self.service.handle(at, input);
                }
                self.carry_out();
            }
            self.pass_due();
            self.service.advance(self.clock.now());
            self.carry_out();
            self.clock.set_code_running(self.environments.real_code_running());
            if !self.move_clock() {
                break;
            }
        }
        self.follow_wall_clock();
    }

    /// Lets what was due before now happen, one moment after the other: code that begins at one of them takes real time from there,
    /// however far a fast clock had come meanwhile.
    fn pass_due(&mut self) {
        while let Some(at) = self.service.next_deadline().filter(|at| *at < self.clock.now()) {
            self.service.advance(at);
            self.carry_out();
        }
    }

    /// Gives an input to the service at the present moment.
    pub(super) fn input(&mut self, input: Input) {
        self.pass_due();
        self.service.handle(self.clock.now(), input);
        self.carry_out();
    }

    fn report(&mut self, report: Report) {
        match self.environments.reported(report) {
            Reported::Input(input) => self.input(input),
            Reported::Loaded { function, files } => self.files.loaded(&function, files),
            Reported::RuntimeFound { function, runtime } => self.runtime_found(&function, runtime),
            Reported::Nothing => {}
        }
    }

    pub(super) fn call(&mut self, call: ApiCall) {
        match call {
            ApiCall::Invoke { mut request, answer } => {
                request.reply = Some(self.replies.api(answer));
                self.input(Input::Invoke(request));
            }
            ApiCall::InvokeStreaming { mut request, answer } => {
                let request_id = self.doors.new_request_id();
                let (ended, end) = oneshot::channel();
                // A client that is gone is noticed when it is written to.
                let reader = StreamReader::new(self.streams.open(request_id), end);
                let _ = answer.send(StreamedInvoke { request_id, reader });
                request.request_id = Some(request_id);
                request.reply = Some(self.replies.api(ended));
                self.input(Input::Invoke(request));
            }
            ApiCall::Workspace { answer } => self.show_workspace(answer),
        }
    }

    fn show_workspace(&self, answer: oneshot::Sender<ApiView>) {
        // A client that is gone needs no answer.
        let _ = answer.send(self.files.api_view());
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::FilesChanged(changed) => self.files_changed(&changed),
            Message::FilesFollowed => self.files_followed(),
            Message::Built(built) => self.arrived(Arrival::Built(built)),
            Message::Tell(event) => self.outbox.push_now(event),
            Message::Filled { ticket, result } => {
                self.fillings.ended();
                self.outbox.push_now(Event::Filled { ticket, result });
            }
            Message::Document { ticket, result } => {
                self.documents.ended();
                self.outbox.push_now(Event::Document { ticket, result });
            }
        }
    }

    /// While everybody is at rest on a live clock, service time is the wall clock's.
    fn follow_wall_clock(&mut self) {
        if self.clock.mode() == ClockMode::Live && self.drive.is_none() && self.service.is_quiet() {
            self.clock.jump_to(clock::wall());
            self.restored = false;
        }
    }

    /// The moment at which the loop must be awake again.
    fn next_wake(&self) -> Option<std::time::Instant> {
        let drive = self.drive.as_ref().and_then(Drive::wakes_at);
        let deadline = [self.service.next_deadline(), self.environments.next_scripted(), drive].into_iter().flatten().min();
        let due = deadline.and_then(|at| self.clock.real_time_until(at)).map(|left| clock::instant() + left);
        let kept = if self.time_is_kept() { self.storage.keeps_clock_at() } else { None };
        [due, self.outbox.due(), kept].into_iter().flatten().min()
    }

    /// Tells the listener and the history what has changed, if it is time.
    fn tell(&mut self) {
        self.storage.record_turn(self.stored_clock(), self.time_is_kept());
        let state = self.clock_state();
        let changed = self.shown.is_none_or(|shown| Self::differs(&shown, &state));
        if changed {
            self.shown = Some(state);
            self.outbox.push(Event::Clock(state));
        }
        if !self.outbox.is_due() {
            return;
        }
        if std::mem::take(&mut self.due_changed) {
            self.outbox.push(Event::Due(self.service.due(DUE_SHOWN)));
            if !changed {
                self.outbox.push(Event::Clock(state));
            }
        }
        self.outbox.flush();
    }

    /// Whether time that passes is to be found again after a kill: by what waits, and on a fast clock by messages that merely
    /// lie in a queue, too. A live clock over nothing that waits is the wall clock.
    fn time_is_kept(&self) -> bool {
        match self.clock.mode() {
            ClockMode::Paused => false,
            ClockMode::Live => !self.service.is_quiet(),
            ClockMode::Fast(_) => !self.service.is_empty(),
        }
    }

    fn stored_clock(&self) -> StoredClock {
        StoredClock { now: self.clock.now(), paused: self.clock.mode() == ClockMode::Paused }
    }

    fn clock_state(&self) -> ClockState {
        let (now, wall) = (self.clock.now(), clock::wall());
        let behind = wall.since(now);
        ClockState {
            mode: self.clock.mode(),
            now,
            wall,
            code_running: self.clock.code_running(),
            stepping: self.drive.is_some(),
            behind: (self.restored && behind > WORTH_SAYING).then_some(behind),
        }
    }

    /// Time that merely passes is no news: the listener can count by itself.
    fn differs(shown: &ClockState, state: &ClockState) -> bool {
        (shown.mode, shown.code_running, shown.stepping) != (state.mode, state.code_running, state.stepping)
            || shown.behind.is_some() != state.behind.is_some()
            || (state.mode == ClockMode::Paused && !state.code_running && shown.now != state.now)
    }

    fn end(&mut self) {
        self.storage.close(self.stored_clock());
        self.outbox.flush();
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Lets the connections that have just been given something send it before the turn goes on: whoever waits for an answer
/// need not wait until it is told. Unlike `yield_now`, it does not ask the system for news in between.
async fn others_first() {
    let mut waited = false;
    std::future::poll_fn(|context| match std::mem::replace(&mut waited, true) {
        true => std::task::Poll::Ready(()),
        false => {
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        }
    })
    .await;
}

async fn sleep(until: Option<std::time::Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}
