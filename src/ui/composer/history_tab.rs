//! Invocations of this and earlier runs, found by any word of theirs.

use std::time::Duration;

use egui::{Align2, Context, Id, RichText, ScrollArea, TextEdit, Ui};

use super::history_columns::{Columns, DraggedColumns, Needs, ROOMY, heads_ui};
use super::history_row::{history_row_ui, row_id};
use crate::command::Command;
use crate::event::{HistoryInvocation, HistoryRow};
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::ids::RequestId;
use crate::ui::action::Action;
use crate::ui::list_keys::{KeyRow, ListKeys, Wish};
use crate::ui::menus::{self, InvocationItem};
use crate::ui::theme::{self, BODY, Palette, ROW, SMALL};
use crate::ui::{icons, shortcuts, widgets};

/// Rows asked for.
const LIMIT: usize = 500;
/// Characters of a payload or a log that are shown.
const SHOWN: usize = 20_000;
/// How long a history that is cleared can still be kept, in seconds.
const SECOND_THOUGHTS: f64 = 8.0;

/// Room beside the search: how many there are, and two buttons.
const BESIDE: f32 = 360.0;
/// How often the list is asked for while invocations end, in seconds.
const FOLLOWED_EVERY: f64 = 1.0;
/// Space between two rows.
const BETWEEN: f32 = 1.0;

/// The list that was asked for last.
struct Asked {
    text: String,
    /// [`Model::ended`] at that time.
    ended: u64,
    /// In seconds of the window's time.
    at: f64,
}

/// Where the list stood when it was drawn last.
#[derive(Default)]
struct Standing {
    first: Option<RequestId>,
    /// How far it was scrolled, in points.
    offset: f32,
}

impl Standing {
    /// How far to scroll so that the rows that are seen stay where they are while new ones come above them; at the top the
    /// newest are seen.
    fn follow(&self, rows: &[HistoryRow]) -> Option<f32> {
        let first = self.first.filter(|_| self.offset > 0.0)?;
        let above = rows.iter().position(|row| row.request_id == first).filter(|above| *above > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "at most a few hundred rows")]
        let grown = above as f32 * (ROW + BETWEEN);
        Some(self.offset + grown)
    }

    /// How far to scroll so that a row is seen in a list that is so high; nothing while it is.
    fn reveal(&self, row: usize, height: f32) -> Option<f32> {
        #[expect(clippy::cast_precision_loss, reason = "at most a few hundred rows")]
        let top = row as f32 * (ROW + BETWEEN);
        let least = top + ROW - height;
        if top < self.offset {
            return Some(top);
        }
        (least > self.offset).then_some(least)
    }
}

#[derive(Default)]
pub struct HistoryTab {
    search: String,
    /// The keyboard is to be put into the search field.
    focus: bool,
    asked: Option<Asked>,
    standing: Standing,
    keys: ListKeys,
    /// The row that is to be brought into view.
    reveal: Option<RequestId>,
    open: Option<HistoryInvocation>,
    needs: Needs,
    /// Columns that somebody made wider or narrower.
    pub dragged: DraggedColumns,
    /// When everything is forgotten, in seconds of the window's time: until then it can be kept.
    forgotten_at: Option<f64>,
}

impl HistoryTab {
    pub fn loaded(&mut self, found: &HistoryInvocation) {
        self.open = Some(found.clone());
    }

    #[must_use]
    pub fn opened(&self) -> Option<&HistoryInvocation> {
        self.open.as_ref()
    }

    /// Closes what is open below the list; whether something was.
    pub fn close(&mut self) -> bool {
        self.open.take().is_some()
    }

    /// Whether this is a row of the list.
    #[must_use]
    pub fn is_row(&self, focused: Id) -> bool {
        self.keys.is_row(focused)
    }

    /// Puts the keyboard into the search field.
    pub fn find(&mut self) {
        self.focus = true;
    }

    /// Begins to forget everything: what was forgotten cannot be brought back, so it only happens a while later.
    pub fn clear(&mut self, ctx: &Context) {
        self.open = None;
        self.forgotten_at = Some(ctx.input(|input| input.time) + SECOND_THOUGHTS);
    }

    #[must_use]
    pub fn forgets(&self) -> bool {
        self.forgotten_at.is_some()
    }

