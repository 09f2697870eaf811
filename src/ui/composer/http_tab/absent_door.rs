//! What is said where the door that was asked for does not exist: which one is shown instead, and how to make the other.

use egui::{Button, RichText, Ui};

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
    ui.vertical_centered(|ui| {
        ui.add_space(8.0);
        if wanted == InvocationModel::Api {
            route_ui(ui, model, function, actions);
            ui.add_space(8.0);
        }
        let accent = Palette::of(ui).http;
        if widgets::filled_button(ui, "Add a function URL", "", accent, !model.workspace.read_only).clicked() {
            actions.push(add_url(function));
        }
        let colour = Palette::of(ui).second;
        ui.label(
            RichText::new("AuthType NONE: anybody who reaches this machine's loopback may call it").size(SMALL).color(colour),
        );
        if wanted != InvocationModel::Api {
            ui.add_space(8.0);
            ui.label(RichText::new("A route of an API would lead here, too").size(SMALL).color(colour));
            route_ui(ui, model, function, actions);
        }
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
        route_ui(ui, model, function, actions);
    }
}

/// The lines that make a route, to be copied into the workspace file.
fn route_ui(ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
    let colour = Palette::of(ui).second;
    let route = format!("{{ route = \"ANY /{function}\", function = \"{function}\" }}");
    let (place, lines) = match model.workspace.apis.first() {
        Some(api) => (format!("Add it to the routes of {} in invokelab.toml:", api.name), route),
        None => {
            let lines = format!("[[apis]]\nname = \"{function}\"\nkind = \"http\"\nroutes = [{route}]");
            ("Add an API to invokelab.toml:".to_owned(), lines)
        }
    };
    ui.label(RichText::new(place).size(SMALL).color(colour));
    ui.label(RichText::new(&lines).font(theme::mono(SMALL)));
    if widgets::small_button(ui, "Copy the route").clicked() {
        actions.push(Action::Copy(lines));
    }
}

fn add_url(function: &FunctionName) -> Action {
    let owner = SettingOwner::Function(function.clone());
    let change = SettingChange { owner, key: "url.auth_type".into(), value: Some("\"NONE\"".into()) };
    Action::Command(Command::ChangeSetting(change))
}
