//! The resource-based policy of the function: its statements, and where they stand.

use egui::{Grid, RichText, Ui};

use super::configuration_tab::SPACING;
use super::setting_row::SettingRows;
use crate::command::SettingOwner;
use crate::event::FunctionView;
use crate::model::Model;
use crate::service::counted::counted;
use crate::ui::action::Action;
use crate::ui::exchange_parts::statement_ui;
use crate::ui::file_place::place_ui;
use crate::ui::theme::{Palette, SMALL};
use crate::ui::widgets;

const POLICY: (&str, &str) =
    ("policy", "Who may invoke: policy = \"policy.json\", or a list of what AddPermission takes. It is changed in the file");

pub(super) fn policy_settings_ui(
    rows: &mut SettingRows,
    ui: &mut Ui,
    model: &Model,
    view: &FunctionView,
    actions: &mut Vec<Action>,
) {
    let owner = SettingOwner::Function(view.configuration.name.clone());
    let access = &view.access;
    widgets::section(ui, "Resource-based policy", |_| {});
    Grid::new("policy").num_columns(2).spacing(SPACING).show(ui, |ui| {
        rows.read(ui, &owner, POLICY, |ui| {
            ui.label(match (access.statements_are_default, access.statements.len()) {
                (true, _) => "not written".to_owned(),
                (false, count) => counted(count, "statement"),
            });
            if let Some(place) = model.workspace.place_of(&owner, POLICY.0) {
                place_ui(ui, model, place, &place.short(), actions);
            }
        });
    });
    if access.statements_are_default {
        let text = match access.statements.is_empty() {
            true => "Without a policy nobody but the account's own identities gets in, and the routes that lead here.",
            false => {
                "Without a policy the statements count that the console makes for a public URL, and those for the routes that lead here:"
            }
        };
        ui.add(egui::Label::new(RichText::new(text).size(SMALL).color(Palette::of(ui).second)).wrap());
    }
    for (index, statement) in access.statements.iter().enumerate() {
        statement_ui(ui, index, statement, false);
    }
}
