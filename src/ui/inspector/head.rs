//! What is selected, how it stands, and why: the sentence, what the code said, and the setting that decided.

use egui::text::{LayoutJob, TextFormat};
use egui::{FontId, Label, RichText, Sense, Ui, Vec2};

use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::why::{Deciding, Standing, Why};
use crate::service::error_words::{ErrorParts, Place};
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::theme::{self, LARGE, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Height of a line of the sentence.
const SENTENCE_LINE: f32 = 21.0;

pub fn head_ui(ui: &mut Ui, model: &Model, why: &Why, selection: &Selection, actions: &mut Vec<Action>) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = theme::GRID;
        title(ui, why);
        if let Some(id) = selection.request_id() {
            let id = id.to_string();
            if widgets::copyable(ui, &id, "request id") {
                actions.push(Action::Copy(id));
            }
        }
        ui.add_space(theme::GRID);
        widgets::divider(ui);
        ui.add_space(theme::GRID);
        ui.add(Label::new(sentence(ui, why)).wrap().selectable(true));
        if let Some(failure) = &why.failure {
            said(ui, model, failure, function_of(model, selection), actions);
        }
        if !why.decided_by.is_empty() {
            decided_by(ui, &why.decided_by, actions);
        }
    });
}

/// The name with how it stands at its right, or below it where both have no room in one line.
fn title(ui: &mut Ui, why: &Why) {
    let palette = Palette::of(ui);
    let icon = match why.standing {
        Standing::Running => icons::PLAY,
        Standing::Waiting | Standing::Hidden => icons::HOURGLASS,
        Standing::Ok => icons::OK,
        Standing::Failed => icons::FAILED,
        Standing::Throttled => icons::WARNING,
        Standing::Neutral => icons::CIRCLE,
    };
    let width = |text: &str, font| ui.painter().layout_no_wrap(text.to_owned(), font, palette.text).size().x;
    let name = RichText::new(&why.title).font(theme::semibold(LARGE));
    let chip_width = widgets::chip_width(width(&why.chip, theme::medium(SMALL)));
    let together = width(&why.title, theme::semibold(LARGE)) + chip_width + ui.spacing().item_spacing.x;
    let chip = |ui: &mut Ui| widgets::chip(ui, icon, &why.chip, palette.standing(why.standing));
    if together <= ui.available_width() {
        ui.horizontal(|ui| {
            ui.label(name);
            ui.add_space((ui.available_width() - chip_width).max(0.0));
            chip(ui);
        });
    } else {
        ui.add(Label::new(name).wrap());
        ui.horizontal(chip);
    }
}

/// The parts between `*` in a heavier cut, and the type of the error in its colour.
fn sentence(ui: &Ui, why: &Why) -> LayoutJob {
    let palette = Palette::of(ui);
    let mut job = LayoutJob::default();
    let mut write = |text: &str, font_id: FontId, color| {
        let line_height = Some(SENTENCE_LINE);
        job.append(text, 0.0, TextFormat { font_id, color, line_height, ..TextFormat::default() });
    };
    for (index, part) in why.text.split('*').enumerate() {
        if index % 2 == 0 {
            write(part, FontId::proportional(LARGE), palette.text);
            continue;
        }
        for (text, is_error) in strong_parts(part, why) {
            write(text, theme::semibold(LARGE), if is_error { palette.error } else { palette.text });
        }
    }
    job
}

/// What of the words that matter is the error: its type, or all of it where no code failed and still something did.
fn strong_parts<'a>(strong: &'a str, why: &Why) -> Vec<(&'a str, bool)> {
    let named = why.failure.as_ref().and_then(|failure| {
        let start = strong.find(&failure.error_type)?;
        Some((start, start + failure.error_type.len()))
    });
    match named {
        Some((start, end)) => vec![(&strong[..start], false), (&strong[start..end], true), (&strong[end..], false)],
        None => vec![(strong, why.standing == Standing::Failed && why.failure.is_none())],
    }
}

