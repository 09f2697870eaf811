//! The line at the bottom: where to reach it, what is warm, what waits, what comes next.

use egui::{RichText, Ui};

use super::action::Action;
use super::file_place::problem_ui;
use super::theme::{self, Palette, SMALL};
use super::{icons, shortcuts, widgets};
use crate::command::{ClockMode, Command};
use crate::event::NoticeLevel;
use crate::model::Model;
use crate::model::lengths::due_in;
pub use crate::model::lengths::{countdown, whole_seconds};
use crate::service::time::Timestamp;

/// `wall` is what the wall clock says.
pub fn status_bar_ui(ui: &mut Ui, model: &Model, wall: Timestamp, actions: &mut Vec<Action>) {
    // What is wrong stands at the right and has its room first; the rest is cut where the window is narrow.
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        theme_button(ui, actions);
        help_button(ui, actions);
        notices(ui, model, actions);
        problems(ui, model, actions);
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_clip_rect(ui.max_rect().intersect(ui.clip_rect()));
            state(ui, model, wall, actions);
        });
    });
}

/// Where it is in a window of any size.
fn theme_button(ui: &mut Ui, actions: &mut Vec<Action>) {
    let dark = ui.visuals().dark_mode;
    let (icon, name) = if dark { (icons::SUN, "Light theme") } else { (icons::MOON, "Dark theme") };
    let button = egui::Button::new(RichText::new(icon).font(theme::icon(14.0))).frame_when_inactive(false);
    if ui.add(button).accessible_name(name).on_hover_text(name).clicked() {
        actions.push(Action::OtherTheme);
    }
}

fn help_button(ui: &mut Ui, actions: &mut Vec<Action>) {
    let name = "Keyboard shortcuts";
    let button = egui::Button::new(RichText::new("?").font(theme::medium(theme::BODY))).frame_when_inactive(false);
    let tip = format!("{name}  ({})", shortcuts::HELP.text);
    if ui.add(button).accessible_name(name).on_hover_text(tip).clicked() {
        actions.push(Action::OpenShortcuts);
    }
}

fn state(ui: &mut Ui, model: &Model, wall: Timestamp, actions: &mut Vec<Action>) {
    let now = model.now_at(wall);
    endpoint(ui, model, actions);
    let (warm, busy) = model.warm_and_busy();
    pair(ui, &warm.to_string(), "warm,");
    pair(ui, &busy.to_string(), "busy");
    gap(ui);
    queue(ui, model, now);
    gap(ui);
    pair(ui, &model.throttled.to_string(), "throttled");
    gap(ui);
    behind(ui, model, wall, actions);
    next_due(ui, model, now);
}

fn endpoint(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(door) = model.lambda_api() else { return };
    let palette = Palette::of(ui);
    let moved = door.moved_from.map(|port| format!("Port {port} is in use by another program, so this one was taken.\n"));
    let colour = if moved.is_some() { palette.throttle } else { palette.second };
    ui.label(RichText::new(icons::PLUG).font(theme::icon(14.0)).color(colour));
    let text = RichText::new(door.address.trim_start_matches("http://")).font(theme::medium(SMALL));
    let tip = format!(
        "{}The Lambda API: aws lambda invoke --endpoint-url {} …\nClick to copy the address",
        moved.unwrap_or_default(),
        door.address
    );
    let label = egui::Label::new(text).sense(egui::Sense::click()).selectable(false);
    if ui.add(label).on_hover_text(tip).clicked() {
        actions.push(Action::Copy(door.address.to_string()));
    }
    gap(ui);
}

fn behind(ui: &mut Ui, model: &Model, wall: Timestamp, actions: &mut Vec<Action>) {
    let (Some(text), Some(behind)) = (behind_words(model, wall), model.behind_at(wall)) else { return };
    let colour = Palette::of(ui).throttle;
    ui.label(RichText::new(text).size(SMALL).color(colour)).on_hover_text(format!(
        "Service time is {} behind: events waited while Invokelab was closed, and nothing aged meanwhile.\n\
         Catch up lets that time pass and runs what comes due.",
        whole_seconds(behind)
    ));
    if widgets::small_button(ui, "Catch up").clicked() {
        actions.push(Action::Command(Command::CatchUp));
    }
    gap(ui);
}

/// How far behind the wall clock service time is, in words that stay true while nothing is drawn: a live clock keeps its
/// distance, and one that stands still falls back further with every second, so of that the moment is told.
fn behind_words(model: &Model, wall: Timestamp) -> Option<String> {
    let (clock, behind) = (model.clock?, model.behind_at(wall)?);
    if clock.mode != ClockMode::Paused || clock.code_running {
        return Some(format!("{} behind the wall clock", whole_seconds(behind)));
    }
    let (at, today) = (clock.now.iso_millis(), wall.iso_millis());
    let day = if at[..10] == today[..10] { String::new() } else { format!("{} ", &at[..10]) };
    Some(format!("stands at {day}{} UTC, behind the wall clock", &at[11..19]))
}

