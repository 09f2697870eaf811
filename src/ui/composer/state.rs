//! Everything typed and chosen in the composer, the answers it waits for, and its five tabs.

use egui::{Button, RichText, Stroke, Ui, Vec2};

use super::code_tab::CodeTab;
use super::configuration_tab::ConfigurationTab;
use super::documents::Documents;
use super::drafts::{Draft, Drafts, Key, messages_of};
use super::event_tab::EventTab;
use super::history_tab::HistoryTab;
use super::queue_tab::QueueTab;
use crate::command::Command;
use crate::event::Event;
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::{FunctionName, QueueName, RequestId};
use crate::service::time::Timestamp;
use crate::ui::action::{Action, ComposerTab};
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Everything typed and chosen in the composer.
pub struct Composer {
    pub tab: ComposerTab,
    pub model: InvocationModel,
    pub function: FunctionName,
    /// The queue that the composer is about, once one was chosen.
    pub queue: Option<QueueName>,
    pub(super) drafts: Drafts,
    pub(super) documents: Documents,
    pub(super) event: EventTab,
    /// The waiting event whose payload is being edited, and in which document.
    pub(super) retry: Option<(Key, RequestId)>,
    pub(super) copies: usize,
    pub(super) ticket: u64,
    /// Of `{{seq}}`.
    pub(super) sequence: u64,
    /// The invocation to be selected once it has an id.
    awaiting: Option<u64>,
    /// The saved event that was asked for, and the document it is for.
    loading: Option<(Key, String)>,
    shown: Option<Key>,
    folder: std::path::PathBuf,
    pub(super) code: CodeTab,
    configuration: ConfigurationTab,
    queue_tab: QueueTab,
    history: HistoryTab,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            tab: ComposerTab::Event,
            model: InvocationModel::Synchronous,
            function: "".into(),
            queue: None,
            drafts: Drafts::default(),
            documents: Documents::default(),
            event: EventTab::default(),
            retry: None,
            copies: 1,
            ticket: 0,
            sequence: 0,
            awaiting: None,
            loading: None,
            shown: None,
            folder: std::path::PathBuf::new(),
            code: CodeTab::default(),
            configuration: ConfigurationTab::default(),
            queue_tab: QueueTab::default(),
            history: HistoryTab::default(),
        }
    }
}

impl Composer {
    /// Answers to commands that were sent from here.
    pub fn answer(&mut self, event: &Event, actions: &mut Vec<Action>) {
        match event {
            Event::Document { ticket, result } => {
                if self.documents.done(&mut self.drafts, *ticket, result) {
                    self.event.editor.reveal_caret();
                }
            }
            Event::SavedEvent { function, name, text } => self.loaded(function, name, text),
            Event::EventSaved { function, name } => self.event_saved(function, name),
            Event::Invoked { ticket, request_id } if self.awaiting == Some(*ticket) => {
                self.awaiting = None;
                actions.push(Action::Select(Selection::Invocation(*request_id)));
            }
            Event::Code { function, path, text } => self.code.loaded(function, path, text),
            Event::CodeSaved { function } => self.code.saved(function),
            Event::HistoryInvocation(found) => self.history.loaded(found),
            _ => {}
        }
    }

    /// Makes a function the one that the composer is about.
    pub fn choose(&mut self, function: &FunctionName) {
        self.function = function.clone();
    }

    /// Puts a text into the composer, as one undoable edit.
    pub fn compose(&mut self, function: &FunctionName, model: InvocationModel, text: &str, label: Option<String>) {
        self.choose(function);
        self.model = model;
        self.retry = None;
        let draft = self.draft();
        draft.document.replace_all(text);
        draft.one_message_per_element = false;
        (draft.saved_as, draft.label) = (None, label);
        self.focus();
    }

    /// What is sent next goes into a waiting event instead of a new one.
    pub fn retry(&mut self, request_id: RequestId) {
        self.retry = Some((self.key(), request_id));
    }

    /// Puts the keyboard into the editor.
    pub fn focus(&mut self) {
        self.tab = ComposerTab::Event;
        self.event.editor.request_focus();
    }

    /// Goes to the place where a setting is changed.
    pub fn open_setting(&mut self, function: &FunctionName, key: &str) {
        self.choose(function);
        self.tab = ComposerTab::Configuration;
        self.configuration.mark(key);
    }

    /// Saves what is edited: the handler in its tab, the event elsewhere.
    pub fn save(&mut self, actions: &mut Vec<Action>) {
        if self.tab == ComposerTab::Code {
            self.code.save(&self.function, actions);
        } else {
            self.save_event(actions);
        }
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, now: Timestamp, actions: &mut Vec<Action>) {
        self.settle(model, actions);
        if self.function.is_empty() {
            return widgets::empty(
                ui,
                icons::FUNCTION,
                "Nothing to send to yet",
                "Add a function with + in the list at the left. JavaScript runs without anything installed.",
            );
        }
        self.tabs(ui, model, actions);
        match self.tab {
            ComposerTab::Event => self.event_tab(ui, model, now, actions),
            ComposerTab::Code => self.code.ui(ui, model, &self.function, actions),
            ComposerTab::Configuration => self.configuration.ui(ui, model, &self.function, actions),
            ComposerTab::Queue => self.queue_tab.ui(ui, model, (&self.function, self.queue.as_ref()), now, actions),
            ComposerTab::History => self.history.ui(ui, model, actions),
        }
    }

