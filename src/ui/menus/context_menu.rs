//! Context menus, by the right mouse button and by the keyboard.

use egui::{Button, Popup, PopupAnchor, Rect, Response, SetOpenCommand, Ui};

use super::{Group, MenuItem};
use crate::ui::action::Action;
use crate::ui::shortcuts;

/// A menu is at least as wide as the names of what is most often in it.
const WIDTH: f32 = 190.0;

/// The menu of a thing; `items` are only looked for while it is open.
pub fn item_menu(response: &Response, items: impl FnOnce() -> Vec<MenuItem>, actions: &mut Vec<Action>) {
    context_menu(response, |ui| menu_items_ui(ui, items(), actions));
}

/// A context menu that the menu key and Shift+F10 open, too, while the widget has the keyboard.
pub fn context_menu(response: &Response, contents: impl FnOnce(&mut Ui)) {
    context_menu_at(response, response.interact_rect, contents);
}

/// The same for a part of the widget: what the keyboard opens hangs from `place`.
pub fn context_menu_at(response: &Response, place: Rect, contents: impl FnOnce(&mut Ui)) {
    let ctx = &response.ctx;
    let id = Popup::default_response_id(response);
    let asked = response.has_focus() && ctx.input_mut(shortcuts::asks_for_menu);
    if asked {
        // Arrows go through the menu then, also where the widget would keep them.
        response.surrender_focus();
    }
    let open = Popup::is_id_open(ctx, id);
    // There may be hundreds of lines with menus.
    if !open && !asked && !response.secondary_clicked() {
        return;
    }
    let hangs = open && Popup::position_of_id(ctx, id).is_none() && !response.secondary_clicked();
    let menu = Popup::context_menu(response);
    let menu = match (asked, hangs) {
        (true, _) => menu.anchor(PopupAnchor::ParentRect(place)).open_memory(SetOpenCommand::Bool(true)),
        (false, true) => menu.anchor(PopupAnchor::ParentRect(place)),
        (false, false) => menu,
    };
    let shown = menu.show(contents);
    // The keyboard goes back to where it came from.
    let clicked = ctx.input(|input| input.pointer.any_click());
    if hangs && !clicked && shown.is_some_and(|shown| shown.response.should_close()) {
        response.request_focus();
    }
}

/// The lines of a menu, groups apart; forms to copy as are one level deeper.
pub fn menu_items_ui(ui: &mut Ui, items: Vec<MenuItem>, actions: &mut Vec<Action>) {
    ui.set_min_width(WIDTH);
    let mut before = None;
    for group in items.chunk_by(|a, b| a.group == b.group) {
        let kind = group.first().map(|item| item.group);
        if kind == Some(Group::CopyAs) {
            ui.menu_button("Copy as", |ui| lines(ui, group, actions));
            continue;
        }
        if before.is_some() {
            ui.separator();
        }
        lines(ui, group, actions);
        before = kind;
    }
}

fn lines(ui: &mut Ui, items: &[MenuItem], actions: &mut Vec<Action>) {
    for item in items {
        let button = Button::new(&item.name).shortcut_text(item.shortcut);
        let response = ui.add_enabled(item.can_be_done(), button).accessible_name(&item.name);
        if response.on_disabled_hover_text(item.obstacle).clicked() {
            actions.extend_from_slice(&item.actions);
            ui.close();
        }
    }
}
