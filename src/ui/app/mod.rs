//! The window's frame: what is chosen, where panels stand, and what happens to what they ask for.

mod keyboard;

use std::path::PathBuf;
use std::time::Duration;

use crossbeam_channel::TrySendError;
use egui::{Context, Frame, Id, Key, Panel, Ui};

use crate::channel::{CommandSender, EventReceiver};
use crate::command::{ClockMode, Command};
use crate::event::{Event, Notice, NoticeLevel};
use crate::model::Model;
use crate::model::foresight::Moment;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::happened::{Due, Happened};
use crate::service::ids::RequestId;
use crate::service::time::Timestamp;
use crate::ui::action::{Action, ComposerTab};
use crate::ui::add_function::Dialogs;
use crate::ui::composer::{Composer, DraggedColumns, HttpTab};
use crate::ui::docking::{Docks, Pane};
use crate::ui::dropped_file::DroppedFile;
use crate::ui::functions_panel::FunctionsPanel;
use crate::ui::inspector::Inspector;
use crate::ui::leaving::Leaving;
use crate::ui::listed::Composed;
use crate::ui::menus::{self, InvocationItem, Recorded};
use crate::ui::palette::CommandPalette;
use crate::ui::palette_entries::Situation;
use crate::ui::status_bar::status_bar_ui;
use crate::ui::theme::{self, Palette};
use crate::ui::timeline::TimelinePanel;
use crate::ui::toasts::Toasts;
use crate::ui::toolbar::toolbar_ui;
use crate::ui::unsaved_code;
use crate::ui::window::{Pictures, TypedRequest};

/// Turns taken in one frame; more come with the next, and a person can click in between.
const TURNS_A_FRAME: usize = 64;
/// Ticket of a re-run: its invocation is selected when it has an id.
pub(super) const RERUN_TICKET: u64 = u64::MAX;
/// How often the window looks while something waits, and while something runs.
const WAITING: Duration = Duration::from_secs(1);
const RUNNING: Duration = Duration::from_millis(16);

/// What is kept from one start to the next.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub docks: Docks,
    pub model: InvocationModel,
    pub tab: ComposerTab,
    pub history_columns: DraggedColumns,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            docks: Docks::default(),
            model: InvocationModel::Synchronous,
            tab: ComposerTab::Event,
            history_columns: DraggedColumns::default(),
        }
    }
}

/// The whole window.
pub struct App {
    events: EventReceiver,
    commands: CommandSender,
    pub(super) model: Model,
    preferences: Preferences,
    selection: Selection,
    /// What is to be done with an invocation when its record has been read from the history.
    for_record: Option<(RequestId, InvocationItem)>,
    /// What the step under way goes to: it is selected when the step is over.
    stepping_to: Option<Due>,
    functions: FunctionsPanel,
    composer: Composer,
    inspector: Inspector,
    timeline: TimelinePanel,
    palette: CommandPalette,
    dialogs: Dialogs,
    dropped: DroppedFile,
    /// The workspace that was open when those opened last were asked for.
    listed_for: PathBuf,
    toasts: Toasts,
    leaving: Leaving,
    /// What had the keyboard when the last frame was drawn: Escape takes it away before anybody is asked.
    focused: Option<Id>,
    /// While a dialog is open: what had the keyboard before, and gets it back.
    before_dialog: Option<Option<Id>>,
    wall: fn() -> Timestamp,
    pub(super) pictures: Option<Pictures>,
    dark: bool,
    /// The executor has ended.
    stopped: bool,
    /// The executor did not take the last command, which was told.
    refuses: bool,
    /// A line on standard error for every frame, so that a bench can count them and time the first one.
    pub(super) tells_frames: bool,
}

