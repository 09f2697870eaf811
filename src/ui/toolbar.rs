//! The top: workspace, invocation model, service time and its transport.

use egui::{AtomExt as _, Button, RichText, Ui};

use super::action::Action;
use super::forecast::{self, due_sentence, forecast_ui};
use super::theme::{self, BODY, LARGE, Palette, SMALL, TITLE};
use super::{icons, widgets};
use crate::command::{ClockMode, Command};
use crate::event::RecentWorkspace;
use crate::model::Model;
use crate::model::selection::InvocationModel;
use crate::service::time::Timestamp;

/// From this width on the program says its name.
const NAMED: f32 = 1_050.0;
/// From this width on the clock has a name and is large, and *Step* shows its key.
const ROOMY: f32 = 1_180.0;
/// Width of the menu behind the workspace's name: room for a path.
const MENU_WIDTH: f32 = 420.0;
/// Characters of a path that are seen there beside a name.
const PATH: usize = 40;
/// Size of the mark of the open one.
const MARK: egui::Vec2 = egui::vec2(16.0, 16.0);
/// Widths that hold the longest words of a button, so that nothing beside it moves: `Stepping`, its key, and `3600×`.
const STEP_WIDTH: f32 = 98.0;
const STEP_KEY_WIDTH: f32 = 28.0;
const FAST_WIDTH: f32 = 64.0;
/// What stands between the models and the forecast: *Step*, the transport, the clock, and its name where that is told.
const TIMED: f32 = STEP_WIDTH + 288.0;
const TIMED_ROOMY: f32 = STEP_WIDTH + STEP_KEY_WIDTH + 396.0;

/// The speeds offered for a fast clock.
pub const SPEEDS: [f64; 4] = [10.0, 60.0, 600.0, 3_600.0];

pub fn toolbar_ui(ui: &mut Ui, model: &Model, chosen: InvocationModel, now: Timestamp, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let roomy = ui.available_width() > ROOMY;
    ui.horizontal_centered(|ui| {
        logo(ui);
        if ui.available_width() > NAMED {
            ui.label(RichText::new("Invokelab").font(theme::semibold(theme::LARGE)));
        }
        ui.scope(|ui| workspace_menu(ui, model, actions));
        ui.add_space(8.0);
        let options = InvocationModel::ALL.map(|model| (model, model.name(), Some(palette.model(model))));
        if let Some(model) = widgets::glossed_segments(ui, chosen, &options, InvocationModel::gloss) {
            actions.push(Action::ChooseModel(model));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::icon_button(ui, icons::COMMAND, "Command palette", "Ctrl+K").clicked() {
                actions.push(Action::OpenPalette);
            }
            let room = ui.available_width() - if roomy { TIMED_ROOMY } else { TIMED };
            if room >= forecast::LEAST {
                forecast_ui(ui, model, now, room.min(forecast::MOST));
            }
            step_button(ui, model, now, roomy, actions);
            let frame = egui::Frame::new()
                .stroke(egui::Stroke::new(1.0, palette.hairline))
                .corner_radius(theme::CORNER)
                .inner_margin(egui::Margin::same(2));
            frame.show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                ui.spacing_mut().button_padding.y = 3.0;
                ui.horizontal(|ui| transport(ui, model, actions));
            });
            let size = if roomy { TITLE } else { LARGE };
            clock_ui(ui, model, now, size);
            if roomy {
                ui.label(RichText::new("Service time").color(palette.second));
            }
        });
    });
}

/// Three bars in the colours of the models: a call, a wait, a batch.
fn logo(ui: &mut Ui) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(egui::vec2(20.0, 16.0), egui::Sense::hover());
    let bar = |x: f32, y: f32, width: f32, colour| {
        let min = rect.min + egui::vec2(x, y);
        ui.painter().rect_filled(egui::Rect::from_min_size(min, egui::vec2(width, 4.0)), 1.5, colour);
    };
    bar(0.0, 0.0, 9.0, palette.synchronous);
    bar(4.0, 6.0, 11.0, palette.asynchronous);
    bar(11.0, 12.0, 9.0, palette.batch);
}

fn workspace_menu(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let name = if model.workspace.name.is_empty() { "workspace" } else { &model.workspace.name };
    let title = (RichText::new(name).font(theme::medium(BODY)), RichText::new(icons::DOWN).font(theme::icon(12.0)));
    ui.spacing_mut().button_padding.x = 6.0;
    let (response, _) = widgets::menu_button(title).ui(ui, |ui| {
        ui.set_max_width(MENU_WIDTH);
        ui.label(RichText::new(model.workspace.folder.display().to_string()).font(theme::mono(SMALL)));
        if ui.button("Copy the folder's path").clicked() {
            actions.push(Action::Copy(model.workspace.folder.display().to_string()));
            ui.close();
        }
        ui.separator();
        for recent in &model.recent_workspaces {
            recent_workspace(ui, recent, recent.folder == model.workspace.folder, actions);
        }
        if !model.recent_workspaces.is_empty() {
            ui.separator();
        }
        if ui.button("Open another workspace…").clicked() {
            actions.push(Action::OpenWorkspaceDialog);
            ui.close();
        }
    });
    if response.clicked() {
        // One of them may be gone by now.
        actions.push(Action::Command(Command::ListWorkspaces));
    }
    response.accessible_name("Workspace");
}

