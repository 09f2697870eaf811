//! The form at the left: what a page asks.

use egui::{Align, Button, ComboBox, FontId, Layout, RichText, TextEdit, Ui, Vec2};

use super::draft::RequestDraft;
use super::tab::Situation;
use super::target::{Target, TargetDoor, kind_words};
use crate::http_model::browser::{Api, Credentials, Mode, RedirectMode};
use crate::model::selection::InvocationModel;
use crate::ui::action::RequestAction;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Width of the names before the fields.
const NAMES: f32 = 78.0;
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// What was pressed.
pub enum Asked {
    Send,
    Request(RequestAction),
    /// A door of this model was chosen.
    Model(InvocationModel),
}

/// Draws the form.
pub fn form_ui(ui: &mut Ui, draft: &mut RequestDraft, now: &Situation<'_>) -> Option<Asked> {
    ui.spacing_mut().item_spacing.y = theme::GRID;
    let pasted = widgets::section(ui, "A page asks", |ui| {
        let tip = "Reads a curl command, a HAR document or a raw request, and says what went wrong";
        widgets::small_button(ui, "Paste…").on_hover_text(tip).clicked().then_some(Asked::Request(RequestAction::Paste))
    });
    let mut asked = target_row(ui, draft, now).or(pasted);
    origin_row(ui, draft, now);
    row(ui, "method", |ui| {
        combo_text(ui, &mut draft.method, "Method", &METHODS.map(str::to_owned));
    });
    row(ui, "path", |ui| text(ui, &mut draft.path, "Path and query", "/orders?page=2"));
    row(ui, "headers", |ui| lines(ui, &mut draft.headers, "Headers", "name: value", 2));
    if let Some(words) = draft.left_out() {
        ui.label(RichText::new(words).size(SMALL).color(Palette::of(ui).throttle));
    }
    row(ui, "credentials", |ui| {
        let hint = if draft.credentials == Credentials::Include { "cookies are sent" } else { "no cookies to another origin" };
        let all = [(Credentials::SameOrigin, "same-origin"), (Credentials::Include, "include"), (Credentials::Omit, "omit")];
        choice(ui, &mut draft.credentials, "Credentials", &all).on_hover_text(hint);
    });
    row(ui, "body", |ui| lines(ui, &mut draft.body, "Body", "none", 1));
    ui.add_space(2.0);
    asked = buttons(ui, draft, now).or(asked);
    more(ui, draft);
    asked
}

/// What most requests leave as it is; open when something was changed.
fn more(ui: &mut Ui, draft: &mut RequestDraft) {
    let plain =
        draft.mode == Mode::Cors && draft.redirect == RedirectMode::Follow && draft.cookies.is_empty() && draft.api == Api::Fetch;
    let title = RichText::new("Mode, redirect, cookies, api").size(SMALL).color(Palette::of(ui).second);
    egui::CollapsingHeader::new(title).id_salt("http more").default_open(!plain).show_unindented(ui, |ui| {
        row(ui, "mode", |ui| {
            let all = [(Mode::Cors, "cors"), (Mode::NoCors, "no-cors"), (Mode::SameOrigin, "same-origin")];
            choice(ui, &mut draft.mode, "Mode", &all);
        });
        row(ui, "redirect", |ui| {
            let all = [(RedirectMode::Follow, "follow"), (RedirectMode::Manual, "manual"), (RedirectMode::Error, "error")];
            choice(ui, &mut draft.redirect, "Redirect", &all);
        });
        row(ui, "cookies", |ui| text(ui, &mut draft.cookies, "Cookies", "session=1; theme=dark"));
        row(ui, "api", |ui| {
            let all = [(Api::Fetch, "fetch()"), (Api::Xhr, "XMLHttpRequest"), (Api::XhrUpload, "XMLHttpRequest, upload watched")];
            choice(ui, &mut draft.api, "Api", &all);
        });
    });
}

fn target_row(ui: &mut Ui, draft: &mut RequestDraft, now: &Situation<'_>) -> Option<Asked> {
    let mut asked = None;
    row(ui, "to", |ui| {
        let width = ui.available_width();
        let combo = ComboBox::from_id_salt("http target").width(width).truncate().selected_text(target_words(&now.door));
        let shown = combo.show_ui(ui, |ui| {
            for door in &now.doors {
                if ui.selectable_label(door.target == now.door.target, target_words(door)).clicked() {
                    draft.choose(&door.target);
                    asked = Some(Asked::Model(door.model()));
                }
            }
        });
        shown.response.accessible_name("To");
    });
    asked
}

