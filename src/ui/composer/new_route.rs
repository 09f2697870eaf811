//! A route for a function that none leads to: which one, and the button that adds it.

use egui::{RichText, Ui};

use super::http_tab::kind_words;
use crate::command::{Command, NewRoute};
use crate::http_model::configuration::ApiKind;
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};

/// `ANY` and the function's name, of the first HTTP API, else of the first API, else of one that is made for it.
#[must_use]
pub(super) fn new_route(model: &Model, function: &FunctionName) -> NewRoute {
    let apis = &model.workspace.apis;
    let api = apis.iter().find(|api| api.kind == ApiKind::Http).or(apis.first());
    NewRoute { api: api.map(|api| api.name.clone()), route: format!("ANY /{function}"), function: function.clone() }
}

/// Where the route comes, in words: `ANY /orders of HTTP API shop`.
fn words(model: &Model, new: &NewRoute) -> String {
    match new.api.as_ref().and_then(|name| model.api(name)) {
        Some(api) => format!("{} of {} {}", new.route, kind_words(api.kind), api.name),
        None => format!("{} of a new HTTP API {}", new.route, new.function),
    }
}

/// The button, as `button` draws it, and below it what it will add.
pub(super) fn add_route_ui(
    ui: &mut Ui,
    model: &Model,
    function: &FunctionName,
    actions: &mut Vec<Action>,
    button: impl FnOnce(&mut Ui, &str) -> egui::Response,
) {
    let new = new_route(model, function);
    let words = words(model, &new);
    let enabled = !model.workspace.read_only;
    let response = ui.add_enabled_ui(enabled, |ui| button(ui, "Add a route to this function")).inner;
    let response = response.on_hover_text(format!("Adds {words} to invokelab.toml; it can be taken out again"));
    if response.on_disabled_hover_text("The workspace is read-only").clicked() {
        actions.push(Action::Command(Command::AddRoute(new)));
    }
    ui.label(RichText::new(words).font(theme::mono(SMALL)).color(Palette::of(ui).second));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::event::Event;
    use crate::workspace;

    #[test]
    fn an_http_api_gets_it_before_others() {
        for (apis, expected) in [
            ("", "ANY /pay of a new HTTP API pay"),
            ("[[apis]]\nname = \"rest\"\nkind = \"rest\"", "ANY /pay of REST API rest"),
            ("[[apis]]\nname = \"rest\"\nkind = \"rest\"\n[[apis]]\nname = \"shop\"", "ANY /pay of HTTP API shop"),
        ] {
            let mut model = Model::default();
            let workspace = workspace::load_text(Path::new("/w/invokelab.toml"), apis);
            model.apply(&Event::Workspace(workspace::view(&workspace, &std::collections::BTreeMap::new()).into()));
            let new = new_route(&model, &"pay".into());
            assert_eq!(words(&model, &new), expected);
        }
    }
}
