//! Request, response, log and record of an invocation, behind tabs.

use egui::{Align, Layout, RichText, Ui};

use super::attempts::looked_at;
use super::response::{response_text, response_ui};
use super::shown_text::{pretty, shown_ui, text_ui};
use crate::event::{Exchange, NoticeLevel};
use crate::model::Model;
use crate::model::invocations::Invocation;
use crate::model::selection::Selection;
use crate::service::ids::RequestId;
use crate::service::input::LogLine;
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::exchange_parts::{ExchangePart, ExchangeParts};
use crate::ui::log_view::{LogView, following};
use crate::ui::theme::{self, BODY, Palette};
use crate::ui::{icons, widgets};

/// Where a panel is narrower than this, four tabs and the button behind them stand closer.
const NARROW: f32 = 280.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Request,
    Response,
    Log,
    Record,
    /// Of the request at a door that the invocation was made for.
    Door(ExchangePart),
}

#[derive(Default)]
pub struct Parts {
    /// The tab that was chosen; before that, the one that says most.
    tab: Option<Tab>,
    pub exchange: ExchangeParts,
    log: LogView,
}

impl Parts {
    pub fn show_log(&mut self) {
        self.tab = Some(Tab::Log);
    }

    /// `fold` is where the panel ends while it is not scrolled.
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, id: RequestId, selection: &Selection, fold: f32, actions: &mut Vec<Action>) {
        let Some(invocation) = model.invocations.get(&id) else { return };
        let exchange = model.exchange_of_invocation(id);
        let tab = self.seen(invocation, exchange);
        ui.add_space(2.0);
        self.tabs(ui, tab, invocation, selection, exchange.is_some(), actions);
        match tab {
            Tab::Door(part) => {
                self.exchange.part = part;
                if let Some(exchange) = exchange {
                    self.exchange.part_ui(ui, model, exchange, actions);
                }
            }
            Tab::Request => shown_ui(ui, &pretty(&invocation.payload)),
            Tab::Response => response_ui(ui, invocation, selection),
            Tab::Log => self.log_ui(ui, model, (id, invocation), selection, fold, actions),
            Tab::Record => {
                for delivery in &invocation.delivered {
                    ui.label(RichText::new(format!("{:?} to {}", delivery.outlet, delivery.target)).font(theme::medium(BODY)));
                    text_ui(ui, "record", &pretty(&delivery.body), actions);
                }
            }
        }
    }

    /// The tab in front: what failed or still runs is told by its log, what went well by its answer.
    fn seen(&self, invocation: &Invocation, exchange: Option<&Exchange>) -> Tab {
        let failed = invocation.last_ended().is_some_and(|(_, ended)| ended.result.is_err());
        let most = if failed || invocation.is_running() { Tab::Log } else { Tab::Response };
        match self.tab {
            Some(Tab::Door(_)) if exchange.is_none() => most,
            Some(Tab::Record) if invocation.delivered.is_empty() => most,
            tab => tab.unwrap_or(most),
        }
    }

    /// The strip of tabs, at its right what copies the one in front.
    fn tabs(
        &mut self,
        ui: &mut Ui,
        seen: Tab,
        invocation: &Invocation,
        selection: &Selection,
        of_door: bool,
        actions: &mut Vec<Action>,
    ) {
        let mut options =
            vec![(Tab::Request, "Request".to_owned()), (Tab::Response, "Response".into()), (Tab::Log, "Log".into())];
        if !invocation.delivered.is_empty() {
            options.push((Tab::Record, "Record".into()));
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().button_padding.x = if ui.available_width() < NARROW { 5.0 } else { 8.0 };
            widgets::divider(ui);
            ui.horizontal(|ui| {
                if let Some(tab) = widgets::tabs(ui, seen, &options) {
                    self.tab = Some(tab);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| copy_ui(ui, seen, invocation, selection, actions));
            });
            let of_exchange = ExchangePart::ALL.map(|(part, name)| (Tab::Door(part), name.to_owned()));
            if of_door && let Some(tab) = widgets::tabs(ui, seen, &of_exchange) {
                self.tab = Some(tab);
            }
            widgets::divider(ui);
        });
    }

    /// The lines scroll by themselves, so that what is above them stays in view.
    fn log_ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        (id, invocation): (RequestId, &Invocation),
        selection: &Selection,
        fold: f32,
        actions: &mut Vec<Action>,
    ) {
        let lines = log(invocation, selection);
        if lines.is_empty() {
            let colour = Palette::of(ui).second;
            ui.label(RichText::new("No lines yet.").color(colour));
            return;
        }
        let attempt = looked_at(invocation, selection).map(|attempt| attempt.number);
        following(ui, (id.0, attempt), invocation.is_running(), fold, |ui| {
            let time = |at| model.on_ruler(at);
            self.log.ui(ui, selection, (&lines, invocation.log_left_out), time, actions);
        });
    }
}

fn copy_ui(ui: &mut Ui, seen: Tab, invocation: &Invocation, selection: &Selection, actions: &mut Vec<Action>) {
    let name = match seen {
        Tab::Request => "Copy request",
        Tab::Response => "Copy response",
        Tab::Log => "Copy log",
        // Each record and each part of a request has its own.
        Tab::Record | Tab::Door(_) => return,
    };
    if !widgets::icon_button(ui, icons::COPY, name, "").clicked() {
        return;
    }
    let text = match seen {
        Tab::Request => Some(pretty(&invocation.payload)),
        Tab::Response => response_text(invocation, selection),
        _ => Some(log(invocation, selection).iter().map(|line| &*line.text).collect::<Vec<_>>().join("\n")),
    };
    actions.push(match text.filter(|text| !text.is_empty()) {
        Some(text) => Action::Copy(text),
        None => Action::Notify(NoticeLevel::Information, "There is nothing to copy yet.".into()),
    });
}

/// The lines of the attempt that is looked at, until the next one begins; those before the first are its own.
fn log<'a>(invocation: &'a Invocation, selection: &Selection) -> Vec<&'a LogLine> {
    let looked_at = looked_at(invocation, selection);
    let number = looked_at.map_or(0, |attempt| attempt.number);
    let first = invocation.attempts.first().is_none_or(|attempt| attempt.number >= number);
    let from = looked_at.filter(|_| !first).map_or(Timestamp(0), |attempt| attempt.started);
    let next = invocation.attempts.iter().find(|attempt| attempt.number > number && looked_at.is_some());
    let until = next.map_or(Timestamp(u64::MAX), |attempt| attempt.started);
    invocation.log.iter().filter(|line| line.at >= from && line.at < until).collect()
}
