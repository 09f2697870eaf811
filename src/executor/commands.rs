//! What a person or a script wants, one command at a time.

use std::path::PathBuf;
use std::sync::Arc;

use super::drive::{Drive, Goal, attempt_of};
use super::event_loop::{Ended, EventLoop};
use super::lambda_api::{RequestError, check_json, named};
use crate::command::{ClockMode, Command};
use crate::event::{Event, NoticeLevel};
use crate::service::error::ServiceError;
use crate::service::happened::{Due, DueKind};
use crate::service::ids::RequestId;
use crate::service::input::{Input, InvocationType, InvokeRequest, NewMessage};
use crate::service::limits;
use crate::service::narration::Told;
use crate::service::time::Timestamp;
use crate::workspace::{self, edit};

/// Due things searched for the attempt that a *Step to* means.
const DUE_SEARCHED: usize = 100_000;

/// The payload of an asynchronous event that a person has changed.
fn check_event(payload: &[u8]) -> Result<(), ServiceError> {
    limits::check_request(payload.len(), InvocationType::Event, false)?;
    check_json(payload)
}

/// What no step goes to comes all the same: a message expires, an idle environment is stopped. The first of each is told.
fn nothing_due(due: &[Due], now: Timestamp) -> String {
    let expiry = due.iter().find_map(|due| match &due.what {
        DueKind::MessageExpires { queue, .. } => Some(format!("a message of {queue} expires in {}", due.at.since(now))),
        _ => None,
    });
    let idle = due.iter().find_map(|due| match &due.what {
        DueKind::IdleExpiry { function, .. } => {
            Some(format!("an idle environment of {function} is stopped in {}", due.at.since(now)))
        }
        _ => None,
    });
    let nothing = "Nothing is due: no event waits for an attempt, no batch is collected, no message is invisible.";
    let ahead: Vec<_> = expiry.into_iter().chain(idle).collect();
    match &ahead[..] {
        [] => nothing.to_owned(),
        ahead => format!("{nothing} But {}: no step goes there by itself.", ahead.join(", and ")),
    }
}

/// Of events that were sent at once every one but the first has a number behind its name: `order placed 2`.
fn sibling_label(label: &Arc<str>, index: usize) -> Arc<str> {
    if index == 0 { Arc::clone(label) } else { format!("{label} {}", index + 1).into() }
}

