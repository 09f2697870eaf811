//! What I have, how warm it is, how it last went: functions, queues, and what is wrong in the files.

use egui::{Color32, Frame, Margin, Response, RichText, ScrollArea, TextEdit, Ui};

use super::action::{Action, ComposerTab};
use super::file_place::problem_ui;
use super::icons;
use super::menus;
use super::shortcuts;
use super::status_bar::whole_seconds;
use super::theme::{Palette, TINY};
use super::widgets::{self, Row};
use crate::event::FunctionView;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::ids::{FunctionName, QueueName};
use crate::service::time::Timestamp;

/// What is searched for.
#[derive(Default)]
pub struct FunctionsPanel {
    search: String,
    /// The keyboard is to be put into the search field.
    focus: bool,
}

impl FunctionsPanel {
    /// Puts the keyboard into the search field.
    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// The field with its magnifier, and the key that leads there while nothing is typed.
    fn search_ui(&mut self, ui: &mut Ui) -> Response {
        let key = if self.search.is_empty() { shortcuts::FUNCTIONS } else { "" };
        let field = TextEdit::singleline(&mut self.search)
            .hint_text("Find")
            .prefix(widgets::field_icon(ui, icons::SEARCH))
            .suffix(RichText::new(key).size(TINY).color(Palette::of(ui).third))
            .desired_width(f32::INFINITY);
        let field = widgets::field(ui, field).accessible_name("Find");
        field.on_hover_text("Functions and queues by their names; Enter takes the first function")
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, chosen: (&str, Option<&str>), now: Timestamp, actions: &mut Vec<Action>) {
        ui.add_space(6.0);
        let field = self.search_ui(ui);
        if std::mem::take(&mut self.focus) {
            field.request_focus();
        }
        ui.add_space(4.0);
        let wanted = self.search.to_lowercase();
        if field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) && !wanted.is_empty() {
            let mut names = model.workspace.functions.iter().map(|view| &view.configuration.name);
            if let Some(name) = names.find(|name| name.to_lowercase().contains(&wanted)) {
                actions.extend([Action::ChooseFunction(name.clone()), Action::Select(Selection::Function(name.clone()))]);
                self.search.clear();
            }
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            heading(ui, "Functions", |ui| {
                if widgets::icon_button(ui, icons::PLUS, "Add function", "").clicked() {
                    actions.push(Action::OpenAddFunction);
                }
            });
            let functions =
                model.workspace.functions.iter().filter(|view| view.configuration.name.to_lowercase().contains(&wanted));
            for view in functions {
                function_row(ui, model, view, chosen.0, actions);
            }
            if model.workspace.functions.is_empty() {
                widgets::empty(
                    ui,
                    icons::FUNCTION,
                    "No functions yet",
                    "Press + to add one: JavaScript needs nothing installed.",
                );
            }
            ui.add_space(10.0);
            heading(ui, "Queues", |ui| {
                if widgets::icon_button(ui, icons::PLUS, "Add queue", "").clicked() {
                    actions.push(Action::OpenAddQueue);
                }
            });
            for name in model.queues.keys().filter(|name| name.to_lowercase().contains(&wanted)) {
                queue_row(ui, model, name, chosen.1, now, actions);
            }
            problems(ui, model, actions);
        });
    }
}

/// A heading, a little further in than the ground of a row.
fn heading(ui: &mut Ui, title: &str, right: impl FnOnce(&mut Ui)) {
    let margin = Margin { left: 6, ..Margin::ZERO };
    Frame::new().inner_margin(margin).show(ui, |ui| widgets::section(ui, title, right));
}

fn function_row(ui: &mut Ui, model: &Model, view: &FunctionView, chosen: &str, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let name = &view.configuration.name;
    let (icon, colour, last) = standing(model, view, &palette);
    let runtime = view.runtime_found.as_deref().unwrap_or(&view.runtime);
    let second = if last.is_empty() { runtime.to_owned() } else { format!("{runtime} · {last}") };
    let row = Row { name, second: &second, icon, colour, selected: **name == *chosen, dots: &dots(model, name, &palette) };
    let response = row.show(ui);
    if response.clicked() {
        actions.push(Action::ChooseFunction(name.clone()));
        actions.push(Action::Select(Selection::Function(name.clone())));
    }
    menus::item_menu(&response, || menus::of_function(model, name), actions);
    if let Some(reason) = &view.broken {
        response.on_hover_text(reason);
    }
}

/// How it last went: an icon, its colour and a few words.
fn standing(model: &Model, view: &FunctionView, palette: &Palette) -> (&'static str, Color32, String) {
    if view.broken.is_some() {
        return (icons::WARNING, palette.error, "cannot run".into());
    }
    let last = model.functions.get(&view.configuration.name).and_then(|function| function.last);
    let last = last.and_then(|id| model.invocations.get(&id));
    let Some((attempt, ended)) = last.and_then(|invocation| invocation.last_ended()) else {
        return (icons::CIRCLE, palette.third, String::new());
    };
    if let Some(failed) = last.and_then(|invocation| model.failed_words(invocation)) {
        return (icons::FAILED, palette.error, failed);
    }
    match &ended.result {
        Ok(_) => (icons::OK, palette.ok, ended.duration.to_string()),
        Err(_) => (icons::FAILED, palette.error, format!("attempt {} failed", attempt.number)),
    }
}

fn dots(model: &Model, name: &FunctionName, palette: &Palette) -> Vec<(Color32, bool)> {
    let own = model.environments.values().filter(|environment| environment.function == *name);
    own.map(|environment| match (environment.ready, environment.running) {
        (true, Some(id)) => {
            (model.invocations.get(&id).map_or(palette.second, |invocation| palette.model(invocation.model())), true)
        }
        (true, None) => (palette.ok, true),
        (false, _) => (palette.third, false),
    })
    .collect()
}

fn queue_row(ui: &mut Ui, model: &Model, name: &QueueName, chosen: Option<&str>, now: Timestamp, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let Some(queue) = model.queues.get(name) else { return };
    let (waiting, invisible) = queue.depth();
    let second = match (waiting, invisible, queue.oldest()) {
        (0, 0, _) => "SQS · empty".to_owned(),
        (waiting, 0, Some(oldest)) => format!("SQS · {waiting} waiting, oldest {}", whole_seconds(now.since(oldest))),
        (waiting, invisible, _) => format!("SQS · {waiting} waiting, {invisible} invisible"),
    };
    let dead = name.contains("dlq") || name.contains("dead");
    let icon = if dead { icons::DEAD_LETTER } else { icons::QUEUE };
    let colour = if dead && waiting > 0 { palette.error } else { palette.second };
    let row = Row { name, second: &second, icon, colour, selected: Some(&**name) == chosen, dots: &[] };
    let response = row.show(ui);
    if response.clicked() {
        actions.push(Action::ChooseQueue(name.clone()));
        actions.push(Action::Select(Selection::Queue(name.clone())));
        actions.push(Action::OpenTab(ComposerTab::Queue));
    }
    menus::item_menu(&response, || menus::of_queue(model, name), actions);
}

fn problems(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.problems().next().is_none() {
        return;
    }
    ui.add_space(10.0);
    heading(ui, "Problems in files", |_| {});
    for problem in model.problems() {
        problem_ui(ui, model, problem, actions);
        ui.add_space(4.0);
    }
}
