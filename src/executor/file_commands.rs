//! Commands that read or change files of the workspace.

use std::path::{Path, PathBuf};

use super::event_loop::EventLoop;
use crate::command::{Command, NewRoute};
use crate::event::{Event, EventMeta, NoticeLevel};
use crate::service::ids::FunctionName;
use crate::workspace::removal::{self, Removed};
use crate::workspace::saved_events::RemovedEvent;
use crate::workspace::{code, edit, event_meta, route_edit, saved_events, setting};

impl EventLoop {
    pub(super) fn file_command(&mut self, command: Command) {
        let result = match command {
            Command::LoadCode(function) => self.load_code(&function),
            Command::SaveCode { function, text, replaces } => self.save_code(function, text, &replaces),
            Command::ReplaceCode { function, text } => self.replace_code(function, &text),
            Command::AddFunction(new) => {
                self.edited(|file| edit::add_function(file, new).map(|name| format!("{name} was added.")))
            }
            Command::AddQueue { name, reader } => {
                self.edited(|file| edit::add_queue(file, &name, reader.as_deref()).map(|name| format!("Queue {name} was added.")))
            }
            Command::AddMapping { function, queue } => {
                let told = format!("{function} reads {queue} from now on.");
                self.edited(|file| edit::add_mapping(file, &function, &queue).map(|()| told))
            }
            Command::RemoveFunction(name) => self.removed(|file| removal::remove_function(file, &name)),
            Command::RemoveQueue(name) => self.removed(|file| removal::remove_queue(file, &name)),
            Command::RemoveMapping { function, queue } => self.removed(|file| removal::remove_mapping(file, &function, &queue)),
            Command::UndoRemove => self.undo_remove(),
            Command::ChangeSetting(change) => {
                let told = format!("{} of {} was changed; what comes next goes by it.", change.key, change.owner);
                if let Err(reason) = self.edited(|file| setting::change_setting(file, &change).map(|()| told)) {
                    self.outbox.push_now(Event::SettingNotChanged { change, reason });
                }
                Ok(())
            }
            Command::AddRoute(new) => self.add_route(&new),
            Command::UndoAdd => self.undo_add(),
            Command::LoadFile(path) => {
                self.load_file(path);
                Ok(())
            }
            Command::LoadSavedEvent { .. }
            | Command::SaveEvent { .. }
            | Command::RemoveSavedEvent { .. }
            | Command::UndoRemoveSavedEvent => self.saved_event(command),
            _ => Ok(()),
        };
        if let Err(sentence) = result {
            self.outbox.error(sentence);
        }
    }

    /// Changes the workspace file, reads it again, and tells what was done.
    fn edited(&mut self, change: impl FnOnce(&Path) -> Result<String, edit::EditError>) -> Result<(), String> {
        let file: PathBuf = self.files.workspace.file.clone();
        let told = change(&file).map_err(|error| error.to_string())?;
        self.reload();
        self.outbox.notice(NoticeLevel::Information, told);
        Ok(())
    }

    /// Takes something out of the workspace file, and keeps it so that it can be put back.
    fn removed(&mut self, remove: impl FnOnce(&Path) -> Result<Removed, edit::EditError>) -> Result<(), String> {
        let file = self.files.workspace.file.clone();
        let removed = remove(&file).map_err(|error| error.to_string())?;
        let told = removed.sentence();
        self.files.removed = Some(removed);
        self.reload();
        self.outbox.push_now(Event::Removed(told));
        Ok(())
    }

    fn undo_remove(&mut self) -> Result<(), String> {
        let removed = self.files.removed.take().ok_or("There is nothing to put back.")?;
        self.edited(|file| removal::restore(file, removed).map(|what| format!("The {what} is back.")))
    }

    fn add_route(&mut self, new: &NewRoute) -> Result<(), String> {
        let file = self.files.workspace.file.clone();
        let added = route_edit::add_route(&file, new).map_err(|error| format!("No route was added: {error}."))?;
        let told = added.sentence();
        self.files.added = Some(added);
        self.reload();
        self.outbox.push_now(Event::Added(told));
        Ok(())
    }

    fn undo_add(&mut self) -> Result<(), String> {
        let added = self.files.added.take().ok_or("There is nothing to take out.")?;
        self.edited(|file| route_edit::undo_add(file, added))
    }

    /// Shows a file of the workspace, unless it is one of secrets.
    fn load_file(&mut self, path: PathBuf) {
        let loaded = self.files.may_show(&path).and_then(|()| code::load_file(&path).map_err(|error| error.to_string()));
        self.outbox.push_now(match loaded {
            Ok(text) => Event::File { path, text },
            Err(reason) => Event::NoFile { path, reason },
        });
    }

