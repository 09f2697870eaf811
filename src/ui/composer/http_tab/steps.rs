//! The middle: the verdict, and the numbered steps that lead to it with both compared values.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Align2, Frame, Label, Layout, Margin, RichText, Sense, Stroke, Ui, Vec2};

use super::notes::code_words;
use super::reading::{Pair, Passed, ReadStep, headline, read};
use super::tab::Situation;
use crate::http_model::browser::Api;
use crate::http_model::cors::{Confidence, Fact, fact};
use crate::http_model::cors_case::{Judged, Outcome, Verdict};
use crate::ui::action::Action;
use crate::ui::exchange_parts::word_chip;
use crate::ui::icons;
use crate::ui::theme::{self, BODY, LARGE, Palette, SMALL};

/// Width of the marks before the steps.
const MARKS: f32 = 22.0;
/// Width of the sign between two values.
const SIGN: f32 = 26.0;

/// The page's origin is none.
pub fn error_ui(ui: &mut Ui, error: &str) {
    let palette = Palette::of(ui);
    ui.label(RichText::new("There is nothing to predict yet.").font(theme::semibold(LARGE)));
    ui.add(Label::new(RichText::new(error).color(palette.error)).wrap());
}

/// Draws verdict and steps.
pub fn steps_ui(ui: &mut Ui, judged: &Judged, now: &Situation<'_>, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 4.0;
    headline_ui(ui, &judged.verdict, now);
    if let Some(message) = &judged.message {
        indented(ui, |ui| ui.add(Label::new(code_words(&message.message, BODY, palette.second)).wrap().selectable(true)));
    }
    answer_ui(ui, judged, now, actions);
    ui.add_space(6.0);
    let steps = read(judged, &now.door.words());
    for (index, step) in steps.iter().enumerate() {
        step_ui(ui, index + 1, step, now, actions);
    }
}

/// Where the answer comes from that the verdict is about, and which setting decides when the service gives it by itself.
fn answer_ui(ui: &mut Ui, judged: &Judged, now: &Situation<'_>, actions: &mut Vec<Action>) {
    let sent = judged.verdict.actual_sent;
    // What comes after the browser's own objection is no surprise once that is mended.
    let refusal = now.assumed.refusal(&judged.verdict).map(|refused| (refused, false));
    let refusal = refusal.or_else(|| now.assumed.refused.as_ref().filter(|_| !sent).map(|refused| (refused, true)));
    let text = match refusal {
        Some((refused, true)) => format!("Once it is sent: {}.", refused.why),
        Some((refused, false)) if sent => format!("The service's answer: {}.", refused.why),
        Some((refused, false)) => format!("The service's answer to the preflight: {}.", refused.why),
        None if sent => format!("The function's answer: {}.", now.assumed.why),
        None => return,
    };
    let colour = Palette::of(ui).third;
    indented(ui, |ui| ui.add(Label::new(RichText::new(text).size(SMALL).color(colour)).wrap()));
    let Some((refused, _)) = refusal else { return };
    indented(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        refused.decided_by_ui(ui, actions);
        // Whether a URL's own errors carry CORS headers is not known.
        if let Some(unknown) = fact("2.2-23").filter(|_| now.door.api.is_none()) {
            fact_chip(ui, unknown);
        }
    });
}

/// The verdict in a line.
pub fn headline_ui(ui: &mut Ui, verdict: &Verdict, now: &Situation<'_>) {
    let palette = Palette::of(ui);
    let runs = now.assumed.function_runs(verdict);
    let refused = now.live.map_or(now.assumed.refusal(verdict).is_some(), |live| !live.ran);
    let (icon, colour) = match now.live.map_or(verdict.outcome, |live| live.outcome) {
        Outcome::Readable if refused => (icons::WARNING, palette.throttle),
        Outcome::Readable => (icons::OK, palette.ok),
        Outcome::Opaque | Outcome::OpaqueRedirect => (icons::WARNING, palette.throttle),
        Outcome::NotSent | Outcome::PreflightFailed | Outcome::ResponseBlocked => (icons::FAILED, palette.error),
    };
    let (strong, rest) = headline(verdict, runs, now.live);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        mark(ui, icon, colour, 22.0);
        let mut job = LayoutJob::default();
        let format = |font_id| TextFormat { font_id, color: palette.text, line_height: Some(22.0), ..TextFormat::default() };
        job.append(&strong, 0.0, format(theme::semibold(LARGE)));
        job.append(&format!(" {rest}"), 0.0, format(egui::FontId::proportional(LARGE)));
        ui.add(Label::new(job).wrap().selectable(true));
    });
}

