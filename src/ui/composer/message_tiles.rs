//! Messages as tiles in a grid: what came of each, and the beginning of its body. Only those that are seen are laid out.

use egui::{
    Align2, Color32, CornerRadius, FontId, Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::history_row::cell;
use super::message_row::in_a_line;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::why::short;
use crate::service::ids::{MessageId, QueueName};
use crate::ui::action::Action;
use crate::ui::menus::{item_menu, of_message};
use crate::ui::theme::{self, BODY, Palette, SMALL, TINY};

/// The least width of a tile; they share what is left of a line.
const WIDTH: f32 = 136.0;
const HEIGHT: f32 = 62.0;
const GAP: f32 = 8.0;
/// Room for the icon, and the margin of words.
const ICON: f32 = 28.0;
const MARGIN: f32 = 9.0;
/// How far the outline of a chosen tile stands off.
const CHOSEN: f32 = 3.5;
/// Characters of a body that its tooltip shows.
const TIP: usize = 2_000;

/// One message.
pub struct Tile<'a> {
    pub id: MessageId,
    pub icon: &'static str,
    /// Of its outline and its icon.
    pub colour: Color32,
    pub words: String,
    pub body: &'a str,
}

/// Tiles of the messages of a queue.
pub struct Tiles<'a> {
    /// Tells tiles of the same message apart that are seen at once.
    pub group: &'static str,
    pub model: &'a Model,
    pub queue: &'a QueueName,
    pub selection: &'a Selection,
}

impl Tiles<'_> {
    /// `count` tiles in lines, each made when it is seen.
    pub fn show<'t>(&self, ui: &mut Ui, count: usize, tile: impl Fn(usize) -> Tile<'t>, actions: &mut Vec<Action>) {
        let grid = Grid::new(ui.available_width(), count);
        let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), grid.height()), Sense::hover());
        let seen = ui.clip_rect().intersect(whole);
        for index in grid.seen(seen.top() - whole.top(), seen.bottom() - whole.top()) {
            self.tile_ui(ui, grid.rect(index).translate(whole.min.to_vec2()), &tile(index), actions);
        }
    }

    fn tile_ui(&self, ui: &mut Ui, rect: Rect, tile: &Tile<'_>, actions: &mut Vec<Action>) {
        let response = ui.interact(rect, ui.scope_id().with((self.group, tile.id)), Sense::click());
        let chosen = matches!(self.selection, Selection::Message(_, id) if *id == tile.id);
        let name = short(tile.id);
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo {
            current_text_value: Some(hint(tile.body)),
            selected: Some(chosen),
            ..WidgetInfo::labeled(egui::accesskit::Role::Button, enabled, format!("Message {name}, {}", tile.words))
        });
        if response.gained_focus() {
            ui.scroll_to_rect(rect, None);
        }
        paint(ui, rect, &name, tile, (chosen, response.hovered(), response.has_focus()));
        if response.clicked() {
            // It may have moved to another queue meanwhile.
            let at = self.model.lives.get(&tile.id).map_or(self.queue, |life| &life.queue);
            actions.push(Action::Select(Selection::Message(at.clone(), tile.id)));
        }
        let there = self.model.queues.get(self.queue).is_some_and(|queue| queue.messages.contains_key(&tile.id));
        item_menu(&response, || of_message(self.queue, tile.id, tile.body, there), actions);
        response.on_hover_ui(|ui| tip(ui, tile));
    }
}

/// The whole id and as much of the body as can be read at a glance.
fn tip(ui: &mut Ui, tile: &Tile<'_>) {
    ui.label(RichText::new(format!("Message {}", tile.id)).font(theme::medium(SMALL)));
    let body: String = tile.body.chars().take(TIP).collect();
    ui.add(Label::new(RichText::new(body).font(theme::mono(SMALL))).wrap());
}

/// Where tiles lie.
struct Grid {
    columns: usize,
    width: f32,
    count: usize,
}

