//! What is said where the door that was asked for does not exist: which one is shown instead, and how to make the other.

use egui::{Button, RichText, Ui};

use super::super::new_route::add_route_ui;
use super::form::target_words;
use super::tab::Situation;
use crate::command::{Command, SettingChange, SettingOwner};
use crate::model::Model;
use crate::model::selection::InvocationModel;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// A function that no HTTP request reaches.
pub fn no_door_ui(ui: &mut Ui, model: &Model, function: &FunctionName, wanted: InvocationModel, actions: &mut Vec<Action>) {
    let (title, text) = if wanted == InvocationModel::Api {
        (format!("No route leads to {function}"), "A route of an API sends the requests that it takes to a function.")
    } else {
        let text = "A function URL is an HTTP endpoint of its own. Its address never changes for this function.";
        (format!("{function} has no URL"), text)
    };
    widgets::empty(ui, icons::GLOBE, &title, text);
    let colour = Palette::of(ui).second;
    let accent = Palette::of(ui).http;
    ui.vertical_centered(|ui| {
        ui.add_space(8.0);
        if wanted == InvocationModel::Api {
            add_route_ui(ui, model, function, actions, |ui, text| widgets::filled_button(ui, text, "", accent, true));
            ui.add_space(12.0);
            ui.label(RichText::new("A URL of its own would do, too").size(SMALL).color(colour));
            if ui.add_enabled(!model.workspace.read_only, Button::new("Add a function URL")).clicked() {
                actions.push(add_url(function));
            }
            return;
        }
        if widgets::filled_button(ui, "Add a function URL", "", accent, !model.workspace.read_only).clicked() {
            actions.push(add_url(function));
        }
        let text = "AuthType NONE: anybody who reaches this machine's loopback may call it";
        ui.label(RichText::new(text).size(SMALL).color(colour));
        ui.add_space(12.0);
        ui.label(RichText::new("A route of an API would lead here, too").size(SMALL).color(colour));
        add_route_ui(ui, model, function, actions, |ui, text| ui.button(text));
    });
}

/// Says which door the form is about because there is none of the kind that was wanted, and how to make one.
pub fn other_door_ui(ui: &mut Ui, model: &Model, now: &Situation<'_>, wanted: InvocationModel, actions: &mut Vec<Action>) {
    let function = &now.view.configuration.name;
    let shown = target_words(&now.door);
    let sentence = match wanted {
        InvocationModel::Url => format!("{function} has no URL. Shown is a route that leads to it: {shown}"),
        _ => format!("No route leads to {function}. Shown is its {shown}."),
    };
    let colour = Palette::of(ui).throttle;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(icons::WARNING).font(theme::icon(14.0)).color(colour));
        ui.label(RichText::new(sentence).color(colour));
        let add = Button::new("Add a function URL");
        if wanted == InvocationModel::Url && ui.add_enabled(!model.workspace.read_only, add).clicked() {
            actions.push(add_url(function));
        }
    });
    if wanted == InvocationModel::Api {
        add_route_ui(ui, model, function, actions, |ui, text| ui.button(text));
    }
}

fn add_url(function: &FunctionName) -> Action {
    let owner = SettingOwner::Function(function.clone());
    let change = SettingChange { owner, key: "url.auth_type".into(), value: Some("\"NONE\"".into()) };
    Action::Command(Command::ChangeSetting(change))
}