/// What the error says, and the place that it came from, which opens where it is in the handler's file.
fn said(ui: &mut Ui, model: &Model, failure: &ErrorParts, function: Option<&FunctionName>, actions: &mut Vec<Action>) {
    if failure.message.is_empty() && failure.place.is_none() {
        return;
    }
    line(ui, |ui| {
        let palette = Palette::of(ui);
        if !failure.message.is_empty() {
            ui.add(Label::new(RichText::new(&failure.message).color(palette.second)).wrap().selectable(true));
        }
        if let Some(place) = &failure.place {
            self::place(ui, model, place, function, actions);
        }
    });
}

fn place(ui: &mut Ui, model: &Model, place: &Place, function: Option<&FunctionName>, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let text = RichText::new(format!("{}:{}", place.file, place.line)).font(theme::mono(SMALL)).color(palette.text);
    let is_handler = |function: &&FunctionName| {
        let file = model.code_file(function).and_then(|path| path.file_name());
        file.is_some_and(|name| *name == *place.file)
    };
    let Some(function) = function.filter(is_handler) else {
        ui.label(text.color(palette.second));
        return;
    };
    let label = ui.add(Label::new(text.underline()).sense(Sense::click()).selectable(false));
    if label.on_hover_text("Click to open the code at this line").clicked() {
        actions.push(Action::OpenCode { function: function.clone(), line: place.line });
    }
}

/// Whose code failed.
fn function_of<'a>(model: &'a Model, selection: &Selection) -> Option<&'a FunctionName> {
    match selection {
        Selection::Batch(id) => model.batches.get(id).map(|batch| &batch.function),
        _ => selection.request_id().and_then(|id| model.invocations.get(&id)).map(|invocation| &invocation.function),
    }
}

fn decided_by(ui: &mut Ui, all: &[Deciding], actions: &mut Vec<Action>) {
    let colour = Palette::of(ui).second;
    line(ui, |ui| {
        ui.label(RichText::new("Decided by").color(colour));
        for (index, deciding) in all.iter().enumerate() {
            if index > 0 {
                ui.label(RichText::new("and").color(colour));
            }
            self::deciding(ui, deciding, actions);
        }
    });
}

/// What can be changed is underlined and goes to its setting.
fn deciding(ui: &mut Ui, deciding: &Deciding, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    if !deciding.lead.is_empty() {
        ui.label(RichText::new(&deciding.lead).color(palette.second));
    }
    let Some(key) = deciding.key else {
        ui.label(RichText::new(&deciding.value).color(palette.text)).on_hover_text(deciding.gloss);
        return;
    };
    let text = RichText::new(&deciding.value).font(theme::mono(SMALL)).color(palette.text).underline();
    let label = ui.add(Label::new(text).sense(Sense::click()).selectable(false));
    if label.on_hover_text(format!("{}\nClick to change it", deciding.gloss)).clicked() {
        actions.push(Action::OpenSetting { owner: deciding.owner.clone(), key: key.to_owned() });
    }
}

/// Words and what can be clicked among them, as one text.
fn line(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(5.0, 2.0);
        ui.spacing_mut().interact_size.y = 0.0;
        contents(ui);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str, standing: Standing, error_type: Option<&str>) -> Why {
        let failure = error_type.map(|name| ErrorParts { error_type: name.into(), message: "no".into(), place: None });
        Why { title: String::new(), chip: String::new(), standing, text: text.into(), failure, decided_by: Vec::new() }
    }

    #[test]
    fn only_the_type_of_the_error_has_its_colour() {
        let told = why("", Standing::Waiting, Some("PaymentDeclined"));
        let parts = strong_parts("Attempt 2 of 3 threw PaymentDeclined.", &told);
        assert_eq!(parts, [("Attempt 2 of 3 threw ", false), ("PaymentDeclined", true), (".", false)]);
        let told = why("", Standing::Failed, Some("Sandbox.Timedout"));
        assert_eq!(strong_parts("All of it", &told), [("All of it", false)], "the type stands elsewhere");
        let told = why("", Standing::Failed, None);
        assert_eq!(strong_parts("All of it", &told), [("All of it", true)]);
    }
}
