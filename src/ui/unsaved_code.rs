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
    /// The command that does the same with the code that is saved by then; `None` where it cannot be done twice.
    again: Option<Command>,
}

impl Run {
    /// `composed` is the function that the composer is about: messages and requests are sent for it.
    pub fn of(command: &Command, model: &Model, composed: &FunctionName) -> Option<Self> {
        let once = |function: &FunctionName| Self { function: function.clone(), again: None };
        match command {
            Command::Invoke { function, .. } => {
                let mut again = command.clone();
                if let Command::Invoke { ticket, .. } = &mut again {
                    *ticket = RERUN_TICKET;
                }
                Some(Self { function: function.clone(), again: Some(again) })
            }
            Command::SendMessages { .. } | Command::Browse { .. } => {
                Some(Self { function: composed.clone(), again: Some(command.clone()) })
            }
            Command::RetryNow(id) | Command::StepTo(id) | Command::EditAndRetry { request_id: id, .. } => {
                model.invocations.get(id).map(|invocation| once(&invocation.function))
            }
            Command::Step => match &model.next_step()?.what {
                DueKind::Attempt { function, .. } | DueKind::WindowCloses { function, .. } => Some(once(function)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Says so, and offers to save.
    pub fn offer(self) -> Action {
        let Self { function, again } = self;
        let text = format!("The code of {function} has edits that are not saved; what is saved runs.");
        let button = match again {
            Some(Command::Invoke { .. }) => "Save and invoke",
            Some(_) => "Save and send again",
            None => "Save the code",
        };
        Action::Offer { text, button, action: Box::new(Action::SaveCode { function, then: again }) }
    }
}
