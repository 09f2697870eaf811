//! What can be done with a queue, and with a message in it.

use super::{Group, MenuItem};
use crate::command::Command;
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::{MessageId, QueueName};
use crate::ui::action::{Action, ComposerTab};
use crate::ui::widgets::grouped;

#[must_use]
pub fn of_queue(model: &Model, name: &QueueName) -> Vec<MenuItem> {
    let choose = || vec![Action::ChooseQueue(name.clone()), Action::Select(Selection::Queue(name.clone()))];
    let then = |action| [choose(), vec![action]].concat();
    let compose = [then(Action::ChooseModel(InvocationModel::Queue)), vec![Action::OpenTab(ComposerTab::Event)]].concat();
    let workspace = &model.workspace;
    let arn = format!("arn:aws:sqs:{}:{}:{name}", workspace.region, workspace.account_id);
    let mut items = vec![MenuItem::new(Group::Run, "Put a message", compose)];
    let depth = model.queues.get(name).map_or((0, 0), |queue| queue.depth());
    if let Some(redrive) = model.redrive_of(name).filter(|redrive| redrive.count > 0) {
        items.push(MenuItem::new(Group::Run, redrive.words(), [Action::Command(Command::Redrive(name.clone()))]));
    }
    items.extend([
        MenuItem::new(Group::Show, "Show messages", then(Action::OpenTab(ComposerTab::Queue))),
        MenuItem::new(Group::Show, "Edit configuration", then(Action::OpenTab(ComposerTab::Configuration))),
        MenuItem::copy("Copy name", &**name),
        MenuItem::copy("Copy ARN", arn),
    ]);
    items.extend(ends(name, depth.0 + depth.1));
    items
}

/// What takes away its messages, and what takes away the queue with them: each at a place of its own that never changes, and
/// with the number of messages that it costs. Both can be taken back.
fn ends(name: &QueueName, messages: usize) -> [MenuItem; 2] {
    let count = match messages {
        0 => None,
        1 => Some("1 message".to_owned()),
        _ => Some(format!("{} messages", grouped(messages))),
    };
    let purge = count.as_ref().map_or_else(|| "Purge".to_owned(), |count| format!("Purge {count}"));
    let purge = MenuItem::new(Group::Empty, purge, [Action::Purge(name.clone())]);
    let remove = count.map_or_else(|| "Remove".to_owned(), |count| format!("Remove with {count}"));
    let remove = MenuItem::new(Group::Remove, remove, [Action::Command(Command::RemoveQueue(name.clone()))]);
    let obstacle = if messages == 0 { "There is no message in it" } else { "" };
    [purge.with_obstacle(obstacle), remove]
}

/// It can be deleted while it is `there`.
#[must_use]
pub fn of_message(queue: &QueueName, id: MessageId, body: &str, there: bool) -> Vec<MenuItem> {
    let mut items = vec![
        MenuItem::new(Group::Show, "Show the message", [Action::Select(Selection::Message(queue.clone(), id))]),
        MenuItem::copy("Copy body", body),
        MenuItem::copy("Copy message id", id.to_string()),
    ];
    if there {
        items.push(MenuItem::new(Group::Remove, "Delete the message", [Action::DeleteMessage(queue.clone(), id)]));
    }
    items
}
