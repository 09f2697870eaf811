//! One thing that can be done, and all that can be done with what is selected.

use super::{of_function, of_invocation, of_message, of_queue};
use crate::command::Command;
use crate::model::Model;
use crate::model::queues::Life;
use crate::model::selection::Selection;
use crate::ui::action::Action;

/// Items of a group stand together in a menu, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Something happens.
    Run,
    /// Something else is seen.
    Show,
    Copy,
    /// In a menu of its own.
    CopyAs,
    /// What is in it goes away.
    Empty,
    /// It goes away itself.
    Remove,
}

/// What one press in a menu or in the palette does.
#[derive(Clone, Debug)]
pub struct MenuItem {
    /// `Copy ARN`; within [`Group::CopyAs`] only the form, `AWS CLI`.
    pub name: String,
    /// Empty for most.
    pub shortcut: &'static str,
    pub group: Group,
    /// Why it cannot be done now, though it stands in the menu; empty where it can.
    pub obstacle: &'static str,
    pub actions: Vec<Action>,
}

impl MenuItem {
    pub fn new(group: Group, name: impl Into<String>, actions: impl Into<Vec<Action>>) -> Self {
        Self { name: name.into(), shortcut: "", group, obstacle: "", actions: actions.into() }
    }

    pub fn copy(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Group::Copy, name, [Action::Copy(text.into())])
    }

    #[must_use]
    pub fn with_shortcut(self, shortcut: &'static str) -> Self {
        Self { shortcut, ..self }
    }

    /// It keeps its place in the menu, and cannot be pressed.
    #[must_use]
    pub fn with_obstacle(self, obstacle: &'static str) -> Self {
        Self { obstacle, ..self }
    }

    #[must_use]
    pub fn can_be_done(&self) -> bool {
        self.obstacle.is_empty()
    }

    /// Its name behind that of the thing, as the palette lists it: `confirm: copy ARN`.
    #[must_use]
    pub fn name_for(&self, thing: &str) -> String {
        let as_form = if self.group == Group::CopyAs { "copy as " } else { "" };
        // Only the verb is small in the middle of a line; the name of a form is one.
        let verb = self.name.chars().next().filter(|_| as_form.is_empty());
        let first = verb.map(|first| first.to_lowercase().to_string()).unwrap_or_default();
        let rest = &self.name[verb.map_or(0, char::len_utf8)..];
        format!("{thing}: {as_form}{first}{rest}")
    }
}

/// What can be done with what is selected, and what that is called there.
#[must_use]
pub fn of_selection(model: &Model, selection: &Selection) -> (String, Vec<MenuItem>) {
    match selection {
        Selection::Nothing => (String::new(), Vec::new()),
        Selection::Function(name) => (name.to_string(), of_function(model, name)),
        Selection::Environment(id) => match model.environments.get(id) {
            Some(environment) => (environment.function.to_string(), of_function(model, &environment.function)),
            None => (String::new(), Vec::new()),
        },
        Selection::Queue(name) => (name.to_string(), of_queue(model, name)),
        Selection::Invocation(id) | Selection::Attempt(id, _) => ("Selected event".into(), of_invocation(model, *id)),
        Selection::Batch(id) => {
            let items = model.batches.get(id).map(|batch| of_invocation(model, batch.request_id));
            ("Selected batch".into(), items.unwrap_or_default())
        }
        Selection::Message(_, id) => {
            let life = model.lives.get(id);
            let there = |life: &Life| model.queues.get(&life.queue).is_some_and(|queue| queue.messages.contains_key(id));
            let items = life.map(|life| of_message(&life.queue, *id, &life.body, there(life)));
            let mut items = items.unwrap_or_default();
            if let Some(due) = model.due_of_message(*id) {
                let step = [Action::Command(Command::StepToDue(due))];
                items.insert(0, MenuItem::new(Group::Run, "Step to what it waits for", step));
            }
            ("Selected message".into(), items)
        }
        Selection::Exchange(id) => {
            let edit = MenuItem::new(Group::Run, "Edit and send again", [Action::ComposeRequest(*id)]);
            ("Selected request".into(), vec![edit])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_item_is_named_behind_its_thing() {
        assert_eq!(MenuItem::copy("Copy ARN", "").name_for("confirm"), "confirm: copy ARN");
        let form = MenuItem::new(Group::CopyAs, "AWS CLI", []);
        assert_eq!(form.name_for("Selected event"), "Selected event: copy as AWS CLI");
    }
}
