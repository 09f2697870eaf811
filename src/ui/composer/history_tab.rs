//! Invocations of this and earlier runs, found by any word of theirs.

use std::time::Duration;

use egui::{Align2, Context, RichText, ScrollArea, TextEdit, Ui};

use super::history_row::history_row_ui;
use crate::command::Command;
use crate::event::{HistoryInvocation, HistoryRow};
use crate::model::Model;
use crate::model::selection::{InvocationModel, Selection};
use crate::model::why::short;
use crate::service::ids::RequestId;
use crate::service::input::InvocationSource;
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, ROW, SMALL};
use crate::ui::widgets;

/// Rows asked for.
const LIMIT: usize = 500;
/// Characters of a payload or a log that are shown.
const SHOWN: usize = 20_000;
/// How long a history that is cleared can still be kept, in seconds.
const SECOND_THOUGHTS: f64 = 8.0;

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
}

#[derive(Default)]
pub struct HistoryTab {
    search: String,
    asked: Option<Asked>,
    standing: Standing,
    open: Option<HistoryInvocation>,
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
            return super::padded(ui, |ui| self.second_thoughts(ui, at, model.history_total));
        }
        let details = self.open.is_some();
        let height = if details { ui.available_height() * 0.45 } else { ui.available_height() };
        self.rows(ui, model, height, actions);
        if model.history.is_empty() && !details {
            ui.label("Nothing here yet. Every invocation is kept, with its payload, result and log.");
        }
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

    fn rows(&mut self, ui: &mut Ui, model: &Model, height: f32, actions: &mut Vec<Action>) {
        let open = self.open.as_ref().map(|open| open.row.request_id);
        let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, BETWEEN);
        let mut area = ScrollArea::vertical().id_salt("rows").max_height(height).auto_shrink(false);
        if let Some(offset) = self.standing.follow(&model.history) {
            area = area.vertical_scroll_offset(offset);
        }
        let shown = area.show_rows(ui, ROW, model.history.len(), |ui, rows| {
            for row in &model.history[rows] {
                if history_row_ui(ui, row, open == Some(row.request_id)) {
                    look_at(model, row.request_id, actions);
                }
            }
        });
        let first = model.history.first().map(|row| row.request_id);
        self.standing = Standing { first, offset: shown.state.clamped_offset().y };
        ui.spacing_mut().item_spacing.y = spacing;
    }

    fn head(&mut self, ui: &mut Ui, model: &Model) {
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 230.0).clamp(120.0, 320.0);
            let field = TextEdit::singleline(&mut self.search).hint_text("Search function, label, payload, log, error");
            ui.add(field.align(Align2::LEFT_CENTER).desired_width(width)).accessible_name("Search the history");
            widgets::figure(ui, format!("{} of {}", model.history.len(), model.history_total));
            if ui.button("Refresh").clicked() {
                self.asked = None;
            }
            let clearing = self.forgotten_at.is_some();
            if ui.add_enabled(!clearing && model.history_total > 0, egui::Button::new("Clear")).clicked() {
                self.clear(ui.ctx());
            }
        });
    }

    fn second_thoughts(&mut self, ui: &mut Ui, at: f64, total: u64) {
        let left = (at - ui.input(|input| input.time)).ceil().max(1.0);
        let what = if total == 1 { "1 invocation is".to_owned() } else { format!("{total} invocations are") };
        ui.label(RichText::new(format!("{what} forgotten in {left} s.")).font(theme::medium(BODY)));
        if ui.button("Keep them").clicked() {
            self.forgotten_at = None;
        }
    }

    fn details(&mut self, ui: &mut Ui, model: &Model, open: &HistoryInvocation, actions: &mut Vec<Action>) {
        ui.separator();
        super::padded(ui, |ui| {
            let text = String::from_utf8_lossy(&open.payload).into_owned();
            ui.horizontal(|ui| {
                ui.label(RichText::new(short(open.row.request_id)).font(theme::semibold(BODY)));
                if ui.button("Run again").on_hover_text("F5").clicked() {
                    actions.push(run_again(open));
                }
                if ui.button("Edit and run again").clicked() {
                    let label = open.row.label.as_deref().map(str::to_owned);
                    let model = InvocationModel::of(open.row.invocation_type);
                    actions.push(Action::Compose { function: open.row.function.clone(), model, text: text.clone(), label });
                }
                ui.menu_button("Copy as", |ui| {
                    for (name, form) in super::COPY_FORMS {
                        if ui.button(name).clicked() {
                            let row = &open.row;
                            let target = super::event_tab::copy_target(model, &row.function, row.invocation_type, &text);
                            actions.push(Action::Copy(form(&target)));
                            ui.close();
                        }
                    }
                });
                if ui.button("Close").clicked() {
                    self.open = None;
                }
            });
            ScrollArea::vertical().id_salt("details").auto_shrink(false).show(ui, |ui| {
                part(ui, "Request", &text);
                if let Some(result) = &open.result {
                    part(ui, "Response", &String::from_utf8_lossy(result));
                }
                part(ui, "Log", &open.log.join("\n"));
            });
        });
    }
}

/// Opens what is stored of an invocation, and shows it in the inspector as long as that knows it, too.
fn look_at(model: &Model, request_id: RequestId, actions: &mut Vec<Action>) {
    actions.push(Action::Command(Command::LoadInvocation(request_id)));
    if model.invocations.contains_key(&request_id) {
        actions.push(Action::Select(Selection::Invocation(request_id)));
    }
}

/// The same event once more, whatever the composer holds.
pub fn run_again(open: &HistoryInvocation) -> Action {
    Action::Command(Command::Invoke {
        function: open.row.function.clone(),
        invocation_type: open.row.invocation_type,
        payloads: vec![open.payload.clone()],
        label: open.row.label.clone(),
        source: InvocationSource::Workbench,
        ticket: crate::ui::app::RERUN_TICKET,
    })
}

fn part(ui: &mut Ui, title: &str, text: &str) {
    widgets::section(ui, title, |_| {});
    let shown: String = text.chars().take(SHOWN).collect();
    let colour = Palette::of(ui).text;
    ui.add(egui::Label::new(RichText::new(shown).font(theme::mono(SMALL)).color(colour)).selectable(true).wrap());
}
