//! Invocations of this and earlier runs, found by any word of theirs.

use egui::{RichText, ScrollArea, TextEdit, Ui};

use crate::command::Command;
use crate::event::{HistoryInvocation, HistoryRow};
use crate::model::Model;
use crate::model::selection::InvocationModel;
use crate::model::why::short;
use crate::service::happened::Outcome;
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, ROW, SMALL};
use crate::ui::{icons, widgets};

/// Rows asked for.
const LIMIT: usize = 500;
/// Characters of a payload or a log that are shown.
const SHOWN: usize = 20_000;

#[derive(Default)]
pub struct HistoryTab {
    search: String,
    asked: Option<String>,
    open: Option<HistoryInvocation>,
    armed: bool,
}

impl HistoryTab {
    pub fn loaded(&mut self, found: &HistoryInvocation) {
        self.open = Some(found.clone());
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        if self.asked.as_deref() != Some(self.search.as_str()) {
            self.asked = Some(self.search.clone());
            actions.push(Action::Command(Command::SearchHistory { text: self.search.clone(), limit: LIMIT }));
        }
        super::padded(ui, |ui| {
            ui.horizontal(|ui| {
                ui.add(
                    TextEdit::singleline(&mut self.search)
                        .hint_text("Search function, label, payload, log, error")
                        .desired_width(320.0),
                )
                .accessible_name("Search the history");
                widgets::figure(ui, format!("{} of {}", model.history.len(), model.history_total));
                if ui.button("Refresh").clicked() {
                    self.asked = None;
                }
                let text = if self.armed { "Press again to forget everything" } else { "Clear" };
                if ui.button(text).clicked() {
                    if self.armed {
                        actions.push(Action::Command(Command::ClearHistory));
                        self.open = None;
                    }
                    self.armed = !self.armed;
                }
            });
        });
        let details = self.open.is_some();
        let height = if details { ui.available_height() * 0.45 } else { ui.available_height() };
        ScrollArea::vertical().id_salt("rows").max_height(height).auto_shrink(false).show_rows(
            ui,
            ROW,
            model.history.len(),
            |ui, rows| {
                for row in &model.history[rows] {
                    history_row(ui, row, actions);
                }
            },
        );
        if model.history.is_empty() && !details {
            ui.label("Nothing here yet. Every invocation is kept, with its payload, result and log.");
        }
        if let Some(open) = self.open.clone() {
            self.details(ui, model, &open, actions);
        }
    }

    fn details(&mut self, ui: &mut Ui, model: &Model, open: &HistoryInvocation, actions: &mut Vec<Action>) {
        ui.separator();
        super::padded(ui, |ui| {
            let text = String::from_utf8_lossy(&open.payload).into_owned();
            ui.horizontal(|ui| {
                ui.label(RichText::new(short(open.row.request_id)).font(theme::semibold(BODY)));
                let kind = InvocationModel::of(open.row.invocation_type);
                let label = open.row.label.as_deref().map(str::to_owned);
                let compose = Action::Compose { function: open.row.function.clone(), model: kind, text: text.clone(), label };
                if ui.button("Run again").clicked() {
                    actions.push(compose.clone());
                    actions.push(Action::Send);
                }
                if ui.button("Edit and run again").clicked() {
                    actions.push(compose);
                }
                ui.menu_button("Copy as", |ui| {
                    super::event_tab::copy_as_buttons(ui, model, &open.row.function, open.row.invocation_type, &text, actions);
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

fn part(ui: &mut Ui, title: &str, text: &str) {
    widgets::section(ui, title, |_| {});
    let shown: String = text.chars().take(SHOWN).collect();
    ui.add(egui::Label::new(RichText::new(shown).font(theme::mono(SMALL))).selectable(true).wrap());
}

fn history_row(ui: &mut Ui, row: &HistoryRow, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.add_space(12.0);
        let (icon, colour) = match row.outcome {
            Some(Outcome::Succeeded) => (icons::OK, palette.ok),
            Some(Outcome::Refused) => (icons::WARNING, palette.throttle),
            Some(_) => (icons::FAILED, palette.error),
            None => (icons::HOURGLASS, palette.second),
        };
        ui.label(RichText::new(icon).font(theme::icon(14.0)).color(colour));
        widgets::figure(ui, row.accepted_at.iso_millis()[5..19].replace('T', " "));
        let name = row.label.as_deref().map_or_else(|| short(row.request_id), str::to_owned);
        let text = format!("{}  {}  {name}", row.function, row.invocation_type.name());
        if ui.link(RichText::new(text).color(palette.text)).clicked() {
            actions.push(Action::Command(Command::LoadInvocation(row.request_id)));
        }
        if let Some(duration) = row.duration {
            widgets::figure(ui, duration.to_string());
        }
        if let Some(error) = &row.error_type {
            ui.label(RichText::new(&**error).size(SMALL).color(palette.error));
        }
    });
}
