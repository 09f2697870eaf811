//! What a function URL, or an HTTP API in front of the function, says to pages of other origins.

use egui::{Grid, Ui};

use super::configuration_tab::SPACING;
use super::setting_row::SettingRows;
use crate::command::SettingOwner;
use crate::event::FunctionView;
use crate::http_model::configuration::ApiKind;
use crate::http_model::cors::CorsConfiguration;
use crate::model::Model;
use crate::ui::action::Action;
use crate::ui::widgets;

/// A setting: its key in the table of a function, its key in that of an API, and what it says.
struct Entry {
    of_url: &'static str,
    of_api: &'static str,
    gloss: &'static str,
}

const LISTS: [Entry; 4] = [
    Entry {
        of_url: "url.cors.allow_origins",
        of_api: "cors.allow_origins",
        gloss: "Origins whose pages may read the answers, exactly as the browser writes them, or *",
    },
    Entry {
        of_url: "url.cors.allow_methods",
        of_api: "cors.allow_methods",
        gloss: "Methods beyond GET, HEAD and POST that pages may use, in capitals",
    },
    Entry {
        of_url: "url.cors.allow_headers",
        of_api: "cors.allow_headers",
        gloss: "Headers that pages may send, such as content-type",
    },
    Entry {
        of_url: "url.cors.expose_headers",
        of_api: "cors.expose_headers",
        gloss: "Headers of the answer that pages may read beyond the usual seven",
    },
];
const MAX_AGE: Entry = Entry {
    of_url: "url.cors.max_age",
    of_api: "cors.max_age",
    gloss: "Seconds for which a browser keeps the answer to a preflight: 0 to 86400",
};
const CREDENTIALS: Entry = Entry {
    of_url: "url.cors.allow_credentials",
    of_api: "cors.allow_credentials",
    gloss: "Pages may send cookies and read the answer; with * in allow_origins a URL opens this to every site, an API refuses it",
};

impl Entry {
    fn of(&self, owner: &SettingOwner) -> (&'static str, &'static str) {
        (if matches!(owner, SettingOwner::Api(_)) { self.of_api } else { self.of_url }, self.gloss)
    }
}

/// Whether a setting is a list, which is typed with commas.
pub(super) fn is_list(key: &str) -> bool {
    LISTS.iter().any(|entry| key == entry.of_url || key == entry.of_api)
}

/// Rows of a grid.
pub(super) fn cors_rows_ui(
    rows: &mut SettingRows,
    ui: &mut Ui,
    owner: &SettingOwner,
    cors: Option<&CorsConfiguration>,
    actions: &mut Vec<Action>,
) {
    let cors = cors.cloned().unwrap_or_default();
    let lists = [&cors.allow_origins, &cors.allow_methods, &cors.allow_headers, &cors.expose_headers];
    for (entry, list) in LISTS.iter().zip(lists) {
        rows.row(ui, owner, entry.of(owner), &list.join(", "), actions);
    }
    rows.row(ui, owner, MAX_AGE.of(owner), &cors.max_age.map(|age| age.to_string()).unwrap_or_default(), actions);
    rows.switch(ui, owner, CREDENTIALS.of(owner), cors.allow_credentials, [Some("true"), None], actions);
}

/// The same for every HTTP API that leads to the function.
pub(super) fn api_settings_ui(
    rows: &mut SettingRows,
    ui: &mut Ui,
    model: &Model,
    view: &FunctionView,
    actions: &mut Vec<Action>,
) {
    let leads_here = |function: &str| *function == *view.configuration.name;
    let apis = model.workspace.apis.iter().filter(|api| api.kind == ApiKind::Http);
    for api in apis.filter(|api| api.routes.iter().any(|route| leads_here(&route.function))) {
        widgets::section(ui, &format!("CORS of HTTP API {}, for all of its routes", api.name), |_| {});
        let owner = SettingOwner::Api(api.name.clone());
        Grid::new(("api settings", &api.name)).num_columns(2).spacing(SPACING).show(ui, |ui| {
            cors_rows_ui(rows, ui, &owner, api.cors.as_ref(), actions);
        });
        ui.add_space(12.0);
    }
}
