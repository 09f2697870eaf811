//! What came of the attempt that is looked at: its facts, and the payload or the error.

use egui::{RichText, Ui, Vec2};

use super::attempts::looked_at;
use super::shown_text::{pretty, shown_ui};
use crate::model::invocations::{Ended, Invocation};
use crate::model::selection::Selection;
use crate::service::input::InvocationType;
use crate::ui::theme::{self, Palette, SMALL};

pub fn response_ui(ui: &mut Ui, invocation: &Invocation, selection: &Selection) {
    facts_ui(ui, invocation, selection);
    match response_text(invocation, selection) {
        Some(text) => shown_ui(ui, &text),
        None => {
            let text = match invocation.before_words() {
                Some(before) => format!("No attempt has ended since the program was started again. {before}"),
                None if invocation.outcome.is_some() => "No code ran.".to_owned(),
                None => "No attempt has ended yet.".to_owned(),
            };
            let colour = Palette::of(ui).second;
            ui.label(RichText::new(text).color(colour));
        }
    }
}

/// The payload or the error; `None` while there is neither.
pub fn response_text(invocation: &Invocation, selection: &Selection) -> Option<String> {
    Some(match &ended(invocation, selection)?.result {
        Ok(payload) => pretty(payload),
        Err(error) => pretty(&error.payload),
    })
}

fn ended<'a>(invocation: &'a Invocation, selection: &Selection) -> Option<&'a Ended> {
    looked_at(invocation, selection)?.ended.as_ref()
}

fn facts_ui(ui: &mut Ui, invocation: &Invocation, selection: &Selection) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(5.0, 3.0);
        ui.spacing_mut().interact_size.y = 0.0;
        for (name, value) in facts(invocation, selection) {
            ui.label(RichText::new(name).size(SMALL).color(palette.third));
            // A figure and its unit stay on one line.
            ui.label(RichText::new(value.replace(' ', "\u{a0}")).font(theme::mono(SMALL)));
            ui.add_space(6.0);
        }
    });
}

fn facts(invocation: &Invocation, selection: &Selection) -> Vec<(&'static str, String)> {
    let status = match (&invocation.refused, invocation.invocation_type) {
        (Some(error), _) => error.status_and_name().0.to_string(),
        (None, InvocationType::RequestResponse) => "200".into(),
        (None, InvocationType::Event) => "202".into(),
        (None, InvocationType::DryRun) => "204".into(),
    };
    let mut facts =
        vec![("status", status), ("type", invocation.invocation_type.name().to_owned()), ("version", "$LATEST".to_owned())];
    if let Some(ended) = ended(invocation, selection) {
        facts.push(("duration", ended.duration.to_string()));
        facts.push(("billed", format!("{} ms", ended.billed_millis)));
        if ended.memory_megabytes > 0 {
            facts.push(("memory", format!("{} MB", ended.memory_megabytes)));
        }
        if ended.result.is_err() {
            facts.push(("X-Amz-Function-Error", "Unhandled".into()));
        }
    }
    facts
}
