//! Every action by name, with its shortcut, found by typing; and the sheet of shortcuts.

use egui::{Align, Align2, Area, Button, Frame, Id, Key, Label, Layout, Order, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::action::Action;
use super::palette_entries::{Entry, Situation, entries};
use super::shortcuts;
use super::theme::{self, BODY, Palette, SMALL};
use super::widgets;

/// Height of the list of commands.
const LIST: f32 = 380.0;
/// Width of the sheet of shortcuts and of the keys on it, how far an arrow scrolls it, and what stands above and below its lines.
const SHEET: f32 = 620.0;
const KEYS: f32 = 232.0;
const ARROW: f32 = 60.0;
const SHEET_AROUND: f32 = 160.0;

#[derive(Default)]
pub struct CommandPalette {
    open: bool,
    typed: String,
    chosen: usize,
    pub shortcuts_open: bool,
}

impl CommandPalette {
    /// Opens it anew, or closes it.
    pub fn toggle(&mut self) {
        *self = Self { open: !self.open, ..Self::default() };
    }

    /// Whether the palette or the sheet is seen, in front of everything else.
    pub fn is_open(&self) -> bool {
        self.open || self.shortcuts_open
    }

    pub fn close(&mut self) {
        self.open = false;
        self.shortcuts_open = false;
    }

    pub fn ui(&mut self, ui: &mut Ui, situation: Situation<'_>, actions: &mut Vec<Action>) {
        if self.shortcuts_open {
            self.sheet(ui);
        }
        if !self.open {
            return;
        }
        let entries = entries(situation);
        let [up, down, enter, escape] = ui.input_mut(|input| {
            [Key::ArrowUp, Key::ArrowDown, Key::Enter, Key::Escape].map(|key| input.consume_key(egui::Modifiers::NONE, key))
        });
        let mut run = None;
        let palette = Palette::of(ui);
        let shown = Area::new(Id::unique("command palette"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_TOP, vec2(0.0, 90.0))
            .show(ui.ctx(), |ui| {
                Frame::popup(ui.style()).fill(palette.panel).show(ui, |ui| {
                    ui.set_width(520.0);
                    let field = TextEdit::singleline(&mut self.typed).hint_text("Type a command").desired_width(f32::INFINITY);
                    let response = widgets::field(ui, field).accessible_name("Command");
                    if response.changed() {
                        self.chosen = 0;
                    }
                    response.request_focus();
                    // What was typed together with Enter counts.
                    let found = found(&entries, &self.typed);
                    let last = found.len().saturating_sub(1);
                    self.chosen = (self.chosen + usize::from(down)).saturating_sub(usize::from(up)).min(last);
                    run = found.get(self.chosen).filter(|_| enter).copied();
                    // A list that was short before does not keep the next one short.
                    ScrollArea::vertical().max_height(LIST).min_scrolled_height(LIST).show(ui, |ui| {
                        for (index, entry) in found.iter().copied().enumerate() {
                            let Entry { name, shortcut, .. } = entry;
                            let text = RichText::new(name).font(theme::medium(BODY));
                            let button = Button::selectable(index == self.chosen, text)
                                .shortcut_text(RichText::new(*shortcut).size(SMALL).color(palette.second));
                            let button = button.min_size(vec2(ui.available_width(), 28.0)).truncate();
                            let response = ui.add(button).accessible_name(name);
                            if (up || down) && index == self.chosen {
                                response.scroll_to_me(None);
                            }
                            if response.clicked() {
                                run = Some(entry);
                            }
                        }
                        if found.is_empty() {
                            ui.label("No such command.");
                        }
                    });
                });
            });
        if let Some(entry) = run {
            actions.extend_from_slice(&entry.actions);
            self.close();
        } else if escape || shown.response.clicked_elsewhere() {
            self.close();
        }
    }

    fn sheet(&mut self, ui: &mut Ui) {
        let modal = widgets::dialog(ui, "shortcuts", SHEET, |ui| {
            ui.heading("Keyboard");
            let height = ui.ctx().content_rect().height() - SHEET_AROUND;
            ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
                ui.scroll_with_delta(vec2(0.0, scrolled_by_keys(ui, height)));
                ui.spacing_mut().item_spacing.y = 2.0;
                for (part, lines) in shortcuts::LIST {
                    ui.add_space(theme::GRID);
                    widgets::section(ui, part, |_| {});
                    for (keys, what) in lines {
                        key_line(ui, keys, what);
                    }
                }
            });
            ui.add_space(theme::GRID);
            ui.button("Close").clicked()
        });
        if modal.inner || modal.should_close() {
            self.shortcuts_open = false;
        }
    }
}

/// How far the keys scroll a sheet that is so high, in points.
fn scrolled_by_keys(ui: &Ui, height: f32) -> f32 {
    let page = height * 0.8;
    let keys = [(Key::ArrowUp, ARROW), (Key::ArrowDown, -ARROW), (Key::PageUp, page), (Key::PageDown, -page)];
    ui.input(|input| keys.iter().filter(|(key, _)| input.key_pressed(*key)).map(|(_, distance)| distance).sum())
}

/// A line of the sheet: the keys as caps, and what they do.
fn key_line(ui: &mut Ui, keys: &str, what: &str) {
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(vec2(KEYS, theme::ROW), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(KEYS);
            widgets::key_caps(ui, keys);
        });
        ui.add(Label::new(what).wrap());
    });
}

/// The entries that fit what was typed, the best first.
fn found<'a>(entries: &'a [Entry], typed: &str) -> Vec<&'a Entry> {
    let wanted = typed.to_lowercase();
    let ranked = entries.iter().filter_map(|entry| Some((rank(&entry.name.to_lowercase(), &wanted)?, entry)));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

/// How well a name fits what was typed, the smaller the better; `None` when a word is not in it. A word that begins one of the
/// name's fits better than one inside, and what begins the name best of all.
fn rank(name: &str, wanted: &str) -> Option<usize> {
    let begins = |word: &str| name.split(|c: char| !c.is_alphanumeric()).any(|of_name| of_name.starts_with(word));
    let ranks = wanted.split_whitespace().map(|word| match name.contains(word) {
        true => Some(2 * usize::from(!begins(word))),
        false => None,
    });
    ranks.sum::<Option<usize>>().map(|rank| rank + usize::from(!name.starts_with(wanted)))
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn what_begins_a_name_fits_best_and_a_part_of_a_word_least() {
        let names = ["open another workspace", "request: serve a test page and open it", "reopen the last one"];
        let ranks = names.map(|name| rank(name, "open"));
        assert!(ranks.is_sorted() && ranks[0] < ranks[1] && ranks[1] < ranks[2], "{ranks:?}");
        assert_eq!(rank("open another workspace", "open shop"), None);
    }
}