    fn tabs(&self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let waiting = super::queue_tab::count(model, &self.function, self.queue.as_ref());
        ui.horizontal(|ui| {
            ui.add_space(theme::GRID);
            ui.spacing_mut().item_spacing.x = 2.0;
            for (tab, name, count) in [
                (ComposerTab::Event, "Event", 0),
                (ComposerTab::Code, "Code", 0),
                (ComposerTab::Configuration, "Configuration", 0),
                (ComposerTab::Queue, "Queue", waiting),
                (ComposerTab::History, "History", 0),
            ] {
                if tab_button(ui, name, count, tab == self.tab) {
                    actions.push(Action::OpenTab(tab));
                }
            }
        });
        ui.add_space(-ui.spacing().item_spacing.y);
        line(ui);
    }

    /// The first function and its first saved event, when nothing was chosen yet or the choice is gone.
    fn settle(&mut self, model: &Model, actions: &mut Vec<Action>) {
        if self.folder != model.workspace.folder {
            self.folder.clone_from(&model.workspace.folder);
            self.configuration.forget();
        }
        let functions = &model.workspace.functions;
        if !functions.iter().any(|view| view.configuration.name == self.function) {
            self.function = functions.first().map_or_else(|| "".into(), |view| view.configuration.name.clone());
        }
        if self.function.is_empty() {
            return;
        }
        let key = self.key();
        if self.shown.as_ref() != Some(&key) {
            self.event.shown_anew();
            self.shown = Some(key.clone());
        }
        self.end_retry(model);
        if !self.drafts.contains(&key) {
            let untouched = self.drafts.entry(&key).is_untouched();
            let saved = functions.iter().find(|view| view.configuration.name == self.function);
            if let Some(name) = saved.and_then(|view| view.saved_events.first()).filter(|_| untouched) {
                self.load(name.clone(), actions);
            }
        }
    }

    /// An event that has ended cannot be retried any more.
    fn end_retry(&mut self, model: &Model) {
        if let Some((_, id)) = &self.retry
            && model.invocations.get(id).is_some_and(|invocation| invocation.outcome.is_some())
        {
            self.retry = None;
        }
    }

    /// Asks for a saved event of the chosen function.
    pub(super) fn load(&mut self, name: String, actions: &mut Vec<Action>) {
        self.loading = Some((self.key(), name.clone()));
        actions.push(Action::Command(Command::LoadSavedEvent { function: self.function.clone(), name }));
    }

    fn loaded(&mut self, function: &FunctionName, name: &str, text: &str) {
        let asked = self.loading.take_if(|(key, wanted)| key.0 == *function && wanted == name);
        let key = asked.map_or_else(|| (function.clone(), self.model), |(key, _)| key);
        let draft = self.drafts.entry(&key);
        if let Some((messages, several)) = messages_of(text).filter(|_| key.1 == InvocationModel::Queue) {
            draft.fill(&messages);
            (draft.saved_as, draft.label) = (None, Some(name.to_owned()));
            draft.one_message_per_element = several;
        } else {
            draft.fill(text);
            (draft.saved_as, draft.label) = (Some(name.to_owned()), None);
            draft.one_message_per_element = false;
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.function.clone(), self.model)
    }

    /// The document on show.
    pub(super) fn draft(&mut self) -> &mut Draft {
        let key = self.key();
        self.drafts.entry(&key)
    }

    /// The waiting event that the document on show is for.
    pub(super) fn retried(&self) -> Option<RequestId> {
        self.retry.as_ref().filter(|(key, _)| *key == self.key()).map(|(_, id)| *id)
    }

    /// A ticket of the composer's own; the invocation that it brings is selected.
    pub(super) fn invocation_ticket(&mut self) -> u64 {
        self.ticket += 1;
        self.awaiting = Some(self.ticket);
        self.ticket
    }
}

/// A tab with an underline, and a figure in a frame when there is something to count.
fn tab_button(ui: &mut Ui, name: &str, count: usize, on: bool) -> bool {
    let palette = Palette::of(ui);
    let ink = if on { palette.text } else { palette.second };
    let text = RichText::new(name).font(theme::medium(BODY)).color(ink);
    let figure = RichText::new(format!(" {count} ")).size(SMALL).color(palette.text).background_color(palette.raised);
    let button = if count > 0 { Button::selectable(on, (text, figure)) } else { Button::selectable(on, text) };
    let spoken = if count > 0 { format!("{name}, {count} waiting") } else { name.to_owned() };
    let button = button.fill(egui::Color32::TRANSPARENT).frame_when_inactive(false).min_size(Vec2::new(0.0, 34.0));
    let response = ui.add(button).accessible_name(spoken);
    if on {
        let line = response.rect.shrink2(Vec2::new(4.0, 0.0));
        ui.painter().hline(line.x_range(), line.bottom() - 1.0, Stroke::new(2.0, palette.text));
    }
    response.clicked()
}

/// A hairline over the whole width.
pub fn line(ui: &mut Ui) {
    let colour = Palette::of(ui).hairline;
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 1.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 0.0, colour);
}

/// A margin at the left and right of a tab's contents.
pub fn padded<R>(ui: &mut Ui, vertical: i8, contents: impl FnOnce(&mut Ui) -> R) -> R {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(12, vertical)).show(ui, contents).inner
}