    /// Forgets when the time has come.
    pub fn tick(&mut self, ctx: &Context, actions: &mut Vec<Action>) {
        let Some(at) = self.forgotten_at else { return };
        let left = at - ctx.input(|input| input.time);
        if left > 0.0 {
            return ctx.request_repaint_after(Duration::from_secs_f64(left.min(1.0)));
        }
        self.forgotten_at = None;
        self.asked = None;
        actions.push(Action::Command(Command::ClearHistory));
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        self.ask(ui, model.ended, actions);
        super::padded(ui, |ui| self.head(ui, model));
        if let Some(at) = self.forgotten_at {
            return super::padded(ui, |ui| self.second_thoughts(ui, at));
        }
        let details = self.open.is_some();
        if model.history.is_empty() && !details {
            return self.nothing(ui);
        }
        let width = ui.available_width();
        self.needs.measure(ui, &model.history, width > ROOMY);
        let columns = Columns::fit(width, &self.needs, &self.dragged);
        heads_ui(ui, &columns, &self.needs, &mut self.dragged);
        let height = if details { ui.available_height() * 0.45 } else { ui.available_height() };
        self.rows(ui, model, &columns, height, actions);
        if let Some(open) = self.open.clone() {
            self.details(ui, model, &open, actions);
        }
    }

    /// Asks for the list at once when another text is typed, and at most every second while invocations end.
    fn ask(&mut self, ui: &Ui, ended: u64, actions: &mut Vec<Action>) {
        let now = ui.input(|input| input.time);
        if let Some(asked) = self.asked.as_ref().filter(|asked| asked.text == self.search) {
            let rest = asked.at + FOLLOWED_EVERY - now;
            if asked.ended == ended {
                return;
            }
            if rest > 0.0 {
                return ui.request_repaint_after(Duration::from_secs_f64(rest));
            }
        } else {
            self.standing = Standing::default();
            // A search is about something else than what is open.
            if self.asked.is_some() {
                self.open = None;
            }
        }
        self.asked = Some(Asked { text: self.search.clone(), ended, at: now });
        actions.push(Action::Command(Command::SearchHistory { text: self.search.clone(), limit: LIMIT }));
    }

