//! The event: saved ones and templates above, the editor, and below what it is and where it goes.

use egui::{Align, DragValue, Layout, RichText, TextEdit, Ui, Vec2};

use super::Composer;
use super::filling::Then;
use super::sending::limit;
use crate::command::{Command, DocumentWork};
use crate::event::NoticeLevel;
use crate::events_catalog::copy_as::{self, CopyForm};
use crate::events_catalog::{Elsewhere, Shape};
use crate::model::Model;
use crate::model::selection::InvocationModel;
use crate::service::counted::counted;
use crate::service::input::InvocationType;
use crate::ui::action::Action;
use crate::ui::editor::{EditorOptions, TextRequest};
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};
use crate::workspace::saved_events::name_in_list;

/// Height of the line below the editor, and of the one above it that says how a document is divided.
const FOOTER: f32 = 50.0;
const DIVISION: f32 = 36.0;
/// The verdict needs this much room for all its parts; the gauge is left out first.
const ROOMY: f32 = 226.0;
/// What stands beside the words of the send button: its shortcut, the number of copies, the menu and the verdict.
const BESIDE: f32 = 250.0 + ROOMY;

impl Composer {
    pub(super) fn event_tab(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        self.header(ui, model, actions);
        super::ruled_off(ui);
        self.check(actions);
        let parts = if self.model == InvocationModel::Queue { self.draft().parts() } else { None };
        let below = FOOTER + if parts.is_some() { DIVISION } else { 0.0 };
        let height = (ui.available_height() - below).max(60.0);
        let error = self.error().cloned();
        let colours = Palette::of(ui).editor();
        let mut request = None;
        ui.allocate_ui(Vec2::new(ui.available_width(), height), |ui| {
            let options = EditorOptions { error: error.as_ref(), offers_format: true, ..EditorOptions::new("Event", &colours) };
            let response = self.draft().edited.show(ui, &options);
            if response.submitted {
                actions.push(Action::Send);
            }
            request = response.request;
        });
        match request {
            Some(TextRequest::Format) => self.work(DocumentWork::Format, actions),
            Some(TextRequest::Minify) => self.work(DocumentWork::Minify, actions),
            Some(TextRequest::SortKeys) => self.work(DocumentWork::SortKeys, actions),
            None => {}
        }
        if let Some(parts) = parts {
            self.division(ui, parts);
        }
        self.footer(ui, model, actions);
    }

    /// Whether a document of several parts goes out as one message or as many.
    fn division(&mut self, ui: &mut Ui, (part, count): (&'static str, usize)) {
        let (text, tip) = match part {
            "record" => (
                format!("{}, one message each", counted(count, part)),
                "Send the body of every record as a message of its own, as whoever filled the queue did",
            ),
            _ => (
                format!("{} of the list, one message each", counted(count, part)),
                "Send every element of the list as a message of its own",
            ),
        };
        ui.horizontal(|ui| {
            ui.set_height(DIVISION - ui.spacing().item_spacing.y);
            ui.add_space(theme::GRID * 3.0);
            ui.checkbox(&mut self.one_each, text).accessible_name("One message each").on_hover_text(tip);
        });
    }

    fn header(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        super::padded(ui, |ui| {
            ui.horizontal(|ui| {
                self.picker(ui, model, actions);
                if self.retry.is_some() {
                    widgets::chip(ui, icons::HOURGLASS, "edits a waiting event", palette.asynchronous);
                    if widgets::small_button(ui, "Cancel").clicked() {
                        self.retry = None;
                    }
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    self.more_menu(ui, actions);
                    if widgets::icon_button(ui, icons::FORMAT, "Format", "").clicked() {
                        self.work(DocumentWork::Format, actions);
                    }
                    if widgets::icon_button(ui, icons::SAVE, "Save event", "Ctrl+S").clicked() {
                        self.save(actions);
                    }
                    self.name_editor(ui, actions);
                });
            });
        });
    }

    fn more_menu(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let icon = RichText::new(icons::MORE).font(theme::icon(16.0));
        let (response, _) = widgets::menu_button(icon).ui(ui, |ui| {
            for (text, work) in
                [("Format", DocumentWork::Format), ("Minify", DocumentWork::Minify), ("Sort keys", DocumentWork::SortKeys)]
            {
                if ui.button(text).clicked() {
                    self.work(work, actions);
                    ui.close();
                }
            }
            ui.separator();
            if ui.button("Save as…").clicked() {
                self.ask_for_name();
                ui.close();
            }
            let drafts = self.drafts_here();
            let saved = drafts.name().filter(|_| drafts.file().is_some()).map(str::to_owned);
            if let Some(name) = saved
                && ui.button(format!("Delete “{name}”")).clicked()
            {
                self.delete(name, actions);
                ui.close();
            }
        });
        response.accessible_name("More").on_hover_text("More: layout, save as, delete");
    }