fn queue(ui: &mut Ui, model: &Model, now: Timestamp) {
    let palette = Palette::of(ui);
    let waiting = model.waiting(None).count();
    ui.label(RichText::new("queue").size(SMALL).color(palette.second));
    ui.label(RichText::new(waiting.to_string()).font(theme::medium(SMALL)));
    if let Some(oldest) = model.waiting(None).map(|(_, invocation)| invocation.accepted_at).min() {
        ui.label(RichText::new("oldest").size(SMALL).color(palette.second));
        ui.label(RichText::new(whole_seconds(now.since(oldest))).font(theme::medium(SMALL)));
    }
}

fn next_due(ui: &mut Ui, model: &Model, now: Timestamp) {
    let palette = Palette::of(ui);
    let Some(due) = model.next_step() else {
        let expiry = model.next_expiry().map_or_else(String::new, |due| format!("; {} {}", due.what, due_in(due.at.since(now))));
        ui.label(RichText::new(format!("nothing due{expiry}")).size(SMALL).color(palette.second));
        return;
    };
    ui.label(RichText::new("next due").size(SMALL).color(palette.second));
    ui.label(RichText::new(due.what.to_string()).font(theme::medium(SMALL)));
    ui.label(RichText::new(due_in(due.at.since(now))).size(SMALL).color(palette.second));
}

fn notices(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let worst = model.notices.iter().map(|notice| notice.level).max();
    let colour = match worst {
        Some(NoticeLevel::Error) => palette.error,
        Some(NoticeLevel::Warning) => palette.throttle,
        _ => palette.second,
    };
    let title = (
        RichText::new(icons::BELL).font(theme::icon(14.0)).color(colour),
        RichText::new(model.notices.len().to_string()).size(SMALL),
    );
    let (response, _) = widgets::menu_button(title).ui(ui, |ui| {
        ui.set_width(420.0);
        if model.notices.is_empty() {
            ui.label("No notices.");
        } else if widgets::small_button(ui, "Copy all notices").clicked() {
            let all: Vec<&str> = model.notices.iter().map(|notice| &*notice.text).collect();
            actions.push(Action::Copy(all.join("\n")));
        }
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            // A menu stretches its lines to their full width, which makes sentences unreadable.
            ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                for notice in model.notices.iter().rev() {
                    let colour = if notice.level == NoticeLevel::Error { palette.error } else { palette.text };
                    ui.add(egui::Label::new(RichText::new(&notice.text).color(colour)).wrap().selectable(true));
                    ui.separator();
                }
            });
        });
    });
    response.accessible_name("Notices").on_hover_text("Notices: what was told, to be read again");
}

/// How many places of the files are wrong; behind it each of them, a click away.
fn problems(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let count = model.problems().count();
    let text = match count {
        0 => return,
        1 => "1 problem in files".to_owned(),
        _ => format!("{count} problems in files"),
    };
    let title = (
        RichText::new(icons::WARNING).font(theme::icon(14.0)).color(palette.error),
        RichText::new(&text).font(theme::medium(SMALL)).color(palette.error),
    );
    let (response, _) = widgets::menu_button(title).ui(ui, |ui| {
        ui.set_width(460.0);
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for problem in model.problems() {
                let asked = actions.len();
                problem_ui(ui, model, problem, actions);
                if actions.len() > asked {
                    ui.close();
                }
                ui.add_space(6.0);
            }
        });
    });
    response.accessible_name(text);
}

fn pair(ui: &mut Ui, figure: &str, word: &str) {
    let colour = Palette::of(ui).second;
    ui.label(RichText::new(figure).font(theme::medium(SMALL)));
    ui.label(RichText::new(word).size(SMALL).color(colour));
}

fn gap(ui: &mut Ui) {
    ui.add_space(10.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ClockState, Event};
    use crate::service::time::Micros;

    /// 10:00:00 UTC.
    const NOW: Timestamp = Timestamp(1_772_359_200_000_000);

    #[test]
    fn how_far_behind_it_is_stays_true_while_nothing_is_drawn() {
        let behind = Micros::from_secs(200);
        let words = |mode, wall_later, code_running| {
            let (now, wall) = (NOW, NOW + behind);
            let mut model = Model::default();
            model.apply(&Event::Clock(ClockState { mode, now, wall, code_running, stepping: false, behind: Some(behind) }));
            behind_words(&model, wall + Micros::from_secs(wall_later)).unwrap()
        };
        let live = "3 min 20 s behind the wall clock";
        let paused = "stands at 10:00:00 UTC, behind the wall clock";
        for later in [0, 3_600] {
            assert_eq!(words(ClockMode::Live, later, false), live);
            assert_eq!(words(ClockMode::Paused, later, false), paused);
            assert_eq!(words(ClockMode::Paused, later, true), live, "time passes for running code");
        }
        assert_eq!(words(ClockMode::Paused, 86_400, false), "stands at 2026-03-01 10:00:00 UTC, behind the wall clock");
        assert_eq!(words(ClockMode::Fast(10.0), 20, false), "20 s behind the wall clock", "drawn every second");
    }
}
