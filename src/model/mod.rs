//! What the window knows: made from events by [`Model::apply`], and from nothing else but what it says by itself.

mod apply;
pub mod callers;
pub mod editor;
pub mod exchanges;
pub mod foresight;
pub mod functions;
pub mod invocations;
pub mod lengths;
pub mod order;
pub mod queues;
pub mod selection;
pub mod timeline;
pub mod why;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use crate::command::ClockMode;
use crate::event::{ClockState, Door, Event, Exchange, HistoryRow, Notice, Problem, RecentWorkspace, WorkspaceView};
use crate::service::deleted::Deleted;
use crate::service::happened::{Due, DueKind};
use crate::service::ids::{BatchId, EnvironmentId, FunctionName, MessageId, QueueName, RequestId};
use crate::service::input::Fault;
use crate::service::narration::Told;
use crate::service::time::{Micros, Timestamp};

use functions::{Environment, Function};
use invocations::Invocation;
use queues::{Batch, Life, Queue};
use selection::Selection;
use timeline::Timeline;

/// Invocations kept whole; of older ones that ended only the bars remain, and the history has the rest.
pub const INVOCATIONS_KEPT: usize = 5_000;
/// Requests at doors kept for looking at.
pub const EXCHANGES_KEPT: usize = 500;
/// Notices kept for the list behind the bell.
const NOTICES_KEPT: usize = 200;

/// Everything the panels read.
#[derive(Default)]
pub struct Model {
    pub workspace: Arc<WorkspaceView>,
    /// Those that were opened last, the newest first.
    pub recent_workspaces: Vec<RecentWorkspace>,
    pub functions: BTreeMap<FunctionName, Function>,
    pub environments: BTreeMap<EnvironmentId, Environment>,
    pub invocations: BTreeMap<RequestId, Invocation>,
    /// In the order of acceptance, for [`INVOCATIONS_KEPT`].
    order: VecDeque<RequestId>,
    pub queues: BTreeMap<QueueName, Queue>,
    pub batches: BTreeMap<BatchId, Batch>,
    /// Messages and bytes of bodies in [`Model::batches`], which have a limit.
    batched_messages: usize,
    batched_bytes: usize,
    /// Messages of all queues, and those gone from them that a known batch had.
    pub lives: BTreeMap<MessageId, Life>,
    /// Messages that a person deleted and that can be put back.
    pub deleted: Deleted<()>,
    /// When the first thing of this run happened.
    began: Option<Timestamp>,
    pub clock: Option<ClockState>,
    pub due: Vec<Due>,
    pub doors: Vec<Door>,
    /// Requests at function URLs and APIs, newest last.
    pub exchanges: VecDeque<Arc<Exchange>>,
    pub notices: VecDeque<Notice>,
    /// Faults that strike attempts in place of their code.
    pub faults: Vec<Fault>,
    pub history: Vec<HistoryRow>,
    pub history_total: u64,
    /// Invocations that have ended or were refused: whoever shows the history asks anew when this has grown.
    pub ended: u64,
    /// What the last step did, until something else happens.
    pub stepped: Option<Told>,
    pub throttled: u64,
    pub timeline: Timeline,
    /// Answers to commands, for whoever asked; the app passes them on every frame.
    pub answers: Vec<Event>,
}

