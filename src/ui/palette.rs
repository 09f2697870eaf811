//! Every action by name, with its shortcut, found by typing; and the sheet of shortcuts.

use egui::{Align2, Area, Button, Frame, Id, Key, Order, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::action::{Action, ComposerTab};
use super::shortcuts;
use super::theme::{self, BODY, Palette, SMALL};
use crate::command::{ClockMode, Command};
use crate::model::Model;
use crate::model::selection::InvocationModel;

#[derive(Default)]
pub struct CommandPalette {
    open: bool,
    typed: String,
    chosen: usize,
    pub shortcuts_open: bool,
}

impl CommandPalette {
    pub fn open(&mut self) {
        *self = Self { open: true, ..Self::default() };
    }

    pub fn is_open(&self) -> bool {
        self.open
    }

    pub fn close(&mut self) {
        self.open = false;
        self.shortcuts_open = false;
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        if self.shortcuts_open {
            self.sheet(ui);
        }
        if !self.open {
            return;
        }
        let entries = entries(model);
        let wanted = self.typed.to_lowercase();
        let found: Vec<_> = entries.iter().filter(|(name, _, _)| matches(&name.to_lowercase(), &wanted)).collect();
        let (up, down, enter) = ui.input_mut(|input| {
            (
                input.consume_key(egui::Modifiers::NONE, Key::ArrowUp),
                input.consume_key(egui::Modifiers::NONE, Key::ArrowDown),
                input.consume_key(egui::Modifiers::NONE, Key::Enter),
            )
        });
        self.chosen = (self.chosen + usize::from(down)).saturating_sub(usize::from(up)).min(found.len().saturating_sub(1));
        let mut run = enter.then_some(self.chosen);
        let palette = Palette::of(ui);
        Area::new(Id::unique("command palette")).order(Order::Foreground).anchor(Align2::CENTER_TOP, vec2(0.0, 90.0)).show(
            ui.ctx(),
            |ui| {
                Frame::popup(ui.style()).fill(palette.panel).show(ui, |ui| {
                    ui.set_width(520.0);
                    let field = TextEdit::singleline(&mut self.typed).hint_text("Type a command").desired_width(f32::INFINITY);
                    let response = ui.add(field).accessible_name("Command");
                    if response.changed() {
                        self.chosen = 0;
                    }
                    response.request_focus();
                    ScrollArea::vertical().max_height(380.0).show(ui, |ui| {
                        for (index, (name, shortcut, _)) in found.iter().enumerate() {
                            let text = RichText::new(name).font(theme::medium(BODY));
                            let button = Button::selectable(index == self.chosen, text)
                                .shortcut_text(RichText::new(*shortcut).size(SMALL).color(palette.second));
                            if ui.add(button.min_size(vec2(ui.available_width(), 28.0))).accessible_name(name).clicked() {
                                run = Some(index);
                            }
                        }
                        if found.is_empty() {
                            ui.label("No such command.");
                        }
                    });
                });
            },
        );
        if let Some((_, _, action)) = run.and_then(|index| found.get(index)) {
            actions.push(action.clone());
            self.close();
        }
    }

    fn sheet(&mut self, ui: &mut Ui) {
        let modal = egui::Modal::new(Id::unique("shortcuts")).show(ui, |ui| {
            ui.set_width(420.0);
            ui.heading("Keyboard");
            egui::Grid::new("shortcuts").num_columns(2).spacing([24.0, 6.0]).show(ui, |ui| {
                for (keys, what) in shortcuts::LIST {
                    ui.label(RichText::new(keys).font(theme::mono(SMALL)));
                    ui.label(what);
                    ui.end_row();
                }
            });
            ui.button("Close").clicked()
        });
        if modal.inner || modal.should_close() {
            self.shortcuts_open = false;
        }
    }
}

/// Every word that was typed begins somewhere in the name.
fn matches(name: &str, wanted: &str) -> bool {
    wanted.split_whitespace().all(|word| name.contains(word))
}

fn entries(model: &Model) -> Vec<(String, &'static str, Action)> {
    let clock = |mode| Action::Command(Command::SetClock(mode));
    let mut entries: Vec<(String, &'static str, Action)> = vec![
        ("Send what the composer holds".into(), "Ctrl+Enter", Action::Send),
        ("Step to the next thing that is due".into(), "F10", Action::Command(Command::Step)),
        ("Run until nothing is due".into(), "", Action::Command(Command::AdvanceUntilIdle)),
        ("Clock: live".into(), "Space", clock(ClockMode::Live)),
        ("Clock: paused".into(), "Space", clock(ClockMode::Paused)),
        ("Clock: 60×".into(), "", clock(ClockMode::Fast(60.0))),
        ("Clock: 3600×".into(), "", clock(ClockMode::Fast(3_600.0))),
        ("Catch up with the wall clock".into(), "", Action::Command(Command::CatchUp)),
        ("Add a function".into(), "", Action::OpenAddFunction),
        ("Put back the removed function".into(), "", Action::Command(Command::UndoRemoveFunction)),
        ("Open another workspace".into(), "", Action::OpenWorkspaceDialog),
        ("Show functions".into(), "Ctrl+1", Action::FocusPanel(1)),
        ("Show composer".into(), "Ctrl+2", Action::FocusPanel(2)),
        ("Show inspector".into(), "Ctrl+3", Action::FocusPanel(3)),
        ("Show timeline".into(), "Ctrl+4", Action::FocusPanel(4)),
        ("Put the panels back to their first places".into(), "", Action::ResetPanels),
        ("Keyboard shortcuts".into(), "?", Action::OpenShortcuts),
    ];
    for (tab, name) in [
        (ComposerTab::Event, "Event"),
        (ComposerTab::Code, "Code"),
        (ComposerTab::Configuration, "Configuration"),
        (ComposerTab::Queue, "Queue"),
        (ComposerTab::History, "History"),
        (ComposerTab::Http, "URL & CORS"),
    ] {
        entries.push((format!("Tab: {name}"), "", Action::OpenTab(tab)));
    }
    for model in InvocationModel::ALL {
        entries.push((format!("Model: {}", model.name()), "", Action::ChooseModel(model)));
    }
    for view in &model.workspace.functions {
        entries.push((
            format!("Function: {}", view.configuration.name),
            "",
            Action::ChooseFunction(view.configuration.name.clone()),
        ));
    }
    entries
}