    fn name_editor(&mut self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let Some(name) = &mut self.name_field else { return };
        let field = TextEdit::singleline(name).hint_text("Name of the event").desired_width(180.0);
        let response = widgets::field(ui, field).accessible_name("Name of the event");
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if response.lost_focus() && !entered {
            self.name_field = None;
        } else if entered && !name.trim().is_empty() {
            let name = self.name_field.take().unwrap_or_default();
            self.save_as(name.trim(), actions);
        } else if !response.has_focus() {
            response.request_focus();
        }
    }

    /// Saves the event under its name, or asks for one.
    pub fn save(&mut self, actions: &mut Vec<Action>) {
        if self.tab == crate::ui::action::ComposerTab::Code {
            return match self.code.opened().map(std::path::Path::to_path_buf) {
                Some(path) => self.save_opened(path, actions),
                None => self.code.save(&self.function, actions),
            };
        }
        match self.drafts_here().name().map(str::to_owned) {
            Some(name) => self.save_as(&name, actions),
            None => self.name_field = Some(String::new()),
        }
    }

    /// Asks for the name to save the event under; the keyboard goes to the field, not to the editor.
    pub fn ask_for_name(&mut self) {
        self.draft().edited.editor.decline_focus();
        self.name_field = Some(String::new());
    }

    fn save_as(&mut self, name: &str, actions: &mut Vec<Action>) {
        let function = self.function.clone();
        // What is open under a name is found by the name that files can have.
        let name = match name_in_list(name) {
            Ok(name) => name,
            Err(error) => return actions.push(Action::Notify(NoticeLevel::Error, format!("Not saved: {error}."))),
        };
        let copy_of = self.drafts_here().name().filter(|seen| *seen != name).map(str::to_owned);
        if let Some((replaces, text)) = self.drafts_here().save(&name, actions) {
            actions.push(Action::Command(Command::SaveEvent { function, name, text, replaces, copy_of }));
        }
    }

    /// Deletes the file of a saved event; the text stays in the editor.
    fn delete(&mut self, name: String, actions: &mut Vec<Action>) {
        let text = format!("“{name}” was deleted. Its text is still in the editor.");
        actions.push(Action::Command(Command::RemoveSavedEvent { function: self.function.clone(), name }));
        let undo = Action::Command(Command::UndoRemoveSavedEvent);
        actions.push(Action::Offer { text, button: "Undo", action: Box::new(undo) });
    }

