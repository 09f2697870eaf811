//! What I am about to send: the event, and beside it the function's code, its settings, its queue and the history.

mod batch_view;
mod code_tab;
mod comparison;
mod configuration_tab;
mod cors_settings;
mod deleted;
mod desk;
mod drafts;
mod edited_text;
mod event_picker;
mod event_tab;
mod fault_settings;
mod filling;
mod filtered_out;
mod gauges;
mod history_columns;
mod history_row;
mod history_tab;
mod http_tab;
mod keeping;
mod mapping_settings;
mod message_row;
mod message_tiles;
mod new_route;
mod pattern_text;
mod policy_settings;
mod queue_header;
mod queue_tab;
mod route_settings;
mod sending;
mod setting_row;
mod setting_value;
mod unsaved;
mod url_settings;
mod variable_settings;
mod workspace_settings;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::Ui;

use super::action::{Action, ComposerTab};
use super::{theme, widgets};
use crate::command::{Command, DocumentWork, SettingChange, SettingOwner};
use crate::event::{Event, EventMeta, FilePlace, HistoryInvocation, NoticeLevel, WorkspaceView};
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::{FunctionName, MessageId, QueueName, RequestId};
use crate::service::input::InvocationType;
use crate::service::time::Timestamp;

use code_tab::CodeTab;
use configuration_tab::ConfigurationTab;
use deleted::DeletedMessages;
pub use deleted::put_back;
use desk::{Events, LaidAside};
use drafts::{Draft, Drafts};
use edited_text::EditedText;
use event_picker::EventPicker;
pub use event_tab::{COPY_FORMS, copy_target};
use filling::Then;
pub use history_columns::DraggedColumns;
use history_tab::HistoryTab;
pub use http_tab::HttpTab;
use keeping::Keeping;
use queue_tab::QueueTab;
pub use unsaved::{Unsaved, UnsavedMark};

/// Work on a document that the executor was asked for.
struct Working {
    ticket: u64,
    work: DocumentWork,
    function: FunctionName,
    /// Of the saved event, if it is one.
    name: Option<String>,
    /// What it was asked for; the answer to an older text is of no use.
    revision: u64,
}

/// Everything typed and chosen in the composer.
pub struct Composer {
    pub tab: ComposerTab,
    pub model: InvocationModel,
    pub function: FunctionName,
    pub queue: Option<QueueName>,
    drafts: Events,
    /// The workspace whose events these are, and what is under edit in others: functions may be called alike.
    workspace: Arc<WorkspaceView>,
    elsewhere: BTreeMap<PathBuf, LaidAside>,
    keeping: Keeping,
    /// The waiting event whose payload is being edited.
    pub(super) retry: Option<RequestId>,
    pub(super) copies: usize,
    /// A list is sent as one message an element, an event from SQS as one message a record.
    pub(super) one_each: bool,
    pub(super) name_field: Option<String>,
    picker: EventPicker,
    pub(super) ticket: u64,
    pub(super) sequence: u64,
    working: Option<Working>,
    /// Documents that are being filled in, by the ticket of each.
    filling: BTreeMap<u64, Then>,
    /// A saved event that is to be seen as soon as it is read.
    opening: Option<(FunctionName, String)>,
    /// Ticket of what was sent last: its invocation is selected, of several the last.
    pub(super) awaiting_invocation: Option<u64>,
    code: CodeTab,
    configuration: ConfigurationTab,
    history: HistoryTab,
    queue_tab: QueueTab,
    pub(super) http: HttpTab,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            tab: ComposerTab::Event,
            model: InvocationModel::Synchronous,
            function: "".into(),
            queue: None,
            drafts: BTreeMap::new(),
            workspace: Arc::default(),
            elsewhere: BTreeMap::new(),
            keeping: Keeping::default(),
            retry: None,
            copies: 1,
            one_each: true,
            name_field: None,
            picker: EventPicker::default(),
            ticket: 0,
            sequence: 0,
            working: None,
            filling: BTreeMap::new(),
            opening: None,
            awaiting_invocation: None,
            code: CodeTab::default(),
            configuration: ConfigurationTab::default(),
            history: HistoryTab::default(),
            queue_tab: QueueTab::default(),
            http: HttpTab::default(),
        }
    }
}