fn step_ui(ui: &mut Ui, number: usize, step: &ReadStep, now: &Situation<'_>, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (icon, colour, ink) = match step.passed {
        Passed::Yes => (icons::OK, palette.ok, palette.text),
        Passed::No => (icons::FAILED, palette.error, palette.error),
        Passed::NotReached => (icons::DUE, palette.third, palette.second),
    };
    let row = ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        mark(ui, icon, colour, 18.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 3.0);
            title(ui, number, step, ink);
            let said =
                step.passed != Passed::NotReached && !step.sentence.is_empty() && (step.pairs.is_empty() || step.says_more);
            if said {
                ui.add(Label::new(RichText::new(&step.sentence).color(palette.second)).wrap().selectable(true));
            }
            for pair in &step.pairs {
                pair_ui(ui, pair);
            }
            if step.passed == Passed::No {
                consequence(ui, step, now, actions);
            }
            ui.add_space(5.0);
        });
    });
    let rect = row.response.rect;
    ui.painter().vline(rect.left() + 7.5, rect.top() + 20.0..=rect.bottom(), Stroke::new(1.0, palette.hairline));
}

/// Number and title, and how well each fact behind it is known.
fn title(ui: &mut Ui, number: usize, step: &ReadStep, ink: egui::Color32) {
    ui.spacing_mut().interact_size.y = theme::LINE;
    ui.horizontal_wrapped(|ui| {
        ui.add(Label::new(RichText::new(format!("{number}. {}", step.title)).font(theme::semibold(BODY)).color(ink)).wrap());
        if step.passed == Passed::NotReached {
            ui.label(RichText::new(&step.sentence).color(Palette::of(ui).third));
        }
        let mut told: Vec<&Fact> = Vec::new();
        for fact in &step.facts {
            if !told.contains(fact) {
                told.push(fact);
            }
        }
        for fact in told {
            fact_chip(ui, fact);
        }
    });
}

fn fact_chip(ui: &mut Ui, fact: &Fact) -> egui::Response {
    let palette = Palette::of(ui);
    let colour = match fact.confidence {
        Confidence::Doc => palette.third,
        Confidence::Seen => palette.second,
        Confidence::Inferred | Confidence::Unverified => palette.throttle,
    };
    let meaning = match fact.confidence {
        Confidence::Doc => "AWS documents it",
        Confidence::Seen => "users published transcripts of it",
        Confidence::Inferred => "it follows from what is documented and seen",
        Confidence::Unverified => "there is no good public evidence; the verdict is usually the same either way",
    };
    word_chip(ui, fact.confidence.mark(), colour).on_hover_text(format!("{}\nFact {}: {meaning}.", fact.sentence, fact.number))
}

/// What a page sees, and the setting that decided.
fn consequence(ui: &mut Ui, step: &ReadStep, now: &Situation<'_>, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if let Some((owner, key)) = step.setting.and_then(|setting| now.cors_setting(setting)) {
            ui.label(RichText::new("Set by").color(palette.second));
            let text = RichText::new(&key).font(theme::mono(SMALL)).color(palette.text).underline();
            if ui.add(Label::new(text).sense(Sense::click()).selectable(false)).on_hover_text("Click to change it").clicked() {
                actions.push(Action::OpenSetting { owner, key });
            }
        }
        let api = now.step.req.as_ref().and_then(|request| request.api).unwrap_or_default();
        let seen = if api == Api::Fetch { "TypeError: Failed to fetch" } else { "an error event and status 0" };
        ui.label(RichText::new("The page sees only").color(palette.second));
        ui.label(RichText::new(seen).font(theme::mono(SMALL)).color(palette.text));
    });
}

/// Both values, each on a ground of its own, with the sign between them.
fn pair_ui(ui: &mut Ui, pair: &Pair) {
    let palette = Palette::of(ui);
    let side = ((ui.available_width() - SIGN) * 0.5).max(60.0);
    let colour = if pair.passed { palette.ok } else { palette.error };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        value(ui, side, &pair.left, false);
        let (rect, _) = ui.allocate_exact_size(Vec2::new(SIGN, theme::ROW), Sense::hover());
        let font = egui::FontId::new(BODY, egui::FontFamily::Name("mono-medium".into()));
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, pair.sign, font, colour);
        value(ui, side, &pair.right, !pair.passed);
    });
}

fn value(ui: &mut Ui, width: f32, text: &str, may_be_missing: bool) {
    let palette = Palette::of(ui);
    let (shown, ink) =
        if text.is_empty() { (if may_be_missing { "not there" } else { "none" }, palette.third) } else { (text, palette.text) };
    let frame = Frame::new().fill(palette.panel).corner_radius(4).inner_margin(Margin::symmetric(7, 3));
    ui.allocate_ui_with_layout(Vec2::new(width, theme::ROW), Layout::left_to_right(Align::Min), |ui| {
        frame.show(ui, |ui| {
            ui.set_width(width - 14.0);
            ui.add(Label::new(RichText::new(shown).font(theme::mono(SMALL)).color(ink)).wrap().selectable(true));
        });
    });
}

fn mark(ui: &mut Ui, icon: &str, colour: egui::Color32, height: f32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(MARKS, height), Sense::hover());
    let at = egui::pos2(rect.left() + 8.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, icon, theme::icon(LARGE), colour);
}

fn indented<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(MARKS);
        contents(ui);
    });
}
