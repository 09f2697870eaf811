//! Running a function whose handler has edits that are not saved: the file is what runs, which is easily forgotten.

use super::action::Action;
use super::app::RERUN_TICKET;
use crate::command::Command;
use crate::model::Model;
use crate::service::happened::DueKind;
use crate::service::ids::FunctionName;

/// A function that a command makes run.
pub struct Run {
    pub function: FunctionName,
    /// The command that does it with the code that is saved by then; `None` where it is done already and cannot be done twice.
    again: Option<Command>,
    /// It cannot be done twice, so it waits until somebody wants it although the code is not saved.
    pub uses_up: bool,
}

/// The function that runs at once when something comes due.
fn of_due(what: &DueKind) -> Option<&FunctionName> {
    match what {
        DueKind::Attempt { function, .. } | DueKind::WindowCloses { function, .. } => Some(function),
        _ => None,
    }
}

impl Run {
    /// `composed` is the function that the composer is about: messages and requests are sent for it.
    pub fn of(command: &Command, model: &Model, composed: &FunctionName) -> Option<Self> {
        let once = |function: &FunctionName| Self { function: function.clone(), again: Some(command.clone()), uses_up: true };
        let again =
            |function: &FunctionName, again: Command| Self { function: function.clone(), again: Some(again), uses_up: false };
        match command {
            Command::Invoke { function, .. } => {
                let mut invoke = command.clone();
                if let Command::Invoke { ticket, .. } = &mut invoke {
                    *ticket = RERUN_TICKET;
                }
                Some(again(function, invoke))
            }
            Command::SendMessages { .. } | Command::Browse { .. } => Some(again(composed, command.clone())),
            Command::RetryNow(id) | Command::StepTo(id) => model.invocations.get(id).map(|invocation| once(&invocation.function)),
            // The composer has let go of the payload that was typed, so this one does not wait.
            Command::EditAndRetry { request_id, .. } => {
                let function = model.invocations.get(request_id)?.function.clone();
                Some(Self { function, again: None, uses_up: false })
            }
            Command::Step => of_due(&model.next_step()?.what).map(once),
            Command::StepToDue(due) => of_due(&due.what).map(once),
            _ => None,
        }
    }

    /// What the button says that saves first.
    pub fn button(&self) -> &'static str {
        match self.again {
            Some(Command::Invoke { .. }) => "Save and invoke",
            Some(Command::Step | Command::StepToDue(_)) => "Save and step",
            Some(_) if self.uses_up => "Save and retry",
            Some(_) => "Save and send again",
            None => "Save the code",
        }
    }

    /// Says so, and offers to save.
    pub fn offer(self) -> Action {
        let button = self.button();
        let Self { function, again, uses_up } = self;
        let text = match uses_up {
            true => {
                format!("Nothing ran yet: the code of {function} has edits that are not saved. Once more runs what is saved.")
            }
            false => format!("The code of {function} has edits that are not saved; what is saved runs."),
        };
        Action::Offer { text, button, action: Box::new(Action::SaveCode { function, then: again }) }
    }
}
