//! A row of a list: an icon, a name and how it stands; the whole row is the button.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, CornerRadius, FontId, Id, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use super::icons;
use super::theme::{self, BODY, Palette, TINY};
use super::widgets::status_icon;

/// Height of a row that has one line only.
pub const ONE_LINE: f32 = 26.0;
/// Centre of the first and of the second line, from the top of the row.
const FIRST: f32 = 13.0;
const SECOND: f32 = 29.0;
/// Width of the bar that a chosen row has.
const BAR: f32 = 3.0;
/// From the left edge of a row to its icon's centre and to its name, and from its right edge to the first dot.
const ICON: f32 = 16.0;
const TEXT: f32 = 34.0;
const DOT: f32 = 12.0;
/// From one dot to the next, and how many are drawn.
const DOTS_APART: f32 = 9.0;
const DOTS: usize = 6;
/// Width of the mark behind a name, and the space between name and mark, or name and second words.
const MARK: f32 = 14.0;
const APART: f32 = 6.0;

/// Whether a row is the chosen one of its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chosen {
    #[default]
    No,
    /// Another thing is chosen, but what is sent goes to this one.
    Target,
    Yes,
}

pub struct ListRow<'a> {
    pub name: &'a str,
    /// Below the name, or beside it in a row of one line.
    pub second: &'a str,
    /// In place of that beside a long name; what has no room at all is left out.
    pub least: &'a str,
    pub icon: &'a str,
    pub colour: Color32,
    pub chosen: Chosen,
    /// Behind the name: there is something to be saved.
    pub marked: bool,
    /// Dots at the right: a colour, and whether filled.
    pub dots: &'a [(Color32, bool)],
    /// There is room for one line only.
    pub compact: bool,
}

impl ListRow<'_> {
    /// `id` is that of the row whatever stands above it, so that it keeps the keyboard while the list changes.
    pub fn show(&self, ui: &mut Ui, id: Id) -> Response {
        let height = if self.compact { ONE_LINE } else { theme::TWO_LINES };
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
        let response = ui.interact(rect, id, Sense::click());
        let enabled = ui.is_enabled();
        response.widget_info(|| egui::WidgetInfo {
            current_text_value: Some(self.second.to_owned()),
            selected: Some(self.chosen == Chosen::Yes),
            ..egui::WidgetInfo::labeled(egui::accesskit::Role::Button, enabled, self.name)
        });
        if ui.is_rect_visible(rect) {
            self.ground(ui, rect, &response);
            self.contents(ui, rect);
        }
        response
    }

    /// The chosen row has a ground and a bar, the target of what is sent only a fainter bar.
    fn ground(&self, ui: &Ui, rect: Rect, response: &Response) {
        let palette = Palette::of(ui);
        let corner = CornerRadius::same(theme::CORNER);
        if self.chosen == Chosen::Yes || response.hovered() {
            let fill = if self.chosen == Chosen::Yes { palette.raised } else { palette.tint(palette.raised, 0.6) };
            ui.painter().rect_filled(rect, corner, fill);
        }
        let bar = match self.chosen {
            Chosen::No => None,
            Chosen::Target => Some(palette.edge),
            Chosen::Yes => Some(palette.text),
        };
        if let Some(colour) = bar {
            let bar = Rect::from_min_size(rect.min + vec2(2.0, 6.0), vec2(BAR, rect.height() - 12.0));
            ui.painter().rect_filled(bar, BAR * 0.5, colour);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(rect, corner, Stroke::new(1.0, palette.text), StrokeKind::Inside);
        }
    }

    fn contents(&self, ui: &Ui, rect: Rect) {
        let palette = Palette::of(ui);
        let painter = ui.painter_at(rect);
        let ground = if self.chosen == Chosen::Yes { palette.raised } else { palette.panel };
        let first = rect.top() + FIRST;
        status_icon(&painter, pos2(rect.left() + ICON, first), self.icon, 16.0, self.colour, ground);
        let dots = self.dots_ui(&painter, rect);
        let left = rect.left() + TEXT;
        let mark = if self.marked { MARK + APART } else { 0.0 };
        let (font, small) = (theme::medium(BODY), FontId::proportional(TINY));
        let named = words(&painter, pos2(left, first), dots - left - mark, self.name, font, palette.text);
        if self.marked {
            let at = pos2(left + named + APART + MARK * 0.5, first);
            painter.text(at, Align2::CENTER_CENTER, icons::PENCIL, theme::icon(MARK), palette.throttle);
        }
        if !self.compact {
            words(&painter, pos2(left, rect.top() + SECOND), rect.right() - APART - left, self.second, small, palette.second);
            return;
        }
        let room = dots - (left + named + mark + APART);
        let width = |text: &str| painter.layout_no_wrap(text.to_owned(), small.clone(), palette.second).size().x;
        let fits = [self.second, self.least].into_iter().find(|text| width(text) <= room);
        if let Some(text) = fits {
            painter.text(pos2(dots, first), Align2::RIGHT_CENTER, text, small.clone(), palette.second);
        }
    }

    /// Draws the dots; gives back where the words at their left end.
    fn dots_ui(&self, painter: &egui::Painter, rect: Rect) -> f32 {
        let mut x = rect.right() - DOT;
        for (colour, filled) in self.dots.iter().take(DOTS) {
            let centre = pos2(x, rect.top() + FIRST);
            if *filled {
                painter.circle_filled(centre, 3.0, *colour);
            } else {
                painter.circle_stroke(centre, 2.5, Stroke::new(1.2, *colour));
            }
            x -= DOTS_APART;
        }
        x + if self.dots.is_empty() { DOT - APART } else { 0.0 }
    }
}

/// Words in one line, cut where their room ends; gives back how wide they are. `at` is the middle of their left edge.
fn words(painter: &egui::Painter, at: egui::Pos2, room: f32, words: &str, font: FontId, colour: Color32) -> f32 {
    if room < 8.0 || words.is_empty() {
        return 0.0;
    }
    let mut job = LayoutJob::simple_singleline(words.to_owned(), font, colour);
    job.wrap = TextWrapping::truncate_at_width(room);
    let galley = painter.layout_job(job);
    let size: Vec2 = galley.size();
    painter.galley(at - vec2(0.0, size.y * 0.5), galley, colour);
    size.x
}