impl Composer {
    /// Answers to commands that were sent from here.
    pub fn answer(&mut self, event: &Event, actions: &mut Vec<Action>) {
        match event {
            Event::Document { ticket, result } => self.document_done(*ticket, result),
            Event::Filled { ticket, result } => self.filled(*ticket, result.clone(), actions),
            Event::SavedEvent { function, name, text, meta } => {
                self.drafts.entry(function.clone()).or_default().read(name, text, meta);
                self.go_by(function, name, meta);
            }
            Event::SavedEventChanged { function, name } => {
                if self.drafts.get(function).is_some_and(|drafts| drafts.opened().any(|opened| opened == name)) {
                    load(function, name, actions);
                }
            }
            Event::EventSaved { function, asked, name, text, meta } => {
                if let Some(drafts) = self.drafts.get_mut(function) {
                    drafts.saved(asked, name, text, meta);
                }
            }
            Event::EventNotSaved { function, asked, name, text, held } => {
                if let Some(drafts) = self.drafts.get_mut(function) {
                    drafts.not_saved(asked, name, text, held.as_deref());
                }
            }
            Event::Invoked { ticket, request_id } if self.awaiting_invocation == Some(*ticket) => {
                actions.push(Action::ShowSent(Selection::Invocation(*request_id)));
            }
            Event::Code { path, text, .. } => self.code.loaded(path, text),
            Event::CodeSaved { function, path, text } => self.code.saved(function, path, text, actions),
            Event::CodeNotSaved { function, text, held } => self.code.not_saved(function, text, held.as_ref()),
            Event::CodeChanged { function, path } => self.code.changed(function, path, actions),
            Event::File { path, text } => self.code.loaded(path, text),
            Event::NoFile { path, reason } => {
                if self.code.opened() == Some(path) {
                    self.code.close();
                }
                actions.push(Action::Notify(NoticeLevel::Error, reason.clone()));
            }
            Event::TextSaved { workspace, place, text, result } => self.text_saved(workspace, place, text, result, actions),
            Event::UnsavedTexts { workspace, texts } => self.bring_back(workspace, texts, actions),
            Event::HistoryInvocation(found) => self.history.loaded(found),
            event => self.http.answer(event, actions),
        }
    }

    /// The executor was never asked: what waits for an answer has its own now.
    pub fn not_sent(&mut self, command: Command, actions: &mut Vec<Action>) {
        let answer = match command {
            Command::SaveEvent { function, name, text, .. } => {
                Event::EventNotSaved { function, asked: name.clone(), name, text, held: None }
            }
            Command::Fill { ticket, .. } => return drop(self.filling.remove(&ticket)),
            Command::SaveCode { function, text, .. } => Event::CodeNotSaved { function, text, held: None },
            Command::SaveText { workspace, text } => {
                let result = Err("nobody took it".to_owned());
                Event::TextSaved { workspace, place: text.place, text: text.text, result }
            }
            Command::KeepTexts { workspace, .. } => return self.not_kept(&workspace),
            Command::ChangeSetting(change) => {
                self.refuse_setting(&change, "the executor is busy, so this was not changed; try again in a moment");
                return;
            }
            _ => return,
        };
        self.answer(&answer, actions);
    }

    /// A setting was not changed; whether it was typed into the configuration, where the reason is shown.
    pub fn refuse_setting(&mut self, change: &SettingChange, reason: &str) -> bool {
        self.configuration.refuse(change, reason)
    }

    /// Whether what has the keyboard is the field of a setting: Enter takes the value over there, and sends nothing.
    #[must_use]
    pub fn is_typing_setting(&self, focused: Option<egui::Id>) -> bool {
        self.tab == ComposerTab::Configuration && self.configuration.is_typing(focused)
    }

    /// Makes a function the one that the composer is about; without one the first of the workspace is taken.
    pub fn choose(&mut self, function: &FunctionName) {
        if self.function != *function {
            self.function = function.clone();
            self.retry = None;
            self.copies = 1;
            self.code.close();
        }
    }

    /// Puts a text into the document without a name, as one undoable edit: no saved event is changed.
    pub fn compose(&mut self, function: &FunctionName, model: InvocationModel, text: &str, label: Option<String>) {
        self.choose(function);
        self.tab = ComposerTab::Event;
        // An event is invoked directly; requests are composed in a tab of their own.
        self.go_over(if model.is_http() { InvocationModel::Synchronous } else { model });
        self.drafts_here().compose(text, label);
        self.focus();
    }

    /// What is sent next goes into a waiting event instead of a new one.
    pub fn retry(&mut self, request_id: RequestId) {
        self.retry = Some(request_id);
    }

