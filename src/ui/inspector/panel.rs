//! The panel: what is selected decides which parts it has, from the top down.

use egui::{EventFilter, Frame, Key, Margin, ScrollArea, Sense, Ui, Vec2};

use super::attempts::attempts_ui;
use super::batch::batch_ui;
use super::buttons::buttons_ui;
use super::function::function_ui;
use super::head::head_ui;
use super::message::MessageView;
use super::parts::Parts;
use super::queue::queue_ui;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::why::why;
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::docking::Pane;
use crate::ui::{icons, widgets};

/// How far an arrow key scrolls, in points.
const ARROW: f32 = 40.0;
/// Ground around everything, in points.
const MARGIN: Margin = Margin::symmetric(14, 12);

#[derive(Default)]
pub struct Inspector {
    parts: Parts,
    message: MessageView,
    /// There was more in the last frame than the panel has room for.
    overflows: bool,
}

impl Inspector {
    /// Opens the log of whatever is selected.
    pub fn show_log(&mut self) {
        self.parts.show_log();
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, selection: &Selection, now: Timestamp, actions: &mut Vec<Action>) {
        let scrolled = Vec2::new(0.0, keyboard(ui));
        let Some(why) = why(model, selection, now) else {
            return widgets::empty(
                ui,
                icons::SEARCH,
                "Why did that happen?",
                "Send an event, then click its bar in the timeline. This panel says what happened, why, and which setting decided it.",
            );
        };
        let height = ui.available_height();
        let shown = ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            // Of a log that scrolls by itself and the panel around it the first one drawn takes what the keys say.
            if scrolled != Vec2::ZERO && !self.overflows {
                ui.scroll_with_delta(scrolled);
            }
            let fold = ui.max_rect().top() + height - MARGIN.bottomf();
            Frame::new().inner_margin(MARGIN).show(ui, |ui| {
                head_ui(ui, model, &why, selection, actions);
                self.below_head(ui, model, selection, now, fold, actions);
            });
            if scrolled != Vec2::ZERO && self.overflows {
                ui.scroll_with_delta(scrolled);
            }
        });
        self.overflows = shown.content_size.y > shown.inner_rect.height() + 1.0;
    }

    /// `fold` is where the panel ends while it is not scrolled.
    fn below_head(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        selection: &Selection,
        now: Timestamp,
        fold: f32,
        actions: &mut Vec<Action>,
    ) {
        match selection {
            Selection::Invocation(id) | Selection::Attempt(id, _) => {
                let Some(invocation) = model.invocations.get(id) else { return };
                buttons_ui(ui, *id, invocation, actions);
                attempts_ui(ui, model, *id, invocation, selection, now, actions);
                self.parts.ui(ui, model, *id, selection, fold, actions);
            }
            Selection::Exchange(exchange) => {
                if let Some(exchange) = model.exchange_of(*exchange) {
                    ui.add_space(8.0);
                    self.parts.exchange.ui(ui, model, exchange, actions);
                }
            }
            Selection::Function(name) => function_ui(ui, model, name, fold, actions),
            Selection::Batch(id) => batch_ui(ui, model, *id, actions),
            Selection::Message(_, id) => self.message.ui(ui, model, *id, now, actions),
            Selection::Queue(name) => queue_ui(ui, model, name, now, actions),
            Selection::Environment(_) | Selection::Nothing => {}
        }
    }
}

/// The panel as a place for the keyboard; gives back how far its keys scroll, in points.
fn keyboard(ui: &Ui) -> f32 {
    let panel = ui.interact(ui.max_rect(), Pane::Inspector.id(), Sense::focusable_noninteractive());
    panel.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Pane, true, "Inspector"));
    if !panel.has_focus() {
        return 0.0;
    }
    widgets::focused(ui, &panel, EventFilter { vertical_arrows: true, ..EventFilter::default() });
    let page = panel.rect.height() * 0.8;
    let keys = [(Key::ArrowUp, ARROW), (Key::ArrowDown, -ARROW), (Key::PageUp, page), (Key::PageDown, -page)];
    ui.input(|input| keys.iter().filter(|(key, _)| input.key_pressed(*key)).map(|(_, distance)| distance).sum())
}
