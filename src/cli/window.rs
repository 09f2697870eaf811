//! The window over an executor, and the pictures that are made of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use super::{Failure, NO_DISPLAY, output};
use crate::channel;
use crate::command::{ClockMode, Command};
use crate::executor::{ApiPort, Database, Executor, Options, StartError, clock};
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::ids::QueueName;
use crate::service::input::{InvocationSource, InvocationType};
use crate::service::time::Micros;
use crate::store::{self, StoreError};
use crate::ui::action::ComposerTab;
use crate::ui::{self, Beginning, Begun, NotBegun, Picture, Pictures, TypedRequest};
use crate::workspace::{demo, locate};

/// The queue of the demo that a function reads in batches.
const INCOMING: &str = "incoming";

/// What a page of the shop asks: an order, which is allowed, and a change of it, which is not.
const REQUESTS: [TypedRequest; 2] = [
    TypedRequest {
        origin: "https://app.example.com",
        method: "POST",
        path: "/orders",
        headers: "content-type: application/json",
        body: r#"{"product":"tea"}"#,
    },
    TypedRequest {
        origin: "https://app.example.com",
        method: "PUT",
        path: "/orders/42",
        headers: "content-type: application/json\nx-trace-id: 8f21",
        body: r#"{"status":"paid"}"#,
    },
];

pub fn open(workspace: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let place = locate::locate(workspace.as_deref()).map_err(Failure::wrong)?;
    // A workspace that cannot be remembered is opened all the same.
    let _ = locate::remember(&place.data_folder, &place.workspace);
    let storage = place.data_folder.join("window.ron");
    let options = Options {
        workspace: place.workspace,
        database: Database::Folder(place.data_folder),
        clock: None,
        seed: None,
        api: ApiPort::FromWorkspace,
        guard_program: None,
    };
    run(options, storage, None, |_| {})
}

/// Starts the executor with the window: events wake it, and its end ends the executor.
fn run(
    options: Options,
    storage: PathBuf,
    pictures: Option<Pictures>,
    then: impl FnOnce(channel::CommandSender) + 'static,
) -> Result<ExitCode, Failure> {
    let executor: Arc<Mutex<Option<Executor>>> = Arc::default();
    let failed: Arc<Mutex<Option<String>>> = Arc::default();
    let (kept, failure) = (Arc::clone(&executor), Arc::clone(&failed));
    let mut then = Some(then);
    let begin = move |ctx: &egui::Context, beginning: &Beginning| {
        let begun = begin(&options, ctx, beginning);
        *lock(&failure) = begun.as_ref().err().map(|error| error.sentence().to_owned());
        let (started, begun) = begun?;
        if let Some(then) = then.take() {
            then(started.commands());
        }
        *lock(&kept) = Some(started);
        Ok(begun)
    };
    let outcome = ui::run(storage, clock::wall, pictures, Box::new(begin));
    // Ends every process before the program does.
    drop(lock(&executor).take());
    if let Some(message) = lock(&failed).take() {
        return Err(Failure::wrong(message));
    }
    match outcome {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure { code: NO_DISPLAY, message: without_source(&error.to_string()) }),
    }
}

/// Starts the executor as it was asked for, or as somebody wants it once that has failed.
fn begin(options: &Options, ctx: &egui::Context, beginning: &Beginning) -> Result<(Executor, Begun), NotBegun> {
    let failed = |error: &dyn std::fmt::Display| NotBegun::Failed { sentence: error.to_string() };
    let mut options = options.clone();
    let notice = match beginning {
        Beginning::AsAsked => None,
        Beginning::WithNewDatabase => {
            let folder = options.database.folder().unwrap_or(Path::new(""));
            let aside = store::set_aside(&store::file_for(folder, &options.workspace)).map_err(|error| failed(&error))?;
            Some(format!("The history begins anew. The one of the newer version is kept as {}.", aside.display()))
        }
        Beginning::InDataFolder(folder) => {
            let folder = locate::data_folder(Some(folder.into())).map_err(|error| failed(&error))?;
            // As when a window is opened.
            let _ = locate::remember(&folder, &options.workspace);
            options.database = Database::Folder(folder);
            None
        }
    };
    let wake = ctx.clone();
    let (sender, events) = channel::events(Arc::new(move || wake.request_repaint()));
    match Executor::start(options, sender) {
        Ok(started) => {
            let commands = started.commands();
            Ok((started, Begun { events, commands, notice }))
        }
        Err(StartError::Store(StoreError::Newer { path, found, known })) => {
            let sentence = format!(
                "It is of version {found}, and this Invokelab reads up to version {known}. An updated one opens it as it is: {}",
                path.display()
            );
            Err(NotBegun::NewerDatabase { sentence })
        }
        Err(error) => Err(failed(&error)),
    }
}

/// A message without the place in the source of a library that some errors carry (`os error at /…/mod.rs:765: …`): it
/// means nothing to whoever reads it, and names folders of the machine that built the program.
fn without_source(message: &str) -> String {
    let place = message.match_indices(".rs:").find_map(|(found, ending)| {
        let before = message[..found].rfind(" at ")?;
        let after = &message[found + ending.len()..];
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        Some((before, after[digits..].strip_prefix(": ")?))
    });
    let Some((before, reason)) = place else { return message.to_owned() };
    // What stands before it in the same bracket says which part of the library failed.
    let kept = message[..before].rfind('(').map_or(before, |bracket| bracket + 1);
    format!("{}{}", &message[..kept], without_source(&reason.replace(".)", ")")))
}

