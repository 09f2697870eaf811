//! Commands that read or change files of the workspace.

use std::fs;
use std::sync::Arc;

use super::event_loop::EventLoop;
use crate::command::Command;
use crate::event::Event;
use crate::workspace::saved_events;

impl EventLoop {
    pub(super) fn file_command(&mut self, command: Command) {
        let folder = self.files.folder().to_path_buf();
        match command {
            Command::LoadCode(function) => self.load_code(&function),
            Command::SaveCode { function, text } => self.save_code(function, &text),
            Command::LoadSavedEvent { function, name } => match saved_events::load(&folder, &function, &name) {
                Ok(text) => self.outbox.push_now(Event::SavedEvent { function, name, text }),
                Err(error) => self.outbox.error(error.to_string()),
            },
            Command::SaveEvent { function, name, text } => match saved_events::save(&folder, &function, &name, &text) {
                Ok(name) => {
                    self.outbox.push_now(Event::EventSaved { function, name });
                    self.files.refresh_view();
                    self.show_files();
                }
                Err(error) => self.outbox.error(error.to_string()),
            },
            Command::RemoveSavedEvent { function, name } => match saved_events::remove(&folder, &function, &name) {
                Ok(_) => {
                    self.files.refresh_view();
                    self.show_files();
                }
                Err(error) => self.outbox.error(error.to_string()),
            },
            _ => {}
        }
    }

    fn load_code(&mut self, function: &Arc<str>) {
        let file = self.files.view().functions.iter().find(|view| view.configuration.name == *function).and_then(|view| view.code_file.clone());
        let Some(path) = file else {
            return self.outbox.error(format!("{function} has no handler file that can be edited here."));
        };
        match fs::read_to_string(&path) {
            Ok(text) => self.outbox.push_now(Event::Code { function: function.clone(), path, text }),
            Err(error) => self.outbox.error(format!("{}: {error}", path.display())),
        }
    }

    fn save_code(&mut self, function: Arc<str>, text: &str) {
        let file = self.files.view().functions.iter().find(|view| view.configuration.name == function).and_then(|view| view.code_file.clone());
        let Some(path) = file else {
            return self.outbox.error(format!("{function} has no handler file that can be edited here."));
        };
        match fs::write(&path, text) {
            Ok(()) => {
                self.files_changed(&[path]);
                self.outbox.push_now(Event::CodeSaved { function });
            }
            Err(error) => self.outbox.error(format!("{}: {error}", path.display())),
        }
    }
}
