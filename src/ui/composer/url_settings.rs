//! The settings of a function URL: who gets in, how it answers, and what it says to pages of other origins.

use egui::{Grid, RichText, Ui};

use super::configuration_tab::SPACING;
use super::cors_settings::cors_rows_ui;
use super::setting_row::{SettingRows, change};
use crate::command::SettingOwner;
use crate::event::FunctionView;
use crate::ui::action::Action;
use crate::ui::theme::Palette;
use crate::ui::widgets;

const URL: [(&str, &str); 2] = [
    ("url.auth_type", "NONE: whoever the policy lets in; AWS_IAM: signed requests only"),
    ("url.invoke_mode", "BUFFERED: the whole answer at once; RESPONSE_STREAM: as the function writes it"),
];
/// The URL's rows, or the button that gives the function one.
pub(super) fn url_settings_ui(rows: &mut SettingRows, ui: &mut Ui, view: &FunctionView, actions: &mut Vec<Action>) {
    let owner = SettingOwner::Function(view.configuration.name.clone());
    widgets::section(ui, "Function URL", |_| {});
    let Some(url) = &view.access.url else {
        let colour = Palette::of(ui).second;
        ui.label(
            RichText::new("Without a URL it is invoked by programs that speak the Lambda API, by queues and by APIs.")
                .color(colour),
        );
        if ui.button("Add a function URL").clicked() {
            actions.push(change(&owner, "url.auth_type", Some("\"NONE\"".into())));
        }
        return;
    };
    Grid::new("url settings").num_columns(2).spacing(SPACING).show(ui, |ui| {
        for (setting, value) in URL.into_iter().zip([url.auth_type.name(), url.invoke_mode.name()]) {
            rows.row(ui, &owner, setting, value, actions);
        }
        cors_rows_ui(rows, ui, &owner, url.cors.as_ref(), actions);
    });
}
