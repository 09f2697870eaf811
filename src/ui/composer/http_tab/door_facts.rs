//! What the workspace says about the door: its address and the settings that decide, each a click away from where it is
//! changed.

use egui::{Button, Label, RichText, Ui};

use super::repair;
use super::tab::Situation;
use super::target::Target;
use crate::command::SettingOwner;
use crate::event::Door;
use crate::http_model::cors::{CorsConfiguration, Setting};
use crate::http_model::cors_messages::Fix;
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Width of the names before the values.
const NAMES: f32 = 100.0;
const SETTINGS: [(Setting, &str); 6] = [
    (Setting::AllowOrigins, "allow origins"),
    (Setting::AllowMethods, "allow methods"),
    (Setting::AllowHeaders, "allow headers"),
    (Setting::ExposeHeaders, "expose headers"),
    (Setting::AllowCredentials, "credentials"),
    (Setting::MaxAge, "max age"),
];

/// Address and settings; `missing` is the repair of what is wrong with the request, marked at its setting.
pub fn door_facts_ui(ui: &mut Ui, model: &Model, now: &Situation<'_>, missing: Option<&Fix>, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    let title = match &now.door.target {
        Target::Url => "The function URL".to_owned(),
        Target::Route { .. } => capital(&now.door.words()),
    };
    widgets::section(ui, &title, |_| {});
    row(ui, "address", |ui| copied(ui, &now.door.address, "address", actions));
    if let Some(https) = &now.door.https {
        https_rows(ui, https, actions);
    }
    if !now.door.open {
        let text = "No door is open at this address yet.";
        ui.label(RichText::new(text).size(SMALL).color(palette.throttle));
    }
    if let (Target::Url, Some(url)) = (&now.door.target, &now.view.access.url) {
        let function = &now.view.configuration.name;
        setting(ui, "auth type", url.auth_type.name(), "url.auth_type", function, actions);
        setting(ui, "invoke mode", url.invoke_mode.name(), "url.invoke_mode", function, actions);
    }
    match &now.door.cors {
        Some(cors) => cors_rows(ui, now, cors, missing, actions),
        None => no_cors(ui, now, actions),
    }
    for problem in &model.workspace.problems {
        if problem.message.contains(&format!("{}.url", now.view.configuration.name)) {
            ui.add(Label::new(RichText::new(&problem.message).size(SMALL).color(palette.error)).wrap());
        }
    }
}

/// The address for clients that speak TLS, and how they come to trust it.
fn https_rows(ui: &mut Ui, https: &Door, actions: &mut Vec<Action>) {
    row(ui, "https", |ui| copied(ui, &https.address, "HTTPS address", actions));
    row(ui, "certificate", |ui| match &https.certificate {
        Some(path) => copied(ui, path, "path of the certificate", actions),
        None => {
            let text = "a new one at every start; doors_https_certificate = \"kept\" under [workspace] keeps it";
            ui.add(Label::new(RichText::new(text).size(SMALL).color(Palette::of(ui).second)).wrap());
        }
    });
}

fn cors_rows(ui: &mut Ui, now: &Situation<'_>, cors: &CorsConfiguration, missing: Option<&Fix>, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    for (kind, name) in SETTINGS {
        let value = match kind {
            Setting::AllowCredentials => cors.allow_credentials.to_string(),
            Setting::MaxAge => cors.max_age.map_or_else(|| "not set".into(), |age| format!("{age} s")),
            _ if cors.list(kind).is_empty() => "none".into(),
            _ => cors.list(kind).join(", "),
        };
        row(ui, name, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                value_button(ui, now, &value, kind, actions);
                if let Some(words) = missing.filter(|fix| fix.setting() == Some(kind)).map(missing_words) {
                    ui.label(RichText::new(words).size(SMALL).color(palette.error));
                }
            });
        });
    }
}

/// The value of a setting; a click goes to where it is changed.
fn value_button(ui: &mut Ui, now: &Situation<'_>, value: &str, setting: Setting, actions: &mut Vec<Action>) {
    let text = RichText::new(value).font(theme::mono(SMALL));
    let Some((owner, key)) = now.cors_setting(setting) else {
        ui.add(Label::new(text).wrap().selectable(true));
        return;
    };
    let button = ui.add(Button::new(text).frame(false).wrap()).accessible_name(format!("Change {key}"));
    if button.on_hover_text(format!("{key}\nClick to change it")).clicked() {
        actions.push(Action::OpenSetting { owner, key });
    }
}

fn missing_words(fix: &Fix) -> String {
    match fix {
        Fix::AddToList { value, .. } => format!("← {value} missing"),
        Fix::RemoveFromList { value, .. } => format!("← {value} must go"),
        Fix::ReplaceInList { value, with, .. } => format!("← {value} should be {}", with.join(", ")),
        Fix::SetMaxAge(seconds) => format!("← {seconds} would do"),
        Fix::SetAllowCredentials(allowed) => format!("← must be {allowed}"),
        Fix::RemoveFunctionHeader { name } => format!("← the function sets {name} too"),
    }
}

fn no_cors(ui: &mut Ui, now: &Situation<'_>, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let name = &now.view.configuration.name;
    let text = format!("No CORS settings: {name} has to answer preflights and send every header by itself.");
    ui.add(Label::new(RichText::new(text).size(SMALL).color(palette.second)).wrap());
    let origin = now.step.origin.clone().unwrap_or_default();
    let first = repair::allow_origin(&origin, None).filter(|_| origin != "null");
    if let Some((first, owner)) = first.zip(now.cors_owner())
        && ui.button(format!("Let {} allow {origin}", now.door.words())).clicked()
    {
        actions.push(Action::Command(first.command(owner)));
    }
}

/// A text in one line, and a button that copies it; `name` says what it is.
fn copied(ui: &mut Ui, text: &str, name: &str, actions: &mut Vec<Action>) {
    let colour = Palette::of(ui).second;
    let size = egui::vec2(ui.available_width(), theme::LINE);
    ui.allocate_ui_with_layout(size, egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let glyph = RichText::new(icons::COPY).font(theme::icon(BODY)).color(colour);
        if ui
            .add(Button::new(glyph).frame(false))
            .accessible_name(format!("Copy {name}"))
            .on_hover_text(format!("Copy {name}"))
            .clicked()
        {
            actions.push(Action::Copy(text.to_owned()));
        }
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add(Label::new(RichText::new(text).font(theme::mono(SMALL))).truncate()).on_hover_text(text);
        });
    });
}

fn setting(ui: &mut Ui, name: &str, value: &str, key: &str, function: &FunctionName, actions: &mut Vec<Action>) {
    row(ui, name, |ui| {
        let button = ui.add(Button::new(RichText::new(value).font(theme::mono(SMALL))).frame(false));
        let button = button.accessible_name(format!("Change {key}")).on_hover_text(format!("{key}\nClick to change it"));
        if button.clicked() {
            actions.push(Action::OpenSetting { owner: SettingOwner::Function(function.clone()), key: key.to_owned() });
        }
    });
}

fn row(ui: &mut Ui, name: &str, value: impl FnOnce(&mut Ui)) {
    let colour = Palette::of(ui).second;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().interact_size.y = theme::LINE;
        ui.spacing_mut().button_padding = egui::Vec2::ZERO;
        ui.allocate_ui(egui::vec2(NAMES, theme::LINE), |ui| {
            ui.set_min_width(NAMES);
            ui.label(RichText::new(name).color(colour));
        });
        value(ui);
    });
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
