//! What stands in the lists of functions and queues, and which of it is the chosen one.

use std::collections::BTreeMap;

use egui::Id;

use super::action::{Action, ComposerTab};
use super::composer::UnsavedMark;
use super::list_row::Chosen;
use super::menus;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::ids::{FunctionName, QueueName};

/// What the composer is about, for the rows.
#[derive(Clone, Copy)]
pub struct Composed<'a> {
    pub function: &'a FunctionName,
    /// The queue that was chosen after that.
    pub queue: Option<&'a QueueName>,
    /// Functions with something that is in no file.
    pub unsaved: &'a BTreeMap<FunctionName, UnsavedMark>,
}

impl Composed<'_> {
    /// One row is the chosen one: a queue, or else the function.
    #[must_use]
    pub fn is(self, listed: &Listed) -> Chosen {
        match listed {
            Listed::Queue(name) if self.queue == Some(name) => Chosen::Yes,
            Listed::Function(name) if self.function == name && self.queue.is_none() => Chosen::Yes,
            Listed::Function(name) if self.function == name => Chosen::Target,
            _ => Chosen::No,
        }
    }
}

/// What a row stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    Function(FunctionName),
    Queue(QueueName),
}

impl Listed {
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Function(name) | Self::Queue(name) => name,
        }
    }

    /// Of its row, wherever that stands.
    #[must_use]
    pub fn id(&self) -> Id {
        Id::unique(("listed", matches!(self, Self::Queue(_)), self.name()))
    }

    /// What can be done with it.
    #[must_use]
    pub fn menu(&self, model: &Model) -> Vec<menus::MenuItem> {
        match self {
            Self::Function(name) => menus::of_function(model, name),
            Self::Queue(name) => menus::of_queue(model, name),
        }
    }

    /// What a click does.
    #[must_use]
    pub fn choose(&self) -> Vec<Action> {
        match self {
            Self::Function(name) => {
                vec![Action::ChooseFunction(name.clone()), Action::Select(Selection::Function(name.clone()))]
            }
            Self::Queue(name) => vec![
                Action::ChooseQueue(name.clone()),
                Action::Select(Selection::Queue(name.clone())),
                Action::OpenTab(ComposerTab::Queue),
            ],
        }
    }
}

/// Functions in the order of the workspace, then queues by their names.
#[must_use]
pub fn listed(model: &Model) -> Vec<Listed> {
    let functions = model.workspace.functions.iter().map(|view| Listed::Function(view.configuration.name.clone()));
    functions.chain(model.queues.keys().cloned().map(Listed::Queue)).collect()
}
