//! A file that is dropped on the window becomes the event. It is read on a thread of its own: a disk may be slow, and what
//! was dropped may be a pipe.

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use egui::{DroppedFileHandle, Ui};

use super::action::Action;
use super::theme::{self, Palette};
use crate::event::NoticeLevel;
use crate::model::selection::InvocationModel;
use crate::service::ids::FunctionName;

/// A larger file is not read: white space may make an event larger than its limit of 6 MB.
const LARGEST: u64 = 32 << 20;

/// The text of a file, or the sentence that says why it is none.
type Read = Result<String, String>;

#[derive(Default)]
pub struct DroppedFile {
    /// The last one that was dropped, until it is read.
    reading: Option<Reading>,
}

/// A file and whose event it was when it was dropped.
struct Reading {
    function: FunctionName,
    model: InvocationModel,
    text: Receiver<Read>,
}

impl DroppedFile {
    /// Says what a file that hovers would become, takes one that is dropped, and gives what has been read.
    pub fn ui(&mut self, ui: &Ui, function: &FunctionName, model: InvocationModel, actions: &mut Vec<Action>) {
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            hovered_ui(ui, function);
        }
        if let Some(file) = ui.input(|input| input.raw.dropped_files.first().cloned()) {
            match begin(ui.ctx().clone(), file) {
                Ok(text) => self.reading = Some(Reading { function: function.clone(), model, text }),
                Err(error) => actions.push(Action::Notify(NoticeLevel::Error, format!("no thread could be started: {error}"))),
            }
        }
        actions.extend(self.arrived());
    }

    fn arrived(&mut self) -> Option<Action> {
        let result = match self.reading.as_ref()?.text.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err("The file could not be read; drop it again.".to_owned()),
        };
        let Reading { function, model, .. } = self.reading.take()?;
        Some(match result {
            Ok(text) => Action::Compose { function, model, text, label: None },
            Err(sentence) => Action::Notify(NoticeLevel::Error, sentence),
        })
    }
}

fn hovered_ui(ui: &Ui, function: &FunctionName) {
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    let (palette, rect) = (Palette::of(ui), ui.max_rect());
    painter.rect_filled(rect, 0.0, palette.ground.gamma_multiply(0.85));
    let text = format!("Drop the file: it becomes the event for {function}");
    painter.text(rect.center(), egui::Align2::CENTER_CENTER, text, theme::semibold(theme::TITLE), palette.text);
}

fn begin(ctx: egui::Context, file: DroppedFileHandle) -> std::io::Result<Receiver<Read>> {
    let (sender, receiver) = bounded(1);
    let read = move || {
        // Another file may have been dropped meanwhile.
        let _ = sender.send(read(&file));
        ctx.request_repaint();
    };
    std::thread::Builder::new().name("dropped file".into()).spawn(read)?;
    Ok(receiver)
}

fn read(file: &DroppedFileHandle) -> Read {
    let name = file.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let unreadable = |error: &dyn std::fmt::Display| format!("{name} could not be read: {error}");
    let size = std::fs::metadata(file.path()).map_err(|error| unreadable(&error))?.len();
    if size > LARGEST {
        return Err(format!(
            "{name} has {} MB, so it was not read: at most {} MB are, of which an event may have 6 MB without its white space.",
            size.div_ceil(1 << 20),
            LARGEST >> 20
        ));
    }
    let bytes = file.bytes().map_err(|error| unreadable(&error))?;
    String::from_utf8(bytes).map_err(|_| format!("{name} is not text in UTF-8, so it cannot be an event."))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use super::*;

    #[derive(Debug)]
    struct OnDisk(PathBuf);

    impl egui::DroppedFile for OnDisk {
        fn path(&self) -> &Path {
            &self.0
        }

        fn bytes(&self) -> Result<Vec<u8>, String> {
            std::fs::read(&self.0).map_err(|error| error.to_string())
        }
    }

    #[test]
    fn what_cannot_be_an_event_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("order.json"), "{ broken }").unwrap();
        std::fs::write(path("picture.png"), [0xff, 0xd8]).unwrap();
        std::fs::File::create(path("large.json")).unwrap().set_len(LARGEST + 1).unwrap();
        let read = |name: &str| read(&(Arc::new(OnDisk(path(name))) as DroppedFileHandle));
        assert_eq!(read("order.json").unwrap(), "{ broken }");
        for (name, reason) in [
            ("large.json", "large.json has 33 MB, so it was not read: at most 32 MB are"),
            ("picture.png", "picture.png is not text in UTF-8"),
            ("gone.json", "gone.json could not be read: "),
        ] {
            let sentence = read(name).unwrap_err();
            assert!(sentence.starts_with(reason), "{sentence}");
        }
    }
}
