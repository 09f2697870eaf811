//! The routes of APIs and load balancers that lead to the function.

use egui::{Grid, RichText, Ui};

use super::configuration_tab::SPACING;
use super::http_tab::kind_words;
use super::new_route::add_route_ui;
use super::setting_row::SettingRows;
use crate::command::SettingOwner;
use crate::event::FunctionView;
use crate::http_model::configuration::{ApiConfiguration, ApiKind, RouteConfiguration};
use crate::http_model::event_from_request::PayloadFormat;
use crate::model::Model;
use crate::service::counted::counted;
use crate::service::ids::FunctionName;
use crate::service::time::Micros;
use crate::ui::action::Action;
use crate::ui::file_place::place_ui;
use crate::ui::theme::Palette;
use crate::ui::widgets;

const ROUTES: (&str, &str) = ("routes", "All of them stand in the file; those that lead to this function are below");
const ROUTE: (&str, &str) = ("route", "A method or ANY, a space and a path, such as GET /orders/{id}; or $default");
const PAYLOAD_FORMAT: (&str, &str) = ("payload_format_version", "2.0, or 1.0 for the event of a REST API");
const TIMEOUT: (&str, &str) = (
    "timeout",
    "Seconds that the API waits for the function: up to 30, a REST API up to 900; empty means the most of the API's usual",
);

/// A section for each API with such a route, or the button that adds one.
pub(super) fn route_settings_ui(
    rows: &mut SettingRows,
    ui: &mut Ui,
    model: &Model,
    view: &FunctionView,
    actions: &mut Vec<Action>,
) {
    let function = &view.configuration.name;
    let leads_here = |api: &&ApiConfiguration| api.routes.iter().any(|route| route.function == *function);
    let mut apis = model.workspace.apis.iter().filter(leads_here).peekable();
    if apis.peek().is_none() {
        widgets::section(ui, "Routes of APIs", |_| {});
        ui.label(RichText::new("No route of an API leads to this function.").color(Palette::of(ui).second));
        add_route_ui(ui, model, function, actions, |ui, text| ui.button(text));
    }
    for api in apis {
        api_ui(rows, ui, model, (api, function), actions);
    }
}

fn api_ui(
    rows: &mut SettingRows,
    ui: &mut Ui,
    model: &Model,
    (api, function): (&ApiConfiguration, &FunctionName),
    actions: &mut Vec<Action>,
) {
    widgets::section(ui, &format!("Routes of {} {} to this function", kind_words(api.kind), api.name), |_| {});
    Grid::new(("routes", &api.name)).num_columns(2).spacing(SPACING).show(ui, |ui| {
        let own: Vec<&RouteConfiguration> = api.routes.iter().filter(|route| route.function == *function).collect();
        let owner = SettingOwner::Api(api.name.clone());
        rows.read(ui, &owner, ROUTES, |ui| {
            ui.label(match (api.routes.len(), own.len()) {
                (all, own) if all == own => counted(all, "route"),
                (all, own) => format!("{own} of {}", counted(all, "route")),
            });
            if let Some(place) = model.workspace.place_of(&owner, ROUTES.0) {
                place_ui(ui, model, place, &place.short(), actions);
            }
        });
        for route in own {
            route_ui(rows, ui, model, (api, route), actions);
        }
    });
}

fn route_ui(
    rows: &mut SettingRows,
    ui: &mut Ui,
    model: &Model,
    (api, route): (&ApiConfiguration, &RouteConfiguration),
    actions: &mut Vec<Action>,
) {
    let owner = SettingOwner::Route { api: api.name.clone(), route: route.route.as_str().into() };
    let mut opened = Vec::new();
    rows.row_with(ui, &owner, ROUTE, &route.route, actions, |ui| {
        if let Some(place) = model.workspace.place_of(&owner, "") {
            place_ui(ui, model, place, &place.short(), &mut opened);
        }
    });
    actions.append(&mut opened);
    if api.kind == ApiKind::Http {
        let version = match route.payload_format {
            PayloadFormat::One => "1.0",
            PayloadFormat::Two => "2.0",
        };
        rows.row(ui, &owner, PAYLOAD_FORMAT, version, actions);
    }
    if api.kind != ApiKind::LoadBalancer {
        rows.row(ui, &owner, TIMEOUT, &route.timeout.map(seconds).unwrap_or_default(), actions);
    }
}

/// As it is typed: whole seconds, or a time with a unit.
fn seconds(time: Micros) -> String {
    if time.0.is_multiple_of(1_000_000) { (time.0 / 1_000_000).to_string() } else { format!("{}ms", time.0 / 1_000) }
}
