//! Where the panels stand. Each is dragged by its grip to another edge, or onto another panel, where they share tabs; it
//! can be closed and comes back where it was.

use egui::{Color32, CursorIcon, Rect, Sense, Stroke, Ui, Vec2, WidgetText, vec2};
use egui_tiles::{Container, Linear, LinearDir, ResizeState, SimplificationOptions, TileId, Tiles, Tree, UiResponse};

use super::theme::Palette;

/// The panels of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Pane {
    Functions,
    Composer,
    Inspector,
    Timeline,
}

impl Pane {
    pub const ALL: [Self; 4] = [Self::Functions, Self::Composer, Self::Inspector, Self::Timeline];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Functions => "Functions",
            Self::Composer => "Composer",
            Self::Inspector => "Inspector",
            Self::Timeline => "Timeline",
        }
    }

    /// The panel as a place for the keyboard, where nothing is typed.
    #[must_use]
    pub fn id(self) -> egui::Id {
        egui::Id::unique(("panel", self.name()))
    }
}

/// Windows of these sizes begin with other shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Class {
    wide: bool,
    tall: bool,
}

impl Class {
    const LARGE: Self = Self { wide: true, tall: true };
    const ALL: [Self; 4] = [
        Self::LARGE,
        Self { tall: false, ..Self::LARGE },
        Self { wide: false, ..Self::LARGE },
        Self { wide: false, tall: false },
    ];
}

/// The arrangement of the panels.
#[derive(Clone)]
pub struct Docks {
    tree: Tree<Pane>,
    class: Class,
}

impl Default for Docks {
    fn default() -> Self {
        Self { tree: arranged(Class::LARGE), class: Class::LARGE }
    }
}

impl serde::Serialize for Docks {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.tree.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Docks {
    /// An arrangement in which a panel is missing is not taken. One that nobody had moved goes on following the window's size.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = Tree::<Pane>::deserialize(deserializer)?;
        let whole = Pane::ALL.iter().all(|pane| tree.tiles.find_pane(pane).is_some());
        let class = Class::ALL.into_iter().find(|class| tree == arranged(*class)).unwrap_or(Class::LARGE);
        Ok(if whole { Self { tree, class } } else { Self::default() })
    }
}

impl Docks {
    /// Draws every panel that is open; `contents` draws one.
    pub fn ui(&mut self, ui: &mut Ui, contents: impl FnMut(&mut Ui, Pane)) {
        let class = Class { wide: ui.available_width() > 1_200.0, tall: ui.available_height() > 690.0 };
        if class != self.class {
            // What nobody has moved yet follows the size of the window.
            if self.tree == arranged(self.class) {
                self.tree = arranged(class);
            }
            self.class = class;
        }
        let mut behavior = Panels { contents, palette: Palette::of(ui) };
        self.tree.ui(&mut behavior, ui);
    }

    /// Opens a panel, brings it to the front of its tabs, or closes it when it is seen already.
    pub fn toggle(&mut self, pane: Pane) {
        let Some(id) = self.tree.tiles.find_pane(&pane) else { return };
        let seen = self.tree.is_visible(id) && self.tree.active_tiles().contains(&id);
        if seen {
            self.tree.set_visible(id, false);
        } else {
            self.show(pane);
        }
    }

    /// Opens a panel and brings it to the front of its tabs.
    pub fn show(&mut self, pane: Pane) {
        let Some(id) = self.tree.tiles.find_pane(&pane) else { return };
        self.tree.set_visible(id, true);
        self.tree.make_active(|other, _| other == id);
    }

    #[must_use]
    pub fn is_open(&self, pane: Pane) -> bool {
        self.tree.tiles.find_pane(&pane).is_some_and(|id| self.tree.is_visible(id))
    }

    /// Every panel back to where it was at first.
    pub fn reset(&mut self) {
        self.tree = arranged(self.class);
    }
}

/// Functions, composer and inspector in a row, the timeline below. In a low window the inspector reaches down to the lower edge
/// beside the timeline: else the answer to "why?" would fill it, and what was sent and logged were out of sight.
fn arranged(class: Class) -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let [functions, composer, inspector, timeline] = Pane::ALL.map(|pane| tiles.insert_pane(pane));
    let (horizontal, vertical) = (LinearDir::Horizontal, LinearDir::Vertical);
    let [list, middle, right] = if class.wide { [236.0, 832.0, 372.0] } else { [196.0, 520.0, 308.0] };
    let root = if class.tall {
        let row = linear(&mut tiles, horizontal, &[(functions, list), (composer, middle), (inspector, right)]);
        linear(&mut tiles, vertical, &[(row, 530.0), (timeline, 300.0)])
    } else {
        let row = linear(&mut tiles, horizontal, &[(functions, list), (composer, middle)]);
        let column = linear(&mut tiles, vertical, &[(row, 394.0), (timeline, 236.0)]);
        linear(&mut tiles, horizontal, &[(column, list + middle), (inspector, right)])
    };
    Tree::new(egui::Id::unique("panels"), root, tiles)
}

