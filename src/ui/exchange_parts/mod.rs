//! What there is to see of a request at a door, wherever it is shown: the wire, both translations, and the policy.

mod compared;
mod field_notes;
mod policy;
mod wire;

pub use compared::{Known, OWN, differences, merged, plain};
pub use field_notes::{to_event_ui, to_response_ui, word_chip};
pub use policy::{PolicyPart, statement_ui};
pub use wire::{exchange_wire_ui, lines_ui};

use egui::Ui;

use super::action::Action;
use super::widgets;
use crate::event::{Exchange, ExchangeDoor};
use crate::model::Model;
use crate::model::callers::LookedAt;
use crate::service::ids::FunctionName;

/// The parts, as tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExchangePart {
    #[default]
    Wire,
    ToEvent,
    ToResponse,
    Policy,
}

impl ExchangePart {
    pub const ALL: [(Self, &str); 4] =
        [(Self::Wire, "Wire"), (Self::ToEvent, "To event"), (Self::ToResponse, "To response"), (Self::Policy, "Policy")];
}

/// The tabs of an exchange, and the one in front.
#[derive(Default)]
pub struct ExchangeParts {
    pub part: ExchangePart,
    policy: PolicyPart,
}

impl ExchangeParts {
    /// The row of tabs.
    pub fn tabs_ui(&mut self, ui: &mut Ui) {
        let options = ExchangePart::ALL.map(|(part, name)| (part, name.to_owned()));
        if let Some(part) = widgets::tabs(ui, self.part, &options) {
            self.part = part;
        }
    }

    /// All of it, for an exchange that happened.
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, exchange: &Exchange, actions: &mut Vec<Action>) {
        self.tabs_ui(ui);
        ui.add_space(4.0);
        self.part_ui(ui, model, exchange, actions);
    }

    /// The part in front.
    pub fn part_ui(&mut self, ui: &mut Ui, model: &Model, exchange: &Exchange, actions: &mut Vec<Action>) {
        match self.part {
            ExchangePart::Wire => exchange_wire_ui(ui, exchange, actions),
            ExchangePart::ToEvent => to_event_ui(ui, Some(exchange)),
            ExchangePart::ToResponse => to_response_ui(ui, Some(exchange)),
            ExchangePart::Policy => {
                let looked_at = (door_of(exchange), Some(exchange));
                self.policy.ui(ui, model, exchange.function.as_ref(), looked_at, actions);
            }
        }
    }

    /// The policy of a function for a door through which no request has come yet.
    pub fn policy_ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        function: &FunctionName,
        door: LookedAt<'_>,
        actions: &mut Vec<Action>,
    ) {
        self.policy.ui(ui, model, Some(function), (door, None), actions);
    }
}

fn door_of(exchange: &Exchange) -> LookedAt<'_> {
    match &exchange.door {
        ExchangeDoor::Api { name, route, .. } => Some((&**name, route.as_deref())),
        ExchangeDoor::FunctionUrl(_) | ExchangeDoor::Nowhere => None,
    }
}
