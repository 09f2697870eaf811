//! A workspace while it is open: its beginning, changes of its files, and what the store says.

use std::sync::Arc;

use super::doors::DoorTable;
use super::event_loop::{EventLoop, Message};
use crate::event::{Event, NoticeLevel};
use crate::service::input::Input;
use crate::store::{Restored, StoreReport};
use crate::workspace::watch::{Changed, Watch};
use crate::workspace::{is_version, recent};

impl EventLoop {
    /// The service learns of functions and queues, then of what an earlier run left.
    pub(super) fn begin_session(&mut self, restored: Restored) {
        // First of all: what the listener knew belongs to another workspace.
        self.outbox.push(Event::Workspace(self.files.view()));
        self.bring_texts_back();
        for input in self.files.inputs() {
            self.input(input);
        }
        if !restored.events.is_empty() || !restored.messages.is_empty() {
            self.outbox.notice(NoticeLevel::Information, waiting_words(&restored));
            self.input(Input::Restore { events: restored.events, messages: restored.messages });
        }
        self.watch_files();
        self.show_files();
        self.storage.search(String::new(), 200);
    }

    /// Tells which workspaces were opened last, once each has been looked at.
    pub(super) fn list_workspaces(&self) {
        let Some(folder) = self.data_folder.clone() else { return };
        let messages = self.messages.clone();
        tokio::task::spawn_blocking(move || {
            // The loop is gone: so is whoever asked.
            let _ = messages.blocking_send(Message::Tell(Event::RecentWorkspaces(recent::list(&folder))));
        });
    }

    fn watch_files(&mut self) {
        let messages = self.messages.clone();
        let changed = move |changed| {
            // The loop is gone: nobody wants to know. A full channel makes the watch wait, on its own thread.
            let _ = messages.blocking_send(Message::FilesChanged(changed));
        };
        match Watch::start(&self.files.workspace, changed) {
            Ok(watch) => self.watch = Some(watch),
            Err(error) => self.outbox.notice(NoticeLevel::Warning, error.to_string()),
        }
    }

    /// Shows the workspace as it is now; its doors lead where it says from now on.
    pub(super) fn show_files(&mut self) {
        self.doors.change_table(DoorTable::of(&self.files.workspace));
        for door in self.doors.new_doors() {
            self.outbox.push(Event::Door(door));
        }
        self.outbox.push_now(Event::Workspace(self.files.view()));
    }

    pub(super) fn files_changed(&mut self, changed: &Changed) {
        self.loops_told.clear();
        if changed.workspace_file(&self.files.workspace) || self.files.mends_or_breaks(changed) {
            self.reload();
        }
        for function in self.files.functions_of(changed) {
            if self.files.made_by_a_build(&function, changed) {
                continue;
            }
            if let Some(input) = self.files.code_changed(&function) {
                self.input(input);
            }
        }
        self.files.refresh_view();
        self.show_files();
        for (function, path) in self.files.changed_handlers(changed) {
            self.outbox.push(Event::CodeChanged { function, path });
        }
        for (function, name) in self.files.changed_events(changed) {
            self.outbox.push(Event::SavedEventChanged { function, name });
        }
    }

    pub(super) fn reload(&mut self) {
        for input in self.files.reload() {
            self.input(input);
        }
        if let Some(Err(error)) = self.watch.as_ref().map(|watch| watch.update(&self.files.workspace)) {
            self.outbox.notice(NoticeLevel::Warning, error.to_string());
        }
        self.show_files();
    }

    pub(super) fn runtime_found(&mut self, function: &str, runtime: Arc<str>) {
        if self.files.runtime_found(function, runtime.clone()) {
            let wanted = self.files.definition(function).map(|definition| definition.configuration.runtime.clone());
            if let Some(wanted) = wanted.filter(|wanted| !is_version(wanted, &runtime)) {
                let text = format!("{function} asks for {wanted} and runs on {runtime}, which is what this machine has.");
                self.outbox.notice(NoticeLevel::Warning, text);
            }
            self.files.refresh_view();
            self.show_files();
        }
    }

    pub(super) fn take_storage(&mut self) {
        for report in self.storage.take_reports() {
            match report {
                StoreReport::Stored { ticket } => self.input(Input::Stored { ticket }),
                StoreReport::Failed { tickets, sentence } => {
                    self.outbox.error(sentence.clone());
                    self.input(Input::NotStored { tickets, reason: sentence.into() });
                }
                StoreReport::History { text, rows, total } => self.outbox.push_now(Event::History { text, rows, total }),
                StoreReport::HistoryInvocation { found: Some(found), .. } => {
                    self.outbox.push_now(Event::HistoryInvocation(found))
                }
                StoreReport::HistoryInvocation { found: None, .. } => {
                    self.outbox.notice(NoticeLevel::Information, "The history no longer has this invocation.");
                }
                StoreReport::HistoryCleared => self.storage.search(String::new(), 200),
                StoreReport::Notice { sentence } => self.outbox.notice(NoticeLevel::Warning, sentence),
            }
        }
    }
}

/// What an earlier run left, in a sentence or two.
fn waiting_words(restored: &Restored) -> String {
    let waiting = match restored.events.len() + restored.messages.len() {
        1 => "One event or message of an earlier run waits where it was.".to_owned(),
        count => format!("{count} events and messages of an earlier run wait where they were."),
    };
    match restored.events.iter().filter(|event| event.cut_off).count() {
        0 => waiting,
        1 => format!("{waiting} An attempt ran when the program ended; it is made again."),
        count => format!("{waiting} {count} attempts ran when the program ended; they are made again."),
    }
}