impl EventLoop {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Invoke { function, invocation_type, payloads, label, source, ticket } => {
                for (index, payload) in payloads.into_iter().enumerate() {
                    let label = label.as_ref().map(|label| sibling_label(label, index));
                    let request = InvokeRequest::new(function.clone(), invocation_type, payload, source.clone());
                    self.invoke(InvokeRequest { label, ..request }, ticket);
                }
            }
            Command::SendMessages { queue, bodies, source } => {
                let messages = bodies.into_iter().map(NewMessage::new).collect();
                self.input(Input::SendMessages { queue, messages, source });
            }
            Command::DeleteMessage { queue, message_id } => self.input(Input::DeleteMessage { queue, message_id }),
            Command::PutBack { queue, message_ids } => self.input(Input::PutBack { queue, message_ids }),
            Command::PurgeQueue(queue) => self.input(Input::PurgeQueue(queue)),
            Command::Redrive(queue) => self.input(Input::Redrive(queue)),
            Command::RetryNow(request_id) => self.input(Input::RetryNow(request_id)),
            Command::EditAndRetry { request_id, payload } => match check_event(&payload) {
                Ok(()) => self.input(Input::EditAndRetry { request_id, payload }),
                Err(error) => self.outbox.error(format!("The event was not changed. {error}")),
            },
            Command::DropEvent(request_id) => self.input(Input::DropEvent(request_id)),
            Command::StopInvocation(request_id) => self.input(Input::StopInvocation(request_id)),
            Command::SetFaults(faults) => {
                self.outbox.push_now(Event::Faults(faults.clone()));
                self.input(Input::SetFaults(faults));
            }
            Command::SetClock(mode) => self.set_clock(mode),
            Command::Step => self.step(),
            Command::StepTo(request_id) => self.step_to(request_id),
            Command::StepToDue(due) => self.step_to_due(&due),
            Command::Advance(length) => self.drive = Some(self.at_pace(Goal::Until(self.now() + length))),
            Command::AdvanceUntilIdle => self.drive = Some(Drive::new(Goal::Idle)),
            Command::WaitUntilIdle => self.drive = Some(self.at_pace(Goal::Idle)),
            Command::WaitForNext => self.step_in(self.clock.mode()),
            // From one due thing to the next: a jump over all of them would let code begin with its time-out behind it.
            Command::CatchUp => self.drive = Some(Drive::new(Goal::Until(super::clock::wall()))),
            Command::Fill { ticket, filling } => {
                if let Err(error) = self.fillings.begin(ticket, filling) {
                    self.outbox.push_now(Event::Filled { ticket, result: Err(error) });
                }
            }
            Command::Document { ticket, work, text, variables } => self.documents.begin(ticket, work, text, variables),
            Command::Request { ticket, door, request } => self.request(ticket, &door, *request),
            Command::Browse { ticket, step } => self.browse(ticket, *step),
            Command::ServeTestPage { ticket, step } => self.serve_test_page(ticket, &step),
            Command::SearchHistory { text, limit } => self.storage.search(text, limit),
            Command::LoadInvocation(request_id) => self.storage.load(request_id),
            Command::ClearHistory => self.storage.clear_history(),
            Command::OpenWorkspace(path) => self.open_workspace(path),
            Command::ListWorkspaces => self.list_workspaces(),
            Command::CreateWorkspace(path) => match edit::create_workspace(&path) {
                Ok(_) => self.ended = Some(Ended::Open(path)),
                Err(error) => self.outbox.push_now(Event::WorkspaceNotOpened(error.to_string())),
            },
            Command::SaveText { workspace, text } => self.save_text(workspace, text),
            Command::KeepTexts { workspace, texts } => self.unsaved_texts.keep(&workspace, texts),
            Command::Shutdown => self.ended = Some(Ended::Shutdown),
            command @ (Command::AddFunction(_)
            | Command::AddQueue { .. }
            | Command::AddMapping { .. }
            | Command::RemoveFunction(_)
            | Command::RemoveQueue(_)
            | Command::RemoveMapping { .. }
            | Command::UndoRemove
            | Command::ChangeSetting(_)
            | Command::AddRoute(_)
            | Command::UndoAdd
            | Command::LoadFile(_)
            | Command::LoadCode(_)
            | Command::SaveCode { .. }
            | Command::ReplaceCode { .. }
            | Command::LoadSavedEvent { .. }
            | Command::SaveEvent { .. }
            | Command::RemoveSavedEvent { .. }
            | Command::UndoRemoveSavedEvent) => self.file_command(command),
        }
    }

    fn invoke(&mut self, mut request: InvokeRequest, ticket: u64) {
        let checked = check_json(&request.payload).map_err(|error| (error.status_and_name(), error.to_string()));
        if let Err(((status, error_type), message)) = checked.and_then(|()| self.find(&mut request)) {
            let sentence = format!("{} was not invoked. {message}", request.function);
            let InvokeRequest { function, invocation_type, .. } = request;
            let message = message.into();
            self.outbox.push_now(Event::NotInvoked { ticket, function, invocation_type, status, error_type, message });
            return self.outbox.error(sentence);
        }
        request.reply = Some(self.replies.command(ticket));
        self.input(Input::Invoke(request.into()));
        self.replies.handled();
    }

    /// Takes a name with a qualifier, a partial ARN or an ARN apart, as the Lambda API does. An error is what that answers.
    fn find(&self, request: &mut InvokeRequest) -> Result<(), ((u16, &'static str), String)> {
        if !request.function.contains(':') {
            return Ok(());
        }
        let named = named(&request.function, None).map_err(|error| match error {
            RequestError::Validation(message) => ((400, "ValidationException"), message),
            RequestError::Service(error) => (error.status_and_name(), error.to_string()),
        })?;
        if let Some(place) = &named.place {
            let checked = place.check(&self.files.api_view(), &named.function, "InvokeFunction");
            checked.map_err(|elsewhere| (elsewhere.status_and_name(), elsewhere.to_string()))?;
        }
        (request.function, request.qualifier) = (named.function, named.qualifier);
        Ok(())
    }

    /// Ends the session for another one, unless there is nothing to open.
    fn open_workspace(&mut self, path: PathBuf) {
        match workspace::load(&path) {
            Ok(_) => self.ended = Some(Ended::Open(path)),
            Err(problem) => {
                let reason = format!("{} was not opened: {}", path.display(), problem.message);
                self.outbox.push_now(Event::WorkspaceNotOpened(reason));
            }
        }
    }

    /// A drive that waits where the clock goes by itself.
    fn at_pace(&self, goal: Goal) -> Drive {
        if self.clock.mode() == ClockMode::Live { Drive::waiting(goal) } else { Drive::new(goal) }
    }

    fn set_clock(&mut self, mode: ClockMode) {
        self.drive = None;
        self.clock.set_mode(mode);
    }

    fn step(&mut self) {
        self.step_in(ClockMode::Paused);
    }

    fn step_in(&mut self, mode: ClockMode) {
        self.clock.set_mode(mode);
        if self.drive.is_some() {
            return;
        }
        let next = self.service.next_step();
        if next.is_none() && !self.service.is_running() {
            self.outbox.push_now(Event::Stepped(Told::one(self.nothing_due())));
            return;
        }
        let drive = self.at_pace(Goal::Step(next.filter(|_| !self.service.is_running())));
        self.drive = Some(drive.with_labels(self.service.labels()));
    }

    fn nothing_due(&self) -> String {
        nothing_due(&self.service.due(DUE_SEARCHED), self.service.now())
    }

    fn step_to(&mut self, request_id: RequestId) {
        self.clock.set_mode(ClockMode::Paused);
        match attempt_of(request_id, &self.service.due(DUE_SEARCHED)) {
            Some(due) => self.drive = Some(Drive::new(Goal::StepTo(request_id, due)).with_labels(self.service.labels())),
            None => self.outbox.notice(NoticeLevel::Information, "This event does not wait for an attempt any more."),
        }
    }

    fn step_to_due(&mut self, wanted: &Due) {
        self.clock.set_mode(ClockMode::Paused);
        match self.still_due(wanted) {
            Some(due) => self.drive = Some(Drive::new(Goal::StepToDue(due)).with_labels(self.service.labels())),
            None => self.outbox.notice(NoticeLevel::Information, "That is not due any more."),
        }
    }

    /// The same thing as it is due now. A queue has one timer for all that expires, whichever message is meant.
    fn still_due(&self, wanted: &Due) -> Option<Due> {
        if let DueKind::MessageExpires { queue, message_id } = &wanted.what {
            let at = self.service.expires_at(queue, *message_id)?;
            return Some(Due { at, what: wanted.what.clone() });
        }
        self.service.due(DUE_SEARCHED).into_iter().find(|due| due.what.is_same(&wanted.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_step_goes_to_is_told_where_nothing_is_due() {
        let second = |after: u64, what| Due { at: Timestamp(after * 1_000_000), what };
        let expires = DueKind::MessageExpires { queue: "dlq".into(), message_id: crate::service::ids::MessageId(1) };
        let idle = DueKind::IdleExpiry { environment: crate::service::ids::EnvironmentId(1), function: "ping".into() };
        let told = nothing_due(&[second(20, idle), second(240, expires)], Timestamp(0));
        let ahead = "But a message of dlq expires in 4 min, and an idle environment of ping is stopped in 20 s: no step goes there by itself.";
        assert!(told.ends_with(ahead), "{told}");
        assert!(nothing_due(&[], Timestamp(0)).ends_with("no message is invisible."));
    }

    #[test]
    fn events_that_were_sent_at_once_can_be_told_apart() {
        let label: Arc<str> = "order placed".into();
        assert_eq!(
            [0, 1, 2].map(|index| sibling_label(&label, index).to_string()),
            ["order placed", "order placed 2", "order placed 3"]
        );
    }

    #[test]
    fn an_event_that_was_edited_is_json_of_one_mebibyte_at_most() {
        let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        assert_eq!(check_event(text(1_048_576).as_bytes()), Ok(()));
        let too_large = check_event(text(1_048_577).as_bytes()).unwrap_err().to_string();
        assert_eq!(too_large, "Request must be smaller than 1048576 bytes for the InvokeFunction operation");
        assert!(check_event(b"{").is_err());
    }
}
