//! The settings of a function URL: who may call it, how it answers, and its CORS configuration.

use egui::{Grid, Ui};

use super::setting_row::SettingRows;
use crate::command::SettingOwner;
use crate::event::FunctionView;
use crate::ui::action::Action;
use crate::ui::widgets;

/// Key, plain words.
const SETTINGS: [(&str, &str); 8] = [
    ("url.auth_type", "NONE lets anybody call the URL, AWS_IAM only signed requests"),
    ("url.invoke_mode", "BUFFERED sends the whole response at once, RESPONSE_STREAM as it is written"),
    ("url.cors.allow_origins", "Origins whose pages may read answers: https://app.example.com, http://localhost:5173, or *"),
    ("url.cors.allow_methods", "Methods that a page may use beyond GET, HEAD and POST: GET, PUT, DELETE"),
    ("url.cors.allow_headers", "Headers that a page may set: content-type, authorization"),
    ("url.cors.expose_headers", "Response headers that a page may read beyond the usual ones"),
    ("url.cors.max_age", "Seconds for which a browser remembers a permission: 0 to 86400, Chromium keeps 7200 at most"),
    ("url.cors.allow_credentials", "true: pages may send cookies; the origin must then be listed by name"),
];

/// Whether a setting is a list, typed with commas between its entries.
pub fn is_list(key: &str) -> bool {
    matches!(key, "url.cors.allow_origins" | "url.cors.allow_methods" | "url.cors.allow_headers" | "url.cors.expose_headers")
}

/// The rows, where the function has a URL.
pub fn url_settings_ui(ui: &mut Ui, rows: &mut SettingRows, view: &FunctionView, actions: &mut Vec<Action>) {
    if view.access.url.is_none() {
        return;
    }
    let owner = SettingOwner::Function(view.configuration.name.clone());
    widgets::section(ui, "Function URL", |_| {});
    Grid::new("url settings").num_columns(2).spacing([16.0, 8.0]).show(ui, |ui| {
        for setting in SETTINGS {
            rows.row(ui, &owner, setting, &value(view, setting.0), actions);
        }
    });
    ui.add_space(12.0);
}

fn value(view: &FunctionView, key: &str) -> String {
    let Some(url) = &view.access.url else { return String::new() };
    let cors = url.cors.as_ref();
    let list = |entries: Option<&Vec<String>>| entries.map(|entries| entries.join(", ")).unwrap_or_default();
    match key {
        "url.auth_type" => url.auth_type.name().to_owned(),
        "url.invoke_mode" => url.invoke_mode.name().to_owned(),
        "url.cors.allow_origins" => list(cors.map(|cors| &cors.allow_origins)),
        "url.cors.allow_methods" => list(cors.map(|cors| &cors.allow_methods)),
        "url.cors.allow_headers" => list(cors.map(|cors| &cors.allow_headers)),
        "url.cors.expose_headers" => list(cors.map(|cors| &cors.expose_headers)),
        "url.cors.max_age" => cors.and_then(|cors| cors.max_age).map(|age| age.to_string()).unwrap_or_default(),
        "url.cors.allow_credentials" => cors.map(|cors| cors.allow_credentials.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}