/// Tiles side by side or one below the other, each with its share of the room.
fn linear(tiles: &mut Tiles<Pane>, direction: LinearDir, parts: &[(TileId, f32)]) -> TileId {
    let mut linear = Linear::new(direction, parts.iter().map(|(tile, _)| *tile).collect());
    for (tile, share) in parts {
        linear.shares.set_share(*tile, *share);
    }
    tiles.insert_container(Container::Linear(linear))
}

/// From the upper edge of a panel, in points: while the pointer is no further away, its grip is seen.
const GRIP_SEEN: f32 = 44.0;

struct Panels<F> {
    contents: F,
    palette: Palette,
}

impl<F: FnMut(&mut Ui, Pane)> egui_tiles::Behavior<Pane> for Panels<F> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        let fill = if *pane == Pane::Composer { self.palette.ground } else { self.palette.panel };
        let rect = ui.max_rect();
        ui.painter().rect_filled(rect, 0.0, fill);
        (self.contents)(ui, *pane);
        if grip(ui, rect, *pane, &self.palette) { UiResponse::DragStarted } else { UiResponse::None }
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        pane.name().into()
    }

    fn is_tab_closable(&self, _tiles: &Tiles<Pane>, _tile: TileId) -> bool {
        true
    }

    /// A closed panel keeps its place.
    fn on_tab_close(&mut self, tiles: &mut Tiles<Pane>, tile: TileId) -> bool {
        tiles.set_visible(tile, false);
        false
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: false, ..SimplificationOptions::default() }
    }

    fn min_size(&self) -> f32 {
        140.0
    }

    fn tab_bar_color(&self, _visuals: &egui::Visuals) -> Color32 {
        self.palette.panel
    }

    fn resize_stroke(&self, _style: &egui::Style, state: ResizeState) -> Stroke {
        match state {
            ResizeState::Idle => Stroke::new(1.0, self.palette.hairline),
            ResizeState::Hovering => Stroke::new(2.0, self.palette.third),
            ResizeState::Dragging => Stroke::new(2.0, self.palette.text),
        }
    }

    fn drag_preview_stroke(&self, _visuals: &egui::Visuals) -> Stroke {
        Stroke::new(1.5, self.palette.text)
    }

    fn drag_preview_color(&self, _visuals: &egui::Visuals) -> Color32 {
        self.palette.tint(self.palette.text, 0.08)
    }
}

/// Three dots in the middle of a panel's upper edge, seen while the pointer is near; true when they begin to be dragged.
fn grip(ui: &Ui, panel: Rect, pane: Pane, palette: &Palette) -> bool {
    let rect = Rect::from_center_size(panel.center_top() + vec2(0.0, 4.5), Vec2::new(44.0, 8.0));
    let response = ui.interact(rect, ui.scope_id().with("grip"), Sense::DRAG).on_hover_cursor(CursorIcon::Grab);
    let name = format!("Move {}", pane.name());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &name));
    let held = response.hovered() || response.dragged();
    let near = Rect::from_min_size(panel.min, vec2(panel.width(), GRIP_SEEN));
    if held || ui.rect_contains_pointer(near) {
        let colour = if held { palette.text } else { palette.third };
        for step in [-6.0, 0.0, 6.0] {
            ui.painter().circle_filled(rect.center() + vec2(step, 0.0), 1.3, colour);
        }
    }
    response.on_hover_text(format!("Drag {} to another place", pane.name().to_lowercase())).drag_started()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(docks: &Docks) -> serde_json::Value {
        serde_json::to_value(docks).unwrap()
    }

    #[test]
    fn an_arrangement_is_kept_and_read_again() {
        let mut docks = Docks::default();
        docks.toggle(Pane::Inspector);
        let mut read: Docks = serde_json::from_value(written(&docks)).unwrap();
        assert!(!read.is_open(Pane::Inspector) && read.is_open(Pane::Timeline));
        read.toggle(Pane::Inspector);
        assert!(read.is_open(Pane::Inspector));
        assert_eq!(written(&read), written(&Docks::default()), "it comes back where it was");
    }

    #[test]
    fn an_arrangement_that_nobody_moved_is_known_again_in_a_window_of_any_size() {
        for class in Class::ALL {
            let read: Docks = serde_json::from_value(written(&Docks { tree: arranged(class), class })).unwrap();
            assert_eq!(read.class, class);
        }
    }

    #[test]
    fn an_arrangement_without_a_panel_is_not_taken() {
        let mut docks = Docks::default();
        let id = docks.tree.tiles.find_pane(&Pane::Composer).unwrap();
        docks.tree.remove_recursively(id);
        let read: Docks = serde_json::from_value(written(&docks)).unwrap();
        assert!(read.is_open(Pane::Composer));
        let tiles = read.tree.tiles.tiles().filter(|tile| matches!(tile, egui_tiles::Tile::Pane(_))).count();
        assert_eq!(tiles, 4);
    }
}
