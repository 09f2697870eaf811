//! Texts that no file holds, kept over an end of the program: written on a thread of their own, the latest of a workspace winning.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use tokio::sync::mpsc;

use super::event_loop::{EventLoop, Message};
use crate::command::UnsavedText;
use crate::event::{Event, Notice, NoticeLevel};
use crate::store::file_for;
use crate::workspace::unsaved_texts::{keep, kept, save};

/// Texts that wait to be written, by file.
type Waiting = Arc<Mutex<BTreeMap<PathBuf, Vec<UnsavedText>>>>;

/// Where texts are kept. Dropping it writes what waits.
pub struct KeptTexts {
    /// `None`: nothing is kept.
    data_folder: Option<PathBuf>,
    messages: mpsc::Sender<Message>,
    waiting: Waiting,
    /// Its bell, and the thread; from the first text on.
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl KeptTexts {
    #[must_use]
    pub fn new(data_folder: Option<&Path>, messages: mpsc::Sender<Message>) -> Self {
        Self { data_folder: data_folder.map(Path::to_path_buf), messages, waiting: Waiting::default(), thread: None }
    }

    /// The file of a workspace, beside its history.
    fn file(&self, workspace: &Path) -> Option<PathBuf> {
        Some(file_for(self.data_folder.as_deref()?, workspace).with_extension("unsaved.json"))
    }

    /// Writes them soon.
    pub fn keep(&mut self, workspace: &Path, texts: Vec<UnsavedText>) {
        let Some(file) = self.file(workspace) else { return };
        lock(&self.waiting).insert(file, texts);
        if self.thread.is_none() {
            self.thread = start(Arc::clone(&self.waiting), self.messages.clone());
        }
        match &self.thread {
            // One that rings already is enough.
            Some((bell, _)) => drop(bell.try_send(())),
            // No thread is to be had: rather late than not at all.
            None => write(&self.waiting, &self.messages),
        }
    }
}

impl Drop for KeptTexts {
    fn drop(&mut self) {
        if let Some((bell, thread)) = self.thread.take() {
            drop(bell);
            // A panic of the thread has been printed already.
            let _ = thread.join();
        }
    }
}

fn start(waiting: Waiting, messages: mpsc::Sender<Message>) -> Option<(Sender<()>, JoinHandle<()>)> {
    let (bell, rings): (Sender<()>, Receiver<()>) = bounded(1);
    let work = move || {
        while rings.recv().is_ok() {
            write(&waiting, &messages);
        }
    };
    std::thread::Builder::new().name("unsaved texts".into()).spawn(work).ok().map(|thread| (bell, thread))
}

/// Writes what waits. What cannot be written is told; the next edit tries again.
fn write(waiting: &Waiting, messages: &mpsc::Sender<Message>) {
    for (file, texts) in std::mem::take(&mut *lock(waiting)) {
        if let Err(error) = keep(&file, &texts) {
            let text = format!("What is typed and not saved is not kept over an end of the program: {error}: {}", file.display());
            // Nobody is told any more once the loop has ended, and the window waits for this thread then.
            let _ = messages.try_send(Message::Tell(Event::Notice(Notice { level: NoticeLevel::Warning, text })));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl EventLoop {
    /// Tells what was typed for this workspace before the program ended, if it keeps such texts.
    pub(super) fn bring_texts_back(&mut self) {
        let workspace = self.files.folder().to_path_buf();
        let Some(file) = self.unsaved_texts.file(&workspace) else { return };
        let texts = kept(&file, &workspace).unwrap_or_else(|sentence| {
            self.outbox.notice(NoticeLevel::Warning, sentence);
            Vec::new()
        });
        self.outbox.push(Event::UnsavedTexts { workspace, texts });
    }

    pub(super) fn save_text(&mut self, workspace: PathBuf, text: UnsavedText) {
        let result = save(&workspace, &text);
        let UnsavedText { place, text, .. } = text;
        self.outbox.push_now(Event::TextSaved { workspace, place, text, result });
    }
}
