//! What the command palette lists: every action, by name, with its shortcut.

use super::action::{Action, ComposerTab, RequestAction};
use super::composer::COPY_FORMS;
use super::docking::Pane;
use super::menus::{self, MenuItem};
use super::shortcuts;
use super::timeline::TimelineAction;
use super::toolbar::SPEEDS;
use crate::command::{ClockMode, Command, DocumentWork};
use crate::event::RecentWorkspace;
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::FunctionName;

/// A line of the palette; one press may do several things.
pub struct Entry {
    pub name: String,
    pub shortcut: &'static str,
    pub actions: Vec<Action>,
}

/// What is seen and chosen, which decides what can be done.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    pub model: &'a Model,
    pub selection: &'a Selection,
    /// The function that the composer is about.
    pub function: &'a FunctionName,
    pub dark: bool,
}

fn entry(name: impl Into<String>, shortcut: &'static str, action: Action) -> Entry {
    Entry { name: name.into(), shortcut, actions: vec![action] }
}

#[must_use]
pub fn entries(situation: Situation<'_>) -> Vec<Entry> {
    let mut entries = composing();
    entries.extend(requests());
    entries.extend(selected(situation));
    entries.extend(clock());
    entries.extend(timeline());
    entries.extend(workspaces(situation.model));
    entries.extend(panels());
    entries.extend(places());
    // Last of what has the same words: it clears and removes, too.
    entries.extend(window(situation));
    entries.extend(things(situation));
    entries
}

fn composing() -> Vec<Entry> {
    let mut entries = vec![
        entry("Send what the composer holds", shortcuts::SEND.text, Action::Send),
        entry("Save the event or the handler", shortcuts::SAVE.text, Action::Save),
        entry("Save the event under another name", shortcuts::SAVE_AS.text, Action::SaveAs),
        entry("Find in what is seen", shortcuts::FIND.text, Action::Find),
        entry("Format the event", "", Action::Document(DocumentWork::Format)),
        entry("Minify the event", "", Action::Document(DocumentWork::Minify)),
        entry("Sort the keys of the event", "", Action::Document(DocumentWork::SortKeys)),
    ];
    entries.extend(COPY_FORMS.map(|(name, form)| entry(format!("Copy as {name}"), "", Action::CopyAs(form))));
    entries
}

/// What can be done with the thing that the inspector shows.
fn selected(situation: Situation<'_>) -> Vec<Entry> {
    let mut entries = vec![entry("Run again", shortcuts::RERUN.text, Action::RunAgain)];
    let (name, items) = menus::of_selection(situation.model, situation.selection);
    // A function or a queue is listed by its name, whether it is selected or not.
    if !matches!(situation.selection, Selection::Function(_) | Selection::Environment(_) | Selection::Queue(_)) {
        // What has a key is above.
        entries.extend(of_thing(&name, items.into_iter().filter(|item| item.shortcut.is_empty())));
    }
    entries
}

fn of_thing(name: &str, items: impl IntoIterator<Item = MenuItem>) -> impl Iterator<Item = Entry> {
    let can = items.into_iter().filter(MenuItem::can_be_done);
    can.map(move |item| Entry { name: item.name_for(name), shortcut: item.shortcut, actions: item.actions })
}

fn clock() -> Vec<Entry> {
    let set = |mode| Action::Command(Command::SetClock(mode));
    let mut entries = vec![
        entry("Step to the next thing that is due", shortcuts::STEP.text, Action::Command(Command::Step)),
        entry("Run until nothing is due", "", Action::Command(Command::AdvanceUntilIdle)),
        entry("Clock: live", shortcuts::PAUSE.text, set(ClockMode::Live)),
        entry("Clock: paused", shortcuts::PAUSE.text, set(ClockMode::Paused)),
    ];
    entries.extend(SPEEDS.map(|speed| entry(format!("Clock: {speed:.0}×"), "", set(ClockMode::Fast(speed)))));
    entries.push(entry("Catch up with the wall clock", "", Action::Command(Command::CatchUp)));
    entries
}

fn timeline() -> Vec<Entry> {
    [
        ("Timeline: zoom in", "+", TimelineAction::ZoomIn),
        ("Timeline: zoom out", "-", TimelineAction::ZoomOut),
        ("Timeline: fit", "0", TimelineAction::Fit),
        ("Timeline: fold waits, or unfold them", "", TimelineAction::Fold),
        ("Timeline: follow now, or stay", "", TimelineAction::Follow),
    ]
    .map(|(name, shortcut, action)| entry(name, shortcut, Action::Timeline(action)))
    .into()
}