    fn footer(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), egui::Stroke::new(1.0, palette.hairline));
        super::padded(ui, |ui| {
            // The verdict has the room that the buttons leave.
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.set_min_height(34.0);
                self.send_button(ui, model, actions);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.set_clip_rect(ui.max_rect().intersect(ui.clip_rect()));
                    self.verdict(ui);
                });
            });
        });
    }

    fn verdict(&mut self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        let roomy = ui.available_width() > ROOMY;
        let error = self.error().cloned();
        match &error {
            None if self.draft().edited.document.len() > limit(self.model) => {
                let over = self.draft().edited.document.len() - limit(self.model);
                ui.label(RichText::new(icons::FAILED).font(theme::icon(14.0)).color(palette.error));
                ui.label(RichText::new(format!("{} bytes too many", widgets::grouped(over))).color(palette.error));
            }
            None => {
                ui.label(RichText::new(icons::CHECK).font(theme::icon(14.0)).color(palette.ok));
                ui.label(RichText::new("valid").color(palette.second));
            }
            Some(error) => {
                let text = format!("line {}:{}  {}", error.line, error.column, error.message);
                let label = egui::Label::new(RichText::new(&text).color(palette.error)).sense(egui::Sense::click()).truncate();
                if ui.add(label).on_hover_text("Go there").clicked() {
                    let (line, column) = (error.line, error.column);
                    let edited = &mut self.draft().edited;
                    edited.document.go_to(line, column);
                    edited.editor.reveal_caret();
                }
            }
        }
        if error.is_none() {
            let edited = &self.draft().edited;
            let (pointer, size) = (edited.editor.json_pointer().to_owned(), edited.document.len());
            gauge(ui, size, limit(self.model), roomy);
            ui.add(egui::Label::new(RichText::new(pointer).font(theme::mono(SMALL)).color(palette.second)).truncate());
        }
    }

    fn send_button(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        let obstacle = self.obstacle(model);
        let words = self.named_words(ui, model);
        let response = widgets::filled_button(ui, &words, "Ctrl ⏎", palette.model(self.model), obstacle.is_none());
        if response.clicked() {
            actions.push(Action::Send);
        }
        if let Some(reason) = obstacle {
            response.on_disabled_hover_text(reason);
        }
        if self.retry.is_none() {
            ui.add(DragValue::new(&mut self.copies).range(1..=1_000).prefix("× "))
                .accessible_name("Copies")
                .on_hover_text("Send this many, each with its own variables");
        }
        self.copy_menu(ui, model, actions);
    }

    /// What the send button says; the queue that messages go to is named where there is room for it.
    fn named_words(&mut self, ui: &Ui, model: &Model) -> String {
        let words = self.send_words();
        let queue = self.target_queue(model).filter(|_| self.model == InvocationModel::Queue && self.retry.is_none());
        let Some(queue) = queue else { return words };
        let named = format!("{words} to {queue}");
        let colour = ui.visuals().text_color();
        let width = ui.painter().layout_no_wrap(named.clone(), theme::semibold(theme::BODY), colour).size().x;
        if ui.available_width() > width + BESIDE { named } else { words }
    }

    fn copy_menu(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let title =
            (RichText::new("Copy as").font(theme::medium(theme::BODY)), RichText::new(icons::DOWN).font(theme::icon(12.0)));
        let (response, _) = widgets::menu_button(title).ui(ui, |ui| {
            if self.model == InvocationModel::Queue {
                ui.label(RichText::new("An invoke with this event; queues have no endpoint").size(theme::SMALL));
            }
            for (name, form) in COPY_FORMS {
                if ui.button(name).clicked() {
                    self.copy_as(model, form, actions);
                    ui.close();
                }
            }
        });
        response.accessible_name("Copy as");
    }

    /// Copies a command that sends what the composer would send now, variables filled in.
    pub fn copy_as(&mut self, model: &Model, form: CopyForm, actions: &mut Vec<Action>) {
        let invocation_type = match self.model {
            InvocationModel::Asynchronous => InvocationType::Event,
            InvocationModel::Synchronous | InvocationModel::Url | InvocationModel::Api | InvocationModel::Queue => {
                InvocationType::RequestResponse
            }
        };
        let target = copy_target(model, &self.function, invocation_type, "");
        let elsewhere = Shape::Elsewhere(Box::new(Elsewhere::new(form, &target)));
        self.fill(model, 1, elsewhere, Then::Copy, actions);
    }
}

/// What an event can be copied as.
pub const COPY_FORMS: [(&str, CopyForm); 4] = [
    ("AWS CLI", copy_as::aws_cli),
    ("curl", copy_as::curl),
    ("boto3 (Python)", copy_as::boto3),
    ("invokelab invoke", copy_as::invokelab),
];

/// A way of sending `payload` to a function from elsewhere.
pub fn copy_target<'a>(
    model: &'a Model,
    function: &'a str,
    invocation_type: InvocationType,
    payload: &'a str,
) -> copy_as::CopyTarget<'a> {
    let endpoint = model.endpoint().unwrap_or("http://127.0.0.1:9001");
    let workspace = model.workspace.folder.to_str().unwrap_or(".");
    copy_as::CopyTarget { endpoint, region: &model.workspace.region, workspace, function, invocation_type, payload }
}

/// How much of the limit is used: a bar where there is room for it, and two figures.
fn gauge(ui: &mut Ui, size: usize, limit: usize, bar: bool) {
    let palette = Palette::of(ui);
    let colour = if size > limit { palette.error } else { palette.second };
    if bar {
        let (rect, _) = ui.allocate_exact_size(Vec2::new(56.0, 4.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 2.0, palette.raised);
        #[expect(clippy::cast_precision_loss, reason = "a share for the eye")]
        let share = (size as f32 / limit as f32).min(1.0);
        let used = egui::Rect::from_min_size(rect.min, Vec2::new((rect.width() * share).max(2.0), rect.height()));
        ui.painter().rect_filled(used, 2.0, colour);
    }
    let text = format!("{} of {}", widgets::size(size), if limit > 4 << 20 { "6 MB" } else { "1 MB" });
    ui.label(RichText::new(text).font(theme::mono(SMALL)).color(colour));
}
