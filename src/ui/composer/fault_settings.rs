//! Faults for teaching and testing: the code does not run for the attempts they name.

use egui::{RichText, TextEdit, Ui};

use crate::command::Command;
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::service::input::{Fault, FaultKind};
use crate::service::time::Micros;
use crate::ui::action::Action;
use crate::ui::theme::Palette;
use crate::ui::widgets;

const KINDS: [(&str, FaultKind); 7] = [
    ("throw", FaultKind::Throw),
    ("time out", FaultKind::Timeout),
    ("crash", FaultKind::Crash),
    ("run out of memory", FaultKind::OutOfMemory),
    ("be throttled", FaultKind::Throttle),
    ("begin 2 s late", FaultKind::Slow(Micros::from_secs(2))),
    ("fail in init", FaultKind::InitFailure),
];

/// The fault that is being put together.
pub struct FaultSettings {
    kind: usize,
    attempts: String,
}

impl Default for FaultSettings {
    fn default() -> Self {
        Self { kind: 0, attempts: "1".into() }
    }
}

impl FaultSettings {
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        widgets::section(ui, "Injected faults (until Invokelab closes)", |_| {});
        let others = |left_out: Option<usize>| {
            let kept = model.faults.iter().enumerate().filter(move |(index, _)| Some(*index) != left_out);
            kept.map(|(_, fault)| fault.clone()).collect::<Vec<_>>()
        };
        for (index, fault) in model.faults.iter().enumerate().filter(|(_, fault)| fault.function == *function) {
            ui.horizontal(|ui| {
                ui.label(sentence(fault));
                if widgets::small_button(ui, "Remove").on_hover_text("Its code runs again").clicked() {
                    actions.push(Action::Command(Command::SetFaults(others(Some(index)))));
                }
            });
        }
        ui.horizontal(|ui| {
            ui.label("Let attempts");
            widgets::field(ui, TextEdit::singleline(&mut self.attempts).desired_width(60.0)).accessible_name("Attempts");
            let kinds = egui::ComboBox::from_id_salt("fault").selected_text(KINDS[self.kind].0).show_ui(ui, |ui| {
                for (index, (name, _)) in KINDS.iter().enumerate() {
                    ui.selectable_value(&mut self.kind, index, *name);
                }
            });
            kinds.response.accessible_name("Fault");
            let attempts = attempts(&self.attempts);
            if ui.add_enabled(attempts.is_ok(), egui::Button::new("Inject")).clicked()
                && let Ok(attempts) = &attempts
            {
                let fault = Fault { function: function.clone(), attempts: attempts.clone(), kind: KINDS[self.kind].1 };
                let mut faults = others(None);
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
                actions.push(Action::Command(Command::SetFaults(faults)));
            }
            if let Err(wrong) = attempts {
                ui.label(RichText::new(wrong).color(Palette::of(ui).error));
            }
        });
    }
}

/// Numbers from 1, with commas or spaces between them.
fn attempts(text: &str) -> Result<Vec<u32>, String> {
    let numbers = text.split([',', ' ']).filter(|number| !number.is_empty());
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    let read: Result<Vec<u32>, _> =
        numbers.map(|text| number(text).ok_or_else(|| format!("{text} is no attempt; they count from 1"))).collect();
    read.and_then(|numbers| if numbers.is_empty() { Err("which ones? such as 1, 2".to_owned()) } else { Ok(numbers) })
}

/// `Let attempts 1 and 2 time out.`
fn sentence(fault: &Fault) -> String {
    let kind = KINDS.iter().find(|(_, kind)| *kind == fault.kind).map_or("fail", |(words, _)| words);
    let numbers: Vec<String> = fault.attempts.iter().map(ToString::to_string).collect();
    match &numbers[..] {
        [] => String::new(),
        [one] => format!("Let attempt {one} {kind}."),
        [first @ .., last] => format!("Let attempts {} and {last} {kind}.", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_read_or_refused() {
        assert_eq!(attempts("1, 2 3"), Ok(vec![1, 2, 3]));
        assert_eq!(attempts(" "), Err("which ones? such as 1, 2".into()));
        assert_eq!(attempts("1, x"), Err("x is no attempt; they count from 1".into()));
        assert_eq!(attempts("0"), Err("0 is no attempt; they count from 1".into()));
    }

    #[test]
    fn a_fault_is_a_sentence() {
        let fault = |attempts: &[u32]| Fault { function: "f".into(), attempts: attempts.to_vec(), kind: FaultKind::Timeout };
        assert_eq!(sentence(&fault(&[2])), "Let attempt 2 time out.");
        assert_eq!(sentence(&fault(&[1, 2, 3])), "Let attempts 1, 2 and 3 time out.");
    }
}