    /// A saved event that is opened says how it is sent; one that is only read again does not.
    fn go_by(&mut self, function: &FunctionName, name: &str, meta: &EventMeta) {
        let opened = self.opening.take_if(|(of, called)| of == function && called == name).is_some();
        // A message goes to its queue whatever its event says, and a request is composed elsewhere.
        let is_sent = matches!(self.model, InvocationModel::Synchronous | InvocationModel::Asynchronous);
        if !opened || !is_sent || self.function != *function {
            return;
        }
        match meta.invocation_type {
            Some(InvocationType::RequestResponse) => self.go_over(InvocationModel::Synchronous),
            Some(InvocationType::Event) => self.go_over(InvocationModel::Asynchronous),
            // Nothing in the window asks whether it might invoke.
            Some(InvocationType::DryRun) | None => {}
        }
    }

    /// Another way into the function; what was repeated on the last one is not repeated on this one.
    fn go_over(&mut self, model: InvocationModel) {
        if self.model != model {
            self.model = model;
            self.copies = 1;
        }
    }

    /// Chooses the way into the function; the two over HTTP have a tab of their own.
    pub fn choose_model(&mut self, model: &Model, chosen: InvocationModel) {
        self.go_over(chosen);
        if chosen.is_http() {
            self.tab = ComposerTab::Http;
            self.http.choose_model(model, &self.function, chosen);
        } else if self.tab == ComposerTab::Http {
            self.tab = ComposerTab::Event;
        }
    }

    /// Opens a tab, and goes over to a way into the function that fits it.
    pub fn open_tab(&mut self, model: &Model, tab: ComposerTab) {
        self.tab = tab;
        match tab {
            ComposerTab::Event if self.model.is_http() => self.go_over(InvocationModel::Synchronous),
            ComposerTab::Http if !self.model.is_http() => self.go_over(self.http.model(model, &self.function)),
            _ => {}
        }
    }

    /// Opens the handler of a function at a line, from 1.
    pub fn open_code(&mut self, model: &Model, function: &FunctionName, line: u32) {
        self.choose(function);
        self.open_tab(model, ComposerTab::Code);
        self.code.close();
        self.code.go_to(line as usize, 1);
    }

    /// Opens a file of the workspace at a place: a handler as that, any other in its place.
    pub fn open_file(&mut self, model: &Model, place: &FilePlace, actions: &mut Vec<Action>) {
        let is_handler = |name: &&FunctionName| model.code_file(name) == Some(&*place.file);
        let names = model.workspace.functions.iter().map(|view| &view.configuration.name);
        let handler = std::iter::once(&self.function).chain(names).find(is_handler).cloned();
        self.open_tab(model, ComposerTab::Code);
        match handler {
            Some(function) => {
                self.choose(&function);
                self.code.close();
                self.code.go_to(place.line, place.column);
            }
            // What comes into view is read then.
            None if !self.code.open(place) => {}
            None => actions.push(Action::Command(Command::LoadFile(place.file.clone()))),
        }
    }

    /// Puts a request that came to a door into the form for pages' requests; whether there is such a request.
    pub fn compose_request(&mut self, model: &Model, exchange: u64) -> bool {
        let Some(exchange) = model.exchange_of(exchange) else { return false };
        let Some(function) = exchange.function.clone() else { return false };
        self.choose(&function);
        self.http.take(model, &function, exchange);
        self.tab = ComposerTab::Http;
        self.go_over(self.http.model(model, &function));
        true
    }

    /// Saves the handler of a function; what follows is done once it is in its file.
    pub fn save_code(&mut self, model: &Model, function: &FunctionName, then: Option<Command>, actions: &mut Vec<Action>) {
        if let Some(path) = model.code_file(function) {
            self.code.save_file(function, path, then, actions);
        }
    }

    /// Whether a function that runs now has edits that are not saved, and nobody was told yet.
    pub fn runs_unsaved(&mut self, model: &Model, function: &FunctionName) -> bool {
        model.code_file(function).is_some_and(|path| self.code.runs_unsaved(path))
    }

    /// Puts the keyboard into the editor.
    pub fn focus(&mut self) {
        match self.tab {
            ComposerTab::Http => return,
            ComposerTab::Code => return self.code.focus(),
            ComposerTab::Event | ComposerTab::Configuration | ComposerTab::Queue | ComposerTab::History => {
                self.tab = ComposerTab::Event;
            }
        }
        self.draft().edited.editor.request_focus();
    }

    /// Whether something can be searched in the tab that is seen.
    #[must_use]
    pub fn can_find(&self) -> bool {
        matches!(self.tab, ComposerTab::Event | ComposerTab::Code | ComposerTab::History)
    }

    /// Opens the search of what is seen.
    pub fn find(&mut self) {
        match self.tab {
            ComposerTab::Event => self.draft().edited.find(),
            ComposerTab::Code => self.code.seen_mut().into_iter().for_each(EditedText::find),
            ComposerTab::History => self.history.find(),
            ComposerTab::Configuration | ComposerTab::Queue | ComposerTab::Http => {}
        }
    }

