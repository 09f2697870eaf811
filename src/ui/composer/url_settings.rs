//! The settings of a function URL: who gets in, how it answers, and what it says to pages of other origins.

use egui::{Grid, RichText, Ui};

use super::configuration_tab::SPACING;
use super::setting_row::{SettingRows, change};
use crate::command::SettingOwner;
use crate::event::FunctionView;
use crate::http_model::configuration::FunctionUrlConfiguration;
use crate::ui::action::Action;
use crate::ui::theme::Palette;
use crate::ui::widgets;

const URL: [(&str, &str); 2] = [
    ("url.auth_type", "NONE: whoever the policy lets in; AWS_IAM: signed requests only"),
    ("url.invoke_mode", "BUFFERED: the whole answer at once; RESPONSE_STREAM: as the function writes it"),
];
const LISTS: [(&str, &str); 4] = [
    ("url.cors.allow_origins", "Origins whose pages may read the answers, exactly as the browser writes them, or *"),
    ("url.cors.allow_methods", "Methods beyond GET, HEAD and POST that pages may use, in capitals"),
    ("url.cors.allow_headers", "Headers that pages may send, such as content-type"),
    ("url.cors.expose_headers", "Headers of the answer that pages may read beyond the usual seven"),
];
const MAX_AGE: (&str, &str) = ("url.cors.max_age", "Seconds for which a browser keeps the answer to a preflight: 0 to 86400");
const CREDENTIALS: (&str, &str) = (
    "url.cors.allow_credentials",
    "Pages may send cookies and read the answer; with * in allow_origins this opens it to every site",
);

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
        cors(rows, ui, &owner, url, actions);
    });
}

fn cors(rows: &mut SettingRows, ui: &mut Ui, owner: &SettingOwner, url: &FunctionUrlConfiguration, actions: &mut Vec<Action>) {
    let cors = url.cors.clone().unwrap_or_default();
    for (setting, list) in
        LISTS.into_iter().zip([&cors.allow_origins, &cors.allow_methods, &cors.allow_headers, &cors.expose_headers])
    {
        rows.row(ui, owner, setting, &list.join(", "), actions);
    }
    rows.row(ui, owner, MAX_AGE, &cors.max_age.map(|age| age.to_string()).unwrap_or_default(), actions);
    rows.switch(ui, owner, CREDENTIALS, cors.allow_credentials, [Some("true"), None], actions);
}
