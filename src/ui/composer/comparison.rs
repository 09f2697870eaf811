//! What somebody typed beside what the file holds: a dialog with the lines that differ.

use egui::{Frame, Label, RichText, ScrollArea, Ui};

use crate::model::editor::line_changes::{LineChange, line_changes};
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::widgets;

/// Lines shown above and below a difference.
const CONTEXT: usize = 3;
/// Width of the dialog, and what a window leaves beside it and above and below its lines.
const WIDTH: f32 = 720.0;
const BESIDE: f32 = 96.0;
const AROUND: f32 = 220.0;

/// The lines of both texts, as they were when they were compared.
pub(super) struct Comparison(Vec<LineChange>);

impl Comparison {
    #[must_use]
    pub fn of(file: &str, mine: &str) -> Self {
        Self(line_changes(file, mine, CONTEXT))
    }

    /// Whether it stays open.
    pub fn ui(&self, ui: &Ui) -> bool {
        let room = ui.ctx().content_rect().size();
        let modal = widgets::dialog(ui, "comparison", WIDTH.min(room.x - BESIDE), |ui| {
            let palette = Palette::of(ui);
            ui.heading("The file and your text");
            ui.label(RichText::new("− only in the file    + only in your text").size(SMALL).color(palette.second));
            let height = (room.y - AROUND).max(theme::LINE * 4.0);
            let ground = Frame::new().fill(palette.ground).corner_radius(theme::CORNER).inner_margin(8);
            ground.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ScrollArea::both().max_height(height).auto_shrink([false, true]).show_rows(
                    ui,
                    theme::LINE,
                    self.0.len(),
                    |ui, rows| {
                        self.0[rows].iter().for_each(|line| line_ui(ui, line));
                    },
                );
            });
            ui.add_space(theme::GRID);
            let close = ui.button("Close");
            if ui.memory(|memory| memory.focused().is_none()) {
                close.request_focus();
            }
            close.clicked()
        });
        !(modal.inner || modal.should_close())
    }
}

fn line_ui(ui: &mut Ui, line: &LineChange) {
    let palette = Palette::of(ui);
    let (mark, text, colour) = match line {
        LineChange::Same(text) => (' ', text.as_str(), palette.second),
        LineChange::Removed(text) => ('−', text.as_str(), palette.error),
        LineChange::Added(text) => ('+', text.as_str(), palette.ok),
        LineChange::Left(count) => return left_out(ui, *count),
    };
    let text = RichText::new(format!("{mark} {text}")).font(theme::mono(SMALL)).color(colour);
    ui.allocate_ui(egui::vec2(ui.available_width(), theme::LINE), |ui| {
        ui.set_height(theme::LINE);
        ui.add(Label::new(text).extend());
    });
}

fn left_out(ui: &mut Ui, count: usize) {
    let lines =
        if count == 1 { "1 line as in the file".to_owned() } else { format!("{} lines as in the file", widgets::grouped(count)) };
    ui.allocate_ui(egui::vec2(ui.available_width(), theme::LINE), |ui| {
        ui.set_height(theme::LINE);
        ui.label(RichText::new(lines).size(SMALL).color(Palette::of(ui).third));
    });
}