    pub fn open_setting(&mut self, model: &Model, owner: SettingOwner, key: String) {
        match &owner {
            SettingOwner::Function(function) | SettingOwner::Mapping { function, .. } => self.choose(&function.clone()),
            SettingOwner::Api(api) | SettingOwner::Route { api, .. } => {
                // Its settings stand with the functions that it leads to.
                let routes = || model.api(api).into_iter().flat_map(|api| &api.routes);
                let first = routes().next().filter(|_| routes().all(|route| route.function != self.function));
                first.into_iter().for_each(|route| self.choose(&route.function));
            }
            SettingOwner::Queue(_) | SettingOwner::Workspace => {}
        }
        self.tab = ComposerTab::Configuration;
        self.configuration.mark(owner, key);
    }

    /// `selection` is what the inspector shows.
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, selection: &Selection, now: Timestamp, actions: &mut Vec<Action>) {
        self.settle(model, actions);
        self.let_go_of_ended(model, actions);
        if self.function.is_empty() {
            return widgets::empty(
                ui,
                super::icons::FUNCTION,
                "Nothing to send to yet",
                "Add a function with + in the list at the left. JavaScript runs without anything installed.",
            );
        }
        let waiting = model.waiting(Some(&self.function)).count();
        let queue = if waiting > 0 { format!("Queue {waiting}") } else { "Queue".into() };
        let tabs = [
            (ComposerTab::Event, "Event".to_owned()),
            (ComposerTab::Code, "Code".into()),
            (ComposerTab::Configuration, "Configuration".into()),
            (ComposerTab::Http, "URL & CORS".into()),
            (ComposerTab::Queue, queue),
            (ComposerTab::History, "History".into()),
        ];
        // The line under the chosen tab lies on the separator.
        let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            let marks = self.tab_marks(model);
            let mark = |tab| marks.iter().find(|(of, _)| *of == tab).map(|(_, mark)| mark.sentence());
            if let Some(tab) = widgets::marked_tabs(ui, self.tab, &tabs, mark) {
                actions.push(Action::OpenTab(tab));
            }
        });
        ui.add(egui::Separator::default().spacing(2.0));
        ui.spacing_mut().item_spacing.y = spacing;
        if self.tab != ComposerTab::Code {
            self.code.leave();
        }
        match self.tab {
            ComposerTab::Event => self.event_tab(ui, model, actions),
            ComposerTab::Code => self.code.ui(ui, model, &self.function, actions),
            ComposerTab::Configuration => {
                self.configuration.ui(ui, model, &self.function, self.queue.as_ref(), actions);
            }
            ComposerTab::Queue => {
                let chosen = (&self.function, self.queue.as_ref());
                self.queue_tab.ui(ui, model, chosen, selection, now, actions);
            }
            ComposerTab::History => self.history.ui(ui, model, actions),
            ComposerTab::Http => {
                let function = self.function.clone();
                self.http.ui(ui, model, &function, self.model, actions);
            }
        }
    }

    /// The invocation of the history that is looked at.
    pub fn opened_in_history(&self) -> Option<&HistoryInvocation> {
        self.history.opened().filter(|_| self.tab == ComposerTab::History)
    }

    /// Closes what is open below the list of the history, if that is seen; whether something was.
    pub fn close_opened(&mut self) -> bool {
        self.tab == ComposerTab::History && self.history.close()
    }

    /// Whether this is a row of a list, which takes no text.
    #[must_use]
    pub fn is_row(&self, focused: egui::Id) -> bool {
        self.history.is_row(focused)
    }

    /// Begins to forget the history.
    pub fn clear_history(&mut self, ctx: &egui::Context) {
        self.tab = ComposerTab::History;
        self.history.clear(ctx);
    }

    /// Columns of the history that somebody made wider or narrower, to be kept for the next start.
    pub fn history_columns(&mut self) -> &mut DraggedColumns {
        &mut self.history.dragged
    }

    #[must_use]
    pub fn forgets_history(&self) -> bool {
        self.history.forgets()
    }

    /// Loads a saved event instead of the one that a function begins with.
    pub fn open_saved(&mut self, function: &FunctionName, name: String, actions: &mut Vec<Action>) {
        self.choose(function);
        self.tab = ComposerTab::Event;
        self.open_event(name, actions);
    }

    /// Shows a saved event of the present function, and reads its file.
    fn open_event(&mut self, name: String, actions: &mut Vec<Action>) {
        self.drafts_here().show(&name);
        load(&self.function, &name, actions);
        self.opening = Some((self.function.clone(), name));
    }

    /// What waits for its time without being seen: the history that is being forgotten, and edits that are to be kept.
    pub fn tick(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        self.history.tick(ctx, actions);
        self.keep_soon(ctx, actions);
    }

    /// Deletes the messages of a queue, which can be put back.
    pub fn purge(&mut self, model: &Model, queue: &QueueName, actions: &mut Vec<Action>) {
        self.queue_tab.deleted = DeletedMessages::all_of(model, queue);
        actions.extend([Action::Command(Command::PurgeQueue(queue.clone())), self.queue_tab.deleted.offer()]);
    }

    /// Deletes one message, which can be put back.
    pub fn delete_message(&mut self, model: &Model, queue: &QueueName, message_id: MessageId, actions: &mut Vec<Action>) {
        self.queue_tab.deleted.add(model, queue, message_id);
        let delete = Command::DeleteMessage { queue: queue.clone(), message_id };
        actions.extend([Action::Command(delete), self.queue_tab.deleted.offer()]);
    }

    /// Has the document laid out in another way.
    pub fn document_work(&mut self, work: DocumentWork, actions: &mut Vec<Action>) {
        self.tab = ComposerTab::Event;
        self.work(work, actions);
    }

    /// Goes by what the workspace is now: saved events may be gone.
    fn follow(&mut self, workspace: &Arc<WorkspaceView>, actions: &mut Vec<Action>) {
        if Arc::ptr_eq(&self.workspace, workspace) {
            return;
        }
        let before = std::mem::replace(&mut self.workspace, Arc::clone(workspace));
        if before.folder != workspace.folder {
            self.go_to_workspace(before.folder.clone());
        }
        if let Some(file) = self.code.opened() {
            actions.push(Action::Command(Command::LoadFile(file.to_path_buf())));
        }
        // A file that is gone is not read again.
        for view in &workspace.functions {
            if let Some(drafts) = self.drafts.get_mut(&view.configuration.name) {
                drafts.files_are(&view.saved_events);
            }
        }
        if before.folder != workspace.folder {
            self.read_again(actions);
        }
    }

    /// Lays what is under edit in one workspace aside and goes on with that of another.
    fn go_to_workspace(&mut self, before: PathBuf) {
        let found = self.elsewhere.remove(&self.workspace.folder).unwrap_or_default();
        let events = std::mem::replace(&mut self.drafts, found.events);
        let code = self.code.change_files(found.code);
        self.elsewhere.insert(before, LaidAside { events, code });
        (self.working, self.retry) = (None, None);
        self.filling.clear();
    }

    /// Reads the files of the events that are open: they may have changed while another workspace was.
    fn read_again(&self, actions: &mut Vec<Action>) {
        for (function, drafts) in &self.drafts {
            drafts.opened().for_each(|name| load(function, name, actions));
        }
    }

    /// The first function and its first saved event, when nothing was chosen yet or the choice is gone.
    fn settle(&mut self, model: &Model, actions: &mut Vec<Action>) {
        self.follow(&model.workspace, actions);
        let functions = &model.workspace.functions;
        if !functions.iter().any(|view| view.configuration.name == self.function) {
            let first = functions.first().map_or_else(|| "".into(), |view| view.configuration.name.clone());
            self.choose(&first);
        }
        if self.function.is_empty() || self.drafts.contains_key(&self.function) {
            return;
        }
        self.drafts.insert(self.function.clone(), Drafts::default());
        let saved =
            functions.iter().find(|view| view.configuration.name == self.function).and_then(|view| view.saved_events.first());
        if let Some(name) = saved.cloned() {
            self.open_event(name, actions);
        }
    }

    /// The events of the present function.
    fn drafts_here(&mut self) -> &mut Drafts {
        self.drafts.entry(self.function.clone()).or_default()
    }

    /// The event that is seen.
    fn draft(&mut self) -> &mut Draft {
        self.drafts_here().seen_mut()
    }
}

/// Asks for what the file of a saved event holds.
fn load(function: &FunctionName, name: &str, actions: &mut Vec<Action>) {
    let (function, name) = (function.clone(), name.to_owned());
    actions.push(Action::Command(Command::LoadSavedEvent { function, name }));
}

/// A hairline right below what was drawn last, and nothing between it and what comes next.
fn ruled_off(ui: &mut Ui) {
    let spacing = ui.spacing().item_spacing.y;
    ui.add_space(-spacing);
    widgets::divider(ui);
    ui.add_space(-spacing);
}

/// A margin at the left and right of a tab's contents.
pub(super) fn padded<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(theme::GRID as i8 * 3, 6)).show(ui, contents).inner
}