/// What the list of doors calls a door.
pub(super) fn target_words(door: &TargetDoor) -> String {
    match (&door.target, door.api) {
        (Target::Route { api, route }, Some(kind)) => format!("{route} · {} {api}", kind_words(kind)),
        (Target::Url | Target::Route { .. }, _) => "function URL".into(),
    }
}

fn origin_row(ui: &mut Ui, draft: &mut RequestDraft, now: &Situation<'_>) {
    let listed = now.door.cors.as_ref().map(|cors| cors.allow_origins.clone()).unwrap_or_default();
    let mut known: Vec<String> = listed.into_iter().filter(|origin| !origin.contains('*')).collect();
    for origin in ["http://localhost:5173", "null"] {
        if !known.iter().any(|other| other == origin) {
            known.push(origin.to_owned());
        }
    }
    row(ui, "page origin", |ui| combo_text(ui, &mut draft.origin, "Page origin", &known));
}

fn buttons(ui: &mut Ui, draft: &RequestDraft, now: &Situation<'_>) -> Option<Asked> {
    let accent = Palette::of(ui).http;
    let obstacle = draft.obstacle();
    let mut asked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let send = widgets::filled_button(ui, "Send", "Ctrl ⏎", accent, obstacle.is_none());
        let send = send.accessible_name(now.door.model().verb());
        if send.clicked() {
            asked = Some(Asked::Send);
        }
        if let Some(why) = &obstacle {
            send.on_disabled_hover_text(why);
        }
        let page = ui.add(Button::new("Test page").min_size(Vec2::new(0.0, 30.0)));
        if page.on_hover_text("Serves a page on an origin of its own and opens it in your browser").clicked() {
            asked = Some(Asked::Request(RequestAction::TestPage));
        }
        let title = (RichText::new("Copy as"), RichText::new(icons::DOWN).font(theme::icon(SMALL)));
        let menu = ui.menu_button(title, |ui| {
            for (name, action) in [("fetch()", RequestAction::CopyFetch), ("curl", RequestAction::CopyCurl)] {
                if ui.button(name).clicked() {
                    asked = Some(Asked::Request(action));
                    ui.close();
                }
            }
        });
        menu.response.accessible_name("Copy request as");
    });
    if let Some(why) = obstacle {
        ui.label(RichText::new(why).size(SMALL).color(Palette::of(ui).error));
    }
    asked
}

/// A name and its field.
fn row(ui: &mut Ui, name: &str, field: impl FnOnce(&mut Ui)) {
    let colour = Palette::of(ui).second;
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(Vec2::new(NAMES, theme::ROW), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(NAMES);
            ui.label(RichText::new(name).color(colour));
        });
        field(ui);
    });
}

fn code() -> FontId {
    theme::mono(SMALL)
}

fn text(ui: &mut Ui, value: &mut String, name: &str, hint: &str) {
    let field = TextEdit::singleline(value).font(code()).hint_text(hint).desired_width(f32::INFINITY);
    widgets::field(ui, field).accessible_name(name);
}

fn lines(ui: &mut Ui, value: &mut String, name: &str, hint: &str, rows: usize) {
    let field = TextEdit::multiline(value).font(code()).hint_text(hint).desired_width(f32::INFINITY).desired_rows(rows);
    widgets::field(ui, field).accessible_name(name);
}

/// A text with known values behind a button.
fn combo_text(ui: &mut Ui, value: &mut String, name: &str, known: &[String]) {
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.x = theme::GRID;
        let glyph = RichText::new(icons::DOWN).font(theme::icon(SMALL));
        let menu = ui.menu_button(glyph, |ui| {
            for known in known {
                let words = if known == "null" { "null (sandbox, file)" } else { known };
                if ui.button(words).clicked() {
                    value.clone_from(known);
                    ui.close();
                }
            }
        });
        menu.response.accessible_name(format!("{name}, known values"));
        let width = ui.available_width();
        widgets::field(ui, TextEdit::singleline(value).font(code()).desired_width(width)).accessible_name(name);
    });
}

fn choice<T: Copy + PartialEq>(ui: &mut Ui, value: &mut T, name: &str, all: &[(T, &str)]) -> egui::Response {
    let shown = all.iter().find(|(one, _)| one == value).map_or("", |(_, words)| words);
    let width = ui.available_width();
    let combo = ComboBox::from_id_salt(name).width(width).selected_text(RichText::new(shown).font(code()));
    let response = combo.show_ui(ui, |ui| {
        for (one, words) in all {
            ui.selectable_value(value, *one, *words);
        }
    });
    response.response.accessible_name(name)
}
