//! The bar above the lanes: filter, fold, follow, zoom; and what the last step did.

use egui::{Align, Align2, Label, Layout, RichText, TextEdit, Ui};

use super::TimelinePanel;
use super::range::Mark;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::narration::{Part, Subject, Told};
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// How much nearer one press of a button or a key looks.
const CLOSER: f64 = 1.5;
/// Share of the width that a bar has when one looks at it alone.
const SHARE: f64 = 0.7;
/// Things that a step did which are named; of more it is told how many.
const PARTS: usize = 8;

/// What can be done to the timeline from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineAction {
    ZoomIn,
    ZoomOut,
    Fit,
    Fold,
    Follow,
    /// Look at what is marked, if anything is.
    ZoomToRange,
    /// Look at this stretch alone, in microseconds.
    ZoomTo {
        from: u64,
        to: u64,
    },
}

impl TimelinePanel {
    pub fn act(&mut self, action: TimelineAction) {
        match action {
            TimelineAction::ZoomIn => self.zoom_by(CLOSER, None),
            TimelineAction::ZoomOut => self.zoom_by(1.0 / CLOSER, None),
            TimelineAction::Fit => {
                self.zoom = None;
                self.scroll = 0.0;
                self.follow = true;
            }
            TimelineAction::Fold => {
                self.fold = !self.fold;
                self.zoom = None;
            }
            TimelineAction::Follow => self.follow = !self.follow,
            TimelineAction::ZoomToRange => {
                if let Some((from, to)) = self.marked.take().map(Mark::ordered) {
                    self.zoom_to(from, to, 1.0);
                }
            }
            TimelineAction::ZoomTo { from, to } => self.zoom_to(from, to, SHARE),
        }
    }

    /// Looks nearer; the moment `at` points from the left stays where it is.
    pub(super) fn zoom_by(&mut self, factor: f64, at: Option<f64>) {
        let Some((axis, width)) = self.last_axis() else { return };
        let at = at.unwrap_or(width / 2.0);
        let (anchor, zoom) = ((axis.time(self.scroll + at), at), self.zoom.unwrap_or(axis.zoom()).by(factor));
        (self.anchor, self.zoom, self.follow) = (Some(anchor), Some(zoom), false);
    }

    pub(super) fn tools(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let mut told = model.stepped.as_ref();
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            ui.label(RichText::new("Timeline").font(theme::semibold(13.0)));
            let field = TextEdit::singleline(&mut self.filter).hint_text("Filter").desired_width(120.0);
            let field = widgets::field(ui, field.prefix(widgets::field_icon(ui, icons::FILTER)).align(Align2::LEFT_CENTER))
                .accessible_name("Filter");
            field.on_hover_text("Lanes and bars by name, function, request id or label");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                self.buttons(ui);
                ui.add_space(8.0);
                // What the last step did has the room that is left, or a line of its own.
                if told.is_some_and(|told| told.parts.is_empty() && width(ui, &told.sentence) < ui.available_width()) {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        told.take().map(|told| step_ui(ui, model, told, actions))
                    });
                }
            });
        });
        if let Some(told) = told {
            ui.horizontal_top(|ui| {
                ui.add_space(12.0);
                step_ui(ui, model, told, actions);
            });
        }
    }

    fn buttons(&mut self, ui: &mut Ui) {
        for (icon, name, key, action) in [
            (icons::FIT, "Fit", "0", TimelineAction::Fit),
            (icons::ZOOM_IN, "Zoom in", "+", TimelineAction::ZoomIn),
            (icons::ZOOM_OUT, "Zoom out", "-", TimelineAction::ZoomOut),
        ] {
            if widgets::icon_button(ui, icon, name, key).clicked() {
                self.act(action);
            }
        }
        let follow = RichText::new(icons::FOLLOW).font(theme::icon(16.0));
        let follow = widgets::toggle(ui, self.follow, follow).accessible_name("Follow now");
        if follow.on_hover_text("Keep now in view").clicked() {
            self.act(TimelineAction::Follow);
        }
        let fold =
            (RichText::new(icons::FOLD).font(theme::icon(15.0)), RichText::new("Fold waits").font(theme::medium(theme::BODY)));
        let fold = widgets::toggle(ui, self.fold, fold).accessible_name("Fold waits");
        if fold.on_hover_text("Shrink stretches in which nothing runs").clicked() {
            self.act(TimelineAction::Fold);
        }
    }
}

fn width(ui: &Ui, sentence: &str) -> f32 {
    let font = egui::FontId::proportional(SMALL);
    let words = ui.painter().layout_no_wrap(sentence.to_owned(), font, Palette::of(ui).text);
    // The icon before the words, and the space between.
    words.size().x + 32.0
}

/// A batch is told by its number, or several of a queue could not be told apart.
fn part_words(model: &Model, part: &Part) -> String {
    match &part.about {
        Subject::Batch(id) if let Some(batch) = model.batches.get(id) => format!("batch {}, {}", batch.number, part.words),
        _ => part.words.clone(),
    }
}

/// What the last step did; each of several things is chosen by its words.
fn step_ui(ui: &mut Ui, model: &Model, told: &Told, actions: &mut Vec<Action>) {
    ui.label(RichText::new(icons::STEP).font(theme::icon(14.0)).color(Palette::of(ui).second));
    let sentence = Label::new(RichText::new(&told.sentence).size(SMALL)).wrap().selectable(true);
    if told.parts.is_empty() {
        ui.add(sentence);
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(theme::GRID * 2.0, theme::GRID);
        ui.spacing_mut().interact_size.y = 0.0;
        ui.add(sentence);
        for part in told.parts.iter().take(PARTS) {
            if widgets::small_button(ui, part_words(model, part)).on_hover_text("Show it in the inspector").clicked() {
                actions.push(Action::Select(Selection::from(&part.about)));
            }
        }
        if let Some(more) = told.parts.len().checked_sub(PARTS).filter(|more| *more > 0) {
            ui.label(RichText::new(format!("and {more} more")).size(SMALL).color(Palette::of(ui).second));
        }
    });
}