impl Model {
    /// Service time at a moment of the wall clock, counted on from the last turn.
    #[must_use]
    pub fn now_at(&self, wall: Timestamp) -> Timestamp {
        let Some(clock) = self.clock else { return wall };
        let passed = wall.since(clock.wall);
        let pace = match clock.mode {
            _ if clock.code_running => 1.0,
            ClockMode::Live => 1.0,
            ClockMode::Fast(speed) => speed,
            ClockMode::Paused => 0.0,
        };
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "seconds since the last turn"
        )]
        let micros = (passed.0 as f64 * pace) as u64;
        clock.now + Micros(micros)
    }

    /// The one form in which the window writes a moment of this run: as the ruler of the timeline counts it, from the first
    /// thing that happened, `1:01.330`. Texts on hover have the exact one, [`Timestamp::iso_millis`].
    #[must_use]
    pub fn on_ruler(&self, at: Timestamp) -> String {
        lengths::clock(at.since(self.timeline.first().unwrap_or(at)))
    }

    /// The file that holds a function's handler, if it can be edited.
    #[must_use]
    pub fn code_file(&self, function: &str) -> Option<&Path> {
        self.workspace.functions.iter().find(|view| *view.configuration.name == *function)?.code_file.as_deref()
    }

    /// How far service time lies behind the wall clock at a moment of that, because events waited over a restart.
    #[must_use]
    pub fn behind_at(&self, wall: Timestamp) -> Option<Micros> {
        self.clock?.behind.map(|_| wall.since(self.now_at(wall)))
    }

    /// A path as people read it: from the workspace's folder on, if it lies in there.
    #[must_use]
    pub fn shown_path<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        let inside = path.strip_prefix(&self.workspace.folder).ok().filter(|inside| !inside.as_os_str().is_empty());
        inside.unwrap_or(path).display()
    }

    /// What *Step* goes to.
    #[must_use]
    pub fn next_step(&self) -> Option<&Due> {
        self.due.iter().find(|due| due.what.is_step())
    }

    /// What expires next: it comes though no step goes there.
    #[must_use]
    pub fn next_expiry(&self) -> Option<&Due> {
        self.due.iter().find(|due| matches!(due.what, DueKind::MessageExpires { .. }))
    }

    /// The next attempt of an event.
    #[must_use]
    pub fn due_of(&self, id: RequestId) -> Option<&Due> {
        let of = |what: &DueKind| matches!(what, DueKind::Attempt { request_id, .. } if *request_id == id);
        self.due.iter().find(|due| of(&due.what))
    }

    /// What a thing that was due has become: the event that was tried, the batch that was closed, the message.
    #[must_use]
    pub fn came_of(&self, due: &Due) -> Option<Selection> {
        match &due.what {
            DueKind::Attempt { request_id, .. } => Some(Selection::Invocation(*request_id)),
            DueKind::WindowCloses { function, queue, .. } => {
                let of_mapping = |id: &&BatchId| self.batches.get(id).is_some_and(|batch| batch.function == *function);
                self.queues.get(queue)?.batches.iter().rev().find(of_mapping).copied().map(Selection::Batch)
            }
            DueKind::MessageVisible { queue, message_id } | DueKind::MessageExpires { queue, message_id } => {
                Some(self.came_of_message(queue, *message_id, due.at))
            }
            DueKind::Timeout { request_id, .. } | DueKind::IntegrationTimeout { request_id, .. } => {
                Some(Selection::Invocation(*request_id))
            }
            DueKind::InitLimit { function, .. } | DueKind::IdleExpiry { function, .. } => {
                Some(Selection::Function(function.clone()))
            }
        }
    }

    /// The batch that a message went out in since then, else the message where it is now; of one that nobody knows any more
    /// the queue that it was in.
    fn came_of_message(&self, queue: &QueueName, message_id: MessageId, since: Timestamp) -> Selection {
        let Some(life) = self.lives.get(&message_id) else { return Selection::Queue(queue.clone()) };
        let went_out = |id: &BatchId| self.batches.get(id).is_some_and(|batch| batch.closed_at >= since);
        match life.batches().next().filter(went_out) {
            // It may have come back from that by now, and be elsewhere.
            Some(batch) if life.queue == *queue => Selection::Batch(batch),
            _ => Selection::Message(life.queue.clone(), message_id),
        }
    }

    /// The batch that an invocation was made for.
    #[must_use]
    pub fn batch_of(&self, invocation: &Invocation) -> Option<&Batch> {
        self.batches.get(&invocation.batch?)
    }

    /// `1 of 7 failed`, for an invocation with a batch that did not go well.
    #[must_use]
    pub fn failed_words(&self, invocation: &Invocation) -> Option<String> {
        self.batch_of(invocation)?.failed_words()
    }

    /// Asynchronous events that wait for an attempt, of all functions or of one.
    pub fn waiting<'a>(&'a self, function: Option<&'a str>) -> impl Iterator<Item = (&'a RequestId, &'a Invocation)> {
        self.invocations.iter().filter(move |(_, invocation)| {
            invocation.is_waiting() && function.is_none_or(|function| &*invocation.function == function)
        })
    }

    /// Warm and busy environments.
    #[must_use]
    pub fn warm_and_busy(&self) -> (usize, usize) {
        let busy = self.environments.values().filter(|environment| environment.running.is_some()).count();
        let warm = self.environments.values().filter(|environment| environment.ready && environment.running.is_none()).count();
        (warm, busy)
    }

    /// Whether real or scripted code runs right now, so that bars grow.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.environments.values().any(|environment| environment.running.is_some() || !environment.ready)
    }

    /// Whether something waits for time to pass.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.next_step().is_some()
    }

    /// The address of the Lambda API.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.lambda_api().map(|door| &*door.address)
    }

    #[must_use]
    pub fn lambda_api(&self) -> Option<&Door> {
        self.doors.iter().find(|door| &*door.kind == "lambda api")
    }

    /// What is wrong in the files of the workspace.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.workspace.problems.iter().filter(|problem| !problem.is_not_active_yet())
    }

    /// Keeps a sentence for the list behind the bell; of the window's own, too, which come with no event.
    pub(crate) fn notice(&mut self, notice: Notice) {
        if self.notices.len() == NOTICES_KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }
}