    fn load_code(&mut self, function: &FunctionName) -> Result<(), String> {
        let definition = self.files.definition(function).ok_or_else(|| format!("there is no function {function}"))?;
        let (path, text) = code::load(definition).map_err(|error| error.to_string())?;
        self.outbox.push_now(Event::Code { function: function.clone(), path, text });
        Ok(())
    }

    fn save_code(&mut self, function: FunctionName, text: String, replaces: &str) -> Result<(), String> {
        let definition = self.files.definition(&function).ok_or_else(|| format!("there is no function {function}"));
        match definition.and_then(|definition| code::save(definition, &text, replaces).map_err(|error| error.to_string())) {
            Ok(path) => {
                if let Some(input) = self.files.code_changed(&function) {
                    self.input(input);
                }
                self.outbox.push_now(Event::CodeSaved { function, path, text });
                Ok(())
            }
            Err(sentence) => {
                // What the file holds comes before the sentence about it.
                let held = self.files.definition(&function).and_then(|definition| code::load(definition).ok());
                self.outbox.push_now(Event::CodeNotSaved { function, text, held });
                Err(sentence)
            }
        }
    }

    fn replace_code(&mut self, function: FunctionName, text: &str) -> Result<(), String> {
        self.files.replace_code(&function, text)?;
        if let Some(input) = self.files.code_changed(&function) {
            self.input(input);
        }
        self.outbox.push_now(Event::CodeReplaced { function });
        Ok(())
    }

    fn load_event(&mut self, function: FunctionName, name: String) -> Result<(), String> {
        let told = |error: saved_events::SavedEventError| error.to_string();
        let text = saved_events::load(self.files.folder(), &function, &name).map_err(told)?;
        let name = saved_events::name_in_list(&name).map_err(told)?;
        let meta = self.meta_of(&function, &name);
        self.outbox.push_now(Event::SavedEvent { function, name, text, meta });
        Ok(())
    }

    /// What belongs to a saved event. What is wrong with it counts as not written, and stands among the workspace's problems.
    fn meta_of(&self, function: &str, name: &str) -> EventMeta {
        let payload = saved_events::path(self.files.folder(), function, name);
        payload.map(|payload| event_meta::read(&payload).0).unwrap_or_default()
    }

    fn save_event(
        &mut self,
        function: FunctionName,
        asked: String,
        text: String,
        replaces: Option<&str>,
        copy_of: Option<&str>,
    ) -> Result<Event, String> {
        let folder = self.files.folder();
        match saved_events::save(folder, &function, &asked, &text, replaces) {
            Ok(name) => {
                let copied = copy_of.map_or(Ok(()), |original| saved_events::copy_meta(folder, &function, original, &name));
                if let Err(error) = copied {
                    self.outbox.error(error.to_string());
                }
                let meta = self.meta_of(&function, &name);
                Ok(Event::EventSaved { function, asked, name, text, meta })
            }
            Err(error) => {
                let name = saved_events::name_in_list(&asked).unwrap_or_else(|_| asked.clone());
                let held = saved_events::load(folder, &function, &name).ok();
                // As with code: what the file holds comes before the sentence about it.
                self.outbox.push_now(Event::EventNotSaved { function, asked, name, text, held });
                Err(error.to_string())
            }
        }
    }

    fn saved_event(&mut self, command: Command) -> Result<(), String> {
        let folder = self.files.folder().to_path_buf();
        let told = |error: saved_events::SavedEventError| error.to_string();
        let answer = match command {
            Command::LoadSavedEvent { function, name } => return self.load_event(function, name),
            Command::SaveEvent { function, name, text, replaces, copy_of } => {
                Some(self.save_event(function, name, text, replaces.as_deref(), copy_of.as_deref())?)
            }
            Command::RemoveSavedEvent { function, name } => {
                self.files.removed_event = Some(saved_events::remove(&folder, &function, &name).map_err(told)?);
                None
            }
            Command::UndoRemoveSavedEvent => {
                let removed = self.files.removed_event.as_ref().ok_or("There is no saved event to put back.")?;
                saved_events::restore(&folder, removed).map_err(told)?;
                let removed = self.files.removed_event.take();
                removed.map(|RemovedEvent { function, name, text, .. }| {
                    let meta = self.meta_of(&function, &name);
                    Event::SavedEvent { function, name, text, meta }
                })
            }
            _ => return Ok(()),
        };
        // A list without it would say that it has no file.
        self.files.refresh_view();
        self.show_files();
        answer.into_iter().for_each(|answer| self.outbox.push_now(answer));
        Ok(())
    }
}