impl App {
    /// A window's contents on a context whose fonts and themes are set here; `wall` tells the wall clock.
    #[must_use]
    pub fn new(
        ctx: &Context,
        events: EventReceiver,
        commands: CommandSender,
        preferences: Preferences,
        wall: fn() -> Timestamp,
    ) -> Self {
        super::fonts::install(ctx);
        theme::apply(ctx);
        let mut composer = Composer::default();
        (composer.model, composer.tab) = (preferences.model, preferences.tab);
        composer.history_columns().clone_from(&preferences.history_columns);
        Self {
            events,
            commands,
            model: Model::default(),
            preferences,
            selection: Selection::Nothing,
            for_record: None,
            stepping_to: None,
            functions: FunctionsPanel::default(),
            composer,
            inspector: Inspector::default(),
            timeline: TimelinePanel::default(),
            palette: CommandPalette::default(),
            dialogs: Dialogs::default(),
            dropped: DroppedFile::default(),
            listed_for: PathBuf::new(),
            toasts: Toasts::default(),
            leaving: Leaving::default(),
            focused: None,
            before_dialog: None,
            wall,
            pictures: None,
            dark: true,
            stopped: false,
            refuses: false,
            tells_frames: false,
        }
    }

    /// Takes in what has happened; a bounded amount of it.
    pub fn receive(&mut self, ctx: &Context) {
        for _ in 0..TURNS_A_FRAME {
            let Some(turn) = self.events.next_turn() else { break };
            for event in &turn {
                self.model.apply(event);
                self.follow(event);
            }
        }
        if !self.events.is_empty() {
            ctx.request_repaint();
        }
        let mut actions = Vec::new();
        if let Some(name) = self.dialogs.added(&self.model) {
            actions.extend([Action::ChooseFunction(name.clone()), Action::Select(Selection::Function(name))]);
        }
        if let Some(name) = self.dialogs.added_queue(&self.model) {
            let open = Action::OpenTab(ComposerTab::Queue);
            actions.extend([Action::ChooseQueue(name.clone()), Action::Select(Selection::Queue(name)), open]);
        }
        for event in std::mem::take(&mut self.model.answers) {
            self.answer(ctx, &event, &mut actions);
        }
        if self.model.workspace.folder != self.listed_for {
            self.listed_for.clone_from(&self.model.workspace.folder);
            actions.push(Action::Command(Command::ListWorkspaces));
        }
        // What was refused is told before the workspace that stays is shown again.
        self.dialogs.close_opened(&self.model);
        self.act(ctx, actions);
    }

    /// A message that is looked at stays so in the queue that it moves to.
    fn follow(&mut self, event: &Event) {
        if let Event::Service(event) = event
            && let Happened::MessageMoved { to, message_id, .. } = &event.what
            && let Selection::Message(queue, id) = &mut self.selection
            && id == message_id
        {
            queue.clone_from(to);
        }
    }

    fn answer(&mut self, ctx: &Context, event: &Event, actions: &mut Vec<Action>) {
        match event {
            Event::Notice(notice) if notice.level == NoticeLevel::Error && self.dialogs.refuse(&notice.text) => {}
            Event::Notice(notice) => self.toasts.add(ctx, notice.level, &*notice.text),
            Event::SettingNotChanged { change, reason } if self.composer.refuse_setting(change, reason) => {}
            Event::SettingNotChanged { reason, .. } => self.say(ctx, NoticeLevel::Error, reason),
            Event::WorkspaceNotOpened(reason) if self.dialogs.refuse_workspace(reason) => {}
            Event::WorkspaceNotOpened(reason) => self.say(ctx, NoticeLevel::Error, reason),
            Event::Stepped(told) => {
                let about = self.stepping_to.take().and_then(|due| self.model.came_of(&due));
                actions.extend(about.map(Action::Select));
                // It stands above the timeline.
                if !self.preferences.docks.is_open(Pane::Timeline) {
                    self.toasts.add(ctx, NoticeLevel::Information, told.text());
                }
            }
            Event::Invoked { ticket: RERUN_TICKET, request_id } => {
                actions.push(Action::ShowSent(Selection::Invocation(*request_id)))
            }
            Event::Removed(sentence) => {
                self.toasts.offer(ctx, sentence.clone(), "Put back", Action::Command(Command::UndoRemove));
            }
            Event::Added(sentence) => {
                self.toasts.offer(ctx, sentence.clone(), "Take out again", Action::Command(Command::UndoAdd));
            }
            Event::HistoryInvocation(found) if self.is_for(found.row.request_id) => {
                let item = self.for_record.take();
                let record = Recorded::from(&**found);
                actions.extend(item.map(|(id, item)| menus::carry_out(&self.model, &record, id, item)).unwrap_or_default());
            }
            Event::Stopped => self.stopped = true,
            event => self.composer.answer(event, actions),
        }
    }

