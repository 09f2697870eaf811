//! A place in a file of the workspace, a click away.

use egui::{Label, Response, RichText, Sense, Ui};

use super::action::Action;
use super::theme::{self, Palette, SMALL};
use crate::event::{FilePlace, Problem};
use crate::model::Model;

/// A place as `text`; a click opens the file there, and copies the place of a file of secrets, which is not shown.
pub fn place_ui(ui: &mut Ui, model: &Model, place: &FilePlace, text: &str, actions: &mut Vec<Action>) -> Response {
    let colour = Palette::of(ui).second;
    link_ui(ui, model, place, RichText::new(text).color(colour), actions)
}

/// What is wrong, below its place.
pub fn problem_ui(ui: &mut Ui, model: &Model, problem: &Problem, actions: &mut Vec<Action>) {
    let (line, column) = (problem.line.max(1), problem.column.max(1));
    let place = FilePlace { file: problem.file.clone(), line, column };
    let colour = Palette::of(ui).error;
    link_ui(ui, model, &place, RichText::new(problem.place()).color(colour), actions);
    ui.add(Label::new(RichText::new(&problem.message).size(SMALL)).wrap().selectable(true));
}

fn link_ui(ui: &mut Ui, model: &Model, place: &FilePlace, text: RichText, actions: &mut Vec<Action>) -> Response {
    let full = format!("{}:{}:{}", place.file.display(), place.line, place.column);
    let secret = model.workspace.secret_files.contains(&place.file);
    let tip =
        if secret { "The file holds secrets and is not shown here. Click to copy the place" } else { "Click to open it there" };
    let label = Label::new(text.font(theme::mono(SMALL)).underline()).sense(Sense::click()).selectable(false);
    let response = ui.add(label).on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text(format!("{full}\n{tip}"));
    if response.clicked() {
        actions.push(if secret { Action::Copy(full.clone()) } else { Action::OpenFile(place.clone()) });
    }
    response.context_menu(|ui| {
        if ui.button("Copy the place").clicked() {
            actions.push(Action::Copy(full.clone()));
            ui.close();
        }
    });
    response
}