impl Grid {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a few columns")]
    fn new(width: f32, count: usize) -> Self {
        let columns = (((width + GAP) / (WIDTH + GAP)) as usize).max(1);
        Self { columns, width: (width + GAP) / columns as f32 - GAP, count }
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 10,000 messages")]
    fn height(&self) -> f32 {
        let rows = self.count.div_ceil(self.columns) as f32;
        (rows * (HEIGHT + GAP) - GAP).max(0.0)
    }

    /// Tiles that lie between two heights, from the top.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 10,000 messages")]
    fn seen(&self, top: f32, bottom: f32) -> std::ops::Range<usize> {
        let top = top.max(0.0);
        if bottom <= top {
            return 0..0;
        }
        let row = |height: f32| (height / (HEIGHT + GAP)) as usize;
        let end = (row(bottom) + 1) * self.columns;
        (row(top) * self.columns).min(self.count)..end.min(self.count)
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 10,000 messages")]
    fn rect(&self, index: usize) -> Rect {
        let (row, column) = ((index / self.columns) as f32, (index % self.columns) as f32);
        Rect::from_min_size(pos2(column * (self.width + GAP), row * (HEIGHT + GAP)), vec2(self.width, HEIGHT))
    }
}

fn paint(ui: &Ui, rect: Rect, name: &str, tile: &Tile<'_>, (chosen, hovered, focused): (bool, bool, bool)) {
    let palette = Palette::of(ui);
    let corner = CornerRadius::same(theme::CORNER);
    let fill = if hovered || chosen { palette.raised } else { palette.panel };
    ui.painter().rect(rect, corner, fill, Stroke::new(1.0, tile.colour), StrokeKind::Inside);
    if chosen || focused {
        // A little apart, so that the colour of what came of it is seen.
        let around = rect.expand(CHOSEN);
        ui.painter().rect_stroke(
            around,
            CornerRadius::same(theme::CORNER + 2),
            Stroke::new(1.5, palette.text),
            StrokeKind::Inside,
        );
    }
    let line = |y: f32, left: f32| {
        Rect::from_center_size(pos2(rect.center().x, rect.top() + y), Vec2::new(rect.width() - 2.0 * MARGIN, 16.0))
            .with_min_x(rect.left() + left)
    };
    let icon = pos2(rect.left() + MARGIN + 7.0, rect.top() + 15.0);
    ui.painter().text(icon, Align2::CENTER_CENTER, tile.icon, theme::icon(14.0), tile.colour);
    cell(ui, line(15.0, ICON), name, theme::mono(BODY), palette.text);
    cell(ui, line(32.0, MARGIN), &tile.words, FontId::proportional(SMALL), palette.second);
    cell(ui, line(48.0, MARGIN), &hint(tile.body), theme::mono(TINY), palette.third);
}

/// The beginning of a body without what JSON puts around it.
fn hint(body: &str) -> String {
    const LONGEST: usize = 80;
    let line = in_a_line(body);
    let inside = line.trim_start_matches(['{', ' ']).trim_end_matches(['}', ' ']);
    inside.chars().filter(|character| *character != '"').take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_fill_the_width_and_only_those_between_two_heights_are_seen() {
        let grid = Grid::new(600.0, 10_000);
        assert_eq!(grid.columns, 4);
        let right = grid.rect(3).right();
        assert!((right - 600.0).abs() < 0.01, "{right}");
        assert_eq!(grid.rect(4).left(), 0.0, "the next line");
        assert!((grid.rect(9_999).bottom() - grid.height()).abs() < 0.01);
        assert_eq!(grid.seen(0.0, HEIGHT), 0..4);
        assert_eq!(grid.seen(HEIGHT + GAP, 2.0 * HEIGHT), 4..8);
        assert_eq!(grid.seen(-500.0, -1.0), 0..0);
        let last = grid.seen(grid.height() - 10.0, grid.height() + 500.0);
        assert_eq!(last, 9_996..10_000);
        assert_eq!(Grid::new(40.0, 2).columns, 1, "a window that is too narrow");
    }

    #[test]
    fn a_hint_is_what_a_body_says_without_its_punctuation() {
        assert_eq!(hint("{\n  \"order\": 1,\n  \"poison\": true\n}"), "order: 1, poison: true");
        assert_eq!(hint("hello"), "hello");
        assert_eq!(hint(&"ä".repeat(200)).chars().count(), 80);
    }
}