    /// Says something that the window has found by itself; what is more than a receipt can be read again behind the bell.
    pub(super) fn say(&mut self, ctx: &Context, level: NoticeLevel, text: &str) {
        if level > NoticeLevel::Information {
            self.model.notice(Notice { level, text: text.to_owned() });
        }
        self.toasts.add(ctx, level, text);
    }

    /// Draws everything, then does what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        self.dark = ui.visuals().dark_mode;
        let mut actions = Vec::new();
        let for_others = self.escape_is_for_others(ui);
        self.give_keyboard_back(ui);
        let wall = (self.wall)();
        let now = self.model.now_at(wall);
        self.composer.http.moment = Moment { service: now, wall };
        self.keyboard(ui, &mut actions);
        self.dropped.ui(ui, &self.composer.function, self.composer.model, &mut actions);
        self.panels(ui, wall, &mut actions);
        self.composer.tick(ui.ctx(), &mut actions);
        let function = &self.composer.function;
        let situation = Situation { model: &self.model, selection: &self.selection, function, dark: self.dark };
        self.palette.ui(ui, situation, &mut actions);
        self.dialogs.ui(ui, &self.model, &mut actions);
        self.toasts.ui(ui, &mut actions);
        self.leaving.ui(ui, &mut self.composer, &self.model, &mut actions);
        // What was closed by the key has taken it by now.
        if !for_others && ui.input(|input| input.key_pressed(Key::Escape)) && !self.composer.close_opened() {
            actions.push(Action::Select(Selection::Nothing));
        }
        self.focused = ui.memory(|memory| memory.focused());
        let ctx = ui.ctx().clone();
        self.act(&ctx, actions);
        // A still window asks for no frame.
        if self.model.is_running() || self.model.clock.is_some_and(|clock| clock.stepping) {
            ctx.request_repaint_after(RUNNING);
        } else if self.model.is_waiting() && self.model.clock.is_some_and(|clock| clock.mode != ClockMode::Paused) {
            ctx.request_repaint_after(WAITING);
        }
    }

    fn panels(&mut self, ui: &mut Ui, wall: Timestamp, actions: &mut Vec<Action>) {
        let now = self.model.now_at(wall);
        let palette = Palette::of(ui);
        let line = |fill| Frame::new().fill(fill).inner_margin(egui::Margin::symmetric(12, 0));
        Panel::top("toolbar").exact_size(theme::TOOLBAR).frame(line(palette.panel)).show(ui, |ui| {
            toolbar_ui(ui, &self.model, self.composer.model, now, actions);
        });
        Panel::bottom("status").exact_size(theme::STATUS_BAR).frame(line(palette.panel)).show(ui, |ui| {
            status_bar_ui(ui, &self.model, wall, actions);
        });
        egui::CentralPanel::default().frame(Frame::new().fill(palette.ground)).show(ui, |ui| {
            if self.stopped {
                ui.colored_label(
                    palette.error,
                    "The executor has ended. Close the window and start Invokelab again; nothing that was accepted is lost.",
                );
            }
            self.composer.http.alone = !self.preferences.docks.is_open(Pane::Inspector);
            let mut docks = std::mem::take(&mut self.preferences.docks);
            docks.ui(ui, |ui, pane| self.pane(ui, pane, now, actions));
            self.preferences.docks = docks;
        });
    }

    fn pane(&mut self, ui: &mut Ui, pane: Pane, now: Timestamp, actions: &mut Vec<Action>) {
        match pane {
            Pane::Functions => {
                let unsaved = self.composer.unsaved_marks(&self.model);
                let queue = self.composer.queue.as_ref().filter(|queue| self.model.queues.contains_key(*queue));
                let composed = Composed { function: &self.composer.function, queue, unsaved: &unsaved };
                let margin = egui::Margin { left: 8, right: 8, top: 8, bottom: 2 };
                Frame::new().inner_margin(margin).show(ui, |ui| {
                    self.functions.ui(ui, &self.model, composed, now, actions);
                });
            }
            Pane::Composer => {
                ui.add_space(4.0);
                self.composer.ui(ui, &self.model, &self.selection, now, actions);
            }
            // A function is chosen to compose for it: its repair, not its log, stands beside the form.
            Pane::Inspector
                if self.composer.tab == ComposerTab::Http
                    && matches!(self.selection, Selection::Nothing | Selection::Function(_)) =>
            {
                let function = self.composer.function.clone();
                self.composer.http.side_ui(ui, &self.model, &function, self.composer.model, actions);
            }
            Pane::Inspector if self.composer.tab == ComposerTab::Http => {
                HttpTab::back_ui(ui, actions);
                self.inspector.ui(ui, &self.model, &self.selection, now, actions);
            }
            Pane::Inspector => self.inspector.ui(ui, &self.model, &self.selection, now, actions),
            Pane::Timeline => {
                ui.add_space(8.0);
                self.timeline.covered = self.palette.is_open();
                self.timeline.ui(ui, &self.model, &self.selection, now, actions);
            }
        }
    }

    pub(super) fn act(&mut self, ctx: &Context, actions: Vec<Action>) {
        let mut queue: std::collections::VecDeque<Action> = actions.into();
        while let Some(action) = queue.pop_front() {
            let mut more = Vec::new();
            self.action(ctx, action, &mut more);
            queue.extend(more);
        }
    }

    /// Says once why commands are not taken; each frame may ask for some.
    fn not_sent(&mut self, ctx: &Context, error: TrySendError<Box<Command>>, more: &mut Vec<Action>) {
        let (sentence, command) = match error {
            TrySendError::Full(command) => ("The executor is busy, so this was not done; try again in a moment.", command),
            TrySendError::Disconnected(command) => {
                ("The executor does not take commands any more; start Invokelab again.", command)
            }
        };
        self.composer.not_sent(*command, more);
        if !std::mem::replace(&mut self.refuses, true) {
            self.say(ctx, NoticeLevel::Error, sentence);
        }
    }

    /// Says that code with edits that are not saved is about to run; whether the command waits until it is wanted all the same.
    fn holds_back(&mut self, command: &Command, more: &mut Vec<Action>) -> bool {
        let Some(run) = unsaved_code::Run::of(command, &self.model, &self.composer.function) else { return false };
        let uses_up = run.uses_up;
        if self.composer.runs_unsaved(&self.model, &run.function) {
            more.push(run.offer());
            return uses_up;
        }
        if uses_up {
            self.toasts.withdraw(run.button(), &run.function);
        }
        false
    }

    fn action(&mut self, ctx: &Context, action: Action, more: &mut Vec<Action>) {
        match action {
            Action::Command(command) => {
                if self.holds_back(&command, more) {
                    return;
                }
                match &command {
                    Command::Step => self.stepping_to = self.model.next_step().cloned(),
                    Command::StepTo(id) => self.stepping_to = self.model.due_of(*id).cloned(),
                    Command::StepToDue(due) => self.stepping_to = Some(due.clone()),
                    _ => {}
                }
                match self.commands.send(command) {
                    Ok(()) => self.refuses = false,
                    Err(error) => self.not_sent(ctx, error, more),
                }
            }
            Action::Select(selection) => self.selection = selection,
            Action::ShowSent(sent) => {
                self.timeline.keep_sent_in_view(sent.clone());
                self.selection = sent;
            }
            Action::ChooseFunction(function) => {
                self.composer.choose(&function);
                self.composer.queue = None;
            }
            Action::OpenSavedEvent { function, name } => self.composer.open_saved(&function, name, more),
            Action::ChooseQueue(queue) => self.composer.queue = Some(queue),
            Action::ChooseModel(model) => {
                self.composer.choose_model(&self.model, model);
                (self.preferences.model, self.preferences.tab) = (self.composer.model, self.composer.tab);
            }
            Action::OpenTab(tab) => {
                self.composer.open_tab(&self.model, tab);
                (self.preferences.model, self.preferences.tab) = (self.composer.model, self.composer.tab);
            }
            Action::OpenSetting { owner, key } => {
                self.preferences.docks.show(Pane::Composer);
                self.composer.open_setting(&self.model, owner, key);
            }
            Action::OpenCode { function, line } => {
                self.preferences.docks.show(Pane::Composer);
                self.composer.open_code(&self.model, &function, line);
            }
            Action::OpenFile(place) => {
                self.preferences.docks.show(Pane::Composer);
                self.composer.open_file(&self.model, &place, more);
                (self.preferences.model, self.preferences.tab) = (self.composer.model, self.composer.tab);
            }
            Action::ShowInFile(owner, key) => {
                more.extend(self.model.workspace.place_of(&owner, &key).cloned().map(Action::OpenFile));
            }
            Action::Send => self.composer.send(&self.model, more),
            Action::Save => self.composer.save(more),
            Action::SaveAs => {
                self.composer.open_tab(&self.model, ComposerTab::Event);
                self.composer.ask_for_name();
            }
            Action::Find => self.composer.find(),
            Action::Document(work) => self.composer.document_work(work, more),
            Action::CopyAs(form) => self.composer.copy_as(&self.model, form, more),
            Action::RunAgain => more.push(self.run_again()),
            Action::Invocation(id, item) => more.extend(self.with_record(id, item)),
            Action::ShowInTimeline(id) => {
                self.preferences.docks.show(Pane::Timeline);
                self.selection = Selection::Invocation(id);
                self.timeline.reveal(id);
            }
            Action::ShowLog(id) => {
                self.preferences.docks.show(Pane::Inspector);
                self.selection = Selection::Invocation(id);
                self.inspector.show_log();
            }
            Action::ClearHistory => self.composer.clear_history(ctx),
            Action::Purge(queue) => self.composer.purge(&self.model, &queue, more),
            Action::DeleteMessage(queue, id) => self.composer.delete_message(&self.model, &queue, id, more),
            Action::Timeline(action) => {
                self.timeline.act(action);
                ctx.request_repaint();
            }
            Action::OtherTheme => ctx.set_theme(if self.dark { egui::Theme::Light } else { egui::Theme::Dark }),
            Action::Compose { function, model, text, label } => {
                self.preferences.docks.show(Pane::Composer);
                self.composer.compose(&function, model, &text, label);
            }
            Action::Request(action) => {
                self.composer.open_tab(&self.model, ComposerTab::Http);
                let function = self.composer.function.clone();
                self.composer.http.act(&self.model, &function, action, more);
            }
            Action::ComposeRequest(exchange) => {
                if self.composer.compose_request(&self.model, exchange) {
                    (self.preferences.model, self.preferences.tab) = (self.composer.model, self.composer.tab);
                    self.selection = Selection::Nothing;
                }
            }
            Action::ComposeRetry { request_id, text } => {
                if let Some(function) = self.model.invocations.get(&request_id).map(|invocation| invocation.function.clone()) {
                    self.composer.compose(&function, InvocationModel::Asynchronous, &text, None);
                    self.composer.retry(request_id);
                }
            }
            Action::Copy(text) => {
                ctx.copy_text(text);
                self.toasts.add(ctx, NoticeLevel::Information, "Copied");
            }
            Action::OpenUrl(address) => ctx.open_url(egui::OpenUrl::new_tab(address)),
            Action::Notify(level, text) => self.say(ctx, level, &text),
            Action::Offer { text, button, action } => self.toasts.offer(ctx, text, button, *action),
            Action::SaveCode { function, then } => {
                self.composer.save_code(&self.model, &function, then, more);
            }
            Action::OpenPalette => self.palette.toggle(),
            Action::OpenShortcuts => self.palette.shortcuts_open = true,
            Action::OpenAddFunction => self.dialogs.add_function(),
            Action::OpenAddQueue => self.dialogs.add_queue(),
            Action::OpenWorkspaceDialog => self.dialogs.open_workspace(),
            Action::OpenWorkspace(path) => more.push(Action::Command(Command::OpenWorkspace(path))),
            Action::FocusPanel(pane) => self.focus(ctx, pane),
            Action::OpenPanel(pane) => self.preferences.docks.show(pane),
            Action::TogglePanel(pane) => self.preferences.docks.toggle(pane),
            Action::ResetPanels => self.preferences.docks.reset(),
        }
    }

    /// Sends what is looked at once more: the open row of the history, else what is selected.
    fn run_again(&self) -> Action {
        let opened = self.composer.opened_in_history().map(|open| open.row.request_id);
        let of_batch = match &self.selection {
            Selection::Batch(id) => self.model.batches.get(id).map(|batch| batch.request_id),
            _ => None,
        };
        let selected = self.selection.request_id().or(of_batch).filter(|id| self.model.invocations.contains_key(id));
        match opened.or(selected) {
            Some(id) => Action::Invocation(id, InvocationItem::RunAgain),
            None => Action::Notify(
                NoticeLevel::Information,
                "Nothing to run again: select an invocation in the timeline, or open one in the history.".into(),
            ),
        }
    }

    /// Whether the record of this invocation was asked for to do something with it.
    fn is_for(&self, id: RequestId) -> bool {
        self.for_record.is_some_and(|(wanted, _)| wanted == id)
    }

    /// Does something with an invocation, as soon as its record is there.
    fn with_record(&mut self, id: RequestId, item: InvocationItem) -> Vec<Action> {
        let opened = self.composer.opened_in_history().filter(|open| open.row.request_id == id);
        let record = self.model.invocations.get(&id).map(Recorded::from).or_else(|| opened.map(Recorded::from));
        if let Some(record) = record {
            return menus::carry_out(&self.model, &record, id, item);
        }
        self.for_record = Some((id, item));
        vec![Action::Command(Command::LoadInvocation(id))]
    }

    /// Opens a panel and puts the keyboard into it.
    fn focus(&mut self, ctx: &Context, pane: Pane) {
        self.preferences.docks.show(pane);
        match pane {
            Pane::Functions => self.functions.focus(),
            Pane::Composer => self.composer.focus(),
            Pane::Inspector | Pane::Timeline => ctx.memory_mut(|memory| memory.request_focus(pane.id())),
        }
        ctx.request_repaint();
    }

    /// Opens a tab of the composer for a function.
    pub(super) fn show(&mut self, function: &str, tab: ComposerTab) {
        self.composer.choose(&function.into());
        self.composer.tab = tab;
        self.composer.model = match tab {
            ComposerTab::Queue => InvocationModel::Queue,
            ComposerTab::Http => InvocationModel::Url,
            _ => InvocationModel::Asynchronous,
        };
    }

    /// Types a page's request into the tab for it and sends it.
    pub(super) fn ask(&mut self, ctx: &Context, typed: &TypedRequest) {
        let function = self.composer.function.clone();
        self.composer.http.type_request(&self.model, &function, typed);
        self.act(ctx, vec![Action::Send]);
    }

    /// What is still to be done when the window is closed, and whether with whatever is not saved.
    pub(super) fn commands_at_end(&mut self, is_discarded: bool) -> Vec<Command> {
        let mut commands = self.composer.keep_at_end(is_discarded);
        commands.extend(self.composer.forgets_history().then_some(Command::ClearHistory));
        commands
    }

    #[must_use]
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.receive(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
        self.take_pictures(ui);
        if self.tells_frames {
            eprintln!("frame");
        }
    }

    /// What a person wanted to be forgotten, or was saved a moment ago, is not kept because the window was closed first.
    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        for command in self.commands_at_end(self.leaving.is_agreed()) {
            if let Err(error) = self.commands.send(command) {
                eprintln!("the executor did not take a last command: {error}");
            }
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        self.preferences.history_columns.clone_from(self.composer.history_columns());
        if let Ok(text) = serde_json::to_string(&self.preferences) {
            storage.set_string("preferences", text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::channel;

    #[test]
    fn commands_that_are_not_taken_are_told_once_until_they_are_taken_again() {
        let (_events, receiver) = channel::events(Arc::new(|| {}));
        let (sender, commands) = channel::commands(Arc::new(|| {}));
        let ctx = Context::default();
        let mut app = App::new(&ctx, receiver, sender, Preferences::default(), Timestamp::default);
        let mut ask = |times| {
            app.act(&ctx, (0..times).map(|_| Action::Command(Command::CatchUp)).collect());
            app.toasts.len()
        };
        assert_eq!(ask(1_024), 0);
        assert_eq!(ask(3), 1, "the channel is full");
        drop(commands.try_iter().collect::<Vec<_>>());
        assert_eq!(ask(1), 1);
        drop(commands);
        assert_eq!(ask(3), 2, "nobody is there any more");
    }
}
