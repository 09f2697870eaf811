//! A function: its last invocation, and what it writes while it runs.

use egui::{RichText, Ui};

use crate::command::{Command, SettingOwner};
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::happened::{Due, DueKind};
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::log_view::{following, line_ui};
use crate::ui::menus::{item_menu, of_line};
use crate::ui::theme::{Palette, SMALL};
use crate::ui::widgets;

/// The last lines of the live log that are shown.
const LIVE: usize = 200;

/// When an environment without an event is stopped, and the way there.
fn idle_ui(ui: &mut Ui, model: &Model, name: &FunctionName, actions: &mut Vec<Action>) {
    let is_it = |due: &&Due| matches!(&due.what, DueKind::IdleExpiry { function, .. } if function == name);
    let mut idle = model.due.iter().filter(is_it);
    let Some(first) = idle.next() else { return };
    let which = match idle.count() {
        0 => "The warm environment".to_owned(),
        more => format!("The first of {} warm environments", more + 1),
    };
    ui.horizontal_wrapped(|ui| {
        let text = format!("{which} is stopped at {} if no event comes for it.", model.on_ruler(first.at));
        ui.label(RichText::new(text).size(SMALL).color(Palette::of(ui).second));
        let tip = "Lets service time pass until then; the next invoke is a cold start";
        if widgets::small_button(ui, "Step there").on_hover_text(tip).clicked() {
            actions.push(Action::Command(Command::StepToDue(first.clone())));
        }
        let tip = "environment_idle_expiry of the workspace";
        if widgets::small_button(ui, "Change").on_hover_text(tip).clicked() {
            let key = "environment_idle_expiry".to_owned();
            actions.push(Action::OpenSetting { owner: SettingOwner::Workspace, key });
        }
    });
}

/// `fold` is where the panel ends while it is not scrolled.
pub fn function_ui(ui: &mut Ui, model: &Model, name: &FunctionName, fold: f32, actions: &mut Vec<Action>) {
    let Some(function) = model.functions.get(name) else { return };
    ui.add_space(4.0);
    if let Some(last) = function.last
        && ui.button("Show the last invocation").clicked()
    {
        actions.push(Action::Select(Selection::Invocation(last)));
    }
    idle_ui(ui, model, name, actions);
    widgets::divider(ui);
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        widgets::section(ui, "Live log", |_| {});
    });
    if function.log.is_empty() {
        let colour = Palette::of(ui).second;
        ui.label(RichText::new("Nothing written yet.").color(colour));
        return;
    }
    following(ui, name, true, fold, |ui| {
        let earlier = function.log.len().saturating_sub(LIVE);
        if earlier > 0 {
            widgets::figure(ui, format!("{} earlier lines are not shown", widgets::grouped(earlier)));
        }
        for line in function.log.iter().skip(earlier) {
            let response = line_ui(ui, line, model.on_ruler(line.at), "the invocation's log has all");
            item_menu(&response, || of_line(line, function.log.iter()), actions);
        }
    });
}