fn window(situation: Situation<'_>) -> Vec<Entry> {
    let address = situation.model.endpoint().map(|address| Action::Copy(address.to_owned()));
    let address = address.map(|copy| entry("Copy the address of the Lambda API", "", copy));
    let mut entries = vec![
        entry("Add a function", "", Action::OpenAddFunction),
        entry("Add a queue", "", Action::OpenAddQueue),
        entry("Put back what was removed last", "", Action::Command(Command::UndoRemove)),
        entry("Put back the deleted event", "", Action::Command(Command::UndoRemoveSavedEvent)),
        entry("Open another workspace", "", Action::OpenWorkspaceDialog),
        entry("Copy the path of the workspace", "", Action::Copy(situation.model.workspace.folder.display().to_string())),
        entry("Clear the history", "", Action::ClearHistory),
        entry(if situation.dark { "Light theme" } else { "Dark theme" }, "", Action::OtherTheme),
        entry("Reset panels to their first places", "", Action::ResetPanels),
        entry("Keyboard shortcuts", shortcuts::HELP.text, Action::OpenShortcuts),
    ];
    entries.extend(address);
    entries
}

/// Panels to go to, and those that can be closed.
fn panels() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (pane, shortcut) in Pane::ALL.into_iter().zip(["Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4"]) {
        entries.push(entry(format!("{}: go to it", pane.name()), shortcut, Action::FocusPanel(pane)));
        if pane != Pane::Composer {
            entries.push(entry(format!("{}: open or close", pane.name()), "", Action::TogglePanel(pane)));
        }
    }
    entries
}

/// Workspaces that were open before and can be opened.
fn workspaces(model: &Model) -> Vec<Entry> {
    let others = model.recent_workspaces.iter().filter(|recent| recent.missing.is_none());
    let others = others.filter(|recent| recent.folder != model.workspace.folder);
    let open = |recent: &RecentWorkspace| {
        let name = format!("Workspace: {} ({})", recent.name, recent.folder.display());
        entry(name, "", Action::OpenWorkspace(recent.folder.clone()))
    };
    others.map(open).collect()
}

fn places() -> Vec<Entry> {
    let tabs = [
        (ComposerTab::Event, "Event"),
        (ComposerTab::Code, "Code"),
        (ComposerTab::Configuration, "Configuration"),
        (ComposerTab::Queue, "Queue"),
        (ComposerTab::History, "History"),
        (ComposerTab::Http, "URL & CORS"),
    ];
    let tabs = tabs.map(|(tab, name)| entry(format!("Tab: {name}"), "", Action::OpenTab(tab)));
    let models = InvocationModel::ALL.map(|model| entry(format!("Model: {}", model.name()), "", Action::ChooseModel(model)));
    tabs.into_iter().chain(models).collect()
}

/// What the form for pages' requests can do.
fn requests() -> Vec<Entry> {
    [
        ("Request: serve a test page and open it", RequestAction::TestPage),
        ("Request: apply the repair and send again", RequestAction::Repair),
        ("Request: paste a curl command, HAR or raw request", RequestAction::Paste),
        ("Request: copy as fetch()", RequestAction::CopyFetch),
        ("Request: copy as curl", RequestAction::CopyCurl),
    ]
    .map(|(name, action)| entry(name, "", Action::Request(action)))
    .into()
}

/// Functions, queues and saved events by name; those of the present function first.
fn things(situation: Situation<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut views: Vec<_> = situation.model.workspace.functions.iter().collect();
    views.sort_by_key(|view| view.configuration.name != *situation.function);
    for view in &views {
        let function = &view.configuration.name;
        entries.push(entry(format!("Function: {function}"), "", Action::ChooseFunction(function.clone())));
    }
    for queue in situation.model.queues.keys() {
        let actions = vec![
            Action::ChooseQueue(queue.clone()),
            Action::Select(Selection::Queue(queue.clone())),
            Action::OpenTab(ComposerTab::Queue),
        ];
        entries.push(Entry { name: format!("Queue: {queue}"), shortcut: "", actions });
    }
    if !situation.function.is_empty() {
        entries.extend(of_thing(situation.function, menus::of_function(situation.model, situation.function)));
    }
    for queue in situation.model.queues.keys() {
        entries.extend(of_thing(queue, menus::of_queue(situation.model, queue)));
    }
    for view in &views {
        let function = &view.configuration.name;
        for name in &view.saved_events {
            let open = Action::OpenSavedEvent { function: function.clone(), name: name.clone() };
            entries.push(entry(format!("Event: {name} ({function})"), "", open));
        }
    }
    entries
}
