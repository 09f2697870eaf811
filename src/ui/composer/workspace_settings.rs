//! Settings of the whole workspace that concern how a function is invoked: who may sign, and how long environments stay warm.

use egui::{Grid, RichText, Ui};

use super::configuration_tab::SPACING;
use super::setting_row::SettingRows;
use crate::command::SettingOwner;
use crate::model::Model;
use crate::ui::action::Action;
use crate::ui::exchange_parts::word_chip;
use crate::ui::file_place::place_ui;
use crate::ui::theme::{Palette, SMALL};
use crate::ui::widgets;

const CREDENTIALS: (&str, &str) = (
    "credentials_file",
    "A file as AWS CLI and every SDK have it, relative to invokelab.toml: whose keys may sign. Its secrets are read and never shown",
);
const IDLE_EXPIRY: (&str, &str) = (
    "environment_idle_expiry",
    "How long an environment without an event stays warm, 1 s to 24 h, such as 90 or 5m; then it is stopped, and the next invoke is a cold start",
);

pub(super) fn workspace_settings_ui(rows: &mut SettingRows, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let owner = SettingOwner::Workspace;
    widgets::section(ui, &format!("Workspace {}", model.workspace.name), |_| {});
    Grid::new("workspace settings").num_columns(2).spacing(SPACING).show(ui, |ui| {
        let mut opened = Vec::new();
        let written = model.workspace.credentials_file.as_deref();
        rows.row_with(ui, &owner, CREDENTIALS, written.unwrap_or_default(), actions, |ui| {
            if let Some(place) = written.and_then(|_| model.workspace.place_of(&owner, CREDENTIALS.0)) {
                place_ui(ui, model, place, &place.short(), &mut opened);
            }
        });
        actions.append(&mut opened);
        signers_ui(ui, model);
        let expiry = (model.workspace.environment_idle_expiry.0 / 1_000_000).to_string();
        rows.row_with(ui, &owner, IDLE_EXPIRY, &expiry, actions, |ui| {
            let tip = "AWS publishes no figure for it and recycles environments every few hours besides; 10 minutes are this program's own choice";
            word_chip(ui, "UNVERIFIED", Palette::of(ui).throttle).on_hover_text(tip);
        });
    });
}

/// Whose keys are known, below the file; a row of the grid.
fn signers_ui(ui: &mut Ui, model: &Model) {
    let keys: Vec<String> =
        model.workspace.signers.identities().into_iter().map(|identity| identity.access_key.clone()).collect();
    if keys.is_empty() {
        return;
    }
    ui.label("");
    let text = format!("may sign: {}", keys.join(", "));
    ui.add(egui::Label::new(RichText::new(text).size(SMALL).color(Palette::of(ui).second)).wrap());
    ui.end_row();
}