    fn rows(&mut self, ui: &mut Ui, model: &Model, columns: &Columns, height: f32, actions: &mut Vec<Action>) {
        let open = self.open.as_ref().map(|open| open.row.request_id);
        let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, BETWEEN);
        let mut area = ScrollArea::vertical().id_salt("rows").max_height(height).auto_shrink(false);
        let reveal = self.keys(ui, &model.history).or_else(|| {
            let wanted = self.reveal.take()?;
            model.history.iter().position(|row| row.request_id == wanted)
        });
        let offset = reveal.and_then(|row| self.standing.reveal(row, height));
        if let Some(offset) = offset.or_else(|| self.standing.follow(&model.history)) {
            area = area.vertical_scroll_offset(offset);
        }
        let shown = area.show_rows(ui, ROW, model.history.len(), |ui, rows| {
            for row in &model.history[rows] {
                let response = history_row_ui(ui, row, columns, open == Some(row.request_id));
                if response.clicked() {
                    response.request_focus();
                    // The list is lower with what is opened below it.
                    self.reveal = Some(row.request_id);
                    look_at(model, row.request_id, actions);
                }
                menus::item_menu(&response, || menus::in_history(model, row), actions);
            }
        });
        let first = model.history.first().map(|row| row.request_id);
        self.standing = Standing { first, offset: shown.state.clamped_offset().y };
        ui.spacing_mut().item_spacing.y = spacing;
    }

    /// Puts the keyboard on another row; gives back which.
    fn keys(&mut self, ui: &Ui, rows: &[HistoryRow]) -> Option<usize> {
        // Each is a section of its own: only those in view are there for Tab to go to.
        let rows = rows.iter().enumerate();
        let rows = rows.map(|(section, row)| KeyRow { id: row_id(row), name: &row.function, section });
        let rows: Vec<KeyRow<'_>> = rows.collect();
        let Some(Wish::Go(to)) = self.keys.wish(ui, &rows) else { return None };
        ui.memory_mut(|memory| memory.request_focus(rows[to].id));
        Some(to)
    }

    fn head(&mut self, ui: &mut Ui, model: &Model) {
        ui.horizontal(|ui| {
            let width = (ui.available_width() - BESIDE).clamp(120.0, 320.0);
            let field =
                TextEdit::singleline(&mut self.search).hint_text("Search function, id, status, error, time, payload, log");
            let field =
                widgets::field(ui, field.align(Align2::LEFT_CENTER).desired_width(width)).accessible_name("Search the history");
            if std::mem::take(&mut self.focus) {
                field.request_focus();
            }
            widgets::figure(ui, counted(model.history.len(), model.history_total, self.is_searching()));
            if ui.button("Refresh").clicked() {
                self.asked = None;
            }
            let clearing = self.forgotten_at.is_some();
            if ui
                .add_enabled(!clearing && (model.history_total > 0 || self.is_searching()), egui::Button::new("Clear"))
                .on_hover_text("Forget every invocation, also those that the search does not show")
                .clicked()
            {
                self.clear(ui.ctx());
            }
        });
    }

    fn is_searching(&self) -> bool {
        !self.search.trim().is_empty()
    }

    /// What an empty list says: what it is for, or how the search could find more.
    fn nothing(&mut self, ui: &mut Ui) {
        if !self.is_searching() {
            let text = "Every invocation is kept here, with its payload, result and log. Send an event to make the first one.";
            return widgets::empty(ui, icons::HOURGLASS, "Nothing here yet", text);
        }
        let title = format!("Nothing matches “{}”", self.search.trim());
        let text = "Every word must be found: in function, request id, label, status (succeeded, failed, refused), error, time (UTC), \
                    payload or log. Parts of words are enough.";
        widgets::empty(ui, icons::SEARCH, &title, text);
        ui.vertical_centered(|ui| {
            ui.add_space(theme::GRID * 2.0);
            if ui.button("Show all invocations").clicked() {
                self.search.clear();
            }
        });
    }

    fn second_thoughts(&mut self, ui: &mut Ui, at: f64) {
        let left = (at - ui.input(|input| input.time)).ceil().max(1.0);
        ui.label(RichText::new(format!("The whole history is forgotten in {left} s.")).font(theme::medium(BODY)));
        if ui.button("Keep it").clicked() {
            self.forgotten_at = None;
        }
    }

    fn details(&mut self, ui: &mut Ui, model: &Model, open: &HistoryInvocation, actions: &mut Vec<Action>) {
        ui.separator();
        super::padded(ui, |ui| {
            let id = open.row.request_id;
            if widgets::copyable(ui, &id.to_string(), "request id") {
                actions.push(Action::Copy(id.to_string()));
            }
            ui.horizontal(|ui| {
                for (name, shortcut, item) in [
                    ("Run again", shortcuts::RERUN.text, InvocationItem::RunAgain),
                    ("Edit and run again", "", InvocationItem::EditAndRunAgain),
                ] {
                    let button = ui.button(name);
                    let button = if shortcut.is_empty() { button } else { button.on_hover_text(shortcut) };
                    if button.clicked() {
                        actions.push(Action::Invocation(id, item));
                    }
                }
                ui.menu_button("More", |ui| menus::menu_items_ui(ui, menus::in_history(model, &open.row), actions));
                if ui.button("Close").clicked() {
                    self.open = None;
                }
            });
            ScrollArea::vertical().id_salt("details").auto_shrink(false).show(ui, |ui| {
                part(ui, "Request", &String::from_utf8_lossy(&open.payload), actions);
                if let Some(result) = &open.result {
                    part(ui, "Response", &String::from_utf8_lossy(result), actions);
                }
                part(ui, "Log", &open.log.join("\n"), actions);
            });
        });
    }
}

/// `12 invocations`, `3 found`, `newest 500 of 1,234 found`.
fn counted(shown: usize, all: u64, searching: bool) -> String {
    let all = usize::try_from(all).unwrap_or(usize::MAX);
    let noun = match (searching, all) {
        (true, _) => "found",
        (false, 1) => "invocation",
        (false, _) => "invocations",
    };
    if shown < all {
        return format!("newest {} of {} {noun}", widgets::grouped(shown), widgets::grouped(all));
    }
    format!("{} {noun}", widgets::grouped(all))
}

/// Opens what is stored of an invocation, and shows it in the inspector as long as that knows it, too.
fn look_at(model: &Model, request_id: RequestId, actions: &mut Vec<Action>) {
    actions.push(Action::Command(Command::LoadInvocation(request_id)));
    if model.invocations.contains_key(&request_id) {
        actions.push(Action::Select(Selection::Invocation(request_id)));
    }
}

fn part(ui: &mut Ui, title: &str, text: &str, actions: &mut Vec<Action>) {
    let copied = widgets::section(ui, title, |ui| {
        let name = format!("Copy {}", title.to_lowercase());
        widgets::small_button(ui, "Copy").accessible_name(name).clicked()
    });
    if copied {
        actions.push(Action::Copy(text.to_owned()));
    }
    let shown: String = text.chars().take(SHOWN).collect();
    let colour = Palette::of(ui).text;
    ui.add(egui::Label::new(RichText::new(shown).font(theme::mono(SMALL)).color(colour)).selectable(true).wrap());
}