/// A workspace that was opened before: the open one is marked, one that is gone says so.
fn recent_workspace(ui: &mut Ui, recent: &RecentWorkspace, is_open: bool, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let mark = RichText::new(if is_open { icons::CHECK } else { "" }).font(theme::icon(14.0));
    let name = RichText::new(&recent.name).font(theme::medium(BODY));
    let path = recent.folder.display().to_string();
    let second = recent.missing.clone().unwrap_or_else(|| shortened(&path));
    let second = RichText::new(second).size(SMALL).color(palette.second);
    let button = Button::new((mark.atom_size(MARK), name)).shortcut_text(second);
    let response = ui.add_enabled(recent.missing.is_none(), button.min_size(egui::vec2(ui.available_width(), 0.0)).truncate());
    let said = if is_open { format!("{}, open", recent.name) } else { format!("Open {}", recent.name) };
    let response = response.accessible_name(said).on_hover_text(&path).on_disabled_hover_text(&path);
    if response.clicked() {
        if !is_open {
            actions.push(Action::OpenWorkspace(recent.folder.clone()));
        }
        ui.close();
    }
}

/// A path of which the end is seen, where it is too long for the menu.
fn shortened(path: &str) -> String {
    match path.char_indices().rev().nth(PATH - 1) {
        Some((start, _)) if start > 0 => format!("…{}", &path[start..]),
        _ => path.to_owned(),
    }
}

/// Service time as the ruler of the timeline counts it, exact whenever something happens; it rests while nothing does.
fn clock_ui(ui: &mut Ui, model: &Model, now: Timestamp, size: f32) {
    let text = if model.clock.is_some() { model.on_ruler(now) } else { "-:--.---".to_owned() };
    ui.label(RichText::new(text).font(theme::mono(size))).on_hover_ui(|ui| {
        ui.label("Service time, counted from the first thing that happened, as on the timeline");
        ui.label(RichText::new(now.iso_millis()).font(theme::mono(SMALL)));
    });
}

fn transport(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let mode = model.clock.map_or(ClockMode::Live, |clock| clock.mode);
    let mut set = |mode| actions.push(Action::Command(Command::SetClock(mode)));
    let fast = match mode {
        ClockMode::Fast(speed) => format!("{speed:.0}×"),
        _ => "60×".into(),
    };
    let on = |on: bool| if on { Palette::of(ui).raised } else { egui::Color32::TRANSPARENT };
    let is_fast = matches!(mode, ClockMode::Fast(_));
    let (fast_fill, paused_fill, live_fill) = (on(is_fast), on(mode == ClockMode::Paused), on(mode == ClockMode::Live));
    let button = Button::selectable(is_fast, RichText::new(fast).font(theme::medium(BODY))).fill(fast_fill);
    let response = ui.add(button.min_size(egui::vec2(FAST_WIDTH, 0.0)));
    let response = response.accessible_name("Fast").on_hover_text("Run the service clock fast; right-click for other speeds");
    if response.clicked() {
        set(ClockMode::Fast(60.0));
    }
    response.context_menu(|ui| {
        for speed in SPEEDS {
            if ui.button(format!("{speed:.0}×")).clicked() {
                set(ClockMode::Fast(speed));
                ui.close();
            }
        }
    });
    let icon = |text| RichText::new(text).font(theme::icon(16.0));
    let paused = Button::selectable(mode == ClockMode::Paused, icon(icons::PAUSE)).fill(paused_fill);
    if ui
        .add(paused)
        .accessible_name("Pause")
        .on_hover_text("Service time stands still; running code still takes its time  (Space)")
        .clicked()
    {
        set(ClockMode::Paused);
    }
    let live = Button::selectable(mode == ClockMode::Live, icon(icons::PLAY)).fill(live_fill);
    if ui.add(live).accessible_name("Live").on_hover_text("Service time passes as real time does  (Space)").clicked() {
        set(ClockMode::Live);
    }
}

fn step_button(ui: &mut Ui, model: &Model, now: Timestamp, roomy: bool, actions: &mut Vec<Action>) {
    let stepping = model.clock.is_some_and(|clock| clock.stepping);
    let text = if stepping { "Stepping" } else { "Step" };
    let icon = RichText::new(icons::STEP).font(theme::icon(16.0));
    let mut button = Button::new((icon, RichText::new(text).font(theme::semibold(BODY))));
    let mut width = STEP_WIDTH;
    if roomy {
        button = button.shortcut_text(RichText::new("F10").size(SMALL));
        width += STEP_KEY_WIDTH;
    }
    let tip = format!("{}  (F10)", due_sentence(model, now));
    if ui.add(button.min_size(egui::vec2(width, 0.0))).accessible_name("Step").on_hover_text(tip).clicked() {
        actions.push(Action::Command(Command::Step));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_path_the_end_is_seen() {
        let long = format!("/{}/shop", "é".repeat(60));
        assert_eq!(shortened("/w/shop"), "/w/shop");
        assert_eq!(shortened(&long), format!("…{}/shop", "é".repeat(35)));
        assert_eq!(shortened(&"x".repeat(PATH)), "x".repeat(PATH));
    }
}
