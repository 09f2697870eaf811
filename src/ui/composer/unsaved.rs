//! What would be lost if the window closed now, and saving it.

use std::path::Path;

use super::Composer;
use crate::command::Command;
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;

/// A text that no file holds as it is.
pub struct Unsaved {
    /// Whose it is: `event “order placed” of confirm`, `handler.py`.
    pub what: String,
    /// It has a file, or a name for one, in the workspace that is open.
    pub has_place: bool,
}

impl Composer {
    /// Everything that was typed and is in no file, also what belongs to workspaces that were open before.
    pub fn unsaved(&mut self, model: &Model) -> Vec<Unsaved> {
        let of_events = |place: Option<&Path>, function: &FunctionName, name: Option<String>| {
            let whose = place.map_or_else(String::new, |place| format!(" in {}", place.display()));
            let what = match &name {
                Some(name) => format!("event “{name}” of {function}{whose}"),
                None => format!("an event without a name of {function}{whose}"),
            };
            Unsaved { what, has_place: name.is_some() && place.is_none() }
        };
        let mut all = Vec::new();
        for (function, drafts) in &mut self.drafts {
            all.extend(drafts.unsaved().into_iter().map(|name| of_events(None, function, name)));
        }
        for (place, drafts) in &mut self.elsewhere {
            for (function, drafts) in drafts {
                all.extend(drafts.unsaved().into_iter().map(|name| of_events(Some(place), function, name)));
            }
        }
        for path in self.code.unsaved() {
            let has_place = function_of(model, &path).is_some();
            all.push(Unsaved { what: path.display().to_string(), has_place });
        }
        all
    }

    /// Sends everything that has a place to be saved there.
    pub fn save_all(&mut self, model: &Model, actions: &mut Vec<Action>) {
        for (function, drafts) in &mut self.drafts {
            for name in drafts.unsaved().into_iter().flatten() {
                if let Some((replaces, text)) = drafts.save_in_place(&name, actions) {
                    actions.push(Action::Command(Command::SaveEvent { function: function.clone(), name, text, replaces }));
                }
            }
        }
        for path in self.code.unsaved() {
            if let Some(function) = function_of(model, &path) {
                self.code.save_file(&function, &path, None, actions);
            }
        }
    }

    /// Whether the answer to a save is still to come.
    #[must_use]
    pub fn is_saving(&self) -> bool {
        self.code.is_saving() || self.drafts.values().any(super::Drafts::is_saving)
    }
}

/// The function whose handler a file is.
fn function_of(model: &Model, path: &Path) -> Option<FunctionName> {
    let mut names = model.workspace.functions.iter().map(|view| &view.configuration.name);
    names.find(|name| model.code_file(name) == Some(path)).cloned()
}
