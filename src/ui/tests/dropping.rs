//! Files that are dropped on the window.

use std::path::Path;

use crossbeam_channel::{Receiver, bounded};

use super::*;

/// A file on a disk that answers when the test wants it to.
#[derive(Debug)]
struct SlowFile {
    path: PathBuf,
    answers: Receiver<()>,
}

impl egui::DroppedFile for SlowFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        self.answers.recv().map_err(|error| error.to_string())?;
        std::fs::read(&self.path).map_err(|error| error.to_string())
    }
}

fn drop_file(window: &mut Window, path: &Path, answers: Receiver<()>) {
    window.harness.input_mut().dropped_files.push(Arc::new(SlowFile { path: path.to_owned(), answers }));
    window.harness.run_ok();
}

#[test]
fn a_dropped_file_becomes_the_event_and_the_window_does_not_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("order.json");
    std::fs::write(&path, "{ broken }").unwrap();
    let mut window = Window::open(InvocationModel::Synchronous);
    let (answer, answers) = bounded(1);
    drop_file(&mut window, &path, answers);
    assert!(window.harness.query_by_label_contains("order.json").is_none(), "drawn while the file is read");
    answer.send(()).unwrap();
    for _ in 0..5_000 {
        window.harness.run_ok();
        let checked =
            window.sent().into_iter().any(|command| matches!(command, Command::Document { text, .. } if text == "{ broken }"));
        if checked {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("the file has not become the event");
}