/// The pictures of `screenshots/`: the demo after an event that failed twice, and after a batch.
pub fn screenshots(folder: &Path) -> Result<ExitCode, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::wrong(format!("{}: {error}", folder.display())))?;
    let data = tempfile::tempdir().map_err(Failure::wrong)?;
    let workspace = demo::unpack(&data.path().join("demo")).map_err(Failure::wrong)?;
    let payload = std::fs::read(workspace.join("events/confirm/order placed, expired card.json")).map_err(Failure::wrong)?;
    let options = Options {
        workspace,
        database: Database::Memory,
        clock: Some(ClockMode::Paused),
        seed: Some(7),
        api: ApiPort::FromWorkspace,
        guard_program: None,
    };
    let shown = |name: &str, theme, size, tab, function| Picture {
        file: folder.join(name),
        theme,
        size,
        tab,
        function,
        requests: &[],
        commands: Vec::new(),
        selects: None,
    };
    let picture = |name: &str, theme, size| shown(name, theme, size, ComposerTab::Event, "confirm");
    let asked =
        |name: &str, theme, size| Picture { requests: &REQUESTS, ..shown(name, theme, size, ComposerTab::Http, "shop-api") };
    let (large, small) = ([1_440.0, 900.0], [1_024.0, 700.0]);
    let pictures = vec![
        picture("stepping-dark.png", egui::Theme::Dark, large),
        picture("stepping-light.png", egui::Theme::Light, large),
        picture("small-dark.png", egui::Theme::Dark, small),
        picture("small-light.png", egui::Theme::Light, small),
        shown("configuration-light.png", egui::Theme::Light, large, ComposerTab::Configuration, "confirm"),
        shown("code-dark.png", egui::Theme::Dark, large, ComposerTab::Code, "confirm"),
        shown("history-light.png", egui::Theme::Light, large, ComposerTab::History, "confirm"),
        asked("cors-dark.png", egui::Theme::Dark, large),
        asked("cors-light.png", egui::Theme::Light, large),
        asked("cors-small-dark.png", egui::Theme::Dark, small),
        // Time goes on for it, so it is the last one.
        Picture {
            commands: collect(),
            selects: Some(came_back),
            ..shown("batch-dark.png", egui::Theme::Dark, large, ComposerTab::Queue, "billing")
        },
    ];
    let wanted = pictures.len();
    let (done, taken) = mpsc::channel();
    let ready = Arc::new(AtomicBool::new(false));
    let played = Arc::clone(&ready);
    let play = move |commands: channel::CommandSender| {
        let story = move || {
            story(&commands, payload);
            played.store(true, Ordering::Release);
        };
        // Without its story the pictures show an empty window, which nobody would take for the real ones.
        let _ = std::thread::Builder::new().name("story".into()).spawn(story);
    };
    let code = run(options, data.path().join("window.ron"), Some(Pictures::new(pictures, done, ready)), play)?;
    let mut written = 0;
    for result in taken.try_iter() {
        output::print(format!("{}\n", result.map_err(Failure::wrong)?.display()));
        written += 1;
    }
    if written < wanted {
        return Err(Failure::wrong(format!("only {written} of {wanted} pictures were taken")));
    }
    Ok(code)
}

/// A message that came back from a batch.
fn came_back(model: &Model) -> Selection {
    let queue: QueueName = INCOMING.into();
    let hidden = model.queues.get(&queue).and_then(|queue| queue.in_no_batch(1).0.first().map(|(id, _)| *id));
    hidden.map_or(Selection::Nothing, |id| Selection::Message(queue, id))
}

/// Messages with these numbers; the fourth cannot be booked.
fn payments(numbers: std::ops::RangeInclusive<u32>) -> Command {
    let body = |n| format!("{{\"orderId\":{},\"amount\":{}.00,\"poison\":{}}}", 1_035 + n, 19 + n * 11 % 140, n == 4).into();
    Command::SendMessages { queue: INCOMING.into(), bodies: numbers.map(body).collect(), source: InvocationSource::Workbench }
}

/// Three messages that are collected one after the other.
fn collect() -> Vec<Command> {
    let wait = |millis| Command::Advance(Micros::from_millis(millis));
    vec![payments(17..=17), wait(700), payments(18..=18), wait(800), payments(19..=19), wait(400)]
}

/// An event that fails and is stepped; ten messages of which one is poison, and six more that go with it the third time.
fn story(commands: &channel::CommandSender, payload: Vec<u8>) {
    let send = |command| {
        // The window may have been closed meanwhile.
        let _ = commands.send(command);
        std::thread::sleep(Duration::from_millis(400));
    };
    let invoke = |function: &str, invocation_type, payload: Vec<u8>, label: &str| Command::Invoke {
        function: function.into(),
        invocation_type,
        payloads: vec![payload.into()],
        label: Some(label.into()),
        source: InvocationSource::Workbench,
        ticket: u64::MAX,
    };
    send(invoke(
        "notify",
        InvocationType::RequestResponse,
        b"{\"customer\":\"Ada\",\"orderId\":1041}".to_vec(),
        "order on its way",
    ));
    send(payments(1..=10));
    send(invoke("confirm", InvocationType::Event, payload, "order-1042"));
    for _ in 0..4 {
        send(Command::Step);
    }
    send(payments(11..=16));
    send(Command::Step);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_librarys_source_are_left_out() {
        let message = "no window could be opened (winit EventLoopError: os error at /root/.cargo/registry/src/x/winit-0.30.13/src/mod.rs:765: neither DISPLAY nor WAYLAND_DISPLAY is set.). Use invokelab serve";
        assert_eq!(
            without_source(message),
            "no window could be opened (neither DISPLAY nor WAYLAND_DISPLAY is set). Use invokelab serve"
        );
        for untouched in ["no display at all", "main.rs: nothing here", "look at mod.rs:12 and see"] {
            assert_eq!(without_source(untouched), untouched);
        }
    }
}
